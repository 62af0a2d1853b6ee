namespace Lightloom.Fabric;

/// <summary>Collects the elements of a drawing, and keeps texts from each other.</summary>
sealed class DrawingCanvas
{
    readonly Stack<List<DrawingElement>> open = new();
    readonly HashSet<string> ids = new(StringComparer.Ordinal);

    // Rectangles of texts by the cells of a coarse grid that they touch, so that a text meets only its neighbours.
    readonly Dictionary<(int, int), List<DrawingText>> texts = [];
    const double Cell = 64;
    const double Clearance = 1; // between two texts

    public DrawingCanvas() => open.Push([]);

    /// <summary>Begins a group; elements go into it until it is closed.</summary>
    public void Begin() => open.Push([]);

    /// <summary>Closes the group that was begun last.</summary>
    public void End(string id, string role, string? title = null)
    {
        var elements = open.Pop();
        if (elements.Count == 0) return;
        open.Peek().Add(new DrawingGroup(Unique(id), role, elements) { Title = title });
    }

    public void Box(double x, double y, double width, double height, Paint paint, double radius = 0, string? title = null) =>
        open.Peek().Add(new DrawingBox(x, y, width, height, paint, radius) { Title = title });

    public void Line(double x1, double y1, double x2, double y2, Paint paint, double thickness, string? title = null) =>
        open.Peek().Add(new DrawingCurve(x1, y1, x1, y1, x2, y2, x2, y2, paint, thickness) { Title = title });

    public void Add(DrawingCurve curve) => open.Peek().Add(curve);

    /// <summary>Writes a text, shortened to a width; what was cut stays in its title.</summary>
    public void Text(double x, double y, string text, double size, Paint paint = Paint.Ink, TextAnchor anchor = TextAnchor.Start, bool bold = false,
        double most = double.PositiveInfinity)
    {
        var made = Fitted(x, y, text, size, paint, anchor, bold, most, false);
        if (made.Text.Length > 0) Place(made);
    }

    /// <summary>Writes a text if it fits whole, stays inside the bounds, and touches no other.</summary>
    public bool TryText(double x, double y, string text, double size, Paint paint = Paint.Ink, TextAnchor anchor = TextAnchor.Start, bool bold = false,
        double most = double.PositiveInfinity, bool halo = false, double right = double.PositiveInfinity)
    {
        var made = Fitted(x, y, text, size, paint, anchor, bold, most, halo);
        if (made.Text != text || text.Length == 0 || made.Left < 0 || made.Left + made.Width > right || !Clear(made.Left, made.Top, made.Width, made.Bottom - made.Top)) return false;
        Place(made);
        return true;
    }

    /// <summary>Whether no text stands in a rectangle.</summary>
    public bool Clear(double x, double y, double width, double height)
    {
        foreach (var cell in CellsOf(x, y, x + width, y + height))
        {
            if (!texts.TryGetValue(cell, out var list)) continue;
            foreach (var other in list)
            {
                if (x < other.Left + other.Width + Clearance && other.Left < x + width + Clearance &&
                    y < other.Bottom + Clearance && other.Top < y + height + Clearance) return false;
            }
        }
        return true;
    }

    public Drawing Finish(string title, string description, double width, double height) =>
        new(title, description, width, height, open.Count == 1 ? open.Peek() : throw new InvalidOperationException("a group is still open"));

    static DrawingText Fitted(double x, double y, string text, double size, Paint paint, TextAnchor anchor, bool bold, double most, bool halo)
    {
        var fitted = DrawingFont.Fit(text, size, bold, most);
        return new(x, y, fitted, size, paint, anchor, bold, halo) { Title = fitted == text ? null : text };
    }

    void Place(DrawingText text)
    {
        open.Peek().Add(text);
        foreach (var cell in CellsOf(text.Left, text.Top, text.Left + text.Width, text.Bottom))
        {
            if (!texts.TryGetValue(cell, out var list)) texts[cell] = list = [];
            list.Add(text);
        }
    }

    static IEnumerable<(int, int)> CellsOf(double left, double top, double right, double bottom)
    {
        for (var x = (int)Math.Floor((left - Clearance) / Cell); x <= (int)Math.Floor((right + Clearance) / Cell); x++)
            for (var y = (int)Math.Floor((top - Clearance) / Cell); y <= (int)Math.Floor((bottom + Clearance) / Cell); y++) yield return (x, y);
    }

    string Unique(string id)
    {
        var clean = new string([.. id.Select(c => char.IsAsciiLetterOrDigit(c) ? char.ToLowerInvariant(c) : '-')]);
        var unique = clean;
        for (var n = 2; !ids.Add(unique); n++) unique = $"{clean}-{n}";
        return unique;
    }
}
