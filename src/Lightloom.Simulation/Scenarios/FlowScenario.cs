// Named cases of flows that others have played too, so that answers and speeds can be compared. All links carry 50 GB/s each way, without
// latency; all flows start at 0 but in rings.
//
//   random numbers     x <- 6364136223846793005 x + 1442695040888963407 (mod 2^64) [Knuth, MMIX]; x_0 = 1
//   permN, permNo      a permutation: for i = N-1 .. 1: j = (x >> 33) mod (i + 1), swap p_i, p_j; host i sends 1 GB to p_i, unless it is i
//   shiftN             host i sends 1 GB to i + m_1 + 1 (mod N): to another leaf, and another place there
//   a2aN, a2aNo        every host sends 1 MB to every other
//   ringN              all-reduce of 1 GB in 2 (N - 1) steps of floor(10^9 / N) B from r to r + 1; a host's next step begins when it has
//                      sent and received that of the last
//   lmmF               F flows over L = F / 2 links: capacities 10^9 (1 + 99 u) B/s, u = (x >> 11) / 2^53; then for each flow
//                      floor(10^9 (0.5 + u)) B and 4 links floor(u L), drawn again where drawn before
//
//   N hosts on the fat tree of two levels with m_1 = w_2 = 2^ceil(log2 N / 2) and m_2 = N / m_1, above 4,096 on that of three with
//   m = 32, 32, N / 1,024 and w = 1, 32, 32; "o": a quarter of the uplinks, w_2 = m_1 / 4. Routes are d-mod-k.
//
// Check: ring all-reduce takes 2 (N - 1) floor(10^9 / N) / 50e9 s: 39.375 ms for 64 hosts.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;
using Lightloom.Simulation.Flows;

namespace Lightloom.Simulation.Scenarios;

/// <summary>A named case: who sends what to whom, over which links. Flows are numbered in the order in which files list them.</summary>
public abstract class FlowScenario
{
    static readonly Bandwidth LinkRate = Bandwidth.FromGigabytesPerSecond(50);

    private protected FlowScenario(string name) => Name = name;

    /// <summary>Its name, such as "perm1024".</summary>
    public string Name { get; }

    /// <summary>Flows.</summary>
    public abstract long Flows { get; }

    /// <summary>What it is, in one line.</summary>
    public abstract string Description { get; }

    /// <summary>Who sends a flow, and who receives it.</summary>
    public abstract (int Source, int Destination) EndsOf(long flow);

    /// <summary>Bytes of a flow.</summary>
    public abstract double BytesOf(long flow);

    /// <summary>Plays it: routes included.</summary>
    public abstract ScenarioRun Run(FlowOptions? options = null);

    /// <summary>The case of a name.</summary>
    /// <exception cref="InputException">There is none; the message says what names there are.</exception>
    public static FlowScenario Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        // "a2a" has a digit of its own.
        if (Kinds.FirstOrDefault(k => name.StartsWith(k, StringComparison.Ordinal)) is { } kind) return Of(name, kind, name[kind.Length..]);
        throw new InputException($"there is no scenario '{name}'{Nearest.Hint(name.TrimEnd('o', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9'), Kinds)}; " +
            "expected permN, shiftN, a2aN or ringN with the number of hosts, or lmmF with that of flows, such as perm1024");
    }

    static readonly string[] Kinds = ["perm", "shift", "a2a", "ring", "lmm"];

    static FlowScenario Of(string name, string kind, string rest)
    {
        var thin = rest.EndsWith('o');
        var text = thin ? rest[..^1] : rest;
        if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var size))
            throw new InputException($"scenario '{name}': expected a number behind '{kind}', found '{rest}'");
        if (kind == "lmm")
        {
            if (thin || size < 8 || size > 10_000_000 || size % 2 != 0) throw new InputException($"scenario '{name}': expected an even number of flows from 8 to 10,000,000, found '{rest}'");
            return new RandomLinksScenario(name, size);
        }
        if (size < 4 || size > 1 << 20 || !int.IsPow2(size)) throw new InputException($"scenario '{name}': expected a number of hosts that is a power of two from 4 to 1,048,576, found '{text}'");
        if (thin && kind is not ("perm" or "a2a")) throw new InputException($"scenario '{name}': only perm and a2a have a tree with a quarter of the uplinks");
        var tree = Tree(name, size, thin);
        var pairs = kind switch { "a2a" => (long)size * (size - 1), "ring" => 2L * size * (size - 1), _ => size };
        if (kind == "a2a" && pairs > 100_000_000) throw new InputException($"scenario '{name}' would list {pairs:N0} flows, and the limit is 100,000,000");
        return kind switch
        {
            "perm" => PairsScenario.Permutation(name, tree),
            "shift" => PairsScenario.Shift(name, tree, ChildrenOf(size).First + 1),
            "a2a" => new AllToAllScenario(name, tree),
            _ => new RingScenario(name, tree),
        };
    }

    static (int First, int Second, int Third) ChildrenOf(int hosts)
    {
        if (hosts > 4096) return (32, 32, hosts / 1024);
        var first = 1 << ((int.Log2(hosts) + 1) / 2);
        return (first, hosts / first, 1);
    }

    static ExtendedFatTree Tree(string name, int hosts, bool thin)
    {
        var (first, second, third) = ChildrenOf(hosts);
        var uplinks = thin ? first / 4 : first;
        if (uplinks < 1) throw new InputException($"scenario '{name}': leaves of {first} hosts have no quarter of their uplinks");
        return third == 1 ? new([first, second], [1, uplinks], LinkRate) : new([first, second, third], [1, uplinks, 32], LinkRate);
    }
}

