// One span of fibre, in the order in which light meets its parts.
//
//   P        → P · 10^(−(connector in + attenuator in)/10)
//   NLI        arises here, at the fibre's input (NonlinearInterference.cs)
//   P        → P · e^(−α L) · Π 10^(−lumped/10),   α = loss per metre / 4.342944819
//   P        → P · 10^(−connector out/10)
//
// Example: 80 km at 0.2 dB/km with connectors of 0.5 dB: 16 + 1 = 17 dB.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>A loss at one place of a span: a bad splice, a patch.</summary>
/// <param name="Position">How far from the span's input, strictly inside the span.</param>
/// <param name="Loss">How much it takes.</param>
public readonly record struct LumpedLoss(Length Position, Decibels Loss);

/// <summary>A span of fibre with its connectors.</summary>
public sealed record FibreSpan : LineElement
{
    /// <summary>The kind of fibre.</summary>
    public FibreType Type { get; init; } = FibreType.StandardSingleMode;

    /// <summary>How long it is.</summary>
    public required Length Length { get; init; }

    /// <summary>Loss per length.</summary>
    public Attenuation Attenuation { get; init; } = Attenuation.FromDecibelsPerKilometer(0.2);

    /// <summary>Loss per length over frequency, in dB/km; it stands for <see cref="Attenuation"/> where it is given.</summary>
    public FrequencyTable? AttenuationByFrequency { get; init; }

    /// <summary>Loss of the connector at the input.</summary>
    public Decibels ConnectorIn { get; init; }

    /// <summary>Loss of the connector at the output.</summary>
    public Decibels ConnectorOut { get; init; }

    /// <summary>An attenuator at the input, such as pads a short span.</summary>
    public Decibels AttenuatorIn { get; init; }

    /// <summary>Losses at places inside the span.</summary>
    public IReadOnlyList<LumpedLoss> LumpedLosses { get; init; } = [];

    /// <summary>The whole loss of the span at a frequency.</summary>
    public Decibels Loss(Frequency frequency) => Decibels.FromDecibels(
        PerMeter(frequency) * Length.Meters + ConnectorIn.Si + ConnectorOut.Si + AttenuatorIn.Si + LumpedLosses.Sum(l => l.Loss.Si));

    /// <summary>Delay of the span.</summary>
    public Duration Delay => Duration.FromSeconds(Length.Meters * Type.RefractiveIndex / FibreType.LightSpeed);

    /// <summary>A span of a fibre of the catalogue.</summary>
    /// <exception cref="Catalog.Documents.InputException">The fibre is multimode or its dispersion isn't known.</exception>
    public static FibreSpan Of(Fibre fibre, Length length)
    {
        ArgumentNullException.ThrowIfNull(fibre);
        if (!fibre.SingleMode || fibre.Dispersion is not { } dispersion)
            throw new Catalog.Documents.InputException($"'{fibre.Key}' is no single-mode fibre of known dispersion; a line needs one, such as os2-1550");
        return new()
        {
            Name = fibre.Key,
            Length = length,
            Attenuation = fibre.Attenuation.Value,
            Type = FibreType.StandardSingleMode with
            {
                Dispersion = dispersion.Value,
                ReferenceWavelength = fibre.Wavelength,
                RefractiveIndex = fibre.Delay.Value.SecondsPerMeter * FibreType.LightSpeed,
                NonlinearIndex = fibre.NonlinearIndex?.Value ?? FibreType.StandardSingleMode.NonlinearIndex,
            },
        };
    }

    internal double PerMeter(Frequency frequency) =>
        AttenuationByFrequency is { } table ? table.At(frequency) / 1000 : Attenuation.DecibelsPerMeter;

    /// <summary>What decides the nonlinear interference: two spans that agree in this share one matrix.</summary>
    internal FibreSpan Core => new() { Type = Type, Length = Length, Attenuation = Attenuation, AttenuationByFrequency = AttenuationByFrequency };

    internal void Check(Spectrum spectrum)
    {
        Covers(AttenuationByFrequency, "loss");
        Covers(Type.DispersionByFrequency, "dispersion");
        AtLeastZero(Length.Meters, "the length of a span");
        if (Length.Meters is 0 or > 1e7) throw Wrong($"a span must be longer than 0 and at most 10,000 km; it is {Length}");
        AtLeastZero(ConnectorIn.Si, "the loss of the input connector");
        AtLeastZero(ConnectorOut.Si, "the loss of the output connector");
        AtLeastZero(AttenuatorIn.Si, "the loss of the input attenuator");
        foreach (var lumped in LumpedLosses)
        {
            AtLeastZero(lumped.Loss.Si, "a lumped loss");
            if (!(lumped.Position.Meters > 0 && lumped.Position.Meters < Length.Meters))
                throw Wrong($"a lumped loss must stand inside the span of {Length}; it stands at {lumped.Position}");
        }
        AtLeastZero(Type.PolarizationModeDispersion, "polarization mode dispersion");
        if (!(Type.EffectiveArea is >= 1 and <= 10_000))
            throw Wrong($"an effective area from 1 to 10,000 µm² is needed; it is {Type.EffectiveArea}");
        if (!(Type.CoreRadius is >= 0.1 and <= 100))
            throw Wrong($"a core radius from 0.1 to 100 µm is needed; it is {Type.CoreRadius}");
        if (!(Type.NonlinearIndex is >= 0 and <= 1e-17))
            throw Wrong($"a nonlinear index from 0 to 1e-17 m²/W is needed; it is {Type.NonlinearIndex}");
        if (!(Type.RefractiveIndex is >= 1 and <= 4))
            throw Wrong($"a refractive index from 1 to 4 is needed; it is {Type.RefractiveIndex}");
        if (!(Type.ReferenceWavelength.Meters is >= 1e-7 and <= 1e-5))
            throw Wrong($"a reference wavelength from 100 nm to 10 µm is needed; it is {Type.ReferenceWavelength}");

        void Covers(FrequencyTable? table, string what)
        {
            var (low, high) = (spectrum[0].Frequency, spectrum[spectrum.Count - 1].Frequency);
            if (table is not null && (low < table.Lowest || high > table.Highest))
                throw Wrong($"the {what} is given from {table.Lowest} to {table.Highest}, and the channels go from {low} to {high}");
        }
    }
}
