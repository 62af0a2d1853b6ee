// Sums that switches make of what hosts send, as packets see them: trees of switches, and what is added up in each, one sum behind the other.
//
//   tree      wires up from members to switches and from these on, to one root: from a node all lead to the same one; of wires beside each other packet k takes the
//             (k mod their number)th. Down it goes over the same links.
//   member    a host that sends, receives, or both
//   sum       so many bytes, a flow for each member: it goes from its host to its host, begins as other flows do where it sends, and with the first packet of the result
//             where it only receives. It has arrived when the result has, and is finished then; of a host that only sends, when all of it has been added up
//   stream    the sums of a tree follow one another in the order in which they were added, for every member
//
// How they are played: Transports/SwitchReduction.cs.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Packets;

/// <summary>A switch of a tree: what it gets from how many, where the sum goes (nowhere from the root), and where results do.</summary>
readonly record struct TreeSwitch(int Node, int Parent, int[] Up, int Inputs, TreeBranch[] Down);

/// <summary>The way from a switch down to another one of its tree, or to a member (the other number is -1); whether any below sends, or receives.</summary>
readonly record struct TreeBranch(int[] Wires, int Switch, int Member, bool Sends, bool Receives);

/// <summary>A host, by its number in its fabric, its wire to the switch above it, whether it is its only one, and what it does.</summary>
readonly record struct TreeMember(int Host, int Wire, bool OneWire, int Switch, bool Sends, bool Receives);

/// <summary>A tree. Its switches and members are counted from 0.</summary>
sealed record SumTree(int FirstHost, TreeSwitch[] Switches, TreeMember[] Members);

/// <summary>A sum in a tree, and the flow of each member.</summary>
readonly record struct TreeSum(int Tree, long Bytes, int[] Flows);

/// <summary>Trees of switches that add up and copy, and the sums that are made in them. Not for several threads while they are added.</summary>
public sealed class PacketSums
{
    readonly List<SumTree> trees = [];
    readonly List<TreeSum> sums = [];

    internal IReadOnlyList<SumTree> Trees => trees;

    internal IReadOnlyList<TreeSum> All => sums;

