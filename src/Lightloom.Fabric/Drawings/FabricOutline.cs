namespace Lightloom.Fabric;

// A fabric of any size becomes a few nodes and bundles: devices that stand in the same tier and column are one node, and all links of a
// class between two nodes are one bundle.
//
//   column of a device   its pod where there are several, else its unit, else (a single leaf's fabric) its system; none above those
//   columns shown        all up to MostColumns; of more the first FirstColumns, the last, and one for all between
//   node                 tier × column; a tier without columns is one node, or one for each device while devices × columns are few
//
// Every device in view is in one node, and every link with both ends in view in one bundle, or within one node.
//
// Worked example: 127 systems on 4 units of 8 rail leaves and 16 spines: 4 nodes of systems, 4 of leaves and 1 of spines; 4 bundles of
// node-leaf and 4 of leaf-spine links with 256 links each (248 in the last of node-leaf).

/// <summary>Devices that are drawn as one.</summary>
/// <param name="Number">Its number in the outline.</param>
/// <param name="Layer">0 for systems and managers, 1 for the first tier of the plan, and so on.</param>
/// <param name="Column">Its column; −1 when it belongs to all of them.</param>
/// <param name="Tier">"card" for systems, "management", or the name of the tier.</param>
/// <param name="Devices">The devices in the graph, ascending; the first card of each system.</param>
/// <param name="Context">Whether it stands outside what was asked for and is shown for its links alone.</param>
public sealed record OutlineNode(int Number, int Layer, int Column, string Tier, IReadOnlyList<int> Devices, bool Context = false);

/// <summary>Links of one class between two nodes.</summary>
/// <param name="Lower">Number of the node nearer to the systems.</param>
/// <param name="Upper">Number of the other; the same where the links stay within a node.</param>
/// <param name="Class">Number of the class in the plan.</param>
/// <param name="Links">How many.</param>
public sealed record OutlineBundle(int Lower, int Upper, int Class, long Links);

/// <summary>Groups that share a column.</summary>
/// <param name="First">The first of them, from 0.</param>
/// <param name="Count">How many.</param>
public readonly record struct OutlineColumn(int First, int Count);

/// <summary>A fabric, or a part of one, as a few nodes and bundles.</summary>
public sealed class FabricOutline
{
    /// <summary>Columns that are all shown.</summary>
    public const int MostColumns = 8;

    /// <summary>Columns shown before those that are gathered.</summary>
    public const int FirstColumns = 4;

    /// <summary>Devices of a tier without columns that are nodes of their own, ...</summary>
    public const int MostSingles = 8;

    /// <summary>... unless more lines than these would fan out to them from the columns.</summary>
    public const int MostStrands = 24;

    readonly List<OutlineNode> nodes = [];
    readonly int[] nodeOf; // of each device; -1 out of view

