// Cuts a collective into chunks and phases.
//
//   all-reduce over dimensions 0 .. d      reduce-scatter along 0 .. d - 1, all-reduce along d, all-gather along d - 1 .. 0; or an all-reduce along each
//   reduce-scatter, all-to-all             along 0 .. d
//   all-gather                             along d .. 0
//   a group of a part of the ranks         one ring of its members in their order, whatever the dimensions are
//
// Where a library does them (TraceLibrary.cs) none of this holds, but for custom collectives.
namespace Lightloom.Collectives.Traces;

/// <summary>Begins collectives on ranks.</summary>
static class TraceCollectives
{
    const long GroupStreams = 1_000_000;

    static readonly TraceAlgorithm PlainRing = new(TraceMethod.Ring);

    public static void Begin(TraceEngine engine, TraceNetwork shape, TraceRank.Loaded loaded)
    {
        var (rank, node) = (loaded.Rank, loaded.Node);
        var call = new TraceCall(rank, loaded, engine.Now);
        var custom = Custom(engine, node);
        if (engine.Communicators is { } library && custom is null)
        {
            library.Call(call, Group(engine, shape, rank, node));
            return;
        }
        if (node.Collective == TraceCollective.Broadcast)
        {
            engine.After(rank, TraceEngine.Recorded(node), new(TraceEngine.What.Broadcast, call, 0));
            return;
        }
        if (node.Collective is not (TraceCollective.AllReduce or TraceCollective.AllToAll or TraceCollective.AllGather or TraceCollective.ReduceScatter))
            throw engine.Wrong(rank, node, $"{node.Collective} is not played; expected an all-reduce, all-gather, reduce-scatter, all-to-all or broadcast");
        var group = Group(engine, shape, rank, node);
        if (group is not null && group.Ranks.Count != shape.Ranks && engine.Alike) throw new RanksDifferException();
        var priority = engine.System.Policy switch
        {
            TracePolicy.Lifo => rank.Priority++,
            TracePolicy.Fifo => rank.Priority--,
            _ => node.Priority,
        };
        if (custom is not null)
        {
            if (engine.Alike) throw new RanksDifferException();
            TraceRing ring = group is null ? new(shape.Ranks, rank.Id, 0, 1, null) : new(group.Ranks.Count, Place(engine, rank, node, group), 0, 1, group.Ranks);
            call.Chunks = 1;
            Stream(engine, call, group, priority, [new(node.Collective, PlainRing, ring, node.Bytes, 0, false, false, custom)]);
            return;
        }
        var (chunk, count) = Chunks(engine, shape, rank, node);
        if (!engine.System.Algorithms.TryGetValue(node.Collective, out var algorithms) || algorithms.Count == 0)
            throw engine.Wrong(rank, node, "the system configuration says nothing about how it is done");
        call.Chunks = count;
        for (var c = 0; c < count; c++)
        {
            var phases = group is null || group.Ranks.Count == shape.Ranks
                ? Phases(engine, shape, rank, node, algorithms, chunk)
                : [InGroup(engine, rank, node, algorithms, group, chunk)];
            if (phases.Length == 0) throw engine.Wrong(rank, node, "no dimension takes part in it");
            Stream(engine, call, group, priority, phases);
        }
    }

    static void Stream(TraceEngine engine, TraceCall call, TraceGroup? group, long priority, TracePhase[] phases)
    {
        var number = engine.Communicators is null ? call.Rank.Streams++ : call.Node.Ordinal;
        if (group is not null)
        {
            var streams = call.Rank.GroupStreams.TryGetValue(group.Id, out var before) ? before : group.Id * GroupStreams;
            (number, call.Rank.GroupStreams[group.Id]) = (streams, streams + 1);
        }
        new TraceStream(engine, call, TraceEngine.Chunk(number), phases, priority).EndPhase();
    }

    static ITraceSource? Custom(TraceEngine engine, TraceNode node) =>
        engine.System.CustomNodes.TryGetValue(node.Id, out var own) ? own : engine.System.Custom.GetValueOrDefault(node.Collective);

    static TraceGroup? Group(TraceEngine engine, TraceNetwork shape, TraceRank rank, TraceNode node)
    {
        if (node.Group == 0) return null;
        if (!rank.Groups.TryGetValue(node.Group, out var group))
        {
            group = engine.System.Groups.FirstOrDefault(g => g.Id == node.Group)
                ?? throw engine.Wrong(rank, node, $"there is no group {node.Group}; the trace defines {rank.Groups.Count:N0} so far, and the groups' file {engine.System.Groups.Count:N0}");
            rank.Groups[node.Group] = group;
        }
        var bad = group.Ranks.FirstOrDefault(r => (uint)r >= (uint)shape.Ranks, -1);
        if (bad >= 0) throw engine.Wrong(rank, node, $"group {group.Id} has rank {bad:N0}, and ranks are numbered 0 to {shape.Ranks - 1:N0}");
        if (group.Ranks.Distinct().Count() != group.Ranks.Count) throw engine.Wrong(rank, node, $"group {group.Id} has a rank twice");
        Place(engine, rank, node, group);
        return group;
    }

    static int Place(TraceEngine engine, TraceRank rank, TraceNode node, TraceGroup group)
    {
        for (var i = 0; i < group.Ranks.Count; i++)
            if (group.Ranks[i] == rank.Id) return i;
        throw engine.Wrong(rank, node, $"group {group.Id} doesn't have rank {rank.Id}");
    }

