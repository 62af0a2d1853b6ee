namespace Lightloom.Fabric;

/// <summary>Random regular graphs that depend on their seed alone.</summary>
static class RandomGraph
{
    /// <summary>The edges of a connected graph whose nodes all have one degree; one node has one less where nodes · degree is odd.</summary>
    public static (int A, int B)[] Regular(int nodes, int degree, int triesPerEdge, ulong seed)
    {
        var edges = Circulant(nodes, degree);
        if (degree >= nodes - 1 || edges.Length < 2) return edges;
        var present = new HashSet<long>(edges.Length);
        foreach (var (a, b) in edges) present.Add(Key(a, b));
        var state = seed;
        do
        {
            for (var i = 0L; i < (long)triesPerEdge * edges.Length; i++) Switch();
        }
        while (!Connected(nodes, edges));
        // An order of their own would tell which edges were switched last.
        Array.Sort(edges, static (x, y) => Key(x.A, x.B).CompareTo(Key(y.A, y.B)));
        return edges;

        void Switch()
        {
            var (first, second) = ((int)Below((uint)edges.Length), (int)Below((uint)edges.Length));
            if (first == second) return;
            var ((a, b), (c, d)) = (edges[first], edges[second]);
            if ((Next() & 1) == 0) (c, d) = (d, c);
            if (a == c || b == d || present.Contains(Key(a, c)) || present.Contains(Key(b, d))) return;
            present.Remove(Key(a, b));
            present.Remove(Key(c, d));
            present.Add(Key(a, c));
            present.Add(Key(b, d));
            (edges[first], edges[second]) = ((a, c), (b, d));
        }

        // Lemire's multiplication without its rejection: the bias is below 2⁻³² · bound.
        uint Below(uint bound) => (uint)((ulong)(uint)(Next() >> 32) * bound >> 32);

        // SplitMix64 [Steele, Lea, Flood, OOPSLA 2014].
        ulong Next()
        {
            state += 0x9E3779B97F4A7C15;
            var z = (state ^ (state >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }
    }

    static (int A, int B)[] Circulant(int nodes, int degree)
    {
        var edges = new List<(int A, int B)>((int)((long)nodes * degree / 2));
        for (var offset = 1; offset <= degree / 2; offset++)
            for (var i = 0; i < nodes; i++) edges.Add((i, (i + offset) % nodes));
        if (degree % 2 == 1)
            for (var i = 0; i < nodes / 2; i++) edges.Add((i, i + (nodes / 2)));
        return [.. edges];
    }

    static bool Connected(int nodes, (int A, int B)[] edges)
    {
        var root = new int[nodes];
        for (var i = 0; i < nodes; i++) root[i] = i;
        var parts = nodes;
        foreach (var (a, b) in edges)
        {
            var (x, y) = (Find(a), Find(b));
            if (x == y) continue;
            root[x] = y;
            parts--;
        }
        return parts == 1;

        int Find(int node)
        {
            while (root[node] != node) node = root[node] = root[root[node]];
            return node;
        }
    }

    static long Key(int a, int b) => a < b ? ((long)a << 32) | (uint)b : ((long)b << 32) | (uint)a;
}
