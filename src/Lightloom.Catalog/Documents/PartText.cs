using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Lightloom.Catalog.Documents;

/// <summary>Writes a part as the document from which it could be read again: what differs from its defaults, in the order of its keys.</summary>
public static class PartText
{
    /// <summary>The document, in YAML.</summary>
    /// <param name="part">A part of plain values, records of them and figures.</param>
    /// <exception cref="NotSupportedException">The part has a value of another kind.</exception>
    public static string Of(Part part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var text = new StringBuilder();
        Write(text, part, "");
        return text.ToString();
    }

    static void Write(StringBuilder text, object record, string indent)
    {
        var type = record.GetType();
        var defaults = Activator.CreateInstance(type)!;
        foreach (var property in DocumentShape.Of(type).Properties)
        {
            var value = property.Property.GetValue(record);
            if (value is null || (!property.Required && value.Equals(property.Property.GetValue(defaults)))) continue;
            text.Append(indent).Append(property.Key).Append(':');
            if (value is ISourced figure) Write(text, figure);
            else if (Scalar(value) is { } scalar) text.Append(' ').Append(scalar).Append('\n');
            else if (value is Part || value is System.Collections.IEnumerable) throw new NotSupportedException($"{type.Name}.{property.Property.Name} can't be written");
            else Write(text.Append('\n'), value, indent + "  ");
        }
    }

    static void Write(StringBuilder text, ISourced figure)
    {
        text.Append(" { value: ").Append(Scalar(figure.Value!));
        if (!Equals(figure.Low, figure.Value)) text.Append(", low: ").Append(Scalar(figure.Low!));
        if (!Equals(figure.High, figure.Value)) text.Append(", high: ").Append(Scalar(figure.High!));
        if (figure.Year is { } year) text.Append(CultureInfo.InvariantCulture, $", year: {year}");
        text.Append(", source: ").Append(Scalar(figure.Source)).Append(", grade: ").Append(DocumentShape.NameOf(figure.Grade));
        if (figure.Note is { } note) text.Append(", note: ").Append(Scalar(note));
        text.Append(" }\n");
    }

    static string? Scalar(object value) => value switch
    {
        bool flag => flag ? "true" : "false",
        Enum member => DocumentShape.NameOf(member),
        // Double quotes mean in YAML what they mean in JSON.
        string words => JsonSerializer.Serialize(words),
        int or long or double => Convert.ToString(value, CultureInfo.InvariantCulture),
        _ => null,
    };
}
