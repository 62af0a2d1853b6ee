using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Packets.Transports;

namespace Lightloom.Simulation.Packets;

/// <summary>What was counted of a class of packets, or of a virtual lane.</summary>
/// <param name="Marks">Packets marked.</param>
/// <param name="Trims">Packets cut to their headers.</param>
/// <param name="Drops">Packets dropped.</param>
/// <param name="Pauses">Times that a sender was paused, or out of credits.</param>
/// <param name="MostQueued">The longest queue of it.</param>
public readonly record struct PacketLaneCount(long Marks, long Trims, long Drops, long Pauses, DataSize MostQueued);

/// <summary>What became of flows, and what was counted on the way.</summary>
public sealed class PacketRun
{
    readonly FlowBook book;
    readonly PacketCounts counts;
    readonly PacketLoop loop;

    internal PacketRun(PacketTraffic traffic, PacketOptions options, FlowBook book, PacketLoop loop, PacketParts parts)
    {
        (Traffic, Options, this.book, this.loop) = (traffic, options, book, loop);
        (counts, Threads, WhyFewerThreads) = (loop.Counts, parts.Count, parts.Why);
        Time = SimTime.FromPicoseconds(Math.Max(0, book.Sent.Max()));
    }

    /// <summary>What was sent.</summary>
    public PacketTraffic Traffic { get; }

    /// <summary>How.</summary>
    public PacketOptions Options { get; }

    /// <summary>Threads that played it, each a part of the fabric.</summary>
    public int Threads { get; }

    /// <summary>Why they are fewer than asked for; null: they aren't.</summary>
    public string? WhyFewerThreads { get; }

    /// <summary>Whether all flows ended.</summary>
    public bool IsComplete => book.Left == 0;

    /// <summary>When the last flow ended.</summary>
    public SimTime Time { get; }

    /// <summary>Events.</summary>
    public long Events => counts.Events;

    /// <summary>Packets of data that came over a wire.</summary>
    public long DataHops => counts.DataHops;

    /// <summary>Acknowledgements, credits and the like that came over a wire.</summary>
    public long ControlHops => counts.ControlHops;

    /// <summary>Packets of data sent for the first time.</summary>
    public long NewPackets => counts.NewPackets;

    /// <summary>Packets of data sent again.</summary>
    public long AgainPackets => counts.AgainPackets;

    /// <summary>Packets marked.</summary>
    public long Marks => counts.Marks;

    /// <summary>Packets cut to their headers.</summary>
    public long Trims => counts.Trims;

    /// <summary>Packets dropped.</summary>
    public long Drops => counts.Drops;

    /// <summary>Sendings over a wire in which a bit went wrong.</summary>
    public long Spoiled => counts.Spoiled;

    /// <summary>Times that a wire sent a packet again by itself.</summary>
    public long LinkRetries => counts.Retries;

    /// <summary>Times that a sender was paused.</summary>
    public long Pauses => counts.Pauses;

    /// <summary>Packets taken for lost because nothing was heard of them.</summary>
    public long Timeouts => counts.Timeouts;

    /// <summary>Acknowledgements that arrived.</summary>
    public long Acknowledgements => counts.Acks;

    /// <summary>Requests to send a trimmed packet again that arrived.</summary>
    public long TrimNotices => counts.Nacks;

    /// <summary>Credits that arrived.</summary>
    public long Credits => counts.Pulls;

    /// <summary>The longest queue of data that there was, the packet that was being sent included.</summary>
    public DataSize MostQueued => DataSize.FromBytes(counts.MostQueued);

    /// <summary>How the fabric looked over time, as often as <see cref="PacketOptions.SampleEvery"/> says.</summary>
    public IReadOnlyList<PacketSample> Samples => loop.Samples;

    /// <summary>Packets of data sent within scale-up domains, those that came over a wire there, and times that a sender was out of credits there; null: there are none.</summary>
    public (long Packets, long DataHops, long Pauses)? WithinDomains => loop.Inside is { } counts ? (counts.NewPackets, counts.DataHops, counts.Pauses) : null;

    /// <summary>The most packets of sums that one switch held for one tree, since they hadn't come from all that are below it; 0 where switches make none.</summary>
    public int MostHeld => loop.MostHeld;

    /// <summary>Packets under way at the end: 0 where all flows ended.</summary>
    public int PacketsLeft => loop.Alive;

