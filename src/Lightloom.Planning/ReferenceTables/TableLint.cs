// Recomputes a table of reference designs and names each cell that can't be or doesn't fit.
//
//   rules       full bisection unless every rule of the table says otherwise; each node has a card for each accelerator, one port each
//                 leaves, spines, cores and their cables as the topology plans them for so many nodes (Lightloom.Fabric)
//                 accelerators = nodes x accelerators of a node      units = ⌈nodes / nodes of a unit⌉
//   a table     has one topology, one taper, one number of accelerators of a node, one size of unit, and one radix where no column says it: those
//                 that leave the fewest cells to change; ties go to full bisection, the usual and the small
//   a row       has the number of nodes that leaves the fewest of its cells to change: its own if that is among them, else what its accelerators or
//                 its cables make of it
//   managers    cables below the leaves beyond those of accelerators, where several rows of a table have the same number, or a row no more than a node's
//   impossible  more cables than the switches at an end have ports, cables to switches that aren't there, accelerators that nodes can't share
//
// Worked example: 95 nodes of 8 on switches of 64 ports: 24 leaves; 768 uplinks take 12 spines by ports alone, and 32 uplinks of a leaf don't divide
// over 12: 16 spines fit.

using Lightloom.Fabric;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;

namespace Lightloom.Planning.ReferenceTables;

/// <summary>How a cell is wrong.</summary>
public enum CellFault
{
    /// <summary>It contradicts the rest of the table.</summary>
    Inconsistent,

    /// <summary>No fabric can be so: ports, switches or nodes are missing for it.</summary>
    Impossible,
}

/// <summary>A cell that is wrong.</summary>
/// <param name="Row">Its row: 1 is the first below the header.</param>
/// <param name="Line">The line of the file.</param>
/// <param name="Column">Its column, as the table calls it.</param>
/// <param name="Printed">What stands there; empty where nothing does.</param>
/// <param name="Fits">The value that fits, or null where none does.</param>
/// <param name="Fault">How it is wrong.</param>
/// <param name="Reason">Why.</param>
public sealed record CellFinding(int Row, int Line, string Column, string Printed, long? Fits, CellFault Fault, string Reason);

/// <summary>What the rows of a table were recomputed with.</summary>
/// <param name="Topology">The topology.</param>
/// <param name="Oversubscription">Bandwidth down over bandwidth up at the leaves.</param>
/// <param name="Radix">Ports of a switch where no column says it.</param>
/// <param name="PerNode">Accelerators of a node.</param>
/// <param name="PerUnit">Nodes of a scalable unit; null where the table has none.</param>
public sealed record TableRules(string Topology, int Oversubscription, int? Radix, int PerNode, long? PerUnit);

/// <summary>A table of reference designs, recomputed; see the equations at the head of this file.</summary>
public sealed class TableLint
{
    // Rows that the rules are chosen by; the rest of a long table follows them.
    const int MostJudges = 60;

    static readonly string[] TopologiesTried = ["rail-optimized", "fat-tree"];
    static readonly int[] TapersTried = [1, 2, 3, 4];
    static readonly int[] RadicesTried = [64, 32, 40, 128, 144, 512];
    static readonly int[] NodesTried = [8, 4, 16, 72, 1];

    readonly ReferenceTable table;
    readonly Dictionary<string, long> managers;
    readonly Dictionary<(long Nodes, int Radix, int Managers, TableRules Rules), Counted> counted = [];

    TableLint(ReferenceTable table, int? radix)
    {
        this.table = table;
        managers = [];
        Rules = RulesOf(radix);
        managers = ManagersOf(Rules);
        Findings = [.. table.Rows.SelectMany(r => Judge(r, Rules).Found)];
        Cells = table.Rows.Sum(r => r.Cells.Count(c => c.Key != TableCell.Radix));
    }

    /// <summary>The table's file, as the user named it.</summary>
    public string File => table.Source.File;

    /// <summary>Rows.</summary>
    public int Rows => table.Rows.Count;

    /// <summary>Cells with a count.</summary>
    public int Cells { get; }

    /// <summary>What they were recomputed with.</summary>
    public TableRules Rules { get; }

