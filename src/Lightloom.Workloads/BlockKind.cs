using Lightloom.Catalog;

namespace Lightloom.Workloads;

/// <summary>What a block, or a layer of a pattern, consists of.</summary>
public enum BlockKind
{
    /// <summary>A transformer block: attention and a feed-forward layer.</summary>
    Dense,

    /// <summary>A transformer block with a mixture of experts in place of the feed-forward layer.</summary>
    Sparse,

    /// <summary>A layer of a pattern with attention alone (*).</summary>
    Attention,

    /// <summary>A layer of a pattern with a mixture of experts alone (E).</summary>
    Experts,

    /// <summary>A layer of a pattern with a state space (M).</summary>
    StateSpace,

    /// <summary>A layer of a pattern with a feed-forward layer alone (-).</summary>
    FeedForward,
}

/// <summary>Kinds of blocks by what they consist of.</summary>
static class BlockKinds
{
    /// <summary>Whether it stands for a whole block, with attention and what follows it.</summary>
    public static bool IsBlock(this BlockKind kind) => kind <= BlockKind.Sparse;

    /// <summary>Whether it has attention.</summary>
    public static bool HasAttention(this BlockKind kind) => kind <= BlockKind.Attention;

    /// <summary>Whether it has experts, where the model has any.</summary>
    public static bool HasExperts(this BlockKind kind) => kind is BlockKind.Sparse or BlockKind.Experts;

    /// <summary>Whether it has a feed-forward layer, be it a mixture.</summary>
    public static bool HasFeedForward(this BlockKind kind) => kind is not (BlockKind.Attention or BlockKind.StateSpace);

    /// <summary>Norms before its parts.</summary>
    public static int Norms(this BlockKind kind, TransformerModel model) => kind.IsBlock() ? model.BlockNorms : 1;

    /// <summary>The kinds of a model's blocks: dense ones and mixtures, or a pattern's attention and mixtures, with state spaces and feed-forward layers besides.</summary>
    public static (BlockKind First, BlockKind Second) Of(TransformerModel model) =>
        model.Pattern is null ? (BlockKind.Dense, BlockKind.Sparse) : (BlockKind.Attention, BlockKind.Experts);
}

/// <summary>
/// Blocks of a part of a model by kind. Blocks are dense (first) or mixtures (second); layers of a pattern attention (first), mixtures (second), state spaces (third) or
/// feed-forward layers (fourth).
/// </summary>
/// <param name="Blocks">All of them.</param>
/// <param name="First">Dense blocks, or attention layers.</param>
/// <param name="Third">State space layers.</param>
/// <param name="Fourth">Feed-forward layers.</param>
readonly record struct BlockCounts(int Blocks, int First, int Third = 0, int Fourth = 0)
{
    /// <summary>Mixtures.</summary>
    public int Second => Blocks - First - Third - Fourth;

    /// <summary>Both parts together.</summary>
    public static BlockCounts operator +(in BlockCounts a, in BlockCounts b) => new(a.Blocks + b.Blocks, a.First + b.First, a.Third + b.Third, a.Fourth + b.Fourth);

    /// <summary>One part less another.</summary>
    public static BlockCounts operator -(in BlockCounts a, in BlockCounts b) => new(a.Blocks - b.Blocks, a.First - b.First, a.Third - b.Third, a.Fourth - b.Fourth);

    /// <summary>The layers of a pattern.</summary>
    public static BlockCounts Of(ReadOnlySpan<char> pattern) => new(pattern.Length, pattern.Count('*'), pattern.Count('M'), pattern.Count('-'));
}
