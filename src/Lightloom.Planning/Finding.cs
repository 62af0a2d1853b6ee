namespace Lightloom.Planning;

/// <summary>How bad a finding is.</summary>
public enum Severity
{
    /// <summary>Worth knowing.</summary>
    Note,

    /// <summary>The design works, but not as its owner may think.</summary>
    Warning,

    /// <summary>The design does not work as it stands.</summary>
    Infeasible,
}

/// <summary>Something that the evaluation found about a valid design, with what would mend it.</summary>
/// <param name="Severity">How bad it is.</param>
/// <param name="Subject">What it is about: "memory", "links", "racks", ...</param>
/// <param name="Message">What was found.</param>
/// <param name="Mend">What would mend it, or null.</param>
public sealed record Finding(Severity Severity, string Subject, string Message, string? Mend);
