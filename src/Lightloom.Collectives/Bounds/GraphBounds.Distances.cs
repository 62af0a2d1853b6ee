// A lower bound on all-to-all from lengths of links, without a program [Shahrokhi, Matula 1990; Garg, Könemann 2007]:
//
//   any lengths y >= 0 prove  T >= sum over pairs of (S / n) d_y / sum over links of y B
//
// The first lengths are 1 / B. Each round sends everything along shortest ways, and lengthens links by their load: y <- y exp(load / largest
// load / 2). The best proof of some rounds is kept; with ever more rounds and smaller steps it would meet the program's
// answer; as it is, a cut may be a better proof.
//
// Example: ring of 4, links of 1 GB/s: lengths are alike, distances 1, 2, 1: S / 4 * 4 * 4 / 8 links = S / 2 GB/s, as the program says.
namespace Lightloom.Collectives;

public sealed partial class GraphBounds
{
    const int MostRounds = 40;
    const long MostSteps = 400_000_000; // ranks times links times rounds

    GraphBound ByDistances()
    {
        var length = new double[Graph.Links];
        for (var l = 0; l < length.Length; l++) length[l] = 1 / Graph.Capacity[l];
        var rounds = (int)Math.Clamp(MostSteps / ((long)Graph.Ranks * Graph.Links), 1, MostRounds);
        var best = 0.0;
        var load = new double[Graph.Links];
        for (var round = 0; round < rounds; round++)
        {
            Array.Clear(load);
            var distances = 0.0;
            for (var source = 0; source < Graph.Ranks; source++) distances += Shortest(source, length, load);
            var volume = 0.0;
            for (var l = 0; l < length.Length; l++) volume += length[l] * Graph.Capacity[l];
            best = Math.Max(best, distances / volume / Graph.Ranks);
            var most = 0.0;
            for (var l = 0; l < load.Length; l++) most = Math.Max(most, load[l] /= Graph.Capacity[l]);
            for (var l = 0; l < load.Length; l++) length[l] *= Math.Exp(load[l] / most / 2);
        }
        return Bound(CollectiveKind.AllToAll, best, "least of all bytes over all ways: shortest distances by link lengths that grow with the load", "all links together") with { IsTight = false };
    }

    /// <summary>The sum of distances to all ranks [Dijkstra 1959]; adds one unit to each rank to the links on its way.</summary>
    double Shortest(int source, double[] length, double[] load)
    {
        var (distance, over, order) = (new double[Graph.Nodes], new int[Graph.Nodes], new List<int>(Graph.Nodes));
        Array.Fill(distance, double.PositiveInfinity);
        Array.Fill(over, -1);
        var done = new bool[Graph.Nodes];
        var queue = new PriorityQueue<int, (double, int)>();
        distance[source] = 0;
        queue.Enqueue(source, (0, source));
        while (queue.TryDequeue(out var v, out _))
        {
            if (done[v]) continue;
            done[v] = true;
            order.Add(v);
            for (var l = Graph.First[v]; l < Graph.First[v + 1]; l++)
            {
                var far = distance[v] + length[l];
                if (far >= distance[Graph.To[l]]) continue;
                distance[Graph.To[l]] = far;
                over[Graph.To[l]] = l;
                queue.Enqueue(Graph.To[l], (far, Graph.To[l]));
            }
        }
        // What the ranks behind each node are sent, from the furthest in.
        var (sum, sent) = (0.0, new double[Graph.Nodes]);
        for (var i = order.Count - 1; i > 0; i--)
        {
            var v = order[i];
            if (v < Graph.Ranks) (sum, sent[v]) = (sum + distance[v], sent[v] + 1);
            load[over[v]] += sent[v];
            sent[Graph.From[over[v]]] += sent[v];
        }
        for (var r = 0; r < Graph.Ranks; r++)
            if (!done[r]) throw Apart();
        return sum;
    }

    /// <summary>What <see cref="Of"/> says of an all-to-all that has too little symmetry.</summary>
    internal double DistancesAlone => ByDistances().Time.Seconds;
}
