// Configurations of Megatron-LM's fields by their names in code: NeMo's and Megatron-Bridge's YAML (model: / train: / ddp: / trainer:), and
// launches with overrides (NVIDIA-NeMo/Megatron-Bridge, scripts/training/run_recipe.py: --recipe NAME model.tensor_model_parallel_size=8).
//
// The last name of a path says which field it is, and the field is one of Megatron-LM's arguments with underscores, or one of those
// below under another name. A part named peft, or a recipe named after it, lets adapters learn and the model stand still. What the recipe would have set is taken as Megatron-Bridge's recipes have it, and said: the
// distributed optimiser, gradients in FP32, data-parallel communication beside computation.

using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Reads NeMo's and Megatron-Bridge's configurations and overrides.</summary>
static class MegatronBridge
{
    // Fields under another name than the argument's.
    static readonly Dictionary<string, string> Renamed = new(StringComparer.Ordinal)
    {
        ["num_moe_experts"] = "num-experts",
        ["virtual_pipeline_model_parallel_size"] = "num-virtual-stages-per-pipeline-rank",
        ["num_layers_in_first_pipeline_stage"] = "decoder-first-pipeline-num-layers",
        ["num_layers_in_last_pipeline_stage"] = "decoder-last-pipeline-num-layers",
        ["encoder_seq_length"] = "seq-length",
        ["ub_tp_comm_overlap"] = "tp-comm-overlap",
        ["fp8"] = "fp8-format",
        ["fp4"] = "fp4-format",
        ["activations_checkpoint_granularity"] = "recompute-granularity",
        ["activations_checkpoint_method"] = "recompute-method",
        ["activations_checkpoint_num_layers"] = "recompute-num-layers",
        ["moe_router_top_k"] = "moe-router-topk",
        ["layernorm_epsilon"] = "norm-epsilon",
        ["overlap_grad_sync"] = "overlap-grad-reduce",
        ["overlap_param_sync"] = "overlap-param-gather",
        ["tensor_parallel"] = "tensor-model-parallel-size",
        ["pipeline_parallel"] = "pipeline-model-parallel-size",
        ["context_parallel"] = "context-parallel-size",
        ["expert_parallel"] = "expert-model-parallel-size",
        ["fp8_param"] = "fp8-param-gather",
        ["fp4_param"] = "fp4-param-gather",
        ["microbatch_group_size_per_vp_stage"] = "microbatch-group-size-per-virtual-pipeline-stage",
    };

    // Switches of the argument parser.
    static readonly HashSet<string> Flags =
    [
        "sequence-parallel", "group-query-attention", "swiglu", "quick-geglu", "squared-relu", "untie-embeddings-and-output-weights", "disable-bias-linear", "add-qkv-bias", "multi-latent-attention", "qk-layernorm",
        "moe-shared-expert-gate", "moe-router-enable-expert-bias", "use-distributed-optimizer", "use-megatron-fsdp", "use-torch-fsdp2", "overlap-grad-reduce", "overlap-param-gather", "tp-comm-overlap", "bf16", "fp16",
        "grad-reduce-in-bf16", "accumulate-allreduce-grads-in-fp32", "account-for-embedding-in-pipeline-split", "account-for-loss-in-pipeline-split", "recompute-activations", "use-tp-pp-dp-mapping",
        "fp8-param-gather", "fp4-param-gather", "use-precision-aware-optimizer", "optimizer-cpu-offload", "cpu-offloading", "moe-pad-expert-input-to-capacity", "overlap-moe-expert-parallel-comm",
        "cross-entropy-loss-fusion", "enable-full-sharding-in-hsdp", "is-hybrid-model", "mtp-use-repeated-layer", "enable-cuda-graph", "external-cuda-graph",
    ];

    // Parts of a configuration in which nothing is work of a step.
    static readonly string[] WithoutEffect =
    [
        "data", "dataset", "logger", "exp_manager", "checkpoint", "tokenizer", "rng", "profiling", "nsys_profile", "scheduler", "optim", "optimizer", "callbacks", "resume", "log", "hydra", "rerun_state_machine", "straggler", "run",
        "inference", "validation", "env",
    ];

