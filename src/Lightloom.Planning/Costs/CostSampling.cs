// Ranges of a cost and what they come from, by seeded sampling.
//
//   range          the 5th and 95th of a hundred samples, each figure drawn by itself (CostFigure.cs); stretched to hold the value where every
//                  figure at its value lies outside
//   first order    S_i  = mean( f(B)·(f(A with i of B) - f(A)) ) / variance          [Saltelli et al. 2010, table 2 (b)]
//   total          ST_i = mean( (f(A) - f(A with i of B))² ) / (2·variance)          [Jansen 1999]
//   swing          f with one figure at the end of its range and all others at their value, less f with all at their value: both ends
//
// S_i is the share of the variance that knowing figure i alone would take away; ST_i what would be left if all but i were known. A and B of
// sample j are numbers 2j and 2j + 1 of each figure's own sequence (CostFigure.cs), so that they depend on the seed and the figure alone.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>How much one figure moves a cost.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Low">The cost with the figure at its low end and all others at their value.</param>
/// <param name="High">The cost with the figure at its high end.</param>
/// <param name="FirstOrder">Share of the variance that it explains by itself.</param>
/// <param name="Total">Share of the variance that it has a part in.</param>
public sealed record CostDriver(CostFigure Figure, Money Low, Money High, double FirstOrder, double Total)
{
    /// <summary>Distance between both ends.</summary>
    public Money Swing => Money.FromDollars(Math.Abs(High.Dollars - Low.Dollars));
}

/// <summary>Samples of a cluster's costs; see the equations at the head of this file.</summary>
public sealed class CostSampling
{
    /// <summary>Samples that a range is taken from unless told otherwise.</summary>
    public const int DefaultSamples = 2000;

    /// <summary>The most samples.</summary>
    public const int MostSamples = 1_000_000;

    readonly CostModel model;
    readonly CostPoint[] points; // one for each sample
    readonly ulong seed;

    /// <summary>Draws samples.</summary>
    /// <param name="model">The costs.</param>
    /// <param name="samples">How many.</param>
    /// <param name="seed">What they are derived from.</param>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than 20 samples, or more than <see cref="MostSamples"/>.</exception>
    public CostSampling(CostModel model, int samples = DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 20);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(samples, MostSamples);
        (this.model, this.seed) = (model, seed);
        points = new CostPoint[samples];
        var values = new double[model.Figures.Count];
        for (var j = 0; j < samples; j++)
        {
            Draw(j, 0, values);
            points[j] = model.At(values);
        }
    }

    /// <summary>The samples.</summary>
    public IReadOnlyList<CostPoint> Points => points;

    /// <summary>The value of a measure with the range that nine in ten samples lie in, and the weakest grade that moves it.</summary>
    /// <param name="measure">The measure.</param>
    public CostRange Range(Func<CostPoint, Money> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        var samples = new double[points.Length];
        for (var j = 0; j < samples.Length; j++) samples[j] = measure(points[j]).Dollars;
        var value = measure(model.Value);
        var (low, high) = NineInTen(samples, value.Dollars);
        return CostRange.Of(value, Money.FromDollars(low), Money.FromDollars(high), Weakest(measure, value.Dollars));
    }

    /// <summary>The range that nine in ten samples lie in, stretched to hold the value. Sorts them.</summary>
    internal static (double Low, double High) NineInTen(double[] samples, double value)
    {
        Array.Sort(samples);
        return (Math.Min(value, At(0.05)), Math.Max(value, At(0.95)));

        double At(double share)
        {
            var place = share * (samples.Length - 1);
            var below = (int)place;
            return samples[below] + ((place - below) * (samples[Math.Min(below + 1, samples.Length - 1)] - samples[below]));
        }
    }

    /// <summary>What moves a measure, the largest part of the variance first; figures that can't move it are left out.</summary>
    /// <param name="measure">The measure.</param>
    public IReadOnlyList<CostDriver> Drivers(Func<CostPoint, Money> measure)
    {
        ArgumentNullException.ThrowIfNull(measure);
        var d = model.Figures.Count;
        double[] a = new double[d], b = new double[d], first = new double[d], total = new double[d];
        double sum = 0, squares = 0;
        var centre = measure(model.Value).Dollars;
        for (var j = 0; j < points.Length; j++)
        {
            Draw(j, 0, a);
            Draw(j, 1, b);
            var (fa, fb) = (measure(points[j]).Dollars - centre, measure(model.At(b)).Dollars - centre);
            sum += fa + fb;
            squares += (fa * fa) + (fb * fb);
            for (var i = 0; i < d; i++)
            {
                if (model.Figures[i].IsCertain) continue;
                var kept = a[i];
                a[i] = b[i];
                var changed = measure(model.At(a)).Dollars - centre;
                a[i] = kept;
                first[i] += fb * (changed - fa);
                total[i] += (fa - changed) * (fa - changed);
            }
        }
        var n = 2.0 * points.Length;
        var variance = (squares / n) - (sum / n * (sum / n));
        var drivers = new List<CostDriver>(d);
        for (var i = 0; i < d; i++)
        {
            var (low, high) = Ends(i, measure);
            // What can't move the measure has no swing either.
            if (low == high) continue;
            drivers.Add(variance > 0
                ? new(model.Figures[i], low, high, Math.Clamp(first[i] / points.Length / variance, 0, 1), Math.Clamp(total[i] / points.Length / (2 * variance), 0, 1))
                : new(model.Figures[i], low, high, 0, 0));
        }
        return [.. drivers.OrderByDescending(x => Math.Round(x.Total, 9)).ThenByDescending(x => x.Swing)];
    }

    (Money Low, Money High) Ends(int figure, Func<CostPoint, Money> measure)
    {
        var values = new double[model.Figures.Count];
        for (var i = 0; i < values.Length; i++) values[i] = model.Figures[i].Value;
        values[figure] = model.Figures[figure].Least;
        var low = measure(model.At(values));
        values[figure] = model.Figures[figure].Most;
        return (low, measure(model.At(values)));
    }

    // A figure moves the answer when an end of its range does so by more than a hundredth.
    Grade Weakest(Func<CostPoint, Money> measure, double value)
    {
        var weakest = Grade.Standard;
        for (var i = 0; i < model.Figures.Count; i++)
        {
            if (model.Figures[i].Grade <= weakest) continue;
            var (low, high) = Ends(i, measure);
            if (Math.Max(Math.Abs(low.Dollars - value), Math.Abs(high.Dollars - value)) > 0.01 * Math.Abs(value)) weakest = model.Figures[i].Grade;
        }
        return weakest;
    }

    void Draw(int sample, int matrix, double[] values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = model.Figures[i].Drawn(seed, (2 * (ulong)sample) + (ulong)matrix);
    }
}
