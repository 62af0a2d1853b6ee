using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog;

/// <summary>How well a model did against published measurements. The validation tests compute these figures and hold them to be true.</summary>
[PartKind("model-accuracy")]
public sealed record ModelAccuracy : Part
{
    /// <summary>Published measurements that were predicted.</summary>
    [Limits(Minimum = 1, Maximum = 1_000_000)]
    public required int Rows { get; init; }

    /// <summary>How many of them parameters were fitted on: the rest the models had never seen.</summary>
    [Limits(Minimum = 0, Maximum = 1_000_000)]
    public required int FittedRows { get; init; }

    /// <summary>Median absolute relative error.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required double MedianError { get; init; }

    /// <summary>Absolute relative error that nine in ten rows stay within.</summary>
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

    /// <summary>Whether mixture-of-experts models are among the rows.</summary>
    public bool Experts { get; init; }
}
