using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Goal;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Cli;

/// <summary><c>lightloom simulate goal FILE</c>: a GOAL trace, text or binary, message by message in LogGOPS.</summary>
static class SimulateGoalCommand
{
    static readonly LogGops Usual = new();

    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "a GOAL file, text or binary" };
        Option<string?> Parameter(string name, string what, string usual) => new(name) { Description = $"{what}; {usual} unless given", HelpName = "time" };
        var latency = Parameter("--latency", "L: from the end of a message's overhead to its arrival", "2500 ns");
        var overhead = Parameter("--overhead", "o: work of a CPU for each message, at both ends", "1500 ns");
        var gap = Parameter("--gap", "g: least time between two messages of a NIC", "1000 ns");
        var gapPerByte = Parameter("--gap-per-byte", "G: time of each byte but the first on a NIC", "6 ns");
        var overheadPerByte = Parameter("--overhead-per-byte", "O: work of a CPU for each byte but the first", "0 ns");
        var eager = new Option<string?>("--eager") { Description = "S: largest message that its sender doesn't wait with until it is received; 65535 B unless given", HelpName = "bytes" };
        var csv = new Option<string?>("--csv") { Description = "write when each rank ends: rank,end_ns", HelpName = "file" };
        var export = new Option<string?>("--export") { Description = "write the trace in another format: .goal (text), .bin (binary GOAL) or .et (Chakra; NAME.et becomes NAME.0.et, NAME.1.et, ...)", HelpName = "file" };
        var chrome = new Option<string?>("--chrome") { Description = "write every operation as a Chrome trace, for Perfetto or chrome://tracing", HelpName = "file.json" };
        var plot = new Option<string?>("--plot") { Description = "draw how long operations took, and when ranks compute, to a .svg or .png file", HelpName = "file" };
        var map = new Option<string?>("--heatmap") { Description = "draw the fabric with its links coloured by what they carried, to a .svg or .png file", HelpName = "file" };
        var progress = new Option<bool>("--progress") { Description = "say on the error output how far it is" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var engine = SimulateCommand.Engine("on a fabric: flow: exact max-min fair sharing (unless given); packet: queues and transports");
        var packets = new PacketInput(progress: progress);
        var command = new Command("goal", "A GOAL trace message by message: LogGOPS with hashed matching, on a network without contention, or on a fabric whose links stand for L and G, flow by flow or packet by packet.")
        {
            file, engine, latency, overhead, gap, gapPerByte, overheadPerByte, eager, csv, chrome, export, plot, map, progress, json,
        };
        var fabric = new SimulateFabric();
        fabric.AddTo(command);
        packets.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            Duration Time(Option<string?> option, Duration usual) => parsed.GetValue(option) is { } text ? Read(option.Name, text) : usual;
            var parameters = new LogGops
            {
                Latency = Time(latency, Usual.Latency),
                Overhead = Time(overhead, Usual.Overhead),
                Gap = Time(gap, Usual.Gap),
                GapPerByte = Time(gapPerByte, Usual.GapPerByte),
                OverheadPerByte = Time(overheadPerByte, Usual.OverheadPerByte),
                LargestEager = parsed.GetValue(eager) is { } text
                    ? long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) ? bytes : throw new InputException($"--eager: expected whole bytes of 0 or more, found '{text}'")
                    : Usual.LargestEager,
            };
            var byPacket = SimulateCommand.EngineOf(parsed.GetValue(engine), "GOAL traces", "flow", "packet") == "packet";
            if (parsed.GetValue(engine) is { } asked && !fabric.IsGiven(parsed)) throw new InputException($"--engine {asked} plays on a fabric: expected --design FILE, or --topology NAME --systems N");
            if (!byPacket && packets.FirstGiven(parsed) is { } stray) throw new InputException($"{stray} is of use with --engine packet alone");
            if (byPacket && fabric.PathsGiven(parsed) is { } flows) throw new InputException($"{flows} is of use with --engine flow alone; packets find their paths by --balance");
            if (parsed.GetValue(plot) is { } checkedName) PlotFile.CheckName(checkedName);
            if (parsed.GetValue(export) is { } checkedExport) SimulateExport.CheckProgram(checkedExport);
            var name = parsed.GetValue(file)!;
            if (Opened(name, parsed.GetValue(progress)) is not { } source) return SimulateCommand.Interrupted;
            using var closes = source as IDisposable;
            if (parsed.GetValue(export) is { } other) SimulateExport.Write(other, source);
            var place = fabric.IsGiven(parsed) ? On(fabric, parsed, source.Ranks, byPacket ? packets : null) : null;
            foreach (var option in new[] { latency, gapPerByte })
                if (place is not null && parsed.GetValue(option) is not null) throw new InputException($"{option.Name} is of use without a fabric alone, whose links stand for it");
            if (place is null && fabric.PathsGiven(parsed) is { } path) throw new InputException($"{path} is of use with --design or --topology alone");
            if (parsed.GetValue(map) is { } heat)
            {
                PlotFile.CheckName(heat, "--heatmap");
                if (place is null) throw new InputException("--heatmap is of use with --design or --topology alone");
                if (byPacket) throw new InputException("--heatmap is of use with --engine flow alone");
            }
            var drawn = parsed.GetValue(plot) is null ? null : new TracePlot(source.Ranks);
            var run = Recorded(name, parsed.GetValue(chrome), source, drawn, new() { Parameters = parameters, Network = place?.Network, Progress = parsed.GetValue(progress) ? Tell : null });
            if (place?.Packets is { } sampled) packets.Ended(parsed, sampled.Packets.Samples);
            if (parsed.GetValue(map) is { } picture)
            {
                var loads = place!.Flows!.Loads(run.Time.ToDuration().Seconds);
                HeatMap.Save(picture, place.Graph, $"{place.Name}: {Path.GetFileName(name)}", d => loads[d]);
            }
            if (parsed.GetValue(plot) is { } drawing) drawn!.Save(drawing, $"{Path.GetFileName(name)}{(run.IsComplete ? "" : " (partial)")}", "in which a rank calculates, all its CPUs together");
            if (parsed.GetValue(csv) is { } table)
            {
                OutputFile.Write(table, writer =>
                {
                    writer.WriteLine("rank,end_ns");
                    for (var r = 0; r < source.Ranks; r++) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r},{Nanoseconds(run.RankEnds[r])}"));
                });
            }
            if (parsed.GetValue(json)) output.WriteLine(Json(name, place, run));
            else Report(new(output), Path.GetFileName(name), place, run);
            return run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
        }));
        return command;
    }

    sealed record Place(string Name, FabricGraph Graph, MessageNetwork Network)
    {
        public MessageFlows? Flows => Network as MessageFlows;

        public RankPackets? Packets => (Network as MessagePackets)?.Packets;
    }

    // Packet by packet where their options are given.
    static Place On(SimulateFabric fabric, ParseResult parsed, int ranks, PacketInput? packets)
    {
        var (name, graph, links) = fabric.Build(parsed);
        if (ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        try
        {
            var places = RankPlaces.Of(graph, ranks);
            var latency = TrafficSimulation.Latency(graph, links);
            return new(name, graph, packets is null
                ? new MessageFlows(FabricFlows.Capacity(graph, places), new(graph, new(graph, fabric.Routing(parsed), fabric.Paths(parsed)), latency, places))
                : new MessagePackets(new(PacketFabricBuilder.Of(graph, latency), places, packets.Read(parsed, graph, links) with { Progress = null })));
        }
        catch (FabricException e)
        {
            throw new InputException($"--{e.Field}: {e.Message}");
        }
    }

    static void Tell(SimTime time, long left) => Console.Error.WriteLine(FormattableString.Invariant($"{time.ToDuration()}: {left:N0} operations are left"));

    static string NameOf(MessageKind kind) => kind switch { MessageKind.Send => "sends", MessageKind.Receive => "receives", _ => "calculations" };

    // Null: it was stopped before there was anything to play.
    static IMessageSource? Opened(string file, bool tells)
    {
        try
        {
            return CommandRunner.Interruptible(stop => GoalTrace.Open(file, tells ? (done, all) => Console.Error.WriteLine(FormattableString.Invariant($"read {done / 1e9:0.0} of {all / 1e9:0.0} GB")) : null, stop));
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("stopped while the trace was read; nothing was played");
            return null;
        }
    }

    // Operations go to the drawing and to the file as they end: a long trace is never whole in memory.
    static MessageRun Recorded(string file, string? chrome, IMessageSource source, TracePlot? plot, MessageRunOptions options)
    {
        MessageRun Play(MessageRunOptions asked) => CommandRunner.Interruptible(stop =>
        {
            try
            {
                return MessageSimulation.Run(source, asked with { Stop = stop });
            }
            catch (InputException e)
            {
                throw new InputException($"{file}: {e.Message}");
            }
        });
        Action<int, int, MessageOperation, SimTime, SimTime>? draw = plot is null ? null : (rank, _, what, begin, end) => plot.Add(rank, NameOf(what.Kind), what.Kind == MessageKind.Calculate, begin, end);
        if (chrome is null) return Play(options with { Ended = draw });
        MessageRun? run = null;
        OutputFile.Stream(chrome, stream =>
        {
            using var events = new GoalEvents(stream, source);
            run = Play(options with { Began = events.Began, Ended = events.Ended + draw });
        });
        return run!;
    }

    // A process for each rank: calculations and sends on their CPU's thread, receives from where they are posted, beside each other on others.
    sealed class GoalEvents : IDisposable
    {
        readonly ChromeEvents events;
        readonly int cpus;
        readonly PriorityQueue<int, (SimTime, int)>?[] free; // by rank: threads of receives, by when they are free
        readonly int[] threads;
        readonly Dictionary<(int Rank, int Operation), int> posted = [];

        public GoalEvents(Stream stream, IMessageSource source)
        {
            (events, cpus) = (new(stream), source.Cpus);
            (free, threads) = (new PriorityQueue<int, (SimTime, int)>?[source.Ranks], new int[source.Ranks]);
            for (var r = 0; r < source.Ranks; r++)
            {
                events.Process(r, $"rank {r}");
                for (var c = 0; c < cpus; c++) events.Thread(r, c, cpus == 1 ? "CPU" : $"CPU {c}");
            }
        }

        public void Began(int rank, int operation, MessageOperation what, SimTime at)
        {
            if (what.Kind != MessageKind.Receive) return;
            var own = free[rank] ??= new();
            if (!own.TryPeek(out var thread, out var since) || since.Item1 > at)
            {
                thread = cpus + threads[rank]++;
                events.Thread(rank, thread, $"receives {threads[rank]}");
            }
            else
            {
                own.Dequeue();
            }
            posted[(rank, operation)] = thread;
        }

        public void Ended(int rank, int operation, MessageOperation what, SimTime begin, SimTime end)
        {
            if (posted.Remove((rank, operation), out var thread)) free[rank]!.Enqueue(thread, (end, thread));
            else thread = what.Cpu;
            events.Event(rank, thread, MessageNames.Describe(rank, operation, what), NameOf(what.Kind), begin, end, json => json.WriteNumber(what.Kind == MessageKind.Calculate ? "ns" : "bytes", what.Size));
        }

        public void Dispose() => events.Dispose();
    }

    static Duration Read(string option, string text) =>
        Quantity.TryParse<Duration>(text, out var time, out var problem) ? time : throw new InputException($"{option}: {problem}");

    // Whole where they are: "5542", "5542.5".
    static string Nanoseconds(SimTime time) => (time.Picoseconds / 1000m).ToString(CultureInfo.InvariantCulture);

    static void Report(TextReport report, string name, Place? place, MessageRun run)
    {
        report.Title($"{name}{(place is null ? "" : $" on {place.Name}{(place.Packets is null ? "" : ", packet by packet")}")}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{run.Source.Ranks:N0} ranks, {run.Source.Operations:N0} operations and {run.Messages:N0} messages end after {Nanoseconds(run.Time)} ns.");
        var ends = run.RankEnds.Order().ToList();
        report.Table(["rank", ">ends, ns"], [["first", Nanoseconds(ends[0])], ["half of them", Nanoseconds(ends[(ends.Count - 1) / 2])], ["last", Nanoseconds(ends[^1])]]);
        if (place?.Packets is not { } packets) return;
        report.Heading("Packets");
        report.Table(["", ">number"], PacketReport.Counts(packets.Packets).Select(c => new[] { c.Name, c.Value.ToString("N0", CultureInfo.InvariantCulture) }));
    }

    static string Json(string name, Place? place, MessageRun run) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("file", Path.GetFileName(name));
        json.WriteString("engine", "message");
        if (place is not null) json.WriteString("network", place.Name);
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("ranks", run.Source.Ranks);
        json.WriteNumber("operations", run.Source.Operations);
        json.WriteNumber("most_held_operations", run.MostHeld);
        json.WriteNumber("messages", run.Messages);
        json.WriteNumber("events", run.Events);
        json.WriteNumber("time_ns", run.Time.Picoseconds / 1000m);
        if (place?.Packets is { } packets)
        {
            json.WriteStartObject("packets");
            foreach (var (_, field, value) in PacketReport.Counts(packets.Packets)) json.WriteNumber(field, value);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    });
}
