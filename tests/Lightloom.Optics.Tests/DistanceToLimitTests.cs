using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

public class DistanceToLimitTests
{
    static readonly OpticalInterface Dr4 = TestParts.Dr4 with
    {
        Sensitivity = Sourced<DecibelMilliwatts>.Of(DecibelMilliwatts.FromDbm(-4.4), "test", Grade.Standard),
        RelativeIntensityNoise = Sourced<double>.Of(-136, "test", Grade.Standard),
    };

    [Fact]
    public void The_standard_stands_22_decibels_above_the_shot_limit_and_an_ideal_receiver_16()
    {
        var found = DistanceToLimit.Of(Dr4);
        Assert.Equal(22.0, found.AboveShotLimit!.Value.Si, 1);
        Assert.Equal(16, found.IdealReceiverAboveShotLimit!.Value.Si, 0);
        Assert.Equal(5.8, found.AboveIdealReceiver!.Value.Si, 1);
        Assert.Equal(1311, found.Wavelength.Nanometers, 6);
        Assert.Equal(100 / 53.125, found.BitsPerSymbol, 12);
        Assert.Equal(71.8, found.ShotLimitPhotonsPerBit, 1);
        Assert.True(found.HolevoPhotonsPerBit < found.ShannonPhotonsPerBit && found.ShannonPhotonsPerBit < found.ShotLimitPhotonsPerBit
            && found.ShotLimitPhotonsPerBit < found.PhotonsPerBit);
        Assert.Null(found.EnergyOverShotLimit);
        Assert.Null(found.LatencyOverVacuum);
    }

    [Fact]
    public void A_link_stands_six_orders_of_magnitude_above_the_light_that_it_needs()
    {
        var link = TestParts.Engineer().Best(TestParts.Request(500) with { Policy = LinkPolicy.Named("800g-2xdr4") });
        var found = DistanceToLimit.Of(link, Dr4);
        Assert.Equal(40, found.EnergyPerBit!.Value.PicojoulesPerBit, 9);
        Assert.Equal(10.9, found.ShotLimitEnergy.JoulesPerBit * 1e18, 1);
        Assert.Equal(3.7e6, found.EnergyOverShotLimit!.Value, 0.05e6);
        Assert.Equal(4.896 / 3.33564, link.Latency.Propagation / found.VacuumLatency!.Value, 4);
        Assert.True(found.LatencyOverVacuum > 1.47);
        Assert.Equal(
            ["above an ideal receiver", "above the shot-noise limit", "photons per bit received", "photons per bit, shot noise",
             "photons per bit, Shannon (heterodyne)", "photons per bit, Holevo", "energy per bit", "latency"],
            found.Lines().Select(l => l.What));
        Assert.Equal("5.78 dB", found.Lines().First().Distance);
        Assert.Contains(("energy per bit", "40 pJ/bit, 3700000 times 10.9 aJ/bit of light"), found.Lines());
    }

    [Fact]
    public void What_an_interface_leaves_out_is_left_out()
    {
        var noisy = TestParts.Dr8At200 with { RelativeIntensityNoise = Sourced<double>.Of(-130, "test", Grade.Assumption) };
        var found = DistanceToLimit.Of(noisy);
        Assert.Null(found.AboveIdealReceiver);
        Assert.Null(found.AboveShotLimit);
        Assert.Null(found.PhotonsPerBit);
        Assert.StartsWith("none: intensity noise", found.Lines().First().Distance, StringComparison.Ordinal);
    }

    [Fact]
    public void Wavelength_plans_are_read_as_the_catalogue_writes_them()
    {
        Assert.Equal(1301, DistanceToLimit.Of(TestParts.TwinFr4).Wavelength.Nanometers, 6);
        Assert.Equal(850, DistanceToLimit.Of(TestParts.Sr4).Wavelength.Nanometers, 6);
        Assert.Throws<ArgumentException>(() => DistanceToLimit.Of(TestParts.Dr4 with { Wavelengths = "blue" }));
        Assert.Throws<ArgumentException>(() => DistanceToLimit.Of(TestParts.Dr4 with { Modulation = "16QAM" }));
    }

    [Fact]
    public void Every_direct_interface_of_the_catalogue_has_a_distance()
    {
        var parts = PartCatalog.Default.All<OpticalInterface>().ToList();
        Assert.NotEmpty(parts);
        Assert.All(parts, p => Assert.True(DistanceToLimit.Of(p).ShotLimitPhotonsPerBit > 10, p.Name));
    }

    [Fact]
    public void Its_assumptions_can_be_listed() =>
        Assert.Equal(typeof(ReceiverAssumptions).GetProperties().Count(p => p.PropertyType.IsAssignableTo(typeof(ISourced))), ReceiverAssumptions.Default.All.Count);
}
