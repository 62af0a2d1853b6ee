using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>A part that is bought, all uses of it together.</summary>
/// <param name="Asset">What it is written off with.</param>
/// <param name="Key">The part in the catalogue.</param>
/// <param name="PartName">What it is.</param>
/// <param name="Use">Where it goes.</param>
/// <param name="Count">How many are in use; of the building watts.</param>
/// <param name="Spares">How many more are bought as spares.</param>
/// <param name="Price">What they cost, from the low ends of their prices to the high ones.</param>
/// <param name="Life">Time over which they are written off.</param>
/// <param name="Prices">The prices that went in, the first the part's own.</param>
public sealed record CapitalItem(
    AssetClass Asset, string Key, string PartName, string Use, double Count, double Spares, CostRange Price, Duration Life, IReadOnlyList<Sourced<Money>> Prices)
{
    /// <summary>Whether it is network: switches, optics, fibre plant and routes; cards are in the systems.</summary>
    public bool IsNetwork => Asset is AssetClass.Switches or AssetClass.Optics or AssetClass.FibrePlant || IsRoute;

    /// <summary>Whether it stands between sites.</summary>
    public bool IsRoute => Asset is AssetClass.Routes or AssetClass.Huts;
}

/// <summary>A share with its range.</summary>
/// <param name="Value">With every figure at its value.</param>
/// <param name="Low">The low end.</param>
/// <param name="High">The high end.</param>
public readonly record struct ShareRange(double Value, double Low, double High);

/// <summary>A power with its range.</summary>
/// <param name="Value">With every figure at its value.</param>
/// <param name="Low">The low end.</param>
/// <param name="High">The high end.</param>
public readonly record struct PowerRange(Power Value, Power Low, Power High);

/// <summary>
/// What a cluster, or several sites with the routes between them, costs to own and run: totals, a year, and the denominators of the field. Ranges come from <see cref="CostSampling"/> and are worked
/// out when they are first asked for; nine in ten samples lie in them.
/// </summary>
public sealed class ClusterCost
{
    readonly Lazy<CostSampling> sampling;
    readonly double tokensPerSecond, bisection;

