// What of a collective's closed form is the network's, and what mechanisms sustain of links (the equations are in EngineCollectives.cs).
using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Engines;

/// <summary>A fabric as libraries use it.</summary>
/// <param name="graph">The fabric.</param>
/// <param name="levels">The network as the time model sees it, at what is sustained.</param>
/// <param name="fabric">How collectives use the fabric.</param>
sealed class SustainedNetwork(FabricGraph graph, NetworkLevels levels, CollectiveParameters fabric)
{
    /// <summary>The network's part of a closed form.</summary>
    public Duration NetworkOf(in CollectiveTime closed, CollectiveKind kind, DataSize size, in GroupPlacement placement)
    {
        var footprint = CollectiveModel.Footprint(closed.Algorithm!, kind, size, placement, levels);
        var network = closed.Transfer - closed.Ramp;
        for (var l = 1; l < placement.LevelCount; l++)
        {
            network += Quantity.Max(Duration.Zero, levels[l].Latency - fabric.Hop.Value) * footprint.Messages(l);
            network += Quantity.Max(Duration.Zero, levels[l].InNetworkLatency - (fabric.InNetworkHop ?? fabric.Hop).Value) * footprint.InNetworkMessages(l);
        }
        return network;
    }

    /// <summary>A task on links at what is sustained of them; where headers count by themselves, on those of the fabric as they are.</summary>
    public EngineTask Of(EngineTask task, in CollectiveTime closed, bool countsHeaders)
    {
        var (inside, outside) = Shares(task, closed);
        return task with
        {
            // Software of a hop inside a domain is that of its links.
            Places = task.Places with { ScaleUp = task.Places.ScaleUp * inside, ScaleUpLatency = Duration.Zero },
            Outside = countsHeaders ? 1 : outside,
        };
    }

    /// <summary>What a task gets of the rates of links inside domains, and of cards and fabric.</summary>
    public (double Inside, double Outside) Shares(EngineTask task, in CollectiveTime closed)
    {
        bool Reduced(bool inDomains) => task.Schedule.Tiers.Any(t => t.Level == 0 == inDomains);
        static double InSwitches(CollectiveParameters mechanism) => (mechanism.InNetworkSustained ?? mechanism.Sustained).Value;
        var mechanism = graph.Plan.Request.System.Accelerator.Collectives;
        return (Reduced(true) ? InSwitches(mechanism) : Share(mechanism, closed, 1), Reduced(false) ? InSwitches(fabric) : Share(fabric, closed, 2));
    }

    /// <summary>What messages between two ranks get of both.</summary>
    public (double Inside, double Outside) SharesOfSends(in CollectiveTime closed) => (Share(graph.Plan.Request.System.Accelerator.Collectives, closed, 1), Share(fabric, closed, 2));

    // As CollectiveFootprint has it: flags of the small protocol halve what pairs get of a fabric.
    static double Share(CollectiveParameters mechanism, in CollectiveTime closed, int halves)
    {
        var pairs = (mechanism.PointToPointSustained ?? mechanism.Sustained).Value;
        if (closed.Protocol == CollectiveProtocol.Bulk) return closed.Algorithm!.BetweenPairs ? pairs : mechanism.Sustained.Value;
        return closed.Algorithm!.BetweenPairs && halves > 1 ? pairs / halves : (mechanism.LowLatencySustained ?? mechanism.Sustained).Value;
    }
}
