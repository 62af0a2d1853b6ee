using Lightloom.Planning.Advice;

namespace Lightloom.Planning.Tests.Advice;

/// <summary>Where more systems go.</summary>
public sealed class GrowthTests
{
    const string TwoSites = "two-sites-h100";

    static ChangeTrial Grown(double dollars, params (string Old, string New)[] changes)
    {
        var document = DesignDocument.Parse(Designs.Changed(TwoSites, [("globalBatch: 512", "globalBatch: 1536"), .. changes]), "d.yaml");
        return Growth.Of(new(), document, dollars, double.PositiveInfinity);
    }

    /// <summary>Sites of unlike size, said by one or by both: whole replicas go where they give most, and each replica keeps its share of the batch.</summary>
    [Theory]
    [InlineData("north, accelerators: 128 }", "south }", 192)]
    [InlineData("north, accelerators: 128 }", "south, accelerators: 64 }", 192)]
    [InlineData("north, accelerators: 96 }", "south, accelerators: 32 }", 128)]
    public void Sites_of_unlike_size_grow(string north, string south, long before)
    {
        var grown = Grown(5e6, ("name: north }", $"name: {north}"), ("name: south }", $"name: {south}"));
        Assert.Equal("", grown.Refused);
        var after = grown.After!.Together!;
        Assert.True(after.Accelerators > before);
        var own = after.Sites.Select(s => s.Operation!.Job).ToList();
        // Tensor 2, pipeline 2: four accelerators a replica; a system of eight is the least.
        Assert.All(own, j => Assert.Equal(0, j.Accelerators % 8));
        Assert.Equal(own[0].GlobalBatch / (double)own[0].DataParallel, own[1].GlobalBatch / (double)own[1].DataParallel, 1e-9);
        Assert.Equal(1536.0 / (before / 4), own[0].GlobalBatch / (double)own[0].DataParallel, 1e-9);
    }

    /// <summary>The budget isn't passed, and the next larger growth would pass it or can't be.</summary>
    [Fact]
    public void Growth_keeps_to_its_budget()
    {
        var sites = new[] { ("name: north }", "name: north, accelerators: 128 }"), ("name: south }", "name: south, accelerators: 64 }") };
        var document = DesignDocument.Parse(Designs.Changed(TwoSites, [("globalBatch: 512", "globalBatch: 1536"), .. sites]), "d.yaml");
        var before = new Evaluator().Evaluate(document);
        foreach (var budget in new[] { 1e6, 3e6, 2e7 })
        {
            var grown = Growth.Of(new(), document, budget, double.PositiveInfinity);
            Assert.Equal("", grown.Refused);
            Assert.InRange(grown.After!.Economics.TotalCapital.Value.Dollars - before.Economics.TotalCapital.Value.Dollars, 1, budget);
        }
        Assert.Contains("MUSD", Growth.Of(new(), document, 1e4, double.PositiveInfinity).Refused, StringComparison.Ordinal);
    }

    /// <summary>Sites that are alike stay so.</summary>
    [Fact]
    public void Sites_that_are_alike_grow_by_as_many()
    {
        var grown = Grown(5e6);
        Assert.Equal("", grown.Refused);
        Assert.Single(grown.After!.Together!.Sites.Select(s => s.Build.Plan.AcceleratorCount).Distinct());
        Assert.EndsWith("at each site", grown.Name, StringComparison.Ordinal);
    }
}
