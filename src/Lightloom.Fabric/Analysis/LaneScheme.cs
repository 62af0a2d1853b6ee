namespace Lightloom.Fabric;

// Virtual lanes part a channel into several with buffers of their own; a packet changes lanes by a rule, and channel (e, lane) is what
// waits for channel (f, lane'). A rule is good when that larger graph has no cycle:
//
//   by crossing     the lane is the number of links between groups passed so far: local and global hops of a dragonfly don't mix
//   by date line    on rings: lane 1 from the link on that passes from the ring's last coordinate to its first, or back, in the
//                   dimension that is being corrected [Dally and Seitz 1987]
//   by hop          the lane is the number of links passed so far: lanes only grow, so no cycle is possible [Günther 1981]

/// <summary>A rule by which packets change virtual lanes.</summary>
abstract class LaneScheme(FabricPlane plane)
{
    public const int MostLanes = 16;

    protected FabricPlane Plane { get; } = plane;

    public abstract string Name { get; }

    /// <summary>The lane of a packet's first link.</summary>
    public abstract int First(int e);

    /// <summary>The lane in which a packet that came over an edge in a lane passes the next edge.</summary>
    public abstract int Next(int e, int lane, int f);

    /// <summary>The lanes that a routing needs under this rule, or null when it takes too many or leaves a cycle.</summary>
    public int? Lanes(TableRouter router)
    {
        // Lanes in which each edge is used, as bits; and dependencies between (edge, lane).
        var (hops, arrives) = (new NextHops(Plane), new ushort[Plane.Edges]);
        var depends = new HashSet<long>();
        var most = 0;
        for (var t = 0; t < Plane.Routers; t++)
        {
            if (Plane.EndpointsAt(t).Length == 0) continue;
            router.Fill(t, hops);
            Array.Clear(arrives);
            for (var at = hops.Count - 1; at > 0; at--)
            {
                var r = hops.Order[at];
                foreach (var f in hops.Of(r))
                {
                    var lanes = Plane.EndpointsAt(r).Length > 0 ? 1 << First(f) : 0;
                    // Those that come from behind: edges into r that are next hops for t.
                    for (var back = Plane.First[r]; back < Plane.First[r + 1]; back++)
                    {
                        var e = Plane.Back[back];
                        for (var lane = 0; arrives[e] >> lane != 0; lane++)
                        {
                            if ((arrives[e] >> lane & 1) == 0) continue;
                            var next = Next(e, lane, f);
                            if (next >= MostLanes) return null;
                            lanes |= 1 << next;
                            depends.Add(((((long)e * MostLanes) + lane) << 32) | (uint)((f * MostLanes) + next));
                        }
                    }
                    arrives[f] |= (ushort)lanes;
                    while (lanes >> most != 0) most++;
                }
            }
        }
        return Acyclic(depends) ? most : null;
    }

    static bool Acyclic(HashSet<long> depends)
    {
        // Kahn: take away what nothing waits for, until nothing is left.
        var waits = depends.GroupBy(d => (int)(d >> 32)).ToDictionary(g => g.Key, g => g.Select(d => (int)d).ToArray());
        var count = new Dictionary<int, int>();
        foreach (var d in depends)
        {
            count[(int)d] = count.GetValueOrDefault((int)d) + 1;
            count.TryAdd((int)(d >> 32), 0);
        }
        var ready = new Queue<int>(count.Where(c => c.Value == 0).Select(c => c.Key));
        var done = 0;
        while (ready.TryDequeue(out var channel))
        {
            done++;
            foreach (var next in waits.GetValueOrDefault(channel) ?? [])
                if (--count[next] == 0) ready.Enqueue(next);
        }
        return done == count.Count;
    }
}

sealed class LanesByHop(FabricPlane plane) : LaneScheme(plane)
{
    public override string Name => "one lane for each hop";

    public override int First(int e) => 0;

    public override int Next(int e, int lane, int f) => lane + 1;
}

sealed class LanesByCrossing : LaneScheme
{
    readonly bool[] crosses;

    public LanesByCrossing(FabricPlane plane)
        : base(plane)
    {
        var group = Enumerable.Range(0, plane.Routers).Select(r => plane.Graph.GroupOf(plane.DeviceOf[r])).ToArray();
        crosses = [.. Enumerable.Range(0, plane.Edges).Select(e => group[plane.From[e]] != group[plane.To[e]])];
    }

    public override string Name => "another lane after each link between groups";

    public override int First(int e) => 0;

    public override int Next(int e, int lane, int f) => lane + (crosses[e] ? 1 : 0);
}

sealed class LanesByDateLine : LaneScheme
{
    readonly Grid grid;
    readonly bool[] crosses;

    public LanesByDateLine(FabricPlane plane, Grid grid)
        : base(plane)
    {
        this.grid = grid;
        // The way round is the link between coordinates that don't follow each other.
        crosses = [.. Enumerable.Range(0, plane.Edges).Select(e =>
        {
            var at = grid.Coordinate[grid.DimensionOf[e]];
            return Math.Abs(at[plane.From[e]] - at[plane.To[e]]) > 1;
        })];
    }

    public override string Name => "date lines, by dimension";

    public override int First(int e) => crosses[e] ? 1 : 0;

    public override int Next(int e, int lane, int f) => grid.DimensionOf[e] == grid.DimensionOf[f] && lane == 1 ? 1 : First(f);
}
