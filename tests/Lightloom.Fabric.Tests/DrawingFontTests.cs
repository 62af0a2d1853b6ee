using CsCheck;

namespace Lightloom.Fabric.Tests;

public class DrawingFontTests
{
    [Theory]
    // Widths that the AFM files of Helvetica and Helvetica Bold add up to.
    [InlineData("leaf", false, 1612)]
    [InlineData("WAVE", false, 944 + 667 + 667 + 667)]
    [InlineData("0123456789", false, 5560)]
    [InlineData("Rack", true, 722 + 556 + 556 + 556)]
    [InlineData("", false, 0)]
    [InlineData("日本", false, 2000)]
    public void Text_is_as_wide_as_the_font_says(string text, bool bold, int thousandths)
    {
        Assert.Equal(thousandths / 1000.0, DrawingFont.WidthOf(text, 1, bold), 1e-12);
        Assert.Equal(thousandths / 1000.0 * 12, DrawingFont.WidthOf(text, 12, bold), 1e-9);
    }

    [Fact]
    public void Shortened_text_fits_and_keeps_as_much_as_it_can() =>
        Gen.Select(Gen.String, Gen.Double[0, 300], Gen.Bool).Sample((text, most, bold) =>
        {
            var fitted = DrawingFont.Fit(text, 12, bold, most);
            Assert.True(fitted.Length == 0 || DrawingFont.WidthOf(fitted, 12, bold) <= most);
            if (DrawingFont.WidthOf(text, 12, bold) <= most) Assert.Equal(text, fitted);
            else if (fitted.Length > 0)
            {
                Assert.EndsWith("…", fitted, StringComparison.Ordinal);
                Assert.StartsWith(fitted[..^1], text, StringComparison.Ordinal);
                Assert.False(char.IsHighSurrogate(fitted[..^1].LastOrDefault()));
            }
        });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Text_is_read_on_what_it_is_written_on(bool dark)
    {
        // Contrast of WCAG 2.1, 1.4.3: at least 4.5 to 1, for everything that text stands on.
        foreach (var text in (Paint[])[Paint.Ink, Paint.Muted])
            foreach (var ground in (Paint[])[Paint.Surface, Paint.Frame, Paint.Empty, Paint.System, Paint.Leaf, Paint.Spine, Paint.Core, Paint.Router, Paint.Management, Paint.Mixed])
            {
                var contrast = Contrast(DrawingPalette.Of(text, dark).Fill, DrawingPalette.Of(ground, dark).Fill);
                Assert.True(contrast >= 4.5, $"{text} on {ground} has a contrast of {contrast:0.0}");
            }
        // What is told by colour alone keeps its order in grey.
        var scale = Enumerable.Range(0, 5).Select(i => Luminance(DrawingPalette.Of(Paint.Scale1 + i, dark).Fill)).ToList();
        Assert.Equal(dark ? scale.Order() : scale.OrderDescending(), scale);
    }

    static double Contrast(string a, string b)
    {
        var (x, y) = (Luminance(a), Luminance(b));
        return (Math.Max(x, y) + 0.05) / (Math.Min(x, y) + 0.05);
    }

    static double Luminance(string color)
    {
        double Channel(int at)
        {
            var c = Convert.ToInt32(color.Substring(at, 2), 16) / 255.0;
            return c <= 0.03928 ? c / 12.92 : Math.Pow((c + 0.055) / 1.055, 2.4);
        }
        return (0.2126 * Channel(1)) + (0.7152 * Channel(3)) + (0.0722 * Channel(5));
    }
}
