// Time of one pass of a serving copy: prompts, single tokens of sequences, or both at once, by the roofline of training's forward pass (BlockWork.cs).
//
//   b, Σn    sequences that each get one token, and the tokens that they reach, summed; spread evenly over the copy's D groups
//   t, e     tokens of a prompt in this pass, and those of it that passed before; p such prompts in one of the groups, or in f of them: one in one unless said
//   τ        tokens of the fullest group: b/D + p·t           A   tokens of the copy, b + f·p·t
//   matrix   max(2·τ·(k + k_0)·n / R, (τ·k + k·n + τ·n) bytes / M) + o: with few tokens the weights' bytes decide, with many the operations
//   attention, prompt   max(2·pairs·w / T / R_a, κ(e + t) / k / M) + launch;  pairs = Σ_{i=1..t} (e + i), windows cut it;  w key and value widths of all heads
//   attention, tokens   max(2·(Σn/D)·w' / T / R_a, κ's bytes of Σn/D tokens / k / M) + launch.  Latents are read as they are, w' = heads·(2·rank + rotary) (absorbed projections);
//                       a prompt's are expanded to keys and values, e + t of them each time
//   experts  each of N is asked by A tokens with the chance 1 - (1 - top/N)^A; those of a rank that are asked are read once
//   tensor group, a block   two all-reduces of τ·h; with expert ranks the second becomes an all-gather, and a reduce-scatter of shared experts
//   expert group, a block   dispatch and combine of τ/T tokens of a rank: all-to-alls, or beyond one domain the kernels of ExpertExchangeModel if they are faster
//            the pass waits for the rank that most copies go to, 1 + z cv times the mean (ExpertImbalance), routers being even
//   two batches  software that runs two halves of a pass in turns computes one while it exchanges the other (DeepSeek-V3, arXiv:2412.19437, 3.4; SGLang's two-batch
//            overlap). Of a half's block with experts a and e the times up to its dispatch and from there on, d and c dispatch and combine: while one half's
//            tokens are dispatched the other's attention runs, then its experts, ...:  max(a, d) + max(e, d) + max(e, c) + max(a, c) a block; what has no experts
//            twice. Exchanges of prompts take 20 of 132 multiprocessors (ibid., 3.2.2), from what the matrix units limit; those of single tokens none. Not more
//            than the pass in one: halves read the weights once each, so that small batches gain nothing
//   output   rows of h by vocabulary / T in BF16 for each token that comes out, gathered over the tensor group
//
// Worked example: Llama 3.1 8B, one H100, b = 1, n = 1000: 32 blocks read 218.1e6 weights each, the output 525.3e6: 15.01 GB at 3.082 TB/s take 4.87 ms,
// keys and values 131 MB 0.04 ms; launches of 32·(4·4 + 3·7) us + output 1.2 ms: 6.1 ms, 164 tokens/s.

using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Serving;

/// <summary>Prompts of a pass, or parts of them, summed.</summary>
/// <param name="Tokens">Tokens that pass.</param>
/// <param name="Pairs">Of each token those that it attends to, summed over tokens, on the mean of the layers.</param>
/// <param name="Reached">Tokens of the prompts up to here, whose keys and values are read.</param>
/// <param name="Earlier">Those of them that passed before.</param>
/// <param name="Ended">Prompts that end, so that a first token comes out.</param>
public readonly record struct PromptWork(double Tokens, double Pairs, double Reached, double Earlier, double Ended)
{
    /// <summary>Both together.</summary>
    public static PromptWork operator +(PromptWork a, PromptWork b) =>
        new(a.Tokens + b.Tokens, a.Pairs + b.Pairs, a.Reached + b.Reached, a.Earlier + b.Earlier, a.Ended + b.Ended);

    /// <summary>A part of it, or so many times it.</summary>
    public static PromptWork operator *(double part, PromptWork work) =>
        new(part * work.Tokens, part * work.Pairs, part * work.Reached, part * work.Earlier, part * work.Ended);
}

/// <summary>What one pass has to do.</summary>
/// <param name="Sequences">Sequences of the copy that each get one token.</param>
/// <param name="Reached">Tokens that they reach, summed over sequences, on the mean of the layers.</param>
/// <param name="Chunk">Tokens of a prompt.</param>
/// <param name="Earlier">Tokens of that prompt that passed before.</param>
/// <param name="Ends">Whether the prompt ends, so that its first token comes out.</param>
public readonly record struct PassLoad(double Sequences, double Reached, int Chunk = 0, int Earlier = 0, bool Ends = false)
{
    /// <summary>Such prompts of one group that pass together.</summary>
    public double Prompts { get; init; } = 1;

    /// <summary>Groups that have as many each.</summary>
    public double Filled { get; init; } = 1;

    /// <summary>Prompts that are not alike, those of the fullest group; takes the place of <see cref="Chunk"/> and what goes with it.</summary>
    public PromptWork? Mixed { get; init; }

    /// <summary>Tokens of such prompts in all groups.</summary>
    public double MixedTokens { get; init; }
}

