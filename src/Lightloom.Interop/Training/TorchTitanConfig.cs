// torchtitan's job files (pytorch/torchtitan, torchtitan/config/job_config.py, 2024 to early 2026): TOML sections with the fields of
// dataclasses, whose defaults hold for what isn't there. Arguments behind the file replace single fields: --training.seq_len 4096.
//
//   replicas         data_parallel_replicate_degree x data_parallel_shard_degree; -1 takes the accelerators that remain
//   sequences        local_batch_size for each replica and pass; global_batch_size accumulates passes
//   sharding         FSDP2 over data_parallel_shard_degree x context (ZeRO-3), copies of it on data_parallel_replicate_degree; gathered parameters
//                    are freed after the forward pass unless fsdp_reshard_after_forward is "never", or "default" with a pipeline
//   experts          expert_parallel_degree over tensor, context and shard ranks; each expert on expert_tensor_parallel_degree ranks (1)
//   context          keys and values gathered before attention, a ring with context_parallel_rotate_method "alltoall"
//   ranks            tensor, context, shard, replicate, pipeline from the innermost
//   pipeline         pipeline_parallel_microbatch_size; embedding and output count as so many layers of the ends (1 each)
//   tensor           always with sequence parallelism; beside computation with enable_async_tensor_parallel
//   recomputation    selective unless mode says otherwise; selective_ac_option n computes every n-th layer again as a whole
//   compiled         blocks and loss by themselves with compile.enable and its components
//
// Worked example: 32 layers, selective_ac_option 2 (the default): 16 of them are computed again in full.

using System.Globalization;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;
using Tomlyn.Parsing;
using Tomlyn.Syntax;

namespace Lightloom.Interop.Training;

/// <summary>Reads torchtitan's job files.</summary>
static class TorchTitanConfig
{
    const int MaximumBytes = 4 << 20;
    const int Deepest = 32;

    static readonly (string Name, string Flavor, string Key)[] Models =
    [
        ("llama3", "8B", "llama-3.1-8b"), ("llama3", "70B", "llama-3.1-70b"), ("llama3", "405B", "llama-3.1-405b"), ("llama4", "17bx16e", "llama-4-scout"),
        ("llama4", "17bx128e", "llama-4-maverick"), ("deepseek_v3", "16B", "deepseek-v2-lite"), ("deepseek_v3", "236B", "deepseek-v2"), ("deepseek_v3", "671B", "deepseek-v3"),
        ("qwen3", "8B", "qwen3-8b"), ("qwen3", "14B", "qwen3-14b"), ("qwen3", "32B", "qwen3-32b"), ("qwen3", "30B-A3B", "qwen3-30b-a3b"), ("qwen3", "235B-A22B", "qwen3-235b-a22b"),
    ];

    // Sections in which nothing is work of a step.
    static readonly string[] WithoutEffect = ["job", "profiling", "metrics", "optimizer", "lr_scheduler", "checkpoint", "comm", "memory_estimation", "validation", "debug", "tokenizer"];

    static readonly string[] NoEffect =
    [
        "model.hf_assets_path", "model.tokenizer_path", "model.print_after_conversion", "training.dataset", "training.dataset_path", "training.max_norm", "training.steps", "training.gc_freq", "training.gc_debug",
        "training.seed", "training.deterministic",
    ];

    static readonly string[] NotModelled =
    [
        "training.mixed_precision_param", "training.mixed_precision_reduce", "training.dtype", "parallelism.disable_loss_parallel",
        "parallelism.enable_compiled_autograd", "parallelism.pipeline_parallel_schedule_csv", "parallelism.module_fqns_per_model_part",
        "parallelism.pipeline_parallel_split_points", "parallelism.expert_parallel_comm_backend", "activation_checkpoint.per_op_sac_force_recompute_mm_shapes_by_fqns", "activation_checkpoint.early_stop",
        "activation_checkpoint.memory_budget", "activation_checkpoint.preserve_rng_state", "activation_checkpoint.determinism_check", "activation_checkpoint.debug", "activation_checkpoint.visualize_memory_budget_pareto",
    ];

