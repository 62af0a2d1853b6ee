using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Interop.Gnpy;

/// <summary>
/// A GNPy network (elements and connections). What it takes of GNPy: transceivers, fibres, amplifiers with set gains, ROADMs with
/// equalisation targets, fused elements. What it refuses, naming the element: Raman pumps, several bands, gain profiles and tilt,
/// impairments by ROADM path, and whatever GNPy's design step would choose.
/// </summary>
public sealed class GnpyNetwork
{
    const int MaximumElements = 200_000;

    static readonly string[] Types = ["Transceiver", "Fiber", "RamanFiber", "Edfa", "Multiband_amplifier", "Roadm", "Fused"];

    readonly Dictionary<string, Element> elements = new(StringComparer.Ordinal);
    readonly GnpyEquipment equipment;
    readonly Mark start;

    sealed class Element(JsonFields fields, string uid, string type, int order)
    {
        public JsonFields Fields => fields;

        public string Uid => uid;

        public string Type => type;

        public int Order => order;

        public List<Element> Next { get; } = [];

        /// <summary>Length of a fibre, and next to nothing for all else, as GNPy weighs routes.</summary>
        public double Weight { get; init; }
    }

    GnpyNetwork(MappingNode root, GnpyEquipment equipment)
    {
        start = root.Mark;
        this.equipment = equipment;
        foreach (var (key, _) in root.Entries)
            if (key.Text.Contains(':', StringComparison.Ordinal))
                throw new InputException(JsonText.OneLine($"'{key.Text}': files in YANG's JSON are not modelled; convert this one to GNPy's own format"), key.Mark);
        var document = new JsonFields(root, "the network");
        document.OnlyKnown("network_name", "elements", "connections");
        var list = document.Objects("elements");
        if (list.Count == 0) throw document.Wrong("'elements' is missing or empty; expected a list of elements");
        if (list.Count > MaximumElements) throw document.Wrong($"it has {list.Count} elements; {MaximumElements} can be read");
        foreach (var fields in list) Add(fields);
        foreach (var connection in document.Objects("connections"))
        {
            connection.OnlyKnown("from_node", "to_node", "metadata");
            End(connection, "from_node").Next.Add(End(connection, "to_node"));
        }
    }

    /// <summary>What the network is called, or null.</summary>
    public string? Name { get; private init; }

    /// <summary>The uids of its transceivers, in the order of the file.</summary>
    public IReadOnlyList<string> Transceivers => [.. elements.Values.Where(e => e.Type == "Transceiver").OrderBy(e => e.Order).Select(e => e.Uid)];

    /// <summary>Reads a file.</summary>
    /// <exception cref="InputException">The file is no network.</exception>
    public static GnpyNetwork ReadFile(string path, GnpyEquipment equipment) => Of(JsonText.ReadFile(path), equipment);

    /// <summary>Reads a text.</summary>
    /// <param name="text">The document.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <param name="equipment">The library that its elements name.</param>
    /// <exception cref="InputException">The text is no network.</exception>
    public static GnpyNetwork Read(string text, string file, GnpyEquipment equipment) => Of(JsonText.Read(text, file), equipment);

    static GnpyNetwork Of(MappingNode root, GnpyEquipment equipment)
    {
        ArgumentNullException.ThrowIfNull(equipment);
        return new(root, equipment) { Name = new JsonFields(root, "the network").Text("network_name") };
    }

    /// <summary>The line between two transceivers: the shortest way along the connections.</summary>
    /// <param name="from">The sending transceiver; null for the first that sends anything.</param>
    /// <param name="to">The receiving transceiver; null for the nearest that can be reached.</param>
    /// <param name="spectrum">Its channels; null for those of the library.</param>
    /// <exception cref="InputException">There is no such line, or an element on it is wrong or not modelled.</exception>
    public GnpyLine Line(string? from = null, string? to = null, Spectrum? spectrum = null)
    {
        var source = from is null
            ? elements.Values.Where(e => e.Type == "Transceiver" && e.Next.Count > 0).MinBy(e => e.Order)
                ?? throw new InputException("the network has no transceiver that is connected to anything", start)
            : Transceiver(from);
        var route = Route(source, to is null ? null : Transceiver(to));
        var channels = spectrum ?? equipment.Spectrum();
        var notes = new List<string>();
        var line = new List<LineElement>(route.Count - 2);
        for (var k = 1; k < route.Count - 1; k++) line.Add(Build(route, k, channels, notes));
        NotePadding(line, notes);
        try
        {
            return new([.. route.Select(e => e.Uid)], line, channels, notes, new(channels, line));
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw new InputException(JsonText.OneLine(e.Problem), start);
        }
    }

