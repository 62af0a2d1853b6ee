using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using static Lightloom.Cli.EvaluationReport;

namespace Lightloom.Cli;

/// <summary>Prints what <c>reliability</c> found.</summary>
static class ReliabilityReport
{
    const int MostMends = 10, MostDrivers = 8;

    public static void Write(TextReport report, ReliabilityStudy study)
    {
        var (model, forecast) = (study.Model, study.Forecast);
        report.Title($"{study.Evaluation.Build.Document.Design.Name}: reliability");
        report.Say($"{study.Accelerators:N0} accelerators{(study.Evaluation.Together is { Method: { } method } all ? $" of {all.Sites.Count} sites that share the job by {method.Method.Name}" : "")} are interrupted {(forecast.AllInterruptions.PerSecond > 0 ? "every " : "")}{Time(forecast.AllInterruptions.MeanTime, "G3")}, " +
            $"{Number(study.PerThousandSystemDays, 3)} times in a thousand system-days.");
        Verdict(report, study);

        report.Heading("What fails");
        var processes = model.Processes.Where(p => p.Count > 0).ToList();
        report.Table(["process", "kind", "the job", ">parts", ">one's mean time", ">of all"], processes.Select(p => new[]
        {
            p.Name, Kind(p.Kind), Consequence(p), $"{p.Count:N0}", Time(p.Rate.MeanTime, "G3 yr"), Time(p.Total.MeanTime, "G3"),
        }));

        report.Heading("Blast radius of one failure, in accelerators");
        report.Table(["process", ">lose a path", ">cut off", ">systems drained", ">for", ">cut off, hours a year"], processes.Where(p => p.LosePaths + p.CutOff > 0).Select(p => new[]
        {
            p.Name, Parts(p.LosePaths), Parts(p.CutOff), p.Systems > 0 ? $"{p.Systems:N0}" : "", p.Repair.ToString("G3"), p.CutOff > 0 ? Count(p.CutOffHoursPerYear) : "",
        }));

        report.Heading("Where the time goes");
        report.Table(["share of wall time", ">closed form", ""], forecast.Shares.Where(s => s.Share > 0).Select(s => new[]
        {
            s.Name, Percent(s.Share), new string('#', (int)Math.Round(50 * s.Share)),
        }));
        foreach (var doubt in forecast.Doubts) report.Say($"- {doubt}.", 2);
        if (forecast.Doubts.Count == 0) report.Say("The closed form holds here: no share that it takes as small is large.");

        if (study.Rates.Drivers is { Count: > 0 } drivers)
        {
            report.Heading("What rates and times leave open");
            report.Table(["figure", ">value (low to high)", "", ">counted", ">progress at low", ">at high", "grade"], drivers.Take(MostDrivers).Select(d => new[]
            {
                d.Figure.Key, $"{Number(d.Figure.Value, 3)} ({Number(d.Figure.Least, 3)}-{Number(d.Figure.Most, 3)})", d.Figure.Unit == "/yr" ? "a year" : d.Figure.Unit, d.Figure.Counted is { } c ? $"{c.Events:N0}" : "", Percent(d.Low), Percent(d.High),
                Catalog.Documents.DocumentShape.NameOf(d.Figure.Grade),
            }));
            report.Say($"One figure at an end of its range, or of what its count of events leaves open where that is wider, all others at their value.{(study.Rates.Certain is { Count: > 0 } certain ? $" Without a range: {string.Join(", ", certain)}." : "")}");
        }

        report.Heading("Checkpoints");
        report.Say($"The job waits {forecast.Write.ToString("G3")} for one, and writes one every {forecast.Interval.ToString("G4")} of work. A recovery takes {forecast.MeanRecovery.ToString("G3")} on the mean, failures during it counted.");
        if (study.Intervals.Count > 0)
            report.Table(["interval", ">work between two", ">exact share", ">first order"], study.Intervals.Select(c => new[]
            {
                c.Name, c.Interval.ToString("G5"), Percent(c.Exact), c.FirstOrder > 0 ? Percent(c.FirstOrder) : "below 0",
            }));

        if (!forecast.FirstOrderHolds)
            report.Say($"First order, as the literature writes E[ETTR], is {Number(100 * ((forecast.FirstOrder / forecast.Stretches) - 1), 2)} % off the exact form: interruptions aren't rare against recovery and interval.");

        report.Heading("Spares");
        Spares(report, study);

        if (study.Availability is { } a)
        {
            report.Heading("Availability of pairs and planes");
            report.Table(["pair", ">apart a year", ">fabric", ">with its cards"], a.Pairs.Select(p => new[]
            {
                p.Pair, Duration.FromMinutes(p.MinutesApart).ToString("G3"), Nines(p.Fabric), Nines(p.WithCards),
            }));
            report.Say($"A card has {(a.Ways == 1 ? "one way" : $"{a.Ways} separate ways")} into the fabric. {(a.Planes == 1 ? "The fabric" : "A plane")} is whole {Percent(a.PlaneWhole)} of the time; {Nines(a.PlanePorts)} of its host ports work on the mean.");
        }

        if (study.Mends.Count > 0)
        {
            report.Heading("What would gain most");
            report.Table(["change", ">effective", ">gains"], study.Mends.Take(MostMends).Select(m => new[] { m.Say, Percent(m.Effective), $"{Number(100 * m.Gains, 3)} points" }));
        }
        if (study.Simulated is { } simulated) Simulated(report, study, simulated);
    }

