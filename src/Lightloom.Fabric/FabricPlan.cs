using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>One tier of switches.</summary>
/// <param name="Name">What it is called: "leaf", "spine" and "core" of a Clos, "router" of a direct topology.</param>
/// <param name="Switch">The switch.</param>
/// <param name="Count">Switches of this tier, all planes together.</param>
/// <param name="Groups">Groups that they stand in: units of leaves, pods of spines, groups of cores; all planes together.</param>
/// <param name="PortsDown">Ports towards the systems that one switch of a full group uses.</param>
/// <param name="PortsUp">Ports towards the tier above that one switch uses.</param>
/// <param name="Radix">Ports that one switch has, split as this tier splits them.</param>
/// <param name="UnusedPorts">Ports without a cable, of all switches of this tier together.</param>
/// <param name="Split">Ports into which one port of the switch is split at most.</param>
public sealed record SwitchTier(
    string Name, Switch Switch, long Count, long Groups, int PortsDown, int PortsUp, int Radix, long UnusedPorts, int Split = 1);

/// <summary>One end of a class of links.</summary>
/// <param name="Tier">Where it ends: "node", "management", or the name of a tier.</param>
/// <param name="LinksPerModule">Links that one pluggable module serves at this end.</param>
/// <param name="Modules">Pluggable modules at this end if the links are optical; 0 where the optics are co-packaged.</param>
public sealed record LinkEnd(string Tier, int LinksPerModule, long Modules);

/// <summary>Links that are alike.</summary>
/// <param name="Name">Its ends, the lower one first: "node-leaf", "leaf-spine", "spine-core", "management-leaf", "router-router".</param>
/// <param name="Count">Links, all planes together; a split port carries several.</param>
/// <param name="Rate">Rate of one link, one direction.</param>
/// <param name="Lower">The end nearer to the systems.</param>
/// <param name="Upper">The end further from the systems.</param>
/// <param name="Bundle">Links between one pair of devices in one plane; of the widest pair where pairs differ.</param>
public sealed record LinkClass(string Name, long Count, Bandwidth Rate, LinkEnd Lower, LinkEnd Upper, int Bundle)
{
    /// <summary>Whether these links are traces of a board, not cables: they have no modules, and nobody lays or buys them.</summary>
    public bool OnBoard { get; init; }

    /// <summary>Whether these links pass an optical circuit switch of <see cref="FabricPlan.OpticalSwitches"/>: two fibres each.</summary>
    public bool Switched { get; init; }
}

/// <summary>Optical circuit switches that join the ends of links; no packet sees them.</summary>
/// <param name="Switch">The switch.</param>
/// <param name="Count">Switches, all planes together.</param>
/// <param name="UsedPorts">Ports with a fibre, all switches together: two for each link.</param>
/// <param name="PortsPerSwitch">Ports of one switch that may be used; the others are spares.</param>
public sealed record OpticalSwitchLayer(OpticalCircuitSwitch Switch, long Count, long UsedPorts, int PortsPerSwitch);

/// <summary>A distance at which accelerators can be from each other, as collectives see it.</summary>
/// <param name="Name">"scale-up", "leaf", "pod" or "core".</param>
/// <param name="Accelerators">Accelerators within one unit of the level.</param>
/// <param name="Bandwidth">
/// Bandwidth of each accelerator, one direction, out of a unit of the level below when all use it at once: after oversubscription.
/// </param>
/// <param name="SwitchHops">Switches on a shortest path between two units of the level below; 0 inside the scale-up domain.</param>
/// <param name="Rails">
/// Leaves that the systems of the unit are spread over: 1 means that any two of its accelerators meet on one leaf; 8 that only
/// accelerators of one rail do, and others go over the scale-up domain or a spine.
/// </param>
public sealed record LocalityLevel(string Name, long Accelerators, Bandwidth Bandwidth, int SwitchHops, int Rails = 1);

