using Lightloom.Interop.Gnpy;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Interop.Tests;

/// <summary>Lines of GNPy's files against what GNPy 2.14.1 makes of the same files (elements as they are, no design step).</summary>
public class GnpyLineTests
{
    const double Near = 2e-6;

    // An end-of-life margin of 0.5 dB at the span's output is part of the library.
    [Theory]
    [InlineData(0, 32.930930, 28.848531, 32.892519, 27.405606, -2.495455)]
    [InlineData(38, 32.895415, 28.813015, 30.972270, 26.749508, -2.495410)]
    [InlineData(74, 32.863513, 28.781113, 31.920082, 27.062668, -2.495367)]
    [InlineData(75, 32.862883, 28.780483, 32.470829, 27.234634, -2.495366)]
    public void One_span_agrees(int channel, double osnr, double inBand, double nonlinear, double gsnr, double power) =>
        Same(GnpyFiles.Network("one-span.json").Line("A", "B"), channel, osnr, inBand, nonlinear, gsnr, power);

    // GNPy's own example: 33.29, 29.21, 31.17 and 27.09 dB on average.
    [Fact]
    public void The_example_of_one_span_has_the_published_figures()
    {
        var line = GnpyNetwork.ReadFile(GnpyFiles.Path("one-span.json"), GnpyFiles.Library("\"EOL\": 0.5", "\"EOL\": 0")).Line();
        Assert.Equal(["A", "span", "amplifier", "B"], line.Route);
        double Mean(Func<ChannelQuality, double> of) => Enumerable.Range(0, 76).Average(i => of(line.Propagation[i]));
        Assert.Equal(76, line.Spectrum.Count);
        Assert.Equal(33.2940414247625, Mean(c => c.Osnr.Si), 1e-6);
        Assert.Equal(29.21164177164401, Mean(c => c.OsnrInBand.Si), 1e-6);
        Assert.Equal(31.174835894186913, Mean(c => c.Gsnr.Si), 1e-6);
        Assert.Equal(27.09243624106842, Mean(c => c.GsnrInBand.Si), 1e-6);
        Assert.Equal(1336, line.Propagation[0].Dispersion, 1e-6);
        Assert.Equal(0.848528, line.Propagation[0].PolarizationModeDispersion.Seconds * 1e12, 1e-6);
        Assert.Equal(0.391738, line.Propagation[0].Delay.Milliseconds, 1e-6);
        Assert.Empty(line.Notes);
    }

    [Theory]
    [InlineData(0, 25.458128, 21.375728, 29.554105, 20.760783, -20.000000)]
    [InlineData(38, 25.646827, 21.564427, 27.426781, 20.563213, -20.000000)]
    [InlineData(75, 25.545481, 21.463081, 28.970796, 20.753427, -20.000000)]
    public void Two_roadms_with_spliced_fibres_agree(int channel, double osnr, double inBand, double nonlinear, double gsnr, double power)
    {
        var line = GnpyFiles.Network("mesh.json").Line("trx A", "trx B");
        Same(line, channel, osnr, inBand, nonlinear, gsnr, power);
        Assert.Equal(2682, line.Propagation[0].Dispersion, 1e-6);
        Assert.Equal(3.218701, line.Propagation[0].PolarizationModeDispersion.Seconds * 1e12, 1e-6);
        Assert.Equal(0.583095, line.Propagation[0].PolarizationDependentLoss.Si, 1e-6);
        Assert.Equal(0.881410, line.Propagation[0].Delay.Milliseconds, 1e-6);
    }

    [Theory]
    [InlineData(0, 23.934574, 19.852175, 29.264619, 19.381425, -21.000000)]
    [InlineData(38, 24.052377, 19.969978, 27.149494, 19.209231, -21.000000)]
    [InlineData(75, 23.969423, 19.887023, 28.691536, 19.349753, -21.000000)]
    public void Three_roadms_agree(int channel, double osnr, double inBand, double nonlinear, double gsnr, double power)
    {
        var line = GnpyFiles.Network("mesh.json").Line("trx A", "trx C");
        Assert.Equal(15, line.Route.Count);
        Same(line, channel, osnr, inBand, nonlinear, gsnr, power);
        Assert.Equal(3851, line.Propagation[0].Dispersion, 1e-6);
        Assert.Equal(4.412715, line.Propagation[0].PolarizationModeDispersion.Seconds * 1e12, 1e-6);
        Assert.Equal(0.768115, line.Propagation[0].PolarizationDependentLoss.Si, 1e-6);
    }

