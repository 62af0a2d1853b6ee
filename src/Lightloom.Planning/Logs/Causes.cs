// Known causes of slow collectives, each as a change of the network that predicts what the rows would then be. A cause with a figure
// of its own (how much is left) is tried over the range that the cause allows.
//
//   socket      the fabric carries what TCP does: 0.5 to 12 GB/s per domain (a plateau of one to a few streams), whatever its cards are
//   card lost   (k - 1) / k of k cards, the rest taking its share; slow rail: 1/2, two accelerators on one card or a card at half its
//               rate, which a synchronous ring or tree feels everywhere
//   cross-rail  0.43 to 0.48 of what rail-aligned traffic reaches (data/validation/collectives/rail_alignment_efa.csv: 20.1 of 43.7 GB/s)
//   channels    point-to-point traffic with few channels: 0.4 to 0.65 of the tuned (one site: 45 % of the cards' rate before, 74 % after)
//   no NVLS     switches don't reduce: 360 GB/s where 480 are usual on Hopper
//
// Priors are odds against a healthy cluster before anything is read: judgements, stated here and in docs/logs.md, not measurements. A
// line of the library that says so outweighs them, a line that says otherwise rules a cause out.
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Logs;

/// <summary>A cause that could stand behind slow rows.</summary>
sealed record Cause
{
    /// <summary>A line of the library that says as much.</summary>
    const double Said = 1e6;

    /// <summary>A line of the library that rules it out, whatever the rows look like.</summary>
    const double Denied = 0;

    const double Tcp = 0.5e9, MostTcp = 12e9; // B/s of a domain

    public required string Key { get; init; }

    /// <summary>Odds against a healthy cluster before the rows are read.</summary>
    public required double Prior { get; init; }

    /// <summary>The shares, or bandwidths, that the cause may leave; one where it has no choice.</summary>
    public required IReadOnlyList<double> Settings { get; init; }

    public required Func<double, NetworkChange> Change { get; init; }

    /// <summary>The collectives that it touches.</summary>
    public Func<CollectiveKind, bool> Touches { get; init; } = static _ => true;

    /// <summary>What makes it more or less likely than before, from what the library said.</summary>
    public double Facts { get; init; } = 1;

    /// <summary>Whether it lies inside domains rather than between them.</summary>
    public bool Inside => Change(Settings[0]) is { WithoutSwitchReduction: true } or { ScaleUpShare: < 1 };

    /// <summary>Whether the library says so itself.</summary>
    public bool Certain => Facts >= Said;

    /// <summary>Lines that it rests on, by their key.</summary>
    public string? Evidence { get; init; }

    /// <summary>What it is, with the figure that explains the rows best.</summary>
    public required Func<double, string> Say { get; init; }

    /// <summary>What to look at or set.</summary>
    public required IReadOnlyList<string> Try { get; init; }

    /// <summary>Whether all ranks suffer alike, so that the change can be laid over a job.</summary>
    public bool Prices { get; init; } = true;

    /// <summary>Causes that a cluster could suffer from.</summary>
    /// <param name="cluster">The cluster.</param>
    /// <param name="facts">What the library said.</param>
    /// <param name="rings">What rings of one node should carry by NCCL's own search, or null.</param>
    public static IReadOnlyList<Cause> Of(DescribedCluster cluster, LogFacts facts, Bandwidth? rings)
    {
        var causes = new List<Cause>();
        InDomains(cluster, facts, rings, causes);
        if (cluster.Across) BetweenDomains(cluster, facts, causes);
        return causes;
    }

