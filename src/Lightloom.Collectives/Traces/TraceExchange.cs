// What a chunk of a collective does in one phase on one rank, as ASTRA-sim's system layer has it.
//
//   A rank has packets that wait to be sent, and turns. Each packet spends the endpoint's delay, and what adding up costs, before it gives
//   a turn; a turn sends the first packet and waits for one from the peer that goes with it; what is received becomes the next packet.
//   The phase ends when all sends are out and as many turns are free as packets are under way at once.
//
//   ring          one packet at a time to the next rank           N - 1 sends of S/N; all-reduce twice that; all-gather of S; all-to-all N (N-1)/2
//   direct        W packets at once to the ranks that follow      N - 1 sends
//   halving       one packet at a time to rank xor 1, 2, 4, ...   log2 N sends of S/2, S/4, ...; all-reduce back again; all-gather S, 2 S, ...
//
// Sizes are whole bytes; halves are cut off. What is received is added up in a reduce-scatter and in the first half of an all-reduce, but
// for the first and the middle packet, which come from memory.
using System.Numerics;
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Traces;

/// <summary>Ranks of a phase: listed, or evenly spaced.</summary>
/// <param name="Ranks">How many.</param>
/// <param name="Own">The place of the rank among them.</param>
/// <param name="First">The first, where they are evenly spaced.</param>
/// <param name="Stride">The distance between neighbours, where they are evenly spaced.</param>
/// <param name="Members">The ranks, where they are listed.</param>
readonly record struct TraceRing(int Ranks, int Own, int First, int Stride, IReadOnlyList<int>? Members)
{
    public int At(int place) => Members is null ? First + (place * Stride) : Members[place];

    public int Step(int place, int by) => (int)((((long)place + by) % Ranks + Ranks) % Ranks);
}

/// <summary>One phase of a chunk on one rank.</summary>
abstract class TraceExchange(TraceStream stream)
{
    protected TraceStream Stream { get; } = stream;

    /// <summary>Begins.</summary>
    public abstract void Start();

    /// <summary>A packet has passed its endpoint.</summary>
    public abstract void Turn();

    /// <summary>A message has come.</summary>
    public abstract void Received();

    public static TraceExchange Of(TraceStream stream, in TracePhase phase) => phase.Custom is not null ? new CustomExchange(stream, phase)
        : phase.Algorithm.Method == TraceMethod.DoubleBinaryTree ? new TreeExchange(stream, phase) : new StepExchange(stream, phase);
}

/// <summary>Ring, direct, and halving and doubling.</summary>
sealed class StepExchange : TraceExchange
{
    readonly record struct Packet(int To, int From, ulong Bytes);

    readonly TraceMethod method;
    readonly TraceCollective what;
    readonly TraceRing ring;
    readonly bool local;
    readonly int direction, parallel, fromNetwork;
    readonly Queue<Packet> packets = new();
    ulong bytes;
    int sends, free, received, fresh, worked, receiver, sender, distance;
    double factor;
    bool first; // the first half of an all-reduce

    public StepExchange(TraceStream stream, in TracePhase phase)
        : base(stream)
    {
        (method, what, ring, local) = (phase.Algorithm.Method, phase.What, phase.Ring, phase.Local);
        direction = phase.Backwards ? -1 : 1;
        var n = ring.Ranks;
        (parallel, bytes) = (1, phase.Bytes);
        switch (method)
        {
            case TraceMethod.HalvingDoubling:
                if (what == TraceCollective.AllToAll) throw new InputException("halvingDoubling can't do an all-to-all");
                if (!BitOperations.IsPow2(n)) throw new InputException($"halvingDoubling needs a power of two of ranks along a dimension, found {n:N0}");
                var steps = BitOperations.Log2((uint)n);
                sends = what == TraceCollective.AllReduce ? 2 * steps : steps;
                fromNetwork = steps - 1;
                (distance, factor) = what == TraceCollective.AllGather ? (n / 2, 0.5) : (1, 2);
                if (what != TraceCollective.AllGather) bytes /= 2;
                Partner();
                break;
            default:
                sends = what == TraceCollective.AllReduce ? 2 * (n - 1) : n - 1;
                fromNetwork = n - 1;
                if (method == TraceMethod.Direct)
                {
                    parallel = Math.Min(phase.Algorithm.Window ?? n - 1, n - 1);
                    fromNetwork = local ? (n - 1) * parallel : parallel;
                }
                else if (what == TraceCollective.AllToAll)
                {
                    sends = (int)Math.Min(int.MaxValue, (long)n * (n - 1) / 2);
                }
                if (what != TraceCollective.AllGather) bytes /= (ulong)n;
                (receiver, sender) = (ring.Step(ring.Own, direction), ring.Step(ring.Own, -direction));
                break;
        }
        if (bytes == 0) throw new InputException($"{what} cuts {phase.Bytes:N0} B into messages of nothing among {n:N0} ranks; expected more bytes or fewer splits");
    }

