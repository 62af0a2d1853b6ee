// How a link errs at a margin, before and after correction.
//
//   m        margin                                                                       dB
//   x_0      half level spacing over noise at no margin: the error ratio p_0 that the interface allows (see LineCode)
//   x(m)   = x_0 · 10^(m/10)  optics, where the noise of the amplifier stays while the light grows
//          = x_0 · 10^(m/20)  copper
//   p(m)   = code(x(m))                                    bit error ratio before correction
//   random:  UCR, FLR of p(m) by ReedSolomonCode
//   bursts:  UCR, FLR of p(m) by BurstErrors, with a continuation a, I codewords that take turns on a lane
//   m_d      margin at which lock is lost: UCR(m_d) = 2e-3 (MarginWander)
//   flaps  = those of every link of its kind + those of the wander of m − m_d
//
// Behind an inner code the outer one sees x(m) · x(p_o)/x(p_i) (see ErrorCorrection), and the inner interleaver has broken every burst
// of the receiver: both ways of counting are the same there. Above the ratio that the inner code was specified for nothing is known of it,
// and InnerCodeHolds says so. Light beyond its reach has dispersion that the budget doesn't count: its margin counts as 0 at most.
//
// Example: KP4 at p_0 = 2.4e-4, PAM4 optics at 400 Gb/s, two codewords in turn, a = 0.5. No margin: UCR 8.15e-13 of random errors; with
// 1 dB x grows from 3.414 to 4.298, p falls to 6.46e-6 and no codeword is lost in the age of the universe.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>What a margin means for a link: errors before and after correction, and how often it drops out.</summary>
/// <param name="Margin">The margin.</param>
/// <param name="Random">Errors where each comes alone.</param>
/// <param name="Bursts">Errors where a wrong decision makes the next one wrong, at the same ratio before correction.</param>
/// <param name="WanderFlaps">Flaps that the margin's wander adds to those that every link of its kind has.</param>
/// <param name="ShareDown">Share of time in which that wander keeps the link down.</param>
public readonly record struct MarginOutcome(
    Decibels Margin, ErrorRatios Random, ErrorRatios Bursts, FailureRate WanderFlaps, double ShareDown);

/// <summary>How a link errs at any margin. Bound once for a pair of ends, shared by all links between such.</summary>
/// <remarks>Gaussian noise; Reed-Solomon codes by exact tails; first-order Markov bursts. Immutable, so safe for many threads.</remarks>
public sealed record LinkErrorModel
{
    /// <summary>The error correction.</summary>
    public required FecScheme Fec { get; init; }

    /// <summary>How bits become levels.</summary>
    public required LineCode Code { get; init; }

    /// <summary>Half the level spacing over the noise at a margin of 0 dB.</summary>
    public required double Spacing { get; init; }

    /// <summary>What an inner code multiplies the spacing by; 1 without one.</summary>
    public double InnerGain { get; init; } = 1;

    /// <summary>Whether the margin is electrical, of which a decibel moves the spacing half as far.</summary>
    public bool IsElectrical { get; init; }

    /// <summary>How errors follow each other.</summary>
    public required ErrorPropagation Propagation { get; init; }

    /// <summary>Where the continuation comes from.</summary>
    public required Sourced<double> Continuation { get; init; }

    /// <summary>Half the level spacing over the noise at a margin.</summary>
    public double SpacingAt(Decibels margin) =>
        IsElectrical ? LineCodes.WithElectricalMargin(Spacing, margin) : LineCodes.WithOpticalMargin(Spacing, margin);

    /// <summary>Bit error ratio before correction at a margin.</summary>
    public double PreFecBer(Decibels margin) => Code.BitErrorRatio(SpacingAt(margin));

    /// <summary>Errors at a margin where each comes alone. Costs a microsecond.</summary>
    public ErrorRatios RandomAt(Decibels margin) => ErrorCorrection.At(Fec, Code, SpacingAt(margin), InnerGain);

    /// <summary>Errors at a margin where they come in bursts. Costs some tens of microseconds: for a report, not for each of a million links.</summary>
    public ErrorRatios BurstsAt(Decibels margin) =>
        ErrorCorrection.InBursts(Fec, Code, SpacingAt(margin), Propagation, InnerGain);

    /// <summary>Whether the inner code is within what it was specified for at a margin; true without one.</summary>
    public bool InnerCodeHolds(Decibels margin) =>
        Fec != FecScheme.Kp4WithHamming || PreFecBer(margin) <= ThresholdCode.InnerHamming.Limit.Value * (1 + 1e-9);

    /// <summary>Everything that a margin means.</summary>
    /// <param name="margin">The margin.</param>
    /// <param name="wander">How it wanders; the default assumption if null.</param>
    public MarginOutcome At(Decibels margin, MarginWander? wander = null)
    {
        var given = wander ?? MarginWander.Default;
        var left = margin - MarginOfLoss(given.LossOfLock.Value);
        return new(margin, RandomAt(margin), BurstsAt(margin), given.Flaps(left), given.ShareDown(left));
    }

    /// <summary>The margin at which a share of codewords can't be corrected, each error alone; negative where more errors are borne than at none.</summary>
    /// <param name="codewords">The share, strictly between 0 and 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not strictly between 0 and 1.</exception>
    public Decibels MarginOfLoss(double codewords)
    {
        if (!(codewords is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(codewords), codewords, "a share strictly between 0 and 1 is needed");
        double low = LeastMargin, high = MostMargin;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            if (RandomAt(Decibels.FromSi(middle)).UncorrectableCodewords > codewords) low = middle;
            else high = middle;
        }
        return Decibels.FromSi(high);
    }

    // Margins are sought between these, to a microdecibel.
    const double LeastMargin = -10, MostMargin = 20;
    const int Halvings = 25;

    /// <summary>The least margin at which no more than a share of frames of 64 octets is lost; by bisection to a microdecibel.</summary>
    /// <param name="frameLoss">The share, strictly between 0 and 1.</param>
    /// <param name="inBursts">Whether errors come in bursts.</param>
    /// <exception cref="ArgumentOutOfRangeException">The share is not strictly between 0 and 1.</exception>
    public Decibels MarginFor(double frameLoss, bool inBursts)
    {
        if (!(frameLoss is > 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(frameLoss), frameLoss, "a share strictly between 0 and 1 is needed");
        double low = LeastMargin, high = MostMargin;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            var at = inBursts ? BurstsAt(Decibels.FromSi(middle)) : RandomAt(Decibels.FromSi(middle));
            if (at.FrameLoss > frameLoss) low = middle;
            else high = middle;
        }
        return Decibels.FromSi(high);
    }
}
