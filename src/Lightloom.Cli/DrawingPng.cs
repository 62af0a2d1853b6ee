using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using SkiaSharp;

namespace Lightloom.Cli;

/// <summary>Paints a drawing as pixels, with the colours and the widths of text that its SVG has.</summary>
static class DrawingPng
{
    const float Scale = 2; // pixels to 1/96 inch, so that small text stays sharp
    const long MostPixels = 100_000_000;
    const float HaloWidth = 4;

    /// <exception cref="InputException">The machine has no font, or the drawing is too large for pixels.</exception>
    public static byte[] Of(Drawing drawing)
    {
        var (width, height) = ((int)Math.Ceiling(drawing.Width * Scale), (int)Math.Ceiling(drawing.Height * Scale));
        if ((long)width * height > MostPixels)
            throw new InputException($"a .png of {width:N0} by {height:N0} pixels is too large; write an .svg, or draw a part");
        using var regular = Typeface(false);
        using var bold = Typeface(true);
        using var surface = SKSurface.Create(new SKImageInfo(width, height));
        var canvas = surface.Canvas;
        canvas.Clear(Color(DrawingPalette.Of(Paint.Surface).Fill));
        canvas.Scale(Scale);
        foreach (var element in drawing.All)
        {
            switch (element)
            {
                case DrawingBox box: Box(canvas, box); break;
                case DrawingCurve curve: Curve(canvas, curve); break;
                case DrawingText text: Text(canvas, text, text.Bold ? bold : regular); break;
            }
        }
        using var image = surface.Snapshot();
        using var data = image.Encode(SKEncodedImageFormat.Png, 100);
        return data.ToArray();
    }

    static SKTypeface Typeface(bool bold)
    {
        var style = bold ? SKFontStyle.Bold : SKFontStyle.Normal;
        foreach (var family in DrawingFont.Families)
            if (SKFontManager.Default.MatchFamily(family, style) is { } found && found.ContainsGlyph('a')) return found;
        if (SKTypeface.FromFamilyName(null, style) is { } any && any.ContainsGlyph('a')) return any;
        throw new InputException("a .png needs a font, and this machine has none; install one (on Linux: fonts-liberation), or write an .svg");
    }

    static void Box(SKCanvas canvas, DrawingBox box)
    {
        var (fill, edge) = DrawingPalette.Of(box.Paint);
        var rect = SKRect.Create((float)box.X, (float)box.Y, (float)box.Width, (float)box.Height);
        using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Fill, Color = Color(fill) };
        canvas.DrawRoundRect(rect, (float)box.Radius, (float)box.Radius, paint);
        (paint.Style, paint.Color, paint.StrokeWidth) = (SKPaintStyle.Stroke, Color(edge), 1);
        canvas.DrawRoundRect(rect, (float)box.Radius, (float)box.Radius, paint);
    }

    static void Curve(SKCanvas canvas, DrawingCurve curve)
    {
        using var paint = new SKPaint { IsAntialias = true, Style = SKPaintStyle.Stroke, Color = Color(DrawingPalette.Of(curve.Paint).Edge), StrokeWidth = (float)curve.Thickness };
        using var path = new SKPath();
        path.MoveTo((float)curve.X1, (float)curve.Y1);
        path.CubicTo((float)curve.ControlX1, (float)curve.ControlY1, (float)curve.ControlX2, (float)curve.ControlY2, (float)curve.X2, (float)curve.Y2);
        canvas.DrawPath(path, paint);
    }

    static void Text(SKCanvas canvas, DrawingText text, SKTypeface typeface)
    {
        if (text.Text.Length == 0) return;
        using var font = new SKFont(typeface, (float)text.Size) { Edging = SKFontEdging.Antialias, Subpixel = true, Hinting = SKFontHinting.None, LinearMetrics = true };
        var measured = font.MeasureText(text.Text);
        if (measured > 0) font.ScaleX = (float)text.Width / measured;
        using var paint = new SKPaint { IsAntialias = true };
        if (text.Halo)
        {
            (paint.Style, paint.StrokeWidth, paint.StrokeJoin, paint.Color) =
                (SKPaintStyle.Stroke, HaloWidth, SKStrokeJoin.Round, Color(DrawingPalette.Of(Paint.Surface).Fill));
            canvas.DrawText(text.Text, (float)text.Left, (float)text.Y, font, paint);
        }
        (paint.Style, paint.Color) = (SKPaintStyle.Fill, Color(DrawingPalette.Of(text.Paint).Fill));
        canvas.DrawText(text.Text, (float)text.Left, (float)text.Y, font, paint);
    }

    static SKColor Color(string color) => SKColor.TryParse(color, out var parsed) ? parsed : SKColors.Transparent;
}
