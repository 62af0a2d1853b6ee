// A network as one rank sees it, from the inside out.
//
//   level 0      the scale-up domain: a port of its own on every accelerator (NVLink, xGMI)
//   level l > 0  the boundary of a unit of level l - 1: leaving a domain takes level 1, leaving a leaf or rail group takes
//                levels 1 and 2, leaving a pod takes 1, 2 and 3
//   B_l          bandwidth of one rank across level l, one direction, B/s: what a unit of u ranks can send out is u * B_l
//
// Example: 8 GPUs with 450 GB/s of NVLink that collectives sustain to 80 %, 8 NICs of 400 Gb/s that sustain 96 %, leaf to
// spine 2:1 oversubscribed under adaptive routing that reaches 95 %:
//   B_0 = 360 GB/s, B_1 = 0.96 * 50 = 48 GB/s, B_2 = 48 * 0.95 / 2 = 22.8 GB/s.
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>One level of a network, as one rank sees it.</summary>
/// <param name="Name">What it is called: "NVLink", "rail", "spine".</param>
/// <param name="Bandwidth">
/// What one rank sustains across this level, one direction, when all accelerators of the cluster communicate across it at once.
/// </param>
/// <param name="Latency">Time of one step by a small message across this level: software, NICs, switches, FEC and fibre.</param>
public sealed record NetworkLevel(string Name, Bandwidth Bandwidth, Duration Latency)
{
    /// <summary>What one rank sustains when the switches of this level reduce; zero where they don't.</summary>
    public Bandwidth InNetworkBandwidth { get; init; }

    /// <summary>Time of one reduction inside the switches of this level, up and down.</summary>
    public Duration InNetworkLatency { get; init; }

    /// <summary>Time that a collective spends once because it uses this level.</summary>
    public Duration Launch { get; init; }

    /// <summary>Overhead of one piece in one stage of a pipeline across this level.</summary>
    public Duration Pipeline { get; init; }

    /// <summary>Transfer time beyond which pieces no longer grow, and filling the pipeline costs no more.</summary>
    public Duration Saturation { get; init; } = Duration.FromSeconds(1);

    /// <summary>Peers that one rank exchanges with at once in an all-to-all.</summary>
    public int ConcurrentPeers { get; init; } = 8;

    /// <summary>Switches that a message passes on its way across this level; information, already part of the latency.</summary>
    public int Hops { get; init; } = 1;

    /// <summary>Whether the switches of this level reduce (NVLink SHARP, InfiniBand SHARP).</summary>
    public bool InNetworkReduction => InNetworkBandwidth.Si > 0;

    /// <summary>The scale-up level of accelerators with this raw bandwidth of one direction.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="raw">Raw bandwidth of one accelerator, one direction (450 GB/s for an H100).</param>
    /// <param name="mechanism">How collectives use such links.</param>
    /// <param name="inNetworkReduction">Whether its switches reduce; they don't unless the mechanism can.</param>
    public static NetworkLevel ScaleUp(string name, Bandwidth raw, CollectiveParameters mechanism, bool inNetworkReduction = true) =>
        Of(name, raw, 1, Duration.Zero, mechanism, inNetworkReduction);

    /// <summary>A level of the fabric between scale-up domains.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="lineRate">Line rate of the NICs of one accelerator.</param>
    /// <param name="share">Share left by load balance and oversubscription on this level; 1 where it is non-blocking.</param>
    /// <param name="path">Latency of the path: switches, fibre and FEC, without the software and the NICs.</param>
    /// <param name="mechanism">How collectives use such a fabric.</param>
    /// <param name="inNetworkReduction">Whether its switches reduce; they don't unless the mechanism can.</param>
    public static NetworkLevel ScaleOut(string name, Bandwidth lineRate, Ratio share, Duration path, CollectiveParameters mechanism,
        bool inNetworkReduction = false) =>
        Of(name, lineRate, share.Si, path, mechanism, inNetworkReduction);

    static NetworkLevel Of(string name, Bandwidth raw, double share, Duration path, CollectiveParameters mechanism, bool inNetwork)
    {
        ArgumentNullException.ThrowIfNull(mechanism);
        return new(name, raw * (mechanism.Sustained.Value * share), path + mechanism.Hop.Value)
        {
            InNetworkBandwidth = inNetwork && mechanism.InNetworkSustained is { } sustained ? raw * (sustained.Value * share) : default,
            InNetworkLatency = path + (mechanism.InNetworkHop?.Value ?? mechanism.Hop.Value),
            Launch = mechanism.Launch.Value,
            Pipeline = mechanism.Pipeline.Value,
            Saturation = mechanism.Saturation.Value,
            ConcurrentPeers = mechanism.ConcurrentPeers.Value,
        };
    }
}
