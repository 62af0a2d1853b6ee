using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// A dragonfly [Kim, Dally, Scott, Abts, ISCA 2008].
//
//   p   hosts of a router      a   routers of a group, all joined to each other      h   global links of a router
//   g   groups, all joined to each other; at most a·h + 1                            l   links between two routers of a group
//   w   links between two groups: ⌊a·h / (g − 1)⌋
//
//   radix p + (a − 1)·l + h      hosts a·p·g      local links g·l·a·(a − 1)/2      global links g·(g − 1)·w/2
//   balanced: a = 2p = 2h, with p measured in links that carry as much as its hosts do
//
// Uniform traffic on shortest paths (local, global, local), as a share of what p hosts inject, r the rate of a host over a link's:
//   within a group    min(1, (a − 1)·l / (p·r))
//   between groups    min(1, w·(g − 1) / (a·p·r),  a·l / (2·p·r))        a local hop at either end
// Bisection: half of the groups against the others; of an odd one half of its routers. The thinnest cut that keeps groups (or the
// routers of one) whole.
//
// Worked example: p = h = 4, a = 8: 33 groups, 264 routers of radix 15, 1,056 hosts, 924 local and 528 global links.

/// <summary>
/// A dragonfly: groups of routers that are all joined to each other, and groups that are all joined to each other. Sized balanced
/// (a = 2p = 2h) with the largest h that the switch allows and as few groups as hold the systems, hosts then spread evenly; or, where
/// that is enough, as one group of the fewest routers, with as many links between two as uniform traffic takes.
/// </summary>
public sealed class Dragonfly : ITopology
{
    /// <inheritdoc/>
    public string Name => "dragonfly";

    /// <inheritdoc/>
    public string Description => "Groups of routers, each joined to all of its group; groups each joined to all others.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } = ["hostsPerSwitch", "switchesPerGroup", "globalLinksPerSwitch", "groups", "linksPerPair"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request);
        var (p, a, h, l) = Size(counter);
        var g = Groups(counter, p, a, h);
        if (counter.Parameters.HostsPerSwitch is null) p = Math.Min(p, counter.Spread((long)g * a, p));
        var global = new GroupLinks(g, checked(a * h), request.UplinkSpread == UplinkSpread.WholeBundles);

        var routers = (long)g * a;
        var router = counter.Switches("router", routers, g);
        counter.JoinHosts("node-router", router, p);
        if (a > 1) counter.JoinPeers("local", router, l, (routers, (a - 1) * l));
        if (g > 1) counter.JoinPeers("global", router, global.Widest, global.Degrees(a));

        var load = p * counter.Load;
        var levels = new List<LocalityLevel> { counter.ScaleUp, counter.Level("router", p, 1, 1) };
        if (a > 1) levels.Add(counter.Level("group", (long)a * p, (a - 1) * (double)l / load, 2));
        var share = Math.Min(global.PortsUsed / (a * load), a > 1 ? a * (double)l / (2 * load) : 1);
        // A router with a link to every group saves the first local hop.
        var hops = g == 1 ? a > 1 ? 2 : 1 : a == 1 ? 2 : global.PortsUsed / a >= g - 1 ? 3 : 4;
        if (g > 1) levels.Add(counter.Level("global", counter.Hosts, share, hops));
        return counter.Plan(new DragonflyWiring(counter, global, p, a, l), levels, Cut(global, a, l) / (counter.Hosts / 2.0 * counter.Load), hops);
    }

    static double Cut(GroupLinks global, int a, int l)
    {
        double g = global.Groups, w = global.PortsUsed / Math.Max(1, g - 1);
        return g % 2 == 0 ? g * g / 4 * w : (((g * g) - 1) / 4 * w) + ((a / 2) * (double)((a + 1) / 2) * l);
    }

    static (int P, int A, int H, int L) Size(FabricCounter counter)
    {
        var given = counter.Parameters;
        var l = given.LinksPerPair ?? 1;
        if (given is { HostsPerSwitch: { } hosts, SwitchesPerGroup: { } switches, GlobalLinksPerSwitch: { } links })
            return (hosts, switches, links, l);
        if (given is { HostsPerSwitch: null, SwitchesPerGroup: null, GlobalLinksPerSwitch: null, Groups: null, LinksPerPair: null } && OneGroup(counter) is { } group)
            return group;
        for (var h = given.GlobalLinksPerSwitch ?? counter.Radix; h >= 1; h--)
        {
            var a = given.SwitchesPerGroup ?? 2 * h;
            var p = given.HostsPerSwitch ?? Math.Max(1, (int)(h / counter.Load));
            if (((a - 1L) * l) + h <= counter.PortsBeside(p)) return (p, a, h, l);
            if (given.GlobalLinksPerSwitch is not null) break;
        }
        var least = (given.HostsPerSwitch ?? 1) + (((given.SwitchesPerGroup ?? (2 * (given.GlobalLinksPerSwitch ?? 1))) - 1L) * l) + (given.GlobalLinksPerSwitch ?? 1);
        throw new FabricException("switch", $"a router of '{counter.Leaf.Name}' has {counter.Radix} ports; its hosts, its group and other groups need {least} at least",
            null, least);
    }

    // What a balanced group of a large switch spreads thin, fewer routers hold: the fewest that are joined by as much as their hosts send.
    static (int P, int A, int H, int L)? OneGroup(FabricCounter counter)
    {
        for (var a = 1; a <= counter.Radix; a++)
        {
            var hosts = Ceiling(counter.Hosts, a);
            if (hosts > counter.Radix) continue;
            var p = (int)hosts;
            var l = a == 1 ? 1 : Math.Max(1, (int)Math.Ceiling((p * counter.Load / (a - 1)) - 1e-9));
            if ((a - 1L) * l <= counter.PortsBeside(p)) return (p, a, 0, l);
        }
        return null;
    }

    static int Groups(FabricCounter counter, int p, int a, int h)
    {
        var most = ((long)a * h) + 1;
        var wanted = counter.Parameters.Groups ?? Ceiling(counter.Hosts, (long)a * p);
        if (wanted > most)
            throw counter.Parameters.Groups is null
                ? counter.TooMany(most * a * p)
                : new FabricException("parameters.groups", $"{wanted:N0} groups of {a} routers with {h} global links each can't all be joined; the nearest possible is {most:N0}", most);
        if (wanted * a > int.MaxValue) throw counter.TooMany(int.MaxValue / a * (long)a * p);
        return (int)wanted;
    }

    sealed class DragonflyWiring(FabricCounter counter, GroupLinks global, int p, int a, int l) : RouterWiring(counter.Systems, counter.PortsPerSystem, p)
    {
        public override int Groups => global.Groups;

        public override int GroupOfSwitch(int tier, int index) => index / a;

        protected override void WireSwitches(PortDealer dealer)
        {
            if (a > 1)
                for (var group = 0; group < global.Groups; group++)
                    for (var i = 0; i < a; i++)
                        for (var j = i + 1; j < a; j++)
                            dealer.Join(1, 0, (group * a) + i, 0, (group * a) + j, l);
            foreach (var (group, port, other, otherPort) in global.Links())
                dealer.Join(a > 1 ? 2 : 1, 0, (group * a) + global.SwitchOf(port, a), 0, (other * a) + global.SwitchOf(otherPort, a));
        }
    }
}
