using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>Cables that are bought in one length.</summary>
/// <param name="Purchased">The length that is bought.</param>
/// <param name="LongestRun">The longest run, slack included, among them.</param>
/// <param name="Count">How many.</param>
public sealed record LengthBucket(Length Purchased, Length LongestRun, long Count);

/// <summary>How long the cables of one class of links are.</summary>
/// <param name="Link">The class.</param>
/// <param name="Buckets">Cables by the length in which they are bought, ascending, none empty; counts sum to the class's count.</param>
/// <param name="Shortest">The shortest run, slack included.</param>
/// <param name="Mean">The mean run.</param>
/// <param name="Longest">The longest run.</param>
/// <param name="Purchased">Length bought, all cables together.</param>
public sealed record CableLengths(
    LinkClass Link, IReadOnlyList<LengthBucket> Buckets, Length Shortest, Length Mean, Length Longest, Length Purchased)
{
    /// <summary>Cables of the class.</summary>
    public long Count => Link.Count;
}

/// <summary>What doesn't fit on a floor.</summary>
public enum FloorProblem
{
    /// <summary>There are more racks than places.</summary>
    FloorTooSmall,

    /// <summary>A rack with its systems is higher than it may be.</summary>
    RackTooHigh,

    /// <summary>A rack draws more power than it may.</summary>
    RackPowerTooHigh,

    /// <summary>A rack weighs more than it may.</summary>
    RackTooHeavy,
}

/// <summary>Something that doesn't fit, and what would mend it. The plan goes on as if it fitted.</summary>
/// <param name="Problem">What doesn't fit.</param>
/// <param name="Field">The member of <see cref="FloorSpec"/> that stands in the way, in camel case.</param>
/// <param name="Message">What is wrong and what would mend it.</param>
public sealed record FloorFinding(FloorProblem Problem, string Field, string Message);

/// <summary>Where racks stand and how long cables are.</summary>
public sealed record FloorPlan
{
    /// <summary>The floor that was asked for.</summary>
    public required FloorSpec Spec { get; init; }

    /// <summary>Rows that are used; where there are several halls, all rows of each hall that is begun.</summary>
    public required int Rows { get; init; }

    /// <summary>Rows of one hall; as many as are used where there is one.</summary>
    public int RowsPerHall => Spec.Halls > 1 ? Spec.Rows!.Value : Rows;

    /// <summary>Places in one row.</summary>
    public required int RacksPerRow { get; init; }

    /// <summary>Racks with systems.</summary>
    public required int SystemRacks { get; init; }

    /// <summary>Racks with switches alone.</summary>
    public required int NetworkRacks { get; init; }

    /// <summary>Systems in a full rack.</summary>
    public required int SystemsPerRack { get; init; }

    /// <summary>Switches that one network rack takes: as many as its height and power allow.</summary>
    public required int SwitchesPerRack { get; init; }

    /// <summary>Power of a full rack of systems, its leaves included where they stand in it.</summary>
    public required Power SystemRackPower { get; init; }

    /// <summary>Power of a full rack of switches, a module in each cage; zero when there is none.</summary>
    public required Power NetworkRackPower { get; init; }

    /// <summary>Mass of a full rack of systems, its leaves included where they stand in it; null where a system's is not known.</summary>
    public required Mass? SystemRackMass { get; init; }

    /// <summary>Extent along the rows.</summary>
    public required Length Width { get; init; }

    /// <summary>Extent across the rows, half an aisle on both sides included.</summary>
    public required Length Depth { get; init; }

    /// <summary>Floor area in m².</summary>
    public double AreaInSquareMeters => Width.Meters * Depth.Meters;

    /// <summary>Where each device stands.</summary>
    public required FloorLayout Layout { get; init; }

    /// <summary>
    /// Lengths of each class of links that is laid as cables, in the order of the fabric plan. Links through an optical circuit switch
    /// count with both of their cables together.
    /// </summary>
    public required IReadOnlyList<CableLengths> Cables { get; init; }

    /// <summary>What doesn't fit.</summary>
    public required IReadOnlyList<FloorFinding> Findings { get; init; }

    /// <summary>Racks, all together.</summary>
    public int Racks => SystemRacks + NetworkRacks;

    /// <summary>Lays a fabric out on a floor.</summary>
    /// <exception cref="FabricException">The floor's own figures make no sense: a pitch of nothing, a negative count.</exception>
    public static FloorPlan Of(FabricPlan fabric, FloorSpec spec)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(spec);
        // Pods are no longer alike once a wall may stand between them, and one pod alone is taken apart.
        if (spec.Halls > 1 && fabric.Wiring is ClosWiring { Shape: { Pods: 1, SpinesPerPod: > 0 } } pod) fabric = fabric with { Wiring = pod.ByUnits() };
        return fabric.Clos is null || spec.Halls > 1 ? new GroupFloorPlanner(fabric, spec).Plan() : new ClosFloorPlanner(fabric, spec).Plan();
    }
}
