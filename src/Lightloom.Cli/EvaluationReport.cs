using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Planning;
using Lightloom.Planning.Costs;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Cli;

/// <summary>The report of <c>evaluate</c> in words and tables.</summary>
static class EvaluationReport
{
    public static void Write(TextWriter writer, Evaluation evaluation)
    {
        var report = new TextReport(writer);
        var design = evaluation.Build.Document.Design;
        report.Title(design.Name);
        if (design.Description is { } description) report.Say(description.Trim());
        report.Say($"result {evaluation.Id}, models version {Evaluation.ModelVersion}");
        Summary(report, evaluation);
        Findings(report, evaluation);
        Fabric(report, evaluation);
        Links(report, evaluation);
        if (evaluation.Outcome is { } outcome)
        {
            Step(report, evaluation, outcome.Step);
            Goodput(report, evaluation, outcome);
        }
        Power(report, evaluation);
        OpticalEnergy(report, Planning.OpticalEnergy.Of(evaluation));
        Cost(report, evaluation);
        if (evaluation.Ledger is { } ledger) Ledger(report, ledger);
        if (evaluation.Sites is { } sites) SitesPlanReport.Summary(report, sites);
        Trust(report, evaluation);
    }

    static void Summary(TextReport report, Evaluation evaluation)
    {
        var plan = evaluation.Build.Plan;
        report.Heading("Summary");
        var rows = new List<string[]>
        {
            Row("cluster", $"{plan.AcceleratorCount:N0} {plan.Request.System.Accelerator.Name} in {plan.Request.Systems:N0} systems, {Plural(plan.SwitchCount, "switch", "switches")}, {plan.LinkCount:N0} links"),
        };
        if (evaluation.Outcome is { } outcome)
        {
            var step = outcome.Step;
            rows.Add(Row("step", $"{step.Time.ToString("G4")}  {Band(evaluation)}"));
            rows.Add(Row("throughput", $"{Count(step.TokensPerSecond)} tokens/s, {step.RatePerAccelerator(FlopConvention.Model).ToString("G3 TFLOP/s")} per accelerator ({Percent(Mfu(evaluation, step))} of peak)"));
            rows.Add(Row("with failures", $"{Count(outcome.EffectiveTokensPerSecond)} tokens/s: {Percent(outcome.Goodput.EffectiveShare)} of the time makes progress"));
        }
        rows.Add(Row("power", $"{evaluation.Power.InUse.ToString("G3")} of IT in use, {evaluation.Power.Provisioned.ToString("G3")} provisioned, PUE {evaluation.Build.Site.PowerUsageEffectiveness.Value:0.##}"));
        if (evaluation.Together is { } together) rows.Add(Row($"all {together.Sites.Count} sites", AllSites(together)));
        rows.Add(Row("capital", Range(evaluation.Economics.TotalCapital)));
        rows.Add(Row("accelerator-hour", Range(evaluation.Economics.PerAcceleratorHour)));
        if (evaluation.MillionTokens is { } tokens) rows.Add(Row("million tokens", Range(tokens)));
        report.Table(["", ""], rows);
        if (evaluation.Together is not null) report.Say("Capital, accelerator-hour and million tokens are those of all sites with the routes between them.");
        if (evaluation.Ledger is { } ledger) report.Say(ledger.Verdict);
    }

    static string AllSites(SitesTogether together) =>
        $"{together.Accelerators:N0} accelerators" +
        (together is { EffectiveTokensPerSecond: { } tokens, Method: { } method } ? $", {Count(tokens)} tokens/s by {method.Method.Name}: {Percent(together.Failures!.Effective)} of the time makes progress, routes and sites that fail counted" : "") +
        $", {together.Power.InUse.ToString("G3")} of IT in use with the routes";

    static void Findings(TextReport report, Evaluation evaluation)
    {
        if (evaluation.Findings.Count == 0) return;
        report.Heading("Findings");
        foreach (var finding in evaluation.Findings)
        {
            report.Say($"{DocumentShape.NameOf(finding.Severity)}: {finding.Message}.", 2);
            if (finding.Mend is { } mend) report.Say($"  mend: {mend}.", 4);
        }
    }

