using Lightloom.Quantities;

namespace Lightloom.Fabric.Tests;

public class PublishedCountsTests
{
    // NVIDIA DGX SuperPOD reference architecture, DGX H100, RA-11333-001 V11 (2023-09-22), tables 3 and 4.
    // Table 4 counts compute and UFM cables together.
    [Theory]
    [InlineData(128, 0, 32, 16, 0, 1024, 1024, 0)]
    [InlineData(256, 0, 64, 32, 0, 2048, 2048, 0)]
    [InlineData(512, 0, 128, 128, 64, 4096, 4096, 4096)]
    [InlineData(1024, 0, 256, 256, 128, 8192, 8192, 8192)]
    [InlineData(2048, 0, 512, 512, 256, 16384, 16384, 16384)]
    [InlineData(31, 4, 8, 4, 0, 252, 256, 0)]
    [InlineData(63, 4, 16, 8, 0, 508, 512, 0)]
    [InlineData(95, 4, 24, 16, 0, 764, 768, 0)]
    [InlineData(127, 4, 32, 16, 0, 1020, 1024, 0)]
    public void Superpods_come_out_exactly(int nodes, int ufm, int leaf, int spine, int core, long below, long leafSpine, long spineCore)
    {
        foreach (var name in (string[])["rail-optimized", "fat-tree"])
        {
            var plan = Topologies.Find(name).Plan(new()
            {
                Systems = nodes,
                System = Parts.Dgx,
                Switch = Parts.Qm9700,
                ManagementLinks = ufm,
            });
            Assert.Equal(leaf, plan.Tier("leaf")!.Count);
            Assert.Equal(spine, plan.Tier("spine")!.Count);
            Assert.Equal(core, plan.Tier("core")?.Count ?? 0);
            Assert.Equal(below, plan.Link("node-leaf")!.Count + (plan.Link("management-leaf")?.Count ?? 0));
            Assert.Equal(nodes * 8, plan.Link("node-leaf")!.Count);
            Assert.Equal(leafSpine, plan.Link("leaf-spine")!.Count);
            Assert.Equal(spineCore, plan.Link("spine-core")?.Count ?? 0);
            Assert.Equal(1.0, plan.BisectionShare.Si);
            Assert.Equal(core > 0 ? 5 : 3, plan.Diameter);
        }
    }

    // k-ary fat-trees: k²/2 endpoints on 3k/2 switches with 2N links; k³/4 on 5k²/4 with 3N [Al-Fares et al., SIGCOMM 2008].
    [Theory]
    [InlineData(2, 32, 512, 48)]
    [InlineData(3, 32, 8192, 1280)]
    [InlineData(2, 40, 800, 60)]
    [InlineData(3, 40, 16000, 2000)]
    [InlineData(2, 48, 1152, 72)]
    [InlineData(3, 48, 27648, 2880)]
    [InlineData(2, 64, 2048, 96)]
    [InlineData(3, 64, 65536, 5120)]
    [InlineData(2, 128, 8192, 192)]
    [InlineData(3, 128, 524288, 20480)]
    [InlineData(2, 144, 10368, 216)]
    [InlineData(3, 144, 746496, 25920)]
    [InlineData(2, 256, 32768, 384)]
    [InlineData(3, 256, 4194304, 81920)]
    [InlineData(2, 512, 131072, 768)]
    [InlineData(3, 512, 33554432, 327680)]
    public void Largest_fat_trees_follow_the_formulas(int tiers, int radix, int endpoints, long switches)
    {
        var request = new FabricRequest { Systems = endpoints, System = Parts.System(1, 1), Switch = Parts.Switch(radix) };
        var plan = new FatTree().Plan(request);
        Assert.Equal(tiers, plan.Tiers.Count);
        Assert.Equal(switches, plan.SwitchCount);
        Assert.Equal((long)tiers * endpoints, plan.LinkCount);
        Assert.Equal(0, plan.UnusedPorts);
        Assert.Equal(1.0, plan.BisectionShare.Si);
        var more = Assert.Throws<FabricException>(() => new FatTree().Plan(request with { Systems = endpoints + 1, Tiers = tiers }));
        Assert.Equal("systems", more.Field);
        Assert.Equal(endpoints, more.NearestBelow);
    }

