// A network as the ranks of one collective see it, from parts of the catalogue: N systems on a fabric, g GPUs of each.
//
//   level 0        the scale-up domain of a system
//   level l > 0    the fabric's levels of locality (leaf or rail group, pod, all), from a plan of its switches
//   line rates     B_0 the data sheet's, B_l = min(cards of one accelerator, what oversubscription leaves): what no transport exceeds
//   sustained      those times what the mechanism sustains and, beyond the leaf, what load balancing and parts that are down leave
//                  (ClusterBalance.cs), as a design's job has it
//   path           switches and links on the way (FabricPath.cs); 0.2 us a link where nobody engineered it
//
// Where only the fabric's mechanism is known and not its switches (EFA, TCPXO, Slingshot), it is one level that doesn't block:
// at sustained rates behind one switch, as measured runs are fitted; at line rates with the links' own latency alone.
//
// Example: 4 DGX H100 on InfiniBand: B_0 = 450 GB/s and B_1 = 50 GB/s at line rate, 357.8 and 48 GB/s sustained; 64 of them fill two
// rail groups of 32, and a third level of 50 GB/s, or of 25 GB/s at 2:1, joins these.
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>The network that a collective runs on: its levels and where its ranks sit. Immutable; safe for many threads.</summary>
public sealed record CollectiveNetwork
{
    /// <summary>The most systems.</summary>
    public const int MostSystems = 1_000_000;

    /// <summary>Oversubscription beyond which no fabric is built.</summary>
    public const double MostOversubscription = 100;

    /// <summary>The way across a fabric of which no more is known: a leaf switch and two short cables.</summary>
    public static readonly Duration OneSwitch = Duration.FromMicroseconds(1);

    /// <summary>Levels with what collectives sustain.</summary>
    public required NetworkLevels Sustained { get; init; }

    /// <summary>Levels with line rates; their latencies are those of the path alone, without software.</summary>
    public required NetworkLevels LineRates { get; init; }

    /// <summary>All ranks.</summary>
    public required GroupPlacement Group { get; init; }

    /// <summary>Accelerators of one unit of each level, innermost first; empty where nothing is known of the fabric's switches.</summary>
    public IReadOnlyList<int> Spans { get; init; } = [];

    /// <summary>The system.</summary>
    public required AcceleratorSystem System { get; init; }

    /// <summary>Systems.</summary>
    public required int Systems { get; init; }

    /// <summary>The mechanism of the fabric, or that of the scale-up links where the ranks don't leave one domain.</summary>
    public required CollectiveParameters Mechanism { get; init; }

    /// <summary>The fabric; null where the ranks don't leave one domain, or nothing is known of its switches.</summary>
    public FabricPlan? Plan { get; init; }

    /// <summary>The fabric's engineered links by class; null where nobody engineered them.</summary>
    public IReadOnlyList<LinkSummary>? Links { get; init; }

    /// <summary>
    /// Whether what leaves a unit of a level is cut by that level's bandwidth: so on folded networks whose units and pods are all filled. Where
    /// the last is not, levels hold averages; on other topologies a level's bandwidth is what uniform traffic gets, and no cut.
    /// </summary>
    public bool LevelsAreCuts => Plan is null || Sustained.Count == 1
        || (Plan.Clos is { } shape && shape.Systems % shape.SystemsPerUnit == 0 && shape.Units % shape.UnitsPerPod == 0)
        || (Plan.Clos is not null && Sustained.Count == 2);

    /// <summary>What had to be assumed; empty where nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>The names that <see cref="Of(AcceleratorSystem, int, int?, string?, double, Switch?, PartCatalog?)"/> takes as fabrics: protocols, then mechanisms without switches.</summary>
    public static IReadOnlyList<string> FabricNames(PartCatalog? catalog = null)
    {
        catalog ??= PartCatalog.Default;
        var protocols = catalog.Keys<NetworkProtocol>();
        var scaleUp = catalog.All<Accelerator>().Select(a => a.Collectives.Key).Append("nvlink5").ToHashSet(StringComparer.Ordinal);
        return [.. protocols, .. catalog.Keys<CollectiveParameters>().Except(protocols).Where(k => !scaleUp.Contains(k) && !IsScaleUp(k))];
    }

