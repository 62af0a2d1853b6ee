using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>Something that light passes on its way along a line: a span of fibre, an amplifier, a ROADM, an attenuator.</summary>
public abstract record LineElement
{
    private protected LineElement()
    {
    }

    /// <summary>What it is called in results and messages.</summary>
    public string Name { get; init; } = "";

    internal InputException Wrong(string problem) => new(Name.Length == 0 ? problem : $"'{Name}': {problem}");

    internal double AtLeastZero(double value, string what) => double.IsFinite(value) && value >= 0
        ? value
        : throw Wrong($"{what} must be finite and not negative; it is {value}");

    internal double Finite(double value, string what) =>
        double.IsFinite(value) ? value : throw Wrong($"{what} must be finite; it is {value}");
}

/// <summary>A loss that is the same for every channel: an attenuator (VOA), a multiplexer, a patch panel, a fused element.</summary>
public sealed record Attenuator : LineElement
{
    /// <summary>How much it takes.</summary>
    public required Decibels Loss { get; init; }
}
