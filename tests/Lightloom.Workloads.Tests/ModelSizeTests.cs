using System.Globalization;
using Lightloom.Catalog;

namespace Lightloom.Workloads.Tests;

public sealed class ModelSizeTests
{
    [Theory]
    [InlineData("llama-3.1-8b", 8_030_261_248)]
    [InlineData("llama-3.1-70b", 70_553_706_496)]
    [InlineData("llama-3.1-405b", 405_853_388_800)]
    [InlineData("llama-2-7b", 6_738_415_616)]
    [InlineData("llama-2-13b", 13_015_864_320)]
    [InlineData("llama-2-70b", 68_976_648_192)]
    [InlineData("mixtral-8x7b", 46_702_792_704)]
    [InlineData("qwen3-30b-a3b", 30_532_122_624)]
    [InlineData("qwen3-235b-a22b", 235_093_634_560)]
    [InlineData("gpt-oss-120b", 116_829_156_672)]
    [InlineData("qwen2.5-7b", 7_615_616_512)]
    [InlineData("gemma-2-27b", 27_227_128_320)]
    [InlineData("kimi-k2", 1_026_408_232_448)]
    [InlineData("bloom-176b", 176_247_271_424)]
    [InlineData("llama-4-maverick", 400_711_848_960)]
    public void Parameters_are_those_of_the_published_weights(string model, long published) =>
        Assert.Equal(published, Examples.Model(model).Parameters);

    /// <summary>Published with the corrections that the router adds to its scores and without the prediction block.</summary>
    [Fact]
    public void DeepSeek_V3_without_its_prediction_block_has_671_026_419_200()
    {
        var size = Examples.Model("deepseek-v3");
        Assert.Equal(671_026_419_200, size.Parameters - size.PredictionParameters);
        Assert.Equal(37e9, size.ActiveParameters, 0.6e9);
    }

    /// <summary>Billions that a token passes through as model cards say, to their rounding; some leave the embedding out.</summary>
    [Theory]
    [InlineData("qwen3-30b-a3b", 3.3, false)]
    [InlineData("qwen3-235b-a22b", 22, false)]
    [InlineData("llama-4-scout", 17, false)]
    [InlineData("llama-4-maverick", 17, false)]
    [InlineData("deepseek-v2", 21, false)]
    [InlineData("kimi-k2", 32, true)]
    [InlineData("gpt-oss-20b", 3.6, true)]
    [InlineData("gpt-oss-120b", 5.1, true)]
    public void Active_parameters_are_those_of_the_model_cards(string model, double billions, bool withoutEmbedding)
    {
        var size = Examples.Model(model);
        var active = (size.ActiveParameters - (withoutEmbedding ? size.EmbeddingParameters : 0)) / 1e9;
        Assert.Equal(billions, active, billions < 10 ? 0.06 : 0.5);
    }

    [Fact]
    public void Every_model_of_the_catalogue_has_its_published_count_to_the_published_rounding()
    {
        foreach (var model in PartCatalog.Default.All<TransformerModel>())
        {
            if (model.PublishedBillions is not { } published) continue;
            var size = new ModelSize(model);
            var billions = (size.Parameters - size.PredictionParameters) / 1e9;
            // Half of the last digit, which is the last of all where every parameter is published. Names such as 22B and 175B say less.
            var digits = published.Value.ToString("R", CultureInfo.InvariantCulture) is var text && text.Contains('.', StringComparison.Ordinal) ? text.Length - text.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
            var margin = published.Source == "hugging-face-hub" ? 1e-9
                : model.Key is "gpt3-175b" or "palm-540b" or "megatron-1.7b" or "megatron-3.6b" or "megatron-22b" or "megatron-7.5b" or "opt-175b" or "turing-530b" or "grok-1" ? 0.03 * published.Value
                : 0.6 * Math.Pow(10, -digits);
            Assert.True(Math.Abs(billions - published.Value) < margin, $"{model.Key}: {billions} counted, {published.Value} published");
        }
    }

    /// <summary>Narayanan et al. 2021, equation 2: P = 12·l·h²·(1 + 13/(12h) + (V + s)/(12·l·h)).</summary>
    [Fact]
    public void Megatron_models_have_the_parameters_of_their_papers_formula()
    {
        foreach (var model in PartCatalog.Default.All<TransformerModel>().Where(m => m.Key!.StartsWith("megatron", StringComparison.Ordinal)))
        {
            double l = model.Layers, h = model.Hidden, v = model.Vocabulary, s = model.Sequence;
            var formula = 12 * l * h * h * (1 + (13 / (12 * h)) + ((v + s) / (12 * l * h)));
            // The formula leaves out the norm before the output layer.
            Examples.Close(formula + (2 * h), new ModelSize(model).Parameters);
        }
    }

    /// <summary>The example at the head of ModelSize.cs.</summary>
    [Fact]
    public void Llama_3_1_8B_block_by_block()
    {
        var size = Examples.Model("llama-3.1-8b");
        Assert.Equal(218_112_000, size.DenseLayerParameters);
        Assert.Equal((32 * 218_112_000.0) + (2.0 * 128256 * 4096) + 4096, size.Parameters);
        Assert.Equal(size.Parameters, size.ActiveParameters);
    }

    [Fact]
    public void Operations_of_a_token_of_Llama_3_1_8B_under_each_convention()
    {
        var size = Examples.Model("llama-3.1-8b");
        var weights = size.Parameters - (128256.0 * 4096);
        Examples.Close(6 * weights, size.PerToken(8192, FlopConvention.SixTimesParameters).Flop);
        // 3 passes x 2 FLOP x 32 layers x (scores and values: 32 heads of 128 + 128) x pairs of a token.
        Examples.Close((6 * weights) + (3 * 2 * 32 * 8192.0 * 8192), size.PerToken(8192, FlopConvention.ModelFullAttention).Flop);
        Examples.Close((6 * weights) + (3 * 2 * 32 * 8192.0 * 4096.5), size.PerToken(8192, FlopConvention.Model).Flop);
    }

    /// <summary>Narayanan et al. 2021, equation 3, without the recomputed forward pass: 72·s·l·h²·(1 + s/(6h) + V/(12·l·h)).</summary>
    [Fact]
    public void Operations_of_GPT_3_are_those_of_Megatrons_formula_with_full_attention()
    {
        var size = Examples.Model("gpt3-175b");
        double l = 96, h = 12288, s = 2048, v = 51200;
        var formula = 72 * l * h * h * (1 + (s / (6 * h)) + (v / (12 * l * h)));
        // The formula leaves out norms and biases, one part in ten thousand.
        Examples.Close(formula, size.PerToken(2048, FlopConvention.ModelFullAttention).Flop, 2e-4);
    }

    [Fact]
    public void Tied_embeddings_count_once_but_still_multiply()
    {
        var model = PartCatalog.Default.Get<TransformerModel>("llama-3.1-8b");
        var tied = new ModelSize(model with { TiedEmbeddings = true });
        var untied = new ModelSize(model);
        Assert.Equal(128256.0 * 4096, untied.Parameters - tied.Parameters);
        Assert.Equal(untied.PerToken(8192, FlopConvention.Model), tied.PerToken(8192, FlopConvention.Model));
    }
}
