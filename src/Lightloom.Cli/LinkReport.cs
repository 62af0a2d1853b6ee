using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>The report of <c>link</c> in words and tables.</summary>
static class LinkReport
{
    const int MostLevers = 10;
    const int MostStatisticalLevers = 6;

    public static void Write(TextWriter writer, LinkAnswer answer)
    {
        var report = new TextReport(writer);
        report.Title(LinkAnswer.Describe(answer.Request));
        Verdict(report, answer);
        Candidates(report, answer);
        Waterfall(report, answer);
        Levers(report, answer);
        Energy(report, answer.Chosen);
        LinkErrorReport.Write(report, answer);
        LinkBoxReport.Write(report, answer);
        Statistics(report, answer);
    }

    static void Verdict(TextReport report, LinkAnswer answer)
    {
        var link = answer.Chosen;
        if (link.Closes)
        {
            report.Say($"{link.Name} closes with {Signed(link.Margin.Si)} dB to spare by " +
                $"{(answer.Request.Basis == LossBasis.Typical ? "typical" : "the largest")} losses ({Signed(link.WorstMargin.Si)} dB by the largest): " +
                $"{Number(link.Power.Watts, 3)} W and {Dollars(link.Price.Value)} for both ends and the cable.");
        }
        else
        {
            report.Say($"{link.Name} doesn't close: {link.Reason}.");
            foreach (var mend in link.Mends) report.Say($"- mend: {mend}", 2);
        }
        foreach (var unknown in link.Unknown) report.Say($"- not in the catalogue: {unknown}", 2);
    }

    static void Candidates(TextReport report, LinkAnswer answer)
    {
        report.Heading("Candidates");
        report.Table(["", "medium", ">margin", ">worst", ">W", ">pJ/bit", ">+ host", ">latency", ">FIT", ">USD"], answer.Candidates.Select(c => new[]
        {
            c.Name == answer.Chosen.Name ? "»" : c.Closes ? "" : "✗",
            c.Name,
            !c.HasBudget ? "no budget" : IsOutOfReach(c) ? "too long" : Signed(c.Margin.Si),
            !c.HasBudget || IsOutOfReach(c) ? "" : Signed(c.WorstMargin.Si),
            Number(c.Power.Watts, 3),
            Number(c.EnergyPerBit.PicojoulesPerBit, 3),
            Number(c.EnergyPerBitWithHost.PicojoulesPerBit, 3),
            c.Latency.Total.ToString("G3"),
            Number(c.FailureRate.Fit, 3),
            PriceKnown(c) ? Number(c.Price.Value.Dollars, 4) : "?",
        }));
        // A loss that is too large shows in its margin.
        foreach (var refused in answer.Candidates.Where(c => !c.Closes && c.Name != answer.Chosen.Name && (c.Margin.Si >= 0 || !c.HasBudget || IsOutOfReach(c)))
                     .GroupBy(c => c.Reason))
            report.Say($"✗ {string.Join(", ", refused.Select(r => r.Name))}: {refused.Key}", 2);
        report.Say("Margin in dB by typical losses, worst by the largest that each specification allows; both ends and the cable together.");
    }

    static void Waterfall(TextReport report, LinkAnswer answer)
    {
        if (!answer.Chosen.HasBudget) return;
        report.Heading($"Waterfall of {answer.Chosen.Name}");
        report.Table(["", ">dB", ">left", ">dBm", "grade", "source"], answer.Chosen.Waterfall.Select(t => new[]
        {
            t.Name, Signed(t.Change.Si), Signed(t.Cumulative.Si), t.Level is { } level ? level.Si.ToString("0.00") : "", DocumentShape.NameOf(t.Grade), t.Source,
        }));
    }

