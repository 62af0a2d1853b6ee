// What a way of spreading traffic leaves of the bandwidth of one or several stages of links, for a collective that waits for the worst.
//
//   m, F      links of one switch, and flows on them: senders x connections x queue pairs        l = F / m
//   M         flows on the fullest link of one switch in one direction, by the hash (MostLoadedLink.cs)
//   r, e, o   what moves away of the excess, what remains all the same, what disorder costs (LoadBalancing); of stage i above the first e + i e', which packets have shown
//   x_0       load of the fullest link over the mean if nothing were left to chance: 1, or more with links down (below)
//
//   x     = x_0 + (1 - r) (M / l - x_0) + e                 load of the fullest link over the mean of whole links
//   y     = max(1, max over stages and switches of rho x)   how much longer the cards send; rho = what they can send / what links carry
//   share = (1 - o) max(1, max rho) / E[y]                  of what balanced, whole links give; with y's 95 % quantile instead: p95
//
// All switches in use and both directions count as so many independent hashings.
//
// Links down, f of m at one switch, b between one pair of switches:
//   up       the switch knows: everything over m - f links, x_0 = m / (m - f)
//   down     who sees far links (adaptive, sprayed) spreads as well; a plain hash still sends b / m of the flows to a bundle of b - f
//            links: x_0 = b / (b - f), whatever m is. A bundle that is gone altogether is withdrawn, and costs only its share.
//   planned  until planned anew, the l f flows of the failed links are hashed over the others: x = 1 + M' / l + e, M' their law
//   spread   a share p down: each switch has a binomial number of them, spread over its bundles
//
// One hash in all tiers: flows that met on a switch below, of m' links, share a remainder, and reach only m / gcd(m, m') of the m links
// here: rho counts gcd(m, m') times (polarisation).
//
// Example: 16 uplinks, 16 cards of one flow each, one switch, one direction: E[M] = 3.08, share 1 / 3.08 = 0.32; of 4 flows each 0.51.
//          Over 64 switches and both directions 4 flows each leave 0.33, adaptive routing with e = 0.02 1 / 1.02 = 0.980.
//          One of 32 uplinks down in bundles of two: sprayed with e = 0.051 1 / (32/31 + 0.051) = 0.92, a plain hash at most 1/2.
// Sources: Hopps 2000 (RFC 2992); Gangidi et al. 2024 (queue pairs); Sinha, Kandula and Katabi 2004 (flowlets); Dong et al. 2025 (C4).
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Congestion;

/// <summary>What is left of the bandwidth of balanced, whole links.</summary>
/// <param name="Expected">By the expected time of a collective.</param>
/// <param name="AtLeast95">What 95 % of placements of flows reach.</param>
public readonly record struct BalanceShare(double Expected, double AtLeast95)
{
    /// <summary>All of it.</summary>
    public static BalanceShare Whole => new(1, 1);

    /// <summary>Prints both.</summary>
    public override string ToString() => $"{Quantity.Round(Expected, 3)} ({Quantity.Round(AtLeast95, 3)} in 95 %)";
}

/// <summary>A way of spreading traffic on the stages of links between two places. Prepared once; immutable.</summary>
public sealed class FabricBalance
{
    const double Certain = 1e-13;

    // parts[i] is the load at so many places that are alike.
    readonly record struct Part(int Stage, WorstLoad Load, double Places);

    readonly Part[] parts;
    readonly double[] folded; // folded[s] = gcd(m, m') of stage s under one hash for all tiers, else 1

    /// <summary>Prepares a way of spreading on stages.</summary>
    /// <param name="policy">The way.</param>
    /// <param name="stages">Stages that traffic passes, the lowest first, each up and down again; none where nothing is to be spread.</param>
    /// <exception cref="ArgumentException">A stage can't be.</exception>
    public FabricBalance(LoadBalancing policy, params IReadOnlyList<LinkStage> stages)
        : this(policy, null, stages)
    {
    }

