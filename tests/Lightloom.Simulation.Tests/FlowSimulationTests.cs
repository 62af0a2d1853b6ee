using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Tests;

public sealed class FlowSimulationTests
{
    static FlowProgram Program(double[] capacity, int[][] paths, params double[] bytes) => new()
    {
        Capacity = capacity,
        PathOffset = [0, .. paths.Select((_, i) => paths.Take(i + 1).Sum(p => p.Length))],
        Path = [.. paths.SelectMany(p => p)],
        Bytes = bytes,
    };

    static double[] Finish(FlowProgram program, FlowGrouping grouping = FlowGrouping.OneByOne)
    {
        var run = FlowSimulation.Run(program, new() { Grouping = grouping });
        Assert.True(run.IsComplete);
        return [.. Enumerable.Range(0, program.Count).Select(run.FinishOf)];
    }

    static void Same(double[] expected, double[] found, double tolerance = 1e-9)
    {
        for (var f = 0; f < expected.Length; f++)
            Assert.True(Math.Abs(found[f] - expected[f]) <= tolerance * Math.Max(1e-6, expected[f]), $"flow {f}: expected {expected[f]:R}, found {found[f]:R}");
    }

    // A gate with turns: of three flows that wait, each of two arrivals lets one more through, in order, and the third waits for the first of them.
    [Fact]
    public void A_gate_lets_one_more_through_at_each_arrival()
    {
        var run = FlowSimulation.Run(new()
        {
            Capacity = [1, 1],
            PathOffset = [0, 1, 2, 3, 4, 5],
            Path = [0, 1, 0, 0, 0],
            Bytes = [1, 3, 1, 1, 1],
            WaitsFor = [-1, -1, 0, 0, 0],
            Feeds = [0, 0, 0, -1, -1],
            GateArrivals = [1],
            GateTurns = [true],
        });
        // Flow 0 ends at 1 and lets 2 through, which ends at 2 and lets 3 through, alone until 3, when flow 1 ends and lets 4 through.
        Assert.Equal([1, 3, 2, 3, 4], Enumerable.Range(0, 5).Select(run.FinishOf));
    }

    [Fact]
    public void Two_flows_share_a_link_and_one_after_the_other_does_not()
    {
        Assert.Equal([2, 2], Finish(Program([1e9], [[0], [0]], 1e9)));
        var second = Program([1e9], [[0], [0]], 1e9);
        Assert.Equal([1, 2], Finish(new() { Capacity = second.Capacity, PathOffset = second.PathOffset, Path = second.Path, Bytes = second.Bytes, After = [-1, 0] }));
    }

    // Links of 1 and 2: A and B get a half, C one and a half; A leaves at 2, then B and C get 1.
    [Fact]
    public void The_example_of_the_solver() => Same([2, 3, 2.8], Finish(Program([1, 2], [[0], [0, 1], [1]], 1, 2, 3.8)));

    [Fact]
    public void Weights_shares_latencies_and_limits_of_single_flows()
    {
        var shared = Program([3], [[0], [0]], 2, 1);
        Same([1, 1], Finish(new() { Capacity = shared.Capacity, PathOffset = shared.PathOffset, Path = shared.Path, Bytes = shared.Bytes, Weight = [2, 1] }));
        // Half of it over each of two links of 1: the flow goes at 2, and the last byte takes half a second.
        Same([2.5], Finish(new() { Capacity = [1, 1], PathOffset = [0, 2], Path = [0, 1], Share = [0.5, 0.5], Bytes = [4], Latency = [0.5] }));
        // A limit of 1 is a link of its own; the other flow gets the rest.
        Same([2, 1], Finish(Program([4, 1], [[0, 1], [0]], 2, 3)));
    }

    [Fact]
    public void A_link_that_fails_holds_its_flows_until_it_is_back_or_they_run_elsewhere()
    {
        FlowProgram With(params LinkChange[] changes) => new() { Capacity = [1], PathOffset = [0, 1], Path = [0], Bytes = [2], Changes = changes };
        Same([5], Finish(With(new(1, 0, 0), new(4, 0, 1))));
        Same([5], Finish(With(new(1, 0, 0), new(4, 0, 1)), FlowGrouping.ByClass));
        Same([3], Finish(With(new(0, 0, 0), new(1, 0, 1))));
        var message = Assert.Throws<InputException>(() => FlowSimulation.Run(With(new LinkChange(1, 0, 0)))).Message;
        Assert.Contains("flow 0 never arrives: link 0 of its path carries nothing", message, StringComparison.Ordinal);
        Same([2.5], Finish(new()
        {
            Capacity = [1, 2],
            PathOffset = [0, 1],
            Path = [0],
            Bytes = [2],
            Changes = [new(1, 0, 0)],
            Reroutes = [new(2, new([0, 1], [1], null, null))],
        }));
    }

