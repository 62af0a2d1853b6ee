using Lightloom.Catalog;
using Lightloom.Quantities;
using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// Counts of a fabric that is no folded Clos, in one plane, from tiers of switches and classes of links.
//
//   P    ports of a system in the plane          r   rate of a port over the rate of a link between switches
//   H    ports of all systems                    p   hosts that a switch takes
//
//   hosts     the first ⌊H / p⌋ switches have p, the next has what is left, the others none
//   links     half of the ports of a class where both ends are switches of one tier, all of the lower ones else
//   unused    ports of all switches, less those of all classes

/// <summary>Counts a fabric from its tiers and classes; what all topologies but the folded Clos share.</summary>
sealed class FabricCounter
{
    sealed record Tier(string Name, Switch Part, int Reserved, int Split, long Count, long Groups);

    // Lower and Upper are numbers of tiers, -1 for cards; degrees say how many switches have how many ports of the class.
    sealed record Class(string Name, Bandwidth Rate, int Lower, int Upper, long Count, int Bundle, (long Switches, int Links)[] Below, (long Switches, int Links)[] Above)
    {
        public bool OnBoard { get; init; }
        public bool Switched { get; init; }
    }

    readonly ITopology topology;
    readonly List<Tier> tiers = [];
    readonly List<Class> classes = [];

    public FabricCounter(ITopology topology, FabricRequest request, bool secondTier = false, bool switches = true)
    {
        (this.topology, Request, Parameters) = (topology, request, TopologyParameters.Of(topology, request));
        AtLeast("systems", request.Systems, 1);
        AtLeast("planes", request.Planes, 1);
        RefuseWhatOnlyClosHas(secondTier);
        var nic = request.System.Nic;
        PortRate = request.PortRate ?? nic.Rate.Value / nic.Ports.Value;
        if (!(PortRate.Si > 0) || !double.IsFinite(PortRate.Si)) throw new FabricException("portRate", $"a port of {PortRate} carries nothing");
        PortsPerNic = PortArithmetic.PortsPerNic(nic, PortRate);
        var all = (long)request.System.Nics.Value * PortsPerNic;
        if (all % request.Planes != 0)
        {
            var (below, above) = DivisorsAround(all, request.Planes);
            throw new FabricException("planes",
                $"{all} ports of a system cannot be divided over {request.Planes} planes; the nearest possible are {Either(below, above)}", below, above);
        }
        PortsPerSystem = (int)(all / request.Planes);
        if (!switches)
        {
            (SplitDown, SplitUp, FabricRate) = (1, 1, PortRate);
            return;
        }
        SplitDown = Split("leaf", Leaf, PortRate, "portRate");
        FabricRate = request.FabricRate ?? (SplitDown > 1 ? PortRate : secondTier ? Quantity.Min(Leaf.PortRate.Value, Spine.PortRate.Value) : Leaf.PortRate.Value);
        if (!(FabricRate.Si > 0) || !double.IsFinite(FabricRate.Si)) throw new FabricException("fabricRate", $"a link of {FabricRate} carries nothing");
        SplitUp = Split("leaf", Leaf, FabricRate, "fabricRate");
        SplitSpine = secondTier ? Split("spine", Spine, FabricRate, "fabricRate") : SplitUp;
    }

    public FabricRequest Request { get; }

    public TopologyParameters Parameters { get; }

    public Switch Leaf => Request.Leaf.Switch ?? Request.Switch;

    public Switch Spine => Request.Spine.Switch ?? Request.Switch;

    public Bandwidth PortRate { get; }

    public Bandwidth FabricRate { get; }

    public int PortsPerNic { get; }

    /// <summary>P.</summary>
    public int PortsPerSystem { get; }

    public int SplitDown { get; }

    public int SplitUp { get; }

    public int SplitSpine { get; }

    public int Systems => Request.Systems;

    /// <summary>H.</summary>
    public long Hosts => (long)Systems * PortsPerSystem;

    /// <summary>r: links between switches that carry what one port of a card carries.</summary>
    public double Load => PortRate.Si / FabricRate.Si;

    public int Accelerators => Request.System.Accelerators.Value;

    public Bandwidth Injection => PortRate * ((double)Request.System.Nics.Value * PortsPerNic / Accelerators);

    /// <summary>Ports of a switch with hosts, if all were links to other switches.</summary>
    public int Radix => (Leaf.Ports.Value - Request.Leaf.ReservedPorts) * SplitUp;

    /// <summary>Links to other switches that a switch has left beside its hosts; negative where these don't fit.</summary>
    public int PortsBeside(int hosts) => (int)Math.Max(int.MinValue, (Leaf.Ports.Value - Request.Leaf.ReservedPorts - Ceiling(hosts, SplitDown)) * SplitUp)
        + (SplitDown == SplitUp ? (int)((Ceiling(hosts, SplitDown) * SplitDown) - hosts) : 0);

