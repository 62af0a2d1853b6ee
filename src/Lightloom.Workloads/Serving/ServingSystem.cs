// Answers against load, in closed form. Requests arrive at random (Poisson) and are dealt at random over the copies.
//
//   λ, N     requests a second of one copy, copies         P, O   lengths (RequestMix.cs)        S(b, c)  a pass (ForwardPass.cs) with b sequences, c tokens of prompts
//   one pool, continuous batching with chunked prefill: each step gives every sequence in work one token, and each of D groups takes up to C tokens of prompts, in
//   the order in which they came: several whole ones, and parts; a sequence is let in when all its tokens have a place beside the others, at most B sequences
//     b = λ (O - 1) τ                        sequences in work (Little 1961)
//     τ                                      a pass that takes whatever waits, up to D C tokens (PassQueue.cs), with b' sequences; b' = 1 + b, at most B: a token
//                                            sees its own sequence and the others
//     time per token        τ, the smallest root; none: the queue grows without bound
//     time to first token   W + X,  X = Σ over the prompt's own chunks of S(b, chunk), W what the queue adds (PassQueue.cs); nobody is in work with the chance e^-b
//   two pools: copies that prefill are the same queue with b = 0, up to C_p tokens a pass; keys and values go over the fabric; copies that decode are
//     as above without prompts. The first token comes from prefill, the time per token has transfer and the wait for a step's end in it, over O - 1 tokens
//   transfer   κ(P) / min(T_p, T_d) bytes from one card to another, T_p and T_d tensor ranks of both; a card sends and receives one at a time
//   largest rate    one pool: every pass is full, λ = D C / (P S), b = (O - 1) D C / P; or, where that is more than B, b = B; two pools: prefill's D C_p / (P S),
//                   decode's B / ((O - 1) S(B, 0)), transfer's
//
//   requests that never run out, one pool: every step has b sequences and, as old ones leave, the prompts of b / (O - 1) new ones, several in one pass,
//                   at most C tokens of them: b = min(B, (O - 1) C / P); N b O / ((O - 1) S) tokens of answers a second
//
// What it leaves out: the batch's swings about its mean (S is nearly linear), waiting for a place, and bursts of passes by prompts of many chunks, which answers in work
// see together. It is said to hold while prompts of more than three chunks are in at most a tenth of the passes, and b + 4 √v is at most B:
//     v = b / (1 - e),  e = d ln τ / d ln b    variance of the batch: Poisson's where steps don't depend on it; where they do, answers take longer in large
//                                              batches, which makes them larger still (linear noise about b = λ (O - 1) τ(b))
//
// Worked example: S(b, c) = 10 ms + b·0.1 ms + c·25 us without a budget, prompts of 2,000, λ = 2, O = 101: τ = 10.1 ms + 0.1 ms·200 τ + 25 us·4,000 τ, so
// τ = 10.1 ms / (1 - 0.02 - 0.1) = 11.48 ms and b = 2.30.

using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Workloads.Serving;

/// <summary>What a serving cluster answers at a rate of requests.</summary>
/// <param name="RequestsPerSecond">Requests that arrive, all copies together.</param>
/// <param name="FirstToken">Mean time from a request's arrival to its first token; infinite where the queue grows.</param>
/// <param name="PerToken">Mean time between two tokens of an answer; infinite where the queue grows.</param>
/// <param name="Wait">Part of the time to the first token that is spent waiting.</param>
/// <param name="Batch">Sequences that one copy has in work.</param>
/// <param name="PrefillUse">Share of the time, or of the steps in one pool, that a copy spends on prompts.</param>
/// <param name="Holds">Whether the closed form's assumption holds: nobody waits for a place for keys and values.</param>
public readonly record struct ServingForecast(
    double RequestsPerSecond, Duration FirstToken, Duration PerToken, Duration Wait, double Batch, double PrefillUse, bool Holds)
{
    /// <summary>Whether the queue stays finite.</summary>
    public bool IsStable => double.IsFinite(FirstToken.Seconds);
}

/// <summary>The rate that requests can't exceed for long, and why.</summary>
/// <param name="RequestsPerSecond">The rate.</param>
/// <param name="Binds">What sets it.</param>
public readonly record struct ServingLimit(double RequestsPerSecond, string Binds);

