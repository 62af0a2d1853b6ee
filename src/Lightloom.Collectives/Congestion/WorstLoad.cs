namespace Lightloom.Collectives.Congestion;

/// <summary>The law of the load of the fullest link over the mean, at one place: values ascending, and the probability of at most each.</summary>
sealed class WorstLoad
{
    readonly double[] values;
    readonly double[] within; // within[i] = P(load <= values[i]); the last is 1

    WorstLoad(double[] values, double[] within) => (this.values, this.within) = (values, within);

    public IReadOnlyList<double> Values => values;

    /// <summary>Always the same load.</summary>
    public static WorstLoad Always(double value) => new([value], [1]);

    /// <summary>The load of hashed flows, each value changed by an increasing function. Tails are those of so many hashings.</summary>
    public static WorstLoad Of(MostLoadedLink hashed, double trials, Func<double, double> change)
    {
        // The law of the worst of T is needed: keep the probabilities of one hashing where T of them matter.
        var law = hashed.Law(trials);
        return new([.. law.Select(l => change(l.Load))], [.. law.Select(l => Math.Pow(l.Within, 1 / trials))]);
    }

    /// <summary>One of several, by chance.</summary>
    public static WorstLoad Mix(IReadOnlyList<(double Probability, WorstLoad Load)> parts)
    {
        var values = parts.SelectMany(p => p.Load.values).Distinct().Order().ToArray();
        var total = parts.Sum(p => p.Probability);
        return new(values, [.. values.Select(v => v == values[^1] ? 1 : parts.Sum(p => p.Probability * p.Load.AtMost(v)) / total)]);
    }

    /// <summary>P(load &lt;= value).</summary>
    public double AtMost(double value)
    {
        var at = Array.BinarySearch(values, value);
        if (at < 0) at = ~at - 1;
        return at < 0 ? 0 : within[at];
    }
}
