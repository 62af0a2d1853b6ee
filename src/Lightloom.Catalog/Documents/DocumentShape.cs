using System.Collections.Concurrent;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;
using Lightloom.Quantities;

namespace Lightloom.Catalog.Documents;

/// <summary>What a document may say for one property of a record.</summary>
/// <param name="Key">The key in the document.</param>
/// <param name="Property">The property that it sets.</param>
/// <param name="Required">Whether it has to be there.</param>
/// <param name="Limits">The values that it may take, where they are limited.</param>
public sealed record DocumentProperty(string Key, PropertyInfo Property, bool Required, LimitsAttribute? Limits)
{
    /// <summary>Whether the property is a figure with a source.</summary>
    public bool IsFigure { get; } =
        DocumentShape.SourcedValue(Nullable.GetUnderlyingType(Property.PropertyType) ?? Property.PropertyType) is not null;
}

/// <summary>How a C# record is written in a document: the one description that reading, overriding, listing and the schema share.</summary>
public sealed class DocumentShape
{
    static readonly ConcurrentDictionary<Type, DocumentShape> Shapes = new();

    DocumentShape(Type type)
    {
        Type = type;
        Properties =
        [
            .. type.GetProperties(BindingFlags.Public | BindingFlags.Instance)
                .Where(p => p.SetMethod is not null && p.GetCustomAttribute<NotInDocumentAttribute>() is null)
                .OrderBy(p => Depth(p.DeclaringType!)).ThenBy(p => p.MetadataToken)
                .Select(p => new DocumentProperty(
                    p.GetCustomAttribute<DocumentNameAttribute>()?.Name ?? char.ToLowerInvariant(p.Name[0]) + p.Name[1..],
                    p,
                    p.GetCustomAttribute<RequiredMemberAttribute>() is not null,
                    p.GetCustomAttribute<LimitsAttribute>())),
        ];
        if (type.GetCustomAttribute<ShorthandAttribute>() is { } shorthand)
            Shorthand = Properties.Single(p => p.Property.Name == shorthand.Property);
    }

    /// <summary>The record's type.</summary>
    public Type Type { get; }

    /// <summary>Its properties, those of base types first.</summary>
    public IReadOnlyList<DocumentProperty> Properties { get; }

    /// <summary>The property that a plain value in place of the mapping sets, if any.</summary>
    public DocumentProperty? Shorthand { get; }

    /// <summary>The shape of a record type.</summary>
    public static DocumentShape Of(Type type) => Shapes.GetOrAdd(type, static t => new(t));

    /// <summary>The property with a key, or null.</summary>
    public DocumentProperty? Find(string key)
    {
        foreach (var property in Properties)
            if (property.Key == key) return property;
        return null;
    }

    /// <summary>The name of an enumeration member in a document.</summary>
    public static string NameOf(Enum member)
    {
        ArgumentNullException.ThrowIfNull(member);
        return NamesOf(member.GetType()).First(n => n.Value.Equals(member)).Name;
    }

    /// <summary>The names of an enumeration's members in a document.</summary>
    public static IReadOnlyList<(string Name, object Value)> NamesOf(Type enumeration)
    {
        ArgumentNullException.ThrowIfNull(enumeration);
        return EnumNames.GetOrAdd(enumeration, static e =>
        [
            .. e.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(f => (f.GetCustomAttribute<DocumentNameAttribute>()?.Name ?? Kebab(f.Name), f.GetValue(null)!)),
        ]);
    }

    static readonly ConcurrentDictionary<Type, IReadOnlyList<(string Name, object Value)>> EnumNames = new();

    internal static bool IsQuantity(Type type) =>
        type.IsValueType && type.Namespace == typeof(Quantity).Namespace && type.GetInterface("IQuantity`1") is not null;

    internal static Type? SourcedValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(Sourced<>) ? type.GetGenericArguments()[0] : null;

    internal static Type? ListItem(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>) ? type.GetGenericArguments()[0] : null;

    internal static Type? MapValue(Type type) =>
        type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyDictionary<,>) ? type.GetGenericArguments()[1] : null;

    static int Depth(Type type) => type.BaseType is { } parent ? Depth(parent) + 1 : 0;

    static string Kebab(string name)
    {
        var text = new StringBuilder();
        for (var i = 0; i < name.Length; i++)
        {
            if (char.IsUpper(name[i]) && i > 0) text.Append('-');
            text.Append(char.ToLowerInvariant(name[i]));
        }
        return text.ToString();
    }
}
