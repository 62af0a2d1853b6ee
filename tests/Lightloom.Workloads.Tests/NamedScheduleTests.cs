using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Tests;

/// <summary>Steps whose pipeline schedule is named.</summary>
public sealed class NamedScheduleTests
{
    static readonly Gen<TrainingJob> Jobs =
        from model in Gen.OneOf("llama-3.1-70b", "llama-3.1-405b", "mixtral-8x7b", "deepseek-v3", "qwen3-235b-a22b")
        from kind in Gen.Enum<PipelineKind>()
        from tensor in Gen.OneOf(1, 2, 8)
        from pipeline in Gen.OneOf(2, 4, 7, 8, 16)
        from interleave in Gen.OneOf<int?>(null, 2, 3)
        from batches in Gen.Int[1, 60]
        from recompute in Gen.OneOf<Recomputation?>(null, Recomputation.None, Recomputation.Full)
        from flags in Gen.Bool.Array[3]
        let job = Examples.Job(model, tensor * pipeline * 4, 4 * batches, new()
        {
            Tensor = tensor,
            Pipeline = pipeline,
            Interleave = interleave,
            Schedule = kind,
            Recompute = recompute,
            OverlapPipeline = flags[0],
            OverlapSteps = flags[1],
            SequenceParallel = flags[2],
        }, 4096)
        where job.IsValid
        select job;

    [Fact]
    public void Parts_are_not_negative_and_add_up_to_the_step() => Jobs.Sample(job =>
    {
        var step = Examples.Step(job);
        var sum = 0.0;
        foreach (var part in Enum.GetValues<StepPart>())
        {
            Assert.True(step[part].Seconds >= 0, part.ToString());
            sum += step[part].Seconds;
        }
        Examples.Close(step.Time.Seconds, sum, 1e-12);
        Assert.True(step.Memory.Activations.Bytes > 0);
    }, iter: 200);

    /// <summary>With stages that are alike and sends that take no time the named 1F1B is the closed form that stands in for it.</summary>
    [Fact]
    public void Without_an_output_layer_and_sends_1f1b_by_name_is_the_closed_form()
    {
        // A vocabulary of one word leaves nothing for the output layer to do; a network without end sends at once.
        var model = new ModelSize(PartCatalog.Default.Get<TransformerModel>("llama-3.1-70b") with { Vocabulary = 8, TiedEmbeddings = false });
        foreach (var (interleave, kind) in new[] { (1, PipelineKind.OneForwardOneBackward), (2, PipelineKind.Interleaved), (5, PipelineKind.Interleaved) })
        {
            var plain = Examples.Job("llama-3.1-70b", 64, 128, new() { Tensor = 2, Pipeline = 8, Interleave = interleave, Recompute = Recomputation.None }) with { Model = model };
            var closed = Run(plain);
            var named = Run(plain with { Parallelism = plain.Parallelism with { Schedule = kind } });
            foreach (var part in Enum.GetValues<StepPart>().Where(part => part != StepPart.PipelineCommunication))
                Assert.Equal(closed[part].Seconds, named[part].Seconds, 1e-5 * closed.Time.Seconds);
            Assert.Equal(closed.Memory, named.Memory);
        }

        static TrainingStep Run(TrainingJob job) => StepModel.Predict(
            job, Examples.Ideal, Examples.Network(64), Examples.Unlimited, default);
    }

    /// <summary>
    /// What the closed form counts of sends between stages of as many layers is what Megatron's order waits for when it is played out, whether they hold
    /// up their ranks or not, and with an output layer that makes the last stage the slowest.
    /// </summary>
    [Fact]
    public void Sends_are_waited_for_as_the_order_has_them() =>
        (from model in Gen.OneOf("llama-3.1-70b", "llama-3.1-405b", "gpt3-175b")
         from pipeline in Gen.OneOf(2, 4, 8, 16)
         from interleave in Gen.OneOf(1, 1, 2, 3, 5)
         from rounds in Gen.Int[1, 12]
         from tensor in Gen.OneOf(2, 8)
         from overlap in Gen.Bool
         from gigabits in Gen.OneOf(40.0, 100.0, 400.0)
         let job = Examples.Job(model, tensor * pipeline, pipeline * rounds, new()
         {
             Tensor = tensor,
             Pipeline = pipeline,
             Interleave = interleave,
             Recompute = Recomputation.None,
             OverlapPipeline = overlap,
             SequenceParallel = true,
         }, 4096)
         where job.IsValid && job.Model.Model.Layers % (pipeline * interleave) == 0
         select (job, gigabits)).Sample(x =>
        {
            var (rates, network) = (ComputeRates.Of(Examples.H100, Precision.Bf16), Examples.Network(x.job.Accelerators, x.gigabits));
            var closed = StepModel.Predict(x.job, rates, network, Examples.Unlimited, default);
            var played = StepModel.PlayOut(closed, rates, network, default);
            // Of the step; where sends are shorter than passes it is far less.
            Assert.InRange((closed[StepPart.PipelineCommunication] - played[StepPart.PipelineCommunication]) / played.Time, -0.015, 0.006);
        }, iter: 300);

