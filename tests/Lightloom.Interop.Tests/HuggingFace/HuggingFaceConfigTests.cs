using System.Text.Json.Nodes;
using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.HuggingFace;
using Lightloom.Workloads;

namespace Lightloom.Interop.Tests.HuggingFace;

/// <summary>Configurations of published models and of every known type against the tensors that their code makes.</summary>
public sealed class HuggingFaceConfigTests
{
    public static TheoryData<string> Keys => [.. HuggingFaceSamples.Published.Select(p => p.Key)];

    public static TheoryData<string> Types => [.. HuggingFaceSamples.Types];

    const string Nano = "nemotron-3-nano-30b-a3b";

    static HuggingFaceModel Read(string key) => HuggingFaceConfig.Read(HuggingFaceSamples.Config(key), "config.json");

    [Theory]
    [MemberData(nameof(Keys))]
    public void A_published_configuration_is_the_model_of_the_catalogue(string key)
    {
        var read = Read(key);
        Assert.True(read.Known);
        var (one, other) = (new ModelSize(read.Model), new ModelSize(PartCatalog.Default.Get<TransformerModel>(key)));
        Assert.Equal(other.ByClass, one.ByClass);
        if (HuggingFaceSamples.Published.First(p => p.Key == key).Parameters is { } published) Assert.Equal(published, one.Parameters - one.PredictionParameters);
        Assert.Equal((other.MeanPairs(65536), other.KeyValueOf(65536, 2), other.AttentionWidth), (one.MeanPairs(65536), one.KeyValueOf(65536, 2), one.AttentionWidth));
        Assert.Equal(other.Model.Rotary ?? other.Model.LearnedPositions == 0, one.Model.Rotary ?? one.Model.LearnedPositions == 0);
        Assert.Equal(other.Model.TiedEmbeddings, one.Model.TiedEmbeddings);
    }

    [Theory]
    [MemberData(nameof(Types))]
    public void Parameters_are_those_of_the_tensors_that_the_types_code_makes(string type) => HuggingFaceSamples.Of(type).Sample(config =>
    {
        var read = HuggingFaceConfig.Read(config.ToJsonString(), "config.json");
        Assert.True(read.Known);
        Assert.Equal(HuggingFaceTensors.Of(config).Sum(t => t.Count), new ModelSize(read.Model).Parameters);
    }, iter: 300);

    [Fact]
    public void A_pattern_without_its_letters_is_asked_for()
    {
        var text = HuggingFaceSamples.Config(Nano).Replace("hybrid_override_pattern", "something_else", StringComparison.Ordinal);
        Assert.Contains("'hybrid_override_pattern' (or 'layers_block_type') is missing: the kind of each layer", Assert.Throws<InputException>(() => HuggingFaceConfig.Read(text, "config.json")).Message);
    }

    [Fact]
    public void Layers_that_say_what_they_reach_are_counted() =>
        Gen.Bool.Array[1, 12].Sample(full =>
        {
            var config = new JsonObject
            {
                ["model_type"] = "gpt_oss",
                ["hidden_size"] = 8,
                ["num_hidden_layers"] = full.Length,
                ["num_attention_heads"] = 2,
                ["vocab_size"] = 9,
                ["intermediate_size"] = 4,
                ["num_local_experts"] = 2,
                ["num_experts_per_tok"] = 1,
                ["sliding_window"] = 4,
                ["layer_types"] = new JsonArray([.. full.Select(f => (JsonNode)(f ? "full_attention" : "sliding_attention"))]),
            };
            var size = new ModelSize(HuggingFaceConfig.Read(config.ToJsonString(), "config.json").Model);
            Assert.Equal(full.Count(f => f), size.FullAttentionLayers);
            Assert.Equal(full.All(f => f) ? null : 4, size.Model.Local?.Window);
        });

    [Fact]
    public void A_model_read_from_a_file_can_be_written_as_a_part_and_read_again()
    {
        foreach (var (key, _, _) in HuggingFaceSamples.Published)
        {
            var model = Read(key).Model;
            var again = new DocumentBinder(PartCatalog.Default).Bind<TransformerModel>(YamlText.Read(PartText.Of(model), "part.yaml"));
            Assert.Equal(model, again);
        }
        foreach (var part in PartCatalog.Default.All<TransformerModel>())
        {
            var again = new DocumentBinder(PartCatalog.Default).Bind<TransformerModel>(YamlText.Read(PartText.Of(part), "part.yaml"));
            foreach (var property in DocumentShape.Of(typeof(TransformerModel)).Properties)
                Assert.Equal(property.Property.GetValue(part), property.Property.GetValue(again));
        }
    }

