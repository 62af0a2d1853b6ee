namespace Lightloom.Optics.Lines;

/// <summary>The largest value of a function with one peak, by golden sections (Kiefer 1953): each step costs one value.</summary>
static class GoldenSection
{
    const double Share = 0.6180339887498949; // (√5 − 1)/2

    /// <summary>Where the peak is, to a tolerance; an end where the function rises towards it.</summary>
    public static double Maximum(double low, double high, double tolerance, Func<double, double> value)
    {
        var (a, b) = (low, high);
        var (x, y) = (b - Share * (b - a), a + Share * (b - a));
        var (atX, atY) = (value(x), value(y));
        while (b - a > tolerance)
        {
            if (atX > atY)
            {
                (b, y, atY) = (y, x, atX);
                x = b - Share * (b - a);
                atX = value(x);
            }
            else
            {
                (a, x, atX) = (x, y, atY);
                y = a + Share * (b - a);
                atY = value(y);
            }
        }
        // The best may lie at an end, which golden sections never reach.
        var best = (a + b) / 2;
        if (value(low) >= value(best)) best = low;
        return value(high) >= value(best) ? high : best;
    }
}
