using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Optics;
using Lightloom.Planning.Costs;
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

        var power = PowerUse.Of(build);
        var bill = BillOfMaterials.Of(build, catalog);
        var accuracy = operation is null ? null : AccuracyOf(operation);
        var failures = outcome is { } run ? operation!.ModelOf(run.Step, new()) : null;
        var together = document.Design.Sites is { Count: > 1 } ? SitesTogether.Of(document, this) : null;
        return new()
        {
            Build = build,
            Operation = operation,
            Outcome = outcome,
            Accuracy = accuracy,
            Power = power,
            Bill = bill,
            Economics = together?.Cost ?? new(CostModel.Of(build, bill, power, accuracy?.Band ?? 0, failures: failures), build, outcome?.EffectiveTokensPerSecond ?? 0),
            Together = together,
            Ledger = operation is null || !marginal ? null : BottleneckLedger.Of(operation, outcome!.Value, build.Plan.Tiers.Count, PricesOf(build)),
            Findings = Findings.Of(build, operation, outcome),
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
        var accuracy = catalog.Get<ModelAccuracy>(job.Model.Model.Pattern is not null ? "training-step-patterns"
            : job.Model.Model.Experts is not null ? "training-step-experts"
            : job.Parallelism.Sharding == Sharding.Weights ? "training-step-sharded" : "training-step-dense");
        var kernels = operation.System.Accelerator.Kernels.Key.TrimEnd('*');
        var outside = new List<string>();
        if (!accuracy.Kernels.Contains(kernels)) outside.Add($"no published step on {kernels} accelerators is among the validated ones");
        if (job.Accelerators > accuracy.MostAccelerators || job.Accelerators < accuracy.FewestAccelerators)
            outside.Add($"{job.Accelerators:N0} accelerators lie outside the validated {accuracy.FewestAccelerators:N0} to {accuracy.MostAccelerators:N0}");
        return new(accuracy.MedianError, accuracy.NinetiethPercentile, accuracy.Rows, outside);
    }

    static BottleneckLedger.Prices PricesOf(ClusterBuild build)
    {
        var plan = build.Plan;
        var (system, factor) = (plan.Request.System, build.Document.Design.Fabric.PriceFactor);
        double systems = plan.Request.Systems;
        return new(
            system.Accelerator.Price is { } chip ? chip.Value * (systems * system.Accelerators) : null,
            system.Nic.Price is { } nic ? (nic.Value * (systems * system.Nics)) + Links("node-leaf") : null,
            Switches(1) is { } spines ? spines + Links("leaf-spine") : null,
            Switches(2) is { } cores ? cores + Links("spine-core") : null);

        Money? Switches(int tier) => tier < plan.Tiers.Count && plan.Tiers[tier].Switch.Price is { } price ? price.Value * (factor * plan.Tiers[tier].Count) : null;

        Money Links(string name) => build.Links.FirstOrDefault(l => l.Class.Name == name) is { } l ? l.Electronics.Value + l.Plant.Value : Money.Zero;
    }
}
