using System.IO.Compression;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;

namespace Lightloom.Interop.Chakra;

/// <summary>
/// A Chakra trace: a file for each rank, PREFIX.0.et, PREFIX.1.et, ... or the same packed as .et.gz. Files are read as their nodes are asked for, a
/// block at a time, and are open only meanwhile, so that neither their size nor their number matters.
/// </summary>
public sealed class ChakraTrace : ITraceSource
{
    const int BlockNodes = 4096;
    const int BlockBytes = 4 << 20;

    /// <summary>The attribute of a node that lists those of its dependencies that are there for the order of issue alone; nobody else's readers know it.</summary>
    internal const string IssueOrder = "issue_order";

    readonly string[] files;

    ChakraTrace(string[] files)
    {
        this.files = files;
        AllAlike = files.Length > 1 && files.All(f => f.EndsWith(".et", StringComparison.Ordinal)) && files.Skip(1).All(f => Same(files[0], f));
    }

    /// <inheritdoc/>
    public int Ranks => files.Length;

    /// <inheritdoc/>
    public bool AllAlike { get; }

    /// <summary>The file of a rank.</summary>
    public string FileOf(int rank) => files[rank];

    /// <summary>Opens a trace.</summary>
    /// <param name="path">The prefix of its files, one of its files, or a folder with the files of one trace.</param>
    /// <param name="ranks">How many ranks it has to have; null: as many as there are files.</param>
    /// <exception cref="InputException">There is no such trace, or a rank's file is missing.</exception>
    public static ChakraTrace Open(string path, int? ranks = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        var prefix = Prefix(path) ?? throw new InputException(Directory.Exists(path)
            ? $"the folder '{path}' holds no trace; expected files such as trace.0.et, trace.1.et, ..."
            : $"there is no trace '{path}'; expected files {path}.0.et, {path}.1.et, ..., one of them, or their folder");
        var files = new List<string>();
        while (files.Count <= (ranks ?? int.MaxValue - 1) && FileOf(prefix, files.Count) is { } file) files.Add(file);
        if (ranks is { } wanted)
        {
            if (files.Count < wanted) throw new InputException($"there is no file '{prefix}.{files.Count}.et': {wanted:N0} ranks are expected, and each has a file");
            if (files.Count > wanted) throw new InputException($"the trace '{prefix}' has more ranks than the {wanted:N0} that are expected: there is a file '{files[wanted]}'");
        }
        if (files.Count == 0) throw new InputException($"there is no file '{prefix}.0.et', that of the first rank");
        // What is missing in between is missing at the end.
        if (Gap(prefix, files.Count) is { } beyond) throw new InputException($"there is no file '{prefix}.{files.Count}.et', though there is '{beyond}'");
        return new([.. files]);
    }

    /// <summary>Whether a path leads to such a trace.</summary>
    public static bool Is(string path) => Prefix(path) is not null;

    /// <inheritdoc/>
    public IEnumerable<TraceNode> NodesOf(int rank) => files[rank].EndsWith(".gz", StringComparison.Ordinal) ? Packed(rank) : Plain(rank);

    /// <inheritdoc/>
    public string PlaceOf(int rank, TraceNode node)
    {
        ArgumentNullException.ThrowIfNull(node);
        return $"{files[rank]}: at byte {node.Offset:N0}";
    }

