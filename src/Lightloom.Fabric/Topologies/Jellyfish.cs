using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// A Jellyfish: a random regular graph of switches [Singla, Hong, Popa, Godfrey, NSDI 2012].
//
//   R   switches      p   hosts of a switch      r   links of a switch to others      ρ   rate of a host over a link's
//
//   links ⌊R·r / 2⌋ (one port stays free where R·r is odd)
//   made from the circulant graph of offsets 1, 2, ... by 20 tries of a switch for each link: two links a-b, c-d become a-c, b-d where
//   that doubles none [the switch chain; Cooper, Dyer, Greenhill 2007], and by more until it is connected
//
// Diameter: the least d with (r − 1)^(d − 1) ≥ 2·r·R·ln R, which holds almost surely [Bollobás, de la Vega 1982].
// Bisection: at least R·(r/2 − √(r·ln 2))/2 links, almost surely [Bollobás 1988]; (r/2 − √(r·ln 2)) / (p·ρ) of what the hosts inject.
// Uniform traffic: min(1, r / (p·ρ·d)), d the mean distance if every switch saw as many others as it can at each [Cerf et al. 1974]:
// a bound from above that large Jellyfishes come near.
//
// Worked example: 64 ports: p = 17 is the most that leaves full bisection by the bound: r = 47, 23.5 − 5.71 = 17.8 ≥ 17.

/// <summary>
/// A Jellyfish: switches joined at random, each to the same number of others. Sized with the most hosts on a switch that keep full
/// bisection. The same seed gives the same fabric.
/// </summary>
public sealed class Jellyfish : ITopology
{
    const int TriesPerLink = 20;

    /// <inheritdoc/>
    public string Name => "jellyfish";

    /// <inheritdoc/>
    public string Description => "Switches joined at random, each to the same number of others; the seed fixes which.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["switches", "hostsPerSwitch", "degree", "seed"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request);
        var given = counter.Parameters;
        var p = given.HostsPerSwitch ?? Hosts(counter);
        if (counter.PortsBeside(p) < 0)
            throw new FabricException("parameters.hostsPerSwitch", $"a switch of {counter.Radix} ports has none for {p} hosts; the nearest possible is {counter.HostsBeside(0)}", counter.HostsBeside(0));
        var wanted = given.Switches ?? Ceiling(counter.Hosts, p);
        if (wanted > int.MaxValue / 2) throw counter.TooMany(int.MaxValue / 2L * p);
        var switches = (int)wanted;
        if (counter.Hosts > (long)switches * p) throw counter.TooMany((long)switches * p);
        var degree = Degree(counter, p, switches);
        if (given.HostsPerSwitch is null) p = Math.Min(p, counter.Spread(switches, p));

        var odd = (long)switches * degree % 2 == 1;
        var tier = counter.Switches("router", switches, switches);
        counter.JoinHosts("node-router", tier, p);
        if (degree > 0) counter.JoinPeers("router-router", tier, 1, odd ? [(switches - 1L, degree), (1, degree - 1)] : [((long)switches, degree)]);
        var hops = 1 + Diameter(switches, degree);
        var levels = new List<LocalityLevel> { counter.ScaleUp, counter.Level("router", p, 1, 1) };
        if (degree > 0) levels.Add(counter.Level("fabric", counter.Hosts, degree / (p * counter.Load * MeanDistance(switches, degree)), hops));
        var cut = degree >= switches - 1 ? switches / 2 * (double)((switches + 1) / 2) : switches * Math.Max(0, Half(degree)) / 2;
        return counter.Plan(new JellyfishWiring(counter, switches, p, degree, given.Seed ?? TopologyParameters.UsualSeed), levels,
            cut / (counter.Hosts / 2.0 * counter.Load), hops);
    }

    static double Half(int degree) => (degree / 2.0) - Math.Sqrt(degree * Math.Log(2));

    static int Hosts(FabricCounter counter)
    {
        for (var p = counter.HostsBeside(0); p > 1; p--)
            if (Half(counter.Parameters.Degree ?? counter.PortsBeside(p)) >= p * counter.Load && counter.PortsBeside(p) >= (counter.Parameters.Degree ?? 0)) return p;
        return 1;
    }

    static int Degree(FabricCounter counter, int p, int switches)
    {
        var room = counter.PortsBeside(p);
        var least = switches < 4 ? switches - 1 : 3;
        if (counter.Parameters.Degree is { } degree)
        {
            if (degree > room)
                throw new FabricException("parameters.degree", $"a switch of {counter.Radix} ports with {p} hosts has {room} for others, not {degree}; the nearest possible is {room}", room);
            if (degree > switches - 1)
                throw new FabricException("parameters.degree", $"{switches} switches can't have {degree} others each; the nearest possible is {switches - 1}", switches - 1);
            if (degree < least)
                throw new FabricException("parameters.degree", $"links to {degree} others don't join {switches} switches at random; the nearest possible is {least}", null, least);
            return degree;
        }
        if (room < least)
            throw new FabricException("switch", $"a switch of '{counter.Leaf.Name}' with {p} hosts has {room} ports for others and needs {least}", null, p + least);
        return Math.Min(room, switches - 1);
    }

    static int Diameter(int switches, int degree)
    {
        if (switches == 1) return 0;
        if (degree >= switches - 1) return 1;
        var (least, reach, d) = (2.0 * degree * switches * Math.Log(switches), 1.0, 1);
        for (; reach < least; d++) reach *= degree - 1;
        return Math.Max(2, d);
    }

    static double MeanDistance(int switches, int degree)
    {
        var (left, ring, sum) = (switches - 1.0, (double)degree, 0.0);
        for (var d = 1; left > 0; d++)
        {
            var here = Math.Min(left, ring);
            sum += here * d;
            left -= here;
            ring *= Math.Max(1, degree - 1);
        }
        return sum / (switches - 1);
    }

    sealed class JellyfishWiring(FabricCounter counter, int switches, int p, int degree, int seed) : RouterWiring(counter.Systems, counter.PortsPerSystem, p)
    {
        public override int Groups => switches;

        public override int GroupOfSwitch(int tier, int index) => index;

        protected override void WireSwitches(PortDealer dealer)
        {
            foreach (var (a, b) in RandomGraph.Regular(switches, degree, TriesPerLink, (ulong)seed)) dealer.Join(1, 0, Math.Min(a, b), 0, Math.Max(a, b));
        }
    }
}
