// How far copper goes.
//
//   C02   longest passive twinax of every gauge at 200 and 100 Gb/s a lane (CopperCrossover.cs); loss and lane rate at which 3 m would do
//   C26   of a design's classes of links those that leave a rack, engineered with copper alone: which of them don't close; and the longest
//         copper of any kind at the links' rate

using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about the reach of copper; see the head of this file.</summary>
static class CopperClaims
{
    const double SaidMeters = 3;

    public static ClaimAnswer Reach(ClaimContext context, Claim claim)
    {
        var catalog = context.Catalog;
        IReadOnlyList<CopperCable> cables = [.. catalog.All<CopperCable>()];
        IReadOnlyList<Twinax> pairs = [.. catalog.All<Twinax>()];
        CopperReach Longest(double gigabits, CopperClass kind) => CopperCrossover.Reaches(Bandwidth.FromGigabitsPerSecond(gigabits), cables, pairs).Where(r => r.Class == kind).MaxBy(r => r.Reach)!;
        var (now, before) = (Longest(200, CopperClass.Passive), Longest(100, CopperClass.Passive));
        var active = CopperCrossover.Reaches(Bandwidth.FromGigabitsPerSecond(200), cables, pairs).Where(r => r.Class is CopperClass.Linear or CopperClass.Retimed).MaxBy(r => r.Reach);
        var given = catalog.All<ElectricalInterface>().First(i => i.Name == now.Basis);
        var pair = pairs.First(p => p.Gauge == now.Gauge);
        // The same budget and connectors at another rate: loss per metre moves with the frequency.
        double ReachAt(double gigabits) => (TwinaxLoss.AssemblyBudget(given) - TwinaxLoss.Connectors(pair, given.Frequency.Value, given)).Si
            / TwinaxLoss.PerLength(pair, TwinaxLoss.Nyquist(Bandwidth.FromGigabitsPerSecond(gigabits))).Si;
        var budget = (TwinaxLoss.PerLength(pair, given.Frequency.Value).Si * SaidMeters) + TwinaxLoss.Connectors(pair, given.Frequency.Value, given).Si;
        var rate = Threshold.Of(30.1, 400, gigabits => ReachAt(gigabits) >= SaidMeters);
        List<ClaimFigure> figures =
        [
            new("passive, 200 Gb/s a lane", now.Reach.Meters, "m"),
            new("passive, 100 Gb/s a lane", before.Reach.Meters, "m"),
        ];
        if (active is not null) figures.Add(new("with electronics, 200 Gb/s a lane", active.Reach.Meters, "m"));
        var holds = now.Reach.Meters >= SaidMeters;
        return new()
        {
            Claim = claim,
            Verdict = holds ? ClaimVerdict.Holds : ClaimVerdict.DoesNotHold,
            Reason = $"The thickest pair ({now.Gauge} AWG) uses up what the interface leaves it after {now.Reach.Meters:0.0} m. Three metres belong to the generation before ({before.Reach.Meters:0.0} m at 100 Gb/s a lane)" +
                (active is null ? "." : active.Reach.Meters >= SaidMeters ? $" or to cables with electronics ({active.Reach.Meters:0.0} m)." : $"; cables with electronics go {active.Reach.Meters:0.0} m."),
            Figures = figures,
            On = [$"interface {given.Key}", $"twinax {pair.Key}", "all copper cables of the catalogue"],
            Assumptions = ["an insertion loss budget stands in for channel operating margin; the twinax model's two coefficients are recalled"],
            Flips =
            [
                new("loss that the cable assembly may have", budget, "dB", $"from it on 3 m of {now.Gauge} AWG close; the interface leaves {TwinaxLoss.AssemblyBudget(given).Si:0.0} dB"),
                new($"rate of a lane with the same loss budget, {now.Gauge} AWG", rate, "Gb/s", "up to it 3 m close"),
            ],
            Weakest = now.Grade,
        };
    }

    public static ClaimAnswer BeyondOneRack(ClaimContext context, Claim claim)
    {
        var document = context.Cluster("superpod-h100-ndr");
        var build = context.Evaluate(document).Build;
        var design = document.Design;
        var copper = context.Evaluate(document.With(design with { Site = design.Site with { Links = new() { Media = MediaChoice.Copper } } })).Build;
        var (open, all, leaving, leavingOpen) = (0L, 0L, 0L, 0L);
        var rack = 2.0 * (build.Site.Slack.Value.Meters + build.Site.PortHeight.Value.Meters + 1);
        foreach (var group in copper.Links.SelectMany(l => l.Groups))
        {
            all += group.Count;
            if (!group.Link.Closes) open += group.Count;
            if (group.Link.PurchasableLength.Meters <= rack) continue;
            leaving += group.Count;
            if (!group.Link.Closes) leavingOpen += group.Count;
        }
        var link = build.Links[0];
        var crossing = CopperCrossover.Of(context.Engineer, new()
        {
            Rate = link.Class.Rate,
            LaneRate = build.Plan.Tiers.Count > 0 ? build.Plan.Tiers[0].Switch.LaneRate.Value : build.Plan.Request.System.Nic.LaneRate.Value,
            Run = Length.FromMeters(1),
        });
        var reach = crossing.OpticsNeededBeyond;
        var farthest = copper.Links.Where(l => !l.Class.OnBoard).Max(l => l.Longest);
        var none = leaving > 0 && leavingOpen == leaving;
        return new()
        {
            Claim = claim,
            Verdict = open == 0 ? ClaimVerdict.DoesNotHold : none ? ClaimVerdict.Holds : ClaimVerdict.HoldsIf,
            Condition = open == 0 || none ? "" : $"a run is longer than {reach.Meters:0.#} m, the longest copper that closes",
            Reason = open == 0
                ? $"Every one of the {all:N0} links closes on copper: the farthest runs {farthest.Meters:0.#} m, and copper goes {reach.Meters:0.#} m at {link.Class.Rate}."
                : $"Copper closes up to {reach.Meters:0.#} m at {link.Class.Rate}, optics beyond: {open:N0} of {all:N0} links of this floor need them, {leavingOpen:N0} of the {leaving:N0} that leave a rack.",
            Figures =
            [
                new("longest copper that closes", reach.Meters, "m"),
                new("links that need optics", open, ""),
                new("all links", all, ""),
                new("links that leave a rack", leaving, ""),
                new("longest run", farthest.Meters, "m"),
            ],
            On = [design.Name],
            Assumptions = [$"a cable longer than {rack:0.#} m leaves its rack; runs are those of the floor plan with slack"],
            Flips = [new("run of a cable", reach.Meters, "m", "up to it copper closes and optics are not required")],
            Weakest = crossing.Steps.Select(s => s.CheapestCopper?.WeakestGrade ?? Grade.Standard).Max(),
        };
    }
}
