// A design's job over its sites.
//
//   site            the design with the site's own accelerators; the step is that of one site with its part of the batch, in proportion
//   step            the slowest site's; what nothing hides of data-parallel communication inside is taken out where a method sums every step
//   inside          gradients of one accelerator x (d - 1)/d / its cards' bandwidth to reduce and scatter, weights likewise to gather,
//                   d replicas inside the site
//   passes          (m + p - 1)/p: of m microbatches on p stages the last one's backward pass alone completes gradients
//   over a pipeline as many replicas as the smallest site holds by itself, of the same tensor and context ranks; every other site holds as many more
//                   stages as it has more accelerators. All replicas pass a boundary together: globalBatch/m sequences x tokens x hidden x 2 B

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.MultiSite;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Sites;

namespace Lightloom.Planning;

/// <summary>What training over several sites starts from: the work of a site and the routes between them; see the head of this file.</summary>
/// <param name="Name">What it is called.</param>
/// <param name="Model">The model.</param>
/// <param name="Work">What a site computes.</param>
/// <param name="Network">The sites.</param>
/// <param name="TokensPerStep">Tokens of a step of all sites; 0 where it is not known.</param>
/// <param name="Assumptions">What was assumed, a sentence each.</param>
public sealed record SiteStudy(string Name, TransformerModel Model, SiteWork Work, SiteNetwork Network, double TokensPerStep, IReadOnlyList<string> Assumptions)
{
    /// <summary>Half of the earth's circumference through the poles, in m: nothing on it lies farther apart.</summary>
    public const double LongestMeters = 20_003_931.5;

    /// <summary>The fibre of a route that names none.</summary>
    public const string OrdinaryFibre = "os2-1550";

    /// <summary>The fibre for which lengths of routes are tried.</summary>
    public Fibre Fibre { get; init; } = PartCatalog.Default.Get<Fibre>(OrdinaryFibre);

    /// <summary>The routes as they are built; none where the sites come from no design.</summary>
    public IReadOnlyList<RoutePlan> Routes { get; init; } = [];

    /// <summary>Accelerators of each site; none where the sites come from no design.</summary>
    public IReadOnlyList<long> Accelerators { get; init; } = [];

    /// <summary>Each site as it is built, with its part of the batch, without its ledger; empty where no design was studied.</summary>
    public IReadOnlyList<Evaluation> Sites { get; init; } = [];

    /// <summary>Delay of a route, one way.</summary>
    /// <param name="distance">Distance of its ends.</param>
    /// <param name="routeFactor">Length of the fibre over the distance.</param>
    /// <param name="fibre">The fibre.</param>
    public static Duration DelayOf(Length distance, double routeFactor, Fibre fibre)
    {
        ArgumentNullException.ThrowIfNull(fibre);
        return distance * routeFactor * fibre.Delay.Value;
    }

