// How a built cluster runs its job: the network as the ranks see it, the step, and the goodput.
//
//   bandwidth across level l    B_l = what the cards send, less oversubscription, x what load balancing and links down leave (beyond the
//                               leaf: Lightloom.Collectives.Congestion), x what lost frames leave
//   latency across level l      Σ switches on the way + Σ links on the way (FabricPath.cs), one way
//   lost frames                 what sending lost frames again costs over the links of a path (Lightloom.Optics.LinkRetries)
//   failures                    Reliability/ClusterProcesses.cs says what fails and what that means, Reliability/ReliabilityModel.cs what is left

using System.Collections.Concurrent;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning.Costs;
using Lightloom.Planning.Engines;
using Lightloom.Planning.Logs;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Timeline;

namespace Lightloom.Planning;

/// <summary>What a cluster makes of its job.</summary>
/// <param name="Step">The training step.</param>
/// <param name="Goodput">The share of time in which it makes progress.</param>
public readonly record struct Outcome(TrainingStep Step, Goodput Goodput)
{
    /// <summary>Tokens per second, failures counted.</summary>
    public double EffectiveTokensPerSecond => Step.TokensPerSecond * Goodput.EffectiveShare;
}

/// <summary>A cluster that has been built, ready to run its job as designed or with a resource bettered.</summary>
public sealed class ClusterOperation
{
    readonly FabricPlan plan;
    readonly AcceleratorSystem system;
    readonly NetworkProtocol protocol;
    readonly ClusterBalance balance;
    readonly FabricPath path;
    readonly SiteDefaults site;
    readonly JobSection section;
    readonly ComputeRates rates;
    readonly IReadOnlyList<LinkSummary> links;
    readonly ConcurrentDictionary<(Betterment Better, double Cards, int Leaf, int Spine), Duration> slowed = new();
    readonly int[] spans;

    /// <summary>Prepares a cluster.</summary>
    /// <param name="plan">The fabric.</param>
    /// <param name="protocol">What it speaks.</param>
    /// <param name="balance">What load balancing leaves of its bandwidth.</param>
    /// <param name="site">Rates of failures and times of recovery.</param>
    /// <param name="links">The engineered links by class.</param>
    /// <param name="section">The job as the design describes it.</param>
    /// <param name="job">The job with its degrees; those of an automatic choice are found by <see cref="Choose"/>.</param>
    public ClusterOperation(
        FabricPlan plan, NetworkProtocol protocol, ClusterBalance balance, SiteDefaults site, IReadOnlyList<LinkSummary> links, JobSection section,
        TrainingJob job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(balance);
        this.plan = plan;
        this.protocol = protocol;
        this.balance = balance;
        this.site = site;
        this.links = links;
        path = new(plan, links);
        this.section = section;
        Job = job;
        system = plan.Request.System;
        rates = ComputeRates.Of(system.Accelerator, job.Precision);
        // Units count what the job has of them.
        var domain = plan.Locality[0].Accelerators;
        var used = GroupLayout.PerDomain(job.Accelerators, (int)domain, (int)Math.Min(int.MaxValue, plan.AcceleratorCount / domain));
        spans = [.. plan.Locality.Select(l => (int)Math.Min(int.MaxValue, l.Accelerators / domain * used))];
    }

    /// <summary>The job.</summary>
    public TrainingJob Job { get; private set; }

    /// <summary>What is broken of the network.</summary>
    public NetworkChange Change { get; init; } = NetworkChange.None;

    /// <summary>Algorithms that the job's library chooses from.</summary>
    public CollectiveModel Collectives { get; init; } = CollectiveModel.Default;

    /// <summary>What is down all the time.</summary>
    public FailedSection Failed { get; init; } = new();

    /// <summary>What the job does about failures.</summary>
    public RecoverySection Recovery { get; init; } = new();

    /// <summary>What the search for an automatic choice found, if there was one.</summary>
    public SearchResult? Search { get; private set; }

