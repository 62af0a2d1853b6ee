using System.Text.Json;
using CsCheck;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Workloads.Tests.Timeline;

public sealed class StepTimelineTests
{
    static readonly Gen<StepTimeline> Timelines =
        from model in Gen.OneOf("llama-3.1-70b", "mixtral-8x7b", "deepseek-v3")
        from kind in Gen.Enum<PipelineKind>()
        from named in Gen.Bool
        from tensor in Gen.OneOf(1, 4)
        from context in Gen.OneOf(1, 2)
        from expert in Gen.OneOf(1, 4)
        from pipeline in Gen.OneOf(1, 2, 4)
        from batches in Gen.Int[1, 24]
        from recompute in Gen.Enum<Recomputation>()
        from flags in Gen.Bool.Array[3]
        from late in Gen.OneOf(0, 0.001)
        let job = Examples.Job(model, tensor * context * pipeline * 8, 8 * batches, new()
        {
            Tensor = tensor,
            Context = context,
            Expert = expert,
            Pipeline = pipeline,
            Schedule = named ? kind : null,
            Recompute = recompute,
            OverlapPipeline = flags[0],
            OverlapSteps = flags[1],
            OverlapExpert = flags[2],
        }, 4096)
        where job.IsValid
        select Of(job, late);

    static StepTimeline Of(TrainingJob job, double late = 0)
    {
        var network = Examples.Network(job.Accelerators);
        var step = StepModel.PlayOut(Examples.Step(job), ComputeRates.Of(Examples.H100, job.Precision), network, Examples.H100.Kernels.RuntimeMemory.Value);
        return new(step, network, new(Ratio.From(late)));
    }

    [Fact]
    public void The_critical_path_adds_up_to_the_step() => Timelines.Sample(timeline =>
    {
        Examples.Close(timeline.Length.Seconds, timeline.CriticalPath.Sum(s => s.Time.Seconds), 1e-9);
        Examples.Close(timeline.Step.Time.Seconds, (timeline.Length - timeline.Jitter).Seconds, 1e-9);
        Assert.All(timeline.CriticalPath, s => Assert.True(s.Time.Seconds > 0));
        Assert.Equal(timeline.CriticalPath.OrderByDescending(s => s.Time.Seconds), timeline.CriticalPath);
    }, iter: 200);

    [Fact]
    public void No_stage_is_busy_for_longer_than_the_pipeline_and_the_busiest_sets_its_pace() => Timelines.Sample(timeline =>
    {
        Assert.All(timeline.Stages, s => Assert.True(s.Busy.Seconds <= timeline.PipelineTime.Seconds * (1 + 1e-12)));
        Assert.All(timeline.Stages, s => Assert.InRange(s.Computing.Si, 0.001, 1));
        var step = timeline.Step;
        var work = step[StepPart.Matmul] + step[StepPart.Attention] + step[StepPart.Elementwise] + step[StepPart.Recompute] + step[StepPart.HostWait] +
            step[StepPart.TensorCommunication] + step[StepPart.ContextCommunication] + step[StepPart.ExpertCommunication];
        work -= timeline.Exchange;
        Examples.Close(work.Seconds, timeline.Stages.Max(s => s.Busy.Seconds), 1e-9);
    }, iter: 200);

    /// <summary>The example at the head of StepTimeline.cs: 8 microbatches on 4 stages, 11 forwards and 11 backwards.</summary>
    [Fact]
    public void The_path_of_alike_stages_fills_works_and_drains()
    {
        var job = Examples.Job("llama-3.1-8b", 4, 8, new() { Pipeline = 4, Recompute = Recomputation.None, Schedule = PipelineKind.OneForwardOneBackward });
        var model = new ModelSize(Examples.Model("llama-3.1-8b").Model with { Vocabulary = 8 });
        var network = Examples.Network(4, scaleUpFactor: 1e6);
        var step = StepModel.Predict(job with { Model = model }, Examples.Ideal, network, Examples.Unlimited, default);
        var timeline = new StepTimeline(step, network);
        var stage = step.Pipeline.MiddleForward;
        Assert.Equal(11 * stage, Part(PathPart.Forward), 1e-3 * stage);
        Assert.Equal(11 * step.Pipeline.MiddleBackward, Part(PathPart.Backward), 1e-3 * stage);
        Assert.Equal("compute", timeline.CriticalPath[0].Resource);
        Assert.Equal([4.0, 3, 2, 1], timeline.Stages.Select(s => s.PeakMicroBatches));

        double Part(PathPart part) => timeline.CriticalPath.Single(s => s.Part == part).Time.Seconds;
    }

