using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

// How tables of published counts write topologies, and the fabric that each means.
//
//   family        a name such as "Slim Fly MMS", "SlimFly", "Dragonfly balanced", "fat-tree 3-tier", "Torus", "HyperX"
//   parameters    "q=9,delta=1", "p=4,a=8,h=4,g=33", "p=h=2,a=4", "k=36", "16x16x16"; beside the name or after it
//
//   left out      h = p = a/2 of a dragonfly, g = a·h + 1; p = ⌈k'/2⌉ of a Slim Fly, ⌈(q + 1)/2⌉ of a PolarFly; T = 1 of a HyperX
//
// The switch has exactly the ports that the structure needs, so that nothing but the parameters decides.

/// <summary>A fabric that a published name and its parameters mean.</summary>
/// <param name="Topology">The name by which designs ask for it.</param>
/// <param name="Request">The fabric with one host, or with all where it takes no parameters; its hosts are cards of one port unless they forward.</param>
/// <param name="Capacity">Hosts of the full structure.</param>
sealed record NamedFabric(string Topology, FabricRequest Request, long Capacity)
{
    /// <summary>The plan of the full structure.</summary>
    public FabricPlan Plan() => Topologies.Find(Topology).Plan(Request with { Systems = (int)Math.Min(Capacity, int.MaxValue) });
}

/// <summary>Reads the names and parameters of published tables.</summary>
static partial class FabricNames
{
    const int Plenty = 1_000_000_000;

    /// <summary>What a name and its parameters mean; a null fabric comes with the reason.</summary>
    /// <param name="name">The topology as the table calls it, with or without parameters.</param>
    /// <param name="parameters">More parameters; may be empty.</param>
    /// <exception cref="FabricException">There is no such fabric.</exception>
    public static (NamedFabric? Fabric, string Reason) Read(string name, string parameters = "")
    {
        var values = Assignments($"{name},{parameters}");
        var sides = Sides(parameters) ?? Sides(name);
        var family = Letters().Replace(name.ToLowerInvariant().Replace("+", "plus", StringComparison.Ordinal), "");
        if (family.Contains("slimfly", StringComparison.Ordinal)) return SlimFly(values);
        if (family.Contains("polarfly", StringComparison.Ordinal)) return PolarFly(values);
        if (family.Contains("dragonflyplus", StringComparison.Ordinal)) return DragonflyPlus(values);
        if (family.Contains("dragonfly", StringComparison.Ordinal)) return Dragonfly(values);
        if (family.Contains("hyperx", StringComparison.Ordinal)) return HyperX(values, sides);
        if (family.Contains("torus", StringComparison.Ordinal)) return Torus(sides, family.Contains("ocs", StringComparison.Ordinal) || family.Contains("tpu", StringComparison.Ordinal));
        if (family.Contains("fattree", StringComparison.Ordinal) || family.Contains("clos", StringComparison.Ordinal)) return FatTree(values, $"{name} {parameters}");
        if (family.Contains("jellyfish", StringComparison.Ordinal)) return Jellyfish(values);
        return (null, $"no topology is known by the name '{Shorten(name)}'");
    }

    /// <summary>The numbers assigned to names, as in "p=h=2,a=4"; all names of a chain get its number.</summary>
    public static Dictionary<string, int> Assignments(string text)
    {
        var values = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (Match match in Assignment().Matches(text))
            if (int.TryParse(match.Groups["value"].ValueSpan.ToString().Replace(",", "", StringComparison.Ordinal), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value))
                foreach (var name in match.Groups["names"].Value.Split('=', StringSplitOptions.RemoveEmptyEntries)) values.TryAdd(name.Trim(), value);
        return values;
    }

    /// <summary>Lengths such as "16x16x16", or null.</summary>
    public static int[]? Sides(string text)
    {
        var match = Grid().Match(text);
        if (!match.Success) return null;
        var sides = new List<int>();
        foreach (var part in match.Value.Split('x', 'X', '×'))
        {
            if (!int.TryParse(part.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var side)) return null;
            sides.Add(side);
        }
        return [.. sides];
    }

