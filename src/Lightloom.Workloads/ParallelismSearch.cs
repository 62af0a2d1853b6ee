// The choice of parallelism, in two stages.
//
//   1. Every combination of tensor, context, expert and pipeline degrees, split of experts, microbatch, sequence parallelism, interleaving, sharding,
//      sets of ranks that share, gathering again and recomputation that keeps the rules, by the closed form of StepModel.cs, with pruning by bounds (Search/SearchEngine.cs): the same result as trying everything.
//   2. The N best combinations of degrees that have a pipeline are played out exactly, each in the schedule of its closed form and in every named one that
//      takes it, with each recomputation (StepModelSchedule.cs); the fastest that fits stands for them.
//
// Degrees are the divisors of what they divide: accelerators, batch, experts.

using Lightloom.Quantities;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Workloads;

/// <summary>Finds the fastest parallelism that fits the memory; see the head of this file.</summary>
public static class ParallelismSearch
{
    // Where a schedule is given, what the closed form of another says is a guide only: so many are played out.
    const int Finalists = 32;

    /// <summary>Finds the fastest combination of degrees for a job; degrees that the job gives are ignored, everything else is kept.</summary>
    /// <exception cref="JobException">No combination keeps the rules.</exception>
    public static SearchResult Find(TrainingJob job, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        var p = job.Parallelism;
        var space = new SearchSpace { SequenceParallel = p.SequenceParallel, Sharding = p.Sharding, ExpertTensor = p.ExpertTensor, Reshard = p.Reshard, ShardGroups = false };
        return Find(job with { Parallelism = p with { Interleave = null } }, space, SearchOptions.Default, rates, network, capacity, runtime)!;
    }

    /// <summary>Searches a space.</summary>
    /// <param name="job">The job; what the space leaves open of it is sought, all else is kept.</param>
    /// <param name="space">What is fixed.</param>
    /// <param name="options">What to keep.</param>
    /// <param name="rates">What kernels reach.</param>
    /// <param name="network">The network as the ranks see it.</param>
    /// <param name="capacity">Memory of one accelerator.</param>
    /// <param name="runtime">Memory that the software stack takes.</param>
    /// <param name="cancel">Stops the search, which then answers with what it had.</param>
    /// <returns>What was found; null if it was stopped before anything was.</returns>
    /// <exception cref="JobException">No combination keeps the rules: which, and the nearest that do where it lies at what is fixed.</exception>
    public static SearchResult? Find(
        TrainingJob job, SearchSpace space, SearchOptions options, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(network);
        var given = job.Parallelism;
        var named = given.Schedule;
        job = job with { Parallelism = given with { Choice = ParallelismChoice.Given, Schedule = null, ScheduleGroup = null, StageLayers = null } };
        if (named is not null) job = job with { Parallelism = job.Parallelism with { Interleave = null } };
        var engine = new SearchEngine(
            job, space, named is null ? options : options with { Top = Math.Max(options.Top, Finalists) }, rates, network, capacity, runtime);
        if (!engine.Any) throw Nothing(job, space, engine.Infeasible);
        var stopped = !engine.Run(cancel);

        var kept = engine.Fastest.Count > 0 ? engine.Fastest : engine.Smallest;
        if (kept.Count == 0) return null;
        var top = Predict(kept.Items.ToArray(), job, rates, network, capacity, runtime);
        var played = 0;
        if (named is not null) top = InSchedule(top, given, rates, network, capacity, runtime, options, ref played);
        else if (options.Schedules) top = InEverySchedule(top, given, rates, network, capacity, runtime, options, cancel, ref played);
        stopped |= cancel.IsCancellationRequested;

        var (valid, pruned, slow, fitting) = engine.Counts;
        var counts = new SearchCounts(
            valid, pruned, slow, fitting, played, [.. engine.Infeasible.Select((n, i) => ((JobRule)i, n)).Where(r => r.n > 0)], stopped);
        return new([.. top.Take(options.Top)], Predict([.. engine.Frontier], job, rates, network, capacity, runtime), counts);
    }

    static TrainingStep[] Predict(
        SearchCandidate[] candidates, TrainingJob job, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        var steps = new TrainingStep[candidates.Length];
        for (var i = 0; i < steps.Length; i++) steps[i] = StepModel.Predict(candidates[i].Of(job), rates, network, capacity, runtime);
        return steps;
    }

