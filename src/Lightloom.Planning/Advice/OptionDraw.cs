using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What an option comes to with one set of values of the uncertain figures.</summary>
/// <param name="Buys">What it buys, in the unit of the question.</param>
/// <param name="Capital">Capital that it adds, in dollars.</param>
/// <param name="Has">Whether it can be had.</param>
readonly record struct OptionDraw(double Buys, double Capital = 0, bool Has = true)
{
    /// <summary>Watts at the meter that it adds, provisioned.</summary>
    public double Meter { get; init; }

    /// <summary>Share by which tokens per second grow.</summary>
    public double Gain { get; init; }
}

/// <summary>What a change of a design comes to, with every figure at a value of its own.</summary>
/// <param name="Before">The design.</param>
/// <param name="After">The changed one.</param>
/// <param name="Error">How far the model may be off on what the change brings, as a factor.</param>
sealed record ChangeDraws(Evaluation Before, Evaluation After, CostFigure Error)
{
    // Share of a symmetric side's width within which nine in ten samples lie (CostModel.cs).
    const double NineInTen = 0.6837722;

    /// <summary>How keys of such errors begin.</summary>
    public const string ErrorKey = "error on ";

    /// <summary>The error of a model on what a change brings: a factor that nine in ten times stays within a band.</summary>
    /// <param name="name">The change.</param>
    /// <param name="low">The factor at the low end of nine in ten.</param>
    /// <param name="high">The factor at the high end.</param>
    /// <param name="source">What the band is of.</param>
    public static CostFigure ErrorOf(string name, double low, double high, string source) => new(
        $"{ErrorKey}{name}", $"what {name} brings over what the model says", "", 1, Math.Max(0.05, 1 - ((1 - low) / NineInTen)), 1 + ((high - 1) / NineInTen), null, source, Grade.Measured);

    /// <summary>The error of the step model on what a change brings.</summary>
    /// <param name="name">The change.</param>
    /// <param name="evaluation">The design.</param>
    public static CostFigure ErrorOfStep(string name, Evaluation evaluation)
    {
        var band = evaluation.Accuracy?.Band ?? 0;
        return ErrorOf(name, 1 - band, 1 + band, "accuracy of the step model");
    }

    public CostModel Old => Before.Economics.Model;

    public CostModel New => After.Economics.Model;

    /// <summary>Tokens per second more; what is nothing by the model stays nothing.</summary>
    public double Tokens(AdviceInputs inputs)
    {
        double was = Before.EffectiveTokensPerSecond!.Value, now = After.EffectiveTokensPerSecond!.Value;
        if (Math.Abs(now - was) < 1e-6 * was) return 0;
        return inputs[Error] * ((now / inputs.Point(New).Pace) - (was / inputs.Point(Old).Pace));
    }

    /// <summary>Share by which tokens per second grow.</summary>
    public double Gain(AdviceInputs inputs) => Tokens(inputs) * inputs.Point(Old).Pace / Before.EffectiveTokensPerSecond!.Value;

    /// <summary>Capital more.</summary>
    public double Capital(AdviceInputs inputs) => (inputs.Point(New).Capital - inputs.Point(Old).Capital).Dollars;

    /// <summary>Watts at the meter more, provisioned.</summary>
    public double Meter(AdviceInputs inputs) => (inputs.Point(New).Provisioned - inputs.Point(Old).Provisioned).Watts * inputs.Of("powerUsageEffectiveness", 1);

    /// <summary>IT power in use less, in kW.</summary>
    public double Saved(AdviceInputs inputs) => (inputs.Point(Old).InUse - inputs.Point(New).InUse).Kilowatts;
}
