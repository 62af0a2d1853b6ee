using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Placement;
using Lightloom.Workloads;

namespace Lightloom.Interop.Tests;

public sealed class PlacementExportTests
{
    static readonly FabricGraph Graph = FabricGraph.Of(new RailOptimized().Plan(new()
    {
        Systems = 16,
        System = PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"),
        Switch = PartCatalog.Default.Get<Switch>("qm9700"),
        SystemsPerUnit = 8,
    }));

    static TrainingJob Job(int accelerators, Parallelism parallelism) => new()
    {
        Model = new(PartCatalog.Default.Get<TransformerModel>("llama-3.1-70b")),
        Sequence = 8192,
        GlobalBatch = 128,
        Precision = Precision.Bf16,
        Parallelism = parallelism,
        Accelerators = accelerators,
    };

    static string[] Lines(string format, RankHosts ranks)
    {
        using var writer = new StringWriter();
        PlacementExport.Find(format).Write(ranks, writer);
        return writer.ToString().TrimEnd('\n').Split('\n');
    }

    [Fact]
    public void Ranks_numbered_as_they_are_mapped_fill_host_after_host()
    {
        var ranks = new RankHosts(Job(128, new() { Tensor = 8, Pipeline = 4 }), RankOrder.Usual, Graph);
        Assert.Equal(["rank 0=node-00 slot=0", "rank 1=node-00 slot=1"], Lines("rankfile", ranks)[..2]);
        Assert.Equal("rank 127=node-15 slot=7", Lines("rankfile", ranks)[^1]);
        Assert.Equal(["node-00 slots=8", "node-15 slots=8"], [Lines("hostfile", ranks)[0], Lines("hostfile", ranks)[^1]]);
        Assert.Equal([("unit-0", "node-[00-07]", 8), ("unit-1", "node-[08-15]", 8)], ranks.Units());
    }

    [Fact]
    public void Ranks_of_a_launcher_go_where_the_mapping_says()
    {
        // Megatron's rank 8 is the second replica; mapped with stages inside it stands four hosts on.
        var ranks = new RankHosts(Job(128, new() { Tensor = 8, Pipeline = 4 }), RankOrder.Megatron, Graph);
        Assert.Equal((4, 0), ranks.Of(8));
        // Its rank 32 is the second stage of the first replica.
        Assert.Equal((1, 0), ranks.Of(32));
        Assert.Equal("rank 8=node-04 slot=0", Lines("rankfile", ranks)[8]);
        Assert.Equal("node-01", Lines("slurm", ranks)[32]);
        var places = Enumerable.Range(0, 128).Select(ranks.Of).ToList();
        Assert.Equal(128, places.Distinct().Count());
        // A tensor group stays on its host.
        Assert.All(places.Chunk(8), group => Assert.Single(group.Select(g => g.Host).Distinct()));
    }

    [Fact]
    public void A_job_of_part_of_the_fabric_takes_its_first_hosts()
    {
        var ranks = new RankHosts(Job(64, new() { Tensor = 4 }), RankOrder.Usual, Graph);
        Assert.Equal((8, 64), (ranks.Hosts, ranks.Ranks));
        Assert.Equal(8, Lines("hostfile", ranks).Length);
        Assert.Equal([("unit-0", "node-[00-07]", 8)], ranks.Units());
    }

    [Fact]
    public void A_system_of_several_hosts_names_them()
    {
        var ranks = new RankHosts(Job(128, new() { Tensor = 4 }), RankOrder.Usual, Graph, hostsPerSystem: 2);
        Assert.Equal((32, 4), (ranks.Hosts, ranks.RanksPerHost));
        Assert.Equal("rank 5=node-00-1 slot=1", Lines("rankfile", ranks)[5]);
    }

    [Fact]
    public void What_does_not_go_is_said()
    {
        Assert.Contains("8 accelerators don't split into 3 hosts; expected one of 1, 2, 4, 8",
            Assert.Throws<InputException>(() => new RankHosts(Job(128, new()), RankOrder.Usual, Graph, 3)).Message);
        Assert.Contains("256 ranks and the fabric 128", Assert.Throws<InputException>(() => new RankHosts(Job(256, new()), RankOrder.Usual, Graph)).Message);
        Assert.Contains("did you mean 'rankfile'", Assert.Throws<InputException>(() => PlacementExport.Find("rankfil")).Message);
    }
}
