// What PacketNet keeps of wires, queues and cards, and small things that all of it needs.
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

/// <summary>What a queue and its wire are now, and of the wire what each hop needs: they stand together, since a hop waits for memory more than for anything.</summary>
struct Port
{
    public long BusyUntil;
    public long PerByte, Latency;   // of the wire
    public int DataHead, DataTail;  // chains of packets
    public int ControlHead, ControlTail;
    public int DataBytes;           // waiting
    public int ControlBytes;
    public int ServiceBytes;        // data being sent, while BusyUntil > now
    public int InService;           // what is or was being sent
    public uint Random;
    public byte FreePending;        // an event will tell that it is free
    public byte Paused;
    public WireEnd End;             // of the wire
    public byte Simple;             // the wire has nothing special, and nobody is told that it is free unless somebody waits
    public int MarkFrom, Buffer;    // of the queue; int.MaxValue: never
}

/// <summary>Where what a wire carries goes.</summary>
enum WireEnd : byte
{
    /// <summary>Its arrival is an event.</summary>
    Event,

    /// <summary>Into another part.</summary>
    Border,

    /// <summary>To the port of a switch that it will join.</summary>
    Port,
}

/// <summary>What is to be seen to when a packet begins to be sent over a wire.</summary>
enum WireSpecial : byte
{
    No,

    /// <summary>Errors, perhaps, and what a switch that cuts through does sooner.</summary>
    Errors,

    /// <summary>The same, and it leads to a switch that begins to forward before it has all of a packet.</summary>
    CutThrough,
}

/// <summary>What a wire and the queue in front of it always are.</summary>
struct Wire
{
    public long Latency;            // with the switch at the end
    public long PerByte;            // 2^-20 ps
    public int To;
    public int From;
    public int MarkAll;             // int.MaxValue: never
    public byte Broken;
    public byte Foreign;            // leads into another part
    public byte AlwaysFree;         // tell when it is free even if nobody waits: pauses are counted then
    public WireSpecial Special;
}

/// <summary>The card of a host.</summary>
struct HostCard
{
    public int FirstWire;           // in the fabric's list of wires out of nodes
    public int Wires;
    public int FlowHead, FlowTail;  // flows that want to send
    public int Flows;
    public int ControlHead, ControlTail;
    public int Turn;
}

enum EventKind
{
    Arrival,
    Free,
    FlowTimer,
    HostTimer,
    Start,
    Pause,
    SecondTimer,
}

/// <summary>What was counted.</summary>
struct PacketCounts
{
    public long Events, DataHops, ControlHops, Marks, Trims, Drops, Pauses, NewPackets, AgainPackets, Acks, Nacks, Pulls, Timeouts, Spoiled, Retries;
    public int MostQueued, Finished;

    /// <summary>What was counted in all parts.</summary>
    public void Add(in PacketCounts other)
    {
        Events += other.Events;
        DataHops += other.DataHops;
        ControlHops += other.ControlHops;
        Marks += other.Marks;
        Trims += other.Trims;
        Drops += other.Drops;
        Pauses += other.Pauses;
        NewPackets += other.NewPackets;
        AgainPackets += other.AgainPackets;
        Acks += other.Acks;
        Nacks += other.Nacks;
        Pulls += other.Pulls;
        Timeouts += other.Timeouts;
        Spoiled += other.Spoiled;
        Retries += other.Retries;
        MostQueued = Math.Max(MostQueued, other.MostQueued);
        Finished += other.Finished;
    }
}

enum CardTurn
{
    None,
    Control,
    Flow,
}

/// <summary>Numbers that look random and depend on nothing but what is given.</summary>
static class PacketRandom
{
    /// <summary>A well-mixed number of two [Steele, Lea, Flood, SplitMix64, OOPSLA 2014].</summary>
    public static ulong Mix(ulong a, ulong b) => SplitMix64.Mix(a + (0x9E3779B97F4A7C15UL * (b + 1)));
}
