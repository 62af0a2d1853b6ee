// What distances of a design can't be at the same time. Distances with a route factor above 1 are those of the sites themselves, so that
//
//   two routes between the same sites agree in it
//   |AB| <= |AC| + |CB|   and likewise for every three sites whose distances are all known
//
// A route with a factor of 1 gives the length of its fibre, which may be anything that isn't shorter than such a distance.

using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>Finds routes that contradict each other; see the head of this file.</summary>
static class RouteContradictions
{
    public static void Check(DesignDocument document, IReadOnlyList<SiteRouteSection> routes, IReadOnlyList<(int From, int To)> ends)
    {
        var known = new Dictionary<(int, int), int>(); // the route that says how far two sites are apart
        for (var i = 0; i < routes.Count; i++)
        {
            if (ends[i].From == ends[i].To) throw document.Wrong($"routes.{i}.to", $"the route leads from '{routes[i].From}' to itself");
            if (routes[i].RouteFactor <= 1) continue;
            var pair = Pair(ends[i].From, ends[i].To);
            if (known.TryGetValue(pair, out var other) && Math.Abs((routes[i].Distance.Meters / routes[other].Distance.Meters) - 1) > 0.01)
            {
                throw document.Wrong($"routes.{i}.distance", $"'{routes[i].From}' and '{routes[i].To}' are {routes[i].Distance} apart here and {routes[other].Distance} on another route; " +
                    "with a route factor above 1 the distance is that of the sites, the same on every route between them");
            }
            known.TryAdd(pair, i);
        }
        for (var i = 0; i < routes.Count; i++)
        {
            if (known.TryGetValue(Pair(ends[i].From, ends[i].To), out var of) && routes[i].RouteFactor <= 1 && routes[i].Distance < routes[of].Distance * 0.99)
            {
                throw document.Wrong($"routes.{i}.distance", $"a fibre of {routes[i].Distance} is shorter than the {routes[of].Distance} between '{routes[i].From}' and '{routes[i].To}' that another route says");
            }
        }
        foreach (var (pair, i) in known)
        {
            foreach (var (first, a) in known)
            {
                var third = first.Item1 == pair.Item1 && first.Item2 != pair.Item2 ? first.Item2
                    : first.Item2 == pair.Item1 && first.Item1 != pair.Item2 ? first.Item1 : -1;
                if (third < 0 || !known.TryGetValue(Pair(third, pair.Item2), out var b)) continue;
                var around = routes[a].Distance + routes[b].Distance;
                if (routes[i].Distance > around * 1.01)
                {
                    throw document.Wrong($"routes.{i}.distance", $"'{routes[i].From}' and '{routes[i].To}' can't be {routes[i].Distance} apart: by the other routes it is " +
                        $"{around} by way of a third site, and a straight line is no longer than a way around");
                }
            }
        }
    }

    static (int, int) Pair(int a, int b) => a < b ? (a, b) : (b, a);
}
