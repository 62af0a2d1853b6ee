// Schedules whose switches reduce or copy, as packets: sends to such a switch and from it are one sum each (PacketSums.cs), all others are flows.
//
//   sum               what a switch gets in one or several steps, and what it sends after that: of who does both one flow, which begins as the send up does and feeds what the
//                     send down feeds. That switches wait for what they get is the sum's own affair
//   scale-up switch   a tree of one switch over the ranks' links into their domain
//   fabric switch     stands for a tree over the cards (ReductionTree.cs), the same that flows have; of cards with ports in several planes one in each, with as much of the data
//   order             sends up of one rank and queue follow each other as others do; sends down by themselves
//
// Example: all-reduce by NVLink's switches among 8 ranks: 8 heads, each with a sum of what all send, to the head, and one of what the head sends, to all: 16 sums of 8 flows.
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Simulation.Packets;

/// <summary>Lays schedules whose switches reduce or copy over a fabric, in packets.</summary>
public static class SwitchedPackets
{
    /// <summary>The traffic of a schedule, for several groups at once.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="schedule">Of one group.</param>
    /// <param name="groups">The ranks of each group.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="places">Where ranks stand.</param>
    /// <param name="fabric">The fabric in packets, of <see cref="PacketFabricBuilder.Of(FabricGraph, FabricLatency, bool)"/>.</param>
    /// <param name="domains">Scale-up domains in packets, of <see cref="PacketFabricBuilder.OfDomains"/>.</param>
    /// <exception cref="InputException">Sends are too many, no tree of switches joins ranks, or ranks of a tree share a card.</exception>
    public static PacketTraffic Of(FabricGraph graph, Schedule schedule, IReadOnlyList<int[]> groups, FabricLatency latency, RankPlaces places, PacketFabric fabric, PacketFabric domains)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(latency);
        ArgumentNullException.ThrowIfNull(places);
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(domains);
        if (schedule.Tiers.Count(t => t.Level > 0) > 1) throw new InputException($"'{schedule.Name}' has switches of several levels; expected one switch for each tree");
        var trees = new ReductionTree(graph, latency, places);
        var group = new Reader(schedule, Math.Max(1, groups.SelectMany(g => g).Min(r => trees.PlanesOf(places.Card[r])))).Read();
        var sends = group.Sends.Among(groups);
        var sums = new PacketSums();
        var inFabric = group.Sums.Select(s => s.Vertex).Where(v => !IsInside(v)).Distinct().Order().ToList();
        var known = new Dictionary<(int Group, string Kind), int>();
        foreach (var s in group.Sums)
        {
            var kind = s.Kind;
            for (var g = 0; g < groups.Count; g++)
            {
                if (!known.TryGetValue((g, kind), out var tree)) known[(g, kind)] = tree = Plant(s, groups[g], g);
                var (shift, hosts) = (g * group.Sends.Count, s.Flows.Keys.OrderBy(r => HostOf(s.Vertex, groups[g][r])));
                sums.AddSum(tree, PacketTraffic.Whole(group.Sends.Bytes[s.Flows.Values.First()]), [.. hosts.Select(r => s.Flows[r] + shift)]);
            }
        }
        return Made();

        bool IsInside(int vertex) => schedule.Tiers.First(t => vertex < t.End).Level == 0;

        int HostOf(int vertex, int rank) => IsInside(vertex) ? rank : places.Card[rank];

        int Plant(Summed s, int[] ranks, int number)
        {
            int[] Hosts(IEnumerable<int> of) => [.. of.Select(r => HostOf(s.Vertex, ranks[r]))];
            var (from, to) = (Hosts(s.Senders), Hosts(s.Receivers));
            if (s.Flows.Keys.GroupBy(r => HostOf(s.Vertex, ranks[r])).FirstOrDefault(c => c.Count() > 1) is { } shared)
                throw new InputException($"{shared.Count()} ranks of '{schedule.Name}' that one switch adds up have card {graph.NameOf(shared.Key)}; expected one for each card");
            if (IsInside(s.Vertex)) return sums.AddTree(domains, [.. from.Union(to).Select(r => domains.WiresOf(r)[0])], from, to, graph.Cards);
            // Trees of one group have roots of their own, and so have those of groups beside each other.
            var planes = trees.Of([.. s.Flows.Keys.Select(r => ranks[r])], inFabric.IndexOf(s.Vertex) + number).Planes;
            return sums.AddTree(fabric, [.. planes[s.Plane].Select(l => 2 * l.Link)], from, to);
        }

