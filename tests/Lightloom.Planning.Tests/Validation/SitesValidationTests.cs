using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary><c>validate sites</c> on the shipped tables and on wrong ones.</summary>
public sealed partial class SitesValidationTests
{
    const string Head = "id,model,layers,step_time,method,compute_utilisation_pct,bandwidth\n";

    static readonly IValidationKind Kind = ValidationKinds.Find("sites");

    static readonly string Folder = Path.Combine(Designs.Root, "data", "validation", "training");

    static ValidationResult Run(string text) => WrittenTable.Validate(Kind, "t.csv", text);

    [Fact]
    public void Every_published_bandwidth_comes_out_within_a_step_of_its_grid()
    {
        var result = ValidationResult.Of(Kind, Path.Combine(Folder, "diloco_bandwidth_vs_cu.csv"));
        Assert.Equal((120, 120), (result.Rows, result.Predicted));
        Assert.Empty(result.Misses);
        Assert.InRange(result.Points.Count(p => Math.Abs(p.Error) < 1e-9), 114, 120);
        // Whatever R its data-parallel rows allow, a row's bandwidth lies in the range that they give.
        Assert.All(result.Points, p => Assert.True(p.InsideBand));
    }

    [Fact]
    public void With_data_parallel_rows_alone_two_of_ninety_predicted_rows_miss_by_one_step_of_the_grid()
    {
        var text = File.ReadAllText(Path.Combine(Folder, "diloco_bandwidth_vs_cu.csv"));
        var result = Run(Calibrate().Replace(text, ",held-out,"));
        Assert.Equal(90, result.Points.Count(p => p.Tags.Contains(new("rows", "predicted"))));
        Assert.Equal(2, result.Misses.Count());
        Assert.All(result.Misses, p => Assert.InRange(Math.Abs(p.Error), 0.2, 0.22));
    }

    [Fact]
    public void Runs_over_the_internet_are_computed_from_their_exchange()
    {
        var result = ValidationResult.Of(Kind, Path.Combine(Folder, "multi_dc_measured.csv"));
        Assert.Equal((4, 2), (result.Rows, result.Predicted));
        // 38 min of computation and 103 s of exchange; 43.3 % without it.
        Assert.Equal(100 * 2280 / 2383.0, result.Points.Single(p => p.Quantity == "compute utilisation").Predicted, 1e-9);
        Assert.Equal(43.3 * 2280 / 2383.0, result.Points.Single(p => p.Quantity == "rate").Predicted, 1e-9);
        Assert.All(result.Points, p => Assert.InRange(p.Error, -0.015, 0.015));
    }

    [Fact]
    public void Some_rows_of_a_run_are_enough_and_hours_of_local_steps_are_computed_too()
    {
        const string Text = "id,system,model,scope,metric,value,notes\na,PRIME/DiLoCo int8,INTELLECT-1 10B,far,MFU / all-reduce s / CU %,36 / 456 / 83.3,\n" +
            "b,DiLoCo,1B Dolma,1 Gbit/s vs infinite,hours for 25B tokens,1.7 vs 0.67,\n";
        var points = Run(Text).Points;
        Assert.Equal([43.3 / 1.2, 100 / 1.2], points.Where(p => p.Id == "a").Select(p => p.Predicted).Order().Select(p => Math.Round(p, 9)), (x, y) => Math.Abs(x - y) < 1e-6);
        // 100 steps of 0.1 s, and 16 s of which the last step hides what stands in DiLoCo.cs.
        Assert.Equal(0.67 * 2.59361, points.Single(p => p.Id == "b").Predicted, 1e-4);
    }

    [Fact]
    public void A_model_without_data_parallel_rows_takes_its_step_as_printed()
    {
        var point = Assert.Single(Run(Head + "a,10B,48,0.8s,DiLoCo H=100,50,1.4\n").Points);
        Assert.Contains("step time as printed", point.Note, StringComparison.Ordinal);
        Assert.InRange(point.Predicted, 1.3, 1.8);
    }

    [Theory]
    [InlineData("a,10B,48,0.8s,Gossip,50,1.4", "the method 'Gossip' is not known")]
    [InlineData("a,10B,47,0.8s,Streaming DiLoCo,50,1.4", "the method 'Streaming DiLoCo' is not known")]
    [InlineData("a,tiny,48,0.8s,Data-Parallel,50,1.4", "doesn't say its parameters")]
    [InlineData("a,10B,48,0.8s,DiLoCo H=0,50,1.4", "the method 'DiLoCo H=0' is not known")]
    public void What_is_not_known_is_skipped(string row, string reason) =>
        Assert.Contains(reason, Assert.Single(Run(Head + row + "\n").Skipped).Reason, StringComparison.Ordinal);

    [Theory]
    [InlineData("a,10B,48,0.8kg,Data-Parallel,50,1.4", "column 'step_time'")]
    [InlineData("a,10B,48,0s,Data-Parallel,50,1.4", "expected a time above 0")]
    [InlineData("a,10B,0,0.8s,Data-Parallel,50,1.4", "column 'layers'")]
    [InlineData("a,10B,48,0.8s,Data-Parallel,100,1.4", "column 'compute_utilisation_pct'")]
    [InlineData("a,10B,48,0.8s,Data-Parallel,50,-1", "column 'bandwidth'")]
    [InlineData("a,10B,48,0.8s,Data-Parallel,50,much", "column 'bandwidth'")]
    public void A_wrong_cell_is_named(string row, string message)
    {
        var e = Assert.Throws<InputException>(() => Run(Head + row + "\n"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("41.4 / 103", "expected 3 numbers")]
    [InlineData("41.4 / x / 95.7", "expected numbers above 0")]
    [InlineData("41.4 / -103 / 95.7", "expected numbers above 0")]
    public void A_wrong_value_of_a_run_is_named(string value, string message)
    {
        const string Text = "id,system,model,scope,metric,value,notes\nb,s,m,no comm baseline,MFU,43.3,100 inner steps = 38 min\na,s,m,USA,MFU / all-reduce s / CU %,";
        var e = Assert.Throws<InputException>(() => Run(Text + value + ",\n"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }

    [GeneratedRegex(",calibrate,")]
    private static partial Regex Calibrate();
}