    /// <summary>The system that the job runs on.</summary>
    public AcceleratorSystem System => system;

    /// <summary>Settles the parallelism on the cluster as designed.</summary>
    /// <param name="space">What of an automatic choice the design fixes; null to let go of every degree that was given.</param>
    /// <param name="options">What to keep; the fastest and the second where null.</param>
    /// <param name="cancel">Stops the search, which then answers with what it had.</param>
    /// <returns>False if it was stopped before anything was found.</returns>
    /// <exception cref="JobException">No combination keeps the rules.</exception>
    public bool Choose(SearchSpace? space, SearchOptions? options = null, CancellationToken cancel = default)
    {
        Search = ParallelismSearch.Find(
            space is null ? Open : Job, space ?? SearchSpace.Everything, options ?? SearchOptions.Default, rates, Network(new()), Capacity, Runtime, cancel);
        if (Search is null) return false;
        Job = Search.Best.Job;
        slowed.Clear();
        return true;
    }

    /// <summary>The job with its schedule let go, for a search of everything.</summary>
    TrainingJob Open => Job with
    {
        Parallelism = Job.Parallelism with { Interleave = null, Recompute = null, Schedule = null, ScheduleGroup = null, StageLayers = null },
    };

    /// <summary>A step with its pipeline played out exactly, on the cluster as designed; as it is where there is none.</summary>
    public TrainingStep PlayedOut(in TrainingStep step) =>
        step.Job.Parallelism.Pipeline == 1 ? step : StepModel.PlayOut(step, rates, Network(new()), Runtime);

    /// <summary>Memory of a rank of each pipeline stage of a step.</summary>
    /// <param name="step">A step of this cluster.</param>
    public IReadOnlyList<MemoryUse> StageMemory(in TrainingStep step) => TrainingMemory.Stages(step, rates.FusedAttention);

    /// <summary>What one of the step's blocks keeps, a mixture's where there are such; of layers in a pattern the one that keeps most.</summary>
    /// <param name="step">A step of this cluster.</param>
    public BlockActivations BlockOf(in TrainingStep step) => BlockActivations.OfFullest(step.Job, rates.FusedAttention);

    /// <summary>What a step's fullest stage holds and moves in the host's memory.</summary>
    /// <param name="step">A step of this cluster.</param>
    public HostTraffic HostOf(in TrainingStep step) => HostTraffic.Of(step, rates.FusedAttention);

    /// <summary>Changes of the job that save memory, the cheapest that make it fit first.</summary>
    public IReadOnlyList<MemoryMend> Mends() => new MemoryMends(rates, Network(new()), Capacity, Runtime).Of(Job);

    /// <summary>The cheapest change that makes the job fit the memory; or other degrees, or null when nothing does.</summary>
    public string? MendMemory()
    {
        if (Mends() is [{ Fits: true } cheapest, ..])
            return $"{cheapest.Say}: {cheapest.Step.Memory.Total.Gigabytes:0.0} GB, a step of {cheapest.Step.Time.ToString("G3")}";
        try
        {
            var found = ParallelismSearch.Find(Open, SearchSpace.Everything, new() { Schedules = false }, rates, Network(new()), Capacity, Runtime)!;
            var best = found.Best.Job.Parallelism;
            return found.Best.Memory.Total <= Capacity
                ? $"{DocumentShape.NameOf(best.Sharding)}, tensor {best.Tensor}, pipeline {best.Pipeline}, context {best.Context}, expert {best.Expert}, microbatch {best.MicroBatch} fits"
                : "more accelerators, or accelerators with more memory";
        }
        catch (JobException)
        {
            return null;
        }
    }

    /// <summary>Runs the job.</summary>
    public Outcome Run(in Betterment better)
    {
        var scaled = rates.WithComputeScaled(better.Compute).WithMemoryScaled(better.MemoryBandwidth);
        var step = StepModel.Predict(Job, scaled, Network(better), Capacity, Runtime);
        return new(step, GoodputOf(step, better));
    }

