// What the code of each model type does with its configuration: which tensors it makes, and what it takes where a key isn't given.
// The tensors are those of transformers' modeling_<model_type>.py (Apache-2.0), restated; HuggingFaceTensors in the tests lists them one
// by one.
//
//   norms of a block   2; Gemma 2 and 3, Grok-1: 4 (what leaves attention and feed-forward is normed too); one where attention and
//                      feed-forward share it (Falcon 7B, GPT-J, Phi)
//   biases             as `attention_bias`, `mlp_bias`, `bias`, `use_bias` say; always on queries, keys and values of Qwen2, on all of
//                      GPT-2, GPT-NeoX, BLOOM, OPT; gpt-oss: attention, router and experts
//   mixtures           Mixtral's inner size is `intermediate_size`, that of the others `moe_intermediate_size`; Llama 4's dense layers
//                      have `intermediate_size_mlp`
//   layers             the first `first_k_dense_replace` are dense (DeepSeek), or all but every n-th (Llama 4, Qwen)
//   patterns           Nemotron-H: a letter for each layer (`hybrid_override_pattern`) or its kind (`layers_block_type`), feed-forward layers and experts
//                      with two matrices, convolutions with biases, matrices of state spaces without
//   windows            `layer_types` where given; otherwise all layers (Mistral), every other (Gemma 2, gpt-oss), five of six (Gemma 3),
//                      three of four (OLMo 3), in pieces (Llama 4), all after `max_window_layers` (Qwen2)

using Lightloom.Catalog;

namespace Lightloom.Interop.HuggingFace;

/// <summary>Models by the type that a <c>config.json</c> names.</summary>
static class HuggingFaceFamilies
{
    const int UsualSequence = 4096;
    const string PatternKey = "hybrid_override_pattern", KindsKey = "layers_block_type";

    static readonly string[] Layers = ["num_hidden_layers", "n_layer", "n_layers", "num_layers"];
    static readonly string[] Hidden = ["hidden_size", "n_embd", "n_embed", "d_model"];
    static readonly string[] Heads = ["num_attention_heads", "n_head", "n_heads"];
    static readonly string[] KeyValueHeads = ["num_key_value_heads", "num_kv_heads", "n_head_kv"];
    static readonly string[] Inner = ["intermediate_size", "n_inner", "ffn_hidden_size", "ffn_dim"];
    static readonly string[] Experts = ["num_local_experts", "num_experts", "n_routed_experts"];
    static readonly string[] PerToken = ["num_experts_per_tok", "num_experts_per_token", "experts_per_token", "num_selected_experts"];
    static readonly string[] Sequences = ["max_position_embeddings", "n_positions", "seq_length", "max_seq_len", "max_sequence_length", "n_ctx"];

    /// <summary>The names under which a key of a model may stand in a configuration.</summary>
    static readonly Dictionary<string, string[]> Names = new(StringComparer.Ordinal)
    {
        ["layers"] = Layers,
        ["hidden"] = Hidden,
        ["heads"] = Heads,
        ["keyValueHeads"] = KeyValueHeads,
        ["headSize"] = ["head_dim", "qk_nope_head_dim"],
        ["feedForward"] = ["moe_intermediate_size", .. Inner],
        ["experts"] = [.. Experts, .. PerToken],
        ["perToken"] = PerToken,
        ["shared"] = ["n_shared_experts"],
        ["sharedFeedForward"] = ["shared_expert_intermediate_size"],
        ["denseLayers"] = ["first_k_dense_replace"],
        ["every"] = ["interleave_moe_layer_step", "decoder_sparse_step"],
        ["local"] = ["layer_types", "sliding_window", "attention_chunk_size"],
        ["window"] = ["sliding_window", "attention_chunk_size"],
        ["vocabulary"] = ["vocab_size"],
        ["predictionBlocks"] = ["num_nextn_predict_layers"],
        ["pattern"] = [PatternKey, KindsKey],
        ["predictionPattern"] = ["mtp_" + PatternKey, "mtp_" + KindsKey],
        ["stateSpace"] = ["mamba_num_heads", "n_groups"],
        ["groups"] = ["n_groups"],
        ["stateSize"] = ["ssm_state_size"],
        ["convolution"] = ["conv_kernel"],
        ["chunk"] = ["chunk_size"],
        ["latentSize"] = ["moe_latent_size"],
        ["sequence"] = Sequences,
        ["learnedPositions"] = Sequences,
    };

