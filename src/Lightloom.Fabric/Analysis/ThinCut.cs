using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Cuts along the fabric's own lines: a router with its cards, a group of the hall (a pod, a dragonfly's group), halves of the groups.
//
//   share = Σ rate of links that leave / (cards inside · I),     cards inside the smaller side
//
// Routers that belong to no group, such as cores, stand with the other side or where they cost least: each by itself, since they are
// not joined to each other. No cut, of any size, is thinner than θ · (N / 2) / (N − 1), by what bounds the bisection.

/// <summary>A cut along the lines of a fabric.</summary>
/// <param name="Name">What is cut off: "a router", "a group", "half of the groups".</param>
/// <param name="Example">The first of those that are as thin.</param>
/// <param name="Cards">Cards on the smaller side.</param>
/// <param name="Share">Bandwidth across it, one direction, over what the cards of the smaller side inject.</param>
public sealed record ThinCut(string Name, string Example, int Cards, Ratio Share)
{
    /// <summary>The thinnest cut of each kind, by ascending share.</summary>
    public static IReadOnlyList<ThinCut> Of(FabricPlane plane)
    {
        ArgumentNullException.ThrowIfNull(plane);
        var graph = plane.Graph;
        var group = Enumerable.Range(0, plane.Routers).Select(r => graph.GroupOf(plane.DeviceOf[r])).ToArray();
        var found = new List<ThinCut>();
        if (!plane.CardsForward) Add("a switch with its cards", Enumerable.Range(0, plane.Routers).Where(r => plane.EndpointsAt(r).Length > 0).Select(r => (graph.NameOf(plane.DeviceOf[r]), (Func<int, bool>)(x => x == r))));
        var groups = group.Where(g => g >= 0).Distinct().Order().ToArray();
        if (groups.Length > 1)
        {
            Add("a group", groups.Select(g => ($"group {g}", (Func<int, bool>)(x => group[x] == g))));
            var half = groups.Length / 2;
            if (half > 1) Add("half of the groups", [($"groups 0 to {half - 1}", x => group[x] >= 0 && group[x] < half)]);
        }
        return [.. found.OrderBy(c => c.Share.Si).ThenByDescending(c => c.Cards)];

        void Add(string name, IEnumerable<(string Example, Func<int, bool> Inside)> cuts)
        {
            ThinCut? thinnest = null;
            foreach (var (example, inside) in cuts)
                if (Make(plane, group, name, example, inside) is { } cut && (thinnest is null || cut.Share.Si < thinnest.Share.Si * (1 - 1e-9))) thinnest = cut;
            if (thinnest is not null) found.Add(thinnest);
        }
    }

    static ThinCut? Make(FabricPlane plane, int[] group, string name, string example, Func<int, bool> inside)
    {
        var (cards, injected, allCards, allInjected) = (0, 0.0, 0, 0.0);
        foreach (ref readonly var e in plane.EndpointList)
        {
            if (e.Ordinal == 0) allCards++;
            allInjected += e.Rate.GigabitsPerSecond;
            if (!inside(e.Router)) continue;
            if (e.Ordinal == 0) cards++;
            injected += e.Rate.GigabitsPerSecond;
        }
        if (injected <= 0 || injected >= allInjected) return null;
        var cut = 0.0;
        for (var r = 0; r < plane.Routers; r++)
        {
            if (inside(r))
            {
                for (var e = plane.First[r]; e < plane.First[r + 1]; e++)
                    if (!inside(plane.To[e]) && (group[plane.To[e]] >= 0 || plane.EndpointsAt(plane.To[e]).Length > 0)) cut += plane.RateOf(e).GigabitsPerSecond;
            }
            else if (group[r] < 0 && plane.EndpointsAt(r).Length == 0)
            {
                // Joined to both sides: it costs the lesser of its two bundles.
                var (within, without) = (0.0, 0.0);
                for (var e = plane.First[r]; e < plane.First[r + 1]; e++)
                {
                    if (inside(plane.To[e])) within += plane.RateOf(e).GigabitsPerSecond;
                    else without += plane.RateOf(e).GigabitsPerSecond;
                }
                cut += Math.Min(within, without);
            }
        }
        var (smaller, fewer) = injected <= allInjected / 2 ? (injected, cards) : (allInjected - injected, allCards - cards);
        return new(name, example, fewer, Ratio.From(cut / smaller));
    }
}
