using System.Text.Json;
using System.Xml;
using Lightloom.Fabric;
using SkiaSharp;

namespace Lightloom.Cli.Tests;

public class FabricDrawCommandTests
{
    [Theory]
    [InlineData("superpod-h100-ndr", "--view topology")]
    [InlineData("superpod-h100-ndr", "--rail 3")]
    [InlineData("superpod-h100-ndr", "--device leaf-07")]
    [InlineData("superpod-h100-ndr", "--rack R01-08")]
    [InlineData("superpod-h100-ndr", "--view row --row 5")]
    [InlineData("superpod-h100-ndr", "--view floor --color power")]
    [InlineData("llama3-24k-roce", "--pod 2")]
    [InlineData("llama3-24k-roce", "--view floor")]
    [InlineData("gb200-nvl72-cpo", "--plane 1")]
    [InlineData("eight-node-roce-copper", "--view topology")]
    public void A_picture_is_the_same_as_svg_and_as_png(string example, string options)
    {
        using var scratch = new Scratch();
        string[] arguments = ["fabric", "draw", Cli.Example(example), .. options.Split(' ')];
        var (code, output, error) = Cli.Run([.. arguments, "--output", scratch["a.svg"]]);
        Assert.Equal((0, ""), (code, error));
        Assert.EndsWith($"'{scratch["a.svg"]}'\n", output, StringComparison.Ordinal);
        Assert.Equal(0, Cli.Run([.. arguments, "--output", scratch["b.svg"]]).Code);
        Assert.Equal(File.ReadAllBytes(scratch["a.svg"]), File.ReadAllBytes(scratch["b.svg"]));
        using var reader = XmlReader.Create(scratch["a.svg"], new() { DtdProcessing = DtdProcessing.Prohibit });
        Assert.True(reader.ReadToFollowing("svg"));
        var (width, height) = (XmlConvert.ToDouble(reader.GetAttribute("width")!), XmlConvert.ToDouble(reader.GetAttribute("height")!));

        // The same scene in pixels: two to each unit, and not blank.
        (code, _, error) = Cli.Run([.. arguments, "--output", scratch["a.png"]]);
        Assert.Equal((0, ""), (code, error));
        using var picture = SKBitmap.Decode(scratch["a.png"]);
        Assert.Equal((Math.Ceiling(2 * width), Math.Ceiling(2 * height)), (picture.Width, picture.Height));
        Assert.True(picture.Pixels.Distinct().Take(20).Count() == 20);
        Assert.Equal(3, Directory.GetFiles(scratch.Folder).Length);
    }

    [Fact]
    public void Machines_get_what_was_drawn()
    {
        using var scratch = new Scratch();
        var (code, output, _) = Cli.Run("fabric", "draw", Cli.Example("eight-node-roce-copper"), "--json", "--output", scratch["a.svg"]);
        using var json = JsonDocument.Parse(output);
        Assert.Equal((0, "topology", scratch["a.svg"]), (code, json.RootElement.GetProperty("view").GetString(), json.RootElement.GetProperty("file").GetString()));
        Assert.Contains("64 node-leaf links of 400 Gb/s", json.RootElement.GetProperty("description").GetString(), StringComparison.Ordinal);
        Assert.True(json.RootElement.GetProperty("width_px").GetDouble() > 0);
    }

    [Theory]
    [InlineData("--pod 9", "a.svg", "--pod: there is no pod 9: this fabric has one pod")]
    [InlineData("--plane 0", "a.svg", "--plane: there is no plane 0: this fabric has one plane")]
    [InlineData("--rail 9", "a.svg", "--rail: there is no rail 9: this fabric has rails 1 to 8")]
    [InlineData("--device leef-07", "a.svg", "--device: there is no device 'leef-07'; did you mean 'leaf-07'?")]
    [InlineData("--rack R01-99", "a.svg", "--rack: there is no rack 'R01-99'; did you mean 'R01-0")]
    [InlineData("--row 99", "a.svg", "--row: there is no row 99: this floor has rows 1 to ")]
    [InlineData("--row -2147483648", "a.svg", "--row: there is no row -2,147,483,648: this floor has rows 1 to ")]
    [InlineData("--row two", "a.svg", "Cannot parse argument 'two'")]
    [InlineData("--view rack", "a.svg", "--view rack needs --rack with the name of a rack")]
    [InlineData("--view row", "a.svg", "--view row needs --row with the number of a row")]
    [InlineData("--view hall", "a.svg", "'hall'")]
    [InlineData("--view floor --pod 1", "a.svg", "--pod belongs to --view topology, and --view is floor")]
    [InlineData("--device leaf-07 --rail 1", "a.svg", "--device shows one device with all its neighbours; leave --pod, --plane and --rail out")]
    [InlineData("--view topology", "a.pdf", "--output writes .svg or .png, and '")]
    [InlineData("--view topology", "none/a.svg", "--output: there is no folder '")]
    [InlineData("--view topology", "folder.svg", "is a folder; expected the name of a file")]
    public void What_cannot_be_drawn_is_told_and_nothing_is_written(string options, string file, string expected)
    {
        using var scratch = new Scratch();
        Directory.CreateDirectory(scratch["folder.svg"]);
        var (code, output, error) = Cli.Run(["fabric", "draw", Cli.Example("superpod-h100-ndr"), .. options.Split(' '), "--output", scratch[file]]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(scratch.Folder, "*", SearchOption.AllDirectories));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Widths_of_text_are_those_of_the_font(bool bold)
    {
        // Fonts that were made to have these widths.
        var typeface = DrawingFont.Families.Take(4).Select(f => SKFontManager.Default.MatchFamily(f, bold ? SKFontStyle.Bold : SKFontStyle.Normal)).FirstOrDefault(f => f is not null);
        Assert.SkipWhen(typeface is null, "none of " + string.Join(", ", DrawingFont.Families.Take(4)) + " is installed (on Linux: fonts-liberation)");
        using var font = new SKFont(typeface, 1000) { Hinting = SKFontHinting.None, LinearMetrics = true };
        foreach (var c in Enumerable.Range(32, 95).Select(c => ((char)c).ToString()).Append("…").Append("–").Append("×"))
            Assert.True(Math.Abs(DrawingFont.WidthOf(c, 1000, bold) - font.MeasureText(c)) < 1.5, $"'{c}' is {font.MeasureText(c)} wide, not {DrawingFont.WidthOf(c, 1000, bold)}");
    }
}