    static readonly Dictionary<string, Func<HuggingFaceFields, string, TransformerModel>> Families = new(StringComparer.Ordinal)
    {
        ["llama"] = Llama,
        ["mistral"] = (f, name) => Windowed(f, Gated(f, name)),
        ["ministral"] = (f, name) => Windowed(f, Gated(f, name)),
        ["mixtral"] = (f, name) => Mixture(f, Windowed(f, Gated(f, name)), null),
        ["qwen2"] = (f, name) => QwenWindow(f, Gated(f, name) with { QueryKeyValueBiases = true }),
        ["qwen3"] = (f, name) => QwenWindow(f, AttentionBias(f, Gated(f, name) with { QueryKeyNorms = true })),
        ["qwen2_moe"] = (f, name) => QwenWindow(f, QwenMixture(f, Gated(f, name) with { QueryKeyValueBiases = f.Flag("qkv_bias", true) })),
        ["qwen3_moe"] = (f, name) => QwenWindow(f, QwenMixture(f, AttentionBias(f, Gated(f, name) with { QueryKeyNorms = true }))),
        ["deepseek_v2"] = (f, name) => DeepSeek(f, name, corrects: false),
        ["deepseek_v3"] = (f, name) => DeepSeek(f, name, corrects: true),
        ["kimi_k2"] = (f, name) => DeepSeek(f, name, corrects: true),
        ["glm4_moe"] = Glm4Mixture,
        ["gemma"] = (f, name) => AttentionBias(f, Gemma(f, name)),
        ["gemma2"] = (f, name) => AttentionBias(f, Alternating(f, Gemma(f, name) with { BlockNorms = 4 }, 2)),
        ["gemma3_text"] = Gemma3,
        ["gemma3"] = Gemma3,
        ["olmo2"] = (f, name) => AttentionBias(f, Gated(f, name) with { WholeQueryKeyNorms = true }),
        ["olmo3"] = (f, name) => AttentionBias(f, Alternating(f, Gated(f, name) with { WholeQueryKeyNorms = true }, 4)),
        ["gpt2"] = Gpt2,
        ["gpt_neox"] = GptNeoX,
        ["gptj"] = GptJ,
        ["falcon"] = Falcon,
        ["RefinedWeb"] = Falcon,
        ["RefinedWebModel"] = Falcon,
        ["bloom"] = Bloom,
        ["opt"] = Opt,
        ["mpt"] = Mpt,
        ["phi"] = Phi,
        ["phi3"] = (f, name) => Windowed(f, Gated(f, name)),
        ["phimoe"] = (f, name) => Mixture(f, Windowed(f, AttentionBias(f, Gated(f, name)) with { NormBiases = true, OutputBias = f.Flag("lm_head_bias", false) }), null),
        ["gpt_oss"] = GptOss,
        ["nemotron"] = (f, name) => FeedForwardBias(f, AttentionBias(f, Plain(f, name, tied: false))) with { NormBiases = true },
        ["nemotron_h"] = NemotronH,
        ["starcoder2"] = Starcoder2,
        ["llama4_text"] = Llama4,
        ["llama4"] = Llama4,
        ["grok-1"] = Grok,
        ["grok_1"] = Grok,
        ["grok1"] = Grok,
    };

    public static string[] KeysOf(string key) => Names.GetValueOrDefault(key, [key]);

