using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>How well a model does on published measurements of what its fit hasn't seen; written by the fit.</summary>
[PartKind("model-accuracy")]
public sealed record ModelAccuracy : Part
{
    /// <summary>Published measurements that were predicted.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public required int Rows { get; init; }

    /// <summary>Median absolute relative error of predictions by fits that had not seen the row's model.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required double MedianError { get; init; }

    /// <summary>Absolute relative error that nine in ten of those predictions stay within.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required double NinetiethPercentile { get; init; }

    /// <summary>Kernel generations that the rows ran on.</summary>
    public required IReadOnlyList<string> Kernels { get; init; }

    /// <summary>Fewest accelerators of a row.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000_000)]
    public required int FewestAccelerators { get; init; }

    /// <summary>Most accelerators of a row.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000_000)]
    public required int MostAccelerators { get; init; }
}
