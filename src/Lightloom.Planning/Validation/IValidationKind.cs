using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>
/// A kind of validation: which tables of published figures it knows and how the models predict their rows. A public class that
/// implements it is found by its <see cref="Name"/>; one file is all that a new kind takes.
/// </summary>
public interface IValidationKind
{
    /// <summary>What <c>lightloom validate</c> calls it.</summary>
    string Name { get; }

    /// <summary>What it compares, in one sentence.</summary>
    string Description { get; }

    /// <summary>The tables that it knows; of those whose columns a file has, the one with most columns is meant.</summary>
    IReadOnlyList<ValidatedTable> Tables { get; }

    /// <summary>Compares what a file or folder holds: its tables, unless the kind reads files of another form.</summary>
    /// <exception cref="InputException">As of <see cref="ValidationResult.Of"/>.</exception>
    ValidationResult Compare(string path) => ValidationResult.Of(this, path);
}

/// <summary>A table of published figures, known by its columns and not by the name of its file.</summary>
/// <param name="Name">What it is called in messages.</param>
/// <param name="Columns">The columns that it must have; more may be there.</param>
/// <param name="Predict">
/// Predicts the rows: every row gets points or a reason why it has none. Throws <see cref="InputException"/> where a cell is malformed.
/// </param>
public sealed record ValidatedTable(string Name, IReadOnlyList<string> Columns, Action<CsvTable, ValidationRun> Predict);