    /// <summary>"'num_attention_heads' or 'n_head' in the file".</summary>
    public static string NamesOf(string key) => string.Join(" or ", KeysOf(key).Take(2).Select(n => $"'{n}'")) + " in such a file";

    public static (TransformerModel Model, bool Known) Read(HuggingFaceFields f, string name) =>
        Families.TryGetValue(f.ModelType, out var read) ? (read(f, name), true) : (Unknown(f, name), false);

    // --- What families share -------------------------------------------------------------------------------------------------

    /// <summary>A gated feed-forward layer, RMS norms, no biases: Llama and what followed it.</summary>
    static TransformerModel Gated(HuggingFaceFields f, string name, bool tied = false) =>
        Sizes(f, name, FeedForwardKind.SwiGlu, f.Required("the inner size of feed-forward layers", Inner), tied);

    /// <summary>Two feed-forward matrices, of four times the hidden size unless given.</summary>
    static TransformerModel Plain(HuggingFaceFields f, string name, bool tied)
    {
        if (f.Optional(Inner) is { } inner) return Sizes(f, name, FeedForwardKind.Gelu, inner, tied);
        var hidden = f.Required("the size of the residual stream", Hidden);
        if (hidden > int.MaxValue / 4) throw f.Wrong($"four times a hidden size of {hidden:N0} is no inner size", f.Find(Hidden));
        return Sizes(f, name, FeedForwardKind.Gelu, 4 * hidden, tied);
    }

    static TransformerModel Sizes(HuggingFaceFields f, string name, FeedForwardKind kind, int inner, bool tied) => new()
    {
        Name = name,
        Layers = f.Required("how many layers the model has", Layers),
        Hidden = f.Required("the size of the residual stream", Hidden),
        Heads = f.Required("the query heads", Heads),
        KeyValueHeads = f.Optional(KeyValueHeads),
        HeadSize = f.Optional("head_dim"),
        FeedForward = inner,
        Activation = kind,
        Vocabulary = f.Required("the entries of the vocabulary", "vocab_size"),
        TiedEmbeddings = f.Tied(tied),
        Sequence = Sequence(f),
    };

    static int Sequence(HuggingFaceFields f)
    {
        foreach (var name in Sequences)
        {
            if (f.Optional(name) is not { } longest) continue;
            f.Assume($"'{name}' ({longest:N0} tokens) is the sequence unless another is given; training was mostly on shorter ones");
            return longest;
        }
        f.Assume($"no longest sequence is given; {UsualSequence:N0} tokens are taken");
        return UsualSequence;
    }

    static TransformerModel AttentionBias(HuggingFaceFields f, TransformerModel model, bool otherwise = false) =>
        f.Flag("attention_bias", otherwise) ? model with { QueryKeyValueBiases = true, AttentionOutputBiases = true } : model;

    static TransformerModel FeedForwardBias(HuggingFaceFields f, TransformerModel model) =>
        f.Flag("mlp_bias", false) ? model with { FeedForwardBiases = true } : model;

    /// <summary>All layers have the window, if there is one.</summary>
    static TransformerModel Windowed(HuggingFaceFields f, TransformerModel model) => f.Has("layer_types")
        ? ByLayer(f, model, "sliding_window")
        : f.Optional("sliding_window") is { } window ? model with { Local = new() { Window = window } } : model;

    /// <summary>Of so many layers the last reaches all tokens.</summary>
    static TransformerModel Alternating(HuggingFaceFields f, TransformerModel model, int every) => f.Has("layer_types")
        ? ByLayer(f, model, "sliding_window")
        : model with { Local = new() { Window = f.Required("the window of the layers that have one", "sliding_window"), FullEvery = every } };

