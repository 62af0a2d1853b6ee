using System.Text.RegularExpressions;

namespace Lightloom.Architecture.Tests;

/// <summary>What no source file says, and what every one keeps to.</summary>
public class SourceTests
{
    const int LongestFile = 600;

    // Put together from pieces, so that this file passes its own tests.
    static readonly string[] Unfinished = ["NotImplemented" + "Exception", "TO" + "DO", "FIX" + "ME", "HA" + "CK"];

    // Registries, and folders of the machines on which the project is worked on. A path counts where a word begins with it: a
    // document of the web may have such a folder in its address.
    static readonly Regex Elsewhere = new(
        @"nuget\." + @"org|azure" + @"edge\.net|pypi\." + @"org|crates\." + @"io|(?<![\w.:/~$}-])/(work|root|home|Users)/" + @"\w", RegexOptions.IgnoreCase);

    static readonly string[] Texts =
        [".cs", ".csproj", ".props", ".targets", ".slnx", ".json", ".yaml", ".yml", ".md", ".sh", ".csv", ".razor", ".golden", ".txt", ".config", ""];

    // Files that may be longer, each with its reason.
    static readonly Dictionary<string, string> Long = [];

    [Fact]
    public void Only_the_command_line_writes_to_the_console() =>
        Assert.Empty(Rooms.Built.Where(p => p.Name != "Lightloom.Cli").SelectMany(p => p.Sources)
            .SelectMany(f => Lines(f, new(@"(?<![\w.])(System\.)?Console\."))));

    [Fact]
    public void Nothing_is_left_unfinished()
    {
        var words = new Regex($@"\b({string.Join('|', Unfinished)})\b");
        Assert.Empty(new[] { "src", "tests", "bench" }.SelectMany(f => Repository.Files(f, ".cs", ".razor")).SelectMany(f => Lines(f, words)));
    }

    [Fact]
    public void A_long_file_has_a_reason()
    {
        var found = Repository.Files("src", ".cs", ".razor").Where(f => File.ReadLines(Repository.Full(f)).Count() > LongestFile);
        Assert.Equal(Long.Keys.Order(StringComparer.Ordinal), found);
    }

    [Fact]
    public void Nothing_tells_where_it_was_made() =>
        Assert.Empty(Repository.Files("", Texts).SelectMany(f => Lines(f, Elsewhere)));

    [Theory]
    [InlineData("see /wo" + "rk/somewhere", true)]
    [InlineData("--out=/ho" + "me/someone/x", true)]
    [InlineData("https://feeds.nuget" + ".org/v3", true)]
    [InlineData("https://example.com/wo" + "rk/paper.pdf", false)]
    [InlineData("$HOME/work/x", false)]
    [InlineData("no path here", false)]
    public void Machine_paths_and_registries_are_told_from_addresses(string text, bool found) => Assert.Equal(found, Elsewhere.IsMatch(text));

    static IEnumerable<string> Lines(string file, Regex pattern) =>
        File.ReadLines(Repository.Full(file)).Select((text, i) => (text, i)).Where(l => pattern.IsMatch(l.text))
            .Select(l => $"{file}:{l.i + 1}: {l.text.Trim()}");
}
