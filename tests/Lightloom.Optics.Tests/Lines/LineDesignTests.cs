using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests.Lines;

/// <summary>Line systems as they are designed.</summary>
public class LineDesignTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;

    static LineRequest Request(double kilometers, params string[] modules) => new()
    {
        Fibre = Catalog.Get<Fibre>("os2-1550"),
        Length = Length.FromKilometers(kilometers),
        Span = Length.FromKilometers(80),
        Amplifiers = LineAmplifierKind.InLine(Catalog),
        Modes = [.. modules.Select(m => CoherentMode.Of(Catalog.Get<CoherentTransceiver>(m))!)],
        Margin = Decibels.FromDecibels(1),
        ConnectorLoss = Decibels.FromDecibels(0.5),
        MultiplexerLoss = Decibels.Zero,
    };

    [Fact]
    public void The_example_at_the_head_of_the_file()
    {
        var all = LineDesign.Of(Request(400, "400zr-plus-0dbm"));
        Assert.Equal((5, 64, 64), (all.Spans, all.ChannelsOfPair, all.Channels));
        Assert.Equal(25.6, all.PairCapacity.BitsPerSecond / 1e12, 1e-9);
        var some = LineDesign.Of(Request(400, "400zr-plus-0dbm") with { Wanted = Bandwidth.FromGigabitsPerSecond(1600) });
        Assert.Equal((4, 1, 8), (some.Channels, some.Pairs, some.Transceivers));
    }

    [Fact]
    public void It_is_what_link_line_judges()
    {
        var design = LineDesign.Of(Request(400, "400zr-plus-0dbm"));
        var line = new AmplifiedLine
        {
            Spans = [.. Enumerable.Repeat(FibreSpan.Of(Catalog.Get<Fibre>("os2-1550"), Length.FromKilometers(80)) with { ConnectorIn = Decibels.FromDecibels(0.5), ConnectorOut = Decibels.FromDecibels(0.5) }, 5)],
            Amplifiers = LineAmplifierKind.InLine(Catalog),
        };
        var verdict = ModeVerdict.Of(line, design.Mode, Frequency.FromTerahertz(191.3), Frequency.FromTerahertz(196.1), Decibels.FromDecibels(1), null);
        Assert.Equal(verdict.Margin.Si, design.Verdict.Margin.Si, 1e-9);
        // A booster and five amplifiers, each direction.
        Assert.Equal(2 * line.Elements(verdict.Transmitted, verdict.Launch).OfType<LineAmplifier>().Count(), design.Amplifiers);
    }

    [Fact]
    public void Reach_is_where_the_margin_ends()
    {
        var request = Request(80, "400zr-plus-0dbm", "openzr-plus-400");
        foreach (var reach in LineDesign.Reaches(request, request.Span))
        {
            Assert.True(LineDesign.Of(request with { Modes = [reach.Mode], Length = reach.Reach }).Spans == reach.Spans);
            Assert.Throws<InputException>(() => LineDesign.Of(request with { Modes = [reach.Mode], Length = reach.Reach + Length.FromKilometers(80) }));
        }
        // 10 log n: a margin of M dB on one span is good for about 10^(M/10) spans.
        var one = LineDesign.Of(request with { Modes = [request.Modes[0]] }).Verdict.Margin.Si - 1;
        var farthest = LineDesign.Reaches(request with { Modes = [request.Modes[0]] }, request.Span)[0].Spans;
        Assert.InRange(farthest, Math.Pow(10, one / 10) / 2, Math.Pow(10, one / 10) * 2);
    }

    [Fact]
    public void Regenerators_make_the_fewest_sections()
    {
        var request = Request(1600, "400zr-plus-0dbm") with { Regenerate = true };
        var design = LineDesign.Of(request);
        var reach = LineDesign.Reaches(request, request.Span)[0].Spans;
        Assert.Equal(20, design.Spans);
        Assert.True((design.Spans + design.Sections - 1) / design.Sections <= reach);
        Assert.True((design.Spans + design.Sections - 2) / (design.Sections - 1) > reach);
        Assert.Equal(2 * design.Channels * design.Sections, design.Transceivers);
        Assert.Throws<InputException>(() => LineDesign.Of(request with { Regenerate = false }));
    }

    [Fact]
    public void More_pairs_than_there_are_is_an_error()
    {
        var wanted = Request(400, "400zr-plus-0dbm") with { Wanted = Bandwidth.FromGigabitsPerSecond(40_000) };
        Assert.Equal((100, 2), (LineDesign.Of(wanted).Channels, LineDesign.Of(wanted).Pairs));
        Assert.Contains("need more than 1 fibre pair", Assert.Throws<InputException>(() => LineDesign.Of(wanted with { Pairs = 1 })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Hollow_core_fibre_interferes_next_to_nothing_and_reaches_further()
    {
        var (silica, hollow) = (Request(80, "400zr-plus-0dbm"), Request(80, "400zr-plus-0dbm") with { Fibre = Catalog.Get<Fibre>("hollow-core-1550") });
        Assert.True(LineDesign.Reaches(hollow, hollow.Span)[0].Spans > 1.5 * LineDesign.Reaches(silica, silica.Span)[0].Spans);
        Assert.True(LineDesign.FewestSpans(hollow with { Length = Length.FromKilometers(400) }, 20) < LineDesign.FewestSpans(silica with { Length = Length.FromKilometers(400) }, 20));
    }
}
