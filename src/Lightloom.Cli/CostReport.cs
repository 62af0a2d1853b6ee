using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;
using static Lightloom.Cli.EvaluationReport;

namespace Lightloom.Cli;

/// <summary>Prints what <c>cost</c> found.</summary>
sealed class CostReport(TextReport report, CostStudy study)
{
    const int MostDrivers = 10;

    readonly ClusterCost cost = study.Cost;
    readonly Evaluation evaluation = study.Evaluation;

    public void Write()
    {
        var site = evaluation.Build.Site;
        report.Title($"{evaluation.Build.Document.Design.Name}: cost");
        report.Say($"{(study.Book is { } book ? $"Prices of '{book}' before those of the catalogue" : "Prices of the catalogue")}, in {study.Currency.Code}" +
            $"{(study.Currency.Code == Currency.Usd.Code ? "" : $" at {Quantity.Round(study.Currency.Dollars, 6)} USD")}. Nine in ten of {cost.Sampling.Points.Count:N0} samples lie in a range.");
        if (evaluation.Together is { } together)
        {
            report.Say($"All {together.Sites.Count} sites, {together.Accelerators:N0} accelerators, with the routes between them" +
                (together is { EffectiveTokensPerSecond: { } rate, Method: { } method } ? $": {Count(rate)} tokens/s with failures by {method.Method.Name}." : "."));
        }
        report.Table(["", ""],
        [
            ["capital", Range(cost.TotalCapital)],
            ["a year", Range(cost.Yearly)],
            [$"{Quantity.Round(cost.Model.Horizon.Years, 3)} years", $"{Range(cost.Ownership)}; worth today {Range(cost.OwnershipToday)}"],
            ["accelerator-hour", Range(cost.PerAcceleratorHour)],
            .. cost.CapitalPerBisection is { } capital ? (string[][])[["GB/s of bisection", $"{Range(capital)} of network capital, {Range(cost.YearlyPerBisection!.Value)} a year"]] : [],
            .. cost.PerMillionTokens is { } tokens ? (string[][])[["million tokens", Range(tokens)]] : [],
            .. cost.TrainingRun is { } run ? (string[][])[["training run", $"{Range(run)} for {cost.TrainingTokens / 1e9:N0} billion tokens"]] : [],
            ["network", $"{Percent(cost.NetworkShareOfCapital.Value)} ({Percent(cost.NetworkShareOfCapital.Low)} to {Percent(cost.NetworkShareOfCapital.High)}) of the capital, " +
                $"{Percent(cost.NetworkShareOfEquipment.Value)} of it without the building, {Percent(cost.NetworkShareOfYear.Value)} of a year; cards are in the systems"],
            .. cost.Model.HasPricedRoutes ? (string[][])[["routes", $"{Range(cost.RoutesCapital)} of the capital, {Range(cost.RoutesYearly)} of a year"]] : [],
        ]);
        if (Unlit(cost) is { } unlit) report.Say(unlit);
        Capital();
        Year(site);
        Power();
        Drivers("What moves the cost of an accelerator-hour", cost.HourDrivers);
        if (cost.MillionTokensDrivers is { Count: > 0 } drivers) Drivers("What moves the cost of a million tokens", drivers);
        if (study.Envelope is { } envelope) Envelope(envelope);
        if (study.Against is { } against) Against(against);
        report.Say($"Weakest grade that moves the cost: {DocumentShape.NameOf(cost.Yearly.Weakest)}. 'lightloom explain' lists every default and figure with its source.");
    }

    void Capital()
    {
        report.Heading("Capital");
        report.Table(["part", ">count", ">spares", ">each", ">price, low to high", ">share", "grade, source"], cost.Capital.Select(c => new[]
        {
            PartOf(c), CountOf(c), c.Spares > 0 ? $"{c.Spares:N0}" : "",
            c.Asset == AssetClass.FibrePlant ? "" : study.Currency.Print(c.Price.Value / (c.Count + c.Spares), "G4") + (c.Asset == AssetClass.Building ? "/W" : ""), Range(c.Price),
            Percent(c.Price.Value / cost.TotalCapital.Value), $"{DocumentShape.NameOf(c.Price.Weakest)}, {string.Join(", ", c.Prices.Select(p => p.Source).Distinct())}",
        }));
        report.Say("Written off over: " + string.Join(", ", cost.Capital.Select(c => (c.Asset, c.Life)).Distinct().Select(c => $"{Name(c.Asset)} {c.Life.ToString("G3 yr")}")) + ".");
        foreach (var (item, left) in cost.CarriedOver)
            report.Say($"- {PartOf(item)}: {study.Currency.Print(left, "G3")} not yet written off after {Quantity.Round(cost.Model.Horizon.Years, 3)} years, and carried to what comes next.", 2);
    }

    static string Name(AssetClass asset) => asset switch
    {
        AssetClass.FibrePlant => "fibre plant",
        AssetClass.Routes => "modules and amplifiers of routes",
        AssetClass.Huts => "huts",
        _ => DocumentShape.NameOf(asset),
    };

