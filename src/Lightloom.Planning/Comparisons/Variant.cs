namespace Lightloom.Planning.Comparisons;

/// <summary>A way to build a design otherwise: the keys that change, and nothing else; or why it can't be.</summary>
/// <param name="Name">What it is called in a table.</param>
/// <param name="Changes">What changes of the design; nothing where the design is already so.</param>
/// <param name="Refusal">Why the design can't be built so; null where it may.</param>
public sealed record Variant(string Name, IReadOnlyList<DesignChange> Changes, string? Refusal = null)
{
    /// <summary>Whether the design is already so.</summary>
    public bool IsBase => Refusal is null && Changes.Count == 0;

    /// <summary>The changes in words.</summary>
    public string Says => Changes.Count == 0 ? "as designed" : string.Join("; ", Changes.Select(c => c.Brief));

    /// <summary>A variant of those changes that change something in a document.</summary>
    /// <param name="document">The design.</param>
    /// <param name="name">What it is called.</param>
    /// <param name="changes">What may have to change.</param>
    public static Variant Of(DesignDocument document, string name, params IEnumerable<DesignChange> changes)
    {
        ArgumentNullException.ThrowIfNull(document);
        return new(name, [.. changes.Where(c => !ReferenceEquals(c.Of(document.Root), document.Root))]);
    }

    /// <summary>A variant that can't be built.</summary>
    /// <param name="name">What it is called.</param>
    /// <param name="reason">Why not.</param>
    public static Variant Refused(string name, string reason) => new(name, [], reason);

    /// <summary>The design with the changes made.</summary>
    /// <param name="document">The design.</param>
    public DesignDocument Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        return Changes.Count == 0 ? document : document.Changed([.. Changes, new("name", System.Text.Json.JsonSerializer.Serialize($"{document.Design.Name}: {Name}"))]);
    }
}

/// <summary>A comparison that people make: ways to build one design.</summary>
public interface IComparisonSet
{
    /// <summary>Its name on the command line.</summary>
    string Name { get; }

    /// <summary>What it answers, as a title.</summary>
    string Title { get; }

    /// <summary>What to know of how it is made, a sentence or two.</summary>
    string Note { get; }

    /// <summary>The variants of a design, in the order of a table.</summary>
    /// <param name="document">The design.</param>
    IReadOnlyList<Variant> Of(DesignDocument document);
}
