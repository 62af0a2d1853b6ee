namespace Lightloom.Fabric;

// Destination modulo k on a folded Clos [Zahavi, "D-Mod-K routing providing non-blocking traffic for shift permutations on real
// life fat trees", CCIT report 776, Technion, 2010; the idea behind OpenSM's ftree]. Going up, a switch picks its uplink by the
// destination; coming down, the same digits pick the link of the bundle, so that no two destinations share one.
//
//   q    the destination's port on its leaf, 0 … D − 1, modulo u₁             u₁   uplinks of a leaf      s   spines of a pod
//   l    its leaf within its pod                                              u₂   uplinks of a spine     b = u₁ / s
//   leaf up       link q                                                      which leads to spine q mod s
//   spine up      link e = (l · b + q / s) mod u₂
//   core down     link e / c of the bundle to spine q mod s of the pod        c    cores of a group
//   spine down    link q / s of the bundle to the leaf
//
// With whole bundles, D ≤ u₁ and full pods (a non-blocking fat-tree) the ports of one leaf have different q, and the destinations
// below one spine different e: every link carries at most one flow of any shift, in both directions. Where a link is down, the next
// one that leads there is taken, in cyclic order; the guarantee is then gone and the loads say by how much.
//
// Worked example: leaves of 2 ports down and 2 up, 2 spines: card 5 is port 1 of leaf 2, q = 1, so everything for it goes over
// spine 1, and over that spine's only link to leaf 2.

/// <summary>One path to each destination, chosen by its number; without contention for shifts on a non-blocking fat-tree.</summary>
public sealed class DModK : IRouting
{
    /// <inheritdoc/>
    public string Name => "d-mod-k";

    /// <inheritdoc/>
    public string Description => "On a folded Clos, one path to each destination, chosen by its number (destination modulo k).";

    /// <inheritdoc/>
    public string? Unsuited(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        return plane.Graph.Plan.Wiring is ClosWiring ? null : $"it needs a folded Clos, and {plane.Graph.Plan.Topology} is none";
    }

    /// <inheritdoc/>
    public Router Bind(FabricPlane plane)
    {
        Routings.Check(this, plane);
        return new DModKRouter(plane);
    }
}

sealed class DModKRouter : Router
{
    readonly ClosShape shape;
    readonly int leafEnd, spineEnd, leavesPerPod, bundle;
    readonly bool whole;

    // Uplinks of router r, live or not, in the order of its ports: up[upFirst[r] .. upFirst[r + 1]); the router above, or −1 where
    // the link is down.
    readonly int[] upFirst, upLink, upRouter;

    // The number of each card's port among the ports of its leaf, by link.
    readonly int[] portOnLeaf;

    public DModKRouter(FabricPlane plane)
        : base(plane)
    {
        var graph = plane.Graph;
        shape = graph.Plan.Clos!;
        (leafEnd, spineEnd) = ((int)shape.Leaves, (int)(shape.Leaves + shape.Spines));
        leavesPerPod = shape.UnitsPerPod * shape.LeavesPerUnit;
        bundle = shape.SpinesPerPod == 0 ? 1 : Math.Max(1, shape.UplinksPerLeaf / shape.SpinesPerPod);
        portOnLeaf = new int[graph.Links];
        var (firsts, links, above) = (new int[plane.Routers + 1], new List<int>(), new List<int>());
        whole = true;
        for (var r = 0; r < plane.Routers; r++)
        {
            var (device, down) = (plane.DeviceOf[r], 0);
            foreach (var l in graph.LinksOf(device))
            {
                if (graph.Upper[l] == device)
                {
                    // Fabric managers take ports too, above those of the cards.
                    if (r < leafEnd && graph.Lower[l] < graph.Cards) portOnLeaf[l] = down++;
                    continue;
                }
                links.Add(l);
                var other = plane.RouterOf(graph.Upper[l]);
                var edge = plane.Edge(r, other);
                var live = edge >= 0 && plane.LinksOf(edge).Contains(l);
                above.Add(live ? other : -1);
                whole &= live;
            }
            firsts[r + 1] = links.Count;
        }
        (upFirst, upLink, upRouter) = (firsts, [.. links], [.. above]);
    }

