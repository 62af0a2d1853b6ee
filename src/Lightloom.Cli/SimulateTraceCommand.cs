using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;
using Lightloom.Fabric;
using Lightloom.Interop.AstraSim;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>
/// <c>lightloom simulate trace TRACE --network FILE --system-configuration FILE</c>: a Chakra trace on the network of ASTRA-sim's analytical
/// backends, or with <c>--design</c> or <c>--topology</c> on a fabric, flow by flow.
/// </summary>
static class SimulateTraceCommand
{
    public static Command Make()
    {
        var options = new TraceOptions();
        var command = new Command("trace", "An execution trace (Chakra) on ASTRA-sim's network, with its cycles, or on a fabric, flow by flow.");
        options.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output => Run(output, parsed, options)));
        return command;
    }

    static int Run(TextWriter output, ParseResult parsed, TraceOptions options)
    {
        var files = options.Files(parsed).WithNeighbours();
        var onFabric = options.Engine(parsed) == "flow";
        if (!onFabric && files.Network is null) throw new InputException("expected a network: --network-configuration FILE (YAML), or a fabric: --design FILE, or --topology NAME --systems N");
        if (!onFabric && files.System is null) throw new InputException("expected a system configuration: --system-configuration FILE (JSON)");
        var inputs = files.Read();
        var nodes = parsed.GetValue(options.Csv) is null ? null : new List<(int Rank, TraceNode Node, SimTime Begin, SimTime End)>();
        Action<int, TraceNode, SimTime, SimTime>? ended = nodes is null ? null : (rank, node, begin, end) => nodes.Add((rank, node, begin, end));
        var answer = SimulateCommand.Interruptible(stop => Play(parsed, options, inputs, onFabric, new() { Stop = stop, Ended = ended }));
        if (nodes is not null) OutputFile.Write(parsed.GetValue(options.Csv)!, writer => WriteNodes(writer, nodes));
        if (parsed.GetValue(options.Json)) output.WriteLine(TraceReport.Json(files, answer));
        else TraceReport.Write(new(output), files, answer);
        return answer.Run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
    }

    static TraceAnswer Play(ParseResult parsed, TraceOptions options, AstraSimInputs inputs, bool onFabric, TraceRunOptions run)
    {
        if (!onFabric)
        {
            var sharing = options.Sharing(parsed, inputs.Network!);
            var system = options.Adjust(parsed, inputs.System!);
            return new(TraceSimulation.Run(inputs.Trace, system, inputs.Network!, sharing, run), "analytic", sharing == TraceSharing.Aware ? "congestion-aware" : "congestion-unaware", null, null);
        }
        var (name, graph, links) = options.Fabric.Build(parsed);
        var shape = inputs.Network ?? new([new(TraceBlock.Switch, inputs.Trace.Ranks, 1, 0)]);
        try
        {
            var system = options.Adjust(parsed, inputs.System ?? Usual(graph));
            var made = FabricTrace.Run(inputs.Trace, system, shape, graph, options.Fabric.Routing(parsed), options.Fabric.Paths(parsed), TrafficSimulation.Latency(graph, links), run);
            return new(made.Run, "flow", name, graph, made);
        }
        catch (FabricException e)
        {
            throw new InputException($"--{e.Field}: {e.Message}");
        }
    }

    // Rings of everybody in one piece, on accelerators as the catalogue has them.
    static TraceSystem Usual(FabricGraph graph) => new()
    {
        EndpointNanoseconds = 0,
        Algorithms = new[] { TraceCollective.AllReduce, TraceCollective.AllGather, TraceCollective.ReduceScatter, TraceCollective.AllToAll }
            .ToDictionary(c => c, c => (IReadOnlyList<TraceAlgorithm>)[new TraceAlgorithm(c == TraceCollective.AllToAll ? TraceMethod.Direct : TraceMethod.Ring)]),
        MemoryBandwidth = graph.Plan.Request.System.Accelerator.MemoryBandwidth.Value.GigabytesPerSecond,
    };

    static void WriteNodes(TextWriter writer, List<(int Rank, TraceNode Node, SimTime Begin, SimTime End)> nodes)
    {
        writer.WriteLine("rank,node,name,kind,bytes,begin_ns,end_ns");
        foreach (var (rank, node, begin, end) in nodes)
        {
            var name = node.Name.AsSpan().IndexOfAny(",\"\n\r") < 0 ? node.Name : $"\"{node.Name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{rank},{node.Id},{name},{node.Kind},{node.Bytes},{TraceReport.Nanoseconds(begin)},{TraceReport.Nanoseconds(end)}"));
        }
    }
}

