namespace Lightloom.Fabric;

/// <summary>What a plane has to carry, destination by destination.</summary>
interface IDemand
{
    /// <summary>The plane.</summary>
    FabricPlane Plane { get; }

    /// <summary>
    /// Adds what each router sends to a destination, in Gb/s: to one port at it, or to all of them when that is −1.
    /// </summary>
    /// <returns>False when nothing is sent there.</returns>
    bool Into(int router, int endpoint, double[] flow);
}

/// <summary>A part of a flow, between two ports of one plane.</summary>
readonly record struct PortFlow(int From, int To, double Rate);

/// <summary>Flows that are written down one by one, sorted by destination.</summary>
sealed class FlowDemand : IDemand
{
    readonly int[] firstTo;

    // The loads of the cards' own links are added here: each flow has its own.
    public FlowDemand(FabricPlane plane, CardPorts ports, IReadOnlyList<Flow> flows, LoadOptions options, double[] load)
    {
        Plane = plane;
        var list = new List<PortFlow>(flows.Count);
        var offset = 0;
        var first = new int[plane.Graph.Cards];
        for (var card = 0; card < first.Length; card++)
        {
            first[card] = offset;
            offset += plane.EndpointsOf(card).Length;
        }
        foreach (var f in flows)
        {
            var scale = f.Weight * ports.Scale(ports.Kind[f.From], ports.Kind[f.To]);
            if (scale == 0) continue;
            var one = options.Planes == PlaneSharing.OnePortPerFlow ? PortOfFlow(ports, f, options) : default;
            var from = plane.EndpointsOf(f.From);
            var to = plane.EndpointsOf(f.To);
            for (var i = 0; i < from.Length; i++)
            {
                for (var j = 0; j < to.Length; j++)
                {
                    if (!CardPorts.Joined(from[i], to[j], plane)) continue;
                    if (options.Planes == PlaneSharing.OnePortPerFlow && one != (plane.Index, from[i].Ordinal)) continue;
                    var rate = options.Planes == PlaneSharing.OnePortPerFlow ? f.Weight * ports.Injection[f.From].GigabitsPerSecond : scale * from[i].Rate.GigabitsPerSecond;
                    list.Add(new(first[f.From] + i, first[f.To] + j, rate));
                    if (from[i].Link >= 0) load[2 * from[i].Link] += rate;
                    if (to[j].Link >= 0) load[(2 * to[j].Link) + 1] += rate;
                }
            }
        }
        // Stable: flows to one port stay in their order.
        Flows = [.. list.OrderBy(f => plane.EndpointList[f.To].Router).ThenBy(f => f.To)];
        firstTo = new int[plane.Routers + 1];
        foreach (var f in Flows) firstTo[plane.EndpointList[f.To].Router + 1]++;
        for (var r = 0; r < plane.Routers; r++) firstTo[r + 1] += firstTo[r];
    }

    public FabricPlane Plane { get; }

    public PortFlow[] Flows { get; }

    public bool Into(int router, int endpoint, double[] flow)
    {
        var any = false;
        foreach (ref readonly var f in Flows.AsSpan(firstTo[router], firstTo[router + 1] - firstTo[router]))
        {
            if (endpoint >= 0 && f.To != endpoint) continue;
            flow[Plane.EndpointList[f.From].Router] += f.Rate;
            any = true;
        }
        return any;
    }

    static (int Plane, int Ordinal) PortOfFlow(CardPorts ports, Flow flow, LoadOptions options)
    {
        var usable = new List<(int, int)>();
        foreach (var plane in ports.Planes)
            foreach (ref readonly var a in plane.EndpointsOf(flow.From))
                foreach (ref readonly var b in plane.EndpointsOf(flow.To))
                    if (CardPorts.Joined(a, b, plane)) usable.Add((plane.Index, a.Ordinal));
        return usable[(int)(Router.Mix(options.HashSeed ?? 0, ((ulong)flow.From << 32) | (uint)flow.To) % (ulong)usable.Count)];
    }
}

/// <summary>Every card sends to every other alike; only counts of cards at routers are kept.</summary>
sealed class UniformDemand : IDemand
{
    readonly CardPorts ports;
    readonly List<Group> groups = [];
    readonly double others;

    // Ports that are alike: of one kind of cards, one ordinal, one component.
    sealed record Group(int Kind, int Ordinal, int Component, double[] RateAt, int[] CountAt);

    public UniformDemand(FabricPlane plane, CardPorts ports)
    {
        (Plane, this.ports) = (plane, ports);
        others = Math.Max(1.0, plane.Graph.Cards - 1); // One card sends nothing, but to itself.
        var found = new Dictionary<(int, int, int), Group>();
        foreach (ref readonly var e in plane.EndpointList)
        {
            var key = (ports.Kind[e.Card], e.Ordinal, plane.Component[e.Router]);
            if (!found.TryGetValue(key, out var group))
            {
                found[key] = group = new(key.Item1, key.Item2, key.Item3, new double[plane.Routers], new int[plane.Routers]);
                groups.Add(group);
            }
            group.RateAt[e.Router] += e.Rate.GigabitsPerSecond;
            group.CountAt[e.Router]++;
        }
    }

    public FabricPlane Plane { get; }

    public bool Into(int router, int endpoint, double[] flow)
    {
        var any = false;
        foreach (var to in groups)
        {
            var count = to.CountAt[router];
            if (endpoint >= 0)
            {
                var e = Plane.EndpointList[endpoint];
                count = e.Ordinal == to.Ordinal && ports.Kind[e.Card] == to.Kind ? 1 : 0;
            }
            if (count == 0) continue;
            foreach (var from in groups)
            {
                if (from.Ordinal != to.Ordinal || from.Component != to.Component) continue;
                var scale = count * (ports.Scale(from.Kind, to.Kind) / others);
                if (scale == 0) continue;
                any = true;
                for (var r = 0; r < flow.Length; r++) flow[r] += scale * from.RateAt[r];
            }
        }
        return any;
    }
}
