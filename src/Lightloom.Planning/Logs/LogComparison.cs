// A user's log beside what the model expects of the cluster that the user describes.
//
//   ratio    measured over expected time; inside where the band of the class and size holds it (CollectiveAccuracy)
//   launched one process drives all accelerators of one node unless the log says otherwise, or rows of which hosts set the time are quicker
//            than that and nearer to what the accelerators alone take: no call can undercut its launch
//   slow     beyond the band with the causes found; or a row that takes half as long again, and so beside the quicker quarter of its own run:
//            rows of one run differ by far less than systems do
//   healthy  the cluster as described;   explained   with the causes that the rows and the library's own lines speak for
using System.Globalization;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>A row beside its expectation.</summary>
/// <param name="Row">What was measured.</param>
/// <param name="Expected">What the model expects, with the algorithm that it takes.</param>
/// <param name="Low">The least that is usual.</param>
/// <param name="High">The most that is usual.</param>
/// <param name="Explained">What the model expects with the causes that were found.</param>
/// <param name="Bound">What no algorithm can beat.</param>
/// <param name="Mark">What stands out, in a word or two: "slow", "outlier"; empty where nothing does.</param>
public sealed record ComparedRow(MeasuredRow Row, CollectiveTime Expected, Duration Low, Duration High, Duration Explained, Duration Bound, string Mark)
{
    /// <summary>Measured over expected.</summary>
    public double Ratio => Row.Time / Expected.Total;

    /// <summary>Whether it lies within what is usual.</summary>
    public bool Inside => Row.Time >= Low && Row.Time <= High;
}

/// <summary>A run beside its expectation.</summary>
/// <param name="Run">What was measured.</param>
/// <param name="Rows">Its rows.</param>
public sealed record ComparedRun(MeasuredRun Run, IReadOnlyList<ComparedRow> Rows);

/// <summary>A fault that rows could not have shown: they differ less by it than healthy clusters do.</summary>
/// <param name="Key">Its key.</param>
/// <param name="What">What it would be.</param>
/// <param name="MostRatio">The most that any row would take longer by.</param>
public sealed record UnseenFault(string Key, string What, double MostRatio);

/// <summary>A log beside its expectation, with what probably stands behind the difference.</summary>
public sealed class LogComparison
{
    LaunchFloor launcher;

    LogComparison(MeasuredLog log, DescribedCluster cluster) => (Log, Cluster) = (log, cluster);

    static readonly double Bulge = Math.Log(1.5);

    /// <summary>The log.</summary>
    public MeasuredLog Log { get; }

    /// <summary>The cluster as described.</summary>
    public DescribedCluster Cluster { get; }

    /// <summary>Its runs.</summary>
    public IReadOnlyList<ComparedRun> Runs { get; private set; } = [];

    /// <summary>What probably stands behind the difference, the surest first.</summary>
    public IReadOnlyList<Diagnosis> Diagnoses { get; private set; } = [];

    /// <summary>Faults that these rows could not have shown.</summary>
    public IReadOnlyList<UnseenFault> Unseen { get; private set; } = [];

    /// <summary>What the causes make of the network, for collectives of all ranks.</summary>
    public NetworkChange Change { get; private set; } = NetworkChange.None;

    /// <summary>What the launcher adds to each call beyond the model's own launch.</summary>
    public Duration Floor => Duration.FromSeconds(launcher.Added);

    /// <summary>What no call undercuts because the hosts launch no faster, where that is longer than the model's; zero where nothing shows it.</summary>
    public Duration LaunchRound => Duration.FromSeconds(launcher.Least);

    /// <summary>What was assumed, in sentences.</summary>
    public IReadOnlyList<string> Notes { get; private set; } = [];