    /// <summary>The step is what the evaluator makes of the order, whatever shortcuts led there.</summary>
    [Fact]
    public void The_step_is_its_pipeline_played_out_and_what_follows() => Jobs.Sample(job =>
    {
        var step = Examples.Step(job);
        var timing = PipelineSchedule.Time(step.Pipeline);
        var overlap = job.Parallelism.OverlapSteps && PipelineSchedules.Of(job.Parallelism.Schedule!.Value).StepsOverlap;
        var pipeline = overlap ? timing.Period : timing.Makespan;
        Examples.Close(pipeline + step[StepPart.DataCommunication].Seconds + step[StepPart.Optimizer].Seconds, step.Time.Seconds, 1e-9);
        // Sends can only make it longer, so can the barrier at its end.
        Assert.True(timing.Period <= timing.Makespan);
        Assert.Null(PipelineProof.Flaw(timing.Order));
    }, iter: 100);

    [Fact]
    public void Memory_is_ordered_as_the_schedules_papers_say()
    {
        DataSize Kept(PipelineKind kind) => Examples.Step(Examples.Job("llama-3.1-405b", 512, 256, new()
        {
            Tensor = 8,
            Pipeline = 8,
            Schedule = kind,
            Recompute = Recomputation.None,
        })).Memory.Activations;
        Assert.True(Kept(PipelineKind.VMin) < Kept(PipelineKind.VHalf));
        Assert.True(Kept(PipelineKind.VHalf) < Kept(PipelineKind.OneForwardOneBackward));
        Assert.True(Kept(PipelineKind.OneForwardOneBackward) <= Kept(PipelineKind.ZeroBubbleH1));
        Assert.True(Kept(PipelineKind.ZeroBubbleH1) < Kept(PipelineKind.DualPipe));
        Assert.True(Kept(PipelineKind.DualPipe) < Kept(PipelineKind.ZeroBubbleH2));
        Assert.True(Kept(PipelineKind.ZeroBubbleH2) < Kept(PipelineKind.GPipe));
    }

    [Fact]
    public void Dualpipe_keeps_twice_the_weights_of_1f1b()
    {
        DataSize Weights(PipelineKind kind) => Examples.Step(Examples.Job("gpt3-175b", 512, 1024, new() { Tensor = 8, Pipeline = 8, Schedule = kind, Recompute = Recomputation.Full })).Memory.Weights;
        Assert.InRange(Weights(PipelineKind.DualPipe) / Weights(PipelineKind.OneForwardOneBackward), 1.9, 2.1);
        Assert.InRange(Weights(PipelineKind.DualPipeV) / Weights(PipelineKind.OneForwardOneBackward), 0.95, 1.1);
    }

    /// <summary>Every cut of a model deals all its blocks, and all its dense blocks.</summary>
    [Fact]
    public void Positions_share_all_blocks() => Jobs.Sample(job =>
    {
        foreach (var positions in Enumerable.Range(1, 32).Where(n => StageLayout.Fits(job.Model.Model.Layers, n)))
        {
            var deal = new PositionDeal(job, positions);
            Assert.Equal(job.Model.Model.Layers, Enumerable.Range(0, positions).Sum(k => deal[k].Blocks));
            Assert.Equal(job.Model.DenseLayers, Enumerable.Range(0, positions).Sum(k => deal[k].First));
        }
    }, iter: 20);

