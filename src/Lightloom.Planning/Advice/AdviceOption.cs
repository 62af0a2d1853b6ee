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

    /// <summary>Share by which tokens per second grow, failures counted; null without a job or where nothing of it changes.</summary>
    public double? Tokens { get; init; }

    /// <summary>Why it can't be had; empty where it can.</summary>
    public string Refused { get; init; } = "";

    /// <summary>What else there is to say of it.</summary>
    public string Note { get; init; } = "";

    /// <summary>What a million dollars of it buy; null where it costs nothing, or less, or dollars are not the matter.</summary>
    public ClaimFigure? PerMillion
    {
        get
        {
            // A range of quotients: the least over the most, the most over the least, which has no end where it may come for nothing.
            return Capital is not { Dollars: > 0 } c ? null : new("for a million USD", 1e6 * Buys.Value / c.Dollars, Buys.Unit)
            {
                Low = 1e6 * Buys.Low / c.High,
                High = c.Low > 0 ? 1e6 * Buys.High / c.Low : double.PositiveInfinity,
            };
        }
    }

    /// <summary>Whether it costs nothing, or saves capital, and nothing a year beside, and buys something all the same.</summary>
    public bool IsFree => Capital is { Dollars: <= 0 } && !(Capital is { Dollars: 0 } && Year is { Value.Dollars: > 0 });

    /// <summary>The weakest grade among its prices.</summary>
    public Grade Weakest => Capital?.Weakest ?? Grade.Standard;
}
