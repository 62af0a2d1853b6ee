using System.Globalization;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

public sealed class KernelFitTests
{
    const string Header = "id,model,arch,layers,hidden,heads,ffn,vocab,seq,gpus,gpu_type,tp,pp,dp,microbatch,globalbatch,precision,recompute,metric,value,unit\n";

    static readonly KernelPerformance Ampere = PartCatalog.Default.Get<KernelPerformance>("ampere");

    static string Row(int id, int hidden, int gpus, int tensor, double seconds) => string.Create(CultureInfo.InvariantCulture,
        $"r{id},GPT h{hidden},dense-mha-gelu,24,{hidden},16,{4 * hidden},51200,2048,{gpus},A100-SXM-80GB,{tensor},1,{gpus / tensor},2,{8 * gpus / tensor},bf16,none,iteration_time,{seconds:R},s\n");

    static IReadOnlyList<KernelRow> Rows(string text) => KernelFit.Read([CsvTable.Read(Header + text, "made.csv")], static (_, reason) => Assert.Fail(reason));

    /// <summary>Steps as the model predicts them with other kernels.</summary>
    static IReadOnlyList<KernelRow> Made(KernelPerformance truth)
    {
        (int Hidden, int Gpus, int Tensor)[] runs = [(1024, 8, 1), (2048, 8, 1), (2048, 8, 4), (4096, 8, 2), (4096, 64, 4), (8192, 64, 8), (8192, 256, 8), (1024, 64, 1), (4096, 8, 1), (2048, 64, 2)];
        var text = new StringBuilder();
        for (var i = 0; i < runs.Length; i++)
        {
            var (hidden, gpus, tensor) = runs[i];
            var row = Assert.Single(Rows(Row(i, hidden, gpus, tensor, 1)));
            text.Append(Row(i, hidden, gpus, tensor, row.Step.Predict(row.Step.System with { Kernels = truth }).Time.Seconds));
        }
        return Rows(text.ToString());
    }

    [Fact]
    public void What_made_the_rows_is_found_again()
    {
        var truth = Ampere with
        {
            MatmulSustained = Ampere.MatmulSustained with { Value = 0.72 },
            MemorySustained = Ampere.MemorySustained with { Value = 0.7 },
            AttentionForward = Ampere.AttentionForward with { Value = 0.65 },
        };
        var fit = KernelFit.Of(Made(truth), Ampere, TestContext.Current.CancellationToken);
        // What is believed before pulls a little on ten rows.
        Assert.All(fit.Rows, r => Assert.InRange(r.Error(fit.Kernels), -0.04, 0.04));
        Assert.InRange(fit.Kernels.MatmulSustained.Value, 0.68, 0.8);
    }

    [Fact]
    public void The_same_rows_give_the_same_answer_within_what_is_believed()
    {
        var rows = Made(Ampere with { MatmulSustained = Ampere.MatmulSustained with { Value = 0.3, Low = 0.2 } });
        var (first, second) = (KernelFit.Of(rows, Ampere, TestContext.Current.CancellationToken), KernelFit.Of(rows, Ampere, TestContext.Current.CancellationToken));
        Assert.Equal(first.Kernels, second.Kernels);
        foreach (var parameter in KernelParameter.All)
            if (parameter.Of(first.Kernels) is { } figure) Assert.InRange(figure.Value, figure.Low * (1 - 1e-12), figure.High * (1 + 1e-12));
    }

    [Fact]
    public void With_too_few_rows_a_stack_keeps_its_figures()
    {
        IReadOnlyList<KernelRow> rows = [.. Made(Ampere with { MatmulSustained = Ampere.MatmulSustained with { Value = 0.72 } }).Take(KernelFit.FewestRows - 1)];
        var fit = KernelFit.Of(rows, Ampere, TestContext.Current.CancellationToken);
        Assert.False(fit.Taught);
        Assert.Equal(Ampere, fit.Kernels);
        Assert.Equal(rows, fit.Rows);
        // No row of a stack that none taught was seen.
        var unseen = KernelFit.Unseen(rows, r => r.Step.Row["model"], [fit], TestContext.Current.CancellationToken);
        Assert.Equal(rows.Select(r => r.Error(Ampere)), unseen.Select(u => u.Error));
    }

    [Fact]
    public void A_group_that_is_left_out_is_predicted_by_the_others()
    {
        var rows = Made(Ampere with { MatmulSustained = Ampere.MatmulSustained with { Value = 0.72 } });
        var unseen = KernelFit.Unseen(rows, r => r.Step.Row["model"], [KernelFit.Of(rows, Ampere, TestContext.Current.CancellationToken)], TestContext.Current.CancellationToken);
        Assert.Equal(rows, unseen.Select(u => u.Row));
        Assert.All(unseen, u => Assert.InRange(Math.Abs(u.Error), 0, 0.12));
    }

    [Fact]
    public void The_file_keeps_everything_but_the_values()
    {
        const string Text = "kind: kernel-performance\nparts:\n  ampere:\n    matmulSustained: { value: 0.1, low: 0.6 } # kept\n    memorySustained: { value: 0.2 }\n    attentionForward: { value: 0.3 }\n" +
            "    attentionBackward: { value: 0.4 }\n    matmulOverhead: { value: 5 us }\n    expertOverhead: { value: 8 us }\n    hostExperts: { value: 8 ms }\n    hostAttention: { value: 5 ms }\n    matmulFill: { value: 6 }\n    overlapTax: { value: 0.7 }\n  other:\n    matmulSustained: { value: 0.9 }\n";
        var fit = KernelFit.Of([], Ampere, TestContext.Current.CancellationToken);
        var written = KernelFile.With(Text, [fit]);
        Assert.Contains($"matmulSustained: {{ value: {fit.Kernels.MatmulSustained.Value.ToString("G4", CultureInfo.InvariantCulture)}, low: 0.6 }} # kept", written, StringComparison.Ordinal);
        // Durations in the unit that they are thought in.
        Assert.Contains("hostExperts: { value: 8 ms", written, StringComparison.Ordinal);
        Assert.Contains("expertOverhead: { value: 7 us", written, StringComparison.Ordinal);
        Assert.EndsWith("  other:\n    matmulSustained: { value: 0.9 }\n", written, StringComparison.Ordinal);
        Assert.Contains("has no part 'ampere'", Assert.Throws<InputException>(() => KernelFile.With("parts:\n", [fit])).Message, StringComparison.Ordinal);
        Assert.Contains("matmulSustained", Assert.Throws<InputException>(() => KernelFile.With("  ampere:\n", [fit])).Message, StringComparison.Ordinal);
    }
}
