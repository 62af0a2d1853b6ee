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
}
