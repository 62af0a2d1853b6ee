using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
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
public readonly record struct FlowTrigger(TriggerKind Kind, int Count = 1)
{
    /// <summary>Pulls after which it fires, unless it does at each.</summary>
    internal int Needed => Kind == TriggerKind.Barrier ? Count : 1;
}

/// <summary>Numbers that belong to each of some others.</summary>
readonly struct TriggerTargets
{
    readonly int[] first, items;

    public TriggerTargets(int triggers, IEnumerable<(int Trigger, int Target)> pairs)
    {
        first = new int[triggers + 1];
        foreach (var (t, _) in pairs) first[t + 1]++;
        for (var t = 0; t < triggers; t++) first[t + 1] += first[t];
        items = new int[first[triggers]];
        var next = first.AsSpan(0, triggers).ToArray();
        foreach (var (t, target) in pairs) items[next[t]++] = target;
    }

    public ReadOnlySpan<int> Of(int trigger) => items.AsSpan(first[trigger], first[trigger + 1] - first[trigger]);
}

/// <summary>Flows between hosts, with what starts them. Indices, not names; -1 is none.</summary>
public sealed class PacketTraffic
{
    int[] source = [], destination = [];
    long[] bytes = [];

    /// <summary>What it is.</summary>
    public required string Name { get; init; }

    /// <summary>The host that sends each flow.</summary>
    public required int[] Source { get => source; init => source = value; }

    /// <summary>The host that receives it.</summary>
    public required int[] Destination { get => destination; init => destination = value; }

    /// <summary>Its data in bytes, without headers.</summary>
    public required long[] Bytes { get => bytes; init => bytes = value; }

    /// <summary>The class of each flow, 0 the first to go. Empty: all are of class 0.</summary>
    public int[] Class { get; init; } = [];

    /// <summary>When it starts, in picoseconds, and not before its trigger fires where it has one; -1: when its trigger does. Empty: all at once.</summary>
    public long[] StartPicoseconds { get; init; } = [];

    /// <summary>The trigger that starts each flow. Empty: none do.</summary>
    public int[] StartedBy { get; init; } = [];

    /// <summary>The trigger that it pulls when the last of its data leaves its sender for the first time. Empty: none do.</summary>
    public int[] OnDeparted { get; init; } = [];

    /// <summary>The trigger that it pulls when its sender knows that all has arrived. Empty: none do.</summary>
    public int[] OnSent { get; init; } = [];

    /// <summary>The trigger that it pulls when its receiver has all. Empty: none do.</summary>
    public int[] OnReceived { get; init; } = [];

    /// <summary>The triggers.</summary>
    public IReadOnlyList<FlowTrigger> Triggers { get; init; } = [];

    /// <summary>Triggers, not of many shots, that pull another one when they fire.</summary>
    public IReadOnlyList<(int Trigger, int Pulled)> Chains { get; init; } = [];

    /// <summary>Sums that switches make of what hosts send; null: there are none.</summary>
    public PacketSums? Sums { get; init; }

    /// <summary>Whether hosts are those of scale-up domains alone.</summary>
    internal bool IsBehind { get; private init; }

    /// <summary>Flows.</summary>
    public int Count => Source.Length;

    internal int ClassOf(int flow) => Class.Length == 0 ? 0 : Class[flow];

    /// <summary>When a flow starts by itself, ps; -1: it is triggered.</summary>
    internal long StartOf(int flow) => StartPicoseconds.Length == 0 ? TriggerOf(flow) >= 0 ? -1 : 0 : StartPicoseconds[flow];

    internal int TriggerOf(int flow) => StartedBy.Length == 0 ? -1 : StartedBy[flow];

    internal int OnDepartedOf(int flow) => OnDeparted.Length == 0 ? -1 : OnDeparted[flow];

    internal int OnSentOf(int flow) => OnSent.Length == 0 ? -1 : OnSent[flow];

    internal int OnReceivedOf(int flow) => OnReceived.Length == 0 ? -1 : OnReceived[flow];

    /// <summary>
    /// Sends with their order, as flows between cards; or between ranks, of which those of two systems go from card to card, and those within a scale-up domain have the
    /// hosts of <see cref="PacketFabricBuilder.OfDomains"/>, counted behind the cards.
    /// </summary>
    /// <param name="sends">The sends.</param>
    /// <param name="graph">The fabric, where ranks send; null: cards do.</param>
    /// <param name="places">Where ranks stand; null: they are cards.</param>
    /// <exception cref="InputException">A send waits for its turn and for another one.</exception>
    public static PacketTraffic Of(SendList sends, FabricGraph? graph = null, RankPlaces? places = null)
    {
        ArgumentNullException.ThrowIfNull(sends);
        var (source, destination) = (sends.Source, sends.Destination);
        if (places is not null)
        {
            ArgumentNullException.ThrowIfNull(graph);
            bool Inside(int i) => places.Domain[sends.Source[i]] == places.Domain[sends.Destination[i]];
            int Host(int i, int rank) => Inside(i) ? graph.Cards + rank : places.Card[rank];
            source = [.. Enumerable.Range(0, sends.Count).Select(i => Host(i, sends.Source[i]))];
            destination = [.. Enumerable.Range(0, sends.Count).Select(i => Host(i, sends.Destination[i]))];
        }
        return Of(sends, source, destination);
    }

