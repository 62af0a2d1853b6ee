using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>The report of <c>link line</c> in words and tables.</summary>
static class LineReport
{
    const int MostStages = 24;
    const int MostChanges = 10;

    public static void Write(TextWriter writer, LineAnswer answer)
    {
        var report = new TextReport(writer);
        report.Title(answer.Title);
        Verdict(report, answer);
        Modes(report, answer);
        Channels(report, answer.Study);
        Launch(report, answer.Study);
        Waterfall(report, answer.Study);
        Impairments(report, answer);
        Changes(report, answer);
        if (answer.Notes.Count == 0) return;
        report.Heading("Notes");
        foreach (var note in answer.Notes) report.Say($"- {note}", 2);
    }

    static void Verdict(TextReport report, LineAnswer answer)
    {
        var study = answer.Study;
        if (study.Best is not { } best)
        {
            report.Say("No mode could be judged.");
        }
        else if (study.Closes)
        {
            var closing = study.Modes.Where(m => m.Closes).ToList();
            report.Say($"{Listed(closing.Select(m => m.Mode.Name))} close{(closing.Count == 1 ? "s" : "")} on every channel. Most comes from {best.Mode.Name}: " +
                $"{best.Fill.Working} of {best.Fill.Channels.Count} channels, {best.Capacity.ToString("G4 Tb/s")} per fibre pair and direction, " +
                $"{best.SpectralEfficiency:0.00} b/s/Hz, {LinkReport.Signed(best.Margin.Si)} dB on its worst channel.");
        }
        else
        {
            var nearest = study.Modes.MaxBy(m => m.Margin.Si)!;
            report.Say($"No mode closes on every channel{(answer.Margin.Si == 0 ? "" : $" with {answer.Margin}")}. " +
                (best.Fill.Working > 0 ? $"Most comes from {best.Mode.Name} on {best.Fill.Working} of {best.Fill.Channels.Count} channels: {best.Capacity.ToString("G4 Tb/s")}. " : "") +
                $"{nearest.Mode.Name} comes nearest: {Why(nearest)}.");
            if (answer.Changes.FirstOrDefault(c => c.Closes) is { } mend)
                report.Say($"- mend: {mend.Change}{(mend.Price is { } price ? $" for {LinkReport.Dollars(price)}" : "")}: then {mend.Mode} carries {mend.Capacity.ToString("G4 Tb/s")}", 2);
            else if (answer.Route.Count == 0)
                report.Say("- no change that is known here mends it", 2);
        }
        report.Say($"{answer.Length} of fibre, {answer.Delay.ToString("G4")} one way. Shannon's limit at the channels' GSNR: " +
            $"{study.ShannonCapacity.ToString("G4 Tb/s")} a direction.");
    }

    /// <summary>Why a mode doesn't close, or by how much it does.</summary>
    static string Why(ModeVerdict verdict)
    {
        var (channel, mode) = (verdict.Worst.Quality, verdict.Mode);
        return verdict.Limit switch
        {
            ModeLimit.ChromaticDispersion => $"its worst channel arrives with {channel.Dispersion:0} ps/nm and it bears {mode.DispersionPenalty!.Limit:0}",
            ModeLimit.PolarizationModeDispersion => $"it arrives with {channel.PolarizationModeDispersion.Seconds * 1e12:0.0} ps of PMD and it bears {mode.PolarizationModePenalty!.Limit:0.#}",
            ModeLimit.PolarizationDependentLoss => $"it arrives with {channel.PolarizationDependentLoss} of PDL and it bears {mode.PolarizationLossPenalty!.Limit:0.#} dB",
            ModeLimit.ReceivedPower => $"its worst channel arrives with {channel.Power.Si:0.0} dBm, {-verdict.Margin.Si:0.00} dB too little",
            _ => $"its worst channel has a GSNR of {channel.Gsnr.Si:0.00} dB and it needs {mode.RequiredOsnr.Si:0.00}" +
                (mode.Penalty(channel).Si > 0 ? $" and {mode.Penalty(channel).Si:0.00} for penalties" : "") + $": {LinkReport.Signed(verdict.Margin.Si)} dB",
        };
    }

