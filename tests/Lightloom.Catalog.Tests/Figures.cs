using System.Reflection;

namespace Lightloom.Catalog.Tests;

/// <summary>Every figure of every shipped part.</summary>
static class Figures
{
    static readonly Lazy<List<(string Path, ISourced Figure)>> All = new(() =>
        [.. PartCatalog.Kinds.SelectMany(k => PartCatalog.Default.Keys(k.Type)
            .SelectMany(key => Of(PartCatalog.Default.Get(k.Type, key, null), $"{k.Kind} {key}")))]);

    public static IReadOnlyList<(string Path, ISourced Figure)> Shipped() => All.Value;

    /// <summary>The figures of a record and of the records in it, but not those of the parts that it names.</summary>
    public static IEnumerable<(string Path, ISourced Figure)> Of(object record, string path)
    {
        foreach (var property in record.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetIndexParameters().Length > 0 || property.GetValue(record) is not { } value) continue;
            var inner = $"{path}.{property.Name}";
            if (value is ISourced figure) yield return (inner, figure);
            else if (value is not Part && value.GetType().IsClass && value.GetType().Assembly == typeof(Part).Assembly)
                foreach (var nested in Of(value, inner)) yield return nested;
        }
    }
}
