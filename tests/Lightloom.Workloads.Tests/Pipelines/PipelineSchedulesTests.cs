using CsCheck;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Tests.Pipelines;

public sealed class PipelineSchedulesTests
{
    static readonly Gen<(IPipelineSchedule Schedule, PipelineShape Shape)> Shapes =
        from schedule in Gen.Int[0, PipelineSchedules.All.Count - 1].Select(i => PipelineSchedules.All[i])
        from ranks in Gen.Int[1, 9]
        from chunks in Gen.Int[2, 4]
        from batches in Gen.Int[1, 40]
        from wider in Gen.Int[0, 3]
        let shape = new PipelineShape(ranks, schedule.Chunks ?? chunks, batches) { Group = ranks + wider }
        where schedule.Broken(shape) is null
        select (schedule, shape);

    static readonly Gen<PassTimes> Times = Gen.Select(Gen.Double[0.1, 3], Gen.Double[0.1, 3], Gen.Double[0.1, 3], (f, b, w) => new PassTimes(f, b, w));

    static readonly PassTimes Unit = new(1, 1, 1);

    static PipelineTiming Play(PipelineKind kind, int ranks, int chunks, int batches, PassTimes times)
    {
        var order = PipelineSchedules.Of(kind).Order(new(ranks, chunks, batches));
        return new(order, PipelineCosts.Even(order.Placement.Positions, times));
    }

    static PipelineCosts Costs(int seed, double low, double high, int positions, double send, bool blocks)
    {
        var random = new Random(seed);
        double[] Draw() => [.. Enumerable.Range(0, positions).Select(_ => low + ((high - low) * random.NextDouble()))];
        return new(Draw(), Draw(), Draw()) { Send = send, SendBlocks = blocks };
    }

    static readonly Gen<int> Seeds = Gen.Int[0, 1 << 20];

    [Fact]
    public void Every_kind_has_its_schedule()
    {
        foreach (var kind in Enum.GetValues<PipelineKind>()) Assert.Equal(kind, PipelineSchedules.Of(kind).Kind);
    }

    [Fact]
    public void Every_order_is_proven_and_keeps_the_memory_that_it_claims() => Shapes.Sample(x =>
        Assert.Null(PipelineProof.Flaw(x.Schedule.Order(x.Shape), rank => x.Schedule.PeakChunks(x.Shape, rank))), iter: 1000);

    /// <summary>The claims are reached, so that none of them is slack; the V schedules claim for their fullest rank.</summary>
    [Fact]
    public void Claimed_memory_is_reached_by_some_rank() => Shapes.Sample(x =>
    {
        var (schedule, shape) = x;
        if (shape.MicroBatches < 4 * shape.Ranks) return;
        var order = schedule.Order(shape);
        Assert.Contains(Enumerable.Range(0, shape.Ranks), rank => order.PeakChunks(rank) == schedule.PeakChunks(shape, rank));
    });

    // --- The worked examples at the heads of the files -------------------------------------------------------------------------

    [Theory]
    [InlineData(PipelineKind.GPipe, 4, 1, 8, 33, 8)]
    [InlineData(PipelineKind.OneForwardOneBackward, 4, 1, 8, 33, 4)]
    [InlineData(PipelineKind.Interleaved, 4, 2, 8, 57, 11)]
    [InlineData(PipelineKind.ZeroBubbleH1, 4, 1, 8, 27, 4)]
    [InlineData(PipelineKind.ZeroBubbleH2, 4, 1, 16, 48, 7)]
    [InlineData(PipelineKind.ZeroBubbleV, 4, 2, 8, 48, 8)]
    [InlineData(PipelineKind.VHalf, 4, 2, 16, 105, 6)]
    [InlineData(PipelineKind.VMin, 4, 2, 16, 107, 4)]
    [InlineData(PipelineKind.DualPipeV, 4, 2, 10, 66, 9)]
    [InlineData(PipelineKind.DualPipe, 8, 2, 20, 66, 9)]
    public void Worked_examples(PipelineKind kind, int ranks, int chunks, int batches, double seconds, int peak)
    {
        var timing = Play(kind, ranks, chunks, batches, Unit);
        var schedule = PipelineSchedules.Of(kind);
        Assert.Equal(seconds, schedule.StepsOverlap ? timing.Period : timing.Makespan, 1e-9);
        Assert.Equal(peak, Enumerable.Range(0, ranks).Max(timing.Order.PeakChunks));
    }

