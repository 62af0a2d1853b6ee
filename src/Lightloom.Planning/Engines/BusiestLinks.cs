// Which links a program fills longest, were every link to carry what it has to at its rate: the link that no schedule can spare.
//
//   need of a link    sum over flows of  share x bytes / capacity,  s
//
// Example: two flows of 1 GB over a link of 50 GB/s: it needs 40 ms, each flow by itself 20.
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;

namespace Lightloom.Planning.Engines;

/// <summary>The class of links that needs longest for what it has to carry.</summary>
/// <param name="Name">The class: "leaf-spine", or "scale-up".</param>
/// <param name="Direction">"up" or "down" the fabric, "out of" or "into" an accelerator.</param>
/// <param name="Need">What the fullest of them needs for all that it carries.</param>
/// <param name="Flows">Flows over it in one step, those that put less than all of themselves on it counted in part.</param>
public sealed record BusiestLinks(string Name, string Direction, Duration Need, double Flows)
{
    /// <summary>The busiest links of a program.</summary>
    /// <param name="graph">The fabric that it was made for.</param>
    /// <param name="program">Its flows.</param>
    /// <param name="times">How often all of them are sent.</param>
    internal static BusiestLinks Of(FabricGraph graph, FlowProgram program, int times)
    {
        var (need, flows) = (new double[program.Links], new double[program.Links]);
        for (var f = 0; f < program.Count; f++)
        {
            for (var p = program.PathOffset[f]; p < program.PathOffset[f + 1]; p++)
            {
                var share = program.Share?[p] ?? 1;
                need[program.Path[p]] += share * program.BytesOf(f) / program.Capacity[program.Path[p]];
                flows[program.Path[p]] += share;
            }
        }
        var most = 0;
        for (var l = 1; l < need.Length; l++)
            if (need[l] > need[most] * (1 + 1e-9)) most = l;
        var inFabric = most < 2 * graph.Links;
        return new(
            inFabric ? graph.Plan.Links[graph.ClassOf[most / 2]].Name : "scale-up",
            inFabric ? most % 2 == 0 ? "up" : "down" : most % 2 == 0 ? "out of" : "into",
            Duration.FromSeconds(times * need[most]), flows[most]);
    }
}
