// Megatron-LM's arguments (NVIDIA/Megatron-LM, megatron/training/arguments.py, 2020 to 2026): names, defaults and the rules by which it
// refuses combinations. What follows from an argument that isn't there is Megatron's default:
//
//   --ffn-hidden-size        4 h, or with --swiglu the multiple of 64 below 8/3 h
//   gradients                4 bytes with --bf16 unless --grad-reduce-in-bf16; 2 with --fp16 unless --accumulate-allreduce-grads-in-fp32
//   optimiser                each rank whole, unless --use-distributed-optimizer (ZeRO-1) or one of the FSDPs
//   communication            waited for, unless --overlap-grad-reduce, --tp-comm-overlap; sends of an interleaved pipeline beside computation
//   recomputation            none
//   biases                   in all linear layers, unless --disable-bias-linear; LayerNorm, unless --normalization RMSNorm
//   embeddings               tied, positions learned, vocabulary padded to 128 entries for each tensor rank
//   --expert-tensor-parallel-size    as --tensor-model-parallel-size
//   ranks                    tensor, context, expert, data, pipeline from the innermost, unless --use-tp-pp-dp-mapping
//
// Worked example, examples/gpt3 of that repository: --num-layers 96 --hidden-size 12288 --num-attention-heads 96 --seq-length 2048 with
// tensor 8 and pipeline 16 in FP16 is GPT-3 with 51,200 entries (50,257 padded to 1,024), gradients of 2 bytes, no sharding, no recomputation.

using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Interop.Training;

/// <summary>Turns Megatron-LM's arguments into a job.</summary>
sealed partial class MegatronArguments(LaunchSettings settings, ImportOptions options, string kind, string file)
{
    const int MostLayers = 10_000;
    const int MostVocabulary = 100_000_000;

    /// <summary>Whether adapters learn and the model stands still.</summary>
    public bool FrozenWeights { get; init; }

    /// <summary>Tensor ranks of experts where <c>--expert-tensor-parallel-size</c> isn't given; as many as of the rest unless this is.</summary>
    public int? UsualExpertTensor { get; init; }

    /// <summary>Whether what isn't given may stand in a recipe that isn't known, so that its absence is no contradiction.</summary>
    bool KnowsAll => kind == TrainingImports.Megatron;

    /// <summary>The job.</summary>
    /// <param name="accelerators">Accelerators, as far as the launcher says; otherwise the user must.</param>
    public ImportedJob Read(int? accelerators)
    {
        foreach (var (old, now) in Gone)
            if (settings.Has(old)) throw settings.Wrong(old, $"Megatron-LM takes it no more; expected --{now}");
        var tensor = Degree("tensor-model-parallel-size", "parallelism.tensor");
        var pipeline = Degree("pipeline-model-parallel-size", "parallelism.pipeline");
        var context = Degree("context-parallel-size", "parallelism.context");
        var expert = Degree("expert-model-parallel-size", "parallelism.expert");
        var world = options.Accelerators ?? accelerators
            ?? throw new InputException($"'{file}' doesn't say how many accelerators it runs on (torchrun's --nproc_per_node and --nnodes, srun's --nodes, #SBATCH --nodes); give --accelerators");
        var model = Model(tensor);
        var sequence = Sequence(context, model);
        var expertTensor = ExpertSplit(model, expert, tensor, context, pipeline, world);
        CheckWorld(world, tensor, pipeline, context);
        var data = world / (tensor * pipeline * context);
        var microBatch = settings.Count("micro-batch-size") ?? throw new InputException($"'{file}' has no --micro-batch-size, which Megatron-LM needs");
        settings.Decides("globalBatch", "global-batch-size", "micro-batch-size");
        settings.Decides("parallelism.microBatch", "micro-batch-size");
        var globalBatch = settings.Count("global-batch-size");
        if (globalBatch is null) settings.Assumptions.Add($"--global-batch-size isn't given: one microbatch on each of {data:N0} replicas, as Megatron-LM has it");
        if (settings.Has("rampup-batch-size")) settings.Use("rampup-batch-size", ArgumentUse.NotModelled, "the batch after the ramp is taken");
        if (settings.Has("step-batch-size-schedule")) settings.Use("step-batch-size-schedule", ArgumentUse.NotModelled, "--global-batch-size is taken");
        var pipelined = Scheduled(Pipeline(model.Layers, pipeline), model.Layers);
        var (sharding, reshard) = Shards(pipeline, expert);
        var (recompute, blocks) = Recompute(model.Layers, pipelined);
        var precision = NumberFormat();
        var parallelism = pipelined with
        {
            Tensor = tensor,
            Context = context,
            ContextMethod = ContextMethodOf(context),
            Expert = expert,
            ExpertTensor = expertTensor,
            ExpertCapacity = ExpertCapacity(model),
            ExpertNodes = ExpertNodes(model, expert),
            ExpertDispatch = Dispatch(model, expert),
            Graphs = Graphs(model),
            MicroBatch = microBatch,
            SequenceParallel = SequenceParallel(tensor),
            Sharding = sharding,
            Reshard = reshard,
            ShardGroup = ShardGroup(sharding, data * context),
            Recompute = recompute,
            GradientBytes = GradientBytes(),
            OverlapData = OverlapData(),
            OverlapTensor = OverlapTensor(tensor),
            OverlapTensorGradients = OverlapTensorGradients(tensor),
            OverlapExpert = OverlapExpert(model, expert, pipelined, recompute),
            Order = Order(pipeline, data),
        };
        var memory = Memory(model.Layers, pipeline, precision, recompute) with { RecomputeBlocks = blocks, RecomputeModules = RecomputedModules(recompute) };
        // Models without learned positions are taken as trained without dropout.
        if (settings.Find("hidden-dropout") is { Text: "0" or "0.0" } && model.LearnedPositions == 0) settings.Use("hidden-dropout", ArgumentUse.NoEffect);
        return new()
        {
            Kind = kind,
            File = file,
            Model = model with { Sequence = sequence },
            Sequence = sequence,
            GlobalBatch = globalBatch ?? checked((int)Math.Min(int.MaxValue, (long)microBatch * data)),
            Precision = precision,
            Parallelism = parallelism,
            Memory = memory == MemoryPlan.Default ? MemoryPlan.Default : memory,
            FrozenWeights = FrozenWeights,
            Accelerators = world,
            Arguments = settings.Account(MegatronNames.Known, MegatronNames.All),
            Assumptions = [.. settings.Assumptions],
            Places = settings.Places,
        };
    }

