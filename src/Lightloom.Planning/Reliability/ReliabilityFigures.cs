// The uncertain figures that a job under failures rests on, and what is left with each of them at a value of its own.
//
//   figures     of each process its rate, and the times and shares that it goes by; of the job its checkpoints' bandwidth and its restart. A figure that
//               several processes rest on is one, and moves them together
//   with them   everything that they move times value / believed value, a checkpoint's time by its inverse; interval and spares as they were chosen by what was believed
//
// Waiting for spares is not in the share: who counts it asks for the job with these figures (RateSampling.cs).

using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>Uncertain figures of a job under failures; see the head of this file. Immutable.</summary>
public sealed class ReliabilityFigures
{
    readonly ReliabilityModel model;
    readonly List<CostFigure> figures = [];
    readonly List<string> certain = [];
    readonly int[] places; // role r of process i at [Roles · i + r]
    readonly int write, restart;
    readonly double interval;

    /// <summary>Collects a job's figures.</summary>
    /// <param name="model">The job.</param>
    public ReliabilityFigures(ReliabilityModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        this.model = model;
        interval = model.Interval.Seconds;
        places = new int[FigureFactors.Roles * model.Processes.Count];
        for (var i = 0; i < model.Processes.Count; i++)
        {
            var (p, at) = (model.Processes[i], FigureFactors.Roles * i);
            var happens = p.Total.PerSecond > 0;
            places[at + (int)FigureRole.Rate] = Place(p.Cause?.Figure, happens ? p.Name : null);
            places[at + (int)FigureRole.Detection] = Place(p.DetectionFigure, happens && p.Detection > Duration.Zero ? $"time to notice {p.Name}" : null);
            places[at + (int)FigureRole.Repair] = Place(p.RepairFigure, happens && (p.LastsUntilRepaired || (p.Systems > 0 && model.Spares is not null)) && p.Repair > Duration.Zero ? $"repair of {p.Name}" : null);
            places[at + (int)FigureRole.Slowdown] = Place(p.SlowdownFigure, null);
        }
        write = Place(model.WriteFigure, model.CheckpointWrite > Duration.Zero ? "time to write a checkpoint" : null);
        restart = Place(model.RestartFigure, model.Restart > Duration.Zero ? "restart" : null);
        if (model.HotSwap is not null) certain.Add("swap of a spare");
    }

    /// <summary>The figures, each once.</summary>
    public IReadOnlyList<CostFigure> Figures => figures;

    /// <summary>What has neither a range nor a count, so that it is taken as it is: processes by their rate, and times.</summary>
    public IReadOnlyList<string> Certain => [.. certain.Distinct()];

    /// <summary>Share of the time that makes progress, waiting for spares left out. Allocates nothing.</summary>
    /// <param name="values">One for each of <see cref="Figures"/>, in its unit; empty for what is believed.</param>
    public double EffectiveOf(ReadOnlySpan<double> values)
    {
        if (values.IsEmpty) return model.EffectiveWith(default, interval);
        Span<double> factors = stackalloc double[figures.Count];
        return model.EffectiveWith(FactorsOf(values, factors), interval);
    }

    /// <summary>Interruptions, silent errors counted.</summary>
    /// <param name="values">One for each of <see cref="Figures"/>, in its unit.</param>
    public FailureRate StopsOf(ReadOnlySpan<double> values)
    {
        Span<double> factors = stackalloc double[figures.Count];
        return model.StopsWith(FactorsOf(values, factors));
    }

    /// <summary>The job with these figures, its interval between checkpoints kept.</summary>
    /// <param name="values">One for each of <see cref="Figures"/>, in its unit.</param>
    public ReliabilityModel With(ReadOnlySpan<double> values)
    {
        var room = new double[figures.Count];
        var factors = FactorsOf(values, room);
        var processes = new FailureProcess[model.Processes.Count];
        for (var i = 0; i < processes.Length; i++)
        {
            var p = model.Processes[i];
            processes[i] = p with
            {
                Rate = p.Rate * factors.Of(i, FigureRole.Rate),
                Detection = p.Detection * factors.Of(i, FigureRole.Detection),
                Repair = p.Repair * factors.Of(i, FigureRole.Repair),
                Slowdown = p.Slowdown * factors.Of(i, FigureRole.Slowdown),
            };
        }
        return model with { CheckpointInterval = model.Interval, CheckpointWrite = model.CheckpointWrite * factors.Write, Restart = model.Restart * factors.Restart, Processes = processes };
    }

    FigureFactors FactorsOf(ReadOnlySpan<double> values, Span<double> factors)
    {
        for (var k = 0; k < factors.Length; k++) factors[k] = values[k] / figures[k].Value;
        return new(places, factors, write >= 0 ? 1 / factors[write] : 1, restart >= 0 ? factors[restart] : 1);
    }

    // The figure's place, -1 where it is certain: then its name is kept, if it has one here.
    int Place(CostFigure? figure, string? name)
    {
        if (figure is not { IsCertain: false, Value: > 0 })
        {
            if (name is not null) certain.Add(name);
            return -1;
        }
        var known = figures.FindIndex(f => f.Key == figure.Key);
        if (known >= 0) return known;
        figures.Add(figure);
        return figures.Count - 1;
    }
}
