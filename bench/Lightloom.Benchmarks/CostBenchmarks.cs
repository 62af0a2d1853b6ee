using BenchmarkDotNet.Attributes;
using Lightloom.Planning;
using Lightloom.Planning.Costs;

namespace Lightloom.Benchmarks;

/// <summary>Costs of a design of 24,576 accelerators: one point, a range, and what moves it.</summary>
[MemoryDiagnoser]
public class CostBenchmarks
{
    CostModel model = null!;
    double[] values = null!;

    [GlobalSetup]
    public void Setup()
    {
        model = new Evaluator().Evaluate(DesignDocument.Load(Designs.TwentyFourThousand)).Economics.Model;
        values = [.. model.Figures.Select(f => f.Value)];
    }

    /// <summary>One point.</summary>
    [Benchmark]
    public double Point() => model.At(values).Yearly.Dollars;

    /// <summary>2,000 samples and one range of them.</summary>
    [Benchmark]
    public double Range() => new CostSampling(model).Range(p => p.Yearly).High.Dollars;

    /// <summary>The same with the figures that move it.</summary>
    [Benchmark]
    public int Drivers() => new CostSampling(model).Drivers(p => p.Yearly).Count;
}
