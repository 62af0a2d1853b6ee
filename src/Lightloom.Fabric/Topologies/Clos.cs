using Lightloom.Catalog;
using Lightloom.Quantities;
using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// Counts of a folded Clos of one to three tiers, in one plane.
//
//   P   ports of a system in the plane         U   systems of a unit         k₁ k₂ k₃  radix of leaf, spine, core
//   R   leaves of a unit                       p   = P / R                   o₁ o₂     oversubscription at leaf, spine
//
//   leaf    U  = most systems with  U·p + u₁ ≤ k₁,   u₁ = ⌈U·p / o₁⌉
//           L  = R · ⌈N / U⌉
//   spine   D₂ = most ports down with  D₂ + ⌈D₂ / o₂⌉ ≤ k₂   (D₂ = k₂ at the top)
//           s  = smallest divisor of u₁ with  s ≥ ⌈l·u₁ / D₂⌉,   l leaves of a pod;  each leaf-spine bundle has u₁ / s links
//           u₂ = ⌈l·(u₁/s) / o₂⌉
//   core    c  = smallest divisor of u₂ with  c ≥ ⌈p·u₂ / k₃⌉,   p pods;  spine j of every pod meets the c cores of group j
//
// That s and c divide the uplinks makes every bundle whole. It is the rule behind every row of the DGX H100 SuperPOD's tables
// (RA-11333-001 V11, tables 3 and 4) and behind 36 spines, not 32, over 64 leaves of 144 ports (72 uplinks; 36 divides 72).
//
// Worked example: 95 systems of 8 ports and 4 links to UFM, k = 64: U = 32, R = 8, L = 24, u₁ = 32; ⌈24·32 / 64⌉ = 12, and the
// smallest divisor of 32 that is not below 12 is s = 16: 24 leaves, 16 spines, 768 cables between them in bundles of 2.

/// <summary>Counts a folded Clos; what the topologies of one to three tiers share.</summary>
sealed class Clos
{
    const int CardsOfOneHost = 16;
    const int LeastRailsOfRack = 4;

    readonly string topology;
    readonly FabricRequest request;
    readonly bool byRail;
    readonly Switch leaf, spine, core;
    readonly Bandwidth portRate, fabricRate;
    readonly int cardPorts = 1; // Leaves over which the ports of one card are spread.
    readonly int portsPerNic, ports, splitDown, splitUp, splitSpine, splitCore;
    readonly double linksPerPort; // Fabric links that carry what one port of a card carries.

    public Clos(string topology, FabricRequest request, bool byRail, bool byCardPort = false)
    {
        (this.topology, this.request, this.byRail) = (topology, request, byRail);
        AtLeast("systems", request.Systems, 1);
        AtLeast("planes", request.Planes, 1);
        AtLeast("managementLinks", request.ManagementLinks, 0);
        if (request.SystemsPerUnit is { } unit) AtLeast("systemsPerUnit", unit, 1);
        if (request.SystemsPerPod is { } pod) AtLeast("systemsPerPod", pod, 1);
        if (request.Rails is { } rails) AtLeast("rails", rails, 1);
        if (request.Tiers is < 1 or > 3)
            throw new FabricException("tiers", $"{topology} has 1 to 3 tiers, not {request.Tiers}",
                request.Tiers > 3 ? 3 : null, request.Tiers < 1 ? 1 : null);
        CheckTier("leaf", request.Leaf);
        CheckTier("spine", request.Spine);
        CheckTier("core", request.Core);
        if (request.Core.Oversubscription.Si != 1)
            throw new FabricException("oversubscription", "the core is the top tier: nothing above it can be oversubscribed", 1) { Tier = "core" };

        leaf = request.Leaf.Switch ?? request.Switch;
        spine = request.Spine.Switch ?? request.Switch;
        core = request.Core.Switch ?? request.Switch;
        var nic = request.System.Nic;
        portRate = request.PortRate ?? nic.Rate.Value / nic.Ports.Value;
        if (!(portRate.Si > 0) || !double.IsFinite(portRate.Si))
            throw new FabricException("portRate", $"a port of {portRate} carries nothing");
        portsPerNic = PortsPerNic(nic, portRate);
        var all = (long)request.System.Nics.Value * portsPerNic;
        if (all % request.Planes != 0)
        {
            var (below, above) = DivisorsAround(all, request.Planes);
            throw new FabricException("planes",
                $"{all} ports of a system cannot be divided over {request.Planes} planes; the nearest possible are {Either(below, above)}", below, above);
        }
        ports = (int)(all / request.Planes);
        if (byCardPort) cardPorts = CardPorts();
        splitDown = Split("leaf", leaf, portRate, "portRate");
        fabricRate = request.FabricRate
            ?? (splitDown > 1 ? portRate : Quantity.Min(leaf.PortRate.Value, Quantity.Min(spine.PortRate.Value, core.PortRate.Value)));
        if (!(fabricRate.Si > 0) || !double.IsFinite(fabricRate.Si))
            throw new FabricException("fabricRate", $"a link of {fabricRate} carries nothing");
        var rateField = fabricRate == portRate ? "portRate" : "fabricRate";
        splitUp = Split("leaf", leaf, fabricRate, rateField);
        splitSpine = Split("spine", spine, fabricRate, rateField);
        splitCore = Split("core", core, fabricRate, rateField);
        linksPerPort = portRate.Si / fabricRate.Si;
    }

