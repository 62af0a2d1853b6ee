// Flows whose starts nobody knows beforehand: a caller starts them as it goes, and is told when they have left.
//
//   route      links with shares; found once and used again and again
//   slot       a place of a route in the solver, free or taken by one flow; as many as were under way at once
//
// The solver knows all slots from its beginning; where one more is needed it is made anew with twice as many of that route, and the flows
// under way enter it as they are: rates are unique. Between two moments rates are constant.
//
// Example: a link of 1 B/s; a flow of 1 B starts at 0 s, another at 0.5 s: they leave at 1.5 s and 2 s.
using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation.Flows;

/// <summary>Exact max-min fair sharing among flows that are started one by one. Not for several threads.</summary>
/// <param name="capacity">Bytes a second of each link.</param>
public sealed class OpenFlows(double[] capacity)
{
    const double SameRate = 1e-14;

    readonly List<(int First, int Count)> routes = []; // of places
    readonly List<int> places = [];
    readonly List<double> shares = [];
    readonly List<Stack<int>> free = [];
    readonly List<int> slotCount = []; // by route
    readonly List<int> wanted = [];    // by route, 0 but while slots are counted
    readonly List<int> routeOf = [];   // by slot
    readonly List<(int Route, double Bytes, int Tag)> waiting = [];
    readonly List<int> left = [];
    readonly List<double> carried = []; // bytes by route, all flows that have left
    MaxMinSolver? solver;
    TimeHeap departures = new(0);
    double[] rate = [], rest = [], since = [];
    int[] tag = [];
    bool changed;

    /// <summary>When the next flow leaves, seconds; infinite: none is under way.</summary>
    public double Next => departures.Top;

    /// <summary>Flows under way.</summary>
    public int Active { get; private set; }

    /// <summary>Flows that have started.</summary>
    public long Started { get; private set; }

    /// <summary>Rates that were decided: the work.</summary>
    public long Decisions { get; private set; }

    /// <summary>Adds a route.</summary>
    /// <param name="links">Its links, each once.</param>
    /// <param name="parts">The part of a flow on each.</param>
    /// <returns>Its number.</returns>
    /// <exception cref="InputException">There are no links, or one doesn't exist.</exception>
    public int AddRoute(IReadOnlyList<int> links, IReadOnlyList<double> parts)
    {
        ArgumentNullException.ThrowIfNull(links);
        ArgumentNullException.ThrowIfNull(parts);
        if (links.Count == 0 || links.Count != parts.Count) throw new InputException($"expected a route of one link or more with as many parts, found {links.Count} and {parts.Count}");
        foreach (var link in links)
            if ((uint)link >= (uint)capacity.Length) throw new InputException($"a route uses link {link:N0}, and links are numbered 0 to {capacity.Length - 1:N0}");
        routes.Add((places.Count, links.Count));
        places.AddRange(links);
        shares.AddRange(parts);
        free.Add(new());
        slotCount.Add(0);
        wanted.Add(0);
        carried.Add(0);
        return routes.Count - 1;
    }