    static void Verdict(TextReport report, ReliabilityStudy study)
    {
        var forecast = study.Forecast;
        if (forecast.Progresses)
        {
            report.Say($"It makes progress {Percent(forecast.Effective)} ({Percent(study.Rates.Low)} to {Percent(study.Rates.High)}) of the time; in the range lie nine in ten samples of rates and times that aren't known better.");
        }
        else
        {
            report.Say(forecast.Write >= forecast.Interruptions.MeanTime
                ? $"It makes no progress: a checkpoint takes {forecast.Write.ToString("G3")}, longer than the {forecast.Interruptions.MeanTime.ToString("G3")} between two interruptions; what luck leaves is {Percent(forecast.Effective)} of the time."
                : $"It makes no progress: {Percent(forecast.Effective)} of the time counts.");
        }
        if (study.ToMakeProgress.Count == 0)
        {
            if (!forecast.Progresses) report.Say("No change alone lets half of the time count: fewer accelerators, faster checkpoints and faster restarts are needed together.");
            return;
        }
        report.Say("Half of the time would count with one of:");
        foreach (var way in study.ToMakeProgress) report.Say($"- {way}", 2);
    }

    static void Spares(TextReport report, ReliabilityStudy study)
    {
        var model = study.Model;
        var pool = new SparePool(model.Drains, model.Spares ?? 0);
        var enough = study.EnoughSpares;
        var holds = enough is { } n ? $"with {n:N0} spares the job waits at most 0.1 % of the time" : "no number of spares keeps waiting below 0.1 %";
        if (model.Spares is not { } spares)
        {
            report.Say($"{Number(pool.MeanOut, 3)} systems are out for repair on the mean; the design doesn't say how many spares stand by, and enough are assumed: {holds}.");
            return;
        }
        report.Say($"{Number(pool.MeanOut, 3)} systems are out for repair on the mean, and {spares:N0} spares stand by: more are out than that {Percent(pool.Exceeded)} of the time; " +
            (model.OnShortage == ShortagePolicy.Wait
                ? $"the job waits {Percent(pool.Waiting)} of the time{(pool.IsErlang ? "" : " (approximated: some failures drain several systems)")}; {holds}."
                : $"the job then goes on with fewer replicas, at {Percent(pool.Shrinking(model.Replicas, model.SystemsPerReplica).Pace)} of its pace on the mean."));
    }

    static void Simulated(TextReport report, ReliabilityStudy study, SimulatedRuns runs)
    {
        // Runs that draw rates are held against samples of the closed form that do.
        var (forecast, closed) = (study.Forecast, study.ClosedFor(runs));
        report.Heading($"Simulation: {runs.Runs.Count:N0} runs of {runs.Horizon.ToString("G3 yr")}");
        report.Table(["", ">closed form", ">simulated"],
        [
            ["progress", Percent(closed), $"{Percent(runs.Effective)} +- {Percent(runs.StandardError)}"],
            ["nine runs in ten", "", $"{Percent(runs.Quantile(0.05))} to {Percent(runs.Quantile(0.95))}"],
            ["interruptions a run", Number(forecast.AllInterruptions * runs.Horizon, 4), Number(runs.Interruptions, 4)],
            ["waiting for a repair", Percent(forecast.Shares[1].Share), Percent(runs.Waiting)],
            ["planned restarts", Percent(forecast.Shares[2].Share), Percent(runs.Planned)],
            ["detection and restart", Percent(forecast.Shares[3].Share), Percent(runs.Recovering)],
        ]);
        if (runs.Effective > 0)
        {
            var off = (closed / runs.Effective) - 1;
            if (runs.DrewRates) report.Say($"Each run draws its rates and times; of the closed form this is the mean of {study.Rates.Samples:N0} samples of them, and the rest with figures as they are believed.");
            report.Say($"The closed form is {Number(100 * off, 2)} % off the simulation" + (Math.Abs(off) <= 0.02 ? "." : ": more than 2 %, so that the simulation is the one to believe."));
        }
    }

    static string Kind(FailureKind kind) => kind switch
    {
        FailureKind.HardFailure => "hard",
        FailureKind.Flap => "flap",
        FailureKind.Degradation => "degradation",
        _ => "silent",
    };

    static string Consequence(FailureProcess p) => p.Consequence switch
    {
        FailureConsequence.Interrupts => "stops",
        FailureConsequence.Stalls => $"waits {p.Repair.ToString("G2")}",
        FailureConsequence.TakesBandwidth => $"{Percent(p.Slowdown)} slower",
        FailureConsequence.Slows => $"{Percent(p.Slowdown)} slower",
        FailureConsequence.Separates => "goes on with what is left",
        _ => $"in vain {p.Detection.ToString("G2")}",
    };

    static string Parts(double count) => count > 0 ? $"{Math.Ceiling(count):N0}" : "";

    // As many digits as there are nines, and two more.
    static string Nines(double share)
    {
        var missing = 1 - share;
        var digits = missing > 0 ? Math.Clamp((int)Math.Ceiling(-Math.Log10(missing)), 1, 13) : 13;
        return FormattableString.Invariant($"{Math.Round(100 * share, digits)} %");
    }
}
