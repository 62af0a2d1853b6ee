using Lightloom.Quantities;
using static Lightloom.Fabric.PortArithmetic;

namespace Lightloom.Fabric;

// A rail-only fabric [Wang, Ghobadi, Shakeri, Zhang, Hasani, 2023, arXiv 2307.12169]: a separate fabric for each rail.
//
//   R   rails: ports of a system in a plane, or as many as asked for        N   systems
//
//   rail i joins port i of every system by a folded Clos of its own; nothing joins two rails but the scale-up domains. Each is a plane
//   of N systems with P/R ports, so all counts are R times those of one.
//
// Worked example: 64 systems of 8 ports, k = 64: 8 rails of one switch each; 8 switches and 512 links, where a rail-optimised fabric
// has 16 leaves, 8 spines and 1,024 links.

/// <summary>
/// A separate folded Clos of one to three tiers for each rail. Accelerators of different rails meet in their scale-up domain alone; in
/// the plan each rail is a plane.
/// </summary>
public sealed class RailOnly : ITopology
{
    /// <inheritdoc/>
    public string Name => "rail-only";

    /// <inheritdoc/>
    public string Description => "A folded Clos for each rail and nothing between rails; other rails are reached through the scale-up domain.";

    /// <inheritdoc/>
    public FabricPlan Plan(FabricRequest request)
    {
        TopologyParameters.Of(this, request);
        AtLeast("planes", request.Planes, 1);
        var nic = request.System.Nic;
        var ports = (long)request.System.Nics.Value * PortsPerNic(nic, request.PortRate ?? nic.Rate.Value / nic.Ports.Value);
        if (ports % request.Planes != 0)
        {
            var (below, above) = DivisorsAround(ports, request.Planes);
            throw new FabricException("planes",
                $"{ports} ports of a system cannot be divided over {request.Planes} planes; the nearest possible are {Either(below, above)}", below, above);
        }
        ports /= request.Planes;
        var nics = request.System.Nics.Value;
        var rails = request.Rails ?? (int)(ports % nics == 0 ? nics : ports);
        AtLeast("rails", rails, 1);
        if (ports % rails != 0)
        {
            var (below, above) = DivisorsAround(ports, rails);
            throw new FabricException("rails",
                $"{ports} ports of a system cannot be divided over {rails} rails; the nearest possible are {Either(below, above)}", below, above);
        }
        var plan = new Clos(Name, request with { Planes = checked(request.Planes * rails), Rails = null }, byRail: false).Plan();
        return plan with { Locality = [.. plan.Locality.Select((level, i) => i == 0 ? level : level with { Rails = rails })] };
    }
}
