using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>Exchanges of experts and messages across rails beside published figures.</summary>
public sealed class ExpertTablesTests : IDisposable
{
    const string Header = "id,system,gpu,nic,fabric,mode,tokens_per_rank,hidden,topk,dispatch_dtype,combine_dtype,ep,phase,bandwidth_gbps,bw_kind,latency_us\n";

    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    static readonly Lazy<ValidationResult> Experts = new(static () => Of("expert_parallel.csv"));
    static readonly Lazy<ValidationResult> Rails = new(static () => Of("rail_alignment_efa.csv"));

    static ValidationResult Of(string file) =>
        ValidationResult.Of(ValidationKinds.Find("collectives"), Path.Combine(Designs.Root, "data", "validation", "collectives", file));

    ValidationResult Given(string text)
    {
        var file = Path.Combine(folder, "t.csv");
        File.WriteAllText(file, text);
        return ValidationResult.Of(ValidationKinds.Find("collectives"), file);
    }

    [Fact]
    public void Every_row_of_both_tables_is_predicted_and_lies_in_its_band()
    {
        Assert.Equal((12, 12, 18), (Experts.Value.Rows, Experts.Value.Predicted, Experts.Value.Points.Count));
        Assert.Equal((24, 24, 24), (Rails.Value.Rows, Rails.Value.Predicted, Rails.Value.Points.Count));
        Assert.Empty(Experts.Value.Misses);
        Assert.Empty(Rails.Value.Misses);
    }

    // Largest errors that must not grow: what the parts' notes say.
    [Theory]
    [InlineData("throughput", 0.065), InlineData("low latency", 0.045)]
    public void Errors_by_mode_do_not_grow(string mode, double limit)
    {
        var group = Assert.Single(Experts.Value.Groups, g => g.By == "mode" && g.Name == mode);
        Assert.InRange(group.MaxAbsError, 0, limit);
    }

    [Theory]
    [InlineData("cross-rail", 0.07), InlineData("rail-aligned", 0.045)]
    public void Median_errors_by_pattern_do_not_grow(string pattern, double limit)
    {
        var group = Assert.Single(Rails.Value.Groups, g => g.By == "pattern" && g.Name == pattern);
        Assert.InRange(group.MedianAbsError, 0, limit);
    }

    // One size against the other is what the published tables agree on: aligned beats crossed, and by about two.
    [Fact]
    public void Predictions_keep_the_order_of_the_published_pairs()
    {
        var pairs = Rails.Value.Points.GroupBy(p => p.Id.Replace("cross-rail", "").Replace("rail-aligned", "")).ToList();
        Assert.Equal(12, pairs.Count);
        Assert.All(pairs, pair =>
        {
            var aligned = Assert.Single(pair, p => p.Id.Contains("rail-aligned"));
            var crossed = Assert.Single(pair, p => p.Id.Contains("cross-rail"));
            Assert.InRange(aligned.Published / crossed.Published, 1.5, 2.8);
            Assert.InRange(aligned.Predicted / crossed.Predicted, 1.5, 2.8);
        });
    }

    // The published figures: 623 GB/s of busbw in a rack of 64, 90 over two racks.
    [Fact]
    public void All_to_all_falls_with_every_rack_boundary()
    {
        double BusBandwidth(int racks)
        {
            int ranks = 72 * racks;
            const double size = 8L << 30;
            var cluster = MeasuredCluster.Of(PartCatalog.Default, ranks, 18 * racks, "GB200", "4x400G RoCE/node", racks > 1 ? "NVLink5 NVL72 + RoCE" : "NVLink5 NVL72");
            var time = CollectiveModel.Default.Time(CollectiveKind.AllToAll, DataSize.FromBytes(size), cluster.Group, cluster.Levels).Total;
            return size / time.Seconds * (ranks - 1) / ranks / 1e9;
        }
        double[] racks = [.. new[] { 1, 2, 3, 4, 8, 16 }.Select(BusBandwidth)];
        Assert.InRange(racks[0], 560, 690);
        Assert.InRange(racks[1], 80, 100);
        // Each further rack takes more of the traffic out of the rack; what is left is what one card carries.
        Assert.All(racks.Zip(racks.Skip(1)), pair => Assert.True(pair.Second < pair.First));
        Assert.All(racks, b => Assert.True(b > 40));
    }

    [Fact]
    public void Optional_columns_are_taken_and_other_systems_predicted()
    {
        var text = Header.TrimEnd() + ",experts,node_limit\n";
        double Predicted(string experts, string limit) =>
            Assert.Single(Given(text + $"a,s,H100,8x NDR,NVLink4+IB,normal,4096,7168,8,FP8,BF16,64,dispatch,50,RDMA,,{experts},{limit}\n").Points).Predicted;
        // A token that may reach more domains sends more copies, and the same fabric carries them at the same rate or better.
        Assert.NotEqual(Predicted("256", "2"), Predicted("256", "8"));
        var rack = Assert.Single(Given(Header + "a,s,GB200,NDR400 IB per GPU,NVLink5 NVL72 + IB,low_latency,128,7168,8,FP8,BF16,144,combine,,RDMA,100\n").Points);
        Assert.InRange(rack.Predicted, 50, 1000);
    }

    [Fact]
    public void What_is_not_known_is_skipped_with_its_reason()
    {
        const string Rest = ",4096,7168,8,FP8,BF16,16,dispatch,50,RDMA,\n";
        var result = Given(Header
            + "a,s,X1,8x NDR,NVLink+IB,normal" + Rest
            + "a,s,H100,8x NDR,NVLink+IB,quick" + Rest
            + "a,s,H100,8x NDR,NVLink+IB,normal,4096,7168,8,FP4,BF16,16,dispatch,50,RDMA,\n"
            + "a,s,H100,8x NDR,NVLink+IB,normal,4096,7168,8,FP8,BF16,16,scatter,50,RDMA,\n"
            + "a,s,H100,8x NDR,NVLink+IB,normal,4096,7168,8,FP8,BF16,16,combine,50,PCIe,\n"
            + "a,s,H100,8x NDR,NVLink+IB,normal,4096,7168,8,FP8,BF16,16,combine,,RDMA,\n");
        Assert.Equal(0, result.Predicted);
        Assert.Equal(["unknown accelerator 'X1'", "unknown mode 'quick'", "unknown precision 'FP4'", "unknown phase 'scatter'",
            "unknown kind of bandwidth 'PCIe'", "it has no figure that the models predict"], result.Skipped.Select(s => s.Reason));
        var rails = Given("system,pattern,message_kb,throughput_gbps\n2x AWS p9,cross-rail,8,6\n2x AWS p5,diagonal,8,6\n");
        Assert.Equal(["unknown instance '2x AWS p9'", "unknown pattern 'diagonal'"], rails.Skipped.Select(s => s.Reason));
    }

    [Fact]
    public void What_is_malformed_is_refused_with_its_place()
    {
        var wrong = Assert.Throws<InputException>(() => Given(Header + "a,s,H100,8x NDR,IB,normal,4096,7168,8,FP8,BF16,none,dispatch,50,RDMA,\n"));
        Assert.Contains("ep", wrong.Message);
        Assert.Throws<InputException>(() => Given("system,pattern,message_kb,throughput_gbps\n2x AWS p5,cross-rail,-8,6\n"));
    }

    /// <inheritdoc/>
    public void Dispose() => Directory.Delete(folder, true);
}