    static readonly (string Old, string Now)[] Gone =
    [
        ("batch-size", "micro-batch-size"), ("model-parallel-size", "tensor-model-parallel-size"), ("checkpoint-activations", "recompute-granularity"), ("warmup", "lr-warmup-fraction"),
    ];

    void Assume(string sentence) => settings.Assumptions.Add(sentence);

    int Degree(string name, string field)
    {
        settings.Decides(field, name);
        return settings.Count(name, 1, 1_000_000) ?? 1;
    }

    void CheckWorld(int world, int tensor, int pipeline, int context)
    {
        var replica = (long)tensor * pipeline * context;
        if (world % replica == 0) return;
        var above = (world + replica - 1) / replica * replica;
        throw new InputException($"{world:N0} accelerators are no multiple of tensor {tensor} x pipeline {pipeline} x context {context} = {replica:N0}; the nearest numbers that are: " +
            (above == replica ? $"{replica:N0}" : $"{above - replica:N0} and {above:N0}"), settings.Find("tensor-model-parallel-size")?.Mark ?? settings.Find("pipeline-model-parallel-size")?.Mark ?? settings.Find("context-parallel-size")?.Mark);
    }

    int Required(string name, string what, int most) => settings.Count(name, 1, most) ?? throw new InputException($"'{file}' has no --{name} ({what}), and no model is given (--model)");

