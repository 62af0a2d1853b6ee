using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Interop.Nccl;
using Lightloom.Planning.Logs;

namespace Lightloom.Interop.Tests;

/// <summary>Lines of NCCL_DEBUG, and measurements made of logs.</summary>
public class NcclDebugReaderTests
{
    const string Prefix = "n1:7:9 [0] NCCL INFO ";

    static readonly string[] Lines =
    [
        "NCCL version 2.28.7+cuda13.0",
        "NCCL_NVLS_ENABLE set by environment to 0.",
        "Using network IB",
        "comm 0x55d0 rank 0 nRanks 16 nNodes 2 localRanks 1 localRank 0 MNNVL 0",
        "=== System : maxBw 240.0 totalBw 240.0 ===",
        "+ NVL[240.0] - NVS/0",
        "+ NET[25.0] - NET/0-0 (guid/port/25.000000)",
        "Pattern 4, crossNic 0, nChannels 12, bw 20.000000/20.000000, type NVL/PIX, sameChannels 1",
        "Ring 00 : 15 -> 0 -> 1",
        "Trees [0] 1/-1/-1->0->-1 [1] 1/2/-1->0->8",
        "Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/0/GDRDMA",
        "Channel 01/0 : 0[0] -> 8[0] [send] via NET/IB/1(3)/GDRDMA/Shared",
        "Channel 00/0 : 0[0] -> 1[1] via P2P/CUMEM",
        "Channel 02/0 : 0[0] -> 1[1] via SHM/direct/direct",
        "24 coll channels, 24 collnet channels, 16 nvls channels, 32 p2p channels, 2 p2p channels per peer",
        "AllReduce: 2097152 Bytes -> Algo NVLS proto SIMPLE channel{Lo..Hi}={0..15}",
        "AllReduce: 1024 Bytes -> Algo 1 proto 0 time 8.100000",
        "AllGather [Copy Engine]: 4194304 Bytes -> cudaMemcpy",
        "  Algorithm   |                            Tree                  |                            Ring                  |",
        "  Protocol    |             LL |          LL128 |         Simple |             LL |          LL128 |         Simple |",
        " Max NThreads |            512 |            640 |            512 |            512 |            640 |            256 |",
        "    AllReduce |    15.2/ 43.9 |    31.5/186.7 |    64.4/220.8 |    22.4/ 50.1 |    40.6/252.3 |    56.0/274.3 |",
        "NVLS multicast support is not available on dev 0",
        "something that nobody has heard of",
    ];

    static string Log(string launcher = "") => string.Concat(Lines.Select(l => $"{launcher}{Prefix}{l}\n"));