    // With a variable-gain amplifier in the line instead of OpenROADM's, see below.
    [Theory]
    [InlineData("trx B", 0, 25.782394, 21.699994, 30.108208, 21.114706, -20.000000)]
    [InlineData("trx B", 17, 25.864028, 21.781629, 28.687330, 20.975703, -20.000000)]
    [InlineData("trx B", 32, 27.130897, 20.038197, 30.655136, 19.676871, -15.489700)]
    [InlineData("trx B", 33, 27.643708, 17.886633, 33.842863, 17.777813, -12.325325)]
    [InlineData("trx C", 0, 24.160159, 20.077760, 29.755572, 19.633535, -21.000000)]
    [InlineData("trx C", 17, 24.209479, 20.127079, 28.286264, 19.509595, -21.000000)]
    [InlineData("trx C", 32, 26.317311, 19.224612, 29.706630, 18.852360, -19.500000)]
    [InlineData("trx C", 33, 27.234223, 17.477148, 31.987420, 17.326077, -19.000000)]
    public void Mixed_symbol_rates_offsets_and_targets_of_power_density_agree(
        string to, int channel, double osnr, double inBand, double nonlinear, double gsnr, double power) =>
        Same(Mixed("\"medium\"", to), channel, osnr, inBand, nonlinear, gsnr, power);

    // OpenROADM's noise follows from the power in 50 GHz. GNPy takes the mean power of a channel and the distance of the first
    // two for the slot of all, which holds for slots alike only (26.842278 dB here); we take the power over all slots.
    [Fact]
    public void The_input_of_an_openroadm_amplifier_is_counted_over_all_slots()
    {
        Assert.Equal(26.854509, Mixed("\"ila\"", "trx B").Propagation[32].Osnr.Si, Near);
        Assert.Equal(26.842278, Mixed("\"ila\"", "trx B").Propagation[32].Osnr.Si, 0.015);
    }

    static GnpyLine Mixed(string inLine, string to) =>
        GnpyNetwork.Read(GnpyFiles.Text("mesh.json").Replace("\"ila\"", inLine), "net.json", GnpyFiles.Equipment)
            .Line("trx A", to, GnpySpectrum.ReadFile(GnpyFiles.Path("spectrum.json")));

    static void Same(GnpyLine line, int channel, double osnr, double inBand, double nonlinear, double gsnr, double power)
    {
        var got = line.Propagation[channel];
        Assert.Equal(osnr, got.Osnr.Si, Near);
        Assert.Equal(inBand, got.OsnrInBand.Si, Near);
        Assert.Equal(nonlinear, got.SnrNonlinear.Si, Near);
        Assert.Equal(gsnr, got.GsnrInBand.Si, Near);
        Assert.Equal(power, got.Power.Si, Near);
    }

    [Fact]
    public void The_shortest_way_is_taken_and_leads_through_no_third_transceiver()
    {
        var network = GnpyFiles.Network("mesh.json");
        Assert.Equal("two ways and three sites", network.Name);
        Assert.Equal(["trx A", "trx B", "trx C"], network.Transceivers);
        var route = network.Line("trx A", "trx C").Route;
        Assert.Contains("B1", route);
        Assert.DoesNotContain("trx B", route);
        Assert.Equal("trx B", network.Line("trx A").Route[^1]);
        Assert.Equal("trx A", network.Line(to: "trx C").Route[0]);
        var shorter = GnpyNetwork.Read(GnpyFiles.Text("mesh.json").Replace("\"length\": 900", "\"length\": 200"), "net.json", GnpyFiles.Equipment);
        Assert.Equal(["trx A", "roadm A", "long way", "roadm C", "trx C"], shorter.Line("trx A", "trx C").Route);
    }

