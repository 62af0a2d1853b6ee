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
//   output   rows of h by vocabulary / T in BF16 for each token that comes out, gathered over the tensor group
//
// Worked example: Llama 3.1 8B, one H100, b = 1, n = 1000: 32 blocks read 218.1e6 weights each, the output 525.3e6: 15.01 GB at 3.082 TB/s take 4.87 ms,
// keys and values 131 MB 0.04 ms; launches of 32·(4·4 + 3·7) us + output 1.2 ms: 6.1 ms, 164 tokens/s.

using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Serving;

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

    /// <summary>Tokens of prompts in the fullest group.</summary>
    internal double PromptTokens => Prompts * Chunk;
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
    const double Bf16 = 2;

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

    /// <summary>The time of a pass.</summary>
    public PassTime Of(in PassLoad load)
    {
        var model = Replica.Model;
        var sum = new Sum(rates, format);
        double network = 0, dense = model.DenseLayers, layers = model.Model.Layers;
        var tokens = (load.Sequences / Replica.Groups) + load.PromptTokens;
        if (tokens <= 0) return default;
        if (dense > 0)
        {
            var block = new Sum(rates, format);
            Attention(ref block, load, tokens);
            Dense(ref block, tokens);
            sum.Add(block, dense);
            network += dense * 2 * AllReduce(tokens);
        }
        if (layers > dense)
        {
            var block = new Sum(rates, format);
            Attention(ref block, load, tokens);
            Experts(ref block, tokens, load.Sequences + (load.Filled * load.PromptTokens));
            sum.Add(block, layers - dense);
            network += (layers - dense) * ExpertNetwork(tokens, load.Chunk > 0);
        }
        var rows = (load.Sequences / Replica.Groups) + (load.Ends ? load.Prompts : 0);
        if (rows > 0)
        {
            var wide = (double)model.Model.Vocabulary / Replica.Tensor;
            sum.Elementwise(2 * rows * model.Model.Hidden * Bf16, 1);
            sum.Matmul(rates.MatmulBf16, 1, rows, model.Model.Hidden, wide, Bf16);
            sum.Elementwise(2 * rows * wide * Bf16, 1);
            network += Collective(CollectiveKind.AllGather, rows * model.Model.Vocabulary * Bf16, tensor);
        }
        return new(Duration.FromSeconds(sum.Compute), Duration.FromSeconds(sum.Memory), Duration.FromSeconds(sum.Launch), Duration.FromSeconds(network));
    }

    void Attention(ref Sum sum, in PassLoad load, double tokens)
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
            sum.Matmul(tokens + (load.Prompts * load.Earlier), latent.KeyValueRank, (model.Heads * (double)latent.HeadSize / tp) + v);
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
        if (load.Chunk > 0)
        {
            var (all, before) = (load.Earlier + load.Chunk, load.Earlier);
            var pairs = load.Prompts * ((all * size.MeanPairs(all)) - (before > 0 ? before * size.MeanPairs(before) : 0));
            sum.Kernel(pairs * ((2 * size.AttentionWidth) + exponentials) / tp / rates.AttentionForward, load.Prompts * Reach(all) * cachePerToken / rates.Memory, rates.LaunchOverhead);
        }
        if (load.Sequences > 0)
        {
            var reached = load.Reached / Replica.Groups;
            sum.Kernel(reached * ((2 * absorbed) + exponentials) / tp / rates.AttentionForward, reached * cachePerToken / rates.Memory, rates.LaunchOverhead);
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
        var local = asked / Replica.Expert;
        // With one expert rank each expert is split over the tensor group, which sees all tokens of its own.
        double inner = Replica.Expert > 1 ? experts.FeedForward : experts.FeedForward / tp, copies = all * experts.PerToken / Replica.Expert;
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

    double ExpertNetwork(double tokens, bool prompts)
    {
        if (Replica.Expert == 1) return 2 * AllReduce(tokens);
        var (model, experts) = (Replica.Model.Model, Replica.Model.Model.Experts!);
        var bytes = tokens * model.Hidden * Bf16;
        var time = AllReduce(tokens) + Collective(CollectiveKind.AllGather, bytes, tensor);
        if (Replica.Model.SharedFeedForward > 0) time += Collective(CollectiveKind.ReduceScatter, bytes, tensor);
        var own = tokens / Replica.Tensor;
        var exchanged = 2 * Collective(CollectiveKind.AllToAll, own * experts.PerToken * model.Hidden * Bf16, expert);
        if (expert.Within(0) < expert.Ranks && experts.PerToken <= ExpertExchange.MostPerToken)
        {
            var exchange = new ExpertExchange { Experts = experts.Experts, PerToken = experts.PerToken, Tokens = own, Hidden = model.Hidden, Dispatch = ExpertPrecision.Bf16 };
            var kernels = prompts ? network.Experts : direct;
            exchanged = Math.Min(exchanged,
                (kernels.Time(exchange, ExpertPhase.Dispatch, expert).MostLoaded + kernels.Time(exchange, ExpertPhase.Combine, expert).MostLoaded).Seconds);
        }
        return time + exchanged;
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
