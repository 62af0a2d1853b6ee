using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// Dragonfly+, also Megafly [Shpiner et al., HiPINEB 2017; Flajslik, Borch, Parker, ISC 2018]: a group is a leaf-spine fabric.
//
//   L, S   leaves and spines of a group, each leaf joined to each spine by l links
//   p      hosts of a leaf      h   global links of a spine      g   groups, all joined to each other; at most S·h + 1
//
//   leaf p + S·l ports      spine L·l + h ports      hosts g·L·p
//   links: g·L·S·l within groups, g·(g − 1)·⌊S·h / (g − 1)⌋/2 between them
//   largest and balanced: L = S = p = h = k/2, g = (k/2)² + 1
//
// Uniform traffic, as a share of what hosts inject, r the rate of a host over a link's:
//   within a group   min(1, S·l / (p·r))        between groups   min(1, S·l / (p·r), S·h' / (L·p·r)),  h' global links in use
// Bisection: half of the groups against the others; of an odd one half of its leaves and spines.
//
// Worked example: k = 36: groups of 18 leaves and 18 spines, 325 groups, 11,700 switches, 105,300 hosts.

/// <summary>
/// A dragonfly of leaf-spine groups. Sized with half of a leaf's ports for hosts and half of a spine's for other groups, and as few
/// groups as hold the systems.
/// </summary>
public sealed class DragonflyPlus : ITopology
{
    /// <inheritdoc/>
    public string Name => "dragonfly+";

    /// <inheritdoc/>
    public string Description => "Leaf-spine groups whose spines join each group to all others.";

    /// <inheritdoc/>
    public IReadOnlyList<string> Parameters { get; } =
        ["hostsPerSwitch", "switchesPerGroup", "spinesPerGroup", "globalLinksPerSwitch", "groups", "linksPerPair"];

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        var counter = new FabricCounter(this, request, secondTier: true);
        var given = counter.Parameters;
        var l = given.LinksPerPair ?? 1;
        var spineRadix = (counter.Spine.Ports.Value - request.Spine.ReservedPorts) * counter.SplitSpine;
        var p = given.HostsPerSwitch ?? Math.Max(1, (int)(counter.Radix * (counter.SplitDown / (double)counter.SplitUp) / (1 + (counter.Load * counter.SplitDown / counter.SplitUp))));
        var s = given.SpinesPerGroup ?? Math.Max(1, Math.Min(counter.PortsBeside(p) / l, Math.Max(1, Whole(p * counter.Load / l))));
        var leaves = given.SwitchesPerGroup ?? Math.Max(1, spineRadix / 2 / l);
        var h = given.GlobalLinksPerSwitch ?? Math.Max(1, spineRadix - (leaves * l));
        var most = ((long)s * h) + 1;
        var wanted = given.Groups ?? Ceiling(counter.Hosts, (long)leaves * p);
        if (wanted > most)
            throw given.Groups is null
                ? counter.TooMany(most * leaves * p)
                : new FabricException("parameters.groups", $"{wanted:N0} groups of {s} spines with {h} global links each can't all be joined; the nearest possible is {most:N0}", most);
        if (wanted * (leaves + s) > int.MaxValue) throw counter.TooMany(int.MaxValue / (leaves + s) * (long)leaves * p);
        var g = (int)wanted;
        if (given.HostsPerSwitch is null) p = Math.Min(p, counter.Spread((long)g * leaves, p));
        var global = new GroupLinks(g, checked(s * h), request.UplinkSpread == UplinkSpread.WholeBundles);

        var leaf = counter.Switches("leaf", (long)g * leaves, g);
        var spine = counter.Switches("spine", (long)g * s, g, second: true);
        counter.JoinHosts("node-leaf", leaf, p);
        counter.JoinTiers("leaf-spine", leaf, [((long)g * leaves, s * l)], spine, [((long)g * s, leaves * l)], l);
        if (g > 1) counter.JoinPeers("global", spine, global.Widest, global.Degrees(s));

        var load = p * counter.Load;
        var up = s * (double)l / load;
        var levels = new List<LocalityLevel> { counter.ScaleUp, counter.Level("leaf", p, 1, 1), counter.Level("group", (long)leaves * p, up, 3) };
        if (g > 1) levels.Add(counter.Level("global", counter.Hosts, Math.Min(up, global.PortsUsed / (leaves * load)), Diameter(global, s)));
        double cut = global.PortsUsed / Math.Max(1.0, g - 1) * (g % 2 == 0 ? g * (double)g / 4 : ((g * (double)g) - 1) / 4);
        if (g % 2 == 1) cut += leaves * (double)s * l / 2;
        return counter.Plan(new DragonflyPlusWiring(counter, global, p, leaves, s, l), levels, cut / (counter.Hosts / 2.0 * counter.Load), g == 1 ? 3 : Diameter(global, s));
    }

    // Leaf, spine, spine, leaf: a leaf reaches every spine of its group, so that one with a link to the other group is one hop away. Only
    // a spine as an end would need more, and no host is there.
    static int Diameter(GroupLinks global, int spines) => global.PortsUsed > 0 && spines > 0 ? 4 : 3;

    sealed class DragonflyPlusWiring(FabricCounter counter, GroupLinks global, int p, int leaves, int spines, int l)
        : RouterWiring(counter.Systems, counter.PortsPerSystem, p)
    {
        public override int Groups => global.Groups;

        public override int GroupOfSwitch(int tier, int index) => index / (tier == 0 ? leaves : spines);

        protected override void WireSwitches(PortDealer dealer)
        {
            for (var group = 0; group < global.Groups; group++)
                for (var i = 0; i < leaves; i++)
                    for (var j = 0; j < spines; j++)
                        dealer.Join(1, 0, (group * leaves) + i, 1, (group * spines) + j, l);
            foreach (var (group, port, other, otherPort) in global.Links())
                dealer.Join(2, 1, (group * spines) + global.SwitchOf(port, spines), 1, (other * spines) + global.SwitchOf(otherPort, spines));
        }
    }
}
