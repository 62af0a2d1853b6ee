using CsCheck;
using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>Dispatch and combine: the worked example, every copy of every token, and what must hold.</summary>
public class ExpertExchangeTests
{
    static readonly PointToPointParameters InfiniBand = PartCatalog.Default.Get<PointToPointParameters>("infiniband");

    static readonly NetworkLevels H800 = new(
        new("NVLink", Bandwidth.FromGigabytesPerSecond(159), Duration.FromMicroseconds(0.6)),
        new("fabric", Bandwidth.FromGigabytesPerSecond(48), Duration.FromMicroseconds(4.2)));

    static readonly ExpertExchange DeepSeek = new() { Experts = 256, PerToken = 8, Tokens = 4096, Hidden = 7168, DomainLimit = 4 };

    static readonly GroupPlacement EightByEight = GroupPlacement.Of(8, 64);

    // Shares of one and no launch, so that only what travels is left.
    static ExpertExchangeParameters Plain(ExpertMode mode, double header = 0) =>
        PartCatalog.Default.Get<ExpertExchangeParameters>(mode == ExpertMode.Throughput ? "throughput" : "low-latency") with
        {
            ScaleUpShare = Sourced<double>.Of(1, "test", Grade.Assumption),
            ScaleOutShare = Sourced<double>.Of(1, "test", Grade.Assumption),
            Launch = Sourced<Duration>.Of(Duration.Zero, "test", Grade.Assumption),
            Header = Sourced<DataSize>.Of(DataSize.FromBytes(header), "test", Grade.Assumption),
        };

    [Fact]
    public void The_worked_example_of_the_model()
    {
        var system = new ExpertExchangeModel(H800, ExpertMode.Throughput, InfiniBand).Time(DeepSeek, ExpertPhase.Dispatch, EightByEight);
        Assert.Equal(3.983, system.Routing.Domains, 5e-4);
        Assert.Equal(7.471, system.Routing.Ranks, 5e-4);
        Assert.Equal(197.9, system.Volume(0).Bytes / 1e6, 0.05);
        Assert.Equal(105.5, system.Volume(1).Bytes / 1e6, 0.05);
        Assert.Equal(1500, system.Wire(0).Microseconds, 0.5);
        Assert.Equal(2326, system.Wire(1).Microseconds, 0.5);
        Assert.Equal(2360.5, system.Mean.Microseconds, 0.5);
        Assert.Equal(120.6, system.CountedFabricData.Bytes / 1e6, 0.05);
        Assert.Equal(51.1, system.CountedFabric.GigabytesPerSecond, 0.05);
        Assert.Equal(1, system.BindingLevel);
    }

    // The bytes that DeepEP's benchmark counts: (h + h / 128 * 4 + 16) or 2 h for each expert of each token.
    [Fact]
    public void Low_latency_counts_bytes_as_the_published_benchmark_does()
    {
        var exchange = DeepSeek with { Tokens = 128, DomainLimit = null };
        var model = new ExpertExchangeModel(H800, ExpertMode.LowLatency, InfiniBand);
        Assert.Equal(128 * 8 * (7168 + 56 * 4 + 16), model.Time(exchange, ExpertPhase.Dispatch, EightByEight).CountedFabricData.Bytes, 1e-6);
        Assert.Equal(128 * 8 * 2 * 7168, model.Time(exchange, ExpertPhase.Combine, EightByEight).CountedFabricData.Bytes, 1e-6);
    }

    /// <summary>Every choice of experts by a token of every rank, each copy sent by itself; ranks are numbered depth first.</summary>
    sealed class Copies(int[] within, int experts, int perToken)
    {
        readonly double[] sent = new double[within.Length]; // sent[l]: copies that cross level l, of all ranks
        readonly int ranks = within[^1];
        double tokens;

        void Send(int from, int to)
        {
            if (from == to) return;
            if (from / within[0] == to / within[0]) sent[0]++;
            for (var l = 1; l < within.Length; l++)
                if (from / within[l - 1] != to / within[l - 1]) sent[l]++;
        }

        public Copies Run(ExpertMode mode)
        {
            var chosen = new int[perToken];
            for (var rank = 0; rank < ranks; rank++) Choose(0, 0, chosen, rank, mode);
            return this;
        }

