using Lightloom.Collectives;

namespace Lightloom.Workloads;

/// <summary>The groups of a job that communicate in a step.</summary>
public enum StepGroup
{
    /// <summary>Ranks that split one matrix.</summary>
    Tensor,

    /// <summary>Ranks that split one sequence.</summary>
    Context,

    /// <summary>Ranks that split the experts.</summary>
    Expert,

    /// <summary>Ranks that split each expert's matrices.</summary>
    ExpertTensor,

    /// <summary>The stages of one pipeline.</summary>
    Pipeline,

    /// <summary>The first and the last stage of one pipeline.</summary>
    PipelineEnds,

    /// <summary>Ranks that hold the same dense weights.</summary>
    Data,

    /// <summary>Ranks that hold the same experts.</summary>
    ExpertData,

    /// <summary>Ranks that share one set of states of dense weights.</summary>
    Shard,

    /// <summary>Ranks that hold the same share of such sets.</summary>
    ShardCopies,

    /// <summary>Ranks that share one set of states of experts.</summary>
    ExpertShard,

    /// <summary>Ranks that hold the same share of those.</summary>
    ExpertShardCopies,
}

/// <summary>A collective of a step: every group of its kind does it at once.</summary>
/// <param name="Group">Whose it is.</param>
/// <param name="Kind">What is done.</param>
/// <param name="Size">Its size, in the convention of its kind.</param>
/// <param name="Placement">Where the ranks of one group sit.</param>
public readonly record struct StepCollective(StepGroup Group, CollectiveKind Kind, Quantities.DataSize Size, GroupPlacement Placement);

/// <summary>
/// The ranks of one kind of groups: first + Σ place·stride, with so many places on each of up to three axes. The ranks of a job fall into such groups
/// whole, each rank into one of them. Lives on the stack.
/// </summary>
public readonly struct RankGroup
{
    readonly (int Count, int Stride) inner, middle, outer; // a count of 0: no such axis
    readonly bool ends;                                    // of the only axis no more than the first and the last

    RankGroup((int, int) inner, (int, int) middle, (int, int) outer, bool ends) => (this.inner, this.middle, this.outer, this.ends) = (inner, middle, outer, ends);

    /// <summary>Ranks at equal distances.</summary>
    public static RankGroup Strided(int ranks, int stride) => new((ranks, stride), default, default, false);

    /// <summary>The first and the last of ranks at equal distances.</summary>
    public static RankGroup EndsOf(int ranks, int stride) => new((ranks, stride), default, default, true);

    /// <summary>The group repeated at equal distances.</summary>
    public RankGroup And(int count, int stride) => middle.Count == 0 ? new(inner, (count, stride), default, false) : new(inner, middle, (count, stride), false);

    /// <summary>Ranks of one group.</summary>
    public int Ranks => ends ? 2 : inner.Count * Math.Max(1, middle.Count) * Math.Max(1, outer.Count);

    /// <summary>The ranks of every group among the first so many, ascending.</summary>
    public IEnumerable<int[]> Groups(int ranks)
    {
        for (var r = 0; r < ranks; r++)
            if (IsFirst(r, inner) && IsFirst(r, middle) && IsFirst(r, outer)) yield return Members(r);
    }

    /// <summary>How many of its ranks sit in one unit of each level, in the group of the kind that units cut worst.</summary>
    /// <param name="spans">Accelerators of one unit of each level, innermost first.</param>
    /// <param name="ranks">Ranks of the job, which fall into such groups.</param>
    public GroupPlacement Placement(ReadOnlySpan<int> spans, int ranks)
    {
        if (ends) return PlacedEnds(spans, ranks);
        var placed = GroupPlacement.Strided(inner.Count, inner.Stride, spans, ranks);
        if (middle.Count > 0) placed = placed.Repeated(middle.Count, middle.Stride, spans, ranks);
        return outer.Count > 0 ? placed.Repeated(outer.Count, outer.Stride, spans, ranks) : placed;
    }

    // The ends share a unit where every such group is in one.
    GroupPlacement PlacedEnds(ReadOnlySpan<int> spans, int ranks)
    {
        Span<int> within = stackalloc int[spans.Length];
        var block = (long)inner.Count * inner.Stride;
        for (var i = 0; i < spans.Length; i++) within[i] = ranks <= spans[i] || spans[i] % block == 0 ? 2 : 1;
        within[^1] = 2;
        return GroupPlacement.Of(within);
    }

    int[] Members(int first)
    {
        if (ends) return [first, first + ((inner.Count - 1) * inner.Stride)];
        var members = new int[Ranks];
        var n = 0;
        for (var o = 0; o < Math.Max(1, outer.Count); o++)
            for (var m = 0; m < Math.Max(1, middle.Count); m++)
                for (var i = 0; i < inner.Count; i++) members[n++] = first + (o * outer.Stride) + (m * middle.Stride) + (i * inner.Stride);
        Array.Sort(members);
        return members;
    }

    static bool IsFirst(int rank, (int Count, int Stride) axis) => axis.Count == 0 || rank / axis.Stride % axis.Count == 0;
}
