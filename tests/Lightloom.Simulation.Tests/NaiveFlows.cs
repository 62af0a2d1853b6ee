using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Tests;

/// <summary>The slow, obvious way: at every event all rates are filled anew, link by link.</summary>
static class NaiveFlows
{
    public static double[] Finish(FlowProgram program)
    {
        var flows = program.Count;
        var (finish, rest, left, begun) = (new double[flows], new double[flows], new bool[flows], new bool[flows]);
        var (arrives, capacity) = (new double[flows], (double[])program.Capacity.Clone());
        Array.Fill(finish, double.NaN);
        Array.Fill(arrives, double.PositiveInfinity);
        var missing = (int[])program.GateArrivals.Clone();
        var (now, change, reroute) = (0.0, 0, 0);
        var routes = new FlowRoutes(program.PathOffset, program.Path, program.Share, program.Latency);
        while (true)
        {
            for (; change < program.Changes.Count && program.Changes[change].Seconds <= now * (1 + 1e-12); change++) capacity[program.Changes[change].Link] = program.Changes[change].BytesPerSecond;
            for (var again = true; again;)
            {
                again = false;
                for (var f = 0; f < flows; f++)
                {
                    if (!begun[f] && MayStart(f))
                    {
                        begun[f] = again = true;
                        rest[f] = program.BytesOf(f);
                    }
                    if (begun[f] && !left[f] && (rest[f] <= 1e-9 * program.BytesOf(f) || routes.Offset[f] == routes.Offset[f + 1]))
                    {
                        left[f] = again = true;
                        arrives[f] = now + (routes.Latency?[f] ?? 0);
                    }
                    if (double.IsNaN(finish[f]) && arrives[f] <= now * (1 + 1e-12))
                    {
                        finish[f] = arrives[f];
                        again = true;
                        if (program.Feeds is { } feeds && feeds[f] >= 0) missing[feeds[f]]--;
                    }
                }
            }
            // What leaves at the time of a reroute has taken the old way.
            for (; reroute < program.Reroutes.Count && program.Reroutes[reroute].Seconds <= now * (1 + 1e-12); reroute++) routes = program.Reroutes[reroute].Routes;
            var rates = Rates(program, routes, capacity, f => begun[f] && !left[f]);
            var next = double.PositiveInfinity;
            for (var f = 0; f < flows; f++)
            {
                if (rates[f] > 0) next = Math.Min(next, now + rest[f] / rates[f]);
                if (double.IsNaN(finish[f])) next = Math.Min(next, arrives[f]);
                if (!begun[f] && program.Start is { } start && start[f] > now) next = Math.Min(next, start[f]);
            }
            if (change < program.Changes.Count) next = Math.Min(next, program.Changes[change].Seconds);
            if (reroute < program.Reroutes.Count) next = Math.Min(next, program.Reroutes[reroute].Seconds);
            if (double.IsPositiveInfinity(next) || !finish.Any(double.IsNaN)) return finish;
            for (var f = 0; f < flows; f++) rest[f] -= rates[f] * (next - now);
            now = next;
        }

        bool MayStart(int f) => (program.Start?[f] ?? 0) <= now * (1 + 1e-12) && (program.WaitsFor is not { } w || w[f] < 0 || Open(w[f]))
            && (program.After is not { } a || a[f] < 0 || left[a[f]]);

        bool Open(int gate) => missing[gate] <= 0 && (program.GateAfter is not { } after || after[gate] < 0 || Open(after[gate]));
    }

    public static double[] Rates(FlowProgram program, FlowRoutes routes, double[] capacity, Func<int, bool> active)
    {
        var rates = new double[program.Count];
        var open = Enumerable.Range(0, program.Count).Where(f => active(f) && routes.Offset[f] < routes.Offset[f + 1]).ToHashSet();
        double Weight(int f) => program.Weight?[f] ?? 1;
        double Share(int f, int link)
        {
            for (var p = routes.Offset[f]; p < routes.Offset[f + 1]; p++)
                if (routes.Path[p] == link) return routes.Share?[p] ?? 1;
            return 0;
        }
        while (open.Count > 0)
        {
            var (least, at) = (double.PositiveInfinity, -1);
            for (var l = 0; l < program.Links; l++)
            {
                var weight = open.Sum(f => Share(f, l) * Weight(f));
                if (weight == 0) continue;
                var used = Enumerable.Range(0, program.Count).Sum(f => rates[f] > 0 ? Share(f, l) * rates[f] : 0);
                var level = Math.Max(0, capacity[l] - used) / weight;
                if (level < least) (least, at) = (level, l);
            }
            foreach (var f in open.Where(f => Share(f, at) > 0).ToList())
            {
                rates[f] = least * Weight(f);
                open.Remove(f);
            }
        }
        return rates;
    }
}
