using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>The kinds of validation, found by name.</summary>
public static class ValidationKinds
{
    static readonly Lazy<IReadOnlyList<IValidationKind>> Found = new(static () =>
    [
        .. typeof(ValidationKinds).Assembly.GetExportedTypes()
            .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IValidationKind)))
            .Select(t => (IValidationKind)Activator.CreateInstance(t)!)
            .OrderBy(t => t.Name, StringComparer.Ordinal),
    ]);

    /// <summary>All kinds, in alphabetical order.</summary>
    public static IReadOnlyList<IValidationKind> All => Found.Value;

    /// <summary>The kind of a name.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static IValidationKind Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        return All.FirstOrDefault(k => k.Name == name)
            ?? throw new InputException($"there is no kind of validation '{name}'{Nearest.Hint(name, [.. All.Select(k => k.Name)])}");
    }
}
