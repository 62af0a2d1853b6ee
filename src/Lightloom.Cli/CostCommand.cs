using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom cost DESIGN [--prices BOOK] [--power 20MW] [--against TABLE.csv] [--json] [--plot FILE]</c>: what a design costs, what moves that, and what fits a feed of power.</summary>
static class CostCommand
{
    const double MostYears = 50;

    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML)" };
        var prices = new Option<string?>("--prices") { Description = "a price book (YAML): prices, assumptions and currency in the place of the catalogue's", HelpName = "file" };
        var power = new Option<string?>("--power") { Description = "a feed of power at the meter, such as 20MW: how many accelerators fit, and what a watt saved in the fabric is worth", HelpName = "power" };
        var years = new Option<string?>("--years") { Description = "time of the total cost of ownership; the systems' life unless given", HelpName = "years" };
        var samples = new Option<string?>("--samples") { Description = "samples of every range; 2000 unless given", HelpName = "number" };
        var seed = new Option<string?>("--seed") { Description = "what the samples are derived from; 1 unless given", HelpName = "number" };
        var against = new Option<string?>("--against") { Description = "a published split of a rack's cost (CSV: network_layers, server_usd, networking_usd, ...): what lies between, line by line", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units and currency in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw a year's cost by part and what moves the cost of an accelerator-hour to a .svg or .png file", HelpName = "file" };
        var command = new Command("cost", "What a design costs to own and run, by part and for each denominator, with ranges, what moves them, and what fits a feed of power.")
        {
            design, prices, power, years, samples, seed, against, json, plot,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            Power? envelope = parsed.GetValue(power) is { } watts ? PowerOf(watts) : null;
            Duration? horizon = parsed.GetValue(years) is { } time ? Years(time) : null;
            var count = parsed.GetValue(samples) is { } text ? LinkInput.Count("--samples", text, 100, CostSampling.MostSamples) : CostSampling.DefaultSamples;
            var start = parsed.GetValue(seed) is { } from ? FabricRouteCommand.Seed("--seed", from) : 1;
            var book = parsed.GetValue(prices) is { } file ? PriceBook.Load(file) : null;
            var study = CostStudy.Of(ModelInput.LoadDesign(parsed.GetValue(design)!, book?.Catalog), book, envelope, horizon, count, start);
            if (parsed.GetValue(against) is { } table) study = study with { Against = PublishedSplit.Of(study.Evaluation, CsvTable.ReadFile(table)) };
            if (parsed.GetValue(plot) is { } drawing) CostPlot.Save(drawing, study);
            if (parsed.GetValue(json)) output.WriteLine(CostJson.Write(study));
            else new CostReport(new(output), study).Write();
            return CommandRunner.Success;
        }));
        return command;
    }

    static Power PowerOf(string text)
    {
        if (!Quantity.TryParse<Power>(text, out var power, out var problem)) throw new InputException($"--power: {problem}");
        return power > Power.Zero ? power : throw new InputException($"--power: expected more than 0, found '{text}'");
    }

    static Duration Years(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var years) && years is > 0 and <= MostYears
            ? Duration.FromYears(years)
            : throw new InputException($"--years: expected a number of years above 0, at most {MostYears:N0}; found '{text}'");
}
