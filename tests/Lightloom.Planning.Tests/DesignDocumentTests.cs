using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Fabric;
using Lightloom.Quantities;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Planning.Tests;

/// <summary>Reading designs: every section, parts that are changed in place, the hash, and complaints that point at a line.</summary>
public class DesignDocumentTests
{
    const string Full = """
        lightloom: 1
        name: everything
        description: a design that says all it can
        accelerators: { system: dgx-h100, systems: 64 }
        fabric:
          protocol: infiniband
          topology: fat-tree
          switch: qm9700
          leafSwitch: qm9700
          spineSwitch: qm9700
          coreSwitch: qm9700
          tiers: 2
          oversubscription: { leaf: 1, spine: 1 }
          systemsPerUnit: 4
          systemsPerPod: 64
          planes: 1
          managementLinks: 0
          priceFactor: 1.25
          loadBalancing: enhanced-ecmp
          queuePairs: 8
          failed: { leafUplinks: 1, spineUplinks: 0, leafSpine: 0.01, spineCore: 0, rails: 1 }
        site:
          floor: { halls: 2, hallDistance: 25 m, rows: 6, racksPerRow: 9, systemsPerRack: 2, networkRacks: middle-of-row, aislePitch: 3.3 m, rackPitch: 0.7 m }
          links: { policy: fewest-watts, media: optics, node-leaf: 800g-2xdr4, leaf-spine: 800g-2xdr4, spine-core: 800g-2xdr4, classes: { leaf-spine: 800g-2xdr4 }, connectors: 3 }
          assumptions: { basedOn: default, restart: 20 min }
          electricity: 0.05 USD/kWh
          powerUsageEffectiveness: 1.1
        job:
          model: llama-3.1-8b
          sequence: 4096
          globalBatch: 1024
          precision: fp8
          accelerators: 256
          trainingTokensBillions: 1000
          checkpointInterval: 30 min
          parallelism:
            tensor: 2
            sequenceParallel: false
            context: 2
            contextMethod: all-gather
            expertTensor: 2
            expertCapacity: 1.5
            expertImbalance: 1.2
            expertNodes: 4
            expertDispatch: all-to-all
            graphs: iteration
            pipeline: 2
            interleave: 4
            microBatch: 2
            sharding: zero-2
            shardGroup: 2
            reshard: false
            prefetch: false
            recompute: selective
            gradientBytes: 2
            overlapData: false
            overlapTensor: true
            overlapTensorGradients: false
            overlapExpert: true
            overlapPipeline: false
            overlapSteps: true
            schedule: interleaved-1f1b
            scheduleGroup: 2
          frozenWeights: true
          memory:
            stack: torch-fsdp
            masterBytes: 2
            momentBytes: 1
            fp8Weights: true
            loss: fused
            compiled: true
            offloadBlocks: 1
            offloadOptimizer: 25 %
        """;

