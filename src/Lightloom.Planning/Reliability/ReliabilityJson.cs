using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Reliability;

/// <summary>Writes a study of reliability as JSON, with units in the fields' names.</summary>
public static class ReliabilityJson
{
    /// <summary>The whole study.</summary>
    public static string Write(ReliabilityStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        return EvaluationJson.Text(json => Write(json, study));
    }

    static void Rates(Utf8JsonWriter json, RateSampling rates)
    {
        json.WriteStartObject("ranges");
        json.WriteNumber("samples", rates.Samples);
        json.WriteNumber("effectiveShareLow", rates.Low);
        json.WriteNumber("effectiveShareHigh", rates.High);
        Finite(json, "interruptionMeanTimeLow_h", rates.MostInterruptions.MeanTime.Hours);
        Finite(json, "interruptionMeanTimeHigh_h", rates.LeastInterruptions.MeanTime.Hours);
        json.WriteStartArray("drivers");
        foreach (var driver in rates.Drivers)
        {
            json.WriteStartObject();
            json.WriteString("figure", driver.Figure.Key);
            var unit = UnitOf(driver.Figure);
            json.WriteNumber($"value{unit}", driver.Figure.Value);
            json.WriteNumber($"low{unit}", driver.Figure.Least);
            json.WriteNumber($"high{unit}", driver.Figure.Most);
            if (driver.Figure.Counted is { } counted) json.WriteNumber("events", counted.Events);
            json.WriteNumber("effectiveShareAtLow", driver.Low);
            json.WriteNumber("effectiveShareAtHigh", driver.High);
            json.WriteString("source", driver.Figure.Source);
            json.WriteString("grade", DocumentShape.NameOf(driver.Figure.Grade));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        EvaluationJson.Texts(json, "withoutRange", rates.Certain);
        json.WriteEndObject();
    }

    static void Write(Utf8JsonWriter json, ReliabilityStudy study)
    {
        var (model, forecast) = (study.Model, study.Forecast);
        json.WriteStartObject();
        json.WriteString("name", study.Evaluation.Build.Document.Design.Name);
        json.WriteNumber("accelerators", study.Accelerators);
        if (study.Evaluation.Together is { Method: { } method } together)
        {
            json.WriteNumber("sites", together.Sites.Count);
            json.WriteString("method", method.Method.Name);
        }
        json.WriteBoolean("makesProgress", forecast.Progresses);
        json.WriteNumber("effectiveShare", forecast.Effective);
        Finite(json, "interruptionMeanTime_h", forecast.AllInterruptions.MeanTime.Hours);
        Rates(json, study.Rates);
        json.WriteNumber("interruptionsPerThousandSystemDays", study.PerThousandSystemDays);
        json.WriteStartArray("processes");
        foreach (var p in model.Processes)
        {
            json.WriteStartObject();
            json.WriteString("name", p.Name);
            json.WriteString("kind", DocumentShape.NameOf(p.Kind));
            json.WriteString("consequence", DocumentShape.NameOf(p.Consequence));
            json.WriteNumber("parts", p.Count);
            json.WriteNumber("rate_perYear", p.Rate.PerYear);
            json.WriteNumber("total_perYear", p.Total.PerYear);
            json.WriteNumber("detection_s", p.Detection.Seconds);
            json.WriteNumber("repair_s", p.Repair.Seconds);
            json.WriteNumber("systemsDrained", p.Systems);
            json.WriteNumber("slowdown", p.Slowdown);
            json.WriteNumber("acceleratorsThatLosePaths", p.LosePaths);
            json.WriteNumber("acceleratorsCutOff", p.CutOff);
            json.WriteNumber("cutOff_acceleratorHoursPerYear", p.CutOffHoursPerYear);
            json.WriteString("source", p.Source);
            json.WriteString("grade", DocumentShape.NameOf(p.Grade));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartObject("timeShares");
        foreach (var share in forecast.Shares) json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(Pascal(share.Name)), share.Share);
        json.WriteEndObject();
        json.WriteStartObject("checkpoints");
        json.WriteNumber("write_s", forecast.Write.Seconds);
        json.WriteNumber("interval_s", forecast.Interval.Seconds);
        json.WriteNumber("meanRecovery_s", forecast.MeanRecovery.Seconds);
        json.WriteNumber("effectiveOfInterruptionsAlone", forecast.Stretches);
        json.WriteNumber("effectiveToFirstOrder", forecast.FirstOrder);
        json.WriteBoolean("firstOrderHolds", forecast.FirstOrderHolds);
        json.WriteStartArray("intervals");
        foreach (var choice in study.Intervals)
        {
            json.WriteStartObject();
            json.WriteString("formula", choice.Name);
            json.WriteNumber("interval_s", choice.Interval.Seconds);
            json.WriteNumber("effectiveShare", choice.Exact);
            json.WriteNumber("effectiveToFirstOrder", choice.FirstOrder);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
        json.WriteStartObject("spares");
        if (model.Spares is { } spares) json.WriteNumber("systems", spares);
        else json.WriteNull("systems");
        json.WriteString("onShortage", DocumentShape.NameOf(model.OnShortage));
        json.WriteNumber("meanSystemsOut", new SparePool(model.Drains, model.Spares ?? 0).MeanOut);
        if (study.EnoughSpares is { } enough) json.WriteNumber("enough", enough);
        else json.WriteNull("enough");
        json.WriteEndObject();
        if (study.Availability is { } availability)
        {
            json.WriteStartObject("availability");
            json.WriteNumber("waysOfCard", availability.Ways);
            json.WriteStartArray("pairs");
            foreach (var pair in availability.Pairs)
            {
                json.WriteStartObject();
                json.WriteString("pair", pair.Pair);
                json.WriteNumber("fabric", pair.Fabric);
                json.WriteNumber("withCards", pair.WithCards);
                json.WriteNumber("apart_minPerYear", pair.MinutesApart);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("planes", availability.Planes);
            json.WriteNumber("planeWhole", availability.PlaneWhole);
            json.WriteNumber("planePorts", availability.PlanePorts);
            json.WriteEndObject();
        }
        json.WriteStartArray("mends");
        foreach (var mend in study.Mends)
        {
            json.WriteStartObject();
            json.WriteString("change", mend.Say);
            json.WriteNumber("effectiveShare", mend.Effective);
            json.WriteNumber("gains", mend.Gains);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        EvaluationJson.Texts(json, "toMakeProgress", study.ToMakeProgress);
        EvaluationJson.Texts(json, "doubts", forecast.Doubts);
        if (study.Simulated is { } simulated)
        {
            json.WriteStartObject("simulated");
            json.WriteNumber("runs", simulated.Runs.Count);
            json.WriteNumber("horizon_yr", simulated.Horizon.Seconds / 31557600);
            json.WriteNumber("effectiveShare", simulated.Effective);
            json.WriteNumber("standardError", simulated.StandardError);
            json.WriteNumber("p5", simulated.Quantile(0.05));
            json.WriteNumber("p95", simulated.Quantile(0.95));
            json.WriteNumber("interruptions", simulated.Interruptions);
            json.WriteNumber("waitingShare", simulated.Waiting);
            json.WriteNumber("plannedShare", simulated.Planned);
            json.WriteNumber("recoveringShare", simulated.Recovering);
            json.WriteNumber("closedFormError", (study.ClosedFor(simulated) / simulated.Effective) - 1);
            json.WriteBoolean("drewRates", simulated.DrewRates);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static string UnitOf(CostFigure figure) => figure.Unit switch
    {
        "/yr" => "_perYear",
        "GB/s" => "_GBps",
        "" => "",
        var unit => $"_{unit}",
    };

    static void Finite(Utf8JsonWriter json, string name, double value)
    {
        if (double.IsFinite(value)) json.WriteNumber(name, value);
        else json.WriteNull(name);
    }

    static string Pascal(string words) => string.Concat(words.Split(' ').Select(w => char.ToUpperInvariant(w[0]) + w[1..]));
}
