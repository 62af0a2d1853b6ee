using CsCheck;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Reliability;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Reliability;

public sealed class ReliabilityModelTests
{
    static readonly Duration Year = Duration.FromSeconds(31557600);

    static FailureProcess Process(FailureConsequence consequence, double meanHours, string name = "parts") =>
        new(name, FailureKind.HardFailure, consequence, 1, FailureRate.FromPerHour(1 / meanHours), "test", Grade.Assumption);

    static ReliabilityModel Model(params FailureProcess[] processes) => new()
    {
        Processes = processes,
        CheckpointWrite = Duration.FromSeconds(60),
        Restart = Duration.FromMinutes(10),
    };

    static readonly FailureProcess Llama = Process(FailureConsequence.Interrupts, 54 * 24 / 419.0);

    static void Agree(ReliabilityModel model, double within = 0.02, int seeds = 200)
    {
        var (closed, played) = (model.Forecast(), new RenewalSimulation(model).Run(Year, seeds, 1));
        Assert.InRange(closed.Effective / played.Effective, 1 - within, 1 + within);
    }

    /// <summary>The example at the head of ReliabilityModel.cs.</summary>
    [Fact]
    public void The_example_at_the_head()
    {
        var silent = Process(FailureConsequence.Corrupts, 54 * 24 / 6.0) with { Detection = Duration.FromHours(1) };
        var forecast = Model(Llama, silent).Forecast();
        Assert.Equal(0.8526, forecast.Stretches, 0.00005);
        Assert.Equal(0.8473, forecast.Effective, 0.00005);
        Agree(Model(Llama, silent), 0.005);
    }

    /// <summary>Interruptions alone: the closed form is exact, so that only luck is between the two.</summary>
    [Theory]
    [InlineData(3.09, 60, 600)]
    [InlineData(0.39, 60, 900)]
    [InlineData(0.39, 300, 300)]
    [InlineData(100, 1, 60)]
    public void Interruptions_alone_are_exact(double meanHours, double write, double restart)
    {
        var model = Model(Process(FailureConsequence.Interrupts, meanHours)) with { CheckpointWrite = Duration.FromSeconds(write), Restart = Duration.FromSeconds(restart) };
        var played = new RenewalSimulation(model).Run(Year, 200, 7);
        Assert.InRange(played.Effective - model.Forecast().Effective, -5 * played.StandardError - 2e-4, 5 * played.StandardError + 2e-4);
        Assert.Equal(model.Forecast().Shares[3].Share, played.Recovering, 5e-3);
    }

    [Fact]
    public void Closed_form_and_simulation_agree_where_every_process_is_at_work() =>
        Agree(Model(
            Llama with { Detection = Duration.FromMinutes(2), Systems = 1, Repair = Duration.FromHours(24) },
            Process(FailureConsequence.Corrupts, 200) with { Detection = Duration.FromHours(1) },
            Process(FailureConsequence.Slows, 40) with { Detection = Duration.FromMinutes(30), Slowdown = 0.2 },
            Process(FailureConsequence.TakesBandwidth, 20) with { Repair = Duration.FromHours(2), Slowdown = 0.1 },
            Process(FailureConsequence.Stalls, 1) with { Repair = Duration.FromSeconds(30) }) with
        { Spares = 12 });

    [Theory]
    [InlineData(2)]
    [InlineData(6)]
    [InlineData(12)]
    public void Waiting_for_single_systems_agrees(int spares)
    {
        var model = Model(Llama with { Systems = 1, Repair = Duration.FromHours(24) }) with { Spares = spares };
        Agree(model, 0.02, 100);
        Assert.Equal(model.Forecast().Shares[1].Share, new RenewalSimulation(model).Run(Year, 100, 3).Waiting, 0.01);
    }

    [Fact]
    public void A_job_that_shrinks_keeps_its_pace_but_for_replicas()
    {
        var model = Model(Llama with { Systems = 1, Repair = Duration.FromHours(24) }) with
        {
            Spares = 6,
            OnShortage = ShortagePolicy.Shrink,
            Replicas = 64,
            SystemsPerReplica = 4,
        };
        Agree(model, 0.02, 100);
        Assert.True(model.Forecast().Effective > (model with { OnShortage = ShortagePolicy.Wait }).Forecast().Effective);
    }

