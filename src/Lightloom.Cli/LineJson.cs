using System.Text.Json;
using Lightloom.Optics.Lines;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>Answers of <c>link line</c> as JSON: units in the fields' names, what has no value or is infinite left out.</summary>
static class LineJson
{
    public static string Write(LineAnswer answer) => EvaluationJson.Text(json =>
    {
        var study = answer.Study;
        json.WriteStartObject();
        json.WriteString("line", answer.Title);
        Strings(json, "route", answer.Route);
        Number(json, "length_km", answer.Length.Kilometers);
        Number(json, "delay_ms", answer.Delay.Milliseconds);
        Number(json, "marginAsked_dB", answer.Margin.Si);
        json.WriteBoolean("closes", study.Closes);
        if (study.Best is { } best)
        {
            json.WriteString("best", best.Mode.Name);
            Number(json, "capacity_Tbps", best.Capacity.BitsPerSecond / 1e12);
        }
        Number(json, "shannonCapacity_Tbps", study.ShannonCapacity.BitsPerSecond / 1e12);
        json.WriteStartArray("modes");
        foreach (var verdict in study.Modes) Mode(json, verdict, answer.Delay);
        json.WriteEndArray();
        json.WriteStartArray("notJudged");
        foreach (var (mode, reason) in study.Refused)
        {
            json.WriteStartObject();
            json.WriteString("mode", mode.Name);
            json.WriteString("reason", reason);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Launch(json, study);
        Summary(json, study);
        json.WriteStartArray("channels");
        foreach (var channel in study.Channels) Channel(json, channel);
        json.WriteEndArray();
        Waterfall(json, study);
        json.WriteStartArray("changes");
        foreach (var change in answer.Changes) Change(json, change);
        json.WriteEndArray();
        Strings(json, "notes", answer.Notes);
        json.WriteEndObject();
    });

    static void Mode(Utf8JsonWriter json, ModeVerdict verdict, Duration delay)
    {
        var (mode, worst) = (verdict.Mode, verdict.Worst.Quality);
        json.WriteStartObject();
        json.WriteString("name", mode.Name);
        json.WriteBoolean("closes", verdict.Closes);
        Number(json, "rate_Gbps", mode.Rate.GigabitsPerSecond);
        Number(json, "symbolRate_GBd", mode.SymbolRate.Gigabaud);
        Number(json, "spacing_GHz", mode.Spacing.Gigahertz);
        Number(json, "transmitted_dBm", verdict.Transmitted.Si);
        Number(json, "launch_dBm", verdict.Launch.Si);
        json.WriteNumber("channels", verdict.Fill.Channels.Count);
        json.WriteNumber("working", verdict.Fill.Working);
        Number(json, "margin_dB", verdict.Margin.Si);
        json.WriteString("boundBy", verdict.Limit switch
        {
            ModeLimit.Noise => "gsnr",
            ModeLimit.ReceivedPower => "received-power",
            ModeLimit.ChromaticDispersion => "chromatic-dispersion",
            ModeLimit.PolarizationModeDispersion => "polarization-mode-dispersion",
            _ => "polarization-dependent-loss",
        });
        Number(json, "worstFrequency_THz", worst.Frequency.Terahertz);
        Number(json, "worstGsnr_dB", worst.Gsnr.Si);
        Number(json, "worstReceived_dBm", worst.Power.Si);
        Number(json, "requiredOsnr_dB", mode.RequiredOsnr.Si);
        Number(json, "dispersionPenalty_dB", mode.DispersionPenalty?.At(worst.Dispersion).Si);
        Number(json, "pmdPenalty_dB", mode.PolarizationModePenalty?.At(worst.PolarizationModeDispersion.Seconds * 1e12).Si);
        Number(json, "pdlPenalty_dB", mode.PolarizationLossPenalty?.At(worst.PolarizationDependentLoss.Si).Si);
        Number(json, "capacity_Tbps", verdict.Capacity.BitsPerSecond / 1e12);
        Number(json, "spectralEfficiency_bpsPerHz", verdict.SpectralEfficiency);
        Number(json, "shannonCapacity_Tbps", verdict.ShannonCapacity.BitsPerSecond / 1e12);
        Number(json, "shannonGap_dB", verdict.ShannonGap.Si);
        Number(json, "latency_ms", mode.Latency is { } end ? delay.Milliseconds + 2 * end.Milliseconds : null);
        json.WriteEndObject();
    }

    static void Launch(Utf8JsonWriter json, LineStudy study)
    {
        json.WriteStartObject("launch");
        Number(json, "used_dBm", study.Launch?.Si);
        Number(json, "best_dBm", study.BestLaunch?.Si);
        Number(json, "gainAtBest_dB", study.GainAtBestLaunch.Si);
        Number(json, "closedFormMiddle_dBm", study.ClosedForm?.Launch.Si);
        json.WriteStartArray("sweep");
        foreach (var step in study.Sweep)
        {
            json.WriteStartObject();
            Number(json, "offset_dB", step.Offset.Si);
            Number(json, "middleGsnr_dB", step.Middle.Si);
            Number(json, "worstGsnr_dB", step.Worst.Si);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Summary(Utf8JsonWriter json, LineStudy study)
    {
        json.WriteStartObject("summary");
        foreach (var (name, of) in ((string, Func<ChannelQuality, double>)[])
            [("gsnr", c => c.Gsnr.Si), ("gsnrInBand", c => c.GsnrInBand.Si), ("osnr", c => c.Osnr.Si), ("snrNli", c => c.SnrNonlinear.Si)])
        {
            var (least, most) = (study.Channels.MinBy(of), study.Channels.MaxBy(of));
            json.WriteStartObject(name);
            Number(json, "least_dB", of(least));
            Number(json, "leastAt_THz", least.Frequency.Terahertz);
            Number(json, "mean_dB", study.Channels.Average(of));
            Number(json, "most_dB", of(most));
            Number(json, "mostAt_THz", most.Frequency.Terahertz);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static void Channel(Utf8JsonWriter json, ChannelQuality channel)
    {
        json.WriteStartObject();
        Number(json, "frequency_THz", channel.Frequency.Terahertz);
        Number(json, "symbolRate_GBd", channel.SymbolRate.Gigabaud);
        Number(json, "received_dBm", channel.Power.Si);
        Number(json, "osnr_dB", channel.Osnr.Si);
        Number(json, "osnrInBand_dB", channel.OsnrInBand.Si);
        Number(json, "snrNli_dB", channel.SnrNonlinear.Si);
        Number(json, "gsnr_dB", channel.Gsnr.Si);
        Number(json, "gsnrInBand_dB", channel.GsnrInBand.Si);
        Number(json, "dispersion_psPerNm", channel.Dispersion);
        Number(json, "pmd_ps", channel.PolarizationModeDispersion.Seconds * 1e12);
        Number(json, "pdl_dB", channel.PolarizationDependentLoss.Si);
        json.WriteEndObject();
    }

    static void Waterfall(Utf8JsonWriter json, LineStudy study)
    {
        Number(json, "waterfallOf_THz", study.Channels[study.WorstChannel].Frequency.Terahertz);
        json.WriteStartArray("waterfall");
        foreach (var stage in study.Stages)
        {
            json.WriteStartObject();
            json.WriteString("behind", stage.Element);
            Number(json, "power_dBm", stage.Power.Si);
            Number(json, "osnr_dB", stage.Osnr.Si);
            Number(json, "snrNli_dB", stage.SnrNonlinear.Si);
            Number(json, "gsnr_dB", stage.Gsnr.Si);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Change(Utf8JsonWriter json, LineChange change)
    {
        json.WriteStartObject();
        json.WriteString("change", change.Change);
        json.WriteBoolean("closes", change.Closes);
        Number(json, "margin_dB", change.Margin.Si);
        Number(json, "gain_dB", change.Gain.Si);
        json.WriteString("mode", change.Mode);
        Number(json, "capacity_Tbps", change.Capacity.BitsPerSecond / 1e12);
        Number(json, "price_USD", change.Price?.Dollars);
        json.WriteEndObject();
    }

    static void Strings(Utf8JsonWriter json, string name, IReadOnlyList<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    // A nanodecibel and a tenth of a hertz are beyond what any of these figures mean.
    static void Number(Utf8JsonWriter json, string name, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumber(name, Math.Round(number, 9) + 0.0);
    }
}
