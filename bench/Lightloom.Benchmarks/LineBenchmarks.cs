using BenchmarkDotNet.Attributes;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>A line of equal spans of 80 km with 64 channels of 64 GBd.</summary>
[MemoryDiagnoser]
public class LineBenchmarks
{
    readonly Spectrum spectrum =
        Spectrum.Uniform(Frequency.FromTerahertz(191.375), Frequency.FromGigahertz(75), 64, SymbolRate.FromGigabaud(64));

    List<LineElement> elements = null!;
    LinePropagation line = null!;

    [Params(1, 5, 20)]
    public int Spans { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        elements = [];
        for (var k = 0; k < Spans; k++)
        {
            elements.Add(new FibreSpan
            {
                Length = Length.FromKilometers(80),
                ConnectorIn = Decibels.FromDecibels(0.5),
                ConnectorOut = Decibels.FromDecibels(0.5),
            });
            elements.Add(new LineAmplifier
            {
                Gain = Decibels.FromDecibels(17),
                Model = AmplifierModel.WithNoiseFigure(Decibels.FromDecibels(5)),
            });
        }
        line = new(spectrum, elements);
    }

    /// <summary>All pairs of channels for one kind of span, once.</summary>
    [Benchmark]
    public LinePropagation Bind() => new(spectrum, elements);

    [Benchmark]
    public double Propagate()
    {
        line.Propagate(DecibelMilliwatts.FromDbm(1));
        return line.GsnrDecibels[32];
    }
}