    /// <summary>Bytes in memory of packets on their way when they were most, and of their events.</summary>
    internal long BytesOfPackets => loop.BytesOfPackets;

    /// <summary>Packets that there was room for in the end: as many as were under way at once, to a few hundred for each thread.</summary>
    internal int MostUnderWay => loop.MostUnderWay;

    /// <summary>When a flow began; null: it didn't.</summary>
    public SimTime? BeginOf(int flow) => At(book.Begin[flow]);

    /// <summary>When the sender of a flow knew that all had arrived; null: it didn't.</summary>
    public SimTime? FinishOf(int flow) => At(book.Sent[flow]);

    /// <summary>When the last byte of a flow arrived; null: it didn't.</summary>
    public SimTime? ArrivalOf(int flow) => At(book.Arrived[flow]);

    /// <summary>Room behind links that credits have promised to packets at the end, with link credits: 0 where none is under way.</summary>
    public DataSize CreditsHeld => DataSize.FromBytes(loop.CreditsHeld);

    /// <summary>Mean share of a wire's whole rate that packets took until the last flow ended; a packet sent again by a link counts once.</summary>
    /// <param name="wire">The wire; of an expanded fabric 2 l up and 2 l + 1 down link l.</param>
    /// <exception cref="InvalidOperationException">Nothing was counted: <see cref="PacketOptions.CountLinks"/>.</exception>
    public double LoadOf(int wire)
    {
        var carried = loop.Carried ?? throw new InvalidOperationException("what wires carried was not counted");
        return Time > SimTime.Zero ? carried[wire] * 8e12 / (loop.RateOf(wire).BitsPerSecond * Time.Picoseconds) : 0;
    }

    /// <summary>Bytes of a flow that its receiver has.</summary>
    public long DeliveredOf(int flow) => loop.Delivered(flow, Traffic.Destination[flow]);

    /// <summary>From begin to finish of all flows that ended, microseconds, ascending.</summary>
    public double[] CompletionTimes() => Sorted(static _ => true);

    double[] Sorted(Func<int, bool> wanted)
    {
        var times = new List<double>(Traffic.Count);
        for (var f = 0; f < Traffic.Count; f++)
            if (book.Sent[f] >= 0 && wanted(f)) times.Add((book.Sent[f] - book.Begin[f]) / 1e6);
        times.Sort();
        return [.. times];
    }

    /// <summary>The same of the flows of one class.</summary>
    public double[] CompletionTimes(int ofClass) => Sorted(f => Traffic.ClassOf(f) == ofClass);

    /// <summary>The time by which a share of the flows has ended: the nearest rank, as htsim's tools have it.</summary>
    /// <param name="sorted">Times, ascending; at least one.</param>
    /// <param name="share">The share, 0 to 1.</param>
    public static double NearestRank(double[] sorted, double share)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        return sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)];
    }

    /// <summary>What was counted of each class, or virtual lane; empty where there is one alone.</summary>
    public IReadOnlyList<PacketLaneCount> Lanes =>
        loop.LaneCounts is not { Length: > 1 } all ? [] : [.. all.Select(c => new PacketLaneCount(c.Marks, c.Trims, c.Drops, c.Pauses, DataSize.FromBytes(c.MostQueued)))];

    static SimTime? At(long picoseconds) => picoseconds < 0 ? null : SimTime.FromPicoseconds(picoseconds);
}

/// <summary>Plays flows packet by packet.</summary>
public static class PacketSimulation
{
    const int MostNamed = 5;

    /// <summary>Plays traffic on a fabric.</summary>
    /// <exception cref="InputException">Traffic doesn't fit the fabric, options contradict each other, or flows can't end: what they wait for is named.</exception>
    public static PacketRun Run(PacketFabric fabric, PacketTraffic traffic, PacketOptions? options = null, CancellationToken stop = default) => Run(fabric, null, traffic, options, stop);

