// How many channels fit over the links of one node, and how fast each is: NCCL's search over a descending list of speeds.
//
//   B   links of a GPU, GB/s    C, k   rate and count of a node's network cards    s   speed of a channel    c   channels
//
//   ring       c = floor(B / s), across nodes at most k floor(C / s); the most c s wins, the first of equals; the search ends at B and
//              at s below 0.49 of the best. A channel is split in two of half the speed unless it is below 25 GB/s, or, after
//              compute capability 8.0, below 50 GB/s with more than 4 of them.
//   tree       the ring's c; inside a node raised to the fastest s < 2 s_inter with c s <= B
//   NVLS       a channel loads each link once and its head twice: s (c + 1) <= B; c is at most min(32, GPUs), and just that on one
//              node; more channels win, then more c s. Across nodes s_inter is raised while the cards hold it and it was < 2 s.
//   RCCL       rings are preset lists: c of them, W / c each, W all links of an accelerator (RcclCostModel)
//   CollNetDirect   as a ring, one head per GPU at most, not more than 8; not split where the heads are used up
//
// Example: 8 x H100, B = 370.8: 6 x 60 = 360, split into 12 x 30. NVLS: 40 x 9 = 360 fits, 50 x 9 doesn't: 8 x 40.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>Channels that NCCL's search lays for one algorithm.</summary>
/// <param name="Channels">Channels; none where nothing fits.</param>
/// <param name="Intra">Speed of each inside a node.</param>
/// <param name="Inter">Speed of each across nodes; as inside where there is one node.</param>
public readonly record struct NcclGraph(int Channels, Bandwidth Intra, Bandwidth Inter)
{
    /// <summary>Speed of all channels inside a node.</summary>
    public Bandwidth Total => Intra * Channels;
}

/// <summary>The channels of each algorithm on a machine.</summary>
public sealed class NcclGraphs
{
    const double Slack = 1e-9;

    readonly NcclMachine machine;
    readonly NcclSearchLimits limits;
    readonly NcclGeneration? generation; // null where rings are preset
    readonly int preset; // channels that run where rings are preset
    readonly double gpu; // GB/s
    readonly double nic; // GB/s; without bound on one node
    readonly int nics;

    /// <summary>Searches.</summary>
    /// <param name="machine">The machine, checked.</param>
    /// <param name="tuning">Constants.</param>
    public NcclGraphs(NcclMachine machine, NcclTuning tuning)
    {
        ArgumentNullException.ThrowIfNull(machine);
        ArgumentNullException.ThrowIfNull(tuning);
        this.machine = machine;
        limits = tuning.Search;
        if (tuning.Rccl is { } rccl)
        {
            var known = rccl.Generation(machine.Generation);
            var rings = (machine.Nodes > 1 ? known.MoreNodes : known.OneNode)
                ?? throw new InputException($"what {rccl.Library} ({rccl.Version}) does on one node of {machine.Generation} is not described: it runs direct kernels first; expected several nodes");
            var each = machine.GpuBandwidth * (1.0 / rings.Rings);
            Ring = Tree = new(rings.Rings, each, each);
            preset = rings.Running;
            return;
        }
        generation = tuning.Generation(machine.Generation);
        gpu = (machine.RanksPerNode == 1 && machine.IntraPath == NcclPath.NvLink ? generation.PciRate : machine.GpuBandwidth).GigabytesPerSecond;
        nic = machine.NicBandwidth.GigabytesPerSecond;
        nics = machine.Nics;
        Ring = Search(limits.MaximumChannels, false, split: true);
        Tree = Raised(Ring);
        CollNetDirect = machine.Nodes > 1 ? Raised(Search(Math.Min(limits.CollNetDirectHeads, machine.RanksPerNode), false, split: true)) : default;
        Nvls = machine.InSwitchReduction && generation.NvlsEfficiency > 0 && machine.RanksPerNode > 1
            ? RaisedAcross(Search(Math.Min(limits.NvlsHeads, machine.RanksPerNode), true, split: false)) : default;
    }

