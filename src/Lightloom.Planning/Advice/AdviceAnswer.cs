// Options ranked by what they buy.
//
//   best          the option that buys most, in the unit of the question, of those that can be had
//   runner-up     the next one
//   the layer     the best option's; it changes where the best option of another layer comes to buy as much
//
// An option that buys nothing is no option; one that costs more than there is, or can't be built, is refused with the reason.

using Lightloom.Catalog;
using Lightloom.Planning.Claims;

namespace Lightloom.Planning.Advice;

/// <summary>An answer to the question which layer to spend on; see the head of this file.</summary>
public sealed record AdviceAnswer
{
    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>The scenario's name, or null for a design of the user's.</summary>
    public string? Scenario { get; init; }

    /// <summary>The claim that recommends the same, or null.</summary>
    public Claim? Claim { get; init; }

    /// <summary>What is counted.</summary>
    public required AdviceMeasure Measure { get; init; }

    /// <summary>Designs that it was computed on.</summary>
    public required IReadOnlyList<string> On { get; init; }

    /// <summary>What can be had and buys something, the most first.</summary>
    public required IReadOnlyList<AdviceOption> Options { get; init; }

    /// <summary>What buys nothing, or can't be had, with the reason.</summary>
    public required IReadOnlyList<AdviceOption> Refused { get; init; }

    /// <summary>How certain the answer is; null where nothing pays, or nothing of it is uncertain.</summary>
    public AdviceCertainty? Certainty { get; init; }

    /// <summary>The design as it stands and with the best change, figure by figure; empty where the question is about neither job nor power.</summary>
    public IReadOnlyList<AdviceStanding> Standing { get; init; } = [];

    /// <summary>Why, in a sentence or two.</summary>
    public required string Reason { get; init; }

    /// <summary>What would change the answer.</summary>
    public required IReadOnlyList<ClaimFlip> Flips { get; init; }

    /// <summary>What was assumed on the way.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>The weakest grade among the figures behind it.</summary>
    public Grade Weakest { get; init; }

    /// <summary>The change that pays most; null where none does.</summary>
    public AdviceOption? Best => Options.Count > 0 ? Options[0] : null;

    /// <summary>The next one; null where only one pays.</summary>
    public AdviceOption? RunnerUp => Options.Count > 1 ? Options[1] : null;

    /// <summary>The best option of another layer than the best one's; null where only one layer pays.</summary>
    public AdviceOption? OtherLayer => Options.FirstOrDefault(o => o.Layer != Options[0].Layer);

    /// <summary>Ranks options and makes the answer of them.</summary>
    /// <param name="question">What is asked.</param>
    /// <param name="measure">What is counted.</param>
    /// <param name="on">Designs that it was computed on.</param>
    /// <param name="options">All options.</param>
    /// <param name="noun">What they buy, in words, for the reason ("tokens/s").</param>
    public static AdviceAnswer Rank(string question, AdviceMeasure measure, IReadOnlyList<string> on, IReadOnlyList<AdviceOption> options, string noun)
    {
        ArgumentNullException.ThrowIfNull(options);
        var names = options.Where(Pays).OrderByDescending(o => o.Buys.Value).ThenBy(o => o.Capital?.Dollars ?? 0).ThenBy(o => o.Name, StringComparer.Ordinal).Select(o => o.Name).ToList();
        var (ranged, certainty) = AdviceCertainty.Of(options, options.FirstOrDefault(o => names.Count > 0 && o.Name == names[0] && Pays(o)));
        var pays = ranged.Where(Pays).OrderByDescending(o => o.Buys.Value).ThenBy(o => o.Capital?.Dollars ?? 0).ThenBy(o => o.Name, StringComparer.Ordinal).ToList();
        var refused = ranged.Except(pays).Select(o => o.Refused.Length > 0 ? o : o with { Refused = o.Buys.Value < 0 ? $"makes it worse by {ClaimFigure.Number(-o.Buys.Value)} {o.Buys.Unit}" : "buys nothing" }).ToList();
        var answer = new AdviceAnswer
        {
            Question = question,
            Measure = measure,
            On = on,
            Options = pays,
            Refused = refused,
            Reason = "",
            Flips = [],
            Certainty = certainty,
            Weakest = pays.Count > 0 ? pays[0].Weakest : Grade.Standard,
        };
        return answer with { Reason = answer.Say(noun), Flips = answer.Changes() };

        static bool Pays(AdviceOption option) => option.Refused.Length == 0 && option.Buys.Value > 0;
    }

    string Say(string noun)
    {
        if (Best is not { } best) return $"Nothing that was tried buys any {noun}.";
        var text = $"{LayerNames.Of(best.Layer, capital: true)}: {best.Name} buys {best.Buys.Text}{Price(best)}";
        if (RunnerUp is { } next) text += $", against {next.Buys.Text} from {next.Name}{Price(next)}";
        if (OtherLayer is { } other && other != RunnerUp) text += $"; the best of {LayerNames.Of(other.Layer)} is {other.Name} with {other.Buys.Text}{Price(other)}";
        return text + (OtherLayer is null ? "; no change of another layer buys any." : ".");
    }

    static string Price(AdviceOption option) => option switch
    {
        { IsFree: true, Capital.Dollars: 0 } => " at no cost",
        { IsFree: true } => $" and saves {option.Capital!.Saved}",
        { PerMillion: { } each } => $", {Each(each)} for a million USD",
        _ => "",
    };

    /// <summary>What a million dollars buy, with its range, without the unit.</summary>
    public static string Each(ClaimFigure each)
    {
        ArgumentNullException.ThrowIfNull(each);
        return (double.IsFinite(each.Low), double.IsFinite(each.High)) switch
        {
            (true, true) => (each with { Unit = "" }).Text,
            (true, false) => $"{ClaimFigure.Number(each.Value)} ({ClaimFigure.Number(each.Low)} or more)",
            _ => $"{ClaimFigure.Number(each.Value)} (less than nothing to any number)",
        };
    }

    List<ClaimFlip> Changes()
    {
        var flips = new List<ClaimFlip>();
        if (Best is not { } best) return flips;
        if (RunnerUp is { } next) flips.Add(new($"what {best.Name} buys", next.Buys.Value, best.Buys.Unit, $"below it {next.Name} buys more; it is {best.Buys.Text}"));
        if (OtherLayer is { } other)
        {
            if (other != RunnerUp) flips.Add(new($"what the best of {LayerNames.Of(best.Layer)} buys", other.Buys.Value, best.Buys.Unit, $"below it {LayerNames.Of(other.Layer)} pays more: {other.Name}"));
            if (best.PerMillion is { } mine && other.PerMillion is { } theirs && mine.Value > theirs.Value)
                flips.Add(new($"price of {best.Name}", mine.Value / theirs.Value, "x", $"from it on a dollar buys more in {LayerNames.Of(other.Layer)}: {other.Name}"));
            else if (best.PerMillion is { } each && (other.IsFree || (other.PerMillion is { } theirEach && theirEach.Value >= each.Value)))
                flips.Add(new("dollars that may be spent", best.Capital!.Dollars * other.Buys.Value / best.Buys.Value, "USD", $"below it, if {best.Name} shrinks in proportion, {other.Name} buys more"));
        }
        return flips;
    }
}
