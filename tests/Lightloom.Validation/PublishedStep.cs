// A published training step, predicted from its row alone.
//
//   network    the accelerator's scale-up domain, and one level between domains: the NIC rate that the accelerator is usually given,
//              the protocol's mechanism and load balance (RoCE where the row says so, otherwise InfiniBand), 3 us of path
//   software   Megatron of 2021 and 2022: attention not fused, nothing of the data group or the pipeline overlapped
//              later, unless the row says otherwise: attention fused, data group and pipeline overlapped
//              "Megatron default" in MegaScale's table: nothing overlapped, which is what that paper sets out to mend
//              MLPerf: NVIDIA's code in all rows, so that what one row says of overlapping tensor communication holds for all
//   gradients  summed in FP32, but in BF16 in MLPerf, whose FP8 weights stand alone
//   what a row leaves out (microbatch, interleaving, recomputation) is the fastest that fits the memory

using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Validation;

/// <summary>A row of a table of training steps, and what is predicted for it.</summary>
/// <param name="Table">The table's file without its ending.</param>
/// <param name="Id">The row.</param>
/// <param name="Kernels">The generation that it ran on.</param>
/// <param name="Published">What was measured, in the row's own metric.</param>
/// <param name="Predicted">What is predicted, in the same.</param>
/// <param name="Error">Predicted over published time, less one.</param>
/// <param name="Step">The predicted step.</param>
sealed record PublishedStep(string Table, string Id, string Kernels, double Published, double Predicted, double Error, TrainingStep Step)
{
    static readonly string[] Tables =
        ["korthikanti2022", "megatron2021_table1", "megascale_nsdi24", "megatron_core_h100_2024", "llama3_table4", "mlperf_training"];

    public static IEnumerable<PublishedStep> Predict() =>
        from table in Tables
        from row in PublishedRow.Read(Path.Combine(AppContext.BaseDirectory, "validation", "training", table + ".csv"))
        let step = Predict(table, row)
        where step is not null
        select step;

    static PublishedStep? Predict(string table, PublishedRow row)
    {
        if (!row["arch"].StartsWith("dense", StringComparison.Ordinal) || row.Count("tp") is null || row.Count("globalbatch") is null) return null;
        if (Precision(row["precision"]) is not { } precision || AcceleratorOf(row["gpu_type"]) is not { } key) return null;
        var early = row.Says("source", "2021") || row.Says("source", "2022");
        var accelerator = PartCatalog.Default.Get<Accelerator>(key);
        var kernels = early ? PartCatalog.Default.Get<KernelPerformance>("ampere-unfused") : accelerator.Kernels;
        var rates = ComputeRates.Of(accelerator with { Kernels = kernels }, precision);

        TrainingStep? best = null;
        foreach (var microBatch in row.Count("microbatch") is { } given ? new[] { given } : [1, 2, 4, 8])
        {
            var job = Job(row, table, early, precision, microBatch);
            if (!job.IsValid) continue;
            var step = StepModel.Predict(job, rates, Network(row, accelerator, job), accelerator.Memory.Value, kernels.RuntimeMemory.Value);
            var fits = step.Memory.Total <= accelerator.Memory.Value;
            if (best is not { } b || (fits, b.Memory.Total <= accelerator.Memory.Value) switch
            {
                (true, true) => step.Time < b.Time,
                (false, false) => step.Memory.Total < b.Memory.Total,
                (var f, _) => f,
            })
                best = step;
        }
        if (best is not { } found) return null;
        var (predicted, isRate) = Figure(row, found);
        var published = row.Number("value");
        return new(table, row["id"], accelerator.Kernels.Key, published, predicted,
            (isRate ? published / predicted : predicted / published) - 1, found);
    }

    static string? AcceleratorOf(string name) => name.Split('-', ' ')[0] switch
    {
        "A100" => "a100-sxm-80gb",
        "H100" => "h100-sxm-80gb",
        "B200" => "b200-sxm",
        "GB200" => "gb200",
        _ => null,
    };

    static Precision? Precision(string name) => name switch
    {
        "bf16" or "fp16" => Workloads.Precision.Bf16,
        "fp8" => Workloads.Precision.Fp8,
        _ => null,
    };

