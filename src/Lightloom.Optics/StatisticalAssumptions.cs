using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>How the terms of a budget scatter over a plant, where no part says so; every figure can be replaced.</summary>
/// <remarks>
/// No open data set gives these for modules of 100G and 200G lanes: they are assumptions, and the failing share hangs on them. Vary
/// them before relying on a tail.
/// </remarks>
public sealed record StatisticalAssumptions
{
    /// <summary>The figures that are used unless others are given.</summary>
    public static StatisticalAssumptions Default { get; } = new();

    /// <summary>
    /// Share of connectors, splices and elements whose loss lies below the most that their specification allows, before those above
    /// are cleaned or replaced: it makes a spread of a typical and a largest loss.
    /// </summary>
    public Sourced<double> ShareWithinSpecification { get; init; } = new(0.97, 0.95, 0.997, 2013,
        "IEC 61753-1 grades give a mean and a loss that 97 % of random matings keep; recalled", Grade.Assumption);

    /// <summary>By how much the median module launches more than the least that its standard allows.</summary>
    public Sourced<Decibels> LaunchAboveMinimum { get; init; } = Chosen(1.0, 0.5, 2.0, "modules are shipped with test margin");

    /// <summary>Standard deviation of that.</summary>
    public Sourced<Decibels> LaunchSpread { get; init; } = Chosen(0.5, 0.3, 0.8, "scatter of laser power and coupling");

    /// <summary>By how much the median receiver is better than the stressed sensitivity of its standard.</summary>
    public Sourced<Decibels> SensitivityBelowMaximum { get; init; } = Chosen(1.0, 0.5, 2.0, "modules are shipped with test margin");

    /// <summary>Standard deviation of that.</summary>
    public Sourced<Decibels> SensitivitySpread { get; init; } = Chosen(0.5, 0.3, 0.8, "scatter of noise and of eye closure");

    /// <summary>Loss of launched power and sensitivity together over <see cref="Life"/>, of the median link.</summary>
    public Sourced<Decibels> Ageing { get; init; } = Chosen(0.5, 0.2, 1.5, "laser wear-out and dirt over a service life");

    /// <summary>Standard deviation of that.</summary>
    public Sourced<Decibels> AgeingSpread { get; init; } = Chosen(0.25, 0.1, 0.5, "half of the median");

    /// <summary>The time in years that ageing is given for; it is taken as growing evenly.</summary>
    public Sourced<double> Life { get; init; } = new(5, 3, 7, 2026, "depreciation of a cluster", Grade.Assumption);

    /// <summary>Every figure with its name, for listing.</summary>
    public IReadOnlyList<(string Name, ISourced Figure)> All =>
    [
        (nameof(ShareWithinSpecification), ShareWithinSpecification), (nameof(LaunchAboveMinimum), LaunchAboveMinimum),
        (nameof(LaunchSpread), LaunchSpread), (nameof(SensitivityBelowMaximum), SensitivityBelowMaximum),
        (nameof(SensitivitySpread), SensitivitySpread), (nameof(Ageing), Ageing), (nameof(AgeingSpread), AgeingSpread),
        (nameof(Life), Life),
    ];

    static Sourced<Decibels> Chosen(double value, double low, double high, string why) =>
        new(Decibels.FromDecibels(value), Decibels.FromDecibels(low), Decibels.FromDecibels(high), 2026, why, Grade.Assumption);
}
