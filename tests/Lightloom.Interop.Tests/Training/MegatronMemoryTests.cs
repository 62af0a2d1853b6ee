using Lightloom.Interop.Training;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Interop.Tests.Training;

/// <summary>What Megatron-LM's arguments say of experts, number formats, states and schedules.</summary>
public class MegatronMemoryTests
{
    static readonly ImportOptions On64 = new() { Accelerators = 64 };

    static ImportedJob Read(string arguments) => LaunchFiles.Read("a.txt", $"{MegatronImportTests.Plain}\n{arguments}\n", On64);

    // Tensor 2, no pipeline: 32 replicas.
    static string Flat(string arguments) => MegatronImportTests.Plain.Replace("--pipeline-model-parallel-size 4", "", StringComparison.Ordinal)
        .Replace("--num-layers-per-virtual-pipeline-stage 2", "", StringComparison.Ordinal) + $"\n{arguments}\n";

    static ImportedJob ReadFlat(string arguments) => LaunchFiles.Read("a.txt", Flat(arguments), On64);

    static string Refused(string text)
    {
        var message = LaunchFiles.Refused("a.txt", text, On64);
        Assert.Contains("a.txt:", message);
        return message;
    }

    const string Experts = "--num-experts 8 --vocab-size 32000 --expert-model-parallel-size 8 ";

    [Fact]
    public void Experts_are_split_as_the_rest_unless_said()
    {
        Assert.Null(ReadFlat(Experts).Parallelism.ExpertTensor);
        var folded = ReadFlat(Experts + "--expert-tensor-parallel-size 1").Parallelism;
        // Eight neighbours hold all experts: four replicas of two tensor ranks.
        Assert.Equal((1, 4), (folded.ExpertTensor!.Value, folded.ExpertReplicas));
        // An expert group takes context ranks as well, which is said even where tensor ranks split experts as the rest.
        Assert.Equal(2, ReadFlat(Experts + "--context-parallel-size 2").Parallelism.ExpertTensor);
        Assert.Equal(1, ReadFlat("--num-experts 8 --vocab-size 32000 --expert-tensor-parallel-size 1").Parallelism.ExpertTensor);
        Assert.Equal(ArgumentUse.NoEffect, Read("--expert-tensor-parallel-size 1").Arguments.Single(a => a.Name == "--expert-tensor-parallel-size").Use);
        Assert.Contains("experts over 4 tensor ranks and the rest over 2 are not modelled; expected a divisor of 2, nearest: 2", Refused(Flat("--num-experts 8 --vocab-size 32000 --expert-tensor-parallel-size 4")));
        Assert.Contains("expert 8 x expert tensor 3 x pipeline 1 = 24 does not divide the 64 accelerators", Refused(Flat(Experts + "--expert-tensor-parallel-size 3")));
    }

    [Fact]
    public void Routing_is_limited_to_groups_and_room()
    {
        var p = ReadFlat(Experts + "--moe-router-num-groups 4 --moe-router-group-topk 2 --moe-expert-capacity-factor 1.25 --moe-pad-expert-input-to-capacity").Parallelism;
        Assert.Equal((2, 1.25), (p.ExpertNodes!.Value, p.ExpertCapacity!.Value));
        Assert.Null(ReadFlat(Experts + "--moe-expert-capacity-factor -1").Parallelism.ExpertCapacity);
        Assert.Contains(ReadFlat(Experts + "--moe-expert-capacity-factor 2").Assumptions, a => a.Contains("leaves empty are computed here", StringComparison.Ordinal));
        Assert.Null(ReadFlat(Experts + "--moe-router-num-groups 4").Parallelism.ExpertNodes);
        Assert.Null(ReadFlat(Experts + "--moe-router-num-groups 4 --moe-router-group-topk 4").Parallelism.ExpertNodes);
        Assert.Contains("3 groups do not divide the 8 experts; nearest: 2 and 4", Refused(Flat(Experts + "--moe-router-num-groups 3 --moe-router-group-topk 1")));
        Assert.Contains("a token can't visit 5 of 4 groups", Refused(Flat(Experts + "--moe-router-num-groups 4 --moe-router-group-topk 5")));
        Assert.Contains("with --moe-router-num-groups alone", Refused(Flat(Experts + "--moe-router-group-topk 2")));
        Assert.Contains("expected from 0.1 to 100, or below 0 for none, found 0.01", Refused(Flat(Experts + "--moe-expert-capacity-factor 0.01")));
        Assert.Contains("expected a number, found 'much'", Refused(Flat(Experts + "--moe-expert-capacity-factor much")));
        Assert.Contains("with --moe-expert-capacity-factor alone", Refused(Flat(Experts + "--moe-pad-expert-input-to-capacity")));
    }

