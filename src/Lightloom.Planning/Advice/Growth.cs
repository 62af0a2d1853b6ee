// More of the same cluster: what a budget or a power buys if it goes into systems, with the fabric planned anew for all of them.
//
//   step      the fewest systems whose accelerators are whole model replicas: lcm(replica, accelerators of a system) / accelerators of a system,
//             replicas of experts counted whole
//   steps     the most that the budget and the power carry by the design's own price and power of a system; fewer where the fabric takes more
//   batch     grows with the replicas, so that each does what it did
//   sites     of several sites those grow that have as many systems as the design says, all by as many. Where sites say themselves how many they have, whole steps
//             go to all in proportion (the next to whoever is furthest behind its share), or to the largest alone, or to the smallest alone: what gives most tokens/s

using Lightloom.Planning.Claims;

namespace Lightloom.Planning.Advice;

/// <summary>Growth of a cluster; see the head of this file.</summary>
public static class Growth
{
    const int Tries = 8;

    /// <summary>The design grown as far as it may; refused where not even one step fits.</summary>
    /// <param name="context">Evaluates.</param>
    /// <param name="document">The design, with a job.</param>
    /// <param name="dollars">Capital that may be added; infinite for any.</param>
    /// <param name="watts">Power at the meter that may be added; infinite for any.</param>
    public static ChangeTrial Of(ClaimContext context, DesignDocument document, double dollars, double watts)
    {
        ArgumentNullException.ThrowIfNull(context);
        ArgumentNullException.ThrowIfNull(document);
        var before = context.Evaluate(document);
        var (design, job) = (document.Design, before.Operation!.Job);
        long each = design.Accelerators.System.Accelerators.Value;
        var p = job.Parallelism;
        var step = Multiple(Multiple(p.ModelParallel, (long)p.Expert * p.ExpertSplit * p.Pipeline), each) / each;
        var all = before.Together?.Accelerators ?? before.Build.Plan.AcceleratorCount;
        var own = design.Sites is { Count: > 1 } sites ? sites.Select(s => s.Accelerators ?? (long)design.Accelerators.Systems * each).ToList() : [];
        var unlike = design.Sites is { } named && named.Any(s => s.Accelerators is not null);
        // Of sites that are alike one system each is what one system is to a cluster.
        var together = own.Count > 1 && !unlike ? own.Count : 1;
        var systems = (double)all / each / together;
        var price = before.Economics.TotalCapital.Value.Dollars / systems;
        var power = Meter(before) / systems;
        var most = Math.Floor(Math.Min(dollars / price, watts / power) / step);
        if (most < 1)
        {
            return new("more systems", Layer.Compute, null, dollars / price < step
                ? $"{step} more, the fewest that make a whole replica, cost about {ClaimFigure.Number(step * price / 1e6)} MUSD"
                : $"{step} more, the fewest that make a whole replica, take about {ClaimFigure.Number(step * power / 1e3)} kW");
        }
        var used = before.Together is null ? job.Accelerators : all;
        if (job.GlobalBatch % (used / p.ModelParallel) != 0)
            return new("more systems", Layer.Compute, null, "the batch is not a whole number of sequences for each replica, so that more replicas have no equal share");
        if (!unlike)
        {
            return Largest((long)most, steps => ($"{steps * step:N0} more systems with their fabric{(together > 1 ? ", at each site" : "")}",
                Batched(design, job, used, together * steps * step * each) with { Accelerators = design.Accelerators with { Systems = design.Accelerators.Systems + (int)(steps * step) } }));
        }
        List<ChangeTrial> ways =
        [
            .. Ways(own, design.Sites!).Select(way => Largest((long)most, steps => ($"{steps * step:N0} more systems with their fabric, {way.Where}", Batched(design, job, used, steps * step * each) with
            {
                Sites = [.. design.Sites!.Zip(own, way.Split(steps)).Select(s => s.First with { Accelerators = (int)(s.Second + (s.Third * step * each)) })],
            }))),
        ];
        return ways.Where(w => w is { After: not null, Refused: "" }).MaxBy(w => w.After!.EffectiveTokensPerSecond) ?? ways[0];

        // The most steps that are within what there is.
        ChangeTrial Largest(long steps, Func<long, (string Name, Design Grown)> grow)
        {
            var last = new ChangeTrial("more systems", Layer.Compute, null, "no size that was tried can be built");
            for (var tried = 0; tried < Tries && steps >= 1; tried++)
            {
                var (name, grown) = grow(steps);
                last = ChangeTrial.Of(context, document, grown, name, Layer.Compute);
                if (last is { After: { } after, Refused: "" })
                {
                    var over = Math.Max(CapitalChange.Of(before, after).Dollars / dollars, (Meter(after) - Meter(before)) / watts);
                    if (over <= 1) return last;
                    last = last with { Refused = $"takes {over:0.00} times what there is" };
                    steps = Math.Min(steps - 1, (long)(steps / over));
                }
                else
                {
                    steps = steps > 8 ? steps * 7 / 8 : steps - 1;
                }
            }
            return last;
        }
    }

    // Where steps may go of sites that are not alike, and how many each site gets.
    static IEnumerable<(string Where, Func<long, long[]> Split)> Ways(List<long> own, IReadOnlyList<TrainingSiteSection> sites)
    {
        yield return ("at all sites in proportion", steps => InProportion(own, steps));
        var (largest, smallest) = (own.IndexOf(own.Max()), own.IndexOf(own.Min()));
        foreach (var site in new[] { largest, smallest }.Distinct())
            yield return ($"at {sites[site].Name}", steps => [.. own.Select((_, i) => i == site ? steps : 0)]);
    }

    // Each step to the site that is furthest behind its share.
    static long[] InProportion(List<long> own, long steps)
    {
        var (given, all) = (new long[own.Count], (double)own.Sum());
        for (var k = 1; k <= steps; k++)
        {
            var behind = 0;
            for (var i = 1; i < given.Length; i++)
                if ((k * own[i] / all) - given[i] > (k * own[behind] / all) - given[behind] + 1e-9) behind = i;
            given[behind]++;
        }
        return given;
    }

    /// <summary>Power of a design at the meter, provisioned, in watts.</summary>
    internal static double Meter(Evaluation evaluation) => evaluation.AllPower.Provisioned.Watts * evaluation.Build.Site.PowerUsageEffectiveness.Value;

    // With so many accelerators more, the batch of each replica as it was.
    static Design Batched(Design design, in Workloads.TrainingJob job, long used, long more) => design with
    {
        Site = design.Site with { Floor = design.Site.Floor with { Rows = null, RacksPerRow = null } },
        Job = design.Job! with
        {
            Accelerators = design.Job.Accelerators is { } own ? (int)(own + more) : null,
            GlobalBatch = (int)(job.GlobalBatch / (used / job.Parallelism.ModelParallel) * ((used + more) / job.Parallelism.ModelParallel)),
        },
    };

    static long Multiple(long a, long b)
    {
        var (x, y) = (a, b);
        while (y != 0) (x, y) = (y, x % y);
        return a / x * b;
    }
}
