// Which cause explains the rows best. Rows of one run and one band of sizes err together, so each such group speaks once, by its median:
//
//   x = median ln(measured / predicted) of a group, less what all groups of a log differ by, u: no two sites are alike
//   surprise s(x) = ln f(0) - ln f(x), f as published errors fall (ErrorLaw.cs)
//   ln L(cause, y, c, u) = - sum over groups of min(s, 6 ln 10)        (one group can't decide alone)
//   evidence(cause) = mean over its settings y, launch floors c and offsets u, of L;   odds = prior x facts x evidence / evidence(healthy)
//
// A mean over settings charges a cause for its freedom: one that fits only with a figure of its own choosing needs to fit better. The
// floor c is what a launcher adds to every call (0 in six of ten cases, else 3 us to 3 ms), or what no call can undercut because the hosts
// launch no faster (the quickest row's time): small messages that all take longer by one time, or all take one time, say nothing of the
// network. The quickest rows have no room for more than they took beyond what such rows take:
//
//   c <= min over rows of at most twice the least predicted time of measured - predicted / (1 + median error of its band)
//
// A cause is accepted at better than even odds; where most groups lie beyond their bands, silence would mislead, and one in five is enough.
//
// Example: 8 H100, all-reduce above 512 MiB at 360 GB/s, 478 expected, where half of all published errors are below 1.2 % and nine in ten
// below 15 %: s = ln(64.6 / 0.24) = 5.6 as described, none without NVLS; odds 0.02 e^5.6 = 5.3, 84 %.
using Lightloom.Collectives;

namespace Lightloom.Planning.Logs;

/// <summary>What a launcher does to every call.</summary>
/// <param name="Added">What it adds, s.</param>
/// <param name="Least">What no call can undercut, s.</param>
readonly record struct LaunchFloor(double Added, double Least)
{
    /// <summary>A time, s, under this launcher.</summary>
    public double Over(double seconds) => Math.Max(seconds, Least) + Added;
}

/// <summary>Weighs causes against the rows of a log.</summary>
sealed class CauseWeighing
{
    const double MostSurprise = 6 * 2.302585092994046; // one in a million
    const double NoFloor = 0.6;
    const int MostRounds = 3;
    const double LeastShown = 0.05;
    const double LeastAlarm = 0.2;
    const double QuickRows = 2;

    static readonly double[] Floors = [0, .. Enumerable.Range(0, 16).Select(i => 3e-6 * Math.Pow(1000, i / 15.0))];

    static readonly double Shared = Math.Log((1 - NoFloor) / Floors.Length);

    // Sites of one kind differ by a few percent in everything they measure.
    static readonly (double By, double Share)[] Offsets =
        [(0, 0.4), (-0.03, 0.15), (0.03, 0.15), (-0.06, 0.1), (0.06, 0.1), (-0.1, 0.05), (0.1, 0.05)];

    readonly DescribedCluster cluster;
    readonly Sample[] samples;
    readonly double[] measured; // s
    readonly (int Start, int End, ErrorLaw Law)[] groups; // group g has samples[Start .. End)
    readonly List<(Cause Cause, double Setting)> accepted = [];

    /// <summary>Prepares rows.</summary>
    /// <param name="cluster">The cluster as described.</param>
    /// <param name="rows">Rows that speak for the network, with their run.</param>
    public CauseWeighing(DescribedCluster cluster, IEnumerable<(int Run, CollectiveKind Kind, MeasuredRow Row)> rows)
    {
        this.cluster = cluster;
        var banded = rows.Select(r => (r.Run, Band: cluster.Band(r.Kind, r.Row.Size), Sample: new Sample(r.Kind, r.Row))).ToList();
        var found = new List<Sample>();
        var ends = new List<(int, int, ErrorLaw)>();
        foreach (var group in banded.GroupBy(b => (b.Run, b.Band)))
        {
            ends.Add((found.Count, found.Count + group.Count(), new(group.Key.Band)));
            found.AddRange(group.Select(g => g.Sample));
        }
        samples = [.. found];
        measured = [.. found.Select(f => f.Row.Time.Seconds)];
        groups = [.. ends];
    }

