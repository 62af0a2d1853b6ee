using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// A HyperX [Ahn, Binkert, Davis, McLaren, Schreiber, SC 2009]: routers on a grid, all of a line joined to each other.
//
//   S₁ ... S_D   routers along each dimension, R = ΠSᵢ      K   links between two routers of a line      T   hosts of a router
//
//   radix T + K·Σ(Sᵢ − 1)      hosts R·T      links R·K·Σ(Sᵢ − 1)/2      diameter: one hop for each dimension longer than 1
//
// Uniform traffic on shortest paths, as a share of what T hosts inject, r the rate of a host over a link's:
//   out of a unit of dimensions below i   min(1, K·(Sᵢ − 1) / (T·r),  K·Sⱼ / (T·r) for j < i)
// Bisection: K·Sᵢ·R/4 links across the middle of dimension i where Sᵢ is even; where it is odd K·(Sᵢ² − 1)/4 · R/Sᵢ and the cut of
// the plane in the middle. The least of all i, which is exact where K is the same everywhere [Lindsey, Amer. Math. Monthly 1964].
//
// Worked example: 16 × 16 routers: radix 30 + T, 3,840 links, diameter 2, 1.88 hops on average.

/// <summary>
/// A HyperX of any dimensions (a flattened butterfly, where all are of one length). Sized as a cube with as many hosts as routers to a
/// line, which gives uniform traffic full bandwidth, in the fewest dimensions that the switch allows.
/// </summary>
public sealed class HyperX : ITopology
{
    const int MostDimensions = 8; // an odd cut tries every order of dimensions
    const int MostLevels = 4;

    /// <inheritdoc/>
    public string Name => "hyperx";

    /// <inheritdoc/>
    public string Description => "Routers on a grid, each joined to all others of its lines.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["dimensions", "hostsPerSwitch", "linksPerPair"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request);
        var k = counter.Parameters.LinksPerPair ?? 1;
        var (sides, most) = counter.Parameters.Dimensions is { } given ? Given(counter, given, k) : Size(counter, k);
        var routers = sides.Aggregate(1L, static (product, side) => Math.Min(product * side, int.MaxValue));
        if (counter.Hosts > routers * most) throw counter.TooMany(routers * most);
        var t = counter.Parameters.HostsPerSwitch ?? counter.Spread(routers, most);

        var router = counter.Switches("router", routers, routers / sides[0]);
        counter.JoinHosts("node-router", router, t);
        var load = t * counter.Load;
        var hops = 1;
        var levels = new List<LocalityLevel> { counter.ScaleUp, counter.Level("router", t, 1, 1) };
        var (unit, inner) = ((long)t, double.PositiveInfinity);
        for (var d = 0; d < sides.Length; d++)
        {
            unit *= sides[d];
            if (sides[d] == 1) continue;
            counter.JoinPeers($"dimension-{d + 1}", router, k, (routers, (sides[d] - 1) * k));
            var share = Math.Min(inner, k * (sides[d] - 1.0) / load);
            inner = Math.Min(inner, k * (double)sides[d] / load);
            hops++;
            // Collectives tell so many levels apart; what lies within them is one.
            if (sides.Length - d <= MostLevels) levels.Add(counter.Level($"dimension-{d + 1}", unit, share, hops));
        }
        return counter.Plan(new HyperXWiring(counter, sides, t, k), levels, k * Cut(sides) / (counter.Hosts / 2.0 * counter.Load), hops);
    }

    static (int[] Sides, int Hosts) Given(FabricCounter counter, IReadOnlyList<int> sides, int k)
    {
        if (sides.Count > MostDimensions)
            throw new FabricException("parameters.dimensions", $"{sides.Count} dimensions are more than any HyperX has; the nearest possible is {MostDimensions}", MostDimensions);
        if (sides.Aggregate(1.0, static (product, side) => product * side) > int.MaxValue)
            throw new FabricException("parameters.dimensions", $"a grid of {string.Join(" x ", sides)} routers is larger than can be numbered");
        var links = sides.Sum(s => (s - 1L) * k);
        var hosts = links >= counter.Radix ? 0 : counter.HostsBeside((int)links);
        if (hosts < 1)
            throw new FabricException("switch", $"a router of '{counter.Leaf.Name}' has {counter.Radix} ports, none for hosts beside {links} to its lines of {string.Join(" x ", sides)}",
                null, links + 1);
        return ([.. sides], counter.Parameters.HostsPerSwitch ?? hosts);
    }

    static (int[] Sides, int Hosts) Size(FabricCounter counter, int k)
    {
        var largest = 0L;
        for (var dimensions = 1; dimensions <= MostLevels; dimensions++)
        {
            // The longest side with which its hosts and its lines fit.
            var side = counter.Radix + 1;
            while (side > 1 && (HostsOf(side) < 1 || dimensions * (side - 1L) * k > counter.PortsBeside(HostsOf(side)))) side--;
            if (side == 1 && dimensions > 1) break;
            var capacity = Power(side, dimensions) * HostsOf(side);
            largest = Math.Max(largest, capacity);
            if (capacity < counter.Hosts) continue;
            while (side > 1 && Power(side - 1, dimensions) * HostsOf(side - 1) >= counter.Hosts) side--;
            var sides = new int[dimensions];
            Array.Fill(sides, side);
            sides[^1] = (int)Ceiling(counter.Hosts, Power(side, dimensions - 1) * HostsOf(side));
            return (sides, HostsOf(side));
        }
        throw counter.TooMany(largest);

        int HostsOf(int side) => counter.Parameters.HostsPerSwitch ?? Math.Max(1, (int)(side * k / counter.Load));
        static long Power(long side, int exponent)
        {
            var power = 1L;
            for (var i = 0; i < exponent; i++) power = Math.Min(power * side, int.MaxValue);
            return power;
        }
    }

    /// <summary>Pairs of routers of a line that the thinnest cut into halves parts.</summary>
    internal static double Cut(ReadOnlySpan<int> sides)
    {
        var all = 1.0;
        foreach (var side in sides) all *= side;
        var least = double.PositiveInfinity;
        for (var d = 0; d < sides.Length; d++)
        {
            double s = sides[d];
            if (s < 2) continue;
            var cut = s % 2 == 0 ? s * all / 4 : (((s * s) - 1) / 4 * all / s) + Cut([.. sides[..d], .. sides[(d + 1)..]]);
            least = Math.Min(least, cut);
        }
        return double.IsPositiveInfinity(least) ? 0 : least;
    }

    sealed class HyperXWiring(FabricCounter counter, int[] sides, int t, int k) : RouterWiring(counter.Systems, counter.PortsPerSystem, t)
    {
        readonly int routers = sides.Aggregate(1, static (product, side) => product * side);

        public override int Groups => routers / sides[0];

        public override int GroupOfSwitch(int tier, int index) => index / sides[0];

        public override FabricGrid Grid => new(sides, (index, dimension) =>
        {
            for (var d = 0; d < dimension; d++) index /= sides[d];
            return index % sides[dimension];
        });

        protected override void WireSwitches(PortDealer dealer)
        {
            var (stride, linkClass) = (1, 1);
            foreach (var side in sides)
            {
                if (side == 1) continue;
                for (var i = 0; i < routers; i++)
                {
                    var at = i / stride % side;
                    for (var other = at + 1; other < side; other++) dealer.Join(linkClass, 0, i, 0, i + ((other - at) * stride), k);
                }
                (stride, linkClass) = (stride * side, linkClass + 1);
            }
        }
    }
}
