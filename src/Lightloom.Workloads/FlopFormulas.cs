// Floating-point operations to train one token (forward and backward), as those count them who publish rates. One token of a
// sequence of s; L layers, h hidden, H heads of Q, V vocabulary, N all active parameters, W = 2·H·Q (keys and values of all heads).
//
//   6N                     6·N                                       Kaplan et al. 2020, Hoffmann et al. 2022, Llama 3
//   6N without embedding   6·(N less the input embedding)            the same, as counted by torchtitan and others
//   needed                 6·(matrices) + 6·L·W·n                    n: tokens that the mask lets through (ModelSize.cs)
//   all pairs              6·(matrices) + 6·L·W·s
//   PaLM                   6·N + 12·L·H·Q·s                          Chowdhery et al. 2022, appendix B
//   Megatron 2021          96·L·h²·(1 + s/(6h) + V/(16·L·h))         Narayanan et al. 2021, equation 3: forward again is counted
//   Korthikanti 2022       72·L·h²·(1 + s/(6h) + V/(12·L·h))         model;  1 + s/(3h) + ... with the scores computed again
//   Megatron-LM            6·(matrices + norms of latent ranks) + 6·L·W·s/2 + prediction blocks with an output layer each
//     layers of a pattern  6·(M·(h·(4h + 2·G·N + H) + 3.5·2h·N + 2h·h) + A·(2·h·q·(1 + k/q) + q·s) + F·2·h·f + E·(2·w·fe·k + 2·h·w + 2·h·fs)) and output
//                          layers, prediction blocks among all of them, whose joining projections and norms aren't counted; 2h stands for d whatever d is
//   hardware               needed + what is computed again: a forward pass, or attention's core
//   Calculon               of one block on one tensor rank: matrices, norms 30, softmax 13, GELU 21, dropout 2, ... and Adam
//
// Worked example, PaLM 540B (L 118, H 48, Q 256, N 540.36e9), s 2048: 6·N = 3,242.2e9; 12·118·48·256·2048 = 35.6e9. At 238,300
// tokens/s on 6,144 chips of 275 TFLOP/s that is a utilisation of 46.2 %, and 45.7 % without attention, as published.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>One way to count, applied to a model and a sequence.</summary>
/// <param name="Key">Its name in JSON, in kebab-case.</param>
/// <param name="Title">What it is called.</param>
/// <param name="PerToken">Operations to train one token.</param>
/// <param name="Equation">The equation.</param>
/// <param name="Source">Who counts so.</param>
public readonly record struct FlopCount(string Key, string Title, ComputeWork PerToken, string Equation, string Source);

/// <summary>The floating-point operations of training, by the conventions in use; see the equations at the head of this file.</summary>
public static class FlopFormulas
{
    /// <summary>Every count that is of whole tokens, in the order of the head of this file.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    public static IReadOnlyList<FlopCount> All(ModelSize model, int sequence)
    {
        ArgumentNullException.ThrowIfNull(model);
        return
        [
            new("six-n", "6N", SixPerParameter(model), "6·N, all active parameters", "Kaplan et al. 2020; Hoffmann et al. 2022"),
            new("six-n-matrices", "6N, matrices", model.PerToken(sequence, FlopConvention.SixTimesParameters), "6·(N less the input embedding, the output layer counted)", "torchtitan, nanoGPT"),
            new("needed", "needed", model.PerToken(sequence, FlopConvention.Model), "6·matrices + 6·L·W·n, n tokens behind the mask", "Llama 3 report; here the default"),
            new("all-pairs", "all pairs", model.PerToken(sequence, FlopConvention.ModelFullAttention), "6·matrices + 6·L·W·s", "torchtitan's MFU"),
            new("palm", "PaLM", Palm(model, sequence), "6·N + 12·L·H·Q·s", "Chowdhery et al. 2022, appendix B"),
            new("megatron-lm", "Megatron-LM", MegatronLm(model, sequence), "6·matrices + 6·L·W·s/2 + prediction blocks", "Megatron-LM, num_floating_point_operations, 2025"),
            new("megatron-2021", "Megatron 2021, hardware", Megatron2021Hardware(model, sequence), "96·L·h²·(1 + s/6h + V/16Lh)", "Narayanan et al. 2021, equation 3"),
            new("korthikanti-2022", "Korthikanti 2022, model", Korthikanti2022(model, sequence), "72·L·h²·(1 + s/6h + V/12Lh)", "Korthikanti et al. 2022, appendix A"),
            new("korthikanti-2022-selective", "Korthikanti 2022, hardware", Korthikanti2022Selective(model, sequence), "72·L·h²·(1 + s/3h + V/12Lh)", "Korthikanti et al. 2022, appendix A"),
            new("hardware-selective", "hardware, selective", Hardware(model, sequence, Recomputation.Selective), "needed + attention's core again", "Korthikanti et al. 2022"),
            new("hardware-full", "hardware, full", Hardware(model, sequence, Recomputation.Full), "needed + the blocks' forward again", "Narayanan et al. 2021"),
        ];
    }

