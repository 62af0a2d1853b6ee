using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Interop.AstraSim;
using Lightloom.Planning;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Cli;

/// <summary>
/// <c>lightloom simulate trace TRACE --network FILE --system-configuration FILE</c>: a Chakra trace on the network of ASTRA-sim's analytical
/// backends, or with <c>--design</c> or <c>--topology</c> on a fabric, flow by flow or packet by packet.
/// </summary>
static class SimulateTraceCommand
{
    const int MostDifferences = 8;

    public static Command Make()
    {
        var options = new TraceOptions();
        var command = new Command("trace", "An execution trace (Chakra) on ASTRA-sim's network, with its cycles, or on a fabric, flow by flow or packet by packet.");
        options.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output => Run(output, parsed, options)));
        return command;
    }

    static int Run(TextWriter output, ParseResult parsed, TraceOptions options)
    {
        var files = options.Files(parsed).WithNeighbours();
        var engine = options.Engine(parsed);
        if (engine == "all") return Compare(output, parsed, options, files);
        var onFabric = engine is "flow" or "packet";
        if (onFabric && !options.Fabric.IsGiven(parsed)) throw new InputException($"--engine {engine} plays on a fabric: expected --design FILE, or --topology NAME --systems N");
        if (engine != "packet" && options.Packets.FirstGiven(parsed) is { } stray) throw new InputException($"{stray} is of use with --engine packet alone");
        if (!onFabric && options.FabricOnly(parsed) is { } unused) throw new InputException($"{unused} is of use on a fabric alone: --design FILE, or --topology NAME --systems N");
        if (!onFabric && files.Network is null) throw new InputException("expected a network: --network-configuration FILE (YAML), or a fabric: --design FILE, or --topology NAME --systems N");
        if (!onFabric && files.System is null) throw new InputException("expected a system configuration: --system-configuration FILE (JSON)");
        if (parsed.GetValue(options.Map) is { } picture)
        {
            PlotFile.CheckName(picture, "--heatmap");
            if (!onFabric) throw new InputException("--heatmap is of use with --design or --topology alone");
            if (engine == "packet") throw new InputException("--heatmap is of use with --engine flow alone");
        }
        if (parsed.GetValue(options.Plot) is { } drawing) PlotFile.CheckName(drawing);
        var inputs = files.Read();
        var activity = parsed.GetValue(options.Plot) is null ? null : new TracePlot(inputs.Trace.Ranks);
        var answer = Recorded(parsed, options, inputs, activity, (ended, stop) => Play(parsed, options, inputs, engine, new() { Stop = stop, Ended = ended, Progress = engine != "packet" && parsed.GetValue(options.Progress) ? TracePlot.Tell : null }));
        options.Line.Clear();
        if (answer.Packets is { } sampled) options.Packets.Ended(parsed, sampled.Packets.Samples);
        if (parsed.GetValue(options.Map) is { } map)
            HeatMap.Save(map, answer.Graph!, $"{answer.Where}: {Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Workload))}", answer.OnFabric!.LoadOf);
        if (activity is not null)
            activity.Save(parsed.GetValue(options.Plot)!, $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Workload))} on {answer.Where}{(answer.Run.IsComplete ? "" : " (partial)")}", "in which a rank computes");
        if (parsed.GetValue(options.Json)) output.WriteLine(TraceReport.Json(files, answer));
        else TraceReport.Write(new(output), files, answer);
        return answer.Run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
    }

    static TraceAnswer Play(ParseResult parsed, TraceOptions options, AstraSimInputs inputs, string engine, TraceRunOptions run)
    {
        if (engine == "analytic")
        {
            var sharing = options.Sharing(parsed, inputs.Network!);
            var system = options.Adjust(parsed, inputs.System!);
            return new(TraceSimulation.Run(inputs.Trace, system, inputs.Network!, sharing, run), "analytic", sharing == TraceSharing.Aware ? "congestion-aware" : "congestion-unaware", null, null);
        }
        var (name, graph, links, network, model) = options.Fabric.BuildWithNetwork(parsed);
        if (inputs.Trace.Ranks < 2) throw new InputException("the trace has one rank, which sends nothing over a fabric; expected two or more");
        var shape = inputs.Network ?? new([new(TraceBlock.Switch, inputs.Trace.Ranks, 1, 0)]);
        try
        {
            var system = options.Adjust(parsed, inputs.System ?? Usual(graph) with { Memory = inputs.Memory, Groups = inputs.Groups });
            var library = options.Choice(parsed, inputs.System is not null) is var (forced, sustained) ? new FabricLibrary(graph, network.Value, inputs.Trace.Ranks, model, forced, sustained, engine == "packet") : null;
            if (engine == "packet")
            {
                if (options.Fabric.PathsGiven(parsed) is { } path) throw new InputException($"{path} is of use with --engine flow alone; packets find their paths by --balance");
                var packets = PacketTrace.Run(inputs.Trace, system, shape, graph, TrafficSimulation.Latency(graph, links), options.Packets.Read(parsed, graph, links) with { Progress = parsed.GetValue(options.Progress) ? options.Line.Tell : null }, run, library);
                return new(packets.Run, "packet", name, graph, null, packets) { Collectives = options.How(parsed, inputs.System is not null) };
            }
            var made = FabricTrace.Run(inputs.Trace, system, shape, graph, options.Fabric.Routing(parsed), options.Fabric.Paths(parsed), TrafficSimulation.Latency(graph, links), run, library);
            return new(made.Run, "flow", name, graph, made) { Collectives = options.How(parsed, inputs.System is not null), Sustained = library is not null && options.IsSustained(parsed) };
        }
        catch (FabricException e)
        {
            throw new InputException($"--{e.Field}: {e.Message}");
        }
    }

    // On the analytic network, shared and not where it can be both, and on the fabric.
    static int Compare(TextWriter output, ParseResult parsed, TraceOptions options, AstraSimFiles files)
    {
        if (files.Network is null || files.System is null || !options.Fabric.IsGiven(parsed))
            throw new InputException("--engine all compares a network with a fabric: expected --network-configuration, --system-configuration, and --design or --topology");
        foreach (var (option, file) in new[] { (options.Csv, parsed.GetValue(options.Csv)), (options.Chrome, parsed.GetValue(options.Chrome)), (options.Map, parsed.GetValue(options.Map)), (options.Plot, parsed.GetValue(options.Plot)) })
            if (file is not null) throw new InputException($"{option.Name} is of use with one engine alone");
        var inputs = files.Read();
        var (answers, nodes) = (new List<EngineAnswer>(), new List<Dictionary<(int, ulong), (TraceNode Node, SimTime Took)>>());
        void Add(string engine, string what, Func<TraceRunOptions, TraceRun> play)
        {
            var own = new Dictionary<(int, ulong), (TraceNode, SimTime)>();
            var run = CommandRunner.Interruptible(stop => play(new() { Stop = stop, Ended = (rank, node, begin, end) => own[(rank, node.Id)] = (node, end - begin) }));
            if (!run.IsComplete) throw new InputException("stopped before all engines had answered");
            answers.Add(new(engine, what, run.Time.ToDuration()));
            nodes.Add(own);
        }
        var system = options.Adjust(parsed, inputs.System!);
        Add("analytic, unaware", "ASTRA-sim's network, no link shared", o => TraceSimulation.Run(inputs.Trace, system, inputs.Network!, TraceSharing.Unaware, o));
        if (inputs.Network!.Dimensions.Count == 1) Add("analytic, aware", "its links serve message after message", o => TraceSimulation.Run(inputs.Trace, system, inputs.Network!, TraceSharing.Aware, o));
        Add("flow", "the fabric's links, max-min fair", o => Play(parsed, options, inputs, "flow", o).Run);
        var differences = nodes[^1].Where(n => nodes.All(own => own.ContainsKey(n.Key)))
            .Select(n => (n.Key, n.Value.Node, Times: nodes.Select(own => own[n.Key].Took).ToList()))
            .OrderByDescending(d => d.Times.Max().Picoseconds - d.Times.Min().Picoseconds).ThenBy(d => d.Key).Take(MostDifferences).Where(d => d.Times.Max() > d.Times.Min())
            .Select(d => new EngineDifference($"rank {d.Key.Item1}, {d.Node}", [.. d.Times.Select(t => t.ToDuration())])).ToList();
        EngineTable.Write(output, $"{Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Workload))}: engines side by side", answers, parsed.GetValue(options.Json), null, differences);
        return CommandRunner.Success;
    }

    // Rings of everybody in one piece, on accelerators as the catalogue has them.
    static TraceSystem Usual(FabricGraph graph) => new()
    {
        EndpointNanoseconds = 0,
        Algorithms = new[] { TraceCollective.AllReduce, TraceCollective.AllGather, TraceCollective.ReduceScatter, TraceCollective.AllToAll }
            .ToDictionary(c => c, c => (IReadOnlyList<TraceAlgorithm>)[new TraceAlgorithm(c == TraceCollective.AllToAll ? TraceMethod.Direct : TraceMethod.Ring)]),
        MemoryBandwidth = graph.Plan.Request.System.Accelerator.MemoryBandwidth.Value.GigabytesPerSecond,
    };

    // Nodes go to the files as they end: a long trace is never whole in memory.
    static TraceAnswer Recorded(ParseResult parsed, TraceOptions options, AstraSimInputs inputs, TracePlot? plot, Func<Action<int, TraceNode, SimTime, SimTime>?, CancellationToken, TraceAnswer> play)
    {
        TraceAnswer? answer = null;
        var ends = new Dictionary<int, List<SimTime>>(); // by rank, of what was drawn last on each line of its network
        void WithChrome(Action<int, TraceNode, SimTime, SimTime>? before)
        {
            if (plot is not null) before += Draw;
            if (parsed.GetValue(options.Chrome) is not { } file)
            {
                answer = CommandRunner.Interruptible(stop => play(before, stop));
                return;
            }
            OutputFile.Stream(file, stream =>
            {
                using var events = new ChromeEvents(stream);
                for (var r = 0; r < inputs.Trace.Ranks; r++)
                {
                    events.Process(r, $"rank {r}");
                    for (var t = 0; t < Threads.Length; t++) events.Thread(r, t, Threads[t]);
                }
                answer = CommandRunner.Interruptible(stop => play((rank, node, begin, end) =>
                {
                    before?.Invoke(rank, node, begin, end);
                    events.Event(rank, Thread(events, rank, node, begin, end), node.Name.Length > 0 ? node.Name : $"{node.Kind} {node.Id}", $"{node.Kind}", begin, end, json =>
                    {
                        json.WriteNumber("node", node.Id);
                        if (node.Bytes > 0) json.WriteNumber("bytes", node.Bytes);
                    });
                }, stop));
            });
        }
        if (parsed.GetValue(options.Csv) is { } table)
        {
            ResultTable.Write(table, [("rank", typeof(long)), ("node", typeof(string)), ("name", typeof(string)), ("kind", typeof(string)), ("bytes", typeof(long)), ("begin_ns", typeof(double)), ("end_ns", typeof(double))],
                rows => WithChrome((rank, node, begin, end) => rows.Add((long)rank, $"{node.Id}", node.Name, $"{node.Kind}", (long)node.Bytes, begin.Picoseconds / 1e3, end.Picoseconds / 1e3)));
        }
        else
        {
            WithChrome(null);
        }
        return answer!;

        // Sends and collectives of a rank that overlap are drawn below one another: nodes come as they end, each goes where the last had ended when it began.
        int Thread(ChromeEvents events, int rank, TraceNode node, SimTime begin, SimTime end)
        {
            var thread = ThreadOf(node);
            if (thread != Network) return thread;
            if (!ends.TryGetValue(rank, out var own)) ends[rank] = own = [];
            var line = own.FindIndex(last => last <= begin);
            if (line < 0)
            {
                line = own.Count;
                own.Add(end);
                if (line > 0) events.Thread(rank, Threads.Length + line - 1, $"{Threads[Network]} {line + 1}");
            }
            own[line] = end;
            return line == 0 ? Network : Threads.Length + line - 1;
        }

        void Draw(int rank, TraceNode node, SimTime begin, SimTime end) => plot!.Add(rank, NameOf(node), node.Kind == TraceNodeKind.Compute, begin, end);

    }

    static string NameOf(TraceNode node) => node.Kind switch
    {
        TraceNodeKind.Compute => "computations",
        TraceNodeKind.Collective => "collectives",
        TraceNodeKind.Send => "sends",
        TraceNodeKind.Receive => "receives",
        _ => "others",
    };

    static readonly string[] Threads = ["computes", "sends and collectives", "receives", "host"];

    const int Network = 1;

    static int ThreadOf(TraceNode node) => node.OnCpu ? 3 : node.Kind switch { TraceNodeKind.Compute => 0, TraceNodeKind.Receive => 2, _ => Network };
}

