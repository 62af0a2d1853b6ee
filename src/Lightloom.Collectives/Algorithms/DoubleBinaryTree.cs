// Double binary tree all-reduce: a chain inside each domain, two complementary binary trees across domains, half of the data
// on each. A domain inside one tree is a leaf of the other.
//
//   n, r_l   ranks of the group, and in one unit of level l     S  size, B     N = n / r_0  domains
//   steps    2 ((r_0 - 1) + floor(log2 N)): up and down; of the heights, log2(r_l / r_(l-1)) lie on level l
//   V_0      2 S (r_0 - 1) / r_0: the chain, its head another rank on each channel
//   V_1      min(2, N / 2) S / r_0: inside one tree a domain sends S/2 up and S/2 to each of two children, in the other S/2 up;
//            of two domains each is the root of one tree and the leaf of the other. Two domains are not four!
//   V_l      3 S / r_(l-1) for l > 1, the mean of aligned blocks of 2^m domains: a block cuts two edges of a tree or four, in turn
//            (as V_1 where its units are the domains themselves)
//
// Example: all-reduce of 1 GB by 32 ranks, 8 per domain: N = 4, steps 2 (7 + 2) = 18, V_0 = 1.75 GB, V_1 = 0.25 GB per rank;
//   by 16 ranks V_1 = 0.125 GB.
// Source: Sanders, Speck and Traeff 2009; NCCL 2.4 (double binary trees), NCCL 2.30 tuner (latency composition).
using System.Numerics;
using Lightloom.Simulation;

namespace Lightloom.Collectives;

sealed class DoubleBinaryTree : CollectiveAlgorithm
{
    public override string Name => "tree";

    public override string Source => "Sanders, Speck and Traeff, 2009; NCCL 2.30 tuner";

    public override bool Supports(CollectiveKind kind, in GroupPlacement group, NetworkLevels levels) =>
        kind == CollectiveKind.AllReduce && group.Within(0) < group.Ranks;

    protected internal override bool TakenFor(CollectiveProtocol protocol, NetworkLevels levels) =>
        protocol == CollectiveProtocol.LowLatency || !levels.At(0).RingsForBulk;

    protected internal override void Describe(CollectiveKind kind, double size, in GroupPlacement group, NetworkLevels levels,
        ref CollectiveFootprint footprint)
    {
        var inside = group.Within(0);
        if (inside > 1) footprint.Send(0, 2 * size * (inside - 1) / inside, 2 * (inside - 1));
        Across(size, group, ref footprint);
    }

    /// <summary>Adds the two trees across domains.</summary>
    internal static void Across(double size, in GroupPlacement group, ref CollectiveFootprint footprint)
    {
        double n = group.Ranks;
        var domain = group.Within(0);
        var domains = n / domain;
        var reached = 0.0; // height of the tree inside a unit of the level below
        for (var l = 1; l < group.LevelCount; l++)
        {
            var unit = group.Within(l - 1);
            if (unit >= n) break;
            var volume = unit > domain ? 3 * size : Math.Min(2, domains / 2) * size;
            double height = BitOperations.Log2((uint)(group.Within(l) / domain + 1e-9));
            footprint.Send(l, volume / unit, 2 * (height - reached), Math.Max(1, height - reached));
            reached = height;
        }
    }

    // 2 r_0 channels: channel t r_0 + c takes tree t, and its domains' head is member c. Up and down, inside and across have queues of their
    // own: two ports, each with both directions.
    protected internal override void Write(CollectiveKind kind, ScheduleDraft draft, NetworkLevels levels)
    {
        var inside = draft.Layout.DomainRanks;
        draft.Divide(2 * inside, 1);
        WriteChains(draft, up: true);
        WriteAcross(draft, up: true);
        WriteAcross(draft, up: false);
        WriteChains(draft, up: false);
    }

    /// <summary>Chains inside domains to the head of each channel, or from it.</summary>
    internal static void WriteChains(ScheduleDraft draft, bool up)
    {
        var inside = draft.Layout.DomainRanks;
        if (inside == 1) return;
        var axis = RankAxis.InDomains(draft.Layout) with { Turn = inside };
        draft.Step(inside - 1, up
            ? draft.Send(ShiftSends.Walk(axis, inside - 1, -1, -1), Combine.Reduce, 1, ScheduleDraft.OnlyBlock)
            : draft.Send(ShiftSends.Walk(axis, 0, 1, 1), Combine.Copy, 1, ScheduleDraft.OnlyBlock, track: 1));
    }

    /// <summary>
    /// Both trees across domains. In the first, domain x with lowest set bit b has the parent x with that bit moved up, or dropped where
    /// there is no such domain; domain 0 is the root. The second is its mirror image, or shifted by one where the domains are odd.
    /// </summary>
    internal static void WriteAcross(ScheduleDraft draft, bool up)
    {
        var layout = draft.Layout;
        var domains = layout.Domains;
        var first = RankAxis.Rails(layout) with { RailOfChannel = true };
        RankAxis[] axes = [first, domains % 2 == 0 ? first with { Mirrored = true } : first with { Start = 1 }];
        var top = BitOperations.Log2((uint)(domains - 1));
        for (var i = 0; i <= top; i++)
        {
            var b = 1 << (up ? i : top - i);
            var rising = Terms(b, 4 * b, domains - b); // x + b is the parent
            var last = b + rising * 4 * b; // the domain whose parent would lie beyond the end
            List<SendClass> classes = [];
            foreach (var axis in axes)
            {
                Add(axis, b, rising, b);
                if (last < domains) Add(axis, last, 1, -b);
                Add(axis, 3 * b, Terms(3 * b, 4 * b, domains), -b);
            }
            draft.Step(1, [.. classes]);

            void Add(RankAxis axis, int child, int count, int toParent)
            {
                if (count == 0) return;
                var pattern = ShiftSends.Some(axis, up ? child : child + toParent, 1, 4 * b, count, up ? toParent : -toParent);
                classes.Add(draft.Send(pattern, up ? Combine.Reduce : Combine.Copy, 1, ScheduleDraft.OnlyBlock, ReferenceEquals(axis, axes[0]) ? 0 : layout.DomainRanks,
                    layout.DomainRanks, track: up ? 2 : 3));
            }
        }
    }

    /// <summary>Terms of first, first + period, ... below an end.</summary>
    internal static int Terms(int first, int period, int end) => end <= first ? 0 : (end - first + period - 1) / period;
}