    static void Modes(TextReport report, LineAnswer answer)
    {
        report.Heading("Modes, each filling the band by itself");
        report.Table(["", "mode", ">launch", ">channels", ">margin", "bound by", ">Tb/s", ">b/s/Hz", ">of Shannon", ">gap dB", ">latency"], answer.Study.Modes.Select((m, i) => new[]
        {
            m.Closes ? i == 0 ? "»" : "" : m.Fill.Working > 0 ? "~" : "✗",
            m.Mode.Name,
            m.Launch.Si.ToString("0.0"),
            $"{m.Fill.Working}/{m.Fill.Channels.Count}",
            Decibel(m.Margin.Si),
            NameOf(m.Limit),
            (m.Capacity.BitsPerSecond / 1e12).ToString("0.0"),
            m.SpectralEfficiency.ToString("0.00"),
            $"{100 * m.Capacity.BitsPerSecond / m.ShannonCapacity.BitsPerSecond:0} %",
            m.ShannonGap.Si.ToString("0.0"),
            (m.Mode.Latency is { } end ? answer.Delay + end * 2 : answer.Delay).ToString("G4"),
        }));
        foreach (var (mode, reason) in answer.Study.Refused) report.Say($"- {mode.Name} isn't judged: {reason}", 2);
        report.Say("Launch in dBm per channel; margin of the worst channel, GSNR less required OSNR and penalties or received power; gap to the least " +
            "SNR at which Shannon allows the rate; latency one way with both ends.");
    }

    static void Channels(TextReport report, LineStudy study)
    {
        report.Heading(study.Launch is { } launch ? $"Channels, launched with {launch.Si:0.00} dBm" : "Channels, launched with powers of their own");
        report.Table(["", ">least", "at", ">mean", ">most", "at"], ((string, Func<ChannelQuality, double>)[])
        [
            ("GSNR in 0.1 nm, dB", c => c.Gsnr.Si), ("GSNR in band, dB", c => c.GsnrInBand.Si), ("OSNR in 0.1 nm, dB", c => c.Osnr.Si),
            ("SNR_NLI in band, dB", c => c.SnrNonlinear.Si), ("received power, dBm", c => c.Power.Si),
        ], study);
    }

    static void Table(this TextReport report, IReadOnlyList<string> columns, IEnumerable<(string Name, Func<ChannelQuality, double> Of)> rows, LineStudy study) =>
        report.Table(columns, rows.Select(r =>
        {
            var (least, most) = (study.Channels.MinBy(r.Of), study.Channels.MaxBy(r.Of));
            return new[]
            {
                r.Name, Decibel(r.Of(least), false), Terahertz(least.Frequency), Decibel(study.Channels.Average(r.Of), false), Decibel(r.Of(most), false), Terahertz(most.Frequency),
            };
        }));

    static void Launch(TextReport report, LineStudy study)
    {
        report.Heading("Launch power");
        if (study.BestLaunch is { } best)
        {
            report.Say($"The worst channel is best at {best.Si:0.00} dBm" +
                (study.Launch is { } used && Math.Abs(used.Si - best.Si) > 0.005 ? $", {LinkReport.Signed(study.GainAtBestLaunch.Si, "0.000")} dB over {used.Si:0.00} dBm" : "") +
                (study.ClosedForm is not { } closed ? "."
                    : closed.Launch.Si < best.Si + 1 ? $"; the middle channel at {closed.Launch.Si:0.00} dBm, where interference is half of the amplifiers' noise."
                    : $"; the middle channel would be at {closed.Launch.Si:0.00} dBm, which the amplifiers can't give all channels."));
        }
        else
        {
            report.Say(!study.IsAmplified ? "Without amplifiers more power is better until interference takes over."
                : study.GainAtBestLaunch.Si > 0 ? $"The channels' own powers, all moved alike, could add {LinkReport.Signed(study.GainAtBestLaunch.Si, "0.000")} dB."
                : "A ROADM or a saturated amplifier sets the power: what transmitters launch makes no difference.");
        }
        report.Table(["change, dB", .. study.Sweep.Select(s => ">" + LinkReport.Signed(s.Offset.Si, "0"))],
        [
            ["GSNR of the middle channel", .. study.Sweep.Select(s => Decibel(s.Middle.Si, false))],
            ["GSNR of the worst channel", .. study.Sweep.Select(s => Decibel(s.Worst.Si, false))],
        ]);
    }