    static readonly string[] NoEffectNames =
    [
        "max_steps", "max_epochs", "train_iters", "eval_iters", "eval_interval", "name", "precision_plugin", "restore_from_path", "log_every_n_steps", "val_check_interval", "limit_val_batches", "limit_test_batches", "logger", "max_time",
        "enable_checkpointing", "use_distributed_sampler", "benchmark", "accelerator", "strategy", "version", "_target_", "defaults", "script", "mode", "dryrun", "target", "hf_path", "wandb_project", "account", "partition", "container_image",
    ];

    /// <summary>Reads a configuration, or a launch with overrides.</summary>
    /// <exception cref="InputException">It can't be read, or lacks or contradicts what Megatron-LM needs.</exception>
    public static ImportedJob Read(string path, ImportOptions options)
    {
        var words = LaunchWords.Of(options.Words);
        var found = new List<(string Path, ShellValue Value)>();
        int? accelerators = null;
        var notes = new List<string>();
        if (Path.GetExtension(path) is ".yaml" or ".yml")
        {
            var root = YamlText.ReadFile(path);
            Collect(root, root, "", found, 0);
        }
        else
        {
            var script = ShellScript.Follow(path, words.Variables, words.Positional);
            notes.AddRange(script.Notes);
            var launch = script.Commands.FirstOrDefault(c => c.Words.Any(w => IsOverride(w.Text) || w.Text is "--recipe" || w.Text.EndsWith(Runner, StringComparison.Ordinal) || w.Text.StartsWith("--recipe=", StringComparison.Ordinal)))
                ?? throw new InputException($"'{path}' starts nothing with overrides such as model.tensor_model_parallel_size=8");
            accelerators = FromLaunch(launch, found);
        }
        foreach (var word in words.Arguments.Concat(words.Positional ?? []))
            found.Add(Split(new ShellValue(word.TrimStart('-'), new("the command line", 1, 1))) ?? throw new InputException($"'{word}': expected an override such as model.tensor_model_parallel_size=8"));
        foreach (var (name, value) in words.Variables) found.Add((name, new(value, new("the command line", 1, 1))));
        return Job(path, options, found, accelerators, notes);
    }

