// Messages between single ranks of different domains, on their own rail or across rails.
//
//   m   bytes of a message      B   what a rank sustains across the fabric, B/s      o   overhead of a message, s
//   c   share that is left across rails; of uniform traffic 1 / r of the messages stay on their rail, r ranks in a domain
//
//   rail-aligned   m / (m / B + o)
//   uniform        C m / (m / B + o), 1 / C = 1 / r + (1 - 1 / r) / c
//   random         at best C = 1 - (1 - 1/r)^r: of r receivers that r senders pick at random so many are picked by somebody
//
// An all-to-all that relays inside the domain to the destination's rail (PXN) is rail-aligned; one that doesn't is uniform.
//
// Example: EFA at B = 43.05 GB/s, o = 0.38 us, c = 0.4, r = 8: C = 0.432; messages of 8 KiB 14.4 GB/s aligned and 6.2 GB/s uniform, of
//   4 MiB 42.9 and 18.5 GB/s.
// Source: UCCL's benchmark on two p5 hosts, data/validation/collectives/rail_alignment_efa.csv.
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>What rails are worth to messages between single ranks.</summary>
public static class RailAlignment
{
    /// <summary>What a rank sustains with messages of one size, many under way.</summary>
    /// <param name="sustained">What collectives sustain across the fabric.</param>
    /// <param name="message">Size of a message.</param>
    /// <param name="aligned">Whether messages stay on their rail; otherwise they go alike to all ranks of another domain.</param>
    /// <param name="domain">Ranks of one domain, which is as many rails.</param>
    /// <param name="fabric">How the fabric carries single messages.</param>
    /// <exception cref="ArgumentException">The size or the bandwidth is not positive.</exception>
    public static Bandwidth Throughput(Bandwidth sustained, DataSize message, bool aligned, double domain, PointToPointParameters fabric)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        if (!(message.Bytes > 0) || !(sustained.Si > 0)) throw new ArgumentException("a message and its bandwidth are more than nothing");
        var through = message / (message / sustained + fabric.MessageOverhead.Value);
        return aligned ? through : through * UniformShare(domain, fabric);
    }

    /// <summary>What is left of a rank's bandwidth when it sends alike to all ranks of other domains, straight there.</summary>
    /// <param name="domain">Ranks of one domain, which is as many rails.</param>
    /// <param name="fabric">How the fabric carries single messages.</param>
    /// <exception cref="ArgumentException">A domain has no rank.</exception>
    public static double UniformShare(double domain, PointToPointParameters fabric)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        if (!(domain >= 1)) throw new ArgumentException($"a domain has at least one rank, not {domain}");
        return 1 / (1 / domain + (1 - 1 / domain) / fabric.CrossRail.Value);
    }

    /// <summary>Share of the receivers of a domain that are busy when as many senders each pick one at random.</summary>
    /// <param name="domain">Ranks of one domain.</param>
    public static double RandomShare(double domain) => 1 - Math.Pow(1 - 1 / domain, domain);

    /// <summary>A network as an all-to-all finds it that doesn't relay to the destination's rail.</summary>
    /// <param name="levels">The network, rails aligned.</param>
    /// <param name="group">Where the ranks sit.</param>
    /// <param name="fabric">How the fabric carries single messages.</param>
    public static NetworkLevels Unaligned(NetworkLevels levels, in GroupPlacement group, PointToPointParameters fabric)
    {
        ArgumentNullException.ThrowIfNull(levels);
        var share = UniformShare(group.Within(0), fabric);
        return levels.With((level, l) => l == 0 ? level : level.Scaled(share));
    }
}
