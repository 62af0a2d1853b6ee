// Synchronous data parallelism over sites: the gradients of every step are summed inside each site, between the sites, and gathered inside
// (hierarchical all-reduce). With the sums overlapped, a layer's start as soon as its gradient is there.
//
//   sent by each site, a step   2·(M - 1)/M·b·N bits
//   time, not overlapped        T + inside + sent/W + λ
//   time, overlapped, long      (φ + (1 - φ)/L)·T + sent/W + λ       while the line never waits: it starts after the last layer's backward
//
// Worked example, N = 1e9, BF16, two sites at 100 Gb/s, T = 0.1 s, L = 24, λ = 0: sent/W = 0.16 s; not overlapped 0.26 s, overlapped
// (1/3 + 2/72)·0.1 + 0.16 = 0.1961 s, utilisation 51.0 %.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>The gradients of every step are summed over all sites; see the equations at the head of this file.</summary>
public sealed record SynchronousDataParallel : ExchangingMethod
{
    /// <summary>Whether layers are summed beside the backward pass.</summary>
    public bool Overlap { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => "data-parallel";

    /// <inheritdoc/>
    public override string Title => $"data parallel, {Format.Title}{(Overlap ? "" : ", not overlapped")}";

    /// <inheritdoc/>
    public override string Source => "hierarchical all-reduce; overlapped as simulated in arXiv:2501.18512";

    /// <inheritdoc/>
    public override string PublishedPrice => Format.Share < 1 || Format.Bits < 16
        ? "unknown for gradients of every step in this format"
        : "none: the same sums as in one site";

    /// <inheritdoc/>
    public override ExchangeSchedule Schedule(int layers)
    {
        var whole = ExchangeSchedule.Whole(layers, 1, 0, Format);
        return whole.With(Overlap, hierarchical: true);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExtraMemory> Memory(SiteWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        // Sparse values leave a remainder that has to be kept.
        return Format.Share < 1 ? [new("values not yet sent, FP32", DataSize.FromBytes(4 * work.Parameters), false)] : [];
    }
}