    [Fact]
    public void Waiting_for_the_host_is_a_part_of_its_own()
    {
        StepTimeline Mixture(RecordedGraphs? graphs) => Of(Examples.Job("mixtral-8x7b", 16, 64, new() { Expert = 8, Pipeline = 2, Graphs = graphs, Recompute = Recomputation.Full }, 256));
        var waits = Mixture(RecordedGraphs.None);
        var host = waits.CriticalPath.Single(s => s.Part == PathPart.Host);
        Assert.Equal("host", host.Resource);
        Assert.InRange(host.Time / waits.Length, 0.3, 0.95);
        Assert.DoesNotContain(Mixture(RecordedGraphs.Iteration).CriticalPath, s => s.Part == PathPart.Host);
        Assert.True(waits.Length > Mixture(RecordedGraphs.Parts).Length);
    }

    [Fact]
    public void A_group_is_named_after_the_outermost_level_that_it_crosses()
    {
        var inside = Of(Examples.Job("llama-3.1-70b", 64, 64, new() { Tensor = 8, Pipeline = 4, Recompute = Recomputation.None }));
        Assert.Equal("scale-up", inside.CriticalPath.Single(s => s.Part == PathPart.Tensor).Resource);
        Assert.Equal("scale-out", inside.CriticalPath.Single(s => s.Part == PathPart.Send).Resource);
        Assert.Equal("scale-out", inside.CriticalPath.Single(s => s.Part == PathPart.Data).Resource);
    }

    [Fact]
    public void A_step_by_its_closed_form_is_played_out_first()
    {
        var job = Examples.Job("llama-3.1-70b", 64, 64, new() { Tensor = 8, Pipeline = 4, Recompute = Recomputation.None });
        var step = Examples.Step(job);
        Assert.Throws<ArgumentException>(() => new StepTimeline(step, Examples.Network(64)));
        // And the two agree within a tenth, as the closed form says of itself.
        Assert.InRange(Of(job).Length.Seconds / step.Time.Seconds, 0.9, 1.1);
    }

    // --- Jitter --------------------------------------------------------------------------------------------------------------------

    /// <summary>The example at the head of RankJitter.cs.</summary>
    [Theory]
    [InlineData(8, 0.0027179)]
    [InlineData(1024, 0.0075092)]
    [InlineData(16384, 0.0102813)]
    public void A_thousandth_of_mean_delay_costs(long ranks, double share) =>
        Assert.Equal(share, new RankJitter(Ratio.From(0.001)).Of(Duration.FromSeconds(1), ranks).Seconds, 1e-6);

    [Fact]
    public void The_expected_maximum_is_that_of_drawn_delays()
    {
        var random = new Random(1);
        foreach (var n in new[] { 1, 5, 64, 65, 300 })
        {
            var sum = 0.0;
            const int Draws = 4000;
            for (var i = 0; i < Draws; i++)
            {
                var most = 0.0;
                for (var k = 0; k < n; k++) most = Math.Max(most, -Math.Log(1 - random.NextDouble()));
                sum += most;
            }
            // The maximum scatters by about 1.3, its mean over 4,000 draws by 0.02.
            Assert.Equal(sum / Draws, RankJitter.Harmonic(n), 0.1);
        }
        Examples.Close(Enumerable.Range(1, 1000).Sum(k => 1.0 / k), RankJitter.Harmonic(1000), 1e-12);
    }

    // --- Chrome trace -----------------------------------------------------------------------------------------------------------

