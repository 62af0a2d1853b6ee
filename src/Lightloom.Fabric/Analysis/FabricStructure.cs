using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>What a fabric is as a graph: distances, paths, cuts, and whether its routings can deadlock.</summary>
public sealed class FabricStructure
{
    FabricStructure(
        FabricGraph graph, FabricPlane plane, HopCounts hops, PathDiversity? paths, LinkLoads uniform, Bisection? bisection, IReadOnlyList<ThinCut> cuts,
        IReadOnlyList<DeadlockVerdict> deadlocks)
    {
        (Graph, Plane, Hops, Paths, Uniform, Bisection, Cuts, Deadlocks) = (graph, plane, hops, paths, uniform, bisection, cuts, deadlocks);
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>The plane that the figures are of: the first. Planes are equal.</summary>
    public FabricPlane Plane { get; }

    /// <summary>Distances.</summary>
    public HopCounts Hops { get; }

    /// <summary>Ways between routers; null with fewer than two routers.</summary>
    public PathDiversity? Paths { get; }

    /// <summary>Loads under all-to-all with equal-cost paths.</summary>
    public LinkLoads Uniform { get; }

    /// <summary>The bisection; null with fewer than two routers.</summary>
    public Bisection? Bisection { get; }

    /// <summary>Cuts along the fabric's own lines, the thinnest first.</summary>
    public IReadOnlyList<ThinCut> Cuts { get; }

    /// <summary>The verdict on each routing that suits the fabric.</summary>
    public IReadOnlyList<DeadlockVerdict> Deadlocks { get; }

    /// <summary>The share of its injection that every card gets under all-to-all.</summary>
    public Ratio UniformThroughput => Uniform.Throughput;

    /// <summary>Looks at a fabric.</summary>
    public static FabricStructure Of(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var planes = FabricPlane.AllOf(graph);
        var plane = planes[0];
        var uniform = LinkLoads.Of(new CardPorts(planes), new EqualCost(), Traffic.AllToAll(), new());
        var largest = 0.0;
        for (var e = 0; e < plane.Edges; e++)
            foreach (var l in plane.LinksOf(e)) largest = Math.Max(largest, uniform.Load(l, plane.Directed(e, l) % 2 == 0));
        var verdicts = Routings.All.Where(r => r.Unsuited(plane) is null).Select(r => DeadlockVerdict.Of(plane, r)).ToList();
        return new(graph, plane, HopCounts.Of(plane), PathDiversity.Of(plane), uniform, Fabric.Bisection.Of(plane, largest), ThinCut.Of(plane), verdicts);
    }
}
