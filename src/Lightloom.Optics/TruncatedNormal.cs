// A normal variable that is kept within bounds.
//
//   X ~ N(μ, σ) given lo ≤ X ≤ hi;   α = (lo − μ)/σ, β = (hi − μ)/σ, Z = Φ(β) − Φ(α)
//   E[((X−μ)/σ)^n] = m_n:   m_0 = 1, m_1 = (φ(α) − φ(β))/Z,  m_n = (n−1) m_{n−2} + (α^{n−1} φ(α) − β^{n−1} φ(β))/Z
//   sample:  X = μ + σ Φ⁻¹( Φ(α) + u Z ),  u uniform on (0, 1)
//
// Example: N(0.35, 0.2127) on [0, 0.75] dB, a connector of which 97 % would keep 0.75: mean 0.358, standard deviation 0.175 dB.

namespace Lightloom.Optics;

/// <summary>A normal variable within bounds: its moments, its distribution, and its quantiles.</summary>
/// <remarks>
/// Johnson, Kotz and Balakrishnan, Continuous Univariate Distributions 1, 13.10. A spread of 0 is a constant, held to the bounds.
/// </remarks>
public readonly record struct TruncatedNormal
{
    readonly double below; // Φ(α)
    readonly double within; // Φ(β) − Φ(α)

    /// <summary>A normal variable of a mean and a standard deviation before it was cut.</summary>
    /// <exception cref="ArgumentException">A figure is not finite, the spread is negative, the bounds are crossed, or next to nothing lies between them.</exception>
    public TruncatedNormal(double center, double spread, double minimum, double maximum)
    {
        if (!double.IsFinite(center) || !(spread >= 0) || !double.IsFinite(spread) || !double.IsFinite(minimum) || !double.IsFinite(maximum))
            throw new ArgumentException($"a spread of 0 or more and finite figures are needed, not N({center}, {spread}) on [{minimum}, {maximum}]");
        if (!(minimum <= maximum)) throw new ArgumentException($"the bounds {minimum} and {maximum} are crossed");
        (Center, Spread, Minimum, Maximum) = (center, spread, minimum, maximum);
        if (spread == 0 || minimum == maximum)
        {
            (Mean, Variance, ThirdMoment) = (Math.Clamp(center, minimum, maximum), 0, 0);
            return;
        }
        var (a, b) = ((minimum - center) / spread, (maximum - center) / spread);
        below = GaussianTail.Q(-a);
        within = GaussianTail.Q(-b) - below;
        if (!(within > 1e-6)) throw new ArgumentException($"next to nothing of N({center}, {spread}) lies on [{minimum}, {maximum}]");
        var (fa, fb) = (Density(a) / within, Density(b) / within);
        var m1 = fa - fb;
        var m2 = 1 + a * fa - b * fb;
        var m3 = 2 * m1 + a * a * fa - b * b * fb;
        Mean = center + spread * m1;
        Variance = spread * spread * (m2 - m1 * m1);
        ThirdMoment = spread * spread * spread * (m3 - 3 * m1 * m2 + 2 * m1 * m1 * m1);
    }

    /// <summary>Mean before it was cut.</summary>
    public double Center { get; }

    /// <summary>Standard deviation before it was cut.</summary>
    public double Spread { get; }

    /// <summary>Least value.</summary>
    public double Minimum { get; }

    /// <summary>Largest value.</summary>
    public double Maximum { get; }

    /// <summary>Mean.</summary>
    public double Mean { get; }

    /// <summary>Variance.</summary>
    public double Variance { get; }

    /// <summary>Third central moment.</summary>
    public double ThirdMoment { get; }

    /// <summary>Whether it always has the same value.</summary>
    public bool IsConstant => Variance == 0;

    internal double CdfBelow => below;

    internal double CdfWithin => within;

    /// <summary>Share of values below <paramref name="x"/>.</summary>
    public double Cdf(double x)
    {
        if (IsConstant) return x < Mean ? 0 : 1;
        if (x <= Minimum) return 0;
        if (x >= Maximum) return 1;
        return (GaussianTail.Q((Center - x) / Spread) - below) / within;
    }

    /// <summary>The value below which a share lies.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The share is not strictly between 0 and 1.</exception>
    public double Quantile(double share)
    {
        if (!(share > 0 && share < 1)) throw new ArgumentOutOfRangeException(nameof(share), share, "a share strictly between 0 and 1 is needed");
        return IsConstant ? Mean : Math.Clamp(Center + Spread * -GaussianTail.InverseQ(below + share * within), Minimum, Maximum);
    }

    static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
}
