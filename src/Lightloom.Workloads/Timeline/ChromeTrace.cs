// Writes a step as a Chrome trace, for chrome://tracing and Perfetto (ui.perfetto.dev).
// Format: "Trace Event Format", Google 2016: an object with traceEvents; complete events "X" with ts and dur in µs, metadata "M" that
// names processes and threads, flows "s" to "f" between threads with one id.
//
//   process 0          the job; one thread for each pipeline rank and one for what it sends
//   events of a rank   each operation ("F0.3": forward of microbatch 3 on chunk 0) and inside it the communication it waits for
//   flows              from an operation to the one on another rank that waits for its result
//
// Times are rounded to whole nanoseconds, of starts and ends, so that neighbours still meet.

using System.Text.Json;
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
        using var json = new Utf8JsonWriter(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
        Named(json, "process_name", 0, name);
        var order = timeline.Pipeline.Order;
        for (var rank = 0; rank < order.Placement.Ranks; rank++)
        {
            Named(json, "thread_name", 2 * rank, $"stage {rank}");
            Named(json, "thread_name", (2 * rank) + 1, $"stage {rank} sends");
        }
        for (var rank = 0; rank < order.Placement.Ranks; rank++) Rank(json, timeline, rank);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    static void Rank(Utf8JsonWriter json, StepTimeline timeline, int rank)
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
            Event(json, o.ToString(), Category(o.Pass), 2 * rank, from, to, o, order.PositionOf(rank, o));
            var at = from;
            foreach (var (what, seconds) in ((string, double)[])[("tensor", time.Tensor), ("context", time.Context), ("expert", time.Expert)])
            {
                if (seconds <= 0) continue;
                Event(json, $"{what} communication", "communication", 2 * rank, at, Math.Min(to, at + seconds), null, null);
                at += seconds;
            }
            if (time.Recompute > 0) Event(json, "recomputation", "recompute", 2 * rank, at, Math.Min(to, at + time.Recompute), null, null);
            if (pipeline.Receiver(rank, i) is not { } receiver) continue;
            var id = $"{rank}.{i}";
            // A result of two that run as one goes out when both are done.
            var end = pipeline.End(rank, i);
            if (pipeline.Costs.Send > 0) Event(json, $"send {o}", "send", (2 * rank) + 1, end, end + pipeline.Costs.Send, o, null);
            Flow(json, "s", id, 2 * rank, to);
            Flow(json, "f", id, 2 * receiver.Rank, pipeline.Start(receiver.Rank, receiver.Operation));
        }
        var (pipe, data, update) = (timeline.PipelineTime.Seconds, timeline.Data.Seconds, timeline.Optimizer.Seconds);
        // Where steps overlap each rank goes on when it is done, a period after its own beginning.
        var tail = pipe < pipeline.Makespan ? pipeline.First(rank) + pipe : pipe;
        if (data > 0) Event(json, "data-parallel communication", "communication", 2 * rank, tail, tail + data, null, null);
        if (update > 0) Event(json, "optimiser", "optimizer", 2 * rank, tail + data, tail + data + update, null, null);
        if (timeline.Jitter.Seconds > 0)
            Event(json, "waiting for the slowest rank", "jitter", 2 * rank, tail + data + update, tail + data + update + timeline.Jitter.Seconds, null, null);
    }

    static string Category(PipelinePass pass) => pass switch
    {
        PipelinePass.Forward => "forward",
        PipelinePass.Backward => "backward",
        PipelinePass.BackwardInput => "backward,input",
        _ => "backward,weight",
    };

    static void Named(Utf8JsonWriter json, string what, int thread, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", 0);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static void Event(Utf8JsonWriter json, string name, string category, int thread, double from, double to, PipelineOperation? operation, int? position)
    {
        var (start, end) = (Nanoseconds(from), Nanoseconds(to));
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("cat", category);
        json.WriteString("ph", "X");
        json.WriteNumber("ts", start / 1000m);
        json.WriteNumber("dur", (end - start) / 1000m);
        json.WriteNumber("pid", 0);
        json.WriteNumber("tid", thread);
        if (operation is { } o)
        {
            json.WriteStartObject("args");
            json.WriteNumber("microBatch", o.MicroBatch);
            json.WriteNumber("chunk", o.Chunk);
            if (position is { } k) json.WriteNumber("position", k);
            json.WriteEndObject();
        }
        json.WriteEndObject();
    }

    static void Flow(Utf8JsonWriter json, string phase, string id, int thread, double at)
    {
        json.WriteStartObject();
        json.WriteString("name", "result");
        json.WriteString("cat", "flow");
        json.WriteString("ph", phase);
        if (phase == "f") json.WriteString("bp", "e");
        json.WriteString("id", id);
        json.WriteNumber("ts", Nanoseconds(at) / 1000m);
        json.WriteNumber("pid", 0);
        json.WriteNumber("tid", thread);
        json.WriteEndObject();
    }

    static long Nanoseconds(double seconds) => (long)Math.Round(seconds * 1e9);
}