    /// <summary>So many systems of the catalogue on the usual fabric of a protocol: rail-optimised, with the fewest tiers.</summary>
    /// <param name="system">The system; each is one scale-up domain.</param>
    /// <param name="systems">How many.</param>
    /// <param name="gpus">Ranks, the same number on each system; all unless given.</param>
    /// <param name="fabric">A protocol or a mechanism of the catalogue; InfiniBand, or what the card speaks, unless given.</param>
    /// <param name="oversubscription">Bandwidth down over bandwidth up that every leaf is allowed.</param>
    /// <param name="switch">The switch of every tier; the usual one for the card's rate unless given.</param>
    /// <param name="catalog">Where parts are looked up; what ships unless given.</param>
    /// <exception cref="InputException">A count is impossible, the fabric is unknown, or no such fabric can be built.</exception>
    public static CollectiveNetwork Of(AcceleratorSystem system, int systems, int? gpus = null, string? fabric = null, double oversubscription = 1,
        Switch? @switch = null, PartCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        catalog ??= PartCatalog.Default;
        if (systems is < 1 or > MostSystems) throw new InputException($"expected 1 to {MostSystems:N0} systems, found {systems:N0}");
        if (!(oversubscription is >= 1 and <= MostOversubscription))
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"expected an oversubscription from 1 to {MostOversubscription}, found {oversubscription}"));
        var each = RanksPerSystem(system, systems, gpus);
        var name = fabric ?? Usual(system, catalog);
        if (systems == 1)
        {
            if (fabric is not null) Known(fabric, catalog);
            return Inside(system, each);
        }
        if (!catalog.Keys<NetworkProtocol>().Contains(name)) return OnOneLevel(system, systems, each, Known(name, catalog), oversubscription);
        var protocol = catalog.Get<NetworkProtocol>(name);
        if (!system.Nic.Protocols.Contains(protocol.Link))
            throw new InputException($"the network card '{system.Nic.Key}' of '{system.Key}' does not speak {DocumentShape.NameOf(protocol.Link)}");
        var box = @switch ?? UsualSwitch(system, protocol, catalog);
        FabricPlan plan;
        try
        {
            plan = Topologies.Find("rail-optimized").Plan(new() { Systems = systems, System = system, Switch = box, Leaf = new() { Oversubscription = Ratio.From(oversubscription) } });
        }
        catch (FabricException e)
        {
            throw new InputException($"{systems:N0} of '{system.Key}' on '{box.Key}': {e.Message}");
        }
        return Of(plan, protocol, each) with { Note = @switch is null ? $"rail-optimised on {box.Name}" : "" };
    }

    /// <summary>All systems of a fabric.</summary>
    /// <param name="plan">The fabric.</param>
    /// <param name="protocol">What it speaks.</param>
    /// <param name="ranksPerSystem">Ranks on each system; all its accelerators unless given.</param>
    /// <param name="links">The engineered links by class; links of a usual length unless given.</param>
    /// <param name="balance">What load balancing leaves of the fabric; that of the whole fabric in use unless given.</param>
    /// <exception cref="InputException">There are more ranks than a collective can have.</exception>
    public static CollectiveNetwork Of(FabricPlan plan, NetworkProtocol protocol, int? ranksPerSystem = null, IReadOnlyList<LinkSummary>? links = null, ClusterBalance? balance = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(protocol);
        var system = plan.Request.System;
        var systems = plan.Request.Systems;
        var each = ranksPerSystem ?? system.Accelerators.Value;
        var ranks = (long)systems * each;
        if (ranks > int.MaxValue) throw new InputException($"a collective of {ranks:N0} ranks is more than this model counts; at most {int.MaxValue:N0}");
        balance ??= ClusterBalance.Of(plan, protocol);
        var path = new FabricPath(plan, links);
        var card = plan.InjectionPerAccelerator;
        // Levels that hold no more than the one below them would be boundaries of nothing.
        var kept = Enumerable.Range(0, plan.Locality.Count).Where(l => l == 0 || plan.Locality[l].Accelerators > plan.Locality[l - 1].Accelerators).ToArray();
        var (sustained, rates) = (new NetworkLevel[kept.Length], new NetworkLevel[kept.Length]);
        Span<int> within = stackalloc int[kept.Length];
        int[] spans = [.. kept.Select(k => (int)Math.Min(int.MaxValue, plan.Locality[k].Accelerators))];
        (sustained[0], rates[0]) = ScaleUp(system);
        within[0] = each;
        for (var i = 1; i < kept.Length; i++)
        {
            var level = plan.Locality[kept[i]];
            var raw = Quantity.Min(level.Bandwidth, card);
            var latency = path.Latency(kept[i], new());
            var up = card * balance.CardShare;
            var (whole, share) = balance.Across(kept[i], new()) is { } spread ? (up * spread.Even, spread.Balanced) : (Quantity.Min(level.Bandwidth, up), 1);
            var plain = NetworkLevel.ScaleOut(level.Name, whole, Ratio.From(share), latency, protocol.Collectives, path.Reduces(kept[i]));
            sustained[i] = plain with { Hops = level.SwitchHops };
            rates[i] = Raw(level.Name, raw, latency, plain.InNetworkReduction) with { Hops = level.SwitchHops };
            within[i] = (int)Math.Min(ranks, level.Accelerators / system.Accelerators.Value * each);
        }
        within[^1] = (int)ranks;
        return new()
        {
            Sustained = new(sustained),
            LineRates = new(rates),
            Group = GroupPlacement.Of(within),
            System = system,
            Systems = systems,
            Mechanism = kept.Length > 1 ? protocol.Collectives : system.Accelerator.Collectives,
            Plan = plan,
            Links = links,
            Spans = spans,
        };
    }

    /// <summary>All systems of a fabric that speaks what its cards and switches do.</summary>
    /// <exception cref="InputException">No protocol of the catalogue is spoken by both.</exception>
    public static CollectiveNetwork Of(FabricPlan plan, PartCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var nic = plan.Request.System.Nic;
        var protocol = (catalog ?? PartCatalog.Default).All<NetworkProtocol>()
            .FirstOrDefault(p => nic.Protocols.Contains(p.Link) && plan.Tiers.All(t => t.Switch.Protocols.Contains(p.Link)))
            ?? throw new InputException($"no protocol of the catalogue is spoken by both the network card '{nic.Key}' and its switches");
        return Of(plan, protocol);
    }

    /// <summary>All systems of a design as it would stand in its hall.</summary>
    /// <exception cref="InputException">There are more ranks than a collective can have, or fewer than two.</exception>
    public static CollectiveNetwork Of(ClusterBuild build)
    {
        ArgumentNullException.ThrowIfNull(build);
        if (build.Plan.AcceleratorCount is < 2 or > int.MaxValue)
            throw build.Document.Wrong("accelerators.systems", $"a collective has 2 to {int.MaxValue:N0} ranks, not {build.Plan.AcceleratorCount:N0}");
        var network = Of(build.Plan, build.Protocol, links: build.Links, balance: build.Balance);
        return build.Document.Design.Collectives is { } own ? network with { Sustained = own.Change.Of(network.Sustained) } : network;
    }

    static CollectiveNetwork Inside(AcceleratorSystem system, int each)
    {
        var (sustained, rate) = ScaleUp(system);
        return new()
        {
            Sustained = new(sustained),
            LineRates = new(rate),
            Group = GroupPlacement.Of(each),
            System = system,
            Systems = 1,
            Mechanism = system.Accelerator.Collectives,
        };
    }

    /// <summary>So many systems on one level that doesn't block, behind one switch: all that the mechanism of a fabric tells.</summary>
    /// <param name="system">The system; each is one scale-up domain.</param>
    /// <param name="systems">How many.</param>
    /// <param name="mechanism">How collectives use the fabric.</param>
    /// <exception cref="InputException">There are fewer than two ranks, or more than a collective can have.</exception>
    public static CollectiveNetwork OnOneLevel(AcceleratorSystem system, int systems, CollectiveParameters mechanism)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentNullException.ThrowIfNull(mechanism);
        var each = RanksPerSystem(system, systems, null);
        return systems == 1 ? Inside(system, each) : OnOneLevel(system, systems, each, mechanism, 1);
    }

    static CollectiveNetwork OnOneLevel(AcceleratorSystem system, int systems, int each, CollectiveParameters mechanism, double oversubscription)
    {
        if (oversubscription > 1) throw new InputException($"nothing is known of the switches of '{mechanism.Key}', so they can't be oversubscribed; name a protocol of the catalogue");
        var ranks = checked(systems * each);
        var raw = system.Nic.Rate.Value * ((double)system.Nics.Value / system.Accelerators.Value);
        var (inside, rate) = ScaleUp(system);
        return new()
        {
            Sustained = new(inside, NetworkLevel.ScaleOut("fabric", raw, Ratio.From(1), OneSwitch, mechanism)),
            LineRates = new(rate, Raw("fabric", raw, FabricPath.UsualLink * 2, false)),
            Group = GroupPlacement.Of(each, ranks),
            System = system,
            Systems = systems,
            Mechanism = mechanism,
            Note = $"nothing is known of the switches of {mechanism.Name}: taken as one level that doesn't block",
        };
    }

    /// <summary>Domains on one level of fabric that doesn't block, behind a leaf switch: what a table or a log tells of a network.</summary>
    /// <param name="scaleUp">Raw bandwidth of one accelerator inside its domain, one direction.</param>
    /// <param name="inside">How collectives use the domains.</param>
    /// <param name="switchReduction">Whether the domains' switches reduce.</param>
    /// <param name="lineRate">Line rate of the cards of one accelerator.</param>
    /// <param name="outside">How collectives use the fabric; null in one domain.</param>
    /// <param name="perProcess">Accelerators that one process drives; a process that drives one is never the slower.</param>
    public static NetworkLevels OnOneLevel(Bandwidth scaleUp, CollectiveParameters inside, bool switchReduction, Bandwidth lineRate, CollectiveParameters? outside,
        int perProcess)
    {
        ArgumentNullException.ThrowIfNull(inside);
        var first = NetworkLevel.ScaleUp("scale-up", scaleUp, inside, switchReduction);
        var levels = outside is null ? new NetworkLevels(first) : new NetworkLevels(first, NetworkLevel.ScaleOut("fabric", lineRate, Ratio.From(1), OneSwitch, outside));
        return perProcess > 1 && inside.HostLaunch is { } launch ? levels.LaunchedIn(launch.Value * perProcess) : levels;
    }

    /// <summary>
    /// Accelerators that one process of a test drives, where nothing says so: all of one node (nccl-tests -g n), one where several nodes need
    /// MPI; a domain of more accelerators than one host drives has several. That is how the programs' own instructions run them.
    /// </summary>
    public static int UsualPerProcess(int nodes, int ranks) => nodes == 1 && ranks <= MostPerHost ? ranks : 1;

    /// <summary>The most ranks of a domain whose switches are not taken to reduce where only its hardware is known: NCCL 2.30's graphs favour rings.</summary>
    public const int LargestWithoutReduction = 4;

    /// <summary>The most accelerators that one host drives; a domain of more, such as a rack, has several hosts.</summary>
    public const int MostPerHost = 16;

    static (NetworkLevel Sustained, NetworkLevel LineRate) ScaleUp(AcceleratorSystem system)
    {
        var raw = system.Accelerator.ScaleUpBandwidth.Value;
        var mechanism = system.Accelerator.Collectives;
        return (NetworkLevel.ScaleUp("scale-up", raw, mechanism, system.InNetworkReduction),
            Raw("scale-up", raw, system.ScaleUpLatency.Low > Duration.Zero ? system.ScaleUpLatency.Low : system.ScaleUpLatency.Value, system.InNetworkReduction));
    }

    static NetworkLevel Raw(string name, Bandwidth rate, Duration path, bool reduces) =>
        new(name, rate, path) { InNetworkBandwidth = reduces ? rate : default, InNetworkLatency = path };

    static int RanksPerSystem(AcceleratorSystem system, int systems, int? gpus)
    {
        var all = (long)systems * system.Accelerators.Value;
        if (gpus is not { } wanted)
            return all is >= 2 and <= int.MaxValue ? system.Accelerators.Value : throw new InputException($"a collective has 2 to {int.MaxValue:N0} ranks, not {all:N0}");
        if (wanted < 2 || wanted > all) throw new InputException($"expected 2 to {all:N0} GPUs on {systems:N0} of '{system.Key}', found {wanted:N0}");
        return wanted % systems == 0 ? wanted / systems : throw new InputException($"{wanted:N0} GPUs don't divide over {systems:N0} systems");
    }

    static string Usual(AcceleratorSystem system, PartCatalog catalog) =>
        catalog.All<NetworkProtocol>().FirstOrDefault(p => system.Nic.Protocols.Contains(p.Link))?.Key
        ?? throw new InputException($"no protocol of the catalogue suits the network card '{system.Nic.Key}'");

    static CollectiveParameters Known(string name, PartCatalog catalog)
    {
        var names = FabricNames(catalog);
        if (!names.Contains(name)) throw new InputException($"there is no fabric '{name}'{Nearest.Hint(name, [.. names])}");
        return catalog.Keys<NetworkProtocol>().Contains(name) ? catalog.Get<NetworkProtocol>(name).Collectives : catalog.Get<CollectiveParameters>(name);
    }

    static bool IsScaleUp(string key) =>
        key.StartsWith("nvlink", StringComparison.Ordinal) || key.StartsWith("xgmi", StringComparison.Ordinal) || key == "torus-links";

    /// <summary>What reference designs are built of: the radix that a vendor sells for the card's rate.</summary>
    internal static Switch UsualSwitch(AcceleratorSystem system, NetworkProtocol protocol, PartCatalog catalog)
    {
        var port = (system.Nic.Rate.Value / system.Nic.Ports.Value).GigabitsPerSecond;
        return catalog.Get<Switch>(protocol.Link == LinkProtocol.Ethernet ? "sn5600" : port <= 200 ? "qm8790" : port <= 400 ? "qm9700" : "q3400-ra");
    }
}
