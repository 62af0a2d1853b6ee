using System.Globalization;
using System.Text;
using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Nccl;

namespace Lightloom.Interop.Tests;

public class NcclTestReaderTests
{
    const string Header = "#       size         count      type   redop    root     time   algbw   busbw #wrong     time   algbw   busbw #wrong\n";

    static readonly string[] Operations = ["all_reduce", "all_gather", "reduce_scatter", "alltoall"];

    static readonly string[] Words =
    [
        "size", "count", "type", "redop", "time", "algbw", "busbw", "#", "#wrong", "float", "8", "16", "1e300", "-1", "N/A", "XX", "\n",
        "alltoall_perf", "Rank", "Pid", "sum", "0.00", "\u0085", "99999999999999999999",
    ];

    // Published figures of 8 H100 of one node.
    const string Node = "# Collective test starting: all_reduce_perf\n" + Header +
        "#        (B)    (elements)                               (us)  (GB/s)  (GB/s)            (us)  (GB/s)  (GB/s)\n" +
        "           8             2     float     sum      -1    13.67    0.00    0.00      0    13.03    0.00    0.00      0\n" +
        "          32             8     float     sum      -1    68.14    0.00    0.00      0    13.52    0.00    0.00      0\n" +
        "     1048576        262144     float     sum      -1    27.37   38.31   67.04      0    26.93   38.94   68.14      0\n" +
        "   268435456      67108864     float     sum      -1   1112.5  241.29  422.25      0   1113.4  241.10  421.93      0\n" +
        " 17179869184    4294967296     float     sum      -1    62648  274.23  479.90      0    62636  274.28  479.99      0\n" +
        "# Out of bounds values : 0 OK\n# Avg bus bandwidth    : 159.151\n";

    [Fact]
    public void A_published_log_is_read_and_tells_its_ranks()
    {
        var run = Assert.Single(NcclTestReader.Read(Node, "a.log").Runs);
        Assert.Equal(5, run.Rows.Count);
        Assert.Equal("all_reduce", run.Operation!.Name);
        Assert.Equal(8, run.AgreedRanks());
        Assert.Equal(13.03, run.Rows[0].InPlace!.Value.Time.Microseconds, 1e-9);
        // Printed as 0.00; recomputed it keeps its digits.
        Assert.Equal(8 / 13.67e-6 / 1e9, run.Rows[0].AlgorithmBandwidth.GigabytesPerSecond, 1e-9);
        Assert.Empty(run.Contradictions(8));
        Assert.Equal("ranks by busbw over algbw: 8; by as described: 16", Assert.Single(run.Contradictions(16)));
    }

    [Theory]
    [InlineData("# nThread 1 nGpus 8 minBytes 8 maxBytes 17179869184 step: 2(factor) warmup iters: 5 iters: 20", 8)]
    [InlineData("0: # nThread 2 nGpus 4 minBytes 8", 8)]
    [InlineData("# nThread x nGpus 8", null)]
    [InlineData("", null)]
    public void A_log_tells_how_many_GPUs_one_process_drives(string line, int? driven) =>
        Assert.Equal(driven, NcclTestReader.Read($"{line}\n{Node}", "a").Runs[0].PerProcess);

    [Fact]
    public void The_processors_time_and_a_time_of_day_are_columns_too()
    {
        var read = NcclTestReader.Read("# all_reduce_perf\n# size count type redop root cputime algbw busbw #wrong cputime algbw busbw #wrong timestamp\n" +
            "1048576 262144 float sum -1 27.37 38.31 67.04 0 26.93 38.94 68.14 0 2026-11-27 10:11:12\n", "a");
        Assert.Equal(26.93, Assert.Single(read.Runs[0].Rows).InPlace!.Value.Time.Microseconds, 1e-9);
    }

    [Theory]
    [InlineData("0: ")]
    [InlineData("[1,0]<stdout>:")]
    [InlineData("2025-03-01T10:11:12.123456789Z stdout F ")]
    [InlineData("1000 2000 ")]
    public void Prefixes_of_launchers_change_nothing(string prefix)
    {
        var prefixed = string.Concat(Node.Split('\n').Select(l => prefix + l + "\n"));
        Assert.Equal(NcclTestReader.Read(Node, "a").Runs[0].Rows, NcclTestReader.Read(prefixed, "b").Runs[0].Rows);
    }

    [Theory]
    [InlineData("# size count type redop time algbw busbw error time algbw busbw error", "1048576 262144 float sum 27.37 38.31 67.04 1e-06 26.93 38.94 68.14 1e-06")]
    [InlineData("# size count type redop time algbw busbw error time algbw busbw error", "1048576 262144 float 27.37 38.31 67.04 N/A 26.93 38.94 68.14 N/A")]
    [InlineData("# size count type redop root time algbw busbw #wrong min max p99 cv time algbw busbw #wrong min max p99 cv",
        "1048576 262144 float sum -1 27.37 38.31 67.04 N/A 26 29 28.9 0.02 26.93 38.94 68.14 N/A 26 29 28.9 0.02")]
    public void Columns_are_those_that_the_header_names(string header, string row)
    {
        var read = Assert.Single(NcclTestReader.Read($"{header}\n{row}\n", "a", NcclTestOperation.Find("all_reduce")).Runs[0].Rows);
        Assert.Equal((27.37, 26.93), (Math.Round(read.OutOfPlace!.Value.Time.Microseconds, 9), Math.Round(read.InPlace!.Value.Time.Microseconds, 9)));
        Assert.Null(read.OutOfPlace.Value.Wrong);
    }

