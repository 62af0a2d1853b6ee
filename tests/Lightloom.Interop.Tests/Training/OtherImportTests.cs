using CsCheck;
using Lightloom.Catalog.Documents;
using Lightloom.Interop.Training;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Interop.Tests.Training;

/// <summary>torchtitan's TOML, MLPerf's config_*.sh, Megatron-Bridge's and NeMo's fields, Calculon's JSON; samples written anew.</summary>
public class OtherImportTests
{
    const string Titan = """
        # 405B on 512
        [job]
        description = "Llama 3 405B"

        [model]
        name = "llama3"
        flavor = "405B"
        converters = ["float8"]

        [optimizer]
        lr = 8e-5

        [training]
        local_batch_size = 2
        seq_len = 8_192
        steps = 3000

        [parallelism]
        data_parallel_shard_degree = -1
        tensor_parallel_degree = 8  # eight
        enable_async_tensor_parallel = true
        pipeline_parallel_degree = 1

        [activation_checkpoint]
        mode = "full"

        [compile]
        enable = true

        [quantize.linear.float8]
        filter_fqns = ["output"]
        """;

    const string Mlperf = """
        source $(dirname ${BASH_SOURCE[0]})/config_common.sh
        source $(dirname ${BASH_SOURCE[0]})/config_common_405b.sh

        export MINIBS=288
        export TENSOR_MODEL_PARALLEL=8
        export PIPELINE_MODEL_PARALLEL=8
        export INTERLEAVED_PIPELINE=8
        export CONTEXT_PARALLEL=2
        export MICRO_BATCH_SIZE=1
        export TP_COMM_OVERLAP=True
        export ASYM_PP_EMBED=True
        export ASYM_PP_LOSS=True
        export DGXNNODES=64
        export DGXNGPU=8
        export DGXSYSTEM=$(basename $(readlink -f ${BASH_SOURCE[0]}) | sed 's/^config_//' | sed 's/\.sh$//' )
        export WALLTIME=$((5 + ${NEXP:-1} * (200 + 5)))
        """;

    const string Common = "export USE_DIST_OPTIMIZER=True\nexport FP8=True\nexport NCCL_MIN_CTAS=16\n: \"${LOAD_MINIMAL_NUM_SAMPLES:=0}\"\nif [[ \"${LOAD_MINIMAL_NUM_SAMPLES}\" -eq 1 ]]; then\n  export MAX_STEPS=500\nfi\nexport OVERLAP_GRAD_REDUCE=True\n";

    static readonly (string, string)[] Beside = [("config_common.sh", Common), ("config_common_405b.sh", "export VAL_SAMPLES=1024\n")];

    const string Bridge = """
        model:
          num_layers: 32
          hidden_size: 4096
          ffn_hidden_size: 14336
          num_attention_heads: 32
          num_query_groups: 8
          gated_linear_unit: true
          add_bias_linear: false
          normalization: RMSNorm
          position_embedding_type: rope
          share_embeddings_and_output_weights: false
          vocab_size: 128256
          seq_length: ${dataset.sequence_length}
          tensor_model_parallel_size: 2
          sequence_parallel: true
          pipeline_model_parallel_size: 4
          virtual_pipeline_model_parallel_size: 4
          context_parallel_size: 1
          recompute_granularity: null
          fp8: hybrid
        train:
          global_batch_size: 128
          micro_batch_size: 1
          train_iters: 10
        mixed_precision: bf16_mixed
        ddp:
          grad_reduce_in_fp32: false
          overlap_grad_reduce: true
        optimizer:
          lr: 3.0e-4
        dataset:
          sequence_length: 8192
        trainer:
          num_nodes: 8
          devices: 8
        """;

