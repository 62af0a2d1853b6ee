using Lightloom.Quantities;

namespace Lightloom.Fabric;

// What is lost when parts fail, for all-to-all over equal-cost paths.
//
//   before rerouting   switches still spread over what is down. Of what s has for t a share p(s) arrives:
//                        p(t) = 1,   p(r) = Σ over next hops v of w(r, v)/Σw · live(r, v)/w(r, v) · p(v)
//                      and nothing from or to a card's port that is down. Lost = 1 − mean of p over all pairs of ports.
//   after rerouting    shortest paths of what is left, cards' traffic on the ports that they have left; throughput = one over the
//                      largest load, in shares of what the cards inject with nothing down.
//   worst pair         before: the least p of a plane, weighed over planes; after: the share of its ports that two cards can use.
//   cut off            cards that reach fewer than half of the cards that they reached before.
//
// Worked example: 4 leaves with 2 uplinks for 2 cards each; one uplink is down. Before: pairs through it lose 1/2 of what they send
// between leaves; after: the leaf's 2 cards share 1 uplink, their all-to-all goes at half of it.

/// <summary>What is left of a fabric when parts of it are down.</summary>
/// <param name="Links">Links that are down.</param>
/// <param name="CardsThatLosePaths">Cards with a port down, or whose switch has a link down.</param>
/// <param name="CardsThatLoseAPort">Cards with a port down.</param>
/// <param name="CardsCutOff">Cards that reach fewer than half of the cards that they reached before.</param>
/// <param name="LostBeforeRerouting">The share of all-to-all traffic that is sent into what is down, until routes change.</param>
/// <param name="WorstPairBeforeRerouting">What arrives of the traffic of the worst pair of cards until then. A lower bound where parts of several planes are down.</param>
/// <param name="ThroughputBefore">All-to-all throughput with nothing down, over injection.</param>
/// <param name="ThroughputAfter">All-to-all throughput after rerouting, of cards that are not cut off, over injection.</param>
/// <param name="WorstPairAfterRerouting">The share of its injection that the worst pair of cards, neither cut off, can use between them.</param>
public sealed record FailureImpact(
    int Links, int CardsThatLosePaths, int CardsThatLoseAPort, int CardsCutOff, Ratio LostBeforeRerouting, Ratio WorstPairBeforeRerouting,
    Ratio ThroughputBefore, Ratio ThroughputAfter, Ratio WorstPairAfterRerouting)
{
    /// <summary>Throughput after rerouting over that with nothing down.</summary>
    public Ratio ThroughputLeft => Ratio.From(ThroughputBefore.Si > 0 ? ThroughputAfter.Si / ThroughputBefore.Si : 0);
}

/// <summary>Answers what failures cost a fabric.</summary>
public sealed class FailureAnalysis
{
    readonly IReadOnlyList<FabricPlane> planes;
    readonly CardPorts healthy;
    readonly LinkLoads uniform;
    readonly Lazy<IReadOnlyList<FailureClass>> classes;