    /// <summary>Plays a step of this job out, on the cluster as designed.</summary>
    public StepTimeline PlayOut(in TrainingStep step, RankJitter jitter = default)
    {
        var network = Network(new());
        return new(StepModel.PlayOut(step, rates, network, Runtime), network, jitter);
    }

    /// <summary>A step of this job as execution traces, a rank each.</summary>
    /// <param name="step">The step.</param>
    /// <param name="jitter">Delays of single ranks, drawn for each.</param>
    /// <param name="seed">What they are drawn from.</param>
    public StepTrace Trace(in TrainingStep step, RankJitter jitter = default, ulong seed = 1) => new(PlayOut(step), rates, Network(new()), jitter, seed);

    /// <summary>Plays a step of this job out with its collectives played by an engine, on the cluster as designed.</summary>
    /// <param name="step">The step.</param>
    /// <param name="graph">The cluster's fabric.</param>
    /// <param name="engine">The engine, on that fabric.</param>
    /// <param name="jitter">Delays of single ranks.</param>
    /// <param name="stop">Stops it.</param>
    /// <exception cref="InputException">Ranks can't reach each other.</exception>
    public EngineStep PlayOut(in TrainingStep step, FabricGraph graph, INetworkEngine engine, RankJitter jitter = default, CancellationToken stop = default)
    {
        var network = Network(new());
        return EngineStep.Of(step, rates, network, Runtime, new(graph, network.Levels, Collectives, protocol.Collectives, engine), engine, jitter, stop);
    }

    /// <summary>The job's groups mapped in every order, and with domains handed out at random, on the cluster as designed.</summary>
    public PlacementResult Placement() =>
        PlacementSearch.Evaluate(Job, rates, Network(new()), Network(new(), scattered: true), Capacity, Runtime);

    /// <summary>The network as the job's ranks see it.</summary>
    /// <param name="better">What is bettered of it.</param>
    /// <param name="scattered">Whether the job's scale-up domains are handed out at random.</param>
    public StepNetwork Network(in Betterment better, bool scattered = false) => Network(better, balance, scattered);

    StepNetwork Network(in Betterment better, ClusterBalance balance, bool scattered)
    {
        var levels = new NetworkLevel[plan.Locality.Count];
        var accelerator = system.Accelerator;
        levels[0] = NetworkLevel.ScaleUp("scale-up", plan.Locality[0].Bandwidth * better.ScaleUp, accelerator.Collectives, system.InNetworkReduction);
        var card = plan.InjectionPerAccelerator * (better.Nic * balance.CardShare);
        for (var l = 1; l < levels.Length; l++)
        {
            var level = plan.Locality[l];
            var factor = l switch { 1 => better.Nic, 2 => better.LeafSpine, _ => better.SpineCore };
            var spread = balance.Across(l, better);
            var raw = spread is { } s ? card * s.Even : Quantity.Min(level.Bandwidth * factor, card);
            var latency = path.Latency(l, better);
            var share = (spread?.Balanced ?? 1) * LossFactor(l, raw, latency, better);
            levels[l] = NetworkLevel.ScaleOut(level.Name, raw, Ratio.From(share), latency, protocol.Collectives, path.Reduces(l));
        }
        return new(Change.Of(new(levels)), spans) { Collectives = Collectives, Scattered = scattered };
    }

    double LossFactor(int level, Bandwidth bandwidth, Duration latency, in Betterment better)
    {
        var retries = new LinkRetries
        {
            Rate = bandwidth,
            Frame = protocol.FramePayload.Value,
            Turn = 2 * latency + protocol.SoftwareLatency.Value,
            Policy = protocol.OnLoss,
        };
        return retries.GoodputShare(path.FrameLoss(level, better));
    }

    Goodput GoodputOf(in TrainingStep step, in Betterment better)
    {
        var forecast = ModelOf(step, better).Forecast();
        return new(
            forecast.AllInterruptions, forecast.Write, forecast.Interval, site.Detection.Value + (Recovery.HotSwap ?? site.Restart.Value), forecast.Stalled,
            forecast.Effective);
    }

