using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom link</c>: a hall with 300 m runs, four MPO connections and an optical circuit switch in the path.</summary>
public class LinkCommandTests
{
    static readonly string[] Hall =
        ["link", "--rate", "800", "--length", "300m", "--connectors", "4", "--connector", "mpo", "--ocs", "1.5..2.0 dB"];

    [Fact]
    public void Dr_optics_miss_by_a_fraction_and_fr_close()
    {
        var (code, text, error) = Cli.Run([.. Hall, "--part", "800g-2xdr4", "--monte-carlo", "100000", "--seed", "1"]);
        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("800g-2xdr4 doesn't close: the channel loses 3.02 dB and 3.00 dB are allowed: 0.02 dB too much.", text);
        Assert.Contains("mend: drop one connector", text);
        Assert.Contains("mend: use 800g-2xfr4 (400gbase-fr4, 4.0 dB, 2 km)", text);
        Assert.Contains("one connector fewer", text);
        Assert.Contains("100,000 such links after 5 years", text);
        Assert.Contains("Drawn 100,000 links of 800g-2xdr4 with seed 1", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.Equal(text, Cli.Run([.. Hall, "--part", "800g-2xdr4", "--monte-carlo", "100000", "--seed", "1"]).Out);
    }

    [Fact]
    public void Json_has_the_same_figures()
    {
        using var json = JsonDocument.Parse(Cli.Run([.. Hall, "--pmd", "400gbase-dr4", "--monte-carlo", "50000", "--json"]).Out);
        var root = json.RootElement;
        Assert.Equal("800g-2xdr4", root.GetProperty("chosen").GetString());
        var candidates = root.GetProperty("candidates").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);
        Assert.Equal(-0.02, candidates["800g-2xdr4"].GetProperty("margin_dB").GetDouble());
        Assert.Equal(-2.12, candidates["800g-2xdr4"].GetProperty("worstCaseMargin_dB").GetDouble());
        Assert.Equal(0.98, candidates["800g-2xfr4"].GetProperty("margin_dB").GetDouble());
        Assert.Equal(32, candidates["800g-2xdr4"].GetProperty("power_W").GetDouble());
        var share = candidates["800g-2xdr4"].GetProperty("statistics").GetProperty("failingShare").GetDouble();
        var sampled = root.GetProperty("statistics").GetProperty("sampled");
        Assert.Equal(50_000, sampled.GetProperty("links").GetInt64());
        Assert.Equal(share, sampled.GetProperty("failingShare").GetDouble(), 0.2 * share);
        Assert.Equal(-0.02, root.GetProperty("waterfall").EnumerateArray().Last().GetProperty("left_dB").GetDouble());
    }

    [Theory]
    [InlineData("link", "--rate", "800", "--length", "300m", "--ocs", "palomar")]
    [InlineData("link", "--rate", "800", "--length", "300m", "--fibre", "hollow-core-1550", "--splices", "2")]
    [InlineData("link", "--rate", "400", "--length", "300m", "--part", "800g-2xdr4")]
    [InlineData("link", "--rate", "1.6 Tb/s", "--length", "0 m")]
    [InlineData("link", "--rate", "400", "--length", "80m", "--fec", "low-latency")]
    [InlineData("link", "--rate", "400", "--length", "1.2m", "--part", "cartridge-nvlink5")]
    [InlineData("link", "--rate", "800", "--length", "60m", "--retimed-only", "--worst-case")]
    public void Any_plant_gets_an_answer(params string[] arguments)
    {
        var (code, text, error) = Cli.Run(arguments);
        Assert.Equal(0, code);
        Assert.Empty(error);
        Assert.Contains("closes with", text);
        Assert.Equal(0, Cli.Run([.. arguments, "--json"]).Code);
    }

