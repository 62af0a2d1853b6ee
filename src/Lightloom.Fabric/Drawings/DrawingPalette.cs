namespace Lightloom.Fabric;

// Hues of roles: Okabe and Ito, "Color Universal Design" (2008): blue, bluish green, orange, reddish purple, vermilion, sky blue, which
// people of every colour vision tell apart. A scale: five steps of cividis (Nuñez, Anderton, Renslow, PLOS ONE 2018), light to dark,
// which also holds in grey. Tints behind text keep a contrast of at least 7:1 with it.

/// <summary>What a paint looks like.</summary>
/// <param name="Fill">The inside, or the text; "#rrggbb".</param>
/// <param name="Edge">The edge, or the line; "#rrggbb".</param>
public readonly record struct PaintColors(string Fill, string Edge);

/// <summary>The colours of drawings, for light and for dark rooms.</summary>
public static class DrawingPalette
{
    /// <summary>The colours of a paint.</summary>
    /// <param name="paint">The paint.</param>
    /// <param name="dark">Whether the paper is dark.</param>
    public static PaintColors Of(Paint paint, bool dark = false) => dark ? Dark(paint) : Light(paint);

    static PaintColors Light(Paint paint) => paint switch
    {
        Paint.Ink => new("#1b2330", "#1b2330"),
        Paint.Muted => new("#505b6b", "#505b6b"),
        Paint.Surface => new("#ffffff", "#ffffff"),
        Paint.Frame => new("#f5f7fa", "#cfd6df"),
        Paint.Empty => new("#ffffff", "#dfe4ea"),
        Paint.System => new("#d6e8f5", "#0072b2"),
        Paint.Leaf => new("#d3efe5", "#00855f"),
        Paint.Spine => new("#fbe9c6", "#b87a00"),
        Paint.Core => new("#f5dfeb", "#b4558a"),
        Paint.Router => new("#fadfcf", "#c25400"),
        Paint.Management => new("#e6e9ee", "#6b7584"),
        Paint.Mixed => new("#cfe9f2", "#2a7f9e"),
        Paint.Link => new("#8491a3", "#8491a3"),
        Paint.Good => new("#7fb3d5", "#4f86ab"),
        Paint.Alarm => new("#d55e00", "#a84800"),
        Paint.Scale1 => new("#f2e69b", "#d8c96a"),
        Paint.Scale2 => new("#c9bb6b", "#b3a55a"),
        Paint.Scale3 => new("#8f8a77", "#7f7a68"),
        Paint.Scale4 => new("#55616f", "#4a5562"),
        Paint.Scale5 => new("#12305e", "#0d2447"),
        _ => new("none", "none"),
    };

    static PaintColors Dark(Paint paint) => paint switch
    {
        Paint.Ink => new("#eef2f7", "#eef2f7"),
        Paint.Muted => new("#aeb8c6", "#aeb8c6"),
        Paint.Surface => new("#12161d", "#12161d"),
        Paint.Frame => new("#1a2029", "#3a4453"),
        Paint.Empty => new("#12161d", "#2b3442"),
        Paint.System => new("#10314a", "#56b4e9"),
        Paint.Leaf => new("#0b3a2d", "#2cc79a"),
        Paint.Spine => new("#46340c", "#e69f00"),
        Paint.Core => new("#452438", "#d98bb6"),
        Paint.Router => new("#4a2710", "#f08a45"),
        Paint.Management => new("#2c333e", "#98a3b3"),
        Paint.Mixed => new("#103a47", "#5cc0de"),
        Paint.Link => new("#7d8aa0", "#7d8aa0"),
        Paint.Good => new("#3f7ba3", "#6aaad3"),
        Paint.Alarm => new("#f08a45", "#ffb27d"),
        Paint.Scale1 => new("#2a4270", "#34508a"),
        Paint.Scale2 => new("#57657f", "#66758f"),
        Paint.Scale3 => new("#8f8a77", "#a09b88"),
        Paint.Scale4 => new("#c9bb6b", "#d8ca7c"),
        Paint.Scale5 => new("#fdea9a", "#fff2b5"),
        _ => new("none", "none"),
    };
}