    [Fact]
    public void A_trace_keeps_the_rules_of_its_format() => Timelines.Sample(timeline =>
    {
        using var stream = new MemoryStream();
        ChromeTrace.Write(stream, timeline, "a \"name\"");
        StrictTrace.Check(stream.ToArray(), timeline);
    }, iter: 60);
}

/// <summary>A strict reader of the Trace Event Format: what a viewer forgives is an error here.</summary>
static class StrictTrace
{
    sealed record Slice(string Name, string Category, decimal From, decimal To);

    public static void Check(byte[] bytes, StepTimeline timeline)
    {
        using var document = JsonDocument.Parse(bytes, new() { AllowTrailingCommas = false, CommentHandling = JsonCommentHandling.Disallow });
        Assert.Equal(["displayTimeUnit", "traceEvents"], document.RootElement.EnumerateObject().Select(x => x.Name));
        Assert.Equal("ms", document.RootElement.GetProperty("displayTimeUnit").GetString());
        var threads = new Dictionary<int, List<Slice>>();
        var names = new Dictionary<int, string>();
        var flows = new Dictionary<string, (decimal At, int Thread)>();
        var arrows = 0;
        foreach (var x in document.RootElement.GetProperty("traceEvents").EnumerateArray())
        {
            Assert.Equal(0, x.GetProperty("pid").GetInt32());
            var thread = x.GetProperty("tid").GetInt32();
            switch (x.GetProperty("ph").GetString())
            {
                case "M":
                    if (x.GetProperty("name").GetString() == "thread_name") names.Add(thread, x.GetProperty("args").GetProperty("name").GetString()!);
                    else Assert.Equal("a \"name\"", x.GetProperty("args").GetProperty("name").GetString());
                    break;
                case "X":
                    var (from, length) = (x.GetProperty("ts").GetDecimal(), x.GetProperty("dur").GetDecimal());
                    Assert.True(from >= 0 && length >= 0);
                    if (!threads.TryGetValue(thread, out var slices)) threads[thread] = slices = [];
                    slices.Add(new(x.GetProperty("name").GetString()!, x.GetProperty("cat").GetString()!, from, from + length));
                    break;
                case "s":
                    flows.Add(x.GetProperty("id").GetString()!, (x.GetProperty("ts").GetDecimal(), thread));
                    break;
                case "f":
                    Assert.Equal("e", x.GetProperty("bp").GetString());
                    Assert.True(flows.Remove(x.GetProperty("id").GetString()!, out var begun));
                    Assert.True(begun.At <= x.GetProperty("ts").GetDecimal());
                    Assert.NotEqual(begun.Thread, thread);
                    arrows++;
                    break;
                default:
                    Assert.Fail($"an event of an unknown phase: {x}");
                    break;
            }
        }
        Assert.Empty(flows);
        Assert.All(threads.Keys, t => Assert.Contains(t, names));
        var order = timeline.Pipeline.Order;
        var received = 0;
        for (var rank = 0; rank < order.Placement.Ranks; rank++)
        {
            for (var i = 0; i < order[rank].Length; i++)
                if (timeline.Pipeline.Receiver(rank, i) is not null) received++;
            var operations = threads[2 * rank].Where(s => s.Category is "forward" or "backward" or "backward,input" or "backward,weight").ToList();
            Assert.Equal(order[rank].ToArray().Select(o => o.ToString()), operations.Select(s => s.Name));
            Nested(threads[2 * rank]);
        }
        Assert.Equal(received, arrows);
    }

    /// <summary>Slices of a thread lie in each other or beside each other, never across.</summary>
    static void Nested(List<Slice> slices)
    {
        var open = new Stack<Slice>();
        foreach (var slice in slices.OrderBy(s => s.From).ThenByDescending(s => s.To))
        {
            while (open.TryPeek(out var outer) && outer.To <= slice.From) open.Pop();
            if (open.TryPeek(out var around)) Assert.True(slice.To <= around.To, $"{slice} crosses the end of {around}");
            open.Push(slice);
        }
    }
}
