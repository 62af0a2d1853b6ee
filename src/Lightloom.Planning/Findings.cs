using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning;

/// <summary>Looks a design over for what doesn't work or surprises.</summary>
static class Findings
{
    public static IReadOnlyList<Finding> Of(ClusterBuild build, ClusterOperation? operation, Outcome? outcome)
    {
        var findings = new List<Finding>();
        Links(build, findings);
        Floor(build, findings);
        Mechanisms(build, findings);
        if (build.Document.Design.Sites is { Count: > 1 } sites)
            findings.Add(new(Severity.Note, "sites", $"this is one of {sites.Count} sites with the job's whole batch; under 'Sites' the job is shared over all of them, and 'sites' says more", null));
        if (operation is not null && outcome is { } o)
        {
            OpenLinks(build, findings);
            Memory(operation, o.Step, findings);
            Progress(operation, o, findings);
            Tensor(operation, findings);
            Straddling(operation, findings);
            if (operation.Job.Accelerators < build.Plan.AcceleratorCount)
                findings.Add(new(Severity.Note, "job", $"the job runs on {operation.Job.Accelerators:N0} of {build.Plan.AcceleratorCount:N0} accelerators; power and cost are those of the whole cluster", null));
        }
        return [.. findings.OrderByDescending(f => f.Severity)];
    }

    static void Links(ClusterBuild build, List<Finding> findings)
    {
        foreach (var summary in build.Links)
        {
            foreach (var media in summary.Groups.Where(g => !g.Link.Closes).GroupBy(g => g.Link.Name))
            {
                var worst = media.MinBy(g => g.Link.Margin.Si)!;
                var with = worst.Link.Class == MediaClasses.None ? "" : $" with {worst.Link.Name}";
                findings.Add(new(Severity.Infeasible, "links",
                    $"{media.Sum(g => g.Count):N0} of {summary.Class.Count:N0} {summary.Class.Name} links do not close{with}: {worst.Link.Reason}",
                    worst.Link.Mend));
            }
            if (summary.Open == 0 && summary.Groups.Any(g => g.Link.WorstMargin.Si < 0))
            {
                var thin = summary.Groups.Where(g => g.Link.WorstMargin.Si < 0).ToList();
                findings.Add(new(Severity.Warning, "links",
                    $"{thin.Sum(g => g.Count):N0} {summary.Class.Name} links close with typical connectors but miss by up to " +
                    $"{Quantity.Round(-thin.Min(g => g.Link.WorstMargin.Si), 3)} dB if every connector is as bad as its specification allows",
                    "fewer mated pairs, low-loss connectors, or optics of a longer reach"));
            }
        }
    }

    // Figures measured on other links are a choice that shows.
    static void Mechanisms(ClusterBuild build, List<Finding> findings)
    {
        if (build.Document.Design.Collectives is not { } measured) return;
        Check("scaleUp", measured.ScaleUp, build.Document.Design.Accelerators.System.Accelerator.Collectives, "the accelerators' links are");
        Check("fabric", measured.Fabric, build.Usual, "the protocol's mechanism is");

        void Check(string key, CollectiveParameters? given, CollectiveParameters own, string say)
        {
            if (given is not null && given.Key.TrimEnd('*') != own.Key.TrimEnd('*'))
                findings.Add(new(Severity.Warning, "collectives", $"collectives.{key} is based on '{given.Key.TrimEnd('*')}', and {say} '{own.Key.TrimEnd('*')}'", "measure on links of the same kind"));
        }
    }

    static void OpenLinks(ClusterBuild build, List<Finding> findings)
    {
        if (build.Links.Any(l => l.Open > 0))
            findings.Add(new(Severity.Note, "links", "step, goodput and cost are predicted as if every link closed", null));
    }

    static void Floor(ClusterBuild build, List<Finding> findings)
    {
        foreach (var finding in build.Floor.Findings)
            findings.Add(new(Severity.Infeasible, finding.Problem == FloorProblem.FloorTooSmall ? "floor" : "racks", finding.Message, MendOf(finding)));
    }

    static string MendOf(FloorFinding finding) => (finding.Problem, finding.Field) switch
    {
        (FloorProblem.FloorTooSmall, _) => "leave 'rows' and 'racksPerRow' out, and a floor that fits is taken",
        (_, "systemsPerRack") => "leave 'systemsPerRack' out, and as many as fit are taken",
        (FloorProblem.RackTooHigh, _) => "higher racks (rackUnits of site.assumptions)",
        (FloorProblem.RackTooHeavy, _) => "racks and a floor that bear more (rackLoad of site.assumptions)",
        _ => "racks that are fed and cooled with more (rackPower of site.assumptions)",
    };