    void Add(JsonFields fields)
    {
        var uid = fields.RequiredText("uid");
        fields = fields.As($"element '{uid}'");
        var type = fields.RequiredText("type");
        if (!Types.Contains(type)) throw fields.Wrong($"unknown type '{type}'{Nearest.Hint(type, Types)}", fields.Find("type"));
        var weight = type == "Fiber" && fields.Object("params") is { } given ? LengthOf(given) : 0.01;
        if (!elements.TryAdd(uid, new(fields, uid, type, elements.Count) { Weight = weight }))
            throw fields.Wrong("its uid stands here a second time", fields.Find("uid"));
    }

    Element End(JsonFields connection, string key)
    {
        var uid = connection.RequiredText(key);
        return elements.TryGetValue(uid, out var element)
            ? element
            : throw connection.Wrong($"there is no element '{uid}'{Nearest.Hint(uid, elements.Keys)}", connection.Find(key));
    }

    Element Transceiver(string uid)
    {
        var known = Transceivers;
        return elements.TryGetValue(uid, out var element) && element.Type == "Transceiver"
            ? element
            : throw new InputException(JsonText.OneLine($"there is no transceiver '{uid}'{Nearest.Hint(uid, [.. known])}"), start);
    }

    /// <summary>Dijkstra's shortest way; a way doesn't lead through a third transceiver.</summary>
    static List<Element> Route(Element source, Element? target)
    {
        var before = new Dictionary<Element, Element>();
        var settled = new HashSet<Element>();
        var queue = new PriorityQueue<Element, (double, int)>();
        var distance = new Dictionary<Element, double> { [source] = 0 };
        queue.Enqueue(source, (0, source.Order));
        while (queue.TryDequeue(out var at, out var far))
        {
            if (!settled.Add(at)) continue;
            if (at != source && at.Type == "Transceiver")
            {
                if (target is not null && at != target) continue;
                var route = new List<Element> { at };
                while (route[^1] != source) route.Add(before[route[^1]]);
                route.Reverse();
                return route.Count > 2 ? route : throw at.Fields.Wrong($"nothing lies between it and '{source.Uid}'");
            }
            foreach (var next in at.Next)
            {
                var reach = far.Item1 + next.Weight;
                if (settled.Contains(next) || distance.TryGetValue(next, out var known) && known <= reach) continue;
                (distance[next], before[next]) = (reach, at);
                queue.Enqueue(next, (reach, next.Order));
            }
        }
        throw source.Fields.Wrong(target is null ? "no transceiver can be reached from it" : $"'{target.Uid}' can't be reached from it");
    }

    LineElement Build(List<Element> route, int k, Spectrum spectrum, List<string> notes)
    {
        var (element, fields) = (route[k], route[k].Fields);
        fields.OnlyKnown("uid", "name", "type", "type_variety", "params", "operational", "metadata", "amplifiers");
        return element.Type switch
        {
            "Fiber" => Fibre(fields, route, k),
            "Edfa" => Amplifier(fields, spectrum, notes),
            "Roadm" => Roadm(fields, route, k),
            "Fused" => Fused(fields, element.Uid),
            "RamanFiber" => throw fields.Wrong("Raman amplification is not modelled"),
            "Multiband_amplifier" => throw fields.Wrong("amplifiers of several bands are not modelled"),
            _ => throw fields.Wrong($"'{element.Type}' can't stand inside a line"),
        };
    }

    static Attenuator Fused(JsonFields fields, string uid)
    {
        var given = fields.Object("params");
        given?.OnlyKnown("loss");
        return new() { Name = uid, Loss = Decibels.FromDecibels(given?.Number("loss", 0, 200) ?? 1) };
    }

