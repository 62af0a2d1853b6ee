using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

/// <summary>The published figures, with the parts that ship.</summary>
public class CatalogueTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);

    static LinkRequest Request(double gigabits, double lane, double meters, LinkEnd a, LinkEnd b, int connectors = 0) => new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(gigabits),
        LaneRate = Bandwidth.FromGigabitsPerSecond(lane),
        Run = Length.FromMeters(meters),
        A = a,
        B = b,
        Connectors = connectors,
    };

    public static TheoryData<string> Interfaces => [.. Catalog.Keys<OpticalInterface>()];

    public static TheoryData<string> Switches => [.. Catalog.Keys<Switch>()];

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Every_interface_closes_where_it_gives_all_figures(string key)
    {
        var given = Catalog.Get<OpticalInterface>(key);
        if (OpticalBudget.ClosureError(given) is { } error) Assert.Equal(0, error.Si, 9);
        if (OpticalBudget.Between(given, given) is { } budget && given.ChannelLoss is { } loss) Assert.Equal(loss.Value.Si, budget.Channel.Si, 9);
        Assert.Equal(0, OpticalBudget.Overload(given, given).Si);
    }

    [Theory]
    [InlineData("800g-2xdr4", 1.5, -0.02)]
    [InlineData("800g-2xdr4", 2.0, -0.52)]
    [InlineData("800g-2xfr4", 1.5, 0.98)]
    [InlineData("800g-2xfr4", 2.0, 0.48)]
    public void A_circuit_switch_breaks_dr_optics_and_not_fr(string module, double loss, double margin)
    {
        var element = new PathElement("optical circuit switch", Sourced<Decibels>.Of(Decibels.FromDecibels(loss), "Palomar", Grade.Measured));
        var link = Engineer.Best(Request(400, 100, 300, LinkEnd.TwinPort, LinkEnd.TwinPort, 4) with
        {
            Connector = Catalog.Get<Connector>("mpo"),
            Elements = [element],
            Policy = LinkPolicy.Named(module),
        });
        Assert.Equal(margin, link.Margin.Si, 9);
        Assert.Equal(margin >= 0, link.Closes);
        if (!link.Closes) Assert.Contains("use 800g-2xfr4 (400gbase-fr4, 4.0 dB, 2 km)", link.Mends);
    }

    [Fact]
    public void Copper_reaches_the_published_lengths()
    {
        var (ck, dj) = (Catalog.Get<ElectricalInterface>("400gbase-cr4"), Catalog.Get<ElectricalInterface>("200gbase-cr1"));
        var (thick, thin) = (Catalog.Get<Twinax>("twinax-26awg"), Catalog.Get<Twinax>("twinax-30awg"));
        Assert.Equal(2.67, TwinaxLoss.Reach(thick, ck).Meters, 2);
        Assert.Equal(1.77, TwinaxLoss.Reach(thin, ck).Meters, 2);
        Assert.Equal(1.36, TwinaxLoss.Reach(thick, dj).Meters, 2);
        Assert.Equal(0.92, TwinaxLoss.Reach(thin, dj).Meters, 2);
    }

    [Fact]
    public void A_pluggable_takes_twenty_picojoules_and_a_packaged_engine_5_6()
    {
        var module = Engineer.Best(Request(400, 100, 100, LinkEnd.TwinPort, LinkEnd.TwinPort) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        Assert.Equal(20, (module.PowerA / Bandwidth.FromGigabitsPerSecond(400)).PicojoulesPerBit, 9);
        var packaged = Catalog.Get<Switch>("q3450-ld");
        var end = LinkEnd.Of(packaged);
        var link = Engineer.Best(Request(800, 200, 100, end, end));
        Assert.True(link.Closes);
        Assert.Equal(5.625, (link.PowerA / link.Rate()).PicojoulesPerBit, 9);
        Assert.Equal(0, link.AddedPower.Watts);
    }

    // Lambda: 144 × 800G with pluggables 7.0 kW, co-packaged 3.95 kW. 72 modules of 27.2 W against 72 engines of 9 W are 1.3 kW
    // of the 3.05 kW; the rest lies in the switch.
    [Fact]
    public void Co_packaged_optics_explain_part_of_what_a_switch_saves()
    {
        var end = LinkEnd.Of(Catalog.Get<Switch>("q3450-ld"));
        var packaged = Engineer.Best(Request(800, 200, 100, end, end));
        var plugged = Engineer.Best(Request(800, 200, 100, LinkEnd.TwinPort, LinkEnd.TwinPort) with { Policy = LinkPolicy.Named("1.6t-2xdr4") });
        Assert.Equal(1310.4, 144 * (plugged.PowerA - packaged.PowerA).Watts, 6);
    }

    [Theory]
    [InlineData(1, MediaClasses.PassiveCopper)]
    [InlineData(4.5, MediaClasses.ActiveCopper)]
    [InlineData(90, MediaClasses.SinglemodeOptics)]
    [InlineData(1500, MediaClasses.SinglemodeOptics)]
    public void An_ndr_leaf_and_spine_get_the_usual_media(double meters, MediaClasses expected)
    {
        var end = LinkEnd.Of(Catalog.Get<Switch>("qm9700"));
        var link = Engineer.Best(Request(400, 100, meters, end, end, 2));
        Assert.True(link.Closes);
        Assert.Equal(expected, link.Class);
    }

    [Theory]
    [InlineData("connectx-7", 400, 100)]
    [InlineData("connectx-8", 800, 200)]
    public void A_card_reaches_its_twin_port_leaf(string card, double gigabits, double lane)
    {
        Assert.Equal(gigabits, Catalog.Get<NetworkInterface>(card).Rate.Value.GigabitsPerSecond);
        foreach (var meters in new[] { 2.0, 30, 80 })
            Assert.True(Engineer.Best(Request(gigabits, lane, meters, LinkEnd.TwinPort, LinkEnd.SinglePort, 2)).Closes);
    }

    [Theory]
    [MemberData(nameof(Switches))]
    public void Ports_of_every_switch_can_be_cabled_or_say_why_not(string key)
    {
        var box = Catalog.Get<Switch>(key);
        var end = LinkEnd.Of(box);
        foreach (var meters in new[] { 1.5, 20, 200, 1800 })
        {
            var request = Request(box.PortRate.Value.GigabitsPerSecond, box.LaneRate.Value.GigabitsPerSecond, meters, end, end, 2);
            var link = Engineer.Best(request);
            Assert.Equal(link.Closes, link.Reason is null);
            // Only 2 km with 200G lanes, HDR beyond active cables, and old 50G copper find nothing in the catalogue.
            var lane = box.LaneRate.Value.GigabitsPerSecond;
            if (meters <= 200 && lane >= 100) Assert.True(link.Closes, $"{meters} m: {link.Reason}");
            if (link.Closes) Assert.True(link.Power.Watts > 0);
        }
    }

    // A near end launching for 10 km may overload the receiver of a 2 km module: 5.1 − 3.5 = 1.6 dB must lie between them.
    [Fact]
    public void A_long_reach_module_overloads_a_short_reach_one_without_an_attenuator()
    {
        var request = Request(400, 100, 10, LinkEnd.TwinPort, LinkEnd.SinglePort, 2) with { Policy = LinkPolicy.Named("400g-lr4") };
        var link = Engineer.Best(request);
        Assert.Equal("800g-2xfr4 to 400g-lr4", link.Name);
        Assert.False(link.Closes);
        Assert.Equal("a receiver could be overloaded by 1.10 dB", link.Reason);
        Assert.Equal("add an attenuator of 1.10 dB", link.Mend);
        var attenuated = Engineer.Best(request with
        {
            Elements = [new("attenuator", Sourced<Decibels>.Of(Decibels.FromDecibels(1.1), "test", Grade.Standard))],
        });
        Assert.True(attenuated.Closes);
    }

    [Fact]
    public void A_gearbox_lets_hosts_with_slower_lanes_use_a_module()
    {
        var end = LinkEnd.Of(Catalog.Get<Switch>("tomahawk-4"));
        var link = Engineer.Best(Request(400, 50, 200, end, end, 2));
        Assert.True(link.Closes);
        var modules = link.Parts.Select(p => p.Part).OfType<Transceiver>().ToArray();
        Assert.NotEmpty(modules);
        Assert.All(modules, m => Assert.Equal(50, m.HostLaneRate!.Value.Value.GigabitsPerSecond));
    }

    [Fact]
    public void Hosts_that_drive_no_linear_modules_get_retimed_ones()
    {
        var request = Request(400, 100, 60, LinkEnd.TwinPort, LinkEnd.TwinPort, 2);
        Assert.Equal("800g-dr8-lpo", Engineer.Best(request).Name);
        var link = Engineer.Best(request with { Policy = new() { RetimedOnly = true } });
        Assert.Equal(TransceiverClass.Retimed, ((Transceiver)link.Parts[0].Part).Class);
    }

    [Fact]
    public void Choosing_among_bound_parts_allocates_for_the_answer_only()
    {
        var request = Request(400, 100, 60, LinkEnd.TwinPort, LinkEnd.TwinPort, 2);
        for (var i = 0; i < 100; i++) Engineer.Best(request);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Engineer.Best(request);
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 100, 1, 4096);
    }

    [Fact]
    public void A_misspelt_part_is_answered_with_the_nearest()
    {
        var link = Engineer.Best(Request(400, 100, 10, LinkEnd.TwinPort, LinkEnd.TwinPort) with { Policy = LinkPolicy.Named("800g-2xdr5") });
        Assert.Contains("800g-2xdr4", link.Reason);
    }
}

static class LinkExtensions
{
    /// <summary>Rate of a link, from its power and its energy per bit.</summary>
    public static Bandwidth Rate(this EngineeredLink link) =>
        Bandwidth.FromBitsPerSecond(link.Power.Watts / link.EnergyPerBit.JoulesPerBit);
}
