// The same cluster played out pass by pass: what the closed form (ServingSystem.cs) expects, without its assumptions.
//
//   arrivals   exponential gaps; each request is dealt to a copy at random, its lengths drawn (RequestMix.cs)
//   one pool   a copy repeats: one pass with a token for every sequence in work, and in each group of ranks up to so many tokens of its prompts: those that are begun
//              first, then from the head of the queue, into the group with most room, as long as all of a prompt's tokens have a place; lengths as they are, not their means
//   two pools  copies that prefill do the same without sequences; keys and values then leave one at a time, and arrive one at a time; a copy that decodes
//              lets in who has arrived and has a place
//   alike      requests are dealt at random, so that copies are independent and alike: one of so many equal parts of the cluster is played out, with its share of
//              the requests, for as much longer
//   results    of the requests behind the first fifth, which fills the cluster
//
// Example: requests so rare that none meets another take exactly the passes of a prompt, and of a lone sequence, one after the other.

using Lightloom.Quantities;

namespace Lightloom.Workloads.Serving;

/// <summary>What happened to simulated requests.</summary>
public sealed class SimulatedServing
{
    readonly double[] first; // s, sorted
    readonly double[] gaps; // s a token of each request with more than one, sorted

    internal SimulatedServing(double[] first, double[] gaps, double batch)
    {
        Array.Sort(first);
        Array.Sort(gaps);
        (this.first, this.gaps, Batch) = (first, gaps, batch);
    }

    /// <summary>Requests that are counted.</summary>
    public int Requests => first.Length;

    /// <summary>Mean time to the first token.</summary>
    public Duration FirstToken => Duration.FromSeconds(first.Average());

    /// <summary>Mean time per token of a request, on the mean over requests.</summary>
    public Duration PerToken => Duration.FromSeconds(gaps.Length > 0 ? gaps.Average() : 0);

    /// <summary>Sequences of a pass that decodes, on the mean over passes' time.</summary>
    public double Batch { get; }

    /// <summary>The time to the first token that a share of the requests stays within.</summary>
    /// <param name="share">From 0 to 1.</param>
    public Duration FirstTokenAt(double share) => At(first, share);

    /// <summary>The mean time per token that a share of the requests stays within.</summary>
    /// <param name="share">From 0 to 1.</param>
    public Duration PerTokenAt(double share) => At(gaps, share);

    static Duration At(double[] sorted, double share) =>
        Duration.FromSeconds(sorted.Length == 0 ? 0 : sorted[Math.Clamp((int)Math.Ceiling(share * sorted.Length) - 1, 0, sorted.Length - 1)]);
}

/// <summary>Plays a serving cluster out; see the rules at the head of this file.</summary>
public static class ServingSimulation
{
    /// <summary>Requests that are enough for the 99th percentile of a few per cent.</summary>
    public const int UsualRequests = 8000;

    sealed class Request
    {
        public required double Arrival;
        public required int Prompt;
        public required int Output;
        public required int Number;
        public double Ready; // when its copy may take it up: its arrival, or that of its keys and values
        public double First; // when its first token came
        public double Last;
        public int Passed; // tokens of the prompt
        public int Made; // tokens of the answer

        public int Context => Prompt + Made;
    }

    /// <summary>Plays so many requests.</summary>
    /// <param name="system">The cluster.</param>
    /// <param name="requestsPerSecond">Requests that arrive, all copies together; above 0.</param>
    /// <param name="requests">How many; at least 10.</param>
    /// <param name="seed">What its luck is derived from.</param>
    /// <exception cref="ArgumentOutOfRangeException">The rate isn't positive, there are too few requests, or no sequence has a place.</exception>
    public static SimulatedServing Run(ServingSystem system, double requestsPerSecond, int requests = UsualRequests, int seed = 1)
    {
        ArgumentNullException.ThrowIfNull(system);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(requestsPerSecond);
        ArgumentOutOfRangeException.ThrowIfLessThan(requests, 10);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(system.MostSequences, nameof(system));
        var parts = system.Prefill is null ? system.Copies : CommonDivisor(system.Copies, system.PrefillCopies);
        var random = new Random(seed);
        var all = new Request[requests];
        var now = 0.0;
        for (var i = 0; i < requests; i++)
        {
            now -= Math.Log(1 - random.NextDouble()) / (requestsPerSecond / parts);
            var (prompt, output) = system.Mix.Draw(random);
            all[i] = new() { Arrival = now, Ready = now, Prompt = prompt, Output = output, Number = i };
        }
        if (system.Prefill is not null) PrefillAll(system, all, system.PrefillCopies / parts, random);
        double batches = 0, busy = 0;
        foreach (var copy in Dealt(all.Where(r => r.Output > 1 || system.Prefill is null), system.Copies / parts, random))
        {
            var (area, time) = new Copy(system, system.Decode, system.Chunk, system.CacheRoom.Bytes * system.Decode.Replica.Groups).Serve([.. copy.OrderBy(r => r.Ready).ThenBy(r => r.Number)]);
            batches += area;
            busy += time;
        }
        var counted = all[(requests / 5)..];
        return new([.. counted.Select(r => r.First - r.Arrival)],
            [.. counted.Where(r => r.Output > 1).Select(r => (r.Last - r.First) / (r.Output - 1))], busy > 0 ? batches / busy : 0);
    }

