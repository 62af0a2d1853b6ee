// A training step as it passes on each rank of a pipeline, with its critical path.
//
//   One rank of each pipeline stage stands for all ranks of that stage (they do the same at the same time; what differs is jitter).
//   pipeline    every operation of the schedule (Pipelines/PipelineTiming.cs); inside it waited-for communication and computation
//   after it    exchange of tokens that has no other microbatch beside it while the pipeline fills and drains, the data group's exposed
//               communication, the optimiser, then the wait for the slowest rank (RankJitter.cs)
//   length      = makespan (period where steps overlap) + such exchange + data + optimiser + jitter
//
//   The critical path is followed back from the last end of the pipeline: to the rank's previous operation or to the input, whichever
//   came later. It has no gaps, so its parts add up to the step. What other ranks wait meanwhile is their bubble, not the path's.
//   Where steps overlap, the rank that takes longest sets the pace; its own operations and waits are the path.
//   Each part names the resource that would shorten it: compute, or the outermost level of the network that its group crosses.
//
// Worked example, 1F1B on 4 alike stages without communication, m = 8: the path is one microbatch down (4 F), on the last stage 7 more
// in turn, and one up (4 B): 11 forwards and 11 backwards, all computation.

using Lightloom.Collectives;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Timeline;

/// <summary>What a part of a step's critical path is.</summary>
public enum PathPart
{
    /// <summary>Computation of forward passes.</summary>
    Forward,

    /// <summary>Computation of backward passes.</summary>
    Backward,

    /// <summary>Forward work done again.</summary>
    Recompute,

    /// <summary>Waiting for the host to launch kernels.</summary>
    Host,

    /// <summary>Tensor-parallel communication that nothing hides.</summary>
    Tensor,

    /// <summary>Context-parallel communication that nothing hides.</summary>
    Context,

    /// <summary>Expert-parallel communication that nothing hides.</summary>
    Expert,

    /// <summary>Activations and their gradients sent between stages.</summary>
    Send,

    /// <summary>Waiting for other stages, where steps overlap and the path is a rank's own time.</summary>
    Wait,

    /// <summary>Data-parallel communication that nothing hides.</summary>
    Data,

    /// <summary>The optimiser's update.</summary>
    Optimizer,

    /// <summary>Waiting for the slowest rank.</summary>
    Jitter,
}

/// <summary>A part of the critical path.</summary>
/// <param name="Part">What it is.</param>
/// <param name="Resource">What would shorten it: "compute", "memory", "schedule", a level of the network, or "ranks on time".</param>
/// <param name="Time">Its time on the path.</param>
public readonly record struct PathShare(PathPart Part, string Resource, Duration Time);

/// <summary>What a pipeline rank does in a step.</summary>
/// <param name="Rank">The pipeline rank.</param>
/// <param name="Busy">Time of its operations, waited-for communication included.</param>
/// <param name="Waiting">Time in the pipeline without one: bubble and sends.</param>
/// <param name="Computing">Share of the step in which it computes.</param>
/// <param name="PeakMicroBatches">Activations kept at once, in microbatches of a whole stage.</param>
public readonly record struct StageOccupancy(int Rank, Duration Busy, Duration Waiting, Ratio Computing, double PeakMicroBatches);

/// <summary>A step as it passes on each pipeline rank; see the equations at the head of this file.</summary>
public sealed class StepTimeline
{
    readonly IReadOnlyList<PositionTime> positions;