    /// <summary>Of rings.</summary>
    public NcclGraph Ring { get; }

    /// <summary>Of trees, CollNetChain and PAT.</summary>
    public NcclGraph Tree { get; }

    /// <summary>Of NVLS and NVLSTree.</summary>
    public NcclGraph Nvls { get; }

    /// <summary>Of CollNetDirect.</summary>
    public NcclGraph CollNetDirect { get; }

    /// <summary>The channels of an algorithm.</summary>
    public NcclGraph Of(NcclAlgorithm algorithm) => algorithm switch
    {
        NcclAlgorithm.Ring => Ring,
        NcclAlgorithm.Nvls or NcclAlgorithm.NvlsTree => Nvls,
        NcclAlgorithm.CollNetDirect => CollNetDirect,
        _ => Tree,
    };

    /// <summary>Channels that an algorithm runs with: rings and trees have several for each that the search found.</summary>
    public int Running(NcclAlgorithm algorithm) => generation is null ? Of(algorithm).Channels == 0 ? 0 : preset : algorithm switch
    {
        NcclAlgorithm.Nvls or NcclAlgorithm.NvlsTree => Nvls.Channels == 0 ? 0 : generation.NvlsChannels[machine.Nodes > 1 ? 1 : 0],
        NcclAlgorithm.Ring or NcclAlgorithm.Tree or NcclAlgorithm.Pat => Of(algorithm).Channels * limits.ExecutionFactor,
        _ => Of(algorithm).Channels,
    };

    bool Across => machine.Nodes > 1;

    int CardsHold(double speed) => Across ? nics * (int)(nic / speed + Slack) : int.MaxValue;

    NcclGraph Search(int most, bool heads, bool split)
    {
        var (channels, best) = (0, 0.0);
        foreach (var rate in Across ? generation!.InterSpeeds : generation!.IntraSpeeds)
        {
            var speed = rate.GigabytesPerSecond;
            if (channels > 0 && speed <= limits.Slowest * best) break;
            var fit = Math.Min(most, Math.Min((int)(gpu / speed + Slack) - (heads ? 1 : 0), CardsHold(speed)));
            // One node's NVLS pulls evenly from all GPUs or not at all.
            if (fit <= 0 || (heads && !Across && fit < most)) continue;
            var more = fit * speed > channels * best + Slack;
            if (more || (heads && fit > channels)) (channels, best) = (fit, speed);
            if (!heads && channels * best >= gpu - Slack) break;
            if (heads && channels == most) break;
        }
        if (channels == 0) return default;
        if (split && !(best < limits.DuplicateAbove.GigabytesPerSecond ||
            (generation.ComputeCapability > 80 && best < limits.KeepBelow.GigabytesPerSecond && channels > limits.KeepChannels)))
        {
            var twice = Math.Min(channels * 2, most);
            // Channels are split evenly or not at all.
            if (twice == channels * 2) (channels, best) = (twice, best / 2);
        }
        var each = Bandwidth.FromGigabytesPerSecond(best);
        return new(channels, each, each);
    }

    NcclGraph Raised(NcclGraph graph)
    {
        if (!Across || graph.Channels == 0) return graph;
        var intra = graph.Intra;
        foreach (var rate in generation!.InterSpeeds.Reverse())
            if (rate.Si > intra.Si && intra.Si < 2 * graph.Inter.Si && graph.Channels * rate.GigabytesPerSecond <= gpu + Slack) intra = rate;
        return graph with { Intra = intra };
    }

    NcclGraph RaisedAcross(NcclGraph graph)
    {
        if (!Across || graph.Channels == 0) return graph;
        var inter = graph.Inter;
        foreach (var rate in generation!.InterSpeeds.Reverse())
            if (rate.Si > inter.Si && inter.Si < 2 * graph.Intra.Si && graph.Channels <= CardsHold(rate.GigabytesPerSecond)) inter = rate;
        return graph with { Inter = inter };
    }
}
