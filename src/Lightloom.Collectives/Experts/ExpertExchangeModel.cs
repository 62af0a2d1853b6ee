// Dispatch and combine of a layer of experts, over the levels that the ranks see.
//
//   T, k, E, h  tokens of a rank, experts that each visits, experts, values of a token      n, r_l  ranks, and in one unit of level l
//   X, Y    distinct domains and ranks that a token reaches (ExpertRouting)
//   b       bytes of a copy: FP8 h + 4 ceil(h / 128), BF16 2 h; a dispatched copy has a header besides
//   V_l     bytes that the mean rank sends over level l
//     throughput    V_0 = T b Y (r_0 - 1) / r_0     a copy lands on the sender's rail and goes on to each rank of the domain but that
//                   V_l = T b X (n - r_(l-1)) / n   one copy for each domain out of reach of level l - 1
//     low latency   V_0 = T b k (r_0 - 1) / n       one copy for each expert, straight there
//                   V_l = T b k (n - r_(l-1)) / n
//   B_l     what collectives sustain on the level      s_l  share of it that the kernels reach
//   c       what is left across rails; of low-latency copies 1 / r_0 stay on theirs: 1 / C = 1 / r_0 + (1 - 1 / r_0) / c, else C = 1
//   L, a, o launch; latency of the furthest level; overhead of a message, m = V_1 / b of them (low latency)
//
//   mean rank     t = L + a + max over l of (V_l / (s_l B_l) + m o) / C_l
//   most loaded   each of the terms times S + z cv_l sqrt(S), z and cv from ExpertImbalance, S the skew; spread averages out beyond level 1
//
// Combine sends the same copies backwards: each domain sums what its ranks made of a token before it returns (throughput), or each
// expert's result returns by itself (low latency).
//
// Example: DeepSeek-V3 on 64 H800 in 8 domains, T = 4096, h = 7168, k = 8 of E = 256, limit 4: X = 3.983, Y = 7.471, FP8 b = 7392 B.
//   V_0 = 197.9 MB, V_1 = 105.5 MB. With B_0 = 159 GB/s, B_1 = 48 GB/s, s = (0.83, 0.945), L + a = 34.2 us:
//   1.500 ms over NVLink, 2.326 ms over the fabric, t = 2.361 ms; DeepEP counts T b X = 120.6 MB and prints 51.1 GB/s (published: 51).
// Sources: DeepSeek-V3 (arXiv 2412.19437, 3.2.2: rail, then NVLink; node limit); DeepEP V1 (kernels, what its benchmarks count).
using Lightloom.Catalog;

namespace Lightloom.Collectives;

/// <summary>Times dispatch and combine on one network. Immutable; safe to share between threads.</summary>
public sealed class ExpertExchangeModel
{
    const double Quantile = 0.99;

    readonly NetworkLevels levels;
    readonly ExpertExchangeParameters parameters;
    readonly double crossRail;
    readonly double messageOverhead;

    /// <summary>A mode on a network.</summary>
    /// <param name="levels">The network.</param>
    /// <param name="mode">How tokens travel.</param>
    /// <param name="fabric">How the fabric carries single messages; nothing is lost to them unless given.</param>
    /// <param name="parameters">How the kernels use levels; the catalogue's of the mode unless given.</param>
    public ExpertExchangeModel(NetworkLevels levels, ExpertMode mode, PointToPointParameters? fabric = null, ExpertExchangeParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(levels);
        this.levels = levels;
        Mode = mode;
        this.parameters = parameters ?? PartCatalog.Default.Get<ExpertExchangeParameters>(mode == ExpertMode.Throughput ? "throughput" : "low-latency");
        crossRail = fabric?.CrossRail.Value ?? 1;
        messageOverhead = fabric?.MessageOverhead.Value.Seconds ?? 0;
    }

    /// <summary>How tokens travel.</summary>
    public ExpertMode Mode { get; }

    /// <summary>How the kernels use the levels.</summary>
    public ExpertExchangeParameters Parameters => parameters;