    static void Fabric(TextReport report, Evaluation evaluation)
    {
        var (plan, floor) = (evaluation.Build.Plan, evaluation.Build.Floor);
        report.Heading($"Fabric: {plan.Topology}, {evaluation.Build.Protocol.Name}");
        report.Table(["tier", "switch", ">switches", ">down", ">up", ">radix", ">unused ports"], plan.Tiers.Select(t => new[]
        {
            t.Name, t.Switch.Name, $"{t.Count:N0}", $"{t.PortsDown}", $"{t.PortsUp}", $"{t.Radix}", $"{t.UnusedPorts:N0}",
        }));
        var balance = evaluation.Build.Balance;
        var spread = Enumerable.Range(0, plan.Locality.Count).Where(l => balance.Levels[l].Stages.Count > 0).ToList();
        string[] columns = ["within", ">accelerators", ">each, out of the level below", ">switches on the way"];
        report.Table(spread.Count > 0 ? [.. columns, ">balanced"] : columns, plan.Locality.Select((l, i) => (string[])
        [
            l.Name, $"{l.Accelerators:N0}", l.Bandwidth.ToString("G4 GB/s"), $"{l.SwitchHops}",
            .. spread.Count > 0 ? (string[])[spread.Contains(i) ? Percent(balance.Share(i).Expected) : ""] : [],
        ]));
        if (spread.Count > 0)
        {
            var least = spread.Min(l => balance.Share(l).AtLeast95);
            report.Say($"Balanced: what a collective that waits for the fullest link gets of that bandwidth under {evaluation.Build.Protocol.LoadBalancing.Name}; " +
                $"in 95 of 100 placements of flows at least {Percent(least)}.");
        }
        report.Say($"Bisection {Percent(plan.BisectionShare.Si)} of what the accelerators inject. {floor.SystemRacks:N0} racks of systems and " +
            $"{floor.NetworkRacks:N0} of switches in {Plural(floor.Rows, "row", "rows")} of {floor.RacksPerRow:N0}, {floor.AreaInSquareMeters:N0} m².");
    }

    static void Links(TextReport report, Evaluation evaluation)
    {
        report.Heading("Links: every cable at its length");
        var media = evaluation.Build.Links.SelectMany(Media).ToList();
        report.Table(
            ["links", "medium", ">count", ">length", ">margin", ">worst case", ">latency"],
            media.Select(m => new[] { m.Class, m.Name, $"{m.Count:N0}", m.Lengths, Decibel(m.Margin), Decibel(m.Worst), m.Latency }));
        report.Say("Margin: left of the loss budget of the worst cable with typical connectors; worst case: with each connector at its " +
            "limit. Latency: one way, FEC included, mean.");
        report.Table(
            ["links", "medium", ">Gb/s", ">W/link", ">pJ/bit", ">with host", ">FIT", ">USD/link"],
            media.Select(m => new[] { m.Class, m.Name, m.Rate, m.Watts, m.Energy, m.EnergyWithHost, m.Fit, m.Price }));
        report.Say("Both ends together, one link's share of modules that links share; with host: with the SerDes of both hosts.");
    }

    sealed record Medium(
        string Class, string Name, long Count, string Lengths, double Margin, double Worst, string Latency,
        string Rate, string Watts, string Energy, string EnergyWithHost, string Fit, string Price);

    /// <summary>Lengths of one medium in one class of links together.</summary>
    static IEnumerable<Medium> Media(LinkSummary summary) => summary.Groups.GroupBy(g => g.Link.Name).Select(media =>
    {
        var groups = media.ToList();
        var none = groups[0].Link.Class == MediaClasses.None;
        double count = groups.Sum(g => g.Count);
        double Mean(Func<LinkGroup, double> value) => groups.Sum(g => g.Count * value(g)) / count;
        var low = groups.Min(g => g.Link.PurchasableLength.Meters);
        var high = groups.Max(g => g.Link.PurchasableLength.Meters);
        return new Medium(
            summary.Class.Name,
            (none ? "nothing fits" : media.Key) + (groups.All(g => g.Link.Closes) ? "" : " (open)"),
            (long)count,
            low == high ? $"{Number(low, 3)} m" : $"{Number(low, 3)}-{Number(high, 3)} m",
            none ? double.NaN : groups.Min(g => g.Link.Margin.Si),
            none ? double.NaN : groups.Min(g => g.Link.WorstMargin.Si),
            Duration.FromSeconds(Mean(g => g.Link.Latency.Total.Seconds)).ToString("G3"),
            Number(summary.Class.Rate.GigabitsPerSecond, 4),
            Number(Mean(g => g.Link.Power.Watts), 3),
            Number(Mean(g => g.Link.EnergyPerBit.PicojoulesPerBit), 3),
            Number(Mean(g => g.Link.EnergyPerBitWithHost.PicojoulesPerBit), 3),
            Number(Mean(g => g.Link.FailureRate.Fit), 3),
            Number(Mean(g => g.Link.Price.Value.Dollars), 4));
    });

