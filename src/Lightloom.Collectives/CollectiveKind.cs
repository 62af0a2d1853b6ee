namespace Lightloom.Collectives;

/// <summary>What a collective does, and what its size means (the convention of nccl-tests).</summary>
public enum CollectiveKind
{
    /// <summary>Every rank ends with the sum; the size S is the buffer of one rank.</summary>
    AllReduce,

    /// <summary>Every rank ends with everybody's shard; the size S is the whole, n shards of S/n.</summary>
    AllGather,

    /// <summary>Every rank ends with its shard of the sum; the size S is the whole, n shards of S/n.</summary>
    ReduceScatter,

    /// <summary>Every rank sends a different part to every rank; the size S is what one rank holds, its own S/n included.</summary>
    AllToAll,

    /// <summary>Every rank ends with the root's buffer of S.</summary>
    Broadcast,

    /// <summary>Every rank sends S to its successor and receives S from its predecessor.</summary>
    SendReceive,

    /// <summary>The root ends with the sum; the size S is the buffer of one rank.</summary>
    Reduce,

    /// <summary>The root ends with everybody's shard; the size S is the whole, n shards of S/n.</summary>
    Gather,

    /// <summary>Every rank ends with its shard of the root's buffer; the size S is the whole, n shards of S/n.</summary>
    Scatter,
}
