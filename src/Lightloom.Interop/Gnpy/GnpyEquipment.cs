using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Interop.Gnpy;

/// <summary>
/// A GNPy equipment library (eqpt_config.json): amplifiers, fibres, ROADMs, spans, the default spectrum, transceivers. Entries are
/// judged when something uses them, so that a library may hold what is not modelled.
/// </summary>
public sealed class GnpyEquipment
{
    static readonly string[] Kinds = ["Edfa", "Fiber", "RamanFiber", "Roadm", "SI", "Span", "Transceiver", "library-information"];

    readonly Dictionary<string, Dictionary<string, JsonFields>> entries = new(StringComparer.Ordinal);
    readonly Dictionary<string, AmplifierModel> amplifiers = new(StringComparer.Ordinal);
    readonly Mark start;

    GnpyEquipment(MappingNode root)
    {
        start = root.Mark;
        foreach (var (kind, value) in root.Entries)
        {
            if (kind.Text.Contains(':', StringComparison.Ordinal))
                throw new InputException(JsonText.OneLine($"'{kind.Text}': files in YANG's JSON are not modelled; convert this one to GNPy's own format"), kind.Mark);
            if (!Kinds.Contains(kind.Text))
                throw new InputException(JsonText.OneLine($"unknown kind of equipment '{kind.Text}'{Nearest.Hint(kind.Text, Kinds)}"), kind.Mark);
            if (kind.Text == "library-information") continue;
            if (value is not SequenceNode list)
                throw new InputException(JsonText.OneLine($"expected a list for '{kind.Text}', found {value.Kind}"), value.Mark);
            var known = entries[kind.Text] = new(StringComparer.Ordinal);
            foreach (var item in list.Items) Add(known, kind.Text, item);
        }
    }

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file is no equipment library.</exception>
    public static GnpyEquipment ReadFile(string path) => new(JsonText.ReadFile(path));

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <exception cref="InputException">The text is no equipment library.</exception>
    public static GnpyEquipment Read(string text, string file) => new(JsonText.Read(text, file));

    /// <summary>The modes of a transceiver; they send what the library's spectrum sends, for a mode says nothing of its power.</summary>
    /// <param name="typeVariety">The transceiver's type.</param>
    /// <exception cref="InputException">There is no such transceiver, or a mode is wrong.</exception>
    public IReadOnlyList<CoherentMode> Modes(string typeVariety)
    {
        ArgumentNullException.ThrowIfNull(typeVariety);
        var launch = LaunchPower;
        return [.. Entry("Transceiver", typeVariety, "transceiver", null).Objects("mode").Select(m => ModeOf(m, typeVariety, launch))];
    }

    /// <summary>The power that transmitters send unless a spectrum says otherwise.</summary>
    /// <exception cref="InputException">The library has no spectrum or a wrong one.</exception>
    public DecibelMilliwatts LaunchPower
    {
        get
        {
            var si = DefaultSpectrum();
            return DecibelMilliwatts.FromDbm(si.Number("tx_power_dbm", -100, 60) ?? si.Number("power_dbm", -100, 60) ?? 0);
        }
    }

    /// <summary>Margin that the library adds to what a mode needs.</summary>
    /// <exception cref="InputException">The library has no spectrum or a wrong one.</exception>
    public Decibels SystemMargin => Decibels.FromDecibels(DefaultSpectrum().Number("sys_margins", -100, 100) ?? 0);

    /// <summary>The spectrum of the library.</summary>
    /// <exception cref="InputException">The library has no spectrum or a wrong one.</exception>
    public Spectrum Spectrum()
    {
        var si = DefaultSpectrum();
        si.OnlyKnown("type_variety", "f_min", "f_max", "baud_rate", "spacing", "power_dbm", "tx_power_dbm", "power_range_db", "roll_off", "tx_osnr",
            "sys_margins", "use_si_channel_count_for_design");
        var (low, high) = (si.Required("f_min", 1e13, 1e15), si.Required("f_max", 1e13, 1e15));
        var (spacing, baud) = (si.Required("spacing", 1e6, 1e14), si.Required("baud_rate", 1e6, 1e14));
        si.Number("roll_off", 0, 1);
        var osnr = Decibels.FromDecibels(si.Number("tx_osnr", -50, 1000) ?? 45);
        // The centres start one spacing above f_min; the count is GNPy's own.
        var count = Math.Floor((high - low) / spacing);
        if (!(count >= 1)) throw si.Wrong($"no channel fits from {low} to {high} Hz with a spacing of {spacing} Hz");
        if (count > Optics.Lines.Spectrum.MaximumChannels)
            throw si.Wrong($"{count} channels are more than the {Optics.Lines.Spectrum.MaximumChannels} that are modelled");
        var launch = LaunchPower;
        return GnpySpectrum.Make(Enumerable.Range(1, (int)count).Select(i =>
            new LineChannel(Frequency.FromHertz(low + i * spacing), SymbolRate.FromBaud(baud), Frequency.FromHertz(spacing))
            {
                LaunchPower = launch,
                TransmitOsnr = osnr,
            }), si.Mark);
    }