    [Fact]
    public void Two_ranks_with_sends_take_what_the_head_of_PipelineTiming_says()
    {
        var order = PipelineSchedules.Of(PipelineKind.OneForwardOneBackward).Order(new(2, 1, 2));
        var timing = new PipelineTiming(order, new([1, 1], [1, 1], [1, 1]) { Send = 0.5 });
        Assert.Equal(1.5, timing.Start(1, 0), 1e-12);
        Assert.Equal(4.5, timing.End(1, 1), 1e-12);
        Assert.Equal(7, timing.End(0, 2), 1e-12);
        Assert.Equal(10, timing.Makespan, 1e-12);
        Assert.Equal(10 - 6, timing.Idle(0), 1e-12);
    }

    /// <summary>Orders followed by hand through the published rules.</summary>
    [Theory]
    [InlineData(PipelineKind.OneForwardOneBackward, 2, 1, 3, 0, 0, "F0.0 F0.1 B0.0 F0.2 B0.1 B0.2")]
    [InlineData(PipelineKind.Interleaved, 2, 2, 5, 3, 0, "F0.0 F0.1 F0.2 F1.0 F1.1 F1.2 B1.0 F0.3 B1.1 F0.4 B1.2 F1.3 B0.0 F1.4 B0.1 B0.2 B1.3 B1.4 B0.3 B0.4")]
    [InlineData(PipelineKind.ZeroBubbleH1, 3, 1, 4, 0, 0, "F0.0 F0.1 F0.2 I0.0 W0.0 F0.3 I0.1 W0.1 I0.2 W0.2 I0.3 W0.3")]
    [InlineData(PipelineKind.ZeroBubbleH1, 3, 1, 4, 0, 2, "F0.0 I0.0 F0.1 I0.1 F0.2 I0.2 W0.0 F0.3 I0.3 W0.1 W0.2 W0.3")]
    [InlineData(PipelineKind.ZeroBubbleH2, 2, 1, 4, 0, 1, "F0.0 I0.0 F0.1 I0.1 F0.2 I0.2 W0.0 F0.3 I0.3 W0.1 W0.2 W0.3")]
    [InlineData(PipelineKind.ZeroBubbleV, 2, 2, 4, 0, 1,
        "F0.0 F1.0 F0.1 F1.1 I1.0 W1.0 F0.2 I0.0 W0.0 F1.2 I1.1 W1.1 F0.3 I0.1 W0.1 F1.3 I1.2 W1.2 I0.2 I1.3 I0.3 W0.2 W1.3 W0.3")]
    [InlineData(PipelineKind.DualPipeV, 2, 2, 4, 0, 0, "F0.0 F0.1 F0.2 F1.0 I1.0 W1.0 F1.1 F0.3+ B1.1 F1.2+ B0.0 B1.2 F1.3+ B0.1 B1.3 I0.2 W0.2 I0.3 W0.3")]
    [InlineData(PipelineKind.DualPipeV, 2, 2, 4, 0, 1, "F0.0 F1.0 F0.1 F1.1 F0.2 B1.0 F1.2+ B0.0 F0.3+ B1.1 F1.3+ B0.1 B1.2 B0.2 I1.3 I0.3 W1.3 W0.3")]
    // The last of four ranks does as the first, with the directions' microbatches 4 to 7 and 0 to 3 in each other's place.
    [InlineData(PipelineKind.DualPipe, 4, 2, 8, 0, 3, "F1.4 F1.5 F1.6 F0.0 I0.0 W0.0 F0.1 F1.7+ B0.1 F0.2+ B1.4 B0.2 F0.3+ B1.5 B0.3 I1.6 W1.6 I1.7 W1.7")]
    public void Orders_by_hand(PipelineKind kind, int ranks, int chunks, int batches, int group, int rank, string expected) =>
        Assert.Equal(expected, string.Join(' ', PipelineSchedules.Of(kind).Order(new(ranks, chunks, batches) { Group = group })[rank].ToArray()));

