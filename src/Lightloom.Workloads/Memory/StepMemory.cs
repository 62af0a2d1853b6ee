using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

public static partial class StepModel
{
    /// <summary>What one rank of a pipeline holds.</summary>
    /// <param name="Stage">Its place on the pipeline.</param>
    /// <param name="Counts">Its blocks.</param>
    /// <param name="Embedding">Whether it holds the input embedding.</param>
    /// <param name="Output">Whether it holds the output layer, and prediction blocks with it.</param>
    /// <param name="Weights">Its parameters without prediction blocks.</param>
    /// <param name="Activations">Bytes kept for the backward pass, prediction blocks' left out.</param>
    /// <param name="OneMicroBatch">Bytes that one microbatch keeps on all of its blocks.</param>
    /// <param name="Chunks">Parts of the model that it holds apart.</param>
    /// <param name="Copies">Ranks that hold the same weights on one pipeline.</param>
    readonly record struct RankShape(
        int Stage, BlockCounts Counts, bool Embedding, bool Output, Weights Weights, double Activations, double OneMicroBatch, int Chunks, int Copies);

    static MemoryUse Memory(
        in TrainingJob job, in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, in StageDeal deal, int interleave, Recomputation recompute, DataSize runtime)
    {
        var last = job.Parallelism.Pipeline - 1;
        MemoryUse worst = default;
        for (var stage = 0; stage <= last; stage++)
        {
            // Of stages that are alike the earliest holds most.
            if (!deal.Mixed && stage > 1 && stage < last) continue;
            var use = MemoryOf(job, dense, sparse, others, deal, stage, interleave, recompute, runtime);
            if (stage == 0 || use.Total > worst.Total) worst = use;
        }
        return worst;
    }

    /// <summary>Memory of a rank of one stage of the 1F1B schedule, interleaved where there are chunks.</summary>
    internal static MemoryUse MemoryOf(
        in TrainingJob job, in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, in StageDeal deal, int stage, int interleave, Recomputation recompute, DataSize runtime)
    {
        var stages = job.Parallelism.Pipeline;
        var counts = deal[stage];
        var inFlight = Math.Min(job.MicroBatches, interleave > 1 ? stages + ((stages - 1 - (2.0 * stage)) / interleave) : stages - stage);
        var share = RecomputedShare(job, counts.Blocks, recompute);
        var kept = Kept(counts, dense, sparse, others, recompute, share);
        var shape = new RankShape(
            stage, counts, stage == 0, stage == stages - 1, WeightsOf(job, deal, stage), inFlight * kept, kept / interleave, interleave, 1);
        return Use(job, dense, sparse, others, shape, recompute, runtime);
    }

    static MemoryUse Worst(ReadOnlySpan<MemoryUse> ranks)
    {
        var worst = ranks[0];
        foreach (ref readonly var use in ranks)
            if (use.Total > worst.Total) worst = use;
        return worst;
    }

    /// <summary>Memory of each rank of a named schedule's pipeline.</summary>
    static MemoryUse[] Memory(
        in TrainingJob job, in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, IPipelineSchedule schedule, int chunks, Recomputation recompute, DataSize runtime)
    {
        var shape = job.Shape(chunks);
        var order = schedule.Order(Saturated(schedule, shape));
        var placement = order.Placement;
        var cut = new PositionDeal(job, placement.Positions);
        var kept = new double[placement.Positions];
        for (var k = 0; k < kept.Length; k++)
        {
            var share = RecomputedShare(job, cut[k].Blocks * chunks, recompute);
            kept[k] = Kept(cut[k], dense, sparse, others, recompute, share);
        }
        var copies = schedule.Path == PipelinePath.TwoDirections ? 2 : 1;
        var ranks = new MemoryUse[placement.Ranks];
        for (var rank = 0; rank < ranks.Length; rank++)
            ranks[rank] = MemoryOf(job, dense, sparse, others, order, cut, WeightsOf(job, cut, placement, rank), kept, copies, rank, recompute, runtime);
        return ranks;
    }

