using System.Text;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Fabric;

namespace Lightloom.Interop.Tests;

/// <summary>What is read back of a written fabric is that fabric; what is no fabric is an error with its place.</summary>
public class FabricImportTests
{
    const string Found = """
        #
        # Topology file: generated on Mon Jan  5 10:00:00 2026
        #
        vendid=0x2c9
        devid=0xd2f2
        sysimgguid=0x200000
        switchguid=0x200000(200000)
        Switch	64 "S-0000000000200000"		# "MF0;leaf-0:MQM9700/U1" enhanced port 0 lid 3 lmc 0
        [1]	"H-0000000000100000"[1](100001) 		# "node-0 mlx5_0" lid 4 4xNDR
        [7]	"H-0000000000100003"[1](100004) 		# "node-1 mlx5_0" lid 5 2xHDR

        vendid=0x2c9
        caguid=0x100000
        Ca	1 "H-0000000000100000"		# "node-0 mlx5_0"
        [1](100001) 	"S-0000000000200000"[1]		# lid 4 lmc 0 "MF0;leaf-0:MQM9700/U1" lid 3 4xNDR

        caguid=0x100003
        Ca	1 "H-0000000000100003"		# "node-1 mlx5_0"
        [1](100004) 	"S-0000000000200000"[7]		# lid 5 lmc 0 "MF0;leaf-0:MQM9700/U1" lid 3 2xHDR

        """;

    static DiscoveredFabric Ib(string text) => IbnetdiscoverImport.Read(new StringReader(text), "f.txt");

    static DiscoveredFabric NetBox(string text) => NetBoxImport.Read(new StringReader(text), "f.csv");

    [Fact]
    public void What_ibnetdiscover_prints_is_understood()
    {
        var fabric = Ib(Found);
        Assert.Equal(["MF0;leaf-0:MQM9700/U1", "node-0 mlx5_0", "node-1 mlx5_0"], fabric.Devices.Select(d => d.Name));
        Assert.Equal([0x200000UL, 0x100000UL, 0x100003UL], fabric.Devices.Select(d => d.GlobalId!.Value));
        Assert.Equal([DiscoveredKind.Switch, DiscoveredKind.Card, DiscoveredKind.Card], fabric.Devices.Select(d => d.Kind));
        Assert.Equal([400.0, 100.0], fabric.Links.Select(l => l.Rate!.Value.GigabitsPerSecond));
        Assert.Equal(new PortNumber(7), fabric.Links[1].FirstPort);
        Assert.True(fabric.CountsParts);
    }