/// <summary>Copies of a model that serve requests from one pool, or from two; see the equations at the head of this file.</summary>
public sealed record ServingSystem
{
    /// <summary>What is asked.</summary>
    public required RequestMix Mix { get; init; }

    /// <summary>A copy that decodes, and that takes prompts too where there is one pool.</summary>
    public required ForwardPass Decode { get; init; }

    /// <summary>Such copies.</summary>
    public required int Copies { get; init; }

    /// <summary>Most tokens of prompts that a group takes in one pass of the common pool.</summary>
    public required int Chunk { get; init; }

    /// <summary>The same of a pool that takes prompts alone.</summary>
    public int PrefillChunk { get; init; } = 8192;

    /// <summary>Room for keys and values on one accelerator that decodes.</summary>
    public required DataSize CacheRoom { get; init; }

    /// <summary>A copy that takes prompts alone; null for one pool.</summary>
    public ForwardPass? Prefill { get; init; }

    /// <summary>Such copies.</summary>
    public int PrefillCopies { get; init; }

    // Chunks of a prompt from which on passes with prompts come in bursts, and the share of all passes up to which that is small.
    const double FewChunks = 3, MostInBursts = 0.1;

    const int MostRounds = 200, Halvings = 20;

    /// <summary>Accelerators of all copies.</summary>
    public int Accelerators => (Copies * Decode.Replica.Accelerators) + (PrefillCopies * (Prefill?.Replica.Accelerators ?? 0));

    /// <summary>Tokens, in mean bytes of keys and values, that one sequence takes for as long as it is in work.</summary>
    public DataSize CacheOfSequence => Decode.Replica.CacheOf(Mix.Prompt + Mix.Output) * (1.0 / Decode.Replica.CacheSplit);

    /// <summary>Sequences of mean length that fit one copy.</summary>
    public int MostSequences => CacheRoom <= DataSize.Zero ? 0 : Decode.Replica.Groups * (int)Math.Min(int.MaxValue / 1024, Math.Floor(CacheRoom.Bytes / CacheOfSequence.Bytes));

    /// <summary>Time of the keys and values of a prompt from one pool to the other; none for one pool.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    public Duration TransferOf(int prompt)
    {
        if (Prefill is null) return Duration.Zero;
        var network = Decode.Network;
        var size = Decode.Replica.CacheOf(prompt) * (1.0 / Math.Min(Prefill.Replica.Tensor, Decode.Replica.Tensor));
        var apart = GroupPlacement.Strided(2, PrefillCopies * Prefill.Replica.Accelerators, network.Spans, 2 * PrefillCopies * Prefill.Replica.Accelerators);
        return network.Collectives.Time(CollectiveKind.SendReceive, size, apart, network.Levels).Total;
    }

    /// <summary>A step that decodes, with so many sequences of mean context.</summary>
    /// <param name="sequences">Sequences of the copy.</param>
    public PassTime Step(double sequences) => Decode.Of(new(sequences, sequences * Decode.Reach(Mix.MeanContext)));

    /// <summary>Time from the start to the end of a prompt's passes beside so many sequences that decode.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="beside">Sequences of the copy that get a token in each pass.</param>
    public Duration PromptTime(int prompt, double beside = 0)
    {
        var time = Duration.Zero;
        for (var done = 0; done < prompt;)
        {
            var chunk = Math.Min(PromptChunk, prompt - done);
            time += Pass(beside, chunk, done, done + chunk == prompt).Total;
            done += chunk;
        }
        return time;
    }

    PassTime Pass(double sequences, int chunk, int earlier, bool ends) =>
        (Prefill ?? Decode).Of(new(sequences, sequences * Decode.Reach(Mix.MeanContext), chunk, earlier, ends));

    int PromptChunk => Prefill is null ? Chunk : PrefillChunk;

    ForwardPass PromptPass => Prefill ?? Decode;

    (double Mean, double Square) Prompts => Mix.OverPrompts(p => p);

    PassTimes TimesOf(double sequences) => new(PromptPass, Mix, sequences, PromptChunk);

    // A copy's queue of prompts beside so many sequences, at so many a second.
    PassQueue Queue(double sequences, double rate, double idle) => new(TimesOf(sequences), rate, Prompts, idle);

