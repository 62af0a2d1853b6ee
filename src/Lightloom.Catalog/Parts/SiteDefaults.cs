using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>What is assumed of a site, its money and its operation where a design doesn't say.</summary>
[PartKind("site-defaults")]
public sealed record SiteDefaults : Part
{
    /// <summary>Price of electricity.</summary>
    [Limits(Minimum = 0, Maximum = 1e-5)]
    public required Sourced<EnergyPrice> Electricity { get; init; }

    /// <summary>Power usage effectiveness: facility over IT power.</summary>
    [Limits(Minimum = 1, Maximum = 5)]
    public required Sourced<double> PowerUsageEffectiveness { get; init; }

    /// <summary>Yearly cost of capital.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> CostOfCapital { get; init; }

    /// <summary>Building, power and cooling plant per watt of IT power.</summary>
    [Limits(Minimum = 0, Maximum = 1000)]
    public required Sourced<Money> FacilityPerWatt { get; init; }

    /// <summary>Yearly support and labour, as a share of the price of equipment; spares and parts replaced after the warranty are counted one by one.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> Maintenance { get; init; }

    /// <summary>Time from purchase in which the vendor replaces what fails.</summary>
    [Limits(Minimum = 0, Maximum = 3e9)]
    public required Sourced<Duration> Warranty { get; init; }

    /// <summary>Years over which servers are written off.</summary>
    [Limits(Minimum = 3e6, Maximum = 3e9)]
    public required Sourced<Duration> ServerLife { get; init; }

    /// <summary>Years over which switches are written off.</summary>
    [Limits(Minimum = 3e6, Maximum = 3e9)]
    public required Sourced<Duration> NetworkLife { get; init; }

    /// <summary>Years over which optical modules, active and copper cables are written off.</summary>
    [Limits(Minimum = 3e6, Maximum = 3e9)]
    public required Sourced<Duration> OpticsLife { get; init; }

    /// <summary>Years over which fibre with its plugs is written off.</summary>
    [Limits(Minimum = 3e6, Maximum = 3e9)]
    public required Sourced<Duration> CablePlantLife { get; init; }

    /// <summary>Years over which the building is written off.</summary>
    [Limits(Minimum = 3e6, Maximum = 3e9)]
    public required Sourced<Duration> FacilityLife { get; init; }

    /// <summary>What servers are sold for at the end of their life, as a share of their price.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> ServerResale { get; init; }

    /// <summary>What switches are sold for at the end of their life, as a share of their price.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> NetworkResale { get; init; }

    /// <summary>What modules and cables are sold for at the end of their life, as a share of their price.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> OpticsResale { get; init; }

    /// <summary>Share of the power limit that accelerators draw in training.</summary>
    [Limits(Minimum = 0, Maximum = 1.5)]
    public required Sourced<double> AcceleratorLoad { get; init; }

    /// <summary>Distance between rack centres along a row.</summary>
    [Limits(Minimum = 0.3, Maximum = 10)]
    public required Sourced<Length> RackPitch { get; init; }

    /// <summary>What a cable is longer for each wall between two halls that it passes: out of one tray, through, and down another.</summary>
    [Limits(Minimum = 0, Maximum = 10_000)]
    public required Sourced<Length> HallDistance { get; init; }

    /// <summary>Distance between rows, centre to centre.</summary>
    [Limits(Minimum = 0.5, Maximum = 50)]
    public required Sourced<Length> AislePitch { get; init; }

    /// <summary>Height of the trays above the floor.</summary>
    [Limits(Minimum = 1, Maximum = 20)]
    public required Sourced<Length> TrayHeight { get; init; }

    /// <summary>Height of one rack unit times this is where a device's ports sit; the mean height of ports.</summary>
    [Limits(Minimum = 0, Maximum = 5)]
    public required Sourced<Length> PortHeight { get; init; }

    /// <summary>Slack at each end of a cable.</summary>
    [Limits(Minimum = 0, Maximum = 50)]
    public required Sourced<Length> Slack { get; init; }

    /// <summary>Power that one rack can be fed and cooled with.</summary>
    [Limits(Minimum = 1e3, Maximum = 1e7)]
    public required Sourced<Power> RackPower { get; init; }

    /// <summary>Mass of the devices that one rack and the floor below it can bear.</summary>
    [Limits(Minimum = 100, Maximum = 1e5)]
    public required Sourced<Mass> RackLoad { get; init; }

    /// <summary>Mass of one rack unit of a switch whose own is not known, modules and cables included.</summary>
    [Limits(Minimum = 0.1, Maximum = 1000)]
    public required Sourced<Mass> SwitchMassPerUnit { get; init; }

    /// <summary>Usable height of a rack in rack units.</summary>
    [Limits(Minimum = 4, Maximum = 100)]
    public required Sourced<int> RackUnits { get; init; }

    /// <summary>Mated connector pairs on a structured optical run, patch panels included.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<int> Connectors { get; init; }

    /// <summary>Time to notice that a job has stopped.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public required Sourced<Duration> Detection { get; init; }

    /// <summary>Time to replace what failed and start the job again, reading the checkpoint included.</summary>
    [Limits(Minimum = 0, Maximum = 1e6)]
    public required Sourced<Duration> Restart { get; init; }

    /// <summary>Bandwidth to storage of one accelerator while a checkpoint is written.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e13)]
    public required Sourced<Bandwidth> CheckpointBandwidth { get; init; }

    /// <summary>Time from the order of a part to its arrival: what spares have to bridge.</summary>
    [Limits(Minimum = 0, Maximum = 1e9)]
    public required Sourced<Duration> ReplacementLead { get; init; }

    /// <summary>Interruptions of a job by accelerators, their memory and hosts, per accelerator.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> AcceleratorInterruptions { get; init; }

    /// <summary>Interruptions of a job by software and maintenance, per accelerator.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> OtherInterruptions { get; init; }

    /// <summary>Silent errors of an accelerator that somebody found, per accelerator; they are part of <see cref="AcceleratorInterruptions"/>.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> SilentErrors { get; init; }

    /// <summary>Time until a silent error is found.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public required Sourced<Duration> SilentDetection { get; init; }

    /// <summary>How often an accelerator or host begins to run slower than the others, per accelerator.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> Stragglers { get; init; }

    /// <summary>Share of its pace that a job loses to a slow part.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<double> StragglerSlowdown { get; init; }

    /// <summary>Time until a slow part is found.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public required Sourced<Duration> StragglerDetection { get; init; }

    /// <summary>Time until a drained system is repaired and back among the spares.</summary>
    [Limits(Minimum = 0, Maximum = 1e8)]
    public required Sourced<Duration> SystemRepair { get; init; }

    /// <summary>Failures of a network card, per card.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> NicFailures { get; init; }

    /// <summary>Failures of a switch that interrupt what runs over it, per switch.</summary>
    [Limits(Minimum = 0, Maximum = 1e-3)]
    public required Sourced<FailureRate> SwitchFailures { get; init; }

    /// <summary>Flaps of an optical link, per link.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Sourced<FailureRate> LinkFlaps { get; init; }

    /// <summary>How long a flap lasts.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public required Sourced<Duration> FlapDuration { get; init; }
}
