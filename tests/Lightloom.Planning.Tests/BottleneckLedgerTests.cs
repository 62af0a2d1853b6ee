using Lightloom.Catalog;
using Lightloom.Planning.Comparisons;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests;

/// <summary>The ledger against designs in which the resource itself was bettered by hand.</summary>
public class BottleneckLedgerTests
{
    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void The_ledger_is_sorted_and_never_loses(string example)
    {
        var ledger = Designs.Example(example).Ledger!;
        Assert.Equal(ledger.Entries.Select(e => e.Key).Distinct().Count(), ledger.Entries.Count);
        Assert.Equal([Layer.Light, Layer.Loom, Layer.Compute, Layer.Memory], ledger.Entries.Select(e => e.Layer).Distinct().Order());
        Assert.All(ledger.Entries, e => Assert.True(e.Gain >= -1e-12, $"{e.Key} {e.Gain}"));
        // A tenth more of one thing can't gain more than a tenth.
        Assert.All(ledger.Entries, e => Assert.True(e.Gain <= BottleneckLedger.Step - 1 + 1e-9, $"{e.Key} {e.Gain}"));
        for (var i = 1; i < ledger.Entries.Count; i++)
            Assert.True(Math.Round(ledger.Entries[i - 1].Gain, 9) >= Math.Round(ledger.Entries[i].Gain, 9));
        Assert.All(ledger.Entries, e => Assert.Equal(e.CostPerTokenPerSecond is not null, e.Cost is not null && e.Gain > 1e-6));
        Assert.Equal(ledger.Entries.Select(e => e.Key), Designs.Example(example).Ledger!.Entries.Select(e => e.Key));
        Assert.StartsWith("Compute binds", ledger.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Ties_keep_the_order_of_the_resources()
    {
        var none = Designs.Example(Designs.SuperPod).Ledger!.Entries.Where(e => Math.Round(e.Gain, 9) == 0).Select(e => e.Key).ToList();
        string[] order =
        [
            "peakCompute", "memoryBandwidth", "scaleUpBandwidth", "nicBandwidth", "leafSpineBandwidth", "spineCoreBandwidth", "loadBalancing", "switchLatency", "linkLatency",
            "linkFailureRate", "bitErrorRate",
        ];
        Assert.True(none.Count > 1);
        Assert.Equal(none.OrderBy(k => Array.IndexOf(order, k)), none);
    }

    [Theory]
    [InlineData(Designs.SuperPod, "system: dgx-h100", "dgx-h100")]
    [InlineData(Designs.Llama, "system: hgx-h100", "hgx-h100")]
    public void Peak_compute_gains_what_a_faster_accelerator_gains(string example, string line, string system)
    {
        var chip = PartCatalog.Default.Get<AcceleratorSystem>(system).Accelerator;
        var better = $"bf16Peak: {Tenth(chip.Bf16Peak.Value)}";
        if (chip.Bf16Ceiling is { } ceiling) better += $", bf16Ceiling: {Tenth(ceiling.Value)}";
        Same(example, "peakCompute", (line, Inner(system, $"accelerator: {{ basedOn: {chip.Key}, {better} }}")));
    }

    [Theory]
    [InlineData(Designs.SuperPod, "system: dgx-h100", "dgx-h100")]
    [InlineData(Designs.Llama, "system: hgx-h100", "hgx-h100")]
    [InlineData(Designs.CoPackaged, "system: gb200-nvl72-xdr", "gb200-nvl72-xdr")]
    public void Memory_and_scale_up_bandwidth_gain_what_a_faster_accelerator_gains(string example, string line, string system)
    {
        var chip = PartCatalog.Default.Get<AcceleratorSystem>(system).Accelerator;
        Same(example, "memoryBandwidth", (line, Inner(system, $"accelerator: {{ basedOn: {chip.Key}, memoryBandwidth: {Tenth(chip.MemoryBandwidth.Value)} }}")));
        Same(example, "scaleUpBandwidth", (line, Inner(system, $"accelerator: {{ basedOn: {chip.Key}, scaleUpBandwidth: {Tenth(chip.ScaleUpBandwidth.Value)} }}")));
    }

    [Fact]
    public void Switch_latency_gains_what_a_faster_switch_gains()
    {
        var box = PartCatalog.Default.Get<Switch>("qm9700");
        var faster = Duration.FromSeconds(box.Latency!.Value.Value.Seconds / BottleneckLedger.Step).ToString("R");
        Same(Designs.SuperPod, "switchLatency", ("switch: qm9700", $"switch: {{ basedOn: qm9700, latency: {faster} }}"));
    }

    [Fact]
    public void A_thin_fabric_binds()
    {
        // Experts spread over racks, and eight times less bandwidth above the leaves than at the cards: the loom has to show.
        (string, string)[] spread = [("expert: 64", "expert: 256")];
        var usual = Designs.Example(Designs.CoPackaged, spread);
        var thin = Designs.Example(Designs.CoPackaged, [.. spread, ("switch: q3450-ld", "switch: q3450-ld\n  oversubscription: { leaf: 8 }")]);
        double Gain(Evaluation e) => e.Ledger!.Entries.Single(x => x.Key == "leafSpineBandwidth").Gain;
        Assert.True(Gain(thin) > 0.01 && Gain(thin) > Gain(usual), $"{Gain(thin)} {Gain(usual)}");
        Assert.True(thin.Outcome!.Value.Step.TokensPerSecond < usual.Outcome!.Value.Step.TokensPerSecond);
    }

    [Fact]
    public void A_job_without_progress_has_no_gain_and_no_cost_per_token()
    {
        var evaluation = Designs.Example(Designs.SuperPod, ("electricity: 0.08 USD/kWh", "assumptions: { basedOn: default, acceleratorInterruptions: 31000 /yr }"));
        Assert.Equal(0, evaluation.Outcome!.Value.EffectiveTokensPerSecond);
        Assert.Null(evaluation.MillionTokens);
        Assert.Null(Comparison.Of([ComparedDesign.Of(evaluation)]).Single(r => r.Key == "millionTokens_USD").Values[0]);
        Assert.DoesNotContain("millionTokens_USD", EvaluationJson.Write(evaluation), StringComparison.Ordinal);
        Assert.StartsWith("The job makes no progress", evaluation.Ledger!.Verdict, StringComparison.Ordinal);
        Assert.Contains(evaluation.Findings, f => f is { Severity: Severity.Infeasible, Subject: "goodput" });
    }

    static void Same(string example, string resource, (string Old, string New) change)
    {
        var usual = Designs.Example(example);
        var expected = usual.Ledger!.Entries.Single(e => e.Key == resource);
        var bettered = Designs.Example(example, change).Outcome!.Value.EffectiveTokensPerSecond;
        var designed = usual.Outcome!.Value.EffectiveTokensPerSecond;
        Assert.Equal(bettered, designed + expected.TokensPerSecond, 1e-9 * bettered);
        Assert.Equal((bettered / designed) - 1, expected.Gain, 1e-9);
    }

    static string Inner(string system, string inner) => $"system: {{ basedOn: {system}, {inner} }}";

    static string Tenth(ComputeRate value) => ComputeRate.FromFlopPerSecond(value.FlopPerSecond * BottleneckLedger.Step).ToString("R");

    static string Tenth(Bandwidth value) => (value * BottleneckLedger.Step).ToString("R");
}
