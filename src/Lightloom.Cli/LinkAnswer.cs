using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Optics;
using Lightloom.Quantities;

namespace Lightloom.Cli;

/// <summary>What <c>link</c> found: the chosen link, the others, and the statistics of those that have a budget.</summary>
sealed record LinkAnswer
{
    public const long Population = 100_000;

    public required LinkRequest Request { get; init; }

    public required EngineeredLink Chosen { get; init; }

    public required IReadOnlyList<EngineeredLink> Candidates { get; init; }

    public required IReadOnlyList<MarginLever> Levers { get; init; }

    /// <summary>Optical candidates with their budgets' distributions, in the order of <see cref="Candidates"/>.</summary>
    public required IReadOnlyList<(EngineeredLink Link, StatisticalBudget Budget)> Statistics { get; init; }

    public StatisticalBudget? Budget => Statistics.FirstOrDefault(s => s.Link.Name == Chosen.Name).Budget;

    /// <summary>What the chosen link's margins mean.</summary>
    public required IReadOnlyList<MarginRung> Margins { get; init; }

    /// <summary>The chosen link and its alternatives in boxes, the chosen first; empty where no switch of the catalogue has such ports.</summary>
    public required IReadOnlyList<BoxedLink> Boxes { get; init; }

    /// <summary>Lanes of the chosen link by wavelength, the worst first.</summary>
    public required IReadOnlyList<LaneBudget> Lanes { get; init; }

    public required ulong Seed { get; init; }

    public SampledMargins? Sampled { get; init; }

    public static LinkAnswer Of(LinkRequest request, Switch? box, int links, ulong seed)
    {
        var engineer = new LinkEngineer(PartCatalog.Default);
        var chosen = engineer.Best(request);
        if (chosen.Class == MediaClasses.None) throw new InputException($"{chosen.Reason ?? "nothing fits"}{Carries(request)}");
        var open = request with { Policy = new() { RetimedOnly = request.Policy.RetimedOnly } };
        var candidates = engineer.Candidates(open);
        var statistics = new List<(EngineeredLink, StatisticalBudget)>();
        foreach (var candidate in candidates)
            if (StatisticalBudget.Of(candidate, request) is { } budget) statistics.Add((candidate, budget));
        var switches = PartCatalog.Default.All<Switch>();
        var standsIn = box ?? BoxedLink.BoxFor(request, switches);
        var answer = new LinkAnswer
        {
            Request = request,
            Chosen = chosen,
            Candidates = candidates,
            Levers = MarginLevers.Of(engineer, request, chosen),
            Statistics = statistics,
            Margins = MarginLadder.Of(chosen, statistics.FirstOrDefault(s => s.Item1.Name == chosen.Name).Item2),
            Boxes = standsIn is null ? [] : BoxedLink.Compare(engineer, request, chosen, candidates, standsIn, switches),
            Lanes = LaneBudget.Of(chosen),
            Seed = seed,
        };
        if (links == 0) return answer;
        return answer.Budget is { } population
            ? answer with { Sampled = population.Sample(links, seed) }
            : throw new InputException($"--monte-carlo draws losses of connectors and fibre, and '{chosen.Name}' has none of them");
    }

    /// <summary>How far a link stands from the limits of physics; null where it has no directly detected optics.</summary>
    public static DistanceToLimit? LimitsOf(EngineeredLink link) =>
        link.Parts.Select(p => p.Part).OfType<Transceiver>().FirstOrDefault()?.Interface is { } meeting ? DistanceToLimit.Of(link, meeting) : null;

    /// <summary>What a link's lost frames cost under each protocol, with bursts, at a margin.</summary>
    public IEnumerable<RetransmissionCost> Costs(ErrorRatios errors) =>
        PartCatalog.Default.All<NetworkProtocol>().Select(p => Retransmission.Of(Chosen, Request.Rate, p, errors));

    /// <summary>What the part that was asked for carries, where it doesn't fit.</summary>
    static string Carries(LinkRequest request)
    {
        if (request.Policy.Part is not { } key) return "";
        var part = LinkInput.ModuleOrCable(key);
        var (rate, lane) = part is Transceiver module ? (module.Rate.Value, module.HostLaneRate?.Value ?? module.LaneRate?.Value)
            : part is CopperCable cable ? (cable.Rate.Value, cable.LaneRate.Value)
            : default;
        return $"; it carries {rate}{(lane is { } each ? $" in lanes of {each}" : "")}";
    }

    /// <summary>What the link is, in words.</summary>
    public static string Describe(LinkRequest request)
    {
        var words = new List<string> { $"{request.Rate} over {request.Run}" };
        if (request.Connectors > 0) words.Add($"{request.Connectors} {request.Connector?.Key.ToUpperInvariant() ?? ""} connections".Replace("  ", " ", StringComparison.Ordinal));
        if (request.Splices > 0) words.Add($"{request.Splices} splices");
        foreach (var element in request.Elements) words.Add($"{element.Name} of {element.Loss.Value}");
        if (request.Fibre is { } fibre) words.Add(fibre.Name);
        return string.Join(", ", words);
    }
}

/// <summary>Media that serve a length.</summary>
/// <param name="Length">The length.</param>
/// <param name="Links">The cheapest of each class that closes, the cheapest first.</param>
sealed record LinkRung(Length Length, IReadOnlyList<EngineeredLink> Links);

/// <summary>Media that serve each length at a rate.</summary>
sealed record LinkComparison(LinkRequest Request, IReadOnlyList<LinkRung> Rungs, CopperCrossing Crossing, IReadOnlyList<CopperReach> Reaches)
{
    public static LinkComparison Of(LinkEngineer engineer, LinkRequest request, IReadOnlyList<Length> lengths)
    {
        var any = engineer.Best(request with { Run = Length.FromMeters(1) });
        if (any.Class == MediaClasses.None) throw new InputException(any.Reason ?? "nothing fits");
        var rungs = new List<LinkRung>();
        foreach (var length in lengths)
        {
            var closing = engineer.Candidates(request with { Run = length }).Where(c => c.Closes).GroupBy(c => c.Class).Select(g => g.First());
            rungs.Add(new(length, [.. closing]));
        }
        return new(request, rungs, CopperCrossover.Of(engineer, request),
            CopperCrossover.Reaches(request.LaneRate, PartCatalog.Default.All<CopperCable>(), PartCatalog.Default.All<Twinax>()));
    }
}
