// What co-packaged optics save and spare, each on the denominator that is meant.
//
//   C06   port      P_module/k over P_engine's share          the vendor's own count of a pluggable: 30 W, 20 W of it processor and engine, 10 W laser
//         box       P_box + modules over P_box with engines   modules of 25 W, as in the published 7.0 kW
//         cluster   IT power in use of the same cluster twice, with pluggable and with co-packaged switches
//         modules   switch-side ends of every link of a full fat-tree of three tiers: 1 + 2 + 2 an accelerator's port
//   C07   failures of modules or engines over those ends, at the catalogue's rates and their ranges
//   C08   ports x rate of every co-packaged switch of the catalogue

using Lightloom.Catalog;
using Lightloom.Fabric;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about co-packaged optics; see the head of this file.</summary>
static class CoPackagingClaims
{
    const double SaidPower = 3.5, SaidResilience = 10, SaidTerabits = 100;
    const double VendorModule = 30, PublishedModule = 25; // W
    const int Accelerators = 131_072, Radix = 128, EachSystem = 8;
    const double YearHours = 8766;

    /// <summary>131,072 accelerators of one 400 Gb/s port each under three full tiers of switches of 128 ports, one port to a module.</summary>
    internal static FabricPlan ThreeTiers(ClaimContext context)
    {
        var box = context.Catalog.Get<Switch>("th5-bailly") with { CoPackaged = null, PortsPerCage = Sourced<int>.Of(1, "lightloom", Grade.Assumption) };
        return Topologies.Find("fat-tree").Plan(new()
        {
            Systems = Accelerators / EachSystem,
            System = context.Catalog.Get<AcceleratorSystem>("hgx-h100"),
            Switch = box,
            Tiers = 3,
        });
    }

    /// <summary>Ends of links at switches: one below each leaf's port, both of every link between tiers.</summary>
    internal static long SwitchSideModules(FabricPlan plan) =>
        plan.Links.Sum(l => (plan.Tier(l.Lower.Tier) is not null ? l.Count : 0) + (plan.Tier(l.Upper.Tier) is not null ? l.Count : 0));

    public static ClaimAnswer Power(ClaimContext context, Claim claim)
    {
        var (before, after) = (context.Catalog.Get<Switch>("q3400-ra"), context.Catalog.Get<Switch>("q3450-ld"));
        var module = context.Catalog.Get<Transceiver>("1.6t-2xdr4");
        var packaged = EnergyAccount.CoPackaged(after);
        EnergyClaim With(double watts) => new(EnergyAccount.Pluggable(before, module, Quantities.Power.FromWatts(watts)), packaged);
        var (vendor, published) = (With(VendorModule), With(PublishedModule));
        var (pluggable, coPackaged) = (context.Evaluate(context.Example("gb200-nvl72-pluggable")), context.Evaluate(context.Example("gb200-nvl72-cpo")));
        var cluster = pluggable.Power.InUse / coPackaged.Power.InUse;
        var best = Math.Max(vendor.PerPort, Math.Max(published.PerBox, cluster));
        return new()
        {
            Claim = claim,
            Verdict = cluster >= SaidPower ? ClaimVerdict.Holds : best >= SaidPower - 0.05 ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = cluster < SaidPower && best >= SaidPower - 0.05 ? "only the optics of a port are counted" : "",
            Reason = $"The number depends on what it is divided by: {vendor.PerPort:0.0} times for the optics of a port, {published.PerBox:0.00} times for a switch box, {cluster:0.000} times ({100 * (1 - (1 / cluster)):0.0} %) for a cluster. " +
                $"None of the three is the network's power {SaidPower} times over.",
            Figures =
            [
                new("per port, optics alone", vendor.PerPort, "x") { Low = With(module.Power!.Value.Low.Watts).PerPort, High = With(Math.Max(module.Power.Value.High.Watts, VendorModule)).PerPort },
                new("per switch box", published.PerBox, "x"),
                new("per cluster", cluster, "x"),
                new("saved of the cluster's power", 100 * (1 - (1 / cluster)), "%"),
                new("per port, with the SerDes that drive the optics", vendor.PerPortWithHost, "x"),
                new("switch box before", published.Before.Box.Kilowatts, "kW"),
                new("switch box after", published.After.Box.Kilowatts, "kW"),
                new("switch-side modules of 131,072 accelerators in three tiers", SwitchSideModules(ThreeTiers(context)), ""),
            ],
            On = [$"switches {before.Key} and {after.Key}", $"transceiver {module.Key}", pluggable.Build.Document.Design.Name, coPackaged.Build.Document.Design.Name],
            Assumptions =
            [
                $"a pluggable of {VendorModule} W at the port, as the vendor counts it, and of {PublishedModule} W in the published box of 7.0 kW; the catalogue's own is {module.Power.Value.Value}",
                "a port of the published box is one of 800 Gb/s, half a module",
            ],
            Flips =
            [
                new("pluggable module of 1.6 Tb/s", Threshold.Of(1, 200, w => With(w).PerPort >= SaidPower), "W", "from it on the optics of a port take 3.5 times less"),
                new("pluggable module of 1.6 Tb/s", Threshold.Of(1, 2000, w => With(w).PerBox >= SaidPower), "W", "from it on a whole box takes 3.5 times less"),
            ],
            Weakest = packaged.WeakestGrade > vendor.Before.WeakestGrade ? packaged.WeakestGrade : vendor.Before.WeakestGrade,
        };
    }

