using System.CommandLine;
using System.Diagnostics;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Planning;
using Lightloom.Planning.Engines;
using Lightloom.Workloads;

namespace Lightloom.Cli;

/// <summary>The engines that are to answer beside the closed form: <c>--engine</c>, and what each of them is told.</summary>
sealed class EngineInput
{
    // Seconds each.
    const long MostPackets = 4_000_000;

    static readonly string[] Names = ["analytic", "flow", "packet", "all"];

    readonly Option<string?> engine = new("--engine")
    {
        Description = "analytic: closed form, unless given; flow: collectives play on the fabric, max-min fair; packet: in packets, with queues, large ones extrapolated from smaller; all: the three side by side",
        HelpName = "name",
    };
    readonly FlowPathInput paths = new();
    readonly PacketInput packets;
    readonly Option<bool> progress = new("--progress") { Description = "say on the error output what each engine has played, how long that took, and the memory" };

    /// <param name="seed">The option that seeds, where a command has it for more than packets.</param>
    public EngineInput(Option<string?>? seed = null) => packets = new(seed, withSamples: false);

    public void AddTo(Command command)
    {
        command.Add(engine);
        paths.AddTo(command);
        packets.AddTo(command);
        command.Add(progress);
    }

    /// <summary>Which engines were asked for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="what">What is to be played, for messages.</param>
    /// <exception cref="InputException">There is no such engine, or an option is of use with another one alone.</exception>
    public (bool Flow, bool Packet) Asked(ParseResult parsed, string what)
    {
        var name = SimulateCommand.EngineOf(parsed.GetValue(engine), what, Names);
        var asked = (Flow: name is "flow" or "all", Packet: name is "packet" or "all");
        if (!asked.Flow && paths.Given(parsed) is { } path) throw new InputException($"{path} is of use with --engine flow or all alone");
        if (!asked.Packet && packets.FirstGiven(parsed) is { } stray) throw new InputException($"{stray} is of use with --engine packet or all alone");
        return asked;
    }

    /// <summary>The engines that were asked for, on a fabric.</summary>
    public IReadOnlyList<INetworkEngine> Engines(ParseResult parsed, (bool Flow, bool Packet) asked, FabricGraph graph, IReadOnlyList<LinkSummary>? links)
    {
        var engines = new List<INetworkEngine>();
        if (asked.Flow) engines.Add(new FlowNetworkEngine(graph, links, paths.Routing(parsed), paths.Paths(parsed)));
        if (asked.Packet) engines.Add(new PacketNetworkEngine(graph, links, packets.Read(parsed), MostPackets));
        return parsed.GetValue(progress) ? [.. engines.Select(e => new TellingEngine(e))] : engines;
    }

    /// <summary>The fabric of a plan, link by link.</summary>
    /// <exception cref="InputException">It is too large.</exception>
    public static FabricGraph Graph(FabricPlan plan)
    {
        if (plan.LinkCount > CollectiveLimits.MostLinks) throw new InputException($"--engine: a fabric of {plan.LinkCount:N0} links is too large to be played link by link; the most is {CollectiveLimits.MostLinks:N0}");
        try
        {
            return FabricGraph.Of(plan);
        }
        catch (FabricException e)
        {
            throw new InputException($"--engine: {e.Message}");
        }
    }

    /// <summary>An engine that says what it has played.</summary>
    sealed class TellingEngine(INetworkEngine engine) : INetworkEngine
    {
        public string Name => engine.Name;

        public string Counts => engine.Counts;

        public bool CountsHeaders => engine.CountsHeaders;

        public bool PlaysDomains => engine.PlaysDomains;

        public EngineRun Run(EngineTask task, CancellationToken stop = default)
        {
            var start = Stopwatch.GetTimestamp();
            var run = engine.Run(task, stop);
            var (took, memory) = (Stopwatch.GetElapsedTime(start).TotalSeconds, Process.GetCurrentProcess().PeakWorkingSet64 / 1e6);
            Console.Error.WriteLine(FormattableString.Invariant($"{Name}: {task.Schedule.Name} of {task.Size}, {task.Groups.Count:N0} x {task.Schedule.Layout.Ranks:N0} ranks, {task.SendCount:N0} sends: {run.Time} played in {took:0.000} s; peak memory {memory:N0} MB"));
            return run;
        }

        public StepOverlap Together(EngineTask first, EngineTask second, CancellationToken stop = default)
        {
            var start = Stopwatch.GetTimestamp();
            var both = engine.Together(first, second, stop);
            Console.Error.WriteLine(FormattableString.Invariant($"{Name}: {first.Schedule.Name} beside {second.Schedule.Name}: {both.Data:0.00} and {both.Rival:0.00} of their times played in {Stopwatch.GetElapsedTime(start).TotalSeconds:0.000} s"));
            return both;
        }
    }
}
