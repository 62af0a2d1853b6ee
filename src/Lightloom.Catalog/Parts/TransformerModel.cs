using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>The non-linearity of a feed-forward layer.</summary>
public enum FeedForwardKind
{
    /// <summary>Two matrices with GELU, ReLU or its square between them.</summary>
    Gelu,

    /// <summary>Three matrices: gate, up and down, whatever bends the gate (SiLU or GELU).</summary>
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

/// <summary>How attention that doesn't reach every token is cut.</summary>
public enum LocalAttentionKind
{
    /// <summary>Each token reaches the last tokens, itself included.</summary>
    Sliding,

    /// <summary>The sequence is cut into pieces; each token reaches those of its own piece.</summary>
    Chunked,
}

/// <summary>Layers whose attention reaches a part of the sequence.</summary>
public sealed record LocalAttention
{
    /// <summary>Tokens that a token reaches, itself included; of one piece where attention is chunked.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000_000)]
    public required int Window { get; init; }

    /// <summary>Whether the window slides or stands.</summary>
    public LocalAttentionKind Kind { get; init; }

    /// <summary>Of so many layers the last reaches all tokens instead: 2 alternates; 0 where none does.</summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public int FullEvery { get; init; }

    /// <summary>Layers that reach all tokens, wherever they stand; follows from <see cref="FullEvery"/> unless given.</summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public int? FullLayers { get; init; }
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

    /// <summary>Size of the space that routed experts work in, with a projection into it before they are dispatched and one back (LatentMoE); the hidden size unless given.</summary>
    [Limits(Minimum = 1, Maximum = 10_000_000)]
    public int? LatentSize { get; init; }

    /// <summary>Experts that every token visits besides.</summary>
    [Limits(Minimum = 0, Maximum = 1000)]
    public int Shared { get; init; }

    /// <summary>Inner size of all shared experts together; so many times one expert's unless given.</summary>
    [Limits(Minimum = 1, Maximum = 100_000_000)]
    public int? SharedFeedForward { get; init; }

    /// <summary>Whether what the shared experts say is weighted by a gate of its own.</summary>
    public bool SharedGate { get; init; }

    /// <summary>Whether the router carries a bias for each expert.</summary>
    public bool RouterBias { get; init; }

    /// <summary>Of so many layers the last is a mixture, the others are dense; counted after the dense ones at the start.</summary>
    [Limits(Minimum = 1, Maximum = 10_000)]
    public int Every { get; init; } = 1;

    /// <summary>Layers at the start that are dense instead.</summary>
    [Limits(Minimum = 0, Maximum = 100_000)]
    public int DenseLayers { get; init; }
}

/// <summary>Sizes of Mamba-2's state space layers (Dao and Gu 2024).</summary>
public sealed record StateSpaceLayers
{
    /// <summary>Heads of a layer.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public required int Heads { get; init; }

    /// <summary>Size of one head.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int HeadSize { get; init; } = 64;

    /// <summary>Groups of heads that share what goes into and comes out of their states.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int Groups { get; init; } = 8;

    /// <summary>Numbers of a state for each of a head's values.</summary>
    [Limits(Minimum = 1, Maximum = 100_000)]
    public int StateSize { get; init; } = 128;

    /// <summary>Tokens that the convolution before the scan reaches, itself included.</summary>
    [Limits(Minimum = 1, Maximum = 1000)]
    public int Convolution { get; init; } = 4;

    /// <summary>Tokens of a piece that the scan computes with matrices; states go from piece to piece.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public int Chunk { get; init; } = 128;
}

/// <summary>A transformer of equal blocks, or of layers of several kinds in a pattern, as its configuration file describes it.</summary>
[PartKind("model", FromFiles = true)]
public sealed record TransformerModel : Part
{
    /// <summary>What stands for each kind of layer in a <see cref="Pattern"/>: a state space, attention, a feed-forward layer, a mixture of experts.</summary>
    public const string LayerSymbols = "M*-E";

    /// <summary>Transformer blocks; layers where there is a pattern.</summary>
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

    /// <summary>Layers whose attention reaches a part of the sequence; all reach all of it unless given.</summary>
    public LocalAttention? Local { get; init; }

    /// <summary>Whether tokens reach those after them too (an encoder).</summary>
    public bool Bidirectional { get; init; }

    /// <summary>Inner size of a dense feed-forward layer.</summary>
    [Limits(Minimum = 1, Maximum = 100_000_000)]
    public required int FeedForward { get; init; }

