using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom link line</c>: lines between sites, from options and from GNPy's files.</summary>
public class LinkLineCommandTests
{
    static readonly string[] CaseC =
        ["link", "line", "--spans", "5x80km", "--noise-figure", "5", "--channels", "64", "--spacing", "75", "--baud", "64", "--first", "191.375", "--launch", "1dBm"];

    static string Gnpy(string name) => Path.Combine(Cli.Root, "examples", "gnpy", name + ".json");

    static string[] Files(string network, string? equipment = null) =>
        ["link", "line", "--gnpy-network", network, "--gnpy-equipment", equipment ?? Gnpy("equipment")];

    static JsonElement Json(params string[] arguments) => Cli.Json(arguments);

    // GNPy's case C: 21.264 dB in the middle channel's band.
    [Fact]
    public void A_planned_line_has_gnpys_gsnr()
    {
        var json = Json(CaseC);
        var channels = json.GetProperty("channels").EnumerateArray().ToList();
        Assert.Equal(64, channels.Count);
        Assert.Equal(21.2640, channels[32].GetProperty("gsnrInBand_dB").GetDouble(), 0.00006);
        Assert.Equal(29.9497, channels[32].GetProperty("osnr_dB").GetDouble(), 0.00006);
        Assert.Equal(26.3920, channels[32].GetProperty("snrNli_dB").GetDouble(), 0.00006);
        Assert.Equal(6680, channels[32].GetProperty("dispersion_psPerNm").GetDouble(), 1e-6);
        var summary = json.GetProperty("summary").GetProperty("gsnrInBand");
        Assert.Equal(21.2381, summary.GetProperty("least_dB").GetDouble(), 0.00006);
        Assert.Equal(21.7823, summary.GetProperty("most_dB").GetDouble(), 0.00006);
        Assert.Equal(191.375, summary.GetProperty("mostAt_THz").GetDouble());
        Assert.Equal(400, json.GetProperty("length_km").GetDouble());
        Assert.Equal(1.9587, json.GetProperty("delay_ms").GetDouble(), 0.001);
        Assert.Equal(1.18, json.GetProperty("launch").GetProperty("closedFormMiddle_dBm").GetDouble(), 0.005);
        Assert.Equal("800zr-plus", json.GetProperty("best").GetString());
        Assert.Equal(25.6, json.GetProperty("capacity_Tbps").GetDouble());
        Assert.Equal(10, json.GetProperty("waterfall").GetArrayLength());
    }

