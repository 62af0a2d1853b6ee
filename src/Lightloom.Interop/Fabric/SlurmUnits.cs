using System.Globalization;
using System.Text;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// Slurm places jobs by a tree of switches in which every host hangs on exactly one. A rail-optimised system hangs on eight leaves, and
// where there are planes on more: all systems that share the same set of switches are one unit, and a unit is what Slurm calls a leaf
// switch. Above the units stand the groups of the wiring (pods, groups of a dragonfly), above them the fabric.

/// <summary>The systems of a fabric as a scheduler sees them: units that share their first switches, and groups of units.</summary>
sealed class SlurmUnits
{
    /// <summary>Systems that hang on the same switches.</summary>
    /// <param name="Name">The switch's own name when it is one, else "unit-07".</param>
    /// <param name="Systems">The systems, ascending.</param>
    /// <param name="Group">The group of the hall that they belong to.</param>
    public sealed record Unit(string Name, IReadOnlyList<int> Systems, int Group);

    readonly FabricGraph graph;
    readonly int hosts;

    public SlurmUnits(FabricExportRequest request)
    {
        (graph, hosts) = (request.Graph, request.HostsPerSystem);
        var bySwitches = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var switches = new SortedSet<int>();
        for (var system = 0; system < graph.Systems; system++)
        {
            switches.Clear();
            for (var card = system * graph.CardsPerSystem; card < (system + 1) * graph.CardsPerSystem; card++)
                foreach (var link in graph.LinksOf(card)) switches.Add(graph.Across(link, card));
            var key = string.Join(' ', switches);
            if (!bySwitches.TryGetValue(key, out var systems)) bySwitches[key] = systems = [];
            systems.Add(system);
        }
        var digits = (bySwitches.Count - 1).ToString(CultureInfo.InvariantCulture).Length;
        Units =
        [
            .. bySwitches.Select((unit, i) => new Unit(
                unit.Key.Contains(' ', StringComparison.Ordinal) ? "unit-" + i.ToString("D" + digits, CultureInfo.InvariantCulture)
                    : graph.NameOf(int.Parse(unit.Key, CultureInfo.InvariantCulture)),
                unit.Value, graph.GroupOf(unit.Value[0] * graph.CardsPerSystem))),
        ];
    }

    /// <summary>The units, by their first system.</summary>
    public IReadOnlyList<Unit> Units { get; }

    /// <summary>Hosts of all systems.</summary>
    public int Hosts => graph.Systems * hosts;

    /// <summary>The hosts of some systems as Slurm lists them: "node-[000-031]".</summary>
    public string HostsOf(IReadOnlyList<int> systems)
    {
        return List([.. systems.SelectMany(s => Enumerable.Range(0, hosts).Select(h => HostName(graph, s, h, hosts)))]);
    }

    /// <summary>The name of a host: its system's where that is one host, "node-0-07" where it has several.</summary>
    internal static string HostName(FabricGraph graph, int system, int host, int hostsPerSystem)
    {
        var name = graph.SystemName(system);
        if (hostsPerSystem == 1) return name;
        var digits = (hostsPerSystem - 1).ToString(CultureInfo.InvariantCulture).Length;
        return $"{name}-{host.ToString("D" + digits, CultureInfo.InvariantCulture)}";
    }

    /// <summary>Switches of the tree with their children, from the units up: units, groups where there are several, and the root.</summary>
    public IEnumerable<(string Name, string? Children, string? Nodes)> Tree()
    {
        foreach (var unit in Units) yield return (unit.Name, null, HostsOf(unit.Systems));
        if (Units.Count == 1) yield break;
        var groups = Units.GroupBy(u => u.Group).OrderBy(g => g.Key).ToList();
        if (groups.Count == 1)
        {
            yield return ("fabric", List([.. Units.Select(u => u.Name)]), null);
            yield break;
        }
        var word = graph.Plan.Clos is null ? "group" : "pod";
        var digits = (groups.Count - 1).ToString(CultureInfo.InvariantCulture).Length;
        var names = new List<string>();
        for (var i = 0; i < groups.Count; i++)
        {
            // A group of one switch is that switch.
            if (groups[i].Count() == 1)
            {
                names.Add(groups[i].Single().Name);
                continue;
            }
            names.Add($"{word}-{i.ToString("D" + digits, CultureInfo.InvariantCulture)}");
            yield return (names[^1], List([.. groups[i].Select(u => u.Name)]), null);
        }
        yield return ("fabric", List(names), null);
    }

    /// <summary>
    /// Blocks: the hosts of one scale-up domain where that spans several, else the hosts of a unit. With them the sizes that Slurm may plan
    /// with: the smallest block, and twice, four times and so on as much as long as there are so many blocks.
    /// </summary>
    public (IReadOnlyList<(string Name, string Nodes)> Blocks, IReadOnlyList<int> Sizes) Blocks()
    {
        List<(string, string)> blocks = hosts > 1
            ? [.. Enumerable.Range(0, graph.Systems).Select(s => (graph.SystemName(s), HostsOf([s])))]
            : [.. Units.Select(u => (u.Name, HostsOf(u.Systems)))];
        var smallest = hosts > 1 ? hosts : Units.Min(u => u.Systems.Count);
        var sizes = new List<int>();
        for (var n = 1L; n <= blocks.Count; n *= 2) sizes.Add((int)(smallest * n));
        return (blocks, sizes);
    }

    /// <summary>Names as Slurm's hostlists have them: those that differ in their last number only become one bracket.</summary>
    internal static string List(IReadOnlyList<string> names)
    {
        var text = new StringBuilder();
        for (var i = 0; i < names.Count;)
        {
            var (stem, digits) = Split(names[i]);
            var ranges = new StringBuilder();
            var (count, from) = (0, i);
            while (i < names.Count && Split(names[i]) is var (s, d) && s == stem && d.Length == digits.Length && d.Length > 0)
            {
                var last = i;
                while (last + 1 < names.Count && Split(names[last + 1]) is var (s2, d2) && s2 == stem && d2.Length == digits.Length &&
                    Number(d2) == Number(Split(names[last]).Digits) + 1) last++;
                if (ranges.Length > 0) ranges.Append(',');
                ranges.Append(Split(names[i]).Digits);
                if (last > i) ranges.Append('-').Append(Split(names[last]).Digits);
                count += last - i + 1;
                i = last + 1;
            }
            if (i == from) i++;
            if (text.Length > 0) text.Append(',');
            if (count <= 1) text.Append(names[from]);
            else text.Append(stem).Append('[').Append(ranges).Append(']');
        }
        return text.ToString();
    }

    static long Number(string digits) => long.Parse(digits, CultureInfo.InvariantCulture);

    static (string Stem, string Digits) Split(string name)
    {
        var at = name.Length;
        while (at > 0 && char.IsAsciiDigit(name[at - 1]) && name.Length - at < 18) at--;
        return (name[..at], name[at..]);
    }
}