    internal override bool ByEndpoint => true;

    public override bool Path(in Endpoint from, in Endpoint to, ulong key, RouteScratch scratch, List<int> path)
    {
        ArgumentNullException.ThrowIfNull(path);
        var begun = path.Count;
        var (router, target) = (from.Router, to.Router);
        var port = portOnLeaf[to.Link];
        var (first, second) = Digits(target, port);
        var pod = target / leavesPerPod;
        var rising = true;
        while (router != target)
        {
            var below = rising || router >= spineEnd ? Below(router, target, first, pod) : Plane.Edge(router, target);
            if (below >= 0)
            {
                // Down: the digit that told this destination from others on the way up picks the link of the bundle.
                var links = Plane.LinksOf(below);
                var digit = Plane.To[below] == target ? first / Math.Max(1, shape.SpinesPerPod) : second / Math.Max(1, shape.CoresPerGroup);
                path.Add(Plane.Directed(below, links[digit % links.Length]));
                router = Plane.To[below];
                rising = false;
                continue;
            }
            var up = rising ? Up(router, target, first, second, pod) : -1;
            if (up < 0)
            {
                path.RemoveRange(begun, path.Count - begun);
                return false;
            }
            path.Add(2 * upLink[up]);
            router = upRouter[up];
        }
        return true;
    }

    internal override void Spread(in Endpoint to, double[] inflow, RouteScratch scratch, LoadCounter loads)
    {
        var path = scratch.Path;
        for (var r = 0; r < leafEnd; r++)
        {
            if (inflow[r] == 0 || r == to.Router) continue;
            path.Clear();
            if (!Path(new(0, 0, r, -1, default), to, 0, scratch, path)) loads.Lost += inflow[r];
            foreach (var directed in path) loads.Link[directed] += inflow[r];
        }
    }

    (int First, int Second) Digits(int leaf, int port)
    {
        if (shape.UplinksPerLeaf == 0) return (0, 0);
        var first = port % shape.UplinksPerLeaf;
        if (shape.UplinksPerSpine == 0) return (first, 0);
        return (first, (((leaf % leavesPerPod) * bundle) + (first / shape.SpinesPerPod)) % shape.UplinksPerSpine);
    }

    // The edge down towards the destination's leaf, or −1 where there is none below this router.
    int Below(int router, int target, int first, int pod)
    {
        if (router < leafEnd) return -1;
        if (router < spineEnd) return (router - leafEnd) / shape.SpinesPerPod == pod ? Plane.Edge(router, target) : -1;
        var group = (router - spineEnd) / shape.CoresPerGroup;
        var spine = leafEnd + (pod * shape.SpinesPerPod) + group;
        return whole || Plane.Edge(spine, target) >= 0 ? Plane.Edge(router, spine) : -1;
    }

    int Up(int router, int target, int first, int second, int pod)
    {
        var (begin, count) = (upFirst[router], upFirst[router + 1] - upFirst[router]);
        if (count == 0) return -1;
        var digit = (router < leafEnd ? first : second) % count;
        if (whole) return begin + digit;
        for (var i = 0; i < count; i++)
        {
            var at = begin + ((digit + i) % count);
            if (upRouter[at] >= 0 && Leads(upRouter[at], target, first, pod)) return at;
        }
        return -1;
    }

    // Whether a path down, or up once more and then down, leads from a router to the destination's leaf.
    bool Leads(int router, int target, int first, int pod)
    {
        if (Below(router, target, first, pod) >= 0) return true;
        if (router >= spineEnd || (router - leafEnd) / shape.SpinesPerPod == pod) return false;
        for (var i = upFirst[router]; i < upFirst[router + 1]; i++)
            if (upRouter[i] >= 0 && Below(upRouter[i], target, first, pod) >= 0) return true;
        return false;
    }
}