    static void InDomains(DescribedCluster cluster, LogFacts facts, Bandwidth? rings, List<Cause> causes)
    {
        var level = cluster.Levels[0];
        if (cluster.RanksPerDomain <= 1) return;
        if (level.InNetworkReduction)
        {
            causes.Add(new()
            {
                Key = "no-switch-reduction",
                Prior = 0.02,
                Settings = [1],
                Change = static _ => new(true, 1, 1),
                Facts = facts.Set("NCCL_NVLS_ENABLE", "0") || facts.SwitchReduction == false ? Said : facts.SwitchReduction == true ? Denied : 1,
                Evidence = "switch-reduction",
                Say = static _ => "NVLink switches do not reduce (NVLS is off or missing), so that rings carry the all-reduce",
                Try =
                [
                    "unset NCCL_NVLS_ENABLE or set it to 1, and leave NVLS out of no NCCL_ALGO",
                    "look for 'NVLS multicast support is not available' with NCCL_DEBUG=INFO; the fabric manager has to run and containers need IMEX or shared /dev/nvidia-caps",
                    "NVLS needs more than 4 GPUs of a node, and all of them in one communicator",
                ],
            });
        }
        causes.Add(new()
        {
            Key = "scale-up-slow",
            Prior = 0.01,
            Settings = Steps(0.3, 0.95, 24),
            Change = static share => new(false, share, 1),
            // The search finds fewer or slower channels where links are down.
            Facts = facts.RingBandwidth is { } found && rings is { } usual ? found / usual < 0.9 ? 1e3 : 0.1 : 1,
            Evidence = "rings",
            Say = static share => $"the scale-up links carry about {Percent(share)} of what they should",
            Try = ["nvidia-smi nvlink --status and --errorcounters: count the active links of every GPU", "compare with another node; look for power or thermal throttling (nvidia-smi -q -d PERFORMANCE)"],
        });
        var per = level.Bandwidth.BytesPerSecond;
        causes.Add(new()
        {
            Key = "host-memory-path",
            // Who runs across nodes has usually seen one node run.
            Prior = cluster.Across ? 0.002 : 0.01,
            Settings = [.. Steps(6e9, Math.Max(6.1e9, Math.Min(50e9, per * 0.25)), 20).Select(b => b / per)],
            Change = static share => new(true, share, 1),
            Facts = facts.SharedMemoryConnections > 0 || facts.Set("NCCL_P2P_DISABLE", "1") ? Said : facts.LocalConnections > 0 ? Denied : 1,
            Evidence = "shared-memory",
            Say = share => $"accelerators of a node exchange data over PCIe or host memory, about {Rate(share * per)} each, not over their scale-up links",
            Try = ["unset NCCL_P2P_DISABLE and NCCL_P2P_LEVEL", "nvidia-smi topo -p2p r: 'OK' between all GPUs; in virtual machines ACS and IOMMU settings", "containers need a common IPC namespace or /dev/shm"],
        });
    }

    static void BetweenDomains(DescribedCluster cluster, LogFacts facts, List<Cause> causes)
    {
        var perDomain = cluster.Levels[1].Bandwidth.BytesPerSecond * cluster.RanksPerDomain;
        var cards = CardsPerHost(cluster, facts);
        var network = facts.NetworkConnections > 0;
        var sockets = facts.SocketConnections > 0 || facts.Network == "Socket" || facts.Set("NCCL_IB_DISABLE", "1") || facts.Set("NCCL_NET", "Socket");
        causes.Add(new()
        {
            Key = "socket",
            Prior = 0.02,
            Settings = [.. Steps(Tcp, Math.Max(1.01 * Tcp, Math.Min(MostTcp, perDomain / 4)), 24).Select(b => b / perDomain)],
            Change = static share => new(false, 1, share),
            Facts = sockets ? Said : network ? Denied : 1,
            Evidence = "socket",
            Say = share => $"traffic between nodes runs over TCP sockets, about {Rate(share * perDomain)} per node, instead of RDMA",
            Try =
            [
                "NCCL_DEBUG=INFO must say 'via NET/IB' (or the plugin of your cloud), not 'NET/Socket'",
                "NCCL_IB_DISABLE unset, NCCL_IB_HCA naming the cards, NCCL_NET_PLUGIN and its library found, /dev/infiniband in the container, memlock unlimited",
            ],
        });
        if (cards > 1)
        {
            var seen = facts.Cards is { } used ? used < cards ? Said : 1e-3 : 1;
            var left = facts.Cards is { } some && some < cards && some > 0 ? some : cards - 1;
            causes.Add(new()
            {
                Key = "card-lost",
                Prior = 0.01,
                Settings = [(double)left / cards],
                Change = static share => new(false, 1, share),
                Facts = seen,
                Evidence = "cards",
                Say = _ => $"{(cards - left == 1 ? "one of" : $"{cards - left} of")} {cards} cards of a node {(cards - left == 1 ? "is" : "are")} not used: {left}/{cards} of the bandwidth is left",
                Try = ["ibstat or rdma link on every node: all ports active at their full rate", "NCCL_IB_HCA must name every card; NCCL_DEBUG=INFO lists those in use", "look at the optics and error counters of the rail that is missing"],
            });
            causes.Add(new()
            {
                Key = "slow-rail",
                Prior = 0.01,
                Settings = [0.5],
                Change = static share => new(false, 1, share),
                Facts = facts.Cards is { } n && n < cards ? 1e-2 : 1,
                Say = static _ => "one rail at half its rate: a ring or tree goes at the pace of its slowest rail (two GPUs on one card, a card at half its rate or width)",
                Try = ["per rail: ib_write_bw between the same cards of two nodes", "lspci -vv: LnkSta of every card at its full speed and width", "nvidia-smi topo -m: each GPU with a card of its own below the same switch"],
            });
        }
        causes.Add(new()
        {
            Key = "no-gpudirect",
            Prior = 0.005,
            Settings = Steps(0.25, 0.8, 16),
            Change = static share => new(false, 1, share),
            Facts = network && !sockets ? facts.DirectConnections == 0 ? Said : Denied : 1,
            Evidence = "direct",
            Say = static share => $"data between nodes is copied through host memory (no GPUDirect RDMA): about {Percent(share)} of the bandwidth is left",
            Try = ["lsmod: nvidia_peermem (or dma-buf) loaded on every node", "NCCL_NET_GDR_LEVEL unset; NCCL_DEBUG=INFO must say 'GDRDMA'", "PCIe ACS off, card and GPU below one switch"],
        });
        causes.Add(new()
        {
            Key = "fabric-slow",
            Prior = 0.02,
            Settings = Steps(0.1, 0.95, 32),
            Change = static share => new(false, 1, share),
            Say = share => $"the fabric carries about {Percent(share)} of what its cards should, {Rate(share * perDomain)} per domain: oversubscription, hash collisions of few flows, slow links, or other cards than described",
            Try = ["describe the cards as they are: --nics and --nic-rate", "run the same pair of nodes below one leaf: if it recovers, the uplinks or their load balancing are short", "more queue pairs per connection (NCCL_IB_QPS_PER_CONNECTION), adaptive routing on", "counters of pauses, congestion marks and symbol errors on the switches"],
        });
        PointToPoint(facts, causes);
    }

