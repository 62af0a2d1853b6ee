namespace Lightloom.Workloads;

public static partial class StepModel
{
    /// <summary>
    /// Seconds of one microbatch on one stage, by part; matmul, attention and element-wise work are forward and backward together.
    /// Weight is the part of the backward pass that makes the gradients of weights.
    /// </summary>
    internal readonly record struct Stage(
        double Matmul, double Attention, double Elementwise, double Recompute, double Host, double Tensor, double Context, double Expert, double Forward,
        double TensorForward, double ContextForward, double ExpertForward, double Weight)
    {
        /// <summary>The forward pass' share of <see cref="Host"/>.</summary>
        public double HostForward { get; init; }

        /// <summary>What both passes take longer where no pass of another microbatch hides their exchange of tokens.</summary>
        public double Unpaired { get; init; }

        public double Total => Matmul + Attention + Elementwise + Recompute + Host + Tensor + Context + Expert;

        public double Backward => Total - Forward;

        public double Exposed => Tensor + Context + Expert;

        public double ForwardExposed => TensorForward + ContextForward + ExpertForward;

        public Stage With(in Stage other) => new(
            Matmul + other.Matmul, Attention + other.Attention, Elementwise + other.Elementwise, Recompute + other.Recompute, Host + other.Host,
            Tensor + other.Tensor, Context + other.Context, Expert + other.Expert, Forward + other.Forward,
            TensorForward + other.TensorForward, ContextForward + other.ContextForward, ExpertForward + other.ExpertForward, Weight + other.Weight)
        {
            HostForward = HostForward + other.HostForward,
            Unpaired = Unpaired + other.Unpaired,
        };

        public Stage Times(double n) => new(
            n * Matmul, n * Attention, n * Elementwise, n * Recompute, n * Host, n * Tensor, n * Context, n * Expert, n * Forward,
            n * TensorForward, n * ContextForward, n * ExpertForward, n * Weight)
        {
            HostForward = n * HostForward,
            Unpaired = n * Unpaired,
        };
    }

    /// <summary>What so many microbatches take on the slowest stage, with the exchanges that none of another hides.</summary>
    static TrainingStep.Parts PartsOf(in Stage slowest, int microBatches, double unpaired)
    {
        var parts = default(TrainingStep.Parts);
        parts[(int)StepPart.Matmul] = microBatches * slowest.Matmul;
        parts[(int)StepPart.Attention] = microBatches * slowest.Attention;
        parts[(int)StepPart.Elementwise] = microBatches * slowest.Elementwise;
        parts[(int)StepPart.Recompute] = microBatches * slowest.Recompute;
        parts[(int)StepPart.HostWait] = microBatches * slowest.Host;
        parts[(int)StepPart.TensorCommunication] = microBatches * slowest.Tensor;
        parts[(int)StepPart.ContextCommunication] = microBatches * slowest.Context;
        parts[(int)StepPart.ExpertCommunication] = (microBatches * slowest.Expert) + unpaired;
        return parts;
    }

    /// <summary>Times of a block of each kind.</summary>
    readonly struct StageKinds(in Stage first, in Stage second, PreparedLayers? others, Stage third, Stage fourth)
    {
        readonly Stage first = first, second = second, third = third, fourth = fourth;
        readonly bool pattern = others is not null;

        /// <summary>Time of so many blocks.</summary>
        public Stage Sum(in BlockCounts counts)
        {
            var blocks = first.Times(counts.First).With(second.Times(counts.Second));
            return pattern ? blocks.With(third.Times(counts.Third)).With(fourth.Times(counts.Fourth)) : blocks;
        }
    }

    static StageKinds KindsOf(in TrainingJob job, in PreparedBlocks blocks, Recomputation recompute) => blocks.Others is { } others
        ? new(Again(job, blocks.Dense(recompute)), Again(job, blocks.Sparse(recompute)), others, Again(job, others.StateSpace(recompute)), Again(job, others.FeedForward(recompute)))
        : new(Again(job, blocks.Dense(recompute)), Again(job, blocks.Sparse(recompute)), null, default, default);

    /// <summary>Time of so many layers of a pattern.</summary>
    internal static Stage Sum(in BlockCounts counts, in Stage attention, in Stage experts, in Stage stateSpace, in Stage feedForward) =>
        attention.Times(counts.First).With(experts.Times(counts.Second)).With(stateSpace.Times(counts.Third)).With(feedForward.Times(counts.Fourth));
}
