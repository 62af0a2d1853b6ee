using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Simulation.Flows;
using Lightloom.Simulation.Scenarios;
using Lightloom.Simulation.Traffic;

namespace Lightloom.Cli;

/// <summary>
/// <c>lightloom simulate PATTERN --design DESIGN</c>: traffic on a design's fabric, played flow by flow;
/// <c>lightloom simulate scenario NAME [--csv OUT]</c>: cases that other simulators have played too.
/// </summary>
static class SimulateCommand
{
    /// <summary>What a shell gives a program that Ctrl-C ended.</summary>
    public const int Interrupted = 130;

    static readonly string[] Engines = ["analytic", "flow", "packet", "all"];

    public static Command Make()
    {
        var command = SimulatePatternCommand.Make();
        command.Add(Scenario());
        command.Add(SimulateGoalCommand.Make());
        command.Add(SimulateTraceCommand.Make());
        return command;
    }

    /// <summary>The command line with the word that a trace needs: <c>simulate FILE ...</c> becomes <c>simulate trace FILE ...</c> or <c>simulate goal FILE ...</c>.</summary>
    /// <exception cref="InputException">What is to be simulated looks like a file and is neither a pattern nor a trace.</exception>
    public static string[] WithWord(string[] args)
    {
        if (args is not ["simulate", var what, ..] || what.StartsWith('-') || what.EndsWith(".cm", StringComparison.OrdinalIgnoreCase) || Words.Contains(what, StringComparer.Ordinal)) return args;
        var name = what.Split(':', 2)[0];
        if (SendList.Patterns.Contains(name, StringComparer.Ordinal) || SimulateCollective.Names.Contains(name, StringComparer.Ordinal)) return args;
        if (TraceFile.WordOf(what) is { } word) return ["simulate", word, .. args[1..]];
        var there = File.Exists(what) || Directory.Exists(what);
        if (there || what.AsSpan().IndexOfAny('/', '\\', '.') >= 0)
        {
            throw new InputException($"'{what}' is neither a pattern nor a trace: {(there ? "it doesn't begin as a GOAL trace or a workload of SimAI does" : "there is no such file")}, and there are no files {what}.0.et, ... of a Chakra trace; " +
                $"patterns are {string.Join(", ", SendList.Patterns)}, collectives {string.Join(", ", SimulateCollective.Names)}, and matrices of htsim end in .cm");
        }
        return args;
    }

    static readonly string[] Words = ["scenario", "goal", "trace"];

    /// <summary>The engine's option, read by <see cref="EngineOf"/>.</summary>
    public static Option<string?> Engine(string description = "flow: exact max-min fair sharing (unless given); packet: queues and transports") => new("--engine") { Description = description, HelpName = "name" };

    /// <summary>The engine that is asked for; the first of those that can do it unless one is.</summary>
    /// <param name="name">What was asked for.</param>
    /// <param name="what">What is to be played, for messages.</param>
    /// <param name="able">Engines that can.</param>
    public static string EngineOf(string? name, string what, params ReadOnlySpan<string> able)
    {
        if (name is null) return able[0];
        if (!Engines.Contains(name, StringComparer.Ordinal)) throw new InputException($"--engine: there is no engine '{name}'{Nearest.Hint(name, Engines)}");
        return able.Contains(name) ? name : throw new InputException($"--engine {name}: it doesn't play {what}; expected {string.Join(" or ", able.ToArray())}");
    }

    /// <summary>Twelve digits and more: what tells two simulators apart.</summary>
    public static string Seconds(double seconds) => double.IsNaN(seconds) ? "" : seconds.ToString("R", CultureInfo.InvariantCulture);

