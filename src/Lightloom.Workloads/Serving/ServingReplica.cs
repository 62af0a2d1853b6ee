// One copy of a model that serves: how it is split, what an accelerator holds of it, and how many sequences fit beside it.
//
//   T, E     tensor ranks that split attention and dense layers; expert ranks that split the experts, E = 1 or a multiple of T
//   R        accelerators of the copy, max(T, E)          D   groups of T ranks that each serve their own sequences, R / T
//   W        weights of a rank: (attention, dense feed-forward, routers, shared experts, embedding, output) / T + experts / R, norms on every rank
//   κ(n)     keys and values of a sequence of n tokens (ModelSize.KeyValueOf: grouped heads, the latent of MLA, windows)
//   k        ranks that a sequence's keys and values are split over: min(T, key-value heads); 1 for latents, which all heads read
//   C        bytes of a rank for keys and values: u·M - W - runtime, of M bytes of memory the software uses a share u
//   B        sequences of the copy: D·⌊C·k / κ(P + O)⌋; a sequence is let in when its last token has a place, so that none is ever thrown out
//
// Worked example: Llama 3.1 8B in BF16 on one H100 of 80 GB with u = 0.9: W = 16.06 GB; with 2.5 GB of runtime C = 53.4 GB; one token takes
// 2·8·128·32·2 B = 131 kB, a sequence of 1,200 tokens 157 MB: B = 339.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Serving;

/// <summary>One copy of a model that serves; see the head of this file.</summary>
public sealed record ServingReplica
{
    const double Bf16 = 2;

    /// <summary>The model.</summary>
    public required ModelSize Model { get; init; }

    /// <summary>Number format of matrix multiplications and of the weights in them.</summary>
    public Precision Precision { get; init; }

    /// <summary>Number format of keys and values.</summary>
    public Precision CachePrecision { get; init; }

    /// <summary>Ranks that split attention and dense layers.</summary>
    public int Tensor { get; init; } = 1;

    /// <summary>Ranks that split the experts; 1 where each expert is split as dense layers are.</summary>
    public int Expert { get; init; } = 1;

    /// <summary>Accelerators of the copy.</summary>
    public int Accelerators => Math.Max(Tensor, Expert);

    /// <summary>Groups of tensor ranks that each serve their own sequences.</summary>
    public int Groups => Accelerators / Tensor;

    /// <summary>Ranks that a sequence's keys and values are split over.</summary>
    public int CacheSplit => Model.Model.Latent is null ? Math.Min(Tensor, Model.KeyValueHeads) : 1;

    /// <summary>Weights of one accelerator.</summary>
    public DataSize Weights
    {
        get
        {
            var format = NumberFormat.Of(Precision).Bytes;
            double layers = Model.Model.Layers, sparse = layers - Model.DenseLayers, dense = Model.DenseLayers;
            var split = (layers * Model.AttentionParameters) + (dense * Model.DenseFeedForwardParameters) + (sparse * (Model.SharedExpertParameters + Model.RouterParameters));
            var experts = sparse * (Model.Model.Experts?.Experts ?? 0) * Model.ExpertParameters;
            var wide = (Model.EmbeddingParameters + Model.OutputParameters) / Tensor;
            var norms = (layers * Model.NormParameters) + Model.FinalNormParameters;
            return DataSize.FromBytes((format * ((split / Tensor) + (experts / Accelerators))) + (Bf16 * (wide + norms)));
        }
    }

    /// <summary>Keys and values of a sequence, all ranks together and counted once.</summary>
    /// <param name="tokens">Its tokens.</param>
    public DataSize CacheOf(int tokens) => Model.KeyValueOf(tokens, NumberFormat.Of(CachePrecision).Bytes);

    /// <summary>Bytes of one accelerator for keys and values; below zero where the weights alone don't fit.</summary>
    /// <param name="memory">Memory of an accelerator that the software uses.</param>
    /// <param name="runtime">Memory that the software stack takes.</param>
    public DataSize CacheRoom(DataSize memory, DataSize runtime) => memory - Weights - runtime;

    /// <summary>Checks the rules of the degrees.</summary>
    /// <exception cref="JobException">A degree doesn't divide what it splits.</exception>
    public ServingReplica Checked()
    {
        var model = Model.Model;
        if (model.Pattern is not null) throw new JobException("model", "serving of layers in a pattern, state spaces among them, is not modelled; expected a model of equal blocks");
        if (model.Experts?.LatentSize is not null) throw new JobException("model", "serving of experts in a space of their own is not modelled");
        Divides("tensor", Tensor, model.Heads, "attention heads");
        if (Tensor % Model.KeyValueHeads != 0 && Model.KeyValueHeads % Tensor != 0 && model.Latent is null)
            throw new JobException("tensor", $"tensor {Tensor} is neither a divisor nor a multiple of the {Model.KeyValueHeads} key-value heads");
        Divides("tensor", Tensor, model.FeedForward, "values of the feed-forward layer");
        if (Expert == 1)
        {
            if (model.Experts is { } whole) Divides("tensor", Tensor, whole.FeedForward, "values of an expert");
            return this;
        }
        if (model.Experts is not { } experts) throw new JobException("expert", $"the model '{model.Key}' has no experts to split");
        Divides("expert", Expert, experts.Experts, "experts");
        if (Expert % Tensor != 0)
            throw new JobException("expert", $"expert {Expert} is no multiple of tensor {Tensor}; whole tensor groups share the experts: nearest is {Math.Max(1, Expert / Tensor) * Tensor}");
        return this;
    }

    static void Divides(string field, int degree, int whole, string what)
    {
        if (whole % degree == 0) return;
        var (below, above) = Divisors.Nearest(whole, degree);
        throw new JobException(field, $"{field} {degree} does not divide the model's {whole:N0} {what}; nearest {(below == above ? $"{below}" : $"{below} and {above}")}");
    }
}