    static double LengthOf(JsonFields given)
    {
        var unit = given.Text("length_units") ?? "km";
        var meters = unit switch
        {
            "km" => 1000,
            "m" => 1,
            _ => throw given.Wrong($"a length is given in km or m, not in '{unit}'", given.Find("length_units")),
        };
        return given.Required("length", 0, 1e7 / meters) * meters;
    }

    FibreSpan Fibre(JsonFields fields, List<Element> route, int k)
    {
        var given = fields.Object("params") ?? throw fields.Wrong("'params' is missing; expected an object with 'length' and 'loss_coef'");
        given.OnlyKnown("length", "length_units", "loss_coef", "loss_coef_per_frequency", "con_in", "con_out", "att_in", "pmd_coef", "lumped_losses",
            "dispersion", "dispersion_slope", "dispersion_per_frequency", "effective_area", "gamma", "ref_wavelength", "ref_frequency",
            "raman_coefficient", "raman_efficiency", "design_bands");
        var library = equipment.Fibre(fields.Text("type_variety") ?? "default", fields);
        var meters = LengthOf(given);
        if (meters == 0) throw given.Wrong("a fibre must be longer than 0", given.Find("length"));
        var spans = equipment.Span;
        var table = LossTable(given);
        return new()
        {
            Name = route[k].Uid,
            Length = Length.FromMeters(meters),
            Attenuation = Attenuation.FromDecibelsPerKilometer(table is null ? given.Required("loss_coef", 1e-6, 4000) : 0),
            AttenuationByFrequency = table,
            ConnectorIn = Decibels.FromDecibels(given.Number("con_in", 0, 100) ?? spans?.Number("con_in", 0, 100) ?? 0),
            // The margin for ageing and repair comes on top of every span, once where fibres are spliced.
            ConnectorOut = Decibels.FromDecibels((given.Number("con_out", 0, 100) ?? spans?.Number("con_out", 0, 100) ?? 0) +
                (route[k + 1].Type == "Fused" ? 0 : spans?.Number("EOL", 0, 100) ?? 0)),
            AttenuatorIn = Decibels.FromDecibels(given.Number("att_in", 0, 100) ?? 0),
            LumpedLosses = [.. given.Objects("lumped_losses").Select(l => new LumpedLoss(
                Length.FromKilometers(l.Required("position", 0, 1e4)), Decibels.FromDecibels(l.Required("loss", 0, 100))))],
            Type = TypeOf(given, library),
        };
    }

    /// <summary>Says where GNPy's design step would put an attenuator before a span, spliced fibres counting as one.</summary>
    void NotePadding(List<LineElement> line, List<string> notes)
    {
        var padding = equipment.Span?.Number("padding", 0, 100) ?? 10;
        var loss = 0.0;
        for (var k = 0; k < line.Count; k++)
        {
            loss += line[k] switch
            {
                FibreSpan span => span.Loss(span.AttenuationByFrequency?.Lowest ?? Frequency.FromTerahertz(193.4)).Si,
                Attenuator splice => splice.Loss.Si,
                _ => -loss,
            };
            if (line[k] is FibreSpan && (k + 1 == line.Count || line[k + 1] is not (FibreSpan or Attenuator)) && loss < padding)
                notes.Add($"'{line[k].Name}' loses {loss:0.##} dB; GNPy's design step would pad it to {padding:0.##} dB, which is not done here");
        }
    }