    /// <summary>
    /// Plays traffic on a fabric and within scale-up domains. Within them links have credits and packets come in order and without loss, as NVLink has it, whatever transport
    /// cards have; one thread plays both.
    /// </summary>
    /// <param name="fabric">The fabric.</param>
    /// <param name="domains">Scale-up domains, whose hosts the traffic counts behind those of the fabric; null: there are none.</param>
    /// <param name="traffic">The traffic.</param>
    /// <param name="options">How packets are sent among cards.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">Traffic doesn't fit the fabrics, options contradict each other, or flows can't end: what they wait for is named.</exception>
    public static PacketRun Run(PacketFabric fabric, PacketFabric? domains, PacketTraffic traffic, PacketOptions? options = null, CancellationToken stop = default)
    {
        ArgumentNullException.ThrowIfNull(fabric);
        ArgumentNullException.ThrowIfNull(traffic);
        options ??= new();
        traffic.Check(fabric.Hosts, domains?.Hosts ?? 0);
        var (_, book, loop, parts, _) = Prepare(fabric, traffic, options, null, domains);
        loop.Run(options.Until?.Picoseconds ?? long.MaxValue, stop);
        if (book.Left > 0 && options.Until is null && !stop.IsCancellationRequested) throw Stuck(traffic, book);
        return new(traffic, options, book, loop, parts);
    }

    /// <summary>All that a run needs.</summary>
    internal static PacketRunParts Prepare(PacketFabric fabric, PacketTraffic traffic, PacketOptions options, List<int>? waited, PacketFabric? domains = null)
    {
        foreach (var change in options.Changes)
        {
            if ((uint)change.Wire >= (uint)fabric.Wires) throw new InputException($"a change names wire {change.Wire}: expected 0 to {fabric.Wires - 1}");
            if (!(change.Share is >= 0 and <= 1) || change.At < SimTime.Zero) throw new InputException($"wire {change.Wire} changes at {change.At} to a share of {change.Share}: expected a time of 0 or later and a share from 0 to 1");
        }
        if (options.SampleEvery is { Seconds: < 1e-9 }) throw new InputException($"expected samples at most every nanosecond, found {options.SampleEvery}");
        if (options.Threads is < 1 or > PacketOptions.MostThreads) throw new InputException($"expected 1 to {PacketOptions.MostThreads} threads, found {options.Threads}");
        options.Errors?.Check(fabric.Wires);
        if (options.SelectiveRepeat is not null && (!PacketTransports.IsLossless(options.Transport) || PacketTransports.HasTelemetry(options.Transport)))
            throw new InputException($"how senders repeat is a choice of roce, dcqcn, infiniband and infiniband-cc: '{options.Transport}' has a way of its own");
        CheckLanes(traffic, options);
        CheckSums(traffic, options);
        var setup = PacketSetup.Of(fabric, options);
        var net = new PacketNet(fabric, setup.Switches, traffic.Count, setup.Facts.Packet, options.Seed, options.Errors, traffic, options.CountLinks) { MayLose = options.Errors is not null || options.Changes.Count > 0 };
        if (PacketTransports.HasTelemetry(options.Transport)) net.Telemetry = new(fabric.Wires, setup.Facts.RoundTrip);
        // Who waits for flows is on one thread.
        var parts = domains is not null && options.Threads > 1 ? PacketParts.One(fabric, "what happens among cards and within scale-up domains starts each other")
            : PacketParts.Of(fabric, net.Wires, traffic, waited is null ? options.Threads : 1);
        var nets = net.Divide(parts);
        // Links of a domain are NVLink's: credits, in order, no loss.
        var within = WithinDomains(options);
        var inner = domains is null ? null : PacketSetup.Of(domains, within);
        var insideNet = inner is null ? null : new PacketNet(domains!, inner.Switches, traffic.Count, inner.Facts.Packet, options.Seed);
        var book = new FlowBook(traffic, nets, insideNet) { Waited = waited };
        IPacketEngine[] engines = [.. nets.Select(n => PacketTransports.Engine(n, book, traffic, options, setup.Facts))];
        var behind = inner is null ? null : traffic.Behind(fabric.Hosts);
        var inside = inner is null ? null : PacketTransports.Engine(insideNet!, book, behind!, within, inner.Facts);
        book.PlanStarts();
        return new(engines[0], book, new(engines, book, parts, options, inside), parts, behind);
    }

    /// <summary>How packets go within scale-up domains where they go so among cards.</summary>
    public static PacketOptions WithinDomains(PacketOptions among)
    {
        ArgumentNullException.ThrowIfNull(among);
        return new() { Transport = "infiniband", Packet = among.Packet, Seed = among.Seed, ReductionWindow = among.ReductionWindow, ReductionChunk = among.ReductionChunk };
    }