    /// <summary>Plays a step out.</summary>
    /// <param name="step">A step whose pipeline is played out, by a named schedule or by <see cref="StepModel.PlayOut"/>.</param>
    /// <param name="network">The network that it was predicted on.</param>
    /// <param name="jitter">Delays of single ranks.</param>
    /// <exception cref="ArgumentException">The step used a closed form.</exception>
    public StepTimeline(in TrainingStep step, StepNetwork network, RankJitter jitter = default)
    {
        ArgumentNullException.ThrowIfNull(network);
        positions = step.Pipeline.Positions ?? throw new ArgumentException("the step's pipeline was not played out", nameof(step));
        Step = step;
        Pipeline = PipelineSchedule.Time(step.Pipeline);
        var schedule = PipelineSchedules.Of(step.Pipeline.Schedule!.Value);
        PipelineTime = Duration.FromSeconds(schedule.StepsOverlap && step.Job.Parallelism.OverlapSteps ? Pipeline.Period : Pipeline.Makespan);
        Exchange = Duration.FromSeconds(step.Pipeline.Unpaired);
        Data = step[StepPart.DataCommunication];
        // What is seen of the host's memory is for the most part its share of the update.
        Optimizer = step[StepPart.Optimizer] + step[StepPart.HostTransfer];
        Jitter = jitter.Of(PipelineTime + Exchange + Data + Optimizer, step.Job.Accelerators);
        Length = PipelineTime + Exchange + Data + Optimizer + Jitter;

        var ranks = Pipeline.Order.Placement.Ranks;
        var stages = new StageOccupancy[ranks];
        for (var rank = 0; rank < ranks; rank++) stages[rank] = Occupancy(rank);
        Stages = stages;
        CriticalPath = Path(step.Job, network);
    }

    /// <summary>The step.</summary>
    public TrainingStep Step { get; }

    /// <summary>Start and end of every operation.</summary>
    public PipelineTiming Pipeline { get; }

    /// <summary>Time of the pipeline.</summary>
    public Duration PipelineTime { get; }

    /// <summary>Exchange of tokens that no other microbatch hides while the pipeline fills and drains, where others hide theirs; put behind it.</summary>
    public Duration Exchange { get; }

    /// <summary>Data-parallel communication after it.</summary>
    public Duration Data { get; }

    /// <summary>The optimiser's update.</summary>
    public Duration Optimizer { get; }

    /// <summary>The wait for the slowest rank.</summary>
    public Duration Jitter { get; }

    /// <summary>Time of the whole step.</summary>
    public Duration Length { get; }

    /// <summary>What each pipeline rank does.</summary>
    public IReadOnlyList<StageOccupancy> Stages { get; }

    /// <summary>What the step's length consists of, the longest part first; the parts add up to <see cref="Length"/>.</summary>
    public IReadOnlyList<PathShare> CriticalPath { get; }

    /// <summary>What an operation of a rank consists of.</summary>
    public PassTime Of(int rank, in PipelineOperation operation) =>
        positions[Pipeline.Order.PositionOf(rank, operation)].Of(operation.Pass);

    StageOccupancy Occupancy(int rank)
    {
        double compute = 0, busy = 0;
        foreach (var operation in Pipeline.Order[rank])
        {
            var time = Of(rank, operation);
            compute += time.Compute + time.Recompute;
            busy += time.Total;
        }
        return new(
            rank, Duration.FromSeconds(busy), PipelineTime - Duration.FromSeconds(busy), Ratio.From(compute / Length.Seconds),
            (double)Pipeline.Order.PeakChunks(rank) / Pipeline.Order.Placement.Chunks);
    }

    List<PathShare> Path(TrainingJob job, StepNetwork network)
    {
        var seconds = new double[(int)PathPart.Jitter + 1];
        if (PipelineTime.Seconds < Pipeline.Makespan) FollowRank(seconds);
        else FollowBack(seconds);
        seconds[(int)PathPart.Expert] += Exchange.Seconds;
        seconds[(int)PathPart.Data] = Data.Seconds;
        seconds[(int)PathPart.Optimizer] = Optimizer.Seconds;
        seconds[(int)PathPart.Jitter] = Jitter.Seconds;

        var layout = new GroupLayout(job, network);
        var shares = new List<PathShare>();
        for (var part = PathPart.Forward; part <= PathPart.Jitter; part++)
        {
            // What adding and taking away leaves of a path without sends is not a send.
            if (seconds[(int)part] <= 1e-12 * Length.Seconds) continue;
            var resource = part switch
            {
                PathPart.Forward or PathPart.Backward or PathPart.Recompute => "compute",
                PathPart.Host => "host",
                PathPart.Optimizer => "memory",
                PathPart.Wait => "schedule",
                PathPart.Jitter => "ranks on time",
                PathPart.Tensor => LevelOf(layout.Tensor, network),
                PathPart.Context => LevelOf(layout.Context, network),
                PathPart.Expert => LevelOf(layout.Expert, network),
                PathPart.Send => LevelOf(layout.Pipeline, network),
                _ => LevelOf(layout.Dense, network),
            };
            shares.Add(new(part, resource, Duration.FromSeconds(seconds[(int)part])));
        }
        // A stable order: equal times stay in the order of the parts.
        return [.. shares.OrderByDescending(s => s.Time.Seconds)];
    }