    /// <summary>Each layer says what its attention reaches.</summary>
    static TransformerModel ByLayer(HuggingFaceFields f, TransformerModel model, string windowKey)
    {
        var types = f.Words("layer_types")!;
        if (types.Count != model.Layers)
            throw f.Wrong($"'layer_types' has {types.Count:N0} entries for {model.Layers:N0} layers", f.Find("layer_types"));
        if (types.FirstOrDefault(t => t is not ("full_attention" or "sliding_attention" or "chunked_attention")) is { } unknown)
            throw f.Wrong($"layers of the type '{unknown}' are not modelled; expected full_attention, sliding_attention or chunked_attention", f.Find("layer_types"));
        bool[] full = [.. types.Select(t => t == "full_attention")];
        var count = full.Count(x => x);
        if (count == full.Length) return model;
        var kind = types.Contains("chunked_attention") ? LocalAttentionKind.Chunked : LocalAttentionKind.Sliding;
        if (kind == LocalAttentionKind.Chunked && types.Contains("sliding_attention"))
            throw f.Wrong("layers with sliding windows beside layers in pieces are not modelled", f.Find("layer_types"));
        var window = f.Required("the window of the layers that have one", windowKey);
        var every = count == 0 ? 0 : Array.IndexOf(full, true) + 1;
        var regular = count == 0 || !full.Where((x, i) => x != ((i + 1) % every == 0)).Any();
        return model with { Local = new() { Window = window, Kind = kind, FullEvery = regular ? every : 0, FullLayers = regular ? null : count } };
    }

    /// <summary>Every layer a mixture; inner size of <paramref name="innerKey"/>, or the dense one's.</summary>
    static TransformerModel Mixture(HuggingFaceFields f, TransformerModel model, string? innerKey) => model with
    {
        Experts = new()
        {
            Experts = f.Required("the experts of a layer", Experts),
            PerToken = f.Required("the experts that each token visits", PerToken),
            FeedForward = innerKey is null ? model.FeedForward : f.Required("the inner size of an expert", innerKey),
        },
    };

    // --- One by one ----------------------------------------------------------------------------------------------------------

    static TransformerModel Llama(HuggingFaceFields f, string name) => FeedForwardBias(f, AttentionBias(f, Gated(f, name)));

    static TransformerModel QwenWindow(HuggingFaceFields f, TransformerModel model)
    {
        if (f.Has("layer_types")) return ByLayer(f, model, "sliding_window");
        if (!f.Flag("use_sliding_window", false) || f.Optional("sliding_window") is not { } window) return model;
        var full = Math.Min(model.Layers, f.Default("max_window_layers", 28, least: 0));
        return full == model.Layers ? model : model with { Local = new() { Window = window, FullLayers = full } };
    }

    static TransformerModel QwenMixture(HuggingFaceFields f, TransformerModel model)
    {
        var mixture = Mixture(f, model, "moe_intermediate_size");
        var dense = f.Numbers("mlp_only_layers", 0, model.Layers - 1) ?? [];
        var every = f.Default("decoder_sparse_step", 1);
        if (dense.Count > 0 && (every != 1 || !dense.Order().SequenceEqual(Enumerable.Range(0, dense.Count))))
            throw f.Wrong("dense layers that don't stand at the start ('mlp_only_layers') are not modelled", f.Find("mlp_only_layers"));
        var shared = f.Optional("shared_expert_intermediate_size", least: 0) is { } size and > 0 ? size : (int?)null;
        return mixture with
        {
            Experts = mixture.Experts! with { DenseLayers = dense.Count, Every = every, Shared = shared is null ? 0 : 1, SharedFeedForward = shared, SharedGate = shared is not null },
        };
    }

