using System.Diagnostics;
using System.Globalization;
using BenchmarkDotNet.Attributes;
using Lightloom.Fabric;
using Lightloom.Planning;
using Lightloom.Planning.Engines;

namespace Lightloom.Benchmarks;

/// <summary>The training step of 24,576 accelerators with its collectives as flows on the fabric, all groups of each at once; the fabric is made before.</summary>
[MemoryDiagnoser]
public class EngineStepBenchmarks
{
    Evaluation evaluation = null!;
    FabricGraph graph = null!;

    /// <summary>Whether every flow has one path by a hash, instead of all of them.</summary>
    [Params(false, true)]
    public bool Hashed { get; set; }

    [GlobalSetup]
    public void Setup()
    {
        evaluation = new Evaluator().Evaluate(DesignDocument.Load(Designs.TwentyFourThousand));
        graph = FabricGraph.Of(evaluation.Build.Plan);
    }

    [Benchmark]
    public EngineStep Step() => evaluation.Operation!.PlayOut(evaluation.Outcome!.Value.Step, graph,
        new FlowNetworkEngine(graph, evaluation.Build.Links, new EqualCost(), new LoadOptions { HashSeed = Hashed ? 1 : null }));

    /// <summary><c>step</c>: how flows find paths, seconds of the fastest of five, peak memory in MB, the step in s.</summary>
    public static int Race()
    {
        foreach (var hashed in (ReadOnlySpan<bool>)[false, true])
        {
            var benchmark = new EngineStepBenchmarks { Hashed = hashed };
            benchmark.Setup();
            var (best, step) = (double.PositiveInfinity, 0.0);
            for (var i = 0; i < 5; i++)
            {
                var start = Stopwatch.GetTimestamp();
                step = benchmark.Step().Timeline.Length.Seconds;
                best = Math.Min(best, Stopwatch.GetElapsedTime(start).TotalSeconds);
            }
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"step-24k-{(hashed ? "hashed" : "spread")} {best:F3} {Process.GetCurrentProcess().PeakWorkingSet64 / 1048576.0:F0} {step:G6}"));
        }
        return 0;
    }
}
