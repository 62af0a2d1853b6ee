// Published figures of training over several sites beside the model's.
//
//   bandwidth for a utilisation    arXiv:2501.18512 table 4, 2502.12996 table 5, 2503.09799 table 6, simulated by their authors: the same simulation
//                                  (PublishedSimulation.cs). What a step sends over its time, R, is printed with one or two digits only ("0.8 s", "10B").
//                                  It is the one unknown of a model, and lies between the least and the most that the model's own data-parallel rows
//                                  allow (within 8 %): where rows are meant for calibration (column split), the value with the least mean error over
//                                  them; otherwise the geometric mean of the two, and every other row is predicted. Without data-parallel rows
//                                  R = 13 bit x parameters / step time, what the rows of four models have in common
//   measured, over the internet    utilisation = computing / (computing + all-reduce), rate of the step = rate without sites x utilisation
//   hours at a bandwidth           steps x (time that data parallel takes for a step at it), BF16, one layer's exchange after another
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning.Validation;

/// <summary>Training over several sites beside published figures; the tables are those of <c>data/validation/training</c> that are about sites.</summary>
public sealed partial class SitesValidation : IValidationKind
{
    const double Tolerance = 0.2;
    const double BitsPerParameter = 13; // see the head of this file
    const int LayersWhereNotSaid = 40; // tail of the data-parallel rows of the models whose layers aren't printed: 38 to 47, and below 49
    const int LayersOfFragment = 3;
    const int LayersOfHours = 24;
    const double Intellect1Rate = 43.3; // % of peak without exchanges, arXiv:2412.01152 table 2

    static readonly Duration Intellect1Steps = Duration.FromMinutes(38); // 100 inner steps, the same table

    /// <inheritdoc/>
    public string Name => "sites";

