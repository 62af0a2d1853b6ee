using System.Text.Json.Nodes;

namespace Lightloom.Interop.Tests.HuggingFace;

/// <summary>
/// Every tensor that the code of a model type makes of a configuration, written from that code module by module and sharing nothing
/// with the reader.
/// </summary>
sealed class HuggingFaceTensors
{
    readonly JsonObject c;
    readonly List<(string Name, long Count)> tensors = [];

    HuggingFaceTensors(JsonObject config) => c = config;

    public static IReadOnlyList<(string Name, long Count)> Of(JsonObject config)
    {
        var made = new HuggingFaceTensors(config);
        made.Make();
        return made.tensors;
    }

    long Get(string key, long otherwise = -1) => c[key] is { } value ? value.GetValue<int>() : otherwise >= 0 ? otherwise : throw new KeyNotFoundException(key);

    bool Is(string key, bool otherwise = false) => c[key] is { } value ? value.GetValue<bool>() : otherwise;

    void Weight(string name, params long[] shape) => tensors.Add((name, shape.Aggregate(1L, (a, b) => a * b)));

    void Linear(string name, long from, long to, bool bias = false)
    {
        Weight($"{name}.weight", to, from);
        if (bias) Weight($"{name}.bias", to);
    }

    void RmsNorm(string name, long size) => Weight($"{name}.weight", size);

    void LayerNorm(string name, long size)
    {
        Weight($"{name}.weight", size);
        Weight($"{name}.bias", size);
    }

    void NemotronH()
    {
        long h = Get("hidden_size"), vocabulary = Get("vocab_size");
        Weight("backbone.embeddings.weight", vocabulary, h);
        string Letters(string before) => c[before + "hybrid_override_pattern"]?.GetValue<string>() ??
            string.Concat(c[before + "layers_block_type"]!.AsArray().Select(k => k!.GetValue<string>() switch { "mamba" => 'M', "attention" => '*', "mlp" => '-', _ => 'E' }));
        foreach (var layer in Letters("")) NemotronHLayer("backbone.layers.", layer);
        RmsNorm("backbone.norm_f", h);
        if (!Is("tie_word_embeddings")) Linear("lm_head", h, vocabulary);
        for (var i = 0; i < Get("num_nextn_predict_layers", 0); i++)
        {
            foreach (var layer in Letters("mtp_")) NemotronHLayer("mtp.layers.", layer);
            Linear("mtp.eh_proj", 2 * h, h);
            foreach (var norm in new[] { "enorm", "hnorm", "final_layernorm" }) RmsNorm($"mtp.{norm}", h);
        }
    }

    void NemotronHLayer(string name, char letter)
    {
        var h = Get("hidden_size");
        RmsNorm($"{name}norm", h);
        switch (letter)
        {
            case 'M':
                long heads = Get("mamba_num_heads"), values = heads * Get("mamba_head_dim"), convolved = values + (2 * Get("n_groups") * Get("ssm_state_size"));
                Linear($"{name}in_proj", h, values + convolved + heads);
                Weight($"{name}conv1d.weight", convolved, 1, Get("conv_kernel"));
                Weight($"{name}conv1d.bias", convolved);
                foreach (var part in new[] { "A_log", "D", "dt_bias" }) Weight(name + part, heads);
                RmsNorm($"{name}norm_gated", values);
                Linear($"{name}out_proj", values, h);
                break;
            case '*':
                var (q, kv, bias) = (Get("num_attention_heads") * Get("head_dim"), Get("num_key_value_heads") * Get("head_dim"), Is("attention_bias"));
                Linear($"{name}q_proj", h, q, bias);
                Linear($"{name}k_proj", h, kv, bias);
                Linear($"{name}v_proj", h, kv, bias);
                Linear($"{name}o_proj", q, h, bias);
                break;
            case '-':
                Linear($"{name}up_proj", h, Get("intermediate_size"));
                Linear($"{name}down_proj", Get("intermediate_size"), h);
                break;
            default:
                var own = Get("moe_latent_size", h);
                Weight($"{name}gate.weight", Get("n_routed_experts"), h);
                Weight($"{name}gate.e_score_correction_bias", Get("n_routed_experts"));
                for (var i = 0; i < Get("n_routed_experts"); i++)
                {
                    Linear($"{name}experts.{i}.up_proj", own, Get("moe_intermediate_size"));
                    Linear($"{name}experts.{i}.down_proj", Get("moe_intermediate_size"), own);
                }
                if (c["moe_latent_size"] is not null)
                {
                    Linear($"{name}fc1_latent_proj", h, own);
                    Linear($"{name}fc2_latent_proj", own, h);
                }
                if (Get("n_shared_experts", 1) == 0) break;
                Linear($"{name}shared_experts.up_proj", h, Get("moe_shared_expert_intermediate_size"));
                Linear($"{name}shared_experts.down_proj", Get("moe_shared_expert_intermediate_size"), h);
                break;
        }
    }

