// Time and memory of a step whose pipeline schedule is named, played out exactly.
//
//   position k of S (S by the schedule: p, p·v or 2p)   its blocks, the output layer with the loss on the last
//   W                                                     weight-gradient matrix multiplications; all other backward work, recomputation
//                                                         and waited-for communication belong to the input half
//   step      = PipelineForecast over the positions with sends between ranks; with overlapSteps the period of schedules
//                                                         whose paper lets ranks begin the next step alone (zb-*, v-*)
//   work      = m·(positions of the busiest rank);  bubble = step without sends - work;  sends = step - step without sends
//   sends     hold up the rank in gpipe and 1f1b (Megatron-LM waits for its neighbour) and without overlapPipeline, otherwise run beside
//   memory    activations by each rank's order; a rank of a V holds embedding and output, one of dualpipe two positions of the model
//             whose gradients it sums with the rank across (counted as twice the weights in the data group)
//
// Worked example: 1f1b with stages that are alike and free sends is (m + p - 1)·T, the closed form of StepModel.cs.

using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

public static partial class StepModel
{
    /// <summary>
    /// The same step with its pipeline played out: in the named schedule, or in the 1F1B whose closed form it used. The result differs
    /// from that closed form by what it neglects: stages that hide a part of each other's work, and sends beside computation.
    /// </summary>
    /// <param name="step">A step that <see cref="Predict(TrainingJob, in ComputeRates, StepNetwork, DataSize, DataSize)"/> made.</param>
    /// <param name="rates">What kernels reach, as then.</param>
    /// <param name="network">The network, as then.</param>
    /// <param name="runtime">Memory that the software stack takes, as then.</param>
    public static TrainingStep PlayOut(in TrainingStep step, in ComputeRates rates, StepNetwork network, DataSize runtime)
    {
        return step.Pipeline.Costs is not null ? step : Rebuild(step, rates, network, runtime);
    }

    /// <summary>The same step played out on another network: all that was chosen for it stays.</summary>
    /// <param name="step">A step that <see cref="Predict(TrainingJob, in ComputeRates, StepNetwork, DataSize, DataSize)"/> made.</param>
    /// <param name="rates">What kernels reach, as then.</param>
    /// <param name="network">The network, such as one whose collectives an engine has played.</param>
    /// <param name="runtime">Memory that the software stack takes, as then.</param>
    public static TrainingStep Rebuild(in TrainingStep step, in ComputeRates rates, StepNetwork network, DataSize runtime)
    {
        ArgumentNullException.ThrowIfNull(network);
        var schedule = step.Job.Schedule ?? PipelineSchedules.Of(step.Pipeline.Kind);
        return Predict(step.Job, PreparedBlocks.Of(step.Job, rates, network), schedule, rates, network, runtime, step.Interleave, step.Recompute);
    }

    static TrainingStep Predict(
        TrainingJob job, in PreparedBlocks blocks, IPipelineSchedule schedule, in ComputeRates rates, StepNetwork network, DataSize runtime, int chunks,
        Recomputation recompute)
    {
        var p = job.Parallelism;
        var layout = new GroupLayout(job, network);
        var kinds = KindsOf(job, blocks, recompute);
        var shape = job.Shape(chunks);
        var placement = new PipelinePlacement(schedule.Path, shape.Ranks, chunks);
        var cut = new PositionDeal(job, placement.Positions);

        var positions = new Stage[placement.Positions];
        for (var k = 0; k < positions.Length; k++) positions[k] = kinds.Sum(cut[k]);
        positions[^1] = positions[^1].With(blocks.Output);
        // In two directions each of a rank's positions sees half of the microbatches.
        var share = schedule.Path == PipelinePath.TwoDirections ? 0.5 : 1;
        Stage RankTime(int rank)
        {
            var sum = default(Stage);
            for (var chunk = 0; chunk < chunks; chunk++) sum = sum.With(positions[placement.PositionOf(rank, chunk)].Times(share));
            return sum;
        }
        int stages = shape.Ranks, m = shape.MicroBatches;
        var slowest = RankTime(0);
        for (var rank = 1; rank < stages; rank++)
            if (RankTime(rank) is var time && time.Total > slowest.Total) slowest = time;

        var costs = new PipelineCosts(
            [.. positions.Select(x => x.Forward)], [.. positions.Select(x => Math.Max(0, x.Backward - x.Weight))], [.. positions.Select(x => Math.Min(x.Weight, x.Backward))])
        {
            Send = stages == 1 ? 0 : Send(p, network, layout, blocks.DenseWork),
            SendBlocks = schedule.Kind is PipelineKind.GPipe or PipelineKind.OneForwardOneBackward || !p.OverlapPipeline,
        };
        var free = Length(PipelineForecast.Of(schedule, shape, costs.WithoutSends));
        var length = costs.Send > 0 ? Length(PipelineForecast.Of(schedule, shape, costs)) : free;
        double Length(in PipelineForecast forecast) => schedule.StepsOverlap && p.OverlapSteps ? forecast.Period : forecast.Makespan;

        var weights = new Weights[stages];
        for (var rank = 0; rank < stages; rank++) weights[rank] = WeightsOf(job, cut, placement, rank);
        var most = weights.MaxBy(w => w.Sum);
        var copies = schedule.Path == PipelinePath.TwoDirections ? 2 : 1;

        var unpaired = UnpairedPasses(schedule.Kind, stages, chunks, m) * slowest.Unpaired;
        var parts = PartsOf(slowest, m, unpaired);
        parts[(int)StepPart.PipelineBubble] = Math.Max(0, free - (m * slowest.Total));
        parts[(int)StepPart.PipelineCommunication] = Math.Max(0, length - free);
        var data = DataGroup(job, DataCollectives(job, network, layout, most), slowest, rates, m, chunks, costs.Send);
        // A rank of a V holds both ends of the model.
        if (schedule.Path is PipelinePath.Line or PipelinePath.Loop) data += TiedEmbedding(job, network, layout);
        parts[(int)StepPart.DataCommunication] = data;
        var optimizer = Update(job, most, copies, rates);
        parts[(int)StepPart.Optimizer] = optimizer;

        var memory = Worst(Memory(job, blocks.DenseWork.Activations, blocks.SparseWork.Activations, blocks.Others?.Kept, schedule, chunks, recompute, runtime));

        Stage first = RankTime(0), middle = RankTime(stages / 2), last = RankTime(stages - 1);
        var times = new PipelineTimes(
            stages, chunks, m, first.Forward, first.Backward, middle.Forward, middle.Backward, last.Forward, last.Backward, data, optimizer)
        {
            ForwardExposed = slowest.ForwardExposed / slowest.Forward,
            // Where the backward pass is halved its communication belongs to the input half.
            BackwardExposed = (slowest.Exposed - slowest.ForwardExposed) / (slowest.Backward - (schedule.StepsOverlap ? slowest.Weight : 0)),
            Unpaired = unpaired,
            Schedule = schedule.Kind,
            Group = p.ScheduleGroup ?? 0,
            Costs = costs,
            Positions = [.. positions.Select(Position)],
        };
        if (job.Memory.UsesHost)
            parts[(int)StepPart.HostTransfer] = HostTraffic.Of(job, blocks.Activations, recompute, times, memory, HostLink.Default).Seen.Seconds;
        return new(new(parts, times), job, chunks, recompute, memory);
    }

