using Lightloom.Catalog;

namespace Lightloom.Fabric.Tests;

public class ScaleUpDomainTests
{
    static AcceleratorSystem System(string key) => PartCatalog.Default.Get<AcceleratorSystem>(key);

    // The worked example: 18 NVLinks of an H100 on 4 NVSwitches.
    [Fact]
    public void An_eight_gpu_box_has_four_switches_with_5_4_4_5_links()
    {
        var domain = ScaleUpDomain.Of(System("hgx-h100"));
        Assert.Equal((8, 4, 144), (domain.Accelerators, domain.Switches, domain.Links));
        Assert.Equal((450, 25, 1), (domain.BandwidthPerAccelerator.GigabytesPerSecond, domain.LinkRate.GigabytesPerSecond, domain.BisectionShare.Si));
        for (var gpu = 0; gpu < 8; gpu++) Assert.Equal([5, 4, 4, 5], LinksTo(domain, gpu));
    }

    [Fact]
    public void A_rack_of_72_has_a_link_from_each_to_each_of_18_switches()
    {
        var domain = ScaleUpDomain.Of(System("gb200-nvl72"));
        Assert.Equal((72, 18, 1296), (domain.Accelerators, domain.Switches, domain.Links));
        Assert.Equal(900, domain.BandwidthPerAccelerator.GigabytesPerSecond);
        for (var gpu = 0; gpu < 72; gpu++) Assert.All(LinksTo(domain, gpu), n => Assert.Equal(1, n));
    }

    [Fact]
    public void A_mesh_has_a_link_of_64_gigabytes_for_each_pair()
    {
        var domain = ScaleUpDomain.Of(System("mi300x-platform"));
        Assert.Equal((8, 0, 28), (domain.Accelerators, domain.Switches, domain.Links));
        Assert.Equal(64, domain.LinkRate.GigabytesPerSecond, 9);
        // 4 · 4 links between halves, of 4 · 7 that they could send.
        Assert.Equal(16 / 28.0, domain.BisectionShare.Si, 12);
        Assert.Equal(28, Enumerable.Range(0, 28).Select(l => (domain.Lower[l], domain.Upper[l])).Distinct().Count());
    }

    [Fact]
    public void A_torus_joins_each_to_two_in_every_dimension()
    {
        var domain = ScaleUpDomain.Torus([4, 4, 4], 6, Parts.Gb(1200));
        Assert.Equal((64, 0, 192), (domain.Accelerators, domain.Switches, domain.Links));
        var degrees = new int[64];
        for (var l = 0; l < domain.Links; l++)
        {
            degrees[domain.Lower[l]]++;
            degrees[domain.Upper[l]]++;
        }
        Assert.All(degrees, d => Assert.Equal(6, d));
        // 2 · 16 links across the middle, of 32 · 6.
        Assert.Equal(32 / 192.0, domain.BisectionShare.Si, 12);
    }

    [Fact]
    public void Every_shipped_system_that_says_its_links_can_be_drawn()
    {
        var drawn = 0;
        foreach (var key in PartCatalog.Default.Keys<AcceleratorSystem>())
        {
            var system = System(key);
            if (system.Accelerator.ScaleUpLinks is null) continue;
            var domain = ScaleUpDomain.Of(system);
            Assert.Equal(system.Accelerator.ScaleUpBandwidth.Value.Si, domain.LinkRate.Si * domain.LinksPerAccelerator, 1e-3);
            Assert.InRange(domain.BisectionShare.Si, 0.5, 1);
            drawn++;
        }
        Assert.True(drawn >= 16, $"only {drawn} systems say how many scale-up links they have");
    }

    [Fact]
    public void Domains_that_cannot_be_are_errors()
    {
        static void Fails(Action make, string message) => Assert.Equal(message, Assert.Throws<FabricException>(make).Message);
        Fails(() => ScaleUpDomain.Switched(8, 19, 18, Parts.Gb(1)), "18 links of an accelerator can't reach 19 switch chips; the nearest possible is 18");
        Fails(() => ScaleUpDomain.FullMesh(9, 7, Parts.Gb(1)), "7 links of an accelerator don't reach 8 others; the nearest possible is a mesh of 8");
        Fails(() => ScaleUpDomain.Torus([4, 4, 4], 8, Parts.Gb(1)), "8 links of an accelerator can't be divided over 6 directions");
        Fails(() => ScaleUpDomain.Of(System("hgx-h100") with { ScaleUpSwitches = null }),
            "nobody says how many scale-up switches 'HGX H100 8-GPU server' has; expected scaleUpSwitches");
    }

    static int[] LinksTo(ScaleUpDomain domain, int gpu)
    {
        var links = new int[domain.Switches];
        for (var l = 0; l < domain.Links; l++)
            if (domain.Lower[l] == gpu) links[domain.Upper[l] - domain.Accelerators]++;
        return links;
    }
}
