using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Packets;

/// <summary>What a trigger does when it is pulled.</summary>
public enum TriggerKind
{
    /// <summary>Starts all its flows, once.</summary>
    OneShot,

    /// <summary>Starts the next of its flows each time.</summary>
    MultiShot,

    /// <summary>Starts all its flows when it has been pulled a number of times.</summary>
    Barrier,
}

/// <summary>What starts flows when others end.</summary>
/// <param name="Kind">What it does.</param>
/// <param name="Count">Of a barrier: how often it must be pulled.</param>
public readonly record struct FlowTrigger(TriggerKind Kind, int Count = 1);

/// <summary>Flows between hosts, with what starts them. Indices, not names; -1 is none.</summary>
public sealed class PacketTraffic
{
    /// <summary>What it is.</summary>
    public required string Name { get; init; }

    /// <summary>The host that sends each flow.</summary>
    public required int[] Source { get; init; }

    /// <summary>The host that receives it.</summary>
    public required int[] Destination { get; init; }

    /// <summary>Its data in bytes, without headers.</summary>
    public required long[] Bytes { get; init; }

    /// <summary>When it starts, in picoseconds; -1: when its trigger says so. Empty: all at once.</summary>
    public long[] StartPicoseconds { get; init; } = [];

    /// <summary>The trigger that starts each flow. Empty: none do.</summary>
    public int[] StartedBy { get; init; } = [];

    /// <summary>The trigger that it pulls when its sender knows that all has arrived. Empty: none do.</summary>
    public int[] OnSent { get; init; } = [];

    /// <summary>The trigger that it pulls when its receiver has all. Empty: none do.</summary>
    public int[] OnReceived { get; init; } = [];

    /// <summary>The triggers.</summary>
    public IReadOnlyList<FlowTrigger> Triggers { get; init; } = [];

    /// <summary>Flows.</summary>
    public int Count => Source.Length;

    /// <summary>When a flow starts by itself, ps; -1: it is triggered.</summary>
    internal long StartOf(int flow) => StartPicoseconds.Length == 0 ? TriggerOf(flow) >= 0 ? -1 : 0 : StartPicoseconds[flow];

    internal int TriggerOf(int flow) => StartedBy.Length == 0 ? -1 : StartedBy[flow];

    internal int OnSentOf(int flow) => OnSent.Length == 0 ? -1 : OnSent[flow];

    internal int OnReceivedOf(int flow) => OnReceived.Length == 0 ? -1 : OnReceived[flow];

    /// <summary>Sends that wait for nothing, as flows between cards.</summary>
    /// <exception cref="InputException">Sends wait for others.</exception>
    public static PacketTraffic Of(SendList sends)
    {
        ArgumentNullException.ThrowIfNull(sends);
        if (sends.WaitsFor is not null || sends.After is not null) throw new InputException($"{sends.Name} has sends that wait for others: expected a pattern");
        return new()
        {
            Name = sends.Name,
            Source = sends.Source,
            Destination = sends.Destination,
            Bytes = [.. Enumerable.Range(0, sends.Count).Select(i => checked((long)Math.Ceiling(sends.Bytes[sends.Bytes.Length == 1 ? 0 : i])))],
            StartPicoseconds = sends.Start is null ? [] : [.. sends.Start.Select(s => SimTime.FromDuration(Duration.FromSeconds(s)).Picoseconds)],
        };
    }

    /// <summary>Checks that flows lie on a fabric, and that each can begin.</summary>
    /// <exception cref="InputException">A host isn't there, a size is out of range, a trigger is missing, never pulled, or waits for itself.</exception>
    public void Check(int hosts)
    {
        for (var f = 0; f < Count; f++)
        {
            if ((uint)Source[f] >= (uint)hosts || (uint)Destination[f] >= (uint)hosts)
                throw new InputException($"flow {f + 1} of {Name} goes from host {Source[f]} to {Destination[f]}: expected hosts 0 to {hosts - 1}");
            if (Source[f] == Destination[f]) throw new InputException($"flow {f + 1} of {Name} goes from host {Source[f]} to itself");
            if (Bytes[f] <= 0) throw new InputException($"flow {f + 1} of {Name} has {Bytes[f]} bytes: expected at least 1");
            if (StartOf(f) < 0 && TriggerOf(f) < 0) throw new InputException($"flow {f + 1} of {Name} has neither a start nor a trigger");
            foreach (var t in (int[])[TriggerOf(f), OnSentOf(f), OnReceivedOf(f)])
                if (t >= Triggers.Count) throw new InputException($"flow {f + 1} of {Name} names trigger {t + 1}: there are {Triggers.Count}");
        }
        CheckOrder();
    }

    // Every flow must be able to begin: as if each that has begun ended at once.
    void CheckOrder()
    {
        var targets = new List<int>[Triggers.Count];
        for (var t = 0; t < targets.Length; t++) targets[t] = [];
        for (var f = 0; f < Count; f++)
            if (TriggerOf(f) >= 0) targets[TriggerOf(f)].Add(f);
        var pulls = new int[Triggers.Count];
        var next = new int[Triggers.Count];
        var begun = new bool[Count];
        var open = new Stack<int>();
        for (var f = 0; f < Count; f++)
            if (TriggerOf(f) < 0) open.Push(f);
        var left = Count;
        while (open.TryPop(out var f))
        {
            if (begun[f]) continue;
            begun[f] = true;
            left--;
            foreach (var t in (int[])[OnSentOf(f), OnReceivedOf(f)])
            {
                if (t < 0) continue;
                pulls[t]++;
                if (Triggers[t].Kind == TriggerKind.MultiShot)
                {
                    if (next[t] < targets[t].Count) open.Push(targets[t][next[t]++]);
                }
                else if (pulls[t] == (Triggers[t].Kind == TriggerKind.Barrier ? Triggers[t].Count : 1))
                {
                    foreach (var target in targets[t]) open.Push(target);
                }
            }
        }
        if (left == 0) return;
        var waiting = Array.IndexOf(begun, false);
        var by = TriggerOf(waiting);
        var why = pulls[by] == 0 ? "which no flow that can begin pulls (a circle, or nothing at all)"
            : Triggers[by].Kind == TriggerKind.Barrier ? $"a barrier that is pulled {pulls[by]} times and waits for {Triggers[by].Count}"
            : $"which is pulled {pulls[by]} times and has {targets[by].Count} flows to start";
        throw new InputException($"{left:N0} flows of {Name} never begin: flow {waiting + 1} waits for trigger {by + 1}, {why}");
    }
}
