// Plays the parts of a fabric (PacketParts.cs): one after the other's end, or each on a thread of its own in rounds.
//
//   round        T = the earliest that happens anywhere, or must be handed over;  all parts play [T, T + L) at once, since nothing that one gives
//                another takes effect before T + L;  then they hand over what is sent, tell when they go on, and meet at a barrier
//   for all      what concerns the whole fabric (wires that change, routes, samples, the watch for circles) happens between rounds, before anything else of
//                its time
//
// One part is played without any of it. Scale-up domains are a net of their own, whose flows start flows among cards and the other way round at once: of the two, the one
// where something happens first is played, up to the other's next, and halts where it starts something there.
using System.Diagnostics;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Simulation.Packets;

/// <summary>What happens to the whole fabric, in the order in which it does at one time.</summary>
enum ForAll
{
    Change,
    Notice,
    Watch,
    Sample,
}

sealed class PacketLoop
{
    const long WatchEvery = 10_000_000_000; // ps
    const double TellEvery = 0.5;           // s
    const int MostSilent = 100;             // watches without an acknowledgement, after which nothing is hoped for
    const long Over = long.MinValue;        // instead of a time: it is stopped, or has failed

    readonly IPacketEngine[] engines;
    readonly IPacketEngine? inside;         // of scale-up domains
    readonly PacketNet[] nets;
    readonly FlowBook book;
    readonly PacketOptions options;
    readonly PacketParts parts;
    readonly PriorityQueue<(ForAll What, int Number), (long Time, ForAll What, int Number)> forAll = new();
    readonly List<PacketSample> samples = [];
    readonly long[,] next;                  // by round and part: when it goes on
    readonly Meeting meeting;
    PacketCounts sampled;                   // at the last sample
    long now;
    long heard;                             // acknowledgements when it was looked last
    int silent;                             // how often there were no new ones
    long watched = -1;                      // data hops when it was looked last
    Exception? failure;
    bool watching, sampling;
    long toldAt, told;                      // when progress was told, and events of the first part then

    public PacketLoop(IPacketEngine[] engines, FlowBook book, PacketParts parts, PacketOptions options, IPacketEngine? inside = null)
    {
        (this.engines, this.book, this.parts, this.options, this.inside) = (engines, book, parts, options, inside);
        nets = [.. engines.Select(e => e.Net)];
        (next, meeting) = (new long[2, nets.Length * Meeting.Apart], new(nets.Length));
        if (book.Waited is null) StartWatch();
        if (options.Progress is not null) nets[0].Told = Tell;
        if (book.Waited is null) StartSamples();
        for (var i = 0; i < options.Changes.Count; i++) Plan(options.Changes[i].At.Picoseconds, ForAll.Change, i);
    }

    public IReadOnlyList<PacketSample> Samples => samples;

    /// <summary>What was counted within scale-up domains; null: there are none.</summary>
    public PacketCounts? Inside => inside?.Net.Counts;

    /// <summary>What was counted in all parts.</summary>
    public PacketCounts Counts
    {
        get
        {
            var all = new PacketCounts();
            foreach (var net in nets) all.Add(in net.Counts);
            return all;
        }
    }

    /// <summary>What was counted of each lane in all parts.</summary>
    public LaneCount[] LaneCounts =>
    [
        .. Enumerable.Range(0, nets[0].LaneCounts.Length).Select(lane => new LaneCount
        {
            Marks = nets.Sum(n => n.LaneCounts[lane].Marks),
            Trims = nets.Sum(n => n.LaneCounts[lane].Trims),
            Drops = nets.Sum(n => n.LaneCounts[lane].Drops),
            Pauses = nets.Sum(n => n.LaneCounts[lane].Pauses),
            MostQueued = nets.Max(n => n.LaneCounts[lane].MostQueued),
        }),
    ];

    /// <summary>Bytes that each wire carried; null: nobody counted.</summary>
    public long[]? Carried => nets[0].Carried;

