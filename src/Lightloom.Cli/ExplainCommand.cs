using System.CommandLine;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary><c>lightloom explain DESIGN [--json]</c>.</summary>
static class ExplainCommand
{
    public static Command Make()
    {
        var design = new Argument<string>("design") { Description = "the design document (YAML)" };
        var json = new Option<bool>("--json") { Description = "print JSON" };
        var command = new Command("explain", "List each default and figure that an evaluation uses, with its source and grade.") { design, json };
        command.SetAction(parsed => CommandRunner.Guard(output =>
        {
            var evaluation = new Evaluator().Evaluate(ModelInput.LoadDesign(parsed.GetValue(design)!));
            var values = Explanation.Of(evaluation);
            if (parsed.GetValue(json)) output.WriteLine(Json.Write(values));
            else Write(output, evaluation, values);
            return CommandRunner.Success;
        }));
        return command;
    }

    static void Write(TextWriter output, Evaluation evaluation, IReadOnlyList<ExplainedValue> values)
    {
        var report = new TextReport(output);
        report.Title($"{evaluation.Build.Document.Design.Name}: every default and figure, with its source");
        foreach (var section in values.GroupBy(v => v.Section))
        {
            report.Heading(section.Key);
            FigureTable.Write(report, section);
        }
    }
}

/// <summary>Figures with range, grade and source as a table.</summary>
static class FigureTable
{
    public static void Write(TextReport report, IEnumerable<ExplainedValue> values) => report.Table(
        ["figure", "value", "range", "grade", "source"],
        values.Select(v => new[] { v.Name, v.Value, v.Range, v.Grade is { } grade ? DocumentShape.NameOf(grade) : "", v.Source }));
}

/// <summary>Lists of figures as JSON.</summary>
static class Json
{
    public static string Write(IEnumerable<ExplainedValue> values)
    {
        return EvaluationJson.Text(json =>
        {
            json.WriteStartArray();
            foreach (var value in values)
            {
                json.WriteStartObject();
                json.WriteString("section", value.Section);
                json.WriteString("name", value.Name);
                json.WriteString("value", value.Value);
                if (value.Range.Length > 0) json.WriteString("range", value.Range);
                if (value.Grade is { } grade) json.WriteString("grade", DocumentShape.NameOf(grade));
                json.WriteString("source", value.Source);
                if (value.Note is { } note) json.WriteString("note", note);
                json.WriteEndObject();
            }
            json.WriteEndArray();
        });
    }
}
