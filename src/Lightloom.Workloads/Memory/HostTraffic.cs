// What a training step moves between an accelerator and its host's memory, and what of it is seen.
//
//   activations   n blocks of the stage, A bytes kept of each, m microbatches: n·A·m out beside the forward passes, as much back beside
//                 the backward passes; seen is what outlasts them
//   optimiser     s parameters of the shard that lie in the host's memory: gradients out, g·s, and BF16 weights back, 2·s, beside nothing;
//                 the processor's update moves 4 + 2·(M + 2m) B for each parameter through the host's memory, 28 with FP32 states (the
//                 gradient read, master and two moments read and written)
//
// Worked example: 10 blocks of 1.4 GB and 8 microbatches are 112 GB each way; beside 3 s of forward passes that needs 37 GB/s, and over a
// link of 50 GB/s nothing of it is seen.

using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>The way from an accelerator to its host's memory.</summary>
/// <param name="PerDirection">Bandwidth of the link in each direction.</param>
/// <param name="Memory">The accelerator's share of the bandwidth of the host's memory.</param>
public readonly record struct HostLink(Bandwidth PerDirection, Bandwidth Memory)
{
    /// <summary>
    /// PCI Express 5.0 x16, 63 GB/s each way by its standard, of which copies sustain four fifths; and an eighth of four fifths of the 614 GB/s
    /// of a host with two processors of eight DDR5-4800 channels each, which eight accelerators share.
    /// </summary>
    public static HostLink Default { get; } = new(Bandwidth.FromGigabytesPerSecond(50), Bandwidth.FromGigabytesPerSecond(60));
}

/// <summary>What a step moves between an accelerator and its host; see the equations at the head of this file.</summary>
/// <param name="Held">What the host's memory holds for this accelerator.</param>
/// <param name="Out">Bytes of a step to the host.</param>
/// <param name="Back">Bytes of a step from the host.</param>
/// <param name="Needed">Bandwidth at which nothing of activations is seen; zero without activations.</param>
/// <param name="Seen">Time of it that nothing hides.</param>
public readonly record struct HostTraffic(DataSize Held, DataSize Out, DataSize Back, Bandwidth Needed, Duration Seen)
{
    /// <summary>The traffic of a rank's step.</summary>
    /// <param name="job">The job.</param>
    /// <param name="block">What its blocks keep.</param>
    /// <param name="recompute">What is computed again.</param>
    /// <param name="times">Times of its stages.</param>
    /// <param name="use">Memory of the rank.</param>
    /// <param name="link">The way to the host.</param>
    internal static HostTraffic Of(
        in TrainingJob job, in BlockActivations block, Recomputation recompute, in PipelineTimes times, in MemoryUse use, in HostLink link)
    {
        var (plan, p) = (job.Memory, job.Parallelism);
        double activations = 0, needed = 0, seen = 0;
        if (plan.OffloadBlocks > 0)
        {
            activations = (double)plan.OffloadBlocks * job.MicroBatches * block.Kept(recompute);
            // A stage may be given no layers.
            var forward = job.MicroBatches * Math.Max(times.FirstForward, Math.Max(times.MiddleForward, times.LastForward));
            var backward = job.MicroBatches * Math.Max(times.FirstBackward, Math.Max(times.MiddleBackward, times.LastBackward));
            needed = activations / Math.Min(forward, backward);
            var there = activations / link.PerDirection.BytesPerSecond;
            seen = Math.Max(0, there - forward) + Math.Max(0, there - backward);
        }
        var states = plan.Stack == TrainingStack.TorchFsdp ? 0 : plan.MasterBytes;
        var parameters = use.OptimizerParameters * plan.OffloadOptimizer.Si;
        double gradients = parameters * (plan.Stack == TrainingStack.TorchFsdp ? 4 : p.GradientBytes), weights = 2 * parameters;
        seen += (gradients + weights) / link.PerDirection.BytesPerSecond;
        seen += parameters * (4 + (2 * (states + (2 * plan.MomentBytes)))) / link.Memory.BytesPerSecond;
        return new(
            use.Host, DataSize.FromBytes(activations + gradients), DataSize.FromBytes(activations + weights), Bandwidth.FromBytesPerSecond(needed), Duration.FromSeconds(seen));
    }

    /// <summary>The traffic of a predicted step on its fullest stage.</summary>
    /// <param name="step">The step.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    public static HostTraffic Of(in TrainingStep step, bool fusedAttention)
    {
        var (dense, sparse) = LayerActivations.Blocks(step.Job, fusedAttention);
        return Of(step.Job, LayerActivations.Most(dense, sparse, LayerActivations.Of(step.Job, fusedAttention)), step.Recompute, step.Pipeline, step.Memory, HostLink.Default);
    }
}
