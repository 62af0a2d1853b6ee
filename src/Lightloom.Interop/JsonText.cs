using System.Text;
using System.Text.Json;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop;

/// <summary>
/// Reads one JSON document into <see cref="Node"/>s that remember where they stood. Strict: no comments, no trailing commas, no
/// duplicate keys, and nothing that grows without bound. Texts keep their quotes in mind: a number in quotes is a text.
/// </summary>
public static class JsonText
{
    /// <summary>Largest file that is read, in bytes.</summary>
    public const int MaximumBytes = 64 << 20;

    /// <summary>Deepest nesting that is read.</summary>
    public const int MaximumDepth = 64;

    /// <summary>Most values that a document may have.</summary>
    public const int MaximumNodes = 1_000_000;

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file is missing, unreadable, too large, not text or not one strict JSON object.</exception>
    public static MappingNode ReadFile(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        return BoundedFile.Read(path, MaximumBytes, bytes => Read(bytes, path));
    }

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">The text is not one strict JSON object.</exception>
    public static MappingNode Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Read(Encoding.UTF8.GetBytes(text).AsSpan(), file);
    }

    static MappingNode Read(ReadOnlySpan<byte> bytes, string file)
    {
        if (bytes.StartsWith("\uFEFF"u8)) bytes = bytes[3..];
        var reader = new Utf8JsonReader(bytes, new JsonReaderOptions { MaxDepth = MaximumDepth });
        var places = new Places(file);
        try
        {
            if (!reader.Read()) throw new InputException("the file is empty; expected a JSON object", new(file, 1, 1));
            var budget = MaximumNodes;
            var root = ReadNode(ref reader, bytes, ref places, ref budget);
            reader.Read(); // throws where anything but white space follows
            return root as MappingNode ?? throw new InputException($"expected a JSON object, found {root.Kind}", root.Mark);
        }
        catch (JsonException e)
        {
            throw new InputException(OneLine($"not valid JSON: {Shorten(e.Message)}"), new(file, (int)(e.LineNumber ?? 0) + 1, (int)(e.BytePositionInLine ?? 0) + 1));
        }
        catch (InvalidOperationException)
        {
            throw new InputException("not valid JSON: a text is not UTF-8", places.At(bytes, (int)reader.TokenStartIndex));
        }
    }

    static Node ReadNode(ref Utf8JsonReader reader, ReadOnlySpan<byte> bytes, ref Places places, ref int budget)
    {
        var mark = places.At(bytes, (int)reader.TokenStartIndex);
        if (--budget < 0) throw new InputException($"the document has more than {MaximumNodes:N0} values", mark);
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                var entries = new List<KeyValuePair<ScalarNode, Node>>();
                HashSet<string>? seen = null;
                while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
                {
                    var key = new ScalarNode(places.At(bytes, (int)reader.TokenStartIndex), reader.GetString()!, false);
                    seen ??= new(StringComparer.Ordinal);
                    if (!seen.Add(key.Text))
                        throw new InputException(OneLine($"key '{key.Text}' stands here a second time"), key.Mark);
                    reader.Read();
                    entries.Add(new(key, ReadNode(ref reader, bytes, ref places, ref budget)));
                }
                return new MappingNode(mark, entries);
            case JsonTokenType.StartArray:
                var items = new List<Node>();
                while (reader.Read() && reader.TokenType != JsonTokenType.EndArray) items.Add(ReadNode(ref reader, bytes, ref places, ref budget));
                return new SequenceNode(mark, items);
            case JsonTokenType.String:
                return new ScalarNode(mark, reader.GetString()!, false);
            default:
                return new ScalarNode(mark, Encoding.UTF8.GetString(reader.ValueSpan), true);
        }
    }

    /// <summary>A message on one line, whatever a document has its names made of.</summary>
    internal static string OneLine(string message)
    {
        if (!message.Any(char.IsControl)) return message;
        return string.Create(message.Length, message, static (span, text) =>
        {
            for (var i = 0; i < span.Length; i++) span[i] = char.IsControl(text[i]) ? ' ' : text[i];
        });
    }

    /// <summary>The reader's own message names a place after its first sentence, which ours does already.</summary>
    static string Shorten(string message)
    {
        var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        var text = (end < 0 ? message : message[..end]).TrimEnd('.', ' ');
        return text.Length == 0 ? "it ends too early" : $"{char.ToLowerInvariant(text[0])}{text[1..]}";
    }

    /// <summary>Turns positions into lines and columns; positions come in ascending order, so each byte is looked at once.</summary>
    struct Places(string file)
    {
        int position, line = 1, column = 1;

        public Mark At(ReadOnlySpan<byte> bytes, int target)
        {
            for (; position < target; position++)
            {
                if (bytes[position] == '\n') (line, column) = (line + 1, 1);
                // Bytes 10xxxxxx continue a character.
                else if ((bytes[position] & 0xC0) != 0x80) column++;
            }
            return new(file, line, column);
        }
    }
}
