using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>Reads what <c>link line</c> is told, and refuses what is no line.</summary>
static class LineInput
{
    const int MostSpans = 1000;
    const double LongestSpan = 1e6; // m
    const double LongestLine = 5e7; // m: beyond the Earth's circumference

    /// <summary>"5x80km", "80km,100km", "2x80km,60km".</summary>
    public static IReadOnlyList<Length> Spans(string option, string text)
    {
        var spans = new List<Length>();
        foreach (var part in text.Split(',', StringSplitOptions.TrimEntries))
        {
            var times = part.IndexOf('x', StringComparison.OrdinalIgnoreCase);
            var count = times < 0 ? 1 : LinkInput.Count(option, part[..times].Trim(), 1, MostSpans);
            var length = Read<Length>(option, times < 0 ? part : part[(times + 1)..], "km");
            if (!(length.Meters is > 0 and <= LongestSpan)) throw new InputException($"{option}: a span is longer than 0 km and at most 1,000 km; found '{part}'");
            if (spans.Count + count > MostSpans) throw new InputException($"{option}: at most {MostSpans:N0} spans can be studied, and '{text}' has more");
            spans.AddRange(Enumerable.Repeat(length, count));
        }
        return spans.Sum(s => s.Meters) <= LongestLine ? spans : throw new InputException($"{option}: a line is at most 50,000 km long, and '{text}' is longer");
    }

    /// <summary>A quantity between two values; a bare number is in the unit that is named.</summary>
    public static T Between<T>(string option, string text, string unit, T least, T most)
        where T : struct, IQuantity<T>
    {
        var value = Read<T>(option, text, unit);
        return value.Si >= least.Si && value.Si <= most.Si
            ? value
            : throw new InputException($"{option}: expected {Quantity.NameWithArticle<T>()} from {Quantity.Format(least, $"G6 {unit}")} to {Quantity.Format(most, $"G6 {unit}")}, found '{text}'");
    }

    public static Decibels Loss(string option, string text) => Between(option, text, "dB", Decibels.Zero, Decibels.FromDecibels(60));

    public static DecibelMilliwatts Level(string option, string text) =>
        Between(option, text, "dBm", DecibelMilliwatts.FromDbm(-60), DecibelMilliwatts.FromDbm(40));

    /// <summary>The channels: alike, from the first one's centre, around a centre, or from the lower end of the C band.</summary>
    public static Spectrum Grid(string? channels, string? spacing, string? baud, string? first, string? centre)
    {
        if (first is not null && centre is not null) throw new InputException("--first and --centre exclude each other");
        var (least, most) = (Frequency.FromGigahertz(1), Frequency.FromTerahertz(20));
        var distance = spacing is null ? Frequency.FromGigahertz(75) : Between("--spacing", spacing, "GHz", least, most);
        var rate = baud is null
            ? SymbolRate.FromBaud(Math.Min(64e9, distance.Hertz))
            : Between("--baud", baud, "GBd", SymbolRate.FromGigabaud(1), SymbolRate.FromGigabaud(10_000));
        if (rate.Baud > distance.Hertz)
            throw new InputException($"--baud: channels of {rate} overlap on a grid of {distance}; the symbol rate is at most the spacing");
        var band = new CapacityRequest { Modes = [] };
        var count = channels is null
            ? Math.Max(1, (int)Math.Min(Spectrum.MaximumChannels, Math.Floor((band.BandHigh.Hertz - band.BandLow.Hertz) / distance.Hertz * (1 + 1e-12))))
            : LinkInput.Count("--channels", channels, 1, Spectrum.MaximumChannels);
        var lowest = first is not null ? Optical("--first", first)
            : centre is not null ? Frequency.FromHertz(Optical("--centre", centre).Hertz - (count - 1) / 2.0 * distance.Hertz)
            : Frequency.FromHertz(band.BandLow.Hertz + distance.Hertz / 2);
        return Spectrum.Uniform(lowest, distance, count, rate);
    }

    /// <summary>All modes of the catalogue that a line with multiplexed channels can have, or those named.</summary>
    public static IReadOnlyList<CoherentMode> Modes(string? keys)
    {
        if (keys is null) return [.. PartCatalog.Default.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>()];
        return [.. keys.Split(',', StringSplitOptions.TrimEntries).Distinct().Select(key =>
            CoherentMode.Of(LinkInput.Part<CoherentTransceiver>("--modes", key))
                ?? throw new InputException($"--modes: the catalogue gives '{key}' no required OSNR or no spacing; it isn't meant for multiplexed lines"))];
    }

    static Frequency Optical(string option, string text) => Between(option, text, "THz", Frequency.FromTerahertz(150), Frequency.FromTerahertz(250));

    static T Read<T>(string option, string text, string unit)
        where T : struct, IQuantity<T>
    {
        var given = text.Trim();
        // A bare number is in the unit that everybody uses for it; a length is not, for km and m are both common.
        if (typeof(T) != typeof(Length) && double.TryParse(given, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
            given += unit;
        return Quantity.TryParse<T>(given, out var value, out var problem) ? value : throw new InputException($"{option}: {problem}");
    }
}
