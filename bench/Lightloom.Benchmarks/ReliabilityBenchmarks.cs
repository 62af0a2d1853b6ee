using BenchmarkDotNet.Attributes;
using Lightloom.Planning;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>Llama 3's job on 16,384 accelerators under failures of every kind, in closed form and played out.</summary>
[MemoryDiagnoser]
public class ReliabilityBenchmarks
{
    static readonly Duration Year = Duration.FromSeconds(31557600);

    ReliabilityModel model = null!, spares = null!;

    [GlobalSetup]
    public void Setup()
    {
        model = ReliabilityStudy.Of(DesignDocument.Load(Designs.TwentyFourThousand), new()).Model;
        spares = model with { Spares = 12 };
    }

    /// <summary>The expectation.</summary>
    [Benchmark]
    public double ClosedForm() => spares.Forecast().Effective;

    /// <summary>A year of each of 1,000 seeds.</summary>
    [Benchmark]
    public double ThousandYears() => new RenewalSimulation(model).Run(Year, 1000, 1).Effective;

    /// <summary>1,000 samples of the rates through the closed form.</summary>
    [Benchmark]
    public double ThousandRates() => new RateSampling(model).Low;

    /// <summary>The same years, each with rates of its own.</summary>
    [Benchmark]
    public double ThousandYearsOfUncertainRates() => new RenewalSimulation(model).Run(Year, 1000, 1, rates: new(model)).Effective;

    /// <summary>The same with repairs and a dozen spares.</summary>
    [Benchmark]
    public double ThousandYearsWithSpares() => new RenewalSimulation(spares).Run(Year, 1000, 1).Effective;

    /// <summary>The same on two threads.</summary>
    [Benchmark]
    public double ThousandYearsOnTwoThreads() => new RenewalSimulation(spares).Run(Year, 1000, 1, 2).Effective;
}
