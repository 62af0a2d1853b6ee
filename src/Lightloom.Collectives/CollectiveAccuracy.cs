// How far measurements stand from predictions: for each class of network and band of sizes, the ratios measured/predicted that nine
// in ten points stay within, five in a hundred below and five above. They are quantiles on the tables of published runs, on which the
// mechanisms were fitted too, so a system that no fit has seen may lie outside more often than one time in ten. With each system's own
// points left out of the quantiles, though not of the fit, 83 % of all points stayed inside when that was tried.
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>A band of sizes with the ratios measured/predicted that nine in ten published points of a class stay within.</summary>
/// <param name="Name">The sizes, as people read them.</param>
/// <param name="Low">Lower ratio.</param>
/// <param name="High">Upper ratio.</param>
public readonly record struct CollectiveAccuracyBand(string Name, double Low, double High);

/// <summary>What the collective model reached on published measurements, by class of network and size.</summary>
public static class CollectiveAccuracy
{
    const double KiB = 1024, MiB = 1024 * KiB;

    static readonly double[] Limits = [64 * KiB, MiB, 32 * MiB, 512 * MiB, double.PositiveInfinity];

    static readonly CollectiveAccuracyBand[] OneDomain =
    [
        new("<= 64 KiB", 0.877, 2.13),
        new("64 KiB to 1 MiB", 0.825, 2.073),
        new("1 to 32 MiB", 0.854, 2.198),
        new("32 to 512 MiB", 0.904, 1.505),
        new("> 512 MiB", 0.969, 1.083),
    ];

    static readonly CollectiveAccuracyBand[] Across =
    [
        new("<= 64 KiB", 0.813, 1.143),
        new("64 KiB to 1 MiB", 0.537, 1.578),
        new("1 to 32 MiB", 0.637, 1.194),
        new("32 to 512 MiB", 0.958, 1.274),
        new("> 512 MiB", 0.974, 1.29),
    ];

    /// <summary>The band of a collective of this size.</summary>
    /// <param name="acrossDomains">Whether the group reaches beyond one scale-up domain.</param>
    /// <param name="size">Its size, in the convention of <see cref="CollectiveKind"/>.</param>
    public static CollectiveAccuracyBand Of(bool acrossDomains, DataSize size)
    {
        var bands = acrossDomains ? Across : OneDomain;
        var i = 0;
        while (size.Bytes > Limits[i]) i++;
        return bands[i];
    }
}