    static readonly string[] Asked =
    [
        "model.name", "model.flavor", "model.converters", "training.local_batch_size", "training.batch_size", "training.global_batch_size", "training.seq_len", "parallelism.data_parallel_replicate_degree",
        "parallelism.data_parallel_shard_degree", "parallelism.fsdp_reshard_after_forward", "parallelism.tensor_parallel_degree", "parallelism.enable_async_tensor_parallel",
        "parallelism.pipeline_parallel_degree", "parallelism.pipeline_parallel_schedule", "parallelism.pipeline_parallel_layers_per_stage", "parallelism.pipeline_parallel_microbatch_size",
        "parallelism.pipeline_parallel_first_stage_less_layers", "parallelism.pipeline_parallel_last_stage_less_layers", "parallelism.context_parallel_degree",
        "parallelism.expert_parallel_degree", "parallelism.expert_tensor_parallel_degree", "activation_checkpoint.mode", "activation_checkpoint.selective_ac_option",
        "parallelism.context_parallel_rotate_method", "training.compile", "compile.enable", "compile.components", "training.enable_cpu_offload",
    ];

    /// <summary>Reads a job file.</summary>
    /// <exception cref="InputException">It is no TOML, has no model that is known, or contradicts itself.</exception>
    public static ImportedJob Read(string path, ImportOptions options)
    {
        var settings = new LaunchSettings { HowToGive = "give it behind the file: -- --{0} VALUE" };
        foreach (var setting in Settings(path)) settings.Add(setting);
        var words = LaunchWords.Of(options.Words);
        foreach (var (name, at, values) in MegatronScript.Parse(words.Arguments.Select(a => new ShellValue(a, new("the command line", 1, 1)))))
            settings.Add(new(name.TrimStart('-').Replace('-', '_'), name, values, at.Mark));
        return Job(path, options, settings, words);
    }

    static ImportedJob Job(string path, ImportOptions options, LaunchSettings settings, LaunchWords words)
    {
        var model = Model(path, options, settings);
        int Degree(string name, string field, int most = 1_000_000)
        {
            var full = $"parallelism.{name}";
            settings.Decides(field, full);
            return settings.Count(full, 1, most) ?? 1;
        }
        var (tensor, context, pipeline) = (Degree("tensor_parallel_degree", "parallelism.tensor"), Degree("context_parallel_degree", "parallelism.context"), Degree("pipeline_parallel_degree", "parallelism.pipeline"));
        var expert = Degree("expert_parallel_degree", "parallelism.expert");
        var expertTensor = settings.Count("parallelism.expert_tensor_parallel_degree") ?? 1;
        var replicate = settings.Count("parallelism.data_parallel_replicate_degree") ?? 1;
        var shard = settings.Count("parallelism.data_parallel_shard_degree", -1) ?? -1;
        if (shard == 0) throw settings.Wrong("parallelism.data_parallel_shard_degree", "expected -1 or at least 1, found 0");
        var world = World(path, options, settings, words, (long)tensor * context * pipeline * replicate, ref shard);
        var sequence = settings.Count("training.seq_len", 1, 1_000_000_000) ?? 2048;
        if (!settings.Has("training.seq_len")) settings.Assumptions.Add("training.seq_len isn't given: 2,048, as torchtitan has it");
        if (context > 1 && sequence % (2 * context) != 0) throw settings.Wrong("training.seq_len", $"{sequence:N0} tokens are no multiple of twice the context ranks ({2 * context:N0})");
        if (expert > 1 && model.Experts is null) throw settings.Wrong("parallelism.expert_parallel_degree", "experts are split, and the model has none");
        settings.Decides("parallelism.expertTensor", "parallelism.expert_tensor_parallel_degree", "parallelism.expert_parallel_degree");
        if (expert > 1 && expertTensor != 1 && expertTensor != tensor)
            throw settings.Wrong("parallelism.expert_tensor_parallel_degree", $"torchtitan takes 1 or the tensor ranks ({tensor:N0}), found {expertTensor:N0}");
        var local = settings.Count("training.local_batch_size") ?? settings.Count("training.batch_size") ?? 8;
        var data = replicate * shard;
        settings.Decides("globalBatch", "training.global_batch_size", "training.local_batch_size", "training.batch_size");
        var global = settings.Count("training.global_batch_size", -1) is { } g && g > 0 ? g : checked((int)Math.Min(int.MaxValue, (long)local * data));
        if (global % ((long)local * data) != 0)
            throw settings.Wrong("training.global_batch_size", $"{global:N0} sequences are no multiple of {local:N0} on each of {data:N0} replicas");
        if (pipeline > 1 && global > (long)local * data) settings.Assumptions.Add($"each of {global / ((long)local * data):N0} passes of a step fills and empties the pipeline there; here the step does so once");
        var (sharding, reshard) = Shards(settings, shard, context, pipeline);
        settings.Decides("parallelism.shardGroup", "parallelism.data_parallel_replicate_degree", "parallelism.data_parallel_shard_degree");
        var (recompute, blocks) = Recompute(settings, model.Layers, pipeline);
        var parallelism = Pipeline(settings, model.Layers, pipeline, local) with
        {
            Tensor = tensor,
            Context = context,
            ContextMethod = ContextMethodOf(settings, context),
            Expert = expert,
            // Without expert ranks experts are split as the rest is.
            ExpertTensor = expert > 1 && (expertTensor != tensor || context > 1) ? expertTensor : null,
            Sharding = sharding,
            ShardGroup = sharding == Sharding.Weights && replicate > 1 ? shard * context : null,
            Reshard = reshard,
            Recompute = recompute,
            OverlapTensor = settings.Flag("parallelism.enable_async_tensor_parallel") && tensor > 1,
            Order = pipeline > 1 && data > 1 ? MegatronArguments.DataInside : null,
        };
        return new()
        {
            Kind = TrainingImports.TorchTitan,
            File = path,
            Model = model with { Sequence = sequence },
            Sequence = sequence,
            GlobalBatch = global,
            Precision = NumberFormat(settings),
            Parallelism = parallelism,
            Memory = Memory(settings) with { RecomputeBlocks = blocks },
            FrozenWeights = Converters(settings).Any(c => c.Contains("lora", StringComparison.OrdinalIgnoreCase)),
            Accelerators = world,
            Arguments = settings.Account(name => Unconverted(name, Converters(settings)) ?? Known(name), [.. Asked, .. NoEffect, .. NotModelled]),
            Assumptions = [.. settings.Assumptions],
            Places = settings.Places,
        };
    }

