using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives.Tests;

/// <summary>RCCL's choice on AMD accelerators, against its rules worked by hand and what was published.</summary>
public class RcclTunerTests
{
    const long GiB = 1 << 30;

    static NcclTuner Tuner(string system, int nodes = 1, int? gpus = null) => new(NcclMachine.Of(PartCatalog.Default.Get<AcceleratorSystem>(system), nodes, gpus));

    static (double Latency, double Bandwidth) Cell(NcclTuner tuner, NcclFunction function, long bytes, NcclAlgorithm algorithm, NcclProtocol protocol)
    {
        var cell = tuner.Choose(function, bytes, algorithm, protocol);
        return (Math.Round(cell.Latency.Microseconds, 6), Math.Round(cell.Bandwidth.GigabytesPerSecond, 6));
    }

    [Theory]
    [InlineData("mi300x-platform")]
    [InlineData("mi325x-platform")]
    public void The_worked_example(string system)
    {
        var tuner = Tuner(system);
        Assert.Equal(("RCCL", "2.21.5"), (tuner.Tuning.Library, tuner.Tuning.Version));
        Assert.Equal((28, 12, 56), (tuner.Graphs.Ring.Channels, tuner.Graphs.Ring.Intra.GigabytesPerSecond, tuner.Graphs.Running(NcclAlgorithm.Ring)));
        Assert.Equal((23.2, 15.36), Cell(tuner, NcclFunction.AllReduce, 8, NcclAlgorithm.Ring, NcclProtocol.LL));
        Assert.Equal((46.4, 192), Cell(tuner, NcclFunction.AllReduce, 8, NcclAlgorithm.Ring, NcclProtocol.Simple));
        // 23.2 + S / 15360 = 46.4 + S / 192000 at S = 387,339.1 B.
        Assert.Equal([new(8, 387_339, NcclAlgorithm.Ring, NcclProtocol.LL), new(387_340, GiB, NcclAlgorithm.Ring, NcclProtocol.Simple)],
            tuner.Ranges(NcclFunction.AllReduce, 8, GiB));
    }

    [Fact]
    public void Its_bandwidth_at_the_largest_size_is_near_the_published_one()
    {
        var row = PublishedMeasurement.All.Where(r => r.Id == "oci-mi300x-1n-ar").MaxBy(r => r.Size.Bytes)!;
        var tuner = Tuner("mi300x-platform");
        var time = tuner.Choose(NcclFunction.AllReduce, (long)row.Size.Bytes).Time;
        Assert.InRange(time.Microseconds / row.Time.Microseconds, 0.97, 1.0);
    }

    // Four nodes, 32 ranks: trees climb 7 hops and 2 levels; rings cross nodes 8 times (2 N) and post 54 steps.
    [Fact]
    public void Across_nodes_steps_and_shares_are_those_of_its_table()
    {
        var tuner = Tuner("mi300x-platform", 4);
        Assert.Equal((64, 5.25, 64), (tuner.Graphs.Ring.Channels, tuner.Graphs.Ring.Inter.GigabytesPerSecond, tuner.Graphs.Running(NcclAlgorithm.Tree)));
        Assert.Equal(12 + 2 * (7 * 0.9 + 2 * 10.5), Cell(tuner, NcclFunction.AllReduce, 1 << 14, NcclAlgorithm.Tree, NcclProtocol.LL).Latency, 1e-6);
        Assert.Equal(336 * 0.06 / 2, Cell(tuner, NcclFunction.AllReduce, 1 << 14, NcclAlgorithm.Tree, NcclProtocol.LL).Bandwidth, 1e-6);
        Assert.Equal(17 + 54 * 3 + 8 * 320, Cell(tuner, NcclFunction.AllReduce, 1 << 14, NcclAlgorithm.Ring, NcclProtocol.Simple).Latency, 1e-6);
        Assert.Equal(17 + 28 * 3 + 3 * 320, Cell(tuner, NcclFunction.AllGather, 1 << 14, NcclAlgorithm.Ring, NcclProtocol.Simple).Latency, 1e-6);
        Assert.Equal(17 + 320, Cell(tuner, NcclFunction.Broadcast, 1 << 14, NcclAlgorithm.Ring, NcclProtocol.Simple).Latency, 1e-6);
        // Shares by size: below 64 B the first, beyond 4 GiB the last; a ring's 0.8 stands at 512 MiB.
        double Simple(long bytes) => Cell(tuner, NcclFunction.AllReduce, bytes, NcclAlgorithm.Ring, NcclProtocol.Simple).Bandwidth / (336.0 * 32 / 62);
        Assert.Equal(0.1, Simple(8), 1e-6);
        Assert.Equal((0.1, 0.8, 1, 1), (Math.Round(Simple(GiB / 2 - 1), 6), Math.Round(Simple(GiB / 2), 6), Math.Round(Simple(GiB), 6), Math.Round(Simple(64 * GiB), 6)));
        var amd = new NcclTuner(tuner.Machine with { Host = NcclHost.Amd });
        Assert.Equal(17 + 54 * 6 + 8 * 320, Cell(amd, NcclFunction.AllReduce, 1 << 14, NcclAlgorithm.Ring, NcclProtocol.Simple).Latency, 1e-6);
    }

