using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>Something that the catalogue knows by a key.</summary>
public abstract record Part
{
    /// <summary>The key by which designs name it; a changed part keeps the key it is based on, with a star.</summary>
    [NotInDocument]
    public string Key { get; internal set; } = "";

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>What else a reader should know.</summary>
    public string? Note { get; init; }
}

/// <summary>The kind of part that a class describes, as its data file is called.</summary>
/// <param name="kind">The kind, in kebab-case.</param>
[AttributeUsage(AttributeTargets.Class)]
public sealed class PartKindAttribute(string kind) : Attribute
{
    /// <summary>The kind, in kebab-case.</summary>
    public string Kind { get; } = kind;

    /// <summary>Whether a design may name a file that describes such a part in place of a key.</summary>
    public bool FromFiles { get; init; }
}
