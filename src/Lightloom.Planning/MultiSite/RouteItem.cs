using Lightloom.Catalog;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>What an item of a route is.</summary>
public enum RouteItemKind
{
    /// <summary>Coherent modules, which stand in the halls.</summary>
    Modules,

    /// <summary>Amplifiers, which stand along the way.</summary>
    Amplifiers,

    /// <summary>Huts for amplifiers.</summary>
    Huts,

    /// <summary>Dark fibre or waves that are paid for every year.</summary>
    Leased,
}

/// <summary>Something that a route is built of, or that is leased for it every year.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Key">The part in the catalogue, or the figure of the route's assumptions.</param>
/// <param name="Name">What it is called.</param>
/// <param name="Count">How many; of fibre metres, of waves hundreds of Gb/s or metres of them.</param>
/// <param name="Price">Price of one; null where the catalogue has none.</param>
/// <param name="Per">What one is: nothing for a piece, "m" for a metre.</param>
public sealed record RouteItem(RouteItemKind Kind, string Key, string Name, double Count, Sourced<Money>? Price, string Per = "")
{
    /// <summary>Electrical power of one.</summary>
    public Sourced<Power>? Power { get; init; }

    /// <summary>Failures of one; null where none are known.</summary>
    public RateCause? Failures { get; init; }

    /// <summary>Price of all; nothing where none is known.</summary>
    public CostRange Total => Price is { } price ? Count * CostRange.Of(price) : CostRange.Zero;

    /// <summary>Power of all.</summary>
    public Power AllPower => (Power?.Value ?? Quantities.Power.Zero) * Count;
}
