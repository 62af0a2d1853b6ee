using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

public class BillOfMaterialsTests
{
    static ClusterBuild Build(string name, params (string, string)[] changes) => Designs.Example(name, changes).Build;

    [Fact]
    public void Spares_of_the_worked_example()
    {
        var mean = 2048 * FailureRate.FromFit(1000).PerSecond * Duration.FromDays(60).Seconds;
        Assert.Equal(2.95, mean, 0.01);
        Assert.Equal(6, BillOfMaterials.SparesOf(mean));
    }

    [Theory]
    [InlineData(0.01)]
    [InlineData(0.5)]
    [InlineData(20)]
    [InlineData(700)]
    [InlineData(900)]
    [InlineData(4999)]
    [InlineData(5001)]
    [InlineData(80_000)]
    public void Spares_are_the_quantile_of_a_poisson_count(double mean)
    {
        var spares = BillOfMaterials.SparesOf(mean);
        // The chance of at most so many, summed from logarithms.
        Assert.True(AtMost(spares + (mean > 5000 ? 2 : 0)) >= 0.95 - 1e-9);
        Assert.True(AtMost(spares - (mean > 5000 ? 3 : 1)) < 0.95);

        double AtMost(long count)
        {
            double log = -mean, sum = count < 0 ? 0 : Math.Exp(-mean);
            for (var k = 1L; k <= count; k++)
            {
                log += Math.Log(mean) - Math.Log(k);
                sum += Math.Exp(log);
            }
            return sum;
        }
    }

    [Fact]
    public void A_bill_counts_what_the_plan_counts_and_costs_what_the_evaluation_says()
    {
        foreach (var name in (string[])[Designs.SuperPod, Designs.Llama, Designs.CoPackaged, Designs.Pluggable, Designs.Copper])
        {
            var evaluation = Designs.Example(name);
            var bill = BillOfMaterials.Of(evaluation.Build, PartCatalog.Default);
            Assert.Equal(evaluation.Build.Plan.Request.Systems, bill.Lines.Single(l => l.Category == MaterialCategory.Systems).Count);
            Assert.Equal(evaluation.Build.Plan.SwitchCount, bill.Lines.Where(l => l.Category == MaterialCategory.Switches).Sum(l => l.Count));
            // Without spares, the parts of links cost what the evaluation counts for them, but for a last half-used module or splitter.
            var parts = bill.Lines.Where(l => l.Category is MaterialCategory.Modules or MaterialCategory.Cables or MaterialCategory.Fibre && l is { Each: not null, IncludedInHost: false })
                .Sum(l => l.Count * l.Each!.Value.Value.Dollars);
            var evaluated = evaluation.Build.Links.Sum(l => l.Electronics.Value.Dollars + l.Plant.Value.Dollars);
            Assert.Equal(evaluated, parts, evaluated * 2e-3);
        }
    }

    [Fact]
    public void Cables_of_a_build_are_the_links_that_were_engineered()
    {
        var build = Build(Designs.SuperPod);
        var plan = build.CablesOf(FabricGraph.Of(build.Plan));
        var planned = plan.Cables().CountBy(c => (c.Class, c.Medium, c.Length)).ToDictionary(c => c.Key, c => (long)c.Value);
        var engineered = build.Links.SelectMany(l => l.Groups).GroupBy(g => (g.Class.Name, g.Link.Name, g.Link.PurchasableLength))
            .ToDictionary(g => g.Key, g => g.Sum(x => x.Count));
        Assert.Equal(engineered, planned);
    }

    [Fact]
    public void A_medium_can_be_named_for_any_class_of_links()
    {
        var build = Build(Designs.SuperPod, ("links: cheapest-feasible", "links: { classes: { leaf-spine: 800g-2xdr4 } }"));
        Assert.All(build.Links.Single(l => l.Class.Name == "leaf-spine").Groups, g => Assert.Equal("800g-2xdr4", g.Link.Name));
        var e = Assert.Throws<InputException>(() => Build(Designs.SuperPod, ("links: cheapest-feasible", "links: { classes: { leaf-spin: 800g-2xdr4 } }")));
        Assert.Contains("it has node-leaf, leaf-spine, management-leaf", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Halls_need_the_rows_of_one_and_make_cables_longer()
    {
        const string floor = "floor: { rows: 8, racksPerRow: 8, systemsPerRack: 4, aislePitch: 3.0 m, rackPitch: 0.75 m }";
        var one = Build(Designs.SuperPod).Floor;
        var two = Build(Designs.SuperPod, (floor, "floor: { halls: 2, hallDistance: 100 m, rows: 3, racksPerRow: 9, systemsPerRack: 4, aislePitch: 3.0 m, rackPitch: 0.75 m }"));
        Assert.Equal((6, 3), (two.Floor.Rows, two.Floor.RowsPerHall));
        Assert.DoesNotContain(two.Floor.Findings, f => f.Problem == FloorProblem.FloorTooSmall);
        // Units stay in one hall; the spines of half of them are behind the wall.
        Assert.True(two.Floor.Cables[0].Longest < Length.FromMeters(30));
        Assert.True(two.Floor.Cables[1].Longest > one.Cables[1].Longest + Length.FromMeters(80));
        Assert.StartsWith("H2-R0", Elevations.Of(FabricGraph.Of(two.Plan), two.Floor).Racks[^1].Name, StringComparison.Ordinal);
        var small = Build(Designs.SuperPod, (floor, "floor: { halls: 2, rows: 2, racksPerRow: 8, systemsPerRack: 4 }")).Floor;
        Assert.Contains(small.Findings, f => f.Field == "halls");
        var e = Assert.Throws<InputException>(() => Build(Designs.SuperPod, (floor, "floor: { halls: 2 }")));
        Assert.Contains("2 halls need the rows of one", e.Message, StringComparison.Ordinal);
    }
}