/// <summary>Where the time of a pass goes; each kernel counts where its longer side is.</summary>
/// <param name="Compute">Kernels that the matrix units limit.</param>
/// <param name="Memory">Kernels that the memory limits.</param>
/// <param name="Launch">Launches, and multiplications' own overhead.</param>
/// <param name="Network">Collectives and exchanges of tokens.</param>
public readonly record struct PassTime(Duration Compute, Duration Memory, Duration Launch, Duration Network)
{
    /// <summary>All of it.</summary>
    public Duration Total => Compute + Memory + Launch + Network;

    /// <summary>The largest part: "compute", "memory bandwidth", "launches" or "network".</summary>
    public string Binds
    {
        get
        {
            var most = Quantity.Max(Quantity.Max(Compute, Memory), Quantity.Max(Launch, Network));
            return most == Memory ? "memory bandwidth" : most == Compute ? "compute" : most == Network ? "network" : "launches";
        }
    }
}

/// <summary>Times passes of one serving copy; see the equations at the head of this file. Immutable.</summary>
public sealed class ForwardPass
{
    const double Bf16 = 2, ExchangeMultiprocessors = 20.0 / 132;

    readonly ComputeRates rates;
    readonly StepNetwork network;
    readonly NumberFormat format;
    readonly GroupPlacement tensor, expert;
    readonly ExpertExchangeModel direct;
    readonly double cachePerToken; // bytes of one token in one layer on one rank

    /// <summary>Prepares a copy.</summary>
    /// <param name="replica">A checked copy.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="network">The network as the ranks see it.</param>
    public ForwardPass(ServingReplica replica, in ComputeRates rates, StepNetwork network)
    {
        ArgumentNullException.ThrowIfNull(replica);
        ArgumentNullException.ThrowIfNull(network);
        Replica = replica;
        this.rates = rates;
        this.network = network;
        format = NumberFormat.Of(replica.Precision);
        tensor = GroupPlacement.Strided(replica.Tensor, 1, network.Spans, replica.Tensor); // copies begin where domains do
        expert = GroupPlacement.Strided(replica.Expert, 1, network.Spans, replica.Expert);
        direct = new(network.Levels, ExpertMode.LowLatency);
        cachePerToken = replica.Model.KeyValuePerToken(NumberFormat.Of(replica.CachePrecision).Bytes).Bytes / replica.Model.Model.Layers / replica.CacheSplit;
    }

    /// <summary>The copy.</summary>
    public ServingReplica Replica { get; }

    /// <summary>The network.</summary>
    public StepNetwork Network => network;

    /// <summary>Tokens that a sequence's next token reaches, on the mean of the layers.</summary>
    /// <param name="context">Tokens behind it.</param>
    public double Reach(double context)
    {
        var model = Replica.Model;
        if (model.Model.Local is not { } local) return context;
        double full = model.FullAttentionLayers, layers = model.Model.Layers;
        return ((full * context) + ((layers - full) * Math.Min(context, local.Window))) / layers;
    }

    /// <summary>Whether the software runs two halves of each pass in turns, so that one's exchanges of experts hide behind the other's computation.</summary>
    public bool TwoBatches { get; init; }

    /// <summary>The work of a prompt, or of a part of it.</summary>
    /// <param name="chunk">Tokens that pass.</param>
    /// <param name="earlier">Tokens of the prompt that passed before.</param>
    /// <param name="ends">Whether the prompt ends with them.</param>
    public PromptWork Prompt(int chunk, int earlier = 0, bool ends = true)
    {
        var (model, all) = (Replica.Model, earlier + chunk);
        var pairs = (all * model.MeanPairs(all)) - (earlier > 0 ? earlier * model.MeanPairs(earlier) : 0);
        return new(chunk, pairs, Reach(all), earlier, ends ? 1 : 0);
    }

