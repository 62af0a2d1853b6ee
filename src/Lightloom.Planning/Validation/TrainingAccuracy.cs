using Lightloom.Workloads;
using MathNet.Numerics.Statistics;

namespace Lightloom.Planning.Validation;

/// <summary>Errors of the rows of one group, seen by the fit and not.</summary>
/// <param name="Name">Which group.</param>
/// <param name="Rows">Its rows.</param>
/// <param name="FittedMean">Mean absolute error with the rows in the fit.</param>
/// <param name="FittedMedian">Median of the same.</param>
/// <param name="UnseenMean">Mean absolute error with the whole group left out of the fit; null where nothing was left out.</param>
/// <param name="UnseenMedian">Median of the same.</param>
/// <param name="UnseenP90">Absolute error that nine in ten of the same stay within.</param>
/// <param name="UnseenBias">Mean error, positive where predictions are too slow.</param>
public sealed record AccuracyGroup(string Name, int Rows, double FittedMean, double FittedMedian, double? UnseenMean, double? UnseenMedian, double? UnseenP90, double? UnseenBias);

/// <summary>What is left out together.</summary>
/// <param name="Name">Such as "model".</param>
/// <param name="Groups">Its groups, and all of them.</param>
public sealed record AccuracyAxis(string Name, IReadOnlyList<AccuracyGroup> Groups);

/// <summary>How far predicted steps are off, for what the fit of the kernels has seen and what it hasn't.</summary>
public sealed class TrainingAccuracy
{
    static readonly (string Name, Func<KernelRow, string> Of)[] Axes_ =
    [
        ("table", r => r.Table),
        ("model", r => r.Step.Row["model"]),
        ("accelerator", r => r.Step.System.Key.TrimEnd('*')),
        ("scale", r => ScaleOf(r.Step.Job.Accelerators)),
    ];

    // Parts of classes that are asked after by themselves. vTrain's rows are hundreds of one study: of small models on one node, and of two models on eight
    // and 64 nodes, where neighbours in microbatch differ by up to a half.
    static readonly (string Name, Func<KernelRow, bool> Has)[] Parts =
    [
        ("dense, Megatron-style, A100 and H100, without vTrain, rows that teach", r => Dense(r) && !r.Table.StartsWith("vtrain", StringComparison.Ordinal)),
        ("the same with vTrain's table of several nodes", r => Dense(r) && r.Table != "vtrain_single"),
        ("mixture of experts, H100, B200 and GB200", r => r.Step.Complete && ClassOf(r.Step) == Mixtures && On(r, "h100", "b200", "gb200")),
        ("GPT-3 and Llama 3.1 405B of MLPerf", r => r.Table == "mlperf_training" && r.Step.Row["model"] is "GPT-3-175B" or "Llama-3.1-405B"),
    ];

    static bool Dense(KernelRow row) => row.Step.Teaches && ClassOf(row.Step) == Replicated && On(row, "a100", "h100");

    static bool On(KernelRow row, params string[] families) => families.Contains(row.Step.System.Key.TrimEnd('*').Split('-')[0]);

    TrainingAccuracy(IReadOnlyList<AccuracyAxis> axes, IReadOnlyList<AccuracyGroup> classes) => (Axes, Classes) = (axes, classes);

    /// <summary>By table, model, accelerator and scale: each left out by itself.</summary>
    public IReadOnlyList<AccuracyAxis> Axes { get; }

    /// <summary>By class of model, and parts of classes, with each model left out.</summary>
    public IReadOnlyList<AccuracyGroup> Classes { get; }

    /// <summary>Works out the errors.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="fits">The fits of their stacks.</param>
    /// <param name="unseen">Whether to fit again without each group.</param>
    /// <param name="stop">Stops early; errors of what was not fitted again by then are missing.</param>
    public static TrainingAccuracy Of(IReadOnlyList<KernelRow> rows, IReadOnlyList<KernelFit> fits, bool unseen, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(fits);
        var byStack = fits.ToDictionary(f => f.Kernels.Key, StringComparer.Ordinal);
        var fitted = new Dictionary<KernelRow, double>(ReferenceEqualityComparer.Instance);
        foreach (var row in rows) fitted[row] = Math.Abs(row.Error(byStack[row.Step.System.Kernels.Key].Kernels));
        var axes = new List<AccuracyAxis>();
        IReadOnlyList<AccuracyGroup> classes = [];
        foreach (var (name, of) in Axes_)
        {
            var left = new Dictionary<KernelRow, (double Error, double Slowness)>(ReferenceEqualityComparer.Instance);
            if (unseen)
                foreach (var (row, error, slowness) in KernelFit.Unseen(rows, of, fits, stop)) left[row] = (Math.Abs(error), slowness);
            AccuracyGroup Group(string called, IEnumerable<KernelRow> members)
            {
                KernelRow[] group = [.. members];
                double[] seen = [.. group.Select(r => fitted[r]).Order()];
                double[] not = [.. group.Where(left.ContainsKey).Select(r => left[r].Error).Order()];
                return new(called, group.Length, seen.Average(), SortedArrayStatistics.Median(seen), not.Length > 0 ? not.Average() : null, not.Length > 0 ? SortedArrayStatistics.Median(not) : null,
                    not.Length > 0 ? not[(int)(0.9 * (not.Length - 1))] : null,
                    not.Length > 0 ? group.Where(left.ContainsKey).Average(r => left[r].Slowness) : null);
            }
            axes.Add(new(name, [.. rows.GroupBy(of, StringComparer.Ordinal).OrderBy(g => name == "scale" ? g.Min(r => r.Step.Job.Accelerators) : 0).Select(g => Group(g.Key, g)), Group("all", rows)]));
            if (name == "model")
            {
                classes =
                [
                    .. rows.Where(r => r.Step.Complete).GroupBy(r => ClassOf(r.Step), StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => Group(g.Key, g)),
                    .. rows.Where(r => !r.Step.Complete).GroupBy(_ => "configuration incomplete").Select(g => Group(g.Key, g)),
                    .. Parts.Select(p => (p.Name, Rows: rows.Where(p.Has).ToList())).Where(p => p.Rows.Count > 0).Select(p => Group(p.Name, p.Rows)),
                ];
            }
        }
        return new(axes, classes);
    }

    /// <summary>The classes of models.</summary>
    internal const string Patterns = "state spaces in a pattern", Mixtures = "mixture of experts", Sharded = "dense, fully sharded", Replicated = "dense, Megatron-style";

    /// <summary>The class that a measured step counts in.</summary>
    internal static string ClassOf(MeasuredStep step) => step.Job.Model.Model.Pattern is not null ? Patterns
        : step.Job.Model.Model.Experts is not null ? Mixtures
        : step.Job.Parallelism.Sharding == Sharding.Weights ? Sharded : Replicated;

    /// <summary>The band of scale that so many accelerators count in.</summary>
    internal static string ScaleOf(int accelerators) => accelerators switch
    {
        <= 8 => "1 to 8",
        <= 64 => "9 to 64",
        <= 512 => "65 to 512",
        <= 4096 => "513 to 4,096",
        _ => "more than 4,096",
    };
}
