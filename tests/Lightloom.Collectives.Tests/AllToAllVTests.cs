using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation;

namespace Lightloom.Collectives.Tests;

public sealed class AllToAllVTests
{
    static readonly Gen<TrafficMatrix> Matrices =
        from n in Gen.Int[1, 12]
        from most in Gen.Long[1, 1L << 40]
        from sparse in Gen.Int[0, 9]
        from entries in Gen.Select(Gen.Long[0, most], Gen.Int[0, 9]).Array[n * n]
        select Of(n, (i, j) => entries[i * n + j].Item2 < sparse ? 0 : entries[i * n + j].Item1);

    static TrafficMatrix Of(int n, Func<int, int, long> of)
    {
        var bytes = new long[n, n];
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++) bytes[i, j] = of(i, j);
        return TrafficMatrix.FromBytes(bytes);
    }

    static void Complete(TrafficMatrix traffic, ExchangePlan plan)
    {
        var n = traffic.Ranks;
        var sends = plan.Schedule.Expand();
        var delivered = new double[n, n];
        var makespan = 0.0;
        for (var t = 0; t < sends.Steps; t++)
        {
            var (from, to, longest) = (new HashSet<int>(), new HashSet<int>(), 0.0);
            for (var i = sends.StepOffset[t]; i < sends.StepOffset[t + 1]; i++)
            {
                Assert.True(from.Add(sends.Source[i]) && to.Add(sends.Destination[i]));
                Assert.True(sends.Bytes[i] > 0);
                Assert.Equal(-1, sends.WaitsFor[i]);
                delivered[sends.Source[i], sends.Destination[i]] += sends.Bytes[i];
                longest = Math.Max(longest, sends.Bytes[i]);
            }
            makespan += longest;
        }
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++) Assert.Equal(traffic[i, j].Bytes, delivered[i, j]);
        Assert.Equal(makespan, plan.Makespan.Bytes);
        Assert.Equal(traffic.Total.Bytes, plan.Schedule.TotalBytes.Bytes, 1e-6 * traffic.Total.Bytes + 1e-9);
    }

    [Fact]
    public void Matched_rounds_deliver_everything_in_the_least_possible_time() => Matrices.Sample(traffic =>
    {
        var plan = AllToAllV.Matched(traffic, RankLayout.Of(traffic.Ranks));
        Complete(traffic, plan);
        // The longest line, read from the matrix the slow way.
        var lines = Enumerable.Range(0, traffic.Ranks).SelectMany(i => new[]
        {
            Enumerable.Range(0, traffic.Ranks).Sum(j => traffic[i, j].Bytes), Enumerable.Range(0, traffic.Ranks).Sum(j => traffic[j, i].Bytes),
        });
        Assert.Equal(lines.Max(), plan.Bound.Bytes);
        // A round's real sends may all be shorter than its weight, so that no makespan is above the bound; and none is below.
        Assert.Equal(plan.Bound.Bytes, plan.Makespan.Bytes);
        Assert.InRange(plan.Schedule.Steps.Count, 0, traffic.Ranks * traffic.Ranks - 2 * traffic.Ranks + 2);
    }, iter: 500);

    [Fact]
    public void Rotated_rounds_deliver_everything_and_never_beat_the_bound() => Matrices.Sample(traffic =>
    {
        var plan = AllToAllV.Rotated(traffic, RankLayout.Of(traffic.Ranks));
        Complete(traffic, plan);
        Assert.InRange(plan.Makespan.Bytes, plan.Bound.Bytes, plan.Bound.Bytes * Math.Max(1, traffic.Ranks - 1));
        Assert.InRange(plan.Schedule.Steps.Count, 0, Math.Max(0, traffic.Ranks - 1));
    }, iter: 500);

    [Fact]
    public void Examples()
    {
        var traffic = TrafficMatrix.FromBytes(new long[,] { { 9, 6, 2 }, { 0, 9, 4 }, { 5, 0, 9 } });
        Assert.Equal([8, 4, 5], Enumerable.Range(0, 3).Select(i => traffic.Sent(i).Bytes));
        Assert.Equal([5, 6, 6], Enumerable.Range(0, 3).Select(i => traffic.Received(i).Bytes));
        Assert.Equal(8, traffic.LongestLine.Bytes);
        Assert.Equal(8, AllToAllV.Rotated(traffic, RankLayout.Of(3)).Makespan.Bytes);
        var more = TrafficMatrix.FromBytes(new long[,] { { 0, 6, 2 }, { 4, 0, 4 }, { 5, 0, 0 } });
        Assert.Equal((9, 10), (AllToAllV.Matched(more, RankLayout.Of(3)).Makespan.Bytes, AllToAllV.Rotated(more, RankLayout.Of(3)).Makespan.Bytes));
        Assert.Equal(1, AllToAllV.Matched(more, RankLayout.Of(3)).OverBound.Si);
    }

    [Fact]
    public void Equal_pairs_are_a_plain_all_to_all()
    {
        var plan = AllToAllV.Rotated(TrafficMatrix.Uniform(8, DataSize.FromBytes(125)), RankLayout.Of(4, 8));
        Assert.Equal(plan.Bound, plan.Makespan);
        var plain = CollectiveAlgorithm.AllPairs.Schedule(CollectiveKind.AllToAll, DataSize.FromBytes(1000), GroupPlacement.Of(4, 8), new(
            new NetworkLevel("a", Bandwidth.FromGigabytesPerSecond(1), Duration.Zero), new NetworkLevel("b", Bandwidth.FromGigabytesPerSecond(1), Duration.Zero)));
        Assert.Equal(plain.TotalBytes.Bytes, plan.Schedule.TotalBytes.Bytes, 1e-6);
        Assert.Equal(plain.BytesOver(1).Bytes, plan.Schedule.BytesOver(1).Bytes, 1e-6);
        Assert.Equal(plain.Expand().Source, plan.Schedule.Expand().Source);
        Assert.Equal(plain.Expand().Destination, plan.Schedule.Expand().Destination);
    }

    [Fact]
    public void Traffic_between_units_is_the_sum_of_their_pairs() => Gen.Select(Gen.Int[1, 4], Gen.Int[1, 4], Gen.Int[0, 1000]).Sample((inside, domains, seed) =>
    {
        var random = new Random(seed);
        var traffic = Of(inside * domains, (_, _) => random.Next(1000));
        var units = traffic.Between(inside);
        var plan = AllToAllV.Rotated(traffic, RankLayout.Of(inside, inside * domains));
        Assert.Equal(plan.Schedule.BytesOver(1).Bytes, units.Total.Bytes, 1e-6);
    });

    [Fact]
    public void Relayed_exchanges_deliver_over_the_destinations_rail() => Gen.Select(Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[0, 1000]).Sample((inside, domains, seed) =>
    {
        var n = inside * domains;
        var random = new Random(seed);
        var traffic = Of(n, (_, _) => random.Next(3) == 0 ? 0 : random.Next(1000));
        var exchange = AllToAllV.Relayed(traffic, RankLayout.Of(inside, n));
        // Every pair's bytes, sent by hand.
        var expected = new Dictionary<(int, int), double>();
        void Add(int from, int to, double bytes)
        {
            if (from != to && bytes > 0) expected[(from, to)] = expected.GetValueOrDefault((from, to)) + bytes;
        }
        for (var i = 0; i < n; i++)
            for (var j = 0; j < n; j++)
            {
                var relay = i / inside * inside + j % inside;
                Add(i, relay, traffic[i, j].Bytes);
                if (relay != j) Add(relay, j, traffic[i, j].Bytes);
            }
        var sends = exchange.Schedule.Expand();
        var found = Enumerable.Range(0, sends.Count).ToDictionary(i => (sends.Source[i], sends.Destination[i]), i => sends.Bytes[i]);
        Assert.Equal(expected.OrderBy(e => e.Key), found.OrderBy(e => e.Key));
        double Busiest(bool near) => found.Where(f => f.Key.Item1 / inside == f.Key.Item2 / inside == near)
            .SelectMany(f => new[] { (Port: (f.Key.Item1, 0), f.Value), (Port: (f.Key.Item2, 1), f.Value) }).GroupBy(p => p.Port).Select(p => p.Sum(x => x.Value)).DefaultIfEmpty().Max();
        Assert.Equal((Busiest(true), Busiest(false)), (exchange.Inside.Bytes, exchange.Across.Bytes));
        Assert.True(exchange.Across.Bytes >= exchange.AcrossBound.Bytes * (1 - 1e-12));
        var waits = Enumerable.Range(0, sends.Count).Where(i => sends.WaitsFor[i] >= 0).ToList();
        Assert.All(waits, i => Assert.NotEqual(sends.Source[i] / inside, sends.Destination[i] / inside));
    }, iter: 300);

    [Fact]
    public void Equal_pairs_relayed_are_the_direct_exchange()
    {
        var relayed = AllToAllV.Relayed(TrafficMatrix.Uniform(16, DataSize.FromBytes(100)), RankLayout.Of(8, 16));
        Assert.Equal((1400, 800), (relayed.Inside.Bytes, relayed.Across.Bytes));
        Assert.Equal(relayed.AcrossBound, relayed.Across);
    }

    [Fact]
    public void Sixty_four_ranks_are_matched_exactly()
    {
        var random = new Random(1);
        var traffic = Of(64, (_, _) => random.NextInt64(1L << 30));
        var plan = AllToAllV.Matched(traffic, RankLayout.Of(8, 64));
        Assert.Equal(plan.Bound, plan.Makespan);
        Complete(traffic, plan);
    }

    [Fact]
    public void Wrong_traffic_is_refused()
    {
        Assert.Throws<InputException>(() => TrafficMatrix.FromBytes(new long[2, 3]));
        Assert.Contains("from rank 0 to rank 1", Assert.Throws<InputException>(() => TrafficMatrix.FromBytes(new long[,] { { 0, -1 }, { 0, 0 } })).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => TrafficMatrix.FromBytes(new long[,] { { 0, 1L << 60 }, { 0, 0 } }));
        Assert.Throws<InputException>(() => TrafficMatrix.Uniform(0, DataSize.Zero));
        Assert.Throws<InputException>(() => TrafficMatrix.Uniform(4, DataSize.FromBytes(0.5)));
        Assert.Throws<InputException>(() => TrafficMatrix.Uniform(4, DataSize.FromBytes(double.NaN)));
        Assert.Throws<InputException>(() => TrafficMatrix.Uniform(8, DataSize.Zero).Between(3));
        Assert.Contains("rotate instead", Assert.Throws<InputException>(() => AllToAllV.Matched(TrafficMatrix.Uniform(300, DataSize.Zero), RankLayout.Of(300))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => AllToAllV.Rotated(TrafficMatrix.Uniform(4, DataSize.Zero), RankLayout.Of(8)));
    }
}
