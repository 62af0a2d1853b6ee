using System.Text.Json.Nodes;
using CsCheck;

namespace Lightloom.Interop.Tests.HuggingFace;

/// <summary>Configurations of published models, without what the architecture doesn't hang on, and small ones at random.</summary>
static class HuggingFaceSamples
{
    /// <summary>Model of the catalogue, its configuration, and its published parameters where they are known to the last.</summary>
    public static readonly (string Key, string Config, long? Parameters)[] Published =
    [
        ("llama-3.1-8b", """{"architectures":["LlamaForCausalLM"],"attention_bias":false,"bos_token_id":128000,"hidden_act":"silu","hidden_size":4096,"intermediate_size":14336,"max_position_embeddings":131072,"mlp_bias":false,"model_type":"llama","num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,"rms_norm_eps":1e-05,"rope_scaling":{"factor":8.0,"rope_type":"llama3"},"rope_theta":500000.0,"tie_word_embeddings":false,"torch_dtype":"bfloat16","use_cache":true,"vocab_size":128256}""", 8_030_261_248),
        ("llama-3.2-1b", """{"model_type":"llama","head_dim":64,"hidden_act":"silu","hidden_size":2048,"intermediate_size":8192,"max_position_embeddings":131072,"num_attention_heads":32,"num_hidden_layers":16,"num_key_value_heads":8,"tie_word_embeddings":true,"vocab_size":128256}""", 1_235_814_400),
        ("llama-2-70b", """{"model_type":"llama","hidden_act":"silu","hidden_size":8192,"intermediate_size":28672,"max_position_embeddings":4096,"num_attention_heads":64,"num_hidden_layers":80,"num_key_value_heads":8,"tie_word_embeddings":false,"vocab_size":32000}""", 68_976_648_192),
        ("mistral-7b", """{"model_type":"mistral","hidden_act":"silu","hidden_size":4096,"intermediate_size":14336,"max_position_embeddings":32768,"num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":8,"sliding_window":null,"tie_word_embeddings":false,"vocab_size":32768}""", 7_248_023_552),
        ("mixtral-8x7b", """{"model_type":"mixtral","hidden_act":"silu","hidden_size":4096,"intermediate_size":14336,"max_position_embeddings":32768,"num_attention_heads":32,"num_experts_per_tok":2,"num_hidden_layers":32,"num_key_value_heads":8,"num_local_experts":8,"sliding_window":null,"tie_word_embeddings":false,"vocab_size":32000}""", 46_702_792_704),
        ("qwen2.5-7b", """{"model_type":"qwen2","hidden_act":"silu","hidden_size":3584,"intermediate_size":18944,"max_position_embeddings":131072,"max_window_layers":28,"num_attention_heads":28,"num_hidden_layers":28,"num_key_value_heads":4,"sliding_window":131072,"tie_word_embeddings":false,"use_sliding_window":false,"vocab_size":152064}""", 7_615_616_512),
        ("qwen3-32b", """{"model_type":"qwen3","attention_bias":false,"head_dim":128,"hidden_act":"silu","hidden_size":5120,"intermediate_size":25600,"max_position_embeddings":40960,"max_window_layers":64,"num_attention_heads":64,"num_hidden_layers":64,"num_key_value_heads":8,"sliding_window":null,"tie_word_embeddings":false,"use_sliding_window":false,"vocab_size":151936}""", 32_762_123_264),
        ("qwen3-30b-a3b", """{"model_type":"qwen3_moe","attention_bias":false,"decoder_sparse_step":1,"head_dim":128,"hidden_act":"silu","hidden_size":2048,"intermediate_size":6144,"max_position_embeddings":40960,"mlp_only_layers":[],"moe_intermediate_size":768,"num_attention_heads":32,"num_experts":128,"num_experts_per_tok":8,"num_hidden_layers":48,"num_key_value_heads":4,"tie_word_embeddings":false,"use_sliding_window":false,"vocab_size":151936}""", 30_532_122_624),
        ("deepseek-v2-lite", """{"model_type":"deepseek_v2","attention_bias":false,"first_k_dense_replace":1,"hidden_act":"silu","hidden_size":2048,"intermediate_size":10944,"kv_lora_rank":512,"max_position_embeddings":163840,"moe_intermediate_size":1408,"moe_layer_freq":1,"n_routed_experts":64,"n_shared_experts":2,"num_attention_heads":16,"num_experts_per_tok":6,"num_hidden_layers":27,"num_key_value_heads":16,"q_lora_rank":null,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"tie_word_embeddings":false,"topk_method":"greedy","v_head_dim":128,"vocab_size":102400}""", 15_706_484_224),
        ("deepseek-v3", """{"model_type":"deepseek_v3","attention_bias":false,"first_k_dense_replace":3,"hidden_act":"silu","hidden_size":7168,"intermediate_size":18432,"kv_lora_rank":512,"max_position_embeddings":163840,"moe_intermediate_size":2048,"moe_layer_freq":1,"n_group":8,"n_routed_experts":256,"n_shared_experts":1,"num_attention_heads":128,"num_experts_per_tok":8,"num_hidden_layers":61,"num_key_value_heads":128,"num_nextn_predict_layers":1,"q_lora_rank":1536,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"quantization_config":{"quant_method":"fp8","weight_block_size":[128,128]},"tie_word_embeddings":false,"topk_group":4,"topk_method":"noaux_tc","v_head_dim":128,"vocab_size":129280}""", 671_026_419_200),
        ("kimi-k2", """{"model_type":"kimi_k2","attention_bias":false,"first_k_dense_replace":1,"hidden_size":7168,"intermediate_size":18432,"kv_lora_rank":512,"max_position_embeddings":131072,"moe_intermediate_size":2048,"moe_layer_freq":1,"n_routed_experts":384,"n_shared_experts":1,"num_attention_heads":64,"num_experts_per_tok":8,"num_hidden_layers":61,"num_key_value_heads":64,"num_nextn_predict_layers":0,"q_lora_rank":1536,"qk_nope_head_dim":128,"qk_rope_head_dim":64,"tie_word_embeddings":false,"topk_method":"noaux_tc","v_head_dim":128,"vocab_size":163840}""", 1_026_408_232_448),
        ("gemma-2-9b", """{"model_type":"gemma2","attention_bias":false,"head_dim":256,"hidden_act":"gelu_pytorch_tanh","hidden_size":3584,"intermediate_size":14336,"max_position_embeddings":8192,"num_attention_heads":16,"num_hidden_layers":42,"num_key_value_heads":8,"sliding_window":4096,"vocab_size":256000}""", 9_241_705_984),
        ("gemma-3-27b", """{"architectures":["Gemma3ForConditionalGeneration"],"model_type":"gemma3","mm_tokens_per_image":256,"text_config":{"head_dim":128,"hidden_size":5376,"intermediate_size":21504,"model_type":"gemma3_text","num_attention_heads":32,"num_hidden_layers":62,"num_key_value_heads":16,"sliding_window":1024},"vision_config":{"hidden_size":1152,"model_type":"siglip_vision_model","num_hidden_layers":27}}""", 27_009_346_304),
        ("gemma-3-4b", """{"model_type":"gemma3","text_config":{"hidden_size":2560,"intermediate_size":10240,"model_type":"gemma3_text","num_hidden_layers":34,"sliding_window":1024},"vision_config":{"hidden_size":1152}}""", 3_880_263_168),
        ("olmo-2-7b", """{"model_type":"olmo2","attention_bias":false,"hidden_act":"silu","hidden_size":4096,"intermediate_size":11008,"max_position_embeddings":4096,"num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":32,"tie_word_embeddings":false,"vocab_size":100352}""", 7_298_617_344),
        ("gpt2", """{"model_type":"gpt2","activation_function":"gelu_new","n_ctx":1024,"n_embd":768,"n_head":12,"n_layer":12,"n_positions":1024,"vocab_size":50257}""", 124_439_808),
        ("gpt-neox-20b", """{"model_type":"gpt_neox","hidden_act":"gelu_fast","hidden_size":6144,"intermediate_size":24576,"max_position_embeddings":2048,"num_attention_heads":64,"num_hidden_layers":44,"tie_word_embeddings":false,"vocab_size":50432}""", 20_554_567_680),
        ("falcon-7b", """{"model_type":"falcon","alibi":false,"bias":false,"hidden_size":4544,"multi_query":true,"new_decoder_architecture":false,"num_attention_heads":71,"num_hidden_layers":32,"parallel_attn":true,"vocab_size":65024}""", null),
        ("falcon-40b", """{"model_type":"falcon","alibi":false,"bias":false,"hidden_size":8192,"new_decoder_architecture":true,"num_attention_heads":128,"num_hidden_layers":60,"num_kv_heads":8,"parallel_attn":true,"vocab_size":65024}""", null),
        ("bloom-176b", """{"model_type":"bloom","n_embed":14336,"n_inner":null,"n_layer":70,"num_attention_heads":112,"seq_length":2048,"vocab_size":250880}""", 176_247_271_424),
        ("phi-3-mini", """{"model_type":"phi3","hidden_act":"silu","hidden_size":3072,"intermediate_size":8192,"max_position_embeddings":4096,"num_attention_heads":32,"num_hidden_layers":32,"num_key_value_heads":32,"sliding_window":2047,"tie_word_embeddings":false,"vocab_size":32064}""", 3_821_079_552),
        ("gpt-oss-20b", """{"model_type":"gpt_oss","attention_bias":true,"experts_per_token":4,"head_dim":64,"hidden_act":"silu","hidden_size":2880,"intermediate_size":2880,"layer_types":[ALTERNATE24],"max_position_embeddings":131072,"num_attention_heads":64,"num_experts_per_tok":4,"num_hidden_layers":24,"num_key_value_heads":8,"num_local_experts":32,"sliding_window":128,"tie_word_embeddings":false,"vocab_size":201088}""", 20_914_757_184),
        ("gpt-oss-120b", """{"model_type":"gpt_oss","head_dim":64,"hidden_size":2880,"intermediate_size":2880,"max_position_embeddings":131072,"num_attention_heads":64,"num_experts_per_tok":4,"num_hidden_layers":36,"num_key_value_heads":8,"num_local_experts":128,"sliding_window":128,"tie_word_embeddings":false,"vocab_size":201088}""", 116_829_156_672),
        ("nemotron-4-340b", """{"model_type":"nemotron","hidden_act":"relu2","hidden_size":18432,"intermediate_size":73728,"max_position_embeddings":4096,"num_attention_heads":96,"num_hidden_layers":96,"num_key_value_heads":8,"norm_eps":1e-05,"vocab_size":256000}""", null),
        ("nemotron-3-nano-30b-a3b", """{"architectures":["NemotronHForCausalLM"],"attention_bias":false,"chunk_size":128,"conv_kernel":4,"expand":2,"head_dim":128,"hidden_size":2688,"hybrid_override_pattern":"MEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEM*EMEMEMEM*EMEMEMEME","intermediate_size":1856,"mamba_head_dim":64,"mamba_num_heads":64,"mamba_proj_bias":false,"max_position_embeddings":262144,"mlp_bias":false,"mlp_hidden_act":"relu2","model_type":"nemotron_h","moe_intermediate_size":1856,"moe_shared_expert_intermediate_size":3712,"n_group":1,"n_groups":8,"n_routed_experts":128,"n_shared_experts":1,"num_attention_heads":32,"num_experts_per_tok":6,"num_hidden_layers":52,"num_key_value_heads":2,"sliding_window":null,"ssm_state_size":128,"tie_word_embeddings":false,"use_bias":false,"use_conv_bias":true,"vocab_size":131072}""", 31_577_940_288),
        ("nemotron-3-super-120b-a12b", """{"attention_bias":false,"chunk_size":128,"conv_kernel":4,"expand":2,"head_dim":128,"hidden_size":4096,"hybrid_override_pattern":"MEMEMEM*EMEMEMEM*EMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEM*EMEMEMEME","intermediate_size":2688,"mamba_head_dim":64,"mamba_num_heads":128,"mamba_proj_bias":false,"max_position_embeddings":262144,"mlp_bias":false,"mlp_hidden_act":"relu2","model_type":"nemotron_h","moe_intermediate_size":2688,"moe_latent_size":1024,"moe_shared_expert_intermediate_size":5376,"mtp_hybrid_override_pattern":"*E","n_groups":8,"n_routed_experts":512,"n_shared_experts":1,"num_attention_heads":32,"num_experts_per_tok":22,"num_hidden_layers":88,"num_key_value_heads":2,"num_nextn_predict_layers":1,"ssm_state_size":128,"tie_word_embeddings":false,"use_bias":false,"use_conv_bias":true,"vocab_size":131072}""", 120_668_707_840),
        ("grok-1", """{"architectures":["Grok1ModelForCausalLM"],"model_type":"grok-1","hidden_size":6144,"intermediate_size":32768,"max_position_embeddings":8192,"num_attention_heads":48,"num_experts":8,"num_experts_per_tok":2,"num_hidden_layers":64,"num_key_value_heads":8,"tie_word_embeddings":true,"vocab_size":131072}""", null),
        ("llama-4-scout", """{"model_type":"llama4","text_config":{"attention_bias":false,"attention_chunk_size":8192,"head_dim":128,"hidden_act":"silu","hidden_size":5120,"interleave_moe_layer_step":1,"intermediate_size":8192,"intermediate_size_mlp":16384,"max_position_embeddings":10485760,"model_type":"llama4_text","num_attention_heads":40,"num_experts_per_tok":1,"num_hidden_layers":48,"num_key_value_heads":8,"num_local_experts":16,"use_qk_norm":true,"vocab_size":202048},"tie_word_embeddings":false,"vision_config":{}}""", 107_769_861_120),
        ("llama-4-maverick", """{"model_type":"llama4","text_config":{"attention_chunk_size":8192,"head_dim":128,"hidden_size":5120,"interleave_moe_layer_step":2,"intermediate_size":8192,"intermediate_size_mlp":16384,"model_type":"llama4_text","num_attention_heads":40,"num_experts_per_tok":1,"num_hidden_layers":48,"num_key_value_heads":8,"num_local_experts":128,"vocab_size":202048},"tie_word_embeddings":false}""", 400_711_848_960),
    ];