    FabricOutline(FabricGraph graph, FabricScope scope, int most, bool even)
    {
        (Graph, Scope) = (graph, scope);
        scope.Check(graph);
        var shape = graph.Plan.Clos;
        (ColumnKind, var groups) = Kind(graph, scope);
        Columns = even ? EvenColumns(groups, most) : ColumnsOf(groups, most);
        var ranks = ColumnKind == "switch" ? Ranks(graph, scope) : null;
        nodeOf = new int[graph.Devices];
        Array.Fill(nodeOf, -1);
        var byKey = new Dictionary<(int Layer, int Column, int Device, bool Manager, bool Context), List<int>>();
        var first = graph.Tiers.Count - graph.Plan.Tiers.Count;

        for (var system = 0; system < graph.Systems; system++)
        {
            if (scope.Group is { } wanted && PodOf(graph, -1, system) != wanted) continue;
            Put(0, ColumnOf(GroupOf(-1, system)), -1, false, false, system * graph.CardsPerSystem);
        }
        for (var t = 0; t < graph.Plan.Tiers.Count; t++)
        {
            var tier = graph.Tiers[first + t];
            if (scope.Rail is not null && t > 1) break; // Spines of one rail pass the traffic of all: links above aren't the rail's.
            for (var d = tier.First; d < tier.First + tier.Count; d++)
            {
                var index = tier.IndexOf(d);
                if (scope.Plane is { } plane && tier.PlaneOf(d) != plane) continue;
                if (t == 0 && scope.Rail is { } rail && shape is not null && index % shape.LeavesPerUnit != rail) continue;
                var group = PodOf(graph, t, index);
                if (group >= 0 && scope.Group is { } wanted && group != wanted) continue;
                var context = scope.Group is not null && group < 0;
                var column = GroupOf(t, index);
                Put(t + 1, column < 0 ? -1 : ColumnOf(column), column < 0 && !context && Singles(tier) ? d : -1, false, context, d);
            }
        }
        for (var d = graph.Cards; d < graph.FirstSwitch; d++)
        {
            var beside = graph.Across(graph.LinksOf(d)[0], d);
            var of = byKey.FirstOrDefault(k => !k.Key.Manager && k.Value.BinarySearch(beside) >= 0);
            // Managers of a switch above all columns stand in the last.
            if (of.Value is not null) Put(0, of.Key.Column < 0 ? Columns.Count - 1 : of.Key.Column, -1, true, false, d);
        }

        foreach (var (key, devices) in byKey.OrderBy(k => k.Key.Layer).ThenBy(k => k.Key.Manager).ThenBy(k => k.Key.Column).ThenBy(k => k.Key.Device))
        {
            var node = new OutlineNode(nodes.Count, key.Layer, key.Column, key.Manager ? "management" : key.Layer == 0 ? "card" : graph.Plan.Tiers[key.Layer - 1].Name,
                devices, key.Context);
            nodes.Add(node);
            foreach (var device in devices)
                for (var i = 0; i < (device < graph.Cards ? graph.CardsPerSystem : 1); i++) nodeOf[device + i] = node.Number;
        }
        Bundles = Bundle();

        void Put(int layer, int column, int single, bool manager, bool context, int device)
        {
            var key = (layer, column, single, manager, context);
            if (!byKey.TryGetValue(key, out var list)) byKey[key] = list = [];
            list.Add(device);
        }

        bool Singles(DeviceTier tier)
        {
            var count = scope.Plane is null ? tier.Count : tier.PerPlane;
            return count <= MostSingles && count * Columns.Count <= MostStrands;
        }

        // The group by which columns are made of a system (tier -1) or switch; -1 for those above the columns.
        int GroupOf(int tier, int index) => ColumnKind switch
        {
            "switch" => ranks![tier >= 0 ? graph.Tiers[first + tier].Device(0, index) : CardsForward(graph) ? index * graph.CardsPerSystem : SwitchOf(graph, index)],
            "pod" or "group" => PodOf(graph, tier, index),
            "unit" when shape is not null => tier < 0 ? (index / shape.SystemsPerUnit) - FirstUnit(shape)
                : tier == 0 ? (index / shape.LeavesPerUnit) - FirstUnit(shape) : -1,
            _ => tier < 0 ? index : -1,
        };

        int FirstUnit(ClosShape clos) => (scope.Group ?? 0) * clos.UnitsPerPod;
    }

    /// <summary>The fabric.</summary>
    public FabricGraph Graph { get; }

    /// <summary>The part of it that is in view.</summary>
    public FabricScope Scope { get; }

    /// <summary>What a column is: "pod", "unit", "system", "group", or "switch" within one group of what is no Clos.</summary>
    public string ColumnKind { get; }

    /// <summary>The columns, by the groups that they gather.</summary>
    public IReadOnlyList<OutlineColumn> Columns { get; }

    /// <summary>The nodes, layer by layer.</summary>
    public IReadOnlyList<OutlineNode> Nodes => nodes;

    /// <summary>The bundles, by their lower and then their upper node.</summary>
    public IReadOnlyList<OutlineBundle> Bundles { get; }

