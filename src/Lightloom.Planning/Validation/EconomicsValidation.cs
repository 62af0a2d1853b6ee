// Published costs and power of networks beside the models'.
//
//   rack cost       server_usd, networking_usd and the rest of a rack -> the network's share of all, the optics' share of the network, in points of a
//                   per cent
//   co-packaged     gpus on switches of 144 ports -> switches, saved = switches · (7.0 − 3.95 kW), and GPUs of 1.4 kW fed by it (PowerEnvelope.cs)
//   HammingMesh     counts that a row prints, and those of its construction, x prices -> cost            [Hoefler et al., SC 2022, as recalled]
//
// Shares agree within 0.1 points, printed figures within half of their last digit, published costs within 1.5 %. A table of clusters may have prices of its
// own in columns switch_usd, dac_usd and aoc_usd.

using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Validation;

/// <summary>Costs and power of networks beside published figures; tables of those columns are in <c>data/validation/economics</c> and <c>data/validation/fabric</c>.</summary>
public sealed class EconomicsValidation : IValidationKind
{
    const double ShareTolerance = 0.1; // points

    /// <inheritdoc/>
    public string Name => "economics";

    /// <inheritdoc/>
    public string Description => "published costs and power of networks beside those of bills of materials";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("gb300_rack_network_cost", RackCost.Columns, Rack),
        new("cpo_fabric_power", ["gpus", "switches_published"], FabricValidation.Rows(FabricValidation.CoPackaged)),
        new("hammingmesh_costs", ["cluster", "topology", "dac_cables", "aoc_cables"], FabricValidation.Rows(FabricClusters.PredictCosts)),
    ];

    static void Rack(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            var rack = RackCost.Read(row);
            var (layers, network, total, optics) = (rack.Layers, rack.Network, rack.Total, rack.Optics);
            Add("total_budget_usd", total, "USD", 0.5, "the parts add up");
            Add("networking_pct_calc", 100 * network / total, "%", ShareTolerance, "");
            Add("networking_pct", 100 * network / total, "%", ShareTolerance, "");
            if (optics is { } modules && network > 0)
            {
                Add("optics_pct_of_networking_calc", 100 * modules / network, "%", ShareTolerance, "");
                Add("optics_pct_of_networking", 100 * modules / network, "%", ShareTolerance, "");
            }

            void Add(string column, double predicted, string unit, double tolerance, string note)
            {
                if (row.NumberOrNull(column) is not { } published) return;
                run.Add(new()
                {
                    File = table.Name,
                    Row = row.Number,
                    Id = $"{layers} layers",
                    Quantity = column,
                    Published = published,
                    Predicted = predicted,
                    Unit = unit,
                    ErrorUnit = unit == "%" ? "points" : unit,
                    Tolerance = tolerance,
                    Note = note,
                    Tags = [new("quantity", column), new("table", "rack")],
                });
            }
        }
    }
}
