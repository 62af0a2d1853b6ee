using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;

namespace Lightloom.Planning.Tests.Validation;

public sealed class EconomicsValidationTests
{
    const string Rack = "network_layers,total_budget_usd,server_usd,networking_usd,optical_transceivers_usd,other_usd_calc,networking_pct_calc,optics_pct_of_networking_calc\n";

    static readonly IValidationKind Kind = ValidationKinds.Find("economics");

    static string Shipped(string room, string file) => Path.Combine(Designs.Root, "data", "validation", room, file);

    [Fact]
    public void Network_shares_of_a_GB300_rack_are_within_a_tenth_of_a_point()
    {
        var result = ValidationResult.Of(Kind, Shipped("economics", "gb300_rack_network_cost.csv"));
        Assert.Equal((3, 3, 9), (result.Rows, result.Predicted, result.Points.Count));
        Assert.Empty(result.Misses);
        Assert.All(result.Points.Where(p => p.Quantity == "networking_pct_calc"), p => Assert.InRange(Math.Abs(p.Error), 0, 0.1));
    }

    [Fact]
    public void Co_packaged_rows_are_exact_after_rounding()
    {
        var result = ValidationResult.Of(Kind, Shipped("fabric", "cpo_fabric_power.csv"));
        Assert.Equal((2, 2), (result.Rows, result.Predicted));
        Assert.Empty(result.Misses);
        Assert.All(result.Points, p => Assert.Equal(p.Published, Math.Round(p.Predicted)));
    }

    [Fact]
    public void HammingMesh_costs_follow_from_counts_and_prices()
    {
        var result = ValidationResult.Of(Kind, Shipped("fabric", "hammingmesh_costs.csv"));
        Assert.Equal((8, 8, 24), (result.Rows, result.Predicted, result.Points.Count));
        Assert.Empty(result.Misses);
        // To the printed digit by the row's own counts, within 1.2 % of what was published (a torus printed to one digit), 0.4 % otherwise.
        Assert.Equal(0.012, result.Points.Where(p => p.Quantity == "cost_MUSD_published").Max(p => Math.Abs(p.Error)), 5e-4);
    }

    [Fact]
    public void Other_rows_drive_the_arithmetic()
    {
        var result = WrittenTable.Validate(Kind, "r.csv", Rack + "2,200,100,50,20,50,25,40\n3,200,100,50,20,50,26,41\n");
        Assert.Equal(["networking_pct_calc", "optics_pct_of_networking_calc"], result.Misses.Select(m => m.Quantity));
        var priced = WrittenTable.Validate(Kind, "h.csv", "cluster,topology,switches_64x400G,dac_cables,aoc_cables,cost_MUSD_published,switch_usd,dac_usd,aoc_usd\nx,y,10,100,1000,1.11,1000,1000,1000\n");
        Assert.Equal(1.11, Assert.Single(priced.Points).Predicted, 1e-9);
    }

    [Theory]
    [InlineData("2,100,80,50,,,50,\n", "the whole costs less than server and network together")]
    [InlineData("2,200,100,50,60,50,25,40\n", "optics are part of the network and cost more than it")]
    [InlineData("2,200,-1,50,60,50,25,40\n", "column 'server_usd': expected a number from 0")]
    [InlineData("x,200,1,50,60,50,25,40\n", "column 'network_layers': expected a number, found 'x'")]
    [InlineData("2,0,0,0,,0,,\n", "expected a cost above 0")]
    public void Rows_that_can_t_be_are_told(string row, string message) =>
        Assert.Contains(message, Assert.Throws<InputException>(() => WrittenTable.Validate(Kind, "r.csv", Rack + row)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_table_without_a_column_is_told_what_it_lacks() =>
        Assert.Contains("it lacks the column 'networking_usd'", Assert.Throws<InputException>(() => WrittenTable.Validate(Kind, "r.csv", "network_layers,server_usd\n1,2\n")).Message, StringComparison.Ordinal);
}
