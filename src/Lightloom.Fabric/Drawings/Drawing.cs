namespace Lightloom.Fabric;

/// <summary>What a part of a drawing is painted with: a role and no colour, so that a page, a file and a dark room each choose their own.</summary>
public enum Paint
{
    /// <summary>Nothing is painted.</summary>
    None,

    /// <summary>Text.</summary>
    Ink,

    /// <summary>Text of less weight: units, counts, remarks.</summary>
    Muted,

    /// <summary>The paper.</summary>
    Surface,

    /// <summary>A frame around what belongs together.</summary>
    Frame,

    /// <summary>A place where nothing stands.</summary>
    Empty,

    /// <summary>Accelerator systems.</summary>
    System,

    /// <summary>Leaf switches.</summary>
    Leaf,

    /// <summary>Spine switches.</summary>
    Spine,

    /// <summary>Core switches.</summary>
    Core,

    /// <summary>Routers of a direct topology.</summary>
    Router,

    /// <summary>Fabric managers.</summary>
    Management,

    /// <summary>A rack that holds systems and switches.</summary>
    Mixed,

    /// <summary>Links.</summary>
    Link,

    /// <summary>A limit that is kept.</summary>
    Good,

    /// <summary>A limit that is exceeded.</summary>
    Alarm,

    /// <summary>The first fifth of a scale, and so on up to <see cref="Scale5"/>.</summary>
    Scale1,

    /// <summary>The second fifth of a scale.</summary>
    Scale2,

    /// <summary>The third fifth of a scale.</summary>
    Scale3,

    /// <summary>The fourth fifth of a scale.</summary>
    Scale4,

    /// <summary>The last fifth of a scale.</summary>
    Scale5,
}

/// <summary>Which point of a text stands at its place.</summary>
public enum TextAnchor
{
    /// <summary>Its beginning.</summary>
    Start,

    /// <summary>Its middle.</summary>
    Middle,

    /// <summary>Its end.</summary>
    End,
}

/// <summary>A part of a drawing. Coordinates are in units of 1/96 inch (a CSS pixel), x to the right and y down from the upper left corner.</summary>
public abstract record DrawingElement
{
    /// <summary>What it is, in full, for who points at it; null = nothing more than is written.</summary>
    public string? Title { get; init; }
}

/// <summary>Elements that are one thing: a device, a bundle of links, a rack.</summary>
/// <param name="Id">Unique in the drawing: lower-case letters, digits and hyphens.</param>
/// <param name="Role">What it is: "leaf", "systems", "links", "rack", "legend".</param>
/// <param name="Elements">The elements, the lowest first.</param>
public sealed record DrawingGroup(string Id, string Role, IReadOnlyList<DrawingElement> Elements) : DrawingElement;

/// <summary>A rectangle.</summary>
/// <param name="X">Left edge.</param>
/// <param name="Y">Upper edge.</param>
/// <param name="Width">Width.</param>
/// <param name="Height">Height.</param>
/// <param name="Paint">What fills it and draws its edge.</param>
/// <param name="Radius">Radius of its corners.</param>
public sealed record DrawingBox(double X, double Y, double Width, double Height, Paint Paint, double Radius = 0) : DrawingElement;

/// <summary>A cubic Bézier curve from (X1, Y1) to (X2, Y2); a straight line where the control points lie on the ends.</summary>
/// <param name="X1">Begin, x.</param>
/// <param name="Y1">Begin, y.</param>
/// <param name="ControlX1">First control point, x.</param>
/// <param name="ControlY1">First control point, y.</param>
/// <param name="ControlX2">Second control point, x.</param>
/// <param name="ControlY2">Second control point, y.</param>
/// <param name="X2">End, x.</param>
/// <param name="Y2">End, y.</param>
/// <param name="Paint">What it is drawn with.</param>
/// <param name="Thickness">Its width.</param>
public sealed record DrawingCurve(
    double X1, double Y1, double ControlX1, double ControlY1, double ControlX2, double ControlY2, double X2, double Y2,
    Paint Paint, double Thickness) : DrawingElement
{
    /// <summary>Whether it is a straight line.</summary>
    public bool IsLine => ControlX1 == X1 && ControlY1 == Y1 && ControlX2 == X2 && ControlY2 == Y2;

    /// <summary>The point at a parameter from 0 to 1.</summary>
    public (double X, double Y) At(double t)
    {
        var u = 1 - t;
        double Mix(double a, double b, double c, double d) => (u * u * u * a) + (3 * u * u * t * b) + (3 * u * t * t * c) + (t * t * t * d);
        return (Mix(X1, ControlX1, ControlX2, X2), Mix(Y1, ControlY1, ControlY2, Y2));
    }
}

/// <summary>One line of text.</summary>
/// <param name="X">Its anchor.</param>
/// <param name="Y">Its baseline.</param>
/// <param name="Text">What it says.</param>
/// <param name="Size">Size of the font.</param>
/// <param name="Paint">What it is written with.</param>
/// <param name="Anchor">What of it stands at <paramref name="X"/>.</param>
/// <param name="Bold">Whether it is bold.</param>
/// <param name="Halo">Whether it keeps lines beneath it off, by a rim of paper.</param>
public sealed record DrawingText(
    double X, double Y, string Text, double Size, Paint Paint, TextAnchor Anchor = TextAnchor.Start, bool Bold = false, bool Halo = false) : DrawingElement
{
    /// <summary>Its width; whoever draws it scales the font to that.</summary>
    public double Width => DrawingFont.WidthOf(Text, Size, Bold);

    /// <summary>Its left edge.</summary>
    public double Left => Anchor switch { TextAnchor.Start => X, TextAnchor.Middle => X - (Width / 2), _ => X - Width };

    /// <summary>Its upper edge: that of capitals.</summary>
    public double Top => Y - (DrawingFont.Ascent * Size);

    /// <summary>Its lower edge: that of descenders.</summary>
    public double Bottom => Y + (DrawingFont.Descent * Size);
}

/// <summary>
/// A picture, drawn by nobody yet: what a file shows and what a page shows are made from one of these, and so show the same.
/// Immutable.
/// </summary>
/// <param name="Title">What it shows.</param>
/// <param name="Description">The same for who can't see it: counts, sums and what stands out.</param>
/// <param name="Width">Width in 1/96 inch.</param>
/// <param name="Height">Height in 1/96 inch.</param>
/// <param name="Elements">The elements, the lowest first.</param>
public sealed record Drawing(string Title, string Description, double Width, double Height, IReadOnlyList<DrawingElement> Elements)
{
    /// <summary>All elements with those of groups, groups before what they hold.</summary>
    public IEnumerable<DrawingElement> All => Flatten(Elements);

    static IEnumerable<DrawingElement> Flatten(IReadOnlyList<DrawingElement> elements)
    {
        foreach (var element in elements)
        {
            yield return element;
            if (element is not DrawingGroup group) continue;
            foreach (var inner in Flatten(group.Elements)) yield return inner;
        }
    }
}
