namespace Lightloom.Fabric;

// Loads of all links under one pattern. Destinations are taken router by router; what all routers send to one is spread at once, so
// that all-to-all on N cards below R routers costs R searches of the graph and not N².
//
// Sums of floating-point numbers depend on their order: destinations are cut into a number of blocks that depends on the fabric
// alone, each block sums by itself, and blocks are added in order. The result is the same for any number of threads.

/// <summary>Adds up loads, in Gb/s, of every directed link of a fabric.</summary>
sealed class LoadCalculation
{
    const long MostBlockBytes = 256L << 20;
    const int MostBlocks = 16;

    readonly FabricGraph graph;
    readonly CardPorts ports;
    readonly LoadOptions options;
    readonly Traffic traffic;

    public LoadCalculation(CardPorts ports, Traffic traffic, LoadOptions options)
    {
        (this.ports, this.traffic, this.options) = (ports, traffic, options);
        graph = ports.Planes[0].Graph;
        Load = new double[2 * graph.Links];
    }

    /// <summary>Load of each directed link, in Gb/s.</summary>
    public double[] Load { get; }

    /// <summary>What cards want to send, in Gb/s.</summary>
    public double Offered { get; private set; }

    /// <summary>What of it has no path, in Gb/s.</summary>
    public double Unroutable { get; private set; }

    public void Run(IRouting routing)
    {
        if (traffic.IsUniform && options.HashSeed is not null)
            throw new FabricException("pattern", "flows of all-to-all are not hashed one by one: their number is the square of the cards'; leave out the hash, or give a permutation or a matrix");
        foreach (var plane in ports.Planes)
        {
            if (plane.EndpointList.Length == 0) continue;
            var router = routing.Bind(plane);
            IDemand demand = traffic.IsUniform ? new UniformDemand(plane, ports) : new FlowDemand(plane, ports, traffic.Flows, options, Load);
            if (router is AdaptiveRouter adaptive) Unroutable += adaptive.Run(demand, Load);
            else if (router is ValiantRouter valiant && options.HashSeed is null) Spread(valiant.Minimal, valiant.Detour(demand));
            else if (options.HashSeed is { } seed) Hash(router, (FlowDemand)demand, seed);
            else Spread(router, demand);
        }
        if (traffic.IsUniform) AddUniformEnds();
        else AddEnds();
    }

    void Spread(Router router, IDemand demand)
    {
        var plane = router.Plane;
        var blocks = (int)Math.Clamp(MostBlockBytes / (8L * (plane.Edges + (2L * graph.Links))), 1, MostBlocks);
        var each = ((plane.Routers - 1) / blocks) + 1;
        var sums = new LoadCounter[blocks];
        Parallel.For(0, blocks, options.Threads, block =>
        {
            var (scratch, loads, flow) = (new RouteScratch(), new LoadCounter(plane), new double[plane.Routers]);
            for (var to = block * each; to < Math.Min(plane.Routers, (block + 1) * each); to++)
            {
                if (!router.ByEndpoint)
                {
                    if (!demand.Into(to, -1, flow)) continue;
                    flow[to] = 0;
                    router.Spread(new(-1, 0, to, -1, default), flow, scratch, loads);
                    Array.Clear(flow);
                    continue;
                }
                foreach (var at in plane.EndpointsAt(to))
                {
                    if (!demand.Into(to, at, flow)) continue;
                    flow[to] = 0;
                    router.Spread(plane.EndpointList[at], flow, scratch, loads);
                    Array.Clear(flow);
                }
            }
            sums[block] = loads;
        });
        foreach (var sum in sums)
        {
            sum.AddTo(Load);
            Unroutable += sum.Lost;
        }
    }

    void Hash(Router router, FlowDemand demand, ulong seed)
    {
        var scratch = new RouteScratch();
        var path = new List<int>();
        foreach (var f in demand.Flows)
        {
            var (from, to) = (router.Plane.EndpointList[f.From], router.Plane.EndpointList[f.To]);
            if (from.Router == to.Router) continue;
            path.Clear();
            if (!router.Path(from, to, Router.Mix(seed, ((ulong)f.From << 32) | (uint)f.To), scratch, path)) Unroutable += f.Rate;
            foreach (var directed in path) Load[directed] += f.Rate;
        }
    }

    // Offered and unroutable of a pattern of flows; the loads of cards' own links were added with the flows.
    void AddEnds()
    {
        foreach (var f in traffic.Flows)
        {
            var rate = f.Weight * ports.Injection[f.From].GigabitsPerSecond;
            Offered += rate;
            if (ports.Scale(ports.Kind[f.From], ports.Kind[f.To]) == 0) Unroutable += rate;
        }
    }

    void AddUniformEnds()
    {
        var others = graph.Cards - 1.0;
        if (others == 0) return;
        var kinds = ports.CountOfKind.Length;
        // Sums over all cards of each kind: what a port sends, per Gb/s of its rate, over all receivers; and likewise received.
        var (sends, receives) = (new Dictionary<(int, int, int, int), double>(), new Dictionary<(int, int, int, int), double>());
        foreach (var plane in ports.Planes)
        {
            foreach (ref readonly var e in plane.EndpointList)
            {
                if (e.Link < 0) continue;
                var key = (plane.Index, ports.Kind[e.Card], e.Ordinal, plane.Component[e.Router]);
                if (!sends.TryGetValue(key, out var factor)) (factor, receives[key]) = Both(plane, e, kinds, others);
                sends[key] = factor;
                Load[2 * e.Link] += factor * e.Rate.GigabitsPerSecond;
                Load[(2 * e.Link) + 1] += receives[key] * e.Rate.GigabitsPerSecond;
            }
        }
        for (var a = 0; a < kinds; a++)
        {
            for (var b = 0; b < kinds; b++)
            {
                var pairs = (double)ports.CountOfKind[a] * (ports.CountOfKind[b] - (a == b ? 1 : 0));
                var rate = pairs / others * InjectionOf(a);
                Offered += rate;
                if (ports.Scale(a, b) == 0) Unroutable += rate;
            }
        }
    }

    (double Sends, double Receives) Both(FabricPlane plane, Endpoint e, int kinds, double others)
    {
        var (sends, receives) = (0.0, 0.0);
        var own = ports.Kind[e.Card];
        for (var kind = 0; kind < kinds; kind++)
        {
            var count = ports.CountOfKind[kind] - (kind == own ? 1 : 0);
            if (count == 0 || !HasPort(kind, plane, e)) continue;
            sends += count * (ports.Scale(own, kind) / others);
            receives += count * (ports.Scale(kind, own) / others);
        }
        return (sends, receives);
    }

    bool HasPort(int kind, FabricPlane plane, in Endpoint e)
    {
        foreach (ref readonly var other in plane.EndpointsOf(ports.FirstOfKind(kind)))
            if (CardPorts.Joined(e, other, plane)) return true;
        return false;
    }

    double InjectionOf(int kind) => ports.Injection[ports.FirstOfKind(kind)].GigabitsPerSecond;
}