    [Fact]
    public void Flows_that_wait_in_a_circle_or_for_nobody_are_named()
    {
        var two = Program([1], [[0], [0]], 1);
        FlowProgram With(int[] waits, int[] feeds, int[] arrivals) =>
            new() { Capacity = two.Capacity, PathOffset = two.PathOffset, Path = two.Path, Bytes = two.Bytes, WaitsFor = waits, Feeds = feeds, GateArrivals = arrivals };
        foreach (var grouping in Enum.GetValues<FlowGrouping>())
        {
            var circle = Assert.Throws<InputException>(() => FlowSimulation.Run(With([1, 0], [0, 1], [1, 1]), new() { Grouping = grouping }));
            Assert.Contains("flow 0 never starts: it waits for gate 1", circle.Message, StringComparison.Ordinal);
            Assert.Throws<InputException>(() => FlowSimulation.Run(With([-1, 0], [0, -1], [2]), new() { Grouping = grouping }));
        }
        Same([1, 2], Finish(With([-1, 0], [0, -1], [1])));
    }

    [Fact]
    public void What_can_not_be_played_is_refused()
    {
        void Refused(string message, FlowProgram program) => Assert.Contains(message, Assert.Throws<InputException>(() => FlowSimulation.Run(program)).Message, StringComparison.Ordinal);
        Refused("flow 0 uses link 1, and links are numbered 0 to 0", Program([1], [[1]], 1));
        Refused("link 0 carries NaN B/s", Program([double.NaN], [[0]], 1));
        Refused("flow 0 has a bytes of -1", Program([1], [[0]], -1));
        Refused("expected 2 bytes, found 3", Program([1], [[0], [0]], 1, 2, 3));
        Refused("flow 0 has a weight of 0", new() { Capacity = [1], PathOffset = [0, 1], Path = [0], Bytes = [1], Weight = [0] });
        Refused("puts a share of 0 on link 0", new() { Capacity = [1], PathOffset = [0, 1], Path = [0], Bytes = [1], Share = [0] });
        Refused("expected changes by ascending time", new() { Capacity = [1], PathOffset = [0, 1], Path = [0], Bytes = [1], Changes = [new(2, 0, 1), new(1, 0, 1)] });
        Refused("names gate 3", new() { Capacity = [1], PathOffset = [0, 1], Path = [0], Bytes = [1], WaitsFor = [3] });
        Refused("both come after flow 0", new() { Capacity = [1], PathOffset = [0, 1, 2, 3], Path = [0, 0, 0], Bytes = [1], After = [-1, 0, 0] });
    }

    [Fact]
    public void A_run_that_is_stopped_keeps_what_has_arrived()
    {
        using var stop = new CancellationTokenSource();
        var program = Program([1], [.. Enumerable.Range(0, 2000).Select(_ => new[] { 0 })], [.. Enumerable.Range(1, 2000).Select(i => (double)i)]);
        var run = FlowSimulation.Run(program, new() { Stop = stop.Token, Progress = (_, arrived) => stop.Cancel() });
        Assert.False(run.IsComplete);
        Assert.Equal(256, Enumerable.Range(0, 2000).Count(f => !double.IsNaN(run.FinishOf(f))));
    }

    /// <summary>Random programs with everything that a program may have.</summary>
    static readonly Gen<FlowProgram> Any =
        from links in Gen.Int[1, 6]
        from flows in Gen.Int[1, 12]
        from seed in Gen.Int[0, int.MaxValue]
        from features in Gen.Int[0, 127]
        select Make(links, flows, new Random(seed), features);

