using Lightloom.Catalog.Documents;
using Lightloom.Interop.Htsim;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Interop.Tests.Htsim;

public class HtsimTopologyTests
{
    const string Full = """
        # a full tree of 4-port switches
        Nodes 16
        Tiers 3
        Podsize 4

        Tier 0
        Downlink_speed_Gbps 100
        Radix_Down 2
        Radix_Up 2
        Downlink_Latency_ns 1000
        Switch_Latency_ns 0
        Tier 1
        downlink_speed_gbps 100
        Radix_Down 2
        Radix_Up 2
        Downlink_Latency_ns 1000
        Bundle 1
        Tier 2
        Downlink_speed_Gbps 100
        Radix_Down 4
        Downlink_Latency_ns 1000
        """;

    const string TwoTiers = """
        Nodes 16
        Tiers 2
        Podsize 16
        Tier 0
        Downlink_speed_Gbps 100
        Radix_Down 8
        Radix_Up 4
        Oversubscribed 2
        Downlink_Latency_ns 500
        Switch_Latency_ns 300
        Queue_Up 9000
        Tier 1
        Downlink_speed_Gbps 100
        Radix_Down 4
        Bundle 2
        Downlink_Latency_ns 2000
        Switch_Latency_ns 700
        """;

    static HtsimTopology Read(string text) => HtsimTopology.Read(new StringReader(text), "t.topo");

    static PacketTraffic Flows(params (int From, int To, long Bytes)[] flows) => new()
    {
        Name = "flows",
        Source = [.. flows.Select(f => f.From)],
        Destination = [.. flows.Select(f => f.To)],
        Bytes = [.. flows.Select(f => f.Bytes)],
    };

    static PacketRun Play(PacketFabric fabric, PacketTraffic traffic, PacketOptions? options = null) =>
        PacketSimulation.Run(fabric, traffic, options, TestContext.Current.CancellationToken);

