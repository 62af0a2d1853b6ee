// What is bought, line by line.
//
//   spares   s = least count with  P( N > s ) <= 1 - confidence,   N ~ Poisson( n · λ · lead )
//            n parts in use that fail at rate λ each, lead from the order of a part to its arrival
//
// Worked example: 2,048 modules of 1,000 FIT and 60 days: mean 2.95; P( N > 5 ) = 0.079, P( N > 6 ) = 0.031: 6 spares at 95 %.
//
// A line's price is that of its count and its spares. Fibre assemblies hardly fail but are damaged when they are pulled: one spare for
// every hundred begun. Systems have no spares here: they are hosts, and a job's spare hosts are a matter of its goodput. Fibre is bought as assemblies of all fibres of a link at a length, its price that
// of metres and plugs.

using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>What a line of a bill of materials is.</summary>
public enum MaterialCategory
{
    /// <summary>Systems with their accelerators and cards.</summary>
    Systems,

    /// <summary>Switches.</summary>
    Switches,

    /// <summary>Optical modules.</summary>
    Modules,

    /// <summary>Copper and active optical cables.</summary>
    Cables,

    /// <summary>Fibre with its plugs.</summary>
    Fibre,
}

/// <summary>A price of the catalogue that the price of a line is made of.</summary>
/// <param name="Key">The part, or what of it: fibre is priced by the metre.</param>
/// <param name="Name">The part's name.</param>
/// <param name="Count">How many of it one of the line takes: 1, metres of fibre, plugs.</param>
/// <param name="Price">Price of one in the catalogue, with its source.</param>
/// <param name="Per">What one is: nothing for a piece, "m" for a metre.</param>
public sealed record MaterialPrice(string Key, string Name, double Count, Sourced<Money> Price, string Per = "")
{
    /// <summary>What it costs over the catalogue's price, as a ratio; null where that is its price.</summary>
    public Sourced<double>? Factor { get; init; }

    /// <summary>Price of all that one of the line takes.</summary>
    public CostRange Each => Count * (Factor is { } factor
        ? CostRange.Of(factor.Value * Price.Value, factor.Low * Price.Low, factor.High * Price.High, factor.High > factor.Low && factor.Grade > Price.Grade ? factor.Grade : Price.Grade)
        : CostRange.Of(Price));
}

/// <summary>A line of a bill of materials.</summary>
/// <param name="Category">What it is.</param>
/// <param name="Key">The part in the catalogue.</param>
/// <param name="Name">Its name, with length and number of fibres where they matter.</param>
/// <param name="Use">Where it goes: a tier, or classes of links.</param>
/// <param name="Count">How many are in use.</param>
/// <param name="Spares">How many more bridge the time until a failed one is replaced.</param>
/// <param name="Length">Length of one, of cables and fibre.</param>
/// <param name="Prices">What the price of one is made of; empty where the catalogue has none.</param>
/// <param name="IncludedInHost">Whether another line's price and count include it: engines of co-packaged switches.</param>
/// <param name="Supply">Who can supply it.</param>
public sealed record MaterialLine(
    MaterialCategory Category, string Key, string Name, string Use, long Count, long Spares, Length? Length, IReadOnlyList<MaterialPrice> Prices, bool IncludedInHost,
    SupplyClass Supply)
{
    /// <summary>Failures of all in use together, of those whose parts have a rate.</summary>
    public FailureRate Failures { get; init; }

    /// <summary>The figure that these failures rest on and move with; null where it has no range.</summary>
    public RateCause? Cause { get; init; }

    /// <summary>Price of one; null where the catalogue has none.</summary>
    public CostRange? Each => Prices.Count == 0 ? null : Prices.Aggregate(CostRange.Zero, static (sum, p) => sum + p.Each);

    /// <summary>Price of count and spares; zero where it has none of its own.</summary>
    public CostRange Total => Each is { } each && !IncludedInHost ? (Count + Spares) * each : CostRange.Zero;
}

/// <summary>What is bought for a cluster: counts, spares, prices, and how many vendors can supply each class.</summary>
public sealed record BillOfMaterials
{
    /// <summary>The chance that spares last until replacements arrive.</summary>
    public const double SpareConfidence = 0.95;

    /// <summary>Its lines: systems, switches, modules, cables, fibre.</summary>
    public required IReadOnlyList<MaterialLine> Lines { get; init; }

    /// <summary>All lines together.</summary>
    public CostRange Total => Lines.Aggregate(CostRange.Zero, (sum, line) => sum + line.Total);

    /// <summary>All of one category.</summary>
    public CostRange TotalOf(MaterialCategory category) =>
        Lines.Where(l => l.Category == category).Aggregate(CostRange.Zero, (sum, line) => sum + line.Total);