    /// <summary>Works out what a cluster costs.</summary>
    /// <param name="model">Its costs as a function of their figures.</param>
    /// <param name="build">The cluster, or any of the sites: they are of one design.</param>
    /// <param name="tokensPerSecond">Tokens per second with failures counted; 0 without a job.</param>
    /// <param name="samples">Samples of every range.</param>
    /// <param name="seed">What they are derived from.</param>
    public ClusterCost(CostModel model, ClusterBuild build, double tokensPerSecond, int samples = CostSampling.DefaultSamples, ulong seed = 1)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(build);
        Model = model;
        this.tokensPerSecond = tokensPerSecond;
        // Between halves of several sites lies a route, and not the network that is priced.
        bisection = model.Clusters.Sum(c => c.Count) > 1 ? 0 : build.Plan.BisectionShare.Si * build.Plan.AcceleratorCount / 2 * build.Plan.InjectionPerAccelerator.GigabytesPerSecond;
        TrainingTokens = build.Document.Design.Job?.TrainingTokensBillions * 1e9;
        sampling = new(() => new(model, samples, seed));
        Capital = ItemsOf(model);
    }

    /// <summary>The costs as a function of their figures.</summary>
    public CostModel Model { get; }

    /// <summary>The samples that ranges are taken from.</summary>
    public CostSampling Sampling => sampling.Value;

    /// <summary>Tokens of the whole training run, or null where the design doesn't say.</summary>
    public double? TrainingTokens { get; }

    /// <summary>What is bought, part by part.</summary>
    public IReadOnlyList<CapitalItem> Capital { get; }

    /// <summary>All that is bought, spares and building included.</summary>
    public CostRange TotalCapital => Range(p => p.Capital);

    /// <summary>The part of the capital that is switches, optics and fibre plant; cards are in the systems.</summary>
    public CostRange NetworkCapital => Range(p => p.NetworkCapital);

    /// <summary>Capital written off and financed each year.</summary>
    public CostRange YearlyCapital => Range(p => p.YearlyCapital);

    /// <summary>Support and labour of each year.</summary>
    public CostRange YearlySupport => Range(p => p.Support);

    /// <summary>Parts that fail out of warranty, each year.</summary>
    public CostRange YearlyReplaced => Range(p => p.Replaced);

    /// <summary>Energy of each year.</summary>
    public CostRange YearlyEnergy => Range(p => p.Energy);

    /// <summary>Fibre and waves between sites that are leased, each year; nothing with one site.</summary>
    public CostRange YearlyLeased => Range(p => p.Leased);

    /// <summary>The part of the capital that is routes between sites; nothing with one.</summary>
    public CostRange RoutesCapital => Range(p => p.RoutesCapital);

    /// <summary>The part of a year's cost that is routes between sites, with their energy and what is leased; nothing with one.</summary>
    public CostRange RoutesYearly => Range(p => p.RoutesYearly);

    /// <summary>What is leased for the routes each year, item by item.</summary>
    public IReadOnlyList<(string Key, string Name, CostRange Yearly)> Leased =>
    [
        .. Model.Routes.SelectMany(r => r.Items).Where(i => i.Kind == MultiSite.RouteItemKind.Leased).GroupBy(i => i.Key)
            .Select(g => (g.Key, g.First().Name, g.Select(i => i.Total).Aggregate(CostRange.Linear))),
    ];

    /// <summary>All of a year's cost.</summary>
    public CostRange Yearly => Range(YearOf);

    /// <summary>The part of a year's cost that is network, with its share of building and energy.</summary>
    public CostRange NetworkYearly => Range(p => p.NetworkYearly);

    /// <summary>Cost of one accelerator for an hour.</summary>
    public CostRange PerAcceleratorHour => Range(HourOf);

    /// <summary>Cost of a million trained tokens, or null without a job that makes progress.</summary>
    public CostRange? PerMillionTokens => tokensPerSecond > 0 ? Range(MillionTokensOf) : null;

    /// <summary>Cost of the whole training run, or null where its tokens aren't known.</summary>
    public CostRange? TrainingRun => tokensPerSecond > 0 && TrainingTokens is { } tokens ? tokens / 1e6 * Range(MillionTokensOf) : null;

    /// <summary>All costs over the horizon, as they are paid.</summary>
    public CostRange Ownership => Model.Horizon.Years * Yearly;

    /// <summary>All costs over the horizon, worth today.</summary>
    public CostRange OwnershipToday => Range(p => p.Worth * p.Yearly);

    /// <summary>Capital of the network for each GB/s between two halves of the accelerators, one direction; null where nothing crosses.</summary>
    public CostRange? CapitalPerBisection => bisection > 0 ? 1 / bisection * NetworkCapital : null;

    /// <summary>A year of the network for each GB/s between two halves of the accelerators, one direction; null where nothing crosses.</summary>
    public CostRange? YearlyPerBisection => bisection > 0 ? 1 / bisection * NetworkYearly : null;

    /// <summary>Time of a token over the predicted one: of its step, and of what failures leave.</summary>
    public ShareRange Pace => Share(p => p.Pace);

    /// <summary>IT power in use, of all sites and routes.</summary>
    public PowerRange InUse => Watts(p => p.InUse);

    /// <summary>IT power that the buildings are made for.</summary>
    public PowerRange Provisioned => Watts(p => p.Provisioned);

    /// <summary>Parts whose power has no range in the catalogue, so that it is taken as it is.</summary>
    public IReadOnlyList<string> PowerWithoutRange =>
    [
        .. Model.Clusters.SelectMany(c => c.Power.Items).SelectMany(i => i.Parts).Concat(Model.Routes.SelectMany(r => r.Items).Where(i => i.Power is not null).Select(i => new PowerPart(i.Key, i.Name, i.Count, i.Power!.Value)))
            .Where(p => !(p.Each.High > p.Each.Low)).Select(p => p.Key).Distinct(),
    ];

    /// <summary>Parts whose rate of failures has no range in the catalogue, so that what is replaced of them is taken as it is.</summary>
    public IReadOnlyList<string> RatesWithoutRange => [.. Model.Lines.Where(l => l.Failures.PerSecond > 0 && l.Cause?.Figure is not { IsCertain: false }).Select(l => l.Key).Distinct()];

    /// <summary>The network's share of the capital.</summary>
    public ShareRange NetworkShareOfCapital => Share(p => p.NetworkCapital.Dollars / p.Capital.Dollars);

    /// <summary>The network's share of the price of equipment, spares included and the building left out.</summary>
    public ShareRange NetworkShareOfEquipment => Share(p => p.NetworkCapital.Dollars / p.Equipment.Dollars);

    /// <summary>The network's share of a year's cost.</summary>
    public ShareRange NetworkShareOfYear => Share(p => p.NetworkYearly.Dollars / p.Yearly.Dollars);

    /// <summary>What moves the cost of an accelerator-hour, the largest part of its variance first.</summary>
    public IReadOnlyList<CostDriver> HourDrivers => Sampling.Drivers(HourOf);

    /// <summary>What moves the cost of a million tokens; empty without a job that makes progress.</summary>
    public IReadOnlyList<CostDriver> MillionTokensDrivers => tokensPerSecond > 0 ? Sampling.Drivers(MillionTokensOf) : [];

    /// <summary>What is not yet written off at the end of the horizon and serves whatever comes next.</summary>
    public IReadOnlyList<(CapitalItem Item, Money Left)> CarriedOver
    {
        get
        {
            var rate = Model.Figures.First(f => f.Key == "costOfCapital").Value;
            return
            [
                .. from item in Capital
                   let off = Model.WriteOff(item.Asset)
                   let left = item.Price.Value * Annuity.Left(rate, off.Life, off.Resale, Model.Horizon)
                   where off.Life > Model.Horizon && left > Money.Zero
                   select (item, left),
            ];
        }
    }

    Money YearOf(CostPoint point) => point.Yearly;

    Money HourOf(CostPoint point) => point.Yearly / (Model.Accelerators * CostModel.HoursPerYear);

    Money MillionTokensOf(CostPoint point) => point.Yearly * (point.Pace * 1e6 / (tokensPerSecond * CostModel.HoursPerYear * 3600));

    CostRange Range(Func<CostPoint, Money> measure) => Sampling.Range(measure);

    PowerRange Watts(Func<CostPoint, Power> measure)
    {
        var range = Share(p => measure(p).Watts);
        return new(Power.FromWatts(range.Value), Power.FromWatts(range.Low), Power.FromWatts(range.High));
    }

    ShareRange Share(Func<CostPoint, double> measure)
    {
        var range = Sampling.Range(p => Money.FromDollars(measure(p)));
        return new(range.Value.Dollars, range.Low.Dollars, range.High.Dollars);
    }

    static List<CapitalItem> ItemsOf(CostModel model)
    {
        var items = new List<CapitalItem>();
        foreach (var lines in model.Lines.GroupBy(l => (l.Asset, l.Key)))
        {
            var first = lines.First();
            // Lines of one part share its prices; different prices move by themselves.
            var prices = lines.SelectMany(l => l.Prices.Select(p => (p.Key, p.Price, Range: (l.Count + l.Spares) * p.Each))).GroupBy(p => p.Key).ToList();
            items.Add(new(
                first.Asset, first.Key, first.Prices.Count > 0 ? first.Prices[0].Name : first.Name, string.Join(", ", lines.Select(l => l.Use).SelectMany(u => u.Split(", ")).Where(u => u.Length > 0).Distinct()),
                lines.Sum(l => l.Count), lines.Sum(l => l.Spares),
                prices.Aggregate(CostRange.Zero, (sum, p) => sum + p.Aggregate(CostRange.Zero, (own, x) => CostRange.Linear(own, x.Range))),
                model.WriteOff(first.Asset).Life, [.. prices.Select(p => p.First().Price)]));
        }
        return items;
    }
}