    /// <summary>A fabric of hosts with cards of so many ports and switches of so many.</summary>
    public static FabricRequest Of(int hosts, int radix, int portsPerCard = 1, int cards = 1, int accelerators = 1)
    {
        var system = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100");
        return new()
        {
            Systems = hosts,
            System = system with
            {
                Accelerators = Given(accelerators),
                Nics = Given(cards),
                Nic = system.Nic with { Rate = Given(Port * portsPerCard), Ports = Given(portsPerCard) },
            },
            Switch = SwitchOf(radix),
        };
    }

    /// <summary>A switch of so many ports.</summary>
    public static Switch SwitchOf(int radix) =>
        PartCatalog.Default.Get<Switch>("generic-64x400g") with { Ports = Given(Math.Max(2, radix)), PortRate = Given(Port), SmallestSplit = null };

    static Bandwidth Port { get; } = Bandwidth.FromGigabitsPerSecond(400);

    static Sourced<T> Given<T>(T value) => Sourced<T>.Of(value, "table", Grade.Assumption);

    static (NamedFabric?, string) SlimFly(Dictionary<string, int> values)
    {
        if (!values.TryGetValue("q", out var q)) return (null, "a Slim Fly without its order q");
        var delta = q % 4 == 1 ? 1 : -1;
        if (q % 2 == 1 && values.TryGetValue("delta", out var said) && said != delta) return (null, $"q = {q} has delta {delta}, not {said}");
        if (q is < 3 or > 2_000) return (null, $"no Slim Fly has the order {q}");
        var degree = ((3 * q) - delta) / 2;
        var p = values.GetValueOrDefault("p", (degree + 1) / 2);
        return Sized("slim-fly", Of(1, degree + p) with { Parameters = new() { Order = q, HostsPerSwitch = p } });
    }

    static (NamedFabric?, string) PolarFly(Dictionary<string, int> values)
    {
        if (!values.TryGetValue("q", out var q)) return (null, "a PolarFly without its order q");
        if (q is < 2 or > 2_000) return (null, $"no PolarFly has the order {q}");
        var p = values.GetValueOrDefault("p", (q + 2) / 2);
        return Sized("polarfly", Of(1, q + 1 + p) with { Parameters = new() { Order = q, HostsPerSwitch = p } });
    }

    static (NamedFabric?, string) Dragonfly(Dictionary<string, int> values)
    {
        if (!values.TryGetValue("h", out var h) && !(values.TryGetValue("p", out h) || (values.TryGetValue("a", out h) && (h /= 2) > 0)))
            return (null, "a dragonfly without p, a or h");
        var (p, a) = (values.GetValueOrDefault("p", h), values.GetValueOrDefault("a", 2 * h));
        var most = ((long)a * h) + 1;
        var (g, l) = (values.GetValueOrDefault("g", (int)Math.Min(most, int.MaxValue)), values.GetValueOrDefault("l", 1));
        return Sized("dragonfly", Of(1, Ports(p + ((a - 1L) * l) + h)) with
        {
            Parameters = new() { HostsPerSwitch = p, SwitchesPerGroup = a, GlobalLinksPerSwitch = h, Groups = g, LinksPerPair = l },
        });
    }

    static (NamedFabric?, string) DragonflyPlus(Dictionary<string, int> values)
    {
        var half = values.TryGetValue("k", out var k) ? k / 2 : values.GetValueOrDefault("p");
        if (half < 1) return (null, "a Dragonfly+ without k or p");
        var (p, leaves, spines, h) = (values.GetValueOrDefault("p", half), values.GetValueOrDefault("l", values.GetValueOrDefault("a", half)),
            values.GetValueOrDefault("s", half), values.GetValueOrDefault("h", half));
        var g = values.GetValueOrDefault("g", (int)Math.Min(((long)spines * h) + 1, int.MaxValue));
        return Sized("dragonfly+", Of(1, Math.Max(k, Ports(Math.Max((long)p + spines, (long)leaves + h)))) with
        {
            Parameters = new() { HostsPerSwitch = p, SwitchesPerGroup = leaves, SpinesPerGroup = spines, GlobalLinksPerSwitch = h, Groups = g },
        });
    }