    /// <summary>Memory of each stage of a job; see <see cref="TrainingMemory"/>.</summary>
    internal static IReadOnlyList<MemoryUse> StageMemory(in TrainingJob job, int interleave, Recomputation recompute, bool fusedAttention, DataSize runtime)
    {
        var (dense, sparse) = LayerActivations.Blocks(job, fusedAttention);
        var others = LayerActivations.Of(job, fusedAttention);
        if (job.Schedule is { } schedule) return Memory(job, dense, sparse, others, schedule, interleave, recompute, runtime);
        var deal = new StageDeal(job, interleave);
        var stages = new MemoryUse[job.Parallelism.Pipeline];
        for (var stage = 0; stage < stages.Length; stage++) stages[stage] = MemoryOf(job, dense, sparse, others, deal, stage, interleave, recompute, runtime);
        return stages;
    }

    /// <summary>Memory of a rank of a named schedule.</summary>
    static MemoryUse MemoryOf(
        in TrainingJob job, in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, PipelineOrder order, in PositionDeal cut, Weights weights, double[] kept, int copies, int rank,
        Recomputation recompute, DataSize runtime)
    {
        var placement = order.Placement;
        var counts = default(BlockCounts);
        bool embedding = false, output = false;
        var oneMicroBatch = double.MaxValue;
        for (var chunk = 0; chunk < placement.Chunks; chunk++)
        {
            var k = placement.PositionOf(rank, chunk);
            counts += cut[k];
            embedding |= k == 0;
            output |= k == placement.Positions - 1;
            oneMicroBatch = Math.Min(oneMicroBatch, kept[k]);
        }
        return Use(
            job, dense, sparse, others, new(rank, counts, embedding, output, weights, order.Peak(rank, kept), oneMicroBatch, placement.Chunks, copies), recompute, runtime);
    }

