using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Fitting;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Tests;

/// <summary>Fits of mechanisms: what made the rows comes back, classes teach, systems are left out whole.</summary>
public sealed class CollectiveFitTests
{
    const string Beliefs = """
        classes:
          scale-up:
            sustained: { median: 0.7, spread: 0.3, deviation: 0.1 }
            lowLatencySustained: { median: 0.3, spread: 0.3, deviation: 0.1 }
            launch: { median: 8, spread: 1, deviation: 0.3 }
            hop: { median: 2, spread: 0.3, deviation: 0.1 }
            lowLatencyHop: { median: 1, spread: 0.3, deviation: 0.1 }
            pieceOverhead: { median: 2, spread: 1, deviation: 0.3 }
            pieceSaturation: { median: 300, spread: 0.3, deviation: 0.1 }
            hostLaunch: { median: 5, spread: 0.1, deviation: 0.1 }
            launcherSpread: 0.8
        mechanisms:
          seen: { name: Measured links, class: scale-up }
          unseen: { name: Links that nobody measured, class: scale-up }
        """;

    static readonly MechanismPriors Priors = MechanismPriors.Read(Beliefs, "beliefs");

    static NetworkLevels Levels(CollectiveParameters inside, int ranks, bool oneLauncher)
    {
        var levels = new NetworkLevels(NetworkLevel.ScaleUp("scale-up", Bandwidth.FromGigabytesPerSecond(400), inside, false));
        return oneLauncher ? levels.LaunchedIn(inside.HostLaunch!.Value.Value * ranks) : levels;
    }

    static CollectiveParameters Truth(double sustained)
    {
        var part = Fit([]).Mechanisms["seen"];
        foreach (var (name, value) in new[] { ("sustained", sustained), ("launch", 12.0), ("pieceOverhead", 1.0) })
            part = MechanismParameter.All.Single(p => p.Name == name).With(part, value);
        return part;
    }

    static List<CollectiveObservation> Rows(CollectiveParameters truth, string system, bool oneLauncher = false, double hosts = 1)
    {
        var network = new ObservedNetwork("seen", null, system, oneLauncher, GroupPlacement.Of(8), (inside, _) => Levels(inside, 8, oneLauncher));
        var made = MechanismParameter.HostLaunch.With(truth, MechanismParameter.HostLaunch.Of(truth)!.Value.Value * hosts);
        return
        [
            .. from kind in new[] { CollectiveKind.AllReduce, CollectiveKind.AllGather }
               from power in Enumerable.Range(3, 30)
               let size = DataSize.FromBytes(Math.Pow(2, power))
               select new CollectiveObservation(network, kind, size, CollectiveModel.Default.Time(kind, size, network.Group, Levels(made, 8, oneLauncher)).Total),
        ];
    }

    static CollectiveFit Fit(IReadOnlyList<CollectiveObservation> rows) => CollectiveFit.Of(rows, Priors, cancel: TestContext.Current.CancellationToken);

    static LeaveOneSystemOut LeaveOut(IReadOnlyList<CollectiveObservation> rows) => LeaveOneSystemOut.Of(rows, Priors, cancel: TestContext.Current.CancellationToken);

    static double Value(CollectiveFit fit, string mechanism, string parameter) =>
        MechanismParameter.All.Single(p => p.Name == parameter).Of(fit.Mechanisms[mechanism])!.Value.Value;

    [Fact]
    public void What_made_the_rows_comes_back_and_teaches_the_rest_of_its_class()
    {
        var fit = Fit(Rows(Truth(0.8), "a"));
        Assert.Equal(0.8, Value(fit, "seen", "sustained"), 0.01);
        Assert.Equal(12, Value(fit, "seen", "launch"), 1.5);
        Assert.Equal(0.8, Value(fit, "unseen", "sustained"), 0.05);
        Assert.Equal(0.7, Value(Fit([]), "unseen", "sustained"), 1e-9);
    }