        void Choose(int at, int from, int[] chosen, int rank, ExpertMode mode)
        {
            if (at < perToken)
            {
                for (var e = from; e < experts; e++)
                {
                    chosen[at] = e;
                    Choose(at + 1, e + 1, chosen, rank, mode);
                }
                return;
            }
            tokens++;
            var targets = chosen.Select(e => e * ranks / experts);
            if (mode == ExpertMode.LowLatency)
            {
                foreach (var target in targets) Send(rank, target);
                return;
            }
            foreach (var domain in targets.Distinct().GroupBy(t => t / within[0]))
            {
                var landing = domain.Key * within[0] + rank % within[0]; // the sender's rail
                if (rank / within[0] != domain.Key) Send(rank, landing);
                foreach (var target in domain) Send(landing, target);
            }
        }

        /// <summary>Copies of one token over a level.</summary>
        public double PerToken(int level) => sent[level] / tokens;
    }

    [Theory]
    [InlineData(ExpertMode.Throughput, 8, 3, 2, 4, 8)]
    [InlineData(ExpertMode.Throughput, 12, 4, 2, 6, 12)]
    [InlineData(ExpertMode.Throughput, 8, 2, 1, 2, 8)]
    [InlineData(ExpertMode.Throughput, 12, 3, 6, 6, 6)]
    [InlineData(ExpertMode.LowLatency, 8, 3, 2, 4, 8)]
    [InlineData(ExpertMode.LowLatency, 12, 4, 3, 6, 6)]
    public void Volumes_are_those_of_every_copy_of_every_token(ExpertMode mode, int experts, int perToken, int domain, int leaf, int all)
    {
        int[] within = [domain, leaf, all];
        var copies = new Copies(within, experts, perToken).Run(mode);
        var exchange = new ExpertExchange { Experts = experts, PerToken = perToken, Tokens = 100, Hidden = 1000, Dispatch = ExpertPrecision.Bf16 };
        var time = new ExpertExchangeModel(AlgorithmTests.Network(), mode, null, Plain(mode)).Time(exchange, ExpertPhase.Dispatch, GroupPlacement.Of(within));
        for (var l = 0; l < 3; l++) Assert.Equal(100 * 2000 * copies.PerToken(l), time.Volume(l).Bytes, 1e-6);
    }

    [Fact]
    public void One_copy_for_each_domain_is_less_over_the_fabric_than_one_for_each_expert()
    {
        double Fabric(ExpertMode mode, int? limit) =>
            new ExpertExchangeModel(H800, mode, InfiniBand, Plain(mode)).Time(DeepSeek with { DomainLimit = limit }, ExpertPhase.Combine, EightByEight).Volume(1).Bytes;
        Assert.True(Fabric(ExpertMode.Throughput, 4) < 0.76 * Fabric(ExpertMode.Throughput, null));
        Assert.Equal(0.662, Fabric(ExpertMode.Throughput, null) / Fabric(ExpertMode.LowLatency, null), 0.001);
        Assert.Equal(Fabric(ExpertMode.LowLatency, 4), Fabric(ExpertMode.LowLatency, null), 1e-6);
    }

    [Fact]
    public void A_group_within_one_domain_leaves_the_fabric_alone()
    {
        var time = new ExpertExchangeModel(H800, ExpertMode.Throughput, InfiniBand).Time(DeepSeek with { DomainLimit = null }, ExpertPhase.Dispatch, GroupPlacement.Of(8, 8));
        Assert.Equal((DataSize.Zero, 0), (time.Volume(1), time.BindingLevel));
        Assert.Equal(default, new ExpertExchangeModel(H800, ExpertMode.Throughput).Time(DeepSeek, ExpertPhase.Dispatch, GroupPlacement.Of(1, 1)).Mean);
    }

