// Capital and running cost of a cluster as a function of its uncertain figures.
//
//   capital of a class c    C_c = Σ lines (in use + spares) x Σ prices x factor     fabric.priceFactor; systems, switches, optics, fibre plant: the bill of materials
//                           C_b = provisioned IT power x building per watt
//   capital a year          Σ C_c · a(r, n_c) · (1 - ρ_c·(1 + r)^-n_c)          Annuity.cs; life n, resale ρ by class
//   support a year          m x Σ in use of systems, switches and optics
//   replaced a year         Σ failures a year x price x max(0, 1 - warranty/life)      each line's own rate of failures
//   energy a year           (rest + load x accelerators) x PUE x 8,766 h x price of energy
//   accelerator-hour        all of a year / (accelerators x 8,766 h)
//   million tokens          all of a year x pace / (tokens/s x 31,557,600 s) x 10⁶     pace: step time over the predicted one, times the share of the
//                           time that counts as predicted over the one with the sample's rates and times of failures (Reliability/ReliabilityFigures.cs)
//   power                   of each part its own figure; accelerators x load in use
//   network                 the same sums over switches, optics, fibre plant and routes, with their share of building and energy; cards are in the systems
//   several sites           the same sums over all of them, each price one figure everywhere, and the routes between them (MultiSite/RoutePrice.cs):
//     routes                modules and amplifiers over the life of a line with support and spares, huts over the building's life without;
//                           fibre and waves leased by the year; energy of all, building for the modules, which stand in the halls
//
// Worked example: one part of 100 USD, 5 years at 10 % with no resale, 3 % support: 26.38 + 3 = 29.38 a year.

using Lightloom.Catalog;
using Lightloom.Planning.MultiSite;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>What is written off together.</summary>
public enum AssetClass
{
    /// <summary>Accelerators with their hosts and cards.</summary>
    Systems,

    /// <summary>Switches.</summary>
    Switches,

    /// <summary>Modules, active and copper cables.</summary>
    Optics,

    /// <summary>Fibre with its plugs.</summary>
    FibrePlant,

    /// <summary>Building, power and cooling.</summary>
    Building,

    /// <summary>Modules and amplifiers of routes between sites.</summary>
    Routes,

    /// <summary>Huts along routes.</summary>
    Huts,
}

/// <summary>Costs of a cluster with every figure at one value; see the equations at the head of this file.</summary>
/// <param name="Capital">All that is bought, spares included.</param>
/// <param name="YearlyCapital">Written off and financed each year.</param>
/// <param name="Support">Support and labour of each year.</param>
/// <param name="Replaced">Parts that fail out of warranty, each year.</param>
/// <param name="Energy">Energy of each year.</param>
/// <param name="Equipment">The capital without the building.</param>
/// <param name="NetworkCapital">The part of the capital that is network.</param>
/// <param name="NetworkYearly">The part of a year's cost that is network.</param>
/// <param name="Pace">Time of a token over the predicted one: of its step, and of what failures leave.</param>
/// <param name="Worth">Worth today of one a year over the horizon.</param>
public readonly record struct CostPoint(
    Money Capital, Money YearlyCapital, Money Support, Money Replaced, Money Energy, Money Equipment, Money NetworkCapital, Money NetworkYearly, double Pace, double Worth)
{
    /// <summary>IT power in use.</summary>
    public Power InUse { get; init; }

    /// <summary>IT power that the buildings are made for.</summary>
    public Power Provisioned { get; init; }

    /// <summary>The part of <see cref="Pace"/> that failures are: the share of time that counts as predicted over what comes of the rates.</summary>
    public double Lost { get; init; }

    /// <summary>Fibre and waves between sites that are leased, each year.</summary>
    public Money Leased { get; init; }

    /// <summary>The part of the capital that is routes between sites.</summary>
    public Money RoutesCapital { get; init; }

    /// <summary>The part of a year's cost that is routes between sites: what they are written off, kept, leased and fed with.</summary>
    public Money RoutesYearly { get; init; }

    /// <summary>All of a year's cost.</summary>
    public Money Yearly => YearlyCapital + Support + Replaced + Energy + Leased;
}

/// <summary>A cluster whose cost is counted.</summary>
/// <param name="Build">The cluster.</param>
/// <param name="Bill">What is bought for it.</param>
/// <param name="Power">Its power.</param>
/// <param name="Count">How many there are of it: sites that are alike.</param>
public sealed record CostedCluster(ClusterBuild Build, BillOfMaterials Bill, PowerUse Power, int Count = 1);

