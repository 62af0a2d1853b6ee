using Google.OrTools.Graph;

namespace Lightloom.Collectives;

/// <summary>Largest flows between nodes of a graph, by OR-Tools' push-relabel; what is returned is the capacity of the cut that proves it.</summary>
sealed class GraphFlow
{
    const double Whole = 1e12; // the solver counts in whole numbers: shares of the fastest link to so many parts

    readonly CommunicationGraph graph;
    readonly long[] whole;
    readonly bool[] reached;
    readonly int[] queue;

    public GraphFlow(CommunicationGraph graph)
    {
        this.graph = graph;
        var most = 0.0;
        foreach (var capacity in graph.Capacity) most = Math.Max(most, capacity);
        whole = new long[graph.Links];
        for (var l = 0; l < whole.Length; l++) whole[l] = Math.Max(1, (long)Math.Round(graph.Capacity[l] / most * Whole));
        (reached, queue) = (new bool[graph.Nodes], new int[graph.Nodes]);
    }

    /// <summary>B/s that fit from one node to another.</summary>
    public double Between(int source, int sink)
    {
        using var flow = new MaxFlow();
        for (var l = 0; l < whole.Length; l++) flow.AddArcWithCapacity(graph.From[l], graph.To[l], whole[l]);
        if (flow.Solve(source, sink) is not MaxFlow.Status.OPTIMAL and var status) throw new InvalidOperationException($"the flow was left unsolved: {status}");
        Reach(flow, source);
        return graph.OutOf(reached).BytesPerSecond;
    }

    // What is still reached when the flow is full is one side of a smallest cut.
    void Reach(MaxFlow flow, int source)
    {
        Array.Clear(reached);
        var back = new List<int>?[graph.Nodes];
        for (var l = 0; l < whole.Length; l++)
            if (flow.Flow(l) > 0) (back[graph.To[l]] ??= []).Add(graph.From[l]);
        (queue[0], reached[source]) = (source, true);
        for (var (head, tail) = (0, 1); head < tail; head++)
        {
            var v = queue[head];
            for (var l = graph.First[v]; l < graph.First[v + 1]; l++)
                if (!reached[graph.To[l]] && flow.Flow(l) < whole[l]) Add(graph.To[l]);
            foreach (var u in back[v] ?? [])
                if (!reached[u]) Add(u);

            void Add(int node)
            {
                reached[node] = true;
                queue[tail++] = node;
            }
        }
    }
}
