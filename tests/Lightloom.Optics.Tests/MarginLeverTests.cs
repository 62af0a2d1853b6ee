using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

/// <summary>What changes of a link are worth, and runs over other fibre.</summary>
public class MarginLeverTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);

    static readonly LinkRequest Hall = new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(800),
        LaneRate = Bandwidth.FromGigabitsPerSecond(100),
        Run = Length.FromMeters(300),
        Connectors = 4,
        Connector = Catalog.Get<Connector>("mpo"),
        Elements = [TestParts.Ocs(1.5, 2)],
        Policy = LinkPolicy.Named("800g-2xdr4"),
    };

    [Fact]
    public void Levers_are_differences_of_engineered_links()
    {
        var link = Engineer.Best(Hall);
        Assert.Equal(-0.02, link.Margin.Si, 9);
        var levers = MarginLevers.Of(Engineer, Hall, link);
        var fewer = levers.Single(l => l.Term == "connectors");
        Assert.Equal(0.35, fewer.Gain.Si, 9);
        Assert.Equal(0.33, fewer.Margin.Si, 9);
        Assert.Equal(0, fewer.ExtraPower.Watts);
        Assert.Equal(-50, fewer.ExtraPrice.Dollars, 9);
        Assert.True(fewer.Closes);
        Assert.Equal(1.5, levers.Single(l => l.Term == "optical circuit switch").Gain.Si, 9);
        Assert.Equal(0.06, levers.Single(l => l.Term == "length").Gain.Si, 9);
        var other = levers.First(l => l.Change == "800g-2xfr4 instead");
        Assert.Equal(1, other.Gain.Si, 9);
        Assert.Equal(1, other.ExtraPower.Watts, 9);
        Assert.True(other.Closes);
        Assert.Equal(levers.OrderBy(l => l.Closes ? 0 : 1).Select(l => l.Change), levers.Select(l => l.Change));
    }

    [Fact]
    public void Optics_can_be_asked_for_by_their_interface()
    {
        var request = Hall with { Policy = LinkPolicy.Meeting("400gbase-dr4") };
        Assert.All(Engineer.Candidates(request), c => Assert.Contains("2xdr4", c.Name));
        var none = Engineer.Best(Hall with { Policy = LinkPolicy.Meeting("1.6tbase-dr8") });
        Assert.Contains("no module with interface '1.6tbase-dr8'", none.Reason);
    }

    [Fact]
    public void Hollow_core_fibre_is_faster_and_pays_at_its_ends()
    {
        var hollow = Catalog.Get<Fibre>("hollow-core-1550");
        var request = Hall with { Connectors = 2, Elements = [], Splices = 2 };
        var (glass, air) = (Engineer.Best(request), Engineer.Best(request with { Fibre = hollow }));
        Assert.Equal(300 * 4.896e-9, glass.Latency.Propagation.Seconds, 12);
        Assert.Equal(300 * 3.34e-9, air.Latency.Propagation.Seconds, 12);
        // 0.12 + 2 · 0.1 dB of glass against 0.0273 + 2 · 0.2 + 2 · 0.5 dB.
        Assert.Equal(3.0 - 0.7 - 0.32, glass.Margin.Si, 9);
        Assert.Equal(3.0 - 0.7 - 0.0273 - 0.4 - 1.0, air.Margin.Si, 9);
        Assert.Equal(air.Margin.Si, air.Waterfall[^1].Cumulative.Si, 12);
        Assert.Contains(air.Parts, p => p.Part == hollow);
        Assert.Contains(air.Parts, p => p.Part.Key == "hollow-core-adapter" && p.Count == 4);
        Assert.Contains(air.Unknown, u => u.Contains("1310 nm"));
        Assert.True(air.Price.Value > glass.Price.Value);
        Assert.Contains(StatisticalBudget.Of(air, request with { Fibre = hollow })!.Terms, t => t.Name.StartsWith("hollow-core", StringComparison.Ordinal) && t.Count == 2);
    }

    [Fact]
    public void Multimode_optics_and_single_mode_fibre_don_t_meet()
    {
        var link = Engineer.Best(Hall with { Run = Length.FromMeters(30), Elements = [], Fibre = Catalog.Get<Fibre>("os2-1310"), Policy = LinkPolicy.Named("800g-2xsr4") });
        Assert.False(link.Closes);
        Assert.Contains("multi-mode fibre", link.Reason);
    }

    [Fact]
    public void Optics_without_an_interface_say_that_no_budget_can_be_drawn_up()
    {
        var engine = LinkEnd.CoPackaged(Catalog.Get<Transceiver>("lightmatter-m1000") with { Interface = null });
        var link = Engineer.Best(Hall with { A = engine, B = engine, Policy = new() });
        Assert.False(link.Closes);
        Assert.False(link.HasBudget);
        Assert.StartsWith("no budget can be drawn up: the catalogue names no optical interface for 'lightmatter-m1000", link.Reason);
        Assert.Null(StatisticalBudget.Of(link, Hall));
        Assert.Empty(MarginLadder.Of(link));
        Assert.Empty(LaneBudget.Of(link));
    }

    [Fact]
    public void An_engine_whose_laser_has_no_power_says_which_figure_is_missing()
    {
        var given = Catalog.Get<OpticalInterface>("teraphy-16x32g");
        var dark = given with { ExternalLaser = given.ExternalLaser! with { Laser = given.ExternalLaser.Laser with { PowerPerWavelength = null } } };
        var engine = LinkEnd.CoPackaged(Catalog.Get<Transceiver>("teraphy-gen3") with { Interface = dark });
        var link = Engineer.Best(Hall with { A = engine, B = engine, Policy = new() });
        Assert.False(link.HasBudget);
        Assert.StartsWith("no budget can be drawn up: the catalogue gives no power a wavelength for laser 'supernova", link.Reason);
    }

    [Fact]
    public void A_negative_number_of_splices_is_refused() =>
        Assert.Throws<ArgumentException>(() => Engineer.Best(Hall with { Splices = -1 }));
}