    static void Step(TextReport report, Evaluation evaluation, TrainingStep step)
    {
        var job = step.Job;
        var p = job.Parallelism;
        report.Heading("Step");
        report.Say($"{job.Model.Model.Name}: {Number(job.Model.Parameters / 1e9, 4)} billion parameters" +
            (job.Model.Model.Experts is null ? "" : $" ({Number(job.Model.ActiveParameters / 1e9, 4)} active)") +
            $", sequences of {job.Sequence:N0}, {job.GlobalBatch:N0} a step, {DocumentShape.NameOf(job.Precision)}, on {job.Accelerators:N0} accelerators.");
        report.Say($"tensor {p.Tensor}, context {p.Context}, expert {p.Expert}, pipeline {p.Pipeline} x {step.Interleave} chunks" +
            (step.Pipeline.Schedule is { } schedule ? $" in {DocumentShape.NameOf(schedule)}" : "") + $", data {job.DataParallel} " +
            $"({DocumentShape.NameOf(p.Sharding)}), microbatch {p.MicroBatch} x {job.MicroBatches}, recomputation {DocumentShape.NameOf(step.Recompute)}" +
            (evaluation.Operation!.Search is { } s ? $"; chosen among {s.Counts.Valid:N0} configurations." : "."));
        var rows = new List<string[]>();
        for (var i = 0; i < TrainingStep.PartCount; i++)
        {
            var time = step[(StepPart)i];
            if (time.Seconds <= 0) continue;
            var share = time / step.Time;
            rows.Add([StepParts.Name((StepPart)i, job.Model), time.ToString("G3"), Percent(share), new string('#', (int)Math.Round(share * 50))]);
        }
        report.Table(["part of the step", ">time", ">share", ""], rows);
        var m = step.Memory;
        var capacity = evaluation.Operation.Capacity;
        report.Say($"Memory on stage {m.Stage}: {m.Total.Gigabytes:0.0} of {capacity.Gigabytes:0.0} GB: weights {m.Weights.Gigabytes:0.0}, gradients {m.Gradients.Gigabytes:0.0}, " +
            $"optimiser {m.Optimizer.Gigabytes:0.0}, activations {m.Activations.Gigabytes:0.0}, temporary {m.Working.Gigabytes:0.0}, runtime {m.Runtime.Gigabytes:0.0}.");
        report.Say($"Rates per accelerator: {step.RatePerAccelerator(FlopConvention.Model).ToString("G3 TFLOP/s")} (6 per parameter, causal attention), " +
            $"{step.RatePerAccelerator(FlopConvention.ModelFullAttention).ToString("G3 TFLOP/s")} (attention over all pairs), " +
            $"{step.RatePerAccelerator(FlopConvention.SixTimesParameters).ToString("G3 TFLOP/s")} (6ND).");
    }

    static void Goodput(TextReport report, Evaluation evaluation, Outcome outcome)
    {
        var g = outcome.Goodput;
        report.Heading("Goodput");
        report.Table(["source of interruptions", ">parts", ">one part's mean time", ">of all"],
            evaluation.Operation!.Interruptions(new()).Select(s => new[]
            {
                s.Name, $"{s.Count:N0}", Time(s.Rate.MeanTime, "G3 yr"), Time(s.Total.MeanTime, "G3"),
            }));
        report.Say($"Interrupted {(g.Interruptions.PerSecond > 0 ? "every " : "")}{Time(g.Interruptions.MeanTime, "G3")}; {g.Recovery.ToString("G3")} to notice and restart; a checkpoint of " +
            $"{g.CheckpointWrite.ToString("G3")} every {g.CheckpointInterval.ToString("G3")}; waiting for flapping links {Percent(g.Stalled)}: " +
            $"effective {Percent(g.EffectiveShare)}.");
        if (evaluation.Economics is { TrainingTokens: { } tokens, TrainingRun: { } run })
        {
            var time = Duration.FromSeconds(tokens / evaluation.EffectiveTokensPerSecond!.Value);
            report.Say($"{tokens / 1e9:N0} billion tokens take {time.ToString("G3 d")} and cost {Range(run)}.");
        }
    }

