using CsCheck;
using Lightloom.Catalog;
using Lightloom.Collectives.Congestion;

namespace Lightloom.Collectives.Tests.Congestion;

/// <summary>Ways of spreading traffic: the worked example, simulated fabrics, links down, physical order.</summary>
public sealed class FabricBalanceTests
{
    static LoadBalancing Policy(string key) => PartCatalog.Default.Get<LoadBalancing>(key);

    static LoadBalancing Hash(int flows) => Policy("ecmp") with { QueuePairs = Sourced<int>.Of(flows, "test", Grade.Assumption), Connections = Sourced<int>.Of(1, "test", Grade.Assumption) };

    static LinkStage Leaves(int links = 16, double switches = 64) => new("leaf-spine", links, links, switches);

    [Fact]
    public void The_worked_example()
    {
        // Half a switch has one direction.
        Assert.Equal(0.32, new FabricBalance(Hash(1), Leaves(16, 0.5)).Share.Expected, 0.005);
        Assert.Equal(0.51, new FabricBalance(Hash(4), Leaves(16, 0.5)).Share.Expected, 0.005);
        Assert.Equal(0.33, new FabricBalance(Hash(4), Leaves()).Share.Expected, 0.005);
        Assert.Equal(1 / 1.02, new FabricBalance(Policy("adaptive-routing"), Leaves()).Share.Expected, 1e-12);
        var damaged = Leaves(32) with { Bundle = 2, FailedAtOne = 1 };
        Assert.Equal(1 / (32 / 31.0 + 0.051), new FabricBalance(Policy("packet-spraying"), damaged).Share.Expected, 1e-12);
        Assert.InRange(new FabricBalance(Hash(64), damaged).Share.Expected, 0.3, 0.5);
    }

    [Fact]
    public void Published_and_simulated_ranges_of_each_way_hold_for_a_leaf_of_sixteen()
    {
        double Of(string key) => new FabricBalance(Policy(key), Leaves(16, 8)).Share.Expected;
        Assert.InRange(Of("ecmp"), 0.28, 0.50);
        // With 4 and with 16 queue pairs of one connection each; the catalogue's four connections at once even out more.
        Assert.InRange(new FabricBalance(Hash(16), Leaves(16, 8)).Share.Expected, 0.55, 0.70);
        Assert.InRange(Of("enhanced-ecmp"), 0.65, 0.75);
        // Judged at 0.80 to 0.85; flows at line rate hardly pause, and packets leave 0.75 to 0.80 (data/simulated).
        Assert.InRange(Of("flowlets"), 0.74, 0.80);
        Assert.InRange(Of("planned-paths"), 0.85, 0.95);
        Assert.InRange(Of("adaptive-routing"), 0.96, 0.985);
        Assert.InRange(Of("packet-spraying"), 0.94, 0.98);
    }

    // Every flow of every leaf hashed to a spine, counted on the way up and, at the leaf that it goes to, on the way down.
    [Theory]
    [InlineData(8, 8, 2, 16), InlineData(16, 16, 4, 8), InlineData(4, 8, 8, 4)]
    public void A_simulated_leaf_spine_fabric_waits_as_long(int spines, int cards, int flows, int leaves)
    {
        const int Draws = 1000;
        var random = new Random(1);
        double sum = 0, squares = 0;
        for (var draw = 0; draw < Draws; draw++)
        {
            var (up, down) = (new int[leaves, spines], new int[leaves, spines]);
            // Each card sends to one card; no card of its own leaf, and all receive alike.
            var shift = random.Next(1, leaves);
            for (var leaf = 0; leaf < leaves; leaf++)
            {
                for (var f = 0; f < cards * flows; f++)
                {
                    // Flows of one leaf go to all others in turn.
                    var to = (leaf + 1 + (f + shift) % (leaves - 1)) % leaves;
                    var spine = random.Next(spines);
                    up[leaf, spine]++;
                    down[to, spine]++;
                }
            }
            var most = Math.Max(up.Cast<int>().Max(), down.Cast<int>().Max()) / ((double)cards * flows / spines);
            sum += most;
            squares += most * most;
        }
        var mean = sum / Draws;
        var error = Math.Sqrt((squares / Draws - mean * mean) / Draws);
        var load = cards / (double)spines;
        var share = new FabricBalance(Hash(flows), new LinkStage("leaf-spine", spines, cards, leaves) { Load = load }).Share.Expected;
        // Up and down are a little less than independent; dealing f over the other leaves rounds.
        Assert.InRange(Math.Max(1, load) / load / share, mean * 0.985 - 5 * error, mean * 1.02 + 5 * error);
    }

    [Fact]
    public void Spare_uplinks_hide_what_they_can_and_oversubscription_evens_out()
    {
        double Of(double load, double senders) => new FabricBalance(Hash(8), new LinkStage("up", 16, senders, 32) { Load = load }).Share.Expected;
        Assert.True(Of(0.5, 8) > Of(0.8, 13) && Of(0.8, 13) > Of(1, 16) && Of(4, 64) > Of(1, 16));
        Assert.Equal(1, Of(0.05, 16), 1e-6);
    }

    static readonly Gen<LinkStage> Stages =
        from m in Gen.Int[2, 40]
        from senders in Gen.Double[1, 80]
        from switches in Gen.Double[0.5, 500]
        from load in Gen.Double[0.2, 6]
        select new LinkStage("s", m, senders, switches) { Load = load };