    IEnumerable<TraceNode> Plain(int rank)
    {
        var file = files[rank];
        var (offset, block, more) = (0L, new List<TraceNode>(), true);
        while (more)
        {
            block.Clear();
            Guard(file, () =>
            {
                using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 14) { Position = offset };
                var nodes = new ChakraNodes(stream, file, rank, offset);
                if (offset == 0) nodes.Head();
                while (block.Count < BlockNodes && nodes.Offset - offset < BlockBytes)
                {
                    if (nodes.Next() is { } node)
                    {
                        block.Add(node);
                        continue;
                    }
                    more = false;
                    break;
                }
                offset = nodes.Offset;
            });
            foreach (var node in block) yield return node;
        }
    }

    IEnumerable<TraceNode> Packed(int rank)
    {
        var file = files[rank];
        using var packed = Guard(file, () => new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 14));
        using var stream = new BufferedStream(new GZipStream(packed, CompressionMode.Decompress), 1 << 16);
        var nodes = new ChakraNodes(stream, file, rank, 0);
        Guard(file, nodes.Head);
        while (Guard(file, nodes.Next) is { } node) yield return node;
    }

    static void Guard(string file, Action read) => Guard(file, () =>
    {
        read();
        return true;
    });

    static T Guard<T>(string file, Func<T> read)
    {
        try
        {
            return read();
        }
        catch (InvalidDataException e)
        {
            throw new InputException($"{file}: it is named .gz, and can't be unpacked: {e.Message}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new InputException($"'{file}' can't be read: {e.Message}");
        }
    }

    static string? FileOf(string prefix, int rank) =>
        File.Exists($"{prefix}.{rank}.et") ? $"{prefix}.{rank}.et" : File.Exists($"{prefix}.{rank}.et.gz") ? $"{prefix}.{rank}.et.gz" : null;

    static string? Prefix(string path)
    {
        if (path.Length == 0) return null;
        if (FileOf(path, 0) is not null) return path;
        if (File.Exists(path)) return Split(path) is (var own, _) ? own : null;
        if (!Directory.Exists(path)) return HasRanks(path) ? path : null;
        string[] found = [.. Traces(path, "*").Select(f => Split(f)?.Prefix).OfType<string>().Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        return found.Length <= 1 ? found.FirstOrDefault()
            : throw new InputException($"the folder '{path}' holds several traces: {string.Join(", ", found.Take(5).Select(Path.GetFileName))}; name one by its prefix");
    }

    static bool HasRanks(string prefix) =>
        Path.GetDirectoryName(Path.GetFullPath(prefix)) is { } folder && Directory.Exists(folder) && Traces(folder, Path.GetFileName(prefix) + ".*").Any(f => Split(f)?.Prefix is { } own && Path.GetFileName(own) == Path.GetFileName(prefix));

    static IEnumerable<string> Traces(string folder, string name) => Directory.EnumerateFiles(folder, name).Where(f => f.EndsWith(".et", StringComparison.Ordinal) || f.EndsWith(".et.gz", StringComparison.Ordinal));

    static (string Prefix, int Rank)? Split(string file)
    {
        var name = file.EndsWith(".gz", StringComparison.Ordinal) ? file[..^3] : file;
        if (!name.EndsWith(".et", StringComparison.Ordinal)) return null;
        name = name[..^3];
        var dot = name.LastIndexOf('.');
        return dot > 0 && int.TryParse(name.AsSpan(dot + 1), System.Globalization.NumberStyles.None, null, out var rank) ? (name[..dot], rank) : null;
    }

    static string? Gap(string prefix, int first)
    {
        var folder = Path.GetDirectoryName(Path.GetFullPath(prefix));
        return folder is null || !Directory.Exists(folder) ? null
            : Traces(folder, Path.GetFileName(prefix) + ".*").Order(StringComparer.Ordinal).FirstOrDefault(f => Split(f) is (var own, var rank) && Path.GetFileName(own) == Path.GetFileName(prefix) && rank > first);
    }

    static bool Same(string a, string b) => Guard(b, () =>
    {
        using var first = new FileStream(a, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        using var second = new FileStream(b, FileMode.Open, FileAccess.Read, FileShare.Read, 1);
        if (first.Length != second.Length) return false;
        var (x, y) = (new byte[1 << 16], new byte[1 << 16]);
        while (true)
        {
            var n = first.ReadAtLeast(x, x.Length, throwOnEndOfStream: false);
            var m = second.ReadAtLeast(y, y.Length, throwOnEndOfStream: false);
            if (!x.AsSpan(0, n).SequenceEqual(y.AsSpan(0, m))) return false;
            if (n == 0) return true;
        }
    });
}