    FabricBalance(LoadBalancing policy, FabricBalance? below, IReadOnlyList<LinkStage> stages)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(stages);
        Policy = policy;
        Stages = [.. stages.Select(s => s.Checked())];
        folded = new double[Stages.Count];
        for (var s = 0; s < folded.Length; s++)
            folded[s] = s > 0 && policy is { SameHash: true, Mechanism: BalancingMechanism.HashFlows } ? Common(Stages[s].Links, Stages[s - 1].Links) : 1;
        // What was prepared of the same stages for a lower level need not be again.
        var known = below is not null && below.Policy == policy && below.Stages.SequenceEqual(Stages.Take(below.Stages.Count)) ? below.Stages.Count : 0;
        parts = [.. known > 0 ? below!.parts : [], .. Enumerable.Range(known, Stages.Count - known).SelectMany(i => PartsOf(policy, Fold(Stages[i], (int)folded[i]), i))];
    }

    /// <summary>The same way of spreading on other stages, which mostly begin with these ones.</summary>
    /// <param name="stages">All stages, the lowest first.</param>
    public FabricBalance Over(IReadOnlyList<LinkStage> stages) => new(Policy, this, stages);

    /// <summary>The way of spreading.</summary>
    public LoadBalancing Policy { get; }

    /// <summary>The stages.</summary>
    public IReadOnlyList<LinkStage> Stages { get; }

    /// <summary>What is left, as designed.</summary>
    public BalanceShare Share => With(static s => s.Load);

    /// <summary>What is left with other loads, or with less excess.</summary>
    /// <param name="load">Load of each stage.</param>
    /// <param name="better">Divides what the fullest link carries above the mean: 1.1 is a tenth better balanced.</param>
    public BalanceShare With(Func<LinkStage, double> load, double better = 1)
    {
        ArgumentNullException.ThrowIfNull(load);
        if (Stages.Count == 0) return BalanceShare.Whole;
        var loads = new double[Stages.Count];
        var whole = 1.0;
        for (var s = 0; s < loads.Length; s++)
        {
            whole = Math.Max(whole, loads[s] = load(Stages[s]));
            loads[s] *= folded[s];
        }
        var slower = new SortedSet<double> { 1 };
        foreach (var part in parts)
            foreach (var value in part.Load.Values) slower.Add(Slowdown(loads[part.Stage], value, better));
        double expected = 0, before = 0, quantile = 0;
        foreach (var y in slower)
        {
            var log = 0.0;
            foreach (var part in parts)
            {
                // The value whose slowdown is y, a little up for rounding.
                var value = 1 + (y / loads[part.Stage] - 1) * better;
                log += part.Places * Math.Log(part.Load.AtMost(value * (1 + 1e-12)));
            }
            var within = Math.Exp(log);
            expected += y * (within - before);
            if (quantile == 0 && within >= 0.95 - Certain) quantile = y;
            before = within;
        }
        var kept = (1 - Policy.Overhead.Value) * whole;
        return new(kept / expected, kept / quantile);
    }

    static int Common(int a, int b) => b == 0 ? a : Common(b, a % b);

    static LinkStage Fold(LinkStage stage, int by) => by == 1 ? stage : stage with
    {
        Links = stage.Links / by,
        Bundle = 1,
        FailedAtOne = Math.Min(stage.FailedAtOne, stage.Links / by - 1),
    };

    static double Slowdown(double load, double value, double better) => Math.Max(1, load * (1 + (value - 1) / better));

    static IEnumerable<Part> PartsOf(LoadBalancing policy, LinkStage stage, int index)
    {
        if (stage.FailedShare > 0)
        {
            for (var down = 0; down < 2; down++)
                yield return new(index, Spread(policy, stage, index, down > 0), stage.Switches);
        }
        else if (2 * (stage.Switches - (stage.FailedAtOne > 0 ? 1 : 0)) is > 0 and var places)
        {
            yield return new(index, LoadOf(policy, stage, index, 0, false, false, places), places);
        }
        if (stage.FailedAtOne == 0) yield break;
        yield return new(index, LoadOf(policy, stage, index, stage.FailedAtOne, false, false, 1), 1);
        yield return new(index, LoadOf(policy, stage, index, stage.FailedAtOne, true, false, 1), 1);
    }

    /// <summary>Each switch has lost links by chance.</summary>
    static WorstLoad Spread(LoadBalancing policy, LinkStage stage, int index, bool down)
    {
        var mixed = new List<(double, WorstLoad)>();
        var (p, m) = (stage.FailedShare, stage.Links);
        for (var f = 0; f < m; f++)
        {
            var probability = Binomial(m, f, p);
            if (probability * stage.Switches < 1e-9)
            {
                if (f > p * m) break;
                continue;
            }
            mixed.Add((probability, LoadOf(policy, stage, index, f, down, true, stage.Switches)));
        }
        return WorstLoad.Mix(mixed);
    }

    static double Binomial(int n, int k, double p)
    {
        var log = 0.0;
        for (var i = 0; i < k; i++) log += Math.Log((n - i) / (double)(i + 1));
        return Math.Exp(log + k * Math.Log(p) + (n - k) * TruncatedPoisson.LogOnePlus(-p));
    }

    /// <summary>The load at one switch that has lost so many links, in one direction.</summary>
    static WorstLoad LoadOf(LoadBalancing policy, LinkStage stage, int index, int failed, bool down, bool spread, double trials)
    {
        var (m, e) = (stage.Links, policy.Residual.Value + (index * (policy.ResidualAbove?.Value ?? 0)));
        var flows = FlowsOf(policy, stage);
        var mean = flows / (double)m;
        var left = m - failed;
        switch (policy.Mechanism)
        {
            case BalancingMechanism.RouteAdaptively or BalancingMechanism.SprayPackets:
                return WorstLoad.Always((policy.SeesFarLinks || !down ? m / (double)left : FarMean(stage, failed, spread)) + e);
            case BalancingMechanism.PlanPaths when failed == 0 || policy.Replans:
                return WorstLoad.Always(m / (double)left + e);
            case BalancingMechanism.PlanPaths:
                var homeless = Math.Max(1, (int)Math.Round(mean * failed));
                return WorstLoad.Of(MostLoadedLink.Of(left, homeless), trials, k => 1 + k / mean + e);
        }
        var links = down && !policy.SeesFarLinks ? FarLinks(stage, failed, spread) : [new(left, 1)];
        var hashed = MostLoadedLink.Of(links, flows);
        var (even, moved) = (hashed.LargestMean / mean, policy.Rebalanced.Value);
        return WorstLoad.Of(hashed, trials, k => even + (1 - moved) * (k / mean - even) + e);
    }

    /// <summary>What the cards of a protocol put on the wire when collectives are not held back, over its rate: s.</summary>
    public static double OfferedBy(NetworkProtocol protocol)
    {
        ArgumentNullException.ThrowIfNull(protocol);
        return Math.Min(1, protocol.Collectives.Sustained.Value / protocol.PayloadShare.Value);
    }

    /// <summary>Flows that one switch hashes.</summary>
    public static int FlowsOf(LoadBalancing policy, LinkStage stage)
    {
        ArgumentNullException.ThrowIfNull(policy);
        ArgumentNullException.ThrowIfNull(stage);
        return (int)Math.Clamp(Math.Round(stage.Senders * policy.QueuePairs.Value * policy.Connections.Value), 1, MostLoadedLink.MostCount);
    }

    static double FarMean(LinkStage stage, int failed, bool spread) => MostLoadedLink.Of(FarLinks(stage, failed, spread), 1).LargestMean * stage.Links;

    /// <summary>How the far side, which doesn't know of single links, chooses: each bundle alike while a link of it is up.</summary>
    static List<LinkChoice> FarLinks(LinkStage stage, int failed, bool spread)
    {
        var (bundles, b) = (stage.Links / stage.Bundle, stage.Bundle);
        var choices = new List<LinkChoice>();
        if (spread)
        {
            var (each, more) = Math.DivRem(failed, bundles);
            Add(bundles - more, b - each);
            Add(more, b - each - 1);
        }
        else
        {
            var (gone, partly) = Math.DivRem(failed, b);
            Add(bundles - gone - (partly > 0 ? 1 : 0), b);
            if (partly > 0) Add(1, b - partly);
        }
        return choices;

        void Add(int count, int links)
        {
            if (count > 0 && links > 0) choices.Add(new(count * links, b / (double)links));
        }
    }
}
