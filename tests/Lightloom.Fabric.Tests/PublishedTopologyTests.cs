using static Lightloom.Fabric.Tests.PublishedTables;

namespace Lightloom.Fabric.Tests;

/// <summary>Every row of the tables in data/validation/fabric.</summary>
public class PublishedTopologyTests
{
    public static FabricRequest Request(int hosts, int radix, TopologyParameters? parameters = null, int portsPerNic = 1) => new()
    {
        Systems = hosts,
        System = Parts.System(1, 1, 400, portsPerNic),
        Switch = Parts.Switch(radix),
        Parameters = parameters,
    };

    static FabricPlan Plan(string topology, FabricRequest request) => Topologies.Find(topology).Plan(request);

    public static TheoryData<string, string> Formulas => Rows("formulas", "topology", "params");

    public static TheoryData<string, string> Graphs => Rows("graph_properties", "graph", "routers");

    public static TheoryData<string, string> HammingMeshCosts => Rows("hammingmesh_costs", "cluster", "topology");

    public static TheoryData<string, string> SuperPods => Rows("superpod_counts", "table", "nodes");

    static TheoryData<string, string> Rows(string table, string first, string second) =>
        new(Read(table).Select(row => (row[first], row[second])));

    static Dictionary<string, string> Row(string table, string first, string one, string second, string two) =>
        Read(table).Single(row => row[first] == one && row[second] == two);

    [Theory]
    [MemberData(nameof(Formulas))]
    public void Counts_follow_the_formulas(string topology, string text)
    {
        var row = Row("formulas", "topology", topology, "params", text);
        var (endpoints, switches) = (row.Int("endpoints"), 0L);
        FabricPlan plan;
        switch (topology)
        {
            case "fat-tree 2-tier" or "fat-tree 3-tier":
                plan = Plan("fat-tree", Request(endpoints, Number(text, "k")) with { Tiers = topology.Contains('2') ? 2 : 3 });
                Assert.Equal((topology.Contains('2') ? 2L : 3) * endpoints, plan.LinkCount);
                break;
            case "Slim Fly MMS":
                var q = Number(text, "q");
                Assert.Equal(Number(text, "delta"), q % 4 == 1 ? 1 : -1);
                plan = Plan("slim-fly", Request(endpoints, Number(row["formula_or_detail"], "radix"), new() { Order = q }));
                Assert.Equal(Number(row["formula_or_detail"], "k'"), plan.Tiers[0].PortsUp);
                Assert.Equal(0, plan.UnusedPorts);
                break;
            case "PolarFly ER_q":
                plan = Plan("polarfly", Request(endpoints, Number(row["formula_or_detail"], "radix"), new() { Order = Number(text, "q") }));
                // The q + 1 quadrics have a port left.
                Assert.Equal(Number(text, "q") + 1, plan.UnusedPorts);
                break;
            case "Dragonfly balanced":
                plan = Plan("dragonfly", Request(endpoints, Number(row["formula_or_detail"], "radix")));
                Assert.Equal((Number(text, "p"), Number(text, "g") * plan.Request.Planes), (plan.Tiers[0].PortsDown, (int)plan.Tiers[0].Groups));
                Assert.Equal(Number(row["formula_or_detail"], "global links"), plan.Link("global")!.Count);
                Assert.Equal(Number(row["formula_or_detail"], "local links"), plan.Link("local")!.Count);
                Assert.Equal(0, plan.UnusedPorts);
                break;
            case "Dragonfly+ (max, balanced)":
                plan = Plan("dragonfly+", Request(endpoints, Number(text, "k")));
                Assert.Equal(Number(row["formula_or_detail"], "groups"), plan.Tiers[0].Groups);
                Assert.Equal(0, plan.UnusedPorts);
                break;
            case "TPU v4 3D torus + OCS":
                plan = Plan("torus", Tpu(16, 16, 16));
                Assert.Equal((64, 6144, 128), (plan.Wiring.Groups, (int)plan.OpticalSwitches!.UsedPorts, plan.OpticalSwitches.PortsPerSwitch));
                switches = plan.OpticalSwitches.Count;
                break;
            case "Meta 24K RoCE (Llama 3)":
                plan = Plan("fat-tree", new()
                {
                    Systems = endpoints / 16,
                    System = Parts.System(16, 16),
                    Switch = Parts.Switch(576),
                    Leaf = new() { Switch = Parts.Switch(64) },
                    Spine = new() { Oversubscription = Lightloom.Quantities.Ratio.From(7) },
                    SystemsPerUnit = 1,
                    SystemsPerPod = 192,
                });
                switches = plan.Tiers[0].Count;
                Assert.Equal(8, plan.Clos!.Pods);
                break;
            default:
                throw new InvalidOperationException($"nobody counts {topology}");
        }
        Assert.Equal(endpoints, plan.AcceleratorCount);
        Assert.Equal(int.Parse(row["switches"].Split(' ')[0]), switches > 0 ? switches : plan.SwitchCount);
        if (topology is "fat-tree 2-tier" or "fat-tree 3-tier" or "TPU v4 3D torus + OCS" or "Meta 24K RoCE (Llama 3)") return;
        // One more has no place.
        var more = Assert.Throws<FabricException>(() => Plan(plan.Topology, plan.Request with { Systems = endpoints + 1 }));
        Assert.Equal(("systems", (double?)endpoints), (more.Field, more.NearestBelow));
    }

