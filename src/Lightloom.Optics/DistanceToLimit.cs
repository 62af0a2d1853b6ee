// How far an optical interface, and a link over it, stand from what physics allows.
//
//   S      receiver sensitivity of the standard, outer OMA for a clean transmitter                      dBm
//   S_tia  OMA that an ideal receiver with a real amplifier needs, by PamReceiver                      dBm
//   S_shot OMA that shot noise alone asks for, by PhysicalLimits                                       dBm
//   n    = P_avg(S) / (h ν · R_lane)                 photons received per bit of information
//   C    = R_lane / symbol rate                      bits of information a symbol
//   n_sh = mean photons per line bit at the shot limit;   optical energy at that limit = h ν n_sh
//
// Example: 100 Gb/s a lane over DR optics, 53.125 GBd, BER 2.4e-4, RIN −136 dB/Hz, at the 5 dB of extinction ratio, 0.8 A/W and
// 18 pA/√Hz of the assumptions: S = −4.4 dBm lies 5.8 dB above S_tia = −10.2 and 22.0 dB above S_shot = −26.4 dBm; 40 pJ/bit are
// 3.7 million times the 10.9 aJ/bit of the shot limit. 500 m of fibre at 4.896 ns/m take 1.47 times as long as light in vacuum.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>How far an optical interface or link stands from the limits of physics.</summary>
public sealed record DistanceToLimit
{
    /// <summary>Wavelength that photons are counted at: the middle of the interface's.</summary>
    public required Length Wavelength { get; init; }

    /// <summary>Bits of information a symbol.</summary>
    public required double BitsPerSymbol { get; init; }

    /// <summary>OMA that the standard demands of receivers for a clean transmitter; null where none is given.</summary>
    public DecibelMilliwatts? Sensitivity { get; init; }

    /// <summary>OMA that an ideal receiver with a real amplifier needs, or why none is enough.</summary>
    public required OmaSensitivity IdealReceiver { get; init; }

    /// <summary>OMA that shot noise alone asks for.</summary>
    public required DecibelMilliwatts ShotLimit { get; init; }

    /// <summary>How far the standard's receiver stands above the ideal one; null where either is missing.</summary>
    public Decibels? AboveIdealReceiver => Sensitivity - IdealReceiver.Level;

    /// <summary>How far the standard's receiver stands above the shot limit.</summary>
    public Decibels? AboveShotLimit => Sensitivity - ShotLimit;

    /// <summary>How far the ideal receiver stands above the shot limit: what amplifier, laser and extinction ratio cost.</summary>
    public Decibels? IdealReceiverAboveShotLimit => IdealReceiver.Level - ShotLimit;

    /// <summary>Photons received per bit of information at the standard's sensitivity.</summary>
    public double? PhotonsPerBit { get; init; }

    /// <summary>Photons per line bit at the shot limit.</summary>
    public required double ShotLimitPhotonsPerBit { get; init; }

    /// <summary>Photons per bit that a heterodyne receiver needs at as many bits a symbol.</summary>
    public double ShannonPhotonsPerBit => PhysicalLimits.ShannonPhotonsPerBit(BitsPerSymbol);

    /// <summary>Photons per bit that any receiver needs at as many bits a symbol.</summary>
    public double HolevoPhotonsPerBit => PhysicalLimits.HolevoPhotonsPerBit(BitsPerSymbol);

    /// <summary>Optical energy per bit at the shot limit.</summary>
    public EnergyPerBit ShotLimitEnergy => PhysicalLimits.OpticalEnergy(ShotLimitPhotonsPerBit, Wavelength);

    /// <summary>Energy that the link's modules take per bit; null for an interface without a link.</summary>
    public EnergyPerBit? EnergyPerBit { get; init; }

    /// <summary>That energy over the optical energy at the shot limit.</summary>
    public double? EnergyOverShotLimit => EnergyPerBit / ShotLimitEnergy;

    /// <summary>Time from end to end; null for an interface without a link.</summary>
    public Duration? Latency { get; init; }

    /// <summary>Time of light over the same length of vacuum.</summary>
    public Duration? VacuumLatency { get; init; }

    /// <summary>Latency over that of light in vacuum.</summary>
    public double? LatencyOverVacuum => Latency / VacuumLatency;

