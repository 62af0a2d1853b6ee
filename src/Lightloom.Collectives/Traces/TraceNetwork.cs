// The network of ASTRA-sim's analytical backends: building blocks by dimension, dimension 0 innermost, rank = a0 + a1 n0 + a2 n0 n1 ...
//
//   block            hops h between two ranks of a dimension     links where they are shared
//   Ring             the shorter way round                       2 n, one each way to each neighbour
//   FullyConnected   1                                           n (n - 1)
//   Switch           2                                           n up, n down
//
//   B = bandwidth 2^30 / 10^9 bytes a nanosecond: "GB/s" of these files are 2^30 B/s
//
//   not shared       a message of s bytes arrives after  floor(h latency + s / B) ns, in the first dimension in which addresses differ
//   shared           on each link of its way: floor(latency + s / B) until it is at the other end, floor(s / B) until the next may begin,
//                    first come, first served; whole messages, stored before they are passed on; one dimension alone
//
// Example: 50 GB/s and 500 ns: B = 53.687 B/ns; 1 MiB / 32 = 32,768 B to a neighbour: floor(500 + 610.35) = 1,110 ns.
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Traces;

/// <summary>What a dimension of the network is.</summary>
public enum TraceBlock
{
    /// <summary>Each rank has links to two neighbours.</summary>
    Ring,

    /// <summary>Each rank has a link to every other.</summary>
    FullyConnected,

    /// <summary>Each rank has a link to one switch.</summary>
    Switch,
}

/// <summary>A dimension of the network, in the units of its file.</summary>
/// <param name="Block">What it is.</param>
/// <param name="Ranks">Ranks along it.</param>
/// <param name="Bandwidth">Of a link each way, in units of 2^30 bytes a second.</param>
/// <param name="LatencyNanoseconds">Of a link.</param>
public sealed record TraceDimension(TraceBlock Block, int Ranks, double Bandwidth, double LatencyNanoseconds)
{
    internal double BytesPerNanosecond => Bandwidth * (1 << 30) / 1_000_000_000;
}

/// <summary>Whether messages share links.</summary>
public enum TraceSharing
{
    /// <summary>None ever waits for another: ASTRA-sim's congestion-unaware backend.</summary>
    Unaware,

    /// <summary>Each link serves whole messages one after the other: ASTRA-sim's congestion-aware backend.</summary>
    Aware,
}

/// <summary>The network of ASTRA-sim's analytical backends.</summary>
public sealed class TraceNetwork
{
    /// <summary>A network.</summary>
    /// <param name="dimensions">Its dimensions, the innermost first.</param>
    /// <exception cref="InputException">A dimension has less than two ranks, no bandwidth or a negative latency.</exception>
    public TraceNetwork(IReadOnlyList<TraceDimension> dimensions)
    {
        ArgumentNullException.ThrowIfNull(dimensions);
        if (dimensions.Count == 0) throw new InputException("a network has one dimension or more");
        var ranks = 1L;
        for (var d = 0; d < dimensions.Count; d++)
        {
            var dimension = dimensions[d];
            if (dimension.Ranks < 2) throw new InputException($"dimension {d} has {dimension.Ranks:N0} ranks; expected 2 or more");
            if (!(dimension.Bandwidth > 0) || !double.IsFinite(dimension.Bandwidth)) throw new InputException($"dimension {d} has a bandwidth of {dimension.Bandwidth}; expected more than 0 GB/s");
            if (!(dimension.LatencyNanoseconds >= 0) || !double.IsFinite(dimension.LatencyNanoseconds)) throw new InputException($"dimension {d} has a latency of {dimension.LatencyNanoseconds}; expected 0 ns or more");
            ranks *= dimension.Ranks;
            if (ranks > 1 << 24) throw new InputException($"the network has more than {1 << 24:N0} ranks");
        }
        (Dimensions, Ranks) = (dimensions, (int)ranks);
    }

    /// <summary>Its dimensions, the innermost first.</summary>
    public IReadOnlyList<TraceDimension> Dimensions { get; }

    /// <summary>Ranks.</summary>
    public int Ranks { get; }

    /// <summary>The dimension in which a message goes: the first in which the addresses differ; with the two places along it.</summary>
    internal (int Dimension, int From, int To) Along(int from, int to)
    {
        for (var d = 0; d < Dimensions.Count; d++)
        {
            var n = Dimensions[d].Ranks;
            var (a, b) = (from % n, to % n);
            if (a != b) return (d, a, b);
            (from, to) = (from / n, to / n);
        }
        throw new InputException($"rank {from} sends to itself");
    }

    /// <summary>Nanoseconds from a message's start to its arrival where no link is shared.</summary>
    internal long Delay(int from, int to, ulong bytes)
    {
        var (d, a, b) = Along(from, to);
        var dimension = Dimensions[d];
        var hops = dimension.Block switch
        {
            TraceBlock.Ring => Math.Min((b - a + dimension.Ranks) % dimension.Ranks, (a - b + dimension.Ranks) % dimension.Ranks),
            TraceBlock.Switch => 2,
            _ => 1,
        };
        return (long)((hops * dimension.LatencyNanoseconds) + (bytes / dimension.BytesPerNanosecond));
    }
}
