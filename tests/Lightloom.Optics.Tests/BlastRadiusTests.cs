using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class BlastRadiusTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);

    static IReadOnlyList<Blast> Of(string key, double meters, LinkPolicy policy)
    {
        var box = Catalog.Get<Switch>(key);
        var end = LinkEnd.Of(box);
        return BlastRadius.Of(box, Engineer.Best(new()
        {
            Rate = box.PortRate.Value,
            LaneRate = box.LaneRate.Value,
            Run = Length.FromMeters(meters),
            A = end,
            B = end,
            Policy = policy,
        }));
    }

    [Fact]
    public void An_engine_takes_the_box_with_it_when_it_is_replaced()
    {
        var blasts = Of("q3450-ld", 50, new()).ToDictionary(b => b.Element);
        var engine = blasts[FailingElement.Engine];
        Assert.Equal(2, engine.Links);
        Assert.Equal(142, engine.LinksDuringRepair);
        Assert.False(engine.FieldReplaceable);
        Assert.Equal("the switch", engine.Replaced);
        Assert.Equal(1600, engine.Lost.GigabitsPerSecond, 6);
        var laser = blasts[FailingElement.Laser];
        Assert.Equal(8, laser.Links);
        Assert.Equal(0, laser.LinksDuringRepair);
        Assert.True(laser.FieldReplaceable);
        Assert.Equal(144, blasts[FailingElement.Switch].Links);
        Assert.Equal(1, blasts[FailingElement.Cable].Links);
    }

    [Fact]
    public void A_larger_engine_takes_more_links() =>
        Assert.Equal(16, Of("th5-bailly", 50, new()).Single(b => b.Element == FailingElement.Engine).Links);

    [Fact]
    public void A_module_takes_the_ports_of_its_cage_and_no_more()
    {
        var blasts = Of("qm9700", 50, LinkPolicy.Named("800g-2xdr4")).ToDictionary(b => b.Element);
        var module = blasts[FailingElement.Module];
        Assert.Equal(2, module.Links);
        Assert.Equal(0, module.LinksDuringRepair);
        Assert.True(module.FieldReplaceable);
        Assert.Equal(32, module.PerBox);
        // 1000 FIT each: 0.0088 a year, 32 of them, two links.
        Assert.Equal(32 * 2 * 1000e-9 * 8766, module.LinkFailuresPerYear, 9);
        Assert.Equal(2, blasts[FailingElement.Laser].Links);
        Assert.Equal(64, blasts[FailingElement.Switch].Links);
    }

    [Fact]
    public void Copper_fails_as_a_cable()
    {
        var blasts = Of("qm9700", 1.5, LinkPolicy.CopperOnly);
        Assert.Equal([FailingElement.Cable, FailingElement.Switch], blasts.Select(b => b.Element));
        Assert.Equal("the cable", blasts[0].Replaced);
    }

    [Fact]
    public void Co_packaged_repairs_cost_more_links_than_their_failures()
    {
        var packaged = Of("q3450-ld", 50, new()).Single(b => b.Element == FailingElement.Engine);
        var plugged = Of("q3400-ra", 50, LinkPolicy.Named("1.6t-2xdr4")).Single(b => b.Element == FailingElement.Module);
        Assert.True(packaged.PerBox * packaged.Rate.PerYear * packaged.Links < plugged.LinkFailuresPerYear);
        Assert.True(packaged.LinkFailuresPerYear > plugged.LinkFailuresPerYear);
    }

    [Fact]
    public void Time_lost_counts_the_links_of_the_repair()
    {
        var engine = Of("q3450-ld", 50, new()).Single(b => b.Element == FailingElement.Engine);
        Assert.Equal(72 * 385e-9 * 8766 * (2 + 142) * BlastRadius.SwitchSwap.Value.Hours, engine.LinkHoursPerYear, 6);
        var module = Of("qm9700", 50, LinkPolicy.Named("800g-2xdr4")).Single(b => b.Element == FailingElement.Module);
        Assert.Equal(BlastRadius.FrontSwap.Value, module.Repair.Value);
        Assert.Equal(module.LinkFailuresPerYear * BlastRadius.FrontSwap.Value.Hours, module.LinkHoursPerYear, 9);
    }

    [Fact]
    public void Rates_of_lasers_and_serdes_are_the_catalogue_s()
    {
        Assert.Equal(Catalog.Get<Component>("cw-laser").FailureRate.Value, BlastRadius.LaserFailures.Value);
        Assert.Equal(Catalog.Get<SerDes>("112g-lr-5nm").EnergyPerBit.Value, LinkAssumptions.Default.HostSerDes.Value);
        Assert.Equal(18, Catalog.Get<Switch>("q3450-ld").LaserModules!.Value.Value);
    }
}
