using System.Globalization;
using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Validation;

/// <summary>Writes how well training steps are predicted as parts: <c>data/catalog/model-accuracy.yaml</c>.</summary>
public static class TrainingAccuracyFile
{
    static readonly (string Class, string Key, string Name)[] Parts =
    [
        (TrainingAccuracy.Replicated, "training-step-dense", "Time of a training step, dense models with tensor, pipeline and data parallelism"),
        (TrainingAccuracy.Sharded, "training-step-sharded", "Time of a training step, dense models fully sharded"),
        (TrainingAccuracy.Mixtures, "training-step-experts", "Time of a training step, mixtures of experts"),
        (TrainingAccuracy.Patterns, "training-step-patterns", "Time of a training step, state spaces, attention and mixtures in a pattern"),
    ];

    /// <summary>Writes the parts.</summary>
    /// <param name="output">Where to.</param>
    /// <param name="accuracy">The errors.</param>
    /// <param name="rows">The rows that they are of.</param>
    /// <exception cref="InputException">A class has no rows that a fit could be made without.</exception>
    public static void Write(TextWriter output, TrainingAccuracy accuracy, IReadOnlyList<KernelRow> rows)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(accuracy);
        ArgumentNullException.ThrowIfNull(rows);
        output.WriteLine("# How well the models do on published measurements of models that their fit hasn't seen. Written by `lightloom train fit --accuracy`.");
        output.WriteLine("kind: model-accuracy");
        output.WriteLine("parts:");
        foreach (var (name, key, title) in Parts)
        {
            var group = accuracy.Classes.FirstOrDefault(c => c.Name == name);
            if (group is not { UnseenMedian: { } median, UnseenP90: { } most }) throw new InputException($"no complete row of '{name}' was predicted unseen");
            var of = rows.Where(r => r.Step.Complete && TrainingAccuracy.ClassOf(r.Step) == name).ToList();
            // Stacks of one generation are told apart by what follows its name.
            var kernels = of.Select(r => r.Step.System.Kernels.Key.TrimEnd('*').Split('-')[0]).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal);
            output.WriteLine($"  {key}:");
            output.WriteLine($"    name: {title}");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    rows: {of.Count}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    medianError: {median:0.000}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    ninetiethPercentile: {most:0.000}"));
            output.WriteLine($"    kernels: [{string.Join(", ", kernels)}]");
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    fewestAccelerators: {of.Min(r => r.Step.Job.Accelerators)}"));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"    mostAccelerators: {of.Max(r => r.Step.Job.Accelerators)}"));
        }
    }
}