    // --- Closed forms ------------------------------------------------------------------------------------------------------------

    [Fact]
    public void Closed_forms_are_what_the_orders_take() => Gen.Select(Shapes, Times, Gen.Int[0, 2]).Sample((x, drawn, alike) =>
    {
        var (schedule, shape) = x;
        // Some closed forms hold for equal times, some for weight gradients that are short.
        var times = alike switch
        {
            0 => new PassTimes(drawn.Forward, drawn.Forward, drawn.Forward),
            1 => drawn with { BackwardWeight = drawn.BackwardWeight * Math.Min(drawn.Forward, drawn.BackwardInput) / 3 },
            _ => drawn,
        };
        if (schedule.Bubble(shape, times) is not { } bubble) return;
        var order = schedule.Order(shape);
        var timing = new PipelineTiming(order, PipelineCosts.Even(order.Placement.Positions, times));
        var step = schedule.StepsOverlap ? timing.Period : timing.Makespan;
        Assert.Equal(timing.Busy(0) + bubble, step, 1e-9 * step);
    }, iter: 3000);

    [Fact]
    public void Closed_forms_allocate_nothing()
    {
        var sum = 0.0;
        var costs = PipelineCosts.Even(16, Unit);
        Assert.Equal(0, Allocations.Of(Sum));
        Assert.True(sum > 0);

        void Sum()
        {
            var shape = new PipelineShape(8, 2, 64);
            for (var kind = PipelineKind.GPipe; kind <= PipelineKind.DualPipeV; kind++)
                for (var rank = 0; rank < 8; rank++)
                    sum += PipelineSchedules.Of(kind).PeakChunks(shape, rank) + (PipelineSchedules.Of(kind).Bubble(shape, Unit) ?? 0) +
                        (PipelineSchedules.Of(kind).Length(shape, costs) ?? 0);
        }
    }

    /// <summary>Qi et al. 2024, section 3: of 1F1B's bubble V-half has about a half and V-min about two thirds, of its memory a half and a third.</summary>
    [Fact]
    public void Half_and_a_third_of_the_memory_cost_half_and_two_thirds_of_the_bubble()
    {
        foreach (var p in new[] { 8, 12, 16, 24 })
        {
            var plain = (p - 1) * 6.0; // (p - 1)·(F + B + W) of a stage of two chunks
            Assert.InRange(Bubble(PipelineKind.VHalf) / plain, 0.45, 0.55);
            Assert.InRange(Bubble(PipelineKind.VMin) / plain, 0.6, 0.7);
            Assert.InRange(Peak(PipelineKind.VHalf) / (2.0 * p), 0.5, 0.5 + (1.5 / p));
            Assert.InRange(Peak(PipelineKind.VMin) / (2.0 * p), 1.0 / 3, (1.0 / 3) + (1.5 / p));

            double Bubble(PipelineKind kind) => Play(kind, p, 2, 4 * p, Unit) is var t ? t.Period - t.Busy(0) : 0;
            int Peak(PipelineKind kind) => Enumerable.Range(0, p).Max(PipelineSchedules.Of(kind).Order(new(p, 2, 4 * p)).PeakChunks);
        }
    }

    // --- The evaluator against a slow one -------------------------------------------------------------------------------------------

    [Fact]
    public void The_evaluator_is_a_fixed_point_iteration_over_all_that_is_waited_for() =>
        Gen.Select(Shapes, Seeds, Gen.Double[0, 1], Gen.Bool).Sample((x, seed, send, blocks) =>
        {
            var order = x.Schedule.Order(x.Shape);
            var costs = Costs(seed, 0.05, 2, order.Placement.Positions, send, blocks);
            var timing = new PipelineTiming(order, costs);
            var naive = NaiveTiming.Ends(order, costs);
            for (var rank = 0; rank < x.Shape.Ranks; rank++)
                for (var i = 0; i < order[rank].Length; i++)
                    Assert.Equal(naive[rank][i], timing.End(rank, i), 1e-9 * timing.Makespan);
            Assert.Equal(naive.Max(r => r[^1]), timing.Makespan, 1e-9 * timing.Makespan);
        }, iter: 300);

