// An exhaustive search: blocks are prepared once for each (tensor, context, expert, sequence parallelism, microbatch), the nodes; under a node stand
// pipeline, interleaving, sharding and recomputation, the leaves. Nodes are visited in the order of their bounds, in rounds; what a round leaves out
// depends on the results of the rounds before alone, so that any number of threads finds, counts and prunes the same.
//
//   experts' own split of matrices, whether zero-3 gathers again and sets of ranks that share states are sought too: the first with the nodes, the others
//   with the leaves
//   bound of a node    GB·t·c/(A·b)·Σ      Σ seconds of a microbatch on the whole model, A accelerators, b sequences of a microbatch: m·Σ/p with
//                                          m = GB·t·c·p/(A·b), whatever p is
//   bound of a leaf    StepModel.LowerBound, which adds the filling of the pipeline
//   partial leaves      where only full recomputation fits, the fewest blocks of a stage that it must take; found by halving, not counted
//   left out           bound > L;  L = max(F·T_1, T_N): T_1 the best that fits so far, T_N the last of the N to keep, F what the frontier spans
//
// A bound is never above the time (StepModel.LowerBound says why), and L only falls, so that nothing with a time up to the final L is left out.

using System.Collections.Immutable;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

sealed class SearchEngine
{
    const int Round = 64;

    readonly TrainingJob job;
    readonly SearchSpace space;
    readonly SearchOptions options;
    readonly ComputeRates rates;
    readonly StepNetwork network;
    readonly double capacity;
    readonly DataSize runtime;
    readonly ImmutableArray<int> pipelines;
    readonly Dictionary<int, ImmutableArray<int>> shardGroups = [];
    readonly long[] infeasible = new long[Enum.GetValues<JobRule>().Length];
    readonly Node[] nodes;
    readonly Found found;

    public SearchEngine(
        in TrainingJob job, SearchSpace space, SearchOptions options, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        (this.job, this.space, this.options, this.network, this.runtime) = (job, space, options, network, runtime);
        this.rates = rates;
        this.capacity = capacity.Bytes;
        pipelines = space.Pipelines(job);
        if (space.ShardGroups)
            foreach (var ranks in SearchSpace.Divisors(job.Accelerators, job.Accelerators)) shardGroups[ranks] = SearchSpace.ShardGroupsOf(ranks);
        nodes = Nodes();
        found = new(options.Top);
    }

    /// <summary>Combinations that broke a rule.</summary>
    public IReadOnlyList<long> Infeasible => infeasible;

    /// <summary>Whether any configuration keeps the rules.</summary>
    public bool Any => nodes.Length > 0;

    /// <summary>What was found; those that fit, or nothing.</summary>
    public BestCandidates Fastest => found.Fastest;

    /// <summary>Those that need least memory.</summary>
    public BestCandidates Smallest => found.Smallest;

    /// <summary>Choices between time and memory up to the wanted multiple of the best.</summary>
    public IEnumerable<SearchCandidate> Frontier
    {
        get
        {
            if (options.FrontierWithin <= 1) return [];
            var most = found.Fastest.Count > 0 ? options.FrontierWithin * found.Fastest.Items[0].Seconds : double.PositiveInfinity;
            return found.Frontier.Items.Where(c => c.Seconds <= most);
        }
    }

    public (long Valid, long Pruned, long Slow, long Fitting) Counts => (found.Valid, found.Pruned, found.Slow, found.Fitting);

