using System.Text;
using Lightloom.Catalog.Documents;

namespace Lightloom.Cli;

/// <summary>Where <c>--output</c> leads: a file that is there whole or not at all, or the standard output.</summary>
static class OutputFile
{
    /// <summary>Writes a text as it is made, without holding all of it.</summary>
    /// <param name="target">A file, a folder in which a file of that name is made, or null for the standard output.</param>
    /// <param name="name">The file's name in a folder.</param>
    /// <param name="write">Writes the text.</param>
    /// <returns>The file, or null for the standard output.</returns>
    /// <exception cref="InputException">There is no such folder.</exception>
    public static string? Write(string? target, string name, Action<TextWriter> write)
    {
        if (target is null)
        {
            using var console = new Chunks(Console.Out);
            write(console);
            return null;
        }
        var file = Directory.Exists(target) ? Path.Combine(target, name) : target;
        if (Directory.Exists(file)) throw new InputException($"--output: '{file}' is a folder; expected the name of a file");
        var folder = Path.GetDirectoryName(Path.GetFullPath(file));
        if (!Directory.Exists(folder)) throw new InputException($"--output: there is no folder '{folder}'");
        // Written beside and moved, so that nobody ever reads half a file.
        var part = $"{file}.{Environment.ProcessId}.part";
        try
        {
            using (var writer = new StreamWriter(part, false, new UTF8Encoding(false), 1 << 16) { NewLine = "\n" }) write(writer);
            File.Move(part, file, overwrite: true);
        }
        catch
        {
            File.Delete(part);
            throw;
        }
        return file;
    }

    // The console flushes after every write; a large file is a million of them.
    sealed class Chunks(TextWriter inner) : TextWriter
    {
        readonly char[] buffer = new char[1 << 16];
        int used;

        public override Encoding Encoding => inner.Encoding;

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
