using System.Globalization;
using System.Xml;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

// A diagram for draw.io / diagrams.net (drawio.com, "mxfile"): boxes in rows by tier, the topmost tier on top, and a line for each bundle,
// labelled with its number of links. Cells 0 and 1 are the root and the layer that every diagram has.

/// <summary>An editable drawing for draw.io.</summary>
public sealed class DrawIoExport : FabricExport
{
    /// <summary>The most boxes and lines that a drawing is made of; the editor itself becomes unusable long before.</summary>
    public const int MostCells = 20_000;

    const int Width = 120, Height = 40, Gap = 20, RowGap = 200;

    /// <inheritdoc/>
    public override string Name => "drawio";

    /// <inheritdoc/>
    public override string Description => "editable drawing for draw.io (diagrams.net), a row for each tier";

    /// <inheritdoc/>
    public override string FileName => "fabric.drawio";

    /// <inheritdoc/>
    public override void Check(FabricExportRequest request)
    {
        ArgumentNullException.ThrowIfNull(request);
        var cells = (long)request.Graph.Systems + request.Graph.Devices - request.Graph.Cards + FabricBundle.Of(request.Graph).LongCount();
        if (cells > MostCells) throw TooLarge("boxes and lines", cells, MostCells);
    }

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        using var xml = XmlWriter.Create(writer, new() { Indent = true, NewLineChars = "\n", CloseOutput = false, OmitXmlDeclaration = true });
        xml.WriteStartElement("mxfile");
        xml.WriteAttributeString("host", "lightloom");
        xml.WriteStartElement("diagram");
        xml.WriteAttributeString("name", FabricText.OneLine(request.Name));
        xml.WriteStartElement("mxGraphModel");
        xml.WriteStartElement("root");
        Cell("0", null);
        xml.WriteEndElement();
        Cell("1", "0");
        xml.WriteEndElement();
        var (rows, widest) = Rows(graph);
        for (var row = 0; row < rows.Count; row++)
        {
            var names = rows[row];
            // Rows are centred over each other.
            var left = (widest - names.Count) * (Width + Gap) / 2;
            for (var i = 0; i < names.Count; i++) Box(names[i].Name, names[i].Role, left + (i * (Width + Gap)), row * (Height + RowGap));
        }
        var line = 0;
        foreach (var bundle in FabricBundle.Of(graph))
        {
            Cell(FabricText.Invariant($"e{line++}"), "1");
            xml.WriteAttributeString("value", bundle.Links == 1 ? "" : bundle.Links.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("style", "endArrow=none;html=1;");
            xml.WriteAttributeString("edge", "1");
            xml.WriteAttributeString("source", FabricText.BoxOf(graph, bundle.Lower));
            xml.WriteAttributeString("target", FabricText.BoxOf(graph, bundle.Upper));
            xml.WriteStartElement("mxGeometry");
            xml.WriteAttributeString("relative", "1");
            xml.WriteAttributeString("as", "geometry");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.WriteEndElement();
        xml.Flush();
        writer.Write('\n');

        void Cell(string id, string? parent)
        {
            xml.WriteStartElement("mxCell");
            xml.WriteAttributeString("id", id);
            if (parent is not null) xml.WriteAttributeString("parent", parent);
        }

        void Box(string name, string role, int x, int y)
        {
            Cell(name, "1");
            xml.WriteAttributeString("value", name);
            xml.WriteAttributeString("style", role == "node" ? "rounded=1;html=1;" : "rounded=0;html=1;fillColor=#dae8fc;strokeColor=#6c8ebf;");
            xml.WriteAttributeString("vertex", "1");
            xml.WriteStartElement("mxGeometry");
            xml.WriteAttributeString("x", x.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("y", y.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("width", Width.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("height", Height.ToString(CultureInfo.InvariantCulture));
            xml.WriteAttributeString("as", "geometry");
            xml.WriteEndElement();
            xml.WriteEndElement();
        }
    }

    // From the topmost tier down; managers stand beside the systems.
    static (List<List<(string Name, string Role)>> Rows, int Widest) Rows(FabricGraph graph)
    {
        var rows = new List<List<(string, string)>> { ([.. Enumerable.Range(0, graph.Systems).Select(s => (graph.SystemName(s), "node"))]) };
        foreach (var tier in graph.Tiers.Skip(1))
        {
            if (tier.Switch is not null) rows.Add([]);
            for (var i = 0; i < tier.Count; i++) rows[^1].Add((graph.NameOf(tier.First + i), tier.Switch is null ? "node" : tier.Name));
        }
        rows.Reverse();
        return (rows, rows.Max(r => r.Count));
    }
}