    [Fact]
    public void Every_key_of_every_section_binds_and_is_not_explained_as_a_default()
    {
        var document = DesignDocument.Parse(Full, "d.yaml");
        var (design, site, job) = (document.Design, document.Design.Site, document.Design.Job!);
        Assert.Equal(("everything", "a design that says all it can", 64), (design.Name, design.Description, design.Accelerators.Systems));
        Assert.Equal((FabricProtocol.Infiniband, "fat-tree", 2, 4, 64, 1.25),
            (design.Fabric.Protocol, design.Fabric.Topology, design.Fabric.Tiers, design.Fabric.SystemsPerUnit, design.Fabric.SystemsPerPod, design.Fabric.PriceFactor.Value));
        Assert.Equal(("enhanced-ecmp", 8, 1, 0.01, 1), (design.Fabric.LoadBalancing!.Key, design.Fabric.QueuePairs, design.Fabric.Failed.LeafUplinks, design.Fabric.Failed.LeafSpine, design.Fabric.Failed.Rails));
        Assert.Equal((6, 9, 2, NetworkPlacement.MiddleOfRow), (site.Floor.Rows, site.Floor.RacksPerRow, site.Floor.SystemsPerRack, site.Floor.NetworkRacks));
        Assert.Equal(("3.3 m", "700 mm", "25 m", 2), ($"{site.Floor.AislePitch}", $"{site.Floor.RackPitch}", $"{site.Floor.HallDistance}", site.Floor.Halls));
        Assert.Equal("800g-2xdr4", site.Links.Classes!["leaf-spine"]);
        Assert.Equal((LinkPreference.FewestWatts, MediaChoice.Optics, 3), (site.Links.Policy, site.Links.Media, site.Links.Connectors));
        Assert.Equal("800g-2xdr4", site.Links.NodeLeaf);
        Assert.Equal(20, site.Assumptions!.Restart.Value.Minutes, 9);
        Assert.Equal(("0.05 USD/kWh", 1.1), (site.Electricity!.Value.Value.ToString(), site.PowerUsageEffectiveness!.Value.Value));
        Assert.Equal((4096, 1024, Precision.Fp8, 256, 1000.0), (job.Sequence, job.GlobalBatch, job.Precision, job.Accelerators, job.TrainingTokensBillions));
        Assert.Equal(30, job.CheckpointInterval!.Value.Minutes, 9);
        Assert.True(job.FrozenWeights);
        Assert.Equal(
            new Parallelism
            {
                Tensor = 2,
                SequenceParallel = false,
                Context = 2,
                ContextMethod = ContextMethod.AllGather,
                ExpertTensor = 2,
                ExpertCapacity = 1.5,
                ExpertImbalance = 1.2,
                ExpertNodes = 4,
                ExpertDispatch = ExpertDispatch.AllToAll,
                Graphs = RecordedGraphs.Iteration,
                Pipeline = 2,
                Interleave = 4,
                MicroBatch = 2,
                Sharding = Sharding.Gradients,
                ShardGroup = 2,
                Reshard = false,
                Prefetch = false,
                Recompute = Recomputation.Selective,
                GradientBytes = 2,
                OverlapData = false,
                OverlapTensor = true,
                OverlapTensorGradients = false,
                OverlapExpert = true,
                OverlapPipeline = false,
                OverlapSteps = true,
                Schedule = PipelineKind.Interleaved,
                ScheduleGroup = 2,
            },
            job.Parallelism);
        Assert.Equal(
            new MemoryPlan
            {
                Stack = TrainingStack.TorchFsdp,
                MasterBytes = 2,
                MomentBytes = 1,
                Fp8Weights = true,
                Loss = LossKernel.Fused,
                Compiled = true,
                OffloadBlocks = 1,
                OffloadOptimizer = Ratio.From(0.25),
            },
            job.Memory);

        var evaluation = Designs.Evaluate(Full);
        Assert.Equal(2, evaluation.Build.Floor.SystemsPerRack);
        Assert.Equal(1.1, evaluation.Build.Site.PowerUsageEffectiveness.Value);
        var left = Designs.Explain(evaluation).Where(v => v.Section == "design").Select(v => v.Name);
        Assert.Equal(["job.parallelism.choice", "job.parallelism.expert"], left);
    }

    [Fact]
    public void What_is_left_out_is_listed_with_what_was_chosen()
    {
        var values = Designs.Explain(Designs.Example(Designs.SuperPod)).Where(v => v.Section == "design").ToDictionary(v => v.Name);
        Assert.Equal(("2", "chosen: the fewest that can join all systems"), (values["fabric.tiers"].Value, values["fabric.tiers"].Source));
        Assert.Equal(("1016", "chosen: all of the cluster"), (values["job.accelerators"].Value, values["job.accelerators"].Source));
        Assert.Equal(("1", "default of the document format"), (values["fabric.priceFactor"].Value, values["fabric.priceFactor"].Source));
        Assert.DoesNotContain("fabric.managementLinks", values.Keys);
    }

