using System.Globalization;
using System.Text.Json;
using Lightloom.Planning;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets;

namespace Lightloom.Cli;

/// <summary>What became of packets, for people and for machines.</summary>
static class PacketReport
{
    static readonly (string Name, string Field, double Share)[] Shares = [("fastest", "min_us", 0), ("half of them", "p50_us", 0.5), ("90 %", "p90_us", 0.9), ("99 %", "p99_us", 0.99), ("slowest", "max_us", 1)];

    public static void Write(TextReport report, PacketRun run, PacketFabric fabric, string? note, CollectivePackets? collective = null)
    {
        var times = run.CompletionTimes();
        report.Title($"{run.Traffic.Name}: {run.Options.Transport}, {run.Options.Balance}{(run.IsComplete ? "" : ": PARTIAL, it was stopped")}");
        report.Say($"{times.Length:N0} of {run.Traffic.Count:N0} flows arrived in {run.Time.ToDuration()} on {fabric.Name}: {fabric.Hosts:N0} hosts, {fabric.RateOf(0)}, at most {fabric.Diameter} links between two. Seed {run.Options.Seed}.");
        if (note is not null) report.Say($"- {note}", 2);
        if (run.WhyFewerThreads is { } why) report.Say($"- {why}", 2);
        if (collective is not null) report.Table(["", ">"], [["time", collective.Time.ToString()], ["size over time", collective.AlgorithmBandwidth.ToString("G4")]]);
        if (times.Length > 0)
        {
            report.Heading("Completion times: until the sender knows that all has arrived");
            report.Table(["", ">time"], [.. Shares.Select(s => new[] { s.Name, Microseconds(PacketRun.NearestRank(times, s.Share)) }), ["mean", Microseconds(times.Average())]]);
        }
        report.Heading("Packets");
        report.Table(["", ">number"], Counts(run).Select(c => new[] { c.Name, c.Value.ToString("N0", CultureInfo.InvariantCulture) }));
        if (run.Lanes.Count > 0)
        {
            var byClass = run.Options.Classes > 1;
            report.Heading(byClass ? "Classes" : "Virtual lanes");
            report.Table([byClass ? "class" : "lane", ">flows", ">mean", ">99 %", ">slowest", ">marked", ">trimmed", ">dropped", ">pauses", ">longest queue"],
                run.Lanes.Select((lane, i) => new[] { i.ToString(CultureInfo.InvariantCulture) }.Concat(byClass ? OfClass(run.CompletionTimes(i)) : ["", "", "", ""])
                    .Concat(new[] { lane.Marks, lane.Trims, lane.Drops, lane.Pauses }.Select(n => n.ToString("N0", CultureInfo.InvariantCulture))).Append(lane.MostQueued.ToString()).ToArray()));
        }
        if (run.WithinDomains is { } within)
            report.Say(FormattableString.Invariant($"Within scale-up domains, whose links have credits: {within.Packets:N0} packets, {within.DataHops:N0} over links there, {within.Pauses:N0} times out of credits. The counts above are of packets among cards."));
        if (run.Traffic.Sums is not null) report.Say(FormattableString.Invariant($"Switches add up and copy: one held at most {run.MostHeld:N0} packet{(run.MostHeld == 1 ? "" : "s")} of a tree before all below it had sent theirs."));
        report.Say($"The longest queue held {run.MostQueued}. {run.Events:N0} events, {Ratio(run.Events, run.DataHops + run.ControlHops)} for each packet and link.");
    }

    static string[] OfClass(double[] times) => times.Length == 0 ? ["0", "", "", ""]
        : [times.Length.ToString("N0", CultureInfo.InvariantCulture), Microseconds(times.Average()), Microseconds(PacketRun.NearestRank(times, 0.99)), Microseconds(times[^1])];

    public static string Json(PacketRun run, PacketFabric fabric, string? note, CollectivePackets? collective = null) => EvaluationJson.Text(json =>
    {
        var times = run.CompletionTimes();
        json.WriteStartObject();
        json.WriteNumber("lightloom", 1);
        json.WriteString("scenario", run.Traffic.Name);
        json.WriteString("engine", "packet");
        json.WriteString("transport", run.Options.Transport);
        json.WriteString("balance", run.Options.Balance);
        json.WriteNumber("seed", run.Options.Seed);
        if (note is not null) json.WriteString("note", note);
        if (run.WhyFewerThreads is { } why) json.WriteString("threads", why);
        json.WriteBoolean("complete", run.IsComplete);
        json.WriteNumber("hosts", fabric.Hosts);
        json.WriteNumber("flows", run.Traffic.Count);
        json.WriteNumber("arrived", times.Length);
        json.WriteNumber("time_us", run.Time.Picoseconds / 1e6);
        if (collective is not null)
        {
            json.WriteNumber("size_bytes", collective.Size.Bytes);
            json.WriteNumber("time_s", collective.Time.Seconds);
            json.WriteNumber("algorithmBandwidth_GBps", collective.AlgorithmBandwidth.GigabytesPerSecond);
        }
        json.WriteStartObject("completion");
        if (times.Length > 0)
        {
            foreach (var (_, field, share) in Shares) json.WriteNumber(field, PacketRun.NearestRank(times, share));
            json.WriteNumber("mean_us", times.Average());
        }
        json.WriteEndObject();
        json.WriteStartObject("packets");
        foreach (var (_, field, value) in Counts(run)) json.WriteNumber(field, value);
        json.WriteEndObject();
        if (run.WithinDomains is { } within)
        {
            json.WriteStartObject("withinDomains");
            foreach (var (field, value) in new[] { ("new", within.Packets), ("dataHops", within.DataHops), ("pauses", within.Pauses) }) json.WriteNumber(field, value);
            json.WriteEndObject();
        }
        if (run.Traffic.Sums is not null) json.WriteNumber("mostHeld", run.MostHeld);
        json.WriteNumber("longestQueue_B", run.MostQueued.Bytes);
        if (run.Lanes.Count > 0) Lanes(json, run);
        json.WriteNumber("events", run.Events);
        json.WriteEndObject();
    });

