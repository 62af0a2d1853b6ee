// What one rank does in a step, node by node.
//
//   block, forward   two units, attention and what follows; each: gather, (keys and values around the ring beside) compute, scatter;
//                    a mixture's second one dispatch and combine around its computation; without sequence parallelism an all-reduce behind
//   backward         the units in turn: gradients gathered and waited for, the input gathered again beside the gradients of inputs,
//                    their scatter beside half of those of weights; what is computed again before. A layer of a pattern is one unit; a state space exchanges its
//                    sequence for heads before its scan and back behind it
//   "beside"         the collective begins with the computation, and what follows waits for both; "waited for": the computation comes after
//   data group       gradients of a chunk behind its last backward pass of a run, block by block as they are ready, but none before those ahead of it
//                    have had the time that the closed form gives them, and on a pipeline whose passes have collectives of their own not before the
//                    rank's last result is sent (beside the last pass where nobody waits for it); weights block by block before the first forward pass, one block ahead;
//                    neither holds computation up but where its own block's weights are missing. Without overlap: behind the pipeline (from zero-2
//                    on behind each run) and behind the update
//   two as one       (dualpipe) one pass after the other, behind both inputs; both results are sent at the end
//   update           when all of that is done; with overlap the weights are those gathered in the first passes
using Lightloom.Collectives.Traces;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads.Timeline;

sealed class StepTraceRank
{
    const double Bf16 = 2;

    readonly StepTrace trace;
    readonly TrainingJob job;
    readonly Parallelism p;
    readonly int rank, stage;
    readonly double late;
    readonly PipelineOrder order;
    readonly TracedStep traced;
    readonly int[,] passes; // forward and backward passes of each chunk that were begun
    readonly Dictionary<int, (double[] Dense, double[] Experts)> shares = []; // by position: of its weights, those before each block

    readonly List<TraceNode> made = [];
    readonly List<ulong> front = [], joins = [], unfinished = []; // what comes next waits for; what runs beside it; gradients under way
    readonly Queue<Action> idle = new(); // what may begin when the network has nothing of the block's to do
    readonly Queue<(Action Begin, bool Held)> backlog = new(); // gradients that are ready, block by block; held: until nobody waits for this rank any more
    ulong next;
    ulong? network, compute; // the last of each
    double computed, pending, occupied; // seconds: in nodes, in none yet, and until which gradients take the network
    long microseconds;
    string name = "";
    bool closing; // this is the last operation, and nobody waits for its result

    public StepTraceRank(StepTrace trace, int rank, int stage, double late)
    {
        (this.trace, this.rank, this.stage, this.late) = (trace, rank, stage, late);
        (job, order, traced) = (trace.Job, trace.Timeline.Pipeline.Order, trace.Traced);
        p = job.Parallelism;
        passes = new int[2, order.Placement.Chunks];
    }

    bool Twice => order.Placement.Path == PipelinePath.TwoDirections;

    // Each direction has half of the microbatches.
    int PassesOfChunk => job.MicroBatches / (Twice ? 2 : 1);

    bool Frozen => job.FrozenWeights && p.Sharding != Sharding.Weights;

    // Weights and gradients are gathered and summed for each microbatch: only without a pipeline, whose ranks keep them during the step.
    bool Piecemeal => p.Pipeline == 1;

    public IEnumerable<TraceNode> Nodes()
    {
        Begin();
        var ops = order[stage].ToArray();
        ulong[] before = [.. front]; // what the operation before the last ended with: a receive is posted while the last runs
        for (var i = 0; i < ops.Length; i++)
        {
            // Two that run as one wait for both inputs, and both results go out at the end.
            PipelineOperation[] together = ops[i].WithNext ? [ops[i], ops[++i]] : [ops[i]];
            closing = i == ops.Length - 1 && together.All(o => Peer(o, true) is null);
            ulong[] ended = [.. front];
            foreach (var operation in together) Named(operation, o => Receive(o, before));
            before = ended;
            foreach (var operation in together) Named(operation, Pass);
            foreach (var operation in together) Named(operation, Close);
            while (!p.OverlapData && backlog.TryDequeue(out var next)) next.Begin();
            foreach (var node in Taken()) yield return node;
        }
        End();
        foreach (var node in Taken()) yield return node;
    }

    void Pass(PipelineOperation operation)
    {
        if (operation.Pass == PipelinePass.Forward) Forward(operation, passes[0, operation.Chunk]++);
        else Backward(operation, Sums(operation), passes[1, operation.Chunk] == PassesOfChunk);
    }

