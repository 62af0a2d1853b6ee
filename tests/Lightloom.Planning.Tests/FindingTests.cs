using System.Text.RegularExpressions;
using Lightloom.Optics;
using Lightloom.Planning.Comparisons;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>Designs that are valid and don't work: what is found, and that the mend mends it.</summary>
public class FindingTests
{
    [Theory]
    [InlineData(Designs.SuperPod, "{ tensor: 4, pipeline: 2 }", "tensor: 4, pipeline: 2, recompute: none")]
    [InlineData(Designs.SuperPod, "{ tensor: 4, pipeline: 2 }", "tensor: 4, pipeline: 2, sharding: none")]
    [InlineData(Designs.SuperPod, "{ tensor: 4, pipeline: 2 }", "tensor: 4, pipeline: 2, recompute: selective")]
    [InlineData(Designs.SuperPod, "{ tensor: 4, pipeline: 2 }", "tensor: 1, pipeline: 1")]
    [InlineData(Designs.Copper, "{ tensor: 1, sharding: zero-1, microBatch: 1 }", "tensor: 1, sharding: none, microBatch: 1")]
    public void A_job_that_does_not_fit_fits_when_mended(string example, string old, string degrees)
    {
        var finding = Assert.Single(Designs.Example(example, (old, $"{{ {degrees} }}")).Findings, f => f.Subject == "memory");
        Assert.Equal(Severity.Infeasible, finding.Severity);
        Assert.Matches(@"^the job does not fit: stage \d+ needs [\d.]+ GB of [\d.]+ GB \(.*\)$", finding.Message);
        Assert.NotNull(finding.Mend);
        var mended = Designs.Example(example, (old, Apply(degrees, finding.Mend)));
        Assert.DoesNotContain(mended.Findings, f => f is { Severity: Severity.Infeasible, Subject: "memory" });
        if (Regex.Match(finding.Mend, @": ([\d.]+) GB, a step of (.*)$") is { Success: true } said)
        {
            var step = mended.Outcome!.Value.Step;
            Assert.Equal((said.Groups[1].Value, said.Groups[2].Value), ($"{step.Memory.Total.Gigabytes:0.0}", step.Time.ToString("G3")));
        }
    }

    [Fact]
    public void A_model_that_can_t_fit_at_all_is_told_so()
    {
        var finding = Assert.Single(
            Designs.Example(Designs.SuperPod, ("precision: bf16", "precision: bf16\n  accelerators: 1"), ("globalBatch: 1016", "globalBatch: 8"), ("{ tensor: 4, pipeline: 2 }", "{}")).Findings,
            f => f.Subject == "memory");
        Assert.Equal("more accelerators, or accelerators with more memory", finding.Mend);
    }

    [Theory]
    [InlineData(Designs.SuperPod, "{ tensor: 4, pipeline: 2 }")]
    [InlineData(Designs.Llama, "{ tensor: 8, pipeline: 16, sharding: zero-2 }")]
    [InlineData(Designs.CoPackaged, "{ pipeline: 1, expert: 64, sharding: zero-1, gradientBytes: 2 }")]
    [InlineData(Designs.Copper, "{ tensor: 1, sharding: zero-1, microBatch: 1 }")]
    public void An_automatic_choice_is_valid_fits_and_is_at_least_as_fast(string example, string given)
    {
        var automatic = Designs.Example(example, (given, "auto"));
        var step = automatic.Outcome!.Value.Step;
        Assert.Equal(step.Job, step.Job.Checked());
        Assert.True(step.Memory.Total <= automatic.Operation!.Capacity);
        Assert.True(automatic.Operation.Search!.Counts.Fitting > 0);
        // The example's own degrees are among those tried, with the same sharding.
        var p = Designs.Example(example).Outcome!.Value.Step.Job.Parallelism;
        var own = Designs.Example(example, (given, $"{{ tensor: {p.Tensor}, context: {p.Context}, expert: {p.Expert}, pipeline: {p.Pipeline}, microBatch: {p.MicroBatch} }}"));
        if (own.Worst != Severity.Infeasible) Assert.True(step.Time <= own.Outcome!.Value.Step.Time);
        // And it is what it says: giving what was chosen gives the same step.
        var again = Designs.Example(example, (given, DesignSearch.Text(step)));
        Assert.Equal(step.Time, again.Outcome!.Value.Step.Time);
    }

