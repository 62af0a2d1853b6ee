using Lightloom.Planning.MultiSite;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using Lightloom.Workloads.Sites;

namespace Lightloom.Cli;

/// <summary>The report of <c>sites</c>.</summary>
sealed class SitesPlanReport(TextReport report, SitesPlan plan)
{
    public void Write(SiteFailures failures, IReadOnlyList<SiteSplit> splits, FibreComparison fibres)
    {
        var study = plan.Study;
        report.Title($"{study.Name}: one job over {study.Network.Sites.Count} sites");
        report.Say($"{study.Model.Name}, {study.TokensPerStep / 1e6:0.##} M tokens a step; {string.Join(", ", study.Network.Sites.Select((s, i) => $"{s} {study.Accelerators[i]:N0} accelerators"))}; " +
            $"a step of one site by itself {study.Work.Step.ToString("G4")}.");
        Routes();
        Lines();
        Methods(report, plan);
        Crossing();
        Splits(splits);
        Fibres(fibres);
        Failures(failures);
        report.Heading("Assumed");
        foreach (var assumption in study.Assumptions) report.Say($"- {assumption}", 2);
        report.Say("- prices of fibre, waves and huts, cuts and repairs: lightloom catalog route-defaults default; change them in routeAssumptions", 2);
    }

    /// <summary>What <c>evaluate</c> says of sites.</summary>
    public static void Summary(TextReport report, SitesPlan plan)
    {
        report.Heading("Sites: the job shared over all of them");
        report.Table(["route", ">fibre", ">bandwidth", ">one way", ">available", "lit by"], plan.Study.Routes.Select(r => new[]
        {
            r.Name, r.Length.ToString("G4"), r.Bandwidth.ToString("G4"), r.Delay.ToString("G4"), EvaluationReport.Percent(r.Availability), LitBy(r),
        }));
        if (plan.Capital.Value > Money.Zero || plan.Yearly.Value > Money.Zero)
        {
            report.Say($"The routes cost {EvaluationReport.Range(plan.Capital)} without spares and {EvaluationReport.Range(plan.Yearly)} a year of fibre or waves, and draw {plan.Power.ToString("G3")}; all of it is in the cost above.");
        }
        Methods(report, plan);
    }

    static string LitBy(RoutePlan route) => route switch
    {
        { Line: { } line } => $"{line.Channels:N0} {line.Mode.Name} over {line.Spans} {(line.Spans == 1 ? "span" : "spans")}",
        { Waves: { } waves } => $"{waves.Count:N0} leased waves",
        _ => "not said",
    };

    void Routes()
    {
        report.Heading("Routes");
        report.Table(["route", ">length", ">bandwidth", ">one way", ">round trip", ">on the way", ">available"], plan.Study.Routes.Select(r => new[]
        {
            r.Name, r.Length.ToString("G4"), r.Bandwidth.ToString("G4"), r.Delay.ToString("G4"), r.RoundTrip.ToString("G4"), r.OnTheWay.ToString("G3"), EvaluationReport.Percent(r.Availability),
        }));
        report.Table(["route", "fibre", "lit by", ">capital", ">a year", ">power"], plan.Study.Routes.Select(r => new[]
        {
            r.Name, r.Fibre.Key, LitBy(r), Price(r.Capital), Price(r.Yearly), r.Power > Power.Zero ? r.Power.ToString("G3") : "",
        }));
        var unpriced = plan.Study.Routes.SelectMany(r => r.Unpriced).Distinct().ToList();
        if (unpriced.Count > 0) report.Say($"Without a price, and counted as nothing: {string.Join(", ", unpriced)}.");

        static string Price(Planning.CostRange price) => price.Value > Money.Zero ? EvaluationReport.Range(price) : "";
    }

