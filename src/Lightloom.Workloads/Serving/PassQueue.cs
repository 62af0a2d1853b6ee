// Prompts that wait for the passes of one copy, several of them in one pass, in closed form.
//
//   λ, P     prompts a second, their tokens                        b       sequences that get a token in every pass
//   D, C, B  groups, most tokens of prompts that one of them takes in a pass, B = D C
//   Q        tokens that wait when a pass starts; it takes c = min(Q, B) of them; R = Q − c stays, A comes meanwhile: Q' = R + A
//   S(c)     time of the pass: kernels and collectives (ForwardPass.cs) at six c, straight lines between; the fullest group has max(c / D, min(c, P, C)) tokens
//   nothing waits      p_0: a pass of S_0 with tokens of sequences alone, or with the chance i, nobody being in work, a time 1/λ to the next arrival;
//            i / λ of i / λ + (1 − i) S_0 is the share of that time in which nobody is in work
//
//   flow     E[c] = E[A] = λ E[P] E[S]
//   squares  E[R] = (E[A²] − E[c²]) / (2 (B − λ E[P] S(B))),  E[A²] = λ E[P²] E[S] + (λ E[P])² E[S²; not idle]         from E[Q'²] = E[Q²], exact: where R > 0 the
//            pass is full. E[Q²] = E[R²] + 2 E[R] λ E[P] S(B) + E[A²]
//   closure  what waits if anything does is lognormal with these two moments over 1 − p: E[S], E[S²], E[c], E[c²] are sums of normal probabilities; iterated. E[R²] = 2 E[R] (E[R] + o),
//            o what is left over where anything is: half of a prompt as arrivals find it, or of the deviation of A
//            p = p_0 (1 − i) e^{−λ S_0} + P(0 < Q ≤ B) e^{−λ E[S | 0 < Q ≤ B]};  p_0 = p where two prompts fit a pass, else so that the flow is kept. With several groups
//            a pass of k prompts that are n chunks each ends all of them with the chance n^−k
//   a token  takes E[S] over passes that are not idle, and of what came while its prompt waited and passed a part: λ E[P] (W + X) tokens over O − 1 passes
//   a prompt that arrives waits r = E[S²; not idle] / (2 E[S]) for the pass to end, with H = E[R] S(B) / E[S] + λ E[P] r tokens ahead of it; then
//            n = Σ_k P(H / D + P > k C) full passes, H being nothing or exponential, and the pass that ends it
//
// Worked example: S(c) = 10 ms + c·10 us, P = 1,000 always, B far above what waits, b large, λ = 20: with λ P·10 us = 0.2 a pass takes E[S] = 10 ms / 0.8 = 12.5 ms;
// its variance is (10 us)²·λ P² E[S] / (1 − 0.04) = 26.04 ms², E[S²] = 182.3 ms² and r = 7.29 ms.

namespace Lightloom.Workloads.Serving;

/// <summary>Times of one pass of a copy: with so many tokens of prompts beside the sequences that it decodes.</summary>
sealed class PassTimes
{
    const int Nodes = 6;

    readonly double[] tokens = new double[Nodes], times = new double[Nodes]; // s

    /// <summary>Tables a pass.</summary>
    /// <param name="pass">The copy.</param>
    /// <param name="mix">Its requests.</param>
    /// <param name="sequences">Sequences that get a token in each pass.</param>
    /// <param name="chunk">Most tokens of prompts of one group.</param>
    public PassTimes(ForwardPass pass, RequestMix mix, double sequences, int chunk)
    {
        var (groups, reached) = (pass.Replica.Groups, sequences * pass.Reach(mix.MeanContext));
        (IsOneGroup, Chunks) = (groups == 1, mix.OverPrompts(p => Math.Ceiling(p / (double)chunk)).Mean);
        Budget = groups * (double)chunk;
        Plain = sequences > 0 ? pass.Of(new(sequences, reached)).Total.Seconds : 0;
        var pairs = mix.OverPrompts(p => pass.Prompt(p).Pairs).Mean / mix.OverPrompts(p => p).Mean;
        double each = Math.Min(mix.Prompt, chunk), context = mix.Prompt <= chunk ? mix.Prompt : (mix.Prompt + chunk) / 2.0;
        for (var j = 0; j < Nodes; j++)
        {
            var c = Budget * Math.Pow(2, j == 0 ? -6 : j - Nodes + 1);
            var fullest = Math.Max(c / groups, Math.Min(c, each));
            PromptWork work = new(fullest, fullest * pairs, fullest / each * pass.Reach(context), fullest / each * (context - each), fullest / mix.Prompt);
            (tokens[j], times[j]) = (c, pass.Of(new(sequences, reached) { Mixed = work, MixedTokens = c }).Total.Seconds);
        }
    }

    /// <summary>Tables given times, for tests.</summary>
    internal PassTimes(double plain, double budget, Func<double, double> time)
    {
        (Plain, Budget) = (plain, budget);
        for (var j = 0; j < Nodes; j++)
        {
            tokens[j] = budget * Math.Pow(2, j == 0 ? -6 : j - Nodes + 1);
            times[j] = time(tokens[j]);
        }
    }

