// The value of a parameter at which something begins or ceases to hold, between two ends of which it holds at one and not at the other.
//
//   bisection over the parameter, or over its logarithm where it spans decades, until the interval is a millionth of it
//
// Worked example: 2 · 4.897 ns/m · d reaches 500 µs at d = 51.05 km.

namespace Lightloom.Planning.Claims;

/// <summary>Solves for the value at which a verdict changes; see the head of this file.</summary>
public static class Threshold
{
    const int Steps = 60;
    const double Tolerance = 1e-6;

    /// <summary>The value at which a statement changes, or null where it is the same at both ends.</summary>
    /// <param name="low">One end, above 0.</param>
    /// <param name="high">The other end, above <paramref name="low"/>.</param>
    /// <param name="holds">The statement, which changes once between them.</param>
    /// <param name="tolerance">Relative width of the interval at which to stop.</param>
    public static double? Of(double low, double high, Func<double, bool> holds, double tolerance = Tolerance)
    {
        ArgumentNullException.ThrowIfNull(holds);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(low);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(high, low);
        var below = holds(low);
        if (holds(high) == below) return null;
        for (var step = 0; step < Steps && high / low - 1 > tolerance; step++)
        {
            var middle = Math.Sqrt(low * high);
            if (holds(middle) == below) low = middle;
            else high = middle;
        }
        return Math.Sqrt(low * high);
    }
}
