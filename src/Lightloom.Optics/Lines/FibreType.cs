// What a fibre does to light, per length.
//
//   D(f)   chromatic dispersion                 ps/(nm·km)   one figure: D (f/f_ref)², which keeps β₂ constant;
//                                                            with a slope: D + S (λ − λ_ref); or a table
//   β₂(f)  = −(c/f)² D(f) / (2π c)              s²/m         group-velocity dispersion
//   A(f)   1/A(f) = 1/A_ref + ln(f/f_ref)/(π a²)    m²       effective area of a step-index fibre of core radius a with Gaussian
//                                                            mode width w = a/√ln V and V ∝ f (Marcuse)
//   γ(f)   = 2π n₂ f / (c A(f))                 1/(W·m)      Kerr coefficient
//   PMD    = p √L                               s            adds in quadrature over spans
//   delay  = n L / c                            s
//
// Example: standard single-mode fibre (D 16.7 ps/(nm·km), A_ref 83 µm², n₂ 2.6e-20 m²/W, a 4.2 µm, f_ref c/1550 nm) at
// 193.775 THz: γ = 1.275739 /(W·km), β₂ = −21.300 ps²/km; 80 km take 391.7 µs (n 1.468).

using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>The kind of fibre that a span is made of.</summary>
/// <remarks>
/// Agrawal, "Nonlinear Fiber Optics", for β₂ and γ; D. Marcuse, BSTJ 56 (1977) 703, for the mode width. The defaults are those of
/// standard single-mode fibre (ITU-T G.652) near 1550 nm.
/// </remarks>
public sealed record FibreType
{
    internal const double LightSpeed = 299_792_458;

    /// <summary>Standard single-mode fibre, ITU-T G.652.</summary>
    public static FibreType StandardSingleMode { get; } = new();

    /// <summary>Chromatic dispersion at the reference wavelength, in ps/(nm·km).</summary>
    public double Dispersion { get; init; } = 16.7;

    /// <summary>Slope of the dispersion over wavelength, in ps/(nm²·km); null keeps β₂ constant instead.</summary>
    public double? DispersionSlope { get; init; }

    /// <summary>Chromatic dispersion over frequency, in ps/(nm·km); it stands for both of the above where it is given.</summary>
    public FrequencyTable? DispersionByFrequency { get; init; }

    /// <summary>Effective area at the reference wavelength, in µm².</summary>
    public double EffectiveArea { get; init; } = 83;

    /// <summary>Radius of the core, in µm.</summary>
    public double CoreRadius { get; init; } = 4.2;

    /// <summary>Nonlinear index n₂, in m²/W.</summary>
    public double NonlinearIndex { get; init; } = 2.6e-20;

    /// <summary>Group index.</summary>
    public double RefractiveIndex { get; init; } = 1.468;

    /// <summary>Polarization mode dispersion, in ps/√km.</summary>
    public double PolarizationModeDispersion { get; init; } = 0.04;

    /// <summary>The wavelength that dispersion and effective area are given at.</summary>
    public Length ReferenceWavelength { get; init; } = Length.FromNanometers(1550);

    internal double ReferenceHertz => LightSpeed / ReferenceWavelength.Meters;

    /// <summary>The dispersion that channels of a frequency accumulate, in ps/(nm·km): what was given, not what keeps β₂ constant.</summary>
    public double AccumulatedDispersion(Frequency frequency) => DispersionByFrequency?.At(frequency)
        ?? Dispersion + (DispersionSlope ?? 0) * (LightSpeed / frequency.Hertz - ReferenceWavelength.Meters) * 1e9;

    /// <summary>Group-velocity dispersion β₂, in s²/m.</summary>
    public double GroupVelocityDispersion(Frequency frequency)
    {
        var f = frequency.Hertz;
        var ratio = DispersionByFrequency is null && DispersionSlope is null ? f / ReferenceHertz : 1;
        var d = AccumulatedDispersion(frequency) * 1e-6 * ratio * ratio;
        return -(LightSpeed / f) * (LightSpeed / f) * d / (2 * Math.PI * LightSpeed);
    }

    /// <summary>Kerr coefficient γ, in 1/(W·m).</summary>
    public double KerrCoefficient(Frequency frequency)
    {
        var f = frequency.Hertz;
        var core = Math.PI * CoreRadius * CoreRadius * 1e-12;
        var inverseArea = 1 / (EffectiveArea * 1e-12) + Math.Log(f / ReferenceHertz) / core;
        return 2 * Math.PI * NonlinearIndex * f / LightSpeed * inverseArea;
    }
}
