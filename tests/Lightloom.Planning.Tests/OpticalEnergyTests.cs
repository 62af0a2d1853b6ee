using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>Optical energy by denominator: every figure follows from the links and switches of the design.</summary>
public class OpticalEnergyTests
{
    public static TheoryData<string> Names => Designs.Examples;

    static Evaluation Evaluate(string name) => Designs.Example(name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Denominators_fit_each_other(string name)
    {
        var evaluation = Evaluate(name);
        var energy = OpticalEnergy.Of(evaluation);
        Assert.Equal(evaluation.Build.Links.Sum(l => l.Power.Watts), energy.Power.Watts, 1e-9 * energy.Power.Watts);
        Assert.Equal(energy.Power.Watts / evaluation.Power.InUse.Watts, energy.ShareOfCluster.Si, 12);
        Assert.Equal(energy.Power.Watts / evaluation.Build.Plan.AcceleratorCount, energy.PerAccelerator.Watts, 9);
        foreach (var link in energy.Links)
        {
            Assert.Equal(2 * link.PerEnd.JoulesPerBit, link.PerLink.JoulesPerBit, 1e-9 * link.PerLink.JoulesPerBit + 1e-30);
            Assert.True(link.PerLinkWithHost > link.PerLink);
            var rate = evaluation.Build.Links.Single(l => l.Class.Name == link.Links).Class.Rate;
            Assert.Equal(link.Power.Watts / link.Count / rate.BitsPerSecond, link.PerLink.JoulesPerBit, 1e-9 * link.PerLink.JoulesPerBit + 1e-30);
        }
        foreach (var box in energy.Boxes)
        {
            var tier = evaluation.Build.Plan.Tiers.Single(t => t.Name == box.Tier);
            Assert.Equal(tier.Switch.Power!.Value.Value.Watts + box.Modules.Watts, box.Box.Watts, 9);
            if (tier.Switch.CoPackaged is not null) Assert.Equal(0, box.Modules.Watts);
        }
        // Modules in switches and those in systems are all that links add.
        var inBoxes = energy.Boxes.Sum(b => b.Count * b.Modules.Watts);
        Assert.True(inBoxes <= evaluation.Build.Links.Sum(l => l.AddedPower.Watts) * (1 + 1e-9));
    }

    // Per port a co-packaged engine takes a third; of the cluster that is a fraction of a per cent.
    [Fact]
    public void A_saving_shrinks_with_its_denominator()
    {
        var (plugged, packaged) = (OpticalEnergy.Of(Evaluate("gb200-nvl72-pluggable")), OpticalEnergy.Of(Evaluate("gb200-nvl72-cpo")));
        var (before, after) = (plugged.Links.Single(l => l.Links == "leaf-spine"), packaged.Links.Single(l => l.Links == "leaf-spine"));
        var perLink = before.PerLink.JoulesPerBit / after.PerLink.JoulesPerBit;
        var spine = plugged.Boxes.Single(b => b.Tier == "spine").PerBit!.Value.JoulesPerBit / packaged.Boxes.Single(b => b.Tier == "spine").PerBit!.Value.JoulesPerBit;
        var ofCluster = plugged.ShareOfCluster.Si - packaged.ShareOfCluster.Si;
        Assert.True(perLink > spine && spine > 1, $"{perLink} {spine}");
        Assert.InRange(ofCluster, 0, 0.01);
    }
}
