// What a count of failures says of their rate.
//
//   n events in a time T   the rate is Gamma(n + ½, T): Jeffreys' prior for a Poisson process
//   in shares of its median, so that the published rate is in the middle:  q(u) = G⁻¹(u) / G⁻¹(½)
//
// Worked example, 7 network cards of Llama 3 in 54 days: nine in ten of 0.51 to 1.74 times the published rate, for 282 interruptions 0.90 to 1.10 times.

using System.Collections.Concurrent;
using MathNet.Numerics.Distributions;

namespace Lightloom.Planning.Reliability;

/// <summary>How well a count of failures knows their rate; see the head of this file.</summary>
public sealed class CountedRate
{
    const int Steps = 1000;

    static readonly ConcurrentDictionary<double, CountedRate> Known = new();

    readonly double[] quantiles = new double[Steps + 1]; // at (i + ½)/(Steps + 1)

    CountedRate(double events)
    {
        Events = events;
        var gamma = new Gamma(events + 0.5, 1);
        var median = gamma.InverseCumulativeDistribution(0.5);
        for (var i = 0; i <= Steps; i++) quantiles[i] = gamma.InverseCumulativeDistribution((i + 0.5) / (Steps + 1)) / median;
    }

    /// <summary>Events that were counted.</summary>
    public double Events { get; }

    /// <summary>The rate below which a share of the belief lies, over the rate in the middle. The outermost two thousandths are cut off.</summary>
    /// <param name="share">From 0 to 1.</param>
    public double Quantile(double share)
    {
        var place = Math.Clamp((share * (Steps + 1)) - 0.5, 0, Steps);
        var below = Math.Min((int)place, Steps - 1);
        return quantiles[below] + ((place - below) * (quantiles[below + 1] - quantiles[below]));
    }

    /// <summary>What so many events say.</summary>
    /// <param name="events">Events, 0 or more.</param>
    public static CountedRate Of(double events)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(events);
        return Known.GetOrAdd(events, static n => new(n));
    }
}
