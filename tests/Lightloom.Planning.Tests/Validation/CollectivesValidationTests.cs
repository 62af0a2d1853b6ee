using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>Collectives beside published runs, and the networks understood from their descriptions.</summary>
public sealed class CollectivesValidationTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    static readonly Lazy<ValidationResult> Shipped = new(static () =>
        ValidationResult.Of(ValidationKinds.Find("collectives"), Path.Combine(Designs.Root, "data", "validation", "collectives")));

    [Fact]
    public void Every_shipped_run_is_predicted()
    {
        Assert.Equal(["expert_parallel.csv", "measured.csv", "rail_alignment_efa.csv"], Shipped.Value.Files);
        Assert.Equal((510 + 12 + 24, 510 + 12 + 24), (Shipped.Value.Rows, Shipped.Value.Predicted));
        Assert.Empty(Shipped.Value.Skipped);
    }

    // Medians that must not get worse; 64 KiB to 1 MiB and 1 to 32 MiB depend on launchers that the tables don't tell.
    [Theory]
    [InlineData("<= 64 KiB", 0.105), InlineData("64 KiB to 1 MiB", 0.145), InlineData("1 to 32 MiB", 0.105)]
    [InlineData("32 to 512 MiB", 0.04), InlineData("> 512 MiB", 0.02)]
    public void Median_errors_by_band_do_not_grow(string band, double limit)
    {
        var group = Assert.Single(Shipped.Value.Groups, g => g.By == "band" && g.Name == band);
        Assert.InRange(group.MedianAbsError, 0, limit);
    }

    [Fact]
    public void Nine_in_ten_published_points_of_each_band_lie_inside_it() =>
        Assert.All(Shipped.Value.Groups.Where(g => g.By == "band"), g => Assert.InRange(g.InsideBand!.Value, 0.9, 1));

    [Theory]
    [InlineData(16, 2, "A100-80GB", "4x100G EFA", "NVLink3+EFA", 8, 50, "efa-unordered")]
    [InlineData(16, 2, "NVIDIA H100 80GB HBM3", "32x100G EFA", "NVLink4+EFA", 8, 400, "efa")]
    [InlineData(16, 2, "H200", "16x200G EFA", "NVLink4+EFA", 8, 400, "efa")]
    [InlineData(16, 2, "H100", "16x 200G RoCEv2 (8x2x200)", "NVLink4", 8, 400, "rocev2")]
    [InlineData(16, 2, "B200", "8x CX-7 NDR400 IB", "NVLink5+IB NDR", 8, 400, "infiniband")]
    [InlineData(16, 2, "H200", "8x NDR", "NVLink4", 8, 400, "infiniband")]
    [InlineData(144, 36, "GB200", "NDR400 IB per GPU", "NVLink5 NVL72 + IB", 72, 400, "infiniband")]
    [InlineData(8, 2, "GH200", "4x200G Slingshot-11", "NVLink4+Slingshot", 4, 200, "slingshot")]
    public void A_network_is_understood_from_its_hardware(
        int ranks, int nodes, string gpu, string nic, string fabric, int domain, double gigabits, string mechanism)
    {
        var cluster = MeasuredCluster.Of(PartCatalog.Default, ranks, nodes, gpu, nic, fabric);
        var sustained = PartCatalog.Default.Get<CollectiveParameters>(mechanism).Sustained.Value;
        Assert.Equal(mechanism, cluster.Mechanism);
        Assert.Equal(domain, cluster.Group.Within(0));
        Assert.Equal(gigabits * sustained, cluster.Levels[1].Bandwidth.GigabitsPerSecond, 1e-6);
        Assert.Empty(cluster.Note);
    }

    [Fact]
    public void All_to_all_slows_down_with_every_rack_boundary()
    {
        Duration Time(int racks)
        {
            var cluster = MeasuredCluster.Of(PartCatalog.Default, 72 * racks, 18 * racks, "GB200", "NDR400 IB per GPU", "NVLink5 NVL72 + IB");
            return CollectiveModel.Default.Time(CollectiveKind.AllToAll, DataSize.FromBytes(1 << 30), cluster.Group, cluster.Levels).Total;
        }
        Assert.True(Time(2) > Time(1) * 3 && Time(4) > Time(2) * 1.3);
    }

    [Fact]
    public void What_is_not_known_is_skipped_with_its_reason_and_what_is_malformed_is_refused()
    {
        const string Header = "id,system,gpus,nodes,gpu,nic,fabric,collective,algo,size_bytes,time_us\n";
        var file = Path.Combine(folder, "t.csv");
        File.WriteAllText(file, Header + "a,s,8,1,X1,none,NVLink,all_reduce,auto,1024,10\na,s,8,3,H100,none,NVLink,all_reduce,auto,1024,10\n"
            + "a,s,8,1,H100,none,NVLink,hypercube,auto,1024,10\na,s,8,1,H100,none,NVLink,all_reduce,auto,1024,\n");
        var result = ValidationResult.Of(ValidationKinds.Find("collectives"), file);
        Assert.Equal(0, result.Predicted);
        Assert.Equal(["unknown accelerator 'X1'", "8 GPUs do not divide over 3 nodes", "unknown collective 'hypercube'", "it has no time"],
            result.Skipped.Select(s => s.Reason));
        File.WriteAllText(file, Header + "a,s,8,1,H100,none,NVLink,all_reduce,auto,-4,10\n");
        var wrong = Assert.Throws<InputException>(() => ValidationResult.Of(ValidationKinds.Find("collectives"), file));
        Assert.Equal(2, wrong.Mark!.Value.Line);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
