namespace Lightloom.Planning.Tests;

/// <summary>What a design says of flapping links reaches the links and the explanation.</summary>
public class LinkFlapTests
{
    [Fact]
    public void Optical_links_flap_as_often_as_the_site_says()
    {
        var often = Designs.Example(Designs.Pluggable, ("links: { media: optics }", "links: { media: optics }\n  assumptions: { basedOn: default, linkFlaps: 0.657 /yr }"));
        var pluggable = Designs.Example(Designs.Pluggable);
        foreach (var (few, many) in pluggable.Build.Links.Zip(often.Build.Links)) Assert.Equal(10 * few.Flaps.PerYear, many.Flaps.PerYear, 1e-9);
        Assert.True(often.Outcome!.Value.Goodput.Stalled > pluggable.Outcome!.Value.Goodput.Stalled);
        Assert.Contains(Designs.Explain(often), v => v.Name == "opticalFlaps" && v.Source.StartsWith(often.Build.Site.LinkFlaps.Source, StringComparison.Ordinal));
    }
}
