using CsCheck;
using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

/// <summary>The nearest name, against an edit distance written to be obvious.</summary>
public class NearestTests
{
    static readonly Gen<string> Word = Gen.String[Gen.Char["abcA"], 0, 9];

    [Fact]
    public void A_name_is_near_when_a_third_of_its_letters_differ_at_most() =>
        Gen.Select(Word, Word).Sample((wrong, name) =>
        {
            var distance = Distance(wrong.ToLowerInvariant(), name.ToLowerInvariant());
            if (wrong.Length >= 3 && name.Contains(wrong, StringComparison.OrdinalIgnoreCase)) distance = Math.Min(distance, 1);
            var near = distance <= Math.Max(1, Math.Max(wrong.Length, name.Length) / 3);
            Assert.Equal(near ? name : null, Nearest.Name(wrong, [name]));
        });

    [Fact]
    public void The_nearest_of_several_wins_and_the_first_by_letters_among_equals() =>
        Gen.Select(Gen.String[Gen.Char["abc"], 0, 2], Gen.String[Gen.Char["abc"], 1, 6].Array[1, 6]).Sample((wrong, names) =>
        {
            var best = names.OrderBy(n => Distance(wrong, n)).ThenBy(n => n, StringComparer.Ordinal).First();
            if (Nearest.Name(wrong, names) is { } found) Assert.Equal(best, found);
        });

    [Theory]
    [InlineData("h100", "h100-sxm-80gb")]
    [InlineData("h100-sxm-80bg", "h100-sxm-80gb")]
    [InlineData("H100-SXM-80GB", "h100-sxm-80gb")]
    [InlineData("a100", "a100-sxm-40gb")]
    [InlineData("mi300", "mi300x")]
    [InlineData("tpuv4", "tpu-v4")]
    [InlineData("cray-1", null)]
    [InlineData("", null)]
    public void Common_slips_are_understood(string wrong, string? meant) =>
        Assert.Equal(meant, Nearest.Name(wrong, PartCatalog.Default.Keys<Accelerator>()));

    [Fact]
    public void A_short_list_is_printed_when_nothing_is_near() =>
        Assert.Equal("; expected one of mpo, lc, hollow-core-adapter", Nearest.Hint("fc-apc", PartCatalog.Default.Keys<Connector>()));

    [Fact]
    public void A_monstrous_name_costs_nothing() => Assert.Null(Nearest.Name(new string('a', 1_000_000), ["a"]));

    /// <summary>Optimal string alignment by its definition: insert, delete, replace, or swap two neighbours.</summary>
    static int Distance(string a, string b) => Distance(a, b, []);

    static int Distance(string a, string b, Dictionary<(int, int), int> known)
    {
        if (a.Length == 0 || b.Length == 0) return a.Length + b.Length;
        if (known.TryGetValue((a.Length, b.Length), out var distance)) return distance;
        var best = Distance(a[..^1], b[..^1], known) + (a[^1] == b[^1] ? 0 : 1);
        best = Math.Min(best, Distance(a[..^1], b, known) + 1);
        best = Math.Min(best, Distance(a, b[..^1], known) + 1);
        if (a.Length > 1 && b.Length > 1 && a[^1] == b[^2] && a[^2] == b[^1])
            best = Math.Min(best, Distance(a[..^2], b[..^2], known) + 1);
        return known[(a.Length, b.Length)] = best;
    }
}