    /// <summary>Ranks 0 to 63 stand in the first rack of 72, 64 to 127 in two, and so on: of nine groups of 64 the first and the last are whole.</summary>
    [Fact]
    public void Groups_that_straddle_domains_are_told()
    {
        const string Own = "{ pipeline: 1, expert: 64, sharding: zero-1, gradientBytes: 2 }";
        (string, string)[] all = [("  accelerators: 512", "  #"), ("globalBatch: 4096", "globalBatch: 4608")];
        var straddling = Designs.Example(Designs.CoPackaged, all);
        var finding = Assert.Single(straddling.Findings, f => f.Message.Contains("stand in two scale-up domains", StringComparison.Ordinal));
        Assert.StartsWith("7 of 9 expert groups stand in two scale-up domains of 72, which aren't whole groups of 64", finding.Message, StringComparison.Ordinal);
        Assert.Equal("job.accelerators of 64 in each domain, or a degree that divides 72", finding.Mend);
        // As the mend has it, on fewer accelerators, more tokens a second.
        var mended = Designs.Example(Designs.CoPackaged);
        Assert.DoesNotContain(mended.Findings, f => f.Message.Contains("stand in two", StringComparison.Ordinal));
        Assert.True(mended.Outcome!.Value.Step.TokensPerSecond > straddling.Outcome!.Value.Step.TokensPerSecond);
        Assert.DoesNotContain(Designs.Example(Designs.CoPackaged, [.. all, (Own, "{ pipeline: 1, expert: 8, sharding: zero-1, gradientBytes: 2 }")]).Findings, f => f.Message.Contains("stand in two", StringComparison.Ordinal));
        Assert.DoesNotContain(Designs.Example(Designs.SuperPod).Findings, f => f.Message.Contains("stand in two", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("links: cheapest-feasible", "links: { leaf-spine: dac-800g }", "leaf-spine")]
    [InlineData("links: cheapest-feasible", "links: { media: copper }", "node-leaf")]
    [InlineData("links: cheapest-feasible", "links: { node-leaf: acc-800g }", "node-leaf")]
    public void A_link_that_does_not_close_closes_when_mended(string old, string with, string kind)
    {
        var evaluation = Designs.Example(Designs.SuperPod, (old, with));
        var finding = Assert.Single(evaluation.Findings, f => f is { Severity: Severity.Infeasible, Subject: "links" } && f.Message.Contains($" {kind} links ", StringComparison.Ordinal));
        var summary = evaluation.Build.Links.Single(l => l.Class.Name == kind);
        Assert.True(summary.Open > 0);
        Assert.StartsWith($"{summary.Open:N0} of {summary.Class.Count:N0} {kind} links do not close", finding.Message, StringComparison.Ordinal);
        Assert.NotNull(finding.Mend);
        var part = Regex.Match(finding.Mend, @"^use (\S+) \(").Groups[1].Value;
        Assert.NotEqual("", part);
        // Only the links that were open take the mend.
        var mended = Designs.Example(Designs.SuperPod, (old, $"links: {{ {kind}: {part} }}")).Build.Links.Single(l => l.Class.Name == kind);
        var worst = summary.Groups.Where(g => !g.Link.Closes).MinBy(g => g.Link.Margin)!;
        Assert.Contains(mended.Groups, g => g.Link.Closes && g.Link.PurchasableLength >= worst.Link.PurchasableLength);
    }

    [Fact]
    public void A_medium_that_nothing_fits_has_no_margin()
    {
        var evaluation = Designs.Example(Designs.SuperPod, ("switch: qm9700", "switch: { basedOn: qm9700, laneRate: 1 Gb/s }"));
        Assert.All(evaluation.Build.Links, l => Assert.Equal(MediaClasses.None, Assert.Single(l.Groups.Select(g => g.Link.Class).Distinct())));
        Assert.All(evaluation.Build.Links, l => Assert.True(double.IsNegativeInfinity(l.WorstMargin.Si)));
        Assert.Null(Comparison.Of([ComparedDesign.Of(evaluation)]).Single(r => r.Key == "worstMargin_dB").Values[0]);
        Assert.All(evaluation.Findings.Where(f => f is { Subject: "links", Severity: Severity.Infeasible }), f => Assert.Contains("links do not close: the catalogue has no medium for", f.Message, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("rows: 8, racksPerRow: 8", "rows: 1, racksPerRow: 1", "floor", "")]
    [InlineData("rows: 8, racksPerRow: 8", "rows: 2, racksPerRow: 8", "floor", "")]
    [InlineData("systemsPerRack: 4", "systemsPerRack: 100", "racks", "systemsPerRack")]
    [InlineData("systemsPerRack: 4", "systemsPerRack: 7", "racks", "systemsPerRack")]
    public void A_hall_that_is_too_small_is_found_and_mended_by_leaving_it_open(string old, string with, string subject, string key)
    {
        var findings = Designs.Example(Designs.SuperPod, (old, with)).Findings.Where(f => f.Subject == subject).ToList();
        Assert.NotEmpty(findings);
        Assert.All(findings, f => Assert.Equal(Severity.Infeasible, f.Severity));
        Assert.All(findings, f => Assert.StartsWith(key.Length == 0 ? "leave 'rows' and 'racksPerRow' out" : $"leave '{key}' out", f.Mend!, StringComparison.Ordinal));
        var floor = "{ rows: 8, racksPerRow: 8, systemsPerRack: 4, aislePitch: 3.0 m, rackPitch: 0.75 m }";
        var open = key.Length == 0 ? "{ systemsPerRack: 4 }" : "{ rows: 8, racksPerRow: 8 }";
        Assert.DoesNotContain(Designs.Example(Designs.SuperPod, (floor, open)).Findings, f => f.Severity == Severity.Infeasible);
    }

    [Fact]
    public void A_rack_that_can_t_feed_one_system_is_found()
    {
        var evaluation = Designs.Example(Designs.SuperPod, ("systemsPerRack: 4, ", ""), ("electricity: 0.08 USD/kWh", "assumptions: { basedOn: default, rackPower: 5 kW }"));
        var finding = Assert.Single(evaluation.Findings, f => f.Subject == "racks" && f.Message.StartsWith("a rack with 1 system draws", StringComparison.Ordinal));
        Assert.Equal((Severity.Infeasible, "racks that are fed and cooled with more (rackPower of site.assumptions)"), (finding.Severity, finding.Mend));
    }

    [Fact]
    public void Findings_come_worst_first() => Assert.Equal(
        [Severity.Infeasible, Severity.Infeasible, Severity.Infeasible, Severity.Warning, Severity.Note],
        Designs.Example(Designs.SuperPod, ("systemsPerRack: 4", "systemsPerRack: 100"), ("precision: bf16", "precision: bf16\n  accelerators: 1008"), ("globalBatch: 1016", "globalBatch: 1008"))
            .Findings.Select(f => f.Severity));

    /// <summary>Does what a mend of the memory says to the degrees of parallelism.</summary>
    static string Apply(string degrees, string mend)
    {
        var settings = degrees.Split(", ").Select(d => d.Split(": ")).ToDictionary(d => d[0], d => d[1]);
        foreach (Match degree in Regex.Matches(mend, @"\b(tensor|pipeline|context|expert|microbatch) (\d+)"))
            settings[degree.Groups[1].Value == "microbatch" ? "microBatch" : degree.Groups[1].Value] = degree.Groups[2].Value;
        foreach (Match setting in Regex.Matches(mend, @"\b([\w.]+): ([\w-]+(?: %)?)(?=[,)])")) settings[setting.Groups[1].Value] = setting.Groups[2].Value;
        string Of(string prefix) => string.Join(", ", settings.Where(s => s.Key.StartsWith(prefix, StringComparison.Ordinal)).Select(s => $"{s.Key[prefix.Length..]}: {s.Value}"));
        var memory = Of("memory.");
        foreach (var key in settings.Keys.Where(k => k.StartsWith("memory.", StringComparison.Ordinal)).ToList()) settings.Remove(key);
        return $"{{ {Of("")} }}{(memory.Length > 0 ? $"\n  memory: {{ {memory} }}" : "")}";
    }
}