    // What stands of a converter that isn't named: quantize.linear.float8.filter_fqns.
    static (ArgumentUse, string)? Unconverted(string name, List<string> converters)
    {
        var parts = name.Split('.');
        return parts is ["quantize", .., var format, _] && !converters.Any(c => c == format || c == string.Join('.', parts[..^1]) || (parts[1] == "linear" && c == $"quantize.dense.{format}"))
            ? (ArgumentUse.NoEffect, "without its converter") : null;
    }

    static (ArgumentUse, string)? Known(string name) =>
        NoEffect.Contains(name) || WithoutEffect.Contains(name.Split('.')[0]) ? (ArgumentUse.NoEffect, "")
        : NotModelled.Contains(name) || name.Split('.')[0] is "quantize" or "float8" or "mx" or "compile" or "fault_tolerance" or "experimental" ? (ArgumentUse.NotModelled, "")
        : null;

    static TransformerModel Model(string path, ImportOptions options, LaunchSettings settings)
    {
        var (name, flavor) = (settings.Text("model.name"), settings.Text("model.flavor"));
        if (options.Model is { } given) return given;
        if (name is null || flavor is null) throw new InputException($"'{path}' has no model.name and model.flavor; give a model with --model");
        var plain = flavor;
        foreach (var ending in new[] { "_flex_attn", "_flex", "_varlen_attn", "_varlen", "_irope" })
            if (plain.EndsWith(ending, StringComparison.Ordinal)) plain = plain[..^ending.Length];
        foreach (var (n, f, key) in Models)
        {
            if (n != name || f != plain) continue;
            var model = PartCatalog.Default.Get<TransformerModel>(key);
            // It trains without multi-token prediction.
            return model with { PredictionBlocks = 0 };
        }
        var flavors = Models.Where(m => m.Name == name).Select(m => m.Flavor).ToArray();
        throw flavors.Length == 0
            ? settings.Wrong("model.name", $"'{name}' is no model that is known{Nearest.Hint(name, [.. Models.Select(m => m.Name).Distinct()])}; or give one with --model")
            : settings.Wrong("model.flavor", $"'{flavor}' is no {name} that is known{Nearest.Hint(flavor, flavors)}; or give a model with --model");
    }

