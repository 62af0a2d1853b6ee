// What is not known of failures and of what is done about them, and what that leaves open of a job.
//
//   figures   rates (RateCause.cs), times to notice, to restart, to write a checkpoint and to repair (ReliabilityFigures.cs), each drawn by itself
//   share     effective share as forecast x what is kept with the drawn figures / what is kept with those that are believed; where spares are
//             counted, the forecast with the drawn figures, repairs of systems among them
//   range     the 5th and 95th of a hundred samples, stretched to hold the value
//   moves     the share with one figure at either end and all others at their value, the widest first
//
// Interval between checkpoints and spares stay as they were chosen by what was believed.

using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>How far one figure moves the share of time that makes progress.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="Low">The share with the figure at its low end.</param>
/// <param name="High">The share with the figure at its high end.</param>
public sealed record RateDriver(CostFigure Figure, double Low, double High)
{
    /// <summary>Distance between both ends.</summary>
    public double Swing => Math.Abs(High - Low);
}

/// <summary>A job under failures whose figures are not known exactly; see the head of this file.</summary>
public sealed class RateSampling
{
    /// <summary>Samples unless told otherwise.</summary>
    public const int DefaultSamples = 1000;

    readonly ReliabilityFigures figures;
    readonly double known;
    readonly bool spares;

    /// <summary>Samples a job.</summary>
    /// <param name="model">The job and what fails under it.</param>
    /// <param name="samples">Samples of the ranges.</param>
    /// <param name="seed">What they are derived from.</param>
    public RateSampling(ReliabilityModel model, int samples = DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 20);
        figures = new(model);
        spares = model.Spares is not null;
        known = figures.EffectiveOf([]);
        var forecast = model.Forecast();
        (Value, Samples) = (forecast.Effective, samples);
        double[] shares = new double[samples], rates = new double[samples], values = new double[figures.Figures.Count];
        for (var j = 0; j < samples; j++)
        {
            Draw(seed, (ulong)j, values);
            (shares[j], rates[j]) = (ShareOf(values), figures.StopsOf(values).PerSecond);
        }
        Mean = shares.Average();
        (Low, High) = CostSampling.NineInTen(shares, Value);
        var (least, most) = CostSampling.NineInTen(rates, forecast.AllInterruptions.PerSecond);
        (LeastInterruptions, MostInterruptions) = (FailureRate.FromPerSecond(least), FailureRate.FromPerSecond(most));
    }

    /// <summary>How many samples were drawn.</summary>
    public int Samples { get; }

    /// <summary>Share of the time that makes progress, with every figure at its value.</summary>
    public double Value { get; }

    /// <summary>Mean of all samples: rates that may be far higher than believed and not far lower bring it below <see cref="Value"/>.</summary>
    public double Mean { get; }

    /// <summary>The low end of nine in ten samples.</summary>
    public double Low { get; }

    /// <summary>The high end.</summary>
    public double High { get; }

    /// <summary>Interruptions at the low end of nine in ten samples.</summary>
    public FailureRate LeastInterruptions { get; }

    /// <summary>Interruptions at the high end.</summary>
    public FailureRate MostInterruptions { get; }

    /// <summary>What figures move the share, the widest swing first.</summary>
    public IReadOnlyList<RateDriver> Drivers =>
    [
        .. figures.Figures.Select((f, i) => new RateDriver(f, With(i, f.Least), With(i, f.Most))).Where(d => d.Swing > 0).OrderByDescending(d => d.Swing).ThenBy(d => d.Figure.Key, StringComparer.Ordinal),
    ];

    /// <summary>What has neither a range nor a count, so that it is taken as it is: processes by their rate, and times.</summary>
    public IReadOnlyList<string> Certain => figures.Certain;

    /// <summary>The job with figures of one sample, its interval between checkpoints kept.</summary>
    /// <param name="seed">What samples are derived from.</param>
    /// <param name="sample">Which one.</param>
    internal ReliabilityModel Drawn(ulong seed, ulong sample)
    {
        var values = new double[figures.Figures.Count];
        Draw(seed, sample, values);
        return figures.With(values);
    }

    void Draw(ulong seed, ulong sample, double[] values)
    {
        for (var k = 0; k < values.Length; k++) values[k] = figures.Figures[k].Drawn(seed, 2 * sample);
    }

    double With(int figure, double value)
    {
        double[] values = [.. figures.Figures.Select(f => f.Value)];
        values[figure] = value;
        return ShareOf(values);
    }

    // Where spares are few, what is out for repair moves the share too.
    double ShareOf(double[] values) => spares ? figures.With(values).Forecast().Effective : known > 0 ? Value * figures.EffectiveOf(values) / known : 0;
}