    static readonly string[] Keys = ["ecmp", "enhanced-ecmp", "flowlets", "planned-paths", "adaptive-routing", "packet-spraying"];

    [Fact]
    public void Shares_are_shares_and_more_switches_links_down_and_a_tenth_of_the_excess_move_them_the_right_way() =>
        (from s in Stages from k in Gen.Int[0, Keys.Length - 1] from f in Gen.Int[1, 3] select (s, Keys[k], f)).Sample(x =>
    {
        var (stage, key, failed) = x;
        var policy = Policy(key);
        var balance = new FabricBalance(policy, stage);
        var share = balance.Share;
        Assert.InRange(share.Expected, 0.01, 1);
        Assert.InRange(share.AtLeast95, 0.01, share.Expected + 0.15);
        Assert.True(new FabricBalance(policy, stage with { Switches = 4 * stage.Switches }).Share.Expected <= share.Expected + 1e-9);
        Assert.True(balance.With(s => s.Load, 1.1).Expected >= share.Expected - 1e-9);
        Assert.True(balance.With(s => s.Load * 0.9).Expected / Math.Max(1, 0.9 * stage.Load) >= share.Expected / Math.Max(1, stage.Load) - 1e-9);
        if (failed >= stage.Links || stage.Switches < 1) return;
        Assert.True(new FabricBalance(policy, stage with { FailedAtOne = failed }).Share.Expected <= share.Expected + 1e-9);
        Assert.True(new FabricBalance(policy, stage with { FailedShare = 0.05 }).Share.Expected <= share.Expected + 1e-6);
    }, iter: 60);

    [Fact]
    public void Two_stages_wait_for_the_worse_of_both()
    {
        var (leaf, spine) = (Leaves(16, 32), new LinkStage("spine-core", 8, 16, 16) { Load = 2 });
        double Of(params LinkStage[] stages) => new FabricBalance(Hash(8), stages).Share.Expected / Math.Max(1, stages.Max(s => s.Load));
        Assert.True(Of(leaf, spine) <= Math.Min(Of(leaf), Of(spine)));
        Assert.Equal(1, new FabricBalance(Hash(8)).Share.Expected);
        // One that is never binding doesn't matter.
        Assert.Equal(Of(spine), Of(spine, leaf with { Load = 0.01 }), 1e-9);
    }

    // What a bundle that lost a link does to a hash that doesn't know: flows to the bundle's spine share what is left.
    [Fact]
    public void A_far_bundle_with_a_link_down_is_simulated()
    {
        const int Bundles = 8, Bundle = 2, Flows = 256, Draws = 10_000;
        var random = new Random(3);
        double sum = 0;
        for (var d = 0; d < Draws; d++)
        {
            var load = new int[Bundles * Bundle];
            var up = new int[Bundles * Bundle];
            for (var f = 0; f < Flows; f++)
            {
                var spine = random.Next(Bundles);
                load[spine * Bundle + (spine == 0 ? 0 : random.Next(Bundle))]++;
                up[1 + random.Next(Bundles * Bundle - 1)]++;
            }
            sum += Math.Max(load.Max(), up.Max());
        }
        var stage = new LinkStage("s", Bundles * Bundle, Flows, 1) { Bundle = Bundle, FailedAtOne = 1 };
        Assert.Equal(Flows / (double)(Bundles * Bundle) / (sum / Draws), new FabricBalance(Hash(1), stage).Share.Expected, 0.003);
    }

    [Fact]
    public void Planned_paths_lose_their_plan_with_a_link_and_get_it_back_when_planned_anew()
    {
        var planned = Policy("planned-paths");
        var (whole, damaged) = (Leaves(), Leaves() with { FailedAtOne = 1 });
        var before = new FabricBalance(planned, whole).Share.Expected;
        var lost = new FabricBalance(planned, damaged).Share.Expected;
        var anew = new FabricBalance(planned with { Replans = true }, damaged).Share.Expected;
        Assert.True(lost < anew && anew < before);
        Assert.Equal(1 / (16 / 15.0 + 0.1), anew, 1e-12);
    }

    [Fact]
    public void One_hash_for_two_tiers_leaves_the_upper_one_the_links_that_remainders_reach()
    {
        // A hash of 16 links below and 24 above: 24 / 8 links are reached, by every flow of a spine.
        var (leaf, spine) = (Leaves(16, 4) with { Load = 1e-6 }, new LinkStage("spine-core", 24, 24, 8));
        var reached = Enumerable.Range(0, 16 * 24).Where(h => h % 16 == 3).Select(h => h % 24).Distinct().Count();
        Assert.Equal(3, reached);
        var folded = new FabricBalance(Hash(16) with { SameHash = true }, leaf, spine).Share.Expected;
        var alike = new FabricBalance(Hash(16), spine with { Links = reached, Load = 8 }).Share.Expected / 8;
        Assert.Equal(alike, folded, 1e-9);
        Assert.True(folded < new FabricBalance(Hash(16), leaf, spine).Share.Expected / 5);
    }

    [Fact]
    public void A_stage_that_cannot_be_is_refused()
    {
        foreach (var stage in (LinkStage[])[Leaves(0), Leaves() with { Senders = 0 }, Leaves() with { Bundle = 3 }, Leaves() with { FailedAtOne = 16 },
            Leaves() with { FailedShare = 0.6 }, Leaves() with { Load = double.NaN }, Leaves() with { Switches = 0 }])
            Assert.Throws<ArgumentException>(() => new FabricBalance(Hash(1), stage));
    }
}
