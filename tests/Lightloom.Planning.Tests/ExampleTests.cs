using Lightloom.Catalog;
using Lightloom.Optics;
using Lightloom.Planning.Comparisons;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Tests;

/// <summary>Figures of the shipped examples against what was published of the clusters that they describe.</summary>
public class ExampleTests
{
    [Fact]
    public void SuperPod_has_the_counts_of_the_reference_architecture()
    {
        // RA-11333-001 V11, table 3: 127 systems, 32 leaves, 16 spines, 1,020 cables below with UFM's and 1,024 above the leaves.
        var plan = Designs.Example(Designs.SuperPod).Build.Plan;
        Assert.Equal([("leaf", 32L), ("spine", 16L)], plan.Tiers.Select(t => (t.Name, t.Count)));
        Assert.Equal((1016L, 4L, 1024L), (plan.Link("node-leaf")!.Count, plan.Link("management-leaf")!.Count, plan.Link("leaf-spine")!.Count));
        Assert.Equal((1016L, 1.0, 3), (plan.AcceleratorCount, plan.BisectionShare.Si, plan.Diameter));
    }

    [Fact]
    public void Llama_cluster_has_the_counts_and_the_speed_that_were_published()
    {
        // arXiv 2407.21783: 24K GPUs, racks of 16 behind one switch, pods of 3,072, 1:7 between pods; 400 TFLOP/s on 16,384 and
        // more than 90 % effective training time.
        var evaluation = Designs.Example(Designs.Llama);
        var plan = evaluation.Build.Plan;
        Assert.Equal((24576L, 1536L, 8L), (plan.AcceleratorCount, plan.Tier("leaf")!.Count, plan.Tier("spine")!.Groups));
        Assert.Equal(3072, plan.Locality.Single(l => l.Name == "pod").Accelerators);
        Assert.InRange(1 / plan.BisectionShare.Si, 6.5, 7.001);
        var outcome = evaluation.Outcome!.Value;
        Assert.Equal((16384, 128, 8, 16), (outcome.Step.Job.Accelerators, outcome.Step.Job.DataParallel, outcome.Step.Job.Parallelism.Tensor, outcome.Step.Job.Parallelism.Pipeline));
        var rate = outcome.Step.RatePerAccelerator(FlopConvention.Model).Teraflops;
        Assert.InRange(rate, 400 / (1 + evaluation.Accuracy!.Band), 400 / (1 - evaluation.Accuracy.Band));
        Assert.Equal(outcome.Step.TokensPerSecond, 2048.0 * 8192 / outcome.Step.Time.Seconds, 6);
        Assert.InRange(outcome.Goodput.EffectiveShare, 0.85, 0.99);
        // 419 unexpected interruptions in 54 days.
        Assert.InRange(outcome.Goodput.Interruptions.MeanTime.Hours, 3.09 / 1.3, 3.09 * 1.3);
        Assert.Contains(evaluation.Findings, f => f is { Severity: Severity.Note, Subject: "job" } && f.Message.Contains("16,384 of 24,576", StringComparison.Ordinal));
    }

    [Fact]
    public void A_small_cluster_needs_no_optics_and_one_switch()
    {
        var evaluation = Designs.Example(Designs.Copper);
        Assert.Equal((64L, 1L, 64L), (evaluation.Build.Plan.AcceleratorCount, evaluation.Build.Plan.SwitchCount, evaluation.Build.Plan.LinkCount));
        var groups = evaluation.Build.Links.SelectMany(l => l.Groups).ToList();
        Assert.All(groups, g => Assert.Equal(MediaClasses.None, g.Link.Class & ~MediaClasses.Copper));
        Assert.All(groups, g => Assert.DoesNotContain(g.Link.Parts, p => p.Part is Transceiver));
        Assert.InRange(evaluation.Outcome!.Value.Step.RatePerAccelerator(FlopConvention.Model).Teraflops, 250, 550);
        Assert.True(evaluation.Outcome.Value.Goodput.EffectiveShare > 0.98);
    }