/// <summary>A line of what is bought, with the asset class that it is written off in.</summary>
/// <param name="Asset">The class.</param>
/// <param name="Key">The part in the catalogue.</param>
/// <param name="Name">What it is.</param>
/// <param name="Use">Where it goes.</param>
/// <param name="Count">How many are in use; of the building watts.</param>
/// <param name="Spares">How many more are bought as spares.</param>
/// <param name="Failures">Failures of all in use.</param>
/// <param name="Prices">What one costs.</param>
public sealed record CostLine(
    AssetClass Asset, string Key, string Name, string Use, double Count, double Spares, FailureRate Failures, IReadOnlyList<MaterialPrice> Prices)
{
    /// <summary>The figure that the failures rest on; null where they have no range.</summary>
    public RateCause? Cause { get; init; }
}

/// <summary>The cost of a cluster as a function of uncertain figures; see the equations at the head of this file.</summary>
public sealed class CostModel
{
    /// <summary>Hours of a Julian year.</summary>
    public const double HoursPerYear = 8766;

    // Share of a symmetric side's width within which nine in ten samples lie: 1 - √0.1.
    const double NineInTen = 0.6837722;

    // Places of the site's figures.
    const int Electricity = 0, Pue = 1, Capital = 2, Maintenance = 3, Warranty = 4, Load = 5, Pace = 6, Lives = 7, Resales = 12, First = 15;

    const int Assets = 7;

    // Failing: failures a year at the cause's value, or for one of it a year where the cause is a figure.
    readonly record struct Term(int Asset, int Figure, int? Factor, double InUse, double Spares, double Failing, int? Cause);

    readonly record struct Rent(int Figure, double Count);

    // Watts of one unit of the figure, or all of them where there is none.
    readonly record struct Draw(int? Figure, double Watts, bool Accelerators, bool Network, bool Route, bool Hall);

    readonly List<CostFigure> figures = [];
    readonly List<Term> terms = [];
    readonly List<Rent> rents = [];
    readonly List<Draw> draws = [];
    readonly ReliabilityFigures? failures;
    readonly int[] causes = []; // place of each of the failures' figures
    readonly double effective;
    readonly int facility; // price of the building
    readonly int[] lives = [.. Enumerable.Range(Lives, Resales - Lives), Lives + (int)AssetClass.Optics, Lives + (int)AssetClass.Building]; // figure of each asset
    readonly double horizonYears;

