using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Comparisons;

namespace Lightloom.Cli;

/// <summary><c>lightloom compare A B ... | --over NAME DESIGN [--auto] [--prices BOOK] [--json] [--plot FILE] [--write FOLDER]</c>.</summary>
static class CompareCommand
{
    public static Command Make()
    {
        var designs = new Argument<string[]>("designs") { Description = "two or more design documents, or one with --over", Arity = new(1, 20) };
        var over = new Option<string?>("--over")
        {
            Description = $"compare ways to build one design: {string.Join(", ", ComparisonSets.All.Select(s => $"{s.Name} ({s.Title})"))}",
            HelpName = "name",
        };
        var auto = new Option<bool>("--auto") { Description = "every design with the parallelism that is best for it" };
        var prices = new Option<string?>("--prices") { Description = "a price book in the place of the catalogue's prices; amounts stay in USD", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw cost per million tokens over tokens/s (without jobs capital over bandwidth), with their ranges, to a .svg or .png file", HelpName = "file" };
        var write = new Option<string?>("--write") { Description = "with --over: write the variants as design documents to a folder", HelpName = "folder" };
        var command = new Command("compare", "Put designs, or ways to build one, side by side, with the differences from the first.") { designs, over, auto, prices, json, plot, write };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            var (files, set, folder) = (parsed.GetValue(designs)!, parsed.GetValue(over) is { } name ? ComparisonSets.Find(name) : null, parsed.GetValue(write));
            if (set is null && files.Length < 2) throw new InputException($"compare needs two designs or more, or one with --over and one of {string.Join(", ", ComparisonSets.All.Select(s => s.Name))}");
            if (set is not null && files.Length > 1) throw new InputException($"--over compares ways to build one design; found {files.Length}");
            if (set is null && folder is not null) throw new InputException("--write writes the variants of --over");
            var catalog = parsed.GetValue(prices) is { } book ? PriceBook.Load(book).Catalog : null;
            var documents = files.Select(f => ModelInput.LoadDesign(f, catalog)).Select(d => parsed.GetValue(auto) ? d.Changed([new("job.parallelism", "auto")]) : d).ToList();
            if (parsed.GetValue(auto) && documents.FirstOrDefault(d => d.Root.Find("job") is not MappingNode job || job.Find("model") is null) is { } idle)
                throw idle.Wrong("job", "--auto chooses the parallelism of a job, and the design has none");
            var study = set is null ? ComparisonStudy.Of(documents) : ComparisonStudy.Of(documents[0], set);
            if (folder is not null) ComparisonFiles.Write(study, files[0], folder);
            if (parsed.GetValue(plot) is { } drawing) ComparisonPlot.Save(drawing, study);
            if (parsed.GetValue(json)) output.WriteLine(ComparisonJson.Write(study));
            else ComparisonReport.Write(output, study);
            return CommandRunner.Success;
        }));
        return command;
    }
}