    void Make()
    {
        var type = c["model_type"]!.GetValue<string>();
        switch (type)
        {
            case "gpt2": Gpt2(); break;
            case "gpt_neox": NeoX(); break;
            case "gptj": GptJ(); break;
            case "bloom": Bloom(); break;
            case "falcon": Falcon(); break;
            case "opt": Opt(); break;
            case "phi": Phi(); break;
            case "starcoder2": Starcoder(); break;
            case "nemotron": Nemotron(); break;
            case "mpt": Mpt(); break;
            case "nemotron_h": NemotronH(); break;
            default: Modern(type); break;
        }
    }

    /// <summary>Llama and those that follow its modules.</summary>
    void Modern(string type)
    {
        long h = Get("hidden_size"), layers = Get("num_hidden_layers"), heads = Get("num_attention_heads"), kv = Get("num_key_value_heads", heads);
        var d = Get("head_dim", type.StartsWith("gemma", StringComparison.Ordinal) ? 256 : h / heads);
        var tied = Is("tie_word_embeddings", type.StartsWith("gemma", StringComparison.Ordinal) || type == "grok-1");
        Weight("embed_tokens", Get("vocab_size"), h);
        for (var i = 0; i < layers; i++)
        {
            var at = $"layers.{i}";
            void Mlp(string name, long inner, bool bias = false)
            {
                Linear($"{at}.{name}.gate_proj", h, inner, bias);
                Linear($"{at}.{name}.up_proj", h, inner, bias);
                Linear($"{at}.{name}.down_proj", inner, h, bias);
            }
            void Moe(long experts, long inner)
            {
                Weight($"{at}.gate.weight", experts, h);
                for (var e = 0; e < experts; e++) Mlp($"experts.{e}", inner);
            }
            if (type is "deepseek_v2" or "deepseek_v3" or "kimi_k2") Latent(at, h, heads);
            else if (type == "phi3")
            {
                Linear($"{at}.qkv_proj", h, (heads * d) + (2 * kv * d));
                Linear($"{at}.o_proj", heads * d, h);
            }
            else
            {
                var bias = Is("attention_bias", type == "gpt_oss");
                var qkv = type is "qwen2" or "qwen2_moe" || bias;
                Linear($"{at}.q_proj", h, heads * d, qkv);
                Linear($"{at}.k_proj", h, kv * d, qkv);
                Linear($"{at}.v_proj", h, kv * d, qkv);
                Linear($"{at}.o_proj", heads * d, h, bias && type != "glm4_moe");
                if (type is "qwen3" or "qwen3_moe" or "gemma3_text" || (type == "glm4_moe" && Is("use_qk_norm")))
                {
                    RmsNorm($"{at}.q_norm", d);
                    RmsNorm($"{at}.k_norm", d);
                }
                if (type.StartsWith("olmo", StringComparison.Ordinal))
                {
                    RmsNorm($"{at}.q_norm", heads * d);
                    RmsNorm($"{at}.k_norm", kv * d);
                }
                if (type == "gpt_oss") Weight($"{at}.sinks", heads);
            }
            if (type == "phimoe")
            {
                LayerNorm($"{at}.input_layernorm", h);
                LayerNorm($"{at}.post_attention_layernorm", h);
            }
            else
            {
                RmsNorm($"{at}.input_layernorm", h);
                RmsNorm($"{at}.post_attention_layernorm", h);
                if (type is "gemma2" or "gemma3_text" or "grok-1")
                {
                    RmsNorm($"{at}.pre_feedforward_layernorm", h);
                    RmsNorm($"{at}.post_feedforward_layernorm", h);
                }
            }
            switch (type)
            {
                case "mixtral" or "phimoe":
                    Moe(Get("num_local_experts"), Get("intermediate_size"));
                    break;
                case "grok-1":
                    Moe(Get("num_experts"), Get("intermediate_size"));
                    break;
                case "qwen2_moe" or "qwen3_moe" when (i + 1) % Get("decoder_sparse_step", 1) == 0 && c["mlp_only_layers"]?.AsArray().Any(n => n!.GetValue<int>() == i) != true:
                    Moe(Get("num_experts"), Get("moe_intermediate_size"));
                    if (type == "qwen2_moe")
                    {
                        Mlp("shared_expert", Get("shared_expert_intermediate_size"));
                        Weight($"{at}.shared_expert_gate.weight", 1, h);
                    }
                    break;
                case "deepseek_v2" or "deepseek_v3" or "kimi_k2" or "glm4_moe" when i >= Get("first_k_dense_replace", type == "glm4_moe" ? 1 : 0):
                    Moe(Get("n_routed_experts"), Get("moe_intermediate_size"));
                    if (type != "deepseek_v2") Weight($"{at}.gate.e_score_correction_bias", Get("n_routed_experts"));
                    if (Get("n_shared_experts", type == "glm4_moe" ? 1 : 0) is > 0 and var shared) Mlp("shared_experts", shared * Get("moe_intermediate_size"));
                    break;
                case "llama4_text" when (i + 1) % Get("interleave_moe_layer_step") == 0:
                    Moe(Get("num_local_experts"), Get("intermediate_size"));
                    Mlp("shared_expert", Get("intermediate_size"));
                    break;
                case "llama4_text":
                    Mlp("mlp", Get("intermediate_size_mlp"));
                    break;
                case "gpt_oss":
                    long n = Get("num_local_experts"), inner = Get("intermediate_size");
                    Linear($"{at}.router", h, n, true);
                    Weight($"{at}.experts.gate_up_proj", n, h, 2 * inner);
                    Weight($"{at}.experts.gate_up_proj_bias", n, 2 * inner);
                    Weight($"{at}.experts.down_proj", n, inner, h);
                    Weight($"{at}.experts.down_proj_bias", n, h);
                    break;
                default:
                    Mlp("mlp", Get("intermediate_size"), Is("mlp_bias"));
                    break;
            }
        }
        if (type == "phimoe") LayerNorm("norm", h);
        else RmsNorm("norm", h);
        if (!tied) Linear("lm_head", h, Get("vocab_size"), Is("lm_head_bias"));
    }

