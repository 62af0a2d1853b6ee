using System.Reflection;

namespace Lightloom.Quantities;

/// <summary>Every quantity of this assembly, for messages that tell a wrong unit from an unknown one, and for tests.</summary>
public static class QuantityKinds
{
    static readonly Lazy<IReadOnlyList<(Type Type, string Name, IReadOnlyList<Unit> Units)>> Kinds = new(Discover);

    /// <summary>The types of all quantities, in alphabetical order.</summary>
    public static IReadOnlyList<Type> All => [.. Kinds.Value.Select(k => k.Type)];

    internal static string Describe(ReadOnlySpan<char> symbol)
    {
        var shown = symbol.Length <= 20 ? symbol.ToString() : symbol[..17].ToString() + "...";
        foreach (var (_, name, units) in Kinds.Value)
            foreach (var unit in units)
                if (unit.Answers(symbol)) return $"'{shown}' is a unit of {name}";
        return $"'{shown}' is not a known unit";
    }

    static List<(Type Type, string Name, IReadOnlyList<Unit> Units)> Discover()
    {
        var describe = typeof(QuantityKinds).GetMethod(nameof(Of), BindingFlags.Static | BindingFlags.NonPublic)!;
        return
        [
            .. typeof(QuantityKinds).Assembly.GetExportedTypes()
                .Where(t => t.IsValueType && t.GetInterfaces().Any(i =>
                    i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IQuantity<>)))
                .OrderBy(t => t.Name, StringComparer.Ordinal)
                .Select(t => ((Type, string, IReadOnlyList<Unit>))describe.MakeGenericMethod(t).Invoke(null, null)!),
        ];
    }

    static (Type Type, string Name, IReadOnlyList<Unit> Units) Of<T>()
        where T : struct, IQuantity<T> => (typeof(T), T.Name, T.Units);
}
