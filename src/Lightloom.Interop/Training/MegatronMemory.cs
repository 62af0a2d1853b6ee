// What Megatron-LM's arguments say of number formats and of what is kept where (megatron/core/optimizer, distributed, transformer, 2024 to 2026).
//
//   sharding           none; --use-distributed-optimizer is ZeRO-1, Megatron-FSDP what its strategy says, all of it unless given (before 2026: nothing)
//   copies of shards   --num-distributed-optimizer-instances n: each set of states on 1/n of the data and context ranks
//   recomputation      "block" computes the first layers of each virtual stage again, so that a stage has virtual stages x layers of them
//   master weights     4 bytes; with the precision-aware optimiser the 2 that BF16 lacks, or FP16; FP32 beside weights in blockwise FP8, or on the host
//   gradients          4 bytes with --bf16 unless --grad-reduce-in-bf16 or, precision-aware, --main-grads-dtype bf16
//   loss               in place on an FP32 copy, unless --cross-entropy-fusion-impl te
//
// Worked example: 60 layers on 4 stages of 3 virtual ones, --recompute-method block --recompute-num-layers 2: 3 x 2 of 15 layers.

using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

sealed partial class MegatronArguments
{
    (Sharding Sharding, bool Reshard) Shards(int pipeline, int expert)
    {
        var distributed = settings.Flag("use-distributed-optimizer");
        var fsdp = settings.Flag("use-megatron-fsdp") | settings.Flag("use-custom-fsdp");
        var strategy = settings.Choice("data-parallel-sharding-strategy", "no_shard", "optim", "optim_grads", "optim_grads_params");
        if (settings.Flag("use-torch-fsdp2"))
        {
            if (distributed && KnowsAll) throw settings.Wrong("use-distributed-optimizer", "contradicts --use-torch-fsdp2");
            if (pipeline > 1) throw settings.Wrong("use-torch-fsdp2", "Megatron-LM has it without a pipeline alone");
            if (expert > 1) throw settings.Wrong("use-torch-fsdp2", "Megatron-LM has it without expert ranks alone");
            return (Sharding.Weights, !settings.Flag("torch-fsdp2-no-reshard-after-forward"));
        }
        if (!fsdp)
        {
            if (strategy is not null) settings.Use("data-parallel-sharding-strategy", ArgumentUse.NoEffect, "without --use-megatron-fsdp");
            return (distributed ? Sharding.Optimizer : Sharding.None, true);
        }
        if (strategy is null) Assume("--data-parallel-sharding-strategy isn't given: optim_grads_params, as Megatron-LM has it since 2026");
        return (strategy switch
        {
            "no_shard" => Sharding.None,
            "optim" => Sharding.Optimizer,
            "optim_grads" => Sharding.Gradients,
            _ => Sharding.Weights,
        }, true);
    }

