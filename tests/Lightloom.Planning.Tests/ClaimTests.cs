using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>The 31 claims: what is computed, against closed forms and against published figures.</summary>
public class ClaimTests
{
    static readonly ClaimContext Context = new();
    static readonly Lazy<IReadOnlyDictionary<string, ClaimAnswer>> Answers = new(() => ClaimBook.All(Context).ToDictionary(a => a.Claim.Id));

    static ClaimAnswer Answer(string id) => Answers.Value[id];

    static double FlipOf(string id, int index = 0) => Answer(id).Flips[index].Value!.Value;

    [Fact]
    public void There_are_31_and_each_says_what_it_was_computed_on_and_what_changes_it()
    {
        Assert.Equal(Enumerable.Range(1, 31).Select(i => $"C{i:00}"), Claim.All.Select(c => c.Id));
        foreach (var answer in Answers.Value.Values)
        {
            Assert.NotEmpty(answer.Claim.Source);
            Assert.NotEmpty(answer.Reason);
            Assert.NotEmpty(answer.Assumptions);
            Assert.Equal(answer.Verdict == ClaimVerdict.HoldsIf, answer.Condition.Length > 0);
            if (answer.Verdict == ClaimVerdict.NotComputed) continue;
            Assert.NotEmpty(answer.Figures);
            Assert.NotEmpty(answer.On);
            Assert.NotEmpty(answer.Flips);
            Assert.All(answer.Figures, f => Assert.True(double.IsFinite(f.Value) && f.Low <= f.Value && f.Value <= f.High, $"{answer.Claim.Id} {f.Name}: {f.Text}"));
        }
        Assert.Equal("C22", Assert.Single(Answers.Value.Values, a => a.Verdict == ClaimVerdict.NotComputed).Claim.Id);
    }

    [Theory]
    [InlineData("C01", ClaimVerdict.Holds)]
    [InlineData("C02", ClaimVerdict.DoesNotHold)]
    [InlineData("C07", ClaimVerdict.DoesNotHold)]
    [InlineData("C09", ClaimVerdict.Holds)]
    [InlineData("C10", ClaimVerdict.Holds)]
    [InlineData("C12", ClaimVerdict.Holds)]
    [InlineData("C19", ClaimVerdict.DoesNotHold)]
    public void Verdicts_that_the_list_remarks(string id, ClaimVerdict verdict) => Assert.Equal(verdict, Answer(id).Verdict);

    [Fact]
    public void C19_is_wrong_by_two()
    {
        var answer = Answer("C19");
        Assert.Equal(2 * 100e3 * 4.897e-9 * 1e6, answer["round trip"], 1e-6);
        Assert.Equal(answer["round trip"] / 2, answer["one way"], 1e-9);
        Assert.Equal(668, answer["round trip in hollow-core fibre"], 1e-6);
        Assert.Equal(1.96, answer["round trip over what is said"], 0.005);
        // 500 us = 2 d 4.897 ns/m.
        Assert.Equal(500e-6 / (2 * 4.897e-9) / 1000, FlipOf("C19"), 1e-3);
        Assert.Equal(500e-6 / 2 / 100e3 * 299_792_458, FlipOf("C19", 1), 1e-4);
    }

    [Fact]
    public void C06_shows_three_denominators()
    {
        var answer = Answer("C06");
        Assert.Equal(30 / 9.0, answer["per port, optics alone"], 1e-9);
        Assert.Equal(7000 / 3950.0, answer["per switch box"], 1e-9);
        Assert.InRange(answer["per cluster"], 1.01, 1.06);
        Assert.Equal(655_360, answer["switch-side modules of 131,072 accelerators in three tiers"]);
        Assert.Equal(3.5 * 9, FlipOf("C06"), 1e-3);
        // 5,200 W and 72 modules against 3,950 W.
        Assert.Equal(((3.5 * 3950) - 5200) / 72, FlipOf("C06", 1), 1e-3);
    }

