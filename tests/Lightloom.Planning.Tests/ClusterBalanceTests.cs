using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Congestion;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>What load balancing and failed links make of a design.</summary>
public sealed class ClusterBalanceTests
{
    static string Design(string fabric, string topology = "fat-tree", int systems = 128, string more = "") => $$"""
        lightloom: 1
        name: balance
        accelerators: { system: hgx-h100, systems: {{systems}} }
        fabric: { protocol: rocev2, topology: {{topology}}, switch: sn5600{{(fabric.Length > 0 ? ", " + fabric : "")}} }
        {{more}}
        job:
          model: llama-3.1-8b
          globalBatch: 2048
          parallelism: { tensor: 1, sharding: zero-3 }
        """;

    static Evaluation Evaluate(string fabric, string topology = "fat-tree", int systems = 128) => Designs.Evaluate(Design(fabric, topology, systems));

    static NetworkProtocol Protocol(string key) => PartCatalog.Default.Get<NetworkProtocol>(key);

    static FabricPlan Plan(Evaluation evaluation) => evaluation.Build.Plan;

    [Fact]
    public void Stages_of_a_clos_are_its_leaves_and_its_spines()
    {
        var plan = Plan(Evaluate("tiers: 3, systemsPerUnit: 8, systemsPerPod: 32, oversubscription: { spine: 2 }"));
        Assert.Empty(FabricStages.Of(plan, 0));
        Assert.Empty(FabricStages.Of(plan, 1));
        var leaf = Assert.Single(FabricStages.Of(plan, 2));
        var shape = plan.Clos!;
        Assert.Equal((shape.UplinksPerLeaf, 64.0, (double)shape.Leaves), (leaf.Links, leaf.Senders, leaf.Switches));
        // What all levels say of oversubscription is what the stages say.
        Assert.Equal(plan.InjectionPerAccelerator.Si / plan.Locality[2].Bandwidth.Si, Math.Max(1, leaf.Load), 1e-9);
        var both = FabricStages.Of(plan, 3, 0.5);
        Assert.Equal(["leaf-spine", "spine-core"], both.Select(s => s.Name));
        Assert.Equal(plan.InjectionPerAccelerator.Si / plan.Locality[3].Bandwidth.Si, both.Max(s => s.Load), 1e-9);
        Assert.Equal(leaf.Switches / 2, both[0].Switches);
        // As many flows go up as come in from below.
        Assert.Equal((double)shape.UnitsPerPod * shape.LeavesPerUnit * 64, both[1].Senders * shape.SpinesPerPod, 1e-9);
    }

    [Fact]
    public void Every_topology_has_stages_that_can_be()
    {
        foreach (var topology in Topologies.All)
        {
            FabricPlan plan;
            try
            {
                plan = ClusterBuild.Of(DesignDocument.Parse(Design("", topology.Name)), PartCatalog.Default, new(PartCatalog.Default)).Plan;
            }
            catch (InputException)
            {
                continue; // it wants parameters of its own
            }
            var balance = ClusterBalance.Of(plan, Protocol("rocev2"));
            for (var l = 0; l < plan.Locality.Count; l++) Assert.InRange(balance.Share(l).Expected, 0.05, 1.0001);
            Assert.Equal(BalanceShare.Whole, balance.Share(0));
        }
    }

    [Fact]
    public void Better_balance_trains_no_slower_and_links_down_no_faster()
    {
        double Tokens(string fabric) => Evaluate(fabric).Outcome!.Value.Step.TokensPerSecond;
        string[] better = ["loadBalancing: ecmp", "loadBalancing: ecmp, queuePairs: 8", "", "loadBalancing: flowlets", "loadBalancing: packet-spraying"];
        var tokens = better.Select(Tokens).ToArray();
        Assert.Equal(tokens.Order(), tokens);
        // Rings leave a leaf with so little that no token moves here; the bandwidth beyond the leaf does.
        double Across(string fabric) => Evaluate(fabric).Operation!.Network(new()).Levels[2].Bandwidth.Si;
        for (var i = 1; i < better.Length; i++) Assert.True(Across(better[i]) > 1.03 * Across(better[i - 1]), better[i]);
        var whole = Across("");
        foreach (var failed in (string[])["failed: { leafSpine: 0.1 }", "failed: { leafUplinks: 20 }", "failed: { rails: 4 }"])
            Assert.True(Across(failed) < whole * 0.95, $"{failed}: {Across(failed) / whole}");
    }

    [Fact]
    public void The_network_of_a_step_is_sustained_times_card_times_share()
    {
        var evaluation = Evaluate("loadBalancing: packet-spraying");
        var level = evaluation.Operation!.Network(new()).Levels[2];
        var protocol = evaluation.Build.Protocol;
        var (sustained, s) = (protocol.Collectives.Sustained.Value, FabricBalance.OfferedBy(protocol));
        var card = Plan(evaluation).InjectionPerAccelerator.Si;
        var balance = protocol.LoadBalancing;
        var kept = 1 - balance.Overhead.Value;
        var expected = card * sustained * kept / Math.Max(1, s * (1 + balance.Residual.Value));
        Assert.Equal(expected, level.Bandwidth.Si, expected * 1e-6); // lost frames take a little
        // A tenth more leaf-spine bandwidth lets the imbalance vanish: only the disorder is left.
        Assert.Equal(card * sustained * kept, evaluation.Operation.Network(new() { LeafSpine = 1.1 }).Levels[2].Bandwidth.Si, expected * 1e-6);
        // With a rail down every level but the scale-up domain has seven eighths.
        var railless = Evaluate("loadBalancing: packet-spraying, failed: { rails: 1 }").Operation!.Network(new());
        Assert.Equal(0.875, railless.Levels[1].Bandwidth.Si / evaluation.Operation.Network(new()).Levels[1].Bandwidth.Si, 1e-6);
    }

    [Theory]
    [InlineData("queuePairs: 4, loadBalancing: adaptive-routing", "fabric.queuePairs: 'adaptive-routing' spreads packets")]
    [InlineData("loadBalancing: sprayed", "no load-balancing 'sprayed'")]
    [InlineData("failed: { rails: 8 }", "a system has 8 network cards")]
    [InlineData("failed: { leafUplinks: 1000 }", "expected one of them to be up")]
    [InlineData("failed: { spineCore: 0.1 }", "no links upwards that could be down")]
    [InlineData("failed: { leafSpine: 0.6 }", "0.5")]
    [InlineData("queuePairs: 0", "from 1 to 100,000")]
    public void What_cannot_be_is_told_where_it_stands(string fabric, string message)
    {
        var e = Assert.Throws<InputException>(() => Evaluate(fabric));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Explain_lists_the_figures_of_the_load_balancing_that_was_chosen()
    {
        var values = Designs.Explain(Evaluate("loadBalancing: ecmp, queuePairs: 3")).Where(v => v.Section == "load-balancing ecmp").ToDictionary(v => v.Name);
        Assert.Equal(("3", "fabric.queuePairs of the design"), (values["queuePairs"].Value, values["queuePairs"].Source));
        Assert.Equal("4", values["connections"].Value);
    }
}