    static Command Scenario()
    {
        var name = new Argument<string>("name")
        {
            Description = "permN, permNo, shiftN, a2aN, a2aNo, ringN with the number of hosts, or lmmF with that of flows; with --engine packet one, permN, incastN, a2aN, ringN or a matrix FILE.cm of htsim",
        };
        var packets = new SimulateScenarioPackets();
        var csv = new Option<string?>("--csv") { Description = "write every flow: src,dst,bytes,finish_s; of packets begin_s too", HelpName = "file" };
        var one = new Option<bool>("--one-by-one") { Description = "don't take flows together that are alike; the answer is the same" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var engine = Engine();
        var command = new Command("scenario", "A named case of flows, such as perm1024, for comparison with other simulators.") { name, csv, one, engine, json };
        packets.AddTo(command);
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (EngineOf(parsed.GetValue(engine), "scenarios", "flow", "packet") == "packet")
            {
                if (parsed.GetValue(one)) throw new InputException("--one-by-one is of use with flows alone; packets are always one by one");
                return packets.Run(output, parsed, parsed.GetValue(name)!, parsed.GetValue(csv), parsed.GetValue(json));
            }
            if (packets.FirstGiven(parsed) is { } given) throw new InputException($"{given} is of use with --engine packet alone");
            var options = new FlowOptions { Grouping = parsed.GetValue(one) ? FlowGrouping.OneByOne : FlowGrouping.WhereAlike };
            var run = CommandRunner.Interruptible(stop => FlowScenario.Find(parsed.GetValue(name)!).Run(options with { Stop = stop }));
            if (parsed.GetValue(csv) is { } file) OutputFile.Write(file, writer => WriteFlows(writer, run));
            if (parsed.GetValue(json)) output.WriteLine(Json(run));
            else Report(new(output), run);
            return run.IsComplete ? CommandRunner.Success : Interrupted;
        }));
        return command;
    }

    static void WriteFlows(TextWriter writer, ScenarioRun run)
    {
        writer.WriteLine("src,dst,bytes,finish_s");
        for (var f = 0L; f < run.Scenario.Flows; f++)
        {
            var (source, destination) = run.Scenario.EndsOf(f);
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{source},{destination},{run.Scenario.BytesOf(f)},{Seconds(run.FinishOf(f))}"));
        }
    }

    static (double Least, double Mean, double Most, long Arrived) Completions(ScenarioRun run)
    {
        var (least, most, sum, arrived) = (double.PositiveInfinity, 0.0, 0.0, 0L);
        for (var f = 0L; f < run.Scenario.Flows; f++)
        {
            var t = run.FinishOf(f);
            if (double.IsNaN(t)) continue;
            (least, most, sum, arrived) = (Math.Min(least, t), Math.Max(most, t), sum + t, arrived + 1);
        }
        return arrived == 0 ? (0, 0, 0, 0) : (least, sum / arrived, most, arrived);
    }

    static void Report(TextReport report, ScenarioRun run)
    {
        var (least, mean, most, arrived) = Completions(run);
        report.Title($"Scenario {run.Scenario.Name}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say(FormattableString.Invariant($"{char.ToUpperInvariant(run.Scenario.Description[0])}{run.Scenario.Description[1..]}. {arrived:N0} of {run.Scenario.Flows:N0} flows arrived."));
        report.Table(["completion", ">s"], [["first", Seconds(least)], ["mean", Seconds(mean)], ["last", Seconds(most)]]);
        report.Say(FormattableString.Invariant($"Played as {run.Classes:N0} {(run.Classes == 1 ? "flow" : "flows")} in {run.Batches:N0} moments, {run.Decisions:N0} rates decided."));
    }

    static string Json(ScenarioRun run) => EvaluationJson.Text(json =>
    {
        var (least, mean, most, arrived) = Completions(run);
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("scenario", run.Scenario.Name);
        json.WriteString("engine", "flow");
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("flows", run.Scenario.Flows);
        json.WriteNumber("arrived", arrived);
        json.WriteNumber("classes", run.Classes);
        json.WriteNumber("moments", run.Batches);
        json.WriteNumber("firstCompletion_s", least);
        json.WriteNumber("meanCompletion_s", mean);
        json.WriteNumber("lastCompletion_s", most);
        json.WriteEndObject();
    });
}
