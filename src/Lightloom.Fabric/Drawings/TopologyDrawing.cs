using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>Draws a fabric by role: what stands in it, how much of it, and how it is joined.</summary>
public static class TopologyDrawing
{
    /// <summary>Draws a fabric or a part of it, in the shape that its links have.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="scope">The part.</param>
    /// <param name="name">What the fabric is called.</param>
    /// <exception cref="FabricException">The fabric has no such part; the field is "pod", "plane" or "rail".</exception>
    public static Drawing Of(FabricGraph graph, FabricScope scope, string name)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(scope);
        ArgumentNullException.ThrowIfNull(name);
        scope.Check(graph);
        if (graph.Plan.Clos is not null || !HasPeers(graph)) return new LayeredDrawing(FabricOutline.Of(graph, scope), name).Draw();
        if (scope.Group is null && RouterGrid.Of(graph, scope.Plane ?? 0) is { } grid) return new GridDrawing(graph, grid, name).Draw();
        return new RingDrawing(FabricOutline.Of(graph, scope, RingDrawing.MostNodes, even: true), name).Draw();
    }

    /// <summary>Draws a fabric with its links coloured by what they carry.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="name">What the drawing is called.</param>
    /// <param name="load">The load of a directed link (2 l from the lower end of link l up, 2 l + 1 down), 1 where it is full.</param>
    public static Drawing ByLoad(FabricGraph graph, string name, Func<int, double> load)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(name);
        ArgumentNullException.ThrowIfNull(load);
        if (graph.Plan.Clos is not null || !HasPeers(graph))
        {
            var outline = FabricOutline.Of(graph, new());
            return new LayeredDrawing(outline, name, new(outline, load)).Draw();
        }
        if (RouterGrid.Of(graph, 0) is { } grid) return new GridDrawing(graph, grid, name, load).Draw();
        var ring = FabricOutline.Of(graph, new(), RingDrawing.MostNodes, even: true);
        return new RingDrawing(ring, name, new(ring, load)).Draw();
    }

    /// <summary>What is in view, for titles.</summary>
    internal static string Named(string name, FabricGraph graph, FabricScope scope)
    {
        if (scope.Group is { } g) name += $", {(graph.Plan.Clos is null ? "group" : "pod")} {DrawingParts.Number(g + 1)}";
        if (scope.Rail is { } r) name += $", rail {DrawingParts.Number(r + 1)}";
        if (scope.Plane is { } p) name += $", plane {DrawingParts.Number(p + 1)}";
        return name;
    }

    // Whether devices of one kind are joined to each other, as nothing in a Clos is.
    static bool HasPeers(FabricGraph graph)
    {
        foreach (var link in graph.Plan.Links)
            if (link.Lower.Tier == link.Upper.Tier) return true;
        return false;
    }
}

// Layers from the systems at the bottom up, columns side by side:
//
//   ┌──────────── spines, cores: above all columns ─────────────┐
//   ┌ column ┐  ┌ column ┐  ┌ column ┐
//   │ leaves │  │ leaves │  │ leaves │      bundles between them as wide as √(links / most)
//   │ systems│  │ systems│  │ systems│
//   └ unit 1 ┘  └ unit 2 ┘  └ unit 3 ┘

/// <summary>Draws what is built in layers: every Clos.</summary>
sealed class LayeredDrawing
{
    const double Gutter = 212; // names of layers and classes, left of them
    const double ColumnGap = 14;
    const double WidestColumn = 300;
    const double LayerGap = 104;
    const double Pad = 10; // inside frames and nodes
    const double ColumnLabel = 24;
    const int MostChips = 64;
    const double ChipHeight = 15;
    const double ChipGap = 4;
    const double ChipSize = 9.5;

    readonly FabricOutline outline;
    readonly FabricGraph graph;
    readonly string name;
    readonly DrawingCanvas canvas = new();
    readonly Dictionary<int, (double X, double Y, double W, double H)> at = []; // of each node
    readonly Dictionary<string, long> inView; // devices of each tier
    readonly int layers;
    readonly BundleLoads? loads;

