using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>A design as it would stand in its hall: fabric, floor, and every cable engineered. Nothing runs on it yet.</summary>
public sealed class ClusterBuild
{
    readonly Lazy<ClusterBalance> balance;

    ClusterBuild(
        DesignDocument document, SiteDefaults site, NetworkProtocol protocol, FabricPlan plan, FloorPlan floor, IReadOnlyList<LinkSummary> links,
        LinkAssumptions assumptions, Lazy<ClusterBalance> balance)
    {
        Document = document;
        Site = site;
        Protocol = protocol;
        Plan = plan;
        Floor = floor;
        Links = links;
        LinkAssumptions = assumptions;
        this.balance = balance;
    }

    /// <summary>The design.</summary>
    public DesignDocument Document { get; }

    /// <summary>What is assumed of the site, with what the design says of it.</summary>
    public SiteDefaults Site { get; }

    /// <summary>What the fabric speaks.</summary>
    public NetworkProtocol Protocol { get; }

    /// <summary>How collectives use such a fabric by the catalogue, whatever the design says was measured.</summary>
    public required CollectiveParameters Usual { get; init; }

    /// <summary>The fabric.</summary>
    public FabricPlan Plan { get; }

    /// <summary>The floor.</summary>
    public FloorPlan Floor { get; }

    /// <summary>The links by class, from the systems up.</summary>
    public IReadOnlyList<LinkSummary> Links { get; }

    /// <summary>What load balancing and parts that are down leave of its bandwidth, for as many accelerators as the job has.</summary>
    public ClusterBalance Balance => balance.Value;

    /// <summary>What link engineering assumed where no part says otherwise.</summary>
    public LinkAssumptions LinkAssumptions { get; }

