using Lightloom.Planning.Comparisons;

namespace Lightloom.Cli;

/// <summary>The table of <c>compare</c>.</summary>
static class ComparisonReport
{
    // What fits a line beside the names of figures with differences; more designs go on in further tables.
    const int MostColumns = 4;

    public static void Write(TextWriter writer, ComparisonStudy study)
    {
        var report = new TextReport(writer);
        var (designs, facts) = (study.Designs, study.Designs.Select(DesignFacts.Of).ToList());
        report.Title(study.Title);
        // A design that was given by itself, or is none of the variants, has said all with its name.
        Each(i => study.Title == ComparisonStudy.Plain || designs[i].Name == designs[i].Variant.Says ? designs[i].Name : $"{designs[i].Name}: {designs[i].Variant.Says}");
        if (study.NotPossible.Count > 0)
        {
            report.Heading("Not possible for this design");
            foreach (var variant in study.NotPossible) report.Say($"{variant.Name}: {variant.Refusal}", 3);
        }
        report.Heading("Figures, with the difference from A");
        var rows = Comparison.Of(designs);
        for (var first = 1; first == 1 || first < designs.Count; first += MostColumns - 1)
        {
            if (first > 1) writer.WriteLine();
            // A stands in each of the tables, for its differences are read from it.
            int[] columns = [0, .. Enumerable.Range(first, Math.Min(MostColumns - 1, designs.Count - first))];
            report.Table(["", .. columns.Select(i => ">" + Letter(i))], rows.SelectMany(row => Lines(row, columns)));
        }
        report.Say("Ranges: of costs nine in ten samples, of steps and collectives nine in ten published measurements. What both designs buy at one price counts once in what one costs over A.");
        report.Heading("Scope");
        Each(i => facts[i].Scope);
        report.Heading("Protocols");
        Each(i => facts[i].Protocol);
        report.Heading("Topologies");
        Each(i => $"{facts[i].Topology}; reduction in the fabric's switches: {facts[i].InNetworkReduction}");
        report.Heading("Media");
        Each(i => facts[i].Media);
        report.Heading("Vendors");
        Each(i => $"{EvaluationReport.Number(facts[i].Supply.Vendors.Value, 3)}{(facts[i].Supply.Vendors is { } v && v.High > v.Low ? $" ({v.Low}-{v.High})" : "")} for {facts[i].Supply.Name}, the fewest");
        report.Heading("Verdicts");
        Each(i => string.Join(" ", [facts[i].Binds, .. facts[i].Infeasible.Select(f => $"It does not work as it stands: {f}.")]));
        if (study.Note.Length > 0)
        {
            report.Heading("How this is made");
            report.Say(study.Note);
        }

        void Each(Func<int, string> say)
        {
            // What is the same of several is said once.
            foreach (var same in Enumerable.Range(0, designs.Count).GroupBy(say)) report.Say($"{string.Join(", ", same.Select(Letter))}  {same.Key}", 3);
        }
    }

    static IEnumerable<IReadOnlyList<string>> Lines(ComparisonRow row, int[] columns)
    {
        var share = row.Unit == "share";
        var scale = share ? 100 : 1;
        var sign = row.IsDifference ? "+" : "";
        string Figure(double value) => share ? $"{(value > 0 ? sign : "")}{EvaluationReport.Number(scale * value, 3)} %" : EvaluationReport.Number(value, 4);
        yield return
        [
            row.Unit.Length == 0 || share ? row.Name : $"{row.Name}, {row.Unit}",
            .. columns.Select(i => row.Values[i] is { } value ? Figure(value.Value) + (i > 0 && row.Difference(i) is { } d && Math.Abs(d) >= 5e-5
                ? $" ({(d > 0 ? "+" : "")}{EvaluationReport.Number(100 * d, 3)} %)"
                : "") : "-"),
        ];
        if (columns.Any(i => row.Values[i] is { HasRange: true }))
            yield return ["  from, to", .. columns.Select(i => row.Values[i] is { HasRange: true } value ? $"{Figure(value.Low)}, {Figure(value.High)}" : "")];
    }

    static string Letter(int index) => ((char)('A' + index)).ToString();
}