    readonly record struct Sample(CollectiveKind Kind, MeasuredRow Row);

    /// <summary>A cause with what speaks for it.</summary>
    public sealed record Verdict(Cause Cause, double Setting, double Probability, double FaultProbability, IReadOnlyList<Alternative> Alternatives);

    /// <summary>What the launcher does to every call, by the accepted causes.</summary>
    public LaunchFloor Floor { get; private set; }

    /// <summary>Probability that nothing known is wrong beyond what was accepted.</summary>
    public double Healthy { get; private set; } = 1;

    /// <summary>The network that a collective sees by the accepted causes.</summary>
    public NetworkChange ChangeFor(CollectiveKind kind) => accepted.Where(a => a.Cause.Touches(kind))
        .Aggregate(NetworkChange.None, (change, a) => change.And(a.Cause.Change(a.Setting)));

    /// <summary>Accepts causes until what is left is healthier than not.</summary>
    public IReadOnlyList<Verdict> Weigh(IReadOnlyList<Cause> causes)
    {
        var verdicts = new List<Verdict>();
        if (samples.Length == 0) return verdicts;
        while (verdicts.Count < MostRounds)
        {
            var healthy = Evidence(null, 1, out var floor);
            Floor = floor;
            var weighed = new List<(Cause Cause, double Setting, LaunchFloor Floor, double Odds)>();
            foreach (var cause in causes)
            {
                // What a fault leaves unexplained on its own links is no second fault there, unless the library names one.
                if (accepted.Exists(a => a.Cause == cause || (a.Cause.Inside == cause.Inside && !cause.Certain)) || !samples.Any(s => cause.Touches(s.Kind))) continue;
                var (best, bestAt, bestFloor, terms) = (double.NegativeInfinity, cause.Settings[0], default(LaunchFloor), new List<double>());
                foreach (var setting in cause.Settings)
                {
                    var evidence = Evidence(cause, setting, out var at);
                    terms.Add(evidence);
                    if (evidence > best) (best, bestAt, bestFloor) = (evidence, setting, at);
                }
                weighed.Add((cause, bestAt, bestFloor, cause.Prior * cause.Facts * Math.Exp(LogSum(terms) - Math.Log(terms.Count) - healthy)));
            }
            var all = 1 + weighed.Sum(w => w.Odds);
            Healthy = 1 / all;
            if (weighed.Count == 0 || Healthy > (MostlySlow() ? 1 - LeastAlarm : 0.5)) break;
            var ordered = weighed.OrderByDescending(w => w.Odds).ThenBy(w => w.Cause.Key, StringComparer.Ordinal).ToList();
            var first = ordered[0];
            accepted.Add((first.Cause, first.Setting));
            Floor = first.Floor;
            verdicts.Add(new(first.Cause, first.Setting, first.Odds / all, 1 - Healthy,
                [.. ordered.Skip(1).Where(w => w.Odds / all >= LeastShown).Select(w => new Alternative(w.Cause.Key, w.Cause.Say(w.Setting), w.Odds / all))]));
        }
        return verdicts;
    }

    /// <summary>
    /// Causes of one figure that these rows would not have shown: had they been just what the cause predicts, a healthy cluster would still have
    /// been likelier. With the most that any row would have been longer by.
    /// </summary>
    public IEnumerable<(Cause Cause, double Ratio)> Blind(IReadOnlyList<Cause> causes)
    {
        var healthy = new double[samples.Length];
        var changed = new double[samples.Length];
        Predict(null, 1, healthy);
        foreach (var cause in causes)
        {
            if (cause.Settings.Count > 1 || cause.Facts != 1 || accepted.Exists(a => a.Cause == cause || a.Cause.Inside == cause.Inside) || !samples.Any(s => cause.Touches(s.Kind))) continue;
            Predict(cause, cause.Settings[0], changed);
            if (Math.Log(cause.Prior) + Likelihood(changed, changed, default) - Likelihood(changed, healthy, default) < 0) yield return (cause, Enumerable.Range(0, samples.Length).Max(i => changed[i] / healthy[i]));
        }
    }

