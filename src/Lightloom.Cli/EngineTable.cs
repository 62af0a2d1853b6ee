using Lightloom.Planning;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>What one engine says.</summary>
/// <param name="Engine">The engine.</param>
/// <param name="What">What it counts.</param>
/// <param name="Time">Its answer.</param>
sealed record EngineAnswer(string Engine, string What, Duration Time)
{
    public EngineAnswer(INetworkEngine engine, EngineRun run)
        : this(engine.Name, engine.Counts, run.Time)
    {
    }
}

/// <summary>Something that engines answer differently.</summary>
/// <param name="What">What it is.</param>
/// <param name="Times">The answer of each engine, in their order.</param>
sealed record EngineDifference(string What, IReadOnlyList<Duration> Times);

/// <summary>Engines' answers side by side, and where they part.</summary>
static class EngineTable
{
    public static void Write(TextWriter output, string title, IReadOnlyList<EngineAnswer> answers, bool asJson, string? why = null, IReadOnlyList<EngineDifference>? differences = null)
    {
        if (asJson)
        {
            output.WriteLine(Json(title, answers, differences ?? []));
            return;
        }
        var report = new TextReport(output);
        report.Title(title);
        report.Table(["engine", "", ">time", ">to the last"], answers.Select(a => new[] { a.Engine, a.What, $"{a.Time}", Ratio(a.Time, answers[^1].Time) }));
        if (why is not null) report.Say(why);
        if (differences is not { Count: > 0 }) return;
        report.Heading("Where they part");
        report.Table(["", .. answers.Select(a => $">{a.Engine}")], differences.Select(d => new[] { d.What }.Concat(d.Times.Select(t => $"{t}")).ToList()));
    }

    static string Ratio(Duration time, Duration last) => last > Duration.Zero ? FormattableString.Invariant($"{time / last:0.000}") : "";

    static string Json(string title, IReadOnlyList<EngineAnswer> answers, IReadOnlyList<EngineDifference> differences) => EvaluationJson.Text(json =>
    {
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("name", title);
        json.WriteStartArray("engines");
        foreach (var answer in answers)
        {
            json.WriteStartObject();
            json.WriteString("engine", answer.Engine);
            json.WriteString("counts", answer.What);
            json.WriteNumber("time_s", answer.Time.Seconds);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteStartArray("differences");
        foreach (var difference in differences)
        {
            json.WriteStartObject();
            json.WriteString("what", difference.What);
            json.WriteStartArray("times_s");
            foreach (var time in difference.Times) json.WriteNumberValue(time.Seconds);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