    static TransformerModel DeepSeek(HuggingFaceFields f, string name, bool corrects)
    {
        if (f.Flag("attention_bias", false)) throw f.Wrong("biases of latent attention are not modelled", f.Find("attention_bias"));
        if (f.Default("moe_layer_freq", 1) != 1) throw f.Wrong("mixtures in some of the layers behind the dense ones are not modelled", f.Find("moe_layer_freq"));
        var model = Gated(f, name) with { Latent = Latent(f), PredictionBlocks = f.Optional("num_nextn_predict_layers", least: 0) ?? 0, HeadSize = null, KeyValueHeads = null };
        if (!f.Has("n_routed_experts")) return model;
        var mixture = Mixture(f, model, "moe_intermediate_size");
        return mixture with
        {
            Experts = mixture.Experts! with
            {
                Shared = f.Optional("n_shared_experts", least: 0) ?? 0,
                DenseLayers = f.Default("first_k_dense_replace", 0, least: 0),
                // A correction of each expert's score stands beside the router's weights.
                RouterBias = corrects && f.Word("topk_method") is null or "noaux_tc",
            },
        };
    }

    static LatentAttention Latent(HuggingFaceFields f) => new()
    {
        QueryRank = f.Optional("q_lora_rank", least: 0) ?? 0,
        KeyValueRank = f.Required("the rank of keys and values", "kv_lora_rank"),
        HeadSize = f.Required("the size of a head's part without position", "qk_nope_head_dim"),
        RotaryHeadSize = f.Required("the size of a head's rotary part", "qk_rope_head_dim"),
        ValueHeadSize = f.Required("the size of a head's value", "v_head_dim"),
    };

    static TransformerModel Glm4Mixture(HuggingFaceFields f, string name)
    {
        var mixture = Mixture(f, Gated(f, name), "moe_intermediate_size");
        return mixture with
        {
            QueryKeyValueBiases = f.Flag("attention_bias", false),
            QueryKeyNorms = f.Flag("use_qk_norm", false),
            PredictionBlocks = f.Optional("num_nextn_predict_layers", least: 0) ?? 0,
            Experts = mixture.Experts! with
            {
                Shared = f.Default("n_shared_experts", 1, least: 0),
                DenseLayers = f.Default("first_k_dense_replace", 1, least: 0),
                RouterBias = true,
            },
        };
    }

    static TransformerModel Gemma(HuggingFaceFields f, string name)
    {
        var model = Gated(f, name, tied: true);
        return model with { HeadSize = model.HeadSize ?? f.Default("head_dim", 256) };
    }

    static TransformerModel Gemma3(HuggingFaceFields f, string name)
    {
        // Files of the smaller ones leave out what is as the code has it.
        var model = new TransformerModel
        {
            Name = name,
            Layers = f.Required("how many layers the model has", Layers),
            Hidden = f.Required("the size of the residual stream", Hidden),
            Heads = f.Default("num_attention_heads", 8),
            KeyValueHeads = f.Default("num_key_value_heads", 4),
            HeadSize = f.Default("head_dim", 256),
            FeedForward = f.Required("the inner size of feed-forward layers", Inner),
            Activation = FeedForwardKind.SwiGlu,
            Vocabulary = f.Default("vocab_size", 262_208),
            TiedEmbeddings = f.Tied(true),
            Sequence = Sequence(f),
            QueryKeyNorms = true,
            BlockNorms = 4,
        };
        var every = f.Optional(["sliding_window_pattern", "_sliding_window_pattern"]) ?? 6;
        return AttentionBias(f, Alternating(f, model, every));
    }

    static TransformerModel Gpt2(HuggingFaceFields f, string name) => Plain(f, name, tied: true) with
    {
        Biases = true,
        LearnedPositions = f.Required("the learned positions", "n_positions", "n_ctx", "max_position_embeddings"),
    };

    static TransformerModel GptNeoX(HuggingFaceFields f, string name)
    {
        var biased = f.Flag("attention_bias", true);
        return Plain(f, name, tied: false) with { Biases = true, QueryKeyValueBiases = biased, AttentionOutputBiases = biased };
    }

    static TransformerModel GptJ(HuggingFaceFields f, string name) => Plain(f, name, tied: false) with
    {
        FeedForwardBiases = true,
        NormBiases = true,
        BlockNorms = 1,
        OutputBias = true,
    };