/// <summary>What is asked for on the command line; the long names are those of ASTRA-sim's own command line.</summary>
sealed class TraceOptions
{
    static readonly string[] Sharings = ["aware", "unaware"];

    readonly Argument<string?> trace = new("trace") { Description = "the prefix of a Chakra trace's files (PREFIX.0.et, ...), one of them, a folder with all files of a run, or a workload of SimAI", Arity = ArgumentArity.ZeroOrOne };
    readonly Option<string?> workload = Named("--workload-configuration", "the trace, as ASTRA-sim's command line names it", "prefix");
    readonly Option<string?> network = Named("--network-configuration", "the network (YAML)", "file", "--network");
    readonly Option<string?> system = Named("--system-configuration", "the system configuration (JSON)", "file");
    readonly Option<string?> memory = Named("--remote-memory-configuration", "remote memory (JSON)", "file", "--memory");
    readonly Option<string?> groups = Named("--comm-group-configuration", "communicator groups (JSON)", "file", "--groups");
    readonly Option<string?> queues = Named("--num-queues-per-dim", "queues of a dimension; 1 unless given", "number");
    readonly Option<string?> scale = Named("--injection-scale", "what the endpoint delay is multiplied by; 1 unless given", "number");
    readonly Option<string?> rendezvous = Named("--rendezvous-protocol", "true: a message waits until its receiver has asked for it by one of 8,192 B; false unless given", "true|false");
    readonly Option<string?> sharing = Named("--congestion", "aware: links serve one message after the other (one dimension); unaware: none waits; aware where the network has one dimension unless given", "kind");
    readonly Option<string?> collectives = Named("--collectives", "on a fabric: auto: by the algorithm that a library chooses for the group and the size, with as many sends of a rank at once as that has; ring: as the system configuration says, or without one in one ring of a group, and one send or collective of a rank at a time; or an algorithm, which is taken where it can do what is asked for (rings: that of all channels). auto unless a system configuration is given", "how");
    readonly Option<bool> sustained = new("--sustained") { Description = "on a fabric, in flows: links give what libraries sustain of them, and launches and software of collectives and messages count, as 'train' has it; links alone at their rates unless given" };
    readonly Option<string?> engine = Named("--engine", "analytic: the network of ASTRA-sim's closed forms; flow: a fabric, max-min fair; packet: a fabric, packet by packet; all: analytic and flow side by side. By what else is given unless this is", "name");

