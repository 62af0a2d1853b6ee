// What is left of a job while parts are down that stand in for each other: routes between sites, and the sites.
//
//   part        fails in ways k, each λ_k a second and back after R_k on the mean, in no way twice at once:  u = 1 − Π_k 1/(1 + λ_k·R_k)
//   p(S)        Π over S of u · Π over the rest of (1 − u), S the parts that are down; states with more down than are listed make no progress
//   pace        Σ p(S)·kept(S)
//   alone       where those that are cut off train on by themselves, that counts for L at most:  kept = joined + (alone − joined)·A,
//               A = Σ λ_k·R_k·(1 − e^{−L/R_k}) / Σ λ_k·R_k over the ways of the parts in S: the share of exponential outages within their first L
//   stops       Σ p(S) Σ_{c not in S} λ_c·[S ∪ c leaves another team]  a second: detection, restart, back to the last checkpoint; and as often, unless nothing
//               was left, a checkpoint and a planned restart with all again
//   waits       Σ p(S) over the states in which nothing goes on
//
// Worked example, two sites and a route that is cut 1.5 times a year for 12 h: u = 0.20491 %. A job that goes on at 0.51 of its pace with one site keeps
// 1 − 0.49·0.0020491 = 99.8996 %; one that waits 99.7951 %; one whose sites go on alone for L = 1 h, A = 1 − e^{−1/12} = 7.996 %, 99.9076 %.

using Lightloom.Quantities;

namespace Lightloom.Planning.Reliability;

/// <summary>What is left of a job while certain parts are down.</summary>
/// <param name="Down">The parts, bit by bit.</param>
/// <param name="Kept">Pace of those that are still joined, over that with all up; 0 where the job waits.</param>
/// <param name="Alone">Pace while those that are cut off train on by themselves; as <paramref name="Kept"/> where they don't.</param>
/// <param name="Team">Who goes on, bit by bit; another team stops the job and starts it anew. 0 where it waits.</param>
public readonly record struct OutageState(ulong Down, double Kept, double Alone, ulong Team);

/// <summary>What states leave in the long run.</summary>
/// <param name="Pace">Pace over that with all up, waiting counted.</param>
/// <param name="Waits">Share of the time in which nothing goes on.</param>
/// <param name="Stops">Times a second that another team has to start.</param>
/// <param name="Rejoins">Times a second that a team which went on is joined by others again.</param>
public readonly record struct OutagesLeft(double Pace, double Waits, double Stops, double Rejoins)
{
    internal static OutagesLeft Everything => new(1, 0, 0, 0);
}

/// <summary>A job while parts are down that stand in for each other; see the equations at the head of this file. Immutable.</summary>
public sealed class OutageStates
{
    /// <summary>The most parts.</summary>
    public const int MostParts = 64;

    readonly Dictionary<ulong, OutageState> byDown;
    readonly OutageState[] states;
    readonly ulong[] reached; // team after part c fails too in state s at [s · parts + c]; that of s where it is down

    /// <summary>Lists the states.</summary>
    /// <param name="parts">Names of the parts.</param>
    /// <param name="states">What is left, all up first; states that are not listed make no progress.</param>
    /// <param name="counts">How long those that are cut off count while they train on alone.</param>
    /// <exception cref="ArgumentException">There are more than <see cref="MostParts"/> parts, or the first state has parts down.</exception>
    public OutageStates(IReadOnlyList<string> parts, IReadOnlyList<OutageState> states, Duration counts)
    {
        ArgumentNullException.ThrowIfNull(parts);
        ArgumentNullException.ThrowIfNull(states);
        if (parts.Count > MostParts) throw new ArgumentException($"expected at most {MostParts} parts, found {parts.Count}", nameof(parts));
        if (states is not [{ Down: 0 }, ..]) throw new ArgumentException("expected the state with nothing down first", nameof(states));
        (Parts, this.states, Counts) = (parts, [.. states], counts);
        byDown = states.ToDictionary(s => s.Down);
        reached = new ulong[states.Count * parts.Count];
        for (var s = 0; s < states.Count; s++)
            for (var c = 0; c < parts.Count; c++) reached[(s * parts.Count) + c] = Of(states[s].Down | (1ul << c)).Team;
    }

    /// <summary>Names of the parts.</summary>
    public IReadOnlyList<string> Parts { get; }

    /// <summary>How long those that are cut off count while they train on alone.</summary>
    public Duration Counts { get; }

    /// <summary>What is left in a state.</summary>
    /// <param name="down">The parts that are down, bit by bit.</param>
    public OutageState Of(ulong down) => byDown.TryGetValue(down, out var state) ? state : new(down, 0, 0, 0);

    /// <summary>The long run of parts that fail as processes say.</summary>
    /// <param name="processes">All processes of the job; those without a part are passed over.</param>
    public OutagesLeft LongRun(IReadOnlyList<FailureProcess> processes)
    {
        ArgumentNullException.ThrowIfNull(processes);
        return LongRun(processes, default);
    }

    /// <summary>The long run of parts that fail as processes say. Allocates nothing.</summary>
    /// <param name="processes">All processes of the job; those without a part are passed over.</param>
    /// <param name="factors">What their figures are over those that are believed.</param>
    internal OutagesLeft LongRun(IReadOnlyList<FailureProcess> processes, in FigureFactors factors)
    {
        var n = Parts.Count;
        // Of each part: chance that it is up, failures a second, load Σ λ·R, and the share of its outages within their first L.
        Span<double> up = stackalloc double[n], rates = stackalloc double[n], loads = stackalloc double[n], early = stackalloc double[n];
        up.Fill(1);
        rates.Clear();
        loads.Clear();
        early.Clear();
        for (var i = 0; i < processes.Count; i++)
        {
            if (processes[i].Part is not { } part) continue;
            var (rate, repair) = (processes[i].Total.PerSecond * factors.Of(i, FigureRole.Rate), processes[i].Repair.Seconds * factors.Of(i, FigureRole.Repair));
            var load = rate * repair;
            up[part] /= 1 + load;
            rates[part] += rate;
            loads[part] += load;
            if (load > 0) early[part] -= load * CheckpointIntervals.ExponentialLessOne(-Counts.Seconds / repair);
        }
        var all = 1.0;
        for (var c = 0; c < n; c++) all *= up[c];
        double pace = 0, listed = 0, waits = 0, stops = 0, rejoins = 0;
        for (var s = 0; s < states.Length; s++)
        {
            var state = states[s];
            double share = all, load = 0, first = 0;
            for (var c = 0; c < n; c++)
            {
                if ((state.Down >> c & 1) == 0) continue;
                share *= (1 - up[c]) / up[c];
                load += loads[c];
                first += early[c];
            }
            listed += share;
            if (state.Team == 0) waits += share;
            pace += share * (state.Kept + (load > 0 ? (state.Alone - state.Kept) * first / load : 0));
            for (var c = 0; c < n; c++)
            {
                var then = reached[(s * n) + c];
                if (then == state.Team || (state.Down >> c & 1) != 0) continue;
                stops += share * rates[c];
                if (then != 0) rejoins += share * rates[c];
            }
        }
        return new(pace, waits + Math.Max(0, 1 - listed), stops, rejoins);
    }
}
