// Where the power of a cluster goes, from one rack to the meter.
//
//   rack    of systems a full one, with its leaves where they stand in it; of switches the mean of those that there are, a module in each cage
//   hall    all provisioned IT power / halls
//   site    IT power x PUE at the meter; cooling, conversion and the rest are IT power x (PUE - 1)
//   several sites   the places of each, and all of them at their meters with the routes between them

using Lightloom.Fabric;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>Power of a place and how many such places there are.</summary>
/// <param name="Name">The place.</param>
/// <param name="Count">How many there are.</param>
/// <param name="Each">Power of one.</param>
/// <param name="Remark">What a reader should know; empty where nothing.</param>
public sealed record PlacePower(string Name, long Count, Power Each, string Remark = "")
{
    /// <summary>Power of all.</summary>
    public Power All => Each * (double)Count;
}

/// <summary>Power by rack, hall and site; see the equations at the head of this file.</summary>
public static class PowerByPlace
{
    /// <summary>Power of each kind of place of a design: of one cluster, or of each of several sites and of all.</summary>
    /// <param name="evaluation">The design.</param>
    public static IReadOnlyList<PlacePower> Of(Evaluation evaluation)
    {
        ArgumentNullException.ThrowIfNull(evaluation);
        if (evaluation.Together is not { } together) return Of(evaluation.Build, evaluation.Power);
        var names = evaluation.Build.Document.Design.Sites!.Select(s => s.Name).ToList();
        var (pue, all) = (evaluation.Build.Site.PowerUsageEffectiveness.Value, together.Power);
        return
        [
            .. together.Sites.Select((s, i) => (Site: s, Name: names[i])).GroupBy(s => s.Site, s => s.Name)
                .SelectMany(g => Of(g.Key.Build, g.Key.Power).Select(p => p with { Name = $"{string.Join(", ", g)}: {p.Name}", Count = p.Count * g.Count() })),
            new("all at their meters, in use", 1, all.InUse * pue, "routes included"),
            new("all at their meters, provisioned", 1, all.Provisioned * pue, "routes included"),
        ];
    }

    /// <summary>Power of each kind of place, from one rack to the meter.</summary>
    /// <param name="build">The cluster.</param>
    /// <param name="power">Its power by component.</param>
    public static IReadOnlyList<PlacePower> Of(ClusterBuild build, PowerUse power)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(power);
        var floor = build.Floor;
        var halls = Math.Max(1, floor.Spec.Halls);
        var pue = build.Site.PowerUsageEffectiveness.Value;
        var places = new List<PlacePower>
        {
            new("rack of systems", floor.SystemRacks, floor.SystemRackPower, "a full one, provisioned"),
        };
        if (floor.NetworkRacks > 0)
            places.Add(new("rack of switches", floor.NetworkRacks, floor.NetworkRackPower * Math.Min(1, Standing(build) / ((double)floor.NetworkRacks * floor.SwitchesPerRack)), "mean, a module in each cage"));
        places.Add(new("hall", halls, power.Provisioned / halls, "IT power, provisioned"));
        places.Add(new("site, IT in use", 1, power.InUse));
        places.Add(new("cooling and conversion", 1, power.InUse * (pue - 1), "in use"));
        places.Add(new("site at the meter, in use", 1, power.InUse * pue));
        places.Add(new("site at the meter, provisioned", 1, power.Provisioned * pue));
        return places;
    }

    // Switches in racks of their own: leaves may stand among the systems.
    static double Standing(ClusterBuild build) =>
        build.Plan.Tiers.Where(t => t.Name != "leaf" || build.Floor.Spec.NetworkRacks != NetworkPlacement.InRack).Sum(t => (double)t.Count) + (build.Plan.OpticalSwitches?.Count ?? 0);
}
