using Lightloom.Quantities;

namespace Lightloom.Fabric;

// The load of a link, in one direction, is what a pattern would put on it over what it carries: 1 is full. With loads that grow with
// the traffic, all flows fit when each is slowed by the largest:
//
//   throughput = 1 / max(1, largest load)
//
// as a share of what was asked for. It is what a fabric without any adaptation gives when every flow gets the same share.
//
// Worked example: 16 cards under 4 leaves with 2 uplinks for 4 cards each, shift by 4: everything goes up; each uplink has the load
// 2, and cards get half of their rate.

/// <summary>How a flow uses the ports of its card.</summary>
public enum PlaneSharing
{
    /// <summary>In equal parts over all ports, as packet spraying or several queue pairs do.</summary>
    OverAllPorts,

    /// <summary>Over one port, chosen by a hash.</summary>
    OnePortPerFlow,
}

/// <summary>How loads are computed.</summary>
public sealed record LoadOptions
{
    /// <summary>
    /// Null spreads every flow over all paths that its routing allows, in equal parts (a fluid: the expectation of per-packet
    /// spraying). A seed gives each flow one path, by a hash.
    /// </summary>
    public ulong? HashSeed { get; init; }

    /// <summary>How a flow uses the ports of its card.</summary>
    public PlaneSharing Planes { get; init; }

    /// <summary>What is down.</summary>
    public FailedParts? Failed { get; init; }

    internal ParallelOptions Threads { get; init; } = new();
}

/// <summary>Loads of the links of one class in one direction.</summary>
/// <param name="Name">The class in the plan.</param>
/// <param name="Upwards">From the lower end to the upper.</param>
/// <param name="Links">Links.</param>
/// <param name="Max">The largest load.</param>
/// <param name="Mean">The mean of all of them.</param>
/// <param name="Idle">Links that carry nothing.</param>
public sealed record ClassLoad(string Name, bool Upwards, int Links, double Max, double Mean, int Idle);

/// <summary>The load of one link in one direction.</summary>
/// <param name="Link">The link.</param>
/// <param name="From">The device that sends.</param>
/// <param name="To">The device that receives.</param>
/// <param name="Load">The load; 1 is full.</param>
public readonly record struct LinkLoad(int Link, int From, int To, double Load);

/// <summary>What a pattern of traffic puts on every link under a routing.</summary>
public sealed class LinkLoads
{
    readonly double[] load;
    readonly Lazy<double[]> sorted;

    LinkLoads(FabricGraph graph, IRouting routing, Traffic traffic, LoadCalculation from, FailedParts? failed)
    {
        (Graph, Routing, Traffic) = (graph, routing, traffic);
        load = from.Load;
        for (var l = 0; l < load.Length; l++) load[l] /= FabricPlane.RateOf(graph, l / 2).GigabitsPerSecond;
        Offered = Bandwidth.FromGigabitsPerSecond(from.Offered);
        Unroutable = Ratio.From(from.Offered > 0 ? from.Unroutable / from.Offered : 0);
        var managed = graph.Plan.Links.Select(l => l.Lower.Tier == "management").ToArray();
        // Links that carry traffic of cards and are up, in both directions.
        var counted = Enumerable.Range(0, graph.Links).Where(l => failed?.IsDown(l) != true && !managed[graph.ClassOf[l]]).ToArray();
        sorted = new(() =>
        {
            var all = new double[2 * counted.Length];
            for (var i = 0; i < counted.Length; i++) (all[2 * i], all[(2 * i) + 1]) = (load[2 * counted[i]], load[(2 * counted[i]) + 1]);
            Array.Sort(all);
            return all;
        });
        Classes = [.. ByClass(counted)];
        Max = Classes.Count == 0 ? 0 : Classes.Max(c => c.Max);
        Mean = counted.Length == 0 ? 0 : Classes.Sum(c => c.Mean * c.Links) / (2 * counted.Length);
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>The routing.</summary>
    public IRouting Routing { get; }

    /// <summary>The traffic.</summary>
    public Traffic Traffic { get; }

    /// <summary>What cards want to send, all of them together.</summary>
    public Bandwidth Offered { get; }

    /// <summary>The share of it that has no path through the fabric.</summary>
    public Ratio Unroutable { get; }

    /// <summary>The largest load.</summary>
    public double Max { get; }

    /// <summary>The mean over all links and both directions.</summary>
    public double Mean { get; }

    /// <summary>Loads by class of links and direction.</summary>
    public IReadOnlyList<ClassLoad> Classes { get; }

    /// <summary>The share of the offered traffic that each flow gets when all are slowed alike until they fit.</summary>
    public Ratio Throughput => Ratio.From(1 / Math.Max(1, Max));

    /// <summary>The loads under a routing.</summary>
    /// <exception cref="FabricException">The routing can't route this fabric, or not this pattern; the field is "routing" or "pattern".</exception>
    public static LinkLoads Of(FabricGraph graph, IRouting routing, Traffic traffic, LoadOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(routing);
        ArgumentNullException.ThrowIfNull(traffic);
        options ??= new();
        return Of(new CardPorts(FabricPlane.AllOf(graph, options.Failed)), routing, traffic, options);
    }

    /// <summary>The load of a link.</summary>
    /// <param name="link">The link.</param>
    /// <param name="upwards">From its lower end to its upper.</param>
    public double Load(int link, bool upwards) => load[(2 * link) + (upwards ? 0 : 1)];

    /// <summary>The load that a share of all links doesn't exceed: 0.5 is the median.</summary>
    public double Quantile(double share)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(share);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(share, 1);
        return sorted.Value.Length == 0 ? 0 : sorted.Value[(int)Math.Min(sorted.Value.Length - 1, Math.Ceiling(share * sorted.Value.Length) - (share > 0 ? 1 : 0))];
    }

    /// <summary>The most loaded links, by falling load and then by number.</summary>
    public IReadOnlyList<LinkLoad> MostLoaded(int count) =>
        [.. Enumerable.Range(0, load.Length).OrderByDescending(l => load[l]).Take(count).Where(l => load[l] > 0).Select(Describe)];

    internal static LinkLoads Of(CardPorts ports, IRouting routing, Traffic traffic, LoadOptions options)
    {
        var calculation = new LoadCalculation(ports, traffic, options);
        calculation.Run(routing);
        return new(ports.Planes[0].Graph, routing, traffic, calculation, options.Failed);
    }

    LinkLoad Describe(int directed)
    {
        var link = directed / 2;
        var (lower, upper) = (Graph.Lower[link], Graph.Upper[link]);
        return directed % 2 == 0 ? new(link, lower, upper, load[directed]) : new(link, upper, lower, load[directed]);
    }

    IEnumerable<ClassLoad> ByClass(int[] links)
    {
        var classes = Graph.Plan.Links.Count;
        var (count, idle, max, sum) = (new int[2 * classes], new int[2 * classes], new double[2 * classes], new double[2 * classes]);
        foreach (var l in links)
        {
            for (var direction = 0; direction < 2; direction++)
            {
                var (at, value) = ((2 * Graph.ClassOf[l]) + direction, load[(2 * l) + direction]);
                count[at]++;
                sum[at] += value;
                max[at] = Math.Max(max[at], value);
                if (value == 0) idle[at]++;
            }
        }
        for (var at = 0; at < count.Length; at++)
            if (count[at] > 0) yield return new(Graph.Plan.Links[at / 2].Name, at % 2 == 0, count[at], max[at], sum[at] / count[at], idle[at]);
    }
}
