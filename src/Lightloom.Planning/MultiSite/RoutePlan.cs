// A route between two sites as it is built: what lights it, what it carries, how long light takes, what it costs and how often it is down.
//
//   dark fibre     its line system is designed by the Gaussian-noise model (Lightloom.Optics/Lines/LineDesign.cs)
//     capital      transceivers + amplifiers + huts
//     a year       2 fibres a pair x length x price of dark fibre
//   leased waves   a year: count x rate / 100 Gb/s x (ends + length x price per length); delay of the fibre alone
//   neither        a bandwidth that costs nothing here
//   down           cuts = length / 1,000 km x rate; amplifiers of one pair, any of which takes the pair: for each kind λ·R, R its repair;
//                  unavailability 1 - Π 1/(1 + λR)
//
// Worked example: 1,000 km, 1.5 cuts a year of 12 h: λR = 18/8766 = 0.0020534, unavailability 0.2049 %.

using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics.Lines;
using Lightloom.Planning.Costs;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.MultiSite;

/// <summary>What takes a route down.</summary>
/// <param name="Name">What fails.</param>
/// <param name="Rate">How often.</param>
/// <param name="Repair">How long it lasts.</param>
public sealed record RouteOutage(string Name, FailureRate Rate, Duration Repair)
{
    /// <summary>The figure that the rate rests on.</summary>
    public required RateCause Cause { get; init; }

    /// <summary>The figure of the repair.</summary>
    public required CostFigure RepairFigure { get; init; }

    /// <summary>Share of time in which it is not down for this reason.</summary>
    public double Availability => 1 / (1 + (Rate * Repair));
}

/// <summary>A route as it is built; see the head of this file.</summary>
public sealed record RoutePlan
{
    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>One end: a site's place in the list.</summary>
    public required int From { get; init; }

    /// <summary>The other end.</summary>
    public required int To { get; init; }

    /// <summary>Length of the fibre.</summary>
    public required Length Length { get; init; }

    /// <summary>The fibre.</summary>
    public required Fibre Fibre { get; init; }

    /// <summary>Its line system; null where it is leased or only a bandwidth.</summary>
    public required LineDesign? Line { get; init; }

    /// <summary>Leased waves; null where it has none.</summary>
    public required RouteWavesSection? Waves { get; init; }

    /// <summary>In each direction.</summary>
    public required Bandwidth Bandwidth { get; init; }

    /// <summary>One way, modules included where they are known.</summary>
    public required Duration Delay { get; init; }

    /// <summary>What it is built of and what is leased for it; nothing where it is only a bandwidth.</summary>
    public required IReadOnlyList<RouteItem> Items { get; init; }

    /// <summary>What has to be bought, spares left out; nothing where it isn't known.</summary>
    public CostRange Capital => Items.Where(i => i.Kind != RouteItemKind.Leased).Aggregate(CostRange.Zero, (sum, i) => sum + i.Total);

    /// <summary>What is paid every year for fibre or waves.</summary>
    public CostRange Yearly => Items.Where(i => i.Kind == RouteItemKind.Leased).Aggregate(CostRange.Zero, (sum, i) => sum + i.Total);

    /// <summary>Electrical power of modules and amplifiers, both ends and all huts.</summary>
    public Power Power => Items.Aggregate(Power.Zero, (sum, i) => sum + i.AllPower);

    /// <summary>Parts without a price, which count as nothing.</summary>
    public IReadOnlyList<string> Unpriced => [.. Items.Where(i => i.Price is null).Select(i => i.Key)];

    /// <summary>What is assumed of it where the design doesn't say.</summary>
    public required RouteDefaults Defaults { get; init; }

    /// <summary>Parts whose figures it rests on.</summary>
    public required IReadOnlyList<Part> Parts { get; init; }

    /// <summary>What takes it down.</summary>
    public required IReadOnlyList<RouteOutage> Outages { get; init; }

    /// <summary>Share of time in which it carries its bandwidth.</summary>
    public double Availability => Outages.Aggregate(1.0, (all, o) => all * o.Availability);

    /// <summary>Round trip.</summary>
    public Duration RoundTrip => 2 * Delay;

    /// <summary>Data on the way in each direction when the route is full.</summary>
    public DataSize OnTheWay => Bandwidth * Delay;

