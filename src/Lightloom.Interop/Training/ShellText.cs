using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Training;

/// <summary>Text of a shell script or of a value that a script made, each stretch with the place where it was written.</summary>
/// <param name="Text">The stretch; as it was written where what it stands for is not known.</param>
/// <param name="Mark">Where it was written.</param>
/// <param name="Why">Why it is not known; null where it is.</param>
/// <param name="Whole">Whether white space in it separates no words, because quotes stood around it.</param>
readonly record struct ShellPiece(string Text, Mark Mark, string? Why = null, bool Whole = false);

/// <summary>A value: pieces one behind the other.</summary>
sealed class ShellValue
{
    /// <summary>Longest value that is followed, in characters; <c>A=$A$A</c> doubles with each line.</summary>
    const int Longest = 1 << 20;

    readonly IReadOnlyList<ShellPiece> pieces;

    public ShellValue(IReadOnlyList<ShellPiece> pieces, Mark mark)
    {
        this.pieces = pieces;
        Mark = pieces.Count > 0 ? pieces[0].Mark : mark;
        Text = pieces.Count == 1 ? pieces[0].Text : Join(pieces, Mark);
    }

    public ShellValue(string text, Mark mark)
        : this([new(text, mark)], mark)
    {
    }

    /// <summary>A value that can't be known, as it was written.</summary>
    public static ShellValue Unknown(string written, Mark mark, string why) => new([new(written, mark, why)], mark);

    public IReadOnlyList<ShellPiece> Pieces => pieces;

    public string Text { get; }

    public Mark Mark { get; }

    /// <summary>The first piece that isn't known, or null.</summary>
    public ShellPiece? FirstUnknown => pieces.Any(p => p.Why is not null) ? pieces.First(p => p.Why is not null) : null;

    public bool IsKnown => FirstUnknown is null;

    public ShellValue Followed(ShellValue other) => new([.. pieces, .. other.pieces], Mark);

    static string Join(IReadOnlyList<ShellPiece> pieces, Mark mark)
    {
        long length = 0;
        foreach (var piece in pieces) length += piece.Text.Length;
        if (length > Longest) throw new InputException($"a value of more than {Longest:N0} characters is made here", mark);
        var text = new StringBuilder((int)length);
        foreach (var piece in pieces) text.Append(piece.Text);
        return text.ToString();
    }
}

/// <summary>What is parsed as shell: a file, or a value that is run (<c>eval</c>, <c>bash -c</c>).</summary>
sealed class ShellText
{
    /// <summary>Largest script that is read, in bytes; a launch script has a few kilobytes.</summary>
    public const int MaximumBytes = 4 << 20;

    /// <summary>Stands in the text for a piece that isn't known. Scripts that have it themselves are refused.</summary>
    public const char Hole = '\uFFFC';

    // spans are in ascending order of their starts; the first starts at 0.
    readonly List<(int Start, Mark Mark, ShellPiece? Hole)> spans = [];

    ShellText(string text) => Text = text;

    public string Text { get; }

    /// <summary>Reads a script from a file.</summary>
    public static ShellText ReadFile(string path) => Of(BoundedFile.Read(path, MaximumBytes, bytes => Decode(bytes, path)), path);

    /// <summary>A script by its text.</summary>
    public static ShellText Of(string text, string file)
    {
        if (text.Contains('\r', StringComparison.Ordinal)) text = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        if (text.IndexOf(Hole, StringComparison.Ordinal) is >= 0 and var hole) throw new InputException($"character U+FFFC (object replacement) is no text of a script", Place(text, hole, file));
        var script = new ShellText(text);
        var line = 1;
        script.spans.Add((0, new(file, 1, 1), null));
        for (var i = 0; i < text.Length; i++)
            if (text[i] == '\n') script.spans.Add((i + 1, new(file, ++line, 1), null));
        return script;
    }

    /// <summary>A value as a script, for <c>eval</c>.</summary>
    public static ShellText Of(ShellValue value)
    {
        var script = new ShellText(string.Concat(value.Pieces.Select(p => p.Why is null ? p.Text : Hole.ToString())));
        var at = 0;
        foreach (var piece in value.Pieces)
        {
            script.spans.Add((at, piece.Mark, piece.Why is null ? null : piece));
            at += piece.Why is null ? piece.Text.Length : 1;
        }
        if (script.spans.Count == 0) script.spans.Add((0, value.Mark, null));
        return script;
    }

    /// <summary>A place in a sentence: the file without its folder, and the line.</summary>
    public static string Short(Mark mark) => $"{Path.GetFileName(mark.File)}:{mark.Line}";

    /// <summary>Where a character was written.</summary>
    public Mark At(int offset)
    {
        var (start, mark, hole) = spans[SpanOf(offset)];
        return hole is null ? mark with { Column = mark.Column + offset - start } : mark;
    }

    /// <summary>The piece whose place a hole takes.</summary>
    public ShellPiece HoleAt(int offset) => spans[SpanOf(offset)].Hole ?? new("?", At(offset), "it is not known");

    int SpanOf(int offset)
    {
        int low = 0, high = spans.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (spans[middle].Start <= offset) low = middle;
            else high = middle - 1;
        }
        return low;
    }

    static string Decode(ReadOnlySpan<byte> bytes, string path)
    {
        if (bytes.IndexOf((byte)0) is >= 0 and var zero) throw new InputException($"'{path}' is not a text file: byte {zero} is zero");
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        try
        {
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException($"'{path}' is not a UTF-8 text file: byte {e.Index} can't be read");
        }
    }

    static Mark Place(string text, int offset, string file)
    {
        var before = text.AsSpan(0, offset);
        return new(file, before.Count('\n') + 1, offset - before.LastIndexOf('\n'));
    }
}
