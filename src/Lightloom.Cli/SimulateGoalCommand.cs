using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Goal;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Messages;

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
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var command = new Command("goal", "A GOAL trace message by message: LogGOPS with hashed matching, on a network without contention.")
        {
            file, latency, overhead, gap, gapPerByte, overheadPerByte, eager, csv, export, json,
        };
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
            var name = parsed.GetValue(file)!;
            var program = Program(name);
            if (parsed.GetValue(export) is { } other) SimulateExport.Write(other, program);
            var run = CommandRunner.Interruptible(stop => MessageSimulation.Run(program, parameters, stop));
            if (parsed.GetValue(csv) is { } table)
            {
                OutputFile.Write(table, writer =>
                {
                    writer.WriteLine("rank,end_ns");
                    for (var r = 0; r < program.Ranks; r++) writer.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{r},{Nanoseconds(run.RankEnds[r])}"));
                });
            }
            if (parsed.GetValue(json)) output.WriteLine(Json(name, run));
            else Report(new(output), Path.GetFileName(name), run);
            return run.IsComplete ? CommandRunner.Success : SimulateCommand.Interrupted;
        }));
        return command;
    }

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

    static void Report(TextReport report, string name, MessageRun run)
    {
        report.Title($"{name}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{run.Program.Ranks:N0} ranks, {run.Program.Count:N0} operations and {run.Messages:N0} messages end after {Nanoseconds(run.Time)} ns.");
        var ends = run.RankEnds.Order().ToList();
        report.Table(["rank", ">ends, ns"], [["first", Nanoseconds(ends[0])], ["half of them", Nanoseconds(ends[(ends.Count - 1) / 2])], ["last", Nanoseconds(ends[^1])]]);
    }

    static string Json(string name, MessageRun run) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("file", Path.GetFileName(name));
        json.WriteString("engine", "message");
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("ranks", run.Program.Ranks);
        json.WriteNumber("operations", run.Program.Count);
        json.WriteNumber("messages", run.Messages);
        json.WriteNumber("events", run.Events);
        json.WriteNumber("time_ns", run.Time.Picoseconds / 1000m);
        json.WriteEndObject();
    });
}
