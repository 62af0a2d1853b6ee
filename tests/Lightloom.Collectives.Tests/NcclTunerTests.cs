using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Tests;

/// <summary>NCCL's choice against what its logs and published measurements show.</summary>
public class NcclTunerTests
{
    const long MiB = 1 << 20, GiB = 1 << 30;

    static NcclTuner Tuner(string system, int nodes = 1, int? gpus = null) =>
        new(NcclMachine.Of(PartCatalog.Default.Get<AcceleratorSystem>(system), nodes, gpus));

    static double Bus(NcclTuner tuner, NcclAlgorithm algorithm)
    {
        var bandwidth = tuner.Choose(NcclFunction.AllReduce, 8 * GiB, algorithm, NcclProtocol.Simple).Bandwidth.GigabytesPerSecond;
        return bandwidth * 2 * (tuner.Machine.Ranks - 1) / tuner.Machine.Ranks;
    }

    // Rings of one node of A100 and the ring and NVLS of H100 stand so in public logs; the others follow from the same rules.
    [Theory]
    [InlineData("dgx-a100", 1, 12, 20)]
    [InlineData("dgx-h100", 1, 12, 30)]
    [InlineData("dgx-b200", 1, 16, 45)]
    [InlineData("dgx-h100", 2, 8, 45)]
    public void Rings(string system, int nodes, int channels, double speed)
    {
        var ring = Tuner(system, nodes).Graphs.Ring;
        Assert.Equal((channels, speed), (ring.Channels, Math.Round(ring.Intra.GigabytesPerSecond, 9)));
    }

    [Theory]
    [InlineData("dgx-h100", 1, 8, 40)]
    [InlineData("dgx-b200", 1, 8, 80)]
    [InlineData("dgx-h100", 2, 8, 40)]
    [InlineData("gb200-nvl72", 1, 32, 20)]
    public void Nvls_graphs(string system, int nodes, int channels, double speed)
    {
        var nvls = Tuner(system, nodes).Graphs.Nvls;
        Assert.Equal((channels, speed), (nvls.Channels, Math.Round(nvls.Intra.GigabytesPerSecond, 9)));
    }

    [Fact]
    public void A100_has_no_NVLS() => Assert.Equal(0, Tuner("dgx-a100").Graphs.Nvls.Channels);

    // A sweep with NCCL 2.30.7 on 8 x H100: RING LL with channels 0..23 to 1 MiB, NVLS SIMPLE with 0..15 from 2 MiB.
    [Fact]
    public void Eight_H100_take_rings_to_1_MiB_and_NVLS_from_2_MiB()
    {
        var tuner = Tuner("dgx-h100");
        for (var size = 8L; size <= 32 * GiB; size *= 2)
        {
            var choice = tuner.Choose(NcclFunction.AllReduce, size);
            Assert.Equal(size <= MiB ? (NcclAlgorithm.Ring, NcclProtocol.LL, 24) : (NcclAlgorithm.Nvls, NcclProtocol.Simple, 16),
                (choice.Algorithm, choice.Protocol, choice.Channels));
        }
    }

    [Theory]
    [InlineData("dgx-h100", 8, NcclAlgorithm.Nvls, 476)]
    [InlineData("dgx-h100", 8, NcclAlgorithm.Ring, 360)]
    [InlineData("dgx-b200", 8, NcclAlgorithm.Nvls, 829)]
    [InlineData("dgx-b200", 8, NcclAlgorithm.Ring, 720)]
    [InlineData("dgx-b200", 7, NcclAlgorithm.Nvls, 799)]
    [InlineData("dgx-b200", 6, NcclAlgorithm.Nvls, 666)]
    [InlineData("gb200-nvl72", 72, NcclAlgorithm.Nvls, 918)]
    [InlineData("dgx-a100", 8, NcclAlgorithm.Ring, 240)]
    public void Bus_bandwidth(string system, int gpus, NcclAlgorithm algorithm, double expected) =>
        Assert.Equal(expected, Math.Round(Bus(Tuner(system, 1, gpus), algorithm)));