    /// <summary>Hosts that a switch has room for beside so many links to other switches; negative where these don't fit.</summary>
    public int HostsBeside(int links) => (int)((Leaf.Ports.Value - Request.Leaf.ReservedPorts - Ceiling(links, SplitUp)) * SplitDown)
        + (SplitDown == SplitUp ? (int)((Ceiling(links, SplitUp) * SplitUp) - links) : 0);

    /// <summary>Hosts of one switch that spread all over so many switches: whole systems, or whole shares of one, where they fit.</summary>
    public int Spread(long switches, int most)
    {
        var least = (int)Math.Max(1, Ceiling(Hosts, switches));
        for (var p = least; p <= most; p++)
            if (p % PortsPerSystem == 0 || PortsPerSystem % p == 0) return p;
        return least;
    }

    /// <summary>Classes of links so far: the number of the next.</summary>
    public int Classes => classes.Count;

    /// <summary>Adds a tier; returns its number.</summary>
    public int Switches(string name, long count, long groups, bool second = false)
    {
        if (count * Request.Planes > int.MaxValue)
            throw new FabricException("systems", $"a fabric of {count * Request.Planes:N0} switches is larger than can be numbered", int.MaxValue);
        tiers.Add(new(name, second ? Spine : Leaf, (second ? Request.Spine : Request.Leaf).ReservedPorts, second ? SplitSpine : SplitUp, count, groups));
        return tiers.Count - 1;
    }

    /// <summary>The class of links between hosts and a tier, p to a switch.</summary>
    public void JoinHosts(string name, int tier, int hostsPerSwitch)
    {
        var capacity = tiers[tier].Count * hostsPerSwitch;
        if (Hosts > capacity) throw TooMany(capacity);
        var (full, rest) = Math.DivRem(Hosts, hostsPerSwitch);
        var bundle = Math.Min(hostsPerSwitch, PortsPerSystem);
        classes.Add(new(name, PortRate, -1, tier, Hosts, bundle, [], rest > 0 ? [(full, hostsPerSwitch), (1, (int)rest)] : [(full, hostsPerSwitch)]));
    }

    /// <summary>A class of links between hosts and a tier of which not all ports are hosts'.</summary>
    public void JoinHosts(string name, int tier, int bundle, params (long Switches, int Links)[] degrees) =>
        classes.Add(new(name, PortRate, -1, tier, degrees.Sum(d => d.Switches * d.Links), bundle, [], degrees));

    /// <summary>A class of links between switches of one tier.</summary>
    public void JoinPeers(string name, int tier, int bundle, params (long Switches, int Links)[] degrees) =>
        classes.Add(new(name, FabricRate, tier, tier, degrees.Sum(d => d.Switches * d.Links) / 2, bundle, degrees, degrees));

    /// <summary>A class of links between two tiers.</summary>
    public void JoinTiers(string name, int lower, (long Switches, int Links)[] below, int upper, (long Switches, int Links)[] above, int bundle) =>
        classes.Add(new(name, FabricRate, lower, upper, below.Sum(d => d.Switches * d.Links), bundle, below, above));

    /// <summary>A class of links between cards.</summary>
    public void JoinCards(string name, long count, int bundle, bool onBoard = false, bool switched = false) =>
        classes.Add(new(name, PortRate, -1, -1, count, bundle, [], []) { OnBoard = onBoard, Switched = switched });

    /// <summary>The level inside one system.</summary>
    public LocalityLevel ScaleUp => new("scale-up", Accelerators, Request.System.Accelerator.ScaleUpBandwidth.Value, 0);

    /// <summary>A level whose unit has so many hosts' ports, and at which an accelerator gets a share of what it can inject.</summary>
    public LocalityLevel Level(string name, long hosts, double share, int hops, int rails = 1) =>
        new(name, Math.Clamp(hosts / PortsPerSystem, 1, Systems) * Accelerators, Injection * Math.Min(1, share), hops, rails);

    public FabricPlan Plan(CountedWiring wiring, IReadOnlyList<LocalityLevel> locality, double bisection, int diameter, OpticalSwitchLayer? optical = null)
    {
        var layouts = new PortLayout[tiers.Count];
        for (var t = 0; t < layouts.Length; t++) layouts[t] = Layout(t);
        wiring.Layouts = layouts;
        // What meets on one switch is cut by no link.
        if (tiers.Count > 0 && tiers[0].Count == 1) bisection = 1;
        return new()
        {
            Topology = topology.Name,
            Request = Request,
            Tiers = [.. tiers.Select((t, i) => Count(t, i, layouts[i]))],
            Links = [.. classes.Select((c, i) => Count(c, i, layouts))],
            Locality = locality,
            AcceleratorCount = (long)Systems * Accelerators,
            NicPorts = Hosts * Request.Planes,
            InjectionPerAccelerator = Injection,
            BisectionShare = Ratio.From(Math.Min(1, bisection)),
            Diameter = diameter,
            Wiring = wiring,
            OpticalSwitches = optical,
        };
    }

