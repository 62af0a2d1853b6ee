// Whether an answer survives what is not known of its figures.
//
//   sample      every figure that any option depends on is drawn by itself, once for all options: prices, lives, power of parts, rates of failures, and for
//               each option by itself how far the model is off on what that change brings
//   winner      the option that buys most of those that can be had in the sample; of equals the cheapest
//   survives    the share of samples in which the best option, and in which its layer, wins
//   ranges      of what options buy, add in capital and watts: the 5th and 95th of a hundred samples, stretched to hold the value
//   moves       the lead of the best option over the best of the others, with one figure at either end of its range and all others at their value; figures
//               whose end makes another option win come first, then the widest swings
//
// Example: two options that buy 10 and 8, each 30 % to either side in nine of ten: the first wins in about four samples of five.

using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Advice;

/// <summary>How far one figure moves an answer.</summary>
/// <param name="Figure">The figure.</param>
/// <param name="AtLow">The best option's lead with the figure at its low end, in the unit of the question.</param>
/// <param name="AtHigh">The lead with the figure at its high end.</param>
/// <param name="WinsAtLow">What wins at the low end, where that is another option; null where it is the same.</param>
/// <param name="WinsAtHigh">What wins at the high end, likewise.</param>
public sealed record AdviceMover(CostFigure Figure, double AtLow, double AtHigh, string? WinsAtLow, string? WinsAtHigh)
{
    /// <summary>Whether an end of its range makes another option win.</summary>
    public bool Flips => WinsAtLow is not null || WinsAtHigh is not null;

    /// <summary>Distance of both leads.</summary>
    public double Swing => Math.Abs(AtHigh - AtLow);
}

/// <summary>How certain an answer is; see the head of this file.</summary>
public sealed record AdviceCertainty
{
    /// <summary>Samples of every answer.</summary>
    public const int Samples = 1000;

    /// <summary>The share of samples in which an answer has to be the same to survive: as many as lie in a range.</summary>
    public const double Enough = 0.9;

    const int MostMovers = 5;

    /// <summary>Share of samples in which the best option wins.</summary>
    public required double Best { get; init; }

    /// <summary>Share of samples in which its layer wins.</summary>
    public required double Layer { get; init; }

    /// <summary>What wins otherwise, the most often first, with the share of samples.</summary>
    public required IReadOnlyList<(string Name, double Share)> Rivals { get; init; }

    /// <summary>What moves the answer most.</summary>
    public required IReadOnlyList<AdviceMover> Movers { get; init; }

    /// <summary>Whether the answer survives what isn't known.</summary>
    public bool Survives => Best >= Enough;

    /// <summary>Draws an answer's options: their ranges, and how certain the best is.</summary>
    /// <param name="options">All options, with what they come to; those without are left as they are.</param>
    /// <param name="best">The best one.</param>
    /// <param name="seed">What samples are derived from.</param>
    /// <returns>The options with ranges, and the certainty; null where nothing pays or nothing is uncertain.</returns>
    internal static (IReadOnlyList<AdviceOption> Options, AdviceCertainty? Certainty) Of(IReadOnlyList<AdviceOption> options, AdviceOption? best, ulong seed = 1)
    {
        var inputs = new AdviceInputs();
        foreach (var option in options)
        {
            foreach (var model in option.Models) inputs.Add(model);
            foreach (var figure in option.Figures) inputs.Add(figure);
        }
        if (inputs.Figures.Count == 0) return (options, null);
        var drawn = options.Select((o, i) => (Option: o, At: i)).Where(o => o.Option.Draws is not null).ToList();
        var draws = drawn.ConvertAll(_ => new OptionDraw[Samples]);
        var wins = new int[options.Count];
        for (var j = 0; j < Samples; j++)
        {
            inputs.Draw(seed, (ulong)j);
            for (var i = 0; i < drawn.Count; i++) draws[i][j] = drawn[i].Option.Draws!(inputs);
            if (Winner(options, i => draws[drawn.FindIndex(d => d.At == i)][j]) is { } winner) wins[winner]++;
        }
        List<AdviceOption> ranged = [.. options];
        for (var i = 0; i < drawn.Count; i++) ranged[drawn[i].At] = Ranged(drawn[i].Option, draws[i]);
        if (best is null) return (ranged, null);
        return (ranged, new()
        {
            Best = Share(i => options[i].Name == best.Name),
            Layer = Share(i => options[i].Layer == best.Layer),
            Rivals = [.. options.Select((o, i) => (o.Name, Share: (double)wins[i] / Samples)).Where(r => r.Share > 0 && r.Name != best.Name).OrderByDescending(r => r.Share).ThenBy(r => r.Name, StringComparer.Ordinal)],
            Movers = MoversOf(inputs, options, best),
        });

        double Share(Func<int, bool> counts) => Enumerable.Range(0, options.Count).Where(counts).Sum(i => (double)wins[i]) / Samples;
    }

