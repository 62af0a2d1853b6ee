namespace Lightloom.Fabric;

// Dimension order on a grid (torus, mesh, HyperX): correct dimension 1, then 2, and so on [Sullivan and Bashkow, ISCA 1977; Dally and
// Seitz, IEEE Trans. Computers C-36(5), 1987].
//
//   c_d(r)      coordinate of router r in dimension d         δ_d(a, b)   hops from coordinate a to b along a line of dimension d
//   hops(r, t)  links of dimension d = min { d : c_d(r) ≠ c_d(t) } to routers v with δ_d(c_d(v), c_d(t)) = δ_d(c_d(r), c_d(t)) − 1
//
// Half way round a ring of even length both ways are as long, and share. Coordinates are the wiring's own (FabricWiring.Grid); lines
// may be rings, paths or complete graphs.
//
// Worked example: in a 4 × 4 torus from (0, 0) to (2, 1): two hops along dimension 1, either way round, then one along dimension 2.

/// <summary>One dimension after the other, on a grid of routers.</summary>
public sealed class DimensionOrder : IRouting
{
    /// <inheritdoc/>
    public string Name => "dimension-order";

    /// <inheritdoc/>
    public string Description => "On a torus or HyperX: the first dimension, then the second, and so on.";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return Grid.Of(plane) is null ? $"it needs a grid without empty places (torus, HyperX), and this {plane.Graph.Plan.Topology} is none" : null;
    }

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        Routings.Check(this, plane);
        return new DimensionOrderRouter(plane, Grid.Of(plane)!);
    }
}

/// <summary>Coordinates of the routers of a plane.</summary>
sealed class Grid
{
    Grid(int[][] coordinate, int[] lengths, byte[] dimensionOf, int[][,] distance) =>
        (Coordinate, Lengths, DimensionOf, Distance) = (coordinate, lengths, dimensionOf, distance);

    /// <summary>Coordinate[d][r].</summary>
    public int[][] Coordinate { get; }

    /// <summary>Coordinates of each dimension.</summary>
    public int[] Lengths { get; }

    /// <summary>The dimension of each edge.</summary>
    public byte[] DimensionOf { get; }

    /// <summary>Distance[d][a, b] hops along a line.</summary>
    public int[][,] Distance { get; }

    /// <summary>The grid that a plane is, or null; also when not all of its places are taken.</summary>
    public static Grid? Of(FabricPlane plane)
    {
        if (plane.Graph.Plan.Wiring.Grid is not { } grid || grid.Sides.Aggregate(1L, static (product, side) => product * side) != plane.Routers) return null;
        var dimensions = grid.Sides.Count;
        var coordinate = new int[dimensions][];
        for (var d = 0; d < dimensions; d++) coordinate[d] = [.. Enumerable.Range(0, plane.Routers).Select(r => grid.Coordinate(r, d))];
        var of = new byte[plane.Edges];
        for (var e = 0; e < plane.Edges; e++)
            of[e] = (byte)Enumerable.Range(0, dimensions).Single(d => coordinate[d][plane.From[e]] != coordinate[d][plane.To[e]]);
        var distance = new int[dimensions][,];
        for (var d = 0; d < dimensions; d++) distance[d] = Along(plane, of, d, coordinate[d], grid.Sides[d]);
        return new(coordinate, [.. grid.Sides], of, distance);
    }

    static int[,] Along(FabricPlane plane, byte[] dimension, int d, int[] coordinate, int length)
    {
        var next = new HashSet<int>[length];
        for (var c = 0; c < length; c++) next[c] = [];
        for (var e = 0; e < plane.Edges; e++)
            if (dimension[e] == d) next[coordinate[plane.From[e]]].Add(coordinate[plane.To[e]]);
        var distance = new int[length, length];
        for (var a = 0; a < length; a++)
        {
            for (var b = 0; b < length; b++) distance[a, b] = -1;
            distance[a, a] = 0;
            var queue = new Queue<int>([a]);
            while (queue.TryDequeue(out var c))
            {
                foreach (var n in next[c])
                {
                    if (distance[a, n] >= 0) continue;
                    distance[a, n] = distance[a, c] + 1;
                    queue.Enqueue(n);
                }
            }
        }
        return distance;
    }
}

sealed class DimensionOrderRouter(FabricPlane plane, Grid grid) : TableRouter(plane)
{
    internal override void Fill(int destination, NextHops hops)
    {
        var dimensions = grid.Lengths.Length;
        hops.Begin(destination);
        // Routers by their distance: each hop makes it one less.
        var distance = new int[Plane.Routers];
        var most = 0;
        for (var r = 0; r < distance.Length; r++)
        {
            for (var d = 0; d < dimensions; d++) distance[r] += grid.Distance[d][grid.Coordinate[d][r], grid.Coordinate[d][destination]];
            most = Math.Max(most, distance[r]);
        }
        var first = new int[most + 2];
        foreach (var d in distance) first[d + 1]++;
        for (var d = 0; d <= most; d++) first[d + 1] += first[d];
        var order = new int[distance.Length];
        for (var r = 0; r < distance.Length; r++) order[first[distance[r]]++] = r;
        foreach (var r in order)
        {
            if (r == destination) continue;
            var d = 0;
            while (grid.Coordinate[d][r] == grid.Coordinate[d][destination]) d++;
            var added = false;
            for (var e = Plane.First[r]; e < Plane.First[r + 1]; e++)
            {
                var v = Plane.To[e];
                if (grid.DimensionOf[e] != d || distance[v] != distance[r] - 1 || hops.Position[v] < 0) continue;
                if (!added) hops.Add(r, distance[r]);
                added = true;
                hops.Put(e);
            }
        }
    }
}
