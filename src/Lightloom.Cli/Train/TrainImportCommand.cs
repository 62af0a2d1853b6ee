using System.CommandLine;
using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Training;
using Lightloom.Planning;
using Lightloom.Workloads;

namespace Lightloom.Cli;

/// <summary>
/// <c>lightloom train import FILE [--system KEY | --design DESIGN] [--output DESIGN]</c>: a launch file of another program as a design, and what
/// became of each of its arguments.
/// </summary>
static class TrainImportCommand
{
    public static Command Make()
    {
        var file = new Argument<string>("file") { Description = "a launch script, a configuration or a list of arguments" };
        var words = new Argument<string[]>("words")
        {
            Description = "NAME=value for the script's environment, the script's own arguments, and behind -- arguments that are added to its launch",
            Arity = ArgumentArity.ZeroOrMore,
        };
        var options = new ImportCommandOptions();
        var output = new Option<string?>("--output") { Description = "write the design, and a model that the catalogue doesn't have beside it", HelpName = "design.yaml" };
        var json = new Option<bool>("--json") { Description = "print JSON" };
        var command = new Command("import", $"Read a launch file as a design: {string.Join(", ", TrainingImports.Kinds)}.") { file, words };
        options.AddTo(command);
        command.Add(output);
        command.Add(json);
        command.SetAction(parsed => CommandRunner.Guard(console =>
        {
            var design = options.Read(parsed, parsed.GetValue(file)!, parsed.GetValue(words) ?? []);
            // What can't be evaluated is not written.
            var evaluation = new Evaluator().Evaluate(design.Document());
            string? model = null;
            if (parsed.GetValue(output) is { } path)
            {
                if (Path.GetExtension(path) is not (".yaml" or ".yml")) throw new InputException($"--output: expected a file that ends in .yaml, found '{path}'");
                model = Path.ChangeExtension(path, ".model.yaml");
                if (design.ModelText is { } part) OutputFile.Write(model, writer => writer.Write(part));
                OutputFile.Write(path, writer => writer.Write(design.NamingModel(Path.GetFileName(model))));
            }
            if (parsed.GetValue(json)) console.WriteLine(Json(design, evaluation));
            else Write(console, design, evaluation, parsed.GetValue(output), design.ModelText is null ? null : model);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, ImportedDesign design, Evaluation evaluation, string? written, string? model)
    {
        var (report, job) = (new TextReport(output), design.Job);
        report.Title($"{Path.GetFileName(job.File)}: a launch of {job.Kind}");
        var size = new ModelSize(job.Model);
        report.Say($"{(size.Parameters / 1e9).ToString("#,0.##", CultureInfo.InvariantCulture)} billion parameters on {job.Accelerators:N0} accelerators, {job.GlobalBatch:N0} sequences of {job.Sequence:N0} tokens a step.");
        if (evaluation.Outcome is { } outcome)
        {
            report.Say($"A step is predicted to take {outcome.Step.Time.ToString("G4")}: {job.GlobalBatch * (double)job.Sequence / outcome.Step.Time.Seconds / job.Accelerators:N0} tokens/s for each accelerator; 'lightloom train' and 'evaluate' say more.");
        }
        if (evaluation.Outcome is { } fitting && evaluation.Operation is { } operation)
        {
            var (need, room) = (fitting.Step.Memory, operation.Capacity);
            report.Say($"Stage {need.Stage} needs {need.Total.Gigabytes.ToString("0.0", CultureInfo.InvariantCulture)} of the {room.Gigabytes.ToString("0.0", CultureInfo.InvariantCulture)} GB of an accelerator{(need.Total.Bytes > room.Bytes ? ", more than it has: 'lightloom train memory' says what mends it" : "")}.");
        }
        Arguments(report, job, "Taken into the job", job.Arguments.Where(a => a.Use == ArgumentUse.Used));
        Arguments(report, job, "Known, may change time or memory, not modelled", job.Arguments.Where(a => a.Use == ArgumentUse.NotModelled));
        Arguments(report, job, "Unknown", job.Arguments.Where(a => a.Use == ArgumentUse.Unknown));
        var without = job.Arguments.Where(a => a.Use == ArgumentUse.NoEffect).ToList();
        if (without.Count > 0)
        {
            report.Heading("Without effect on a step");
            report.Say($"{string.Join(", ", without.Select(a => a.Name + (a.Note.Length > 0 ? $" ({a.Note})" : "")))}.", 2);
        }
        report.Heading("Assumed");
        foreach (var assumption in job.Assumptions.Concat(design.Assumptions)) report.Say($"- {assumption}.", 2);
        report.Heading("Design");
        if (written is not null) report.Say($"Written to '{written}'{(model is null ? "" : $", its model to '{model}'")}.");
        else output.Write(design.Text);
        if (written is null && design.ModelText is not null) report.Say("Its model is like none of the catalogue; --output writes it to a file of its own.");
    }

    static void Arguments(TextReport report, ImportedJob job, string heading, IEnumerable<ImportedArgument> arguments)
    {
        var rows = arguments.Select(a => new[] { Place(a.Mark, job.File), a.Name, Short(a.Value), a.Note }).ToList();
        if (rows.Count == 0) return;
        report.Heading(heading);
        report.Table([">line", "argument", "value", ""], rows);
    }

    // Lines of files that the launch sources are told with the file.
    static string Place(Mark mark, string file) => mark.Column == 0 ? ""
        : Path.GetFullPath(mark.File) == Path.GetFullPath(file) ? mark.Line.ToString(CultureInfo.InvariantCulture)
        : mark.File == "the command line" ? "given"
        : string.Create(CultureInfo.InvariantCulture, $"{Path.GetFileName(mark.File)}:{mark.Line}");

    static string Short(string text) => text.Length <= 40 ? text : text[..37] + "...";

    static string Json(ImportedDesign design, Evaluation evaluation) => EvaluationJson.Text(json =>
    {
        var job = design.Job;
        json.WriteStartObject();
        json.WriteString("file", job.File);
        json.WriteString("kind", job.Kind);
        json.WriteNumber("parameters", new ModelSize(job.Model).Parameters);
        json.WriteNumber("accelerators", job.Accelerators);
        json.WriteNumber("sequence_tokens", job.Sequence);
        json.WriteNumber("globalBatch_sequences", job.GlobalBatch);
        if (evaluation.Outcome is { } outcome)
        {
            json.WriteNumber("step_s", outcome.Step.Time.Seconds);
            json.WriteNumber("memory_B", outcome.Step.Memory.Total.Bytes);
            json.WriteNumber("capacity_B", evaluation.Operation!.Capacity.Bytes);
        }
        json.WriteStartArray("arguments");
        foreach (var argument in job.Arguments)
        {
            json.WriteStartObject();
            json.WriteString("name", argument.Name);
            json.WriteString("value", argument.Value);
            json.WriteString("use", DocumentShape.NameOf(argument.Use));
            if (argument.Note.Length > 0) json.WriteString("note", argument.Note);
            json.WriteString("place", argument.Mark.ToString());
            json.WriteEndObject();
        }
        json.WriteEndArray();
        EvaluationJson.Texts(json, "assumptions", job.Assumptions.Concat(design.Assumptions));
        json.WriteString("design", design.Text);
        if (design.ModelText is { } model) json.WriteString("model", model);
        json.WriteEndObject();
    });
}

/// <summary>How a launch file of another program is read, as options of a command.</summary>
sealed class ImportCommandOptions
{
    readonly Option<string?> kind = new("--kind") { Description = $"what the file is: {string.Join(", ", TrainingImports.Kinds)}; guessed unless given", HelpName = "kind" };
    readonly Option<string?> system = new("--system") { Description = "the systems that it ran on (catalog system)", HelpName = "key" };
    readonly Option<string?> design = new("--design") { Description = "a design whose cluster it runs on instead", HelpName = "design.yaml" };
    readonly Option<string?> accelerators = new("--accelerators") { Description = "accelerators of the job, where the file doesn't say or others are wanted", HelpName = "count" };
    readonly Option<string?> model = new("--model") { Description = "the model, where the file doesn't say: a model of the catalogue, a config.json, a part file", HelpName = "key|file" };

    public void AddTo(Command command)
    {
        foreach (var option in (Option[])[kind, system, design, accelerators, model]) command.Add(option);
    }

    /// <summary>Whether the options say that a file is to be imported.</summary>
    public bool Given(ParseResult parsed) => parsed.GetValue(system) is not null || parsed.GetValue(design) is not null || parsed.GetValue(kind) is not null || parsed.GetValue(model) is not null || parsed.GetValue(accelerators) is not null;

    /// <summary>The design where it is all that is given; null otherwise.</summary>
    public string? DesignAlone(ParseResult parsed) => new[] { kind, system, accelerators, model }.All(o => parsed.GetValue(o) is null) ? parsed.GetValue(design) : null;

    /// <summary>Reads a launch file.</summary>
    public ImportedDesign Read(ParseResult parsed, string file, IReadOnlyList<string> words)
    {
        var (key, cluster) = (parsed.GetValue(system), parsed.GetValue(design));
        if (key is not null && cluster is not null) throw new InputException("--system and --design both name a cluster; expected one of them");
        if (key is null && cluster is null) throw new InputException($"a launch file says nothing of its cluster; give --system, one of {string.Join(", ", PartCatalog.Default.Keys<AcceleratorSystem>())}, or --design");
        if (key is not null) LinkInput.Part<AcceleratorSystem>("--system", key);
        var given = parsed.GetValue(model) is { } name ? ModelInput.Of(name) : null;
        var job = TrainingImports.ReadFile(file, new()
        {
            Kind = parsed.GetValue(kind),
            Accelerators = parsed.GetValue(accelerators) is { } count ? LinkInput.Count("--accelerators", count, 1, 10_000_000) : null,
            Model = given?.Model,
            ModelName = parsed.GetValue(model),
            Words = words,
        });
        return key is not null ? ImportedDesign.On(job, key) : ImportedDesign.In(job, cluster!);
    }
}
