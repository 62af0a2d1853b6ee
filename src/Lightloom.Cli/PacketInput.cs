using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Cli;

/// <summary>Options of the packet engine, the same for every command that has it.</summary>
sealed class PacketInput
{
    const string GoBack = "go-back-n", Selective = "selective-repeat";

    readonly List<Option> all = [];
    readonly Option<string?> transport, balance, recovery, paths, packet, buffer, markFrom, markAll, window, pauseFrom, resumeBelow, reductionWindow, reductionChunk, ber, shared, alpha, classes, virtualLanes, seed, threads;
    readonly Option<string?>? samples, sampleEvery;
    readonly Option<bool> noTrim, cutThrough, linkRetry;
    readonly Option<bool>? progress;
    readonly ProgressLine line = new();

    /// <summary>Options of packets; of those that flows have too, the command's own. Samples and progress only of a command that plays packets alone.</summary>
    public PacketInput(Option<string?>? seed = null, Option<bool>? progress = null, bool withSamples = true)
    {
        Option<string?> Text(string name, string description, string help)
        {
            var option = new Option<string?>(name) { Description = description, HelpName = help };
            all.Add(option);
            return option;
        }
        transport = Text("--transport", $"packets: {string.Join(", ", PacketTransports.Names)}; {PacketTransports.Names[0]} unless given, infiniband where switches of the fabric reduce", "name");
        balance = Text("--balance", $"packets: how they find paths: {string.Join(", ", PacketBalances.Names)}; what is usual for the transport unless given", "name");
        recovery = Text("--recovery", $"packets: of roce, dcqcn and infiniband: {GoBack}, or {Selective}, by which packets of a flow may take several paths; the first for single-path unless given, else the second", "name");
        paths = Text("--paths", "packets: paths that a sender tries; 64 unless given", "number");
        packet = Text("--packet", "packets: the largest, with its header; 4150 B unless given", "size");
        buffer = Text("--buffer", "packets: what a queue holds; a bandwidth-delay product unless given", "size");
        shared = Text("--shared-buffer", "packets: what all queues of a switch hold together, instead of --buffer each; nothing is shared unless given", "size");
        alpha = Text("--alpha", "packets: what a queue may hold, over what is left of --shared-buffer; 1 unless given", "number");
        classes = Text("--classes", "packets: classes of flows, 0 before 1 and so on, by 'prio' of a matrix; 1 unless given", "number");
        virtualLanes = Text("--virtual-lanes", "packets: of infiniband: lanes by which packets rise with each switch, so that none wait in a circle; 1 unless given", "number");
        markFrom = Text("--mark-from", "packets: queue from which some are marked; a fifth of that unless given", "size");
        markAll = Text("--mark-all", "packets: queue from which all are marked; four fifths of it unless given", "size");
        Option<bool> Flag(string name, string description)
        {
            var option = new Option<bool>(name) { Description = description };
            all.Add(option);
            return option;
        }
        noTrim = Flag("--no-trim", "packets: drop what doesn't fit instead of cutting it to its header");
        cutThrough = Flag("--cut-through", "packets: switches forward a packet when its header is there, instead of the whole of it");
        ber = Text("--ber", "packets: bit error rate of all links after correction, or 'optics': of a design's links as they are engineered; none unless given", "rate");
        linkRetry = Flag("--link-retry", "packets: links send again what a bit error spoiled; else it is lost, and the transport recovers");
        window = Text("--window", "packets: the first window; the transport's own unless given", "size");
        pauseFrom = Text("--pause-from", "packets: data of one link from which a lossless switch pauses it; 15 packets unless given", "size");
        resumeBelow = Text("--resume-below", "packets: data of one link below which it goes on; 12 packets unless given", "size");
        reductionWindow = Text("--reduction-window", "packets: where switches reduce, what a card may have under way in a tree, and a switch holds of it; what the way up and down takes, and a piece, unless given", "size");
        reductionChunk = Text("--reduction-chunk", "packets: where switches reduce, pieces of what one tree adds up that follow each other through all steps; 128 KiB unless given", "size");
        threads = Text("--threads", "packets: threads to play on, each a part of the fabric, with the same result; 1 unless given", "number");
        if (withSamples)
        {
            samples = Text("--samples", "packets: write queues, marks, trims, losses and pauses over time", "file");
            sampleEvery = Text("--sample-every", "packets: how often; 1 us unless given", "time");
            this.progress = progress ?? Flag("--progress", "packets: say on the error output how far it is: simulated time, events a second, flows that have not ended");
        }
        this.seed = seed ?? Text("--seed", "packets: what all chances are drawn from; 1 unless given", "number");
    }

    public void AddTo(Command command)
    {
        foreach (var option in all) command.Add(option);
    }

    /// <summary>The first of these options that was given; null: none.</summary>
    public string? FirstGiven(ParseResult parsed) => all.FirstOrDefault(o => parsed.GetResult(o) is { Implicit: false })?.Name;

