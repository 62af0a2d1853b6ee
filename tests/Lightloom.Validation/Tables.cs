using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Validation;

/// <summary>The project's tables of published steps, and made-up ones.</summary>
static class Tables
{
    public static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "validation", "training");

    public static CsvTable Of(string name) => CsvTable.ReadFile(Path.Combine(Folder, name + ".csv"));

    /// <summary>Predicted model TFLOP/s of each row of a text.</summary>
    public static IReadOnlyList<double> Read(string text) =>
        [.. CsvTable.Read(text, "text.csv").Rows.Select(r => MeasuredStep.Of(r, PartCatalog.Default).Predict().RatePerAccelerator(Workloads.FlopConvention.Model).Teraflops)];
}

/// <summary>A file that is gone afterwards.</summary>
sealed class TemporaryFile : IDisposable
{
    public TemporaryFile(string text)
    {
        Path = System.IO.Path.Combine(System.IO.Path.GetTempPath(), $"lightloom-{Guid.NewGuid():N}.csv");
        File.WriteAllText(Path, text);
    }

    public string Path { get; }

    public void Dispose() => File.Delete(Path);
}
