using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

public static partial class StepModel
{
    static MemoryUse Memory(
        TrainingJob job, in BlockWork dense, in BlockWork sparse, in StageDeal deal, int interleave, Recomputation recompute, DataSize runtime)
    {
        var p = job.Parallelism;
        var last = p.Pipeline - 1;
        MemoryUse worst = default;
        for (var stage = 0; stage <= last; stage++)
        {
            // Of stages that are alike the earliest holds most.
            if (!deal.Mixed && stage > 1 && stage < last) continue;
            var (blocks, denseBlocks) = deal[stage];
            var weights = WeightsOf(job, deal, stage);
            var inFlight = Math.Min(job.MicroBatches, interleave > 1 ? p.Pipeline + ((last - (2.0 * stage)) / interleave) : p.Pipeline - stage);
            var kept = (denseBlocks * Kept(dense, recompute)) + ((blocks - denseBlocks) * Kept(sparse, recompute));
            var use = Use(job, dense, sparse, weights, blocks, inFlight * kept, stage, stage == last, recompute, runtime);
            if (stage == 0 || use.Total > worst.Total) worst = use;
        }
        return worst;
    }

    /// <summary>Memory of a rank that holds so many blocks and activations.</summary>
    static MemoryUse Use(
        TrainingJob job, in BlockWork dense, in BlockWork sparse, Weights weights, int blocks, double activations, int stage, bool output,
        Recomputation recompute, DataSize runtime, int copies = 1)
    {
        var p = job.Parallelism;
        double group = job.DataParallel * p.Context * copies, experts = Math.Max(1, group / p.Expert);
        double Bytes(double each, bool split) =>
            each * (split ? (weights.Dense / group) + (weights.Experts / experts) : weights.Dense + weights.Experts);
        var working = 2 * dense.ResidualBytes;
        if (recompute == Recomputation.Full) working += Math.Max(dense.ActivationBytes, sparse.ActivationBytes);
        if (output)
        {
            var t = (double)p.MicroBatch * job.Sequence / p.Context;
            working += t * job.Model.Model.Vocabulary / p.Tensor * (Bf16 + 4 + 4);
        }
        if (p.Sharding == Sharding.Weights) working += 2 * Bf16 * (weights.Dense + weights.Experts) / Math.Max(1, blocks);
        return new(
            DataSize.FromBytes(Bytes(Bf16, p.Sharding == Sharding.Weights)),
            DataSize.FromBytes(Bytes(p.GradientBytes, p.Sharding >= Sharding.Gradients)),
            DataSize.FromBytes(Bytes(12, p.Sharding >= Sharding.Optimizer)),
            DataSize.FromBytes(activations),
            DataSize.FromBytes(working),
            runtime,
            stage);
    }

    static double Kept(in BlockWork work, Recomputation recompute) => recompute switch
    {
        Recomputation.Full => work.InputBytes,
        Recomputation.Selective => work.SelectiveActivationBytes,
        _ => work.ActivationBytes,
    };

    static MemoryUse Memory(
        TrainingJob job, in BlockWork dense, in BlockWork sparse, PipelineOrder order, in PositionDeal cut, Weights[] weights, double[] kept, int copies,
        Recomputation recompute, DataSize runtime)
    {
        var placement = order.Placement;
        MemoryUse worst = default;
        for (var rank = 0; rank < placement.Ranks; rank++)
        {
            var blocks = 0;
            var output = false;
            for (var chunk = 0; chunk < placement.Chunks; chunk++)
            {
                var k = placement.PositionOf(rank, chunk);
                blocks += cut[k].Blocks;
                output |= k == placement.Positions - 1;
            }
            var use = Use(job, dense, sparse, weights[rank], blocks, order.Peak(rank, kept), rank, output, recompute, runtime, copies);
            if (rank == 0 || use.Total > worst.Total) worst = use;
        }
        return worst;
    }
}