    public LayeredDrawing(FabricOutline outline, string name, BundleLoads? loads = null)
    {
        (this.outline, graph, this.name, this.loads) = (outline, outline.Graph, name, loads);
        inView = outline.Nodes.GroupBy(n => n.Tier).ToDictionary(g => g.Key, g => g.Sum(n => (long)n.Devices.Count));
        layers = outline.Nodes.Max(n => n.Layer) + 1;
    }

    public Drawing Draw()
    {
        var title = TopologyDrawing.Named(name, graph, outline.Scope);
        var top = DrawingParts.Heading(canvas, title, DrawingParts.Summary(outline)) + 10;
        var bottom = Arrange(top);
        Frames();
        Edges();
        foreach (var node in outline.Nodes) Node(node);
        Labels();
        var entries = outline.Nodes.Select(n => n.Tier).Distinct().OrderBy(t => outline.Nodes.First(n => n.Tier == t).Layer)
            .Select(t => (DrawingParts.PaintOf(t), DrawingParts.Explained(t)));
        var end = DrawingParts.Legend(canvas, bottom + 22, entries, "The wider a line, the more links it stands for.");
        if (loads is not null) end = DrawingParts.Legend(canvas, end + 4, BundleLoads.Legend, BundleLoads.Remark);
        return canvas.Finish(title, Description(), DrawingParts.PageWidth, end);
    }

    string Description()
    {
        var said = DrawingParts.Summary(outline) + ".";
        for (var c = 0; c < graph.Plan.Links.Count; c++)
            if (outline.LinksOf(c) is > 0 and var links)
                said += $" {DrawingParts.Links(links, graph.Plan.Links[c].Name)} of {graph.Plan.Links[c].Rate}.";
        return said;
    }

    bool Framed => outline.ColumnKind != "system" && outline.Columns.Count > 0;

    double ColumnWidth => Math.Min(WidestColumn * (outline.Columns.Count == 1 ? 2 : 1),
        (DrawingParts.PageWidth - Gutter - DrawingParts.Margin - ((outline.Columns.Count - 1) * ColumnGap)) / outline.Columns.Count);

    double ColumnX(int column)
    {
        var all = (outline.Columns.Count * ColumnWidth) + ((outline.Columns.Count - 1) * ColumnGap);
        var area = DrawingParts.PageWidth - Gutter - DrawingParts.Margin;
        return Gutter + ((area - all) / 2) + (column * (ColumnWidth + ColumnGap));
    }

    // Gives each node its place, from the top layer down; answers the lower edge of all.
    double Arrange(double top)
    {
        var y = top;
        for (var layer = layers - 1; layer >= 0; layer--)
        {
            var row = outline.Nodes.Where(n => n.Layer == layer).ToList();
            if (row.Count == 0) continue;
            foreach (var column in row.GroupBy(n => n.Column))
            {
                var (left, width) = column.Key < 0 ? Above(column.Count()) : Inside(column.Key);
                var nodes = column.ToList();
                // Managers stand beside the systems of their column.
                var shares = nodes.Select(n => n.Tier == "management" ? 0.56 : 1.0).ToList();
                var gap = column.Key < 0 ? ColumnGap : ChipGap + 2;
                var unit = (width - (gap * (nodes.Count - 1))) / shares.Sum();
                for (var i = 0; i < nodes.Count; i++)
                {
                    at[nodes[i].Number] = (left, y, unit * shares[i], 0);
                    left += (unit * shares[i]) + gap;
                }
            }
            var height = row.Max(n => HeightOf(n, at[n.Number].W));
            foreach (var node in row) at[node.Number] = at[node.Number] with { H = height };
            y += height + LayerGap;
        }
        return y - LayerGap + (Framed ? Pad + ColumnLabel : 0);
    }

    (double X, double W) Inside(int column) => Framed ? (ColumnX(column) + Pad, ColumnWidth - (2 * Pad)) : (ColumnX(column), ColumnWidth);

