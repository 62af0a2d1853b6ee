using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom sites</c>, and what <c>evaluate</c> says of several sites.</summary>
public class SitesCommandTests
{
    const string Example = "three-sites-dark-fibre";

    static string Changed(params (string Old, string New)[] changes)
    {
        var text = File.ReadAllText(Cli.Example(Example));
        foreach (var (old, with) in changes)
        {
            Assert.Contains(old, text, StringComparison.Ordinal);
            text = text.Replace(old, with, StringComparison.Ordinal);
        }
        return text;
    }

    static JsonElement Route(JsonElement root, string name) => root.GetProperty("routes").EnumerateArray().Single(r => r.GetProperty("name").GetString() == name);

    static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    [Fact]
    public void Lines_are_designed_and_their_sums_are_those_of_the_routes()
    {
        var root = Cli.Json("sites", Cli.Example(Example));
        var valley = Route(root, "valley");
        var line = valley.GetProperty("line");
        Assert.Equal(300 * 1.3, Number(valley, "length_km"), 1e-9);
        Assert.Equal(5, Number(line, "spans"));
        Assert.True(Number(line, "margin_dB") >= 2);
        Assert.True(Number(valley, "bandwidth_Gbps") is >= 1600 and < 2400);
        // The fibre and the modules at both ends.
        Assert.InRange(Number(valley, "delay_s"), 390e3 * 4.897e-9, (390e3 * 4.897e-9) + 30e-6);
        // 16 leased waves in all cost nothing to buy, and something every year.
        Assert.Equal(0, Route(root, "south - east").GetProperty("capital_USD").GetProperty("value").GetDouble());
        // 8 hundreds of Gb/s x (12,000 USD + 156 km x 30 USD/km).
        Assert.Equal(8 * (12_000 + (156 * 30)), Route(root, "south - east").GetProperty("yearly_USD").GetProperty("value").GetDouble(), 1e-6);
        var capital = root.GetProperty("routes").EnumerateArray().Sum(r => r.GetProperty("capital_USD").GetProperty("value").GetDouble());
        Assert.Equal(capital, root.GetProperty("capital_USD").GetProperty("value").GetDouble(), 1e-6);
        var evaluated = Cli.Json("evaluate", Cli.Example(Example)).GetProperty("overSites");
        Assert.Equal(root.GetProperty("methods").EnumerateArray().Select(m => Number(m, "tokensPerSecond")), evaluated.GetProperty("methods").EnumerateArray().Select(m => Number(m, "tokensPerSecond")));
    }

    [Fact]
    public void Failures_add_up_to_all_of_the_time()
    {
        var failures = Cli.Json("sites", Cli.Example(Example)).GetProperty("failures");
        Assert.Equal(1, failures.GetProperty("states").EnumerateArray().Sum(s => Number(s, "share")) + Number(failures, "shareBeyond"), 1e-12);
        var east = failures.GetProperty("states").EnumerateArray().Single(s => s.GetProperty("down").EnumerateArray().Select(d => d.GetString()).SequenceEqual(["east"]));
        Assert.Equal(0, Number(east.GetProperty("rateKept"), "pipeline"));
        Assert.InRange(Number(east.GetProperty("rateKept"), "streaming-diloco"), 0.749, 0.76);
    }

    [Theory]
    [InlineData("svg")]
    [InlineData("png")]
    public void Pictures_are_written(string kind) => Cli.Draws(kind, "sites", Cli.Example(Example));

    [Theory]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km, modules: [400zr] }", "no module reaches 390 km over 5 spans of 78 km on 'os2-1550'")]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km, modules: [400zr] }", "within reach are")]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km, modules: [400zr-plus-1dbm] }", "400zr-plus-0dbm")]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km, amplifier: std-medum-gain }", "there is no amplifier 'std-medum-gain'")]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km }, waves: { count: 2, rate: 400 Gb/s }", "a line of its own or leased waves; found both")]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km }, fibre: os2-1551", "there is no fibre 'os2-1551'")]
    [InlineData("line: { span: 80 km }", "line: { span: 80 km }, fibre: om4-850", "carries no line of erbium amplifiers")]
    [InlineData("line: { span: 80 km }", "line: { span: 800 km }", "spans of 800 km are longer than the route's")]
    [InlineData("bandwidth: 1.6 Tb/s, line: { span: 80 km }", "bandwidth: 80 Tb/s, line: { span: 80 km, pairs: 1 }", "80 Tb/s need more than 1 fibre pair")]
    [InlineData("bandwidth: 1.6 Tb/s, line: { span: 80 km }", "name2: x", "unknown key 'name2'")]
    [InlineData(", bandwidth: 1.6 Tb/s, line: { span: 80 km }", "", "a route needs a bandwidth, a line or waves")]
    [InlineData("waves: { count: 2, rate: 400 Gb/s }", "waves: { count: 2, rate: 400 Gb/s }, bandwidth: 1 Tb/s", "2 waves of 400 Gb/s are 800 Gb/s; the route says 1 Tb/s")]
    [InlineData("distance: 300 km, routeFactor: 1.7", "distance: 320 km, routeFactor: 1.7", "are 320 km apart here and 300 km on another route")]
    [InlineData("distance: 350 km", "distance: 550 km", "can't be 550 km apart")]
    public void Wrong_routes_are_named(string old, string with, string message)
    {
        using var folder = new Scratch();
        foreach (var command in (string[])["sites", "evaluate"])
        {
            var (code, text, error) = Cli.Run(command, folder.Write(Changed((old, with))));
            Assert.Equal((2, ""), (code, text));
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.Contains("d.yaml:", error, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Regenerators_reach_what_a_module_alone_does_not()
    {
        using var folder = new Scratch();
        var root = Cli.Json("sites", folder.Write(Changed(("line: { span: 80 km }", "line: { span: 80 km, modules: [400zr], regenerate: true }"))));
        var line = Route(root, "valley").GetProperty("line");
        Assert.True(Number(line, "sections") > 1);
        Assert.Equal(2 * Number(line, "channels") * Number(line, "sections"), Number(line, "transceivers"));
    }
}
