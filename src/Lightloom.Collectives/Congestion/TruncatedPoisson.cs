// A Poisson law cut off above k, its masses taken where they matter.
//
//   p_j = e^-l l^j / j!            for j in a window round l that leaves out less than 10^-30
//   within = P(N <= k), beyond = P(N > k), each summed by itself so that both keep their digits
//
// Example: l = 2, k = 2: p = e^-2 (1, 2, 2), within 5 e^-2 = 0.6767, mean of what is left (0 + 2 + 4) / 5 = 1.2.
using System.Runtime.CompilerServices;

namespace Lightloom.Collectives.Congestion;

/// <summary>The law of the flows on one link, if they came by themselves, given that there are at most so many.</summary>
readonly struct TruncatedPoisson
{
    readonly double mean;
    readonly int first;
    readonly double[] masses; // masses[i] = P(N = first + i | N <= k), up to k

    public TruncatedPoisson(double mean, int atMost)
    {
        this.mean = mean;
        var spread = 13 * Math.Sqrt(mean);
        first = (int)Math.Max(0, Math.Floor(mean - spread - 12));
        var end = (int)Math.Ceiling(mean + spread + 45);
        if (atMost < first)
        {
            (masses, Beyond, first) = ([], 1, 0);
            return;
        }
        masses = new double[Math.Min(atMost, end) - first + 1];
        double beyond = 0, within = 0;
        for (var j = Math.Max(first, atMost + 1); j <= end; j++) beyond += Mass(mean, j);
        for (var i = 0; i < masses.Length; i++) within += masses[i] = Mass(mean, first + i);
        // Each is summed from small terms; the smaller of the two is the exact one.
        Within = within < 0.5 ? within : 1 - beyond;
        Beyond = within < 0.5 ? 1 - within : beyond;
        if (within <= 0) return;
        for (var i = 0; i < masses.Length; i++) masses[i] /= within;
    }

    /// <summary>P(N &lt;= k).</summary>
    public double Within { get; }

    /// <summary>P(N &gt; k).</summary>
    public double Beyond { get; }

    /// <summary>Numbers of flows that have a mass.</summary>
    public int Window => masses.Length;

    /// <summary>The largest number that has a mass.</summary>
    public int Last => first + masses.Length - 1;

    /// <summary>ln P(N &lt;= k).</summary>
    public double LogWithin => Within < 0.5 ? Math.Log(Within) : LogOnePlus(-Beyond);

    /// <summary>The characteristic function of N - l, given N &lt;= k: logarithm of its magnitude, and its phase.</summary>
    // Optimised at the first call: a design is evaluated once, and by the first tier's code this loop took 20 of its milliseconds.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public (double LogMagnitude, double Phase) Centred(double angle)
    {
        var (sin, cos) = Math.SinCos(angle);
        double re = 0, im = 0;
        for (var i = masses.Length - 1; i >= 0; i--) (re, im) = (re * cos - im * sin + masses[i], re * sin + im * cos);
        return (Math.Log(re * re + im * im) / 2, Math.Atan2(im, re) + angle * (first - mean));
    }

    /// <summary>Mean less l, variance, and third and fourth cumulants, given N &lt;= k.</summary>
    public (double Shift, double Variance, double Third, double Fourth) Cumulants()
    {
        double shift = 0, two = 0, three = 0, four = 0;
        for (var i = 0; i < masses.Length; i++) shift += masses[i] * (first + i - mean);
        for (var i = 0; i < masses.Length; i++)
        {
            var d = first + i - mean - shift;
            two += masses[i] * d * d;
            three += masses[i] * d * d * d;
            four += masses[i] * d * d * d * d;
        }
        return (shift, two, three, four - 3 * two * two);
    }

    /// <summary>P(N = j) of the whole law.</summary>
    public static double Mass(double mean, int j)
    {
        if (mean <= 0) return j == 0 ? 1 : 0;
        if (j < 0) return 0;
        // j ln l - l - ln j!, written so that large means keep their digits.
        if (j < 20) return Math.Exp(j * Math.Log(mean) - mean - LogFactorial(j));
        var d = (mean - j) / j;
        return Math.Exp(-j * (d - LogOnePlus(d)) - StirlingRest(j)) / Math.Sqrt(2 * Math.PI * j);
    }

    /// <summary>ln(1 + x), exact for small x.</summary>
    public static double LogOnePlus(double x)
    {
        if (Math.Abs(x) > 0.01) return Math.Log(1 + x);
        // x - x^2/2 + x^3/3 - ...: eight terms are exact below 0.01.
        double sum = 0, power = x;
        for (var i = 1; i <= 8; i++, power *= -x) sum += power / i;
        return sum;
    }

    static double LogFactorial(int j)
    {
        double log = 0;
        for (var i = 2; i <= j; i++) log += Math.Log(i);
        return log;
    }

    static double StirlingRest(double j) => 1 / (12 * j) - 1 / (360 * j * j * j) + 1 / (1260 * Math.Pow(j, 5));
}
