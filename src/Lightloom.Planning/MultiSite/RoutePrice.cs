using Lightloom.Catalog;
using Lightloom.Optics.Lines;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>What routes are built of and what is leased for them, at the catalogue's prices: modules, amplifiers of both directions, huts; fibre or waves by the year.</summary>
public static class RoutePrice
{
    /// <summary>A line system: its modules, its amplifiers, huts between them, and dark fibre.</summary>
    /// <param name="line">The line.</param>
    /// <param name="defaults">Prices of fibre and huts.</param>
    /// <param name="catalog">Prices of parts.</param>
    public static IReadOnlyList<RouteItem> Of(LineDesign line, RouteDefaults defaults, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(catalog);
        var module = catalog.Get<CoherentTransceiver>(line.Mode.Name);
        List<RouteItem> items = [new(RouteItemKind.Modules, module.Key, module.Name, line.Transceivers, module.Price) { Power = module.Power }];
        foreach (var (key, count) in line.AmplifiersOfPair.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            var amplifier = catalog.Get<Amplifier>(key);
            items.Add(new(RouteItemKind.Amplifiers, key, amplifier.Name, count * line.Pairs, amplifier.Price) { Power = amplifier.Power, Failures = Amplifiers(defaults) });
        }
        if (line.Huts > 0) items.Add(new(RouteItemKind.Huts, "hut", "huts along the routes", line.Huts, defaults.Hut));
        items.Add(new(RouteItemKind.Leased, "darkFibre", "dark fibre, a year", 2.0 * line.Pairs * line.Request.Length.Meters, BillOfMaterials.PerMeter(defaults.DarkFibre), "m"));
        return items;
    }

    /// <summary>Leased waves: what both ends cost, and what the length does.</summary>
    /// <param name="waves">The waves.</param>
    /// <param name="length">Length of the fibre.</param>
    /// <param name="defaults">Prices of waves.</param>
    public static IReadOnlyList<RouteItem> Of(RouteWavesSection waves, Length length, RouteDefaults defaults)
    {
        ArgumentNullException.ThrowIfNull(waves);
        ArgumentNullException.ThrowIfNull(defaults);
        var hundreds = (waves.Rate * waves.Count).GigabitsPerSecond / 100;
        return
        [
            new(RouteItemKind.Leased, "waveEnds", "both ends of a leased wave of 100 Gb/s, a year", hundreds, defaults.WaveEnds),
            new(RouteItemKind.Leased, "waveLength", "length of a leased wave of 100 Gb/s, a year", hundreds * length.Meters, BillOfMaterials.PerMeter(defaults.WaveLength), "m"),
        ];
    }

    /// <summary>What amplifiers of routes fail as often as.</summary>
    /// <param name="defaults">What is assumed of routes.</param>
    internal static RateCause Amplifiers(RouteDefaults defaults) => new("amplifierFailures", "failures of amplifiers of routes", defaults.AmplifierFailures);
}