    /// <summary>Kind of feed-forward layer.</summary>
    public required FeedForwardKind Activation { get; init; }

    /// <summary>Mixture-of-experts layers, if any.</summary>
    public ExpertLayers? Experts { get; init; }

    /// <summary>
    /// Kinds of layers one by one, where they aren't blocks: M a state space, * attention, - a feed-forward layer, E a mixture of experts; each has a norm
    /// before it and is added to the residual stream (Nemotron-H).
    /// </summary>
    public string? Pattern { get; init; }

    /// <summary>Sizes of the pattern's state space layers.</summary>
    public StateSpaceLayers? StateSpace { get; init; }

    /// <summary>Entries of the vocabulary, padding included where the published count includes it.</summary>
    [Limits(Minimum = 1, Maximum = 100_000_000)]
    public required int Vocabulary { get; init; }

    /// <summary>Learned position embeddings; 0 for rotary ones.</summary>
    [Limits(Minimum = 0, Maximum = 100_000_000)]
    public int LearnedPositions { get; init; }

    /// <summary>Whether queries and keys are rotated by their place; where positions aren't learned unless given (ALiBi: false).</summary>
    public bool? Rotary { get; init; }

    /// <summary>Whether the output layer shares the input embedding.</summary>
    public bool TiedEmbeddings { get; init; }

    /// <summary>Whether linear layers carry biases.</summary>
    public bool Biases { get; init; }

    /// <summary>Whether the projections to queries, keys and values carry biases; as the other linear layers unless given.</summary>
    public bool? QueryKeyValueBiases { get; init; }

    /// <summary>Whether attention's output projection carries a bias; as the other linear layers unless given.</summary>
    public bool? AttentionOutputBiases { get; init; }

    /// <summary>Whether feed-forward layers and experts carry biases; as the other linear layers unless given.</summary>
    public bool? FeedForwardBiases { get; init; }

    /// <summary>Whether the output layer carries a bias for each entry of the vocabulary.</summary>
    public bool OutputBias { get; init; }

    /// <summary>Norms of one block: two, or four where what leaves attention and feed-forward is normed too, or one where both share it.</summary>
    [Limits(Minimum = 1, Maximum = 8)]
    public int BlockNorms { get; init; } = 2;

    /// <summary>Whether a norm follows the input embedding.</summary>
    public bool EmbeddingNorm { get; init; }

    /// <summary>Whether norms carry biases (LayerNorm); as the linear layers unless given.</summary>
    public bool? NormBiases { get; init; }

    /// <summary>Whether queries and keys pass a norm of the size of a head.</summary>
    public bool QueryKeyNorms { get; init; }

    /// <summary>Whether queries and keys pass a norm over all their heads together (OLMo 2).</summary>
    public bool WholeQueryKeyNorms { get; init; }

    /// <summary>Whether both halves of a SwiGLU are limited to a range before they are multiplied, as in GPT-OSS.</summary>
    public bool LimitedGates { get; init; }

    /// <summary>Whether each query head learns a sink that attention may fall into.</summary>
    public bool AttentionSinks { get; init; }

    /// <summary>Multi-token prediction blocks after the last layer.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public int PredictionBlocks { get; init; }

    /// <summary>Kinds of layers of a prediction block, where the model's layers stand in a pattern.</summary>
    public string? PredictionPattern { get; init; }

    /// <summary>Further tokens that each prediction block predicts in training, one after the other with the same weights.</summary>
    [Limits(Minimum = 1, Maximum = 100)]
    public int PredictionRepeats { get; init; } = 1;

    /// <summary>The sequence that it is usually trained on, in tokens.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000_000)]
    public required int Sequence { get; init; }

    /// <summary>Parameters as published, in billions, for a check.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public Sourced<double>? PublishedBillions { get; init; }

