// Answers against load, in closed form. Requests arrive at random (Poisson) and are dealt at random over the copies.
//
//   λ, N     requests a second of one copy, copies         P, O   lengths (RequestMix.cs)        S(b, chunk)  a pass (ForwardPass.cs) with b sequences
//   one pool, continuous batching with chunked prefill: each step gives every sequence in work one token, and takes the next chunk of at most C tokens
//   of the prompt at the head of the queue; a sequence is let in when all its tokens have a place beside the others, at most B sequences
//     b = λ (O - 1) τ                        sequences in work (Little 1961)
//     f = λ n τ,  n = E[⌈P / C⌉]             share of steps that carry a chunk
//     τ = (1 - f) S(b', 0) + f E[X'] / n     step, X' as X below with b' sequences; b' = 1 + b, at most B: a token sees its own sequence and the others
//     time per token        τ, the smallest root; none: the queue grows without bound
//     time to first token   W + X,  X = Σ over chunks of S(b, chunk)
//     W = λ E[X²] / (2 (1 - λ E[X])) + (1 - e^-b) S(b, 0) / 2    M/G/1 (Pollaczek 1930) whose server decodes when no prompt waits (vacations: Fuhrmann and Cooper 1985)
//   two pools: copies that prefill are M/G/1 with X = S(0, P), whole prompts one at a time; keys and values go over the fabric; copies that decode are
//     as above with f = 0. The first token comes from prefill, the time per token has transfer and the wait for a step's end in it, over O - 1 tokens
//   transfer   κ(P) / min(T_p, T_d) bytes from one card to another, T_p and T_d tensor ranks of both; a card sends and receives one at a time
//   largest rate    one pool: b = B, or every step has its chunk, b = (O - 1)/n; two pools: prefill's 1 / E[X], decode's B / ((O - 1) S(B, 0)), transfer's
//
//   requests that never run out, one pool: every step has b sequences and, as old ones leave, the prompts of b / (O - 1) new ones, several in one pass,
//                   at most C tokens of them: b = min(B, (O - 1) C / P); N b O / ((O - 1) S) tokens of answers a second
//
// What it leaves out: the batch's swings about its mean (S is nearly linear), and waiting for a place. It is said to hold while b + 3 √v is at most B:
//     v = b / (1 - e),  e = d ln τ / d ln b    variance of the batch: Poisson's where steps don't depend on it; where they do, answers take longer in large
//                                              batches, which makes them larger still (linear noise about b = λ (O - 1) τ(b))
//
// Worked example: S(b, 0) = 10 ms + b·0.1 ms and prompts of one chunk that make a step 50 ms longer, λ = 2, O = 101: τ = (1 - f) S + f (S + 50 ms) =
// 10.1 ms + 0.1 ms·200 τ + 50 ms·2 τ, so τ = 10.1 ms / (1 - 0.02 - 0.1) = 11.48 ms, b = 2.30 and f = 2.3 %.

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

    /// <summary>Most tokens of a prompt that one pass takes.</summary>
    public required int Chunk { get; init; }

    /// <summary>Room for keys and values on one accelerator that decodes.</summary>
    public required DataSize CacheRoom { get; init; }

    /// <summary>A copy that takes prompts alone; null for one pool.</summary>
    public ForwardPass? Prefill { get; init; }

    /// <summary>Such copies.</summary>
    public int PrefillCopies { get; init; }

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
            var chunk = Math.Min(Prefill is null ? Chunk : prompt, prompt - done);
            time += Pass(beside, chunk, done, done + chunk == prompt).Total;
            done += chunk;
        }
        return time;
    }

    PassTime Pass(double sequences, int chunk, int earlier, bool ends) =>
        (Prefill ?? Decode).Of(new(sequences, sequences * Decode.Reach(Mix.MeanContext), chunk, earlier, ends));

    double ChunksPerPrompt => Mix.OverPrompts(p => Math.Ceiling(p / (double)Chunk)).Mean;

    // On the mean over all chunks of all prompts.
    double StepWithChunk(double sequences, double chunks) => Mix.OverPrompts(p => PromptTime(p, sequences).Seconds).Mean / chunks;

    /// <summary>What requests can't exceed for long.</summary>
    public ServingLimit Limit()
    {
        var most = MostSequences;
        if (most == 0) return new(0, "memory for keys and values");
        if (Prefill is null)
        {
            var chunks = ChunksPerPrompt;
            var batch = Math.Min(most, Mix.Steps / chunks);
            if (Mix.Steps == 0 || batch < most) return new(Copies / (chunks * StepWithChunk(Math.Min(batch + 1, most), chunks)), $"prefill, by {PromptBinds(batch)}");
            var share = most * chunks / Mix.Steps;
            var step = ((1 - share) * Step(most).Total.Seconds) + (share * StepWithChunk(most, chunks));
            return new(Copies * most / (Mix.Steps * step), "memory for keys and values");
        }
        var limit = new ServingLimit(PrefillCopies / Mix.OverPrompts(p => PromptTime(p).Seconds).Mean, $"prefill, by {PromptBinds(0)}");
        if (Mix.Steps == 0) return limit;
        var decode = Copies * most / (Mix.Steps * Step(most).Total.Seconds);
        if (decode < limit.RequestsPerSecond) limit = new(decode, "memory for keys and values of the decoding pool");
        var transfer = Math.Min(Copies, PrefillCopies) / Mix.OverPrompts(p => TransferOf(p).Seconds).Mean;
        return transfer < limit.RequestsPerSecond ? new(transfer, "network between the pools") : limit;
    }

    string PromptBinds(double beside) => Pass(beside, Math.Min(Prefill is null ? Chunk : Mix.Prompt, Mix.Prompt), 0, true).Binds;

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
        var chunks = Prefill is null ? ChunksPerPrompt : 0;
        double Mixed(double step)
        {
            var seen = Math.Min(1 + (rate * Mix.Steps * step), most);
            var share = rate * chunks * step;
            var plain = Step(seen).Total.Seconds;
            return share > 0 ? ((1 - share) * plain) + (share * StepWithChunk(seen, chunks)) : plain;
        }

        var low = Step(1).Total.Seconds;
        var high = rate > 0 ? Math.Min(Mix.Steps > 0 ? most / (rate * Mix.Steps) : double.PositiveInfinity, chunks > 0 ? 1 / (rate * chunks) : double.PositiveInfinity) : low;
        if (double.IsInfinity(high)) high = low;
        if (high < low || Mixed(high) > high * (1 + 1e-9)) return never;
        for (var i = 0; i < 100 && high - low > 1e-10 * high; i++)
        {
            var middle = (low + high) / 2;
            if (Mixed(middle) > middle) low = middle;
            else high = middle;
        }
        var (batch, busy) = (rate * Mix.Steps * high, 0.0);
        busy = 1 - Math.Exp(-batch);
        var residual = busy * Step(Math.Max(batch, 1)).Total.Seconds / 2;
        var beside = Prefill is null ? batch : 0;
        var prompts = Prefill is null ? rate : requestsPerSecond / PrefillCopies;
        var (mean, square) = Mix.OverPrompts(p => PromptTime(p, beside).Seconds);
        var used = prompts * mean;
        if (used >= 1) return never;
        var wait = (prompts * square / (2 * (1 - used))) + (Prefill is null ? residual : 0);
        var perToken = high;
        if (Prefill is not null && Mix.Steps > 0)
        {
            // Cards send one prompt at a time: M/G/1 again, of whichever side has fewer copies.
            var (one, two) = Mix.OverPrompts(p => TransferOf(p).Seconds);
            var each = requestsPerSecond / Math.Min(Copies, PrefillCopies);
            perToken += (one + (each * two / (2 * (1 - (each * one)))) + residual) / Mix.Steps;
        }
        return new(requestsPerSecond, Duration.FromSeconds(wait + mean), Duration.FromSeconds(perToken), Duration.FromSeconds(wait), batch, used,
            batch + (4 * Math.Sqrt(batch / Math.Max(1e-6, 1 - Elasticity(Math.Max(batch, 1), rate, chunks)))) <= most);
    }

    // By how many per cent a step grows with a per cent more sequences, chunks arriving as they do: τ = S / (1 - λ n (E[X] / n - S)).
    double Elasticity(double batch, double rate, double chunks)
    {
        const double More = 0.01;
        double StepOf(double sequences)
        {
            var plain = Step(sequences).Total.Seconds;
            return chunks > 0 ? plain / Math.Max(1e-9, 1 - (rate * chunks * (StepWithChunk(sequences, chunks) - plain))) : plain;
        }

        return ((StepOf(batch * (1 + More)) / StepOf(batch)) - 1) / More;
    }

    /// <summary>The largest rate at which both mean times stay within objectives; 0 where not even a request alone does.</summary>
    /// <param name="firstToken">Longest mean time to the first token; any where null.</param>
    /// <param name="perToken">Longest mean time per token; any where null.</param>
    public ServingLimit LargestRate(Duration? firstToken, Duration? perToken)
    {
        var limit = Limit();
        if (Misses(At(0)) is { } alone) return new(0, alone);
        double low = 0, high = limit.RequestsPerSecond;
        for (var i = 0; i < 30; i++)
        {
            var middle = (low + high) / 2;
            if (Misses(At(middle)) is null) low = middle;
            else high = middle;
        }
        // The next rate up tells which of them it is.
        return low > limit.RequestsPerSecond * (1 - 1e-8) ? limit : new(low, Misses(At(Math.Min(high * (1 + 1e-9), limit.RequestsPerSecond * (1 - 1e-12)))) ?? limit.Binds);

        string? Misses(ServingForecast answer) =>
            !answer.IsStable ? limit.Binds
            : firstToken is { } first && answer.FirstToken > first ? "time to first token"
            : perToken is { } token && answer.PerToken > token ? "time per token"
            : null;
    }
}
