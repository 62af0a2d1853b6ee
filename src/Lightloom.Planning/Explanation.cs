using System.Collections;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Planning;

/// <summary>A value that an evaluation used, and where it comes from.</summary>
/// <param name="Section">"design" for what the document left to a default, else the kind and key of the part.</param>
/// <param name="Name">What the value is: a path in the document, or a property of the part.</param>
/// <param name="Value">The value as it would be written.</param>
/// <param name="Range">Its range, empty where there is none.</param>
/// <param name="Grade">How far it can be trusted; null for a choice of the document format.</param>
/// <param name="Source">Where it comes from.</param>
/// <param name="Note">What else a reader should know.</param>
public sealed record ExplainedValue(string Section, string Name, string Value, string Range, Grade? Grade, string Source, string? Note);

/// <summary>Lists each default that an evaluation used and each figure of each part, with its source.</summary>
public static class Explanation
{
    /// <summary>Every default and figure of an evaluation: first what the design left open, then part by part.</summary>
    public static IReadOnlyList<ExplainedValue> Of(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        var values = new List<ExplainedValue>();
        Defaults(evaluation.Build.Document, evaluation.Build.Document.Design, "", values);
        Chosen(evaluation, values);
        var seen = new HashSet<Part>(ReferenceEqualityComparer.Instance);
        foreach (var part in Parts(evaluation)) Figures(part, seen, values);
        foreach (var (name, figure) in evaluation.Build.LinkAssumptions.All) values.Add(Explained("link engineering", Camel(name), figure));
        return values;
    }

    /// <summary>The figures of one part and of the parts that it names.</summary>
    public static IReadOnlyList<ExplainedValue> Of(Part part)
    {
        ArgumentNullException.ThrowIfNull(part);
        var values = new List<ExplainedValue>();
        Figures(part, new(ReferenceEqualityComparer.Instance), values);
        return values;
    }

    static void Defaults(DesignDocument document, object record, string path, List<ExplainedValue> values)
    {
        foreach (var property in DocumentShape.Of(record.GetType()).Properties)
        {
            var inner = path.Length == 0 ? property.Key : $"{path}.{property.Key}";
            var value = property.Property.GetValue(record);
            if (value is Part || (value is ISourced && document.Gave(inner))) continue;
            if (value is ISourced { Value: { } figure }) values.Add(new("design", inner, Print(figure), "", null, "default of the document format", null));
            else if (value is not null && IsSection(value.GetType())) Defaults(document, value, inner, values);
            else if (value is not null && !document.Gave(inner))
                values.Add(new("design", inner, Print(value), "", null, "default of the document format", null));
        }
    }

    static void Chosen(Evaluation evaluation, List<ExplainedValue> values)
    {
        var floor = evaluation.Build.Floor;
        var document = evaluation.Build.Document;
        Add("fabric.tiers", evaluation.Build.Plan.Tiers.Count, "the fewest that can join all systems");
        Add("site.floor.rows", floor.Rows, "a near-square floor that fits");
        Add("site.floor.racksPerRow", floor.RacksPerRow, "a near-square floor that fits");
        Add("site.floor.systemsPerRack", floor.SystemsPerRack, "as many as a rack's height and power allow");
        if (evaluation.Outcome is { } outcome)
        {
            Add("job.sequence", outcome.Step.Job.Sequence, "the model's own");
            Add("job.accelerators", outcome.Step.Job.Accelerators, "all of the cluster");
            Add("job.parallelism.interleave", outcome.Step.Interleave, outcome.Step.Pipeline.Schedule is { } schedule && PipelineSchedules.Of(schedule).Chunks is not null
                ? "as many chunks as the schedule has"
                : "the fastest that fits the memory");
            Add("job.parallelism.recompute", outcome.Step.Recompute, "the fastest that fits the memory");
            Add("job.checkpointInterval", outcome.Goodput.CheckpointInterval.ToString("G3"), "the best for the rate of interruptions");
        }

        void Add(string path, object value, string why)
        {
            if (!document.Gave(path)) values.Add(new("design", path, Print(value), "", null, $"chosen: {why}", null));
        }
    }

    static IEnumerable<Part> Parts(Evaluation evaluation)
    {
        yield return evaluation.Build.Plan.Request.System;
        foreach (var tier in evaluation.Build.Plan.Tiers) yield return tier.Switch;
        yield return evaluation.Build.Protocol;
        foreach (var link in evaluation.Build.Links)
            foreach (var group in link.Groups)
                foreach (var part in group.Link.Parts) yield return part.Part;
        yield return evaluation.Build.Site;
        foreach (var route in evaluation.Together?.Routes ?? [])
            foreach (var part in route.Parts) yield return part;
    }

    static void Figures(Part part, HashSet<Part> seen, List<ExplainedValue> values)
    {
        if (!seen.Add(part)) return;
        var section = $"{PartCatalog.KindOf(part.GetType())} {part.Key}";
        foreach (var property in DocumentShape.Of(part.GetType()).Properties)
            if (property.Property.GetValue(part) is ISourced figure) values.Add(Explained(section, property.Key, figure));
        foreach (var property in DocumentShape.Of(part.GetType()).Properties)
            if (property.Property.GetValue(part) is Part inner) Figures(inner, seen, values);
    }

    static ExplainedValue Explained(string section, string name, ISourced figure)
    {
        var range = Equals(figure.Low, figure.High) ? "" : $"{Print(figure.Low!)} to {Print(figure.High!)}";
        var source = figure.Year is { } year ? $"{figure.Source} ({year})" : figure.Source;
        return new(section, name, Print(figure.Value!), range, figure.Grade, source, figure.Note);
    }

    static bool IsSection(Type type) =>
        !type.IsPrimitive && !type.IsEnum && !typeof(IEnumerable).IsAssignableFrom(type) && DocumentShape.Of(type).Properties.Count > 0;

    static string Print(object value) => value switch
    {
        Enum member => DocumentShape.NameOf(member),
        bool flag => flag ? "true" : "false",
        double number => Quantity.Round(number, 6),
        IEnumerable list when value is not string => string.Join(", ", list.Cast<object>().Select(Print)),
        _ => value.ToString() ?? "",
    };

    static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}
