using Lightloom.Quantities;

namespace Lightloom.Collectives.Congestion;

/// <summary>Equal groups that run the same collective at the same time, spread evenly over a range of a cluster's accelerators.</summary>
/// <param name="Name">What they are called: "data parallel", "job 2".</param>
/// <param name="First">Number of the first accelerator of the range.</param>
/// <param name="Accelerators">Accelerators of the range.</param>
/// <param name="Ranks">Ranks that communicate, all groups together; at most one for each accelerator.</param>
public sealed record ConcurrentTraffic(string Name, long First, long Accelerators, long Ranks)
{
    /// <summary>Bytes that one rank sends over each level, level 0 first: what a level's units let out, divided by their ranks.</summary>
    public required IReadOnlyList<double> Volumes { get; init; }

    /// <summary>Weight in sharing: flows of one rank beside those of the others.</summary>
    public double Weight { get; init; } = 1;

    /// <summary>Groups of one collective, by its footprint.</summary>
    /// <param name="name">What they are called.</param>
    /// <param name="footprint">What the algorithm does to the network.</param>
    /// <param name="levels">Levels of the network.</param>
    /// <param name="first">Number of the first accelerator of the range.</param>
    /// <param name="accelerators">Accelerators of the range.</param>
    /// <param name="ranks">Ranks, all groups together.</param>
    public static ConcurrentTraffic Of(string name, in CollectiveFootprint footprint, int levels, long first, long accelerators, long ranks)
    {
        var volumes = new double[levels];
        for (var l = 0; l < levels; l++) volumes[l] = (footprint.Volume(l) + footprint.InNetworkVolume(l)).Bytes;
        return new(name, first, accelerators, ranks) { Volumes = volumes };
    }
}

/// <summary>What one class of groups gets.</summary>
/// <param name="Traffic">The class.</param>
/// <param name="Time">Time of its volumes at the rate that it gets; the others' do not end before.</param>
/// <param name="Alone">Time of its volumes if nobody else sent.</param>
/// <param name="BindingLevel">The level that holds it back.</param>
/// <param name="Rates">Bandwidth of one rank on each level.</param>
public sealed record ConcurrentShare(ConcurrentTraffic Traffic, Duration Time, Duration Alone, int BindingLevel, IReadOnlyList<Bandwidth> Rates)
{
    /// <summary>How much longer it takes than alone: 1 where it is not held back.</summary>
    public double Slowdown => Time / Alone;
}
