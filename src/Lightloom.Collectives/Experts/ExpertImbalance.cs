// How much more than the mean the most loaded of many ranks receives, when every token draws its experts independently.
//
//   N       tokens that may send a rank something        q   expected copies from one of them, v their variance
//   cv      sqrt(N v) / (N q), the spread of one rank's load over its mean
//   one copy for each rank or domain (throughput): v = q (1 - q)
//   one copy for each expert: v = q + q (k - 1) (e - 1) / (P - 1) - q^2, q = k / n, e experts on a rank of the P that a token draws from
//   n ranks, nearly independent and nearly normal: the most loaded receives 1 + z cv, z = F(0.5264^(1/n)) in expectation and
//   F(p^(1/n)) for the quantile p, F the normal quantile
//
// Example: 64 ranks, 56 of them in other domains with 128 tokens each, k = 8 of 256: N = 7168, q = 0.125, v = 0.1197, cv = 3.27 %,
//   z = 2.32: the most loaded rank receives 7.6 % more than the mean.
// Sources: multinomial sampling; 0.5264 from Chen and Tyler 1999 (within 1 % from 8 values on); the quantile from Acklam's rational approximation.
namespace Lightloom.Collectives;

/// <summary>Loads of ranks that experts are drawn on at random.</summary>
public static class ExpertImbalance
{
    const double Median = 0.5264; // to the power 1/n: where the largest of n normal values lies on average

    /// <summary>How many standard deviations above the mean the largest of so many independent normal values lies on average.</summary>
    /// <param name="count">Values; none above the mean for one.</param>
    public static double ExpectedLargest(double count) => count <= 1 ? 0 : NormalQuantile(Math.Pow(Median, 1 / count));

    /// <summary>How many standard deviations above the mean the largest of so many independent normal values stays below, at a probability.</summary>
    /// <param name="count">Values.</param>
    /// <param name="probability">Between 0 and 1, exclusive.</param>
    public static double LargestAt(double count, double probability) => NormalQuantile(Math.Pow(probability, 1 / Math.Max(1, count)));

    /// <summary>Spread of a rank's load over its mean, where a token sends it one copy or none.</summary>
    /// <param name="tokens">Tokens that may.</param>
    /// <param name="share">Probability that one does.</param>
    public static double Deduplicated(double tokens, double share) =>
        tokens * share <= 0 ? 0 : Math.Sqrt(Math.Max(0, 1 - share) / (tokens * share));

    /// <summary>Spread of a rank's load over its mean, where a token sends it a copy for each of its experts there.</summary>
    /// <param name="tokens">Tokens that may.</param>
    /// <param name="perToken">Experts that a token visits.</param>
    /// <param name="ranks">Ranks that hold them.</param>
    /// <param name="onRank">Experts on a rank.</param>
    /// <param name="pool">Experts that a token draws from.</param>
    public static double PerExpert(double tokens, int perToken, double ranks, double onRank, double pool)
    {
        var mean = perToken / ranks;
        if (tokens * mean <= 0) return 0;
        var pairs = pool > 1 ? mean * (perToken - 1) * Math.Max(0, onRank - 1) / (pool - 1) : 0;
        return Math.Sqrt(Math.Max(0, mean + pairs - mean * mean) / tokens) / mean;
    }

    /// <summary>The value that a standard normal variable stays below with a probability; relative error below 1.2e-9.</summary>
    internal static double NormalQuantile(double p)
    {
        const double tail = 0.02425;
        if (!(p > 0 && p < 1)) return p >= 1 ? double.PositiveInfinity : double.NegativeInfinity;
        if (p > 1 - tail) return -Tail(Math.Sqrt(-2 * Math.Log(1 - p)));
        if (p < tail) return Tail(Math.Sqrt(-2 * Math.Log(p)));
        var q = p - 0.5;
        var r = q * q;
        return (((((-3.969683028665376e+01 * r + 2.209460984245205e+02) * r - 2.759285104469687e+02) * r + 1.383577518672690e+02) * r - 3.066479806614716e+01) * r
            + 2.506628277459239) * q
            / (((((-5.447609879822406e+01 * r + 1.615858368580409e+02) * r - 1.556989798598866e+02) * r + 6.680131188771972e+01) * r - 1.328068155288572e+01) * r + 1);

        static double Tail(double q) =>
            (((((-7.784894002430293e-03 * q - 3.223964580411365e-01) * q - 2.400758277161838) * q - 2.549732539343734) * q + 4.374664141464968) * q + 2.938163982698783)
            / ((((7.784695709041462e-03 * q + 3.224671290700398e-01) * q + 2.445134137142996) * q + 3.754408661907416) * q + 1);
    }
}