    public static ClaimAnswer Resilience(ClaimContext context, Claim claim)
    {
        var (module, engine) = (context.Catalog.Get<Transceiver>("800g-2xfr4"), context.Catalog.Get<Transceiver>("bailly-cpo-800g"));
        var (loose, fixedTo) = (module.FailureRate!.Value, engine.FailureRate!.Value);
        double Ratio(FailureRate pluggable) => pluggable.Fit / fixedTo.Value.Fit;
        var plan = ThreeTiers(context);
        var ends = SwitchSideModules(plan);
        // Two 400G links share a module of either kind.
        double PerYear(FailureRate rate) => ends / 2.0 * rate.Fit * YearHours * 1e-9;
        var (least, most) = (Ratio(loose.Low), Ratio(loose.High));
        return new()
        {
            Claim = claim,
            Verdict = least >= SaidResilience ? ClaimVerdict.Holds : most >= SaidResilience ? ClaimVerdict.HoldsIf : ClaimVerdict.DoesNotHold,
            Condition = least < SaidResilience && most >= SaidResilience ? "pluggable modules fail at the high end of their range" : "",
            Reason = $"Published mean times between failures give {least:0.0} to {most:0.0} times fewer failures, not {SaidResilience}. And an engine that fails takes its switch with it, where a pluggable is swapped alone.",
            Figures =
            [
                new("fewer failures", Ratio(loose.Value), "x") { Low = least, High = most },
                new("mean time of a pluggable", 1e3 / loose.Value.Fit, "million h") { Low = 1e3 / loose.High.Fit, High = 1e3 / loose.Low.Fit },
                new("mean time of an engine", 1e3 / fixedTo.Value.Fit, "million h"),
                new("failures a year of 131,072 accelerators, pluggable", PerYear(loose.Value), "/yr") { Low = PerYear(loose.Low), High = PerYear(loose.High) },
                new("failures a year of 131,072 accelerators, co-packaged", PerYear(fixedTo.Value), "/yr"),
                new("switch-side ends of links", ends, ""),
            ],
            On = [$"transceivers {module.Key} and {engine.Key}", $"{plan.AcceleratorCount:N0} accelerators under {plan.SwitchCount:N0} switches of {Radix} ports in three tiers"],
            Assumptions = ["switch-side optics alone, two 400G links to a module or engine; flaps not counted: of engines a million hours without one is all that is known"],
            Flips = [new("mean time between failures of an engine", SaidResilience * 1e3 / loose.Low.Fit, "million h", $"from it on ten times that of a good pluggable; {1e3 / fixedTo.Value.Fit:0.0} is published")],
            Weakest = loose.Grade > fixedTo.Grade ? loose.Grade : fixedTo.Grade,
        };
    }

    public static ClaimAnswer SwitchBandwidth(ClaimContext context, Claim claim)
    {
        var all = context.Catalog.All<Switch>().Where(s => s.CoPackaged is not null).Select(s => (Switch: s, Terabits: s.Ports.Value * s.PortRate.Value.BitsPerSecond / 1e12)).OrderBy(s => s.Terabits).ToList();
        var above = all.Where(s => s.Terabits > SaidTerabits).ToList();
        var lane = above.Count == 0 ? 0 : above.Min(s => s.Switch.LaneRate.Value.GigabitsPerSecond);
        var exact = above.Count == all.Count || all.All(s => (s.Switch.LaneRate.Value.GigabitsPerSecond >= lane) == (s.Terabits > SaidTerabits));
        return new()
        {
            Claim = claim,
            Verdict = above.Count == all.Count ? ClaimVerdict.Holds : above.Count == 0 ? ClaimVerdict.DoesNotHold : ClaimVerdict.HoldsIf,
            Condition = above.Count == all.Count || above.Count == 0 ? "" : exact ? $"the switch has lanes of {lane:0} Gb/s" : "the switch is one of the larger ones",
            Reason = $"{above.Count} of {all.Count} co-packaged switches of the catalogue carry more than 100 Tb/s, up to {all[^1].Terabits:0.0}" + (above.Count < all.Count ? $"; {all[0].Switch.Name} carries {all[0].Terabits:0.0}." : "."),
            Figures = [.. all.Select(s => new ClaimFigure(s.Switch.Name, s.Terabits, "Tb/s"))],
            On = [.. all.Select(s => $"switch {s.Switch.Key}")],
            Assumptions = ["ports x rate, one direction"],
            Flips = [new("ports of 800 Gb/s", Math.Floor(SaidTerabits * 1000 / 800) + 1, "", "from it on a switch carries more than 100 Tb/s")],
            Weakest = all.Max(s => s.Switch.PortRate.Grade),
        };
    }
}
