// Eager updates: the exchange of a fragment may take as long as a whole outer step (τ = H). Each site goes on at once with its own part of the
// outer gradient and mends it when the others' arrive. Source: Kale et al. 2025, arXiv:2502.12996.
//
//   as StreamingDiLoCo.cs with τ = H: the line only has to carry its mean,  W >= 2·(M - 1)/M·b·N / (H·T)
//   memory beside training      as there, and 4 B of each parameter for the site's own outer gradient until the others' arrive
//
// Worked example, N = 1e9, FP4, two sites, T = 0.1 s, H = 100: 4 Gbit in 10 s, 0.4 Gb/s.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>Streaming DiLoCo whose exchanges take a whole outer step; see the equations at the head of this file.</summary>
public sealed record EagerUpdates : StreamingDiLoCo
{
    /// <inheritdoc/>
    public override int Delay => InnerSteps;

    /// <inheritdoc/>
    public override string Name => "eager-updates";

    /// <inheritdoc/>
    public override string Title => $"eager updates, H {InnerSteps}, {Fragment} layers, {Format.Title}";

    /// <inheritdoc/>
    public override string Source => "Kale et al. 2025, arXiv:2502.12996";

    /// <inheritdoc/>
    public override string PublishedPrice => Format.Share < 1 ? "unknown with sparse exchanges"
        : "authors report loss competitive with DiLoCo; the same delay without the eager part costs more (arXiv:2502.12996)";

    /// <inheritdoc/>
    public override IReadOnlyList<ExtraMemory> Memory(SiteWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return [.. base.Memory(work), new("the site's own outer gradient, FP32", DataSize.FromBytes(4 * work.Parameters), true)];
    }
}
