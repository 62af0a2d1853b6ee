using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.ReferenceTables;

namespace Lightloom.Cli;

/// <summary><c>lightloom lint TABLE.csv [--radix N] [--json] [--strict]</c>: a published table of a reference design, recomputed cell by cell.</summary>
static class LintCommand
{
    public static Command Make()
    {
        var table = new Argument<string>("table") { Description = "a table (CSV) with columns such as nodes, gpus, su, leaf, spine, core, cables_node_leaf, cables_leaf_spine, cables_spine_core, switch_radix_ports" };
        var radix = new Option<string?>("--radix") { Description = "ports of a switch, where the table has no column of it", HelpName = "ports" };
        var json = new Option<bool>("--json") { Description = "print JSON" };
        var strict = new Option<bool>("--strict") { Description = "exit with 1 when a cell is wrong" };
        var command = new Command("lint", "Recompute a published table of a reference design and name each cell that can't be or doesn't fit.") { table, radix, json, strict };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            int? ports = parsed.GetValue(radix) is { } text ? LinkInput.Count("--radix", text, 2, 100_000) : null;
            var read = ReferenceTable.Load(parsed.GetValue(table)!);
            if (ports is not null && read.Has(TableCell.Radix)) throw new InputException($"--radix: the table's column '{read.NameOf(TableCell.Radix)}' says it already; leave one of them out");
            var lint = TableLint.Of(read, ports);
            if (parsed.GetValue(json)) output.WriteLine(TableLintJson.Write(lint));
            else Write(new(output), lint, ports);
            return parsed.GetValue(strict) && lint.Findings.Count > 0 ? CommandRunner.Infeasible : CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextReport report, TableLint lint, int? given)
    {
        var rules = lint.Rules;
        report.Title($"{Path.GetFileName(lint.File)}: a reference design, recomputed");
        report.Say($"{lint.Rows:N0} rows, {lint.Cells:N0} cells; {(lint.Findings.Count == 0 ? "every cell fits" : $"{lint.Findings.Count:N0} of them wrong")}.");
        report.Say($"Recomputed as {rules.Topology}, {(rules.Oversubscription == 1 ? "full bisection" : $"{rules.Oversubscription}:1 above the leaves")}, {rules.PerNode:N0} accelerators a node" +
            $"{(rules.PerUnit is { } unit ? $", {unit:N0} nodes a unit" : "")}{(rules.Radix is { } radix ? $", switches of {radix} ports{(given is null ? ", with which the fewest cells are wrong" : "")}" : "")}.");
        foreach (var (group, cables) in lint.Managers)
            report.Say($"- {(group.Length > 0 ? $"{group}: " : "")}{cables:N0} cables below the leaves that no accelerator has count as links to fabric managers.", 2);
        if (lint.Findings.Count == 0) return;
        report.Heading("Cells that are wrong");
        report.Table([">row", "column", ">printed", ">fits", "", "why"], lint.Findings.Select(f => new[]
        {
            $"{f.Row}", f.Column, f.Printed.Length > 0 ? f.Printed : "(empty)", f.Fits is { } fits ? $"{fits}" : "nothing", DocumentShape.NameOf(f.Fault), f.Reason,
        }));
    }
}