    /// <summary>Searches; false where it was stopped before the end.</summary>
    public bool Run(CancellationToken cancel)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Threads) };
        if (options.Threads > 1) Parallel.For(0, nodes.Length, parallel, Prepare);
        else for (var i = 0; i < nodes.Length; i++) Prepare(i);
        // Indices are in the order of plainness; equal bounds stay in it.
        var order = new int[nodes.Length];
        for (var i = 0; i < order.Length; i++) order[i] = i;
        Array.Sort(order, (a, b) => nodes[a].Bound != nodes[b].Bound ? nodes[a].Bound.CompareTo(nodes[b].Bound) : a.CompareTo(b));

        var workers = new Stack<Found>([new(options.Top)]);
        for (var start = 0; start < order.Length; start += Round)
        {
            if (cancel.IsCancellationRequested) return false;
            var (end, limit) = (Math.Min(order.Length, start + Round), Limit);
            if (options.Threads > 1)
            {
                Parallel.For(start, end, parallel, Take, (k, _, own) => VisitOne(order[k], limit, own), Give);
                continue;
            }
            var one = Take();
            for (var k = start; k < end; k++) Visit(order[k], limit, one);
            Give(one);
        }
        return true;

        Found Take()
        {
            lock (workers) return workers.TryPop(out var free) ? free : new(options.Top);
        }

        Found VisitOne(int index, double limit, Found own)
        {
            Visit(index, limit, own);
            return own;
        }

        void Give(Found own)
        {
            lock (workers)
            {
                found.Add(own);
                own.Clear();
                workers.Push(own);
            }
        }
    }

    void Prepare(int index)
    {
        ref var node = ref nodes[index];
        node.Blocks = PreparedBlocks.Of(node.Of(job), rates, network);
        node.Bound = Scale(node) * node.Blocks.Model(job) * (1 - 1e-9);
    }

    double Limit => !options.Prune || found.Fastest.Count == 0
        ? double.PositiveInfinity
        : Math.Max(options.FrontierWithin * found.Fastest.Items[0].Seconds, found.Fastest.Limit);

    double Scale(in Node node) => (double)job.GlobalBatch * node.Tensor * node.Context / job.Accelerators / node.MicroBatch;

    Node[] Nodes()
    {
        var list = new List<Node>();
        foreach (var tensor in space.Tensors(job))
            foreach (var context in space.Contexts(job))
                foreach (var expert in space.Experts(job))
                    foreach (var split in space.ExpertTensors(job, tensor, context))
                        foreach (var micro in space.MicroBatches(job))
                        {
                            var node = new Node(tensor, context, expert, split, micro, true);
                            var any = false;
                            foreach (var pipeline in pipelines)
                            {
                                var rule = node.Of(job, pipeline).Broken;
                                if (rule == JobRule.None) any = true;
                                else infeasible[(int)rule]++;
                            }
                            if (!any) continue;
                            foreach (var sequenceParallel in space.SequenceParallels(tensor)) list.Add(node with { SequenceParallel = sequenceParallel });
                        }
        return [.. list];
    }

    void Visit(int index, double limit, Found own)
    {
        ref readonly var node = ref nodes[index];
        foreach (var pipeline in pipelines)
        {
            var shape = node.Of(job, pipeline);
            if (shape.Broken == JobRule.None) Visit(index, node, shape, limit, own);
        }
    }

    void Visit(int index, in Node node, in TrainingJob shape, double limit, Found own)
    {
        var p = shape.Parallelism;
        var shardings = space.Shardings(shape.DataParallel * p.Context);
        var (fromRecompute, toRecompute) = (p.Recompute ?? Recomputation.None, p.Recompute ?? Recomputation.Full);
        var sets = own.Sets(shape, shardGroups.TryGetValue(shape.DataParallel * p.Context, out var sizes) ? sizes : []);
        var leaves = 0;
        foreach (var sharding in shardings) leaves += (sharding == Sharding.None ? 1 : sets.Length) * space.Reshards(sharding).Length * (toRecompute - fromRecompute + 1);
        var (fewest, most) = shape.Chunks(StepModel.MaximumInterleave(shape));
        PreparedPipeline whole = default;
        SearchCandidate best = default, smallest = default;
        bool fits = false, any = false;
        for (var interleave = fewest; interleave <= most; interleave++)
        {
            if (!shape.Fits(interleave)) continue;
            own.Valid += leaves;
            if (node.Bound > limit || StepModel.LowerBound(shape, node.Blocks, interleave) > limit)
            {
                own.Pruned += leaves;
                continue;
            }
            var deal = new StageDeal(shape, interleave);
            foreach (var sharding in shardings)
            {
                for (var set = 0; set < (sharding == Sharding.None ? 1 : sets.Length); set++)
                {
                    ref var pipeline = ref sharding == Sharding.None ? ref whole : ref sets[set].Pipeline;
                    foreach (var reshard in space.Reshards(sharding))
                    {
                        var candidate = shape with { Parallelism = p with { Sharding = sharding, Reshard = reshard, ShardGroup = sets[set].Ranks } };
                        if (!pipeline.Suits(deal)) pipeline = PreparedPipeline.Of(candidate, node.Blocks, network, deal);
                        for (var recompute = fromRecompute; recompute <= toRecompute; recompute++)
                        {
                            var seconds = StepModel.Assemble(candidate, node.Blocks, pipeline, deal, rates, interleave, recompute).Seconds;
                            if (seconds > limit)
                            {
                                own.Slow++;
                                continue;
                            }
                            var bytes = StepModel.MemoryOf(candidate, node.Blocks, deal, runtime, interleave, recompute).Total.Bytes;
                            if (bytes <= capacity) own.Fitting++;
                            Take(Leaf(candidate, set, recompute, 0, seconds, bytes));
                        }
                        if (p.Recompute is not null) continue;
                        var blocks = FewestRecomputed(candidate, node, deal, interleave);
                        if (blocks == 0) continue;
                        var partial = candidate with { FewestBlocks = blocks };
                        var time = StepModel.Assemble(partial, node.Blocks, pipeline, deal, rates, interleave, Recomputation.Full).Seconds;
                        if (time > limit) continue;
                        var size = StepModel.MemoryOf(partial, node.Blocks, deal, runtime, interleave, Recomputation.Full).Total.Bytes;
                        Take(Leaf(partial, set, Recomputation.Full, blocks, time, size));
                    }
                }
            }

            SearchCandidate Leaf(in TrainingJob candidate, int set, Recomputation recompute, int blocks, double seconds, double bytes)
            {
                var (sharding, reshard, ranks) = (candidate.Parallelism.Sharding, candidate.Parallelism.Reshard, candidate.Parallelism.ShardGroup);
                return new(
                    p.Tensor, p.Context, p.Expert, p.ExpertTensor, p.Pipeline, p.MicroBatch, p.SequenceParallel, interleave, sharding, reshard, ranks, recompute, blocks, seconds, bytes,
                    Ordinal(index, p.Pipeline, interleave, set, sharding, reshard, blocks > 0 ? (int)Recomputation.Full + 1 : (int)recompute));
            }
        }

        void Take(in SearchCandidate leaf)
        {
            if (leaf.Bytes <= capacity)
            {
                if (!fits || leaf.FasterThan(best)) best = leaf;
                fits = true;
            }
            if (!any || leaf.SmallerThan(smallest)) smallest = leaf;
            any = true;
            if (options.FrontierWithin > 1) own.Frontier.Offer(leaf);
        }

        // Of each combination of degrees only the best is kept.
        if (fits) own.Fastest.Offer(best);
        if (any) own.Smallest.Offer(smallest);
    }

    // No number of accelerators has a thousand divisors.
    static long Ordinal(int index, int pipeline, int interleave, int set, Sharding sharding, bool reshard, int recompute) =>
        ((((((long)index * 10_001) + pipeline) * 10_001) + interleave) * 32 * 1024) + (set * 32) + ((int)sharding * 8) + (reshard ? 0 : 4) + recompute;

    /// <summary>
    /// The fewest blocks of a stage that full recomputation must compute again to fit, where nothing less than it fits; 0 where that does, or all don't.
    /// </summary>
    int FewestRecomputed(in TrainingJob candidate, in Node node, in StageDeal deal, int interleave)
    {
        if (candidate.RecomputedBlocks is not null || Fits(candidate, node, deal, interleave, Recomputation.None) ||
            Fits(candidate, node, deal, interleave, Recomputation.Selective) || !Fits(candidate, node, deal, interleave, Recomputation.Full)) return 0;
        int none = 0, all = MemoryPlan.MostBlocks(candidate), fits = all;
        while (fits - none > 1)
        {
            var blocks = (none + fits) / 2;
            if (Fits(candidate with { FewestBlocks = blocks }, node, deal, interleave, Recomputation.Full)) fits = blocks;
            else none = blocks;
        }
        return fits < all ? fits : 0;
    }

    bool Fits(in TrainingJob candidate, in Node node, in StageDeal deal, int interleave, Recomputation recompute) =>
        StepModel.MemoryOf(candidate, node.Blocks, deal, runtime, interleave, recompute).Total.Bytes <= capacity;

    struct Node(int tensor, int context, int expert, int? expertTensor, int microBatch, bool sequenceParallel)
    {
        public readonly int Tensor = tensor, Context = context, Expert = expert, MicroBatch = microBatch;

        public readonly int? ExpertTensor = expertTensor;

        public bool SequenceParallel = sequenceParallel;

        public PreparedBlocks Blocks;

        public double Bound;

        public readonly TrainingJob Of(in TrainingJob job, int pipeline = 1) => job with
        {
            Parallelism = job.Parallelism with
            {
                Tensor = Tensor,
                Context = Context,
                Expert = Expert,
                ExpertTensor = ExpertTensor,
                MicroBatch = MicroBatch,
                SequenceParallel = SequenceParallel,
                Pipeline = pipeline,
            },
        };
    }

    struct ShardSet
    {
        public int? Ranks;

        public PreparedPipeline Pipeline;
    }

    sealed class Found(int top)
    {
        public readonly BestCandidates Fastest = new(top, bySize: false);
        public readonly BestCandidates Smallest = new(top, bySize: true);
        public readonly CandidateFrontier Frontier = new();
        public long Valid, Pruned, Slow, Fitting;
        ShardSet[] sets = [];

        /// <summary>The sets in which a shape may share its states, none prepared yet: first the job's own, all ranks unless it says otherwise, then those of the sizes that come out even.</summary>
        public Span<ShardSet> Sets(in TrainingJob shape, ImmutableArray<int> sizes)
        {
            if (sets.Length <= sizes.Length) sets = new ShardSet[sizes.Length + 1];
            var count = 1;
            sets[0] = new() { Ranks = shape.Parallelism.ShardGroup };
            foreach (var ranks in sizes)
                if (shape.SharesEvenly(ranks)) sets[count++] = new() { Ranks = ranks };
            return sets.AsSpan(0, count);
        }

        public void Add(Found other)
        {
            Fastest.Offer(other.Fastest);
            Smallest.Offer(other.Smallest);
            Frontier.Offer(other.Frontier);
            Valid += other.Valid;
            Pruned += other.Pruned;
            Slow += other.Slow;
            Fitting += other.Fitting;
        }

        public void Clear()
        {
            Fastest.Clear();
            Smallest.Clear();
            Frontier.Clear();
            Valid = Pruned = Slow = Fitting = 0;
        }
    }
}