    /// <summary>How long one half of an exchange takes.</summary>
    /// <param name="exchange">What travels.</param>
    /// <param name="phase">Which half.</param>
    /// <param name="group">Where the ranks sit, on as many levels as the network has.</param>
    /// <returns>Nothing for one rank.</returns>
    /// <exception cref="ArgumentException">The levels don't match or a count is impossible.</exception>
    public ExpertExchangeTime Time(in ExpertExchange exchange, ExpertPhase phase, in GroupPlacement group)
    {
        if (group.LevelCount != levels.Count)
            throw new ArgumentException($"the group is placed on {group.LevelCount} levels, the network has {levels.Count}");
        exchange.Check(group);
        if (group.Ranks == 1) return default;
        double n = group.Ranks, inside = group.Within(0), domains = n / inside, tokens = exchange.Tokens;
        var routing = ExpertRouting.Of(exchange.Experts, exchange.PerToken, n, domains, exchange.DomainLimit);
        var direct = Mode == ExpertMode.LowLatency;
        var copy = exchange.CopyOf(phase).Bytes + (phase == ExpertPhase.Dispatch ? parameters.Header.Value.Bytes : 0);
        var everywhere = tokens * copy * (direct ? exchange.PerToken : routing.Domains); // what all destinations get, those at home included
        var pool = exchange.DomainLimit is { } limit && limit < domains ? exchange.Experts * limit / domains : exchange.Experts;

        LevelValues bytes = default, wire = default;
        double latency = parameters.Launch.Value.Seconds, messages = 0, transfer = 0, expected = 0, almostAll = 0, furthest = 0;
        double largest = ExpertImbalance.ExpectedLargest(n), nearlyLargest = ExpertImbalance.LargestAt(n, Quantile);
        var binding = 0;
        for (var l = 0; l < levels.Count; l++)
        {
            if (!group.Crosses(l)) continue;
            ref readonly var level = ref levels.At(l);
            var leaving = l == 0 ? 0 : (n - group.Within(l - 1)) / n;
            bytes[l] = l > 0 ? everywhere * leaving
                : direct ? everywhere * (inside - 1) / n
                : tokens * copy * routing.Ranks * (inside - 1) / inside;
            var share = l == 0 ? parameters.ScaleUpShare.Value : parameters.ScaleOutShare.Value;
            // The cards' own rail alignment counts where traffic enters the fabric.
            var rail = l == 1 && direct ? 1 / inside + (1 - 1 / inside) / crossRail : 1;
            wire[l] = bytes[l] * level.SecondsPerByte / share * rail;
            var posting = 0.0;
            if (l == 1 && direct)
            {
                messages = bytes[l] / copy;
                posting = messages * messageOverhead * rail;
            }
            // Tokens are put straight into the receiver's memory, with their flags.
            furthest = double.IsPositiveInfinity(level.LowLatencySecondsPerByte) ? level.Latency : Math.Min(level.Latency, level.LowLatency);
            var busy = wire[l] + posting;
            var spread = l > 1 ? 0 : Spread(l == 0, direct, exchange, routing, n, inside, domains, pool);
            expected = Math.Max(expected, busy * Hottest(largest, spread, exchange.Skew));
            almostAll = Math.Max(almostAll, busy * Hottest(nearlyLargest, spread, exchange.Skew));
            if (busy <= transfer) continue;
            transfer = busy;
            binding = l;
        }
        return new(latency + furthest, transfer, Math.Max(transfer, expected), Math.Max(transfer, almostAll), bytes, wire, everywhere,
            direct ? everywhere : tokens * copy * routing.Ranks, messages, binding, routing);
    }

    static double Spread(bool scaleUp, bool direct, in ExpertExchange exchange, ExpertRouting routing, double n, double inside, double domains, double pool)
    {
        var tokens = exchange.Tokens;
        if (direct)
        {
            var senders = scaleUp ? inside - 1 : n - inside;
            return ExpertImbalance.PerExpert(senders * tokens, exchange.PerToken, n, exchange.Experts / n, pool);
        }
        return scaleUp
            ? ExpertImbalance.Deduplicated(n * tokens, routing.Ranks / n)
            : ExpertImbalance.Deduplicated((domains - 1) * tokens, routing.Domains / domains);
    }

    static double Hottest(double deviations, double spread, double skew) => skew + deviations * spread * Math.Sqrt(skew);
}