    (double X, double W) Above(int nodes)
    {
        var area = DrawingParts.PageWidth - Gutter - DrawingParts.Margin;
        // One node spans the columns, so that lines to it run straight.
        var columns = ColumnX(outline.Columns.Count - 1) + ColumnWidth - ColumnX(0);
        var width = nodes == 1 ? columns : Math.Min(area, nodes * 190.0);
        return (Gutter + ((area - width) / 2), width);
    }

    bool HasChips(OutlineNode node) => node.Devices.Count > 1 && node.Tier != "management" && inView[node.Tier] <= MostChips;

    double HeightOf(OutlineNode node, double width) => 46 + (HasChips(node) ? (Chips(node, width).Rows * (ChipHeight + ChipGap)) + 4 : 0);

    // Chips wide enough for their names where four rows hold them; else for their numbers; else bare.
    (int PerRow, int Rows, double Width, int Named) Chips(OutlineNode node, double width)
    {
        var count = node.Devices.Count;
        var inner = width - (2 * Pad) + ChipGap;
        for (var named = 2; named >= 0; named--)
        {
            var wanted = named == 0 ? ChipHeight : node.Devices.Max(d => DrawingFont.WidthOf(ChipName(node, d, named), ChipSize)) + 8;
            var most = Math.Max(1, (int)(inner / (wanted + ChipGap)));
            var rows = (count + most - 1) / most;
            if (wanted + ChipGap > inner || (rows > 4 && named > 0)) continue;
            var perRow = (count + rows - 1) / rows;
            return (perRow, rows, Math.Min(named == 2 ? 110 : 44, (inner / perRow) - ChipGap), named);
        }
        return (1, count, inner - ChipGap, 0);
    }

    string ChipName(OutlineNode node, int device, int named) => named == 2 ? ChipName(node, device) : DrawingParts.Ending(ChipName(node, device));

    string ChipName(OutlineNode node, int device) => node.Tier == "card" ? DrawingParts.NameOf(graph, device) : graph.NameOf(device);

    void Frames()
    {
        if (!Framed) return;
        for (var c = 0; c < outline.Columns.Count; c++)
        {
            var members = outline.Nodes.Where(n => n.Column == c).ToList();
            if (members.Count == 0) continue;
            var (x, top, bottom) = (ColumnX(c), members.Min(n => at[n.Number].Y) - Pad, members.Max(n => at[n.Number].Y + at[n.Number].H) + Pad + ColumnLabel);
            var (first, count) = outline.Columns[c];
            var kind = outline.ColumnKind;
            var text = count == 1
                ? $"{DrawingParts.Capital(kind)} {DrawingParts.Number(first + 1)}"
                : $"{DrawingParts.Capital(DrawingParts.Many(kind))} {DrawingParts.Number(first + 1)} to {DrawingParts.Number(first + count)}";
            canvas.Begin();
            // What gathers several looks like a pile of them.
            if (count > 1) canvas.Box(x + 4, top - 4, ColumnWidth, bottom - top, Paint.Frame, 8);
            canvas.Box(x, top, ColumnWidth, bottom - top, Paint.Frame, 8);
            canvas.Text(x + (ColumnWidth / 2), bottom - 10, text, 12.5, Paint.Ink, TextAnchor.Middle, true, ColumnWidth - 8);
            canvas.End($"{kind}-{first + 1}", "frame", count == 1 ? text : $"{text}: {DrawingParts.Counted(count, kind)} drawn as one");
        }
    }