    [Fact]
    public void A_ring_of_one_node_broadcasts_faster_with_LL_by_its_factor()
    {
        var tuner = Tuner("mi300x-platform");
        Assert.Equal((12.8, 336 * 0.08 * 1.65), Cell(tuner, NcclFunction.Broadcast, 8, NcclAlgorithm.Ring, NcclProtocol.LL));
        Assert.Equal(336 * 0.08 * 16 / 16, Cell(Tuner("mi300x-platform", 2), NcclFunction.Broadcast, 1 << 17, NcclAlgorithm.Ring, NcclProtocol.LL).Bandwidth, 1e-6);
    }

    // Between its ends each range is what is chosen, and at each seam the choice changes.
    [Fact]
    public void Ranges_are_what_is_chosen_at_every_size() => Gen.Select(Gen.Int[1, 9], Gen.Int[0, 4], Gen.Int[3, 35], Gen.Int[0, 1 << 20]).Sample((nodes, function, power, more) =>
    {
        var tuner = Tuner("mi300x-platform", nodes);
        var f = (NcclFunction)function;
        var bytes = (1L << power) + more;
        var range = Assert.Single(tuner.Ranges(f, 1, NcclTuner.LargestSize), r => r.From <= bytes && bytes <= r.To);
        var choice = tuner.Choose(f, bytes);
        return (choice.Algorithm, choice.Protocol) == (range.Algorithm, range.Protocol)
            && tuner.Candidates(f, bytes).Where(c => c.Off is null).All(c => c.Time.Si >= choice.Time.Si);
    }, iter: 100);

    [Fact]
    public void What_AMD_lacks_is_off_with_its_reason()
    {
        var candidates = Tuner("mi300x-platform").Candidates(NcclFunction.AllReduce, GiB);
        string? Off(NcclAlgorithm algorithm, NcclProtocol protocol) => candidates.Single(c => (c.Algorithm, c.Protocol) == (algorithm, protocol)).Off;
        Assert.Contains("no switches", Off(NcclAlgorithm.Nvls, NcclProtocol.Simple));
        Assert.Contains("LL128", Off(NcclAlgorithm.Ring, NcclProtocol.LL128));
        Assert.Contains("one node", Off(NcclAlgorithm.Tree, NcclProtocol.Simple));
        Assert.Null(Off(NcclAlgorithm.Tree, NcclProtocol.LL));
        Assert.Null(Tuner("mi300x-platform", 2).Candidates(NcclFunction.AllReduce, GiB).Single(c => c.Name == "Tree/Simple").Off);
    }

    [Fact]
    public void Programs_run_first_on_one_node_for_all_reduce_and_nowhere_else()
    {
        var programs = Tuner("mi300x-platform").Programs(NcclFunction.AllReduce);
        Assert.Equal([(1L, 65_536L, NcclProtocol.LL), (65_537, 524_287, NcclProtocol.LL), (524_288, 16_777_216, NcclProtocol.Simple)],
            programs.Where(p => p.Buffers != RcclBuffers.InPlace).Select(p => (p.From, p.To, p.Protocol)));
        Assert.Equal([(524_288L, 11_534_336L), (14_680_065, 16_777_216)], programs.Where(p => p.Buffers == RcclBuffers.InPlace).Select(p => (p.From, p.To)));
        Assert.Empty(Tuner("mi300x-platform", 2).Programs(NcclFunction.AllReduce));
        Assert.Empty(Tuner("mi300x-platform").Programs(NcclFunction.AllGather));
        Assert.Empty(Tuner("dgx-h100").Programs(NcclFunction.AllReduce));
    }

    [Fact]
    public void The_configuration_names_the_library_and_what_comes_before_it()
    {
        var tuner = Tuner("mi300x-platform");
        using var writer = new StringWriter();
        NcclTunerCsv.Write(writer, tuner, NcclFunction.AllReduce, tuner.Ranges(NcclFunction.AllReduce, 8, GiB));
        var lines = writer.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        Assert.StartsWith("# RCCL 2.21.5's cost model for 1 x 8 GPUs", lines[0]);
        Assert.Equal(5, lines.Count(l => l.StartsWith("# runs before any tuner", StringComparison.Ordinal)));
        Assert.Equal("allreduce,387340,1073741824,ring,simple,-1,1,8,-1,-1", lines[^1]);
    }

