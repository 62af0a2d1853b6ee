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

    readonly char[] buffer = new char[1 << 16];
    readonly StringBuilder line = new();
    int begin, end;
    bool skipFeed;

    /// <summary>The number of the line that was read last, from 1.</summary>
    public int Number { get; private set; }

    /// <summary>The next line without its end, or null after the last.</summary>
    /// <exception cref="InputException">A line is too long or has bytes that no text has, or there are too many lines.</exception>
    public string? Next()
    {
        if (Number == MostLines && Peek() >= 0) throw Wrong($"the file has more than {MostLines:N0} lines");
        line.Clear();
        var any = false;
        while (Peek() is >= 0 and var c)
        {
            begin++;
            if (skipFeed && c == '\n')
            {
                skipFeed = false;
                continue;
            }
            skipFeed = c == '\r';
            if (!any) Number++;
            any = true;
            if (c is '\n' or '\r') return line.ToString();
            // A replacement character stands for bytes that are no UTF-8.
            if ((c < ' ' && c != '\t') || c is '\uFFFD' or '\u007F')
                throw new InputException($"this is not a text: expected letters, found {(c == '\uFFFD' ? "bytes that are no UTF-8" : $"control character {c}")}", new(file, Number, line.Length + 1));
            if (line.Length == LongestLine) throw Wrong($"this line is longer than {LongestLine:N0} characters");
            line.Append((char)c);
        }
        return any ? line.ToString() : null;
    }

    /// <summary>An error in the line that was read last.</summary>
    public InputException Wrong(string problem, int column = 1) => new(problem, new(file, Math.Max(1, Number), column));

    int Peek()
    {
        if (begin == end) (begin, end) = (0, reader.Read(buffer, 0, buffer.Length));
        return begin == end ? -1 : buffer[begin];
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
