using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>What one thread keeps while it asks a router for paths, so that asking allocates nothing.</summary>
public sealed class RouteScratch
{
    internal NextHops? Hops { get; set; }

    internal double[] Flow { get; set; } = [];

    internal List<int> Path { get; } = [];
}

/// <summary>
/// A routing of one plane. Links are named with their direction: 2 · link from its lower end up, 2 · link + 1 down. Immutable; safe
/// for many threads, each with a scratch of its own.
/// </summary>
public abstract class Router
{
    internal Router(FabricPlane plane) => Plane = plane;

    /// <summary>The plane.</summary>
    public FabricPlane Plane { get; }

    /// <summary>Whether packets to two ports of one router may take different paths.</summary>
    internal virtual bool ByEndpoint => false;

    /// <summary>
    /// The path that a flow takes from the router of one port to that of another: directed links, in order, appended. A key chooses
    /// among equal ones, as a hash of a packet's header does.
    /// </summary>
    /// <returns>False when there is no path; nothing is appended then.</returns>
    public abstract bool Path(in Endpoint from, in Endpoint to, ulong key, RouteScratch scratch, List<int> path);

    /// <summary>
    /// Spreads what each router has for one destination over the paths that the routing allows, in equal parts over equal ones.
    /// </summary>
    /// <param name="to">The destination.</param>
    /// <param name="inflow">What each router sends there. Overwritten.</param>
    /// <param name="scratch">The thread's.</param>
    /// <param name="loads">Where it is added.</param>
    internal abstract void Spread(in Endpoint to, double[] inflow, RouteScratch scratch, LoadCounter loads);

    /// <summary>A well-mixed number of two [Steele, Lea, Flood, SplitMix64, OOPSLA 2014].</summary>
    internal static ulong Mix(ulong a, ulong b) => SplitMix64.Mix(a + (0x9E3779B97F4A7C15UL * (b + 1)));
}

/// <summary>Flow over the edges and links of a plane while it is being added up, in Gb/s or parts of it.</summary>
sealed class LoadCounter(FabricPlane plane)
{
    /// <summary>Over an edge as a whole, to be divided evenly over its links.</summary>
    public double[] Edge { get; } = new double[plane.Edges];

    /// <summary>What found no path.</summary>
    public double Lost { get; set; }

    /// <summary>Over single directed links.</summary>
    public double[] Link { get; } = new double[2 * plane.Graph.Links];

    /// <summary>Adds all of it to loads of directed links.</summary>
    public void AddTo(double[] total)
    {
        for (var l = 0; l < Link.Length; l++) total[l] += Link[l];
        for (var e = 0; e < Edge.Length; e++)
        {
            if (Edge[e] == 0) continue;
            var links = plane.LinksOf(e);
            foreach (var l in links) total[plane.Directed(e, l)] += Edge[e] / links.Length;
        }
    }
}
