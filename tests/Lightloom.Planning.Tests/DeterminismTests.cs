using System.Globalization;

namespace Lightloom.Planning.Tests;

/// <summary>The same design gives the same bytes, whoever asks and in whatever language, and costs about the same at any size.</summary>
public class DeterminismTests
{
    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void Runs_threads_and_evaluators_agree(string example)
    {
        var text = Designs.Text(example);
        var expected = Write(new(), text, "a.yaml");
        var shared = new Evaluator();
        var results = new string[16];
        Parallel.For(0, results.Length, new() { MaxDegreeOfParallelism = 4 }, i => results[i] = Write(i % 2 == 0 ? shared : new(), text, $"{i}.yaml"));
        Assert.All(results, r => Assert.Equal(expected, r));
    }

    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void The_language_of_the_caller_changes_nothing(string example)
    {
        // Infeasible and commented, so that messages with numbers are among the bytes.
        var text = Designs.Text(example).Replace("  floor: {", "  floor: { rackPitch: 0.81 m,", StringComparison.Ordinal)
            .Replace(", rackPitch: 0.75 m", "", StringComparison.Ordinal).Replace("sharding: zero-1", "sharding: none", StringComparison.Ordinal);
        var expected = Write(new(), text, "d.yaml");
        var strange = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (strange.NumberFormat.NumberDecimalSeparator, strange.NumberFormat.NumberGroupSeparator, strange.NumberFormat.NegativeSign) = (",", ".", "\u2212");
        var usual = CultureInfo.CurrentCulture;
        try
        {
            CultureInfo.CurrentCulture = strange;
            Assert.Equal("1.234,5", $"{1234.5:N1}");
            Assert.Equal(expected, Write(new(), text, "d.yaml"));
            Assert.Same(strange, CultureInfo.CurrentCulture);
        }
        finally
        {
            CultureInfo.CurrentCulture = usual;
        }
    }

    [Fact]
    public void A_million_accelerators_cost_little_more_than_twenty_four_thousand()
    {
        var small = Designs.Text(Designs.Llama);
        var large = Designs.Changed(Designs.Llama, ("systems: 3072", "systems: 131072"), ("globalBatch: 2048", "globalBatch: 16384"), ("accelerators: 16384", "accelerators: 1048576"));
        var evaluator = new Evaluator();
        Write(evaluator, large, "large.yaml");
        Write(evaluator, small, "small.yaml");
        var (few, _) = Allocated(evaluator, small);
        var (many, evaluation) = Allocated(evaluator, large);
        Assert.Equal(1_048_576, evaluation.Build.Plan.AcceleratorCount);
        Assert.Equal(1_048_576, evaluation.Outcome!.Value.Step.Job.Accelerators);
        Assert.True(evaluation.Outcome.Value.EffectiveTokensPerSecond >= 0);
        Assert.True(many < 8 * few, $"{many:N0} bytes against {few:N0}");
    }

    static (long Bytes, Evaluation Evaluation) Allocated(Evaluator evaluator, string text)
    {
        var document = DesignDocument.Parse(text);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var evaluation = evaluator.Evaluate(document);
        return (GC.GetAllocatedBytesForCurrentThread() - before, evaluation);
    }

    static string Write(Evaluator evaluator, string text, string file) => EvaluationJson.Write(evaluator.Evaluate(DesignDocument.Parse(text, file)));
}