    /// <summary>The whole rate of a wire.</summary>
    public Bandwidth RateOf(int wire) => nets[0].Fabric.RateOf(wire);

    /// <summary>Packets on their way.</summary>
    public int Alive => nets.Sum(n => n.Pool.Alive) + (inside?.Net.Pool.Alive ?? 0);

    /// <summary>Packets that there is room for.</summary>
    public int MostUnderWay => nets.Sum(n => n.Pool.Packets.Length);

    /// <summary>Bytes of them and of events.</summary>
    public long BytesOfPackets => nets.Sum(n => n.Pool.Packets.Bytes + n.Pool.Details.Bytes + n.Events.Bytes + (n.Inboxes?.Bytes ?? 0));

    /// <summary>Credits that are neither with their senders nor on their way back.</summary>
    public long CreditsHeld => nets[0].CreditsHeld + (inside?.Net.CreditsHeld ?? 0);

    /// <summary>The most packets that one switch held for one tree.</summary>
    public int MostHeld => Math.Max(engines.Max(e => e.MostHeld), inside?.MostHeld ?? 0);

    /// <summary>Bytes of a flow that its receiver has.</summary>
    public long Delivered(int flow, int to) => (book.IsInside(flow) ? inside! : engines[parts.Of(to)]).Delivered(flow);

    bool IsDone => book.Waited is null && book.Left == 0 && Alive == 0;

    long NextForAll => forAll.TryPeek(out _, out var at) ? at.Time : long.MaxValue;

    void Plan(long time, ForAll what, int number = 0) => forAll.Enqueue((what, number), (time, what, number));

    /// <summary>Plays until nothing is left to happen, nobody has been heard for long, a time has passed, or somebody stops it.</summary>
    /// <exception cref="InputException">The fabric is deadlocked.</exception>
    public void Run(long until, CancellationToken stop)
    {
        if (nets.Length == 1) RunOne(until, stop);
        else RunAll(until, stop);
        if (until == long.MaxValue || stop.IsCancellationRequested) return;
        foreach (var net in nets) net.Now = Math.Max(net.Now, until);
        for (var w = 0; w < nets[0].Wires.Length; w++) nets[0].PortOf(w);
    }

    void RunAll(long until, CancellationToken stop)
    {
        var others = new Thread[nets.Length - 1];
        for (var i = 0; i < nets.Length; i++) next[0, i * Meeting.Apart] = nets[i].NotBefore();
        for (var i = 0; i < others.Length; i++)
        {
            var part = i + 1;
            others[i] = new(() => RunPart(part, until, stop)) { IsBackground = true, Name = $"packets {part}" };
            others[i].Start();
        }
        RunPart(0, until, stop);
        foreach (var thread in others) thread.Join();
        if (failure is not null) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(failure);
    }

    /// <summary>Deadlocks and silence are looked for while flows are under way.</summary>
    public void StartWatch()
    {
        if (watching || (!nets[0].IsLossless && options.Changes.Count == 0)) return;
        (watching, watched, heard, silent) = (true, -1, Counts.Acks, 0);
        Plan(Now + WatchEvery, ForAll.Watch);
    }

    /// <summary>From now on it is looked how the fabric looks, where that is asked for, until nothing is under way.</summary>
    public void StartSamples()
    {
        if (sampling || options.SampleEvery is null) return;
        sampling = true;
        Plan((Now + SampleEvery - 1) / SampleEvery * SampleEvery, ForAll.Sample);
    }

    long SampleEvery => SimTime.FromDuration(options.SampleEvery!.Value).Picoseconds;

    /// <summary>Whether nothing was heard for so long that nothing is hoped for.</summary>
    public bool IsSilent => silent >= MostSilent;

    /// <summary>Nothing happens before this time, of one part; the end of the clock when nothing is left to.</summary>
    public long NotBefore() => Math.Min(Math.Min(nets[0].NotBefore(), inside?.Net.NotBefore() ?? long.MaxValue), NextForAll);

    /// <summary>Now, of one part.</summary>
    public long Now => Math.Max(nets[0].Now, inside?.Net.Now ?? 0);

