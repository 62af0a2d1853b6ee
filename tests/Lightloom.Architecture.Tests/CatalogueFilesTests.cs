using System.Reflection;
using System.Text.RegularExpressions;
using Lightloom.Catalog;

namespace Lightloom.Architecture.Tests;

/// <summary>The data files of the catalogue and the kinds of parts match.</summary>
public class CatalogueFilesTests
{
    public static TheoryData<string> Files => [.. Repository.Files("data/catalog").Select(f => Path.GetFileName(f))];

    [Theory]
    [MemberData(nameof(Files))]
    public void A_file_is_named_after_the_kind_that_it_holds(string file)
    {
        Assert.Equal(".yaml", Path.GetExtension(file));
        var kind = Regex.Match(Repository.Read($"data/catalog/{file}"), @"^kind: (\S+)\r?$", RegexOptions.Multiline).Groups[1].Value;
        Assert.Equal(Path.GetFileNameWithoutExtension(file), kind);
    }

    [Fact]
    public void Every_kind_has_a_file()
    {
        var kinds = typeof(Part).Assembly.GetExportedTypes().Select(t => t.GetCustomAttribute<PartKindAttribute>()?.Kind).OfType<string>();
        Assert.Equal(kinds.Order(StringComparer.Ordinal), Repository.Files("data/catalog").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));
    }
}
