using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;

namespace Lightloom.Cli;

/// <summary>Writes <c>docs/claims.md</c>: every claim with what was computed. No figure on it is typed by hand.</summary>
static class ClaimsPage
{
    public static void Write(TextWriter output, IReadOnlyList<ClaimAnswer> answers)
    {
        output.WriteLine("# What is said about the two layers, recomputed");
        output.WriteLine();
        output.WriteLine("Written by `lightloom claims --markdown docs/claims.md`; no figure here is typed by hand. The list stands in `data/claims/claims.csv`.");
        output.WriteLine("`lightloom claims C06` prints one claim, `--design FILE` computes those about a cluster on yours. [The two layers, recomputed](two-layers.md) says which of them pays, by question.");
        output.WriteLine();
        output.WriteLine(ClaimsReport.Counted(answers));
        output.WriteLine();
        output.WriteLine("| | claim | published | verdict |");
        output.WriteLine("|---|---|---|---|");
        foreach (var a in answers) output.WriteLine($"| [{a.Claim.Id}](#{a.Claim.Id.ToLowerInvariant()}) | {Cell(a.Claim.Text)} | {Cell(ClaimsReport.Published(a.Claim))} | {ClaimsReport.Verdict(a)} |");
        foreach (var answer in answers) One(output, answer);
    }

    static void One(TextWriter output, ClaimAnswer answer)
    {
        var claim = answer.Claim;
        output.WriteLine();
        output.WriteLine($"## {claim.Id}");
        output.WriteLine();
        output.WriteLine($"*{ClaimsReport.Said(claim)}* ({claim.Source})");
        output.WriteLine();
        output.WriteLine($"**{char.ToUpperInvariant(ClaimsReport.Verdict(answer)[0])}{ClaimsReport.Verdict(answer)[1..]}**{(answer.Condition.Length > 0 ? $" {answer.Condition}" : "")}. {answer.Reason}");
        if (answer.Figures.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("| computed | |");
            output.WriteLine("|---|---:|");
            foreach (var figure in answer.Figures) output.WriteLine($"| {Cell(figure.Name)} | {Cell(figure.Text)} |");
        }
        if (answer.Flips.Count > 0)
        {
            output.WriteLine();
            output.WriteLine("What would change it:");
            output.WriteLine();
            foreach (var flip in answer.Flips) output.WriteLine($"* {flip.Text}");
        }
        output.WriteLine();
        if (answer.On.Count > 0) output.WriteLine($"On: {string.Join("; ", answer.On)}.");
        output.WriteLine($"Assumed: {string.Join("; ", answer.Assumptions)}. Weakest figure: {DocumentShape.NameOf(answer.Weakest)}.");
    }

    static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