    /// <summary>The options.</summary>
    /// <param name="parsed">What was given.</param>
    /// <param name="graph">The fabric, where it is a design's or a topology's.</param>
    /// <param name="links">Its engineered links.</param>
    public PacketOptions Read(ParseResult parsed, FabricGraph? graph = null, IReadOnlyList<LinkSummary>? links = null)
    {
        DataSize? Size(Option<string?> option) => parsed.GetValue(option) is { } text ? SizeOf(option.Name, text) : null;
        var options = new PacketOptions
        {
            Buffer = Size(buffer),
            MarkFrom = Size(markFrom),
            MarkAll = Size(markAll),
            FirstWindow = Size(window),
            PauseFrom = Size(pauseFrom),
            ResumeBelow = Size(resumeBelow),
            ReductionWindow = Size(reductionWindow),
            Trim = !parsed.GetValue(noTrim),
            CutThrough = parsed.GetValue(cutThrough),
            SharedBuffer = Size(shared),
            Errors = Errors(parsed, graph, links),
            SampleEvery = Every(parsed),
            Progress = progress is not null && parsed.GetValue(progress) ? line.Tell : null,
        };
        if (parsed.GetValue(transport) is { } t) options = options with { Transport = Known("--transport", t, PacketTransports.Names) };
        if (parsed.GetValue(balance) is { } b) options = options with { Balance = Known("--balance", b, PacketBalances.Names) };
        if (parsed.GetValue(recovery) is { } r) options = options with { SelectiveRepeat = Known("--recovery", r, [GoBack, Selective]) == Selective };
        if (parsed.GetValue(paths) is { } n) options = options with { Paths = LinkInput.Count("--paths", n, 1, 256) };
        if (parsed.GetValue(classes) is { } c) options = options with { Classes = LinkInput.Count("--classes", c, 1, 8) };
        if (parsed.GetValue(virtualLanes) is { } v) options = options with { VirtualLanes = LinkInput.Count("--virtual-lanes", v, 1, 8) };
        if (parsed.GetValue(alpha) is { } a)
        {
            if (options.SharedBuffer is null) throw new InputException("--alpha is of use with --shared-buffer alone");
            options = options with { Alpha = double.TryParse(a, NumberStyles.Float, CultureInfo.InvariantCulture, out var share) && share is > 0 and <= 128 ? share : throw new InputException($"--alpha: expected a number above 0 and at most 128, found '{a}'") };
        }
        if (parsed.GetValue(threads) is { } many) options = options with { Threads = LinkInput.Count("--threads", many, 1, PacketOptions.MostThreads) };
        if (Size(packet) is { } p) options = options with { Packet = p };
        if (Size(reductionChunk) is { } piece) options = options with { ReductionChunk = piece };
        if (parsed.GetValue(seed) is { } s) options = options with { Seed = FabricRouteCommand.Seed("--seed", s) };
        return options;
    }

    /// <summary>A run has ended: nothing more is said of it, and what <c>--samples</c> asks for is written.</summary>
    public void Ended(ParseResult parsed, IReadOnlyList<PacketSample> taken)
    {
        line.Clear();
        if (samples is not null && parsed.GetValue(samples) is { } file) OutputFile.Write(file, writer => PacketReport.WriteSamples(writer, taken));
    }

    PacketErrors? Errors(ParseResult parsed, FabricGraph? graph, IReadOnlyList<LinkSummary>? links)
    {
        var retry = parsed.GetValue(linkRetry);
        if (parsed.GetValue(ber) is not { } text) return retry ? throw new InputException("--link-retry is of use with --ber alone") : null;
        var time = LinkAssumptions.Default.LinkRetryProcessing.Value;
        if (text == "optics")
        {
            if (graph is null || links is null) throw new InputException("--ber optics takes the links of a design: expected --design");
            double[] ofClass = [.. graph.Plan.Links.Select(c => BitErrorRate(links.First(l => l.Class.Name == c.Name).FrameLoss))];
            return new() { ByWire = [.. Enumerable.Range(0, 2 * graph.Links).Select(w => ofClass[graph.ClassOf[w / 2]])], Retry = retry, RetryTime = time };
        }
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var rate) && rate is >= 0 and < 1
            ? new() { BitErrorRate = rate, Retry = retry, RetryTime = time }
            : throw new InputException($"--ber: expected a rate of 0 or more and below 1, such as 1e-12, or 'optics', found '{text}'");
    }

    // Frames are of 64 octets.
    static double BitErrorRate(double frameLoss) => 1 - Math.Pow(1 - frameLoss, 1.0 / (64 * 8));

    Duration? Every(ParseResult parsed)
    {
        if (samples is null || sampleEvery is null) return null;
        var text = parsed.GetValue(sampleEvery);
        if (parsed.GetValue(samples) is null) return text is null ? null : throw new InputException("--sample-every is of use with --samples alone");
        if (text is null) return Duration.FromMicroseconds(1);
        return !Quantity.TryParse<Duration>(text, out var every, out var problem) ? throw new InputException($"--sample-every: {problem}")
            : every.Seconds is >= 1e-9 and <= 1 ? every : throw new InputException($"--sample-every: expected 1 ns to 1 s, found '{text}'");
    }

    public static string Known(string option, string name, IReadOnlyList<string> names) =>
        names.Contains(name, StringComparer.Ordinal) ? name : throw new InputException($"{option}: there is no '{name}'{(Nearest.Name(name, names) is { } near ? $"; did you mean '{near}'?" : "")}; expected one of {string.Join(", ", names)}");

    static DataSize SizeOf(string option, string text)
    {
        var size = double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bytes) ? DataSize.FromBytes(bytes)
            : Quantity.TryParse<DataSize>(text, out var given, out var problem) ? given : throw new InputException($"{option}: {problem}");
        return size.Bytes is >= 1 and <= 1e12 ? size : throw new InputException($"{option}: expected 1 B to 1 TB, found '{text}'");
    }
}