    public override void Start()
    {
        for (var i = 0; i < parallel; i++) Insert();
    }

    public override void Received()
    {
        received++;
        Insert();
    }

    public override void Turn()
    {
        free++;
        if (method == TraceMethod.Direct && what == TraceCollective.AllReduce && sends <= ring.Ranks - 1)
        {
            // The second half begins when all of the first is there.
            if (received < ring.Ranks - 1) return;
            for (var i = 0; i < parallel; i++) Send();
        }
        else
        {
            Send();
        }
        if (sends == 0 && free == parallel) Stream.EndPhase();
    }

    void Insert()
    {
        if (fresh == 0 && worked == 0) (fresh, worked, first) = (parallel, fromNetwork, !first);
        packets.Enqueue(new(ring.At(receiver), ring.At(sender), bytes));
        if (fresh > 0)
        {
            fresh--;
            Stream.Pass(this, false, bytes, local);
        }
        else
        {
            worked--;
            Stream.Pass(this, what == TraceCollective.ReduceScatter || (what == TraceCollective.AllReduce && first), bytes, local);
        }
        Next();
    }

    void Next()
    {
        switch (method)
        {
            case TraceMethod.Direct:
                receiver = ring.Step(receiver, direction);
                if (receiver == ring.Own) receiver = ring.Step(receiver, direction);
                sender = ring.Step(sender, -direction);
                if (sender == ring.Own) sender = ring.Step(sender, -direction);
                break;
            case TraceMethod.HalvingDoubling:
                Scale();
                if (distance == ring.Ranks && what == TraceCollective.AllReduce)
                {
                    factor = 0.5;
                    Scale();
                }
                Partner();
                break;
        }
    }

    void Scale() => (distance, bytes) = ((int)(distance * factor), (ulong)(bytes / factor));

    void Partner()
    {
        var way = distance > 0 && ring.Own / distance % 2 != 0 ? -1 : 1;
        receiver = sender = ring.Step(ring.Own, way * distance);
    }

    void Send()
    {
        if (packets.Count == 0 || sends == 0 || free == 0) return;
        var packet = packets.Dequeue();
        sends--;
        free--;
        Stream.Send(packet.To, packet.Bytes);
        Stream.Receive(packet.From, packet.Bytes, this);
    }
}

/// <summary>All-reduce up and down a binary tree, whole chunks at a time.</summary>
sealed class TreeExchange : TraceExchange
{
    enum State
    {
        Begin,
        ToParent,
        FromParent,
        FromTwo,
        FromOne,
        ToChildren,
        End,
    }

    readonly ulong bytes;
    readonly int parent, left, right; // ranks; -1: none
    State state;
    int added;

    public TreeExchange(TraceStream stream, in TracePhase phase)
        : base(stream)
    {
        if (phase.What != TraceCollective.AllReduce) throw new InputException($"doubleBinaryTree does an all-reduce alone, and the trace asks for {phase.What}");
        var ring = phase.Ring;
        if (phase.Local || !BitOperations.IsPow2(ring.Ranks)) throw new InputException("doubleBinaryTree needs a power of two of ranks along a dimension of the network");
        bytes = phase.Bytes;
        // In order from left to right: all under the last rank, or all under the first.
        var (up, low, high) = phase.Backwards ? (0, 1, ring.Ranks - 1) : (ring.Ranks - 1, 0, ring.Ranks - 2);
        int At(int place) => place < 0 ? -1 : ring.At(place);
        if (ring.Own == up)
        {
            (parent, left, right) = (-1, At((low + high) / 2), -1);
            return;
        }
        while (true)
        {
            var middle = (low + high) / 2;
            if (middle == ring.Own)
            {
                (parent, left, right) = (At(up), low == high ? -1 : At((low + middle - 1) / 2), low == high ? -1 : At((middle + 1 + high) / 2));
                return;
            }
            up = middle;
            if (ring.Own < middle) high = middle - 1;
            else low = middle + 1;
        }
    }

    bool Root => parent < 0;

    bool Leaf => parent >= 0 && left < 0;