    /// <summary>Cables to fabric managers that rows of a group have, by group.</summary>
    public IReadOnlyDictionary<string, long> Managers => managers;

    /// <summary>Each cell that is wrong, in the order of rows and columns.</summary>
    public IReadOnlyList<CellFinding> Findings { get; }

    /// <summary>Recomputes a table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="radix">Ports of a switch, where no column says it; found by the table itself unless given.</param>
    public static TableLint Of(ReferenceTable table, int? radix = null)
    {
        ArgumentNullException.ThrowIfNull(table);
        return new(table, radix);
    }

    TableRules RulesOf(int? radix)
    {
        int?[] radices = table.Has(TableCell.Radix) ? [null] : radix is { } given ? [given] : [.. RadicesTried];
        var each = PerNodeTried();
        var judges = table.Rows.Take(MostJudges).ToList();
        (TableRules? Rules, int Wrong) best = (null, int.MaxValue);
        foreach (var taper in TapersTried)
            foreach (var perNode in each)
                foreach (var topology in TopologiesTried)
                    foreach (var ports in radices)
                    {
                        var rules = new TableRules(topology, taper, ports, perNode, PerUnitOf());
                        var wrong = judges.Sum(r => Judge(r, rules).Found.Count);
                        if (wrong < best.Wrong) best = (rules, wrong);
                        if (wrong == 0) return rules;
                    }
        return best.Rules!;
    }

    // Most rows' accelerators of a node; where the table prints one of both alone, what is usual.
    IEnumerable<int> PerNodeTried()
    {
        var shares = table.Rows.Where(r => r[TableCell.Nodes] is > 0 && r[TableCell.Accelerators] is { } gpus && gpus % r[TableCell.Nodes]!.Value == 0)
            .Select(r => r[TableCell.Accelerators]!.Value / r[TableCell.Nodes]!.Value).Where(n => n is >= 1 and <= 1024).ToList();
        return shares.Count > 0 ? [(int)Mode(shares)] : NodesTried;
    }

    // The size that explains most rows; a last unit need not be full.
    long? PerUnitOf()
    {
        var rows = table.Rows.Where(r => r[TableCell.Units] is > 0 && r[TableCell.Nodes] is not null).Take(MostJudges).Select(r => (Units: r[TableCell.Units]!.Value, Nodes: r[TableCell.Nodes]!.Value)).ToList();
        if (rows.Count < 2) return null;
        return rows.Select(r => Over(r.Nodes, r.Units)).Distinct().OrderByDescending(size => rows.Count(r => Over(r.Nodes, size) == r.Units)).ThenBy(s => s).First();
    }

    Dictionary<string, long> ManagersOf(TableRules rules)
    {
        var found = new Dictionary<string, long>(StringComparer.Ordinal);
        foreach (var group in table.Rows.GroupBy(r => r.Group))
        {
            var more = group.Where(r => r[TableCell.NodeLeaf] is not null)
                .Select(r => r[TableCell.NodeLeaf]!.Value - (r[TableCell.Nodes] * rules.PerNode ?? r[TableCell.Accelerators]!.Value)).ToList();
            if (more.Count == 0) continue;
            var usual = Mode(more);
            var shared = more.Count(m => m == usual);
            if (usual > 0 && (usual <= rules.PerNode || (shared > 1 && usual <= 4 * rules.PerNode))) found[group.Key] = usual;
        }
        return found;
    }

    (List<CellFinding> Found, long Nodes) Judge(TableRow row, TableRules rules)
    {
        var more = (managers.Count > 0 ? managers : ManagersOf(rules)).GetValueOrDefault(row.Group);
        (List<CellFinding> Found, long Nodes)? best = null;
        foreach (var nodes in Candidates(row, rules, more))
        {
            var found = Compare(row, rules, nodes, (int)more);
            if (best is null || found.Count < best.Value.Found.Count) best = (found, nodes);
        }
        return best!.Value;
    }

    static IEnumerable<long> Candidates(TableRow row, TableRules rules, long managers)
    {
        var candidates = new List<long>();
        if (row[TableCell.Nodes] is { } nodes) candidates.Add(nodes);
        if (row[TableCell.Accelerators] is { } gpus) candidates.Add(Over(gpus, rules.PerNode));
        if (row[TableCell.NodeLeaf] - managers is { } cables && cables > 0 && cables % rules.PerNode == 0) candidates.Add(cables / rules.PerNode);
        return candidates.Distinct();
    }

