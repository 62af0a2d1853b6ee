// Which group stands where: every order of the dimensions that have more than one rank is predicted, 120 at most, and the fastest is the best; beside
// it what the job's own order gives, and the same where the scheduler hands out scale-up domains at random (GroupPlacement.Scattered).

using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>A step with its groups mapped in one way.</summary>
/// <param name="Order">Dimensions with more than one rank, from those that stand closest together outwards.</param>
/// <param name="Step">The step.</param>
public readonly record struct PlacedStep(IReadOnlyList<ParallelDimension> Order, TrainingStep Step);

/// <summary>What mappings of a job's groups give.</summary>
/// <param name="Own">The job's order, domains in the order of the network: linear.</param>
/// <param name="Scattered">The job's order, domains handed out at random.</param>
/// <param name="Orders">Every order, the fastest first; of equally fast ones the job's own first, then the most usual.</param>
public sealed record PlacementResult(PlacedStep Own, PlacedStep Scattered, IReadOnlyList<PlacedStep> Orders)
{
    /// <summary>The fastest.</summary>
    public PlacedStep Best => Orders[0];
}

/// <summary>Evaluates mappings of groups to the network; see the head of this file.</summary>
public static class PlacementSearch
{
    /// <summary>Evaluates every order of a job's groups.</summary>
    /// <param name="job">A checked job.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="linear">The network, domains in its order.</param>
    /// <param name="scattered">The network, domains handed out at random.</param>
    /// <param name="capacity">Memory of one accelerator.</param>
    /// <param name="runtime">Memory that the software stack takes.</param>
    public static PlacementResult Evaluate(
        TrainingJob job, in ComputeRates rates, StepNetwork linear, StepNetwork scattered, DataSize capacity, DataSize runtime)
    {
        ArgumentNullException.ThrowIfNull(linear);
        ArgumentNullException.ThrowIfNull(scattered);
        var used = new RankOrder(job);
        var given = (job.Parallelism.Order ?? RankOrder.Usual).Where(d => used.Degree(d) > 1).ToArray();
        var own = new PlacedStep(given, StepModel.Predict(job, rates, linear, capacity, runtime));
        // The order moves groups; what the step is made of stays.
        var chosen = job with { Parallelism = job.Parallelism with { Recompute = own.Step.Recompute, Interleave = Interleave(job, own.Step) } };
        var orders = new List<PlacedStep> { own };
        foreach (var order in Permutations([.. RankOrder.Usual.Where(d => used.Degree(d) > 1)]))
        {
            if (order.SequenceEqual(given)) continue;
            var moved = chosen with { Parallelism = chosen.Parallelism with { Order = order } };
            // Folded experts allow few orders.
            if (moved.IsValid) orders.Add(new(order, StepModel.Predict(moved, rates, linear, capacity, runtime)));
        }
        return new(
            own, new(given, StepModel.Predict(chosen, rates, scattered, capacity, runtime)), [.. orders.OrderBy(o => o.Step.Time.Seconds)]);
    }

    static int? Interleave(in TrainingJob job, in TrainingStep step) => job.Parallelism.Interleave ?? (job.Parallelism.Pipeline > 1 ? step.Interleave : null);

    /// <summary>Permutations, those first that leave the outer places as they are.</summary>
    static IEnumerable<ParallelDimension[]> Permutations(ParallelDimension[] all)
    {
        if (all.Length <= 1)
        {
            yield return all;
            yield break;
        }
        for (var last = all.Length - 1; last >= 0; last--)
            foreach (var inner in Permutations([.. all[..last], .. all[(last + 1)..]])) yield return [.. inner, all[last]];
    }
}
