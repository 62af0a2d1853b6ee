// Which cause explains the rows best. Rows of one run and one band of sizes err together, so each such group speaks once, by its median:
//
//   z = median ln(measured / predicted), over ln of the band's end on that side: |z| = 1 is where nine in ten published points end
//   ln L(cause, x, c) = - ln 10 sum over groups of min(|z|, 6)       (Laplace: one in ten lies beyond 1; one group can't decide alone)
//   evidence(cause) = mean over its settings x, and over launch floors c, of L;   odds = prior x facts x evidence / evidence(healthy)
//
// A mean over settings charges a cause for its freedom: one that fits only with a figure of its own choosing needs to fit better. The
// floor c is what a launcher adds to every call (0 in six of ten cases, else 3 us to 3 ms): small messages that all take longer by one
// time say nothing of the network.
//
// Example: 8 H100, all-reduce above 512 MiB at 360 GB/s, 478 expected, band to 1.083: |z| = ln 1.33 / ln 1.083 = 3.6 as described, 0.1
// without NVLS: odds 0.02 x 10^3.5 = 63, 98 %.
using Lightloom.Collectives;

namespace Lightloom.Planning.Logs;

/// <summary>Weighs causes against the rows of a log.</summary>
sealed class CauseWeighing
{
    const double MostSurprise = 6;
    const double NoFloor = 0.6;
    const int MostRounds = 3;
    const double LeastShown = 0.05;

    static readonly double[] Floors = [0, .. Enumerable.Range(0, 16).Select(i => 3e-6 * Math.Pow(1000, i / 15.0))];

    readonly DescribedCluster cluster;
    readonly Sample[] samples;
    readonly (int Start, int End, double Low, double High)[] groups; // group g has samples[Start .. End)
    readonly List<(Cause Cause, double Setting)> accepted = [];

    /// <summary>Prepares rows.</summary>
    /// <param name="cluster">The cluster as described.</param>
    /// <param name="rows">Rows that speak for the network, with their run.</param>
    public CauseWeighing(DescribedCluster cluster, IEnumerable<(int Run, CollectiveKind Kind, MeasuredRow Row)> rows)
    {
        this.cluster = cluster;
        var banded = rows.Select(r => (r.Run, Band: cluster.Band(r.Row.Size), Sample: new Sample(r.Kind, r.Row))).ToList();
        var found = new List<Sample>();
        var ends = new List<(int, int, double, double)>();
        foreach (var group in banded.GroupBy(b => (b.Run, b.Band)))
        {
            ends.Add((found.Count, found.Count + group.Count(), Math.Log(group.Key.Band.Low), Math.Log(group.Key.Band.High)));
            found.AddRange(group.Select(g => g.Sample));
        }
        samples = [.. found];
        groups = [.. ends];
    }

    readonly record struct Sample(CollectiveKind Kind, MeasuredRow Row);

    /// <summary>A cause with what speaks for it.</summary>
    public sealed record Verdict(Cause Cause, double Setting, double Probability, double FaultProbability, IReadOnlyList<Alternative> Alternatives);

    /// <summary>What the launcher adds to every call, by the accepted causes, s.</summary>
    public double Floor { get; private set; }

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
            var weighed = new List<(Cause Cause, double Setting, double Floor, double Odds)>();
            foreach (var cause in causes)
            {
                // What a fault leaves unexplained on its own links is no second fault there, unless the library names one.
                if (accepted.Exists(a => a.Cause == cause || (a.Cause.Inside == cause.Inside && !cause.Certain)) || !samples.Any(s => cause.Touches(s.Kind))) continue;
                var (best, bestAt, bestFloor, terms) = (double.NegativeInfinity, cause.Settings[0], 0.0, new List<double>());
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
            if (weighed.Count == 0 || Healthy > 0.5) break;
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
            var surprise = 0.0;
            foreach (var (start, end, low, high) in groups)
            {
                var ratios = new double[end - start];
                for (var i = start; i < end; i++) ratios[i - start] = Math.Log(changed[i] / healthy[i]);
                var median = Median(ratios);
                surprise += median >= 0 ? median / high : median / low;
            }
            if (cause.Prior * Math.Pow(10, surprise) < 1) yield return (cause, Enumerable.Range(0, samples.Length).Max(i => changed[i] / healthy[i]));
        }
    }

    // ln of the likelihood, over all floors; the best of them is handed out.
    double Evidence(Cause? cause, double setting, out double best)
    {
        Span<double> predicted = samples.Length <= 512 ? stackalloc double[samples.Length] : new double[samples.Length];
        Predict(cause, setting, predicted);
        var terms = new double[Floors.Length];
        var (most, at) = (double.NegativeInfinity, 0.0);
        for (var f = 0; f < Floors.Length; f++)
        {
            terms[f] = Likelihood(predicted, Floors[f]) + Math.Log(f == 0 ? NoFloor : (1 - NoFloor) / (Floors.Length - 1));
            if (terms[f] > most) (most, at) = (terms[f], Floors[f]);
        }
        best = at;
        return LogSum(terms);
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

    double Likelihood(ReadOnlySpan<double> predicted, double floor)
    {
        var sum = 0.0;
        foreach (var (start, end, low, high) in groups)
        {
            var ratios = new double[end - start];
            for (var i = start; i < end; i++) ratios[i - start] = Math.Log(samples[i].Row.Time.Seconds / (predicted[i] + floor));
            var median = Median(ratios);
            sum += Math.Min(MostSurprise, median >= 0 ? median / high : median / low);
        }
        return -Math.Log(10) * sum;
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
