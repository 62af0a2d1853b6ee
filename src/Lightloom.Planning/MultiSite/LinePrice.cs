using Lightloom.Catalog;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>What a line system costs and draws, by the catalogue's prices: modules, amplifiers of both directions, huts; fibre by the year.</summary>
public sealed record LinePrice
{
    /// <summary>Prices a line.</summary>
    /// <param name="line">The line.</param>
    /// <param name="defaults">Prices of fibre and huts.</param>
    /// <param name="catalog">Prices of parts.</param>
    public LinePrice(LineDesign line, RouteDefaults defaults, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(line);
        ArgumentNullException.ThrowIfNull(defaults);
        ArgumentNullException.ThrowIfNull(catalog);
        var unpriced = new List<string>();
        var module = catalog.Get<CoherentTransceiver>(line.Mode.Name);
        Add(module.Key, line.Transceivers, module.Price, module.Power);
        Modules = Capital;
        foreach (var (key, count) in line.AmplifiersOfPair.OrderBy(a => a.Key, StringComparer.Ordinal))
        {
            var amplifier = catalog.Get<Amplifier>(key);
            Add(key, count * line.Pairs, amplifier.Price, amplifier.Power);
        }
        Capital += line.Huts * CostRange.Of(defaults.Hut);
        Yearly = 2.0 * line.Pairs * RoutePlan.PerLength(line.Request.Length, defaults.DarkFibre);
        Unpriced = unpriced;

        void Add(string key, long count, Sourced<Money>? price, Sourced<Power>? power)
        {
            if (price is { } known) Capital += count * CostRange.Of(known);
            else unpriced.Add(key);
            Power += (power?.Value ?? Power.Zero) * count;
        }
    }

    /// <summary>What has to be bought.</summary>
    public CostRange Capital { get; private set; } = CostRange.Zero;

    /// <summary>The modules' part of it.</summary>
    public CostRange Modules { get; }

    /// <summary>Dark fibre by the year.</summary>
    public CostRange Yearly { get; }

    /// <summary>Modules and amplifiers.</summary>
    public Power Power { get; private set; }

    /// <summary>Parts without a price, which count as nothing.</summary>
    public IReadOnlyList<string> Unpriced { get; }
}