    static FibreType TypeOf(JsonFields given, JsonFields library)
    {
        JsonFields With(string key) => given.Has(key) ? given : library;
        double? Number(string key, double low, double high) => With(key).Number(key, low, high);
        if (Number("ref_wavelength", 1e-7, 1e-5) is { } wavelength && Number("ref_frequency", 1e13, 1e15) is not null)
            throw given.Wrong($"give a reference wavelength or a reference frequency, not both ({wavelength} m)");
        var reference = Number("ref_wavelength", 1e-7, 1e-5) ?? 299_792_458 / (Number("ref_frequency", 1e13, 1e15) ?? 299_792_458 / 1550e-9);
        const double NonlinearIndex = 2.6e-20;
        var area = Number("effective_area", 1e-12, 1e-8);
        if (Number("gamma", 1e-6, 1) is { } gamma)
        {
            var equivalent = 2 * Math.PI * NonlinearIndex / (reference * gamma);
            // GNPy takes the area and no notice of gamma where both are given.
            if (area is { } stated && Math.Abs(stated / equivalent - 1) > 0.02)
                throw With("gamma").Wrong($"'gamma' means an effective area of {equivalent * 1e12:0.#} µm², and 'effective_area' says {stated * 1e12:0.#}; give one", With("gamma").Find("gamma"));
            area ??= equivalent;
        }
        return new()
        {
            // s/m² into ps/(nm·km), s/m³ into ps/(nm²·km), s/√m into ps/√km.
            Dispersion = (Number("dispersion", -1, 1) ?? 1.67e-5) * 1e6,
            DispersionSlope = Number("dispersion_slope", -1e6, 1e6) is { } slope ? slope * 1e-3 : null,
            DispersionByFrequency = Table(With("dispersion_per_frequency"), "dispersion_per_frequency", "dispersion_value", 1e6),
            EffectiveArea = (area ?? 83e-12) * 1e12,
            ReferenceWavelength = Length.FromMeters(reference),
            PolarizationModeDispersion = (Number("pmd_coef", 0, 1) ?? 0) * 1e12 * Math.Sqrt(1000),
        };
    }

    static FrequencyTable? LossTable(JsonFields given)
    {
        if (given.Has("loss_coef_per_frequency")) return Table(given, "loss_coef_per_frequency", "loss_coef_value", 1);
        return given.Find("loss_coef") is MappingNode ? Table(given, "loss_coef", "value", 1) : null;
    }

    /// <summary>Either {"value": [...], "frequency": [...]} or [{"frequency": ..., name: ...}, ...].</summary>
    static FrequencyTable? Table(JsonFields given, string key, string name, double scale)
    {
        List<(Frequency, double)> points;
        switch (given.Find(key))
        {
            case null:
                return null;
            case SequenceNode:
                points = [.. given.Objects(key).Select(p => (Frequency.FromHertz(p.Required("frequency", 1e13, 1e15)), p.Required(name) * scale))];
                break;
            default:
                var both = given.Object(key)!;
                both.OnlyKnown("value", "frequency");
                var (values, frequencies) = (both.Numbers("value"), both.Numbers("frequency"));
                if (values is null || frequencies is null || values.Length != frequencies.Length)
                    throw both.Wrong("expected as many numbers in 'value' as in 'frequency'");
                points = [.. frequencies.Zip(values, (f, v) => (Frequency.FromHertz(f), v * scale))];
                break;
        }
        try
        {
            return new(points);
        }
        catch (InputException e)
        {
            throw given.Wrong($"'{key}': {e.Problem}", given.Find(key));
        }
    }

    LineAmplifier Amplifier(JsonFields fields, Spectrum spectrum, List<string> notes)
    {
        var uid = fields.RequiredText("uid");
        if (fields.Text("type_variety") is not { Length: > 0 } variety)
            throw fields.Wrong("it has no 'type_variety': choosing amplifiers is GNPy's design step, which is not modelled");
        fields.Object("params")?.OnlyKnown();
        var operational = fields.Object("operational") ?? throw NoGain();
        operational.OnlyKnown("gain_target", "delta_p", "tilt_target", "out_voa", "in_voa");
        var gain = operational.Number("gain_target", -60, 100) ?? throw NoGain();
        if (operational.Number("tilt_target") is { } tilt and not 0)
            throw operational.Wrong($"a gain tilt ({tilt} dB) is not modelled", operational.Find("tilt_target"));
        var model = equipment.Amplifier(variety, fields);
        foreach (var channel in (ReadOnlySpan<LineChannel>)[spectrum[0], spectrum[spectrum.Count - 1]])
        {
            if (channel.Frequency.Hertz - channel.SlotWidth.Hertz / 2 < model.BandLow!.Value.Hertz - 1 ||
                channel.Frequency.Hertz + channel.SlotWidth.Hertz / 2 > model.BandHigh!.Value.Hertz + 1)
            {
                throw fields.Wrong($"the channel at {channel.Frequency.ToString("G9 THz")} with its slot of {channel.SlotWidth} lies outside the band of " +
                    $"'{variety}', {model.BandLow!.Value.ToString("G9 THz")} to {model.BandHigh!.Value.ToString("G9 THz")}");
            }
        }
        if (gain > model.GainFlatMaximum.Si)
            notes.Add($"'{uid}' is set to {gain:0.##} dB, beyond the {model.GainFlatMaximum.Si:0.##} dB at which '{variety}' is flat; GNPy's design step would lower it");
        return new()
        {
            Name = uid,
            Model = model,
            Gain = Decibels.FromDecibels(gain),
            AttenuatorIn = Decibels.FromDecibels(operational.Number("in_voa", 0, 100) ?? 0),
            AttenuatorOut = Decibels.FromDecibels(operational.Number("out_voa", 0, 100) ?? 0),
        };

        InputException NoGain() => fields.Wrong("it has no 'gain_target': setting gains is GNPy's design step, which is not modelled; " +
            "let GNPy save the designed network (--save-network) and read that");
    }