    /// <summary>Builds a design.</summary>
    /// <param name="document">The design.</param>
    /// <param name="catalog">Where the site's assumptions and the protocol are looked up.</param>
    /// <param name="engineer">Who engineers links; keep one for many designs, it remembers parts.</param>
    /// <exception cref="InputException">The design asks for what can't be.</exception>
    public static ClusterBuild Of(DesignDocument document, PartCatalog catalog, LinkEngineer engineer)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(engineer);
        var site = SiteOf(document.Design.Site, catalog);
        // Links flap as the site says; an engineer of other assumptions has to bind its parts anew.
        if (site.LinkFlaps.Value != engineer.Assumptions.OpticalFlaps.Value)
            engineer = new(catalog, engineer.Assumptions with { OpticalFlaps = site.LinkFlaps });
        var protocol = catalog.Get<NetworkProtocol>(DocumentShape.NameOf(document.Design.Fabric.Protocol));
        var usual = protocol.Collectives;
        if (document.Design.Collectives?.Fabric is { } measured) protocol = protocol with { Collectives = measured };
        CheckProtocol(document, protocol);
        protocol = protocol with { LoadBalancing = BalancingOf(document, protocol) };
        var plan = PlanOf(document);
        CheckFailed(document, plan);
        FloorPlan floor;
        try
        {
            floor = FloorPlan.Of(plan, FloorOf(document.Design.Site.Floor, site));
        }
        catch (FabricException e)
        {
            throw document.Wrong($"site.floor.{e.Field}", e.Message);
        }
        var used = Math.Min(1, (document.Design.Job?.Accelerators ?? plan.AcceleratorCount) / (double)plan.AcceleratorCount);
        return new(document, site, protocol, plan, floor, Engineer(document, site, plan, floor, catalog, engineer), engineer.Assumptions,
            new(() => ClusterBalance.Of(plan, protocol, used, document.Design.Fabric.Failed)))
        {
            Usual = usual,
        };
    }

    /// <summary>The same design with another number of systems, on a floor that is laid out for them.</summary>
    /// <param name="systems">How many.</param>
    /// <param name="catalog">Where the site's assumptions and the protocol are looked up.</param>
    /// <param name="engineer">Who engineers links.</param>
    /// <exception cref="InputException">The fabric can't be built for so many.</exception>
    public ClusterBuild WithSystems(int systems, PartCatalog catalog, LinkEngineer engineer)
    {
        var design = Document.Design;
        return Of(
            Document.With(design with
            {
                Accelerators = design.Accelerators with { Systems = systems },
                Site = design.Site with { Floor = design.Site.Floor with { Halls = 1, Rows = null, RacksPerRow = null } },
                Job = null,
            }),
            catalog, engineer);
    }

    static LoadBalancing BalancingOf(DesignDocument document, NetworkProtocol protocol)
    {
        var fabric = document.Design.Fabric;
        var policy = fabric.LoadBalancing ?? protocol.LoadBalancing;
        if (fabric.QueuePairs is not { } pairs) return policy;
        if (policy.Mechanism is BalancingMechanism.RouteAdaptively or BalancingMechanism.SprayPackets)
            throw document.Wrong("fabric.queuePairs", $"'{policy.Key}' spreads packets, whatever their queue pair; expected a 'loadBalancing' that tells flows apart, such as ecmp");
        return policy with { QueuePairs = Sourced<int>.Of(pairs, "fabric.queuePairs of the design", Grade.Assumption) };
    }

    static void CheckFailed(DesignDocument document, FabricPlan plan)
    {
        var failed = document.Design.Fabric.Failed;
        var cards = plan.Request.System.Nics.Value;
        if (failed.Rails >= cards) throw document.Wrong("fabric.failed.rails", $"a system has {cards} network cards; expected one of them to be up");
        var leaf = plan.Clos is { } shape ? shape.UplinksPerLeaf : plan.Tiers.Count > 0 ? plan.Tiers[0].PortsUp : 0;
        var spine = plan.Clos?.UplinksPerSpine ?? 0;
        Check("leafUplinks", failed.LeafUplinks, leaf, "a leaf");
        Check("leafSpine", failed.LeafSpine, leaf, "a leaf");
        Check("spineUplinks", failed.SpineUplinks, spine, "a spine");
        Check("spineCore", failed.SpineCore, spine, "a spine");

        void Check(string key, double down, int links, string what)
        {
            if (down > 0 && links == 0) throw document.Wrong($"fabric.failed.{key}", $"{what} of this fabric has no links upwards that could be down");
            if (down >= Math.Max(1, links)) throw document.Wrong($"fabric.failed.{key}", $"{what} has {links} links upwards; expected one of them to be up");
        }
    }

    /// <summary>Plans every cable of the cluster.</summary>
    /// <param name="graph">The expanded fabric, of this cluster's plan.</param>
    public CablePlan CablesOf(FabricGraph graph) => CablePlan.Of(Elevations.Of(graph, Floor),
    [
        .. Links.Select(summary => (IReadOnlyList<CableMedium>)
            [.. summary.Groups.Select(g => new CableMedium(g.Link.Class == MediaClasses.None ? "" : g.Link.Name, g.Link.PurchasableLength))]),
    ]);

    static SiteDefaults SiteOf(SiteSection section, PartCatalog catalog)
    {
        var site = section.Assumptions ?? catalog.Get<SiteDefaults>("default");
        if (section.Electricity is { } electricity) site = site with { Electricity = electricity };
        if (section.PowerUsageEffectiveness is { } pue) site = site with { PowerUsageEffectiveness = pue };
        return site;
    }

    static void CheckProtocol(DesignDocument document, NetworkProtocol protocol)
    {
        var fabric = document.Design.Fabric;
        Check("switch", fabric.Switch);
        Check("leafSwitch", fabric.LeafSwitch);
        Check("spineSwitch", fabric.SpineSwitch);
        Check("coreSwitch", fabric.CoreSwitch);
        var nic = document.Design.Accelerators.System.Nic;
        if (!nic.Protocols.Contains(protocol.Link))
            throw document.Wrong("fabric.protocol", $"the system's network card '{nic.Key}' does not speak {DocumentShape.NameOf(protocol.Link)}");

        void Check(string key, Switch? box)
        {
            if (box is not null && !box.Protocols.Contains(protocol.Link))
                throw document.Wrong($"fabric.{key}", $"'{box.Key}' speaks {Spoken(box)}, " +
                    $"and {DocumentShape.NameOf(fabric.Protocol)} needs {DocumentShape.NameOf(protocol.Link)}");
        }

        static string Spoken(Switch box) =>
            box.Protocols.Count == 0 ? "nothing" : string.Join(" and ", box.Protocols.Select(p => DocumentShape.NameOf(p)));
    }

    static FabricPlan PlanOf(DesignDocument document)
    {
        var fabric = document.Design.Fabric;
        var names = Topologies.All.Select(t => t.Name).ToList();
        if (!names.Contains(fabric.Topology))
            throw document.Wrong("fabric.topology", $"there is no topology '{fabric.Topology}'{Nearest.Hint(fabric.Topology, names)}");
        try
        {
            return Topologies.Find(fabric.Topology).Plan(new()
            {
                Systems = document.Design.Accelerators.Systems,
                System = document.Design.Collectives?.Of(document.Design.Accelerators.System) ?? document.Design.Accelerators.System,
                Switch = fabric.Switch,
                Tiers = fabric.Tiers,
                Leaf = new() { Switch = fabric.LeafSwitch, Oversubscription = Ratio.From(fabric.Oversubscription.Leaf) },
                Spine = new() { Switch = fabric.SpineSwitch, Oversubscription = Ratio.From(fabric.Oversubscription.Spine) },
                Core = new() { Switch = fabric.CoreSwitch },
                SystemsPerUnit = fabric.SystemsPerUnit,
                SystemsPerPod = fabric.SystemsPerPod,
                Rails = fabric.Rails,
                Planes = fabric.Planes,
                ManagementLinks = fabric.ManagementLinks,
                Parameters = fabric.Parameters,
            });
        }
        catch (FabricException e)
        {
            throw document.Wrong(PathOf(e), e.Message);
        }
    }

    static string PathOf(FabricException e) => (e.Field, e.Tier) switch
    {
        ("systems", _) => "accelerators.systems",
        ("system", _) => "accelerators.system",
        ("oversubscription", { } tier) => $"fabric.oversubscription.{tier}",
        ("switch", { } tier) => $"fabric.{tier}Switch",
        ("", _) => "fabric",
        var (field, _) => $"fabric.{field}",
    };

    static FloorSpec FloorOf(FloorSection section, SiteDefaults site)
    {
        var spec = FloorSpec.Of(site) with
        {
            Halls = section.Halls,
            Rows = section.Rows,
            RacksPerRow = section.RacksPerRow,
            SystemsPerRack = section.SystemsPerRack,
            NetworkRacks = section.NetworkRacks,
        };
        if (section.AislePitch is { } aisle) spec = spec with { AislePitch = aisle };
        if (section.HallDistance is { } distance) spec = spec with { HallDistance = distance };
        if (section.RackPitch is { } pitch) spec = spec with { RackPitch = pitch };
        return spec;
    }

    static List<LinkSummary> Engineer(
        DesignDocument document, SiteDefaults site, FabricPlan plan, FloorPlan floor, PartCatalog catalog, LinkEngineer engineer)
    {
        var section = document.Design.Site.Links;
        var connectors = section.Connectors ?? site.Connectors.Value;
        CheckPart("node-leaf", section.NodeLeaf);
        CheckPart("leaf-spine", section.LeafSpine);
        CheckPart("spine-core", section.SpineCore);
        foreach (var (name, part) in section.Classes ?? new Dictionary<string, string>())
        {
            if (plan.Link(name) is null or { OnBoard: true })
                throw document.Wrong($"site.links.classes.{name}",
                    $"this fabric has no cables '{name}'; it has {string.Join(", ", plan.Links.Where(l => !l.OnBoard).Select(l => l.Name))}");
            CheckPart($"classes.{name}", part);
        }
        var summaries = new List<LinkSummary>(floor.Cables.Count);
        foreach (var cables in floor.Cables)
        {
            var name = cables.Link.Name;
            var (below, above) = EndsOf(plan, cables.Link);
            var lane = LaneRate(plan, cables.Link);
            var policy = PolicyOf(section, name);
            PathElement[] elements = cables.Link.Switched && plan.OpticalSwitches is { Switch: { Loss: { } loss } circuits } ? [new(circuits.Name, loss)] : [];
            // Light passes an optical circuit switch; no copper does.
            if (cables.Link.Switched && policy.Part is null) policy = policy with { Allow = policy.Allow & MediaClasses.Optics };
            var groups = new List<LinkGroup>(cables.Buckets.Count);
            foreach (var bucket in cables.Buckets)
            {
                var request = new LinkRequest
                {
                    Rate = cables.Link.Rate,
                    LaneRate = lane,
                    Run = bucket.LongestRun,
                    A = below,
                    B = above,
                    Connectors = connectors,
                    Elements = elements,
                    Policy = policy,
                };
                try
                {
                    groups.Add(new(cables.Link, engineer.Best(request), bucket.Count));
                }
                catch (Exception e) when (e is InputException or ArgumentException)
                {
                    throw document.Wrong($"site.links.{name}", e is InputException input ? input.Problem : e.Message);
                }
            }
            summaries.Add(Summarize(cables, groups, document.Design.Fabric.PriceFactor));
        }
        return summaries;

        void CheckPart(string key, string? part)
        {
            // That a part doesn't fit or close is a finding; that there is no such part is a slip of the pen.
            if (part is null) return;
            string[] known = [.. catalog.Keys<Transceiver>(), .. catalog.Keys<CopperCable>()];
            if (!known.Contains(part))
                throw document.Wrong($"site.links.{key}", $"there is no transceiver or copper cable '{part}'{Nearest.Hint(part, known)}");
        }
    }

    static LinkPolicy PolicyOf(LinksSection section, string name)
    {
        var part = section.Classes?.GetValueOrDefault(name) ?? name switch
        {
            "node-leaf" or "management-leaf" => section.NodeLeaf,
            "leaf-spine" => section.LeafSpine,
            "spine-core" => section.SpineCore,
            _ => null,
        };
        return new()
        {
            Goal = section.Policy switch
            {
                LinkPreference.FewestWatts => LinkGoal.FewestWatts,
                LinkPreference.LowestLatency => LinkGoal.LowestLatency,
                LinkPreference.MostReliable => LinkGoal.MostReliable,
                _ => LinkGoal.Cheapest,
            },
            Allow = section.Media switch
            {
                MediaChoice.Copper => MediaClasses.Copper,
                MediaChoice.Optics => MediaClasses.Optics,
                _ => MediaClasses.All,
            },
            Part = part,
        };
    }

    static (Optics.LinkEnd Below, Optics.LinkEnd Above) EndsOf(FabricPlan plan, LinkClass link) => (EndOf(plan, link.Lower), EndOf(plan, link.Upper));

    static Optics.LinkEnd EndOf(FabricPlan plan, Fabric.LinkEnd end) => plan.Tier(end.Tier) is not { } tier
        ? Optics.LinkEnd.SinglePort
        : tier.Switch.CoPackaged is { } engine ? Optics.LinkEnd.CoPackaged(engine) : Optics.LinkEnd.Cage(end.LinksPerModule);

    static Bandwidth LaneRate(FabricPlan plan, LinkClass link)
    {
        var above = plan.Tier(link.Upper.Tier)?.Switch.LaneRate.Value ?? plan.Request.System.Nic.LaneRate.Value;
        var below = plan.Tier(link.Lower.Tier)?.Switch.LaneRate.Value ?? plan.Request.System.Nic.LaneRate.Value;
        // Ports of two generations meet at the slower one's lane rate.
        return Quantity.Min(above, below);
    }

    static LinkSummary Summarize(CableLengths cables, List<LinkGroup> groups, double priceFactor)
    {
        double count = Math.Max(1, groups.Sum(g => g.Count));
        var margin = double.PositiveInfinity;
        double power = 0, added = 0, failures = 0, flaps = 0, loss = 0, propagation = 0, modules = 0, fec = 0;
        long open = 0;
        CostRange electronics = default, plant = default;
        foreach (var (_, link, n) in groups)
        {
            margin = Math.Min(margin, link.Class == MediaClasses.None ? double.NegativeInfinity : link.Margin.Si);
            if (!link.Closes) open += n;
            power += n * link.Power.Watts;
            added += n * link.AddedPower.Watts;
            failures += n * link.FailureRate.PerSecond;
            flaps += n * link.FlapRate.PerSecond;
            if (link.Closes) loss += n * link.Errors.FrameLoss;
            propagation += n * link.Latency.Propagation.Seconds;
            modules += n * link.Latency.Modules.Seconds;
            fec += n * link.Latency.Fec.Seconds;
            var (active, passive) = Split(link);
            // Lengths of one medium share their price, so their ranges add linearly.
            electronics = CostRange.Linear(electronics, n * priceFactor * active);
            plant = CostRange.Linear(plant, n * passive);
        }
        return new()
        {
            Class = cables.Link,
            Groups = groups,
            Open = open,
            WorstMargin = Decibels.FromSi(groups.Count == 0 ? 0 : margin),
            Shortest = cables.Shortest,
            Mean = cables.Mean,
            Longest = cables.Longest,
            Power = Power.FromWatts(power),
            AddedPower = Power.FromWatts(added),
            Propagation = Duration.FromSeconds(propagation / count),
            ModuleLatency = Duration.FromSeconds(modules / count),
            FecLatency = Duration.FromSeconds(fec / count),
            Failures = FailureRate.FromPerSecond(failures),
            Cause = RateCause.OfLinks(groups),
            Flaps = FailureRate.FromPerSecond(flaps),
            FrameLoss = count > open ? loss / (count - open) : 0,
            Electronics = electronics,
            Plant = plant,
        };
    }

    /// <summary>The price of a link in two: what wears out with the electronics, and fibre with its connectors, which outlives them.</summary>
    static (CostRange Active, CostRange Passive) Split(EngineeredLink link)
    {
        var whole = CostRange.Of(link.Price.Value, link.Price.Low, link.Price.High, link.WeakestGrade);
        double active = 0;
        foreach (var part in link.Parts)
        {
            if (part.IncludedInHost) continue;
            var price = part.Part switch
            {
                Transceiver module => module.Price?.Value.Dollars ?? 0,
                CopperCable cable => cable.Price?.Value.Dollars ?? 0,
                _ => 0,
            };
            active += part.Count * price;
        }
        var share = whole.Value.Dollars > 0 ? Math.Min(1, active / whole.Value.Dollars) : 1;
        return (share * whole, (1 - share) * whole);
    }
}