    static void CheckLanes(PacketTraffic traffic, PacketOptions options)
    {
        if (options.Classes is < 1 or > 8) throw new InputException($"expected 1 to 8 classes, found {options.Classes}");
        if (options.VirtualLanes is < 1 or > 8) throw new InputException($"expected 1 to 8 virtual lanes, found {options.VirtualLanes}");
        if (options.VirtualLanes > 1 && options.Classes > 1) throw new InputException("virtual lanes and classes exclude each other: a packet has one queue at a port");
        if (options.VirtualLanes > 1 && !PacketTransports.HasLinkCredits(options.Transport))
            throw new InputException($"virtual lanes are of links with credits: expected transport infiniband, found '{options.Transport}'");
        if (options.VirtualLanes > 1 && options.Balance is ("mixed" or "bitmap" or "reps" or "oblivious"))
            throw new InputException($"lanes by which packets rise stand where senders write entropies: expected --balance single-path, or one by which switches choose, found '{options.Balance}'");
        if (options.SharedBuffer is not null && PacketTransports.HasLinkCredits(options.Transport))
            throw new InputException($"{options.Transport} keeps room for each link by credits, and shares no buffer");
        if (options.SharedBuffer is not null && options.Buffer is not null) throw new InputException("a shared buffer and one of each queue exclude each other");
        for (var f = 0; options.Classes > 1 && f < traffic.Count; f++)
            if ((uint)traffic.ClassOf(f) >= (uint)options.Classes) throw new InputException($"flow {f + 1} of {traffic.Name} is of class {traffic.ClassOf(f)}: expected 0 to {options.Classes - 1}");
    }

    static void CheckSums(PacketTraffic traffic, PacketOptions options)
    {
        if (options.ReductionWindow is { } window && window < options.Packet) throw new InputException($"a window of {window} can't hold one packet of {options.Packet}");
        if (options.ReductionChunk < options.Packet) throw new InputException($"pieces of {options.ReductionChunk} are smaller than one packet of {options.Packet}");
        if (traffic.Sums is not { } sums || !sums.Trees.Any(t => t.FirstHost == 0)) return;
        if (!PacketTransports.IsLossless(options.Transport))
            throw new InputException($"what switches add up is not sent again, so that no packet of it may be lost: expected transport {string.Join(", ", PacketTransports.Names.Where(PacketTransports.IsLossless))}, found '{options.Transport}'");
        if (options.Errors is { Retry: false }) throw new InputException("what switches add up is not sent again, so that no packet of it may be lost: expected bit errors with link retry");
    }

    static InputException Stuck(PacketTraffic traffic, FlowBook book)
    {
        int[] open = [.. Enumerable.Range(0, traffic.Count).Where(f => book.Sent[f] < 0)];
        return new($"{open.Length:N0} flows never end, and nothing is left to happen, or nothing was heard for a second: " + string.Join("; ", open.Take(MostNamed).Select(f =>
            $"flow {f + 1} from host {traffic.Source[f]} to {traffic.Destination[f]} {Why(traffic, book, f)}")) +
            (open.Length > MostNamed ? "; ..." : ""));
    }

    static string Why(PacketTraffic traffic, FlowBook book, int flow)
    {
        if (traffic.Sums?.Of(flow) is not { } sum) return book.Begin[flow] < 0 ? $"never began: it waits for trigger {traffic.TriggerOf(flow) + 1}" : "has data that doesn't arrive";
        return traffic.Sums.Senders(sum).FirstOrDefault(f => book.Begin[f] < 0, -1) is >= 0 and var late
            ? $"waits for sum {sum + 1}, to which host {traffic.Source[late]} sends nothing: flow {late + 1} never began, and waits for trigger {traffic.TriggerOf(late) + 1}"
            : $"waits for sum {sum + 1}, of which a packet was lost: switches hold what came from others, and nothing is sent again";
    }
}

/// <summary>All that a run needs; behind are its flows as scale-up domains see them, where there are any.</summary>
readonly record struct PacketRunParts(IPacketEngine Engine, FlowBook Book, PacketLoop Loop, PacketParts Parts, PacketTraffic? Behind);

/// <summary>What follows from a fabric and options.</summary>
sealed record PacketSetup(SwitchSettings Switches, PathFacts Facts)
{
    const int Header = 64;

