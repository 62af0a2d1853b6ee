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
public sealed record PowerItem(string Name, Layer Layer, Power InUse, Power Provisioned, bool IsNetwork);

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
            .. clusters.SelectMany(c => c.Power.Items.Select(i => i with { InUse = i.InUse * (double)c.Count, Provisioned = i.Provisioned * (double)c.Count })).GroupBy(i => i.Name)
                .Select(g => g.First() with { InUse = g.Sum(i => i.InUse), Provisioned = g.Sum(i => i.Provisioned) }),
        ];
        Add(RouteModules, RouteItemKind.Modules);
        Add(RouteAmplifiers, RouteItemKind.Amplifiers);
        return new(items, items.Sum(i => i.InUse), items.Sum(i => i.Provisioned));

        void Add(string name, RouteItemKind kind)
        {
            var drawn = routes.SelectMany(r => r.Items).Where(i => i.Kind == kind).Sum(i => i.AllPower);
            if (drawn > Power.Zero) items.Add(new(name, Layer.Light, drawn, drawn, true));
        }
    }

    /// <summary>Adds up the power of a built cluster.</summary>
    public static PowerUse Of(ClusterBuild build)
    {
        ArgumentNullException.ThrowIfNull(build);
        var system = build.Plan.Request.System;
        double systems = build.Plan.Request.Systems;
        var items = new List<PowerItem>();
        Add(Accelerators, Layer.Compute, (system.Accelerator.Power?.Value ?? Power.Zero) * (systems * system.Accelerators), build.Site.AcceleratorLoad, network: false);
        Add("hosts", Layer.Compute, system.HostPower.Value * systems, 1, network: false);
        Add("network cards", Layer.Loom, (system.Nic.Power?.Value ?? Power.Zero) * (systems * system.Nics), 1, network: false);
        foreach (var tier in build.Plan.Tiers)
            Add($"{tier.Name} switches", Layer.Loom, (tier.Switch.Power?.Value ?? tier.Switch.AsicPower?.Value ?? Power.Zero) * (double)tier.Count);
        if (build.Plan.OpticalSwitches is { } circuits)
            Add("optical circuit switches", Layer.Light, (circuits.Switch.Power?.Value ?? Power.Zero) * (double)circuits.Count);
        foreach (var link in build.Links) Add($"{link.Class.Name} modules", Layer.Light, link.AddedPower);
        return new(items, items.Sum(i => i.InUse), items.Sum(i => i.Provisioned));

        void Add(string name, Layer layer, Power full, double load = 1, bool network = true) => items.Add(new(name, layer, full * load, full, network));
    }
}