    void Named(in PipelineOperation operation, Action<PipelineOperation> what)
    {
        name = operation.ToString();
        what(operation);
    }

    TraceNode[] Taken()
    {
        TraceNode[] taken = [.. made];
        made.Clear();
        return taken;
    }

    void Begin()
    {
        if (trace.GroupsOf(rank).ToList() is { Count: > 0 } groups)
        {
            made.Add(new() { Id = next, Name = "groups", Kind = TraceNodeKind.Metadata, Groups = groups });
            front.Add(next++);
        }
        name = "late";
        Compute(late);
        Flush();
    }

    // ---- passes ------------------------------------------------------------------------------------------------------------------

    void Forward(in PipelineOperation operation, int pass)
    {
        var position = order.PositionOf(stage, operation);
        var blocks = traced.BlocksOf(position);
        var gathers = p.Sharding == Sharding.Weights ? (Piecemeal && p.Reshard) || pass == 0 : p.Sharding != Sharding.None && p.OverlapData && pass == 0;
        var weights = gathers ? new ulong[blocks.Length][] : null;
        for (var b = 0; b < blocks.Length; b++)
        {
            Weights(weights, position, b, b + 1);
            Block(blocks[b], blocks[b].Forward);
            Drain();
        }
        foreach (var gather in gathers && blocks.Length == 0 ? Gathers(position, 0) : []) Await(gather);
        if (position == traced.Placement.Positions - 1) Compute(traced.Output.Forward);
    }

    // Whether gradients are summed behind this pass.
    bool Sums(in PipelineOperation operation)
    {
        if (operation.Pass == PipelinePass.BackwardInput) return false;
        var pass = ++passes[1, operation.Chunk];
        if (pass == PassesOfChunk) return p.OverlapData || p.Sharding >= Sharding.Gradients;
        if (p.Sharding < Sharding.Gradients) return false;
        var run = Piecemeal ? 1 : order.Placement.Chunks > 1 && p.Sharding == Sharding.Gradients ? p.ScheduleGroup ?? p.Pipeline : int.MaxValue;
        return pass % run == 0;
    }

    void Backward(in PipelineOperation operation, bool sums, bool last)
    {
        var position = order.PositionOf(stage, operation);
        var blocks = traced.BlocksOf(position);
        var (input, weight) = (operation.Pass != PipelinePass.BackwardWeight, operation.Pass != PipelinePass.BackwardInput);
        if (position == traced.Placement.Positions - 1) Compute((input ? traced.Output.Input : 0) + (weight ? traced.Output.Weight : 0));
        var (again, whole) = Recomputed(blocks);
        var weights = input && p.Sharding == Sharding.Weights && Piecemeal && p.Reshard ? new ulong[blocks.Length][] : null;
        for (var b = blocks.Length - 1; b >= 0; b--)
        {
            if (input)
            {
                Weights(weights, position, b, b - 1);
                Again(blocks[b], b < again, again > 0 ? again > b ? whole / again : 0 : whole / blocks.Length);
                Back(blocks[b], weight);
            }
            else
            {
                Compute(blocks[b].Weight);
            }
            if (sums) Gradients(position, b, last);
            Drain();
        }
        if (sums && blocks.Length == 0) Gradients(position, 0, last);
    }

    // How many blocks do their forward pass again, and the computation of all of that.
    (int Blocks, double Seconds) Recomputed(TracedBlock[] blocks)
    {
        if (trace.Timeline.Step.Recompute != Recomputation.Full) return default;
        double share = 0, seconds = 0;
        foreach (var block in blocks)
        {
            if (block.Time.Recompute <= 0) continue;
            share += block.Time.Recompute / block.Time.Forward;
            seconds += block.Time.Recompute * block.Forward / block.Time.Forward;
        }
        return ((int)Math.Round(share), seconds);
    }

    void Again(in TracedBlock block, bool whole, double each)
    {
        if (trace.Timeline.Step.Recompute == Recomputation.Full)
        {
            if (whole) Block(block, each);
            else Compute(each);
            return;
        }
        if (block.Time.Recompute <= 0) return;
        var exchange = block.Work.ExchangeAgain && block.HasExperts && p.Expert > 1;
        Compute(Math.Max(0, block.Time.Recompute - (exchange ? block.Time.ExpertForward : 0)));
        for (var i = 0; exchange && i < 2; i++) Await(Exchange(block));
    }

    // ---- blocks ------------------------------------------------------------------------------------------------------------------