    // Whether most groups are slower than nine in ten published, as far as was accepted.
    bool MostlySlow()
    {
        var predicted = new double[samples.Length];
        Predict(null, 1, predicted);
        return groups.Count(g => Off(g.Start, g.End, measured, predicted, Floor) > g.Law.End) * 2 > groups.Length;
    }

    // ln of the likelihood, over all floors and offsets; the best floor is handed out.
    double Evidence(Cause? cause, double setting, out LaunchFloor best)
    {
        Span<double> predicted = samples.Length <= 512 ? stackalloc double[samples.Length] : new double[samples.Length];
        Predict(cause, setting, predicted);
        var room = Room(predicted);
        var terms = new List<double>();
        var (most, at) = (double.NegativeInfinity, default(LaunchFloor));
        var quickest = measured.Min();
        Try(predicted, default, Math.Log(NoFloor));
        for (var f = 1; f < Floors.Length && Floors[f] <= room; f++) Try(predicted, new(Floors[f], 0), Shared);
        if (quickest <= Floors[^1]) Try(predicted, new(0, quickest), Shared);
        best = at;
        return LogSum(terms);

        void Try(ReadOnlySpan<double> predicted, LaunchFloor floor, double share)
        {
            var term = Likelihood(measured, predicted, floor) + share;
            terms.Add(term);
            if (term > most) (most, at) = (term, floor);
        }
    }

    // The longest floor that the quickest rows leave room for, s.
    double Room(ReadOnlySpan<double> predicted)
    {
        var least = double.PositiveInfinity;
        foreach (var time in predicted) least = Math.Min(least, time);
        var room = double.PositiveInfinity;
        foreach (var (start, end, law) in groups)
        {
            for (var i = start; i < end; i++)
                if (predicted[i] <= QuickRows * least) room = Math.Min(room, measured[i] - predicted[i] * Math.Exp(-law.Median));
        }
        return room;
    }

    void Predict(Cause? cause, double setting, Span<double> predicted)
    {
        var networks = new Dictionary<CollectiveKind, NetworkLevels>();
        for (var i = 0; i < samples.Length; i++)
        {
            var kind = samples[i].Kind;
            if (!networks.TryGetValue(kind, out var levels))
            {
                var change = ChangeFor(kind);
                if (cause is not null && cause.Touches(kind)) change = change.And(cause.Change(setting));
                networks[kind] = levels = change.Of(cluster.Levels);
            }
            predicted[i] = cluster.Expect(kind, samples[i].Row.Size, levels).Total.Seconds;
        }
    }

    double Likelihood(ReadOnlySpan<double> taken, ReadOnlySpan<double> predicted, LaunchFloor floor)
    {
        // What one group differs by is an error like any other, and its law knows of that.
        var sums = new double[groups.Length > 1 ? Offsets.Length : 1];
        foreach (var (start, end, law) in groups)
        {
            var median = Off(start, end, taken, predicted, floor);
            for (var o = 0; o < sums.Length; o++) sums[o] -= Math.Min(MostSurprise, law.Surprise(median - Offsets[o].By));
        }
        if (sums.Length == 1) return sums[0];
        for (var o = 0; o < sums.Length; o++) sums[o] += Math.Log(Offsets[o].Share);
        return LogSum(sums);
    }

    static double Off(int start, int end, ReadOnlySpan<double> taken, ReadOnlySpan<double> predicted, LaunchFloor floor)
    {
        var ratios = new double[end - start];
        for (var i = start; i < end; i++) ratios[i - start] = Math.Log(taken[i] / floor.Over(predicted[i]));
        return Median(ratios);
    }

    static double Median(double[] values)
    {
        Array.Sort(values);
        var middle = values.Length / 2;
        return values.Length % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
    }

    static double LogSum(IReadOnlyList<double> terms)
    {
        var most = terms.Max();
        return double.IsNegativeInfinity(most) ? most : most + Math.Log(terms.Sum(t => Math.Exp(t - most)));
    }
}
