// The least of a cost over figures that each have a range, in which they count in factors.
//
//   from     the middle of all ranges, and the best of 64 points that fill them evenly (multiples of powers of the root of x^(d + 1) = x + 1: Roberts 2018)
//   descent  one figure after the other, and where none gains two at once, by a factor that shrinks from 1.3 to 1.004; figures that make up for each
//            other lie in valleys that no single one leaves
using Lightloom.Catalog;

namespace Lightloom.Planning.Validation;

/// <summary>Searches figures of kernels; see the head of this file.</summary>
static class KernelSearch
{
    const double Coarsest = 0.3, Finest = 0.004, Shrink = 0.6, Gain = 1e-7;
    const int Spread = 64;

    /// <summary>The kernels with the least cost that was found, and this cost.</summary>
    /// <param name="kernels">Where figures that aren't free are taken from.</param>
    /// <param name="free">The figures that are sought, each within its range.</param>
    /// <param name="cost">What is minimised.</param>
    /// <param name="stop">Stops early, with what was found by then.</param>
    public static (KernelPerformance Kernels, double Cost) Least(
        KernelPerformance kernels, IReadOnlyList<KernelParameter> free, Func<KernelPerformance, double> cost, CancellationToken stop)
    {
        KernelPerformance At(Func<int, double> share)
        {
            var at = kernels;
            for (var i = 0; i < free.Count; i++)
            {
                var (_, low, high) = free[i].Of(at)!.Value;
                at = free[i].With(at, low * Math.Pow(high / low, share(i)));
            }
            return at;
        }

        var ratio = Enumerable.Range(0, 40).Aggregate(2.0, (x, _) => Math.Pow(1 + x, 1.0 / (free.Count + 1)));
        double Share(int point, int figure) => (0.5 + (point * Math.Pow(ratio, -(figure + 1)))) % 1;
        var middle = At(static _ => 0.5);
        var other = Enumerable.Range(1, Spread).Select(k => At(i => Share(k, i))).MinBy(cost)!;
        var (one, two) = (Descend(middle, free, cost, stop), Descend(other, free, cost, stop));
        return one.Cost <= two.Cost ? one : two;
    }

    static (KernelPerformance Kernels, double Cost) Descend(
        KernelPerformance from, IReadOnlyList<KernelParameter> free, Func<KernelPerformance, double> cost, CancellationToken stop)
    {
        var (best, least) = (from, cost(from));
        bool Moves(KernelPerformance other)
        {
            if (cost(other) is var better && better >= least - Gain) return false;
            (best, least) = (other, better);
            return true;
        }

        for (var step = Coarsest; step > Finest && !stop.IsCancellationRequested; step *= Shrink)
        {
            double[] factors = [1 + step, 1 / (1 + step)];
            for (var moved = true; moved && !stop.IsCancellationRequested;)
            {
                moved = false;
                foreach (var figure in free)
                    foreach (var factor in factors) moved |= Moves(Scaled(best, figure, factor));
                if (!moved) moved = MovesTwo(factors);
            }
        }
        return (best, least);

        bool MovesTwo(double[] factors)
        {
            for (var i = 0; i < free.Count; i++)
                for (var j = 0; j < i; j++)
                    if (MovesPair(free[i], free[j], factors)) return true;
            return false;
        }

        bool MovesPair(KernelParameter one, KernelParameter other, double[] factors)
        {
            var moved = false;
            foreach (var a in factors)
                foreach (var b in factors) moved |= Moves(Scaled(Scaled(best, one, a), other, b));
            return moved;
        }
    }

    static KernelPerformance Scaled(KernelPerformance at, KernelParameter figure, double factor)
    {
        var (value, low, high) = figure.Of(at)!.Value;
        return figure.With(at, Math.Clamp(value * factor, low, high));
    }
}
