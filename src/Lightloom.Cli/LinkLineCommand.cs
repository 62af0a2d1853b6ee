using System.CommandLine;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary><c>lightloom link line</c>: an amplified line between sites, given by options or by GNPy's files.</summary>
sealed class LinkLineCommand
{
    readonly Option<string?> spans = Text("--spans", "spans", "the spans: 5x80km, or 80km,100km");
    readonly Option<string?> fibre = Text("--fibre", "key", "single-mode fibre of the catalogue; os2-1550 unless given");
    readonly Option<string?> loss = Text("--loss", "dB/km", "loss of the fibre, instead of the catalogue's");
    readonly Option<string?> connector = Text("--connector-loss", "dB", "loss of the connector at each end of each span; 0.5 unless given");
    readonly Option<string?> amplifier = Text("--amplifier", "key", "amplifier of the catalogue, 'none', or 'auto' for the quietest at each place; auto unless given");
    readonly Option<string?> noise = Text("--noise-figure", "dB", "noise figure of every amplifier, at any gain, instead of --amplifier");
    readonly Option<string?> channels = Text("--channels", "number", "channels; as many as the C band (191.3 to 196.1 THz) holds unless given");
    readonly Option<string?> spacing = Text("--spacing", "GHz", "distance of channels; 75 unless given");
    readonly Option<string?> baud = Text("--baud", "GBd", "symbol rate of channels; 64 unless given");
    readonly Option<string?> first = Text("--first", "THz", "centre of the lowest channel");
    readonly Option<string?> centre = Text("--centre", "THz", "middle of all channels, instead of --first");
    readonly Option<string?> launch = Text("--launch", "dBm", "power of a channel at the input of each span, or 'optimum'; optimum unless given");
    readonly Option<string?> mux = Text("--mux-loss", "dB", "loss of the multiplexer, and again of the demultiplexer; 0 unless given");
    readonly Option<string?> roadm = Text("--roadm", "dBm", "ROADMs at both ends, that set what they add to this power per channel");
    readonly Option<string?> addDrop = Text("--add-drop-osnr", "dB", "OSNR that adding and dropping at the ROADMs leave together; 38 unless given");
    readonly Option<string?> network = Text("--gnpy-network", "file", "a network of GNPy (JSON), instead of --spans");
    readonly Option<string?> equipment = Text("--gnpy-equipment", "file", "the equipment library that it names");
    readonly Option<string?> spectrum = Text("--gnpy-spectrum", "file", "its channels; those of the library unless given");
    readonly Option<string?> transceiver = Text("--gnpy-transceiver", "type", "judge the modes of this transceiver of the library instead of the catalogue's");
    readonly Option<string?> from = Text("--from", "uid", "the sending transceiver in the network");
    readonly Option<string?> to = Text("--to", "uid", "the receiving transceiver in the network");
    readonly Option<string?> modes = Text("--modes", "keys", "coherent transceivers to judge, with commas between them; all of the catalogue unless given");
    readonly Option<string?> margin = Text("--margin", "dB", "margin that a mode must have on every channel; 0 unless given");
    readonly Option<string?> plot = Text("--plot", "file", "draw GSNR, OSNR and SNR of interference per channel to a .svg or .png file");
    readonly Option<bool> asJson = new("--json") { Description = "print JSON, with units in the fields' names" };

    IReadOnlyList<Option<string?>> Planned =>
        [spans, fibre, loss, connector, amplifier, noise, channels, spacing, baud, first, centre, launch, mux, roadm, addDrop];

    IReadOnlyList<Option<string?>> OfFiles => [network, equipment, spectrum, transceiver, from, to];