    Roadm Roadm(JsonFields fields, List<Element> route, int k)
    {
        var library = equipment.Roadm(fields.Text("type_variety"), fields);
        var given = fields.Object("params");
        given?.OnlyKnown("target_pch_out_db", "target_psd_out_mWperGHz", "target_out_mWperSlotWidth", "per_degree_pch_out_db", "per_degree_psd_out_mWperGHz",
            "per_degree_psd_out_mWperSlotWidth", "restrictions", "per_degree_impairments", "design_bands", "per_degree_design_bands", "add_drop_osnr", "pmd", "pdl");
        given?.NotModelled("per_degree_impairments", "impairments by ROADM path");
        library.NotModelled("roadm-path-impairments", "impairments by ROADM path");
        double Number(string key, double otherwise, double high) => (given?.Number(key, 0, high) ?? library.Number(key, 0, high)) ?? otherwise;
        var ends = (route[k - 1].Type == "Transceiver" ? 1 : 0) + (route[k + 1].Type == "Transceiver" ? 1 : 0);
        var osnr = Number("add_drop_osnr", 100, 1000);
        return new()
        {
            Name = fields.RequiredText("uid"),
            Target = Degree(given, route[k + 1].Uid) ?? Target(given) ?? Target(library) ??
                throw fields.Wrong("neither it nor the library has a target, such as 'target_pch_out_db'"),
            // The figure counts adding and dropping together; one of the two is half of its noise.
            AddOrDropOsnr = ends switch
            {
                0 => null,
                1 => Decibels.FromDecibels(osnr) + Decibels.FromRatio(2),
                _ => Decibels.FromDecibels(osnr),
            },
            PolarizationModeDispersion = Duration.FromSeconds(Number("pmd", 0, 1)),
            PolarizationDependentLoss = Decibels.FromDecibels(Number("pdl", 0, 100)),
        };
    }

    static EqualisationTarget? Degree(JsonFields? given, string uid)
    {
        if (given?.Object("per_degree_pch_out_db")?.Number(uid, -200, 100) is { } power) return EqualisationTarget.PerChannel(DecibelMilliwatts.FromDbm(power));
        if (given?.Object("per_degree_psd_out_mWperGHz")?.Number(uid, 1e-15, 1e6) is { } density) return EqualisationTarget.PerGigabaud(Power.FromMilliwatts(density));
        return given?.Object("per_degree_psd_out_mWperSlotWidth")?.Number(uid, 1e-15, 1e6) is { } slots
            ? EqualisationTarget.PerGigahertzOfSlot(Power.FromMilliwatts(slots))
            : null;
    }

    static EqualisationTarget? Target(JsonFields? from)
    {
        if (from is null) return null;
        if (from.Keys.Count(key => key is "target_pch_out_db" or "target_psd_out_mWperGHz" or "target_out_mWperSlotWidth") > 1)
            throw from.Wrong("several targets are given; expected one");
        if (from.Number("target_pch_out_db", -200, 100) is { } power) return EqualisationTarget.PerChannel(DecibelMilliwatts.FromDbm(power));
        if (from.Number("target_psd_out_mWperGHz", 1e-15, 1e6) is { } density) return EqualisationTarget.PerGigabaud(Power.FromMilliwatts(density));
        return from.Number("target_out_mWperSlotWidth", 1e-15, 1e6) is { } slots ? EqualisationTarget.PerGigahertzOfSlot(Power.FromMilliwatts(slots)) : null;
    }
}
