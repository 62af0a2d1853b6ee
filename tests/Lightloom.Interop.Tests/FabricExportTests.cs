using System.Text.Json;
using System.Xml.Linq;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.AstraSim;
using Lightloom.Interop.Fabric;
using Lightloom.Interop.Htsim;
using Lightloom.Quantities;

namespace Lightloom.Interop.Tests;

/// <summary>What is written of a fabric is all of it, in the words of each format.</summary>
public class FabricExportTests
{
    static readonly XNamespace GraphMl = "http://graphml.graphdrawing.org/xmlns";

    // What htsim holds are fat trees of full tiers alone.
    public static TheoryData<string> Formats => [.. FabricExports.All.Select(e => e.Name).Where(n => n != "htsim")];

    static string[] Lines(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries);

    [Theory]
    [MemberData(nameof(Formats))]
    public void Every_format_writes_every_fabric_in_plain_lines(string format)
    {
        Assert.NotEqual("", FabricExports.Find(format).Description);
        foreach (var name in FabricSamples.Names)
        {
            var text = FabricSamples.Export(format, FabricSamples.Named(name));
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\r', text);
            Assert.Equal(text, FabricSamples.Export(format, FabricSamples.Named(name)));
        }
    }

    // A design's name is a stranger's text: it must not become part of the format.
    [Theory]
    [MemberData(nameof(Formats))]
    public void A_hostile_name_stays_a_name(string format)
    {
        var usual = Lines(FabricSamples.Export(format, FabricSamples.Rails)).Length;
        var text = FabricSamples.Export(format, FabricSamples.Rails, name: "\"]}>\n- x: <!ENTITY e \"y\">\r\nSwitchName=evil \\ , `id`\t");
        Assert.Equal(usual, Lines(text).Length);
        if (format is "graphml" or "drawio") Assert.NotEmpty(XDocument.Parse(text).Descendants());
        if (format is "json" or "infragraph-json") JsonDocument.Parse(text).Dispose();
        if (format is "slurm-yaml" or "infragraph" or "containerlab" or "netbox-yaml") Yaml(text, format);
    }

    static Node Yaml(string text, string format) => YamlText.Read(format is "slurm-yaml" or "netbox-yaml"
        ? "list:\n" + string.Join('\n', text.Split('\n').Where(l => l != "---").Select(l => "  " + l)) : text, format);

    // 64 systems of 8 cards, 4 to a leaf with 32 uplinks: 16 leaves under 8 spines of 64 ports.
    [Fact]
    public void Htsims_fat_tree_is_counted_tier_by_tier()
    {
        var text = FabricSamples.Export("htsim", FabricSamples.Of(new FatTree(), FabricSamples.Request("dgx-h100", 64) with { Tiers = 2 }));
        Assert.StartsWith("Nodes 512\nTiers 2\nPodsize 512\n\nTier 0\nDownlink_speed_Gbps 400\n", text, StringComparison.Ordinal);
        SameWires(text, 512);
        // Half as many links up, and three tiers, as htsim reads them itself.
        text = FabricSamples.Export("htsim", FabricSamples.Of(new FatTree(), FabricSamples.Request("dgx-h100", 64) with { Tiers = 2, SystemsPerUnit = 4, Leaf = new() { Oversubscription = Ratio.From(2) } }));
        Assert.Contains("\nOversubscribed 2\n", text, StringComparison.Ordinal);
        SameWires(text, 512);
        foreach (var (graph, why) in new[] { (FabricSamples.Rails, "systems whose cards meet one leaf"), (FabricSamples.Planes, "one plane") })
            Assert.Contains($"the format 'htsim' holds {why}", Assert.Throws<InputException>(() => FabricSamples.Export("htsim", graph)).Message, StringComparison.Ordinal);
    }

