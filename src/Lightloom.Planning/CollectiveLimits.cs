// What a collective can't beat on a network: for people and machines to read, from Lightloom.Collectives' bounds.
//
//   folded networks     cuts of the levels, at line rates and at what is sustained; messages by the levels' latencies
//   unevenly filled     the same inside a domain and around it; around units and pods by the links that these really have
//   other fabrics       cuts of the expanded graph along its own lines instead (their levels say what uniform traffic gets)
//   exact               linear programs on the expanded graph, or on the graph of the levels where the fabric isn't known
//
// Example: 4 DGX H100, all-gather of 32 GiB: each rank's ports pass 500 GB/s, 31/32 of 34.4 GB in 66.6 ms; a domain's boundary 24/32 of it over
// 8 x 50 GB/s in 64.4 ms: the ports bind.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>Which rates a limit is for.</summary>
public enum LimitRates
{
    /// <summary>Data sheets and line rates: what no transport exceeds.</summary>
    Line,

    /// <summary>What such links have been seen to sustain.</summary>
    Sustained,
}

/// <summary>A cut that a collective has to cross.</summary>
/// <param name="Name">What is cut off, and what it carries: "out of one scale-up domain: 8 x 50 GB/s".</param>
/// <param name="Word">The same in a word or two: "domain".</param>
/// <param name="Ranks">Ranks on the inner side.</param>
/// <param name="Volume">Bytes that have to cross it in the busier direction.</param>
/// <param name="Bandwidth">What it carries, one direction.</param>
public sealed record LimitCut(string Name, string Word, double Ranks, DataSize Volume, Bandwidth Bandwidth)
{
    /// <summary>Time of the bytes.</summary>
    public Duration Transfer => Volume / Bandwidth;
}

/// <summary>A limit at one size.</summary>
/// <param name="Time">No algorithm is faster.</param>
/// <param name="Latency">Launches and messages that follow one another alone.</param>
/// <param name="Cut">The slowest cut.</param>
/// <param name="BoundByLatency">Whether messages, not bytes, set the time.</param>
public sealed record CollectiveLimit(Duration Time, Duration Latency, LimitCut Cut, bool BoundByLatency)
{
    /// <summary>What sets it, in a word or two.</summary>
    public string SetBy => BoundByLatency ? "latency" : Cut.Word;
}

/// <summary>What a linear program says, beside the slowest cut.</summary>
/// <param name="Bound">The program's bound at line rates.</param>
/// <param name="CutShare">Time of the slowest cut over that: 1 where cuts are tight.</param>
/// <param name="Cells">Kinds of nodes that the graph was reduced to.</param>
public sealed record ExactLimit(GraphBound Bound, double CutShare, int Cells);

/// <summary>The limits of one collective on one network. Safe for one thread at a time.</summary>
public sealed class CollectiveLimits
{
    /// <summary>The most links of a fabric that is expanded for its cuts.</summary>
    public const long MostLinks = 2_000_000;

    readonly Dictionary<LimitRates, (GraphBounds Bounds, IReadOnlyList<GraphParts> Divisions)> graphs = [];

    /// <summary>Limits of a collective.</summary>
    public CollectiveLimits(CollectiveNetwork network, CollectiveKind kind)
    {
        ArgumentNullException.ThrowIfNull(network);
        (Network, Kind) = (network, kind);
    }

    /// <summary>The network.</summary>
    public CollectiveNetwork Network { get; }

    /// <summary>What is done.</summary>
    public CollectiveKind Kind { get; }

    /// <summary>Whether any switch that the ranks reach can reduce.</summary>
    public bool HasReducingSwitches => Reduces(0, SwitchReduction.AsEquipped);

    /// <summary>The limit at a size.</summary>
    /// <exception cref="InputException">The fabric is too large to be expanded, and its levels are no cuts.</exception>
    public CollectiveLimit At(DataSize size, LimitRates rates, SwitchReduction reduction)
    {
        var levels = Levels(rates);
        var bound = CollectiveBounds.Of(Kind, size, Network.Group, levels, reduction);
        var cut = Cuts(size, rates, reduction)[0];
        if (Network.LevelsAreCuts) return new(bound.Time, bound.Latency, cut, bound.BoundByLatency);
        var latency = bound.Latency;
        return new(Quantity.Max(latency, cut.Transfer), latency, cut, latency >= cut.Transfer);
    }

    /// <summary>Every cut, the slowest first.</summary>
    /// <exception cref="InputException">The fabric is too large to be expanded, and its levels are no cuts.</exception>
    public IReadOnlyList<LimitCut> Cuts(DataSize size, LimitRates rates, SwitchReduction reduction)
    {
        if (!Network.LevelsAreCuts && Network.Plan!.Clos is { } shape)
        {
            return [.. OfLevels(size, rates, reduction).Where(c => c.Level <= 1).Select(c => Make(c, rates))
                .Concat(OfShape(shape, size, rates, reduction)).OrderByDescending(c => c.Transfer.Seconds)];
        }
        if (!Network.LevelsAreCuts)
        {
            var (bounds, divisions) = Graph(rates);
            return [.. divisions.SelectMany(d => bounds.Cuts(Kind, size, [d], Reduces(d.Name == FabricCommunication.OfAccelerators ? 0 : 1, reduction)))
                .Select(c => new LimitCut($"{c.Name}: {c.Ranks:N0} ranks, {Quantity.Round(c.Bandwidth.GigabytesPerSecond, 4)} GB/s", WordOf(c.Name), c.Ranks, c.Volume, c.Bandwidth))
                .OrderByDescending(c => c.Transfer.Seconds)];
        }
        return [.. OfLevels(size, rates, reduction).Select(c => Make(c, rates))];
    }

