// Exchanges of experts, and messages across rails, beside published measurements.
//
//   expert_parallel        one row per library, mode, ranks and phase; the network is MeasuredCluster's, eight GPUs to a node.
//     bandwidth            as the library counts it: each token's copies for ranks (NVLink) or domains (RDMA) that it reaches, or for
//                          its experts (low latency), those at home included, over the time of an average rank
//     latency              that time, where the row has one
//                          experts: a column of that name, or 256 and at least one for each rank (DeepSeek-V3); domains: node_limit, or
//                          the 4 of DeepSeek-V3 in throughput mode
//   rail_alignment_efa     messages of one size between two hosts of a cloud, to all GPUs of the other host or to the one on the rail
//   error                  predicted / published - 1
//   band                   the largest error that leaving a group size out of the fit has shown, rounded up: 15 % throughput, 8 % low
//                          latency; for rails what nine in ten points stay within
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>Tables of exchanges between experts and of messages across rails.</summary>
static class ExpertTables
{
    const int Board = 8; // GPUs of a node
    const int DeepSeekExperts = 256;
    const int DeepSeekDomains = 4;
    const double ThroughputBand = 0.15;
    const double LowLatencyBand = 0.08;
    const double RailBandLow = 0.85;
    const double RailBandHigh = 1.25;

    // Gb/s of cards for each GPU, from the instances' descriptions.
    static readonly Dictionary<string, double> Instances = new(StringComparer.OrdinalIgnoreCase)
    {
        ["p4d"] = 50,
        ["p4de"] = 50,
        ["p5"] = 400,
        ["p5e"] = 400,
        ["p5en"] = 400,
        ["p6-b200"] = 400,
        ["p6-b300"] = 800,
    };

    public static IReadOnlyList<ValidatedTable> All { get; } =
    [
        new("expert_parallel", ["id", "system", "gpu", "nic", "fabric", "mode", "tokens_per_rank", "hidden", "topk", "dispatch_dtype", "combine_dtype",
            "ep", "phase", "bandwidth_gbps", "bw_kind"], Exchanges),
        new("rail_alignment_efa", ["system", "pattern", "message_kb", "throughput_gbps"], Rails),
    ];

    static void Exchanges(CsvTable table, ValidationRun run)
    {
        foreach (var row in table.Rows)
        {
            try
            {
                Exchange(row, run);
            }
            catch (InputException e) when (e.Mark is null)
            {
                run.Skip(row, e.Problem);
            }
            catch (ArgumentException e)
            {
                run.Skip(row, e.Message);
            }
        }
    }