    // Reserved ports are counted at the full rate of the switch.
    int LeafPorts => leaf.Ports.Value - request.Leaf.ReservedPorts;

    int SpineRadix => (spine.Ports.Value - request.Spine.ReservedPorts) * splitSpine;

    int CoreRadix => (core.Ports.Value - request.Core.ReservedPorts) * splitCore;

    long Management => request.ManagementLinks;

    public FabricPlan Plan(int mostTiers = 3)
    {
        var shape = request.Tiers is { } tiers ? Shape(tiers) : Shape(1) ?? (mostTiers > 1 ? Shape(2) ?? Shape(3) : null);
        return shape is null ? throw TooMany(request.Tiers ?? mostTiers) : Count(shape);
    }

    // The shape with so many tiers, or null when the systems don't fit.
    ClosShape? Shape(int tiers)
    {
        if (tiers == 1)
        {
            if (cardPorts > 1) return null;
            var most = (int)Math.Min((((long)LeafPorts * splitDown) - Management) / ports, int.MaxValue);
            if (most < request.Systems || request.SystemsPerUnit < request.Systems || request.SystemsPerPod < request.Systems) return null;
            return new(request.Planes, request.Systems, most, 1, ports, 1, 1, 1, 0, 0, 0, 0);
        }

        var (perUnit, leaves, units) = Units();
        var portsEach = ports / leaves;
        var uplinks = Uplinks("leaf", request.Leaf, perUnit * portsEach, linksPerPort);
        if (tiers == 2)
        {
            if (request.Tiers is null && request.SystemsPerPod < request.Systems) return null;
            var spines = Above((long)units * leaves, uplinks, SpineRadix);
            return spines == 0 ? null : new(request.Planes, request.Systems, perUnit, leaves, portsEach, units, units, 1, uplinks, spines, 0, 0);
        }

        var down = SpinePortsDown();
        var perPod = UnitsPerPod(down, leaves, perUnit, units, out var pods);
        var spinesPerPod = Above((long)perPod * leaves, uplinks, down);
        var used = Down((long)perPod * leaves, uplinks, spinesPerPod);
        var up = Uplinks("spine", request.Spine, used, 1);
        var cores = Above(pods, up, CoreRadix);
        return cores == 0 ? null
            : new(request.Planes, request.Systems, perUnit, leaves, portsEach, units, perPod, pods, uplinks, spinesPerPod, up, cores);
    }

    (int PerUnit, int Leaves, int Units) Units()
    {
        var leaves = byRail ? Rails() : LeavesOfOneSystem();
        var perUnit = SystemsPerUnit(leaves);
        if (byRail && cardPorts == 1 && request.Rails is null && request.SystemsPerUnit is null && request.Systems <= perUnit)
        {
            // Smaller than one unit: rails share leaves as far as the ports go.
            for (var fewer = 1; fewer < leaves; fewer++)
            {
                if (leaves % fewer != 0) continue;
                var most = MostSystems(ports / fewer);
                if (most < request.Systems || (long)most * ports < ((long)request.Systems * ports) + Management) continue;
                (leaves, perUnit) = (fewer, most);
                break;
            }
        }
        var units = ((request.Systems - 1) / perUnit) + 1;
        // Fabric managers take the ports that the last unit has left, or those of one more unit.
        var spare = (((long)units * perUnit) - request.Systems) * ports;
        if (spare < Management) units += (int)((Management - spare - 1) / ((long)perUnit * ports)) + 1;
        return (perUnit, leaves, units);
    }

