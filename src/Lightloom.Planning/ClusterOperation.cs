// How a built cluster runs its job: the network as the ranks see it, the step, and the goodput.
//
//   bandwidth across level l    B_l = locality bandwidth x load balance (beyond the leaf) x betterment, at most the cards' own
//   latency across level l      Σ switches on the way + Σ links on the way (cable + modules + FEC), one way
//   lost frames                 what sending lost frames again costs over the links of a path (Lightloom.Optics.LinkRetries)
//   interruptions               accelerators and hosts, software, cards, links to the leaves, leaves; a failed link or switch
//                               above the leaves takes bandwidth, not the job
//   flaps                       shorter than the transport's patience: the job waits; longer: it is interrupted

using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Fabric;
using Lightloom.Optics;
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
    readonly SiteDefaults site;
    readonly IReadOnlyList<LinkSummary> links;
    readonly JobSection section;
    readonly ComputeRates rates;
    readonly int[] spans;

    /// <summary>Prepares a cluster.</summary>
    /// <param name="plan">The fabric.</param>
    /// <param name="protocol">What it speaks.</param>
    /// <param name="site">Rates of failures and times of recovery.</param>
    /// <param name="links">The engineered links by class.</param>
    /// <param name="section">The job as the design describes it.</param>
    /// <param name="job">The job with its degrees; those of an automatic choice are found by <see cref="Choose"/>.</param>
    public ClusterOperation(
        FabricPlan plan, NetworkProtocol protocol, SiteDefaults site, IReadOnlyList<LinkSummary> links, JobSection section, TrainingJob job)
    {
        ArgumentNullException.ThrowIfNull(plan);
        ArgumentNullException.ThrowIfNull(job);
        this.plan = plan;
        this.protocol = protocol;
        this.site = site;
        this.links = links;
        this.section = section;
        Job = job;
        system = plan.Request.System;
        rates = ComputeRates.Of(system.Accelerator, job.Precision);
        spans = [.. plan.Locality.Select(l => (int)Math.Min(int.MaxValue, l.Accelerators))];
    }

    /// <summary>The job.</summary>
    public TrainingJob Job { get; private set; }

    /// <summary>What the search for an automatic choice found, if there was one.</summary>
    public SearchResult? Search { get; private set; }

    /// <summary>The system that the job runs on.</summary>
    public AcceleratorSystem System => system;

    /// <summary>Settles an automatic choice of parallelism on the cluster as designed.</summary>
    /// <exception cref="JobException">No combination keeps the rules.</exception>
    public void Choose()
    {
        Search = ParallelismSearch.Find(Job, rates, Network(new()), Capacity, Runtime);
        Job = Search.Best.Job;
    }

    /// <summary>The cheapest change of parallelism that makes the job fit the memory, or null when none of those tried does.</summary>
    public string? MendMemory()
    {
        var p = Job.Parallelism;
        // From what costs least time to what costs most.
        var changes = new (string Say, Parallelism With)[]
        {
            ("optimiser states sharded (zero-1)", p with { Sharding = Max(p.Sharding, Sharding.Optimizer) }),
            ("gradients summed in BF16 (gradientBytes: 2)", p with { Sharding = Max(p.Sharding, Sharding.Optimizer), GradientBytes = 2 }),
            ("gradients sharded too (zero-2)", p with { Sharding = Max(p.Sharding, Sharding.Gradients) }),
            ("full recomputation", p with { Recompute = Recomputation.Full }),
            ("full recomputation and zero-2", p with { Recompute = Recomputation.Full, Sharding = Max(p.Sharding, Sharding.Gradients) }),
            ($"tensor {p.Tensor * 2}", p with { Tensor = p.Tensor * 2 }),
            ($"pipeline {p.Pipeline * 2}", p with { Pipeline = p.Pipeline * 2, Interleave = null }),
            ($"context {p.Context * 2}", p with { Context = p.Context * 2 }),
            ("weights sharded too (zero-3)", p with { Sharding = Sharding.Weights }),
            ("full recomputation and zero-3", p with { Recompute = Recomputation.Full, Sharding = Sharding.Weights }),
        };
        var network = Network(new());
        foreach (var (say, with) in changes)
        {
            var job = Job with { Parallelism = with };
            if (with == p || !job.IsValid) continue;
            var step = StepModel.Predict(job, rates, network, Capacity, Runtime);
            if (step.Memory.Total <= Capacity) return $"{say}: {step.Memory.Total.Gigabytes:0.0} GB, a step of {step.Time.ToString("G3")}";
        }
        try
        {
            var found = ParallelismSearch.Find(Job, rates, network, Capacity, Runtime);
            var best = found.Best.Job.Parallelism;
            return found.Fitting > 0
                ? $"tensor {best.Tensor}, pipeline {best.Pipeline}, context {best.Context}, expert {best.Expert}, microbatch {best.MicroBatch} fits"
                : "more accelerators, or accelerators with more memory";
        }
        catch (JobException)
        {
            return null;
        }

        static Sharding Max(Sharding a, Sharding b) => a > b ? a : b;
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

    /// <summary>The network as the job's ranks see it.</summary>
    public StepNetwork Network(in Betterment better)
    {
        var levels = new NetworkLevel[plan.Locality.Count];
        var accelerator = system.Accelerator;
        levels[0] = NetworkLevel.ScaleUp("scale-up", plan.Locality[0].Bandwidth * better.ScaleUp, accelerator.Collectives, system.InNetworkReduction);
        var card = plan.InjectionPerAccelerator * better.Nic;
        for (var l = 1; l < levels.Length; l++)
        {
            var level = plan.Locality[l];
            var factor = l switch { 1 => better.Nic, 2 => better.LeafSpine, _ => better.SpineCore };
            var raw = Quantity.Min(level.Bandwidth * factor, card);
            var path = PathLatency(l, better);
            var share = (l > 1 ? protocol.LoadBalance.Value : 1) * LossFactor(l, raw, path, better);
            levels[l] = NetworkLevel.ScaleOut(level.Name, raw, Ratio.From(share), path, protocol.Collectives, ReducesIn(l));
        }
        return new(new(levels), spans);
    }

    /// <summary>One-way latency of the path across a level: its switches and links.</summary>
    public Duration PathLatency(int level, in Betterment better)
    {
        if (plan.Clos is null) return ForwardedLatency(level, better);
        var total = Duration.Zero;
        // Up and down again: every class of links below the turning point twice, every tier twice but the one at the top.
        for (var tier = 0; tier < level && tier < plan.Tiers.Count; tier++)
        {
            var delay = plan.Tiers[tier].Switch.Latency?.Value ?? Duration.Zero;
            total += delay * ((tier == level - 1 ? 1 : 2) * better.SwitchLatency);
            if (Link(tier) is { } link) total += link.Latency * (2 * better.LinkLatency);
        }
        return total;
    }

    // Where levels aren't tiers: as many devices as the level says, and the links before, between and after them.
    Duration ForwardedLatency(int level, in Betterment better)
    {
        var hops = plan.Locality[level].SwitchHops;
        var delay = plan.Tiers.Count > 0
            ? Duration.FromSeconds(plan.Tiers.Sum(t => t.Count * (t.Switch.Latency?.Value.Seconds ?? 0)) / plan.SwitchCount)
            : system.Nic.Latency?.Value ?? Duration.Zero;
        var (host, fabric) = CrossedLinks(level);
        var total = delay * (hops * better.SwitchLatency);
        if (Link(0) is { } first) total += first.Latency * (host * better.LinkLatency);
        return fabric == 0 ? total : total + Duration.FromSeconds(MeanOfFabricLinks(static l => l.Latency.Seconds) * fabric * better.LinkLatency);
    }

    (int Host, int Fabric) CrossedLinks(int level)
    {
        var all = plan.Locality[level].SwitchHops + 1;
        var host = Link(0) is null ? 0 : Math.Min(2, all);
        return (host, all - host);
    }

    double MeanOfFabricLinks(Func<LinkSummary, double> figure)
    {
        var (sum, count) = (0.0, 0L);
        foreach (var link in links)
        {
            if (link.Class.Lower.Tier is "node" or "management" && link.Class.Upper.Tier != "node") continue;
            sum += link.Class.Count * figure(link);
            count += link.Class.Count;
        }
        return count == 0 ? 0 : sum / count;
    }

    LinkSummary? Link(int tier) => tier switch
    {
        0 => links.FirstOrDefault(l => l.Class.Lower.Tier == "node" && l.Class.Upper.Tier != "node"),
        1 => links.FirstOrDefault(l => l.Class.Name == "leaf-spine"),
        _ => links.FirstOrDefault(l => l.Class.Name == "spine-core"),
    };

    double LossFactor(int level, Bandwidth bandwidth, Duration path, in Betterment better)
    {
        var lost = 0.0;
        for (var tier = 0; tier < level && tier < plan.Tiers.Count; tier++)
        {
            // Once up and once down; written so that ratios far below 1 keep their digits.
            var here = LinkRetries.FrameLossOver(2, Math.Min(1, (Link(tier)?.FrameLoss ?? 0) * better.BitErrors));
            lost += here * (1 - lost);
        }
        if (plan.Clos is null)
        {
            var (host, fabric) = CrossedLinks(level);
            lost = host == 0 ? 0 : LinkRetries.FrameLossOver(host, Math.Min(1, Link(0)!.FrameLoss * better.BitErrors));
            if (fabric > 0) lost += LinkRetries.FrameLossOver(fabric, Math.Min(1, MeanOfFabricLinks(static l => l.FrameLoss) * better.BitErrors)) * (1 - lost);
        }
        var retries = new LinkRetries
        {
            Rate = bandwidth,
            Frame = protocol.FramePayload.Value,
            Turn = 2 * path + protocol.SoftwareLatency.Value,
            Policy = protocol.OnLoss,
        };
        return retries.GoodputShare(lost);
    }

    bool ReducesIn(int level)
    {
        // A reduction across a level turns round in the tier above it; every tier on the way has to take part.
        for (var tier = 0; tier < level && tier < plan.Tiers.Count; tier++)
            if (!plan.Tiers[tier].Switch.InNetworkReduction) return false;
        return plan.Clos is not null || (level == 1 && plan.Tiers.Count > 0);
    }

    Goodput GoodputOf(in TrainingStep step, in Betterment better)
    {
        var sources = Interruptions(better);
        var total = FailureRate.Zero;
        foreach (var source in sources) total += source.Total;
        // Every data-parallel replica writes its shard of weights and optimiser states: 14 bytes a parameter in all.
        var state = DataSize.FromBytes(Job.Model.Parameters * 14 / Job.Accelerators);
        var write = state / site.CheckpointBandwidth.Value;
        var share = (double)Job.Accelerators / plan.AcceleratorCount;
        var flaps = (Link(0)?.Flaps ?? default) * (share * better.LinkFailures);
        var stalled = site.FlapDuration.Value <= protocol.RetryWindow.Value ? flaps * site.FlapDuration.Value : 0;
        return Goodput.Of(total, write, site.Detection.Value + site.Restart.Value, stalled, section.CheckpointInterval);
    }

    /// <summary>What interrupts the job, source by source.</summary>
    public IReadOnlyList<InterruptionSource> Interruptions(in Betterment better)
    {
        var share = (double)Job.Accelerators / plan.AcceleratorCount;
        var nodeLinks = Link(0);
        var sources = new List<InterruptionSource>
        {
            new("accelerators and hosts", Job.Accelerators, site.AcceleratorInterruptions.Value),
            new("software and maintenance", Job.Accelerators, site.OtherInterruptions.Value),
            new("network cards", (double)Job.Accelerators / system.Accelerators * system.Nics, site.NicFailures.Value),
            new("leaf switches", plan.Tiers.Count == 0 ? 0 : plan.Tiers[0].Count * share, site.SwitchFailures.Value),
        };
        if (nodeLinks is not null)
        {
            var count = nodeLinks.Class.Count * share;
            sources.Add(new("links to the leaves", count, nodeLinks.Failures * (share * better.LinkFailures / count)));
            if (site.FlapDuration.Value > protocol.RetryWindow.Value)
                sources.Add(new("flaps that outlast the transport", count, nodeLinks.Flaps * (share * better.LinkFailures / count)));
        }
        return sources;
    }

    /// <summary>Memory that a job can use: high-bandwidth memory is sold by decimal names and built in binary sizes, the figure's high end.</summary>
    public DataSize Capacity => system.Accelerator.Memory.High;

    DataSize Runtime => system.Accelerator.Kernels.RuntimeMemory.Value;
}