/// <summary>What became of a scenario's flows.</summary>
public sealed class ScenarioRun
{
    readonly Func<long, double> finish;

    internal ScenarioRun(FlowScenario scenario, double seconds, Func<long, double> finish, int classes, long batches, long decisions, bool complete)
    {
        (Scenario, Seconds, this.finish, Classes, Batches, Decisions, IsComplete) = (scenario, seconds, finish, classes, batches, decisions, complete);
    }

    internal ScenarioRun(FlowScenario scenario, FlowRun run)
        : this(scenario, run.Seconds, f => run.FinishOf((int)f), run.Classes, run.Batches, run.Decisions, run.IsComplete)
    {
    }

    /// <summary>The case.</summary>
    public FlowScenario Scenario { get; }

    /// <summary>When the last flow arrived, seconds.</summary>
    public double Seconds { get; }

    /// <summary>Classes of flows that were played.</summary>
    public int Classes { get; }

    /// <summary>Moments at which something happened.</summary>
    public long Batches { get; }

    /// <summary>Rates that were decided, all moments together: the work.</summary>
    public long Decisions { get; }

    /// <summary>Whether all flows arrived; false where the run was stopped.</summary>
    public bool IsComplete { get; }

    /// <summary>When a flow arrived, seconds; NaN: it hasn't.</summary>
    public double FinishOf(long flow) => finish(flow);
}

/// <summary>Random numbers of the scenarios.</summary>
sealed class ScenarioRandom(ulong seed)
{
    ulong x = seed;

    public ulong Next() => x = (x * 6364136223846793005UL) + 1442695040888963407UL;

    public double Uniform() => (Next() >> 11) / 9007199254740992.0;
}

/// <summary>Each host sends to one other.</summary>
sealed class PairsScenario : FlowScenario
{
    const double Size = 1e9;

    readonly ExtendedFatTree tree;
    readonly int[] source, destination;

    PairsScenario(string name, ExtendedFatTree tree, string description, int[] source, int[] destination)
        : base(name) => (this.tree, Description, this.source, this.destination) = (tree, description, source, destination);

    public override long Flows => source.Length;

    public override string Description { get; }

    public static PairsScenario Permutation(string name, ExtendedFatTree tree)
    {
        var to = new int[tree.Hosts];
        for (var i = 0; i < to.Length; i++) to[i] = i;
        var random = new ScenarioRandom(1);
        for (var i = to.Length - 1; i > 0; i--)
        {
            var j = (int)((random.Next() >> 33) % (ulong)(i + 1));
            (to[i], to[j]) = (to[j], to[i]);
        }
        int[] from = [.. Enumerable.Range(0, to.Length).Where(i => to[i] != i)];
        return new(name, tree, $"a random permutation of {tree.Hosts:N0} hosts, 1 GB each, on the fat tree {tree}", from, [.. from.Select(i => to[i])]);
    }

    public static PairsScenario Shift(string name, ExtendedFatTree tree, int by) =>
        new(name, tree, $"a shift of {tree.Hosts:N0} hosts by {by}, 1 GB each, on the fat tree {tree}", [.. Enumerable.Range(0, tree.Hosts)],
            [.. Enumerable.Range(0, tree.Hosts).Select(i => (i + by) % tree.Hosts)]);

    public override (int Source, int Destination) EndsOf(long flow) => (source[flow], destination[flow]);

    public override double BytesOf(long flow) => Size;

    public override ScenarioRun Run(FlowOptions? options = null) => new(this, FlowSimulation.Run(TreeFlows.Program(tree, source.Length, f => (source[f], destination[f]), Size), options));
}

/// <summary>Every host sends to every other.</summary>
sealed class AllToAllScenario(string name, ExtendedFatTree tree) : FlowScenario(name)
{
    const double Size = 1e6;

    public override long Flows => (long)tree.Hosts * (tree.Hosts - 1);

