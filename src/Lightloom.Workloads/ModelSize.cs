// Parameters of a transformer of equal blocks, counted weight by weight.
//
//   attention (plain)   h·q + 2·h·k + q·h            q = heads·d, k = kvHeads·d          [+ q + 2k biases] [+ h bias, output]
//                       [+ 2·d norms of queries and keys, or q + k] [+ heads sinks]
//   attention (latent)  h·rq + rq·heads·(dn+dr) + h·(rkv+dr) + rkv·heads·(dn+dv) + heads·dv·h + rq + rkv (norms)
//   feed-forward        2·h·f (GELU) or 3·h·f (SwiGLU)                                     [+ f (GELU) or 2·f (SwiGLU) + h biases]
//   experts             E·3·h·fe + 3·h·fs + E·h (router), fs = S·fe unless given           [+ biases of each expert] [+ E, router] [+ h, gate]
//   norms               2·h a block (1, 2 or 4 norms), h at the end, [h after the embedding] [twice that with norm biases]
//   embedding           V·h, again for an untied output layer [+ V, its bias]; P·h learned positions
//   prediction block    one more block, two norms, a projection 2h·h and a norm (embedding and output shared)
//   dense blocks        the first D; of the others each E-th is a mixture: D + (L - D) - floor((L - D) / E)
//   latent experts      E·2·l·fe + 2·h·l in place of E·2·h·fe (three matrices likewise): experts work in l, between projections of their own
//   state space         h·(2d + 2·G·N + H) + (d + 2·G·N)·(K + 1) + 3·H + d + d·h     d = H·P, H heads of P, G groups of N, convolution K
//   layers of a pattern M state space, * attention, - feed-forward, E experts, each with a norm of h; a prediction block has a pattern of its own
//
// Floating-point operations of one token, forward: 2 for each weight that multiplies it, and for attention's scores and values
// 2·n·W with W = Σ heads (key + value size) and n the tokens that a token reaches, on the mean of a sequence of s:
//
//   all, causal         (s + 1) / 2                          all, both ways     s
//   sliding w < s       (w·(w+1)/2 + (s-w)·w) / s            both ways          twice that less 1
//   pieces of c         (⌊s/c⌋·c·(c+1)/2 + r·(r+1)/2) / s    both ways          (⌊s/c⌋·c² + r²) / s        r = s mod c
//
// and for a state space layer 4·N·d, a product into and one out of its state. Backward is twice the forward. Keys and values of a token that are kept for later ones: 2·kvHeads·d a layer, or rkv + dr.
//
// Worked example, Llama 3.1 8B (h 4096, 32 layers, 32/8 heads of 128, f 14336, V 128256, untied):
//   block = 4096·4096 + 2·4096·1024 + 4096·4096 + 3·4096·14336 + 2·4096 = 218,112,000
//   total = 32·218,112,000 + 2·128256·4096 + 4096 = 8,030,261,248

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>
/// How the floating-point operations of a training step are counted when a rate is published; <see cref="FlopFormulas"/> has more.
/// </summary>
public enum FlopConvention
{
    /// <summary>6 per active parameter and token, plus attention over the pairs that its mask lets through: the work that is needed.</summary>
    Model,

    /// <summary>As <see cref="Model"/>, but attention over all pairs, masked or not: PaLM's and Megatron's MFU.</summary>
    ModelFullAttention,

    /// <summary>6 per active parameter and token and no attention: the "6ND" rule.</summary>
    SixTimesParameters,
}

/// <summary>Parameters and floating-point operations of a model; see the equations at the head of this file.</summary>
public sealed class ModelSize
{
    readonly int denseAtStart, every;
    // layers of a pattern before each of its layers, and all of them at the end; null where there is none
    readonly BlockCounts[]? before;

