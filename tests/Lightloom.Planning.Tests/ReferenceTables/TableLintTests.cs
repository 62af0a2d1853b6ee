using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning.ReferenceTables;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.ReferenceTables;

public sealed class TableLintTests
{
    static readonly string Published = File.ReadAllText(Path.Combine(Designs.Root, "data", "validation", "fabric", "superpod_counts.csv"));

    static TableLint Lint(string text, int? radix = null) => TableLint.Of(ReferenceTable.Of(CsvTable.Read(text, "t.csv")), radix);

    static string Changed(params (int Row, string Column, string Value)[] changes)
    {
        var table = CsvTable.Read(Published, "t.csv");
        var rows = table.Rows.Select(r => table.Columns.Select(c => changes.FirstOrDefault(x => x.Row == r.Number && x.Column == c) is { Column: not null } x ? x.Value : r[c])
            .Select(v => v.Contains(',', StringComparison.Ordinal) ? $"\"{v}\"" : v));
        return string.Join('\n', rows.Prepend(table.Columns).Select(r => string.Join(',', r)));
    }

    static string Say(TableLint lint) => string.Join("; ", lint.Findings.Select(f => $"{f.Row} {f.Column} {f.Printed}->{f.Fits} {f.Fault}"));

    [Fact]
    public void The_published_reference_architecture_fits_cell_by_cell()
    {
        var lint = Lint(Published);
        Assert.Equal((9, 69, 0), (lint.Rows, lint.Cells, lint.Findings.Count));
        Assert.Equal(new("rail-optimized", 1, null, 8, 32), lint.Rules);
        Assert.Equal(4, Assert.Single(lint.Managers).Value);
    }

    // docs.nvidia.com prints SU = 56 for 2,048 nodes, and cables to cores that a fabric of 4 and 8 units doesn't have.
    [Fact]
    public void The_online_table_has_three_cells_that_can_t_stand() => Assert.Equal(
        "1 cables_spine_core 1024->0 Impossible; 2 cables_spine_core 2048->0 Impossible; 5 su 56->64 Inconsistent",
        Say(Lint(Changed((1, "cables_spine_core", "1024"), (2, "cables_spine_core", "2048"), (5, "su", "56")))));

    [Theory]
    [InlineData(1, "spine", "15", "1 spine 15->16 Impossible")]
    [InlineData(3, "nodes", "521", "3 nodes 521->512 Inconsistent")]
    [InlineData(4, "leaf", "265", "4 leaf 265->256 Inconsistent")]
    [InlineData(5, "gpus", "16834", "5 gpus 16834->16384 Impossible")]
    [InlineData(5, "core", "128", "5 core 128->256 Impossible")]
    [InlineData(5, "core", "", "5 core ->256 Inconsistent")]
    [InlineData(7, "cables_leaf_spine", "521", "7 cables_leaf_spine 521->512 Impossible")]
    [InlineData(8, "spine", "12", "8 spine 12->16 Inconsistent")]
    [InlineData(9, "cables_node_leaf", "1016", "9 cables_node_leaf 1016->1020 Inconsistent")]
    [InlineData(2, "leaf", "0", "2 leaf 0->64 Impossible")]
    public void One_wrong_cell_is_the_one_that_is_named(int row, string column, string value, string found) => Assert.Equal(found, Say(Lint(Changed((row, column, value)))));

    [Fact]
    public void Bundles_that_don_t_divide_are_the_reason_for_more_spines_than_ports_ask_for() =>
        Assert.Contains("the 32 uplinks of a leaf don't divide evenly over them", Assert.Single(Lint(Changed((8, "spine", "12"))).Findings).Reason, StringComparison.Ordinal);

    // Any count changed to any other is found, and nothing else is.
    [Fact]
    public void Any_changed_count_is_found_alone()
    {
        string[] columns = ["su", "nodes", "gpus", "leaf", "spine", "core", "cables_node_leaf", "cables_leaf_spine", "cables_spine_core"];
        var table = CsvTable.Read(Published, "t.csv");
        Gen.Select(Gen.Int[1, 9], Gen.Int[0, columns.Length - 1], Gen.Int[1, 40_000]).Sample((row, column, value) =>
        {
            var right = table.Rows[row - 1].CountOrNull(columns[column]);
            if (right == value) return;
            var lint = Lint(Changed((row, columns[column], $"{value}")));
            var finding = Assert.Single(lint.Findings);
            Assert.Equal((row, columns[column], right ?? 0), (finding.Row, finding.Column, finding.Fits));
        }, iter: 300);
    }

