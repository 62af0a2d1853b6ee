namespace Lightloom.Fabric;

// A PolarFly on Erdős-Rényi polarity graphs ER_q [Lakhotia, Besta, Monroe, Isham, Iff, Hoefler, Petrini, SC 2022].
//
//   q          a prime power
//   routers    the points of the projective plane over GF(q): (1, a, b), (0, 1, b), (0, 0, 1); R = q² + q + 1
//   links      between points u ≠ v with u·v = u₀v₀ + u₁v₁ + u₂v₂ = 0
//   degree     q + 1; q for the q + 1 points with u·u = 0 (quadrics), which would be joined to themselves
//   links      q·(q + 1)²/2      diameter 2
//   p          hosts of a router; (q + 1)/2 for full global bandwidth
//
// Groups: the q routers (1, a, ·) of each a, and the q + 1 that are left.
// Uniform traffic on shortest paths: min(1, k / (p·r·d)), k the mean degree, d = 2 − 2·links / (R·(R − 1)) hops on average.
// Bisection: at least R·(q + 1 − √q)/4 links: the Laplacian's second eigenvalue is q + 1 − √q exactly, since the incidence matrix M of
// the polarity has M² = J + q·I. A bound: the thinnest cut may be thicker.
//
// Worked example: q = 7: 57 routers, 8 of them quadrics of degree 7, the others of degree 8, 224 links; p = 4: 228 hosts, radix 12.

/// <summary>
/// A PolarFly: a graph of diameter 2 whose size nears the Moore bound. Sized with the least order q whose routers have room for all
/// systems at (q + 1)/2 hosts or fewer; hosts are spread evenly.
/// </summary>
public sealed class PolarFly : ITopology
{
    /// <inheritdoc/>
    public string Name => "polarfly";

    /// <inheritdoc/>
    public string Description => "Routers of an Erdos-Renyi polarity graph: two hops between any two, nearly the most routers that a degree allows.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["order", "hostsPerSwitch"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request);
        var (q, most) = DiameterTwo.Order(counter, this, odd: false, static q => q + 1, static q => ((long)q * q) + q + 1);
        var routers = ((long)q * q) + q + 1;
        var p = counter.Parameters.HostsPerSwitch ?? counter.Spread(routers, most);
        var router = counter.Switches("router", routers, q + 1);
        counter.JoinHosts("node-router", router, p);
        counter.JoinPeers("router-router", router, 1, ((long)q * q, q + 1), (q + 1, q));
        var links = q * (q + 1.0) * (q + 1) / 2;
        var distance = 2 - (2 * links / (routers * (routers - 1.0)));
        return counter.Plan(new PolarFlyWiring(counter, q, p), DiameterTwo.Levels(counter, p, 2 * links / routers / (p * counter.Load * distance)),
            routers * (q + 1 - Math.Sqrt(q)) / 4 / (counter.Hosts / 2.0 * counter.Load), 3);
    }

    sealed class PolarFlyWiring(FabricCounter counter, int q, int p) : RouterWiring(counter.Systems, counter.PortsPerSystem, p)
    {
        public override int Groups => q + 1;

        public override int GroupOfSwitch(int tier, int index) => Math.Min(index / q, q);

        protected override void WireSwitches(PortDealer dealer)
        {
            var field = new GaloisField(q);
            for (var router = 0; router < (q * q) + q + 1; router++)
            {
                // The points of the line u·v = 0, one by one; each link comes from both of its ends.
                var (u0, u1, u2) = Point(router);
                if (u2 != 0)
                {
                    for (var a = 0; a < q; a++)
                        Meet(router, (a * q) + field.Negate(field.Divide(field.Add(u0, field.Multiply(u1, a)), u2)));
                    Meet(router, (q * q) + field.Negate(field.Divide(u1, u2)));
                    continue;
                }
                if (u1 != 0)
                {
                    var a = field.Negate(field.Divide(u0, u1));
                    for (var b = 0; b < q; b++) Meet(router, (a * q) + b);
                }
                else
                {
                    for (var b = 0; b < q; b++) Meet(router, (q * q) + b);
                }
                Meet(router, (q * q) + q);
            }

            void Meet(int router, int other)
            {
                if (router < other) dealer.Join(1, 0, router, 0, other);
            }
        }

        (int, int, int) Point(int router) =>
            router < q * q ? (1, router / q, router % q) : router < (q * q) + q ? (0, 1, router - (q * q)) : (0, 0, 1);
    }
}