    /// <summary>Whether the copy is one group of ranks.</summary>
    public bool IsOneGroup { get; } = true;

    /// <summary>Passes that a prompt takes by itself on the mean.</summary>
    public double Chunks { get; } = 1;

    /// <summary>Most tokens of prompts in one pass, all groups together.</summary>
    public double Budget { get; }

    /// <summary>A pass without prompts, in s; none where nothing is decoded.</summary>
    public double Plain { get; }

    /// <summary>A pass that is full, in s.</summary>
    public double Full => times[^1];

    /// <summary>A pass with so many tokens of prompts, in s.</summary>
    public double At(double c)
    {
        if (c <= tokens[0]) return times[0];
        var j = 1;
        while (j < Nodes - 1 && c > tokens[j]) j++;
        return times[j - 1] + ((Math.Min(c, tokens[j]) - tokens[j - 1]) * Slope(j));
    }

    /// <summary>E[S; Q ≤ B] and E[S²; Q ≤ B] of a lognormal Q.</summary>
    public (double Mean, double Square) Over(in Lognormal q)
    {
        var (zero, one, two) = q.Below(tokens[0]);
        double mean = times[0] * zero, square = times[0] * times[0] * zero;
        for (var j = 1; j < Nodes; j++)
        {
            var (zeroTo, oneTo, twoTo) = q.Below(tokens[j]);
            var slope = Slope(j);
            var start = times[j - 1] - (slope * tokens[j - 1]);
            mean += (start * (zeroTo - zero)) + (slope * (oneTo - one));
            square += (start * start * (zeroTo - zero)) + (2 * start * slope * (oneTo - one)) + (slope * slope * (twoTo - two));
            (zero, one, two) = (zeroTo, oneTo, twoTo);
        }
        return (mean, square);
    }

    double Slope(int j) => (times[j] - times[j - 1]) / (tokens[j] - tokens[j - 1]);
}

/// <summary>A lognormal variable by its first two moments.</summary>
readonly struct Lognormal
{
    readonly double mean, square, middle, sigma;

    public Lognormal(double mean, double square)
    {
        (this.mean, this.square) = (mean, square);
        sigma = Math.Sqrt(Math.Max(1e-8, Math.Log(Math.Max(1, square / (mean * mean)))));
        middle = Math.Log(mean) - (sigma * sigma / 2);
    }

    /// <summary>Chance, mean and mean square of what is below a value.</summary>
    public (double Chance, double Mean, double Square) Below(double value)
    {
        var x = (Math.Log(value) - middle) / sigma;
        return (Normal(x), mean * Normal(x - sigma), square * Normal(x - (2 * sigma)));
    }

    // Abramowitz and Stegun 26.2.17, within 7.5e-8.
    static double Normal(double x)
    {
        var t = 1 / (1 + (0.2316419 * Math.Abs(x)));
        var tail = 0.3989422804014327 * Math.Exp(-x * x / 2) * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return x >= 0 ? 1 - tail : tail;
    }
}

/// <summary>Prompts in a queue before one copy's passes; see the equations at the head of this file.</summary>
sealed class PassQueue
{
    const int MostIterations = 400;

    readonly PassTimes times;
    readonly double rate, mean, square, idle;
    double none, with; // chances that nothing waits, and that something does
    double pass, passSquare, busy; // E[S], E[S²; not idle], E[S; not idle]
    double rest; // E[R]
    double rests; // P(R > 0)
    double each; // what a token of a prompt makes passes longer by

    /// <summary>Solves a queue.</summary>
    /// <param name="times">Its passes.</param>
    /// <param name="rate">Prompts a second; above 0.</param>
    /// <param name="prompts">Mean and mean square of their tokens.</param>
    /// <param name="idle">Share of the time in which nobody is decoded, of that in which nothing waits.</param>
    public PassQueue(PassTimes times, double rate, (double Mean, double Square) prompts, double idle)
    {
        (this.times, this.rate, (mean, square)) = (times, rate, prompts);
        // Shares of time are not those of passes: an idle one lasts until the next arrival.
        this.idle = times.Plain > 0 ? idle * times.Plain / (((1 - idle) / rate) + (idle * times.Plain)) : 1;
        IsStable = rate * mean * times.Full < times.Budget * (1 - 1e-9);
        if (IsStable) Solve();
    }

    /// <summary>Whether what waits stays finite.</summary>
    public bool IsStable { get; }

    /// <summary>A pass that is not idle on the mean, in s.</summary>
    public double Pass => busy / (1 - (none * idle));

    /// <summary>Time per token of an answer, in s: a pass, and what came while its prompt waited and passed, which is in the passes that follow.</summary>
    /// <param name="steps">Steps of the answer.</param>
    /// <param name="prompt">Tokens of a prompt.</param>
    /// <param name="chunk">Most of them in one pass.</param>
    /// <param name="groups">Groups of the copy.</param>
    public double PerToken(double steps, int prompt, int chunk, int groups)
    {
        var own = Math.Ceiling(prompt / (double)chunk) - 1;
        var first = Wait(prompt, chunk, groups) + (own * times.At(chunk)) + times.At(prompt - (own * chunk));
        return Pass + (rate * mean * first * each / steps);
    }