    internal AmplifierModel Amplifier(string typeVariety, JsonFields element)
    {
        if (amplifiers.TryGetValue(typeVariety, out var known)) return known;
        var entry = Entry("Edfa", typeVariety, "amplifier", element);
        var definition = entry.Text("type_def") ?? "variable_gain";
        if (definition is "dual_stage" or "advanced_model" or "multi_band")
            throw element.Wrong($"amplifier '{typeVariety}' is of type '{definition}', which is not modelled; variable_gain, fixed_gain and the openroadm types are");
        entry.OnlyKnown("type_variety", "type_def", "gain_flatmax", "gain_min", "p_max", "nf_min", "nf_max", "nf0", "nf_coef", "out_voa_auto",
            "allowed_for_design", "f_min", "f_max", "pmd", "pdl", "raman", "default_config_from_json", "other_name", "nf_ripple", "gain_ripple", "dgt", "tilt_ripple");
        foreach (var (key, what) in ((string, string)[])
            [("default_config_from_json", "a gain profile"), ("nf_ripple", "ripple of the noise figure"), ("gain_ripple", "ripple of the gain"),
             ("dgt", "a gain profile"), ("tilt_ripple", "ripple of the tilt")])
        {
            if (entry.Has(key)) throw element.Wrong($"amplifier '{typeVariety}' has {what} ('{key}'), which is not modelled");
        }
        if (entry.Flag("raman")) throw element.Wrong($"amplifier '{typeVariety}' is a Raman amplifier, which is not modelled");
        var (least, flat) = (Decibels.FromDecibels(entry.Required("gain_min", -60, 100)), Decibels.FromDecibels(entry.Required("gain_flatmax", -60, 100)));
        NoiseFigure noise;
        try
        {
            noise = definition switch
            {
                "variable_gain" => NoiseFigure.TwoCoils(least, flat, Decibels.FromDecibels(entry.Required("nf_min", -100, 100)),
                    Decibels.FromDecibels(entry.Required("nf_max", -100, 100))),
                "fixed_gain" => NoiseFigure.Fixed(Decibels.FromDecibels(entry.Required("nf0", -100, 100))),
                "openroadm" => NoiseFigure.OpenRoadm(entry.Numbers("nf_coef") ?? throw entry.Wrong("'nf_coef' is missing; expected a list of numbers")),
                "openroadm_preamp" => NoiseFigure.OpenRoadmPreamplifier,
                "openroadm_booster" => NoiseFigure.None,
                _ => throw entry.Wrong($"unknown type of amplifier '{definition}'" + Nearest.Hint(definition,
                    ["variable_gain", "fixed_gain", "openroadm", "openroadm_preamp", "openroadm_booster"])),
            };
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw entry.Wrong(e.Problem);
        }
        return amplifiers[typeVariety] = new()
        {
            Noise = noise,
            GainMinimum = least,
            GainFlatMaximum = flat,
            OutputMaximum = entry.Number("p_max", -100, 100) is { } most ? DecibelMilliwatts.FromDbm(most) : null,
            // The C band that GNPy takes where an amplifier has none of its own.
            BandLow = Frequency.FromHertz(entry.Number("f_min", 1e13, 1e15) ?? 191.275e12),
            BandHigh = Frequency.FromHertz(entry.Number("f_max", 1e13, 1e15) ?? 196.125e12),
            PolarizationModeDispersion = Duration.FromSeconds(entry.Number("pmd", 0, 1) ?? 0),
            PolarizationDependentLoss = Decibels.FromDecibels(entry.Number("pdl", 0, 100) ?? 0),
        };
    }

