// The distribution of a sum of independent terms, by convolution of their densities on a grid.
//
//   p_i(j) = F_i(x_j + h/2) − F_i(x_j − h/2)     share of term i within half a step of grid point j
//   p(k)   = Σ_j p_1(j) p_2(k − j) …             all terms; a constant only shifts
//
// Rounding each term to the grid adds at most h²/12 to its variance: with h = 0.005 dB, 2e-6 dB². It is the slow and obvious
// answer that the sampler is tested against, and fast enough (a few ms) to try each lever.

using System.Numerics;

namespace Lightloom.Optics;

/// <summary>The distribution of a margin, as shares on a grid.</summary>
sealed class MarginDistribution
{
    const double Step = 0.005; // dB
    const int LargestGrid = 200_000;

    readonly double origin; // of shares[0]
    readonly double step;
    readonly double[] cumulative; // share of links at or below the upper edge of bin i

    public MarginDistribution(double available, IReadOnlyList<StatisticalTerm> terms)
    {
        origin = available;
        step = Step;
        var range = terms.Sum(t => t.Count * (t.Each.Maximum - t.Each.Minimum));
        if (range / step > LargestGrid) step = range / LargestGrid;
        var shares = new double[] { 1 };
        foreach (var term in terms)
        {
            var sign = term.IsGain ? 1 : -1;
            if (term.Each.IsConstant)
            {
                origin += sign * term.Count * term.Each.Mean;
                continue;
            }
            var kernel = Kernel(term.Each);
            var start = term.Each.Minimum;
            if (!term.IsGain)
            {
                Array.Reverse(kernel);
                start = -(term.Each.Minimum + (kernel.Length - 1) * step);
            }
            for (var i = 0; i < term.Count; i++)
            {
                shares = Convolve(shares, kernel);
                origin += start;
            }
        }
        cumulative = shares;
        var sum = 0.0;
        for (var i = 0; i < cumulative.Length; i++) cumulative[i] = sum += shares[i];
    }

    public double Below(double margin)
    {
        if (cumulative.Length == 1) return margin > origin + Medium.Tolerance ? 1 : 0; // a constant
        // Shares are spread evenly over their bins.
        var at = (margin - origin) / step + 0.5;
        if (at <= 0) return 0;
        if (at >= cumulative.Length) return 1;
        var bin = (int)at;
        var before = bin == 0 ? 0 : cumulative[bin - 1];
        return Math.Min(1, before + (at - bin) * (cumulative[bin] - before));
    }

    public double Quantile(double share)
    {
        if (cumulative.Length == 1) return origin;
        var wanted = share * cumulative[^1];
        var bin = Array.BinarySearch(cumulative, wanted);
        if (bin < 0) bin = ~bin;
        bin = Math.Min(bin, cumulative.Length - 1);
        var before = bin == 0 ? 0 : cumulative[bin - 1];
        var inside = cumulative[bin] - before;
        return origin + (bin - 0.5 + (inside > 0 ? (wanted - before) / inside : 0)) * step;
    }

    double[] Kernel(in TruncatedNormal each)
    {
        var points = (int)Math.Ceiling((each.Maximum - each.Minimum) / step) + 1;
        var kernel = new double[points];
        var before = 0.0;
        for (var i = 0; i < points; i++)
        {
            var upTo = i == points - 1 ? 1 : each.Cdf(each.Minimum + (i + 0.5) * step);
            kernel[i] = upTo - before;
            before = upTo;
        }
        return kernel;
    }

    static double[] Convolve(double[] a, double[] b)
    {
        var result = new double[a.Length + b.Length - 1];
        var (outer, inner) = a.Length < b.Length ? (a, b) : (b, a);
        for (var i = 0; i < outer.Length; i++)
        {
            var scale = outer[i];
            if (scale == 0) continue;
            var j = 0;
            var wide = new Vector<double>(scale);
            for (; j <= inner.Length - Vector<double>.Count; j += Vector<double>.Count)
                (new Vector<double>(result, i + j) + wide * new Vector<double>(inner, j)).CopyTo(result, i + j);
            for (; j < inner.Length; j++) result[i + j] += scale * inner[j];
        }
        return result;
    }
}
