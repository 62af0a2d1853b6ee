namespace Lightloom.Fabric;

/// <summary>A fabric that cannot exist was asked for: a count that no such topology has, a radix that is too small.</summary>
public sealed class FabricException : Exception
{
    /// <summary>Makes it with a message that says what is impossible and what would be possible.</summary>
    /// <param name="field">The member of <see cref="FabricRequest"/> that is at fault, in camel case: "systems", "tiers".</param>
    /// <param name="message">What is impossible, and the nearest possible values.</param>
    /// <param name="below">The nearest possible value below the one asked for, or null when there is none.</param>
    /// <param name="above">The nearest possible value above the one asked for, or null when there is none.</param>
    public FabricException(string field, string message, double? below = null, double? above = null)
        : base(message) => (Field, NearestBelow, NearestAbove) = (field, below, above);

    /// <summary>Makes it without a field.</summary>
    public FabricException()
        : this("", "no such fabric can exist")
    {
    }

    /// <summary>Makes it without a field.</summary>
    public FabricException(string message)
        : this("", message)
    {
    }

    /// <summary>Makes it without a field.</summary>
    public FabricException(string message, Exception innerException)
        : base(message, innerException) => Field = "";

    /// <summary>The member of <see cref="FabricRequest"/> that is at fault, in camel case: "systems", "tiers", "oversubscription".</summary>
    public string Field { get; }

    /// <summary>The tier whose options are at fault ("leaf", "spine", "core"), or null when the request as a whole is.</summary>
    public string? Tier { get; init; }

    /// <summary>The nearest possible value below the one asked for, in the field's own unit (Gb/s for a rate); null when there is none.</summary>
    public double? NearestBelow { get; }

    /// <summary>The nearest possible value above the one asked for, in the field's own unit (Gb/s for a rate); null when there is none.</summary>
    public double? NearestAbove { get; }
}