    /// <summary>Sends with their order, between hosts that are given.</summary>
    internal static PacketTraffic Of(SendList sends, int[] source, int[] destination, PacketSums? sums = null)
    {
        var order = new TrafficOrder(sends);
        return new()
        {
            Name = sends.Name,
            Source = source,
            Destination = destination,
            Bytes = [.. Enumerable.Range(0, sends.Count).Select(i => Whole(sends.Bytes[sends.Bytes.Length == 1 ? 0 : i]))],
            StartPicoseconds = sends.Start is null ? [] : [.. sends.Start.Select(s => SimTime.FromDuration(Duration.FromSeconds(s)).Picoseconds)],
            StartedBy = order.StartedBy,
            OnDeparted = order.OnDeparted,
            OnReceived = order.OnReceived,
            Triggers = order.Triggers,
            Chains = order.Chains,
            Sums = sums,
        };
    }

    internal static long Whole(double bytes) => checked((long)Math.Ceiling(bytes));

    /// <summary>The same flows with other sizes, which are alike in each sum.</summary>
    /// <param name="sizes">Bytes of each.</param>
    public PacketTraffic With(long[] sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        if (sizes.Length != Count) throw new ArgumentException($"expected a size for each of {Count} flows, found {sizes.Length}", nameof(sizes));
        return new()
        {
            Name = Name,
            Source = Source,
            Destination = Destination,
            Bytes = sizes,
            Class = Class,
            StartPicoseconds = StartPicoseconds,
            StartedBy = StartedBy,
            OnDeparted = OnDeparted,
            OnSent = OnSent,
            OnReceived = OnReceived,
            Triggers = Triggers,
            Chains = Chains,
            Sums = Sums?.With(sizes),
        };
    }

    /// <summary>These flows and others at once, which start nothing of each other: first these, then the others.</summary>
    public PacketTraffic Beside(PacketTraffic other)
    {
        ArgumentNullException.ThrowIfNull(other);
        var sums = new PacketSums();
        if (Sums is not null) sums.Take(Sums, 0);
        if (other.Sums is not null) sums.Take(other.Sums, Count);
        return new()
        {
            Name = $"{Name} beside {other.Name}",
            Source = [.. Source, .. other.Source],
            Destination = [.. Destination, .. other.Destination],
            Bytes = [.. Bytes, .. other.Bytes],
            Class = Both(static (t, f) => t.ClassOf(f), 0),
            StartPicoseconds = Both(static (t, f) => t.StartOf(f), 0),
            StartedBy = Both(static (t, f) => t.TriggerOf(f), Triggers.Count),
            OnDeparted = Both(static (t, f) => t.OnDepartedOf(f), Triggers.Count),
            OnSent = Both(static (t, f) => t.OnSentOf(f), Triggers.Count),
            OnReceived = Both(static (t, f) => t.OnReceivedOf(f), Triggers.Count),
            Triggers = [.. Triggers, .. other.Triggers],
            Chains = [.. Chains, .. other.Chains.Select(c => (c.Trigger + Triggers.Count, c.Pulled + Triggers.Count))],
            Sums = sums.All.Count > 0 ? sums : null,
        };

        // The others' numbers are shifted, but for -1.
        T[] Both<T>(Func<PacketTraffic, int, T> of, T shift)
            where T : System.Numerics.INumber<T>
            => [.. Enumerable.Range(0, Count).Select(f => of(this, f)), .. Enumerable.Range(0, other.Count).Select(f => of(other, f) is var n && T.IsNegative(n) ? n : n + shift)];
    }

    /// <summary>The same flows, with hosts of a second fabric counted from 0: of those within it alone anything is asked.</summary>
    internal PacketTraffic Behind(int hosts) => new()
    {
        Name = Name,
        Source = [.. Source.Select(h => Math.Max(0, h - hosts))],
        Destination = [.. Destination.Select(h => Math.Max(0, h - hosts))],
        Bytes = Bytes,
        Sums = Sums,
        IsBehind = true,
    };

    /// <summary>Room for more flows, of those whose ends are told while others are under way.</summary>
    internal void Grow(int flows)
    {
        Array.Resize(ref source, flows);
        Array.Resize(ref destination, flows);
        Array.Resize(ref bytes, flows);
    }

