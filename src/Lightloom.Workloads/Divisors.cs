namespace Lightloom.Workloads;

/// <summary>Divisors near a number, for messages that say what would have done.</summary>
public static class Divisors
{
    /// <summary>
    /// The largest divisor that is at most a number, and the smallest that is at least it; where there is none the other, so that one is named twice.
    /// Takes as many steps as the root of <paramref name="whole"/>.
    /// </summary>
    /// <param name="whole">What is divided; at least 1.</param>
    /// <param name="number">The number; at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">Either is below 1.</exception>
    public static (int Below, int Above) Nearest(int whole, int number)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(whole, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(number, 1);
        int below = 1, above = whole;
        for (long d = 1; d * d <= whole; d++)
        {
            if (whole % d != 0) continue;
            Take((int)d);
            Take((int)(whole / d));
        }
        return number > whole ? (whole, whole) : (below, above);

        void Take(int divisor)
        {
            if (divisor <= number && divisor > below) below = divisor;
            if (divisor >= number && divisor < above) above = divisor;
        }
    }
}
