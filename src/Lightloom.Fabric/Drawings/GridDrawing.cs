using Lightloom.Quantities;

namespace Lightloom.Fabric;

// A grid of S₁ × S₂ × ... places: the first dimension runs across, the second down, and each step of the others is a panel of its own.
// Where a side is longer than a panel has room for, neighbours are gathered into one cell, and where there are more panels than fit,
// neighbours into one panel: every place is in one cell. Switches that make a line stand at its end.

/// <summary>Draws routers, boards or systems that form a grid.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="grid">The grid.</param>
/// <param name="name">What it is called.</param>
/// <param name="load">The load of a directed link, by which lines and what is drawn below places are coloured; null: none is.</param>
sealed class GridDrawing(FabricGraph graph, RouterGrid grid, string name, Func<int, double>? load = null)
{
    const int MostCells = 24; // along one side of a panel
    const int MostPanels = 16;
    const double PanelGap = 36;

    readonly DrawingCanvas canvas = new();
    (bool Across, bool Down) rings;
    double[][] loads = []; // the fullest link of each place by dimension, and behind them of all
    readonly bool cards = grid.Places[0][0] < graph.Cards;

    int Side(int dimension) => dimension < grid.Dimensions.Count ? grid.Dimensions[dimension].Side : 1;

    int Rest => grid.Places.Count / Side(0) / Side(1);

    bool HasSwitches(int dimension) => dimension < grid.Dimensions.Count && grid.Dimensions[dimension].Switches.Count > 0;

    string Kind => grid.Board >= 0 ? "board" : cards ? grid.Places[0].Count == graph.CardsPerSystem ? "system" : "nic" : graph.Plan.Tiers[0].Name;

    public Drawing Draw()
    {
        var shape = string.Join(" × ", grid.Dimensions.Select(d => d.Side));
        var said = $"{DrawingParts.Summary(graph)}; a grid of {shape} {DrawingParts.Many(Kind)}";
        var top = DrawingParts.Heading(canvas, name, said);
        var (across, perAcross) = Gathered(Side(0), MostCells);
        var (down, perDown) = Gathered(Side(1), MostCells);
        var (panels, perPanel) = Gathered(Rest, MostPanels);
        var beside = panels switch { 1 => 1, 2 or 4 => 2, <= 9 => 3, _ => 4 };
        var panelWidth = (DrawingParts.PageWidth - (2 * DrawingParts.Margin) - ((beside - 1) * PanelGap)) / beside;
        var pitch = Math.Clamp(panelWidth / (across + (HasSwitches(0) ? 1.2 : 0)), 8, 92);
        var panelHeight = ((down + (HasSwitches(1) ? 1.2 : 0)) * pitch * 0.8) + 30;
        var hosts = Hosts();
        rings = (IsRing(0), IsRing(1));
        if (load is not null) loads = Loads();
        for (var panel = 0; panel < panels; panel++)
        {
            var (row, column) = Math.DivRem(panel, beside);
            var left = DrawingParts.Margin + (column * (panelWidth + PanelGap)) + Math.Max(0, (panelWidth - ((across + (HasSwitches(0) ? 1.2 : 0)) * pitch)) / 2);
            Panel(panel, perPanel, left, top + 16 + (row * (panelHeight + 26)), pitch, (across, perAcross), (down, perDown), hosts);
        }
        var y = top + 16 + ((panels + beside - 1) / beside * (panelHeight + 26)) + 12;
        foreach (var line in Remarks())
        {
            canvas.Text(DrawingParts.Margin, y, line, 12.5, most: DrawingParts.PageWidth - (2 * DrawingParts.Margin));
            y += 20;
        }
        var gathered = perAcross * perDown * perPanel;
        List<(Paint, string)> legend = [(cards ? Paint.System : Paint.Router, cards ? DrawingParts.Many(Kind) : "routers with their systems")];
        if (HasSwitches(0) || HasSwitches(1)) legend.Add((Paint.Leaf, "switches of a line"));
        var end = DrawingParts.Legend(canvas, y + 6, legend, gathered > 1 ? $"One square stands for {DrawingParts.Number(gathered)} {DrawingParts.Many(Kind)}." : null);
        if (load is not null) end = DrawingParts.Legend(canvas, end + 4, BundleLoads.Legend, $"{BundleLoads.Remark} Below a square: any link of it; lines: links along them.");
        return canvas.Finish(name, $"{said}. {string.Join(" ", Remarks())}", DrawingParts.PageWidth, end);
    }

    // What each dimension is made of.
    IEnumerable<string> Remarks()
    {
        if (grid.Board >= 0) yield return $"In boards of {DrawingParts.Counted(grid.Places[0].Count, "nic")}: {Of(grid.Board)}";
        string[] runs = ["across", "down"];
        for (var k = 0; k < grid.Dimensions.Count; k++)
        {
            var d = grid.Dimensions[k];
            var where = k < runs.Length ? runs[k] : "between panels";
            yield return $"{DrawingParts.Capital(where)}: {DrawingParts.Number(grid.Places.Count / d.Side)} lines of {d.Side}, {Joined(k)}: {string.Join(", ", d.Classes.Select(Of))}";
        }
        if (graph.Plan.Request.Planes > 1) yield return $"One of {graph.Plan.Request.Planes} equal planes is drawn; links are counted in all of them.";

        string Of(int c) => $"{DrawingParts.Number(graph.Plan.Links[c].Count)} {graph.Plan.Links[c].Name} links of {graph.Plan.Links[c].Rate}, " +
            $"{Bandwidth.FromSi(graph.Plan.Links[c].Rate.Si * graph.Plan.Links[c].Count):G3} together";
    }

