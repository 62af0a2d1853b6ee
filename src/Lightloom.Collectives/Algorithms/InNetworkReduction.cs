// All-reduce by the switches of the fabric (SHARP, CollNet): each domain sends its sum up once and receives the total once.
//
//   V_0 = S (r_0 + 1) / r_0 where the scale-up switches reduce, else 2 S (r_0 - 1) / r_0 (reduce-scatter and all-gather inside)
//   V_l = S / r_(l-1) for l > 0: a leaf that has reduced its ranks sends one copy up
//   steps: one reduction per level, whatever n is; 2 (r_0 - 1) inside domains whose switches don't reduce
//
// Example: all-reduce of 1 GB by 1,024 ranks, 8 per domain: V_1 = 0.125 GB per rank, where a tree sends 0.25 GB.
// Source: Graham et al. 2016 (SHARP); NCCL 2.30 tuner (CollNet latency independent of the nodes).
namespace Lightloom.Collectives;

sealed class InNetworkReduction : CollectiveAlgorithm
{
    public override string Name => "in-network";

    public override string Source => "Graham et al., 2016 (SHARP); NCCL 2.30 tuner";

    public override bool ReducesInNetwork => true;

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels)
    {
        if (kind != CollectiveKind.AllReduce || group.Within(0) >= group.Ranks) return false;
        for (var l = 1; l < group.LevelCount; l++)
            if (group.Crosses(l) && !levels.At(l).InNetwork) return false;
        return true;
    }

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        var inside = group.Within(0);
        if (inside > 1)
        {
            if (levels.At(0).InNetwork) InSwitchReduction.Inside(size, inside, ref footprint);
            else footprint.Send(0, 2 * size * (inside - 1) / inside, 2 * (inside - 1));
        }
        for (var l = 1; l < group.LevelCount && group.Crosses(l); l++) footprint.Reduce(l, size / group.Within(l - 1), 1);
    }
}