    static TrainingJob Job(PublishedRow row, string table, bool early, Precision precision, int microBatch)
    {
        var mlperf = table.StartsWith("mlperf", StringComparison.Ordinal);
        var stages = row.Count("pp") ?? 1;
        var nothing = early || row.Says("overlap", "Megatron default");
        return new()
        {
            Model = new(Model(row)),
            Sequence = row.Count("seq")!.Value,
            GlobalBatch = row.Count("globalbatch")!.Value,
            Precision = precision,
            Accelerators = row.Count("gpus")!.Value,
            Memory = new() { Fp8Weights = mlperf },
            Parallelism = new()
            {
                Tensor = row.Count("tp")!.Value,
                SequenceParallel = row["sp"] != "0",
                Pipeline = stages,
                Context = row.Count("cp") ?? 1,
                Interleave = row.Count("vp_interleave") is { } chunks && stages > 1 ? chunks : null,
                MicroBatch = microBatch,
                Sharding = row["zero_fsdp"] switch
                {
                    "0" => Sharding.None,
                    var s when s.Contains("ZeRO-2", StringComparison.Ordinal) || s.Contains("opt+grad", StringComparison.Ordinal) => Sharding.Gradients,
                    _ => Sharding.Optimizer,
                },
                Recompute = row["recompute"] switch
                {
                    var r when r.StartsWith("full", StringComparison.Ordinal) => Recomputation.Full,
                    var r when r.StartsWith("selective", StringComparison.Ordinal) => Recomputation.Selective,
                    _ => null,
                },
                GradientBytes = mlperf ? 2 : 4,
                OverlapData = !nothing,
                OverlapPipeline = !nothing,
                OverlapTensor = mlperf || row.Says("overlap", "tp-comm") || row.Says("overlap", "TP+PP"),
            },
        };
    }

    static TransformerModel Model(PublishedRow row)
    {
        var llama = row.Says("arch", "swiglu");
        return new()
        {
            Name = row["model"],
            Layers = row.Count("layers")!.Value,
            Hidden = row.Count("hidden")!.Value,
            Heads = row.Count("heads")!.Value,
            KeyValueHeads = row.Count("kv_heads"),
            FeedForward = row.Count("ffn")!.Value,
            Activation = llama ? FeedForwardKind.SwiGlu : FeedForwardKind.Gelu,
            Vocabulary = row.Count("vocab")!.Value,
            LearnedPositions = llama ? 0 : row.Count("seq")!.Value,
            Biases = !llama,
            TiedEmbeddings = !llama,
            Sequence = row.Count("seq")!.Value,
        };
    }

    static StepNetwork Network(PublishedRow row, Accelerator accelerator, TrainingJob job)
    {
        var protocol = PartCatalog.Default.Get<NetworkProtocol>(row.Says("fabric", "RoCE") ? "rocev2" : "infiniband");
        var domain = accelerator.ScaleUpDomain.Value;
        return new(
            new(NetworkLevel.ScaleUp("scale-up", accelerator.ScaleUpBandwidth.Value, accelerator.Collectives),
                NetworkLevel.ScaleOut("scale-out", accelerator.ScaleOutBandwidth!.Value.Value, Ratio.From(BalanceOf(protocol, job.Accelerators)),
                    Duration.FromMicroseconds(3), protocol.Collectives)),
            [domain, Math.Max(2 * domain, job.Accelerators)]);
    }

    /// <summary>Rows don't say how leaves are built: sixteen cards and as many uplinks each.</summary>
    internal static double BalanceOf(NetworkProtocol protocol, int accelerators) =>
        new FabricBalance(protocol.LoadBalancing, new LinkStage("leaf-spine", 16, 16, Math.Max(1, accelerators / 16)))
            .With(_ => FabricBalance.OfferedBy(protocol)).Expected;

    /// <summary>The row's metric of a step, and whether it is a rate.</summary>
    static (double Value, bool IsRate) Figure(PublishedRow row, in TrainingStep step)
    {
        var model = step.Job.Model.Model;
        double l = model.Layers, h = model.Hidden, s = step.Job.Sequence, v = model.Vocabulary;
        var perAccelerator = step.Job.GlobalBatch * s / step.Time.Seconds / step.Job.Accelerators / 1e12;
        return row["metric"] switch
        {
            // Narayanan et al. 2021, equation 3: a forward and a backward pass and the forward pass again.
            var m when m.StartsWith("hw_tflops", StringComparison.Ordinal) =>
                (96 * l * h * h * (1 + (s / (6 * h)) + (v / (16 * l * h))) * perAccelerator, true),
            var m when m.StartsWith("model_tflops", StringComparison.Ordinal) =>
                (72 * l * h * h * (1 + (s / (6 * h)) + (v / (12 * l * h))) * perAccelerator, true),
            "tflops_per_gpu" => (step.RatePerAccelerator(FlopConvention.Model).Teraflops, true),
            "tokens_per_s_total" => (step.TokensPerSecond, true),
            "iteration_time" or "median_train_step_time" => (step.Time.Seconds, false),
            var m => throw new InvalidDataException($"the metric '{m}' of row '{row["id"]}' is not known"),
        };
    }
}