/// <summary>
/// The regular structure behind a plan of one to three tiers, in counts of one plane. Unit u holds systems
/// [u·SystemsPerUnit, (u+1)·SystemsPerUnit) and leaves [u·LeavesPerUnit, (u+1)·LeavesPerUnit); pod p holds units
/// [p·UnitsPerPod, (p+1)·UnitsPerPod). Leaf and spine of one pod are joined by UplinksPerLeaf / SpinesPerPod links; spine j of
/// every pod is joined to the CoresPerGroup cores of group j by UplinksPerSpine / CoresPerGroup links each. What doesn't divide
/// is dealt round: link i of leaf l goes to spine (l·UplinksPerLeaf + i) mod SpinesPerPod, link i of a spine in pod p to core
/// (p·UplinksPerSpine + i) mod CoresPerGroup of its group.
/// </summary>
/// <param name="Planes">Planes, all equal.</param>
/// <param name="Systems">Systems.</param>
/// <param name="SystemsPerUnit">Systems that a full unit holds.</param>
/// <param name="LeavesPerUnit">Leaves of a unit: its rails, or 1.</param>
/// <param name="PortsPerSystemAndLeaf">Links from one system to each leaf of its unit.</param>
/// <param name="Units">Units.</param>
/// <param name="UnitsPerPod">Units of a full pod.</param>
/// <param name="Pods">Pods; 1 with fewer than three tiers.</param>
/// <param name="UplinksPerLeaf">Links from one leaf to all spines; 0 with one tier.</param>
/// <param name="SpinesPerPod">Spines of a pod; 0 with one tier.</param>
/// <param name="UplinksPerSpine">Links from one spine to all its cores; 0 with fewer than three tiers.</param>
/// <param name="CoresPerGroup">Cores that one spine reaches; there are SpinesPerPod such groups. 0 with fewer than three tiers.</param>
public sealed record ClosShape(
    int Planes, int Systems, int SystemsPerUnit, int LeavesPerUnit, int PortsPerSystemAndLeaf, int Units, int UnitsPerPod, int Pods,
    int UplinksPerLeaf, int SpinesPerPod, int UplinksPerSpine, int CoresPerGroup)
{
    /// <summary>Leaves of one plane.</summary>
    public long Leaves => (long)Units * LeavesPerUnit;

    /// <summary>Spines of one plane.</summary>
    public long Spines => (long)Pods * SpinesPerPod;

    /// <summary>Cores of one plane.</summary>
    public long Cores => (long)SpinesPerPod * CoresPerGroup;

    /// <summary>Systems in a pod; the last may hold fewer than the others.</summary>
    public int SystemsIn(int pod)
    {
        var before = (long)pod * UnitsPerPod * SystemsPerUnit;
        return (int)Math.Clamp(Systems - before, 0, (long)UnitsPerPod * SystemsPerUnit);
    }

    /// <summary>Units in a pod; the last may hold fewer than the others.</summary>
    public int UnitsIn(int pod) => (int)Math.Clamp(Units - ((long)pod * UnitsPerPod), 0, UnitsPerPod);
}

/// <summary>A fabric, counted and not enumerated: a million accelerators take as much memory as a thousand.</summary>
public sealed record FabricPlan
{
    /// <summary>The topology's name.</summary>
    public required string Topology { get; init; }

    /// <summary>What was asked for.</summary>
    public required FabricRequest Request { get; init; }

    /// <summary>Tiers of switches, from the systems up.</summary>
    public required IReadOnlyList<SwitchTier> Tiers { get; init; }

    /// <summary>Classes of links, from the systems up.</summary>
    public required IReadOnlyList<LinkClass> Links { get; init; }

    /// <summary>Levels of locality, from the scale-up domain to the whole fabric.</summary>
    public required IReadOnlyList<LocalityLevel> Locality { get; init; }

    /// <summary>Accelerators, all systems together.</summary>
    public required long AcceleratorCount { get; init; }

    /// <summary>Ports of network cards, all systems together.</summary>
    public required long NicPorts { get; init; }

    /// <summary>
    /// Bandwidth between two halves of the accelerators, cut where the fabric is thinnest, over half of what they can inject: 1
    /// is full bisection. Each topology says whether it is exact for its structure, a cut that is the thinnest known, or a bound.
    /// </summary>
    public required Ratio BisectionShare { get; init; }

    /// <summary>
    /// Devices that forward on the longest of all shortest paths between two cards: switches, and cards where cards join cards. One
    /// less than the links of that path. For a random graph a bound that holds almost surely.
    /// </summary>
    public required int Diameter { get; init; }

    /// <summary>Which port meets which.</summary>
    public required FabricWiring Wiring { get; init; }

    /// <summary>The regular structure behind the counts of a folded Clos; null for every other topology.</summary>
    public ClosShape? Clos => (Wiring as ClosWiring)?.Shape;

    /// <summary>Switches, all tiers together.</summary>
    public long SwitchCount => Sum(Tiers, static t => t.Count);

    /// <summary>Links, all classes together.</summary>
    public long LinkCount => Sum(Links, static l => l.Count);

    /// <summary>Switch ports without a cable, all tiers together.</summary>
    public long UnusedPorts => Sum(Tiers, static t => t.UnusedPorts);

    /// <summary>Pluggable modules if every link is optical, at both ends, all classes together.</summary>
    public long ModuleCount => Sum(Links, static l => l.Lower.Modules + l.Upper.Modules);

    /// <summary>Optical circuit switches between the ends of links, or null.</summary>
    public OpticalSwitchLayer? OpticalSwitches { get; init; }

    /// <summary>Bandwidth that one accelerator can inject into the fabric through all of its ports, one direction.</summary>
    public required Bandwidth InjectionPerAccelerator { get; init; }

    /// <summary>The tier of a name, or null.</summary>
    public SwitchTier? Tier(string name)
    {
        foreach (var tier in Tiers)
            if (tier.Name == name) return tier;
        return null;
    }

    /// <summary>The class of links of a name, or null.</summary>
    public LinkClass? Link(string name)
    {
        foreach (var link in Links)
            if (link.Name == name) return link;
        return null;
    }

    static long Sum<T>(IReadOnlyList<T> items, Func<T, long> count)
    {
        var sum = 0L;
        for (var i = 0; i < items.Count; i++) sum += count(items[i]);
        return sum;
    }
}
