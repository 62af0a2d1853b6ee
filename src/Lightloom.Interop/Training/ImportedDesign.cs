using System.Globalization;
using System.Text;
using System.Text.Json;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Interop.Training;

/// <summary>A design document that runs an imported job.</summary>
public sealed class ImportedDesign
{
    /// <summary>How a design calls a model that it is given in a second file.</summary>
    const string ModelFile = "model.yaml";

    ImportedDesign(ImportedJob job, string text, string? model, IReadOnlyList<string> assumptions) => (Job, Text, ModelText, Assumptions) = (job, text, model, assumptions);

    /// <summary>The job.</summary>
    public ImportedJob Job { get; }

    /// <summary>The design, in YAML; where <see cref="ModelText"/> is given, its job names the model <see cref="ModelName"/>.</summary>
    public string Text { get; }

    /// <summary>The model as a part file, where no model of the catalogue is like it.</summary>
    public string? ModelText { get; }

    /// <summary>How <see cref="Text"/> names the part file.</summary>
    public static string ModelName => ModelFile;

    /// <summary>What was taken as something for the cluster, in sentences.</summary>
    public IReadOnlyList<string> Assumptions { get; }

    /// <summary>A design on systems of one kind, with the switches that go with their network cards.</summary>
    /// <param name="job">The job.</param>
    /// <param name="system">The system, a key of the catalogue.</param>
    /// <exception cref="InputException">There is no such system.</exception>
    public static ImportedDesign On(ImportedJob job, string system)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(system);
        var part = PartCatalog.Default.Get<AcceleratorSystem>(system);
        Computes(job, PartCatalog.Default.Get<Accelerator>(part.Accelerator.Key));
        int each = part.Accelerators.Value, systems = (int)(((long)job.Accelerators + each - 1) / each);
        var amd = part.Vendor != "NVIDIA" && PartCatalog.Default.Get<Accelerator>(part.Accelerator.Key).Vendor == "AMD";
        var rate = part.Nic.Rate.Value;
        var fast = rate > Bandwidth.FromGigabitsPerSecond(400);
        var (protocol, box) = amd ? ("rocev2", "sn5600") : rate < Bandwidth.FromGigabitsPerSecond(400) ? ("infiniband", "qm8790") : fast ? ("infiniband", "q3400-ra") : ("infiniband", "qm9700");
        var topology = systems == 1 ? "single-switch" : each > 16 ? "fat-tree" : "rail-optimized";
        var text = new StringBuilder();
        text.Append("lightloom: 1\n");
        text.Append(CultureInfo.InvariantCulture, $"name: {Quoted($"{Path.GetFileName(job.File)} on {systems} {system}")}\n");
        text.Append(CultureInfo.InvariantCulture, $"accelerators:\n  system: {system}\n  systems: {systems}\n");
        text.Append(CultureInfo.InvariantCulture, $"fabric:\n  protocol: {protocol}\n  topology: {topology}\n  switch: {box}\n");
        List<string> assumptions =
        [
            $"the cluster: {systems:N0} {system} of {each} accelerators, {(systems == 1 ? "one switch" : topology == "fat-tree" ? "a fat-tree" : "rail-optimised")} of {box} ({protocol}), nothing else running; --design names one of your own",
        ];
        return With(job, text, assumptions);
    }

    /// <summary>A design with its job replaced by an imported one.</summary>
    /// <param name="job">The job.</param>
    /// <param name="path">The design, a YAML file whose sections start at the margin.</param>
    /// <exception cref="InputException">It can't be read, or its sections don't start at the margin.</exception>
    public static ImportedDesign In(ImportedJob job, string path)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(path);
        var root = YamlText.ReadFile(path);
        var lines = File.ReadAllText(path).ReplaceLineEndings("\n").Split('\n');
        var text = new StringBuilder();
        var inside = false;
        foreach (var line in lines)
        {
            if (line.Length > 0 && line[0] is not (' ' or '#')) inside = line.StartsWith("job:", StringComparison.Ordinal);
            if (!inside) text.Append(line).Append('\n');
        }
        while (text.Length > 1 && text[^1] == '\n' && text[^2] == '\n') text.Length--;
        if (YamlText.Read(text.ToString(), path).Find("job") is not null || root.Entries.Any(e => e.Key.Mark.Column > 1))
            throw new InputException($"'{path}': the sections of the design must start at the margin for its job to be replaced", root.Mark);
        return With(job, text, [$"the cluster is that of '{path}'"]);
    }

    /// <summary>Checks that an accelerator has the number format, while it is known which argument wants it.</summary>
    static void Computes(ImportedJob job, Accelerator accelerator)
    {
        try
        {
            ComputeRates.Of(accelerator, job.Precision);
        }
        catch (JobException e)
        {
            var (name, mark) = job.Places.GetValueOrDefault(e.Field);
            throw new InputException(name is null ? $"'{job.File}': {e.Message}" : $"{name}: {e.Message}", name is null ? null : mark);
        }
    }

    static ImportedDesign With(ImportedJob job, StringBuilder text, List<string> assumptions)
    {
        var (name, model) = Model(job.Model);
        text.Append("job:\n").Append(name);
        text.Append(CultureInfo.InvariantCulture, $"  sequence: {job.Sequence}\n  globalBatch: {job.GlobalBatch}\n  precision: {DocumentShape.NameOf(job.Precision)}\n  accelerators: {job.Accelerators}\n");
        if (job.FrozenWeights) text.Append("  frozenWeights: true\n");
        // The degrees are said even where they are one.
        text.Append("  parallelism:\n").Append(Keys(job.Parallelism, new Parallelism(), "    ", "tensor", "pipeline", "microBatch", "sharding"));
        if (Keys(job.Memory, MemoryPlan.Default, "    ") is { Length: > 0 } memory) text.Append("  memory:\n").Append(memory);
        return new(job, text.ToString(), model, assumptions);
    }

    /// <summary>Reads the design, its part file included.</summary>
    /// <exception cref="InputException">It has something that a design has no place for.</exception>
    public DesignDocument Document() => DesignDocument.Parse(Text, $"the design of {Path.GetFileName(Job.File)}", null, (type, name, _) => type == typeof(TransformerModel) && name == ModelFile ? Job.Model : null);

    /// <summary>The design as it stands beside a part file of another name.</summary>
    /// <param name="modelFile">The name of the part file.</param>
    public string NamingModel(string modelFile) => Text.Replace($"  model: {ModelFile}\n", $"  model: {Quoted(modelFile)}\n", StringComparison.Ordinal);

    // Figures in which a model may differ from one of the catalogue that it is still based on.
    static readonly string[] Changeable = ["layers", "vocabulary", "learnedPositions", "predictionBlocks"];

    /// <summary>The line that names the model, and the part file where one is needed.</summary>
    static (string Line, string? File) Model(TransformerModel model)
    {
        static TransformerModel Plain(TransformerModel m) => m with { Layers = 1, Vocabulary = 1, LearnedPositions = m.LearnedPositions > 0 ? 1 : 0, PredictionBlocks = 0, Experts = m.Experts is { } e ? e with { DenseLayers = Math.Min(1, e.DenseLayers) } : null };
        var deep = model.Experts?.DenseLayers;
        var like = PartCatalog.Default.All<TransformerModel>()
            .Where(m => m.Experts?.DenseLayers == deep && m.LearnedPositions > 0 == model.LearnedPositions > 0 && PartText.Of(CatalogModels.Canonical(Plain(m))) == PartText.Of(CatalogModels.Canonical(Plain(model))))
            .OrderBy(m => Changeable.Count(k => !Value(m, k).Equals(Value(model, k)))).FirstOrDefault();
        if (like is null) return ($"  model: {ModelFile}\n", PartText.Of(model));
        var changed = Changeable.Where(k => !Value(like, k).Equals(Value(model, k))).ToList();
        return changed.Count == 0 ? ($"  model: {like.Key}\n", null)
            : ($"  model: {{ basedOn: {like.Key}, {string.Join(", ", changed.Select(k => $"{k}: {Convert.ToString(Value(model, k), CultureInfo.InvariantCulture)}"))} }}\n", null);
    }

    static object Value(TransformerModel model, string key) => DocumentShape.Of(typeof(TransformerModel)).Find(key)!.Property.GetValue(model)!;

    /// <summary>A record's keys that differ from its defaults, and those that are always said.</summary>
    static string Keys<T>(T record, T defaults, string indent, params string[] always)
    {
        var text = new StringBuilder();
        foreach (var property in DocumentShape.Of(typeof(T)).Properties)
        {
            var value = property.Property.GetValue(record);
            if (value is null || (!always.Contains(property.Key) && value.Equals(property.Property.GetValue(defaults)))) continue;
            text.Append(indent).Append(property.Key).Append(": ").Append(value switch
            {
                bool flag => flag ? "true" : "false",
                Enum member => DocumentShape.NameOf(member),
                Ratio share => share.Si.ToString("R", CultureInfo.InvariantCulture),
                // An array of whole numbers passes for one of any enumeration.
                IEnumerable<ParallelDimension> order when property.Property.PropertyType == typeof(IReadOnlyList<ParallelDimension>) => $"[{string.Join(", ", order.Select(d => DocumentShape.NameOf(d)))}]",
                IEnumerable<RecomputedModule> modules when property.Property.PropertyType == typeof(IReadOnlyList<RecomputedModule>) => $"[{string.Join(", ", modules.Select(m => DocumentShape.NameOf(m)))}]",
                IEnumerable<int> list => $"[{string.Join(", ", list)}]",
                _ => Convert.ToString(value, CultureInfo.InvariantCulture),
            }).Append('\n');
        }
        return text.ToString();
    }

    static string Quoted(string text) => JsonSerializer.Serialize(text);
}
