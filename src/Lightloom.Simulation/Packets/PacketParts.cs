// Parts of a fabric that threads play side by side: a conservative simulation [Chandy and Misra 1979; Fujimoto, Parallel discrete event simulation, CACM 1990].
//
//   atom         a switch and the hosts whose first wire leads to it; atoms are one where a wire between them is shorter than the least lookahead, and where
//                a trigger joins their hosts, since triggers take no time
//   part         atoms with hosts in the order of hosts, cut where the bytes that they send and receive are shared evenly; other switches go where
//                most of their wires lead, and of equals to the part that has fewest
//   lookahead    L = the smallest latency of the wires between parts: what happens in one part before t + L depends on nothing that happens in others from t on
//   least        half the median latency between switches; half of that, and so on to 10 ns, where fewer parts than threads are left
//
// What happens is the same however the fabric is divided: parts share nothing, randomness belongs to ports, switches, and flows, and simultaneous events have
// an order of their own (EventRing.cs).
//
// Worked example: a fat tree of 128 hosts on two threads: pods 0 to 3 and 4 to 7, every other core switch with each; L is the latency of a link, 1 us.
namespace Lightloom.Simulation.Packets;

/// <summary>Which part each node belongs to.</summary>
sealed class PacketParts
{
    const long LeastLookahead = 10_000; // ps

    readonly int[] part;

    PacketParts(int[] part, int count, long lookahead, string? why) => (this.part, Count, Lookahead, Why) = (part, count, lookahead, why);

    /// <summary>Parts.</summary>
    public int Count { get; }

    /// <summary>Picoseconds that it takes at least from one part to another.</summary>
    public long Lookahead { get; }

    /// <summary>Why there are fewer than asked for; null: there aren't.</summary>
    public string? Why { get; }

    /// <summary>The part of a node.</summary>
    public int Of(int node) => part[node];

    /// <summary>Everything is one part.</summary>
    /// <param name="fabric">The fabric.</param>
    /// <param name="why">Why more were asked for in vain; null: they weren't.</param>
    public static PacketParts One(PacketFabric fabric, string? why = null) => new(new int[fabric.Nodes], 1, long.MaxValue, why is null ? null : $"played on one thread: {why}");

    /// <summary>As many parts as threads, or fewer where there aren't as many atoms.</summary>
    public static PacketParts Of(PacketFabric fabric, ReadOnlySpan<Wire> wires, PacketTraffic traffic, int threads)
    {
        if (threads == 1) return One(fabric);
        var joined = Joined(fabric, traffic);
        var hosting = 1;
        for (var least = MedianLatency(fabric, wires) / 2; ; least /= 2)
        {
            least = Math.Max(least, LeastLookahead);
            var atoms = new Atoms(joined);
            foreach (ref readonly var wire in wires)
                if (wire.Latency < least) atoms.Join(wire.From, wire.To);
            hosting = HostingAtoms(fabric, atoms);
            if (hosting < threads && least > LeastLookahead) continue;
            var (part, count) = hosting == 1 ? (new int[fabric.Nodes], 1) : Cut(fabric, wires, traffic, atoms, threads);
            var lookahead = long.MaxValue;
            foreach (ref readonly var wire in wires)
                if (part[wire.From] != part[wire.To]) lookahead = Math.Min(lookahead, wire.Latency);
            return new(part, count, lookahead, count == threads ? null : Reason(fabric, joined, count));
        }
    }

    static string Reason(PacketFabric fabric, Atoms joined, int count) =>
        $"played on {(count == 1 ? "one thread" : $"{count} threads")}: " +
        (fabric.Nodes - fabric.Hosts == 1 ? "one switch can't be divided"
            : HostingAtoms(fabric, joined) == count ? $"all hosts are in {(count == 1 ? "one group" : $"{count} groups")} that switches or triggers, which take no time, join"
            : $"groups of hosts are joined by wires of less than {LeastLookahead / 1000} ns");

    // Switches with their hosts, and hosts that triggers join: what pulls a trigger and what it starts.
    static Atoms Joined(PacketFabric fabric, PacketTraffic traffic)
    {
        var atoms = new Atoms(fabric.Nodes + traffic.Triggers.Count);
        for (var h = 0; h < fabric.Hosts; h++) atoms.Join(h, fabric.To[fabric.WiresOf(h)[0]]);
        void Trigger(int trigger, int host)
        {
            if (trigger >= 0) atoms.Join(fabric.Nodes + trigger, host);
        }
        for (var f = 0; f < traffic.Count; f++)
        {
            Trigger(traffic.TriggerOf(f), traffic.Source[f]);
            Trigger(traffic.OnDepartedOf(f), traffic.Source[f]);
            Trigger(traffic.OnSentOf(f), traffic.Source[f]);
            Trigger(traffic.OnReceivedOf(f), traffic.Destination[f]);
        }
        foreach (var (trigger, pulled) in traffic.Chains) atoms.Join(fabric.Nodes + trigger, fabric.Nodes + pulled);
        return atoms;
    }

