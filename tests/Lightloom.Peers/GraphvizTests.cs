using System.Xml.Linq;
using Lightloom.Fabric;

namespace Lightloom.Peers;

/// <summary>Graphviz lays exported pictures out.</summary>
public class GraphvizTests
{
    [Fact]
    public void A_picture_has_every_box_and_the_tiers_above_each_other()
    {
        var graph = FabricGraph.Of(new FatTree().Plan(Fabrics.SuperPod().Plan.Request with { Systems = 16, SystemsPerUnit = 4, ManagementLinks = 0, Tiers = 2 }));
        using var scratch = new Scratch();
        Fabrics.Export("dot", graph, scratch["fabric.dot"]);
        var (code, text) = Peer.Run(Peer.Find("dot", "graphviz"), ["-Tsvg", "-o", scratch["fabric.svg"], scratch["fabric.dot"]]);
        Assert.True(code == 0, text);
        Assert.Equal("", text);
        // The document type is Graphviz' own; nothing of it is fetched.
        using var reader = System.Xml.XmlReader.Create(scratch["fabric.svg"], new() { DtdProcessing = System.Xml.DtdProcessing.Ignore, XmlResolver = null });
        var heights = XDocument.Load(reader).Descendants().Where(e => e.Name.LocalName == "g" && (string?)e.Attribute("class") == "node").ToDictionary(
            g => g.Elements().First(e => e.Name.LocalName == "title").Value,
            g => (double)g.Descendants().First(e => e.Name.LocalName == "text").Attribute("y")!);
        Assert.Equal(graph.Systems + graph.SwitchCount, heights.Count);
        var rows = new[] { "node-", "leaf-", "spine-" }.Select(stem => heights.Where(h => h.Key.StartsWith(stem, StringComparison.Ordinal)).Select(h => h.Value).Distinct().ToList()).ToList();
        Assert.All(rows, row => Assert.Single(row));
        // Heights of a drawing grow downwards.
        Assert.True(rows[0][0] > rows[1][0] && rows[1][0] > rows[2][0]);
    }

    [Fact]
    public void A_cabling_list_is_a_graph_of_all_links()
    {
        var graph = Fabrics.ThreeTiers();
        using var scratch = new Scratch();
        using (var writer = new StreamWriter(scratch["topology.dot"]))
            Lightloom.Interop.Fabric.FabricExports.Find("cvt-dot").Write(new(graph, "n") { Protocol = Catalog.LinkProtocol.Ethernet }, writer);
        // nop reads a graph and writes it again in normal form, a statement a line.
        var (code, text) = Peer.Run(Peer.Find("nop", "graphviz"), [scratch["topology.dot"]]);
        Assert.True(code == 0, text);
        Assert.Equal(graph.Links, text.Split('\n').Count(l => l.Contains(" -- ", StringComparison.Ordinal)));
    }
}
