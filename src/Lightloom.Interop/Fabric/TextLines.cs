using System.Buffers;
using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Fabric;

/// <summary>Reads a text line by line, in bounded memory, and refuses what is none.</summary>
/// <param name="reader">The text.</param>
/// <param name="file">How to call it in messages.</param>
sealed class TextLines(TextReader reader, string file)
{
    /// <summary>The most lines that are read: more than twice the cables of a million cards take.</summary>
    public const int MostLines = 8_000_000;

    /// <summary>The longest line that is read, in characters.</summary>
    public const int LongestLine = 4_096;

    // A line ends at a feed or a return; a tab may stand in it; no other control character, and no stand-in for bytes that are no UTF-8.
    static readonly SearchValues<char> Stops = SearchValues.Create(
        [.. Enumerable.Range(0, ' ').Select(c => (char)c).Where(c => c != '\t'), '\u007F', '\uFFFD']);

    readonly char[] buffer = new char[1 << 16], line = new char[LongestLine];
    int begin, end, length;
    bool skipFeed;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The line that was read last, without its end; it holds until the next is read.</summary>
    public ReadOnlySpan<char> Line => line.AsSpan(0, length);

    /// <summary>Reads the next line; false after the last.</summary>
    /// <exception cref="InputException">A line is too long or has bytes that no text has, or there are too many lines.</exception>
    public bool Next()
    {
        if (skipFeed && Fill() && buffer[begin] == '\n') begin++;
        skipFeed = false;
        if (!Fill()) return false;
        if (Number == MostLines) throw Wrong($"the file has more than {MostLines:N0} lines");
        Number++;
        length = 0;
        while (Fill())
        {
            var rest = buffer.AsSpan(begin, end - begin);
            var stop = rest.IndexOfAny(Stops);
            var count = stop < 0 ? rest.Length : stop;
            if (length + count > LongestLine) throw Wrong($"this line is longer than {LongestLine:N0} characters");
            rest[..count].CopyTo(line.AsSpan(length));
            (length, begin) = (length + count, begin + count);
            if (stop < 0) continue;
            var c = buffer[begin++];
            skipFeed = c == '\r';
            if (c is '\n' or '\r') return true;
            throw Wrong($"this is not a text: expected letters, found {(c == '\uFFFD' ? "bytes that are no UTF-8" : $"control character {(int)c}")}", length + 1);
        }
        return true;
    }

    /// <summary>An error in the line that was read last.</summary>
    public InputException Wrong(string problem, int column = 1) => new(problem, new(file, Math.Max(1, Number), column));

    bool Fill()
    {
        if (begin == end) (begin, end) = (0, reader.Read(buffer, 0, buffer.Length));
        return begin < end;
    }

    /// <summary>Opens a file for reading.</summary>
    /// <exception cref="InputException">It can't be read.</exception>
    public static T ReadFile<T>(string path, Func<TextReader, T> read)
    {
        try
        {
            if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; expected a file");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, 1 << 16);
            if (reader.Peek() == '\uFEFF') reader.Read();
            return read(reader);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(e is FileNotFoundException or DirectoryNotFoundException ? $"there is no file '{path}'" : $"'{path}' can't be read: {e.Message}");
        }
    }
}