    static int CommonDivisor(int a, int b) => b == 0 ? a : CommonDivisor(b, a % b);

    static List<Request>[] Dealt(IEnumerable<Request> requests, int copies, Random random)
    {
        var dealt = new List<Request>[copies];
        for (var i = 0; i < copies; i++) dealt[i] = [];
        foreach (var request in requests) dealt[random.Next(copies)].Add(request);
        return dealt;
    }

    static void PrefillAll(ServingSystem system, Request[] all, int copies, Random random)
    {
        foreach (var copy in Dealt(all, copies, random))
        {
            new Copy(system, system.Prefill!, system.PrefillChunk, double.PositiveInfinity).Serve([.. copy], ends: true);
            var sent = 0.0;
            foreach (var request in copy.OrderBy(r => r.First).ThenBy(r => r.Number))
            {
                sent = Math.Max(sent, request.First) + system.TransferOf(request.Prompt).Seconds;
                request.Ready = sent;
            }
        }
    }

    // A copy that makes passes; room for keys and values of all its groups, in bytes.
    sealed class Copy(ServingSystem system, ForwardPass pass, int chunk, double room)
    {
        readonly List<Request> working = [];
        readonly List<Request>[] begun = [.. Enumerable.Range(0, pass.Replica.Groups).Select(_ => new List<Request>())];
        readonly double[] left = new double[pass.Replica.Groups];
        readonly PromptWork[] works = new PromptWork[pass.Replica.Groups];
        double taken;

        /// <summary>Serves requests in the order in which they are ready; sequences times seconds, and seconds, of its passes that decode.</summary>
        /// <param name="requests">The requests.</param>
        /// <param name="ends">Whether they leave with their first token.</param>
        public (double Area, double Time) Serve(Request[] requests, bool ends = false)
        {
            double now = 0, area = 0, time = 0;
            var next = 0;
            List<Request> finished = [];
            while (next < requests.Length || working.Count > 0 || Array.Exists(begun, g => g.Count > 0))
            {
                if (working.Count == 0 && !Array.Exists(begun, g => g.Count > 0)) now = Math.Max(now, requests[next].Ready);
                finished.Clear();
                Array.Fill(left, chunk);
                Array.Clear(works);
                for (var g = 0; g < begun.Length; g++)
                    foreach (var prompt in begun[g]) Take(g, prompt, finished);
                while (next < requests.Length && requests[next].Ready <= now)
                {
                    var request = requests[next];
                    var g = Array.IndexOf(left, left.Max());
                    if ((request.Passed < request.Prompt && left[g] == 0) || !Enters(request)) break;
                    next++;
                    if (request.Passed >= request.Prompt)
                    {
                        working.Add(request);
                        continue;
                    }
                    begun[g].Add(request);
                    Take(g, request, finished);
                }
                var lasts = TimeOf();
                now += lasts;
                if (working.Count > 0) (area, time) = (area + (working.Count * lasts), time + lasts);
                Decoded(now);
                foreach (var prompt in finished)
                {
                    (prompt.First, prompt.Last, prompt.Made) = (now, now, 1);
                    if (prompt.Output > 1 && !ends) working.Add(prompt);
                    else taken -= SpaceOf(prompt);
                }
                foreach (var group in begun) group.RemoveAll(p => p.Passed == p.Prompt);
            }
            return (area, time);
        }

        double TimeOf()
        {
            double reached = 0, tokens = 0;
            foreach (var sequence in working) reached += pass.Reach(sequence.Context);
            var fullest = works[0];
            foreach (var work in works)
            {
                tokens += work.Tokens;
                if (work.Tokens > fullest.Tokens) fullest = work;
            }
            PassLoad load = new(working.Count, reached);
            return pass.Of(tokens > 0 ? load with { Mixed = fullest, MixedTokens = tokens } : load).Total.Seconds;
        }

        void Take(int group, Request prompt, List<Request> finished)
        {
            var tokens = (int)Math.Min(left[group], prompt.Prompt - prompt.Passed);
            if (tokens == 0) return;
            var ends = prompt.Passed + tokens == prompt.Prompt;
            works[group] += pass.Prompt(tokens, prompt.Passed, ends);
            (left[group], prompt.Passed) = (left[group] - tokens, prompt.Passed + tokens);
            if (ends) finished.Add(prompt);
        }

        void Decoded(double now)
        {
            var kept = 0;
            for (var i = 0; i < working.Count; i++)
            {
                var sequence = working[i];
                sequence.Made++;
                sequence.Last = now;
                if (sequence.Made < sequence.Output) working[kept++] = sequence;
                else taken -= SpaceOf(sequence);
            }
            working.RemoveRange(kept, working.Count - kept);
        }

        // One longer than all of the room is cut to it: it enters alone.
        double SpaceOf(Request request) =>
            double.IsInfinity(room) ? 0 : Math.Min(room, system.Decode.Replica.CacheOf(request.Prompt + request.Output).Bytes / system.Decode.Replica.CacheSplit);

        bool Enters(Request request)
        {
            var space = SpaceOf(request);
            if (working.Count == 0 && !Array.Exists(begun, g => g.Count > 0)) taken = 0; // what rounding left
            if (taken + space > room) return false;
            taken += space;
            return true;
        }
    }
}
