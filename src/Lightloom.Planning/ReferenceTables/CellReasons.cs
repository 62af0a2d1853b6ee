using System.Globalization;

namespace Lightloom.Planning.ReferenceTables;

/// <summary>Says why a cell is wrong, beside what fits.</summary>
/// <param name="rules">What the table was recomputed with.</param>
/// <param name="radix">Ports of a switch.</param>
/// <param name="nodes">Nodes of the row.</param>
/// <param name="managers">Cables to fabric managers.</param>
/// <param name="counts">What the fabric of so many nodes has.</param>
sealed class CellReasons(TableRules rules, int radix, long nodes, int managers, Counted counts)
{
    public (CellFault Fault, string Reason) Of(TableCell cell, long? printed, long fits)
    {
        if (printed is not { } said) return (CellFault.Inconsistent, Say($"the cell is empty, and the other cells need {fits:N0} {ReferenceTable.Words(cell)}"));
        return cell switch
        {
            TableCell.Units => said > nodes
                ? Impossible($"more units than the {nodes:N0} nodes")
                : Inconsistent($"other rows have {rules.PerUnit:N0} nodes a unit, and {nodes:N0} nodes are {fits:N0} of those"),
            TableCell.Nodes => Inconsistent($"the row's other cells are those of {fits:N0} nodes"),
            TableCell.Accelerators => said % nodes != 0
                ? Impossible($"{nodes:N0} nodes can't share {said:N0} accelerators evenly; they have {rules.PerNode:N0} each")
                : Inconsistent($"{nodes:N0} nodes have {rules.PerNode:N0} accelerators each"),
            TableCell.Leaf => Switches(said, "leaves", counts.NodeLeaf + counts.LeafSpine,
                $"{counts.NodeLeaf:N0} cables from below and as many ports upwards as the taper of {rules.Oversubscription}:1 asks for fill {fits:N0} leaves of {radix} ports"),
            TableCell.Spine => Spines(said, fits),
            TableCell.Core => fits == 0
                ? Inconsistent($"two tiers join {nodes:N0} nodes, and {counts.Spine:N0} spines need no cores above them")
                : Switches(said, "cores", counts.SpineCore, $"{counts.SpineCore:N0} cables from the spines fill {fits:N0} cores of {radix} ports"),
            TableCell.NodeLeaf => said + counts.LeafSpine > counts.Leaf * radix
                ? Impossible($"{counts.Leaf:N0} leaves have {(counts.Leaf * radix) - counts.LeafSpine:N0} ports downwards")
                : Inconsistent($"{nodes:N0} nodes have {rules.PerNode:N0} cards of one port each{(managers > 0 ? Say($", and {managers} cables go to fabric managers") : "")}"),
            TableCell.LeafSpine => Between(said, counts.Leaf * radix - counts.NodeLeaf, counts.Spine * radix - counts.SpineCore, counts.Spine, "spines", $"{counts.Leaf:N0} leaves have {counts.UplinksPerLeaf} uplinks each"),
            TableCell.SpineCore => Between(said, counts.Spine * radix - counts.LeafSpine, counts.Core * radix, counts.Core, "cores", $"{counts.Spine:N0} spines have as many cables up as down"),
            _ => Inconsistent($"{counts.NodeLeaf:N0} node-leaf, {counts.LeafSpine:N0} leaf-spine and {counts.SpineCore:N0} spine-core cables"),
        };
    }

    (CellFault Fault, string Reason) Spines(long said, long fits)
    {
        if (fits == 0) return Inconsistent($"one leaf tier joins {nodes:N0} nodes, and needs no spines");
        var cables = counts.LeafSpine + counts.SpineCore;
        // Port counts alone may be satisfied by a number that leaves bundles uneven.
        return said > 0 && said * radix >= cables && said < fits && counts.UplinksPerLeaf % said != 0
            ? Inconsistent($"{said:N0} spines have ports enough, but the {counts.UplinksPerLeaf} uplinks of a leaf don't divide evenly over them; {fits:N0} is the least number that they do")
            : Switches(said, "spines", cables, $"{counts.LeafSpine:N0} cables from the leaves{(counts.SpineCore > 0 ? Say($" and {counts.SpineCore:N0} to the cores") : "")} fill {fits:N0} spines of {radix} ports");
    }

    (CellFault Fault, string Reason) Switches(long said, string what, long cables, FormattableString fit) => said * radix < cables
        ? Impossible($"{said:N0} {what} have {said * radix:N0} ports, and {cables:N0} cables end on them")
        : Inconsistent(fit);

    static (CellFault Fault, string Reason) Between(long said, long below, long above, long switches, string what, FormattableString fit)
    {
        if (switches == 0) return Impossible($"phantom cables: there are no {what} for them to end on");
        return said > Math.Min(below, above) ? Impossible($"the switches at one end have {Math.Min(below, above):N0} ports for them") : Inconsistent(fit);
    }

    static (CellFault, string) Impossible(FormattableString reason) => (CellFault.Impossible, Say(reason));

    static (CellFault, string) Inconsistent(FormattableString reason) => (CellFault.Inconsistent, Say(reason));

    static string Say(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