    [Fact]
    public void The_most_loaded_rank_waits_longer_and_more_so_with_few_tokens_and_skew()
    {
        var model = new ExpertExchangeModel(H800, ExpertMode.LowLatency, InfiniBand, Plain(ExpertMode.LowLatency));
        double Excess(double tokens, double skew = 1)
        {
            var time = model.Time(DeepSeek with { Tokens = tokens, DomainLimit = null, Skew = skew }, ExpertPhase.Dispatch, EightByEight);
            Assert.True(time.Mean < time.MostLoaded && time.MostLoaded < time.MostLoaded99);
            return (time.MostLoaded - time.Latency) / (time.Mean - time.Latency);
        }
        Assert.Equal(1.076, Excess(128), 0.0005);
        Assert.True(Excess(16) > Excess(128) && Excess(4096) < 1.02 && Excess(4096, 2) > 2);
    }

    // A step may not get shorter with more tokens, more experts for each or a farther group.
    [Fact]
    public void More_work_never_takes_less_time() => Gen.Select(Gen.Int[1, 10_000], Gen.Int[1, 12], Gen.Int[0, 3], Gen.Enum<ExpertMode>(), Gen.Enum<ExpertPhase>())
        .Sample((tokens, perToken, scale, mode, phase) =>
        {
            var model = new ExpertExchangeModel(H800, mode, InfiniBand);
            double Time(int t, int k, int domains) => model.Time(DeepSeek with { Tokens = t, PerToken = k, DomainLimit = null }, phase, GroupPlacement.Of(8, 8 * domains)).Mean.Seconds;
            var domains = 1 << scale;
            var here = Time(tokens, perToken, domains);
            return Time(tokens + 1, perToken, domains) >= here && Time(tokens, perToken + 1, domains) >= here && (domains == 1 || Time(tokens, perToken, 2 * domains) >= here - 1e-12);
        }, iter: 300);

    [Fact]
    public void Overheads_of_messages_and_rails_slow_low_latency_alone()
    {
        var efa = PartCatalog.Default.Get<PointToPointParameters>("efa");
        Duration Time(ExpertMode mode, PointToPointParameters fabric) =>
            new ExpertExchangeModel(H800, mode, fabric).Time(DeepSeek with { Tokens = 128 }, ExpertPhase.Dispatch, EightByEight).Mean;
        Assert.Equal(Time(ExpertMode.Throughput, InfiniBand), Time(ExpertMode.Throughput, efa));
        Assert.True(Time(ExpertMode.LowLatency, efa) > Time(ExpertMode.LowLatency, InfiniBand) * 2);
    }

    [Theory]
    [InlineData(0, 256, 1, 1, null), InlineData(65, 256, 1, 1, null), InlineData(8, 4, 1, 1, null), InlineData(8, 32, 1, 1, null)]
    [InlineData(8, 256, -1, 1, null), InlineData(8, 256, double.NaN, 1, null), InlineData(8, 256, 1, 0.5, null), InlineData(8, 256, 1, double.NaN, null)]
    [InlineData(8, 256, 1, 1, 0), InlineData(64, 256, 1, 1, 1)]
    public void Impossible_exchanges_are_refused(int perToken, int experts, double tokens, double skew, int? limit)
    {
        var exchange = DeepSeek with { PerToken = perToken, Experts = experts, Tokens = tokens, Skew = skew, DomainLimit = limit };
        Assert.Throws<ArgumentException>(() => new ExpertExchangeModel(H800, ExpertMode.Throughput).Time(exchange, ExpertPhase.Dispatch, EightByEight));
    }

    [Fact]
    public void The_default_exchange_and_a_group_on_other_levels_are_refused()
    {
        var model = new ExpertExchangeModel(H800, ExpertMode.Throughput);
        Assert.Throws<ArgumentException>(() => model.Time(default, ExpertPhase.Dispatch, EightByEight));
        Assert.Throws<ArgumentException>(() => model.Time(DeepSeek, ExpertPhase.Dispatch, GroupPlacement.Of(8)));
    }

    [Fact]
    public void A_prediction_allocates_nothing()
    {
        var model = new ExpertExchangeModel(H800, ExpertMode.Throughput, InfiniBand);
        double sum = 0;
        Assert.Equal(0, Allocations.Of(() =>
        {
            for (var i = 0; i < 100; i++) sum += model.Time(DeepSeek, ExpertPhase.Combine, EightByEight).Mean.Seconds;
        }));
        Assert.True(sum > 0);
    }
}
