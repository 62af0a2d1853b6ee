using Lightloom.Quantities;

namespace Lightloom.Fabric;

// Groups on an ellipse, node i of n at the angle 2π·i/n from the top, clockwise; what joins two nodes is a chord bent towards the middle,
// as wide as √(links / most).

/// <summary>Draws what has no layers: groups that are joined to each other, or the switches of one group.</summary>
/// <param name="outline">What is drawn.</param>
/// <param name="name">What it is called.</param>
/// <param name="loads">What links carry: those between boxes colour the lines, those within one what is drawn below it; null: nothing is coloured by it.</param>
sealed class RingDrawing(FabricOutline outline, string name, BundleLoads? loads = null)
{
    /// <summary>Nodes that an ellipse has room for.</summary>
    public const int MostNodes = 16;

    const double RadiusX = 396, RadiusY = 318;
    const double PanelX = 960;
    const double BoxWidth = 134, BoxHeight = 42;
    const int MostLabels = 28; // chords that are labelled

    readonly FabricGraph graph = outline.Graph;
    readonly DrawingCanvas canvas = new();

    public Drawing Draw()
    {
        var title = TopologyDrawing.Named(name, graph, outline.Scope);
        var top = DrawingParts.Heading(canvas, title, DrawingParts.Summary(outline));
        var (centreX, centreY) = (DrawingParts.Margin + 66 + RadiusX, top + 30 + RadiusY + (BoxHeight / 2));
        var columns = outline.Columns.Count;
        var chords = Chords();
        var most = chords.Count == 0 ? 1 : chords.Values.Max();
        foreach (var ((a, b), links) in chords) Chord(a, b, links, most);
        foreach (var ((a, b), links) in chords)
        {
            if (chords.Count > MostLabels) break;
            var curve = CurveOf(a, b, links, most);
            foreach (var t in (double[])[0.5, 0.4, 0.6, 0.3, 0.7])
            {
                var (x, y) = curve.At(t);
                if (canvas.TryText(x, y + 4, $"{DrawingParts.Number(links)}{(loads is null ? "" : $", to {BundleLoads.Percent(Load(a, b))}")}", 11.5, Paint.Ink, TextAnchor.Middle, true, halo: true)) break;
            }
        }
        for (var c = -1; c < columns; c++) Node(c, centreX, centreY);
        Panel(top + 36, chords);
        var tiers = outline.Nodes.Select(n => n.Tier).Where(t => t != "card").Distinct().ToList();
        var bottom = centreY + RadiusY + (BoxHeight / 2) + 34;
        var entries = tiers.Count == 0 ? [(Paint.System, DrawingParts.Explained("card"))] : new[] { (Paint.Router, tiers.Count == 1 ? "routers with their systems" : "switches with their systems") };
        var end = DrawingParts.Legend(canvas, bottom, entries, "The wider a line, the more links it stands for.");
        if (loads is not null) end = DrawingParts.Legend(canvas, end + 4, BundleLoads.Legend, $"{BundleLoads.Remark} Below a box: links within it.");
        return canvas.Finish(title, $"{DrawingParts.Summary(outline)}. {Remark(chords)}", DrawingParts.PageWidth, end);

        DrawingCurve CurveOf(int a, int b, long links, long of)
        {
            var ((x1, y1), (x2, y2)) = (Place(a, centreX, centreY), Place(b, centreX, centreY));
            double In(double from, double to) => from + ((to - from) * 0.45);
            return new(x1, y1, In(x1, centreX), In(y1, centreY), In(x2, centreX), In(y2, centreY), x2, y2, loads is null ? Paint.Link : BundleLoads.PaintOf(Load(a, b)),
                Math.Min(DrawingParts.Thickness(links, of), Math.Clamp(120.0 / chords.Count, 1, 8)));
        }

        void Chord(int a, int b, long links, long of)
        {
            canvas.Begin();
            canvas.Add(CurveOf(a, b, links, of));
            canvas.End($"links-{a}-{b}", "links", $"{DrawingParts.Counted(links, "link")} between {ColumnName(a)} and {ColumnName(b)}{Loaded(a, b)}");
        }
    }

