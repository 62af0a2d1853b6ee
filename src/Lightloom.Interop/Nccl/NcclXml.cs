// The XML of NCCL's topology and graph files: elements and attributes, no text. Read without entities, external files or schemas, and
// within limits: a file is somebody else's.
using System.Xml;
using Lightloom.Catalog.Documents;

namespace Lightloom.Interop.Nccl;

/// <summary>An element of such a file.</summary>
sealed class NcclXmlNode(string name, Mark mark)
{
    readonly Dictionary<string, string> attributes = new(StringComparer.Ordinal);
    readonly List<NcclXmlNode> children = [];

    public string Name => name;

    public Mark Mark => mark;

    public IReadOnlyDictionary<string, string> Attributes => attributes;

    public IReadOnlyList<NcclXmlNode> Children => children;

    public void Add(string key, string value) => attributes.Add(key, value);

    public void Add(NcclXmlNode child) => children.Add(child);

    public InputException Wrong(string problem) => new(JsonText.OneLine($"<{name}>: {problem}"), mark);

    public string? Text(string key) => attributes.GetValueOrDefault(key);

    public string RequiredText(string key) => Text(key) is { Length: > 0 } text ? text : throw Wrong($"attribute '{key}' is missing");

    public int? Whole(string key, int low, int high) => Text(key) is { } text
        ? int.TryParse(text, System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value : throw Wrong($"expected a whole number from {low:N0} to {high:N0} for '{key}', found '{Short(text)}'")
        : null;

    public int RequiredWhole(string key, int low, int high) => Whole(key, low, high) ?? throw Wrong($"attribute '{key}' is missing");

    public double? Number(string key, double low, double high) => Text(key) is { } text
        ? double.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var value) && value >= low && value <= high
            ? value : throw Wrong($"expected a number from {low:R} to {high:R} for '{key}', found '{Short(text)}'")
        : null;

    public static string Short(string text) => text.Length <= 40 ? text : text[..37] + "...";
}

/// <summary>Reads such files.</summary>
static class NcclXml
{
    public const int MostBytes = 16 << 20;
    const int MostNodes = 200_000;
    const int MostDepth = 32;
    const int MostAttributes = 64;
    const int MostText = 1024;

    static readonly XmlReaderSettings Settings = new()
    {
        DtdProcessing = DtdProcessing.Prohibit,
        XmlResolver = null,
        MaxCharactersFromEntities = 1024,
        MaxCharactersInDocument = MostBytes,
        IgnoreComments = true,
        IgnoreProcessingInstructions = true,
        IgnoreWhitespace = true,
        CloseInput = true,
    };

    public static NcclXmlNode Read(string text, string file, string root)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MostBytes) throw new InputException($"{file}: longer than {MostBytes >> 20} Mi characters");
        using var reader = XmlReader.Create(new StringReader(text.StartsWith('\uFEFF') ? text[1..] : text), Settings);
        var place = (IXmlLineInfo)reader;
        Mark Here() => new(file, Math.Max(1, place.LineNumber), Math.Max(1, place.LinePosition));
        try
        {
            var open = new Stack<NcclXmlNode>();
            NcclXmlNode? top = null;
            var count = 0;
            while (reader.Read())
            {
                if (reader.NodeType == XmlNodeType.EndElement)
                {
                    open.Pop();
                    continue;
                }
                if (reader.NodeType is XmlNodeType.Text or XmlNodeType.CDATA) throw new InputException("expected elements alone, found text between them", Here());
                if (reader.NodeType != XmlNodeType.Element) continue;
                if (++count > MostNodes) throw new InputException($"more than {MostNodes:N0} elements", Here());
                if (open.Count >= MostDepth) throw new InputException($"elements nested deeper than {MostDepth}", Here());
                if (reader.AttributeCount > MostAttributes) throw new InputException($"more than {MostAttributes} attributes on one element", Here());
                var node = new NcclXmlNode(reader.Name, Here());
                var empty = reader.IsEmptyElement;
                while (reader.MoveToNextAttribute())
                {
                    if (reader.Value.Length > MostText) throw new InputException($"attribute '{NcclXmlNode.Short(reader.Name)}' is longer than {MostText:N0} characters", Here());
                    node.Add(reader.Name, reader.Value);
                }
                if (open.Count == 0) top = node;
                else open.Peek().Add(node);
                if (!empty) open.Push(node);
            }
            if (top is null || top.Name != root) throw new InputException(JsonText.OneLine($"expected <{root}> as the outermost element, found {(top is null ? "nothing" : $"<{NcclXmlNode.Short(top.Name)}>")}"), top?.Mark ?? new(file, 1, 1));
            return top;
        }
        catch (XmlException e)
        {
            throw new InputException($"not XML that is read: {JsonText.OneLine(e.Message)}", new(file, Math.Max(1, e.LineNumber), Math.Max(1, e.LinePosition)));
        }
    }
}