        PacketTraffic Made()
        {
            var (source, destination) = (new int[sends.Count], new int[sends.Count]);
            for (var i = 0; i < sends.Count; i++)
            {
                var inside = places.Domain[sends.Source[i]] == places.Domain[sends.Destination[i]] && (group.SwitchOf[i % group.Sends.Count] is var v && (v < 0 || IsInside(v)));
                (source[i], destination[i]) = inside ? (graph.Cards + sends.Source[i], graph.Cards + sends.Destination[i]) : (places.Card[sends.Source[i]], places.Card[sends.Destination[i]]);
            }
            return PacketTraffic.Of(sends, source, destination, sums);
        }
    }

    // What a switch of a schedule adds up once, or copies, in one plane: its flows by rank.
    sealed class Summed(int vertex, int plane)
    {
        public int Vertex => vertex;

        public int Plane => plane;

        public List<int> Senders { get; } = [];

        public List<int> Receivers { get; } = [];

        public SortedDictionary<int, int> Flows { get; } = [];

        /// <summary>Sums of one switch with the same ranks are made in one tree.</summary>
        public string Kind => $"{vertex}/{plane}: {string.Join(' ', Senders)} > {string.Join(' ', Receivers)}";
    }

    // Reads one group's schedule: sends of ranks, those of sums once for each rank, sum and plane.
    sealed class Reader(Schedule schedule, int planes)
    {
        readonly ExpandedSchedule all = schedule.Expand();
        readonly int ranks = schedule.Layout.Ranks;
        readonly int tracks = schedule.Steps.SelectMany(s => s.Classes).Max(c => c.Track) + 1;
        readonly List<int> source = [], destination = [], waits = [], feeds = [], after = [], switchOf = [];
        readonly List<double> bytes = [];
        readonly List<int> arrivals = []; // of gates
        readonly List<Summed> sums = [];
        readonly Dictionary<(int Vertex, int Channel, int Plane), Summed> open = []; // what a switch gets, or sends
        readonly Dictionary<(int Rank, int Lane, int Plane), int> last = [];

        public (SendList Sends, List<Summed> Sums, List<int> SwitchOf) Read()
        {
            // A gate that nobody feeds: what only comes down is begun by what comes.
            var never = all.GateArrivals.Length;
            arrivals.AddRange([.. all.GateArrivals, 1]);
            for (var i = 0; i < all.Count; i++)
            {
                var (from, to) = (all.Source[i], all.Destination[i]);
                if (from < ranks && to < ranks)
                {
                    Add(from, to, all.Bytes[i], all.WaitsFor[i], all.Feeds[i], -1, After(from, i, 0));
                    continue;
                }
                var ways = schedule.Tiers.First(t => Math.Max(from, to) < t.End).Level == 0 ? 1 : planes;
                for (var p = 0; p < ways; p++)
                {
                    if (from < ranks) Up(i, from, to, p, ways);
                    else Down(i, from, to, never, p, ways);
                }
                // Each plane brings a part.
                if (to < ranks) arrivals[all.Feeds[i]] += ways - 1;
            }
            return (new()
            {
                Name = schedule.Name,
                Source = [.. source],
                Destination = [.. destination],
                Bytes = [.. bytes],
                WaitsFor = [.. waits],
                Feeds = [.. feeds],
                After = [.. after],
                GateArrivals = [.. arrivals],
                GateAfter = [.. all.GateAfter, -1],
            }, sums, switchOf);
        }

        int Add(int from, int to, double size, int wait, int feed, int vertex, int before)
        {
            source.Add(from);
            destination.Add(to);
            bytes.Add(size);
            waits.Add(wait);
            feeds.Add(feed);
            after.Add(before);
            switchOf.Add(vertex);
            return source.Count - 1;
        }

        // The send before it in its queue; the next comes after this one.
        int After(int rank, int send, int plane)
        {
            var before = last.GetValueOrDefault((rank, all.Lane[send], plane), -1);
            last[(rank, all.Lane[send], plane)] = source.Count;
            return before;
        }

        void Up(int send, int rank, int vertex, int plane, int ways)
        {
            var key = (vertex, all.Lane[send] / tracks, plane);
            // What it has begun to send on is complete.
            if (!open.TryGetValue(key, out var sum) || sum.Receivers.Count > 0)
            {
                open[key] = sum = new(vertex, plane);
                sums.Add(sum);
            }
            sum.Senders.Add(rank);
            sum.Flows[rank] = Add(rank, rank, all.Bytes[send] / ways, all.WaitsFor[send], -1, vertex, After(rank, send, plane));
        }

        void Down(int send, int vertex, int rank, int never, int plane, int ways)
        {
            var sum = open[(vertex, all.Lane[send] / tracks, plane)];
            sum.Receivers.Add(rank);
            if (sum.Flows.TryGetValue(rank, out var both)) feeds[both] = all.Feeds[send];
            else sum.Flows[rank] = Add(rank, rank, all.Bytes[send] / ways, never, all.Feeds[send], vertex, -1);
        }
    }
}