    /// <summary>
    /// The same model with its vocabulary padded as Megatron pads it: to a multiple of so many entries on each tensor rank.
    /// </summary>
    /// <param name="multiple">Entries of each rank come in multiples of this (Megatron: 128).</param>
    /// <param name="tensor">Ranks that split the vocabulary.</param>
    /// <exception cref="ArgumentOutOfRangeException">One of them isn't positive, or the padded vocabulary passes what a model may have.</exception>
    public TransformerModel WithPaddedVocabulary(int multiple, int tensor = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(multiple, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(tensor, 1);
        var unit = (long)multiple * tensor;
        var padded = (Vocabulary + unit - 1) / unit * unit;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(padded, int.MaxValue, nameof(multiple));
        return this with { Vocabulary = (int)padded };
    }

    /// <summary>What two keys of the model say against each other, which one key alone can't say of itself: the key and the problem.</summary>
    public (string Key, string Problem)? Contradiction()
    {
        if (PatternContradiction() is { } wrong) return wrong;
        if (PredictionRepeats > 1 && PredictionBlocks == 0) return ("predictionRepeats", "prediction blocks are repeated and there are none");
        if (Experts?.LatentSize is { } latentSize && latentSize > Hidden)
            return ("experts", $"the space of the experts ({latentSize:N0}) is larger than the hidden size of {Hidden:N0}");
        if (Experts is { } experts)
        {
            if (experts.PerToken > experts.Experts)
                return ("experts", $"each token visits {experts.PerToken:N0} of {experts.Experts:N0} experts; expected at most all");
            if (experts.Every > Layers)
                return ("experts", $"of {experts.Every:N0} layers one is a mixture, and the model has {Layers:N0}");
            if (experts.Shared == 0 && (experts.SharedFeedForward is not null || experts.SharedGate))
                return ("experts", "shared experts have a size or a gate, and there are none ('shared')");
        }
        if (Local is { } local)
        {
            if (local.FullEvery > 0 && local.FullLayers is not null)
                return ("local", "'fullEvery' and 'fullLayers' both say which layers reach all tokens; expected one of them");
            if (local.FullLayers > Layers)
                return ("local", $"{local.FullLayers:N0} layers reach all tokens, and the model has {Layers:N0}");
        }
        if (Latent is not null) return null;
        if (HeadSize is null && Heads > Hidden)
            return ("heads", $"{Heads:N0} heads share a hidden size of {Hidden:N0}; expected at most that many heads, or 'headSize'");
        if (HeadSize is null && Hidden % Heads != 0)
            return ("heads", $"{Heads:N0} heads do not divide the hidden size of {Hidden:N0}; expected a divisor, or 'headSize'");
        return KeyValueHeads is { } shared && (shared > Heads || Heads % shared != 0)
            ? ("keyValueHeads", $"{shared:N0} key-value heads do not divide the {Heads:N0} heads")
            : null;
    }

    (string Key, string Problem)? PatternContradiction()
    {
        if (Pattern is not { } pattern)
        {
            if (StateSpace is not null) return ("stateSpace", "state space layers have sizes and no place; expected a 'pattern' of layers with an M");
            if (PredictionPattern is not null) return ("predictionPattern", "a prediction block has layers by a pattern and the model has none; expected a 'pattern' beside it");
            return null;
        }
        if (Layers != pattern.Length) return ("layers", $"the pattern has {pattern.Length:N0} layers, and the model {Layers:N0}");
        if (PredictionBlocks > 0 && PredictionPattern is null) return ("predictionPattern", "prediction blocks have no layers; expected their pattern, such as '*E'");
        if (PredictionBlocks == 0 && PredictionPattern is not null) return ("predictionBlocks", "a prediction block has layers and there is none; expected at least 1");
        foreach (var (key, layers) in new[] { ("pattern", pattern), ("predictionPattern", PredictionPattern ?? "*") })
        {
            if (layers.Length == 0) return (key, "the pattern is empty; expected a layer for each of M, *, - and E");
            foreach (var layer in layers)
                if (!LayerSymbols.Contains(layer)) return (key, $"'{layer}' is no layer that is modelled; expected M (state space), * (attention), - (feed-forward) or E (mixture of experts)");
        }
        var all = pattern + PredictionPattern;
        if (all.Contains('M') != StateSpace is not null)
            return ("stateSpace", StateSpace is null ? "the pattern has state space layers (M) without sizes" : "state space layers have sizes and the pattern has no M");
        if (all.Contains('E') != Experts is not null)
            return ("experts", Experts is null ? "the pattern has mixtures (E) and there are no experts" : "there are experts and the pattern has no mixture (E)");
        if (Experts is { } experts && (experts.DenseLayers > 0 || experts.Every > 1)) return ("experts", "the pattern says which layers are mixtures; expected neither 'denseLayers' nor 'every'");
        if (Local is not null) return ("local", "windows of a pattern's attention layers are not modelled");
        if (BlockNorms != 2) return ("blockNorms", "each layer of a pattern has one norm; expected no 'blockNorms'");
        return StateSpace is { } space && space.Heads % space.Groups != 0
            ? ("stateSpace", $"{space.Groups:N0} groups do not divide the {space.Heads:N0} heads of a state space layer")
            : null;
    }
}
