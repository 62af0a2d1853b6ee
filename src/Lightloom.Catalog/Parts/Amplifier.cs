using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>What the noise figure of an amplifier follows from.</summary>
public enum AmplifierNoiseModel
{
    /// <summary>One figure at every gain.</summary>
    Fixed,

    /// <summary>Two coils with an attenuator between them: two figures, at the largest flat gain and at the least.</summary>
    TwoCoils,

    /// <summary>OSNR over input power as a polynomial, after OpenROADM.</summary>
    [DocumentName("openroadm")]
    OpenRoadm,

    /// <summary>The preamplifier of an OpenROADM node.</summary>
    [DocumentName("openroadm-preamplifier")]
    OpenRoadmPreamplifier,

    /// <summary>None of its own, as OpenROADM counts the booster of a node.</summary>
    Noiseless,
}

/// <summary>An erbium-doped fibre amplifier of a line.</summary>
[PartKind("amplifier")]
public sealed record Amplifier : Part
{
    /// <summary>What its noise figure follows from.</summary>
    public required AmplifierNoiseModel NoiseModel { get; init; }

    /// <summary>Least gain without padding its input.</summary>
    [Limits(Minimum = 0, Maximum = 60)]
    public required Sourced<Decibels> GainMinimum { get; init; }

    /// <summary>Largest gain at which its spectrum is flat.</summary>
    [Limits(Minimum = 0, Maximum = 60)]
    public required Sourced<Decibels> GainFlatMaximum { get; init; }

    /// <summary>Largest total output.</summary>
    public required Sourced<DecibelMilliwatts> OutputMaximum { get; init; }

    /// <summary>Noise figure; of two coils the one at the largest flat gain.</summary>
    public Sourced<Decibels>? NoiseFigure { get; init; }

    /// <summary>Noise figure of two coils at the least gain.</summary>
    public Sourced<Decibels>? NoiseFigureAtLeastGain { get; init; }

    /// <summary>OSNR in dB in 0.1 nm over the input in dBm in 50 GHz: coefficients, highest power first.</summary>
    public IReadOnlyList<double>? OsnrPolynomial { get; init; }

    /// <summary>Lower end of its band.</summary>
    [Limits(Minimum = 1e14, Maximum = 1e15)]
    public Sourced<Frequency>? BandLow { get; init; }

    /// <summary>Upper end of its band.</summary>
    [Limits(Minimum = 1e14, Maximum = 1e15)]
    public Sourced<Frequency>? BandHigh { get; init; }

    /// <summary>Electrical power in use.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Price of one amplifier, one direction.</summary>
    [Limits(Minimum = 0, Maximum = 1e7)]
    public Sourced<Money>? Price { get; init; }
}
