// An uncertain figure of a cost: a price, a life, the price of energy.
//
//   value   what is used; in a sample its median, with half of the chance on either side
//   side    falls linearly from the value to nothing at the end of the range:  x = v - (v - low)·(1 - √(2u))      u < ½
//                                                                              x = v + (high - v)·(1 - √(2 - 2u))  u ≥ ½
//
//   counted the same for a rate of failures that was counted, by what the count leaves open (CountedRate.cs), on each side of the value whichever is wider
//
//   draws   each figure has a sequence of its own, by its key, so that a figure that several designs or questions share is drawn alike in all of them, and
//           one more figure leaves the others' draws as they are: number n of SplitMix64 [Steele, Lea, Flood 2014] from seed xor FNV-1a(key)
//
// A figure whose value is an end of its range is that value in half of all samples. Worked example: 100 from 80 to 150: u = 0.125 gives
// 100 - 20·0.5 = 90, u = 0.875 gives 100 + 50·0.5 = 125.

using Lightloom.Catalog;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>An uncertain figure that costs are made of, in its own unit.</summary>
/// <param name="Key">How a price book names it: a part, or an assumption of the site.</param>
/// <param name="Name">What it is.</param>
/// <param name="Unit">Its unit in a report.</param>
/// <param name="Value">What is used.</param>
/// <param name="Low">The lowest plausible.</param>
/// <param name="High">The highest plausible.</param>
/// <param name="Year">The year that it speaks of, or null.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Grade">How far it can be trusted.</param>
public sealed record CostFigure(string Key, string Name, string Unit, double Value, double Low, double High, int? Year, string Source, Grade Grade)
{
    /// <summary>Whether it is known without a range.</summary>
    public bool IsCertain => !(High > Low) && Counted is null;

    /// <summary>What a count of events says of it; null for what was not counted.</summary>
    public CountedRate? Counted { get; init; }

    /// <summary>The low end: of its range, or in a hundred of what its count leaves open.</summary>
    public double Least => Counted is { } count ? Math.Min(Low, Value * count.Quantile(0.01)) : Low;

    /// <summary>The high end, likewise.</summary>
    public double Most => Counted is { } count ? Math.Max(High, Value * count.Quantile(0.99)) : High;

    /// <summary>The figure below which a share of all samples lies; see the head of this file.</summary>
    /// <param name="share">From 0 to 1.</param>
    public double Quantile(double share)
    {
        var ranged = share < 0.5
            ? Value - ((Value - Low) * (1 - Math.Sqrt(2 * share)))
            : Value + ((High - Value) * (1 - Math.Sqrt(2 - (2 * share))));
        if (Counted is null) return ranged;
        var counted = Value * Counted.Quantile(share);
        return share < 0.5 ? Math.Min(ranged, counted) : Math.Max(ranged, counted);
    }

    /// <summary>The figure in a sample.</summary>
    /// <param name="seed">What samples are derived from.</param>
    /// <param name="sample">Which one.</param>
    public double Drawn(ulong seed, ulong sample) => Quantile(SplitMix64.Unit(seed ^ stream, sample));

    /// <summary>Names the sequence of the figure's draws.</summary>
    readonly ulong stream = SplitMix64.Name(Key);

    /// <summary>A figure of a part or of the site.</summary>
    /// <param name="key">How a price book names it.</param>
    /// <param name="name">What it is.</param>
    /// <param name="unit">Its unit in a report.</param>
    /// <param name="figure">The figure.</param>
    /// <param name="read">Its number in that unit.</param>
    /// <typeparam name="T">The quantity.</typeparam>
    public static CostFigure Of<T>(string key, string name, string unit, Sourced<T> figure, Func<T, double> read)
    {
        ArgumentNullException.ThrowIfNull(read);
        return new(key, name, unit, read(figure.Value), read(figure.Low), read(figure.High), figure.Year, figure.Source, figure.Grade);
    }

    /// <summary>A time, in minutes.</summary>
    /// <param name="key">How it is named.</param>
    /// <param name="name">What it is.</param>
    /// <param name="figure">The figure.</param>
    public static CostFigure OfTime(string key, string name, Sourced<Duration> figure) => Of(key, name, "min", figure, t => t.Minutes);
}
