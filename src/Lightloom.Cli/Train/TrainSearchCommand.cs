using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Cli;

/// <summary><c>lightloom train search DESIGN [--top N] [--json] [--plot FILE]</c>: the best parallelism of a design's job, and what it beats.</summary>
static class TrainSearchCommand
{
    const int MostTop = 1000;

    // A step of half the speed is no longer a choice.
    const double FrontierWithin = 2;

    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML), with a job; with 'parallelism: { choice: auto, tensor: 8 }' what is given stays" };
        var top = new Option<int>("--top") { Description = "combinations of degrees to list, the fastest first", DefaultValueFactory = _ => 10, HelpName = "n" };
        var threads = new Option<int?>("--threads") { Description = "threads, as many as processors unless given; the answer is the same", HelpName = "n" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw time against memory to a .svg or .png file", HelpName = "file" };
        var command = new Command("search", "Search the whole space of parallelism of a design's job: the fastest that fits, choices between time and memory, why the second loses.")
        {
            design, top, threads, json, plot,
        };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            var count = parsed.GetValue(top);
            if (count is < 1 or > MostTop) throw new InputException($"--top: expected a whole number from 1 to {MostTop:N0}, found '{count}'");
            if (parsed.GetValue(threads) is { } wanted && wanted is < 1 or > 1024) throw new InputException($"--threads: expected a whole number from 1 to 1,024, found '{parsed.GetValue(threads)}'");
            // The second is what the best is compared with.
            var options = new SearchOptions { Top = Math.Max(2, count), FrontierWithin = FrontierWithin, Threads = parsed.GetValue(threads) ?? Environment.ProcessorCount };
            var search = CommandRunner.Interruptible(stop => new Evaluator().Search(ModelInput.LoadDesign(parsed.GetValue(design)!), options, stop));
            if (search is null) throw new InputException("the search was stopped before it had found anything");
            if (parsed.GetValue(plot) is { } drawing) SearchPlot.Save(drawing, search);
            if (parsed.GetValue(json)) output.WriteLine(Json(search, count));
            else Write(output, search, count);
            return CommandRunner.Success;
        }));
        return command;
    }

    static readonly string[] Columns = [">TP", ">CP", ">EP", ">PP", ">DP", ">microbatch", "sharding", "recompute", "schedule"];

    static string[] Degrees(in TrainingStep step)
    {
        var (job, p) = (step.Job, step.Job.Parallelism);
        string Number(int n) => n.ToString(CultureInfo.InvariantCulture);
        return
        [
            Number(p.Tensor) + (p.Tensor > 1 && !p.SequenceParallel ? " no SP" : ""), Number(p.Context), Number(p.Expert) + (p.ExpertTensor is { } split ? $" split {split}" : ""),
            p.Pipeline > 1 && step.Interleave > 1 ? $"{p.Pipeline}x{step.Interleave}" : Number(p.Pipeline), Number(job.DataParallel), Number(p.MicroBatch),
            Shared(p), DocumentShape.NameOf(step.Recompute) + (job.RecomputedBlocks is { } blocks && step.Recompute == Recomputation.Full ? $" {blocks}" : ""), p.Pipeline > 1 ? Schedule(step.Pipeline.Kind) : "",
        ];
    }

    // Who shares in sets says how large they are.
    static string Shared(in Parallelism p) => DocumentShape.NameOf(p.Sharding) + (p.Sharding != Sharding.None && p.ShardGroup is { } set ? string.Create(CultureInfo.InvariantCulture, $" of {set}") : "") +
        (p.Sharding == Sharding.Weights && !p.Reshard ? " kept" : "");

    // The long name would break every line.
    static string Schedule(PipelineKind kind) => kind == PipelineKind.Interleaved ? "interleaved" : DocumentShape.NameOf(kind);

    static void Write(TextWriter output, DesignSearch search, int count)
    {
        var report = new TextReport(output);
        var (result, job, capacity) = (search.Result, search.Operation.Job, search.Operation.Capacity);
        var (best, counts) = (result.Best, result.Counts);
        report.Title($"{search.Build.Document.Design.Name}: the parallelism of its job");
        report.Say($"{job.Model.Model.Name} on {job.Accelerators:N0} accelerators, {job.GlobalBatch:N0} sequences of {job.Sequence:N0} a step.");
        if (counts.Stopped) report.Say("Stopped: this is the best of what was looked at, not of everything.");
        report.Say($"{counts.Valid:N0} configurations keep every rule. Bounds left out {counts.Pruned:N0}; of {counts.Predicted:N0} predicted {counts.Slow:N0} were too slow to " +
            $"matter and {counts.Fitting:N0} of the others fit the memory of {capacity.Gigabytes:0.0} GB. {counts.Played:N0} steps were played out in pipeline schedules.");

        var fits = best.Memory.Total <= capacity;
        report.Heading(fits ? "The fastest that fit" : "None fits the memory; those that need least");
        report.Table([">step", ">slower", ">memory", .. Columns], result.Top.Take(count).Select(s => new[]
        {
            s.Time.ToString("G4"), s.Time == best.Time ? "" : EvaluationReport.Tenths((s.Time / best.Time) - 1), $"{s.Memory.Total.Gigabytes:0.0} GB",
        }.Concat(Degrees(s)).ToArray()));
        report.Say($"The best in a design: parallelism: {DesignSearch.Text(best)}", 2);
        if (search.Own is { } own)
        {
            var ratio = own.Time / best.Time;
            report.Say($"The design's own takes {own.Time.ToString("G4")} in {own.Memory.Total.Gigabytes:0.0} GB" +
                (own.Memory.Total > capacity ? ", which does not fit" : "") +
                (ratio > 1 ? $": {EvaluationReport.Tenths(ratio - 1)} more time than the best." : "."));
            if (ratio > 1) Lost(report, "What it loses", best, own);
        }

        if (result.RunnerUp is { } second) Lost(report, "Why the second loses", best, second);

        report.Heading($"Choices between time and memory, up to {FrontierWithin:0.#} times the best");
        var shown = Thinned(result.Frontier, capacity);
        report.Table([">step", ">memory", "fits", .. Columns], shown.Select(s => new[]
        {
            s.Time.ToString("G4"), $"{s.Memory.Total.Gigabytes:0.0} GB", s.Memory.Total <= capacity ? "yes" : "no",
        }.Concat(Degrees(s)).ToArray()));
        report.Say((shown.Count < result.Frontier.Count ? $"Of {result.Frontier.Count:N0} those that save a twentieth more memory; --json has all. " : "") +
            "Times here are the closed form's; the best above are played out in their schedules.");

        if (counts.Infeasible.Count == 0) return;
        report.Heading("Combinations of degrees that break a rule");
        report.Table([">combinations", "the first rule that they break"], counts.Infeasible.OrderByDescending(r => r.Count).Select(r => new[]
        {
            r.Count.ToString("N0", CultureInfo.InvariantCulture), JobRules.Say(r.Rule),
        }));
    }

    /// <summary>The first, the fastest that fits, the last, and between them those that save a twentieth of the memory.</summary>
    static List<TrainingStep> Thinned(IReadOnlyList<TrainingStep> frontier, DataSize capacity)
    {
        var shown = new List<TrainingStep>();
        for (var i = 0; i < frontier.Count; i++)
        {
            var size = frontier[i].Memory.Total;
            var first = size <= capacity && (i == 0 || frontier[i - 1].Memory.Total > capacity);
            if (i == 0 || i == frontier.Count - 1 || first || size <= 0.95 * shown[^1].Memory.Total) shown.Add(frontier[i]);
        }
        return shown;
    }

    static void Lost(TextReport report, string heading, in TrainingStep best, in TrainingStep other)
    {
        report.Heading(heading);
        var difference = other.Time - best.Time;
        var (step, model) = (best.Time.Seconds, best.Job.Model);
        report.Say($"{string.Join(", ", Named(other))}: {difference.ToString("G3")} more than the best.");
        report.Table(["part of the step", ">more than the best"], SearchResult.Compare(best, other).Where(l => Math.Abs(l.More.Seconds) > 1e-6 * step).Select(l => new[]
        {
            StepParts.Name(l.Part, model), (l.More > Duration.Zero ? "+" : "") + l.More.ToString("G3"),
        }));
    }

    static IEnumerable<string> Named(TrainingStep step) => Columns.Zip(Degrees(step)).Where(c => c.Second.Length > 0).Select(c => $"{c.First.TrimStart('>')} {c.Second}");

    static string Json(DesignSearch search, int count)
    {
        var (result, counts) = (search.Result, search.Result.Counts);
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("name", search.Build.Document.Design.Name);
            json.WriteString("model", search.Operation.Job.Model.Model.Key);
            json.WriteNumber("accelerators", search.Operation.Job.Accelerators);
            json.WriteNumber("capacity_GB", search.Operation.Capacity.Gigabytes);
            json.WriteStartObject("counts");
            json.WriteNumber("valid", counts.Valid);
            json.WriteNumber("pruned", counts.Pruned);
            json.WriteNumber("predicted", counts.Predicted);
            json.WriteNumber("slow", counts.Slow);
            json.WriteNumber("fitting", counts.Fitting);
            json.WriteNumber("played", counts.Played);
            json.WriteBoolean("stopped", counts.Stopped);
            json.WriteStartObject("infeasible");
            foreach (var (rule, number) in counts.Infeasible) json.WriteNumber(JobRules.Key(rule), number);
            json.WriteEndObject();
            json.WriteEndObject();
            Steps(json, "top", result.Top.Take(count), search);
            if (search.Own is { } own) Steps(json, "own", [own], search);
            if (result.RunnerUp is { } second)
            {
                json.WriteStartObject("runnerUpLoses_s");
                foreach (var (part, more) in SearchResult.Compare(result.Best, second)) json.WriteNumber(StepParts.Key(part), more.Seconds);
                json.WriteEndObject();
            }
            Steps(json, "frontier", result.Frontier, search);
            json.WriteEndObject();
        });
    }

    static void Steps(Utf8JsonWriter json, string name, IEnumerable<TrainingStep> steps, DesignSearch search)
    {
        json.WriteStartArray(name);
        foreach (var step in steps)
        {
            var (job, p) = (step.Job, step.Job.Parallelism);
            json.WriteStartObject();
            json.WriteNumber("time_s", step.Time.Seconds);
            json.WriteNumber("memory_GB", step.Memory.Total.Gigabytes);
            json.WriteBoolean("fits", step.Memory.Total <= search.Operation.Capacity);
            json.WriteNumber("tokensPerSecond", step.TokensPerSecond);
            json.WriteNumber("tensor", p.Tensor);
            json.WriteBoolean("sequenceParallel", p.SequenceParallel);
            json.WriteNumber("context", p.Context);
            json.WriteNumber("expert", p.Expert);
            json.WriteNumber("expertTensor", p.ExpertSplit);
            json.WriteNumber("pipeline", p.Pipeline);
            json.WriteNumber("interleave", step.Interleave);
            json.WriteString("schedule", DocumentShape.NameOf(step.Pipeline.Kind));
            json.WriteNumber("data", job.DataParallel);
            json.WriteNumber("microBatch", p.MicroBatch);
            json.WriteString("sharding", DocumentShape.NameOf(p.Sharding));
            if (p.ShardGroup is { } set && p.Sharding != Sharding.None) json.WriteNumber("shardGroup", set);
            json.WriteBoolean("reshard", p.Reshard);
            json.WriteString("recompute", DocumentShape.NameOf(step.Recompute));
            if (job.RecomputedBlocks is { } blocks && step.Recompute == Recomputation.Full) json.WriteNumber("recomputeBlocks", blocks);
            json.WriteString("parallelism", DesignSearch.Text(step));
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }
}
