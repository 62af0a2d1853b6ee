using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Fabric;

/// <summary>Draws racks as they stand: devices to scale in their rack units, and power and mass against what a rack may have.</summary>
public static class RackDrawing
{
    const double Margin = DrawingParts.Margin;
    const int LongRow = 24; // racks

    /// <summary>Draws one rack with a line for each device.</summary>
    /// <param name="elevations">Where devices stand.</param>
    /// <param name="rack">The rack's name: "R03-07".</param>
    /// <param name="name">What the fabric is called.</param>
    /// <exception cref="FabricException">There is no such rack; the message names the nearest. The field is "rack".</exception>
    public static Drawing OfRack(Elevations elevations, string rack, string name)
    {
        ArgumentNullException.ThrowIfNull(elevations);
        ArgumentNullException.ThrowIfNull(rack);
        ArgumentNullException.ThrowIfNull(name);
        var found = elevations.Racks.FirstOrDefault(r => r.Name == rack);
        if (found is null)
        {
            var names = elevations.Racks.Select(r => r.Name).ToList();
            throw new FabricException("rack", $"there is no rack '{rack}'" + (Nearest.Name(rack, names) is { } near
                ? $"; did you mean '{near}'?" : $"; racks are named '{names[0]}' to '{names[^1]}'"));
        }
        return One(elevations, found, name);
    }

    /// <summary>Draws a row of racks, its free places included.</summary>
    /// <param name="elevations">Where devices stand.</param>
    /// <param name="row">The row, from 0.</param>
    /// <param name="name">What the fabric is called.</param>
    /// <exception cref="FabricException">There is no such row; the field is "row".</exception>
    public static Drawing OfRow(Elevations elevations, int row, string name)
    {
        ArgumentNullException.ThrowIfNull(elevations);
        ArgumentNullException.ThrowIfNull(name);
        var rows = elevations.Floor.Rows;
        if (row < 0 || row >= rows)
            throw new FabricException("row", rows == 1
                ? $"there is no row {DrawingParts.Number(row + 1)}: this floor has one row"
                : $"there is no row {DrawingParts.Number(row + 1)}: this floor has rows 1 to {DrawingParts.Number(rows)}", row < 0 ? null : rows, row < 0 ? 1 : null);
        return Row(elevations, row, name);
    }

    static Drawing One(Elevations elevations, Rack rack, string name)
    {
        const double Unit = 15, Left = Margin + 34, Wide = 430, PanelX = Left + Wide + 56;
        var spec = elevations.Floor.Spec;
        var canvas = new DrawingCanvas();
        var title = $"{name}: rack {rack.Name}";
        var counted = Contents(rack);
        var width = DrawingParts.WidthFor(PanelX + 420 + Margin, title, counted);
        var top = DrawingParts.Heading(canvas, title, counted, width) + 12;
        var shown = Math.Max(spec.RackUnits, rack.UnitsUsed);
        var floor = top + (shown * Unit) + 8;
        canvas.Begin();
        canvas.Box(Left - 6, floor - (spec.RackUnits * Unit) - 6, Wide + 12, (spec.RackUnits * Unit) + 12, Paint.Frame, 4);
        canvas.End("frame", "frame", $"{rack.Name}: {spec.RackUnits} rack units");
        for (var unit = 1; unit <= shown; unit++)
        {
            var y = floor - (unit * Unit);
            canvas.Text(Left - 12, y + 11, unit.ToString(CultureInfo.InvariantCulture), 9, unit > spec.RackUnits ? Paint.Alarm : Paint.Muted, TextAnchor.End);
            if (unit > rack.UnitsUsed) canvas.Box(Left, y + 1, Wide, Unit - 2, Paint.Empty, 2);
        }
        foreach (var device in rack.Devices)
        {
            var (y, h) = (floor - ((device.Unit + device.Height - 1) * Unit), device.Height * Unit);
            canvas.Begin();
            canvas.Box(Left, y + 0.75, Wide, h - 1.5, DrawingParts.PaintOf(device.Kind), 3);
            var size = h >= 24 ? 12.5 : 10;
            canvas.Text(Left + 10, y + (h / 2) + (size * 0.36), device.Name, size, Paint.Ink, TextAnchor.Start, true, Wide * 0.5);
            canvas.Text(Left + Wide - 10, y + (h / 2) + (size * 0.36), Figures(device), size - 1, Paint.Muted, TextAnchor.End, false, Wide * 0.46);
            canvas.End($"device-{device.Name}", $"device {device.Kind}", Tooltip(device));
        }

        var line = top + 8;
        canvas.Begin();
        canvas.Text(PanelX, line + 8, rack.Name, 18, bold: true);
        canvas.Text(PanelX, line + 28, $"place {rack.Place.Column + 1} of row {rack.Place.Row + 1}", 12.5, Paint.Muted);
        line += 62;
        line = Gauge(canvas, PanelX, line, 420, "Rack units", $"{rack.UnitsUsed} of {spec.RackUnits}", rack.UnitsUsed / (double)spec.RackUnits);
        line = Gauge(canvas, PanelX, line, 420, "Power", $"{rack.Power:G3} of {spec.RackPower:G3}", rack.Power / spec.RackPower);
        line = Gauge(canvas, PanelX, line, 420, "Mass", rack.MassKnown ? $"{rack.Mass:G3} of {spec.RackLoad:G3}" : $"at least {rack.Mass:G3} of {spec.RackLoad:G3}", rack.Mass / spec.RackLoad);
        if (!rack.MassKnown)
        {
            canvas.Text(PanelX, line, $"The mass of {DrawingParts.Counted(rack.Devices.Count(d => d.Mass is null), "device")} is not in the catalogue.", 12, Paint.Muted);
            line += 20;
        }
        canvas.Text(PanelX, line + 6, "Power is that at the devices' limits, with a module in each cage.", 12, Paint.Muted);
        canvas.End("sums", "panel");
        var end = DrawingParts.Legend(canvas, Math.Max(floor + 26, line + 24), Kinds([rack]), null, width);
        return canvas.Finish(title, $"{counted}. {rack.UnitsUsed} of {spec.RackUnits} rack units, {rack.Power:G3} of {spec.RackPower:G3}.", width, end);
    }

