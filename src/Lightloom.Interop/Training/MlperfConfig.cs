// MLPerf training's config_*.sh of NVIDIA and those who submit with it (mlcommons/training_results_v3.1 to v5.1, large language models):
// a shell file that exports variables, after those of shared files that it sources.
//
//   accelerators     DGXNNODES x DGXNGPU (8 unless given)
//   replicas         accelerators / (TENSOR_MODEL_PARALLEL x PIPELINE_MODEL_PARALLEL x CONTEXT_PARALLEL)
//   global batch     MINIBS for each replica
//   interleaving     INTERLEAVED_PIPELINE chunks; null or 0 is none. ASYM_PP_EMBED and ASYM_PP_LOSS count both ends as a layer each
//   fine-tuning      llama2_70b_lora: the model stands still, adapters learn, on sequences of 8,192 tokens; weights in FP8 where that is computed in
//   ranks            as Megatron-LM has them: tensor, context, expert, data, pipeline from the innermost, unless TP_PP_DP_MAPPING
//   the rest         as the configuration of their trainer has it: sequence parallelism, distributed optimiser, gradients in BF16
//
// Worked example, v5.1: 64 nodes of 8, tensor 4, pipeline 8, context 2, MINIBS 144: 512 / 64 = 8 replicas, 1,152 sequences.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

/// <summary>Reads MLPerf training's config_*.sh.</summary>
static class MlperfConfig
{
    const string LoraModel = "llama-2-70b";
    const int LoraSequence = 8192;

    static readonly (string Word, string Key)[] Models =
    [
        ("405b", "llama-3.1-405b"), ("llama31_8b", "llama-3.1-8b"), ("8b", "llama-3.1-8b"), ("70b", LoraModel), ("gpt3", "gpt3-175b"), ("175b", "gpt3-175b"), ("deepseek", "deepseek-v3"),
        ("gpt_oss_20b", "gpt-oss-20b"),
    ];

    static readonly string[] Asked =
    [
        "DGXNNODES", "DGXNGPU", "MINIBS", "MICRO_BATCH_SIZE", "TENSOR_MODEL_PARALLEL", "PIPELINE_MODEL_PARALLEL", "CONTEXT_PARALLEL", "EXPERT_PARALLEL", "INTERLEAVED_PIPELINE", "SEQ_PARALLEL", "FP8",
        "FP4", "TP_COMM_OVERLAP", "USE_DIST_OPTIMIZER", "OVERLAP_GRAD_REDUCE", "ASYM_PP_EMBED", "ASYM_PP_LOSS", "MODEL_SIZE", "OVERWRITTEN_NUM_LAYERS", "SEQ_LENGTH", "ACT_CKPT_GRANULARITY", "OVERLAP_P2P_COMM",
        "TP_PP_DP_MAPPING", "FP8_HYBRID", "FP8_RECIPE", "FP8_PARAM_GATHER", "CE_FUSION_IMPL", "ACT_CKPT_METHOD", "ACT_CKPT_NUM_LAYERS", "TP", "PP", "CP", "SP",
        "MBS", "ACG", "ACM", "ACL",
    ];

    // Names in the benchmark of fine-tuning.
    static readonly (string Short, string Name)[] ShortNames =
    [
        ("TP", "TENSOR_MODEL_PARALLEL"), ("PP", "PIPELINE_MODEL_PARALLEL"), ("CP", "CONTEXT_PARALLEL"), ("SP", "SEQ_PARALLEL"), ("MBS", "MICRO_BATCH_SIZE"), ("ACG", "ACT_CKPT_GRANULARITY"),
        ("ACM", "ACT_CKPT_METHOD"), ("ACL", "ACT_CKPT_NUM_LAYERS"),
    ];

    static readonly string[] NoEffect =
    [
        "CONT", "DATADIR", "MODEL", "LOGDIR", "WORK_DIR", "work_dir", "TRAINING_DATA", "POSSIBLE_USER_WARNINGS", "NCCL_TEST", "SKIP_EVALS", "LOAD_CKPT", "WARMUP",
        "DGXSYSTEM", "LR", "MIN_LR", "MAX_STEPS", "TRAIN_ONLY", "TARGET_LOG_PPL", "LOAD_CHECKPOINT", "VAL_SAMPLES", "WARMUP_STEPS", "LEGACY_DATASET", "MOCK_DATASET", "GPU_ARCH", "SEGMENT", "CONFIG", "SEED",
        "EXTRA_ARGS", "MODEL_TFLOP_PER_SAMPLE", "TOKENIZERS_PARALLELISM", "HYDRA_FULL_ERROR", "HF_HUB_OFFLINE", "TQDM_DISABLE", "FORCE_SUCCESS_STATUS", "NEXP", "CHECK_COMPLIANCE", "GC_TRAIN", "GC_VALID",
    ];

