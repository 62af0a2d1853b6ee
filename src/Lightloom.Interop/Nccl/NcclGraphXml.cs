// NCCL's graphs (NCCL_GRAPH_DUMP_FILE, NCCL_GRAPH_FILE): for each algorithm the channels that its search laid.
//
//   graphs > graph id (0 ring, 1 tree, 2 CollNet chain, 3 NVLS, 4 CollNet direct) pattern nchannels speedintra speedinter > channel > net, gpu...
//
// Example: <graph id="0" pattern="4" crossnic="0" nchannels="2" speedintra="20" speedinter="20" latencyinter="0" typeintra="NVL"
// typeinter="PIX" samechannels="1"> with two channels of 8 GPUs each is two rings of 20 GB/s.
using System.Globalization;
using System.Xml;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>A stop of a channel: a network port, or a GPU.</summary>
/// <param name="Network">Whether it is a network port.</param>
/// <param name="Device">Its device: the port's as the file has it (hexadecimal), the GPU's index.</param>
/// <param name="Rank">The GPU's rank, where the file says.</param>
public sealed record NcclChannelStop(bool Network, string Device, int? Rank);

/// <summary>The channels of one algorithm.</summary>
public sealed record NcclChannelGraph
{
    /// <summary>Which algorithm: 0 ring, 1 tree, 2 CollNet chain, 3 NVLS, 4 CollNet direct.</summary>
    public required int Id { get; init; }

    /// <summary>How it goes round: 1 balanced tree, 2 split tree, 3 tree, 4 ring, 5 NVLS, 6 CollNet direct.</summary>
    public required int Pattern { get; init; }

    /// <summary>Whether channels may leave by one card and enter by another: 0, 1, or 2 for as needed.</summary>
    public required int CrossNic { get; init; }

    /// <summary>Speed of a channel inside a node.</summary>
    public required Bandwidth Intra { get; init; }

    /// <summary>Speed of a channel across nodes.</summary>
    public required Bandwidth Inter { get; init; }

    /// <summary>Latency across nodes.</summary>
    public Duration InterLatency { get; init; }

    /// <summary>Kind of path inside a node: NVL, PIX, ...</summary>
    public required string IntraPath { get; init; }

    /// <summary>Kind of path to the cards.</summary>
    public required string InterPath { get; init; }

    /// <summary>Whether all channels take the GPUs in one order.</summary>
    public required bool SameChannels { get; init; }

    /// <summary>The channels, each its stops in order.</summary>
    public required IReadOnlyList<IReadOnlyList<NcclChannelStop>> Channels { get; init; }
}

/// <summary>Reads and writes NCCL's graph files.</summary>
public static class NcclGraphXml
{
    /// <summary>Most channels of one graph; NCCL itself has at most 64.</summary>
    public const int MostChannels = 1024;

    static readonly string[] Paths = ["LOC", "NVL", "NVB", "C2C", "PIX", "PXB", "P2C", "PXN", "PHB", "SYS", "NET", "DIS"];

    /// <summary>Reads a file.</summary>
    /// <param name="text">The XML.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="InputException">It isn't such a file.</exception>
    public static IReadOnlyList<NcclChannelGraph> Read(string text, string file)
    {
        var root = NcclXml.Read(text, file, "graphs");
        if (root.Text("version") is { } version && version != "1") throw root.Wrong($"expected version 1, found '{NcclXmlNode.Short(version)}'");
        var graphs = root.Children.Select(node => node.Name == "graph" ? Graph(node) : throw node.Wrong("expected <graph>")).ToList();
        if (graphs.Count == 0) throw root.Wrong("no <graph> in it");
        if (graphs.GroupBy(g => g.Id).FirstOrDefault(g => g.Count() > 1) is { } twice) throw root.Wrong($"graph {twice.Key} stands there a second time");
        return graphs;
    }

