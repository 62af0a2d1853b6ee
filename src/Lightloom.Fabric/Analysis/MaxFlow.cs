namespace Lightloom.Fabric;

// Largest flow and smallest cut by blocking flows on level graphs [Dinic 1970]. Capacities are whole numbers: links of an edge.

/// <summary>Largest flows in a plane; keeps its memory for the next pair.</summary>
sealed class MaxFlow
{
    readonly FabricPlane plane;
    readonly int[] left, level, next, queue;

    public MaxFlow(FabricPlane plane)
    {
        this.plane = plane;
        left = new int[plane.Edges];
        (level, next, queue) = (new int[plane.Routers], new int[plane.Routers], new int[plane.Routers]);
    }

    /// <summary>Links that must be cut to part two routers: as many as paths without a common link.</summary>
    public int Between(int from, int to)
    {
        for (var e = 0; e < left.Length; e++) left[e] = plane.Width(e);
        var flow = 0;
        while (Levels(from, to))
        {
            plane.First[..plane.Routers].CopyTo(next);
            int more;
            while ((more = Push(from, to, int.MaxValue)) > 0) flow += more;
        }
        return flow;
    }

    bool Levels(int from, int to)
    {
        Array.Fill(level, -1);
        level[from] = 0;
        queue[0] = from;
        for (var (head, tail) = (0, 1); head < tail; head++)
        {
            var r = queue[head];
            for (var e = plane.First[r]; e < plane.First[r + 1]; e++)
            {
                var v = plane.To[e];
                if (left[e] == 0 || level[v] >= 0) continue;
                level[v] = level[r] + 1;
                queue[tail++] = v;
            }
        }
        return level[to] >= 0;
    }

    // One path at a time; as deep as the level graph, which is no deeper than the routers on a shortest augmenting path.
    int Push(int at, int to, int most)
    {
        if (at == to) return most;
        for (; next[at] < plane.First[at + 1]; next[at]++)
        {
            var e = next[at];
            var v = plane.To[e];
            if (left[e] == 0 || level[v] != level[at] + 1) continue;
            var sent = Push(v, to, Math.Min(most, left[e]));
            if (sent == 0) continue;
            left[e] -= sent;
            left[plane.Back[e]] += sent;
            return sent;
        }
        return 0;
    }
}
