// Published counts of fabrics beside what their structure makes of the parameters.
//
//   formulas           topology, params -> endpoints, switches; and what formula_or_detail gives as name=number
//   graph properties   graph -> routers, links, degrees, diameter and mean distance, by breadth-first search over the expanded graph
//   SuperPODs          nodes of gpus/nodes accelerators and as many rails, switch_radix_ports -> leaf, spine, core and cables
//   HammingMesh        cluster, topology, construction -> switches, cables of copper (dac) and of active optics (aoc), cost, diameter
//   co-packaged        gpus on switches of 144 ports -> switches; saved = switches · (7.0 − 3.95 kW), and GPUs of 1.4 kW fed by it
//
//   cost = 14,280 $ · switches + 272 $ · dac + 603 $ · aoc       [Hoefler et al., SC 2022, as the table recalls them]
//
// Counts agree when they are equal, costs within 1.5 %, mean distances within 10⁻⁴, power within 0.5 kW.

using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>Published counts of fabrics beside those of the models; the tables are those of <c>data/validation/fabric</c>.</summary>
public sealed partial class FabricValidation : IValidationKind
{
    const double CostTolerance = 0.015;
    const double DistanceTolerance = 1e-4;
    const double PowerTolerance = 0.5; // kW: figures are printed whole
    const double MostSteps = 2e10; // of all searches for one row: devices times links, about half a minute

    /// <inheritdoc/>
    public string Name => "fabric";

    /// <inheritdoc/>
    public string Description => "published counts, distances and costs of fabrics beside those of the topologies";

    /// <inheritdoc/>
    public IReadOnlyList<ValidatedTable> Tables { get; } =
    [
        new("formulas", ["topology", "params", "endpoints", "switches"], Rows(Formula)),
        new("graph_properties", ["graph", "routers", "links", "deg_min", "deg_max", "diameter", "avg_shortest_path"], Rows(Graph)),
        new("superpod_counts", ["switch_radix_ports", "nodes", "gpus", "leaf", "spine"], Rows(SuperPod)),
        new("hammingmesh_costs", ["cluster", "topology", "dac_cables", "aoc_cables", "construction"], Rows(FabricClusters.Predict)),
        new("cpo_fabric_power", ["gpus", "switches_published"], Rows(CoPackaged)),
    ];

    internal static Action<CsvTable, ValidationRun> Rows(Action<FabricPoints, CsvRow> predict) => (table, run) =>
    {
        foreach (var row in table.Rows)
        {
            try
            {
                predict(new(run, row), row);
            }
            catch (FabricException e)
            {
                run.Skip(row, e.Message);
            }
            catch (OverflowException)
            {
                run.Skip(row, "a fabric larger than can be numbered");
            }
        }
    };

    static void Formula(FabricPoints points, CsvRow row)
    {
        var (name, parameters) = (row.Text("topology"), row["params"]);
        points.Id = $"{name} {parameters}".Trim();
        points.Family = name;
        var detail = row["formula_or_detail"];
        if (Pods().Match(detail) is { Success: true } pods && FabricClusters.Pods(pods, detail) is { } podded)
        {
            points.Count("endpoints", podded.AcceleratorCount);
            points.Count("switches", podded.Tiers[0].Count, note: "switches of racks");
            return;
        }
        var (fabric, reason) = FabricNames.Read(name, parameters);
        if (fabric is null)
        {
            points.Skip(reason);
            return;
        }
        var plan = fabric.Plan();
        points.Count("endpoints", fabric.Capacity);
        points.Count("switches", plan.OpticalSwitches?.Count ?? plan.SwitchCount, note: plan.OpticalSwitches is null ? "" : "optical circuit switches");
        if (detail.Length == 0) return;
        // What else the row says of the structure.
        foreach (var (what, said) in FabricNames.Assignments(detail))
        {
            double? predicted = what switch
            {
                "radix" => plan.Tiers.Max(t => t.PortsDown + t.PortsUp),
                "k'" => plan.Tiers[0].PortsUp,
                "degree q+1" => plan.Tiers[0].PortsUp,
                "groups" => plan.Wiring.Groups,
                "global links" => plan.Link("global")?.Count,
                "local links" => plan.Link("local")?.Count,
                _ => null,
            };
            if (predicted is { } number) points.Add(what, said, number);
        }
        if (DiameterOf().Match(detail) is { Success: true } diameter && plan.Tiers.Count == 1)
            points.Add("diameter", int.Parse(diameter.Groups[1].ValueSpan, CultureInfo.InvariantCulture), plan.Diameter - 1);
    }

