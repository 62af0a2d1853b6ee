using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Design and building are two sets of cables over the same ports. Each port has at most one cable in each, so what differs falls into
// chains whose links are in turn designed and built ones, and each chain is one mistake:
//
//   d          a designed cable alone                     missing
//   b          a built cable alone                        extra
//   d b        a - x designed, a - y built                one end moved from x to y
//   d b d b    and back to the start                      two cables swapped
//   d b d b .. open, ends on one device, one offset       a row of cables shifted
//   d b d b .. else                                       rearranged
//
// Ports in use as designed are in no chain, so nothing is named that is right, and every cable that differs is in exactly one chain.
// Mistakes that join the same devices (16 cables of two bundles swapped) are reported as one.
//
// Worked example: designed n0 - l0.1, n1 - l0.2, n2 - l1.1; built n0 - l1.1, n1 - l0.2, n2 - l0.1. The chain
// n0 =d= l0.1 =b= n2 =d= l1.1 =b= n0 is closed and has two designed cables: n0 and n2 are swapped, and n1 isn't mentioned.

/// <summary>What to compare.</summary>
public sealed record VerificationOptions
{
    /// <summary>Compares rates where the source gives them. A simulator that knows no modern rate wants false.</summary>
    public bool Rates { get; init; } = true;

    /// <summary>
    /// Relative difference of rates that counts as none: sources round, and some name the signalling rate before its encoding.
    /// </summary>
    public double RateTolerance { get; init; } = 0.05;
}

/// <summary>Compares a fabric as it stands with its design.</summary>
public sealed class FabricVerifier
{
    readonly FabricGraph graph;
    readonly DiscoveredFabric found;
    readonly FabricPorts ports;
    readonly int[] matching;
    readonly int byName, byStructure, strangers;

    // Built cables by port: those of the design first, then ports that the design doesn't have, as they occur.
    readonly List<int> built;
    readonly List<(int Device, PortNumber Port)> foreign = [];
    readonly Dictionary<(int, PortNumber), int> foreignNumber = [];
    readonly CableNames names;

    FabricVerifier(FabricGraph graph, DiscoveredFabric found)
    {
        (this.graph, this.found) = (graph, found);
        ports = new(graph, found.CountsParts);
        (matching, byName, strangers) = MatchNames(graph, found);
        byStructure = new StructureMatcher(graph, ports, found).Extend(matching);
        built = [.. Enumerable.Repeat(-1, ports.Count)];
        names = new(graph, ports, found, foreign, matching);
    }

    /// <summary>Compares.</summary>
    /// <exception cref="InputException">The source tells of another fabric: most of its devices are unknown to the design.</exception>
    public static FabricVerification Verify(FabricGraph graph, DiscoveredFabric found, VerificationOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(found);
        if (found.Devices.Count == 0) throw new InputException($"'{found.Source}' has no devices");
        var verifier = new FabricVerifier(graph, found);
        var known = verifier.byName + verifier.byStructure;
        // Cables alone would find a small fabric within a large one: names that are all others' names are another fabric's.
        if (2 * known < found.Devices.Count || verifier.strangers > verifier.byName)
            throw new InputException($"'{found.Source}' tells of another fabric: of its {found.Devices.Count:N0} devices " +
                $"{(verifier.byName == 0 ? "none is" : $"only {verifier.byName:N0} are")} in the design by name (the first that isn't: " +
                $"'{found.Devices[verifier.FirstStranger()].Name}'; the design has names such as '{graph.NameOf(0)}' and '{graph.NameOf(graph.FirstSwitch)}')");
        return verifier.Compare(options ?? new());
    }

    int FirstStranger()
    {
        var names = new DesignNames(graph);
        for (var u = 0; u < found.Devices.Count; u++)
            if (names.Find(found.Devices[u].Name) < 0) return u;
        return 0;
    }

    // A name that two devices have, or two names of one device, say nothing. A name of its own that the design hasn't is a stranger's.
    static (int[] Matching, int Known, int Strangers) MatchNames(FabricGraph graph, DiscoveredFabric found)
    {
        var names = new DesignNames(graph);
        var owner = new int[graph.Devices];
        Array.Fill(owner, -1);
        var matching = new int[found.Devices.Count];
        var disputed = new HashSet<int>();
        for (var u = 0; u < matching.Length; u++)
        {
            var device = found.Devices[u].Name.Length == 0 ? -1 : names.Find(found.Devices[u].Name);
            // A card that carries a switch's name, or the other way round, is not that device.
            if (device >= 0 && found.Devices[u].Kind is var kind && kind != DiscoveredKind.Unknown &&
                (kind == DiscoveredKind.Switch) != (device >= graph.FirstSwitch)) device = -1;
            matching[u] = device;
            if (device < 0) continue;
            if (owner[device] >= 0) disputed.Add(device);
            owner[device] = u;
        }
        var (known, strangers) = (0, 0);
        var bearers = found.Devices.CountBy(d => d.Name, StringComparer.OrdinalIgnoreCase).ToDictionary(StringComparer.OrdinalIgnoreCase);
        for (var u = 0; u < matching.Length; u++)
        {
            if (matching[u] >= 0 && disputed.Contains(matching[u])) matching[u] = -1;
            else if (matching[u] < 0 && found.Devices[u].Name.Length > 0 && bearers[found.Devices[u].Name] == 1) strangers++;
            if (matching[u] >= 0) known++;
        }
        return (matching, known, strangers);
    }