    internal static FabricRequest Tpu(params int[] sides) => new()
    {
        Systems = sides.Aggregate(1, (p, s) => p * s),
        System = Parts.System(1, 1, 400, 6),
        Switch = Parts.Switch(64),
        Parameters = new() { Dimensions = sides, Board = [4, 4, 4], OpticalSwitch = Parts.OpticalSwitch(136) },
    };

    [Theory]
    [MemberData(nameof(Graphs))]
    public void Expanded_graphs_have_the_published_properties(string graph, string routers)
    {
        var row = Row("graph_properties", "graph", graph, "routers", routers);
        var count = row.Int("routers");
        var degree = row.Int("deg_max");
        var plan = graph.Split(' ')[0] switch
        {
            "SlimFly" => Plan("slim-fly", Request(count, degree + 1, new() { Order = Number(graph, "q") })),
            "PolarFly" => Plan("polarfly", Request(count, degree + 1, new() { Order = Number(graph, "q") })),
            "Dragonfly" => Plan("dragonfly", Request(count * Number(graph, "h"), degree + Number(graph, "h"))),
            "Torus" => Plan("torus", Request(count, 64, new() { Dimensions = Sides(graph) }, portsPerNic: 6)),
            "HyperX" => Plan("hyperx", Request(count, degree + 1, new() { Dimensions = Sides(graph) })),
            _ => throw new InvalidOperationException($"nobody builds {graph}"),
        };
        var found = GraphProperties.Of(FabricGraph.Of(plan));
        Assert.Equal((count, row.Int("links"), row.Int("deg_min"), degree), (found.Devices, (int)found.Links, found.LeastDegree, found.MostDegree));
        Assert.Equal(row.Int("diameter"), found.Diameter);
        Assert.Equal(row.Real("avg_shortest_path"), found.MeanDistance, 4);
        Assert.Equal(plan.Tiers.Count > 0 ? found.Diameter + 1 : found.Diameter - 1, plan.Diameter);
    }

    static int[] Sides(string graph) => [.. graph.Split(' ')[1].Split('x').Select(int.Parse)];

    [Theory]
    [MemberData(nameof(SuperPods))]
    public void SuperPods_have_the_published_counts(string table, string nodes)
    {
        var row = Row("superpod_counts", "table", table, "nodes", nodes);
        // Table 4's systems leave a place of 8 ports for 4 links to UFM.
        var plan = Plan("rail-optimized", new() { Systems = row.Int("nodes"), System = Parts.Dgx, Switch = Parts.Qm9700, ManagementLinks = row.Int("cables_node_leaf") - (8 * row.Int("nodes")) });
        Assert.Equal((row.Int("leaf"), row.Int("spine"), row.Int("core")),
            ((int)plan.Tiers[0].Count, (int)plan.Tiers[1].Count, (int)(plan.Tier("core")?.Count ?? 0)));
        Assert.Equal(row.Int("cables_node_leaf"), plan.Link("node-leaf")!.Count + (plan.Link("management-leaf")?.Count ?? 0));
        Assert.Equal(row.Int("cables_leaf_spine"), plan.Link("leaf-spine")!.Count);
        Assert.Equal(row.Int("cables_spine_core"), plan.Link("spine-core")?.Count ?? 0);
        Assert.Equal(row.Int("gpus"), plan.AcceleratorCount);
    }

