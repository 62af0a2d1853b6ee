using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>A currency by its code, and what one of it is worth in US dollars, in which all amounts are kept.</summary>
/// <param name="Code">Three capital letters (ISO 4217).</param>
/// <param name="Dollars">US dollars for one.</param>
public sealed record Currency(string Code, double Dollars)
{
    /// <summary>US dollars.</summary>
    public static Currency Usd { get; } = new("USD", 1);

    /// <summary>An amount in this currency.</summary>
    public double Of(Money amount) => amount.Dollars / Dollars;

    /// <summary>Prints an amount as <see cref="Money.ToString(string?)"/> does, in this currency.</summary>
    /// <param name="amount">The amount.</param>
    /// <param name="format">A format in which a unit, if there is one, is a multiple of USD.</param>
    public string Print(Money amount, string? format = null) =>
        Money.FromDollars(Of(amount)).ToString(format).Replace("USD", Code, StringComparison.Ordinal);
}