    public static PacketSetup Of(PacketFabric fabric, PacketOptions options)
    {
        var packet = (int)options.Packet.Bytes;
        if (packet is <= Header or > ushort.MaxValue) throw new InputException($"expected packets of {Header + 1} to {ushort.MaxValue} bytes with their header, found {options.Packet}");
        if (options.Paths is < 1 or > Balancing.BitmapEntropies.MostPaths || (options.Paths & (options.Paths - 1)) != 0)
            throw new InputException($"expected a number of paths that is a power of two from 1 to {Balancing.BitmapEntropies.MostPaths}, found {options.Paths}");
        var rate = fabric.RateOf(fabric.WiresOf(0)[0]);
        var perByte = 8e12 / rate.BitsPerSecond;
        var roundTrip = (long)Math.Round(2e12 * fabric.DiameterLatency.Seconds + fabric.Diameter * perByte * (packet + Header));
        var product = (int)Math.Ceiling(roundTrip / perByte / packet);
        var lossless = PacketTransports.IsLossless(options.Transport);
        var buffer = options.Buffer ?? DataSize.FromBytes((double)product * packet * (options.Trim ? 1 : 5));
        var pause = options.PauseFrom ?? DataSize.FromBytes(15.0 * packet);
        var credits = PacketTransports.HasLinkCredits(options.Transport);
        var pauses = lossless && !credits;
        // Credits come back when a packet has left again: one more is being sent on, and one too few for a packet is none.
        var underWay = UnderWay(fabric, packet);
        var held = credits ? underWay + DataSize.FromBytes(2.0 * packet) : pause + underWay;
        var marks = PacketTransports.WantsMarks(options.Transport) || options.MarkFrom is not null || options.MarkAll is not null;
        var tables = PacketTransports.HasTables(options.Transport);
        var room = lossless ? options.Buffer ?? held : buffer;
        var (from, all) = tables ? (room * InfinibandControl.Threshold, room * InfinibandControl.Threshold) : (DataSize.FromBytes(Math.Ceiling(product * 0.2) * packet), DataSize.FromBytes(Math.Ceiling(product * 0.8) * packet));
        var switches = new SwitchSettings
        {
            Buffer = room,
            OnFull = credits ? OnFull.Credit : pauses ? OnFull.Pause : options.Trim ? OnFull.Trim : OnFull.Drop,
            MarkFrom = marks ? options.MarkFrom ?? from : null,
            MarkAll = marks ? options.MarkAll ?? all : null,
            MarkRootsOnly = tables,
            MarkTowardsHosts = !PacketTransports.HasCredits(options.Transport),
            CutThrough = options.CutThrough,
            Lanes = Math.Max(options.Classes, options.VirtualLanes),
            ByHops = options.VirtualLanes > 1,
            Shared = options.SharedBuffer,
            Alpha = options.Alpha,
            Headroom = underWay,
            PauseFrom = pauses ? pause : null,
            ResumeBelow = pauses ? options.ResumeBelow ?? DataSize.FromBytes(12.0 * packet) : null,
        };
        switches.Check(options.Packet, underWay);
        return new(switches, new()
        {
            Packet = packet,
            Payload = packet - Header,
            RoundTrip = roundTrip,
            PerByte = perByte,
            Trims = options.Trim && !lossless,
            FirstWindow = (long)(options.FirstWindow?.Bytes ?? 0),
            // Pauses may hold a flow for long, and only a broken link loses packets: 67 ms, the usual exponent 14 of cards.
            Timeout = lossless ? 4_096_000L << 14 : (long)(15e6 + buffer.Bytes * 6 * perByte),
            Paths = options.Paths,
        });
    }

    // What may still come after a pause was called for: a round trip of the wire, the packet being sent there and the one that was the last straw.
    static DataSize UnderWay(PacketFabric fabric, int packet)
    {
        var most = 0.0;
        for (var w = 0; w < fabric.Wires; w++)
            if (fabric.ToOf(w) >= fabric.Hosts) most = Math.Max(most, 2 * (fabric.Latency[w].Seconds + fabric.SwitchLatency.Seconds) * fabric.Rate[w].BytesPerSecond);
        return DataSize.FromBytes(Math.Ceiling(most) + 2.0 * packet);
    }
}
