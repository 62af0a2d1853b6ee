// What one design costs over another, with the range of the difference: figures that both designs have (a price, the price of energy, the error of
// the step model) are drawn once for both, so that what they share cancels.
//
//   premium      f(B)/f(A) - 1;  range: the 5th and 95th of a hundred samples
//   difference   f(B) - f(A), likewise
//   draws        each figure's own (CostFigure.cs): what both have by key is drawn alike
//
// Worked example: A is one part of 100 (80 to 150), B two of it: the premium is 1 without a range, where two draws would give one.

using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>What a design costs more than another; negative where it costs less.</summary>
/// <param name="Value">With every figure at its value.</param>
/// <param name="Low">The low end of nine in ten samples.</param>
/// <param name="High">The high end.</param>
public readonly record struct CostDifference(Money Value, Money Low, Money High);

/// <summary>What a design costs over another; see the head of this file.</summary>
public static class CostPremium
{
    /// <summary>The premium of a design over another, as a share of the other's cost.</summary>
    /// <param name="from">The costs that it is over.</param>
    /// <param name="to">The costs of the design.</param>
    /// <param name="ofFrom">What is measured of the first.</param>
    /// <param name="ofTo">What is measured of the second.</param>
    /// <param name="samples">Samples of the range.</param>
    /// <param name="seed">What they are derived from.</param>
    /// <returns>The premium with the range that nine in ten samples lie in; null where the first costs nothing.</returns>
    public static ShareRange? Of(
        CostModel from, CostModel to, Func<CostPoint, double> ofFrom, Func<CostPoint, double> ofTo, int samples = CostSampling.DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(ofFrom);
        ArgumentNullException.ThrowIfNull(ofTo);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 20);
        return ofFrom(from.Value) > 0 ? Paired(from, to, ofFrom, ofTo, static (a, b) => (b / a) - 1, samples, seed) : null;
    }

    /// <summary>What a design costs more than another.</summary>
    /// <param name="from">The costs that it is over.</param>
    /// <param name="to">The costs of the design.</param>
    /// <param name="measure">What is measured of both.</param>
    /// <param name="samples">Samples of the range.</param>
    /// <param name="seed">What they are derived from.</param>
    /// <returns>The difference with the range that nine in ten samples lie in.</returns>
    public static CostDifference Difference(CostModel from, CostModel to, Func<CostPoint, Money> measure, int samples = CostSampling.DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(from);
        ArgumentNullException.ThrowIfNull(to);
        ArgumentNullException.ThrowIfNull(measure);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 20);
        double Dollars(CostPoint point) => measure(point).Dollars;
        var range = Paired(from, to, Dollars, Dollars, static (a, b) => b - a, samples, seed);
        return new(Money.FromDollars(range.Value), Money.FromDollars(range.Low), Money.FromDollars(range.High));
    }

    static ShareRange Paired(CostModel from, CostModel to, Func<CostPoint, double> ofFrom, Func<CostPoint, double> ofTo, Func<double, double, double> compare, int samples, ulong seed)
    {
        double[] a = new double[from.Figures.Count], b = new double[to.Figures.Count];
        var results = new double[samples];
        for (var j = 0; j < samples; j++)
        {
            Draw(from, seed, j, a);
            Draw(to, seed, j, b);
            results[j] = compare(ofFrom(from.At(a)), ofTo(to.At(b)));
        }
        var value = compare(ofFrom(from.Value), ofTo(to.Value));
        var (low, high) = CostSampling.NineInTen(results, value);
        return new(value, low, high);
    }

    static void Draw(CostModel model, ulong seed, int sample, double[] values)
    {
        for (var i = 0; i < values.Length; i++) values[i] = model.Figures[i].Drawn(seed, 2 * (ulong)sample);
    }
}