    static void Power(TextReport report, Evaluation evaluation)
    {
        report.Heading("Power");
        var total = evaluation.Power.InUse;
        report.Table(["component", "layer", ">in use", ">share", ">provisioned"], evaluation.Power.Items.Where(i => i.Provisioned > Quantities.Power.Zero).Select(i => new[]
        {
            i.Name, DocumentShape.NameOf(i.Layer), i.InUse.ToString("G3"), Percent(i.InUse / total), i.Provisioned.ToString("G3"),
        }));
    }

    static void OpticalEnergy(TextReport report, OpticalEnergy energy)
    {
        report.Heading("Optical energy by denominator");
        report.Table(["links", ">count", ">power", ">pJ/bit end", ">link", ">with hosts", ">of IT power"], energy.Links.Select(l => new[]
        {
            l.Links, $"{l.Count:N0}", l.Power.ToString("G3"), Number(l.PerEnd.PicojoulesPerBit, 3), Number(l.PerLink.PicojoulesPerBit, 3),
            Number(l.PerLinkWithHost.PicojoulesPerBit, 3), Percent(l.ShareOfCluster.Si),
        }));
        if (energy.Boxes.Count > 0)
        {
            report.Table(["switch box", "switch", ">count", ">W a box", ">modules in it", ">pJ/bit of used ports"], energy.Boxes.Select(b => new[]
            {
                b.Tier, b.Switch, $"{b.Count:N0}", Number(b.Box.Watts, 4), b.Modules.ToString("G3"), b.PerBit is { } bit ? Number(bit.PicojoulesPerBit, 3) : "-",
            }));
        }
        report.Say($"All links: {energy.Power.ToString("G3")}, {Percent(energy.ShareOfCluster.Si)} of the IT power in use, {energy.PerAccelerator.ToString("G3")} for each accelerator. " +
            "A saving holds for the denominator that it is counted on.");
    }

    static void Cost(TextReport report, Evaluation evaluation)
    {
        var e = evaluation.Economics;
        report.Heading(evaluation.Together is { } all ? $"Cost: all {all.Sites.Count} sites with the routes between them" : "Cost");
        report.Table(["capital", ">count", ">spares", ">price", ">share", ">life", "grade"], e.Capital.Select(c => new[]
        {
            PartOf(c), CountOf(c), c.Spares > 0 ? $"{c.Spares:N0}" : "", Range(c.Price), Percent(c.Price.Value / e.TotalCapital.Value), c.Life.ToString("G3 yr"), DocumentShape.NameOf(c.Price.Weakest),
        }));
        report.Say($"A year: {Range(e.Yearly)}: capital {e.YearlyCapital.Value.ToString("G3")} at {Percent(evaluation.Build.Site.CostOfCapital.Value)}, " +
            $"support {e.YearlySupport.Value.ToString("G3")}, replaced parts {e.YearlyReplaced.Value.ToString("G3")}, energy {e.YearlyEnergy.Value.ToString("G3")} at {evaluation.Build.Site.Electricity.Value.ToString("G3 USD/kWh")}" +
            $"{(e.Model.HasPricedRoutes ? $", fibre and waves leased {e.YearlyLeased.Value.ToString("G3")}" : "")}. " +
            $"The network without its cards is {Percent(e.NetworkShareOfCapital.Value)} of the capital and {Percent(e.NetworkShareOfYear.Value)} of a year. " +
            "In ranges lie nine in ten samples; 'lightloom cost' says what moves them.");
        if (e.Model.HasPricedRoutes) report.Say($"Routes between sites: {Range(e.RoutesCapital)} of the capital and {Range(e.RoutesYearly)} of a year.");
        if (Unlit(e) is { } unlit) report.Say(unlit);
        if (evaluation.Unpriced.Count > 0) report.Say($"Without a price in the catalogue, so counted as nothing: {string.Join(", ", evaluation.Unpriced)}.");
    }

    /// <summary>Routes that are in no cost, for nothing is said of what lights them; null where there are none.</summary>
    internal static string? Unlit(ClusterCost cost) => cost.Model.Routes.Where(r => r.Items.Count == 0).Select(r => r.Name).ToList() is { Count: > 0 } unlit
        ? $"Routes that are only a bandwidth have no price, and count as nothing: {string.Join(", ", unlit)}; give them a line or waves."
        : null;

