// Parameters of a decoder-only transformer, counted weight by weight.
//
//   attention (plain)   h·q + 2·h·k + q·h            q = heads·d, k = kvHeads·d          [+ q + 2k + h biases]
//                       [+ 2·d norms of queries and keys] [+ heads sinks]
//   attention (latent)  h·rq + rq·heads·(dn+dr) + h·(rkv+dr) + rkv·heads·(dn+dv) + heads·dv·h + rq + rkv (norms)
//   feed-forward        2·h·f (GELU) or 3·h·f (SwiGLU)                                     [+ f + h biases, GELU]
//   experts             E·3·h·fe + S·3·h·fe + E·h (router)                                 [+ biases of each expert] [+ E, router]
//   norms               2·h a block, h at the end                                           [twice that with norm biases]
//   embedding           V·h, again for an untied output layer; P·h learned positions
//   prediction block    one more block, two norms, a projection 2h·h and a norm (embedding and output shared)
//
// Floating-point operations of one token, forward: 2 for each weight that multiplies it, and for attention's scores and
// values 2·2·heads·d·s, of which a causal mask needs half. Backward is twice the forward.
//
// Worked example, Llama 3.1 8B (h 4096, 32 layers, 32/8 heads of 128, f 14336, V 128256, untied):
//   block = 4096·4096 + 2·4096·1024 + 4096·4096 + 3·4096·14336 + 2·4096 = 218,112,000
//   total = 32·218,112,000 + 2·128256·4096 + 4096 = 8,030,261,248

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>How the floating-point operations of a training step are counted when a rate is published.</summary>
public enum FlopConvention
{
    /// <summary>6 per active parameter and token, plus attention with a causal mask (half of all pairs): the work that is needed.</summary>
    Model,

    /// <summary>As <see cref="Model"/>, but attention over all pairs, masked or not: PaLM's and Megatron's MFU.</summary>
    ModelFullAttention,

    /// <summary>6 per active parameter and token and no attention: the "6ND" rule.</summary>
    SixTimesParameters,
}

/// <summary>Parameters and floating-point operations of a model; see the equations at the head of this file.</summary>
public sealed class ModelSize
{
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
        double FeedForward(double inner) => (matrices * h * inner) + (model.Biases ? (inner * (matrices - 1)) + h : 0);
        DenseFeedForwardParameters = FeedForward(model.FeedForward);
        NormParameters = 2 * h * (model.NormBiases ?? model.Biases ? 2 : 1);
        if (model.Experts is { } experts)
        {
            ExpertParameters = FeedForward(experts.FeedForward);
            RouterParameters = (h + (experts.RouterBias ? 1 : 0)) * experts.Experts;
            DenseLayers = Math.Min(experts.DenseLayers, model.Layers);
        }
        else
        {
            DenseLayers = model.Layers;
        }
        EmbeddingParameters = (double)model.Vocabulary * h + (double)model.LearnedPositions * h;
        OutputParameters = model.TiedEmbeddings ? 0 : (double)model.Vocabulary * h;
        FinalNormParameters = NormParameters / 2;
        PredictionParameters = model.PredictionBlocks * (ExpertLayerParameters(model.Experts is null) + (2 * h * h) + (3 * h));
        Parameters = EmbeddingParameters + OutputParameters + FinalNormParameters + PredictionParameters +
            (DenseLayers * DenseLayerParameters) + ((model.Layers - DenseLayers) * ExpertLayerParameters(false));
        var inactive = model.Experts is { } e
            ? (model.Layers - DenseLayers) * (e.Experts - e.PerToken) * ExpertParameters
            : 0;
        ActiveParameters = Parameters - PredictionParameters - inactive;
    }

    /// <summary>The model.</summary>
    public TransformerModel Model { get; }

    /// <summary>Size of one attention head.</summary>
    public int HeadSize { get; }

    /// <summary>Key and value heads.</summary>
    public int KeyValueHeads { get; }

    /// <summary>Blocks whose feed-forward layer is dense.</summary>
    public int DenseLayers { get; }

    /// <summary>All parameters, multi-token prediction included.</summary>
    public double Parameters { get; }

    /// <summary>Parameters that one token passes through, the input embedding's included, multi-token prediction's not.</summary>
    public double ActiveParameters { get; }

    /// <summary>Parameters of the input embedding and learned positions.</summary>
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

    /// <summary>Parameters of one expert.</summary>
    public double ExpertParameters { get; }

    /// <summary>Parameters of one router.</summary>
    public double RouterParameters { get; }

    /// <summary>Parameters of one block's norms.</summary>
    public double NormParameters { get; }

    /// <summary>Parameters of one dense block.</summary>
    public double DenseLayerParameters => AttentionParameters + DenseFeedForwardParameters + NormParameters;

    /// <summary>Parameters of one mixture-of-experts block that every rank of an expert group holds: all but the routed experts.</summary>
    public double SharedExpertLayerParameters =>
        AttentionParameters + NormParameters + RouterParameters + ((Model.Experts?.Shared ?? 0) * ExpertParameters);

    /// <summary>Floating-point operations to train one token of a sequence under a convention.</summary>
    public ComputeWork PerToken(int sequence, FlopConvention convention)
    {
        // The output layer multiplies each token even where its weights are the embedding's; the embedding is a look-up.
        var weights = ActiveParameters - EmbeddingParameters - OutputParameters + ((double)Model.Vocabulary * Model.Hidden);
        var pairs = convention switch
        {
            FlopConvention.Model => (sequence + 1) / 2.0,
            FlopConvention.ModelFullAttention => sequence,
            _ => 0,
        };
        return ComputeWork.FromFlop((6 * weights) + (3 * 2 * AttentionWidth * pairs * Model.Layers));
    }

    /// <summary>Sum over heads of the sizes of a key and of a value: what one pair of tokens multiplies in scores and in values.</summary>
    public double AttentionWidth => Model.Latent is { } latent
        ? (double)Model.Heads * (latent.HeadSize + latent.RotaryHeadSize + latent.ValueHeadSize)
        : 2.0 * Model.Heads * HeadSize;

    double ExpertLayerParameters(bool dense) => dense
        ? DenseLayerParameters
        : SharedExpertLayerParameters + ((Model.Experts?.Experts ?? 0) * ExpertParameters);

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
        return (h * q) + (2 * h * k) + (q * h) + (model.Biases ? q + (2 * k) + h : 0) +
            (model.QueryKeyNorms ? 2 * headSize : 0) + (model.AttentionSinks ? model.Heads : 0);
    }
}
