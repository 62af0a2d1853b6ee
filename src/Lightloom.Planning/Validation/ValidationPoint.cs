namespace Lightloom.Planning.Validation;

/// <summary>A group that a point counts in.</summary>
/// <param name="By">What it groups by, such as "quantity" or "band".</param>
/// <param name="Name">Which of the groups, such as "GSNR".</param>
public readonly record struct ValidationTag(string By, string Name);

/// <summary>One published figure beside its prediction.</summary>
public sealed record ValidationPoint
{
    /// <summary>The file, without its folder.</summary>
    public required string File { get; init; }

    /// <summary>Its row: 1 is the first below the header.</summary>
    public required int Row { get; init; }

    /// <summary>What the table calls the row.</summary>
    public required string Id { get; init; }

    /// <summary>What the figure is, such as "GSNR" or "time".</summary>
    public required string Quantity { get; init; }

    /// <summary>The published figure.</summary>
    public required double Published { get; init; }

    /// <summary>The prediction.</summary>
    public required double Predicted { get; init; }

    /// <summary>Unit of both.</summary>
    public required string Unit { get; init; }

    /// <summary>Unit of the error predicted − published, such as "dB" or "count"; null for a share, predicted/published − 1.</summary>
    public string? ErrorUnit { get; init; }

    /// <summary>Lower end of what the model allows for; null where it names no band.</summary>
    public double? Low { get; init; }

    /// <summary>Upper end of what the model allows for; null where it names no band.</summary>
    public double? High { get; init; }

    /// <summary>The error that is still agreement, in the error's unit; null where a band decides, or nothing.</summary>
    public double? Tolerance { get; init; }

    /// <summary>What a reader should know about this point; empty where nothing.</summary>
    public string Note { get; init; } = "";

    /// <summary>The groups that it counts in.</summary>
    public IReadOnlyList<ValidationTag> Tags { get; init; } = [];

    /// <summary>Whether the figure is a rate, of which too much means too fast.</summary>
    public bool IsRate { get; init; }

    /// <summary>One thing measured at several sizes, and this point's size; null where it belongs to no such series.</summary>
    public (string Name, double Scale)? Series { get; init; }

    /// <summary>Error: positive where the prediction is too large.</summary>
    public double Error => ErrorUnit is not null ? Predicted - Published : Predicted / Published - 1;

    /// <summary>The error as it counts in a bias: positive where the prediction is too large, or too slow for a rate.</summary>
    public double Slowness => IsRate ? -Error : Error;

    /// <summary>Whether the published figure lies in the band; null where there is none.</summary>
    public bool? InsideBand => Low is { } low && High is { } high ? Published >= low && Published <= high : null;

    /// <summary>Whether prediction and figure disagree by more than is allowed for.</summary>
    public bool IsMiss => Tolerance is { } tolerance ? Math.Abs(Error) > tolerance : InsideBand == false;

    /// <summary>Half of the last digit of a printed number, and a breath for the binary digits behind it.</summary>
    internal static double HalfDigit(string printed)
    {
        var point = printed.IndexOf('.', StringComparison.Ordinal);
        return 0.5001 * Math.Pow(10, point < 0 ? 0 : -(printed.Length - point - 1));
    }
}
