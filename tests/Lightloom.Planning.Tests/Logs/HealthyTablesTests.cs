using Lightloom.Planning.Logs;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>Published tables of systems that their owners show with pride are not called broken.</summary>
public class HealthyTablesTests
{
    [Fact]
    public void Print()
    {
        foreach (var t in PublishedTable.All)
        {
            var c = LogComparison.Of(t.Log, t.Cluster);
            Console.Error.WriteLine($"{t.Id}: {c.Counts.Inside}/{c.Counts.All}");
            foreach (var d in c.Diagnoses) Console.Error.WriteLine($"    {d.Confidence} {d.Key} p={d.Probability:0.00} fault={d.FaultProbability:0.00} {d.What} || {d.Cost} || {string.Join(" ## ", d.Evidence)} || alt {string.Join(", ", d.Alternatives.Select(a => $"{a.Key} {a.Probability:0.00}"))}");
        }
    }
}
