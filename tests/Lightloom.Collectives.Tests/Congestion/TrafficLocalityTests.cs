using CsCheck;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests.Congestion;

public sealed class TrafficLocalityTests
{
    static double Leaving(CollectiveAlgorithm algorithm, CollectiveKind kind, params ReadOnlySpan<int> within) => TrafficLocality.Leaving(
        CollectiveModel.Footprint(algorithm, kind, DataSize.FromGigabytes(1), GroupPlacement.Of(within), AlgorithmTests.Network()), 2);

    [Fact]
    public void The_example_leaves_the_leaf_with_76_of_all_to_all_and_3_of_a_ring()
    {
        Assert.Equal(768 / 1016.0, Leaving(CollectiveAlgorithm.Direct, CollectiveKind.AllToAll, 8, 256, 1024), 1e-9);
        Assert.Equal(8 / 256.0, Leaving(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, 8, 256, 1024), 1e-9);
        Assert.Equal(0, Leaving(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, 8, 256, 256));
        Assert.Equal(0, Leaving(CollectiveAlgorithm.Ring, CollectiveKind.AllReduce, 8, 8, 8));
    }

    [Fact]
    public void All_to_all_by_one_rank_each_is_what_lies_outside_the_leaf() =>
        (from leaf in Gen.Int[1, 16] from leaves in Gen.Int[2, 16] select (leaf, leaves)).Sample(g =>
    {
        var n = g.leaf * g.leaves;
        Assert.Equal((n - g.leaf) / (n - 1.0), Leaving(CollectiveAlgorithm.Direct, CollectiveKind.AllToAll, 1, g.leaf, n), 1e-9);
    });
}
