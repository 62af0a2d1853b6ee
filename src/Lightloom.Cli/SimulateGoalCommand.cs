using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Interop.Goal;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;
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
        var export = new Option<string?>("--export") { Description = "write the trace in another format: .goal (text) or .et (Chakra; NAME.et becomes NAME.0.et, NAME.1.et, ...)", HelpName = "file" };
        var chrome = new Option<string?>("--chrome") { Description = "write every operation as a Chrome trace, for Perfetto or chrome://tracing", HelpName = "file.json" };
        var plot = new Option<string?>("--plot") { Description = "draw how long operations took, and when ranks compute, to a .svg or .png file", HelpName = "file" };
        var map = new Option<string?>("--heatmap") { Description = "draw the fabric with its links coloured by what they carried, to a .svg or .png file", HelpName = "file" };
        var progress = new Option<bool>("--progress") { Description = "say on the error output how far it is" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("goal", "A GOAL trace message by message: LogGOPS with hashed matching, on a network without contention, or on a fabric whose links stand for L and G.")
        {
            file, latency, overhead, gap, gapPerByte, overheadPerByte, eager, csv, chrome, export, plot, map, progress, json,
        };
        var fabric = new SimulateFabric();
        fabric.AddTo(command);
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
            if (parsed.GetValue(plot) is { } checkedName) PlotFile.CheckName(checkedName);
            var name = parsed.GetValue(file)!;
            var program = Program(name);
            if (parsed.GetValue(export) is { } other) SimulateExport.Write(other, program);
            var place = fabric.IsGiven(parsed) ? On(fabric, parsed, program) : null;
            foreach (var option in new[] { latency, gapPerByte })
                if (place is not null && parsed.GetValue(option) is not null) throw new InputException($"{option.Name} is of use without a fabric alone, whose links stand for it");
            if (place is null && fabric.PathsGiven(parsed) is { } path) throw new InputException($"{path} is of use with --design or --topology alone");
            if (parsed.GetValue(map) is { } heat)
            {
                PlotFile.CheckName(heat, "--heatmap");
                if (place is null) throw new InputException("--heatmap is of use with --design or --topology alone");
            }
            var run = CommandRunner.Interruptible(stop => MessageSimulation.Run(program, parameters, place?.Network, parsed.GetValue(progress) ? Tell : null, stop));
            if (parsed.GetValue(map) is { } picture)
            {
                var loads = place!.Network.Loads(run.Time.ToDuration().Seconds);
                HeatMap.Save(picture, place.Graph, $"{place.Name}: {Path.GetFileName(name)}", d => loads[d]);
            }
            if (parsed.GetValue(chrome) is { } events) WriteChrome(events, run);
            if (parsed.GetValue(plot) is { } drawing) Draw(drawing, name, run);
            if (parsed.GetValue(csv) is { } table)
            {
                OutputFile.Write(table, writer =>
                {
                    writer.WriteLine("rank,end_ns");
                    for (var r = 0; r < program.Ranks; r++) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r},{Nanoseconds(run.RankEnds[r])}"));
                });
            }
            if (parsed.GetValue(json)) output.WriteLine(Json(name, place?.Name, run));
            else Report(new(output), Path.GetFileName(name), place?.Name, run);
            return run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
        }));
        return command;
    }

    sealed record Place(string Name, FabricGraph Graph, MessageFlows Network);

    static Place On(SimulateFabric fabric, ParseResult parsed, MessageProgram program)
    {
        var (name, graph, links) = fabric.Build(parsed);
        if (program.Ranks > graph.Plan.AcceleratorCount) throw new InputException($"the trace has {program.Ranks:N0} ranks, and the fabric {graph.Plan.AcceleratorCount:N0} accelerators");
        try
        {
            var places = RankPlaces.Of(graph, program.Ranks);
            return new(name, graph, new(FabricFlows.Capacity(graph, places), new(graph, new(graph, fabric.Routing(parsed), fabric.Paths(parsed)), TrafficSimulation.Latency(graph, links), places)));
        }
        catch (FabricException e)
        {
            throw new InputException($"--{e.Field}: {e.Message}");
        }
    }

    static void Tell(SimTime time, int left) => Console.Error.WriteLine(FormattableString.Invariant($"{time.ToDuration()}: {left:N0} operations are left"));

    static string NameOf(MessageKind kind) => kind switch { MessageKind.Send => "sends", MessageKind.Receive => "receives", _ => "calculations" };

    static IEnumerable<(int Rank, int Operation, MessageOperation What, SimTime Begin, SimTime End)> Ended(MessageRun run)
    {
        var i = 0;
        for (var r = 0; r < run.Program.Ranks; r++)
        {
            foreach (var what in run.Program.OperationsOf(r))
            {
                if (run.BeginOf(i) is { } begin && run.EndOf(i) is { } end) yield return (r, i, what, begin, end);
                i++;
            }
        }
    }

    static void Draw(string file, string name, MessageRun run)
    {
        var plot = new TracePlot(run.Program.Ranks);
        foreach (var (rank, _, what, begin, end) in Ended(run)) plot.Add(rank, NameOf(what.Kind), what.Kind == MessageKind.Calculate, begin, end);
        plot.Save(file, $"{Path.GetFileName(name)}{(run.IsComplete ? "" : " (partial)")}", "in which a rank calculates, all its CPUs together");
    }

    // A process for each rank: calculations and sends on their CPU's thread, receives from where they are posted, beside each other on others.
    static void WriteChrome(string file, MessageRun run) => OutputFile.Stream(file, stream =>
    {
        using var events = new ChromeEvents(stream);
        var program = run.Program;
        foreach (var own in Ended(run).GroupBy(o => o.Rank))
        {
            events.Process(own.Key, $"rank {own.Key}");
            for (var c = 0; c < program.Cpus; c++) events.Thread(own.Key, c, program.Cpus == 1 ? "CPU" : $"CPU {c}");
            var free = new PriorityQueue<int, (SimTime, int)>(); // threads of receives, by when they are free
            var threads = 0;
            foreach (var (rank, i, what, begin, end) in own.OrderBy(o => o.Begin).ThenBy(o => o.Operation))
            {
                var thread = (int)what.Cpu;
                if (what.Kind == MessageKind.Receive)
                {
                    thread = free.TryPeek(out var first, out var since) && since.Item1 <= begin ? free.Dequeue() : program.Cpus + threads++;
                    free.Enqueue(thread, (end, thread));
                }
                events.Event(rank, thread, program.Describe(i), NameOf(what.Kind), begin, end, json => json.WriteNumber(what.Kind == MessageKind.Calculate ? "ns" : "bytes", what.Size));
            }
            for (var t = 0; t < threads; t++) events.Thread(own.Key, program.Cpus + t, $"receives {t + 1}");
        }
    });

    static Duration Read(string option, string text) =>
        Quantity.TryParse<Duration>(text, out var time, out var problem) ? time : throw new InputException($"{option}: {problem}");

    static MessageProgram Program(string file)
    {
        if (Directory.Exists(file)) throw new InputException($"'{file}' is a folder; expected a GOAL file");
        if (!File.Exists(file)) throw new InputException($"there is no file '{file}'");
        using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.Read, 1 << 20);
        Span<byte> start = stackalloc byte[8];
        var read = stream.ReadAtLeast(start, 8, throwOnEndOfStream: false);
        stream.Position = 0;
        // Text begins with letters, comments or space; anything else is meant to be binary, and then says what is wrong with it.
        if (GoalBinary.Is(start[..read]) || start[..read].ContainsAnyInRange((byte)0, (byte)8)) return GoalBinary.Read(stream, file);
        using var text = new StreamReader(stream, detectEncodingFromByteOrderMarks: true, bufferSize: 1 << 16);
        return GoalText.Read(text, file);
    }

    // Whole where they are: "5542", "5542.5".
    static string Nanoseconds(SimTime time) => (time.Picoseconds / 1000m).ToString(CultureInfo.InvariantCulture);

    static void Report(TextReport report, string name, string? place, MessageRun run)
    {
        report.Title($"{name}{(place is null ? "" : $" on {place}")}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{run.Program.Ranks:N0} ranks, {run.Program.Count:N0} operations and {run.Messages:N0} messages end after {Nanoseconds(run.Time)} ns.");
        var ends = run.RankEnds.Order().ToList();
        report.Table(["rank", ">ends, ns"], [["first", Nanoseconds(ends[0])], ["half of them", Nanoseconds(ends[(ends.Count - 1) / 2])], ["last", Nanoseconds(ends[^1])]]);
    }

    static string Json(string name, string? place, MessageRun run) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("file", Path.GetFileName(name));
        json.WriteString("engine", "message");
        if (place is not null) json.WriteString("network", place);
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("ranks", run.Program.Ranks);
        json.WriteNumber("operations", run.Program.Count);
        json.WriteNumber("messages", run.Messages);
        json.WriteNumber("events", run.Events);
        json.WriteNumber("time_ns", run.Time.Picoseconds / 1000m);
        json.WriteEndObject();
    });
}
