using System.Text.Json;
using System.Xml.Linq;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom advise</c>.</summary>
public class AdviseCommandTests
{
    static readonly string Folder = Path.Combine(Cli.Root, "examples", "scenarios");

    public static TheoryData<string> Scenarios => [.. Directory.GetFiles(Folder, "*.yaml").Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    static double Value(JsonElement option, string name) => option.GetProperty(name).GetProperty("value").GetDouble();

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void A_scenario_is_ranked_by_what_options_buy_and_says_what_would_change_it(string scenario)
    {
        var root = Cli.Json("advise", scenario);
        Assert.Equal(scenario, root.GetProperty("scenario").GetString());
        var options = root.GetProperty("options").EnumerateArray().ToList();
        Assert.NotEmpty(options);
        Assert.Equal(options[0].GetProperty("name").GetString(), root.GetProperty("best").GetString());
        Assert.Equal(options[0].GetProperty("layer").GetString(), root.GetProperty("layer").GetString());
        Assert.All(options, o => Assert.True(Value(o, "buys") > 0));
        Assert.Equal(options.Select(o => Value(o, "buys")).OrderDescending(), options.Select(o => Value(o, "buys")));
        Assert.All(options, o =>
        {
            var buys = o.GetProperty("buys");
            Assert.InRange(Value(o, "buys"), buys.GetProperty("low").GetDouble(), buys.GetProperty("high").GetDouble());
        });
        Assert.All(root.GetProperty("refused").EnumerateArray(), o => Assert.NotEqual("", o.GetProperty("refused").GetString()));
        Assert.NotEmpty(root.GetProperty("flips").EnumerateArray());
        Assert.NotEqual("", root.GetProperty("weakestGrade").GetString());
        // The scenario that ships and its file say the same.
        Assert.Equal(root.GetRawText(), Cli.Json("advise", Path.Combine(Folder, scenario + ".yaml")).GetRawText());
    }

    [Fact]
    public void The_eight_standing_recommendations_have_a_scenario_each()
    {
        Assert.Equal(Enumerable.Range(24, 8).Select(i => $"C{i}"), Scenarios.Select(s => Cli.Json("advise", s.Data).GetProperty("claim").GetString()).Order(StringComparer.Ordinal));
        Assert.Equal("less-power", Cli.Json("advise", "c25").GetProperty("scenario").GetString());
    }

    [Theory]
    [InlineData("superpod-h100-ndr", 2)]
    [InlineData("superpod-h100-ndr", 10)]
    public void What_is_offered_stays_within_the_budget_and_what_costs_more_is_refused(string example, double millions)
    {
        var root = Cli.Json("advise", Cli.Example(example), "--budget", $"{millions}MUSD", "--power", "1MW");
        var options = root.GetProperty("options").EnumerateArray().ToList();
        Assert.All(options, o => Assert.True(Value(o, "capital_USD") <= millions * 1e6 * (1 + 1e-9)));
        Assert.All(options, o => Assert.True(!o.TryGetProperty("meter_W", out var watts) || watts.GetDouble() <= 1e6 * (1 + 1e-9)));
        Assert.Contains(options, o => o.GetProperty("layer").GetString() == "compute");
    }

    [Fact]
    public void More_systems_grow_with_the_budget_and_are_no_longer_had_below_the_price_of_one_replica()
    {
        JsonElement At(string budget) => Cli.Json("advise", Cli.Example("superpod-h100-ndr"), "--budget", budget);
        double Compute(JsonElement root) => root.GetProperty("options").EnumerateArray().Where(o => o.GetProperty("layer").GetString() == "compute").Sum(o => Value(o, "buys"));
        var (two, four) = (Compute(At("4MUSD")), Compute(At("8MUSD")));
        // More than twice as much: both pay for the leaves of one more unit before the first system.
        Assert.InRange(four / two, 2, 4);
        var none = At("100kUSD");
        Assert.Equal(0, Compute(none));
        Assert.Contains(none.GetProperty("refused").EnumerateArray(), o => o.GetProperty("layer").GetString() == "compute" && o.GetProperty("refused").GetString()!.Contains("cost about", StringComparison.Ordinal));
    }

    /// <summary>The book quotes the design's Ethernet switch, whose price is a wide guess in the catalogue.</summary>
    [Fact]
    public void A_price_book_changes_what_options_buy()
    {
        double Low(params string[] more) => Cli.Json(["advise", "small-cluster", .. more]).GetProperty("options").EnumerateArray()
            .Single(o => o.GetProperty("name").GetString() == "Ethernet with RoCE on copper").GetProperty("buys").GetProperty("low").GetDouble();
        var book = Path.Combine(Path.GetDirectoryName(Cli.Example("superpod-h100-ndr"))!, "prices", "quotes-eur.yaml");
        Assert.True(Low() < 0);
        Assert.True(Low("--prices", book) > 0);
    }

    // Two ways to save on a small cluster's network lie close together: by which wins, the price of the Ethernet switch decides.
    static JsonElement Small(Scratch folder, double dollars, double low, double high, string name) => Cli.Json("advise", "small-cluster", "--prices", folder.Write(
        FormattableString.Invariant($"priceBook: 1\nname: {name}\nsource: a quote\nprices: {{ sn5600: {{ value: {dollars} USD, low: {low} USD, high: {high} USD }} }}\n"), name + ".yaml"));

    static double Buys(JsonElement root, string name) => root.GetProperty("options").EnumerateArray().Where(o => o.GetProperty("name").GetString() == name).Select(o => Value(o, "buys")).SingleOrDefault();

    [Fact]
    public void What_flips_an_answer_at_the_end_of_its_range_flips_it_when_it_lies_there()
    {
        const string Copper = "copper in the place of optics", Both = "Ethernet with RoCE on copper";
        using var folder = new Scratch();
        var root = Small(folder, 36000, 20000, 60000, "quote");
        Assert.Equal(Copper, root.GetProperty("best").GetString());
        var certainty = root.GetProperty("certainty");
        Assert.False(certainty.GetProperty("survives").GetBoolean());
        Assert.InRange(certainty.GetProperty("best_share").GetDouble(), 0.2, 0.8);
        Assert.Equal(Both, certainty.GetProperty("rivals")[0].GetProperty("name").GetString());
        Assert.Equal(1, certainty.GetProperty("best_share").GetDouble() + certainty.GetProperty("rivals").EnumerateArray().Sum(r => r.GetProperty("share").GetDouble()), 1e-9);
        var mover = certainty.GetProperty("movedBy").EnumerateArray().Single(m => m.GetProperty("figure").GetString() == "sn5600");
        Assert.Equal(Both, mover.GetProperty("winsAtLow").GetString());
        Assert.False(mover.TryGetProperty("winsAtHigh", out _));
        foreach (var (end, lead, best) in new[] { ("low", "leadAtLow", Both), ("high", "leadAtHigh", Copper) })
        {
            var price = mover.GetProperty(end).GetDouble();
            var there = Small(folder, price, price, price, "at-" + end);
            Assert.Equal(best, there.GetProperty("best").GetString());
            Assert.Equal(Buys(there, Copper) - Buys(there, Both), mover.GetProperty(lead).GetDouble(), 1e-6);
        }
    }

    [Fact]
    public void A_price_that_is_known_leaves_the_answer_as_certain_as_the_rest()
    {
        using var folder = new Scratch();
        double Best(double low, double high) => Small(folder, 30000, low, high, FormattableString.Invariant($"from-{low}")).GetProperty("certainty").GetProperty("best_share").GetDouble();
        // At 30 kUSD it is Ethernet on copper; the wider its price, the less certain.
        var (known, near, wide) = (Best(30000, 30000), Best(25000, 40000), Best(25000, 200000));
        Assert.True(known > near && near > wide, $"{known} {near} {wide}");
    }

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void An_answer_says_how_certain_it_is_the_same_each_time(string scenario)
    {
        var root = Cli.Json("advise", scenario);
        var certainty = root.GetProperty("certainty");
        var (best, layer) = (certainty.GetProperty("best_share").GetDouble(), certainty.GetProperty("layer_share").GetDouble());
        Assert.InRange(best, 0.5, 1);
        Assert.InRange(layer, best, 1);
        Assert.Equal(best >= 0.9, certainty.GetProperty("survives").GetBoolean());
        foreach (var option in root.GetProperty("options").EnumerateArray().Concat(root.GetProperty("refused").EnumerateArray()))
        {
            if (option.TryGetProperty("meter_W", out var watts)) Assert.InRange(watts.GetDouble(), option.GetProperty("meterLow_W").GetDouble(), option.GetProperty("meterHigh_W").GetDouble());
            if (option.TryGetProperty("tokensGain", out var gain)) Assert.InRange(gain.GetDouble(), option.GetProperty("tokensGainLow").GetDouble(), option.GetProperty("tokensGainHigh").GetDouble());
        }
        foreach (var standing in root.GetProperty("standing").EnumerateArray())
        {
            var (now, name) = (standing.GetProperty("now"), standing.GetProperty("name").GetString());
            Assert.InRange(now.GetProperty("value").GetDouble(), now.GetProperty("low").GetDouble(), now.GetProperty("high").GetDouble());
            Assert.True(now.GetProperty("low").GetDouble() < now.GetProperty("high").GetDouble(), name);
        }
        Assert.Equal(root.GetRawText(), Cli.Json("advise", scenario).GetRawText());
        var text = Cli.Run("advise", scenario).Out;
        Assert.Contains("samples", text, StringComparison.Ordinal);
    }

    [Fact]
    public void What_stands_is_what_cost_and_evaluate_say()
    {
        var (root, cost, evaluated) = (Cli.Json("advise", Cli.Example("superpod-h100-ndr")), Cli.Json("cost", Cli.Example("superpod-h100-ndr")), Cli.Json("evaluate", Cli.Example("superpod-h100-ndr")));
        JsonElement Now(string name) => root.GetProperty("standing").EnumerateArray().Single(s => s.GetProperty("name").GetString() == name).GetProperty("now");
        foreach (var (name, same) in new[] { ("IT power in use", cost.GetProperty("power").GetProperty("inUse_kW")), ("IT power provisioned", cost.GetProperty("power").GetProperty("provisioned_kW")), ("a million tokens", cost.GetProperty("millionTokens_USD")) })
            foreach (var end in new[] { "value", "low", "high" }) Assert.Equal(same.GetProperty(end).GetDouble(), Now(name).GetProperty(end).GetDouble(), 1e-9 * same.GetProperty(end).GetDouble());
        var step = evaluated.GetProperty("step").GetProperty("time_s").GetDouble();
        Assert.Equal(step, Now("a step").GetProperty("value").GetDouble(), 1e-9);
        // The band of the class of models, as the catalogue has it from the last fit.
        var band = evaluated.GetProperty("accuracy").GetProperty("band_share").GetDouble();
        Assert.Equal(band * step, Now("a step").GetProperty("high").GetDouble() - step, 1e-6);
        // A run takes its tokens at the rate that failures leave.
        Assert.Equal(15e12 / 86400, Now("the training run").GetProperty("value").GetDouble() * Now("tokens/s, failures counted").GetProperty("value").GetDouble(), 1);
    }

    [Fact]
    public void The_page_is_what_the_program_writes()
    {
        using var folder = new Scratch();
        Assert.Equal((0, "", ""), Cli.Run("advise", "--page", folder["two-layers.md"]));
        var committed = Path.Combine(Cli.Root, "docs", "two-layers.md");
        var (written, picture) = (File.ReadAllText(folder["two-layers.md"]), Path.Combine("two-layers", "advice.svg"));
        if (Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            File.WriteAllText(committed, written);
            Directory.CreateDirectory(Path.Combine(Cli.Root, "docs", "two-layers"));
            File.Copy(folder[picture], Path.Combine(Cli.Root, "docs", picture), overwrite: true);
        }
        Assert.Equal(File.ReadAllText(committed), written);
        // Where letters stand depends on the fonts of a machine; that the picture is there and has the bars doesn't.
        Assert.Contains("](two-layers/advice.svg)", written, StringComparison.Ordinal);
        Assert.Equal(Bars(folder[picture]), Bars(Path.Combine(Cli.Root, "docs", picture)));

        static int Bars(string file) => XDocument.Load(file).Descendants().Count(e => (string?)e.Attribute("fill") is "#F28E2B" or "#4E79A7" or "#59A14F");
    }

    [Theory]
    [InlineData("did you mean 'large-cluster'?", "larg-cluster")]
    [InlineData("--budget: expected more than 0, found '-5MUSD'", "large-cluster", "--budget", "-5MUSD")]
    [InlineData("--budget: expected more than 0, found '0MUSD'", "large-cluster", "--budget", "0MUSD")]
    [InlineData("'MEUR' is not a known unit", "large-cluster", "--budget", "5MEUR")]
    [InlineData("--power: '1MUSD' is not a power", "large-cluster", "--power", "1MUSD")]
    [InlineData("leave --budget and --power out", "all-reduce", "--budget", "5MUSD")]
    [InlineData("leave the rest out", "all-reduce", "--page", "x.md")]
    [InlineData("there is no file 'no-such.yaml'", "all-reduce", "--prices", "no-such.yaml")]
    [InlineData("there is no folder", "--page", "no-such-folder/x.md")]
    [InlineData("a scenario or a design is missing")]
    [InlineData("there is no file 'no-such.yaml'", "no-such.yaml")]
    public void Wrong_options_are_named(string message, params string[] options)
    {
        var (code, text, error) = Cli.Run(["advise", .. options]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("counts: tokens", "counts: joy", "s.yaml:4:9")]
    [InlineData("claim: C24", "claim: C99", "there is no claim 'C99'")]
    [InlineData("layers: [light]", "layers: []", "layers: expected at least one")]
    [InlineData("budget: 1 MUSD", "budget: -1 MUSD", "budget: expected more than 0")]
    [InlineData("budget: 1 MUSD", "change: 7", "change: expected keys of the design")]
    [InlineData("budget: 1 MUSD", "change: { fabrik: {} }", "fabrik")]
    [InlineData("design: d.yaml", "design: e.yaml", "e.yaml")]
    public void What_a_scenario_says_wrong_is_named_with_its_place(string right, string wrong, string message)
    {
        using var folder = new Scratch();
        File.Copy(Cli.Example("superpod-h100-ndr"), folder["d.yaml"]);
        var text = "scenario: 1\nquestion: Which?\nclaim: C24\ncounts: tokens\ndesign: d.yaml\nlayers: [light]\nbudget: 1 MUSD\n";
        Assert.Equal(0, Cli.Run("advise", folder.Write(text, "s.yaml")).Code);
        var (code, output, error) = Cli.Run("advise", folder.Write(text.Replace(right, wrong, StringComparison.Ordinal), "s.yaml"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_design_without_a_job_is_told_so()
    {
        using var folder = new Scratch();
        var text = File.ReadAllText(Cli.Example("superpod-h100-ndr"));
        var (code, output, error) = Cli.Run("advise", folder.Write(text[..text.IndexOf("job:", StringComparison.Ordinal)]), "--budget", "1MUSD");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("has no job", error, StringComparison.Ordinal);
    }
}