    [Fact]
    public void Tokens_travel_beside_another_microbatch_where_Megatron_can()
    {
        const string Overlap = "--overlap-moe-expert-parallel-comm";
        Assert.True(ReadFlat(Experts + Overlap).Parallelism.OverlapExpert);
        Assert.True(Read(Experts + Overlap).Parallelism.OverlapExpert);
        Assert.False(ReadFlat(Experts).Parallelism.OverlapExpert);
        Assert.Contains("with --expert-model-parallel-size above 1 alone", Refused(Flat($"--num-experts 8 --vocab-size 32000 {Overlap}")));
        Assert.Contains("with virtual stages alone", Refused(MegatronImportTests.Plain.Replace("--num-layers-per-virtual-pipeline-stage 2", Experts + Overlap, StringComparison.Ordinal)));
        Assert.Contains("does not take it with --recompute-granularity full", Refused(Flat($"{Experts}{Overlap} --recompute-granularity full --recompute-method uniform --recompute-num-layers 1")));
        Assert.Contains("alltoall or flex alone", Refused(Flat($"{Experts}{Overlap} --moe-token-dispatcher-type allgather")));
    }

    [Theory]
    [InlineData("", ExpertDispatch.Fused)]
    [InlineData("--moe-token-dispatcher-type flex", ExpertDispatch.Fused)]
    [InlineData("--moe-token-dispatcher-type alltoall", ExpertDispatch.AllToAll)]
    [InlineData("--moe-token-dispatcher-type alltoall --moe-permute-fusion", ExpertDispatch.AllToAll)]
    [InlineData("--moe-token-dispatcher-type allgather", ExpertDispatch.Fused)]
    public void Tokens_are_permuted_by_kernels_of_their_own_around_a_plain_all_to_all(string arguments, ExpertDispatch dispatch)
    {
        var job = ReadFlat($"{Experts}{arguments}");
        Assert.Equal(dispatch, job.Parallelism.ExpertDispatch);
        if (arguments.Length == 0) return;
        var use = arguments.EndsWith("allgather", StringComparison.Ordinal) ? ArgumentUse.NotModelled : ArgumentUse.Used;
        Assert.Equal(use, Assert.Single(job.Arguments, a => a.Name == "--moe-token-dispatcher-type").Use);
    }

    [Theory]
    [InlineData("", RecordedGraphs.None)]
    [InlineData("--cuda-graph-impl none", RecordedGraphs.None)]
    [InlineData("--cuda-graph-impl local", RecordedGraphs.Parts)]
    [InlineData("--cuda-graph-impl transformer_engine --cuda-graph-modules attn moe_router", RecordedGraphs.Parts)]
    [InlineData("--cuda-graph-impl transformer_engine --cuda-graph-scope [moe_router,moe_preprocess]", RecordedGraphs.None)]
    [InlineData("--cuda-graph-impl local --cuda-graph-scope full_iteration", RecordedGraphs.Iteration)]
    [InlineData("--cuda-graph-impl full_iteration", RecordedGraphs.Iteration)]
    [InlineData("--enable-cuda-graph", RecordedGraphs.Parts)]
    [InlineData("--external-cuda-graph --cuda-graph-scope attn", RecordedGraphs.Parts)]
    public void What_is_recorded_is_what_the_arguments_say(string arguments, RecordedGraphs expected)
    {
        var job = ReadFlat($"{Experts}{arguments}");
        Assert.Equal(expected, job.Parallelism.Graphs);
        Assert.All(job.Arguments.Where(a => a.Name.Contains("cuda-graph", StringComparison.Ordinal)), a => Assert.Equal(ArgumentUse.Used, a.Use));
        // Without experts the host runs ahead whatever is recorded.
        var dense = Read(arguments);
        Assert.Null(dense.Parallelism.Graphs);
        Assert.All(dense.Arguments.Where(a => a.Name.Contains("cuda-graph", StringComparison.Ordinal)), a => Assert.Equal(ArgumentUse.NotModelled, a.Use));
    }

