namespace Lightloom.Fabric;

/// <summary>A place for a rack.</summary>
/// <param name="Row">Row, from 0.</param>
/// <param name="Column">Place in the row, from 0.</param>
public readonly record struct RackPlace(int Row, int Column);

/// <summary>Where each device of a fabric stands.</summary>
public abstract record FloorLayout
{
    /// <summary>Where a system stands.</summary>
    public abstract RackPlace OfSystem(int system);

    /// <summary>Where a switch stands.</summary>
    /// <param name="tier">Number of its tier in the plan.</param>
    /// <param name="plane">Its plane.</param>
    /// <param name="index">Its number in the tier, within its plane.</param>
    public abstract RackPlace OfSwitch(int tier, int plane, int index);

    /// <summary>Where an optical circuit switch stands.</summary>
    /// <exception cref="NotSupportedException">The floor was made for a fabric without any.</exception>
    public virtual RackPlace OfOpticalSwitch(int index) => throw new NotSupportedException("there is no optical circuit switch on this floor");
}

/// <summary>
/// The regular structure of the floor of a folded Clos: pods of PodRows × PodWidth places, PodsPerRow of them side by side, and cores in CoreRows
/// rows of their own that begin at CoreRow. Devices are numbered as in <see cref="ClosShape"/>.
/// </summary>
/// <param name="Shape">The fabric.</param>
/// <param name="NetworkRacks">Where switches stand.</param>
/// <param name="PodRows">Rows of one pod.</param>
/// <param name="PodWidth">Places of one pod in each of its rows.</param>
/// <param name="PodsPerRow">Pods side by side.</param>
/// <param name="SystemPlaces">Places for systems in each row of a pod.</param>
/// <param name="NetworkPlaces">Places for switches in each row of a pod.</param>
/// <param name="SystemsPerRack">Systems in one rack.</param>
/// <param name="SwitchesPerRack">Switches in one network rack.</param>
/// <param name="LeavesPerRow">Leaves of one plane in each row of a pod.</param>
/// <param name="SpinesPerRow">Spines of one plane in each row of a pod.</param>
/// <param name="CoreRow">First row of cores.</param>
/// <param name="CoreRows">Rows of cores.</param>
/// <param name="CoreColumn">First place of cores in their rows.</param>
/// <param name="CoreRacksPerRow">Racks of cores in one row.</param>
public sealed record ClosLayout(
    ClosShape Shape, NetworkPlacement NetworkRacks, int PodRows, int PodWidth, int PodsPerRow, int SystemPlaces, int NetworkPlaces,
    int SystemsPerRack, int SwitchesPerRack, int LeavesPerRow, int SpinesPerRow, int CoreRow, int CoreRows, int CoreColumn,
    int CoreRacksPerRow) : FloorLayout
{
    /// <inheritdoc/>
    public override RackPlace OfSwitch(int tier, int plane, int index) => tier switch
    {
        0 => OfLeaf(plane, index),
        1 => OfSpine(plane, index),
        _ => OfCore(plane, index),
    };

    /// <inheritdoc/>
    public override RackPlace OfSystem(int system)
    {
        var perPod = Shape.UnitsPerPod * Shape.SystemsPerUnit;
        var rack = system % perPod / SystemsPerRack;
        var column = rack % SystemPlaces;
        if (NetworkRacks == NetworkPlacement.MiddleOfRow && column >= NetworkColumn) column += NetworkPlaces;
        return InPod(system / perPod, rack / SystemPlaces, column);
    }

    /// <summary>Where a leaf of a plane stands.</summary>
    public RackPlace OfLeaf(int plane, int leaf)
    {
        if (NetworkRacks == NetworkPlacement.InRack)
        {
            var (unit, within) = Math.DivRem(leaf, Shape.LeavesPerUnit);
            var first = (long)unit * Shape.SystemsPerUnit;
            var inUnit = Math.Clamp(Shape.Systems - first, 1, Shape.SystemsPerUnit);
            var system = first + (((2L * within) + 1) * inUnit / (2L * Shape.LeavesPerUnit));
            // Leaves for fabric managers alone stand with the last systems of their pod, or where its first would.
            var pod = unit / Shape.UnitsPerPod;
            var podFirst = (long)pod * Shape.UnitsPerPod * Shape.SystemsPerUnit;
            return OfSystem((int)Math.Min(system, podFirst + Math.Max(0, Shape.SystemsIn(pod) - 1)));
        }
        var perPod = Shape.UnitsPerPod * Shape.LeavesPerUnit;
        return Switch(leaf / perPod, leaf % perPod, LeavesPerRow, plane * LeavesPerRow);
    }

    /// <summary>Where a spine of a plane stands.</summary>
    public RackPlace OfSpine(int plane, int spine)
    {
        var leafSlots = NetworkRacks == NetworkPlacement.InRack ? 0 : Shape.Planes * LeavesPerRow;
        return Switch(spine / Shape.SpinesPerPod, spine % Shape.SpinesPerPod, SpinesPerRow, leafSlots + (plane * SpinesPerRow));
    }

    /// <summary>Where a core of a plane stands.</summary>
    public RackPlace OfCore(int plane, int core)
    {
        var rack = (int)(((plane * Shape.Cores) + core) / SwitchesPerRack);
        return new(CoreRow + (rack / CoreRacksPerRow), CoreColumn + (rack % CoreRacksPerRow));
    }

    int NetworkColumn => NetworkRacks == NetworkPlacement.MiddleOfRow ? SystemPlaces / 2 : SystemPlaces;

    RackPlace Switch(int pod, int inPod, int perRow, int slot) =>
        InPod(pod, inPod / perRow, NetworkColumn + ((slot + (inPod % perRow)) / SwitchesPerRack));

    RackPlace InPod(int pod, int row, int column)
    {
        var absolute = (pod / PodsPerRow * PodRows) + row;
        return new(absolute >= CoreRow ? absolute + CoreRows : absolute, (pod % PodsPerRow * PodWidth) + column);
    }
}
