using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Planning.Logs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Logs;

/// <summary>A system fitted to a log, and what it is worth in a design.</summary>
public class ClusterRefitTests
{
    static DescribedCluster Altered(DescribedCluster cluster, double sustained, double launch)
    {
        var m = cluster.Mechanisms!;
        return cluster.With(m with
        {
            ScaleUp = m.ScaleUp with
            {
                Sustained = Sourced<double>.Of(sustained, "test", Grade.Measured),
                Launch = Sourced<Duration>.Of(Duration.FromMicroseconds(launch), "test", Grade.Measured),
            },
        });
    }

    static LogComparison Compare(DescribedCluster described, DescribedCluster real, params CollectiveKind[] kinds) =>
        LogComparison.Of(SyntheticLog.Log(null, [.. kinds.Select(k => SyntheticLog.Run(real, k, NetworkChange.None))]), described);

    // A launch shows only where no host is the slower: one process for each accelerator.
    [Fact]
    public void Parameters_that_made_the_rows_are_found_again()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 1, perProcess: 1);
        var refit = ClusterRefit.Of(Compare(described, Altered(described, 0.70, 20), CollectiveKind.AllGather, CollectiveKind.AllToAll))!;
        Assert.InRange(refit.Parameters.Single(p => p.Key == "sustained").Value, 0.66, 0.74);
        Assert.InRange(refit.Parameters.Single(p => p.Key == "launch").Value, 16, 24);
        Assert.True(refit.ErrorAfter < 0.02 && refit.ErrorAfter < refit.ErrorBefore, $"{refit.ErrorBefore} to {refit.ErrorAfter}");
        Assert.All(refit.Parameters, p => Assert.InRange(p.Value, p.Low - 1e-9, p.High + 1e-9));
    }

    // Eight launches of 9 us in turn outlast the accelerators' 20 us, of which no row can speak then.
    [Fact]
    public void What_launching_costs_a_host_is_found_and_hides_the_accelerators_own_launch()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 1);
        var m = described.Mechanisms!;
        var real = described.With(m with { ScaleUp = m.ScaleUp with { HostLaunch = Sourced<Duration>.Of(Duration.FromMicroseconds(9), "test", Grade.Measured) } });
        var refit = ClusterRefit.Of(Compare(described, real, CollectiveKind.AllGather, CollectiveKind.AllReduce))!;
        var host = refit.Parameters.Single(p => p.Key == "hostLaunch");
        Assert.InRange(host.Value, 8.7, 9.3);
        Assert.InRange(host.High / host.Low, 1, 1.3);
        var launch = refit.Parameters.Single(p => p is { Key: "launch", Level: "scaleUp" });
        Assert.True(launch.Low < m.ScaleUp.Launch.Value.Microseconds / 2, $"{launch}");
        var each = SyntheticLog.Cluster("dgx-h100", 1, perProcess: 1);
        Assert.DoesNotContain(ClusterRefit.Of(Compare(each, each, CollectiveKind.AllGather))!.Parameters, p => p.Key == "hostLaunch");
    }

    [Fact]
    public void One_bad_row_in_ten_changes_little()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 1);
        var run = SyntheticLog.Run(Altered(described, 0.72, 12), CollectiveKind.AllGather, NetworkChange.None, (s, t) => Math.Log2(s) % 10 == 5 ? 1.4 * t : t);
        var refit = ClusterRefit.Of(LogComparison.Of(SyntheticLog.Log(null, run), described))!;
        Assert.InRange(refit.Parameters.Single(p => p.Key == "sustained").Value, 0.68, 0.76);
    }

    [Fact]
    public void A_design_takes_the_fitted_system_and_says_where_its_figures_come_from()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 2);
        var yaml = ClusterRefit.Of(Compare(described, Altered(described, 0.6, 30), CollectiveKind.AllReduce, CollectiveKind.AllGather))!.Yaml("a \"log\"");
        var plain = Designs.Example(Designs.SuperPod);
        var fitted = Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\n{yaml}");
        Assert.True(fitted.Outcome!.Value.Step.Time > plain.Outcome!.Value.Step.Time);
        Assert.NotEqual(plain.Id, fitted.Id);
        Assert.Contains(Designs.Explain(fitted), v => v is { Section: "collective-parameters nvlink4*", Name: "sustained", Source: "a _log_", Grade: Grade.Measured });
    }

    [Theory]
    [InlineData("collectives: { fabricShare: 0 }", "expected a number from 0.0001 to 1")]
    [InlineData("collectives: { scaleUp: { basedOn: nvlink9 } }", "there is no collective-parameters 'nvlink9'")]
    [InlineData("collectives: { scaleUp: { basedOn: nvlink4, sustained: 2 } }", "expected a number from 0.05 to 1")]
    [InlineData("collectives: { speed: 1 }", "unknown key 'speed'")]
    public void A_wrong_section_is_an_error_with_its_place(string yaml, string message)
    {
        var error = Assert.Throws<InputException>(() => Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\n{yaml}\n"));
        Assert.StartsWith("d.yaml:", error.Message, StringComparison.Ordinal);
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("fabricShare: 0.5")]
    [InlineData("scaleUpShare: 0.5")]
    public void A_share_that_is_left_slows_the_step(string key)
    {
        var plain = Designs.Example(Designs.SuperPod).Outcome!.Value;
        var broken = Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\ncollectives: {{ {key} }}\n").Outcome!.Value;
        Assert.True(broken.Step.Time > plain.Step.Time);
    }

    [Fact]
    public void A_section_that_says_what_the_parts_say_changes_nothing()
    {
        var plain = Designs.Example(Designs.SuperPod).Outcome!.Value;
        var same = Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\ncollectives: {{ scaleUp: nvlink4, fabric: infiniband, switchReduction: true, fabricShare: 1 }}\n").Outcome!.Value;
        Assert.Equal(plain.Step.Time, same.Step.Time);
    }

    [Fact]
    public void Figures_of_other_links_are_told()
    {
        var findings = Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\ncollectives: {{ scaleUp: nvlink5, fabric: {{ basedOn: rocev2, sustained: 0.9 }} }}\n").Findings;
        Assert.Equal(
            ["collectives.scaleUp is based on 'nvlink5', and the accelerators' links are 'nvlink4'", "collectives.fabric is based on 'rocev2', and the protocol's mechanism is 'infiniband'"],
            findings.Where(f => f.Subject == "collectives").Select(f => f.Message));
        Assert.DoesNotContain(Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\ncollectives: {{ scaleUp: {{ basedOn: nvlink4, sustained: 0.7 }} }}\n").Findings, f => f.Subject == "collectives");
    }

    [Fact]
    public void A_fault_costs_the_step_what_the_changed_design_does()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 2);
        var slow = new NetworkChange(false, 1, 2e9 / (described.Levels[1].Bandwidth.BytesPerSecond * 8));
        var comparison = LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(described, CollectiveKind.AllReduce, slow)), described);
        var cost = StepCost.Of(new Evaluator(), DesignDocument.Parse(Designs.Text(Designs.SuperPod)), comparison, ClusterRefit.Of(comparison));
        var share = comparison.Change.FabricShare.ToString("R", System.Globalization.CultureInfo.InvariantCulture);
        var changed = Designs.Evaluate($"{Designs.Text(Designs.SuperPod)}\ncollectives: {{ fabricShare: {share} }}\n");
        var cause = Assert.Single(cost.Causes);
        Assert.Equal(changed.Outcome!.Value.Step.Time.Seconds, cause.Step.Seconds, 1e-9);
        Assert.Equal(changed.MillionTokens!.Value.Value.Dollars, cause.MillionTokens!.Value, 1e-9);
        Assert.True(cost.Measured!.Step > cost.Predicted.Step);
        var jobless = DesignDocument.Parse(Designs.Text(Designs.SuperPod)[..Designs.Text(Designs.SuperPod).IndexOf("job:", StringComparison.Ordinal)]);
        Assert.Contains("no job", Assert.Throws<InputException>(() => StepCost.Of(new Evaluator(), jobless, comparison, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_few_rows_fit_nothing()
    {
        var described = SyntheticLog.Cluster("dgx-h100", 1);
        Assert.Null(ClusterRefit.Of(LogComparison.Of(SyntheticLog.Log(null, SyntheticLog.Run(described, CollectiveKind.AllReduce, NetworkChange.None, from: 20, to: 21)), described)));
    }
}
