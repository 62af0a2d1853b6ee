using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Lightloom.Architecture.Tests;

/// <summary>Every project stands in the table of rooms and uses only those above it.</summary>
public class RoomsTests
{
    public static TheoryData<string> Names => Rooms.BuiltNames;

    [Fact]
    public void Every_project_has_a_place_in_the_table()
    {
        Assert.NotEmpty(Rooms.Built);
        Assert.All(Rooms.Built, p =>
        {
            Assert.Contains(p.Name, Rooms.Table);
            Assert.Equal($"src/{p.Name}/{p.Name}.csproj", p.Path);
        });
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_project_names_only_rooms_above_it(string name) =>
        Assert.Empty(Rooms.NotAbove(name, Rooms.Named(name).References));

    // A reference that came along with another one needs no line in the project file, so the assembly is asked too.
    [Theory]
    [MemberData(nameof(Names))]
    public void An_assembly_uses_only_rooms_above_it(string name)
    {
        var rooms = Rooms.Built.ToDictionary(p => p.AssemblyName, p => p.Name);
        var used = ReferencesOf(Rooms.Named(name).AssemblyName).Where(rooms.ContainsKey).Select(a => rooms[a]);
        Assert.Empty(Rooms.NotAbove(name, used));
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_has_its_tests(string name)
    {
        var tests = $"tests/{name}.Tests/{name}.Tests.csproj";
        Assert.True(File.Exists(Repository.Full(tests)), $"there is no {tests}");
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_room_keeps_to_its_namespace(string name)
    {
        foreach (var file in Rooms.Named(name).Sources)
        {
            foreach (Match match in Regex.Matches(Repository.Read(file), @"^\s*namespace\s+([\w.]+)", RegexOptions.Multiline))
            {
                var space = match.Groups[1].Value;
                Assert.True(space == name || space.StartsWith(name + ".", StringComparison.Ordinal), $"{file} declares {space}");
            }
        }
    }

    [Fact]
    public void The_solution_holds_every_project_and_nothing_else()
    {
        var solution = XDocument.Load(Repository.Full("Lightloom.slnx")).Descendants("Project").Select(p => p.Attribute("Path")!.Value);
        var found = new[] { "src", "tests", "bench" }.SelectMany(Repository.Projects).Select(p => p.Path);
        Assert.Equal(found.Order(StringComparer.Ordinal), solution.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_documentation_shows_the_same_table()
    {
        var shown = Regex.Matches(Repository.Read("docs/architecture.md"), @"^\| `(Lightloom\.\w+)` \|", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value);
        Assert.Equal(Rooms.Table, shown);
    }

    static List<string> ReferencesOf(string assembly)
    {
        using var stream = File.OpenRead(Path.Combine(AppContext.BaseDirectory, assembly + ".dll"));
        using var image = new PEReader(stream);
        var metadata = image.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(h => metadata.GetString(metadata.GetAssemblyReference(h).Name))];
    }
}
