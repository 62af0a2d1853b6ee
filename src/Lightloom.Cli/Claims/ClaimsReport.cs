using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;

namespace Lightloom.Cli;

/// <summary>Prints recomputed claims.</summary>
static class ClaimsReport
{
    public static void All(TextReport report, IReadOnlyList<ClaimAnswer> answers)
    {
        report.Title("What is said about the two layers, recomputed");
        report.Say(Counted(answers));
        report.Table(["", "claim", "published", "verdict"], answers.Select(a => new[] { a.Claim.Id, a.Claim.Text, Published(a.Claim), Verdict(a) }));
        foreach (var answer in answers)
        {
            report.Heading($"{answer.Claim.Id} {Verdict(answer)}");
            report.Say(Said(answer.Claim));
            report.Say(answer.Reason);
            if (answer.Condition.Length > 0) report.Say($"It holds if {answer.Condition}.", 2);
            foreach (var flip in answer.Flips) report.Say($"- changes at: {flip.Text}", 2);
        }
        report.Say("");
        report.Say("'lightloom claims C06' shows the figures of one claim, the parts and designs it was computed on, and what was assumed.");
    }

    public static void One(TextReport report, ClaimAnswer answer)
    {
        var claim = answer.Claim;
        report.Title($"{claim.Id}: {claim.Text}");
        report.Say($"Published: {(Published(claim).Length > 0 ? Published(claim) : "no figure")} ({claim.Source}).");
        report.Say($"Verdict: {Verdict(answer)}{(answer.Condition.Length > 0 ? $" {answer.Condition}" : "")}.");
        report.Say(answer.Reason);
        if (answer.Figures.Count > 0)
        {
            report.Heading("Computed");
            report.Table(["", ">"], answer.Figures.Select(f => new[] { f.Name, f.Text }));
        }
        if (answer.Flips.Count > 0)
        {
            report.Heading("What would change it");
            foreach (var flip in answer.Flips) report.Say($"- {flip.Text}", 2);
        }
        WriteGrounds(report, answer.On, answer.Assumptions, answer.Weakest);
        if (claim.Remark.Length > 0) report.Say($"- remark of the list: {claim.Remark}", 2);
    }

    /// <summary>What an answer was computed on, what it takes for granted, and the weakest grade of what moved it.</summary>
    public static void WriteGrounds(TextReport report, IEnumerable<string> on, IEnumerable<string> assumptions, Grade weakest)
    {
        report.Heading("On");
        foreach (var place in on) report.Say($"- {place}", 2);
        foreach (var assumption in assumptions) report.Say($"- assumed: {assumption}", 2);
        report.Say($"- weakest figure: {DocumentShape.NameOf(weakest)}", 2);
    }

    public static string Published(Claim claim) => claim.Published is "" or "-" ? "" : claim.Unit is "" or "-" or "layer" or "ratio" ? claim.Published : $"{claim.Published} {claim.Unit}";

    /// <summary>The claim with its figure; a recommendation says its layer itself.</summary>
    public static string Said(Claim claim) => claim.Unit == "layer" || Published(claim).Length == 0 ? claim.Text : $"{claim.Text}: {Published(claim)}";

    public static string Verdict(ClaimAnswer answer) => Name(answer.Verdict);

    static string Name(ClaimVerdict verdict) => verdict switch
    {
        ClaimVerdict.Holds => "holds",
        ClaimVerdict.HoldsIf => "holds if",
        ClaimVerdict.DoesNotHold => "does not hold",
        _ => "not computed",
    };

    public static string Counted(IReadOnlyList<ClaimAnswer> answers) => string.Join(", ", Enum.GetValues<ClaimVerdict>().Select(v => $"{answers.Count(a => a.Verdict == v)} {Name(v)}")) + $", of {answers.Count}.";
}
