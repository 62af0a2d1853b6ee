// Insertion loss of a twinaxial pair and the length at which it has used up what an electrical interface allows.
//
//   A(f)   = a √f + b f                      dB/m, f in GHz; a for the skin effect, b for the dielectric
//   IL     = A(f) · L + C                    dB, C both connectors with their paddle cards
//   budget = channel loss − host loss        dB, what the interface leaves to the cable assembly
//   L_max  = (budget − C) / A(f)
//
// Example: 30 AWG (a 1.572, b 0.030) at 26.56 GHz: 8.90 dB/m; with 19.75 dB for the assembly and 4 dB of connectors it reaches
// 1.77 m, 26 AWG (a 0.990) 2.67 m. At 53.125 GHz with 17 dB and 5 dB: 0.92 m and 1.36 m.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics;

/// <summary>Insertion loss and reach of passive twinaxial cable.</summary>
/// <remarks>Two-term loss model calibrated to typical twinax; budgets of IEEE 802.3ck and P802.3dj. It stands in for COM.</remarks>
public static class TwinaxLoss
{
    static readonly Frequency ReferenceFrequency = Frequency.FromGigahertz(26.5625);

    /// <summary>The line code of a copper lane: NRZ up to 30 Gb/s, PAM4 above.</summary>
    public static LineCode CodeOf(Bandwidth laneRate) => laneRate.GigabitsPerSecond <= 30 ? LineCode.Nrz : LineCode.Pam4;

    /// <summary>Half the symbol rate of a copper lane: NRZ with 66/64 coding at 25G, PAM4 at 17/16 of the payload's rate above.</summary>
    /// <remarks>IEEE 802.3 clauses 92 (25.78125 GBd at 25 Gb/s), 136, 162 (53.125 GBd at 100 Gb/s).</remarks>
    public static Frequency Nyquist(Bandwidth laneRate) => CodeOf(laneRate) == LineCode.Nrz
        ? Frequency.FromHertz(laneRate.BitsPerSecond * 1.03125 / 2)
        : Frequency.FromHertz(laneRate.BitsPerSecond * 1.0625 / 4);

    /// <summary>Loss per length at a frequency.</summary>
    public static Attenuation PerLength(Twinax pair, Frequency frequency)
    {
        ArgumentNullException.ThrowIfNull(pair);
        var gigahertz = frequency.Gigahertz;
        return Attenuation.FromDecibelsPerMeter(
            pair.SkinLoss.Value * Math.Sqrt(gigahertz) + pair.DielectricLoss.Value * gigahertz);
    }

    /// <summary>Loss of both connectors: the interface's figure, or the pair's scaled with the root of the frequency.</summary>
    public static Decibels Connectors(Twinax pair, Frequency frequency, ElectricalInterface? given = null)
    {
        ArgumentNullException.ThrowIfNull(pair);
        return given?.ConnectorLoss?.Value ?? pair.ConnectorLoss.Value * Math.Sqrt(frequency / ReferenceFrequency);
    }

    /// <summary>What an interface leaves to a cable assembly with its connectors.</summary>
    public static Decibels AssemblyBudget(ElectricalInterface given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return given.ChannelLoss.Value - (given.HostLoss?.Value ?? Decibels.Zero);
    }

    /// <summary>Longest cable that an interface allows; zero where the connectors alone exceed it.</summary>
    public static Length Reach(Twinax pair, ElectricalInterface given)
    {
        ArgumentNullException.ThrowIfNull(given);
        var left = AssemblyBudget(given) - Connectors(pair, given.Frequency.Value, given);
        return Length.FromMeters(Math.Max(0, left.Si / PerLength(pair, given.Frequency.Value).Si));
    }
}
