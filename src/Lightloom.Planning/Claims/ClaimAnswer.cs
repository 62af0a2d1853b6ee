using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>A figure that was computed for a claim.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Value">How large it is.</param>
/// <param name="Unit">In which unit.</param>
public sealed record ClaimFigure(string Name, double Value, string Unit)
{
    /// <summary>The least that it may be; the value itself where no range is known.</summary>
    public double Low { get; init; } = Value;

    /// <summary>The most that it may be.</summary>
    public double High { get; init; } = Value;

    /// <summary>The figure with its range and unit.</summary>
    public string Text => (Low == Value && High == Value ? Number(Value) : $"{Number(Value)} ({Number(Low)} to {Number(High)})") + (Unit.Length > 0 ? $" {Unit}" : "");

    /// <summary>A number with four digits.</summary>
    internal static string Number(double value) => Math.Abs(value) >= 1000 && value == Math.Round(value)
        ? value.ToString("N0", CultureInfo.InvariantCulture)
        : Quantity.Round(value, 4);
}

/// <summary>What would change a verdict.</summary>
/// <param name="Parameter">What would have to move.</param>
/// <param name="Value">The value at which the verdict changes; null where none within reach changes it.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Then">What the verdict is then; where no value changes it, up to where was looked.</param>
public sealed record ClaimFlip(string Parameter, double? Value, string Unit, string Then)
{
    /// <summary>In words.</summary>
    public string Text => Value is { } at
        ? $"{Parameter}: {ClaimFigure.Number(at)}{(Unit.Length > 0 ? " " : "")}{Unit}, {Then}"
        : $"{Parameter}: no value changes it, {Then}";
}

/// <summary>A claim recomputed.</summary>
public sealed record ClaimAnswer
{
    /// <summary>The claim.</summary>
    public required Claim Claim { get; init; }

    /// <summary>What comes of it.</summary>
    public required ClaimVerdict Verdict { get; init; }

    /// <summary>The condition under which it holds; empty where it holds anyway, or not at all.</summary>
    public string Condition { get; init; } = "";

    /// <summary>Why, in one or two sentences.</summary>
    public required string Reason { get; init; }

    /// <summary>What was computed.</summary>
    public required IReadOnlyList<ClaimFigure> Figures { get; init; }

    /// <summary>Designs and parts that it was computed on.</summary>
    public required IReadOnlyList<string> On { get; init; }

    /// <summary>What was assumed on the way.</summary>
    public IReadOnlyList<string> Assumptions { get; init; } = [];

    /// <summary>What would change the verdict.</summary>
    public IReadOnlyList<ClaimFlip> Flips { get; init; } = [];

    /// <summary>The weakest grade among the figures that it rests on.</summary>
    public Grade Weakest { get; init; }

    /// <summary>A figure by its name.</summary>
    public double this[string figure] => Figures.First(f => f.Name == figure).Value;
}
