using Lightloom.Catalog.Documents;

namespace Lightloom.Fabric;

// A device in the middle, what it is joined to around it: what stands nearer to the systems below, what stands further above. Links to one
// neighbour are one line with its ports; where there are more neighbours than a row takes, they are gathered by consecutive numbers.

/// <summary>Draws one device with its neighbours and the ports between them.</summary>
public static class DeviceDrawing
{
    const int MostInRow = 8;
    const int MostRows = 4;
    const double BoxHeight = 58;
    const double RowGap = 12;

    /// <summary>Draws a device.</summary>
    /// <param name="graph">The fabric.</param>
    /// <param name="device">Its name: of a switch, a manager, a card, or a system with all its cards.</param>
    /// <param name="name">What the fabric is called.</param>
    /// <exception cref="FabricException">The fabric has no such device; the message names the nearest. The field is "device".</exception>
    public static Drawing Of(FabricGraph graph, string device, string name)
    {
        ArgumentNullException.ThrowIfNull(graph);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(name);
        return new Maker(graph, Find(graph, device), device, name).Draw();
    }

    // The devices of the graph that go by a name: several cards for a system.
    static int[] Find(FabricGraph graph, string name)
    {
        for (var s = 0; s < graph.Systems; s++)
            if (graph.SystemName(s) == name) return [.. Enumerable.Range(s * graph.CardsPerSystem, graph.CardsPerSystem)];
        for (var d = graph.Devices - 1; d >= 0; d--)
            if (graph.NameOf(d) == name) return [d];
        var near = Nearest.Name(name,
            Enumerable.Range(0, graph.Systems).Select(graph.SystemName).Concat(Enumerable.Range(graph.Cards, graph.Devices - graph.Cards).Select(graph.NameOf)));
        throw new FabricException("device", $"there is no device '{name}'" + (near is not null ? $"; did you mean '{near}'?" :
            $"; names look like '{graph.SystemName(0)}' and '{graph.NameOf(graph.Devices - 1)}'"));
    }

    sealed record Neighbour(IReadOnlyList<int> Devices, List<(int Link, int Own)> Links)
    {
        public int First => Devices[0];
    }

    sealed class Maker(FabricGraph graph, int[] own, string device, string name)
    {
        readonly DrawingCanvas canvas = new();

        int Layer(int of) => of < graph.Cards ? 0 : of < graph.FirstSwitch ? 1 : 2 + Array.FindIndex([.. graph.Tiers], t => t.Has(of));

        public Drawing Draw()
        {
            var title = $"{name}: {device}";
            var tier = graph.TierOf(own[0]);
            var part = own[0] < graph.Cards ? (own.Length > 1 ? graph.Plan.Request.System.Name : graph.Plan.Request.System.Nic.Name) : tier.Switch?.Name ?? "fabric manager";
            var used = own.Sum(graph.DegreeOf);
            var have = (long)own.Length * tier.Ports;
            var top = DrawingParts.Heading(canvas, title, $"{part}; {DrawingParts.Number(used)} of {DrawingParts.Number(have)} ports in use") + 8;
            var neighbours = Neighbours();
            var above = Gather([.. neighbours.Where(n => Layer(n.First) > Layer(own[0]))]);
            var below = Gather([.. neighbours.Where(n => Layer(n.First) <= Layer(own[0]))]);
            var y = top;
            var aboveAt = Places(above, y, true);
            y += RowsOf(above.Count) * (BoxHeight + RowGap);
            var centreY = y + (above.Count > 0 ? 96 : 10);
            const double Wide = 300;
            var (x, height) = ((DrawingParts.PageWidth - Wide) / 2, 64.0);
            var belowAt = Places(below, centreY + height + 96, false);
            Lines(above, aboveAt, x, Wide, centreY, true);
            Lines(below, belowAt, x, Wide, centreY + height, false);
            canvas.Begin();
            canvas.Box(x, centreY, Wide, height, DrawingParts.PaintOf(tier.Name), 8);
            canvas.Text(DrawingParts.PageWidth / 2, centreY + 27, device, 16, Paint.Ink, TextAnchor.Middle, true, Wide - 16);
            canvas.Text(DrawingParts.PageWidth / 2, centreY + 47, $"{DrawingParts.Counted(used, "link")} to {DrawingParts.Counted(neighbours.Count, "neighbour")}", 12, Paint.Muted, TextAnchor.Middle, false, Wide - 16);
            canvas.End($"device-{device}", $"device {tier.Name}", $"{device}: {part}");
            for (var i = 0; i < above.Count; i++) Box(above[i], aboveAt[i]);
            for (var i = 0; i < below.Count; i++) Box(below[i], belowAt[i]);
            var bottom = below.Count > 0 ? belowAt.Max(p => p.Y) + BoxHeight : centreY + height;
            var kinds = neighbours.Select(n => graph.TierOf(n.First).Name).Append(tier.Name).Distinct();
            var end = DrawingParts.Legend(canvas, bottom + 26, kinds.Select(k => (DrawingParts.PaintOf(k), DrawingParts.Explained(k))),
                $"The last line of a box: ports of {device} – ports of that neighbour.");
            return canvas.Finish(title, $"{device}, {part}, with {DrawingParts.Counted(used, "link")} to {DrawingParts.Counted(neighbours.Count, "neighbour")}.", DrawingParts.PageWidth, end);
        }

