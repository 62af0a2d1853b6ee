using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class MultipathInterferenceTests
{
    static readonly Gen<double[]> Losses = Gen.Double[15, 60].Array[0, 12];

    static Decibels Db(double value) => Decibels.FromDecibels(value);

    [Fact]
    public void One_pair_of_26_decibels_costs_a_quarter_of_a_decibel()
    {
        Assert.Equal(0.24, MultipathInterference.Penalty(LineCode.Pam4, Db(3.5), Db(26), Db(26)).Si, 2);
        Assert.Equal(0.0025119, MultipathInterference.EchoAmplitude([Db(26), Db(26)]), 7);
    }

    [Fact]
    public void Every_pair_echoes() => Losses.Sample(losses =>
    {
        double naive = 0;
        for (var i = 0; i < losses.Length; i++)
            for (var j = i + 1; j < losses.Length; j++)
                naive += Math.Sqrt(Math.Pow(10, -losses[i] / 10) * Math.Pow(10, -losses[j] / 10));
        Assert.Equal(naive, MultipathInterference.EchoAmplitude([.. losses.Select(Db)]), naive * 1e-12 + 1e-18);
    });

    [Fact]
    public void Loss_between_reflections_quietens_their_echo() => Gen.Select(Gen.Double[15, 60].Array[2, 8], Gen.Double[0, 3].Array[7]).Sample((losses, between) =>
    {
        between = between[..(losses.Length - 1)];
        double naive = 0;
        for (var i = 0; i < losses.Length; i++)
            for (var j = i + 1; j < losses.Length; j++)
                naive += Math.Pow(10, -(losses[i] + losses[j]) / 20) * Math.Pow(10, -between[i..j].Sum() / 10);
        var found = MultipathInterference.EchoAmplitude([.. losses.Select(Db)], [.. between.Select(Db)]);
        Assert.Equal(naive, found, naive * 1e-12);
        Assert.True(found <= MultipathInterference.EchoAmplitude([.. losses.Select(Db)]) * (1 + 1e-12));
    });

    [Fact]
    public void More_levels_a_lower_extinction_ratio_and_one_more_connector_cost_more() =>
        Gen.Select(Gen.Double[22, 60].Array[2, 6], Gen.Double[3, 10], Gen.Double[0.1, 3]).Sample((losses, extinction, more) =>
        {
            Decibels[] path = [.. losses.Select(Db)];
            var penalty = MultipathInterference.Penalty(LineCode.Pam4, Db(extinction), path);
            Assert.True(penalty.Si >= MultipathInterference.Penalty(LineCode.Nrz, Db(extinction), path).Si);
            Assert.True(penalty.Si >= MultipathInterference.Penalty(LineCode.Pam4, Db(extinction + more), path).Si);
            Assert.True(penalty.Si <= MultipathInterference.Penalty(LineCode.Pam4, Db(extinction), [.. path, Db(30)]).Si);
        });

    [Fact]
    public void No_pair_has_no_echo_and_strong_ones_close_the_eye()
    {
        Assert.Equal(0, MultipathInterference.Penalty(LineCode.Pam4, Db(3.5)).Si);
        Assert.Equal(0, MultipathInterference.Penalty(LineCode.Pam4, Db(3.5), Db(26)).Si);
        Assert.Equal(0, MultipathInterference.Penalty(LineCode.Pam4, Db(3.5), Db(26), Db(double.PositiveInfinity)).Si);
        Assert.Equal(double.PositiveInfinity, MultipathInterference.Penalty(LineCode.Pam4, Db(3.5), Db(10), Db(10)).Si);
    }

    [Fact]
    public void Impossible_paths_are_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => MultipathInterference.Penalty(LineCode.Pam4, Db(0), Db(26), Db(26)));
        Assert.Throws<ArgumentOutOfRangeException>(() => MultipathInterference.EchoAmplitude([Db(-1), Db(26)]));
        Assert.Throws<ArgumentOutOfRangeException>(() => MultipathInterference.EchoAmplitude([Db(double.NaN)]));
        Assert.Throws<ArgumentException>(() => MultipathInterference.EchoAmplitude([Db(26), Db(26)], [Db(1), Db(1)]));
    }

    static readonly PartCatalog Catalog = PartCatalog.Default;

    static EngineeredLink Link(LinkRequest request) => new LinkEngineer(Catalog).Best(request);

    static LinkRequest Hall(double? returnLoss, int connectors = 4) => new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(800),
        LaneRate = Bandwidth.FromGigabitsPerSecond(100),
        Run = Length.FromMeters(300),
        Connectors = connectors,
        Connector = Catalog.Get<Connector>("mpo"),
        ReturnLoss = returnLoss is { } given ? Sourced<Decibels>.Of(Db(given), "test", Grade.Assumption) : null,
        Policy = LinkPolicy.Named("800g-2xdr4"),
    };

    // Four of 30 dB make six pairs: rho = 0.006, 1 − 4 · 0.006 · 3 · 1.8073 = 0.8699, 0.605 dB, of which 0.1 dB are set aside.
    [Fact]
    public void Dirty_connectors_cost_what_the_standard_does_not_set_aside()
    {
        var (clean, dirty) = (Link(Hall(null)), Link(Hall(30)));
        Assert.Equal(0, clean.ReflectionPenalty.Si);
        Assert.Equal(MultipathInterference.Penalty(LineCode.Pam4, Db(3.5), Db(30), Db(30), Db(30), Db(30)).Si - 0.1, dirty.ReflectionPenalty.Si, 1e-9);
        Assert.Equal(0.505, dirty.ReflectionPenalty.Si, 3);
        Assert.Equal(clean.Margin.Si - dirty.ReflectionPenalty.Si, dirty.Margin.Si, 1e-9);
        Assert.Equal(dirty.Margin.Si, dirty.Waterfall.Sum(t => t.Change.Si), 1e-9);
        Assert.Contains(dirty.Waterfall, t => t.Name == "multipath interference beyond the 0.10 dB set aside" && t.Source == "test");
        Assert.Contains(StatisticalBudget.Of(dirty, Hall(30))!.Terms, t => t.Name == "multipath interference");
        Assert.Equal(0, Link(Hall(30, 1)).ReflectionPenalty.Si);
    }

    [Fact]
    public void A_switch_that_reflects_echoes_with_the_connectors()
    {
        var mirror = new PathElement("mirror", Sourced<Decibels>.Of(Db(1), "test", Grade.Standard), Db(20));
        var link = Link(Hall(35) with { Elements = [mirror] });
        Assert.Equal(MultipathInterference.Penalty(LineCode.Pam4, Db(3.5), Db(35), Db(35), Db(35), Db(35), Db(20)).Si - 0.1, link.ReflectionPenalty.Si, 1e-9);
        Assert.Throws<ArgumentException>(() => Link(Hall(35) with { Elements = [mirror with { ReturnLoss = Db(-1) }] }));
        Assert.Throws<ArgumentException>(() => Link(Hall(-1)));
    }

    [Fact]
    public void Reflections_that_close_the_eye_leave_a_number_to_compare_by()
    {
        var link = Link(Hall(10));
        Assert.Equal(30, link.ReflectionPenalty.Si, 1e-9);
        Assert.False(link.Closes);
        Assert.True(double.IsFinite(link.Margin.Si));
    }

    [Fact]
    public void Every_connector_of_the_catalogue_that_interferes_says_what_it_reflects() =>
        Assert.All(["mpo", "lc"], key => Assert.InRange(Catalog.Get<Connector>(key).ReturnLoss!.Value.Low.Si, 35, 80));
}
