using System.Text.RegularExpressions;

namespace Lightloom.Architecture.Tests;

/// <summary>The glossary defines each word once and says where it comes from.</summary>
public class GlossaryTests
{
    static readonly string[][] Rows =
    [
        .. Regex.Matches(Repository.Read("docs/glossary.md"), @"^\|(.+)\|$", RegexOptions.Multiline)
            .Select(m => m.Groups[1].Value.Split('|', StringSplitOptions.TrimEntries)).Where(r => r[0] is not ("term" or "---")),
    ];

    [Fact]
    public void Each_word_stands_there_once()
    {
        Assert.NotEmpty(Rows);
        Assert.Empty(Rows.CountBy(r => r[0].ToUpperInvariant()).Where(w => w.Value > 1).Select(w => w.Key));
    }

    [Fact]
    public void Each_word_has_a_meaning_and_a_source() => Assert.All(Rows, r => Assert.True(r.Length == 3 && r.All(c => c.Length > 0), r[0]));
}
