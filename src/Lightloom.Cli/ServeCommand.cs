using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Serving;

namespace Lightloom.Cli;

/// <summary><c>lightloom serve DESIGN [--rate R] [--json] [--plot FILE] [--strict]</c>: a model that is served, against load.</summary>
static class ServeCommand
{
    const double MostPerSecond = 1e9;

    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML), with a section 'serving'" };
        var rate = new Option<string?>("--rate") { Description = "requests that arrive in a second; the design's unless given", HelpName = "number" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw both times against the rate to a .svg or .png file", HelpName = "file" };
        var strict = new Option<bool>("--strict") { Description = "exit with 1 when the model doesn't fit, the queue grows, or an objective is missed" };
        var command = new Command("serve", "A model served to users: time to the first token and per token against load, the largest rate, and what binds.")
        {
            design, rate, json, plot, strict,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            double? asked = parsed.GetValue(rate) is { } text ? Rate(text) : null;
            var study = ServingStudy.Of(ModelInput.LoadDesign(parsed.GetValue(design)!), asked);
            if (parsed.GetValue(plot) is { } file)
            {
                if (study.System is null) throw new InputException($"--plot: there is nothing to draw: {study.Problem}");
                ServePlot.Save(file, study);
            }
            if (parsed.GetValue(json)) output.WriteLine(ServingJson.Write(study));
            else ServeReport.Write(new(output), study);
            return parsed.GetValue(strict) && !study.Works ? CommandRunner.Infeasible : CommandRunner.Success;
        }));
        return command;
    }

    static double Rate(string text) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= MostPerSecond
            ? rate
            : throw new InputException($"--rate: expected a number of requests a second above 0, at most {MostPerSecond:N0}; found '{text}'");
}
