namespace Lightloom.Interop.Goal;

/// <summary>A file that is read at any place through pages, of which the ones used lately are in memory. Not for several threads.</summary>
/// <param name="stream">The file; it is closed with this.</param>
/// <param name="size">Pages, and bytes of each, a power of two.</param>
sealed class FilePages(Stream stream, (int Count, int Bytes) size) : IDisposable
{
    const int Memory = 64 << 20;
    const int LargestPage = 64 << 10;
    const int SmallestPage = 1 << 10;
    const int PagesOfRank = 4; // its operations and its dependents, each with the next page

    Dictionary<long, int> frames = [];
    byte[]?[] memory = new byte[]?[size.Count];
    long[] pages = new long[size.Count];
    bool[] used = new bool[size.Count];    // since the hand last came by
    int filled, hand, bytes = size.Bytes;
    byte[] across = new byte[64];
    (long Page, int Frame) last = (-1, 0);

    /// <summary>Pages for a number of places at which a file is read by turns.</summary>
    public static (int Count, int Bytes) SizeFor(int places)
    {
        var page = LargestPage;
        while (page > SmallestPage && (long)places * PagesOfRank * page > Memory) page >>= 1;
        return (Memory / page, page);
    }

    public long Length { get; } = stream.Length;

    /// <summary>Forgets all pages and goes on with others.</summary>
    public void Resize((int Count, int Bytes) size)
    {
        if (size == (memory.Length, bytes)) return;
        (frames, memory, pages, used) = ([], new byte[]?[size.Count], new long[size.Count], new bool[size.Count]);
        (filled, hand, bytes, last) = (0, 0, size.Bytes, (-1, 0));
    }

    /// <summary>Bytes at a place, all of them in the file; as they are until the next call.</summary>
    public ReadOnlySpan<byte> Bytes(long at, int count)
    {
        var from = (int)(at & (bytes - 1));
        if (from + count <= bytes) return Page(at / bytes).AsSpan(from, count);
        if (across.Length < count) across = new byte[count];
        Copy(at, across.AsSpan(0, count));
        return across.AsSpan(0, count);
    }

    /// <summary>Copies bytes at a place, all of them in the file.</summary>
    public void Copy(long at, Span<byte> into)
    {
        while (!into.IsEmpty)
        {
            var from = (int)(at & (bytes - 1));
            var count = Math.Min(into.Length, bytes - from);
            Page(at / bytes).AsSpan(from, count).CopyTo(into);
            at += count;
            into = into[count..];
        }
    }

    byte[] Page(long page)
    {
        if (page == last.Page) return memory[last.Frame]!;
        if (!frames.TryGetValue(page, out var frame)) frame = Load(page);
        used[frame] = true;
        last = (page, frame);
        return memory[frame]!;
    }

    int Load(long page)
    {
        int frame;
        if (filled < memory.Length)
        {
            frame = filled++;
            memory[frame] = new byte[bytes];
        }
        else
        {
            for (; used[hand]; hand = (hand + 1) % memory.Length) used[hand] = false;
            frame = hand;
            hand = (hand + 1) % memory.Length;
            frames.Remove(pages[frame]);
        }
        var at = page * bytes;
        stream.Position = at;
        stream.ReadExactly(memory[frame]!, 0, (int)Math.Min(bytes, Length - at));
        pages[frame] = page;
        frames[page] = frame;
        return frame;
    }

    public void Dispose() => stream.Dispose();
}
