namespace Lightloom.Fabric;

// Universal globally-adaptive load balancing [Singh, "Load-Balanced Routing in Interconnection Networks", PhD thesis, Stanford 2005;
// on dragonflies Kim, Dally, Scott, Abts, ISCA 2008]: each packet compares a minimal path with one Valiant path through a random
// router, and takes the minimal one unless its queue times its length is more:
//
//   minimal if   q_m · H_m ≤ q_v · H_v          H  hops
//
// Queues are those of the first link where only local state is known (UGAL-L), and the largest on the path with global knowledge
// (UGAL-G). Of several next hops on either path a router takes the least loaded, as adaptive switches do; without the detours that is
// minimal adaptive routing, by itself.
//
// There is no time here: a link's load so far, over its rate, stands for its queue. Every flow is divided into Parts equal parts,
// which are placed one after another, in rounds over all flows in a seeded random order. It is a model of the choice, not of a
// network in time; with many flows it tends to the balance that the rule strives for.

/// <summary>Minimal paths; every switch takes the least loaded of the equal next hops.</summary>
public sealed class MinimalAdaptive : IRouting
{
    /// <inheritdoc/>
    public string Name => "adaptive";

    /// <inheritdoc/>
    public string Description => "Minimal paths, over the least loaded of equal links at each switch.";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane) => AdaptiveRouter.TooLarge(plane);

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        Routings.Check(this, plane);
        return new AdaptiveRouter(plane, Detour.Never);
    }
}

/// <summary>Minimal or by a detour, whichever is less loaded at the first link (UGAL-L).</summary>
public sealed class UgalLocal : IRouting
{
    /// <inheritdoc/>
    public string Name => "ugal-l";

    /// <inheritdoc/>
    public string Description => "Minimal or through a random router, by the load of the first link times the hops (UGAL-L).";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane) => AdaptiveRouter.TooLarge(plane);

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        Routings.Check(this, plane);
        return new AdaptiveRouter(plane, Detour.ByFirstLink);
    }
}

/// <summary>Minimal or by a detour, whichever path is less loaded at its fullest link (UGAL-G).</summary>
public sealed class UgalGlobal : IRouting
{
    /// <inheritdoc/>
    public string Name => "ugal-g";

    /// <inheritdoc/>
    public string Description => "Minimal or through a random router, by the largest load of each path times its hops (UGAL-G).";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane) => AdaptiveRouter.TooLarge(plane);

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        Routings.Check(this, plane);
        return new AdaptiveRouter(plane, Detour.ByFullestLink);
    }
}

/// <summary>When an adaptive routing leaves minimal paths.</summary>
enum Detour
{
    Never,
    ByFirstLink,
    ByFullestLink,
}

sealed class AdaptiveRouter : Router
{
    const int MostRouters = 4096;
    const int Parts = 8;
    const int MostFlows = 4_000_000;
    const ulong Seed = 1;

    readonly ValiantRouter valiant;
    readonly NextHopTables tables;
    readonly Detour detours;
    readonly double[] rate;

    public AdaptiveRouter(FabricPlane plane, Detour detours)
        : base(plane)
    {
        this.detours = detours;
        rate = new double[2 * plane.Graph.Links];
        for (var l = 0; l < rate.Length; l++) rate[l] = FabricPlane.RateOf(plane.Graph, l / 2).GigabitsPerSecond;
        valiant = new(plane);
        tables = NextHopTables.Of(valiant.Minimal);
    }

    public static string? TooLarge(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return plane.Routers <= MostRouters ? null
            : $"it places flows one by one and needs every router's table; the most is {MostRouters:N0} routers in a plane, and this has {plane.Routers:N0}";
    }

    // With nothing loaded, a minimal path is taken.
    public override bool Path(in Endpoint from, in Endpoint to, ulong key, RouteScratch scratch, List<int> path)
    {
        ArgumentNullException.ThrowIfNull(scratch);
        if (scratch.Flow.Length < rate.Length) scratch.Flow = new double[rate.Length];
        return tables.Path(from.Router, to.Router, key, scratch.Flow, rate, path);
    }

    internal override void Spread(in Endpoint to, double[] inflow, RouteScratch scratch, LoadCounter loads) =>
        throw new InvalidOperationException("an adaptive routing places flows one by one");

    /// <summary>Places all flows; returns what had no path, in Gb/s.</summary>
    public double Run(IDemand demand, double[] load)
    {
        var flows = Flows(demand);
        var order = Traffic.Shuffled(flows.Count, Seed);
        var (minimal, detour) = (new List<int>(), new List<int>());
        var lost = 0.0;
        for (var part = 0; part < Parts; part++)
        {
            foreach (var at in order)
            {
                var (from, to, all) = flows[at];
                var key = Mix(Mix(Seed, (ulong)at), (ulong)part);
                minimal.Clear();
                detour.Clear();
                if (!tables.Path(from, to, key, load, rate, minimal))
                {
                    lost += all / Parts;
                    continue;
                }
                var taken = minimal;
                if (detours != Detour.Never)
                {
                    var choice = valiant.IntermediatesOf(from);
                    var via = choice[(int)(Mix(key, 0x5A) % (ulong)choice.Length)];
                    if (via != from && via != to && tables.Path(from, via, Mix(key, 1), load, rate, detour) && tables.Path(via, to, Mix(key, 2), load, rate, detour) &&
                        Cost(minimal, load) > Cost(detour, load)) taken = detour;
                }
                foreach (var directed in taken) load[directed] += all / Parts;
            }
        }
        return lost;
    }

    double Cost(List<int> path, double[] load)
    {
        var most = load[path[0]] / rate[path[0]];
        if (detours == Detour.ByFullestLink)
            foreach (var directed in path) most = Math.Max(most, load[directed] / rate[directed]);
        return most * path.Count;
    }

    List<(int From, int To, double Rate)> Flows(IDemand demand)
    {
        var list = new List<(int, int, double)>();
        if (demand is FlowDemand given)
        {
            foreach (var f in given.Flows)
            {
                var (from, to) = (Plane.EndpointList[f.From].Router, Plane.EndpointList[f.To].Router);
                if (from != to) list.Add((from, to, f.Rate));
            }
        }
        else
        {
            var flow = new double[Plane.Routers];
            for (var to = 0; to < Plane.Routers; to++)
            {
                if (!demand.Into(to, -1, flow)) continue;
                for (var from = 0; from < flow.Length; from++)
                    if (from != to && flow[from] > 0) list.Add((from, to, flow[from]));
                Array.Clear(flow);
                if (list.Count > MostFlows) break;
            }
        }
        return list.Count <= MostFlows ? list
            : throw new FabricException("pattern", $"an adaptive routing places flows one by one, and this pattern has more than {MostFlows:N0} between routers");
    }
}
