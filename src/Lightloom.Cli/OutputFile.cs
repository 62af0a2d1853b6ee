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

    static void Save(string path, Action<FileStream> write)
    {
        if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; expected the name of a file");
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
}
