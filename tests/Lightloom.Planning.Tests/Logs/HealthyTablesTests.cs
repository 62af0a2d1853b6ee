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
    public void A_healthy_table_gets_no_confident_diagnosis(string id)
    {
        var table = PublishedTable.All.Single(t => t.Id == id);
        var comparison = LogComparison.Of(table.Log, table.Cluster);
        var confident = comparison.Diagnoses.Where(d => (d.Confidence >= Confidence.Likely || d.FaultProbability > 0.8) && !Known.Contains((id, d.Key)));
        Assert.True(!confident.Any(), string.Join("\n", confident.Select(d => $"{d.Confidence}: {d.What}; {string.Join("; ", d.Evidence)}")));
    }

    [Fact]
    public void Rings_forced_where_NVLS_could_be_are_recognized_from_one_row()
    {
        var table = PublishedTable.All.Single(t => t.Id == "stas-h200-8g-ring");
        Assert.Equal("no-switch-reduction", LogComparison.Of(table.Log, table.Cluster).Diagnoses[0].Key);
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