    void Lines()
    {
        var lines = plan.Study.Routes.Where(r => r.Line is not null).ToList();
        if (lines.Count == 0) return;
        report.Heading("Line systems, by the Gaussian-noise model");
        report.Table(["route", "module", ">spans", ">channels", ">a pair carries", ">GSNR", ">margin", ">amplifiers"], lines.Select(r => new[]
        {
            r.Name, r.Line!.Mode.Name, $"{r.Line.Spans} x {r.Line.SpanLength.ToString("G3")}", $"{r.Line.Channels:N0} of {r.Line.Pairs} x {r.Line.ChannelsOfPair}",
            r.Line.PairCapacity.ToString("G4"), $"{r.Line.Verdict.Worst.Quality.Gsnr.Si:0.0}", $"{r.Line.Verdict.Margin.Si:0.0}", $"{r.Line.Amplifiers:N0}",
        }));
        foreach (var route in lines.Where(r => r.Line!.Sections > 1))
            report.Say($"- {route.Name}: light is made new at {route.Line!.Sections - 1} places, {route.Line.Transceivers:N0} modules in all", 2);
        report.Say("GSNR in 0.1 nm and margin of the worst channel, in dB, with the whole band lit; 'lightloom link line' studies a line in full.");
    }

    static void Methods(TextReport report, SitesPlan plan)
    {
        report.Heading("Methods");
        var able = plan.Methods.Where(m => m.Forecast is not null).ToList();
        report.Table(["method", ">sent a step", ">on the mean", ">step", ">utilisation", ">tokens/s", "over"], able.Select(m => new[]
        {
            m.Method.Title, m.Forecast!.Sent.ToString("G3"), m.Forecast.Mean.ToString("G3"), m.Forecast.Step.ToString("G4"), EvaluationReport.Tenths(m.Forecast.Utilisation),
            EvaluationReport.Count(m.TokensPerSecond), m.Together ? "all routes" : "fastest",
        }));
        foreach (var method in plan.Methods.Where(m => m.Broken is not null)) report.Say($"- {method.Method.Name} is left out: {method.Broken}.", 2);
        if (plan.FastestExact is { } exact)
            report.Say($"With the same sums as in one site {exact.Method.Name} is fastest: {EvaluationReport.Tenths(exact.Forecast!.Utilisation)} of what the accelerators could do, {EvaluationReport.Count(exact.TokensPerSecond)} tokens/s.");
        if (plan.Fastest is { SameSums: false } fastest)
            report.Say($"With local steps {fastest.Method.Name} gives {EvaluationReport.Count(fastest.TokensPerSecond)} tokens/s; its price in quality: {fastest.Method.PublishedPrice}.");
    }

    void Crossing()
    {
        var exact = plan.Methods.Where(m => m is { Forecast: not null, SameSums: true }).ToList();
        if (exact.Count < 2) return;
        report.Heading("Which axis crosses");
        var best = exact.MaxBy(m => m.TokensPerSecond)!;
        foreach (var m in exact)
        {
            var need = BandwidthNeed.For(m.Method, plan.Study.Work, plan.Study.Network, 0.9);
            report.Say($"{(m == best ? "»" : " ")} {m.Method.Name}: {m.Forecast!.Sent.ToString("G3")} a step between sites; for 90 % each route needs {(need is { } n ? n.ToString("G3") : "more than any bandwidth")}.");
            if (m.Forecast.Note is { } note) report.Say($"    {note}", 4);
        }
    }

    void Splits(IReadOnlyList<SiteSplit> splits)
    {
        report.Heading("How many accelerators where");
        report.Table(["accelerators", ">tokens/s", "same sums by", ">with local steps", "by"], splits.Select(s => new[]
        {
            s.Name, s.Reason is null ? EvaluationReport.Count(s.TokensPerSecond) : "-", s.Exact?.Method.Name ?? "", s.Fastest is { } f ? EvaluationReport.Count(f.TokensPerSecond) : "", s.Fastest?.Method.Name ?? "",
        }));
        foreach (var split in splits.Where(s => s.Reason is not null)) report.Say($"- {split.Name}: {split.Reason}", 2);
        var alone = splits[1].TokensPerSecond;
        var best = splits.Skip(2).Where(s => s.Reason is null).MaxBy(s => s.TokensPerSecond);
        if (best is null || alone <= 0) return;
        report.Say(best.TokensPerSecond > alone
            ? $"Best split: {best.Name}, {best.TokensPerSecond / alone:0.00} times {splits[1].Name}" + (splits[0].TokensPerSecond > 0 ? $" and {EvaluationReport.Tenths(best.TokensPerSecond / splits[0].TokensPerSecond)} of all in one place." : ".")
            : $"With the same sums {splits[1].Name} is faster than any split: the other sites cost more time than they save.");
    }

