// Published figures of failures beside the model's.
//
//   interruptions   component, count -> its share of all counts of the table, in points of a per cent: printed figures agree within half of their
//                   last digit. A table that prints another share than its counts make is wrong, and shows as a miss
//                   category GPU or Host -> counts of the group beside rate x accelerator-years of the site's defaults
//   expected times  interruptions in days, or a rate of nodes or parts -> mean time between two of them, or the rate of a part
//   effective       with write_s and recovery_s: the share of time that counts, exact or to first order, and Young's, Daly's and the best interval;
//                   interval_s where the table has one, else Young's
//
// Rates of the defaults come from the first table: those points show that it is kept, not that it is predicted.

using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>Failures beside published figures; the tables are those of <c>data/validation/reliability</c>.</summary>
public sealed class ReliabilityValidation : IValidationKind
{
    const double LlamaDays = 54;
    const double LlamaAccelerators = 16384;

    static readonly string[] Quantities =
    [
        "mean time", "rate per 1000 node-days", "rate per accelerator-year", "effective", "effective, first order", "interval, Young", "interval, Daly", "interval, best",
    ];

    /// <inheritdoc/>
    public string Name => "reliability";

    /// <inheritdoc/>
    public string Description => "published interruptions, rates and effective training times beside those of the models";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("interruptions", ["component", "category", "count_54d_16384H100", "published_pct"], Interruptions),
        new("expected times", ["id", "quantity", "published", "unit"], Expected),
        SitesValidation.MeasuredRuns,
    ];

    static void Interruptions(CsvTable table, ValidationRun run)
    {
        var counts = table.Rows.Select(r => r.Count("count_54d_16384H100", 0, 1_000_000_000)).ToList();
        double all = counts.Sum();
        if (all <= 0) throw table.Rows[0].Wrong("count_54d_16384H100", "expected a count above 0 in one of the rows");
        for (var i = 0; i < counts.Count; i++)
        {
            var row = table.Rows[i];
            var share = 100 * counts[i] / all;
            foreach (var column in new[] { "published_pct", "pct_of_419" })
            {
                if (!row.Has(column)) continue;
                var published = row.Real(column, 0, 100);
                var within = ValidationPoint.HalfDigit(row[column]);
                run.Add(new()
                {
                    File = table.Name,
                    Row = row.Number,
                    Id = row.Text("component"),
                    Quantity = column == "published_pct" ? "share as printed" : "share",
                    Published = published,
                    Predicted = share,
                    Unit = "%",
                    ErrorUnit = "points",
                    Tolerance = within,
                    Note = Math.Abs(share - published) <= within ? "" : string.Create(CultureInfo.InvariantCulture, $"{counts[i]} of {all} are {share:0.0} %: the table contradicts itself"),
                    Tags = [new("table", "interruptions"), new("category", row.Text("category"))],
                });
            }
        }
        var site = PartCatalog.Default.Get<SiteDefaults>("default");
        var years = LlamaAccelerators * LlamaDays / 365.25;
        Group("accelerators and hosts", r => r["category"] is "GPU" or "Host" && r["component"] != "NIC", site.AcceleratorInterruptions.Value);
        Group("silent errors", r => r["component"] == "Silent Data Corruption", site.SilentErrors.Value);
        Group("network cards", r => r["component"] == "NIC", site.NicFailures.Value);
        Group("software and maintenance", r => r["category"] is "Dependency" or "Unplanned Maintenance" or "Unknown", site.OtherInterruptions.Value);

        void Group(string name, Func<CsvRow, bool> of, FailureRate rate)
        {
            var rows = table.Rows.Where(of).ToList();
            if (rows.Count == 0) return;
            var published = rows.Sum(r => r.Count("count_54d_16384H100", 0, 1_000_000_000));
            run.Add(new()
            {
                File = table.Name,
                Row = rows[0].Number,
                Id = name,
                Quantity = "interruptions",
                Published = published,
                Predicted = rate.PerYear * years,
                Unit = "count",
                ErrorUnit = "count",
                Tolerance = 0.5,
                Note = "the defaults' rate is from this table",
                Tags = [new("table", "interruptions"), new("category", name)],
            });
        }
    }

    static void Expected(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var quantity = row.Text("quantity");
            if (!Quantities.Contains(quantity))
                throw row.Wrong("quantity", $"expected one of {string.Join(", ", Quantities)}; found '{quantity}'{Nearest.Hint(quantity, Quantities)}");
            var published = row.Real("published", 0, 1e12);
            if (RateOf(row) is not { } rate)
            {
                run.Skip(row, "it gives neither interruptions and days, nor a rate of nodes or of parts");
                continue;
            }
            if (Predict(row, quantity, rate) is not { } predicted)
            {
                run.Skip(row, $"'{quantity}' needs {(quantity.StartsWith("rate", StringComparison.Ordinal) ? "accelerators, and accelerators_per_node for nodes" : "write_s, and recovery_s for a share")}");
                continue;
            }
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = row.Text("id"),
                Quantity = quantity,
                Published = published,
                Predicted = predicted,
                Unit = row.Text("unit"),
                ErrorUnit = row.Text("unit"),
                Tolerance = ValidationPoint.HalfDigit(row["published"]),
                Note = row["note"],
                Tags = [new("table", "expected times"), new("quantity", quantity)],
            });
        }
    }

    static double? Predict(CsvRow row, string quantity, FailureRate rate)
    {
        var accelerators = row.NumberOrNull("accelerators", 1, 1e9);
        switch (quantity)
        {
            case "mean time":
                return In(row, rate.MeanTime);
            case "rate per accelerator-year":
                return accelerators is { } n ? rate.PerYear / n : null;
            case "rate per 1000 node-days":
                return accelerators is { } a && row.NumberOrNull("accelerators_per_node", 1, 1e6) is { } each ? rate.PerSecond * 86400 * 1000 / (a / each) : null;
        }
        if (row.NumberOrNull("write_s", 0, 1e9) is not { } seconds) return null;
        var write = Duration.FromSeconds(seconds);
        var young = CheckpointIntervals.Young(rate, write);
        switch (quantity)
        {
            case "interval, Young":
                return In(row, young);
            case "interval, Daly":
                return In(row, CheckpointIntervals.Daly(rate, write));
            case "interval, best":
                return In(row, CheckpointIntervals.Optimum(rate, write));
        }
        if (row.NumberOrNull("recovery_s", 0, 1e9) is not { } restart) return null;
        var interval = row.NumberOrNull("interval_s", 1e-3, 1e9) is { } given ? Duration.FromSeconds(given) : young;
        var share = quantity == "effective" ? Goodput.Exact(rate, write, Duration.FromSeconds(restart), interval) : Goodput.FirstOrder(rate, write, Duration.FromSeconds(restart), interval);
        return row.Text("unit") switch
        {
            "%" => 100 * share,
            "share" => share,
            var unit => throw row.Wrong("unit", $"expected % or share, found '{unit}'"),
        };
    }

    static double In(CsvRow row, Duration time) => row.Text("unit") switch
    {
        "s" => time.Seconds,
        "min" => time.Minutes,
        "h" => time.Hours,
        "d" => time.Seconds / 86400,
        var unit => throw row.Wrong("unit", $"expected s, min, h or d, found '{unit}'"),
    };

    /// <summary>Interruptions a second of everything that the row is about; null where it says too little.</summary>
    static FailureRate? RateOf(CsvRow row)
    {
        var (rate, column) = Given(row);
        if (rate is not { } found) return null;
        if (found > 1) throw row.Wrong(column, $"{found:G3} interruptions a second; expected at most 1 /s");
        return found > 0 ? FailureRate.FromPerSecond(found) : throw row.Wrong(column, "no interruptions; expected more than 0");
    }

    static (double? Rate, string Column) Given(CsvRow row)
    {
        if (row.NumberOrNull("interruptions", 0, 1e15) is { } count && row.NumberOrNull("days", 1e-9, 1e9) is { } days) return (count / days / 86400, "interruptions");
        if (row.NumberOrNull("rate_per_1000_node_days", 0, 1e15) is { } nodes && row.NumberOrNull("accelerators", 1, 1e9) is { } accelerators)
            return (nodes / 1000 / 86400 * accelerators / (row.NumberOrNull("accelerators_per_node", 1, 1e6) ?? 1), "rate_per_1000_node_days");
        if (row.NumberOrNull("rate_per_part_year", 0, 1e15) is { } part && row.NumberOrNull("parts", 1, 1e12) is { } parts)
            return (parts * FailureRate.FromPerYear(part).PerSecond, "rate_per_part_year");
        return (null, "");
    }
}