    /// <summary>The study of a design that has sites and routes.</summary>
    /// <param name="document">The design.</param>
    /// <param name="evaluator">Evaluates its sites.</param>
    /// <exception cref="InputException">The design has no job, fewer than two sites, routes that don't connect them, or a job that can't be shared.</exception>
    public static SiteStudy Of(DesignDocument document, Evaluator evaluator)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(evaluator);
        var design = document.Design;
        if (design.Job is not { } job) throw new InputException($"'{design.Name}' has no job to train over its sites");
        if (design.Sites is not { Count: >= 2 } sites)
            throw document.Wrong("sites", $"training over several sites needs at least two, found {design.Sites?.Count ?? 0}; 'train' and 'evaluate' are for one");
        if (job.Accelerators is { } part)
            throw document.Wrong("job.accelerators", $"every site trains on all of its accelerators; 'sites' says how many there are, not a part of {part:N0}");
        var routes = RoutesOf(document, sites, null);
        var network = NetworkOf(document, sites, routes);
        var system = design.Accelerators.System;
        var counts = new long[sites.Count];
        for (var i = 0; i < counts.Length; i++)
        {
            counts[i] = sites[i].Accelerators ?? (long)design.Accelerators.Systems * system.Accelerators;
            if (counts[i] % system.Accelerators != 0)
                throw document.Wrong($"sites.{i}.accelerators", $"a site has whole systems of {system.Accelerators} accelerators; {NearestMultiples(counts[i], system.Accelerators)}");
        }
        var (all, assumptions) = (counts.Sum(), new List<string>());
        Evaluation? slowest = null;
        var outcomes = new Dictionary<long, Evaluation>();
        for (var i = 0; i < counts.Length; i++)
        {
            var share = job.GlobalBatch * counts[i];
            if (share % all != 0)
            {
                var unit = all / Gcd(all, counts[i]);
                throw document.Wrong("job.globalBatch", $"{job.GlobalBatch:N0} sequences don't split over the sites in proportion to their accelerators " +
                    $"('{sites[i].Name}' has {counts[i]:N0} of {all:N0}); {NearestMultiples(job.GlobalBatch, unit)}");
            }
            if (!outcomes.TryGetValue(counts[i], out var own))
            {
                own = evaluator.EvaluateBriefly(document.With(design with
                {
                    Accelerators = design.Accelerators with { Systems = (int)(counts[i] / system.Accelerators) },
                    Sites = null,
                    Routes = null,
                    Job = job with { GlobalBatch = (int)(share / all) },
                }));
                outcomes[counts[i]] = own;
            }
            if (slowest is null || own.Outcome!.Value.Step.Time > slowest.Outcome!.Value.Step.Time) slowest = own;
        }
        var step = slowest!.Outcome!.Value.Step;
        if (outcomes.Count > 1) assumptions.Add("all sites wait for the slowest");
        var smallest = outcomes[counts.Min()].Outcome!.Value.Step.Job;
        var work = WorkOf(step, slowest.Build.Plan.InjectionPerAccelerator, job.GlobalBatch, smallest, counts);
        assumptions.Add($"each site's step is that of 'evaluate' with {step.Job.GlobalBatch:N0} of {job.GlobalBatch:N0} sequences: {step.Time.ToString("G4")}");
        assumptions.Add("backward takes twice the time of forward, and all layers the same");
        return new(design.Name, step.Job.Model.Model, work, network, (double)job.GlobalBatch * step.Job.Sequence, assumptions)
        {
            Routes = routes,
            Accelerators = counts,
            Sites = [.. counts.Select(c => outcomes[c])],
        };
    }

    /// <summary>The same job over the same routes, all of them on another fibre.</summary>
    /// <param name="document">The design that the study is of.</param>
    /// <param name="fibre">The fibre.</param>
    /// <exception cref="InputException">A line on it doesn't reach.</exception>
    public SiteStudy On(DesignDocument document, Fibre fibre)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(fibre);
        var sites = document.Design.Sites!;
        var routes = RoutesOf(document, sites, fibre);
        return this with { Routes = routes, Network = NetworkOf(document, sites, routes), Fibre = fibre };
    }

    static SiteWork WorkOf(in TrainingStep step, Bandwidth injection, int globalBatch, TrainingJob smallest, long[] counts)
    {
        var (job, p) = (step.Job, step.Job.Parallelism);
        var work = SiteWork.Of(job.Model, step.Time);
        var held = job.Model.Parameters / (p.Tensor * p.Pipeline);
        var replicas = (double)job.DataParallel * p.Context;
        var part = (replicas - 1) / replicas;
        // A pipeline through all sites.
        var microBatches = Math.Max(1, globalBatch / smallest.DataParallel / smallest.Parallelism.MicroBatch);
        var stage = (long)smallest.DataParallel * smallest.Parallelism.Tensor * smallest.Parallelism.Context;
        int[] stages = counts.All(c => c % stage == 0) ? [.. counts.Select(c => (int)(c / stage))] : [];
        return work with
        {
            Passes = (job.MicroBatches + p.Pipeline - 1.0) / p.Pipeline,
            InsideExposed = step[StepPart.DataCommunication],
            InsideScatter = DataSize.FromBytes(held * p.GradientBytes * part) / injection,
            InsideGather = DataSize.FromBytes(held * 2 * part) / injection,
            InsideBubble = step[StepPart.PipelineBubble],
            Stages = stages,
            MicroBatches = microBatches,
            Boundary = BoundaryOf(job.Model.Model, (double)globalBatch * job.Sequence / microBatches),
        };
    }

    /// <summary>Activations at the end of a layer, in BF16.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tokens">Tokens.</param>
    public static DataSize BoundaryOf(TransformerModel model, double tokens)
    {
        ArgumentNullException.ThrowIfNull(model);
        return DataSize.FromBytes(2.0 * model.Hidden * tokens);
    }

    /// <summary>The routes of a design, each as it is built.</summary>
    /// <param name="document">The design.</param>
    /// <param name="sites">Its sites.</param>
    /// <param name="fibre">Another fibre than the design's; null for its own.</param>
    /// <exception cref="InputException">Sites or routes contradict each other, or a line doesn't reach.</exception>
    internal static List<RoutePlan> RoutesOf(DesignDocument document, IReadOnlyList<TrainingSiteSection> sites, Fibre? fibre)
    {
        var names = sites.Select(s => s.Name).ToList();
        for (var i = 0; i < names.Count; i++)
        {
            if (string.IsNullOrWhiteSpace(names[i])) throw document.Wrong($"sites.{i}.name", "a site needs a name");
            if (names.IndexOf(names[i]) < i) throw document.Wrong($"sites.{i}.name", $"two sites are called '{names[i]}'");
        }
        var sections = document.Design.Routes ?? [];
        var ends = sections.Select((s, i) => (From: End(s.From, $"routes.{i}.from"), To: End(s.To, $"routes.{i}.to"))).ToList();
        RouteContradictions.Check(document, sections, ends);
        return [.. ends.Select((e, i) => RoutePlan.Of(document, i, e.From, e.To, fibre, document.Catalog))];

        int End(string name, string path) => names.IndexOf(name) is >= 0 and var at
            ? at
            : throw document.Wrong(path, $"there is no site '{name}'{Nearest.Hint(name, names)}");
    }

    static SiteNetwork NetworkOf(DesignDocument document, IReadOnlyList<TrainingSiteSection> sites, IReadOnlyList<RoutePlan> routes)
    {
        try
        {
            return new([.. sites.Select(s => s.Name)], [.. routes.Select(r => new RouteBetweenSites(r.From, r.To, r.Delay, r.Bandwidth))]);
        }
        catch (SiteException e)
        {
            throw document.Wrong(e.Field, e.Message);
        }
    }

    internal static string NearestMultiples(long wanted, long unit)
    {
        var below = wanted / unit * unit;
        return below == 0 ? $"nearest is {unit:N0}" : $"nearest are {below:N0} and {below + unit:N0}";
    }

    static long Gcd(long a, long b) => b == 0 ? a : Gcd(b, a % b);
}
