using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Advice;

/// <summary>Something that could be done, and what it buys.</summary>
/// <param name="Name">What is changed.</param>
/// <param name="Layer">The layer that it spends on.</param>
/// <param name="Buys">What it buys, in the unit of the question, with its range.</param>
public sealed record AdviceOption(string Name, Layer Layer, ClaimFigure Buys)
{
    /// <summary>Capital that it adds, or null where none is involved.</summary>
    public CapitalChange? Capital { get; init; }

    /// <summary>What a year costs more with it, energy and what is leased included; null where that is not the matter.</summary>
    public CostDifference? Year { get; init; }

    /// <summary>Watts at the meter that it adds, provisioned; 0 where power is not the matter.</summary>
    public double Watts { get; init; }

    /// <summary>Those watts at the low end of nine in ten samples.</summary>
    public double WattsLow { get; init; }

    /// <summary>Those watts at the high end.</summary>
    public double WattsHigh { get; init; }

    /// <summary>Share by which tokens per second grow, failures counted; null without a job or where nothing of it changes.</summary>
    public double? Tokens { get; init; }

    /// <summary>That share at the low end of nine in ten samples; null where there is none.</summary>
    public double? TokensLow { get; init; }

    /// <summary>That share at the high end.</summary>
    public double? TokensHigh { get; init; }

    /// <summary>The changed design; null where the option is none.</summary>
    public Evaluation? After { get; init; }

    /// <summary>Costs of designs that it depends on.</summary>
    internal IReadOnlyList<CostModel> Models { get; init; } = [];

    /// <summary>Figures beside those of the costs that it depends on.</summary>
    internal IReadOnlyList<CostFigure> Figures { get; init; } = [];

    /// <summary>What it comes to with figures at any values; null for what is refused whatever they are.</summary>
    internal Func<AdviceInputs, OptionDraw>? Draws { get; init; }

    /// <summary>The same option, depending on a change's costs and the model's error on it.</summary>
    /// <param name="change">The change.</param>
    /// <param name="draws">What it comes to.</param>
    internal AdviceOption On(ChangeDraws change, Func<AdviceInputs, OptionDraw> draws) => this with
    {
        Models = [change.Old, change.New],
        Figures = [change.Error],
        Draws = draws,
    };

    /// <summary>Why it can't be had; empty where it can.</summary>
    public string Refused { get; init; } = "";

    /// <summary>What else there is to say of it.</summary>
    public string Note { get; init; } = "";

    /// <summary>What a million dollars of it buy; null where it costs nothing, or less, or dollars are not the matter.</summary>
    public ClaimFigure? PerMillion
    {
        get
        {
            // A range of quotients: the least over the most, the most over the least, which has no end where it may come for nothing; what may be worse than nothing is so
            // for the least money.
            return Capital is not { Dollars: > 0 } c ? null : new("for a million USD", 1e6 * Buys.Value / c.Dollars, Buys.Unit)
            {
                Low = Buys.Low >= 0 ? 1e6 * Buys.Low / c.High : c.Low > 0 ? 1e6 * Buys.Low / c.Low : double.NegativeInfinity,
                High = c.Low > 0 ? 1e6 * Buys.High / c.Low : double.PositiveInfinity,
            };
        }
    }

    /// <summary>Whether it costs nothing, or saves capital, and nothing a year beside, and buys something all the same.</summary>
    public bool IsFree => Capital is { Dollars: <= 0 } && !(Capital is { Dollars: 0 } && Year is { Value.Dollars: > 0 });

    /// <summary>The weakest grade among its prices.</summary>
    public Grade Weakest => Capital?.Weakest ?? Grade.Standard;
}