    [Fact]
    public void A_part_changed_in_place_changes_the_result_and_is_explained_by_its_line()
    {
        var usual = Designs.Example(Designs.SuperPod);
        var changed = Designs.Example(Designs.SuperPod, ("switch: qm9700", "switch: { basedOn: qm9700, power: 1.9 kW }"));
        Assert.Equal(48 * 1900, Power(changed), 6);
        Assert.Equal(48 * 747, Power(usual), 6);
        Assert.NotEqual(usual.Id, changed.Id);
        var figure = Assert.Single(Designs.Explain(changed), v => v is { Section: "switch qm9700*", Name: "power" });
        Assert.Equal(("1.9 kW", "d.yaml:12:37", Grade.Assumption), (figure.Value, figure.Source, figure.Grade));
        // The rest keeps its own sources.
        Assert.All(Designs.Explain(changed).Where(v => v.Section == "switch qm9700*" && v.Name != "power"), v => Assert.DoesNotContain("d.yaml", v.Source, StringComparison.Ordinal));

        static double Power(Evaluation e) => e.Power.Items.Where(i => i.Name.EndsWith("switches", StringComparison.Ordinal)).Sum(i => i.InUse.Watts);
    }

    [Fact]
    public void An_alias_stands_for_what_it_names()
    {
        var twice = Designs.Example(Designs.SuperPod, ("switch: qm9700", "switch: &box { basedOn: qm9700, power: 1.9 kW }\n  spineSwitch: *box"));
        Assert.All(twice.Build.Plan.Tiers, t => Assert.Equal("1.9 kW", t.Switch.Power!.Value.Value.ToString()));
    }

    [Fact]
    public void A_design_without_a_job_is_engineered_and_priced_and_not_timed()
    {
        var text = Designs.Text(Designs.SuperPod);
        var evaluation = Designs.Evaluate(text[..text.IndexOf("job:", StringComparison.Ordinal)]);
        Assert.Null(evaluation.Outcome);
        Assert.Null(evaluation.Ledger);
        Assert.Null(evaluation.MillionTokens);
        Assert.True(evaluation.Economics.TotalCapital.Value.Dollars > 1e7);
    }

    [Fact]
    public void The_hash_sees_values_and_not_how_they_are_written()
    {
        var text = Designs.Text(Designs.SuperPod);
        var hash = Hash(text);
        Assert.Equal(hash, Hash("# another comment\n" + text.Replace("systems: 127", "systems:    127   # as built", StringComparison.Ordinal)));
        Assert.Equal(hash, Hash(text.Replace("\n", "\r\n", StringComparison.Ordinal)));
        Assert.Equal(hash, Hash(text.Replace("  systems: 127\n", "", StringComparison.Ordinal).Replace("accelerators:\n", "accelerators:\n  systems: 127\n", StringComparison.Ordinal)));
        Assert.Equal(hash, Hash(text.Replace("{ tensor: 4, pipeline: 2 }", "{ pipeline: 2, tensor: 4 }", StringComparison.Ordinal)));
        Assert.Equal(hash, Hash(text.Replace("parallelism: { tensor: 4, pipeline: 2 }", "parallelism:\n    tensor: 4\n    pipeline: 2", StringComparison.Ordinal)));
    }

    [Fact]
    public void The_hash_changes_with_every_value()
    {
        var lines = Designs.Text(Designs.SuperPod).Split('\n');
        var seen = new HashSet<string> { Hash(string.Join('\n', lines)) };
        var changed = 0;
        foreach (var (old, with) in new[]
        {
            ("1,016 H100", "1,017 H100"), ("Four scalable", "Five scalable"), ("dgx-h100", "hgx-h100"), ("127\n", "126\n"), ("infiniband\n", "rocev2\n"),
            ("rail-optimized", "fat-tree"), ("qm9700", "q3400-ra"), ("systemsPerUnit: 32", "systemsPerUnit: 31"), ("Links: 4", "Links: 5"),
            ("rows: 8", "rows: 9"), ("racksPerRow: 8", "racksPerRow: 9"), ("systemsPerRack: 4", "systemsPerRack: 3"), ("3.0 m", "3.1 m"), ("0.75 m", "0.76 m"),
            ("cheapest-feasible", "fewest-watts"), ("0.08 USD", "0.09 USD"), ("70b", "8b"), ("8192", "4096"), ("globalBatch: 1016", "globalBatch: 2032"),
            ("bf16", "fp8"), ("tensor: 4", "tensor: 8"), ("pipeline: 2", "pipeline: 1"), ("15000", "15001"), ("tensor: 4", "expert: 4"),
        })
        {
            Assert.True(seen.Add(Hash(Designs.Changed(Designs.SuperPod, (old, with)))), $"{old} -> {with} has the hash of another");
            changed++;
        }
        Assert.Equal(changed + 1, seen.Count);
    }

