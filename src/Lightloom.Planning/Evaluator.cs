using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Optics;
using Lightloom.Planning.Logs;
using Lightloom.Planning.MultiSite;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning;

/// <summary>Evaluates designs: from the photon to the plan. Keep one for many designs; it remembers parts. Safe for many threads.</summary>
/// <param name="catalog">The catalogue; what ships unless given.</param>
public sealed class Evaluator(PartCatalog? catalog = null)
{
    readonly PartCatalog catalog = catalog ?? PartCatalog.Default;
    readonly LinkEngineer engineer = new(catalog ?? PartCatalog.Default);

    /// <summary>Evaluates a design.</summary>
    /// <exception cref="InputException">The design asks for what can't be.</exception>
    public Evaluation Evaluate(DesignDocument document) => Evaluate(document, marginal: true);

    /// <summary>Evaluates a design without its ledger, which takes most of the time: for those who compare many designs.</summary>
    /// <exception cref="InputException">The design asks for what can't be.</exception>
    public Evaluation EvaluateBriefly(DesignDocument document) => Evaluate(document, marginal: false);

    Evaluation Evaluate(DesignDocument document, bool marginal)
    {
        ArgumentNullException.ThrowIfNull(document);
        // Findings and complaints carry numbers; they read the same whatever the caller's language.
        var culture = CultureInfo.CurrentCulture;
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
        try
        {
            return EvaluateInvariantly(document, marginal);
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    /// <summary>Searches the parallelism of a design's job: an automatic choice keeps what the design gives beside it, given degrees are all let go.</summary>
    /// <returns>What was found; null if it was stopped before anything was.</returns>
    /// <exception cref="InputException">The design asks for what can't be, or has no job.</exception>
    public DesignSearch? Search(DesignDocument document, SearchOptions options, CancellationToken cancel = default)
    {
        ArgumentNullException.ThrowIfNull(document);
        var build = ClusterBuild.Of(document, catalog, engineer);
        if (document.Design.Job is not { } section) throw new InputException("a search of the parallelism needs a design with a job");
        var automatic = section.Parallelism.Choice == ParallelismChoice.Auto;
        var operation = Operate(build, choose: false)!;
        TrainingStep? own = automatic ? null : operation.PlayedOut(operation.Run(new()).Step);
        try
        {
            return operation.Choose(automatic ? SpaceOf(document, section) : null, options, cancel) ? new(build, operation, own) : null;
        }
        catch (JobException e)
        {
            throw document.Wrong($"job.{e.Field}", e.Message);
        }
    }

    static SearchSpace SpaceOf(DesignDocument document, JobSection section) =>
        SearchSpace.Of(section.Parallelism, key => document.Gave($"job.parallelism.{key}"));

    Evaluation EvaluateInvariantly(DesignDocument document, bool marginal)
    {
        var build = ClusterBuild.Of(document, catalog, engineer);
        var operation = Operate(build);
        Outcome? outcome = operation?.Run(new());

        var unpriced = new SortedSet<string>(StringComparer.Ordinal);
        var power = PowerOf(build);
        var capital = CapitalOf(build, unpriced, out var prices);
        var economics = Economics.Of(
            capital, build.Site, power.InUse, power.Provisioned, build.Plan.AcceleratorCount, outcome?.EffectiveTokensPerSecond ?? 0);
        return new()
        {
            Build = build,
            Operation = operation,
            Outcome = outcome,
            Accuracy = operation is null ? null : AccuracyOf(operation),
            Power = power,
            Economics = economics,
            Sites = operation is not null && document.Design.Sites is { Count: > 1 } ? SitesPlan.Of(document, this) : null,
            Ledger = operation is null || !marginal ? null : BottleneckLedger.Of(operation, outcome!.Value, build.Plan.Tiers.Count, prices),
            Findings = Findings.Of(build, operation, outcome),
            Unpriced = [.. unpriced],
            Id = IdOf(document),
        };
    }

    // The limit of 'job.accelerators'; a cluster may be larger than any one job.
    const long MostAccelerators = 10_000_000;

    string IdOf(DesignDocument document) => Convert.ToHexStringLower(
        SHA256.HashData(Encoding.UTF8.GetBytes($"{document.Hash} {catalog.Version} {Evaluation.ModelVersion}")))[..16];

    static ClusterOperation? Operate(ClusterBuild build, bool choose = true)
    {
        if (build.Document.Design.Job is not { } section) return null;
        var total = build.Plan.AcceleratorCount;
        var used = section.Accelerators ?? total;
        if (used > total)
            throw build.Document.Wrong("job.accelerators", $"the job wants {used:N0} accelerators and the cluster has {total:N0}");
        if (used > MostAccelerators)
            throw build.Document.Wrong("job.accelerators", $"a job runs on at most {MostAccelerators:N0} accelerators; the cluster has {total:N0}");
        if (section.Model.Contradiction() is { } wrong) throw build.Document.Wrong($"job.model.{wrong.Key}", wrong.Problem);
        try
        {
            var job = new TrainingJob
            {
                Model = new(section.Model),
                Sequence = section.Sequence ?? section.Model.Sequence,
                GlobalBatch = section.GlobalBatch,
                Precision = section.Precision,
                Parallelism = section.Parallelism,
                Memory = section.Memory,
                FrozenWeights = section.FrozenWeights,
                Accelerators = (int)used,
            };
            var automatic = section.Parallelism.Choice == ParallelismChoice.Auto;
            var operation = new ClusterOperation(build.Plan, build.Protocol, build.Balance, build.Site, build.Links, section, automatic ? job : job.Checked())
            {
                Recovery = RecoveryOf(build, used),
                Failed = build.Document.Design.Fabric.Failed,
                Change = build.Document.Design.Collectives?.Change ?? NetworkChange.None,
                Collectives = build.Document.Design.Collectives is { FabricReduction: true } ? CollectiveModel.WithFabricReduction : CollectiveModel.Default,
            };
            if (automatic && choose) operation.Choose(SpaceOf(build.Document, section));
            return operation;
        }
        catch (JobException e)
        {
            throw build.Document.Wrong($"job.{e.Field}", e.Message);
        }
    }

    static RecoverySection RecoveryOf(ClusterBuild build, long used)
    {
        var recovery = build.Document.Design.Recovery ?? new();
        var idle = (build.Plan.AcceleratorCount - used) / build.Plan.Request.System.Accelerators;
        if (recovery.Spares is { } spares && spares > idle)
            throw build.Document.Wrong("recovery.spares", $"spares are systems that the job leaves idle, and it leaves {idle:N0} of {build.Plan.Request.Systems:N0}; expected at most {idle:N0}, or fewer job.accelerators");
        return recovery;
    }

    AccuracyStatement AccuracyOf(ClusterOperation operation)
    {
        var job = operation.Job;
        var accuracy = catalog.Get<ModelAccuracy>(job.Model.Model.Experts is not null ? "training-step-experts"
            : job.Parallelism.Sharding == Sharding.Weights ? "training-step-sharded" : "training-step-dense");
        var kernels = operation.System.Accelerator.Kernels.Key.TrimEnd('*');
        var outside = new List<string>();
        if (!accuracy.Kernels.Contains(kernels)) outside.Add($"no published step on {kernels} accelerators is among the validated ones");
        if (job.Accelerators > accuracy.MostAccelerators || job.Accelerators < accuracy.FewestAccelerators)
            outside.Add($"{job.Accelerators:N0} accelerators lie outside the validated {accuracy.FewestAccelerators:N0} to {accuracy.MostAccelerators:N0}");
        return new(accuracy.MedianError, accuracy.NinetiethPercentile, accuracy.Rows, outside);
    }

    static PowerUse PowerOf(ClusterBuild build)
    {
        var system = build.Plan.Request.System;
        double systems = build.Plan.Request.Systems;
        var items = new List<PowerItem>();
        var accelerators = (system.Accelerator.Power?.Value ?? Power.Zero) * (systems * system.Accelerators);
        Add("accelerators", Layer.Compute, accelerators, build.Site.AcceleratorLoad);
        Add("hosts", Layer.Compute, system.HostPower.Value * systems, 1);
        Add("network cards", Layer.Loom, (system.Nic.Power?.Value ?? Power.Zero) * (systems * system.Nics), 1);
        foreach (var tier in build.Plan.Tiers)
            Add($"{tier.Name} switches", Layer.Loom, (tier.Switch.Power?.Value ?? tier.Switch.AsicPower?.Value ?? Power.Zero) * (double)tier.Count, 1);
        if (build.Plan.OpticalSwitches is { } circuits)
            Add("optical circuit switches", Layer.Light, (circuits.Switch.Power?.Value ?? Power.Zero) * (double)circuits.Count, 1);
        foreach (var link in build.Links) Add($"{link.Class.Name} modules", Layer.Light, link.AddedPower, 1);
        return new(items, items.Sum(i => i.InUse), items.Sum(i => i.Provisioned));

        void Add(string name, Layer layer, Power full, double load) => items.Add(new(name, layer, full * load, full));
    }

    static List<CapitalItem> CapitalOf(ClusterBuild build, SortedSet<string> unpriced, out BottleneckLedger.Prices prices)
    {
        var (plan, site) = (build.Plan, build.Site);
        var factor = build.Document.Design.Fabric.PriceFactor;
        var system = plan.Request.System;
        double systems = plan.Request.Systems;
        var items = new List<CapitalItem>
        {
            new("systems, with their cards", systems * CostRange.Of(system.Price), site.ServerLife.Value, true),
        };
        var tiers = new Money?[Math.Max(3, plan.Tiers.Count)];
        for (var t = 0; t < plan.Tiers.Count; t++)
        {
            var tier = plan.Tiers[t];
            if (tier.Switch.Price is not { } price) unpriced.Add(tier.Switch.Key);
            else
            {
                var item = new CapitalItem($"{tier.Name} switches", tier.Count * factor * CostRange.Of(price), site.NetworkLife.Value, true);
                items.Add(item);
                tiers[t] = item.Price.Value;
            }
        }
        if (plan.OpticalSwitches is { } circuits)
        {
            if (circuits.Switch.Price is { } price) items.Add(new("optical circuit switches", circuits.Count * CostRange.Of(price), site.NetworkLife.Value, true));
            else unpriced.Add(circuits.Switch.Key);
        }
        foreach (var link in build.Links)
        {
            items.Add(new($"{link.Class.Name} electronics", link.Electronics, site.NetworkLife.Value, true));
            if (link.Plant.Value > Money.Zero) items.Add(new($"{link.Class.Name} fibre plant", link.Plant, site.CablePlantLife.Value, false));
            foreach (var group in link.Groups)
                foreach (var part in group.Link.Parts)
                    if (!part.IncludedInHost && part.Part is Transceiver { Price: null } or CopperCable { Price: null }) unpriced.Add(part.Part.Key);
        }

        Money Links(string name) => build.Links.FirstOrDefault(l => l.Class.Name == name) is { } l ? l.Electronics.Value + l.Plant.Value : Money.Zero;
        prices = new(
            system.Accelerator.Price is { } chip ? chip.Value * (systems * system.Accelerators) : null,
            system.Nic.Price is { } nic ? (nic.Value * (systems * system.Nics)) + Links("node-leaf") : null,
            tiers[1] is { } spines ? spines + Links("leaf-spine") : null,
            tiers[2] is { } cores ? cores + Links("spine-core") : null);
        return items;
    }
}
