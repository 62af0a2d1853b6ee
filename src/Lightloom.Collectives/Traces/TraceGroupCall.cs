// One collective of a group while it is played: one object for all its ranks.
//
//   LanedCall      a schedule that is one step again and again: lanes (rank and channel) with one send each; state is two counts a lane
//   ListedCall     any other: its sends one by one, with gates and queues as ExpandedSchedule.cs has them
//   StreamedCall   switches reduce or copy: all flows at once, when all ranks have begun (SwitchedFlows.cs)
using Lightloom.Simulation;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Collectives.Traces;

/// <summary>A collective of a group.</summary>
/// <param name="engine">Who plays it.</param>
/// <param name="node">What the first rank calls.</param>
/// <param name="members">Its ranks, ascending.</param>
abstract class TraceGroupCall(TraceEngine engine, TraceNode node, int[] members)
{
    readonly TraceCall?[] calls = new TraceCall?[members.Length];
    int missing = members.Length;

    public TraceCollective What => node.Collective;

    public ulong Bytes => node.Bytes;

    /// <summary>What it gets of links and launches.</summary>
    protected virtual TraceSchedule? Made => null;

    protected TraceEngine Engine => engine;

    protected int[] Members => members;

    /// <summary>How many sends a rank has not ended, and how many have not come to it.</summary>
    protected int[] Open { get; } = new int[members.Length];

    /// <summary>Ranks that have begun.</summary>
    protected bool[] Begun { get; } = new bool[members.Length];

    /// <summary>Ranks that have not begun.</summary>
    protected int NotBegun { get; private set; } = members.Length;

    /// <summary>A rank calls it.</summary>
    /// <returns>Whether all have now.</returns>
    public bool Begin(TraceCall call)
    {
        var place = Array.BinarySearch(members, call.Rank.Id);
        calls[place] = call;
        engine.AfterTicks(call.Rank.Id, TraceEngine.Ticks(Made?.Before ?? default), new(TraceEngine.What.Join, this, (ulong)place));
        return --missing == 0;
    }

    /// <summary>A rank's launch is done.</summary>
    public void Join(int place)
    {
        Begun[place] = true;
        NotBegun--;
        if (Open[place] == 0) End(place);
        else Joined(place);
    }

    protected abstract void Joined(int place);

    /// <summary>A send has left.</summary>
    public abstract void Left(int send);

    /// <summary>A send is there.</summary>
    public abstract void Arrived(int send);

    /// <summary>Something of a rank is done.</summary>
    protected void Done(int place)
    {
        if (--Open[place] == 0 && Begun[place]) End(place);
    }

    protected void End(int place)
    {
        var call = calls[place]!;
        var until = call.Begin + TraceEngine.Ticks(Made?.Least ?? default);
        if (until > engine.Now) engine.AfterTicks(call.Rank.Id, until - engine.Now, new(TraceEngine.What.Broadcast, call, 0));
        else engine.EndCall(call);
    }

    protected void Send(int send, int from, int to, double bytes) =>
        engine.PutPart(this, send, members[from], members[to], bytes, Made!.Inside, Made.Outside);
}

/// <summary>A collective of one rank, which has nothing to do.</summary>
sealed class LoneCall(TraceEngine engine, TraceNode node, int[] members) : TraceGroupCall(engine, node, members)
{
    protected override void Joined(int place)
    {
    }

    public override void Left(int send)
    {
    }

    public override void Arrived(int send)
    {
    }
}

/// <summary>A schedule as calls play it: the same for all that have it.</summary>
abstract class SendPlan
{
    public static SendPlan Of(Schedule schedule) => LanePlan.OfRepeated(schedule) ?? (SendPlan)new ListPlan(SendList.Of(schedule.Expand()), schedule.Layout.Ranks);

    public abstract TraceGroupCall Make(TraceEngine engine, TraceNode node, int[] members, TraceSchedule made);

    /// <summary>Numbers by what they belong to: those of k are Items[First[k] .. First[k + 1]).</summary>
    protected static (int[] First, int[] Items) By(int[] of, int count)
    {
        var first = new int[count + 1];
        foreach (var k in of)
            if (k >= 0) first[k + 1]++;
        for (var k = 0; k < count; k++) first[k + 1] += first[k];
        var (next, items) = (first.AsSpan(0, count).ToArray(), new int[first[count]]);
        for (var i = 0; i < of.Length; i++)
            if (of[i] >= 0) items[next[of[i]]++] = i;
        return (first, items);
    }
}