    TransformerModel Model(int tensor)
    {
        if (options.Model is { } given)
        {
            foreach (var name in MegatronNames.OfTheModel)
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "the model is given");
            return Padded(given, tensor);
        }
        foreach (var (name, what) in NotModelled)
            if (settings.Has(name)) throw settings.Wrong(name, $"{what} are not modelled; give a model with --model");
        layering = ReadPattern();
        int layers = layering?.Pattern.Length ?? Layers(), hidden = Required("hidden-size", "the size of the residual stream", 10_000_000), heads = Required("num-attention-heads", "attention heads", 100_000);
        var gated = settings.Flag("swiglu") | settings.Flag("quick-geglu") | settings.Flag("gated-linear-unit");
        if (gated && settings.Flag("squared-relu")) throw settings.Wrong("squared-relu", "contradicts --swiglu");
        settings.Flag("squared-relu");
        settings.Flag("openai-gelu");
        var feedForward = settings.Count("ffn-hidden-size") ?? (gated ? (int)((long)hidden * 8 / 3 / 64 * 64) : 4 * hidden);
        if (!settings.Has("ffn-hidden-size")) Assume($"--ffn-hidden-size isn't given: {feedForward:N0}, as Megatron-LM has it");
        settings.Decides("model.feedForward", "ffn-hidden-size");
        var biases = !settings.Flag("disable-bias-linear");
        var queryBiases = settings.Flag("add-qkv-bias");
        var rms = settings.Choice("normalization", "LayerNorm", "RMSNorm", "L2Norm") is "RMSNorm" or "L2Norm";
        var untied = settings.Flag("untie-embeddings-and-output-weights");
        var rotary = Positions(out var learned);
        var latent = Latent();
        var groups = settings.Flag("group-query-attention");
        var queryGroups = settings.Count("num-query-groups");
        if (!groups && queryGroups is { } unused && unused != heads && kind == TrainingImports.Megatron)
        {
            settings.Use("num-query-groups", ArgumentUse.NoEffect, "without --group-query-attention");
            Assume("--num-query-groups stands without --group-query-attention, so that every head has keys and values of its own");
            queryGroups = null;
        }
        var channels = settings.Count("kv-channels");
        if (latent is null && channels is null && hidden % heads != 0)
            throw settings.Wrong("num-attention-heads", $"{heads:N0} heads do not divide the hidden size of {hidden:N0}; expected a divisor, or --kv-channels");
        if (latent is null && queryGroups is { } g && (g > heads || heads % g != 0))
            throw settings.Wrong("num-query-groups", $"{g:N0} groups do not divide the {heads:N0} heads");
        var predictions = layering?.Predictions ?? settings.Count("mtp-num-layers", 0, 100) ?? 0;
        var repeated = settings.Flag("mtp-use-repeated-layer");
        var model = new TransformerModel
        {
            Name = "imported",
            Layers = layers,
            Hidden = hidden,
            Heads = heads,
            KeyValueHeads = latent is null && queryGroups is { } kv && kv != heads ? kv : null,
            HeadSize = latent is null && channels is { } size && (hidden % heads != 0 || size != hidden / heads) ? size : null,
            Latent = latent,
            Local = Window(layers),
            FeedForward = feedForward,
            Activation = gated ? FeedForwardKind.SwiGlu : FeedForwardKind.Gelu,
            Experts = Experts(layers, feedForward),
            Pattern = layering?.Pattern,
            StateSpace = StateSpace(hidden),
            Vocabulary = 1,
            LearnedPositions = learned,
            Rotary = rotary == (learned == 0) ? null : rotary,
            TiedEmbeddings = !untied,
            Biases = biases,
            QueryKeyValueBiases = queryBiases && !biases ? true : null,
            NormBiases = rms == biases ? !rms : null,
            QueryKeyNorms = settings.Flag("qk-layernorm") && latent is null,
            LimitedGates = settings.Number("activation-func-clamp-value") is not null && gated,
            AttentionSinks = settings.Choice("softmax-type", "vanilla", "off-by-one", "learnable") == "learnable",
            PredictionBlocks = repeated ? Math.Min(1, predictions) : predictions,
            PredictionPattern = layering?.Prediction,
            PredictionRepeats = repeated ? Math.Max(1, predictions) : 1,
            Sequence = 1,
        };
        if (model.Contradiction() is { } wrong) throw new InputException($"'{file}': {wrong.Problem} ({wrong.Key})");
        return Padded(Vocabulary(model), tensor);
    }

    static readonly (string Name, string What)[] NotModelled =
    [
        ("heterogeneous-layers-config-path", "layers that differ one by one"), ("heterogeneous-layers-config-encoded-json", "layers that differ one by one"),
        ("retro-add-retriever", "models that retrieve"), ("linear-attention-freq", "layers of linear attention"), ("yaml-cfg", "arguments in a second file"),
    ];

    int Layers()
    {
        settings.Decides("model.layers", "num-layers", "encoder-num-layers");
        if (settings.Has("num-layers") && settings.Has("encoder-num-layers")) throw settings.Wrong("encoder-num-layers", "contradicts --num-layers; expected one of them");
        if (settings.Count("decoder-num-layers") is not null) throw settings.Wrong("decoder-num-layers", "an encoder with a decoder is not modelled");
        return settings.Count("num-layers", 1, MostLayers) ?? settings.Count("encoder-num-layers", 1, MostLayers)
            ?? throw new InputException($"'{file}' has no --num-layers, and no model is given (--model)");
    }

    /// <summary>Whether positions rotate queries and keys, and how many are learned.</summary>
    bool Positions(out int learned)
    {
        var kindOfPositions = settings.Choice("position-embedding-type", "learned_absolute", "rope", "yarn", "mrope", "relative", "none") ?? "learned_absolute";
        if (settings.Flag("use-rotary-position-embeddings")) kindOfPositions = "rope";
        if (kindOfPositions == "relative") throw settings.Wrong("position-embedding-type", "relative positions are not modelled");
        if (settings.Flag("no-position-embedding") && kindOfPositions == "learned_absolute")
            throw settings.Wrong("no-position-embedding", "Megatron-LM takes it with --position-embedding-type rope alone; expected --position-embedding-type none");
        var most = settings.Count("max-position-embeddings");
        if (kindOfPositions == "learned_absolute" && most is null)
            throw new InputException($"'{file}' has no --max-position-embeddings, which Megatron-LM needs");
        learned = kindOfPositions == "learned_absolute" ? most!.Value : 0;
        return kindOfPositions is "rope" or "yarn" or "mrope";
    }

    LatentAttention? Latent()
    {
        if (!settings.Flag("multi-latent-attention"))
        {
            foreach (var name in new[] { "q-lora-rank", "kv-lora-rank", "qk-head-dim", "qk-pos-emb-head-dim", "v-head-dim" })
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without --multi-latent-attention");
            return null;
        }
        return new()
        {
            QueryRank = settings.Count("q-lora-rank") ?? 0,
            KeyValueRank = settings.Count("kv-lora-rank") ?? 32,
            HeadSize = settings.Count("qk-head-dim") ?? 128,
            RotaryHeadSize = settings.Count("qk-pos-emb-head-dim") ?? 64,
            ValueHeadSize = settings.Count("v-head-dim") ?? 128,
        };
    }

    LocalAttention? Window(int layers)
    {
        if (settings.Text("window-size") is not { } text) return null;
        // "(127,0)": so many tokens to the left and none to the right, itself besides.
        var parts = text.Trim('(', ')', '[', ']').Split(',', StringSplitOptions.TrimEntries);
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var left) || parts[1] is not ("0" or "-1"))
            throw settings.Wrong("window-size", $"expected two numbers as (127,0), the second 0 or -1, found '{text}'");
        if (left < 0) return null;
        var every = 0;
        if (settings.Text("window-attn-skip-freq") is { } skip)
        {
            if (skip.Contains('[', StringComparison.Ordinal))
            {
                var pattern = Pattern("window-attn-skip-freq", skip, layers);
                return new() { Window = left + 1, FullLayers = pattern.Count(p => p == 0) };
            }
            every = settings.Count("window-attn-skip-freq", 1, MostLayers)!.Value;
        }
        return new() { Window = left + 1, FullEvery = every };
    }

    ExpertLayers? Experts(int layers, int feedForward)
    {
        var count = settings.Count("num-experts", 0) ?? 0;
        if (count == 0)
        {
            foreach (var name in MegatronNames.OfExperts)
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without --num-experts");
            return null;
        }
        if (count == 1) throw settings.Wrong("num-experts", "one expert is no mixture; expected at least 2");
        var size = settings.Count("moe-ffn-hidden-size");
        var latent = settings.Count("moe-latent-size", 1, 10_000_000);
        if (size is null) Assume($"--moe-ffn-hidden-size isn't given: {feedForward:N0} as --ffn-hidden-size, as Megatron-LM has it");
        var perToken = settings.Count("moe-router-topk");
        if (perToken is null) Assume("--moe-router-topk isn't given: 2, as Megatron-LM has it");
        var shared = settings.Count("moe-shared-expert-intermediate-size");
        var each = size ?? feedForward;
        if (settings.Flag("moe-shared-expert-gate") && shared is null) throw settings.Wrong("moe-shared-expert-gate", "needs --moe-shared-expert-intermediate-size");
        var experts = new ExpertLayers
        {
            Experts = count,
            PerToken = perToken ?? 2,
            FeedForward = each,
            LatentSize = latent,
            Shared = shared is null ? 0 : shared.Value % each == 0 ? shared.Value / each : 1,
            SharedFeedForward = shared is { } s && s % each != 0 ? s : null,
            SharedGate = settings.Flag("moe-shared-expert-gate"),
            RouterBias = settings.Flag("moe-router-enable-expert-bias"),
        };
        if (layering is not null && settings.Has("moe-layer-freq")) settings.Use("moe-layer-freq", ArgumentUse.NoEffect, "the pattern says which layers are mixtures");
        if (layering is not null || settings.Text("moe-layer-freq") is not { } frequency) return experts;
        if (!frequency.Contains('[', StringComparison.Ordinal))
        {
            var every = settings.Count("moe-layer-freq", 1, layers)!.Value;
            // Megatron-LM makes the first of so many layers a mixture, here it is the last: as many where they come out even.
            if (layers % every != 0) throw settings.Wrong("moe-layer-freq", $"one of {every} layers is a mixture, and {layers} layers don't divide; expected a divisor of {layers}, or a list");
            if (every > 1) Assume($"the last of each {every} layers is taken as the mixture, where Megatron-LM takes the first");
            return experts with { Every = every };
        }
        var pattern = Pattern("moe-layer-freq", frequency, layers);
        var (dense, mixtures) = (pattern.TakeWhile(p => p == 0).Count(), pattern.Count(p => p == 1));
        if (mixtures == 0) throw settings.Wrong("moe-layer-freq", "no layer is a mixture, and there are experts");
        if (mixtures == layers - dense) return experts with { DenseLayers = dense };
        for (var every = 2; every <= layers; every++)
        {
            for (var start = 0; start <= dense; start++)
            {
                if (Enumerable.Range(0, layers).All(l => (l >= start && (l - start + 1) % every == 0) == (pattern[l] == 1))) return experts with { DenseLayers = start, Every = every };
            }
        }
        throw settings.Wrong("moe-layer-freq", $"the mixtures stand neither behind the dense layers nor at every n-th of the rest, which is what is modelled");
    }

    int[] Pattern(string name, string text, int layers)
    {
        var values = LayerPattern.Parse(text, MostLayers) ?? throw settings.Wrong(name, $"expected a number or a list such as ([0]*3+[1]*58), found '{text}'");
        if (values.Length != layers) throw settings.Wrong(name, $"the list has {values.Length:N0} entries, the model {layers:N0} layers");
        return values.All(v => v is 0 or 1) ? values : throw settings.Wrong(name, "expected a list of 0 and 1");
    }

    // Sizes of vocabularies that tokenisers of these names always have.
    static readonly (string Tokenizer, int Entries)[] Tokenizers = [("GPT2BPETokenizer", 50257), ("Llama2Tokenizer", 32000)];

    TransformerModel Vocabulary(TransformerModel model)
    {
        var padded = settings.Count("padded-vocab-size", 1, MostVocabulary);
        if (padded is { } exact) return model with { Vocabulary = exact };
        if (settings.Count("vocab-size", 1, MostVocabulary) is { } given) return model with { Vocabulary = given };
        if (settings.Has("tokenizer-type"))
        {
            var tokenizer = settings.Text("tokenizer-type");
            foreach (var (name, entries) in Tokenizers)
            {
                if (tokenizer != name) continue;
                Assume($"--vocab-size isn't given: {entries:N0} entries of {name}");
                return model with { Vocabulary = entries };
            }
        }
        else if (settings.Has("merge-file"))
        {
            Assume("--vocab-size isn't given: 50,257 entries of GPT-2's pairs of bytes, which --merge-file goes with");
            return model with { Vocabulary = 50257 };
        }
        var unknown = CatalogModels.SameBut(model, m => m with { Vocabulary = 1 });
        // What a hybrid predicts beside the next token says nothing of its vocabulary.
        if (layering is not null) unknown ??= CatalogModels.SameBut(model, m => m with { Vocabulary = 1, PredictionBlocks = 0, PredictionPattern = null, PredictionRepeats = 1 });
        if (unknown is { } like)
        {
            Assume($"--vocab-size isn't given: {like.Vocabulary:N0} entries of '{like.Key}', whose other sizes are the same");
            return model with { Vocabulary = like.Vocabulary };
        }
        throw new InputException($"'{file}' doesn't say the size of the vocabulary{(settings.Find("tokenizer-type") is { } type ? $" ('{type.Text}' has many)" : "")}; give it behind the file: -- --vocab-size N",
            settings.Find("tokenizer-type")?.Mark);
    }

    TransformerModel Padded(TransformerModel model, int tensor)
    {
        var multiple = settings.Count("make-vocab-size-divisible-by") ?? 128;
        if (settings.Has("padded-vocab-size") && options.Model is null) return model;
        var unit = (long)multiple * tensor;
        if ((model.Vocabulary + unit - 1) / unit * unit > MostVocabulary)
            throw settings.Wrong(settings.Has("make-vocab-size-divisible-by") ? "make-vocab-size-divisible-by" : "vocab-size", $"{model.Vocabulary:N0} entries padded to multiples of {unit:N0} are more than {MostVocabulary:N0}");
        var padded = model.WithPaddedVocabulary(multiple, tensor);
        if (padded.Vocabulary != model.Vocabulary) Assume($"the vocabulary of {model.Vocabulary:N0} is padded to {padded.Vocabulary:N0}, {multiple:N0} entries for each of {tensor} tensor {(tensor == 1 ? "rank" : "ranks")}");
        return padded;
    }

    int Sequence(int context, TransformerModel model)
    {
        settings.Decides("parallelism.context", "context-parallel-size");
        if (settings.Has("seq-length") && settings.Has("encoder-seq-length")) throw settings.Wrong("encoder-seq-length", "contradicts --seq-length; expected one of them");
        var sequence = settings.Count("seq-length", 1, 1_000_000_000) ?? settings.Count("encoder-seq-length", 1, 1_000_000_000);
        if (sequence is null)
        {
            if (options.Model is null) throw new InputException($"'{file}' has no --seq-length, which Megatron-LM needs");
            Assume($"--seq-length isn't given: {model.Sequence:N0}, on which the model is usually trained");
            return model.Sequence;
        }
        if (context > 1 && sequence % (2 * context) != 0)
            throw settings.Wrong("seq-length", $"{sequence:N0} tokens are no multiple of twice the context ranks ({2 * context:N0}); the nearest numbers that are: " +
                (sequence < 2 * context ? $"{2 * context:N0}" : $"{sequence / (2 * context) * (2 * context):N0} and {((sequence / (2 * context)) + 1) * (long)(2 * context):N0}"));
        if (settings.Find("max-position-embeddings") is not null && settings.Count("max-position-embeddings") is { } most && most < sequence)
            throw settings.Wrong("max-position-embeddings", $"{most:N0} positions are fewer than the {sequence:N0} tokens of --seq-length");
        return sequence.Value;
    }

    bool SequenceParallel(int tensor)
    {
        settings.Decides("parallelism.sequenceParallel", "sequence-parallel");
        var given = settings.Flag("sequence-parallel");
        if (tensor > 1) return given;
        if (given) settings.Use("sequence-parallel", ArgumentUse.NoEffect, "without tensor ranks");
        return true;
    }

    bool OverlapData()
    {
        var reduce = settings.Flag("overlap-grad-reduce");
        var gather = settings.Flag("overlap-param-gather");
        if (gather && !reduce && kind == TrainingImports.Megatron)
        {
            // Old versions allowed it, so that the gather alone is hidden.
            throw settings.Wrong("overlap-param-gather", "Megatron-LM takes it with --overlap-grad-reduce alone");
        }
        if (gather && !settings.Has("use-distributed-optimizer") && !settings.Has("use-megatron-fsdp") && !settings.Has("use-custom-fsdp"))
            throw settings.Wrong("overlap-param-gather", "Megatron-LM takes it with --use-distributed-optimizer alone");
        if (reduce && !gather && settings.Has("use-distributed-optimizer")) Assume("gradients are reduced beside computation and parameters are gathered before it; both are taken as beside it");
        return reduce;
    }

    bool OverlapTensor(int tensor)
    {
        if (!settings.Flag("tp-comm-overlap")) return false;
        if (tensor == 1)
        {
            settings.Use("tp-comm-overlap", ArgumentUse.NoEffect, "without tensor ranks");
            return false;
        }
        return settings.Flag("sequence-parallel") ? true : throw settings.Wrong("tp-comm-overlap", "Megatron-LM takes it with --sequence-parallel alone");
    }

    bool OverlapTensorGradients(int tensor)
    {
        const string Flag = "no-async-tensor-model-parallel-allreduce";
        if (!settings.Flag(Flag)) return true;
        if (tensor > 1 && !settings.Flag("sequence-parallel")) return false;
        settings.Use(Flag, ArgumentUse.NoEffect, tensor == 1 ? "without tensor ranks" : "with --sequence-parallel");
        return true;
    }

    /// <summary>The order of ranks, where it isn't the usual one.</summary>
    IReadOnlyList<ParallelDimension>? Order(int pipeline, int data)
    {
        settings.Decides("parallelism.order", "use-tp-pp-dp-mapping", "pipeline-model-parallel-size");
        return settings.Flag("use-tp-pp-dp-mapping") || pipeline == 1 || data == 1 ? null : DataInside;
    }

    /// <summary>Replicas next to each other, and stages furthest apart: Megatron-LM's order, and that of torchtitan's mesh.</summary>
    internal static IReadOnlyList<ParallelDimension> DataInside { get; } =
        [ParallelDimension.Tensor, ParallelDimension.Context, ParallelDimension.Expert, ParallelDimension.Data, ParallelDimension.Pipeline];

    Parallelism Pipeline(int layers, int stages)
    {
        var (embedding, loss) = (settings.Flag("account-for-embedding-in-pipeline-split"), settings.Flag("account-for-loss-in-pipeline-split"));
        var perChunk = settings.Count("num-layers-per-virtual-pipeline-stage");
        var chunksGiven = settings.Count("num-virtual-stages-per-pipeline-rank", 1, MostLayers);
        var layout = settings.Text("pipeline-model-parallel-layout");
        var (first, last) = (settings.Count("decoder-first-pipeline-num-layers"), settings.Count("decoder-last-pipeline-num-layers"));
        var group = settings.Count("microbatch-group-size-per-virtual-pipeline-stage");
        var overlap = !settings.Flag("no-overlap-p2p-communication");
        string[] virtualNames = ["num-layers-per-virtual-pipeline-stage", "num-virtual-stages-per-pipeline-rank", "pipeline-model-parallel-layout"];
        settings.Decides("parallelism.interleave", virtualNames);
        settings.Decides("parallelism.stageLayers", "pipeline-model-parallel-layout", "decoder-first-pipeline-num-layers", "decoder-last-pipeline-num-layers");
        var given = virtualNames.Where(settings.Has).ToList();
        if (stages > layers + 2) throw settings.Wrong("pipeline-model-parallel-size", $"{stages:N0} stages are more than the model's {layers:N0} layers");
        if (given.Count > 1) throw settings.Wrong(given[1], $"contradicts --{given[0]}; expected one of them");
        if (PatternPipeline(stages, overlap, group) is { } parts) return parts;
        if (layout is not null) return Laid(layout, layers, stages, overlap, group);
        if (stages == 1 && given.Count == 1) throw settings.Wrong(given[0], "virtual stages need a pipeline (--pipeline-model-parallel-size above 1)");
        if (stages == 1)
        {
            foreach (var name in new[] { "decoder-first-pipeline-num-layers", "decoder-last-pipeline-num-layers", "microbatch-group-size-per-virtual-pipeline-stage" })
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, "without a pipeline");
            return new() { Interleave = 1 };
        }
        var counted = layers + (embedding ? 1 : 0) + (loss ? 1 : 0);
        if (perChunk is not null && (first ?? last) is not null)
            throw settings.Wrong("num-layers-per-virtual-pipeline-stage", "with uneven stages Megatron-LM takes --num-virtual-stages-per-pipeline-rank");
        var chunks = chunksGiven ?? 1;
        if ((long)stages * chunks > layers + 2) throw settings.Wrong("num-virtual-stages-per-pipeline-rank", $"{stages:N0} stages of {chunks:N0} virtual ones are more than the model's {layers:N0} layers");
        if ((first ?? last) is not null) return Uneven(first, last, layers, stages, chunks, embedding, loss, overlap, group);
        if (counted % stages != 0)
            throw new InputException($"pipeline {stages} does not divide the {layers} layers{(counted > layers ? $" and {counted - layers} counted with them" : "")}; nearest: {Near(counted, stages)}", settings.Find("pipeline-model-parallel-size")?.Mark);
        var perStage = counted / stages;
        if (perChunk is { } each)
        {
            if (perStage % each != 0) throw settings.Wrong("num-layers-per-virtual-pipeline-stage", $"{each} layers do not divide the {perStage} of a stage; nearest: {Near(perStage, each)}");
            chunks = perStage / each;
        }
        if (perStage % chunks != 0) throw settings.Wrong("num-virtual-stages-per-pipeline-rank", $"{chunks} virtual stages do not divide the {perStage} layers of a stage; nearest: {Near(perStage, chunks)}");
        if (chunks > 1 && !overlap && stages == 2) throw settings.Wrong("no-overlap-p2p-communication", "Megatron-LM interleaves two stages with overlapped sends alone");
        var result = new Parallelism { Pipeline = stages, Interleave = chunks, OverlapPipeline = overlap };
        if (chunks > 1 && group is { } rounds && rounds != stages) result = result with { Schedule = PipelineKind.Interleaved, ScheduleGroup = rounds };
        if (embedding == loss) return result;
        // One end alone carries a layer less: said one by one.
        var part = perStage / chunks;
        var list = Enumerable.Repeat(part, stages * chunks).ToArray();
        list[embedding ? 0 : ^1]--;
        return Listed(result, list, chunks);
    }

    Parallelism Uneven(int? first, int? last, int layers, int stages, int chunks, bool embedding, bool loss, bool overlap, int? group)
    {
        if (embedding || loss) throw settings.Wrong(embedding ? "account-for-embedding-in-pipeline-split" : "account-for-loss-in-pipeline-split", "contradicts a number of layers for the first or the last stage");
        var (rest, others) = (layers - (first ?? 0) - (last ?? 0), stages - (first is null ? 0 : 1) - (last is null ? 0 : 1));
        if (rest < 0 || (others == 0 ? rest != 0 : rest % others != 0))
            throw settings.Wrong(first is not null ? "decoder-first-pipeline-num-layers" : "decoder-last-pipeline-num-layers", $"{rest} layers remain for {others} stages, which they don't fill evenly");
        var list = new int[stages * chunks];
        for (var stage = 0; stage < stages; stage++)
        {
            var here = stage == 0 && first is { } f ? f : stage == stages - 1 && last is { } l ? l : rest / others;
            if (here % chunks != 0) throw settings.Wrong("num-virtual-stages-per-pipeline-rank", $"{chunks} virtual stages do not divide the {here} layers of stage {stage}");
            for (var chunk = 0; chunk < chunks; chunk++) list[(chunk * stages) + stage] = here / chunks;
        }
        return Listed(new() { Pipeline = stages, OverlapPipeline = overlap, ScheduleGroup = chunks > 1 && group != stages ? group : null }, list, chunks);
    }

    Parallelism Laid(string layout, int layers, int stages, bool overlap, int? group)
    {
        const string Name = "pipeline-model-parallel-layout";
        var parts = LayerPattern.ParseLayout(layout, 100_000) ?? throw settings.Wrong(Name, $"expected stages such as Et*3|(tt|)*29,m|L, found '{layout}'");
        if (parts.Count % stages != 0) throw settings.Wrong(Name, $"{parts.Count} parts do not divide into {stages} pipeline stages");
        if (parts.Sum(p => p) != layers) throw settings.Wrong(Name, $"the parts have {parts.Sum(p => p):N0} layers in all, the model {layers:N0}");
        if (stages == 1) return new() { Interleave = 1 };
        var chunks = parts.Count / stages;
        var result = new Parallelism { Pipeline = stages, Interleave = chunks, OverlapPipeline = overlap, ScheduleGroup = chunks > 1 && group != stages ? group : null };
        return Listed(result, [.. parts], chunks);
    }

    static Parallelism Listed(Parallelism basis, int[] list, int chunks) => basis with
    {
        Schedule = chunks > 1 ? PipelineKind.Interleaved : PipelineKind.OneForwardOneBackward,
        Interleave = chunks,
        StageLayers = list,
    };

    // Schedules of Sea AI Lab's and Ascend's versions of Megatron-LM.
    Parallelism Scheduled(Parallelism pipelined, int layers)
    {
        const string V = "zero-bubble-v-schedule", Setup = "zero-bubble-v-schedule-mem-setup", Zero = "enable-zero-bubble", Pending = "zero-bubble-max-pending-backward", Method = "schedules-method";
        const string After = "enable-optimizer-post-validation";
        var (v, zero, after) = (settings.Flag(V), settings.Flag(Zero), settings.Flag(After));
        var setup = settings.Choice(Setup, "min", "half", "zb");
        var method = settings.Choice(Method, "dualpipev");
        var pending = settings.Text(Pending);
        settings.Decides("parallelism.schedule", V, Zero, Method, "pipeline-model-parallel-size");
        string[] names = [V, Setup, Zero, Pending, Method, After];
        var (stages, given) = (pipelined.Pipeline, v ? V : method is not null ? Method : Zero);
        if (stages == 1 || (!v && !zero && method is null))
        {
            foreach (var name in names)
                if (settings.Has(name)) settings.Use(name, ArgumentUse.NoEffect, stages == 1 ? "without a pipeline" : $"without --{V} or --{Zero}");
            return pipelined;
        }
        if (method is not null && (v || zero)) throw settings.Wrong(Method, $"contradicts --{(v ? V : Zero)}");
        if (pipelined.Interleave is > 1 || pipelined.ScheduleGroup is not null) throw settings.Wrong(given, "contradicts virtual stages: it has its own");
        if (pipelined.StageLayers is not null && given != Zero) throw settings.Wrong(given, "stages of given layers are not modelled with it");
        PipelineKind kindOfSchedule;
        if (method is not null) kindOfSchedule = PipelineKind.DualPipeV;
        else if (v) kindOfSchedule = setup switch { "min" => PipelineKind.VMin, "half" => PipelineKind.VHalf, _ => PipelineKind.ZeroBubbleV };
        else
        {
            // Sends of twice as many microbatches leave room for the second of the two schedules.
            var most = pending is null or "auto" ? 0 : settings.Count(Pending, 1, 1_000_000)!.Value;
            kindOfSchedule = most >= 2 * stages ? PipelineKind.ZeroBubbleH2 : PipelineKind.ZeroBubbleH1;
            if (most == 0) Assume($"--{Pending} isn't given as a number: zb-h1 is taken, which needs no more memory than 1F1B");
        }
        var chunks = kindOfSchedule is PipelineKind.ZeroBubbleH1 or PipelineKind.ZeroBubbleH2 ? 1 : 2;
        if (layers % (stages * chunks) != 0) throw settings.Wrong(given, $"{stages * chunks} parts do not divide the {layers} layers; nearest: {Near(layers, stages * chunks)}");
        return pipelined with { Schedule = kindOfSchedule, Interleave = chunks, OverlapSteps = after };
    }

    static string Near(int whole, int degree)
    {
        var (below, above) = Divisors.Nearest(whole, degree);
        return below == above ? $"{below}" : $"{below} and {above}";
    }
}
