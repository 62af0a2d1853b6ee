// LogGOPS [Culler et al., PPoPP 1993; Alexandrov et al., SPAA 1995; Hoefler, Schneider, Lumsdaine, LogGOPSim, LSAP 2010]: what a message of
// s bytes costs, as the simulator of that name charges it.
//
//   L  latency      o  overhead of a message on a CPU      O  of each byte more, on a CPU
//   g  gap between messages on a NIC      G  gap of each byte more, on a NIC      S  largest message that is sent eagerly
//
//   a send at t        the CPU is busy until t + o + (s - 1) O, the NIC's sending side until t + g + (s - 1) G;
//                      the message is there at t + o + L
//   its receipt at u   when CPU and NIC are free: the CPU is busy until u + o + (s - 1) max(O, G), the NIC's receiving side until
//                      u + g + (s - 1) G; the receive that it matches ends with the CPU
//   s <= S             the send ends with its CPU's work; else (rendezvous) when a receive has matched it, and its CPU and NIC wait so long
//   matching           by sender and tag in the order of receives and of messages; -1 is any
//
// Example: L = 2500, o = 1500, G = 6: a step of 8 B in which everybody sends and then receives takes 2 o + L + 7 G = 5542 ns.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Messages;

/// <summary>Parameters of LogGOPS.</summary>
public sealed record LogGops
{
    /// <summary>L: from the end of a message's overhead to its arrival.</summary>
    public Duration Latency { get; init; } = Duration.FromNanoseconds(2500);

    /// <summary>o: work of a CPU for each message, at both ends.</summary>
    public Duration Overhead { get; init; } = Duration.FromNanoseconds(1500);

    /// <summary>g: least time between two messages of a NIC.</summary>
    public Duration Gap { get; init; } = Duration.FromNanoseconds(1000);

    /// <summary>G: time of each byte but the first on a NIC.</summary>
    public Duration GapPerByte { get; init; } = Duration.FromNanoseconds(6);

    /// <summary>O: work of a CPU for each byte but the first.</summary>
    public Duration OverheadPerByte { get; init; }

    /// <summary>S: the largest message that its sender doesn't wait with until it is received, bytes.</summary>
    public long LargestEager { get; init; } = 65535;

    /// <summary>All in whole picoseconds.</summary>
    /// <exception cref="InputException">A parameter is negative, too large, or no whole number of picoseconds.</exception>
    internal (long L, long O, long G, long PerByte, long WorkPerByte) Picoseconds() =>
        (Of("L", Latency), Of("o", Overhead), Of("g", Gap), Of("G", GapPerByte), Of("O", OverheadPerByte));

    static long Of(string name, Duration value)
    {
        var picoseconds = value.Seconds * 1e12;
        var whole = Math.Round(picoseconds);
        if (!(whole >= 0 && whole <= 1e15)) throw new InputException($"{name}: expected a time from 0 s to 1,000 s, found {value}");
        return Math.Abs(picoseconds - whole) <= 1e-6 * Math.Max(1, whole) ? (long)whole : throw new InputException($"{name}: expected whole picoseconds, found {value}");
    }
}
