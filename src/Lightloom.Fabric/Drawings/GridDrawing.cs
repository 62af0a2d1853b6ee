using Lightloom.Quantities;

namespace Lightloom.Fabric;

// A grid of S₁ × S₂ × ... devices: the first dimension runs across, the second down, and each step of the others is a panel of its own.
// Where a side is longer than a panel has room for, neighbours are gathered into one cell, and where there are more panels than fit,
// neighbours into one panel: every device is in one cell.

/// <summary>Draws routers, or systems joined without switches, that form a grid.</summary>
sealed class GridDrawing(FabricGraph graph, RouterGrid grid, string name)
{
    const int MostCells = 24; // along one side of a panel
    const int MostPanels = 16;
    const double PanelGap = 36;

    readonly DrawingCanvas canvas = new();

    int Side(int dimension) => dimension < grid.Sides.Count ? grid.Sides[dimension] : 1;

    int Rest => grid.Devices.Count / Side(0) / Side(1);

    public Drawing Draw()
    {
        var shape = string.Join(" × ", grid.Sides);
        var top = DrawingParts.Heading(canvas, name, $"{DrawingParts.Summary(graph)}; a grid of {shape}");
        var (across, perAcross) = Gathered(Side(0), MostCells);
        var (down, perDown) = Gathered(Side(1), MostCells);
        var (panels, perPanel) = Gathered(Rest, MostPanels);
        var beside = panels switch { 1 => 1, <= 2 => 2, <= 4 => panels == 3 ? 3 : 2, <= 9 => 3, _ => 4 };
        var panelWidth = (DrawingParts.PageWidth - (2 * DrawingParts.Margin) - ((beside - 1) * PanelGap)) / beside;
        var pitch = Math.Clamp(panelWidth / across, 8, 92);
        var panelHeight = (down * pitch * 0.8) + 30;
        var hosts = Hosts();
        for (var panel = 0; panel < panels; panel++)
        {
            var (row, column) = Math.DivRem(panel, beside);
            var left = DrawingParts.Margin + (column * (panelWidth + PanelGap)) + ((panelWidth - (across * pitch)) / 2);
            Panel(panel, perPanel, left, top + 16 + (row * (panelHeight + 26)), pitch, (across, perAcross), (down, perDown), hosts);
        }
        var y = top + 16 + ((panels + beside - 1) / beside * (panelHeight + 26)) + 12;
        string[] runs = ["across", "down"];
        for (var k = 0; k < grid.Sides.Count; k++)
        {
            var kind = graph.Plan.Links[grid.Classes[k]];
            var lines = (long)graph.Plan.Request.Planes * grid.Devices.Count / grid.Sides[k];
            canvas.Text(DrawingParts.Margin, y, $"{DrawingParts.Capital(k < runs.Length ? runs[k] : "between panels")}: {DrawingParts.Number(kind.Count)} {kind.Name} links of {kind.Rate}, " +
                $"{DrawingParts.Number(lines)} lines of {grid.Sides[k]}, {Joined(k)}; {Bandwidth.FromSi(kind.Rate.Si * kind.Count):G3} together",
                12.5, most: DrawingParts.PageWidth - (2 * DrawingParts.Margin));
            y += 20;
        }
        var cards = graph.Plan.Tiers.Count == 0;
        var gathered = perAcross * perDown * perPanel;
        var end = DrawingParts.Legend(canvas, y + 6, [(cards ? Paint.System : Paint.Router, cards ? "accelerator systems" : "routers with their systems")],
            gathered > 1 ? $"One square stands for {DrawingParts.Number(gathered)} of them." : null);
        return canvas.Finish(name, $"{DrawingParts.Summary(graph)}; a grid of {shape}.", DrawingParts.PageWidth, end);
    }

    static (int Cells, int Each) Gathered(int side, int most)
    {
        var each = (side + most - 1) / most;
        return ((side + each - 1) / each, each);
    }

    // Whether the devices of a line are all joined, or each to the next.
    string Joined(int dimension)
    {
        var side = grid.Sides[dimension];
        var partners = graph.LinksOf(grid.Devices[0]).ToArray().Where(l => graph.ClassOf[l] == grid.Classes[dimension])
            .Select(l => graph.Across(l, grid.Devices[0])).Distinct().Count();
        return side <= 2 || partners == side - 1 ? "all joined to each other" : partners <= 2 ? "each joined to the next" : $"each joined to {partners} others";
    }