    int CardPorts()
    {
        if (portsPerNic % request.Planes == 0 && portsPerNic / request.Planes > 1) return portsPerNic / request.Planes;
        throw new FabricException("planes", $"a card of {portsPerNic} ports has no two in each of {request.Planes} planes; expected cards of several ports, or a portRate " +
            "that splits them", portsPerNic > 1 ? 1 : null);
    }

    int Rails()
    {
        var nics = request.System.Nics.Value;
        if (cardPorts > 1)
        {
            if (request.Rails is not { } groups || nics % groups == 0) return cardPorts * (request.Rails ?? 1);
            var (fewer, more) = DivisorsAround(nics, groups);
            throw new FabricException("rails",
                $"{nics} cards of a system cannot be divided over {groups} rails; the nearest possible are {Either(fewer, more)}", fewer, more);
        }
        if (request.Rails is not { } rails)
            return ports % nics != 0 ? ports : nics <= CardsOfOneHost ? nics : RailsOfRack(nics);
        if (ports % rails == 0) return rails;
        var (below, above) = DivisorsAround(ports, rails);
        throw new FabricException("rails",
            $"{ports} ports of a system cannot be divided over {rails} rails; the nearest possible are {Either(below, above)}", below, above);
    }

    // A rack of many hosts puts a card of each on one rail: the fewest rails, of at least as many as a host has cards, that leave
    // the fewest ports of their leaves unused.
    int RailsOfRack(int nics)
    {
        var (best, mostUsed) = (nics, 0);
        for (var rails = LeastRailsOfRack; rails <= nics; rails++)
        {
            if (nics % rails != 0) continue;
            var each = ports / rails;
            var used = MostSystems(each) * each;
            if (used > mostUsed) (best, mostUsed) = (rails, used);
        }
        return best;
    }

    int LeavesOfOneSystem()
    {
        for (var leaves = 1; leaves <= ports; leaves++)
            if (ports % leaves == 0 && MostSystems(ports / leaves) > 0) return leaves;
        return ports;
    }

    int SystemsPerUnit(int leaves)
    {
        var each = ports / leaves;
        var most = MostSystems(each);
        if (most == 0)
        {
            var radix = LeafPorts * splitDown;
            if (!byRail || leaves == ports || MostSystems(1) == 0)
                throw new FabricException("switch", $"a leaf of {radix} ports has none left for a system beside its uplinks") { Tier = "leaf" };
            var above = leaves;
            while (above < ports && (ports % above != 0 || MostSystems(ports / above) == 0)) above++;
            throw new FabricException("rails",
                $"{leaves} rails put {each} ports of a system on a leaf of {radix} ports, which has no room for them and their uplinks; " +
                $"the nearest possible is {above} rails", null, above);
        }
        if (request.SystemsPerUnit is not { } wanted) return most;
        return wanted <= most
            ? wanted
            : throw new FabricException("systemsPerUnit",
                $"{wanted} systems put {(long)wanted * each} ports on a leaf of {LeafPorts * splitDown} ports, which has no room for them and " +
                $"their uplinks; the nearest possible is {most}", most);
    }

    // The most systems with so many ports each that a leaf holds beside its uplinks.
    int MostSystems(int each)
    {
        var perDown = request.Leaf.Uplinks is null ? linksPerPort / request.Leaf.Oversubscription.Si * splitDown / splitUp : 0;
        var guess = (LeafPorts * (double)splitDown / (1 + perDown) / each) + 2;
        var systems = (int)Math.Min(guess, LeafPorts * (long)splitDown / each);
        while (systems > 0 && !LeafHolds(systems * each)) systems--;
        return Math.Max(systems, 0);
    }

    bool LeafHolds(int down)
    {
        var up = request.Leaf.Uplinks ?? Whole(down * linksPerPort / request.Leaf.Oversubscription.Si);
        return splitDown == splitUp
            ? down + (long)up <= (long)LeafPorts * splitDown
            : ((down - 1L) / splitDown) + 1 + ((up + splitUp - 1L) / splitUp) <= LeafPorts;
    }

