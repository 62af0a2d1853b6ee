using Lightloom.Catalog;
using Lightloom.Quantities;
using static Lightloom.Optics.Tests.TestParts;

namespace Lightloom.Optics.Tests;

public class OpticalBudgetTests
{
    public static TheoryData<string> Interfaces => ["400GBASE-DR4", "400GBASE-FR4", "400G-LR4-10", "100G-DR-LPO", "1.6TBASE-DR8"];

    static OpticalInterface Find(string name) => new[] { Dr4, Fr4, Lr4, LpoDr, Dr8At200 }.Single(i => i.Name == name);

    [Theory]
    [MemberData(nameof(Interfaces))]
    public void Levels_and_channel_loss_say_the_same(string name)
    {
        var given = Find(name);
        Assert.Equal(0, OpticalBudget.ClosureError(given)!.Value.Si, 9);
        Assert.Equal(given.ChannelLoss!.Value.Value.Si, OpticalBudget.Between(given, given)!.Channel.Si, 9);
    }

    [Fact]
    public void Dr4_has_the_budget_of_its_worked_example()
    {
        var budget = OpticalBudget.Between(Dr4, Dr4)!;
        Assert.Equal(1.2, budget.Launch!.Value.Si, 9);
        Assert.Equal(3.1, budget.Power.Si, 9);
        Assert.Equal(3.0, budget.Channel.Si, 9);
    }

    [Fact]
    public void Without_levels_the_channel_loss_is_taken() =>
        Assert.Equal(4.0, OpticalBudget.Between(Fr4At200, Fr4At200)!.Channel.Si, 9);

    [Fact]
    public void Levels_that_promise_more_than_the_standard_are_not_believed()
    {
        var generous = Dr4 with { ChannelLoss = Of(Decibels.FromDecibels(2.5)) };
        Assert.Equal(2.5, OpticalBudget.Between(generous, generous)!.Channel.Si, 9);
    }

    // A linear transmitter may launch 1 dB less than a retimed receiver counts on: 0.2 − (−1.9) − 0.3 = 1.8 dB.
    [Fact]
    public void A_mixed_pair_is_held_to_its_worse_direction() =>
        Assert.Equal(1.8, OpticalBudget.Between(LpoDr, Dr4)!.Channel.Si, 9);

    [Fact]
    public void Without_any_figures_there_is_no_budget() =>
        Assert.Null(OpticalBudget.Between(Fr4At200 with { ChannelLoss = null }, Fr4At200));

    [Fact]
    public void Families_ignore_how_many_ports_share_a_module()
    {
        Assert.Equal(InterfaceFamily.Of(Fr4), InterfaceFamily.Of(TwinFr4));
        Assert.Equal(InterfaceFamily.Of(Dr4), InterfaceFamily.Of(LpoDr));
        Assert.NotEqual(InterfaceFamily.Of(Dr4), InterfaceFamily.Of(Fr4));
        Assert.NotEqual(InterfaceFamily.Of(Dr8At200), InterfaceFamily.Of(Fr4At200));
    }
}