    // Systems of each place; a place that is a system has itself.
    int[] Hosts()
    {
        var hosts = new int[grid.Devices.Count];
        if (graph.Plan.Tiers.Count == 0)
        {
            Array.Fill(hosts, 1);
            return hosts;
        }
        var place = new Dictionary<int, int>();
        for (var i = 0; i < grid.Devices.Count; i++) place[grid.Devices[i]] = i;
        var seen = new HashSet<(int, int)>();
        for (var card = 0; card < graph.Cards; card++)
            foreach (var link in graph.LinksOf(card))
                if (place.TryGetValue(graph.Across(link, card), out var i) && seen.Add((i, card / graph.CardsPerSystem))) hosts[i]++;
        return hosts;
    }

    void Panel(int panel, int perPanel, double left, double top, double pitch, (int Cells, int Each) across, (int Cells, int Each) down, int[] hosts)
    {
        var high = pitch * 0.8;
        var (boxWidth, boxHeight) = (pitch * 0.72, high * 0.6);
        var (first, last) = (panel * perPanel, Math.Min(Rest, (panel + 1) * perPanel));
        if (Rest > 1)
        {
            var said = last - first == 1 ? $"Slab {DrawingParts.Number(first + 1)}" : $"Slabs {DrawingParts.Number(first + 1)} to {DrawingParts.Number(last)}";
            canvas.Text(left + (pitch * 0.14), top + 4, said, 12, bold: true, most: across.Cells * pitch);
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
                var (devices, systems) = (new List<int>(), 0);
                for (var z = first; z < last; z++)
                    for (var y = row * down.Each; y < Math.Min(Side(1), (row + 1) * down.Each); y++)
                        for (var x = column * across.Each; x < Math.Min(Side(0), (column + 1) * across.Each); x++)
                        {
                            var i = (((z * Side(1)) + y) * Side(0)) + x;
                            devices.Add(grid.Devices[i]);
                            systems += hosts[i];
                        }
                var (centreX, centreY) = (left + ((column + 0.5) * pitch), top + ((row + 0.5) * high));
                var cards = graph.Plan.Tiers.Count == 0;
                var kind = cards ? "system" : graph.Plan.Tiers[0].Name;
                canvas.Begin();
                canvas.Box(centreX - (boxWidth / 2), centreY - (boxHeight / 2), boxWidth, boxHeight, cards ? Paint.System : Paint.Router, Math.Min(4, boxHeight / 4));
                var label = devices.Count == 1 ? DrawingParts.NameOf(graph, devices[0]) : DrawingParts.Number(devices.Count);
                canvas.TryText(centreX, centreY + 3.5, label, 9.5, Paint.Ink, TextAnchor.Middle, false, boxWidth - 4);
                canvas.End($"cell-{panel + 1}-{row + 1}-{column + 1}", "node router", cards
                    ? $"{DrawingParts.Counted(devices.Count, kind)}: {DrawingParts.Names(graph, devices)}"
                    : $"{DrawingParts.Counted(devices.Count, kind)}: {DrawingParts.Names(graph, devices)}, with {DrawingParts.Counted(systems, "system")}");
            }
        }

        // A line runs behind its cells; where it is a ring, a bow leads from its end back to its beginning.
        void Line(int at, bool isRow)
        {
            var dimension = isRow ? 0 : 1;
            var cells = isRow ? across.Cells : down.Cells;
            if (cells < 2) return;
            var (x1, y1) = isRow ? (left + (pitch / 2), top + ((at + 0.5) * high)) : (left + ((at + 0.5) * pitch), top + (high / 2));
            var (x2, y2) = isRow ? (x1 + ((cells - 1) * pitch), y1) : (x1, y1 + ((cells - 1) * high));
            canvas.Line(x1, y1, x2, y2, Paint.Link, Math.Clamp(pitch / 24, 1, 3));
            if (grid.Sides[dimension] < 3) return;
            var (bowX, bowY) = isRow ? (0.0, high * 0.46) : (pitch * 0.46, 0.0);
            canvas.Add(new(x1, y1, x1 + bowX, y1 + bowY, x2 + bowX, y2 + bowY, x2, y2, Paint.Link, Math.Clamp(pitch / 60, 0.6, 1.25)));
        }
    }
}
