using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Tests;

/// <summary>Flows that are started as one goes, against the same flows known beforehand.</summary>
public sealed class OpenFlowsTests
{
    // The example at the head of OpenFlows.cs.
    [Fact]
    public void Two_flows_of_a_link()
    {
        var flows = new OpenFlows([1]);
        var route = flows.AddRoute([0], [1]);
        flows.Start(route, 1, 7);
        flows.Settle(0);
        Assert.Equal(1, flows.Next, 1e-15);
        flows.Start(route, 1, 8);
        flows.Settle(0.5);
        Assert.Equal((1.5, 2), (flows.Next, flows.Active));
        var left = new List<int>();
        flows.Advance(1.5, left);
        flows.Settle(1.5);
        Assert.Equal(2, flows.Next, 1e-15);
        flows.Advance(2, left);
        Assert.Equal([7, 8], left);
        flows.Settle(2);
        Assert.Equal((0, double.PositiveInfinity, 2.0), (flows.Active, flows.Next, flows.LinkBytes()[0]));
    }

    static readonly Gen<(double[] Capacity, int[][] Paths, double[] Bytes, double[] Start)> Cases =
        from links in Gen.Int[1, 8]
        from capacity in Gen.Double[1, 10].Array[links]
        from flows in Gen.Int[1, 25]
        from paths in Gen.Shuffle(Enumerable.Range(0, links).ToArray(), 1, links).Array[flows]
        from bytes in Gen.Double[0.1, 10].Array[flows]
        from start in Gen.Int[0, 6].Select(i => i / 2.0).Array[flows]
        select (capacity, paths, bytes, start);

    // 1e-9 is far above what rounding leaves after some tens of changes of rates (1e-13 each), and far below any other error.
    [Fact]
    public void Flows_leave_when_they_would_have_if_all_had_been_known() => Cases.Sample(c =>
    {
        int[] offset = [0, .. c.Paths.Select(p => p.Length)];
        for (var f = 1; f < offset.Length; f++) offset[f] += offset[f - 1];
        var known = FlowSimulation.Run(new() { Capacity = c.Capacity, PathOffset = offset, Path = [.. c.Paths.SelectMany(p => p)], Bytes = c.Bytes, Start = c.Start }, new() { Grouping = FlowGrouping.OneByOne });
        var open = new OpenFlows([.. c.Capacity]);
        var routes = new Dictionary<string, int>();
        var finish = new double[c.Bytes.Length];
        var starts = c.Start.Distinct().Order().ToList();
        var (next, left) = (0, new List<int>());
        while (next < starts.Count || open.Active > 0)
        {
            var now = Math.Min(open.Next, next < starts.Count ? starts[next] : double.PositiveInfinity);
            left.Clear();
            open.Advance(now * (1 + 1e-12), left);
            foreach (var f in left) finish[f] = now;
            if (next < starts.Count && starts[next] <= now)
            {
                for (var f = 0; f < c.Bytes.Length; f++)
                {
                    if (c.Start[f] != starts[next]) continue;
                    // Flows of the same links are of the same route.
                    var key = string.Join(',', c.Paths[f]);
                    if (!routes.TryGetValue(key, out var route)) routes[key] = route = open.AddRoute(c.Paths[f], [.. c.Paths[f].Select(_ => 1.0)]);
                    open.Start(route, c.Bytes[f], f);
                }
                next++;
            }
            open.Settle(now);
        }
        for (var f = 0; f < finish.Length; f++) Assert.Equal(1, finish[f] / known.FinishOf(f), 1e-9);
        for (var l = 0; l < c.Capacity.Length; l++) Assert.Equal(Enumerable.Range(0, finish.Length).Where(f => c.Paths[f].Contains(l)).Sum(f => c.Bytes[f]), open.LinkBytes()[l], 1e-9);
    }, iter: 300);

    [Fact]
    public void Wrong_routes_are_refused()
    {
        var flows = new OpenFlows([1]);
        Assert.Throws<InputException>(() => flows.AddRoute([], []));
        Assert.Throws<InputException>(() => flows.AddRoute([1], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => flows.Start(flows.AddRoute([0], [1]), 0, 0));
    }
}
