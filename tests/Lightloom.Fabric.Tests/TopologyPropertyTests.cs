using CsCheck;
using Lightloom.Catalog;

namespace Lightloom.Fabric.Tests;

/// <summary>What holds of any fabric of any topology, on random requests of which many can't be.</summary>
public class TopologyPropertyTests
{
    static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    static Gen<int?> Maybe(int least, int most) => Gen.Frequency((2, Gen.Const((int?)null)), (1, Gen.Int[least, most].Select(i => (int?)i)));

    static readonly Gen<FabricRequest> Bases =
        from radix in Gen.Int[3, 40]
        from systems in Gen.Frequency((3, Gen.Int[1, 60]), (1, Gen.Int[60, 250]))
        from nics in OneOf(1, 1, 2, 3, 4, 8)
        from portsPerNic in OneOf(1, 1, 2, 4)
        from planes in OneOf(1, 1, 2)
        from cage in OneOf(1, 2, 4)
        from split in OneOf(false, true)
        from slowLinks in OneOf(false, false, true)
        from reserved in OneOf(0, 0, 1)
        from spread in OneOf(UplinkSpread.WholeBundles, UplinkSpread.FewestSwitches)
        select new FabricRequest
        {
            Systems = systems,
            System = Parts.System(nics, nics, split ? 200 : 400, portsPerNic),
            Switch = Parts.Switch(radix, 400, 200, cage),
            FabricRate = slowLinks ? Parts.Gb(400) : null,
            Leaf = new() { ReservedPorts = reserved },
            Planes = planes,
            UplinkSpread = spread,
        };

    static readonly Gen<(string, FabricRequest)> Dragonflies =
        from request in Bases
        from name in OneOf("dragonfly", "dragonfly+")
        from p in Maybe(1, 8)
        from a in Maybe(1, 9)
        from h in Maybe(1, 6)
        from g in Maybe(1, 12)
        from l in Maybe(1, 2)
        from s in Maybe(1, 6)
        select (name, request with
        {
            Parameters = new() { HostsPerSwitch = p, SwitchesPerGroup = a, GlobalLinksPerSwitch = h, Groups = g, LinksPerPair = l, SpinesPerGroup = name == "dragonfly" ? null : s },
        });

    static readonly Gen<(string, FabricRequest)> HyperXs =
        from request in Bases
        from dimensions in Gen.Frequency((1, Gen.Const((int[]?)null)), (2, Gen.Int[1, 6].Array[1, 4].Select(a => (int[]?)a)))
        from t in Maybe(1, 8)
        from k in Maybe(1, 3)
        select ("hyperx", request with { Parameters = new() { Dimensions = dimensions, HostsPerSwitch = t, LinksPerPair = k } });

    static readonly Gen<(string, FabricRequest)> Flies =
        from request in Bases
        from name in OneOf("slim-fly", "polarfly")
        from q in OneOf<int?>(null, 2, 3, 4, 5, 7, 8, 9)
        from p in Maybe(1, 8)
        select (name, request with { Parameters = new() { Order = q, HostsPerSwitch = p } });

    static readonly Gen<(string, FabricRequest)> Jellyfishes =
        from request in Bases
        from switches in Maybe(1, 60)
        from p in Maybe(1, 8)
        from r in Maybe(1, 8)
        from seed in Maybe(0, 1000)
        select ("jellyfish", request with { Parameters = new() { Switches = switches, HostsPerSwitch = p, Degree = r, Seed = seed } });

    static readonly Gen<(string, FabricRequest)> Grids =
        from request in Bases
        from name in OneOf("torus", "hammingmesh")
        from dimensions in Gen.Frequency((1, Gen.Const((int[]?)null)), (2, Gen.Int[1, 6].Array[2, 3].Select(a => (int[]?)a)))
        from board in Gen.Frequency((1, Gen.Const((int[]?)null)), (1, Gen.Int[1, 4].Array[2, 3].Select(a => (int[]?)a)))
        from ports in OneOf(4, 4, 6, 8, 12)
        from nics in OneOf(1, 2)
        from optical in OneOf<OpticalCircuitSwitch?>(null, Parts.OpticalSwitch(40))
        select (name, request with
        {
            System = Parts.System(nics, nics, 400, ports * request.Planes),
            Parameters = new()
            {
                // Whole boards more often than by chance.
                Dimensions = name == "torus" && board is not null && dimensions?.Length == board.Length ? [.. dimensions.Zip(board, static (d, b) => d * b)] : dimensions,
                Board = board,
                OpticalSwitch = name == "torus" && board is not null ? optical : null,
            },
        });

