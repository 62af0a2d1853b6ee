// Energy of a bit over one end of a link, one direction's rate.
//
//   C03   P / R of every pluggable module, by class
//   C04   P / R of every co-packaged engine, its laser counted
//   C05   both hosts' SerDes + cable electronics over R, for the cheapest copper that closes at each length

using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about energy per bit; see the head of this file.</summary>
static class EnergyClaims
{
    const double PluggableLow = 5, PluggableHigh = 15, CoPackagedMost = 5, ElectricalLeast = 20; // pJ/bit

    sealed record Module(Transceiver Part, double PerBit, Grade Grade);

    static List<Module> Modules(ClaimContext context, Func<Transceiver, bool> wanted) =>
        [.. context.Catalog.All<Transceiver>().Where(wanted).Select(Of).OfType<Module>().OrderBy(m => m.PerBit).ThenBy(m => m.Part.Key, StringComparer.Ordinal)];

    static Module? Of(Transceiver part) => part switch
    {
        { Power: { } power } => new(part, (power.Value / part.Rate.Value).PicojoulesPerBit, power.Grade),
        { EnergyPerBit: { } energy } => new(part, energy.Value.PicojoulesPerBit, energy.Grade),
        _ => null,
    };

    static ClaimFigure Range(string name, IReadOnlyList<Module> modules) =>
        new(name, modules[modules.Count / 2].PerBit, "pJ/bit") { Low = modules[0].PerBit, High = modules[^1].PerBit };

    public static ClaimAnswer Pluggable(ClaimContext context, Claim claim)
    {
        var all = Modules(context, t => t.Class is TransceiverClass.Retimed or TransceiverClass.HalfRetimed or TransceiverClass.Linear);
        static bool Inside(Module m) => m.PerBit is >= PluggableLow and <= PluggableHigh;
        var classes = all.GroupBy(m => m.Part.Class).OrderBy(g => g.Key).ToList();
        var inside = all.Count(Inside);
        var retimed = all.Where(m => m.Part.Class == TransceiverClass.Retimed && m.Part.Rate.Value.GigabitsPerSecond == 800).ToList();
        return new()
        {
            Claim = claim,
            Verdict = inside == all.Count ? ClaimVerdict.Holds : inside == 0 ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = inside == 0 || inside == all.Count ? "" : $"the module is one of {string.Join(", ", all.Where(Inside).Select(m => m.Part.Key))}",
            Reason = $"{inside} of {all.Count} modules of the catalogue lie in 5 to 15 pJ/bit. Retimed modules of 800 Gb/s take {retimed[0].PerBit:0.0} to {retimed[^1].PerBit:0.0} pJ/bit at one end, twice that over a link.",
            Figures =
            [
                .. classes.Select(g => Range($"{Name(g.Key)} modules, median", [.. g])),
                new("modules inside 5 to 15 pJ/bit", inside, ""),
                new("modules", all.Count, ""),
            ],
            On = [.. all.Select(m => $"transceiver {m.Part.Key}")],
            Assumptions = ["one end of a link, module alone, over the rate of one direction"],
            Flips = [new("power of a retimed module of 800 Gb/s", PluggableHigh * 0.8, "W", $"up to it 15 pJ/bit hold; the catalogue's take {retimed[0].PerBit * 0.8:0.0} to {retimed[^1].PerBit * 0.8:0.0} W")],
            Weakest = all.Max(m => m.Grade),
        };

        static string Name(TransceiverClass kind) => kind switch
        {
            TransceiverClass.Retimed => "retimed",
            TransceiverClass.HalfRetimed => "half-retimed",
            _ => "linear",
        };
    }