    /// <inheritdoc/>
    public string Description => "bandwidth between sites for a compute utilisation, and measured runs over several sites";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("bandwidth for a utilisation", ["id", "model", "layers", "step_time", "method", "compute_utilisation_pct", "bandwidth"], Simulated),
        MeasuredRuns,
    ];

    /// <summary>The table of runs over several sites, which is of reliability's kind as well.</summary>
    internal static ValidatedTable MeasuredRuns { get; } = new("runs over several sites", ["id", "system", "model", "scope", "metric", "value", "notes"], Measured);

    // A row of the first table.
    sealed record SimulatedRow(CsvRow Row, string Group, double Parameters, double StepSeconds, int Layers, ExchangeSchedule Schedule, int Steps, double Share, double Published)
    {
        public double Ratio { get; } = PublishedSimulation.LargestRatio(Schedule, Layers, Steps, Share);

        public bool DataParallel => Schedule.Period == 1 && Schedule.Fragment == Layers;
    }

    static void Simulated(CsvTable table, ValidationRun run)
    {
        var rows = new List<SimulatedRow>();
        foreach (var row in table.Rows)
            if (Read(row, run) is { } read) rows.Add(read);
        foreach (var group in rows.GroupBy(r => r.Group))
        {
            var sent = RateOf([.. group]);
            foreach (var r in group)
            {
                var needed = sent.Best / r.Ratio;
                run.Add(new()
                {
                    File = table.Name,
                    Row = r.Row.Number,
                    Id = r.Row.Text("id"),
                    Quantity = "bandwidth",
                    Published = Finite(r.Published),
                    Predicted = Predicted(needed, r.Published),
                    Unit = "Gb/s",
                    Low = Predicted(sent.Least / r.Ratio, r.Published),
                    High = Predicted(sent.Most / r.Ratio, r.Published),
                    Tolerance = Tolerance,
                    Note = string.Create(CultureInfo.InvariantCulture, $"needs {needed:G4} Gb/s; {sent.From}"),
                    Tags =
                    [
                        new("table", "bandwidth for a utilisation"),
                        new("rows", sent.Fitted ? "one number of each model fitted" : r.DataParallel && sent.Least < sent.Most ? "step time taken from it" : "predicted"),
                        new("method", MethodName(r)),
                        new("model", r.Row.Text("model")),
                        new("utilisation", $"{r.Row.Text("compute_utilisation_pct")} %"),
                    ],
                });
            }
        }
    }

    // "1000+", where the largest bandwidth of the grid is not enough, counts as the next one.
    static double Finite(double bandwidth) =>
        double.IsPositiveInfinity(bandwidth) ? PublishedSimulation.Grid[^1] * PublishedSimulation.Grid[1] / PublishedSimulation.Grid[0] : bandwidth;

    // What prints as published is what was published: rounding is no error.
    static double Predicted(double needed, double published) => PublishedSimulation.FirstEnough(needed) is var first &&
        PublishedSimulation.Print(first).Equals(published) ? Finite(published) : Finite(first);

    static string MethodName(SimulatedRow r) => r.Schedule.Fragment == r.Layers ? (r.Schedule.Period == 1 ? "data parallel" : "DiLoCo")
        : r.Schedule.Delay == 0 ? "streaming" : r.Schedule.Delay < r.Steps ? "streaming, inner steps overlapped" : "streaming, outer step overlapped";

    /// <summary>What a step of a model sends over its time, in Gb/s.</summary>
    /// <param name="Best">What is predicted with.</param>
    /// <param name="Least">The least that data-parallel rows allow.</param>
    /// <param name="Most">The most that they allow.</param>
    /// <param name="From">Where it comes from, in words.</param>
    /// <param name="Fitted">Whether all rows of the model served to find it.</param>
    sealed record SentOverTime(double Best, double Least, double Most, string From, bool Fitted);

    static SentOverTime RateOf(IReadOnlyList<SimulatedRow> rows)
    {
        var stated = BitsPerParameter * rows[0].Parameters / rows[0].StepSeconds / 1e9;
        double least = 0, most = double.PositiveInfinity;
        foreach (var r in rows.Where(r => r.DataParallel))
        {
            if (PublishedSimulation.Bracket(r.Published) is not var (above, atMost)) continue;
            least = Math.Max(least, above * r.Ratio);
            most = Math.Min(most, atMost * r.Ratio);
        }
        if (!(least > 0) || double.IsPositiveInfinity(most)) return new(stated, stated, stated, "step time as printed", false);
        if (least > most) (least, most) = (most, least);
        var calibrating = rows.Where(r => r.Row["split"] == "calibrate").ToList();
        var (best, from) = calibrating.Count > 0
            ? (Fit(calibrating, least, most), $"fitted on {calibrating.Count} rows")
            : (Math.Sqrt(least * most), "from its data-parallel rows");
        return new(best, least, most, string.Create(CultureInfo.InvariantCulture,
            $"its steps send {best:G4} Gb/s, {from}, {best * rows[0].StepSeconds * 1e9 / rows[0].Parameters:0.0} bits for a parameter and printed step time"), calibrating.Count > 0);
    }

    /// <summary>The rate with the least mean error, the middle of those that are alike.</summary>
    static double Fit(IReadOnlyList<SimulatedRow> rows, double least, double most)
    {
        const int Points = 400;
        double ErrorAt(double rate) => rows.Average(r => Math.Abs((Predicted(rate / r.Ratio, r.Published) / Finite(r.Published)) - 1));
        var rates = Enumerable.Range(0, Points + 1).Select(i => least * Math.Pow(most / least, i / (double)Points)).ToList();
        var errors = rates.ConvertAll(ErrorAt);
        var smallest = errors.Min();
        var first = errors.IndexOf(smallest);
        var last = first;
        while (last < Points && errors[last + 1] <= smallest + 1e-12) last++;
        return Math.Sqrt(rates[first] * rates[last]);
    }

    static SimulatedRow? Read(CsvRow row, ValidationRun run)
    {
        var model = row.Text("model");
        if (Size().Match(model) is not { Success: true } size)
        {
            run.Skip(row, $"the model '{model}' doesn't say its parameters, such as '10B'");
            return null;
        }
        var time = row.Text("step_time");
        if (!Quantity.TryParse<Duration>(Unit().Replace(time, "$1 $2"), out var step, out var problem)) throw row.Wrong("step_time", problem);
        if (!(step > Duration.Zero)) throw row.Wrong("step_time", $"expected a time above 0, found '{time}'");
        if (row.Has("unit") && row["unit"] != "Gbit/s") throw row.Wrong("unit", $"expected Gbit/s, found '{row["unit"]}'");
        var layers = (int)(row.CountOrNull("layers", 1, 100_000) ?? LayersWhereNotSaid);
        var share = row.Real("compute_utilisation_pct", 0.01, 99.99) / 100;
        var bandwidth = row.Text("bandwidth");
        var published = bandwidth.EndsWith('+') ? double.PositiveInfinity : row.Real("bandwidth", 1e-6, 1e9);
        if (ScheduleOf(row.Text("method"), layers) is not var (schedule, steps))
        {
            run.Skip(row, $"the method '{row.Text("method")}' is not known");
            return null;
        }
        var parameters = double.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture) * (size.Groups[2].Value == "M" ? 1e6 : 1e9);
        return new(row, $"{model} {time}", parameters, step.Seconds, layers, schedule, steps, share, published);
    }

    static (ExchangeSchedule Schedule, int Steps)? ScheduleOf(string method, int layers)
    {
        var steps = Steps().Match(method) is { Success: true } h ? int.Parse(h.Groups[1].Value, CultureInfo.InvariantCulture) : 100;
        if (steps is < 1 or > 10_000) return null;
        var format = ExchangeFormat.All.FirstOrDefault(f => method.Contains(f.Name, StringComparison.OrdinalIgnoreCase)) ?? ExchangeFormat.Bf16;
        if (method.StartsWith("Data-Parallel", StringComparison.OrdinalIgnoreCase)) return (ExchangeSchedule.Whole(layers, 1, 0, format), 1);
        if (method.StartsWith("DiLoCo", StringComparison.OrdinalIgnoreCase)) return (ExchangeSchedule.Whole(layers, steps, 0, format), steps);
        if (!method.StartsWith("Streaming DiLoCo", StringComparison.OrdinalIgnoreCase) || layers % LayersOfFragment != 0) return null;
        var delay = Overlapped().Match(method) is not { Success: true } overlapped ? (method.Contains("overlap", StringComparison.OrdinalIgnoreCase) ? 1 : 0)
            : int.Parse(overlapped.Groups[1].Value, CultureInfo.InvariantCulture) * (overlapped.Groups[2].Value == "outer" ? steps : 1);
        return delay > 10 * steps ? null : (PublishedSimulation.Fragments(layers, LayersOfFragment, steps, delay, format), steps);
    }

    [GeneratedRegex(@"(\d+(?:\.\d+)?)([BM])\b")]
    private static partial Regex Size();

    [GeneratedRegex(@"^([\d.]+)\s*([a-z]+)$")]
    private static partial Regex Unit();

    [GeneratedRegex(@"\bH\s*=\s*(\d{1,6})\b")]
    private static partial Regex Steps();

    [GeneratedRegex(@"\b(\d{1,3})-(inner|outer)-steps?\b")]
    private static partial Regex Overlapped();

    // "100 inner steps = 38 min"
    [GeneratedRegex(@"(\d+) inner steps = (\d+(?:\.\d+)?) min")]
    private static partial Regex InnerSteps();

    [GeneratedRegex(@"^hours for (?:\d+B/)*\d+B tokens$")]
    private static partial Regex Hours();

    [GeneratedRegex(@"(\d+(?:\.\d+)?) Gbit/s vs infinite")]
    private static partial Regex AgainstInfinite();

    static void Measured(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var metric = row.Text("metric");
            if (metric.StartsWith("MFU / all-reduce s / CU", StringComparison.Ordinal)) AllReduced(table, row, run);
            else if (Hours().IsMatch(metric)) InHours(table, row, run);
            else if (metric == "MFU") run.Skip(row, "it is what other rows are compared with");
            else run.Skip(row, $"'{metric}' of '{row["scope"]}' says neither bandwidth nor time of the exchange");
        }
    }

    static void AllReduced(CsvTable table, CsvRow row, ValidationRun run)
    {
        var cells = Numbers(row, row.Text("value"), 3);
        var model = row.Text("model");
        var others = table.Rows.Where(r => r["model"] == model && r["system"] == row["system"]).ToList();
        var computing = others.Prepend(row).Select(r => InnerSteps().Match(r["notes"])).FirstOrDefault(m => m.Success);
        var alone = others.FirstOrDefault(r => r["metric"] == "MFU" && r["scope"].Contains("no comm", StringComparison.OrdinalIgnoreCase));
        // Where a table has only some of its rows: what the report of the run says of all of them.
        var known = model.StartsWith("INTELLECT-1", StringComparison.Ordinal);
        if (computing is null && !known)
        {
            run.Skip(row, "no row of its model says how long the steps between two exchanges take");
            return;
        }
        var work = new SiteWork
        {
            LayerParameters = [1],
            Step = computing is null ? Intellect1Steps : Duration.FromMinutes(double.Parse(computing.Groups[2].Value, CultureInfo.InvariantCulture)),
        };
        // Blocking: all steps between two exchanges are one step here.
        var schedule = ExchangeSchedule.Whole(1, 1, 0, ExchangeFormat.Find("int8")).With(overlapped: false, hierarchical: false);
        var share = work.Step.Seconds / LayerSimulation.SteadyStep(work, schedule, cells[1], 0);
        Add("compute utilisation", cells[2], 100 * share);
        if ((alone?.Real("value", 0, 100) ?? (known ? Intellect1Rate : null)) is { } rate) Add("rate", cells[0], rate * share);

        void Add(string quantity, double published, double predicted) => run.Add(new()
        {
            File = table.Name,
            Row = row.Number,
            Id = row.Text("id"),
            Quantity = quantity,
            Published = published,
            Predicted = predicted,
            Unit = "%",
            Tolerance = Tolerance,
            Note = $"exchange of {cells[1]} s after {work.Step.ToString("G3")}",
            Tags = [new("table", "runs over several sites"), new("method", "DiLoCo, measured"), new("model", model)],
        });
    }

    static void InHours(CsvTable table, CsvRow row, ValidationRun run)
    {
        var model = row.Text("model");
        var sides = row.Text("value").Split(" vs ");
        if (Size().Match(model) is not { Success: true } size || AgainstInfinite().Match(row["scope"]) is not { Success: true } scope || sides.Length != 2 ||
            ScheduleOf(row["system"], LayersOfHours) is not var (schedule, _))
        {
            run.Skip(row, "hours are predicted for a known method, of a model with its size in its name, against an infinite bandwidth");
            return;
        }
        var at = Numbers(row, sides[0], 0);
        var free = Numbers(row, sides[1], at.Count);
        var bandwidth = Bandwidth.FromGigabitsPerSecond(double.Parse(scope.Groups[1].Value, CultureInfo.InvariantCulture));
        // The step of this model in the table of the same authors, 24 layers and 0.1 s.
        var parameters = double.Parse(size.Groups[1].Value, CultureInfo.InvariantCulture) * (size.Groups[2].Value == "M" ? 1e6 : 1e9);
        var work = SiteWork.Of(parameters, LayersOfHours, Duration.FromSeconds(0.1 * parameters / 1e9));
        var share = work.Step.Seconds / LayerSimulation.SteadyStep(work, schedule, schedule.Format.SentBits(2) / bandwidth.BitsPerSecond, 0);
        for (var i = 0; i < at.Count; i++)
        {
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = row.Text("id"),
                Quantity = $"hours {i + 1}",
                Published = at[i],
                Predicted = free[i] / share,
                Unit = "h",
                Tolerance = Tolerance,
                Note = "24 layers and 0.1 s a step as in table 4 of the same paper",
                Tags = [new("table", "runs over several sites"), new("method", "hours"), new("model", model)],
            });
        }
    }

    static List<double> Numbers(CsvRow row, string text, int count)
    {
        var cells = text.Split('/', StringSplitOptions.TrimEntries);
        var numbers = new List<double>();
        foreach (var cell in cells)
        {
            if (!double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) || !(number > 0) || !double.IsFinite(number))
                throw row.Wrong("value", $"expected numbers above 0 with '/' between them, found '{row["value"]}'");
            numbers.Add(number);
        }
        return count == 0 || numbers.Count == count ? numbers : throw row.Wrong("value", $"expected {count} numbers, found '{row["value"]}'");
    }
}
