// How often a marginal link drops out. An assumption that can be edited, not a measurement.
//
//   m      margin of the link over the one at which it loses lock                        dB
//   d      standard deviation of the margin's slow wander: temperature, bends, dirt, wear of the laser     dB
//   e      mean length of one excursion below the threshold                              s
//   u      time that a link takes to come up again                                       s
//   share of time below the threshold   b = Q(m/d)        the wander is normal
//   flaps per time                      = b / e           each excursion is one flap, and together they last b of the time
//   share of time down                  = b + u · flaps, at most 1
//
// A receiver loses lock when three codewords in a row can't be corrected (IEEE 802.3 clause 119): once a second at 800 Gb/s where a share
// of 2e-3 of them can't. That is some 0.7 dB below the margin at which an optical link loses one frame in a million million.
//
// Nothing published gives d and e. They are chosen so that links with the margin of a plant (1 dB and more over the loss of lock) flap less
// often than all links do on average. The rate is steep: half a deviation of margin is worth a factor of 7 to 20. It speaks of links that
// are marginal, and adds to the flaps that every link has (see LinkAssumptions).
//
// Example: d = 0.2 dB, e = 1 s. A margin of 1.2 dB: 9.87e-10 of the time, 0.031 flaps a year; 1 dB: 9.0 a year; none: half the time.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>An assumption on how a link's margin wanders, and the flaps that follow from it.</summary>
/// <remarks>Normal wander with excursions of a mean length (renewal theorem). Every figure can be replaced.</remarks>
public sealed record MarginWander
{
    /// <summary>The figures that are used unless others are given.</summary>
    public static MarginWander Default { get; } = new();

    /// <summary>Standard deviation of the margin over time.</summary>
    public Sourced<Decibels> Deviation { get; init; } = new(
        Decibels.FromDecibels(0.2), Decibels.FromDecibels(0.1), Decibels.FromDecibels(0.5), null, "chosen; nothing published", Grade.Assumption);

    /// <summary>Mean length of an excursion below the threshold.</summary>
    public Sourced<Duration> Excursion { get; init; } = new(
        Duration.FromSeconds(1), Duration.FromSeconds(0.1), Duration.FromSeconds(10), null, "chosen; nothing published", Grade.Assumption);

    /// <summary>Time that a link takes to train and come up again.</summary>
    public Sourced<Duration> Recovery { get; init; } = new(
        Duration.FromSeconds(3), Duration.FromSeconds(0.5), Duration.FromSeconds(15), null, "training of a 100G-lane port, recalled", Grade.Assumption);

    /// <summary>Share of codewords that can't be corrected at which a receiver loses lock.</summary>
    public Sourced<double> LossOfLock { get; init; } = new(
        2e-3, 1e-3, 1e-2, null, "three lost codewords in a row once a second, after IEEE 802.3 clause 119 (recalled)", Grade.Assumption);

    /// <summary>Every figure with its name, for listing.</summary>
    public IReadOnlyList<(string Name, ISourced Figure)> All =>
        [(nameof(Deviation), Deviation), (nameof(Excursion), Excursion), (nameof(Recovery), Recovery), (nameof(LossOfLock), LossOfLock)];

    /// <summary>Share of time in which the margin over the loss of lock is used up.</summary>
    /// <exception cref="InvalidOperationException">The deviation is not above 0.</exception>
    public double ShareBelow(Decibels margin) => Deviation.Value.Si > 0
        ? GaussianTail.Q(margin / Deviation.Value)
        : throw new InvalidOperationException("a deviation above 0 dB is needed");

    /// <summary>Flaps that a margin over the loss of lock leaves.</summary>
    /// <exception cref="InvalidOperationException">The deviation or the excursion is not above 0.</exception>
    public FailureRate Flaps(Decibels margin) => Excursion.Value.Si > 0
        ? FailureRate.FromPerSecond(ShareBelow(margin) / Excursion.Value.Seconds)
        : throw new InvalidOperationException("an excursion above 0 s is needed");

    /// <summary>Share of time in which the link is down: below the threshold, or coming up again.</summary>
    /// <exception cref="InvalidOperationException">The deviation or the excursion is not above 0.</exception>
    public double ShareDown(Decibels margin) => Math.Min(1, ShareBelow(margin) + Flaps(margin) * Recovery.Value);

    /// <summary>Margin over the loss of lock that keeps the flaps to a rate.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The rate is not above 0, or more than one flap an excursion.</exception>
    public Decibels MarginFor(FailureRate flaps)
    {
        var share = flaps * Excursion.Value;
        return share is > 0 and < 1
            ? GaussianTail.InverseQ(share) * Deviation.Value
            : throw new ArgumentOutOfRangeException(nameof(flaps), flaps, $"a rate above 0 and below one in {Excursion.Value} is needed");
    }
}
