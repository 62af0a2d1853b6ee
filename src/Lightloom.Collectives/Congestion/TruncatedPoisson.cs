// A Poisson law cut off above k, its masses taken where they matter.
//
//   p_j = e^-l l^j / j!            for j in a window round l that leaves out less than 10^-30
//   within = P(N <= k), beyond = P(N > k), each summed by itself so that both keep their digits
//
// Example: l = 2, k = 2: p = e^-2 (1, 2, 2), within 5 e^-2 = 0.6767, mean of what is left (0 + 2 + 4) / 5 = 1.2.
namespace Lightloom.Collectives.Congestion;

/// <summary>The masses of a Poisson law where they matter, computed once for all places where it is cut off.</summary>
readonly struct PoissonWindow
{
    public PoissonWindow(double mean)
    {
        Mean = mean;
        var spread = 13 * Math.Sqrt(mean);
        First = (int)Math.Max(0, Math.Floor(mean - spread - 12));
        Masses = new double[(int)Math.Ceiling(mean + spread + 45) - First + 1];
        // From the largest outwards each follows from its neighbour.
        var middle = (int)mean - First;
        Masses[middle] = TruncatedPoisson.Mass(mean, (int)mean);
        for (var i = middle; i + 1 < Masses.Length; i++) Masses[i + 1] = Masses[i] * mean / (First + i + 1);
        for (var i = middle; i > 0; i--) Masses[i - 1] = Masses[i] * (First + i) / mean;
    }

    public double Mean { get; }

    /// <summary>The first number that has a mass here.</summary>
    public int First { get; }

    /// <summary>Masses[i] = P(N = First + i).</summary>
    public double[] Masses { get; }
}

/// <summary>The law of the flows on one link, if they came by themselves, given that there are at most so many.</summary>
readonly struct TruncatedPoisson
{
    readonly PoissonWindow whole;
    readonly double scale; // 1 / P(N <= k)

    public TruncatedPoisson(in PoissonWindow whole, int atMost)
    {
        this.whole = whole;
        Window = Math.Clamp(atMost - whole.First + 1, 0, whole.Masses.Length);
        double beyond = 0, within = 0;
        for (var i = whole.Masses.Length - 1; i >= Window; i--) beyond += whole.Masses[i];
        for (var i = 0; i < Window; i++) within += whole.Masses[i];
        // Each is summed from small terms; the smaller of the two is the exact one.
        Within = within < 0.5 ? within : 1 - beyond;
        Beyond = within < 0.5 ? 1 - within : beyond;
        scale = within > 0 ? 1 / within : 0;
    }

    /// <summary>P(N &lt;= k).</summary>
    public double Within { get; }

    /// <summary>P(N &gt; k).</summary>
    public double Beyond { get; }

    /// <summary>Numbers of flows that have a mass.</summary>
    public int Window { get; }

    /// <summary>The largest number that has a mass.</summary>
    public int Last => whole.First + Window - 1;

    /// <summary>ln P(N &lt;= k).</summary>
    public double LogWithin => Within < 0.5 ? Math.Log(Within) : LogOnePlus(-Beyond);

    /// <summary>Adds the masses to an array at their numbers modulo its length.</summary>
    public void AddTo(Span<double> circle)
    {
        for (var i = 0; i < Window; i++) circle[(whole.First + i) % circle.Length] += whole.Masses[i] * scale;
    }

    /// <summary>Mean less l, variance, and third and fourth cumulants, given N &lt;= k.</summary>
    public (double Shift, double Variance, double Third, double Fourth) Cumulants()
    {
        double shift = 0, two = 0, three = 0, four = 0;
        var from = whole.First - whole.Mean;
        for (var i = 0; i < Window; i++) shift += whole.Masses[i] * (from + i);
        shift *= scale;
        for (var i = 0; i < Window; i++)
        {
            var d = from + i - shift;
            var d2 = whole.Masses[i] * d * d;
            two += d2;
            three += d2 * d;
            four += d2 * d * d;
        }
        (two, three, four) = (two * scale, three * scale, four * scale);
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