    void Block(in TracedBlock block, double seconds)
    {
        var (from, to) = block.Units;
        for (var unit = from; unit <= to; unit++)
        {
            var splits = Splits(block, unit).ToList();
            var exchange = Exchanges(block, unit);
            if (p.SequenceParallel) Around(TraceCollective.AllGather, splits.Where(s => s.Group == StepGroup.Tensor));
            if (unit == 0) Keys(block, 1);
            Scan(block, true);
            if (exchange) Put(Exchange(block), p.OverlapExpert);
            if (p.SequenceParallel) Around(TraceCollective.AllGather, splits.Where(s => s.Group == StepGroup.ExpertTensor));
            // What overlaps a tensor group's own multiplications is cut up: it begins with them.
            if (p.OverlapTensor) Around(p.SequenceParallel ? TraceCollective.ReduceScatter : TraceCollective.AllReduce, splits);
            if (exchange && p.OverlapExpert) Beside(Exchange(block));
            Compute(seconds / block.UnitCount);
            Join();
            Scan(block, false);
            if (!p.OverlapTensor) Around(p.SequenceParallel ? TraceCollective.ReduceScatter : TraceCollective.AllReduce, splits.AsEnumerable().Reverse().Where(s => s.Group == StepGroup.ExpertTensor));
            if (exchange && !p.OverlapExpert) Await(Exchange(block));
            if (!p.OverlapTensor) Around(p.SequenceParallel ? TraceCollective.ReduceScatter : TraceCollective.AllReduce, splits.Where(s => s.Group == StepGroup.Tensor));
        }
        Idle();

        void Around(TraceCollective what, IEnumerable<(StepGroup Group, double Bytes)> splits)
        {
            foreach (var (group, bytes) in splits) Put(Whole(what, group, bytes), p.OverlapTensor);
        }
    }

    // With the gradients of weights, or of inputs alone, in which case the scatter stands beside their second half.
    void Back(in TracedBlock block, bool weight)
    {
        var (from, to) = block.Units;
        var (first, second) = weight ? (block.Input / block.UnitCount, block.Weight / block.UnitCount) : (block.Input / (2 * block.UnitCount), block.Input / (2 * block.UnitCount));
        for (var unit = to; unit >= from; unit--)
        {
            var splits = Splits(block, unit).ToList();
            var exchange = Exchanges(block, unit);
            foreach (var (group, bytes) in p.SequenceParallel ? splits : []) Put(Whole(TraceCollective.AllGather, group, bytes), p.OverlapTensor);
            if (exchange) Put(Exchange(block), p.OverlapExpert);
            if (unit == 0) Keys(block, 2);
            Scan(block, false);
            if (exchange && p.OverlapExpert) Beside(Exchange(block));
            foreach (var (group, bytes) in p.SequenceParallel ? splits : []) Beside(Whole(TraceCollective.AllGather, group, bytes));
            Compute(first);
            Join();
            // Gradients of inputs are done when half of the weights have theirs.
            var behind = weight ? second / 2 : 0;
            Compute(behind);
            foreach (var (group, bytes) in splits)
                Put(Whole(p.SequenceParallel ? TraceCollective.ReduceScatter : TraceCollective.AllReduce, group, bytes), p.SequenceParallel || p.OverlapTensorGradients);
            Compute(second - behind);
            Join();
            Scan(block, true);
            if (unit == 0 && block.Kind.HasAttention() && p.Context > 1 && p.ContextMethod == ContextMethod.AllGather) Await(Whole(TraceCollective.ReduceScatter, StepGroup.Context, block.Work.KeyValueBytes * p.Context));
            if (exchange && !p.OverlapExpert) Await(Exchange(block));
        }
        Idle();
    }

    // Keys and values around the context group; backward (twice) their gradients too.
    void Keys(in TracedBlock block, int times)
    {
        if (p.Context == 1 || !block.Kind.HasAttention()) return;
        var around = block.Work.KeyValueBytes * p.Context;
        Put(Whole(TraceCollective.AllGather, StepGroup.Context, around), p.ContextMethod == ContextMethod.Ring);
        if (times > 1 && p.ContextMethod == ContextMethod.Ring) Beside(Whole(TraceCollective.ReduceScatter, StepGroup.Context, around));
    }

    // A state space's sequence is exchanged for heads before its scan, and back behind it.
    void Scan(in TracedBlock block, bool before)
    {
        if (p.Context == 1 || block.Kind != BlockKind.StateSpace) return;
        double inputs = job.Model.StateSpaceInputs, width = job.Model.StateSpaceWidth;
        Await(Whole(TraceCollective.AllToAll, StepGroup.Context, block.Work.ScanExchangeBytes * (before ? inputs : width) / (inputs + width)));
    }