    static (int Cells, int Each) Gathered(int side, int most)
    {
        var each = (side + most - 1) / most;
        return ((side + each - 1) / each, each);
    }

    // Whether the places of a line are all joined, or each to the next.
    string Joined(int dimension) => HasSwitches(dimension) ? "joined by switches"
        : Partners(dimension) is var partners && partners >= Side(dimension) - 1 ? "all joined to each other"
        : partners <= 2 ? "each joined to the next, in a ring" : $"each joined to {partners} others";

    bool IsRing(int dimension) => !HasSwitches(dimension) && Side(dimension) > 3 && Partners(dimension) <= 2;

    // Places that the first place is joined to along a dimension.
    int Partners(int dimension)
    {
        var d = grid.Dimensions[dimension];
        var own = grid.Places[0].ToHashSet();
        var partners = new HashSet<int>();
        var placeOf = new Dictionary<int, int>();
        for (var i = 0; i < grid.Places.Count; i++)
            foreach (var device in grid.Places[i]) placeOf[device] = i;
        foreach (var device in own)
            foreach (var link in graph.LinksOf(device))
                if (d.Classes.Contains(graph.ClassOf[link]) && placeOf.TryGetValue(graph.Across(link, device), out var other) && other != 0) partners.Add(other);
        return partners.Count;
    }

    double[][] Loads()
    {
        var of = Enumerable.Range(0, grid.Dimensions.Count + 1).Select(_ => new double[grid.Places.Count]).ToArray();
        for (var i = 0; i < grid.Places.Count; i++)
        {
            foreach (var device in grid.Places[i])
            {
                foreach (var link in graph.LinksOf(device))
                {
                    var most = Math.Max(load!(2 * link), load((2 * link) + 1));
                    of[^1][i] = Math.Max(of[^1][i], most);
                    for (var d = 0; d < grid.Dimensions.Count; d++)
                        if (grid.Dimensions[d].Classes.Contains(graph.ClassOf[link])) of[d][i] = Math.Max(of[d][i], most);
                }
            }
        }
        return of;
    }

    // Systems of each place.
    int[] Hosts()
    {
        var hosts = new int[grid.Places.Count];
        if (cards) return hosts;
        var place = new Dictionary<int, int>();
        for (var i = 0; i < grid.Places.Count; i++) place[grid.Places[i][0]] = i;
        var seen = new HashSet<(int, int)>();
        for (var card = 0; card < graph.Cards; card++)
            foreach (var link in graph.LinksOf(card))
                if (place.TryGetValue(graph.Across(link, card), out var i) && seen.Add((i, card / graph.CardsPerSystem))) hosts[i]++;
        return hosts;
    }

