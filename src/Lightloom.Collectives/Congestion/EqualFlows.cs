using System.Numerics;

namespace Lightloom.Collectives.Congestion;

// The equations stand in MostLoadedLink.cs.
sealed class EqualFlows : MostLoadedLink
{
    // Points of the exact sum for one load; a law has some forty loads and a design several laws. Without these limits a spine's 55 uplinks
    // with 447 flows each took 100 ms of an evaluation. From sixteen links on the local limit is as good as exact.
    const int MostPoints = 512, MostPointsOfFewLinks = 1 << 16, FewLinks = 16;

    const double Faint = -45; // ln of what rounding hides

    readonly int flows;
    readonly LoadLaw way;
    readonly LinkChoice[] links;
    readonly double[] means; // means[c] = F w_c / W
    readonly PoissonWindow[] windows; // windows[c] of mean means[c]
    readonly double total; // P(S = F)

    public EqualFlows(IReadOnlyList<LinkChoice> links, int flows, LoadLaw way)
        : base(links.Sum(l => l.Links), flows / (double)links.Sum(l => l.Links), LargestOf(links, flows))
    {
        this.flows = flows;
        this.way = way;
        this.links = [.. links];
        var weight = links.Sum(l => l.Links * l.Weight);
        means = [.. links.Select(l => flows * l.Weight / weight)];
        windows = [.. means.Select(m => new PoissonWindow(m))];
        total = TruncatedPoisson.Mass(flows, flows);
    }

    static double LargestOf(IReadOnlyList<LinkChoice> links, int flows) => flows * links.Max(l => l.Weight) / links.Sum(l => l.Links * l.Weight);

    public override double AtMost(int load)
    {
        if (load >= flows) return 1;
        if ((double)load * Links < flows) return 0;
        var laws = new TruncatedPoisson[links.Length];
        double log = 0, most = 0;
        for (var c = 0; c < laws.Length; c++)
        {
            laws[c] = new(windows[c], load);
            if (laws[c].Window == 0 || laws[c].Within <= 0) return 0;
            log += links[c].Links * laws[c].LogWithin;
            most += (double)links[c].Links * laws[c].Last;
        }
        if (log < -60) return 0;
        var all = Math.Max(flows, most - flows) + 1;
        // What lies ten deviations off doesn't come back round the circle either.
        var (shift, variance) = Moments(laws);
        var enough = 20 * Math.Sqrt(variance) + 2 * Math.Abs(shift) + 64;
        var points = BitOperations.RoundUpToPowerOf2((uint)Math.Min(1 << 30, Math.Ceiling(way == LoadLaw.Exact ? all : Math.Min(all, enough))));
        var exactly = way == LoadLaw.Exact || way == LoadLaw.ExactWhereQuick && points <= (Links < FewLinks ? MostPointsOfFewLinks : MostPoints);
        var joint = exactly ? Inverted(laws, (int)points) : LocalLimit(laws);
        return Math.Clamp(Math.Exp(log) * joint / total, 0, 1);
    }

    (double Shift, double Variance) Moments(TruncatedPoisson[] laws)
    {
        double shift = 0, variance = 0;
        for (var c = 0; c < laws.Length; c++)
        {
            var moments = laws[c].Cumulants();
            shift += links[c].Links * moments.Shift;
            variance += links[c].Links * moments.Variance;
        }
        return (shift, variance);
    }

    /// <summary>P(S = F | all at most k), exactly.</summary>
    double Inverted(TruncatedPoisson[] laws, int points)
    {
        var (re, im) = (new double[points], new double[points]);
        // log and turn of the product of all links' transforms at t and, as its mirror, at n - t.
        var (log, turn) = (new double[points / 2 + 1], new double[points / 2 + 1]);
        for (var c = 0; c < laws.Length; c++)
        {
            Array.Clear(re);
            Array.Clear(im);
            laws[c].AddTo(re);
            FourierSum.Transform(re, im);
            for (var t = 0; t < log.Length; t++)
            {
                log[t] += links[c].Links * Math.Log(re[t] * re[t] + im[t] * im[t]) / 2;
                turn[t] += links[c].Links * Math.Atan2(im[t], re[t]);
            }
        }
        var sum = 1.0;
        for (var t = 1; t < log.Length; t++)
        {
            if (log[t] < Faint) continue;
            var angle = turn[t] + 2 * Math.PI * ((long)t * flows % points) / points;
            sum += (2 * t == points ? 1 : 2) * Math.Exp(log[t]) * Math.Cos(angle);
        }
        return Math.Max(0, sum / points);
    }

    /// <summary>P(S = F | all at most k) by the normal density with Edgeworth's terms.</summary>
    double LocalLimit(TruncatedPoisson[] laws)
    {
        double shift = 0, variance = 0, third = 0, fourth = 0;
        for (var c = 0; c < laws.Length; c++)
        {
            var (s, v, t, f) = laws[c].Cumulants();
            shift += links[c].Links * s;
            variance += links[c].Links * v;
            third += links[c].Links * t;
            fourth += links[c].Links * f;
        }
        if (variance <= 0) return 0;
        // The means of the whole laws add up to F, so F lies -shift from the mean of the truncated ones.
        var deviation = Math.Sqrt(variance);
        var z = -shift / deviation;
        if (Math.Abs(z) > 12) return 0;
        var skew = third / (variance * deviation);
        var excess = fourth / (variance * variance);
        var z2 = z * z;
        var hermite3 = z * (z2 - 3);
        var hermite4 = z2 * (z2 - 6) + 3;
        var hermite6 = z2 * (z2 * (z2 - 15) + 45) - 15;
        var series = 1 + skew * hermite3 / 6 + excess * hermite4 / 24 + skew * skew * hermite6 / 72;
        return Math.Max(0, series) * Math.Exp(-z2 / 2) / (deviation * Math.Sqrt(2 * Math.PI));
    }

    private protected override int Top(double probability)
    {
        // One link's flows are binomial; its Poisson law lies above it far out in the tail, and the union over links above that.
        var least = (int)Math.Ceiling(flows / (double)Links);
        var (low, high) = (least, least + 1);
        while (high < flows && Exceeds(high) > probability) (low, high) = (high, (int)Math.Min(flows, 2L * high));
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            if (middle >= flows || Exceeds(middle) <= probability) high = middle;
            else low = middle + 1;
        }
        return high;
    }

    /// <summary>Expected links above a load, if flows came by themselves, by the leading term of the tail.</summary>
    double Exceeds(int load)
    {
        double sum = 0;
        for (var c = 0; c < links.Length; c++)
        {
            if (load <= means[c]) return links[c].Links;
            // Terms beyond the first fall at least geometrically.
            var first = TruncatedPoisson.Mass(means[c], load + 1);
            sum += links[c].Links * first / (1 - means[c] / (load + 2));
        }
        // P(S = F) conditions the flows: no event is more than 1/P(S = F) times likelier for it.
        return sum / total;
    }
}
