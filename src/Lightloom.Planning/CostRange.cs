using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>
/// A sum of prices with its range. Independent prices rarely stand at the same end of their ranges together, so ranges of
/// different items add as the root of their squares, each side by itself; equal items share one price and add linearly.
/// </summary>
public readonly record struct CostRange
{
    readonly double below;
    readonly double above;

    CostRange(double value, double below, double above, Grade weakest)
    {
        Value = Money.FromDollars(value);
        this.below = below;
        this.above = above;
        Weakest = weakest;
    }

    /// <summary>Nothing.</summary>
    public static CostRange Zero => default;

    /// <summary>The likely price.</summary>
    public Money Value { get; }

    /// <summary>The low end.</summary>
    public Money Low => Value - Money.FromDollars(below);

    /// <summary>The high end.</summary>
    public Money High => Value + Money.FromDollars(above);

    /// <summary>The weakest grade among the prices that went in.</summary>
    public Grade Weakest { get; }

    /// <summary>A single price range.</summary>
    public static CostRange Of(Money value, Money low, Money high, Grade grade) =>
        new(value.Dollars, value.Dollars - low.Dollars, high.Dollars - value.Dollars, grade);

    /// <summary>A figure of the catalogue.</summary>
    public static CostRange Of(Sourced<Money> figure) => Of(figure.Value, figure.Low, figure.High, figure.Grade);

    /// <summary>So many items of one price.</summary>
    public static CostRange operator *(double count, CostRange each) =>
        new(count * each.Value.Dollars, count * each.below, count * each.above, each.Weakest);

    /// <summary>Two independent prices together.</summary>
    public static CostRange operator +(CostRange a, CostRange b) => new(
        a.Value.Dollars + b.Value.Dollars,
        Math.Sqrt((a.below * a.below) + (b.below * b.below)),
        Math.Sqrt((a.above * a.above) + (b.above * b.above)),
        a.Weakest > b.Weakest ? a.Weakest : b.Weakest);

    /// <summary>Two prices that move together, so that their ranges add linearly.</summary>
    public static CostRange Linear(CostRange a, CostRange b) => new(
        a.Value.Dollars + b.Value.Dollars, a.below + b.below, a.above + b.above, a.Weakest > b.Weakest ? a.Weakest : b.Weakest);
}
