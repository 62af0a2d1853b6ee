namespace Lightloom.Planning;

/// <summary>A comparison as JSON: designs in order, figures by key with one value for each design (null where it has none).</summary>
public static class ComparisonJson
{
    /// <summary>Writes a comparison.</summary>
    public static string Write(IReadOnlyList<Evaluation> evaluations)
    {
        ArgumentNullException.ThrowIfNull(evaluations);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("lightloom", 1);
            json.WriteStartArray("designs");
            foreach (var evaluation in evaluations)
            {
                json.WriteStartObject();
                json.WriteString("name", evaluation.Build.Document.Design.Name);
                json.WriteString("id", evaluation.Id);
                if (evaluation.Ledger is { } ledger) json.WriteString("verdict", ledger.Verdict);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartObject("figures");
            foreach (var row in Comparison.Of(evaluations))
            {
                json.WriteStartArray(row.Key);
                foreach (var value in row.Values)
                {
                    if (value is { } number && double.IsFinite(number)) json.WriteNumberValue(number);
                    else json.WriteNullValue();
                }
                json.WriteEndArray();
            }
            json.WriteEndObject();
            json.WriteEndObject();
        });
    }
}
