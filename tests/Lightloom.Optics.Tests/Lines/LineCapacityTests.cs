using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class LineCapacityTests
{
    static CoherentMode Mode(string key) => CoherentMode.Of(PartCatalog.Default.Get<CoherentTransceiver>(key))!;

    static readonly CapacityRequest Zr = new() { Modes = [Mode("400zr")] };

    [Fact]
    public void A_span_of_80_km_needs_a_preamplifier()
    {
        var bare = LineCapacity.Of([Span()], Zr);
        Assert.Equal(0, bare.Capacity.Si);
        Assert.Equal(-6, bare.Best.Launch.Si, 2);
        Assert.All(bare.Best.Channels, c => Assert.Equal(-3, c.Margin.Si, 2));
        var amplified = LineCapacity.Of([Span(), Amplifier(20, 5.5)], Zr);
        Assert.Equal(25.6e12, amplified.Capacity.Si);
        Assert.Equal(64, amplified.Best.Working);
        Assert.All(amplified.Best.Channels, c => Assert.InRange(c.Margin.Si, 1, 5));
    }

    [Fact]
    public void A_dark_fibre_of_60_km_works_bare()
    {
        var line = LineCapacity.Of([Span(60)], Zr);
        Assert.Equal(25.6e12, line.Capacity.Si);
    }

    [Fact]
    public void The_best_of_several_modes_is_taken_and_each_channel_gets_its_own()
    {
        var low = Mode("400zr") with { Name = "low", Rate = Bandwidth.FromGigabitsPerSecond(200), RequiredOsnr = Db(18) };
        var high = low with { Name = "high", Rate = Bandwidth.FromGigabitsPerSecond(400), RequiredOsnr = Db(24.99) };
        var request = new CapacityRequest { Modes = [high, low], Launch = Dbm(-8) };
        // The line's OSNR falls with frequency by 0.1 dB: a required OSNR inside that range splits the channels.
        var edges = LineCapacity.Of([Span(100), Amplifier(20, 5)], request).Best.Channels;
        var middle = (edges[0].Quality.Gsnr.Si + edges[^1].Quality.Gsnr.Si) / 2;
        var line = LineCapacity.Of([Span(100), Amplifier(20, 5)], request with { Modes = [high with { RequiredOsnr = Db(middle) }, low] });
        Assert.Equal(2, line.Best.Channels.Select(c => c.Mode!.Name).Distinct().Count());
        Assert.InRange(line.Capacity.GigabitsPerSecond, 64 * 200 + 1, 64 * 400 - 1);
        Assert.Equal(line.Best.Channels.Sum(c => c.Mode!.Rate.Si), line.Capacity.Si);
    }

    [Fact]
    public void Margins_and_tolerances_count()
    {
        LineElement[] line = [Span(), Amplifier(20, 5.5)];
        var margin = LineCapacity.Of(line, Zr).Best.Channels.Min(c => c.Margin.Si);
        Assert.Equal(64, LineCapacity.Of(line, Zr with { Margin = Db(margin - 0.01) }).Best.Working);
        Assert.InRange(LineCapacity.Of(line, Zr with { Margin = Db(margin + 0.01) }).Best.Working, 0, 63);
        // Two spans of 80 km have 2672 ps/nm, more than the 2400 that 400ZR bears.
        Assert.Equal(0, LineCapacity.Of(Spans(2), Zr).Capacity.Si);
        Assert.True(LineCapacity.Of(Spans(2), new() { Modes = [Mode("400zr-plus-0dbm")] }).Capacity.Si > 25e12);
    }

    [Fact]
    public void Launch_goes_to_the_best_power_that_can_be_sent()
    {
        var line = LineCapacity.Of(Spans(10), new() { Modes = [Mode("400zr-plus-0dbm") with { TransmitMinimum = Dbm(-10), TransmitMaximum = Dbm(10) }] });
        var best = line.Best.Channels.Min(c => c.Margin.Si);
        foreach (var power in new[] { line.Best.Launch.Si - 0.3, line.Best.Launch.Si + 0.3 })
        {
            var other = LineCapacity.Of(Spans(10), new() { Launch = Dbm(power), Modes = line.Best.Modes });
            Assert.True(other.Best.Channels.Min(c => c.Margin.Si) < best);
        }
        Assert.Equal(1, LineCapacity.Of(Spans(10, 120), new() { Modes = [Mode("400zr-plus-0dbm")] }).Best.Launch.Si, 6);
    }

    [Fact]
    public void Alternatives_stand_by_what_they_carry()
    {
        var modes = PartCatalog.Default.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>().ToList();
        var line = LineCapacity.Of([Span(70), Amplifier(18, 5)], new() { Modes = modes });
        Assert.Equal(line.Alternatives.Select(a => a.Capacity.Si).OrderDescending(), line.Alternatives.Select(a => a.Capacity.Si));
        Assert.Same(line.Best, line.Alternatives[0]);
        // Two of the nine fill the band alike, and the better stands for both.
        Assert.Equal(8, line.Alternatives.Count);
    }

    [Fact]
    public void The_closed_form_finds_the_best_launch_power()
    {
        var line = new LinePropagation(Wide, Spans(5));
        var best = LaunchOptimum.Of(line, 32)!.Value;
        Assert.Equal(1.18, best.Launch.Si, 2);
        line.Propagate(best.Launch);
        var (top, peak) = (line[32].GsnrInBand.Si, line[32]);
        Assert.Equal(10 * Math.Log10(2), peak.SnrNonlinear.Si - peak.OsnrInBand.Si, 0.05);
        foreach (var away in new[] { -0.3, 0.3 })
        {
            line.Propagate(Dbm(best.Launch.Si + away));
            Assert.True(line[32].GsnrInBand.Si < top);
        }
        Assert.Null(LaunchOptimum.Of(new(Wide, [Span()]), 0));
        Assert.Null(LaunchOptimum.Of(new(Wide, [Amplifier(3, 5)]), 0));
    }

    [Fact]
    public void Requests_without_an_answer_are_refused()
    {
        Assert.Throws<InputException>(() => LineCapacity.Of([Span()], new() { Modes = [] }));
        Assert.Throws<InputException>(() => LineCapacity.Of([Span()], Zr with { Margin = Db(double.NaN) }));
        Assert.Throws<InputException>(() => LineCapacity.Of([Span()], Zr with { BandHigh = Frequency.FromTerahertz(191.31) }));
        Assert.Throws<InputException>(() => LineCapacity.Of([Span()], new() { Modes = [Mode("400zr") with { TransmitMinimum = Dbm(0) }] }));
        Assert.Throws<InputException>(() => LineCapacity.Of([Span()], new() { Modes = [Mode("400zr") with { Rate = default }] }));
        Assert.Throws<InputException>(() => FibreSpan.Of(PartCatalog.Default.Get<Fibre>("om3-850"), Length.FromKilometers(1)));
    }

    [Fact]
    public void Fibres_and_amplifiers_of_the_catalogue_make_a_line()
    {
        var span = FibreSpan.Of(PartCatalog.Default.Get<Fibre>("os2-1550"), Length.FromKilometers(80));
        Assert.Equal(16, span.Loss(Frequency.FromTerahertz(193.4)).Si, 9);
        Assert.Equal(4.897 * 80, span.Delay.Microseconds, 9);
        foreach (var part in PartCatalog.Default.All<Amplifier>())
        {
            var model = AmplifierModel.Of(part);
            var line = new LinePropagation(Uniform(191.375e12, 75e9, 60, 64e9), [span, new LineAmplifier { Name = part.Key, Model = model, Gain = Db(16) }]);
            Assert.Equal(part.NoiseModel != AmplifierNoiseModel.Noiseless, line.IsAmplified);
            if (line.IsAmplified) Assert.InRange(line[32].Osnr.Si, 25, 45);
        }
    }

    [Theory]
    [InlineData(15, 26, 6, 6)]
    [InlineData(26, 15, 6, 10)]
    [InlineData(15, 26, 3, 8)]
    [InlineData(15, 26, double.NaN, 8)]
    [InlineData(15, 16, 6, 30)]
    public void Coils_that_cannot_be_are_refused(double least, double flat, double best, double worst) =>
        Assert.Throws<InputException>(() => NoiseFigure.TwoCoils(Db(least), Db(flat), Db(best), Db(worst)));

    [Fact]
    public void Noise_that_is_no_number_is_refused()
    {
        Assert.Throws<InputException>(() => NoiseFigure.Fixed(Db(double.NaN)));
        Assert.Throws<InputException>(() => NoiseFigure.OpenRoadm([]));
        Assert.Throws<InputException>(() => NoiseFigure.OpenRoadm([double.NaN]));
    }
}