    CostModel(IReadOnlyList<CostedCluster> clusters, IReadOnlyList<RoutePlan> routes, ReliabilityModel? failures, double paceBand, Duration? horizon)
    {
        // Sites are built by one design, and so on one set of assumptions.
        var site = clusters[0].Build.Site;
        var halls = routes.SelectMany(r => r.Items).Where(i => i.Kind == RouteItemKind.Modules).ToList();
        Lines =
        [
            .. clusters.SelectMany(c => c.Bill.Lines.Where(l => !l.IncludedInHost)
                .Select(l => new CostLine(AssetOf(l.Category), l.Key, l.Name, l.Use, c.Count * (double)l.Count, c.Count * (double)l.Spares, l.Failures * c.Count, l.Prices) { Cause = l.Cause })),
            .. routes.SelectMany(r => r.Items.Where(i => i.Kind != RouteItemKind.Leased).Select(i => LineOf(r, i, site))),
            new(AssetClass.Building, "facilityPerWatt", "building, power and cooling", "", clusters.Sum(c => c.Count * c.Power.Provisioned.Watts) + halls.Sum(i => i.AllPower.Watts), 0, FailureRate.Zero,
                [new("facilityPerWatt", "building, power and cooling per watt", 1, site.FacilityPerWatt, "W")]),
        ];
        Routes = routes;
        Clusters = clusters;
        Accelerators = clusters.Sum(c => c.Count * (double)c.Build.Plan.AcceleratorCount);
        figures.Add(CostFigure.Of("electricity", "price of energy", "USD/kWh", site.Electricity, p => p.DollarsPerKilowattHour));
        figures.Add(Share("powerUsageEffectiveness", "power usage effectiveness", site.PowerUsageEffectiveness));
        figures.Add(Share("costOfCapital", "cost of capital", site.CostOfCapital));
        figures.Add(Share("maintenance", "support a year, of the price", site.Maintenance));
        figures.Add(Years("warranty", "warranty", site.Warranty));
        figures.Add(Share("acceleratorLoad", "accelerators' power in use over their limit", site.AcceleratorLoad));
        var side = Math.Min(0.95, paceBand / NineInTen);
        figures.Add(new("step time", "step time over the predicted one", "", 1, 1 - side, 1 + side, null, "accuracy of the step model", Grade.Measured));
        figures.Add(Years("serverLife", "life of systems", site.ServerLife));
        figures.Add(Years("networkLife", "life of switches", site.NetworkLife));
        figures.Add(Years("opticsLife", "life of modules and cables", site.OpticsLife));
        figures.Add(Years("cablePlantLife", "life of the fibre plant", site.CablePlantLife));
        figures.Add(Years("facilityLife", "life of the building", site.FacilityLife));
        figures.Add(Share("serverResale", "resale of systems", site.ServerResale));
        figures.Add(Share("networkResale", "resale of switches", site.NetworkResale));
        figures.Add(Share("opticsResale", "resale of modules and cables", site.OpticsResale));
        foreach (var line in Lines)
            foreach (var price in line.Prices)
                if (line.Asset != AssetClass.Building)
                    terms.Add(new((int)line.Asset, FigureOf(price), FactorOf(price), line.Count * price.Count, line.Spares * price.Count, line.Failures.PerYear * price.Count, null));
                else
                    facility = FigureOf(price);
        if (HasPricedRoutes)
        {
            figures.Add(Years("lineLife", "life of modules and amplifiers of routes", routes[0].Defaults.LineLife));
            lives[(int)AssetClass.Routes] = figures.Count - 1;
            foreach (var item in routes.SelectMany(r => r.Items).Where(i => i is { Kind: RouteItemKind.Leased, Price: not null })) rents.Add(new(FigureOf(PriceOf(item)), item.Count));
        }
        foreach (var item in PowerUse.Of(clusters, routes).Items) AddDraws(item);
        foreach (var (term, line) in Lines.Where(l => l.Asset != AssetClass.Building).SelectMany(l => l.Prices.Select(_ => l)).Select((l, i) => (i, l)).ToList())
            if (line.Cause is { } cause && Uncertain(cause) is { } figure) terms[term] = terms[term] with { Failing = terms[term].Failing / figures[figure].Value, Cause = figure };
        if (failures is not null)
        {
            this.failures = new(failures);
            causes = [.. this.failures.Figures.Select(Place)];
            effective = this.failures.EffectiveOf([]);
        }
        Horizon = horizon ?? site.ServerLife.Value;
        horizonYears = Horizon.Years;
    }

    /// <summary>What is bought.</summary>
    public IReadOnlyList<CostLine> Lines { get; }

    /// <summary>The clusters: one, or several sites.</summary>
    public IReadOnlyList<CostedCluster> Clusters { get; }

    /// <summary>Routes between the sites; none with one.</summary>
    public IReadOnlyList<RoutePlan> Routes { get; }

    /// <summary>Whether any route has something that is bought or leased: one that is only a bandwidth has no price.</summary>
    public bool HasPricedRoutes => Routes.Any(r => r.Items.Count > 0);

    /// <summary>What the cost depends on: assumptions of the site first, then prices in the order of the lines.</summary>
    public IReadOnlyList<CostFigure> Figures => figures;

    /// <summary>Accelerators.</summary>
    public double Accelerators { get; }

    /// <summary>Time over which the total cost of ownership is counted.</summary>
    public Duration Horizon { get; }

    /// <summary>The cost with every figure at its value.</summary>
    public CostPoint Value
    {
        get
        {
            Span<double> values = stackalloc double[figures.Count];
            for (var i = 0; i < values.Length; i++) values[i] = figures[i].Value;
            return At(values);
        }
    }

    /// <summary>Makes the model of a cluster.</summary>
    /// <param name="build">The cluster.</param>
    /// <param name="bill">What is bought for it.</param>
    /// <param name="power">Its power.</param>
    /// <param name="paceBand">Relative error of the step time that nine in ten predictions stay within; 0 without a job.</param>
    /// <param name="horizon">Time of the total cost of ownership; the systems' life unless given.</param>
    /// <param name="failures">The job under failures; null without one.</param>
    public static CostModel Of(ClusterBuild build, BillOfMaterials bill, PowerUse power, double paceBand = 0, Duration? horizon = null, ReliabilityModel? failures = null)
    {
        ArgumentNullException.ThrowIfNull(build);
        ArgumentNullException.ThrowIfNull(bill);
        ArgumentNullException.ThrowIfNull(power);
        return Of([new(build, bill, power)], [], paceBand, horizon, failures);
    }

