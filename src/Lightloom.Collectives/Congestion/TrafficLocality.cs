// How much of what a collective sends between systems leaves a leaf, a pod: only that is spread over the links above.
//
//   V_l    bytes that one rank sends out of units of level l - 1 (the algorithm's footprint)
//   share  V_l / V_1: of what leaves the systems, what leaves a leaf (l = 2), a pod (l = 3)
//
// All-to-all: V_l = S (n - r_(l-1)) / n, so the share is (n - r_1) / (n - r_0); with one rank for each system (N - leaf) / (N - 1).
// Ring: V_l = k S / r_(l-1), the share r_0 / r_1: one of as many crossings as a leaf has systems.
//
// Example: 1,024 ranks, 8 for each system, 256 for each set of rail leaves: all-to-all 768 / 1,016 = 76 %, a ring 8 / 256 = 3 %.
using Lightloom.Quantities;

namespace Lightloom.Collectives.Congestion;

/// <summary>How much of a collective's traffic leaves the units of each level.</summary>
public static class TrafficLocality
{
    /// <summary>Of the bytes that leave the systems, the share that leaves the units of the level below; 0 where nothing leaves the systems.</summary>
    /// <param name="footprint">What an algorithm does to the network.</param>
    /// <param name="level">The level that is crossed: 1 gives 1, 2 what leaves a leaf.</param>
    /// <exception cref="ArgumentOutOfRangeException">The level is not one of the fabric.</exception>
    public static double Leaving(in CollectiveFootprint footprint, int level)
    {
        if (level is < 1 or >= NetworkLevels.MaxCount) throw new ArgumentOutOfRangeException(nameof(level), level, $"expected 1 to {NetworkLevels.MaxCount - 1}");
        var sent = Across(footprint, 1);
        return sent > 0 ? Across(footprint, level) / sent : 0;
    }

    static double Across(in CollectiveFootprint footprint, int level) => (footprint.Volume(level) + footprint.InNetworkVolume(level)).Bytes;
}