    // Lambda's co-packaged 144-port switches (Q3450): 576 GPUs on 8 + 4 and 4,608 GPUs on 64 + 36.
    // Capacity alone asks for 32 spines; 32 doesn't divide 72 uplinks, 36 does.
    [Theory]
    [InlineData(576, 8, 4)]
    [InlineData(4608, 64, 36)]
    public void Lambda_counts_whole_bundles(int gpus, int leaf, int spine)
    {
        foreach (var name in (string[])["rail-optimized", "fat-tree"])
        {
            var plan = Topologies.Find(name).Plan(new() { Systems = gpus / 8, System = Parts.Dgx, Switch = Parts.Switch(144) });
            Assert.Equal(2, plan.Tiers.Count);
            Assert.Equal(leaf, plan.Tiers[0].Count);
            Assert.Equal(spine, plan.Tiers[1].Count);
        }
        foreach (var name in (string[])["rail-optimized", "fat-tree"])
        {
            var rack = Topologies.Find(name).Plan(new() { Systems = gpus / 72, System = Parts.System(72, 72), Switch = Parts.Switch(144) });
            Assert.Equal((leaf, spine), (rack.Tiers[0].Count, rack.Tiers[1].Count));
        }
    }

    // Llama 3 (arXiv 2407.21783, 3.3.1): 16 GPUs to a rack with its own switch, pods of 192 racks at full bisection, 8 pods, 1:7 above.
    // The cluster switch's 576 ports are those of a 16-slot chassis; the paper doesn't name its count.
    [Fact]
    public void Meta_24k_has_1536_rack_switches_in_8_pods()
    {
        var plan = new FatTree().Plan(new()
        {
            Systems = 3072,
            System = Parts.Dgx,
            Switch = Parts.Switch(576),
            Leaf = new() { Switch = Parts.Switch(64) },
            Spine = new() { Oversubscription = Ratio.From(7) },
            SystemsPerUnit = 2,
            SystemsPerPod = 384,
        });
        Assert.Equal(24576, plan.AcceleratorCount);
        Assert.Equal(1536, plan.Tiers[0].Count);
        Assert.Equal((8, 192), (plan.Clos!.Pods, plan.Clos!.UnitsPerPod));
        Assert.Equal([8, 16, 3072, 24576], plan.Locality.Select(l => l.Accelerators));
        Assert.Equal(400, plan.Locality[2].Bandwidth.GigabitsPerSecond);
        // 384 ports down ask for 54.86 up; 55 whole ones give 1:6.98.
        Assert.Equal(55, plan.Tiers[1].PortsUp);
        Assert.Equal(400 * 55 / 384.0, plan.Locality[3].Bandwidth.GigabitsPerSecond, 9);
        Assert.Equal((64, 8), (plan.Tiers[1].Count, plan.Tiers[2].Count));
        Assert.Equal(55 / 384.0, plan.BisectionShare.Si, 12);
    }

    // HammingMesh, SC22, table II, small cluster (recalled, not seen): 1,024 accelerators with 16 planes of 64-port switches. The
    // tapers count 42 + 22 and 51 + 13 ports and ceil(uplinks / 64) spines; whole bundles would ask for 11 and 13 instead of 9 and 5.
    [Theory]
    [InlineData(null, 768, 16384, 16384, 1.0)]
    [InlineData(22, 544, 16384, 8800, 22 / 42.0)]
    [InlineData(13, 416, 16384, 4368, 13 / 51.0)]
    public void Planes_give_hammingmeshs_fat_trees(int? uplinks, long switches, long below, long above, double share)
    {
        var plan = new FatTree().Plan(new()
        {
            Systems = 1024,
            System = Parts.System(1, 16),
            Switch = Parts.Switch(64),
            Planes = 16,
            Tiers = 2,
            Leaf = new() { Uplinks = uplinks },
            UplinkSpread = UplinkSpread.FewestSwitches,
        });
        Assert.Equal(switches, plan.SwitchCount);
        Assert.Equal(below, plan.Links[0].Count);
        Assert.Equal(above, plan.Links[1].Count);
        Assert.Equal(share, plan.BisectionShare.Si, 12);
    }
}
