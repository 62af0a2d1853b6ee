// What a step consists of block by block, for its trace.
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>A block of a kind for one microbatch on one rank.</summary>
/// <param name="Time">Seconds of its parts.</param>
/// <param name="Work">Bytes of what its groups exchange.</param>
/// <param name="HasExperts">Whether it is a mixture.</param>
readonly record struct TracedBlock(StepModel.Stage Time, BlockWork Work, bool HasExperts)
{
    /// <summary>Seconds of the forward pass without communication.</summary>
    public double Forward => Time.Forward - Time.ForwardExposed;

    /// <summary>Seconds that the gradients of weights take.</summary>
    public double Weight => Math.Min(Time.Weight, Time.Backward);

    /// <summary>Seconds that the gradients of inputs take without communication and what is computed again.</summary>
    public double Input => Time.Backward - Weight - Time.Recompute - (Time.Exposed - Time.ForwardExposed);
}

/// <summary>The blocks of a step, the weights that its ranks hold, and their updates.</summary>
sealed record TracedStep(TracedBlock Dense, TracedBlock Sparse, TracedBlock Predicted, int Predictions, TracedBlock Output, PositionDeal Deal, PipelinePlacement Placement)
{
    /// <summary>The blocks of a position of the model in order.</summary>
    public TracedBlock[] BlocksOf(int position)
    {
        var counts = Deal[position];
        var ends = position == Placement.Positions - 1 ? Predictions : 0;
        return [.. Enumerable.Repeat(Dense, counts.First), .. Enumerable.Repeat(Sparse, counts.Second), .. Enumerable.Repeat(Predicted, ends)];
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
        var predictions = model.PredictionBlocks * model.PredictionRepeats;
        var experts = model.Experts is not null;
        var predicted = blocks.Sparse(Recomputation.None);
        return new(new(Again(job, blocks.Dense(step.Recompute)), blocks.DenseWork, false), new(Again(job, blocks.Sparse(step.Recompute)), blocks.SparseWork, experts),
            new(predicted, blocks.SparseWork, experts), predictions, new(blocks.Output.With(predicted.Times(-predictions)), default, false), new(job, placement.Positions), placement);
    }

    /// <summary>Parameters of a position, and of all positions of a rank: a tied embedding counts once on a rank that holds both ends.</summary>
    internal static Weights WeightsAt(in TrainingJob job, TracedStep traced, int position) =>
        WeightsOf(job, traced.Deal[position], position == 0, position == traced.Placement.Positions - 1);

    /// <summary>Parameters that a pipeline rank holds.</summary>
    internal static Weights WeightsOn(in TrainingJob job, TracedStep traced, int rank) => WeightsOf(job, traced.Deal, traced.Placement, rank);
}