    void Latent(string at, long h, long heads)
    {
        long nope = Get("qk_nope_head_dim"), rope = Get("qk_rope_head_dim"), rank = Get("kv_lora_rank"), value = Get("v_head_dim");
        if (c["q_lora_rank"] is null)
        {
            Linear($"{at}.q_proj", h, heads * (nope + rope));
        }
        else
        {
            Linear($"{at}.q_a_proj", h, Get("q_lora_rank"));
            RmsNorm($"{at}.q_a_layernorm", Get("q_lora_rank"));
            Linear($"{at}.q_b_proj", Get("q_lora_rank"), heads * (nope + rope));
        }
        Linear($"{at}.kv_a_proj_with_mqa", h, rank + rope);
        RmsNorm($"{at}.kv_a_layernorm", rank);
        Linear($"{at}.kv_b_proj", rank, heads * (nope + value));
        Linear($"{at}.o_proj", heads * value, h);
    }

    void Gpt2()
    {
        long h = Get("n_embd"), inner = Get("n_inner", 4 * h);
        Weight("wte", Get("vocab_size"), h);
        Weight("wpe", Get("n_positions"), h);
        for (var i = 0; i < Get("n_layer"); i++)
        {
            LayerNorm($"h.{i}.ln_1", h);
            Linear($"h.{i}.attn.c_attn", h, 3 * h, true);
            Linear($"h.{i}.attn.c_proj", h, h, true);
            LayerNorm($"h.{i}.ln_2", h);
            Linear($"h.{i}.mlp.c_fc", h, inner, true);
            Linear($"h.{i}.mlp.c_proj", inner, h, true);
        }
        LayerNorm("ln_f", h);
        if (!Is("tie_word_embeddings", true)) Linear("lm_head", h, Get("vocab_size"));
    }

