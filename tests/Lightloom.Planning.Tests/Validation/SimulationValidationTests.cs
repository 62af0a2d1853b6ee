using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary><c>validate simulation</c> on the shipped answers of another simulator, and on wrong ones.</summary>
public sealed class SimulationValidationTests
{
    static readonly IValidationKind Kind = ValidationKinds.Find("simulation");

    static ValidationResult Run(string name, string text) => WrittenTable.Validate(Kind, name, text);

    [Fact]
    public void Every_flow_of_another_simulator_completes_at_its_time()
    {
        var result = ValidationResult.Of(Kind, Path.Combine(Designs.Root, "data", "validation", "simulation"));
        Assert.Equal((7219, 7219), (result.Rows, result.Predicted));
        Assert.Equal(["a2a64", "lmm1000", "perm1024", "perm128", "shift1024"], result.Groups.Where(g => g.By == "scenario").Select(g => g.Name));
        Assert.Empty(result.Misses);
        // Programs of messages take their closed forms' time to the nanosecond.
        Assert.Equal(14, result.Groups.Where(g => g.By == "program").Sum(g => g.Rows));
        Assert.All(result.Groups.Where(g => g.By == "program"), g => Assert.Equal(0, g.MaxAbsError));
        // Twelve digits were written; the random problem differs most.
        Assert.All(result.Groups.Where(g => g.By == "scenario"), g => Assert.InRange(g.MaxAbsError, 0, g.Name == "lmm1000" ? 5e-12 : 1e-12));
    }

    [Fact]
    public void A_flow_that_completes_otherwise_is_a_miss_and_other_files_are_skipped()
    {
        var off = Run("sg_shift64.csv", "src,dst,bytes,finish_s\n0,9,1000000000,0.02\n1,10,1000000000,0.0200000001\n");
        Assert.Equal(1, off.Misses.Single().Row - 1);
        Assert.Contains("there is no scenario 'mine'", Run("mine.csv", "src,dst,bytes,finish_s\n0,9,1,0.02\n").Skipped.Single().Reason, StringComparison.Ordinal);
        Assert.Contains("expected 9, the receiver of flow 0", Assert.Throws<InputException>(() => Run("shift64.csv", "src,dst,bytes,finish_s\n0,8,1,0.02\n")).Message, StringComparison.Ordinal);
        Assert.Contains("expected a number", Assert.Throws<InputException>(() => Run("shift64.csv", "src,dst,bytes,finish_s\n0,9,1,x\n")).Message, StringComparison.Ordinal);
    }
}