    static int? Winner(IReadOnlyList<AdviceOption> options, Func<int, OptionDraw> draw)
    {
        (int At, OptionDraw Draw)? first = null;
        for (var i = 0; i < options.Count; i++)
        {
            if (options[i].Draws is null || draw(i) is not { Has: true, Buys: > 0 } own) continue;
            if (first is not { } leader || own.Buys > leader.Draw.Buys || (own.Buys == leader.Draw.Buys && own.Capital < leader.Draw.Capital)) first = (i, own);
        }
        return first?.At;
    }

    static AdviceOption Ranged(AdviceOption option, OptionDraw[] draws)
    {
        (double Low, double High) Range(Func<OptionDraw, double> of, double value) => CostSampling.NineInTen([.. draws.Select(of)], value);
        var (low, high) = Range(d => d.Buys, option.Buys.Value);
        var (least, most) = Range(d => d.Meter, option.Watts);
        var (slow, fast) = Range(d => d.Gain, option.Tokens ?? 0);
        return option with
        {
            // A range that was found otherwise stands.
            Buys = option.Buys.Low == option.Buys.High ? option.Buys with { Low = low, High = high } : option.Buys,
            WattsLow = least,
            WattsHigh = most,
            TokensLow = option.Tokens is null ? null : slow,
            TokensHigh = option.Tokens is null ? null : fast,
        };
    }

    static List<AdviceMover> MoversOf(AdviceInputs inputs, IReadOnlyList<AdviceOption> options, AdviceOption best)
    {
        var own = options.ToList().FindIndex(o => o.Name == best.Name);
        if (options[own].Draws is null) return [];
        var movers = new List<AdviceMover>();
        for (var f = 0; f < inputs.Figures.Count; f++)
        {
            var figure = inputs.Figures[f];
            if (figure.IsCertain) continue;
            var (low, atLow) = Lead(f, figure.Least);
            var (high, atHigh) = Lead(f, figure.Most);
            var mover = new AdviceMover(figure, low, high, atLow, atHigh);
            if (mover.Flips || mover.Swing > 1e-6 * Math.Abs(best.Buys.Value)) movers.Add(mover);
        }
        return [.. movers.OrderByDescending(m => m.Flips).ThenByDescending(m => m.Swing).ThenBy(m => m.Figure.Key, StringComparer.Ordinal).Take(MostMovers)];

        (double Lead, string? Wins) Lead(int place, double value)
        {
            inputs.ToValuesBut(place, value);
            OptionDraw[] draws = [.. options.Select(o => o.Draws is { } draw ? draw(inputs) : default)];
            var others = Enumerable.Range(0, options.Count).Where(i => i != own && draws[i] is { Has: true, Buys: > 0 }).Select(i => draws[i].Buys).DefaultIfEmpty(0).Max();
            var winner = Winner(options, i => draws[i]);
            return ((draws[own].Has ? draws[own].Buys : 0) - others, winner == own ? null : winner is { } w ? options[w].Name : "nothing");
        }
    }

    /// <summary>The certainty in a sentence or two.</summary>
    /// <param name="best">The best option.</param>
    public string Say(AdviceOption best)
    {
        ArgumentNullException.ThrowIfNull(best);
        var text = $"{(Survives ? "The answer survives the ranges" : Layer >= Enough ? "The layer survives the ranges, the change does not" : "The answer does not survive the ranges")}: of {Samples:N0} samples {best.Name} is best in {Percent(Best)}, " +
            $"{LayerNames.Of(best.Layer)} in {Percent(Layer)}";
        if (Rivals is [{ } rival, ..]) text += $"; else most often {rival.Name}, in {Percent(rival.Share)}";
        return text + ".";
    }

    /// <summary>What moves the answer, in words.</summary>
    /// <param name="mover">The figure.</param>
    /// <param name="unit">The unit of the question.</param>
    public static string Say(AdviceMover mover, string unit)
    {
        ArgumentNullException.ThrowIfNull(mover);
        var figure = mover.Figure;
        string End(double value, double lead, string? wins) => $"at {ClaimFigure.Number(value)}{(figure.Unit.Length > 0 ? " " : "")}{figure.Unit} " + (wins is { } other ? $"{other} wins" : $"the lead is {ClaimFigure.Number(lead)} {unit}");
        // A price book names prices and assumptions by their key; errors of models have none that says more than their name.
        var key = figure.Name.Contains(figure.Key, StringComparison.Ordinal) || figure.Key.StartsWith(ChangeDraws.ErrorKey, StringComparison.Ordinal) ? "" : $" ({figure.Key})";
        return $"{figure.Name}{key}: {End(figure.Least, mover.AtLow, mover.WinsAtLow)}, {End(figure.Most, mover.AtHigh, mover.WinsAtHigh)}";
    }

    static string Percent(double share) => $"{100 * share:0.#} %";
}