    /// <summary>Starts a flow; its rate is decided by <see cref="Settle"/>.</summary>
    /// <param name="route">Its route.</param>
    /// <param name="bytes">Its bytes, more than 0.</param>
    /// <param name="as">What the caller calls it.</param>
    /// <param name="counted">What <see cref="LinkBytes"/> counts of it; its bytes unless given.</param>
    public void Start(int route, double bytes, int @as, double? counted = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bytes);
        waiting.Add((route, bytes, @as));
        carried[route] += counted ?? bytes;
        Started++;
    }

    /// <summary>Takes out flows that have left by a time.</summary>
    /// <param name="seconds">The time.</param>
    /// <param name="into">Gets what the caller calls them.</param>
    public void Advance(double seconds, ICollection<int> into)
    {
        ArgumentNullException.ThrowIfNull(into);
        Change();
        var first = left.Count;
        departures.Take(seconds, left);
        for (var i = first; i < left.Count; i++)
        {
            var slot = left[i];
            solver!.Remove(slot);
            rate[slot] = 0;
            free[routeOf[slot]].Push(slot);
            into.Add(tag[slot]);
            Active--;
        }
    }

    /// <summary>Decides the rates of all flows under way, from a time on.</summary>
    /// <param name="seconds">The time, no earlier than the last.</param>
    public void Settle(double seconds)
    {
        if (waiting.Count == 0 && left.Count == 0) return;
        Change();
        if (!Enough()) Grow(seconds);
        foreach (var (route, bytes, name) in waiting)
        {
            var slot = free[route].Pop();
            (tag[slot], rest[slot], since[slot], rate[slot]) = (name, bytes, seconds, 0);
            solver!.Add(slot);
            Active++;
        }
        waiting.Clear();
        solver?.Loosen(left);
        left.Clear();
        changed = false;
        if (Active > 0) Decide(seconds);
    }

    /// <summary>Bytes that each link has carried or is to carry, all flows that have started.</summary>
    public double[] LinkBytes()
    {
        var bytes = new double[capacity.Length];
        for (var r = 0; r < routes.Count; r++)
            for (var p = routes[r].First; p < routes[r].First + routes[r].Count; p++) bytes[places[p]] += shares[p] * carried[r];
        return bytes;
    }

    void Change()
    {
        if (!changed) solver?.Begin();
        changed = true;
    }

    // Each that waits needs a free slot of its route.
    bool Enough()
    {
        var enough = true;
        foreach (var (route, _, _) in waiting) enough &= ++wanted[route] <= free[route].Count;
        foreach (var (route, _, _) in waiting) wanted[route] = 0;
        return enough;
    }

    void Grow(double seconds)
    {
        var active = Enumerable.Range(0, routeOf.Count).Where(s => solver!.IsActive(s)).ToList();
        foreach (var (route, count) in waiting.CountBy(w => w.Route))
        {
            var more = Math.Max(count - free[route].Count, free[route].Count < count ? slotCount[route] : 0);
            for (var i = 0; i < more; i++)
            {
                free[route].Push(routeOf.Count);
                routeOf.Add(route);
            }
            slotCount[route] += Math.Max(0, more);
        }
        var slots = routeOf.Count;
        Array.Resize(ref rate, slots);
        Array.Resize(ref rest, slots);
        Array.Resize(ref since, slots);
        Array.Resize(ref tag, slots);
        var offset = new int[slots + 1];
        for (var s = 0; s < slots; s++) offset[s + 1] = checked(offset[s] + routes[routeOf[s]].Count);
        var (path, share) = (new int[offset[^1]], new double[offset[^1]]);
        for (var s = 0; s < slots; s++)
        {
            var (first, count) = routes[routeOf[s]];
            for (var k = 0; k < count; k++) (path[offset[s] + k], share[offset[s] + k]) = (places[first + k], shares[first + k]);
        }
        if (solver is not null) Decisions += solver.Filling;
        solver = new(new() { Capacity = capacity, PathOffset = offset, Path = path, Share = share, Bytes = [1] }, capacity, returning: true);
        solver.Begin();
        departures = new(slots);
        left.Clear(); // they are in none of its rates
        foreach (var slot in active)
        {
            rest[slot] = Math.Max(0, rest[slot] - (rate[slot] * (seconds - since[slot])));
            (since[slot], rate[slot]) = (seconds, 0);
            solver.Add(slot);
        }
    }

    void Decide(double seconds)
    {
        solver!.Solve();
        foreach (var slot in solver.Changed)
        {
            var (now, before) = (solver.RateOf(slot), rate[slot]);
            if (before > 0 && Math.Abs(now - before) <= SameRate * before) continue;
            rest[slot] = Math.Max(0, rest[slot] - (before * (seconds - since[slot])));
            (since[slot], rate[slot]) = (seconds, now);
            departures.Set(slot, now > 0 ? seconds + (rest[slot] / now) : double.PositiveInfinity);
        }
    }
}