    /// <summary>Compares.</summary>
    /// <param name="log">The log; runs by other numbers of ranks than the cluster's are an error of the caller.</param>
    /// <param name="cluster">The cluster as described.</param>
    /// <param name="tuner">NCCL's selector on it, where NCCL runs there; used to name switches of algorithms.</param>
    /// <exception cref="ArgumentException">A run has other ranks than the cluster.</exception>
    public static LogComparison Of(MeasuredLog log, DescribedCluster cluster, NcclTuner? tuner = null)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(cluster);
        if (log.Runs.Any(r => r.Ranks != cluster.Group.Ranks)) throw new ArgumentException("a run has other ranks than the cluster");
        var asked = cluster;
        cluster = Launched(log, cluster);
        var comparison = new LogComparison(log, cluster) { Notes = [.. Assumed(log, asked, cluster)] };
        var first = log.Runs.Select(run => LocalAnomalies.Of(run, comparison.Expect(run, NetworkChange.None, default))).ToList();
        var usual = log.Runs.SelectMany((run, k) => run.Rows.Select((row, i) => (k, run.Kind, row, Use: first[k].Usual(i)))).Where(r => r.Use).Select(r => (r.k, r.Kind, r.row)).ToList();
        var weighing = new CauseWeighing(cluster, Thinned(usual));
        var causes = Cause.Of(cluster, log.Facts, cluster.Across ? null : tuner?.Graphs.Ring.Total);
        var verdicts = weighing.Weigh(causes);
        comparison.Unseen = [.. weighing.Blind(causes).Select(b => new UnseenFault(b.Cause.Key, b.Cause.Say(b.Cause.Settings[0]), b.Ratio))];
        comparison.launcher = weighing.Floor;
        comparison.Change = verdicts.Where(v => v.Cause.Prices).Aggregate(NetworkChange.None, (change, v) => change.And(v.Cause.Change(v.Setting)));

