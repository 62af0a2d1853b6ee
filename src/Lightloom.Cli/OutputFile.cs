using Lightloom.Catalog.Documents;

namespace Lightloom.Cli;

/// <summary>Files that commands write: whole or not at all.</summary>
static class OutputFile
{
    /// <summary>Writes a file beside its place and moves it there when it is complete.</summary>
    /// <exception cref="InputException">It can't be written.</exception>
    public static void Write(string path, Action<TextWriter> write) => Save(path, stream =>
    {
        using var writer = new StreamWriter(stream, new System.Text.UTF8Encoding(false), 1 << 16) { NewLine = "\n" };
        write(writer);
    });

    /// <summary>Writes bytes beside their place and moves them there when they are complete.</summary>
    /// <exception cref="InputException">They can't be written.</exception>
    public static void Write(string path, byte[] bytes) => Save(path, stream => stream.Write(bytes));

    /// <summary>Writes bytes as they are made beside their place and moves them there when they are complete.</summary>
    /// <exception cref="InputException">They can't be written.</exception>
    public static void Stream(string path, Action<Stream> write) => Save(path, write);

    /// <summary>Checks that a file can stand at a place, for commands that write several: all of them or none.</summary>
    /// <exception cref="InputException">It is a folder, or its folder isn't there.</exception>
    public static void CheckPlace(string path)
    {
        if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; expected the name of a file");
        if (Path.GetDirectoryName(path) is { Length: > 0 } folder && !Directory.Exists(folder)) throw new InputException($"'{path}' can't be written: there is no folder '{folder}'");
    }

    static void Save(string path, Action<FileStream> write)
    {
        CheckPlace(path);
        var unfinished = $"{path}.{Environment.ProcessId}.unfinished";
        try
        {
            using (var stream = new FileStream(unfinished, FileMode.Create, FileAccess.Write, FileShare.Read, 1 << 16)) write(stream);
            File.Move(unfinished, path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new InputException($"'{path}' can't be written: {e.Message}");
        }
        finally
        {
            try
            {
                File.Delete(unfinished);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
            {
                // It was never made, or nothing more can be done about it.
            }
        }
    }

    /// <summary>Writes to the standard output as the text is made, in large pieces: the console flushes after each.</summary>
    public static void WriteConsole(Action<TextWriter> write)
    {
        using var chunks = new Chunks(Console.Out);
        write(chunks);
    }

    sealed class Chunks(TextWriter inner) : TextWriter
    {
        readonly char[] buffer = new char[1 << 16];
        int used;

        public override System.Text.Encoding Encoding => inner.Encoding;

        public override void Write(char value)
        {
            if (used == buffer.Length) Flush();
            buffer[used++] = value;
        }

        public override void Write(string? value) => Write(value.AsSpan());

        public override void Write(ReadOnlySpan<char> text)
        {
            while (!text.IsEmpty)
            {
                if (used == buffer.Length) Flush();
                var count = Math.Min(text.Length, buffer.Length - used);
                text[..count].CopyTo(buffer.AsSpan(used));
                used += count;
                text = text[count..];
            }
        }

        public override void Write(char[] chars, int index, int count) => Write(chars.AsSpan(index, count));

        public override void Flush()
        {
            inner.Write(buffer, 0, used);
            inner.Flush();
            used = 0;
        }

        protected override void Dispose(bool disposing)
        {
            if (disposing) Flush();
            base.Dispose(disposing);
        }
    }
}
