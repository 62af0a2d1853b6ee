// The same cluster played out pass by pass: what the closed form (ServingSystem.cs) expects, without its assumptions.
//
//   arrivals   exponential gaps; each request is dealt to a copy at random, its lengths drawn (RequestMix.cs)
//   one pool   a copy repeats: let in the prompt at the head of the queue if all of its tokens have a place; one pass with a token for every sequence in
//              work and the next chunk of that prompt; times of the sequences as they are, not their means
//   two pools  copies that prefill take whole prompts in turn; keys and values then leave one at a time, and arrive one at a time; a copy that decodes
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
            var (area, time) = new Copy(system).Serve([.. copy.OrderBy(r => r.Ready).ThenBy(r => r.Number)]);
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
            double free = 0, sent = 0;
            foreach (var request in copy)
            {
                free = Math.Max(free, request.Arrival) + system.PromptTime(request.Prompt).Seconds;
                (request.First, request.Last, request.Passed) = (free, free, request.Prompt);
                sent = Math.Max(sent, free) + system.TransferOf(request.Prompt).Seconds;
                (request.Ready, request.Made) = (sent, 1);
            }
        }
    }

    sealed class Copy(ServingSystem system)
    {
        readonly List<Request> working = [];
        readonly double room = system.CacheRoom.Bytes * system.Decode.Replica.Groups;
        double taken;

        /// <summary>Serves requests in the order in which they are ready; sequences times seconds, and seconds, of its passes that decode.</summary>
        public (double Area, double Time) Serve(Request[] requests)
        {
            double now = 0, area = 0, time = 0;
            var next = 0;
            Request? prompt = null;
            while (next < requests.Length || prompt is not null || working.Count > 0)
            {
                if (working.Count == 0 && prompt is null) now = Math.Max(now, requests[next].Ready);
                while (prompt is null && next < requests.Length && requests[next].Ready <= now && Enters(requests[next]))
                {
                    if (requests[next].Passed < requests[next].Prompt) prompt = requests[next];
                    else working.Add(requests[next]);
                    next++;
                }
                var chunk = prompt is null ? 0 : Math.Min(system.Chunk, prompt.Prompt - prompt.Passed);
                var reached = 0.0;
                foreach (var sequence in working) reached += system.Decode.Reach(sequence.Context);
                var ends = prompt is not null && prompt.Passed + chunk == prompt.Prompt;
                var pass = system.Decode.Of(new(working.Count, reached, chunk, prompt?.Passed ?? 0, ends)).Total.Seconds;
                now += pass;
                if (working.Count > 0) (area, time) = (area + (working.Count * pass), time + pass);
                Decoded(now);
                if (prompt is null) continue;
                prompt.Passed += chunk;
                if (!ends) continue;
                (prompt.First, prompt.Last, prompt.Made) = (now, now, 1);
                if (prompt.Output > 1) working.Add(prompt);
                else taken -= SpaceOf(prompt);
                prompt = null;
            }
            return (area, time);
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
            Math.Min(room, system.Decode.Replica.CacheOf(request.Prompt + request.Output).Bytes / system.Decode.Replica.CacheSplit);

        bool Enters(Request request)
        {
            var space = SpaceOf(request);
            if (working.Count == 0) taken = 0; // what rounding left
            if (taken + space > room) return false;
            taken += space;
            return true;
        }
    }
}
