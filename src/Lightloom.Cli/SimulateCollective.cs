using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Planning;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Packets;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Cli;

/// <summary><c>lightloom simulate all-reduce[:ALGORITHM] ...</c>: a collective's schedule, played flow by flow or packet by packet.</summary>
static class SimulateCollective
{
    static readonly IReadOnlyDictionary<string, CollectiveKind> Kinds = new Dictionary<string, CollectiveKind>(StringComparer.Ordinal)
    {
        ["all-reduce"] = CollectiveKind.AllReduce,
        ["all-gather"] = CollectiveKind.AllGather,
        ["reduce-scatter"] = CollectiveKind.ReduceScatter,
        ["all-to-all"] = CollectiveKind.AllToAll,
        ["broadcast"] = CollectiveKind.Broadcast,
        ["reduce"] = CollectiveKind.Reduce,
        ["gather"] = CollectiveKind.Gather,
        ["scatter"] = CollectiveKind.Scatter,
    };

    /// <summary>The names of collectives.</summary>
    public static IEnumerable<string> Names => Kinds.Keys;

    /// <summary>What is asked for, or null where a pattern among cards is: "all-to-all" is one, "all-to-all:direct" a collective.</summary>
    /// <exception cref="InputException">There is no such algorithm.</exception>
    public static (CollectiveKind Kind, CollectiveAlgorithm Algorithm)? Parse(string text)
    {
        var parts = text.Split(':', 2);
        if (!Kinds.TryGetValue(parts[0], out var kind) || (parts.Length == 1 && kind == CollectiveKind.AllToAll)) return null;
        if (parts.Length == 1) return (kind, kind is CollectiveKind.Gather or CollectiveKind.Scatter ? CollectiveAlgorithm.Binomial : CollectiveAlgorithm.Ring);
        var algorithms = CollectiveAlgorithm.All;
        return (kind, algorithms.FirstOrDefault(a => KeyOf(a) == parts[1]) ?? throw new InputException($"'{text}': there is no algorithm '{parts[1]}'{Nearest.Hint(parts[1], [.. algorithms.Select(KeyOf)])}"));
    }

    /// <summary>What an algorithm is called on the command line: "in-switch-tree".</summary>
    public static string KeyOf(CollectiveAlgorithm algorithm) => algorithm.Name.ToLowerInvariant().Replace(' ', '-');

    public static int Run(TextWriter output, string name, FabricGraph graph, IReadOnlyList<LinkSummary>? links, (CollectiveKind Kind, CollectiveAlgorithm Algorithm) asked, DataSize size, int ranks,
        IRouting routing, LoadOptions paths, FlowOptions play, PacketOptions packets, Action<PacketRun> seen, string engine, string? export, bool json)
    {
        var task = EngineTask.Of(graph, asked.Kind, asked.Algorithm, size, ranks);
        if (export is not null) SimulateExport.Write(export, SendList.Of(task.Schedule.Expand()), ranks);
        EngineRun Play(INetworkEngine by) => CommandRunner.Interruptible(stop => by.Run(task, stop));
        var analytic = new AnalyticEngine(graph, links, routing);
        if (engine == "analytic")
        {
            EngineTable.Write(output, $"{name}: {NameOf(asked.Kind)} by {asked.Algorithm.Name}", [new(analytic, analytic.Run(task))], json);
            return CommandRunner.Success;
        }
        var byPacket = new PacketNetworkEngine(graph, links, CollectivePackets.OptionsOf(task, packets));
        var packet = engine is "packet" or "all" ? Play(byPacket).Packets : null;
        if (packet is not null) seen(packet.Run);
        if (engine == "packet")
        {
            if (json) output.WriteLine(PacketReport.Json(packet!.Run, packet.Fabric, null, packet));
            else PacketReport.Write(new(output), packet!.Run, packet.Fabric, null, packet);
            return packet.Run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
        }
        var byFlow = new FlowNetworkEngine(graph, links, routing, paths, play);
        var played = Play(byFlow);
        var run = played.Flows!;
        if (packet is not null)
        {
            var closed = analytic.Run(task);
            EngineAnswer[] answers = [new(analytic, closed), new(byFlow, played), new(byPacket.Name, byPacket.Counts, packet.Time)];
            EngineTable.Write(output, $"{name}: {NameOf(asked.Kind)} by {asked.Algorithm.Name}", answers, json, $"{Why(closed.Time, run.Time)} {WhyPackets(run.Time, packet)}");
            return run.IsComplete && packet.Run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
        }
        if (json) output.WriteLine(Json(name, run, asked, ranks, routing));
        else Write(new(output), name, run, asked, ranks, routing);
        return run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
    }

    static string Why(Duration analytic, Duration flow)
    {
        var more = flow / analytic - 1;
        return more > 0.02 ? "Flows take longer: several share links, or wait for the slowest of a step."
            : more < -0.02 ? "Flows take less: the closed form charges the longest way to each message, and steps that overlap one after the other."
            : "They agree within 2 %.";
    }

    static string WhyPackets(Duration flow, CollectivePackets packet) =>
        packet.Time / flow - 1 > 0.02 ? FormattableString.Invariant($"Packets take longer: headers, stores and forwards, queues ({packet.Run.Marks:N0} marked, {packet.Run.Trims + packet.Run.Drops:N0} trimmed or lost).")
            : packet.Time / flow - 1 < -0.02 ? "Packets take less: channels that flows keep in step fall out of it, and one sends while another waits for what comes."
            : "Packets agree with flows within 2 %.";

    static string NameOf(CollectiveKind kind) => Kinds.First(k => k.Value == kind).Key;

    static void Write(TextReport report, string name, CollectiveSimulation run, (CollectiveKind Kind, CollectiveAlgorithm Algorithm) asked, int ranks, IRouting routing)
    {
        report.Title($"{name}: {NameOf(asked.Kind)} by {asked.Algorithm.Name}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{run.Size} among {ranks:N0} ranks, {run.Schedule.StepCount:N0} steps and {run.Schedule.SendCount:N0} sends of {run.Schedule.TotalBytes} together, under {routing.Name} routing.");
        report.Table(["", ">"], [["time", run.Time.ToString()], ["size over time", run.AlgorithmBandwidth.ToString("G4")]]);
        report.Say($"Played as {run.Classes:N0} in {run.Moments:N0} moments{(run.SkippedSteps > 0 ? $"; {run.SkippedSteps:N0} steps repeat others and were skipped" : "")}. " +
            "Bandwidth and latency of links alone: no launch, no protocol, no reduction.");
    }

    static string Json(string name, CollectiveSimulation run, (CollectiveKind Kind, CollectiveAlgorithm Algorithm) asked, int ranks, IRouting routing) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", name);
        json.WriteString("collective", NameOf(asked.Kind));
        json.WriteString("algorithm", asked.Algorithm.Name);
        json.WriteString("engine", "flow");
        json.WriteString("routing", routing.Name);
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("ranks", ranks);
        json.WriteNumber("size_bytes", run.Size.Bytes);
        json.WriteNumber("steps", run.Schedule.StepCount);
        json.WriteNumber("sends", run.Schedule.SendCount);
        json.WriteNumber("skippedSteps", run.SkippedSteps);
        json.WriteNumber("classes", run.Classes);
        json.WriteNumber("moments", run.Moments);
        json.WriteNumber("time_s", run.Time.Seconds);
        json.WriteNumber("algorithmBandwidth_GBps", run.AlgorithmBandwidth.GigabytesPerSecond);
        json.WriteEndObject();
    });
}
