// What would make a job fit, or leave room: changes of the job one by one, and together where no single one is enough.
//
//   saves    memory of the fullest stage as it is, less that of the fullest stage as changed
//   costs    time of the step as changed, less that of the step as it is
//   order    those that fit first, by the time of the step, then by memory; of two that say the same the simpler
//
//   Changes that have a number, of blocks computed again or kept by the host, take the least that fits once the others are made. Degrees are
//   doubled, a microbatch is halved. Where no change fits, pairs are tried, then triples, of changes that don't speak of the same key.

using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>A change of a job that saves memory.</summary>
/// <param name="Say">What it does, with the keys of the design document and their values.</param>
/// <param name="Settings">Keys below <c>job</c> and their values.</param>
/// <param name="Step">The step as changed.</param>
/// <param name="Saves">Memory of the fullest stage that it saves; negative where it needs more.</param>
/// <param name="Costs">Time that it costs; negative where it is faster.</param>
/// <param name="Host">What the host has to hold and to move for the fullest stage.</param>
/// <param name="Fits">Whether the job fits with it.</param>
public sealed record MemoryMend(
    string Say, IReadOnlyList<(string Key, string Value)> Settings, TrainingStep Step, DataSize Saves, Duration Costs, HostTraffic Host, bool Fits);

/// <summary>Finds what makes a job fit; see the head of this file.</summary>
public sealed class MemoryMends
{
    // Share of the device's memory below which a change saves nothing worth telling.
    const double Least = 1e-3;

    readonly ComputeRates rates;
    readonly StepNetwork network;
    readonly DataSize capacity, runtime;

    /// <summary>Prepares the search for an accelerator and a network.</summary>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="network">The network as the ranks see it.</param>
    /// <param name="capacity">Memory of one accelerator.</param>
    /// <param name="runtime">Memory that the software stack takes.</param>
    public MemoryMends(in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        ArgumentNullException.ThrowIfNull(network);
        (this.rates, this.network, this.capacity, this.runtime) = (rates, network, capacity, runtime);
    }

    /// <summary>A change with a number that says how far it goes, or without (then the number is 0).</summary>
    sealed record Change(Func<int, string> Say, Func<TrainingJob, int, TrainingJob> Of, Func<int, (string Key, string Value)[]> Settings, int? Most = null)
    {
        /// <summary>Whether it has a number, of at most <see cref="Most"/>.</summary>
        public bool Numbered => Most is not null;

        public string[] Keys { get; } = [.. Settings(0).Select(s => s.Key)];
    }

    /// <summary>Every change that saves memory, the cheapest that fits first; pairs and triples only where no single change fits.</summary>
    /// <param name="job">The job as it is.</param>
    public IReadOnlyList<MemoryMend> Of(in TrainingJob job)
    {
        var now = Predict(job);
        var changes = Changes(job).ToList();
        var singles = changes.Select(c => Try(now, [c])).OfType<MemoryMend>().ToList();
        var found = singles;
        for (var size = 2; size <= 3 && !found.Any(m => m.Fits); size++)
            found = [.. Combinations(changes, size).Select(c => Try(now, c)).OfType<MemoryMend>().Where(m => m.Fits)];
        if (!found.Any(m => m.Fits)) found = [];
        var all = ReferenceEquals(found, singles) ? singles : [.. found, .. singles];
        var fits = now.Memory.Total <= capacity;
        return [.. all.Where(m => (m.Fits && !fits) || m.Saves > capacity * Least).OrderByDescending(m => m.Fits).ThenBy(m => m.Fits ? m.Step.Time.Seconds : -m.Saves.Bytes).ThenBy(m => m.Settings.Count)];
    }

    TrainingStep Predict(in TrainingJob job) => StepModel.Predict(job, rates, network, capacity, runtime);

    MemoryMend? Try(in TrainingStep now, Change[] changes)
    {
        var job = now.Job;
        foreach (var change in changes.Where(c => !c.Numbered)) job = change.Of(job, 0);
        var number = 0;
        if (Array.Find(changes, c => c.Numbered) is { } last)
        {
            if (Fewest(job, last.Of, last.Most!.Value) is not { } fewest) return null;
            (number, job) = (fewest, last.Of(job, fewest));
        }
        if (job.Equals(now.Job) || !job.IsValid) return null;
        var step = Predict(job);
        (string Key, string Value)[] Of(Change change) => change.Settings(change.Numbered ? number : 0);
        return new(
            string.Join(" and ", changes.Select(c => $"{c.Say(c.Numbered ? number : 0)} ({string.Join(", ", Of(c).Select(s => $"{Last(s.Key)}: {s.Value}"))})")),
            [.. changes.SelectMany(Of)], step, now.Memory.Total - step.Memory.Total, step.Time - now.Time,
            HostTraffic.Of(step, rates.FusedAttention), step.Memory.Total <= capacity);
    }

    // Keys of the parallelism stand by themselves, as in the design's short form.
    static string Last(string key) => key.StartsWith("parallelism.", StringComparison.Ordinal) ? key["parallelism.".Length..] : key;

    static IEnumerable<Change[]> Combinations(List<Change> changes, int size)
    {
        for (var i = 0; i < changes.Count; i++)
        {
            for (var j = i + 1; j < changes.Count; j++)
            {
                if (Collide(changes[i], changes[j])) continue;
                if (size == 2) yield return [changes[i], changes[j]];
                for (var k = j + 1; size == 3 && k < changes.Count; k++)
                    if (!Collide(changes[i], changes[k]) && !Collide(changes[j], changes[k])) yield return [changes[i], changes[j], changes[k]];
            }
        }
    }