    bool Exchanges(in TracedBlock block, int unit) => unit == 1 && block.HasExperts && p.Expert > 1;

    Message Exchange(in TracedBlock block) => Whole(TraceCollective.AllToAll, StepGroup.Expert, block.Work.DispatchBytes);

    // What a unit's matrices gather and scatter.
    IEnumerable<(StepGroup Group, double Bytes)> Splits(TracedBlock block, int unit)
    {
        if (p.Tensor == 1) yield break;
        var bytes = block.Work.ResidualBytes;
        var own = unit == 1 && p.SequenceParallel && block.HasExperts && (p.Expert > 1 || p.ExpertSplit < p.Tensor);
        if (!own || job.Model.SharedFeedForward > 0) yield return (StepGroup.Tensor, bytes);
        if (own && p.ExpertSplit > 1)
            yield return (StepGroup.ExpertTensor, bytes * ((double)job.Model.Model.Experts!.PerToken * p.ExpertSplit / p.Tensor * job.Model.ExpertHidden / job.Model.Model.Hidden));
    }

    // ---- the data group ----------------------------------------------------------------------------------------------------------

    // A block's weights are there before it begins, and those of the next are on their way.
    void Weights(ulong[][]? gathered, int position, int block, int next)
    {
        if (gathered is null) return;
        if (!p.OverlapData || !p.Prefetch)
        {
            foreach (var gather in Gathers(position, block)) Await(gather);
            return;
        }
        // Those of the next are asked for when the block before this one is done, and no earlier: there is room for two.
        var room = Ready();
        foreach (var id in gathered[block] ??= Start(block))
            if (!front.Contains(id)) front.Add(id);
        if (next >= 0 && next < gathered.Length) Later(() => gathered[next] ??= Start(next));

        ulong[] Start(int which) => [.. Gathers(position, which).Select(g => Emit(g, room))];
    }

    IEnumerable<Message> Gathers(int position, int block) =>
        Frozen ? [] : Shares(position, block, Bf16).Where(s => s is { Ranks: > 1, Bytes: > 0 }).Select(s => Whole(TraceCollective.AllGather, s.Group, s.Bytes));

    // A block's gradients are ready.
    void Gradients(int position, int block, bool last)
    {
        if (Frozen) return;
        var ready = Ready();
        var shares = Shares(position, block, p.GradientBytes).Where(s => s is { Ranks: > 1, Bytes: > 0 }).ToList();
        // Where passes wait for collectives of their own, another in between would hold up the stages that wait for this one.
        backlog.Enqueue((Sum, last && p.Pipeline > 1 && (p.Tensor > 1 || p.Context > 1 || p.Expert > 1)));

        void Sum()
        {
            foreach (var share in shares)
            {
                var message = Whole(p.Sharding == Sharding.None ? TraceCollective.AllReduce : TraceCollective.ReduceScatter, share.Group, share.Bytes);
                if (p.OverlapData) unfinished.Add(Emit(message, ready));
                else Await(message);
            }
        }
    }

    // The next block's gradients go out where by the closed form those before have: what a network has not done holds up all that comes behind it.
    void Drain()
    {
        if (!p.OverlapData || backlog.Count == 0 || (backlog.Peek().Held && !closing) || occupied > computed + pending) return;
        occupied = computed + pending + (trace.Data.Reduce / traced.Placement.Chunks / Math.Max(1, job.Model.Model.Layers / traced.Placement.Positions));
        Later(backlog.Dequeue().Begin);
    }

    // Bytes of a block's weights in the groups that share them; the embedding's and the output's are dealt among the blocks of their chunk.
    IEnumerable<(StepGroup Group, double Bytes, int Ranks)> Shares(int position, int block, double width)
    {
        if (!shares.TryGetValue(position, out var before)) shares[position] = before = WeightsBefore(position);
        var (own, all, whole) = (StepModel.WeightsAt(job, traced, position), default(StepModel.Weights), StepModel.WeightsOn(job, traced, stage));
        for (var chunk = 0; chunk < order.Placement.Chunks; chunk++)
        {
            var at = StepModel.WeightsAt(job, traced, order.Placement.PositionOf(stage, chunk));
            all = new(all.Dense + at.Dense, all.Experts + at.Experts);
        }
        var some = p.ShardGroup is not null && p.Sharding != Sharding.None;
        // What a rank with both ends holds once is dealt over its chunks.
        yield return Share(some ? StepGroup.Shard : StepGroup.Data, whole.Dense * own.Dense / all.Dense, before.Dense);
        if (whole.Experts > 0) yield return Share(some ? StepGroup.ExpertShard : StepGroup.ExpertData, whole.Experts * own.Experts / all.Experts, before.Experts);

        // Whole bytes that add up to the whole.
        (StepGroup, double, int) Share(StepGroup group, double parameters, double[] parts) =>
            (group, Math.Round(parameters * width * parts[block + 1]) - Math.Round(parameters * width * parts[block]), trace.GroupOf(group, rank)?.Ranks.Count ?? 1);
    }

