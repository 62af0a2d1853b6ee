// The ten lines of docs/libraries.md between the marks, compiled here so that they stay true.

using Lightloom.Planning;

namespace Lightloom.Architecture.Tests;

static class LibraryExample
{
    public static void Run(string path, TextWriter output)
    {
        // example
        var evaluator = new Evaluator(); // keep one for many designs: it remembers parts
        var evaluation = evaluator.Evaluate(DesignDocument.Load(path));
        var plan = evaluation.Build.Plan;
        output.WriteLine($"{plan.AcceleratorCount:N0} accelerators, {plan.SwitchCount:N0} switches, {plan.LinkCount:N0} links");
        foreach (var link in evaluation.Build.Links)
            output.WriteLine($"{link.Class.Name}: {link.Class.Count:N0} up to {link.Longest}, margin {link.WorstMargin}");
        if (evaluation.Outcome is { } outcome)
            output.WriteLine($"a step takes {outcome.Step.Time}; {outcome.EffectiveTokensPerSecond:N0} tokens/s with failures");
        foreach (var finding in evaluation.Findings)
            output.WriteLine($"{finding.Severity}: {finding.Message}");
        // end of example
    }
}