    void Node(OutlineNode node)
    {
        var (x, y, w, h) = at[node.Number];
        var paint = DrawingParts.PaintOf(node.Tier);
        var single = node.Devices.Count == 1;
        var counted = DrawingParts.Devices(node.Devices.Count, node.Tier);
        var names = DrawingParts.Names(graph, node.Devices);
        var accelerators = (long)node.Devices.Count * graph.Plan.Request.System.Accelerators.Value;
        var part = node.Tier == "card" ? graph.Plan.Request.System.Name : graph.Plan.Tier(node.Tier)?.Switch.Name ?? "";
        canvas.Begin();
        canvas.Box(x, y, w, h, paint, 6);
        DrawingParts.TextOf(canvas, x + (w / 2), y + 19, 13, Paint.Ink, true, w - 8, single ? names : counted);
        ReadOnlySpan<string> second = node.Tier == "card" ? [DrawingParts.Counted(accelerators, "accelerator"), $"{DrawingParts.Number(accelerators)} acc."]
            : single ? [$"{PortsUsed(node)} in use", PortsUsed(node)]
            : [names, DrawingParts.ShortNames(graph, node.Devices)];
        DrawingParts.TextOf(canvas, x + (w / 2), y + 36, 11, Paint.Muted, false, w - 8, second);
        if (HasChips(node))
        {
            var (perRow, _, width, named) = Chips(node, w);
            for (var i = 0; i < node.Devices.Count; i++)
            {
                var (row, column) = Math.DivRem(i, perRow);
                var inRow = Math.Min(perRow, node.Devices.Count - (row * perRow));
                var left = x + ((w - ((inRow * (width + ChipGap)) - ChipGap)) / 2) + (column * (width + ChipGap));
                var upper = y + 46 + (row * (ChipHeight + ChipGap));
                var called = ChipName(node, node.Devices[i]);
                canvas.Begin();
                canvas.Box(left, upper, width, ChipHeight, Paint.Surface, 3);
                if (named > 0) canvas.Text(left + (width / 2), upper + 11, ChipName(node, node.Devices[i], named), ChipSize, Paint.Ink, TextAnchor.Middle, false, width - 4);
                canvas.End($"device-{called}", $"device {node.Tier}", called);
            }
        }
        canvas.End($"node-{node.Tier}-{names}", $"node {node.Tier}", $"{counted}: {names}{(part.Length > 0 ? $" ({part})" : "")}" +
            (node.Tier == "card" ? $", {DrawingParts.Counted(accelerators, "accelerator")}" : $", {PortsUsed(node)} in use"));
    }

    string PortsUsed(OutlineNode node) => DrawingParts.Counted(node.Devices.Sum(d => (long)graph.DegreeOf(d)), "port");

    void Edges()
    {
        var most = outline.Bundles.Max(b => (long?)b.Links) ?? 1;
        var drawn = new List<(OutlineBundle Bundle, DrawingCurve Curve)>();
        foreach (var bundle in outline.Bundles)
        {
            var (lower, upper) = (at[bundle.Lower], at[bundle.Upper]);
            var (x1, x2) = Ends(bundle);
            var (y1, y2) = (lower.Y, upper.Y + upper.H);
            var bend = (y1 - y2) * 0.5;
            drawn.Add((bundle, new(x1, y1, x1, y1 - bend, x2, y2 + bend, x2, y2, loads?.PaintOf(bundle) ?? Paint.Link, DrawingParts.Thickness(bundle.Links, most))));
        }
        foreach (var (bundle, curve) in drawn)
        {
            var rate = graph.Plan.Links[bundle.Class].Rate;
            canvas.Begin();
            canvas.Add(curve);
            canvas.End($"links-{bundle.Lower}-{bundle.Upper}-{bundle.Class}", "links",
                $"{DrawingParts.Links(bundle.Links, graph.Plan.Links[bundle.Class].Name)} of {rate}, {Together(rate, bundle.Links)} together: " +
                $"{DrawingParts.Names(graph, outline.Nodes[bundle.Lower].Devices)} to {DrawingParts.Names(graph, outline.Nodes[bundle.Upper].Devices)}{(loads is null ? "" : $"; {loads.Say(bundle)}")}");
        }
        // Labels come last, so that no line crosses one.
        foreach (var (bundle, curve) in drawn)
        {
            var rate = graph.Plan.Links[bundle.Class].Rate;
            var straight = Math.Abs(curve.X1 - curve.X2) < 1;
            var full = loads is null ? $"{DrawingParts.Number(bundle.Links)} × {rate}" : $"{DrawingParts.Number(bundle.Links)} × {rate}, to {BundleLoads.Percent(loads.Most(bundle))}";
            var (x, y) = curve.At(straight ? 0.5 : 0.3);
            var room = ColumnWidth - 16;
            if (straight && DrawingFont.WidthOf(full, 11.5, true) <= room && Label(x, y, full)) continue;
            if (Label(x, y, DrawingParts.Number(bundle.Links))) continue;
            (x, y) = curve.At(0.55);
            Label(x, y, DrawingParts.Number(bundle.Links));
        }

        bool Label(double x, double y, string text) =>
            canvas.TryText(x, y + 4, text, 11.5, Paint.Ink, TextAnchor.Middle, true, halo: true, right: DrawingParts.PageWidth - 4);
    }