    static readonly Gen<(string, FabricRequest)> Closes =
        from request in EnumerationTests.Requests
        from name in OneOf("rail-only", "multi-plane", "dual-tor", "rail-optimized")
        from twin in OneOf(1, 2, 2)
        from rails in Maybe(1, 4)
        select (name, request with { Rails = rails, System = Parts.System(request.System.Nics.Value, request.System.Nics.Value, 200, twin) });

    internal static readonly Gen<(string Topology, FabricRequest Request)> All = Gen.OneOf(Dragonflies, HyperXs, Flies, Jellyfishes, Grids, Closes);

    [Fact]
    public void Graphs_are_what_their_plans_count()
    {
        var planned = new System.Collections.Concurrent.ConcurrentDictionary<string, int>();
        All.Sample(t =>
        {
            if (EnumerationTests.TryPlan(t.Topology, t.Request) is not { } plan) return;
            planned.AddOrUpdate(t.Topology, 1, static (_, n) => n + 1);
            Assert.Equal(t.Topology, plan.Topology);
            if (plan.LinkCount > 200_000) return;
            // Expanding already holds every class to its count, and every port to one link.
            var graph = FabricGraph.Of(plan);
            CheckPorts(plan, graph);
            if (plan.Clos is null) CheckModules(plan, graph);
            CheckGroups(plan, graph);
            CheckLocality(plan);
            CheckDistances(plan, graph);
        }, iter: 8_000);
        foreach (var name in (string[])["dragonfly", "dragonfly+", "hyperx", "slim-fly", "polarfly", "jellyfish", "torus", "hammingmesh", "rail-only", "multi-plane", "dual-tor"])
            Assert.True(planned.GetValueOrDefault(name) > 15, $"only {planned.GetValueOrDefault(name)} of the random requests of {name} could be planned");
    }

    static void CheckPorts(FabricPlan plan, FabricGraph graph)
    {
        foreach (var tier in plan.Tiers)
        {
            var devices = graph.Tier(tier.Name)!;
            var used = 0L;
            Assert.Equal(tier.Count, devices.Count);
            Assert.InRange(tier.PortsDown + tier.PortsUp, 0, tier.Radix);
            for (var i = 0; i < devices.Count; i++)
            {
                var degree = graph.DegreeOf(devices.First + i);
                Assert.InRange(degree, 0, Math.Min(tier.Radix, tier.PortsDown + tier.PortsUp + plan.Request.ManagementLinks));
                used += degree;
            }
            Assert.Equal(tier.UnusedPorts, (tier.Count * tier.Radix) - used);
        }
        var bundles = new Dictionary<(int, int, int), int>();
        for (var l = 0; l < graph.Links; l++)
        {
            var key = (graph.ClassOf[l], graph.Lower[l], graph.Upper[l]);
            bundles[key] = bundles.GetValueOrDefault(key) + 1;
        }
        for (var c = 0; c < plan.Links.Count; c++)
        {
            if (plan.Links[c].Lower.Tier == "node" && plan.Links[c].Upper.Tier != "node") continue;
            foreach (var ((linkClass, _, _), links) in bundles)
                if (linkClass == c) Assert.InRange(links, 1, plan.Links[c].Bundle * (plan.Links[c].Upper.Tier == "node" ? plan.Request.Planes : 1));
        }
    }

    // The slow way: every cage of every switch that a link touches holds a module, whichever class came first.
    static void CheckModules(FabricPlan plan, FabricGraph graph)
    {
        foreach (var tier in graph.Tiers.Where(t => t.Switch is not null))
        {
            var cage = (tier.Switch!.PortsPerCage?.Value ?? 1) * tier.Split;
            var cages = new HashSet<(int, int)>();
            for (var i = 0; i < tier.Count; i++)
                foreach (var link in graph.LinksOf(tier.First + i)) cages.Add((i, graph.PortOf(link, tier.First + i) / cage));
            var counted = plan.Links.Sum(l => (l.Lower.Tier == tier.Name ? l.Lower.Modules : 0) + (l.Upper.Tier == tier.Name ? l.Upper.Modules : 0));
            // A cage that two classes share counts for the first, which needn't have filled it where hosts are missing.
            var shared = SharesCages(plan, graph, tier, cage);
            if (shared) Assert.InRange(counted, cages.Count - tier.Count, cages.Count);
            else Assert.Equal(cages.Count, counted);
        }
    }