    [Fact]
    public void The_report_says_the_same_and_fits_a_terminal()
    {
        var (code, text, error) = Cli.Run(CaseC);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("800zr-plus, 400zr-plus-0dbm, openzr-plus-400, openroadm-300g, openroadm-200g and openroadm-100g close on every channel.", text.ReplaceLineEndings(" "));
        Assert.Contains("32 of 32 channels, 25.6 Tb/s per fibre pair", text.ReplaceLineEndings(" "));
        Assert.Contains("GSNR in band, dB     21.24  194.7500  21.34  21.78  191.3750", text);
        Assert.Contains("amplifier 5       1.02  29.93    26.36  28.33", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.Equal(text, Cli.Run(CaseC).Out);
    }

    [Fact]
    public void A_line_that_closes_for_no_mode_is_mended()
    {
        var (code, text, _) = Cli.Run("link", "line", "--spans", "250km,250km");
        Assert.Equal(0, code);
        Assert.Contains("No mode closes on every channel.", text);
        Assert.Contains("- mend: amplifier sites that cut each of the 2 longest spans into 2 for 16,000 USD", text);
    }

    [Theory]
    [InlineData("--spans", "1x80km", "--amplifier", "none")]
    [InlineData("--spans", "80km,60km", "--roadm", "-20", "--mux-loss", "3", "--add-drop-osnr", "36")]
    [InlineData("--spans", "2x80km,60km", "--amplifier", "std-medium-gain", "--loss", "0.18", "--connector-loss", "0.25 dB", "--launch", "optimum")]
    [InlineData("--spans", "1x100km", "--fibre", "hollow-core-1550", "--channels", "1", "--centre", "193.4")]
    [InlineData("--spans", "3x100km", "--modes", "400zr,800zr-plus", "--margin", "2", "--spacing", "100", "--baud", "90")]
    [InlineData("--spans", "1x1000km")]
    public void Any_line_gets_an_answer(params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["link", "line", .. arguments]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("Dispersion and polarization", text);
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
        Assert.NotEmpty(Json(["link", "line", .. arguments]).GetProperty("modes").EnumerateArray());
    }

    // The library's own run of these files: GnpyLineTests compares it with GNPy.
    [Fact]
    public void A_line_of_gnpys_files_is_studied()
    {
        var json = Json([.. Files(Gnpy("network")), "--gnpy-spectrum", Gnpy("spectrum"), "--from", "trx A", "--to", "trx B"]);
        Assert.Equal(["trx A", "roadm A", "booster A", "A1", "splice", "A2", "in line", "B1", "preamplifier B", "roadm B", "trx B"],
            json.GetProperty("route").EnumerateArray().Select(e => e.GetString()));
        Assert.Equal(34, json.GetProperty("channels").GetArrayLength());
        Assert.Equal(9, json.GetProperty("waterfall").GetArrayLength());
        Assert.DoesNotContain(json.GetProperty("notes").EnumerateArray(), n => n.GetString()!.Contains("--from", StringComparison.Ordinal));
        var library = Json([.. Files(Gnpy("network")), "--gnpy-transceiver", "Vendor"]);
        Assert.Equal(["Vendor fast", "Vendor slow"], library.GetProperty("modes").EnumerateArray().Select(m => m.GetProperty("name").GetString()!).Order(StringComparer.Ordinal));
        Assert.Equal(2, library.GetProperty("marginAsked_dB").GetDouble()); // the library's sys_margins
        Assert.Contains(library.GetProperty("notes").EnumerateArray(), n => n.GetString()!.Contains("3 transceivers; --from and --to choose", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("svg", "<svg")]
    [InlineData("png", "PNG")]
    public void Pictures_are_drawn(string kind, string mark)
    {
        using var scratch = new Scratch();
        foreach (var arguments in new string[][] { CaseC, ["link", "line", "--spans", "80km", "--amplifier", "none"], Files(Gnpy("network")) })
        {
            Assert.Equal(0, Cli.Run([.. arguments, "--plot", scratch[$"line.{kind}"]]).Code);
            Assert.Contains(mark, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(scratch[$"line.{kind}"])));
        }
    }

    [Theory]
    [InlineData("--spans is missing: the spans of the line, such as 5x80km; or --gnpy-network")]
    [InlineData("--spans: a span is longer than 0 km and at most 1,000 km; found '-80km'", "--spans", "-80km")]
    [InlineData("--spans: a span is longer than 0 km and at most 1,000 km; found '5x0km'", "--spans", "5x0km")]
    [InlineData("--spans: a span is longer than 0 km and at most 1,000 km; found '1001km'", "--spans", "80km,1001km")]
    [InlineData("--spans: expected a whole number from 1 to 1,000, found '0'", "--spans", "0x80km")]
    [InlineData("--spans: expected a whole number from 1 to 1,000, found '-5'", "--spans", "-5x80km")]
    [InlineData("--spans: at most 1,000 spans can be studied", "--spans", "600x1km,600x1km")]
    [InlineData("--spans: a line is at most 50,000 km long", "--spans", "1000x80km")]
    [InlineData("--spans: '80' has no unit; a length is given in", "--spans", "5x80")]
    [InlineData("--spans: 'NaNkm' is not a length", "--spans", "NaNkm")]
    [InlineData("--spans: '80dB' is not a length: 'dB' is a unit of gain or loss", "--spans", "80dB")]
    [InlineData("--spans: '' is not a length", "--spans", "80km,")]
    [InlineData("--channels: expected a whole number from 1 to 2,048, found '0'", "--spans", "80km", "--channels", "0")]
    [InlineData("--channels: expected a whole number from 1 to 2,048, found '1e9'", "--spans", "80km", "--channels", "1e9")]
    [InlineData("--baud: channels of 80 GBd overlap on a grid of 75 GHz; the symbol rate is at most the spacing", "--spans", "80km", "--baud", "80")]
    [InlineData("--baud: expected a symbol rate from 1 GBd to 10000 GBd, found '0'", "--spans", "80km", "--baud", "0")]
    [InlineData("--baud: 'NaN' is not a symbol rate", "--spans", "80km", "--baud", "NaN")]
    [InlineData("--spacing: expected a frequency from 1 GHz to 20000 GHz, found '0'", "--spans", "80km", "--spacing", "0")]
    [InlineData("--spacing: '75dBm' is not a frequency", "--spans", "80km", "--spacing", "75dBm")]
    [InlineData("lies outside the amplifier's band from 191.275 THz to 196.125 THz", "--spans", "80km", "--first", "191.0")]
    [InlineData("lies outside the amplifier's band from 191.275 THz to 196.125 THz", "--spans", "80km", "--channels", "65")]
    [InlineData("--first: expected a frequency from 150 THz to 250 THz, found '1550'", "--spans", "80km", "--first", "1550")]
    [InlineData("--first and --centre exclude each other", "--spans", "80km", "--first", "191.4", "--centre", "193.4")]
    [InlineData("--launch: expected a power level from -60 dBm to 40 dBm, found '100'", "--spans", "80km", "--launch", "100")]
    [InlineData("--launch: 'best' is not", "--spans", "80km", "--launch", "best")]
    [InlineData("--loss: expected an attenuation from 0.01 dB/km to 10 dB/km, found '0'", "--spans", "80km", "--loss", "0")]
    [InlineData("--connector-loss: expected a gain or loss from 0 dB to 60 dB, found '-0.5'", "--spans", "80km", "--connector-loss", "-0.5")]
    [InlineData("--noise-figure: expected a gain or loss from 0 dB to 30 dB, found '-1'", "--spans", "80km", "--noise-figure", "-1")]
    [InlineData("--amplifier: there is no amplifier 'std-medum-gain'; did you mean 'std-medium-gain'?", "--spans", "80km", "--amplifier", "std-medum-gain")]
    [InlineData("--amplifier and --noise-figure exclude each other", "--spans", "80km", "--amplifier", "auto", "--noise-figure", "5")]
    [InlineData("--fibre: there is no fibre 'os2-1551'; did you mean 'os2-1550'?", "--spans", "80km", "--fibre", "os2-1551")]
    [InlineData("--fibre: 'os2-1310' is described at 1.31 um", "--spans", "80km", "--fibre", "os2-1310")]
    [InlineData("--fibre: 'om4-850' is described at 850 nm", "--spans", "80km", "--fibre", "om4-850")]
    [InlineData("--modes: there is no coherent-transceiver '400zrr'; did you mean '400zr'?", "--spans", "80km", "--modes", "400zrr")]
    [InlineData("--modes: the catalogue gives '800g-lr1' no required OSNR or no spacing", "--spans", "80km", "--modes", "800g-lr1")]
    [InlineData("--margin: expected a gain or loss from -20 dB to 40 dB, found '99'", "--spans", "80km", "--margin", "99")]
    [InlineData("--add-drop-osnr needs --roadm", "--spans", "80km", "--add-drop-osnr", "38")]
    [InlineData("--roadm needs amplifiers", "--spans", "80km", "--roadm", "-20", "--amplifier", "none")]
    [InlineData("--plot writes .svg or .png, and 'a.bmp' is neither", "--spans", "80km", "--plot", "a.bmp")]
    [InlineData("--spans and --gnpy-network exclude each other", "--spans", "80km", "--gnpy-network", "x.json")]
    [InlineData("--gnpy-equipment is missing", "--gnpy-network", "x.json")]
    [InlineData("--gnpy-network is missing", "--gnpy-equipment", "x.json")]
    [InlineData("there is no file 'x.json'", "--gnpy-network", "x.json", "--gnpy-equipment", "x.json")]
    public void A_wrong_option_is_one_clear_message(string message, params string[] arguments) => Refused(message, ["link", "line", .. arguments]);

    [Theory]
    [InlineData("\"length\": 60,", "", "element 'A1', 'params': 'length' is missing; expected a number")]
    [InlineData("\"length\": 60,", "\"length\": -60,", "element 'A1', 'params': expected 'length' from 0 to 10000, found -60")]
    [InlineData("\"length_units\": \"m\"", "\"length_units\": \"ft\"", "element 'A2', 'params': a length is given in km or m, not in 'ft'")]
    [InlineData("\"length\": 60, \"length_units\": \"km\", \"loss_coef\": 0.2", "\"length\": 60, \"length_units\": \"km\", \"loss_coef\": \"0.2 dB\"",
        "element 'A1', 'params': expected a number for 'loss_coef', found the text '0.2 dB'")]
    [InlineData("\"gain_target\": 22", "\"gain_target\": NaN", "not valid JSON")]
    [InlineData("\"uid\": \"A1\", \"type\": \"Fiber\"", "\"uid\": \"A1\", \"type\": \"RamanFiber\"", "element 'A1': Raman amplification is not modelled")]
    [InlineData("\"uid\": \"in line\", \"type\": \"Edfa\"", "\"uid\": \"in line\", \"type\": \"Multiband_amplifier\"", "element 'in line': amplifiers of several bands are not modelled")]
    [InlineData("\"uid\": \"in line\", \"type\": \"Edfa\", \"type_variety\": \"ila\"", "\"uid\": \"in line\", \"type\": \"Edfa\", \"type_variety\": \"two-stage\"",
        "element 'in line': amplifier 'two-stage' is of type 'dual_stage', which is not modelled")]
    public void A_wrong_network_is_one_clear_message(string old, string other, string message)
    {
        using var scratch = new Scratch();
        var text = File.ReadAllText(Gnpy("network"));
        Assert.Contains(old, text);
        Refused(message, Files(scratch.Write(text.Replace(old, other), "network.json")));
    }

    [Fact]
    public void Transceivers_are_told_from_others()
    {
        Refused("there is no transceiver 'trxA'; did you mean 'trx A'?", [.. Files(Gnpy("network")), "--from", "trxA"]);
        Refused("'trx A' can't be reached from it", [.. Files(Gnpy("network")), "--from", "trx C", "--to", "trx A"], "element 'trx C'");
        Refused("has no transceiver 'Vandor'; did you mean 'Vendor'?", [.. Files(Gnpy("network")), "--gnpy-transceiver", "Vandor"]);
    }

    [Fact]
    public void Json_that_is_cut_off_or_nested_without_end_is_refused()
    {
        using var scratch = new Scratch();
        var text = File.ReadAllText(Gnpy("network"));
        for (var length = 0; length < text.TrimEnd().Length; length += 97) Refused("network.json:", Files(scratch.Write(text[..length], "network.json")));
        Refused("not valid JSON", Files(scratch.Write(string.Concat(Enumerable.Repeat("{\"a\":", 100_000)), "network.json")));
        Refused("not valid JSON", Files(scratch.Write(new string('[', 1_000_000), "network.json")));
        Refused("found a list", Files(scratch.Write("[]", "network.json")));
    }

    // A gibibyte of nothing costs the disk nothing; reading it would cost the memory twice as much.
    [Fact]
    public void A_gibibyte_of_json_is_refused_unread()
    {
        using var scratch = new Scratch();
        using (var file = File.Create(scratch["big.json"]))
        {
            file.Write("{ \"elements\": ["u8);
            file.SetLength(1L << 30);
        }
        var before = GC.GetAllocatedBytesForCurrentThread();
        Refused("big.json' is larger than 64 MiB", Files(scratch["big.json"]));
        Refused("big.json' is larger than 64 MiB", Files(Gnpy("network"), scratch["big.json"]));
        Refused("big.json' is larger than 64 MiB", [.. Files(Gnpy("network")), "--gnpy-spectrum", scratch["big.json"]]);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 64 << 20);
    }

    // A pipe has no length: what is read of it is bounded as well.
    [Fact]
    public void A_stream_without_end_is_refused()
    {
        if (File.Exists("/dev/zero")) Refused("is larger than 64 MiB", Files("/dev/zero"));
    }

    [Fact]
    public void Nothing_is_drawn_where_the_input_is_wrong()
    {
        using var scratch = new Scratch();
        Refused("--spans", ["link", "line", "--spans", "0km", "--plot", scratch["line.svg"]]);
        Assert.Empty(Directory.GetFiles(scratch.Folder));
    }

    static void Refused(string message, string[] arguments, string? also = null)
    {
        var (code, text, error) = Cli.Run(arguments);
        Assert.Equal((2, ""), (code, text));
        Assert.StartsWith("error: ", error);
        Assert.Contains(message, error);
        if (also is not null) Assert.Contains(also, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
