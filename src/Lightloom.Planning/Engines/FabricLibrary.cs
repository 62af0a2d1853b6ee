// How a library does the collectives of a trace on a fabric: the algorithm that the time model finds the fastest for the group and the size, as 'collective predict'
// and 'train' choose it.
//
//   placement    of a group's ranks on the levels of the network: in domains what all parts are multiples of (EngineTask.cs), beyond n over the units reached
//   ranks        fill the systems one after the other, as many accelerators of each as a job gets (GroupLayout.PerDomain): all, where these divide them
//   plain        links at their rates, and nothing else: what 'simulate COLLECTIVE:ALGORITHM' plays
//   sustained    what mechanisms sustain of links; before the first send what the closed form counts that isn't the network's, T_d - N (EngineCollectives.cs)
//
// Example: a data group of 8 ranks, one in each of 8 systems, sums 16 MiB: a double binary tree or a ring over one rail, whichever takes less.
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Traffic;
using Lightloom.Workloads;

namespace Lightloom.Planning.Engines;

/// <summary>Chooses how collectives of traces are done on a fabric. Not for several threads.</summary>
public sealed class FabricLibrary : ITraceLibrary
{
    const int MostKept = 4096;

    readonly FabricGraph graph;
    readonly NetworkLevels levels;
    readonly int[] spans;
    readonly CollectiveModel model;
    readonly CollectiveAlgorithm? forced;
    readonly SustainedNetwork? sustained;
    readonly int domain, used; // accelerators of a domain, and those of them that are ranks
    readonly Dictionary<(CollectiveKind, double, int, GroupPlacement), TraceSchedule> schedules = [];
    readonly Dictionary<(double, GroupPlacement), (Duration, double, double)> sends = [];

    /// <summary>A library on a fabric.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="network">The network of that fabric as the time model sees it.</param>
    /// <param name="ranks">Ranks of the trace.</param>
    /// <param name="model">The algorithms that are chosen from.</param>
    /// <param name="forced">The algorithm to take where it can do what is asked for; null: what the model chooses.</param>
    /// <param name="sustained">Whether links give what mechanisms sustain of them, and launches and software count.</param>
    /// <param name="packets">whether packets are played: a trace's switches only forward there, and headers count by themselves.</param>
    /// <exception cref="InputException">The fabric has fewer accelerators, or packets can't do what is asked for.</exception>
    public FabricLibrary(FabricGraph graph, CollectiveNetwork network, int ranks, CollectiveModel? model = null, CollectiveAlgorithm? forced = null, bool sustained = false, bool packets = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(network);
        if (ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        (this.graph, this.forced, levels) = (graph, forced, network.Sustained);
        model ??= CollectiveModel.Default;
        this.model = packets ? model.Without([.. CollectiveAlgorithm.All.Where(a => a.ReducesInNetwork)]) : model;
        if (packets && forced is { ReducesInNetwork: true }) throw new InputException($"{forced.Name} counts on switches that reduce, and those of a trace in packets only forward");
        if (sustained && packets) throw new InputException("packets take what they take of a link: what mechanisms sustain is of use to flows alone");
        if (sustained) this.sustained = new(graph, levels, network.Mechanism);
        spans = [.. network.Spans];
        domain = graph.Plan.Request.System.Accelerators.Value;
        used = GroupLayout.PerDomain(ranks, domain, graph.Systems);
        Places = RankPlaces.Of(graph, ranks, used);
        if (sustained) Places = Places with { ScaleUpLatency = Duration.Zero }; // software of a hop inside a domain is that of its links
    }

    /// <inheritdoc/>
    public RankPlaces Places { get; }

    /// <inheritdoc/>
    public TraceSchedule Of(CollectiveKind kind, DataSize size, int[] ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        var (each, _) = EngineTask.RanksPerDomain([ranks], Places);
        var placement = Placement(ranks, each);
        var key = (kind, size.Bytes, each, placement);
        if (schedules.TryGetValue(key, out var known)) return known;
        if (schedules.Count >= MostKept) schedules.Clear();
        return schedules[key] = Make(kind, size, placement, ranks);
    }

    /// <inheritdoc/>
    public (Duration Before, double Inside, double Outside) OfSend(DataSize size, int from, int to)
    {
        if (sustained is null) return (Duration.Zero, 1, 1);
        int[] pair = [from, to];
        var placement = Placement(pair, EngineTask.RanksPerDomain([pair], Places).Each);
        if (sends.TryGetValue((size.Bytes, placement), out var known)) return known;
        if (sends.Count >= MostKept) sends.Clear();
        var closed = model.Time(CollectiveKind.SendReceive, size, placement, levels);
        var (inside, outside) = sustained.SharesOfSends(closed);
        return sends[(size.Bytes, placement)] = (Software(closed, CollectiveKind.SendReceive, size, placement), inside, outside);
    }

    TraceSchedule Make(CollectiveKind kind, DataSize size, in GroupPlacement placement, int[] ranks)
    {
        var closed = Timed(kind, size, placement);
        var task = EngineTask.Of(graph, kind, closed.Algorithm!, size, [[.. ranks.Select(At)]], levels[0].InNetworkReduction);
        if (sustained is null) return new(task.Schedule);
        var (inside, outside) = sustained.Shares(task, closed);
        return new(task.Schedule) { Before = Software(closed, kind, size, placement), Least = levels.HostLaunch, Inside = inside, Outside = outside };
    }

    CollectiveTime Timed(CollectiveKind kind, DataSize size, in GroupPlacement placement)
    {
        try
        {
            return model.Time(kind, size, placement, levels, forced?.Supports(kind, placement, levels) == true ? forced : null);
        }
        catch (ArgumentException e)
        {
            throw new InputException(e.Message);
        }
    }

    Duration Software(in CollectiveTime closed, CollectiveKind kind, DataSize size, in GroupPlacement placement) =>
        Quantity.Max(Duration.Zero, closed.Device - sustained!.NetworkOf(closed, kind, size, placement));

    // The accelerator of a rank.
    int At(int rank) => (rank / used * domain) + (rank % used);

    GroupPlacement Placement(int[] ranks, int each)
    {
        Span<int> within = stackalloc int[spans.Length];
        within[0] = each;
        for (var l = 1; l < within.Length - 1; l++)
        {
            var units = 1;
            for (var i = 1; i < ranks.Length; i++)
                if (At(ranks[i]) / spans[l] != At(ranks[i - 1]) / spans[l]) units++;
            within[l] = Math.Max(within[l - 1], (ranks.Length + units - 1) / units);
        }
        within[^1] = ranks.Length;
        return GroupPlacement.Of(within);
    }
}
