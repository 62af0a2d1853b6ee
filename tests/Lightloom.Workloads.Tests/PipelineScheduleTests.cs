using CsCheck;

namespace Lightloom.Workloads.Tests;

public sealed class PipelineScheduleTests
{
    static readonly Gen<(int P, int V, int M)> Shapes = Gen.Select(Gen.Int[2, 9], Gen.Int[1, 5], Gen.Int[1, 5], Gen.Int[1, 30],
        (p, v, rounds, plain) => (p, v, v > 1 ? rounds * p : plain));

    static PipelineTimes Equal(int p, int v, int m, double forward = 1, double backward = 2) =>
        new(p, v, m, forward, backward, forward, backward, forward, backward, 0, 0);

    static double Length(in PipelineTimes times) => PipelineSchedule.Play(times).Max(s => s[^1].End);

    /// <summary>The example at the head of PipelineSchedule.cs.</summary>
    [Fact]
    public void Four_stages_and_eight_microbatches_take_33_s() => Assert.Equal(33, Length(Equal(4, 1, 8)), 1e-9);

    [Fact]
    public void Equal_stages_take_the_closed_form() =>
        Gen.Select(Shapes, Gen.Double[0.1, 3], Gen.Double[0.1, 3]).Where((s, _, _) => s.V == 1 || s.M >= s.P).Sample((s, forward, backward) =>
        {
            // With fewer microbatches than stages the pipeline still fills and drains over all of them.
            var closed = (s.M + ((s.P - 1.0) / s.V)) * (forward + backward);
            Examples.Close(closed, Length(Equal(s.P, s.V, s.M, forward, backward)), 1e-9);
        });

    [Fact]
    public void Every_piece_runs_once_after_what_it_waits_for_and_no_two_at_once_on_a_stage() =>
        Gen.Select(Shapes, Gen.Double[0.1, 3].Array[6]).Sample((s, t) =>
        {
            var stages = PipelineSchedule.Play(new(s.P, s.V, s.M, t[0], t[1], t[2], t[3], t[4], t[5], 0, 0));
            var all = stages.SelectMany(x => x).ToDictionary(x => (x.Stage, x.Chunk, x.MicroBatch, x.Backward));
            Assert.Equal(2 * s.P * s.V * s.M, all.Count);
            foreach (var stage in stages)
                for (var i = 1; i < stage.Count; i++)
                    Assert.True(stage[i].Start >= stage[i - 1].End);
            foreach (var x in all.Values)
            {
                Assert.True(x.End > x.Start);
                // Position of the chunk among all chunks of the model.
                var at = (x.Chunk * s.P) + x.Stage;
                if (x.Backward) Assert.True(x.Start >= all[(x.Stage, x.Chunk, x.MicroBatch, false)].End);
                var before = x.Backward ? at + 1 : at - 1;
                if (before >= 0 && before < s.P * s.V)
                    Assert.True(x.Start >= all[(before % s.P, before / s.P, x.MicroBatch, x.Backward)].End);
            }
        });

    /// <summary>
    /// The closed form takes what others need beyond the slowest stage as waiting; the schedule can hide a part of it, or, where
    /// stages differ, wait again. Here the first and the last stage do half to one and a half times the work of the others; in a job the
    /// first and the last stage differ by a block and the output layer, and StepModelTests holds them to a tenth.
    /// </summary>
    [Fact]
    public void Uneven_stages_stay_within_15_percent_of_the_closed_form_where_microbatches_outnumber_stages() =>
        Gen.Select(Gen.Int[2, 8], Gen.Int[1, 4], Gen.Int[2, 6], Gen.Double[0.5, 1.5], Gen.Double[0.5, 1.5]).Sample((p, v, rounds, first, last) =>
        {
            var m = rounds * p;
            var times = new PipelineTimes(p, v, m, first, 2 * first, 1, 2, last, 2 * last, 0, 0);
            double slowest = 3 * Math.Max(p > 2 ? 1 : 0, Math.Max(first, last)), sum = 3 * (first + last + p - 2);
            var closed = (m * slowest) + ((sum - slowest) / v);
            Assert.InRange(Length(times) / closed, 0.85, 1.05);
        }, iter: 3000);

    /// <summary>What MemoryUse says of microbatches in flight, counted in chunks on the schedule.</summary>
    [Fact]
    public void Microbatches_in_flight_are_those_of_the_memory_model() => Shapes.Sample(s =>
    {
        var stages = PipelineSchedule.Play(Equal(s.P, s.V, s.M));
        for (var i = 0; i < s.P; i++)
        {
            int flying = 0, most = 0;
            foreach (var slot in stages[i]) most = Math.Max(most, flying += slot.Backward ? -1 : 1);
            var formula = Math.Min(s.M, s.V > 1 ? s.P + ((s.P - 1 - (2.0 * i)) / s.V) : s.P - i);
            Assert.Equal(formula, most / (double)s.V, 1e-9);
        }
    });

    [Fact]
    public void An_interleaved_schedule_wants_whole_rounds() =>
        Assert.Throws<ArgumentException>(() => PipelineSchedule.Play(Equal(4, 2, 6)));
}