    /// <summary>Plans a route of a design.</summary>
    /// <param name="document">The design, for complaints.</param>
    /// <param name="index">Which route.</param>
    /// <param name="from">Its one end.</param>
    /// <param name="to">Its other end.</param>
    /// <param name="fibre">Another fibre than the design's, to see what it would bring; null for its own.</param>
    /// <param name="catalog">Parts.</param>
    /// <exception cref="InputException">The route contradicts itself, or no line of its parts reaches so far.</exception>
    public static RoutePlan Of(DesignDocument document, int index, int from, int to, Fibre? fibre, PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(document);
        ArgumentNullException.ThrowIfNull(catalog);
        var section = document.Design.Routes![index];
        var defaults = document.Design.RouteAssumptions ?? catalog.Get<RouteDefaults>("default");
        var laid = fibre ?? section.Fibre ?? catalog.Get<Fibre>(SiteStudy.OrdinaryFibre);
        InputException Wrong(string field, string problem) => document.Wrong($"routes.{index}{(field.Length > 0 ? "." : "")}{field}", problem);
        if (section is { Line: not null, Waves: not null }) throw Wrong("waves", "a route has a line of its own or leased waves; found both");
        if (section is { Line: null, Waves: null, Bandwidth: null }) throw Wrong("", "a route needs a bandwidth, a line or waves");
        if (section.Waves is { } waves && section.Bandwidth is { } said && Math.Abs((waves.Rate * waves.Count / said) - 1) > 1e-9)
            throw Wrong("bandwidth", $"{waves.Count:N0} waves of {waves.Rate} are {waves.Rate * waves.Count}; the route says {said}");
        var length = section.FibreLength;
        List<RouteOutage> outages =
        [
            new("cut of the cable", FailureRate.FromPerYear(defaults.CutsPerThousandKilometers.Value.PerYear * length.Kilometers / 1000), defaults.CutRepair.Value)
            {
                Cause = new("cutsPerThousandKilometers", "cuts of 1,000 km of cable", defaults.CutsPerThousandKilometers),
                RepairFigure = CostFigure.OfTime("cutRepair", "repair of a cable that is cut", defaults.CutRepair),
            },
        ];
        var plan = new RoutePlan
        {
            Name = section.Name ?? $"{section.From} - {section.To}",
            From = from,
            To = to,
            Length = length,
            Fibre = laid,
            Line = null,
            Waves = section.Waves,
            Bandwidth = section.Bandwidth ?? default,
            Delay = SiteStudy.DelayOf(section.Distance, section.RouteFactor, laid),
            Items = [],
            Defaults = defaults,
            Outages = outages,
            Parts = [laid, defaults],
        };
        if (section.Waves is { } leased)
        {
            return plan with { Bandwidth = leased.Rate * leased.Count, Items = RoutePrice.Of(leased, length, defaults) };
        }
        if (section.Line is not { } wanted) return plan;
        if (length <= Length.Zero) throw Wrong("distance", "a line is longer than 0 km");
        if (document.Gave($"routes.{index}.line.span") && wanted.Span is { } own && own > length)
            throw Wrong("line.span", $"spans of {own} are longer than the route's {length}");
        LineDesign line;
        try
        {
            line = LineDesign.Of(RequestOf(section, laid, defaults, catalog, Wrong));
        }
        catch (InputException e) when (e.Mark is null)
        {
            throw Wrong("line", e.Problem);
        }
        if (line.Request.Amplifiers.Count > 0)
        {
            outages.Add(new("amplifiers of a pair", defaults.AmplifierFailures.Value * line.AmplifiersOfPair.Values.Sum(), defaults.AmplifierRepair.Value)
            {
                Cause = RoutePrice.Amplifiers(defaults),
                RepairFigure = CostFigure.OfTime("amplifierRepair", "repair of an amplifier of a route", defaults.AmplifierRepair),
            });
        }
        return plan with
        {
            Line = line,
            Bandwidth = line.Bandwidth,
            Delay = line.Delay,
            Items = RoutePrice.Of(line, defaults, catalog),
            Parts = [laid, defaults, catalog.Get<CoherentTransceiver>(line.Mode.Name), .. line.AmplifiersOfPair.Keys.Order(StringComparer.Ordinal).Select(catalog.Get<Amplifier>)],
        };
    }

    static LineRequest RequestOf(SiteRouteSection section, Fibre fibre, RouteDefaults defaults, PartCatalog catalog, Func<string, string, InputException> wrong)
    {
        var line = section.Line!;
        if (!fibre.SingleMode || fibre.Dispersion is null || fibre.Wavelength.Nanometers is < 1500 or > 1640)
            throw wrong("fibre", $"'{fibre.Key}' at {fibre.Wavelength} carries no line of erbium amplifiers; expected single-mode fibre near 1550 nm, such as '{SiteStudy.OrdinaryFibre}'");
        var adapter = fibre.Adapter?.Loss.Value ?? Decibels.Zero;
        return new()
        {
            Fibre = fibre,
            Length = section.FibreLength,
            Span = line.Span ?? defaults.Span.Value,
            Amplifiers = line.Amplifier switch
            {
                "auto" => LineAmplifierKind.InLine(catalog),
                "none" => [],
                var key => [LineAmplifierKind.Of(Find<Amplifier>(key, "line.amplifier", ["auto", "none"]))],
            },
            Modes = line.Modules is { } keys ? [.. keys.Select((k, i) => Mode(k, i))] : [.. catalog.All<CoherentTransceiver>().Select(CoherentMode.Of).OfType<CoherentMode>()],
            Margin = line.Margin ?? defaults.Margin.Value,
            ConnectorLoss = defaults.ConnectorLoss.Value + adapter,
            MultiplexerLoss = defaults.MultiplexerLoss.Value,
            Wanted = section.Bandwidth,
            Pairs = line.Pairs,
            Regenerate = line.Regenerate,
        };

        CoherentMode Mode(string key, int at) => CoherentMode.Of(Find<CoherentTransceiver>(key, $"line.modules.{at}", []))
            ?? throw wrong($"line.modules.{at}", $"the catalogue gives '{key}' no required OSNR or no spacing; it isn't meant for multiplexed lines");
        T Find<T>(string key, string field, string[] others)
            where T : Part
        {
            var keys = catalog.All<T>().Select(p => p.Key).Concat(others).ToList();
            return catalog.All<T>().FirstOrDefault(p => p.Key == key) ?? throw wrong(field, $"there is no {PartCatalog.KindOf(typeof(T))} '{key}'{Nearest.Hint(key, keys)}");
        }
    }
}