        // Neighbours with the links to each; cards of one system are one neighbour.
        List<Neighbour> Neighbours()
        {
            var by = new SortedDictionary<int, Neighbour>();
            foreach (var d in own)
                foreach (var link in graph.LinksOf(d))
                {
                    var other = graph.Across(link, d);
                    var key = other < graph.Cards ? other - (other % graph.CardsPerSystem) : other;
                    if (!by.TryGetValue(key, out var neighbour)) by[key] = neighbour = new([key], []);
                    neighbour.Links.Add((link, d));
                }
            return [.. by.Values];
        }

        static List<Neighbour> Gather(List<Neighbour> all)
        {
            var each = (all.Count + (MostInRow * MostRows) - 1) / (MostInRow * MostRows);
            if (each <= 1) return all;
            return [.. all.Chunk(each).Select(c => new Neighbour([.. c.SelectMany(n => n.Devices)], [.. c.SelectMany(n => n.Links)]))];
        }

        static int RowsOf(int count) => (count + MostInRow - 1) / MostInRow;

        static List<(double X, double Y, double W)> Places(List<Neighbour> all, double top, bool above)
        {
            var places = new List<(double, double, double)>();
            var rows = Math.Max(1, RowsOf(all.Count));
            var perRow = (all.Count + rows - 1) / rows;
            const double Gap = 10;
            var width = Math.Min(220, (DrawingParts.PageWidth - (2 * DrawingParts.Margin) - ((perRow - 1) * Gap)) / Math.Max(1, perRow));
            for (var i = 0; i < all.Count; i++)
            {
                var (row, column) = Math.DivRem(i, perRow);
                var inRow = Math.Min(perRow, all.Count - (row * perRow));
                var left = (DrawingParts.PageWidth - (inRow * (width + Gap)) + Gap) / 2;
                // The first row lies next to the device.
                var line = above ? rows - 1 - row : row;
                places.Add((left + (column * (width + Gap)), top + (line * (BoxHeight + RowGap)), width));
            }
            return places;
        }

        // A line to each neighbour of the nearest row; a stem through the gaps to those behind it.
        void Lines(List<Neighbour> all, List<(double X, double Y, double W)> at, double x, double wide, double edge, bool above)
        {
            if (all.Count == 0) return;
            var most = all.Max(n => (long)n.Links.Count);
            var nearest = above ? at.Max(p => p.Y) : at.Min(p => p.Y);
            var order = Enumerable.Range(0, all.Count).OrderBy(i => at[i].X + (at[i].W / 2)).ThenBy(i => Math.Abs(at[i].Y - nearest)).ToList();
            for (var rank = 0; rank < order.Count; rank++)
            {
                var i = order[rank];
                var from = x + (wide * (rank + 1) / (order.Count + 1));
                var side = at[i].X + (at[i].W / 2);
                var to = above ? at[i].Y + BoxHeight : at[i].Y;
                var bend = above ? -44 : 44;
                var near = above ? nearest + BoxHeight : nearest;
                canvas.Begin();
                canvas.Add(new(from, edge, from, edge + bend, side, near - bend, side, near, Paint.Link, Math.Min(3.5, 0.35 * DrawingParts.Thickness(all[i].Links.Count, most))));
                if (to != near) canvas.Line(side, near, side, to, Paint.Link, 1.25);
                canvas.End($"links-{DrawingParts.Names(graph, all[i].Devices)}", "links", $"{DrawingParts.Counted(all[i].Links.Count, "link")} to {DrawingParts.Names(graph, all[i].Devices)}");
            }
        }

        void Box(Neighbour neighbour, (double X, double Y, double W) at)
        {
            var names = DrawingParts.Names(graph, neighbour.Devices);
            var tier = graph.TierOf(neighbour.First).Name;
            var kind = graph.Plan.Links[graph.ClassOf[neighbour.Links[0].Link]];
            canvas.Begin();
            canvas.Box(at.X, at.Y, at.W, BoxHeight, DrawingParts.PaintOf(tier), 6);
            canvas.Text(at.X + (at.W / 2), at.Y + 17, names, 12, Paint.Ink, TextAnchor.Middle, true, at.W - 8);
            canvas.Text(at.X + (at.W / 2), at.Y + 33, $"{neighbour.Links.Count} × {kind.Rate}", 11, Paint.Muted, TextAnchor.Middle, false, at.W - 8);
            var pairs = neighbour.Links.Select(l => (Own: OwnPort(l), Their: TheirPort(l))).ToList();
            DrawingParts.TextOf(canvas, at.X + (at.W / 2), at.Y + 49, 10.5, Paint.Ink, false, at.W - 8,
                $"{Ports([.. pairs.Select(p => p.Own)])} – {Ports([.. pairs.Select(p => p.Their)])}");
            canvas.End($"device-{names}", $"device {tier}", $"{names}: {string.Join("; ", pairs.Select(p => $"{p.Own} – {p.Their}"))}");
        }

        static string Ports(IReadOnlyList<string> ports)
        {
            var distinct = ports.Distinct().ToList();
            return distinct.Count <= 2 ? string.Join(", ", distinct) : $"{distinct[0]} … {distinct[^1]}";
        }

        string OwnPort((int Link, int Own) link) => PortName(link.Own, graph.PortOf(link.Link, link.Own), own.Length > 1);

        string TheirPort((int Link, int Own) link)
        {
            var other = graph.Across(link.Link, link.Own);
            return PortName(other, graph.PortOf(link.Link, other), other < graph.Cards);
        }

        string PortName(int of, int port, bool withCard) =>
            withCard && of < graph.Cards ? $"nic-{of % graph.CardsPerSystem}/{port + 1}" : graph.PortName(of, port);
    }
}
