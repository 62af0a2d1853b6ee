using System.Text.Encodings.Web;
using System.Text.Json;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning;

/// <summary>The published JSON Schema of design documents, made from the types that read them.</summary>
public static class DesignSchema
{
    static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>Writes the schema.</summary>
    public static string Write() =>
        new DocumentSchema(PartCatalog.Default).Of<Design>("Lightloom design document").ToJsonString(Indented);
}