        var local = log.Runs.Select(run => LocalAnomalies.Of(run, comparison.Expect(run, weighing.ChangeFor(run.Kind), weighing.Floor))).ToList();
        comparison.Runs = [.. log.Runs.Select((run, k) => comparison.Compare(run, weighing, first[k], local[k]))];
        var diagnoses = comparison.Ranks().Concat(verdicts.Select(comparison.Say)).ToList();
        diagnoses.AddRange(new AnomalyReport(comparison, tuner).Of(first, local));
        diagnoses.AddRange(comparison.Unexplained(first));
        comparison.Diagnoses = [.. diagnoses.OrderByDescending(d => d.Confidence)];
        return comparison;
    }

    // No row can undercut what its hosts spend on launching: where rows do, every accelerator has a process of its own.
    static DescribedCluster Launched(MeasuredLog log, DescribedCluster cluster)
    {
        if (cluster.Levels.HostLaunch == Duration.Zero || log.Runs.Any(r => r.PerProcess is not null)) return cluster;
        var each = cluster.LaunchedByOneEach;
        var rows = Thinned([.. log.Runs.SelectMany(r => r.Rows, (run, row) => (run.Kind, row))])
            .Select(r => (r.row.Time, With: cluster.Expect(r.Kind, r.row.Size, cluster.Levels), Without: each.Expect(r.Kind, r.row.Size, each.Levels)))
            .Where(r => r.With.BoundByHosts).ToList();
        if (rows.Count == 0) return cluster;
        var (with, without) = (Median(rows.Select(r => Math.Log(r.Time / r.With.Total))), Median(rows.Select(r => Math.Log(r.Time / r.Without.Total))));
        return with < 0 && Math.Abs(without) < Math.Abs(with) ? each : cluster;
    }

    static IEnumerable<string> Assumed(MeasuredLog log, DescribedCluster asked, DescribedCluster taken)
    {
        if (asked != taken) yield return $"small messages are quicker than one process could launch on {asked.Group.Ranks:N0} accelerators in turn ({asked.Levels.HostLaunch}): compared as one process for each";
        foreach (var said in log.Runs.SelectMany(run => new[] { run.Rows[0], run.Rows[^1] }, (run, row) => taken.Assess(run.Kind, row.Size)).SelectMany(a => a.Outside).Distinct())
            yield return $"{said}: what is usual is wider than for what was measured";
    }

    /// <summary>At most so many rows as are weighed and fitted, evenly taken: a sweep by bytes says no more with a million.</summary>
    internal static IReadOnlyList<T> Thinned<T>(IReadOnlyList<T> rows)
    {
        const int Most = 2048;
        return rows.Count <= Most ? rows : [.. Enumerable.Range(0, Most).Select(i => rows[(int)((long)i * (rows.Count - 1) / (Most - 1))])];
    }

    /// <summary>Rows within what is usual, of all.</summary>
    public (int Inside, int All) Counts => (Runs.Sum(r => r.Rows.Count(row => row.Inside)), Runs.Sum(r => r.Rows.Count));

    double[] Expect(MeasuredRun run, NetworkChange change, LaunchFloor floor)
    {
        var levels = change.Of(Cluster.Levels);
        return [.. run.Rows.Select(row => floor.Over(Cluster.Expect(run.Kind, row.Size, levels).Total.Seconds))];
    }

    ComparedRun Compare(MeasuredRun run, CauseWeighing weighing, LocalAnomalies first, LocalAnomalies local)
    {
        var explained = Expect(run, weighing.ChangeFor(run.Kind), weighing.Floor);
        var rows = run.Rows.Select((row, i) =>
        {
            var expected = Cluster.Expect(run.Kind, row.Size, Cluster.Levels);
            var band = Cluster.Band(run.Kind, row.Size);
            var (low, high) = (expected.Total * band.Low, expected.Total * band.High);
            var mark = first.Outliers.Contains(i) ? "outlier"
                : first.Windows.Any(w => i >= w.First && i <= w.Last) ? "noisy"
                : local.Cliffs.Any(c => i > c.Before && i <= c.Last) ? "cliff"
                : row.Time > high ? "slow" : row.Time < low ? "fast" : "";
            var bound = CollectiveBounds.Cut(run.Kind, row.Size, Cluster.Group, Cluster.Levels, Cluster.Levels[0].InNetworkReduction && run.Kind == CollectiveKind.AllReduce);
            return new ComparedRow(row, expected, low, high, Duration.FromSeconds(explained[i]), bound, mark);
        });
        return new(run, [.. rows]);
    }

    IEnumerable<Diagnosis> Ranks() => Log.RankContradictions.Select(c => new Diagnosis
    {
        Key = "rank-count",
        What = $"the run at line {c.Line:N0} is of {c.Ranks:N0} ranks, not of {c.Claimed:N0} as described; it is compared as one of {c.Ranks:N0}",
        Confidence = Confidence.Certain,
        Evidence = [$"ranks by {c.Why}"],
        Try = ["the hosts and slots that the launcher was given; which log this is"],
        Cost = "figures read for another number of ranks mislead by the factor between them",
    });

    Diagnosis Say(CauseWeighing.Verdict verdict)
    {
        var cause = verdict.Cause;
        var change = cause.Change(verdict.Setting);
        var evidence = new List<string>();
        if (cause.Evidence is { } key && Log.Facts.Evidence.TryGetValue(key, out var line)) evidence.Add(line.ToString());
        var levels = change.Of(Cluster.Levels);
        foreach (var compared in Runs.Where(r => cause.Touches(r.Run.Kind)))
        {
            var usable = compared.Rows.Where(r => r.Mark is not ("outlier" or "noisy")).ToList();
            if (usable.Count == 0) continue;
            Duration With(ComparedRow row) => Cluster.Expect(compared.Run.Kind, row.Row.Size, levels).Total;
            // The largest row says most of bandwidths; of those that the cause touches, the one that differs most, where it hurts.
            var touched = usable.Where(r => With(r) > r.Expected.Total * 1.01).MaxBy(r => r.Ratio);
            foreach (var row in new[] { usable[^1], touched ?? usable[^1] }.Distinct())
            {
                var with = Duration.FromSeconds(launcher.Over(With(row).Seconds));
                evidence.Add(string.Create(CultureInfo.InvariantCulture,
                    $"line {row.Row.Line:N0}: {compared.Run.Name} of {Bytes(row.Row.Size)} took {Time(row.Row.Time)} ({Rate(compared.Run, row.Row.Size, row.Row.Time)}); expected {Time(row.Expected.Total)} ({Rate(compared.Run, row.Row.Size, row.Expected.Total)}), with this cause {Time(with)} ({Rate(compared.Run, row.Row.Size, with)})"));
            }
        }
        var slow = Runs.Where(r => cause.Touches(r.Run.Kind)).SelectMany(r => r.Rows, (r, row) => (r.Run, row)).Where(r => r.row.Row.Size.Bytes >= 1 << 20 && r.row.Mark is not ("outlier" or "noisy")).ToList();
        var cost = slow.Count == 0 ? "no row of 1 MiB or more shows what it costs"
            : slow.Max(r => Duration.FromSeconds(Cluster.Expect(r.Run.Kind, r.row.Row.Size, levels).Total.Seconds) / r.row.Expected.Total) < 1.02
                ? "the rows of this log do not feel it: another level binds them; other collectives would"
                : string.Create(CultureInfo.InvariantCulture, $"rows of 1 MiB and more take {Median(slow.Select(r => r.row.Ratio)):0.00} times the expected time (median), the largest {slow[^1].row.Ratio:0.00} times");
        return new()
        {
            Key = cause.Key,
            What = cause.Say(verdict.Setting),
            Confidence = cause.Certain && verdict.Probability > 0.95 ? Confidence.Certain : Sure(verdict.Probability),
            Probability = verdict.Probability,
            FaultProbability = verdict.FaultProbability,
            Evidence = evidence,
            Try = cause.Try,
            Cost = cost,
            Alternatives = verdict.Alternatives,
            Change = cause.Prices ? change : null,
        };
    }

    static double Off(ComparedRow row) => Math.Log(row.Row.Time / row.Explained);

    // Slow rows that no cause explains: said, so that nobody takes silence for health.
    IEnumerable<Diagnosis> Unexplained(IReadOnlyList<LocalAnomalies> first)
    {
        var slow = new List<(MeasuredRun Run, ComparedRow row)>();
        for (var k = 0; k < Runs.Count; k++)
        {
            var usual = Runs[k].Rows.Where((_, i) => first[k].Usual(i)).ToList();
            if (usual.Count == 0) continue;
            var quick = usual.Select(Off).Order().ElementAt(usual.Count / 4);
            slow.AddRange(usual.Where(r => Off(r) > Math.Log(Cluster.Band(Runs[k].Run.Kind, r.Row.Size).High) || (Off(r) > Bulge && Off(r) > quick + Bulge)).Select(r => (Runs[k].Run, r)));
        }
        var all = Counts.All;
        if (slow.Count * 3 < all || slow.Count < 3) yield break;
        yield return new()
        {
            Key = "unexplained",
            What = $"{slow.Count:N0} of {all:N0} rows are slower than usual, and no known cause explains that",
            Confidence = Confidence.Note,
            Evidence = [.. slow.Take(3).Select(s => $"line {s.row.Row.Line:N0}: {s.Run.Name} of {Bytes(s.row.Row.Size)}: {s.row.Ratio.ToString("0.00", CultureInfo.InvariantCulture)} times the expected time")],
            Try = ["describe the cluster again: system, nodes, protocol", "run with NCCL_DEBUG=INFO and NCCL_DEBUG_SUBSYS=INIT,GRAPH,TUNING and give that log too"],
            Cost = string.Create(CultureInfo.InvariantCulture, $"{Median(slow.Select(s => s.row.Ratio)):0.00} times the expected time in the median of these rows"),
        };
    }

    static Confidence Sure(double probability) => probability switch
    {
        > 0.95 => Confidence.VeryLikely,
        > 0.8 => Confidence.Likely,
        _ => Confidence.Possible,
    };

    internal static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToArray();
        return sorted.Length == 0 ? double.NaN : sorted[sorted.Length / 2];
    }

    /// <summary>A size as nccl-tests means it: binary units.</summary>
    public static string Bytes(DataSize size)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB"];
        var (value, unit) = (size.Bytes, 0);
        while (value >= 1024 && unit < units.Length - 1) (value, unit) = (value / 1024, unit + 1);
        return $"{Quantity.Round(value, 4)} {units[unit]}";
    }

    internal static string Time(Duration time) => $"{Quantity.Round(time.Microseconds, 4)} us";

    internal static string Rate(MeasuredRun run, DataSize size, Duration time) => $"{Quantity.Round(run.Bus(size, time).GigabytesPerSecond, 4)} GB/s";
}