    /// <summary>Makes the model of several sites with the routes between them.</summary>
    /// <param name="clusters">The sites, those that are alike together; all of one design.</param>
    /// <param name="routes">The routes between them.</param>
    /// <param name="paceBand">Relative error of the step time that nine in ten predictions stay within; 0 without a job.</param>
    /// <param name="horizon">Time of the total cost of ownership; the systems' life unless given.</param>
    /// <param name="failures">The job under failures of all of them; null without one.</param>
    /// <exception cref="ArgumentException">There is no cluster.</exception>
    public static CostModel Of(IReadOnlyList<CostedCluster> clusters, IReadOnlyList<RoutePlan> routes, double paceBand = 0, Duration? horizon = null, ReliabilityModel? failures = null)
    {
        ArgumentNullException.ThrowIfNull(clusters);
        ArgumentNullException.ThrowIfNull(routes);
        if (clusters.Count == 0) throw new ArgumentException("expected a cluster", nameof(clusters));
        return new(clusters, routes, failures, paceBand, horizon);
    }

    /// <summary>Life and resale of a class with every figure at its value.</summary>
    public (Duration Life, double Resale) WriteOff(AssetClass asset) =>
        (Duration.FromYears(figures[lives[(int)asset]].Value), (int)asset < First - Resales ? figures[Resales + (int)asset].Value : 0);

    /// <summary>The cost with every figure at a value of its own. Allocates nothing.</summary>
    /// <param name="values">One for each of <see cref="Figures"/>, in its unit.</param>
    public CostPoint At(ReadOnlySpan<double> values)
    {
        Span<double> inUse = stackalloc double[Assets], bought = stackalloc double[Assets], failing = stackalloc double[Assets];
        inUse.Clear();
        bought.Clear();
        failing.Clear();
        foreach (var term in terms)
        {
            var price = values[term.Figure] * (term.Factor is { } factor ? values[factor] : 1);
            inUse[term.Asset] += term.InUse * price;
            bought[term.Asset] += (term.InUse + term.Spares) * price;
            failing[term.Asset] += term.Failing * price * (term.Cause is { } cause ? values[cause] : 1);
        }
        double inUseWatts = 0, networkWatts = 0, routeWatts = 0, provisionedWatts = 0, hallWatts = 0, networkProvisioned = 0, routeProvisioned = 0;
        foreach (var draw in draws)
        {
            var watts = draw.Watts * (draw.Figure is { } figure ? values[figure] : 1);
            var used = draw.Accelerators ? watts * values[Load] : watts;
            (inUseWatts, provisionedWatts) = (inUseWatts + used, provisionedWatts + watts);
            if (draw.Network) networkWatts += used;
            if (draw.Route) routeWatts += used;
            if (!draw.Hall) continue;
            hallWatts += watts;
            if (draw.Network) networkProvisioned += watts;
            if (draw.Route) routeProvisioned += watts;
        }
        inUse[(int)AssetClass.Building] = bought[(int)AssetClass.Building] = hallWatts * values[facility];
        double capital = 0, yearly = 0, support = 0, replaced = 0, networkCapital = 0, network = 0, routesCapital = 0, routes = 0;
        var rate = values[Capital];
        for (var a = 0; a < Assets; a++)
        {
            var life = values[lives[a]];
            var resale = a < First - Resales ? values[Resales + a] : 0;
            var (own, kept) = (bought[a] * Annuity.Of(rate, life, resale), a is <= (int)AssetClass.Optics or (int)AssetClass.Routes ? values[Maintenance] * inUse[a] : 0);
            var again = failing[a] * Math.Max(0, 1 - (values[Warranty] / life));
            (capital, yearly, support, replaced) = (capital + bought[a], yearly + own, support + kept, replaced + again);
            if (a is (int)AssetClass.Switches or (int)AssetClass.Optics or (int)AssetClass.FibrePlant or (int)AssetClass.Routes or (int)AssetClass.Huts)
                (networkCapital, network) = (networkCapital + bought[a], network + own + kept + again);
            else if (a == (int)AssetClass.Building && hallWatts > 0)
                (network, routes) = (network + (own * networkProvisioned / hallWatts), routes + (own * routeProvisioned / hallWatts));
            if (a is (int)AssetClass.Routes or (int)AssetClass.Huts) (routesCapital, routes) = (routesCapital + bought[a], routes + own + kept + again);
        }
        double leased = 0;
        foreach (var rent in rents) leased += rent.Count * values[rent.Figure];
        var each = values[Pue] * HoursPerYear / 1000 * values[Electricity]; // of a watt for a year
        var energy = inUseWatts * each;
        var lost = LostAt(values);
        return new(
            Money.FromDollars(capital), Money.FromDollars(yearly), Money.FromDollars(support), Money.FromDollars(replaced), Money.FromDollars(energy),
            Money.FromDollars(capital - bought[(int)AssetClass.Building]), Money.FromDollars(networkCapital), Money.FromDollars(network + (networkWatts * each) + leased), values[Pace] * lost, 1 / Annuity.Of(rate, horizonYears))
        {
            InUse = Power.FromWatts(inUseWatts),
            Provisioned = Power.FromWatts(provisionedWatts),
            Lost = lost,
            Leased = Money.FromDollars(leased),
            RoutesCapital = Money.FromDollars(routesCapital),
            RoutesYearly = Money.FromDollars(routes + (routeWatts * each) + leased),
        };
    }