    /// <summary>Random jobs: what the forecast doesn't doubt, the simulation finds within 2 %, but for its luck.</summary>
    [Fact]
    public void What_is_not_doubted_agrees() =>
        Gen.Select(
            Gen.Select(Gen.Double[-0.5, 1.5], Gen.Double[0, 2.5], Gen.Double[1.5, 3.3], Gen.Int[-1, 12]),
            Gen.Select(Gen.Double[1.5, 3.5], Gen.Double[-1, 0.7], Gen.Double[1, 3], Gen.Double[0.01, 0.4]),
            Gen.Select(Gen.Double[0, 2], Gen.Double[0, 0.3], Gen.Double[-1, 1], Gen.Int[0, 1])).Sample((stops, odd, slow) =>
        {
            var (rate, write, restart, spares) = stops;
            var (errors, found, drags, drag) = odd;
            var (ports, port, flaps, policy) = slow;
            var stop = Process(FailureConsequence.Interrupts, Math.Pow(10, rate));
            var model = Model(
                stop with { Detection = Duration.FromSeconds(60), Systems = 1, Repair = Duration.FromHours(4 * Math.Pow(10, rate)) },
                Process(FailureConsequence.Corrupts, Math.Pow(10, errors)) with { Detection = Duration.FromHours(Math.Pow(10, found)) },
                Process(FailureConsequence.Slows, Math.Pow(10, drags)) with { Detection = Duration.FromMinutes(30), Slowdown = drag },
                Process(FailureConsequence.TakesBandwidth, Math.Pow(10, ports)) with { Repair = Duration.FromHours(1), Slowdown = port },
                Process(FailureConsequence.Stalls, Math.Pow(10, flaps)) with { Repair = Duration.FromSeconds(20) }) with
            {
                CheckpointWrite = Duration.FromSeconds(Math.Pow(10, write)),
                Restart = Duration.FromSeconds(Math.Pow(10, restart)),
                Spares = spares < 0 ? null : spares,
                OnShortage = (ShortagePolicy)policy,
                Replicas = 32,
                SystemsPerReplica = 2,
            };
            var forecast = model.Forecast();
            if (forecast.Doubts.Count > 0 || !forecast.Progresses) return;
            var played = new RenewalSimulation(model).Run(stop.Rate.MeanTime * 1000, 24, 11);
            var off = (forecast.Effective / played.Effective) - 1;
            Assert.True(Math.Abs(off) <= 0.02 + (4 * played.StandardError / played.Effective), $"{100 * off:0.00} % off {played.Effective:0.0000}: {model}");
        }, iter: 60);

    /// <summary>Groups of systems are approximated, and the forecast says so where it matters.</summary>
    [Fact]
    public void Waiting_for_groups_of_systems_is_doubted()
    {
        var model = Model(Llama with { Systems = 1, Repair = Duration.FromHours(12) }, Process(FailureConsequence.Interrupts, 100) with { Systems = 8, Repair = Duration.FromHours(12) }) with { Spares = 6 };
        Assert.Contains(model.Forecast().Doubts, d => d.Contains("several systems", StringComparison.Ordinal));
    }

    [Fact]
    public void Shares_of_time_add_up() =>
        Gen.Select(Gen.Double[0.1, 1000], Gen.Double[1, 1000], Gen.Double[1, 1000], Gen.Double[0.01, 0.9], Gen.Int[0, 20]).Sample((stops, slows, corrupts, slowdown, spares) =>
        {
            var forecast = (Model(
                Process(FailureConsequence.Interrupts, stops) with { Systems = 1, Repair = Duration.FromHours(5) },
                Process(FailureConsequence.Slows, slows) with { Detection = Duration.FromMinutes(30), Slowdown = slowdown },
                Process(FailureConsequence.Corrupts, corrupts) with { Detection = Duration.FromHours(1) }) with
            { Spares = spares }).Forecast();
            Assert.Equal(1, forecast.Shares.Sum(s => s.Share), 1e-9);
            Assert.All(forecast.Shares, s => Assert.InRange(s.Share, 0, 1));
        });

    [Fact]
    public void Runs_depend_on_the_seed_and_not_on_the_threads()
    {
        var simulation = new RenewalSimulation(Model(Llama with { Systems = 1, Repair = Duration.FromHours(24) }) with { Spares = 8 });
        var one = simulation.Run(Duration.FromHours(2000), 16, 5, 1);
        Assert.Equal(one.Runs, simulation.Run(Duration.FromHours(2000), 16, 5, 4).Runs);
        Assert.NotEqual(one.Runs, simulation.Run(Duration.FromHours(2000), 16, 6, 1).Runs);
    }

