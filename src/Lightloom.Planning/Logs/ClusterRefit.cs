// A user's own system from their log: the few parameters of the mechanisms, moved from the catalogue's to what the rows say.
//
//   least  mean |ln(measured / predicted)| + 0.01 mean |ln(theta / theta_0)|,   theta within its physical range
//
// Absolute errors of logarithms, so that one bad row in ten changes little; the second term, a hundredth, only settles what the
// rows leave open (launch against hop on one node). Coordinate by coordinate, steps of a factor 1.6, 1.2, 1.06, 1.02 up and down, until none
// helps. The range given with a figure is where the first term grows by 0.01, a hundredth of error, if this figure alone is moved.
//
// Example: rows made with sustained 0.70 instead of 0.795 and a launch of 20 us instead of 8.1 us give both back within a few percent.
using System.Globalization;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>A parameter as it was fitted.</summary>
/// <param name="Level">"scaleUp" or "fabric".</param>
/// <param name="Key">Its key in the document.</param>
/// <param name="Unit">Its unit, empty for a share.</param>
/// <param name="Before">What the catalogue says.</param>
/// <param name="Value">What the rows say.</param>
/// <param name="Low">The least that explains them nearly as well.</param>
/// <param name="High">The most.</param>
/// <param name="AtLimit">Whether it stopped at the end of its physical range.</param>
public sealed record FittedParameter(string Level, string Key, string Unit, double Before, double Value, double Low, double High, bool AtLimit);

