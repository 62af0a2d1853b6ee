using Lightloom.Catalog;
using Lightloom.Interop.Gnpy;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>What <c>link line</c> answers: the study, the changes that help, and where the line came from.</summary>
/// <param name="Title">The line in one phrase.</param>
/// <param name="Study">What the line is worth.</param>
/// <param name="Changes">What changes to it are worth; none for a line from a file, which says what stands.</param>
/// <param name="Margin">Margin that a mode must have.</param>
/// <param name="Route">Names of what the line passes in the file that it came from; empty for a planned one.</param>
/// <param name="Notes">What a reader should know, of the file and the line.</param>
sealed record LineAnswer(
    string Title, LineStudy Study, IReadOnlyList<LineChange> Changes, Decibels Margin, IReadOnlyList<string> Route, IReadOnlyList<string> Notes)
{
    public Duration Delay => Study.Channels[0].Delay;

    public Length Length => Length.FromMeters(Study.Elements.OfType<FibreSpan>().Sum(s => s.Length.Meters));

    /// <summary>A planned line.</summary>
    public static LineAnswer Of(AmplifiedLine line, Spectrum grid, DecibelMilliwatts? launch, IReadOnlyList<CoherentMode> modes, Decibels margin, IReadOnlyList<string> notes)
    {
        var study = LineStudy.Of(line, grid, launch, modes, margin);
        var spans = line.Spans.GroupBy(s => s.Length).Select(g => $"{g.Count()} x {g.Key}");
        return new($"{string.Join(", ", spans)}: {Channels(grid)}", study, LineChange.Of(line, launch, study, margin, PartCatalog.Default), margin, [],
            [.. notes, .. study.Notes]);
    }

    /// <summary>A line of GNPy files.</summary>
    public static LineAnswer Of(string network, string equipment, string? spectrum, string? from, string? to, string? transceiver,
        IReadOnlyList<CoherentMode> modes, Decibels margin)
    {
        var library = GnpyEquipment.ReadFile(equipment);
        var graph = GnpyNetwork.ReadFile(network, library);
        var line = graph.Line(from, to, spectrum is null ? null : GnpySpectrum.ReadFile(spectrum));
        // The library's own modes come with the margin that it adds to what they need.
        var asked = transceiver is null ? margin : margin + library.SystemMargin;
        var study = LineStudy.Of(line.Elements, line.Spectrum, transceiver is null ? modes : library.Modes(transceiver), asked);
        var others = graph.Transceivers.Count > 2 && (from is null || to is null)
            ? [$"the network has {graph.Transceivers.Count:N0} transceivers; --from and --to choose between which the line runs"]
            : Array.Empty<string>();
        return new($"{line.Route[0]} to {line.Route[^1]}: {Channels(line.Spectrum)}", study, [], asked, line.Route, [.. others, .. line.Notes, .. study.Notes]);
    }

    static string Channels(Spectrum grid)
    {
        var (rates, slots) = (Range(i => grid[i].SymbolRate.Gigabaud), Range(i => grid[i].SlotWidth.Gigahertz));
        return $"{grid.Count} channel{(grid.Count == 1 ? "" : "s")} of {rates} GBd in slots of {slots} GHz";

        string Range(Func<int, double> of)
        {
            var all = Enumerable.Range(0, grid.Count).Select(of).ToList();
            return all.Min() == all.Max() ? $"{all.Min():0.###}" : $"{all.Min():0.###} to {all.Max():0.###}";
        }
    }
}
