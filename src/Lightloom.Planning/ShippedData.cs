using Lightloom.Catalog.Documents;

namespace Lightloom.Planning;

/// <summary>Data files that the library ships with.</summary>
static class ShippedData
{
    /// <summary>The text of a file by its name: "claims/claims.csv".</summary>
    public static string Text(string name) => EmbeddedText.Of(typeof(ShippedData).Assembly, name);
}