    // What is written is read back as a tree of as many links up as down, over what it is oversubscribed by.
    static void SameWires(string text, int cards)
    {
        var fabric = HtsimTopology.Read(new StringReader(text), "t.topo").Fabric();
        var leaves = Enumerable.Range(0, cards).Select(card => fabric.ToOf(fabric.WiresOf(card)[0])).Distinct().ToList();
        var over = text.Contains("Oversubscribed 2", StringComparison.Ordinal) ? 2 : 1;
        Assert.Equal(cards, fabric.Hosts);
        foreach (var leaf in leaves)
        {
            var (down, up) = (fabric.WiresOf(leaf).ToArray().Count(w => fabric.ToOf(w) < cards), fabric.WiresOf(leaf).ToArray().Count(w => fabric.ToOf(w) >= cards));
            Assert.Equal(cards / leaves.Count, down);
            Assert.Equal(down, up * over);
        }
        Assert.Equal(400, fabric.RateOf(0).GigabitsPerSecond, 1e-9);
    }

    // A rank gets 450 GB/s inside its system and 50 GB/s out of it: 419.1 and 46.6 of 2^30 B/s.
    [Fact]
    public void Astra_sims_network_is_what_a_rank_gets()
    {
        var network = AstraSimNetwork.Read(FabricSamples.Export("astra-sim", FabricSamples.Rails), "n.yml");
        Assert.Equal([8, 7], network.Dimensions.Select(d => d.Ranks));
        Assert.Equal([450e9 / (1 << 30), 50e9 / (1 << 30)], network.Dimensions.Select(d => d.Bandwidth));
    }

    [Fact]
    public void An_unknown_format_names_the_nearest() =>
        Assert.Equal("there is no format 'netbx'; did you mean 'netbox'?", Assert.Throws<InputException>(() => FabricExports.Find("netbx")).Message);

    [Theory]
    [InlineData(257, 1, "switches")]
    [InlineData(1, 2048, "nodes")]
    public void What_ibsim_cannot_hold_is_an_error_and_nothing_is_written(int units, int systemsPerUnit, string what)
    {
        var request = FabricSamples.Request("dgx-h100", units * systemsPerUnit);
        request = request with
        {
            System = request.System with { Nics = request.System.Nics with { Value = 1 }, Accelerators = request.System.Accelerators with { Value = 1 } },
            SystemsPerUnit = systemsPerUnit == 1 ? 1 : 32,
            Switch = FabricSamples.Small(systemsPerUnit == 1 ? 254 : 128),
            Tiers = systemsPerUnit == 1 ? 3 : 2,
        };
        var graph = FabricSamples.Of(new FatTree(), request);
        using var writer = new StringWriter();
        var error = Assert.Throws<InputException>(() => FabricExports.Find("ibsim").Write(new(graph, "large"), writer));
        Assert.Contains(what, error.Message, StringComparison.Ordinal);
        Assert.Equal("", writer.ToString());
    }

    [Fact]
    public void Formats_of_one_protocol_refuse_the_other()
    {
        using var writer = new StringWriter();
        Assert.Throws<InputException>(() => FabricExports.Find("topo").Write(new(FabricSamples.Split, "n") { Protocol = LinkProtocol.Ethernet }, writer));
        Assert.Throws<InputException>(() => FabricExports.Find("cvt-dot").Write(new(FabricSamples.Rails, "n") { Protocol = LinkProtocol.Infiniband }, writer));
        Assert.Equal("", writer.ToString());
    }

