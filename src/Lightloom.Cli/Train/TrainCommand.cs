using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Planning.Engines;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Cli;

/// <summary><c>lightloom train DESIGN [--json] [--trace FILE.json] [--plot FILE] [--jitter SHARE]</c>: a step as it passes on each pipeline rank; and the other commands of <c>train</c>.</summary>
static class TrainCommand
{
    // About a gigabyte of trace, and more than any viewer opens.
    const long MostOperations = 4_000_000;

    const string Timeline = "timeline";

    public static Command Make()
    {
        var design = new Argument<string?>("design") { Description = "the design document (YAML), with a job; with --system or --design a launch file of another program", Arity = ArgumentArity.ZeroOrOne };
        var words = new Argument<string[]>("words") { Description = "what stands behind a launch file, see 'train import'", Arity = ArgumentArity.ZeroOrMore };
        var import = new ImportCommandOptions();
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var trace = new Option<string?>("--trace") { Description = "write the step as a Chrome trace, for Perfetto or chrome://tracing", HelpName = "file.json" };
        var plot = new Option<string?>("--plot") { Description = $"draw the step to a .svg or .png file; '{Timeline}' is {Timeline}.svg", HelpName = "file" };
        var jitter = new Option<string?>("--jitter") { Description = "mean delay of one rank in a step, as a share of it (0.1%); none unless given", HelpName = "share" };
        var export = new Option<string?>("--export") { Description = StepTraceExport.Description, HelpName = "name.et" };
        var seed = new Option<string?>("--seed") { Description = "what the delays of --jitter in --export, and chances of packets, are drawn from; 1 unless given", HelpName = "number" };
        var command = new Command("train", "A training step played out on its pipeline: where it goes, the critical path, what each stage does.")
        {
            design, words, json, trace, plot, jitter, export, seed,
        };
        var engines = new EngineInput(seed);
        import.AddTo(command);
        engines.AddTo(command);
        command.Add(TrainModelCommand.Make());
        command.Add(TrainSearchCommand.Make());
        command.Add(TrainPlacementCommand.Make());
        command.Add(TrainFitCommand.Make());
        command.Add(TrainMemoryCommand.Make());
        command.Add(TrainSitesCommand.Make());
        command.Add(TrainImportCommand.Make());
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var picture = parsed.GetValue(plot) is Timeline ? Timeline + ".svg" : parsed.GetValue(plot);
            if (picture is not null) PlotFile.CheckName(picture);
            var late = Jitter(parsed.GetValue(jitter));
            var asked = engines.Asked(parsed, "a step");
            var traces = parsed.GetValue(export);
            if (traces is not null) StepTraceExport.Check(traces);
            var draw = parsed.GetValue(seed) is { } text ? FabricRouteCommand.Seed("--seed", text) : 1;
            if (parsed.GetValue(seed) is not null && !asked.Packet && (traces is null || late.MeanShare.Si == 0)) throw new InputException("--seed is of use with --export and --jitter, or with --engine packet or all, alone");
            // Alone --design names what is trained; beside a launch file the cluster that it runs on.
            var (launched, path) = parsed.GetValue(design) is { } first ? (import.Given(parsed), first)
                : (false, import.DesignAlone(parsed) ?? throw new InputException("'train' expects a design document, or 'train model' and a model"));
            var behind = parsed.GetValue(words) ?? [];
            if (!launched && behind.Length > 0) throw new InputException($"'{behind[0]}': 'train' expects one design document; a launch file needs --system or --design");
            var evaluation = new Evaluator().Evaluate(launched ? import.Read(parsed, path, behind).Document() : ModelInput.LoadDesign(path));
            if (evaluation.Outcome is not { } outcome) throw new InputException("'train' plays a training step out, and the design has no job");
            var job = outcome.Step.Job;
            var operations = 3L * job.Parallelism.Pipeline * outcome.Step.Interleave * job.MicroBatches;
            if (operations > MostOperations)
                throw new InputException($"the step has {operations:N0} operations on its pipeline; at most {MostOperations:N0} are played out: larger microbatches or fewer sequences a step");
            var closed = evaluation.Operation!.PlayOut(outcome.Step, late);
            var steps = asked is (false, false) ? [] : Play(engines, parsed, asked, evaluation, outcome.Step, late);
            var timeline = steps is [.., var finest] ? finest.Timeline : closed;
            var name = evaluation.Build.Document.Design.Name;
            if (parsed.GetValue(trace) is { } file)
            {
                using var memory = new MemoryStream();
                ChromeTrace.Write(memory, timeline, name);
                OutputFile.Write(file, memory.ToArray());
            }
            if (picture is not null) StepPlot.Save(picture, name, timeline.Step);
            var nodes = traces is null ? (long?)null : StepTraceExport.Write(traces, evaluation, outcome.Step, late, draw);
            if (parsed.GetValue(json)) output.WriteLine(Json(name, outcome.Step, timeline, steps, nodes));
            else Write(output, name, outcome.Step, timeline, closed, steps, evaluation.Build.Document.Design.Fabric.Failed != new FailedSection());
            if (nodes is { } many && !parsed.GetValue(json))
                new TextReport(output).Say($"Written as {job.Accelerators:N0} traces of {many:N0} nodes together, {traces![..^3]}.0.et and on: 'simulate trace {traces[..^3]} --design FILE' plays them.");
            return steps.All(s => s.IsComplete) ? CommandRunner.Success : SimulateCommand.Interrupted;
        }));
        return command;
    }

    static IReadOnlyList<EngineStep> Play(EngineInput input, ParseResult parsed, (bool Flow, bool Packet) asked, Evaluation evaluation, TrainingStep step, RankJitter late)
    {
        var graph = EngineInput.Graph(evaluation.Build.Plan);
        return CommandRunner.Interruptible(stop => input.Engines(parsed, asked, graph, evaluation.Build.Links).Select(e => evaluation.Operation!.PlayOut(step, graph, e, late, stop)).ToList());
    }

    // What is left of sums that cancel is nothing.
    static string Whole(Duration time) => (time < Duration.FromNanoseconds(1) ? Duration.Zero : time).ToString("G3");

    static RankJitter Jitter(string? text)
    {
        if (text is null) return default;
        if (!Quantity.TryParse<Ratio>(text, out var share, out var problem)) throw new InputException($"--jitter: {problem}");
        return share.Si is >= 0 and <= 1 ? new(share) : throw new InputException($"--jitter: expected a share from 0 to 100 %, found '{text}'");
    }

    static void Write(TextWriter output, string name, in TrainingStep predicted, StepTimeline timeline, StepTimeline closed, IReadOnlyList<EngineStep> steps, bool damaged)
    {
        var report = new TextReport(output);
        var step = timeline.Step;
        var (p, times) = (step.Job.Parallelism, step.Pipeline);
        report.Title($"{name}: a training step");
        report.Say($"{step.Job.Model.Model.Name} on {step.Job.Accelerators:N0} accelerators: {DocumentShape.NameOf(times.Schedule!.Value)}, {times.Stages} {(times.Stages == 1 ? "stage" : "stages")} of " +
            $"{times.Interleave} {(times.Interleave == 1 ? "chunk" : "chunks")}, {times.MicroBatches:N0} microbatches of {p.MicroBatch}; recomputation {DocumentShape.NameOf(step.Recompute)}.");
        report.Say($"Played out {timeline.Length.ToString("G4")}" +
            (predicted.Pipeline.Costs is null ? $" ({predicted.Time.ToString("G4")} by the closed form that evaluate uses)" : "") +
            $"; {step.Job.GlobalBatch * (double)step.Job.Sequence / timeline.Length.Seconds / 1e6:G3} M tokens/s.");

        if (steps.Count > 0) TrainEngineReport.Write(report, closed, steps, damaged);
        report.Heading(steps is [.., var last] ? $"Critical path by the {last.Engine.Name} engine" : "Critical path");
        report.Table(["part", "what would shorten it", ">time", ">share", ""], timeline.CriticalPath.Select(s => new[]
        {
            StepTimeline.Name(s.Part), s.Resource, s.Time.ToString("G3"), EvaluationReport.Tenths(s.Time / timeline.Length),
            new string('#', (int)Math.Round(s.Time / timeline.Length * 40)),
        }));
        var byResource = timeline.CriticalPath.GroupBy(s => s.Resource).Select(g => (Name: g.Key, Share: g.Sum(s => s.Time / timeline.Length))).OrderByDescending(g => g.Share);
        report.Say($"The path is {string.Join(", ", byResource.Select(g => $"{EvaluationReport.Tenths(g.Share)} {g.Name}"))}.");

        var busiest = timeline.Stages.MaxBy(s => s.Busy.Seconds);
        report.Say($"Stage {busiest.Rank} works longest, {busiest.Busy.ToString("G3")}: beyond that the pipeline's bubble costs {Whole(step[StepPart.PipelineBubble])} " +
            $"({EvaluationReport.Tenths(step[StepPart.PipelineBubble] / timeline.Length)} of the step; more microbatches or another schedule would shorten it) and its sends " +
            $"{step[StepPart.PipelineCommunication].ToString("G3")}.");
        if (step.Job.Model.Model.Experts is not null && step[StepPart.HostWait] / timeline.Length > 0.01)
            report.Say($"It waits {step[StepPart.HostWait].ToString("G3")} for the host ({EvaluationReport.Tenths(step[StepPart.HostWait] / timeline.Length)} of the step), which launches experts once it knows their tokens: " +
                "more tokens in a microbatch, a recorded iteration (graphs: iteration) or room that is fixed (expertCapacity) would end that.");

        report.Heading("Stages");
        report.Table([">stage", ">busy", ">waits in the pipeline", ">of the step", ">computes", ">microbatches kept"], timeline.Stages.Select(s => new[]
        {
            s.Rank.ToString(CultureInfo.InvariantCulture), s.Busy.ToString("G4"), s.Waiting.ToString("G3"), EvaluationReport.Tenths(s.Waiting / timeline.Length), EvaluationReport.Tenths(s.Computing.Si),
            s.PeakMicroBatches.ToString("0.##", CultureInfo.InvariantCulture),
        }));
    }

    static string Json(string name, in TrainingStep predicted, StepTimeline timeline, IReadOnlyList<EngineStep> steps, long? nodes)
    {
        var step = timeline.Step;
        var form = predicted.Pipeline.Costs is null ? predicted.Time.Seconds : double.NaN;
        return EvaluationJson.Text(json =>
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteString("model", step.Job.Model.Model.Key);
            json.WriteNumber("accelerators", step.Job.Accelerators);
            json.WriteString("schedule", DocumentShape.NameOf(step.Pipeline.Schedule!.Value));
            json.WriteNumber("stages", step.Pipeline.Stages);
            json.WriteNumber("chunks", step.Pipeline.Interleave);
            json.WriteNumber("microBatches", step.Pipeline.MicroBatches);
            json.WriteNumber("time_s", timeline.Length.Seconds);
            if (double.IsFinite(form)) json.WriteNumber("closedForm_s", form);
            json.WriteNumber("pipeline_s", timeline.PipelineTime.Seconds);
            json.WriteNumber("bubble_s", step[StepPart.PipelineBubble].Seconds);
            json.WriteNumber("send_s", timeline.Pipeline.Costs.Send);
            if (timeline.Exchange.Seconds > 0) json.WriteNumber("exchange_s", timeline.Exchange.Seconds);
            json.WriteNumber("data_s", timeline.Data.Seconds);
            json.WriteNumber("optimizer_s", timeline.Optimizer.Seconds);
            json.WriteNumber("jitter_s", timeline.Jitter.Seconds);
            if (nodes is { } written) json.WriteNumber("traceNodes", written);
            json.WriteStartArray("criticalPath");
            foreach (var share in timeline.CriticalPath)
            {
                json.WriteStartObject();
                json.WriteString("part", StepTimeline.Key(share.Part));
                json.WriteString("resource", share.Resource);
                json.WriteNumber("time_s", share.Time.Seconds);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("stageUse");
            foreach (var stage in timeline.Stages)
            {
                json.WriteStartObject();
                json.WriteNumber("stage", stage.Rank);
                json.WriteNumber("busy_s", stage.Busy.Seconds);
                json.WriteNumber("waiting_s", stage.Waiting.Seconds);
                json.WriteNumber("computingShare", stage.Computing.Si);
                json.WriteNumber("microBatchesKept", stage.PeakMicroBatches);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (steps.Count > 0) TrainEngineReport.Json(json, steps);
            json.WriteEndObject();
        });
    }
}