    int SpinePortsDown()
    {
        if (request.Spine.Uplinks is { } uplinks)
            return SpineRadix > uplinks ? SpineRadix - uplinks
                : throw new FabricException("uplinks", $"{uplinks} uplinks leave no port down at a spine of {SpineRadix} ports; the nearest possible is {SpineRadix - 1}",
                    SpineRadix - 1)
                { Tier = "spine" };
        var over = request.Spine.Oversubscription.Si;
        var down = (int)Math.Min((SpineRadix / (1 + (1 / over))) + 2, SpineRadix);
        while (down > 0 && down + (long)Whole(down / over) > SpineRadix) down--;
        return down > 0 ? down
            : throw new FabricException("switch", $"a spine of {SpineRadix} ports has none left for a leaf beside its uplinks") { Tier = "spine" };
    }

    int UnitsPerPod(int down, int leaves, int perUnit, int units, out int pods)
    {
        var most = down / leaves;
        if (most == 0)
            throw new FabricException(byRail ? "rails" : "switch",
                $"a unit of {leaves} leaves doesn't fit under spines with {down} ports down; the nearest possible is {down} leaves", down)
            { Tier = "spine" };
        if (request.SystemsPerPod is { } wanted)
        {
            var asked = ((wanted - 1) / perUnit) + 1;
            if (asked > most)
                throw new FabricException("systemsPerPod",
                    $"a pod of {wanted} systems has {(long)asked * leaves} leaves, and a spine has {down} ports down; the nearest possible is {(long)most * perUnit} systems",
                    (double)most * perUnit);
            pods = ((units - 1) / asked) + 1;
            return Math.Min(asked, units);
        }
        pods = ((units - 1) / most) + 1;
        return ((units - 1) / pods) + 1;
    }

    static int Uplinks(string tier, TierOptions options, int down, double links)
    {
        if (options.Uplinks is { } fixedUplinks) return fixedUplinks;
        var exact = down * links / options.Oversubscription.Si;
        if (exact < 1 - 1e-9)
        {
            var most = down * links;
            throw new FabricException("oversubscription",
                $"oversubscription {Text(options.Oversubscription.Si)}:1 leaves {Text(exact)} of an uplink to the {down} ports down of a {tier}; " +
                $"the nearest possible is {Text(most)}:1, with 1 uplink", most)
            { Tier = tier };
        }
        return Whole(exact);
    }

    // How many switches of a radix stand above so many switches with so many uplinks each; 0 when even one link to each is too many.
    int Above(long switches, int uplinks, int radix)
    {
        var least = ((switches * uplinks) - 1) / radix;
        if (least >= uplinks) return 0;
        var fewest = (int)least + 1;
        if (request.UplinkSpread == UplinkSpread.WholeBundles)
            while (uplinks % fewest != 0) fewest++;
        return fewest;
    }

    // Ports down of the fullest switch above.
    static int Down(long switches, int uplinks, int above) => (int)((((switches * uplinks) - 1) / above) + 1);

    FabricException TooMany(int tiers)
    {
        var radices = tiers switch { 1 => $"{LeafPorts * splitDown}", 2 => $"{LeafPorts * splitDown}- and {SpineRadix}", _ => $"{LeafPorts * splitDown}-, {SpineRadix}- and {CoreRadix}" };
        var most = Most(tiers);
        var higher = 0;
        if (topology != "single-switch")
            for (var more = tiers + 1; more <= 3 && higher == 0; more++)
                if (Shape(more) is not null) higher = more;
        var name = tiers == 1 ? "1 tier" : $"{tiers} tiers";
        var nearest = most == 0 ? "not even one fits" : $"the nearest possible count is {most:N0}";
        var also = higher > 0 ? $", or {request.Systems:N0} with {higher} tiers" : "";
        return new("systems",
            $"{request.Systems:N0} systems of {ports} ports don't fit {name} of {radices}-port switches; {nearest}{also}",
            most > 0 ? most : null);
    }

    long Most(int tiers)
    {
        if (tiers == 1)
            return Math.Max(0, Math.Min((((long)LeafPorts * splitDown) - Management) / ports, request.SystemsPerUnit ?? long.MaxValue));
        var leaves = byRail ? Rails() : LeavesOfOneSystem();
        var perUnit = SystemsPerUnit(leaves);
        var units = tiers == 2 ? SpineRadix / leaves : 0L;
        if (tiers == 3)
        {
            var inPod = request.SystemsPerPod is { } wanted ? ((wanted - 1) / perUnit) + 1 : SpinePortsDown() / leaves;
            units = (long)inPod * CoreRadix;
        }
        return Math.Max(0, ((units * perUnit * ports) - Management) / ports);
    }