    // Links between columns, all classes of peers together.
    SortedDictionary<(int, int), long> Chords()
    {
        var chords = new SortedDictionary<(int, int), long>();
        foreach (var bundle in outline.Bundles)
        {
            var (a, b) = (outline.Nodes[bundle.Lower].Column, outline.Nodes[bundle.Upper].Column);
            if (a == b) continue;
            var key = (Math.Min(a, b), Math.Max(a, b)); // Column −1 is the hub.
            chords[key] = chords.GetValueOrDefault(key) + bundle.Links;
        }
        return chords;
    }

    (double X, double Y) Place(int column, double centreX, double centreY)
    {
        var n = outline.Columns.Count;
        if (column < 0 || n == 1) return (centreX, centreY);
        var angle = 2 * Math.PI * column / n;
        return (centreX + (RadiusX * Math.Sin(angle)), centreY - (RadiusY * Math.Cos(angle)));
    }

    // Switches that belong to no group stand in the middle: column −1.
    string ColumnName(int column)
    {
        if (column < 0) return "Between the groups";
        var (first, count) = outline.Columns[column];
        if (outline.ColumnKind == "switch" && Members(column).OrderByDescending(n => n.Layer).FirstOrDefault() is { } inside)
            return DrawingParts.ShortNames(graph, inside.Devices);
        var kind = outline.ColumnKind;
        return count == 1
            ? $"{DrawingParts.Capital(kind)} {DrawingParts.Number(first + 1)}"
            : $"{DrawingParts.Capital(DrawingParts.Many(kind))} {DrawingParts.Number(first + 1)}–{DrawingParts.Number(first + count)}";
    }

    IEnumerable<OutlineNode> Members(int column) => outline.Nodes.Where(n => n.Column == column);

    void Node(int column, double centreX, double centreY)
    {
        var (x, y) = Place(column, centreX, centreY);
        var members = Members(column).OrderByDescending(n => n.Layer).ToList();
        if (members.Count == 0) return;
        var hasSwitches = members.Any(n => n.Tier != "card" && n.Tier != "management");
        var contents = members.Select(n => DrawingParts.Devices(n.Devices.Count, n.Tier)).ToList();
        var named = ColumnName(column);
        canvas.Begin();
        canvas.Box(x - (BoxWidth / 2), y - (BoxHeight / 2), BoxWidth, BoxHeight, hasSwitches ? Paint.Router : Paint.System, 6);
        if (loads is not null) canvas.Box(x - (BoxWidth / 2), y + (BoxHeight / 2) - 2, BoxWidth, 7, BundleLoads.PaintOf(Load(column, column)), 3);
        canvas.Text(x, y - 4, named, 12, Paint.Ink, TextAnchor.Middle, true, BoxWidth - 8);
        var inside = outline.ColumnKind == "switch" ? contents.Where(c => !c.StartsWith("1 ", StringComparison.Ordinal) || c.EndsWith("system", StringComparison.Ordinal)) : contents;
        // Where the tiers are too many to be named, their switches are counted together.
        long Of(bool systems) => members.Where(n => n.Tier != "management" && n.Tier == "card" == systems).Sum(n => (long)n.Devices.Count);
        var shorter = string.Join(", ", new[] { DrawingParts.Counted(Of(false), "switch"), DrawingParts.Counted(Of(true), "system") });
        DrawingParts.TextOf(canvas, x, y + 12, 10, Paint.Muted, false, BoxWidth - 8, string.Join(", ", inside), shorter);
        canvas.End($"column-{column + 1}", "node router",
            $"{named}: {string.Join("; ", members.Select(n => $"{DrawingParts.Devices(n.Devices.Count, n.Tier)}, {DrawingParts.Names(graph, n.Devices)}"))}{Loaded(column, column)}");
    }

    // The fullest link between two columns, or within one.
    double Load(int a, int b) => outline.Bundles.Where(u => Joins(u, a, b)).Select(loads!.Most).DefaultIfEmpty(0).Max();

