using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>Lasers of steady light that stand apart from the engines which modulate it: an external laser source (ELS).</summary>
[PartKind("laser-source")]
public sealed record LaserSource : Part
{
    /// <summary>Shape: ELSFP, a detachable module of its vendor, ...</summary>
    public required string FormFactor { get; init; }

    /// <summary>Wavelengths on each of its fibres.</summary>
    [Limits(Minimum = 1, Maximum = 256)]
    public Sourced<int>? Wavelengths { get; init; }

    /// <summary>Fibres that it feeds.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public Sourced<int>? Fibres { get; init; }

    /// <summary>Power of each wavelength on each fibre, out of its connector.</summary>
    public Sourced<DecibelMilliwatts>? PowerPerWavelength { get; init; }

    /// <summary>Electrical power.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<Power>? Power { get; init; }

    /// <summary>Rate of hard failures.</summary>
    [Limits(Minimum = 0, Maximum = 1e-6)]
    public Sourced<FailureRate>? FailureRate { get; init; }

    /// <summary>Whether it is swapped from the front.</summary>
    public bool FieldReplaceable { get; init; } = true;
}

/// <summary>
/// What lies between an external laser's light and a photodiode besides the channel: the inside of an optical engine whose standard, if
/// it has one, doesn't say. Losses are those of one lane at one wavelength.
/// </summary>
[PartKind("external-laser-optics")]
public sealed record ExternalLaserOptics : Part
{
    /// <summary>Where its light comes from.</summary>
    public required LaserSource Laser { get; init; }

    /// <summary>Connectors and fibre between laser and chip.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> LaserPath { get; init; }

    /// <summary>Sharing of one laser among several lanes of the same wavelength: 10 log10 of their number, with the splitters' excess.</summary>
    [Limits(Minimum = 0, Maximum = 30)]
    public Sourced<Decibels>? Splitting { get; init; }

    /// <summary>One passage between fibre and chip.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> Coupling { get; init; }

    /// <summary>Waveguides on the chip or interposer, of one end.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> Waveguide { get; init; }

    /// <summary>Modulator at its highest level, with those of other wavelengths that the light passes.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> Modulator { get; init; }

    /// <summary>Extinction ratio of the modulator.</summary>
    [Limits(Minimum = 0.1, Maximum = 40)]
    public required Sourced<Decibels> ExtinctionRatio { get; init; }

    /// <summary>Filter that takes the wavelength out at the receiver.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> Filter { get; init; }

    /// <summary>Crosstalk of other wavelengths, drift of rings, and eye closure together.</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> Penalties { get; init; }

    /// <summary>OMA that a clean lane needs at the photodiode.</summary>
    public required Sourced<DecibelMilliwatts> PhotodiodeSensitivity { get; init; }
}
