using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>Answers of <c>link</c> as JSON: units in the fields' names, shares from 0 to 1, what has no value left out.</summary>
static class LinkJson
{
    public static string Write(LinkAnswer answer) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        Request(json, answer.Request);
        json.WriteString("chosen", answer.Chosen.Name);
        json.WriteStartArray("candidates");
        foreach (var link in answer.Candidates) Link(json, link, answer);
        json.WriteEndArray();
        json.WriteStartArray("waterfall");
        foreach (var term in answer.Chosen.Waterfall)
        {
            json.WriteStartObject();
            json.WriteString("name", term.Name);
            json.WriteNumber("change_dB", Tidy(term.Change.Si));
            json.WriteNumber("left_dB", Tidy(term.Cumulative.Si));
            if (term.Level is { } level) json.WriteNumber("oma_dBm", Tidy(level.Si));
            json.WriteString("grade", DocumentShape.NameOf(term.Grade));
            json.WriteString("source", term.Source);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("levers");
        foreach (var lever in answer.Levers)
        {
            json.WriteStartObject();
            json.WriteString("term", lever.Term);
            json.WriteString("change", lever.Change);
            json.WriteNumber("gain_dB", Tidy(lever.Gain.Si));
            json.WriteNumber("margin_dB", Tidy(lever.Margin.Si));
            json.WriteNumber("extraPower_W", Tidy(lever.ExtraPower.Watts));
            json.WriteNumber("extraPrice_USD", Tidy(lever.ExtraPrice.Dollars));
            json.WriteBoolean("closes", lever.Closes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        Strings(json, "mends", answer.Chosen.Mends);
        LinkDetailJson.OfChosen(json, answer);
        Statistics(json, answer);
        json.WriteEndObject();
    });

    public static string Write(IReadOnlyList<LinkComparison> answers) => EvaluationJson.Text(json =>
    {
        json.WriteStartArray();
        foreach (var answer in answers)
        {
            json.WriteStartObject();
            json.WriteNumber("rate_Gbps", answer.Request.Rate.GigabitsPerSecond);
            json.WriteNumber("laneRate_Gbps", answer.Request.LaneRate.GigabitsPerSecond);
            json.WriteStartArray("lengths");
            foreach (var rung in answer.Rungs)
            {
                json.WriteStartObject();
                json.WriteNumber("length_m", rung.Length.Meters);
                json.WriteStartArray("media");
                foreach (var link in rung.Links) Link(json, link, null);
                json.WriteEndArray();
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("copper");
            json.WriteNumber("opticsNeededBeyond_m", answer.Crossing.OpticsNeededBeyond.Meters);
            json.WriteNumber("opticsCheaperBeyond_m", answer.Crossing.OpticsCheaperBeyond.Meters);
            json.WriteNumber("opticsCoolerBeyond_m", answer.Crossing.OpticsCoolerBeyond.Meters);
            json.WriteStartArray("reaches");
            foreach (var reach in answer.Reaches)
            {
                json.WriteStartObject();
                json.WriteString("class", DocumentShape.NameOf(reach.Class));
                json.WriteNumber("gauge_AWG", reach.Gauge);
                json.WriteNumber("reach_m", Tidy(reach.Reach.Meters));
                json.WriteString("boundedBy", reach.Basis);
                json.WriteString("grade", DocumentShape.NameOf(reach.Grade));
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    });

    static void Request(Utf8JsonWriter json, LinkRequest request)
    {
        json.WriteStartObject("request");
        json.WriteNumber("rate_Gbps", request.Rate.GigabitsPerSecond);
        json.WriteNumber("laneRate_Gbps", request.LaneRate.GigabitsPerSecond);
        json.WriteNumber("length_m", request.Run.Meters);
        json.WriteNumber("portsPerCage", request.A.PortsPerCage);
        json.WriteNumber("connectors", request.Connectors);
        if (request.Connector is { } connector) json.WriteString("connector", connector.Key);
        if (request.ReturnLoss is { } back) json.WriteNumber("returnLoss_dB", back.Value.Si);
        json.WriteNumber("splices", request.Splices);
        if (request.Fec is { } fec) json.WriteString("fec", DocumentShape.NameOf(fec));
        if (request.Fibre is { } fibre) json.WriteString("fibre", fibre.Key);
        json.WriteStartArray("elements");
        foreach (var element in request.Elements)
        {
            json.WriteStartObject();
            json.WriteString("name", element.Name);
            json.WriteNumber("typicalLoss_dB", element.Loss.Value.Si);
            json.WriteNumber("largestLoss_dB", element.Loss.High.Si);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteString("losses", DocumentShape.NameOf(request.Basis));
        json.WriteEndObject();
    }

    static void Link(Utf8JsonWriter json, EngineeredLink link, LinkAnswer? answer)
    {
        json.WriteStartObject();
        json.WriteString("name", link.Name);
        json.WriteString("class", LinkComparisonReport.KindOf(link.Class));
        json.WriteBoolean("closes", link.Closes);
        json.WriteBoolean("hasBudget", link.HasBudget);
        if (link.Reason is { } reason) json.WriteString("reason", reason);
        if (link.HasBudget)
        {
            json.WriteNumber("margin_dB", Tidy(link.Margin.Si));
            json.WriteNumber("typicalMargin_dB", Tidy(link.TypicalMargin.Si));
            json.WriteNumber("worstCaseMargin_dB", Tidy(link.WorstMargin.Si));
        }
        json.WriteNumber("cableLength_m", Tidy(link.PurchasableLength.Meters));
        json.WriteNumber("power_W", Tidy(link.Power.Watts));
        json.WriteNumber("energy_pJPerBit", Tidy(link.EnergyPerBit.PicojoulesPerBit));
        json.WriteNumber("energyWithHost_pJPerBit", Tidy(link.EnergyPerBitWithHost.PicojoulesPerBit));
        json.WriteNumber("latency_ns", Tidy(link.Latency.Total.Nanoseconds));
        json.WriteNumber("failures_FIT", Tidy(link.FailureRate.Fit));
        json.WriteNumber("flaps_perYear", Tidy(link.FlapRate.PerYear));
        if (LinkReport.PriceKnown(link))
        {
            json.WriteStartObject("price_USD");
            json.WriteNumber("value", Tidy(link.Price.Value.Dollars));
            json.WriteNumber("low", Tidy(link.Price.Low.Dollars));
            json.WriteNumber("high", Tidy(link.Price.High.Dollars));
            json.WriteEndObject();
        }
        json.WriteNumber("preFecBer", link.Errors.PreFecBer);
        json.WriteNumber("frameLoss", link.Errors.FrameLoss);
        json.WriteBoolean("fieldReplaceable", link.FieldReplaceable);
        json.WriteString("weakestGrade", DocumentShape.NameOf(link.WeakestGrade));
        if (link.Unknown.Count > 0) Strings(json, "unknown", link.Unknown);
        if (answer is not null) LinkDetailJson.OfCandidate(json, link);
        if (answer?.Statistics.FirstOrDefault(s => s.Link.Name == link.Name).Budget is { } budget)
        {
            json.WriteStartObject("statistics");
            json.WriteNumber("mean_dB", Tidy(budget.Mean.Si));
            json.WriteNumber("standardDeviation_dB", Tidy(budget.StandardDeviation.Si));
            json.WriteNumber("failingShare", budget.FailingShare);
            json.WriteNumber("failingShareOfIndependentLanes", budget.FailingShareOfIndependentLanes);
            json.WriteNumber("normalFailingShare", budget.NormalFailingShare);
            json.WriteBoolean("normalIsValid", budget.NormalIsValid);
            json.WriteNumber("expectedFailingOf100000", budget.ExpectedFailing(LinkAnswer.Population));
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static void Statistics(Utf8JsonWriter json, LinkAnswer answer)
    {
        if (answer.Budget is not { } budget) return;
        json.WriteStartObject("statistics");
        json.WriteStartArray("quantiles");
        foreach (var share in new[] { 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.5, 0.9, 0.99 })
        {
            json.WriteStartObject();
            json.WriteNumber("share", share);
            json.WriteNumber("margin_dB", Tidy(budget.Quantile(share).Si));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("levers");
        foreach (var lever in budget.Levers())
        {
            json.WriteStartObject();
            json.WriteString("term", lever.Term);
            json.WriteString("change", lever.Change);
            json.WriteNumber("meanGain_dB", Tidy(lever.MeanGain.Si));
            json.WriteNumber("failingShare", lever.FailingShare);
            json.WriteNumber("avoidedShare", lever.Avoided);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (answer.Sampled is { } sampled)
        {
            json.WriteStartObject("sampled");
            json.WriteNumber("links", sampled.Links);
            json.WriteNumber("seed", answer.Seed);
            json.WriteNumber("failing", sampled.Failing);
            json.WriteNumber("failingShare", sampled.FailingShare);
            json.WriteNumber("standardError", sampled.StandardError);
            json.WriteNumber("mean_dB", Tidy(sampled.Mean.Si));
            json.WriteNumber("standardDeviation_dB", Tidy(sampled.StandardDeviation.Si));
            json.WriteNumber("worst_dB", Tidy(sampled.Worst.Si));
            json.WriteStartArray("histogram");
            foreach (var bin in sampled.Histogram())
            {
                json.WriteStartObject();
                json.WriteNumber("from_dB", Tidy(bin.From.Si));
                json.WriteNumber("to_dB", Tidy(bin.To.Si));
                json.WriteNumber("links", bin.Links);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static void Strings(Utf8JsonWriter json, string name, IEnumerable<string> texts)
    {
        json.WriteStartArray(name);
        foreach (var text in texts) json.WriteStringValue(text);
        json.WriteEndArray();
    }

    // A nanodecibel is below what any figure means; what is printed should not show binary rounding.
    internal static double Tidy(double value) => Math.Round(value, 9) + 0.0;
}
