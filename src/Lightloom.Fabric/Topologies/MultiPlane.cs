using Lightloom.Quantities;
using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// Cards of several ports, each port in a plane of its own: as many separate fabrics as a card has ports.
//
//   c   ports of a card = planes      P/c   ports of a system in a plane      each plane: a rail-optimised folded Clos
//
// A card loses 1/c of its bandwidth with a port, a leaf or a whole plane, and no more [Qian et al., Alibaba HPN, SIGCOMM 2024: two
// planes]. Smaller links make larger radices: 512-port leaves of 100 Gb/s reach in two tiers what 64 of 800 Gb/s need three for.
//
// Worked example: 512 leaves with 256 cards below each join 131,072 cards in two tiers.

/// <summary>
/// A rail-optimised folded Clos for each port of a card: twin-port cards have one port in each of two planes.
/// </summary>
public sealed class MultiPlane : ITopology
{
    /// <inheritdoc/>
    public string Name => "multi-plane";

    /// <inheritdoc/>
    public string Description => "A rail-optimized folded Clos for each port of a card, so that a card stands in every plane.";

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        TopologyParameters.Of(this, request);
        AtLeast("planes", request.Planes, 1);
        var nic = request.System.Nic;
        var ports = PortsPerNic(nic, request.PortRate ?? nic.Rate.Value / nic.Ports.Value);
        // 1 is what a request says that says nothing of planes.
        var planes = request.Planes > 1 ? request.Planes : ports;
        if (ports % planes != 0)
        {
            var (below, above) = DivisorsAround(ports, planes);
            throw new FabricException("planes",
                $"{ports} ports of a card cannot stand in {planes} planes each; the nearest possible are {Either(below, above)}", below, above);
        }
        if (planes == 1)
            throw new FabricException("planes", "a card of one port stands in one plane; expected cards of several ports, or a portRate that splits them", 1);
        return new Clos(Name, request with { Planes = planes }, byRail: true).Plan();
    }
}