    // Lines that leave a node spread over its edge in the order of where they go.
    (double Lower, double Upper) Ends(OutlineBundle bundle)
    {
        return (Spread(bundle.Lower, outline.Bundles.Where(b => b.Lower == bundle.Lower).OrderBy(b => Middle(b.Upper)).ToList()),
            Spread(bundle.Upper, outline.Bundles.Where(b => b.Upper == bundle.Upper).OrderBy(b => Middle(b.Lower)).ToList()));

        double Spread(int node, List<OutlineBundle> beside)
        {
            var (x, _, w, _) = at[node];
            // Where there is room above the lower end, the line goes straight up.
            if (beside.Count == 1) return x + (w / 2);
            var other = node == bundle.Upper ? Middle(bundle.Lower) : Middle(bundle.Upper);
            if (node == bundle.Upper && beside.All(b => Middle(b.Lower) > x + 8 && Middle(b.Lower) < x + w - 8) && beside.DistinctBy(b => b.Lower).Count() == beside.Count) return other;
            return x + (w * (beside.IndexOf(bundle) + 1) / (beside.Count + 1));
        }
    }

    double Middle(int node) => at[node].X + (at[node].W / 2);

    // Left of each layer what it is, and left of each gap what lies in it.
    void Labels()
    {
        const double Room = Gutter - DrawingParts.Margin - 16;
        for (var layer = 0; layer < layers; layer++)
        {
            var row = outline.Nodes.Where(n => n.Layer == layer).ToList();
            if (row.Count == 0) continue;
            var (_, y, _, h) = at[row[0].Number];
            var tier = row[0].Tier;
            var count = row.Where(n => n.Tier == tier).Sum(n => (long)n.Devices.Count);
            var part = tier == "card" ? graph.Plan.Request.System.Name : graph.Plan.Tiers[layer - 1].Switch.Name;
            canvas.Begin();
            canvas.Text(DrawingParts.Margin, y + (h / 2) - 4, DrawingParts.Devices(count, tier), 14, Paint.Ink, bold: true, most: Room);
            var under = y + (h / 2) + 13;
            foreach (var words in DrawingParts.Lines(DrawingParts.Plain(part), 11, Room).Take(2))
            {
                canvas.Text(DrawingParts.Margin, under, words, 11, Paint.Muted, most: Room);
                under += 14;
            }
            canvas.End($"layer-{tier}", "layer", $"{DrawingParts.Devices(count, tier)}: {part}");

            var below = row.Select(n => n.Number).ToHashSet();
            var line = y - (LayerGap / 2) - 18;
            for (var c = 0; c < graph.Plan.Links.Count; c++)
            {
                var links = outline.Bundles.Where(b => b.Class == c && below.Contains(b.Lower)).Sum(b => b.Links);
                if (links == 0) continue;
                var kind = graph.Plan.Links[c];
                canvas.Begin();
                canvas.Text(DrawingParts.Margin + 12, line, $"{DrawingParts.Number(links)} {kind.Name}", 11, Paint.Ink, most: Room - 12);
                canvas.Text(DrawingParts.Margin + 12, line + 14, links == 1 ? $"link of {kind.Rate}" : $"links of {kind.Rate}: {Together(kind.Rate, links)}", 11, Paint.Muted, most: Room - 12);
                canvas.End($"class-{kind.Name}", "class", $"{DrawingParts.Links(links, kind.Name)} of {kind.Rate}, {Together(kind.Rate, links)} together");
                line += 32;
            }
        }
    }

    static string Together(Bandwidth rate, long links) => Bandwidth.FromSi(rate.Si * links).ToString("G3");
}
