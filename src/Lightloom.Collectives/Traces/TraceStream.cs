// Chunks of collectives on one rank, phase by phase, through queues that run a few of them at a time.
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Traces;

/// <summary>One phase of a chunk.</summary>
/// <param name="What">What it does.</param>
/// <param name="Algorithm">How.</param>
/// <param name="Ring">Among whom.</param>
/// <param name="Bytes">Bytes at its start.</param>
/// <param name="Queue">The queue that runs it.</param>
/// <param name="Backwards">Whether it goes round the other way, or takes the second tree.</param>
/// <param name="Local">Whether it runs in a group of its own, whose endpoints take 10 ns.</param>
/// <param name="Custom">The trace of its sends and receives, where it has one.</param>
readonly record struct TracePhase(TraceCollective What, TraceAlgorithm Algorithm, TraceRing Ring, ulong Bytes, int Queue, bool Backwards, bool Local, ITraceSource? Custom)
{
    /// <summary>Bytes at its end.</summary>
    public ulong After => What switch
    {
        TraceCollective.AllGather => checked(Bytes * (ulong)Ring.Ranks),
        TraceCollective.ReduceScatter => Bytes / (ulong)Ring.Ranks,
        _ => Bytes,
    };
}

/// <summary>A collective on one rank: it ends when all its chunks have.</summary>
sealed class TraceCall(TraceRank rank, TraceRank.Loaded node, long begin)
{
    public TraceRank Rank => rank;

    public TraceRank.Loaded Node => node;

    public long Begin => begin;

    public int Chunks { get; set; }
}

/// <summary>A chunk of a collective on one rank.</summary>
sealed class TraceStream(TraceEngine engine, TraceCall call, long tag, TracePhase[] phases, long priority)
{
    const int LocalNanoseconds = 10;

    TraceExchange? exchange;
    int next;

    public TraceCall Call => call;

    public long Priority => priority;

    public int Queue { get; private set; } = -1;

    public bool Running { get; private set; }

    /// <summary>Leaves its phase for the next, or ends.</summary>
    public void EndPhase()
    {
        var (rank, before) = (call.Rank, Queue);
        exchange = null;
        // The collective's end is told before the queue is left, so that what it starts finds the queue as it is.
        if (next == phases.Length && --call.Chunks == 0) engine.EndCall(call);
        if (before >= 0) rank.Active[before].Remove(this);
        if (next < phases.Length)
        {
            Queue = phases[next++].Queue;
            Running = false;
            Insert(rank.Active[Queue]);
            if (before >= 0) Left(rank, before);
            Fill(rank, Queue);
            return;
        }
        if (before >= 0) Left(rank, before);
    }

    void Left(TraceRank rank, int queue)
    {
        rank.Running[queue]--;
        Fill(rank, queue);
    }

    void Fill(TraceRank rank, int queue)
    {
        var active = rank.Active[queue];
        for (var at = rank.Running[queue]; at < active.Count && rank.Running[queue] < engine.AtOnce; at++)
        {
            rank.Running[queue]++;
            active[at].Begin();
        }
    }

    // Behind those that run, and those of the same or a higher priority.
    void Insert(List<TraceStream> active)
    {
        var at = 0;
        while (at < active.Count && (active[at].Running || active[at].Priority >= Priority)) at++;
        active.Insert(at, this);
    }

    void Begin()
    {
        Running = true;
        try
        {
            exchange = TraceExchange.Of(this, phases[next - 1]);
        }
        catch (InputException e)
        {
            throw engine.Wrong(call.Rank, call.Node.Node, e.Problem);
        }
        exchange.Start();
    }

    /// <summary>A packet passes the endpoint, and gives a turn when it has.</summary>
    public void Pass(TraceExchange by, bool added, ulong bytes, bool local) =>
        engine.After(call.Rank, local ? LocalNanoseconds : engine.System.EndpointNanoseconds, new(added ? TraceEngine.What.Add : TraceEngine.What.Turn, by, bytes));

    public void Send(int to, ulong bytes) => engine.Send(call.Rank.Id, to, bytes, tag, null);

    public void Receive(int from, ulong bytes, TraceExchange by) => engine.Receive(from, call.Rank.Id, bytes, tag, by);

    public void SendBetween(int to, ulong bytes, uint between, object step) => engine.Send(call.Rank.Id, to, bytes, TraceEngine.Native(between), step);

    public void ReceiveBetween(int from, ulong bytes, uint between, object step) => engine.Receive(from, call.Rank.Id, bytes, TraceEngine.Native(between), step);

    public void Compute(CustomExchange.Step step, long nanoseconds) => engine.After(call.Rank, nanoseconds, new(TraceEngine.What.Step, step, 0));
}