    /// <summary>The time of a pass.</summary>
    public PassTime Of(in PassLoad load)
    {
        var (work, all) = load.Mixed is { } mixed ? (mixed, load.MixedTokens)
            : load.Chunk > 0 ? (load.Prompts * Prompt(load.Chunk, load.Earlier, load.Ends), load.Filled * load.Prompts * load.Chunk) : default;
        var whole = PartsOf(load.Sequences, load.Reached, work, all);
        var plain = whole.Time();
        if (!TwoBatches || Replica.Expert == 1) return plain;
        var turns = InTurns(PartsOf(load.Sequences / 2, load.Reached / 2, 0.5 * work, all / 2), work.Tokens > 0);
        return turns.Total < plain.Total ? turns : plain;
    }

    // Two halves in turns; see the head of this file.
    static PassTime InTurns(in Parts half, bool prompts)
    {
        double a = half.Before.Busy, e = half.After.Busy, d = half.Dispatch, c = half.Combine;
        double aSlow = Slowed(half.Before), eSlow = Slowed(half.After);
        var block = Math.Max(a + (aSlow * Math.Min(a, d)), d) + Math.Max(e + (eSlow * Math.Min(e, d)), d) + Math.Max(e + (eSlow * Math.Min(e, c)), c) + Math.Max(a + (aSlow * Math.Min(a, c)), c);
        // The first half starts alone, and the last one ends so.
        var total = (half.Blocks * block) + (2 * half.Rest.Busy) + Math.Min(a, d) + Math.Min(a, c);
        var sum = half.Rest + (half.Blocks * (half.Before + half.After));
        return new(Duration.FromSeconds(2 * sum.Compute), Duration.FromSeconds(2 * sum.Memory), Duration.FromSeconds(2 * sum.Launch),
            Duration.FromSeconds(total - (2 * (sum.Busy - sum.Network))));

        double Slowed(in Spent spent) => prompts && spent.Busy > 0 ? ExchangeMultiprocessors * spent.Compute / spent.Busy : 0;
    }

    // Seconds of kernels and of collectives that nothing hides.
    readonly record struct Spent(double Compute, double Memory, double Launch, double Network)
    {
        public double Busy => Compute + Memory + Launch + Network;

        public static Spent Of(in Sum sum, double network = 0) => new(sum.Compute, sum.Memory, sum.Launch, network);

        public static Spent operator +(Spent a, Spent b) => new(a.Compute + b.Compute, a.Memory + b.Memory, a.Launch + b.Launch, a.Network + b.Network);

        public static Spent operator *(double times, Spent a) => new(times * a.Compute, times * a.Memory, times * a.Launch, times * a.Network);
    }

    // A pass: what has no experts, and blocks with them up to their dispatch and from there on.
    readonly record struct Parts(Spent Rest, double Blocks, Spent Before, Spent After, double Dispatch, double Combine)
    {
        public PassTime Time()
        {
            var sum = Rest + (Blocks * (Before + After));
            return new(Duration.FromSeconds(sum.Compute), Duration.FromSeconds(sum.Memory), Duration.FromSeconds(sum.Launch), Duration.FromSeconds(sum.Network + (Blocks * (Dispatch + Combine))));
        }
    }

    Parts PartsOf(double sequences, double reached, in PromptWork work, double promptTokens)
    {
        var model = Replica.Model;
        double dense = model.DenseLayers, layers = model.Model.Layers;
        var tokens = (sequences / Replica.Groups) + work.Tokens;
        if (tokens <= 0) return default;
        var attention = new Sum(rates, format);
        Attention(ref attention, sequences, reached, work, tokens);
        var rest = default(Spent);
        if (dense > 0)
        {
            var block = new Sum(rates, format);
            Dense(ref block, tokens);
            rest += dense * (Spent.Of(attention) + Spent.Of(block, 2 * AllReduce(tokens)));
        }
        Spent before = default, after = default;
        double dispatch = 0, combine = 0;
        if (layers > dense)
        {
            var block = new Sum(rates, format);
            Experts(ref block, tokens, sequences + promptTokens);
            var network = ExpertNetwork(tokens, work.Tokens > 0);
            (before, after) = (Spent.Of(attention, network.Before), Spent.Of(block, network.After));
            (dispatch, combine) = (network.Dispatch, network.Combine);
        }
        var rows = (sequences / Replica.Groups) + work.Ended;
        if (rows > 0)
        {
            var sum = new Sum(rates, format);
            var wide = (double)model.Model.Vocabulary / Replica.Tensor;
            sum.Elementwise(2 * rows * model.Model.Hidden * Bf16, 1);
            sum.Matmul(rates.MatmulBf16, 1, rows, model.Model.Hidden, wide, Bf16);
            sum.Elementwise(2 * rows * wide * Bf16, 1);
            rest += Spent.Of(sum, Collective(CollectiveKind.AllGather, rows * model.Model.Vocabulary * Bf16, tensor));
        }
        return new(rest, layers - dense, before, after, dispatch, combine);
    }

