namespace Lightloom.Fabric;

/// <summary>
/// How the devices of a fabric are joined, port by port. A plan counts; its wiring says which port meets which, and
/// <see cref="FabricGraph.Of"/> writes that down. Devices of one plane are numbered from 0 in each tier of the plan.
/// </summary>
public abstract class FabricWiring
{
    /// <summary>
    /// Groups that stand together in the hall: pods of a Clos, groups of a dragonfly, slabs of a torus. A group holds its systems
    /// and its switches of all planes.
    /// </summary>
    public abstract int Groups { get; }

    /// <summary>The group of a system; groups ascend with the systems' numbers.</summary>
    public abstract int GroupOfSystem(int system);

    /// <summary>The group of a switch, or −1 when it belongs to all of them, as cores do.</summary>
    /// <param name="tier">Number of its tier in the plan.</param>
    /// <param name="index">Its number in the tier, within its plane.</param>
    public abstract int GroupOfSwitch(int tier, int index);

    /// <summary>
    /// Where cards are joined to each other, how many of them forward as one: those of a system whose ports are the directions of one
    /// node of a torus. 1 where each card has a port for every direction.
    /// </summary>
    public virtual int CardsPerForwarder => 1;

    /// <summary>The grid that those which forward stand in, or null: of the nodes of a torus, or the switches of a HyperX.</summary>
    public virtual FabricGrid? Grid => null;

    /// <summary>Joins every port: each link of each class of the plan once.</summary>
    public abstract void Wire(FabricGraphBuilder builder);
}

/// <summary>A grid of nodes or switches, numbered from 0.</summary>
/// <param name="Sides">Places along each dimension.</param>
/// <param name="Coordinate">The coordinate of a place in a dimension.</param>
public sealed record FabricGrid(IReadOnlyList<int> Sides, Func<int, int, int> Coordinate);
