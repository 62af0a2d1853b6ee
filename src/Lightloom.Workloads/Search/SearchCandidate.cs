namespace Lightloom.Workloads;

/// <summary>One configuration that a search predicted; Blocks are those of a stage that are computed again in full, 0 for all. Candidates are ordered wholly, so that no result depends on who found it first.</summary>
readonly record struct SearchCandidate(
    int Tensor, int Context, int Expert, int? ExpertTensor, int Pipeline, int MicroBatch, bool SequenceParallel, int Interleave, Sharding Sharding, bool Reshard, int? ShardGroup,
    Recomputation Recompute, int Blocks, double Seconds, double Bytes, long Ordinal)
{
    public TrainingJob Of(in TrainingJob job) => job with
    {
        FewestBlocks = Blocks > 0 ? Blocks : job.FewestBlocks,
        Parallelism = job.Parallelism with
        {
            Choice = ParallelismChoice.Given,
            Tensor = Tensor,
            Context = Context,
            Expert = Expert,
            ExpertTensor = ExpertTensor,
            Pipeline = Pipeline,
            MicroBatch = MicroBatch,
            SequenceParallel = SequenceParallel,
            Interleave = Interleave,
            Sharding = Sharding,
            Reshard = Reshard,
            ShardGroup = ShardGroup,
            Recompute = Recompute,
        },
    };

    /// <summary>Faster; of equally fast ones, in less memory; of those, plainer.</summary>
    public bool FasterThan(in SearchCandidate other) =>
        Seconds != other.Seconds ? Seconds < other.Seconds : Bytes != other.Bytes ? Bytes < other.Bytes : Ordinal < other.Ordinal;

    /// <summary>In less memory; of equal ones, faster; of those, plainer.</summary>
    public bool SmallerThan(in SearchCandidate other) =>
        Bytes != other.Bytes ? Bytes < other.Bytes : Seconds != other.Seconds ? Seconds < other.Seconds : Ordinal < other.Ordinal;
}

/// <summary>The best few candidates in order.</summary>
sealed class BestCandidates(int most, bool bySize)
{
    readonly SearchCandidate[] items = new SearchCandidate[most];

    public int Count { get; private set; }

    public ReadOnlySpan<SearchCandidate> Items => items.AsSpan(0, Count);

    /// <summary>Seconds that the next must not go beyond to be taken.</summary>
    public double Limit => Count < items.Length ? double.PositiveInfinity : items[^1].Seconds;

    public void Offer(in SearchCandidate candidate)
    {
        if (Count == items.Length && !Before(candidate, items[^1])) return;
        var at = Count < items.Length ? Count++ : items.Length - 1;
        for (; at > 0 && Before(candidate, items[at - 1]); at--) items[at] = items[at - 1];
        items[at] = candidate;
    }

    public void Offer(BestCandidates others)
    {
        foreach (var candidate in others.Items) Offer(candidate);
    }

    public void Clear() => Count = 0;

    bool Before(in SearchCandidate a, in SearchCandidate b) => bySize ? a.SmallerThan(b) : a.FasterThan(b);
}

/// <summary>Candidates of which none is both no slower and no larger than another: rising times, falling memory.</summary>
sealed class CandidateFrontier
{
    readonly List<SearchCandidate> items = [];

    public IReadOnlyList<SearchCandidate> Items => items;

    public void Offer(in SearchCandidate candidate)
    {
        // The first item that is not before the candidate.
        int low = 0, high = items.Count;
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (items[middle].FasterThan(candidate)) low = middle + 1;
            else high = middle;
        }
        if (low > 0 && items[low - 1].Bytes <= candidate.Bytes) return;
        var last = low;
        while (last < items.Count && items[last].Bytes >= candidate.Bytes) last++;
        if (last == low)
        {
            items.Insert(low, candidate);
            return;
        }
        items[low] = candidate;
        items.RemoveRange(low + 1, last - low - 1);
    }

    public void Offer(CandidateFrontier others)
    {
        foreach (var candidate in others.items) Offer(candidate);
    }

    public void Clear() => items.Clear();
}