    static (NamedFabric?, string) HyperX(Dictionary<string, int> values, int[]? sides)
    {
        if (sides is null && values.TryGetValue("S", out var side) && values.TryGetValue("L", out var dimensions) && dimensions is > 0 and < 9)
            sides = [.. Enumerable.Repeat(side, dimensions)];
        if (sides is null) return (null, "a HyperX without its dimensions");
        var (t, k) = (values.GetValueOrDefault("T", values.GetValueOrDefault("p", 1)), values.GetValueOrDefault("K", 1));
        return Sized("hyperx", Of(1, Ports(t + sides.Sum(s => (s - 1L) * k))) with { Parameters = new() { Dimensions = sides, HostsPerSwitch = t, LinksPerPair = k } });
    }

    static (NamedFabric?, string) Torus(int[]? sides, bool optical)
    {
        if (sides is null || sides.Length > 6) return (null, "a torus without its dimensions");
        var nodes = sides.Aggregate(1.0, static (product, side) => product * side);
        if (nodes is < 1 or > int.MaxValue / 8) return (null, "a torus larger than can be numbered");
        var request = Of((int)nodes, 2, portsPerCard: 2 * sides.Length) with
        {
            Parameters = new()
            {
                Dimensions = sides,
                // A TPU v4 pod is made of racks of 4 x 4 x 4 and Palomar switches.
                Board = optical ? [.. sides.Select(static s => Math.Min(4, s))] : null,
                OpticalSwitch = optical ? PartCatalog.Default.Get<OpticalCircuitSwitch>("palomar") : null,
            },
        };
        return (new("torus", request, (long)nodes), "");
    }

    static (NamedFabric?, string) FatTree(Dictionary<string, int> values, string text)
    {
        if (!values.TryGetValue("k", out var k)) return (null, "a fat-tree without its radix k");
        if (k is < 2 or > 65_000) return (null, $"no fat-tree has switches of {k} ports");
        int tiers = Tiers().Match(text) is { Success: true } match ? match.Value[0] - '0' : values.GetValueOrDefault("tiers", values.GetValueOrDefault("n", 3));
        return Sized("fat-tree", Of(1, k) with { Tiers = tiers });
    }

    static (NamedFabric?, string) Jellyfish(Dictionary<string, int> values)
    {
        if (!(values.TryGetValue("N", out var switches) || values.TryGetValue("n", out switches)) || !values.TryGetValue("r", out var degree))
            return (null, "a Jellyfish without its switches N and degree r");
        var p = values.GetValueOrDefault("p", values.TryGetValue("k", out var k) ? k - degree : 1);
        return Sized("jellyfish", Of(1, Ports((long)p + degree)) with
        {
            Parameters = new() { Switches = switches, Degree = degree, HostsPerSwitch = p, Seed = values.TryGetValue("seed", out var seed) ? seed : null },
        });
    }

    // The capacity is what the topology itself says is the most that fits.
    static (NamedFabric?, string) Sized(string topology, FabricRequest request)
    {
        try
        {
            Topologies.Find(topology).Plan(request with { Systems = Plenty });
            return (null, "a fabric larger than can be numbered");
        }
        catch (FabricException e) when (e is { Field: "systems", NearestBelow: >= 1 and var most })
        {
            return (new(topology, request, (long)most), "");
        }
    }

    static int Ports(long ports) => (int)Math.Clamp(ports, 2, int.MaxValue / 4);

    static string Shorten(string text) => text.Length <= 40 ? text : text[..40] + "…";

    [GeneratedRegex(@"(?<names>(?:[A-Za-z'_]+ ?= ?)+)(?<value>[+-]?\d+)(?![\d.]*[A-Za-z^*(])")]
    private static partial Regex Assignment();

    [GeneratedRegex(@"(?<![=\d])\d+(?: ?[xX×] ?\d+)+")]
    private static partial Regex Grid();

    [GeneratedRegex("[^a-z]")]
    private static partial Regex Letters();

    [GeneratedRegex(@"\b[123](?=[- ]?(?:tier|level|layer))")]
    private static partial Regex Tiers();
}
