using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class BoxedLinkTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly LinkEngineer Engineer = new(Catalog);
    static readonly IReadOnlyList<Switch> Switches = Catalog.All<Switch>();

    static LinkRequest Request(double gigabits, double lane, int cage = 1) => new()
    {
        Rate = Bandwidth.FromGigabitsPerSecond(gigabits),
        LaneRate = Bandwidth.FromGigabitsPerSecond(lane),
        Run = Length.FromMeters(50),
        A = LinkEnd.Cage(cage),
        B = LinkEnd.Cage(cage),
    };

    static IReadOnlyList<BoxedLink> Compare(LinkRequest request)
    {
        var box = BoxedLink.BoxFor(request, Switches)!;
        var chosen = Engineer.Best(request);
        return BoxedLink.Compare(Engineer, request, chosen, Engineer.Candidates(request), box, Switches);
    }

    [Theory]
    [InlineData(800, 200, 2, "q3400-ra")]
    [InlineData(800, 100, 1, "sn5600")]
    [InlineData(400, 100, 2, "qm9700")]
    public void A_box_has_ports_of_the_link(double gigabits, double lane, int cage, string expected) =>
        Assert.Equal(expected, BoxedLink.BoxFor(Request(gigabits, lane, cage), Switches)!.Key);

    [Fact]
    public void Where_no_switch_has_such_ports_there_is_no_box() => Assert.Null(BoxedLink.BoxFor(Request(50, 25), Switches));

    [Fact]
    public void Alternatives_are_the_media_that_close_and_the_packaged_boxes()
    {
        var boxes = Compare(Request(800, 200, 2));
        Assert.Equal("q3400-ra", boxes[0].Box.Key);
        Assert.All(boxes, b => Assert.Same(b.Box, boxes[0].Box.Key == b.Box.Key ? boxes[0].Box : b.Box));
        var packaged = boxes.Single(b => b.Box.Key == "q3450-ld");
        Assert.Equal(3950, packaged.Energy!.Box.Watts, 6);
        Assert.Null(boxes.Single(b => b.Box.Key == "sn6810").Energy);
        var module = boxes.Single(b => b.Link.Name == "1.6t-2xdr4");
        Assert.Equal(27.2, module.Energy!.Module.Watts, 9);
        Assert.Equal(EnergyAccount.Pluggable(module.Box, Catalog.Get<Transceiver>("1.6t-2xdr4")).Box.Watts, module.Energy.Box.Watts, 9);
        // Per port three times, per box not two.
        var claim = new EnergyClaim(module.Energy, packaged.Energy);
        Assert.Equal(27.2 / 9, claim.PerPort, 9);
        Assert.Equal((5200 + 72 * 27.2) / 3950, claim.PerBox, 9);
    }

    [Fact]
    public void A_packaged_box_is_compared_with_a_pluggable_one()
    {
        var end = LinkEnd.Of(Catalog.Get<Switch>("q3450-ld"));
        var boxes = Compare(Request(800, 200) with { A = end, B = end });
        Assert.Equal("q3450-ld", boxes[0].Box.Key);
        Assert.Contains(boxes, b => b.Box.Key == "q3400-ra");
    }

    [Fact]
    public void A_laser_in_a_module_is_not_counted_twice()
    {
        var boxed = Compare(Request(800, 100))[0];
        if (boxed.Blasts.All(b => b.Element != FailingElement.Module)) boxed = Compare(Request(800, 100) with { Policy = LinkPolicy.OpticsOnly })[0];
        var module = boxed.Blasts.Single(b => b.Element == FailingElement.Module);
        Assert.True(boxed.IsPartOfAnother(boxed.Blasts.Single(b => b.Element == FailingElement.Laser)));
        Assert.Equal(boxed.Blasts.Where(b => b.Element is FailingElement.Module or FailingElement.Cable).Sum(b => b.LinkHoursPerYear), boxed.LinkHoursPerYearOfOptics, 12);
        Assert.True(module.LinkHoursPerYear > 0);
        var packaged = Compare(Request(800, 200, 2)).Single(b => b.Box.Key == "q3450-ld");
        Assert.False(packaged.IsPartOfAnother(packaged.Blasts.Single(b => b.Element == FailingElement.Laser)));
    }

    [Fact]
    public void Copper_is_accounted_for_as_well()
    {
        var boxed = Compare(Request(800, 100) with { Run = Length.FromMeters(2) })[0];
        Assert.Equal("dac-800g", boxed.Link.Name);
        Assert.Equal(0.1, boxed.Energy!.End.Watts, 9);
        Assert.Equal(940 + 64 * 0.1, boxed.Energy.Box.Watts, 9);
    }
}