    [Theory]
    [InlineData("lightmatter-m1000")]
    [InlineData("lightmatter-l200")]
    [InlineData("teraphy-gen3")]
    public void Engines_with_a_laser_elsewhere_are_budgeted_from_it(string part)
    {
        var text = Cli.Run("link", "--rate", "800", "--length", "20m", "--connectors", "2", "--part", part).Out;
        Assert.Contains($"{part} closes with +", text);
        Assert.Contains("coupling into the chip", text);
        Assert.Contains("rather the chance that", text);
        Assert.Contains("assumption in the budget", text);
    }

    [Fact]
    public void A_report_says_what_its_margin_means()
    {
        var text = Cli.Run([.. Hall, "--part", "800g-2xdr4"]).Out;
        var words = string.Join(' ', text.Split(['\n', ' '], StringSplitOptions.RemoveEmptyEntries)); // sentences break where lines end
        Assert.Contains("Bit errors of 800g-2xdr4 by margin", text);
        Assert.Contains("no margin        0.00      2.4e-4         8.2e-13", text);
        Assert.Contains("KP4, RS(544,514). In bursts:", text);
        Assert.Contains("4 codewords in turn", words);
        Assert.Contains("lock is lost at -0.67 dB", words);
        Assert.Contains("What lost frames cost at full load", text);
        Assert.Matches(@"ultra-ethernet +link ", text);
        Assert.Matches(@"rocev2 +ends, go-back-N ", text);
        Assert.Contains("Distance to the limits of physics", text);
        Assert.Matches(@"light in vacuum +1 us +1\.65 x", text);
        Assert.Matches(@"photons/bit +shot noise +71\.8 ", text);
        Assert.Contains("What a failure takes down: NVIDIA Spectrum-4 SN5600, 64 ports, 800g-2xdr4", text);
        Assert.Contains("Energy by what it is divided by", text);
    }

    [Fact]
    public void Lanes_of_wavelengths_have_their_own_loss()
    {
        var text = Cli.Run([.. Hall, "--pmd", "400gbase-fr4"]).Out;
        Assert.Contains("Wavelengths of 800g-2xfr4, the worst first", text);
        Assert.Matches(@"1271 +0\.451 +\+0\.965", text);
    }

    // 144 x 800G with 72 modules of 27.2 W against engines of 9 W: three times per port, less than twice per box.
    [Fact]
    public void A_claim_is_shown_on_each_denominator()
    {
        var text = Cli.Run("link", "--rate", "800", "--length", "50m", "--switch", "q3400-ra", "--part", "1.6t-2xdr4").Out;
        Assert.Contains("Q3450-LD (XDR): 3.02 times less per port, 3.17 times less with the", text);
        Assert.Contains("1.81 times less per box: 3.21 kW saved, 1.9 kW of which are not the", text);
        Assert.Matches(@"q3450-ld, CPO +2 of 144 +\+142 +no, the switch", text);
        var packaged = Cli.Run("link", "--rate", "800", "--length", "50m", "--switch", "q3450-ld").Out;
        Assert.Matches(@"engine +2 +1,600 +142 +the switch +no +6 h", packaged);
        Assert.Contains(" in q3400-ra", packaged);
    }

    [Fact]
    public void Dirty_connectors_are_a_step_of_the_waterfall()
    {
        var text = Cli.Run("link", "--rate", "800", "--length", "300m", "--connectors", "4", "--return-loss", "30", "--part", "800g-2xdr4").Out;
        Assert.Contains("multipath interference beyond the 0.10", text);
        Assert.Contains("closes with +0.97 dB", text);
    }

