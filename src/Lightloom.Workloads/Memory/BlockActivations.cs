// Bytes of one transformer block that are kept for its backward pass, for one microbatch on one accelerator.
//
//   the input and both norms' outputs, queries, keys, values and attention's output with its statistics, and the feed-forward's
//   inner tensors (Korthikanti et al. 2022, without the score matrix that fused attention never stores)

using Lightloom.Catalog;

namespace Lightloom.Workloads;

/// <summary>Bytes that one block keeps for its backward pass, for one microbatch on one accelerator.</summary>
/// <param name="All">Without recomputation.</param>
/// <param name="Selective">With selective recomputation.</param>
/// <param name="Input">With full recomputation: the block's input.</param>
public readonly record struct BlockActivations(double All, double Selective, double Input)
{
    /// <summary>Counts one block of a job.</summary>
    /// <param name="job">The job.</param>
    /// <param name="fusedAttention">Whether attention is one kernel that never stores its scores.</param>
    /// <param name="sparse">Whether it is a mixture-of-experts block.</param>
    public static BlockActivations Of(TrainingJob job, bool fusedAttention, bool sparse)
    {
        var model = job.Model.Model;
        var p = job.Parallelism;
        double tp = p.Tensor, h = model.Hidden;
        var t = (double)p.MicroBatch * job.Sequence / p.Context;
        var spread = p.SequenceParallel ? tp : 1;
        const double bf16 = 2;

        double queryWidth, keyValueWidth;
        if (model.Latent is { } latent)
        {
            var q = (double)model.Heads * (latent.HeadSize + latent.RotaryHeadSize) / tp;
            var v = (double)model.Heads * latent.ValueHeadSize / tp;
            (queryWidth, keyValueWidth) = (q, q + v);
        }
        else
        {
            // Key-value heads are replicated once there are more ranks than heads.
            var kv = (double)job.Model.KeyValueHeads * job.Model.HeadSize / Math.Min(tp, job.Model.KeyValueHeads);
            (queryWidth, keyValueWidth) = ((double)model.Heads * job.Model.HeadSize / tp, 2 * kv);
        }
        var dropout = model.LearnedPositions > 0 && model.Biases;
        var scores = fusedAttention ? 0 : t * job.Sequence * model.Heads / tp;
        var up = model.Activation == FeedForwardKind.SwiGlu ? 2 : 1;
        var experts = sparse ? model.Experts : null;
        var activationWidth = experts is null
            ? model.FeedForward / tp
            : (((double)experts.PerToken * experts.FeedForward) + job.Model.SharedFeedForward) / tp;

        var residual = t * h * bf16;
        var inner = t * (queryWidth + keyValueWidth + queryWidth) * bf16;
        var feedForward = t * activationWidth * (up + 1) * bf16;
        var dropoutMasks = dropout ? 2 * t * h / spread : 0;
        var expertCopies = experts is not null ? 2 * t * experts.PerToken * h * bf16 / spread : 0;
        var kept = (4 * residual / spread) + inner + feedForward + expertCopies + dropoutMasks + (5 * scores);
        var activation = t * activationWidth * bf16;
        return new(kept, kept - (scores > 0 ? 5 * scores : activation), residual / spread);
    }
}