    void Attention(ref Sum sum, double sequences, double reached, in PromptWork work, double tokens)
    {
        var (size, model) = (Replica.Model, Replica.Model.Model);
        double tp = Replica.Tensor, h = model.Hidden, queryWidth, keyValueWidth, absorbed = size.AttentionWidth;
        if (model.Latent is { } latent)
        {
            var q = model.Heads * (double)(latent.HeadSize + latent.RotaryHeadSize) / tp;
            var v = model.Heads * (double)latent.ValueHeadSize / tp;
            if (latent.QueryRank > 0)
            {
                sum.Matmul(tokens, h, latent.QueryRank);
                sum.Matmul(tokens, latent.QueryRank, q);
            }
            else
            {
                sum.Matmul(tokens, h, q);
            }
            sum.Matmul(tokens, h, latent.KeyValueRank + latent.RotaryHeadSize);
            sum.Matmul(tokens + work.Earlier, latent.KeyValueRank, (model.Heads * (double)latent.HeadSize / tp) + v);
            sum.Matmul(tokens, v, h);
            (queryWidth, keyValueWidth) = (q, q + v);
            absorbed = model.Heads * ((2.0 * latent.KeyValueRank) + latent.RotaryHeadSize);
        }
        else
        {
            var q = (double)model.Heads * size.HeadSize / tp;
            var kv = (double)size.KeyValueHeads * size.HeadSize / Math.Min(tp, size.KeyValueHeads);
            sum.Matmul(tokens, h, q + (2 * kv), made: true);
            sum.Matmul(tokens, q, h);
            (queryWidth, keyValueWidth) = (q, 2 * kv);
        }
        var exponentials = model.Heads * rates.FlopPerExponential;
        if (work.Tokens > 0)
            sum.Kernel(work.Pairs * ((2 * size.AttentionWidth) + exponentials) / tp / rates.AttentionForward, work.Reached * cachePerToken / rates.Memory, rates.LaunchOverhead);
        if (sequences > 0)
        {
            var each = reached / Replica.Groups;
            sum.Kernel(each * ((2 * absorbed) + exponentials) / tp / rates.AttentionForward, each * cachePerToken / rates.Memory, rates.LaunchOverhead);
        }
        sum.Elementwise(model.BlockNorms * 2 * tokens * h * Bf16, model.BlockNorms);
        sum.Elementwise(2 * 3 * tokens * h * Bf16, 2);
        if (model.Rotary ?? model.LearnedPositions == 0) sum.Elementwise(2 * tokens * (queryWidth + (keyValueWidth / 2)) * Bf16, 1);
    }

    void Dense(ref Sum sum, double tokens)
    {
        var model = Replica.Model.Model;
        var (up, inner) = (Matrices(model), model.FeedForward / (double)Replica.Tensor);
        sum.Matmul(tokens, model.Hidden, up * inner, made: true);
        sum.Matmul(tokens, inner, model.Hidden, made: true);
        sum.Elementwise((up + 1) * tokens * inner * Bf16, 1);
    }

    void Experts(ref Sum sum, double tokens, double all)
    {
        var (model, experts, tp) = (Replica.Model.Model, Replica.Model.Model.Experts!, (double)Replica.Tensor);
        var up = Matrices(model);
        sum.Matmul(tokens, model.Hidden, experts.Experts);
        var asked = DistinctExperts(experts.Experts, experts.PerToken, all);
        double ranks = Replica.Expert, most = experts.Experts / ranks;
        var fullest = 1 + (ExpertImbalance.ExpectedLargest(ranks) * ExpertImbalance.PerExpert(all, experts.PerToken, ranks, most, experts.Experts));
        var local = Math.Min(most, asked / ranks * fullest);
        // With one expert rank each expert is split over the tensor group, which sees all tokens of its own.
        double inner = ranks > 1 ? experts.FeedForward : experts.FeedForward / tp, copies = Math.Min(all * Math.Min(experts.PerToken, most), all * experts.PerToken / ranks * fullest);
        sum.Matmul(rates.GroupedMatmul, local, copies / local, model.Hidden, up * inner);
        sum.Matmul(rates.GroupedMatmul, local, copies / local, inner, model.Hidden, made: true);
        sum.Elementwise((up + 1) * copies * inner * Bf16, 1);
        sum.Elementwise(2 * 2 * copies * model.Hidden * Bf16, 4);
        var shared = Replica.Model.SharedFeedForward / tp;
        if (shared == 0) return;
        sum.Matmul(tokens, model.Hidden, up * shared, made: true);
        sum.Matmul(tokens, shared, model.Hidden, made: true);
        sum.Elementwise((up + 1) * tokens * shared * Bf16, 1);
    }

