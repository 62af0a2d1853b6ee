using Lightloom.Catalog.Documents;
using Lightloom.Interop.AstraSim;
using Lightloom.Planning.Validation;

namespace Lightloom.Interop.Tests.AstraSim;

/// <summary><c>validate simulation</c> on tables of ASTRA-sim's cycles whose inputs follow from their rows.</summary>
public sealed class AstraSimValidationTests : IDisposable
{
    const string Head = "backend,coll,topo,npus,n,comm_size,alg,bw,lat,sys,cycles_max\n";

    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    ValidationResult Run(string text)
    {
        var file = Path.Combine(folder, "t.csv");
        File.WriteAllText(file, text);
        return ValidationResult.Of(new AstraSimValidation(), file);
    }

    // Two dimensions: 4 x 8 of a TPU pod's inputs, and a switch of 8 on a ring of 2, as measured.
    [Fact]
    public void Rows_without_files_say_enough()
    {
        var result = Run(Head +
            "unaware,all_reduce,Ring_Ring,4x8,32,67108864,ring,80.0_80.0,1000.0_1000.0,ring-a2a_ring-s1-a1-e1-m50-localBWAware.json,5434390\n" +
            "unaware,all_reduce,Switch_Ring,8x2,16,1048576,ring_ring,400_50,936.25_1000,ring_ring-a2a_ring_ring-s4-a2-e1-m3350-localBWAware.json,54954\n" +
            "aware,all_to_all,Switch,8,8,1048576,direct,50.0,500.0,halvingDoubling-a2a_direct-s4-a1-e10-m1600-localBWAware.json,23601\n");
        Assert.Equal((3, 3), (result.Rows, result.Predicted));
        Assert.Equal([5434390.0, 54954.0, 23600.0], result.Points.Select(p => p.Predicted));
        Assert.Equal(3, result.Misses.Single().Row);
    }

    [Fact]
    public void Shipped_examples_need_no_files()
    {
        var result = Run("backend,example,cycles_max\nunaware,\"all_gather 16npus 1MB, Ring_16npus.yml, Ring_4chunks.json\",323560\n" +
            "aware,\"HGX-H100-validated: all_reduce 8npus 1MB (Switch 8, 400 GB/s, 936.25 ns)\",57426\naware,tests/rt_template (reference 117780),117780\nunaware,something else,1\n");
        Assert.Equal((4, 3), (result.Rows, result.Predicted));
        Assert.Empty(result.Misses);
    }

    [Theory]
    [InlineData("there is no topology 'Rung'; did you mean 'Ring'?", "unaware,all_reduce,Rung,8,8,1024,ring,50,500,ring-a2a_ring-s4-a1-e10-m1600-baseline.json,1")]
    [InlineData("expected aware or unaware, found 'x'", "x,all_reduce,Ring,8,8,1024,ring,50,500,ring-a2a_ring-s4-a1-e10-m1600-baseline.json,1")]
    [InlineData("did you mean 'all_reduce'?", "aware,all_reduc,Ring,8,8,1024,ring,50,500,ring-a2a_ring-s4-a1-e10-m1600-baseline.json,1")]
    [InlineData("there is no such file, and its name isn't ALG-a2a_ALG", "aware,all_reduce,Ring,8,8,1024,ring,50,500,mine.json,1")]
    [InlineData("its network has 8 ranks, and the row 9", "aware,all_reduce,Ring,8,9,1024,ring,50,500,ring-a2a_ring-s4-a1-e10-m1600-baseline.json,1")]
    [InlineData("expected 2 numbers, one for each dimension of 'Ring_Ring'", "aware,all_reduce,Ring_Ring,2x2x2,8,1024,ring,50,500,ring-a2a_ring-s4-a1-e10-m1600-baseline.json,1")]
    public void A_wrong_row_is_told_with_its_place(string message, string row) => Assert.Contains(message, Assert.Throws<InputException>(() => Run(Head + row + "\n")).Message, StringComparison.Ordinal);
}