    [Fact]
    public void Torchtitan_is_read()
    {
        var job = LaunchFiles.Read("llama3_405b.toml", Titan, new() { Words = ["NGPU=512", "--training.local_batch_size", "4"] });
        Assert.Equal(("torchtitan", 512, 8192, 256, Precision.Fp8, "llama-3.1-405b"), (job.Kind, job.Accelerators, job.Sequence, job.GlobalBatch, job.Precision, job.Model.Key));
        Assert.Equal(new Parallelism { Tensor = 8, Interleave = 1, MicroBatch = 4, Sharding = Sharding.Weights, Recompute = Recomputation.Full, OverlapTensor = true }, job.Parallelism);
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        Assert.Equal(20, job.Arguments.Single(a => a.Name == "parallelism.tensor_parallel_degree").Mark.Line);
    }

    [Fact]
    public void Torchtitan_cuts_layers_with_its_ends_counted()
    {
        var text = Titan.Replace("pipeline_parallel_degree = 1", "pipeline_parallel_degree = 8\npipeline_parallel_schedule = \"Interleaved1F1B\"", StringComparison.Ordinal).Replace("local_batch_size = 2", "local_batch_size = 16", StringComparison.Ordinal);
        var p = LaunchFiles.Read("a.toml", text, new() { Accelerators = 512 }).Parallelism;
        Assert.Equal((8, 2, PipelineKind.Interleaved, Sharding.Weights, false, 1), (p.Pipeline, p.Interleave!.Value, p.Schedule!.Value, p.Sharding, p.Reshard, p.MicroBatch));
        Assert.Equal([7, .. Enumerable.Repeat(8, 14), 7], p.StageLayers);
        var uneven = LaunchFiles.Read("b.toml", text.Replace("Interleaved1F1B\"", "1F1B\"\npipeline_parallel_last_stage_less_layers = 3", StringComparison.Ordinal), new() { Accelerators = 512 }).Parallelism;
        Assert.Equal([16, 17, 16, 16, 16, 16, 16, 13], uneven.StageLayers);
    }

    [Theory]
    [InlineData("flavor = \"405B\"", "flavor = \"40B\"", "'40B' is no llama3 that is known; did you mean '405B'?", 7)]
    [InlineData("name = \"llama3\"", "name = \"lama3\"", "'lama3' is no model that is known; did you mean 'llama3'?", 6)]
    [InlineData("tensor_parallel_degree = 8", "tensor_parallel_degree = 7", "512 accelerators are no multiple of replicate x context x tensor x pipeline = 7; the nearest numbers that are: 511 and 518", 20)]
    [InlineData("tensor_parallel_degree = 8", "tensor_parallel_degree = \"8x\"", "expected a whole number, found '8x'", 20)]
    [InlineData("data_parallel_shard_degree = -1", "data_parallel_shard_degree = 4", "= 32, and the job has 512 accelerators", 19)]
    [InlineData("mode = \"full\"", "mode = \"all\"", "expected one of none, selective, full, memory_budget, found 'all'", 25)]
    [InlineData("[training]", "[training", "not valid TOML", 13)]
    [InlineData("steps = 3000", "steps = 3000\nsteps = 1", "not valid TOML", 17)]
    [InlineData("pipeline_parallel_degree = 1", "pipeline_parallel_degree = 2\npipeline_parallel_schedule = \"LoopedBFS\"", "'LoopedBFS' is not modelled", 23)]
    public void Torchtitan_that_is_wrong_says_where(string old, string replacement, string problem, int line)
    {
        Assert.Contains(old, Titan);
        var message = LaunchFiles.Refused("a.toml", Titan.Replace(old, replacement, StringComparison.Ordinal), new() { Accelerators = 512 });
        Assert.Contains(problem, message);
        Assert.Contains($"a.toml:{line}:", message);
    }