    /// <summary>What requests can't exceed for long.</summary>
    public ServingLimit Limit()
    {
        var most = MostSequences;
        if (most == 0) return new(0, "memory for keys and values");
        var budget = PromptPass.Replica.Groups * (double)PromptChunk;
        if (Prefill is null)
        {
            var batch = Mix.Steps * budget / Mix.Prompt;
            if (Mix.Steps == 0 || batch < most) return new(Copies * budget / (Mix.Prompt * TimesOf(Math.Min(batch + 1, most)).Full), $"prefill, by {PromptBinds(batch)}");
            // Places for all: the rate at which steps with as many sequences as fit end as many answers as come.
            var times = TimesOf(most);
            double low = 0, high = budget / (Mix.Prompt * times.Full);
            for (var i = 0; i < 40 && high - low > 1e-9 * high; i++)
            {
                var middle = (low + high) / 2;
                if (new PassQueue(times, middle, Prompts, 0) is { IsStable: true } queue && middle * Mix.Steps * queue.PerToken(Mix.Steps, Mix.Prompt, Chunk, Decode.Replica.Groups) <= most) low = middle;
                else high = middle;
            }
            return new(Copies * low, "memory for keys and values");
        }
        var limit = new ServingLimit(PrefillCopies * budget / (Mix.Prompt * TimesOf(0).Full), $"prefill, by {PromptBinds(0)}");
        if (Mix.Steps == 0) return limit;
        var decode = Copies * most / (Mix.Steps * Step(most).Total.Seconds);
        if (decode < limit.RequestsPerSecond) limit = new(decode, "memory for keys and values of the decoding pool");
        var transfer = Math.Min(Copies, PrefillCopies) / Mix.OverPrompts(p => TransferOf(p).Seconds).Mean;
        return transfer < limit.RequestsPerSecond ? new(transfer, "network between the pools") : limit;
    }

    string PromptBinds(double beside) => Pass(beside, Math.Min(PromptChunk, Mix.Prompt), 0, true).Binds;

    /// <summary>What one pool answers when requests never run out, several prompts in one pass: batch processing, or a benchmark of throughput.</summary>
    /// <returns>Sequences that each copy has in work, the time of its step, and tokens of answers per second of all copies; nothing where no sequence fits.</returns>
    public (double Batch, PassTime Step, double TokensPerSecond) Saturated()
    {
        var most = MostSequences;
        if (most == 0) return default;
        var steps = Math.Max(1, Mix.Output - 1.0);
        // All groups of a copy take prompts alike.
        var groups = Decode.Replica.Groups;
        var batch = Math.Min(most, groups * steps * Chunk / Mix.Prompt);
        var step = Decode.Of(new(batch, batch * Decode.Reach(Mix.MeanContext), Mix.Prompt, 0, true) { Prompts = batch / steps / groups, Filled = groups });
        return (batch, step, Copies * batch * Mix.Output / (steps * step.Total.Seconds));
    }