    static void Levers(TextReport report, LinkAnswer answer)
    {
        if (answer.Levers.Count == 0) return;
        report.Heading("What a change is worth");
        report.Table(["change", ">dB", ">margin", ">W", ">USD", "closes"], answer.Levers.Take(MostLevers).Select(l => new[]
        {
            l.Change, Signed(l.Gain.Si), Signed(l.Margin.Si), Signed(l.ExtraPower.Watts, "0.#"), Signed(l.ExtraPrice.Dollars, "N0"), l.Closes ? "yes" : "no",
        }));
    }

    static void Energy(TextReport report, EngineeredLink link)
    {
        report.Heading("Power, price, time and failures");
        report.Table(["", ""],
        [
            ["power", $"{link.PowerA} and {link.PowerB}; {link.EnergyPerBit.ToString("G3 pJ/bit")} both ends, {link.EnergyPerBitWithHost.ToString("G3 pJ/bit")} with the hosts' SerDes"],
            ["price", $"{Dollars(link.Price.Value)} ({Dollars(link.Price.Low)} to {Dollars(link.Price.High)})"],
            ["latency", $"{link.Latency.Total.ToString("G4")}: {link.Latency.Propagation.ToString("G3")} cable, {link.Latency.Modules.ToString("G3")} modules, {link.Latency.Fec.ToString("G3")} FEC"],
            ["bit errors", $"{LinkErrorReport.Ratio(link.Errors.PreFecBer)} before correction, {LinkErrorReport.Ratio(link.Errors.FrameLoss)} of frames lost after it"],
            ["failures", $"{Number(link.FailureRate.Fit, 3)} FIT: one in {Number(1 / link.FailureRate.PerYear, 3)} years; one flap in {Number(1 / link.FlapRate.PerYear, 3)} years"],
            ["repair", link.FieldReplaceable ? "every active part from the front" : "not without taking the host out"],
            ["weakest grade", $"{DocumentShape.NameOf(link.BudgetGrade)} in the budget, {DocumentShape.NameOf(link.WeakestGrade)} in all"],
        ]);
        Limits(report, link);
    }

    static void Limits(TextReport report, EngineeredLink link)
    {
        report.Heading("Distance to the limits of physics");
        var limits = LinkAnswer.LimitsOf(link);
        var rows = new List<string[]>();
        var vacuum = link.PurchasableLength * PhysicalLimits.VacuumDelay;
        if (vacuum.Seconds > 0) rows.Add(["latency", link.Latency.Total.ToString("G3"), "light in vacuum", vacuum.ToString("G3"), Times(link.Latency.Total / vacuum)]);
        var energy = link.EnergyPerBit.ToString("G3 pJ/bit");
        if (limits?.EnergyOverShotLimit is { } times)
            rows.Add(["energy", energy, "light at the shot-noise limit", limits.ShotLimitEnergy.ToString("G3"), Times(times)]);
        var landauer = PhysicalLimits.Landauer();
        rows.Add(["energy", energy, "erasing a bit at 300 K (Landauer)", $"{landauer.Joules * 1e18:0.0000} aJ/bit", Times(link.EnergyPerBit.JoulesPerBit / landauer.Joules)]);
        if (limits is { Sensitivity: { } level, PhotonsPerBit: { } photons })
        {
            var light = $"{Quantity.Round(photons, 3)} photons/bit";
            rows.Add(["receiver", light, "shot noise", Quantity.Round(limits.ShotLimitPhotonsPerBit, 3), Times(photons / limits.ShotLimitPhotonsPerBit)]);
            rows.Add(["receiver", light, $"heterodyne, {Quantity.Round(limits.BitsPerSymbol, 3)} bit a symbol (Shannon)", Quantity.Round(limits.ShannonPhotonsPerBit, 3), Times(photons / limits.ShannonPhotonsPerBit)]);
            rows.Add(["receiver", light, $"any receiver, {Quantity.Round(limits.BitsPerSymbol, 3)} bit a symbol (Holevo)", Quantity.Round(limits.HolevoPhotonsPerBit, 3), Times(photons / limits.HolevoPhotonsPerBit)]);
            rows.Add(["receiver", $"OMA {level.ToString("G3")}", "shot noise", limits.ShotLimit.ToString("G3"), limits.AboveShotLimit!.Value.ToString("G3")]);
            if (limits.IdealReceiver.Level is { } ideal) rows.Add(["receiver", $"OMA {level.ToString("G3")}", "ideal receiver with a real amplifier", ideal.ToString("G3"), limits.AboveIdealReceiver!.Value.ToString("G3")]);
        }
        else if (limits is not null) report.Say("The catalogue gives no sensitivity for its receiver, so none of its light is compared.");
        report.Table(["of", ">this link", "limit", ">it", ">ratio"], rows);
    }