    [Fact]
    public void Torchtitan_holds_states_as_FSDP2_does()
    {
        var job = LaunchFiles.Read("a.toml", Titan, new() { Accelerators = 512 });
        Assert.Equal(new MemoryPlan { Stack = TrainingStack.TorchFsdp, Compiled = true, Loss = LossKernel.Fused }, job.Memory);
        ImportedJob With(string old, string replacement)
        {
            Assert.Contains(old, Titan);
            return LaunchFiles.Read("a.toml", Titan.Replace(old, replacement, StringComparison.Ordinal), new() { Accelerators = 512 });
        }
        Assert.Equal((true, (LossKernel?)null), With("enable = true", "enable = true\ncomponents = [\"model\"]").Memory is var plan ? (plan.Compiled, plan.Loss) : default);
        Assert.Equal((false, (LossKernel?)null), With("enable = true", "enable = false").Memory is var plain ? (plain.Compiled, plain.Loss) : default);
        Assert.Equal(1, With("[training]", "[training]\nenable_cpu_offload = true").Memory.OffloadOptimizer.Si);
        Assert.Equal(Precision.Mxfp8, With("[\"float8\"]", "[\"quantize.linear.mx\"]").Precision);
        Assert.Equal(Precision.Fp8, With("[\"float8\"]", "[\"quantize.linear.float8\", \"quantize.grouped_mm.float8\"]").Precision);
        Assert.Equal((Precision.Bf16, ArgumentUse.NoEffect), With("[\"float8\"]", "[]") is var off ? (off.Precision, off.Arguments.Single(a => a.Name.EndsWith("filter_fqns", StringComparison.Ordinal)).Use) : default);
        Assert.True(With("[\"float8\"]", "[\"lora\"]").FrozenWeights);
        Assert.False(job.FrozenWeights);
    }

    [Theory]
    [InlineData("\"full\"", Recomputation.Full, null)]
    [InlineData("\"none\"", Recomputation.None, null)]
    [InlineData("\"selective\"", Recomputation.Full, 63)]
    [InlineData("\"selective\"\nselective_ac_option = \"op\"", Recomputation.Selective, null)]
    [InlineData("\"selective\"\nselective_ac_option = \"3\"", Recomputation.Full, 42)]
    [InlineData("\"selective\"\nselective_ac_option = \"1\"", Recomputation.Full, null)]
    [InlineData("\"selective\"\nselective_ac_option = \"200\"", Recomputation.None, null)]
    public void Torchtitan_computes_every_so_many_layers_again(string mode, Recomputation expected, int? blocks)
    {
        var job = LaunchFiles.Read("a.toml", Titan.Replace("\"full\"", mode, StringComparison.Ordinal), new() { Accelerators = 512 });
        Assert.Equal((expected, blocks), (job.Parallelism.Recompute!.Value, job.Memory.RecomputeBlocks));
    }

    [Theory]
    [InlineData("", true, null, ContextMethod.Ring)]
    [InlineData("fsdp_reshard_after_forward = \"never\"", false, null, ContextMethod.Ring)]
    [InlineData("data_parallel_replicate_degree = 4", true, 16, ContextMethod.Ring)]
    [InlineData("data_parallel_replicate_degree = 4\ncontext_parallel_degree = 2", true, 16, ContextMethod.AllGather)]
    [InlineData("context_parallel_degree = 2\ncontext_parallel_rotate_method = \"alltoall\"", true, null, ContextMethod.Ring)]
    public void Torchtitan_shards_over_shard_and_context_ranks(string fields, bool reshard, int? group, ContextMethod method)
    {
        var p = LaunchFiles.Read("a.toml", Titan.Replace("[parallelism]", $"[parallelism]\n{fields}", StringComparison.Ordinal), new() { Accelerators = 512 }).Parallelism;
        Assert.Equal((Sharding.Weights, reshard, group, method), (p.Sharding, p.Reshard, p.ShardGroup, p.ContextMethod));
    }

