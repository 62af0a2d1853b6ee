using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Bisection: the least bandwidth, one direction, between two sides that have half of the cards each; cards stay with their router, so
// sides may differ by as many cards as one router has. As a share: over what the smaller side can inject.
//
//   share = Σ rate of cut links / (n · I)          n cards of the smaller side        I injection of a card
//
// To find it is NP-hard in general [Garey, Johnson, Stockmeyer 1976]. In this order:
//
//   exact by structure   folded Clos with whole bundles, of full leaves and pods where it has three tiers. With x leaves of a pod of l on side A, its spines cost
//                        s · min(b·(l − x), b·x + u₂) where the cores stand on side A: concave in x, so the least is at whole pods,
//                        and one split pod where their number is odd:   P/2 · s · min(b·l, u₂).  Two tiers: min(x, L − x) · u₁ for x
//                        leaves, which may be filled unevenly
//   exact by trying      every balanced choice of at most 16 routers with cards, the others put where a smallest cut puts them
//   bounds               above: the best that Fiduccia-Mattheyses [DAC 1982] finds from several starts
//                        below: all-to-all at θ of the injection fits the links between routers when spread over shortest paths (θ is
//                        one over the largest load), and what crosses the cut must fit it:  cut ≥ θ · I · n_A · n_B / (N − 1)
//
// Where the bounds meet the answer is exact as well: so it is on tori and HyperX of even length and on many dragonflies.
//
// Worked example: 4 leaves of 2 uplinks and 2 cards: 4 links over 4 cards, share 1.

/// <summary>What is known of the thinnest cut of a plane into halves.</summary>
/// <param name="Lower">No cut into halves is thinner: bandwidth over what the smaller half injects.</param>
/// <param name="Upper">A cut this thin exists.</param>
/// <param name="Method">How it was found, for a report.</param>
public sealed record Bisection(Ratio Lower, Ratio Upper, string Method)
{
    const int MostTried = 16;
    const double Slack = 1e-9;
    const string Structure = "the structure of a folded Clos";

    /// <summary>Whether lower and upper bound are the same.</summary>
    public bool IsExact => Upper.Si - Lower.Si <= Slack * Upper.Si;

    /// <summary>The bisection of a plane; null where it has fewer than two routers with cards.</summary>
    /// <param name="plane">The plane.</param>
    /// <param name="largestUniformLoad">The largest load of a link between routers under all-to-all, as a share of its rate.</param>
    public static Bisection? Of(FabricPlane plane, double largestUniformLoad)
    {
        ArgumentNullException.ThrowIfNull(plane);
        var cut = new BalancedCut(plane);
        if (cut.Sources < 2) return null;
        if (ByStructure(plane) is { } known) return known;
        if (cut.Sources <= MostTried && plane.Routers <= 64)
        {
            var least = Ratio.From(cut.TryAll());
            return new(least, least, "every balanced cut was tried");
        }
        var upper = cut.Best();
        var components = plane.Component.Distinct().Count();
        // With several components all-to-all is not all between routers that are joined.
        var lower = components > 1 || largestUniformLoad <= 0 ? 0 : cut.LowerBound(1 / largestUniformLoad);
        var exact = upper - lower <= 1e-6 * upper;
        return new(Ratio.From(exact ? upper : lower), Ratio.From(upper),
            exact ? "the best cut found carries no more than uniform traffic needs" : "uniform traffic from below, the best cut found from above");
    }

    static Bisection? ByStructure(FabricPlane plane)
    {
        if (plane.Graph.Plan.Clos is not { } s || plane.Graph.Plan.Request.UplinkSpread != UplinkSpread.WholeBundles || s.UplinksPerLeaf == 0) return null;
        // Nothing down, and bundles that are whole.
        var links = 0L;
        for (var e = 0; e < plane.Edges; e++) links += plane.Width(e);
        if (links != 2 * ((s.Leaves * s.UplinksPerLeaf) + (s.Spines * s.UplinksPerSpine))) return null;
        if (s.UplinksPerLeaf % s.SpinesPerPod != 0 || (s.CoresPerGroup > 0 && s.UplinksPerSpine % s.CoresPerGroup != 0)) return null;
        if (s.UplinksPerSpine == 0) return TwoTiers(plane, s);
        // Full leaves and pods.
        var perLeaf = s.SystemsPerUnit * s.PortsPerSystemAndLeaf;
        if ((long)s.Units * s.SystemsPerUnit != s.Systems || s.Units % s.UnitsPerPod != 0 || plane.EndpointList.Length != s.Leaves * perLeaf) return null;

        var up = plane.Graph.Plan.Links[1].Rate.GigabitsPerSecond;
        var port = plane.Graph.Plan.Links[0].Rate.GigabitsPerSecond;
        var leaves = (int)(s.Leaves / s.Pods);
        var spine = plane.Graph.Plan.Links[2].Rate.GigabitsPerSecond;
        var bundle = (double)s.UplinksPerLeaf / s.SpinesPerPod * up;
        var half = s.Pods / 2 * leaves;
        var cut = s.Pods / 2 * s.SpinesPerPod * Math.Min(bundle * leaves, s.UplinksPerSpine * spine);
        if (s.Pods % 2 == 1)
        {
            var x = leaves / 2;
            half += x;
            cut += s.SpinesPerPod * Math.Min(bundle * x, (bundle * (leaves - x)) + (s.UplinksPerSpine * spine));
        }
        if (half == 0) return null;
        var share = Ratio.From(cut / ((double)half * perLeaf * port));
        return new(share, share, Structure);
    }

    // Every leaf is joined to every spine alike: a side with x leaves cuts min(x, L − x) · u₁ links, whichever they are. Leaves may be
    // filled unevenly: of all choices of x, the one with the most cards has the least share, unless it is more than a half.
    static Bisection? TwoTiers(FabricPlane plane, ClosShape s)
    {
        var injection = new double[s.Leaves];
        foreach (ref readonly var e in plane.EndpointList) injection[e.Router] += e.Rate.GigabitsPerSecond;
        Array.Sort(injection, static (a, b) => b.CompareTo(a));
        var (all, largest, side) = (injection.Sum(), injection[0], 0.0);
        var up = s.UplinksPerLeaf * plane.Graph.Plan.Links[1].Rate.GigabitsPerSecond;
        var (lower, upper) = (double.PositiveInfinity, double.PositiveInfinity);
        for (var x = 1; x < injection.Length; x++)
        {
            side += injection[x - 1];
            var cut = Math.Min(x, injection.Length - x) * up;
            // Fewer leaves can't hold half of the cards.
            if (side < (all - largest) / 2 * (1 - Slack)) continue;
            // Emptier leaves in the place of fuller ones bring the side down to a half.
            var lighter = side;
            for (var i = 0; i <= Math.Min(x, injection.Length - x); i++)
            {
                if (lighter >= (all - largest) / 2 * (1 - Slack) && lighter <= (all + largest) / 2 * (1 + Slack)) upper = Math.Min(upper, cut / Math.Min(lighter, all - lighter));
                if (i < Math.Min(x, injection.Length - x)) lighter -= injection[x - 1 - i] - injection[^(i + 1)];
            }
            lower = Math.Min(lower, cut / Math.Min(side, all / 2));
            if (side > all / 2) break;
        }
        return double.IsPositiveInfinity(upper) ? null : new(Ratio.From(Math.Min(lower, upper)), Ratio.From(upper), Structure);
    }
}