    /// <summary>What a linear program says at line rates.</summary>
    /// <param name="size">The size.</param>
    /// <param name="reduced">Whether switches reduce, all of them.</param>
    /// <exception cref="InputException">There is no such program, the fabric is too large, or it has too little symmetry.</exception>
    public ExactLimit Exact(DataSize size, bool reduced = false)
    {
        try
        {
            var (bounds, _) = Graph(LimitRates.Line);
            var exact = bounds.Of(Kind, size, reduced);
            var cut = Cuts(size, LimitRates.Line, reduced ? SwitchReduction.Everywhere : SwitchReduction.None)[0].Transfer;
            return new(exact, exact.Time.Seconds > 0 ? cut.Seconds / exact.Time.Seconds : 1, bounds.Cells);
        }
        catch (ArgumentException e)
        {
            throw new InputException(e.Message);
        }
    }

    IReadOnlyList<CollectiveCut> OfLevels(DataSize size, LimitRates rates, SwitchReduction reduction) =>
        CollectiveBounds.Cuts(Kind, size, Network.Group, Levels(rates), reduction);

    LimitCut Make(in CollectiveCut cut, LimitRates rates) => new(cut.Say(Levels(rates), Network.Group), WordOf(cut.Level), cut.Ranks, cut.Volume, cut.Bandwidth);

    // Units and pods, the last of which may hold fewer systems than the others on as many links.
    IEnumerable<LimitCut> OfShape(ClosShape shape, DataSize size, LimitRates rates, SwitchReduction reduction)
    {
        var each = Network.Group.Ranks / Network.Systems;
        if (shape.Units > 1 && Cut("pod", "leaf", shape.Units, u => Math.Min(shape.SystemsPerUnit, shape.Systems - (u * shape.SystemsPerUnit)),
            "leaf-spine", (long)shape.Planes * shape.LeavesPerUnit * shape.UplinksPerLeaf) is { } unit) yield return unit;
        if (shape.Pods > 1 && Cut("core", "pod", shape.Pods, shape.SystemsIn, "spine-core", (long)shape.Planes * shape.SpinesPerPod * shape.UplinksPerSpine) is { } pod) yield return pod;

        LimitCut? Cut(string level, string word, int parts, Func<int, int> systems, string links, long count)
        {
            var l = Enumerable.Range(0, Network.Sustained.Count).First(i => Network.Sustained[i].Name == level);
            var reduced = Reduces(l, reduction);
            var share = Levels(rates)[l].Bandwidth / Network.LineRates[l].Bandwidth;
            var up = Network.Plan!.Link(links)!.Rate.BytesPerSecond * count;
            var (ranks, carried) = (new int[parts], new double[parts]);
            for (var p = 0; p < parts; p++)
            {
                ranks[p] = systems(p) * each;
                carried[p] = share * Math.Min(up, ranks[p] * Network.Plan.InjectionPerAccelerator.BytesPerSecond);
            }
            return GraphCut.Worst(word, Kind, size.Bytes, Network.Group.Ranks, ranks, carried, carried, 0, reduced) is { } c
                ? new(string.Create(CultureInfo.InvariantCulture, $"out of one {word} unit of {c.Ranks} ranks: {c.Bandwidth.GigabytesPerSecond:G4} GB/s"), word, c.Ranks, c.Volume, c.Bandwidth)
                : null;
        }
    }

    NetworkLevels Levels(LimitRates rates) => rates == LimitRates.Line ? Network.LineRates : Network.Sustained;

    // Reduction beyond a boundary spares it.
    bool Reduces(int from, SwitchReduction reduction)
    {
        if (reduction != SwitchReduction.AsEquipped) return reduction == SwitchReduction.Everywhere;
        for (var l = from; l < Network.Sustained.Count; l++)
            if (Network.Group.Crosses(l) && Network.Sustained[l].InNetworkReduction) return true;
        return false;
    }

    static string WordOf(string division) => division switch
    {
        FabricCommunication.OfAccelerators => "ports",
        FabricCommunication.OfDomains => "domain",
        FabricCommunication.OfSwitches => "switch",
        _ => division.StartsWith("one ", StringComparison.Ordinal) ? division[4..] : division,
    };

    string WordOf(int level) => level switch
    {
        CollectiveCut.Ports => "ports",
        1 => "domain",
        _ => Network.LineRates[level - 1].Name,
    };

    (GraphBounds Bounds, IReadOnlyList<GraphParts> Divisions) Graph(LimitRates rates)
    {
        if (graphs.TryGetValue(rates, out var known)) return known;
        if (Network.Plan is not { } plan || Network.Sustained.Count == 1)
            return graphs[rates] = (new(CommunicationGraph.Of(Levels(rates), Network.Group)), []);
        if (plan.LinkCount > MostLinks || Network.Group.Ranks > MostLinks)
            throw new InputException($"a fabric of {plan.LinkCount:N0} links is too large to be looked at link by link; the most is {MostLinks:N0}");
        try
        {
            var sustained = rates == LimitRates.Sustained;
            var inside = sustained ? Network.System.Accelerator.Collectives.Sustained.Value : 1;
            // The load balance counts beyond the first switch, which a graph doesn't tell apart: it is left out.
            var outside = sustained ? Network.Mechanism.Sustained.Value : 1;
            var fabric = FabricCommunication.Of(FabricGraph.Of(plan), Network.Group.Ranks / Network.Systems, Ratio.From(inside), Ratio.From(outside));
            return graphs[rates] = (new(fabric.Graph), fabric.Divisions);
        }
        catch (FabricException e)
        {
            throw new InputException(e.Message);
        }
    }
}