    [Theory]
    [InlineData("1048576 262144 float sum -1 XX.XX XX.XX XX.XX 0 26.93 38.94 68.14 0", "redacted")]
    [InlineData("1048576 262144 float sum -1 27.37 38.31 67.04 0 26.93", "fewer columns")]
    [InlineData("1048576 262144 float sum -1 27.37 [0] 38.31 67.04 0 26.93 38.94 68.14 0", "more columns")]
    [InlineData("0 0 float sum -1 27.37 0.00 0.00 0 26.93 0.00 0.00 0", "size of 0")]
    [InlineData("1048576 262144 float sum -1 27.37 38.31 99.04 0 26.93 38.94 68.14 0", "beyond what any number of ranks")]
    [InlineData("1048576 262144 float sum -1 27.37 88.31 99.04 0 26.93 38.94 68.14 0", "algbw contradicts")]
    [InlineData("1048576 462144 float sum -1 27.37 38.31 67.04 0 26.93 38.94 68.14 0", "smaller than its elements")]
    [InlineData("9999999999999999999999 262144 float sum -1 27.37 38.31 67.04 0 26.93 38.94 68.14 0", "whole number")]
    public void A_row_that_cannot_be_used_is_counted_with_its_reason(string row, string reason)
    {
        var skip = Assert.Single(NcclTestReader.Read(Node + row + "\n", "a").Skipped);
        Assert.Contains(reason, skip.Reason, StringComparison.Ordinal);
        Assert.Equal([11], skip.Lines);
        var error = Assert.Throws<InputException>(() => NcclTestReader.Read("# all_reduce_perf\n" + Header + row, "x.log"));
        Assert.StartsWith("x.log: ", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("hello\n")]
    [InlineData(Header)]
    public void A_log_without_rows_is_an_error(string text) =>
        Assert.Contains("no row of nccl-tests", Assert.Throws<InputException>(() => NcclTestReader.Read(text, "a")).Message, StringComparison.Ordinal);

    [Fact]
    public void Programs_in_one_file_are_runs_and_mixed_rows_contradict_each_other()
    {
        var both = NcclTestReader.Read(Node + Synthetic("alltoall", 64), "a").Runs;
        Assert.Equal(["all_reduce", "alltoall"], both.Select(r => r.Operation!.Name));
        Assert.Equal([8, 64], both.Select(r => r.AgreedRanks()!.Value));
        var mixed = Node + Synthetic("all_reduce", 64).Split('\n', 3)[2];
        Assert.NotEmpty(NcclTestReader.Read(mixed, "a").Runs[0].Contradictions());
    }

    [Fact]
    public void The_true_ranks_are_always_among_those_recovered() =>
        Gen.Select(OneOf(Operations), Gen.Int[2, 4096]).Sample((operation, ranks) =>
        {
            var run = NcclTestReader.Read(Synthetic(operation, ranks), "a").Runs[0];
            Assert.NotEmpty(run.Ranks());
            Assert.All(run.Ranks(), e => Assert.InRange(ranks, e.Low, e.High));
            Assert.Empty(run.Contradictions(ranks));
        });

    [Fact]
    public void A_log_cut_off_anywhere_gives_a_part_of_its_rows_or_an_error()
    {
        var whole = NcclTestReader.Read(Node, "a").Runs[0].Rows;
        for (var length = 0; length < Node.Length; length++)
        {
            try
            {
                var rows = NcclTestReader.Read(Node[..length], "a").Runs.Single().Rows;
                Assert.Equal(whole.Take(rows.Count), rows);
            }
            catch (InputException)
            {
                Assert.True(length < Node.IndexOf("          32", StringComparison.Ordinal));
            }
        }
    }

    [Fact]
    public void Any_text_is_read_or_refused() =>
        OneOf(Words).Array[0, 60].Sample(words =>
        {
            try
            {
                Assert.NotEmpty(NcclTestReader.Read(string.Join(' ', words), "a").Runs);
            }
            catch (InputException)
            {
                // Refused, with a reason.
            }
        });

    static Gen<string> OneOf(string[] choices) => Gen.Int[0, choices.Length - 1].Select(i => choices[i]);

    static string Synthetic(string name, int ranks)
    {
        var operation = NcclTestOperation.Find(name)!;
        var text = new StringBuilder($"# {name}_perf\n{Header}");
        for (var shard = 1024L; shard <= 1 << 20; shard *= 4)
        {
            var size = shard * ranks * 4;
            var time = 20 + (size / 3e5);
            var algorithm = size / time / 1000;
            var timing = string.Create(CultureInfo.InvariantCulture, $"{time:0.00} {algorithm:0.00} {operation.FactorOf(ranks) * algorithm:0.00} 0");
            text.Append(CultureInfo.InvariantCulture, $"{size} {(operation.Sharded ? shard : shard * ranks)} float sum -1 {timing} {timing}\n");
        }
        return text.ToString();
    }
}
