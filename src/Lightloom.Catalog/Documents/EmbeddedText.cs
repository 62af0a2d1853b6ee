using System.Reflection;
using System.Text;

namespace Lightloom.Catalog.Documents;

/// <summary>Data files that libraries ship with, inside their assemblies.</summary>
public static class EmbeddedText
{
    /// <summary>The text of a file.</summary>
    /// <param name="assembly">The library.</param>
    /// <param name="name">Its name there: "catalog/switch.yaml".</param>
    /// <exception cref="InvalidOperationException">The library ships without it.</exception>
    public static string Of(Assembly assembly, string name)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var stream = assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"{assembly.GetName().Name} ships without {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