    /// <summary>Writes a file that NCCL_GRAPH_FILE reads.</summary>
    public static void Write(TextWriter writer, IEnumerable<NcclChannelGraph> graphs)
    {
        ArgumentNullException.ThrowIfNull(writer);
        ArgumentNullException.ThrowIfNull(graphs);
        using var xml = XmlWriter.Create(writer, new() { OmitXmlDeclaration = true, Indent = true, NewLineChars = "\n", CloseOutput = false });
        xml.WriteStartElement("graphs");
        xml.WriteAttributeString("version", "1");
        foreach (var graph in graphs)
        {
            xml.WriteStartElement("graph");
            Whole("id", graph.Id);
            Whole("pattern", graph.Pattern);
            Whole("crossnic", graph.CrossNic);
            Whole("nchannels", graph.Channels.Count);
            Number("speedintra", graph.Intra.GigabytesPerSecond);
            Number("speedinter", graph.Inter.GigabytesPerSecond);
            Number("latencyinter", graph.InterLatency.Microseconds);
            xml.WriteAttributeString("typeintra", graph.IntraPath);
            xml.WriteAttributeString("typeinter", graph.InterPath);
            Whole("samechannels", graph.SameChannels ? 1 : 0);
            foreach (var channel in graph.Channels)
            {
                xml.WriteStartElement("channel");
                foreach (var stop in channel)
                {
                    xml.WriteStartElement(stop.Network ? "net" : "gpu");
                    xml.WriteAttributeString("dev", stop.Device);
                    if (stop.Rank is { } rank) Whole("rank", rank);
                    xml.WriteEndElement();
                }
                xml.WriteEndElement();
            }
            xml.WriteEndElement();
        }
        xml.WriteEndElement();
        xml.Flush();

        void Whole(string name, int value) => xml.WriteAttributeString(name, value.ToString(CultureInfo.InvariantCulture));
        void Number(string name, double value) => xml.WriteAttributeString(name, Math.Round(value, 6).ToString(CultureInfo.InvariantCulture));
    }

    static NcclChannelGraph Graph(NcclXmlNode node)
    {
        var declared = node.RequiredWhole("nchannels", 0, int.MaxValue);
        if (declared > MostChannels) throw node.Wrong($"{declared:N0} channels; expected at most {MostChannels:N0}");
        var channels = node.Children.Select(c => c.Name == "channel" ? Channel(c) : throw c.Wrong("expected <channel>")).ToList();
        if (channels.Count != declared) throw node.Wrong($"nchannels says {declared:N0}, and {channels.Count:N0} channels stand in it; the file may be cut off");
        return new()
        {
            Id = node.RequiredWhole("id", 0, 15),
            Pattern = node.RequiredWhole("pattern", 0, 15),
            CrossNic = node.Whole("crossnic", 0, 2) ?? 0,
            Intra = Speed("speedintra"),
            Inter = Speed("speedinter"),
            InterLatency = Duration.FromMicroseconds(node.Number("latencyinter", 0, 1e6) ?? 0),
            IntraPath = Path("typeintra"),
            InterPath = Path("typeinter"),
            SameChannels = (node.Whole("samechannels", 0, 1) ?? 1) == 1,
            Channels = channels,
        };

        Bandwidth Speed(string name) => Bandwidth.FromGigabytesPerSecond(node.Number(name, 0, 1e6) ?? throw node.Wrong($"attribute '{name}' is missing"));

        string Path(string name)
        {
            var path = node.RequiredText(name);
            return Paths.Contains(path, StringComparer.Ordinal) ? path : throw node.Wrong($"expected one of {string.Join(", ", Paths)} for '{name}', found '{NcclXmlNode.Short(path)}'");
        }
    }

    static IReadOnlyList<NcclChannelStop> Channel(NcclXmlNode node) =>
    [
        .. node.Children.Select(stop => stop.Name switch
        {
            "net" => new NcclChannelStop(true, stop.RequiredText("dev"), null),
            "gpu" => new NcclChannelStop(false, stop.RequiredText("dev"), stop.Whole("rank", -1, int.MaxValue)),
            _ => throw stop.Wrong("expected <net> or <gpu>"),
        }),
    ];
}
