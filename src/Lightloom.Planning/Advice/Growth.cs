// More of the same cluster: what a budget or a power buys if it goes into systems, with the fabric planned anew for all of them.
//
//   step      the fewest systems whose accelerators are whole model replicas: lcm(replica, accelerators of a system) / accelerators of a system,
//             replicas of experts counted whole
//   steps     the most that the budget and the power carry by the design's own price and power of a system; fewer where the fabric takes more
//   batch     grows with the replicas, so that each does what it did
//   sites     of several sites those grow that have as many systems as the design says, all by as many

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
        var growing = design.Sites is { Count: > 1 } sites ? sites.Count(s => s.Accelerators is null) : 1;
        if (growing == 0) return new("more systems", Layer.Compute, null, "every site says itself how many accelerators it has");
        // Of the sites that grow one system each is what one system is to a cluster.
        var all = before.Together?.Accelerators ?? before.Build.Plan.AcceleratorCount;
        var systems = (double)all / each / growing;
        var price = before.Economics.TotalCapital.Value.Dollars / systems;
        var power = Meter(before) / systems;
        var most = Math.Floor(Math.Min(dollars / price, watts / power) / step);
        var name = "more systems";
        if (most < 1)
        {
            return new(name, Layer.Compute, null, dollars / price < step
                ? $"{step} more, the fewest that make a whole replica, cost about {ClaimFigure.Number(step * price / 1e6)} MUSD"
                : $"{step} more, the fewest that make a whole replica, take about {ClaimFigure.Number(step * power / 1e3)} kW");
        }
        var last = new ChangeTrial(name, Layer.Compute, null, "no size that was tried can be built");
        var steps = (long)most;
        for (var tried = 0; tried < Tries && steps >= 1; tried++)
        {
            var more = steps * step;
            name = $"{more:N0} more systems with their fabric{(growing > 1 ? ", at each site" : "")}";
            if (More(design, job, more, more * each, growing, before.Together is null ? job.Accelerators : all) is not { } grown) return new(name, Layer.Compute, null, "the batch is not a whole number of sequences for each replica, so that more replicas have no equal share");
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

    /// <summary>Power of a design at the meter, provisioned, in watts.</summary>
    internal static double Meter(Evaluation evaluation) => evaluation.AllPower.Provisioned.Watts * evaluation.Build.Site.PowerUsageEffectiveness.Value;

    static Design? More(Design design, in Workloads.TrainingJob job, long systems, long accelerators, int growing, long used)
    {
        var replicas = used / job.Parallelism.ModelParallel;
        if (job.GlobalBatch % replicas != 0) return null;
        var now = (used + (growing * accelerators)) / job.Parallelism.ModelParallel;
        return design with
        {
            Accelerators = design.Accelerators with { Systems = design.Accelerators.Systems + (int)systems },
            Site = design.Site with { Floor = design.Site.Floor with { Rows = null, RacksPerRow = null } },
            Job = design.Job! with
            {
                Accelerators = design.Job.Accelerators is { } own ? (int)(own + accelerators) : null,
                GlobalBatch = (int)(job.GlobalBatch / replicas * now),
            },
        };
    }

    static long Multiple(long a, long b)
    {
        var (x, y) = (a, b);
        while (y != 0) (x, y) = (y, x % y);
        return a / x * b;
    }
}
