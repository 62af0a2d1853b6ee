using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Planning.Validation;

/// <summary>The training software of a row of a table of training steps, as far as the row tells.</summary>
sealed partial record MeasuredSoftware
{
    /// <summary>Megatron of 2021 and 2022: FP16, attention in separate kernels, nothing overlapped.</summary>
    public required bool Early { get; init; }

    /// <summary>
    /// Megatron before September 2021, when it began to sum input gradients of tensor groups beside weight gradients: what was published in 2021, and
    /// what ran on DeepSpeed's branch, which had split off before and didn't take it up before 2022.
    /// </summary>
    public required bool BeforeAsyncReduce { get; init; }

    /// <summary>Weights and gradients are FP16.</summary>
    public required bool Fp16 { get; init; }

    /// <summary>PyTorch's fully sharded data parallelism.</summary>
    public required bool Fsdp { get; init; }

    /// <summary>A release of 2024, as the source names it: "NeMo 24.07", "Megatron-Core r0.8.0, 2024-07".</summary>
    public required bool Of2024 { get; init; }

    /// <summary>PyTorch's own trainer.</summary>
    public required bool TorchTitan { get; init; }

    /// <summary>XLA on a TPU: fully sharded over the torus unless it says otherwise, as MaxText has it.</summary>
    public required bool Xla { get; init; }

    /// <summary>NVIDIA's code for MLPerf and its published recipes (NeMo, Megatron Bridge): tuned for speed.</summary>
    public required bool Tuned { get; init; }

    /// <summary>The published recipe that ran; null where there is none with the row's degrees, or the row names no release.</summary>
    public required TrainingRecipe? Recipe { get; init; }

    /// <summary>Whether the table says that nothing is overlapped.</summary>
    public required bool Plain { get; init; }

    /// <summary>The software of a row.</summary>
    /// <param name="row">A row of a table of training steps.</param>
    /// <param name="precision">What its matrices were computed in.</param>
    public static MeasuredSoftware Of(CsvRow row, Precision precision)
    {
        bool Says(string column, string text) => row[column].Contains(text, StringComparison.OrdinalIgnoreCase);
        var fp16 = row["precision"] == "fp16";
        return new()
        {
            Early = fp16 || Says("source", "2021") || Says("source", "2022"),
            BeforeAsyncReduce = Says("source", "2021") || (Says("source", "2022") && Says("zero_fsdp", "DeepSpeed")),
            Fp16 = fp16,
            Fsdp = Says("zero_fsdp", "FSDP") && !Says("zero_fsdp", "opt+grad"),
            Of2024 = Release2024Text().IsMatch(row["source"]),
            TorchTitan = Says("source", "torchtitan"),
            Xla = Says("gpu_type", "TPU"),
            Tuned = Says("source", "MLCommons") || Says("source", "MLPerf") || Says("source", "NeMo") || Says("source", "Megatron-Bridge") || Says("source", "MoE-ModelZoo"),
            // Recipes of fine-tuning are others.
            Recipe = ReleaseText().Match(row["source"]) is { Success: true } release && !Says("notes", "task=lora") && !Says("notes", "task=sft") ? TrainingRecipe.Of(row, TrainingRecipe.ReleaseOf(release.Value), precision)?.Told(Says("notes", "[^")) : null,
            Plain = Says("overlap", "Megatron default"),
        };
    }

    /// <summary>
    /// Bytes of a gradient when it is summed: FP16 where Megatron trains in FP16 (only for BF16 it sums in FP32 by itself), BF16 in NVIDIA's recipes and with Composer's FSDP,
    /// FP32 in torchtitan's.
    /// </summary>
    public int GradientBytes => Fp16 || Tuned || (Fsdp && !TorchTitan) ? 2 : 4;

    /// <summary>The kernels of this software on an accelerator.</summary>
    public KernelPerformance KernelsOf(Accelerator accelerator, PartCatalog catalog)
    {
        var own = accelerator.Kernels;
        foreach (var variant in (ReadOnlySpan<string>)[Early ? "unfused" : "", Fsdp ? "fsdp" : "", Of2024 ? "2024" : "", Tuned ? "" : "plain", Recipe is { FusedExperts: true } ? "" : "2025"])
        {
            var key = $"{own.Key}-{variant}";
            if (variant.Length > 0 && catalog.Keys<KernelPerformance>().Contains(key)) return catalog.Get<KernelPerformance>(key);
        }
        return own;
    }