    static readonly string[] NoEffectStarts = ["WALLTIME", "MLPERF_", "SLURM_", "VAL_", "LIMIT_", "OPT_LR", "LOG_", "NEMO_", "WARMUP_", "INIT_", "OVERRIDE_", "GLOO_", "PMIX_", "LOAD_MINIMAL", "CKPT_"];

    static readonly string[] NotModelled =
    [
        "BINDCMD", "BUCKET_SIZE", "ALIGN_PARAM_GATHER", "OVERLAP_PARAM_GATHER", "OVERLAP_PARAM_GATHER_WITH_OPTIM_STEP", "FP8_DPA", "DEFER_EMBEDDING_WGRAD_COMPUTE", "WGRAD_DEFERRAL_LIMIT", "USE_TE_OPS",
        "FUSED_QKV_ROPE", "CUDA_DEVICE_MAX_CONNECTIONS", "FULL_CUDA_GRAPH", "LAYER_CUDA_GRAPH", "MCORE_CUDA_GRAPH", "SHARP", "MAX_GPU_CLK", "UB_TP_COMM_OVERLAP",
    ];

    static readonly string[] NotModelledStarts = ["NCCL_", "NVTE_", "TE_", "UB_", "MC_TP_", "LORA_", "FP8_", "CUDNN_", "VBOOST", "UCX_", "PYTORCH_", "CUDA_", "CUBLAS", "QKV_", "PROJ_", "FC1_", "FC2_", "MEMBIND", "HANG_", "TORCH_"];