    // What part of a position's weights stands before each of its blocks: even, or by what layers of a pattern have.
    (double[] Dense, double[] Experts) WeightsBefore(int position)
    {
        var blocks = traced.BlocksOf(position);
        if (traced.Pattern is null || blocks.Length == 0) return (Parts(new double[Math.Max(1, blocks.Length)]), Parts(new double[Math.Max(1, blocks.Length)]));
        return (Parts([.. blocks.Select(b => job.Model.SharedParameters(b.Count))]), Parts([.. blocks.Select(b => b.HasExperts ? 1.0 : 0)]));

        static double[] Parts(double[] of)
        {
            var (sum, before) = (of.Sum(), new double[of.Length + 1]);
            for (var b = 0; b < of.Length; b++) before[b + 1] = b + 1 == of.Length ? 1 : sum > 0 ? before[b] + (of[b] / sum) : (b + 1.0) / of.Length;
            return before;
        }
    }

    void End()
    {
        name = "end of the step";
        Flush();
        if (!p.OverlapData && p.Sharding < Sharding.Gradients)
            for (var chunk = 0; chunk < order.Placement.Chunks; chunk++) AllOf(chunk, (position, block) => Gradients(position, block, true));
        Idle();
        while (backlog.TryDequeue(out var next)) next.Begin();
        foreach (var id in unfinished)
            if (!front.Contains(id)) front.Add(id);
        unfinished.Clear();
        Copies();
        if (traced.Placement.Path is PipelinePath.Line or PipelinePath.Loop && p.Pipeline > 1 && job.Model.Model.TiedEmbeddings)
            Await(Whole(TraceCollective.AllReduce, StepGroup.PipelineEnds, (double)job.Model.Model.Vocabulary * job.Model.Model.Hidden / p.Tensor * p.GradientBytes));
        name = "update";
        Compute(StepModel.Update(job, StepModel.WeightsOn(job, traced, stage), Twice ? 2 : 1, trace.Rates) + trace.Timeline.Step[StepPart.HostTransfer].Seconds);
        Flush();
        if (p.OverlapData || p.Sharding is Sharding.None or Sharding.Weights) return;
        for (var chunk = 0; chunk < order.Placement.Chunks; chunk++)
        {
            AllOf(chunk, (position, block) =>
            {
                foreach (var gather in Gathers(position, block)) Await(gather);
            });
        }
    }

    // Each block of a chunk, or the chunk as one where it has none.
    void AllOf(int chunk, Action<int, int> each)
    {
        var position = order.Placement.PositionOf(stage, chunk);
        var blocks = Math.Max(1, traced.BlocksOf(position).Length);
        for (var b = 0; b < blocks; b++) each(position, b);
    }

    void Copies()
    {
        if (Frozen || p.ShardGroup is null || p.Sharding == Sharding.None) return;
        var weights = StepModel.WeightsOn(job, traced, stage);
        foreach (var (group, shard, parameters) in new[] { (StepGroup.ShardCopies, StepGroup.Shard, weights.Dense), (StepGroup.ExpertShardCopies, StepGroup.ExpertShard, weights.Experts) })
            if (parameters > 0) Await(Whole(TraceCollective.AllReduce, group, parameters * p.GradientBytes / (trace.GroupOf(shard, rank)?.Ranks.Count ?? 1)));
    }

    // ---- the pipeline ------------------------------------------------------------------------------------------------------------

    (int Rank, uint Tag)? Peer(in PipelineOperation operation, bool result)
    {
        if (operation.Pass == PipelinePass.BackwardWeight) return null;
        var forward = operation.Pass == PipelinePass.Forward;
        var own = order.PositionOf(stage, operation);
        var other = forward == result ? own + 1 : own - 1;
        if (other < 0 || other >= order.Placement.Positions) return null;
        var there = order.Placement.RankOf(other, order.DirectionOf(operation.MicroBatch));
        if (there == stage) return null;
        var target = result ? other : own;
        return (trace.Neighbour(rank, there), checked((uint)((2 * (((long)target * order.MicroBatches) + operation.MicroBatch)) + (forward ? 0 : 1))));
    }