    public Option<string?> Csv { get; } = Named("--csv", "write every node: rank, node, name, kind, bytes, begin_ns, end_ns; as Parquet where the file's name ends in .parquet", "file");

    public Option<string?> Chrome { get; } = Named("--chrome", "write every node as a Chrome trace, for Perfetto or chrome://tracing", "file.json");

    public Option<string?> Map { get; } = Named("--heatmap", "draw the topology with its links coloured by what they carried, to a .svg or .png file", "file");

    public Option<string?> Plot { get; } = Named("--plot", "draw how long nodes took, and when ranks compute, to a .svg or .png file", "file");

    public Option<bool> Progress { get; } = new("--progress") { Description = "say on the error output how far it is" };

    public Option<bool> Json { get; } = new("--json") { Description = "print JSON, with units in the fields' names" };

    public SimulateFabric Fabric { get; } = new();

    public PacketInput Packets { get; }

    public TraceOptions() => Packets = new(progress: Progress);

    public ProgressLine Line { get; } = new();

    static Option<string?> Named(string name, string description, string help, params string[] aliases) => new(name, aliases) { Description = description, HelpName = help };

    public void AddTo(Command command)
    {
        command.Add(trace);
        foreach (var option in new[] { workload, network, system, memory, groups, queues, scale, rendezvous, sharing, engine, collectives, Csv, Chrome, Plot, Map }) command.Add(option);
        command.Add(sustained);
        command.Add(Progress);
        Fabric.AddTo(command);
        Packets.AddTo(command);
        command.Add(Json);
    }

