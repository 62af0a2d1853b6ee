using CsCheck;
using Lightloom.Catalog;
using Lightloom.Collectives;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>Faults that are put into a log are found in it, and nothing is found where none is.</summary>
public class LogComparisonTests
{
    const double MiB = 1 << 20;

    static Diagnosis Only(LogComparison comparison) => Assert.Single(comparison.Diagnoses, d => d.Confidence > Confidence.Note);

    [Theory]
    [InlineData("dgx-h100", 1)]
    [InlineData("dgx-h100", 4)]
    [InlineData("dgx-b200", 2)]
    [InlineData("gb200-nvl72", 1)]
    public void The_models_own_log_is_healthy(string system, int domains)
    {
        var cluster = SyntheticLog.Cluster(system, domains);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None)), cluster);
        Assert.Empty(comparison.Diagnoses);
        Assert.Equal((32, 32), comparison.Counts);
    }

    [Fact]
    public void Switches_that_do_not_reduce_are_found_on_one_node()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var fault = new NetworkChange(true, 1, 1);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, fault)), cluster);
        var diagnosis = Only(comparison);
        Assert.Equal(("no-switch-reduction", fault), (diagnosis.Key, diagnosis.Change!.Value));
        Assert.True(diagnosis.Confidence >= Confidence.Likely);
        Assert.NotEmpty(diagnosis.Evidence);
        Assert.Equal(fault, comparison.Change);
    }

    // The example of CauseWeighing.cs, with the band as it is today.
    [Fact]
    public void Odds_are_the_priors_times_what_the_rows_say()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None, (_, t) => t * 478 / 360, from: 34);
        var size = run.Rows[0].Size;
        var diagnosis = Only(LogComparison.Of(SyntheticLog.Log(null, run), cluster));
        var law = new ErrorLaw(cluster.Band(CollectiveKind.AllReduce, size));
        double Likelihood(NetworkChange change) => Math.Exp(-law.Surprise(Math.Log(run.Rows[0].Time / cluster.Expect(CollectiveKind.AllReduce, size, change))));
        var odds = 0.02 * Likelihood(new(true, 1, 1)) / Likelihood(NetworkChange.None);
        Assert.Equal("no-switch-reduction", diagnosis.Key);
        // Launchers of some milliseconds, which are weighed too, change little.
        Assert.InRange(diagnosis.Probability!.Value / (1 - diagnosis.FaultProbability!.Value), odds / 1.5, odds * 1.5);
    }

    [Fact]
    public void A_cluster_is_made_of_its_parts()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 2);
        Assert.Equal((8, 16, 2, 8), (cluster.Group.Within(0), cluster.Group.Ranks, cluster.Domains, cluster.CardsPerDomain));
        var m = cluster.Mechanisms!;
        Assert.Equal(400, m.LineRate.GigabitsPerSecond, 1e-9);
        Assert.Equal(450 * m.ScaleUp.Sustained.Value, cluster.Levels[0].Bandwidth.GigabytesPerSecond, 1e-9);
        Assert.Equal(50 * m.Fabric!.Sustained.Value, cluster.Levels[1].Bandwidth.GigabytesPerSecond, 1e-9);
    }

    [Fact]
    public void Sockets_are_found_by_their_plateau_and_certain_by_a_line()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 2);
        var slow = new NetworkChange(false, 1, 3e9 / (cluster.Levels[1].Bandwidth.BytesPerSecond * 8));
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, slow, (_, t) => t + 60e-6, to: 30);
        var guessed = Only(LogComparison.Of(SyntheticLog.Log(null, run), cluster));
        Assert.Equal("socket", guessed.Key);
        Assert.InRange(guessed.Change!.Value.FabricShare, slow.FabricShare * 0.8, slow.FabricShare * 1.2);
        var facts = new LogFacts { NetworkConnections = 8, SocketConnections = 8, Evidence = new Dictionary<string, LogEvidence> { ["socket"] = new(7, "via NET/Socket/0") } };
        var said = Only(LogComparison.Of(SyntheticLog.Log(facts, run), cluster));
        Assert.Equal(("socket", Confidence.Certain), (said.Key, said.Confidence));
        Assert.Contains("line 7: via NET/Socket/0", said.Evidence);
        // InfiniBand in the library's own words rules sockets out, whatever the rows look like.
        var denied = LogComparison.Of(SyntheticLog.Log(facts with { SocketConnections = 0, DirectConnections = 8 }, run), cluster);
        Assert.DoesNotContain(denied.Diagnoses, d => d.Key == "socket");
    }

    [Fact]
    public void A_card_that_is_not_used_is_certain_by_the_librarys_lines_even_where_the_rows_do_not_feel_it()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 2);
        var facts = new LogFacts { NetworkConnections = 32, DirectConnections = 32, Cards = 7, Hosts = 2 };
        // Two nodes of H100 are bound by NVLink: seven cards carry as much.
        var comparison = LogComparison.Of(SyntheticLog.Log(facts, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None)), cluster);
        var diagnosis = Only(comparison);
        Assert.Equal(("card-lost", Confidence.Certain, new NetworkChange(false, 1, 7.0 / 8)), (diagnosis.Key, diagnosis.Confidence, diagnosis.Change!.Value));
        Assert.Contains("7/8", diagnosis.What, StringComparison.Ordinal);
        var rack = SyntheticLog.Cluster("gb200-nvl72", 2);
        // 18 hosts of 4 cards make a rack: four cards of a host are all that it has.
        var whole = new LogFacts { NetworkConnections = 8, DirectConnections = 8, Cards = 4, Hosts = 36 };
        Assert.DoesNotContain(LogComparison.Of(SyntheticLog.Log(whole, SyntheticLog.Run(rack, CollectiveKind.AllReduce, NetworkChange.None)), rack).Diagnoses, d => d.Key == "card-lost");
    }

    [Fact]
    public void What_the_rows_could_not_have_shown_is_told()
    {
        static LogComparison Healthy(DescribedCluster cluster, CollectiveKind kind, LogFacts? facts = null) =>
            LogComparison.Of(SyntheticLog.Log(facts, SyntheticLog.Run(cluster, kind, NetworkChange.None)), cluster);
        // A fault is told by the most that any of these rows would be longer by; no row feels more than the cards that are lost.
        static double Most(DescribedCluster cluster, double from) => SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None).Rows.Where(r => r.Size.Bytes >= from)
            .Max(r => cluster.Expect(CollectiveKind.AllReduce, r.Size, new(false, 1, 7.0 / 8)) / r.Time);
        var h100 = SyntheticLog.Cluster("dgx-h100", 2);
        var two = Healthy(h100, CollectiveKind.AllReduce).Unseen.Single(u => u.Key == "card-lost");
        Assert.Equal(Most(h100, 0), two.MostRatio, 1e-9);
        Assert.InRange(two.MostRatio, 1, 8.0 / 7);
        // NVLink binds large messages of two H100 nodes, and cards those of B200: still within what clusters differ by.
        var b200 = SyntheticLog.Cluster("dgx-b200", 2);
        var bound = Healthy(b200, CollectiveKind.AllReduce).Unseen.Single(u => u.Key == "card-lost");
        Assert.Equal(Most(b200, 0), bound.MostRatio, 1e-9);
        Assert.InRange(bound.MostRatio, 1, 8.0 / 7 + 1e-9);
        Assert.InRange(Most(h100, 8e9), 1, 1.01);
        Assert.InRange(Most(b200, 8e9), 1.08, 8.0 / 7);
        // All cards in the library's lines: nothing is left to ask.
        var seen = Healthy(SyntheticLog.Cluster("dgx-h100", 2), CollectiveKind.AllReduce, new() { NetworkConnections = 16, DirectConnections = 16, Cards = 8, Hosts = 2 });
        Assert.DoesNotContain(seen.Unseen, u => u.Key == "card-lost");
        // Rings in place of NVLS would have shown.
        Assert.DoesNotContain(Healthy(SyntheticLog.Cluster("dgx-h100", 1), CollectiveKind.AllReduce).Unseen, u => u.Key == "no-switch-reduction");
        Assert.Contains(Healthy(SyntheticLog.Cluster("dgx-h100", 1), CollectiveKind.AllGather).Unseen, u => u.Key == "no-switch-reduction");
    }

    [Fact]
    public void A_rail_at_half_its_rate_is_found_in_an_all_gather()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 4);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(cluster, CollectiveKind.AllGather, new(false, 1, 0.5))), cluster);
        var diagnosis = Only(comparison);
        Assert.True(diagnosis.FaultProbability > 0.8, $"{diagnosis.FaultProbability}");
        Assert.Contains("slow-rail", diagnosis.Alternatives.Select(a => a.Key).Prepend(diagnosis.Key));
    }

    [Fact]
    public void Slow_peers_beside_healthy_collectives_are_a_matter_of_peers()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 4);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None),
            SyntheticLog.Run(cluster, CollectiveKind.AllToAll, new(false, 1, 0.45))), cluster);
        var diagnosis = Only(comparison);
        Assert.Contains(diagnosis.Key, new[] { "cross-rail", "peer-channels" });
        Assert.Contains(diagnosis.Alternatives, a => a.Key is "cross-rail" or "peer-channels");
        Assert.Null(diagnosis.Change);
        Assert.Equal(NetworkChange.None, comparison.Change);
    }

    [Fact]
    public void NVLink_at_half_its_rate_is_found()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, new(false, 0.5, 1)), SyntheticLog.Run(cluster, CollectiveKind.AllGather, new(false, 0.5, 1))), cluster);
        var diagnosis = Only(comparison);
        Assert.Equal("scale-up-slow", diagnosis.Key);
        Assert.InRange(diagnosis.Change!.Value.ScaleUpShare, 0.42, 0.58);
    }

    [Fact]
    public void Fewer_rings_in_the_librarys_own_search_speak_for_lost_links()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var tuner = new NcclTuner(NcclMachine.Of(PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100"), 1));
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, new(false, 0.86, 1));
        double Probability(double gigabytes) => LogComparison.Of(SyntheticLog.Log(new() { RingBandwidth = Bandwidth.FromGigabytesPerSecond(gigabytes) }, run), cluster, tuner)
            .Diagnoses.FirstOrDefault(d => d.Key == "scale-up-slow")?.Probability ?? 0;
        Assert.True(Probability(300) > 0.9, $"{Probability(300)}");
        Assert.True(Probability(360) < 0.5, $"{Probability(360)}");
    }

    [Fact]
    public void A_launcher_that_takes_long_is_no_fault_of_the_network()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None, (_, t) => t + 60e-6)), cluster);
        var note = Assert.Single(comparison.Diagnoses);
        Assert.Equal(("launcher", Confidence.Note), (note.Key, note.Confidence));
        Assert.InRange(comparison.Floor.Microseconds, 40, 80);
    }

    // Each site by its seed: a level of its own within 6 %, hosts of half to twice the usual launch, rows that scatter by 3 %.
    [Theory]
    [InlineData("dgx-h100", 1)]
    [InlineData("dgx-h100", 2)]
    [InlineData("dgx-b200", 4)]
    public void Sites_that_differ_in_level_and_launch_are_healthy_and_show_their_faults_all_the_same(string system, int domains)
    {
        var cluster = SyntheticLog.Cluster(system, domains);
        var socket = domains > 1 ? 2.5e9 / (cluster.Levels[1].Bandwidth.BytesPerSecond * 8) : 1;
        var confident = 0;
        for (var seed = 0; seed < 60; seed++)
        {
            MeasuredLog Site(NetworkChange change)
            {
                var random = new Random(seed);
                var (level, launch) = (Math.Exp(0.12 * (random.NextDouble() - 0.5)), Math.Exp(Math.Log(4) * (random.NextDouble() - 0.5)));
                var host = cluster.With(cluster.Mechanisms! with
                {
                    ScaleUp = cluster.Mechanisms!.ScaleUp with { HostLaunch = Sourced<Duration>.Of(cluster.Mechanisms!.ScaleUp.HostLaunch!.Value.Value * launch, "test", Grade.Measured) },
                });
                return SyntheticLog.Log(null, SyntheticLog.Run(host, CollectiveKind.AllReduce, change, (_, t) => t * level * Math.Exp(0.06 * (random.NextDouble() - 0.5))));
            }
            Assert.DoesNotContain(LogComparison.Of(Site(NetworkChange.None), cluster).Diagnoses, d => d.Confidence > Confidence.Note);
            var fault = domains > 1 ? new NetworkChange(false, 1, socket) : new(true, 1, 1);
            var found = LogComparison.Of(Site(fault), cluster).Diagnoses[0];
            Assert.True(found.Key == (domains > 1 ? "socket" : "no-switch-reduction") && found.Probability > 0.5, $"seed {seed}: {found}");
            if (found.FaultProbability > 0.9) confident++;
        }
        Assert.True(confident >= 54, $"{confident} of 60");
    }

    // 75 us a round: eight launches of 9.4 us. Small messages all take that, and large ones don't feel it.
    [Theory]
    [InlineData(3)]
    [InlineData(20)]
    public void Hosts_that_launch_slowly_are_no_fault_of_the_network(int from)
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllToAll, NetworkChange.None, (_, t) => Math.Max(75e-6, t), from);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, run), cluster);
        var note = Assert.Single(comparison.Diagnoses);
        Assert.Equal(("launcher", Confidence.Note), (note.Key, note.Confidence));
        Assert.Equal((75, 0), (comparison.LaunchRound.Microseconds, comparison.Floor.Microseconds));
        Assert.All(comparison.Runs[0].Rows, r => Assert.Equal(1, r.Row.Time / r.Explained, 1e-9));
    }

    [Fact]
    public void A_noisy_window_and_an_outlier_are_set_apart()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 2);
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None, (s, t) => s is >= 32768 and <= 256 * MiB ? 20 * t : s == 64 ? 4 * t : t);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, run), cluster);
        Assert.Equal(["noisy-window", "outlier"], comparison.Diagnoses.Select(d => d.Key));
        Assert.Equal(14, comparison.Runs[0].Rows.Count(r => r.Mark == "noisy"));
        Assert.Equal([64], comparison.Runs[0].Rows.Where(r => r.Mark == "outlier").Select(r => (int)r.Row.Size.Bytes));
        Assert.Equal(NetworkChange.None, comparison.Change);
    }

    [Fact]
    public void A_cliff_is_named_by_its_sizes_and_mended_by_the_algorithm_before_it()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None, (s, t) => s is >= 64 * MiB and <= 256 * MiB ? 1.9 * t : t);
        var facts = new LogFacts
        {
            Choices =
            [
                new(1, CollectiveKind.AllReduce, DataSize.FromBytes(32 * MiB), NcclAlgorithm.Nvls, NcclProtocol.Simple),
                new(2, CollectiveKind.AllReduce, DataSize.FromBytes(64 * MiB), NcclAlgorithm.Ring, NcclProtocol.LL128),
            ],
        };
        var diagnosis = Only(LogComparison.Of(SyntheticLog.Log(facts, run), cluster));
        Assert.Equal(("algorithm-cliff", Confidence.VeryLikely, NcclFunction.AllReduce), (diagnosis.Key, diagnosis.Confidence, diagnosis.Function!.Value));
        Assert.Equal(new NcclSizeRange((32 << 20) + 1, 256 << 20, NcclAlgorithm.Nvls, NcclProtocol.Simple), Assert.Single(diagnosis.Tuning));
        // Without a word of the library there is no algorithm to keep, and the fall is told all the same.
        var alone = Only(LogComparison.Of(SyntheticLog.Log(null, run), cluster));
        Assert.Equal(("algorithm-cliff", Confidence.Likely), (alone.Key, alone.Confidence));
        Assert.Empty(alone.Tuning);
    }

    [Fact]
    public void Two_faults_are_told_apart_when_the_library_names_them()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 2);
        var both = new NetworkChange(true, 1, 3e9 / (cluster.Levels[1].Bandwidth.BytesPerSecond * 8));
        var facts = new LogFacts { NetworkConnections = 8, SocketConnections = 8, SwitchReduction = false };
        var comparison = LogComparison.Of(SyntheticLog.Log(facts, SyntheticLog.Run(cluster, CollectiveKind.AllReduce, both)), cluster);
        Assert.Equal(["no-switch-reduction", "socket"], comparison.Diagnoses.Where(d => d.Confidence == Confidence.Certain).Select(d => d.Key).Order());
    }

    [Fact]
    public void Slow_rows_without_a_known_cause_are_not_passed_over()
    {
        var cluster = SyntheticLog.Cluster("dgx-h100", 1);
        // Slow at middling sizes alone, and smoothly: no link, switch or launcher does that.
        var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None, (s, t) => t * (1 + 1.6 * Math.Exp(-Math.Pow(Math.Log(s / (2 * MiB)) / 5, 2))));
        var comparison = LogComparison.Of(SyntheticLog.Log(null, run), cluster);
        Assert.Contains(comparison.Diagnoses, d => d.Key == "unexplained" || d.FaultProbability is not null);
    }

    // One process can't launch on eight accelerators in turn within 8 us; where the log says that it did so, the rows are merely fast.
    [Fact]
    public void Rows_quicker_than_a_host_could_launch_were_launched_by_one_process_each()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 1);
        var run = SyntheticLog.Run(described.LaunchedByOneEach, CollectiveKind.AllReduce, NetworkChange.None);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, run), described);
        Assert.Equal(Duration.Zero, comparison.Cluster.Levels.HostLaunch);
        Assert.All(comparison.Runs[0].Rows, r => Assert.Equal(1, r.Ratio, 1e-9));
        Assert.Contains("one process for each", Assert.Single(comparison.Notes), StringComparison.Ordinal);
        var told = LogComparison.Of(SyntheticLog.Log(null, run with { PerProcess = 8 }), described);
        Assert.Equal(described.Levels.HostLaunch, told.Cluster.Levels.HostLaunch);
        Assert.True(told.Runs[0].Rows[0].Ratio < 0.6);
        var slower = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(described, CollectiveKind.AllReduce, NetworkChange.None, (_, t) => 1.1 * t)), described);
        Assert.Equal(described.Levels.HostLaunch, slower.Cluster.Levels.HostLaunch);
    }

    [Fact]
    public void What_was_never_published_is_judged_by_wider_bands_and_said()
    {
        var known = SyntheticLog.Cluster("dgx-h100", 2);
        var unknown = SyntheticLog.Cluster("dgx-h100", 2, fabric: "ultra-ethernet");
        var size = DataSize.FromBytes(1 << 30);
        Assert.Equal(Math.Pow(known.Band(CollectiveKind.AllReduce, size).High, CollectiveAccuracy.OutsideFactor), unknown.Band(CollectiveKind.AllReduce, size).High, 1e-9);
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(unknown, CollectiveKind.AllReduce, NetworkChange.None)), unknown);
        Assert.Contains(comparison.Notes, n => n.StartsWith("no published run of 'ultra-ethernet'", StringComparison.Ordinal));
        Assert.Empty(LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(known, CollectiveKind.AllReduce, NetworkChange.None)), known).Notes);
    }

    [Fact]
    public void Scatter_within_the_band_makes_no_fault() =>
        Gen.Int[0, 1_000_000].Sample(seed =>
        {
            var cluster = SyntheticLog.Cluster("dgx-h100", 2);
            var random = new Random(seed);
            var run = SyntheticLog.Run(cluster, CollectiveKind.AllReduce, NetworkChange.None, (_, t) => t * Math.Exp(0.06 * (random.NextDouble() - 0.5)));
            Assert.DoesNotContain(LogComparison.Of(SyntheticLog.Log(null, run), cluster).Diagnoses, d => d.Confidence > Confidence.Note);
        }, iter: 30);

    [Fact]
    public void A_change_lays_over_levels_as_its_equations_say()
    {
        var levels = SyntheticLog.Cluster("dgx-h100", 2).Levels;
        var changed = new NetworkChange(true, 0.5, 7.0 / 8).Of(levels);
        Assert.Equal(levels[0].Bandwidth * 0.5, changed[0].Bandwidth);
        Assert.False(changed[0].InNetworkReduction);
        Assert.Equal(42, changed[1].Bandwidth.GigabytesPerSecond * 48 / levels[1].Bandwidth.GigabytesPerSecond, 1e-9);
        for (var l = 0; l < 2; l++)
            Assert.Equal(levels[l].PieceOverhead.Bytes / levels[l].Bandwidth.BytesPerSecond, changed[l].PieceOverhead.Bytes / changed[l].Bandwidth.BytesPerSecond, 1e-12);
        Assert.Same(levels, NetworkChange.None.Of(levels));
        Assert.Equal(new NetworkChange(true, 0.5, 0.25), new NetworkChange(true, 1, 0.5).And(new(false, 0.5, 0.5)));
    }

    // A level that gains a bandwidth has to lose its share of it here too.
    [Fact]
    public void A_change_leaves_no_bandwidth_of_a_level_as_it_was()
    {
        var levels = SyntheticLog.Cluster("dgx-h100", 2).Levels;
        var changed = new NetworkChange(false, 0.5, 0.25).Of(levels);
        foreach (var property in typeof(NetworkLevel).GetProperties().Where(p => p.PropertyType == typeof(Bandwidth) && p.Name != nameof(NetworkLevel.LowLatencyBandwidth)))
        {
            for (var l = 0; l < levels.Count; l++)
                Assert.Equal(((Bandwidth)property.GetValue(levels[l])!).Si * (l == 0 ? 0.5 : 0.25), ((Bandwidth)property.GetValue(changed[l])!).Si, 1.0);
        }
        // Flags double the bytes: half of what is left, or what the steps' latency leaves of it anyway.
        Assert.True(levels[1].LowLatencyBandwidth < levels[1].Bandwidth * 0.125 && levels[0].LowLatencyBandwidth > levels[0].Bandwidth * 0.25);
        Assert.Equal((levels[0].Bandwidth * 0.25, levels[1].LowLatencyBandwidth), (changed[0].LowLatencyBandwidth, changed[1].LowLatencyBandwidth));
    }

    [Fact]
    public void Ranks_that_do_not_fit_are_refused()
    {
        var error = Assert.Throws<Catalog.Documents.InputException>(() => SyntheticLog.Cluster("dgx-h100", 2, 24));
        Assert.Contains("24 ranks do not fit evenly on 2 x 'dgx-h100'", error.Message, StringComparison.Ordinal);
        Assert.Equal(4, PartCatalog.Default.Get<AcceleratorSystem>("dgx-h100").Nics.Value / 2);
        Assert.Equal(4, SyntheticLog.Cluster("dgx-h100", 2, 8).CardsPerDomain);
    }
}