    /// <summary>Outlines a fabric or a part of it.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="scope">The part.</param>
    /// <param name="most">Columns that are all shown.</param>
    /// <param name="even">Whether more columns are gathered by equal numbers, for shapes in which none is the first.</param>
    /// <exception cref="FabricException">The fabric has no such part; the field is "pod", "plane" or "rail".</exception>
    public static FabricOutline Of(FabricGraph graph, FabricScope scope, int most = MostColumns, bool even = false)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(scope);
        return new(graph, scope, most, even);
    }

    /// <summary>The node of a device, or −1 when it is out of view.</summary>
    public int NodeOf(int device) => nodeOf[device];

    /// <summary>Links of a class in view.</summary>
    public long LinksOf(int linkClass) => Bundles.Where(b => b.Class == linkClass).Sum(b => b.Links);

    static (string Kind, int Groups) Kind(FabricGraph graph, FabricScope scope)
    {
        if (graph.Plan.Clos is not { } shape)
            return scope.Group is null ? ("group", graph.Plan.Wiring.Groups) : ("switch", Ranks(graph, scope).Max() + 1);
        if (shape.Pods > 1 && scope.Group is null) return ("pod", shape.Pods);
        var units = scope.Group is { } pod ? shape.UnitsIn(pod) : shape.Units;
        return units > 1 || graph.Systems > MostColumns || graph.Plan.Tiers.Count > 1 ? ("unit", units) : ("system", graph.Systems);
    }

    // The pod or group of a system (tier −1) or a switch; −1 of switches that belong to all.
    static int PodOf(FabricGraph graph, int tier, int index) => graph.Plan.Clos is not { } shape
        ? tier < 0 ? graph.Plan.Wiring.GroupOfSystem(index) : graph.Plan.Wiring.GroupOfSwitch(tier, index)
        : tier switch
        {
            -1 => index / shape.SystemsPerUnit / shape.UnitsPerPod,
            0 => index / shape.LeavesPerUnit / shape.UnitsPerPod,
            1 => index / shape.SpinesPerPod,
            _ => -1,
        };

    // Whether cards are joined to each other and pass what isn't theirs.
    static bool CardsForward(FabricGraph graph) => graph.Plan.Links.Any(l => l.Lower.Tier == "node" && l.Upper.Tier == "node");

    // The place of each switch of a group among those of its plane, tier after tier; of each system where cards forward.
    static int[] Ranks(FabricGraph graph, FabricScope scope)
    {
        var ranks = new int[graph.Devices];
        Array.Fill(ranks, -1);
        var next = 0;
        var first = graph.Tiers.Count - graph.Plan.Tiers.Count;
        if (CardsForward(graph))
        {
            for (var s = 0; s < graph.Systems; s++)
                if (graph.Plan.Wiring.GroupOfSystem(s) == scope.Group) ranks[s * graph.CardsPerSystem] = next++;
            return ranks;
        }
        for (var t = 0; t < graph.Plan.Tiers.Count; t++)
            for (var i = 0; i < graph.Tiers[first + t].PerPlane; i++)
                if (graph.Plan.Wiring.GroupOfSwitch(t, i) == scope.Group) ranks[graph.Tiers[first + t].Device(0, i)] = next++;
        return ranks;
    }

    // The switch of plane 0 that a system is drawn with: the first that its cards meet in its own group; the system itself where there are none.
    static int SwitchOf(FabricGraph graph, int system)
    {
        var card = system * graph.CardsPerSystem;
        var group = graph.Plan.Wiring.GroupOfSystem(system);
        for (var c = card; c < card + graph.CardsPerSystem; c++)
        {
            foreach (var link in graph.LinksOf(c))
            {
                var other = graph.Across(link, c);
                if (other < graph.FirstSwitch || graph.GroupOf(other) != group) continue;
                var tier = graph.TierOf(other);
                return tier.Device(0, tier.IndexOf(other));
            }
        }
        return card;
    }

    static OutlineColumn[] EvenColumns(int groups, int most)
    {
        var each = Math.Max(1, (groups + most - 1) / most);
        return [.. Enumerable.Range(0, (groups + each - 1) / each).Select(c => new OutlineColumn(c * each, Math.Min(each, groups - (c * each))))];
    }

    static OutlineColumn[] ColumnsOf(int groups, int most)
    {
        if (groups <= most) return [.. Enumerable.Range(0, groups).Select(g => new OutlineColumn(g, 1))];
        return
        [
            .. Enumerable.Range(0, FirstColumns).Select(g => new OutlineColumn(g, 1)),
            new(FirstColumns, groups - FirstColumns - 1), new(groups - 1, 1),
        ];
    }

    int ColumnOf(int group)
    {
        for (var c = Columns.Count - 1; c > 0; c--)
            if (group >= Columns[c].First) return c;
        return 0;
    }

    List<OutlineBundle> Bundle()
    {
        var counts = new Dictionary<(int, int, int), long>();
        for (var l = 0; l < Graph.Links; l++)
        {
            var (lower, upper) = (nodeOf[Graph.Lower[l]], nodeOf[Graph.Upper[l]]);
            if (lower < 0 || upper < 0) continue;
            // Between nodes of one layer the smaller number comes first, whichever end the link calls its lower.
            if (nodes[lower].Layer == nodes[upper].Layer && lower > upper) (lower, upper) = (upper, lower);
            var key = (lower, upper, (int)Graph.ClassOf[l]);
            counts[key] = counts.GetValueOrDefault(key) + 1;
        }
        return [.. counts.OrderBy(c => c.Key).Select(c => new OutlineBundle(c.Key.Item1, c.Key.Item2, c.Key.Item3, c.Value))];
    }
}