    string Loaded(int a, int b) => loads is null ? "" : $"; {string.Join("; ", outline.Bundles.Where(u => Joins(u, a, b)).Select(u => $"{graph.Plan.Links[u.Class].Name}: {loads.Say(u)}").Distinct())}";

    bool Joins(OutlineBundle bundle, int a, int b) =>
        (outline.Nodes[bundle.Lower].Column, outline.Nodes[bundle.Upper].Column) is var (low, high) && ((low == a && high == b) || (low == b && high == a));

    // What cannot be written on the chords: how many links of each class there are, and where they lie.
    void Panel(double y, SortedDictionary<(int, int), long> chords)
    {
        const double Room = DrawingParts.PageWidth - DrawingParts.Margin - PanelX;
        canvas.Begin();
        canvas.Text(PanelX, y, "Links", 15, bold: true, most: Room);
        y += 26;
        for (var c = 0; c < graph.Plan.Links.Count; c++)
        {
            var kind = graph.Plan.Links[c];
            var all = outline.LinksOf(c);
            var inside = outline.Bundles.Where(b => b.Class == c && outline.Nodes[b.Lower].Column == outline.Nodes[b.Upper].Column).Sum(b => b.Links);
            var out_ = Leaving(c);
            if (all + out_ == 0) continue;
            canvas.Text(PanelX, y, $"{DrawingParts.Number(all + out_)} {kind.Name}", 13, bold: true, most: Room);
            canvas.Text(PanelX, y + 17, $"{kind.Rate} each, {Bandwidth.FromSi(kind.Rate.Si * (all + out_)):G3} together", 11.5, Paint.Muted, most: Room);
            List<string> where = [];
            if (inside > 0) where.Add($"{DrawingParts.Number(inside)} within one box");
            if (all - inside > 0) where.Add($"{DrawingParts.Number(all - inside)} between boxes");
            if (out_ > 0) where.Add($"{DrawingParts.Number(out_)} to other groups");
            canvas.Text(PanelX, y + 33, string.Join(", ", where), 11.5, Paint.Muted, most: Room);
            y += 60;
        }
        var remark = Remark(chords);
        foreach (var line in DrawingParts.Lines(remark, 12, Room))
        {
            canvas.Text(PanelX, y, line, 12, most: Room);
            y += 17;
        }
        canvas.End("links", "panel");
    }

    string Remark(SortedDictionary<(int, int), long> chords)
    {
        if (chords.Count == 0) return "No links between boxes.";
        var (least, most) = (chords.Values.Min(), chords.Values.Max());
        if (chords.Keys.Any(k => k.Item1 < 0)) return $"Groups are joined through the switches in the middle, by {DrawingParts.Number(least)} to {DrawingParts.Counted(most, "link")} each.";
        var n = outline.Columns.Count;
        var pairs = (long)n * (n - 1) / 2;
        var each = least == most ? $"{DrawingParts.Counted(most, "link")}" : $"{DrawingParts.Number(least)} to {DrawingParts.Counted(most, "link")}";
        return chords.Count == pairs
            ? $"Each box is joined to every other, by {each}."
            : $"{DrawingParts.Number(chords.Count)} of {DrawingParts.Number(pairs)} pairs of boxes are joined, each by {each}.";
    }

    // Links of a class with one end in view.
    long Leaving(int linkClass)
    {
        if (outline.Scope.Group is null) return 0;
        var count = 0L;
        for (var l = 0; l < graph.Links; l++)
            if (graph.ClassOf[l] == linkClass && outline.NodeOf(graph.Lower[l]) >= 0 != outline.NodeOf(graph.Upper[l]) >= 0 &&
                InPlane(graph.Lower[l]) && InPlane(graph.Upper[l])) count++;
        return count;
    }

    bool InPlane(int device) => device < graph.FirstSwitch || outline.Scope.Plane is not { } plane || graph.TierOf(device).PlaneOf(device) == plane;
}
