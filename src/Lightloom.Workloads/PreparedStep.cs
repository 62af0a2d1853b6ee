// What a step is put together from, prepared once for all candidates that share it.
//
//   blocks     one microbatch on one block, dense and sparse, and the output layer
//              depend on tensor, context, expert, sequence parallelism, microbatch, sequence, precision and overlap of a tensor group
//   pipeline   weights of the fullest stage, collectives of the data group, a send, the tied embedding
//              depend on those (the send alone on the microbatch), on pipeline, the deal of layers, whether states are shared at all,
//              and bytes of a gradient
//   step       StepModel.Assemble: interleaving, recomputation, stage of sharding; arithmetic only

namespace Lightloom.Workloads;

/// <summary>Work and times of a microbatch on the kinds of layers that a pattern has beside attention and mixtures.</summary>
sealed class PreparedLayers(BlockWork stateSpaceWork, StepModel.Stage stateSpace, BlockWork feedForwardWork, StepModel.Stage feedForward)
{
    /// <summary>Work of a state space layer.</summary>
    public BlockWork StateSpaceWork => stateSpaceWork;

    /// <summary>Work of a feed-forward layer.</summary>
    public BlockWork FeedForwardWork => feedForwardWork;

    /// <summary>What they keep.</summary>
    public LayerActivations Kept { get; } = new(stateSpaceWork.Activations, feedForwardWork.Activations);

    /// <summary>Time of a state space layer.</summary>
    public StepModel.Stage StateSpace(Recomputation recompute) => PreparedBlocks.With(stateSpace, stateSpaceWork, recompute);

    /// <summary>Time of a feed-forward layer.</summary>
    public StepModel.Stage FeedForward(Recomputation recompute) => PreparedBlocks.With(feedForward, feedForwardWork, recompute);
}

/// <summary>Times of a microbatch on one block, and of the output layer.</summary>
readonly struct PreparedBlocks
{
    readonly BlockWork denseWork, sparseWork;
    readonly StepModel.Stage dense, sparse, output;
    readonly PreparedLayers? others; // null where the model's blocks are whole

    PreparedBlocks(in BlockWork denseWork, in StepModel.Stage dense, in BlockWork sparseWork, in StepModel.Stage sparse, PreparedLayers? others, in StepModel.Stage output)
    {
        this.others = others;
        this.denseWork = denseWork;
        this.dense = dense;
        this.sparseWork = sparseWork;
        this.sparse = sparse;
        this.output = output;
    }

    /// <summary>Prepares the blocks of a job; its pipeline, sharding, interleaving and recomputation don't matter.</summary>
    public static PreparedBlocks Of(in TrainingJob job, in ComputeRates rates, StepNetwork network)
    {
        var layout = new GroupLayout(job, network);
        var slowest = rates.SlowestOf(job.Accelerators);
        var model = job.Model.Model;
        var (first, second) = BlockKinds.Of(model);
        var (denseWork, dense) = StepModel.Block(job, slowest, network, layout, first);
        var (sparseWork, sparse) = model.Experts is null ? (denseWork, dense) : StepModel.Block(job, slowest, network, layout, second);
        if (model.Pattern is null) return new(denseWork, dense, sparseWork, sparse, null, StepModel.Output(job, slowest, sparse));
        var (feedForwardWork, feedForward) = StepModel.Block(job, slowest, network, layout, BlockKind.FeedForward);
        var (stateSpaceWork, stateSpace) = model.StateSpace is null ? (feedForwardWork, feedForward) : StepModel.Block(job, slowest, network, layout, BlockKind.StateSpace);
        var others = new PreparedLayers(stateSpaceWork, stateSpace, feedForwardWork, feedForward);
        var prediction = StepModel.Sum(job.Model.Prediction, dense, sparse, stateSpace, feedForward);
        return new(denseWork, dense, sparseWork, sparse, others, StepModel.Output(job, slowest, prediction));
    }

    /// <summary>The kinds of layers of a pattern beside attention and mixtures; null where the model's blocks are whole.</summary>
    public PreparedLayers? Others => others;

    /// <summary>Work of a dense block, or of an attention layer of a pattern.</summary>
    public BlockWork DenseWork => denseWork;

    /// <summary>Work of a mixture's block; a dense one's where the model has no experts.</summary>
    public BlockWork SparseWork => sparseWork;

    /// <summary>What the block that keeps most keeps.</summary>
    public BlockActivations Activations => LayerActivations.Most(denseWork.Activations, sparseWork.Activations, others?.Kept);

    /// <summary>The output layer with its loss.</summary>
    public StepModel.Stage Output => output;

    /// <summary>Time of a dense block.</summary>
    public StepModel.Stage Dense(Recomputation recompute) => With(dense, denseWork, recompute);

    /// <summary>Time of a mixture's block.</summary>
    public StepModel.Stage Sparse(Recomputation recompute) => With(sparse, sparseWork, recompute);

    /// <summary>Seconds of one microbatch on the whole model without recomputation.</summary>
    public double Model(in TrainingJob job)
    {
        if (others is not null)
            return StepModel.Sum(job.Model.Counts, dense, sparse, others.StateSpace(Recomputation.None), others.FeedForward(Recomputation.None)).Total + output.Total;
        double layers = job.Model.Model.Layers, d = job.Model.DenseLayers;
        return (d * dense.Total) + ((layers - d) * sparse.Total) + output.Total;
    }

    internal static StepModel.Stage With(in StepModel.Stage time, in BlockWork work, Recomputation recompute) => recompute switch
    {
        Recomputation.Full => time with { Recompute = time.Forward },
        Recomputation.Selective => time with { Recompute = work.SelectiveAgain + (work.ExchangeAgain ? time.ExpertForward : 0) },
        _ => time,
    };
}

