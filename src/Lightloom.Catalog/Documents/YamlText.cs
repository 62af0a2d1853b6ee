using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Lightloom.Catalog.Documents;

/// <summary>
/// Reads one YAML document into <see cref="Node"/>s and refuses what a design has no use for: several documents, tags,
/// duplicate keys, keys that aren't plain values, files that aren't text, and documents that grow without bound.
/// </summary>
public static class YamlText
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaximumBytes = 16 << 20;

    /// <summary>Deepest nesting that is read.</summary>
    public const int MaximumDepth = 32;

    /// <summary>Most nodes that a document may have, with every alias expanded.</summary>
    public const long MaximumNodes = 250_000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file is missing, unreadable, too large, not text or not one strict YAML mapping.</exception>
    public static MappingNode ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        byte[] bytes;
        try
        {
            if (Directory.Exists(path)) throw new InputException($"'{path}' is a folder; expected a file");
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 16);
            // A device or a pipe has no length: read at most one byte more than is allowed and judge by that.
            var limit = MaximumBytes + 1;
            using var memory = new MemoryStream();
            var buffer = new byte[1 << 16];
            int got;
            while (memory.Length < limit && (got = stream.Read(buffer, 0, (int)Math.Min(buffer.Length, limit - memory.Length))) > 0)
                memory.Write(buffer, 0, got);
            bytes = memory.ToArray();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException or ArgumentException)
        {
            throw new InputException(e is FileNotFoundException or DirectoryNotFoundException
                ? $"there is no file '{path}'"
                : $"'{path}' can't be read: {e.Message}");
        }
        if (bytes.Length > MaximumBytes)
            throw new InputException($"'{path}' is larger than {MaximumBytes >> 20} MiB; a document of this kind is a few kilobytes");
        return Read(Decode(bytes, path), path);
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">The text is not one strict YAML mapping.</exception>
    public static MappingNode Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        RefuseTabs(text, file);
        var anchors = new Dictionary<string, Node>(StringComparer.Ordinal);
        Mark here = new(file, 1, 1);
        var scanner = new Scanner(new StringReader(text), skipComments: true);
        try
        {
            var parser = new Parser(scanner);
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _)) throw new InputException("the file is empty; expected a mapping", here);
            var root = ReadNode(parser, file, anchors, 0);
            parser.Consume<DocumentEnd>();
            if (!parser.TryConsume<StreamEnd>(out _))
                throw new InputException("a second document starts here; expected one", At(file, parser.Current!));
            return root as MappingNode ?? throw new InputException($"expected a mapping, found {root.Kind}", root.Mark);
        }
        catch (YamlException e)
        {
            throw new InputException(NotYaml(e), new(file, (int)e.Start.Line, (int)e.Start.Column));
        }
        // The library throws these for tags that are no URIs and the like, without a place of its own.
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException)
        {
            throw new InputException(NotYaml(e), new(file, (int)scanner.CurrentPosition.Line, (int)scanner.CurrentPosition.Column));
        }
    }

    static string NotYaml(Exception e) => $"not valid YAML: {char.ToLowerInvariant(e.Message[0])}{e.Message[1..]}";

    static Node ReadNode(Parser parser, string file, Dictionary<string, Node> anchors, int depth)
    {
        var mark = At(file, parser.Current!);
        if (depth > MaximumDepth) throw new InputException($"nested more than {MaximumDepth} levels deep", mark);
        if (parser.TryConsume<AnchorAlias>(out var alias))
            return anchors.TryGetValue(alias.Value.Value, out var target)
                ? target
                : throw new InputException($"alias '*{alias.Value.Value}' names no anchor above it", mark);

        Node node;
        AnchorName anchor;
        TagName tag;
        if (parser.TryConsume<Scalar>(out var scalar))
        {
            (anchor, tag) = (scalar.Anchor, scalar.Tag);
            node = new ScalarNode(mark, scalar.Value, scalar.Style == ScalarStyle.Plain);
        }
        else if (parser.TryConsume<SequenceStart>(out var sequence))
        {
            (anchor, tag) = (sequence.Anchor, sequence.Tag);
            var items = new List<Node>();
            long count = 1;
            while (!parser.TryConsume<SequenceEnd>(out _)) items.Add(Counted(ReadNode(parser, file, anchors, depth + 1), ref count));
            node = new SequenceNode(mark, items) { ExpandedCount = count };
        }
        else
        {
            var mapping = parser.Consume<MappingStart>();
            (anchor, tag) = (mapping.Anchor, mapping.Tag);
            var entries = new List<KeyValuePair<ScalarNode, Node>>();
            var seen = new HashSet<string>(StringComparer.Ordinal);
            long count = 1;
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var key = ReadNode(parser, file, anchors, depth + 1) as ScalarNode
                    ?? throw new InputException("a key must be a plain value", mark);
                if (!seen.Add(key.Text)) throw new InputException($"key '{key.Text}' stands here a second time", key.Mark);
                entries.Add(new(key, Counted(ReadNode(parser, file, anchors, depth + 1), ref count)));
            }
            node = new MappingNode(mark, entries) { ExpandedCount = count };
        }
        if (!tag.IsEmpty && !tag.IsNonSpecific) throw new InputException($"tag '{tag.Value}' has no meaning here", mark);
        if (!anchor.IsEmpty) anchors[anchor.Value] = node;
        return node;
    }

    static Node Counted(Node node, ref long count)
    {
        count += node.ExpandedCount;
        if (count > MaximumNodes)
            throw new InputException($"the document has more than {MaximumNodes:N0} values once its aliases are expanded", node.Mark);
        return node;
    }

    static Mark At(string file, ParsingEvent e) => new(file, (int)e.Start.Line, (int)e.Start.Column);

    static string Decode(byte[] bytes, string path)
    {
        var zero = Array.IndexOf(bytes, (byte)0);
        if (zero >= 0) throw new InputException($"'{path}' is not a text file: byte {zero} is zero");
        try
        {
            var start = bytes.AsSpan().StartsWith("\uFEFF"u8) ? 3 : 0;
            return new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(bytes.AsSpan(start));
        }
        catch (DecoderFallbackException e)
        {
            throw new InputException($"'{path}' is not a UTF-8 text file: byte {e.Index} can't be read");
        }
    }

    static void RefuseTabs(string text, string file)
    {
        var line = 1;
        var column = 1;
        var indent = true;
        foreach (var c in text)
        {
            if (c == '\n')
            {
                (line, column, indent) = (line + 1, 1, true);
                continue;
            }
            if (indent && c == '\t')
                throw new InputException("a tab stands in the indentation; YAML is indented with spaces", new(file, line, column));
            if (c != ' ') indent = false;
            column++;
        }
    }
}