    public AstraSimFiles Files(ParseResult parsed)
    {
        var (place, named) = (parsed.GetValue(trace), parsed.GetValue(workload));
        if (place is not null && named is not null) throw new InputException("the trace is given twice: as an argument and by --workload-configuration");
        string? Given(Option<string?> option) => parsed.GetValue(option) is { } file and not "empty" ? file : null;
        return new()
        {
            Workload = place ?? named ?? throw new InputException("expected a trace: the prefix of its files, one of them, or their folder"),
            Network = Given(network),
            System = Given(system),
            Memory = Given(memory),
            Groups = Given(groups),
        };
    }

    /// <summary>"analytic", "flow" or "all".</summary>
    public string Engine(ParseResult parsed)
    {
        var fabric = Fabric.IsGiven(parsed);
        if (parsed.GetValue(engine) is not { } name) return fabric ? "flow" : "analytic";
        SimulateCommand.EngineOf(name, "traces", "analytic", "flow", "packet", "all");
        return name == "analytic" && fabric ? throw new InputException("--engine analytic plays on the network of --network-configuration, and a fabric is given too; expected one of them, or --engine flow, packet or all") : name;
    }

    /// <summary>The option of fabrics that was given, if one was.</summary>
    public string? FabricOnly(ParseResult parsed) => parsed.GetValue(collectives) is not null ? collectives.Name : parsed.GetValue(sustained) ? sustained.Name : null;

