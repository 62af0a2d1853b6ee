// A network as one rank sees it, from the inside out.
//
//   level 0      the scale-up domain: a port of its own on every accelerator (NVLink, xGMI)
//   level l > 0  the boundary of a unit of level l - 1: leaving a domain takes level 1, leaving a leaf or rail group takes
//                levels 1 and 2, leaving a pod takes 1, 2 and 3
//   B_l          bandwidth of one rank across level l, one direction, B/s: what a unit of u ranks can send out is u * B_l
//   protocols    bulk: pieces in buffers, full bandwidth; low latency: every word brings its own flag, half of the hop or less, a
//                fraction of the bandwidth (NCCL's LL), and none at all over transports that don't deliver in order
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
/// <param name="Latency">Time of one step across this level, bulk protocol: software, NICs, switches, FEC and fibre.</param>
public sealed record NetworkLevel(string Name, Bandwidth Bandwidth, Duration Latency)
{
    /// <summary>What one rank sustains when the switches of this level reduce; zero where they don't.</summary>
    public Bandwidth InNetworkBandwidth { get; init; }

    /// <summary>Time of one reduction inside the switches of this level, up and down.</summary>
    public Duration InNetworkLatency { get; init; }

    /// <summary>What one rank sustains in exchanges between pairs; <see cref="Bandwidth"/> unless given.</summary>
    public Bandwidth PointToPointBandwidth { get; init; } = Bandwidth;

    /// <summary>What one rank sustains with the protocol for small messages; zero where it can't be used.</summary>
    public Bandwidth LowLatencyBandwidth { get; init; }

    /// <summary>Time of one step with the protocol for small messages.</summary>
    public Duration LowLatency { get; init; }

    /// <summary>What handing a step to the network costs: rings that cross this level step no faster anywhere.</summary>
    public Duration Posting { get; init; }

    /// <summary>Whether large messages go in rings alone (see <see cref="CollectiveParameters.RingsForBulk"/>).</summary>
    public bool RingsForBulk { get; init; }

    /// <summary>The mechanism that its figures come from; empty where somebody gave them.</summary>
    public string Mechanism { get; init; } = "";

    /// <summary>Time that a collective spends once because it uses this level.</summary>
    public Duration Launch { get; init; }

    /// <summary>
    /// What one piece costs in one stage of a pipeline across this level, as the data that could be sent meanwhile; level 0 has (r - 1) / 7
    /// stages where r ranks share a domain.
    /// </summary>
    public DataSize PieceOverhead { get; init; }

    /// <summary>Data of one rank, for each stage, beyond which pieces no longer grow, and filling the pipeline costs no more.</summary>
    public DataSize PieceSaturation { get; init; } = DataSize.FromGigabytes(1000);

    /// <summary>Peers that one rank exchanges with at once in an all-to-all.</summary>
    public int ConcurrentPeers { get; init; } = 8;

    /// <summary>Switches that a message passes on its way across this level; information, already part of the latency.</summary>
    public int Hops { get; init; } = 1;

    /// <summary>Whether the switches of this level reduce (NVLink SHARP, InfiniBand SHARP).</summary>
    public bool InNetworkReduction => InNetworkBandwidth.Si > 0;

    /// <summary>The level with a share of all its bandwidths.</summary>
    /// <param name="share">More than 0.</param>
    public NetworkLevel Scaled(double share) => this with
    {
        Bandwidth = Bandwidth * share,
        InNetworkBandwidth = InNetworkBandwidth * share,
        PointToPointBandwidth = PointToPointBandwidth * share,
        LowLatencyBandwidth = LowLatencyBandwidth * share,
    };

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
            PointToPointBandwidth = raw * ((mechanism.PointToPointSustained ?? mechanism.Sustained).Value * share),
            LowLatencyBandwidth = mechanism is { LowLatencySustained: { } small, LowLatencyHop: not null } ? raw * (small.Value * share) : default,
            LowLatency = path + (mechanism.LowLatencyHop?.Value ?? mechanism.Hop.Value),
            Posting = mechanism.Posting?.Value ?? Duration.Zero,
            RingsForBulk = mechanism.RingsForBulk,
            Mechanism = mechanism.Key,
            InNetworkBandwidth = inNetwork && mechanism.InNetworkSustained is { } sustained ? raw * (sustained.Value * share) : default,
            InNetworkLatency = path + (mechanism.InNetworkHop?.Value ?? mechanism.Hop.Value),
            Launch = mechanism.Launch.Value,
            PieceOverhead = mechanism.PieceOverhead.Value,
            PieceSaturation = mechanism.PieceSaturation.Value,
            ConcurrentPeers = mechanism.ConcurrentPeers.Value,
        };
    }
}