    [Theory]
    [InlineData("--cuda-graph-impl sometimes", "expected none, local, transformer_engine or full_iteration, found 'sometimes'")]
    [InlineData("--enable-cuda-graph --external-cuda-graph", "contradicts --enable-cuda-graph")]
    [InlineData("--external-cuda-graph --cuda-graph-impl local", "contradicts --external-cuda-graph")]
    public void Graphs_that_contradict_each_other_are_refused(string arguments, string message) => Assert.Contains(message, Refused(Flat($"{Experts}{arguments}")));

    [Theory]
    [InlineData("", true, false)]
    [InlineData("--no-async-tensor-model-parallel-allreduce", false, false)]
    [InlineData("--no-async-tensor-model-parallel-allreduce --sequence-parallel", true, true)]
    public void Input_gradients_are_waited_for_where_the_arguments_say_so(string arguments, bool overlaps, bool without)
    {
        var job = LaunchFiles.Read("a.txt", $"{MegatronImportTests.Plain.Replace("--sequence-parallel", "", StringComparison.Ordinal)}\n{arguments}\n", On64);
        Assert.Equal(overlaps, job.Parallelism.OverlapTensorGradients);
        if (arguments.Length > 0)
            Assert.Equal(without ? ArgumentUse.NoEffect : ArgumentUse.Used, Assert.Single(job.Arguments, a => a.Name == "--no-async-tensor-model-parallel-allreduce").Use);
    }

    [Theory]
    [InlineData("", Precision.Bf16)]
    [InlineData("--fp8-format hybrid", Precision.Fp8)]
    [InlineData("--fp8-format e4m3 --fp8-recipe tensorwise", Precision.Fp8)]
    [InlineData("--fp8-format e4m3 --fp8-recipe blockwise", Precision.Fp8)]
    [InlineData("--fp8-format e4m3 --fp8-recipe mxfp8", Precision.Mxfp8)]
    [InlineData("--fp4-format e2m1 --fp4-recipe nvfp4", Precision.Nvfp4)]
    [InlineData("--fp8-recipe mxfp8", Precision.Bf16)]
    public void Formats_have_their_scales(string arguments, Precision expected) => Assert.Equal(expected, Read(arguments).Precision);

    [Theory]
    [InlineData("", 4, 4, 4)]
    [InlineData("--use-precision-aware-optimizer", 2, 4, 4)]
    [InlineData("--use-precision-aware-optimizer --exp-avg-dtype bf16 --exp-avg-sq-dtype bf16", 2, 2, 4)]
    [InlineData("--use-precision-aware-optimizer --exp-avg-dtype fp8 --exp-avg-sq-dtype bf16", 2, 2, 4)]
    [InlineData("--use-precision-aware-optimizer --exp-avg-dtype fp8 --exp-avg-sq-dtype fp8 --main-params-dtype fp16", 2, 1, 4)]
    [InlineData("--use-precision-aware-optimizer --main-grads-dtype bf16", 2, 4, 2)]
    [InlineData("--use-precision-aware-optimizer --fp8-format e4m3 --fp8-recipe mxfp8", 4, 4, 4)]
    [InlineData("--use-precision-aware-optimizer --fp8-format e4m3 --fp8-recipe delayed", 2, 4, 4)]
    [InlineData("--use-precision-aware-optimizer --optimizer-cpu-offload", 4, 4, 4)]
    public void States_are_as_wide_as_the_optimiser_has_them(string arguments, int master, int moment, int gradient)
    {
        var job = Read(arguments);
        Assert.Equal((master, moment, gradient), (job.Memory.MasterBytes, job.Memory.MomentBytes, job.Parallelism.GradientBytes));
    }

