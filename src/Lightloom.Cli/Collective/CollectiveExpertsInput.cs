using System.Globalization;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning;

namespace Lightloom.Cli;

/// <summary>A layer of experts spread over systems of the catalogue, as <c>collective experts</c> is told.</summary>
sealed class CollectiveExpertsInput
{
    const int MostNodes = 100_000;
    const int MostExperts = 1_000_000;

    CollectiveExpertsInput(AcceleratorSystem system, int nodes, PointToPointParameters? fabric, NetworkLevels levels, GroupPlacement group, ExpertExchange exchange)
    {
        System = system;
        Nodes = nodes;
        Fabric = fabric;
        Levels = levels;
        Group = group;
        Exchange = exchange;
    }

    public AcceleratorSystem System { get; }

    public int Nodes { get; }

    /// <summary>How the fabric carries single messages; null where there is one system.</summary>
    public PointToPointParameters? Fabric { get; }

    public NetworkLevels Levels { get; }

    public GroupPlacement Group { get; }

    public ExpertExchange Exchange { get; }

    public static CollectiveExpertsInput Of(string systemKey, string nodes, string fabricKey, string? modelKey, string? tokens, string? hidden, string? perToken,
        string? experts, string? limit, string dispatch, string combine, string? skew)
    {
        var system = LinkInput.Part<AcceleratorSystem>("--system", systemKey);
        var count = LinkInput.Count("--nodes", nodes, 1, MostNodes);
        var each = system.Accelerators.Value;
        if ((long)count * each > int.MaxValue || count * each < 2) throw new InputException($"--nodes: an exchange has at least 2 ranks, not {count * each:N0}");
        var model = modelKey is null ? null : LinkInput.Part<TransformerModel>("--model", modelKey);
        if (model is { Experts: null }) throw new InputException($"--model: '{modelKey}' has no experts");
        int Given(string option, string? text, int? otherwise, int most) => text is not null ? LinkInput.Count(option, text, 1, most)
            : otherwise ?? throw new InputException($"{option}: expected a whole number from 1 to {most:N0}, or --model");
        var exchange = new ExpertExchange
        {
            Experts = Given("--experts", experts, model?.Experts?.Experts ?? 256, MostExperts),
            PerToken = Given("--top-k", perToken, model?.Experts?.PerToken, ExpertExchange.MostPerToken),
            Tokens = Given("--tokens", tokens, 4096, 100_000_000),
            Hidden = Given("--hidden", hidden, model?.Hidden, 1_000_000),
            DomainLimit = limit is null ? null : LinkInput.Count("--node-limit", limit, 1, count),
            Dispatch = Precision("--dispatch", dispatch),
            Combine = Precision("--combine", combine),
            Skew = skew is null ? 1 : double.TryParse(skew, NumberStyles.Float, CultureInfo.InvariantCulture, out var s) && s is >= 1 and <= 1000 ? s
                : throw new InputException($"--skew: expected a number from 1 to 1000, found '{skew}'"),
        };
        var ranks = count * each;
        if (exchange.Experts < exchange.PerToken) throw new InputException($"--experts: a token can't visit {exchange.PerToken} of {exchange.Experts} experts");
        if (exchange.Experts % ranks != 0)
        {
            throw new InputException($"--experts: {exchange.Experts:N0} experts don't divide over {ranks:N0} ranks; expected a multiple, such as " +
                $"{(exchange.Experts + ranks - 1L) / ranks * ranks:N0} with copies of some");
        }
        if (exchange.DomainLimit is { } g && (long)g * (exchange.Experts / count) < exchange.PerToken)
            throw new InputException($"--node-limit: {g} nodes hold {(long)g * (exchange.Experts / count):N0} experts, fewer than the {exchange.PerToken} of a token");

        var fabric = LinkInput.Part<PointToPointParameters>("--fabric", fabricKey);
        var network = CollectiveNetwork.OnOneLevel(system, count, LinkInput.Part<CollectiveParameters>("--fabric", fabricKey));
        return new(system, count, count == 1 ? null : fabric, network.Sustained, network.Group, exchange);
    }

    public static IReadOnlyList<ExpertMode> Modes(string? text) => text switch
    {
        null => [ExpertMode.Throughput, ExpertMode.LowLatency],
        "throughput" => [ExpertMode.Throughput],
        "low-latency" => [ExpertMode.LowLatency],
        _ => throw new InputException($"--mode: expected throughput or low-latency, found '{text}'{Nearest.Hint(text, ["throughput", "low-latency"])}"),
    };

    static ExpertPrecision Precision(string option, string text) => text switch
    {
        "fp8" => ExpertPrecision.Fp8,
        "bf16" => ExpertPrecision.Bf16,
        _ => throw new InputException($"{option}: expected fp8 or bf16, found '{text}'{Nearest.Hint(text, ["fp8", "bf16"])}"),
    };
}