    static bool SharesCages(FabricPlan plan, FabricGraph graph, DeviceTier tier, int cage)
    {
        var owner = new Dictionary<int, int>();
        for (var i = 0; i < tier.Count; i++)
        {
            foreach (var link in graph.LinksOf(tier.First + i))
            {
                var at = graph.PortOf(link, tier.First + i) / cage;
                if (owner.TryGetValue(at, out var first) && first != graph.ClassOf[link]) return true;
                owner[at] = graph.ClassOf[link];
            }
        }
        // Also where the class before would have reached into the cage of the next, had it all its hosts.
        return plan.Tiers.Any(t => t.Name == tier.Name && t.PortsDown + t.PortsUp > t.Radix - cage * plan.Links.Count);
    }

    static void CheckGroups(FabricPlan plan, FabricGraph graph)
    {
        var before = 0;
        for (var system = 0; system < graph.Systems; system++)
        {
            Assert.InRange(plan.Wiring.GroupOfSystem(system), before, plan.Wiring.Groups - 1);
            before = plan.Wiring.GroupOfSystem(system);
        }
        for (var t = 0; t < plan.Tiers.Count; t++)
            for (var i = 0; i < graph.Tier(plan.Tiers[t].Name)!.PerPlane; i++)
                Assert.InRange(plan.Wiring.GroupOfSwitch(t, i), -1, plan.Wiring.Groups - 1);
    }

    static void CheckLocality(FabricPlan plan)
    {
        Assert.InRange(plan.Locality.Count, 2, 6);
        Assert.Equal(plan.AcceleratorCount, plan.Locality[^1].Accelerators);
        for (var i = 1; i < plan.Locality.Count; i++)
        {
            Assert.InRange(plan.Locality[i].Accelerators, plan.Locality[i - 1].Accelerators, plan.AcceleratorCount);
            Assert.True(plan.Locality[i].Bandwidth.Si > 0, $"{plan.Locality[i].Name} of {plan.Topology} has no bandwidth");
            Assert.True(plan.Locality[i].Bandwidth.Si <= plan.InjectionPerAccelerator.Si);
        }
        Assert.InRange(plan.BisectionShare.Si, plan.Locality[^1].Accelerators > plan.Locality[0].Accelerators && plan.Topology != "jellyfish" ? 1e-9 : 0, 1);
    }

    // Cards forward only where no switch does; every card reaches every other in its plane, and no way is longer than the plan says.
    static void CheckDistances(FabricPlan plan, FabricGraph graph)
    {
        var cardsForward = plan.Topology is "torus" or "hammingmesh";
        var missing = cardsForward && plan.Links.Where(l => l.Lower.Tier == "node").Sum(l => l.Count * (l.Upper.Tier == "node" ? 2 : 1)) < plan.NicPorts;
        var distance = new int[graph.Devices];
        for (var first = 0; first < graph.Cards; first += Math.Max(1, graph.Cards / 5))
        {
            Array.Fill(distance, -1);
            distance[first] = 0;
            var queue = new Queue<int>([first]);
            while (queue.TryDequeue(out var device))
            {
                if (device != first && device < graph.Cards && !cardsForward) continue;
                foreach (var link in graph.LinksOf(device))
                {
                    var other = graph.Across(link, device);
                    if (distance[other] >= 0) continue;
                    distance[other] = distance[device] + 1;
                    queue.Enqueue(other);
                }
            }
            for (var card = 0; card < graph.Cards; card++)
            {
                if (distance[card] < 0)
                {
                    // Rails meet in the system, planes in the card; where a system is one node its cards do.
                    Assert.True(plan.Topology == "rail-only" || plan.Request.Planes > 1 || cardsForward || !plan.Links[0].Name.StartsWith("node", StringComparison.Ordinal),
                        $"card {card} of {plan.Topology} is out of reach");
                    continue;
                }
                if (!missing) Assert.True(distance[card] - 1 <= plan.Diameter, $"card {card} of {plan.Topology} is {distance[card]} links away, and the plan says {plan.Diameter + 1}");
            }
        }
    }
}