    [Fact]
    public void What_a_file_does_not_say_is_said()
    {
        var said = string.Join('\n', Read("gemma-3-4b").Assumptions);
        Assert.Contains("only the language model ('text_config')", said);
        Assert.Contains("'num_attention_heads' is not given; 8", said);
        Assert.Contains("'vocab_size' is not given; 262208", said);
        Assert.Contains("'tie_word_embeddings' is not given; true", said);
        var full = Assert.Single(Read("llama-3.1-8b").Assumptions);
        Assert.Contains("131,072 tokens", full);
    }

    [Fact]
    public void An_unknown_type_is_read_by_its_fields_and_says_so()
    {
        var known = Read("llama-3.1-8b");
        var unknown = HuggingFaceConfig.Read(HuggingFaceSamples.Config("llama-3.1-8b").Replace("\"model_type\":\"llama\"", "\"model_type\":\"lama\"", StringComparison.Ordinal), "config.json");
        Assert.False(unknown.Known);
        Assert.Contains("the type 'lama' is not known", string.Join('\n', unknown.Assumptions), StringComparison.Ordinal);
        Assert.Equal(new ModelSize(known.Model).Parameters, new ModelSize(unknown.Model).Parameters);
        var mixture = HuggingFaceConfig.Read(HuggingFaceSamples.Config("deepseek-v2-lite").Replace("deepseek_v2", "something", StringComparison.Ordinal), "config.json");
        Assert.Equal(15_706_484_224, new ModelSize(mixture.Model).Parameters);
    }