    static void Lanes(Utf8JsonWriter json, PacketRun run)
    {
        var byClass = run.Options.Classes > 1;
        json.WriteStartArray(byClass ? "classes" : "virtualLanes");
        for (var i = 0; i < run.Lanes.Count; i++)
        {
            var lane = run.Lanes[i];
            json.WriteStartObject();
            if (byClass && run.CompletionTimes(i) is var times)
            {
                json.WriteNumber("arrived", times.Length);
                foreach (var (_, field, share) in Shares.Where(_ => times.Length > 0)) json.WriteNumber(field, PacketRun.NearestRank(times, share));
                if (times.Length > 0) json.WriteNumber("mean_us", times.Average());
            }
            foreach (var (field, value) in new[] { ("marked", lane.Marks), ("trimmed", lane.Trims), ("dropped", lane.Drops), ("pauses", lane.Pauses), ("longestQueue_B", (long)lane.MostQueued.Bytes) }) json.WriteNumber(field, value);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    /// <summary>Writes every flow, as Parquet where the file's name ends in .parquet.</summary>
    public static void WriteFlows(string file, PacketRun run, Func<int, string> name)
    {
        if (!file.EndsWith(".parquet", StringComparison.OrdinalIgnoreCase))
        {
            OutputFile.Write(file, writer => WriteFlows(writer, run, name));
            return;
        }
        ResultTable.Write(file, [("src", typeof(string)), ("dst", typeof(string)), ("bytes", typeof(long)), ("begin_s", typeof(double)), ("finish_s", typeof(double))], rows =>
        {
            static double Of(SimTime? time) => time is { } t ? t.Picoseconds / 1e12 : double.NaN;
            for (var f = 0; f < run.Traffic.Count; f++) rows.Add(name(run.Traffic.Source[f]), name(run.Traffic.Destination[f]), run.Traffic.Bytes[f], Of(run.BeginOf(f)), Of(run.FinishOf(f)));
        });
    }

    static void WriteFlows(TextWriter writer, PacketRun run, Func<int, string> name)
    {
        writer.WriteLine("src,dst,bytes,begin_s,finish_s");
        for (var f = 0; f < run.Traffic.Count; f++)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{name(run.Traffic.Source[f])},{name(run.Traffic.Destination[f])},{run.Traffic.Bytes[f]},{Seconds(run.BeginOf(f))},{Seconds(run.FinishOf(f))}"));
        }
    }

    public static void WriteSamples(TextWriter writer, IReadOnlyList<PacketSample> samples)
    {
        writer.WriteLine("time_s,queued_B,longest_queue_B,paused,under_way,marks,trims,drops,pauses,data_hops");
        foreach (var s in samples)
        {
            writer.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{Seconds(s.Time)},{s.Queued.Bytes},{s.LongestQueue.Bytes},{s.Paused},{s.UnderWay},{s.Marks},{s.Trims},{s.Drops},{s.Pauses},{s.DataHops}"));
        }
    }

    /// <summary>What was counted of packets that somebody else sent.</summary>
    public static (string Name, string Field, long Value)[] Counts(OpenPackets packets) =>
    [
        ("sent for the first time", "new", packets.Packets.New), ("sent again", "again", packets.Packets.Again), ("marked", "marked", packets.Counts.Marks), ("trimmed", "trimmed", packets.Counts.Trims),
        ("dropped", "dropped", packets.Counts.Drops), ("pauses", "pauses", packets.Counts.Pauses), ("events", "events", packets.Events), ("within scale-up domains", "withinDomains", packets.WithinDomains ?? 0),
    ];

    static (string Name, string Field, long Value)[] Counts(PacketRun run) =>
    [
        ("sent for the first time", "new", run.NewPackets), ("sent again", "again", run.AgainPackets), ("marked", "marked", run.Marks), ("trimmed", "trimmed", run.Trims),
        ("dropped", "dropped", run.Drops), ("taken for lost", "timedOut", run.Timeouts), ("acknowledgements", "acknowledgements", run.Acknowledgements),
        ("trims reported", "trimNotices", run.TrimNotices), ("credits", "credits", run.Credits), ("pauses", "pauses", run.Pauses),
        ("spoiled by bit errors", "spoiled", run.Spoiled), ("sent again by links", "linkRetries", run.LinkRetries),
        ("data over a link", "dataHops", run.DataHops), ("control over a link", "controlHops", run.ControlHops),
    ];

    static string Microseconds(double time) => time.ToString("N2", CultureInfo.InvariantCulture) + " us";

    static string Ratio(long a, long b) => (b == 0 ? 0 : (double)a / b).ToString("0.00", CultureInfo.InvariantCulture);

    // Whole picoseconds, all of them.
    static string Seconds(SimTime? time) => time is { } t ? (t.Picoseconds / 1_000_000_000_000m).ToString(CultureInfo.InvariantCulture) : "";
}