    static Drawing Row(Elevations elevations, int row, string name)
    {
        const double Head = 22, Foot = 78;
        var (floor, spec) = (elevations.Floor, elevations.Floor.Spec);
        // A long row is drawn at half the scale, so that it stays on a page.
        var (unit, wide, gap) = floor.RacksPerRow > LongRow ? (4.0, 74.0, 8.0) : (7.0, 138.0, 16.0);
        var canvas = new DrawingCanvas();
        var title = $"{name}: row {DrawingParts.Number(row + 1)}";
        var racks = elevations.Racks.Where(r => r.Place.Row == row).ToDictionary(r => r.Place.Column);
        var power = racks.Values.Aggregate(Power.Zero, (sum, r) => sum + r.Power);
        var said = $"{DrawingParts.Counted(racks.Count, "rack")} on {DrawingParts.Counted(floor.RacksPerRow, "place")}, {power:G3} at the devices' limits; a rack may draw {spec.RackPower:G3} and bear {spec.RackLoad:G3}";
        var perLine = Math.Min(floor.RacksPerRow, (int)((DrawingParts.PageWidth - (2 * Margin) + gap) / (wide + gap)));
        var width = DrawingParts.WidthFor((2 * Margin) + (perLine * (wide + gap)) - gap, title, said);
        var top = DrawingParts.Heading(canvas, title, said, width) + 6;
        var shown = Math.Max(spec.RackUnits, racks.Count == 0 ? 0 : racks.Values.Max(r => r.UnitsUsed));
        var lineHeight = Head + (shown * unit) + Foot;
        for (var column = 0; column < floor.RacksPerRow; column++)
        {
            var (line, within) = Math.DivRem(column, perLine);
            var (x, y) = (Margin + (within * (wide + gap)), top + (line * lineHeight) + Head);
            var place = elevations.NameOf(new(row, column));
            var bottom = y + (shown * unit);
            var frame = bottom - (spec.RackUnits * unit);
            canvas.Begin();
            if (racks.TryGetValue(column, out var rack))
            {
                canvas.Box(x, frame - 3, wide, (spec.RackUnits * unit) + 6, Paint.Frame, 3);
                canvas.Text(x + (wide / 2), y - 9, place, 12.5, Paint.Ink, TextAnchor.Middle, true, wide);
                Stack(canvas, rack, x + 5, wide - 10, bottom, unit);
                MiniGauge(canvas, x, bottom + 12, wide, $"{rack.Power:G3}", rack.Power / spec.RackPower);
                MiniGauge(canvas, x, bottom + 38, wide, rack.MassKnown ? $"{rack.Mass:G3}" : $"{rack.Mass:G3} or more", rack.Mass / spec.RackLoad);
                canvas.End($"rack-{place}", "rack", $"{place}: {Contents(rack)}; {rack.UnitsUsed} of {spec.RackUnits} rack units, {rack.Power:G3} of {spec.RackPower:G3}");
            }
            else
            {
                canvas.Box(x, frame - 3, wide, (spec.RackUnits * unit) + 6, Paint.Empty, 3);
                canvas.Text(x + (wide / 2), y - 9, place, 12.5, Paint.Muted, TextAnchor.Middle, false, wide);
                canvas.Text(x + (wide / 2), frame + (spec.RackUnits * unit / 2), "free", 12, Paint.Muted, TextAnchor.Middle);
                canvas.End($"place-{place}", "place", $"{place}: no rack");
            }
        }
        var lines = (floor.RacksPerRow + perLine - 1) / perLine;
        var end = DrawingParts.Legend(canvas, top + (lines * lineHeight) + 2, [.. Kinds(racks.Values), (Paint.Good, "power and mass within the limit"), (Paint.Alarm, "above it")], null, width);
        return canvas.Finish(title, said + ".", width, end);
    }