/// <summary>A system fitted to a log.</summary>
/// <param name="Cluster">The cluster with the fitted mechanisms.</param>
/// <param name="Change">What is broken, kept apart from the mechanisms.</param>
/// <param name="Parameters">The parameters.</param>
/// <param name="Rows">Rows that it was fitted on.</param>
/// <param name="ErrorBefore">Median absolute error of these rows as described.</param>
/// <param name="ErrorAfter">Median absolute error of these rows fitted.</param>
public sealed record ClusterRefit(
    DescribedCluster Cluster, NetworkChange Change, IReadOnlyList<FittedParameter> Parameters, int Rows, double ErrorBefore, double ErrorAfter)
{
    const double Tether = 0.01;
    const double Worse = 0.01;
    const string HostLaunch = "hostLaunch";

    // One line for each parameter of a mechanism: its key, unit, reader, writer and physical range.
    static readonly Parameter[] Known =
    [
        new("sustained", "", p => p.Sustained.Value, (p, v) => p with { Sustained = Share(v) }, 0.2, 1),
        new("inNetworkSustained", "", p => p.InNetworkSustained?.Value, (p, v) => p with { InNetworkSustained = Share(v) }, 0.2, 1),
        new("launch", "us", p => p.Launch.Value.Microseconds, (p, v) => p with { Launch = Time(v) }, 1, 2000),
        new("hop", "us", p => p.Hop.Value.Microseconds, (p, v) => p with { Hop = Time(v) }, 0.1, 200),
        new("inNetworkHop", "us", p => p.InNetworkHop?.Value.Microseconds, (p, v) => p with { InNetworkHop = Time(v) }, 0.5, 200),
        new("pointToPointSustained", "", p => p.PointToPointSustained?.Value, (p, v) => p with { PointToPointSustained = Share(v) }, 0.05, 1),
        new("lowLatencySustained", "", p => p.LowLatencySustained?.Value, (p, v) => p with { LowLatencySustained = Share(v) }, 0.002, 1),
        new("lowLatencyHop", "us", p => p.LowLatencyHop?.Value.Microseconds, (p, v) => p with { LowLatencyHop = Time(v) }, 0.1, 200),
        new("pieceOverhead", "MB", p => p.PieceOverhead.Value.Bytes / 1e6, (p, v) => p with { PieceOverhead = Size(v) }, 0.01, 1000),
        new("pieceSaturation", "MB", p => p.PieceSaturation.Value.Bytes / 1e6, (p, v) => p with { PieceSaturation = Size(v) }, 0.1, 100_000),
        new("posting", "us", p => p.Posting?.Value.Microseconds, (p, v) => p with { Posting = Time(v) }, 0.2, 200),
        new(HostLaunch, "us", p => p.HostLaunch?.Value.Microseconds, (p, v) => p with { HostLaunch = Time(v) }, 0.2, 200),
    ];

    static readonly double[] Steps = [1.6, 1.2, 1.06, 1.02];

    sealed record Parameter(
        string Key, string Unit, Func<CollectiveParameters, double?> Get, Func<CollectiveParameters, double, CollectiveParameters> Set, double Low, double High);

    sealed record Knob(string Level, Parameter Parameter, double Before);

    /// <summary>Fits.</summary>
    /// <param name="comparison">The log beside the cluster as described; outliers and noisy windows are left out.</param>
    /// <returns>The fitted system; null where the cluster isn't made of known mechanisms or fewer than 3 rows are usable.</returns>
    public static ClusterRefit? Of(LogComparison comparison)
    {
        ArgumentNullException.ThrowIfNull(comparison);
        if (comparison.Cluster.Mechanisms is not { } start) return null;
        // What touches only some collectives is neither a property of the links nor a change of the network.
        var rows = LogComparison.Thinned(comparison.Runs.SelectMany(r => r.Rows, (r, row) => (r.Run.Kind, row)).Where(r => r.row.Mark is not ("outlier" or "noisy")).Select(r => (r.Kind, r.row.Row)).ToList());
        if (rows.Count < 3) return null;
        var change = comparison.Change;
        var knobs = new List<Knob>();
        foreach (var parameter in Known)
        {
            // A host that launches on one accelerator is never the slower, and no row speaks of it.
            if (parameter.Key == HostLaunch && start.PerProcess == 1) continue;
            if (parameter.Get(start.ScaleUp) is { } inside && (start.SwitchReduction && !change.WithoutSwitchReduction || !parameter.Key.StartsWith("inNetwork", StringComparison.Ordinal)))
                knobs.Add(new("scaleUp", parameter, inside));
        }
        foreach (var parameter in Known)
        {
            if (start.Fabric is { } fabric && parameter.Get(fabric) is { } outside && !parameter.Key.StartsWith("inNetwork", StringComparison.Ordinal))
                knobs.Add(new("fabric", parameter, outside));
        }
        var fit = new Fit(comparison.Cluster, change, rows, [.. knobs.Select(k => (Get: k.Before, k.Parameter.Low, k.Parameter.High))],
            (m, i, v) => Turn(m, knobs[i], v));
        var values = fit.Descend();
        var parameters = knobs.Select((k, i) =>
        {
            var (low, high) = fit.Range(values, i);
            return new FittedParameter(k.Level, k.Parameter.Key, k.Parameter.Unit, k.Before, values[i], low, high,
                values[i] <= k.Parameter.Low * 1.001 || values[i] >= k.Parameter.High * 0.999);
        });
        var fitted = comparison.Cluster.With(fit.Make(values));
        return new(fitted, change, [.. parameters], rows.Count, Errors(comparison.Cluster, NetworkChange.None), Errors(fitted, change));

        double Errors(DescribedCluster cluster, NetworkChange with) => LogComparison.Median(rows.Select(r => Math.Abs(cluster.Expect(r.Kind, r.Row.Size, with) / r.Row.Time - 1)));
    }

    /// <summary>The section <c>collectives</c> of a design with this system.</summary>
    /// <param name="source">Where the rows come from.</param>
    public string Yaml(string source)
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"# How collectives use the links, fitted to {Rows:N0} measured rows: median error {100 * ErrorBefore:0.0} % before, {100 * ErrorAfter:0.0} % after.\n");
        text.Append("# Belongs into a design of the same kind of system and fabric, or beside it: lightloom evaluate DESIGN --with FILE\n");
        text.Append("collectives:\n");
        if (Change.WithoutSwitchReduction) text.Append("  switchReduction: false\n");
        Section(text, "scaleUp", Cluster.Mechanisms!.ScaleUp.Key, source);
        if (Cluster.Mechanisms.Fabric is { } fabric) Section(text, "fabric", fabric.Key, source);
        if (Change.ScaleUpShare < 1) text.Append(CultureInfo.InvariantCulture, $"  scaleUpShare: {Quantity.Round(Change.ScaleUpShare, 4)}\n");
        if (Change.FabricShare < 1) text.Append(CultureInfo.InvariantCulture, $"  fabricShare: {Quantity.Round(Change.FabricShare, 4)}\n");
        return text.ToString();
    }

    void Section(StringBuilder text, string level, string key, string source)
    {
        text.Append(CultureInfo.InvariantCulture, $"  {level}:\n    basedOn: {key.TrimEnd('*')}\n");
        foreach (var p in Parameters.Where(p => p.Level == level))
        {
            var unit = p.Unit.Length == 0 ? "" : $" {p.Unit}";
            text.Append(CultureInfo.InvariantCulture,
                $"    {p.Key}: {{ value: {Quantity.Round(p.Value, 5)}{unit}, low: {Quantity.Round(Math.Min(p.Low, p.Value), 5)}{unit}, high: {Quantity.Round(Math.Max(p.High, p.Value), 5)}{unit}, source: {Quoted(source)}, grade: measured }}\n");
        }
    }

    static string Quoted(string text) => $"\"{string.Concat(text.Select(c => char.IsControl(c) || c is '"' or '\\' ? '_' : c))}\"";

    static ClusterMechanisms Turn(ClusterMechanisms mechanisms, Knob knob, double value) => knob.Level == "scaleUp"
        ? mechanisms with { ScaleUp = knob.Parameter.Set(mechanisms.ScaleUp, value) }
        : mechanisms with { Fabric = knob.Parameter.Set(mechanisms.Fabric!, value) };

    static Sourced<double> Share(double value) => Sourced<double>.Of(value, "log", Grade.Measured);

    static Sourced<Duration> Time(double microseconds) => Sourced<Duration>.Of(Duration.FromMicroseconds(microseconds), "log", Grade.Measured);

    static Sourced<DataSize> Size(double megabytes) => Sourced<DataSize>.Of(DataSize.FromBytes(megabytes * 1e6), "log", Grade.Measured);

    sealed class Fit(DescribedCluster cluster, NetworkChange change, IReadOnlyList<(CollectiveKind Kind, MeasuredRow Row)> rows,
        (double Start, double Low, double High)[] knobs, Func<ClusterMechanisms, int, double, ClusterMechanisms> turn)
    {
        public ClusterMechanisms Make(double[] values)
        {
            var made = cluster.Mechanisms!;
            for (var i = 0; i < values.Length; i++) made = turn(made, i, values[i]);
            return made;
        }

        public double[] Descend()
        {
            double[] values = [.. knobs.Select(k => Math.Clamp(k.Start, k.Low, k.High))];
            var best = Whole(values);
            foreach (var step in Steps)
            {
                for (var moved = true; moved;)
                {
                    moved = false;
                    for (var i = 0; i < values.Length; i++)
                    {
                        foreach (var factor in new[] { step, 1 / step })
                        {
                            while (true)
                            {
                                var old = values[i];
                                values[i] = Math.Clamp(old * factor, knobs[i].Low, knobs[i].High);
                                var now = values[i] == old ? double.PositiveInfinity : Whole(values);
                                if (now < best - 1e-9)
                                {
                                    best = now;
                                    moved = true;
                                    continue;
                                }
                                values[i] = old;
                                break;
                            }
                        }
                    }
                }
            }
            return values;
        }

        public (double Low, double High) Range(double[] values, int i)
        {
            var most = Error(values) + Worse;
            return (Walk(1 / 1.02), Walk(1.02));

            double Walk(double factor)
            {
                var tried = (double[])values.Clone();
                while (true)
                {
                    var next = Math.Clamp(tried[i] * factor, knobs[i].Low, knobs[i].High);
                    if (next == tried[i]) return next;
                    var old = tried[i];
                    tried[i] = next;
                    if (Error(tried) > most) return old;
                }
            }
        }

        double Whole(double[] values)
        {
            var tether = 0.0;
            for (var i = 0; i < values.Length; i++) tether += Math.Abs(Math.Log(values[i] / Math.Max(knobs[i].Start, knobs[i].Low)));
            return Error(values) + Tether * tether / values.Length;
        }

        double Error(double[] values)
        {
            var made = cluster.With(Make(values));
            var levels = change.Of(made.Levels);
            var sum = 0.0;
            foreach (var (kind, row) in rows) sum += Math.Abs(Math.Log(row.Time.Seconds / made.Expect(kind, row.Size, levels).Total.Seconds));
            return sum / rows.Count;
        }
    }
}
