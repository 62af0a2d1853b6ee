// Writes a step as a Chrome trace (ChromeEvents.cs has the format).
//
//   process 0          the job; one thread for each pipeline rank and one for what it sends
//   events of a rank   each operation ("F0.3": forward of microbatch 3 on chunk 0) and inside it the communication it waits for
//   flows              from an operation to the one on another rank that waits for its result
//
// Times are rounded to whole nanoseconds, of starts and ends, so that neighbours still meet.

using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Timeline;

/// <summary>Writes steps as Chrome traces; see the format at the head of this file.</summary>
public static class ChromeTrace
{
    /// <summary>Writes a step.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    /// <param name="timeline">The step.</param>
    /// <param name="name">What the trace is called.</param>
    public static void Write(Stream stream, StepTimeline timeline, string name)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(timeline);
        using var events = new ChromeEvents(stream);
        events.Process(0, name);
        var order = timeline.Pipeline.Order;
        for (var rank = 0; rank < order.Placement.Ranks; rank++)
        {
            events.Thread(0, 2 * rank, $"stage {rank}");
            events.Thread(0, (2 * rank) + 1, $"stage {rank} sends");
        }
        for (var rank = 0; rank < order.Placement.Ranks; rank++) Rank(events, timeline, rank);
    }

    static void Rank(ChromeEvents events, StepTimeline timeline, int rank)
    {
        var (pipeline, order) = (timeline.Pipeline, timeline.Pipeline.Order);
        var operations = order[rank];
        for (var i = 0; i < operations.Length; i++)
        {
            var o = operations[i];
            var time = timeline.Of(rank, o);
            // Two that run as one are drawn one after the other in their common time.
            var from = pipeline.Start(rank, i);
            if (i > 0 && operations[i - 1].WithNext) from += pipeline.Costs.Of(operations[i - 1].Pass, order.PositionOf(rank, operations[i - 1]));
            var to = o.WithNext ? from + pipeline.Costs.Of(o.Pass, order.PositionOf(rank, o)) : pipeline.End(rank, i);
            Event(events, o.ToString(), Category(o.Pass), 2 * rank, from, to, o, order.PositionOf(rank, o));
            var at = from;
            (string, string, double)[] inside =
            [
                ("tensor communication", "communication", time.Tensor), ("context communication", "communication", time.Context), ("expert communication", "communication", time.Expert),
                ("waiting for the host", "host", time.Host), ("recomputation", "recompute", time.Recompute),
            ];
            foreach (var (what, category, seconds) in inside)
            {
                if (seconds <= 0) continue;
                Event(events, what, category, 2 * rank, at, Math.Min(to, at + seconds), null, null);
                at += seconds;
            }
            if (pipeline.Receiver(rank, i) is not { } receiver) continue;
            var id = $"{rank}.{i}";
            // A result of two that run as one goes out when both are done.
            var end = pipeline.End(rank, i);
            if (pipeline.Costs.Send > 0) Event(events, $"send {o}", "send", (2 * rank) + 1, end, end + pipeline.Costs.Send, o, null);
            events.Arrow(0, 2 * rank, id, At(to), true);
            events.Arrow(0, 2 * receiver.Rank, id, At(pipeline.Start(receiver.Rank, receiver.Operation)), false);
        }
        var (pipe, data, update) = (timeline.PipelineTime.Seconds, timeline.Data.Seconds, timeline.Optimizer.Seconds);
        // Where steps overlap each rank goes on when it is done, a period after its own beginning.
        var tail = pipe < pipeline.Makespan ? pipeline.First(rank) + pipe : pipe;
        var exchange = timeline.Exchange.Seconds;
        if (exchange > 0) Event(events, "expert communication that no microbatch hides", "communication", 2 * rank, tail, tail + exchange, null, null);
        tail += exchange;
        if (data > 0) Event(events, "data-parallel communication", "communication", 2 * rank, tail, tail + data, null, null);
        if (update > 0) Event(events, "optimiser", "optimizer", 2 * rank, tail + data, tail + data + update, null, null);
        if (timeline.Jitter.Seconds > 0)
            Event(events, "waiting for the slowest rank", "jitter", 2 * rank, tail + data + update, tail + data + update + timeline.Jitter.Seconds, null, null);
    }

    static string Category(PipelinePass pass) => pass switch
    {
        PipelinePass.Forward => "forward",
        PipelinePass.Backward => "backward",
        PipelinePass.BackwardInput => "backward,input",
        _ => "backward,weight",
    };

    static void Event(ChromeEvents events, string name, string category, int thread, double from, double to, PipelineOperation? operation, int? position) =>
        events.Event(0, thread, name, category, At(from), At(to), operation is not { } o ? null : json =>
        {
            json.WriteNumber("microBatch", o.MicroBatch);
            json.WriteNumber("chunk", o.Chunk);
            if (position is { } k) json.WriteNumber("position", k);
        });

    static SimTime At(double seconds) => SimTime.FromPicoseconds(1000 * (long)Math.Round(seconds * 1e9));
}