    public static ClaimAnswer CoPackaged(ClaimContext context, Claim claim)
    {
        var all = Modules(context, t => t.Class is TransceiverClass.CoPackaged);
        var shipped = all.Where(m => m.Part.Power is not null).ToList();
        var below = all.Where(m => m.PerBit < CoPackagedMost).ToList();
        var port = shipped.First(m => m.Part.Key == "nvidia-cpo-1.6t");
        return new()
        {
            Claim = claim,
            Verdict = below.Count == all.Count ? ClaimVerdict.Holds : below.Count == 0 ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = below.Count == all.Count || below.Count == 0 ? "" : $"the engine is {string.Join(" or ", below.Select(m => m.Part.Name))}, whose figures nobody has published",
            Reason = $"Engines whose power is stated take {shipped[0].PerBit:0.0} to {shipped[^1].PerBit:0.0} pJ/bit with their lasers: {port.Part.Power!.Value.Value} for {port.Part.Rate.Value} are {port.PerBit:0.0}. Below 5 are only {below.Count} whose figures are expectations.",
            Figures =
            [
                .. all.Select(m => new ClaimFigure(m.Part.Name, m.PerBit, "pJ/bit")),
            ],
            On = [.. all.Select(m => $"transceiver {m.Part.Key}")],
            Assumptions = ["one end of a link, engine and external laser, over the rate of one direction; the SerDes towards the engine not counted"],
            Flips = [new("engine and laser of a 1.6 Tb/s port", CoPackagedMost * port.Part.Rate.Value.GigabitsPerSecond / 1000, "W", $"below it the claim holds; {port.Part.Power.Value.Value} is stated")],
            Weakest = all.Max(m => m.Grade),
        };
    }

    public static ClaimAnswer Electrical(ClaimContext context, Claim claim)
    {
        var (rate, lane) = (Bandwidth.FromGigabitsPerSecond(800), Bandwidth.FromGigabitsPerSecond(100));
        EngineeredLink? Best(double meters) => context.Engineer.Best(new()
        {
            Rate = rate,
            LaneRate = lane,
            Run = Length.FromMeters(meters),
            Policy = new() { Allow = MediaClasses.Copper, Goal = LinkGoal.FewestWatts },
        }) is { Closes: true } link ? link : null;
        double[] lengths = [1, 2, 3, 5, 7];
        var links = lengths.Select(m => (Meters: m, Link: Best(m))).Where(l => l.Link is not null).ToList();
        var inside = links.Where(l => l.Link!.EnergyPerBitWithHost.PicojoulesPerBit >= ElectricalLeast).ToList();
        var serdes = context.Engineer.Assumptions.HostSerDes;
        var shortest = links[0].Link!;
        return new()
        {
            Claim = claim,
            Verdict = inside.Count == links.Count ? ClaimVerdict.Holds : inside.Count == 0 ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = inside.Count == 0 || inside.Count == links.Count ? "" : $"the run is {inside[0].Meters:0.#} m or longer, where copper needs electronics of its own, and both hosts' SerDes are counted",
            Reason = $"With both hosts' SerDes a passive cable of {links[0].Meters:0.#} m takes {shortest.EnergyPerBitWithHost.PicojoulesPerBit:0.0} pJ/bit" +
                $", one of {links[^1].Meters:0.#} m {links[^1].Link!.EnergyPerBitWithHost.PicojoulesPerBit:0.0}. Cables alone take {shortest.EnergyPerBit.PicojoulesPerBit:0.0} to {links[^1].Link!.EnergyPerBit.PicojoulesPerBit:0.0} pJ/bit.",
            Figures =
            [
                .. links.Select(l => new ClaimFigure($"{l.Meters:0.#} m, {l.Link!.Name}, with hosts", l.Link!.EnergyPerBitWithHost.PicojoulesPerBit, "pJ/bit")),
                .. links.Select(l => new ClaimFigure($"{l.Meters:0.#} m, {l.Link!.Name}, cable alone", l.Link!.EnergyPerBit.PicojoulesPerBit, "pJ/bit")),
            ],
            On = ["links of 800 Gb/s over lanes of 100 Gb/s", .. links.Select(l => l.Link!.Name).Distinct()],
            Assumptions = [$"both ends; SerDes {serdes.Value} an end, sender and receiver; the cable that burns least"],
            Flips = [new("SerDes of one end", (ElectricalLeast - shortest.EnergyPerBit.PicojoulesPerBit) / 2, "pJ/bit", $"from it on even {links[0].Meters:0.#} m of passive copper take 20 pJ/bit; {serdes.Value.PicojoulesPerBit:0.0} is assumed")],
            Weakest = links.Max(l => l.Link!.WeakestGrade),
        };
    }
}