    List<CellFinding> Compare(TableRow row, TableRules rules, long nodes, int managers)
    {
        var found = new List<CellFinding>();
        var radix = (int)(row[TableCell.Radix] ?? rules.Radix ?? RadicesTried[0]);
        var counts = CountsOf(nodes, radix, managers, rules);
        var reasons = new CellReasons(rules, radix, nodes, managers, counts);
        foreach (var cell in Enum.GetValues<TableCell>())
        {
            if (cell == TableCell.Radix || !table.Has(cell)) continue;
            if (counts.Problem is { } problem && cell >= TableCell.Leaf)
            {
                // Told once, of the nodes that no fabric joins.
                if (found.All(f => f.Fits is not null)) Add(table.Has(TableCell.Nodes) ? TableCell.Nodes : TableCell.Accelerators, null, CellFault.Impossible, problem);
                continue;
            }
            long? fits = cell switch
            {
                TableCell.Nodes => nodes,
                TableCell.Accelerators => nodes * rules.PerNode,
                TableCell.Units => rules.PerUnit is { } size ? Over(nodes, size) : row[cell],
                _ => counts.Of(cell),
            };
            if (row[cell] == fits || (row[cell] is null && fits is 0 or null)) continue;
            var (fault, reason) = reasons.Of(cell, row[cell], fits!.Value);
            Add(cell, fits, fault, reason);
        }
        return found;

        void Add(TableCell cell, long? fits, CellFault fault, string reason) =>
            found.Add(new(row.Source.Number, row.Source.Line, table.NameOf(cell), row.Source[table.NameOf(cell)], fits, fault, reason));
    }

    Counted CountsOf(long nodes, int radix, int managers, TableRules rules)
    {
        if (counted.TryGetValue((nodes, radix, managers, rules), out var known)) return known;
        try
        {
            var plan = Topologies.Find(rules.Topology).Plan(FabricNames.Of(checked((int)nodes), radix, cards: rules.PerNode, accelerators: rules.PerNode) with
            {
                ManagementLinks = managers,
                Leaf = new() { Oversubscription = Ratio.From(rules.Oversubscription) },
            });
            known = Counted.Of(plan);
        }
        catch (FabricException e)
        {
            known = new(0, 0, 0, 0, 0, 0, 0, e.Message);
        }
        catch (OverflowException)
        {
            known = new(0, 0, 0, 0, 0, 0, 0, "more nodes than can be numbered");
        }
        return counted[(nodes, radix, managers, rules)] = known;
    }

    static long Mode(List<long> values) => values.GroupBy(v => v).OrderByDescending(g => g.Count()).ThenBy(g => Math.Abs(g.Key)).ThenByDescending(g => g.Key).First().Key;

    static long Over(long all, long each) => (all + each - 1) / each;
}

/// <summary>Counts of a fabric that was planned; a problem where it can't be.</summary>
sealed record Counted(long Leaf, long Spine, long Core, long NodeLeaf, long LeafSpine, long SpineCore, int UplinksPerLeaf, string? Problem)
{
    public static Counted Of(FabricPlan plan)
    {
        long Cables(string name) => plan.Link(name)?.Count ?? 0;
        return new(
            plan.Tiers[0].Count, plan.Tier("spine")?.Count ?? 0, plan.Tier("core")?.Count ?? 0, Cables("node-leaf") + Cables("management-leaf"), Cables("leaf-spine"), Cables("spine-core"),
            plan.Clos?.UplinksPerLeaf ?? 0, null);
    }

    public long Of(TableCell cell) => cell switch
    {
        TableCell.Leaf => Leaf,
        TableCell.Spine => Spine,
        TableCell.Core => Core,
        TableCell.NodeLeaf => NodeLeaf,
        TableCell.LeafSpine => LeafSpine,
        TableCell.SpineCore => SpineCore,
        _ => NodeLeaf + LeafSpine + SpineCore,
    };
}