    /// <summary>What is answered at a rate.</summary>
    /// <param name="requestsPerSecond">Requests of all copies together; 0 for one that comes alone.</param>
    public ServingForecast At(double requestsPerSecond)
    {
        var never = new ServingForecast(requestsPerSecond, Duration.FromSeconds(double.PositiveInfinity), Duration.FromSeconds(double.PositiveInfinity),
            Duration.FromSeconds(double.PositiveInfinity), MostSequences, 1, false);
        var most = MostSequences;
        if (most == 0 || requestsPerSecond >= Limit().RequestsPerSecond) return never;
        var rate = requestsPerSecond / Copies;
        var longest = rate > 0 && Mix.Steps > 0 ? most / (rate * Mix.Steps) : double.PositiveInfinity;
        var alone = Step(1).Total.Seconds;
        if ((Mix.Steps > 0 ? Settled(alone, longest, Mixed) : alone) is not { } perToken) return never;
        var batch = rate * Mix.Steps * perToken;
        var prompts = Prefill is null ? rate : requestsPerSecond / PrefillCopies;
        var beside = Prefill is null ? batch : 0;
        var mean = Mix.OverPrompts(p => PromptTime(p, beside).Seconds).Mean;
        double wait = 0, used = 0;
        if (prompts > 0)
        {
            var queue = Queue(beside, prompts, Math.Exp(-beside));
            if (!queue.IsStable) return never;
            var groups = PromptPass.Replica.Groups;
            wait = Mix.OverPrompts(p => queue.Wait(p, PromptChunk, groups)).Mean;
            used = queue.WithPrompts;
        }
        if (Prefill is not null && Mix.Steps > 0)
        {
            // Cards send one prompt at a time: M/G/1, of whichever side has fewer copies. Then the step that runs ends.
            var (one, two) = Mix.OverPrompts(p => TransferOf(p).Seconds);
            var each = requestsPerSecond / Math.Min(Copies, PrefillCopies);
            var residual = (1 - Math.Exp(-batch)) * Step(Math.Max(batch, 1)).Total.Seconds / 2;
            perToken += (one + (each * two / (2 * (1 - (each * one)))) + residual) / Mix.Steps;
        }
        return new(requestsPerSecond, Duration.FromSeconds(wait + mean), Duration.FromSeconds(perToken), Duration.FromSeconds(wait), batch, used,
            batch + (4 * Math.Sqrt(batch / Math.Max(1e-6, 1 - Elasticity(Math.Max(batch, 1), rate)))) <= most && (used <= MostInBursts || Prefill is not null || TimesOf(1).Chunks <= FewChunks));

        // Time per token, if tokens took so long.
        double Mixed(double pass)
        {
            var seen = Math.Min(1 + (rate * Mix.Steps * pass), most);
            if (Prefill is not null || rate == 0) return Step(seen).Total.Seconds;
            return Queue(seen, rate, 0) is { IsStable: true } queue ? queue.PerToken(Mix.Steps, Mix.Prompt, Chunk, Decode.Replica.Groups) : double.PositiveInfinity;
        }
    }

    // The smallest time that is what it makes of itself, from below by secants: times grow faster and faster with the batch, so that secants never reach beyond it.
    static double? Settled(double least, double most, Func<double, double> of)
    {
        var (x, beyond) = (least, of(least) - least);
        if (!double.IsFinite(beyond)) return null;
        double? before = null, was = null;
        for (var i = 0; i < MostRounds; i++)
        {
            if (beyond <= 1e-7 * x) return x <= most * (1 + 1e-6) ? x : null;
            var step = before is { } b && was is { } w && w > beyond ? beyond * (x - b) / (w - beyond) : beyond;
            // Where the queue would grow without bound the way is halved.
            var next = x + Math.Max(step, beyond);
            var made = of(next);
            while (!double.IsFinite(made) && next - x > 1e-9 * x)
            {
                next = x + ((next - x) / 2);
                made = of(next);
            }
            if (!double.IsFinite(made) || next > 2 * most) return null;
            (before, was, x, beyond) = (x, beyond, next, made - next);
        }
        return null;
    }

    // By how many per cent a step grows with a per cent more sequences, prompts arriving as they do.
    double Elasticity(double batch, double rate)
    {
        const double More = 0.01;
        double StepOf(double sequences) => Prefill is null && rate > 0 ? Queue(sequences, rate, 0).Pass : Step(sequences).Total.Seconds;

        return ((StepOf(batch * (1 + More)) / StepOf(batch)) - 1) / More;
    }

    /// <summary>The largest rate at which both mean times stay within objectives; 0 where not even a request alone does.</summary>
    /// <param name="firstToken">Longest mean time to the first token; any where null.</param>
    /// <param name="perToken">Longest mean time per token; any where null.</param>
    public ServingLimit LargestRate(Duration? firstToken, Duration? perToken)
    {
        var limit = Limit();
        if (Misses(At(0)) is { } alone) return new(0, alone);
        if (firstToken is null && perToken is null) return limit;
        double low = 0, high = limit.RequestsPerSecond;
        for (var i = 0; i < Halvings; i++)
        {
            var middle = (low + high) / 2;
            if (Misses(At(middle)) is null) low = middle;
            else high = middle;
        }
        // The next rate up tells which of them it is.
        return high == limit.RequestsPerSecond ? limit : new(low, Misses(At(Math.Min(high * (1 + 1e-9), limit.RequestsPerSecond * (1 - 1e-12)))) ?? limit.Binds);

        string? Misses(ServingForecast answer) =>
            !answer.IsStable ? limit.Binds
            : firstToken is { } first && answer.FirstToken > first ? "time to first token"
            : perToken is { } token && answer.PerToken > token ? "time per token"
            : null;
    }
}
