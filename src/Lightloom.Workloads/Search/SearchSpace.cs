using System.Collections.Immutable;

namespace Lightloom.Workloads;

/// <summary>
/// What a search may choose: everything that is not fixed here. Interleaving, recomputation and schedule are fixed where the job gives them.
/// </summary>
public sealed record SearchSpace
{
    // A tile of fused attention has 128 queries (Dao 2023); with fewer tokens on a context rank tiles stand empty, which no rate here knows of.
    const int LeastTokens = 128;

    /// <summary>Nothing is fixed.</summary>
    public static SearchSpace Everything { get; } = new();

    /// <summary>Accelerators that split each matrix.</summary>
    public int? Tensor { get; init; }

    /// <summary>Accelerators that split each sequence.</summary>
    public int? Context { get; init; }

    /// <summary>Accelerators that split the experts.</summary>
    public int? Expert { get; init; }

    /// <summary>Accelerators that split each expert's matrices; whether each tensor group splits its experts by itself is a choice too unless given.</summary>
    public int? ExpertTensor { get; init; }

    /// <summary>Pipeline stages.</summary>
    public int? Pipeline { get; init; }

    /// <summary>Sequences of one microbatch.</summary>
    public int? MicroBatch { get; init; }

    /// <summary>Whether tensor groups split the sequence between matrices.</summary>
    public bool? SequenceParallel { get; init; }

    /// <summary>What data-parallel ranks share.</summary>
    public Sharding? Sharding { get; init; }

    /// <summary>Whether zero-3 gathers weights again for the backward pass.</summary>
    public bool? Reshard { get; init; }

    /// <summary>Whether sets of data-parallel ranks that share states by themselves are sought; they are as the job has them otherwise.</summary>
    public bool ShardGroups { get; init; } = true;

    /// <summary>The space of a parallelism of which some keys are given and the others are sought.</summary>
    /// <param name="parallelism">The parallelism as read.</param>
    /// <param name="gave">Whether a key of it ("tensor") was given.</param>
    public static SearchSpace Of(in Parallelism parallelism, Func<string, bool> gave)
    {
        ArgumentNullException.ThrowIfNull(gave);
        return new()
        {
            Tensor = gave("tensor") ? parallelism.Tensor : null,
            Context = gave("context") ? parallelism.Context : null,
            Expert = gave("expert") ? parallelism.Expert : null,
            Pipeline = gave("pipeline") ? parallelism.Pipeline : null,
            MicroBatch = gave("microBatch") ? parallelism.MicroBatch : null,
            SequenceParallel = gave("sequenceParallel") ? parallelism.SequenceParallel : null,
            Sharding = gave("sharding") ? parallelism.Sharding : null,
            ExpertTensor = gave("expertTensor") ? parallelism.ExpertTensor : null,
            Reshard = gave("reshard") ? parallelism.Reshard : null,
            ShardGroups = !gave("shardGroup"),
        };
    }

    /// <summary>The job with everything that is fixed and the plainest choice elsewhere.</summary>
    internal TrainingJob Plainest(in TrainingJob job) => job with
    {
        Parallelism = job.Parallelism with
        {
            Choice = ParallelismChoice.Given,
            Tensor = Tensor ?? 1,
            Context = Context ?? 1,
            Expert = Expert ?? 1,
            ExpertTensor = ExpertTensor,
            Pipeline = Pipeline ?? 1,
            MicroBatch = MicroBatch ?? 1,
            SequenceParallel = SequenceParallel ?? true,
            Sharding = Sharding ?? Workloads.Sharding.Optimizer,
            Reshard = Reshard ?? true,
        },
    };

    internal ImmutableArray<int> Tensors(in TrainingJob job) => Tensor is { } given ? [given] : Divisors(job.Accelerators, job.Model.Model.Heads);

    internal ImmutableArray<int> Contexts(in TrainingJob job) => Context is { } given ? [given] : Divisors(job.Accelerators, Math.Max(1, job.Sequence / LeastTokens));

    internal ImmutableArray<int> Experts(in TrainingJob job) =>
        Expert is { } given ? [given] : job.Model.Model.Experts is { } experts ? Divisors(experts.Experts, experts.Experts) : [1];

    // Experts that tensor groups don't split fold over these, and over context ranks; with neither there is nothing to fold over.
    internal ImmutableArray<int?> ExpertTensors(in TrainingJob job, int tensor, int context) => ExpertTensor is { } given ? [given]
        : job.Model.Model.Experts is null || tensor * context == 1 ? [null]
        : [null, .. Divisors(tensor, context > 1 ? tensor : tensor / 2).Select(d => (int?)d)];

    internal ImmutableArray<int> Pipelines(in TrainingJob job) => Pipeline is { } given ? [given] : Divisors(job.Accelerators, job.Model.Model.Layers);

    internal ImmutableArray<int> MicroBatches(in TrainingJob job) => MicroBatch is { } given ? [given] : Divisors(job.GlobalBatch, job.GlobalBatch);

    internal ImmutableArray<bool> SequenceParallels(int tensor) => SequenceParallel is { } given ? [given] : tensor > 1 ? [true, false] : [true];

    // One rank has nothing to share: all kinds are alike.
    internal ReadOnlySpan<Sharding> Shardings(int ranks) => Sharding is { } given ? All.Slice((int)given, 1) : ranks > 1 ? All : All.Slice((int)Workloads.Sharding.Optimizer, 1);

    // Only zero-3 can keep what it gathered.
    internal ReadOnlySpan<bool> Reshards(Sharding sharding) =>
        Reshard is { } given ? (given ? Again[..1] : Again[1..]) : sharding == Workloads.Sharding.Weights ? Again : Again[..1];

    static ReadOnlySpan<bool> Again => [true, false];

    static ReadOnlySpan<Sharding> All => [Workloads.Sharding.None, Workloads.Sharding.Optimizer, Workloads.Sharding.Gradients, Workloads.Sharding.Weights];

    // Sets of one rank share nothing, and of all ranks there is one set.
    internal static ImmutableArray<int> ShardGroupsOf(int ranks) => [.. Divisors(ranks, ranks - 1).Where(d => d > 1)];

    internal static ImmutableArray<int> Divisors(int number, int most)
    {
        var low = new List<int>();
        var high = new List<int>();
        for (var d = 1; (long)d * d <= number; d++)
        {
            if (number % d != 0) continue;
            if (d <= most) low.Add(d);
            if (d != number / d && number / d <= most) high.Add(number / d);
        }
        high.Reverse();
        return [.. low, .. high];
    }
}

/// <summary>How a search goes about it.</summary>
public sealed record SearchOptions
{
    /// <summary>The fastest and the second.</summary>
    public static SearchOptions Default { get; } = new();

    /// <summary>Combinations of degrees that are kept, the fastest first; at least 1.</summary>
    public int Top { get; init; } = 2;

    /// <summary>Up to so many times the best's time choices between time and memory are sought; 1 for none.</summary>
    public double FrontierWithin { get; init; } = 1;

    /// <summary>Whether the kept combinations with a pipeline are played out in every schedule.</summary>
    public bool Schedules { get; init; } = true;

    /// <summary>Whether bounds leave out what can't be among the results; the results are the same without.</summary>
    public bool Prune { get; init; } = true;

    /// <summary>Threads; the result doesn't depend on it.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;
}
