namespace Lightloom.Workloads.Pipelines;

/// <summary>Seconds that the parts of a pipeline's step take; stages may differ.</summary>
public sealed class PipelineCosts
{
    /// <summary>Seconds of one microbatch at each position of the model.</summary>
    /// <param name="forward">The forward pass, loss included.</param>
    /// <param name="backwardInput">Gradients of inputs, with what is computed again before them.</param>
    /// <param name="backwardWeight">Gradients of weights.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a time is negative or not a number.</exception>
    public PipelineCosts(double[] forward, double[] backwardInput, double[] backwardWeight)
    {
        ArgumentNullException.ThrowIfNull(forward);
        ArgumentNullException.ThrowIfNull(backwardInput);
        ArgumentNullException.ThrowIfNull(backwardWeight);
        if (forward.Length != backwardInput.Length || forward.Length != backwardWeight.Length)
            throw new ArgumentException($"{forward.Length}, {backwardInput.Length} and {backwardWeight.Length} positions differ");
        if (forward.Concat(backwardInput).Concat(backwardWeight).Any(t => !(t >= 0) || double.IsInfinity(t)))
            throw new ArgumentException("times are not negative and finite");
        (Forward, BackwardInput, BackwardWeight) = (forward, backwardInput, backwardWeight);
    }

    /// <summary>The same at every position, without sends.</summary>
    public static PipelineCosts Even(int positions, in PassTimes times)
    {
        var (f, b, w) = (new double[positions], new double[positions], new double[positions]);
        Array.Fill(f, times.Forward);
        Array.Fill(b, times.BackwardInput);
        Array.Fill(w, times.BackwardWeight);
        return new(f, b, w);
    }

    /// <summary>The forward pass at each position.</summary>
    public double[] Forward { get; }

    /// <summary>Gradients of inputs at each position.</summary>
    public double[] BackwardInput { get; }

    /// <summary>Gradients of weights at each position.</summary>
    public double[] BackwardWeight { get; }

    /// <summary>Seconds that a microbatch's activations, or their gradients, take to the rank of a neighbouring position.</summary>
    public double Send { get; init; }

    /// <summary>Whether a rank that sends does nothing else meanwhile, as in Megatron-LM's plain 1F1B; otherwise it goes on with its order.</summary>
    public bool SendBlocks { get; init; }

    /// <summary>Positions.</summary>
    public int Positions => Forward.Length;

    /// <summary>The same without sends.</summary>
    public PipelineCosts WithoutSends => new(Forward, BackwardInput, BackwardWeight);

    /// <summary>Seconds of a pass at a position.</summary>
    public double Of(PipelinePass pass, int position) => pass switch
    {
        PipelinePass.Forward => Forward[position],
        PipelinePass.Backward => BackwardInput[position] + BackwardWeight[position],
        PipelinePass.BackwardInput => BackwardInput[position],
        _ => BackwardWeight[position],
    };
}
