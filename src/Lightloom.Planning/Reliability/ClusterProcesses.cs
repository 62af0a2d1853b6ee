// What fails under a job on a cluster, process by process.
//
//   accelerators and hosts    site's rate, less silent errors (they are among the published interruptions)     stops; drains 1 system
//   silent errors             site's rate                                                                      computes in vain until found
//   slow accelerators         site's rate                                                                      slows until found, drained
//   software and maintenance  site's rate                                                                      stops; drains nothing
//   network cards             site's rate by card                                                              stops, or 1 of the system's cards less
//   links to the leaves       modules, engines, lasers and cables as engineered (LinkSummary)                  stops; with another way: bandwidth
//   flaps of these            as engineered; shorter than the transport's patience: stalls, else as a failure that lasts so long
//   degraded links            optical links to the leaves x the share of failures that begins as dirt          slows until found
//   leaf switches             site's rate by switch                                                            stops; with another way: bandwidth
//   above the leaves          links as engineered, switches at the site's rate: bandwidth until replaced; the only way up: stops
//
//   another way     a card's ports in several planes, or on several leaves (dual-tor); other cards of the system where the design says that
//                   the job goes on with them
//   radius          links of the module, engine or laser that goes (Lightloom.Optics.BlastRadius); each of them is another system's at most.
//                   Where the repair takes the box out, its systems are drained
//   loses a path    accelerators of those links; of a switch, those below it;  cut off: those without another way
//   slowdown        1 − step / step with the way down, from the model of the step
//
// Example: a card with ports in 4 planes: a link down leaves 3/4 of its bandwidth, and everybody waits for that card.

using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Reliability;

