using System.Globalization;
using System.Text.Json;

namespace Lightloom.Planning.Validation;

/// <summary>
/// A validation as JSON. Errors are shares of the published figure unless a group says <c>unit</c>; what doesn't apply is left out.
/// </summary>
public static class ValidationJson
{
    /// <summary>Writes a validation.</summary>
    public static string Write(ValidationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("kind", result.Kind);
            json.WriteStartArray("files");
            foreach (var file in result.Files) json.WriteStringValue(file);
            json.WriteEndArray();
            json.WriteStartArray("unknownFiles");
            foreach (var unknown in result.Unknown)
            {
                json.WriteStartObject();
                json.WriteString("file", unknown.File);
                json.WriteString("reason", unknown.Reason);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("rows", result.Rows);
            json.WriteNumber("predicted", result.Predicted);
            json.WriteStartArray("skipped");
            foreach (var skipped in result.Skipped)
            {
                json.WriteStartObject();
                json.WriteString("reason", skipped.Reason);
                json.WriteNumber("rows", skipped.Rows);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteNumber("misses", result.Misses.Count());
            json.WriteStartArray("groups");
            foreach (var group in result.Groups) Group(json, group);
            json.WriteEndArray();
            if (result.Drifts is { Count: > 0 } drifts)
            {
                json.WriteStartArray("drift");
                foreach (var drift in drifts)
                {
                    json.WriteStartObject();
                    json.WriteString("series", drift.Series);
                    json.WriteNumber("from", drift.From);
                    json.WriteNumber("to", drift.To);
                    json.WriteNumber("points", drift.Points);
                    json.WriteNumber("drift", Tidy(drift.Drift));
                    json.WriteEndObject();
                }
                json.WriteEndArray();
            }
            json.WriteStartArray("points");
            foreach (var point in result.Points) Point(json, point);
            json.WriteEndArray();
            json.WriteEndObject();
        });
    }

    static void Group(Utf8JsonWriter json, ValidationGroup group)
    {
        json.WriteStartObject();
        json.WriteString("by", group.By);
        json.WriteString("name", group.Name);
        json.WriteNumber("rows", group.Rows);
        if (group.Unit is { } unit) json.WriteString("unit", unit);
        json.WriteNumber("medianAbsError", Tidy(group.MedianAbsError));
        json.WriteNumber("meanAbsError", Tidy(group.MeanAbsError));
        json.WriteNumber("p90AbsError", Tidy(group.P90AbsError));
        json.WriteNumber("maxAbsError", Tidy(group.MaxAbsError));
        json.WriteNumber("bias", Tidy(group.Bias));
        if (group.InsideBand is { } inside) json.WriteNumber("insideBand", Tidy(inside));
        json.WriteNumber("misses", group.Misses);
        json.WriteEndObject();
    }

    static void Point(Utf8JsonWriter json, ValidationPoint point)
    {
        json.WriteStartObject();
        json.WriteString("file", point.File);
        json.WriteNumber("row", point.Row);
        json.WriteString("id", point.Id);
        json.WriteString("quantity", point.Quantity);
        json.WriteNumber("published", point.Published);
        json.WriteNumber("predicted", Figure(point.Predicted));
        json.WriteString("unit", point.Unit);
        json.WriteNumber("error", Tidy(point.Error));
        if (point.ErrorUnit is { } unit) json.WriteString("errorUnit", unit);
        if (point.Low is { } low) json.WriteNumber("low", Figure(low));
        if (point.High is { } high) json.WriteNumber("high", Figure(high));
        if (point.IsMiss) json.WriteBoolean("miss", true);
        json.WriteString("note", point.Note);
        json.WriteEndObject();
    }

    // Ten digits are more than any table prints, and the same on every machine.
    static double Figure(double value) => double.Parse(value.ToString("G10", CultureInfo.InvariantCulture), CultureInfo.InvariantCulture);

    static double Tidy(double value) => Math.Round(value, 9) + 0.0;
}
