using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>One step of a link's loss budget, from what is available down to the margin.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Change">What it adds (positive) or takes (negative).</param>
/// <param name="Cumulative">What is left after it; after the last term, the margin.</param>
/// <param name="Level">Outer OMA at this point of the path, for optics whose levels are known.</param>
/// <param name="Source">Where the figure comes from.</param>
/// <param name="Grade">How far it can be trusted.</param>
public sealed record BudgetTerm(
    string Name, Decibels Change, Decibels Cumulative, DecibelMilliwatts? Level, string Source, Grade Grade);
