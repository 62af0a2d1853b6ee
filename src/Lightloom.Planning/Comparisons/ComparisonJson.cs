using System.Text.Json;

namespace Lightloom.Planning.Comparisons;

/// <summary>A comparison as JSON: designs in order, figures by key with one value for each design (null where it has none).</summary>
public static class ComparisonJson
{
    /// <summary>Writes a comparison.</summary>
    public static string Write(ComparisonStudy study)
    {
        ArgumentNullException.ThrowIfNull(study);
        var rows = Comparison.Of(study.Designs);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("lightloom", 1);
            json.WriteString("title", study.Title);
            json.WriteStartArray("designs");
            foreach (var design in study.Designs) Write(json, design);
            json.WriteEndArray();
            json.WriteStartArray("notPossible");
            foreach (var variant in study.NotPossible)
            {
                json.WriteStartObject();
                json.WriteString("variant", variant.Name);
                EvaluationJson.Texts(json, "changes", variant.Changes.Select(c => c.ToString()));
                json.WriteString("reason", variant.Refusal);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("figures");
            foreach (var row in rows)
            {
                json.WriteStartArray(row.Key);
                foreach (var value in row.Values) Number(json, value?.Value);
                json.WriteEndArray();
            }
            json.WriteEndObject();
            json.WriteStartObject("ranges");
            foreach (var row in rows.Where(r => r.Values.Any(v => v is { HasRange: true })))
            {
                json.WriteStartArray(row.Key);
                foreach (var value in row.Values)
                {
                    if (value is not { } figure)
                    {
                        json.WriteNullValue();
                        continue;
                    }
                    json.WriteStartArray();
                    Number(json, figure.Low);
                    Number(json, figure.High);
                    json.WriteEndArray();
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }

    static void Write(Utf8JsonWriter json, ComparedDesign design)
    {
        var facts = DesignFacts.Of(design);
        json.WriteStartObject();
        json.WriteString("name", design.Document.Design.Name);
        json.WriteString("variant", design.Name);
        EvaluationJson.Texts(json, "changes", design.Variant.Changes.Select(c => c.ToString()));
        json.WriteString("id", design.Evaluation.Id);
        json.WriteString("scope", facts.Scope);
        json.WriteString("protocol", facts.Protocol);
        json.WriteString("topology", facts.Topology);
        json.WriteString("media", facts.Media);
        json.WriteString("inNetworkReduction", facts.InNetworkReduction);
        json.WriteString("scarcestSupply", facts.Supply.Name);
        if (design.Evaluation.Ledger is { } ledger) json.WriteString("verdict", ledger.Verdict);
        if (design.Method is { } method) json.WriteString("siteMethod", method.Name);
        EvaluationJson.Texts(json, "infeasible", facts.Infeasible);
        json.WriteEndObject();
    }

    static void Number(Utf8JsonWriter json, double? value)
    {
        if (value is { } number && double.IsFinite(number)) json.WriteNumberValue(number);
        else json.WriteNullValue();
    }
}
