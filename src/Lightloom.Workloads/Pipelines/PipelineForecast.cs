// The exact length of a step of many microbatches from one of few.
//
//   A schedule's order for m + g microbatches (g its round) is its order for m with one more round in the steady state. The times of
//   the steady state follow a max-plus recurrence, which after a while repeats: q rounds later everything is c seconds later. Once
//   that holds for every pass of every microbatch in a window as wide as what is in flight, all that follows depends on that window
//   alone, so each further q rounds add exactly c (Baccelli et al. 1992, "Synchronization and Linearity", chapter 3).
//
//   T(m) = T(m') + c·(m - m') / (q·g),   m' = m modulo q·g
//
// Where no repetition shows, more microbatches are played out, at worst all of them.
//
// Worked example, 1F1B, p = 4, F = B = W = 1 s: each round takes c = 3 s; 10,000 microbatches take 30,009 s, found on fewer than 100.

namespace Lightloom.Workloads.Pipelines;

/// <summary>The length of a pipeline's step; see the equations at the head of this file.</summary>
/// <param name="Makespan">Seconds from the first start to the last end.</param>
/// <param name="Period">The longest time from a rank's first start to its last end, in s.</param>
/// <param name="Played">Microbatches that were played out to find it; none where a closed form was known.</param>
public readonly record struct PipelineForecast(double Makespan, double Period, int Played)
{
    const double Tolerance = 1e-12;

    /// <summary>Finds the length of a step.</summary>
    /// <exception cref="ArgumentException">The schedule can't have this shape, or the costs have other positions.</exception>
    public static PipelineForecast Of(IPipelineSchedule schedule, in PipelineShape shape, PipelineCosts costs)
    {
        ArgumentNullException.ThrowIfNull(schedule);
        ArgumentNullException.ThrowIfNull(costs);
        if (schedule.Broken(shape) is { } broken) throw new ArgumentException(broken);
        if (schedule.Length(shape, costs) is { } length) return new(length, length, 0);
        int m = shape.MicroBatches, round = schedule.Round(shape);
        var most = 0;
        for (var rank = 0; rank < shape.Ranks; rank++) most = Math.Max(most, schedule.PeakChunks(shape with { MicroBatches = int.MaxValue / 1024 }, rank));
        // Who keeps all that there is has no steady state.
        if (most >= int.MaxValue / 1024) return Whole(schedule, shape, costs);
        // Microbatches in flight at once anywhere in the pipeline, in whole rounds.
        var window = (((2 * shape.Ranks) + most + round) / round) + 1;
        for (var rounds = 4 * window; ; rounds *= 2)
        {
            var played = m - (Math.Max(0, (m / round) - rounds) * round);
            if (played >= m) return Whole(schedule, shape, costs);
            var timing = new PipelineTiming(schedule.Order(shape with { MicroBatches = played }), costs);
            if (Repetition(timing, round, window) is not { } found) continue;
            var (q, shift) = found;
            var missing = (m - played) / round;
            if (missing % q != 0)
            {
                // A little longer, so that whole repetitions are missing.
                played += missing % q * round;
                missing -= missing % q;
                timing = new(schedule.Order(shape with { MicroBatches = played }), costs);
            }
            var longer = missing / q * shift;
            return new(timing.Makespan + longer, timing.Period + longer, played);
        }
    }

    static PipelineForecast Whole(IPipelineSchedule schedule, in PipelineShape shape, PipelineCosts costs)
    {
        var timing = new PipelineTiming(schedule.Order(shape), costs);
        return new(timing.Makespan, timing.Period, shape.MicroBatches);
    }

    /// <summary>After how many rounds the middle of a step repeats itself, and by how many seconds.</summary>
    static (int Rounds, double Shift)? Repetition(PipelineTiming timing, int round, int window)
    {
        var order = timing.Order;
        var streams = order.Placement.Path == PipelinePath.TwoDirections ? 2 : 1;
        int stream = order.MicroBatches / streams, step = round / streams;
        // The window ends where the tail may begin: a window's width before the end.
        var to = stream - (window * step);
        for (var q = 1; to - ((q + window) * step) >= window * step; q++)
        {
            var lag = q * step;
            var shift = timing.EndAt(true, 0, to - 1) - timing.EndAt(true, 0, to - 1 - lag);
            if (Repeats(timing, to - (window * step), to, lag, shift, streams, stream)) return (q, shift);
        }
        return null;
    }

    static bool Repeats(PipelineTiming timing, int from, int to, int lag, double shift, int streams, int stream)
    {
        var near = Tolerance * timing.Makespan;
        for (var position = 0; position < timing.Costs.Positions; position++)
        {
            for (var s = 0; s < streams; s++)
            {
                for (var k = (s * stream) + from; k < (s * stream) + to; k++)
                {
                    for (var way = 0; way < 2; way++)
                        if (!(Math.Abs(timing.EndAt(way == 0, position, k) - timing.EndAt(way == 0, position, k - lag) - shift) <= near)) return false;
                }
            }
        }
        return true;
    }
}
