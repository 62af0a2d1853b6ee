using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

// The hall from above, to scale s in 1/96 inch to the metre:
//
//   rack (row, place)      x = s · place · rack pitch,  y = s · (row + ½) · aisle pitch;  1.2 m deep, or 0.6 of the aisle pitch if that is less
//   row tray               along the back of its row, from place to place
//   cross-tray             over the aisle between two rows, at its place
//
// A tray's colour is its share of the cables in the fullest: fifths, light to dark. Neighbouring pieces of one colour are drawn as one.

/// <summary>What the racks of a floor map are painted by.</summary>
public enum FloorColors
{
    /// <summary>What stands in them.</summary>
    Kind,

    /// <summary>Their power over what a rack may draw.</summary>
    Power,
}

/// <summary>Draws a hall from above: racks to scale, and the cables in its trays.</summary>
public static class FloorDrawing
{
    /// <summary>Draws a floor.</summary>
    /// <param name="plan">The cables on it.</param>
    /// <param name="name">What the fabric is called.</param>
    /// <param name="colors">What racks are painted by.</param>
    public static Drawing Of(CablePlan plan, string name, FloorColors colors = FloorColors.Kind)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(name);
        return new Maker(plan.Elevations, TrayLoads.Of(plan), name, colors).Draw();
    }

    sealed class Maker(Elevations elevations, TrayLoads loads, string name, FloorColors colors)
    {
        const double Left = DrawingParts.Margin + 56; // names of rows stand left of it
        const double PanelWidth = 290;
        const double MostHeight = 1000;
        const double RackDepth = 1.2; // m
        const int Named = 5; // of the fullest trays

        readonly DrawingCanvas canvas = new();
        readonly FloorPlan floor = elevations.Floor;
        double scale, top, width;

        double Pitch => floor.Spec.RackPitch.Meters * scale;

        // At least as wide as the scale bar below it.
        double MapWidth => Math.Max(floor.RacksPerRow * Pitch, 256);

        double Aisle => floor.Spec.AislePitch.Meters * scale;

        double Deep => Math.Min(RackDepth, 0.6 * floor.Spec.AislePitch.Meters) * scale;

        double Tray => Math.Clamp(0.3 * scale, 2.5, Math.Max(2.5, 0.2 * (Aisle - Deep)));

        public Drawing Draw()
        {
            var room = DrawingParts.PageWidth - Left - PanelWidth - DrawingParts.Margin - 40;
            scale = Math.Min(Math.Min(room / floor.Width.Meters, MostHeight / floor.Depth.Meters), 90);
            var title = $"{name}: the floor";
            var racks = elevations.Racks;
            var power = racks.Aggregate(Power.Zero, (sum, r) => sum + r.Power);
            var said = $"{DrawingParts.Counted(floor.SystemRacks, "rack")} of systems and {DrawingParts.Number(floor.NetworkRacks)} of switches in {DrawingParts.Counted(floor.Rows, "row")} of " +
                $"{DrawingParts.Counted(floor.RacksPerRow, "place")}; {floor.Width:G3} by {floor.Depth:G3}; {power:G3} at the devices' limits";
            width = DrawingParts.WidthFor(Left + MapWidth + 48 + PanelWidth + DrawingParts.Margin, title, said);
            top = DrawingParts.Heading(canvas, title, said, width) + 34;
            canvas.Begin();
            canvas.Box(Left - 8, top - 8, (floor.RacksPerRow * Pitch) + 16, (floor.Rows * Aisle) + 16, Paint.Frame, 4);
            canvas.End("hall", "hall", $"{floor.Width:G3} by {floor.Depth:G3}");
            // One scale of colours at a time: trays are left out where racks show theirs.
            var trays = colors == FloorColors.Kind;
            if (trays) CrossTrays();
            Racks(racks);
            if (trays) RowTrays();
            Names();
            var fullest = trays ? FullestTrays() : FullestRacks(racks);
            var bottom = Math.Max(ScaleBar(top + (floor.Rows * Aisle) + 30), Panel(fullest));
            var end = DrawingParts.Legend(canvas, bottom + 18, RackLegend(racks), null, width);
            if (trays && loads.Most > 0) end = DrawingParts.Legend(canvas, end - 4, TrayLegend(), null, width);
            foreach (var finding in floor.Findings)
            {
                canvas.Text(DrawingParts.Margin, end + 8, finding.Message, 12.5, Paint.Alarm, bold: true, most: width - (2 * DrawingParts.Margin));
                end += 22;
            }
            return canvas.Finish(title, said + "." + string.Concat(fullest.Select(p => $" {p.Name}: {p.Load}.")), width, end + 6);
        }

        double X(int place) => Left + (place * Pitch);

        double MiddleY(int row) => top + ((row + 0.5) * Aisle);

        double TrayY(int row) => MiddleY(row) - (Deep / 2) - Tray - Math.Min(2, Tray / 2);

        Paint PaintOf(Rack rack)
        {
            if (colors == FloorColors.Power)
            {
                var share = rack.Power / floor.Spec.RackPower;
                return share > 1 ? Paint.Alarm : Fifth(share);
            }
            var systems = rack.Devices.Any(d => d.Kind == "system");
            var switches = rack.Devices.Where(d => d.Kind is not ("system" or "management")).ToList();
            return systems ? switches.Count > 0 ? Paint.Mixed : Paint.System
                : switches.Count == 0 ? Paint.Management : DrawingParts.PaintOf(switches.CountBy(d => d.Kind).MaxBy(k => k.Value).Key);
        }

        static Paint Fifth(double share) => (Paint)((int)Paint.Scale1 + Math.Clamp((int)Math.Ceiling(share * 5) - 1, 0, 4));

        void Racks(IReadOnlyList<Rack> racks)
        {
            var at = racks.ToDictionary(r => r.Place);
            var gap = Math.Min(2, Pitch * 0.12);
            // Of racks too narrow to tell apart, those alike are one box.
            var gather = Pitch < 5;
            for (var row = 0; row < floor.Rows; row++)
            {
                for (var place = 0; place < floor.RacksPerRow;)
                {
                    var rack = at.GetValueOrDefault(new(row, place));
                    var paint = rack is null ? Paint.Empty : PaintOf(rack);
                    var next = place + 1;
                    while ((gather || rack is null) && next < floor.RacksPerRow &&
                        (at.TryGetValue(new(row, next), out var other) ? gather && rack is not null && PaintOf(other) == paint : rack is null)) next++;
                    var first = elevations.NameOf(new(row, place));
                    var (x, y, w) = (X(place) + (gap / 2), MiddleY(row) - (Deep / 2), ((next - place) * Pitch) - gap);
                    canvas.Begin();
                    canvas.Box(x, y, w, Deep, paint, Math.Min(2, w / 4));
                    if (rack is not null && next == place + 1 && Deep > 12 && paint < Paint.Scale3) canvas.TryText(x + (w / 2), y + (Deep / 2) + 3, first, 8.5, Paint.Ink, TextAnchor.Middle, false, w - 2);
                    canvas.End(rack is null ? $"place-{first}" : $"rack-{first}", rack is null ? "place" : "rack",
                        next > place + 1 ? $"{first} to {elevations.NameOf(new(row, next - 1))}: {(rack is null ? "no racks" : DrawingParts.Counted(next - place, "rack") + " alike")}"
                        : rack is null ? $"{first}: no rack" : $"{first}: {RackDrawing.Contents(rack)}; {rack.Power:G3} of {floor.Spec.RackPower:G3}");
                    place = next;
                }
            }
        }

        void RowTrays()
        {
            for (var row = 0; row < floor.Rows; row++)
            {
                for (var place = 0; place < floor.RacksPerRow - 1;)
                {
                    var cables = loads.Along(row, place);
                    var (next, least, most) = (place + 1, cables, cables);
                    while (cables > 0 && next < floor.RacksPerRow - 1 && loads.Along(row, next) > 0 && Shade(loads.Along(row, next)) == Shade(cables))
                    {
                        (least, most) = (Math.Min(least, loads.Along(row, next)), Math.Max(most, loads.Along(row, next)));
                        next++;
                    }
                    if (cables > 0)
                        canvas.Box(X(place) + (Pitch / 2), TrayY(row), (next - place) * Pitch, Tray, Shade(cables), 0,
                            $"row tray {row + 1}, places {place + 1} to {next + 1}: {Range(least, most)}");
                    place = next;
                }
            }
        }

        void CrossTrays()
        {
            var wide = Math.Min(Tray, Pitch * 0.6);
            for (var place = 0; place < floor.RacksPerRow; place++)
            {
                for (var row = 0; row < floor.Rows - 1; row++)
                {
                    if (loads.Across(row, place) is not (> 0 and var cables)) continue;
                    var from = TrayY(row) + Tray;
                    canvas.Box(X(place) + ((Pitch - wide) / 2), from, wide, TrayY(row + 1) - from, Shade(cables), 0,
                        $"cross-tray {place + 1}, rows {row + 1} to {row + 2}: {DrawingParts.Counted(cables, "cable")}");
                }
            }
        }

        Paint Shade(int cables) => Fifth(cables / (double)Math.Max(1, loads.Most));

        static string Range(int least, int most) => least == most ? DrawingParts.Counted(most, "cable") : $"{DrawingParts.Number(least)} to {DrawingParts.Counted(most, "cable")}";

        void Names()
        {
            for (var row = 0; row < floor.Rows; row++)
            {
                var (hall, inHall) = Math.DivRem(row, floor.RowsPerHall);
                canvas.TryText(Left - 16, MiddleY(row) + 4, floor.Spec.Halls > 1 ? $"H{hall + 1}-R{inHall + 1}" : $"Row {row + 1}", 11, Paint.Muted, TextAnchor.End);
                if (row > 0 && inHall == 0) canvas.Line(Left - 8, MiddleY(row) - (Aisle / 2), Left + (floor.RacksPerRow * Pitch) + 8, MiddleY(row) - (Aisle / 2), Paint.Ink, 2, $"wall of hall {hall + 1}");
            }
            var widest = DrawingFont.WidthOf(floor.RacksPerRow.ToString(CultureInfo.InvariantCulture), 9.5) + 6;
            var every = 1;
            foreach (var step in (int[])[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 10_000])
            {
                every = step;
                if (step * Pitch >= widest) break;
            }
            for (var place = every - 1; place < floor.RacksPerRow; place += every)
                canvas.TryText(X(place) + (Pitch / 2), top - 14, (place + 1).ToString(CultureInfo.InvariantCulture), 9.5, Paint.Muted, TextAnchor.Middle);
        }

        sealed record Piece(string Name, string Load, double X, double Y);

        List<Piece> FullestRacks(IReadOnlyList<Rack> racks) =>
        [
            .. racks.OrderByDescending(r => r.Power.Si).ThenBy(r => r.Name, StringComparer.Ordinal).Take(Named).Select(r => new Piece(
                $"{r.Name}: {RackDrawing.Contents(r)}", $"{r.Power:G3} of {floor.Spec.RackPower:G3}, {(100 * (r.Power / floor.Spec.RackPower)).ToString("0", CultureInfo.InvariantCulture)} %",
                X(r.Place.Column) + (Pitch / 2), MiddleY(r.Place.Row) + (Deep / 2) + 10)),
        ];

        List<Piece> FullestTrays()
        {
            var pieces = new List<(string Name, int Cables, double X, double Y)>();
            for (var row = 0; row < floor.Rows; row++)
                for (var place = 0; place < floor.RacksPerRow; place++)
                {
                    if (loads.Along(row, place) is > 0 and var along)
                        pieces.Add(($"Row tray {row + 1}, places {place + 1} to {place + 2}", along, X(place) + Pitch, TrayY(row) + (Tray / 2)));
                    if (loads.Across(row, place) is > 0 and var across)
                        pieces.Add(($"Cross-tray {place + 1}, rows {row + 1} to {row + 2}", across, X(place) + (Pitch / 2), (TrayY(row) + TrayY(row + 1) + Tray) / 2));
                }
            // The order of TrayLoads.Fullest, so that a report and a picture name the same.
            return [.. pieces.OrderByDescending(p => p.Cables).ThenBy(p => p.Name, StringComparer.OrdinalIgnoreCase).Take(Named).Select(p => new Piece(p.Name, DrawingParts.Counted(p.Cables, "cable"), p.X, p.Y))];
        }

        // Pieces as full as the fullest.
        int Equal()
        {
            var count = 0;
            for (var row = 0; row < floor.Rows; row++)
                for (var place = 0; place < floor.RacksPerRow; place++)
                    count += (loads.Along(row, place) == loads.Most ? 1 : 0) + (loads.Across(row, place) == loads.Most ? 1 : 0);
            return count;
        }

        double Panel(List<Piece> fullest)
        {
            var (x, y) = (Left + MapWidth + 48, top + 4);
            if (fullest.Count == 0) return y;
            canvas.Begin();
            canvas.Text(x, y, colors == FloorColors.Kind ? "Fullest trays" : "Racks of most power", 15, bold: true);
            y += 26;
            for (var i = 0; i < fullest.Count; i++)
            {
                var piece = fullest[i];
                var number = (i + 1).ToString(CultureInfo.InvariantCulture);
                Marker(x + 8, y - 4, number);
                canvas.Text(x + 26, y, piece.Name, 12.5, most: PanelWidth - 26);
                canvas.Text(x + 26, y + 16, piece.Load, 11.5, Paint.Muted, most: PanelWidth - 26);
                y += 40;
            }
            if (colors == FloorColors.Kind && Equal() - fullest.Count is > 0 and var more)
            {
                canvas.Text(x + 26, y, $"and {DrawingParts.Number(more)} more with as many as the first", 11.5, Paint.Muted, most: PanelWidth - 26);
                y += 20;
            }
            canvas.End("fullest", "panel");
            for (var i = 0; i < fullest.Count; i++)
            {
                canvas.Begin();
                Marker(fullest[i].X, fullest[i].Y, (i + 1).ToString(CultureInfo.InvariantCulture));
                canvas.End($"fullest-{i + 1}", "marker", $"{fullest[i].Name}: {fullest[i].Load}");
            }
            return y;

            // Where another number stands already, the map shows that one alone.
            void Marker(double atX, double atY, string number)
            {
                if (!canvas.Clear(atX - 8, atY - 8, 16, 16)) return;
                canvas.Box(atX - 8, atY - 8, 16, 16, Paint.Surface, 8);
                canvas.Text(atX, atY + 3.8, number, 10.5, Paint.Ink, TextAnchor.Middle, true);
            }
        }

        double ScaleBar(double y)
        {
            var meters = 1.0;
            foreach (var tryMeters in (double[])[0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000])
                if (tryMeters * scale <= 200) meters = tryMeters;
            var wide = meters * scale;
            canvas.Begin();
            canvas.Line(Left, y, Left + wide, y, Paint.Ink, 2);
            canvas.Line(Left, y - 5, Left, y + 5, Paint.Ink, 2);
            canvas.Line(Left + wide, y - 5, Left + wide, y + 5, Paint.Ink, 2);
            canvas.Text(Left + wide + 10, y + 4, Length.FromMeters(meters).ToString(), 11.5);
            canvas.End("scale", "scale", $"scale: this bar is {Length.FromMeters(meters)} long");
            return y + 14;
        }

        IEnumerable<(Paint, string)> RackLegend(IReadOnlyList<Rack> racks)
        {
            if (colors == FloorColors.Power)
            {
                for (var i = 0; i < 5; i++)
                    yield return (Paint.Scale1 + i, $"racks at {20 * i} to {20 * (i + 1)} % of {floor.Spec.RackPower:G3}");
                yield return (Paint.Alarm, "above it");
                yield break;
            }
            foreach (var paint in racks.Select(PaintOf).Distinct().Order())
                yield return (paint, paint switch
                {
                    Paint.System => "racks of systems",
                    Paint.Mixed => "racks of systems with switches",
                    Paint.Management => "racks of fabric managers",
                    _ => $"racks of {DrawingParts.Explained(paint.ToString().ToLowerInvariant())}",
                });
            yield return (Paint.Empty, "free places");
        }

        IEnumerable<(Paint, string)> TrayLegend()
        {
            var before = 0;
            for (var i = 0; i < 5; i++)
            {
                var upTo = (int)(loads.Most * (i + 1L) / 5);
                if (upTo == before) continue;
                yield return (Paint.Scale1 + i, $"trays of {Range(before + 1, upTo)}");
                before = upTo;
            }
        }
    }
}