    internal static string Times(double ratio) => ratio >= 1e5 ? $"{ratio:0.0e+0} x" : $"{Quantity.Round(ratio, 3)} x";

    static void Statistics(TextReport report, LinkAnswer answer)
    {
        if (answer.Statistics.Count == 0) return;
        report.Heading($"{LinkAnswer.Population:N0} such links after {StatisticalAssumptions.Default.Life.Value:0.#} years");
        report.Table(["medium", ">typical", ">worst", ">mean", ">σ", ">1 % below", ">fail", ">of 100,000"], Alike(answer).Select(s => new[]
        {
            s.Names,
            Signed(s.Link.TypicalMargin.Si),
            Signed(s.Link.WorstMargin.Si),
            Signed(s.Budget.Mean.Si),
            s.Budget.StandardDeviation.Si.ToString("0.00"),
            Signed(s.Budget.Quantile(0.01).Si),
            Share(s.Budget.FailingShare),
            Between(s.Budget),
        }));
        if (answer.Budget is { } own && own.Terms.Any(t => t.Name == StatisticalBudget.UnknownEngine))
        {
            report.Say($"What the engines' figures leave open is alike for all links of {answer.Chosen.Name}: its failing share is rather the chance that " +
                "they all fall short than a share of them that does.");
        }
        report.Say("Modules beat their specification and most connectors theirs, so the mean lies above the typical margin, which counts " +
            "with the worst modules. Fail: share with a margin below 0 where the lanes of a link share one fate; the range of links ends " +
            "where all lanes are independent. How terms scatter is assumed: vary it before relying on a tail.");
        if (answer.Sampled is { } sampled)
        {
            report.Say($"Drawn {sampled.Links:N0} links of {answer.Chosen.Name} with seed {answer.Seed}: {sampled.Failing:N0} fail " +
                $"({Share(sampled.FailingShare)} ± {Share(sampled.StandardError)}), mean {Signed(sampled.Mean.Si)} dB, the worst {Signed(sampled.Worst.Si)} dB.");
        }
        if (answer.Budget is { } budget && budget.FailingShare > 1e-12)
        {
            report.Table(["largest gains", "change", ">mean dB", ">fail", ">fewer of 100,000"], budget.Levers().Take(MostStatisticalLevers).Select(l => new[]
            {
                l.Term, l.Change, Signed(l.MeanGain.Si), Share(l.FailingShare), Number(l.Avoided * LinkAnswer.Population, 3),
            }));
        }
    }

    static bool IsOutOfReach(EngineeredLink link) => link.PurchasableLength.Si > link.Reach.Si * (1 + 1e-9) && link.Margin.Si < 0;

    /// <summary>Media whose optics meet interfaces of the same figures have the same statistics; they share a row.</summary>
    static IEnumerable<(string Names, EngineeredLink Link, StatisticalBudget Budget)> Alike(LinkAnswer answer) =>
        answer.Statistics.GroupBy(s => (s.Budget.Mean.Si, s.Budget.FailingShare)).Select(g =>
        {
            var first = g.FirstOrDefault(s => s.Link.Name == answer.Chosen.Name);
            var mark = first.Link is null ? "" : "» ";
            if (first.Link is null) first = g.First();
            return ($"{mark}{first.Link.Name}{(g.Count() > 1 ? $" and {g.Count() - 1} like it" : "")}", first.Link, first.Budget);
        });