    [Theory]
    [InlineData("\"hidden_size\":4096,", "", "'hidden_size' (or 'n_embd', 'n_embed', 'd_model') is missing: the size of the residual stream")]
    [InlineData("\"num_hidden_layers\":32,", "", "'num_hidden_layers' (or 'n_layer', 'n_layers', 'num_layers') is missing")]
    [InlineData("\"vocab_size\":128256", "\"vocab_size\":null", "'vocab_size' is missing: the entries of the vocabulary")]
    [InlineData("\"hidden_size\":4096", "\"hidden_size\":-1", "expected 'hidden_size' from 1 to 1000000000, found -1")]
    [InlineData("\"hidden_size\":4096", "\"hidden_size\":40.5", "expected a whole number for 'hidden_size', found '40.5'")]
    [InlineData("\"hidden_size\":4096", "\"hidden_size\":\"4096\"", "expected a whole number for 'hidden_size', found '4096'")]
    [InlineData("\"hidden_size\":4096", "\"hidden_size\":1e300", "expected 'hidden_size' from 1 to")]
    [InlineData("\"hidden_size\":4096", "\"hidden_size\":[4096]", "expected a whole number for 'hidden_size', found a list")]
    [InlineData("\"hidden_size\":4096", "\"hidden_size\":4096,\"n_embd\":2048", "'hidden_size' is '4096' and 'n_embd' is '2048'; both name the same figure")]
    [InlineData("\"num_hidden_layers\":32", "\"num_hidden_layers\":20000", "layers is 20,000; expected from 1 to 10,000 ('num_hidden_layers' or 'n_layer' in such a file)")]
    [InlineData("\"num_key_value_heads\":8", "\"num_key_value_heads\":5", "5 key-value heads do not divide the 32 heads ('num_key_value_heads' or 'num_kv_heads' in such a file)")]
    [InlineData("\"num_attention_heads\":32", "\"num_attention_heads\":24", "24 heads do not divide the hidden size of 4,096")]
    [InlineData("\"attention_bias\":false", "\"attention_bias\":\"no\"", "expected true or false for 'attention_bias'")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":7", "expected a text for 'model_type'")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"llama\",\"is_encoder_decoder\":true", "an encoder with a decoder ('is_encoder_decoder') is not modelled")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"nemotron-nas\",\"block_configs\":[{}]", "layers that differ one by one ('block_configs') is not modelled")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"llama\",\"model_type\":\"llama\"", "key 'model_type' stands here a second time")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"llama\",\"text_config\":3", "expected an object, found '3'")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"mistral\",\"layer_types\":[\"full_attention\"]", "'layer_types' has 1 entries for 32 layers")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"mistral\",\"layer_types\":{}", "expected a list for 'layer_types'")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"mixtral\"", "'num_local_experts' (or 'num_experts', 'n_routed_experts') is missing")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"mixtral\",\"num_local_experts\":8,\"num_experts_per_tok\":9", "each token visits 9 of 8 experts")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"mixtral\",\"num_local_experts\":1,\"num_experts_per_tok\":1", "experts is 1; expected from 2")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"deepseek_v3\"", "'kv_lora_rank' is missing: the rank of keys and values")]
    [InlineData("\"model_type\":\"llama\"", "\"model_type\":\"gemma2\"", "'sliding_window' is missing: the window")]
    public void A_wrong_configuration_is_refused_with_its_line(string old, string replacement, string problem)
    {
        var text = "{\n" + HuggingFaceSamples.Config("llama-3.1-8b")[1..];
        Assert.Contains(old, text);
        var e = Assert.Throws<InputException>(() => HuggingFaceConfig.Read(text.Replace(old, replacement, StringComparison.Ordinal), "config.json"));
        Assert.Contains(problem, e.Message);
        Assert.StartsWith("config.json:", e.Message);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData("qwen3-30b-a3b", "\"mlp_only_layers\":[]", "\"mlp_only_layers\":[3]", "dense layers that don't stand at the start")]
    [InlineData("qwen3-30b-a3b", "\"mlp_only_layers\":[]", "\"mlp_only_layers\":[99]", "'mlp_only_layers', item 1")]
    [InlineData("deepseek-v3", "\"moe_layer_freq\":1", "\"moe_layer_freq\":2", "mixtures in some of the layers behind the dense ones")]
    [InlineData("deepseek-v3", "\"attention_bias\":false", "\"attention_bias\":true", "biases of latent attention")]
    [InlineData("deepseek-v3", "\"hidden_act\":\"silu\"", "\"index_topk\":2048", "sparse attention by an indexer")]
    [InlineData("llama-4-maverick", "\"head_dim\":128", "\"moe_layers\":[0]", "'moe_layers' are not every layer of 2")]
    [InlineData(Nano, "\"mamba_proj_bias\":false", "\"mamba_proj_bias\":true", "biases of a state space's matrices ('mamba_proj_bias') are not modelled")]
    [InlineData(Nano, "\"use_conv_bias\":true", "\"use_conv_bias\":false", "convolutions without biases")]
    [InlineData(Nano, "MEMEM*", "MEMEG*", "layers 'G' in 'hybrid_override_pattern' are not modelled; expected M, *, - and E")]
    [InlineData(Nano, "\"num_hidden_layers\":52", "\"num_hidden_layers\":51", "the pattern has 52 layers, and the model 51")]
    [InlineData(Nano, "\"n_groups\":8", "\"n_groups\":7", "7 groups do not divide the 64 heads of a state space layer ('mamba_num_heads' or 'n_groups' in such a file)")]
    [InlineData(Nano, "\"vocab_size\":131072", "\"vocab_size\":131072,\"num_nextn_predict_layers\":1", "'mtp_hybrid_override_pattern' (or 'mtp_layers_block_type') is missing")]
    [InlineData(Nano, "\"model_type\":\"nemotron_h\"", "\"model_type\":\"jamba\"", "layers of state space models ('hybrid_override_pattern') is not modelled")]
    [InlineData("gpt-oss-20b", "\"full_attention\"", "\"linear_attention\"", "layers of the type 'linear_attention' are not modelled")]
    public void What_is_not_modelled_is_refused(string key, string old, string replacement, string problem)
    {
        var e = Assert.Throws<InputException>(() => HuggingFaceConfig.Read(HuggingFaceSamples.Config(key).Replace(old, replacement, StringComparison.Ordinal), "config.json"));
        Assert.Contains(problem, e.Message);
        Assert.NotNull(e.Mark);
    }

    /// <summary>Files cut off, with bytes changed, doubled or taken from others: a model or one clear message, never anything else.</summary>
    [Fact]
    public void Hostile_files_end_in_one_message()
    {
        string[] texts = [.. HuggingFaceSamples.Published.Select(p => HuggingFaceSamples.Config(p.Key))];
        string[] values = ["0", "-1", "1e9", "1000000000", "2147483648", "1e400", "null", "true", "\"x\"", "[]", "{}", "[1,[2]]", "\"\\u0000\\n\""];
        Gen.Select(Gen.Int[0, texts.Length - 1], Gen.Int[0, 100_000], Gen.Int[0, 100_000], Gen.Int[0, values.Length - 1], Gen.Int[0, 3]).Sample((which, at, length, value, how) =>
        {
            var text = texts[which];
            at %= text.Length;
            text = how switch
            {
                0 => text[..at],
                1 => text.Remove(at, Math.Min(length % 40, text.Length - at)),
                2 => text.Insert(at, values[value]),
                // The value behind some colon becomes another.
                _ => text.IndexOf(':', at) is var colon and >= 0 && text.IndexOfAny([',', '}'], colon) is var end and >= 0 ? text[..(colon + 1)] + values[value] + text[end..] : text,
            };
            try
            {
                var model = HuggingFaceConfig.Read(text, "config.json").Model;
                Assert.True(new ModelSize(model).Parameters > 0);
                Assert.Null(model.Contradiction());
            }
            catch (InputException e)
            {
                Assert.DoesNotContain('\n', e.Message);
            }
        }, iter: 20_000);
    }
}
