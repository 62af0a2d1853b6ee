// Which part of the model stands on which rank of a pipeline.
//
//   position k = 0 .. S - 1: the k-th part of the model in the order in which a microbatch passes them
//   line            S = p     rank k                                            (GPipe, 1F1B, ZB-H1, ZB-H2)
//   loop            S = p·v   rank k mod p, chunk ⌊k / p⌋                       (interleaved 1F1B)
//   V               S = 2p    rank k on chunk 0 down, rank 2p - 1 - k on chunk 1 back (ZB-V, V-half, V-min, DualPipeV)
//   two directions  S = p     the first half of the microbatches: rank k, chunk 0; the second half: rank p - 1 - k, chunk 1
//                             (DualPipe; each rank holds two positions, each position stands on two ranks)
//
// Worked example, p = 4, V: position 5 is chunk 1 of rank 2; ranks 0 and 3 each hold positions (0, 7) and (3, 4).

namespace Lightloom.Workloads.Pipelines;

/// <summary>The way of a microbatch over the ranks of a pipeline.</summary>
public enum PipelinePath
{
    /// <summary>Once over all ranks.</summary>
    Line,

    /// <summary>Around all ranks, once for each chunk.</summary>
    Loop,

    /// <summary>Down all ranks and back again.</summary>
    V,

    /// <summary>Half of the microbatches from each end, on two copies of the model.</summary>
    TwoDirections,
}

/// <summary>Places the parts of a model on the ranks of a pipeline; see the equations at the head of this file.</summary>
/// <param name="Path">The way of a microbatch.</param>
/// <param name="Ranks">Ranks of the pipeline.</param>
/// <param name="Chunks">Model chunks of each rank.</param>
public readonly record struct PipelinePlacement(PipelinePath Path, int Ranks, int Chunks)
{
    /// <summary>Parts that the model is cut into.</summary>
    public int Positions => Path == PipelinePath.TwoDirections ? Ranks : Ranks * Chunks;

    /// <summary>The position that a chunk of a rank is.</summary>
    public int PositionOf(int rank, int chunk) => Path switch
    {
        PipelinePath.V => chunk == 0 ? rank : (2 * Ranks) - 1 - rank,
        PipelinePath.TwoDirections => chunk == 0 ? rank : Ranks - 1 - rank,
        _ => (chunk * Ranks) + rank,
    };

    /// <summary>The rank on which a microbatch passes a position.</summary>
    /// <param name="position">The position.</param>
    /// <param name="direction">1 for a microbatch of the second half where there are two directions, otherwise 0.</param>
    public int RankOf(int position, int direction = 0) => Path switch
    {
        PipelinePath.V => position < Ranks ? position : (2 * Ranks) - 1 - position,
        PipelinePath.TwoDirections => direction == 0 ? position : Ranks - 1 - position,
        _ => position % Ranks,
    };
}