    ulong SentBytes => Bytes(traced.Dense.Work.ResidualBytes / p.Tensor);

    void Receive(in PipelineOperation operation, ulong[] posted)
    {
        if (Peer(operation, false) is not var (peer, tag)) return;
        made.Add(new() { Id = next, Name = $"receive for {name}", Kind = TraceNodeKind.Receive, Bytes = SentBytes, Peer = peer, Tag = tag, After = posted });
        front.Add(next++);
        // Ranks that hold the same tensor whole were sent a part each.
        if (!p.SequenceParallel && p.Tensor > 1) Await(Whole(TraceCollective.AllGather, StepGroup.Tensor, traced.Dense.Work.ResidualBytes));
    }

    // An operation ends, and its result goes on.
    void Close(PipelineOperation operation)
    {
        Flush();
        if (Peer(operation, true) is not var (peer, tag)) return;
        var id = next++;
        made.Add(new() { Id = id, Name = $"send {name}", Kind = TraceNodeKind.Send, Bytes = SentBytes, Peer = peer, Tag = tag, After = Behind(front), Issued = Order(front) });
        network = id;
        if (!trace.Timeline.Pipeline.Costs.SendBlocks) return;
        front.Clear();
        front.Add(id);
    }

    // ---- nodes -------------------------------------------------------------------------------------------------------------------

    readonly record struct Message(TraceCollective What, StepGroup Group, ulong Bytes);

    // By the size of the whole; Chakra's all-gathers have that of a share.
    Message Whole(TraceCollective what, StepGroup group, double bytes) =>
        new(what, group, Bytes(what == TraceCollective.AllGather ? bytes / (trace.GroupOf(group, rank)?.Ranks.Count ?? 1) : bytes));

    static ulong Bytes(double bytes) => (ulong)Math.Max(1, Math.Ceiling(bytes - 1e-6));

    void Compute(double seconds) => pending += seconds;

    void Put(in Message message, bool beside)
    {
        if (beside) Beside(message);
        else Await(message);
    }

    // What follows waits for it.
    void Await(in Message message)
    {
        if (trace.GroupOf(message.Group, rank) is null) return;
        Flush();
        var id = Emit(message, front);
        front.Clear();
        front.Add(id);
        Idle();
    }

    // It begins now, and what comes after the computation that follows waits for it.
    void Beside(in Message message)
    {
        if (trace.GroupOf(message.Group, rank) is null) return;
        Flush();
        joins.Add(Emit(message, front));
        Idle();
    }

    void Join()
    {
        if (joins.Count == 0) return;
        Flush();
        front.AddRange(joins);
        joins.Clear();
    }

    ulong Emit(in Message message, IReadOnlyCollection<ulong> after)
    {
        var group = trace.GroupOf(message.Group, rank)!;
        var id = next++;
        made.Add(new() { Id = id, Name = $"{name} {message.Group} {message.What}", Kind = TraceNodeKind.Collective, Collective = message.What, Bytes = message.Bytes, Group = group.Id, After = Behind(after), Issued = Order(after) });
        network = id;
        return id;
    }

    // Behind the rank's last message too, which only the order of issue asks for.
    ulong[] Behind(IReadOnlyCollection<ulong> after) => network is { } last ? [.. after.Append(last).Distinct()] : [.. after];

    ulong[] Order(IReadOnlyCollection<ulong> after) => network is { } last && !after.Contains(last) ? [last] : [];

    ulong[] Ready()
    {
        Flush();
        return [.. front];
    }

    void Later(Action begin) => idle.Enqueue(begin);

    void Idle()
    {
        while (idle.TryDequeue(out var begin)) begin();
    }

    // The computation so far becomes a node.
    void Flush()
    {
        if (pending <= 0) return;
        computed += pending;
        pending = 0;
        var until = (long)Math.Round(computed * 1e6);
        var id = next++;
        if (compute is { } last && !front.Contains(last)) front.Add(last);
        made.Add(new() { Id = id, Name = name, Kind = TraceNodeKind.Compute, Microseconds = (ulong)(until - microseconds), After = [.. front] });
        (microseconds, compute) = (until, id);
        front.Clear();
        front.Add(id);
    }
}
