using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>The sections of <c>link</c> on bit errors: before and after correction at each margin, what lost frames cost, and lanes.</summary>
static class LinkErrorReport
{
    public static void Write(TextReport report, LinkAnswer answer)
    {
        Errors(report, answer);
        Costs(report, answer);
        Lanes(report, answer);
    }

    static void Errors(TextReport report, LinkAnswer answer)
    {
        var link = answer.Chosen;
        if (link.ErrorModel is not { } model || answer.Margins.Count == 0) return;
        report.Heading($"Bit errors of {link.Name} by margin");
        report.Table(["at", ">dB", ">BER before", ">codewords lost", ">in bursts", ">64 B frames", ">in bursts", ">flaps a year"], answer.Margins.Select(m => new[]
        {
            m.Name, LinkReport.Signed(m.Outcome.Margin.Si), Ratio(m.Outcome.Random.PreFecBer), Ratio(m.Outcome.Random.UncorrectableCodewords),
            Ratio(m.Outcome.Bursts.UncorrectableCodewords), Ratio(m.Outcome.Random.FrameLoss), Ratio(m.Outcome.Bursts.FrameLoss),
            m.Outcome.ShareDown > 0.001 ? $"down {EvaluationReport.Percent(m.Outcome.ShareDown)}" : Number((link.FlapRate + m.Outcome.WanderFlaps).PerYear),
        }));
        var bursts = model.Propagation;
        report.Say(Name(link) + ". " + (link.Fec is Catalog.FecScheme.Kp4 or Catalog.FecScheme.LowLatency
            ? $"In bursts: a wrong decision makes the next one wrong with probability {Quantity.Round(bursts.Continuation, 2)} ({model.Continuation.Source}), {Codewords(bursts.InterleavedCodewords)}. " +
                $"One frame in 10^12 is lost at a margin of {LinkReport.Signed(model.MarginFor(1e-12, false).Si)} dB by errors that come alone and {LinkReport.Signed(model.MarginFor(1e-12, true).Si)} dB by bursts. "
            : "Bursts are the same to it. ") +
            $"Flaps: {Number(link.FlapRate.PerYear)} a year of every such link, and those of a margin that wanders by {MarginWander.Default.Deviation.Value} (assumed); " +
            $"lock is lost at {LinkReport.Signed(model.MarginOfLoss(MarginWander.Default.LossOfLock.Value).Si)} dB.");
        if (!model.InnerCodeHolds(link.Margin)) report.Say("The inner code gets more errors than it is specified for; what it leaves is a guess.");
    }

    static void Costs(TextReport report, LinkAnswer answer)
    {
        if (answer.Margins.Count == 0) return;
        var link = answer.Chosen;
        report.Heading("What lost frames cost at full load");
        // The margins that lose something; where none does, the smallest shows by how much none does.
        var shown = answer.Margins.Where(m => m.Outcome.Bursts.FrameLoss is > 1e-18 and < 0.5).TakeLast(2).ToList();
        if (shown.Count == 0) shown = [answer.Margins.LastOrDefault(m => m.Outcome.Bursts.FrameLoss < 0.5) ?? answer.Margins[0]];
        foreach (var rung in shown)
        {
            report.Say($"At {LinkReport.Signed(rung.Outcome.Margin.Si)} dB ({rung.Name}) {Ratio(rung.Outcome.Bursts.FrameLoss)} of frames of 64 octets are lost:");
            report.Table(["protocol", "sent again", ">turn", ">frames lost", ">losses", ">bandwidth", ">each stalls", ">mean wait"],
                answer.Costs(rung.Outcome.Bursts).Select(c => new[]
                {
                    c.Protocol.Key, c.OnTheLink ? "link" : c.Retries.Policy == Catalog.OnLoss.GoBackN ? "ends, go-back-N" : "ends, selectively",
                    c.Retries.Turn.ToString("G3"), Ratio(c.FrameLoss), PerTime(c.Losses), Ratio(c.LostShare),
                    c.Stall.ToString("G3"), !double.IsFinite(c.AddedLatency.Seconds) ? "for ever" : c.AddedLatency.Seconds < 1e-15 ? "0 s" : c.AddedLatency.ToString("G2"),
                }));
        }
        report.Say($"Frames of the protocol's largest payload, errors in bursts. Turn: until the sender knows of a loss; end to end with {LinkAssumptions.Default.RestOfPath.Value} of other links and switches. " +
            $"Bandwidth: the share of {answer.Request.Rate} that is lost. A link that is up loses this; one below its margin drops out as above.");
    }

    static void Lanes(TextReport report, LinkAnswer answer)
    {
        if (answer.Lanes.Count == 0) return;
        report.Heading($"Wavelengths of {answer.Chosen.Name}, the worst first");
        report.Table([">nm", ">dB/km", ">margin", ">dispersion, ps/nm", ">of the reach's"], answer.Lanes.Select(l => new[]
        {
            Quantity.Round(l.Wavelength.Nanometers, 6), l.Attenuation.DecibelsPerKilometer.ToString("0.000"), LinkReport.Signed(l.Margin.Si, "0.000"),
            $"{LinkReport.Signed(l.LeastDispersion)} to {LinkReport.Signed(l.MostDispersion)}", EvaluationReport.Percent(l.ShareOfReach),
        }));
        var worst = answer.Lanes[0];
        report.Say("The margin above counts the same loss of fibre at every wavelength, as the standards do; by scattering (λ⁻⁴) the shortest loses more. " +
            (answer.Chosen.Closes && worst.Margin.Si < 0 ? $"The lane at {Quantity.Round(worst.Wavelength.Nanometers, 6)} nm misses by {-worst.Margin.Si:0.00} dB. " : "") +
            "Dispersion is inside TDECQ up to the reach.");
    }

    static string Name(EngineeredLink link) => link.Fec switch
    {
        Catalog.FecScheme.Kp4 => "KP4, RS(544,514)",
        Catalog.FecScheme.Kp4WithHamming => "KP4 behind an inner Hamming(128,120), whose interleaver breaks bursts",
        Catalog.FecScheme.LowLatency => "Low-latency code, RS(272,258)",
        Catalog.FecScheme.None => "No correction: a codeword is a bit",
        _ => $"{ErrorCorrection.SoftDecision(link.Fec)?.Name}, a step at its limit",
    };

    static string Codewords(int interleaved) => interleaved == 1 ? "codewords one by one" : $"{interleaved} codewords in turn";

    internal static string Ratio(double ratio) => ratio switch
    {
        < 1e-30 => "0",
        >= 0.01 => Quantity.Round(ratio, 2),
        _ => ratio.ToString("0.0e+0"),
    };

    internal static string Number(double value) => value < 1e-9 ? "0" : value is >= 1e5 or < 1e-3 ? value.ToString("0.0e+0") : Quantity.Round(value, 3);

    static string PerTime(FailureRate rate) => rate.PerSecond switch
    {
        >= 1 => $"{Number(rate.PerSecond)}/s",
        >= 1 / 3600.0 => $"{Number(rate.PerSecond * 3600)}/h",
        _ => $"{Number(rate.PerYear)}/yr",
    };
}
