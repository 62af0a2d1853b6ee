// Schedules whose switches reduce or copy, and rings of very many sends, as flows.
//
//   streaming         pieces of the data follow one another through all steps, so that all sends are under way at once: the time is that of the
//                     fullest link, and the way of a piece through all steps
//   rings             one step again and again takes no less than a piece on its way through all steps: on each its links alone,
//                     and their latency, on the mean of all sends of a step (Seconds is then the latency of the last)
//   scale-up switch   a send to it is on its sender's link into the domain alone, one from it on its receiver's alone
//   fabric switch     stands for a tree (ReductionTree.cs): what its members send goes up every link of the tree once, since switches add it up on the
//                     way, and down every link once, since they copy it; all at the rate of the slowest
//
// Example: all-reduce of 1 GB by 64 ranks in domains of 8, one tree for each of 8 rails: each card sends and receives 125 MB, whatever the number of
// domains is: 2.5 ms at 50 GB/s.
// Source: Graham et al. 2016 (SHARP's streaming aggregation).
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Traffic;

/// <summary>Flows of a schedule whose switches reduce or copy.</summary>
/// <param name="Program">The flows, all at once.</param>
/// <param name="Seconds">The way of one piece through all steps.</param>
/// <param name="Least">What it takes at least, however fast flows are; 0 but for rings.</param>
/// <param name="Pairs">Who sends each to whom; -1 both where a switch is one of them.</param>
public sealed record SwitchedFlows(FlowProgram Program, double Seconds, double Least, IReadOnlyList<(int From, int To)> Pairs)
{
    /// <summary>Lays a schedule over a fabric, for several groups at once.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="schedule">Of one group.</param>
    /// <param name="groups">The ranks of each group.</param>
    /// <param name="paths">How sends between ranks find their paths.</param>
    /// <param name="latency">Latencies of links and devices.</param>
    /// <param name="places">Where ranks stand.</param>
    /// <param name="first">The number of the first group: groups of other numbers have trees with other roots.</param>
    /// <exception cref="InputException">Sends are too many, ranks can't reach each other, or no tree of switches joins them.</exception>
    public static SwitchedFlows Of(FabricGraph graph, Schedule schedule, IReadOnlyList<int[]> groups, FlowPaths paths, FabricLatency latency, RankPlaces places,
        int first = 0)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(groups);
        ArgumentNullException.ThrowIfNull(latency);
        ArgumentNullException.ThrowIfNull(places);
        var lay = new Layer(graph, schedule, new(graph, paths, latency, places), new(graph, latency, places), places);
        for (var g = 0; g < groups.Count; g++) lay.Add(groups[g], first + g);
        return lay.Finish(FabricFlows.Capacity(graph, places));
    }

    sealed class Layer
    {
        readonly FabricGraph graph;
        readonly Schedule schedule;
        readonly FabricRoute route;
        readonly ReductionTree trees;
        readonly RankPlaces places;
        readonly ExpandedSchedule? sends;
        readonly RepeatedStep? step; // instead of them, where a schedule repeats one
        readonly Dictionary<(int, int), double> between = []; // bytes of a group from rank to rank, all steps together
        readonly double[] into, outOf;                        // bytes of a group's ranks from and to their scale-up switches
        readonly SortedDictionary<int, (List<int> Members, double Up, double Down)> switches = []; // of the fabric

        readonly List<int> offset = [0], path = [], links = [];
        readonly List<double> share = [], bytes = [], shares = [];
        readonly List<(int, int)> pairs = [];
        double longest;

        public Layer(FabricGraph graph, Schedule schedule, FabricRoute route, ReductionTree trees, RankPlaces places)
        {
            (this.graph, this.schedule, this.route, this.trees, this.places) = (graph, schedule, route, trees, places);
            if (schedule.Tiers.Count(t => t.Level > 0) > 1) throw new InputException($"'{schedule.Name}' has switches of several levels; expected one switch for each tree");
            var ranks = schedule.Layout.Ranks;
            (into, outOf) = (new double[ranks], new double[ranks]);
            step = RepeatedStep.Of(schedule);
            for (var i = 0; i < step?.Sends.Count; i++)
            {
                var pair = (step.Sends.Source[i], step.Sends.Destination[i]);
                between[pair] = between.GetValueOrDefault(pair) + (step.Steps * step.Sends.Bytes[step.Sends.Bytes.Length == 1 ? 0 : i]);
            }
            if (step is not null) return;
            sends = schedule.Expand();
            for (var i = 0; i < sends.Count; i++)
            {
                var (from, to, size) = (sends.Source[i], sends.Destination[i], sends.Bytes[i]);
                if (from < ranks && to < ranks) between[(from, to)] = between.GetValueOrDefault((from, to)) + size;
                else if (LevelOf(Math.Max(from, to)) == 0 && from < ranks) outOf[from] += size;
                else if (LevelOf(Math.Max(from, to)) == 0) into[to] += size;
                else Count(Math.Max(from, to), Math.Min(from, to), from < to, size);
            }
        }

        int LevelOf(int vertex) => schedule.Tiers.First(t => vertex < t.End).Level;

        // All members send alike.
        void Count(int vertex, int member, bool up, double size)
        {
            if (!switches.TryGetValue(vertex, out var known)) known = ([], 0, 0);
            if (!known.Members.Contains(member)) known.Members.Add(member);
            if (member == known.Members[0]) known = up ? known with { Up = known.Up + size } : known with { Down = known.Down + size };
            switches[vertex] = known;
        }

        public void Add(int[] group, int number)
        {
            var first = 2 * graph.Links;
            foreach (var ((from, to), size) in between)
            {
                route.Find(group[from], group[to], links, shares);
                Flow(size, (group[from], group[to]));
            }
            for (var r = 0; r < group.Length; r++)
            {
                if (outOf[r] > 0) Flow(outOf[r], Switch, first + (2 * group[r]));
                if (into[r] > 0) Flow(into[r], Switch, first + (2 * group[r]) + 1);
            }
            var late = new Dictionary<int, double>();
            var place = 0;
            foreach (var (vertex, (members, up, down)) in switches)
            {
                // Trees of one group have roots of their own, and so have those of groups beside each other.
                var tree = trees.Of([.. members.Select(m => group[m])], place++ + number);
                late[vertex] = tree.Seconds;
                foreach (var plane in tree.Planes)
                {
                    Tree(plane, up / tree.Planes.Count, 0);
                    Tree(plane, down / tree.Planes.Count, 1);
                }
            }
            longest = Math.Max(longest, Way(group, late));
        }

        static readonly (int, int) Switch = (-1, -1);

        void Flow(double size, (int, int) pair, params ReadOnlySpan<int> only)
        {
            pairs.Add(pair);
            if (only.Length > 0)
            {
                links.Clear();
                shares.Clear();
                foreach (var l in only)
                {
                    links.Add(l);
                    shares.Add(1);
                }
            }
            path.AddRange(links);
            share.AddRange(shares);
            offset.Add(path.Count);
            bytes.Add(size);
        }

        void Tree(IReadOnlyList<(int Link, double Share)> tree, double size, int direction)
        {
            if (size <= 0 || tree.Count == 0) return;
            links.Clear();
            shares.Clear();
            foreach (var (link, part) in tree)
            {
                links.Add((2 * link) + direction);
                shares.Add(part);
            }
            Flow(size, Switch);
        }

        // Of every step the slowest send.
        double Way(int[] group, Dictionary<int, double> late)
        {
            var seconds = 0.0;
            var ranks = schedule.Layout.Ranks;
            if (step is not null) return between.Keys.Max(p => route.Find(group[p.Item1], group[p.Item2], links, shares));
            var known = new Dictionary<(int, int), double>();
            for (var t = 0; t < sends!.Steps; t++)
            {
                var slowest = 0.0;
                for (var i = sends.StepOffset[t]; i < sends.StepOffset[t + 1]; i++)
                {
                    var (from, to) = (sends.Source[i], sends.Destination[i]);
                    double own;
                    if (from >= ranks || to >= ranks) own = late.TryGetValue(Math.Max(from, to), out var tree) ? tree : places.ScaleUpLatency.Seconds / 2;
                    else if (!known.TryGetValue((from, to), out own)) known[(from, to)] = own = route.Find(group[from], group[to], links, shares);
                    slowest = Math.Max(slowest, own);
                }
                seconds += slowest;
            }
            return seconds;
        }

        // Of a repeated step: pairs weigh as many sends as they have.
        double Least(double[] capacity)
        {
            if (step is null) return 0;
            var each = step.Sends.Bytes.Average();
            double sum = 0, weight = 0;
            for (var f = 0; f < bytes.Count; f++)
            {
                var slowest = 0.0;
                for (var k = offset[f]; k < offset[f + 1]; k++) slowest = Math.Max(slowest, share[k] * each / capacity[path[k]]);
                sum += bytes[f] * step.Steps * (slowest + route.Find(pairs[f].Item1, pairs[f].Item2, links, shares));
                weight += bytes[f];
            }
            return weight > 0 ? sum / weight : 0;
        }

        public SwitchedFlows Finish(double[] capacity) => new(new()
        {
            Capacity = capacity,
            PathOffset = [.. offset],
            Path = [.. path],
            Share = share.All(s => s == 1) ? null : [.. share],
            Bytes = [.. bytes],
        }, longest, Least(capacity), pairs);
    }
}
