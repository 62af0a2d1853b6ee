namespace Lightloom.Cli.Tests;

/// <summary><c>train fit</c> on small tables: what is wrong with them, and what is written of them.</summary>
public sealed class TrainFitCommandTests : IDisposable
{
    readonly Scratch folder = new();

    public void Dispose() => folder.Dispose();

    static string Published(string name) => Path.Combine(Cli.Root, "data", "validation", "training", name + ".csv");

    static string Catalogue => File.ReadAllText(Path.Combine(Cli.Root, "data", "catalog", "kernel-performance.yaml"));

    static string Ok(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(["train", "fit", "--seen-only", .. arguments]);
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    static string Refused(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(["train", "fit", "--seen-only", .. arguments]);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal(1, error.Count(c => c == '\n'));
        return error;
    }

    // Sixteen rows of one stack, enough for their figures to be written.
    static string[] Ampere => ["--data", Published("korthikanti2022"), "--data", Published("megatron2021_table1"), "--data", Published("megatron2021_table2_zero3")];

    [Fact]
    public void A_small_table_is_fitted()
    {
        var output = Ok("--data", Published("korthikanti2022"));
        Assert.Contains("4 rows of 1 stacks; 0 rows skipped.", output, StringComparison.Ordinal);
        Assert.Contains("turing-530B", output, StringComparison.Ordinal);
        // A folder is its tables of steps, and nothing else that lies in it.
        File.Copy(Published("korthikanti2022"), folder["a.csv"]);
        folder.Write("name,colour\nx,red\n", "b.csv");
        static string Squeezed(string text, string table) => string.Join(' ', text.Replace(table, "a", StringComparison.Ordinal).Split([' ', '\n', '-'], StringSplitOptions.RemoveEmptyEntries));
        Assert.Equal(Squeezed(output, "korthikanti2022"), Squeezed(Ok("--data", folder.Folder), "a"));
    }

    [Fact]
    public void Data_of_no_use_are_refused_in_one_line()
    {
        Assert.Contains("there is no file", Refused("--data", folder["none"]), StringComparison.Ordinal);
        Assert.Contains("holds no table of training steps; expected the columns id, model, gpus", Refused("--data", folder.Folder), StringComparison.Ordinal);
        Assert.Contains("lacks columns of training steps; expected id, model, gpus", Refused("--data", Published("other_models")), StringComparison.Ordinal);
        var lines = File.ReadAllLines(Published("korthikanti2022"));
        Assert.Contains("no row can be used: ", Refused("--data", folder.Write($"{lines[0]}\n{lines[1].Replace("A100-SXM-80GB", "X1", StringComparison.Ordinal)}\n", "unknown.csv")), StringComparison.Ordinal);
        var wrong = Refused("--data", folder.Write($"{lines[0]}\n{lines[1].Replace(",1.42,", ",many,", StringComparison.Ordinal)}\n", "cell.csv"));
        Assert.Contains("cell.csv", wrong, StringComparison.Ordinal);
        Assert.Contains("many", wrong, StringComparison.Ordinal);
    }

    [Fact]
    public void Fitted_figures_are_written_where_their_parts_stand()
    {
        var kernels = folder.Write(Catalogue, "kernels.yaml");
        Ok([.. Ampere, "--kernels", kernels]);
        var written = File.ReadAllText(kernels);
        Assert.Equal(Catalogue.Count(c => c == '\n'), written.Count(c => c == '\n'));
        string[] before = Catalogue.Split('\n'), after = written.Split('\n');
        var changed = Enumerable.Range(0, before.Length).Where(i => before[i] != after[i]).ToList();
        Assert.NotEmpty(changed);
        Assert.All(changed, i => Assert.Equal(before[i][..before[i].IndexOf(':', StringComparison.Ordinal)], after[i][..after[i].IndexOf(':', StringComparison.Ordinal)]));
        // Too few rows leave the file as it is.
        File.WriteAllText(kernels, Catalogue);
        Ok("--data", Published("korthikanti2022"), "--kernels", kernels);
        Assert.Equal(Catalogue, File.ReadAllText(kernels));
    }

    [Fact]
    public void A_page_gets_its_section_and_keeps_the_others()
    {
        var page = folder.Write("# Accuracy\n\n## Links\n\nkept\n\n## Training steps\n\nold\n\n## Fabrics\n\nkept as well\n", "page.md");
        Ok("--data", Published("korthikanti2022"), "--page", page, "--others", Published("other_models"));
        var text = File.ReadAllText(page);
        Assert.StartsWith("# Accuracy\n\n## Links\n\nkept\n\n## Training steps\n\nWritten by", text, StringComparison.Ordinal);
        Assert.EndsWith("\n\n## Fabrics\n\nkept as well\n", text, StringComparison.Ordinal);
        Assert.DoesNotContain("\nold\n", text, StringComparison.Ordinal);
        Assert.Contains("| megascale_nsdi24 | Calculon | 8 |", text, StringComparison.Ordinal);
        // Again is the same again, and a page that isn't there is begun.
        Ok("--data", Published("korthikanti2022"), "--page", page, "--others", Published("other_models"));
        Assert.Equal(text, File.ReadAllText(page));
        Ok("--data", Published("korthikanti2022"), "--page", folder["new.md"]);
        Assert.StartsWith("# Accuracy\n", File.ReadAllText(folder["new.md"]), StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_all_be_written_is_not_begun()
    {
        var empty = folder.Write("other: {}\n", "empty.yaml");
        var (accuracy, page) = (folder["accuracy.yaml"], folder["page.md"]);
        Assert.Contains("has no part 'ampere-unfused'", Refused([.. Ampere, "--kernels", empty, "--accuracy", accuracy, "--page", page]), StringComparison.Ordinal);
        var kernels = folder.Write(Catalogue, "kernels.yaml");
        Assert.Contains("is a folder", Refused([.. Ampere, "--kernels", kernels, "--accuracy", accuracy, "--page", folder.Folder]), StringComparison.Ordinal);
        Assert.Contains("there is no folder", Refused([.. Ampere, "--kernels", kernels, "--accuracy", accuracy, "--page", Path.Combine(folder.Folder, "none", "page.md")]), StringComparison.Ordinal);
        Assert.Contains("is no table of other models' errors; expected table, model, rows", Refused([.. Ampere, "--kernels", kernels, "--accuracy", accuracy, "--page", page, "--others", Published("korthikanti2022")]), StringComparison.Ordinal);
        Assert.Contains("there is no file", Refused([.. Ampere, "--kernels", folder["gone.yaml"], "--accuracy", accuracy, "--page", page]), StringComparison.Ordinal);
        Assert.Equal("other: {}\n", File.ReadAllText(empty));
        Assert.Equal(Catalogue, File.ReadAllText(kernels));
        Assert.Equal(["empty.yaml", "kernels.yaml"], Directory.GetFiles(folder.Folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
    }
}