    static FlowProgram Make(int links, int flows, Random random, int features)
    {
        bool Has(int bit) => (features & (1 << bit)) != 0;
        var few = random.Next(2) == 0; // few different numbers: many ties
        double Number() => few ? random.Next(1, 3) : 0.1 + random.NextDouble();
        int[][] Paths() => [.. Enumerable.Range(0, flows).Select(_ => Enumerable.Range(0, links).Where(_ => random.Next(3) == 0).DefaultIfEmpty(random.Next(links)).ToArray())];
        FlowRoutes Routes(int[][] paths) => new([0, .. paths.Select((_, i) => paths.Take(i + 1).Sum(p => p.Length))], [.. paths.SelectMany(p => p)],
            Has(0) ? [.. paths.SelectMany(p => p).Select(_ => few ? 0.5 : 0.1 + random.NextDouble())] : null,
            Has(2) ? [.. Enumerable.Range(0, flows).Select(_ => few ? random.Next(2) : random.NextDouble())] : null);
        var routes = Routes(Paths());
        var gates = Has(4) ? Math.Max(1, flows / 3) : 0;
        // Gates are fed by lower flows than those that wait, so that nothing waits for ever.
        int[]? feeds = gates == 0 ? null : [.. Enumerable.Range(0, flows).Select(f => f < flows / 2 ? random.Next(-1, gates) : -1)];
        int[]? waits = gates == 0 ? null : [.. Enumerable.Range(0, flows).Select(f => f < flows / 2 ? -1 : random.Next(-1, gates))];
        int[]? after = null;
        if (Has(5))
        {
            after = [.. Enumerable.Range(0, flows).Select(f => f - 2 >= 0 && random.Next(2) == 0 ? f - 2 : -1)];
        }
        var times = Enumerable.Range(0, 4).Select(_ => 3 * random.NextDouble()).Order().ToArray();
        return new()
        {
            Capacity = [.. Enumerable.Range(0, links).Select(_ => Number())],
            PathOffset = routes.Offset,
            Path = routes.Path,
            Share = routes.Share,
            Latency = routes.Latency,
            Bytes = [.. Enumerable.Range(0, flows).Select(_ => random.Next(12) == 0 ? 0 : Number())],
            Weight = Has(1) ? [.. Enumerable.Range(0, flows).Select(_ => Number())] : null,
            Start = Has(3) ? [.. Enumerable.Range(0, flows).Select(_ => few ? random.Next(3) : 2 * random.NextDouble())] : null,
            WaitsFor = waits,
            Feeds = feeds,
            After = after,
            GateArrivals = gates == 0 ? [] : [.. Enumerable.Range(0, gates).Select(q => feeds!.Count(x => x == q))],
            GateAfter = gates == 0 ? null : [.. Enumerable.Range(0, gates).Select(q => q > 0 && random.Next(2) == 0 ? q - 1 : -1)],
            Changes = Has(6) ? [.. times.Select((t, i) => new LinkChange(t, i / 2 % links, i % 2 == 0 ? 0 : Number()))] : [],
            Reroutes = Has(6) && random.Next(2) == 0 ? [new(1.5, Routes(Paths()) with { })] : [],
        };
    }

    [Fact]
    public void Any_program_comes_out_as_when_all_is_filled_anew_at_every_event() => Any.Sample(program =>
    {
        var expected = NaiveFlows.Finish(program);
        foreach (var grouping in Enum.GetValues<FlowGrouping>()) Same(expected, Finish(program, grouping), 1e-8);
    }, iter: 3000);