    /// <summary>The distances of an interface.</summary>
    /// <param name="given">The interface, directly detected.</param>
    /// <param name="assumptions">The ideal receiver; the default one if null.</param>
    /// <exception cref="ArgumentException">The interface is neither PAM4 nor NRZ, or names no wavelength.</exception>
    public static DistanceToLimit Of(OpticalInterface given, ReceiverAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(given);
        var receiver = (assumptions ?? ReceiverAssumptions.Default).For(given);
        var wavelength = MiddleOf(given.Wavelengths);
        var ratio = given.PreFecBer.Value;
        // Of an engine with an external laser it is known at the photodiode, where nothing is lost any more.
        var sensitivity = given.Sensitivity?.Value ?? given.ExternalLaser?.PhotodiodeSensitivity.Value;
        return new()
        {
            Wavelength = wavelength,
            BitsPerSymbol = given.LaneRate.Value.BitsPerSecond / given.SymbolRate.Value.Baud,
            Sensitivity = sensitivity,
            IdealReceiver = receiver.Sensitivity(ratio),
            ShotLimit = PhysicalLimits.ShotNoiseOma(receiver.Code, ratio, receiver.SymbolRate, wavelength),
            PhotonsPerBit = sensitivity is { } needed
                ? PhysicalLimits.PhotonsPerBit(receiver.AveragePower(needed), given.LaneRate.Value, wavelength)
                : null,
            ShotLimitPhotonsPerBit = PhysicalLimits.ShotNoisePhotonsPerBit(receiver.Code, ratio),
        };
    }

    /// <summary>The distances of a link over an interface, with its energy and latency.</summary>
    /// <param name="link">The link.</param>
    /// <param name="given">The interface of its ends.</param>
    /// <param name="assumptions">The ideal receiver; the default one if null.</param>
    /// <exception cref="ArgumentException">The interface is neither PAM4 nor NRZ, or names no wavelength.</exception>
    public static DistanceToLimit Of(EngineeredLink link, OpticalInterface given, ReceiverAssumptions? assumptions = null)
    {
        ArgumentNullException.ThrowIfNull(link);
        return Of(given, assumptions) with
        {
            EnergyPerBit = link.EnergyPerBit,
            Latency = link.Latency.Total,
            VacuumLatency = link.PurchasableLength * PhysicalLimits.VacuumDelay,
        };
    }

    /// <summary>The lines of a report: what is measured, how far it stands from the limit.</summary>
    public IEnumerable<(string What, string Distance)> Lines()
    {
        if (AboveIdealReceiver is { } ideal) yield return ("above an ideal receiver", ideal.ToString("G3"));
        else if (!IdealReceiver.Exists) yield return ("ideal receiver", IdealReceiver.ToString());
        if (AboveShotLimit is { } shot) yield return ("above the shot-noise limit", shot.ToString("G3"));
        if (PhotonsPerBit is { } photons) yield return ("photons per bit received", Quantity.Round(photons, 3));
        yield return ("photons per bit, shot noise", Quantity.Round(ShotLimitPhotonsPerBit, 3));
        yield return ("photons per bit, Shannon (heterodyne)", Quantity.Round(ShannonPhotonsPerBit, 3));
        yield return ("photons per bit, Holevo", Quantity.Round(HolevoPhotonsPerBit, 3));
        if (EnergyPerBit is { } energy && EnergyOverShotLimit is { } times)
            yield return ("energy per bit", $"{energy.ToString("G3")}, {Quantity.Round(times, 2)} times {ShotLimitEnergy.ToString("G3")} of light");
        if (Latency is { } latency && LatencyOverVacuum is { } slower)
            yield return ("latency", $"{latency.ToString("G3")}, {Quantity.Round(slower, 3)} times light in vacuum");
    }

    // "1304.5-1317.5" and "2x(1271;1291;1311;1331)": every number that can be a wavelength, in nm.
    static Length MiddleOf(string wavelengths)
    {
        double least = double.PositiveInfinity, most = 0;
        var rest = wavelengths.AsSpan();
        while (!rest.IsEmpty)
        {
            var start = rest.IndexOfAnyInRange('0', '9');
            if (start < 0) break;
            rest = rest[start..];
            var end = 0;
            while (end < rest.Length && (char.IsAsciiDigit(rest[end]) || rest[end] == '.')) end++;
            if (double.TryParse(rest[..end], System.Globalization.CultureInfo.InvariantCulture, out var number) && number is > 300 and < 3000)
                (least, most) = (Math.Min(least, number), Math.Max(most, number));
            rest = rest[end..];
        }
        return most > 0
            ? Length.FromNanometers((least + most) / 2)
            : throw new ArgumentException($"'{wavelengths}' names no wavelength", nameof(wavelengths));
    }
}
