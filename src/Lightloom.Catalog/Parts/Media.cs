using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Catalog;

/// <summary>An optical fibre in a cable, at one wavelength.</summary>
[PartKind("fibre")]
public sealed record Fibre : Part
{
    /// <summary>Whether it carries one mode.</summary>
    public required bool SingleMode { get; init; }

    /// <summary>The wavelength that the figures hold for.</summary>
    [Limits(Minimum = 1e-7, Maximum = 1e-5)]
    public required Length Wavelength { get; init; }

    /// <summary>Loss per length.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required Sourced<Attenuation> Attenuation { get; init; }

    /// <summary>Delay per length.</summary>
    [Limits(Minimum = 3.3e-9, Maximum = 1e-8)]
    public required Sourced<PropagationDelay> Delay { get; init; }

    /// <summary>Loss of one fusion splice.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public Sourced<Decibels>? SpliceLoss { get; init; }

    /// <summary>The transition to ordinary fibre at each end of a run, for a fibre that ordinary connectors don't meet.</summary>
    public Connector? Adapter { get; init; }

    /// <summary>Chromatic dispersion in ps/(nm·km).</summary>
    public Sourced<double>? Dispersion { get; init; }

    /// <summary>Nonlinear index n₂ in m²/W; that of silica unless given.</summary>
    [Limits(Minimum = 0, Maximum = 1e-17)]
    public Sourced<double>? NonlinearIndex { get; init; }

    /// <summary>Effective modal bandwidth in MHz·km.</summary>
    [Limits(Minimum = 1, Maximum = 1e6)]
    public Sourced<double>? ModalBandwidth { get; init; }

    /// <summary>Price of one fibre per metre, cabled.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<MoneyPerLength>? Price { get; init; }
}

/// <summary>A mated pair of optical connectors.</summary>
[PartKind("connector")]
public sealed record Connector : Part
{
    /// <summary>Loss of a typical pair.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required Sourced<Decibels> Loss { get; init; }

    /// <summary>Largest loss that its specification allows.</summary>
    [Limits(Minimum = 0, Maximum = 10)]
    public required Sourced<Decibels> MaximumLoss { get; init; }

    /// <summary>
    /// Light that a mated pair sends back, below the light that comes, as a positive loss: the value of a typical pair, the low end the
    /// least that its specification allows. None where reflections don't interfere, as with multimode lasers.
    /// </summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public Sourced<Decibels>? ReturnLoss { get; init; }

    /// <summary>Price of a connector on a cable.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<Money>? Price { get; init; }
}

/// <summary>A twinaxial pair: loss in dB/m is <c>SkinLoss·√f + DielectricLoss·f</c> with f in GHz.</summary>
[PartKind("twinax")]
public sealed record Twinax : Part
{
    /// <summary>American wire gauge.</summary>
    [Limits(Minimum = 16, Maximum = 40)]
    public required int Gauge { get; init; }

    /// <summary>Skin-effect coefficient in dB/m per √GHz.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public required Sourced<double> SkinLoss { get; init; }

    /// <summary>Dielectric coefficient in dB/m per GHz.</summary>
    [Limits(Minimum = 0, Maximum = 100)]
    public required Sourced<double> DielectricLoss { get; init; }

    /// <summary>Loss of both connectors with their paddle cards, at the Nyquist frequency of 100 Gb/s PAM4 (26.56 GHz).</summary>
    [Limits(Minimum = 0, Maximum = 20)]
    public required Sourced<Decibels> ConnectorLoss { get; init; }

    /// <summary>Delay per length.</summary>
    [Limits(Minimum = 3.3e-9, Maximum = 1e-8)]
    public required Sourced<PropagationDelay> Delay { get; init; }

    /// <summary>Price per metre of cable.</summary>
    [Limits(Minimum = 0, Maximum = 1e4)]
    public Sourced<MoneyPerLength>? Price { get; init; }
}
