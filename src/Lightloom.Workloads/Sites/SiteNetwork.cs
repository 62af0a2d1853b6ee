// Sites and the routes between them, as training sees them.
//
//   delay of a route            length x route factor x delay per length of its fibre
//   path between two sites      the one of least delay
//   ring of an all-reduce       the order of sites with the highest bandwidth, then the least delay; all orders are tried
//                               bandwidth = least over routes and directions of (bandwidth / hops of the ring over it)
//                               delays of a sum and its return = the largest sum of 2·(M - 1) hops in a row
//   chain of a pipeline         likewise, over the hops between neighbours
//
// Worked example: two sites 1,000 km apart on ordinary fibre (4.897 ns/m): 4.90 ms one way; a ring of two passes 2 hops: 9.79 ms.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>A route between two sites, which carries its bandwidth in each direction.</summary>
/// <param name="From">One end: a site's place in the list.</param>
/// <param name="To">The other end.</param>
/// <param name="Delay">One way.</param>
/// <param name="Bandwidth">In each direction.</param>
public sealed record RouteBetweenSites(int From, int To, Duration Delay, Bandwidth Bandwidth);

/// <summary>Sites with the routes between them; see the equations at the head of this file.</summary>
public sealed class SiteNetwork
{
    /// <summary>Sites beyond which orders aren't tried any more.</summary>
    public const int MostSites = 8;

    readonly IReadOnlyList<RouteBetweenSites> routes;
    readonly int[,] next; // next[a, b]: the route that a path from a to b takes first, -1 for none
    SiteNetwork? even; // the same with 1 bit/s on every route: whatever they all have, the best orders are its

    /// <summary>Finds paths, the ring and the chain.</summary>
    /// <param name="sites">Names of the sites.</param>
    /// <param name="routes">Routes between them.</param>
    /// <exception cref="SiteException">There are fewer than two sites or more than <see cref="MostSites"/>; a bandwidth is none; no routes connect two of them.</exception>
    public SiteNetwork(IReadOnlyList<string> sites, IReadOnlyList<RouteBetweenSites> routes)
    {
        ArgumentNullException.ThrowIfNull(sites);
        ArgumentNullException.ThrowIfNull(routes);
        if (sites.Count < 2)
            throw new SiteException("sites", $"training over several sites needs at least two, found {sites.Count}; 'train' and 'evaluate' are for one");
        if (sites.Count > MostSites) throw new SiteException("sites", $"at most {MostSites} sites, found {sites.Count}");
        for (var i = 0; i < routes.Count; i++)
        {
            if (!(routes[i].Bandwidth.BitsPerSecond > 0))
                throw new SiteException($"routes.{i}.bandwidth", $"a route needs a bandwidth above 0, found {routes[i].Bandwidth}");
            if (routes[i].From == routes[i].To) throw new SiteException($"routes.{i}.to", $"the route leads from '{sites[routes[i].From]}' to itself");
        }
        Sites = sites;
        this.routes = routes;
        next = Paths(sites.Count, routes);
        for (var a = 0; a < sites.Count; a++)
            for (var b = a + 1; b < sites.Count; b++)
                if (next[a, b] < 0) throw new SiteException("routes", $"no routes connect '{sites[a]}' with '{sites[b]}'");
        Ring = Best(closed: true);
        Chain = Best(closed: false);
    }

    SiteNetwork(SiteNetwork even, Bandwidth bandwidth)
    {
        this.even = even;
        Sites = even.Sites;
        routes = [.. even.routes.Select(r => r with { Bandwidth = bandwidth })];
        next = even.next;
        Ring = even.Ring with { Bandwidth = even.Ring.Bandwidth * bandwidth.BitsPerSecond };
        Chain = even.Chain with { Bandwidth = even.Chain.Bandwidth * bandwidth.BitsPerSecond };
    }

    /// <summary>Names of the sites.</summary>
    public IReadOnlyList<string> Sites { get; }

    /// <summary>The order of sites around which gradients are summed.</summary>
    public SiteOrder Ring { get; }

    /// <summary>The order of sites that a pipeline passes.</summary>
    public SiteOrder Chain { get; }

    /// <summary>Sites that are all alike: in one line, or two with one route.</summary>
    /// <param name="sites">How many.</param>
    /// <param name="delay">One way between any two.</param>
    /// <param name="bandwidth">In each direction between any two.</param>
    public static SiteNetwork Alike(int sites, Duration delay, Bandwidth bandwidth)
    {
        if (sites < 2) throw new SiteException("sites", $"training over several sites needs at least two, found {sites}");
        var names = Enumerable.Range(1, sites).Select(i => $"site {i}").ToList();
        var routes = new List<RouteBetweenSites>();
        for (var a = 0; a < sites; a++)
            for (var b = a + 1; b < sites; b++) routes.Add(new(a, b, delay, bandwidth));
        return new(names, routes);
    }