    void NeoX()
    {
        long h = Get("hidden_size"), inner = Get("intermediate_size");
        Weight("embed_in", Get("vocab_size"), h);
        for (var i = 0; i < Get("num_hidden_layers"); i++)
        {
            LayerNorm($"layers.{i}.input_layernorm", h);
            LayerNorm($"layers.{i}.post_attention_layernorm", h);
            Linear($"layers.{i}.attention.query_key_value", h, 3 * h, Is("attention_bias", true));
            Linear($"layers.{i}.attention.dense", h, h, Is("attention_bias", true));
            Linear($"layers.{i}.mlp.dense_h_to_4h", h, inner, true);
            Linear($"layers.{i}.mlp.dense_4h_to_h", inner, h, true);
        }
        LayerNorm("final_layer_norm", h);
        if (!Is("tie_word_embeddings")) Linear("embed_out", h, Get("vocab_size"));
    }

    void GptJ()
    {
        long h = Get("n_embd"), inner = Get("n_inner", 4 * h);
        Weight("wte", Get("vocab_size"), h);
        for (var i = 0; i < Get("n_layer"); i++)
        {
            LayerNorm($"h.{i}.ln_1", h);
            foreach (var name in new[] { "q_proj", "k_proj", "v_proj", "out_proj" }) Linear($"h.{i}.attn.{name}", h, h);
            Linear($"h.{i}.mlp.fc_in", h, inner, true);
            Linear($"h.{i}.mlp.fc_out", inner, h, true);
        }
        LayerNorm("ln_f", h);
        Linear("lm_head", h, Get("vocab_size"), true);
    }

    void Bloom()
    {
        var h = Get("hidden_size");
        Weight("word_embeddings", Get("vocab_size"), h);
        LayerNorm("word_embeddings_layernorm", h);
        for (var i = 0; i < Get("n_layer"); i++)
        {
            LayerNorm($"h.{i}.input_layernorm", h);
            Linear($"h.{i}.query_key_value", h, 3 * h, true);
            Linear($"h.{i}.dense", h, h, true);
            LayerNorm($"h.{i}.post_attention_layernorm", h);
            Linear($"h.{i}.dense_h_to_4h", h, 4 * h, true);
            Linear($"h.{i}.dense_4h_to_h", 4 * h, h, true);
        }
        LayerNorm("ln_f", h);
    }

    void Falcon()
    {
        long h = Get("hidden_size"), heads = Get("num_attention_heads"), d = h / heads;
        bool second = Is("new_decoder_architecture"), bias = Is("bias");
        var kv = second ? Get("num_kv_heads", heads) : Is("multi_query", true) ? 1 : heads;
        Weight("word_embeddings", Get("vocab_size"), h);
        for (var i = 0; i < Get("num_hidden_layers"); i++)
        {
            Linear($"h.{i}.query_key_value", h, (heads + (2 * kv)) * d, bias);
            Linear($"h.{i}.dense", h, h, bias);
            Linear($"h.{i}.dense_h_to_4h", h, 4 * h, bias);
            Linear($"h.{i}.dense_4h_to_h", 4 * h, h, bias);
            if (second)
            {
                LayerNorm($"h.{i}.ln_attn", h);
                LayerNorm($"h.{i}.ln_mlp", h);
            }
            else
            {
                LayerNorm($"h.{i}.input_layernorm", h);
                if (!Is("parallel_attn", true)) LayerNorm($"h.{i}.post_attention_layernorm", h);
            }
        }
        LayerNorm("ln_f", h);
        if (!Is("tie_word_embeddings", true)) Linear("lm_head", h, Get("vocab_size"));
    }

    void Opt()
    {
        long h = Get("hidden_size"), inner = Get("ffn_dim");
        var bias = Is("enable_bias", true);
        Weight("embed_tokens", Get("vocab_size"), h);
        Weight("embed_positions", Get("max_position_embeddings") + 2, h);
        for (var i = 0; i < Get("num_hidden_layers"); i++)
        {
            foreach (var name in new[] { "k_proj", "v_proj", "q_proj", "out_proj" }) Linear($"layers.{i}.{name}", h, h, bias);
            LayerNorm($"layers.{i}.self_attn_layer_norm", h);
            Linear($"layers.{i}.fc1", h, inner, bias);
            Linear($"layers.{i}.fc2", inner, h, bias);
            LayerNorm($"layers.{i}.final_layer_norm", h);
        }
        LayerNorm("final_layer_norm", h);
    }

