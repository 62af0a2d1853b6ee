using Lightloom.Catalog.Documents;
using Lightloom.Planning.Advice;
using Lightloom.Planning.Claims;

namespace Lightloom.Cli;

/// <summary>Prints which layer to spend on.</summary>
static class AdviceReport
{
    public static void Write(TextReport report, AdviceAnswer answer)
    {
        report.Title(answer.Question);
        report.Say(Short(answer));
        report.Say(answer.Reason);
        if (answer.Options.Count > 0)
        {
            report.Heading("What pays, the most first");
            var leased = answer.Options.Any(o => o.Year is not null);
            report.Table(["", "layer", ">buys", ">capital, MUSD", .. leased ? (string[])[">a year, kUSD"] : [], ">for a million USD", ">tokens/s"],
                answer.Options.Select(o => (string[])[o.Name, Layer(o), o.Buys.Text, Capital(o), .. leased ? (string[])[Year(o)] : [], PerMillion(o), Tokens(o)]));
            foreach (var option in answer.Options.Where(o => o.Note.Length > 0)) report.Say($"- {option.Name}: {option.Note}", 2);
        }
        if (answer.Refused.Count > 0)
        {
            report.Heading("What doesn't, or can't be had");
            foreach (var option in answer.Refused) report.Say($"- {option.Name} ({Layer(option)}): {option.Refused}", 2);
        }
        if (answer.Flips.Count > 0)
        {
            report.Heading("What would change the answer");
            foreach (var flip in answer.Flips) report.Say($"- {flip.Text}", 2);
        }
        ClaimsReport.WriteGrounds(report, answer.On, answer.Assumptions, answer.Weakest);
        if (answer.Claim is { } claim) report.Say($"- 'lightloom claims {claim.Id}': {claim.Text}", 2);
    }

    /// <summary>Layer, change and runner-up in a sentence.</summary>
    public static string Short(AdviceAnswer answer) => answer.Best is { } best
        ? $"Spend on {LayerNames.Of(best.Layer)}: {best.Name}." + (answer.RunnerUp is { } next ? $" Runner-up: {next.Name} ({Layer(next)})." : " Nothing else pays.")
        : "Spend on none of them: nothing that was tried pays.";

    public static string Layer(AdviceOption option) => DocumentShape.NameOf(option.Layer);

    public static string Capital(AdviceOption option) => option.Capital is { } c ? new ClaimFigure("", c.Dollars / 1e6, "") { Low = c.Low / 1e6, High = c.High / 1e6 }.Text : "";

    /// <summary>What a year costs more, in thousands of dollars.</summary>
    public static string Year(AdviceOption option) => option.Year is { } y
        ? new ClaimFigure("", y.Value.Dollars / 1e3, "") { Low = y.Low.Dollars / 1e3, High = y.High.Dollars / 1e3 }.Text : "";

    public static string PerMillion(AdviceOption option) => option switch
    {
        { IsFree: true } => "at no cost",
        { PerMillion: { High: double.PositiveInfinity } each } => $"{new ClaimFigure("", each.Value, "").Text} ({new ClaimFigure("", each.Low, "").Text} or more) {each.Unit}",
        { PerMillion: { } each } => each.Text,
        _ => "",
    };

    static string Tokens(AdviceOption option) => option.Tokens is { } gain ? $"{(gain > 0 ? "+" : "")}{100 * gain:0.00} %".Replace("-0.00", "0.00", StringComparison.Ordinal) : "";
}
