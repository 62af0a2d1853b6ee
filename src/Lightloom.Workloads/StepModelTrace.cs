// What a step consists of block by block, for its trace.
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>A block of a kind, or a layer of a pattern, for one microbatch on one rank.</summary>
/// <param name="Time">Seconds of its parts.</param>
/// <param name="Work">Bytes of what its groups exchange.</param>
/// <param name="Kind">What it consists of.</param>
/// <param name="HasExperts">Whether it is a mixture.</param>
readonly record struct TracedBlock(StepModel.Stage Time, BlockWork Work, BlockKind Kind, bool HasExperts)
{
    /// <summary>Seconds of the forward pass without communication.</summary>
    public double Forward => Time.Forward - Time.ForwardExposed;

    /// <summary>Seconds that the gradients of weights take.</summary>
    public double Weight => Math.Min(Time.Weight, Time.Backward);

    /// <summary>Seconds that the gradients of inputs take without communication and what is computed again.</summary>
    public double Input => Time.Backward - Weight - Time.Recompute - (Time.Exposed - Time.ForwardExposed);

    /// <summary>Its parts, each between collectives of its own: attention, or a state space, and what follows; a layer of a pattern has one of them.</summary>
    public (int First, int Last) Units => Kind.IsBlock() ? (0, 1) : Kind.HasFeedForward() ? (1, 1) : (0, 0);

    /// <summary>How many these are.</summary>
    public int UnitCount => Kind.IsBlock() ? 2 : 1;

    /// <summary>What stands for it among parameters: one of its kind.</summary>
    public BlockCounts Count => new(1, Kind is BlockKind.Dense or BlockKind.Attention ? 1 : 0, Kind == BlockKind.StateSpace ? 1 : 0, Kind == BlockKind.FeedForward ? 1 : 0);
}

/// <summary>The kinds of blocks of a step.</summary>
/// <param name="Dense">A dense block, or an attention layer.</param>
/// <param name="Sparse">A mixture's.</param>
/// <param name="StateSpace">A state space layer, where there are such.</param>
/// <param name="FeedForward">A feed-forward layer of a pattern.</param>
sealed record TracedKinds(TracedBlock Dense, TracedBlock Sparse, TracedBlock StateSpace, TracedBlock FeedForward)
{
    /// <summary>The layers of a pattern.</summary>
    public IEnumerable<TracedBlock> Of(string pattern) => pattern.Select(c => c switch { '*' => Dense, 'E' => Sparse, 'M' => StateSpace, _ => FeedForward });
}

/// <summary>The blocks of a step, the weights that its ranks hold, and their updates.</summary>
/// <param name="Kinds">Its kinds of blocks.</param>
/// <param name="Pattern">The model's layers, where they follow a pattern.</param>
/// <param name="Predicted">What predicts further tokens, behind the last block.</param>
/// <param name="Output">The output layer.</param>
/// <param name="Deal">Which blocks stand where.</param>
/// <param name="Placement">Where positions stand.</param>
sealed record TracedStep(TracedKinds Kinds, string? Pattern, IReadOnlyList<TracedBlock> Predicted, TracedBlock Output, PositionDeal Deal, PipelinePlacement Placement)
{
    /// <summary>A dense block, or an attention layer.</summary>
    public TracedBlock Dense => Kinds.Dense;

    /// <summary>The blocks of a position of the model in order.</summary>
    public TracedBlock[] BlocksOf(int position)
    {
        var (counts, (from, to)) = (Deal[position], Deal.Layers(position));
        var own = Pattern is { } pattern ? Kinds.Of(pattern[from..to]) : Enumerable.Repeat(Kinds.Dense, counts.First).Concat(Enumerable.Repeat(Kinds.Sparse, counts.Second));
        return position == Placement.Positions - 1 ? [.. own, .. Predicted] : [.. own];
    }
}

public static partial class StepModel
{
    /// <summary>The blocks of a step that was played out.</summary>
    internal static TracedStep Traced(in TrainingStep step, in ComputeRates rates, StepNetwork network)
    {
        var job = step.Job;
        var blocks = PreparedBlocks.Of(job, rates, network);
        var model = job.Model.Model;
        var schedule = PipelineSchedules.Of(step.Pipeline.Schedule!.Value);
        var placement = new PipelinePlacement(schedule.Path, step.Pipeline.Stages, step.Interleave);
        var times = model.PredictionBlocks * model.PredictionRepeats;
        var once = TracedKindsOf(job, blocks, Recomputation.None);
        IEnumerable<TracedBlock> prediction = model.PredictionPattern is { } pattern ? once.Of(pattern) : [once.Sparse];
        var predicted = Enumerable.Repeat(prediction, times).SelectMany(p => p).ToList();
        var output = predicted.Aggregate(blocks.Output, (rest, block) => rest.With(block.Time.Times(-1)));
        return new(TracedKindsOf(job, blocks, step.Recompute), model.Pattern, predicted, new(output, default, default, false), new(job, placement.Positions), placement);
    }

    static TracedKinds TracedKindsOf(in TrainingJob job, in PreparedBlocks blocks, Recomputation recompute)
    {
        var (first, second) = BlockKinds.Of(job.Model.Model);
        var others = blocks.Others;
        return new(
            new(Again(job, blocks.Dense(recompute)), blocks.DenseWork, first, false),
            new(Again(job, blocks.Sparse(recompute)), blocks.SparseWork, second, job.Model.Model.Experts is not null),
            others is null ? default : new(Again(job, others.StateSpace(recompute)), others.StateSpaceWork, BlockKind.StateSpace, false),
            others is null ? default : new(Again(job, others.FeedForward(recompute)), others.FeedForwardWork, BlockKind.FeedForward, false));
    }

    /// <summary>Parameters of a position, and of all positions of a rank: a tied embedding counts once on a rank that holds both ends.</summary>
    internal static Weights WeightsAt(in TrainingJob job, TracedStep traced, int position) =>
        WeightsOf(job, traced.Deal[position], position == 0, position == traced.Placement.Positions - 1);

    /// <summary>Parameters that a pipeline rank holds.</summary>
    internal static Weights WeightsOn(in TrainingJob job, TracedStep traced, int rank) => WeightsOf(job, traced.Deal, traced.Placement, rank);
}
