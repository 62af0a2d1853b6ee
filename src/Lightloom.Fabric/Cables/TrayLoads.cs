namespace Lightloom.Fabric;

// How many cables lie in each piece of tray. A cable adds one to every piece of its row's tray between the places of its ends, and one to
// every piece of the cross-tray at end B's place between their rows; pieces are counted by differences, so that a cable costs the same
// however long it is.
//
// Worked example: cables from R1-1 to R1-4 and from R1-2 to R2-4 put 1, 2, 2 cables into the three pieces of row 1, and 1 into the
// cross-tray of place 4.

/// <summary>A piece of tray with its cables.</summary>
/// <param name="Tray">"row tray 3, places 4 to 5" or "cross-tray 7, rows 1 to 2", from 1.</param>
/// <param name="Cables">Cables in it.</param>
public readonly record struct TrayPiece(string Tray, int Cables);

/// <summary>Cables that run together from one rack to another.</summary>
/// <param name="FromRack">The rack of end A.</param>
/// <param name="ToRack">The rack of end B.</param>
/// <param name="Class">Their class.</param>
/// <param name="Medium">Their medium.</param>
/// <param name="Meters">The length in which each is bought, in m.</param>
/// <param name="RowTray">The row tray that they lie in, or 0.</param>
/// <param name="CrossTray">The cross-tray that they lie in, or 0.</param>
/// <param name="Cables">How many.</param>
public readonly record struct CableBundle(
    string FromRack, string ToRack, string Class, string Medium, double Meters, int RowTray, int CrossTray, int Cables);

/// <summary>How full the trays of a hall are.</summary>
public sealed class TrayLoads
{
    readonly int[] along, across; // pieces: along[row · places + place] to the next place, across[row · places + place] to the next row
    readonly int rows, places;

    TrayLoads(CablePlan plan)
    {
        var elevations = plan.Elevations;
        var graph = elevations.Graph;
        (rows, places) = (elevations.Floor.Rows, elevations.Floor.RacksPerRow);
        (along, across) = (new int[rows * places], new int[rows * places]);
        for (var l = 0; l < graph.Links; l++)
        {
            if (graph.Plan.Links[graph.ClassOf[l]].OnBoard) continue;
            var (from, to) = (elevations.PlaceOf(graph.Lower[l]), elevations.PlaceOf(graph.Upper[l]));
            if (elevations.Optical?.Of(l) is { } circuit)
            {
                var middle = elevations.OpticalSwitch(circuit.Switch).Place;
                Lay(from, middle);
                Lay(middle, to);
            }
            else
            {
                Lay(from, to);
            }
        }
        for (var row = 0; row < rows; row++)
            for (var place = 1; place < places; place++) along[(row * places) + place] += along[(row * places) + place - 1];
        for (var i = places; i < across.Length; i++) across[i] += across[i - places];

        void Lay(RackPlace from, RackPlace to)
        {
            if (from.Column != to.Column)
            {
                along[(from.Row * places) + Math.Min(from.Column, to.Column)]++;
                along[(from.Row * places) + Math.Max(from.Column, to.Column)]--;
            }
            if (from.Row != to.Row)
            {
                across[(Math.Min(from.Row, to.Row) * places) + to.Column]++;
                across[(Math.Max(from.Row, to.Row) * places) + to.Column]--;
            }
        }
    }

    /// <summary>Cables in the fullest piece of tray.</summary>
    public int Most => Math.Max(along.Length == 0 ? 0 : along.Max(), across.Length == 0 ? 0 : across.Max());

    /// <summary>Counts the cables of a plan.</summary>
    public static TrayLoads Of(CablePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        return new(plan);
    }

    /// <summary>Cables over a row, between a place and the next, both from 0.</summary>
    public int Along(int row, int place) => along[(row * places) + place];

    /// <summary>Cables across, over a place, between a row and the next, both from 0.</summary>
    public int Across(int row, int place) => across[(row * places) + place];

    /// <summary>The fullest pieces of tray, fullest first.</summary>
    public IReadOnlyList<TrayPiece> Fullest(int count)
    {
        var pieces = new List<TrayPiece>();
        for (var row = 0; row < rows; row++)
            for (var place = 0; place < places; place++)
            {
                if (Along(row, place) > 0) pieces.Add(new($"row tray {row + 1}, places {place + 1} to {place + 2}", Along(row, place)));
                if (Across(row, place) > 0) pieces.Add(new($"cross-tray {place + 1}, rows {row + 1} to {row + 2}", Across(row, place)));
            }
        return [.. pieces.OrderByDescending(p => p.Cables).ThenBy(p => p.Tray, StringComparer.Ordinal).Take(count)];
    }

    /// <summary>Cables by the racks that they join, class and length: what is pulled together. In the order of their first cables.</summary>
    public static IReadOnlyList<CableBundle> Bundles(CablePlan plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var counts = new Dictionary<CableBundle, int>();
        foreach (var c in plan.Cables())
        {
            var bundle = new CableBundle(c.A.Rack, c.B.Rack, c.Class, c.Medium, c.Length.Meters, c.RowTray, c.CrossTray, 0);
            counts[bundle] = counts.GetValueOrDefault(bundle) + 1;
        }
        return [.. counts.Select(b => b.Key with { Cables = b.Value })];
    }
}
