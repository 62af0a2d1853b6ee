using Lightloom.Planning.Logs;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>Published tables of systems that their owners show with pride are not called broken.</summary>
public class HealthyTablesTests
{
    // What these tables' own words say of them: rings forced where NVLS could be, a plateau of one time over a range of sizes.
    static readonly (string Id, string Key)[] Known = [("stas-h200-8g-ring", "no-switch-reduction"), ("stas-b200-8g-ring", "no-switch-reduction"), ("vultr-b200-1n-sr-v2", "noisy-window")];

    public static TheoryData<string> Tables => [.. PublishedTable.All.Select(t => t.Id)];

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_healthy_table_gets_notes_at_most(string id)
    {
        var table = PublishedTable.All.Single(t => t.Id == id);
        var comparison = LogComparison.Of(table.Log, table.Cluster);
        var confident = comparison.Diagnoses.Where(d => d.Confidence > Confidence.Note && !Known.Contains((id, d.Key)));
        Assert.True(!confident.Any(), string.Join("\n", confident.Select(d => $"{d.Confidence}: {d.What}; {string.Join("; ", d.Evidence)}")));
    }

    // One row settles little, and silence about a row that only one in ten healthy systems would show would mislead: possible, no more.
    [Theory]
    [InlineData("stas-h200-8g-ring")]
    [InlineData("stas-b200-8g-ring")]
    public void Rings_forced_where_NVLS_could_be_are_recognized_from_one_row(string id)
    {
        var table = PublishedTable.All.Single(t => t.Id == id);
        var diagnosis = LogComparison.Of(table.Log, table.Cluster).Diagnoses[0];
        Assert.Equal(("no-switch-reduction", Confidence.Possible), (diagnosis.Key, diagnosis.Confidence));
        Assert.True(diagnosis.Probability > 0.8 * diagnosis.FaultProbability, $"{diagnosis.Probability} of {diagnosis.FaultProbability}");
    }

    // 75 us from 1 to 16 MiB: what eight launches in turn take on that host.
    [Fact]
    public void A_plateau_of_small_messages_is_the_hosts()
    {
        var table = PublishedTable.All.Single(t => t.Id == "simumax-h100-1n-alltoall");
        var comparison = LogComparison.Of(table.Log, table.Cluster);
        Assert.Equal("launcher", Assert.Single(comparison.Diagnoses).Key);
        Assert.InRange(comparison.LaunchRound.Microseconds, 70, 80);
    }

    [Theory]
    [InlineData("dgxh100-1n-ar", 32)]
    [InlineData("lambda-b200-2n-ar", 512 << 10)]
    public void Single_slow_rows_of_published_tables_are_marked(string id, int bytes)
    {
        var table = PublishedTable.All.Single(t => t.Id == id);
        var rows = LogComparison.Of(table.Log, table.Cluster).Runs[0].Rows;
        Assert.Equal([bytes], rows.Where(r => r.Mark == "outlier").Select(r => (int)r.Row.Size.Bytes));
    }
}
