namespace Lightloom.Quantities;

/// <summary>
/// One unit of a quantity: <c>value in SI = value in this unit × Multiplier ÷ Divisor</c>. At most one of the two differs
/// from 1, so that decimal sub-multiples are divided by an exact power of ten rather than multiplied by an inexact one. Each
/// quantity has one unit where both are 1.
/// </summary>
/// <param name="Symbol">The symbol that is printed, for example <c>Gb/s</c>.</param>
/// <param name="Multiplier">The SI value of one unit when it is no decimal sub-multiple; otherwise 1.</param>
/// <param name="Divisor">How many of this unit make one SI unit when it is a sub-multiple; otherwise 1.</param>
public sealed record Unit(string Symbol, double Multiplier, double Divisor = 1)
{
    /// <summary>Whether printing may choose this unit by itself; otherwise it is only read, or used when asked for.</summary>
    public bool Prints { get; init; } = true;

    /// <summary>Other spellings that are read as this unit.</summary>
    public IReadOnlyList<string> Aliases { get; init; } = [];

    /// <summary>Converts a value in this unit to SI.</summary>
    public double ToSi(double value) => Divisor == 1 ? value * Multiplier : value / Divisor;

    /// <summary>Converts an SI value to this unit.</summary>
    public double FromSi(double si) => Divisor == 1 ? si / Multiplier : si * Divisor;

    internal bool Answers(ReadOnlySpan<char> text)
    {
        if (text.SequenceEqual(Symbol)) return true;
        foreach (var alias in Aliases)
            if (text.SequenceEqual(alias)) return true;
        return false;
    }
}
