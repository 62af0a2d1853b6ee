using BenchmarkDotNet.Attributes;
using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Benchmarks;

/// <summary>The margins of a population of links: 300 m of 800G-DR8 through four connections, drawn at random on one thread.</summary>
[MemoryDiagnoser]
public class StatisticsBenchmarks
{
    const int Links = 1 << 20;

    readonly double[] margins = new double[Links];

    StatisticalBudget budget = null!;
    MarginSampler sampler = null!;

    [GlobalSetup]
    public void Setup()
    {
        var request = new LinkRequest
        {
            Rate = Bandwidth.FromGigabitsPerSecond(800),
            LaneRate = Bandwidth.FromGigabitsPerSecond(100),
            Run = Length.FromMeters(300),
            Connectors = 4,
            Policy = LinkPolicy.Meeting("400gbase-dr4"),
        };
        budget = StatisticalBudget.Of(new LinkEngineer(PartCatalog.Default).Best(request), request)
            ?? throw new InvalidOperationException("the link has no statistical budget");
        sampler = new(budget, 1);
    }

    /// <summary>A margin for each link: the time is that of one.</summary>
    [Benchmark(OperationsPerInvoke = Links)]
    public double Draw()
    {
        sampler.Fill(0, margins);
        return margins[^1];
    }

    /// <summary>Counted, summed and put into bins: the time is that of one link.</summary>
    [Benchmark(OperationsPerInvoke = Links)]
    public long Count() => sampler.Run(Links, 1).Failing;

    /// <summary>The exact distribution instead, once for any number of links.</summary>
    [Benchmark]
    public double Exact() => new StatisticalBudget(budget.Available, budget.Terms, budget.Lanes).FailingShare;
}
