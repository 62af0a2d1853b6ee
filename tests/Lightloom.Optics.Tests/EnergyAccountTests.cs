using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Optics.Tests;

/// <summary>NVIDIA's and Lambda's figures for co-packaged optics, over each denominator.</summary>
public class EnergyAccountTests
{
    static readonly PartCatalog Catalog = PartCatalog.Default;
    static readonly Switch Plugged = Catalog.Get<Switch>("q3400-ra");
    static readonly Switch Packaged = Catalog.Get<Switch>("q3450-ld");
    static readonly Transceiver Module = Catalog.Get<Transceiver>("1.6t-2xdr4");

    static EnergyClaim Claim(double watts) =>
        new(EnergyAccount.Pluggable(Plugged, Module, Power.FromWatts(watts)), EnergyAccount.CoPackaged(Packaged));

    [Fact]
    public void Per_port_the_claim_is_3_3_times()
    {
        var claim = Claim(30);
        Assert.Equal(30.0 / 9, claim.PerPort, 9);
        Assert.Equal(18.75, claim.Before.PerEnd.PicojoulesPerBit, 9);
        Assert.Equal(5.625, claim.After.PerEnd.PicojoulesPerBit, 9);
        Assert.Equal(37.5, claim.Before.PerLink.PicojoulesPerBit, 9);
        Assert.Equal(24.35, claim.Before.PerEndWithHost.PicojoulesPerBit, 9);
        Assert.Equal(24.35 / 7.125, claim.PerPortWithHost, 9);
    }

    [Fact]
    public void Per_box_it_is_1_77_times()
    {
        var claim = Claim(25);
        Assert.Equal(7000, claim.Before.Box.Watts, 6);
        Assert.Equal(1.77, claim.PerBox, 2);
        Assert.Equal(3050, claim.SavedPerBox.Watts, 6);
        // 72 × (25 − 9) W are optics; the rest of what is saved lies elsewhere in the box.
        Assert.Equal(3050 - 1152, claim.NotOptics.Watts, 6);
        Assert.Equal(7000 / (144 * 0.8), claim.Before.PerBox.PicojoulesPerBit, 6);
    }

    // 10,368 accelerators under two tiers of 144 ports (72 + 144 boxes), 1.9 kW of IT each.
    [Fact]
    public void Per_cluster_it_is_a_few_percent()
    {
        var claim = Claim(25);
        var cluster = Power.FromWatts(10_368 * 1900);
        Assert.Equal(3.3, claim.ShareOfCluster(216, cluster).Percent, 1);
        Assert.Equal(7.7, claim.Before.ShareOfCluster(216, cluster).Percent, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => claim.ShareOfCluster(216, Power.Zero));
    }

    [Fact]
    public void The_catalogue_s_own_module_is_used_unless_another_power_is_given()
    {
        var account = EnergyAccount.Pluggable(Plugged, Module);
        Assert.Equal(27.2, account.Module.Watts, 9);
        Assert.Equal(13.6, account.End.Watts, 9);
        Assert.Equal(5200 + 72 * 27.2, account.Box.Watts, 6);
    }

    [Fact]
    public void What_cannot_be_accounted_for_is_refused()
    {
        Assert.Throws<ArgumentException>(() => EnergyAccount.Pluggable(Packaged, Module));
        Assert.Throws<ArgumentException>(() => EnergyAccount.CoPackaged(Plugged));
        Assert.Throws<ArgumentException>(() => EnergyAccount.Pluggable(Plugged, Module with { Power = null, EnergyPerBit = null }));
        Assert.Throws<ArgumentException>(() => EnergyAccount.CoPackaged(Catalog.Get<Switch>("th6-davisson")));
    }

    [Fact]
    public void A_module_without_a_power_has_that_of_its_energy()
    {
        var xpo = Catalog.Get<Transceiver>("xpo-12.8t") with { Power = null };
        Assert.Equal(400, EnergyAccount.Pluggable(Plugged, xpo).Module.Watts, 6);
    }
}
