using System.Globalization;

namespace Lightloom.Planning.Validation;

/// <summary>A validation as the cells of tables for people; how they are laid out is up to who prints them.</summary>
public static class ValidationText
{
    /// <summary>Headings of <see cref="Groups"/>; '&gt;' before one says that its column is aligned to the right.</summary>
    public static IReadOnlyList<string> GroupColumns { get; } = ["by", "group", ">rows", "", ">median", ">mean", ">p90", ">largest", ">bias", ">in band", ">misses"];

    /// <summary>Headings of <see cref="Drifts"/>.</summary>
    public static IReadOnlyList<string> DriftColumns { get; } = ["series", ">from", ">to", ">points", ">drift"];

    /// <summary>One row for each thing that was measured at several sizes; drifts in percentage points.</summary>
    public static IEnumerable<IReadOnlyList<string>> Drifts(ValidationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Drifts.Select(d => (string[])
        [
            d.Series, d.From.ToString("N0", CultureInfo.InvariantCulture), d.To.ToString("N0", CultureInfo.InvariantCulture),
            d.Points.ToString("N0", CultureInfo.InvariantCulture), Error(d.Drift, null, true),
        ]);
    }

    /// <summary>Headings of <see cref="Misses"/>.</summary>
    public static IReadOnlyList<string> MissColumns { get; } = ["file", ">row", "id", "quantity", ">published", ">predicted", ">error", "note"];

    /// <summary>One row for each group.</summary>
    public static IEnumerable<IReadOnlyList<string>> Groups(ValidationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Groups.Select(g => (string[])
        [
            g.By, g.Name, g.Rows.ToString("N0", CultureInfo.InvariantCulture), g.Unit ?? "%", Error(g.MedianAbsError, g.Unit), Error(g.MeanAbsError, g.Unit),
            Error(g.P90AbsError, g.Unit), Error(g.MaxAbsError, g.Unit), Error(g.Bias, g.Unit, true),
            g.InsideBand is { } inside ? $"{Error(inside, null)} %" : "", g.Misses.ToString("N0", CultureInfo.InvariantCulture),
        ]);
    }

    /// <summary>One row for each point that disagrees, the largest errors first.</summary>
    public static IEnumerable<IReadOnlyList<string>> Misses(ValidationResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        return result.Misses.OrderByDescending(p => Math.Abs(p.Error)).Select(p => (string[])
        [
            p.File, p.Row.ToString(CultureInfo.InvariantCulture), p.Id, p.Quantity,
            $"{Figure(p.Published)} {p.Unit}", $"{Figure(p.Predicted)} {p.Unit}", $"{Error(p.Error, p.ErrorUnit, true)} {p.ErrorUnit ?? "%"}", p.Note,
        ]);
    }

    /// <summary>An error without its unit; without one, in per cent.</summary>
    static string Error(double error, string? unit, bool signed = false)
    {
        var text = unit switch
        {
            null => (100 * error).ToString(Math.Abs(error) is >= 5e-7 and < 0.001 ? "0.####" : "0.0", CultureInfo.InvariantCulture),
            "dB" => error.ToString(Math.Abs(error) < 0.0095 ? "0.00000" : "0.000", CultureInfo.InvariantCulture),
            _ => error.ToString("G3", CultureInfo.InvariantCulture),
        };
        // A sign before what rounds to nothing says nothing.
        var nothing = !text.Any(c => c is >= '1' and <= '9');
        return nothing ? text.TrimStart('-') : signed && error > 0 ? "+" + text : text;
    }

    static string Figure(double value) => value.ToString("G6", CultureInfo.InvariantCulture);
}