    [Theory]
    [InlineData("globalBatch: 1016", "globalBatch: 1000", "d.yaml:22:16: job.globalBatch: 1,000 sequences do not split into 127 replicas of microbatches of 1; the nearest numbers that it divides are 889 and 1,016")]
    [InlineData("precision: bf16", "precision: bf16\n  accelerators: 2000", "d.yaml:24:17: job.accelerators: the job wants 2,000 accelerators and the cluster has 1,016")]
    [InlineData("systems: 127", "systems: 1000000", "d.yaml:8:12: accelerators.systems: 1,000,000 systems of 8 ports don't fit 3 tiers of 64-, 64- and 64-port switches; the nearest possible count is 8,191")]
    [InlineData("links: cheapest-feasible", "links: { leaf-spine: 800g-2xdr5 }", "d.yaml:17:24: site.links.leaf-spine: there is no transceiver or copper cable '800g-2xdr5'; did you mean '800g-2xdr4'?")]
    [InlineData("switch: qm9700", "switch: { basedOn: qm9700, protocols: [] }", "d.yaml:12:3: fabric.switch: 'qm9700*' speaks nothing, and infiniband needs infiniband")]
    [InlineData("model: llama-3.1-70b", "model: { basedOn: llama-3.1-70b, keyValueHeads: 3 }", "d.yaml:20:51: job.model.keyValueHeads: 3 key-value heads do not divide the 64 heads")]
    [InlineData("model: llama-3.1-70b", "model: { basedOn: llama-3.1-70b, hidden: 8 }", "d.yaml:20:3: job.model.heads: 64 heads share a hidden size of 8; expected at most that many heads, or 'headSize'")]
    [InlineData("tensor: 4", "tensor: 4, expert: 2", "d.yaml:24:37: job.parallelism.expert: the model 'llama-3.1-70b' has no experts to split")]
    public void A_design_that_can_t_be_is_told_where_and_what_could(string old, string with, string message) =>
        Assert.Equal(message, Assert.Throws<InputException>(() => Designs.Example(Designs.SuperPod, (old, with))).Message);

    [Fact]
    public void No_more_experts_are_visited_than_there_are()
    {
        var wrong = Assert.Throws<InputException>(() => Designs.Example(Designs.CoPackaged,
            ("model: deepseek-v3", "model: { basedOn: deepseek-v3, experts: { perToken: 257 } }")));
        Assert.EndsWith("job.model.experts: each token visits 257 of 256 experts; expected at most all", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_job_on_more_accelerators_than_any_may_have_is_refused_and_not_wrapped_round()
    {
        var wrong = Assert.Throws<InputException>(() => Designs.Example(Designs.SuperPod, ("system: dgx-h100", "system: { basedOn: dgx-h100, accelerators: 100000, nics: 1 }"),
            ("systems: 127", "systems: 1000000"), ("switch: qm9700", "switch: { basedOn: qm9700, ports: 100000 }")));
        Assert.EndsWith("a job runs on at most 10,000,000 accelerators; the cluster has 100,000,000,000", wrong.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_text_can_t_carry_an_escape_sequence_into_a_report_or_a_message()
    {
        Assert.Equal("d.yaml:2:7: expected a text, found the control character U+001B in it",
            Assert.Throws<InputException>(() => DesignDocument.Parse("lightloom: 1\nname: \"\\e[31mred\"", "d.yaml")).Message);
        var wrong = Assert.Throws<InputException>(() => DesignDocument.Parse("\"\\e[31mred\\nblue\": 1", "d.yaml"));
        Assert.DoesNotContain(wrong.Message, char.IsControl);
    }

    static string Hash(string text) => DesignDocument.Parse(text, "d.yaml").Hash;
}