    [Fact]
    public void The_host_holds_what_is_handed_to_it()
    {
        Assert.Equal(0.25, Read("--use-precision-aware-optimizer --optimizer-cpu-offload --optimizer-offload-fraction 0.25").Memory.OffloadOptimizer.Si);
        Assert.Equal(1, Read("--use-precision-aware-optimizer --optimizer-cpu-offload").Memory.OffloadOptimizer.Si);
        Assert.Equal(0, Read("--optimizer-offload-fraction 0.25").Memory.OffloadOptimizer.Si);
        Assert.Equal(5, ReadFlat("--cpu-offloading-num-layers 5").Memory.OffloadBlocks);
        Assert.Contains("with --use-precision-aware-optimizer alone", Refused(Flat("--optimizer-cpu-offload")));
        Assert.Contains("expected from 0 to 1, found 1.5", Refused(Flat("--use-precision-aware-optimizer --optimizer-cpu-offload --optimizer-offload-fraction 1.5")));
        Assert.Contains("expected fewer than the 32 layers, found 32", Refused(Flat("--cpu-offloading-num-layers 32")));
        Assert.Contains("without a pipeline alone", Refused($"{MegatronImportTests.Plain}\n--cpu-offloading-num-layers 3\n"));
        Assert.Contains("without recomputation alone", Refused(Flat("--cpu-offloading-num-layers 3 --recompute-activations")));
    }

    [Theory]
    [InlineData("uniform --recompute-num-layers 1", null)]
    [InlineData("uniform --recompute-num-layers 4", null)]
    // Four virtual stages of two layers: one of each is four of eight.
    [InlineData("block --recompute-num-layers 1", 4)]
    [InlineData("block --recompute-num-layers 2", null)]
    [InlineData("block --recompute-num-layers 0", 0)]
    public void Some_layers_of_each_virtual_stage_are_computed_again(string method, int? blocks)
    {
        var job = Read($"--recompute-granularity full --recompute-method {method}");
        Assert.Equal((Recomputation.Full, blocks), (job.Parallelism.Recompute!.Value, job.Memory.RecomputeBlocks));
        Assert.Equal(7, ReadFlat("--recompute-granularity full --recompute-method block --recompute-num-layers 7").Memory.RecomputeBlocks);
    }

    [Fact]
    public void Sets_of_states_are_shared_by_as_many_ranks_as_remain()
    {
        Assert.Equal(8, ReadFlat("--num-distributed-optimizer-instances 4").Parallelism.ShardGroup);
        Assert.Equal(16, ReadFlat("--num-distributed-optimizer-instances 2 --context-parallel-size 2").Parallelism.ShardGroup);
        Assert.Null(ReadFlat("--num-distributed-optimizer-instances 1").Parallelism.ShardGroup);
        Assert.Contains("3 sets of states do not divide the 32 data and context ranks; nearest: 2 and 4", Refused(Flat("--num-distributed-optimizer-instances 3")));
        Assert.Contains("nothing is sharded", Refused(Flat("--num-distributed-optimizer-instances 2").Replace("--use-distributed-optimizer", "", StringComparison.Ordinal)));
        Assert.Contains(ReadFlat("--use-megatron-fsdp --num-distributed-optimizer-instances 2 --outer-dp-sharding-strategy optim").Assumptions, a => a.Contains("shares optimiser states over the sets", StringComparison.Ordinal));
    }