    /// <summary>The job under failures of every kind.</summary>
    /// <param name="step">A step of this cluster.</param>
    /// <param name="better">What is better than designed.</param>
    /// <exception cref="InputException">A rate of failures makes no sense.</exception>
    public ReliabilityModel ModelOf(in TrainingStep step, in Betterment better)
    {
        // Every data-parallel replica writes its shard of weights and optimiser states: 14 bytes a parameter in all.
        var state = DataSize.FromBytes(Job.Model.Parameters * 14 / Job.Accelerators);
        return new ReliabilityModel
        {
            Processes = ProcessesOf(better),
            CheckpointWrite = state / site.CheckpointBandwidth.Value,
            WriteFigure = CostFigure.Of("checkpointBandwidth", "bandwidth of an accelerator's checkpoints", "GB/s", site.CheckpointBandwidth, b => b.GigabytesPerSecond),
            CheckpointInterval = section.CheckpointInterval,
            Restart = site.Restart.Value,
            RestartFigure = CostFigure.OfTime("restart", "time to start a job again", site.Restart),
            HotSwap = Recovery.HotSwap,
            Spares = Recovery.Spares,
            OnShortage = Recovery.OnShortage,
            Replicas = step.Job.DataParallel,
            SystemsPerReplica = (double)Job.Accelerators / step.Job.DataParallel / system.Accelerators,
        }.Checked();
    }

    IReadOnlyList<FailureProcess> ProcessesOf(in Betterment better)
    {
        var now = better;
        return new ClusterProcesses(
            plan, site, protocol, links, Job, Recovery, cards => SlowedBy(now, cards, new()), failed => SlowedBy(now, 1, failed)).Of(better);
    }

    // What a step loses when a way is down, for everybody waits for the slowest.
    double SlowedBy(Betterment better, double cards, FailedSection failed)
    {
        var (step, slower) = (StepWith(better, 1, new()), StepWith(better, cards, failed));
        return slower > step ? 1 - (step / slower) : 0;
    }

    Duration StepWith(Betterment better, double cards, FailedSection failed) => slowed.GetOrAdd((better, cards, failed.LeafUplinks, failed.SpineUplinks), _ =>
    {
        var scaled = rates.WithComputeScaled(better.Compute).WithMemoryScaled(better.MemoryBandwidth);
        var left = failed.LeafUplinks + failed.SpineUplinks > 0 ? Without(failed) : balance;
        return StepModel.Predict(Job, scaled, Network(better with { Nic = better.Nic * cards }, left, scattered: false), Capacity, Runtime).Time;
    });

    ClusterBalance Without(FailedSection failed) => ClusterBalance.Of(
        plan, protocol, Math.Min(1, (double)Job.Accelerators / plan.AcceleratorCount), Failed with
        {
            LeafUplinks = Math.Min(Failed.LeafUplinks + failed.LeafUplinks, Math.Max(0, (plan.Clos?.UplinksPerLeaf ?? 1) - 1)),
            SpineUplinks = Math.Min(Failed.SpineUplinks + failed.SpineUplinks, Math.Max(0, (plan.Clos?.UplinksPerSpine ?? 1) - 1)),
        });

    /// <summary>What interrupts the job, source by source.</summary>
    public IReadOnlyList<InterruptionSource> Interruptions(in Betterment better) =>
    [
        .. ProcessesOf(better).Where(p => p.Consequence is FailureConsequence.Interrupts or FailureConsequence.Corrupts)
            .Select(p => new InterruptionSource(p.Name, p.Count, p.Rate)),
    ];

    /// <summary>Memory that a job can use: high-bandwidth memory is sold by decimal names and built in binary sizes, the figure's high end.</summary>
    public DataSize Capacity => system.Accelerator.Memory.High;

    DataSize Runtime => system.Accelerator.Kernels.RuntimeMemory.Value;
}