    static void Graph(FabricPoints points, CsvRow row)
    {
        var name = row.Text("graph");
        points.Id = name;
        points.Family = name.Split(' ')[0];
        var (fabric, reason) = FabricNames.Read(name);
        if (fabric is null)
        {
            points.Skip(reason);
            return;
        }
        // Every switch counts, whether hosts are on it or not.
        var plan = Topologies.Find(fabric.Topology).Plan(fabric.Topology is "torus" or "fat-tree" ? fabric.Request with { Systems = checked((int)fabric.Capacity) } : fabric.Request);
        var between = plan.Links.Where(l => l.Upper.Tier == "node" || l.Lower.Tier != "node").Sum(l => (double)l.Count);
        double devices = plan.SwitchCount > 0 ? plan.SwitchCount : plan.NicPorts / (2.0 * fabric.Request.Parameters!.Dimensions!.Count);
        if (devices > GraphProperties.MostDevices || devices * between > MostSteps)
        {
            points.Count("routers", devices);
            points.Count("links", between);
            return;
        }
        var found = GraphProperties.Of(FabricGraph.Of(plan));
        points.Count("routers", found.Devices);
        points.Count("links", found.Links);
        points.Count("deg_min", found.LeastDegree);
        points.Count("deg_max", found.MostDegree);
        points.Count("diameter", found.Diameter);
        points.Relative("avg_shortest_path", found.MeanDistance, "hops", DistanceTolerance);
    }

    static void SuperPod(FabricPoints points, CsvRow row)
    {
        var nodes = (int)row.Count("nodes", 1, 1_000_000);
        var gpus = (int)row.Count("gpus", 1);
        points.Id = $"{row["system"]} {row["table"]} {nodes} nodes".Trim();
        points.Family = row.Has("table") ? row["table"] : "SuperPOD";
        if (gpus % nodes != 0)
        {
            points.Skip("GPUs aren't a whole number for each node");
            return;
        }
        var each = gpus / nodes;
        // Links beyond those of GPUs go to fabric managers, and take places below the leaves.
        var managers = Math.Clamp((row.CountOrNull("cables_node_leaf") ?? gpus) - gpus, 0, 4 * each);
        var plan = Topologies.Find("rail-optimized").Plan(FabricNames.Of(nodes, (int)row.Count("switch_radix_ports", 2, 100_000), cards: each, accelerators: each) with
        {
            ManagementLinks = (int)managers,
        });
        var note = managers == 0 ? "" : $"{managers} links to fabric managers, as its cables say";
        points.Count("leaf", plan.Tiers[0].Count, note);
        points.Count("spine", plan.Tier("spine")?.Count ?? 0, note);
        points.Count("core", plan.Tier("core")?.Count ?? 0, note);
        if (managers == 0) points.Count("cables_node_leaf", plan.Link("node-leaf")!.Count);
        points.Count("cables_leaf_spine", plan.Link("leaf-spine")?.Count ?? 0, note);
        points.Count("cables_spine_core", plan.Link("spine-core")?.Count ?? 0, note);
    }

    internal static void CoPackaged(FabricPoints points, CsvRow row)
    {
        const int Radix = 144, Rack = 72, Host = 8;
        Power pluggable = Power.FromKilowatts(7.0), coPackaged = Power.FromKilowatts(3.95), gpu = Power.FromKilowatts(1.4);
        var gpus = (int)row.Count("gpus", 1);
        points.Id = $"{gpus} GPUs";
        points.Family = "co-packaged";
        var each = gpus % Rack == 0 ? Rack : gpus % Host == 0 ? Host : 1;
        var plan = Topologies.Find("rail-optimized").Plan(FabricNames.Of(gpus / each, Radix, cards: each, accelerators: each));
        points.Count("leaf_calc", plan.Tiers[0].Count);
        points.Count("spine_calc", plan.Tier("spine")?.Count ?? 0);
        points.Count("core_calc", plan.Tier("core")?.Count ?? 0);
        points.Count("switches_published", plan.SwitchCount);
        var saved = (pluggable - coPackaged) * (double)plan.SwitchCount;
        points.Absolute("kW_saved_published", saved.Kilowatts, "kW", PowerTolerance);
        points.Count("extra_gpus_published", PowerEnvelope.Fed(saved, gpu));
    }

    [GeneratedRegex(@"(?<pods>[\d,]+) pods x (?<racks>[\d,]+) racks x (?<each>[\d,]+) GPUs")]
    private static partial Regex Pods();

    [GeneratedRegex(@"diameter (\d)")]
    private static partial Regex DiameterOf();
}
