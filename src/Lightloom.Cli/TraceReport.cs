using System.Globalization;
using Lightloom.Collectives.Traces;
using Lightloom.Interop.AstraSim;
using Lightloom.Planning;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>What became of a trace, for people and for machines.</summary>
static class TraceReport
{
    const int MostRanks = 16;
    const int MostLinks = 8;

    /// <summary>Whole where they are: "5542", "5542.5".</summary>
    public static string Nanoseconds(SimTime time) => (time.Picoseconds / 1000m).ToString(CultureInfo.InvariantCulture);

    public static void Write(TextReport report, AstraSimFiles files, TraceAnswer answer)
    {
        var run = answer.Run;
        report.Title($"{Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Workload))} on {answer.Where}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{run.RankCount:N0} ranks {(run.IsComplete ? "end" : "have come as far as")} after {Nanoseconds(run.Time)} ns ({run.Time.ToDuration()}). {run.Messages:N0} messages, " +
            $"{(run.Ranks.Count < run.RankCount ? "rank 0 standing for all, " : "")}{run.Events:N0} events." + (answer.Collectives is { } how ? $" Collectives: {how}{(answer.Sustained ? ", at what libraries sustain of links" : "")}." : ""));
        report.Table(["rank", ">ends, ns", ">computes, ns", ">communicates, ns", ">exposed, ns"], run.Ranks.Take(MostRanks).Select((r, i) => new[]
        {
            run.Ranks.Count == 1 && run.RankCount > 1 ? "each" : $"{i}", r.End is { } end ? Nanoseconds(end) : "", Nanoseconds(r.Compute), Nanoseconds(r.Communication), r.Exposed is { } exposed ? Nanoseconds(exposed) : "",
        }));
        if (run.Ranks.Count > MostRanks) report.Say($"and {run.Ranks.Count - MostRanks:N0} more ranks; --json has all", 2);
        if (answer.Packets is { } packets)
        {
            report.Heading("Packets");
            report.Table(["", ">number"], Packets(packets).Select(c => new[] { c.Name, c.Value.ToString("N0", CultureInfo.InvariantCulture) }));
        }
        if (answer is not { Graph: { } graph, OnFabric: { } made }) return;
        var links = Enumerable.Range(0, 2 * graph.Links).Where(d => made.LinkBytes[d] > 0).OrderByDescending(made.LoadOf).ThenBy(d => d).Take(MostLinks).ToList();
        if (links.Count == 0)
        {
            report.Say("All messages stay within systems: no link of the fabric carries any.");
            return;
        }
        report.Heading("The fullest links, over the whole time");
        report.Table(["from", "to", ">carried", ">load"], links.Select(d => new[]
        {
            graph.NameOf(SimulateReport.End(graph, d, false)), graph.NameOf(SimulateReport.End(graph, d, true)), DataSize.FromBytes(made.LinkBytes[d]).ToString(), $"{made.LoadOf(d):0.000}",
        }));
    }

    static (string Name, string Field, long Value)[] Packets(PacketTraceRun run) => PacketReport.Counts(run.Packets);

    public static string Json(AstraSimFiles files, TraceAnswer answer) => EvaluationJson.Text(json =>
    {
        var run = answer.Run;
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("trace", Path.GetFileName(Path.TrimEndingDirectorySeparator(files.Workload)));
        json.WriteString("engine", answer.Engine);
        json.WriteString("network", answer.Where);
        if (answer.Collectives is { } how)
        {
            json.WriteString("collectives", how);
            json.WriteBoolean("sustained", answer.Sustained);
        }
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("ranks", run.RankCount);
        json.WriteBoolean("oneForAll", run.Ranks.Count < run.RankCount);
        json.WriteNumber("messages", run.Messages);
        json.WriteNumber("events", run.Events);
        json.WriteNumber("time_ns", run.Time.Picoseconds / 1000m);
        if (answer.Packets is { } packets)
        {
            json.WriteStartObject("packets");
            foreach (var (_, field, value) in Packets(packets)) json.WriteNumber(field, value);
            json.WriteEndObject();
        }
        json.WriteStartArray("rankResults");
        for (var r = 0; r < run.RankCount; r++)
        {
            var rank = run.Of(r);
            json.WriteStartObject();
            json.WriteNumber("rank", r);
            if (rank.End is { } end) json.WriteNumber("end_ns", end.Picoseconds / 1000m);
            else json.WriteNull("end_ns");
            json.WriteNumber("compute_ns", rank.Compute.Picoseconds / 1000m);
            json.WriteNumber("communication_ns", rank.Communication.Picoseconds / 1000m);
            if (rank.Exposed is { } exposed) json.WriteNumber("exposed_ns", exposed.Picoseconds / 1000m);
            else json.WriteNull("exposed_ns");
            json.WriteNumber("nodes", rank.Nodes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        if (answer is { Graph: { } graph, OnFabric: { } made })
        {
            json.WriteStartArray("links");
            for (var d = 0; d < 2 * graph.Links; d++)
            {
                if (made.LinkBytes[d] == 0) continue;
                json.WriteStartObject();
                json.WriteString("from", graph.NameOf(SimulateReport.End(graph, d, false)));
                json.WriteString("to", graph.NameOf(SimulateReport.End(graph, d, true)));
                json.WriteNumber("carried_bytes", made.LinkBytes[d]);
                json.WriteNumber("meanLoad", made.LoadOf(d));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndObject();
    });
}