    [Theory]
    [InlineData("")]
    [InlineData("0: ")]
    [InlineData("[1,0]<stdout>:")]
    [InlineData("2025-03-01T10:11:12.123456789Z stdout F ")]
    public void Every_kind_of_line_is_read(string launcher)
    {
        var log = NcclDebugReader.Read(Log(launcher), "d.log");
        Assert.Equal((Lines.Length, "2.28.7+cuda13.0", "IB"), (log.Lines, log.Version, log.Network));
        Assert.Equal("0", log.Environment["NCCL_NVLS_ENABLE"]);
        Assert.Equal((16, 2), (Assert.Single(log.Communicators).Ranks, log.Communicators[0].Nodes));
        Assert.Equal([("NVL", "NVS/0", 240.0), ("NET", "NET/0-0", 25.0)], log.System.Select(l => (l.Kind, l.Target, l.Bandwidth.GigabytesPerSecond)));
        Assert.Equal((4, 12, 20.0, "NVL", "PIX"), (log.Patterns[0].Pattern, log.Patterns[0].Channels, log.Patterns[0].Intra.GigabytesPerSecond, log.Patterns[0].IntraPath, log.Patterns[0].InterPath));
        Assert.Equal(new NcclRingPlace(0, 15, 0, 1), Assert.Single(log.Rings));
        Assert.Equal([(0, 1, (int?)null), (1, 2, 8)], log.Trees.Select(t => (t.Channel, t.Children.Count, t.Parent)));
        Assert.Equal((2, 2, 1, 1, 1), (log.Connections.Network["IB"], log.Connections.GpuDirect, log.Connections.Relayed, log.Connections.Peer, log.Connections.SharedMemory));
        Assert.Equal(2, log.Cards);
        Assert.False(log.NvlsAvailable);
        Assert.Equal(
            [("AllReduce", 2097152L, (NcclAlgorithm?)NcclAlgorithm.Nvls, 15), ("AllReduce", 1024L, NcclAlgorithm.Ring, null), ("AllGather", 4194304L, null, (int?)null)],
            log.Calls.Select(c => (c.Function, c.Bytes, c.Algorithm, c.LastChannel)));
        Assert.Equal(6, log.Tuning.Count);
        // 15.2 us of Tree/LL at 8 B; 2^30 B over 274.3 GB/s of Ring/Simple are 3,914 us.
        Assert.Equal((NcclAlgorithm.Tree, NcclProtocol.LL), (log.Cheapest("AllReduce", 8)!.Algorithm, log.Cheapest("AllReduce", 8)!.Protocol));
        Assert.Equal((NcclAlgorithm.Ring, NcclProtocol.Simple), (log.Cheapest("AllReduce", 1 << 30)!.Algorithm, log.Cheapest("AllReduce", 1 << 30)!.Protocol));
        Assert.Null(log.Cheapest("AllGather", 8));
        Assert.Contains(log.Tuning, c => c is { Algorithm: NcclAlgorithm.Ring, Protocol: NcclProtocol.LL128 } && c.Latency.Microseconds == 40.6 && c.Bandwidth.GigabytesPerSecond == 252.3);
        Assert.Empty(log.Skipped);
    }

    [Theory]
    [InlineData("Channel 00/0 : 0[0] -> 8[0] [se", "cut off")]
    [InlineData("Channel 00/0 : 0[0] -> 8[0] [send] via NET/So", "cut off")]
    [InlineData("Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/0/GDR", "cut off")]
    [InlineData("Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/0n1:7:9 [0] NCCL INFO Ring 00 : 15 -> 0 -> 1", "two lines of the library in one")]
    [InlineData("Pattern 4, crossNic 0, nChannels", "a pattern's line")]
    [InlineData("AllReduce: 1024 Bytes -> Algo MAGIC proto LL", "not known")]
    public void A_line_that_was_cut_or_written_into_is_counted(string line, string reason)
    {
        var log = NcclDebugReader.Read($"{Prefix}{line}\n", "d.log");
        var skip = Assert.Single(log.Skipped);
        Assert.Contains(reason, skip.Reason, StringComparison.Ordinal);
        Assert.Equal([1], skip.Lines);
        Assert.Empty(log.Connections.Network);
    }

