namespace Lightloom.Catalog.Documents;

/// <summary>Files of users, read whole but never beyond a limit, whatever they turn out to be.</summary>
public static class BoundedFile
{
    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="mostBytes">The largest that is read.</param>
    /// <param name="read">Makes something of its bytes, which are valid during the call alone.</param>
    /// <exception cref="InputException">It is missing, unreadable, a folder or too large.</exception>
    public static T Read<T>(string path, int mostBytes, Func<ReadOnlySpan<byte>, T> read)
    {
        ArgumentNullException.ThrowIfNull(path);
        ArgumentNullException.ThrowIfNull(read);
        try
        {
            if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; expected a file");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            if (stream.CanSeek && stream.Length > mostBytes) throw new InputException($"'{path}' is larger than {mostBytes >> 20} MiB");
            // A device or a pipe has no length: read little more than is allowed and judge by that.
            using var memory = new MemoryStream();
            var buffer = new byte[1 << 16];
            int got;
            while (memory.Length <= mostBytes && (got = stream.Read(buffer, 0, buffer.Length)) > 0) memory.Write(buffer, 0, got);
            if (memory.Length > mostBytes) throw new InputException($"'{path}' is larger than {mostBytes >> 20} MiB");
            return read(memory.GetBuffer().AsSpan(0, (int)memory.Length));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(e is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file '{path}'"
                : $"'{path}' can't be read: {e.Message}");
        }
    }
}