    [Fact]
    public void Nothing_that_fails_costs_checkpoints_alone()
    {
        var model = Model() with { CheckpointInterval = Duration.FromSeconds(540) };
        Assert.Equal(0.9, model.Forecast().Effective, 1e-12);
        Assert.Equal(0.9, new RenewalSimulation(model).Run(Duration.FromSeconds(6_000_000), 1, 1).Effective, 1e-6);
    }

    [Fact]
    public void A_checkpoint_longer_than_the_time_between_failures_makes_no_progress()
    {
        var model = Model(Process(FailureConsequence.Interrupts, 0.1)) with { CheckpointWrite = Duration.FromMinutes(10), Restart = Duration.FromMinutes(1) };
        Assert.False(model.Forecast().Progresses);
        var ways = ReliabilityMends.ToMakeProgress(model, 100_000);
        Assert.Contains(ways, w => w.StartsWith("checkpoints in", StringComparison.Ordinal));
        Assert.Contains(ways, w => w.Contains("accelerators of 100,000", StringComparison.Ordinal));
        Assert.Empty(ReliabilityMends.ToMakeProgress(Model(Llama), 16384));
    }

    /// <summary>What is said to be enough is: half of the time counts with it, and not with a little less of it.</summary>
    [Fact]
    public void What_would_make_progress_does()
    {
        var model = Model(Process(FailureConsequence.Interrupts, 0.5)) with { CheckpointWrite = Duration.FromMinutes(40), Restart = Duration.FromMinutes(2) };
        Assert.False(model.Forecast().Progresses);
        var say = Assert.Single(ReliabilityMends.ToMakeProgress(model, 1000), w => w.StartsWith("checkpoints in", StringComparison.Ordinal));
        var words = say.Split(' ');
        Assert.True(Quantity.TryParse<Duration>($"{words[2]} {words[3]}", out var write, out _));
        Assert.Equal(0.5, model.WithWrite(write / model.CheckpointWrite).Forecast().Effective, 0.01);
    }

    [Fact]
    public void Mends_are_what_they_say()
    {
        var model = Model(Llama with { Detection = Duration.FromMinutes(5), Systems = 1, Repair = Duration.FromHours(24) }) with { Spares = 4, Replicas = 8, CheckpointInterval = Duration.FromHours(2) };
        var mends = ReliabilityMends.Of(model);
        Assert.All(mends, m => Assert.Equal(model.Forecast().Effective + m.Gains, m.Effective, 1e-12));
        Assert.Equal(mends.OrderByDescending(m => m.Gains), mends);
        Assert.Contains(mends, m => m.Say.Contains("spare systems instead of 4", StringComparison.Ordinal));
        Assert.Contains(mends, m => m.Say.Contains("instead of 2 h", StringComparison.Ordinal));
    }

    public static TheoryData<string, ReliabilityModel> Wrong => new()
    {
        { "failures a second", Model(Process(FailureConsequence.Interrupts, 1 / 7200.0)) },
        { "failures a second", Model(Llama with { Rate = FailureRate.FromPerSecond(-1e-6) }) },
        { "interrupted", Model(Process(FailureConsequence.Interrupts, 1 / 3000.0), Process(FailureConsequence.Interrupts, 1 / 3000.0)) },
        { "expected 0 or more", Model(Llama with { Repair = Duration.FromSeconds(-1) }) },
        { "slowdown", Model(Llama with { Slowdown = 1.5 }) },
        { "checkpoint", Model(Llama) with { CheckpointWrite = Duration.FromSeconds(-1) } },
        { "restart", Model(Llama) with { Restart = Duration.FromSeconds(double.NaN) } },
        { "spares", Model(Llama) with { Spares = -1 } },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void What_makes_no_sense_is_named(string word, ReliabilityModel model)
    {
        Assert.Contains(word, Assert.Throws<InputException>(() => model.Checked()).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => new RenewalSimulation(model));
    }

    [Fact]
    public void Simulations_beyond_reason_are_refused()
    {
        var simulation = new RenewalSimulation(Model(Llama));
        Assert.Throws<InputException>(() => simulation.Run(Year, 0, 1));
        Assert.Throws<InputException>(() => simulation.Run(Duration.Zero, 1, 1));
        Assert.Throws<InputException>(() => simulation.Run(Year * 1000, 1_000_000, 1));
    }
}
