using Google.OrTools.Graph;

namespace Lightloom.Collectives;

/// <summary>Smallest cuts between two nodes of arcs with capacities, by the push-relabel flow of OR-Tools.</summary>
/// <param name="nodes">Nodes.</param>
/// <param name="most">A capacity that no arc needs to exceed: the flow that is asked for, or the fastest link.</param>
sealed class GraphFlow(int nodes, double most)
{
    const double Whole = 1e12; // the solver counts in whole numbers: so many parts of the most

    readonly List<(int From, int To, long Capacity)> arcs = [];

    /// <summary>Adds an arc.</summary>
    public void Add(int from, int to, double capacity) => arcs.Add((from, to, Math.Max(1, (long)Math.Round(Math.Min(1, capacity / most) * Whole))));

    /// <summary>The side of a source in a smallest cut.</summary>
    public bool[] SideOf(int source, int sink)
    {
        using var flow = new MaxFlow();
        foreach (var (from, to, capacity) in arcs) flow.AddArcWithCapacity(from, to, capacity);
        if (flow.Solve(source, sink) is not MaxFlow.Status.OPTIMAL and var status) throw new InvalidOperationException($"the flow was left unsolved: {status}");
        // What is still reached when the flow is full.
        var open = new List<int>?[nodes];
        for (var a = 0; a < arcs.Count; a++)
        {
            var (from, to, capacity) = arcs[a];
            var used = flow.Flow(a);
            if (used < capacity) (open[from] ??= []).Add(to);
            if (used > 0) (open[to] ??= []).Add(from);
        }
        var reached = new bool[nodes];
        var stack = new Stack<int>([source]);
        reached[source] = true;
        while (stack.TryPop(out var v))
        {
            foreach (var u in open[v] ?? [])
            {
                if (reached[u]) continue;
                reached[u] = true;
                stack.Push(u);
            }
        }
        return reached;
    }
}