    /// <summary>The error of more systems than the structure has places for.</summary>
    /// <param name="capacity">Hosts' ports of the largest that there is.</param>
    public FabricException TooMany(long capacity)
    {
        var most = capacity / PortsPerSystem;
        return new("systems", $"{Systems:N0} systems of {PortsPerSystem} ports don't fit {topology.Name} with {capacity:N0} places for them; " +
            (most > 0 ? $"the nearest possible count is {most:N0}" : "not even one fits"), most > 0 ? most : null);
    }

    PortLayout Layout(int tier)
    {
        var ends = new List<(int, int, int)>();
        for (var c = 0; c < classes.Count; c++)
        {
            var degrees = classes[c].Upper == tier ? classes[c].Above : classes[c].Lower == tier ? classes[c].Below : [];
            if (degrees.Length == 0) continue;
            var split = classes[c].Lower < 0 ? SplitDown : tiers[tier].Split;
            ends.Add((c, degrees.Max(d => d.Links), split));
        }
        return new(tiers[tier].Name, tiers[tier].Part, tiers[tier].Reserved, [.. ends]);
    }

    SwitchTier Count(Tier tier, int number, PortLayout layout)
    {
        var (down, up, used) = (0, 0, 0L);
        foreach (var c in classes)
        {
            var above = c.Upper == number;
            if (!above && c.Lower != number) continue;
            var degrees = above ? c.Above : c.Below;
            var most = degrees.Max(d => d.Links);
            if (above && c.Lower != number) down += most;
            else up += most;
            used += degrees.Sum(d => d.Switches * d.Links);
        }
        return new(tier.Name, tier.Part, tier.Count * Request.Planes, tier.Groups * Request.Planes, down, up, layout.Radix,
            Request.Planes * ((tier.Count * layout.Radix) - used), layout.Finest);
    }

    LinkClass Count(Class c, int number, PortLayout[] layouts)
    {
        var links = c.Count * Request.Planes;
        var (lower, upper) = (End(c, number, c.Lower, c.Below, layouts), End(c, number, c.Upper, c.Above, layouts));
        if (c.Lower == c.Upper)
        {
            // Both ends are alike and their modules hold both: an odd one is counted below.
            var modules = c.OnBoard ? 0 : c.Lower < 0 ? 2 * lower.Modules : lower.Modules;
            (lower, upper) = (lower with { Modules = modules - (modules / 2) }, upper with { Modules = modules / 2 });
        }
        return new(c.Name, links, c.Rate, lower, upper, c.Bundle) { OnBoard = c.OnBoard, Switched = c.Switched };
    }

    LinkEnd End(Class c, int number, int tier, (long Switches, int Links)[] degrees, PortLayout[] layouts)
    {
        if (tier < 0)
        {
            // A card whose rate was split further than its own ports keeps one module for all of them.
            var perModule = Math.Max(1, PortsPerNic / Request.System.Nic.Ports.Value);
            return new("node", perModule, Ceiling(c.Count * Request.Planes, perModule));
        }
        var layout = layouts[tier];
        return new(tiers[tier].Name, PerModule(tiers[tier].Part, layout.Split(number)),
            Request.Planes * degrees.Sum(d => d.Switches * layout.Modules(number, d.Links)));
    }

    void RefuseWhatOnlyClosHas(bool secondTier)
    {
        void Refuse(bool given, string field, string what, double? nearest = null)
        {
            if (given) throw new FabricException(field, $"{topology.Name} has no {what}", nearest);
        }
        Refuse(Request.Tiers is not null, "tiers", "tiers to choose");
        Refuse(Request.SystemsPerUnit is not null, "systemsPerUnit", "units of leaves");
        Refuse(Request.SystemsPerPod is not null, "systemsPerPod", "pods");
        Refuse(Request.Rails is not null, "rails", "rails");
        Refuse(Request.ManagementLinks != 0, "managementLinks", "leaves that fabric managers could share; the nearest possible is 0", 0);
        foreach (var (tier, options) in ((string, TierOptions)[])[("leaf", Request.Leaf), ("spine", Request.Spine), ("core", Request.Core)])
        {
            if (options.Oversubscription.Si != 1)
                throw new FabricException("oversubscription", $"{topology.Name} takes its bandwidth from its parameters ({string.Join(", ", topology.Parameters)}), " +
                    "not from an oversubscription; the nearest possible is 1", 1)
                { Tier = tier };
            if (options.Uplinks is not null) throw new FabricException("uplinks", $"{topology.Name} has no uplinks to choose") { Tier = tier };
            var has = (options.Switch ?? Request.Switch).Ports.Value;
            if (options.ReservedPorts < 0 || options.ReservedPorts >= has)
                throw new FabricException("reservedPorts", $"a {tier} of {has} ports cannot keep {options.ReservedPorts} free",
                    options.ReservedPorts < 0 ? null : has - 1, options.ReservedPorts < 0 ? 0 : null)
                { Tier = tier };
            if (options.Switch is not null && (tier == "core" || (tier == "spine" && !secondTier)))
                throw new FabricException("switch", $"{topology.Name} has no {tier}") { Tier = tier };
        }
    }
}