    static void Waterfall(TextReport report, LineStudy study)
    {
        var channel = study.Channels[study.WorstChannel];
        report.Heading($"Waterfall of the worst channel, {Terahertz(channel.Frequency)} THz");
        var stages = study.Stages;
        var left = stages.Count - MostStages;
        report.Table(["behind", ">power dBm", ">OSNR", ">SNR_NLI", ">GSNR"], stages.Select((s, i) => (s, i))
            .Where(p => left <= 0 || p.i < MostStages / 2 || p.i >= stages.Count - MostStages / 2)
            .Select(p => new[] { p.s.Element, p.s.Power.Si.ToString("0.00"), Decibel(p.s.Osnr.Si, false), Decibel(p.s.SnrNonlinear.Si, false), Decibel(p.s.Gsnr.Si, false) }));
        if (left > 0) report.Say($"{left} elements between the first {MostStages / 2} and the last {MostStages / 2} are left out; --json has them.");
        report.Say("OSNR and GSNR in 0.1 nm, SNR_NLI in the signal's band; transmitters and ROADMs that add or drop count at the end and not here.");
    }

    static void Impairments(TextReport report, LineAnswer answer)
    {
        var channel = answer.Study.Channels[answer.Study.WorstChannel];
        report.Heading("Dispersion and polarization");
        report.Say($"{channel.Dispersion:0} ps/nm, PMD {channel.PolarizationModeDispersion.Seconds * 1e12:0.00} ps, PDL {channel.PolarizationDependentLoss.Si:0.00} dB.");
        report.Table(["mode", ">CD bears ps/nm", ">penalty", ">PMD bears ps", ">penalty", ">PDL bears dB", ">penalty"], answer.Study.Modes.Select(m =>
        {
            var worst = m.Worst.Quality;
            return (string[])
            [
                m.Mode.Name, .. Penalty(m.Mode.DispersionPenalty, worst.Dispersion), .. Penalty(m.Mode.PolarizationModePenalty, worst.PolarizationModeDispersion.Seconds * 1e12),
                .. Penalty(m.Mode.PolarizationLossPenalty, worst.PolarizationDependentLoss.Si),
            ];
        }));

        static string[] Penalty(PenaltyTable? table, double impairment) =>
            table is null ? ["not known", ""] : [table.Limit.ToString("0.#"), double.IsInfinity(table.At(impairment).Si) ? "too much" : $"{table.At(impairment).Si:0.00} dB"];
    }

    static void Changes(TextReport report, LineAnswer answer)
    {
        if (answer.Changes.Count == 0) return;
        report.Heading("What a change is worth");
        report.Table(["", "change", ">dB", ">Tb/s", "by", ">USD"], answer.Changes.Take(MostChanges).Select(c => new[]
        {
            c.Closes ? "" : "✗",
            c.Change,
            double.IsFinite(c.Gain.Si) ? LinkReport.Signed(c.Gain.Si) : "",
            (c.Capacity.BitsPerSecond / 1e12).ToString("0.0"),
            c.Mode,
            c.Price is { } price ? price.Dollars.ToString("N0") : "?",
        }));
        report.Say("dB on the mode that has the largest margin now; Tb/s a direction after the change; USD for both directions, transceivers that the line has anyway not counted.");
    }

    static string Listed(IEnumerable<string> names)
    {
        var all = names.ToList();
        return all.Count == 1 ? all[0] : $"{string.Join(", ", all.SkipLast(1))} and {all[^1]}";
    }

    static string NameOf(ModeLimit limit) => limit switch
    {
        ModeLimit.Noise => "GSNR",
        ModeLimit.ReceivedPower => "power",
        ModeLimit.ChromaticDispersion => "CD",
        ModeLimit.PolarizationModeDispersion => "PMD",
        _ => "PDL",
    };

    static string Decibel(double value, bool signed = true) => !double.IsFinite(value) ? "none" : signed ? LinkReport.Signed(value) : value.ToString("0.00");

    static string Terahertz(Frequency frequency) => frequency.Terahertz.ToString("0.0000");
}