    FabricPlan Count(ClosShape s)
    {
        var planes = (long)s.Planes;
        var tierCount = s.UplinksPerSpine > 0 ? 3 : s.UplinksPerLeaf > 0 ? 2 : 1;
        var tiers = new SwitchTier[tierCount];
        var links = new LinkClass[tierCount + (Management > 0 ? 1 : 0)];
        var accelerators = request.System.Accelerators.Value;

        var nicPorts = (long)s.Systems * request.System.Nics.Value * portsPerNic;
        var leafDown = s.SystemsPerUnit * s.PortsPerSystemAndLeaf;
        if (tierCount == 1) leafDown = s.Systems * s.PortsPerSystemAndLeaf;
        var leafRadix = splitDown == splitUp
            ? leaf.Ports.Value * splitDown
            : ((int)Ceiling(leafDown, splitDown) * splitDown) + s.UplinksPerLeaf +
              ((leaf.Ports.Value - (int)Ceiling(leafDown, splitDown) - (int)Ceiling(s.UplinksPerLeaf, splitUp)) * splitDown);
        var below = nicPorts + (planes * Management);
        tiers[0] = new("leaf", leaf, planes * s.Leaves, planes * s.Units, leafDown, s.UplinksPerLeaf, leafRadix,
            (planes * s.Leaves * (leafRadix - s.UplinksPerLeaf)) - below, Math.Max(splitDown, splitUp));

        var lastUnit = (int)Math.Max(0, s.Systems - ((long)(s.Units - 1) * s.SystemsPerUnit));
        var full = s.Units - 1L;
        // Fabric managers may need a unit of their own; then the unit before it is the one that isn't full.
        if (lastUnit == 0 && s.Units > 1)
        {
            full = s.Systems / s.SystemsPerUnit;
            lastUnit = s.Systems % s.SystemsPerUnit;
        }
        var downModules = planes * s.LeavesPerUnit *
            ((full * Modules(leaf, splitDown, (long)s.SystemsPerUnit * s.PortsPerSystemAndLeaf)) +
             Modules(leaf, splitDown, (long)lastUnit * s.PortsPerSystemAndLeaf));
        // A card whose rate was split further than its own ports keeps one module for all of them.
        var nic = request.System.Nic;
        var perNicModule = Math.Max(1, portsPerNic / nic.Ports.Value);
        links[0] = new("node-leaf", nicPorts, portRate,
            new("node", perNicModule, nicPorts / perNicModule),
            new("leaf", PerModule(leaf, splitDown), downModules), s.PortsPerSystemAndLeaf);

        if (tierCount > 1)
        {
            var count = planes * s.Leaves * s.UplinksPerLeaf;
            var spineDown = Down((long)s.UnitsPerPod * s.LeavesPerUnit, s.UplinksPerLeaf, s.SpinesPerPod);
            var radix = spine.Ports.Value * splitSpine;
            tiers[1] = new("spine", spine, planes * s.Spines, planes * s.Pods, spineDown, s.UplinksPerSpine, radix,
                (planes * s.Spines * (radix - s.UplinksPerSpine)) - count, splitSpine);
            var fullPod = (long)s.UnitsPerPod * s.LeavesPerUnit;
            var lastPod = (long)s.UnitsIn(s.Pods - 1) * s.LeavesPerUnit;
            var modules = planes * (((s.Pods - 1) * ModulesAbove(spine, splitSpine, fullPod, s.UplinksPerLeaf, s.SpinesPerPod)) +
                ModulesAbove(spine, splitSpine, lastPod, s.UplinksPerLeaf, s.SpinesPerPod));
            links[1] = new("leaf-spine", count, fabricRate,
                new("leaf", PerModule(leaf, splitUp), planes * s.Leaves * Modules(leaf, splitUp, s.UplinksPerLeaf)),
                new("spine", PerModule(spine, splitSpine), modules), ((s.UplinksPerLeaf - 1) / s.SpinesPerPod) + 1);
        }
        if (tierCount > 2)
        {
            var count = planes * s.Spines * s.UplinksPerSpine;
            var radix = core.Ports.Value * splitCore;
            tiers[2] = new("core", core, planes * s.Cores, planes * s.SpinesPerPod, Down(s.Pods, s.UplinksPerSpine, s.CoresPerGroup), 0, radix,
                (planes * s.Cores * radix) - count, splitCore);
            links[2] = new("spine-core", count, fabricRate,
                new("spine", PerModule(spine, splitSpine), planes * s.Spines * Modules(spine, splitSpine, s.UplinksPerSpine)),
                new("core", PerModule(core, splitCore),
                    planes * s.SpinesPerPod * ModulesAbove(core, splitCore, s.Pods, s.UplinksPerSpine, s.CoresPerGroup)),
                ((s.UplinksPerSpine - 1) / s.CoresPerGroup) + 1);
        }
        if (Management > 0)
        {
            var count = planes * Management;
            links[^1] = new("management-leaf", count, portRate, new("management", 1, count),
                new("leaf", PerModule(leaf, splitDown), leaf.CoPackaged is null ? Ceiling(count, PerModule(leaf, splitDown)) : 0), 1);
        }

        var inject = portRate * ((double)request.System.Nics.Value * portsPerNic / accelerators);
        var leafShare = tierCount < 2 ? 1 : Share(s.UplinksPerLeaf, s.SystemsPerUnit * s.PortsPerSystemAndLeaf * linksPerPort);
        var podLeaves = (long)s.UnitsPerPod * s.LeavesPerUnit;
        // What the spines could carry further doesn't help where the leaves below let less out.
        var spineShare = tierCount < 3 ? leafShare
            : Math.Min(leafShare, Share((long)s.UplinksPerSpine * s.SpinesPerPod,
                podLeaves * s.SystemsPerUnit * s.PortsPerSystemAndLeaf * linksPerPort));
        var levels = new LocalityLevel[tierCount + 1];
        levels[0] = new("scale-up", accelerators, request.System.Accelerator.ScaleUpBandwidth.Value, 0);
        levels[1] = new("leaf", (long)Math.Min(s.Systems, s.SystemsPerUnit) * accelerators, inject, 1, s.LeavesPerUnit / cardPorts);
        if (tierCount > 1)
            levels[2] = new("pod", Math.Min(s.Systems, (long)s.UnitsPerPod * s.SystemsPerUnit) * accelerators, inject * leafShare, 3);
        if (tierCount > 2) levels[3] = new("core", (long)s.Systems * accelerators, inject * spineShare, 5);

        return new()
        {
            Topology = topology,
            Request = request,
            Tiers = tiers,
            Links = links,
            Locality = levels,
            AcceleratorCount = (long)s.Systems * accelerators,
            NicPorts = nicPorts,
            InjectionPerAccelerator = inject,
            BisectionShare = Ratio.From(spineShare),
            Diameter = (2 * tierCount) - 1,
            Wiring = new ClosWiring(s, cardPorts, splitDown, splitUp, splitSpine, splitCore),
        };
    }

