using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Cli;

/// <summary><c>lightloom train memory DESIGN [--json] [--plot FILE]</c>: memory of each pipeline stage by class, and what makes a job fit.</summary>
static class TrainMemoryCommand
{
    // Mends beyond these cost more than they tell.
    const int MostMends = 12;

    static readonly MemoryClass[] Classes = Enum.GetValues<MemoryClass>();

    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML), with a job" };
        var json = new Option<bool>("--json") { Description = "print JSON, with units in the fields' names" };
        var plot = new Option<string?>("--plot") { Description = "draw the memory of each stage to a .svg or .png file", HelpName = "file" };
        var command = new Command("memory", "Memory of an accelerator on each pipeline stage, by class; whether the job fits, and what mends it cheapest.") { design, json, plot };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            if (parsed.GetValue(plot) is { } picture) PlotFile.CheckName(picture);
            var evaluation = new Evaluator().Evaluate(ModelInput.LoadDesign(parsed.GetValue(design)!));
            if (evaluation.Outcome is not { } outcome) throw new InputException("'train memory' looks at a training step, and the design has no job");
            var name = evaluation.Build.Document.Design.Name;
            var (operation, step) = (evaluation.Operation!, outcome.Step);
            var stages = operation.StageMemory(step);
            if (parsed.GetValue(plot) is { } file) MemoryPlot.Save(file, name, stages, operation.Capacity);
            if (parsed.GetValue(json)) output.WriteLine(Json(name, operation, step, stages));
            else Write(output, name, operation, step, stages);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, string name, ClusterOperation operation, in TrainingStep step, IReadOnlyList<MemoryUse> stages)
    {
        var report = new TextReport(output);
        var (capacity, worst, p) = (operation.Capacity, step.Memory, step.Job.Parallelism);
        report.Title($"{name}: memory of a training step");
        report.Say($"{step.Job.Model.Model.Name} on {step.Job.Accelerators:N0} accelerators: tensor {p.Tensor}, context {p.Context}, expert {p.Expert}, pipeline {p.Pipeline} of {step.Interleave} " +
            $"{(step.Interleave == 1 ? "chunk" : "chunks")}, data {step.Job.DataParallel:N0}, {DocumentShape.NameOf(p.Sharding)}, microbatches of {p.MicroBatch}, recomputation {DocumentShape.NameOf(step.Recompute)}, " +
            $"the states of {DocumentShape.NameOf(step.Job.Memory.Stack)}.");
        var room = capacity - worst.Total;
        report.Say(room >= DataSize.Zero
            ? $"It fits: stage {worst.Stage} needs {Gigabytes(worst.Total)} of {Gigabytes(capacity)} GB, fullest in {Moment(worst.Moment)}; {Gigabytes(room)} GB are left."
            : $"It does not fit: stage {worst.Stage} needs {Gigabytes(worst.Total)} of {Gigabytes(capacity)} GB, fullest in {Moment(worst.Moment)}; {Gigabytes(worst.Total - capacity)} GB are missing.");

        report.Heading("Stages, GB");
        var shown = Classes.Where(c => stages.Any(s => s[c] > DataSize.Zero)).ToList();
        var groups = Alike(stages);
        report.Table(["", .. groups.Select(g => $">{(g.First == g.Last ? $"stage {g.First}" : $"{g.First}-{g.Last}")}")], shown
            .Select(c => new[] { MemoryNames.Name(c) }.Concat(groups.Select(g => Gigabytes(stages[g.First][c]))).ToArray())
            .Append(["needed", .. groups.Select(g => Gigabytes(stages[g.First].Total))])
            .Append(["a tool would show", .. groups.Select(g => Gigabytes(CachingAllocator.Measured(stages[g.First], MemoryMeasure.PeakUsed, capacity)))])
            .Append(["fullest in", .. groups.Select(g => MemoryNames.Name(stages[g.First].Moment))]));

        if (groups.Sum(g => g.Last - g.First + 1) < stages.Count) report.Say("Stages between those are left out; --json has all.");

        var block = operation.BlockOf(step);
        report.Heading($"Kept of {(step.Job.Model.Model.Pattern is not null ? "the fullest layer" : step.Job.Model.Model.Experts is null ? "one block" : "one mixture block")} and microbatch, MB");
        report.Table(["tensor", ">MB", ">share"], Enum.GetValues<KeptTensor>().Where(t => block[t] > 0)
            .Select(t => new[] { MemoryNames.Name(t), Megabytes(block[t]), EvaluationReport.Tenths(block[t] / block.All) })
            .Append(["sum", Megabytes(block.All), ""])
            .Append([$"kept with recomputation {DocumentShape.NameOf(step.Recompute)}", Megabytes(block.Kept(step.Recompute)), EvaluationReport.Tenths(block.Kept(step.Recompute) / block.All)]));

        if (step.Job.Memory.UsesHost)
        {
            var host = operation.HostOf(step);
            report.Say($"The host's memory holds {Gigabytes(host.Held)} GB for each accelerator of stage {worst.Stage}; a step sends {Gigabytes(host.Out)} GB out and {Gigabytes(host.Back)} GB back, " +
                $"of which {host.Seen.ToString("G3")} is seen" + (host.Needed > Bandwidth.Zero ? $"; activations need {host.Needed.ToString("G3 GB/s")} each way to stay hidden." : "."));
        }

        var (mends, time, now) = (operation.Mends(), step.Time, step.Recompute);
        report.Heading(room >= DataSize.Zero ? "What would leave more room" : "What makes it fit, cheapest first");
        if (mends.Count == 0)
        {
            report.Say(operation.MendMemory() ?? "Nothing that was tried.");
            return;
        }
        report.Table(["change", ">saves, GB", ">needs, GB", ">host, GB", ">step", ">costs", ""], mends.Take(MostMends).Select(m => new[]
        {
            m.Say + Left(m, now), Gigabytes(m.Saves), Gigabytes(m.Step.Memory.Total), m.Host.Held > DataSize.Zero ? Gigabytes(m.Host.Held) : "", m.Step.Time.ToString("G3"), Signed(m.Costs / time),
            m.Fits ? "fits" : "too much",
        }));
        if (mends.Count > MostMends) report.Say($"{mends.Count - MostMends} more save memory; --json lists all.");
        if (room < DataSize.Zero && !mends[0].Fits) report.Say($"None of these is enough; {operation.MendMemory() ?? "nothing that was tried is"}.");
    }

    /// <summary>What else changes by itself where the job leaves recomputation open.</summary>
    static string Left(MemoryMend mend, Recomputation now) =>
        mend.Step.Job.Parallelism.Recompute is null && mend.Step.Recompute != now ? $"; recomputation {DocumentShape.NameOf(mend.Step.Recompute)}" : "";

    static string Moment(MemoryMoment moment) => moment switch
    {
        MemoryMoment.Loss => "the loss",
        MemoryMoment.Output => "the backward pass of the output layer",
        MemoryMoment.Embedding => "the backward pass of the embedding",
        MemoryMoment.Optimizer => "the optimiser's update",
        _ => "the backward pass of a block",
    };

    /// <summary>Runs of stages that need the same.</summary>
    static List<(int First, int Last)> Alike(IReadOnlyList<MemoryUse> stages)
    {
        var runs = new List<(int First, int Last)>();
        for (var i = 0; i < stages.Count; i++)
        {
            if (runs.Count > 0 && Classes.All(c => Math.Abs((stages[i][c] - stages[runs[^1].First][c]).Gigabytes) < 0.005)) runs[^1] = (runs[^1].First, i);
            else runs.Add((i, i));
        }
        // A table has room for so many; the ends and the fullest say most.
        if (runs.Count <= 6) return runs;
        var fullest = runs.MaxBy(r => stages[r.First].Total.Bytes);
        return [.. runs.Where((r, i) => i < 2 || i > runs.Count - 3 || r == fullest || i == runs.Count / 2)];
    }

    static string Gigabytes(DataSize size) => size.Gigabytes.ToString("0.00", CultureInfo.InvariantCulture);

    static string Megabytes(double bytes) => (bytes / 1e6).ToString("0.0", CultureInfo.InvariantCulture);

    static string Signed(double share) => (100 * share).ToString("+0.0;-0.0;0.0", CultureInfo.InvariantCulture) + " %";

    static string Json(string name, ClusterOperation operation, TrainingStep step, IReadOnlyList<MemoryUse> stages) => EvaluationJson.Text(json =>
    {
        var capacity = operation.Capacity;
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("model", step.Job.Model.Model.Key);
        json.WriteNumber("accelerators", step.Job.Accelerators);
        json.WriteNumber("capacity_GB", capacity.Gigabytes);
        json.WriteBoolean("fits", step.Memory.Total <= capacity);
        json.WriteNumber("fullestStage", step.Memory.Stage);
        json.WriteString("recompute", DocumentShape.NameOf(step.Recompute));
        json.WriteNumber("chunks", step.Interleave);
        json.WriteNumber("time_s", step.Time.Seconds);
        json.WriteStartArray("stages");
        foreach (var stage in stages)
        {
            json.WriteStartObject();
            json.WriteNumber("stage", stage.Stage);
            json.WriteNumber("total_GB", stage.Total.Gigabytes);
            json.WriteString("fullestAt", DocumentShape.NameOf(stage.Moment));
            json.WriteStartObject("classes_GB");
            foreach (var kind in Classes) json.WriteNumber(MemoryNames.Key(kind), stage[kind].Gigabytes);
            json.WriteEndObject();
            json.WriteNumber("host_GB", stage.Host.Gigabytes);
            json.WriteNumber("peakAllocated_GB", CachingAllocator.Measured(stage, MemoryMeasure.PeakAllocated, capacity).Gigabytes);
            json.WriteNumber("peakReserved_GB", CachingAllocator.Measured(stage, MemoryMeasure.PeakReserved, capacity).Gigabytes);
            json.WriteNumber("peakUsed_GB", CachingAllocator.Measured(stage, MemoryMeasure.PeakUsed, capacity).Gigabytes);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        var block = operation.BlockOf(step);
        json.WriteStartObject("block_B");
        foreach (var tensor in Enum.GetValues<KeptTensor>().Where(t => t != KeptTensor.Scan || step.Job.Model.StateSpaceLayers > 0)) json.WriteNumber(JsonNamingPolicy.CamelCase.ConvertName(tensor.ToString()), block[tensor]);
        json.WriteNumber("all", block.All);
        json.WriteNumber("kept", block.Kept(step.Recompute));
        json.WriteEndObject();
        var host = operation.HostOf(step);
        json.WriteStartObject("host");
        json.WriteNumber("held_GB", host.Held.Gigabytes);
        json.WriteNumber("out_GB", host.Out.Gigabytes);
        json.WriteNumber("back_GB", host.Back.Gigabytes);
        json.WriteNumber("needed_GBps", host.Needed.GigabytesPerSecond);
        json.WriteNumber("seen_s", host.Seen.Seconds);
        json.WriteEndObject();
        json.WriteStartArray("mends");
        foreach (var mend in operation.Mends())
        {
            json.WriteStartObject();
            json.WriteString("change", mend.Say);
            json.WriteStartObject("settings");
            foreach (var (key, value) in mend.Settings) json.WriteString(key, value);
            json.WriteEndObject();
            json.WriteBoolean("fits", mend.Fits);
            json.WriteString("recompute", DocumentShape.NameOf(mend.Step.Recompute));
            json.WriteNumber("total_GB", mend.Step.Memory.Total.Gigabytes);
            json.WriteNumber("saves_GB", mend.Saves.Gigabytes);
            json.WriteNumber("time_s", mend.Step.Time.Seconds);
            json.WriteNumber("costs_s", mend.Costs.Seconds);
            json.WriteNumber("host_GB", mend.Host.Held.Gigabytes);
            json.WriteNumber("hostNeeded_GBps", mend.Host.Needed.GigabytesPerSecond);
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });
}
