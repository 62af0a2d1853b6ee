// What lies between a bill's share of the network and a published one, line by line.
//
//   dollars      of one system (a rack): a line of the bill / systems
//   steps        one line after the other is exchanged for the published one; each moves  share = network / (network + systems + all else)
//   a switch     what a layer more costs in the table without its optics, over the switches that a layer needs for a system: ports of its cards /
//                half of a switch's ports. None where the table has no row of one layer less
//   half empty   switches in use less those that the ports in use would fill
//
// The last step takes what is left of the published network (fibre here; there management, front end, or what nobody says), so that the shares meet.
//
// Worked example: 72 cards of a port each and switches of 144 ports: one switch a layer; rests of 226,404 and 337,019 USD with two and three layers
// put it at 110,615 USD.

using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Costs;

/// <summary>A line of a bill in the place of which the published one is taken.</summary>
/// <param name="Line">What it is.</param>
/// <param name="Own">Dollars of one system in the bill.</param>
/// <param name="Published">Dollars of one system in the table.</param>
/// <param name="Points">By how many points of a per cent the network's share moves.</param>
/// <param name="Note">What a reader should know.</param>
public sealed record SplitStep(string Line, double Own, double Published, double Points, string Note);

/// <summary>A bill beside a published split; see the head of this file.</summary>
public sealed record PublishedSplit
{
    /// <summary>The row that has as many layers as the design.</summary>
    public required RackCost Row { get; init; }

    /// <summary>The network's share of equipment in the bill.</summary>
    public required double OwnShare { get; init; }

    /// <summary>What lies between, line by line; the points add up to the difference of the shares.</summary>
    public required IReadOnlyList<SplitStep> Steps { get; init; }

    /// <summary>Puts a design beside a table.</summary>
    /// <param name="evaluation">The design.</param>
    /// <param name="table">Rows with the columns of <see cref="RackCost.Columns"/>.</param>
    /// <exception cref="InputException">The table has no row of as many layers, or not those columns.</exception>
    public static PublishedSplit Of(Evaluation evaluation, CsvTable table)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        ArgumentNullException.ThrowIfNull(table);
        if (RackCost.Columns.Where(c => !table.Columns.Contains(c)).ToList() is { Count: > 0 } missing)
            throw new InputException($"{table.Name}: a published split has the columns {string.Join(", ", RackCost.Columns)}; missing: {string.Join(", ", missing)}");
        var (plan, rows) = (evaluation.Build.Plan, table.Rows.Select(RackCost.Read).ToList());
        var row = rows.FirstOrDefault(r => r.Layers == plan.Tiers.Count)
            ?? throw new InputException($"{table.Name}: no row of {plan.Tiers.Count} layers, which the design has; it has {string.Join(", ", rows.Select(r => r.Layers))}");
        double systems = plan.Request.Systems;
        var lines = evaluation.Bill.Lines.Where(l => !l.IncludedInHost).ToList();
        double Dollars(Func<MaterialLine, double> count, params MaterialCategory[] of) =>
            lines.Where(l => of.Contains(l.Category) && l.Each is not null).Sum(l => count(l) * l.Each!.Value.Value.Dollars) / systems;
        MaterialCategory[] optics = [MaterialCategory.Modules, MaterialCategory.Cables], network = [MaterialCategory.Switches, .. optics, MaterialCategory.Fibre];
        var (switches, boxes) = (Dollars(l => l.Count, MaterialCategory.Switches), plan.Tiers.Sum(t => (double)t.Count) / systems);
        var full = plan.Tiers.Sum(t => t.Count - (t.UnusedPorts / (double)t.Radix)) / systems;
        var price = boxes > 0 ? switches / boxes : 0;
        var layer = plan.NicPorts / systems / (plan.Tiers[0].Radix / 2.0); // switches of a layer for a system
        double? implied = row.Optics is { } own && rows.FirstOrDefault(r => r.Layers == row.Layers - 1) is { Optics: { } less } below
            ? (row.Network - own - (below.Network - less)) / layer : null;

        var (a, s, o) = (Dollars(l => l.Count + l.Spares, network), Dollars(l => l.Count, MaterialCategory.Systems), 0.0);
        var start = a / (a + s + o);
        var steps = new List<SplitStep>();
        void Step(string line, double mine, double theirs, string note, Action apply)
        {
            var before = a / (a + s + o);
            apply();
            steps.Add(new(line, mine, theirs, 100 * ((a / (a + s + o)) - before), note));
        }
        Step("all else in the rack", o, row.Rest, "no line of the bill; in the table part of the whole", () => o = row.Rest);
        Step("systems", s, row.Server, "", () => s = row.Server);
        if (row.Optics is { } modules)
        {
            var mine = Dollars(l => l.Count, optics);
            Step("modules and cables in use", mine, modules, "", () => a += modules - mine);
        }
        var spares = Dollars(l => l.Spares, network);
        Step("spare parts", spares, 0, "the table names none", () => a -= spares);
        var empty = (boxes - full) * price;
        Step("switches for ports that stand empty", empty, 0, $"{boxes:0.###} switches a system are in use, {full:0.###} would do with all ports taken", () => a -= empty);
        if (implied is { } theirs)
            Step("the price of a switch", full * price, full * theirs, FormattableString.Invariant($"{price:N0} USD here; a layer more is {theirs:N0} USD for a switch in the table"), () => a += full * (theirs - price));
        var rest = a - (row.Optics ?? 0) - (implied is { } each ? full * each : 0);
        Step(implied is null ? "switches and fibre" : "fibre, and what the table has beside it", rest, rest + row.Network - a, "", () => a = row.Network);
        return new() { Row = row, OwnShare = start, Steps = steps };
    }
}
