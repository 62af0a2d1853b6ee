using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Cli;

/// <summary>A step by several engines: their answers side by side, where they part and why, and what none of them plays.</summary>
static class TrainEngineReport
{
    const double Alike = 0.001;

    public static void Write(TextReport report, StepTimeline closed, IReadOnlyList<EngineStep> steps, bool damaged)
    {
        report.Heading("Engines");
        report.Table(["engine", "what it counts", ">step", ">to closed form"], new[] { new[] { "analytic", "closed form of each collective at the rates that are sustained", closed.Length.ToString("G4"), "1.000" } }
            .Concat(steps.Select(s => new[] { s.Engine.Name, s.Engine.Counts, s.Timeline.Length.ToString("G4"), FormattableString.Invariant($"{s.Timeline.Length / closed.Length:0.000}") })));
        foreach (var step in steps.Where(s => !s.IsComplete)) report.Say($"PARTIAL: {step.Engine.Name} was stopped; what it hadn't played counts in closed form.");

        report.Heading("Collectives of the step, all groups at once");
        var rows = Rows(steps);
        report.Table(["group", "collective", ">size", ">groups of ranks", ">closed form", .. steps.Select(s => $">{s.Engine.Name}")], rows.Select(r => new[]
        {
            Name(r[0].Group), DocumentShape.NameOf(r[0].Collective.Kind), r[0].Collective.Size.ToString("G4"), FormattableString.Invariant($"{r[0].Collective.Groups:N0} x {r[0].Collective.Ranks:N0}"),
            r[0].Collective.Closed.Total.ToString("G4"),
        }.Concat(r.Select(p => p.Collective.Played is null ? "not played" : p.Collective.Total.ToString("G4"))).ToList()));

        if (steps.Any(s => s.Together.Any(t => t.Overlap is not null)))
        {
            report.Heading("Different groups at once");
            report.Table(["engine", "of the data group", "beside", ">takes of its time", ">the other of its own"], steps.SelectMany(s => s.Together.Where(t => t.Overlap is not null).Select(t => new[]
            {
                s.Engine.Name, $"{DocumentShape.NameOf(t.Data.Collective.Kind)}", $"{DocumentShape.NameOf(t.Rival.Collective.Kind)} by {Name(t.Rival.Group)} groups",
                FormattableString.Invariant($"{t.Overlap!.Value.Data:0.00}"), FormattableString.Invariant($"{t.Overlap.Value.Rival:0.00}"),
            })));
            report.Say("While both run, over alone: 1 is none of the other's links, 2 half of each.");
        }

        report.Heading("Where they part");
        foreach (var (play, engine) in rows.SelectMany(r => r.Select((p, i) => (Play: p, steps[i].Engine)))
            .Where(p => p.Play.Collective.Played is not null).OrderByDescending(p => p.Play.Collective.Apart).Where((p, i) => i == 0 || p.Play.Collective.Apart > 0.02))
            report.Say($"- {Name(play.Group)} groups, {PlayedLine.Of(engine, play.Collective)}", 2);
        var parts = Enum.GetValues<StepPart>().Where(p => steps.Any(s => Math.Abs(s.Timeline.Step[p].Seconds - closed.Step[p].Seconds) > Alike * closed.Length.Seconds)).ToList();
        if (parts.Count > 0) report.Table(["of the step", ">closed form", .. steps.Select(s => $">{s.Engine.Name}")],
            parts.Select(p => new[] { StepParts.Name(p, closed.Step.Job.Model), closed.Step[p].ToString("G4") }.Concat(steps.Select(s => s.Timeline.Step[p].ToString("G4"))).ToList()));

        report.Heading("Not simulated");
        foreach (var note in Notes(closed, steps, damaged)) report.Say($"- {note}", 2);
    }

    public static void Json(Utf8JsonWriter json, IReadOnlyList<EngineStep> steps)
    {
        json.WriteStartArray("engines");
        foreach (var step in steps)
        {
            json.WriteStartObject();
            json.WriteString("engine", step.Engine.Name);
            json.WriteString("counts", step.Engine.Counts);
            json.WriteBoolean("complete", step.IsComplete);
            json.WriteNumber("time_s", step.Timeline.Length.Seconds);
            json.WriteStartArray("collectives");
            foreach (var (group, play) in step.Plays)
            {
                json.WriteStartObject();
                json.WriteString("group", Name(group));
                json.WriteString("collective", DocumentShape.NameOf(play.Kind));
                json.WriteNumber("size_bytes", play.Size.Bytes);
                json.WriteNumber("ranks", play.Ranks);
                json.WriteNumber("groups", play.Groups);
                PlayedLine.Write(json, play);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("together");
            foreach (var (data, rival, overlap, why) in step.Together)
            {
                json.WriteStartObject();
                json.WriteString("group", Name(data.Group));
                json.WriteString("collective", DocumentShape.NameOf(data.Collective.Kind));
                json.WriteString("beside_group", Name(rival.Group));
                json.WriteString("beside_collective", DocumentShape.NameOf(rival.Collective.Kind));
                if (overlap is { } both)
                {
                    json.WriteNumber("over_alone", both.Data);
                    json.WriteNumber("beside_over_alone", both.Rival);
                }
                else
                {
                    json.WriteString("not_played", why);
                }
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    // All engines are asked for the same collectives, in the same order.
    static List<StepPlay[]> Rows(IReadOnlyList<EngineStep> steps) => [.. Enumerable.Range(0, steps[0].Plays.Count).Select(i => steps.Select(s => s.Plays[i]).ToArray())];

    static IEnumerable<string> Notes(StepTimeline closed, IReadOnlyList<EngineStep> steps, bool damaged)
    {
        if (damaged) yield return "what is down (fabric.failed): the closed form counts it, engines play the whole fabric; 'simulate' has --fail, --flap and --degrade";
        yield return "computation, the optimiser and the host: as the step model has them; so are launches, the software of messages and the filling of pipelines";
        yield return "groups of different kinds that communicate at once, but for the data group's beside others: one after the other";
        foreach (var step in steps)
            foreach (var (data, rival, overlap, why) in step.Together.Where(t => t.Overlap is null))
                yield return $"{step.Engine.Name}: {DocumentShape.NameOf(data.Collective.Kind)} by {Name(data.Group)} groups beside {DocumentShape.NameOf(rival.Collective.Kind)} by {Name(rival.Group)} groups: {why}; " +
                    (rival.Group == StepGroup.Pipeline ? "each counts as if alone" : "they halve each other's links, as in the closed form");
        if (closed.Step.Job.Parallelism is { Pipeline: > 1 }) yield return "when sends between stages meet: all stages send to the next at once, the last to the first";
        if (closed.Step.Job.Parallelism is { Expert: > 1 }) yield return "exchanges of tokens by kernels that send one copy to each domain: closed form, where these are faster than all-to-alls";
        foreach (var step in steps)
            foreach (var (group, play) in step.Plays.Where(p => p.Collective.Played is null))
                yield return $"{step.Engine.Name}: {DocumentShape.NameOf(play.Kind)} of {play.Size.ToString("G4")} by {Name(group)} groups: {play.NotPlayed}";
    }

    static string Name(StepGroup group) => DocumentShape.NameOf(group);
}