    // The library speaks of hosts; a rack's domain has many.
    static int CardsPerHost(DescribedCluster cluster, LogFacts facts) => facts.Hosts is { } hosts && hosts > cluster.Domains
        ? Math.Max(1, cluster.CardsPerDomain * cluster.Domains / hosts)
        : cluster.CardsPerDomain;

    static void PointToPoint(LogFacts facts, List<Cause> causes)
    {
        static bool Peers(CollectiveKind kind) => kind is CollectiveKind.AllToAll or CollectiveKind.SendReceive;
        causes.Add(new()
        {
            Key = "cross-rail",
            Prior = 0.02,
            Settings = Steps(0.43, 0.48, 4),
            Change = static share => new(false, 1, share),
            Touches = Peers,
            Facts = facts.Set("NCCL_PXN_DISABLE", "1") ? 50 : facts.RelayedConnections > 0 ? 0.05 : 1,
            Evidence = "NCCL_PXN_DISABLE",
            Say = static share => $"messages between peers cross rails: {Percent(share)} of what rail-aligned traffic reaches",
            Try = ["NCCL_PXN_DISABLE unset, so that messages are relayed to the rail of their destination", "place ranks so that equal local ranks share a rail; a rail-optimised fabric carries other traffic over its spines"],
            Prices = false,
        });
        causes.Add(new()
        {
            Key = "peer-channels",
            Prior = 0.02,
            Settings = Steps(0.4, 0.7, 8),
            Change = static share => new(false, 1, share),
            Touches = Peers,
            Say = static share => $"point-to-point channels are too few: {Percent(share)} of what peers can exchange, while collectives have what they need",
            Try = ["NCCL_NCHANNELS_PER_NET_PEER=4 or more, NCCL_MIN_P2P_NCHANNELS=32", "NCCL_IB_QPS_PER_CONNECTION=2 to 4"],
            Prices = false,
        });
    }

    // Steps of equal ratio, both ends included.
    static double[] Steps(double low, double high, int count)
    {
        var steps = new double[count];
        for (var i = 0; i < count; i++) steps[i] = low * Math.Pow(high / low, (double)i / (count - 1));
        return steps;
    }

    static string Percent(double share) => $"{Quantity.Round(100 * share, 2)} %";

    static string Rate(double bytesPerSecond) => $"{Quantity.Round(bytesPerSecond / 1e9, 2)} GB/s";
}
