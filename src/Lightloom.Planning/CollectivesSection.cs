using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Logs;

namespace Lightloom.Planning;

/// <summary>How collectives use a design's links where that was measured, or something is broken; the parts' own unless given.</summary>
public sealed record CollectivesSection
{
    /// <summary>How collectives use the scale-up links.</summary>
    public CollectiveParameters? ScaleUp { get; init; }

    /// <summary>How collectives use the fabric.</summary>
    public CollectiveParameters? Fabric { get; init; }

    /// <summary>Whether the scale-up switches reduce (NVLink SHARP); as the system says unless given.</summary>
    public bool? SwitchReduction { get; init; }

    /// <summary>Whether the fabric's switches reduce for the library (SHARP): it has to be told so (NCCL_COLLNET_ENABLE=1), and no published run here shows its gain.</summary>
    public bool FabricReduction { get; init; }

    /// <summary>Share of the scale-up bandwidth that is left where links are broken.</summary>
    [Limits(Minimum = 0.0001, Maximum = 1)]
    public double ScaleUpShare { get; init; } = 1;

    /// <summary>Share of the fabric's bandwidth that is left where cards or links are broken.</summary>
    [Limits(Minimum = 0.0001, Maximum = 1)]
    public double FabricShare { get; init; } = 1;

    internal NetworkChange Change => new(false, ScaleUpShare, FabricShare);

    /// <summary>A system whose links are used as this section says.</summary>
    public AcceleratorSystem Of(AcceleratorSystem system)
    {
        ArgumentNullException.ThrowIfNull(system);
        if (ScaleUp is { } measured) system = system with { Accelerator = system.Accelerator with { Collectives = measured } };
        return SwitchReduction is { } reduces ? system with { InNetworkReduction = reduces } : system;
    }
}