    public override string Description => $"every one of {tree.Hosts:N0} hosts sends 1 MB to every other, on the fat tree {tree}";

    public override (int Source, int Destination) EndsOf(long flow)
    {
        var (from, rest) = Math.DivRem(flow, tree.Hosts - 1);
        return ((int)from, (int)(rest < from ? rest : rest + 1));
    }

    public override double BytesOf(long flow) => Size;

    public override ScenarioRun Run(FlowOptions? options = null)
    {
        var (from, to) = (0, 0);
        // In order: the next pair follows from the last.
        (int, int) Next(int flow)
        {
            if (flow == 0) (from, to) = (0, 1);
            else if (++to == from) to++;
            if (to < tree.Hosts) return (from, to);
            (from, to) = (from + 1, 0);
            return (from, to);
        }
        return new(this, FlowSimulation.Run(TreeFlows.Program(tree, (int)Flows, Next, Size), options));
    }
}

/// <summary>Random flows over random links.</summary>
sealed class RandomLinksScenario : FlowScenario
{
    const int Hops = 4;

    readonly double[] capacity, bytes;
    readonly int[] path;

    public RandomLinksScenario(string name, int flows)
        : base(name)
    {
        var random = new ScenarioRandom(1);
        capacity = new double[flows / 2];
        for (var l = 0; l < capacity.Length; l++) capacity[l] = 1e9 * (1 + 99 * random.Uniform());
        bytes = new double[flows];
        path = new int[flows * Hops];
        for (var f = 0; f < flows; f++)
        {
            bytes[f] = Math.Floor(1e9 * (0.5 + random.Uniform()));
            for (var k = 0; k < Hops; k++)
            {
                int link;
                do link = (int)(random.Uniform() * capacity.Length);
                while (path.AsSpan(f * Hops, k).Contains(link));
                path[f * Hops + k] = link;
            }
        }
    }

    public override long Flows => bytes.Length;

    public override string Description => $"{bytes.Length:N0} flows of 0.5 to 1.5 GB, each over {Hops} of {capacity.Length:N0} links of 1 to 100 GB/s";

    public override (int Source, int Destination) EndsOf(long flow) => ((int)(2 * flow), (int)(2 * flow) + 1);

    public override double BytesOf(long flow) => bytes[flow];

    public override ScenarioRun Run(FlowOptions? options = null) => new(this, FlowSimulation.Run(new()
    {
        Capacity = capacity,
        PathOffset = [.. Enumerable.Range(0, bytes.Length + 1).Select(f => f * Hops)],
        Path = path,
        Bytes = bytes,
    }, options));
}

/// <summary>A ring that adds up and hands round 1 GB.</summary>
sealed class RingScenario(string name, ExtendedFatTree tree) : FlowScenario(name)
{
    readonly double chunk = Math.Floor(1e9 / tree.Hosts);

    int Steps => 2 * (tree.Hosts - 1);

    public override long Flows => (long)Steps * tree.Hosts;

    public override string Description => $"all-reduce of 1 GB in a ring of {tree.Hosts:N0} hosts, {Steps:N0} steps, on the fat tree {tree}";

    public override (int Source, int Destination) EndsOf(long flow)
    {
        var from = (int)(flow % tree.Hosts);
        return (from, (from + 1) % tree.Hosts);
    }

    public override double BytesOf(long flow) => chunk;

    public override ScenarioRun Run(FlowOptions? options = null)
    {
        var step = TreeFlows.Program(tree, tree.Hosts, f => (f, (f + 1) % tree.Hosts), chunk);
        int[] from = [.. Enumerable.Range(0, tree.Hosts)];
        var run = StepSimulation.Run(step, from, [.. from.Select(r => (r + 1) % tree.Hosts)], tree.Hosts, Steps, options);
        return new(this, run.Seconds, f => run.FinishOf((int)(f / tree.Hosts), (int)(f % tree.Hosts)), run.Classes, run.Batches, run.Decisions, run.IsComplete);
    }
}

/// <summary>Programs of flows over a tree.</summary>
static class TreeFlows
{
    public static FlowProgram Program(ExtendedFatTree tree, int flows, Func<int, (int Source, int Destination)> ends, double bytes)
    {
        var capacity = new double[tree.Links];
        Array.Fill(capacity, tree.Rate.BytesPerSecond);
        var most = 2 * tree.Levels;
        var offset = new int[flows + 1];
        var path = new int[(long)flows * most];
        for (var f = 0; f < flows; f++)
        {
            var (from, to) = ends(f);
            offset[f + 1] = offset[f] + tree.Route(from, to, path.AsSpan(offset[f], most));
        }
        return new() { Capacity = capacity, PathOffset = offset, Path = path, Bytes = [bytes] };
    }
}
