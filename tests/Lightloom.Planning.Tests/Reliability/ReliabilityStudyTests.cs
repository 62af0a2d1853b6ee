using Lightloom.Catalog.Documents;
using Lightloom.Planning.Reliability;
using Lightloom.Planning.Validation;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Reliability;

/// <summary>Designs under failures.</summary>
public sealed class ReliabilityStudyTests
{
    static ReliabilityStudy Study(string example, params (string Old, string New)[] changes) =>
        ReliabilityStudy.Of(DesignDocument.Parse(Designs.Changed(example, changes), "d.yaml"), new());

    static FailureProcess Process(ReliabilityStudy study, string name) => Assert.Single(study.Model.Processes, p => p.Name == name);

    static (string, string) Recovery(string keys) => ("job:\n", $"recovery: {{ {keys} }}\njob:\n");

    [Fact]
    public void Evaluate_says_what_reliability_says()
    {
        foreach (var example in new[] { Designs.Llama, Designs.SuperPod, Designs.CoPackaged, Designs.Copper })
        {
            var study = Study(example);
            var goodput = study.Evaluation.Outcome!.Value.Goodput;
            Assert.Equal(study.Forecast.Effective, goodput.EffectiveShare, 1e-12);
            Assert.Equal(study.Forecast.AllInterruptions.PerSecond, goodput.Interruptions.PerSecond, 1e-15);
        }
    }

    /// <summary>Published: an interruption every 3.09 h, 3.79 in a thousand server-days; without the network, which comes from links and switches here, 384 of 419.</summary>
    [Fact]
    public void Llama_3_is_interrupted_as_often_as_it_was_but_for_its_network()
    {
        var study = Study(Designs.Llama);
        var others = study.Model.Processes.Where(p => p.Name is "accelerators and hosts" or "silent errors" or "software and maintenance" or "network cards").Sum(p => p.Total.PerSecond);
        Assert.Equal(384, others * 54 * 86400, 0.5);
        Assert.InRange(study.Forecast.AllInterruptions.MeanTime.Hours, 2.7, 3.3);
        Assert.InRange(study.PerThousandSystemDays, 3.5, 4.3);
    }

    [Fact]
    public void Closed_form_and_simulation_agree_on_designs()
    {
        foreach (var example in new[] { Designs.Llama, Designs.CoPackaged })
        {
            var study = Study(example);
            var played = new RenewalSimulation(study.Model).Run(Duration.FromSeconds(31557600), 20, 1);
            Assert.InRange(study.Forecast.Effective / played.Effective, 0.98, 1.02);
        }
    }

    [Fact]
    public void Too_few_spares_cost_time_and_shrinking_costs_less()
    {
        var enough = Study(Designs.Llama);
        var few = Study(Designs.Llama, Recovery("spares: 4"));
        var shrinks = Study(Designs.Llama, Recovery("spares: 4, onShortage: shrink"));
        Assert.True(few.Forecast.Shares[1].Share > 0.05);
        Assert.True(enough.Forecast.Effective > shrinks.Forecast.Effective && shrinks.Forecast.Effective > few.Forecast.Effective);
        Assert.Contains(few.Mends, m => m.Say.Contains("spare systems instead of 4", StringComparison.Ordinal));
        Assert.True(Study(Designs.Llama, Recovery("hotSwap: 2 min")).Forecast.Effective > enough.Forecast.Effective);
    }