    /// <summary>Each step in the fastest schedule that fits, in the order of these.</summary>
    static TrainingStep[] InEverySchedule(
        TrainingStep[] steps, Parallelism given, ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime, SearchOptions options,
        CancellationToken cancel, ref int played)
    {
        var best = new TrainingStep[steps.Length];
        var counts = new int[steps.Length];
        Parallel.For(0, steps.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Threads) }, i =>
        {
            var step = steps[i];
            best[i] = step;
            if (step.Job.Parallelism.Pipeline == 1) return;
            best[i] = StepModel.PlayOut(step, rates, network, runtime);
            counts[i] = 1;
            if (given.Interleave is not null) return;
            foreach (var schedule in PipelineSchedules.All)
            {
                if (cancel.IsCancellationRequested) return;
                // Plain and interleaved 1F1B are what the closed form chose between; GPipe keeps more than they do and is no faster.
                if (schedule.Kind is PipelineKind.GPipe or PipelineKind.OneForwardOneBackward or PipelineKind.Interleaved) continue;
                var p = step.Job.Parallelism with { Schedule = schedule.Kind, Interleave = null, Recompute = given.Recompute };
                var job = step.Job with { Parallelism = p, FewestBlocks = null };
                if (!job.IsValid) continue;
                var other = StepModel.Predict(job, rates, network, capacity, runtime);
                counts[i] += given.Recompute is null ? 3 : 1;
                if (StepModel.Better(other, other.Memory.Total <= capacity, best[i], best[i].Memory.Total <= capacity)) best[i] = other;
            }
        });
        played = counts.Sum();
        return Sorted(best, capacity);
    }

    /// <summary>The steps that the given schedule takes, played out in it.</summary>
    static TrainingStep[] InSchedule(
        TrainingStep[] steps, Parallelism given, ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime,
        SearchOptions options, ref int played)
    {
        var best = new TrainingStep?[steps.Length];
        Parallel.For(0, steps.Length, new ParallelOptions { MaxDegreeOfParallelism = Math.Max(1, options.Threads) }, i =>
        {
            var job = In(steps[i], given);
            if (job.IsValid) best[i] = StepModel.Predict(job, rates, network, capacity, runtime);
        });
        TrainingStep[] taken = [.. best.Where(s => s is not null).Select(s => s!.Value)];
        played = taken.Length;
        if (taken.Length > 0) return Sorted(taken, capacity);
        // Why the best of them is not taken.
        In(steps[0], given).Checked();
        throw new InvalidOperationException("a job that breaks no rule was refused");
    }

    /// <summary>The job of a step with its own degrees and the schedule as given.</summary>
    static TrainingJob In(in TrainingStep step, in Parallelism given) => step.Job with
    {
        FewestBlocks = null,
        Parallelism = given with
        {
            Choice = ParallelismChoice.Given,
            Tensor = step.Job.Parallelism.Tensor,
            Context = step.Job.Parallelism.Context,
            Expert = step.Job.Parallelism.Expert,
            Pipeline = step.Job.Parallelism.Pipeline,
            MicroBatch = step.Job.Parallelism.MicroBatch,
            SequenceParallel = step.Job.Parallelism.SequenceParallel,
            Sharding = step.Job.Parallelism.Sharding,
            ExpertTensor = step.Job.Parallelism.ExpertTensor,
            Reshard = step.Job.Parallelism.Reshard,
            ShardGroup = step.Job.Parallelism.ShardGroup,
        },
    };

    static TrainingStep[] Sorted(IEnumerable<TrainingStep> steps, DataSize capacity) =>
    [
        .. steps.OrderByDescending(s => s.Memory.Total <= capacity).ThenBy(s => s.Memory.Total <= capacity ? s.Time.Seconds : s.Memory.Total.Bytes),
    ];

    static JobException Nothing(in TrainingJob job, SearchSpace space, IReadOnlyList<long> infeasible)
    {
        try
        {
            // A fixed degree that breaks a rule by itself names its nearest.
            space.Plainest(job).Checked();
        }
        catch (JobException e) when (e.Field != "globalBatch")
        {
            return e;
        }
        catch (JobException)
        {
        }
        var rules = infeasible.Select((n, i) => (Rule: (JobRule)i, Count: n)).Where(r => r.Count > 0).OrderByDescending(r => r.Count)
            .Select(r => $"{JobRules.Say(r.Rule)} ({r.Count:N0})");
        return new("parallelism", $"no combination of degrees divides {job.Accelerators:N0} accelerators and {job.GlobalBatch:N0} sequences; " +
            $"combinations by what they break: {string.Join(", ", rules)}");
    }
}