    static TransformerModel Falcon(HuggingFaceFields f, string name)
    {
        var model = Plain(f, name, tied: true);
        // The second generation shares keys and values by groups; the first has one head of them, or as many as queries.
        var second = f.Flag("new_decoder_architecture", false) || (f.ModelType == "RefinedWeb" && f.Has("n_head_kv"));
        var parallel = f.Flag("parallel_attn", true);
        return model with
        {
            KeyValueHeads = second ? model.KeyValueHeads : f.Flag("multi_query", true) ? 1 : null,
            HeadSize = null,
            Biases = f.Flag("bias", false),
            NormBiases = true,
            BlockNorms = second ? f.Optional("num_ln_in_parallel_attn") ?? 2 : parallel ? 1 : 2,
            Rotary = !f.Flag("alibi", false),
        };
    }

    static TransformerModel Bloom(HuggingFaceFields f, string name) => Plain(f, name, tied: true) with { Biases = true, EmbeddingNorm = true, Rotary = false };

    static TransformerModel Opt(HuggingFaceFields f, string name)
    {
        var model = Plain(f, name, tied: true);
        if (f.Optional("word_embed_proj_dim") is { } projected && projected != model.Hidden)
            throw f.Wrong("an embedding of another size than the residual stream is not modelled", f.Find("word_embed_proj_dim"));
        // Its embedding of positions starts two entries late.
        var positions = f.Required("the learned positions", "max_position_embeddings") + 2;
        return model with { Biases = f.Flag("enable_bias", true), NormBiases = true, LearnedPositions = positions };
    }

    static TransformerModel Mpt(HuggingFaceFields f, string name)
    {
        var hidden = f.Required("the size of the residual stream", Hidden);
        var times = f.Default("expansion_ratio", 4);
        if ((long)hidden * times > int.MaxValue) throw f.Wrong($"{times:N0} times a hidden size of {hidden:N0} is no inner size", f.Find("expansion_ratio"));
        var attention = f.Inner("attn_config");
        var biased = !f.Flag("no_bias", true);
        var alibi = attention?.Flag("alibi", true) ?? true;
        if (attention?.Flag("qk_ln", false) == true) throw f.Wrong("norms of whole queries and keys ('qk_ln') are not modelled", f.Find("attn_config"));
        return Sizes(f, name, FeedForwardKind.Gelu, hidden * times, tied: true) with
        {
            KeyValueHeads = attention?.Optional("kv_n_heads") ?? (attention?.Word("attn_type") == "multiquery_attention" ? 1 : null),
            Biases = biased,
            Rotary = false,
            LearnedPositions = alibi || !f.Flag("learned_pos_emb", true) ? 0 : f.Required("the learned positions", "max_seq_len"),
        };
    }

    static TransformerModel Phi(HuggingFaceFields f, string name)
    {
        if (f.Flag("qk_layernorm", false)) throw f.Wrong("norms with biases of queries and keys ('qk_layernorm') are not modelled", f.Find("qk_layernorm"));
        return Plain(f, name, tied: false) with { Biases = true, BlockNorms = 1, OutputBias = true };
    }

    static TransformerModel GptOss(HuggingFaceFields f, string name)
    {
        var model = Mixture(f, Alternating(f, Gated(f, name), 2), null);
        return AttentionBias(f, model, otherwise: true) with
        {
            FeedForwardBiases = true,
            LimitedGates = true,
            AttentionSinks = true,
            Experts = model.Experts! with { RouterBias = true },
        };
    }