    /// <summary>Prepares the fabric as it is with nothing down.</summary>
    public FailureAnalysis(FabricGraph graph)
    {
        ArgumentNullException.ThrowIfNull(graph);
        Graph = graph;
        planes = FabricPlane.AllOf(graph);
        healthy = new(planes);
        uniform = LinkLoads.Of(healthy, new EqualCost(), Traffic.AllToAll(), new());
        classes = new(() => new SymmetryClasses(graph, uniform).All());
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>Classes of single failures: one of each speaks for all of it.</summary>
    public IReadOnlyList<FailureClass> Classes => classes.Value;

    /// <summary>Links chosen at random, all of them different; the same seed gives the same.</summary>
    /// <exception cref="FabricException">The fabric has not so many; the field is "random".</exception>
    public FailedParts Random(int count, ulong seed)
    {
        if (count < 1 || count > Graph.Links) throw new FabricException("random", $"the fabric has {Graph.Links:N0} links; expected 1 to {Graph.Links:N0} failures, not {count:N0}");
        var failed = new FailedParts(Graph);
        for (var i = 0UL; failed.Links < count; i++) failed.AddLink((int)(Router.Mix(seed, i) % (ulong)Graph.Links));
        return failed;
    }

    /// <summary>What failures cost.</summary>
    public FailureImpact Of(FailedParts failed)
    {
        ArgumentNullException.ThrowIfNull(failed);
        var left = FabricPlane.AllOf(Graph, failed);
        var ports = new CardPorts(left);
        var after = LinkLoads.Of(ports, new EqualCost(), Traffic.AllToAll(), new() { Failed = failed });
        var (lost, worst) = Before(failed);
        var (cutOff, worstAfter) = CutOff(ports);
        var (losePaths, losePort) = Touched(failed);
        return new(failed.Links, losePaths, losePort, cutOff, Ratio.From(lost), Ratio.From(worst), uniform.Throughput,
            cutOff == Graph.Cards ? Ratio.Zero : after.Throughput, Ratio.From(worstAfter));
    }

    (int Paths, int Port) Touched(FailedParts failed)
    {
        var (paths, port) = (0, 0);
        var touched = new bool[Graph.Devices];
        for (var l = 0; l < Graph.Links; l++)
            if (failed.IsDown(l)) (touched[Graph.Lower[l]], touched[Graph.Upper[l]]) = (true, true);
        for (var card = 0; card < Graph.Cards; card++)
        {
            if (touched[card]) port++;
            var any = touched[card];
            foreach (var l in Graph.LinksOf(card)) any |= touched[Graph.Across(l, card)];
            if (any) paths++;
        }
        return (paths, port);
    }

    // Cards of one kind before and one kind after are alike; there are few such kinds.
    (int CutOff, double WorstPair) CutOff(CardPorts left)
    {
        var kinds = Enumerable.Range(0, Graph.Cards).CountBy(c => (Before: healthy.Kind[c], After: left.Kind[c])).ToArray();
        var isOff = new bool[kinds.Length];
        var cutOff = 0;
        for (var a = 0; a < kinds.Length; a++)
        {
            var (before, after) = (0L, 0L);
            foreach (var ((kindBefore, kindAfter), count) in kinds)
            {
                if (healthy.Scale(kinds[a].Key.Before, kindBefore) > 0) before += count;
                if (left.Scale(kinds[a].Key.After, kindAfter) > 0) after += count;
            }
            isOff[a] = 2 * after < before;
            if (isOff[a]) cutOff += kinds[a].Value;
        }
        var worst = 1.0;
        for (var a = 0; a < kinds.Length; a++)
        {
            for (var b = 0; b < kinds.Length; b++)
            {
                if (isOff[a] || isOff[b] || (a == b && kinds[a].Value == 1) || healthy.Scale(kinds[a].Key.Before, kinds[b].Key.Before) == 0) continue;
                var scale = left.Scale(kinds[a].Key.After, kinds[b].Key.After);
                worst = Math.Min(worst, scale == 0 ? 0 : 1 / scale);
            }
        }
        return (cutOff, cutOff == Graph.Cards ? 0 : worst);
    }

    (double Lost, double Worst) Before(FailedParts failed)
    {
        var (arrives, all, worst, weights) = (0.0, 0.0, 0.0, 0.0);
        foreach (var plane in planes)
        {
            var rate = 0.0;
            foreach (ref readonly var e in plane.EndpointList) rate += e.Rate.GigabitsPerSecond;
            var (some, most, least) = Before(plane, failed);
            arrives += some;
            all += most;
            worst += rate * least;
            weights += rate;
        }
        return (all > 0 ? 1 - (arrives / all) : 0, weights > 0 ? worst / weights : 0);
    }

    // What arrives of all-to-all in a plane, of how much, and the least share of any pair.
    static (double Arrives, double All, double Least) Before(FabricPlane plane, FailedParts failed)
    {
        // Ports of each ordinal at each router: those that are there, and those that are up.
        var ordinals = 1;
        foreach (ref readonly var e in plane.EndpointList) ordinals = Math.Max(ordinals, e.Ordinal + 1);
        var (there, up) = (new double[ordinals][], new double[ordinals][]);
        for (var o = 0; o < ordinals; o++) (there[o], up[o]) = (new double[plane.Routers], new double[plane.Routers]);
        var (anyDown, planeTouched) = (false, false);
        foreach (ref readonly var e in plane.EndpointList)
        {
            there[e.Ordinal][e.Router]++;
            if (failed.IsDeviceDown(e.Card) || (e.Link >= 0 && failed.IsDown(e.Link))) anyDown = true;
            else up[e.Ordinal][e.Router]++;
        }
        // The share of each edge's links that is up.
        var live = new double[plane.Edges];
        for (var e = 0; e < live.Length; e++)
        {
            var count = 0;
            foreach (var l in plane.LinksOf(e))
                if (!failed.IsDown(l)) count++;
            live[e] = (double)count / plane.Width(e);
            planeTouched |= live[e] < 1;
        }
        var blocks = Math.Min(16, plane.Routers);
        var parts = new (double Arrives, double All, double Least)[blocks];
        var component = plane.Component;
        Parallel.For(0, blocks, block =>
        {
            var (router, hops, p) = (new EqualCostRouter(plane), new NextHops(plane), new double[plane.Routers]);
            var (arrives, all, least) = (0.0, 0.0, 1.0);
            for (var t = block; t < plane.Routers; t += blocks)
            {
                if (plane.EndpointsAt(t).Length == 0) continue;
                if (planeTouched)
                {
                    router.Fill(t, hops);
                    Survive(plane, hops, live, p);
                }
                for (var o = 0; o < ordinals; o++)
                {
                    if (there[o][t] == 0) continue;
                    for (var s = 0; s < plane.Routers; s++)
                    {
                        if (there[o][s] == 0 || component[s] != component[t]) continue;
                        var share = planeTouched ? p[s] : 1;
                        all += there[o][s] * (there[o][t] - (s == t ? 1 : 0));
                        arrives += share * up[o][s] * (up[o][t] - (s == t ? 1 : 0));
                        if (s != t || there[o][s] > 1) least = Math.Min(least, share);
                    }
                }
            }
            parts[block] = (arrives, all, least);
        });
        var sum = (Arrives: 0.0, All: 0.0, Least: 1.0);
        foreach (var (arrives, all, least) in parts) sum = (sum.Arrives + arrives, sum.All + all, Math.Min(sum.Least, least));
        return (sum.Arrives, sum.All, anyDown ? 0 : sum.Least);
    }

    static void Survive(FabricPlane plane, NextHops hops, double[] live, double[] p)
    {
        p[hops.Destination] = 1;
        for (var at = 1; at < hops.Count; at++)
        {
            var (sum, r) = (0.0, hops.Order[at]);
            foreach (var e in hops.Of(r)) sum += plane.Width(e) * live[e] * p[plane.To[e]];
            p[r] = sum / hops.Links[at];
        }
    }
}
