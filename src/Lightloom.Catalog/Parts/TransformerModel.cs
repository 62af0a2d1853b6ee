using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>The non-linearity of a feed-forward layer.</summary>
public enum FeedForwardKind
{
    /// <summary>Two matrices with GELU or ReLU between them.</summary>
    Gelu,

    /// <summary>Three matrices: gate, up and down.</summary>
    [DocumentName("swiglu")]
    SwiGlu,
}

/// <summary>Low-rank ("latent") attention as in DeepSeek-V2 and V3.</summary>
public sealed record LatentAttention
{
    /// <summary>Rank of the query's compression; 0 for none.</summary>
    [Limits(Minimum = 0, Maximum = 1_000_000)]
    public required int QueryRank { get; init; }

    /// <summary>Rank of the joint compression of keys and values.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public required int KeyValueRank { get; init; }

    /// <summary>Size of each head's part without position.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required int HeadSize { get; init; }

    /// <summary>Size of the rotary part, shared by all heads in the key.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required int RotaryHeadSize { get; init; }

    /// <summary>Size of each head's value.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required int ValueHeadSize { get; init; }
}

/// <summary>Mixture-of-experts layers.</summary>
public sealed record ExpertLayers
{
    /// <summary>Routed experts of each such layer.</summary>
    [Limits(Minimum = 2, Maximum = 100_000)]
    public required int Experts { get; init; }

    /// <summary>Experts that each token visits.</summary>
    [Limits(Minimum = 1, Maximum = 1000)]
    public required int PerToken { get; init; }

    /// <summary>Inner size of one expert.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public required int FeedForward { get; init; }

    /// <summary>Experts that every token visits besides.</summary>
    [Limits(Minimum = 0, Maximum = 1000)]
    public int Shared { get; init; }

    /// <summary>Whether the router carries a bias for each expert.</summary>
    public bool RouterBias { get; init; }

    /// <summary>Layers at the start that are dense instead.</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int DenseLayers { get; init; }
}

/// <summary>A decoder-only transformer, as its configuration file describes it.</summary>
[PartKind("model")]
public sealed record TransformerModel : Part
{
    /// <summary>Transformer blocks.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public required int Layers { get; init; }

    /// <summary>Size of the residual stream.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public required int Hidden { get; init; }

    /// <summary>Query heads.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required int Heads { get; init; }

    /// <summary>Key and value heads; as many as query heads unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? KeyValueHeads { get; init; }

    /// <summary>Size of one head; hidden ÷ heads unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int? HeadSize { get; init; }

    /// <summary>Latent attention in place of the plain one.</summary>
    public LatentAttention? Latent { get; init; }

    /// <summary>Inner size of a dense feed-forward layer.</summary>
    [Limits(Minimum = 1, Maximum = 100_000_000)]
    public required int FeedForward { get; init; }

    /// <summary>Kind of feed-forward layer.</summary>
    public required FeedForwardKind Activation { get; init; }

    /// <summary>Mixture-of-experts layers, if any.</summary>
    public ExpertLayers? Experts { get; init; }

    /// <summary>Entries of the vocabulary, padding included where the published count includes it.</summary>
    [Limits(Minimum = 1, Maximum = 100_000_000)]
    public required int Vocabulary { get; init; }

    /// <summary>Learned position embeddings; 0 for rotary ones.</summary>
    [Limits(Minimum = 0, Maximum = 100_000_000)]
    public int LearnedPositions { get; init; }

    /// <summary>Whether the output layer shares the input embedding.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether linear layers carry biases.</summary>
    public bool Biases { get; init; }

    /// <summary>Whether norms carry biases (LayerNorm); as the linear layers unless given.</summary>
    public bool? NormBiases { get; init; }

    /// <summary>Whether queries and keys pass a norm of the size of a head.</summary>
    public bool QueryKeyNorms { get; init; }

    /// <summary>Whether each query head learns a sink that attention may fall into.</summary>
    public bool AttentionSinks { get; init; }

    /// <summary>Multi-token prediction blocks after the last layer.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public int PredictionBlocks { get; init; }

    /// <summary>The sequence that it is usually trained on, in tokens.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000_000)]
    public required int Sequence { get; init; }

    /// <summary>Parameters as published, in billions, for a check.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public Sourced<double>? PublishedBillions { get; init; }
}