    /// <summary>The configuration of a model, whole.</summary>
    public static string Config(string key) => Published.First(p => p.Key == key).Config
        .Replace("ALTERNATE24", string.Join(',', Enumerable.Range(0, 24).Select(i => i % 2 == 0 ? "\"sliding_attention\"" : "\"full_attention\"")), StringComparison.Ordinal);

    public static readonly string[] Types =
    [
        "llama", "mistral", "ministral", "mixtral", "qwen2", "qwen3", "qwen2_moe", "qwen3_moe", "deepseek_v2", "deepseek_v3", "kimi_k2", "glm4_moe", "gemma", "gemma2", "gemma3_text", "gpt2", "gpt_neox", "gptj",
        "falcon", "bloom", "opt", "mpt", "phi", "phi3", "phimoe", "gpt_oss", "nemotron", "starcoder2", "olmo2", "olmo3", "llama4_text", "grok-1", "nemotron_h",
    ];

    /// <summary>A small configuration of a type, with switches either way or left out.</summary>
    public static Gen<JsonObject> Of(string type) => Gen.Select(Gen.Int[1, 6].Array[12], Gen.Bool.Array[8]).Select((n, b) =>
    {
        int groups = n[0], heads = groups * n[1], layers = n[2] + 1, d = 2 * n[3], inner = 3 + n[4], vocabulary = 7 + n[5], hidden = heads * d;
        var c = new JsonObject { ["model_type"] = type };
        if (type is "gpt2" or "gptj")
        {
            (c["n_embd"], c["n_layer"], c["n_head"], c["n_positions"], c["vocab_size"]) = (hidden, layers, heads, 10 + n[6], vocabulary);
            if (b[0]) c["n_inner"] = inner;
            return c;
        }
        if (type == "mpt")
        {
            (c["d_model"], c["n_layers"], c["n_heads"], c["max_seq_len"], c["vocab_size"], c["no_bias"]) = (hidden, layers, heads, 16, vocabulary, true);
            if (b[0]) c["expansion_ratio"] = n[7];
            if (b[1]) c["attn_config"] = new JsonObject { ["alibi"] = true };
            else c["learned_pos_emb"] = false;
            return c;
        }
        if (type == "bloom")
        {
            (c["hidden_size"], c["n_layer"], c["n_head"], c["vocab_size"]) = (hidden, layers, heads, vocabulary);
            return c;
        }
        (c["hidden_size"], c["num_hidden_layers"], c["num_attention_heads"], c["vocab_size"]) = (hidden, layers, heads, vocabulary);
        c["max_position_embeddings"] = 32;
        if (type == "opt")
        {
            c["ffn_dim"] = inner;
            if (b[0]) c["enable_bias"] = b[1];
            return c;
        }
        if (type == "falcon")
        {
            c["new_decoder_architecture"] = b[0];
            if (b[0]) c["num_kv_heads"] = groups;
            if (b[1]) c["multi_query"] = b[2];
            if (b[3]) c["parallel_attn"] = b[4];
            if (b[5]) c["bias"] = b[6];
            if (b[7]) c["tie_word_embeddings"] = b[1];
            return c;
        }
        if (type == "nemotron_h")
        {
            // The layers by letters, or by kinds.
            var letters = string.Concat(Enumerable.Range(0, layers).Select(i => "M*-E"[(n[i % 12] + i) % 4]));
            var more = b[0] ? string.Concat(Enumerable.Range(0, 1 + (n[3] % 3)).Select(i => "*EM-"[(n[8] + i) % 4])) : "";
            if (b[1]) c["hybrid_override_pattern"] = letters;
            else c["layers_block_type"] = new JsonArray([.. letters.Select(l => (JsonNode)(l switch { 'M' => "mamba", '*' => "attention", '-' => "mlp", _ => "moe" }))]);
            if (more.Length > 0) (c["num_nextn_predict_layers"], c["mtp_hybrid_override_pattern"]) = (n[9], more);
            (c["num_key_value_heads"], c["head_dim"], c["intermediate_size"]) = (groups, d, inner);
            (c["mamba_num_heads"], c["n_groups"], c["mamba_head_dim"], c["ssm_state_size"], c["conv_kernel"]) = (heads, groups, n[6], n[7], n[5]);
            (c["n_routed_experts"], c["num_experts_per_tok"], c["moe_intermediate_size"], c["moe_shared_expert_intermediate_size"]) = (n[7] + 1, 1, n[8], n[10]);
            if (b[2]) c["moe_latent_size"] = 1;
            if (b[3]) c["n_shared_experts"] = b[4] ? 1 : 0;
            if (b[5]) c["attention_bias"] = b[6];
            if (b[7]) c["tie_word_embeddings"] = b[0];
            return c;
        }
        c["intermediate_size"] = inner;
        if (type == "gpt_neox")
        {
            if (b[0]) c["attention_bias"] = b[1];
            return c;
        }
        if (type is not ("deepseek_v2" or "deepseek_v3" or "kimi_k2")) c["num_key_value_heads"] = groups;
        // A head of another size than its share of the hidden one.
        if (b[0] && type is not ("phi" or "starcoder2" or "deepseek_v2" or "deepseek_v3" or "kimi_k2" or "phi3")) c["head_dim"] = n[6];
        if (b[1] && type is not ("phi" or "phimoe" or "nemotron")) c["tie_word_embeddings"] = b[2];
        if (b[3] && type is "llama" or "olmo2" or "glm4_moe" or "qwen3" or "qwen3_moe" or "gemma2" or "gpt_oss" or "nemotron" or "phimoe" or "llama4_text") c["attention_bias"] = b[4];
        if (b[5] && type is "llama" or "nemotron") c["mlp_bias"] = b[6];
        if (type is "gemma2" or "gemma3_text" or "gpt_oss" or "mistral" or "olmo3") c["sliding_window"] = 8;
        if (type == "phimoe") c["lm_head_bias"] = b[2];
        if (type == "starcoder2") c["use_bias"] = b[3];
        var experts = n[7] + 1;
        switch (type)
        {
            case "mixtral" or "phimoe" or "gpt_oss":
                (c["num_local_experts"], c["num_experts_per_tok"]) = (experts, 1);
                break;
            case "grok-1":
                (c["num_experts"], c["num_experts_per_tok"]) = (experts, 2);
                break;
            case "qwen2_moe" or "qwen3_moe":
                (c["num_experts"], c["num_experts_per_tok"], c["moe_intermediate_size"]) = (experts, 1, n[8]);
                if (b[7]) c["decoder_sparse_step"] = Math.Min(layers, 2);
                else c["mlp_only_layers"] = new JsonArray([.. Enumerable.Range(0, Math.Min(n[9], layers) - 1).Select(i => (JsonNode)i)]);
                if (type == "qwen2_moe") c["shared_expert_intermediate_size"] = n[10];
                break;
            case "deepseek_v2" or "deepseek_v3" or "kimi_k2":
                (c["kv_lora_rank"], c["qk_nope_head_dim"], c["qk_rope_head_dim"], c["v_head_dim"]) = (n[6], n[8], 2, n[9]);
                if (b[0]) c["q_lora_rank"] = n[10];
                (c["n_routed_experts"], c["num_experts_per_tok"], c["moe_intermediate_size"]) = (experts, 1, n[8]);
                (c["n_shared_experts"], c["first_k_dense_replace"]) = (n[10] - 1, Math.Min(layers, n[11] - 1));
                break;
            case "glm4_moe":
                (c["n_routed_experts"], c["num_experts_per_tok"], c["moe_intermediate_size"]) = (experts, 1, n[8]);
                if (b[6]) (c["n_shared_experts"], c["first_k_dense_replace"], c["use_qk_norm"]) = (n[10] - 1, Math.Min(layers, n[11] - 1), b[7]);
                break;
            case "llama4_text":
                (c["num_local_experts"], c["num_experts_per_tok"], c["intermediate_size_mlp"], c["interleave_moe_layer_step"]) = (experts, 1, inner + 2, 1 + (n[9] % 2));
                if (b[7]) c["attention_chunk_size"] = 8;
                break;
        }
        return c;
    });
}
