using System.Globalization;

namespace Lightloom.Fabric;

/// <summary>The part of a fabric that is drawn; nothing given = all of it. Numbers count from 0.</summary>
public sealed record FabricScope
{
    /// <summary>All of a fabric.</summary>
    public static FabricScope All { get; } = new();

    /// <summary>One group of the wiring: a pod of a Clos, a group of a dragonfly, a slab of a torus.</summary>
    public int? Group { get; init; }

    /// <summary>One of several equal fabrics.</summary>
    public int? Plane { get; init; }

    /// <summary>One rail: the leaves of one number in each unit.</summary>
    public int? Rail { get; init; }

    /// <summary>Refuses what the fabric doesn't have.</summary>
    /// <exception cref="FabricException">It has no such group, plane or rail; the field is "pod", "plane" or "rail".</exception>
    public void Check(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        var groups = graph.Plan.Clos?.Pods ?? graph.Plan.Wiring.Groups;
        One("pod", Group, groups, graph.Plan.Clos is null ? "group" : "pod");
        One("plane", Plane, graph.Plan.Request.Planes, "plane");
        if (Rail is not { } rail) return;
        if (graph.Plan.Clos is not { LeavesPerUnit: > 1 } shape)
            throw new FabricException("rail", "this fabric has no rails: the ports of a system don't go to leaves of their own");
        One("rail", rail, shape.LeavesPerUnit, "rail");
    }

    static void One(string field, int? number, int count, string what)
    {
        if (number is not { } n || (n >= 0 && n < count)) return;
        var (asked, have) = ((n + 1).ToString(CultureInfo.InvariantCulture), count.ToString("N0", CultureInfo.InvariantCulture));
        throw new FabricException(field, count == 1
            ? $"there is no {what} {asked}: this fabric has one {what}"
            : $"there is no {what} {asked}: this fabric has {what}s 1 to {have}", n < 0 ? null : count, n < 0 ? 1 : null);
    }
}