    /// <summary>Whether the closed forms of 2021 and 2022 were made for such a model: plain multi-head attention of the hidden size, two matrices of four times it, no experts.</summary>
    /// <param name="model">The model.</param>
    public static bool ClosedFormsApply(ModelSize model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var m = model.Model;
        return m is { Pattern: null, Latent: null, Experts: null, Activation: FeedForwardKind.Gelu } && m.FeedForward == 4L * m.Hidden &&
            model.KeyValueHeads == m.Heads && (long)m.Heads * model.HeadSize == m.Hidden;
    }

    /// <summary>6 for each active parameter, embedding included: the "6ND" of scaling laws and of published compute budgets.</summary>
    /// <param name="model">The model.</param>
    public static ComputeWork SixPerParameter(ModelSize model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ComputeWork.FromFlop(6 * model.ActiveParameters);
    }

    /// <summary>PaLM's model FLOPs: 6 for each active parameter and 12·L·H·Q·s for attention over all pairs (Chowdhery et al. 2022, appendix B).</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    public static ComputeWork Palm(ModelSize model, int sequence)
    {
        ArgumentNullException.ThrowIfNull(model);
        return ComputeWork.FromFlop((6 * model.ActiveParameters) + (6 * model.AttentionWidth * sequence * model.AttentionLayers));
    }

    /// <summary>Narayanan et al. 2021, equation 3: forward, backward and the forward pass again, of a GPT with 4h inner size.</summary>
    /// <param name="model">The model; layers, hidden size and vocabulary are used.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    public static ComputeWork Megatron2021Hardware(ModelSize model, int sequence) => Closed(model, 96, sequence / 6.0, 16);

    /// <summary>Korthikanti et al. 2022: model FLOPs, forward and backward, of a GPT with 4h inner size.</summary>
    /// <param name="model">The model; layers, hidden size and vocabulary are used.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    public static ComputeWork Korthikanti2022(ModelSize model, int sequence) => Closed(model, 72, sequence / 6.0, 12);

    /// <summary>Korthikanti et al. 2022: hardware FLOPs when the scores are computed again in the backward pass.</summary>
    /// <param name="model">The model; layers, hidden size and vocabulary are used.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    public static ComputeWork Korthikanti2022Selective(ModelSize model, int sequence) => Closed(model, 72, sequence / 3.0, 12);

    /// <summary>
    /// What Megatron-LM prints (<c>num_floating_point_operations</c>, 2025): matrices, half of all pairs in every layer whatever its
    /// window, prediction blocks with an output layer each; norms of latent ranks count as a column, other norms and the router don't.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    public static ComputeWork MegatronLm(ModelSize model, int sequence)
    {
        ArgumentNullException.ThrowIfNull(model);
        var m = model.Model;
        if (m.Pattern is not null) return MegatronHybrid(model, sequence);
        double h = m.Hidden, matrices = m.Activation == FeedForwardKind.SwiGlu ? 3 : 2, blocks = m.PredictionBlocks * m.PredictionRepeats;
        double attention;
        if (m.Latent is { } l)
        {
            double keys = l.HeadSize + l.RotaryHeadSize;
            attention = (l.QueryRank > 0 ? l.QueryRank * (h + (m.Heads * keys) + 1) : h * m.Heads * keys) +
                (l.KeyValueRank * (h + ((double)m.Heads * (l.HeadSize + l.ValueHeadSize)) + 1)) + (h * l.RotaryHeadSize) + ((double)m.Heads * l.ValueHeadSize * h);
        }
        else
        {
            double q = (double)m.Heads * model.HeadSize, k = (double)model.KeyValueHeads * model.HeadSize;
            attention = (h * (q + (2 * k))) + (q * h);
        }
        attention += model.AttentionWidth * sequence / 2;
        // A prediction block is as the last layer.
        double sparse = m.Layers - model.DenseLayers + (m.Experts is null ? 0 : blocks), dense = model.DenseLayers + (m.Experts is null ? blocks : 0);
        var visited = ((double)(m.Experts?.PerToken ?? 0) * (m.Experts?.FeedForward ?? 0)) + model.SharedFeedForward;
        var feedForward = h * matrices * ((dense * m.FeedForward) + (sparse * visited));
        if (m.Experts?.LatentSize is { } l1) feedForward += sparse * ((matrices * (l1 - h) * m.Experts.PerToken * m.Experts.FeedForward) + (2 * h * l1));
        return ComputeWork.FromFlop(6 * (feedForward + ((m.Layers + blocks) * attention) + (blocks * ((3 * h) + (2 * h * h))) + (h * m.Vocabulary * (blocks + 1))));
    }