    static ImportedJob Job(string path, ImportOptions options, List<(string Path, ShellValue Value)> found, int? accelerators, List<string> notes)
    {
        var settings = new LaunchSettings { HowToGive = "give it behind the file: {0}=VALUE" };
        settings.Assumptions.AddRange(notes);
        var passed = new List<ImportedArgument>();
        var (frozen, named) = (false, false);
        string? mixed = null;
        int? nodes = null, each = null;
        foreach (var (name, value) in found)
        {
            var leaf = name[(name.LastIndexOf('.') + 1)..];
            var text = value.Text;
            void Say(ArgumentUse use, string note = "") => passed.Add(new(name, text, use, note, value.Mark));
            void Put(string argument, params ShellValue[] values) => settings.Add(new(argument, name, values, value.Mark));
            int Whole() => value.IsKnown && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number > 0 ? number
                : throw new InputException($"{name}: expected a whole number above 0, found '{text}'{(value.FirstUnknown is { } hole ? $": {hole.Why}" : "")}", value.Mark);
            if (leaf is "num_nodes" or "nnodes")
            {
                nodes = Whole();
                Say(ArgumentUse.Used);
            }
            else if (leaf is "devices" or "gpus_per_node" or "num_gpus_per_node" or "nproc_per_node" or "ntasks_per_node")
            {
                each = Whole();
                Say(ArgumentUse.Used);
            }
            else if (leaf == "num_gpus")
            {
                accelerators = Whole();
                Say(ArgumentUse.Used);
            }
            else if (leaf is "recipe" or "model_recipe_name" or "model_config")
            {
                options = Recipe(options, settings, name, value);
                named = true;
                frozen |= IsAdapted(text, "_");
                Say(ArgumentUse.Used, options.ModelName is { } key ? $"'{key}'" : "");
            }
            else if (leaf is "peft" or "peft_scheme" or "mode" or "task" || name.StartsWith("peft.", StringComparison.Ordinal) || name.Contains(".peft.", StringComparison.Ordinal))
            {
                var adapted = leaf is "peft" or "peft_scheme" or "mode" or "task" or "_target_" && IsAdapted(text, ".");
                frozen |= adapted;
                Say(adapted ? ArgumentUse.Used : ArgumentUse.NoEffect, adapted ? "adapters learn, the model stands still" : leaf is "peft" or "peft_scheme" or "mode" or "task" ? "" : "adapters themselves are left out");
            }
            else if (text is "null" or "None" or "~" or "")
            {
                Say(ArgumentUse.NoEffect, "as by default");
            }
            else if (leaf is "precision" or "mixed_precision")
            {
                Say(ArgumentUse.Used);
                mixed = text;
                if (text.Contains("fp4", StringComparison.OrdinalIgnoreCase)) Put("fp4-format", new ShellValue("e2m1", value.Mark));
                else if (text.Contains("fp8", StringComparison.OrdinalIgnoreCase)) Put("fp8-format", new ShellValue("hybrid", value.Mark));
                Put(text.Contains("bf16", StringComparison.OrdinalIgnoreCase) ? "bf16" : text.Contains("16", StringComparison.Ordinal) ? "fp16"
                    : throw new InputException($"{name}: '{text}' isn't modelled; expected BF16, FP16 or FP8 mixed precision", value.Mark));
            }
            else if (leaf is "activation" or "gated_linear_unit")
            {
                if (text.Contains("swiglu", StringComparison.Ordinal) || text.Contains("geglu", StringComparison.Ordinal) || text.Contains("reglu", StringComparison.Ordinal) || IsTrue(text)) Put("swiglu");
                else Say(ArgumentUse.Used);
            }
            else if (leaf is "bias" or "add_bias_linear" or "share_embeddings_and_output_weights" or "grad_reduce_in_fp32" or "overlap_p2p_comm" or "async_tensor_model_parallel_allreduce")
            {
                if (!IsTrue(text) && !IsFalse(text)) throw new InputException($"{name}: expected true or false, found '{text}'", value.Mark);
                var argument = leaf switch
                {
                    "share_embeddings_and_output_weights" => "untie-embeddings-and-output-weights",
                    "grad_reduce_in_fp32" => "grad-reduce-in-bf16",
                    "overlap_p2p_comm" => "no-overlap-p2p-communication",
                    "async_tensor_model_parallel_allreduce" => "no-async-tensor-model-parallel-allreduce",
                    _ => "disable-bias-linear",
                };
                if (IsFalse(text)) Put(argument);
                else Say(ArgumentUse.Used);
            }
            else
            {
                var argument = Renamed.TryGetValue(leaf, out var other) ? other : leaf.Replace('_', '-');
                if (argument == "num-query-groups") Put("group-query-attention");
                if (Flags.Contains(argument))
                {
                    if (IsTrue(text)) Put(argument);
                    else if (IsFalse(text)) Say(ArgumentUse.Used);
                    else throw new InputException($"{name}: expected true or false, found '{text}'", value.Mark);
                }
                else if (argument == "fp8-format" && text is "False" or "false") Say(ArgumentUse.Used);
                else if (MegatronNames.OfTheModel.Contains(argument) || (MegatronNames.All.Contains(argument) && MegatronNames.Known(argument) is null or { Use: ArgumentUse.NoEffect, Note.Length: > 0 })) Take(argument);
                else if (MegatronNames.Known(argument) is { } known) Say(known.Use);
                else if (name.Split('.').Any(part => WithoutEffect.Contains(part)) || NoEffectNames.Contains(leaf)) Say(ArgumentUse.NoEffect);
                else if (MegatronNames.Known("no-" + argument) is { } negated) Say(negated.Use);
                else Say(ArgumentUse.Unknown, Nearest.Name(leaf, [.. Renamed.Keys, .. MegatronNames.All.Select(a => a.Replace('-', '_'))]) is { } near ? $"did you mean '{near}'?" : "");
            }

            void Take(string argument) => settings.Add(new(argument, name, [value], value.Mark));
        }
        Assume(settings, mixed);
        if (frozen) settings.Assumptions.Add("adapters learn and the model stands still; the adapters themselves are left out");
        if (nodes is not null || each is not null) accelerators ??= checked((int)Math.Min(int.MaxValue, (long)(nodes ?? 1) * (each ?? 8)));
        if (nodes is not null && each is null) settings.Assumptions.Add("the accelerators of a node aren't given: 8");
        var job = new MegatronArguments(settings, options, TrainingImports.Bridge, path) { FrozenWeights = frozen, UsualExpertTensor = named ? 1 : null }.Read(options.Accelerators ?? accelerators);
        return job with { Arguments = [.. job.Arguments, .. passed] };
    }