    static int World(string path, ImportOptions options, LaunchSettings settings, LaunchWords words, long others, ref int shard)
    {
        int? named = null;
        if (words.Variables.TryGetValue("NGPU", out var text))
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number < 1) throw new InputException($"NGPU={text}: expected a whole number above 0");
            named = number;
        }
        var world = options.Accelerators ?? named ?? (shard > 0 ? checked((int)Math.Min(int.MaxValue, others * shard))
            : throw new InputException($"'{path}' leaves the number of accelerators to the launcher (data_parallel_shard_degree -1); give --accelerators, or NGPU=N behind the file"));
        if (shard < 0)
        {
            if (world % others != 0)
            {
                var below = world / others * others;
                throw new InputException($"{world:N0} accelerators are no multiple of replicate x context x tensor x pipeline = {others:N0}; the nearest numbers that are: {(below == 0 ? "" : $"{below:N0} and ")}{below + others:N0}",
                    settings.Find("parallelism.tensor_parallel_degree")?.Mark);
            }
            shard = (int)(world / others);
        }
        return world == others * shard ? world
            : throw settings.Wrong("parallelism.data_parallel_shard_degree", $"replicate x shard x context x tensor x pipeline = {others * shard:N0}, and the job has {world:N0} accelerators");
    }

    static (Sharding Sharding, bool Reshard) Shards(LaunchSettings settings, int shard, int context, int pipeline)
    {
        var reshard = settings.Choice("parallelism.fsdp_reshard_after_forward", "default", "always", "never") ?? "default";
        if (shard * context > 1) return (Sharding.Weights, reshard == "always" || (reshard == "default" && pipeline == 1));
        if (settings.Has("parallelism.fsdp_reshard_after_forward")) settings.Use("parallelism.fsdp_reshard_after_forward", ArgumentUse.NoEffect, "nothing is sharded");
        return (Sharding.None, true);
    }

    static ContextMethod ContextMethodOf(LaunchSettings settings, int context)
    {
        const string Name = "parallelism.context_parallel_rotate_method";
        var method = settings.Choice(Name, "allgather", "alltoall") ?? "allgather";
        if (context == 1 && settings.Has(Name)) settings.Use(Name, ArgumentUse.NoEffect, "without context ranks");
        return context > 1 && method == "allgather" ? ContextMethod.AllGather : ContextMethod.Ring;
    }

    static MemoryPlan Memory(LaunchSettings settings)
    {
        // A section of its own since the middle of 2025.
        var compiled = settings.Flag("training.compile") | settings.Flag("compile.enable");
        var components = settings.Has("compile.components") ? settings.Texts("compile.components") : ["model", "loss"];
        if (!compiled && settings.Has("compile.components")) settings.Use("compile.components", ArgumentUse.NoEffect, "without compile.enable");
        var offloaded = settings.Flag("training.enable_cpu_offload");
        if (offloaded) settings.Assumptions.Add("training.enable_cpu_offload holds parameters on the host as well; here its memory holds the optimiser's states alone, and parameters stay");
        return new()
        {
            Stack = TrainingStack.TorchFsdp,
            Compiled = compiled && components.Contains("model"),
            Loss = compiled && components.Contains("loss") ? LossKernel.Fused : null,
            OffloadOptimizer = Ratio.From(offloaded ? 1 : 0),
        };
    }

    /// <summary>What is computed again, and how many layers of each stage where not all are.</summary>
    static (Recomputation What, int? Blocks) Recompute(LaunchSettings settings, int layers, int pipeline)
    {
        var mode = settings.Choice("activation_checkpoint.mode", "none", "selective", "full", "memory_budget") ?? "selective";
        const string Name = "activation_checkpoint.selective_ac_option";
        var option = settings.Text(Name);
        settings.Decides("memory.recomputeBlocks", Name, "activation_checkpoint.mode");
        if (mode == "memory_budget")
        {
            settings.Use("activation_checkpoint.mode", ArgumentUse.NotModelled, "selective is taken");
            settings.Assumptions.Add("activation_checkpoint.mode 'memory_budget' leaves to the compiler what is computed again: selective is taken");
            return (Recomputation.Selective, null);
        }
        if (mode != "selective")
        {
            if (option is not null) settings.Use(Name, ArgumentUse.NoEffect, $"with mode {mode}");
            return (mode == "full" ? Recomputation.Full : Recomputation.None, null);
        }
        if (option is null) settings.Assumptions.Add($"{Name} isn't given: 2, as torchtitan has it, so that every second layer is computed again as a whole");
        option ??= "2";
        if (option == "op") return (Recomputation.Selective, null);
        if (!int.TryParse(option, NumberStyles.None, CultureInfo.InvariantCulture, out var every) || every < 1)
            throw settings.Wrong(Name, $"expected 'op' or a whole number above 0, found '{option}'");
        if (every == 1) return (Recomputation.Full, null);
        var blocks = layers / pipeline / every;
        if (settings.Has(Name)) settings.Use(Name, ArgumentUse.Used, $"{blocks:N0} of the {layers / pipeline:N0} layers{(pipeline > 1 ? " of a stage" : "")} as a whole");
        return blocks == 0 ? (Recomputation.None, null) : (Recomputation.Full, blocks);
    }

    static List<string> Converters(LaunchSettings settings) => [.. settings.Texts("model.converters").SelectMany(c => c.Split(',', StringSplitOptions.TrimEntries))];

    static Precision NumberFormat(LaunchSettings settings)
    {
        settings.Decides("precision", "model.converters");
        if (settings.Find("training.mixed_precision_param") is { Text: "float32" }) throw settings.Wrong("training.mixed_precision_param", "FP32 isn't modelled; expected bfloat16");
        // mx, quantize.linear.mx, quantize.grouped_mm.mx; float8 likewise.
        var kinds = Converters(settings).Select(c => c[(c.LastIndexOf('.') + 1)..]).ToList();
        if (kinds.Contains("mx")) return Precision.Mxfp8;
        return kinds.Contains("float8") ? Precision.Fp8 : Precision.Bf16;
    }

    static readonly (string Name, PipelineKind? Kind, bool Chunks)[] Schedules =
    [
        ("1F1B", PipelineKind.OneForwardOneBackward, false), ("GPipe", PipelineKind.GPipe, false), ("Interleaved1F1B", PipelineKind.Interleaved, true),
        ("ZBVZeroBubble", PipelineKind.ZeroBubbleV, true), ("DualPipeV", PipelineKind.DualPipeV, true), ("InterleavedZeroBubble", null, true), ("LoopedBFS", null, true),
    ];

    static Parallelism Pipeline(LaunchSettings settings, int layers, int stages, int local)
    {
        string[] names = ["pipeline_parallel_schedule", "pipeline_parallel_layers_per_stage", "pipeline_parallel_microbatch_size", "pipeline_parallel_first_stage_less_layers", "pipeline_parallel_last_stage_less_layers"];
        if (stages == 1)
        {
            foreach (var name in names)
                if (settings.Has($"parallelism.{name}")) settings.Use($"parallelism.{name}", ArgumentUse.NoEffect, "without a pipeline");
            return new() { Interleave = 1, MicroBatch = local };
        }
        var schedule = settings.Text("parallelism.pipeline_parallel_schedule") ?? "1F1B";
        settings.Decides("parallelism.schedule", "parallelism.pipeline_parallel_schedule", "parallelism.pipeline_parallel_degree");
        settings.Decides("parallelism.stageLayers", "parallelism.pipeline_parallel_layers_per_stage", "parallelism.pipeline_parallel_degree");
        var known = Schedules.FirstOrDefault(s => s.Name.Equals(schedule, StringComparison.OrdinalIgnoreCase));
        if (known.Name is null) throw settings.Wrong("parallelism.pipeline_parallel_schedule", $"there is no schedule '{schedule}'{Nearest.Hint(schedule, [.. Schedules.Select(s => s.Name)])}");
        if (known.Kind is not { } kind) throw settings.Wrong("parallelism.pipeline_parallel_schedule", $"'{schedule}' is not modelled; expected one of {string.Join(", ", Schedules.Where(s => s.Kind is not null).Select(s => s.Name))}");
        var size = settings.Count("parallelism.pipeline_parallel_microbatch_size") ?? 1;
        if (local % size != 0) throw settings.Wrong("parallelism.pipeline_parallel_microbatch_size", $"{size} does not divide the {local} sequences of local_batch_size");
        var (first, last) = (settings.Count("parallelism.pipeline_parallel_first_stage_less_layers", 0, 10_000) ?? 1, settings.Count("parallelism.pipeline_parallel_last_stage_less_layers", 0, 10_000) ?? 1);
        var counted = layers + first + last;
        int parts;
        if (settings.Count("parallelism.pipeline_parallel_layers_per_stage") is { } per)
        {
            parts = (counted + per - 1) / per;
            if (parts % stages != 0) throw settings.Wrong("parallelism.pipeline_parallel_layers_per_stage", $"{per} layers make {parts} stages of {counted} layers, which {stages} ranks do not share evenly");
        }
        else
        {
            parts = stages * (known.Chunks ? 2 : 1);
        }
        if (parts > counted) throw settings.Wrong("parallelism.pipeline_parallel_degree", $"{parts} stages are more than the model's {layers} layers");
        var list = Enumerable.Range(0, parts).Select(i => (counted / parts) + (i < counted % parts ? 1 : 0)).ToArray();
        list[0] -= first;
        list[^1] -= last;
        if (list[0] < 0 || list[^1] < 0) throw settings.Wrong("parallelism.pipeline_parallel_first_stage_less_layers", "an end has fewer layers than it is to have less");
        return new() { Pipeline = stages, Schedule = kind, Interleave = parts / stages, StageLayers = list, MicroBatch = size };
    }

    static List<LaunchSetting> Settings(string path)
    {
        var text = BoundedFile.Read(path, MaximumBytes, bytes =>
        {
            if (bytes.IndexOf((byte)0) is >= 0 and var zero) throw new InputException($"'{path}' is not a text file: byte {zero} is zero");
            return Encoding.UTF8.GetString(bytes);
        });
        CheckNesting(text, path);
        var document = SyntaxParser.Parse(text, path, true);
        if (document.HasErrors)
        {
            var first = document.Diagnostics.First(d => d.Kind == DiagnosticMessageKind.Error);
            throw new InputException($"not valid TOML: {first.Message}", At(first.Span, path));
        }
        var list = new List<LaunchSetting>();
        foreach (var item in document.KeyValues) Add(list, "", item, path, 0);
        foreach (var table in document.Tables)
            foreach (var item in table.Items) Add(list, Key(table.Name) + ".", item, path, 0);
        return list;
    }

    // The parser goes down one level of calls for each bracket.
    static void CheckNesting(string text, string path)
    {
        int level = 0, line = 1;
        foreach (var c in text)
        {
            if (c == '\n') line++;
            else if (c is '[' or '{' && ++level > 200) throw new InputException("more than 200 brackets are open", new(path, line, 1));
            else if (c is ']' or '}') level--;
            // A comment or a text may leave brackets open: a line of its own starts at the bottom, except within arrays.
            if (c == '\n' && level < 0) level = 0;
        }
    }

    static string Key(KeySyntax? key) => (key?.ToString() ?? "").Trim().Replace("\"", "", StringComparison.Ordinal).Replace(" ", "", StringComparison.Ordinal);

    static void Add(List<LaunchSetting> list, string prefix, KeyValueSyntax item, string path, int depth)
    {
        var name = prefix + Key(item.Key);
        var mark = At(item.Span, path);
        if (depth > Deepest) throw new InputException($"nested more than {Deepest} levels deep", mark);
        if (item.Value is InlineTableSyntax table)
        {
            foreach (var inner in table.Items)
                if (inner.KeyValue is { } pair) Add(list, name + ".", pair, path, depth + 1);
            return;
        }
        list.Add(new(name, name, [.. Texts(item.Value).Select(t => new ShellValue(t, mark))], mark));
    }

    static IEnumerable<string> Texts(ValueSyntax? value) => value switch
    {
        StringValueSyntax text => [text.Value ?? ""],
        BooleanValueSyntax flag => [flag.Value ? "true" : "false"],
        IntegerValueSyntax number => [number.Value.ToString(CultureInfo.InvariantCulture)],
        ArraySyntax array => array.Items.SelectMany(i => i.Value is ArraySyntax ? [i.Value.ToString()] : Texts(i.Value)),
        { } other => [other.ToString().Trim()],
        null => [],
    };

    static Mark At(SourceSpan span, string path) => new(path, span.Start.Line + 1, span.Start.Column + 1);
}
