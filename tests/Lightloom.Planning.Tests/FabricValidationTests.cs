using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests;

/// <summary>Published counts of fabrics, the shipped ones and others in the same columns.</summary>
public class FabricValidationTests
{
    static ValidationResult Of(string path) => ValidationResult.Of(ValidationKinds.Find("fabric"), path);

    static ValidationResult OfText(string text)
    {
        var file = Path.Combine(Path.GetTempPath(), $"lightloom-{Guid.NewGuid():N}.csv");
        File.WriteAllText(file, text);
        try
        {
            return Of(file);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void Every_shipped_row_is_predicted_and_one_figure_differs()
    {
        var result = Of(Path.Combine(Designs.Root, "data", "validation", "fabric"));
        Assert.Equal((74, 74, 0, 0), (result.Rows, result.Predicted, result.Skipped.Count, result.Unknown.Count));
        Assert.Equal(303, result.Points.Count);
        // data/validation/fabric/README.md says why.
        var miss = Assert.Single(result.Misses);
        Assert.Equal(("small Dragonfly", "diameter", 3.0, 2.0), (miss.Id, miss.Quantity, miss.Published, miss.Predicted));
    }

    [Fact]
    public void Rows_that_nobody_has_seen_drive_the_model()
    {
        var result = OfText("""
            topology,params,endpoints,switches
            fat-tree 2-tier,k=50,1250,75
            Slim Fly MMS,"q=49,delta=1",177674,4802
            PolarFly ER_q,q=8,365,73
            Dragonfly balanced,"p=2,a=4,h=2,g=5",40,20
            "Dragonfly+ (max, balanced)",k=10,650,260
            TPU v4 3D torus + OCS,8x8x16,1024,48
            HyperX,"L=3,S=4,T=4",256,64
            Slim Fly MMS,q=10,1,1
            Kautz,d=3,1,1
            """);
        Assert.Equal((9, 7), (result.Rows, result.Predicted));
        Assert.Empty(result.Misses);
        Assert.Equal(
            ["slim-fly needs an order that is an odd prime power, and 10 is none; the nearest possible are 9 and 11", "no topology is known by the name 'Kautz'"],
            result.Skipped.Select(s => s.Reason));
    }

    [Fact]
    public void Distances_are_searched()
    {
        // Moore: 1 and 2 hops alone; q = 9: 13 neighbours of 161. A ring of 7: 1, 2 and 3 hops, two of each.
        var result = OfText("""
            graph,routers,links,deg_min,deg_max,diameter,avg_shortest_path
            SlimFly q=9,162,1053,13,13,2,1.91925
            Torus 7,7,7,2,2,3,2
            HyperX 4x5x6,120,720,12,12,3,2.40336
            """);
        Assert.Equal(2, result.Predicted);
        Assert.Empty(result.Misses);
        Assert.Equal("a torus without its dimensions", Assert.Single(result.Skipped).Reason);
    }

    [Fact]
    public void A_cell_that_is_no_count_is_an_error()
    {
        var e = Assert.Throws<InputException>(() => OfText("topology,params,endpoints,switches\nfat-tree 2-tier,k=4,many,6\n"));
        Assert.Contains("column 'endpoints': expected a count, found 'many'", e.Problem, StringComparison.Ordinal);
    }
}
