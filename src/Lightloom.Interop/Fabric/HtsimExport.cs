using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning;

namespace Lightloom.Interop.Fabric;

// The topology file of htsim's fat trees (.topo): two or three tiers, from the leaves up. A node there is a network card here.
//
//   Nodes 128, Tiers 3, Podsize 16                        cards, tiers, cards of a pod
//   Tier 0: Downlink_speed_Gbps, Radix_Down, Radix_Up     of a switch: links down, and up
//           Oversubscribed                                links down over links up, where they are not as many
//           Downlink_Latency_ns, Switch_Latency_ns, and from tier 1 on Bundle: links to each switch below
//
// All pods, leaves and spines have to be alike and full, in one plane, and all links of one rate: htsim checks counts of links by rates, and both ways have to agree. It
// is read back by HtsimTopology.cs.

/// <summary>The topology file of htsim's fat trees (.topo).</summary>
public sealed class HtsimExport : FabricExport
{
    /// <inheritdoc/>
    public override string Name => "htsim";

    /// <inheritdoc/>
    public override string Description => "topology file of htsim's fat trees, two or three full tiers in one plane";

    /// <inheritdoc/>
    public override string FileName => "fabric.htsim.topo";

    /// <inheritdoc/>
    public override void Check(FabricExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        Shape(request.Graph);
    }

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        var tiers = Shape(graph);
        var shape = graph.Plan.Clos!;
        writer.Write(FabricText.Invariant($"Nodes {graph.Cards}\nTiers {tiers.Count}\nPodsize {(tiers.Count == 3 ? graph.Cards / shape.Pods : graph.Cards)}\n"));
        for (var t = 0; t < tiers.Count; t++)
        {
            var (rate, down, up, bundle, latency) = tiers[t];
            writer.Write(FabricText.Invariant($"\nTier {t}\nDownlink_speed_Gbps {rate}\nRadix_Down {down}\n"));
            if (t + 1 < tiers.Count) writer.Write(FabricText.Invariant($"Radix_Up {up}\n"));
            if (t + 1 < tiers.Count && down > up) writer.Write(FabricText.Invariant($"Oversubscribed {down / up}\n"));
            writer.Write(FabricText.Invariant($"Downlink_Latency_ns {(long)Math.Round(TrafficSimulation.Latency(graph, null).Links[0].Nanoseconds)}\nSwitch_Latency_ns {latency}\n"));
            if (t > 0) writer.Write(FabricText.Invariant($"Bundle {bundle}\n"));
        }
    }

    List<(long Rate, int Down, int Up, int Bundle, long Latency)> Shape(FabricGraph graph)
    {
        var shape = graph.Plan.Clos;
        var links = graph.Plan.Links.Where(l => l.Lower.Tier != "management" && l.Upper.Tier != "management").ToList();
        if (shape is null || graph.Plan.Tiers.Count is < 2 or > 3) throw Not("a fabric of two or three tiers of a folded Clos", graph.Plan.Clos is null ? $"a {graph.Plan.Topology}" : $"{graph.Plan.Tiers.Count} tiers");
        if (shape.Planes > 1) throw Not("one plane", $"{shape.Planes}");
        if (shape.LeavesPerUnit > 1) throw Not("systems whose cards meet one leaf", $"{shape.LeavesPerUnit} leaves of a unit");
        if (shape.Systems % (shape.SystemsPerUnit * shape.Units) != 0 || shape.Units % shape.Pods != 0) throw Not("full leaves and pods", $"{shape.Systems} systems on {shape.Units} leaves of {shape.SystemsPerUnit}");
        if (Math.Max(shape.UplinksPerLeaf, shape.SpinesPerPod) % Math.Min(shape.UplinksPerLeaf, shape.SpinesPerPod) != 0 || shape.UplinksPerLeaf < shape.SpinesPerPod)
            throw Not("as many links from a leaf to each spine", $"{shape.UplinksPerLeaf} to {shape.SpinesPerPod} spines");
        var latencies = graph.Plan.Tiers.Select(t => (long)Math.Round(t.Switch.Latency?.Value.Nanoseconds ?? 0)).ToList();
        long Rate(int tier) => (long)Math.Round(links[tier].Rate.GigabitsPerSecond);
        var perLeaf = shape.SystemsPerUnit * graph.CardsPerSystem;
        var leafBundle = shape.UplinksPerLeaf / shape.SpinesPerPod;
        var tiers = new List<(long Rate, int Down, int Up, int Bundle, long Latency)> { (Rate(0), perLeaf, shape.UplinksPerLeaf, 1, latencies[0]) };
        if (graph.Plan.Tiers.Count == 2)
        {
            tiers.Add((Rate(1), shape.Units * leafBundle, 0, leafBundle, latencies[1]));
            return Counted(tiers);
        }
        if (shape.UplinksPerSpine % shape.CoresPerGroup != 0) throw Not("as many links from a spine to each of its cores", $"{shape.UplinksPerSpine} to {shape.CoresPerGroup}");
        var coreBundle = shape.UplinksPerSpine / shape.CoresPerGroup;
        tiers.Add((Rate(1), shape.UnitsPerPod * leafBundle, shape.UplinksPerSpine, leafBundle, latencies[1]));
        tiers.Add((Rate(2), shape.Pods * coreBundle, 0, coreBundle, latencies[2]));
        return Counted(tiers);
    }

    List<(long Rate, int Down, int Up, int Bundle, long Latency)> Counted(List<(long Rate, int Down, int Up, int Bundle, long Latency)> tiers)
    {
        for (var t = 0; t + 1 < tiers.Count; t++)
        {
            if (tiers[t].Rate != tiers[t + 1].Rate) throw Not("links of one rate", $"{tiers[t].Rate} and {tiers[t + 1].Rate} Gb/s");
            if (tiers[t].Down % tiers[t].Up != 0) throw Not("tiers oversubscribed by a whole number, or not at all", $"{tiers[t].Down} links down and {tiers[t].Up} up");
        }
        return tiers;
    }

    InputException Not(string expected, string found) => new($"the format '{Name}' holds {expected}; this fabric has {found}");
}