    double LostAt(ReadOnlySpan<double> values)
    {
        if (failures is null || !(effective > 0)) return 1;
        Span<double> own = stackalloc double[causes.Length];
        for (var i = 0; i < own.Length; i++) own[i] = values[causes[i]];
        return effective / Math.Max(1e-9, failures.EffectiveOf(own));
    }

    void AddDraws(PowerItem item)
    {
        var (accelerators, route) = (item.Name == PowerUse.Accelerators, item.Name is PowerUse.RouteModules or PowerUse.RouteAmplifiers);
        var rest = item.Provisioned.Watts;
        foreach (var part in item.Parts)
        {
            rest -= part.Count * part.Each.Value.Watts;
            if (!(part.Each.High > part.Each.Low)) Add(null, part.Count * part.Each.Value.Watts);
            else Add(Place(CostFigure.Of($"{part.Key}.power", $"power of {part.Name}", "W", part.Each, p => p.Watts)), part.Count);
        }
        if (Math.Abs(rest) > 1e-6) Add(null, rest);

        void Add(int? figure, double watts) => draws.Add(new(figure, watts, accelerators, item.IsNetwork, route, item.Name != PowerUse.RouteAmplifiers));
    }

    // The place of a rate's figure; null where it is certain.
    int? Uncertain(RateCause cause) => cause.Figure is { IsCertain: false, Value: > 0 } figure ? Place(figure) : null;

    // Spares bridge the time until a failed part is replaced, as those of a hall do.
    static CostLine LineOf(RoutePlan route, RouteItem item, SiteDefaults site)
    {
        var failures = (item.Failures?.Rate.Value ?? FailureRate.Zero) * item.Count;
        return new(
            item.Kind == RouteItemKind.Huts ? AssetClass.Huts : AssetClass.Routes, item.Key, item.Name, route.Name, item.Count,
            BillOfMaterials.SparesOf(failures.PerSecond * site.ReplacementLead.Value.Seconds), failures, item.Price is null ? [] : [PriceOf(item)])
        {
            Cause = item.Failures,
        };
    }

    static MaterialPrice PriceOf(RouteItem item) => new(item.Key, item.Name, 1, item.Price!.Value, item.Per);

    int FigureOf(MaterialPrice price) =>
        Place(CostFigure.Of(price.Key, price.Name, price.Per.Length == 0 ? "USD" : $"USD/{price.Per}", price.Price, p => p.Dollars));

    int? FactorOf(MaterialPrice price) =>
        price.Factor is { } factor ? Place(Share("priceFactor", "price of switches, modules and cables over the catalogue's", factor)) : null;

    int Place(CostFigure figure)
    {
        for (var i = First; i < figures.Count; i++)
            if (figures[i].Key == figure.Key) return i;
        figures.Add(figure);
        return figures.Count - 1;
    }

    static AssetClass AssetOf(MaterialCategory category) => category switch
    {
        MaterialCategory.Systems => AssetClass.Systems,
        MaterialCategory.Switches => AssetClass.Switches,
        MaterialCategory.Fibre => AssetClass.FibrePlant,
        _ => AssetClass.Optics,
    };

    static CostFigure Share(string key, string name, Sourced<double> figure) => CostFigure.Of(key, name, "", figure, v => v);

    static CostFigure Years(string key, string name, Sourced<Duration> figure) => CostFigure.Of(key, name, "yr", figure, v => v.Years);
}