    /// <summary>Memory of a rank at its fullest moment; the equations are at the head of MemoryUse.cs.</summary>
    static MemoryUse Use(
        in TrainingJob job, in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, in RankShape rank, Recomputation recompute, DataSize runtime)
    {
        var (p, plan, model) = (job.Parallelism, job.Memory, job.Model.Model);
        var fsdp = plan.Stack == TrainingStack.TorchFsdp;
        var fp8 = job.Precision != Precision.Bf16;
        double tp = p.Tensor, spread = p.SequenceParallel ? tp : 1, residual = spread * dense.Input;
        var (group, experts) = Shards(job, rank.Copies);
        var prediction = rank.Output ? model.PredictionBlocks : 0;
        var predicted = prediction * model.PredictionRepeats;
        var weights = prediction > 0 ? WithPrediction(job, rank) : rank.Weights;
        double whole = weights.Sum, shard = (weights.Dense / group) + (weights.Experts / experts);
        double Shared(Sharding from) => p.Sharding >= from ? shard : whole;
        double table = (double)model.Vocabulary * model.Hidden / tp;
        // Parameters that stand outside of blocks, and those of one block.
        var ends = table * ((rank.Embedding ? 1 : 0) + (rank.Output && !(rank.Embedding && model.TiedEmbeddings) ? 1 : 0));
        var blocks = Math.Max(0, whole - ends);
        var block = blocks / Math.Max(1, rank.Counts.Blocks + (prediction * job.Model.Prediction.Blocks));

        var use = default(MemoryUse.Classes);
        use[(int)MemoryClass.Weights] = (fsdp ? 4 : Bf16) * Shared(Sharding.Weights);
        use[(int)MemoryClass.Gradients] = job.FrozenWeights ? 0 : (fsdp ? 4 : p.GradientBytes) * Shared(Sharding.Gradients);
        var states = job.FrozenWeights ? 0 : ((fsdp ? 0 : plan.MasterBytes) + (2 * plan.MomentBytes)) * Shared(Sharding.Optimizer);
        use[(int)MemoryClass.Optimizer] = states * (1 - plan.OffloadOptimizer.Si);
        var host = states * plan.OffloadOptimizer.Si;
        if (p.Sharding == Sharding.Weights)
        {
            var (computed, accumulated) = (fp8 && fsdp ? 1 : Bf16, fsdp ? 4.0 : p.GradientBytes);
            use[(int)MemoryClass.Gathered] = p.Pipeline > 1 || !p.Reshard
                ? (computed * blocks) + (Bf16 * ends) + (accumulated * whole)
                : (2 * computed * block) + (Bf16 * ends) + ((Bf16 + accumulated) * block);
        }
        else
        {
            if (fp8 && !fsdp && !plan.Fp8Weights) use[(int)MemoryClass.Weights] += 2 * blocks;
            if (p.Sharding == Sharding.Gradients) use[(int)MemoryClass.Gathered] = p.GradientBytes * (p.Pipeline > 1 ? whole * Math.Min(1, 2.0 / rank.Chunks) : 2 * block);
        }
        // Megatron receives into one buffer in each direction; PyTorch's pipelining has one for each microbatch, and keeps what it sent on.
        if (p.Pipeline > 1) use[(int)MemoryClass.Buffers] = (fsdp ? (2 * job.MicroBatches) + Math.Min(job.MicroBatches, p.Pipeline - rank.Stage) : 2) * residual / spread;

        // Prediction blocks stand behind the last block and keep what it does, and their own norms and projection's input.
        var activations = rank.Activations + (predicted * (Kept(job.Model.Prediction, dense, sparse, others, recompute, 1) + (4 * 2 * residual / (2 * spread))));
        if (plan.OffloadBlocks > 0 && rank.Counts.Blocks > 0)
        {
            // Two blocks of a microbatch are on their way.
            var (moved, stay) = (Math.Min(1.0, (double)plan.OffloadBlocks / rank.Counts.Blocks), 2 * KeptMost(dense, sparse, others, recompute));
            var away = Math.Max(0, (moved * rank.Activations) - stay);
            activations -= away;
            host += away;
        }

        // Stand-ins of weight gradients, one for each shape.
        var standIns = 0.0;
        if (!fsdp && !job.FrozenWeights && dense[KeptTensor.Scores] == 0)
        {
            if (rank.Counts.First > 0) standIns += dense.DistinctMatrices;
            if (rank.Counts.Second > 0) standIns += sparse.DistinctMatrices - (rank.Counts.First > 0 ? sparse.AttentionMatrices : 0);
            if (rank.Counts.Third > 0) standIns += others!.StateSpace.DistinctMatrices;
            if (rank.Counts.Fourth > 0) standIns += others!.FeedForward.DistinctMatrices;
        }
        var always = Bf16 * standIns;

        var logits = (double)p.MicroBatch * job.Sequence / p.Context * model.Vocabulary / tp;
        var passing = Math.Max(rank.Counts.First > 0 ? Passing(dense, recompute) : 0, rank.Counts.Second > 0 || prediction > 0 ? Passing(sparse, recompute) : 0);
        if (rank.Counts.Third > 0) passing = Math.Max(passing, Passing(others!.StateSpace, recompute));
        if (rank.Counts.Fourth > 0) passing = Math.Max(passing, Passing(others!.FeedForward, recompute));
        double loss = 0, most = passing, kept = activations;
        var moment = MemoryMoment.Block;
        void Moment(MemoryMoment at, double beside, double activationsThen)
        {
            if (beside + activationsThen <= most + kept) return;
            (moment, most, kept) = (at, beside, activationsThen);
        }
        if (rank.Output)
        {
            // torch-fsdp gathers the final norm's output and keeps it whole.
            // PyTorch's pipelining returns the logits of all microbatches.
            var norm = (2 * residual / spread) + (fsdp && tp > 1 ? residual : 0) + (fsdp && p.Pipeline > 1 ? Bf16 * (job.MicroBatches - 1) * logits : 0);
            var outputGradient = job.FrozenWeights || (fsdp && p.Pipeline > 1) ? 0 : Bf16 * table;
            Moment(MemoryMoment.Loss, norm + (logits * (LossBytes(plan.LossUsed, tp) + (predicted * LossKeptBytes(plan.LossUsed)))), activations);
            Moment(MemoryMoment.Output, norm + (logits * (Bf16 + (predicted * LossKeptBytes(plan.LossUsed)))) + outputGradient + (2 * residual), activations);
        }
        if (rank.Embedding && !job.FrozenWeights) Moment(MemoryMoment.Embedding, Bf16 * table, Math.Max(0, activations - rank.OneMicroBatch));
        // Megatron casts gradients that were summed in BF16; PyTorch's update takes the root of the second moments of all tensors at once.
        if (!job.FrozenWeights && (fsdp || p.GradientBytes < 4)) Moment(MemoryMoment.Optimizer, 4 * Shared(Sharding.Optimizer) * (1 - plan.OffloadOptimizer.Si), 0);
        if (moment is MemoryMoment.Loss or MemoryMoment.Output) (loss, most) = (most, 0);

        use[(int)MemoryClass.Activations] = kept;
        use[(int)MemoryClass.Loss] = loss;
        use[(int)MemoryClass.Passing] = most + always;
        var allocated = 0.0;
        for (var i = 0; i < MemoryUse.ClassCount; i++) allocated += use[i];
        use[(int)MemoryClass.Fragmentation] = CachingAllocator.Tight * allocated;
        use[(int)MemoryClass.Runtime] = runtime.Bytes;
        return new(use, rank.Stage, moment, host, Shared(Sharding.Optimizer));
    }