    /// <summary>A flow begins at a time, before which everything has happened.</summary>
    public void Start(int flow, long at)
    {
        (book.IsInside(flow) ? inside!.Net : nets[0]).Now = at;
        book.Add(flow);
        StartWatch();
        StartSamples();
    }

    /// <summary>Room for more flows.</summary>
    public void Grow(int flows)
    {
        engines[0].Grow(flows);
        inside?.Grow(flows);
    }

    /// <summary>Plays one part, and scale-up domains, until a time, or until a flow arrives that somebody waits for.</summary>
    public void Advance(long until, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested && !IsSilent)
        {
            var at = NextForAll;
            var whole = at == long.MaxValue ? at : at - 1;
            Play(Math.Min(until, whole), whole, stop);
            if (book.Waited!.Count > 0 || at > until || at == long.MaxValue) return;
            HappensForAll(at);
        }
    }

    void Tell(long events)
    {
        var passed = Stopwatch.GetElapsedTime(toldAt).TotalSeconds;
        if (passed < TellEvery) return;
        if (toldAt != 0) options.Progress!(new(SimTime.FromPicoseconds(nets[0].Now), nets.Length * events, nets.Length * (events - told) / passed, book.Left));
        (toldAt, told) = (Stopwatch.GetTimestamp(), events);
    }

    void RunOne(long until, CancellationToken stop)
    {
        while (true)
        {
            var at = NextForAll;
            var all = Math.Min(until, at == long.MaxValue ? at : at - 1);
            Play(all, all, stop);
            if (at > until || at == long.MaxValue || stop.IsCancellationRequested || !HappensForAll(at)) return;
        }
    }

    // Until a time; nobody looks at ports before the other one has passed.
    void Play(long until, long whole, CancellationToken stop)
    {
        if (inside is null)
        {
            engines[0].Play(until, whole, stop);
            return;
        }
        while (!stop.IsCancellationRequested)
        {
            var (among, within) = (nets[0].NotBefore(), inside.Net.NotBefore());
            if (Math.Min(among, within) > until || Math.Min(among, within) == long.MaxValue) return;
            if (among <= within) engines[0].Play(Math.Min(until, within), whole, stop);
            else inside.Play(Math.Min(until, among), whole, stop);
            if (book.Waited is { Count: > 0 }) return;
            book.Halts!.Clear();
        }
    }

    void RunPart(int part, long until, CancellationToken stop)
    {
        var net = nets[part];
        for (var round = 1; ; round++)
        {
            var first = long.MaxValue;
            for (var i = 0; i < nets.Length; i++) first = Math.Min(first, next[(round - 1) & 1, i * Meeting.Apart]);
            net.Border!.Take(round);
            var whole = NextForAll;
            if (first == Over || Math.Min(first, whole) > until || Math.Min(first, whole) == long.MaxValue) return;
            var goesOn = true;
            try
            {
                if (first >= whole)
                {
                    // Nobody looks at the plan, and all have taken what is theirs, before it is changed.
                    meeting.Wait();
                    if (part == 0) goesOn = HappensForAll(whole);
                    meeting.Wait();
                }
                else
                {
                    var end = Math.Min(Math.Min(first > long.MaxValue - parts.Lookahead ? long.MaxValue : first + parts.Lookahead, whole), until == long.MaxValue ? until : until + 1);
                    engines[part].Play(end - 1, end - 1, stop);
                    net.Border!.HandOver(end);
                }
            }
            catch (Exception e)
            {
                Interlocked.CompareExchange(ref failure, e, null);
                goesOn = false;
                if (first >= whole) meeting.Wait();
            }
            next[round & 1, part * Meeting.Apart] = goesOn && !stop.IsCancellationRequested ? net.NotBefore() : Over;
            meeting.Wait();
        }
    }

    // What is planned for a time. Whether there is anything left to play for.
    bool HappensForAll(long time)
    {
        now = time;
        foreach (var net in nets) net.Now = Math.Max(net.Now, time);
        if (inside is not null) inside.Net.Now = Math.Max(inside.Net.Now, time);
        while (NextForAll == time)
        {
            var (what, number) = forAll.Dequeue();
            // Timers of flows that are done may still come; nobody watches them.
            if (IsDone)
            {
                forAll.Clear();
                break;
            }
            switch (what)
            {
                case ForAll.Change:
                    Change(number);
                    break;
                case ForAll.Notice:
                    Reroute();
                    break;
                case ForAll.Watch:
                    Watch();
                    break;
                default:
                    Sample();
                    break;
            }
        }
        return silent < MostSilent;
    }

    // Nothing has moved for a while, and ports wait for each other in a circle: it never will again.
    void Watch()
    {
        var counts = Counts;
        if (counts.DataHops == watched && nets[0].WaitingCircle() is { Count: > 0 } circle)
            throw new InputException($"the fabric is deadlocked after {SimTime.FromPicoseconds(now).ToDuration()}: switches {string.Join(" -> ", circle)} -> {circle[0]} of {nets[0].Fabric.Name} " +
                "wait for each other, each paused by the next, whose buffer holds its packets; lossless fabrics need routes without such circles");
        watched = counts.DataHops;
        // Those who wait for more flows go on without any, and nobody watches meanwhile.
        if (book.Waited is not null && book.Left == 0)
        {
            watching = false;
            return;
        }
        var acks = counts.Acks + (Inside?.Acks ?? 0);
        silent = acks == heard && book.Open ? silent + 1 : 0;
        heard = acks;
        Plan(now + WatchEvery, ForAll.Watch);
    }

    void Sample()
    {
        var (queued, longest, paused) = (0L, 0, 0);
        for (var w = 0; w < nets[0].Ports.Length; w++)
        {
            ref var port = ref nets[0].PortOf(w);
            paused += System.Numerics.BitOperations.PopCount(port.Paused);
            queued += port.DataBytes;
            longest = Math.Max(longest, port.DataBytes);
        }
        var c = Counts;
        samples.Add(new(SimTime.FromPicoseconds(now), DataSize.FromBytes(queued), DataSize.FromBytes(longest), paused, Alive,
            c.Marks - sampled.Marks, c.Trims - sampled.Trims, c.Drops - sampled.Drops, c.Pauses - sampled.Pauses, c.DataHops - sampled.DataHops));
        sampled = c;
        // Samples alone keep no run alive.
        sampling = book.Waited is not null ? book.Left > 0 || Alive > 0 : nets.Any(n => n.NotBefore() < long.MaxValue) || inside?.Net.NotBefore() < long.MaxValue || forAll.Count > 0;
        if (sampling) Plan(now + SampleEvery, ForAll.Sample);
    }

    void Change(int number)
    {
        var change = options.Changes[number];
        nets[0].PartOf(nets[0].Fabric.From[change.Wire]).Change(change.Wire, change.Share);
        if (change.Share is 0 or 1) Plan(now + SimTime.FromDuration(options.Notice).Picoseconds, ForAll.Notice, number);
    }

    // What changed before is noticed.
    void Reroute()
    {
        var broken = new bool[nets[0].Wires.Length];
        for (var w = 0; w < broken.Length; w++) broken[w] = nets[0].Wires[w].Broken != 0;
        var (sets, starts, wires) = nets[0].Fabric.FindRoutes(broken);
        foreach (var engine in engines) engine.Reroute(sets, starts, wires);
    }

    // Where all parts meet. Threads spin for a little while, since rounds are short, and then let others have the core.
    sealed class Meeting(int count)
    {
        /// <summary>So many numbers apart, what threads write shares no cache line.</summary>
        public const int Apart = 16;

        int here;
        volatile int met;

        public void Wait()
        {
            var before = met;
            if (Interlocked.Increment(ref here) == count)
            {
                here = 0;
                met = before + 1;
                return;
            }
            var spin = new SpinWait();
            while (met == before) spin.SpinOnce(sleep1Threshold: -1);
        }
    }
}
