// DiLoCo: every site trains by itself for H steps; then the sites average how far each has come (outer gradients), and an outer optimiser
// (SGD with Nesterov momentum) moves the common parameters. Source: Douillard et al. 2023, arXiv:2311.08105.
//
//   sent by each site, a step   2·(M - 1)/M·b·N / H bits
//   time of H steps             (H - 1)·T + the last step with its exchange, as in SynchronousDataParallel.cs
//   memory beside training      4 B common parameters + 4 B outer momentum for each parameter (FP32)
//
// Worked example, N = 1e9, BF16, two sites at 1 Gb/s, T = 0.1 s, L = 24, H = 100: 99·0.1 + (1/3 + 2/72)·0.1 + 16 = 25.936 s for 10 s of
// computation, utilisation 38.6 %.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>Sites train alone and average after every so many steps; see the equations at the head of this file.</summary>
public record DiLoCo : ExchangingMethod
{
    /// <summary>Steps between two exchanges.</summary>
    public int InnerSteps { get; init; } = 100;

    /// <summary>Whether a layer is sent beside the backward pass of the last inner step, as in the published simulations.</summary>
    public bool Overlap { get; init; } = true;

    /// <inheritdoc/>
    public override string Name => "diloco";

    /// <inheritdoc/>
    public override string Title => $"DiLoCo, H {InnerSteps}, {Format.Title}{(Overlap ? "" : ", blocking")}";

    /// <inheritdoc/>
    public override string Source => "Douillard et al. 2023, arXiv:2311.08105";

    /// <inheritdoc/>
    public override string PublishedPrice => Format.Share < 1 ? "unknown with sparse exchanges"
        : "authors find that it scales better with model size than data parallel when well tuned (arXiv:2503.09799); for a given H and number of sites: unknown"
            + (Format.Name == "int8" ? "; a 10B model was trained with int8 exchanges (arXiv:2412.01152), without a comparison" : "");

    /// <inheritdoc/>
    public override ExchangeSchedule Schedule(int layers)
    {
        CheckSteps(InnerSteps);
        return ExchangeSchedule.Whole(layers, InnerSteps, 0, Format).With(Overlap, hierarchical: false);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExtraMemory> Memory(SiteWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        return
        [
            new("common parameters, FP32", DataSize.FromBytes(4 * work.Parameters), true),
            new("outer momentum, FP32", DataSize.FromBytes(4 * work.Parameters), true),
            new($"outer gradients on their way, {Format.Title}", DataSize.FromBits(Format.SentBits(2) * work.Parameters), false),
        ];
    }
}
