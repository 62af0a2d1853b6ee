// Bits that arrive wrong after error correction, and what becomes of their packets.
//
//   lambda        errors per byte of a wire, independent:  lambda = -8 ln(1 - b) for a bit error rate b; a packet of s bytes is spoiled with 1 - e^(-lambda s)
//   drawn         bytes until the next error, from an exponential distribution, by a generator of each wire's own; sendings use them up
//   without retry a spoiled packet is lost where it arrives (cut-through switches pass it on, hosts lose it), and its transport recovers
//   with retry    the wire sends again from the spoiled packet on (go-back-N) [Ultra Ethernet Specification 1.0, link-level retry]: a turn, and the packet's own
//                 time, after its end. What was sent in vain behind it is what waits behind it here: the wire is busy for that long, and delivers in order:
//                 per spoiled sending  2 d + t_retry + s / R,   d the latency of the wire alone
//
// Worked example: 100 Gb/s, 1 us, 200 ns to find an error and answer, packets of 4,150 B, b = 3e-7: f = 0.99 % are spoiled, each costs 2.2 us and another
// sending, N = 7.63 packets in all; the wire delivers (1 - f) / (1 - f + N f) = 92.9 % of its rate [Bertsekas and Gallager, Data Networks, 2.4].
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

/// <summary>Bit errors of wires, and whether wires send again what they spoil.</summary>
public sealed record PacketErrors
{
    /// <summary>Bits that arrive wrong after error correction, of all wires.</summary>
    public double BitErrorRate { get; init; }

    /// <summary>The same of each of the first wires, in the fabric's order; those beyond have <see cref="BitErrorRate"/>.</summary>
    public IReadOnlyList<double> ByWire { get; init; } = [];

    /// <summary>Whether wires send spoiled packets again themselves; else they are lost.</summary>
    public bool Retry { get; init; }

    /// <summary>What both ends of a wire take to find an error, answer and begin again.</summary>
    public Duration RetryTime { get; init; } = Duration.FromNanoseconds(200);

    /// <exception cref="InputException">A rate isn't from 0 to 1, a time is negative, or there are more rates than wires.</exception>
    internal void Check(int wires)
    {
        if (ByWire.Count > wires) throw new InputException($"expected bit error rates of at most {wires:N0} wires, found {ByWire.Count:N0}");
        foreach (var rate in ByWire.Append(BitErrorRate))
            if (!(rate is >= 0 and < 1)) throw new InputException($"expected bit error rates of 0 or more and below 1, found {rate}");
        if (!(RetryTime.Seconds is >= 0 and <= 1)) throw new InputException($"expected a time of 0 to 1 s to find an error and answer, found {RetryTime}");
    }
}

/// <summary>Where the next errors of wires are.</summary>
sealed class ErrorDraws
{
    const int Fractions = 24;

    readonly double[] perByte, left;    // errors per byte; bytes until the next error
    readonly uint[] random;
    readonly long[] turn;               // ps from the end of a spoiled packet until it is sent again

    public ErrorDraws(PacketErrors errors, PacketFabric fabric, ulong seed)
    {
        var wires = fabric.Wires;
        (perByte, left, random, turn) = (new double[wires], new double[wires], new uint[wires], new long[wires]);
        Retries = errors.Retry;
        for (var w = 0; w < wires; w++)
        {
            perByte[w] = -8 * Math.Log(1 - (w < errors.ByWire.Count ? errors.ByWire[w] : errors.BitErrorRate));
            random[w] = (uint)PacketRandom.Mix(seed ^ 0xE44, (ulong)w) | 1;
            turn[w] = SimTime.FromDuration((2 * fabric.Latency[w]) + errors.RetryTime).Picoseconds;
            left[w] = Draw(w);
        }
    }

    public bool Retries { get; }

    public long TurnOf(int wire) => turn[wire];

    /// <summary>Whether a packet of so many bytes is spoiled on a wire; each sending is asked about once.</summary>
    public bool Spoils(int wire, int bytes)
    {
        left[wire] -= bytes;
        if (left[wire] >= 0) return false;
        left[wire] = Draw(wire);
        return true;
    }

    // u in (0, 1]
    double Draw(int wire) => perByte[wire] == 0 ? double.PositiveInfinity
        : -Math.Log(((PacketNet.Draw(ref random[wire]) >> (32 - Fractions)) + 1.0) / (1 << Fractions)) / perByte[wire];
}
