using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>IT power of a cluster by component.</summary>
/// <param name="Name">The component.</param>
/// <param name="Layer">The layer that it belongs to.</param>
/// <param name="InUse">Power while training.</param>
/// <param name="Provisioned">Power that the building is made for.</param>
/// <param name="IsNetwork">Whether it is outside the systems: switches and links.</param>
public sealed record PowerItem(string Name, Layer Layer, Power InUse, Power Provisioned, bool IsNetwork)
{
    /// <summary>The figures of the catalogue that its power is made of; together its provisioned power.</summary>
    public IReadOnlyList<PowerPart> Parts { get; init; } = [];
}

/// <summary>Power of a part in the catalogue and how many of it draw it.</summary>
/// <param name="Key">The part.</param>
/// <param name="Name">What it is.</param>
/// <param name="Count">How many.</param>
/// <param name="Each">What one draws.</param>
public sealed record PowerPart(string Key, string Name, double Count, Sourced<Power> Each);

/// <summary>The part of a cluster that something belongs to.</summary>
public enum Layer
{
    /// <summary>Cables, transceivers, fibre.</summary>
    Light,

    /// <summary>Topology, switches, cards, protocol.</summary>
    Loom,

    /// <summary>Accelerators' arithmetic.</summary>
    Compute,

    /// <summary>Accelerators' memory.</summary>
    Memory,
}

/// <summary>IT power of a cluster.</summary>
/// <param name="Items">By component.</param>
/// <param name="InUse">While training.</param>
/// <param name="Provisioned">What the building is made for.</param>
public sealed record PowerUse(IReadOnlyList<PowerItem> Items, Power InUse, Power Provisioned)
{
    /// <summary>Name of the component that draws less in use than its limit.</summary>
    public const string Accelerators = "accelerators";

    /// <summary>Names of what routes between sites draw.</summary>
    public const string RouteModules = "route modules", RouteAmplifiers = "route amplifiers";

    /// <summary>Power that the building is made for of switches and links.</summary>
    public Power NetworkProvisioned => Items.Where(i => i.IsNetwork).Sum(i => i.Provisioned);

    /// <summary>Adds up the power of several sites, component by component, and of the routes between them.</summary>
    /// <param name="clusters">The sites, those that are alike together.</param>
    /// <param name="routes">The routes.</param>
    public static PowerUse Of(IReadOnlyList<CostedCluster> clusters, IReadOnlyList<RoutePlan> routes)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(routes);
        List<PowerItem> items =
        [
            .. clusters.SelectMany(c => c.Power.Items.Select(i => i with
                {
                    InUse = i.InUse * (double)c.Count,
                    Provisioned = i.Provisioned * (double)c.Count,
                    Parts = [.. i.Parts.Select(p => p with { Count = p.Count * c.Count })],
                })).GroupBy(i => i.Name)
                .Select(g => g.First() with { InUse = g.Sum(i => i.InUse), Provisioned = g.Sum(i => i.Provisioned), Parts = [.. g.SelectMany(i => i.Parts)] }),
        ];
        Add(RouteModules, RouteItemKind.Modules);
        Add(RouteAmplifiers, RouteItemKind.Amplifiers);
        return new(items, items.Sum(i => i.InUse), items.Sum(i => i.Provisioned));

        void Add(string name, RouteItemKind kind)
        {
            var drawing = routes.SelectMany(r => r.Items).Where(i => i.Kind == kind && i.Power is not null).ToList();
            var drawn = drawing.Sum(i => i.AllPower);
            if (drawn > Power.Zero) items.Add(new(name, Layer.Light, drawn, drawn, true) { Parts = [.. drawing.Select(i => new PowerPart(i.Key, i.Name, i.Count, i.Power!.Value))] });
        }
    }

    /// <summary>Adds up the power of a built cluster.</summary>
    public static PowerUse Of(ClusterBuild build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var system = build.Plan.Request.System;
        double systems = build.Plan.Request.Systems;
        var items = new List<PowerItem>();
        Add(Accelerators, Layer.Compute, Parts(system.Accelerator, system.Accelerator.Power, systems * system.Accelerators), build.Site.AcceleratorLoad, network: false);
        Add("hosts", Layer.Compute, [new($"{system.Key}.host", $"host of {system.Name}", systems, system.HostPower)], network: false);
        Add("network cards", Layer.Loom, Parts(system.Nic, system.Nic.Power, systems * system.Nics), network: false);
        foreach (var tier in build.Plan.Tiers) Add($"{tier.Name} switches", Layer.Loom, Parts(tier.Switch, tier.Switch.Power ?? tier.Switch.AsicPower, tier.Count));
        if (build.Plan.OpticalSwitches is { } circuits) Add("optical circuit switches", Layer.Light, Parts(circuits.Switch, circuits.Switch.Power, circuits.Count));
        foreach (var link in build.Links)
            items.Add(new($"{link.Class.Name} modules", Layer.Light, link.AddedPower, link.AddedPower, true) { Parts = [.. link.Groups.SelectMany(PartsOf)] });
        return new(items, items.Sum(i => i.InUse), items.Sum(i => i.Provisioned));

        void Add(string name, Layer layer, PowerPart[] parts, double load = 1, bool network = true)
        {
            var full = parts.Sum(p => p.Each.Value * p.Count);
            items.Add(new(name, layer, full * load, full, network) { Parts = parts });
        }

        static PowerPart[] Parts(Part part, Sourced<Power>? power, double count) => power is { } each ? [new(part.Key, part.Name, count, each)] : [];
    }

    // What a group of links adds, to the modules or cables that say what they draw, in proportion.
    static IEnumerable<PowerPart> PartsOf(LinkGroup group)
    {
        var drawing = group.Link.Parts.Where(p => !p.IncludedInHost)
            .Select(p => (p.Part, p.Count, Power: p.Part switch { Transceiver t => t.Power, CopperCable c => c.Power, _ => null }))
            .Where(p => p.Power is { Value.Watts: > 0 }).ToList();
        var stated = drawing.Sum(p => p.Count * p.Power!.Value.Value.Watts);
        return drawing.Select(p => new PowerPart(p.Part.Key, p.Part.Name, group.Count * p.Count * group.Link.AddedPower.Watts / stated, p.Power!.Value));
    }
}
