// How far predictions are off for systems that no fit has seen: each system's rows are predicted by mechanisms fitted on the rows of all others.
//
// Example: a table of a system whose fabric nobody else has is predicted by what is believed of that fabric's class.
using System.Collections.Immutable;
using Lightloom.Catalog;

namespace Lightloom.Collectives.Fitting;

/// <summary>Predictions of systems that were left out of the fit. Immutable.</summary>
public sealed class LeaveOneSystemOut
{
    LeaveOneSystemOut(CollectiveFit all, ImmutableArray<CollectiveTime> predicted, ImmutableDictionary<string, CollectiveFit> without)
    {
        All = all;
        Predicted = predicted;
        Without = without;
    }

    /// <summary>The fit on everything.</summary>
    public CollectiveFit All { get; }

    /// <summary>For each observation, in their order, what the fit without its system predicts.</summary>
    public ImmutableArray<CollectiveTime> Predicted { get; }

    /// <summary>The fit without each system.</summary>
    public ImmutableDictionary<string, CollectiveFit> Without { get; }

    /// <summary>Fits once on all and once without each system. The same result on any number of threads.</summary>
    /// <param name="observations">Measured collectives.</param>
    /// <param name="priors">What is believed before.</param>
    /// <param name="progress">Told how many systems are done, of how many.</param>
    /// <param name="cancel">Stops the fits.</param>
    /// <exception cref="OperationCanceledException">It was stopped.</exception>
    public static LeaveOneSystemOut Of(IReadOnlyList<CollectiveObservation> observations, MechanismPriors priors, Action<int, int>? progress = null,
        CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(observations);
        var all = CollectiveFit.Of(observations, priors, cancel: cancel);
        string[] systems = [.. observations.Select(o => o.Network.System).Distinct(StringComparer.Ordinal)];
        var fits = new CollectiveFit[systems.Length];
        var done = 0;
        Parallel.For(0, systems.Length, new ParallelOptions { CancellationToken = cancel, MaxDegreeOfParallelism = Environment.ProcessorCount }, i =>
        {
            fits[i] = CollectiveFit.Of([.. observations.Where(o => o.Network.System != systems[i])], priors, all, cancel);
            progress?.Invoke(Interlocked.Increment(ref done), systems.Length);
        });
        var without = systems.Zip(fits).ToImmutableDictionary(p => p.First, p => p.Second, StringComparer.Ordinal);
        return new(all, [.. observations.Select(o => without[o.Network.System].Predict(o))], without);
    }

    /// <summary>
    /// The mechanisms fitted on everything, each figure with the range that it takes when any one system is left out, and a factor of exp of
    /// the deviation that mechanisms of its class have where nothing was measured.
    /// </summary>
    /// <param name="priors">What the fits believed before.</param>
    /// <param name="measured">Keys of the mechanisms that rows speak of.</param>
    public IReadOnlyDictionary<string, CollectiveParameters> Ranged(MechanismPriors priors, IReadOnlySet<string> measured)
    {
        ArgumentNullException.ThrowIfNull(priors);
        ArgumentNullException.ThrowIfNull(measured);
        var parts = new SortedDictionary<string, CollectiveParameters>(StringComparer.Ordinal);
        foreach (var (key, part) in All.Mechanisms)
        {
            var mechanism = priors[key];
            var @class = priors.Classes[mechanism.Class];
            var ranged = part;
            foreach (var parameter in MechanismParameter.All)
            {
                if (!parameter.Applies(mechanism, @class) || parameter.Of(part)?.Value is not { } value) continue;
                var belief = parameter.Belief(@class)!;
                var spread = Math.Exp(measured.Contains(key) ? belief.Deviation / 2 : Math.Sqrt(belief.Deviation * belief.Deviation + belief.Spread * belief.Spread));
                var others = Without.Values.Select(f => parameter.Of(f.Mechanisms[key])!.Value.Value).ToArray();
                var (low, high) = (Math.Min(value / spread, others.Min()), Math.Max(value * spread, others.Max()));
                ranged = parameter.With(ranged, new(value, low, high), measured.Contains(key) ? "nccl-tests-published" : "lightloom",
                    measured.Contains(key) ? Grade.Measured : Grade.Assumption);
            }
            parts[key] = ranged;
        }
        return parts;
    }
}
