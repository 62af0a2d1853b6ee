using Lightloom.Catalog.Documents;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>A rule of parallelism that a job breaks: which of its keys, why, and what would do.</summary>
/// <param name="field">The key of the job that is wrong, as in the design document ("parallelism.pipeline").</param>
/// <param name="problem">The rule and the nearest valid choices.</param>
public sealed class JobException(string field, string problem) : Exception(problem)
{
    /// <summary>The key of the job that is wrong.</summary>
    public string Field { get; } = field;
}

/// <summary>A training job with every degree known: a model on so many accelerators. A search makes millions of them on the stack.</summary>
public readonly record struct TrainingJob
{
    /// <summary>The model.</summary>
    public required ModelSize Model { get; init; }

    /// <summary>Tokens of one sequence.</summary>
    public required int Sequence { get; init; }

    /// <summary>Sequences of one step.</summary>
    public required int GlobalBatch { get; init; }

    /// <summary>Number format of matrix multiplications.</summary>
    public required Precision Precision { get; init; }

    /// <summary>Degrees of parallelism.</summary>
    public required Parallelism Parallelism { get; init; }

    /// <summary>
    /// Whether the model's own weights stand still and small adapters beside them learn (LoRA): their gradients are passed through but none
    /// are made of weights, and neither optimiser nor data group has more than the adapters to work on, which are left out.
    /// </summary>
    public bool FrozenWeights { get; init; }

    /// <summary>Accelerators that the job runs on.</summary>
    public required int Accelerators { get; init; }

    /// <summary>How memory is used where the degrees don't say it; Megatron's way unless given.</summary>
    public MemoryPlan Memory { get => field ?? MemoryPlan.Default; init; }

    // Blocks of each stage that full recomputation was found to need, where nobody said; all, or those of the plan, where null.
    internal int? FewestBlocks { get; init; }

    /// <summary>Blocks of each stage that full recomputation computes again, the others keeping everything; null for all.</summary>
    public int? RecomputedBlocks => FewestBlocks ?? Memory.RecomputeBlocks;

    /// <summary>Replicas that split the batch.</summary>
    public int DataParallel => (int)(Accelerators / Parallelism.ModelParallel);

    /// <summary>Microbatches that one replica computes in a step.</summary>
    public int MicroBatches => GlobalBatch / DataParallel / Parallelism.MicroBatch;

    /// <summary>Whether the job keeps every rule; far cheaper than <see cref="Checked"/> where most candidates break one.</summary>
    public bool IsValid => Broken == JobRule.None;

    /// <summary>The first rule that the job breaks, in the order in which they are checked; nothing is allocated unless a schedule is named.</summary>
    public JobRule Broken
    {
        get
        {
            var (p, model) = (Parallelism, Model.Model);
            var replica = p.ModelParallel;
            if (replica > Accelerators) return JobRule.ReplicaFits;
            if (Accelerators % replica != 0) return JobRule.ReplicaDividesAccelerators;
            if (model.Heads % p.Tensor != 0) return JobRule.TensorDividesHeads;
            if (!SplitsKeyValueHeads(p.Tensor)) return JobRule.TensorSplitsKeyValueHeads;
            if ((model.Pattern is null || Model.Counts.Fourth > 0) && model.FeedForward % p.Tensor != 0) return JobRule.TensorDividesFeedForward;
            if (model.Experts is { } experts && experts.FeedForward % p.ExpertSplit != 0) return JobRule.TensorDividesExperts;
            if (model.StateSpace is { } space && space.Groups % p.Tensor != 0) return JobRule.TensorDividesStateSpace;
            if (Sequence % p.Context != 0) return JobRule.ContextDividesSequence;
            if (model.StateSpace is { } exchanged && exchanged.Heads / p.Tensor % p.Context != 0) return JobRule.ContextDividesStateSpace;
            if (p.Pipeline > model.Layers) return JobRule.StageHasLayer;
            if (p.Interleave is > 1 && p.Pipeline == 1) return JobRule.InterleaveHasPipeline;
            // A named schedule has its own cut of the model, see BrokenSchedule.
            if ((p.Schedule is null || p.Pipeline == 1) && !StageLayout.Fits(model.Layers, p.Pipeline * (p.Interleave ?? 1))) return JobRule.ChunksShareLayers;
            var replicas = (int)(Accelerators / replica);
            if (p.Expert > 1)
            {
                if (model.Experts is not { } split) return JobRule.ModelHasExperts;
                if (split.Experts % p.Expert != 0) return JobRule.ExpertDividesExperts;
                if (p.Tensor % p.ExpertSplit != 0) return JobRule.ExpertTensorDividesTensor;
                if (p.ExpertTensor is null ? replicas % p.Expert != 0 : !Folds(p, replicas)) return JobRule.ExpertDividesReplicas;
            }
            if (p.ShardGroup is { } shards && !SharesEvenly(shards)) return JobRule.ShardGroupIsEven;
            if (GlobalBatch % ((long)replicas * p.MicroBatch) != 0) return JobRule.MicroBatchesDivideBatch;
            if (p.ScheduleGroup is not null && p.Schedule != PipelineKind.Interleaved) return JobRule.GroupHasInterleavedSchedule;
            if (p.StageLayers is not null && BrokenStageLayers() is not null) return JobRule.StageLayersSumUp;
            if (p.Schedule is not null && BrokenSchedule() is not null) return JobRule.ScheduleTakesJob;
            if (p.Order is { } order && order.Distinct().Count() < order.Count) return JobRule.OrderNamesOnce;
            if (p.ExpertTensor is not null && p.Order is not null && new RankOrder(this) is var ranks &&
                (ranks.Stride(ParallelDimension.Tensor) > 1 || ranks.Stride(ParallelDimension.Context) > p.Tensor || ranks.Stride(ParallelDimension.Expert) > p.Tensor * p.Context))
                return JobRule.FoldedExpertsStandInside;
            return p.Schedule is null && p.Interleave is > 1 && MicroBatches % p.Pipeline != 0 ? JobRule.RoundsFillStages : Memory.Broken(this);
        }
    }

    /// <summary>Checks the rules that every job keeps.</summary>
    /// <exception cref="JobException">A rule is broken.</exception>
    public TrainingJob Checked() => Broken is var rule && rule == JobRule.None ? this : throw Explain(rule);

    JobException Explain(JobRule rule)
    {
        var p = Parallelism;
        var model = Model.Model;
        return rule switch
        {
            JobRule.ReplicaFits => new("parallelism",
                $"{Replica(p)} needs {p.ModelParallel:N0} accelerators for one replica; the job has {Accelerators:N0}"),
            JobRule.ReplicaDividesAccelerators => new("parallelism",
                $"{Replica(p)} = {p.ModelParallel:N0} does not divide the job's {Accelerators:N0} accelerators; {NearestMultiples(Accelerators, p.ModelParallel)}"),
            JobRule.TensorDividesHeads => Divides("parallelism.tensor", p.Tensor, model.Heads, "the attention heads"),
            JobRule.TensorSplitsKeyValueHeads => new("parallelism.tensor", $"tensor {p.Tensor} is neither a divisor nor a multiple of the {Model.KeyValueHeads} " +
                $"key-value heads; nearest {NearestTensor(p.Tensor)}"),
            JobRule.TensorDividesFeedForward => Divides("parallelism.tensor", p.Tensor, model.FeedForward, "the feed-forward size"),
            JobRule.TensorDividesExperts => Divides(p.ExpertTensor is null ? "parallelism.tensor" : "parallelism.expertTensor", p.ExpertSplit, model.Experts!.FeedForward, "the experts' feed-forward size"),
            JobRule.TensorDividesStateSpace => Divides("parallelism.tensor", p.Tensor, model.StateSpace!.Groups, "the groups of a state space layer"),
            JobRule.ContextDividesSequence => Divides("parallelism.context", p.Context, Sequence, "the sequence"),
            JobRule.ContextDividesStateSpace => Divides("parallelism.context", p.Context, model.StateSpace!.Heads / p.Tensor, "the heads of a state space layer on a tensor rank"),
            JobRule.StageHasLayer => new("parallelism.pipeline", $"{p.Pipeline} pipeline stages are more than the model's {model.Layers} layers"),
            JobRule.InterleaveHasPipeline => new("parallelism.interleave", "interleaving needs more than one pipeline stage"),
            JobRule.ChunksShareLayers => BrokenChunks(p, model.Layers),
            JobRule.ModelHasExperts => new("parallelism.expert", $"the model '{model.Key}' has no experts to split"),
            JobRule.ExpertDividesExperts => Divides("parallelism.expert", p.Expert, model.Experts!.Experts, "the experts"),
            JobRule.ExpertTensorDividesTensor => Divides("parallelism.expertTensor", p.ExpertSplit, p.Tensor, "the tensor group"),
            JobRule.ExpertDividesReplicas when p.ExpertTensor is not null => new("parallelism.expert",
                $"expert {p.Expert} x expertTensor {p.ExpertSplit} does not fold over tensor {p.Tensor} x context {p.Context} x data {DataParallel}; " +
                NearestFolds(p, model.Experts!.Experts)),
            JobRule.ExpertDividesReplicas => new("parallelism.expert",
                $"expert {p.Expert} does not divide the data-parallel degree {DataParallel}; nearest {NearestDivisors(DataParallel, p.Expert)}"),
            JobRule.ShardGroupIsEven => new("parallelism.shardGroup",
                $"{p.ShardGroup:N0} ranks that share states are no even share of context {p.Context} x data {DataParallel}; nearest {NearestShards(p.ShardGroup!.Value)}"),
            JobRule.MicroBatchesDivideBatch => new("globalBatch", $"{GlobalBatch:N0} sequences do not split into {DataParallel:N0} replicas of microbatches of " +
                $"{p.MicroBatch}; {NearestMultiples(GlobalBatch, (long)DataParallel * p.MicroBatch)}"),
            JobRule.GroupHasInterleavedSchedule => new("parallelism.scheduleGroup", "only the schedule interleaved-1f1b takes microbatches in groups"),
            JobRule.StageLayersSumUp => BrokenStageLayers()!,
            JobRule.ScheduleTakesJob => BrokenSchedule()!,
            JobRule.FoldedExpertsStandInside => new("parallelism.order",
                "experts are folded over tensor and context groups (expertTensor), which must stand innermost: expected an order that begins with tensor, context, expert"),
            JobRule.OrderNamesOnce => new("parallelism.order",
                $"'{DocumentShape.NameOf(p.Order!.GroupBy(d => d).First(g => g.Count() > 1).Key)}' is named more than once; expected each of " +
                $"{string.Join(", ", RankOrder.Usual.Select(d => DocumentShape.NameOf(d)))} once, from innermost to outermost"),
            JobRule.FormatsExist or JobRule.PartsAreRecomputed or JobRule.ModulesAreSelective or JobRule.StageHasBlocks => Memory.Explain(this, rule),
            _ => new("parallelism.interleave", $"interleaving needs microbatches in whole rounds of the {p.Pipeline} stages; " +
                $"a replica has {MicroBatches:N0}, {NearestMultiples(MicroBatches, p.Pipeline)}"),
        };
    }

    internal bool SharesEvenly(int ranks) => new GroupLayout(this, [int.MaxValue]).SharesEvenly(ranks);

    string NearestShards(int ranks)
    {
        var all = DataParallel * Parallelism.Context;
        var job = this;
        var below = Enumerable.Range(1, Math.Min(ranks, all)).Last(job.SharesEvenly);
        var above = ranks < all ? Enumerable.Range(ranks, all - ranks + 1).FirstOrDefault(job.SharesEvenly, below) : below;
        return below == above ? $"is {below:N0}" : $"are {below:N0} and {above:N0}";
    }

    // An expert group fills whole tensor and context groups of neighbouring replicas, or a whole share of one.
    static bool Folds(in Parallelism p, int replicas)
    {
        long ranks = (long)p.Expert * p.ExpertSplit, inside = (long)p.Tensor * p.Context;
        return ranks >= inside ? ranks % inside == 0 && replicas % (ranks / inside) == 0 : inside % ranks == 0;
    }

    string NearestFolds(Parallelism p, int experts)
    {
        var replicas = DataParallel;
        bool Does(int d) => experts % d == 0 && Folds(p with { Expert = d }, replicas);
        var below = Enumerable.Range(1, Math.Min(p.Expert, experts)).LastOrDefault(Does);
        var above = Enumerable.Range(p.Expert, Math.Max(0, experts - p.Expert + 1)).FirstOrDefault(Does);
        return (below, above) switch
        {
            (0, 0) => "no number of expert ranks does",
            (0, _) => $"nearest is {above}",
            (_, 0) => $"nearest is {below}",
            _ => $"nearest are {below} and {above}",
        };
    }

    static string Replica(Parallelism p) => $"tensor {p.Tensor} x context {p.Context} x pipeline {p.Pipeline}";

    // Heads of keys and values are dealt whole: some to each rank, or one to some ranks.
    bool SplitsKeyValueHeads(int tensor) =>
        Model.Model.Latent is not null || Model.KeyValueHeads % tensor == 0 || tensor % Model.KeyValueHeads == 0;

    string NearestTensor(int tensor)
    {
        var job = this;
        bool Does(int d) => job.Model.Model.Heads % d == 0 && job.SplitsKeyValueHeads(d);
        var heads = Model.Model.Heads;
        var below = Enumerable.Range(1, tensor).Last(Does);
        var above = Enumerable.Range(tensor, heads - tensor + 1).FirstOrDefault(Does, below);
        return below == above ? $"is {below}" : $"are {below} and {above}";
    }

    /// <summary>
    /// Whether the host waits for how many tokens each expert has before it launches them: where they take all that come, and no whole iteration is recorded.
    /// </summary>
    /// <param name="recordsIterations">Whether the software records whole iterations unless the job says otherwise.</param>
    public bool WaitsForCounts(bool recordsIterations) =>
        Model.Model.Experts is not null && Parallelism.ExpertCapacity is null
        && (Parallelism.Graphs is { } graphs ? graphs != RecordedGraphs.Iteration : !recordsIterations);

    /// <summary>The schedule by name, where there is a pipeline to order.</summary>
    internal IPipelineSchedule? Schedule => Parallelism is { Schedule: { } kind, Pipeline: > 1 } ? PipelineSchedules.Of(kind) : null;

    /// <summary>The pipeline's step with so many chunks on each stage.</summary>
    internal PipelineShape Shape(int chunks) => new(Parallelism.Pipeline, chunks, MicroBatches) { Group = Parallelism.ScheduleGroup ?? 0 };

    /// <summary>The fewest and the most chunks of a stage that come into question, of as many as layers allow.</summary>
    internal (int Fewest, int Most) Chunks(int most) => Schedule is { } schedule
        ? schedule.Chunks is { } own ? (own, own) : (Parallelism.Interleave ?? 2, Parallelism.Interleave ?? most)
        : (Parallelism.Interleave ?? 1, Parallelism.Interleave ?? most);

    /// <summary>Whether so many chunks of a stage share the layers, and the microbatches fill the named schedule.</summary>
    internal bool Fits(int chunks) => Schedule is { } schedule
        ? schedule.Broken(Shape(chunks)) is null && (Parallelism.StageLayers is { } given
            ? given.Count == Positions(schedule, chunks)
            : StageLayout.Fits(Model.Model.Layers, Positions(schedule, chunks)))
        : StageLayout.Fits(Model.Model.Layers, Parallelism.Pipeline * chunks);

    int Positions(IPipelineSchedule schedule, int chunks) => new PipelinePlacement(schedule.Path, Parallelism.Pipeline, chunks).Positions;

    JobException? BrokenStageLayers()
    {
        if (Parallelism.StageLayers is not { } given) return null;
        const string Field = "parallelism.stageLayers";
        if (Schedule is null) return new(Field, "layers are given to the parts of a named schedule on more than one stage: 'schedule' and 'pipeline' are needed");
        if (given.Any(n => n < 0)) return new(Field, $"a part can't have {given.First(n => n < 0)} layers");
        var sum = given.Sum(n => (long)n);
        return sum == Model.Model.Layers ? null : new(Field, $"the parts have {sum:N0} layers in all, the model {Model.Model.Layers:N0}");
    }

    JobException? BrokenSchedule()
    {
        if (Schedule is not { } schedule) return null;
        var (p, layers) = (Parallelism, Model.Model.Layers);
        if (schedule.Chunks is { } own && p.Interleave is { } given && given != own)
            return new("parallelism.interleave", $"{DocumentShape.NameOf(schedule.Kind)} has {own} {(own == 1 ? "chunk" : "chunks")} on each stage, not {given}");
        var (fewest, most) = Chunks(Math.Max(2, (layers + 2) / p.Pipeline));
        for (var chunks = fewest; chunks <= most; chunks++)
            if (Fits(chunks)) return null;
        if (schedule.Broken(Shape(fewest)) is { } broken) return new("parallelism.schedule", broken);
        var positions = Positions(schedule, fewest);
        if (p.StageLayers is { } list)
        {
            var parts = fewest == most ? $"{positions}" : $"a multiple of {p.Pipeline} from {positions} on";
            return new("parallelism.stageLayers", $"{DocumentShape.NameOf(schedule.Kind)} on {p.Pipeline} stages cuts the model into {parts}; {list.Count} are given");
        }
        return new("parallelism.schedule",
            $"{DocumentShape.NameOf(schedule.Kind)} cuts the model into {positions}, which divide neither the {layers} layers nor {layers + 2} (embedding and " +
            $"output counted as a layer each); the nearest numbers that do are {NearestChunks(layers, positions)}");
    }

    static JobException BrokenChunks(Parallelism p, int layers)
    {
        var chunks = p.Pipeline * (p.Interleave ?? 1);
        return new(p.Interleave is > 1 ? "parallelism.interleave" : "parallelism.pipeline",
            $"{chunks} model chunks divide neither the {layers} layers nor {layers + 2} (embedding and output counted as a layer " +
            $"each); the nearest numbers of chunks that do are {NearestChunks(layers, chunks)}");
    }

    static JobException Divides(string field, int degree, int whole, string what) => new(
        field, $"{field[(field.LastIndexOf('.') + 1)..]} {degree} does not divide {what} ({whole:N0}); nearest {NearestDivisors(whole, degree)}");

    static string NearestMultiples(long number, long divisor)
    {
        var below = number / divisor * divisor;
        return below == 0 ? $"the nearest number that it divides is {divisor:N0}" : $"the nearest numbers that it divides are {below:N0} and {below + divisor:N0}";
    }

    static string NearestDivisors(int whole, int degree)
    {
        var (below, above) = Divisors.Nearest(whole, degree);
        return below == above ? $"is {below}" : $"are {below} and {above}";
    }

    static string NearestChunks(int layers, int chunks)
    {
        var below = Enumerable.Range(1, Math.Min(chunks, layers)).Last(c => StageLayout.Fits(layers, c));
        var above = Enumerable.Range(chunks, Math.Max(1, layers + 3 - chunks)).FirstOrDefault(c => StageLayout.Fits(layers, c), below);
        return below == above ? $"{below}" : $"{below} and {above}";
    }
}

