// What kernels of a chip generation and software stack sustain, from published steps.
//
//   minimised    Σ_t (1/√n_t) Σ_r |ln(predicted / published)|  +  λ Σ_p (ln(p / p_0) / σ_p)²
//                t: tables with n_t rows each, so that long ones don't drown short ones; absolute errors, because software differs from
//                row to row by more than noise, and a few rows are told wrongly
//   believed     p_0 = √(low·high) of the part's range, σ_p = ln(high / low) / 3.29: nine in ten lie in the range; a fit never leaves it
//   search       KernelSearch.cs: the same answer every time
//   taught by    rows that say everything but microbatch, interleaving and recomputation
//   unseen       the fit again without every row of a model, an accelerator, a scale or a table, and these rows predicted by it
//
// Few parameters: at most eleven for a stack, none for a row or a system.
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>A row of a fit: a published step and its figure.</summary>
/// <param name="Step">The row, understood.</param>
/// <param name="Table">The file's name without its ending.</param>
/// <param name="Published">The row's figure.</param>
public sealed record KernelRow(MeasuredStep Step, string Table, double Published)
{
    /// <summary>Predicted over published figure, less one, as validations count it.</summary>
    /// <param name="kernels">What kernels sustain.</param>
    /// <exception cref="InputException">Nothing can be predicted for the row.</exception>
    public double Error(KernelPerformance kernels) => Ratio(kernels).Ratio - 1;

    /// <summary>The same, positive where the prediction is too slow.</summary>
    /// <param name="kernels">What kernels sustain.</param>
    /// <exception cref="InputException">Nothing can be predicted for the row.</exception>
    public double Slowness(KernelPerformance kernels) => Ratio(kernels) is var (ratio, rate) && rate ? 1 - ratio : ratio - 1;

    (double Ratio, bool IsRate) Ratio(KernelPerformance kernels)
    {
        var system = Step.System with { Kernels = kernels };
        var step = Step.Predict(system);
        var (value, quantity, _) = MeasuredMetric.Of(Step.Row, step, system);
        return (value / Published, quantity != MeasuredMetric.StepTime);
    }
}

/// <summary>One stack's parameters, fitted; see the head of this file.</summary>
public sealed class KernelFit
{
    /// <summary>Teaching rows below which a stack keeps the figures that it has.</summary>
    public const int FewestRows = 9;

    const double Belief = 0.02; // λ: how many mean absolute errors a parameter at the edge of its range costs, about

    KernelFit(KernelPerformance kernels, IReadOnlyList<KernelRow> rows, double cost) => (Kernels, Rows, Cost) = (kernels, rows, cost);

    /// <summary>The stack with what was fitted.</summary>
    public KernelPerformance Kernels { get; }

    /// <summary>The rows that taught it.</summary>
    public IReadOnlyList<KernelRow> Rows { get; }

    /// <summary>What was minimised.</summary>
    public double Cost { get; }

    /// <summary>The rows of tables that can be predicted, by stack.</summary>
    /// <param name="tables">The tables.</param>
    /// <param name="skip">Told of every other row, and why.</param>
    /// <exception cref="InputException">A cell is malformed; file, row and column are named.</exception>
    public static IReadOnlyList<KernelRow> Read(IEnumerable<CsvTable> tables, Action<CsvRow, string> skip)
    {
        ArgumentNullException.ThrowIfNull(tables);
        ArgumentNullException.ThrowIfNull(skip);
        var rows = new List<KernelRow>();
        foreach (var table in tables)
        {
            foreach (var row in table.Rows)
            {
                try
                {
                    if (MeasuredMetric.Unpredicted(row) is { } reason)
                    {
                        skip(row, reason);
                        continue;
                    }
                    var read = new KernelRow(MeasuredStep.Of(row, PartCatalog.Default), Path.GetFileNameWithoutExtension(table.Name), row.Real("value", 1e-12, 1e15));
                    read.Error(read.Step.System.Kernels);
                    rows.Add(read);
                }
                catch (InputException e) when (e.Mark is null)
                {
                    skip(row, e.Problem);
                }
            }
        }
        return rows;
    }

    /// <summary>Whether there were rows enough to teach it; otherwise it keeps its figures.</summary>
    public bool Taught => Rows.Count >= FewestRows;