    static double Share(long up, double down) => Math.Min(1, up / down);

    // Modules down of all switches above so many switches with so many uplinks each: links are dealt so that loads differ by at most one.
    static long ModulesAbove(Switch part, int split, long switches, int uplinks, int above)
    {
        var (each, more) = Math.DivRem(switches * uplinks, above);
        return (more * Modules(part, split, each + 1)) + ((above - more) * Modules(part, split, each));
    }

    void CheckTier(string tier, TierOptions options)
    {
        var over = options.Oversubscription.Si;
        if (!(over > 0) || !double.IsFinite(over))
            throw new FabricException("oversubscription", $"oversubscription {Text(over)}:1 is not a ratio above 0") { Tier = tier };
        if (options.Uplinks is < 1)
            throw new FabricException("uplinks", $"{options.Uplinks} uplinks join a {tier} to nothing; the nearest possible is 1", null, 1) { Tier = tier };
        var has = (options.Switch ?? request.Switch).Ports.Value;
        if (options.ReservedPorts < 0 || options.ReservedPorts >= has)
            throw new FabricException("reservedPorts", $"a {tier} of {has} ports cannot keep {options.ReservedPorts} free",
                options.ReservedPorts < 0 ? null : has - 1, options.ReservedPorts < 0 ? 0 : null)
            { Tier = tier };
    }
}
