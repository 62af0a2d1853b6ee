using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Costs;

public sealed class PowerEnvelopeTests
{
    static PowerEnvelope Of(string example, double megawatts) => PowerEnvelope.Of(Designs.Example(example), Power.FromMegawatts(megawatts), PartCatalog.Default);

    /// <summary>The example at the head of PowerEnvelope.cs, and the table's other row.</summary>
    [Theory]
    [InlineData(100, 217)]
    [InlineData(12, 26)]
    public void Saved_watts_feed_whole_accelerators(int switches, int more) =>
        Assert.Equal(more, PowerEnvelope.Fed((Power.FromKilowatts(7) - Power.FromKilowatts(3.95)) * (double)switches, Power.FromKilowatts(1.4)));

    [Fact]
    public void What_fits_is_planned_and_one_system_more_is_too_much()
    {
        var design = Designs.Example(Designs.SuperPod);
        var engineer = new LinkEngineer(PartCatalog.Default);
        foreach (var megawatts in new[] { 0.5, 3, 20 })
        {
            var e = Of(Designs.SuperPod, megawatts);
            Assert.True(e.IsPlanned);
            Assert.Equal(megawatts / 1.2, e.ForIt.Megawatts, 1e-9);
            Assert.Equal(e.Used, Needed((int)e.Systems));
            Assert.True(e.Used <= e.ForIt && Needed((int)e.Systems + 1) > e.ForIt);
            Assert.True(e.WithoutFabric > e.Accelerators);
        }

        Power Needed(int systems) => PowerUse.Of(design.Build.WithSystems(systems, PartCatalog.Default, engineer)).Provisioned;
    }

    [Fact]
    public void A_design_fits_the_feed_that_it_is_provisioned_for()
    {
        var e = Designs.Example(Designs.SuperPod);
        var fits = PowerEnvelope.Of(e, e.Power.Provisioned * 1.2 * (1 + 1e-9), PartCatalog.Default);
        Assert.Equal(e.Build.Plan.AcceleratorCount, fits.Accelerators);
    }

    [Fact]
    public void A_watt_less_in_the_fabric_of_each_accelerator_lets_as_many_more_in_as_it_says()
    {
        var e = Of(Designs.Llama, 40);
        var each = e.PerAccelerator + e.FabricPerAccelerator;
        var more = (e.ForIt / (each - Power.FromWatts(1))) - (e.ForIt / each);
        Assert.Equal(more, e.PerWattSaved, 0.01 * more);
    }

    [Fact]
    public void A_grid_that_can_t_grow_by_one_is_counted_by_shares()
    {
        var e = Of("tpu-v4-torus-ocs", 10);
        Assert.False(e.IsPlanned);
        Assert.Equal(Math.Floor(e.ForIt / ((e.PerAccelerator + e.FabricPerAccelerator) * 4.0)), e.Systems);
    }

    [Fact]
    public void Too_little_for_one_system_is_said_with_what_would_do()
    {
        var e = Assert.Throws<InputException>(() => Of(Designs.SuperPod, 0.001));
        Assert.Contains("less than one system with its fabric; expected at least", e.Message, StringComparison.Ordinal);
    }
}
