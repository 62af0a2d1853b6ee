namespace Lightloom.Cli.Tests;

/// <summary><c>collective fit</c> on a user's own table.</summary>
public sealed class CollectiveFitCommandTests : IDisposable
{
    const string Header = "id,system,gpus,nodes,gpu,nic,fabric,collective,algo,size_bytes,time_us\n";

    readonly string folder = Directory.CreateTempSubdirectory("lightloom-").FullName;

    string Table(string rows)
    {
        var file = Path.Combine(folder, "t.csv");
        File.WriteAllText(file, Header + rows);
        return file;
    }

    static string Rows(string system, double longer) => string.Concat(Enumerable.Range(10, 21).Select(p => FormattableString.Invariant(
        $"{system},{system},8,1,H100,none,NVLink4,all_gather,auto,{1L << p},{longer * (20 + (1L << p) / 4e5)}\n")));

    [Fact]
    public void One_class_of_systems_can_be_fitted_but_makes_no_bands_of_the_other()
    {
        var file = Table(Rows("a", 1) + Rows("b", 1.1));
        var (code, output, error) = Cli.Run("collective", "fit", "--data", file);
        Assert.True(code == 0, error);
        Assert.Contains("42 rows of 2 systems", output, StringComparison.Ordinal);
        var (parts, bands) = (Path.Combine(folder, "parts.yaml"), Path.Combine(folder, "bands.yaml"));
        (code, output, error) = Cli.Run("collective", "fit", "--data", file, "--parameters", parts, "--accuracy", bands);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("no row of", error, StringComparison.Ordinal);
        Assert.False(File.Exists(parts) || File.Exists(bands));
    }

    [Theory]
    [InlineData("a,a,8,1,X1,none,NVLink4,all_gather,auto,1024,20\n", "none of 1 rows can be used: unknown accelerator 'X1'")]
    [InlineData("a,a,8,1,H100,none,NVLink4,all_gather,auto,-1,20\n", "size_bytes")]
    public void Tables_of_no_use_are_refused(string rows, string expected)
    {
        var (code, output, error) = Cli.Run("collective", "fit", "--data", Table(rows));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(expected, error, StringComparison.Ordinal);
    }

    [Fact]
    public void Beliefs_that_say_something_else_are_refused_with_their_place()
    {
        var beliefs = Path.Combine(folder, "beliefs.yaml");
        File.WriteAllText(beliefs, "classes: {}\nmechanism: {}\n");
        var (code, _, error) = Cli.Run("collective", "fit", "--data", Table(Rows("a", 1)), "--beliefs", beliefs);
        Assert.Equal(2, code);
        Assert.Contains("mechanisms", error, StringComparison.Ordinal);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
