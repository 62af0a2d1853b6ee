using Lightloom.Catalog;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.Lines.LineCases;

namespace Lightloom.Optics.Tests.Lines;

/// <summary>Each change against the changed line, built here by hand.</summary>
public class LineChangeTests
{
    static readonly IReadOnlyList<CoherentMode> Modes =
        [.. PartCatalog.Default.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>()];

    // Within the band of the catalogue's amplifiers.
    static readonly Spectrum Grid = Uniform(191.3375e12, 75e9, 64, 64e9);

    static (LineStudy Study, IReadOnlyList<LineChange> Changes) Of(AmplifiedLine line, double? launch = null, IReadOnlyList<CoherentMode>? modes = null)
    {
        DecibelMilliwatts? power = launch is { } given ? Dbm(given) : null;
        var study = LineStudy.Of(line, Grid, power, modes ?? Modes, Decibels.Zero);
        return (study, LineChange.Of(line, power, study, Decibels.Zero, PartCatalog.Default));
    }

    static ModeVerdict Verdict(AmplifiedLine line, LineStudy study, string mode, double? launch = null) =>
        ModeVerdict.Of(line, Modes.Single(m => m.Name == mode), study.BandLow, study.BandHigh, Decibels.Zero, launch is { } power ? Dbm(power) : null);

    [Fact]
    public void Better_connectors_are_worth_what_the_line_gains_with_them()
    {
        var line = AmplifiedLineTests.Planned(1, 120, null);
        var (study, changes) = Of(line);
        var change = Assert.Single(changes, c => c.Change == "connectors of 0.25 dB");
        var better = Verdict(line with { Spans = [Span(120, 0.25)] }, study, "800zr-plus");
        Assert.Equal(better.Margin.Si, change.Margin.Si, 1e-9);
        Assert.Equal(better.Margin.Si - study.Modes.Single(m => m.Mode.Name == "800zr-plus").Margin.Si, change.Gain.Si, 1e-9);
        Assert.True(change.Closes);
        Assert.Equal(2 * 8, change.Price!.Value.Dollars, 1e-9);
    }

    [Fact]
    public void A_site_in_the_middle_mends_a_span_that_is_too_long()
    {
        var line = AmplifiedLineTests.Planned(2, 250, null);
        var (study, changes) = Of(line);
        Assert.False(study.Closes);
        var mend = changes[0];
        Assert.Equal("amplifier sites that cut each of the 2 longest spans into 2", mend.Change);
        Assert.True(mend.Closes);
        var cut = Verdict(line with { Spans = [.. Enumerable.Repeat(Span(125), 4)] }, study, mend.Mode);
        Assert.True(cut.Closes);
        Assert.Equal(cut.Capacity.Si, mend.Capacity.Si, 1.0);
        // From two amplifiers of 51 dB to four of 26, both directions; the price is the difference.
        var before = Verdict(line, study, mend.Mode);
        Assert.Equal(
            (line with { Spans = [.. Enumerable.Repeat(Span(125), 4)] }).AmplifierPrice(cut.Transmitted, cut.Launch)!.Value.Dollars -
            line.AmplifierPrice(before.Transmitted, before.Launch)!.Value.Dollars, mend.Price!.Value.Dollars, 1e-6);
    }

    [Fact]
    public void Regenerators_are_judged_by_the_worst_section_and_priced_by_channels()
    {
        var line = AmplifiedLineTests.Planned(25, 80, 5); // 2000 km
        var (study, changes) = Of(line);
        var change = Assert.Single(changes, c => c.Change.StartsWith("regenerators", StringComparison.Ordinal));
        Assert.Equal("regenerators at 1 place on the way", change.Change);
        var reference = study.Modes.MaxBy(m => m.Margin.Si)!.Mode.Name;
        Assert.Equal(Verdict(AmplifiedLineTests.Planned(13, 80, 5), study, reference).Margin.Si, change.Margin.Si, 1e-9);
        var verdict = Verdict(AmplifiedLineTests.Planned(13, 80, 5), study, change.Mode);
        Assert.Equal(2 * verdict.Fill.Channels.Count * verdict.Mode.Price!.Value.Dollars, change.Price!.Value.Dollars, 1e-6);
    }

    [Fact]
    public void The_best_launch_power_costs_nothing_and_gains_what_it_gains()
    {
        var line = AmplifiedLineTests.Planned();
        var (study, changes) = Of(line, -6);
        var change = Assert.Single(changes, c => c.Change == "the best launch power");
        var reference = study.Modes.First(m => m.Closes); // it carries most of those that close
        Assert.Equal(study.Modes.Where(m => m.Closes).Max(m => m.Capacity.Si), reference.Capacity.Si);
        Assert.Equal(Verdict(line, study, reference.Mode.Name).Margin.Si, change.Margin.Si, 1e-9);
        Assert.DoesNotContain(Of(line).Changes, c => c.Change == "the best launch power");
    }

    [Fact]
    public void A_dark_line_is_mended_by_amplifiers()
    {
        var (study, changes) = Of(AmplifiedLineTests.Planned(1, 130) with { Amplifiers = [] });
        Assert.False(study.Closes);
        Assert.Contains(changes, c => c.Closes && c.Change == "a booster and an amplifier behind each span" && c.Price is not null);
    }

    [Fact]
    public void A_change_that_cannot_be_is_left_out()
    {
        var line = AmplifiedLineTests.Planned(1, 160) with { Amplifiers = [] };
        var study = LineStudy.Of(line, Wide, null, Modes, Decibels.Zero); // reaches beyond the band of the catalogue's amplifiers
        Assert.DoesNotContain(LineChange.Of(line, null, study, Decibels.Zero, PartCatalog.Default), c => c.Change.Contains("amplifier", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_changes_together_are_tried_where_none_mends()
    {
        // Slower modes would close by themselves.
        var (study, changes) = Of(AmplifiedLineTests.Planned(12, 100, null), -5, [.. Modes.Where(m => m.Rate.GigabitsPerSecond >= 400)]);
        Assert.False(study.Closes);
        Assert.Contains(changes, c => c.Closes && c.Change.Contains(" and ", StringComparison.Ordinal));
        Assert.True(changes.TakeWhile(c => c.Closes).Count() == changes.Count(c => c.Closes), "those that mend come first");
        var prices = changes.Where(c => c.Closes).Select(c => c.Price?.Dollars ?? double.MaxValue).ToList();
        Assert.Equal(prices.Order(), prices);
    }
}