    // Prices of the paper's cost model, recalled as the table says: a 64 x 400G switch, a 5 m copper cable, a 20 m active optical one.
    [Theory]
    [MemberData(nameof(HammingMeshCosts))]
    public void HammingMesh_clusters_have_the_published_switches_cables_and_cost(string cluster, string topology)
    {
        var row = Row("hammingmesh_costs", "cluster", cluster, "topology", topology);
        var request = new FabricRequest { Systems = 1024, System = Parts.System(1, 16), Switch = Parts.Switch(64), UplinkSpread = UplinkSpread.FewestSwitches };
        string[] optical = ["leaf-spine", "global", "node-column", "ring-1", "ring-2"];
        var plan = topology switch
        {
            "nonblocking fat tree" => Plan("fat-tree", request with { Planes = 16, Tiers = 2 }),
            "50% tapered fat tree" => Plan("fat-tree", request with { Planes = 16, Tiers = 2, Leaf = new() { Uplinks = 22 } }),
            "75% tapered fat tree" => Plan("fat-tree", request with { Planes = 16, Tiers = 2, Leaf = new() { Uplinks = 13 } }),
            // Two routers of 32 ports in a switch: half as many with twice the ports, and 2 x 2 links between two switches.
            "Dragonfly" => Plan("dragonfly", request with
            {
                Planes = 16,
                Parameters = new() { HostsPerSwitch = 16, SwitchesPerGroup = 8, GlobalLinksPerSwitch = 16, Groups = 8, LinksPerPair = 4 },
            }),
            "2D HyperX (Hx1Mesh)" => Plan("hammingmesh", request with { Planes = 4, Parameters = new() { Board = [1, 1], Dimensions = [32, 32] } }),
            "Hx2Mesh" => Plan("hammingmesh", request with { Planes = 4, Parameters = new() { Board = [2, 2], Dimensions = [16, 16] } }),
            "Hx4Mesh" => Plan("hammingmesh", request with { Planes = 4, Parameters = new() { Board = [4, 4], Dimensions = [8, 8] } }),
            "2D torus" => Plan("torus", request with { Planes = 4, Parameters = new() { Board = [2, 2], Dimensions = [32, 32] } }),
            _ => throw new InvalidOperationException($"nobody builds {topology}"),
        };
        var cables = plan.Links.Where(l => !l.OnBoard).ToLookup(l => optical.Contains(l.Name), l => l.Count);
        // The tapered rows count a cable for every port below a leaf, also for the 26 and 47 of a plane that no card is left for.
        var dac = row["construction"].Contains("every leaf port counted", StringComparison.Ordinal) || topology.StartsWith("75%", StringComparison.Ordinal)
            ? plan.Tiers[0].Count * plan.Tiers[0].PortsDown
            : cables[false].Sum();
        var aoc = cables[true].Sum();
        Assert.Equal((row.Int("switches_64x400G"), row.Int("dac_cables"), row.Int("aoc_cables")), (plan.SwitchCount, dac, aoc));
        var cost = ((14280 * plan.SwitchCount) + (272 * dac) + (603 * aoc)) / 1e6;
        Assert.Equal(row.Real("cost_MUSD_published"), cost, row.Real("cost_MUSD_published") * 0.015);
        // Links from card to card; of the dragonfly links between routers, of which the paper states 3, as for any dragonfly. Here each
        // router has 16 global links to 7 other groups and needs no hop to find one: 2.
        Assert.Equal(topology == "Dragonfly" ? 2 : row.Int("diameter"), topology == "Dragonfly" ? plan.Diameter - 1 : plan.Diameter + 1);
    }

    [Theory]
    [InlineData("576")]
    [InlineData("4608")]
    public void Co_packaged_fabrics_have_the_published_switches(string gpus)
    {
        var row = Read("cpo_fabric_power").Single(r => r["gpus"] == gpus);
        var plan = Plan("rail-optimized", new() { Systems = row.Int("gpus") / 72, System = Parts.System(72, 72), Switch = Parts.Switch(144) });
        Assert.Equal((row.Int("leaf_calc"), row.Int("spine_calc"), row.Int("core_calc")), ((int)plan.Tiers[0].Count, (int)plan.Tiers[1].Count, (int)(plan.Tier("core")?.Count ?? 0)));
        Assert.Equal(row.Int("switches_published"), plan.SwitchCount);
        // A switch with pluggable modules draws 7.0 kW, one with co-packaged optics 3.95 kW; a GPU 1.4 kW.
        var saved = plan.SwitchCount * (7.0 - 3.95);
        Assert.Equal(row.Real("kW_saved_published"), saved, 0.5);
        Assert.Equal(row.Int("extra_gpus_published"), Math.Floor(saved / 1.4));
    }
}
