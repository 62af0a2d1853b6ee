// What Calculon counts (calculon-ai/calculon, 2024), in closed form, so that its figures and ours can be set side by side term by term.
// One block on one tensor rank; t tensor ranks, n = b·s tokens of a microbatch, A = n·h, S = A/t with sequence parallelism or A without,
// q heads x size, f feed-forward, Z = b·heads·s²/t scores, e bytes of a number, L blocks of a stage, p stages, v chunks, d optimiser's shards.
//
//   parameters of the model   blocks·(2hf + 4hq + h + f + 3q + h + 4h) + (51200 + s)·h
//   weights                   w = (4hq + 2hf)/t + 4h, no biases, no embedding:     e·w·L
//   gradients                 4·w for the block at work, e·w/d for each of the others
//   optimiser                 12·w/d·L
//   working activations       e·(2S + S) + ... of one block with all its scores, see Working
//   kept activations          without scores where attention is computed again, without gathered inputs where they are gathered again
//   in flight                 L·m blocks, m = min(p, microbatches)·(1 + (p-1)/(p·v) if v > 1)
//   full recomputation        one block at work and e·A of each block in flight, whole on each tensor rank
//
// Worked example, GPT-3 (h 12288, t 8, L 12), FP16: w = 226,541,568; weights 2·12·w = 5,436,997,632 B; gradients
// 4·w + 11·2·w = 5,890,080,768 B; optimiser 12·12·w = 32,621,985,792 B. Kept with sequence parallelism and selective recomputation:
// 34·A/t = 106,954,752 B a block, as Korthikanti et al. 2022 have it.

using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

/// <summary>Bytes of one processor and operations of one block, as Calculon counts them; see the equations at the head of this file.</summary>
public sealed record CalculonAccount
{
    CalculonAccount()
    {
    }

    /// <summary>Parameters of the whole model.</summary>
    public double Parameters { get; private init; }

    /// <summary>Operations of one block for one microbatch on one tensor rank, forward, backward and optimiser.</summary>
    public double BlockFlop { get; private init; }

    /// <summary>Weights, B.</summary>
    public double Weights { get; private init; }

    /// <summary>Gradients of weights, B.</summary>
    public double Gradients { get; private init; }

    /// <summary>The optimiser's states, B.</summary>
    public double Optimizer { get; private init; }

    /// <summary>Activations of the block at work and those kept, B.</summary>
    public double Activations { get; private init; }

    /// <summary>Inputs of blocks that are computed again, B.</summary>
    public double Checkpoints { get; private init; }

    /// <summary>Gradients of activations of the block at work, B.</summary>
    public double ActivationGradients { get; private init; }

    /// <summary>Activations that one block keeps, B.</summary>
    public double KeptPerBlock { get; private init; }

    /// <summary>Blocks whose activations are kept at once, in microbatches and layers together.</summary>
    public double BlocksInFlight { get; private init; }