    [Fact]
    public void A_row_of_the_tuners_table_that_was_cut_off_gives_no_cell()
    {
        var cut = string.Concat(Lines[18..21].Select(l => $"{Prefix}{l}\n")) + Prefix + "    AllReduce |    15.2/ 43.9 |    31.5/18\n";
        var log = NcclDebugReader.Read(cut, "d.log");
        Assert.Empty(log.Tuning);
        Assert.Contains("tuner's table", Assert.Single(log.Skipped).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Cards_are_counted_only_where_every_rank_of_a_host_speaks()
    {
        // Two local ranks and only one of them in the log: its one card says nothing of the host's.
        var half = Prefix + "comm 0x1 rank 0 nRanks 4 nNodes 2 localRanks 2 localRank 0\n" + Prefix + "Channel 00/0 : 0[0] -> 2[0] [send] via NET/IB/0\n";
        Assert.Null(NcclDebugReader.Read(half, "d").Cards);
        var whole = half + "n1:8:9 [1] NCCL INFO Channel 01/0 : 1[1] -> 3[1] [send] via NET/IB/1\n";
        Assert.Equal(2, NcclDebugReader.Read(whole, "d").Cards);
    }

    [Theory]
    [InlineData("via NET/IB/0", 0, 0, 1)]
    [InlineData("via NET/AWS Libfabric/3/GDRDMA", 1, 0, 1)]
    [InlineData("via NET/IB/2(5)/GDRDMA/Shared", 1, 0, 1)]
    [InlineData("via NET/IBext_v8/2/GDRDMA(PCI)", 1, 0, 1)]
    [InlineData("via P2P/direct pointer/read", 0, 0, 0)]
    [InlineData("via SHM", 0, 1, 0)]
    [InlineData("via direct shared memory", 0, 1, 0)]
    public void Channels_are_told_by_their_transport(string via, int direct, int shared, int network)
    {
        var log = NcclDebugReader.Read($"{Prefix}Channel 00 : 0[1b000] -> 8[1b000] {via}\n", "d");
        Assert.Empty(log.Skipped);
        Assert.Equal((direct, shared, network), (log.Connections.GpuDirect, log.Connections.SharedMemory, log.Connections.Network.Values.Sum()));
    }

    [Fact]
    public void A_log_without_such_lines_says_nothing()
    {
        var log = NcclDebugReader.Read("# nccl-tests\n 8 2 float sum -1 13.67 0.00 0.00 0 13.03 0.00 0.00 0\n", "d");
        Assert.Equal((0, null, null), (log.Lines, log.Version, log.Cards));
    }

    [Fact]
    public void Lines_damaged_anywhere_never_throw() =>
        Gen.Select(Gen.Int[0, 4000], Gen.Int[0, 80], OneOf("", "\n", "[", "99999999999999999999", "/", "|", "->", "\0", Prefix, "via NET/")).Sample((at, cut, put) =>
        {
            var text = Log();
            at = Math.Min(at, text.Length);
            var log = NcclDebugReader.Read(text[..at] + put + text[Math.Min(text.Length, at + cut)..], "d");
            Assert.InRange(log.Lines, 0, Lines.Length + 1);
        });

    [Fact]
    public void Logs_damaged_anywhere_are_compared_or_refused_and_never_anything_else()
    {
        string[] logs = [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "logs"), "*.log").Order(StringComparer.Ordinal).Select(File.ReadAllText)];
        var system = Catalog.PartCatalog.Default.Get<Catalog.AcceleratorSystem>("dgx-h100");
        var fabric = Catalog.PartCatalog.Default.Get<Catalog.CollectiveParameters>("infiniband");
        Gen.Select(OneOf(logs), Gen.Int[0, 10_000], Gen.Int[0, 300], OneOf("", "\n", "float", "0", "999999999999", "e9", "N/A", "XX", "# all_gather_perf\n", Prefix), Gen.Int[0, 2]).Sample((log, at, cut, put, what) =>
        {
            at = Math.Min(at, log.Length);
            var damaged = what == 0 ? log[..at] : log[..at] + put + log[Math.Min(log.Length, at + cut)..];
            try
            {
                var read = NcclMeasurements.Read(damaged, "a.log");
                var ranks = read.Runs[0].Ranks;
                if (ranks % 8 != 0 || read.Runs.Any(r => r.Ranks != ranks)) return;
                var compared = LogComparison.Of(read, DescribedCluster.Of(system, fabric, ranks / 8, ranks));
                Assert.All(compared.Runs.SelectMany(r => r.Rows), r => Assert.True(double.IsFinite(r.Ratio)));
            }
            catch (InputException e)
            {
                Assert.StartsWith("a.log", e.Message, StringComparison.Ordinal);
            }
        });
    }