    // What recipes set and overrides leave alone.
    static void Assume(LaunchSettings settings, string? mixed)
    {
        // Configurations of mixed precision by name set more than the format.
        void Implied(string argument, params string[] values)
        {
            if (settings.Has(argument)) return;
            var mark = new Mark("by default", 0, 0);
            settings.Add(new(argument, $"{argument} ({mixed})", [.. values.Select(v => new ShellValue(v, mark))], mark));
        }
        bool Says(string word) => mixed?.Contains(word, StringComparison.OrdinalIgnoreCase) == true;
        if (Says("mxfp8")) Implied("fp8-recipe", "mxfp8");
        else if (Says("delayed")) Implied("fp8-recipe", "delayed");
        else if (Says("subchannel")) Implied("fp8-recipe", "blockwise");
        else if (Says("fp8") || settings.Has("fp8-format")) Implied("fp8-recipe", "tensorwise");
        if (Says("mxfp8") || (Says("fp8") && Says("delayed"))) Implied("fp8-param-gather");
        if (Says("nvfp4")) Implied("fp4-param-gather");
        void Default(string argument, string said)
        {
            settings.Assumptions.Add(said);
            settings.Add(new(argument, argument, [], new("by default", 0, 0)));
            settings.Use(argument);
        }
        if (!settings.Has("bf16") && !settings.Has("fp16")) Default("bf16", "the number format isn't given: BF16 mixed precision, as recipes have it");
        if (settings.Has("use-megatron-fsdp") || settings.Has("use-torch-fsdp2")) return;
        if (!settings.Has("use-distributed-optimizer")) Default("use-distributed-optimizer", "the optimiser is taken as distributed, as recipes have it");
        if (!settings.Has("overlap-grad-reduce")) Default("overlap-grad-reduce", "gradients are taken as reduced beside computation, as recipes have it");
        if (!settings.Has("overlap-param-gather")) Default("overlap-param-gather", "parameters are taken as gathered beside computation, as recipes have it");
    }

    /// <summary>Whether a name says that adapters learn: lora, peft.lora.LoRA, llama3_8b_peft_config.</summary>
    static bool IsAdapted(string text, string between) => text.Split([between, "_"], StringSplitOptions.None).Any(w => w.ToUpperInvariant() is "LORA" or "DORA" or "PEFT" or "QLORA");

    static bool IsTrue(string text) => text is "true" or "True" or "1";

    static bool IsFalse(string text) => text is "false" or "False" or "0";

    static ImportOptions Recipe(ImportOptions options, LaunchSettings settings, string name, ShellValue value)
    {
        if (options.Model is not null) return options;
        if (value.FirstUnknown is { } hole) throw new InputException($"{name}: its value isn't known: {hole.Why}", value.Mark);
        // llama31_8b_pretrain_config is llama-3.1-8b: names with everything but letters and digits left out.
        static string Bare(string text) => string.Concat(text.Where(char.IsAsciiLetterOrDigit)).ToLowerInvariant();
        var wanted = Bare(value.Text);
        var key = PartCatalog.Default.Keys<TransformerModel>().Where(k => wanted.StartsWith(Bare(k), StringComparison.Ordinal)).MaxBy(k => k.Length);
        if (key is null) throw new InputException($"{name}: '{value.Text}' names no model of the catalogue; give one with --model", value.Mark);
        settings.Assumptions.Add($"the recipe's model is '{key}', by its name; what else it sets isn't known");
        return options with { Model = PartCatalog.Default.Get<TransformerModel>(key), ModelName = key };
    }

    static bool IsOverride(string word) => Split(new ShellValue(word, default)) is { Path: var name } && name.Contains('.', StringComparison.Ordinal);

