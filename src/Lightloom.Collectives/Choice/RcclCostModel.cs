// RCCL's latency and bandwidth of each algorithm and protocol, where its selector differs from NCCL's. Latencies in us, bandwidths in GB/s.
//
//   t = lat + S / (1000 bw c)   c: a share by size; trees always, rings across nodes
//
//   n, N, p = n / N   ranks, nodes, ranks per node     W   all links of an accelerator as RCCL takes them: rings are preset, not searched,
//                                                          and their speed is W / rings on any count of nodes; cards don't enter
//   l, L     latency of a hop over xGMI, and across nodes
//   lat - base:  ring   (steps - x) max(l, post if N > 1) + x L, x = 2 (N - 1), and 2 more in 2.21.5, all-reduce, N - 1 gather and scatter; one hop broadcast and reduce
//                tree   2 ((p - 1) l + floor(log2 N) L)
//   bw:  W times the share of algorithm and protocol (fewer or more than two nodes), then from bus to algorithm: n / steps ring, 1/2 tree
//   off: LL128 (before gfx950), NVLS, CollNet, PAT; Tree/Simple on one node
//
// Example: 8 x MI300X all-reduce, W = 7 x 48 = 336: Ring/LL 12 + 14 x 0.8 = 23.2 us and 336 x 0.08 x 8/14 = 15.4 GB/s; Ring/Simple
//   17 + 14 x 2.1 = 46.4 us and 192 GB/s, which is 336 GB/s on the bus (published: 330 at 16 GiB). Ring/LL to 387 KB.
// Sources: RCCL 2.21.5 and its development branch, src/graph/tuning.cc.
using System.Numerics;
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives;

/// <summary>Fills RCCL's table for one machine.</summary>
sealed class RcclCostModel(NcclMachine machine, RcclTuning tuning, NcclGraphs graphs)
{
    readonly RcclGeneration known = tuning.Generation(machine.Generation);
    readonly int n = machine.Ranks;
    readonly int nodes = machine.Nodes;

    public NcclCell Cell(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        if (WhyOff(function, algorithm, protocol) is { } off) return new(0, 0, off);
        return new(Latency(function, algorithm, protocol), Bandwidth(function, algorithm, protocol), null);
    }

    string? WhyOff(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        if (algorithm is NcclAlgorithm.Nvls or NcclAlgorithm.NvlsTree) return "xGMI has no switches that reduce";
        if (algorithm is NcclAlgorithm.CollNetDirect or NcclAlgorithm.CollNetChain) return "reduction in the fabric is not described for this library";
        if (algorithm == NcclAlgorithm.Pat) return "not in this release";
        var tree = algorithm == NcclAlgorithm.Tree;
        if (tree && (function is NcclFunction.Broadcast or NcclFunction.Reduce)) return "only rings broadcast and reduce";
        if (tree && function != NcclFunction.AllReduce) return "not for gather and scatter";
        if (known.Collectives is { } described && !described.Contains(function)) return $"{DocumentShape.NameOf(function)} is not described for this generation";
        if (protocol == NcclProtocol.LL128 && !known.Ll128) return "LL128 is off on this generation";
        return tree && protocol == NcclProtocol.Simple && nodes == 1 ? "off on one node of this generation" : null;
    }

    double Steps(NcclFunction function) => function switch
    {
        NcclFunction.AllReduce => 2.0 * (n - 1),
        NcclFunction.AllGather or NcclFunction.ReduceScatter => n - 1,
        _ => n,
    };

    double Latency(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        var intra = tuning.HopLatency.Nvlink.Of(algorithm, protocol);
        var card = machine.NicLatency.Microseconds;
        // A card that states a latency replaces the table's; Simple flushes besides.
        var network = tuning.HopLatency.Network.Of(algorithm, protocol);
        var inter = (card > 0 ? card : network) + (protocol == NcclProtocol.Simple ? card : 0);
        var start = tuning.BaseLatency.Of(algorithm, protocol);
        if (algorithm == NcclAlgorithm.Tree) return start + 2 * ((machine.RanksPerNode - 1) * intra + BitOperations.Log2((uint)nodes) * inter);
        if (function is NcclFunction.Broadcast or NcclFunction.Reduce) return start + (nodes > 1 ? network : intra);
        var across = nodes == 1 ? 0 : function == NcclFunction.AllReduce ? 2 * (nodes - 1) + tuning.ExtraCrossings : nodes - 1;
        var posted = nodes > 1 ? Math.Max(intra, tuning.PostOverhead.Of(machine.Host, protocol)) : intra;
        return start + (Steps(function) - across) * posted + across * inter;
    }

    double Bandwidth(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        var shares = nodes <= 2 ? tuning.Shares.FewNodes : tuning.Shares.MoreNodes;
        var share = algorithm == NcclAlgorithm.Tree ? shares.Tree : shares.Ring;
        var bus = graphs.Ring.Total.GigabytesPerSecond * share.Of(protocol);
        if (algorithm == NcclAlgorithm.Tree) return bus / 2;
        if (protocol == NcclProtocol.LL && nodes == 1 && (function is NcclFunction.Broadcast or NcclFunction.Reduce)) bus *= tuning.OneNodeBroadcastLl;
        return bus * n / Steps(function);
    }
}