    /// <summary>Following what each operation waited for last leads from the end of the step to its start without a gap.</summary>
    [Fact]
    public void The_critical_path_has_no_gaps() => Gen.Select(Shapes, Seeds, Gen.Double[0, 1], Gen.Bool).Sample((x, seed, send, blocks) =>
    {
        var order = x.Schedule.Order(x.Shape);
        var timing = new PipelineTiming(order, Costs(seed, 0.05, 2, order.Placement.Positions, send, blocks));
        var rank = Enumerable.Range(0, x.Shape.Ranks).MaxBy(timing.Last);
        var i = order[rank].Length - 1;
        while (timing.WaitedFor(rank, i, out var from) is var wait && wait != PipelineWait.Nothing)
        {
            var gap = timing.Start(rank, i) - timing.End(from.Rank, from.Operation);
            if (wait == PipelineWait.Input) Assert.Equal(send, gap, 1e-9);
            // A blocking send follows each result that leaves the rank; two results leave a pair that runs as one.
            else Assert.True(Math.Abs(gap) < 1e-9 || (blocks && (Math.Abs(gap - send) < 1e-9 || Math.Abs(gap - (2 * send)) < 1e-9)));
            (rank, i) = from;
        }
        Assert.True(timing.Start(rank, i) <= 0);
    }, iter: 300);

    // --- Many microbatches from few ----------------------------------------------------------------------------------------------

    [Fact]
    public void A_forecast_is_the_whole_step_played_out()
    {
        var shortcuts = 0;
        Gen.Select(Shapes, Gen.Select(Seeds, Gen.Int[0, 2]), Gen.Int[20, 120], Gen.Double[0, 0.5], Gen.Bool).Sample((x, drawn, more, send, blocks) =>
        {
            var (schedule, small) = x;
            var shape = small with { MicroBatches = small.MicroBatches + (more * schedule.Round(small)) };
            if (shape.MicroBatches * shape.Ranks * shape.Chunks > 6000) return;
            var positions = new PipelinePlacement(schedule.Path, shape.Ranks, shape.Chunks).Positions;
            // Equal stages, stages that differ a little (the slowest is hard to tell) and stages that differ much.
            var (low, high) = drawn.Item2 switch { 0 => (1.0, 1.0), 1 => (0.99, 1.01), _ => (0.05, 2) };
            var costs = Costs(drawn.Item1, low, high, positions, send, blocks);
            var forecast = PipelineForecast.Of(schedule, shape, costs);
            var whole = new PipelineTiming(schedule.Order(shape), costs);
            Assert.Equal(whole.Makespan, forecast.Makespan, 1e-9 * whole.Makespan);
            Assert.Equal(whole.Period, forecast.Period, 1e-9 * whole.Makespan);
            if (forecast.Played > 0 && forecast.Played < shape.MicroBatches) Interlocked.Increment(ref shortcuts);
        }, iter: 500);
        Assert.True(shortcuts > 100, $"{shortcuts} of 500 were found on fewer microbatches");
    }

    [Fact]
    public void Ten_thousand_microbatches_are_played_as_a_thousand_are()
    {
        foreach (var schedule in PipelineSchedules.All.Where(s => s.Kind != PipelineKind.GPipe))
        {
            var chunks = schedule.Chunks ?? 2;
            var positions = new PipelinePlacement(schedule.Path, 4, chunks).Positions;
            var costs = new PipelineCosts(
                [.. Enumerable.Range(0, positions).Select(k => k == positions - 1 ? 1.3 : 1)], [.. Enumerable.Repeat(1.2, positions)], [.. Enumerable.Repeat(0.9, positions)]);
            var thousand = PipelineForecast.Of(schedule, new(4, chunks, 1_000), costs);
            var many = PipelineForecast.Of(schedule, new(4, chunks, 10_000), costs);
            Assert.InRange(many.Played, 1, 400);
            Assert.InRange(many.Played, thousand.Played - 60, thousand.Played + 60);
        }
        Assert.Equal(30_009, PipelineForecast.Of(PipelineSchedules.Of(PipelineKind.OneForwardOneBackward), new(4, 1, 10_000), PipelineCosts.Even(4, Unit)).Makespan, 1e-6);
    }