    [Fact]
    public void Json_has_errors_limits_lanes_and_boxes()
    {
        using var json = JsonDocument.Parse(Cli.Run([.. Hall, "--pmd", "400gbase-fr4", "--json"]).Out);
        var root = json.RootElement;
        var fr = root.GetProperty("candidates").EnumerateArray().Single(c => c.GetProperty("name").GetString() == "800g-2xfr4");
        Assert.Equal("kp4", fr.GetProperty("errors").GetProperty("fec").GetString());
        Assert.Equal(4, fr.GetProperty("errors").GetProperty("interleavedCodewords").GetInt32());
        Assert.Equal(fr.GetProperty("preFecBer").GetDouble(), fr.GetProperty("errors").GetProperty("preFecBer").GetDouble());
        Assert.Equal(1.65, fr.GetProperty("limits").GetProperty("latencyOverVacuum").GetDouble(), 0.005);
        Assert.Equal(21.7, fr.GetProperty("limits").GetProperty("aboveShotLimit_dB").GetDouble(), 0.05);
        Assert.Equal(71.8, fr.GetProperty("limits").GetProperty("shotLimitPhotonsPerBit").GetDouble(), 0.05);
        Assert.All(root.GetProperty("candidates").EnumerateArray(), c => Assert.True(c.GetProperty("limits").GetProperty("latencyOverVacuum").GetDouble() > 1));
        Assert.Equal([1271.0, 1291, 1311, 1331], root.GetProperty("lanes").EnumerateArray().Select(l => l.GetProperty("wavelength_nm").GetDouble()));
        var margins = root.GetProperty("margins").EnumerateArray().ToList();
        Assert.Equal(4, margins.Count);
        Assert.All(margins, m => Assert.Equal(3, m.GetProperty("retransmission").GetArrayLength()));
        var box = root.GetProperty("boxes")[0];
        Assert.Equal("sn5600", box.GetProperty("switch").GetString());
        Assert.Equal(["module", "laser", "cable", "switch"], box.GetProperty("blasts").EnumerateArray().Select(b => b.GetProperty("element").GetString()));
        Assert.Equal(20.625, box.GetProperty("energy").GetProperty("end_pJPerBit").GetDouble(), 1e-9);
        Assert.True(root.GetProperty("boxes").EnumerateArray().Single(b => b.GetProperty("switch").GetString() == "q3450-ld").GetProperty("energy").TryGetProperty("timesLessPerEnd", out _));
    }

    [Fact]
    public void Every_documented_field_is_there()
    {
        var names = new HashSet<string>(StringComparer.Ordinal) { "link" };
        foreach (var arguments in new string[][]
                 {
                     [.. Hall, "--pmd", "400gbase-fr4", "--monte-carlo", "1000", "--return-loss", "30", "--splices", "1", "--fec", "kp4", "--fibre", "os1a-1310"],
                     [.. Hall, "--part", "800g-dr8-lpo-vcsel"],
                 })
        {
            using var json = JsonDocument.Parse(Cli.Run([.. arguments, "--json"]).Out);
            Names(json.RootElement, names);
        }
        var documentation = File.ReadAllText(Path.Combine(Cli.Root, "docs", "json.md"));
        var section = documentation[documentation.IndexOf("## The JSON of `link`", StringComparison.Ordinal)..];
        var after = section.IndexOf("\n## ", 3, StringComparison.Ordinal);
        var table = (after < 0 ? section : section[..after]).Split('\n').Where(l => l.StartsWith("| `", StringComparison.Ordinal)).ToList();
        Assert.True(table.Count > 8);
        foreach (var line in table)
            foreach (var name in line.Split('`').Where((_, i) => i % 2 == 1).SelectMany(n => n.Replace("[]", "", StringComparison.Ordinal).Split('.')))
                Assert.True(name.StartsWith("--", StringComparison.Ordinal) || names.Contains(name), $"{name} is documented and not there");

        static void Names(JsonElement element, HashSet<string> names)
        {
            if (element.ValueKind == JsonValueKind.Object)
            {
                foreach (var property in element.EnumerateObject())
                {
                    names.Add(property.Name);
                    Names(property.Value, names);
                }
            }
            if (element.ValueKind == JsonValueKind.Array)
                foreach (var item in element.EnumerateArray()) Names(item, names);
        }
    }