    [Fact]
    public void Weights_in_low_precision_need_their_format()
    {
        Assert.True(Read("--fp8-format e4m3 --fp8-recipe mxfp8 --fp8-param-gather").Memory.Fp8Weights);
        Assert.True(Read("--fp4-format e2m1 --fp4-param-gather").Memory.Fp8Weights);
        Assert.False(Read("--fp8-param-gather").Memory.Fp8Weights);
        Assert.Contains("with --fp4-format alone", Refused(Flat("--fp8-format e4m3 --fp4-param-gather")));
        Assert.Contains("with --use-distributed-optimizer or --use-megatron-fsdp alone", Refused(Flat("--fp8-format e4m3 --fp8-param-gather").Replace("--use-distributed-optimizer", "", StringComparison.Ordinal)));
        Assert.Equal(LossKernel.Fused, Read("--cross-entropy-loss-fusion --cross-entropy-fusion-impl te").Memory.Loss);
        Assert.Null(Read("--cross-entropy-loss-fusion --cross-entropy-fusion-impl native").Memory.Loss);
        Assert.Null(Read("--cross-entropy-fusion-impl te").Memory.Loss);
        Assert.Same(MemoryPlan.Default, Read("").Memory);
    }

    [Theory]
    [InlineData("p2p", ContextMethod.Ring, ArgumentUse.Used)]
    [InlineData("all_gather", ContextMethod.AllGather, ArgumentUse.Used)]
    [InlineData("a2a", ContextMethod.Ring, ArgumentUse.NotModelled)]
    [InlineData("p2p a2a", ContextMethod.Ring, ArgumentUse.NotModelled)]
    public void Keys_and_values_travel_as_said(string type, ContextMethod expected, ArgumentUse use)
    {
        var job = ReadFlat($"--context-parallel-size 2 --cp-comm-type {type}");
        Assert.Equal((expected, use), (job.Parallelism.ContextMethod, job.Arguments.Single(a => a.Name == "--cp-comm-type").Use));
        Assert.Equal(ArgumentUse.NoEffect, ReadFlat($"--cp-comm-type {type}").Arguments.Single(a => a.Name == "--cp-comm-type").Use);
        Assert.Contains("expected p2p, all_gather, a2a or a2a+p2p, found 'post'", Refused(Flat("--context-parallel-size 2 --cp-comm-type post")));
    }

    [Theory]
    [InlineData("--enable-zero-bubble --zero-bubble-max-pending-backward 4", PipelineKind.ZeroBubbleH1)]
    [InlineData("--enable-zero-bubble --zero-bubble-max-pending-backward 8", PipelineKind.ZeroBubbleH2)]
    [InlineData("--enable-zero-bubble --zero-bubble-max-pending-backward auto", PipelineKind.ZeroBubbleH1)]
    [InlineData("--zero-bubble-v-schedule", PipelineKind.ZeroBubbleV)]
    [InlineData("--zero-bubble-v-schedule --zero-bubble-v-schedule-mem-setup half", PipelineKind.VHalf)]
    [InlineData("--zero-bubble-v-schedule --zero-bubble-v-schedule-mem-setup min", PipelineKind.VMin)]
    [InlineData("--schedules-method dualpipev", PipelineKind.DualPipeV)]
    public void Schedules_of_other_versions_have_their_names(string arguments, PipelineKind expected)
    {
        var text = MegatronImportTests.Plain.Replace("--num-layers-per-virtual-pipeline-stage 2", arguments, StringComparison.Ordinal);
        Assert.Equal(expected, LaunchFiles.Read("a.txt", text, On64).Parallelism.Schedule);
        Assert.Contains("contradicts virtual stages", Refused($"{MegatronImportTests.Plain}\n{arguments}\n"));
        Assert.Null(ReadFlat(arguments).Parallelism.Schedule);
        Assert.True(LaunchFiles.Read("a.txt", text + "\n--enable-optimizer-post-validation\n", On64).Parallelism.OverlapSteps);
    }
}