    [Fact]
    public void Torchtitan_folds_experts_over_tensor_and_context_ranks()
    {
        var text = Titan.Replace("\"llama3\"", "\"qwen3\"", StringComparison.Ordinal).Replace("\"405B\"", "\"30B-A3B\"", StringComparison.Ordinal)
            .Replace("tensor_parallel_degree = 8", "tensor_parallel_degree = 4\nexpert_parallel_degree = 16", StringComparison.Ordinal);
        var p = LaunchFiles.Read("a.toml", text, new() { Accelerators = 64 }).Parallelism;
        Assert.Equal((16, 1, 4), (p.Expert, p.ExpertTensor!.Value, p.ExpertReplicas));
        Assert.Null(LaunchFiles.Read("a.toml", text.Replace("degree = 16", "degree = 16\nexpert_tensor_parallel_degree = 4", StringComparison.Ordinal), new() { Accelerators = 64 }).Parallelism.ExpertTensor);
        Assert.Contains("takes 1 or the tensor ranks (4), found 2", LaunchFiles.Refused("a.toml", text.Replace("degree = 16", "degree = 16\nexpert_tensor_parallel_degree = 2", StringComparison.Ordinal), new() { Accelerators = 64 }));
    }

    [Fact]
    public void Mlperfs_fine_tuning_lets_adapters_learn()
    {
        const string Lora = "export MINIBS=2\nexport TP=2\nexport PP=1\nexport CP=2\nexport SP=1\nexport MBS=1\nexport FP8=True\nexport DGXNNODES=1\nexport DGXNGPU=8\n";
        var job = LaunchFiles.Read("llama2_70b_lora/config_a.sh", Lora);
        Assert.Equal(("llama-2-70b", true, 8192, 4, 8), (job.Model.Key.TrimEnd('*'), job.FrozenWeights, job.Sequence, job.GlobalBatch, job.Accelerators));
        Assert.Equal((2, 2, 1, true), (job.Parallelism.Tensor, job.Parallelism.Context, job.Parallelism.MicroBatch, job.Parallelism.SequenceParallel));
        Assert.True(job.ToTrainingJob().FrozenWeights);
        Assert.True(job.Memory.Fp8Weights);
        var again = LaunchFiles.Read("llama2_70b_lora/config_a.sh", Lora.Replace("FP8=True", "FP8=False", StringComparison.Ordinal) + "export ACG=full\nexport ACM=block\nexport ACL=30\n");
        Assert.Equal((Recomputation.Full, 30, false), (again.Parallelism.Recompute!.Value, again.Memory.RecomputeBlocks!.Value, again.Memory.Fp8Weights));
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        Assert.False(LaunchFiles.Read("config.sh", Mlperf, null, Beside).FrozenWeights);
    }

    [Theory]
    [InlineData("", Precision.Fp8, false)]
    [InlineData("export FP8_RECIPE=mxfp8\nexport FP8_PARAM_GATHER=True\n", Precision.Mxfp8, true)]
    [InlineData("export FP4=True\n", Precision.Nvfp4, false)]
    [InlineData("export FP8=False\nexport FP8_PARAM_GATHER=True\n", Precision.Bf16, false)]
    public void Mlperf_says_the_format(string lines, Precision precision, bool weights)
    {
        var job = LaunchFiles.Read("config.sh", Mlperf + "\n" + lines, null, Beside);
        Assert.Equal((precision, weights), (job.Precision, job.Memory.Fp8Weights));
        Assert.Equal(LossKernel.Fused, LaunchFiles.Read("config.sh", Mlperf + "\nexport CE_FUSION_IMPL=te\n", null, Beside).Memory.Loss);
        Assert.Equal(12, LaunchFiles.Read("config.sh", Mlperf.Replace("INTERLEAVED_PIPELINE=8", "INTERLEAVED_PIPELINE=4", StringComparison.Ordinal) +
            "\nexport ACT_CKPT_GRANULARITY=full\nexport ACT_CKPT_METHOD=block\nexport ACT_CKPT_NUM_LAYERS=3\n", null, Beside).Memory.RecomputeBlocks);
    }