    public static Command Make()
    {
        var made = new LinkLineCommand();
        var command = new Command("line",
            "Study an amplified line between sites: which coherent modes close, capacity, GSNR of each channel, launch power, what would mend it.");
        foreach (var option in (Option[])[.. made.Planned, .. made.OfFiles, made.modes, made.margin, made.plot, made.asJson]) command.Add(option);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(made.plot) is { } file) PlotFile.CheckName(file);
            var answer = made.Ask(parsed);
            if (parsed.GetValue(made.plot) is { } picture) LinePlot.Save(picture, answer);
            if (parsed.GetValue(made.asJson)) output.WriteLine(LineJson.Write(answer));
            else LineReport.Write(output, answer);
            return CommandRunner.Success;
        }));
        return command;
    }

    LineAnswer Ask(ParseResult parsed)
    {
        string? Given(Option<string?> option) => parsed.GetValue(option);
        string? OneOf(IReadOnlyList<Option<string?>> options) => options.FirstOrDefault(o => Given(o) is not null)?.Name;
        var judged = LineInput.Modes(Given(modes));
        var asked = Given(margin) is { } text ? LineInput.Between("--margin", text, "dB", Decibels.FromDecibels(-20), Decibels.FromDecibels(40)) : Decibels.Zero;
        if (OneOf(OfFiles) is { } ofFile)
        {
            if (OneOf(Planned) is { } planned) throw new InputException($"{planned} and {ofFile} exclude each other: a line comes from options or from GNPy's files");
            if (Given(network) is not { } graph) throw new InputException("--gnpy-network is missing: the network that the line is part of");
            if (Given(equipment) is not { } library) throw new InputException("--gnpy-equipment is missing: the equipment library that the network names");
            if (Given(modes) is not null && Given(transceiver) is not null) throw new InputException("--modes and --gnpy-transceiver exclude each other");
            return LineAnswer.Of(graph, library, Given(spectrum), Given(from), Given(to), Given(transceiver), judged, asked);
        }
        if (Given(spans) is not { } lengths) throw new InputException("--spans is missing: the spans of the line, such as 5x80km; or --gnpy-network");
        if (Given(amplifier) is not null && Given(noise) is not null) throw new InputException("--amplifier and --noise-figure exclude each other");
        if (Given(addDrop) is not null && Given(roadm) is null) throw new InputException("--add-drop-osnr needs --roadm: without ROADMs nothing adds or drops");
        var line = Line(LineInput.Spans("--spans", lengths), Given, out var notes);
        var grid = LineInput.Grid(Given(channels), Given(spacing), Given(baud), Given(first), Given(centre));
        var power = Given(launch) is { } level && !level.Trim().Equals("optimum", StringComparison.OrdinalIgnoreCase) ? LineInput.Level("--launch", level) : (DecibelMilliwatts?)null;
        if (line.RoadmTarget is not null && !line.IsAmplified)
            throw new InputException("--roadm needs amplifiers: what it leaves of a channel has to be amplified before the fibre");
        return LineAnswer.Of(line, grid, power, judged, asked, notes);
    }

    AmplifiedLine Line(IReadOnlyList<Length> lengths, Func<Option<string?>, string?> given, out IReadOnlyList<string> notes)
    {
        var part = LinkInput.Part<Fibre>("--fibre", given(fibre) ?? "os2-1550");
        notes = part.Adapter is null || part.NonlinearIndex is not null ? [] : [$"interference is counted with the nonlinearity of silica, of which '{part.Key}' has next to none: its GSNR is understated"];
        if (part.Wavelength.Nanometers is < 1500 or > 1640)
            throw new InputException($"--fibre: '{part.Key}' is described at {part.Wavelength}, and lines with erbium amplifiers work near 1550 nm; os2-1550 is described there");
        var attenuation = given(loss) is { } perKilometer
            ? LineInput.Between("--loss", perKilometer, "dB/km", Attenuation.FromDecibelsPerKilometer(0.01), Attenuation.FromDecibelsPerKilometer(10))
            : part.Attenuation.Value;
        var end = given(connector) is { } each ? LineInput.Loss("--connector-loss", each) : Decibels.FromDecibels(0.5);
        return new()
        {
            Spans = [.. lengths.Select((length, i) => FibreSpan.Of(part, length) with
            {
                Name = $"span {i + 1}", Attenuation = attenuation, ConnectorIn = end, ConnectorOut = end,
            })],
            Amplifiers = Amplifiers(given(amplifier), given(noise)),
            MultiplexerLoss = given(mux) is { } lost ? LineInput.Loss("--mux-loss", lost) : Decibels.Zero,
            RoadmTarget = given(roadm) is { } target ? LineInput.Level("--roadm", target) : null,
            AddDropOsnr = given(addDrop) is { } osnr
                ? LineInput.Between("--add-drop-osnr", osnr, "dB", Decibels.Zero, Decibels.FromDecibels(100))
                : Decibels.FromDecibels(38),
        };
    }

    static IReadOnlyList<LineAmplifierKind> Amplifiers(string? key, string? noiseFigure)
    {
        if (noiseFigure is not null)
            return [LineAmplifierKind.WithNoiseFigure(LineInput.Between("--noise-figure", noiseFigure, "dB", Decibels.Zero, Decibels.FromDecibels(30)))];
        return key switch
        {
            "none" => [],
            null or "auto" => LineAmplifierKind.InLine(PartCatalog.Default),
            _ => [LineAmplifierKind.Of(LinkInput.Part<Amplifier>("--amplifier", key))],
        };
    }

    static Option<string?> Text(string name, string help, string description) => new(name) { Description = description, HelpName = help };
}