    [Fact]
    public void Co_packaged_optics_draw_less_than_pluggable_ones_and_the_comparison_shows_it()
    {
        var pluggable = Designs.Example(Designs.Pluggable);
        var packaged = Designs.Example(Designs.CoPackaged);
        double Optics(Evaluation e) => e.Build.Links.Sum(l => l.Power.Watts);
        Assert.True(Optics(packaged) < 0.75 * Optics(pluggable), $"{Optics(packaged)} W against {Optics(pluggable)} W");
        Assert.True(packaged.Power.InUse < pluggable.Power.InUse);
        var rows = Comparison.Of([ComparedDesign.Of(pluggable), ComparedDesign.Of(packaged)]).ToDictionary(r => r.Key);
        Assert.True(rows["opticsPower_kW"].Difference(1) < -0.25);
        Assert.Equal(0, rows["accelerators"].Difference(1));
        Assert.Null(rows["openLinks"].Difference(1));
        Assert.Equal(rows["opticsPower_kW"].Values[0]!.Value.Value, pluggable.Build.Links.Sum(l => l.AddedPower.Kilowatts), 9);
    }

    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void Every_example_works_as_it_stands(string example)
    {
        var evaluation = Designs.Example(example);
        Assert.NotEqual(Severity.Infeasible, evaluation.Worst);
        Assert.Equal(0, evaluation.Build.Links.Sum(l => l.Open));
        Assert.InRange(evaluation.Outcome!.Value.Goodput.EffectiveShare, 0.85, 1);
        Assert.InRange(evaluation.Economics.PerAcceleratorHour.Value.Dollars, 0.5, 10);
        Assert.True(evaluation.Outcome.Value.Step.Memory.Total <= evaluation.Operation!.Capacity);
        Assert.InRange(Mfu(evaluation), 0.1, 0.6);
    }

    [Theory]
    [MemberData(nameof(Designs.Examples), MemberType = typeof(Designs))]
    public void Parts_add_up(string example)
    {
        var evaluation = Designs.Example(example);
        var step = evaluation.Outcome!.Value.Step;
        var sum = Enumerable.Range(0, TrainingStep.PartCount).Sum(i => step[(StepPart)i].Seconds);
        Assert.Equal(step.Time.Seconds, sum, 1e-12 * sum);
        Assert.All(Enumerable.Range(0, TrainingStep.PartCount), i => Assert.True(step[(StepPart)i] >= Duration.Zero));

        var build = evaluation.Build;
        Assert.All(build.Links, l => Assert.Equal(l.Class.Count, l.Groups.Sum(g => g.Count)));
        foreach (var group in build.Links.SelectMany(l => l.Groups))
        {
            Assert.NotEmpty(group.Link.Waterfall);
            Assert.Equal(group.Link.Margin.Si, group.Link.Waterfall.Sum(t => t.Change.Si), 1e-9);
            Assert.Equal(group.Link.Margin.Si, group.Link.Waterfall[^1].Cumulative.Si, 1e-9);
            Assert.True(group.Link.WorstMargin <= group.Link.Margin);
        }

        Assert.Equal(evaluation.Power.InUse.Watts, evaluation.Power.Items.Sum(i => i.InUse.Watts), 1e-6);
        Assert.Equal(evaluation.Power.Provisioned.Watts, evaluation.Power.Items.Sum(i => i.Provisioned.Watts), 1e-6);
        var e = evaluation.Economics;
        Assert.Equal(e.TotalCapital.Value.Dollars, e.Capital.Sum(c => c.Price.Value.Dollars), 1e-12 * e.TotalCapital.Value.Dollars);
        Assert.Equal(e.Yearly.Value.Dollars, e.YearlyCapital.Value.Dollars + e.YearlySupport.Value.Dollars + e.YearlyReplaced.Value.Dollars + e.YearlyEnergy.Value.Dollars + e.YearlyLeased.Value.Dollars, 1e-3);
        Assert.All(e.Capital, c => Assert.True(c.Price.Low <= c.Price.Value && c.Price.Value <= c.Price.High));
        Assert.Equal(evaluation.Outcome.Value.Goodput.Interruptions.PerSecond,
            evaluation.Operation!.Interruptions(new()).Sum(s => s.Total.PerSecond), 1e-15);
    }

    static double Mfu(Evaluation evaluation)
    {
        var accelerator = evaluation.Operation!.System.Accelerator;
        var peak = evaluation.Operation.Job.Precision == Precision.Fp8 ? accelerator.Fp8Peak!.Value.Value : accelerator.Bf16Peak.Value;
        return evaluation.Outcome!.Value.Step.RatePerAccelerator(FlopConvention.Model) / peak;
    }
}
