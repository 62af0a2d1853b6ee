using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>How a part goes wrong.</summary>
public enum FailureKind
{
    /// <summary>It stops working until it is replaced.</summary>
    HardFailure,

    /// <summary>It goes down and comes back by itself within seconds.</summary>
    Flap,

    /// <summary>It works, and slower than it should.</summary>
    Degradation,

    /// <summary>It computes wrong numbers and nobody notices at once.</summary>
    SilentError,
}

/// <summary>What a failure means for the job.</summary>
public enum FailureConsequence
{
    /// <summary>The job stops, goes back to its last checkpoint and starts again.</summary>
    Interrupts,

    /// <summary>The job waits until the part is back.</summary>
    Stalls,

    /// <summary>The job runs on with less bandwidth until the part is replaced.</summary>
    TakesBandwidth,

    /// <summary>The job runs at the pace of the slow part until that is found and drained.</summary>
    Slows,

    /// <summary>The job runs on and computes in vain, until that is found and it goes back to a checkpoint from before.</summary>
    Corrupts,

    /// <summary>What is left until it is repaired depends on what else is down: routes between sites and whole sites (<see cref="OutageStates"/>).</summary>
    Separates,
}

/// <summary>One way in which one kind of part fails, and what that does to a job. Failures come as a Poisson process.</summary>
/// <param name="Name">What fails, in words.</param>
/// <param name="Kind">How it goes wrong.</param>
/// <param name="Consequence">What it means for the job.</param>
/// <param name="Count">Parts that the job depends on.</param>
/// <param name="Rate">How often one of them does it.</param>
/// <param name="Source">Where the rate comes from.</param>
/// <param name="Grade">How far the rate can be trusted.</param>
public sealed record FailureProcess(
    string Name, FailureKind Kind, FailureConsequence Consequence, double Count, FailureRate Rate, string Source, Grade Grade)
{
    /// <summary>The figure that the rate rests on and moves with; null where it has no range.</summary>
    public RateCause? Cause { get; init; }

    /// <summary>The figure of <see cref="Detection"/>; null where it has none of its own.</summary>
    public CostFigure? DetectionFigure { get; init; }

    /// <summary>The figure of <see cref="Repair"/>; null where it has none of its own.</summary>
    public CostFigure? RepairFigure { get; init; }

    /// <summary>The figure of <see cref="Slowdown"/>; null where it is computed.</summary>
    public CostFigure? SlowdownFigure { get; init; }

    /// <summary>Which part of the job's <see cref="OutageStates"/> goes down; null where what is left doesn't depend on others.</summary>
    public int? Part { get; init; }

    /// <summary>Time until it is noticed.</summary>
    public Duration Detection { get; init; }

    /// <summary>Time until the part is back: a flap's length, or until what failed is replaced.</summary>
    public Duration Repair { get; init; }

    /// <summary>Systems that are drained with it and stand out for <see cref="Repair"/>.</summary>
    public int Systems { get; init; }

    /// <summary>Share of its pace that the job loses meanwhile.</summary>
    public double Slowdown { get; init; }

    /// <summary>Accelerators that lose at least one path.</summary>
    public double LosePaths { get; init; }

    /// <summary>Accelerators that lose every path, or stop.</summary>
    public double CutOff { get; init; }

    /// <summary>Events of all parts together.</summary>
    public FailureRate Total => Rate * Count;

    /// <summary>Whether the job feels it until it is repaired.</summary>
    public bool LastsUntilRepaired => Consequence is FailureConsequence.Stalls or FailureConsequence.TakesBandwidth or FailureConsequence.Separates;

    /// <summary>Accelerator-hours a year that stand cut off while it is repaired: rate x radius x repair.</summary>
    public double CutOffHoursPerYear => Total.PerYear * CutOff * Repair.Hours;
}

/// <summary>What a job does while more systems are out than there are spares.</summary>
public enum ShortagePolicy
{
    /// <summary>It waits for a repair.</summary>
    Wait,

    /// <summary>It goes on with fewer data-parallel replicas, and takes them back when systems are repaired.</summary>
    Shrink,
}

/// <summary>What a job does when a network card or its link fails and others of the system still work.</summary>
public enum LostCardPolicy
{
    /// <summary>It stops and starts again elsewhere.</summary>
    Stop,

    /// <summary>It goes on over the system's other cards.</summary>
    Continue,
}

/// <summary>What a job of several sites whose method needs all of them does when a site is gone or cut off.</summary>
public enum LostSitePolicy
{
    /// <summary>It goes on with those of the sites that are still joined and have most accelerators, and their part of the batch.</summary>
    Continue,

    /// <summary>It waits for the repair.</summary>
    Wait,
}