    internal JsonFields Fibre(string typeVariety, JsonFields element)
    {
        var entry = Entry("Fiber", typeVariety, "fibre", element);
        entry.OnlyKnown("type_variety", "dispersion", "dispersion_slope", "dispersion_per_frequency", "effective_area", "gamma", "pmd_coef",
            "raman_efficiency", "raman_coefficient", "ref_wavelength", "ref_frequency", "other_name");
        return entry;
    }

    internal JsonFields Roadm(string? typeVariety, JsonFields element) => Entry("Roadm", typeVariety ?? "default", "ROADM", element);

    /// <summary>What the library says of spans; null where it says nothing.</summary>
    internal JsonFields? Span => entries.GetValueOrDefault("Span")?.Values.FirstOrDefault();

    JsonFields DefaultSpectrum()
    {
        var all = entries.GetValueOrDefault("SI");
        if (all is null || all.Count == 0) throw new InputException("the equipment library has no spectrum ('SI')", start);
        return all.TryGetValue("default", out var si) ? si : all.Values.First();
    }

    JsonFields Entry(string kind, string name, string what, JsonFields? element)
    {
        var all = entries.GetValueOrDefault(kind) ?? [];
        if (all.TryGetValue(name, out var entry)) return entry;
        var problem = $"the equipment library has no {what} '{name}'{Nearest.Hint(name, all.Keys)}";
        throw element?.Wrong(problem) ?? new InputException(JsonText.OneLine(problem), start);
    }

    static void Add(Dictionary<string, JsonFields> known, string kind, Node item)
    {
        var fields = JsonFields.Of(item, $"equipment '{kind}'");
        var name = fields.Text("type_variety") ?? "default";
        fields = fields.As($"{kind} '{name}'");
        var names = new List<string> { name };
        if (fields.Find("other_name") is SequenceNode others) names.AddRange(others.Items.OfType<ScalarNode>().Select(o => o.Text));
        foreach (var each in names)
            if (!known.TryAdd(each, fields)) throw fields.Wrong("it stands here a second time");
    }

    static CoherentMode ModeOf(JsonFields mode, string typeVariety, DecibelMilliwatts launch)
    {
        mode.OnlyKnown("format", "baud_rate", "OSNR", "bit_rate", "roll_off", "tx_osnr", "min_spacing", "cost", "penalties", "equalization_offset_db", "other_name");
        var name = mode.RequiredText("format");
        mode.Number("roll_off", 0, 1);
        if (mode.Number("equalization_offset_db") is { } offset and not 0)
            throw mode.Wrong($"an equalization offset ({offset} dB) is not modelled");
        return new()
        {
            Name = $"{typeVariety} {name}",
            SymbolRate = SymbolRate.FromBaud(mode.Required("baud_rate", 1e6, 1e13)),
            Rate = Bandwidth.FromBitsPerSecond(mode.Required("bit_rate", 1, 1e16)),
            Spacing = Frequency.FromHertz(mode.Required("min_spacing", 1e6, 1e14)),
            RequiredOsnr = Decibels.FromDecibels(mode.Required("OSNR", -50, 100)),
            TransmitOsnr = mode.Number("tx_osnr", -50, 1000) is { } osnr ? Decibels.FromDecibels(osnr) : null,
            TransmitMinimum = launch,
            TransmitMaximum = launch,
            DispersionPenalty = PenaltyOf(mode, "chromatic_dispersion"),
            PolarizationModePenalty = PenaltyOf(mode, "pmd"),
            PolarizationLossPenalty = PenaltyOf(mode, "pdl"),
        };
    }

    static PenaltyTable? PenaltyOf(JsonFields mode, string impairment)
    {
        var points = mode.Objects("penalties").Where(p => p.Has(impairment))
            .Select(p => (p.Required(impairment), Decibels.FromDecibels(p.Required("penalty_value")))).ToList();
        foreach (var penalty in mode.Objects("penalties")) penalty.OnlyKnown("chromatic_dispersion", "pmd", "pdl", "penalty_value");
        if (points.Count == 0) return null;
        try
        {
            return new(points);
        }
        catch (InputException e)
        {
            throw mode.Wrong(e.Problem, mode.Find("penalties"));
        }
    }
}