    /// <summary>Counts what a cluster is built of.</summary>
    /// <param name="build">The cluster.</param>
    /// <param name="catalog">Where supply is looked up.</param>
    public static BillOfMaterials Of(ClusterBuild build, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(catalog);
        var lines = new List<MaterialLine>();
        var (plan, site) = (build.Plan, build.Site);
        var premium = build.Document.Design.Fabric.PriceFactor;
        Sourced<double>? factor = premium is { Low: 1, High: 1 } ? null : premium;
        var system = plan.Request.System;
        lines.Add(new(MaterialCategory.Systems, system.Key, system.Name, "", plan.Request.Systems, 0, null, Priced(system, 1, null, system.Price), false,
            Supply("accelerator-system")));
        foreach (var tiers in plan.Tiers.GroupBy(t => t.Switch.Key))
        {
            var part = tiers.First().Switch;
            var count = tiers.Sum(t => t.Count);
            lines.Add(new(MaterialCategory.Switches, part.Key, part.Name, string.Join(", ", tiers.Select(t => t.Name)), count,
                SparesFor(count, site.SwitchFailures.Value), null, Priced(part, 1, factor, part.Price), false,
                Supply(part.CoPackaged is not null ? "co-packaged-switch"
                    : part.Protocols.Contains(LinkProtocol.Infiniband) && !part.Protocols.Contains(LinkProtocol.Ethernet) ? "infiniband-switch" : "ethernet-switch"))
            {
                Failures = site.SwitchFailures.Value * count,
                Cause = ClusterProcesses.OfSwitches(site),
            });
        }
        if (plan.OpticalSwitches is { } circuits)
            lines.Add(new(MaterialCategory.Switches, circuits.Switch.Key, circuits.Switch.Name, "between boards", circuits.Count,
                SparesFor(circuits.Count, site.SwitchFailures.Value), null, Priced(circuits.Switch, 1, null, circuits.Switch.Price), false,
                Supply("optical-circuit-switch"))
            {
                Failures = site.SwitchFailures.Value * circuits.Count,
                Cause = ClusterProcesses.OfSwitches(site),
            });
        Modules(build, lines, factor, Supply);
        Cables(build, lines, factor, Supply);
        return new() { Lines = lines };

        SupplyClass Supply(string key) => catalog.Get<SupplyClass>(key);

        long SparesFor(long count, FailureRate rate) => SparesOf(count * rate.PerSecond * site.ReplacementLead.Value.Seconds);
    }

    static MaterialPrice[] Priced(Part part, double count, Sourced<double>? factor, Sourced<Money>? price) =>
        price is { } one ? [new(part.Key, part.Name, count, one) { Factor = factor }] : [];

    /// <summary>The least number of spares that a Poisson number of failures of this mean exceeds at most once in twenty times.</summary>
    public static long SparesOf(double mean)
    {
        if (!(mean > 0)) return 0;
        // Far out the distribution is normal; its quantile with a correction for continuity.
        if (mean > 5000) return (long)Math.Ceiling(mean + (1.6449 * Math.Sqrt(mean)) + 0.5);
        var (chance, sum, spares) = (Math.Exp(-mean), Math.Exp(-mean), 0L);
        if (chance == 0)
        {
            // Too small for a double: begin where the terms count.
            spares = Math.Max(0, (long)(mean - (12 * Math.Sqrt(mean))));
            var log = -mean + (spares * Math.Log(mean));
            for (var k = 2L; k <= spares; k++) log -= Math.Log(k);
            chance = sum = Math.Exp(log);
        }
        while (sum < SpareConfidence)
        {
            chance *= mean / ++spares;
            sum += chance;
        }
        return spares;
    }

    static void Modules(ClusterBuild build, List<MaterialLine> lines, Sourced<double>? factor, Func<string, SupplyClass> supply)
    {
        foreach (var used in PartsOf(build).Where(p => p.Part.Part is Transceiver { Class: not TransceiverClass.ActiveCable })
                     .GroupBy(p => (p.Part.Part.Key, p.Part.IncludedInHost)))
        {
            var module = (Transceiver)used.First().Part.Part;
            var count = (long)Math.Ceiling(used.Sum(p => p.Count) - 1e-6);
            lines.Add(new(MaterialCategory.Modules, module.Key, module.Name, Classes(used), count,
                used.Key.IncludedInHost ? 0 : Spares(build, count, module.FailureRate), null,
                Priced(module, 1, factor, module.Price), used.Key.IncludedInHost, supply(module.Class switch
                {
                    TransceiverClass.HalfRetimed => "half-retimed-optics",
                    TransceiverClass.Linear => "linear-optics",
                    TransceiverClass.NearPackaged => "near-packaged-optics",
                    TransceiverClass.CoPackaged => "co-packaged-optics",
                    _ => "retimed-optics",
                }))
            {
                Failures = (module.FailureRate?.Value ?? FailureRate.Zero) * count,
                Cause = RateCause.OfPart(module, module.FailureRate),
            });
        }
    }

