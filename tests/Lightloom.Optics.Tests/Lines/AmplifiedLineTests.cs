using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

public class AmplifiedLineTests
{
    internal static AmplifiedLine Planned(int spans = 5, double kilometers = 80, double? noiseFigure = 5) => new()
    {
        Spans = [.. Enumerable.Repeat(Span(kilometers), spans)],
        Amplifiers = noiseFigure is { } figure ? [LineAmplifierKind.WithNoiseFigure(Db(figure))] : LineAmplifierKind.InLine(PartCatalog.Default),
    };

    static IEnumerable<LineAmplifier> AmplifiersOf(AmplifiedLine line, double transmitted, double launch) =>
        line.Elements(Dbm(transmitted), Dbm(launch)).OfType<LineAmplifier>();

    [Fact]
    public void The_example_has_a_booster_and_five_amplifiers() =>
        Assert.Equal([7, 17, 17, 17, 17, 17], AmplifiersOf(Planned(), -6, 1).Select(a => Math.Round(a.Gain.Si, 9)));

    [Fact]
    public void Launched_directly_it_is_the_line_of_spans()
    {
        var (planned, plain) = (new LinePropagation(Wide, Planned().Elements(Dbm(1), Dbm(1))), new LinePropagation(Wide, Spans(5)));
        planned.Propagate(Dbm(1));
        plain.Propagate(Dbm(1));
        Assert.Equal(plain[32].Gsnr.Si, planned[32].Gsnr.Si, 1e-12);
        Assert.Equal(21.2640, planned[32].GsnrInBand.Si, 0.00006);
    }

    // The booster's noise comes on top: 58 dB and a bit − 6 dBm − 5 dB.
    [Fact]
    public void Every_span_is_entered_with_the_launch_power_and_the_booster_is_heard()
    {
        var line = Planned();
        var bound = new LinePropagation(Wide, line.Elements(Dbm(-6), Dbm(1)));
        var stages = bound.Trace(Dbm(-6), 32);
        Assert.Equal("booster", stages[0].Element);
        Assert.Equal(1, stages[0].Power.Si, 0.001);
        var input = 10 * Math.Log10(6.62607015e-34 * Wide[32].Frequency.Hertz * 12.5e9 * 1e3);
        Assert.Equal(-6 - 5 - input, stages[0].Osnr.Si, 1e-6);
        Assert.Equal(-stages[0].Osnr.Si, 10 * Math.Log10(line.BoosterNoise(Dbm(-6), Dbm(1), Wide[32].Frequency)), 1e-9);
        Assert.Equal(0, line.BoosterNoise(Dbm(1), Dbm(1), Wide[32].Frequency));
    }

    [Fact]
    public void Too_much_power_is_attenuated() =>
        Assert.Equal(3, Assert.IsType<Attenuator>(Planned().Elements(Dbm(1), Dbm(-2))[0]).Loss.Si, 9);

    [Fact]
    public void Ends_have_multiplexers_and_roadms()
    {
        var elements = (Planned(1) with { MultiplexerLoss = Db(4), RoadmTarget = Dbm(-20), AddDropOsnr = Db(38) }).Elements(Dbm(0), Dbm(1));
        Assert.Equal(["multiplexer", "ROADM, adds", "booster", "span", "amplifier 1", "ROADM, drops", "demultiplexer"], elements.Select(e => e.Name));
        Assert.Equal(21, ((LineAmplifier)elements[2]).Gain.Si, 9);
        var line = new LinePropagation(Wide, elements);
        line.Propagate(Dbm(0));
        Assert.Equal(1 - 4, line[32].Power.Si, 0.02);
        // Adding and dropping leave 38 dB together.
        var clean = new LinePropagation(Wide, [.. elements.Select(e => e is Roadm r ? r with { AddOrDropOsnr = null } : e)]);
        clean.Propagate(Dbm(0));
        Assert.Equal(-38, 10 * Math.Log10(1 / line[32].Osnr.Ratio - 1 / clean[32].Osnr.Ratio), 1e-6);
    }

    [Fact]
    public void Gain_that_is_lacking_is_made_up_for_by_the_next_amplifier()
    {
        var line = Planned(3, 160, null); // 33 dB each: within 35 dB
        Assert.All(AmplifiersOf(line, 0, 0), a => Assert.Equal(33, a.Gain.Si, 9));
        var long_ = line with { Spans = [Span(200), Span(60), Span(80)] }; // 41, 13, 17 dB
        Assert.Equal([35, 19, 17], AmplifiersOf(long_, 0, 0).Select(a => Math.Round(a.Gain.Si, 9)));
    }

    // Of the catalogue's four: at 15 dB the low-gain one, at 26 dB the medium, at 30 dB only the high-gain one is flat.
    [Theory]
    [InlineData(15, "std-low-gain")]
    [InlineData(20.5, "std-fixed-gain")]
    [InlineData(26, "std-medium-gain")]
    [InlineData(30, "std-high-gain")]
    [InlineData(50, "std-high-gain")]
    public void The_quietest_amplifier_that_is_flat_is_taken(double gain, string expected)
    {
        var all = LineAmplifierKind.InLine(PartCatalog.Default);
        var taken = LineAmplifierKind.Quietest(all, Db(gain));
        Assert.Equal(expected, taken.Name);
        Assert.All(all.Where(k => k.Model.GainFlatMaximum.Si >= gain), k => Assert.True(k.NoiseFigureAt(Db(gain)) >= taken.NoiseFigureAt(Db(gain))));
    }

    [Fact]
    public void Amplifiers_of_both_directions_are_priced()
    {
        Assert.Equal(12_000, Planned(1, 120, null).AmplifierPrice(Dbm(0), Dbm(0))!.Value.Dollars); // one of 25 dB, 6,000 USD
        Assert.Null(Planned().AmplifierPrice(Dbm(0), Dbm(0)));
    }

    [Fact]
    public void Nothing_is_no_line() => Assert.Throws<InputException>(() => new AmplifiedLine { Spans = [] }.Core());
}