    void Panel(int panel, int perPanel, double left, double top, double pitch, (int Cells, int Each) across, (int Cells, int Each) down, int[] hosts)
    {
        var high = pitch * 0.8;
        var (boxWidth, boxHeight) = (pitch * 0.74, high * 0.6);
        var (first, last) = (panel * perPanel, Math.Min(Rest, (panel + 1) * perPanel));
        if (Rest > 1)
        {
            var said = last - first == 1 ? $"Slab {DrawingParts.Number(first + 1)}" : $"Slabs {DrawingParts.Number(first + 1)} to {DrawingParts.Number(last)}";
            canvas.Text(left + (pitch * 0.13), top + 4, said, 12, bold: true, most: across.Cells * pitch);
        }
        top += 12;
        canvas.Begin();
        for (var row = 0; row < down.Cells; row++) Line(row, true);
        for (var column = 0; column < across.Cells; column++) Line(column, false);
        canvas.End($"lines-{panel + 1}", "links");
        for (var row = 0; row < down.Cells; row++)
        {
            for (var column = 0; column < across.Cells; column++)
            {
                var (devices, count, systems, most) = (new List<int>(), 0, 0, 0.0);
                for (var z = first; z < last; z++)
                    for (var y = row * down.Each; y < Math.Min(Side(1), (row + 1) * down.Each); y++)
                        for (var x = column * across.Each; x < Math.Min(Side(0), (column + 1) * across.Each); x++)
                        {
                            var i = PlaceAt(x, y, z);
                            devices.AddRange(grid.Places[i]);
                            count++;
                            systems += hosts[i];
                            if (load is not null) most = Math.Max(most, loads[^1][i]);
                        }
                Cell(column + 0.5, row + 0.5, cards ? Paint.System : Paint.Router, Label(devices, count), $"cell-{panel + 1}-{row + 1}-{column + 1}",
                    $"{DrawingParts.Counted(count, Kind)}: {Names(devices)}{(cards ? "" : $", with {DrawingParts.Counted(systems, "system")}")}{(load is null ? "" : $"; the fullest link {BundleLoads.Percent(most)}")}", load is null ? null : most);
            }
        }
        for (var row = 0; row < down.Cells && HasSwitches(0); row++)
            Network(0, across.Cells + 0.7, row + 0.5, Enumerable.Range(row * down.Each, Math.Min(down.Each, Side(1) - (row * down.Each))).Select(y => PlaceAt(0, y, first)));
        for (var column = 0; column < across.Cells && HasSwitches(1); column++)
            Network(1, column + 0.5, down.Cells + 0.7, Enumerable.Range(column * across.Each, Math.Min(across.Each, Side(0) - (column * across.Each))).Select(x => PlaceAt(x, 0, first)));

        int PlaceAt(int x, int y, int z) => (((z * Side(1)) + y) * Side(0)) + x;

        void Network(int dimension, double x, double y, IEnumerable<int> places)
        {
            var d = grid.Dimensions[dimension];
            var switches = places.SelectMany(p => d.Switches.GetValueOrDefault(d.LineOf[p], [])).Distinct().Order().ToList();
            if (switches.Count == 0) return;
            Cell(x, y, Paint.Leaf, switches.Count == 1 ? graph.NameOf(switches[0]) : DrawingParts.Counted(switches.Count, "switch"), $"switches-{panel + 1}-{switches[0]}",
                $"{DrawingParts.Counted(switches.Count, "switch")}: {string.Join(", ", switches.Select(graph.NameOf))}");
        }

        void Cell(double x, double y, Paint paint, string label, string id, string title, double? full = null)
        {
            var (centreX, centreY) = (left + (x * pitch), top + (y * high));
            canvas.Begin();
            canvas.Box(centreX - (boxWidth / 2), centreY - (boxHeight / 2), boxWidth, boxHeight, paint, Math.Min(4, boxHeight / 4));
            if (full is { } most) canvas.Box(centreX - (boxWidth / 2), centreY + (boxHeight * 0.36), boxWidth, boxHeight * 0.26, BundleLoads.PaintOf(most), Math.Min(2, boxHeight / 8));
            if (!canvas.TryText(centreX, centreY + 3.5, label, 9.5, Paint.Ink, TextAnchor.Middle, false, boxWidth - 4))
                canvas.TryText(centreX, centreY + 3, DrawingParts.Ending(label), 8.5, Paint.Ink, TextAnchor.Middle, false, boxWidth - 2);
            canvas.End(id, "node", title);
        }

        // A line runs behind its cells; where it is a ring, a bow leads from its end back to its beginning.
        void Line(int at, bool isRow)
        {
            var dimension = isRow ? 0 : 1;
            var cells = (isRow ? across.Cells : down.Cells) + (HasSwitches(dimension) ? 1.2 : 0);
            if (cells < 2) return;
            var (x1, y1) = isRow ? (left + (pitch / 2), top + ((at + 0.5) * high)) : (left + ((at + 0.5) * pitch), top + (high / 2));
            var (x2, y2) = isRow ? (x1 + ((cells - 1) * pitch), y1) : (x1, y1 + ((cells - 1) * high));
            var ring = isRow ? rings.Across : rings.Down;
            var paint = load is null ? Paint.Link : BundleLoads.PaintOf(Most());
            canvas.Line(x1, y1, x2, y2, paint, Math.Clamp(pitch / (ring ? 36 : 18), 1, ring ? 2.5 : 5));
            if (!ring) return;
            var (bowX, bowY) = isRow ? (0.0, high * 0.6) : (pitch * 0.6, 0.0);
            canvas.Add(new(x1, y1, x1 + bowX, y1 + bowY, x2 + bowX, y2 + bowY, x2, y2, paint, Math.Clamp(pitch / 60, 0.6, 1.25)));

            // The fullest of all lines that this one stands for.
            double Most()
            {
                var (of, each) = (loads[dimension], isRow ? down.Each : across.Each);
                var full = 0.0;
                for (var z = first; z < last; z++)
                    for (var k = at * each; k < Math.Min(Side(isRow ? 1 : 0), (at + 1) * each); k++)
                        for (var j = 0; j < Side(dimension); j++) full = Math.Max(full, of[isRow ? PlaceAt(j, k, z) : PlaceAt(k, j, z)]);
                return full;
            }
        }
    }

    string Label(List<int> devices, int count) => count > 1 ? DrawingParts.Number(count) : grid.Board >= 0 ? DrawingParts.Counted(devices.Count, "nic") : NameOf(devices[0]);

    string NameOf(int device) => cards && graph.CardsPerSystem > 1 && grid.Places[0].Count < graph.CardsPerSystem ? graph.NameOf(device) : DrawingParts.NameOf(graph, device);

    string Names(List<int> devices) => NameOf(devices[0]) == NameOf(devices[^1]) ? NameOf(devices[0]) : $"{NameOf(devices[0])} … {NameOf(devices[^1])}";
}
