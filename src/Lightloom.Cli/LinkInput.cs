using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>Reads what <c>link</c> is told, and refuses what is no link.</summary>
static class LinkInput
{
    const int MostConnectors = 100;
    const double LongestMeters = 1e6;
    const int MostPoints = 400;

    static readonly double[] Ladder = [1, 1.5, 2, 3, 5, 7];
    static readonly PartCatalog Catalog = PartCatalog.Default;

    /// <summary>"800" is 800 Gb/s.</summary>
    public static Bandwidth Rate(string option, string text)
    {
        var rate = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var gigabits) && double.IsFinite(gigabits)
            ? Bandwidth.FromGigabitsPerSecond(gigabits)
            : Read<Bandwidth>(option, text);
        return rate.GigabitsPerSecond is >= 1 and <= 1e6
            ? rate
            : throw new InputException($"{option}: expected a rate from 1 Gb/s to 1 Pb/s, found '{text}'");
    }

    public static Length Run(string option, string text)
    {
        var run = Read<Length>(option, text);
        return run.Meters is >= 0 and <= LongestMeters
            ? run
            : throw new InputException($"{option}: expected a length from 0 m to 1,000 km, found '{text}'");
    }

    public static int Count(string option, string text, int least, int most) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count) && count >= least && count <= most
            ? count
            : throw new InputException($"{option}: expected a whole number from {least:N0} to {most:N0}, found '{text}'");

    public static int Connectors(string option, string text) => Count(option, text, 0, MostConnectors);

    public static T Part<T>(string option, string key)
        where T : Part
    {
        try
        {
            return Catalog.Get<T>(key);
        }
        catch (InputException e)
        {
            throw new InputException($"{option}: {e.Message}");
        }
    }

    /// <summary>"kp4" and "low-latency" are codes that hosts run.</summary>
    public static FecScheme Fec(string text) => text switch
    {
        "kp4" => FecScheme.Kp4,
        "low-latency" => FecScheme.LowLatency,
        _ => throw new InputException($"--fec: expected kp4 or low-latency, found '{text}'{Nearest.Hint(text, ["kp4", "low-latency"])}"),
    };

    /// <summary>"30" and "30 dB" are a return loss of 30 dB.</summary>
    public static Sourced<Decibels> ReturnLoss(string text)
    {
        const string option = "--return-loss";
        var loss = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Decibels.FromDecibels(number)
            : Read<Decibels>(option, text);
        return loss.Si is >= 0 and <= 100
            ? Sourced<Decibels>.Of(loss, option, Grade.Assumption)
            : throw new InputException($"{option}: expected a loss from 0 dB to 100 dB, found '{text}'");
    }

    /// <summary>"1.5", "1.5 dB", "1.5..2.0 dB" from typical to most, or the key of a switch in the catalogue.</summary>
    public static PathElement Ocs(string text)
    {
        const string option = "--ocs";
        if (Catalog.Keys<OpticalCircuitSwitch>().Contains(text))
        {
            var part = Catalog.Get<OpticalCircuitSwitch>(text);
            var passed = part.Loss ?? throw new InputException($"{option}: the catalogue gives no loss for '{text}'; give it in dB");
            // A reflection is written as a negative ratio there, as vendors do.
            return new(part.Name, passed, part.ReturnLoss is { } back ? -back.Value : null);
        }
        var ends = text.Split("..");
        if (ends.Length > 2 || ends[0].Length == 0 || !(char.IsAsciiDigit(ends[0][0]) || ends[0][0] is '-' or '+' or '.'))
        {
            throw new InputException($"{option}: expected a loss in dB ('1.5 dB', '1.5..2.0 dB') or a switch of the catalogue, found '{text}'" +
                Nearest.Hint(text, [.. Catalog.Keys<OpticalCircuitSwitch>()]));
        }
        var low = Loss(ends[0]);
        var high = ends.Length == 2 ? Loss(ends[1]) : low;
        if (high < low) throw new InputException($"{option}: the largest loss is below the typical one in '{text}'");
        return new("optical circuit switch", new(low, low, high, null, "--ocs", Grade.Assumption));

        Decibels Loss(string part)
        {
            var loss = double.TryParse(part, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? Decibels.FromDecibels(number)
                : Read<Decibels>(option, part);
            return loss.Si is >= 0 and <= 60 ? loss : throw new InputException($"{option}: expected a loss from 0 dB to 60 dB, found '{text}'");
        }
    }

    /// <summary>"1..2000m" is a ladder of lengths, "2m,50m,300m" those.</summary>
    public static IReadOnlyList<Length> Lengths(string option, string text)
    {
        var ends = text.Split("..");
        if (ends.Length == 1)
        {
            var listed = text.Split(',', StringSplitOptions.TrimEntries).Select(t => Run(option, t)).Distinct().Order().ToList();
            return listed.Count <= MostPoints ? listed : throw new InputException($"{option}: at most {MostPoints} lengths, not {listed.Count}");
        }
        if (ends.Length != 2) throw new InputException($"{option}: expected '1..2000m' or lengths with commas between them, found '{text}'");
        var last = Run(option, ends[1]);
        var first = double.TryParse(ends[0], NumberStyles.Float, CultureInfo.InvariantCulture, out _)
            ? Run(option, ends[0].Trim() + UnitOf(ends[1]))
            : Run(option, ends[0]);
        if (first > last) throw new InputException($"{option}: {first} is longer than {last}");
        var lengths = new SortedSet<double> { first.Meters, last.Meters };
        for (var decade = 0.1; decade <= last.Meters; decade *= 10)
            foreach (var step in Ladder)
                if (Math.Round(step * decade, 6) is var at && at > first.Meters && at < last.Meters) lengths.Add(at);
        return [.. lengths.Select(Length.FromMeters)];
    }

    public static IReadOnlyList<Bandwidth> Rates(string option, string text) =>
        [.. text.Split(',', StringSplitOptions.TrimEntries).Select(t => Rate(option, t)).Distinct()];

    /// <summary>Lanes that ports of a rate have unless told otherwise.</summary>
    public static Bandwidth LaneOf(Bandwidth rate) => Bandwidth.FromGigabitsPerSecond(
        rate.GigabitsPerSecond <= 100 ? 25 : rate.GigabitsPerSecond <= 200 ? 50 : rate.GigabitsPerSecond <= 800 ? 100 : 200);

    /// <summary>Refuses a key that is neither a module nor a cable.</summary>
    public static Part ModuleOrCable(string key)
    {
        IReadOnlyList<string> modules = Catalog.Keys<Transceiver>(), cables = Catalog.Keys<CopperCable>();
        if (modules.Contains(key)) return Catalog.Get<Transceiver>(key);
        if (cables.Contains(key)) return Catalog.Get<CopperCable>(key);
        throw new InputException($"--part: there is no transceiver or copper cable '{key}'{Nearest.Hint(key, [.. modules, .. cables])}");
    }

    static string UnitOf(string text) => text.Trim().TrimStart('0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '.', '+', '-', ' ');

    static T Read<T>(string option, string text)
        where T : struct, IQuantity<T> =>
        Quantity.TryParse<T>(text, out var value, out var problem) ? value : throw new InputException($"{option}: {problem}");
}
