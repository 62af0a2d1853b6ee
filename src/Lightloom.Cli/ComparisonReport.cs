using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>The table of <c>compare</c>.</summary>
static class ComparisonReport
{
    public static void Write(TextWriter writer, IReadOnlyList<Evaluation> evaluations)
    {
        var report = new TextReport(writer);
        report.Title("Designs side by side");
        for (var i = 0; i < evaluations.Count; i++) report.Say($"{Letter(i)}  {evaluations[i].Build.Document.Design.Name}", 3);
        report.Heading("Figures, with the difference from A");
        var columns = new List<string> { "" };
        for (var i = 0; i < evaluations.Count; i++) columns.Add(">" + Letter(i));
        report.Table(columns, Comparison.Of(evaluations).Select(row =>
        {
            var cells = new List<string> { row.Unit.Length == 0 ? row.Name : $"{row.Name}, {row.Unit}" };
            for (var i = 0; i < row.Values.Count; i++)
            {
                var value = row.Values[i] is { } v ? EvaluationReport.Number(v, 4) : "-";
                var difference = i > 0 && row.Difference(i) is { } d && Math.Abs(d) >= 5e-5
                    ? $" ({(d > 0 ? "+" : "")}{EvaluationReport.Number(100 * d, 3)} %)"
                    : "";
                cells.Add(value + difference);
            }
            return cells;
        }));
        report.Heading("Media");
        for (var i = 0; i < evaluations.Count; i++)
            report.Say($"{Letter(i)}  {string.Join("; ", evaluations[i].Build.Links.Select(l => $"{l.Class.Name}: {string.Join(" + ", l.Groups.Select(g => g.Link.Name).Distinct())}"))}", 3);
        report.Heading("Verdicts");
        for (var i = 0; i < evaluations.Count; i++)
            report.Say($"{Letter(i)}  {evaluations[i].Ledger?.Verdict ?? "no job to find a bottleneck of"}", 3);
    }

    static string Letter(int index) => ((char)('A' + index)).ToString();
}
