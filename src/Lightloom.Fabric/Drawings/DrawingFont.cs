namespace Lightloom.Fabric;

// width of a text = size / 1000 · Σ advance(character)
//
// Advances are those of Helvetica and Helvetica Bold in thousandths of the size (Adobe Core 14 AFM files, 1999), which Arial, Liberation
// Sans, Arimo and Nimbus Sans share by design. Kerning is left out; whoever draws scales each text to the width computed here, so that
// it fits with any other font too.
//
// Worked example: "leaf" at size 10: 222 + 556 + 556 + 278 = 1,612 thousandths: 16.12 wide.

/// <summary>How wide text is, without any font at hand.</summary>
public static class DrawingFont
{
    /// <summary>Height of capitals and ascenders over the baseline, per size.</summary>
    public const double Ascent = 0.74;

    /// <summary>Depth of descenders under the baseline, per size.</summary>
    public const double Descent = 0.22;

    const string Ellipsis = "…";
    const int First = ' ';
    const int UsualAdvance = 600; // Letters beyond the table: wider than most.
    const int WideAdvance = 1000; // Chinese, Japanese and Korean fill the em.

    // advance[c - 32] of characters 32 to 126
    static ReadOnlySpan<short> Regular =>
    [
        278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 278, 278, 584, 584, 584, 556,
        1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
        333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
    ];

    static ReadOnlySpan<short> Heavy =>
    [
        278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, 556, 556, 556, 556, 556, 556, 556, 556, 556, 556, 333, 333, 584, 584, 584, 611,
        975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
        333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
    ];

    /// <summary>Fonts of these widths, and one that comes near them, in the order of preference.</summary>
    public static IReadOnlyList<string> Families { get; } = ["Arial", "Liberation Sans", "Helvetica", "Arimo", "Nimbus Sans", "DejaVu Sans Condensed"];

    /// <summary>The width of a line of text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Size of the font.</param>
    /// <param name="bold">Whether it is bold.</param>
    public static double WidthOf(string text, double size, bool bold = false)
    {
        ArgumentNullException.ThrowIfNull(text);
        var sum = 0;
        foreach (var c in text) sum += Advance(c, bold ? Heavy : Regular);
        return sum * size / 1000;
    }

    /// <summary>The text, or as much of it as is not wider than a limit, with an ellipsis; nothing where not even that fits.</summary>
    /// <param name="text">The text.</param>
    /// <param name="size">Size of the font.</param>
    /// <param name="bold">Whether it is bold.</param>
    /// <param name="most">The limit.</param>
    public static string Fit(string text, double size, bool bold, double most)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (WidthOf(text, size, bold) <= most) return text;
        var length = text.Length;
        while (length > 0 && WidthOf(text[..length].TrimEnd() + Ellipsis, size, bold) > most) length--;
        // A character of two halves is kept whole.
        if (length > 0 && char.IsHighSurrogate(text[length - 1])) length--;
        return length == 0 ? "" : text[..length].TrimEnd() + Ellipsis;
    }

    static int Advance(char c, ReadOnlySpan<short> table) => c switch
    {
        >= ' ' and <= '~' => table[c - First],
        '…' => 1000,
        '×' or '±' => 584,
        '·' => 278,
        '–' => 556,
        '—' => 1000,
        '≤' or '≥' => 549,
        >= '\u1100' and <= '\u11ff' or >= '\u2e80' and <= '\ud7ff' or >= '\uf900' and <= '\ufaff' or >= '\uff00' and <= '\uff60' => WideAdvance,
        _ => UsualAdvance,
    };
}