    /// <summary>Reads a configuration.</summary>
    /// <exception cref="InputException">A sourced file isn't there, a variable is missing or wrong, or they contradict each other.</exception>
    public static ImportedJob Read(string path, ImportOptions options)
    {
        var words = LaunchWords.Of(options.Words);
        if (words.Arguments.Count > 0) throw new InputException($"'{words.Arguments[0]}': a config_*.sh takes variables (NAME=value), no arguments");
        var script = ShellScript.Follow(path, words.Variables, words.Positional);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path)) ?? "/";
        if (script.Missing.FirstOrDefault(m => Path.GetFullPath(Path.Combine(folder, m.Path)).StartsWith(folder, StringComparison.Ordinal)) is { Path: { } gone } missing)
            throw new InputException($"'{gone}' is sourced here and isn't beside the file; what it exports is part of the job", missing.Mark);
        var settings = new LaunchSettings { HowToGive = "give it behind the file: {0}=VALUE" };
        settings.Assumptions.AddRange(script.Notes.Where(n => Asked.Any(a => n.Contains($"${a} ", StringComparison.Ordinal))));
        // What stands on the command line counts, whatever the file sets.
        foreach (var name in script.Names)
        {
            if (script[name] is not { } value || name.StartsWith("SLURM_", StringComparison.Ordinal)) continue;
            if (words.Variables.TryGetValue(name, out var over)) value = new(over, new("the command line", 1, 1));
            var full = ShortNames.FirstOrDefault(n => n.Short == name).Name ?? name;
            // Files that have both mean the long one by it.
            if (full != name && script.Names.Contains(full)) continue;
            settings.Add(new(full, name, [value], value.Mark));
        }
        return Job(path, options, settings, script.Sources);
    }

    static ImportedJob Job(string path, ImportOptions options, LaunchSettings settings, IReadOnlyList<string> sources)
    {
        int Degree(string name, string field)
        {
            settings.Decides(field, name);
            return settings.Count(name, 1, 1_000_000) ?? 1;
        }
        var (tensor, pipeline) = (Degree("TENSOR_MODEL_PARALLEL", "parallelism.tensor"), Degree("PIPELINE_MODEL_PARALLEL", "parallelism.pipeline"));
        var (context, expert) = (Degree("CONTEXT_PARALLEL", "parallelism.context"), Degree("EXPERT_PARALLEL", "parallelism.expert"));
        int? nodes = settings.Count("DGXNNODES"), each = settings.Count("DGXNGPU");
        if (nodes is not null && each is null) settings.Assumptions.Add("DGXNGPU isn't given: 8 accelerators a node");
        var world = options.Accelerators ?? (nodes is { } n ? checked((int)Math.Min(int.MaxValue, (long)n * (each ?? 8)))
            : throw new InputException($"'{path}' has no DGXNNODES; give --accelerators, or DGXNNODES=N behind the file"));
        var replica = (long)tensor * pipeline * context;
        if (world % replica != 0)
        {
            var below = world / replica * replica;
            throw settings.Wrong("TENSOR_MODEL_PARALLEL", $"{world:N0} accelerators are no multiple of tensor {tensor} x pipeline {pipeline} x context {context} = {replica:N0}; the nearest numbers that are: {(below == 0 ? "" : $"{below:N0} and ")}{below + replica:N0}");
        }
        var model = Model(path, options, settings, sources);
        var data = (int)(world / replica);
        settings.Decides("globalBatch", "MINIBS");
        var perReplica = settings.Count("MINIBS") ?? throw new InputException($"'{path}' has no MINIBS, the sequences of each replica");
        var microBatch = settings.Count("MICRO_BATCH_SIZE");
        if (microBatch is null) settings.Assumptions.Add("MICRO_BATCH_SIZE isn't given: 1");
        if (perReplica % (microBatch ?? 1) != 0) throw settings.Wrong("MINIBS", $"{perReplica:N0} sequences of a replica do not split into microbatches of {microBatch}");
        var interleave = settings.Text("INTERLEAVED_PIPELINE") is null or "null" or "None" or "0" or "" ? 1 : settings.Count("INTERLEAVED_PIPELINE")!.Value;
        settings.Decides("parallelism.interleave", "INTERLEAVED_PIPELINE");
        if (interleave > 1 && pipeline == 1) throw settings.Wrong("INTERLEAVED_PIPELINE", "chunks need a pipeline (PIPELINE_MODEL_PARALLEL above 1)");
        if (Truth(settings, "ASYM_PP_EMBED", false) != Truth(settings, "ASYM_PP_LOSS", false))
            throw settings.Wrong(settings.Has("ASYM_PP_EMBED") ? "ASYM_PP_EMBED" : "ASYM_PP_LOSS", "counting one end of the model alone as a layer is not modelled; expected both or neither");
        var sequenceParallel = Truth(settings, "SEQ_PARALLEL", true);
        var frozen = options.Model is null && model.Key.TrimEnd('*') == LoraModel;
        if (frozen) settings.Assumptions.Add("the model stands still and adapters learn (LoRA), as this benchmark has it; the adapters themselves are left out");
        var sequence = settings.Count("SEQ_LENGTH", 1, 1_000_000_000) ?? (frozen ? LoraSequence : model.Sequence);
        if (!settings.Has("SEQ_LENGTH")) settings.Assumptions.Add($"the sequence is the benchmark's {sequence:N0} tokens");
        var pipelineInside = Truth(settings, "TP_PP_DP_MAPPING", false);
        var (recompute, blocks) = Recompute(settings, model.Layers, pipeline, interleave);
        var precision = NumberFormat(settings);
        if (!frozen) settings.Assumptions.Add("gradients are summed in BF16, as NVIDIA's trainer of this benchmark has it");
        return new()
        {
            Kind = TrainingImports.Mlperf,
            File = path,
            Model = model with { Sequence = sequence },
            Sequence = sequence,
            GlobalBatch = checked((int)Math.Min(int.MaxValue, (long)perReplica * data)),
            Precision = precision,
            FrozenWeights = frozen,
            Memory = Memory(settings, precision, frozen) with { RecomputeBlocks = blocks },
            Parallelism = new()
            {
                Tensor = tensor,
                Pipeline = pipeline,
                Context = context,
                Expert = expert,
                Interleave = interleave,
                MicroBatch = microBatch ?? 1,
                SequenceParallel = tensor == 1 || sequenceParallel,
                Sharding = Truth(settings, "USE_DIST_OPTIMIZER", true) ? Sharding.Optimizer : Sharding.None,
                Recompute = recompute,
                GradientBytes = 2,
                OverlapData = Truth(settings, "OVERLAP_GRAD_REDUCE", true),
                OverlapTensor = Truth(settings, "TP_COMM_OVERLAP", false) && tensor > 1 && sequenceParallel,
                OverlapPipeline = Truth(settings, "OVERLAP_P2P_COMM", true),
                Order = pipelineInside || pipeline == 1 || data == 1 ? null : MegatronArguments.DataInside,
            },
            Accelerators = world,
            Arguments = settings.Account(Known, [.. Asked, .. NoEffect, .. NotModelled]),
            Assumptions = [.. settings.Assumptions],
            Places = settings.Places,
        };
    }

    static (ArgumentUse, string)? Known(string name) =>
        NoEffect.Contains(name) || NoEffectStarts.Any(s => name.StartsWith(s, StringComparison.Ordinal)) ? (ArgumentUse.NoEffect, "")
        : NotModelled.Contains(name) || NotModelledStarts.Any(s => name.StartsWith(s, StringComparison.Ordinal)) ? (ArgumentUse.NotModelled, "")
        : null;

    static bool Truth(LaunchSettings settings, string name, bool otherwise) => settings.Text(name) switch
    {
        null or "" => otherwise,
        "True" or "true" or "1" => true,
        "False" or "false" or "0" => false,
        var text => throw settings.Wrong(name, $"expected True or False, found '{text}'"),
    };

    static Precision NumberFormat(LaunchSettings settings)
    {
        var (fp8, fp4) = (Truth(settings, "FP8", false), Truth(settings, "FP4", false));
        Truth(settings, "FP8_HYBRID", true);
        settings.Decides("precision", "FP4", "FP8_RECIPE", "FP8");
        var recipe = settings.Text("FP8_RECIPE");
        // What runs in FP4 may say FP8 as well, for the layers that don't.
        if (fp4) return Precision.Nvfp4;
        if (!fp8) return Precision.Bf16;
        if (recipe is "blockwise") settings.Use("FP8_RECIPE", ArgumentUse.NotModelled, "taken as one scale for each tensor");
        return recipe is "mxfp8" ? Precision.Mxfp8 : Precision.Fp8;
    }

    // Weights that stand still are kept in FP8 wherever that is computed in.
    static MemoryPlan Memory(LaunchSettings settings, Precision precision, bool frozen)
    {
        var low = Truth(settings, "FP8_PARAM_GATHER", frozen) && precision != Precision.Bf16;
        return new() { Fp8Weights = low, Loss = settings.Text("CE_FUSION_IMPL") == "te" ? LossKernel.Fused : null };
    }

    static (Recomputation What, int? Blocks) Recompute(LaunchSettings settings, int layers, int pipeline, int chunks)
    {
        var what = settings.Text("ACT_CKPT_GRANULARITY") switch
        {
            null or "" or "null" or "None" => Recomputation.None,
            "selective" => Recomputation.Selective,
            "full" => Recomputation.Full,
            var text => throw settings.Wrong("ACT_CKPT_GRANULARITY", $"expected full, selective or null, found '{text}'"),
        };
        var method = settings.Text("ACT_CKPT_METHOD");
        var some = settings.Text("ACT_CKPT_NUM_LAYERS") is null or "null" or "None" or "" ? null : settings.Count("ACT_CKPT_NUM_LAYERS", 0);
        settings.Decides("memory.recomputeBlocks", "ACT_CKPT_NUM_LAYERS");
        var here = (long)(some ?? 0) * chunks;
        return what == Recomputation.Full && method == "block" && some is not null && here < (layers + pipeline - 1) / pipeline ? (what, (int)here) : (what, null);
    }

    static TransformerModel Model(string path, ImportOptions options, LaunchSettings settings, IReadOnlyList<string> sources)
    {
        var layers = settings.Count("OVERWRITTEN_NUM_LAYERS", 1, 10_000);
        var size = settings.Text("MODEL_SIZE");
        var model = options.Model;
        if (model is null)
        {
            // The size by its variable, else by the names of sourced files, of the file and of the folders that the benchmarks lie in.
            string[] places = size is not null ? [size] : [.. sources.Select(s => Path.GetFileName(s)), .. Path.GetFullPath(path).Split('/').Reverse().Take(6)];
            var key = places.Select(p => Models.FirstOrDefault(m => p.Contains(m.Word, StringComparison.OrdinalIgnoreCase)).Key).FirstOrDefault(k => k is not null)
                ?? throw (size is not null ? settings.Wrong("MODEL_SIZE", $"'{size}' is no model that is known; give one with --model") : new InputException($"'{path}' doesn't say which model it trains (MODEL_SIZE); give --model"));
            if (size is null) settings.Assumptions.Add($"the model is '{key}', by the names of the file, of those that it sources or of its folders");
            model = PartCatalog.Default.Get<TransformerModel>(key);
        }
        settings.Decides("model.layers", "OVERWRITTEN_NUM_LAYERS");
        return layers is { } l && l != model.Layers ? model with { Layers = l } : model;
    }
}
