using Lightloom.Catalog.Documents;
using Lightloom.Fabric;

namespace Lightloom.Interop.Fabric;

/// <summary>Formats in which built fabrics are read.</summary>
public static class FabricImports
{
    static readonly Dictionary<string, Func<string, FabricGraph, DiscoveredFabric>> Readers = new(StringComparer.Ordinal)
    {
        ["cables"] = CablesImport.ReadFile,
        ["ibnetdiscover"] = static (path, _) => IbnetdiscoverImport.ReadFile(path),
        ["infragraph"] = static (path, _) => InfraGraphImport.ReadFile(path),
        ["netbox"] = static (path, _) => NetBoxImport.ReadFile(path),
    };

    /// <summary>Their names.</summary>
    public static IReadOnlyCollection<string> Names => Readers.Keys;

    /// <summary>Reads a file.</summary>
    /// <param name="path">The file.</param>
    /// <param name="design">The fabric that it is to be compared with; labels of ports are read as its switches have them.</param>
    /// <param name="format">One of <see cref="Names"/>, or null to tell it from the file's first lines.</param>
    /// <exception cref="InputException">There is no such format, or the file is none of it.</exception>
    public static DiscoveredFabric ReadFile(string path, FabricGraph design, string? format = null)
    {
        ArgumentNullException.ThrowIfNull(path);
        format ??= Guess(path);
        return Readers.TryGetValue(format, out var read) ? read(path, design) : throw new InputException($"there is no format '{format}'{Nearest.Hint(format, Names)}");
    }

    // The formats have nothing in common in their first lines: a header of columns, an object, or comments and records.
    static string Guess(string path) => TextLines.ReadFile(path, reader =>
    {
        var lines = new TextLines(reader, path);
        for (var i = 0; i < 200 && lines.Next(); i++)
        {
            var text = lines.Line.Trim();
            if (text.IsEmpty) continue;
            if (text.Contains("a_device", StringComparison.Ordinal) && text.Contains("b_port", StringComparison.Ordinal)) return "cables";
            if (text.Contains("side_a_", StringComparison.Ordinal)) return "netbox";
            if (text[0] == '{' || text.StartsWith("name:") || text.StartsWith("devices:") || text.StartsWith("description:")) return "infragraph";
            if (text.StartsWith("vendid=") || text.StartsWith("Switch") || text.StartsWith("Ca\t") || text.StartsWith("Ca ") || text.StartsWith("Hca") || text.StartsWith("speed=")) return "ibnetdiscover";
        }
        throw new InputException($"'{path}' is in no known format; say which with --format ({string.Join(", ", Names)})");
    });
}
