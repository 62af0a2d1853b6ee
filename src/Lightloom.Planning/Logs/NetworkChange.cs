// What a fault leaves of a network: levels with less bandwidth, switches that don't reduce. The same change is laid over the levels
// that a log is compared with and over those of a design's job, so that a fault found in one is priced in the other.
//
//   B_0' = f_0 B_0,   B_l' = f B_l for l > 0;   without reduction in switches level 0 has none
//   low latency: min(B_LL, f B_l / 2). Flags double the bytes, so that half the links is the most; where waiting for every step holds it
//   far below that, as on fabrics, links have to lose more before it is the less
//   c_l' = c_l, b_l' = f b_l: what a piece costs beside its bytes is time of software and signals, which links that carry less
//   don't stretch (CollectiveModel.cs); between generations of sound links it is bytes that stay
//
// Example: one of 8 cards lost: f = 7/8; 48 GB/s per accelerator become 42, and a piece's overhead of 0.93 MB, 19 us, becomes 0.81 MB, still 19 us.
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>What is different from a network as described.</summary>
/// <param name="WithoutSwitchReduction">Whether the scale-up switches don't reduce though they could.</param>
/// <param name="ScaleUpShare">Share of the scale-up bandwidth that is left.</param>
/// <param name="FabricShare">Share of the fabric's bandwidth that is left.</param>
public readonly record struct NetworkChange(bool WithoutSwitchReduction, double ScaleUpShare, double FabricShare)
{
    /// <summary>Nothing is different.</summary>
    public static NetworkChange None { get; } = new(false, 1, 1);

    /// <summary>Both changes.</summary>
    public NetworkChange And(NetworkChange other) =>
        new(WithoutSwitchReduction || other.WithoutSwitchReduction, ScaleUpShare * other.ScaleUpShare, FabricShare * other.FabricShare);

    /// <summary>The levels with the change.</summary>
    public NetworkLevels Of(NetworkLevels levels)
    {
        ArgumentNullException.ThrowIfNull(levels);
        if (this == None) return levels;
        var (inside, outside, plain) = (ScaleUpShare, FabricShare, WithoutSwitchReduction);
        return levels.With((level, l) =>
        {
            var share = l == 0 ? inside : outside;
            var changed = level.Scaled(share) with { PieceOverhead = level.PieceOverhead * share };
            changed = changed with { LowLatencyBandwidth = Bandwidth.FromSi(Math.Min(level.LowLatencyBandwidth.Si, changed.Bandwidth.Si / 2)) };
            return l == 0 && plain ? changed with { InNetworkBandwidth = Bandwidth.Zero } : changed;
        });
    }
}