    /// <summary>Checks that flows lie on a fabric, or a second one behind it, and that each can begin.</summary>
    /// <param name="hosts">Hosts of the fabric.</param>
    /// <param name="inside">Hosts of the second one.</param>
    /// <exception cref="InputException">A host isn't there, a size is out of range, a trigger is missing, never pulled, or waits for itself.</exception>
    public void Check(int hosts, int inside = 0)
    {
        int[]? sum = Sums?.ByFlow(Count).Sum;
        for (var f = 0; f < Count; f++)
        {
            if ((uint)Source[f] >= (uint)(hosts + inside) || (uint)Destination[f] >= (uint)(hosts + inside))
                throw new InputException($"flow {f + 1} of {Name} goes from host {Source[f]} to {Destination[f]}: expected hosts 0 to {hosts + inside - 1}");
            if (Source[f] < hosts != Destination[f] < hosts) throw new InputException($"flow {f + 1} of {Name} goes from host {Source[f]} to {Destination[f]}: expected two cards, or two accelerators of one scale-up domain");
            if (Source[f] == Destination[f] && (sum is null || sum[f] < 0)) throw new InputException($"flow {f + 1} of {Name} goes from host {Source[f]} to itself");
            if (Bytes[f] <= 0) throw new InputException($"flow {f + 1} of {Name} has {Bytes[f]} bytes: expected at least 1");
            if (StartOf(f) < 0 && TriggerOf(f) < 0) throw new InputException($"flow {f + 1} of {Name} has neither a start nor a trigger");
            foreach (var t in (ReadOnlySpan<int>)[TriggerOf(f), OnDepartedOf(f), OnSentOf(f), OnReceivedOf(f)])
                if (t >= Triggers.Count) throw new InputException($"flow {f + 1} of {Name} names trigger {t + 1}: there are {Triggers.Count}");
        }
        foreach (var (trigger, pulled) in Chains)
            if ((uint)trigger >= (uint)Triggers.Count || (uint)pulled >= (uint)Triggers.Count) throw new InputException($"trigger {trigger + 1} of {Name} pulls trigger {pulled + 1}: there are {Triggers.Count}");
        Sums?.Check(this);
        CheckOrder();
    }

    /// <summary>The flows that each trigger starts, in their order.</summary>
    internal TriggerTargets Targets() =>
        new(Triggers.Count, Enumerable.Range(0, Count).Where(f => TriggerOf(f) >= 0).Select(f => (TriggerOf(f), f)));

    /// <summary>The triggers that each pulls when it fires.</summary>
    internal TriggerTargets Chained() => new(Triggers.Count, Chains);

    // Every flow must be able to begin: as if each that has begun ended at once.
    void CheckOrder()
    {
        if (Triggers.Count == 0) return; // all begin by themselves
        var (flows, chained) = (Targets(), Chained());
        var pulls = new int[Triggers.Count];
        var next = new int[Triggers.Count];
        var begun = new bool[Count];
        var (open, pulled) = (new Stack<int>(), new Stack<int>());
        for (var f = 0; f < Count; f++)
            if (TriggerOf(f) < 0) open.Push(f);
        var left = Count;
        var (sum, member) = (Sums ?? new()).ByFlow(Count);
        int[] missing = [.. (Sums ?? new()).All.Select(s => Sums!.Trees[s.Tree].Members.Count(m => m.Sends))]; // by sum: who has to begin
        bool Sends(int f) => sum[f] < 0 || Sums!.Trees[Sums.All[sum[f]].Tree].Members[member[f]].Sends;
        void Pull(params ReadOnlySpan<int> triggers)
        {
            foreach (var t in triggers)
                if (t >= 0) pulled.Push(t);
        }
        while (open.TryPop(out var f))
        {
            if (begun[f]) continue;
            begun[f] = true;
            left--;
            Pull(OnDepartedOf(f));
            if (sum[f] < 0) Pull(OnSentOf(f), OnReceivedOf(f));
            else if (Sends(f) && --missing[sum[f]] == 0)
            {
                foreach (var of in Sums!.All[sum[f]].Flows)
                {
                    Pull(OnSentOf(of), OnReceivedOf(of));
                    if (!Sends(of)) open.Push(of);
                }
            }
            while (pulled.TryPop(out var t))
            {
                pulls[t]++;
                if (Triggers[t].Kind == TriggerKind.MultiShot)
                {
                    if (next[t] < flows.Of(t).Length) open.Push(flows.Of(t)[next[t]++]);
                }
                else if (pulls[t] == Triggers[t].Needed)
                {
                    foreach (var target in flows.Of(t)) open.Push(target);
                    foreach (var target in chained.Of(t)) pulled.Push(target);
                }
            }
        }
        if (left == 0) return;
        var waiting = Enumerable.Range(0, Count).First(f => !begun[f] && Sends(f));
        var by = TriggerOf(waiting);
        var why = pulls[by] == 0 ? "which no flow that can begin pulls (a circle, or nothing at all)"
            : Triggers[by].Kind == TriggerKind.Barrier ? $"a barrier that is pulled {pulls[by]} times and waits for {Triggers[by].Count}"
            : $"which is pulled {pulls[by]} times and has {flows.Of(by).Length} flows to start";
        throw new InputException($"{left:N0} flows of {Name} never begin: flow {waiting + 1} waits for trigger {by + 1}, {why}");
    }
}