    static void Exchange(CsvRow row, ValidationRun run)
    {
        var ranks = (int)row.Count("ep", 2, 1_000_000);
        var perToken = (int)row.Count("topk", 1, ExpertExchange.MostPerToken);
        double tokens = row.Real("tokens_per_rank", 1, 1e9), hidden = row.Real("hidden", 1, 1e6);
        var mode = Named(row["mode"], ("normal", ExpertMode.Throughput), ("throughput", ExpertMode.Throughput),
            ("low_latency", ExpertMode.LowLatency), ("low-latency", ExpertMode.LowLatency)) ?? throw new InputException($"unknown mode '{row["mode"]}'");
        var phase = Named(row["phase"], ("dispatch", ExpertPhase.Dispatch), ("combine", ExpertPhase.Combine))
            ?? throw new InputException($"unknown phase '{row["phase"]}'");
        var inside = Named(row["bw_kind"], ("nvlink", true), ("rdma", false)) ?? throw new InputException($"unknown kind of bandwidth '{row["bw_kind"]}'");
        var cluster = MeasuredCluster.Of(PartCatalog.Default, ranks, (ranks + Board - 1) / Board, row["gpu"], row["nic"], row["fabric"]);
        var domains = (int)Math.Round(cluster.Group.Units(0));
        var experts = row.Table.Has("experts") ? (int)row.Count("experts", 1, 1_000_000) : (DeepSeekExperts + ranks - 1) / ranks * ranks;
        int? limit = row.Table.Has("node_limit") ? (int)row.Count("node_limit", 1, 1_000_000)
            : mode == ExpertMode.Throughput ? Math.Min(domains, DeepSeekDomains) : null;
        var exchange = new ExpertExchange
        {
            Experts = experts,
            PerToken = perToken,
            Tokens = tokens,
            Hidden = hidden,
            DomainLimit = limit,
            Dispatch = Precision(row["dispatch_dtype"]),
            Combine = Precision(row["combine_dtype"]),
        };
        var fabric = cluster.Levels.Count > 1 ? PartCatalog.Default.Get<PointToPointParameters>(cluster.Mechanism) : null;
        var time = new ExpertExchangeModel(cluster.Levels, mode, fabric).Time(exchange, phase, cluster.Group);
        var band = mode == ExpertMode.Throughput ? ThroughputBand : LowLatencyBand;
        var word = mode == ExpertMode.Throughput ? "throughput" : "low latency";
        ValidationTag[] tags = [new("mode", word), new("phase", $"{word}, {row["phase"]}"), new("table", row["id"]), new("system", row["system"])];
        void Add(string quantity, string unit, double published, double predicted) => run.Add(new()
        {
            File = row.Table.Name,
            Row = row.Number,
            Id = $"{row["id"]}, {row["phase"]}",
            Quantity = quantity,
            Published = published,
            Predicted = predicted,
            Unit = unit,
            Low = predicted * (1 - band),
            High = predicted * (1 + band),
            Note = cluster.Note,
            Tags = tags,
        });
        if (row.NumberOrNull("bandwidth_gbps", 0, 1e9) is { } bandwidth)
            Add("bandwidth", "GB/s", bandwidth, (inside ? time.CountedScaleUp : time.CountedFabric).GigabytesPerSecond);
        if (row.Table.Has("latency_us") && row.NumberOrNull("latency_us", 0, 1e12) is { } latency) Add("latency", "us", latency, time.Mean.Microseconds);
    }

    static void Rails(CsvTable table, ValidationRun run)
    {
        var fabric = PartCatalog.Default.Get<PointToPointParameters>("efa");
        var mechanism = PartCatalog.Default.Get<CollectiveParameters>("efa");
        var sustained = (mechanism.PointToPointSustained ?? mechanism.Sustained).Value;
        foreach (var row in table.Rows)
        {
            var size = DataSize.FromBytes(1024 * row.Real("message_kb", 1e-3, 1e12));
            var published = row.Real("throughput_gbps", 1e-9, 1e9);
            var instance = row["system"].Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault(Instances.ContainsKey);
            if (instance is null)
            {
                run.Skip(row, $"unknown instance '{row["system"]}'");
                continue;
            }
            if (Named(row["pattern"], ("cross-rail", false), ("rail-aligned", true)) is not { } aligned)
            {
                run.Skip(row, $"unknown pattern '{row["pattern"]}'");
                continue;
            }
            var line = Bandwidth.FromGigabitsPerSecond(Instances[instance]);
            // Where a row says that receivers are drawn at random, what that leaves is counted, not fitted.
            var random = !aligned && row["system"].Contains("random", StringComparison.OrdinalIgnoreCase);
            var through = RailAlignment.Throughput(line * sustained, size, aligned || random, Board, fabric);
            var predicted = (random ? through * RailAlignment.RandomShare(Board) : through).GigabytesPerSecond;
            run.Add(new()
            {
                File = table.Name,
                Row = row.Number,
                Id = $"{row["system"]}, {row["pattern"]}, {row["message_kb"]} KiB",
                Quantity = "throughput",
                Published = published,
                Predicted = predicted,
                Unit = "GB/s",
                Low = predicted * RailBandLow,
                High = predicted * RailBandHigh,
                Tags = [new("pattern", row["pattern"]), new("system", row["system"])],
            });
        }
    }

    static ExpertPrecision Precision(string text) => Named(text, ("fp8", ExpertPrecision.Fp8), ("bf16", ExpertPrecision.Bf16))
        ?? throw new InputException($"unknown precision '{text}'");

    static T? Named<T>(string text, params ReadOnlySpan<(string Name, T Value)> names)
        where T : struct
    {
        foreach (var (name, value) in names)
            if (string.Equals(name, text.Trim(), StringComparison.OrdinalIgnoreCase)) return value;
        return null;
    }
}
