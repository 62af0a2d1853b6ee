using Lightloom.Catalog;

namespace Lightloom.Workloads.Tests;

/// <summary>One weight tensor of a model.</summary>
sealed record Tensor(string Name, ParameterClass Class, bool Active, params long[] Shape)
{
    public double Count => Shape.Aggregate(1.0, (product, n) => product * n);
}

/// <summary>Every tensor of a model, module by module as training code makes them; slow, and obvious.</summary>
static class TensorList
{
    public static IEnumerable<Tensor> Of(TransformerModel m)
    {
        var normBias = m.NormBiases ?? m.Biases;
        IEnumerable<Tensor> Norm(string name, long size, ParameterClass kind, bool active = true, bool? bias = null)
        {
            yield return new($"{name}.weight", kind, active, size);
            if (bias ?? normBias) yield return new($"{name}.bias", kind, active, size);
        }
        IEnumerable<Tensor> Linear(string name, long from, long to, bool bias, ParameterClass kind, bool active = true)
        {
            yield return new($"{name}.weight", kind, active, to, from);
            if (bias) yield return new($"{name}.bias", kind, active, to);
        }
        IEnumerable<Tensor> Mlp(string name, long inner, ParameterClass kind, bool active, long? own = null)
        {
            var hidden = own ?? m.Hidden;
            var bias = m.FeedForwardBiases ?? m.Biases;
            string[] first = m.Activation == FeedForwardKind.SwiGlu ? ["gate", "up"] : ["up"];
            foreach (var matrix in first)
                foreach (var t in Linear($"{name}.{matrix}", hidden, inner, bias, kind, active)) yield return t;
            foreach (var t in Linear($"{name}.down", inner, hidden, bias, kind, active)) yield return t;
        }
        IEnumerable<Tensor> Attention(string name, bool active, ParameterClass kind)
        {
            if (m.Latent is { } l)
            {
                if (l.QueryRank > 0)
                {
                    foreach (var t in Linear($"{name}.q_a", m.Hidden, l.QueryRank, false, kind, active)) yield return t;
                    foreach (var t in Norm($"{name}.q_a_norm", l.QueryRank, kind, active, false)) yield return t;
                    for (var head = 0; head < m.Heads; head++)
                        foreach (var t in Linear($"{name}.q_b.{head}", l.QueryRank, l.HeadSize + l.RotaryHeadSize, false, kind, active)) yield return t;
                }
                else
                {
                    for (var head = 0; head < m.Heads; head++)
                        foreach (var t in Linear($"{name}.q.{head}", m.Hidden, l.HeadSize + l.RotaryHeadSize, false, kind, active)) yield return t;
                }
                foreach (var t in Linear($"{name}.kv_a", m.Hidden, l.KeyValueRank + l.RotaryHeadSize, false, kind, active)) yield return t;
                foreach (var t in Norm($"{name}.kv_a_norm", l.KeyValueRank, kind, active, false)) yield return t;
                for (var head = 0; head < m.Heads; head++)
                {
                    foreach (var t in Linear($"{name}.k_b.{head}", l.KeyValueRank, l.HeadSize, false, kind, active)) yield return t;
                    foreach (var t in Linear($"{name}.v_b.{head}", l.KeyValueRank, l.ValueHeadSize, false, kind, active)) yield return t;
                    foreach (var t in Linear($"{name}.o.{head}", l.ValueHeadSize, m.Hidden, false, kind, active)) yield return t;
                }
                yield break;
            }
            var d = m.HeadSize ?? m.Hidden / m.Heads;
            var qkv = m.QueryKeyValueBiases ?? m.Biases;
            for (var head = 0; head < m.Heads; head++)
                foreach (var t in Linear($"{name}.q.{head}", m.Hidden, d, qkv, kind, active)) yield return t;
            for (var head = 0; head < (m.KeyValueHeads ?? m.Heads); head++)
            {
                foreach (var t in Linear($"{name}.k.{head}", m.Hidden, d, qkv, kind, active)) yield return t;
                foreach (var t in Linear($"{name}.v.{head}", m.Hidden, d, qkv, kind, active)) yield return t;
            }
            foreach (var t in Linear($"{name}.o", (long)m.Heads * d, m.Hidden, m.AttentionOutputBiases ?? m.Biases, kind, active)) yield return t;
            if (m.QueryKeyNorms)
            {
                yield return new($"{name}.q_norm.weight", kind, active, d);
                yield return new($"{name}.k_norm.weight", kind, active, d);
            }
            if (m.WholeQueryKeyNorms)
            {
                yield return new($"{name}.q_norm.weight", kind, active, m.Heads, d);
                yield return new($"{name}.k_norm.weight", kind, active, m.KeyValueHeads ?? m.Heads, d);
            }
            if (m.AttentionSinks) yield return new($"{name}.sinks", kind, active, m.Heads);
        }
        IEnumerable<Tensor> Block(string name, bool sparse, bool prediction)
        {
            ParameterClass As(ParameterClass kind) => prediction ? ParameterClass.Prediction : kind;
            var on = !prediction;
            foreach (var t in Attention($"{name}.attention", on, As(ParameterClass.Attention))) yield return t;
            for (var i = 0; i < m.BlockNorms; i++)
                foreach (var t in Norm($"{name}.norm.{i}", m.Hidden, As(ParameterClass.Norms), on)) yield return t;
            foreach (var t in sparse ? Mixture(name, prediction) : Mlp($"{name}.mlp", m.FeedForward, As(ParameterClass.DenseFeedForward), on)) yield return t;
        }
        IEnumerable<Tensor> Layer(string name, char letter, bool prediction)
        {
            ParameterClass As(ParameterClass kind) => prediction ? ParameterClass.Prediction : kind;
            foreach (var t in Norm($"{name}.norm", m.Hidden, As(ParameterClass.Norms), !prediction)) yield return t;
            var tensors = letter switch
            {
                '*' => Attention(name, !prediction, As(ParameterClass.Attention)),
                'E' => Mixture(name, prediction),
                '-' => Mlp(name, m.FeedForward, As(ParameterClass.DenseFeedForward), !prediction),
                _ => StateSpace(name, !prediction, As(ParameterClass.StateSpace)),
            };
            foreach (var t in tensors) yield return t;
        }
        IEnumerable<Tensor> StateSpace(string name, bool active, ParameterClass kind)
        {
            var s = m.StateSpace!;
            long values = (long)s.Heads * s.HeadSize, mixed = (long)s.Groups * s.StateSize;
            foreach (var (part, size) in new[] { ("z", values), ("x", values), ("B", mixed), ("C", mixed), ("dt", s.Heads) }) yield return new($"{name}.in_proj.{part}", kind, active, size, m.Hidden);
            foreach (var (part, size) in new[] { ("x", values), ("B", mixed), ("C", mixed) })
            {
                yield return new($"{name}.conv1d.{part}.weight", kind, active, size, 1, s.Convolution);
                yield return new($"{name}.conv1d.{part}.bias", kind, active, size);
            }
            foreach (var part in new[] { "A_log", "D", "dt_bias" }) yield return new($"{name}.{part}", kind, active, s.Heads);
            yield return new($"{name}.norm.weight", kind, active, values);
            yield return new($"{name}.out_proj.weight", kind, active, m.Hidden, values);
        }
        IEnumerable<Tensor> Mixture(string name, bool prediction)
        {
            ParameterClass As(ParameterClass kind) => prediction ? ParameterClass.Prediction : kind;
            var on = !prediction;
            var e = m.Experts!;
            if (e.LatentSize is { } latent)
            {
                foreach (var t in Linear($"{name}.into_latent", m.Hidden, latent, m.FeedForwardBiases ?? m.Biases, As(ParameterClass.Router), on)) yield return t;
                foreach (var t in Linear($"{name}.out_of_latent", latent, m.Hidden, m.FeedForwardBiases ?? m.Biases, As(ParameterClass.Router), on)) yield return t;
            }
            yield return new($"{name}.router.weight", As(ParameterClass.Router), on, e.Experts, m.Hidden);
            if (e.RouterBias) yield return new($"{name}.router.bias", As(ParameterClass.Router), on, e.Experts);
            for (var i = 0; i < e.Experts; i++)
                foreach (var t in Mlp($"{name}.experts.{i}", e.FeedForward, As(ParameterClass.Experts), on && i < e.PerToken, e.LatentSize)) yield return t;
            if (e.SharedFeedForward is { } together)
            {
                foreach (var t in Mlp($"{name}.shared", together, As(ParameterClass.SharedExperts), on)) yield return t;
            }
            else
            {
                for (var i = 0; i < e.Shared; i++)
                    foreach (var t in Mlp($"{name}.shared.{i}", e.FeedForward, As(ParameterClass.SharedExperts), on)) yield return t;
            }
            if (e.SharedGate) yield return new($"{name}.shared_gate.weight", As(ParameterClass.SharedExperts), on, 1, m.Hidden);
        }

        yield return new("embedding.weight", ParameterClass.Embedding, true, m.Vocabulary, m.Hidden);
        if (m.LearnedPositions > 0) yield return new("positions.weight", ParameterClass.Embedding, true, m.LearnedPositions, m.Hidden);
        if (m.EmbeddingNorm)
            foreach (var t in Norm("embedding_norm", m.Hidden, ParameterClass.Embedding)) yield return t;
        for (var layer = 0; layer < m.Layers; layer++)
            foreach (var t in m.Pattern is { } pattern ? Layer($"layers.{layer}", pattern[layer], prediction: false) : Block($"layers.{layer}", IsSparse(m, layer), prediction: false)) yield return t;
        foreach (var t in Norm("final_norm", m.Hidden, ParameterClass.Norms)) yield return t;
        if (!m.TiedEmbeddings) yield return new("output.weight", ParameterClass.Output, true, m.Vocabulary, m.Hidden);
        if (m.OutputBias) yield return new("output.bias", ParameterClass.Output, true, m.Vocabulary);
        for (var i = 0; i < m.PredictionBlocks; i++)
        {
            if (m.PredictionPattern is { } layers)
            {
                for (var layer = 0; layer < layers.Length; layer++)
                    foreach (var t in Layer($"mtp.{i}.{layer}", layers[layer], prediction: true)) yield return t;
            }
            else
            {
                foreach (var t in Block($"mtp.{i}", m.Experts is not null, prediction: true)) yield return t;
            }
            foreach (var t in Linear($"mtp.{i}.projection", 2L * m.Hidden, m.Hidden, false, ParameterClass.Prediction, active: false)) yield return t;
            foreach (var norm in new[] { "embedding_norm", "hidden_norm", "final_norm" })
                foreach (var t in Norm($"mtp.{i}.{norm}", m.Hidden, ParameterClass.Prediction, active: false)) yield return t;
        }
    }

    /// <summary>Whether a layer is a mixture: not among the dense ones at the start, and the last of its group behind them.</summary>
    public static bool IsSparse(TransformerModel m, int layer) =>
        m.Experts is { } e && layer >= e.DenseLayers && (layer - e.DenseLayers + 1) % e.Every == 0;
}