    [Fact]
    public void What_the_design_step_of_gnpy_would_change_is_noted()
    {
        Assert.Contains("pad it to 10 dB", Assert.Single(GnpyFiles.OneSpan("\"length\": 80", "\"length\": 20").Line().Notes));
        Assert.Contains("GNPy's design step would lower it", Assert.Single(GnpyFiles.OneSpan("\"gain_target\": 15", "\"gain_target\": 17").Line().Notes));
        Assert.Empty(GnpyFiles.Network("mesh.json").Line("trx A", "trx C").Notes);
    }

    [Fact]
    public void Several_names_of_one_entry_and_defaults_work()
    {
        var library = GnpyFiles.Library("\"type_variety\": \"low\",", "\"type_variety\": \"first\", \"other_name\": [\"low\"],");
        Assert.Equal(76, GnpyFiles.OneSpan("network_name", "network_name", library).Line().Spectrum.Count);
        var byGamma = GnpyFiles.OneSpan("\"SSMF\"", "\"ByGamma\"").Line();
        // 0.00127 /(W·m) at 1550 nm is the Kerr coefficient of 83 µm².
        Assert.Equal(83, ((FibreSpan)byGamma.Elements[0]).Type.EffectiveArea, 0.05);
        var meters = GnpyFiles.OneSpan("\"length\": 80, \"length_units\": \"km\"", "\"length\": 80000, \"length_units\": \"m\"").Line();
        Assert.Equal(80, ((FibreSpan)meters.Elements[0]).Length.Kilometers);
    }

    [Fact]
    public void Tables_over_frequency_come_in_both_shapes()
    {
        var one = GnpyFiles.OneSpan("\"loss_coef\": 0.2", "\"loss_coef\": { \"value\": [0.22, 0.2], \"frequency\": [190e12, 197e12] }").Line();
        var other = GnpyFiles.OneSpan("\"loss_coef\": 0.2",
            "\"loss_coef_per_frequency\": [ { \"frequency\": 197e12, \"loss_coef_value\": 0.2 }, { \"frequency\": 190e12, \"loss_coef_value\": 0.22 } ]").Line();
        Assert.Equal(one.Propagation[10], other.Propagation[10]);
        var dispersion = GnpyFiles.OneSpan("\"loss_coef\": 0.2",
            "\"loss_coef\": 0.2, \"dispersion_per_frequency\": { \"value\": [1.8e-05, 1.6e-05], \"frequency\": [190e12, 197e12] }").Line();
        Assert.Equal(80 * (18 - 2 * (191.35 - 190) / 7), dispersion.Propagation[0].Dispersion, 6);
    }

    [Fact]
    public void Transceivers_of_a_library_are_modes()
    {
        var modes = GnpyFiles.Equipment.Modes("Vendor");
        Assert.Equal(["Vendor slow", "Vendor fast"], modes.Select(m => m.Name));
        var slow = modes[0];
        Assert.Equal((100, 12, 45), (slow.Rate.GigabitsPerSecond, slow.RequiredOsnr.Si, slow.TransmitOsnr!.Value.Si));
        Assert.Equal(1, slow.DispersionPenalty!.At(22e3).Si, 9);
        Assert.Equal(0.25, slow.PolarizationModePenalty!.At(15).Si, 9);
        Assert.Equal(1, slow.PolarizationLossPenalty!.At(2).Si, 9);
        Assert.Null(modes[1].DispersionPenalty);
        Assert.Equal(2, GnpyFiles.Equipment.SystemMargin.Si);
        var line = GnpyFiles.OneSpan("network_name", "network_name").Line();
        var capacity = LineCapacity.Of(line.Elements, new() { Modes = modes, Margin = GnpyFiles.Equipment.SystemMargin, BandHigh = Frequency.FromTerahertz(196.1) });
        Assert.Equal("Vendor fast", capacity.Best.Modes[0].Name);
        Assert.Equal(25.6, capacity.Capacity.GigabitsPerSecond / 1000, 6);
    }
}