    void Fibres(FibreComparison fibres)
    {
        report.Heading($"On {fibres.Fibre.Name}");
        if (fibres.Reason is { } reason)
        {
            report.Say($"It can't be: {reason}.");
            return;
        }
        report.Table(["route", ">one way", ">saved", ">fewest spans", ">instead of", ">reach at its spans", ">instead of", ">capital"], fibres.Other.Select((o, i) => new[]
        {
            o.Plan.Name, o.Plan.Delay.ToString("G4"), (fibres.Own[i].Plan.Delay - o.Plan.Delay).ToString("G3"), Spans(o), Spans(fibres.Own[i]), Reach(o), Reach(fibres.Own[i]), EvaluationReport.Range(o.Plan.Capital),
        }));
        report.Table(["method", ">utilisation", ">instead of"], fibres.Plan!.Methods.Select((m, i) => (m, own: plan.Methods[i])).Where(p => p.m.Forecast is not null && p.own.Forecast is not null).Select(p => new[]
        {
            p.m.Method.Name, EvaluationReport.Tenths(p.m.Forecast!.Utilisation), EvaluationReport.Tenths(p.own.Forecast!.Utilisation),
        }));

        static string Spans(RouteOnFibre route) => route.FewestSpans is { } n ? $"{n}" : "";
        static string Reach(RouteOnFibre route) => route.Reach is { } r ? r.Reach.ToString("G4") : "";
    }

    void Failures(SiteFailures failures)
    {
        report.Heading("When a route or a site fails");
        var methods = failures.States[0].Left.Select(l => l.Method.Name).ToList();
        report.Table(["down", ">of the time", .. methods.Select(m => $">{Short(m)}")], failures.OneDown.Select(s => (string[])
        [
            string.Join(", ", s.Down), EvaluationReport.Percent(s.Share), .. s.Left.Select(l => EvaluationReport.Tenths(l.Kept)),
        ]));
        var waits = SitesTogether.PolicyOf(plan) == LostSitePolicy.Wait;
        report.Say($"Rate kept of that with all up. {(waits ? "Methods that sum every step wait for the repair of a site or of its last route (recovery.onLostSite)" : "Of methods that sum every step the sites that are still joined and have most accelerators start again without the others, except a pipeline that has lost a part of the model")}; " +
            $"methods of local steps don't stop, and sites that are cut off train on alone, which counts for {SiteFailures.StepsAlone:N0} steps, {failures.Alone.ToString("G3")}.");
        var forecasts = methods.Select(m => plan.Methods.First(p => p.Method.Name == m)).Select(m => (Method: m, Forecast: SitesTogether.ReliabilityOf(plan, failures, m).Forecast())).ToList();
        report.Table(["in the long run", .. methods.Select(m => $">{Short(m)}")],
        [
            ["rate lost", .. methods.Select(m => EvaluationReport.Percent(1 - failures.Kept(m)))],
            ["time without progress", .. methods.Select(m => EvaluationReport.Percent(1 - failures.Progresses(m)))],
            ["time that counts, all failures", .. forecasts.Select(f => EvaluationReport.Percent(f.Forecast.Effective))],
            ["tokens/s with all failures", .. forecasts.Select(f => EvaluationReport.Count(f.Method.TokensPerSecond * f.Forecast.Effective))],
        ]);
        report.Say($"Two failures at once are counted as well; more, {EvaluationReport.Percent(failures.Beyond)} of the time, count as no progress. All failures: those inside the sites too, and restarts; 'lightloom reliability' lists them for the method that 'evaluate' and 'cost' take.");

        static string Short(string method) => method.Length <= 13 ? method : method.Split('-')[0];
    }
}
