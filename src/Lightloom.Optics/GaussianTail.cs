// The tail of the normal distribution.
//
//   Q(x) = 1/2 erfc(x/√2)                                     probability that a standard normal exceeds x
//   erf(z)  = 2/√π · e^(-z²) · Σ_k 2^k z^(2k+1) / (2k+1)!!     used below z = 2 (Abramowitz and Stegun 7.1.6)
//   erfc(z) = e^(-z²)/√π · 1/(z + (1/2)/(z + 1/(z + (3/2)/(z + …))))   used above (Abramowitz and Stegun 7.1.14)
//
// Both converge to the last digits of a double. Example: Q(3) = 1.3498980316e-3.

namespace Lightloom.Optics;

/// <summary>The tail of the normal distribution, which turns the distance of signal levels over noise into an error ratio.</summary>
/// <remarks>Abramowitz and Stegun, Handbook of Mathematical Functions, 7.1.6 and 7.1.14.</remarks>
public static class GaussianTail
{
    static readonly double InverseSqrtPi = 1 / Math.Sqrt(Math.PI);
    static readonly double Sqrt2 = Math.Sqrt(2);

    /// <summary>Probability that a standard normal variable exceeds <paramref name="x"/>; NaN for NaN.</summary>
    public static double Q(double x) => 0.5 * Erfc(x / Sqrt2);

    /// <summary>The argument for which <see cref="Q"/> is <paramref name="probability"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The probability is not strictly between 0 and 1.</exception>
    public static double InverseQ(double probability)
    {
        if (!(probability > 0 && probability < 1))
            throw new ArgumentOutOfRangeException(nameof(probability), probability, "a probability strictly between 0 and 1 is needed");
        if (probability > 0.5) return -InverseQ(1 - probability);
        // Newton on ln Q, which is nearly a parabola: d ln Q/dx = -φ(x)/Q(x).
        var target = Math.Log(probability);
        var x = Math.Sqrt(Math.Max(0, -2 * Math.Log(2 * probability)));
        for (var i = 0; i < 60; i++)
        {
            var q = Q(x);
            var density = Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);
            var step = (Math.Log(q) - target) * q / density;
            x += step;
            if (Math.Abs(step) <= 1e-15 * Math.Max(1, Math.Abs(x))) break;
        }
        return x;
    }

    internal static double Erfc(double z)
    {
        if (double.IsNaN(z)) return double.NaN;
        if (z < 0) return 2 - Erfc(-z);
        if (z > 27) return 0; // below the smallest double
        if (z < 2)
        {
            double term = z, sum = z;
            for (var k = 1; term > sum * 1e-17; k++)
            {
                term *= 2 * z * z / (2 * k + 1);
                sum += term;
            }
            return 1 - 2 * InverseSqrtPi * Math.Exp(-z * z) * sum;
        }
        // Evaluated from the far end; 10 + 300/z² steps give full precision from z = 2 on.
        var tail = 0.0;
        for (var k = (int)(10 + 300 / (z * z)); k > 0; k--) tail = k / 2.0 / (z + tail);
        return InverseSqrtPi * Math.Exp(-z * z) / (z + tail);
    }
}
