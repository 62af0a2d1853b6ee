// Messages on the network of ASTRA-sim's analytical backends (TraceNetwork.cs has its delays).
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Traces;

/// <summary>No message waits for another.</summary>
sealed class UnawareWires(TraceEngine engine, TraceNetwork network) : ITraceWires
{
    public long Next => long.MaxValue;

    public void Send(int message, int from, int to, ulong bytes) => engine.PlanWire(checked(engine.Now + network.Delay(from, to, bytes)), message);

    public void Due(int item) => engine.Arrived(item);

    public void Advance()
    {
    }

    public void Settle()
    {
    }
}

/// <summary>Links serve whole messages one after the other.</summary>
sealed class AwareWires : ITraceWires
{
    struct Way
    {
        public int At, To, Step;
        public ulong Bytes;
    }

    readonly TraceEngine engine;
    readonly TraceDimension dimension;
    readonly int ranks;
    readonly bool[] busy;
    readonly Queue<int>?[] waiting;
    readonly Dictionary<long, int>? pairs; // links of a fully connected dimension, by ends
    readonly List<bool> pairBusy = [];
    readonly List<Queue<int>?> pairWaiting = [];
    Way[] ways = new Way[64];

    public AwareWires(TraceEngine engine, TraceNetwork network)
    {
        if (network.Dimensions.Count != 1)
            throw new InputException($"the congestion-aware network has one dimension, as ASTRA-sim's has, and this one has {network.Dimensions.Count}; play it on a fabric, or without congestion");
        (this.engine, dimension, ranks) = (engine, network.Dimensions[0], network.Ranks);
        if (dimension.Block == TraceBlock.FullyConnected) pairs = [];
        (busy, waiting) = (new bool[2 * ranks], new Queue<int>?[2 * ranks]);
    }

    public long Next => long.MaxValue;

    public void Send(int message, int from, int to, ulong bytes)
    {
        if (message >= ways.Length) Array.Resize(ref ways, Math.Max(message + 1, 2 * ways.Length));
        var forwards = (to - from + ranks) % ranks;
        if (engine.Alike && dimension.Block == TraceBlock.Ring && forwards != 1 && forwards != ranks - 1) throw new RanksDifferException();
        ways[message] = new() { At = from, To = to, Bytes = bytes, Step = ranks - forwards < forwards ? -1 : 1 };
        Onwards(message);
    }

    // Events: a message that has passed a link is 2 x its number, a link that is free 2 x its number + 1.
    public void Due(int item)
    {
        if ((item & 1) == 0)
        {
            if (ways[item >> 1].At == ways[item >> 1].To) engine.Arrived(item >> 1);
            else Onwards(item >> 1);
            return;
        }
        var link = item >> 1;
        SetBusy(link, false);
        if (Waiting(link) is { Count: > 0 } queue) Serve(link, queue.Dequeue());
    }

    public void Advance()
    {
    }

    public void Settle()
    {
    }

    void Onwards(int message)
    {
        ref var way = ref ways[message];
        var link = 0;
        switch (dimension.Block)
        {
            case TraceBlock.Ring:
                link = way.Step > 0 ? way.At : ranks + way.At;
                way.At = (way.At + way.Step + ranks) % ranks;
                if (engine.Alike) way.At = way.To; // one link; rank 0's stand for all
                break;
            case TraceBlock.Switch:
                // From a rank to the switch, which has the number behind the last; where one stands for all, down to rank 0.
                link = way.At < ranks ? way.At : ranks + (engine.Alike ? 0 : way.To);
                way.At = way.At < ranks ? ranks : way.To;
                break;
            default:
                link = Pair(way.At, way.To);
                way.At = way.To;
                break;
        }
        if (Busy(link)) Queue(link).Enqueue(message);
        else Serve(link, message);
    }

    void Serve(int link, int message)
    {
        SetBusy(link, true);
        var serial = ways[message].Bytes / dimension.BytesPerNanosecond;
        engine.PlanWire(checked(engine.Now + (long)(dimension.LatencyNanoseconds + serial)), 2 * message);
        engine.PlanWire(checked(engine.Now + (long)serial), (2 * link) + 1);
    }

    int Pair(int from, int to)
    {
        var key = ((long)from << 32) | (uint)to;
        if (pairs!.TryGetValue(key, out var link)) return link;
        pairBusy.Add(false);
        pairWaiting.Add(null);
        return pairs[key] = pairBusy.Count - 1;
    }

    bool Busy(int link) => pairs is null ? busy[link] : pairBusy[link];

    void SetBusy(int link, bool now)
    {
        if (pairs is null) busy[link] = now;
        else pairBusy[link] = now;
    }

    Queue<int>? Waiting(int link) => pairs is null ? waiting[link] : pairWaiting[link];

    Queue<int> Queue(int link) => pairs is null ? waiting[link] ??= new() : pairWaiting[link] ??= new();
}