    static bool Collide(Change a, Change b) => (a.Numbered && b.Numbered) || a.Keys.Intersect(b.Keys).Any();

    static IEnumerable<Change> Changes(TrainingJob job)
    {
        var (p, plan, model) = (job.Parallelism, job.Memory, job.Model.Model);
        var all = StageLayout.Deal(model.Layers, p.Pipeline, 1).PerStage;
        if (p.Recompute == Recomputation.None)
            yield return With("selective recomputation", x => x with { Recompute = Recomputation.Selective }, ("recompute", "selective"));
        if (p.Recompute is not Recomputation.Full)
        {
            yield return With("full recomputation", x => x with { Recompute = Recomputation.Full }, ("recompute", "full"));
            yield return new(
                n => $"full recomputation of {Blocks(n)} of each stage",
                (j, n) => j with { Parallelism = j.Parallelism with { Recompute = Recomputation.Full }, Memory = j.Memory with { RecomputeBlocks = n } },
                n => [("parallelism.recompute", "full"), ("memory.recomputeBlocks", Text(n))], all - 1);
        }
        foreach (var (sharding, say) in new[]
        {
            (Sharding.Optimizer, "optimiser states sharded"), (Sharding.Gradients, "gradients sharded too"), (Sharding.Weights, "weights sharded too"),
        })
            if (sharding > p.Sharding) yield return With(say, x => x with { Sharding = sharding }, ("sharding", DocumentShape.NameOf(sharding)));
        if (p.GradientBytes > 2 && plan.Stack == TrainingStack.Megatron) yield return With("gradients summed in BF16", x => x with { GradientBytes = 2 }, ("gradientBytes", "2"));
        foreach (var (key, now, set) in new (string, int, Func<Parallelism, int, Parallelism>)[]
        {
            ("tensor", p.Tensor, (x, n) => x with { Tensor = n }),
            ("context", p.Context, (x, n) => x with { Context = n }),
            ("expert", p.Expert, (x, n) => x with { Expert = n }),
            ("pipeline", p.Pipeline, (x, n) => x with { Pipeline = n, Interleave = null, StageLayers = null }),
        })
        {
            if (key == "expert" && model.Experts is null) continue;
            yield return With($"{key} {2 * now}", x => set(x, 2 * now), (key, Text(2 * now)));
        }
        if (p.MicroBatch > 1) yield return With($"microbatches of {p.MicroBatch / 2}", x => x with { MicroBatch = x.MicroBatch / 2 }, ("microBatch", Text(p.MicroBatch / 2)));
        if (p.Interleave is > 1 && p.Schedule is null) yield return With("no interleaving", x => x with { Interleave = 1 }, ("interleave", "1"));
        if (plan.LossUsed != LossKernel.Fused) yield return Plan("the loss in one kernel", x => x with { Loss = LossKernel.Fused }, ("loss", "fused"));
        if (job.Precision != Precision.Bf16 && plan is { Stack: TrainingStack.Megatron, Fp8Weights: false })
            yield return Plan("blocks' weights in FP8 alone", x => x with { Fp8Weights = true }, ("fp8Weights", "true"));
        if (plan.MomentBytes > 2) yield return Plan("moments in BF16", x => x with { MomentBytes = 2 }, ("momentBytes", "2"));
        if (plan.OffloadOptimizer.Si < 1)
            yield return Plan("optimiser states in the host's memory", x => x with { OffloadOptimizer = Ratio.From(1) }, ("offloadOptimizer", "100 %"));
        if (plan.OffloadBlocks == 0)
            yield return new(
                n => $"activations of {Blocks(n)} of each stage in the host's memory", (j, n) => j with { Memory = j.Memory with { OffloadBlocks = n } },
                n => [("memory.offloadBlocks", Text(n))], all);
    }

    static string Blocks(int n) => n == 1 ? "1 block" : $"{n} blocks";

    /// <summary>The smallest number with which the job fits; null where it doesn't with the largest, or can't be.</summary>
    int? Fewest(in TrainingJob job, Func<TrainingJob, int, TrainingJob> with, int most)
    {
        // Another change may have left fewer blocks to a stage.
        while (most > 0 && with(job, most).Broken == JobRule.StageHasBlocks) most--;
        if (most < 1 || !with(job, most).IsValid || Predict(with(job, most)).Memory.Total > capacity) return null;
        var none = 0;
        while (most - none > 1)
        {
            var middle = (none + most) / 2;
            if (Predict(with(job, middle)).Memory.Total <= capacity) most = middle;
            else none = middle;
        }
        return most;
    }

    static Change With(string say, Func<Parallelism, Parallelism> change, (string Key, string Value) setting) =>
        new(_ => say, (j, _) => j with { Parallelism = change(j.Parallelism) }, _ => [("parallelism." + setting.Key, setting.Value)]);

    static Change Plan(string say, Func<MemoryPlan, MemoryPlan> change, (string Key, string Value) setting) =>
        new(_ => say, (j, _) => j with { Memory = change(j.Memory) }, _ => [("memory." + setting.Key, setting.Value)]);

    static string Text(int n) => n.ToString(CultureInfo.InvariantCulture);
}
