using System.Globalization;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>A time beside the bound that it can't beat.</summary>
/// <param name="Time">The time, predicted or measured.</param>
/// <param name="Bound">The bound; it says which.</param>
public readonly record struct BoundedTime(Duration Time, CollectiveBound Bound)
{
    /// <summary>How many times as long as the bound; 1 is the limit. Not a number where there is nothing to do.</summary>
    public double TimesLimit => Time.Seconds / Bound.Time.Seconds;

    /// <summary>Share of the limit that is reached: 1 is the limit, more is proof that something else was done than was bounded.</summary>
    public Ratio OfLimit => Ratio.From(Bound.Time.Seconds / Time.Seconds);

    /// <summary>
    /// A prediction beside the bound that holds for its algorithm: with the reducing switches that the network has where the algorithm counts
    /// on them, otherwise without.
    /// </summary>
    public static BoundedTime Of(in CollectiveTime time, CollectiveKind kind, DataSize size, in GroupPlacement group, NetworkLevels levels) =>
        new(time.Total, CollectiveBounds.Of(kind, size, group, levels, time.Algorithm is { ReducesInNetwork: true } ? SwitchReduction.AsEquipped : SwitchReduction.None));

    /// <summary>"62 % of the limit without reducing switches, set by out of one scale-up domain: 8 x 50 GB/s".</summary>
    public string Say(NetworkLevels levels, in GroupPlacement group) => string.Create(CultureInfo.InvariantCulture,
        $"{OfLimit.Si * 100:0.#} % of the limit {Bound.Kind}, set by {Bound.Say(levels, group)}");
}