    /// <summary>Fits the parameters of one stack, or keeps them where fewer than <see cref="FewestRows"/> rows teach it.</summary>
    /// <param name="rows">Rows of that stack, of which those teach that say enough.</param>
    /// <param name="kernels">The stack, with the ranges that are believed before.</param>
    /// <param name="stop">Stops the search early.</param>
    public static KernelFit Of(IReadOnlyList<KernelRow> rows, KernelPerformance kernels, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(kernels);
        return Fitted([.. rows.Where(r => r.Step.Teaches)], kernels, FewestRows, stop);
    }

    static KernelFit Fitted(IReadOnlyList<KernelRow> rows, KernelPerformance kernels, int fewest, CancellationToken stop)
    {
        var free = KernelParameter.All.Where(p => p.Of(kernels) is { } f && f.High > f.Low && f.Low > 0 && rows.Any(r => p.Matters(r.Step))).ToList();
        var weights = rows.GroupBy(r => r.Table).ToDictionary(g => g.Key, g => 1 / Math.Sqrt(g.Count()), StringComparer.Ordinal);
        var whole = rows.Sum(r => weights[r.Table]);
        double CostOf(KernelPerformance at)
        {
            var sum = 0.0;
            foreach (var row in rows) sum += weights[row.Table] * Math.Abs(Math.Log(Math.Max(1e-3, 1 + Tried(() => row.Error(at)))));
            var belief = 0.0;
            foreach (var p in free)
            {
                var (value, low, high) = p.Of(at)!.Value;
                var away = (Math.Log(value) - (0.5 * Math.Log(low * high))) / (Math.Log(high / low) / 3.29);
                belief += away * away;
            }
            return (whole > 0 ? sum / whole : 0) + (Belief * belief / Math.Max(1, rows.Count));
        }
        if (rows.Count < fewest) return new(kernels, rows, CostOf(kernels));
        var (found, least) = KernelSearch.Least(kernels, free, CostOf, stop);
        return new(found, rows, least);
    }

    /// <summary>Every row predicted by a fit of its stack that never saw the row's group; refitted once for each group.</summary>
    /// <param name="rows">Rows of any stacks.</param>
    /// <param name="group">The group of a row: its model, its accelerator, its scale, its table.</param>
    /// <param name="fits">The fits of all rows of each stack.</param>
    /// <param name="stop">Stops early; what was not predicted by then is left out.</param>
    /// <returns>Errors as <see cref="KernelRow.Error"/> and <see cref="KernelRow.Slowness"/> count them, in the order of the rows.</returns>
    public static IReadOnlyList<(KernelRow Row, double Error, double Slowness)> Unseen(
        IReadOnlyList<KernelRow> rows, Func<KernelRow, string> group, IReadOnlyList<KernelFit> fits, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(group);
        ArgumentNullException.ThrowIfNull(fits);
        var groups = rows.GroupBy(r => (Stack: r.Step.System.Kernels.Key, Name: group(r))).ToList();
        var whole = fits.ToDictionary(f => f.Kernels.Key, StringComparer.Ordinal);
        var found = new Dictionary<KernelRow, (double, double)>(ReferenceEqualityComparer.Instance);
        Parallel.ForEach(groups, new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount }, left =>
        {
            if (stop.IsCancellationRequested) return;
            // Without what teaches nothing the fit is the same, and what nothing taught saw none of its rows. Of the others few rows must do.
            var fit = whole[left.Key.Stack];
            if (fit.Taught && left.Any(static r => r.Step.Teaches))
                fit = Fitted([.. fit.Rows.Where(r => group(r) != left.Key.Name)], left.First().Step.System.Kernels, fewest: 0, stop);
            var kernels = fit.Kernels;
            foreach (var row in left)
            {
                var errors = (Tried(() => row.Error(kernels)), Tried(() => row.Slowness(kernels)));
                lock (found) found[row] = errors;
            }
        });
        return [.. rows.Where(found.ContainsKey).Select(r => (r, found[r].Item1, found[r].Item2))];
    }

    // Where nothing fits any more, as wrong as a factor of two.
    static double Tried(Func<double> error)
    {
        try
        {
            return error();
        }
        catch (InputException)
        {
            return 1;
        }
    }
}
