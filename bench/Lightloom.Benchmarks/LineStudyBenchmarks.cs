using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>What a user of <c>link line</c> waits for: five spans of 80 km, 64 channels, every mode of the catalogue.</summary>
[MemoryDiagnoser]
public class LineStudyBenchmarks
{
    readonly Spectrum grid =
        Spectrum.Uniform(Frequency.FromTerahertz(191.3375), Frequency.FromGigahertz(75), 64, SymbolRate.FromGigabaud(64));

    readonly IReadOnlyList<CoherentMode> modes =
        [.. PartCatalog.Default.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>()];

    readonly AmplifiedLine line = new()
    {
        Spans = [.. Enumerable.Repeat(new FibreSpan
        {
            Length = Length.FromKilometers(80),
            ConnectorIn = Decibels.FromDecibels(0.5),
            ConnectorOut = Decibels.FromDecibels(0.5),
        }, 5)],
        Amplifiers = LineAmplifierKind.InLine(PartCatalog.Default),
    };

    LineStudy study = null!;

    [GlobalSetup]
    public void Setup() => study = Study();

    /// <summary>GSNR, best launch power, sweep, and the verdict on each mode at its own best launch power.</summary>
    [Benchmark]
    public LineStudy Study() => LineStudy.Of(line, grid, null, modes, Decibels.Zero);

    [Benchmark]
    public IReadOnlyList<LineChange> Changes() => LineChange.Of(line, null, study, Decibels.Zero, PartCatalog.Default);
}