    static (ulong Chunk, int Count) Chunks(TraceEngine engine, TraceNetwork shape, TraceRank rank, TraceNode node)
    {
        var (size, splits) = (node.Bytes, (ulong)engine.System.Splits);
        var chunk = size / splits;
        // ASTRA-sim's own rule, so that no message is cut down to nothing.
        if (node.Collective != TraceCollective.AllGather && chunk < (ulong)shape.Ranks) (chunk, size) = ((ulong)shape.Ranks, splits * (ulong)shape.Ranks);
        if (chunk == 0) throw engine.Wrong(rank, node, $"it can't be cut into {splits:N0} chunks");
        return (chunk, checked((int)((size + chunk - 1) / chunk)));
    }

    static TracePhase InGroup(TraceEngine engine, TraceRank rank, TraceNode node, IReadOnlyList<TraceAlgorithm> algorithms, TraceGroup group, ulong chunk)
    {
        if (group.Ranks.Count < 2) throw engine.Wrong(rank, node, $"group {group.Id} has one rank");
        var algorithm = algorithms.Count > 1 ? PlainRing : algorithms[0];
        var all = node.Collective == TraceCollective.AllReduce && engine.System.ReducesByDimension;
        var (queue, backwards) = all ? First(engine, rank, 0) : Whole(engine, rank, 0);
        return new(node.Collective, algorithm, new(group.Ranks.Count, Place(engine, rank, node, group), 0, 1, group.Ranks), chunk, queue, backwards, true, null);
    }

    static TracePhase[] Phases(TraceEngine engine, TraceNetwork shape, TraceRank rank, TraceNode node, IReadOnlyList<TraceAlgorithm> algorithms, ulong chunk)
    {
        var dimensions = shape.Dimensions.Count;
        if (algorithms.Count > dimensions) throw engine.Wrong(rank, node, $"the system configuration has {algorithms.Count:N0} algorithms for it, and the network {dimensions:N0} dimensions");
        var flat = algorithms.ToList().FindIndex(a => a.Flat);
        var used = flat >= 0 ? flat + 1 : algorithms.Count;
        if (node.Dimensions is { } named && named.Count < used) throw engine.Wrong(rank, node, $"'involved_dim' has {named.Count:N0} entries; expected one for each of {used:N0} dimensions");
        var taking = Enumerable.Range(0, used).Where(d => node.Dimensions?[d] ?? true).ToList();
        var phases = new List<TracePhase>();
        var bytes = chunk;
        void Add(TraceCollective what, int dimension, (int Queue, bool Backwards) at)
        {
            // Ranks of a tree do different things.
            if (engine.Alike && algorithms[dimension].Method == TraceMethod.DoubleBinaryTree) throw new RanksDifferException();
            var phase = new TracePhase(what, algorithms[dimension], Ring(engine, shape, rank, dimension, algorithms[dimension]), bytes, at.Queue,
                algorithms[dimension].Method == TraceMethod.DoubleBinaryTree ? rank.Trees[dimension]++ % 2 == 1 : at.Backwards, false, null);
            phases.Add(phase);
            bytes = phase.After;
        }
        if (node.Collective != TraceCollective.AllReduce || !engine.System.ReducesByDimension)
        {
            if (node.Collective == TraceCollective.AllGather) taking.Reverse();
            foreach (var d in taking) Add(node.Collective, d, Whole(engine, rank, d));
            return [.. phases];
        }
        for (var i = 0; i < taking.Count - 1; i++) Add(TraceCollective.ReduceScatter, taking[i], First(engine, rank, taking[i]));
        if (taking.Count > 0) Add(TraceCollective.AllReduce, taking[^1], First(engine, rank, taking[^1]));
        for (var i = taking.Count - 2; i >= 0; i--) Add(TraceCollective.AllGather, taking[i], Last(engine, rank, taking[i]));
        return [.. phases];
    }

    static TraceRing Ring(TraceEngine engine, TraceNetwork shape, TraceRank rank, int dimension, TraceAlgorithm algorithm)
    {
        if (algorithm.Flat)
        {
            if (engine.Alike && shape.Dimensions.Count > 1) throw new RanksDifferException();
            return new(shape.Ranks, rank.Id, 0, 1, null);
        }
        var stride = 1;
        for (var d = 0; d < dimension; d++) stride *= shape.Dimensions[d].Ranks;
        var n = shape.Dimensions[dimension].Ranks;
        var own = rank.Id / stride % n;
        return new(n, own, rank.Id - (own * stride), stride, null);
    }

    // Queues of a dimension in turn; the second half goes round the other way.
    static (int Queue, bool Backwards) Whole(TraceEngine engine, TraceRank rank, int dimension)
    {
        var (queues, at) = (engine.System.Queues, rank.NextQueue[dimension]);
        rank.NextQueue[dimension] = (at + 1) % queues;
        return ((dimension * queues) + at, queues > 1 && at >= queues / 2);
    }

    // Of the first half of the queues.
    static (int Queue, bool Backwards) First(TraceEngine engine, TraceRank rank, int dimension)
    {
        var (queues, at) = (engine.System.Queues, rank.NextFirst[dimension]);
        rank.NextFirst[dimension] = at + 1 >= queues / 2 ? 0 : at + 1;
        return ((dimension * queues) + at, false);
    }

    // Of the second half, round the other way.
    static (int Queue, bool Backwards) Last(TraceEngine engine, TraceRank rank, int dimension)
    {
        var (queues, half) = (engine.System.Queues, engine.System.Queues / 2);
        var at = half + rank.NextLast[dimension];
        rank.NextLast[dimension] = at + 1 >= queues ? 0 : rank.NextLast[dimension] + 1;
        return ((dimension * queues) + at, true);
    }
}