    static PositionTime Position(Stage x)
    {
        var weight = Math.Min(x.Weight, x.Backward);
        var forward = new PassTime(x.Forward - x.ForwardExposed - x.HostForward, 0, x.HostForward, x.TensorForward, x.ContextForward, x.ExpertForward);
        double host = x.Host - x.HostForward, tensor = x.Tensor - x.TensorForward, context = x.Context - x.ContextForward, expert = x.Expert - x.ExpertForward;
        return new(forward, new(x.Backward - weight - x.Recompute - host - tensor - context - expert, x.Recompute, host, tensor, context, expert), new(weight, 0, 0, 0, 0, 0));
    }

    /// <summary>The fewest microbatches at which every rank keeps as much as it ever does.</summary>
    static PipelineShape Saturated(IPipelineSchedule schedule, in PipelineShape shape)
    {
        if (schedule.Kind == PipelineKind.GPipe) return shape;
        var round = schedule.Round(shape);
        var spare = (shape.MicroBatches - (4 * (shape.Ranks + shape.Group))) / round;
        return spare > 0 ? shape with { MicroBatches = shape.MicroBatches - (spare * round) } : shape;
    }

    static Weights WeightsOf(TrainingJob job, in PositionDeal cut, in PipelinePlacement placement, int rank)
    {
        double dense = 0, experts = 0;
        bool embedding = false, output = false;
        for (var chunk = 0; chunk < placement.Chunks; chunk++)
        {
            var k = placement.PositionOf(rank, chunk);
            embedding |= k == 0;
            output |= k == placement.Positions - 1;
            var own = WeightsOf(job, cut[k], false, false);
            dense += own.Dense;
            experts += own.Experts;
        }
        // A rank with both ends keeps a tied embedding once.
        return new(dense + WeightsOf(job, default(BlockCounts), embedding, output).Dense, experts);
    }
}

/// <summary>Blocks of each part of a model by kind.</summary>
readonly struct PositionDeal
{
    readonly int layers, positions, each, less, dense;
    readonly ModelSize? pattern;
    // the first block of each part, and the number of all blocks; null where parts are as even as can be
    readonly int[]? starts;

    public PositionDeal(TrainingJob job, int positions)
    {
        layers = job.Model.Model.Layers;
        this.positions = positions;
        dense = job.Model.DenseLayers;
        pattern = job.Model.Model.Pattern is null ? null : job.Model;
        if (job.Parallelism.StageLayers is not { } given)
        {
            (each, less) = StageLayout.Deal(layers, positions, 1);
            return;
        }
        starts = new int[positions + 1];
        for (var k = 0; k < positions; k++) starts[k + 1] = starts[k] + given[k];
    }

    /// <summary>The blocks of a part: from one on, up to another.</summary>
    public (int From, int To) Layers(int position) => starts is not null ? (starts[position], starts[position + 1])
        : (position == 0 ? 0 : (position * each) - less, position == positions - 1 ? layers : ((position + 1) * each) - less);

    public BlockCounts this[int position]
    {
        get
        {
            var (from, to) = Layers(position);
            return pattern?.Between(from, to) ?? new(to - from, Math.Clamp(dense - from, 0, to - from));
        }
    }
}
