// The schedule of a predicted step, played out for a picture: the stages of PipelineTimes in the order of its schedule.
//
// Worked example, 1F1B, p = 4, m = 8, forward 1 s and backward 2 s: (8 + 3)·3 = 33 s.

using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>One piece of work on one stage.</summary>
/// <param name="Stage">The pipeline stage.</param>
/// <param name="Chunk">The model chunk of that stage.</param>
/// <param name="MicroBatch">The microbatch.</param>
/// <param name="Backward">Whether it is the backward pass or a half of it.</param>
/// <param name="Start">When it starts, in s.</param>
/// <param name="End">When it ends, in s.</param>
public readonly record struct PipelineSlot(int Stage, int Chunk, int MicroBatch, bool Backward, double Start, double End)
{
    /// <summary>Whether it is only the half of a backward pass that makes the gradients of weights.</summary>
    public bool WeightsOnly { get; init; }
}

/// <summary>Plays out a step's pipeline; schedules and their rules are in <see cref="Pipelines"/>.</summary>
public static class PipelineSchedule
{
    /// <summary>Every piece of work of a step, stage by stage in the order in which the stage does it.</summary>
    /// <exception cref="ArgumentException">Microbatches that the schedule can't take.</exception>
    public static IReadOnlyList<IReadOnlyList<PipelineSlot>> Play(in PipelineTimes times)
    {
        var timing = Time(times);
        var order = timing.Order;
        var slots = new List<PipelineSlot>[order.Placement.Ranks];
        for (var rank = 0; rank < slots.Length; rank++)
        {
            slots[rank] = new(order[rank].Length);
            for (var i = 0; i < order[rank].Length; i++)
            {
                var o = order[rank][i];
                // Two that run as one share a slot's time; they are shown one after the other.
                var (from, to) = (timing.Start(rank, i), timing.End(rank, i));
                var own = timing.Costs.Of(o.Pass, order.PositionOf(rank, o));
                if (o.WithNext) to = from + own;
                else if (i > 0 && order[rank][i - 1].WithNext) from = to - own;
                slots[rank].Add(new(rank, o.Chunk, o.MicroBatch, o.Pass != PipelinePass.Forward, from, to) { WeightsOnly = o.Pass == PipelinePass.BackwardWeight });
            }
        }
        return slots;
    }

    /// <summary>Whether the schedule can take the microbatches.</summary>
    public static bool Takes(in PipelineTimes times) => ScheduleOf(times).Broken(ShapeOf(times)) is null;

    /// <summary>Start and end of every operation of a step.</summary>
    /// <exception cref="ArgumentException">Microbatches that the schedule can't take.</exception>
    public static PipelineTiming Time(in PipelineTimes times)
    {
        var (schedule, shape) = (ScheduleOf(times), ShapeOf(times));
        var positions = new PipelinePlacement(schedule.Path, shape.Ranks, shape.Chunks).Positions;
        return new(schedule.Order(shape), times.Costs ?? Costs(times, positions));
    }

    static IPipelineSchedule ScheduleOf(in PipelineTimes times) => PipelineSchedules.Of(times.Kind);

    static PipelineShape ShapeOf(in PipelineTimes times) => new(times.Stages, times.Interleave, times.MicroBatches) { Group = times.Group };

    static PipelineCosts Costs(PipelineTimes t, int positions)
    {
        var (forward, backward) = (new double[positions], new double[positions]);
        for (var k = 0; k < positions; k++)
        {
            var stage = k % t.Stages;
            forward[k] = (stage == 0 ? t.FirstForward : stage == t.Stages - 1 ? t.LastForward : t.MiddleForward) / t.Interleave;
            backward[k] = (stage == 0 ? t.FirstBackward : stage == t.Stages - 1 ? t.LastBackward : t.MiddleBackward) / t.Interleave;
        }
        return new(forward, backward, new double[positions]);
    }
}