    FabricVerification Compare(VerificationOptions options)
    {
        var linkAt = new Dictionary<int, int>();
        for (var l = 0; l < found.Links.Count; l++)
        {
            var link = found.Links[l];
            var (a, b) = (Number(link.First, link.FirstPort), Number(link.Second, link.SecondPort));
            (built[a], built[b]) = (b, a);
            linkAt[Math.Min(a, b)] = l;
        }
        var differences = new List<FabricDifference>();
        var wrongRates = new SortedDictionary<(int Class, double Gigabits), List<int>>();
        var (matches, compared) = (0, 0);
        for (var l = 0; l < graph.Links; l++)
        {
            var (a, b) = (ports.Port(graph.Lower[l], graph.LowerPort[l]), ports.Port(graph.Upper[l], graph.UpperPort[l]));
            if (built[a] != b) continue;
            matches++;
            if (!options.Rates || found.Links[linkAt[Math.Min(a, b)]].Rate is not { } rate) continue;
            compared++;
            var designed = graph.Plan.Links[graph.ClassOf[l]].Rate;
            if (Math.Abs(rate.Si - designed.Si) <= options.RateTolerance * designed.Si) continue;
            var key = ((int)graph.ClassOf[l], rate.GigabitsPerSecond);
            if (!wrongRates.TryGetValue(key, out var alike)) wrongRates[key] = alike = [];
            alike.Add(l);
        }
        foreach (var ((linkClass, gigabits), links) in wrongRates) differences.Add(RateDifference(graph.Plan.Links[linkClass].Rate, Bandwidth.FromGigabitsPerSecond(gigabits), links));
        var chains = new DifferenceChains(ports.Peer, built).Find();
        differences.AddRange(new MistakeNamer(graph, ports, names, chains, IsAbsent()).Name());
        differences.Sort(static (a, b) => a.Kind != b.Kind ? a.Kind.CompareTo(b.Kind) : a.Harmless != b.Harmless ? a.Harmless.CompareTo(b.Harmless) : Compare(a, b));
        return new()
        {
            DesignedCables = graph.Links,
            FoundCables = found.Links.Count,
            MatchingCables = matches,
            DesignedDevices = graph.Devices,
            FoundDevices = found.Devices.Count,
            KnownByName = byName,
            KnownByStructure = byStructure,
            RatesCompared = compared,
            Differences = differences,
        };
    }

    // Cables of one class that run at the same wrong rate are one mistake: a port profile, or a box of the wrong cables.
    FabricDifference RateDifference(Bandwidth designed, Bandwidth rate, List<int> links)
    {
        List<PortPair> cables = [.. links.Select(l => names.Pair(ports.Port(graph.Lower[l], graph.LowerPort[l]), ports.Port(graph.Upper[l], graph.UpperPort[l])))];
        var slow = rate.Si < designed.Si;
        return new()
        {
            Kind = slow ? DifferenceKind.Slow : DifferenceKind.Fast,
            Cause = MistakeText.Rate(slow, links.Count),
            Designed = cables,
            Built = cables,
            DesignedRate = designed,
            BuiltRate = rate,
        };
    }

    static int Compare(FabricDifference a, FabricDifference b) =>
        string.CompareOrdinal(First(a), First(b));

    static string First(FabricDifference d) => d.Devices.Count > 0 ? d.Devices[0] : (d.Designed.Count > 0 ? d.Designed[0] : d.Built[0]).ToString();

    int Number(int discovered, PortNumber port)
    {
        // A source may name a split port both whole and by its first part; the second of the two is then one too many.
        if (ports.Of(matching, discovered, port) is >= 0 and var own && built[own] < 0) return own;
        if (foreignNumber.TryGetValue((discovered, port), out var number)) return number;
        number = built.Count;
        foreignNumber[(discovered, port)] = number;
        foreign.Add((discovered, port));
        built.Add(-1);
        return number;
    }

    // Devices of the design that have cables there, and none in the building.
    bool[] IsAbsent()
    {
        var absent = new bool[graph.Devices];
        for (var d = 0; d < graph.Devices; d++)
        {
            var links = graph.LinksOf(d);
            absent[d] = links.Length > 0;
            for (var i = 0; i < graph.TierOf(d).Ports && absent[d]; i++) absent[d] = built[ports.Port(d, i)] < 0;
        }
        return absent;
    }
}