    /// <summary>The same sites with another bandwidth on every route.</summary>
    /// <param name="bandwidth">In each direction, above 0.</param>
    /// <exception cref="SiteException">The bandwidth is none.</exception>
    public SiteNetwork With(Bandwidth bandwidth)
    {
        if (!(bandwidth.BitsPerSecond > 0)) throw new SiteException("bandwidth", $"a route needs a bandwidth above 0, found {bandwidth}");
        even ??= new(Sites, [.. routes.Select(r => r with { Bandwidth = Bandwidth.FromBitsPerSecond(1) })]);
        return new(even, bandwidth);
    }

    /// <summary>The same sites with another delay on every route.</summary>
    /// <param name="delay">One way.</param>
    public SiteNetwork With(Duration delay) => new(Sites, [.. routes.Select(r => r with { Delay = delay })]);

    /// <summary>The routes.</summary>
    public IReadOnlyList<RouteBetweenSites> Routes => routes;

    static int[,] Paths(int sites, IReadOnlyList<RouteBetweenSites> routes)
    {
        var delay = new double[sites, sites];
        var first = new int[sites, sites];
        for (var a = 0; a < sites; a++)
        {
            for (var b = 0; b < sites; b++)
            {
                delay[a, b] = a == b ? 0 : double.PositiveInfinity;
                first[a, b] = -1;
            }
        }
        for (var r = 0; r < routes.Count; r++)
        {
            var (a, b, d, w) = (routes[r].From, routes[r].To, routes[r].Delay.Seconds, routes[r].Bandwidth);
            // Of routes between the same sites the faster one, then the wider one.
            if (d < delay[a, b] || (d == delay[a, b] && first[a, b] >= 0 && w > routes[first[a, b]].Bandwidth))
                (delay[a, b], delay[b, a], first[a, b], first[b, a]) = (d, d, r, r);
        }
        for (var k = 0; k < sites; k++)
            for (var a = 0; a < sites; a++)
                for (var b = 0; b < sites; b++)
                    if (delay[a, k] + delay[k, b] < delay[a, b]) (delay[a, b], first[a, b]) = (delay[a, k] + delay[k, b], first[a, k]);
        return first;
    }

    SiteOrder Best(bool closed)
    {
        SiteOrder? best = null;
        var order = Enumerable.Range(0, Sites.Count).ToArray();
        // A ring has no first site, and neither it nor a chain a direction: what is tried twice loses against itself.
        Permute(closed ? 1 : 0);
        return best!;

        void Permute(int at)
        {
            if (at == order.Length)
            {
                var made = Measure(order, closed);
                if (best is null || made.Bandwidth > best.Bandwidth || (made.Bandwidth == best.Bandwidth && made.Delay < best.Delay)) best = made;
                return;
            }
            for (var i = at; i < order.Length; i++)
            {
                (order[at], order[i]) = (order[i], order[at]);
                Permute(at + 1);
                (order[at], order[i]) = (order[i], order[at]);
            }
        }
    }

    SiteOrder Measure(int[] order, bool closed)
    {
        var count = closed ? order.Length : order.Length - 1;
        var load = new int[routes.Count, 2];
        var hops = new Duration[count];
        for (var h = 0; h < count; h++)
        {
            var (at, to) = (order[h], order[(h + 1) % order.Length]);
            while (at != to)
            {
                var r = next[at, to];
                var along = routes[r].From == at;
                load[r, along ? 0 : 1]++;
                hops[h] += routes[r].Delay;
                at = along ? routes[r].To : routes[r].From;
            }
        }
        var bandwidth = double.PositiveInfinity;
        for (var r = 0; r < routes.Count; r++)
        {
            // What passes a chain forward passes it backward as well.
            var most = closed ? Math.Max(load[r, 0], load[r, 1]) : load[r, 0] + load[r, 1];
            if (most > 0) bandwidth = Math.Min(bandwidth, routes[r].Bandwidth.BitsPerSecond / most);
        }
        return new([.. order], hops, Bandwidth.FromBitsPerSecond(bandwidth));
    }
}

/// <summary>An order of sites.</summary>
/// <param name="Sites">Places of the sites in the list.</param>
/// <param name="Hops">One-way delay from each site to the one after it; a ring's last leads back to the first.</param>
/// <param name="Bandwidth">What every hop has at the same time, in each direction.</param>
public sealed record SiteOrder(IReadOnlyList<int> Sites, IReadOnlyList<Duration> Hops, Bandwidth Bandwidth)
{
    /// <summary>Delays of all hops.</summary>
    public Duration Delay => Hops.Aggregate(Duration.Zero, (sum, hop) => sum + hop);

    /// <summary>The largest delay of so many hops in a row around a ring.</summary>
    public Duration Passing(int count)
    {
        var largest = Duration.Zero;
        for (var start = 0; start < Hops.Count; start++)
        {
            var sum = Duration.Zero;
            for (var i = 0; i < count; i++) sum += Hops[(start + i) % Hops.Count];
            if (sum > largest) largest = sum;
        }
        return largest;
    }
}
