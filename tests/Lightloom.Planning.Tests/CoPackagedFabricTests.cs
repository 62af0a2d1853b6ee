using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>Power that co-packaged switches save over a fabric, as Lambda published it: 7.0 kW with 72 pluggable modules against 3.95 kW.</summary>
public class CoPackagedFabricTests
{
    const double ModuleWatts = 25; // Lambda: 72 modules of about 25 W in the pluggable switch

    [Theory]
    [InlineData(8, 576, 12, 37)]
    [InlineData(64, 4608, 100, 305)]
    public void A_fabric_saves_what_was_published(int systems, long accelerators, long switches, double kilowatts)
    {
        var catalog = PartCatalog.Default;
        var coPackaged = catalog.Get<Switch>("q3450-ld");
        var pluggable = catalog.Get<Switch>("q3400-ra");
        var plan = Topologies.Find("fat-tree").Plan(new()
        {
            Systems = systems,
            System = catalog.Get<AcceleratorSystem>("gb200-nvl72-xdr"),
            Switch = coPackaged,
        });
        Assert.Equal(accelerators, plan.AcceleratorCount);
        Assert.Equal(switches, plan.SwitchCount);

        var modules = pluggable.Ports.Value / pluggable.PortsPerCage!.Value.Value;
        var saved = pluggable.Power!.Value.Value + Power.FromWatts(modules * ModuleWatts) - coPackaged.Power!.Value.Value;
        Assert.Equal(kilowatts, Math.Round(saved.Kilowatts * switches, MidpointRounding.AwayFromZero));
    }
}