    /// <summary>Bytes for each logit when the loss and its gradient are computed; a loss over a split vocabulary has more results.</summary>
    static double LossBytes(LossKernel kernel, double tensor) => kernel switch
    {
        LossKernel.InPlace => Bf16 + 4,
        LossKernel.Fused => Bf16 + Bf16,
        _ => tensor > 1 ? 16 : 12,
    };

    /// <summary>Bytes for each logit that the backward pass of the loss needs.</summary>
    static double LossKeptBytes(LossKernel kernel) => kernel == LossKernel.Fused ? Bf16 : 4;

    /// <summary>A rank's parameters with those of prediction blocks, which share the output layer, and the embedding where it isn't far away.</summary>
    static Weights WithPrediction(in TrainingJob job, in RankShape rank)
    {
        var (model, p) = (job.Model, job.Parallelism);
        double n = model.Model.PredictionBlocks;
        var routed = n * model.Prediction.Second * (model.Model.Experts?.Experts ?? 0) * model.ExpertParameters;
        var dense = model.PredictionParameters - routed;
        // Their embedding is a copy of the first stage's.
        if (!rank.Embedding) dense += (double)model.Model.Vocabulary * model.Model.Hidden * (model.Model.TiedEmbeddings ? 0 : 1);
        return new(rank.Weights.Dense + (dense / p.Tensor), rank.Weights.Experts + (routed / p.ExpertSplit / p.Expert));
    }

    /// <summary>Share of a stage's blocks that is computed again in full.</summary>
    static double RecomputedShare(in TrainingJob job, int blocks, Recomputation recompute) =>
        recompute == Recomputation.Full && job.RecomputedBlocks is { } some ? Math.Min(1, (double)some / Math.Max(1, blocks)) : 1;

    /// <summary>Time of a block where only some of a stage's blocks are computed again.</summary>
    static Stage Again(in TrainingJob job, in Stage block) => job.RecomputedBlocks is { } some
        ? block with { Recompute = block.Recompute * Math.Min(1, (double)some * job.Parallelism.Pipeline / job.Model.Model.Layers) }
        : block;

    /// <summary>Bytes that so many blocks keep.</summary>
    static double Kept(in BlockCounts counts, in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, Recomputation recompute, double share)
    {
        var kept = (counts.First * Kept(dense, recompute, share)) + (counts.Second * Kept(sparse, recompute, share));
        return others is null ? kept : kept + (counts.Third * Kept(others.StateSpace, recompute, share)) + (counts.Fourth * Kept(others.FeedForward, recompute, share));
    }

    /// <summary>Bytes of the kind of block that keeps most.</summary>
    static double KeptMost(in BlockActivations dense, in BlockActivations sparse, LayerActivations? others, Recomputation recompute)
    {
        var most = Math.Max(Kept(dense, recompute, 1), Kept(sparse, recompute, 1));
        return others is null ? most : Math.Max(most, Math.Max(Kept(others.StateSpace, recompute, 1), Kept(others.FeedForward, recompute, 1)));
    }

    static double Kept(in BlockActivations block, Recomputation recompute, double share) => recompute == Recomputation.Full
        ? (share * block.Input) + ((1 - share) * block.All)
        : block.Kept(recompute);

    /// <summary>What passes in the backward pass of a block, and what was computed again of it.</summary>
    static double Passing(in BlockActivations block, Recomputation recompute) =>
        block.Passing + block.All - block.Kept(recompute);
}