    [Theory]
    [InlineData("dgx-b200", 4, NcclAlgorithm.Ring)]
    [InlineData("dgx-b200", 5, NcclAlgorithm.Ring)]
    [InlineData("dgx-b200", 6, NcclAlgorithm.Ring)]
    [InlineData("dgx-b200", 7, NcclAlgorithm.Nvls)]
    [InlineData("dgx-b200", 8, NcclAlgorithm.Nvls)]
    [InlineData("dgx-h200", 4, NcclAlgorithm.Ring)]
    [InlineData("gb200-nvl72", 64, NcclAlgorithm.Nvls)]
    [InlineData("gb200-nvl72", 72, NcclAlgorithm.Nvls)]
    [InlineData("dgx-a100", 8, NcclAlgorithm.Ring)]
    public void Large_all_reduce(string system, int gpus, NcclAlgorithm expected) =>
        Assert.Equal(expected, Tuner(system, 1, gpus).Choose(NcclFunction.AllReduce, 8 * GiB).Algorithm);

    [Fact]
    public void Latencies_compose_by_hand()
    {
        var one = Tuner("dgx-h100");
        Assert.Equal(6.6 + 14 * 0.6, one.Choose(NcclFunction.AllReduce, 8, NcclAlgorithm.Ring, NcclProtocol.LL).Latency.Microseconds, 1e-9);
        var four = Tuner("dgx-h100", 4);
        Assert.Equal(6.8 + 2 * (7 * 0.6 + 2 * 5), four.Choose(NcclFunction.AllReduce, 8, NcclAlgorithm.Tree, NcclProtocol.LL).Latency.Microseconds, 1e-9);
        // 62 steps, 6 of them across; posting (1 us) outweighs a hop inside (0.6 us).
        Assert.Equal(6.6 + 56 * 1 + 6 * 2.7, four.Choose(NcclFunction.AllReduce, 8, NcclAlgorithm.Ring, NcclProtocol.LL).Latency.Microseconds, 1e-9);
        var alone = Tuner("dgx-h100", 8, 1);
        Assert.Equal(8 + 3 * 14 / 3.5 + 2.8 * 8, alone.Choose(NcclFunction.AllGather, 8, NcclAlgorithm.Pat).Latency.Microseconds, 1e-9);
    }

    [Fact]
    public void PCIe_boxes_have_what_the_root_complex_leaves()
    {
        Assert.Equal(20, NcclMachine.OfPci("ampere", 1, 4, "gen4", "sapphire-rapids", 1).GpuBandwidth.GigabytesPerSecond, 1e-9);
        Assert.Equal(16, NcclMachine.OfPci("ampere", 1, 4, "gen4", "amd", 2).GpuBandwidth.GigabytesPerSecond, 1e-9);
        var box = new NcclTuner(NcclMachine.OfPci("ampere", 1, 4, "gen4", "amd", 1));
        Assert.Equal((2, 12.0), (box.Graphs.Ring.Channels, box.Graphs.Ring.Intra.GigabytesPerSecond));
        Assert.All(box.Candidates(NcclFunction.AllReduce, 1024).Where(c => c.Protocol == NcclProtocol.LL128), c => Assert.NotNull(c.Off));
    }

    static readonly Gen<NcclTuner> Machines = Gen.Select(Gen.Int[0, 3].Select(i => ((string[])["dgx-a100", "dgx-h100", "dgx-b200", "gb200-nvl72"])[i]), Gen.Int[1, 40], Gen.Int[2, 8], Gen.Bool)
        .Select((system, nodes, gpus, sharp) =>
            new NcclTuner(NcclMachine.Of(PartCatalog.Default.Get<AcceleratorSystem>(system), nodes, gpus) with { FabricReduction = sharp, FabricGather = sharp }));

    static readonly Gen<NcclFunction> Functions = Gen.Enum<NcclFunction>();

    [Fact]
    public void The_choice_is_really_least() => Gen.Select(Machines, Functions, Gen.Long[1, 64 * GiB]).Sample((tuner, function, size) =>
    {
        var choice = tuner.Choose(function, size);
        Assert.True(choice.Time.Seconds > 0);
        Assert.All(tuner.Candidates(function, size), c => Assert.True(c.Time.Seconds >= choice.Time.Seconds, $"{c.Name} beats {choice.Name} at {size}"));
    }, iter: 300);