    // --- Wrong orders and shapes ------------------------------------------------------------------------------------------------------

    [Fact]
    public void The_proof_finds_what_is_wrong()
    {
        var placement = new PipelinePlacement(PipelinePath.Line, 2, 1);
        PipelineOperation f0 = new(PipelinePass.Forward, 0, 0), f1 = new(PipelinePass.Forward, 0, 1);
        PipelineOperation b0 = new(PipelinePass.Backward, 0, 0), b1 = new(PipelinePass.Backward, 0, 1);
        Assert.Null(Flaw([[f0, f1, b0, b1], [f0, b0, f1, b1]]));
        Assert.Contains("does not finish", Flaw([[f0, f1, b0], [f0, b0, f1, b1]]));
        Assert.Contains("too early", Flaw([[f0, b0, f1, b1], [b0, f0, f1, b1]]));
        Assert.Contains("twice", Flaw([[f0, f0, f1, b0, b1], [f0, b0, f1, b1]]));
        // Rank 0 waits for the backward of 1 before it begins the forward that rank 1 wants first.
        Assert.Contains("wait for each other", Flaw([[f1, b1, f0, b0], [f0, b0, f1, b1]]));
        Assert.Contains("keeps 2", PipelineProof.Flaw(new(placement, 2, [[f0, f1, b0, b1], [f0, b0, f1, b1]]), _ => 1));
        Assert.Throws<ArgumentException>(() => new PipelineTiming(new(placement, 2, [[f1, b1, f0, b0], [f0, b0, f1, b1]]), PipelineCosts.Even(2, Unit)));

        string? Flaw(PipelineOperation[][] operations) => PipelineProof.Flaw(new(placement, 2, operations));
    }

    [Fact]
    public void A_random_swap_is_either_harmless_or_found() => Gen.Select(Shapes, Gen.Int[0, 1 << 20], Gen.Int[0, 1 << 20]).Sample((x, a, b) =>
    {
        var order = x.Schedule.Order(x.Shape);
        var operations = Enumerable.Range(0, x.Shape.Ranks).Select(r => order[r].ToArray()).ToArray();
        var own = operations[a % operations.Length];
        int i = a % own.Length, j = b % own.Length;
        if (own[i].WithNext || own[j].WithNext) return;
        (own[i], own[j]) = (own[j], own[i]);
        var changed = new PipelineOrder(order.Placement, order.MicroBatches, operations);
        var costs = PipelineCosts.Even(order.Placement.Positions, Unit);
        if (PipelineProof.Flaw(changed) is null)
        {
            // Proven, so it runs, and as the slow evaluator says.
            Assert.Equal(NaiveTiming.Ends(changed, costs).Max(r => r[^1]), new PipelineTiming(changed, costs).Makespan, 1e-9);
        }
        else Assert.True(NaiveTiming.Stuck(changed));
    }, iter: 500);

    [Theory]
    [InlineData(PipelineKind.OneForwardOneBackward, 4, 2, 8, "1 chunk")]
    [InlineData(PipelineKind.ZeroBubbleV, 4, 1, 8, "2 chunks")]
    [InlineData(PipelineKind.Interleaved, 4, 2, 6, "nearest 4 and 8")]
    [InlineData(PipelineKind.DualPipe, 5, 2, 20, "nearest 4 and 6")]
    [InlineData(PipelineKind.DualPipe, 4, 2, 6, "nearest 8")]
    [InlineData(PipelineKind.DualPipe, 4, 2, 9, "are 8 and 10")]
    [InlineData(PipelineKind.DualPipeV, 4, 2, 6, "nearest 8")]
    public void Shapes_that_a_schedule_cannot_take_name_the_nearest(PipelineKind kind, int ranks, int chunks, int batches, string says)
    {
        var schedule = PipelineSchedules.Of(kind);
        Assert.Contains(says, schedule.Broken(new(ranks, chunks, batches)));
        Assert.Throws<ArgumentException>(() => schedule.Order(new(ranks, chunks, batches)));
    }
}

