using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using static Lightloom.Planning.Comparisons.ComparisonSets;

namespace Lightloom.Planning.Comparisons;

/// <summary>Pluggable against linear against co-packaged optics.</summary>
public sealed class OpticsComparison : IComparisonSet
{
    /// <inheritdoc/>
    public string Name => "optics";

    /// <inheritdoc/>
    public string Title => "Pluggable against linear against co-packaged optics";

    /// <inheritdoc/>
    public string Note => "Of each class of modules the cheapest that closes every cable of a class of links is taken. Co-packaged optics come with another switch, of the same protocol and port rate; " +
        "the other end stays pluggable where the cards are.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var choice = new ModuleChoice(document);
        return
        [
            choice.Pluggable("retimed modules", TransceiverClass.Retimed),
            choice.Pluggable("half-retimed modules", TransceiverClass.HalfRetimed),
            choice.Pluggable("linear modules", TransceiverClass.Linear),
            choice.CoPackaged("co-packaged"),
        ];
    }

    /// <summary>Chooses modules and switches for one design.</summary>
    sealed class ModuleChoice(DesignDocument document)
    {
        readonly LinkEngineer engineer = new(document.Catalog);

        public Variant Pluggable(string name, TransceiverClass kind)
        {
            List<DesignChange> switches = [];
            foreach (var (key, box) in Boxes())
            {
                if (box.CoPackaged is null) continue;
                if (Like(box, coPackaged: false) is not { } plain) return Variant.Refused(name, $"the catalogue has no switch like '{box.Key}' that takes modules and has a price");
                switches.Add(new(key, plain.Key));
            }
            DesignChange[] all = [.. switches, .. WithoutNamedLinks, new("site.links.media", "optics")];
            var classes = Build(all).Links.Where(l => l.Groups.Count > 0).ToDictionary(l => l.Class.Name, l => (Best: (string?)null, Price: 0.0, Why: ""));
            foreach (var module in document.Catalog.All<Transceiver>().Where(t => t.Class == kind && t.Price is not null))
            {
                foreach (var links in Build([.. all, .. classes.Keys.Select(c => new DesignChange(KeyOf(c), module.Key))]).Links.Where(l => l.Groups.Count > 0))
                {
                    var (best, price, _) = classes[links.Class.Name];
                    if (links.Open > 0)
                    {
                        // The reason of a module that fits says more than that of one that doesn't.
                        var worst = links.Groups.First(g => !g.Link.Closes).Link;
                        if (best is null && worst.Class != MediaClasses.None) classes[links.Class.Name] = (null, 0, $"{module.Key}: {worst.Reason}");
                        continue;
                    }
                    var cost = links.Electronics.Value.Dollars + links.Plant.Value.Dollars;
                    if (best is null || cost < price) classes[links.Class.Name] = (module.Key, cost, "");
                }
            }
            foreach (var (links, found) in classes)
                if (found.Best is null) return Variant.Refused(name, $"no {DocumentShape.NameOf(kind)} module with a price closes {links}{(found.Why.Length > 0 ? $" ({found.Why})" : ": none fits its ports")}");
            return Variant.Of(document, name, [.. all, .. classes.Select(c => new DesignChange(KeyOf(c.Key), c.Value.Best))]);
        }

        public Variant CoPackaged(string name)
        {
            List<DesignChange> changes = [];
            foreach (var (key, box) in Boxes())
            {
                if (box.CoPackaged is not null) continue;
                if (Like(box, coPackaged: true) is not { } other)
                    return Variant.Refused(name, $"the catalogue has no co-packaged switch with ports of {box.PortRate.Value.ToString("G4")} that speaks what '{box.Key}' speaks, and has a price");
                changes.Add(new(key, other.Key));
            }
            if (changes.Count == 0) return Variant.Of(document, name);
            // Units and pods were counted in ports of the other switch.
            return Variant.Of(document, name,
                [.. changes, .. Without("fabric.systemsPerUnit", "fabric.systemsPerPod", "fabric.tiers"), .. WithoutNamedLinks, new("site.links.media", "optics")]);
        }

        ClusterBuild Build(IReadOnlyList<DesignChange> changes) => ClusterBuild.Of(document.Changed(changes), document.Catalog, engineer);

        IEnumerable<(string Key, Switch Box)> Boxes()
        {
            var fabric = document.Design.Fabric;
            yield return ("fabric.switch", fabric.Switch);
            if (fabric.LeafSwitch is { } leaf) yield return ("fabric.leafSwitch", leaf);
            if (fabric.SpineSwitch is { } spine) yield return ("fabric.spineSwitch", spine);
            if (fabric.CoreSwitch is { } core) yield return ("fabric.coreSwitch", core);
        }

        // Of the same protocols and port rate the one whose number of ports is nearest; one without a price would count as nothing.
        Switch? Like(Switch box, bool coPackaged) => document.Catalog.All<Switch>()
            .Where(s => s.CoPackaged is not null == coPackaged && s.Price is not null && s.Power is not null
                && s.PortRate.Value == box.PortRate.Value && s.LaneRate.Value == box.LaneRate.Value && box.Protocols.All(s.Protocols.Contains))
            .OrderByDescending(s => s.Vendor == box.Vendor).ThenBy(s => Math.Abs(s.Ports.Value - box.Ports.Value)).ThenBy(s => s.Key, StringComparer.Ordinal).FirstOrDefault();

        static string KeyOf(string links) => links is "node-leaf" or "leaf-spine" or "spine-core" ? $"site.links.{links}" : $"site.links.classes.{links}";
    }
}
