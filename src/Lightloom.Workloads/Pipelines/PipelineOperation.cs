namespace Lightloom.Workloads.Pipelines;

/// <summary>What a rank of a pipeline does with one microbatch on one of its chunks.</summary>
public enum PipelinePass
{
    /// <summary>The forward pass.</summary>
    Forward,

    /// <summary>The backward pass as a whole: gradients of inputs and of weights.</summary>
    Backward,

    /// <summary>The half of the backward pass that others wait for: gradients of inputs.</summary>
    BackwardInput,

    /// <summary>The half of the backward pass that can wait: gradients of weights.</summary>
    BackwardWeight,
}

/// <summary>One piece of work in a rank's order.</summary>
/// <param name="Pass">What is done.</param>
/// <param name="Chunk">On which of the rank's model chunks.</param>
/// <param name="MicroBatch">For which microbatch.</param>
public readonly record struct PipelineOperation(PipelinePass Pass, int Chunk, int MicroBatch)
{
    /// <summary>
    /// Whether it runs as one with the next operation of its rank (DualPipe's overlapped forward and backward): both inputs are
    /// waited for, and both results go out at the end.
    /// </summary>
    public bool WithNext { get; init; }

    /// <summary>"F0.3" is the forward pass of microbatch 3 on chunk 0; B is a whole backward pass, I and W are its halves.</summary>
    public override string ToString() => $"{"FBIW"[(int)Pass]}{Chunk}.{MicroBatch}{(WithNext ? "+" : "")}";
}
