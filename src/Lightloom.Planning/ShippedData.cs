using System.Text;

namespace Lightloom.Planning;

/// <summary>Data files that the library ships with.</summary>
static class ShippedData
{
    /// <summary>The text of a file by its name: "claims/claims.csv".</summary>
    public static string Text(string name)
    {
        using var stream = typeof(ShippedData).Assembly.GetManifestResourceStream(name) ?? throw new InvalidOperationException($"the library ships without {name}");
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return reader.ReadToEnd();
    }
}