    /// <summary>Share of the passes that are not idle which have tokens of prompts.</summary>
    public double WithPrompts => with / (1 - (none * idle));

    void Solve()
    {
        var (budget, full) = (times.Budget, times.Full);
        var empty = ((1 - idle) * times.Plain) + (idle / rate); // a pass without prompts, or the wait for one
        var shaped = Math.Exp(-rate * Math.Max(times.Plain, times.At(mean))); // p_0 by which the shape of what waits is scaled
        var (waits, waitsSquare) = (mean * (1 - shaped), square * (1 - shaped));
        for (var i = 0; i < MostIterations; i++)
        {
            Lognormal q = new(waits / (1 - shaped), waitsSquare / (1 - shaped));
            var (below, belowMean, belowSquare) = q.Below(budget);
            var (some, someSquare) = times.Over(q);
            double taken = belowMean + (budget * (1 - below)), takenSquare = belowSquare + (budget * budget * (1 - below));
            double filled = some + ((1 - below) * full), filledSquare = someSquare + ((1 - below) * full * full);
            // Where a pass takes several prompts, whether anything waits follows from whether anything came; where prompts fill passes, from as many as the flow needs.
            var slack = 1 - (rate * mean * (filled - empty) / taken);
            with = 2 * mean <= budget ? 1 - shaped : Math.Min(1, slack > 0 ? rate * mean * empty / slack / taken : 1);
            none = 1 - with;
            busy = (none * (1 - idle) * times.Plain) + (with * filled);
            pass = (none * empty) + (with * filled);
            passSquare = (none * (1 - idle) * times.Plain * times.Plain) + (with * filledSquare);
            var came = (rate * square * pass) + (rate * rate * mean * mean * passSquare);
            rest = Math.Max(0, (came - (with * takenSquare)) / (2 * (budget - (rate * mean * full))));
            // What is left over, if anything is: half of a prompt, or of what a pass's arrivals swing by, and as much again as there is on the mean.
            var over = rest + Math.Max(square / (2 * mean), Math.Sqrt(Math.Max(0, came - (rate * mean * pass * rate * mean * pass))) / 2);
            (rests, each) = (rest / over, (filled - times.Plain) / taken);
            var restSquare = 2 * rest * over;
            // Of several groups none takes more of a prompt than its own budget.
            var ended = times.Chunks > 1 && !times.IsOneGroup ? Math.Pow(times.Chunks, -Math.Max(1, waits / (1 - shaped) / mean)) : 1;
            var nothing = (none * (1 - idle) * Math.Exp(-rate * times.Plain)) + (below > 0 ? with * below * ended * Math.Exp(-rate * some / below) : 0);
            var (was, wasShaped) = (waits, shaped);
            // Halfway, for where nobody is in work an empty queue follows a full one and the other way round.
            shaped = Math.Clamp((shaped + nothing) / 2, 1e-9, 1 - 1e-9);
            waits = rest + (rate * mean * pass);
            waitsSquare = Math.Max(waits * waits / (1 - shaped) * (1 + 1e-9), restSquare + (2 * rest * rate * mean * full) + came);
            if (Math.Abs(waits - was) < 1e-7 * waits && Math.Abs(shaped - wasShaped) < 1e-7 * (1 - shaped)) break;
        }
    }

    /// <summary>Time from arrival to the first token less that of the prompt's own passes alone, in s.</summary>
    /// <param name="prompt">Tokens of the prompt.</param>
    /// <param name="chunk">Most of them in one pass.</param>
    /// <param name="groups">Groups of the copy.</param>
    public double Wait(int prompt, int chunk, int groups)
    {
        var residual = passSquare / (2 * pass);
        var ahead = (rest * times.Full / pass) + (rate * mean * residual);
        var own = Math.Ceiling(prompt / (double)chunk) - 1;
        var left = prompt - (own * chunk);
        var more = 0.0;
        if (ahead > 0)
        {
            var some = Math.Clamp(1 - ((1 - Math.Min(1, rests * times.Full / pass)) * Math.Exp(-rate * residual)), 1e-9, 1);
            var decay = some * groups / ahead;
            more = some * Math.Exp(-(chunk - left) * decay) / (1 - Math.Exp(-chunk * decay));
        }
        var ends = Math.Clamp(ahead + left - (more * times.Budget) + (rate * mean * (residual + ((own + more) * times.Full))), left, times.Budget);
        // A long prompt's own passes take others along, too.
        var beside = own > 0 ? own * (times.At(Math.Min(times.Budget, chunk + (rate * mean * pass))) - times.At(chunk)) : 0;
        return residual + (more * times.Full) + beside + times.At(ends) - times.At(left);
    }
}
