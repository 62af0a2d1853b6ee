using System.Globalization;
using System.Text;

namespace Lightloom.Fabric;

/// <summary>
/// Writes a drawing as a file of its own in Scalable Vector Graphics (SVG 1.1, W3C 2011; paint-order of SVG 2): no script, nothing
/// fetched, colours for light and dark rooms, tooltips, and the same bytes for the same drawing.
/// </summary>
public static class SvgWriter
{
    /// <summary>Writes a drawing.</summary>
    /// <param name="writer">Where to; lines end with '\n' whatever its own.</param>
    /// <param name="drawing">The drawing.</param>
    /// <param name="prefix">Put before each id, for a page with several drawings.</param>
    public static void Write(TextWriter writer, Drawing drawing, string prefix = "")
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(drawing);
        ArgumentNullException.ThrowIfNull(prefix);
        var (width, height) = (Number(drawing.Width), Number(drawing.Height));
        writer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        writer.Write($"<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" role=\"img\" ");
        writer.Write($"aria-labelledby=\"{prefix}title {prefix}description\" class=\"lightloom\">\n");
        writer.Write($"<title id=\"{prefix}title\">{Escaped(drawing.Title)}</title>\n<desc id=\"{prefix}description\">{Escaped(drawing.Description)}</desc>\n");
        Style(writer);
        writer.Write($"<rect class=\"surface\" width=\"{width}\" height=\"{height}\"/>\n");
        foreach (var element in drawing.Elements) Write(writer, element, prefix);
        writer.Write("</svg>\n");
    }

    /// <summary>A drawing as text.</summary>
    public static string Text(Drawing drawing, string prefix = "")
    {
        using var writer = new StringWriter(CultureInfo.InvariantCulture) { NewLine = "\n" };
        Write(writer, drawing, prefix);
        return writer.ToString();
    }

    /// <summary>The class that a paint has in the file, and in a page.</summary>
    public static string ClassOf(Paint paint) => paint.ToString().ToLowerInvariant();

    static void Style(TextWriter writer)
    {
        writer.Write("<style>\n.lightloom text{font-family:");
        writer.Write(string.Join(',', DrawingFont.Families.Select(f => f.Contains(' ', StringComparison.Ordinal) ? $"'{f}'" : f)));
        writer.Write(",sans-serif;stroke:none}\n.lightloom .bold{font-weight:bold}\n.lightloom path{fill:none;stroke-linecap:butt}\n");
        writer.Write(".lightloom .halo{paint-order:stroke;stroke-width:4px;stroke-linejoin:round}\n");
        Colors(writer, dark: false);
        writer.Write("@media (prefers-color-scheme:dark){\n");
        Colors(writer, dark: true);
        writer.Write("}\n</style>\n");
    }

    static void Colors(TextWriter writer, bool dark)
    {
        foreach (var paint in Enum.GetValues<Paint>())
        {
            if (paint == Paint.None) continue;
            var (fill, edge) = DrawingPalette.Of(paint, dark);
            var name = ClassOf(paint);
            writer.Write(paint is Paint.Ink or Paint.Muted or Paint.Alarm
                ? $".lightloom text.{name}{{fill:{fill}}}\n.lightloom rect.{name}{{fill:{fill};stroke:{edge}}}\n"
                : $".lightloom rect.{name}{{fill:{fill};stroke:{edge}}}\n");
            writer.Write($".lightloom path.{name}{{stroke:{edge}}}\n");
        }
        writer.Write($".lightloom text.halo{{stroke:{DrawingPalette.Of(Paint.Surface, dark).Fill}}}\n");
    }

    static void Write(TextWriter writer, DrawingElement element, string prefix)
    {
        switch (element)
        {
            case DrawingGroup group:
                writer.Write($"<g id=\"{prefix}{Escaped(group.Id)}\" class=\"{Escaped(group.Role)}\">");
                if (group.Title is { } title) writer.Write($"<title>{Escaped(title)}</title>");
                writer.Write('\n');
                foreach (var inner in group.Elements) Write(writer, inner, prefix);
                writer.Write("</g>\n");
                break;
            case DrawingBox box:
                writer.Write($"<rect class=\"{ClassOf(box.Paint)}\" x=\"{Number(box.X)}\" y=\"{Number(box.Y)}\" width=\"{Number(box.Width)}\" height=\"{Number(box.Height)}\"");
                if (box.Radius > 0) writer.Write($" rx=\"{Number(box.Radius)}\"");
                End(writer, box, "rect");
                break;
            case DrawingCurve curve:
                writer.Write($"<path class=\"{ClassOf(curve.Paint)}\" d=\"M{Number(curve.X1)} {Number(curve.Y1)}");
                writer.Write(curve.IsLine
                    ? $"L{Number(curve.X2)} {Number(curve.Y2)}"
                    : $"C{Number(curve.ControlX1)} {Number(curve.ControlY1)} {Number(curve.ControlX2)} {Number(curve.ControlY2)} {Number(curve.X2)} {Number(curve.Y2)}");
                writer.Write($"\" stroke-width=\"{Number(curve.Thickness)}\"");
                End(writer, curve, "path");
                break;
            case DrawingText text:
                Text(writer, text);
                break;
        }
    }

    static void Text(TextWriter writer, DrawingText text)
    {
        if (text.Text.Length == 0) return;
        writer.Write($"<text class=\"{ClassOf(text.Paint)}{(text.Bold ? " bold" : "")}{(text.Halo ? " halo" : "")}\" x=\"{Number(text.X)}\" y=\"{Number(text.Y)}\" ");
        writer.Write($"font-size=\"{Number(text.Size)}\" textLength=\"{Number(text.Width)}\" lengthAdjust=\"spacingAndGlyphs\"");
        if (text.Anchor != TextAnchor.Start) writer.Write($" text-anchor=\"{(text.Anchor == TextAnchor.Middle ? "middle" : "end")}\"");
        writer.Write('>');
        if (text.Title is { } title) writer.Write($"<title>{Escaped(title)}</title>");
        writer.Write($"{Escaped(text.Text)}</text>\n");
    }

    static void End(TextWriter writer, DrawingElement element, string name) =>
        writer.Write(element.Title is { } title ? $"><title>{Escaped(title)}</title></{name}>\n" : "/>\n");

    static string Number(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    // Characters that XML 1.0 (clause 2.2) has no place for are shown as the replacement character.
    static string Escaped(string text)
    {
        var escaped = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1]))
            {
                escaped.Append(c).Append(text[++i]);
                continue;
            }
            escaped.Append(c switch
            {
                '&' => "&amp;",
                '<' => "&lt;",
                '>' => "&gt;",
                '"' => "&quot;",
                '\n' or '\r' or '\t' => "&#" + ((int)c).ToString(CultureInfo.InvariantCulture) + ";",
                < ' ' or '\ufffe' or '\uffff' => "\ufffd",
                _ when char.IsSurrogate(c) => "\ufffd",
                _ => c.ToString(),
            });
        }
        return escaped.ToString();
    }
}
