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
        if (answer is { Best: { } best, Certainty: { } certainty }) report.Say(certainty.Say(best));
        if (answer.Options.Count > 0)
        {
            report.Heading("What pays, the most first");
            report.Table(["", "layer", ">buys", ">capital, MUSD", ">for a million USD"], answer.Options.Select(o => new[] { o.Name, Layer(o), o.Buys.Text, Capital(o), PerMillion(o) }));
            Aside(report, answer.Options);
            foreach (var option in answer.Options.Where(o => o.Note.Length > 0)) report.Say($"- {option.Name}: {option.Note}", 2);
        }
        if (answer.Standing.Count > 0)
        {
            report.Heading("As it stands, and with the change that pays most");
            report.Table(["", ">now", ">then"], answer.Standing.Select(s => new[] { s.Now.Name, s.Now.Text, s.Then?.Text ?? "" }));
        }
        if (answer.Refused.Count > 0)
        {
            report.Heading("What doesn't, or can't be had");
            foreach (var option in answer.Refused) report.Say($"- {option.Name} ({Layer(option)}): {option.Refused}", 2);
        }
        if (Movers(answer) is { Count: > 0 } movers)
        {
            report.Heading("What moves the answer most");
            foreach (var mover in movers) report.Say($"- {mover}", 2);
        }
        if (answer.Flips.Count > 0)
        {
            report.Heading("What would change the answer");
            foreach (var flip in answer.Flips) report.Say($"- {flip.Text}", 2);
        }
        ClaimsReport.WriteGrounds(report, answer.On, answer.Assumptions, answer.Weakest);
        if (answer.Claim is { } claim) report.Say($"- 'lightloom claims {claim.Id}': {claim.Text}", 2);
    }

    // What options change beside what is counted, where any does.
    static void Aside(TextReport report, IReadOnlyList<AdviceOption> options)
    {
        List<(string Title, Func<AdviceOption, string> Cell)> columns =
        [
            (">a year, kUSD", Year), (">at the meter, kW", Meter), (">tokens/s", Tokens),
        ];
        columns.RemoveAll(c => options.All(o => c.Cell(o).Length == 0));
        if (columns.Count > 0) report.Table(["beside", .. columns.Select(c => c.Title)], options.Select(o => (string[])[o.Name, .. columns.Select(c => c.Cell(o))]));
    }

    /// <summary>What moves the answer most, a sentence each; empty where nothing does.</summary>
    public static IReadOnlyList<string> Movers(AdviceAnswer answer) =>
        answer is { Best: { } best, Certainty: { } certainty } ? [.. certainty.Movers.Select(m => AdviceCertainty.Say(m, best.Buys.Unit))] : [];

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
        { PerMillion: { } each } => $"{AdviceAnswer.Each(each)} {each.Unit}",
        _ => "",
    };

    /// <summary>Watts at the meter that it adds, in thousands.</summary>
    public static string Meter(AdviceOption option) => option.Watts == 0 && option.WattsLow == 0 && option.WattsHigh == 0 ? ""
        : new ClaimFigure("", option.Watts / 1e3, "") { Low = option.WattsLow / 1e3, High = option.WattsHigh / 1e3 }.Text;

    static string Tokens(AdviceOption option) => option.Tokens is not { } gain ? ""
        : Percent(gain) + (option is { TokensLow: { } low, TokensHigh: { } high } && low != high ? $" ({Percent(low)} to {Percent(high)})" : "");

    static string Percent(double share) => $"{(share > 0 ? "+" : "")}{100 * share:0.00} %".Replace("-0.00", "0.00", StringComparison.Ordinal).Replace("+0.00", "0.00", StringComparison.Ordinal);
}
