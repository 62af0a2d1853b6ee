using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>What a part of a step's time is spent on.</summary>
public enum StepPart
{
    /// <summary>Matrix multiplications.</summary>
    Matmul,

    /// <summary>Attention's core, and the scans of state space layers.</summary>
    Attention,

    /// <summary>Norms, activations and other memory-bound kernels.</summary>
    Elementwise,

    /// <summary>Forward work done again in the backward pass.</summary>
    Recompute,

    /// <summary>Time that the accelerator waits for its host to launch kernels.</summary>
    HostWait,

    /// <summary>Tensor-parallel communication that nothing hides.</summary>
    TensorCommunication,

    /// <summary>Context-parallel communication that nothing hides.</summary>
    ContextCommunication,

    /// <summary>Expert-parallel communication that nothing hides.</summary>
    ExpertCommunication,

    /// <summary>Activations sent between pipeline stages that nothing hides.</summary>
    PipelineCommunication,

    /// <summary>Time that the bottleneck stage waits while the pipeline fills and drains.</summary>
    PipelineBubble,

    /// <summary>Data-parallel communication that nothing hides, and what the hidden part takes from computation.</summary>
    DataCommunication,

    /// <summary>The optimiser's update.</summary>
    Optimizer,

    /// <summary>Transfers to and from the host's memory, and the host's share of the update, that nothing hides.</summary>
    HostTransfer,
}

/// <summary>One training step of a job: its time, where the time goes, and the memory of an accelerator.</summary>
public readonly struct TrainingStep
{
    /// <summary>Number of <see cref="StepPart"/>s.</summary>
    public const int PartCount = (int)StepPart.HostTransfer + 1;

    readonly Parts parts;

    internal TrainingStep(in StepOutline outline, in TrainingJob job, int interleave, Recomputation recompute, in MemoryUse memory)
    {
        parts = outline.Parts;
        Job = job;
        Interleave = interleave;
        Recompute = recompute;
        Memory = memory;
        Pipeline = outline.Pipeline;
        Time = Duration.FromSeconds(outline.Seconds);
    }

    /// <summary>The job.</summary>
    public TrainingJob Job { get; }

    /// <summary>Model chunks of each stage, as given or chosen.</summary>
    public int Interleave { get; }

    /// <summary>What is computed again, as given or chosen.</summary>
    public Recomputation Recompute { get; }

    /// <summary>Time of the step.</summary>
    public Duration Time { get; }

    /// <summary>Memory of an accelerator on the stage that needs most.</summary>
    public MemoryUse Memory { get; }

    /// <summary>Times that the pipeline's schedule is made of.</summary>
    public PipelineTimes Pipeline { get; }

    /// <summary>Time spent on a part; the parts add up to <see cref="Time"/>.</summary>
    public Duration this[StepPart part] => Duration.FromSeconds(parts[(int)part]);

    /// <summary>Tokens trained per second by the whole job.</summary>
    public double TokensPerSecond => (double)Job.GlobalBatch * Job.Sequence / Time.Seconds;

    /// <summary>Useful rate of one accelerator under a convention of counting.</summary>
    public ComputeRate RatePerAccelerator(FlopConvention convention) => ComputeRate.FromFlopPerSecond(
        Job.Model.PerToken(Job.Sequence, convention).Flop * TokensPerSecond / Job.Accelerators);

    /// <summary>Time of communication that nothing hides.</summary>
    public Duration ExposedCommunication =>
        this[StepPart.TensorCommunication] + this[StepPart.ContextCommunication] + this[StepPart.ExpertCommunication] +
        this[StepPart.PipelineCommunication] + this[StepPart.DataCommunication];

    [System.Runtime.CompilerServices.InlineArray(PartCount)]
    internal struct Parts
    {
        double first;
    }
}