    static TransformerModel NemotronH(HuggingFaceFields f, string name)
    {
        var pattern = Pattern(f, "") ?? throw f.Wrong($"'{PatternKey}' (or '{KindsKey}') is missing: the kind of each layer");
        if (f.Flag("mamba_proj_bias", false)) throw f.Wrong("biases of a state space's matrices ('mamba_proj_bias') are not modelled", f.Find("mamba_proj_bias"));
        if (f.Flag("use_bias", false)) throw f.Wrong("biases of a state space's matrices ('use_bias') are not modelled", f.Find("use_bias"));
        if (!f.Flag("use_conv_bias", true)) throw f.Wrong("convolutions without biases ('use_conv_bias') are not modelled", f.Find("use_conv_bias"));
        var prediction = f.Optional("num_nextn_predict_layers", least: 0) ?? 0;
        var after = prediction > 0 ? Pattern(f, "mtp_") ?? throw f.Wrong($"'mtp_{PatternKey}' (or 'mtp_{KindsKey}') is missing: the kind of each layer of a prediction block") : null;
        var has = (char kind) => (pattern + after).Contains(kind, StringComparison.Ordinal);
        var model = new TransformerModel
        {
            Name = name,
            Layers = f.Optional(Layers) ?? pattern.Length,
            Hidden = f.Required("the size of the residual stream", Hidden),
            Heads = f.Required("the query heads", Heads),
            KeyValueHeads = f.Optional(KeyValueHeads),
            HeadSize = f.Optional(["head_dim", "attention_head_dim"]),
            FeedForward = has('-') ? f.Required("the inner size of feed-forward layers", Inner) : f.Optional(Inner) ?? 1,
            Activation = FeedForwardKind.Gelu,
            Vocabulary = f.Required("the entries of the vocabulary", "vocab_size"),
            TiedEmbeddings = f.Tied(false),
            Sequence = Sequence(f),
            Rotary = false,
            Pattern = pattern,
            PredictionBlocks = prediction,
            PredictionPattern = after,
        };
        if (has('M'))
        {
            model = model with
            {
                StateSpace = new()
                {
                    Heads = f.Required("the heads of state space layers", "mamba_num_heads"),
                    HeadSize = f.Default("mamba_head_dim", 64),
                    Groups = f.Default("n_groups", 8),
                    StateSize = f.Default("ssm_state_size", 128),
                    Convolution = f.Default("conv_kernel", 4),
                    Chunk = f.Default("chunk_size", 128),
                },
            };
        }
        model = FeedForwardBias(f, AttentionBias(f, model));
        if (!has('E')) return model;
        model = Mixture(f, model, "moe_intermediate_size");
        var shared = f.Optional("n_shared_experts", least: 0) ?? 1;
        return model with
        {
            Experts = model.Experts! with
            {
                LatentSize = f.Optional("moe_latent_size"),
                Shared = shared,
                SharedFeedForward = shared > 0 ? f.Required("the inner size of shared experts", "moe_shared_expert_intermediate_size") : null,
                RouterBias = true,
            },
        };
    }

    /// <summary>A pattern of layers, by letters or by kinds; null where none is given.</summary>
    static string? Pattern(HuggingFaceFields f, string before)
    {
        if (f.Word(before + PatternKey) is { } letters)
        {
            if (letters.FirstOrDefault(c => !TransformerModel.LayerSymbols.Contains(c)) is var other and not '\0')
                throw f.Wrong($"layers '{other}' in '{before}{PatternKey}' are not modelled; expected M, *, - and E", f.Find(before + PatternKey));
            return letters;
        }
        if (f.Words(before + KindsKey) is not { } kinds) return null;
        return string.Concat(kinds.Select(k => k switch
        {
            "mamba" => 'M',
            "attention" => '*',
            "mlp" => '-',
            "moe" => 'E',
            _ => throw f.Wrong($"layers of the kind '{k}' are not modelled; expected mamba, attention, mlp and moe", f.Find(before + KindsKey)),
        }));
    }

    static TransformerModel Starcoder2(HuggingFaceFields f, string name) =>
        Windowed(f, Plain(f, name, tied: true)) with { Biases = f.Flag("use_bias", true), NormBiases = true };