    /// <summary>The time of the rank that takes longest from its first operation to its last.</summary>
    void FollowRank(double[] seconds)
    {
        var order = Pipeline.Order;
        var rank = Enumerable.Range(0, order.Placement.Ranks).MaxBy(r => Pipeline.Last(r) - Pipeline.First(r));
        foreach (var operation in order[rank]) Add(seconds, operation.Pass, Of(rank, operation));
        seconds[(int)PathPart.Wait] = Math.Max(0, PipelineTime.Seconds - seconds.Sum());
    }

    /// <summary>From the last end back over what each operation waited for last.</summary>
    void FollowBack(double[] seconds)
    {
        var order = Pipeline.Order;
        var rank = Enumerable.Range(0, order.Placement.Ranks).MaxBy(Pipeline.Last);
        var i = order[rank].Length - 1;
        while (true)
        {
            // Two that run as one both count; the path leaves them at their common start.
            if (i > 0 && order[rank][i - 1].WithNext) i--;
            Add(seconds, order[rank][i].Pass, Of(rank, order[rank][i]));
            if (order[rank][i].WithNext) Add(seconds, order[rank][i + 1].Pass, Of(rank, order[rank][i + 1]));
            var start = Pipeline.Start(rank, i);
            if (Pipeline.WaitedFor(rank, i, out var from) == PipelineWait.Nothing) return;
            (rank, i) = from;
            seconds[(int)PathPart.Send] += start - Pipeline.End(rank, i);
        }
    }

    static void Add(double[] seconds, PipelinePass pass, in PassTime time)
    {
        seconds[(int)(pass == PipelinePass.Forward ? PathPart.Forward : PathPart.Backward)] += time.Compute;
        seconds[(int)PathPart.Recompute] += time.Recompute;
        seconds[(int)PathPart.Host] += time.Host;
        seconds[(int)PathPart.Tensor] += time.Tensor;
        seconds[(int)PathPart.Context] += time.Context;
        seconds[(int)PathPart.Expert] += time.Expert;
    }

    /// <summary>The outermost level that a group crosses.</summary>
    static string LevelOf(in GroupPlacement group, StepNetwork network)
    {
        var level = 0;
        for (var l = 1; l < network.Levels.Count; l++)
            if (group.Crosses(l)) level = l;
        return network.Levels[level].Name;
    }

    /// <summary>The name of a part of the path for people.</summary>
    public static string Name(PathPart part) => part switch
    {
        PathPart.Forward => "forward",
        PathPart.Backward => "backward",
        PathPart.Recompute => "recomputation",
        PathPart.Host => "waiting for the host",
        PathPart.Tensor => "tensor-parallel communication",
        PathPart.Context => "context-parallel communication",
        PathPart.Expert => "expert-parallel communication",
        PathPart.Send => "pipeline sends",
        PathPart.Wait => "waiting for other stages",
        PathPart.Data => "data-parallel communication",
        PathPart.Optimizer => "optimiser",
        _ => "waiting for the slowest rank",
    };

    /// <summary>The name of a part of the path in JSON.</summary>
    public static string Key(PathPart part) => char.ToLowerInvariant(part.ToString()[0]) + part.ToString()[1..];
}
