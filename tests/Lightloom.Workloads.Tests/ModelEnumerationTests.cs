using CsCheck;
using Lightloom.Catalog;

namespace Lightloom.Workloads.Tests;

/// <summary>Counts in closed form against every tensor, every pair of tokens and every layer.</summary>
public sealed class ModelEnumerationTests
{
    static readonly Gen<TransformerModel> Models = Gen.OneOf(RandomModels.All, RandomModels.Patterns);

    static readonly Gen<(TransformerModel Model, int Sequence)> Sequences = Gen.Select(RandomModels.All, Gen.Int[1, 40]);

    [Fact]
    public void Random_models_keep_the_rules() => Models.Sample(model => Assert.Null(model.Contradiction()));

    [Fact]
    public void Parameters_are_those_of_every_tensor() => Models.Sample(model =>
    {
        var size = new ModelSize(model);
        var tensors = TensorList.Of(model).ToList();
        foreach (var count in size.ByClass)
        {
            Assert.Equal(tensors.Where(t => t.Class == count.Class).Sum(t => t.Count), count.Total);
            Assert.Equal(tensors.Where(t => t.Class == count.Class && t.Active).Sum(t => t.Count), count.Active);
        }
        Assert.Equal(tensors.Sum(t => t.Count), size.Parameters);
        Assert.Equal(tensors.Where(t => t.Active).Sum(t => t.Count), size.ActiveParameters);
        Assert.Equal(Enum.GetValues<ParameterClass>().Where(c => c != ParameterClass.StateSpace || model.StateSpace is not null), size.ByClass.Select(c => c.Class));
    });

    [Theory]
    [InlineData("llama-3.1-8b")]
    [InlineData("gpt2")]
    [InlineData("deepseek-v2-lite")]
    [InlineData("gpt-oss-20b")]
    [InlineData("llama-4-maverick")]
    [InlineData("falcon-7b")]
    [InlineData("gemma-2-9b")]
    public void Parameters_of_real_models_are_those_of_every_tensor(string key)
    {
        var size = Examples.Model(key);
        Assert.Equal(TensorList.Of(size.Model).Sum(t => t.Count), size.Parameters);
    }

    [Fact]
    public void Dense_blocks_before_each_layer_are_counted() => RandomModels.All.Sample(model =>
    {
        var size = new ModelSize(model);
        for (var layers = 0; layers <= model.Layers; layers++)
            Assert.Equal(Enumerable.Range(0, layers).Count(i => !TensorList.IsSparse(model, i)), size.DenseBefore(layers));
    });

    [Fact]
    public void Pairs_are_those_of_the_mask() => Sequences.Sample((model, sequence) =>
    {
        long pairs = 0;
        for (var layer = 0; layer < model.Layers; layer++)
            for (var i = 0; i < sequence; i++)
                for (var j = 0; j < sequence; j++)
                    if (Reaches(model, layer, i, j)) pairs++;
        Assert.Equal((double)pairs / sequence / model.Layers, new ModelSize(model).MeanPairs(sequence), 1e-9);
    });

    [Fact]
    public void Keys_and_values_are_those_of_every_layer() => Sequences.Sample((model, sequence) =>
    {
        var size = new ModelSize(model);
        double bytes = 0;
        for (var layer = 0; layer < model.Layers; layer++)
        {
            var kept = IsFull(model, layer) ? sequence : Math.Min(sequence, model.Local!.Window);
            var each = model.Latent is { } l ? l.KeyValueRank + l.RotaryHeadSize : 2.0 * size.KeyValueHeads * size.HeadSize;
            bytes += 2 * each * kept;
        }
        Examples.Close(bytes, size.KeyValueOf(sequence, 2).Bytes);
        if (model.Local is null) Examples.Close(bytes, sequence * size.KeyValuePerToken(2).Bytes);
    });

    static bool IsFull(TransformerModel m, int layer) => m.Local is not { } local ||
        (local.FullLayers is { } first ? layer < first : local.FullEvery > 0 && (layer + 1) % local.FullEvery == 0);

    static bool Reaches(TransformerModel m, int layer, int from, int to)
    {
        if (!m.Bidirectional && to > from) return false;
        if (IsFull(m, layer)) return true;
        var w = m.Local!.Window;
        return m.Local.Kind == LocalAttentionKind.Sliding ? Math.Abs(from - to) < w : from / w == to / w;
    }

    [Fact]
    public void A_mixture_in_every_other_layer_is_dealt_to_stages_as_it_stands()
    {
        // 48 layers of which every other is a mixture, on 6 stages of 8.
        var job = Examples.Job("llama-4-maverick", 48, 8, new() { Tensor = 8, Pipeline = 6 });
        var deal = new StageDeal(job, 1);
        for (var stage = 0; stage < 6; stage++) Assert.Equal(new(8, 4), deal[stage]);
        var interleaved = new StageDeal(job, 2);
        for (var stage = 0; stage < 6; stage++) Assert.Equal(new(8, 4), interleaved[stage]);
    }

    [Theory]
    [InlineData(50257, 128, 8, 51200)]
    [InlineData(50257, 128, 1, 50304)]
    [InlineData(128256, 128, 8, 129024)]
    [InlineData(51200, 128, 8, 51200)]
    public void Vocabularies_are_padded_as_Megatron_pads_them(int entries, int multiple, int tensor, int padded)
    {
        var model = PartCatalog.Default.Get<TransformerModel>("llama-3.1-8b") with { Vocabulary = entries };
        Assert.Equal(padded, model.WithPaddedVocabulary(multiple, tensor).Vocabulary);
        Assert.Throws<ArgumentOutOfRangeException>(() => model.WithPaddedVocabulary(0));
    }
}