    /// <summary>A tree.</summary>
    /// <param name="fabric">The fabric.</param>
    /// <param name="up">Its wires on the way up; those down are the other directions of the same links.</param>
    /// <param name="senders">Hosts whose data are added up.</param>
    /// <param name="receivers">Hosts that get the sum.</param>
    /// <param name="firstHost">What the fabric's first host is in the traffic: of scale-up domains, the number of cards.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="InputException">Nobody sends or receives, a member has several wires in the tree or none, or there isn't one root.</exception>
    public int AddTree(PacketFabric fabric, IReadOnlyList<int> up, IReadOnlyList<int> senders, IReadOnlyList<int> receivers, int firstHost = 0)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(up);
        ArgumentNullException.ThrowIfNull(senders);
        ArgumentNullException.ThrowIfNull(receivers);
        if (senders.Count == 0 || receivers.Count == 0) throw new InputException($"a tree of {fabric.Name} has {senders.Count} hosts that send and {receivers.Count} that receive: expected one of each at least");
        trees.Add(new Planter(fabric, up, senders, receivers).Plant(firstHost));
        return trees.Count - 1;
    }

    /// <summary>One more sum in a tree.</summary>
    /// <param name="tree">The tree.</param>
    /// <param name="bytes">Data that each host sends, and gets of the result.</param>
    /// <param name="flows">The flow of each of the tree's hosts that send or receive, in ascending order of hosts.</param>
    /// <exception cref="InputException">There are not as many flows as members.</exception>
    public void AddSum(int tree, long bytes, IReadOnlyList<int> flows)
    {
        ArgumentNullException.ThrowIfNull(flows);
        var members = trees[tree].Members.Length;
        if (flows.Count != members) throw new InputException($"a sum of tree {tree + 1} has {flows.Count} flows: expected one for each of its {members} hosts");
        sums.Add(new(tree, bytes, [.. flows]));
    }

    /// <summary>The same with the sizes of their flows.</summary>
    internal PacketSums With(long[] bytes)
    {
        var scaled = new PacketSums();
        scaled.trees.AddRange(trees);
        foreach (var (tree, _, flows) in sums) scaled.sums.Add(new(tree, bytes[flows[0]], flows));
        return scaled;
    }

    /// <summary>Others' trees and sums too, whose flows have numbers that are higher by so many.</summary>
    internal void Take(PacketSums other, int shift)
    {
        var first = trees.Count;
        trees.AddRange(other.trees);
        foreach (var (tree, bytes, flows) in other.sums) sums.Add(new(first + tree, bytes, [.. flows.Select(f => f + shift)]));
    }

    /// <summary>The sum and the member of each flow; -1: it is of none.</summary>
    internal (int[] Sum, int[] Member) ByFlow(int flows)
    {
        var (sum, member) = (new int[flows], new int[flows]);
        Array.Fill(sum, -1);
        Array.Fill(member, -1);
        for (var s = 0; s < sums.Count; s++)
            for (var m = 0; m < sums[s].Flows.Length; m++) (sum[sums[s].Flows[m]], member[sums[s].Flows[m]]) = (s, m);
        return (sum, member);
    }

    /// <summary>The sum of a flow; null: it is of none.</summary>
    internal int? Of(int flow) => sums.FindIndex(s => s.Flows.Contains(flow)) is >= 0 and var sum ? sum : null;

    /// <summary>The flows of a sum whose hosts send.</summary>
    internal IEnumerable<int> Senders(int sum) => sums[sum].Flows.Where((_, m) => trees[sums[sum].Tree].Members[m].Sends);

    /// <summary>Checks that flows of sums are what their sums say.</summary>
    /// <exception cref="InputException">A flow isn't there or is of two sums, has other ends or another size.</exception>
    internal void Check(PacketTraffic traffic)
    {
        var seen = new HashSet<int>();
        for (var s = 0; s < sums.Count; s++)
        {
            var (tree, bytes, flows) = sums[s];
            for (var m = 0; m < flows.Length; m++)
            {
                var (f, host) = (flows[m], trees[tree].FirstHost + trees[tree].Members[m].Host);
                if ((uint)f >= (uint)traffic.Count || !seen.Add(f)) throw new InputException($"sum {s + 1} of {traffic.Name} names flow {f + 1}: expected one of {traffic.Count}, of one sum alone");
                if (traffic.Source[f] != host || traffic.Destination[f] != host || traffic.Bytes[f] != bytes)
                    throw new InputException($"flow {f + 1} of {traffic.Name} is of sum {s + 1}, and goes from host {traffic.Source[f]} to {traffic.Destination[f]} with {traffic.Bytes[f]} bytes: expected host {host} at both ends and {bytes} bytes");
            }
        }
    }

    // Makes a tree of its wires.
    sealed class Planter(PacketFabric fabric, IReadOnlyList<int> up, IReadOnlyList<int> senders, IReadOnlyList<int> receivers)
    {
        readonly SortedDictionary<int, List<int>> above = [];  // wires up of a node
        readonly SortedDictionary<int, (bool Sends, bool Receives)> does = []; // of hosts, and of the switches above them

        public SumTree Plant(int firstHost)
        {
            foreach (var w in up)
            {
                if ((uint)w >= (uint)fabric.Wires) throw new InputException($"a tree names wire {w} of {fabric.Name}: expected 0 to {fabric.Wires - 1}");
                if (!above.TryGetValue(fabric.From[w], out var wires)) above[fabric.From[w]] = wires = [];
                wires.Add(w);
                if (fabric.To[w] != fabric.To[wires[0]]) throw new InputException($"a tree of {fabric.Name} leads from node {fabric.From[w]} to nodes {fabric.To[wires[0]]} and {fabric.To[w]}: expected one above it");
            }
            foreach (var h in senders) Climb(h, true);
            foreach (var h in receivers) Climb(h, false);
            int[] hosts = [.. does.Keys.Where(n => n < fabric.Hosts)], nodes = [.. does.Keys.Where(n => n >= fabric.Hosts)];
            int[] roots = [.. nodes.Where(n => !above.ContainsKey(n))];
            if (roots.Length != 1) throw new InputException($"a tree of {fabric.Name} has {roots.Length} roots: expected one");
            int SwitchOf(int node) => node < fabric.Hosts ? -1 : Array.BinarySearch(nodes, node);
            int Above(int node) => above.TryGetValue(node, out var wires) ? SwitchOf(fabric.To[wires[0]]) : -1;
            var below = does.Keys.Where(above.ContainsKey).ToLookup(Above);
            TreeSwitch Switch(int node)
            {
                TreeBranch[] down = [.. below[SwitchOf(node)].Select(n => new TreeBranch([.. above[n].Select(w => w ^ 1)], SwitchOf(n), n < fabric.Hosts ? Array.BinarySearch(hosts, n) : -1, does[n].Sends, does[n].Receives))];
                return new(node, Above(node), above.TryGetValue(node, out var wires) ? [.. wires] : [], down.Count(b => b.Sends), down);
            }
            return new(firstHost, [.. nodes.Select(Switch)], [.. hosts.Select(h => new TreeMember(h, above[h][0], fabric.WiresOf(h).Length == 1, Above(h), does[h].Sends, does[h].Receives))]);
        }

        void Climb(int host, bool sends)
        {
            if ((uint)host >= (uint)fabric.Hosts) throw new InputException($"a tree names host {host} of {fabric.Name}: expected 0 to {fabric.Hosts - 1}");
            if (!above.TryGetValue(host, out var own)) throw new InputException($"a tree of {fabric.Name} has no wire of host {host}");
            if (own.Count != 1) throw new InputException($"a tree of {fabric.Name} has {own.Count} wires of host {host}: expected one, and a tree for each wire");
            for (var (n, steps) = (host, 0); ; n = fabric.To[above[n][0]], steps++)
            {
                var known = does.GetValueOrDefault(n);
                does[n] = (known.Sends | sends, known.Receives | !sends);
                if (!above.ContainsKey(n)) return;
                if (steps > above.Count) throw new InputException($"a tree of {fabric.Name} goes round in a circle above host {host}");
            }
        }
    }
}
