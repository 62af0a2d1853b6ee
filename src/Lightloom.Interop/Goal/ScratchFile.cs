using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Goal;

/// <summary>Files for what doesn't fit into memory: they have no name that anyone needs, and are gone with whoever made them.</summary>
static class ScratchFile
{
    /// <summary>Makes one, in the system's folder for such files (TMPDIR).</summary>
    /// <exception cref="InputException">It can't be made.</exception>
    public static FileStream Make()
    {
        var path = Path.Combine(Path.GetTempPath(), $"lightloom-{Environment.ProcessId}-{Guid.NewGuid():N}");
        try
        {
            return new(path, FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, bufferSize: 0, FileOptions.DeleteOnClose);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"a file for what doesn't fit into memory can't be made in '{Path.GetTempPath()}': {e.Message}");
        }
    }
}

/// <summary>Bytes that are appended and then read from the front any number of times: in memory up to a size, beyond it in a file. Not for several threads.</summary>
/// <param name="most">Bytes that are held in memory.</param>
sealed class Spool(int most) : IDisposable
{
    byte[] buffer = [];
    int filled;
    long spilled; // bytes in the file, which are before those of the buffer
    FileStream? file;

    public long Length => spilled + filled;

    public void Append(ReadOnlySpan<byte> bytes)
    {
        if (filled + bytes.Length > buffer.Length) Grow(bytes.Length);
        bytes.CopyTo(buffer.AsSpan(filled));
        filled += bytes.Length;
    }

    void Grow(int more)
    {
        if (filled + more <= most)
        {
            Array.Resize(ref buffer, Math.Min(most, Math.Max(2 * buffer.Length, Math.Max(4096, filled + more))));
            return;
        }
        file ??= ScratchFile.Make();
        RandomAccess.Write(file.SafeFileHandle, buffer.AsSpan(0, filled), spilled);
        spilled += filled;
        filled = 0;
        if (more > buffer.Length) buffer = new byte[Math.Max(more, most)];
    }

    /// <summary>Reads bytes from a place; all of them are there.</summary>
    public void Read(long at, Span<byte> into)
    {
        while (!into.IsEmpty && at < spilled)
        {
            var read = RandomAccess.Read(file!.SafeFileHandle, into[..(int)Math.Min(into.Length, spilled - at)], at);
            if (read == 0) throw new EndOfStreamException();
            at += read;
            into = into[read..];
        }
        if (!into.IsEmpty) buffer.AsSpan((int)(at - spilled), into.Length).CopyTo(into);
    }

    public void Clear() => (filled, spilled) = (0, 0);

    public void Dispose() => file?.Dispose();
}