    /// <summary>Counts a model.</summary>
    public ModelSize(TransformerModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        Model = model;
        double h = model.Hidden;
        HeadSize = model.HeadSize ?? model.Hidden / model.Heads;
        KeyValueHeads = model.KeyValueHeads ?? model.Heads;
        AttentionParameters = CountAttention(model, h, HeadSize, KeyValueHeads);
        var matrices = model.Activation == FeedForwardKind.SwiGlu ? 3 : 2;
        var biased = model.FeedForwardBiases ?? model.Biases;
        double FeedForward(double inner) => (matrices * h * inner) + (biased ? (inner * (matrices - 1)) + h : 0);
        DenseFeedForwardParameters = FeedForward(model.FeedForward);
        var norm = h * (model.NormBiases ?? model.Biases ? 2 : 1);
        NormParameters = model.BlockNorms * norm;
        (denseAtStart, every) = (model.Layers, 1);
        var latent = 0.0;
        if (model.Experts is { } experts)
        {
            ExpertParameters = FeedForward(experts.FeedForward);
            if (experts.LatentSize is { } space)
            {
                ExpertParameters = (matrices * (double)space * experts.FeedForward) + (biased ? (experts.FeedForward * (matrices - 1)) + space : 0);
                latent = (2 * h * space) + (biased ? space + h : 0);
            }
            SharedFeedForward = experts.SharedFeedForward ?? (double)experts.Shared * experts.FeedForward;
            // Shared experts with biases are so many experts, unless they are given as one.
            var shared = experts.SharedFeedForward is { } together ? FeedForward(together) : experts.Shared * FeedForward(experts.FeedForward);
            SharedExpertParameters = shared + (experts.SharedGate ? h : 0);
            RouterParameters = ((h + (experts.RouterBias ? 1 : 0)) * experts.Experts) + latent;
            (denseAtStart, every) = (Math.Min(experts.DenseLayers, model.Layers), Math.Max(1, experts.Every));
        }
        if (model.Pattern is { } pattern)
        {
            NormParameters = norm;
            before = [.. Enumerable.Range(0, pattern.Length + 1).Select(n => BlockCounts.Of(pattern.AsSpan(0, n)))];
            if (model.StateSpace is { } space)
            {
                double d = StateSpaceWidth, mixed = 2.0 * space.Groups * space.StateSize, heads = space.Heads;
                StateSpaceParameters = (h * StateSpaceInputs) + ((d + mixed) * (space.Convolution + 1)) + (3 * heads) + d + (d * h);
            }
        }
        Counts = Between(0, model.Layers);
        Prediction = model.Pattern is null ? new(1, model.Experts is null ? 1 : 0) : BlockCounts.Of(model.PredictionPattern);
        DenseLayers = Counts.Blocks - Counts.Second;
        AttentionLayers = model.Pattern is null ? model.Layers : Counts.First;
        EmbeddingParameters = ((double)model.Vocabulary * h) + ((double)model.LearnedPositions * h) + (model.EmbeddingNorm ? norm : 0);
        OutputParameters = (model.TiedEmbeddings ? 0 : (double)model.Vocabulary * h) + (model.OutputBias ? model.Vocabulary : 0);
        FinalNormParameters = norm;
        PredictionParameters = model.PredictionBlocks * (ParametersOf(Prediction) + (2 * h * h) + (3 * norm));
        double sparse = Counts.Second, all = model.Layers, attention = AttentionLayers, dense = model.Pattern is null ? DenseLayers : Counts.Fourth;
        var routed = sparse * (model.Experts?.Experts ?? 0) * ExpertParameters;
        var visited = sparse * (model.Experts?.PerToken ?? 0) * ExpertParameters;
        ByClass =
        [
            Always(ParameterClass.Embedding, EmbeddingParameters),
            Always(ParameterClass.Attention, attention * AttentionParameters),
            .. model.StateSpace is null ? (IEnumerable<ParameterCount>)[] : [Always(ParameterClass.StateSpace, Counts.Third * StateSpaceParameters)],
            Always(ParameterClass.DenseFeedForward, dense * DenseFeedForwardParameters),
            Always(ParameterClass.Router, sparse * RouterParameters),
            new(ParameterClass.Experts, routed, visited),
            Always(ParameterClass.SharedExperts, sparse * SharedExpertParameters),
            Always(ParameterClass.Norms, (all * NormParameters) + FinalNormParameters),
            Always(ParameterClass.Output, OutputParameters),
            new(ParameterClass.Prediction, PredictionParameters, 0),
        ];
        Parameters = ByClass.Sum(c => c.Total);
        ActiveParameters = ByClass.Sum(c => c.Active);
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>Size of one attention head.</summary>
    public int HeadSize { get; }

    /// <summary>Key and value heads.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Blocks whose feed-forward layer is dense; all layers of a pattern but its mixtures.</summary>
    public int DenseLayers { get; }

    /// <summary>Blocks or layers that have attention.</summary>
    public int AttentionLayers { get; }

    /// <summary>Layers that have a state space.</summary>
    public int StateSpaceLayers => Counts.Third;

    /// <summary>All blocks or layers by kind.</summary>
    internal BlockCounts Counts { get; }

    /// <summary>What a prediction block consists of.</summary>
    internal BlockCounts Prediction { get; }

    /// <summary>Values of all heads of a state space layer: what goes through its scan; 0 without such layers.</summary>
    public double StateSpaceWidth => Model.StateSpace is { } space ? (double)space.Heads * space.HeadSize : 0;

    /// <summary>What a state space layer's first matrix gives: gates, values, what goes into and out of states, and steps.</summary>
    public double StateSpaceInputs => Model.StateSpace is { } space ? (2 * StateSpaceWidth) + (2.0 * space.Groups * space.StateSize) + space.Heads : 0;

    /// <summary>Parameters of a state space layer without its norm before.</summary>
    public double StateSpaceParameters { get; }

    /// <summary>Size of what is sent to experts and comes back: the hidden size, or that of their own space.</summary>
    public int ExpertHidden => Model.Experts?.LatentSize ?? Model.Hidden;

    /// <summary>All parameters, multi-token prediction included.</summary>
    public double Parameters { get; }

    /// <summary>Parameters that one token passes through, the input embedding's included, multi-token prediction's not.</summary>
    public double ActiveParameters { get; }

    /// <summary>Parameters by what they are for, in the order of <see cref="ParameterClass"/>; the sums are all and the active ones.</summary>
    public IReadOnlyList<ParameterCount> ByClass { get; }

    /// <summary>Parameters of the input embedding, learned positions and the norm after them.</summary>
    public double EmbeddingParameters { get; }

    /// <summary>Parameters of the output layer; 0 when it is the embedding.</summary>
    public double OutputParameters { get; }

    /// <summary>Parameters of the norm before the output layer.</summary>
    public double FinalNormParameters { get; }

    /// <summary>Parameters of all multi-token prediction blocks.</summary>
    public double PredictionParameters { get; }

    /// <summary>Parameters of one block's attention.</summary>
    public double AttentionParameters { get; }

    /// <summary>Parameters of one dense feed-forward layer.</summary>
    public double DenseFeedForwardParameters { get; }

    /// <summary>Parameters of one routed expert.</summary>
    public double ExpertParameters { get; }

    /// <summary>Parameters of one block's shared experts and their gate.</summary>
    public double SharedExpertParameters { get; }

    /// <summary>Inner size of all shared experts of a block together.</summary>
    public double SharedFeedForward { get; }

    /// <summary>Parameters of one router, with the projections into the experts' own space and back.</summary>
    public double RouterParameters { get; }

    /// <summary>Parameters of one block's norms, or of one layer's in a pattern.</summary>
    public double NormParameters { get; }

    /// <summary>Parameters of one dense block.</summary>
    public double DenseLayerParameters => AttentionParameters + DenseFeedForwardParameters + NormParameters;

    /// <summary>Parameters of one mixture-of-experts block that every rank of an expert group holds: all but the routed experts.</summary>
    public double SharedExpertLayerParameters => AttentionParameters + NormParameters + RouterParameters + SharedExpertParameters;

    /// <summary>Sum over heads of the sizes of a key and of a value: what one pair of tokens multiplies in scores and in values.</summary>
    public double AttentionWidth => Model.Latent is { } latent
        ? (double)Model.Heads * (latent.HeadSize + latent.RotaryHeadSize + latent.ValueHeadSize)
        : 2.0 * Model.Heads * HeadSize;

    /// <summary>Weights that multiply each token: all active ones but the embedding, which is a look-up; the output layer's even where they are the embedding's.</summary>
    public double MultiplyingParameters => ActiveParameters - EmbeddingParameters - OutputParameters + ((double)Model.Vocabulary * Model.Hidden);

    /// <summary>Layers whose attention reaches every token.</summary>
    public int FullAttentionLayers => Model.Local is not { } local ? AttentionLayers
        : local.FullLayers is { } given ? Math.Min(given, Model.Layers)
        : local.FullEvery > 0 ? Model.Layers / local.FullEvery
        : 0;

    /// <summary>How many of the first so many blocks are dense.</summary>
    /// <param name="layers">Blocks from the start of the model.</param>
    public int DenseBefore(int layers)
    {
        if (layers <= denseAtStart) return layers;
        return layers - ((layers - denseAtStart) / every);
    }

    /// <summary>Tokens that a token reaches in one layer, on the mean of a sequence's tokens and of the layers.</summary>
    /// <param name="sequence">Tokens of the sequence.</param>
    public double MeanPairs(int sequence)
    {
        var full = Model.Bidirectional ? sequence : (sequence + 1) / 2.0;
        if (Model.Local is not { } local || local.Window >= sequence) return full;
        double all = FullAttentionLayers, layers = Model.Layers;
        return ((all * full) + ((layers - all) * LocalPairs(local, sequence))) / layers;
    }

    /// <summary>Floating-point operations to train one token of a sequence under a convention.</summary>
    public ComputeWork PerToken(int sequence, FlopConvention convention)
    {
        var pairs = convention switch
        {
            FlopConvention.Model => MeanPairs(sequence),
            FlopConvention.ModelFullAttention => sequence,
            _ => 0,
        };
        var scans = convention == FlopConvention.SixTimesParameters || Model.StateSpace is not { } space ? 0 : 3 * 4.0 * space.StateSize * StateSpaceWidth * Counts.Third;
        return ComputeWork.FromFlop((6 * MultiplyingParameters) + (3 * 2 * AttentionWidth * pairs * AttentionLayers) + scans);
    }

    /// <summary>Keys and values of one token that later tokens need, in all layers.</summary>
    /// <param name="bytesPerValue">Bytes of one number: 2 for BF16, 1 for FP8.</param>
    public DataSize KeyValuePerToken(double bytesPerValue) => DataSize.FromBytes(AttentionLayers * KeyValueWidth * bytesPerValue);

    /// <summary>Keys and values of a whole sequence: layers with a window keep no more than it.</summary>
    /// <param name="sequence">Tokens of the sequence.</param>
    /// <param name="bytesPerValue">Bytes of one number: 2 for BF16, 1 for FP8.</param>
    public DataSize KeyValueOf(int sequence, double bytesPerValue)
    {
        double full = FullAttentionLayers, kept = Math.Min(sequence, Model.Local?.Window ?? sequence);
        return DataSize.FromBytes(KeyValueWidth * bytesPerValue * ((full * sequence) + ((AttentionLayers - full) * kept)));
    }

    double KeyValueWidth => Model.Latent is { } latent ? latent.KeyValueRank + latent.RotaryHeadSize : 2.0 * KeyValueHeads * HeadSize;

    double LocalPairs(LocalAttention local, double s)
    {
        double w = local.Window;
        if (local.Kind == LocalAttentionKind.Sliding)
        {
            var back = ((w * (w + 1) / 2) + ((s - w) * w)) / s;
            return Model.Bidirectional ? (2 * back) - 1 : back;
        }
        double pieces = Math.Floor(s / w), rest = s - (pieces * w);
        return Model.Bidirectional
            ? ((pieces * w * w) + (rest * rest)) / s
            : ((pieces * w * (w + 1)) + (rest * (rest + 1))) / 2 / s;
    }

    static ParameterCount Always(ParameterClass kind, double count) => new(kind, count, count);

    double ParametersOf(in BlockCounts counts) => SharedParameters(counts) + (counts.Second * (Model.Experts?.Experts ?? 0) * ExpertParameters);

    /// <summary>Parameters of so many blocks that every rank of an expert group holds: all but the routed experts.</summary>
    internal double SharedParameters(in BlockCounts counts) => Model.Pattern is null
        ? (counts.First * DenseLayerParameters) + (counts.Second * SharedExpertLayerParameters)
        : (counts.First * AttentionParameters) + (counts.Second * (RouterParameters + SharedExpertParameters)) + (counts.Third * StateSpaceParameters) +
            (counts.Fourth * DenseFeedForwardParameters) + (counts.Blocks * NormParameters);

    /// <summary>Blocks by kind from one on, up to another.</summary>
    internal BlockCounts Between(int from, int to) => before is not null ? before[to] - before[from] : new(to - from, DenseBefore(to) - DenseBefore(from));

    static double CountAttention(TransformerModel model, double h, int headSize, int keyValueHeads)
    {
        if (model.Latent is { } latent)
        {
            var query = latent.QueryRank > 0
                ? (h * latent.QueryRank) + latent.QueryRank +
                  ((double)latent.QueryRank * model.Heads * (latent.HeadSize + latent.RotaryHeadSize))
                : h * model.Heads * (latent.HeadSize + latent.RotaryHeadSize);
            return query + (h * (latent.KeyValueRank + latent.RotaryHeadSize)) + latent.KeyValueRank +
                ((double)latent.KeyValueRank * model.Heads * (latent.HeadSize + latent.ValueHeadSize)) +
                ((double)model.Heads * latent.ValueHeadSize * h);
        }
        double q = (double)model.Heads * headSize, k = (double)keyValueHeads * headSize;
        return (h * q) + (2 * h * k) + (q * h) +
            (model.QueryKeyValueBiases ?? model.Biases ? q + (2 * k) : 0) + (model.AttentionOutputBiases ?? model.Biases ? h : 0) +
            (model.QueryKeyNorms ? 2 * headSize : 0) + (model.WholeQueryKeyNorms ? q + k : 0) + (model.AttentionSinks ? model.Heads : 0);
    }
}
