using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.ReferenceTables;

/// <summary>What a column of a table of reference designs counts.</summary>
public enum TableCell
{
    /// <summary>Scalable units.</summary>
    Units,

    /// <summary>Nodes: servers, or racks that are one system.</summary>
    Nodes,

    /// <summary>Accelerators.</summary>
    Accelerators,

    /// <summary>Leaf switches.</summary>
    Leaf,

    /// <summary>Spine switches.</summary>
    Spine,

    /// <summary>Core switches.</summary>
    Core,

    /// <summary>Cables between nodes and leaves, those to fabric managers included.</summary>
    NodeLeaf,

    /// <summary>Cables between leaves and spines.</summary>
    LeafSpine,

    /// <summary>Cables between spines and cores.</summary>
    SpineCore,

    /// <summary>All cables.</summary>
    Cables,

    /// <summary>Ports of a switch.</summary>
    Radix,
}

/// <summary>A row of such a table: what it prints for each thing that is counted; nothing where a cell is empty or a dash.</summary>
/// <param name="Source">The record.</param>
/// <param name="Group">The row's system and table, as far as the columns 'system' and 'table' say.</param>
/// <param name="Cells">The counts.</param>
public sealed record TableRow(CsvRow Source, string Group, IReadOnlyDictionary<TableCell, long> Cells)
{
    /// <summary>A count, or null where the row prints none.</summary>
    public long? this[TableCell cell] => Cells.TryGetValue(cell, out var count) ? count : null;
}

/// <summary>A published table of a reference design, its columns known by their names in whatever order.</summary>
public sealed partial class ReferenceTable
{
    const long MostCount = 1_000_000_000;

    static readonly string[] Empty = ["", "-", "–", "—", "n/a", "N/A"];

    static readonly string[] Unsaid = ["number", "count", "counts", "of", "no", "num", "total", "switch", "switches", "cable", "cables", "infiniband", "ib", "ethernet", "compute", "ufm", "per"];

    static readonly Dictionary<string, TableCell> Names = new (TableCell Cell, string Names)[]
    {
        (TableCell.Units, "su sus scalable-unit scalable-units"),
        (TableCell.Nodes, "node nodes server servers systems hosts"),
        (TableCell.Accelerators, "gpu gpus accelerator accelerators"),
        (TableCell.Leaf, "leaf leafs leaves"),
        (TableCell.Spine, "spine spines"),
        (TableCell.Core, "core cores super-spine super-spines"),
        (TableCell.NodeLeaf, "node-leaf server-leaf host-leaf gpu-leaf"),
        (TableCell.LeafSpine, "leaf-spine spine-leaf"),
        (TableCell.SpineCore, "spine-core core-spine"),
        (TableCell.Radix, "radix radix-ports ports"),
    }.SelectMany(static c => c.Names.Split(' ').Select(n => (n, c.Cell))).ToDictionary(StringComparer.Ordinal);

    readonly Dictionary<TableCell, string> columns;

    ReferenceTable(CsvTable source, Dictionary<TableCell, string> columns)
    {
        (Source, this.columns) = (source, columns);
        Rows = [.. source.Rows.Select(Read)];
    }

    /// <summary>The table as it was read.</summary>
    public CsvTable Source { get; }

    /// <summary>Its rows.</summary>
    public IReadOnlyList<TableRow> Rows { get; }

    /// <summary>Whether it has a column for a count.</summary>
    public bool Has(TableCell cell) => columns.ContainsKey(cell);

    /// <summary>The table's own name of a column.</summary>
    public string NameOf(TableCell cell) => columns[cell];

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <exception cref="InputException">The file is no such table, lacks columns, has two of one meaning, or a cell that is no count.</exception>
    public static ReferenceTable Load(string path) => Of(CsvTable.ReadFile(path));

    /// <summary>Reads a table.</summary>
    /// <param name="source">The records.</param>
    /// <exception cref="InputException">It lacks columns, has two of one meaning, or a cell that is no count.</exception>
    public static ReferenceTable Of(CsvTable source)
    {
        ArgumentNullException.ThrowIfNull(source);
        var columns = new Dictionary<TableCell, string>();
        foreach (var column in source.Columns)
        {
            if (Meaning(column) is not { } cell) continue;
            if (!columns.TryAdd(cell, column))
                throw new InputException($"columns '{columns[cell]}' and '{column}' both mean {Words(cell)}; leave one of them out", new(source.File, 1, 1));
        }
        var head = new Mark(source.File, 1, 1);
        if (!columns.ContainsKey(TableCell.Nodes) && !columns.ContainsKey(TableCell.Accelerators))
            throw new InputException($"the table has no column of nodes or accelerators; it has {string.Join(", ", source.Columns)}", head);
        if (!columns.Keys.Any(static c => c is >= TableCell.Leaf and <= TableCell.Cables))
            throw new InputException($"the table has no column of switches (leaf, spine, core) or cables (node-leaf, leaf-spine, spine-core); it has {string.Join(", ", source.Columns)}", head);
        if (source.Rows.Count == 0) throw new InputException("the table has no rows", head);
        return new(source, columns);
    }

    /// <summary>What a count is called in a sentence.</summary>
    public static string Words(TableCell cell) => cell switch
    {
        TableCell.Units => "scalable units",
        TableCell.Nodes => "nodes",
        TableCell.Accelerators => "accelerators",
        TableCell.Leaf => "leaves",
        TableCell.Spine => "spines",
        TableCell.Core => "cores",
        TableCell.NodeLeaf => "cables between nodes and leaves",
        TableCell.LeafSpine => "cables between leaves and spines",
        TableCell.SpineCore => "cables between spines and cores",
        TableCell.Cables => "cables",
        _ => "ports of a switch",
    };

    static TableCell? Meaning(string column)
    {
        var words = Word().Matches(column.ToLowerInvariant()).Select(static m => m.Value).ToList();
        // A column of nothing but such words is one of all cables; "ports per switch" is the radix.
        if (words is ["cables"] or ["cable", "count"] or ["total", "cables"]) return TableCell.Cables;
        words.RemoveAll(static w => Unsaid.Contains(w));
        return Names.TryGetValue(string.Join('-', words), out var cell) ? cell : null;
    }

    TableRow Read(CsvRow row)
    {
        var cells = new Dictionary<TableCell, long>();
        foreach (var (cell, column) in columns)
        {
            var text = row[column].Trim();
            if (Empty.Contains(text)) continue;
            cells[cell] = Grouped().IsMatch(text)
                ? long.Parse(text, NumberStyles.AllowThousands, CultureInfo.InvariantCulture)
                : row.Count(column, cell switch { TableCell.Nodes or TableCell.Accelerators => 1, TableCell.Radix => 2, _ => 0 }, cell == TableCell.Radix ? 100_000 : MostCount);
        }
        if (!cells.ContainsKey(TableCell.Nodes) && !cells.ContainsKey(TableCell.Accelerators))
            throw row.Wrong(columns.GetValueOrDefault(TableCell.Nodes) ?? columns[TableCell.Accelerators], "the row says neither how many nodes nor how many accelerators it is about");
        return new(row, $"{row["system"]} {row["table"]}".Trim(), cells);
    }

    [GeneratedRegex("[a-z]+")]
    private static partial Regex Word();

    [GeneratedRegex(@"^\d{1,3}(,\d{3})+$")]
    private static partial Regex Grouped();
}
