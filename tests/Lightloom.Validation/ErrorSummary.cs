namespace Lightloom.Validation;

/// <summary>Relative errors of a group of predictions.</summary>
/// <param name="Rows">Predictions.</param>
/// <param name="Mean">Mean absolute error.</param>
/// <param name="Median">Median absolute error.</param>
/// <param name="NinetiethPercentile">Absolute error that nine in ten stay within.</param>
/// <param name="Bias">Mean error: positive where predictions are slower.</param>
sealed record ErrorSummary(int Rows, double Mean, double Median, double NinetiethPercentile, double Bias)
{
    public static ErrorSummary Of(IEnumerable<double> errors)
    {
        var all = errors.ToArray();
        var sizes = all.Select(Math.Abs).Order().ToArray();
        return new(all.Length, sizes.Average(), Quantile(sizes, 0.5), Quantile(sizes, 0.9), all.Average());
    }

    // Between the nearest ranks, linearly.
    static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + ((at - below) * (sorted[above] - sorted[below]));
    }

    public override string ToString() => $"{Rows,4} {Mean,8:0.0%} {Median,8:0.0%} {NinetiethPercentile,8:0.0%} {Bias,8:+0.0%;-0.0%}";
}
