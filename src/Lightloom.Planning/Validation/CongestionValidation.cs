// Published figures of load balancing beside the model's.
//
//   balls in bins    uplinks, flows for each -> 1 / E[fullest / mean]; drawn figures of two digits agree within 0.01
//   load balancing   share      what a policy leaves of balanced links over so many leaves
//                    gain       share(policy) / share(baseline)
//                    slowdown   share(whole) / share(links down)
//                    throughput 1 / (1 - c + c / share), c the share of communication in the step; over the baseline's where one is named
//   band             the same with every parameter of the policy at the worse, and at the better end of its range
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Congestion;

namespace Lightloom.Planning.Validation;

/// <summary>Load balancing beside published figures; the tables are those of <c>data/validation/congestion</c>.</summary>
public sealed class CongestionValidation : IValidationKind
{
    const double DrawnTolerance = 0.01;

    enum End
    {
        Worse,
        Value,
        Better,
    }

    /// <inheritdoc/>
    public string Name => "congestion";

    /// <inheritdoc/>
    public string Description => "what load balancing leaves of a fabric's bandwidth beside published figures";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("balls_in_bins", ["uplinks", "flows_per_uplink", "share"], Bins),
        new("load_balancing", ["id", "quantity", "policy", "baseline", "uplinks", "leaves", "published"], Figures),
    ];

    static void Bins(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var uplinks = (int)row.Count("uplinks", 1, 100_000);
            var each = (int)row.Count("flows_per_uplink", 1, 1000);
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = $"{uplinks} uplinks x {each}",
                Quantity = "share",
                Published = row.Real("share", 0, 1),
                Predicted = each / MostLoadedLink.Of(uplinks, uplinks * each).Expected(),
                Unit = "share",
                ErrorUnit = "share",
                Tolerance = DrawnTolerance,
                Tags = [new("table", "balls in bins"), new("uplinks", $"{uplinks}")],
            });
        }
    }

    static void Figures(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var policy = Policy(row, "policy");
            var baseline = row.Has("baseline") ? Policy(row, "baseline") : null;
            var quantity = row.Text("quantity");
            var part = row.NumberOrNull("communication_share", 0, 1);
            if (quantity == "throughput" && part is null)
            {
                run.Skip(row, "a gain of training says nothing of the fabric without 'communication_share'");
                continue;
            }
            Func<LoadBalancing, LinkStage, double> figure = quantity switch
            {
                "share" or "gain" => static (p, s) => Share(p, s),
                "slowdown" => static (p, s) => Share(p, s with { FailedShare = 0 }) / Share(p, s),
                "throughput" => (p, s) => 1 / (1 - part!.Value + part.Value / Share(p, s)),
                _ => throw row.Wrong("quantity", $"expected one of share, gain, slowdown, throughput; found '{quantity}'{Nearest.Hint(quantity, ["share", "gain", "slowdown", "throughput"])}"),
            };
            if (quantity == "gain" && baseline is null) throw row.Wrong("baseline", "a gain is over a baseline; the cell is empty");
            var uplinks = (int)row.Count("uplinks", 1, 100_000);
            var stage = new LinkStage("leaf-spine", uplinks, uplinks, row.Count("leaves", 1, 10_000_000))
            {
                Load = row.NumberOrNull("load", 0.01, 1000) ?? 1,
                FailedShare = row.NumberOrNull("failed_share", 0, 0.5) ?? 0,
            };
            double Of(End own, End other) => figure(At(policy, own), stage) / (baseline is null ? 1 : figure(At(baseline, other), stage));
            double[] ends = [Of(End.Worse, End.Better), Of(End.Better, End.Worse)];
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = row.Text("id"),
                Quantity = quantity,
                Published = row.Real("published", 1e-6, 1e6),
                Predicted = Of(End.Value, End.Value),
                Unit = quantity == "share" ? "share" : "ratio",
                Low = ends.Min(),
                High = ends.Max(),
                Note = row["note"],
                Tags = [new("table", "load balancing"), new("policy", policy.Key)],
            });
        }
    }

    static double Share(LoadBalancing policy, LinkStage stage) => stage.Switches <= 1 ? 1 : new FabricBalance(policy, stage).Share.Expected;

    static LoadBalancing At(LoadBalancing policy, End end) => end == End.Value ? policy : policy with
    {
        QueuePairs = Take(policy.QueuePairs, end),
        Connections = Take(policy.Connections, end),
        Rebalanced = Take(policy.Rebalanced, end),
        Residual = Take(policy.Residual, end == End.Worse ? End.Better : End.Worse),
        ResidualAbove = policy.ResidualAbove is { } above ? Take(above, end == End.Worse ? End.Better : End.Worse) : null,
        Overhead = Take(policy.Overhead, end == End.Worse ? End.Better : End.Worse),
    };

    static Sourced<T> Take<T>(Sourced<T> figure, End end) => figure with { Value = end == End.Worse ? figure.Low : figure.High };

    static LoadBalancing Policy(CsvRow row, string column)
    {
        try
        {
            return PartCatalog.Default.Get<LoadBalancing>(row.Text(column));
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw row.Wrong(column, e.Problem);
        }
    }
}
