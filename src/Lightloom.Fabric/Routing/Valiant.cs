namespace Lightloom.Fabric;

// Every packet goes minimally to a router chosen at random among those with cards, and from there minimally to its destination
// [Valiant, SIAM J. Computing 11(2), 1982]. Any pattern becomes two uniform ones: with o(s) sent by router s, i(t) received by t and
// M routers with cards,
//
//   s → m carries o(s) / M,   m → t carries i(t) / M      for every m
//
// so the loads of any pattern that fills every card are twice those of all-to-all. Traffic between cards of one router stays there.
// The intermediate is a router, not a group: on a dragonfly this is what García et al. (OFAR, ICPP 2012) call Valiant-node.

/// <summary>Minimal to a random router and minimal from there: no pattern is bad, and every pattern costs two paths.</summary>
public sealed class Valiant : IRouting
{
    /// <inheritdoc/>
    public string Name => "valiant";

    /// <inheritdoc/>
    public string Description => "Minimal to a random router and from there to the destination, for every packet.";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane) => null;

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return new ValiantRouter(plane);
    }
}

sealed class ValiantRouter : Router
{
    // Routers with cards, by component: intermediates[first[c] .. first[c + 1]).
    readonly Dictionary<int, int[]> intermediates = [];

    public ValiantRouter(FabricPlane plane)
        : base(plane)
    {
        Minimal = Fabric.Minimal.RouterOf(plane);
        for (var r = 0; r < plane.Routers; r++)
        {
            if (plane.EndpointsAt(r).Length == 0) continue;
            var component = plane.Component[r];
            intermediates[component] = [.. intermediates.GetValueOrDefault(component) ?? [], r];
        }
    }

    public TableRouter Minimal { get; }

    public int[] IntermediatesOf(int router) => intermediates[Plane.Component[router]];

    public override bool Path(in Endpoint from, in Endpoint to, ulong key, RouteScratch scratch, List<int> path)
    {
        if (from.Router == to.Router) return true;
        if (Plane.Component[from.Router] != Plane.Component[to.Router]) return false;
        var all = IntermediatesOf(from.Router);
        var via = new Endpoint(-1, 0, all[(int)(Mix(key, 0x5A) % (ulong)all.Length)], -1, default);
        return Minimal.Path(from, via, key, scratch, path) && Minimal.Path(via, to, Mix(key, 1), scratch, path);
    }

    // Both halves of every packet's path, as one demand on the minimal routing.
    public IDemand Detour(IDemand demand)
    {
        var (sent, received) = (new double[Plane.Routers], new double[Plane.Routers]);
        var flow = new double[Plane.Routers];
        for (var to = 0; to < Plane.Routers; to++)
        {
            if (!demand.Into(to, -1, flow)) continue;
            flow[to] = 0;
            for (var r = 0; r < flow.Length; r++)
            {
                sent[r] += flow[r];
                received[to] += flow[r];
            }
            Array.Clear(flow);
        }
        return new DetourDemand(this, sent, received);
    }

    internal override void Spread(in Endpoint to, double[] inflow, RouteScratch scratch, LoadCounter loads) =>
        throw new InvalidOperationException("detours are spread by the minimal routing");

    sealed class DetourDemand(ValiantRouter router, double[] sent, double[] received) : IDemand
    {
        public FabricPlane Plane => router.Plane;

        public bool Into(int to, int endpoint, double[] flow)
        {
            if (Plane.EndpointsAt(to).Length == 0) return false;
            var all = router.IntermediatesOf(to);
            var component = Plane.Component[to];
            for (var r = 0; r < flow.Length; r++)
                if (sent[r] > 0 && Plane.Component[r] == component) flow[r] += sent[r] / all.Length;
            foreach (var via in all) flow[via] += received[to] / all.Length;
            return true;
        }
    }
}