    [Fact]
    public void Spares_are_systems_that_the_job_leaves_idle()
    {
        Assert.Equal(1024, Study(Designs.Llama, Recovery("spares: 1024")).Model.Spares);
        var wrong = Assert.Throws<InputException>(() => Study(Designs.Llama, Recovery("spares: 1025")));
        Assert.Contains("at most 1,024", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("d.yaml", wrong.Message, StringComparison.Ordinal);
        Assert.Contains("expected one of wait, shrink", Assert.Throws<InputException>(() => Study(Designs.Llama, Recovery("onShortage: shrinks"))).Message, StringComparison.Ordinal);
        Assert.Throws<InputException>(() => Study(Designs.Llama, Recovery("hotSwap: -2 min")));
    }

    [Fact]
    public void Other_cards_of_a_system_turn_lost_links_into_lost_bandwidth()
    {
        var stops = Study(Designs.SuperPod);
        var goesOn = Study(Designs.SuperPod, Recovery("onLostCard: continue"));
        Assert.Equal(FailureConsequence.Interrupts, Process(stops, "links to the leaves").Consequence);
        var link = Process(goesOn, "links to the leaves");
        Assert.Equal(FailureConsequence.TakesBandwidth, link.Consequence);
        Assert.InRange(link.Slowdown, 0, 0.125 + 1e-9);
        Assert.Equal(0, link.CutOff);
        Assert.True(goesOn.Forecast.AllInterruptions < stops.Forecast.AllInterruptions);
    }

    static readonly (string, string)[] TwinPorts =
    [
        ("system: dgx-h100", "system: { basedOn: dgx-h100, nic: { basedOn: connectx-7, ports: 2 } }"), ("  systemsPerUnit: 32\n", ""), ("  managementLinks: 4\n", ""),
    ];

    /// <summary>Ports of a card on two leaves, or in two planes: a leaf that goes costs bandwidth, and a pair is apart for seconds a year.</summary>
    [Theory]
    [InlineData("dual-tor", "")]
    [InlineData("multi-plane", "\n  planes: 2")]
    public void A_second_way_turns_lost_leaves_into_lost_bandwidth(string topology, string more)
    {
        var one = Study(Designs.SuperPod);
        Assert.Equal(1, one.Availability!.Ways);
        Assert.Equal(FailureConsequence.Interrupts, Process(one, "leaf switches").Consequence);
        Assert.True(Process(one, "leaf switches").CutOff > 0);
        Assert.All(one.Availability.Pairs, p => Assert.InRange(p.WithCards, 0.99, p.Fabric));

        var two = Study(Designs.SuperPod, [.. TwinPorts, ("topology: rail-optimized", $"topology: {topology}{more}")]);
        Assert.Equal(2, two.Availability!.Ways);
        var leaf = Process(two, "leaf switches");
        Assert.Equal((FailureConsequence.TakesBandwidth, 0.0), (leaf.Consequence, leaf.CutOff));
        Assert.InRange(leaf.Slowdown, 1e-6, 0.5);
        Assert.True(two.Forecast.AllInterruptions < one.Forecast.AllInterruptions);
        Assert.True(two.Forecast.Shares[8].Share > 0);
        Assert.True(two.Availability.Pairs[0].MinutesApart < 0.01 * one.Availability.Pairs[0].MinutesApart);
    }

    /// <summary>The example at the head of FabricAvailability.cs: 0.081 leaf failures a year of 6 h each, two host links.</summary>
    [Fact]
    public void A_pair_on_one_leaf_is_apart_for_half_an_hour_a_year()
    {
        var study = Study(Designs.SuperPod);
        var (link, leaf) = (Process(study, "links to the leaves"), Process(study, "leaf switches"));
        var apart = (2 * (link.Rate * link.Repair)) + (leaf.Rate * leaf.Repair);
        Assert.Equal(apart * 365.25 * 1440, study.Availability!.Pairs[0].MinutesApart, 0.01);
        Assert.Equal(5.5e-5, leaf.Rate * leaf.Repair, 1e-6);
    }

    /// <summary>An engine of a co-packaged switch is replaced with its switch, so that its repair drains what hangs on it.</summary>
    [Fact]
    public void An_engine_drains_more_than_a_module()
    {
        Assert.True(Process(Study(Designs.CoPackaged), "links to the leaves").Repair > Process(Study(Designs.Pluggable), "links to the leaves").Repair);
        Assert.True(Process(Study(Designs.CoPackaged), "links to the leaves").Rate < Process(Study(Designs.Pluggable), "links to the leaves").Rate);
    }

    [Fact]
    public void A_checkpoint_longer_than_the_time_between_failures_is_an_answer()
    {
        var study = Study(Designs.Llama, ("assumptions: { basedOn: default, slack: 0.5 m }", "assumptions: { basedOn: default, slack: 0.5 m, checkpointBandwidth: 0.001 GB/s, acceleratorInterruptions: 9 /yr, otherInterruptions: 90 /yr }"));
        Assert.True(study.Forecast.Write > study.Forecast.Interruptions.MeanTime);
        Assert.False(study.Forecast.Progresses);
        Assert.NotEmpty(study.ToMakeProgress);
        var finding = Assert.Single(study.Evaluation.Findings, f => f.Subject == "goodput");
        Assert.Equal(Severity.Infeasible, finding.Severity);
        Assert.Contains("makes no progress: a checkpoint takes", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void More_failures_than_one_a_second_are_no_design()
    {
        var wrong = Assert.Throws<InputException>(() => Study(Designs.Llama, ("slack: 0.5 m }", "slack: 0.5 m, acceleratorInterruptions: 0.0009 /s }")));
        Assert.Contains("failures a second", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Published_tables_come_out_to_their_digits()
    {
        var result = ValidationResult.Of(ValidationKinds.Find("reliability"), Path.Combine(Designs.Root, "data", "validation", "reliability"));
        Assert.Empty(result.Skipped);
        // The table prints 30.1 % for 148 of 419.
        var miss = Assert.Single(result.Points, p => p.IsMiss);
        Assert.Equal(("Faulty GPU", 30.1), (miss.Id, miss.Published));
        Assert.Equal(35.3, miss.Predicted, 0.05);
        double Of(string id) => Assert.Single(result.Points, p => p.Id == id).Predicted;
        Assert.Equal(3.09, Of("llama3-mtbf"), 0.005);
        Assert.Equal(3.79, Of("llama3-node-days"), 0.005);
    }

    [Theory]
    [InlineData("id,quantity,published,unit,interruptions,days\na,mean time,3,h,-4,54\n", "interruptions")]
    [InlineData("id,quantity,published,unit,interruptions,days\na,mean time,3,h,1e9,1\n", "1 /s")]
    [InlineData("id,quantity,published,unit,interruptions,days\na,mean times,3,h,4,54\n", "mean time")]
    [InlineData("id,quantity,published,unit,interruptions,days\na,mean time,3,hours,4,54\n", "s, min, h or d")]
    [InlineData("id,quantity,unit\na,mean time,h\n", "published")]
    public void Wrong_tables_are_named(string text, string word)
    {
        var file = Path.Combine(Path.GetTempPath(), $"lightloom-{Guid.NewGuid():N}.csv");
        File.WriteAllText(file, text);
        try
        {
            var wrong = Assert.Throws<InputException>(() => ValidationResult.Of(ValidationKinds.Find("reliability"), file));
            Assert.Contains(word, wrong.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
