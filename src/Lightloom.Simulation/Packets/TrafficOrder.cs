// The order of sends as triggers of flows.
//
//   gate q           a barrier of GateArrivals[q] pulls, and one more where the gate GateAfter[q] has to be open, which pulls it when it fires
//   gate with turns  a trigger of many shots
//   After[i]         pulled when the send before has left its sender, as the next message of a queue pair follows: not when it is acknowledged
//   gate and After   a barrier of 2 of the send's own, which the gate and the send before pull
//   two gates fed    a trigger between, which pulls both
//
// Example: the second step of a ring: send 3 of rank 0 waits for gate 0, which send 2 feeds, and follows send 0. Trigger 0: barrier of 1, on send 2
//   received; trigger 1: barrier of 2, starts send 3, pulled by trigger 0 and on send 0 departed.
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Packets;

/// <summary>Triggers that keep the order of sends.</summary>
sealed class TrafficOrder
{
    readonly SendList sends;
    readonly List<FlowTrigger> triggers = [];
    readonly List<(int Trigger, int Pulled)> chains = [];

    public TrafficOrder(SendList sends)
    {
        this.sends = sends;
        if (sends.WaitsFor is null && sends.After is null) return;
        foreach (var _ in sends.GateArrivals) triggers.Add(default);
        for (var q = 0; q < triggers.Count; q++) Gate(q);
        (StartedBy, OnDeparted, OnReceived) = (new int[sends.Count], new int[sends.Count], new int[sends.Count]);
        Array.Fill(OnDeparted, -1);
        for (var i = 0; i < sends.Count; i++) StartedBy[i] = Start(i);
        for (var i = 0; i < sends.Count; i++) OnReceived[i] = Fed(sends.Feeds?[i] ?? -1, sends.FeedsToo?[i] ?? -1);
    }

    public int[] StartedBy { get; } = [];

    public int[] OnDeparted { get; } = [];

    public int[] OnReceived { get; } = [];

    public IReadOnlyList<FlowTrigger> Triggers => triggers;

    public IReadOnlyList<(int Trigger, int Pulled)> Chains => chains;

    int Add(FlowTrigger trigger)
    {
        triggers.Add(trigger);
        return triggers.Count - 1;
    }

    bool HasTurns(int gate) => sends.GateTurns is { } turns && turns[gate];

    // Nobody has to arrive for it.
    bool IsOpen(int gate)
    {
        for (var steps = 0; gate >= 0; gate = sends.GateAfter?[gate] ?? -1)
            if (sends.GateArrivals[gate] > 0 || HasTurns(gate) || ++steps > sends.GateArrivals.Length) return false;
        return true;
    }

    void Gate(int q)
    {
        var before = sends.GateAfter?[q] ?? -1;
        if (before >= 0 && IsOpen(before)) before = -1;
        triggers[q] = HasTurns(q) ? new(TriggerKind.MultiShot) : new(TriggerKind.Barrier, sends.GateArrivals[q] + (before >= 0 ? 1 : 0));
        if (before >= 0) chains.Add((before, q));
    }

    int Start(int i)
    {
        var (gate, after) = (sends.WaitsFor?[i] ?? -1, sends.After?[i] ?? -1);
        if (gate >= 0 && IsOpen(gate)) gate = -1;
        if (after < 0) return gate;
        if (gate >= 0 && HasTurns(gate)) throw new InputException($"send {i + 1:N0} of {sends.Name} waits for its turn and for send {after + 1:N0}: expected one of them");
        if (OnDeparted[after] >= 0) throw new InputException($"two sends of {sends.Name} come after send {after + 1:N0}: expected one");
        var own = OnDeparted[after] = Add(new(TriggerKind.Barrier, gate < 0 ? 1 : 2));
        if (gate >= 0) chains.Add((gate, own));
        return own;
    }

    int Fed(int gate, int too)
    {
        if (gate < 0 || too < 0) return Math.Max(gate, too);
        var both = Add(new(TriggerKind.OneShot));
        chains.Add((both, gate));
        chains.Add((both, too));
        return both;
    }
}
