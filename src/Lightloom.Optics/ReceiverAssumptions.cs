using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>The ideal receiver that interfaces are measured against; every figure can be replaced.</summary>
public sealed record ReceiverAssumptions
{
    /// <summary>The figures that are used unless others are given.</summary>
    public static ReceiverAssumptions Default { get; } = new();

    /// <summary>Responsivity of the photodiode with its coupling.</summary>
    public Sourced<Responsivity> Responsivity { get; init; } = new(
        Optics.Responsivity.FromAmperesPerWatt(0.8), Optics.Responsivity.FromAmperesPerWatt(0.6), Optics.Responsivity.FromAmperesPerWatt(1.057),
        null, "typical coupled photodiode at 1311 nm; at most one electron a photon", Grade.Assumption);

    /// <summary>Noise of the amplifier, referred to its input.</summary>
    public Sourced<NoiseCurrentDensity> AmplifierNoise { get; init; } = new(
        NoiseCurrentDensity.FromPicoamperesPerRootHertz(18), NoiseCurrentDensity.FromPicoamperesPerRootHertz(10),
        NoiseCurrentDensity.FromPicoamperesPerRootHertz(25), null, "published 100G-lane transimpedance amplifiers", Grade.Assumption);

    /// <summary>Extinction ratio of a typical transmitter; the standards' smallest is lower.</summary>
    public Sourced<Decibels> ExtinctionRatio { get; init; } = new(
        Decibels.FromDecibels(5), Decibels.FromDecibels(3.5), Decibels.FromDecibels(7), null, "typical modulator", Grade.Assumption);

    /// <summary>Every figure with its name, for listing.</summary>
    public IReadOnlyList<(string Name, ISourced Figure)> All =>
        [(nameof(Responsivity), Responsivity), (nameof(AmplifierNoise), AmplifierNoise), (nameof(ExtinctionRatio), ExtinctionRatio)];

    /// <summary>The ideal receiver of an interface: its symbol rate, modulation and intensity noise with these figures.</summary>
    /// <exception cref="ArgumentException">The interface is neither PAM4 nor NRZ.</exception>
    public PamReceiver For(OpticalInterface given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return new()
        {
            Code = given.Modulation.ToUpperInvariant() switch
            {
                "PAM4" => LineCode.Pam4,
                "NRZ" => LineCode.Nrz,
                _ => throw new ArgumentException($"{given.Modulation} is neither PAM4 nor NRZ", nameof(given)),
            },
            SymbolRate = given.SymbolRate.Value,
            Responsivity = Responsivity.Value,
            AmplifierNoise = AmplifierNoise.Value,
            ExtinctionRatio = ExtinctionRatio.Value,
            IntensityNoise = given.RelativeIntensityNoise is { } noise
                ? RelativeIntensityNoise.FromDecibelsPerHertz(noise.Value)
                : RelativeIntensityNoise.None,
        };
    }
}
