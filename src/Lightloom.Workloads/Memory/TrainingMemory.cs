using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>
/// Memory of a training job without its time: of each stage and class, and as a tool would have measured it. The equations are at the heads of
/// MemoryUse.cs, BlockActivations.cs and CachingAllocator.cs.
/// </summary>
public static class TrainingMemory
{
    /// <summary>Memory of a rank of each pipeline stage.</summary>
    /// <param name="job">A checked job.</param>
    /// <param name="interleave">Model chunks of each stage; those of a named schedule, where one is named.</param>
    /// <param name="recompute">What is computed again.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    /// <param name="runtime">Memory that context, communicators and workspaces take.</param>
    public static IReadOnlyList<MemoryUse> Stages(in TrainingJob job, int interleave, Recomputation recompute, bool fusedAttention, DataSize runtime) =>
        StepModel.StageMemory(job, interleave, recompute, fusedAttention, runtime);

    /// <summary>Memory of a rank of each pipeline stage of a predicted step.</summary>
    /// <param name="step">The step.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    public static IReadOnlyList<MemoryUse> Stages(in TrainingStep step, bool fusedAttention) =>
        Stages(step.Job, step.Interleave, step.Recompute, fusedAttention, step.Memory.Runtime);

    /// <summary>The memory that a tool reports.</summary>
    /// <param name="stages">Memory of each stage.</param>
    /// <param name="measure">What the tool reports.</param>
    /// <param name="capacity">Memory of the device.</param>
    /// <param name="stage">The stage that is looked at; the one that shows most unless given.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such stage.</exception>
    public static DataSize Measured(IReadOnlyList<MemoryUse> stages, MemoryMeasure measure, DataSize capacity, int? stage = null)
    {
        ArgumentNullException.ThrowIfNull(stages);
        if (stage is { } one)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(one, nameof(stage));
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(one, stages.Count, nameof(stage));
            return CachingAllocator.Measured(stages[one], measure, capacity);
        }
        var most = DataSize.Zero;
        foreach (var use in stages) most = Quantity.Max(most, CachingAllocator.Measured(use, measure, capacity));
        return most;
    }
}
