// NCCL's latency and bandwidth of each algorithm and protocol, as its selector composes them. Latencies in us, bandwidths in GB/s.
//
//   t = lat + S / (1000 bw)     S in bytes: the buffer for all-reduce, broadcast and reduce, all shards for all-gather and reduce-scatter
//
//   n, N, p = n / N   ranks, nodes, ranks per node      c, s   channels and their speed (NcclGraph)
//   steps    2 (n - 1) all-reduce, n - 1 all-gather and reduce-scatter, n broadcast and reduce
//   l, L     latency of a hop inside a node, and across (the card's own latency added; twice with Simple, which flushes)
//
//   lat - base:  ring     (steps - x) max(l, post if N > 1) + x L, x = 2 (N - 1) all-reduce, N - 1 gather and scatter
//                tree     2 ((p - 1) l + floor(log2 N) L)
//                NVLS     l, + L if N > 1        NVLSTree   l + 2 floor(log2 N) L
//                CollNetDirect  2 (min(1, p - 1) l + 0.4 (p - 1)) + L     CollNetChain  2 (p - 1) l + L
//                PAT      floor(log2 N) L / 3.5 + 2.8 n
//   bw:  c s, times the protocol's share, at most the generation's caps; then from bus to algorithm: n / steps for ring, NVLS and
//        NVLSTree, 1/2 for tree and CollNet all-reduce. s is the speed inside a node for N <= 2 and CollNet, across nodes for more.
//
// Example: 8 x H100 all-reduce: Ring/LL 6.6 + 14 x 0.6 = 15.0 us and min(141, 180) x 8/14 = 80.6 GB/s;
//          NVLS 25 us and 8 x 40 x 0.85 x 7/8 x 2 x 8/14 = 272 GB/s: Ring/LL to 1 MiB, NVLS from 2 MiB.
using System.Numerics;

namespace Lightloom.Collectives;

/// <summary>Latency and bandwidth of one algorithm with one protocol, before corrections by size.</summary>
/// <param name="Latency">Latency, µs.</param>
/// <param name="Bandwidth">Algorithm bandwidth, GB/s; 0 where it is off.</param>
/// <param name="Off">Why it is off, or null.</param>
readonly record struct NcclCell(double Latency, double Bandwidth, string? Off);

/// <summary>Fills the selector's table for one machine.</summary>
sealed class NcclCostModel(NcclMachine machine, NcclTuning tuning, NcclGraphs graphs)
{
    readonly NcclGeneration generation = tuning.Generation(machine.Generation);
    readonly NcclFactors factors = tuning.Factors;
    readonly int n = machine.Ranks;
    readonly int nodes = machine.Nodes;
    readonly int local = machine.RanksPerNode;

    public NcclCell Cell(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        if (WhyOff(function, algorithm, protocol) is { } off) return new(0, 0, off);
        var bandwidth = Bandwidth(function, algorithm, protocol);
        return bandwidth > 0 ? new(Latency(function, algorithm, protocol), bandwidth, null) : new(0, 0, "no bandwidth on this generation");
    }

    string? WhyOff(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        var gather = function is NcclFunction.AllGather or NcclFunction.ReduceScatter;
        if (function is NcclFunction.Broadcast or NcclFunction.Reduce && algorithm != NcclAlgorithm.Ring) return "only rings broadcast and reduce";
        if (gather && algorithm is NcclAlgorithm.Tree or NcclAlgorithm.CollNetChain or NcclAlgorithm.NvlsTree && gather) return "not for gather and scatter";
        if (algorithm == NcclAlgorithm.Pat && !gather) return "only for gather and scatter";
        if (algorithm == NcclAlgorithm.Pat && local > 1) return "only with one GPU per node";
        if (algorithm == NcclAlgorithm.Pat && nodes < 2) return "only across nodes";
        if (algorithm is NcclAlgorithm.CollNetDirect or NcclAlgorithm.CollNetChain || (algorithm == NcclAlgorithm.Nvls && nodes > 1))
        {
            if (nodes == 1) return "only across nodes";
            if (!machine.FabricReduction) return "no reduction in the fabric (SHARP) enabled";
        }
        if (algorithm == NcclAlgorithm.CollNetDirect && !machine.Switched) return "needs NVSwitch";
        if (algorithm is NcclAlgorithm.CollNetDirect or NcclAlgorithm.Nvls && gather && nodes > 1)
        {
            if (!machine.FabricGather) return "the fabric's plugin lacks gather and scatter";
            if (machine.Nics < local) return "needs a network card for each GPU";
        }
        if (algorithm is NcclAlgorithm.Nvls or NcclAlgorithm.NvlsTree)
        {
            if (algorithm == NcclAlgorithm.NvlsTree && nodes == 1) return "only across nodes";
            if (generation.NvlsEfficiency <= 0) return "this generation has no NVLink SHARP";
            if (!machine.InSwitchReduction) return "no reduction in the NVLink switches";
            if (graphs.Nvls.Channels < 2) return "needs two channels";
        }
        if (protocol != NcclProtocol.Simple && algorithm is not (NcclAlgorithm.Tree or NcclAlgorithm.Ring)) return "only with Simple";
        if (protocol == NcclProtocol.LL128)
        {
            if (local > 1 && machine.IntraPath > NcclPath.NvLink) return "LL128 needs NVLink inside the node";
            if (nodes > 1 && machine.InterPath > generation.Ll128Reach) return "LL128 needs a nearer network card";
        }
        return graphs.Of(algorithm).Channels == 0 ? "no channel fits" : null;
    }

    double Steps(NcclFunction function) => function switch
    {
        NcclFunction.AllReduce => 2.0 * (n - 1),
        NcclFunction.AllGather or NcclFunction.ReduceScatter => n - 1,
        _ => n,
    };

