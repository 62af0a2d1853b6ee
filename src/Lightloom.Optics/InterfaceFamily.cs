using Lightloom.Catalog;

namespace Lightloom.Optics;

/// <summary>
/// What two optical ends must have in common to understand each other: lane rate, symbol rate, modulation, correction, kind of
/// fibre and wavelength plan. The number of lanes is not part of it: a DR4 module meets half of a DR8 one.
/// </summary>
/// <param name="LaneRate">Rate of a lane in whole Gb/s.</param>
/// <param name="SymbolRate">Symbol rate in whole MBd.</param>
/// <param name="Modulation">Modulation.</param>
/// <param name="Fec">Error correction.</param>
/// <param name="SingleMode">Whether the fibre carries one mode.</param>
/// <param name="Wavelengths">Wavelength plan of one port.</param>
public readonly record struct InterfaceFamily(
    int LaneRate, int SymbolRate, string Modulation, FecScheme Fec, bool SingleMode, string Wavelengths)
{
    /// <summary>The family of an interface.</summary>
    public static InterfaceFamily Of(OpticalInterface given)
    {
        ArgumentNullException.ThrowIfNull(given);
        return new((int)Math.Round(given.LaneRate.Value.GigabitsPerSecond), (int)Math.Round(given.SymbolRate.Value.Gigabaud * 1000),
            given.Modulation, given.Fec, given.Fibre.SingleMode, OnePort(given.Wavelengths));
    }

    // "2x(1271;1291;1311;1331)" is two ports of "1271;1291;1311;1331".
    static string OnePort(string wavelengths)
    {
        var text = wavelengths.Replace(" ", "", StringComparison.Ordinal);
        var open = text.IndexOf("x(", StringComparison.Ordinal);
        return open > 0 && text.EndsWith(')') && text.AsSpan(0, open).IndexOfAnyExceptInRange('0', '9') < 0 ? text[(open + 2)..^1] : text;
    }
}