    /// <summary>How this software uses memory.</summary>
    public MemoryPlan PlanOf(CsvRow row)
    {
        bool Says(string column, string text) => row[column].Contains(text, StringComparison.OrdinalIgnoreCase);
        if (!Fsdp)
        {
            return new()
            {
                Fp8Weights = Tuned,
                RecomputeModules = Recipe is { Recompute: { Count: > 0 } parts } ? parts : null,
                RecomputeBlocks = Recipe is { RecomputeBlocks: > 0 and var blocks } ? blocks : null,
            };
        }
        return new()
        {
            Stack = TrainingStack.TorchFsdp,
            Compiled = Says("overlap", "compile") || Says("overlap", "async"),
            // torchtitan compiles its loss since 2025.
            Loss = Says("source", "2025") ? LossKernel.Fused : LossKernel.Eager,
        };
    }

    /// <summary>What this software's memory column shows: of what runs in PyTorch its allocator's figures, elsewhere the vendor's tool.</summary>
    public MemoryMeasure MeasureOf(CsvRow row) => row["metric2"].Contains("allocated", StringComparison.OrdinalIgnoreCase) ? MemoryMeasure.PeakAllocated
        : Fsdp ? MemoryMeasure.PeakReserved : MemoryMeasure.PeakUsed;

    /// <summary>What data-parallel ranks share.</summary>
    public Sharding ShardingOf(CsvRow row)
    {
        var text = row["zero_fsdp"];
        bool Says(string part) => text.Contains(part, StringComparison.OrdinalIgnoreCase);
        if (Says("ZeRO-2") || Says("opt+grad")) return Sharding.Gradients;
        if (Says("ZeRO-1")) return Sharding.Optimizer;
        if (Xla || Says("FSDP") || Says("ZeRO-3") || text == "3") return Sharding.Weights;
        // "0" is a plain optimiser in the early tables; Megatron Core's recipes shard it whatever their column of FSDP says.
        return Early ? Sharding.None : Sharding.Optimizer;
    }

    /// <summary>Whether gradients and weights travel beside computation.</summary>
    public bool OverlapsData(CsvRow row) => !Early && !Plain;

    /// <summary>Whether chunks are sent beside the next chunk's computation.</summary>
    public bool OverlapsPipeline(CsvRow row) => !Early && !Plain;

    /// <summary>Whether tokens travel to experts beside another microbatch's computation.</summary>
    public bool OverlapsExpert => Recipe is { OverlapExchange: true };

    /// <summary>What is recorded as graphs: what the recipe says, in NVIDIA's code otherwise what is usual, elsewhere nothing.</summary>
    public RecordedGraphs? Graphs => Recipe?.Graphs ?? (Tuned ? null : RecordedGraphs.None);

    /// <summary>What the recipe computes again; null where there is none.</summary>
    public Recomputation? Recompute => Recipe is null ? null
        : Recipe.RecomputeBlocks > 0 ? Recomputation.Full
        : Recipe.Recompute.Count > 0 ? Recomputation.Selective : Recomputation.None;

    /// <summary>
    /// Whether tensor groups split activations along the sequence too. Where a row doesn't say: it saves activations [Korthikanti et al. 2022], and is off unless it is asked
    /// for; a run that computes everything again has asked for something else. torchtitan's tensor groups always do.
    /// </summary>
    public bool SplitsSequence(CsvRow row, Recomputation? recompute) => row["sp"] switch { "0" => false, "1" => true, _ => TorchTitan || recompute != Recomputation.Full };

    /// <summary>Whether tensor-parallel communication is cut up beside its matrices.</summary>
    public bool OverlapsTensor(CsvRow row)
    {
        bool Says(string text) => row["overlap"].Contains(text, StringComparison.OrdinalIgnoreCase);
        // One code runs all rows of MLPerf and of the recipes, so that what one row says of it holds for all.
        return Recipe is not { TensorWaits: true } && Tuned || (Says("tp-comm") && !Says("tp-comm-overlap off")) || Says("TP+PP") || Says("asyncTP");
    }

    [GeneratedRegex("\\b(?:20)?24[.-](?:0[1-9]|1[0-2])\\b")]
    private static partial Regex Release2024Text();

    [GeneratedRegex("\\b2[0-9]\\.(?:0[1-9]|1[0-2])(?:\\.0[1-9])?\\b")]
    private static partial Regex ReleaseText();
}
