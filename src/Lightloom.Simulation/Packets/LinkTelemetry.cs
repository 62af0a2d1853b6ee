// How loaded links are, as switches measure it for HPCC [Li et al., SIGCOMM 2019, eq. 2]. There each switch adds queue, bytes sent, time and rate of the link to a packet, and
// senders take differences and the largest; here each switch keeps the average of its links, and a packet carries the largest on its way, which is
// the same in two bytes [Ben Basat et al., PINT, SIGCOMM 2020, section 4.3]:
//
//   when a packet of s bytes begins to be sent, tau after the one before it, with q bytes behind it:
//   u <- (1 - tau / T) u + q tau / (B T^2) + s / (B T),   tau <= T
//
// T is the round trip of the longest path, B the link's rate. A steady load rho and queue q give u = rho + q / (B T).
//
// Worked example: 100 Gb/s, T = 14.0227 us: packets of 4,150 B back to back, tau = 0.332 us = 0.0237 T: u tends to 1.
namespace Lightloom.Simulation.Packets;

sealed class LinkTelemetry(int wires, long roundTrip)
{
    const double Scale = 4096;

    readonly (long At, double Load)[] links = new (long, double)[wires];

    /// <summary>A packet begins to be sent.</summary>
    public void See(int wire, long now, int queued, long sending, double perByte, ref Packet packet)
    {
        ref var link = ref links[wire];
        var tau = Math.Min(now - link.At, roundTrip);
        link.Load = ((1 - ((double)tau / roundTrip)) * link.Load) + (queued * perByte * tau / ((double)roundTrip * roundTrip)) + ((double)sending / roundTrip);
        link.At = now;
        var load = (ushort)Math.Min(ushort.MaxValue, Math.Round(link.Load * Scale));
        if (load > packet.Entropy) packet.Entropy = load;
    }

    /// <summary>The load of the fullest link on the way of a packet.</summary>
    public static double Of(in Packet packet) => packet.Entropy / Scale;
}