    static string Between(StatisticalBudget budget)
    {
        var low = Number(budget.ExpectedFailing(LinkAnswer.Population), 3);
        var high = Number(budget.FailingShareOfIndependentLanes * LinkAnswer.Population, 3);
        return low == high ? low : $"{low}-{high}";
    }

    internal static bool PriceKnown(EngineeredLink link) => !link.Unknown.Any(u => u.StartsWith("price", StringComparison.Ordinal));

    internal static string Signed(double value, string format = "0.00")
    {
        var text = value.ToString(format);
        // What rounds to nothing has no sign.
        if (!text.Any(c => c is >= '1' and <= '9')) return text.TrimStart('-');
        return value > 0 ? "+" + text : text;
    }

    internal static string Number(double value, int digits) => Math.Abs(value) < 1e-6 ? "0" : EvaluationReport.Number(value, digits);

    internal static string Dollars(Money money) => $"{money.Dollars:N0} USD";

    static string Share(double share) => share < 1e-12 ? "0" : share < 1e-3 ? share.ToString("0.0e+0") : $"{100 * share:0.##} %";
}

/// <summary>The report of <c>link compare</c>.</summary>
static class LinkComparisonReport
{
    public static void Write(TextWriter writer, IReadOnlyList<LinkComparison> answers)
    {
        var report = new TextReport(writer);
        report.Title("Media by length");
        foreach (var answer in answers)
        {
            report.Heading($"{answer.Request.Rate}, lanes of {answer.Request.LaneRate}");
            report.Table([">length", "medium", "class", ">margin", ">W", ">pJ/bit", ">USD", ">latency"], answer.Rungs.SelectMany(r => r.Links.Count == 0
                ? [[r.Length.ToString("G4 m"), "nothing closes", "", "", "", "", "", ""]]
                : r.Links.Select((l, i) => new[]
                {
                    i == 0 ? r.Length.ToString("G4 m") : "", l.Name, KindOf(l.Class), LinkReport.Signed(l.Margin.Si), LinkReport.Number(l.Power.Watts, 3),
                    LinkReport.Number(l.EnergyPerBit.PicojoulesPerBit, 3), LinkReport.PriceKnown(l) ? LinkReport.Number(l.Price.Value.Dollars, 4) : "?",
                    l.Latency.Total.ToString("G3"),
                })));
            var c = answer.Crossing;
            report.Say(c.Longest is { } longest
                ? $"Copper closes to {c.OpticsNeededBeyond} ({longest}); it is the cheapest to {c.OpticsCheaperBeyond} and burns least to {c.OpticsCoolerBeyond}."
                : "No copper closes.");
        }
        report.Say("The cheapest of each class that closes, by typical losses; both ends and the cable together.");
        foreach (var answer in answers.DistinctBy(a => a.Request.LaneRate))
        {
            if (answer.Reaches.Count == 0) continue;
            report.Heading($"Copper at {answer.Request.LaneRate} a lane: the longest that closes");
            var gauges = answer.Reaches.Select(r => r.Gauge).Distinct().Order().ToList();
            report.Table(["class", .. gauges.Select(g => $">{g} AWG"), "bounded by"], answer.Reaches.GroupBy(r => r.Class).Select(g => (string[])
            [
                DocumentShape.NameOf(g.Key), .. gauges.Select(a => g.First(r => r.Gauge == a).Reach.ToString("G3 m")), g.First().Basis,
            ]));
        }
    }

    internal static string KindOf(MediaClasses kind) => kind switch
    {
        MediaClasses.PassiveCopper => "passive copper",
        MediaClasses.ActiveCopper => "linear copper",
        MediaClasses.RetimedCopper => "retimed copper",
        MediaClasses.MultimodeOptics => "multimode",
        MediaClasses.SinglemodeOptics => "single-mode",
        _ => "co-packaged",
    };
}
