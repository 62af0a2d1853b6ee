using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using ScottPlot;

namespace Lightloom.Cli;

/// <summary>Writes pictures of <c>--plot</c>.</summary>
static partial class PlotFile
{
    const int Width = 1200;
    const int Height = 800;

    public static void CheckName(string file, string option = "--plot")
    {
        if (!file.EndsWith(".svg", StringComparison.OrdinalIgnoreCase) && !file.EndsWith(".png", StringComparison.OrdinalIgnoreCase))
            throw new InputException($"{option} writes .svg or .png, and '{file}' is neither");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file));
        if (Directory.Exists(file)) throw new InputException($"{option}: '{file}' is a folder; expected the name of a file");
        if (!Directory.Exists(folder)) throw new InputException($"{option}: there is no folder '{folder}'");
    }

    public static void Save(string file, Multiplot multiplot)
    {
        // Written beside and moved, so that nobody ever reads half a picture.
        var part = file + ".part";
        try
        {
            Draw(multiplot, file, part);
            File.Move(part, file, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
    }

    // Names of clips and gradients count what the process has drawn so far; numbered by their place, so that equal pictures are equal files.
    static string Numbered(string svg)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Match id in IdText().Matches(svg)) numbers.TryAdd(id.Groups[1].Value, numbers.Count);
        return ReferenceText().Replace(svg, m => numbers.TryGetValue(m.Groups[2].Value, out var n) ? string.Create(CultureInfo.InvariantCulture, $"{m.Groups[1].Value}n{n}") : m.Value);
    }

    [GeneratedRegex(@"\bid=""([^""]+)""")]
    private static partial Regex IdText();

    [GeneratedRegex(@"(\bid=""|#)([A-Za-z][A-Za-z0-9]*_[0-9a-f]+)\b")]
    private static partial Regex ReferenceText();

    static void Draw(Multiplot multiplot, string file, string part)
    {
        if (file.EndsWith(".svg", StringComparison.OrdinalIgnoreCase))
        {
            using var drawn = new MemoryStream();
            using (var canvas = SkiaSharp.SKSvgCanvas.Create(SkiaSharp.SKRect.Create(Width, Height), drawn)) multiplot.Render(canvas, new PixelRect(0, Width, Height, 0));
            File.WriteAllText(part, Numbered(Encoding.UTF8.GetString(drawn.ToArray())));
        }
        else
        {
            using var surface = SkiaSharp.SKSurface.Create(new SkiaSharp.SKImageInfo(Width, Height));
            multiplot.Render(surface.Canvas, new PixelRect(0, Width, Height, 0));
            using var image = surface.Snapshot();
            using var data = image.Encode(SkiaSharp.SKEncodedImageFormat.Png, 100);
            using var stream = File.Create(part);
            data.SaveTo(stream);
        }
    }
}
