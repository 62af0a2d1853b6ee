using System.Text.Json;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Claims;

/// <summary>Recomputed claims as JSON; see docs/json.md.</summary>
public static class ClaimsJson
{
    /// <summary>Writes answers.</summary>
    public static string Write(IReadOnlyList<ClaimAnswer> answers) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("claims", answers.Count);
        json.WriteStartObject("verdicts");
        foreach (var verdict in Enum.GetValues<ClaimVerdict>()) json.WriteNumber(DocumentShape.NameOf(verdict), answers.Count(a => a.Verdict == verdict));
        json.WriteEndObject();
        json.WriteStartArray("answers");
        foreach (var answer in answers)
        {
            var claim = answer.Claim;
            json.WriteStartObject();
            json.WriteString("id", claim.Id);
            json.WriteString("layer", claim.Layer);
            json.WriteString("claim", claim.Text);
            json.WriteString("published", claim.Published);
            json.WriteString("unit", claim.Unit);
            json.WriteString("source", claim.Source);
            json.WriteString("verdict", DocumentShape.NameOf(answer.Verdict));
            if (answer.Condition.Length > 0) json.WriteString("condition", answer.Condition);
            json.WriteString("reason", answer.Reason);
            json.WriteStartArray("figures");
            foreach (var figure in answer.Figures)
            {
                json.WriteStartObject();
                json.WriteString("name", figure.Name);
                json.WriteNumber("value", figure.Value);
                json.WriteNumber("low", figure.Low);
                json.WriteNumber("high", figure.High);
                json.WriteString("unit", figure.Unit);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            EvaluationJson.Texts(json, "on", answer.On);
            EvaluationJson.Texts(json, "assumptions", answer.Assumptions);
            Flips(json, answer.Flips);
            json.WriteString("weakestGrade", DocumentShape.NameOf(answer.Weakest));
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>What would change an answer.</summary>
    internal static void Flips(Utf8JsonWriter json, IReadOnlyList<ClaimFlip> flips)
    {
        json.WriteStartArray("flips");
        foreach (var flip in flips)
        {
            json.WriteStartObject();
            json.WriteString("parameter", flip.Parameter);
            if (flip.Value is { } value) json.WriteNumber("value", value);
            else json.WriteNull("value");
            json.WriteString("unit", flip.Unit);
            json.WriteString("then", flip.Then);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