    // The same quantity has the same name in both reports.
    [Fact]
    public void Link_and_evaluate_name_their_figures_alike()
    {
        using var link = JsonDocument.Parse(Cli.Run([.. Hall, "--json"]).Out);
        using var design = JsonDocument.Parse(Cli.Run("evaluate", Cli.Example("eight-node-roce-copper"), "--json").Out);
        var candidate = link.RootElement.GetProperty("candidates")[0];
        var group = design.RootElement.GetProperty("links")[0].GetProperty("groups")[0];
        Assert.All(["margin_dB", "worstCaseMargin_dB", "power_W", "energy_pJPerBit", "energyWithHost_pJPerBit", "fec_ns", "preFecBer", "frameLoss", "failures_FIT"], name =>
        {
            Assert.True(candidate.TryGetProperty(name, out _), $"link: {name}");
            Assert.True(group.TryGetProperty(name, out _), $"evaluate: {name}");
        });
    }

    [Fact]
    public void Media_are_compared_by_length()
    {
        var (code, text, _) = Cli.Run("link", "compare", "--rates", "400,800", "--lengths", "1..2000m", "--connectors", "2");
        Assert.Equal(0, code);
        Assert.Contains("400 Gb/s, lanes of 100 Gb/s", text);
        Assert.Contains("800 Gb/s, lanes of 100 Gb/s", text);
        Assert.Contains("Copper closes to 7 m (aec-800g)", text);
        Assert.Contains("2.67 m", text);
        using var json = JsonDocument.Parse(Cli.Run("link", "compare", "--rates", "800", "--lengths", "2m,300m", "--json").Out);
        var lengths = json.RootElement[0].GetProperty("lengths").EnumerateArray().ToList();
        Assert.Equal([2, 300], lengths.Select(l => l.GetProperty("length_m").GetDouble()));
        Assert.Equal("dac-800g", lengths[0].GetProperty("media")[0].GetProperty("name").GetString());
        Assert.Equal(7, json.RootElement[0].GetProperty("copper").GetProperty("opticsNeededBeyond_m").GetDouble());
    }

