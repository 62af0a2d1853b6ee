using Lightloom.Catalog.Documents;
using Lightloom.Planning.Advice;
using Lightloom.Planning.Claims;

namespace Lightloom.Cli;

/// <summary>Writes <c>docs/two-layers.md</c>: what a decision maker needs of the scenarios and the claims. No figure on it is typed by hand.</summary>
static class TwoLayersPage
{
    const string Picture = "advice.svg";

    public static void Write(string file, IReadOnlyList<AdviceAnswer> answers, IReadOnlyList<ClaimAnswer> claims)
    {
        var name = Path.GetFileNameWithoutExtension(file);
        var folder = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(file))!, name);
        Directory.CreateDirectory(folder);
        var ordered = answers.OrderBy(a => a.Claim?.Id, StringComparer.Ordinal).ToList();
        AdvicePlot.Save(Path.Combine(folder, Picture), ordered);
        OutputFile.Write(file, writer => Text(writer, $"{name}/{Picture}", ordered, claims));
    }

    static void Text(TextWriter output, string picture, List<AdviceAnswer> answers, IReadOnlyList<ClaimAnswer> claims)
    {
        output.WriteLine("# The two layers, recomputed");
        output.WriteLine();
        output.WriteLine("An AI cluster's network has two layers: the light (cables, modules, fibre) and the loom (topology, switches, cards, protocol). This page says which of them");
        output.WriteLine("to spend on, for eight questions that come up, and what would change each answer. It is written by `lightloom advise --page docs/two-layers.md` from the");
        output.WriteLine("scenarios in `examples/scenarios/` and the claims of [claims.md](claims.md); no figure on it is typed by hand. How answers come about says [advice.md](advice.md).");
        output.WriteLine();
        output.WriteLine("## In short");
        output.WriteLine();
        output.WriteLine("| question | said | computed: spend on | what pays most | it buys | best in | runner-up |");
        output.WriteLine("|---|---|---|---|---|---:|---|");
        foreach (var a in answers)
            output.WriteLine($"| [{Cell(a.Question)}](#{a.Scenario}) | {Said(a)} | {(a.Best is { } best ? $"**{LayerNames.Of(best.Layer)}**" : "neither")} | {Cell(a.Best?.Name ?? "nothing")} | {Cell(a.Best?.Buys.Text ?? "")} | {Sure(a)} | {Cell(a.RunnerUp is { } next ? $"{next.Name}: {next.Buys.Text}" : "none")} |");
        output.WriteLine();
        foreach (var line in Counted(answers)) output.WriteLine(line);
        output.WriteLine();
        output.WriteLine($"Best in: the share of {AdviceCertainty.Samples:N0} samples of prices, power of parts, rates of failures and errors of the models in which the same change pays most.");
        output.WriteLine();
        output.WriteLine($"![What the best changes of each layer buy, with ranges]({picture})");
        foreach (var answer in answers) One(output, answer, claims);
        output.WriteLine();
        output.WriteLine("## What is said about the layers");
        output.WriteLine();
        output.WriteLine($"{ClaimsReport.Counted(claims)} Those that don't hold as they are said:");
        output.WriteLine();
        foreach (var claim in claims.Where(c => c.Verdict == ClaimVerdict.DoesNotHold)) output.WriteLine($"* [{claim.Claim.Id}](claims.md#{claim.Claim.Id.ToLowerInvariant()}) *{ClaimsReport.Said(claim.Claim)}*: {claim.Reason}");
        output.WriteLine();
        output.WriteLine("And those that hold only under a condition:");
        output.WriteLine();
        foreach (var claim in claims.Where(c => c.Verdict == ClaimVerdict.HoldsIf)) output.WriteLine($"* [{claim.Claim.Id}](claims.md#{claim.Claim.Id.ToLowerInvariant()}) *{ClaimsReport.Said(claim.Claim)}*: if {claim.Condition}.");
    }

    static IEnumerable<string> Counted(List<AdviceAnswer> answers)
    {
        var layers = answers.GroupBy(a => a.Best?.Layer).OrderByDescending(g => g.Count()).ThenBy(g => g.Key).Select(g => $"{(g.Key is { } layer ? LayerNames.Of(layer) : "neither")} in {g.Count()}");
        yield return $"Of {answers.Count} questions: {string.Join(", ", layers)}.";
    }

    static void One(TextWriter output, AdviceAnswer answer, IReadOnlyList<ClaimAnswer> claims)
    {
        output.WriteLine();
        output.WriteLine($"<a id=\"{answer.Scenario}\"></a>");
        output.WriteLine();
        output.WriteLine($"## {answer.Question}");
        output.WriteLine();
        output.WriteLine($"**{AdviceReport.Short(answer)}** {answer.Reason}{(answer is { Best: { } best, Certainty: { } certainty } ? $" {certainty.Say(best)}" : "")}");
        output.WriteLine();
        if (answer.Options.Count > 0)
        {
            output.WriteLine("| change | layer | buys | capital, MUSD | for a million USD | at the meter, kW |");
            output.WriteLine("|---|---|---:|---:|---:|---:|");
            foreach (var o in answer.Options) output.WriteLine($"| {Cell(o.Name)} | {AdviceReport.Layer(o)} | {Cell(o.Buys.Text)} | {AdviceReport.Capital(o)} | {Cell(AdviceReport.PerMillion(o))} | {AdviceReport.Meter(o)} |");
            output.WriteLine();
        }
        if (answer.Standing.Count > 0)
        {
            output.WriteLine("| | as it stands | with the change that pays most |");
            output.WriteLine("|---|---:|---:|");
            foreach (var s in answer.Standing) output.WriteLine($"| {Cell(s.Now.Name)} | {s.Now.Text} | {s.Then?.Text} |");
            output.WriteLine();
        }
        if (answer.Refused.Count > 0)
        {
            output.WriteLine($"Refused: {string.Join("; ", answer.Refused.Select(o => $"{o.Name} ({o.Refused})"))}.");
            output.WriteLine();
        }
        if (AdviceReport.Movers(answer) is { Count: > 0 } movers)
        {
            output.WriteLine("What moves it most:");
            output.WriteLine();
            foreach (var mover in movers) output.WriteLine($"* {mover}");
            output.WriteLine();
        }
        output.WriteLine("What would change it:");
        output.WriteLine();
        foreach (var flip in answer.Flips) output.WriteLine($"* {flip.Text}");
        output.WriteLine();
        output.WriteLine($"On {string.Join("; ", answer.On)}. Assumed: {string.Join("; ", answer.Assumptions)}. Weakest figure: {DocumentShape.NameOf(answer.Weakest)}.");
        if (answer.Claim is not { } claim || claims.FirstOrDefault(c => c.Claim.Id == claim.Id) is not { } verdict) return;
        output.WriteLine();
        output.WriteLine($"The standing recommendation, *{claim.Text}* ([{claim.Id}](claims.md#{claim.Id.ToLowerInvariant()})), {ClaimsReport.Verdict(verdict)}{(verdict.Condition.Length > 0 ? $" {verdict.Condition}" : "")}. Run: `lightloom advise {answer.Scenario}`.");
    }

    static string Sure(AdviceAnswer answer) => answer.Certainty is { } certainty ? $"{100 * certainty.Best:0.#} %" : "";

    static string Said(AdviceAnswer answer) => answer.Claim?.Published ?? "";

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