    static void Ledger(TextReport report, BottleneckLedger ledger)
    {
        report.Heading("Bottleneck ledger: what a tenth more of each resource gains");
        report.Table(["resource", "layer", ">gain", ">tokens/s", ">its cost", ">USD per token/s"], ledger.Entries.Select(e => new[]
        {
            e.Resource, DocumentShape.NameOf(e.Layer), Gain(e) ? $"{Number(100 * e.Gain, 3)} %" : "0 %", Gain(e) ? Count(e.TokensPerSecond) : "0",
            e.Cost?.ToString("G3") ?? "-", e.CostPerTokenPerSecond is { } c ? Number(c.Dollars, 3) : "-",
        }));
        report.Say(ledger.Verdict);

        // Less than a millionth is rounding, not a finding.
        static bool Gain(LedgerEntry entry) => Math.Abs(entry.Gain) >= 1e-6;
    }

    static void Trust(TextReport report, Evaluation evaluation)
    {
        report.Heading("How far to trust this");
        if (evaluation.Accuracy is { } accuracy)
        {
            report.Say($"The step model's median error on {accuracy.Rows} published steps is {Percent(accuracy.MedianError)}; nine in ten lie within {Percent(accuracy.Band)}, " +
                "each predicted by a fit that had not seen its model." +
                (accuracy.Outside.Count == 0 ? " This case lies within their range." : $" This case lies outside their range: {string.Join("; ", accuracy.Outside)}."));
        }
        report.Say($"Weakest grade that moves the cost: {DocumentShape.NameOf(evaluation.Economics.Yearly.Weakest)}. 'lightloom explain' lists every default and figure with its source.");
    }

    static string Band(Evaluation evaluation) => evaluation.Accuracy is { } a
        ? $"+-{Percent(a.Band)} (nine in ten of {a.Rows} published steps{(a.Outside.Count > 0 ? "; outside what was validated" : "")})"
        : "";

    static double Mfu(Evaluation evaluation, in TrainingStep step)
    {
        var accelerator = evaluation.Operation!.System.Accelerator;
        var peak = step.Job.Precision != Precision.Bf16 && accelerator.Fp8Peak is { } fp8 ? fp8.Value : accelerator.Bf16Peak.Value;
        return step.RatePerAccelerator(FlopConvention.Model) / peak;
    }

    internal static string Time(Duration time, string format) => double.IsFinite(time.Seconds) ? time.ToString(format) : "never";

    static string Plural(long count, string one, string many) => $"{count:N0} {(count == 1 ? one : many)}";

    static string[] Row(string name, string value) => [name, value];

    /// <summary>A price and its range in one unit: "2.08 (1.76-2.4) MUSD".</summary>
    internal static string Range(CostRange price)
    {
        var value = price.Value.ToString("G3");
        var unit = value[(value.IndexOf(' ') + 1)..];
        string In(Money money) => money.ToString("G3 " + unit).Split(' ')[0];
        return $"{In(price.Value)} ({In(price.Low)}-{In(price.High)}) {unit}";
    }

    /// <summary>What a line of capital is, as a price book would name it.</summary>
    internal static string PartOf(CapitalItem item) => item.Asset == AssetClass.Building ? "building" : item.IsRoute ? $"{item.Key} (routes)" : item.Key;

    /// <summary>How many there are of it; of a building, the power that it is made for.</summary>
    internal static string CountOf(CapitalItem item) => item.Asset == AssetClass.Building ? Quantities.Power.FromWatts(item.Count).ToString("G3") : $"{item.Count:N0}";

    internal static string Percent(double share) => share is > 0 and < 1e-6 ? "below 0.0001 %" : $"{Quantity.Round(100 * share, 3)} %";

    /// <summary>A share in per cent with one decimal; nothing where there is none.</summary>
    internal static string Tenths(double? share) => share is { } s ? (s * 100).ToString("0.0", CultureInfo.InvariantCulture) + " %" : "";

    internal static string Number(double value, int digits) => Quantity.Round(value, digits);

    internal static string Count(double value) => Math.Abs(value) switch
    {
        >= 1e9 => $"{Quantity.Round(value / 1e9, 3)} G",
        >= 1e6 => $"{Quantity.Round(value / 1e6, 3)} M",
        >= 1e3 => $"{Quantity.Round(value / 1e3, 3)} k",
        _ => Quantity.Round(value, 3),
    };

    static string Decibel(double value) => double.IsFinite(value) ? $"{value:0.00} dB" : "-";
}