    [Fact]
    public void Layers_given_to_parts_are_even_ones_or_make_the_fullest_the_slowest()
    {
        TrainingStep Run(params int[] layers) => Examples.Step(Examples.Job("llama-3.1-70b", 32, 32, new()
        {
            Tensor = 8,
            Pipeline = 4,
            Schedule = PipelineKind.OneForwardOneBackward,
            StageLayers = layers.Length == 0 ? null : layers,
            Recompute = Recomputation.None,
        }).Checked());
        var even = Run();
        Assert.Equal(even.Time, Run(20, 20, 20, 20).Time);
        // The output layer is worth more than a layer; taking one from the last stage shortens the step, adding one lengthens it.
        Assert.True(Run(21, 20, 20, 19).Time < even.Time);
        Assert.True(Run(19, 20, 20, 21).Time > even.Time);
        Examples.Close(even[StepPart.Attention].Seconds * 30 / 20, Run(30, 17, 17, 16)[StepPart.Attention].Seconds, 1e-9);
        Assert.Equal(0, Run(30, 17, 17, 16).Memory.Stage);
    }

    [Theory]
    [InlineData("the parts have 81 layers in all, the model 80", PipelineKind.GPipe, 20, 20, 20, 21)]
    [InlineData("gpipe on 4 stages cuts the model into 4; 5 are given", PipelineKind.GPipe, 16, 16, 16, 16, 16)]
    [InlineData("v-half on 4 stages cuts the model into 8; 4 are given", PipelineKind.VHalf, 20, 20, 20, 20)]
    [InlineData("interleaved-1f1b on 4 stages cuts the model into a multiple of 4 from 8 on; 5 are given", PipelineKind.Interleaved, 16, 16, 16, 16, 16)]
    [InlineData("a part can't have -1 layers", PipelineKind.GPipe, 41, 20, 20, -1)]
    public void Layers_that_do_not_fit_the_schedule_are_said(string says, PipelineKind kind, params int[] layers)
    {
        var job = Examples.Job("llama-3.1-70b", 32, 32, new() { Tensor = 8, Pipeline = 4, Schedule = kind, StageLayers = layers });
        Assert.False(job.IsValid);
        var wrong = Assert.Throws<JobException>(() => job.Checked());
        Assert.Equal("parallelism.stageLayers", wrong.Field);
        Assert.Contains(says, wrong.Message);
    }

    [Fact]
    public void Layers_without_a_schedule_are_said() => Assert.Contains("'schedule' and 'pipeline' are needed", Assert.Throws<JobException>(
        () => Examples.Job("llama-3.1-70b", 32, 32, new() { Tensor = 8, Pipeline = 4, StageLayers = [20, 20, 20, 20] }).Checked()).Message);

    [Theory]
    [InlineData(PipelineKind.ZeroBubbleV, 3, 8, "parallelism.interleave", "zb-v has 2 chunks on each stage, not 3")]
    [InlineData(PipelineKind.OneForwardOneBackward, 2, 8, "parallelism.interleave", "1f1b has 1 chunk on each stage, not 2")]
    [InlineData(PipelineKind.DualPipe, null, 8, "parallelism.schedule", "nearest 16")]
    [InlineData(PipelineKind.Interleaved, 2, 9, "parallelism.schedule", "nearest 8 and 16")]
    public void A_schedule_that_cannot_be_names_the_nearest(PipelineKind kind, int? interleave, int batches, string field, string says)
    {
        var job = Examples.Job("llama-3.1-70b", 64, 8 * batches, new() { Pipeline = 8, Schedule = kind, Interleave = interleave });
        Assert.False(job.IsValid);
        var wrong = Assert.Throws<JobException>(() => job.Checked());
        Assert.Equal(field, wrong.Field);
        Assert.Contains(says, wrong.Message);
    }

    [Fact]
    public void A_cut_that_does_not_divide_and_a_group_without_its_schedule_are_said()
    {
        var cut = Assert.Throws<JobException>(() => Examples.Job("llama-3.1-8b", 48, 96, new() { Pipeline = 6, Schedule = PipelineKind.VHalf }).Checked());
        Assert.Contains("v-half cuts the model into 12, which divide neither the 32 layers nor 34", cut.Message);
        var group = Assert.Throws<JobException>(() => Examples.Job("llama-3.1-8b", 8, 64, new() { Pipeline = 8, Schedule = PipelineKind.GPipe, ScheduleGroup = 8 }).Checked());
        Assert.Equal("parallelism.scheduleGroup", group.Field);
    }
}
