namespace Lightloom.Collectives.Congestion;

// The equations stand in MostLoadedLink.cs.
sealed class EqualFlows : MostLoadedLink
{
    const double MostSteps = 4e6; // of the exact sum, for one load: some ten milliseconds
    const double Faint = 1e-20;
    const int SureToFade = 48; // links: powers of a characteristic function off its middle, at most (1/3)^m, are below Faint from here on

    readonly int flows;
    readonly LoadLaw way;
    readonly LinkChoice[] links;
    readonly double[] means; // means[c] = F w_c / W
    readonly double total; // P(S = F)

    public EqualFlows(IReadOnlyList<LinkChoice> links, int flows, LoadLaw way)
        : base(links.Sum(l => l.Links), flows / (double)links.Sum(l => l.Links), LargestOf(links, flows))
    {
        this.flows = flows;
        this.way = way;
        this.links = [.. links];
        var weight = links.Sum(l => l.Links * l.Weight);
        means = [.. links.Select(l => flows * l.Weight / weight)];
        total = TruncatedPoisson.Mass(flows, flows);
    }

    static double LargestOf(IReadOnlyList<LinkChoice> links, int flows) => flows * links.Max(l => l.Weight) / links.Sum(l => l.Links * l.Weight);

    public override double AtMost(int load)
    {
        if (load >= flows) return 1;
        if ((double)load * Links < flows) return 0;
        var laws = new TruncatedPoisson[links.Length];
        double log = 0, steps = 0, most = 0;
        for (var c = 0; c < laws.Length; c++)
        {
            laws[c] = new(means[c], load);
            if (laws[c].Window == 0 || laws[c].Within <= 0) return 0;
            log += links[c].Links * laws[c].LogWithin;
            steps += laws[c].Window;
            most += (double)links[c].Links * laws[c].Last;
        }
        if (log < -60) return 0;
        var points = Math.Max(flows, most - flows) + 1;
        var needed = Links < SureToFade ? points / 2 : Math.Min(points / 2, 2 * points / Math.Sqrt(Variance(laws)));
        var exactly = way == LoadLaw.Exact || way == LoadLaw.ExactWhereQuick && needed * steps <= MostSteps;
        var joint = exactly ? Inverted(laws, points) : LocalLimit(laws);
        return Math.Clamp(Math.Exp(log) * joint / total, 0, 1);
    }

    double Variance(TruncatedPoisson[] laws)
    {
        var sum = 1e-9;
        for (var c = 0; c < laws.Length; c++) sum += links[c].Links * laws[c].Cumulants().Variance;
        return sum;
    }

    /// <summary>P(S = F | all at most k), exactly.</summary>
    double Inverted(TruncatedPoisson[] laws, double points)
    {
        var sum = 1.0;
        for (var t = 1; t <= points / 2; t++)
        {
            var angle = 2 * Math.PI * t / points;
            double log = 0, turn = 0;
            for (var c = 0; c < laws.Length; c++)
            {
                var (magnitudeLog, phase) = laws[c].Centred(angle);
                log += links[c].Links * magnitudeLog;
                turn += links[c].Links * phase;
            }
            var magnitude = Math.Exp(log);
            // Each pair t, n - t adds twice the real part; the middle of an even n stands alone.
            sum += (2.0 * t == points ? 1 : 2) * magnitude * Math.Cos(turn);
            if (magnitude < Faint && Links >= SureToFade) break;
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