/// <summary>One step again and again: send i of each step goes from Source[i] to Destination[i], and waits for what send Before[i] brought.</summary>
sealed class LanePlan : SendPlan
{
    public required int[] Source { get; init; }

    public required int[] Destination { get; init; }

    public required double[] Bytes { get; init; }

    public required int[] Behind { get; init; } // the send of a step whose sender send i comes to; -1: it sends nothing

    public required bool[] Waits { get; init; } // whether anything comes to a send's sender

    public required int Steps { get; init; }

    public required int Ranks { get; init; }

    public required int[] SendsFirst { get; init; } // by rank: sends that begin or end there

    public required int[] Sends { get; init; }

    public static LanePlan? OfRepeated(Schedule schedule)
    {
        if (RepeatedStep.Of(schedule) is not { } step || step.Destination.Distinct().Count() != step.Destination.Length) return null;
        var (n, list) = (step.Source.Length, step.Sends);
        var sender = new Dictionary<int, int>();
        for (var i = 0; i < n; i++) sender[step.Source[i]] = i;
        int[] behind = [.. step.Destination.Select(d => sender.GetValueOrDefault(d, -1))];
        var waits = new bool[n];
        foreach (var i in behind)
            if (i >= 0) waits[i] = true;
        var ranks = schedule.Layout.Ranks;
        var (first, ends) = By([.. list.Source, .. list.Destination], ranks);
        return new()
        {
            Source = list.Source,
            Destination = list.Destination,
            Bytes = list.Bytes,
            Behind = behind,
            Waits = waits,
            Steps = step.Steps,
            Ranks = ranks,
            SendsFirst = first,
            Sends = [.. ends.Select(e => e % n)],
        };
    }

    public override TraceGroupCall Make(TraceEngine engine, TraceNode node, int[] members, TraceSchedule made) => new LanedCall(engine, node, members, made, this);
}

sealed class LanedCall : TraceGroupCall
{
    readonly LanePlan plan;
    readonly int[] started, gone, came; // by send of a step: how many of its steps have started, have left, and have brought to its sender what they wait for

    public LanedCall(TraceEngine engine, TraceNode node, int[] members, TraceSchedule made, LanePlan plan)
        : base(engine, node, members)
    {
        (this.plan, Made) = (plan, made);
        var n = plan.Source.Length;
        (started, gone, came) = (new int[n], new int[n], new int[n]);
        for (var r = 0; r < members.Length; r++) Open[r] = plan.Steps * (plan.SendsFirst[r + 1] - plan.SendsFirst[r]);
    }

    protected override TraceSchedule Made { get; }

    protected override void Joined(int place)
    {
        for (var k = plan.SendsFirst[place]; k < plan.SendsFirst[place + 1]; k++) Try(plan.Sends[k]);
    }

    public override void Left(int send)
    {
        gone[send]++;
        Done(plan.Source[send]);
        Try(send);
    }

    public override void Arrived(int send)
    {
        Done(plan.Destination[send]);
        if (plan.Behind[send] is not (>= 0 and var next)) return;
        came[next]++;
        Try(next);
    }

    void Try(int send)
    {
        var step = started[send];
        var (from, to) = (plan.Source[send], plan.Destination[send]);
        if (step == plan.Steps || gone[send] < step || (step > came[send] && plan.Waits[send]) || !Begun[from] || !Begun[to]) return;
        started[send]++;
        Send(send, from, to, plan.Bytes[plan.Bytes.Length == 1 ? 0 : send]);
    }
}

/// <summary>Sends one by one.</summary>
sealed class ListPlan : SendPlan
{
    readonly int ranks;

    public ListPlan(SendList list, int ranks)
    {
        (List, this.ranks) = (list, ranks);
        Waits = new int[list.Count];
        Follower = new int[list.Count];
        Array.Fill(Follower, -1);
        Missing = [.. list.GateArrivals];
        (WaitersFirst, Waiters) = By(list.WaitsFor ?? [], Missing.Length);
        (NextFirst, Next) = By(list.GateAfter ?? [], Missing.Length);
        for (var i = 0; i < list.Count; i++)
        {
            Waits[i] = 2; // both ends begin
            if (list.WaitsFor?[i] >= 0) Waits[i]++;
            if (list.After?[i] is not (>= 0 and var before)) continue;
            Follower[before] = i;
            Waits[i]++;
        }
        for (var q = 0; q < Missing.Length; q++)
            if (list.GateAfter?[q] >= 0) Missing[q]++;
        (SendsFirst, Sends) = By([.. list.Source, .. list.Destination], ranks);
    }

