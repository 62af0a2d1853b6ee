using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>Symbolic volumes against every message of every rank, counted one by one.</summary>
public sealed class EnumerationTests
{
    /// <summary>Bytes that leave ranks by their scale-up port, and bytes that leave units; ranks are numbered depth first.</summary>
    sealed class Wires(params int[] within)
    {
        readonly double[] port = new double[within[^1]];
        readonly double[][] boundary = [.. within[..^1].Select(r => new double[within[^1] / r])];

        public void Send(int from, int to, double bytes)
        {
            if (from / within[0] == to / within[0]) port[from] += bytes;
            for (var l = 0; l < boundary.Length; l++)
                if (from / within[l] != to / within[l]) boundary[l][from / within[l]] += bytes;
        }

        public double Port => port.Max();

        public double Leaving(int level) => boundary[level - 1].Max() / within[level - 1];

        public double MeanLeaving(int level) => boundary[level - 1].Average() / within[level - 1];
    }

    static readonly Gen<int[]> Groups =
        from inside in OneOf(1, 2, 4, 8)
        from domains in OneOf(1, 2, 4)
        from leaves in OneOf(1, 2, 3, 4, 8)
        where inside * domains * leaves > 1
        select new[] { inside, inside * domains, inside * domains * leaves };

    static Gen<int> OneOf(params int[] values) => Gen.Int[0, values.Length - 1].Select(i => values[i]);

    static CollectiveFootprint Symbolic(CollectiveAlgorithm algorithm, CollectiveKind kind, int[] within) =>
        CollectiveModel.Footprint(algorithm, kind, DataSize.FromBytes(1e6), GroupPlacement.Of(within), AlgorithmTests.Network());

    static void Same(double expected, DataSize actual) => Assert.Equal(expected, actual.Bytes, 1e-3);

    [Theory]
    [InlineData(CollectiveKind.AllReduce), InlineData(CollectiveKind.AllGather), InlineData(CollectiveKind.Broadcast)]
    public void Ring(CollectiveKind kind) => Groups.Sample(g =>
    {
        int n = g[2], r = g[0];
        var wires = new Wires(g);
        var rounds = kind switch { CollectiveKind.AllReduce => 2.0 * (n - 1) / n, CollectiveKind.AllGather => (n - 1.0) / n, _ => 1 };
        for (var channel = 0; channel < r; channel++)
        {
            // The channel enters a domain at its own rank and leaves it at the one before.
            int At(int i) => i / r * r + (channel + i) % r;
            for (var i = 0; i < n; i++) wires.Send(At(i), At((i + 1) % n), rounds * 1e6 / r);
        }
        Check(wires, Symbolic(CollectiveAlgorithm.Ring, kind, g), g);
    });

    [Theory]
    [InlineData(CollectiveKind.AllReduce), InlineData(CollectiveKind.AllGather), InlineData(CollectiveKind.ReduceScatter)]
    public void Hierarchical(CollectiveKind kind) => Groups.Where(g => g[0] > 1 && g[2] > g[0]).Sample(g =>
    {
        int n = g[2], r = g[0], domains = n / r;
        var rounds = kind == CollectiveKind.AllReduce ? 2 : 1;
        var wires = new Wires(g);
        for (var i = 0; i < n; i++)
        {
            wires.Send(i, i / r * r + (i + 1) % r, rounds * 1e6 * (r - 1) / r);
            wires.Send(i, (i + r) % n, rounds * 1e6 / r * (domains - 1) / domains);
        }
        Check(wires, Symbolic(CollectiveAlgorithm.Hierarchical, kind, g), g);
    });

    [Fact]
    public void All_to_all_with_relays_to_the_rail() => Groups.Sample(g =>
    {
        int n = g[2], r = g[0];
        var wires = new Wires(g);
        for (var from = 0; from < n; from++)
            for (var to = 0; to < n; to++)
            {
                if (from == to) continue;
                var relay = from / r == to / r ? from : from / r * r + to % r;
                if (relay != from) wires.Send(from, relay, 1e6 / n);
                wires.Send(relay, to, 1e6 / n);
            }
        Check(wires, Symbolic(CollectiveAlgorithm.Direct, CollectiveKind.AllToAll, g), g);
    });

    [Fact]
    public void Double_binary_tree() => Groups.Where(g => g[2] > g[0]).Sample(g =>
    {
        int n = g[2], r = g[0], domains = n / r;
        var wires = new Wires(g);
        for (var channel = 0; channel < r; channel++)
            for (var tree = 0; tree < 2; tree++)
            {
                var half = 1e6 / r / 2;
                void Both(int a, int b)
                {
                    wires.Send(a, b, half);
                    wires.Send(b, a, half);
                }
                for (var d = 0; d < domains; d++)
                {
                    for (var i = 0; i + 1 < r; i++) Both(d * r + (channel + i) % r, d * r + (channel + i + 1) % r);
                    if (Parent(d, domains, tree) is { } parent) Both(d * r + channel, parent * r + channel);
                }
            }
        var symbolic = Symbolic(CollectiveAlgorithm.Tree, CollectiveKind.AllReduce, g);
        Same(g[0] > 1 ? wires.Port : 0, symbolic.Volume(0));
        Same(wires.Leaving(1), symbolic.Volume(1));
        if (g[1] < n && g[1] > r) Assert.InRange(wires.MeanLeaving(2), 0, symbolic.Volume(2).Bytes * (1 + 1e-9));
    });

    /// <summary>The parent of a domain in the first or second tree of NCCL, or null for the root.</summary>
    static int? Parent(int domain, int domains, int tree)
    {
        if (tree == 0) return First(domain, domains);
        var mirrored = domains % 2 == 0;
        var parent = First(mirrored ? domains - 1 - domain : (domain - 1 + domains) % domains, domains);
        return parent is not { } p ? null : mirrored ? domains - 1 - p : (p + 1) % domains;

        static int? First(int rank, int count)
        {
            if (rank == 0) return null;
            var bit = rank & -rank;
            var up = (rank ^ bit) | (bit << 1);
            return up < count ? up : rank ^ bit;
        }
    }

    static void Check(Wires wires, in CollectiveFootprint symbolic, int[] within)
    {
        Same(within[0] > 1 ? wires.Port : 0, symbolic.Volume(0));
        Same(wires.Leaving(1), symbolic.Volume(1));
        Same(wires.Leaving(2), symbolic.Volume(2));
    }
}
