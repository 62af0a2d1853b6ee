// A link that has been engineered. Its figures are those of ONE link: what several links share (a twin-port module, a splitter
// cable, an engine) is divided by their number k.
//
//   power, price and failures of an end = those of the module / k
//   energy per bit       = (P_A + P_B) / R                        both ends' optics; a module alone is P / R of its own rate
//   with host SerDes     = energy per bit + e_A + e_B             e: 5.6 pJ/bit long reach, less on the package
//   latency              = length · delay + modules + FEC
//   failure rate         = Σ ends λ/k + λ_cable/k                 so that the sum over links counts each module's failure once
//
// Example: an 800G-2xDR4 module of 16 W carries two links of 400 Gb/s: 8 W an end, 40 pJ/bit for both ends, 20 for one; two
// modules of 1000 FIT give the link 1000 FIT.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>A price with its range.</summary>
/// <param name="Value">The price that is used.</param>
/// <param name="Low">The lowest plausible.</param>
/// <param name="High">The highest plausible.</param>
public readonly record struct PriceRange(Money Value, Money Low, Money High);

/// <summary>Time from one end's host to the other's, one way.</summary>
/// <param name="Propagation">In the cable.</param>
/// <param name="Modules">In the modules, engines or cable ends of both ends.</param>
/// <param name="Fec">In encoding, accumulating and decoding codewords.</param>
public readonly record struct LinkLatency(Duration Propagation, Duration Modules, Duration Fec)
{
    /// <summary>All together.</summary>
    public Duration Total => Propagation + Modules + Fec;
}

/// <summary>What a part of a link is counted in.</summary>
public enum PartMeasure
{
    /// <summary>Pieces.</summary>
    Pieces,

    /// <summary>Metres of one fibre.</summary>
    FibreMeters,
}

/// <summary>A part of a link, for a bill of materials.</summary>
/// <param name="Part">The part.</param>
/// <param name="Count">How many of it one link takes; a half of a module that two links share.</param>
/// <param name="Measure">What it is counted in.</param>
/// <param name="IncludedInHost">Whether the power and price of the switch include it already.</param>
public sealed record LinkPart(Part Part, double Count, PartMeasure Measure, bool IncludedInHost);

/// <summary>A medium at a length, with everything that other layers ask of a link. It may fail to close: that is a finding.</summary>
public sealed record EngineeredLink
{
    /// <summary>The modules or the cable, by key; of both ends where they differ.</summary>
    public required string Name { get; init; }

    /// <summary>What it is made of; <see cref="MediaClasses.None"/> where nothing fits the ends.</summary>
    public required MediaClasses Class { get; init; }

    /// <summary>Whether the budget closes within the reach.</summary>
    public required bool Closes { get; init; }

    /// <summary>Why it doesn't close, or null.</summary>
    public string? Reason { get; init; }

    /// <summary>The cheapest change that would make it close, or null where it closes or nothing would.</summary>
    public string? Mend { get; init; }

    /// <summary>All changes that would each make it close, the first being <see cref="Mend"/>.</summary>
    public IReadOnlyList<string> Mends { get; init; } = [];

    /// <summary>
    /// Whether a budget can be drawn up at all: false where the catalogue gives no optical interface, or one without figures. Margin
    /// and waterfall then mean nothing, and <see cref="Reason"/> says so.
    /// </summary>
    public bool HasBudget { get; init; } = true;

    /// <summary>What is left of the budget, with the losses that the request asked for.</summary>
    public required Decibels Margin { get; init; }

    /// <summary>What is left of the budget with the typical loss of each element.</summary>
    public required Decibels TypicalMargin { get; init; }

    /// <summary>What is left of the budget with the largest loss of each element.</summary>
    public required Decibels WorstMargin { get; init; }

    /// <summary>The budget step by step; the changes sum to <see cref="Margin"/>.</summary>
    public required IReadOnlyList<BudgetTerm> Waterfall { get; init; }

    /// <summary>Loss that the ends allow the channel.</summary>
    public required Decibels Available { get; init; }

    /// <summary>Loss that the channel has.</summary>
    public required Decibels Required { get; init; }

    /// <summary>Longest length that the standard or the vendor states; loss alone may allow less.</summary>
    public required Length Reach { get; init; }

    /// <summary>The cable that is bought: the next standard length above the run. Budget and delay are those of this length.</summary>
    public required Length PurchasableLength { get; init; }

