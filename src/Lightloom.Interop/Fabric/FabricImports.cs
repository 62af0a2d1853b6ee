using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

/// <summary>Formats in which built fabrics are read.</summary>
public static class FabricImports
{
    static readonly Dictionary<string, Func<string, DiscoveredFabric>> Readers = new(StringComparer.Ordinal)
    {
        ["ibnetdiscover"] = IbnetdiscoverImport.ReadFile,
        ["infragraph"] = InfraGraphImport.ReadFile,
        ["netbox"] = NetBoxImport.ReadFile,
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => Readers.Keys;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="format">One of <see cref="Names"/>, or null to tell it from the file's first lines.</param>
    /// <exception cref="InputException">There is no such format, or the file is none of it.</exception>
    public static DiscoveredFabric ReadFile(string path, string? format = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        format ??= Guess(path);
        return Readers.TryGetValue(format, out var read) ? read(path) : throw new InputException($"there is no format '{format}'{Nearest.Hint(format, Names)}");
    }

    // The formats have nothing in common in their first lines: a header of columns, an object, or comments and records.
    static string Guess(string path) => TextLines.ReadFile(path, reader =>
    {
        var lines = new TextLines(reader, path);
        for (var i = 0; i < 200 && lines.Next() is { } line; i++)
        {
            var text = line.AsSpan().Trim();
            if (text.IsEmpty) continue;
            if (text.Contains("side_a_", StringComparison.Ordinal)) return "netbox";
            if (text[0] == '{' || text.StartsWith("name:") || text.StartsWith("devices:") || text.StartsWith("description:")) return "infragraph";
            if (text.StartsWith("vendid=") || text.StartsWith("Switch") || text.StartsWith("Ca\t") || text.StartsWith("Ca ") || text.StartsWith("Hca") || text.StartsWith("speed=")) return "ibnetdiscover";
        }
        throw new InputException($"'{path}' is in no known format; say which with --format ({string.Join(", ", Names)})");
    });
}
