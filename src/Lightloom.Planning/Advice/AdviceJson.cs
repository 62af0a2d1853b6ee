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
            if (option.Watts != 0) json.WriteNumber("meter_W", option.Watts);
            if (option.Tokens is { } tokens) json.WriteNumber("tokensGain", tokens);
            if (option.Refused.Length > 0) json.WriteString("refused", option.Refused);
            if (option.Note.Length > 0) json.WriteString("note", option.Note);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    static void Figure(Utf8JsonWriter json, string name, ClaimFigure figure)
    {
        json.WriteStartObject(name);
        json.WriteNumber("value", figure.Value);
        json.WriteNumber("low", figure.Low);
        if (double.IsFinite(figure.High)) json.WriteNumber("high", figure.High);
        json.WriteString("unit", figure.Unit);
        json.WriteEndObject();
    }
}