    [Fact]
    public void Ibsim_has_each_cable_at_both_ends()
    {
        var text = FabricSamples.Export("ibsim", FabricSamples.Rails);
        Assert.Equal(2 * FabricSamples.Rails.Links, Lines(text).Count(l => l.StartsWith('[')));
        Assert.Contains("\nHca\t1 \"node-0-nic-3\"\n[1]\t\"leaf-03\"[1]\n", text, StringComparison.Ordinal);
        Assert.Contains("\nSwitch\t64 \"leaf-03\"\n[1]\t\"node-0-nic-3\"[1]\n[2]\t\"node-1-nic-3\"[1]\n", text, StringComparison.Ordinal);
        Assert.Contains("\nHca\t1 \"manager-1\"\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Topo_names_switches_and_hosts_as_ibdiagnet_does()
    {
        var text = FabricSamples.Export("topo", FabricSamples.Rails);
        Assert.StartsWith("MQM9700 leaf-00\n    P1 -4x-100G-> HCA_mlx5_8 node-0 mlx5_0/P1\n", text, StringComparison.Ordinal);
        Assert.Matches(@"\n    P\d+ -4x-100G-> MQM9700 spine-0 P1\n", text);
        // A link between switches stands at both, one at a host once.
        var toHosts = FabricSamples.Rails.Plan.Links.Where(l => l.Lower.Tier is "node" or "management").Sum(l => l.Count);
        Assert.Equal((2 * FabricSamples.Rails.Links) - toHosts, Lines(text).Count(l => l.StartsWith("    P", StringComparison.Ordinal)));
    }

    [Fact]
    public void Point_to_point_lists_have_a_row_for_each_cable()
    {
        var lines = Lines(FabricSamples.Export("p2p", FabricSamples.Rails, locations: new Plan()));
        Assert.Equal("Rack,U,Name,HCA/Port,Rack,U,Name,Port", lines[0]);
        Assert.Equal("\"A,1\",10,node-0,1,\"A,1\",10,leaf-00,1", lines[1]);
        Assert.Equal(FabricSamples.Rails.Links + 1, lines.Length);
        Assert.All(lines, l => Assert.Equal(7, l.Replace("\"A,1\"", "A1", StringComparison.Ordinal).Count(c => c == ',')));
        Assert.Contains(",,node-00,Host,nic-1,,,leaf-0,Switch,swp1s1", Lines(FabricSamples.Export("p2p", FabricSamples.Split)));
    }

    sealed class Plan : IDeviceLocations
    {
        public DeviceLocation? Of(int device) => new("A,1", 10);

        public Length? LengthOf(int link) => link == 0 ? Length.FromMeters(2.5) : null;

        public string? LabelOf(int link) => link == 0 ? "L \"1\"" : null;
    }

    [Fact]
    public void Netbox_has_length_and_label_where_they_are_planned()
    {
        var lines = Lines(FabricSamples.Export("netbox", FabricSamples.Rails, locations: new Plan()));
        Assert.Equal(string.Join(',', NetBoxExport.Columns), lines[0]);
        Assert.Equal("node-0,dcim.interface,nic-0,leaf-00,dcim.interface,swp1,,planned,\"L \"\"1\"\"\",,2.5,m", lines[1]);
        Assert.Equal("node-0,dcim.interface,nic-1,leaf-01,dcim.interface,swp1,,planned,,,,", lines[2]);
    }

    [Fact]
    public void Breakout_cables_of_netbox_hold_every_link_once()
    {
        var graph = FabricSamples.Split;
        var cables = Assert.IsType<SequenceNode>(((MappingNode)Yaml(FabricSamples.Export("netbox-yaml", graph), "netbox-yaml")).Find("list")).Items.Cast<MappingNode>().ToList();
        var split = graph.Plan.Links[0].Count;
        Assert.Equal((split / 2) + graph.Plan.Links[1].Count, cables.Count);
        var ends = cables.SelectMany(c => Pairs(c, "a").Zip(Pairs(c, "b"))).ToList();
        Assert.Equal(graph.Links, ends.Distinct().Count());
        var first = cables[0];
        Assert.Equal(("node-00", "nic-0,nic-1", "leaf-0", "swp1s0,swp1s1"), (Text(first, "side_a_device"), Text(first, "side_a_name"), Text(first, "side_b_device"), Text(first, "side_b_name")));

        static string Text(MappingNode cable, string key) => ((ScalarNode)cable.Find(key)!).Text;
        static IEnumerable<(string, string)> Pairs(MappingNode cable, string side)
        {
            var (devices, names) = (Text(cable, $"side_{side}_device").Split(','), Text(cable, $"side_{side}_name").Split(','));
            Assert.True(devices.Length == 1 || devices.Length == names.Length);
            return names.Select((n, i) => (devices[devices.Length == 1 ? 0 : i], n));
        }
    }

    [Fact]
    public void Slurm_has_each_host_once_and_one_root()
    {
        Assert.Equal(
        [
            "# a test", "SwitchName=unit-0 Nodes=node-[0-3]", "SwitchName=unit-1 Nodes=node-[4-6]", "SwitchName=fabric Switches=unit-[0-1]",
        ], Lines(FabricSamples.Export("slurm-tree", FabricSamples.Rails)));
        Assert.Equal(["# a test", "BlockName=unit-0 Nodes=node-[0-3]", "BlockName=unit-1 Nodes=node-[4-6]", "BlockSizes=3,6"],
            Lines(FabricSamples.Export("slurm-block", FabricSamples.Rails)));
        var racks = Lines(FabricSamples.Export("slurm-block", FabricSamples.Rails, hostsPerSystem: 18));
        Assert.Equal("BlockName=node-6 Nodes=node-6-[00-17]", racks[7]);
        Assert.Equal("BlockSizes=18,36,72", racks[8]);
        Assert.Equal("SwitchName=unit-1 Nodes=node-4-[00-17],node-5-[00-17],node-6-[00-17]", Lines(FabricSamples.Export("slurm-tree", FabricSamples.Rails, hostsPerSystem: 18))[2]);
    }

    [Fact]
    public void Slurm_yaml_is_a_list_of_a_tree_and_blocks()
    {
        var list = (SequenceNode)((MappingNode)Yaml(FabricSamples.Export("slurm-yaml", FabricSamples.Rails, hostsPerSystem: 18), "slurm-yaml")).Find("list")!;
        var (tree, block) = ((MappingNode)list.Items[0], (MappingNode)list.Items[1]);
        // A topology's name must come first.
        Assert.All([tree, block], t => Assert.Equal("topology", t.Entries[0].Key.Text));
        Assert.Equal(("false", "true"), (((ScalarNode)tree.Find("cluster_default")!).Text, ((ScalarNode)block.Find("cluster_default")!).Text));
        var switches = (SequenceNode)((MappingNode)tree.Find("tree")!).Find("switches")!;
        Assert.Equal("unit-[0-1]", ((ScalarNode)((MappingNode)switches.Items[^1]).Find("children")!).Text);
        var sizes = (SequenceNode)((MappingNode)block.Find("block")!).Find("block_sizes")!;
        Assert.Equal(["18", "36", "72"], sizes.Items.Select(i => ((ScalarNode)i).Text));
    }

    [Theory]
    [InlineData("a-1,a-2,a-3", "a-[1-3]")]
    [InlineData("a-1,a-3,b-1", "a-[1,3],b-1")]
    [InlineData("a-09,a-10,a-12,a-7", "a-[09-10,12],a-7")]
    [InlineData("x,y", "x,y")]
    [InlineData("n-0-17,n-1-00,n-1-01", "n-0-17,n-1-[00-01]")]
    public void Hostlists_are_short_and_keep_their_zeros(string names, string list) => Assert.Equal(list, SlurmUnits.List(names.Split(',')));

    [Fact]
    public void Containerlab_wires_each_link_between_its_own_interfaces()
    {
        var graph = FabricSamples.Planes;
        var lab = YamlText.Read(FabricSamples.Export("containerlab", graph), "lab");
        var topology = (MappingNode)lab.Find("topology")!;
        Assert.Equal(graph.Systems + graph.Devices - graph.Cards, ((MappingNode)topology.Find("nodes")!).Entries.Count);
        var ends = ((SequenceNode)topology.Find("links")!).Items.SelectMany(l => ((SequenceNode)((MappingNode)l).Find("endpoints")!).Items).Select(e => ((ScalarNode)e).Text).ToList();
        Assert.Equal(2 * graph.Links, ends.Count);
        Assert.Equal(ends.Count, ends.Distinct().Count());
        Assert.Contains("node-0:eth8", ends);
        Assert.DoesNotContain(ends, e => e.EndsWith(":eth0", StringComparison.Ordinal));
    }

    [Fact]
    public void Graphml_and_json_have_every_device_and_link()
    {
        var graph = FabricSamples.Planes;
        var root = XDocument.Parse(FabricSamples.Export("graphml", graph)).Root!;
        var nodes = root.Descendants(GraphMl + "node").Select(n => n.Attribute("id")!.Value).ToHashSet();
        Assert.Equal(graph.Devices, nodes.Count);
        var edges = root.Descendants(GraphMl + "edge").ToList();
        Assert.Equal(graph.Links, edges.Count);
        Assert.All(edges, e => Assert.True(nodes.Contains(e.Attribute("source")!.Value) && nodes.Contains(e.Attribute("target")!.Value)));
        var keys = root.Descendants(GraphMl + "key").Select(k => k.Attribute("id")!.Value).ToHashSet();
        Assert.All(root.Descendants(GraphMl + "data"), d => Assert.Contains(d.Attribute("key")!.Value, keys));
        using var json = JsonDocument.Parse(FabricSamples.Export("json", graph));
        Assert.Equal(nodes, json.RootElement.GetProperty("devices").EnumerateArray().Select(d => d.GetProperty("name").GetString()!).ToHashSet());
        Assert.Equal(graph.Links, json.RootElement.GetProperty("links").GetArrayLength());
        Assert.Equal(400, json.RootElement.GetProperty("links")[0].GetProperty("rate_Gbps").GetDouble());
    }

    [Fact]
    public void Drawings_join_boxes_by_bundles_that_add_up_to_the_links()
    {
        var graph = FabricSamples.Rails;
        var cells = XDocument.Parse(FabricSamples.Export("drawio", graph)).Descendants("mxCell").ToList();
        var boxes = cells.Where(c => c.Attribute("vertex") is not null).Select(c => c.Attribute("id")!.Value).ToHashSet();
        Assert.Equal(graph.Systems + graph.Devices - graph.Cards, boxes.Count);
        var lines = cells.Where(c => c.Attribute("edge") is not null).ToList();
        Assert.All(lines, l => Assert.True(boxes.Contains(l.Attribute("source")!.Value) && boxes.Contains(l.Attribute("target")!.Value)));
        Assert.Equal(graph.Links, lines.Sum(l => l.Attribute("value")!.Value is { Length: > 0 } count ? int.Parse(count, System.Globalization.CultureInfo.InvariantCulture) : 1));
        Assert.Equal(cells.Count, cells.Select(c => c.Attribute("id")!.Value).Distinct().Count());
        Assert.Throws<InputException>(() => FabricSamples.Export("drawio", FabricSamples.Of(new RailOptimized(), FabricSamples.Request("dgx-h100", 4096))));
    }

    // What a writer holds must not grow with what it writes.
    [Theory]
    [InlineData("ibsim")]
    [InlineData("netbox")]
    [InlineData("infragraph")]
    [InlineData("graphml")]
    [InlineData("json")]
    public void Writers_write_as_they_go(string format)
    {
        using var writer = new Watching();
        FabricExports.Find(format).Write(new(FabricSamples.Rails, "n"), writer);
        Assert.True(writer.Writes > 5, $"{writer.Writes} writes");
        Assert.True(writer.Longest <= 1 << 14, $"{writer.Longest} characters at once");
    }

    sealed class Watching : StringWriter
    {
        public int Writes { get; private set; }

        public int Longest { get; private set; }

        public override void Write(char[] buffer, int index, int count) => Count(count);

        public override void Write(ReadOnlySpan<char> buffer) => Count(buffer.Length);

        public override void Write(string? value) => Count(value?.Length ?? 0);

        void Count(int length)
        {
            Writes++;
            Longest = Math.Max(Longest, length);
        }
    }
}