/// <summary>The slow, obvious evaluator: all ends at zero, then every operation again and again until nothing changes.</summary>
static class NaiveTiming
{
    public static double[][] Ends(PipelineOrder order, PipelineCosts costs)
    {
        var ends = Enumerable.Range(0, order.Placement.Ranks).Select(r => new double[order[r].Length]).ToArray();
        for (var changed = true; changed;)
        {
            changed = false;
            for (var rank = 0; rank < ends.Length; rank++)
            {
                for (var i = 0; i < ends[rank].Length; i++)
                {
                    var first = i > 0 && order[rank][i - 1].WithNext ? i - 1 : i;
                    var last = order[rank][i].WithNext ? i + 1 : i;
                    var begin = 0.0;
                    if (first > 0)
                    {
                        begin = ends[rank][first - 1];
                        if (costs.SendBlocks)
                        {
                            var before = first > 1 && order[rank][first - 2].WithNext ? first - 2 : first - 1;
                            for (var j = before; j < first; j++)
                                if (Leaves(order, rank, order[rank][j])) begin += costs.Send;
                        }
                    }
                    var length = 0.0;
                    for (var j = first; j <= last; j++)
                    {
                        var o = order[rank][j];
                        length += costs.Of(o.Pass, order.PositionOf(rank, o));
                        foreach (var (r, k) in Needs(order, rank, o)) begin = Math.Max(begin, ends[r][k] + (r == rank ? 0 : costs.Send));
                    }
                    if (begin + length > ends[rank][i])
                    {
                        ends[rank][i] = begin + length;
                        changed = true;
                    }
                }
            }
        }
        return ends;
    }

    /// <summary>Whether an order lacks something, does something twice or too early, or never ends.</summary>
    public static bool Stuck(PipelineOrder order)
    {
        var done = new HashSet<(int, int)>();
        var next = new int[order.Placement.Ranks];
        for (var moved = true; moved;)
        {
            moved = false;
            for (var rank = 0; rank < next.Length; rank++)
            {
                while (next[rank] < order[rank].Length)
                {
                    var count = order[rank][next[rank]].WithNext ? 2 : 1;
                    if (!Enumerable.Range(next[rank], count).All(i => Needs(order, rank, order[rank][i]).Concat(Own(order, rank, order[rank][i])).All(done.Contains))) break;
                    for (var i = 0; i < count; i++) done.Add((rank, next[rank]++));
                    moved = true;
                }
            }
        }
        return Enumerable.Range(0, next.Length).Any(rank => next[rank] < order[rank].Length);
    }

    static bool Leaves(PipelineOrder order, int rank, PipelineOperation o)
    {
        var to = order.PositionOf(rank, o) + (o.Pass == PipelinePass.Forward ? 1 : -1);
        return o.Pass != PipelinePass.BackwardWeight && to >= 0 && to < order.Placement.Positions &&
            order.Placement.RankOf(to, order.DirectionOf(o.MicroBatch)) != rank;
    }

    // A backward pass also needs its own forward.
    static IEnumerable<(int Rank, int Operation)> Own(PipelineOrder order, int rank, PipelineOperation o) =>
        o.Pass == PipelinePass.Forward ? [] : Find(order, order.PositionOf(rank, o), o.MicroBatch, true);

    static IEnumerable<(int Rank, int Operation)> Needs(PipelineOrder order, int rank, PipelineOperation o)
    {
        var position = order.PositionOf(rank, o);
        return o.Pass switch
        {
            PipelinePass.Forward => position == 0 ? [] : Find(order, position - 1, o.MicroBatch, true),
            PipelinePass.BackwardWeight => Find(order, position, o.MicroBatch, false),
            _ => position == order.Placement.Positions - 1 ? Find(order, position, o.MicroBatch, true) : Find(order, position + 1, o.MicroBatch, false),
        };
    }

    static List<(int Rank, int Operation)> Find(PipelineOrder order, int position, int batch, bool forward)
    {
        var found = new List<(int, int)>();
        for (var rank = 0; rank < order.Placement.Ranks; rank++)
        {
            for (var i = 0; i < order[rank].Length; i++)
            {
                var o = order[rank][i];
                if (order.PositionOf(rank, o) == position && o.MicroBatch == batch && o.Pass != PipelinePass.BackwardWeight && o.Pass == PipelinePass.Forward == forward)
                    found.Add((rank, i));
            }
        }
        return found;
    }
}