    [Fact]
    public void Columns_are_known_by_names_in_any_order_and_the_radix_is_found()
    {
        var lint = Lint("""
            Spine-Core,Leaf-Spine,Node-Leaf,Core,Spine,Leaf,# GPUs,# Nodes
            -,1024,1024,-,16,32,1024,128
            4096,4096,4096,64,128,128,4096,512
            16384,16384,16384,265,512,512,16384,"2,048"
            """);
        Assert.Equal((64, 8), (lint.Rules.Radix, lint.Rules.PerNode));
        Assert.Equal("3 Core 265->256 Inconsistent", Say(lint));
    }

    // Tables written by the planner itself, of other radices, nodes and tapers: none of their cells is wrong.
    [Theory]
    [InlineData("rail-optimized", 128, 8, 1)]
    [InlineData("fat-tree", 64, 8, 2)]
    [InlineData("rail-optimized", 144, 72, 1)]
    public void Tables_of_planned_fabrics_have_nothing_wrong(string topology, int radix, int each, int taper)
    {
        var (system, box) = (PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"), PartCatalog.Default.Get<Switch>("generic-64x400g"));
        var lines = new List<string> { "nodes,gpus,leaf,spine,core,cables_node_leaf,cables_leaf_spine,cables_spine_core,radix" };
        foreach (var nodes in (int[])[32, 64, 256, 512])
        {
            var plan = Topologies.Find(topology).Plan(new()
            {
                Systems = nodes,
                System = system with { Accelerators = Given(each), Nics = Given(each) },
                Switch = box with { Ports = Given(radix), PortRate = system.Nic.Rate, SmallestSplit = null },
                Leaf = new() { Oversubscription = Ratio.From(taper) },
            });
            long Link(string name) => plan.Link(name)?.Count ?? 0;
            lines.Add($"{nodes},{nodes * each},{plan.Tiers[0].Count},{plan.Tier("spine")?.Count ?? 0},{plan.Tier("core")?.Count ?? 0},{Link("node-leaf")},{Link("leaf-spine")},{Link("spine-core")},{radix}");
        }
        var lint = Lint(string.Join('\n', lines));
        Assert.Empty(lint.Findings);
        Assert.Equal(taper, lint.Rules.Oversubscription);
    }

    static Sourced<int> Given(int value) => Sourced<int>.Of(value, "test", Grade.Assumption);

    [Fact]
    public void Nodes_that_no_fabric_joins_are_impossible()
    {
        var finding = Assert.Single(Lint("nodes,gpus,leaf,radix\n1000000,8000000,250000,64\n").Findings);
        Assert.Equal(("nodes", CellFault.Impossible, null), (finding.Column, finding.Fault, finding.Fits));
    }

    [Fact]
    public void All_cables_may_stand_in_one_column() =>
        Assert.Equal("1 cables 2049->2048 Inconsistent", Say(Lint("nodes,gpus,leaf,spine,cables,radix\n128,1024,32,16,2049,64\n256,2048,64,32,4096,64\n")));

    [Theory]
    [InlineData("leaf,spine\n1,2\n", "t.csv:1:1: the table has no column of nodes or accelerators; it has leaf, spine")]
    [InlineData("nodes,gpus\n1,2\n", "the table has no column of switches")]
    [InlineData("nodes,leaf\n", "the table has no rows")]
    [InlineData("nodes,servers,leaf\n1,1,1\n", "columns 'nodes' and 'servers' both mean nodes")]
    [InlineData("nodes,leaf\nmany,1\n", "row 1, column 'nodes': expected a number, found 'many'")]
    [InlineData("nodes,leaf\n-1,1\n", "expected a whole number from 1")]
    [InlineData("nodes,leaf\n1.5,1\n", "expected a whole number from 1")]
    [InlineData("nodes,leaf\n,1\n", "the row says neither how many nodes nor how many accelerators")]
    [InlineData("nodes,leaf\n1\n", "t.csv:2")]
    public void Tables_that_are_none_are_told(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Lint(text)).Message, StringComparison.Ordinal);
}
