namespace Lightloom.Catalog.Documents;

/// <summary>The values that a number or a quantity (in its SI unit) may take in a document.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class LimitsAttribute : Attribute
{
    /// <summary>The smallest value that is accepted.</summary>
    public double Minimum { get; init; } = double.NegativeInfinity;

    /// <summary>The largest value that is accepted.</summary>
    public double Maximum { get; init; } = double.PositiveInfinity;
}

/// <summary>The name that an enumeration member or a property has in a document, where kebab-case or camelCase won't do.</summary>
/// <param name="name">The name in documents.</param>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class DocumentNameAttribute(string name) : Attribute
{
    /// <summary>The name in documents.</summary>
    public string Name { get; } = name;
}

/// <summary>The property that a plain value stands for where a mapping could stand ("parallelism: auto").</summary>
/// <param name="property">The property's C# name.</param>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct)]
public sealed class ShorthandAttribute(string property) : Attribute
{
    /// <summary>The property's C# name.</summary>
    public string Property { get; } = property;
}

/// <summary>A property that a document never sets.</summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class NotInDocumentAttribute : Attribute;