    static (string Path, ShellValue Value)? Split(ShellValue word)
    {
        var text = word.Text.TrimStart('+', '~');
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        if (equals <= 0 || text[..equals].Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '_'))) return null;
        var skip = word.Text.Length - text.Length + equals + 1;
        var pieces = new List<ShellPiece>();
        foreach (var piece in word.Pieces)
        {
            var cut = Math.Min(skip, piece.Text.Length);
            skip -= cut;
            if (cut < piece.Text.Length) pieces.Add(piece with { Text = piece.Text[cut..] });
        }
        return (text[..equals], new(pieces, word.Mark));
    }

    const string Runner = "run_recipe.py";

    // Options of that program, which stand back behind fields of the same meaning.
    static readonly (string Short, string Field)[] Shorthands =
    [
        ("gb", "global_batch_size"), ("mb", "micro_batch_size"), ("sl", "seq_length"), ("tp", "tensor_model_parallel_size"), ("pp", "pipeline_model_parallel_size"), ("cp", "context_parallel_size"),
        ("vp", "virtual_pipeline_model_parallel_size"), ("ep", "expert_model_parallel_size"), ("etp", "expert_tensor_parallel_size"),
    ];

    static int? FromLaunch(ShellCommand launch, List<(string Path, ShellValue Value)> found)
    {
        var plain = new List<ShellValue>();
        var recipes = launch.Words.Any(w => w.Text.EndsWith(Runner, StringComparison.Ordinal));
        foreach (var word in launch.Words)
        {
            if (!word.Text.StartsWith('-') && Split(word) is { } pair) found.Add(pair);
            else plain.Add(word);
        }
        int? nodes = null, each = null;
        foreach (var (option, at, values) in MegatronScript.Parse(plain))
        {
            var name = option.TrimStart('-').Replace('-', '_');
            if (values.Count == 0) continue;
            if (name is "recipe" || (name == "model" && recipes)) found.Add(("recipe", values[0]));
            if (recipes && name is "mode" or "peft" or "peft_scheme" or "task") found.Add((name, values[0]));
            var field = Shorthands.FirstOrDefault(s => s.Short == name || s.Field == name).Field;
            if (recipes && field is not null && !found.Any(f => f.Path.EndsWith(field, StringComparison.Ordinal))) found.Add((field, values[0]));
            int? number = int.TryParse(values[0].Text, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 ? n : null;
            if (number is null && name is "nnodes" or "nodes" or "nproc_per_node" or "ntasks_per_node" && values[0].FirstUnknown is { } hole)
                throw new InputException($"{option}: its value '{values[0].Text}' isn't known: {hole.Why}; give --accelerators", at.Mark);
            if (name is "nnodes" or "nodes") nodes = number;
            if (name is "nproc_per_node" or "ntasks_per_node" or "gpus_per_node") each = number;
        }
        return each is { } e ? checked((int)Math.Min(int.MaxValue, (long)e * (nodes ?? 1))) : null;
    }

    static void Collect(MappingNode root, Node node, string prefix, List<(string Path, ShellValue Value)> found, int depth)
    {
        switch (node)
        {
            case MappingNode mapping:
                foreach (var (key, value) in mapping.Entries) Collect(root, value, prefix.Length == 0 ? key.Text : $"{prefix}.{key.Text}", found, depth);
                break;
            case ScalarNode scalar:
                found.Add((prefix, Resolved(root, scalar, 0)));
                break;
            case SequenceNode sequence:
                var texts = sequence.Items.OfType<ScalarNode>().Select(s => s.Text).ToList();
                // Lists of numbers are patterns of layers: [0, 0, 1].
                found.Add((prefix, new($"[{string.Join(',', texts)}]", sequence.Mark)));
                break;
        }
    }

    /// <summary>A value, or what it names: <c>${model.seq_length}</c>.</summary>
    static ShellValue Resolved(MappingNode root, ScalarNode scalar, int depth)
    {
        var text = scalar.Text;
        if (!text.Contains("${", StringComparison.Ordinal)) return new(text, scalar.Mark);
        if (depth < 16 && text.StartsWith("${", StringComparison.Ordinal) && text.EndsWith('}') && !text.Contains(':', StringComparison.Ordinal))
        {
            Node? at = root;
            foreach (var part in text[2..^1].Split('.')) at = (at as MappingNode)?.Find(part);
            if (at is ScalarNode target && !ReferenceEquals(target, scalar)) return Resolved(root, target, depth + 1);
        }
        return ShellValue.Unknown(text, scalar.Mark, "what it refers to isn't in the file");
    }
}