    // Wire by wire what the named trees have, which is what htsim makes without a file.
    [Theory]
    [InlineData(16, 3)]
    [InlineData(128, 3)]
    [InlineData(32, 2)]
    public void A_full_tree_is_wired_as_the_named_ones(int hosts, int tiers)
    {
        var (ours, named) = (HtsimTopology.Full(hosts, tiers, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1)).Fabric(),
            PacketFabricBuilder.FatTree(hosts, tiers, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1)));
        Assert.Equal((named.Hosts, named.Nodes, named.Wires, named.DiameterLatency), (ours.Hosts, ours.Nodes, ours.Wires, ours.DiameterLatency));
        for (var w = 0; w < named.Wires; w++) Assert.Equal((named.FromOf(w), named.ToOf(w), named.RateOf(w)), (ours.FromOf(w), ours.ToOf(w), ours.RateOf(w)));
    }

    [Fact]
    public void A_file_says_the_same_in_any_case()
    {
        var (read, full) = (Read(Full).Fabric(), HtsimTopology.Full(16, 3, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1)).Fabric());
        Assert.Equal(Enumerable.Range(0, full.Wires).Select(w => (full.FromOf(w), full.ToOf(w), full.RateOf(w))), Enumerable.Range(0, read.Wires).Select(w => (read.FromOf(w), read.ToOf(w), read.RateOf(w))));
        var traffic = Flows((0, 13, 2_000_000), (5, 1, 300_000));
        Assert.Equal(Play(full, traffic).CompletionTimes(), Play(read, traffic).CompletionTimes());
    }

    // Eight hosts of a leaf send to the other leaf over four links, two to each of two spines: at line rate, and losing nothing, half of theirs each.
    [Fact]
    public void An_oversubscribed_leaf_is_as_fast_as_its_links_up()
    {
        var fabric = Read(TwoTiers).Fabric();
        Assert.Equal((16, 2 + 2, 2 * (16 + 8)), (fabric.Hosts, fabric.Nodes - fabric.Hosts, fabric.Wires));
        Assert.All(Enumerable.Range(0, 2), leaf => Assert.All(Enumerable.Range(0, 2), spine => Assert.Equal(2, fabric.WiresBetween(16 + leaf, 18 + spine).Count)));
        // 0.5 + 0.3, 2 + 0.7, 2 + 0.3, 0.5 us.
        Assert.Equal(6.3, fabric.DiameterLatency.Microseconds, 1e-9);
        const long size = 4_000_000;
        var run = Play(fabric, Flows([.. Enumerable.Range(0, 8).Select(h => (h, 8 + h, size))]), new() { Balance = "round-robin" });
        var bound = 8 * size / 4.0 * 8e-5;
        Assert.InRange(run.Time.Picoseconds / 1e6, bound, bound * 1.1);
    }

    [Fact]
    public void Htsims_failed_links_are_at_a_quarter_of_their_rate()
    {
        var three = HtsimTopology.Full(16, 3, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1)).Fabric(3);
        var slow = Enumerable.Range(0, three.Wires).Where(w => three.RateOf(w).GigabitsPerSecond < 100).ToList();
        // From cores 0 and 2 to spine 0, and from core 1 to spine 1 (l + 2 a < 3); spines are nodes 24 on, cores 32 on.
        Assert.Equal([(32, 24), (34, 24), (33, 25)], slow.Select(w => (three.FromOf(w), three.ToOf(w))));
        Assert.All(slow, w => Assert.Equal(25, three.RateOf(w).GigabitsPerSecond, 1e-9));
        var two = Read(TwoTiers).Fabric(1);
        Assert.Equal(2 * 2 * 2, Enumerable.Range(0, two.Wires).Count(w => two.RateOf(w).GigabitsPerSecond < 100));
    }

    [Fact]
    public void Failures_of_a_matrix_take_links_away()
    {
        HtsimMatrix Matrix(string failure) => HtsimMatrix.Read(new StringReader($"Nodes 16\nConnections 1\nFailures 1\n0->13 id 1 start 0 size 2000000\n{failure}\n"), "m.cm", StartUnit.Microseconds);
        var tree = HtsimTopology.Full(16, 3, Bandwidth.FromGigabitsPerSecond(100), Duration.FromMicroseconds(1));
        var fabric = tree.Fabric(0, Matrix("failure switch_type AGG switch_id 1 link_id 1").Failures);
        // Spine 1 is second in its pod: htsim's link 1 of it is to core 1 * 2 + 1 = 3.
        Assert.Empty(fabric.WiresBetween(25, 35));
        Assert.Single(fabric.WiresBetween(25, 33));
        Assert.True(Play(fabric, Flows((0, 13, 2_000_000), (13, 0, 2_000_000))).IsComplete);
        void Wrong(string message, string failure)
        {
            var wrong = Assert.Throws<InputException>(() => tree.Fabric(0, Matrix(failure).Failures));
            Assert.Contains(message, wrong.Message);
            Assert.StartsWith("m.cm:5", wrong.Message);
        }
        Wrong("leads to no core of its own", "failure switch_type AGG switch_id 1 link_id 0");
        Wrong("expected a switch of tier 1 from 0 to 7, found 8", "failure switch_type AGG switch_id 8 link_id 0");
        Wrong("expected AGG, whose links up alone htsim takes down, found 'TOR'", "failure switch_type TOR switch_id 8 link_id 0");
        Wrong("expected switch_type AGG, switch_id and link_id", "failure switch_type AGG switch_id 8");
        Assert.Contains("'Failures' says 1, and there are 0", Assert.Throws<InputException>(() => Matrix("")).Message);
    }

    [Theory]
    [InlineData("Nodes 16\n", "Nodes 1\n", "t.topo:2:1", "expected a whole number from 2 to 1,048,576 for 'Nodes', found '1'")]
    [InlineData("Tiers 3\n", "Tiers 4\n", "t.topo:3:1", "expected a whole number from 2 to 3 for 'Tiers', found '4'")]
    [InlineData("Tiers 3\n", "", "t.topo:1:1", "'Tiers' is missing")]
    [InlineData("Radix_Down 4\n", "Radix_Down 4\nRadix_Up 2\n", "t.topo:21:1", "tier 2 is the last")]
    [InlineData("Radix_Down 4\n", "Radix_Dwn 4\n", "t.topo:20:1", "expected one of")]
    [InlineData("Radix_Down 4\n", "Radix_Down 5\n", "t.topo:1:1", "tier 2: a switch has 5 links down, and 4 pods below it in bundles of 1 take 4")]
    [InlineData("Podsize 4\n", "Podsize 3\n", "t.topo:1:1", "16 nodes don't divide into pods of 3")]
    [InlineData("Podsize 4\n", "Podsize 8\n", "t.topo:1:1", "tier 1: a switch has 2 links down, and 4 switches below it")]
    [InlineData("Bundle 1\n", "Bundle 3\n", "t.topo:1:1", "tier 1: 2 links down don't divide into bundles of 3")]
    [InlineData("Tier 2\n", "Tier 1\n", "t.topo:18:1", "there is a tier 1 already")]
    [InlineData("Radix_Down 2\nRadix_Up 2\n", "Radix_Down 4\nRadix_Up 2\n", "t.topo:1:1", "4 links down over 2 up are not 'Oversubscribed 1'")]
    [InlineData("Nodes 16\n", "Nodes 1048576\n", "t.topo:1:1", "tier 2: a switch has 4 links down, and 262,144 pods below it in bundles of 1 take 262,144")]
    public void Wrong_files_are_told_with_their_place(string what, string instead, string place, string message)
    {
        var text = Full.ReplaceLineEndings("\n");
        var at = text.IndexOf(what, StringComparison.Ordinal);
        var wrong = Assert.Throws<InputException>(() => Read(text[..at] + instead + text[(at + what.Length)..]));
        Assert.Contains(message, wrong.Message);
        Assert.StartsWith(place, wrong.Message);
    }

    // Sizes that each may be, and together would fill any memory.
    [Fact]
    public void A_tree_that_is_too_large_is_told()
    {
        string Tier(int t, int down, int up) => $"Tier {t}\nDownlink_speed_Gbps 100\nRadix_Down {down}\n" + (up > 0 ? $"Radix_Up {up}\n" : "") + "Downlink_Latency_ns 1000\n";
        var wrong = Assert.Throws<InputException>(() => Read("Nodes 65536\nTiers 3\nPodsize 65536\n" + Tier(0, 65536, 65536) + Tier(1, 1, 65536) + Tier(2, 1, 0)));
        Assert.Contains("the tree has 4,295,098,368 links, and packets are played on 8,388,608 at most", wrong.Message);
    }
}
