using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Packets.Balancing;
using Lightloom.Simulation.Packets.Transports;

namespace Lightloom.Simulation.Packets;

/// <summary>The ways in which packets find their paths, by name.</summary>
public static class PacketBalances
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["mixed", "bitmap", "reps", "oblivious", "single-path", "round-robin", "adaptive", "flowlet", "ugal", "valiant"];
}

/// <summary>The transports, by name.</summary>
public static class PacketTransports
{
    /// <summary>Their names.</summary>
    public static IReadOnlyList<string> Names { get; } = ["uet-nscc", "uet-rccc", "ndp", "eqds", "dctcp", "swift", "roce", "dcqcn", "hpcc", "infiniband", "infiniband-cc"];

    /// <summary>How packets of a transport find their paths unless something else is said.</summary>
    public static string UsualBalance(string transport) => IsLossless(transport) ? "single-path" : transport switch { "ndp" => "oblivious", "eqds" => "bitmap", _ => "mixed" };

    /// <summary>Whether switches never drop or trim its packets, and so hold their senders back.</summary>
    public static bool IsLossless(string name) => name is "roce" or "dcqcn" or "hpcc" || HasLinkCredits(name);

    internal static bool HasLinkCredits(string name) => name is "infiniband" or "infiniband-cc";

    internal static bool HasTables(string name) => name is "infiniband-cc";

    /// <summary>Whether receivers pace their senders by credits, at the rate of the fabric's first card.</summary>
    public static bool HasCredits(string name) => name is "uet-rccc" or "ndp" or "eqds";

    internal static bool HasTelemetry(string name) => name is "hpcc";

    /// <summary>Whether switches mark for it unless thresholds are given.</summary>
    internal static bool WantsMarks(string name) => name is not ("ndp" or "eqds" or "hpcc");

    internal static IPacketEngine Engine(PacketNet net, FlowBook book, PacketTraffic traffic, PacketOptions options, in PathFacts facts)
    {
        var nodes = net.Fabric.Nodes;
        var all = facts with { Paths = options.Balance == "single-path" ? 1 : options.Paths };
        return options.Balance switch
        {
            "round-robin" => ByTransport(net, book, traffic, options, all, new Rotation(nodes, options.Seed)),
            "adaptive" => ByTransport(net, book, traffic, options, all, new LeastQueued(net, options.Seed)),
            "ugal" => ByTransport(net, book, traffic, options, all, new Detours<UgalLocal>(nodes, options.Seed)),
            "valiant" => ByTransport(net, book, traffic, options, all, new Detours<AlwaysValiant>(nodes, options.Seed)),
            "flowlet" => ByTransport(net, book, traffic, options, all, new Flowlets(net, options.Seed)),
            _ => ByTransport(net, book, traffic, options, all, new HashOverPaths(nodes, options.Seed, net.WritesEntropies)),
        };
    }

    static IPacketEngine ByTransport<TChoice>(PacketNet net, FlowBook book, PacketTraffic traffic, PacketOptions options, in PathFacts facts, TChoice choice)
        where TChoice : struct, IPathChoice => options.Transport switch
        {
            "uet-nscc" => Selective<Nscc, NsccParameters, LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "uet-rccc" => Selective<CreditsAlone<Rccc>, NoParameters, LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "ndp" => Selective<CreditsAlone<Ndp>, NoParameters, LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "eqds" => Selective<CreditsAlone<Eqds>, NoParameters, LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "dctcp" => Selective<Dctcp, DctcpParameters, LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "swift" => Selective<Swift, SwiftParameters, LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "roce" or "infiniband" => Repeating<LineRate, TChoice>(net, book, traffic, options, facts, choice),
            "hpcc" => Ordered<Hpcc, TChoice>(net, book, traffic, options, facts, choice),
            "dcqcn" => Repeating<Dcqcn, TChoice>(net, book, traffic, options, facts, choice),
            "infiniband-cc" => Repeating<InfinibandControl, TChoice>(net, book, traffic, options, facts, choice),
            var name => throw new InputException($"there is no transport '{name}'{Nearest.Hint(name, Names)}"),
        };

    static IPacketEngine Repeating<TRate, TChoice>(PacketNet net, FlowBook book, PacketTraffic traffic, PacketOptions options, in PathFacts facts, TChoice choice)
        where TRate : struct, IRate
        where TChoice : struct, IPathChoice => options.RepeatsSelectively
            ? Selective<CreditsAlone<NoCredits>, NoParameters, TRate, TChoice>(net, book, traffic, options, facts, choice)
            : Ordered<TRate, TChoice>(net, book, traffic, options, facts, choice);

    static IPacketEngine Ordered<TRate, TChoice>(PacketNet net, FlowBook book, PacketTraffic traffic, PacketOptions options, in PathFacts facts, TChoice choice)
        where TRate : struct, IRate
        where TChoice : struct, IPathChoice => options.Balance == "single-path"
            ? Made(net, book, traffic, options, facts, new RoceTransport<TRate, ObliviousEntropies>(traffic, book, in facts), choice)
            : throw new InputException($"{options.Transport} delivers in order{(HasTelemetry(options.Transport) ? "" : " and goes back")}, so that packets of a flow take one path: expected {(HasTelemetry(options.Transport) ? "" : "selective repeat, or ")}--balance single-path, found '{options.Balance}'");

    static IPacketEngine Selective<TWindow, TParameters, TRate, TChoice>(PacketNet net, FlowBook book, PacketTraffic traffic, PacketOptions options, in PathFacts facts, TChoice choice)
        where TWindow : struct, IWindow<TParameters>
        where TParameters : struct
        where TRate : struct, IRate
        where TChoice : struct, IPathChoice
    {
        return options.Balance switch
        {
            "bitmap" => With<BitmapEntropies>(facts),
            "reps" => With<RepsEntropies>(facts),
            "oblivious" or "single-path" => With<ObliviousEntropies>(facts),
            // Switches choose, and their notes stand where entropies do.
            "round-robin" or "adaptive" or "flowlet" or "ugal" or "valiant" when net.WritesEntropies => With<ObliviousEntropies>(facts),
            "mixed" or "round-robin" or "adaptive" or "flowlet" or "ugal" or "valiant" => With<MixedEntropies>(facts),
            var name => throw new InputException($"there is no balance '{name}'{Nearest.Hint(name, PacketBalances.Names)}"),
        };

        IPacketEngine With<TEntropies>(in PathFacts facts)
            where TEntropies : struct, IEntropies =>
            Made(net, book, traffic, options, facts, new SelectiveTransport<TWindow, TParameters, TEntropies, TRate>(traffic, book, in facts, net.Fabric.Hosts), choice);
    }

    // Switches that make sums cost nothing where there are none.
    static IPacketEngine Made<TTransport, TChoice>(PacketNet net, FlowBook book, PacketTraffic traffic, PacketOptions options, in PathFacts facts, TTransport transport, TChoice choice)
        where TTransport : struct, ITransport
        where TChoice : struct, IPathChoice => traffic.Sums is null
            ? new PacketEngine<TTransport, TChoice>(net, book, transport, choice)
            : new PacketEngine<SwitchReduction<TTransport>, TChoice>(net, book, new(transport, new(net, traffic, book, in facts, options)), choice);
}
