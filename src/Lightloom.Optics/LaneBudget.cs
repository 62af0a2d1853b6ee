// Budgets of a link's wavelengths: each lane has its own loss and dispersion in ordinary single-mode fibre.
//
//   α(λ) = α_r (λ_r/λ)^4                                   Rayleigh scattering, 1260 to 1360 nm                 dB/km
//   D(λ) = S_0/4 · (λ − λ_0^4/λ^3)                         chromatic dispersion of G.652 fibre                  ps/(nm·km)
//   S_0 ≤ 0.092 ps/(nm²·km);  λ_0 from 1300 to 1324 nm     any fibre of the recommendation lies between
//   margin(λ) = margin − (α(λ) − α_r) L
//
// The link's own margin counts α_r at every wavelength, as the standards' tables and planners do; the lane of the shortest one loses more.
// Dispersion up to the reach is inside TDECQ. It is given as the share of what the reach has; beyond it nothing is extrapolated.
//
// Example: 400GBASE-FR4 over 2 km of 0.4 dB/km at 1310 nm: 0.451 dB/km at 1271 nm and 0.375 at 1331, so 0.90 dB and 0.75 dB instead of
// 0.80. Dispersion at 1271 nm lies between −10.4 and −5.5 ps/nm, at 1331 nm between +1.3 and +5.5.

using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>One wavelength of a link.</summary>
/// <param name="Wavelength">The wavelength.</param>
/// <param name="Attenuation">Loss of the fibre there.</param>
/// <param name="Margin">What this lane has left.</param>
/// <param name="LeastDispersion">Dispersion over the cable in the fibre that has least, in ps/nm; negative where short waves are slower.</param>
/// <param name="MostDispersion">Dispersion over the cable in the fibre that has most, in ps/nm.</param>
/// <param name="ShareOfReach">Length of the cable over the reach: the share of the dispersion that the transmitter's eye was tested with.</param>
public sealed record LaneBudget(
    Length Wavelength, Attenuation Attenuation, Decibels Margin, double LeastDispersion, double MostDispersion, double ShareOfReach)
{
    /// <summary>Largest slope of dispersion at its zero, in ps/(nm²·km).</summary>
    public static Sourced<double> DispersionSlope { get; } = Sourced<double>.Of(0.092, "ITU-T G.652.D", Grade.Standard);

    /// <summary>Wavelength of no dispersion, between the least and the most that the recommendation allows.</summary>
    public static Sourced<Length> ZeroDispersion { get; } = new(
        Length.FromNanometers(1312), Length.FromNanometers(1300), Length.FromNanometers(1324), null, "ITU-T G.652.D", Grade.Standard);

    // Outside this band water and bending, not scattering, say what is lost.
    const double ShortestNanometers = 1260, LongestNanometers = 1360;

    /// <summary>Dispersion at a wavelength in ps/(nm·km), for a fibre whose zero lies at another.</summary>
    public static double Dispersion(Length wavelength, Length zero)
    {
        var (at, none) = (wavelength.Nanometers, zero.Nanometers);
        return DispersionSlope.Value / 4 * (at - Math.Pow(none, 4) / Math.Pow(at, 3));
    }

    /// <summary>
    /// The lanes of a link, the worst first: empty where no fibre of it carries several wavelengths in the band around 1310 nm, or it runs in a
    /// fibre that is not made of silica for that band.
    /// </summary>
    public static IReadOnlyList<LaneBudget> Of(EngineeredLink link)
    {
        ArgumentNullException.ThrowIfNull(link);
        if (!link.HasBudget || link.IsDirect) return [];
        var given = link.Parts.Select(p => p.Part).OfType<Transceiver>().FirstOrDefault()?.Interface;
        var fibre = link.Parts.FirstOrDefault(p => p.Measure == PartMeasure.FibreMeters)?.Part as Fibre;
        if (given is null || fibre is not { SingleMode: true } || !InBand(fibre.Wavelength)) return [];
        // Lanes with a fibre each may have any wavelength of the band: none has one of its own.
        if (given.Fibres.Value >= 2 * given.Lanes.Value) return [];
        var wavelengths = WavelengthsOf(given.Wavelengths);
        if (wavelengths.Count < 2 || !wavelengths.All(InBand)) return [];
        var kilometers = link.PurchasableLength.Meters / 1000;
        var lanes = new List<LaneBudget>();
        foreach (var wavelength in wavelengths)
        {
            var loss = fibre.Attenuation.Value * Math.Pow(fibre.Wavelength / wavelength, 4);
            var more = (loss.DecibelsPerKilometer - fibre.Attenuation.Value.DecibelsPerKilometer) * kilometers;
            lanes.Add(new(wavelength, loss, link.Margin - Decibels.FromDecibels(more),
                Dispersion(wavelength, ZeroDispersion.High) * kilometers, Dispersion(wavelength, ZeroDispersion.Low) * kilometers,
                link.PurchasableLength / link.Reach));
        }
        return [.. lanes.OrderBy(l => l.Margin.Si)];
    }

    /// <summary>The wavelengths of a plan as standards write it: listed ones, or the two ends of a range.</summary>
    public static IReadOnlyList<Length> WavelengthsOf(string plan)
    {
        ArgumentNullException.ThrowIfNull(plan);
        var found = new SortedSet<double>();
        for (var at = 0; at < plan.Length;)
        {
            if (!char.IsAsciiDigit(plan[at]))
            {
                at++;
                continue;
            }
            var end = at;
            while (end < plan.Length && (char.IsAsciiDigit(plan[end]) || plan[end] == '.')) end++;
            // Numbers of lanes and grid spacings stand in plans as well.
            if (double.TryParse(plan.AsSpan(at, end - at), CultureInfo.InvariantCulture, out var number) && number is > 800 and < 1700) found.Add(number);
            at = end;
        }
        return [.. found.Select(Length.FromNanometers)];
    }

    static bool InBand(Length wavelength) => wavelength.Nanometers is >= ShortestNanometers and <= LongestNanometers;
}