    public SendList List { get; }

    public int[] Waits { get; }

    public int[] Missing { get; }

    public int[] Follower { get; }

    public int[] WaitersFirst { get; }

    public int[] Waiters { get; }

    public int[] NextFirst { get; }

    public int[] Next { get; }

    public int[] SendsFirst { get; }

    public int[] Sends { get; } // send i as i where it begins, as i + Count where it ends

    public override TraceGroupCall Make(TraceEngine engine, TraceNode node, int[] members, TraceSchedule made) => new ListedCall(engine, node, members, made, this);
}

sealed class ListedCall : TraceGroupCall
{
    readonly ListPlan plan;
    readonly int[] waits, missing;
    readonly Stack<int> opened = new();

    public ListedCall(TraceEngine engine, TraceNode node, int[] members, TraceSchedule made, ListPlan plan)
        : base(engine, node, members)
    {
        (this.plan, Made) = (plan, made);
        (waits, missing) = ([.. plan.Waits], [.. plan.Missing]);
        for (var r = 0; r < members.Length; r++) Open[r] = plan.SendsFirst[r + 1] - plan.SendsFirst[r];
    }

    protected override TraceSchedule Made { get; }

    protected override void Joined(int place)
    {
        for (var k = plan.SendsFirst[place]; k < plan.SendsFirst[place + 1]; k++) Less(plan.Sends[k] % plan.List.Count);
    }

    public override void Left(int send)
    {
        Done(plan.List.Source[send]);
        if (plan.Follower[send] >= 0) Less(plan.Follower[send]);
    }

    public override void Arrived(int send)
    {
        Done(plan.List.Destination[send]);
        if (plan.List.Feeds?[send] is not (>= 0 and var gate) || --missing[gate] > 0) return;
        opened.Push(gate);
        while (opened.TryPop(out var open))
        {
            for (var k = plan.WaitersFirst[open]; k < plan.WaitersFirst[open + 1]; k++) Less(plan.Waiters[k]);
            for (var k = plan.NextFirst[open]; k < plan.NextFirst[open + 1]; k++)
                if (--missing[plan.Next[k]] == 0) opened.Push(plan.Next[k]);
        }
    }

    void Less(int send)
    {
        if (--waits[send] == 0) Send(send, plan.List.Source[send], plan.List.Destination[send], plan.List.Bytes[plan.List.Bytes.Length == 1 ? 0 : send]);
    }
}

/// <summary>Flows of a collective whose switches reduce or copy.</summary>
/// <param name="Flows">Routes, with the bytes on each.</param>
/// <param name="Ticks">What is still on its way when they have left.</param>
/// <param name="Least">What it takes at least.</param>
readonly record struct TraceStreams(IReadOnlyList<(int Route, double Bytes, bool Inside)> Flows, long Ticks, long Least);

sealed class StreamedCall : TraceGroupCall
{
    readonly TraceStreams streams;
    int flowing;
    long begun;

    public StreamedCall(TraceEngine engine, TraceNode node, int[] members, TraceSchedule made, TraceStreams streams)
        : base(engine, node, members)
    {
        (Made, this.streams, flowing) = (made, streams, streams.Flows.Count);
        Array.Fill(Open, 1);
    }

    protected override TraceSchedule Made { get; }

    protected override void Joined(int place)
    {
        if (NotBegun > 0) return;
        begun = Engine.Now;
        for (var f = 0; f < streams.Flows.Count; f++)
        {
            var (route, bytes, inside) = streams.Flows[f];
            Engine.PutStream(this, f, route, bytes, inside ? Made.Inside : Made.Outside);
        }
        if (flowing == 0) Flowed();
    }

    public override void Left(int send)
    {
        if (--flowing == 0) Flowed();
    }

    public override void Arrived(int send)
    {
    }

    void Flowed()
    {
        var late = Math.Max(streams.Ticks, begun + streams.Least - Engine.Now);
        for (var r = 0; r < Members.Length; r++) Engine.AfterTicks(Members[r], late, new(TraceEngine.What.Flowed, this, (ulong)r));
    }

    /// <summary>The last piece is there.</summary>
    public void Here(int place) => Done(place);
}