    [Fact]
    public void A_full_fat_tree_of_three_tiers_has_five_switch_side_ends_a_port()
    {
        var answer = Answer("C07");
        Assert.Equal(5 * 131_072, answer["switch-side ends of links"]);
        Assert.Contains(answer.On, o => o.StartsWith("131,072 accelerators", StringComparison.Ordinal) && o.EndsWith("in three tiers", StringComparison.Ordinal));
    }

    [Fact]
    public void C07_gives_what_published_mean_times_do()
    {
        var figure = Answer("C07").Figures.Single(f => f.Name == "fewer failures");
        Assert.Equal(2.6, figure.Low, 0.05);
        Assert.Equal(5.2, figure.High, 0.05);
        Assert.Equal(10, FlipOf("C07"), 1e-9);
    }

    [Fact]
    public void C02_is_the_twinax_model_and_its_flips_solve_it()
    {
        var answer = Answer("C02");
        var pair = PartCatalog.Default.All<Twinax>().Single(p => p.Gauge == 24);
        var given = PartCatalog.Default.All<ElectricalInterface>().Single(i => answer.On.Contains($"interface {i.Key}"));
        Assert.Equal(TwinaxLoss.Reach(pair, given).Meters, answer["passive, 200 Gb/s a lane"], 1e-9);
        var wider = given with { ChannelLoss = Sourced<Decibels>.Of(Decibels.FromDecibels(FlipOf("C02") + (given.HostLoss?.Value.Si ?? 0)), "test", Grade.Assumption) };
        Assert.Equal(3, TwinaxLoss.Reach(pair, wider).Meters, 1e-6);
        Assert.InRange(answer["passive, 100 Gb/s a lane"], 2.5, 3.5);
    }

    [Fact]
    public void Sums_of_scale_up_domains_and_wavelengths()
    {
        Assert.Equal(1.8, Answer("C11")["both directions"], 1e-9);
        Assert.Equal(72 * 1.8, Answer("C12")["both directions"], 1e-9);
        Assert.Equal(9, Answer("C13")["scale-up over scale-out, one direction"], 1e-9);
        Assert.Equal(256 * 8 * 56 / 1000.0, Answer("C09")["both directions"], 1e-9);
        Assert.Equal(16 * 112 / 1000.0, Answer("C10")["gross"], 1e-9);
        Assert.Equal(115.2, Answer("C08").Figures.Single(f => f.Name.Contains("Q3450-LD", StringComparison.Ordinal)).Value, 1e-9);
        Assert.True(Answer("C13")["all-to-all, across over inside"] > 1);
    }

    [Fact]
    public void Energy_is_power_over_rate()
    {
        Assert.Equal(9 / 1.6, Answer("C04").Figures.Single(f => f.Name.StartsWith("NVIDIA", StringComparison.Ordinal)).Value, 1e-9);
        var pluggable = Answer("C03");
        Assert.Equal(ClaimVerdict.HoldsIf, pluggable.Verdict);
        Assert.InRange(pluggable["retimed modules, median"], 15, 25);
        Assert.Equal(12, FlipOf("C03"), 1e-9);
        // A passive cable takes the SerDes of both hosts and next to nothing more.
        var shortest = Answer("C05").Figures[0];
        Assert.Equal(2 * LinkAssumptions.Default.HostSerDes.Value.PicojoulesPerBit, shortest.Value, 0.5);
    }

    [Fact]
    public void C15_flips_where_the_prices_say()
    {
        var catalog = PartCatalog.Default;
        var (infiniband, ethernet) = (catalog.Get<Switch>("qm9700"), catalog.Get<Switch>("sn5600"));
        Assert.Equal(infiniband.Price!.Value.Value.Dollars / 64 / (ethernet.Price!.Value.Value.Dollars / 128), Answer("C15")["InfiniBand over Ethernet, a port of 400 Gb/s"], 1e-9);
        Assert.Equal(infiniband.Price.Value.Value.Dollars / 64 / 1.5 * 128, FlipOf("C15"), 1e-6);
        Assert.True(Answer("C15")["cost of a year, premium of 2.5 over none"] > Answer("C15")["cost of a year, premium of 1.5 over none"]);
    }

