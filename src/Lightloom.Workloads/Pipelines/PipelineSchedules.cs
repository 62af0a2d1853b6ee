using Lightloom.Catalog.Documents;

namespace Lightloom.Workloads.Pipelines;

/// <summary>The pipeline schedules that a design can name.</summary>
public enum PipelineKind
{
    /// <summary>All forward passes, then all backward passes.</summary>
    [DocumentName("gpipe")]
    GPipe,

    /// <summary>One forward, one backward.</summary>
    [DocumentName("1f1b")]
    OneForwardOneBackward,

    /// <summary>One forward, one backward over several chunks of each rank.</summary>
    [DocumentName("interleaved-1f1b")]
    Interleaved,

    /// <summary>Weight gradients apart, in the memory of 1F1B.</summary>
    [DocumentName("zb-h1")]
    ZeroBubbleH1,

    /// <summary>Weight gradients apart, in twice the memory of 1F1B.</summary>
    [DocumentName("zb-h2")]
    ZeroBubbleH2,

    /// <summary>Weight gradients apart, two chunks in a V, in the memory of 1F1B.</summary>
    [DocumentName("zb-v")]
    ZeroBubbleV,

    /// <summary>Two chunks in a V, in about half of the memory of 1F1B.</summary>
    [DocumentName("v-half")]
    VHalf,

    /// <summary>Two chunks in a V, in about a third of the memory of 1F1B.</summary>
    [DocumentName("v-min")]
    VMin,

    /// <summary>Microbatches from both ends, on two copies of the model.</summary>
    [DocumentName("dualpipe")]
    DualPipe,

    /// <summary>DualPipe cut in half: two chunks in a V, one copy of the model.</summary>
    [DocumentName("dualpipe-v")]
    DualPipeV,
}

/// <summary>Seconds that one microbatch takes on one position of a pipeline whose positions are alike.</summary>
/// <param name="Forward">The forward pass.</param>
/// <param name="BackwardInput">Gradients of inputs.</param>
/// <param name="BackwardWeight">Gradients of weights.</param>
public readonly record struct PassTimes(double Forward, double BackwardInput, double BackwardWeight)
{
    /// <summary>The backward pass.</summary>
    public double Backward => BackwardInput + BackwardWeight;

    /// <summary>All of it.</summary>
    public double Total => Forward + BackwardInput + BackwardWeight;
}

/// <summary>A pipeline schedule: the rule that orders the work of each rank, and what is known of it in closed form.</summary>
public interface IPipelineSchedule
{
    /// <summary>Which one.</summary>
    PipelineKind Kind { get; }

    /// <summary>The way of a microbatch over the ranks.</summary>
    PipelinePath Path { get; }

    /// <summary>Model chunks that each rank holds, or null where any number from two on will do.</summary>
    int? Chunks { get; }

    /// <summary>Microbatches by which a step grows when each rank's order gains one round of its steady state.</summary>
    int Round(in PipelineShape shape);

    /// <summary>Whether its paper lets ranks begin the next step without waiting for each other (the optimiser validates later).</summary>
    bool StepsOverlap { get; }

    /// <summary>What is wrong with a shape and the nearest that will do, or null.</summary>
    string? Broken(in PipelineShape shape);

    /// <summary>The order of each rank's work.</summary>
    /// <exception cref="ArgumentException">The shape is <see cref="Broken"/>.</exception>
    PipelineOrder Order(in PipelineShape shape);

    /// <summary>
    /// Seconds beyond its own work that a step takes a rank, where all positions are alike and sends take no time; null where no
    /// closed form is known for these times. Exact where it is given.
    /// </summary>
    double? Bubble(in PipelineShape shape, in PassTimes times);

    /// <summary>Seconds of a step over stages that may differ, sends included, where a closed form is known; exact where it is given.</summary>
    double? Length(in PipelineShape shape, PipelineCosts costs) => null;

    /// <summary>Chunk activations that a rank keeps at once, at most.</summary>
    int PeakChunks(in PipelineShape shape, int rank);
}

/// <summary>All pipeline schedules.</summary>
public static class PipelineSchedules
{
    static readonly IPipelineSchedule[] all =
    [
        new GPipe(), new OneForwardOneBackward(), new InterleavedOneForwardOneBackward(), new ZeroBubbleH1(), new ZeroBubbleH2(), new ZeroBubbleV(),
        new ControllableMemory(PipelineKind.VHalf), new ControllableMemory(PipelineKind.VMin), new DualPipe(), new DualPipeV(),
    ];

    /// <summary>All of them, in the order of <see cref="PipelineKind"/>.</summary>
    public static IReadOnlyList<IPipelineSchedule> All => all;

    /// <summary>One of them.</summary>
    public static IPipelineSchedule Of(PipelineKind kind) => all[(int)kind];

    /// <summary>What is wrong with a shape that every schedule shares.</summary>
    internal static string? Broken(IPipelineSchedule schedule, in PipelineShape shape)
    {
        if (shape.Ranks < 1 || shape.MicroBatches < 1) return $"a pipeline needs ranks and microbatches; {shape.Ranks} and {shape.MicroBatches} were given";
        if (schedule.Chunks is { } chunks && shape.Chunks != chunks)
            return $"{DocumentShape.NameOf(schedule.Kind)} has {chunks} {(chunks == 1 ? "chunk" : "chunks")} on each rank, not {shape.Chunks}";
        return null;
    }

    internal static PipelineOrder Build(
        IPipelineSchedule schedule, in PipelineShape shape, Action<int, List<PipelineOperation>> fill)
    {
        if (schedule.Broken(shape) is { } broken) throw new ArgumentException(broken);
        var placement = new PipelinePlacement(schedule.Path, shape.Ranks, shape.Chunks);
        var operations = new PipelineOperation[shape.Ranks][];
        var order = new List<PipelineOperation>();
        for (var rank = 0; rank < shape.Ranks; rank++)
        {
            order.Clear();
            fill(rank, order);
            operations[rank] = [.. order];
        }
        return new(placement, shape.MicroBatches, operations);
    }

    internal static void Forward(this List<PipelineOperation> order, int microBatch, int chunk = 0) =>
        order.Add(new(PipelinePass.Forward, chunk, microBatch));

    internal static void Backward(this List<PipelineOperation> order, int microBatch, int chunk = 0) =>
        order.Add(new(PipelinePass.Backward, chunk, microBatch));

    internal static void Input(this List<PipelineOperation> order, int microBatch, int chunk = 0) =>
        order.Add(new(PipelinePass.BackwardInput, chunk, microBatch));

    internal static void Weight(this List<PipelineOperation> order, int microBatch, int chunk = 0) =>
        order.Add(new(PipelinePass.BackwardWeight, chunk, microBatch));
}