    /// <summary>What Megatron-LM prints of layers in a pattern (<c>hybrid_flops</c>, 2025 and 2026).</summary>
    static ComputeWork MegatronHybrid(ModelSize model, int sequence)
    {
        var m = model.Model;
        double h = m.Hidden, matrices = m.Activation == FeedForwardKind.SwiGlu ? 3 : 2, repeats = m.PredictionBlocks * m.PredictionRepeats;
        var (main, more) = (model.Counts, model.Prediction);
        double Layers(int own, int predicted) => own + (repeats * predicted);
        double q = (double)m.Heads * model.HeadSize, shared = (double)model.KeyValueHeads / m.Heads;
        var attention = (2 * q * h * (1 + shared)) + (q * sequence);
        var feedForward = matrices * h * m.FeedForward;
        var experts = 0.0;
        if (m.Experts is { } e)
            experts = (matrices * model.ExpertHidden * (double)e.FeedForward * e.PerToken) + (e.LatentSize is { } space ? 2 * h * space : 0) + (matrices * h * model.SharedFeedForward);
        var scanned = 0.0;
        if (m.StateSpace is { } s)
        {
            // Its scan was estimated for kernels before Mamba-2's, and for values of twice the hidden size whatever they are.
            var values = 2 * h;
            scanned = (h * ((2 * values) + (2.0 * s.Groups * s.StateSize) + s.Heads)) + (3.5 * values * s.StateSize) + (values * h);
        }
        var layers = (Layers(main.First, more.First) * attention) + (Layers(main.Second, more.Second) * experts) + (Layers(main.Third, more.Third) * scanned) + (Layers(main.Fourth, more.Fourth) * feedForward);
        return ComputeWork.FromFlop(6 * (layers + (h * m.Vocabulary * (1 + repeats))));
    }

    /// <summary>What the accelerators really do: what is needed, and what a recomputation does again.</summary>
    /// <param name="model">The model.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    /// <param name="recomputation">Full computes the blocks' forward again, selective attention's core.</param>
    public static ComputeWork Hardware(ModelSize model, int sequence, Recomputation recomputation)
    {
        ArgumentNullException.ThrowIfNull(model);
        var needed = model.PerToken(sequence, FlopConvention.Model);
        var core = 2 * model.AttentionWidth * model.MeanPairs(sequence) * model.AttentionLayers;
        var output = 2.0 * model.Model.Vocabulary * model.Model.Hidden;
        return recomputation switch
        {
            Recomputation.Full => needed + ComputeWork.FromFlop((needed.Flop / 3) - output),
            Recomputation.Selective => needed + ComputeWork.FromFlop(core),
            _ => needed,
        };
    }

    /// <summary>
    /// Calculon's <c>useful_flops</c> (calculon-ai/calculon, 2024): one block, one microbatch, one tensor rank, forward, backward and
    /// optimiser, element-wise work and the sums of its collectives included; no embedding, no output layer, attention over all pairs.
    /// </summary>
    /// <param name="model">A model with multi-head attention and two feed-forward matrices, which is all that Calculon knows.</param>
    /// <param name="sequence">Tokens of a sequence.</param>
    /// <param name="microBatch">Sequences of a microbatch.</param>
    /// <param name="tensor">Tensor ranks.</param>
    /// <param name="sequenceParallel">Whether norms, dropout and residuals are split too.</param>
    /// <param name="optimizerShards">Ranks that share the optimiser's work.</param>
    public static ComputeWork CalculonBlock(ModelSize model, int sequence, int microBatch, int tensor, bool sequenceParallel, int optimizerShards = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentOutOfRangeException.ThrowIfLessThan(tensor, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(optimizerShards, 1);
        var m = model.Model;
        double tokens = (double)microBatch * sequence, h = m.Hidden, tp = tensor;
        double stream = tokens * h, part = sequenceParallel ? stream / tp : stream, scores = tokens * sequence * m.Heads / tp;
        double q = (double)m.Heads * model.HeadSize, weights = ((4 * h * q) + (2 * h * m.FeedForward)) / tp;
        var multiplied = 3 * ((2 * tokens * weights) + (4 * scores * model.HeadSize));
        // Twice a block: fork 2, norm 9 + 14 + 7, dropout 1 + 1, residual 1 + 2. Three uses of attention's input; four sums.
        var alongStream = (2 * part * (2 + 30 + 2 + 3)) + (3 * stream) + (4 * stream * (tp - 1) / tp);
        var elementwise = alongStream + (scores * (5 + 8 + 2)) + (tokens * m.FeedForward / tp * (8 + 13));
        // It knows no biases; two norms with biases are whole on each rank.
        var held = weights + (4 * h);
        return ComputeWork.FromFlop(multiplied + elementwise + (11 * held / optimizerShards));
    }

    static ComputeWork Closed(ModelSize model, double factor, double pairs, double output)
    {
        ArgumentNullException.ThrowIfNull(model);
        double l = model.Model.Layers, h = model.Model.Hidden, v = model.Model.Vocabulary;
        return ComputeWork.FromFlop(factor * l * h * h * (1 + (pairs / h) + (v / (output * l * h))));
    }
}