    /// <summary>How collectives are done, as the command line says it.</summary>
    public string How(ParseResult parsed, bool configured) => parsed.GetValue(collectives) ?? (configured ? "ring" : "auto");

    /// <summary>Whether links give what libraries sustain of them.</summary>
    public bool IsSustained(ParseResult parsed) => parsed.GetValue(sustained);

    /// <summary>How a library does collectives: the algorithm that is forced, if one is, and whether links give what is sustained of them; null: no library does.</summary>
    public (CollectiveAlgorithm? Forced, bool Sustained)? Choice(ParseResult parsed, bool configured)
    {
        var (name, real) = (How(parsed, configured), IsSustained(parsed));
        if (name == "ring") return real ? throw new InputException("--sustained goes with collectives as a library does them: --collectives auto, or an algorithm") : null;
        if (name == "auto") return (null, real);
        static string Key(CollectiveAlgorithm a) => a == CollectiveAlgorithm.Ring ? "rings" : SimulateCollective.KeyOf(a);
        var known = CollectiveAlgorithm.All;
        return (known.FirstOrDefault(a => Key(a) == name) ?? throw new InputException($"--collectives: there is no way '{name}' to do them{Nearest.Hint(name, ["auto", "ring", .. known.Select(Key)])}"), real);
    }

    public TraceSharing Sharing(ParseResult parsed, TraceNetwork shape) => parsed.GetValue(sharing) switch
    {
        null => shape.Dimensions.Count == 1 ? TraceSharing.Aware : TraceSharing.Unaware,
        "aware" => TraceSharing.Aware,
        "unaware" => TraceSharing.Unaware,
        var other => throw new InputException($"--congestion: expected aware or unaware, found '{other}'{Nearest.Hint(other, Sharings)}"),
    };

    public TraceSystem Adjust(ParseResult parsed, TraceSystem read)
    {
        var factor = parsed.GetValue(scale) is not { } text ? 1
            : double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var value) && value is >= 0 and <= 1e9 ? value
            : throw new InputException($"--injection-scale: expected a number of 0 or more, found '{text}'");
        return read with
        {
            Queues = parsed.GetValue(queues) is { } count ? LinkInput.Count("--num-queues-per-dim", count, 1, 1024) : read.Queues,
            EndpointNanoseconds = (long)(read.EndpointNanoseconds * factor),
            Rendezvous = parsed.GetValue(rendezvous) switch
            {
                null or "false" => false,
                "true" => true,
                var other => throw new InputException($"--rendezvous-protocol: expected true or false, found '{other}'"),
            },
        };
    }
}

/// <summary>What became of a trace, and where.</summary>
/// <param name="Run">Its ranks.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Where">The network or the fabric.</param>
/// <param name="Graph">The fabric; null: it was ASTRA-sim's network.</param>
/// <param name="OnFabric">What its links carried.</param>
/// <param name="Packets">What became of packets, where they were played.</param>
sealed record TraceAnswer(TraceRun Run, string Engine, string Where, FabricGraph? Graph, FabricTraceRun? OnFabric, PacketTraceRun? Packets = null)
{
    /// <summary>How collectives were done, as the command line says it; null: on ASTRA-sim's network.</summary>
    public string? Collectives { get; init; }

    /// <summary>Whether links gave what libraries sustain of them.</summary>
    public bool Sustained { get; init; }
}