    /// <summary>Ranks that share one set of states, where there are several.</summary>
    int? ShardGroup(Sharding sharding, int ranks)
    {
        const string Name = "num-distributed-optimizer-instances", Outer = "outer-dp-sharding-strategy", Full = "enable-full-sharding-in-hsdp";
        settings.Decides("parallelism.shardGroup", Name);
        var sets = settings.Count(Name, 1, 10_000_000) ?? 1;
        if (sets == 1)
        {
            foreach (var name in new[] { Outer, Full })
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, $"without --{Name}");
            return null;
        }
        if (sharding == Sharding.None) throw settings.Wrong(Name, "nothing is sharded; Megatron-LM takes it with --use-distributed-optimizer or --use-megatron-fsdp");
        if (ranks % sets != 0) throw settings.Wrong(Name, $"{sets:N0} sets of states do not divide the {ranks:N0} data and context ranks; nearest: {Near(ranks, sets)}");
        if (settings.Choice(Outer, "no_shard", "optim") == "optim" || settings.Flag(Full))
        {
            var which = settings.Has(Outer) ? Outer : Full;
            settings.Use(which, ArgumentUse.NotModelled, "each set has states of its own");
            Assume($"--{which} shares optimiser states over the sets as well; each set has its own here, so that more memory is counted than is used");
        }
        return ranks / sets;
    }

    /// <summary>What is computed again, and how many layers of each stage where not all are.</summary>
    (Recomputation What, int? Blocks) Recompute(int layers, in Parallelism pipelined)
    {
        var selective = settings.Flag("recompute-activations");
        var granularity = settings.Choice("recompute-granularity", "full", "selective");
        var method = settings.Choice("recompute-method", "uniform", "block");
        var some = settings.Count("recompute-num-layers", 0);
        if (selective && granularity == "full") throw settings.Wrong("recompute-activations", "contradicts --recompute-granularity full: it means selective");
        granularity ??= selective ? "selective" : null;
        if (granularity is null)
        {
            foreach (var name in new[] { "recompute-method", "recompute-num-layers", "recompute-modules", "distribute-saved-activations" })
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without --recompute-granularity");
            return (Recomputation.None, null);
        }
        if (granularity == "selective")
        {
            if (method is not null) throw settings.Wrong("recompute-method", "Megatron-LM has it with --recompute-granularity full alone");
            if (some is not null) settings.Use("recompute-num-layers", ArgumentUse.NoEffect, "with --recompute-granularity selective");
            return (Recomputation.Selective, null);
        }
        if (method is null) throw settings.Wrong("recompute-granularity", "'full' needs --recompute-method uniform or block");
        settings.Decides("memory.recomputeBlocks", "recompute-num-layers");
        if (method == "uniform")
        {
            if (some is > 1) settings.Use("recompute-num-layers", ArgumentUse.NotModelled, "the input of each layer is kept, not of so many together");
            return (Recomputation.Full, null);
        }
        if (some is null) Assume("--recompute-num-layers isn't given: 1, as Megatron-LM had it");
        var chunks = pipelined.Interleave ?? 1;
        var (here, stage) = ((long)(some ?? 1) * chunks, (layers + pipelined.Pipeline - 1) / pipelined.Pipeline);
        if (here >= stage) return (Recomputation.Full, null);
        if (chunks > 1) settings.Use("recompute-num-layers", ArgumentUse.Used, $"of each of {chunks} virtual stages: {here:N0} of a stage");
        return (Recomputation.Full, (int)here);
    }

    static readonly Dictionary<string, RecomputedModule> Modules = new(StringComparer.Ordinal)
    {
        ["core_attn"] = RecomputedModule.CoreAttention,
        ["layernorm"] = RecomputedModule.Norms,
        ["mla_up_proj"] = RecomputedModule.LatentProjection,
        ["moe_act"] = RecomputedModule.ExpertActivation,
        ["mlp"] = RecomputedModule.FeedForward,
        ["shared_experts"] = RecomputedModule.SharedExperts,
        ["moe"] = RecomputedModule.Experts,
    };

    /// <summary>The parts of blocks that selective recomputation names; null where it names none or recomputation is another.</summary>
    IReadOnlyList<RecomputedModule>? RecomputedModules(Recomputation recompute)
    {
        const string Name = "recompute-modules";
        settings.Decides("memory.recomputeModules", Name);
        if (recompute != Recomputation.Selective || settings.Texts(Name) is not { Count: > 0 } names) return null;
        return [.. names.Select(n => Modules.TryGetValue(n, out var module) ? module : throw settings.Wrong(Name, $"unknown module '{n}'{Nearest.Hint(n, [.. Modules.Keys])}"))];
    }

    int GradientBytes()
    {
        var wide = settings.Flag("accumulate-allreduce-grads-in-fp32");
        var narrow = settings.Flag("grad-reduce-in-bf16");
        var aware = settings.Flag("use-precision-aware-optimizer");
        var half = DataType("main-grads-dtype", "fp32", "bf16") == "bf16";
        if (settings.Has("use-megatron-fsdp") || settings.Has("use-custom-fsdp"))
        {
            // It has names of its own for the buffer that gradients are added up in and for what is sent.
            var (buffer, sent) = (DataType("megatron-fsdp-main-grads-dtype", "fp32", "bf16", "fp16", "auto"), DataType("megatron-fsdp-grad-comm-dtype", "fp32", "bf16", "fp16", "auto"));
            if (buffer is "fp32" && sent is "bf16" or "fp16") settings.Use("megatron-fsdp-grad-comm-dtype", ArgumentUse.NotModelled, "sent as they are added up, in FP32");
            if (buffer is not (null or "auto")) return Bytes(buffer);
            if (sent is not (null or "auto")) return Bytes(sent);
        }
        if (narrow && settings.Flag("fp16")) throw settings.Wrong("grad-reduce-in-bf16", "contradicts --fp16");
        if (half && !aware && KnowsAll) throw settings.Wrong("main-grads-dtype", "Megatron-LM takes bf16 with --use-precision-aware-optimizer alone");
        if (half && wide) throw settings.Wrong("main-grads-dtype", "bf16 contradicts --accumulate-allreduce-grads-in-fp32");
        if (narrow && wide) Assume("--grad-reduce-in-bf16 overrules --accumulate-allreduce-grads-in-fp32, as Megatron-LM has it");
        return narrow || half || (settings.Has("fp16") && !wide) ? 2 : 4;
    }

    /// <summary>A number format by the argument parser's name or by PyTorch's.</summary>
    string? DataType(string name, params string[] choices)
    {
        if (settings.Text(name) is not { } text) return null;
        var plain = text.Replace("torch.", "", StringComparison.Ordinal) switch { "float32" => "fp32", "bfloat16" => "bf16", "float16" => "fp16", "uint8" => "fp8", var other => other };
        return choices.Contains(plain) ? plain : throw settings.Wrong(name, $"expected one of {string.Join(", ", choices)}, found '{text}'");
    }

    static int Bytes(string type) => type switch { "fp32" => 4, "fp8" => 1, _ => 2 };

    MemoryPlan Memory(int layers, int pipeline, Precision precision, Recomputation recompute)
    {
        var aware = settings.Flag("use-precision-aware-optimizer");
        var offloaded = OffloadOptimizer(aware);
        var (master, moments) = States(aware, offloaded > 0, precision);
        var plan = new MemoryPlan
        {
            MasterBytes = master,
            MomentBytes = moments,
            Fp8Weights = LowPrecisionWeights(precision),
            OffloadOptimizer = Ratio.From(offloaded),
            OffloadBlocks = OffloadBlocks(layers, pipeline, recompute),
        };
        var fused = settings.Flag("cross-entropy-loss-fusion");
        if (settings.Choice("cross-entropy-fusion-impl", "native", "te", "linear") is not { } implementation) return plan;
        if (fused && implementation == "native") settings.Use("cross-entropy-fusion-impl", ArgumentUse.NoEffect, "as by default");
        if (!fused) settings.Use("cross-entropy-fusion-impl", ArgumentUse.NoEffect, "without --cross-entropy-loss-fusion");
        return fused && implementation != "native" ? plan with { Loss = LossKernel.Fused } : plan;
    }

    (int Master, int Moments) States(bool aware, bool onHost, Precision precision)
    {
        var main = DataType("main-params-dtype", "fp32", "fp16") ?? "fp32";
        if (settings.Has("use-megatron-fsdp") && DataType("megatron-fsdp-main-params-dtype", "fp32", "bf16", "fp16", "auto") is { } own && own != "fp32")
        {
            // Weights of the same format are their own masters.
            var states = DataType("exp-avg-dtype", "fp32", "fp16", "bf16", "fp8") ?? "fp32";
            return (own is "auto" or "bf16" && settings.Has("bf16") ? 0 : 2, Bytes(states));
        }
        string first = DataType("exp-avg-dtype", "fp32", "fp16", "bf16", "fp8") ?? "fp32", second = DataType("exp-avg-sq-dtype", "fp32", "fp16", "bf16", "fp8") ?? "fp32";
        if (!aware && KnowsAll)
        {
            foreach (var (name, type) in new[] { ("main-params-dtype", main), ("exp-avg-dtype", first), ("exp-avg-sq-dtype", second) })
                if (type != "fp32") throw settings.Wrong(name, $"Megatron-LM takes {type} with --use-precision-aware-optimizer alone");
        }
        if (first != second) Assume($"moments in {first} and {second} are taken as two of {Math.Max(Bytes(first), Bytes(second))} bytes");
        var moments = Math.Max(Bytes(first), Bytes(second));
        if (main == "fp16") return (2, moments);
        // Weights in FP8 have no upper half of FP32 in them, except where one scale of the past goes with them.
        var remainders = aware && !onHost && settings.Has("bf16") && (precision == Precision.Bf16 || (settings.Find("fp8-recipe")?.Text ?? "delayed") == "delayed");
        return (remainders ? 2 : 4, moments);
    }

    double OffloadOptimizer(bool aware)
    {
        const string Name = "optimizer-cpu-offload", Share = "optimizer-offload-fraction";
        var share = settings.Number(Share);
        if (!settings.Flag(Name))
        {
            if (share is not null) settings.Use(Share, ArgumentUse.NoEffect, $"without --{Name}");
            return 0;
        }
        if (!aware && KnowsAll) throw settings.Wrong(Name, "Megatron-LM takes it with --use-precision-aware-optimizer alone");
        if (share is < 0 or > 1) throw settings.Wrong(Share, $"expected from 0 to 1, found {settings.Text(Share)}");
        return share ?? 1;
    }

    int OffloadBlocks(int layers, int pipeline, Recomputation recompute)
    {
        const string Name = "cpu-offloading-num-layers", Switch = "cpu-offloading";
        settings.Decides("memory.offloadBlocks", Name);
        var count = settings.Count(Name, 0) ?? 0;
        var on = settings.Flag(Switch);
        if (count == 0)
        {
            if (on) settings.Use(Switch, ArgumentUse.NoEffect, $"without --{Name}");
            return 0;
        }
        if (pipeline > 1) throw settings.Wrong(Name, "Megatron-LM has it without a pipeline alone");
        if (recompute != Recomputation.None) throw settings.Wrong(Name, "Megatron-LM has it without recomputation alone");
        return count < layers ? count : throw settings.Wrong(Name, $"expected fewer than the {layers:N0} layers, found {count:N0}");
    }

    bool LowPrecisionWeights(Precision precision)
    {
        var (eight, four) = (settings.Flag("fp8-param-gather"), settings.Flag("fp4-param-gather"));
        if (four && precision != Precision.Nvfp4) throw settings.Wrong("fp4-param-gather", "Megatron-LM takes it with --fp4-format alone");
        if (eight && precision is Precision.Bf16 or Precision.Nvfp4)
        {
            settings.Use("fp8-param-gather", ArgumentUse.NoEffect, "without --fp8-format");
            eight = false;
        }
        var name = four ? "fp4-param-gather" : "fp8-param-gather";
        if (!eight && !four) return false;
        if (settings.Has("use-torch-fsdp2"))
        {
            settings.Use(name, ArgumentUse.NoEffect, "PyTorch's FSDP gathers BF16");
            return false;
        }
        if (KnowsAll && !settings.Has("use-distributed-optimizer") && !settings.Has("use-megatron-fsdp") && !settings.Has("use-custom-fsdp"))
            throw settings.Wrong(name, "Megatron-LM takes it with --use-distributed-optimizer or --use-megatron-fsdp alone");
        if (four) settings.Use(name, ArgumentUse.Used, "counted as two copies in FP8");
        return true;
    }

    Precision NumberFormat()
    {
        var (bf16, fp16) = (settings.Flag("bf16"), settings.Flag("fp16"));
        if (bf16 && fp16) throw settings.Wrong("fp16", "contradicts --bf16");
        if (!bf16 && !fp16) throw new InputException($"'{file}' has neither --bf16 nor --fp16: Megatron-LM then computes in FP32, which isn't modelled");
        var fp8 = settings.Choice("fp8-format", "e4m3", "hybrid");
        var fp4 = settings.Choice("fp4-format", "e2m1");
        settings.Decides("precision", "fp8-recipe", "fp4-format", "fp8-format");
        if (fp8 is not null && fp4 is not null) throw settings.Wrong("fp4-format", "contradicts --fp8-format");
        var recipe = settings.Choice("fp8-recipe", "delayed", "tensorwise", "blockwise", "mxfp8", "custom");
        var fourRecipe = settings.Choice("fp4-recipe", "nvfp4", "custom");
        if (fp8 is null && recipe is not null) settings.Use("fp8-recipe", ArgumentUse.NoEffect, "without --fp8-format");
        if (fp4 is null && fourRecipe is not null) settings.Use("fp4-recipe", ArgumentUse.NoEffect, "without --fp4-format");
        if (fp4 is not null)
        {
            if (fourRecipe == "custom") settings.Use("fp4-recipe", ArgumentUse.NotModelled, "taken as nvfp4");
            return Precision.Nvfp4;
        }
        if (fp8 is not null && recipe is "blockwise" or "custom") settings.Use("fp8-recipe", ArgumentUse.NotModelled, "taken as one scale for each tensor");
        return fp8 is null ? Precision.Bf16 : recipe == "mxfp8" ? Precision.Mxfp8 : Precision.Fp8;
    }
}
