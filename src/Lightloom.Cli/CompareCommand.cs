using System.CommandLine;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom compare A B ... [--json]</c>.</summary>
static class CompareCommand
{
    public static Command Make()
    {
        var designs = new Argument<string[]>("designs") { Description = "two or more design documents", Arity = new(2, 20) };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("compare", "Put designs side by side, with the differences from the first.") { designs, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var evaluator = new Evaluator();
            var evaluations = parsed.GetValue(designs)!.Select(d => evaluator.Evaluate(ModelInput.LoadDesign(d))).ToList();
            if (parsed.GetValue(json)) output.WriteLine(ComparisonJson.Write(evaluations));
            else ComparisonReport.Write(output, evaluations);
            return CommandRunner.Success;
        }));
        return command;
    }
}
