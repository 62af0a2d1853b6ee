using CsCheck;
using Lightloom.Collectives;

namespace Lightloom.Workloads.Tests;

public sealed class GroupLayoutTests
{
    static readonly Gen<(int T, int C, int E, int P, int Outer)> Degrees = Gen.Select(
        Gen.Int[0, 3], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 2], Gen.Int[0, 3], (t, c, e, p, o) => (1 << t, 1 << c, 1 << e, 1 << p, 1 << o));

    static TrainingJob Job((int T, int C, int E, int P, int Outer) d) => Examples.Job("mixtral-8x7b", d.T * d.C * d.E * d.P * d.Outer, 64,
        new() { Tensor = d.T, Context = d.C, Expert = d.E, Pipeline = d.P });

    /// <summary>Ranks by their coordinates, innermost first: tensor, context, expert, pipeline, outer data.</summary>
    static int Rank((int T, int C, int E, int P, int Outer) d, int t, int c, int e, int p, int o) =>
        t + (d.T * (c + (d.C * (e + (d.E * (p + (d.P * o)))))));

    static void AssertPlaced(IReadOnlyList<int> ranks, GroupPlacement placement, int[] spans)
    {
        Assert.Equal(ranks.Count, placement.Ranks);
        for (var level = 0; level < spans.Length - 1; level++)
            Assert.Equal(ranks.GroupBy(r => r / spans[level]).Max(g => g.Count()), placement.Within(level));
        Assert.Equal(ranks.Count, placement.Within(spans.Length - 1));
    }

    [Fact]
    public void Groups_sit_where_naming_each_rank_puts_them() => Degrees.Sample(d =>
    {
        int[] spans = [8, 64, 4096];
        var job = Job(d);
        var layout = new GroupLayout(job, spans);
        IEnumerable<int> Each(int n) => Enumerable.Range(0, n);
        AssertPlaced([.. Each(d.T).Select(t => Rank(d, t, 0, 0, 0, 0))], layout.Tensor, spans);
        AssertPlaced([.. Each(d.C).Select(c => Rank(d, 0, c, 0, 0, 0))], layout.Context, spans);
        AssertPlaced([.. Each(d.E).Select(e => Rank(d, 0, 0, e, 0, 0))], layout.Expert, spans);
        AssertPlaced([.. Each(d.P).Select(p => Rank(d, 0, 0, 0, p, 0))], layout.Pipeline, spans);
        AssertPlaced([.. from o in Each(d.Outer) from e in Each(d.E) from c in Each(d.C) select Rank(d, 0, c, e, 0, o)], layout.Dense, spans);
        AssertPlaced([.. from o in Each(d.Outer) from c in Each(d.C) select Rank(d, 0, c, 0, 0, o)], layout.ExpertReplicas, spans);
        if (d.P > 1) AssertPlaced([Rank(d, 0, 0, 0, 0, 0), Rank(d, 0, 0, 0, d.P - 1, 0)], layout.PipelineEnds, spans);
    });

    /// <summary>The example at the head of GroupLayout.cs.</summary>
    [Fact]
    public void The_data_group_of_Llama_3_spreads_evenly_over_pods()
    {
        var job = Examples.Job("llama-3.1-405b", 16384, 2048, new() { Tensor = 8, Pipeline = 16 });
        var dense = new GroupLayout(job, [8, 3072, 16384]).Dense;
        Assert.Equal(128, dense.Ranks);
        Assert.Equal(1, dense.Within(0));
        Assert.Equal(128 / Math.Ceiling(128 / 24.0), dense.Within(1), 1e-9);
        Assert.Equal(128, dense.Within(2));
    }

    static readonly Gen<(TrainingJob Job, IReadOnlyList<ParallelDimension> Order)> Ordered = Gen.Select(
        Degrees, Gen.Shuffle(RankOrder.Usual.ToArray()), (d, order) =>
        {
            var job = Job(d);
            return (job with { Parallelism = job.Parallelism with { Order = order } }, (IReadOnlyList<ParallelDimension>)order);
        });

    [Fact]
    public void Groups_sit_where_ranks_in_another_order_put_them() => Ordered.Sample(sample =>
    {
        int[] spans = [8, 64, 4096];
        var (order, layout) = (new RankOrder(sample.Job), sample.Job);
        int[] Members(params ParallelDimension[] free) =>
            [.. Enumerable.Range(0, layout.Accelerators).Where(r => RankOrder.Usual.All(d => free.Contains(d) || order.Place(r, d) == 0))];
        AssertPlaced(Members(ParallelDimension.Tensor), new GroupLayout(layout, spans).Tensor, spans);
        AssertPlaced(Members(ParallelDimension.Context), new GroupLayout(layout, spans).Context, spans);
        AssertPlaced(Members(ParallelDimension.Expert), new GroupLayout(layout, spans).Expert, spans);
        AssertPlaced(Members(ParallelDimension.Pipeline), new GroupLayout(layout, spans).Pipeline, spans);
        AssertPlaced(Members(ParallelDimension.Context, ParallelDimension.Expert, ParallelDimension.Data), new GroupLayout(layout, spans).Dense, spans);
        AssertPlaced(Members(ParallelDimension.Context, ParallelDimension.Data), new GroupLayout(layout, spans).ExpertReplicas, spans);
    });

    [Fact]
    public void Numbers_in_two_orders_name_the_same_ranks() => Gen.Select(Ordered, Gen.Shuffle(RankOrder.Usual.ToArray())).Sample((sample, other) =>
    {
        var (job, to) = (sample.Job, new RankOrder(sample.Job, other));
        var from = new RankOrder(job);
        var numbers = Enumerable.Range(0, job.Accelerators).Select(r => from.In(to, r)).ToArray();
        Assert.Equal(Enumerable.Range(0, job.Accelerators), numbers.Order());
        for (var r = 0; r < numbers.Length; r++)
        {
            Assert.Equal(r, to.In(from, numbers[r]));
            foreach (var d in RankOrder.Usual) Assert.Equal(from.Place(r, d), to.Place(numbers[r], d));
        }
    });

    /// <summary>The example at the head of GroupLayout.cs.</summary>
    [Fact]
    public void Data_inside_the_pipeline_fills_pods()
    {
        var job = Examples.Job("llama-3.1-405b", 16384, 2048, new() { Tensor = 8, Pipeline = 16, Order = RankOrder.Megatron });
        var layout = new GroupLayout(job, [8, 3072, 16384]);
        Assert.Equal((1, 128), (layout.Dense.Within(0), layout.Dense.Within(1)));
        // Stages are 1,024 ranks apart, three in a pod: sixteen need six pods.
        Assert.Equal(16 / 6.0, layout.Pipeline.Within(1), 1e-12);
    }

    [Fact]
    public void Domains_at_random_hold_what_drawing_them_holds()
    {
        // Groups of 32 at stride 4: two in a domain of 8. Domains drawn at random; the mean over a group's ranks of those in the same pod of 64.
        const int ranks = 32, stride = 4, domain = 8, pod = 64, all = 1024;
        var placed = GroupPlacement.Strided(ranks, stride, [domain, pod, all]).Scattered([domain, pod, all]);
        var random = new Random(11);
        double sum = 0;
        var draws = 0;
        for (var draw = 0; draw < 2000; draw++)
        {
            var where = Enumerable.Range(0, all / domain).ToArray();
            random.Shuffle(where);
            var pods = Enumerable.Range(0, ranks).Select(r => where[r * stride / domain] / (pod / domain)).ToArray();
            foreach (var p in pods) sum += pods.Count(q => q == p);
            draws += ranks;
        }
        Assert.Equal((2, ranks), (placed.Within(0), placed.Within(2)));
        Assert.InRange(placed.Within(1), sum / draws * 0.98, sum / draws * 1.02);
        Assert.Equal(2 + (30 * 56.0 / 1016), placed.Within(1), 1e-12);
    }
}