    // Devices to scale. Those too low for a name of their own share a tag with their neighbours of the same kind.
    static void Stack(DrawingCanvas canvas, Rack rack, double x, double wide, double bottom, double unit)
    {
        const double TagHeight = 13, Size = 9.5;
        foreach (var device in rack.Devices)
        {
            var (y, h) = (bottom - ((device.Unit + device.Height - 1) * unit), device.Height * unit);
            canvas.Begin();
            canvas.Box(x, y + 0.5, wide, h - 1, DrawingParts.PaintOf(device.Kind), 2);
            if (h >= TagHeight) canvas.Text(x + (wide / 2), y + (h / 2) + 3.5, device.Name, Size, Paint.Ink, TextAnchor.Middle, false, wide - 6);
            canvas.End($"device-{device.Name}", $"device {device.Kind}", Tooltip(device));
        }
        for (var i = 0; i < rack.Devices.Count;)
        {
            var (first, j) = (rack.Devices[i], i);
            while (j < rack.Devices.Count && rack.Devices[j].Kind == first.Kind) j++;
            var last = rack.Devices[j - 1];
            var low = first.Height * unit < TagHeight;
            var high = (last.Unit + last.Height - first.Unit) * unit;
            if (low && high >= TagHeight)
            {
                var text = j - i == 1 ? first.Name : $"{first.Name} … {last.Name}";
                if (DrawingFont.WidthOf(text, Size) > wide - 16) text = DrawingFont.Fit($"{first.Name} … {DrawingParts.Ending(last.Name)}", Size, false, wide - 16);
                var middle = bottom - ((first.Unit - 1) * unit) - (high / 2);
                var width = DrawingFont.WidthOf(text, Size) + 8;
                canvas.Box(x + ((wide - width) / 2), middle - (TagHeight / 2), width, TagHeight, Paint.Surface, 3);
                canvas.Text(x + (wide / 2), middle + 3.5, text, Size, Paint.Ink, TextAnchor.Middle);
            }
            i = j;
        }
    }

    static double Gauge(DrawingCanvas canvas, double x, double y, double wide, string what, string figures, double share)
    {
        canvas.Text(x, y, what, 13, bold: true);
        canvas.Text(x + wide, y, Percent(figures, share), 13, share > 1 ? Paint.Alarm : Paint.Ink, TextAnchor.End, share > 1, wide - 110);
        Bar(canvas, x, y + 8, wide, 12, share);
        return y + 50;
    }

    static void MiniGauge(DrawingCanvas canvas, double x, double y, double wide, string figure, double share)
    {
        Bar(canvas, x, y, wide, 6, share);
        DrawingParts.TextOf(canvas, x + (wide / 2), y + 17, 10, share > 1 ? Paint.Alarm : Paint.Muted, share > 1, wide, Percent(figure, share), figure);
    }

    static string Percent(string figure, double share) => $"{figure}, {(100 * share).ToString("0", CultureInfo.InvariantCulture)} %";

    static void Bar(DrawingCanvas canvas, double x, double y, double wide, double high, double share)
    {
        canvas.Box(x, y, wide, high, Paint.Empty, 2);
        if (share > 0) canvas.Box(x, y, wide * Math.Min(1, share), high, share > 1 ? Paint.Alarm : Paint.Good, 2);
    }

    static string Figures(RackedDevice device) => device.Mass is { } mass ? $"{device.Power:G3} · {mass:G3}" : device.Power.Si > 0 ? $"{device.Power:G3}" : "";

    static string Tooltip(RackedDevice device) =>
        $"{device.Name}: U{device.Unit}{(device.Height > 1 ? $" to U{device.Unit + device.Height - 1}" : "")}{(Figures(device) is { Length: > 0 } f ? $", {f}" : "")}";

    /// <summary>What stands in a rack: "4 systems, 2 leaves".</summary>
    internal static string Contents(Rack rack) => string.Join(", ", rack.Devices.GroupBy(d => d.Kind).Select(k => DrawingParts.Counted(k.Count(), k.Key)));

    static IEnumerable<(Paint, string)> Kinds(IEnumerable<Rack> racks) =>
        racks.SelectMany(r => r.Devices).Select(d => d.Kind).Distinct().Select(k => (DrawingParts.PaintOf(k), DrawingParts.Explained(k)));
}
