namespace Lightloom.Fabric;

// A Slim Fly on McKay-Miller-Širáň graphs [Besta, Hoefler, SC 2014; Hafner 2004].
//
//   q = 4w + δ   an odd prime power, δ = ±1      ξ   a primitive element of GF(q)
//   routers      (0, x, y) and (1, m, c), x, y, m, c in GF(q): R = 2q²
//   links        (0, x, y) - (0, x, y')  where y − y' is in X       (1, m, c) - (1, m, c')  where c − c' is in X'
//                (0, x, y) - (1, m, c)   where y = m·x + c
//     δ = 1      X = {1, ξ², ..., ξ^(q−3)}                X' = ξ·X
//     δ = −1     X = {1, ξ², ..., ξ^(2w−2)} ∪ {ξ^(2w−1), ξ^(2w+1), ..., ξ^(4w−3)}      X' = ξ·X
//   degree       k' = (3q − δ)/2      links R·k'/2      diameter 2
//   p            hosts of a router; ⌈k'/2⌉ for full global bandwidth
//
// Groups: the 2q routers (0, i, ·) and (1, i, ·), which stand in one rack of the paper.
// Uniform traffic on shortest paths: min(1, k' / (p·r·d)), d = (k' + 2(R − 1 − k')) / (R − 1) hops on average.
// Bisection: the columns x and m dealt to two sides, q·(q² + 1)/2 links. No cut is thinner than R·(k' − λ₂)/4 = q³/2, where λ₂ = (q − δ)/2
// is the graph's second eigenvalue (for q > 3): the cut is exact to a part in q².
//
// Worked example: q = 5, δ = 1: the Hoffman-Singleton graph: 50 routers, k' = 7, 175 links, p = 4, 200 hosts of radix 11.

/// <summary>
/// A Slim Fly: a graph of diameter 2 near the Moore bound. Sized with the least order q whose routers have room for all systems at
/// ⌈k'/2⌉ hosts or fewer; hosts are spread evenly.
/// </summary>
public sealed class SlimFly : ITopology
{
    /// <inheritdoc/>
    public string Name => "slim-fly";

    /// <inheritdoc/>
    public string Description => "Routers of a McKay-Miller-Siran graph: two hops between any two, near the most routers that a degree allows.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["order", "hostsPerSwitch"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request);
        var (q, most) = DiameterTwo.Order(counter, this, odd: true, Degree, static q => 2L * q * q);
        var (routers, degree) = (2L * q * q, Degree(q));
        var p = counter.Parameters.HostsPerSwitch ?? counter.Spread(routers, most);
        var router = counter.Switches("router", routers, q);
        counter.JoinHosts("node-router", router, p);
        counter.JoinPeers("router-router", router, 1, (routers, degree));
        var distance = (degree + (2.0 * (routers - 1 - degree))) / (routers - 1);
        return counter.Plan(new SlimFlyWiring(counter, q, p), DiameterTwo.Levels(counter, p, degree / (p * counter.Load * distance)),
            q * (((double)q * q) + 1) / 2 / (counter.Hosts / 2.0 * counter.Load), 3);
    }

    static int Degree(int q) => ((3 * q) - (q % 4 == 1 ? 1 : -1)) / 2;

    sealed class SlimFlyWiring(FabricCounter counter, int q, int p) : RouterWiring(counter.Systems, counter.PortsPerSystem, p)
    {
        public override int Groups => q;

        public override int GroupOfSwitch(int tier, int index) => index / (2 * q);

        protected override void WireSwitches(PortDealer dealer)
        {
            var field = new GaloisField(q);
            var exponents = new List<int>();
            if (q % 4 == 1)
            {
                for (var i = 0; i < q - 1; i += 2) exponents.Add(i);
            }
            else
            {
                var w = (q + 1) / 4;
                for (var i = 0; i <= (2 * w) - 2; i += 2) exponents.Add(i);
                for (var i = (2 * w) - 1; i <= (4 * w) - 3; i += 2) exponents.Add(i);
            }
            for (var column = 0; column < q; column++)
            {
                for (var y = 0; y < q; y++)
                {
                    foreach (var e in exponents)
                    {
                        Within(0, column, y, field.Add(y, field.Power(e)));
                        Within(1, column, y, field.Add(y, field.Power(e + 1)));
                    }
                }
            }
            for (var x = 0; x < q; x++)
                for (var m = 0; m < q; m++)
                    for (var c = 0; c < q; c++)
                    {
                        var (zero, one) = (Router(0, x, field.Add(field.Multiply(m, x), c)), Router(1, m, c));
                        dealer.Join(1, 0, Math.Min(zero, one), 0, Math.Max(zero, one));
                    }

            // Both sets are closed under negation, so that each link comes twice.
            void Within(int side, int column, int y, int other)
            {
                if (y < other) dealer.Join(1, 0, Router(side, column, y), 0, Router(side, column, other));
            }
        }

        int Router(int side, int column, int y) => (column * 2 * q) + (side * q) + y;
    }
}
