// What is not known of rates of failures, and what that leaves open of a job.
//
//   rates     each figure that rates rest on (RateCause.cs) is drawn by itself; rates that rest on one move together
//   factors   of each process: the drawn figure over its value
//   share     effective share as forecast x what is kept with the factors / what is kept with none (ReliabilityModel.EffectiveWith)
//   range     the 5th and 95th of a hundred samples, stretched to hold the value
//   moves     the share with one figure at either end and all others at their value, the widest first
//
// Interval between checkpoints and spares stay as they were chosen by the rates that were believed.

using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>How far one rate moves the share of time that makes progress.</summary>
/// <param name="Figure">The rate.</param>
/// <param name="Low">The share with the rate at its low end.</param>
/// <param name="High">The share with the rate at its high end.</param>
public sealed record RateDriver(CostFigure Figure, double Low, double High)
{
    /// <summary>Distance between both ends.</summary>
    public double Swing => Math.Abs(High - Low);
}

/// <summary>A job under rates of failures that are not known exactly; see the head of this file.</summary>
public sealed class RateSampling
{
    /// <summary>Samples unless told otherwise.</summary>
    public const int DefaultSamples = 1000;

    readonly ReliabilityModel model;
    readonly List<CostFigure> figures = [];
    readonly int[] places; // figure of each process, -1 for none
    readonly double interval, known;

    /// <summary>Samples a job.</summary>
    /// <param name="model">The job and what fails under it.</param>
    /// <param name="samples">Samples of the ranges.</param>
    /// <param name="seed">What they are derived from.</param>
    public RateSampling(ReliabilityModel model, int samples = DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(samples, 20);
        this.model = model;
        places = [.. model.Processes.Select(Place)];
        interval = model.Interval.Seconds;
        known = model.EffectiveWith([], interval);
        var forecast = model.Forecast();
        (Value, Samples) = (forecast.Effective, samples);
        double[] shares = new double[samples], rates = new double[samples], factors = new double[places.Length];
        for (var j = 0; j < samples; j++)
        {
            Draw(seed, (ulong)j, factors);
            (shares[j], rates[j]) = (ShareOf(factors), StopsOf(factors));
        }
        Mean = shares.Average();
        (Low, High) = CostSampling.NineInTen(shares, Value);
        var (least, most) = CostSampling.NineInTen(rates, forecast.AllInterruptions.PerSecond);
        (LeastInterruptions, MostInterruptions) = (FailureRate.FromPerSecond(least), FailureRate.FromPerSecond(most));
    }

    /// <summary>How many samples were drawn.</summary>
    public int Samples { get; }

    /// <summary>Share of the time that makes progress, with every rate at its value.</summary>
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

    /// <summary>What rates move the share, the widest swing first.</summary>
    public IReadOnlyList<RateDriver> Drivers =>
    [
        .. figures.Select((f, i) => new RateDriver(f, With(i, f.Least), With(i, f.Most))).Where(d => d.Swing > 0).OrderByDescending(d => d.Swing).ThenBy(d => d.Figure.Key, StringComparer.Ordinal),
    ];

    /// <summary>Processes whose rate has neither a range nor a count, so that they are taken as they are.</summary>
    public IReadOnlyList<string> Certain => [.. model.Processes.Where((p, i) => places[i] < 0 && p.Total.PerSecond > 0).Select(p => p.Name)];

    /// <summary>The job with rates of one sample, its interval between checkpoints kept.</summary>
    /// <param name="seed">What samples are derived from.</param>
    /// <param name="sample">Which one.</param>
    internal ReliabilityModel Drawn(ulong seed, ulong sample)
    {
        var factors = new double[places.Length];
        Draw(seed, sample, factors);
        return model with { CheckpointInterval = model.Interval, Processes = [.. model.Processes.Select((p, i) => p with { Rate = p.Rate * factors[i] })] };
    }

    void Draw(ulong seed, ulong sample, double[] factors)
    {
        Array.Fill(factors, 1);
        for (var k = 0; k < figures.Count; k++)
        {
            var factor = figures[k].Quantile(CostSampling.Unit(seed, (sample * (ulong)figures.Count) + (ulong)k)) / figures[k].Value;
            for (var i = 0; i < factors.Length; i++)
                if (places[i] == k) factors[i] = factor;
        }
    }

    double With(int figure, double value) => ShareOf([.. places.Select(p => p == figure ? value / figures[figure].Value : 1)]);

    double ShareOf(double[] factors) => known > 0 ? Value * model.EffectiveWith(factors, interval) / known : 0;

    double StopsOf(double[] factors)
    {
        var sum = 0.0;
        for (var i = 0; i < factors.Length; i++)
            if (model.Processes[i].Consequence is FailureConsequence.Interrupts or FailureConsequence.Corrupts) sum += factors[i] * model.Processes[i].Total.PerSecond;
        return sum;
    }

    int Place(FailureProcess process)
    {
        if (process.Cause?.Figure is not { IsCertain: false, Value: > 0 } figure) return -1;
        var known = figures.FindIndex(f => f.Key == figure.Key);
        if (known >= 0) return known;
        figures.Add(figure);
        return figures.Count - 1;
    }
}
