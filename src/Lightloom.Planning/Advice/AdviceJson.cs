using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;

namespace Lightloom.Planning.Advice;

/// <summary>Advice as JSON; see docs/json.md.</summary>
public static class AdviceJson
{
    /// <summary>Writes an answer.</summary>
    public static string Write(AdviceAnswer answer)
    {
        ArgumentNullException.ThrowIfNull(answer);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("lightloom", 1);
            if (answer.Scenario is { } scenario) json.WriteString("scenario", scenario);
            if (answer.Claim is { } claim) json.WriteString("claim", claim.Id);
            json.WriteString("question", answer.Question);
            json.WriteString("counts", DocumentShape.NameOf(answer.Measure));
            if (answer.Best is { } best)
            {
                json.WriteString("layer", DocumentShape.NameOf(best.Layer));
                json.WriteString("best", best.Name);
            }
            if (answer.RunnerUp is { } next) json.WriteString("runnerUp", next.Name);
            if (answer.OtherLayer is { } other) json.WriteString("bestOfAnotherLayer", other.Name);
            json.WriteString("reason", answer.Reason);
            Options(json, "options", answer.Options);
            Options(json, "refused", answer.Refused);
            if (answer.Certainty is { } certainty) Certainty(json, certainty);
            json.WriteStartArray("standing");
            foreach (var standing in answer.Standing)
            {
                json.WriteStartObject();
                json.WriteString("name", standing.Now.Name);
                Figure(json, "now", standing.Now);
                if (standing.Then is { } then) Figure(json, "then", then);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            ClaimsJson.Flips(json, answer.Flips);
            EvaluationJson.Texts(json, "on", answer.On);
            EvaluationJson.Texts(json, "assumptions", answer.Assumptions);
            json.WriteString("weakestGrade", DocumentShape.NameOf(answer.Weakest));
            json.WriteEndObject();
        });
    }

    static void Options(Utf8JsonWriter json, string name, IReadOnlyList<AdviceOption> options)
    {
        json.WriteStartArray(name);
        foreach (var option in options)
        {
            json.WriteStartObject();
            json.WriteString("name", option.Name);
            json.WriteString("layer", DocumentShape.NameOf(option.Layer));
            Figure(json, "buys", option.Buys);
            if (option.Capital is { } capital)
            {
                json.WriteStartObject("capital_USD");
                json.WriteNumber("value", capital.Dollars);
                json.WriteNumber("low", capital.Low);
                json.WriteNumber("high", capital.High);
                json.WriteString("weakestGrade", DocumentShape.NameOf(capital.Weakest));
                json.WriteEndObject();
            }
            if (option.Year is { } year)
            {
                json.WriteStartObject("year_USD");
                json.WriteNumber("value", year.Value.Dollars);
                json.WriteNumber("low", year.Low.Dollars);
                json.WriteNumber("high", year.High.Dollars);
                json.WriteEndObject();
            }
            if (option.PerMillion is { } each) Figure(json, "buysForMillion_USD", each);
            if (option.Watts != 0)
            {
                json.WriteNumber("meter_W", option.Watts);
                json.WriteNumber("meterLow_W", option.WattsLow);
                json.WriteNumber("meterHigh_W", option.WattsHigh);
            }
            if (option.Tokens is { } tokens)
            {
                json.WriteNumber("tokensGain", tokens);
                json.WriteNumber("tokensGainLow", option.TokensLow ?? tokens);
                json.WriteNumber("tokensGainHigh", option.TokensHigh ?? tokens);
            }
            if (option.Refused.Length > 0) json.WriteString("refused", option.Refused);
            if (option.Note.Length > 0) json.WriteString("note", option.Note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Certainty(Utf8JsonWriter json, AdviceCertainty certainty)
    {
        json.WriteStartObject("certainty");
        json.WriteNumber("samples", AdviceCertainty.Samples);
        json.WriteBoolean("survives", certainty.Survives);
        json.WriteNumber("best_share", certainty.Best);
        json.WriteNumber("layer_share", certainty.Layer);
        json.WriteStartArray("rivals");
        foreach (var (name, share) in certainty.Rivals)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteNumber("share", share);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("movedBy");
        foreach (var mover in certainty.Movers)
        {
            json.WriteStartObject();
            json.WriteString("figure", mover.Figure.Key);
            json.WriteString("name", mover.Figure.Name);
            if (mover.Figure.Unit.Length > 0) json.WriteString("unit", mover.Figure.Unit);
            json.WriteNumber("low", mover.Figure.Least);
            json.WriteNumber("high", mover.Figure.Most);
            json.WriteNumber("leadAtLow", mover.AtLow);
            json.WriteNumber("leadAtHigh", mover.AtHigh);
            if (mover.WinsAtLow is { } low) json.WriteString("winsAtLow", low);
            if (mover.WinsAtHigh is { } high) json.WriteString("winsAtHigh", high);
            json.WriteString("source", mover.Figure.Source);
            json.WriteString("grade", DocumentShape.NameOf(mover.Figure.Grade));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Figure(Utf8JsonWriter json, string name, ClaimFigure figure)
    {
        json.WriteStartObject(name);
        json.WriteNumber("value", figure.Value);
        if (double.IsFinite(figure.Low)) json.WriteNumber("low", figure.Low);
        if (double.IsFinite(figure.High)) json.WriteNumber("high", figure.High);
        json.WriteString("unit", figure.Unit);
        json.WriteEndObject();
    }
}