    [Fact]
    public void Ranges_cover_every_size_once_and_end_where_the_choice_does() => Gen.Select(Machines, Functions, Gen.Long[1, 1000], Gen.Long[2000, 40 * GiB])
        .Sample((tuner, function, from, to) =>
        {
            var ranges = tuner.Ranges(function, from, to);
            Assert.Equal((from, to), (ranges[0].From, ranges[^1].To));
            for (var i = 0; i < ranges.Count; i++)
            {
                var r = ranges[i];
                foreach (var size in new[] { r.From, r.From + (r.To - r.From) / 3, r.To })
                {
                    var choice = tuner.Choose(function, size);
                    Assert.Equal((r.Algorithm, r.Protocol), (choice.Algorithm, choice.Protocol));
                }
                if (i == 0) continue;
                Assert.Equal(ranges[i - 1].To + 1, r.From);
                Assert.NotEqual((ranges[i - 1].Algorithm, ranges[i - 1].Protocol), (r.Algorithm, r.Protocol));
            }
        }, iter: 200);

    [Fact]
    public void The_configuration_has_a_line_for_each_range()
    {
        var tuner = Tuner("dgx-h100");
        var ranges = tuner.Ranges(NcclFunction.AllReduce, 8, 32 * GiB);
        using var text = new StringWriter { NewLine = "\n" };
        NcclTunerCsv.Write(text, tuner, NcclFunction.AllReduce, ranges);
        var lines = text.ToString().Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(l => l[0] != '#').ToList();
        Assert.Equal(2, lines.Count);
        Assert.Equal($"allreduce,8,{ranges[0].To},ring,ll,-1,1,8,-1,-1", lines[0]);
        Assert.Equal($"allreduce,{ranges[0].To + 1},34359738368,nvls,simple,-1,1,8,-1,-1", lines[1]);
    }

    [Fact]
    public void Wrong_inputs_are_refused()
    {
        var tuner = Tuner("dgx-h100");
        foreach (var size in new[] { -1L, 0, 1L << 60 }) Refused("expected a size from 1 B to 1 TiB", () => tuner.Choose(NcclFunction.AllReduce, size));
        Refused("8,192 B is more than 8 B", () => tuner.Ranges(NcclFunction.AllReduce, 8192, 8));
        Refused("expected 1 to 8 GPUs on each 'dgx-h100', found 9", () => Tuner("dgx-h100", 1, 9));
        Refused("on one node of cdna4 is not described", () => Tuner("mi355x-platform"));
        Refused("no reduction in the fabric (SHARP) enabled", () => Tuner("dgx-h100", 4).Choose(NcclFunction.AllReduce, 8, NcclAlgorithm.CollNetDirect));
        Refused("at least 2 ranks", () => Tuner("dgx-h100", 1, 1));
        Refused("did you mean 'gen4'?", () => NcclMachine.OfPci("ampere", 1, 4, "gen44", "amd", 1));
    }

    [Fact]
    public void The_data_file_is_read_strictly()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "nccl", "tuning-2.30.7.yaml"));
        Assert.Equal("2.30.7", NcclTuning.Read(text, "t.yaml").Version);
        Refused("unknown key 'librar'", () => NcclTuning.Read(text.Replace("library:", "librar:", StringComparison.Ordinal), "t.yaml"));
        Refused("expected a list of 3, found 2", () => NcclTuning.Read(text.Replace("[24 GB/s, 23.6 GB/s, 17.8 GB/s]", "[24 GB/s, 23.6 GB/s]", StringComparison.Ordinal), "t.yaml"));
        Refused("fastest first", () => NcclTuning.Read(text.Replace("[60 GB/s, 50 GB/s", "[50 GB/s, 60 GB/s", StringComparison.Ordinal), "t.yaml"));
    }

    static void Refused(string message, Action action) => Assert.Contains(message, Assert.Throws<InputException>(action).Message);
}
