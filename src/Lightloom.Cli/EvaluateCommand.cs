using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom evaluate DESIGN [--with FILE] [--prices BOOK] [--json] [--plot FILE] [--strict]</c>.</summary>
static class EvaluateCommand
{
    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML)" };
        var with = new Option<string?>("--with") { Description = "keys that replace the design's own, such as 'collective compare --refit' writes", HelpName = "file" };
        var prices = new Option<string?>("--prices") { Description = "a price book in the place of the catalogue's prices; amounts stay in USD", HelpName = "file" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw the step to a .svg or .png file", HelpName = "file" };
        var strict = new Option<bool>("--strict") { Description = "exit with 1 when the design does not work as it stands" };
        var command = new Command("evaluate", "Report on a design: links, fabric, step, goodput, power, cost, bottleneck.") { design, with, prices, json, plot, strict };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var file = parsed.GetValue(plot);
            if (file is not null) PlotFile.CheckName(file);
            var catalog = parsed.GetValue(prices) is { } book ? PriceBook.Load(book).Catalog : null;
            var evaluation = new Evaluator(catalog).Evaluate(ModelInput.LoadDesign(parsed.GetValue(design)!, catalog, parsed.GetValue(with)));
            if (file is not null)
            {
                if (evaluation.Outcome is not { } outcome) throw new InputException("--plot draws a training step, and the design has no job");
                StepPlot.Save(file, evaluation.Build.Document.Design.Name, outcome.Step);
            }
            if (parsed.GetValue(json)) output.WriteLine(EvaluationJson.Write(evaluation));
            else EvaluationReport.Write(output, evaluation);
            return parsed.GetValue(strict) && evaluation.Worst == Severity.Infeasible ? CommandRunner.Infeasible : CommandRunner.Success;
        }));
        return command;
    }
}
