// Streaming DiLoCo: fragments of layers are exchanged one after another, each once in H steps, and the result of each is merged τ steps later
// while training goes on. Source: Douillard et al. 2025, arXiv:2501.18512.
//
//   fragments                   P = L / layers of a fragment, one after every H/P steps
//   sent by each site, a step   2·(M - 1)/M·b·N / H bits
//   burst                       2·(M - 1)/M·b·N / P bits, with τ steps and a part of one to be hidden in
//   hidden whole                when  burst/W + λ <= τ·T + what is left of the backward pass and what is done of the next forward pass
//   memory beside training      as DiLoCo, of which one fragment is used at a time
//
// Strided fragments take layers P apart, so that some of them are always far from both ends of a pass; neighbours are the other choice.
//
// Worked example, N = 1e9, BF16, two sites, T = 0.1 s, L = 24, 3 layers, H = 100: P = 8 bursts of 2 Gbit, one in 1.25 s. At 2 Gb/s a burst takes
// 1 s and is hidden whole for τ = 10; for τ = 0 it costs about 0.95 s of every 1.25 s.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>Fragments of layers are averaged one after another while training goes on; see the equations at the head of this file.</summary>
public record StreamingDiLoCo : ExchangingMethod
{
    /// <summary>Steps in which every fragment is exchanged once.</summary>
    public int InnerSteps { get; init; } = 100;

    /// <summary>Layers of one fragment.</summary>
    public int Fragment { get; init; } = 3;

    /// <summary>Steps between two fragments; so that each is sent once in <see cref="InnerSteps"/> unless given.</summary>
    public int? Interval { get; init; }

    /// <summary>Whether fragments take layers apart instead of neighbours.</summary>
    public bool Strided { get; init; } = true;

    /// <summary>Steps that pass while a fragment is on its way (τ).</summary>
    public virtual int Delay { get; init; } = 1;

    /// <inheritdoc/>
    public override string Name => "streaming-diloco";

    /// <inheritdoc/>
    public override string Title => $"Streaming DiLoCo, H {InnerSteps}, {Fragment} layers, τ {Delay}, {Format.Title}";

    /// <inheritdoc/>
    public override string Source => "Douillard et al. 2025, arXiv:2501.18512";

    /// <inheritdoc/>
    public override string PublishedPrice => Format.Share < 1 ? "unknown with sparse exchanges"
        : "authors report quality similar to data parallel for billions of parameters, with FP4 exchanges and overlap (arXiv:2501.18512); beyond: unknown";

    /// <inheritdoc/>
    public override ExchangeSchedule Schedule(int layers)
    {
        CheckSteps(InnerSteps);
        if (Delay < 0 || Delay > InnerSteps)
            throw new SiteException("delay", $"a fragment is merged 0 to {InnerSteps} steps after it is sent, before it is sent again; found {Delay}");
        return ExchangeSchedule.Fragments(layers, Fragment, InnerSteps, Interval, Strided, Delay, Format);
    }

    /// <inheritdoc/>
    public override IReadOnlyList<ExtraMemory> Memory(SiteWork work)
    {
        ArgumentNullException.ThrowIfNull(work);
        var schedule = Schedule(work.Layers);
        // Fragments that are on their way at the same time.
        var fragment = work.Parameters * Fragment / work.Layers;
        var onTheWay = Math.Min(work.Layers / Fragment, 1 + ((long)Delay * (work.Layers / Fragment) / schedule.Period));
        return
        [
            new("common parameters, FP32", DataSize.FromBytes(4 * work.Parameters), true),
            new("outer momentum, FP32", DataSize.FromBytes(4 * work.Parameters), true),
            new($"{onTheWay} {(onTheWay == 1 ? "fragment" : "fragments")} on the way, {Format.Title}", DataSize.FromBits(Format.SentBits(2) * fragment * onTheWay), false),
        ];
    }
}
