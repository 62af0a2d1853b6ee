using System.Globalization;
using System.Xml;

namespace Lightloom.Interop.Fabric;

// GraphML (graphml.graphdrawing.org): nodes and edges with typed attributes, read by NetworkX, igraph, Gephi, yEd and others. Nodes are the
// devices, cards by themselves; edges are the links with both ports. XML declares the attributes before the graph.

/// <summary>The fabric as GraphML, for tools that analyse or draw graphs.</summary>
public sealed class GraphMlExport : FabricExport
{
    const string Space = "http://graphml.graphdrawing.org/xmlns";

    /// <inheritdoc/>
    public override string Name => "graphml";

    /// <inheritdoc/>
    public override string Description => "GraphML for NetworkX, igraph, Gephi and yEd, with ports and rates";

    /// <inheritdoc/>
    public override string FileName => "fabric.graphml";

    /// <inheritdoc/>
    protected override void WriteChecked(FabricExportRequest request, TextWriter writer)
    {
        var graph = request.Graph;
        using var xml = XmlWriter.Create(writer, new() { Indent = true, NewLineChars = "\n", CloseOutput = false, OmitXmlDeclaration = true });
        writer.Write("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        xml.WriteStartElement("graphml", Space);
        Key("role", "node", "string");
        Key("system", "node", "string");
        Key("plane", "node", "int");
        Key("group", "node", "int");
        Key("rack", "node", "string");
        Key("class", "edge", "string");
        Key("rate_Gbps", "edge", "double");
        Key("lowerPort", "edge", "string");
        Key("upperPort", "edge", "string");
        Key("length_m", "edge", "double");
        xml.WriteStartElement("graph", Space);
        xml.WriteAttributeString("edgedefault", "undirected");
        foreach (var tier in graph.Tiers)
        {
            for (var i = 0; i < tier.Count; i++)
            {
                var device = tier.First + i;
                xml.WriteStartElement("node", Space);
                xml.WriteAttributeString("id", graph.NameOf(device));
                Data("role", tier.Name);
                if (device < graph.Cards) Data("system", FabricText.BoxOf(graph, device));
                if (tier.PerPlane != tier.Count) Data("plane", tier.PlaneOf(device).ToString(CultureInfo.InvariantCulture));
                if (graph.GroupOf(device) is >= 0 and var group) Data("group", group.ToString(CultureInfo.InvariantCulture));
                if (request.Locations?.Of(device) is { } at) Data("rack", at.Rack);
                xml.WriteEndElement();
            }
        }
        for (var link = 0; link < graph.Links; link++)
        {
            var (a, b) = (graph.Lower[link], graph.Upper[link]);
            xml.WriteStartElement("edge", Space);
            xml.WriteAttributeString("source", graph.NameOf(a));
            xml.WriteAttributeString("target", graph.NameOf(b));
            Data("class", graph.Plan.Links[graph.ClassOf[link]].Name);
            Data("rate_Gbps", FabricText.Number(FabricText.RateOf(graph, link).GigabitsPerSecond));
            Data("lowerPort", graph.PortName(a, graph.PortOf(link, a)));
            Data("upperPort", graph.PortName(b, graph.PortOf(link, b)));
            if (request.Locations?.LengthOf(link) is { } length) Data("length_m", FabricText.Number(length.Meters));
            xml.WriteEndElement();
        }
        xml.WriteEndDocument();
        xml.Flush();
        writer.Write('\n');

        void Key(string name, string of, string type)
        {
            xml.WriteStartElement("key", Space);
            xml.WriteAttributeString("id", name);
            xml.WriteAttributeString("for", of);
            xml.WriteAttributeString("attr.name", name);
            xml.WriteAttributeString("attr.type", type);
            xml.WriteEndElement();
        }

        void Data(string name, string value)
        {
            xml.WriteStartElement("data", Space);
            xml.WriteAttributeString("key", name);
            xml.WriteString(value);
            xml.WriteEndElement();
        }
    }
}
