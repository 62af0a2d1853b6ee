using Lightloom.Catalog.Documents;

namespace Lightloom.Collectives;

/// <summary>Data files that the library ships with.</summary>
static class ShippedData
{
    /// <summary>The text of a file by its name: "collectives/accuracy.yaml".</summary>
    public static string Text(string name) => EmbeddedText.Of(typeof(ShippedData).Assembly, name);
}