    [Fact]
    public void Mlperf_is_read_with_the_files_that_it_sources()
    {
        var job = LaunchFiles.Read("config_DGXH100.sh", Mlperf, null, Beside);
        Assert.Equal(("mlperf", 512, 8192, 1152, Precision.Fp8, "llama-3.1-405b"), (job.Kind, job.Accelerators, job.Sequence, job.GlobalBatch, job.Precision, job.Model.Key));
        Assert.Equal(new Parallelism { Tensor = 8, Pipeline = 8, Context = 2, Interleave = 8, GradientBytes = 2, Recompute = Recomputation.None, OverlapTensor = true, Order = job.Parallelism.Order }, job.Parallelism);
        Assert.Equal(ParallelDimension.Pipeline, job.Parallelism.Order![^1]);
        Assert.Null(LaunchFiles.Read("config.sh", Mlperf + "\nexport TP_PP_DP_MAPPING=True\n", null, Beside).Parallelism.Order);
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        Assert.Equal("config_common.sh", Path.GetFileName(job.Arguments.Single(a => a.Name == "FP8").Mark.File));
        Assert.Equal(2048, LaunchFiles.Read("config.sh", Mlperf, new() { Words = ["DGXNNODES=256"] }, Beside).Accelerators);
        Assert.Equal(42, LaunchFiles.Read("config.sh", Mlperf.Replace("INTERLEAVED_PIPELINE=8", "INTERLEAVED_PIPELINE=null\nexport OVERWRITTEN_NUM_LAYERS=42", StringComparison.Ordinal).Replace("PIPELINE_MODEL_PARALLEL=8", "PIPELINE_MODEL_PARALLEL=2", StringComparison.Ordinal), null, Beside).Model.Layers);
    }

    [Theory]
    [InlineData("TENSOR_MODEL_PARALLEL=8", "TENSOR_MODEL_PARALLEL=7", "512 accelerators are no multiple of tensor 7 x pipeline 8 x context 2 = 112; the nearest numbers that are: 448 and 560", 5)]
    [InlineData("MINIBS=288", "MINIBS=0", "expected at least 1, found 0", 4)]
    [InlineData("MINIBS=288", "MINIBS=$(nproc)", "its value '$(nproc)' isn't known: commands are never run", 4)]
    [InlineData("MICRO_BATCH_SIZE=1", "MICRO_BATCH_SIZE=7", "288 sequences of a replica do not split into microbatches of 7", 4)]
    [InlineData("ASYM_PP_LOSS=True", "ASYM_PP_LOSS=maybe", "expected True or False, found 'maybe'", 12)]
    [InlineData("ASYM_PP_LOSS=True", "ASYM_PP_LOSS=False", "one end of the model alone", 11)]
    [InlineData("INTERLEAVED_PIPELINE=8", "INTERLEAVED_PIPELINE=9", "72 model chunks divide neither the 126 layers nor 128", 7)]
    [InlineData("PIPELINE_MODEL_PARALLEL=8", "PIPELINE_MODEL_PARALLEL=1", "chunks need a pipeline", 7)]
    [InlineData("config_common.sh", "config_commom.sh", "is sourced here and isn't beside the file", 1)]
    public void Mlperf_that_is_wrong_says_where(string old, string replacement, string problem, int line)
    {
        Assert.Contains(old, Mlperf);
        var message = LaunchFiles.Refused("config.sh", Mlperf.Replace(old, replacement, StringComparison.Ordinal), null, Beside);
        Assert.Contains(problem, message);
        Assert.Contains($"config.sh:{line}:", message);
    }

    [Fact]
    public void Bridges_fields_are_read_from_yaml()
    {
        var job = LaunchFiles.Read("llama.yaml", Bridge);
        Assert.Equal(("megatron-bridge", 64, 8192, 128, Precision.Fp8), (job.Kind, job.Accelerators, job.Sequence, job.GlobalBatch, job.Precision));
        Assert.Equal(new Parallelism { Tensor = 2, Pipeline = 4, Interleave = 4, GradientBytes = 2, Recompute = Recomputation.None, Order = job.Parallelism.Order }, job.Parallelism);
        Assert.Equal(8_030_261_248, new ModelSize(job.Model).Parameters);
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        Assert.Contains(job.Assumptions, a => a.Contains("optimiser is taken as distributed", StringComparison.Ordinal));
        Assert.Equal(4, LaunchFiles.Read("llama.yaml", Bridge, new() { Words = ["model.context_parallel_size=4"] }).Parallelism.Context);
        Assert.Contains(LaunchFiles.Read("llama.yaml", Bridge + "\nmodle:\n  tensor_modle_parallel_size: 3\n").Arguments, a => a is { Use: ArgumentUse.Unknown, Note: "did you mean 'tensor_model_parallel_size'?" });
    }