    /// <summary>Counts a job.</summary>
    /// <param name="application">The model.</param>
    /// <param name="execution">How it is spread; blocks divide evenly over stages.</param>
    public static CalculonAccount Of(CalculonApplication application, CalculonExecution execution)
    {
        ArgumentNullException.ThrowIfNull(application);
        ArgumentNullException.ThrowIfNull(execution);
        double h = application.Hidden, f = application.FeedForward, q = (double)application.Heads * application.HeadSize, t = execution.Tensor, s = application.Sequence;
        var e = execution.Precision == Precision.Fp8 ? 1.0 : 2;
        var shards = execution.OptimizerSharding ? execution.Data : 1;
        // Shared keys and values are whole on each rank.
        var keys = execution.MultiQuery ? 2 * h * application.HeadSize : 2 * h * q / t;
        var weights = (2 * h * q / t) + keys + (2 * h * f / t) + (4 * h);
        // Stages are as deep as the deepest.
        double blocks = Math.Ceiling((double)application.Blocks / execution.Pipeline), stages = execution.Pipeline, chunks = execution.Interleaving;
        var microbatches = Math.Min(stages, execution.Batch / execution.Data / execution.MicroBatch);
        var inFlight = blocks * microbatches * (chunks > 1 ? 1 + ((stages - 1) / (stages * chunks)) : 1);
        var (working, kept) = Block(application, execution, e);
        var full = execution.Recompute == Recomputation.Full;
        var split = execution.TensorCommunication == CalculonTensorCommunication.SequenceParallel;
        var model = new ModelSize(application.ToModel(execution.MultiQuery));
        return new()
        {
            Parameters = (application.Blocks * ((2 * h * f) + (4 * h * q) + h + f + (3 * q) + h + (4 * h))) + ((CalculonApplication.Vocabulary + s) * h),
            BlockFlop = FlopFormulas.CalculonBlock(model, application.Sequence, execution.MicroBatch, execution.Tensor, split, shards).Flop,
            Weights = e * weights * blocks,
            Gradients = (4 * weights) + (e * weights / shards * (blocks - 1)),
            Optimizer = 12 * weights / shards * blocks,
            KeptPerBlock = full ? 0 : kept,
            BlocksInFlight = inFlight,
            Activations = full ? working : working + (kept * (inFlight - 1)),
            Checkpoints = full ? e * execution.MicroBatch * s * h * inFlight : 0,
            ActivationGradients = Backward(application, execution, e),
        };
    }

    static (double Working, double Kept) Block(CalculonApplication application, CalculonExecution execution, double e)
    {
        double t = execution.Tensor, n = (double)execution.MicroBatch * application.Sequence, a = n * application.Hidden, q = n * application.Heads * application.HeadSize / t;
        var split = execution.TensorCommunication == CalculonTensorCommunication.SequenceParallel;
        var s = split ? a / t : a;
        var scores = n * application.Sequence * application.Heads / t;
        var inner = n * application.FeedForward / t;
        // Buffers of the tensor group: shards before gathering; whole sums behind an all-reduce, which nothing keeps.
        var gathered = t > 1 && split ? a / t : 0;
        var summed = t == 1 ? 0 : split ? a / t : a;
        var bothInputs = 2 * a;
        var fused = execution.FusedActivation ? 0 : inner;
        // Twice: the residual stream, the group's buffers, dropout's mask of one byte. Queries and keys, values, attention's output; scores
        // before and behind softmax, with a mask; the function's input and output.
        var ends = (2 * e * s) + (2 * e * gathered) + (2 * s);
        var core = (4 * e * q) + (2 * e * scores) + scores;
        var feedForward = e * (fused + inner);
        var working = ends + (2 * e * summed) + (e * bothInputs) + core + feedForward;
        var selective = execution.Recompute != Recomputation.None;
        // Calculon counts kept scores by what each layer takes in, and drops what it gives out where attention is computed again.
        var keptCore = selective ? 4 * e * q : core;
        var keptInputs = (selective || execution.GatherAgain ? 0 : a) + (execution.GatherAgain ? 0 : a);
        return (working, ends + keptCore + (e * keptInputs) + feedForward);
    }

    static double Backward(CalculonApplication application, CalculonExecution execution, double e)
    {
        double t = execution.Tensor, n = (double)execution.MicroBatch * application.Sequence, a = n * application.Hidden, q = n * application.Heads * application.HeadSize / t;
        var split = execution.TensorCommunication == CalculonTensorCommunication.SequenceParallel;
        var s = split ? a / t : a;
        var scores = n * application.Sequence * application.Heads / t;
        var inner = n * application.FeedForward / t;
        // Two norms, two residuals, two masks; what enters and leaves the tensor group; queries, keys, values and attention's output; scores.
        var group = t == 1 ? 0 : split ? 4 * a / t : 2 * a;
        var keys = execution.MultiQuery ? 2 * n * application.HeadSize : 2 * q;
        return (e * 4 * s) + (2 * s) + (e * group) + (e * (q + keys + q)) + (((2 * e) + 1) * scores) + (e * 2 * a) + (e * (inner + (execution.FusedActivation ? 0 : inner)));
    }
}