    static void Cables(ClusterBuild build, List<MaterialLine> lines, Sourced<double>? factor, Func<string, SupplyClass> supply)
    {
        foreach (var used in PartsOf(build).Where(p => p.Part.Part is CopperCable or Transceiver { Class: TransceiverClass.ActiveCable })
                     .GroupBy(p => (p.Part.Part.Key, Length: p.Group.Link.PurchasableLength)).OrderBy(g => g.Key.Key, StringComparer.Ordinal).ThenBy(g => g.Key.Length))
        {
            var part = used.First().Part.Part;
            // An active optical cable is counted by its two ends.
            var ends = part is Transceiver ? 2 : 1;
            var count = (long)Math.Ceiling((used.Sum(p => p.Count) / ends) - 1e-6);
            var (price, rate, supplied) = part switch
            {
                CopperCable cable => (cable.Price, cable.FailureRate, cable.Class switch
                {
                    CopperClass.Passive => "passive-copper",
                    CopperClass.Linear => "linear-copper",
                    CopperClass.Retimed => "retimed-copper",
                    _ => "backplane-cartridge",
                }),
                Transceiver active => (active.Price, active.FailureRate, "active-optical-cable"),
                _ => throw new InvalidOperationException(),
            };
            lines.Add(new(MaterialCategory.Cables, part.Key, $"{part.Name}, {used.Key.Length}", Classes(used), count, Spares(build, count * ends, rate) / ends,
                used.Key.Length, Priced(part, ends, factor, price), used.First().Part.IncludedInHost, supply(supplied))
            {
                Failures = (rate?.Value ?? FailureRate.Zero) * (count * ends),
                Cause = RateCause.OfPart(part, rate),
            });
        }

        foreach (var used in PartsOf(build).Where(p => p.Part is { Part: Fibre, Measure: PartMeasure.FibreMeters })
                     .GroupBy(p => (p.Part.Part.Key, Fibres: FibresOf(p), Length: p.Group.Link.PurchasableLength, p.Group.Link.Name))
                     .OrderBy(g => g.Key.Key, StringComparer.Ordinal).ThenBy(g => g.Key.Fibres).ThenBy(g => g.Key.Length))
        {
            var fibre = (Fibre)used.First().Part.Part;
            var count = used.Sum(p => p.Group.Count);
            var plugs = used.First().Group.Link.Parts.Where(p => p.Part is Connector).ToList();
            var prices = new List<MaterialPrice>();
            if (fibre.Price is { } price)
            {
                prices.Add(new(fibre.Key, fibre.Name, used.Key.Fibres * used.Key.Length.Meters, PerMeter(price), "m"));
                foreach (var plug in plugs) prices.AddRange(Priced(plug.Part, plug.Count, null, ((Connector)plug.Part).Price));
            }
            var kind = plugs.Count > 0 ? $" with {string.Join(" and ", plugs.Select(p => $"{p.Count:0.##} {p.Part.Name}"))}" : "";
            lines.Add(new(MaterialCategory.Fibre, fibre.Key, $"{fibre.Name}, {used.Key.Fibres:0.##} fibres, {used.Key.Length}{kind}", Classes(used), count,
                (count + 99) / 100, used.Key.Length, prices, false, supply(fibre.Key.Contains("hollow", StringComparison.Ordinal) ? "hollow-core-fibre" : "fibre-assembly")));
        }
    }

    /// <summary>The price of a metre as an amount.</summary>
    internal static Sourced<Money> PerMeter(Sourced<MoneyPerLength> price) => new(
        Money.FromDollars(price.Value.DollarsPerMeter), Money.FromDollars(price.Low.DollarsPerMeter), Money.FromDollars(price.High.DollarsPerMeter),
        price.Year, price.Source, price.Grade, price.Note);

    static double FibresOf((LinkGroup Group, LinkPart Part, double Count) used) =>
        Math.Round(used.Part.Count / used.Group.Link.PurchasableLength.Meters, 6);

    static long Spares(ClusterBuild build, long count, Sourced<FailureRate>? rate) =>
        SparesOf(count * (rate?.Value.PerSecond ?? 0) * build.Site.ReplacementLead.Value.Seconds);

    static string Classes(IEnumerable<(LinkGroup Group, LinkPart Part, double Count)> used) =>
        string.Join(", ", used.Select(u => u.Group.Class.Name).Distinct());

    static IEnumerable<(LinkGroup Group, LinkPart Part, double Count)> PartsOf(ClusterBuild build) =>
        from summary in build.Links
        from @group in summary.Groups
        from part in @group.Link.Parts
        select (@group, part, @group.Count * part.Count);
}
