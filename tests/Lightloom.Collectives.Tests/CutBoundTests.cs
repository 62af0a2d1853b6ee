using CsCheck;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

public sealed class CutBoundTests
{
    static readonly Gen<GroupPlacement> Groups =
        from inside in Gen.Int[1, 72]
        from domains in Gen.Int[1, 64]
        from pods in Gen.Int[1, 32]
        select GroupPlacement.Of(inside, inside * domains, inside * domains * pods);

    static readonly Gen<NetworkLevels> Networks =
        from inside in Gen.Double[20, 1000]
        from outside in Gen.Double[1, 1000]
        from spine in Gen.Double[1, 1000]
        select AlgorithmTests.Network(inside, outside, spine, switches: true, sharp: true);

    [Fact]
    public void No_algorithm_that_only_forwards_beats_the_cut_bound_of_forwarding() =>
        Gen.Select(Groups, Networks, Gen.Enum<CollectiveKind>(), Gen.Double[1, 1e11]).Sample((group, network, kind, bytes) =>
        {
            if (group.Ranks == 1) return;
            var size = DataSize.FromBytes(bytes);
            var bound = CollectiveBounds.Cut(kind, size, group, network);
            foreach (var answer in CollectiveModel.Default.Explain(kind, size, group, network))
                if (!answer.Algorithm.ReducesInNetwork) Assert.True(answer.Time.Total.Seconds >= bound.Seconds * (1 - 1e-9), answer.ToString());
        });

    [Fact]
    public void No_algorithm_at_all_beats_the_cut_bound_of_reducing_switches() =>
        Gen.Select(Groups, Networks, Gen.Double[1, 1e11]).Sample((group, network, bytes) =>
        {
            var size = DataSize.FromBytes(bytes);
            var bound = CollectiveBounds.Cut(CollectiveKind.AllReduce, size, group, network, inNetworkReduction: true);
            foreach (var answer in CollectiveModel.Default.Explain(CollectiveKind.AllReduce, size, group, network))
                Assert.True(answer.Time.Total.Seconds >= bound.Seconds * (1 - 1e-9), answer.ToString());
        });

    [Fact]
    public void Time_never_falls_with_size() =>
        Gen.Select(Groups, Networks, Gen.Enum<CollectiveKind>(), Gen.Double[0, 1e9], Gen.Double[0, 1e9]).Sample((group, network, kind, a, b) =>
        {
            var small = CollectiveModel.Default.Time(kind, DataSize.FromBytes(Math.Min(a, b)), group, network).Total;
            var large = CollectiveModel.Default.Time(kind, DataSize.FromBytes(Math.Max(a, b)), group, network).Total;
            Assert.True(small.Seconds <= large.Seconds * (1 + 1e-12));
        });

    [Fact]
    public void Example()
    {
        var bound = CollectiveBounds.Cut(CollectiveKind.AllGather, DataSize.FromGigabytes(1), GroupPlacement.Of(8, 16, 16), AlgorithmTests.Network());
        Assert.Equal(2.0833, bound.Milliseconds, 1e-4);
    }
}