    static TransformerModel Llama4(HuggingFaceFields f, string name)
    {
        var model = Gated(f, name) with { FeedForward = f.Required("the inner size of dense layers", "intermediate_size_mlp") };
        var every = f.Default("interleave_moe_layer_step", 1);
        var mixtures = Enumerable.Range(0, model.Layers / every).Select(i => ((i + 1) * every) - 1);
        if (f.Numbers("moe_layers", 0, model.Layers - 1) is { } given && !given.SequenceEqual(mixtures))
            throw f.Wrong($"'moe_layers' are not every layer of {every} ('interleave_moe_layer_step'); other deals are not modelled", f.Find("moe_layers"));
        var inner = f.Required("the inner size of an expert", "intermediate_size");
        model = Mixture(f, AttentionBias(f, model), "intermediate_size");
        model = model with { Experts = model.Experts! with { Every = every, Shared = 1, SharedFeedForward = inner } };
        if (f.Has("layer_types")) return ByLayer(f, model, "attention_chunk_size");
        return f.Optional("attention_chunk_size") is { } chunk
            ? model with { Local = new() { Window = chunk, Kind = LocalAttentionKind.Chunked, FullEvery = f.Default("no_rope_layer_interval", 4) } }
            : model;
    }

    static TransformerModel Grok(HuggingFaceFields f, string name) => Mixture(f, Gated(f, name, tied: true) with { BlockNorms = 4 }, null);

    // --- Anything else -------------------------------------------------------------------------------------------------------

    /// <summary>A model whose code isn't known, by what its fields mean in most.</summary>
    static TransformerModel Unknown(HuggingFaceFields f, string name)
    {
        if (f.ModelType.Length > 0)
            f.Assume($"the type '{f.ModelType}' is not known; its fields are taken as those of most models, two norms a block and no norms of queries and keys");
        var act = f.Find("hidden_act", "hidden_activation", "activation_function") is Lightloom.Catalog.Documents.ScalarNode word ? word.Text : null;
        var gated = act is null or "silu" or "swish" or "swiglu" or "geglu";
        f.Assume($"feed-forward layers have {(gated ? "three matrices" : "two matrices")}, as {(act is null ? "no activation is named" : $"with '{act}' in most")}");
        var model = gated ? Gated(f, name) : Plain(f, name, tied: false);
        var rms = f.Has("rms_norm_eps") || !(f.Has("layer_norm_eps") || f.Has("layer_norm_epsilon"));
        f.Assume($"norms have {(rms ? "no biases" : "biases")}, as no {(rms ? "layer_norm_eps" : "rms_norm_eps")} is given");
        model = FeedForwardBias(f, AttentionBias(f, model with { Biases = f.Flag("use_bias", false), NormBiases = !rms }));
        if (f.Flag("use_bidirectional_attention", false) || f.Words("architectures")?.Any(a => a.Contains("MaskedLM", StringComparison.Ordinal)) == true)
            model = model with { Bidirectional = true };
        model = Windowed(f, model);
        if (f.Has("kv_lora_rank")) model = model with { Latent = Latent(f), HeadSize = null, KeyValueHeads = null };
        if (f.Optional(Experts, least: 0) is not > 1) return model;
        model = Mixture(f, model, f.Has("moe_intermediate_size") ? "moe_intermediate_size" : null);
        var shared = f.Optional("n_shared_experts", least: 0) ?? f.Optional("num_shared_experts", least: 0) ?? 0;
        var together = f.Optional("shared_expert_intermediate_size", least: 0) is > 0 and { } size ? size : (int?)null;
        return model with
        {
            Experts = model.Experts! with
            {
                Shared = together is null ? shared : Math.Max(1, shared),
                SharedFeedForward = together,
                DenseLayers = f.Optional("first_k_dense_replace", least: 0) ?? 0,
                Every = f.Optional(["interleave_moe_layer_step", "decoder_sparse_step", "moe_layer_freq"]) ?? 1,
            },
            PredictionBlocks = f.Optional("num_nextn_predict_layers", least: 0) ?? 0,
        };
    }
}
