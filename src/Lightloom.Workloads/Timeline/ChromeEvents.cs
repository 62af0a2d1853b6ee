// Chrome's "Trace Event Format" (Google, 2016), for chrome://tracing and Perfetto (ui.perfetto.dev): an object with traceEvents; complete events
// "X" with ts and dur in µs, metadata "M" that names processes and threads, flows "s" to "f" between threads with one id.
using System.Text.Json;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Timeline;

/// <summary>Writes events of any run as a Chrome trace, one after the other; nothing is kept.</summary>
public sealed class ChromeEvents : IDisposable
{
    const int FlushBytes = 1 << 16;

    readonly Utf8JsonWriter json;

    /// <summary>Begins a trace.</summary>
    /// <param name="stream">Where to; it stays open.</param>
    public ChromeEvents(Stream stream)
    {
        json = new(stream);
        json.WriteStartObject();
        json.WriteString("displayTimeUnit", "ms");
        json.WriteStartArray("traceEvents");
    }

    /// <summary>Names a process.</summary>
    public void Process(int process, string name) => Named("process_name", process, 0, name);

    /// <summary>Names a thread of a process.</summary>
    public void Thread(int process, int thread, string name) => Named("thread_name", process, thread, name);

    /// <summary>Something that began and ended.</summary>
    /// <param name="process">Its process.</param>
    /// <param name="thread">Its thread.</param>
    /// <param name="name">What it is.</param>
    /// <param name="category">Its kind, by which viewers filter.</param>
    /// <param name="from">When it began.</param>
    /// <param name="to">When it ended.</param>
    /// <param name="more">Writes what else is to be shown of it.</param>
    public void Event(int process, int thread, string name, string category, SimTime from, SimTime to, Action<Utf8JsonWriter>? more = null)
    {
        json.WriteStartObject();
        json.WriteString("name", name);
        json.WriteString("cat", category);
        json.WriteString("ph", "X");
        json.WriteNumber("ts", Microseconds(from));
        json.WriteNumber("dur", Microseconds(SimTime.FromPicoseconds(to.Picoseconds - from.Picoseconds)));
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        if (more is not null)
        {
            json.WriteStartObject("args");
            more(json);
            json.WriteEndObject();
        }
        json.WriteEndObject();
        if (json.BytesPending > FlushBytes) json.Flush();
    }

    /// <summary>One end of an arrow.</summary>
    /// <param name="process">Its process.</param>
    /// <param name="thread">Its thread.</param>
    /// <param name="id">What both ends have.</param>
    /// <param name="at">When.</param>
    /// <param name="begins">Whether the arrow begins here.</param>
    public void Arrow(int process, int thread, string id, SimTime at, bool begins)
    {
        json.WriteStartObject();
        json.WriteString("name", "result");
        json.WriteString("cat", "flow");
        json.WriteString("ph", begins ? "s" : "f");
        if (!begins) json.WriteString("bp", "e");
        json.WriteString("id", id);
        json.WriteNumber("ts", Microseconds(at));
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteEndObject();
    }

    /// <summary>Ends the trace.</summary>
    public void Dispose()
    {
        json.WriteEndArray();
        json.WriteEndObject();
        json.Dispose();
    }

    void Named(string what, int process, int thread, string name)
    {
        json.WriteStartObject();
        json.WriteString("name", what);
        json.WriteString("ph", "M");
        json.WriteNumber("pid", process);
        json.WriteNumber("tid", thread);
        json.WriteStartObject("args");
        json.WriteString("name", name);
        json.WriteEndObject();
        json.WriteEndObject();
    }

    static decimal Microseconds(SimTime time) => time.Picoseconds / 1000000m;
}