/// <summary>Weights and communication of a pipeline's stages.</summary>
readonly struct PreparedPipeline
{
    readonly StageDeal deal;
    readonly bool prepared;

    PreparedPipeline(in StageDeal deal, StepModel.Weights weights, StepModel.DataTimes data, double send, double tiedEmbedding)
    {
        this.deal = deal;
        (Weights, Data, Send, TiedEmbedding) = (weights, data, send, tiedEmbedding);
        prepared = true;
    }

    /// <summary>Prepares the pipeline of a job whose layers are dealt like this.</summary>
    public static PreparedPipeline Of(in TrainingJob job, in PreparedBlocks blocks, StepNetwork network, in StageDeal deal)
    {
        var layout = new GroupLayout(job, network);
        var weights = StepModel.StageWeights(job, deal);
        var send = job.Parallelism.Pipeline == 1 ? 0 : StepModel.Send(job.Parallelism, network, layout, blocks.DenseWork);
        return new(
            deal, weights, StepModel.DataCollectives(job, network, layout, weights), send, StepModel.TiedEmbedding(job, network, layout));
    }

    /// <summary>Weights of the stage that holds most.</summary>
    public StepModel.Weights Weights { get; }

    /// <summary>The data group's collectives.</summary>
    public StepModel.DataTimes Data { get; }

    /// <summary>Seconds of one microbatch from one stage to the next.</summary>
    public double Send { get; }

    /// <summary>Seconds in which the ends sum the gradients of a tied embedding.</summary>
    public double TiedEmbedding { get; }

    /// <summary>Whether this was prepared for such a deal of the layers.</summary>
    public bool Suits(in StageDeal other) => prepared && deal.Equals(other);
}

/// <summary>A step without its job and memory.</summary>
readonly struct StepOutline
{
    readonly TrainingStep.Parts parts;
    readonly PipelineTimes pipeline;

    public StepOutline(in TrainingStep.Parts parts, in PipelineTimes pipeline)
    {
        this.parts = parts;
        this.pipeline = pipeline;
        var total = 0.0;
        for (var i = 0; i < TrainingStep.PartCount; i++) total += parts[i];
        Seconds = total;
    }

    /// <summary>Time of the step in s.</summary>
    public double Seconds { get; }

    /// <summary>Seconds by <see cref="StepPart"/>.</summary>
    public TrainingStep.Parts Parts => parts;

    /// <summary>What the pipeline's schedule is made of.</summary>
    public PipelineTimes Pipeline => pipeline;
}
