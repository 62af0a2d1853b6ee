// How errors of predictions fall, on one side of a prediction: many close to it, a few far away. Two exponentials that meet what is
// known of the published errors of a class and band of sizes:
//
//   P(x > q) = w exp(-q / b) + (1 - w) exp(-q / t),   w = 0.8;   f(x) = w / b exp(-x / b) + (1 - w) / t exp(-x / t)
//   P(x > m) = 1/2, m = ln(1 + median error);   P(x > e) = 1/10, e = |ln| of the band's end on that side
//
// Where the end lies nearer than ln 10 / ln 2 medians, nothing is far away: one exponential through the end, b = t = e / ln 10. One
// exponential through the end alone would take a fault of several medians for an ordinary error wherever a few published
// points lie far away.
//
// Example: above 512 MiB on one domain m = 0.0119, e = ln 1.149 = 0.139: b = 0.0126, t = 0.200, and x = ln 1.33 surprises by
// ln(f(0) / f(x)) = ln(64.6 / 0.24) = 5.6, one through the end alone by 4.7; with e = ln 3.191 and m = 0.035 by 5.3 against 0.57.
using Lightloom.Collectives;

namespace Lightloom.Planning.Logs;

/// <summary>How errors of predictions fall, by what is known of a band.</summary>
public sealed class ErrorLaw
{
    const double Near = 0.8;

    readonly Side below;
    readonly Side above;

    /// <summary>The law of a band.</summary>
    public ErrorLaw(CollectiveAccuracyBand band)
    {
        Median = Math.Log(1 + band.Median);
        End = Math.Max(Median, Math.Log(band.High));
        below = new(Median, Math.Max(Median, -Math.Log(band.Low)));
        above = new(Median, End);
    }

    /// <summary>The error that half of all stay below, of the logarithm.</summary>
    public double Median { get; }

    /// <summary>The end of the band above, of the logarithm.</summary>
    public double End { get; }

    /// <summary>How much less likely this error is than none, nats.</summary>
    /// <param name="error">ln(measured / predicted).</param>
    public double Surprise(double error) => error >= 0 ? above.Surprise(error) : below.Surprise(-error);

    readonly struct Side
    {
        readonly double near;
        readonly double far;

        public Side(double median, double end)
        {
            near = far = end / Math.Log(10);
            if (end <= median * Math.Log(10) / Math.Log(2)) return;
            // Each exponential hardly reaches where the other is decided, so that setting them in turn converges at once.
            for (var i = 0; i < 60; i++)
            {
                far = end / Math.Log((1 - Near) / (0.1 - Near * Math.Exp(-end / near)));
                near = median / Math.Log(Near / (0.5 - (1 - Near) * Math.Exp(-median / far)));
            }
        }

        public double Surprise(double error) => Math.Log(Density(0) / Density(error));

        double Density(double x) => Near / near * Math.Exp(-x / near) + (1 - Near) / far * Math.Exp(-x / far);
    }
}
