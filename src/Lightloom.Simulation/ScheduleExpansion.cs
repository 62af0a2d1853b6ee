using Lightloom.Catalog.Documents;

namespace Lightloom.Simulation;

/// <summary>Writes a schedule's sends into arrays.</summary>
sealed class ScheduleExpansion
{
    readonly Schedule schedule;
    readonly int tracks;
    readonly int[] source, destination, lane, waitsFor, feeds, stepOffset;
    readonly double[] bytes;
    readonly Combine[] combine;
    readonly bool[] waits; // of the sends of the present step
    readonly int[] channel; // of the sends of the present step
    readonly List<int> gateArrivals = [], gateAfter = [];
    readonly int[] filling, last; // by vertex and channel: the gate that arrivals feed, the newest that a send waited for; -1: none
    readonly int[]? blockOffset, blocks;
    int count, blockCount;

    public ScheduleExpansion(Schedule schedule, long limit, bool withBlocks)
    {
        this.schedule = schedule;
        double Sum(Func<SendClass, double> of) => schedule.Pieces * schedule.Steps.Sum(s => (double)s.Repeat * s.Classes.Sum(c => c.ChannelCount * c.Pattern.Count * of(c)));
        Check("sends", Sum(_ => 1), Math.Min(limit, Array.MaxLength));
        var sends = schedule.SendCount;
        var carried = withBlocks ? Sum(c => c.BlockCount) : 0;
        Check("blocks that they carry", carried, Math.Min(8.0 * limit, Array.MaxLength));
        Check("queues of their ranks", (double)schedule.Vertices * schedule.Channels, Math.Min(8.0 * limit, Array.MaxLength));
        Check("blocks", (double)schedule.Pieces * schedule.Channels * schedule.Blocks, withBlocks ? int.MaxValue : double.PositiveInfinity);
        tracks = schedule.Steps.SelectMany(s => s.Classes).Select(c => c.Track + 1).DefaultIfEmpty(1).Max();
        source = new int[sends];
        destination = new int[sends];
        lane = new int[sends];
        waitsFor = new int[sends];
        feeds = new int[sends];
        bytes = new double[sends];
        combine = new Combine[sends];
        stepOffset = new int[schedule.Pieces * schedule.StepCount + 1];
        var widest = schedule.Steps.Select(s => s.Classes.Sum(c => c.ChannelCount * c.Pattern.Count)).DefaultIfEmpty().Max();
        waits = new bool[widest];
        channel = new int[widest];
        filling = new int[schedule.Vertices * schedule.Channels];
        last = new int[filling.Length];
        if (!withBlocks) return;
        blockOffset = new int[sends + 1];
        blocks = new int[(int)carried];
    }

    void Check(string what, double found, double limit)
    {
        if (found > limit)
            throw new InputException($"'{schedule.Name}' over {schedule.Layout.Ranks:N0} ranks would list {found:N0} {what}, and the limit is {limit:N0}; use fewer ranks, channels or pieces, or a higher limit");
    }

    public ExpandedSchedule Run()
    {
        var step = 0;
        for (var piece = 0; piece < schedule.Pieces; piece++)
        {
            Array.Fill(filling, -1);
            Array.Fill(last, -1);
            foreach (var s in schedule.Steps)
                for (var repetition = 0; repetition < s.Repeat; repetition++)
                {
                    stepOffset[step++] = count;
                    var start = count;
                    foreach (var c in s.Classes)
                        for (var i = 0; i < c.ChannelCount; i++) Add(c, c.FirstChannel + i, piece, repetition, start);
                    // What arrives in this step counts for later ones only, so gates are closed before they are fed.
                    for (var i = start; i < count; i++) waitsFor[i] = waits[i - start] ? Gate(source[i], channel[i - start]) : -1;
                    for (var i = start; i < count; i++) feeds[i] = Feed(destination[i], channel[i - start]);
                }
        }
        stepOffset[step] = count;
        if (blockOffset is not null) blockOffset[count] = blockCount;
        return new()
        {
            Schedule = schedule,
            Source = source,
            Destination = destination,
            Bytes = bytes,
            Combine = combine,
            Lane = lane,
            WaitsFor = waitsFor,
            Feeds = feeds,
            StepOffset = stepOffset,
            GateArrivals = [.. gateArrivals],
            GateAfter = [.. gateAfter],
            BlockOffset = blockOffset,
            Blocks = blocks,
        };
    }

    void Add(SendClass c, int onChannel, int piece, int repetition, int start)
    {
        var n = (int)c.Pattern.Count;
        c.Pattern.Fill(onChannel, repetition, source.AsSpan(count, n), destination.AsSpan(count, n));
        lane.AsSpan(count, n).Fill(onChannel * tracks + c.Track);
        combine.AsSpan(count, n).Fill(c.Combine);
        waits.AsSpan(count - start, n).Fill(c.Waits);
        channel.AsSpan(count - start, n).Fill(onChannel);
        if (c.Pattern.OwnBytes is { Length: > 0 } own) own.CopyTo(bytes.AsSpan(count, n));
        else bytes.AsSpan(count, n).Fill(c.Bytes.Bytes);
        if (blockOffset is not null) AddBlocks(c, onChannel, piece, repetition, n);
        count += n;
    }

    void AddBlocks(SendClass c, int onChannel, int piece, int repetition, int n)
    {
        var first = (int)((piece * schedule.Channels + onChannel) * schedule.Blocks);
        for (var i = count; i < count + n; i++)
        {
            blockOffset![i] = blockCount;
            if (c.Blocks is null) continue;
            var span = blocks.AsSpan(blockCount, c.BlockCount);
            c.Blocks(new(source[i], destination[i], onChannel, repetition), span);
            for (var j = 0; j < span.Length; j++) span[j] += first;
            blockCount += c.BlockCount;
        }
    }

    /// <summary>The gate behind which everything has arrived at a vertex so far; -1 where nothing has to.</summary>
    int Gate(int vertex, int onChannel)
    {
        var at = vertex * schedule.Channels + onChannel;
        if (filling[at] < 0) return last[at];
        last[at] = filling[at];
        filling[at] = -1;
        return last[at];
    }

    int Feed(int vertex, int onChannel)
    {
        var at = vertex * schedule.Channels + onChannel;
        if (filling[at] < 0)
        {
            filling[at] = gateArrivals.Count;
            gateArrivals.Add(0);
            gateAfter.Add(last[at]);
        }
        gateArrivals[filling[at]]++;
        return filling[at];
    }
}