    [Fact]
    public void Bridges_overrides_are_read_from_a_launch()
    {
        const string Launch = "#!/bin/bash\nTP=4\ntorchrun --nproc_per_node=8 --nnodes=8 run_recipe.py --recipe llama31_70b_pretrain_config \\\n  model.tensor_model_parallel_size=$TP model.pipeline_model_parallel_size=4 \\\n  train.global_batch_size=128 train.micro_batch_size=1 model.seq_length=8192\n";
        var job = LaunchFiles.Read("run.sh", Launch);
        Assert.Equal(("megatron-bridge", 64, "llama-3.1-70b", 4, 4), (job.Kind, job.Accelerators, job.Model.Key.TrimEnd('*'), job.Parallelism.Tensor, job.Parallelism.Pipeline));
        Assert.Equal(2, job.Arguments.Single(a => a.Name == "model.tensor_model_parallel_size").Mark.Line);
        Assert.Contains("names no model of the catalogue", LaunchFiles.Refused("run.sh", Launch.Replace("llama31_70b", "lama_70b", StringComparison.Ordinal)));
        Assert.Contains("nothing sets TP in the script", LaunchFiles.Refused("run.sh", Launch.Replace("TP=4\n", "", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("bf16_with_mxfp8_mixed", Precision.Mxfp8, true)]
    [InlineData("bf16_with_fp8_delayed_scaling_mixed", Precision.Fp8, true)]
    [InlineData("bf16_with_fp8_current_scaling_mixed", Precision.Fp8, false)]
    [InlineData("bf16_with_nvfp4_mixed", Precision.Nvfp4, true)]
    public void Bridges_mixed_precision_by_name_sets_more_than_the_format(string name, Precision precision, bool weights)
    {
        var job = LaunchFiles.Read("a.yaml", Bridge.Replace("mixed_precision: bf16_mixed", $"mixed_precision: {name}", StringComparison.Ordinal).Replace("  fp8: hybrid\n", "", StringComparison.Ordinal));
        Assert.Equal((precision, weights), (job.Precision, job.Memory.Fp8Weights));
    }

    [Fact]
    public void Bridges_adapters_leave_the_model_standing()
    {
        const string Launch = "torchrun --nproc_per_node=8 --nnodes=2 run_recipe.py --recipe llama31_70b_pretrain_config model.tensor_model_parallel_size=4 train.global_batch_size=128 train.micro_batch_size=1\n";
        Assert.False(LaunchFiles.Read("run.sh", Launch).FrozenWeights);
        Assert.True(LaunchFiles.Read("run.sh", Launch.Replace("pretrain", "peft", StringComparison.Ordinal)).FrozenWeights);
        Assert.True(LaunchFiles.Read("run.sh", Launch.Replace("pretrain_config", "pretrain_config --mode lora", StringComparison.Ordinal)).FrozenWeights);
        var yaml = LaunchFiles.Read("a.yaml", Bridge + "\npeft:\n  _target_: megatron.bridge.peft.lora.LoRA\n  dim: 16\n");
        Assert.True(yaml.FrozenWeights);
        Assert.Contains(yaml.Arguments, a => a is { Name: "peft.dim", Use: ArgumentUse.NoEffect });
        Assert.False(LaunchFiles.Read("a.yaml", Bridge + "\npeft: null\n").FrozenWeights);
        // Options of the runner, behind which fields come first.
        var options = LaunchFiles.Read("run.sh", Launch.Replace("--recipe llama31_70b_pretrain_config", "--model llama31_70b --mode lora -tp 8 -pp 2 --seq_length 4096", StringComparison.Ordinal));
        Assert.Equal((4, 2, 4096, true), (options.Parallelism.Tensor, options.Parallelism.Pipeline, options.Sequence, options.FrozenWeights));
    }

    [Fact]
    public void Bridges_recipes_split_experts_over_one_tensor_rank()
    {
        const string Launch = "torchrun --nproc_per_node=8 --nnodes=4 run_recipe.py --recipe qwen3_30b_a3b_pretrain_config model.tensor_model_parallel_size=4 model.expert_model_parallel_size=16 train.global_batch_size=128 train.micro_batch_size=1 model.seq_length=4096\n";
        var job = LaunchFiles.Read("run.sh", Launch);
        Assert.Equal((16, 1), (job.Parallelism.Expert, job.Parallelism.ExpertTensor!.Value));
        Assert.Contains(job.Assumptions, a => a.Contains("as nearly every recipe has it", StringComparison.Ordinal));
        Assert.Equal(2, LaunchFiles.Read("run.sh", Launch.Replace("parallel_size=16", "parallel_size=8 model.expert_tensor_parallel_size=2", StringComparison.Ordinal)).Parallelism.ExpertTensor);
    }

    [Theory]
    [InlineData("", null)] // as recipes have it
    [InlineData("model.enable_cuda_graph=false", null)]
    [InlineData("model.enable_cuda_graph=true", RecordedGraphs.Parts)]
    [InlineData("model.cuda_graph_impl=none", RecordedGraphs.None)]
    [InlineData("model.cuda_graph_impl=local model.cuda_graph_scope=full_iteration", RecordedGraphs.Iteration)]
    [InlineData("model.cuda_graph_impl=transformer_engine model.cuda_graph_scope=[moe_router,moe_preprocess]", RecordedGraphs.None)]
    public void Bridges_graphs_are_recorded_as_its_fields_say(string overrides, RecordedGraphs? expected)
    {
        var launch = $"torchrun --nproc_per_node=8 --nnodes=4 run_recipe.py --recipe qwen3_30b_a3b_pretrain_config model.expert_model_parallel_size=8 train.global_batch_size=128 train.micro_batch_size=1 model.seq_length=4096 {overrides}\n";
        var job = LaunchFiles.Read("run.sh", launch);
        Assert.Equal(expected, job.Parallelism.Graphs);
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        Assert.Contains("expected none, local, transformer_engine or full_iteration, found 'sometimes'", LaunchFiles.Refused("run.sh", launch.Replace("\n", " model.cuda_graph_impl=sometimes\n", StringComparison.Ordinal).Replace("impl=none", "impl=sometimes", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData("sequence_parallel: true", "async_tensor_model_parallel_allreduce: false", false)]
    [InlineData("sequence_parallel: true", "async_tensor_model_parallel_allreduce: true", true)]
    [InlineData("context_parallel_size: 1", "async_tensor_model_parallel_allreduce: false", true)] // a sequence that is split has no such sums
    public void Bridges_input_gradients_are_waited_for_where_its_field_says_so(string old, string replacement, bool overlaps) =>
        Assert.Equal(overlaps, LaunchFiles.Read("a.yaml", Bridge.Replace(old, replacement, StringComparison.Ordinal)).Parallelism.OverlapTensorGradients);

    [Theory]
    [InlineData("tensor_model_parallel_size: 2", "tensor_model_parallel_size: two", "expected a whole number, found 'two'", 14)]
    [InlineData("sequence_parallel: true", "sequence_parallel: perhaps", "expected true or false, found 'perhaps'", 15)]
    [InlineData("num_nodes: 8", "num_nodes: 0", "expected a whole number above 0, found '0'", 34)]
    [InlineData("seq_length: ${dataset.sequence_length}", "seq_length: ${dataset.none}", "isn't known: what it refers to isn't in the file", 13)]
    [InlineData("mixed_precision: bf16_mixed", "mixed_precision: fp32", "'fp32' isn't modelled", 25)]
    [InlineData("virtual_pipeline_model_parallel_size: 4", "virtual_pipeline_model_parallel_size: 3", "3 virtual stages do not divide the 8 layers of a stage; nearest: 2 and 4", 17)]
    public void Bridges_fields_that_are_wrong_say_where(string old, string replacement, string problem, int line)
    {
        Assert.Contains(old, Bridge);
        var message = LaunchFiles.Refused("a.yaml", Bridge.Replace(old, replacement, StringComparison.Ordinal));
        Assert.Contains(problem, message);
        Assert.Contains($"a.yaml:{line}:", message);
    }

    [Fact]
    public void The_kind_is_told_by_ending_and_words_or_asked_for()
    {
        Assert.Contains("give --kind, one of megatron, megatron-bridge, torchtitan, mlperf, calculon", LaunchFiles.Refused("a.sh", "echo hello\n"));
        Assert.Contains("there is no kind 'megatrom'; did you mean 'megatron'?", LaunchFiles.Refused("a.sh", "echo", new() { Kind = "megatrom" }));
        Assert.Contains("there is no file", Assert.Throws<InputException>(() => TrainingImports.ReadFile("/nowhere/run.sh")).Message);
        using var files = new LaunchFiles();
        Assert.Contains("is a folder", Assert.Throws<InputException>(() => TrainingImports.ReadFile(files.Folder)).Message);
    }

    public static TheoryData<string> Names => ["a.sh", "a.toml", "a.yaml", "a.json"];

    [Theory]
    [MemberData(nameof(Names))]
    public void No_file_is_too_much(string name)
    {
        using var files = new LaunchFiles();
        var path = Path.Combine(files.Folder, name);
        // Large without taking room.
        using (var large = File.Create(path)) large.SetLength(1L << 32);
        Assert.Contains("is larger than", Assert.Throws<InputException>(() => TrainingImports.ReadFile(path)).Message);
        foreach (var bytes in (byte[][])[[], [0, 1, 2, 0xFF], [0xFF, 0xFE, 0x41], [.. "--num-layers \0"u8], [.. Enumerable.Repeat((byte)'[', 1 << 20)], [.. Enumerable.Repeat((byte)'{', 1 << 20)]])
        {
            File.WriteAllBytes(path, bytes);
            Assert.DoesNotContain('\n', Assert.Throws<InputException>(() => TrainingImports.ReadFile(path, new() { Accelerators = 8 })).Message);
        }
    }

    /// <summary>Any piece of any sample replaced by anything is read or refused with a message.</summary>
    [Fact]
    public void Whatever_is_changed_is_read_or_refused()
    {
        (string Name, string Text)[] samples = [("a.toml", Titan), ("config.sh", Mlperf), ("a.yaml", Bridge), ("args.txt", MegatronImportTests.Plain)];
        string[] pieces = ["", "0", "-1", "99999999999", "\"", "'", "$(", "[", "]", "{", "null", "true", "1e9", "é", "=", "\n", "#", "${", "2147483647", "*"];
        using var files = new LaunchFiles();
        foreach (var (name, text) in Beside) files.Add(name, text);
        Gen.Select(Gen.Int[0, samples.Length - 1], Gen.Int[0, 2000], Gen.Int[0, 12], Gen.Int[0, pieces.Length - 1]).Sample(
            (which, at, length, piece) =>
            {
                var (name, text) = samples[which];
                at %= text.Length;
                var changed = text.Remove(at, Math.Min(length, text.Length - at)).Insert(at, pieces[piece]);
                try
                {
                    TrainingImports.ReadFile(files.Add(name, changed), new() { Accelerators = 512 });
                }
                catch (InputException e)
                {
                    Assert.NotEmpty(e.Message);
                }
            },
            iter: 400, threads: 1);
    }
}
