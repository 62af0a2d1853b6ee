using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Chakra;
using Lightloom.Interop.Htsim;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Cli;

/// <summary><c>lightloom simulate PATTERN --design DESIGN | --topology NAME ...</c>: traffic on a fabric, played flow by flow.</summary>
static class SimulatePatternCommand
{
    public static Command Make()
    {
        var pattern = new Argument<string?>("pattern")
        {
            Description = "all-to-all, shift:K, permutation[:SEED], ring, incast:N, butterfly, random:N[:SEED], hotspot:PERCENT[:SEED], matrix:FILE or a connection matrix of htsim (FILE.cm), among network cards; " +
                "all-reduce, all-gather, reduce-scatter, broadcast or reduce, with :ALGORITHM, among accelerators; or a trace: GOAL, Chakra (PREFIX of PREFIX.0.et, ...), SimAI, with the options of 'simulate goal' and 'simulate trace'",
            Arity = ArgumentArity.ZeroOrOne,
        };
        static Option<string?> Text(string name, string description, string help) => SimulateFabric.Text(name, description, help);
        var fabric = new SimulateFabric();
        var size = Text("--size", "data of each send, 1 MiB unless given; of a collective as a whole, 1 GiB unless given", "size");
        var ranks = Text("--ranks", "accelerators of a collective, from the first system on; all unless given", "number");
        var over = Text("--over", "flows start at random within this time; all at once unless given", "time");
        var seed = Text("--seed", "seed of those starts, and of all chances of packets; 1 unless given", "number");
        var fail = Text("--fail", "links between two devices fail on the way: leaf-00:spine-03@200us, and are back at a second time: @200us..2ms", "A:B@TIME");
        var notice = Text("--notice", "from a failure to routes around it; 0 s unless given", "time");
        var degrade = Text("--degrade", "packets: links between two devices have a share of their rate on the way: leaf-00:spine-03=25%@200us, and all of it from a second time: @200us..2ms", "A:B=SHARE@TIME");
        var flap = Text("--flap", "packets: links between two devices fail again and again: leaf-00:spine-03@100us..2ms=20us/500us, for 20 us every 500 us", "A:B@FROM..TO=DOWN/EVERY");
        var one = new Option<bool>("--one-by-one") { Description = "don't take flows together that are alike; the answer is the same" };
        var csv = Text("--csv", "write every flow: from, to, bytes, start_s, finish_s; as Parquet where the file's name ends in .parquet", "file");
        var chrome = Text("--chrome", "write every flow as a Chrome trace, for Perfetto or chrome://tracing", "file.json");
        var export = Text("--export", SimulateExport.Description, "file");
        var map = Text("--heatmap", "draw the topology with its links coloured by what they carried, to a .svg or .png file", "file");
        var plot = Text("--plot", "draw completion times and loads to a .svg or .png file", "file");
        var progress = new Option<bool>("--progress") { Description = "say on the error output how far it is" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var engine = SimulateCommand.Engine("flow: exact max-min fair sharing, unless given; packet: queues and transports; of collectives also analytic: closed forms without shared links, and all: the three side by side");
        var packets = new PacketInput(seed, progress);
        var command = new Command("simulate", "Traffic on a fabric, played flow by flow or packet by packet: completion times, loads over time, and which links limit whom.")
        {
            pattern, size, ranks, over, seed, fail, degrade, flap, notice, one, engine, csv, chrome, export, plot, map, progress, json,
        };
        fabric.AddTo(command);
        packets.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var packet = parsed.GetValue(engine) == "packet";
            var withPackets = packet || (parsed.GetValue(engine) == "all" && parsed.GetValue(pattern) is { } wanted && SimulateCollective.Parse(wanted) is not null);
            if (!withPackets && packets.FirstGiven(parsed) is { } stray) throw new InputException($"{stray} is of use with --engine packet alone");
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            if (parsed.GetValue(map) is { } heat) PlotFile.CheckName(heat, "--heatmap");
            if (parsed.GetValue(export) is { } exported) SimulateExport.Check(exported);
            var asked = parsed.GetValue(pattern) ?? throw new InputException("'simulate' expects a pattern and a fabric, or 'simulate scenario' and a name");
            if (parsed.GetValue(seed) is not null && parsed.GetValue(over) is null && !withPackets) throw new InputException("--seed is of use with --over or --engine packet alone; patterns have their own");
            if (parsed.GetValue(notice) is not null && parsed.GetValue(fail) is null && parsed.GetValue(flap) is null) throw new InputException("--notice is of use with --fail and --flap alone");
            foreach (var (option, text) in new[] { (degrade.Name, parsed.GetValue(degrade)), (flap.Name, parsed.GetValue(flap)) })
                if (text is not null && !packet) throw new InputException($"{option} is of use with --engine packet alone");
            if (ChakraTrace.Is(asked)) throw new InputException($"'{asked}' is an execution trace; expected 'simulate trace {asked}'");
            var (name, graph, links) = fabric.Build(parsed);
            try
            {
                var (paths, routing) = (fabric.Paths(parsed), fabric.Routing(parsed));
                var play = new FlowOptions { Grouping = parsed.GetValue(one) ? FlowGrouping.OneByOne : FlowGrouping.WhereAlike, Progress = parsed.GetValue(progress) ? Tell : null };
                if (SimulateCollective.Parse(asked) is { } collective)
                {
                    var by = SimulateCommand.EngineOf(parsed.GetValue(engine), $"'{asked}'", "flow", "packet", "analytic", "all");
                    if (packet && fabric.PathsGiven(parsed) is { } chosen) throw PathsOfFlows(chosen);
                    foreach (var (option, text) in new[] { (over.Name, parsed.GetValue(over)), (fail.Name, parsed.GetValue(fail)), (degrade.Name, parsed.GetValue(degrade)), (flap.Name, parsed.GetValue(flap)), (plot.Name, parsed.GetValue(plot)), (map.Name, parsed.GetValue(map)) })
                        if (text is not null) throw new InputException($"{option} is of use with patterns among cards alone, and '{asked}' is a collective");
                    // Flows of a collective are played in classes and repeated steps.
                    foreach (var (option, text) in new[] { (csv.Name, parsed.GetValue(csv)), (chrome.Name, parsed.GetValue(chrome)) })
                        if (text is not null && by != "packet") throw new InputException($"{option} is of use with patterns among cards or --engine packet alone, and '{asked}' is a collective; --export x.et, and simulate x {option}, write what its ranks do");
                    var accelerators = (int)Math.Min(int.MaxValue, graph.Plan.AcceleratorCount);
                    var count = parsed.GetValue(ranks) is { } r ? LinkInput.Count("--ranks", r, 2, accelerators) : accelerators;
                    return SimulateCollective.Run(output, name, graph, links, collective, Size(parsed.GetValue(size), 1L << 30), count, routing, paths, play,
                        packets.Read(parsed, graph, links), run => Files(parsed, graph, run), by, parsed.GetValue(export), parsed.GetValue(json));
                }
                SimulateCommand.EngineOf(parsed.GetValue(engine), $"'{asked}', a pattern among cards", "flow", "packet");
                if (parsed.GetValue(ranks) is not null) throw new InputException($"--ranks is of use with collectives alone, and '{asked}' is a pattern among cards");
                var matrix = asked.EndsWith(".cm", StringComparison.OrdinalIgnoreCase) ? Connections(graph, asked, parsed.GetValue(size)) : null;
                var sends = matrix is not null ? matrix.Sends
                    : SendList.Parse(graph, asked, Size(parsed.GetValue(size), 1 << 20), file => FabricRouteCommand.Matrix(graph, file));
                if (parsed.GetValue(over) is { } spread) sends = sends.Over(Time("--over", spread), parsed.GetValue(seed) is { } s ? FabricRouteCommand.Seed("--seed", s) : 1);
                if (packet)
                {
                    if (fabric.PathsGiven(parsed) is { } path && !fabric.ByDimension(parsed)) throw PathsOfFlows(path);
                    if (parsed.GetValue(export) is not null) throw new InputException($"{export.Name} is of use with --engine flow alone");
                }
                var noticed = parsed.GetValue(notice) is { } n ? Time("--notice", n) : Duration.Zero;
                var failure = parsed.GetValue(fail) is { } what ? Failure(graph, what, noticed) : null;
                var ordered = matrix is not null && parsed.GetValue(over) is null;
                if (packet)
                {
                    var options = packets.Read(parsed, graph, links) with { Changes = PacketChanges.Of(graph, failure, parsed.GetValue(degrade), parsed.GetValue(flap)), Notice = noticed, CountLinks = parsed.GetValue(map) is not null };
                    if (parsed.GetValue(plot) is not null) options = options with { SampleEvery = options.SampleEvery ?? Duration.FromMicroseconds(1) };
                    var inPackets = PacketFabricBuilder.Of(graph, TrafficSimulation.Latency(graph, links), dimensionOrder: fabric.ByDimension(parsed));
                    var sent = CommandRunner.Interruptible(stop => PacketSimulation.Run(inPackets, ordered ? matrix!.Traffic() : PacketTraffic.Of(sends), options, stop));
                    Files(parsed, graph, sent);
                    if (parsed.GetValue(map) is { } carried) HeatMap.Save(carried, graph, $"{name}: {sent.Traffic.Name}", sent.LoadOf);
                    if (parsed.GetValue(plot) is { } times) SimulatePlot.Save(times, $"{name}: {sent.Traffic.Name}", sent);
                    if (parsed.GetValue(json)) output.WriteLine(PacketReport.Json(sent, inPackets, null));
                    else PacketReport.Write(new(output), sent, inPackets, null);
                    return sent.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
                }
                var run = CommandRunner.Interruptible(stop => TrafficSimulation.Of(graph, links, new()
                {
                    Routing = routing,
                    Sends = sends,
                    Paths = paths,
                    Failure = failure,
                    Play = play with { Stop = stop },
                }));
                if (parsed.GetValue(csv) is { } table) WriteFlows(table, run);
                if (parsed.GetValue(chrome) is { } events) WriteChrome(events, graph.NameOf, sends.Source, sends.Destination, f => (At(run.Run.BeginOf(f)), At(run.Run.FinishOf(f))), run.Run.Program.BytesOf);
                if (parsed.GetValue(export) is { } other) SimulateExport.Write(other, sends, graph.Cards);
                if (parsed.GetValue(map) is { } loads) HeatMap.Save(loads, graph, $"{name}: {sends.Name}", run.Links.MeanLoadOf);
                if (parsed.GetValue(plot) is { } drawing) SimulatePlot.Save(drawing, $"{name}: {sends.Name}", run);
                if (parsed.GetValue(json)) output.WriteLine(SimulateReport.Json(name, run));
                else SimulateReport.Write(new(output), name, run);
                return run.Run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
            }
            catch (FabricException e)
            {
                throw new InputException(e.Field == "pattern" ? $"pattern '{asked}': {e.Message}" : $"--{e.Field}: {e.Message}");
            }
        }));
        return command;

        void Files(ParseResult parsed, FabricGraph graph, PacketRun run)
        {
            packets.Ended(parsed, run.Samples);
            string Name(int host) => host < graph.Cards ? graph.NameOf(host) : string.Create(CultureInfo.InvariantCulture, $"rank-{host - graph.Cards}");
            if (parsed.GetValue(csv) is { } rows) PacketReport.WriteFlows(rows, run, Name);
            if (parsed.GetValue(chrome) is { } trace) WriteChrome(trace, Name, run.Traffic.Source, run.Traffic.Destination, f => (run.BeginOf(f), run.FinishOf(f)), f => run.Traffic.Bytes[f]);
        }
    }

    static InputException PathsOfFlows(string option) => new($"{option} is of use with --engine flow alone; packets find their paths by --balance, and by --routing dimension-order among cards");

    static void Tell(double seconds, int arrived) => Console.Error.WriteLine(FormattableString.Invariant($"{Duration.FromSeconds(seconds)}: {arrived:N0} flows or classes have arrived"));

    static DataSize Size(string? text, double usual)
    {
        var size = text is null ? DataSize.FromBytes(usual)
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var bytes) ? DataSize.FromBytes(bytes)
            : Quantity.TryParse<DataSize>(text, out var given, out var problem) ? given : throw new InputException($"--size: {problem}");
        return size.Bytes is > 0 and <= 1e18 ? size : throw new InputException($"--size: expected more than 0 B and at most 1 EB, found '{text}'");
    }

    static FabricFailure Failure(FabricGraph graph, string text, Duration notice)
    {
        const string expected = "--fail: expected two devices and a time, such as leaf-00:spine-03@200us, or two times";
        if (text.Split('@') is not [var ends, var times]) throw new InputException($"{expected}; found '{text}'");
        var links = LinksBetween(graph, "--fail", ends, expected);
        var (at, back) = Times("--fail", times, expected);
        return new(links, at, at + notice, back);
    }

    /// <summary>The links between two devices, "A:B".</summary>
    public static int[] LinksBetween(FabricGraph graph, string option, string ends, string expected)
    {
        if (ends.Split(':') is not [var a, var b]) throw new InputException($"{expected}; found '{ends}'");
        var names = new FabricNames(graph);
        var (from, to) = (names.Device(option, a), names.Device(option, b));
        int[] links = [.. graph.LinksOf(from).ToArray().Where(l => graph.Across(l, from) == to)];
        return links.Length > 0 ? links : throw new InputException($"{option}: no link joins '{a}' and '{b}'");
    }

    /// <summary>A time, or two, "T" or "T..U".</summary>
    public static (Duration From, Duration? To) Times(string option, string text, string expected)
    {
        var parts = text.Split("..");
        if (parts.Length > 2) throw new InputException($"{expected}; found '{text}'");
        var from = Time(option, parts[0]);
        Duration? to = parts.Length == 2 ? Time(option, parts[1]) : null;
        return to <= from ? throw new InputException($"{option}: what begins at {from} can't be back at {to}") : (from, to);
    }

    public static Duration Time(string option, string text) =>
        !Quantity.TryParse<Duration>(text, out var time, out var problem) ? throw new InputException($"{option}: {problem}")
            : time.Seconds is >= 0 and <= 1e9 ? time : throw new InputException($"{option}: expected a time from 0 s to 30 years, found '{text}'");

    static HtsimMatrix Connections(FabricGraph graph, string file, string? size)
    {
        if (size is not null) throw new InputException($"--size is of use with patterns alone; '{file}' has sizes of its own");
        if (!File.Exists(file)) throw new InputException($"there is no file '{file}'");
        using var text = new StreamReader(file);
        var matrix = HtsimMatrix.Read(text, file, StartUnit.Picoseconds);
        if (matrix.Failures is [var failure, ..]) throw new InputException("failures of a connection matrix are those of htsim's own fat trees, which 'simulate scenario FILE.cm --engine packet' plays; expected --fail for a fabric", failure.Place);
        return matrix.Nodes <= graph.Cards ? matrix : throw new InputException($"{file}: the matrix has {matrix.Nodes:N0} nodes, and the fabric {graph.Cards:N0} cards");
    }

    static void WriteFlows(string file, TrafficSimulation run) =>
        ResultTable.Write(file, [("from", typeof(string)), ("to", typeof(string)), ("bytes", typeof(double)), ("start_s", typeof(double)), ("finish_s", typeof(double))], rows =>
        {
            var (sends, names) = (run.Request.Sends, Names(run.Graph));
            for (var f = 0; f < sends.Count; f++) rows.Add(names[sends.Source[f]], names[sends.Destination[f]], run.Run.Program.BytesOf(f), run.Run.BeginOf(f), run.Run.FinishOf(f));
        });

    static SimTime? At(double seconds) => double.IsNaN(seconds) ? null : SimTime.FromDuration(Duration.FromSeconds(seconds));

    // A process for each card that sends, with a thread for each of its flows at once. Flows that have not ended are left out.
    static void WriteChrome(string file, Func<int, string> name, int[] source, int[] destination, Func<int, (SimTime? Begin, SimTime? Finish)> times, Func<int, double> bytes) => OutputFile.Stream(file, stream =>
    {
        using var events = new ChromeEvents(stream);
        foreach (var card in source.Distinct().Order()) events.Process(card, name(card));
        foreach (var own in Enumerable.Range(0, source.Length).Where(f => times(f).Finish is not null).GroupBy(f => source[f]).OrderBy(g => g.Key))
        {
            var free = new List<SimTime>();
            foreach (var f in own.OrderBy(f => times(f).Begin!.Value).ThenBy(f => f))
            {
                var (begin, finish) = (times(f).Begin!.Value, times(f).Finish!.Value);
                var thread = free.FindIndex(t => t <= begin);
                if (thread < 0)
                {
                    thread = free.Count;
                    free.Add(default);
                }
                free[thread] = finish;
                events.Event(own.Key, thread, $"to {name(destination[f])}", "flow", begin, finish, json => json.WriteNumber("bytes", bytes(f)));
            }
        }
    });

    static string[] Names(FabricGraph graph) => [.. Enumerable.Range(0, graph.Cards).Select(graph.NameOf)];
}