    /// <summary>A program several times over, links and flows in another order: classes of several flows each.</summary>
    static FlowProgram Copies(FlowProgram program, int copies, Random random)
    {
        var (flows, links, gates) = (program.Count, program.Links, program.GateArrivals.Length);
        var (flowAt, linkAt) = (Enumerable.Range(0, flows * copies).ToArray(), Enumerable.Range(0, links * copies).ToArray());
        random.Shuffle(flowAt);
        random.Shuffle(linkAt);
        var original = new int[flowAt.Length];
        for (var i = 0; i < flowAt.Length; i++) original[flowAt[i]] = i;
        int[] PathOf(int i) => [.. program.Path[program.PathOffset[i % flows]..program.PathOffset[i % flows + 1]].Select(l => linkAt[i / flows * links + l])];
        var paths = original.Select(PathOf).ToArray();
        T[]? Each<T>(T[]? of) => of is null ? null : [.. original.Select(i => of[i % flows])];
        int[]? Gate(int[]? of) => of is null ? null : [.. original.Select(i => of[i % flows] < 0 ? -1 : i / flows * gates + of[i % flows])];
        var capacity = new double[links * copies];
        for (var l = 0; l < capacity.Length; l++) capacity[linkAt[l]] = program.Capacity[l % links];
        return new()
        {
            Capacity = capacity,
            PathOffset = [0, .. paths.Select((_, i) => paths.Take(i + 1).Sum(p => p.Length))],
            Path = [.. paths.SelectMany(p => p)],
            Share = program.Share is null ? null : [.. original.SelectMany(i => program.Share[program.PathOffset[i % flows]..program.PathOffset[i % flows + 1]])],
            Bytes = Each(program.Bytes)!,
            Weight = Each(program.Weight),
            Start = Each(program.Start),
            Latency = Each(program.Latency),
            WaitsFor = Gate(program.WaitsFor),
            Feeds = Gate(program.Feeds),
            After = program.After is null ? null : [.. original.Select(i => program.After[i % flows] < 0 ? -1 : flowAt[i / flows * flows + program.After[i % flows]])],
            GateArrivals = [.. Enumerable.Repeat(program.GateArrivals, copies).SelectMany(a => a)],
            GateAfter = program.GateAfter is null ? null : [.. Enumerable.Range(0, gates * copies).Select(q => program.GateAfter[q % gates] < 0 ? -1 : q / gates * gates + program.GateAfter[q % gates])],
            Changes = [.. program.Changes.SelectMany(c => Enumerable.Range(0, copies).Select(k => c with { Link = linkAt[k * links + c.Link] }))],
        };
    }

    [Fact]
    public void Flows_that_are_alike_are_one_class_and_come_out_as_one_by_one() => Gen.Select(Any, Gen.Int[2, 4], Gen.Int[0, 1000]).Sample((program, copies, seed) =>
    {
        var many = Copies(program, copies, new Random(seed));
        var classes = FlowClasses.Of(many);
        Assert.NotNull(classes);
        Assert.True(classes.Members.Length <= program.Count, "copies of one flow are alike");
        Same(Finish(many), Finish(many, FlowGrouping.ByClass), 1e-8);
    }, iter: 1000);

    /// <summary>Two programs beside each other that share no link end as each alone; their gates and orders stay their own.</summary>
    [Fact]
    public void Programs_beside_each_other_keep_their_order() => Gen.Select(Any, Any).Where((a, b) => a.Changes.Count + a.Reroutes.Count + b.Changes.Count + b.Reroutes.Count == 0).Sample((a, b) =>
    {
        double[] capacity = [.. a.Capacity, .. b.Capacity];
        FlowProgram On(FlowProgram of, int first) => new()
        {
            Capacity = capacity,
            PathOffset = of.PathOffset,
            Path = [.. of.Path.Select(l => l + first)],
            Share = of.Share,
            Bytes = of.Bytes,
            Weight = of.Weight,
            Start = of.Start,
            Latency = of.Latency,
            WaitsFor = of.WaitsFor,
            Feeds = of.Feeds,
            After = of.After,
            GateArrivals = of.GateArrivals,
            GateAfter = of.GateAfter,
        };
        var both = On(a, 0).Beside(On(b, a.Links));
        both.Check();
        Same([.. Finish(a), .. Finish(b)], Finish(both), 1e-9);
        Assert.Equal(Finish(On(a, 0).With([.. Enumerable.Range(0, a.Count).Select(f => 3 * a.BytesOf(f))])), Finish(On(a, 0).Of(3)));
    }, iter: 500);

    [Fact]
    public void Work_of_a_departure_is_what_it_changes()
    {
        // Flow i crosses links i and i + 1 of a long row; each departure is felt by its neighbours and not by all.
        const int flows = 4000;
        var random = new Random(5);
        var program = Program([.. Enumerable.Range(0, flows + 1).Select(_ => 1 + random.NextDouble())], [.. Enumerable.Range(0, flows).Select(i => new[] { i, i + 1 })],
            [.. Enumerable.Range(0, flows).Select(_ => 1 + random.NextDouble())]);
        var run = FlowSimulation.Run(program, new() { Grouping = FlowGrouping.OneByOne });
        Assert.InRange(run.Decisions, flows, 12 * flows);
    }
}