    void Phi()
    {
        long h = Get("hidden_size"), heads = Get("num_attention_heads"), kv = Get("num_key_value_heads", heads), d = h / heads, inner = Get("intermediate_size");
        Weight("embed_tokens", Get("vocab_size"), h);
        for (var i = 0; i < Get("num_hidden_layers"); i++)
        {
            LayerNorm($"layers.{i}.input_layernorm", h);
            Linear($"layers.{i}.q_proj", h, heads * d, true);
            Linear($"layers.{i}.k_proj", h, kv * d, true);
            Linear($"layers.{i}.v_proj", h, kv * d, true);
            Linear($"layers.{i}.dense", heads * d, h, true);
            Linear($"layers.{i}.fc1", h, inner, true);
            Linear($"layers.{i}.fc2", inner, h, true);
        }
        LayerNorm("final_layernorm", h);
        Linear("lm_head", h, Get("vocab_size"), true);
    }

    void Starcoder()
    {
        long h = Get("hidden_size"), heads = Get("num_attention_heads"), kv = Get("num_key_value_heads"), d = h / heads, inner = Get("intermediate_size");
        var bias = Is("use_bias", true);
        Weight("embed_tokens", Get("vocab_size"), h);
        for (var i = 0; i < Get("num_hidden_layers"); i++)
        {
            LayerNorm($"layers.{i}.input_layernorm", h);
            LayerNorm($"layers.{i}.post_attention_layernorm", h);
            Linear($"layers.{i}.q_proj", h, heads * d, bias);
            Linear($"layers.{i}.k_proj", h, kv * d, bias);
            Linear($"layers.{i}.v_proj", h, kv * d, bias);
            Linear($"layers.{i}.o_proj", heads * d, h, bias);
            Linear($"layers.{i}.c_fc", h, inner, bias);
            Linear($"layers.{i}.c_proj", inner, h, bias);
        }
        LayerNorm("norm", h);
        if (!Is("tie_word_embeddings", true)) Linear("lm_head", h, Get("vocab_size"));
    }

    void Nemotron()
    {
        long h = Get("hidden_size"), heads = Get("num_attention_heads"), kv = Get("num_key_value_heads"), d = Get("head_dim", h / heads), inner = Get("intermediate_size");
        bool attention = Is("attention_bias"), mlp = Is("mlp_bias");
        Weight("embed_tokens", Get("vocab_size"), h);
        for (var i = 0; i < Get("num_hidden_layers"); i++)
        {
            LayerNorm($"layers.{i}.input_layernorm", h);
            LayerNorm($"layers.{i}.post_attention_layernorm", h);
            Linear($"layers.{i}.q_proj", h, heads * d, attention);
            Linear($"layers.{i}.k_proj", h, kv * d, attention);
            Linear($"layers.{i}.v_proj", h, kv * d, attention);
            Linear($"layers.{i}.o_proj", heads * d, h, attention);
            Linear($"layers.{i}.up_proj", h, inner, mlp);
            Linear($"layers.{i}.down_proj", inner, h, mlp);
        }
        LayerNorm("norm", h);
        Linear("lm_head", h, Get("vocab_size"));
    }

    void Mpt()
    {
        var h = Get("d_model");
        var inner = Get("expansion_ratio", 4) * h;
        Weight("wte", Get("vocab_size"), h);
        for (var i = 0; i < Get("n_layers"); i++)
        {
            Weight($"blocks.{i}.norm_1.weight", h);
            Linear($"blocks.{i}.attn.Wqkv", h, 3 * h);
            Linear($"blocks.{i}.attn.out_proj", h, h);
            Weight($"blocks.{i}.norm_2.weight", h);
            Linear($"blocks.{i}.ffn.up_proj", h, inner);
            Linear($"blocks.{i}.ffn.down_proj", inner, h);
        }
        Weight("norm_f.weight", h);
    }
}
