using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>The counts of ranks that one kind of evidence allows.</summary>
/// <param name="Evidence">Where it comes from: "busbw over algbw", "size over count", "list of devices".</param>
/// <param name="Low">The fewest.</param>
/// <param name="High">The most; printed figures are rounded, and leave more room the more ranks there are.</param>
public sealed record NcclRankEvidence(string Evidence, int Low, int High)
{
    /// <summary>Prints the evidence.</summary>
    public override string ToString() => Low == High ? $"{Evidence}: {Low:N0}" : $"{Evidence}: {Low:N0} to {High:N0}";
}

/// <summary>One run of a test program: the rows under one header.</summary>
/// <param name="Line">The line of its header, or of its first row where it has none.</param>
/// <param name="Operation">What was measured, or null where the log doesn't say.</param>
/// <param name="Devices">Ranks listed before it, 0 where none is.</param>
/// <param name="Rows">Its rows in order.</param>
public sealed record NcclTestRun(int Line, NcclTestOperation? Operation, int Devices, IReadOnlyList<NcclTestRow> Rows)
{
    /// <summary>GPUs that one process drives, threads times GPUs of a thread; null where the log doesn't say.</summary>
    public int? PerProcess { get; init; }

    // Half of the last digit printed.
    const double HalfDigit = 0.005;

    // Below this the two decimals say too little of a ratio.
    const double LeastBandwidth = 0.5;

    /// <summary>What the run says of its ranks, each kind of evidence by itself. Empty where the log doesn't name the operation.</summary>
    public IReadOnlyList<NcclRankEvidence> Ranks()
    {
        var found = new List<NcclRankEvidence>();
        if (Devices > 0) found.Add(new("list of devices", Devices, Devices));
        if (Operation is null) return found;
        found.AddRange(FromFactors(Operation));
        if (Operation.Sharded && FromCounts() is { } count) found.Add(count);
        return found;
    }

    /// <summary>The ranks on which all evidence agrees; null where there is none, or it leaves a choice or contradicts itself.</summary>
    public int? AgreedRanks()
    {
        var evidence = Ranks();
        if (evidence.Count == 0) return null;
        int low = evidence.Max(e => e.Low), high = evidence.Min(e => e.High);
        return low == high ? low : null;
    }

    /// <summary>Pairs of evidence, what the user claims included, that no count of ranks satisfies.</summary>
    /// <param name="claimed">The ranks that the user says the run had, or null.</param>
    public IReadOnlyList<string> Contradictions(int? claimed = null)
    {
        var evidence = Ranks().ToList();
        if (claimed is { } ranks) evidence.Add(new("as described", ranks, ranks));
        return
        [
            .. from i in Enumerable.Range(0, evidence.Count)
               from j in Enumerable.Range(i + 1, evidence.Count - i - 1)
               where evidence[i].High < evidence[j].Low || evidence[j].High < evidence[i].Low
               select $"ranks by {evidence[i]}; by {evidence[j]}",
        ];
    }

    IEnumerable<NcclRankEvidence> FromFactors(NcclTestOperation operation)
    {
        if (operation.Rounds == 0) yield break;
        var (low, high) = (1.0, double.PositiveInfinity);
        foreach (var row in Rows)
        {
            foreach (var timing in new[] { row.OutOfPlace, row.InPlace })
            {
                if (timing is not { } t) continue;
                double algorithm = t.PrintedAlgorithmBandwidth.GigabytesPerSecond, bus = t.PrintedBusBandwidth.GigabytesPerSecond;
                if (algorithm < LeastBandwidth) continue;
                low = Math.Max(low, operation.RanksOf((bus - HalfDigit) / (algorithm + HalfDigit)));
                var upper = operation.RanksOf((bus + HalfDigit) / (algorithm - HalfDigit));
                if (upper >= 1) high = Math.Min(high, upper);
            }
        }
        int least = (int)Math.Min(int.MaxValue, Math.Ceiling(low - 1e-9)), most = (int)Math.Min(int.MaxValue, Math.Floor(high + 1e-9));
        if (least <= 1 && most == int.MaxValue) yield break;
        if (least <= most)
        {
            yield return new("busbw over algbw", least, most);
            yield break;
        }
        // No count of ranks fits every row: rows of different runs stand under one header. Both sides are named, as a contradiction.
        yield return new("busbw over algbw of some rows", least, int.MaxValue);
        yield return new("busbw over algbw of other rows", 1, most);
    }

    NcclRankEvidence? FromCounts()
    {
        // Sizes are rounded down to whole elements, so that small rows may say less; the largest row is exact.
        var row = Rows.Where(r => r.Count > 0).MaxBy(r => r.Size.Bytes);
        if (row is null || NcclTestReader.BytesOf(row.Type) is not { } width) return null;
        var ranks = (int)Math.Min(int.MaxValue, Math.Round(row.Size.Bytes / (row.Count * (double)width)));
        return ranks >= 1 ? new("size over count", ranks, ranks) : null;
    }
}

/// <summary>A log of nccl-tests or rccl-tests as read.</summary>
/// <param name="Runs">Its runs, in order; at least one.</param>
/// <param name="Skipped">Lines that could not be used, by reason.</param>
public sealed record NcclTestLog(IReadOnlyList<NcclTestRun> Runs, IReadOnlyList<NcclTestSkip> Skipped);