    [Fact]
    public void C17_pays_inside_the_domain_alone()
    {
        var answer = Answer("C17");
        Assert.Equal(ClaimVerdict.Holds, answer.Verdict);
        Assert.True(answer["step with tensor 16"] > answer["step with tensor 8"]);
        Assert.True(answer["step with tensor 32"] > answer["step with tensor 16"]);
    }

    [Fact]
    public void Between_sites_bandwidth_decides()
    {
        var answer = Answer("C21");
        Assert.Equal(ClaimVerdict.HoldsIf, answer.Verdict);
        Assert.True(answer["synchronous, a fibre pair, 1,578 km"] > 90);
        Assert.True(answer["synchronous, 10 Gb/s, 1,578 km"] < 90);
        Assert.True(answer["streaming, 10 Gb/s, 1,578 km"] > 90);
        var both = Answer("C30");
        Assert.True(both["both"] >= 90 && both["line ten times as wide alone"] < 90 && both["streaming method alone"] < 90);
        Assert.True(FlipOf("C30") < FlipOf("C30", 1));
    }

    [Fact]
    public void C23_and_C28_follow_from_lives()
    {
        Assert.Equal(4, Answer("C23")["generations of electronics in 20 years"], 1e-9);
        var kept = Answer("C28");
        // Plant of twenty years is worth three quarters after five.
        Assert.Equal(0.75 * kept["price of the fibre plant"], kept["carried over by the light"], 1e-6);
        Assert.Equal(0, kept["carried over by the fabric"]);
        Assert.Equal(20, FlipOf("C28"), 0.05);
    }

    [Fact]
    public void A_design_takes_the_place_of_an_example()
    {
        var own = new ClaimContext(DesignDocument.Parse(Designs.Changed(Designs.SuperPod, ("systems: 127", "systems: 96"), ("globalBatch: 1016", "globalBatch: 768")), "d.yaml"));
        Assert.NotEqual(Answer("C28")["price of modules and cables"], ClaimBook.Answer(Claim.Find("C28"), own)["price of modules and cables"]);
        // What is about no cluster stays.
        Assert.Equal(Answer("C19")["round trip"], ClaimBook.Answer(Claim.Find("c19"), own)["round trip"]);
    }

    [Theory]
    [InlineData(Designs.Copper)]
    [InlineData(Designs.CoPackaged)]
    [InlineData("tpu-v4-torus-ocs")]
    public void Every_verdict_is_whole_on_other_designs(string example)
    {
        var context = new ClaimContext(DesignDocument.Parse(Designs.Text(example), "d.yaml"));
        foreach (var answer in new[] { "C14", "C15", "C24", "C25", "C26", "C27", "C28", "C29" }.Select(id => ClaimBook.Answer(Claim.Find(id), context)))
        {
            Assert.Equal(answer.Verdict == ClaimVerdict.HoldsIf, answer.Condition.Length > 0);
            Assert.All(answer.Figures, f => Assert.True(double.IsFinite(f.Value), $"{answer.Claim.Id} {f.Name}: {f.Text}"));
            Assert.NotEmpty(answer.Flips);
        }
    }

    [Theory]
    [InlineData(1, 10, 2.5)]
    [InlineData(0.001, 1e6, 42)]
    public void A_threshold_is_found_from_either_side(double low, double high, double at)
    {
        Assert.Equal(at, Threshold.Of(low, high, x => x >= at)!.Value, at * 1e-5);
        Assert.Equal(at, Threshold.Of(low, high, x => x < at)!.Value, at * 1e-5);
        Assert.Null(Threshold.Of(low, high, _ => true));
    }
}
