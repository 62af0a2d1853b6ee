using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Interop.Gnpy;

/// <summary>A GNPy spectrum (initial_spectrum.json): partitions of channels alike.</summary>
public static class GnpySpectrum
{
    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file is no spectrum.</exception>
    public static Spectrum ReadFile(string path) => Of(JsonText.ReadFile(path));

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">The text is no spectrum.</exception>
    public static Spectrum Read(string text, string file) => Of(JsonText.Read(text, file));

    static Spectrum Of(MappingNode root)
    {
        var document = new JsonFields(root, "the spectrum");
        document.OnlyKnown("spectrum");
        var channels = new List<LineChannel>();
        var parts = document.Objects("spectrum");
        if (parts.Count == 0) throw document.Wrong("'spectrum' is missing or empty; expected a list of partitions");
        foreach (var part in parts)
        {
            part.OnlyKnown("f_min", "f_max", "baud_rate", "slot_width", "roll_off", "tx_osnr", "tx_power_dbm", "delta_pdb", "label");
            var (low, high) = (part.Required("f_min", 1e13, 1e15), part.Required("f_max", 1e13, 1e15));
            var (slot, baud) = (part.Required("slot_width", 1e6, 1e14), part.Required("baud_rate", 1e6, 1e14));
            part.Required("roll_off", 0, 1);
            if (high < low) throw part.Wrong($"'f_max' ({high} Hz) lies below 'f_min' ({low} Hz)", part.Find("f_max"));
            if (baud > slot) throw part.Wrong($"'baud_rate' ({baud} Bd) exceeds 'slot_width' ({slot} Hz)", part.Find("baud_rate"));
            var count = Math.Floor((high - low) / slot) + 1;
            if (channels.Count + count > Spectrum.MaximumChannels)
                throw part.Wrong($"{channels.Count + count} channels are more than the {Spectrum.MaximumChannels} that are modelled");
            var channel = new LineChannel(default, SymbolRate.FromBaud(baud), Frequency.FromHertz(slot))
            {
                TransmitOsnr = Decibels.FromDecibels(part.Number("tx_osnr", -50, 1000) ?? 40),
                LaunchPower = DecibelMilliwatts.FromDbm(part.Number("tx_power_dbm", -100, 60) ?? 0),
                EqualisationOffset = Decibels.FromDecibels(part.Number("delta_pdb", -100, 100) ?? 0),
            };
            for (var i = 0; i < count; i++) channels.Add(channel with { Frequency = Frequency.FromHertz(low + i * slot) });
        }
        return Make(channels, root.Mark);
    }

    internal static Spectrum Make(IEnumerable<LineChannel> channels, Mark mark)
    {
        try
        {
            return new(channels);
        }
        catch (InputException e)
        {
            throw new InputException(e.Problem, mark);
        }
    }
}