    static void Memory(ClusterOperation operation, in TrainingStep step, List<Finding> findings)
    {
        var capacity = operation.Capacity;
        var need = step.Memory.Total;
        if (need <= capacity)
        {
            if (need > capacity * 0.95)
                findings.Add(new(Severity.Warning, "memory", $"stage {step.Memory.Stage} needs {need.Gigabytes:0.0} of {capacity.Gigabytes:0.0} GB, fragmentation counted; 'train memory' lists what would leave more room", null));
            return;
        }
        findings.Add(new(Severity.Infeasible, "memory",
            $"the job does not fit: stage {step.Memory.Stage} needs {need.Gigabytes:0.0} GB of {capacity.Gigabytes:0.0} GB " +
            $"({Largest(step.Memory)})", operation.MendMemory()));
    }

    static string Largest(in MemoryUse use)
    {
        var classes = new[]
        {
            ("weights", use.Weights), ("gradients", use.Gradients), ("optimiser states", use.Optimizer), ("activations", use.Activations),
        };
        return string.Join(", ", classes.OrderByDescending(c => c.Item2.Bytes).Take(3).Select(c => $"{c.Item1} {c.Item2.Gigabytes:0.0} GB"));
    }

    static void Progress(ClusterOperation operation, in Outcome outcome, List<Finding> findings)
    {
        var goodput = outcome.Goodput;
        if (goodput.EffectiveShare >= 0.8 && goodput.CheckpointWrite < goodput.Interruptions.MeanTime) return;
        var model = operation.ModelOf(outcome.Step, new());
        if (!model.Forecast().Progresses)
        {
            var ways = ReliabilityMends.ToMakeProgress(model, operation.Job.Accelerators);
            findings.Add(new(Severity.Infeasible, "goodput",
                goodput.CheckpointWrite >= goodput.Interruptions.MeanTime
                    ? $"the job makes no progress: a checkpoint takes {goodput.CheckpointWrite.ToString("G3")}, longer than the {goodput.Interruptions.MeanTime.ToString("G3")} between two interruptions"
                    : $"the job makes no progress: it is interrupted every {goodput.Interruptions.MeanTime.ToString("G3")} and needs {goodput.Recovery.ToString("G3")} to recover",
                ways.Count > 0 ? "one of: " + string.Join("; ", ways) : "faster restart, hot spares and fewer accelerators in one job; none alone is enough"));
        }
        else if (goodput.EffectiveShare < 0.8)
            findings.Add(new(Severity.Warning, "goodput",
                $"the job makes progress only {100 * goodput.EffectiveShare:0.0} % of the time; it is interrupted every {goodput.Interruptions.MeanTime.ToString("G3")}",
                ReliabilityMends.Of(model) is [var best, ..] ? $"{best.Say}: {100 * best.Effective:0.0} %; 'reliability' lists more" : "faster restart and checkpoints"));
    }

    static void Tensor(ClusterOperation operation, List<Finding> findings)
    {
        var domain = operation.System.Accelerators.Value;
        var tensor = operation.Job.Parallelism.Tensor;
        if (tensor > domain)
            findings.Add(new(Severity.Warning, "parallelism",
                $"tensor {tensor} reaches beyond the scale-up domain of {domain}, over the training fabric", $"tensor {domain} or less"));
    }

    // Groups that fit a scale-up domain and yet stand in two, because domains aren't whole groups.
    static void Straddling(ClusterOperation operation, List<Finding> findings)
    {
        var (network, job) = (operation.Network(new()), operation.Job);
        var domain = network.Spans[0]; // what the job has of each
        var layout = new GroupLayout(job, network);
        foreach (var (kind, name) in new[] { (StepGroup.Tensor, "tensor"), (StepGroup.Context, "context"), (StepGroup.Expert, "expert") })
        {
            int groups = 0, apart = 0, reach = 0;
            foreach (var ranks in layout.RanksOf(kind).Groups(job.Accelerators))
            {
                reach = ranks[^1] - ranks[0] + 1;
                if (ranks.Length == 1 || reach > domain) break;
                groups++;
                if (ranks[0] / domain != ranks[^1] / domain) apart++;
            }
            if (apart == 0) continue;
            findings.Add(new(Severity.Warning, "parallelism",
                $"{apart:N0} of {groups:N0} {name} groups stand in two scale-up domains of {domain}, which aren't whole groups of {reach}; all groups wait for those that cross",
                $"job.accelerators of {domain / reach * reach} in each domain, or a degree that divides {domain}"));
        }
    }
}
