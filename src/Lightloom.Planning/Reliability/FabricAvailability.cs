// How much of the time two accelerators reach each other, and a plane is whole.
//
//   part       u = ρ/(1 + ρ), ρ = rate x repair: the share of time that it is down (Reliability/FailureProcess.cs has both)
//   one way    host link, leaf, [k ways up side by side], leaf, host link, in series; the ways up of a leaf are its spines:
//              below one pod      a = link·spine·link,                              all down: (1 − a)^k
//              between pods       a = link·(link·core·link on c cores, side by side)·spine²·link
//   pair       1 − Π over ways (1 − one way): a card's planes or leaves; then the cards at both ends
//   plane      whole: Π over all its parts (1 − u);  ports: the mean share of its host ports that work, link·leaf
//
// Ways share cards and, of a dual-tor, spines; parts fail independently. Cables, modules and switches count, software does not.
//
// Worked example: links of ρ = 1e-6, leaves of 5.5e-5 (0.081 a year, 6 h), one way: a pair on one leaf is apart 2 + 55 parts in a million,
// half an hour a year; on two planes (5.7e-5)² = 3.2e-9, a tenth of a second, and only the cards are left.

using Lightloom.Fabric;

namespace Lightloom.Planning.Reliability;

/// <summary>Availability of a pair of accelerators.</summary>
/// <param name="Pair">Where they stand to each other.</param>
/// <param name="Fabric">Share of time that the fabric joins them.</param>
/// <param name="WithCards">The same with the cards at both ends.</param>
public sealed record PairAvailability(string Pair, double Fabric, double WithCards)
{
    /// <summary>Minutes a year that the fabric does not join them.</summary>
    public double MinutesApart => (1 - Fabric) * 365.25 * 1440;
}

/// <summary>Availability of pairs and planes of a folded Clos; see the equations at the head of this file.</summary>
/// <param name="Ways">Separate ways that a card has into the fabric.</param>
/// <param name="Pairs">By where the accelerators stand.</param>
/// <param name="Planes">Planes.</param>
/// <param name="PlaneWhole">Share of time that nothing at all of a plane is down.</param>
/// <param name="PlanePorts">Mean share of a plane's host ports that work.</param>
public sealed record FabricAvailability(int Ways, IReadOnlyList<PairAvailability> Pairs, int Planes, double PlaneWhole, double PlanePorts)
{
    /// <summary>Works it out; null for what is no folded Clos.</summary>
    /// <param name="plan">The fabric.</param>
    /// <param name="processes">What fails.</param>
    public static FabricAvailability? Of(FabricPlan plan, IReadOnlyList<FailureProcess> processes)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(processes);
        if (plan.Clos is not { } shape || plan.Tiers.Count == 0) return null;
        double Down(string name) => processes.FirstOrDefault(p => p.Name == name) is { } p ? p.Rate * p.Repair is var load ? load / (1 + load) : 0 : 0;
        double Up(string name) => 1 - Down(name);
        var (link, leaf, up, spine, over, core) =
            (Up("links to the leaves"), Up("leaf switches"), Up("leaf-spine links"), Up("spine switches"), Up("spine-core links"), Up("core switches"));
        var card = Up("network cards");
        var ways = ClusterProcesses.WaysOfCard(plan);
        var pairs = new List<PairAvailability>();
        void Pair(string name, double oneWay)
        {
            var fabric = 1 - Math.Pow(1 - oneWay, ways);
            pairs.Add(new(name, fabric, fabric * card * card));
        }
        Pair("on one leaf", link * link * leaf);
        if (shape.UplinksPerLeaf > 0)
        {
            var spines = Math.Max(1, Math.Min(shape.UplinksPerLeaf, shape.SpinesPerPod));
            var bundle = Math.Max(1, shape.UplinksPerLeaf / spines);
            // Links between the same two switches stand for each other.
            var joined = 1 - Math.Pow(1 - up, bundle);
            Pair(shape.Pods > 1 ? "in one pod" : "on two leaves", link * link * leaf * leaf * (1 - Math.Pow(1 - (joined * joined * spine), spines)));
            if (shape.UplinksPerSpine > 0)
            {
                var cores = Math.Max(1, Math.Min(shape.UplinksPerSpine, shape.CoresPerGroup));
                var risen = 1 - Math.Pow(1 - over, Math.Max(1, shape.UplinksPerSpine / cores));
                var through = 1 - Math.Pow(1 - (risen * risen * core), cores);
                Pair("in two pods", link * link * leaf * leaf * (1 - Math.Pow(1 - (joined * joined * spine * spine * through), spines)));
            }
        }
        var parts = 0.0;
        foreach (var p in processes)
            if (p.Name is "links to the leaves" or "leaf switches" or "leaf-spine links" or "spine switches" or "spine-core links" or "core switches")
                parts += p.Count / shape.Planes * Math.Log(1 - Down(p.Name));
        return new(ways, pairs, shape.Planes, Math.Exp(parts), link * leaf);
    }
}