/// <summary>What a pipeline's schedule is made of, in seconds.</summary>
/// <param name="Stages">Pipeline stages.</param>
/// <param name="Interleave">Chunks of each stage.</param>
/// <param name="MicroBatches">Microbatches of a step.</param>
/// <param name="FirstForward">Forward time of one microbatch on the first stage.</param>
/// <param name="FirstBackward">Backward time of one microbatch on the first stage.</param>
/// <param name="MiddleForward">Forward time of one microbatch on a middle stage.</param>
/// <param name="MiddleBackward">Backward time of one microbatch on a middle stage.</param>
/// <param name="LastForward">Forward time of one microbatch on the last stage.</param>
/// <param name="LastBackward">Backward time of one microbatch on the last stage.</param>
/// <param name="DataCommunication">Exposed data-parallel communication at the end.</param>
/// <param name="Optimizer">The optimiser's update at the end.</param>
public readonly record struct PipelineTimes(
    int Stages,
    int Interleave,
    int MicroBatches,
    double FirstForward,
    double FirstBackward,
    double MiddleForward,
    double MiddleBackward,
    double LastForward,
    double LastBackward,
    double DataCommunication,
    double Optimizer)
{
    /// <summary>Share of forward time that is communication which nothing hides, on the slowest stage.</summary>
    public double ForwardExposed { get; init; }

    /// <summary>Share of backward time that is communication which nothing hides, on the slowest stage.</summary>
    public double BackwardExposed { get; init; }

    /// <summary>Exchange of tokens that no other microbatch hides while the pipeline fills and drains, in s; beside the stages' own times.</summary>
    public double Unpaired { get; init; }

    /// <summary>The schedule, or null for 1F1B, interleaved where there are several chunks.</summary>
    public PipelineKind? Schedule { get; init; }

    /// <summary>The schedule as used.</summary>
    public PipelineKind Kind => Schedule ?? (Interleave > 1 ? PipelineKind.Interleaved : PipelineKind.OneForwardOneBackward);

    /// <summary>Microbatches that an interleaved schedule takes through one chunk in a row; 0 for as many as stages.</summary>
    public int Group { get; init; }

    /// <summary>Times of each position and of sends, where the schedule is named; otherwise the stages' times are spread over their chunks.</summary>
    public PipelineCosts? Costs { get; init; }

    /// <summary>What the times of each position consist of, where the pipeline is played out.</summary>
    public IReadOnlyList<PositionTime>? Positions { get; init; }
}

/// <summary>What a pass of one microbatch over a position of the model consists of, in s.</summary>
/// <param name="Compute">Computation.</param>
/// <param name="Recompute">Forward work done again.</param>
/// <param name="Host">Waiting for the host to launch kernels.</param>
/// <param name="Tensor">Tensor-parallel communication that nothing hides.</param>
/// <param name="Context">Context-parallel communication that nothing hides.</param>
/// <param name="Expert">Expert-parallel communication that nothing hides.</param>
public readonly record struct PassTime(double Compute, double Recompute, double Host, double Tensor, double Context, double Expert)
{
    /// <summary>All of it.</summary>
    public double Total => Compute + Recompute + Host + Tensor + Context + Expert;

    /// <summary>Both.</summary>
    public static PassTime operator +(in PassTime a, in PassTime b) =>
        new(a.Compute + b.Compute, a.Recompute + b.Recompute, a.Host + b.Host, a.Tensor + b.Tensor, a.Context + b.Context, a.Expert + b.Expert);
}

/// <summary>What one microbatch takes at a position of the model.</summary>
/// <param name="Forward">The forward pass.</param>
/// <param name="BackwardInput">Gradients of inputs, with what is computed again.</param>
/// <param name="BackwardWeight">Gradients of weights.</param>
public readonly record struct PositionTime(PassTime Forward, PassTime BackwardInput, PassTime BackwardWeight)
{
    /// <summary>One of its passes.</summary>
    public PassTime Of(PipelinePass pass) => pass switch
    {
        PipelinePass.Forward => Forward,
        PipelinePass.Backward => BackwardInput + BackwardWeight,
        PipelinePass.BackwardInput => BackwardInput,
        _ => BackwardWeight,
    };
}