    void Year(SiteDefaults site)
    {
        report.Heading("A year");
        List<(string Name, CostRange Cost, string How)> parts =
        [
            ("capital", cost.YearlyCapital, $"written off and financed at {Percent(site.CostOfCapital.Value)}, resale {Percent(site.ServerResale.Value)} of systems, {Percent(site.NetworkResale.Value)} of switches, {Percent(site.OpticsResale.Value)} of optics"),
            ("support", cost.YearlySupport, $"{Percent(site.Maintenance.Value)} of the price of systems, switches and optics"),
            ("replaced parts", cost.YearlyReplaced, $"switches, modules and cables that fail after {site.Warranty.Value.ToString("G3 yr")} of warranty"),
            ("energy", cost.YearlyEnergy, $"{evaluation.AllPower.InUse.ToString("G4")} x PUE {site.PowerUsageEffectiveness.Value:0.##} at {study.Currency.Print(Money.FromDollars(site.Electricity.Value.DollarsPerKilowattHour), "G3 USD")}/kWh"),
            .. cost.Model.HasPricedRoutes ? ((string, CostRange, string)[])[("leased", cost.YearlyLeased, string.Join(", ", cost.Leased.Select(l => $"{l.Key} {Range(l.Yearly)}")))] : [],
        ];
        if (cost.RatesWithoutRange is { Count: > 0 } certain) report.Say($"Rates of failures without a range in the catalogue, and so taken as they are: {string.Join(", ", certain)}.");
        report.Table(["", ">cost", ">share", "how"], parts.Select(p => new[] { p.Name, Range(p.Cost), Percent(p.Cost.Value / cost.Yearly.Value), p.How }));
    }

    void Power()
    {
        report.Heading("Power");
        var total = evaluation.AllPower.InUse;
        report.Table(["component", ">in use", ">share", ">provisioned"], evaluation.AllPower.Items.Where(i => i.Provisioned > Quantities.Power.Zero).Select(i => new[]
        {
            i.Name, i.InUse.ToString("G3"), Percent(i.InUse / total), i.Provisioned.ToString("G3"),
        }));
        report.Say($"IT in use {Watts(cost.InUse)}, provisioned {Watts(cost.Provisioned)}: nine in ten samples of what parts draw and of the accelerators' load." +
            (cost.PowerWithoutRange is { Count: > 0 } certain ? $" Without a range in the catalogue, and so taken as they are: {string.Join(", ", certain)}." : ""));
        report.Table(["place", ">count", ">each", ""], PowerByPlace.Of(evaluation).Select(p => new[] { p.Name, $"{p.Count:N0}", p.Each.ToString("G4"), p.Remark }));
    }

    static string Watts(PowerRange power)
    {
        var value = power.Value.ToString("G4");
        var unit = value[(value.IndexOf(' ') + 1)..];
        string In(Quantities.Power watts) => watts.ToString("G4 " + unit).Split(' ')[0];
        return $"{In(power.Value)} ({In(power.Low)} to {In(power.High)}) {unit}";
    }

    void Drivers(string title, IReadOnlyList<CostDriver> drivers)
    {
        report.Heading(title);
        report.Table(["figure", ">value (low to high)", ">at low", ">at high", ">of variance", "grade"], drivers.Take(MostDrivers).Select(d => new[]
        {
            d.Figure.Key, Figure(d.Figure), study.Currency.Print(d.Low, "G3"), study.Currency.Print(d.High, "G3"), Percent(d.Total), DocumentShape.NameOf(d.Figure.Grade),
        }));
        report.Say("At low, at high: with this figure at that end of its range and all others at their value. Of variance: the share of the samples' variance that the figure has a part in (Sobol's total index).");
    }

    string Figure(CostFigure figure)
    {
        if (figure.Unit.StartsWith("USD", StringComparison.Ordinal))
            return Range(CostRange.Of(Money.FromDollars(figure.Value), Money.FromDollars(figure.Least), Money.FromDollars(figure.Most), figure.Grade)) + figure.Unit[3..];
        var unit = figure.Unit.Length == 0 ? "" : $" {figure.Unit}";
        return $"{Quantity.Round(figure.Value, 3)} ({Quantity.Round(figure.Least, 3)}-{Quantity.Round(figure.Most, 3)}){unit}";
    }

    void Envelope(PowerEnvelope e)
    {
        report.Heading($"A feed of {e.Envelope.ToString("G4")}{(evaluation.Together is null ? "" : " for one site")}");
        report.Say($"{e.ForIt.ToString("G4")} are left for IT. {e.Accelerators:N0} accelerators in {e.Systems:N0} systems fit, provisioned with {e.Used.ToString("G4")}, " +
            $"{(e.IsPlanned ? "the fabric planned for them" : "each with its share of this design's fabric, for the topology can't be built at every size")}; this design has {e.Designed:N0}.");
        report.Say($"An accelerator takes {e.PerAccelerator.ToString("G4")} with its host and cards, and {e.FabricPerAccelerator.ToString("G3")} of fabric. Each watt that the fabric of an accelerator saves lets {Number(e.PerWattSaved, 3)} more in; " +
            $"{e.WithoutFabric:N0} would fit if the fabric drew nothing.");
        if (e.Savings.Count > 0)
            report.Table(["component", ">each accelerator", ">keeps out"], e.Savings.Select(s => new[] { s.Name, s.PerAccelerator.ToString("G3"), $"{s.MoreAccelerators:N0} accelerators" }));
    }

    void Against(PublishedSplit split)
    {
        report.Heading("Beside the published split, for one system");
        report.Say($"The network is {Percent(split.OwnShare)} of equipment here and {Percent(split.Row.Share)} of the whole with {split.Row.Layers} layers in the table. One line after the other exchanged for the table's:");
        string Amount(double dollars) => study.Currency.Print(Money.FromDollars(dollars), "G4");
        report.Table(["line", ">here", ">published", ">moves the share", ""], split.Steps.Select(s => new[] { s.Line, Amount(s.Own), Amount(s.Published), $"{Quantity.Round(s.Points, 3)} points", s.Note }));
    }

    // The same text as evaluate's, in the study's currency.
    string Range(CostRange price) => study.Currency.Code == Currency.Usd.Code
        ? EvaluationReport.Range(price)
        : EvaluationReport.Range(1 / study.Currency.Dollars * price).Replace("USD", study.Currency.Code, StringComparison.Ordinal);
}
