using System.Reflection;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>The kinds of validation, found by name.</summary>
public static class ValidationKinds
{
    static readonly Lazy<IReadOnlyList<IValidationKind>> Found = new(static () => In(typeof(ValidationKinds).Assembly));

    /// <summary>All kinds of this library, in alphabetical order.</summary>
    public static IReadOnlyList<IValidationKind> All => Found.Value;

    /// <summary>The kinds of several libraries, in alphabetical order; those of one name are one that knows the tables of all.</summary>
    public static IReadOnlyList<IValidationKind> In(params IReadOnlyList<Assembly> libraries)
    {
        ArgumentNullException.ThrowIfNull(libraries);
        return
        [
            .. libraries.SelectMany(l => l.GetExportedTypes())
                .Where(t => t is { IsClass: true, IsAbstract: false } && t.IsAssignableTo(typeof(IValidationKind)) && t.GetConstructor([]) is not null)
                .Select(t => (IValidationKind)Activator.CreateInstance(t)!)
                .GroupBy(k => k.Name, StringComparer.Ordinal)
                .Select(k => k.Count() == 1 ? k.First() : new Joined([.. k]))
                .OrderBy(k => k.Name, StringComparer.Ordinal),
        ];
    }

    /// <summary>The kind of a name.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static IValidationKind Find(string name) => Find(name, All);

    /// <summary>The kind of a name among some.</summary>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static IValidationKind Find(string name, IReadOnlyList<IValidationKind> among)
    {
        ArgumentNullException.ThrowIfNull(name);
        return among.FirstOrDefault(k => k.Name == name)
            ?? throw new InputException($"there is no kind of validation '{name}'{Nearest.Hint(name, [.. among.Select(k => k.Name)])}");
    }

    sealed class Joined(IReadOnlyList<IValidationKind> kinds) : IValidationKind
    {
        public string Name => kinds[0].Name;

        public string Description => string.Join("; ", kinds.Select(k => k.Description));

        public IReadOnlyList<ValidatedTable> Tables { get; } = [.. kinds.SelectMany(k => k.Tables)];
    }
}