    double Latency(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        var hops = tuning.HopLatency;
        var inside = machine.IntraPath == NcclPath.NvLink ? hops.Nvlink : hops.Pci;
        // On POWER the tree's Simple hop over PCIe is the ring's.
        var intra = inside.Of(machine is { Host: NcclHost.Power, IntraPath: > NcclPath.NvLink } && algorithm == NcclAlgorithm.Tree && protocol == NcclProtocol.Simple
            ? NcclAlgorithm.Ring : algorithm, protocol);
        var card = machine.NicLatency.Microseconds * (protocol == NcclProtocol.Simple ? 2 : 1);
        var inter = hops.Network.Of(local == 1 ? NcclAlgorithm.Tree : algorithm, protocol) + card;
        var rounds = BitOperations.Log2((uint)nodes);
        return tuning.BaseLatency.Of(algorithm, protocol) + algorithm switch
        {
            NcclAlgorithm.Ring => RingLatency(function, protocol, intra, inter),
            NcclAlgorithm.Tree => 2 * ((local - 1) * intra + rounds * inter),
            NcclAlgorithm.CollNetDirect => 2 * (Math.Min(1, local - 1) * intra + (local - 1) * factors.CollNetPerPeer.Microseconds) + inter,
            NcclAlgorithm.CollNetChain => 2 * (local - 1) * intra + inter,
            NcclAlgorithm.Nvls => intra + (nodes > 1 ? inter : 0),
            NcclAlgorithm.NvlsTree => intra + 2 * rounds * inter,
            _ => rounds * inter / factors.PatNetwork + factors.PatPerRank.Microseconds * n,
        };
    }

    double RingLatency(NcclFunction function, NcclProtocol protocol, double intra, double inter)
    {
        var steps = Steps(function);
        if (function is NcclFunction.Broadcast or NcclFunction.Reduce)
        {
            var hops = nodes > 1 ? tuning.HopLatency.Network : machine.IntraPath == NcclPath.NvLink ? tuning.HopLatency.Nvlink : tuning.HopLatency.Pci;
            // Channels that enter a node by different cards go round its GPUs in different orders.
            if (nodes == 1 || machine.Nics == 1) return hops.Of(NcclAlgorithm.Ring, protocol);
            return steps * hops.Of(protocol == NcclProtocol.Simple ? NcclAlgorithm.Tree : NcclAlgorithm.Ring, protocol);
        }
        var across = nodes == 1 ? 0 : function == NcclFunction.AllReduce ? 2 * (nodes - 1) : nodes - 1;
        var posted = nodes > 1 ? Math.Max(intra, tuning.PostOverhead.Of(machine.Host, protocol)) : intra;
        return (steps - across) * posted + across * inter;
    }

    double Bandwidth(NcclFunction function, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        var graph = graphs.Of(algorithm);
        var c = graph.Channels;
        double intra = graph.Intra.GigabytesPerSecond, inter = graph.Inter.GigabytesPerSecond;
        var bus = c * (nodes <= 2 || algorithm is NcclAlgorithm.CollNetDirect or NcclAlgorithm.CollNetChain ? intra : inter);
        var reduces = function == NcclFunction.AllReduce;
        var toAlgorithm = n / Steps(function);
        var index = Math.Min(nodes, 3) - 1;
        var low = (nodes == 1 ? generation.LlCap : tuning.HostLlCap[HostName][index - 1]).GigabytesPerSecond;
        switch (algorithm)
        {
            case NcclAlgorithm.Ring:
                return toAlgorithm * protocol switch
                {
                    NcclProtocol.LL => Math.Min(low, factors.RingLl * bus),
                    NcclProtocol.LL128 => Math.Min(factors.RingLl128 * bus, c * generation.RingLl128PerChannel[index].GigabytesPerSecond),
                    _ => bus,
                };
            case NcclAlgorithm.Tree:
                bus = Math.Min(factors.Tree * bus, c * generation.TreePerChannel[index].GigabytesPerSecond);
                if (protocol == NcclProtocol.LL) bus = Math.Min(bus * factors.TreeLl, low);
                if (protocol == NcclProtocol.LL128)
                    bus = Math.Min(bus * (nodes == 1 ? factors.TreeLl128OneNode : factors.TreeLl128), c * generation.TreeLl128PerChannel[index].GigabytesPerSecond);
                // A node's only GPU has nobody to balance its tree with.
                return 0.5 * bus * (local == 1 ? factors.PlainTree : 1);
            case NcclAlgorithm.Pat:
                return bus * factors.Pat;
            case NcclAlgorithm.CollNetDirect:
                if (!reduces) return local * Math.Min(intra, factors.CollNetGather * inter);
                var share = local / (double)c;
                return 0.5 * bus / (share - (share - 1) / 2) * generation.CollNetDirectFactor;
            case NcclAlgorithm.CollNetChain:
                return 0.5 * bus;
            default:
                var pulled = intra * generation.NvlsEfficiency * (c - 1) / c * (reduces ? 2 : (local - 1.0) / local);
                var channel = nodes == 1 ? pulled : Math.Min(pulled, inter * (algorithm == NcclAlgorithm.NvlsTree && nodes == 2 ? factors.NvlsTreeTwoNodes : 1));
                if (algorithm == NcclAlgorithm.NvlsTree) channel = Math.Min(channel, generation.NvlsTreePerChannel[index].GigabytesPerSecond);
                return c * channel * toAlgorithm;
        }
    }

    string HostName => machine.Host switch { NcclHost.Intel => "intel", NcclHost.Amd => "amd", NcclHost.Arm => "arm", _ => "power" };
}
