using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

/// <summary><c>validate congestion</c> on the shipped tables and on wrong ones.</summary>
public sealed class CongestionValidationTests
{
    static readonly IValidationKind Kind = ValidationKinds.Find("congestion");

    static ValidationResult Run(string name, string text) => WrittenTable.Validate(Kind, name, text);

    [Fact]
    public void Every_drawn_share_agrees_and_published_figures_lie_where_they_are_known_to()
    {
        var result = ValidationResult.Of(Kind, Path.Combine(Designs.Root, "data", "validation", "congestion"));
        Assert.Equal((34, 32), (result.Rows, result.Predicted));
        Assert.Equal(24, result.Points.Count(p => p.File == "balls_in_bins.csv" && !p.IsMiss));
        // What the model does not reach is named, not hidden: a claimed 0.60 of plain hashing is more than few flows leave.
        var points = result.Points.Where(p => p.File == "load_balancing.csv").ToDictionary(p => p.Id);
        Assert.Equal(["spectrum-x-claim-hashed", "spectrum-x-links-down"], points.Values.Where(p => p.IsMiss).Select(p => p.Id).Order());
        Assert.Equal(1, points["adaptive-without-congestion"].Predicted);
        Assert.True(points["meta-queue-pairs"].InsideBand);
    }

    [Fact]
    public void A_gain_of_training_is_predicted_where_the_share_of_communication_is_said()
    {
        const string Head = "id,quantity,policy,baseline,uplinks,leaves,communication_share,published\n";
        var result = Run("t.csv", Head + "a,throughput,adaptive-routing,,16,64,0.5,1\nb,throughput,adaptive-routing,,16,64,,1\n");
        Assert.Equal(1 / (0.5 + 0.5 * 1.02), Assert.Single(result.Points).Predicted, 1e-12);
        Assert.Equal(1, Assert.Single(result.Skipped).Rows);
    }

    [Theory]
    [InlineData("a,share,ecnp,,16,64,,1", "did you mean 'ecmp'")]
    [InlineData("a,speed,ecmp,,16,64,,1", "expected one of share, gain, slowdown, throughput")]
    [InlineData("a,gain,ecmp,,16,64,,1", "a gain is over a baseline")]
    [InlineData("a,share,ecmp,,0,64,,1", "from 1 to 100000")]
    [InlineData("a,share,ecmp,,16,64,,-1", "row 1, column 'published'")]
    public void A_wrong_cell_is_named(string row, string message)
    {
        var e = Assert.Throws<InputException>(() => Run("t.csv", "id,quantity,policy,baseline,uplinks,leaves,communication_share,published\n" + row + "\n"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
    }
}