    [Theory]
    [InlineData("svg", "<svg")]
    [InlineData("png", "PNG")]
    public void Pictures_are_drawn(string kind, string mark)
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            foreach (var arguments in new string[][] { [.. Hall, "--part", "800g-2xdr4"], ["link", "compare", "--rates", "400,800", "--lengths", "1..2000m"] })
            {
                var file = Path.Combine(folder.FullName, $"link.{kind}");
                Assert.Equal(0, Cli.Run([.. arguments, "--plot", file]).Code);
                Assert.Contains(mark, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(file)));
            }
        }
        finally
        {
            folder.Delete(true);
        }
    }

    [Theory]
    [InlineData("--length: expected a length from 0 m to 1,000 km, found '-5m'", "--rate", "800", "--length", "-5m")]
    [InlineData("--length: '300' has no unit; a length is given in nm, um, mm, cm, m, km, in, ft", "--rate", "800", "--length", "300")]
    [InlineData("--length: 'NaNm' is not a length: expected a number and a unit, such as '1 mm'", "--rate", "800", "--length", "NaNm")]
    [InlineData("--rate: 'NaN' is not a bandwidth: expected a number and a unit, such as '1 Gb/s'", "--rate", "NaN", "--length", "5m")]
    [InlineData("--rate is missing: the rate of the link, such as 800", "--length", "5m")]
    [InlineData("--length is missing: the routed run, such as 300m", "--rate", "800")]
    [InlineData("--part: there is no transceiver or copper cable '800g-2xdr5'; did you mean '800g-2xdr4'?", "--rate", "800", "--length", "5m", "--part", "800g-2xdr5")]
    [InlineData("--pmd: there is no optical-interface '400gbase-dr5'; did you mean '400gbase-dr2'?", "--rate", "800", "--length", "5m", "--pmd", "400gbase-dr5")]
    [InlineData("'800g-2xdr4' doesn't fit 1.6 Tb/s with lanes of 200 Gb/s between a single-port cage and a single-port cage; it carries 800 Gb/s in lanes of 100 Gb/s",
        "--rate", "1600", "--length", "5m", "--part", "800g-2xdr4", "--lane-rate", "200")]
    [InlineData("the catalogue has no medium for 800 Gb/s with lanes of 37 Gb/s between a single-port cage and a single-port cage", "--rate", "800", "--length", "5m", "--lane-rate", "37")]
    [InlineData("--connectors: expected a whole number from 0 to 100, found '-1'", "--rate", "800", "--length", "5m", "--connectors", "-1")]
    [InlineData("--ocs: expected a loss from 0 dB to 60 dB, found '-1'", "--rate", "800", "--length", "5m", "--ocs", "-1")]
    [InlineData("--ocs: the largest loss is below the typical one in '2..1'", "--rate", "800", "--length", "5m", "--ocs", "2..1")]
    [InlineData("did you mean 'palomar'?", "--rate", "800", "--length", "5m", "--ocs", "palomer")]
    [InlineData("--return-loss: expected a loss from 0 dB to 100 dB, found '-3'", "--rate", "800", "--length", "5m", "--return-loss", "-3")]
    [InlineData("--return-loss: expected a loss from 0 dB to 100 dB, found 'NaN'", "--rate", "800", "--length", "5m", "--return-loss", "NaN")]
    [InlineData("--fec: expected kp4 or low-latency, found 'low-latenci'; did you mean 'low-latency'?", "--rate", "800", "--length", "5m", "--fec", "low-latenci")]
    [InlineData("--switch: there is no switch 'sn5601'; did you mean 'sn5600'?", "--rate", "800", "--length", "5m", "--switch", "sn5601")]
    [InlineData("--switch: 'sn5600' has ports of 800 Gb/s, and --rate asks for 400 Gb/s", "--rate", "400", "--length", "5m", "--switch", "sn5600")]
    [InlineData("--switch and --ports-per-cage exclude each other", "--rate", "800", "--length", "5m", "--switch", "sn5600", "--ports-per-cage", "2")]
    [InlineData("--switch: 'sn5600' has cages, and --part names the engine 'teraphy-gen3'", "--rate", "800", "--length", "5m", "--switch", "sn5600", "--part", "teraphy-gen3")]
    [InlineData("'dac-400g' doesn't fit 400 Gb/s with lanes of 200 Gb/s between a single-port cage and a single-port cage; it carries 400 Gb/s in lanes of 100 Gb/s",
        "--rate", "400", "--length", "2m", "--part", "dac-400g", "--lane-rate", "200")]
    [InlineData("--length: 'infm' is not a length", "--rate", "800", "--length", "infm")]
    [InlineData("--fibre: there is no fibre 'os3'", "--rate", "800", "--length", "5m", "--fibre", "os3")]
    [InlineData("--monte-carlo: expected a whole number from 1 to 2,000,000,000, found '0'", "--rate", "800", "--length", "5m", "--monte-carlo", "0")]
    [InlineData("--monte-carlo draws losses of connectors and fibre, and 'dac-800g' has none of them", "--rate", "800", "--length", "2m", "--part", "dac-800g", "--monte-carlo", "9")]
    [InlineData("--seed: expected a whole number of 0 or more, found 'x'", "--rate", "800", "--length", "5m", "--seed", "x")]
    [InlineData("--pmd and --part exclude each other", "--rate", "800", "--length", "5m", "--pmd", "400gbase-dr4", "--part", "800g-2xdr4")]
    [InlineData("--plot writes .svg or .png, and 'a.bmp' is neither", "--rate", "800", "--length", "5m", "--plot", "a.bmp")]
    [InlineData("--lengths: 100 m is longer than 5 m", "compare", "--rates", "800", "--lengths", "100..5m")]
    [InlineData("--rates: 'foo' is not a bandwidth", "compare", "--rates", "800,foo", "--lengths", "5m")]
    public void A_wrong_input_is_one_clear_message(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["link", .. arguments]);
        Assert.Equal(2, code);
        Assert.Empty(text);
        Assert.StartsWith("error: ", error);
        Assert.Contains(message, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
