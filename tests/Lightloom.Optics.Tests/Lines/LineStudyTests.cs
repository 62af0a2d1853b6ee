using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class LineStudyTests
{
    static readonly IReadOnlyList<CoherentMode> Modes =
        [.. PartCatalog.Default.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>()];

    // Within the band of the catalogue's amplifiers.
    static readonly Spectrum Grid = Uniform(191.3375e12, 75e9, 64, 64e9);

    static LineStudy Study(AmplifiedLine line, double? launch = null) => LineStudy.Of(line, line.Amplifiers.Count > 1 ? Grid : Wide, launch is { } power ? Dbm(power) : null, Modes, Decibels.Zero);

    [Fact]
    public void The_channels_are_those_of_gnpy()
    {
        var study = Study(AmplifiedLineTests.Planned(), 1);
        Assert.Equal(21.2640, study.Channels[32].GsnrInBand.Si, 0.00006);
        Assert.Equal(21.2381, study.Channels[study.WorstChannel].GsnrInBand.Si, 0.00006);
        Assert.Equal(21.7823, study.Channels[study.BestChannel].GsnrInBand.Si, 0.00006);
        Assert.Equal(study.Channels[study.WorstChannel].Gsnr.Si, study.Stages[^1].Gsnr.Si, 1e-9);
        Assert.Equal(1.18, study.ClosedForm!.Value.Launch.Si, 0.005);
        Assert.Equal([-3, -2, -1, 0, 1, 2, 3], study.Sweep.Select(s => s.Offset.Si));
        Assert.Equal(study.Channels[32].Gsnr.Si, study.Sweep[3].Middle.Si, 1e-9);
        Assert.Equal(Wide.Count * 75e9, study.BandHigh.Hertz - study.BandLow.Hertz, 1.0);
    }

    // A launch sweep with everything rebuilt at each power is the slow, obvious way.
    [Theory]
    [InlineData(5, 80, null, 5.0)]
    [InlineData(1, 120, null, 5.5)]
    [InlineData(2, 70, -20.0, null)]
    [InlineData(3, 100, -18.0, null)]
    public void The_best_launch_power_is_what_a_sweep_finds(int spans, double kilometers, double? roadm, double? noiseFigure)
    {
        var line = AmplifiedLineTests.Planned(spans, kilometers, noiseFigure) with { RoadmTarget = roadm is { } target ? Dbm(target) : null };
        var study = Study(line);
        var (best, at) = (double.NegativeInfinity, 0.0);
        for (var power = -6.0; power <= 4.9; power += 0.05)
        {
            var bound = new LinePropagation(study.Spectrum, line.Elements(Dbm(roadm ?? power), Dbm(power)));
            bound.Propagate(Dbm(roadm ?? power));
            var worst = double.PositiveInfinity;
            foreach (var gsnr in bound.GsnrDecibels) worst = Math.Min(worst, gsnr);
            if (worst > best) (best, at) = (worst, power);
        }
        Assert.Equal(best, study.Channels[study.WorstChannel].Gsnr.Si, 0.02);
        Assert.InRange(study.BestLaunch!.Value.Si, at - 0.5, at + 0.5);
        Assert.Equal(0, study.GainAtBestLaunch.Si, 1e-9);
    }

    [Fact]
    public void What_the_best_launch_power_is_worth_is_the_difference()
    {
        var (low, best) = (Study(AmplifiedLineTests.Planned(), -4), Study(AmplifiedLineTests.Planned()));
        Assert.Equal(best.Channels[best.WorstChannel].Gsnr.Si - low.Channels[low.WorstChannel].Gsnr.Si, low.GainAtBestLaunch.Si, 1e-6);
        Assert.True(low.GainAtBestLaunch.Si > 3);
    }

    [Fact]
    public void No_more_is_launched_than_amplifiers_give()
    {
        var study = Study(AmplifiedLineTests.Planned(2, 250, null));
        // std-high-gain: 21 dBm over 64 channels.
        Assert.Equal(21 - 10 * Math.Log10(64), study.BestLaunch!.Value.Si, 0.02);
        Assert.All(study.Modes, m => Assert.True(m.Launch.Si <= 21 - 10 * Math.Log10(m.Fill.Channels.Count) + 1e-9));
    }

    [Fact]
    public void Modes_come_with_most_capacity_first_and_fill_the_grids_band()
    {
        var study = Study(AmplifiedLineTests.Planned(), 1);
        Assert.Equal(9, study.Modes.Count);
        Assert.Equal(study.Modes.OrderByDescending(m => m.Capacity.Si).Select(m => m.Capacity.Si), study.Modes.Select(m => m.Capacity.Si));
        var plus = study.Modes.Single(m => m.Mode.Name == "800zr-plus");
        Assert.True(plus.Closes);
        Assert.Equal((32, 32), (plus.Fill.Working, plus.Fill.Channels.Count));
        Assert.Equal(25.6e12, plus.Capacity.BitsPerSecond, 1.0);
        Assert.Equal(800.0 / 150, plus.SpectralEfficiency, 1e-9);
        Assert.True(plus.ShannonCapacity > plus.Capacity);
        // 6680 ps/nm are beyond 400ZR's 2400.
        var zr = study.Modes.Single(m => m.Mode.Name == "400zr");
        Assert.Equal((false, ModeLimit.ChromaticDispersion), (zr.Closes, zr.Limit));
    }

    // One span of 80 km without amplifiers: −6 dBm less 17 dB is 3 dB below the −20 dBm that 400ZR needs (LineCapacity's example).
    [Fact]
    public void Without_amplifiers_the_receiver_decides()
    {
        var study = Study(AmplifiedLineTests.Planned(1) with { Amplifiers = [] });
        var zr = study.Modes.Single(m => m.Mode.Name == "400zr");
        Assert.Equal(-3, zr.Margin.Si, 1e-6);
        Assert.Equal(ModeLimit.ReceivedPower, zr.Limit);
        Assert.Equal(-6, zr.Launch.Si, 1e-9);
        Assert.Null(study.BestLaunch);
        // What isn't known is not taken for good.
        Assert.Equal(["1600zr", "800zr-plus", "openroadm-100g", "openroadm-200g", "openroadm-300g"], study.Refused.Select(r => r.Mode.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_line_that_stands_is_judged_as_it_stands()
    {
        var study = LineStudy.Of(Spans(5), new(Enumerable.Range(0, 64).Select(i => Wide[i] with { LaunchPower = Dbm(1) })), Modes, Decibels.Zero);
        Assert.Equal(21.2640, study.Channels[32].GsnrInBand.Si, 0.00006);
        Assert.Equal(Study(AmplifiedLineTests.Planned(), 1).BestLaunch!.Value.Si, study.BestLaunch!.Value.Si, 0.02);
        // Its transmitters' own power is what enters the fibre.
        Assert.All(study.Modes, m => Assert.InRange(m.Launch.Si, m.Mode.TransmitMinimum.Si - 1e-9, m.Mode.TransmitMaximum.Si + 1e-9));
    }

    [Fact]
    public void A_roadm_leaves_the_transmitters_no_say()
    {
        var elements = (AmplifiedLineTests.Planned(2) with { RoadmTarget = Dbm(-20) }).Elements(Dbm(0), Dbm(1));
        var study = LineStudy.Of(elements, Wide, Modes, Decibels.Zero);
        Assert.Null(study.BestLaunch);
        Assert.Equal(0, study.GainAtBestLaunch.Si);
    }

    [Fact]
    public void What_is_more_than_can_be_studied_is_refused() =>
        Assert.Contains("more than can be studied", Assert.Throws<InputException>(() =>
            LineStudy.Of(AmplifiedLineTests.Planned(1000), Uniform(185e12, 12.5e9, 1000, 10e9), null, Modes, Decibels.Zero)).Message);
}
