using CsCheck;
using Lightloom.Catalog;

namespace Lightloom.Workloads.Tests;

/// <summary>Small models of every kind that there is, at random.</summary>
static class RandomModels
{
    static readonly Gen<LatentAttention> Latent = Gen.Select(Gen.Int[0, 5], Gen.Int[1, 6], Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 4],
        (q, kv, d, r, v) => new LatentAttention { QueryRank = q, KeyValueRank = kv, HeadSize = d, RotaryHeadSize = r, ValueHeadSize = v });

    static readonly Gen<ExpertLayers> Experts = Gen.Select(
        Gen.Select(Gen.Int[2, 6], Gen.Int[1, 6], Gen.Int[1, 9], Gen.Int[0, 3]), Gen.Select(Gen.Int[0, 4], Gen.Int[1, 3], Gen.Int[0, 12]), Gen.Select(Gen.Bool, Gen.Bool),
        (sizes, layers, flags) =>
        {
            var shared = layers.Item3 > 8 ? Math.Max(1, sizes.Item4) : sizes.Item4;
            return new ExpertLayers
            {
                Experts = sizes.Item1,
                PerToken = Math.Min(sizes.Item1, sizes.Item2),
                FeedForward = sizes.Item3,
                Shared = shared,
                SharedFeedForward = layers.Item3 > 8 ? layers.Item3 : null,
                SharedGate = flags.Item2 && shared > 0,
                RouterBias = flags.Item1,
                DenseLayers = layers.Item1,
                Every = layers.Item2,
            };
        });

    static readonly Gen<LocalAttention?> Local = Gen.Select(Gen.Int[0, 2], Gen.Int[1, 12], Gen.Int[0, 3], Gen.Int[-1, 3], (kind, window, every, full) => kind == 2 ? null
        : new LocalAttention { Window = window, Kind = (LocalAttentionKind)kind, FullEvery = full >= 0 ? 0 : every, FullLayers = full >= 0 ? full : null });

    /// <summary>Models that keep every rule, of at most a few thousand parameters.</summary>
    public static Gen<TransformerModel> All { get; } = Gen.Select(
        Gen.Select(Gen.Int[1, 7], Gen.Int[1, 4], Gen.Int[1, 3], Gen.Int[1, 4], Gen.Int[1, 9]),
        Gen.Select(Gen.Int[1, 20], Gen.Int[0, 5], Gen.Int[0, 2], Gen.Int[1, 4], Gen.Int[0, 4]),
        Gen.Select(Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool, Gen.Bool),
        Gen.Select(Gen.Bool.Nullable(), Gen.Bool.Nullable(), Gen.Bool.Nullable(), Gen.Bool.Nullable()),
        Latent, Experts, Local,
        (a, b, flags, biases, latent, experts, local) =>
        {
            var (layers, groups, shared, d, inner) = a;
            var (vocabulary, positions, prediction, norms, choice) = b;
            var model = new TransformerModel
            {
                Name = "random",
                Layers = layers,
                Hidden = groups * shared * (choice % 2 == 0 ? d : 3),
                Heads = groups * shared,
                KeyValueHeads = choice == 4 ? null : groups,
                HeadSize = choice % 2 == 0 ? null : d,
                Latent = choice == 3 ? latent : null,
                Local = local is { FullLayers: { } full } && full > layers ? local with { FullLayers = layers } : local,
                Bidirectional = flags.Item7,
                FeedForward = inner,
                Activation = flags.Item1 ? FeedForwardKind.SwiGlu : FeedForwardKind.Gelu,
                Experts = choice >= 2 ? experts with { Every = Math.Min(experts.Every, layers) } : null,
                Vocabulary = vocabulary,
                LearnedPositions = positions,
                TiedEmbeddings = flags.Item2,
                Biases = flags.Item3,
                QueryKeyNorms = flags.Item4,
                WholeQueryKeyNorms = flags.Item4 != flags.Item6,
                AttentionSinks = flags.Item5,
                EmbeddingNorm = flags.Item6,
                OutputBias = flags.Item1 != flags.Item3,
                NormBiases = biases.Item1,
                QueryKeyValueBiases = biases.Item2,
                AttentionOutputBiases = biases.Item3,
                FeedForwardBiases = biases.Item4,
                BlockNorms = norms,
                PredictionBlocks = prediction,
                Sequence = 16,
            };
            return model;
        });

    static readonly Gen<string> Letters = Gen.Char["M*-E"].Array[1, 9].Select(letters => new string(letters));

    /// <summary>Models whose layers stand in a pattern, and that keep every rule.</summary>
    public static Gen<TransformerModel> Patterns { get; } = Gen.Select(All, Letters, Letters, Experts, Gen.Select(Gen.Int[1, 3], Gen.Int[1, 3], Gen.Int[1, 4], Gen.Int[1, 5], Gen.Int[1, 4]), Gen.Int[0, 2],
        (model, pattern, after, experts, space, latent) =>
        {
            var blocks = model.PredictionBlocks > 2 ? 0 : model.PredictionBlocks;
            var all = blocks > 0 ? pattern + after : pattern;
            return model with
            {
                Layers = pattern.Length,
                Pattern = pattern,
                PredictionBlocks = blocks,
                PredictionPattern = blocks > 0 ? after : null,
                Local = null,
                BlockNorms = 2,
                Experts = all.Contains('E') ? experts with { DenseLayers = 0, Every = 1, LatentSize = latent == 0 ? null : Math.Min(latent, model.Hidden) } : null,
                StateSpace = all.Contains('M') ? new() { Heads = space.Item1 * space.Item2, Groups = space.Item2, HeadSize = space.Item3, StateSize = space.Item4, Convolution = space.Item5 } : null,
            };
        });
}