    [Fact]
    public void What_is_not_described_is_refused()
    {
        static void Refused(string message, Action action) => Assert.Contains(message, Assert.Throws<InputException>(action).Message);
        Refused("on one node of cdna4 is not described", () => Tuner("mi355x-platform"));
        Refused("all-gather is not described for this generation", () => Tuner("mi355x-platform", 2).Choose(NcclFunction.AllGather, 8));
        Refused("preset for all 8 GPUs of a node", () => Tuner("mi300x-platform", 2, 4));
        Refused("expected 1 to 8 GPUs", () => Tuner("mi300x-platform", 1, 9));
        Refused("there is no 'hopper'", () => _ = new NcclTuner(Tuner("dgx-h100").Machine, NcclTuning.Of(RcclTuning.Default)));
    }

    // What its developers printed of two nodes of MI350X in July 2026, before they changed these constants (rocm-systems, pull request 9406).
    [Theory]
    [InlineData(32, "Tree/LL128"), InlineData(64, "Ring/LL128"), InlineData(128, "Ring/Simple")]
    public void Two_nodes_of_MI355X_take_what_was_published(int mebibytes, string choice)
    {
        var tuner = Tuner("mi355x-platform", 2);
        Assert.Equal((choice, 64), (tuner.Choose(NcclFunction.AllReduce, (long)mebibytes << 20).Name, tuner.Choose(NcclFunction.AllReduce, (long)mebibytes << 20).Channels));
    }

    [Fact]
    public void Protocols_that_outrank_the_table_change_at_their_limits_and_leave_the_algorithm()
    {
        foreach (var nodes in new[] { 2, 4 })
        {
            var tuner = Tuner("mi355x-platform", nodes);
            Assert.True(tuner.SetsProtocol(NcclFunction.AllReduce));
            var end = nodes == 2 ? 70_640_910L : 268_435_458; // 3.8 times as much
            NcclProtocol At(long bytes) => tuner.Choose(NcclFunction.AllReduce, bytes).Protocol;
            Assert.Equal((NcclProtocol.LL, NcclProtocol.LL128, NcclProtocol.LL128, NcclProtocol.Simple), (At(262_144), At(262_145), At(end), At(end + 1)));
            foreach (var bytes in new[] { 1000L, 300_000, 1 << 25, 1 << 27, 1L << 33 })
            {
                var least = tuner.Candidates(NcclFunction.AllReduce, bytes).Where(c => c.Off is null).MinBy(c => c.Time.Si);
                Assert.Equal(least.Algorithm, tuner.Choose(NcclFunction.AllReduce, bytes).Algorithm);
            }
            // Every seam of the ranges is a real one, and every size lies in the range of its choice.
            var ranges = tuner.Ranges(NcclFunction.AllReduce, 1, NcclTuner.LargestSize);
            Assert.All(ranges, r => Assert.All(new[] { r.From, r.To, r.From + (r.To - r.From) / 2 },
                b => Assert.Equal((r.Algorithm, r.Protocol), (tuner.Choose(NcclFunction.AllReduce, b).Algorithm, tuner.Choose(NcclFunction.AllReduce, b).Protocol))));
            Assert.Contains(ranges, r => r.To == end);
            Assert.Contains("the protocol that is set for the size", Assert.Single(NcclExplanation.Of(tuner, NcclFunction.AllReduce, [ranges[0]])));
        }
        Assert.Equal(NcclProtocol.Simple, Tuner("mi355x-platform", 2).Choose(NcclFunction.AllReduce, 8, null, NcclProtocol.Simple).Protocol);
        Assert.False(Tuner("mi300x-platform", 2).SetsProtocol(NcclFunction.AllReduce));
    }

    [Fact]
    public void The_data_file_is_read_strictly()
    {
        var text = File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "rccl", "tuning-2.21.5.yaml"));
        Assert.Equal("2.21.5", RcclTuning.Read(text, "t.yaml").Version);
        void Refused(string message, string from, string to) =>
            Assert.Contains(message, Assert.Throws<InputException>(() => RcclTuning.Read(text.Replace(from, to, StringComparison.Ordinal), "t.yaml")).Message);
        Refused("unknown key 'librar'", "library:", "librar:");
        Refused("expected a list of 27, found 26", "0.1, 0.8, 1, 1, 1]", "0.8, 1, 1, 1]");
        Refused("there is no generation 'cdna9'", "generation: cdna3, collective: all-reduce, name: all-pairs, protocol: ll, channels: 4", "generation: cdna9, collective: all-reduce, name: all-pairs, protocol: ll, channels: 4");
        Refused("is more than", "from: 14680065, to: 16777216", "from: 16777217, to: 16777216");
        Refused("LL128 is on, and 'shares' or 'corrections' lack it", "    ranksPerNode: 8", "    ranksPerNode: 8\n    ll128: true");
    }
}
