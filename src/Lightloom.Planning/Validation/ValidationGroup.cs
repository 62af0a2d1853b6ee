namespace Lightloom.Planning.Validation;

/// <summary>Errors of points that belong together. Relative ones are shares: 0.041 is 4.1 %.</summary>
public sealed record ValidationGroup
{
    /// <summary>What it groups by.</summary>
    public required string By { get; init; }

    /// <summary>Which of the groups.</summary>
    public required string Name { get; init; }

    /// <summary>Points in it.</summary>
    public required int Rows { get; init; }

    /// <summary>Unit of the errors; null where they are relative.</summary>
    public string? Unit { get; init; }

    /// <summary>Median of the absolute errors.</summary>
    public required double MedianAbsError { get; init; }

    /// <summary>Mean of the absolute errors.</summary>
    public required double MeanAbsError { get; init; }

    /// <summary>Absolute error that nine in ten stay within, between the nearest ranks linearly.</summary>
    public required double P90AbsError { get; init; }

    /// <summary>Largest absolute error.</summary>
    public required double MaxAbsError { get; init; }

    /// <summary>Mean error: positive where predictions are too large, or too slow where the figure is a rate.</summary>
    public required double Bias { get; init; }

    /// <summary>Share of the points with a band whose figure lies in it; null where none has a band.</summary>
    public double? InsideBand { get; init; }

    /// <summary>Points that disagree by more than is allowed for.</summary>
    public required int Misses { get; init; }

    /// <summary>Groups points by their quantity and tags.</summary>
    public static IReadOnlyList<ValidationGroup> Of(IReadOnlyList<ValidationPoint> points)
    {
        // In the order in which a kind names them first, which is the one that it wants to be read in.
        var members = new Dictionary<(string By, string Name, string? Unit), List<ValidationPoint>>();
        var order = new List<(string By, string Name, string? Unit)>();
        foreach (var point in points)
        {
            foreach (var tag in point.Tags)
            {
                var key = (tag.By, tag.Name, point.ErrorUnit);
                if (!members.TryGetValue(key, out var list))
                {
                    members[key] = list = [];
                    order.Add(key);
                }
                list.Add(point);
            }
        }
        var kinds = order.Select(k => k.By).Distinct().ToList();
        return [.. order.OrderBy(k => kinds.IndexOf(k.By)).Select(k => Of(k, members[k]))];
    }

    static ValidationGroup Of((string By, string Name, string? Unit) key, List<ValidationPoint> points)
    {
        var sizes = points.Select(p => Math.Abs(p.Error)).Order().ToArray();
        var banded = points.Where(p => p.InsideBand is not null).ToList();
        return new()
        {
            By = key.By,
            Name = key.Name,
            Unit = key.Unit,
            Rows = points.Count,
            MedianAbsError = Quantile(sizes, 0.5),
            MeanAbsError = sizes.Average(),
            P90AbsError = Quantile(sizes, 0.9),
            MaxAbsError = sizes[^1],
            Bias = points.Average(p => p.Slowness),
            InsideBand = banded.Count == 0 ? null : (double)banded.Count(p => p.InsideBand == true) / banded.Count,
            Misses = points.Count(p => p.IsMiss),
        };
    }

    static double Quantile(double[] sorted, double share)
    {
        var at = share * (sorted.Length - 1);
        var below = (int)at;
        var above = Math.Min(below + 1, sorted.Length - 1);
        return sorted[below] + (at - below) * (sorted[above] - sorted[below]);
    }
}
