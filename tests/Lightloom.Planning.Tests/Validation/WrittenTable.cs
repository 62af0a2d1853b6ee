using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>A table that a test writes out.</summary>
static class WrittenTable
{
    /// <summary>What a kind of validation says of one table, which is gone afterwards.</summary>
    public static ValidationResult Validate(IValidationKind kind, string name, string text)
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("lightloom-").FullName, name);
        try
        {
            File.WriteAllText(file, text);
            return ValidationResult.Of(kind, file);
        }
        finally
        {
            Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
        }
    }
}