    [Fact]
    public void One_row_in_ten_that_lies_changes_little()
    {
        var rows = Rows(Truth(0.8), "a");
        for (var i = 0; i < rows.Count; i += 10) rows[i] = rows[i] with { Time = rows[i].Time * 7 };
        Assert.Equal(0.8, Value(Fit(rows), "seen", "sustained"), 0.015);
    }

    // A slow launcher is a property of that system: the mechanism's own launch stays what the other system shows.
    [Fact]
    public void How_a_system_launched_does_not_reach_the_mechanism()
    {
        var truth = Truth(0.8);
        var fit = Fit([.. Rows(truth, "quick"), .. Rows(truth, "slow", oneLauncher: true, hosts: 2)]);
        Assert.Equal(12, Value(fit, "seen", "launch"), 1.5);
        Assert.InRange(Value(fit, "seen", "hostLaunch"), 4, 7);
    }

    [Fact]
    public void A_plugin_s_choice_teaches_nothing()
    {
        List<CollectiveObservation> foreign = [.. Rows(Truth(0.4), "b").Select(r => r with { ForeignChoice = true })];
        Assert.Equal(Value(Fit(Rows(Truth(0.8), "a")), "seen", "sustained"),
            Value(Fit([.. Rows(Truth(0.8), "a"), .. foreign]), "seen", "sustained"), 1e-12);
    }

    [Fact]
    public void A_system_is_predicted_without_its_own_rows_and_the_same_each_time()
    {
        List<CollectiveObservation> rows = [.. Rows(Truth(0.8), "a"), .. Rows(Truth(0.78), "b"), .. Rows(Truth(0.6), "c")];
        var once = LeaveOut(rows);
        var again = LeaveOut(rows);
        Assert.Equal(once.Predicted.Select(p => p.Total), again.Predicted.Select(p => p.Total));
        Assert.Equal(["a", "b", "c"], once.Without.Keys.Order());
        // Without c, the other two say what it ought to have sustained.
        Assert.InRange(Value(once.Without["c"], "seen", "sustained"), 0.76, 0.81);
        var largest = rows.FindLastIndex(r => r.Network.System == "c");
        Assert.InRange(once.Predicted[largest].Total / rows[largest].Time, 0.7, 0.8);
    }

    [Fact]
    public void A_fit_can_be_stopped()
    {
        using var stop = new CancellationTokenSource();
        stop.Cancel();
        Assert.Throws<OperationCanceledException>(() => LeaveOneSystemOut.Of(Rows(Truth(0.8), "a"), Priors, cancel: stop.Token));
    }

    [Fact]
    public void Written_parts_read_back_and_bands_hold_the_rows_they_were_made_of()
    {
        List<CollectiveObservation> rows = [.. Rows(Truth(0.8), "a"), .. Rows(Truth(0.7), "b"), .. Rows(Truth(0.75), "c")];
        var result = LeaveOut(rows);
        using var parts = new StringWriter();
        MechanismFile.Write(parts, rows, result, Priors, 2026);
        Assert.Contains("Fitted on 180 rows of 3 systems", parts.ToString(), StringComparison.Ordinal);
        Assert.Contains("Fitted on nothing", parts.ToString(), StringComparison.Ordinal);
        var read = YamlText.Read(parts.ToString(), "parts");
        Assert.NotNull(read);
    }

    [Theory]
    [InlineData("scale-upp", "there is no class 'scale-upp'"), InlineData("42", "there is no class '42'")]
    public void Beliefs_of_unknown_classes_are_refused(string name, string problem)
    {
        var wrong = Assert.Throws<InputException>(() => MechanismPriors.Read(Beliefs.Replace("Measured links, class: scale-up", $"Measured links, class: {name}"), "beliefs"));
        Assert.Contains(problem, wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_parts_that_ship_are_those_of_the_mechanisms_that_are_believed_in() =>
        Assert.Equal(MechanismPriors.Default.Mechanisms.Keys.Order(StringComparer.Ordinal), PartCatalog.Default.Keys<CollectiveParameters>().Order(StringComparer.Ordinal));
}
