using Lightloom.Fabric;
using Lightloom.Interop.Fabric;

namespace Lightloom.Peers;

/// <summary>OpenSM brings exported fabrics up, and what ibnetdiscover then finds is the design.</summary>
public class OpenSmTests
{
    // Nothing above 40 Gb/s exists in the simulator.
    static readonly VerificationOptions NoRates = new() { Rates = false };

    [Fact]
    public void Two_tiers_of_512_hosts_come_up_with_fat_tree_routing() => ComesUp(Fabrics.TwoTiers(), "ftree");

    [Fact]
    public void Three_tiers_come_up_with_fat_tree_routing() => ComesUp(Fabrics.ThreeTiers(), "ftree");

    [Fact]
    public void A_dragonfly_comes_up_with_shortest_paths() => ComesUp(Fabrics.Dragonfly(), "minhop");

    [Fact]
    public void A_superpod_of_1016_cards_comes_up_with_shortest_paths() => ComesUp(Fabrics.SuperPod(), "minhop");

    [Fact]
    public void Two_cables_swapped_in_the_subnet_are_named_and_no_others()
    {
        var graph = Fabrics.TwoTiers();
        // Cards are nodes 0 and on; these two hang on different leaves.
        var (first, second) = (graph.LinksOf(3)[0], graph.LinksOf(400)[0]);
        Assert.NotEqual(graph.Upper[first], graph.Upper[second]);
        using var subnet = new SimulatedSubnet(graph, file => Swap(file, graph, first, second));
        Assert.Contains("SUBNET UP", subnet.Sweep("ftree"), StringComparison.Ordinal);
        var difference = Assert.Single(FabricVerifier.Verify(graph, IbnetdiscoverImport.ReadFile(subnet.Discover()), NoRates).Differences);
        Assert.Equal((DifferenceKind.Swapped, false), (difference.Kind, difference.Harmless));
        Assert.Equal([CableOf(graph, first), CableOf(graph, second)], difference.Designed);
    }

    [Fact]
    public void A_cable_that_runs_slower_is_named_with_both_rates()
    {
        // Four lanes of 10 Gb/s are what the simulator knows.
        var graph = Fabrics.TwoTiers(40);
        var slow = graph.LinksOf(77)[0];
        using var subnet = new SimulatedSubnet(graph, file =>
        {
            var (card, leaf) = (graph.NameOf(77), graph.NameOf(graph.Upper[slow]));
            var text = File.ReadAllText(file);
            foreach (var line in new[] { $"[1]\t\"{leaf}\"[{graph.UpperPort[slow] + 1}]", $"[{graph.UpperPort[slow] + 1}]\t\"{card}\"[1]" })
            {
                // Ports of other leaves have the same number; the card's own line is in its record.
                var from = line.Contains(card, StringComparison.Ordinal) ? 0 : text.IndexOf($"\"{card}\"\n", StringComparison.Ordinal);
                var at = text.IndexOf(line + "\n", from, StringComparison.Ordinal);
                text = text.Insert(at + line.Length, "\t\ts=1");
            }
            File.WriteAllText(file, text);
        });
        Assert.Contains("SUBNET UP", subnet.Sweep("ftree"), StringComparison.Ordinal);
        var verification = FabricVerifier.Verify(graph, IbnetdiscoverImport.ReadFile(subnet.Discover()));
        Assert.Equal(graph.Links, verification.RatesCompared);
        var difference = Assert.Single(verification.Differences);
        Assert.Equal((DifferenceKind.Slow, 40.0, 10.0), (difference.Kind, difference.DesignedRate!.Value.GigabitsPerSecond, difference.BuiltRate!.Value.GigabitsPerSecond));
        Assert.Equal([CableOf(graph, slow)], difference.Designed);
    }

    static void ComesUp(FabricGraph graph, string routing)
    {
        using var subnet = new SimulatedSubnet(graph);
        var log = subnet.Sweep(routing);
        Assert.Contains("SUBNET UP", log, StringComparison.Ordinal);
        // Where fat-tree routing finds no fat-tree, OpenSM says so and takes another.
        if (routing == "ftree") Assert.Contains("ftree tables configured on all switches", log, StringComparison.Ordinal);
        Assert.DoesNotContain("falling back", log, StringComparison.OrdinalIgnoreCase);
        var verification = FabricVerifier.Verify(graph, IbnetdiscoverImport.ReadFile(subnet.Discover()), NoRates);
        Assert.True(verification.AsDesigned, string.Join('\n', verification.Differences.Take(5)));
        Assert.Equal((graph.Links, graph.Devices), (verification.MatchingCables, verification.KnownByName));
    }

    static PortPair CableOf(FabricGraph graph, int link) => new(
        PortOf(graph, graph.Lower[link], graph.LowerPort[link]), PortOf(graph, graph.Upper[link], graph.UpperPort[link]), link);

    static DevicePort PortOf(FabricGraph graph, int device, int port) => new(graph.NameOf(device), graph.PortName(device, port));

    // Exchanges the far ends of the cables of two cards, in the records of all four ends.
    static void Swap(string file, FabricGraph graph, int first, int second)
    {
        var ends = new[] { first, second }.Select(l => (Card: graph.NameOf(graph.Lower[l]), Leaf: graph.NameOf(graph.Upper[l]), Port: graph.UpperPort[l] + 1)).ToArray();
        var (record, lines) = ("", File.ReadAllLines(file));
        for (var i = 0; i < lines.Length; i++)
        {
            if (lines[i].StartsWith("Hca", StringComparison.Ordinal) || lines[i].StartsWith("Switch", StringComparison.Ordinal)) record = lines[i].Split('"')[1];
            for (var e = 0; e < 2; e++)
            {
                var other = ends[1 - e];
                if (record == ends[e].Card && lines[i].StartsWith("[1]", StringComparison.Ordinal)) lines[i] = $"[1]\t\"{other.Leaf}\"[{other.Port}]";
                else if (record == ends[e].Leaf && lines[i].StartsWith($"[{ends[e].Port}]", StringComparison.Ordinal)) lines[i] = $"[{ends[e].Port}]\t\"{other.Card}\"[1]";
            }
        }
        File.WriteAllLines(file, lines);
    }
}