/// <summary>What is asked for on the command line; the long names are those of ASTRA-sim's own command line.</summary>
sealed class TraceOptions
{
    static readonly string[] Engines = ["analytic", "flow", "packet"];
    static readonly string[] Sharings = ["aware", "unaware"];

    readonly Argument<string?> trace = new("trace") { Description = "the prefix of a trace's files (PREFIX.0.et, ...), one of them, or a folder with all files of a run", Arity = ArgumentArity.ZeroOrOne };
    readonly Option<string?> workload = Named("--workload-configuration", "the trace, as ASTRA-sim's command line names it", "prefix");
    readonly Option<string?> network = Named("--network-configuration", "the network (YAML)", "file", "--network");
    readonly Option<string?> system = Named("--system-configuration", "the system configuration (JSON)", "file");
    readonly Option<string?> memory = Named("--remote-memory-configuration", "remote memory (JSON)", "file", "--memory");
    readonly Option<string?> groups = Named("--comm-group-configuration", "communicator groups (JSON)", "file", "--groups");
    readonly Option<string?> queues = Named("--num-queues-per-dim", "queues of a dimension; 1 unless given", "number");
    readonly Option<string?> scale = Named("--injection-scale", "what the endpoint delay is multiplied by; 1 unless given", "number");
    readonly Option<string?> sharing = Named("--congestion", "aware: links serve one message after the other (one dimension); unaware: none waits; aware where the network has one dimension unless given", "kind");
    readonly Option<string?> engine = Named("--engine", "analytic: the network of ASTRA-sim's closed forms; flow: a fabric, max-min fair. By what else is given unless this is", "name");

    public Option<string?> Csv { get; } = Named("--csv", "write every node: rank, node, name, kind, bytes, begin_ns, end_ns", "file");

    public Option<bool> Json { get; } = new("--json") { Description = "print JSON, with units in the fields' names" };

    public SimulateFabric Fabric { get; } = new();

    static Option<string?> Named(string name, string description, string help, params string[] aliases) => new(name, aliases) { Description = description, HelpName = help };

    public void AddTo(Command command)
    {
        command.Add(trace);
        foreach (var option in new[] { workload, network, system, memory, groups, queues, scale, sharing, engine, Csv }) command.Add(option);
        Fabric.AddTo(command);
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

    /// <summary>"analytic" or "flow".</summary>
    public string Engine(ParseResult parsed)
    {
        var fabric = Fabric.IsGiven(parsed);
        if (parsed.GetValue(engine) is not { } name) return fabric ? "flow" : "analytic";
        if (!Engines.Contains(name, StringComparer.Ordinal)) throw new InputException($"--engine: there is no engine '{name}'{Nearest.Hint(name, Engines)}");
        if (name == "packet") throw new InputException("--engine packet: the packet engine doesn't play traces yet; expected analytic or flow");
        if (name == "analytic" && fabric) throw new InputException("--engine analytic plays on the network of --network-configuration, and a fabric is given too; expected one of them, or --engine flow");
        return name;
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
        };
    }
}

/// <summary>What became of a trace, and where.</summary>
/// <param name="Run">Its ranks.</param>
/// <param name="Engine">The engine.</param>
/// <param name="Where">The network or the fabric.</param>
/// <param name="Graph">The fabric; null: it was ASTRA-sim's network.</param>
/// <param name="OnFabric">What its links carried.</param>
sealed record TraceAnswer(TraceRun Run, string Engine, string Where, FabricGraph? Graph, FabricTraceRun? OnFabric);
