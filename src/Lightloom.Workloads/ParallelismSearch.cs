using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>What a search over degrees of parallelism found.</summary>
/// <param name="Best">The fastest step that fits the memory, or the one that needs least memory if none fits.</param>
/// <param name="RunnerUp">The next best, if there is one.</param>
/// <param name="Tried">Valid combinations that were predicted.</param>
/// <param name="Fitting">How many of them fit the memory.</param>
public sealed record SearchResult(TrainingStep Best, TrainingStep? RunnerUp, int Tried, int Fitting);

/// <summary>Tries every valid combination of tensor, context, expert and pipeline degrees and microbatch size.</summary>
public static class ParallelismSearch
{
    /// <summary>Finds the fastest combination for a job; degrees that the job gives are ignored, everything else is kept.</summary>
    /// <exception cref="JobException">No combination keeps the rules.</exception>
    public static SearchResult Find(TrainingJob job, in ComputeRates rates, StepNetwork network, DataSize capacity, DataSize runtime)
    {
        ArgumentNullException.ThrowIfNull(network);
        TrainingStep? best = null, second = null;
        int tried = 0, fitting = 0;
        var model = job.Model.Model;
        // Beyond two scale-up domains a tensor group has never paid; the bound keeps the search small, not the answer.
        var widest = Math.Min(Math.Min(model.Heads, job.Accelerators), 2 * network.Spans[0]);
        foreach (var tensor in Divisors(model.Heads).Where(d => d <= widest))
        {
            foreach (var pipeline in Enumerable.Range(1, model.Layers).Where(d => StageLayout.Fits(model.Layers, d)))
            {
                foreach (var context in PowersOfTwo(Math.Max(1, job.Sequence / 1024)))
                {
                    foreach (var expert in model.Experts is { } e ? Divisors(e.Experts) : [1])
                    {
                        for (var micro = 1; micro <= 8; micro *= 2)
                        {
                            var candidate = job with
                            {
                                Parallelism = job.Parallelism with
                                {
                                    Choice = ParallelismChoice.Given,
                                    Tensor = tensor,
                                    Pipeline = pipeline,
                                    Context = context,
                                    Expert = expert,
                                    MicroBatch = micro,
                                    Interleave = null,
                                },
                            };
                            if (!candidate.IsValid) continue;
                            var step = StepModel.Predict(candidate, rates, network, capacity, runtime);
                            tried++;
                            var fits = step.Memory.Total <= capacity;
                            if (fits) fitting++;
                            if (best is not { } b || StepModel.Better(step, fits, b, b.Memory.Total <= capacity)) (best, second) = (step, best);
                            else if (second is not { } s || StepModel.Better(step, fits, s, s.Memory.Total <= capacity)) second = step;
                        }
                    }
                }
            }
        }
        return best is { } found
            ? new(found, second, tried, fitting)
            : throw new JobException("parallelism", $"no combination of degrees divides {job.Accelerators:N0} accelerators and {job.GlobalBatch:N0} sequences");
    }

    static IEnumerable<int> Divisors(int n) => Enumerable.Range(1, n).Where(d => n % d == 0);

    static IEnumerable<int> PowersOfTwo(int most)
    {
        for (var d = 1; d <= most && d <= 64; d *= 2) yield return d;
    }
}
