using Lightloom.Quantities;

namespace Lightloom.Workloads.Sites;

/// <summary>A method in which every site holds the whole model and the sites exchange gradients of layers.</summary>
public abstract record ExchangingMethod : ISiteMethod
{
    /// <inheritdoc/>
    public abstract string Name { get; }

    /// <inheritdoc/>
    public abstract string Title { get; }

    /// <inheritdoc/>
    public abstract string Source { get; }

    /// <inheritdoc/>
    public abstract string PublishedPrice { get; }

    /// <summary>What is sent of a parameter.</summary>
    public ExchangeFormat Format { get; init; } = ExchangeFormat.Bf16;

    /// <summary>What is exchanged when.</summary>
    /// <param name="layers">Layers of the model.</param>
    /// <exception cref="SiteException">The method can't be applied to so many layers.</exception>
    public abstract ExchangeSchedule Schedule(int layers);

    /// <inheritdoc/>
    public abstract IReadOnlyList<ExtraMemory> Memory(SiteWork work);

    /// <inheritdoc/>
    public string? Broken(SiteWork work, SiteNetwork network)
    {
        ArgumentNullException.ThrowIfNull(work);
        try
        {
            Schedule(work.Layers);
            return null;
        }
        catch (SiteException e)
        {
            return e.Message;
        }
    }

    /// <inheritdoc/>
    public SiteForecast Predict(SiteWork work, SiteNetwork network)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(network);
        var schedule = Schedule(work.Layers);
        var bits = Format.SentBits(network.Sites.Count);
        // A dense sum goes around and its result comes around again; sparse values go around once.
        var hops = (network.Sites.Count - 1) * (Format.Share < 1 ? 1 : 2);
        var step = LayerSimulation.SteadyStep(work, schedule, bits / network.Ring.Bandwidth.BitsPerSecond, network.Ring.Passing(hops).Seconds);
        var free = LayerSimulation.SteadyStep(work, schedule, 0, 0);
        double all = 0, largest = 0;
        for (var i = 0; i < schedule.Period; i++)
        {
            var burst = 0.0;
            foreach (var layer in schedule.After(i)) burst += work.LayerParameters[layer];
            all += burst;
            largest = Math.Max(largest, burst);
        }
        return new()
        {
            Step = Duration.FromSeconds(Math.Max(step, free)),
            Free = Duration.FromSeconds(free),
            Sent = DataSize.FromBits(all * bits / schedule.Period),
            Burst = DataSize.FromBits(largest * bits),
        };
    }

    private protected static void CheckSteps(int innerSteps)
    {
        if (innerSteps < 1) throw new SiteException("innerSteps", $"the sites exchange after at least 1 step, found {innerSteps}");
    }
}
