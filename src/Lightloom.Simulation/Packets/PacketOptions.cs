using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

/// <summary>How packets are sent and forwarded. What is null is taken from the fabric, as the public simulator of the Ultra Ethernet Consortium does.</summary>
public sealed record PacketOptions
{
    /// <summary>The most threads that can be asked for.</summary>
    public const int MostThreads = 256;

    readonly string? transport;

    /// <summary>The transport, by name: one of <see cref="PacketTransports.Names"/>; the first unless given.</summary>
    public string Transport
    {
        get => transport ?? PacketTransports.Names[0];
        init => transport = value;
    }

    /// <summary>How packets find their paths, by name: one of <see cref="PacketBalances.Names"/>; what is usual for the transport unless given.</summary>
    public string Balance
    {
        get => field ?? PacketTransports.UsualBalance(Transport);
        init;
    }

    /// <summary>
    /// Of roce, dcqcn and InfiniBand: whether receivers take packets in any order, and only what is lost is sent again; else the sender goes back to the first that is
    /// missing. Null: where packets of a flow take more than one path.
    /// </summary>
    public bool? SelectiveRepeat { get; init; }

    /// <summary>The same with another transport, unless one was given.</summary>
    public PacketOptions Usually(string name) => transport is null ? this with { Transport = name } : this;

    internal bool RepeatsSelectively => SelectiveRepeat ?? Balance != "single-path";

    /// <summary>Paths that a sender tries: entropies per flow, a power of two up to 256.</summary>
    public int Paths { get; init; } = 64;

    /// <summary>The largest packet, with its header of 64 B.</summary>
    public DataSize Packet { get; init; } = DataSize.FromBytes(4150);

    /// <summary>What a queue holds; the bandwidth-delay product of the longest path, in whole packets, unless given.</summary>
    public DataSize? Buffer { get; init; }

    /// <summary>What all queues of a switch share, by <see cref="Alpha"/>, instead of <see cref="Buffer"/> for each; null: nothing is shared.</summary>
    public DataSize? SharedBuffer { get; init; }

    /// <summary>With a shared buffer: what a queue may hold, over what is left of it.</summary>
    public double Alpha { get; init; } = 1;

    /// <summary>Classes of flows, of which 0 goes before 1 and so on, each with queues of its own; <see cref="PacketTraffic.Class"/> says whose is which.</summary>
    public int Classes { get; init; } = 1;

    /// <summary>Virtual lanes of links with credits: a packet rises by one with each switch, so that lanes don't wait for each other in a circle.</summary>
    public int VirtualLanes { get; init; } = 1;

    /// <summary>From where packets are marked; a fifth of that product unless given.</summary>
    public DataSize? MarkFrom { get; init; }

    /// <summary>Where all are; four fifths unless given.</summary>
    public DataSize? MarkAll { get; init; }

    /// <summary>Whether packets that don't fit are cut to headers, or dropped.</summary>
    public bool Trim { get; init; } = true;

    /// <summary>Of lossless transports: data from one wire that wait in a switch from which its sender is paused.</summary>
    public DataSize? PauseFrom { get; init; }

    /// <summary>Of lossless transports: below this it may go on.</summary>
    public DataSize? ResumeBelow { get; init; }

    /// <summary>Whether switches forward a packet when its header is there, instead of the whole of it.</summary>
    public bool CutThrough { get; init; }

    /// <summary>Bit errors of wires; null: none.</summary>
    public PacketErrors? Errors { get; init; }

    /// <summary>The first window; the transport's own unless given.</summary>
    public DataSize? FirstWindow { get; init; }

    /// <summary>
    /// Of sums that switches make (<see cref="PacketSums"/>): what a host may have under way in a tree, and a switch holds of it, in whole packets, a power of two; what the way
    /// up and down takes at the card's rate, and a piece, unless given.
    /// </summary>
    public DataSize? ReductionWindow { get; init; }

    /// <summary>Of collectives whose switches reduce: pieces of what one tree adds up, which follow each other through all steps. NCCL's NVLS_CHUNKSIZE unless given.</summary>
    public DataSize ReductionChunk { get; init; } = DataSize.FromBytes(131072);

    /// <summary>What all chances are drawn from: equal seeds give equal runs.</summary>
    public ulong Seed { get; init; } = 1;

    /// <summary>Wires that break, slow down or are whole again on the way.</summary>
    public IReadOnlyList<WireChange> Changes { get; init; } = [];

    /// <summary>From a break or a repair until routes are found anew.</summary>
    public Duration Notice { get; init; } = Duration.Zero;

    /// <summary>How often queues and counts are looked at for <see cref="PacketRun.Samples"/>; null: never.</summary>
    public Duration? SampleEvery { get; init; }

    /// <summary>Whether it is counted what each wire of the fabric carries, for <see cref="PacketRun.LoadOf"/>; it makes a run a little slower.</summary>
    public bool CountLinks { get; init; }

    /// <summary>Told about twice a second how far it is; null: nobody is.</summary>
    public Action<PacketProgress>? Progress { get; init; }

    /// <summary>Threads to play on: what happens is the same on any number.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>When to stop at the latest; null: when all flows are done.</summary>
    public SimTime? Until { get; init; }
}

/// <summary>How far a run is.</summary>
/// <param name="Time">Simulated time.</param>
/// <param name="Events">Events so far.</param>
/// <param name="EventsPerSecond">Events of a second since it was told last.</param>
/// <param name="Flows">Flows that have not ended.</param>
public readonly record struct PacketProgress(SimTime Time, long Events, double EventsPerSecond, int Flows);

/// <summary>A wire, one direction of a link, changes.</summary>
/// <param name="At">When.</param>
/// <param name="Wire">The wire; both of a link are to be named where both change.</param>
/// <param name="Share">The share of its rate that it has from then on: 0 is broken, and what waits for it or is on it is lost; 1 is whole.</param>
public readonly record struct WireChange(SimTime At, int Wire, double Share);

/// <summary>How a fabric looked at a time.</summary>
/// <param name="Time">When.</param>
/// <param name="Queued">Data that waited in switches, all together.</param>
/// <param name="LongestQueue">The most that waited in one queue.</param>
/// <param name="Paused">Ports that were held back.</param>
/// <param name="UnderWay">Packets on wires and in queues.</param>
/// <param name="Marks">Packets marked since the last sample.</param>
/// <param name="Trims">Packets trimmed since then.</param>
/// <param name="Drops">Packets lost since then.</param>
/// <param name="Pauses">Senders paused since then.</param>
/// <param name="DataHops">Packets of data that came over a wire since then.</param>
public readonly record struct PacketSample(SimTime Time, DataSize Queued, DataSize LongestQueue, int Paused, int UnderWay, long Marks, long Trims, long Drops, long Pauses, long DataHops);