    public static TheoryData<string, string> RoundTrips
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var format in new[] { "ibsim", "netbox", "infragraph", "infragraph-json" })
                foreach (var name in FabricSamples.Names) data.Add(format, name);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(RoundTrips))]
    public void A_fabric_that_is_written_and_read_back_differs_in_nothing(string format, string name)
    {
        var graph = FabricSamples.Named(name);
        var verification = FabricVerifier.Verify(graph, Read(format, FabricSamples.Export(format, graph)));
        Assert.Empty(verification.Differences);
        Assert.Equal((graph.Links, graph.Devices), (verification.MatchingCables, verification.KnownByName));
        if (format.StartsWith("infragraph", StringComparison.Ordinal)) Assert.Equal(graph.Links, verification.RatesCompared);
    }

    [Theory]
    [InlineData("rails")]
    [InlineData("split")]
    [InlineData("planes")]
    public void A_cable_plan_that_is_written_and_read_back_differs_in_nothing(string name)
    {
        var graph = FabricSamples.Named(name);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, Plan(graph));
            var verification = FabricVerifier.Verify(graph, FabricImports.ReadFile(file, graph));
            Assert.Empty(verification.Differences);
            Assert.Equal((graph.Links, graph.Links, graph.Devices), (verification.MatchingCables, verification.RatesCompared, verification.KnownByName));
            // A storage rack's switch is a device too, and a port that nobody has is one of its own.
            var lines = File.ReadAllLines(file);
            File.WriteAllLines(file, [.. lines, lines[1].Replace(lines[1].Split(',')[0], "X-1", StringComparison.Ordinal).Replace("node-", "store-", StringComparison.Ordinal).Replace("leaf-", "stray-", StringComparison.Ordinal)]);
            Assert.Contains(FabricVerifier.Verify(graph, FabricImports.ReadFile(file, graph)).Differences, d => d.Kind == DifferenceKind.ExtraDevice);
            File.WriteAllLines(file, [.. lines[..^1], lines[^1][..(lines[^1].Length / 2)]]);
            Assert.Throws<InputException>(() => FabricImports.ReadFile(file, graph));
        }
        finally
        {
            File.Delete(file);
        }
    }

    static string Plan(FabricGraph graph)
    {
        var floor = FloorPlan.Of(graph.Plan, new());
        var plan = CablePlan.Of(Elevations.Of(graph, floor), [.. floor.Cables.Select(c => (IReadOnlyList<CableMedium>)[.. c.Buckets.Select(b => new CableMedium("fibre", b.Purchased))])]);
        using var writer = new StringWriter();
        CableTable.Write(writer, plan.Cables());
        return writer.ToString();
    }

    static DiscoveredFabric Read(string format, string text) => format switch
    {
        "ibsim" => Ib(text),
        "netbox" => NetBox(text),
        "infragraph" => InfraGraphImport.Read(text, "f.yaml"),
        _ => InfraGraphImport.Read(text, "f.json"),
    };

    [Theory]
    [InlineData("swp12", 12, 0)]
    [InlineData("swp12s1", 12, 2)]
    [InlineData("Ethernet12", 12, 0)]
    [InlineData("Eth1/12", 12, 0)]
    [InlineData("Ethernet1/12/2", 12, 2)]
    [InlineData("12", 12, 0)]
    [InlineData("p12", 12, 0)]
    public void Names_of_interfaces_give_their_ports(string name, int number, int part)
    {
        var fabric = NetBox($"side_a_device,side_a_name,side_b_device,side_b_name\nnode-0,nic-3p2,leaf-0,{name}\n");
        Assert.Equal(["node-0-nic-3", "leaf-0"], fabric.Devices.Select(d => d.Name));
        Assert.Equal((new PortNumber(2), new PortNumber(number, part)), (fabric.Links[0].FirstPort, fabric.Links[0].SecondPort));
    }

    [Fact]
    public void Netbox_columns_may_stand_in_any_order_and_other_cables_are_passed_over()
    {
        var fabric = NetBox("\"label\",side_b_name,side_b_device,side_b_type,side_a_type,side_a_name,side_a_device\r\n" +
            "\"one, \"\"two\"\"\nthree\",swp1,leaf-0,dcim.interface,dcim.interface,nic-0,node-0\r\n\r\npsu,outlet 1,pdu,dcim.poweroutlet,dcim.powerport,psu 1,leaf-0\r\n");
        Assert.Equal(("node-0-nic-0", 2), (fabric.Devices[fabric.Links.Single().First].Name, fabric.Devices.Count));
    }

    [Theory]
    [InlineData("", "f.csv:1:1: the file is empty")]
    [InlineData("a,b\n", "f.csv:1:1: column 'side_a_device' is missing")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_nam\n", "f.csv:1:1: column 'side_b_name' is missing; did you mean 'side_b_nam'?")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\n", "has no cables between interfaces")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,leaf", "f.csv:2:1: expected 4 fields, found 3")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,leaf,\"sw", "don't close: the file is truncated")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,leaf,\"a\"b\n", "expected a comma after the closing quotes")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,leaf,uplink\n", "expected an interface with a number, found 'uplink'")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,,swp1\n", "found an empty field")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,leaf,\"swp1,swp2\"\n", "is several")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,l,swp1\nn,nic-1,l,swp1\n", "f.csv:3:1: port 1 of 'l' has a second cable; its first stands in line 2")]
    [InlineData("side_a_device,side_a_name,side_b_device,side_b_name\nn,nic-0,l,swp0\n", "expected a port number from 1")]
    public void Wrong_cables_of_netbox_are_errors_with_their_line(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => NetBox(text)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("", "has no nodes")]
    [InlineData("hello\n", "f.txt:1:1: expected a node ('Switch', 'Ca', 'Hca' or 'Rt'), a port ('[1] ...') or a setting ('name=value'), found 'hello'")]
    [InlineData("[1] \"a\"[1]\n", "f.txt:1:1: a port stands here outside of a node's record")]
    [InlineData("Switch\t8\n", "f.txt:1:1: expected the number of ports and a name in quotes")]
    [InlineData("Switch 8 \"a\"\n", "has no cables")]
    [InlineData("Switch", "f.txt:1:1: expected the number of ports and a name in quotes")]
    [InlineData("Switch 8 \"a", "expected a name in quotes")]
    [InlineData("Switch 999999999999 \"a\"\n", "expected the number of ports")]
    [InlineData("Switch 8 \"a\"\n[9] \"b\"[1]\n", "f.txt:2:1: expected a port from 1 to 8 of \"a\", found 9")]
    [InlineData("Switch 8 \"a\"\n[1] \"b\"[1]\n", "f.txt:2:1: port 1 of \"a\" meets \"b\", which has no record: the file is truncated")]
    [InlineData("Switch 8 \"a\"\n[1] \"b\"[1]\n\nSwitch 8 \"b\"\n", "whose own record doesn't say so: the file is truncated or was changed")]
    [InlineData("Switch 8 \"a\"\n[1] \"b\"[1]\n\nSwitch 8 \"b\"\n[1] \"a\"[2]\n", "f.txt:5:1: port 1 of \"b\" meets port 2 of \"a\", whose own record doesn't say so")]
    [InlineData("Switch 8 \"a\"\n[1] \"b\"[1]\n\nSwitch 8 \"b\"\n[2] \"a\"[1]\n", "which in line 2 meets port 1 of \"b\"")]
    [InlineData("Switch 8 \"a\"\n[1] \"b\"[1]\n[1] \"b\"[2]\n", "f.txt:3:1: port 1 of \"a\" stands here a second time")]
    [InlineData("Switch 8 \"a\"\n\nSwitch 8 \"a\"\n", "f.txt:3:1: node \"a\" has a second record")]
    [InlineData("Switch 8 \"S-00000000000000aa\"\n\nCa 1 \"H-00000000000000aa\"\n", "f.txt:3:1: GUID 0xaa stands here a second time")]
    [InlineData("Switch 8 \"a\"\n[x] \"b\"[1]\n", "expected a port number in brackets")]
    [InlineData("Switch 8 \"a\u0001\"\n", "f.txt:1:12: this is not a text")]
    public void Wrong_output_of_ibnetdiscover_is_an_error_with_its_line(string text, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => Ib(text)).Message, StringComparison.Ordinal);

    // Wherever a file is cut off, it is an error or tells the same cables as before: never a smaller fabric.
    [Fact]
    public void A_truncated_file_is_never_a_smaller_fabric()
    {
        var text = FabricSamples.Export("ibsim", FabricSamples.Rails);
        var whole = Ib(text).Links.Count;
        for (var length = 0; length < text.Length; length++)
        {
            DiscoveredFabric cut;
            try
            {
                cut = Ib(text[..length]);
            }
            catch (InputException)
            {
                continue;
            }
            Assert.Equal(whole, cut.Links.Count);
        }
    }

    [Fact]
    public void Whatever_bytes_come_the_answer_is_a_fabric_or_an_input_error()
    {
        var seeds = new[] { Found, FabricSamples.Export("ibsim", FabricSamples.ThreeTiers), FabricSamples.Export("netbox", FabricSamples.ThreeTiers), FabricSamples.Export("infragraph", FabricSamples.ThreeTiers), FabricSamples.Export("infragraph-json", FabricSamples.ThreeTiers) };
        Gen.Select(Gen.Int[0, seeds.Length - 1], Gen.Int[0, int.MaxValue], Gen.Int[0, 12]).Sample((which, seed, changes) =>
        {
            var random = new Random(seed);
            var text = new StringBuilder(seeds[which]);
            for (var i = 0; i < changes; i++)
            {
                var at = random.Next(text.Length);
                if (random.Next(3) == 0) text.Remove(at, Math.Min(random.Next(60), text.Length - at));
                else if (random.Next(2) == 0) text.Insert(at, (char)random.Next(0x20, 0x7f));
                else text[at] = (char)random.Next(0, 0x100);
            }
            foreach (var format in new[] { "ibsim", "netbox", "infragraph", "infragraph-json" })
            {
                try
                {
                    Read(format, text.ToString());
                }
                catch (InputException e)
                {
                    Assert.NotEqual("", e.Problem);
                }
            }
        }, iter: 400);
    }

    [Fact]
    public void Ten_million_lines_are_refused_in_bounded_memory()
    {
        using var endless = new Endless("vendid=0x2c9\n", 10_000_000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<InputException>(() => IbnetdiscoverImport.Read(endless, "f.txt"));
        Assert.Equal("f.txt:8000000:1: the file has more than 8,000,000 lines", error.Message);
        // Buffers, and nothing for each line.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
        using var wide = new Endless("x", 100_000);
        Assert.Contains("longer than", Assert.Throws<InputException>(() => IbnetdiscoverImport.Read(wide, "f.txt")).Message, StringComparison.Ordinal);
    }

    sealed class Endless(string unit, long count) : TextReader
    {
        long left = count;

        public override int Read(char[] buffer, int index, int length)
        {
            var units = (int)Math.Min(left, length / unit.Length);
            for (var i = 0; i < units; i++) unit.CopyTo(0, buffer, index + (i * unit.Length), unit.Length);
            left -= units;
            return units * unit.Length;
        }
    }

    [Theory]
    [InlineData("host[0]", "nic[0:2]", "sw[0]", "port[0:2]", 2)]
    [InlineData("host", "nic[1]", "sw[0]", "port[:4]", 4)]
    [InlineData("host[2:]", "nic", "sw[0]", "port[4:8]", 4)]
    public void Slices_are_pythons(string instance, string component, string instance2, string component2, int links)
    {
        var fabric = InfraGraphImport.Read(Graph($"{{ep1: {{instance: '{instance}', component: '{component}'}}, ep2: {{instance: '{instance2}', component: '{component2}'}}, scheme: one2one, link: l}}"), "g.yaml");
        Assert.Equal(links, fabric.Links.Count);
        Assert.All(fabric.Links, l => Assert.Equal(100, l.Rate!.Value.GigabitsPerSecond));
    }

    [Theory]
    [InlineData("{ep1: {instance: 'host', component: 'nic'}, ep2: {instance: 'sw[0]', component: 'port[0]'}, link: l}", "one2one joins as many endpoints as there are; ep1 has 8 and ep2 1")]
    [InlineData("{ep1: {instance: 'host[4]', component: 'nic'}, ep2: {instance: 'sw', component: 'port[0]'}, link: l}", "slice [4] doesn't lie within 0 to 3")]
    [InlineData("{ep1: {instance: 'host[a]', component: 'nic'}, ep2: {instance: 'sw', component: 'port[0]'}, link: l}", "expected a slice such as [3] or [0:8], found [a]")]
    [InlineData("{ep1: {instance: 'hosts[0]', component: 'nic'}, ep2: {instance: 'sw', component: 'port[0]'}, link: l}", "there is no instance 'hosts'; did you mean 'host'?")]
    [InlineData("{ep1: {instance: 'host[0]', component: 'nics'}, ep2: {instance: 'sw', component: 'port[0]'}, link: l}", "has no component 'nics'; did you mean 'nic'?")]
    [InlineData("{ep1: {instance: 'host[0]', component: 'nic[0]'}, ep2: {instance: 'sw', component: 'port[0]'}, link: m}", "there is no link 'm'")]
    [InlineData("{ep1: {instance: 'host[0]', component: 'nic[0]'}, ep2: {instance: 'sw', component: 'port[0]'}, link: l, scheme: star}", "unknown scheme 'star'")]
    [InlineData("{ep2: {instance: 'sw', component: 'port[0]'}, link: l}", "'ep1' is missing")]
    [InlineData("{ep1: {instance: 'host[0]', component: 'xpu'}, ep2: {instance: 'sw', component: 'port[0]'}, link: l}", "no edges between cards and switches")]
    public void Wrong_infragraphs_are_errors_with_their_place(string edge, string message)
    {
        var error = Assert.Throws<InputException>(() => InfraGraphImport.Read(Graph(edge), "g.yaml"));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.StartsWith("g.yaml:", error.Message, StringComparison.Ordinal);
    }

    static string Graph(string edge) => $$$"""
        name: g
        devices:
        - {name: server, components: [{name: nic, count: 2, choice: nic}, {name: xpu, count: 1, choice: xpu}]}
        - {name: switch, components: [{name: asic, count: 1, choice: switch}, {name: port, count: 16, choice: port}]}
        instances:
        - {name: host, device: server, count: 4}
        - {name: sw, device: switch, count: 1}
        links:
        - {name: l, physical: {bandwidth: {choice: gigabits_per_second, gigabits_per_second: 100 } } }
        edges:
        - {{{edge}}}
        """;

    [Theory]
    [InlineData("ibsim", "ibnetdiscover")]
    [InlineData("netbox", "netbox")]
    [InlineData("infragraph", "infragraph")]
    public void A_file_tells_its_own_format(string export, string format)
    {
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, FabricSamples.Export(export, FabricSamples.Rails));
            Assert.Equal(FabricImports.ReadFile(file, FabricSamples.Rails, format).Links, FabricImports.ReadFile(file, FabricSamples.Rails).Links);
            File.WriteAllText(file, "hello\nworld\n");
            Assert.Contains("say which with --format", Assert.Throws<InputException>(() => FabricImports.ReadFile(file, FabricSamples.Rails)).Message, StringComparison.Ordinal);
            File.WriteAllBytes(file, [0x7f, (byte)'E', (byte)'L', (byte)'F', 0, 0xff, 0xfe]);
            Assert.Contains("this is not a text", Assert.Throws<InputException>(() => FabricImports.ReadFile(file, FabricSamples.Rails)).Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
        Assert.Contains("there is no file", Assert.Throws<InputException>(() => FabricImports.ReadFile(file, FabricSamples.Rails)).Message, StringComparison.Ordinal);
        Assert.Contains("there is no format 'ibnet'", Assert.Throws<InputException>(() => FabricImports.ReadFile(file, FabricSamples.Rails, "ibnet")).Message, StringComparison.Ordinal);
    }
}
