using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>What is asked of a design.</summary>
public sealed record AdviceRequest
{
    /// <summary>The question, in words.</summary>
    public required string Question { get; init; }

    /// <summary>What is counted.</summary>
    public AdviceMeasure Measure { get; init; }

    /// <summary>Layers that are weighed; all where null.</summary>
    public IReadOnlyList<Layer>? Layers { get; init; }

    /// <summary>Capital that may be added; null for a hundredth of the design's, or any where power is given.</summary>
    public Money? Budget { get; init; }

    /// <summary>Power at the meter that may be added; null for any.</summary>
    public Power? Power { get; init; }

    /// <summary>Whether a layer is weighed.</summary>
    internal bool Weighs(Layer layer) => Layers is null || Layers.Contains(layer);
}
