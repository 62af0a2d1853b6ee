// What one parameter costs on the way between sites.
//
//   dense       b bits                                          ring all-reduce over M sites: 2·(M - 1)/M·b sent by each site
//   top-k       s·(b + i) bits, s the share that is sent,        all-gather, because sums of sparse values aren't sparse:
//               i the bits of an index                          (M - 1)·s·(b + i) sent by each site
//
// Two sites send a dense value once each way. Worked example: BF16 between 2 sites, 16 bits; 1 % of FP32 with 32-bit indices, 0.64 bits.

using Lightloom.Catalog.Documents;

namespace Lightloom.Workloads.Sites;

/// <summary>The number format in which sites exchange gradients; see the equations at the head of this file.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Bits">Bits of a value.</param>
public sealed record ExchangeFormat(string Name, double Bits)
{
    const double IndexBits = 32;

    /// <summary>The formats by name. Scales of blocks and codebooks are not counted: the published methods don't say how large theirs are.</summary>
    public static IReadOnlyList<ExchangeFormat> All { get; } =
    [
        new("fp32", 32),
        new("bf16", 16),
        new("fp8", 8),
        new("int8", 8),
        new("fp4", 4),
    ];

    /// <summary>BF16, in which gradients are usually summed.</summary>
    public static ExchangeFormat Bf16 => All[1];

    /// <summary>Share of the values that is sent, those of largest size; 1 sends all of them without indices.</summary>
    public double Share { get; init; } = 1;

    /// <summary>A format by its name.</summary>
    /// <exception cref="SiteException">There is none; the message names the nearest.</exception>
    public static ExchangeFormat Find(string name) =>
        All.FirstOrDefault(f => f.Name == name) ?? throw new SiteException("format",
            $"expected one of {string.Join(", ", All.Select(f => f.Name))}, found '{name}'{Nearest.Hint(name, [.. All.Select(f => f.Name)])}");

    /// <summary>The same format with only the largest values sent.</summary>
    /// <param name="share">Their share of all values, above 0 and at most 1.</param>
    /// <exception cref="SiteException">The share is none.</exception>
    public ExchangeFormat Top(double share) => share is > 0 and <= 1
        ? this with { Share = share }
        : throw new SiteException("topK", $"expected a share above 0 and at most 1, found {share:R}");

    /// <summary>Bits that each site sends for a parameter when all sites have summed it.</summary>
    /// <param name="sites">Sites, at least two.</param>
    public double SentBits(int sites) => Share < 1 ? (sites - 1) * Share * (Bits + IndexBits) : 2.0 * (sites - 1) / sites * Bits;

    /// <summary>What it is called, with the share that is sent.</summary>
    public string Title => Share < 1 ? $"{Name}, top {100 * Share:0.###} %" : Name;
}
