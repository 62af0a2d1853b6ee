// How long things last and what of them goes on to the next generation.
//
//   C23   life of the plant over that of electronics: generations that it sees; a year's cost of it written off over each
//         and which rates of a lane still have an interface on the fibre: single-mode and multimode
//   C28   price · max(0, life - g) / life of every class of capital, g the life of the electronics: what is left when they are exchanged

using Lightloom.Catalog;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Claims;

/// <summary>Claims about lives of assets; see the head of this file.</summary>
static class LifeClaims
{
    const double SaidYears = 20;

    /// <summary>Largest lane rate with an optical interface on a kind of fibre, in Gb/s, and the reach there.</summary>
    static (double Rate, double Meters) Newest(ClaimContext context, bool singleMode)
    {
        var newest = context.Catalog.All<OpticalInterface>().Where(i => i.Fibre.SingleMode == singleMode).GroupBy(i => Math.Round(i.LaneRate.Value.GigabitsPerSecond / 50) * 50).MaxBy(g => g.Key)!;
        return (newest.Key, newest.Max(i => i.Reach.Value.Meters));
    }

    public static ClaimAnswer Plant(ClaimContext context, Claim claim)
    {
        var site = context.Catalog.Get<SiteDefaults>("default");
        var (written, electronics) = (site.CablePlantLife, site.NetworkLife.Value.Years);
        double Yearly(double years) => Annuity.Of(site.CostOfCapital.Value, Duration.FromYears(years));
        var (single, multi) = (Newest(context, true), Newest(context, false));
        var generations = SaidYears / electronics;
        return new()
        {
            Claim = claim,
            Verdict = single.Rate > multi.Rate ? ClaimVerdict.HoldsIf : ClaimVerdict.Holds,
            Condition = single.Rate > multi.Rate ? $"the plant is single-mode: the newest multimode interface has lanes of {multi.Rate:0} Gb/s and reaches {multi.Meters:0} m, single-mode goes on at {single.Rate:0} Gb/s" : "",
            Reason = $"Twenty years are {generations:0.#} lives of switches and modules ({electronics:0.#} years). Written off over {SaidYears:0} instead of {written.Value.Years:0} years the plant costs {100 * (1 - (Yearly(SaidYears) / Yearly(written.Value.Years))):0} % less a year at {100 * site.CostOfCapital.Value:0} % cost of capital; the books assume {written.Low.Years:0} to {written.High.Years:0}.",
            Figures =
            [
                new("plant, written off over", written.Value.Years, "years") { Low = written.Low.Years, High = written.High.Years },
                new("electronics, written off over", electronics, "years") { Low = site.NetworkLife.Low.Years, High = site.NetworkLife.High.Years },
                new("generations of electronics in 20 years", generations, ""),
                new("a year's share of the plant's price over 20 years", 100 * Yearly(SaidYears), "%"),
                new("a year's share as it is written off", 100 * Yearly(written.Value.Years), "%"),
                new("newest lane rate on single-mode fibre", single.Rate, "Gb/s"),
                new("newest lane rate on multimode fibre", multi.Rate, "Gb/s"),
            ],
            On = [$"site-defaults {site.Key}", "all optical interfaces of the catalogue"],
            Assumptions = ["that glass lasts 20 years is taken from the claim; what is computed is whether the next interfaces still use it"],
            Flips = [new("life of switches and modules", SaidYears, "years", "from it on the plant outlives nothing")],
            Weakest = written.Grade,
        };
    }

    public static ClaimAnswer CarriedOver(ClaimContext context, Claim claim)
    {
        var document = context.Cluster("superpod-h100-ndr");
        var evaluation = context.Evaluate(document);
        var generation = evaluation.Build.Site.NetworkLife.Value;
        double Left(CapitalItem item, double years) => item.Price.Value.Dollars * Math.Max(0, item.Life.Years - years) / item.Life.Years;
        var network = evaluation.Economics.Capital.Where(c => c.IsNetwork).ToList();
        var plant = network.Where(c => c.Asset == AssetClass.FibrePlant).ToList();
        var optics = network.Where(c => c.Asset == AssetClass.Optics).ToList();
        var loom = network.Except(plant).Except(optics).ToList();
        double Kept(List<CapitalItem> items, double years) => items.Sum(i => Left(i, years));
        double Price(List<CapitalItem> items) => items.Sum(i => i.Price.Value.Dollars);
        var (light, fabric) = (Kept(plant, generation.Years) + Kept(optics, generation.Years), Kept(loom, generation.Years));
        var share = Price(network) > 0 ? light / Price(network) : 0;
        var flip = Threshold.Of(0.1, 50, years => Kept(plant, years) + Kept(optics, years) > Kept(loom, years), 1e-3);
        return new()
        {
            Claim = claim,
            Verdict = light <= fabric ? ClaimVerdict.DoesNotHold : ClaimVerdict.Holds,
            Reason = $"When switches and modules are exchanged after {generation.Years:0.#} years, {light / 1e3:N0} kUSD of fibre plant go on to the next generation and {fabric / 1e3:N0} kUSD of the fabric. " +
                $"It is {100 * share:0.0} % of what the network cost: true, and small; modules, which are most of the light's price, go too.",
            Figures =
            [
                new("carried over by the light", light / 1e3, "kUSD"),
                new("carried over by the fabric", fabric / 1e3, "kUSD"),
                new("price of the fibre plant", Price(plant) / 1e3, "kUSD"),
                new("price of modules and cables", Price(optics) / 1e3, "kUSD"),
                new("price of switches", Price(loom) / 1e3, "kUSD"),
                new("carried over of the network's price", 100 * share, "%"),
            ],
            On = [document.Design.Name],
            Assumptions = [$"value falls evenly over each life: plant {evaluation.Build.Site.CablePlantLife.Value.Years:0.#} years, electronics {generation.Years:0.#}; the next generation uses the same fibres"],
            Flips = [new("time until the next upgrade", flip, "years", flip is null ? "between a month and 50 years the light carries over more, or nobody does" : light > fabric ? "at it as much is left of the fabric" : "at it as much is left of the light")],
            Weakest = evaluation.Economics.TotalCapital.Weakest,
        };
    }
}