/// <summary>Collects what fails under a job; see the table at the head of this file.</summary>
sealed class ClusterProcesses(
    FabricPlan plan, SiteDefaults site, NetworkProtocol protocol, IReadOnlyList<LinkSummary> links, TrainingJob job, RecoverySection recovery,
    Func<double, double> slowerWithCards, Func<FailedSection, double> slowerWithout)
{
    readonly AcceleratorSystem system = plan.Request.System;
    readonly double share = (double)job.Accelerators / plan.AcceleratorCount;
    readonly List<FailureProcess> found = [];

    /// <summary>Separate ways that a card's ports give it to the fabric.</summary>
    public static int WaysOfCard(FabricPlan plan)
    {
        var cards = (double)plan.Request.Systems * plan.Request.System.Nics.Value;
        var ports = cards > 0 ? Math.Max(1, (int)Math.Round(plan.NicPorts / cards)) : 1;
        return plan.Topology == "dual-tor" ? ports : Math.Min(plan.Request.Planes, ports);
    }

    /// <summary>All processes, with failures of links scaled.</summary>
    public IReadOnlyList<FailureProcess> Of(in Betterment better)
    {
        Hosts();
        HostLinks(better.LinkFailures);
        if (plan.Tiers.Count > 0) Leaves();
        if (plan.Clos is { } shape) Above(shape, better.LinkFailures);
        return found;
    }

    int Ways => WaysOfCard(plan);

    bool OtherCards => recovery.OnLostCard == LostCardPolicy.Continue && system.Nics.Value > 1;

    // What is left of a system's cards: a way of one card less, or a card less.
    double Left => Ways > 1 ? (Ways - 1.0) / Ways : (system.Nics.Value - 1.0) / system.Nics.Value;

    int SystemsOfLeaf => Math.Max(1, Math.Min((int)Math.Ceiling((double)job.Accelerators / system.Accelerators),
        plan.Clos?.SystemsPerUnit ?? (int)Math.Ceiling((double)plan.Request.Systems / Math.Max(1, plan.Tiers[0].Count))));

    FailureProcess Add(string name, FailureKind kind, FailureConsequence consequence, double count, FailureRate rate, string source, Grade grade)
    {
        var process = new FailureProcess(name, kind, consequence, count, rate, source, grade)
        {
            Detection = consequence is FailureConsequence.Interrupts ? site.Detection.Value : Duration.Zero,
            DetectionFigure = consequence is FailureConsequence.Interrupts ? DetectionOf(site) : null,
        };
        found.Add(process);
        return process;
    }

    void Replace(FailureProcess with) => found[^1] = with;

    /// <summary>The time until an interruption is noticed, as it is assumed of a site.</summary>
    internal static CostFigure DetectionOf(SiteDefaults site) => CostFigure.OfTime("detection", "time to notice an interruption", site.Detection);

    CostFigure SystemRepair => CostFigure.OfTime("systemRepair", "repair of a system", site.SystemRepair);

    FailureProcess Straggling(FailureProcess process) => process with
    {
        Detection = site.StragglerDetection.Value,
        DetectionFigure = CostFigure.OfTime("stragglerDetection", "time to find a slow part", site.StragglerDetection),
        Slowdown = site.StragglerSlowdown.Value,
        SlowdownFigure = CostFigure.Of("stragglerSlowdown", "what a slow part slows the job by", "", site.StragglerSlowdown, v => v),
    };

    // Repairs of links and switches, that the job goes by where it runs on with less bandwidth.
    static CostFigure RepairOf(Sourced<Duration> time) => CostFigure.OfTime(
        time == BlastRadius.SwitchSwap ? "switchSwap" : time == BlastRadius.CartridgeSwap ? "cartridgeSwap" : time == BlastRadius.FibreRepair ? "fibreRepair" : "linkSwap",
        time == BlastRadius.SwitchSwap ? "swap of a switch" : time == BlastRadius.CartridgeSwap ? "swap of a cartridge" : time == BlastRadius.FibreRepair ? "repair of a fibre" : "swap of a module or cable", time);

    void Hosts()
    {
        double count = job.Accelerators;
        var (stops, silent) = (site.AcceleratorInterruptions, site.SilentErrors);
        var errors = Quantity.Min(stops.Value, silent.Value);
        var (domain, repair) = ((double)system.Accelerators.Value, site.SystemRepair.Value);
        var p = Add("accelerators and hosts", FailureKind.HardFailure, FailureConsequence.Interrupts, count, stops.Value - errors, stops.Source, stops.Grade);
        Replace(p with { Repair = repair, RepairFigure = SystemRepair, Systems = 1, LosePaths = domain, CutOff = domain, Cause = RateCause.OfSite("acceleratorInterruptions", "interruptions by accelerators and hosts", stops) });
        p = Add("silent errors", FailureKind.SilentError, FailureConsequence.Corrupts, count, errors, silent.Source, silent.Grade);
        Replace(p with { Detection = site.SilentDetection.Value, DetectionFigure = CostFigure.OfTime("silentDetection", "time to notice wrong results", site.SilentDetection), Repair = repair, RepairFigure = SystemRepair, Systems = 1, CutOff = domain, Cause = RateCause.OfSite("silentErrors", "silent errors", silent) });
        p = Add("slow accelerators", FailureKind.Degradation, FailureConsequence.Slows, count, site.Stragglers.Value, site.Stragglers.Source, site.Stragglers.Grade);
        Replace(Straggling(p) with { Repair = repair, RepairFigure = SystemRepair, Systems = 1, CutOff = domain, Cause = RateCause.OfSite("stragglers", "accelerators that become slow", site.Stragglers) });
        p = Add("software and maintenance", FailureKind.HardFailure, FailureConsequence.Interrupts, count, site.OtherInterruptions.Value, site.OtherInterruptions.Source, site.OtherInterruptions.Grade);
        Replace(p with { Cause = RateCause.OfSite("otherInterruptions", "interruptions by software and maintenance", site.OtherInterruptions) });
        var cards = count / system.Accelerators * system.Nics;
        var each = cards > 0 ? count / cards : 0;
        var goesOn = OtherCards;
        p = Add("network cards", FailureKind.HardFailure, goesOn ? FailureConsequence.TakesBandwidth : FailureConsequence.Interrupts, cards, site.NicFailures.Value, site.NicFailures.Source, site.NicFailures.Grade);
        Replace(p with { Repair = repair, RepairFigure = SystemRepair, Systems = goesOn ? 0 : 1, LosePaths = each, CutOff = goesOn ? 0 : each, Slowdown = goesOn ? slowerWithCards((system.Nics.Value - 1.0) / system.Nics.Value) : 0, Cause = RateCause.OfSite("nicFailures", "failures of network cards", site.NicFailures) });
    }

    void HostLinks(double worse)
    {
        if (links.FirstOrDefault(l => l.Class.Lower.Tier == "node" && l.Class.Upper.Tier != "node") is not { } summary || summary.Class.Count == 0) return;
        var count = summary.Class.Count * share;
        var goesOn = Ways > 1 || OtherCards;
        var consequence = goesOn ? FailureConsequence.TakesBandwidth : FailureConsequence.Interrupts;
        var slowdown = goesOn ? slowerWithCards(Left) : 0;
        var each = (double)plan.AcceleratorCount / summary.Class.Count; // accelerators of a link, below 1 where one has several
        var blast = BlastOf(summary);
        var (down, repair) = (blast?.Links ?? 1, blast?.Repair ?? BlastRadius.FrontSwap);
        var drained = blast is { LinksDuringRepair: > 0 } ? SystemsOfLeaf : Math.Min(SystemsOfLeaf, (int)Math.Ceiling(down));
        var lose = Math.Min(job.Accelerators, Math.Max(1, each) * down);
        var rate = PerPart(summary.Failures * worse, summary.Class.Count);
        var (source, grade) = blast is null ? ("link engineering", Grade.Assumption) : (blast.Source, blast.Grade);
        var p = Add("links to the leaves", FailureKind.HardFailure, consequence, count, rate, source, grade);
        Replace(p with { Repair = repair.Value, RepairFigure = RepairOf(repair), Systems = goesOn ? 0 : drained, Slowdown = slowdown, LosePaths = lose, CutOff = goesOn ? 0 : lose, Cause = summary.Cause });

        var flap = PerPart(summary.Flaps * worse, summary.Class.Count);
        if (flap.PerSecond > 0)
        {
            var outlasts = site.FlapDuration.Value > protocol.RetryWindow.Value;
            p = Add(outlasts ? "flaps that outlast the transport" : "flaps", FailureKind.Flap, outlasts ? consequence : FailureConsequence.Stalls, count, flap, site.LinkFlaps.Source, site.LinkFlaps.Grade);
            Replace(p with { Repair = site.FlapDuration.Value, RepairFigure = CostFigure.OfTime("flapDuration", "length of a flap", site.FlapDuration), Slowdown = outlasts ? slowdown : 0, LosePaths = Math.Max(1, each), CutOff = goesOn ? 0 : Math.Max(1, each), Cause = RateCause.OfSite("linkFlaps", "flaps of links", site.LinkFlaps) });
        }
        var optical = summary.Groups.Where(g => g.Link.Parts.Any(part => part.Measure == PartMeasure.FibreMeters)).Sum(g => g.Count) * share;
        if (optical <= 0) return;
        var dirt = PartCatalog.Default.Get<FailureObservation>("connector-contamination");
        p = Add("degraded links", FailureKind.Degradation, FailureConsequence.Slows, optical, rate * (dirt.Figure.Value / 100), dirt.Figure.Source, Grade.Assumption);
        Replace(Straggling(p) with { Repair = repair.Value, Systems = 1, LosePaths = Math.Max(1, each), Cause = summary.Cause });
    }

    void Leaves()
    {
        var tier = plan.Tiers[0];
        var below = Math.Min(job.Accelerators, plan.Clos is { } shape
            ? (double)shape.SystemsPerUnit * system.Accelerators / Math.Max(1, Ways > 1 ? 1 : shape.LeavesPerUnit)
            : (double)plan.AcceleratorCount / Math.Max(1, tier.Count));
        // Cards of one rail hang on a leaf of their own; where all cards of a system hang on one, others are no help.
        var goesOn = Ways > 1 || (OtherCards && plan.Clos is { LeavesPerUnit: > 1 });
        var rate = site.SwitchFailures;
        var p = Add("leaf switches", FailureKind.HardFailure, goesOn ? FailureConsequence.TakesBandwidth : FailureConsequence.Interrupts, tier.Count * share, rate.Value, rate.Source, rate.Grade);
        Replace(p with
        {
            Repair = BlastRadius.SwitchSwap.Value,
            RepairFigure = RepairOf(BlastRadius.SwitchSwap),
            Systems = goesOn ? 0 : SystemsOfLeaf,
            Slowdown = goesOn ? slowerWithCards(Left) : 0,
            LosePaths = below,
            CutOff = goesOn ? 0 : below,
            Cause = OfSwitches(site),
        });
    }

    void Above(ClosShape shape, double worse)
    {
        var below = (double)shape.SystemsPerUnit * system.Accelerators / Math.Max(1, shape.LeavesPerUnit);
        var (leafUp, spines) = (shape.UplinksPerLeaf, Math.Max(1, shape.SpinesPerPod));
        if (leafUp <= 0) return;
        // A leaf without a way up is cut off like a leaf that is down; its cards may have another.
        var spineDown = Math.Max(1, (int)Math.Ceiling((double)leafUp / spines));
        double LeafWithout(int n) => n < leafUp ? slowerWithout(new() { LeafUplinks = n }) : Ways > 1 ? slowerWithCards(Left) : double.NaN;
        Links("leaf-spine", LeafWithout(1), below, worse);
        Switches("spine switches", 1, LeafWithout(spineDown), below * shape.UnitsPerPod * shape.LeavesPerUnit);
        var spineUp = shape.UplinksPerSpine;
        if (spineUp <= 0) return;
        // A spine without a way up is of no use between pods: as if it were down, for leaves that have others.
        double SpineWithout(int n) => n < spineUp ? slowerWithout(new() { SpineUplinks = n }) : LeafWithout(spineDown);
        Links("spine-core", SpineWithout(1), below * shape.UnitsPerPod * shape.LeavesPerUnit, worse);
        Switches("core switches", 2, SpineWithout(Math.Max(1, (int)Math.Ceiling((double)spineUp / Math.Max(1, shape.CoresPerGroup)))), plan.AcceleratorCount);
    }

    // slowdown: NaN where there is no other way, so that the job stops.
    void Links(string name, double slowdown, double below, double worse)
    {
        if (links.FirstOrDefault(l => l.Class.Name == name) is not { } summary || summary.Class.Count == 0) return;
        var blast = BlastOf(summary);
        Uplink($"{name} links", slowdown, summary.Class.Count * share, PerPart(summary.Failures * worse, summary.Class.Count), blast?.Source ?? "link engineering",
            blast?.Grade ?? Grade.Assumption, blast?.Repair ?? BlastRadius.FrontSwap, below * (blast?.Links ?? 1), summary.Cause);
    }

    void Switches(string name, int tier, double slowdown, double reached)
    {
        if (plan.Tiers.Count <= tier) return;
        var rate = site.SwitchFailures;
        Uplink(name, slowdown, plan.Tiers[tier].Count * share, rate.Value, rate.Source, rate.Grade, BlastRadius.SwitchSwap, reached, OfSwitches(site));
    }

    void Uplink(string name, double slowdown, double count, FailureRate rate, string source, Grade grade, Sourced<Duration> repair, double below, RateCause? cause)
    {
        var alone = double.IsNaN(slowdown);
        var p = Add(name, FailureKind.HardFailure, alone ? FailureConsequence.Interrupts : FailureConsequence.TakesBandwidth, count, rate, source, grade);
        var reached = Math.Min(job.Accelerators, below);
        Replace(p with { Repair = repair.Value, RepairFigure = RepairOf(repair), Slowdown = alone ? 0 : slowdown, LosePaths = reached, CutOff = alone ? reached : 0, Cause = cause });
    }

    // What takes most links down of what ends a class of links, but for the switch itself.
    Blast? BlastOf(LinkSummary summary)
    {
        if (plan.Tier(summary.Class.Upper.Tier)?.Switch is not { } box) return null;
        var link = summary.Groups.OrderByDescending(g => g.Count).Select(g => g.Link).FirstOrDefault(l => l.Class != MediaClasses.None);
        return link is null ? null : BlastRadius.Of(box, link).FirstOrDefault(b => b.Element is not FailingElement.Switch);
    }

    /// <summary>Failures of switches, as they are assumed of a site.</summary>
    internal static RateCause OfSwitches(SiteDefaults site) => RateCause.OfSite("switchFailures", "failures of switches", site.SwitchFailures);

    static FailureRate PerPart(FailureRate all, long count) => FailureRate.FromPerSecond(all.PerSecond / Math.Max(1, count));
}
