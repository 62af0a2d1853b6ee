using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Tests;

public sealed class StepSimulationTests
{
    /// <summary>All steps written out: a flow follows its sender's last ones and waits for what that received.</summary>
    static FlowProgram Flat(FlowProgram step, int[] source, int[] destination, int ranks, int steps, Func<double>? stir = null)
    {
        var n = step.Count;
        // Gate s ranks + r: all that r sent and received in step s has come; a flow that r sends to itself counts twice, so there is none.
        var (waits, path, offset) = (new List<int>(), new List<int>(), new List<int> { 0 });
        var feeds = new List<int>();
        for (var s = 0; s < steps; s++)
            for (var f = 0; f < n; f++)
            {
                waits.Add(s == 0 ? -1 : (s - 1) * ranks + source[f]);
                feeds.Add(s * ranks + destination[f]);
                path.AddRange(step.Path[step.PathOffset[f]..step.PathOffset[f + 1]]);
                offset.Add(path.Count);
            }
        var arrivals = new int[steps * ranks];
        foreach (var q in feeds) arrivals[q]++;
        return new()
        {
            Capacity = step.Capacity,
            PathOffset = [.. offset],
            Path = [.. path],
            Bytes = [.. Enumerable.Range(0, steps).SelectMany(_ => Enumerable.Range(0, n).Select(f => step.BytesOf(f) * (stir?.Invoke() ?? 1)))],
            Latency = step.Latency is null ? null : [.. Enumerable.Range(0, steps).SelectMany(_ => step.Latency)],
            WaitsFor = [.. waits],
            Feeds = [.. feeds],
            After = [.. Enumerable.Range(0, steps * n).Select(i => i < n ? -1 : i - n)],
            GateArrivals = arrivals,
            GateAfter = [.. Enumerable.Range(0, steps * ranks).Select(q => q < ranks ? -1 : q - ranks)],
        };
    }

    // One send of each rank in a step: what a rank sends is then one queue, which a flat program can say.
    [Fact]
    public void Steps_come_out_as_when_they_are_all_written_down() => Gen.Select(Gen.Int[2, 7], Gen.Int[1, 150], Gen.Int[1, 4], Gen.Int[0, int.MaxValue]).Sample((ranks, steps, links, seed) =>
    {
        var random = new Random(seed);
        var few = random.Next(2) == 0;
        double Number() => few ? random.Next(1, 4) : 0.5 + random.NextDouble();
        int[] source = [.. Enumerable.Range(0, ranks)];
        int[] destination = [.. source.Select(r => (r + 1) % ranks)];
        var paths = source.Select(_ => Enumerable.Range(0, links).Where(_ => random.Next(2) == 0).DefaultIfEmpty(0).ToArray()).ToArray();
        var step = new FlowProgram
        {
            Capacity = [.. Enumerable.Range(0, links).Select(_ => Number())],
            PathOffset = [0, .. paths.Select((_, i) => paths.Take(i + 1).Sum(p => p.Length))],
            Path = [.. paths.SelectMany(p => p)],
            Bytes = [.. source.Select(_ => Number())],
            Latency = random.Next(2) == 0 ? null : [.. source.Select(_ => few ? 1 : random.NextDouble())],
        };
        var flat = Flat(step, source, destination, ranks, steps);
        var expected = FlowSimulation.Run(flat, new() { Grouping = FlowGrouping.OneByOne });

        // Sharing can double a small difference at every step, rounding's too. So what is written down tells the steps
        // only until a change of 1e-13, a thousand times rounding, shows.
        var stirred = FlowSimulation.Run(Flat(step, source, destination, ranks, steps, () => 1 + 1e-13 * (2 * random.NextDouble() - 1)), new() { Grouping = FlowGrouping.OneByOne });
        var known = 0;
        while (known < steps * ranks && Math.Abs(expected.FinishOf(known) - stirred.FinishOf(known)) <= 1e-9 * expected.Seconds) known++;
        foreach (var grouping in new[] { FlowGrouping.OneByOne, FlowGrouping.ByClass })
        {
            var run = StepSimulation.Run(step, source, destination, ranks, steps, new() { Grouping = grouping });
            Assert.True(run.IsComplete);
            if (known == steps * ranks) Assert.Equal(expected.Seconds, run.Seconds, 1e-8 * expected.Seconds);
            for (var s = 0; s < known / ranks; s++)
                for (var f = 0; f < ranks; f++) Assert.Equal(expected.FinishOf(s * ranks + f), run.FinishOf(s, f), 1e-8 * expected.Seconds);
        }
    }, iter: 500);

    [Fact]
    public void A_million_steps_are_two()
    {
        var step = new FlowProgram { Capacity = [1, 2], PathOffset = [0, 1, 2], Path = [0, 1], Bytes = [1] };
        var run = StepSimulation.Run(step, [0, 1], [1, 0], 2, 1_000_000);
        Assert.Equal(1_000_000, run.Seconds, 1e-3);
        Assert.InRange(run.Batches, 1, 40);
        Assert.Equal(500_000, run.FinishOf(499_999, 0), 1e-3);
        Assert.Equal(499_999.5, run.FinishOf(499_999, 1), 1e-3);
    }

    [Fact]
    public void What_is_no_step_is_refused()
    {
        var step = new FlowProgram { Capacity = [0], PathOffset = [0, 1], Path = [0], Bytes = [1] };
        Assert.Contains("never ends", Assert.Throws<InputException>(() => StepSimulation.Run(step, [0], [1], 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("from rank 0 to 2", Assert.Throws<InputException>(() => StepSimulation.Run(step, [0], [2], 2, 3)).Message, StringComparison.Ordinal);
        Assert.Contains("expected 1 senders", Assert.Throws<InputException>(() => StepSimulation.Run(step, [], [], 2, 3)).Message, StringComparison.Ordinal);
    }
}
