using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>A checkpoint interval by one formula, and what it keeps.</summary>
/// <param name="Name">Whose formula.</param>
/// <param name="Interval">The interval.</param>
/// <param name="Exact">Share of time that makes progress with it, exactly, interruptions and checkpoints alone.</param>
/// <param name="FirstOrder">The same to first order; below 0 where that does not hold.</param>
public sealed record IntervalChoice(string Name, Duration Interval, double Exact, double FirstOrder);

/// <summary>A design's job under failures: what fails, what it costs, what would mend it.</summary>
public sealed record ReliabilityStudy
{
    /// <summary>The design, evaluated; of several sites the job is that of all of them, by the method that shares it.</summary>
    public required Evaluation Evaluation { get; init; }

    /// <summary>The job and what fails under it.</summary>
    public required ReliabilityModel Model { get; init; }

    /// <summary>What to expect.</summary>
    public required ReliabilityForecast Forecast { get; init; }

    /// <summary>What rates leave open of it.</summary>
    public required RateSampling Rates { get; init; }

    /// <summary>Intervals between checkpoints by formula; empty where nothing interrupts the job.</summary>
    public required IReadOnlyList<IntervalChoice> Intervals { get; init; }

    /// <summary>Availability of pairs and planes; null for what is no folded Clos.</summary>
    public required FabricAvailability? Availability { get; init; }

    /// <summary>Changes that gain, most first.</summary>
    public required IReadOnlyList<ReliabilityMend> Mends { get; init; }

    /// <summary>What alone would let the job move; empty where it does.</summary>
    public required IReadOnlyList<string> ToMakeProgress { get; init; }

    /// <summary>The job played out; null unless asked for.</summary>
    public SimulatedRuns? Simulated { get; init; }

    /// <summary>The effective share that runs are held against: the forecast, or the mean of its samples where each run drew its rates.</summary>
    /// <param name="runs">The runs.</param>
    public double ClosedFor(SimulatedRuns runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        return runs.DrewRates ? Rates.Mean : Forecast.Effective;
    }

    /// <summary>Spares with which the job waits for repairs at most a thousandth of the time; null where a hundred thousand don't do it.</summary>
    public int? EnoughSpares => SparePool.Enough(Model.Drains, 0.001);

    /// <summary>Accelerators that the job runs on, of all sites.</summary>
    public long Accelerators => AcceleratorsOf(Evaluation);

    /// <summary>Interruptions in a thousand days of one system.</summary>
    public double PerThousandSystemDays
    {
        get
        {
            var systems = Math.Ceiling((double)Accelerators / Evaluation.Operation!.System.Accelerators);
            return Forecast.AllInterruptions.PerSecond * 86400 * 1000 / systems;
        }
    }

    /// <summary>Studies a design.</summary>
    /// <param name="document">The design.</param>
    /// <param name="evaluator">Evaluates it.</param>
    /// <exception cref="InputException">The design has no job, or asks for what can't be.</exception>
    public static ReliabilityStudy Of(DesignDocument document, Evaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(evaluator);
        var evaluation = evaluator.Evaluate(document);
        if (evaluation.Outcome is not { } outcome) throw new InputException($"'{document.Design.Name}' has no job that failures could stop");
        var site = evaluation.Operation!.ModelOf(outcome.Step, new());
        var model = evaluation.Together?.Reliability ?? site;
        var forecast = model.Forecast();
        return new()
        {
            Evaluation = evaluation,
            Model = model,
            Forecast = forecast,
            Rates = new(model),
            Intervals = IntervalsOf(model, forecast),
            Availability = FabricAvailability.Of(evaluation.Build.Plan, site.Processes),
            Mends = ReliabilityMends.Of(model),
            ToMakeProgress = ReliabilityMends.ToMakeProgress(model, (int)AcceleratorsOf(evaluation)),
        };
    }

    static long AcceleratorsOf(Evaluation evaluation) => evaluation.Together?.Accelerators ?? evaluation.Operation!.Job.Accelerators;

    static List<IntervalChoice> IntervalsOf(ReliabilityModel model, ReliabilityForecast forecast)
    {
        var (rate, write) = (model.Interruptions, model.CheckpointWrite);
        if (rate.PerSecond <= 0 || write.Seconds <= 0) return [];
        var stops = model.Stops;
        var recovered = CheckpointIntervals.Recovered(stops);
        var recovery = Duration.FromSeconds(stops.Sum(s => s.Rate.PerSecond * s.Recovery.Seconds) / rate.PerSecond);
        IntervalChoice Choice(string name, Duration interval) =>
            new(name, interval, CheckpointIntervals.Share(rate, write, interval, recovered), Goodput.FirstOrder(rate, write, recovery, interval));
        List<IntervalChoice> choices =
        [
            Choice("Young", CheckpointIntervals.Young(rate, write)),
            Choice("Daly", CheckpointIntervals.Daly(rate, write)),
            Choice("exact best", CheckpointIntervals.Optimum(rate, write)),
        ];
        if (model.CheckpointInterval is not null) choices.Add(Choice("the design's", forecast.Interval));
        return choices;
    }
}
