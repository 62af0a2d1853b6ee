using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>
/// The OSNR penalty that an impairment costs a receiver: linear between the points that are known, infinite beyond them. Where
/// every point lies above zero, no impairment is taken to cost nothing.
/// </summary>
public sealed class PenaltyTable
{
    readonly double[] impairments; // strictly ascending
    readonly double[] penalties; // dB

    /// <summary>Makes a table; the points may come in any order.</summary>
    /// <param name="points">Impairments, in whatever unit the table is read with, with their penalties.</param>
    /// <exception cref="InputException">There is no point, an impairment stands twice, or a figure isn't finite.</exception>
    public PenaltyTable(IReadOnlyList<(double Impairment, Decibels Penalty)> points)
    {
        ArgumentNullException.ThrowIfNull(points);
        if (points.Count == 0) throw new InputException("a table of penalties needs at least one point");
        if (points.Any(p => !double.IsFinite(p.Impairment) || !double.IsFinite(p.Penalty.Si)))
            throw new InputException("impairments and penalties must be finite");
        var sorted = points.OrderBy(p => p.Impairment).ToList();
        if (sorted[0].Impairment > 0) sorted.Insert(0, (0, Decibels.Zero));
        impairments = [.. sorted.Select(p => p.Impairment)];
        penalties = [.. sorted.Select(p => p.Penalty.Si)];
        for (var i = 1; i < impairments.Length; i++)
            if (impairments[i] == impairments[i - 1]) throw new InputException($"a table of penalties has {impairments[i]} twice");
    }

    /// <summary>Nothing up to a limit, in either direction, and infinitely much beyond it.</summary>
    public static PenaltyTable UpTo(double limit) => limit == 0
        ? new([(0, Decibels.Zero)])
        : new([(-Math.Abs(limit), Decibels.Zero), (Math.Abs(limit), Decibels.Zero)]);

    /// <summary>The most that the table knows; beyond it nothing works.</summary>
    public double Limit => impairments[^1];

    /// <summary>The penalty of an impairment.</summary>
    public Decibels At(double impairment)
    {
        if (!(impairment >= impairments[0] && impairment <= impairments[^1])) return Decibels.FromDecibels(double.PositiveInfinity);
        var at = Array.BinarySearch(impairments, impairment);
        if (at >= 0) return Decibels.FromDecibels(penalties[at]);
        at = ~at;
        var share = (impairment - impairments[at - 1]) / (impairments[at] - impairments[at - 1]);
        return Decibels.FromDecibels(penalties[at - 1] + share * (penalties[at] - penalties[at - 1]));
    }
}