    public override void Start()
    {
        if (Leaf)
        {
            state = State.ToParent;
            Stream.Pass(this, false, bytes, false);
            return;
        }
        state = Root ? State.FromOne : State.FromTwo;
        Stream.Receive(left, bytes, this);
        if (!Root) Stream.Receive(right, bytes, this);
    }

    public override void Received()
    {
        switch (state)
        {
            case State.FromParent when Leaf:
                state = State.End;
                Stream.Pass(this, false, bytes, false);
                break;
            case State.FromTwo:
                state = State.FromOne;
                Stream.Pass(this, true, bytes, false);
                break;
            case State.FromOne:
                state = Root ? State.ToChildren : State.ToParent;
                Stream.Pass(this, true, bytes, false);
                break;
            case State.FromParent:
                state = State.ToChildren;
                Stream.Pass(this, true, bytes, false);
                break;
        }
    }

    public override void Turn()
    {
        if (!Leaf && !Root && added < 1)
        {
            added++;
            return;
        }
        switch (state)
        {
            case State.ToParent:
                state = State.FromParent;
                Stream.Send(parent, bytes);
                Stream.Receive(parent, bytes, this);
                break;
            case State.ToChildren:
                Stream.Send(left, bytes);
                if (!Root) Stream.Send(right, bytes);
                Stream.EndPhase();
                break;
            case State.End:
                Stream.EndPhase();
                break;
        }
    }
}

/// <summary>A collective whose sends and receives stand in a trace: the place in the group is the rank there.</summary>
sealed class CustomExchange : TraceExchange
{
    readonly Dictionary<ulong, Step> steps = [];
    readonly TraceRing ring;
    readonly ITraceSource source;
    int left;

    /// <summary>A node of the trace, which has come to its end when it is received or has passed.</summary>
    public sealed class Step(CustomExchange exchange, TraceNode node)
    {
        public TraceNode Node => node;

        public int Missing { get; set; }

        public List<Step> Followers { get; } = [];

        public void End() => exchange.End(this);
    }

    public CustomExchange(TraceStream stream, in TracePhase phase)
        : base(stream)
    {
        (ring, source) = (phase.Ring, phase.Custom!);
        if (source.Ranks < ring.Ranks) throw new InputException($"a custom collective has {source.Ranks:N0} ranks, and is used among {ring.Ranks:N0}");
        foreach (var node in source.NodesOf(ring.Own))
            if (!steps.TryAdd(node.Id, new(this, node))) throw new InputException($"{source.PlaceOf(ring.Own, node)}: node {node.Id} stands there a second time");
        foreach (var step in steps.Values)
        {
            foreach (var before in step.Node.After.Distinct())
            {
                if (!steps.TryGetValue(before, out var other)) throw new InputException($"{source.PlaceOf(ring.Own, step.Node)}: {step.Node} comes after node {before}, which its file doesn't have");
                step.Missing++;
                other.Followers.Add(step);
            }
        }
        left = steps.Count;
        if (left > 0 && steps.Values.All(s => s.Missing > 0)) throw new InputException($"{source.PlaceOf(ring.Own, steps.Values.First().Node)}: all nodes of a custom collective wait for others");
    }

    public override void Start()
    {
        if (left == 0)
        {
            Stream.EndPhase();
            return;
        }
        foreach (var step in steps.Values.Where(s => s.Missing == 0).OrderBy(s => s.Node.Id).ToList()) Issue(step);
    }

    public override void Turn()
    {
    }

    public override void Received()
    {
    }

    void Issue(Step step)
    {
        var node = step.Node;
        switch (node.Kind)
        {
            case TraceNodeKind.Send:
                Stream.SendBetween(Peer(node), node.Bytes, node.Tag, step);
                break;
            case TraceNodeKind.Receive:
                Stream.ReceiveBetween(Peer(node), node.Bytes, node.Tag, step);
                break;
            case TraceNodeKind.Compute:
                Stream.Compute(step, node.Microseconds == 0 ? 1 : checked((long)node.Microseconds * 1000));
                break;
            default:
                throw new InputException($"{source.PlaceOf(ring.Own, node)}: a custom collective sends, receives and computes, and this is {node}");
        }
    }

    int Peer(TraceNode node) => node.Peer < ring.Ranks ? ring.At(node.Peer)
        : throw new InputException($"{source.PlaceOf(ring.Own, node)}: {node}: a collective of {ring.Ranks:N0} ranks has no rank {node.Peer:N0}");

    void End(Step step)
    {
        left--;
        foreach (var follower in step.Followers)
            if (--follower.Missing == 0) Issue(follower);
        if (left == 0) Stream.EndPhase();
    }
}