/// <summary>How layers, embedding and output are dealt to pipeline chunks.</summary>
public static class StageLayout
{
    /// <summary>
    /// Whether so many chunks share the layers evenly, either by themselves or with the embedding and the output layer counted as
    /// one layer each, so that the first and the last chunk carry one layer less (Llama 3's 126 layers on 16 stages).
    /// </summary>
    public static bool Fits(int layers, int chunks) => layers % chunks == 0 || (layers + 2) % chunks == 0;

    /// <summary>Layers of a middle stage, and layers that the first and the last stage each carry less.</summary>
    public static (int PerStage, int Less) Deal(int layers, int stages, int interleave) =>
        layers % (stages * interleave) == 0 ? (layers / stages, 0) : ((layers + 2) / stages, 1);
}

/// <summary>Blocks of each pipeline stage of a job by kind.</summary>
readonly struct StageDeal
{
    readonly int layers, stages, interleave, perStage, less, dense;
    readonly ModelSize model;

    public StageDeal(TrainingJob job, int interleave)
    {
        (layers, stages, this.interleave) = (job.Model.Model.Layers, job.Parallelism.Pipeline, interleave);
        (perStage, less) = StageLayout.Deal(layers, stages, interleave);
        Mixed = job.Model.Model.Pattern is not null || (job.Model.Model.Experts is not null && job.Model.DenseLayers > 0);
        // A model without experts has only dense blocks.
        (dense, model) = (job.Model.DenseLayers, job.Model);
    }

    /// <summary>Whether stages differ by their kinds of blocks.</summary>
    public bool Mixed { get; }

    /// <summary>Whether another deal of the same model to as many stages gives every stage the same blocks.</summary>
    public bool Equals(in StageDeal other) =>
        perStage == other.perStage && less == other.less && (!Mixed || interleave == other.interleave);

    public BlockCounts this[int stage]
    {
        get
        {
            if (stages == 1) return model.Counts;
            var pattern = model.Model.Pattern is not null;
            var blocks = perStage - (stage == 0 ? less : 0) - (stage == stages - 1 ? less : 0);
            if (!pattern && (dense == 0 || dense >= layers)) return new(blocks, Math.Min(dense, blocks));
            // Chunk c of this stage is the (c·stages + stage)-th of the model; the first of all has `less` blocks fewer.
            var (chunk, counts) = (perStage / interleave, default(BlockCounts));
            for (var c = 0; c < interleave; c++)
            {
                var at = (c * stages) + stage;
                var from = at == 0 ? 0 : (at * chunk) - less;
                var to = Math.Min(layers, ((at + 1) * chunk) - less);
                counts += model.Between(from, to);
            }
            return counts;
        }
    }
}