    [Fact]
    public void Measurements_take_the_logs_own_word_for_the_ranks()
    {
        var text = "# all_reduce_perf\n#  size count type redop root time algbw busbw #wrong time algbw busbw #wrong\n" +
            "268435456 67108864 float sum -1 1112.5 241.29 422.25 0 1113.4 241.10 421.93 0\n";
        var log = NcclMeasurements.Read(text + Log(), "a.log", claimedRanks: 16);
        Assert.Equal(8, Assert.Single(log.Runs).Ranks);
        Assert.Equal((16, 8), (Assert.Single(log.RankContradictions).Claimed, log.RankContradictions[0].Ranks));
        Assert.Equal(CollectiveKind.AllReduce, log.Runs[0].Kind);
        Assert.Equal((1, 2, 2), (log.Facts.SharedMemoryConnections, log.Facts.NetworkConnections, log.Facts.Cards));
        Assert.False(log.Facts.SwitchReduction);
        // No call of 256 MiB was printed; the table in the log decides.
        Assert.Contains(log.Facts.Choices, c => c is { Line: 0, Algorithm: NcclAlgorithm.Ring, Protocol: NcclProtocol.Simple } && c.Size.Bytes == 268435456);
    }

    [Fact]
    public void A_reduction_to_one_rank_is_what_the_library_calls_so_and_what_nothing_holds_is_left_out()
    {
        const string Row = "1048576 262144 float sum 0 27.37 38.31 38.31 0 26.93 38.94 38.94 0\n";
        var calls = Prefix + "Reduce: 1048576 Bytes -> Algo RING proto LL128 channel{Lo..Hi}={0..7}\n" + Prefix + "Broadcast: 1048576 Bytes -> Algo RING proto SIMPLE channel{Lo..Hi}={0..7}\n";
        var log = NcclMeasurements.Read("# reduce_perf\n" + Row + "# gather_perf\n1048576 32768 float none 0 27.37 38.31 33.52 0 26.93 38.94 34.07 0\n" + calls, "a", claimedRanks: 8);
        Assert.Equal(CollectiveKind.Reduce, Assert.Single(log.Runs).Kind);
        Assert.Equal(NcclProtocol.LL128, log.Facts.Choices.Single(c => c.Kind == CollectiveKind.Reduce).Protocol);
        Assert.Contains(log.Notes, n => n.Contains("the run of gather", StringComparison.Ordinal));
    }

    [Fact]
    public void What_was_taken_counts_more_than_what_is_there()
    {
        var log = NcclDebugReader.Read(Prefix + "NVLS multicast support is available on dev 0\n" + Prefix + "AllReduce: 1073741824 Bytes -> Algo RING proto SIMPLE channel{Lo..Hi}={0..23}\n", "d");
        var tests = NcclTestReader.Read("# all_reduce_perf\n268435456 67108864 float sum -1 1112.5 241.29 422.25 0 1113.4 241.10 421.93 0\n", "a");
        var facts = NcclMeasurements.Of(tests, log, "a").Facts;
        Assert.False(facts.SwitchReduction);
        Assert.Contains("by Ring", facts.Evidence["switch-reduction"].Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_log_that_leaves_the_ranks_open_is_an_error_that_says_what_would_settle_them()
    {
        const string Broadcast = "# broadcast_perf\n1048576 262144 float none 0 27.37 38.31 38.31 0 26.93 38.94 38.94 0\n";
        Assert.Contains("say how many", Assert.Throws<InputException>(() => NcclMeasurements.Read(Broadcast, "a")).Message, StringComparison.Ordinal);
        Assert.Equal(8, NcclMeasurements.Read(Broadcast, "a", claimedRanks: 8).Runs[0].Ranks);
        Assert.Contains("--operation", Assert.Throws<InputException>(() => NcclMeasurements.Read(Broadcast[17..], "a", claimedRanks: 8)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_of_two_runs_under_one_header_are_an_error()
    {
        const string Mixed = "# all_reduce_perf\n268435456 67108864 float sum -1 1112.5 241.29 422.25 0 1113.4 241.10 421.93 0\n" +
            "536870912 134217728 float sum -1 2225.0 241.29 452.42 0 2225.0 241.29 452.42 0\n";
        Assert.Contains("different runs", Assert.Throws<InputException>(() => NcclMeasurements.Read(Mixed, "a")).Message, StringComparison.Ordinal);
    }

    static Gen<T> OneOf<T>(params T[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);
}
