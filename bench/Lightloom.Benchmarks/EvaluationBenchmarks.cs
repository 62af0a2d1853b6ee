using BenchmarkDotNet.Attributes;
using Lightloom.Planning;

namespace Lightloom.Benchmarks;

/// <summary>Whole evaluations of designs that are loaded: to be below 5 ms, whatever the size of the cluster.</summary>
[MemoryDiagnoser]
public class EvaluationBenchmarks
{
    readonly Evaluator evaluator = new();

    DesignDocument document = null!;

    [Params("24k", "1M")]
    public string Size { get; set; } = "24k";

    string Path => Size == "24k" ? Designs.TwentyFourThousand : Designs.OneMillion;

    [GlobalSetup]
    public void Setup()
    {
        document = DesignDocument.Load(Path);
        Evaluate();
    }

    [Benchmark]
    public Evaluation Evaluate() => evaluator.Evaluate(document);

    [Benchmark]
    public DesignDocument Load() => DesignDocument.Load(Path);
}