    static long MedianLatency(PacketFabric fabric, ReadOnlySpan<Wire> wires)
    {
        var between = new List<long>();
        foreach (ref readonly var wire in wires)
            if (wire.From >= fabric.Hosts && wire.To >= fabric.Hosts) between.Add(wire.Latency);
        between.Sort();
        return between.Count == 0 ? 0 : between[between.Count / 2];
    }

    static int HostingAtoms(PacketFabric fabric, Atoms atoms)
    {
        var seen = new HashSet<int>();
        for (var h = 0; h < fabric.Hosts; h++) seen.Add(atoms.Of(h));
        return seen.Count;
    }

    static (int[] Part, int Count) Cut(PacketFabric fabric, ReadOnlySpan<Wire> wires, PacketTraffic traffic, Atoms atoms, int threads)
    {
        var part = new int[fabric.Nodes];
        var ofAtom = new int[fabric.Nodes + traffic.Triggers.Count];
        Array.Fill(ofAtom, -1);
        var count = CutHosts(fabric, traffic, atoms, threads, ofAtom);
        PlaceSwitches(fabric, wires, atoms, ofAtom, count);
        for (var n = 0; n < part.Length; n++) part[n] = Math.Max(0, ofAtom[atoms.Of(n)]);
        return (part, count);
    }

    // Atoms with hosts in the order of their first ones: a part takes what comes next until it has its share of the work that is left, and leaves one for each other part.
    static int CutHosts(PacketFabric fabric, PacketTraffic traffic, Atoms atoms, int threads, int[] ofAtom)
    {
        var work = new double[ofAtom.Length];
        for (var h = 0; h < fabric.Hosts; h++) work[atoms.Of(h)] += 1;
        for (var f = 0; f < traffic.Count; f++)
        {
            work[atoms.Of(traffic.Source[f])] += traffic.Bytes[f];
            work[atoms.Of(traffic.Destination[f])] += traffic.Bytes[f];
        }
        int[] order = [.. Enumerable.Range(0, fabric.Hosts).Select(atoms.Of).Distinct()];
        var (left, part, taken, share) = (work.Sum(), 0, 0.0, work.Sum() / threads);
        for (var i = 0; i < order.Length; i++)
        {
            var more = work[order[i]];
            if (i > 0 && part < threads - 1 && (taken + more / 2 > share || order.Length - i < threads - part))
            {
                left -= taken;
                part++;
                (taken, share) = (0, left / (threads - part));
            }
            ofAtom[order[i]] = part;
            taken += more;
        }
        return part + 1;
    }

    // Level by level from the hosts: what was placed before this level decides.
    static void PlaceSwitches(PacketFabric fabric, ReadOnlySpan<Wire> wires, Atoms atoms, int[] ofAtom, int count)
    {
        var load = new int[count];
        var around = new Dictionary<int, int[]>();
        while (true)
        {
            around.Clear();
            foreach (ref readonly var wire in wires)
            {
                var (from, to) = (atoms.Of(wire.From), ofAtom[atoms.Of(wire.To)]);
                if (ofAtom[from] >= 0 || to < 0) continue;
                if (!around.TryGetValue(from, out var of)) around[from] = of = new int[count];
                of[to]++;
            }
            if (around.Count == 0) return;
            for (var n = fabric.Hosts; n < fabric.Nodes; n++)
            {
                if (!around.Remove(atoms.Of(n), out var of)) continue;
                var best = 0;
                for (var p = 1; p < count; p++)
                    if (of[p] > of[best] || (of[p] == of[best] && load[p] < load[best])) best = p;
                ofAtom[atoms.Of(n)] = best;
                load[best] += of.Sum();
            }
        }
    }

    // Sets that are joined [Tarjan 1975].
    sealed class Atoms
    {
        readonly int[] parent;

        public Atoms(int count) => parent = [.. Enumerable.Range(0, count)];

        public Atoms(Atoms other) => parent = [.. other.parent];

        public int Of(int item)
        {
            while (parent[item] != item) item = parent[item] = parent[parent[item]];
            return item;
        }

        public void Join(int a, int b) => parent[Of(b)] = Of(a);
    }
}
