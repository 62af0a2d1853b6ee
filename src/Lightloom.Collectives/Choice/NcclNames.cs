using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives;

/// <summary>The collectives for which NCCL chooses an algorithm. All-to-all and send/recv go from peer to peer and have none to choose.</summary>
public enum NcclFunction
{
    /// <summary>All-reduce; its size is the buffer of one rank.</summary>
    AllReduce,

    /// <summary>All-gather; its size is the whole, all shards together.</summary>
    AllGather,

    /// <summary>Reduce-scatter; its size is the whole, all shards together.</summary>
    ReduceScatter,

    /// <summary>Broadcast; its size is the root's buffer.</summary>
    Broadcast,

    /// <summary>Reduce; its size is the buffer of one rank.</summary>
    Reduce,
}

/// <summary>NCCL's algorithms, in the order in which its selector tries them.</summary>
public enum NcclAlgorithm
{
    /// <summary>A chain inside each node, a double binary tree across nodes.</summary>
    Tree,

    /// <summary>Neighbours in rings, one per channel.</summary>
    Ring,

    /// <summary>Reduction in the fabric's switches; ranks send straight to the head of each network card.</summary>
    CollNetDirect,

    /// <summary>Reduction in the fabric's switches; ranks of a node in a chain.</summary>
    CollNetChain,

    /// <summary>Reduction in NVLink switches (NVLink SHARP), and in the fabric's where there are several nodes.</summary>
    Nvls,

    /// <summary>Reduction in NVLink switches, a tree across nodes.</summary>
    NvlsTree,

    /// <summary>Parallel aggregated trees: all-gather and reduce-scatter in logarithmic steps, for one rank per node.</summary>
    Pat,
}

/// <summary>How NCCL moves data and its flags, in the order in which its selector tries them.</summary>
public enum NcclProtocol
{
    /// <summary>Four bytes of flag with four of data: least latency, at most half the bandwidth.</summary>
    [DocumentName("ll")]
    LL,

    /// <summary>Eight bytes of flag in each line of 128.</summary>
    [DocumentName("ll128")]
    LL128,

    /// <summary>Large chunks with a fence behind each: full bandwidth, most latency.</summary>
    Simple,
}

/// <summary>Kinds of paths between GPUs or from a GPU to a network card, nearest first.</summary>
public enum NcclPath
{
    /// <summary>NVLink.</summary>
    NvLink,

    /// <summary>One PCIe switch.</summary>
    Pix,

    /// <summary>Several PCIe switches, not the processor.</summary>
    Pxb,

    /// <summary>Over NVLink to a GPU beside the network card.</summary>
    Pxn,

    /// <summary>Through the processor's PCIe root.</summary>
    Phb,

    /// <summary>Across processors.</summary>
    Sys,
}

/// <summary>Who makes the hosts' processors; NCCL's bounds of the LL protocol and its overheads differ by it.</summary>
public enum NcclHost
{
    /// <summary>Intel.</summary>
    Intel,

    /// <summary>AMD, or a mixture.</summary>
    Amd,

    /// <summary>Arm, such as Grace.</summary>
    Arm,

    /// <summary>POWER.</summary>
    Power,
}