    /// <summary>Power of end A's module, engine or cable end.</summary>
    public required Power PowerA { get; init; }

    /// <summary>Power of end B's module, engine or cable end.</summary>
    public required Power PowerB { get; init; }

    /// <summary>The part of both ends' power that the switches' own power doesn't include: all but co-packaged engines.</summary>
    public required Power AddedPower { get; init; }

    /// <summary>Power of both ends.</summary>
    public Power Power => PowerA + PowerB;

    /// <summary>Energy of both ends' modules, engines or cable ends per bit of one direction.</summary>
    public required EnergyPerBit EnergyPerBit { get; init; }

    /// <summary>The same with the hosts' SerDes.</summary>
    public required EnergyPerBit EnergyPerBitWithHost { get; init; }

    /// <summary>Time from end to end and what it is made of.</summary>
    public required LinkLatency Latency { get; init; }

    /// <summary>Hard failures of both ends and the cable.</summary>
    public required FailureRate FailureRate { get; init; }

    /// <summary>Short interruptions that heal by themselves.</summary>
    public required FailureRate FlapRate { get; init; }

    /// <summary>The error correction that it runs under.</summary>
    public required FecScheme Fec { get; init; }

    /// <summary>
    /// Errors before and after correction, at <see cref="Margin"/> over the bit error ratio that the interface allows at none.
    /// Beyond the reach, where dispersion is not covered, never better than that ratio.
    /// </summary>
    public required ErrorRatios Errors { get; init; }

    /// <summary>How it errs at any margin; null where nothing fits the ends.</summary>
    public LinkErrorModel? ErrorModel { get; init; }

    /// <summary>Whether it is a cable in one piece, between whose ends there is neither connector nor anything else.</summary>
    public bool IsDirect { get; init; }

    /// <summary>What reflections of its path cost at worst beyond what its budget sets aside.</summary>
    public Decibels ReflectionPenalty { get; init; }

    /// <summary>What another Reed-Solomon code than the interface's asks for in margin; negative where it corrects more.</summary>
    public Decibels CodePenalty { get; init; }

    /// <summary>Whether the cable that is bought is longer than the reach.</summary>
    public bool IsBeyondReach => PurchasableLength.Si > Reach.Si * (1 + Medium.Tolerance);

    /// <summary>What its own margin means with bursts of errors and the margin's wander; null where nothing fits the ends.</summary>
    /// <param name="wander">How the margin wanders; the default assumption if null.</param>
    /// <remarks>Costs some tens of microseconds. Beyond the reach a margin counts as 0 at most, as in <see cref="Errors"/>.</remarks>
    public MarginOutcome? OutcomeAtMargin(MarginWander? wander = null) =>
        ErrorModel?.At(IsBeyondReach ? Decibels.FromSi(Math.Min(0, Margin.Si)) : Margin, wander);

    /// <summary>Price of the modules' shares and the cable, without what the switches' prices include.</summary>
    public required PriceRange Price { get; init; }

    /// <summary>What it is made of and how many of each, for a bill of materials.</summary>
    public required IReadOnlyList<LinkPart> Parts { get; init; }

    /// <summary>Whether every active part can be replaced without its switch.</summary>
    public required bool FieldReplaceable { get; init; }

    /// <summary>The weakest grade among the figures of the budget.</summary>
    public required Grade BudgetGrade { get; init; }

    /// <summary>The weakest grade among all figures: budget, power, latency, failures and price.</summary>
    public required Grade WeakestGrade { get; init; }

    /// <summary>Figures that the catalogue doesn't have, with what stands for them.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    /// <summary>Share of frames lost, for frames of a size.</summary>
    /// <param name="frame">A frame with its preamble and gap on the wire.</param>
    public double FrameLossRatio(DataSize frame) => FrameLossRatio(Errors, frame);

    /// <summary>Share of frames lost, for errors as this link's code leaves them and frames of a size.</summary>
    /// <param name="errors">Errors after correction, at another margin or in bursts.</param>
    /// <param name="frame">A frame with its preamble and gap on the wire.</param>
    public double FrameLossRatio(ErrorRatios errors, DataSize frame) => ErrorCorrection.Outer(Fec) is { } outer
        ? outer.FrameLossRatio(errors.UncorrectableCodewords, frame)
        : Math.Min(1, errors.UncorrectableCodewords * frame.Bits);
}