    /// <summary>Experts of a layer that at least one of so many tokens visits, on the mean: N (1 - (1 - k/N)^A).</summary>
    /// <param name="experts">Experts of the layer, N.</param>
    /// <param name="perToken">Experts that each token visits, k.</param>
    /// <param name="tokens">Tokens, A.</param>
    public static double DistinctExperts(int experts, int perToken, double tokens) =>
        experts * (1 - Math.Pow(1 - ((double)perToken / experts), tokens));

    // Of a block: collectives of the tensor group before the experts and after them, and both exchanges of the expert group.
    (double Before, double After, double Dispatch, double Combine) ExpertNetwork(double tokens, bool prompts)
    {
        var reduce = AllReduce(tokens);
        if (Replica.Expert == 1) return (reduce, reduce, 0, 0);
        var (model, experts) = (Replica.Model.Model, Replica.Model.Model.Experts!);
        var bytes = tokens * model.Hidden * Bf16;
        var after = Collective(CollectiveKind.AllGather, bytes, tensor);
        if (Replica.Model.SharedFeedForward > 0) after += Collective(CollectiveKind.ReduceScatter, bytes, tensor);
        var own = tokens / Replica.Tensor;
        var exchanged = Collective(CollectiveKind.AllToAll, own * experts.PerToken * model.Hidden * Bf16, expert);
        if (expert.Within(0) < expert.Ranks && experts.PerToken <= ExpertExchange.MostPerToken)
        {
            var exchange = new ExpertExchange
            {
                Experts = experts.Experts,
                PerToken = experts.PerToken,
                Tokens = own,
                Hidden = model.Hidden,
                Dispatch = Replica.Precision == Precision.Fp8 ? ExpertPrecision.Fp8 : ExpertPrecision.Bf16,
            };
            var kernels = prompts ? network.Experts : direct;
            double dispatch = kernels.Time(exchange, ExpertPhase.Dispatch, expert).MostLoaded.Seconds, combine = kernels.Time(exchange, ExpertPhase.Combine, expert).MostLoaded.Seconds;
            if (dispatch + combine < 2 * exchanged) return (reduce, after, dispatch, combine);
        }
        return (reduce, after, exchanged, exchanged);
    }

    double AllReduce(double tokens) => Collective(CollectiveKind.AllReduce, tokens * Replica.Model.Model.Hidden * Bf16, tensor);

    double Collective(CollectiveKind kind, double bytes, in GroupPlacement group) =>
        group.Ranks == 1 ? 0 : network.Collectives.Time(kind, DataSize.FromBytes(bytes), group, network.Levels).Total.Seconds;

    static int Matrices(Catalog.TransformerModel model) => model.Activation == Catalog.FeedForwardKind.SwiGlu ? 2 : 1;

    struct Sum(in ComputeRates rates, NumberFormat format)
    {
        readonly ComputeRates rates = rates;
        readonly NumberFormat format = format;

        public double Compute;
        public double Memory;
        public double Launch;

        public void Add(in Sum block, double times)
        {
            Compute += times * block.Compute;
            Memory += times * block.Memory;
            Launch += times * block.Launch;
        }

        public void Kernel(double compute, double memory, double overhead)
        {
            if (compute > memory) Compute += compute;
            else Memory += memory;
            Launch += overhead;
        }

        /// <summary>A multiplication whose input a norm or an activation made, which then writes the number format itself where it can.</summary>
        public void Matmul(double m, double k, double n, bool made = false) => Matmul(rates.Matmul, 1, m, k, n, made);

        public void Matmul(double rate, double times, double m, double k, double n, bool made = false)
        {
            Matmul(rate, times, m, k, n, format.Bytes);
            // No backward pass needs the transpose: read wide, written narrow.
            if (format.CastBytes > 0 && !(made && format.Fuses)) Elementwise(times * m * k * (Bf16 + format.Bytes), format.CastKernels);
        }

        public void Matmul(double rate, double times, double m, double k, double n, double bytes)
        {
            var (compute, memory) = rates.Multiply(rate, times, m, k, n, bytes, Bf16);
            Kernel(compute, memory, rates.MatmulOverhead);
        }

        // A kernel takes its bytes or its launch, whichever is longer.
        public void Elementwise(double bytes, int kernels)
        {
            double moved = bytes / rates.Memory, launched = kernels * rates.LaunchOverhead;
            if (moved > launched) Memory += moved;
            else Launch += launched;
        }
    }
}
