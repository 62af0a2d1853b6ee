using Lightloom.Catalog;
using Lightloom.Interop.Training;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Interop.Tests.Training;

/// <summary>Launch scripts of Megatron-LM, written anew after its published examples.</summary>
public class MegatronImportTests
{
    const string Gpt3 = """
        #!/bin/bash
        #SBATCH --nodes=128
        export CUDA_DEVICE_MAX_CONNECTIONS=1
        GPUS=8
        NODES=${SLURM_NNODES:-1}
        OUT=$1
        LAUNCH=(
            --nproc_per_node $GPUS
            --nnodes $NODES            # as Slurm gave them
            --master_addr $(scontrol show hostnames | head -n 1)
        )
        MODEL=(
            --num-layers 96
            --hidden-size 12288
            --num-attention-heads 96
            --seq-length 2048
            --max-position-embeddings 2048
            --tokenizer-type GPT2BPETokenizer
        )
        TRAIN="
            --micro-batch-size 1
            --global-batch-size 1536
            --lr 6.0e-5 --train-iters 500000
            --fp16
        "
        PARALLEL="--tensor-model-parallel-size 8 \
            --pipeline-model-parallel-size $((WIDTH * 2))"
        torchrun "${LAUNCH[@]}" pretrain_gpt.py ${MODEL[@]} $TRAIN $PARALLEL --save $OUT --vocab-file x.json
        """;

    const string DeepSeek = """
        NNODES=128
        ARGS="--num-layers 61 --hidden-size 7168 --num-attention-heads 128 --ffn-hidden-size 18432 --swiglu --disable-bias-linear --normalization RMSNorm"
        ARGS+=" --position-embedding-type rope --untie-embeddings-and-output-weights --vocab-size 129280 --make-vocab-size-divisible-by 1"
        ARGS+=" --multi-latent-attention --q-lora-rank 1536 --kv-lora-rank 512 --qk-head-dim 128 --qk-pos-emb-head-dim 64 --v-head-dim 128 --qk-layernorm"
        ARGS+=" --num-experts 256 --moe-router-topk 8 --moe-ffn-hidden-size 2048 --moe-shared-expert-intermediate-size 2048 --moe-layer-freq '([0]*3+[1]*58)' --moe-router-enable-expert-bias"
        ARGS+=" --mtp-num-layers 1 --seq-length 4096 --max-position-embeddings 4096 --micro-batch-size 1 --global-batch-size 8192 --bf16 --fp8-format e4m3 --fp8-recipe blockwise"
        ARGS+=" --pipeline-model-parallel-size 16 --expert-model-parallel-size 64 --expert-tensor-parallel-size 1 --use-distributed-optimizer --overlap-grad-reduce --overlap-param-gather"
        ARGS+=" --pipeline-model-parallel-layout 'Et*3|(tt|)*29,m|L' --recompute-granularity selective --recompute-modules mla_up_proj mlp"
        srun --nodes=$NNODES --ntasks-per-node=8 bash -c "python pretrain_gpt.py ${ARGS}"
        """;

    internal const string Plain = """
        --num-layers 32
        --hidden-size 4096
        --ffn-hidden-size 14336
        --num-attention-heads 32
        --group-query-attention
        --num-query-groups 8
        --seq-length 8192
        --max-position-embeddings 8192
        --position-embedding-type rope
        --swiglu
        --disable-bias-linear
        --normalization RMSNorm
        --untie-embeddings-and-output-weights
        --micro-batch-size 1
        --global-batch-size 128
        --tensor-model-parallel-size 2
        --pipeline-model-parallel-size 4
        --sequence-parallel
        --num-layers-per-virtual-pipeline-stage 2
        --bf16
        --use-distributed-optimizer
        --tokenizer-type HuggingFaceTokenizer
        """;

    static readonly ImportOptions On64 = new() { Accelerators = 64 };

    [Fact]
    public void Gpt3_of_the_examples_is_read_with_its_defaults()
    {
        var job = LaunchFiles.Read("gpt3.sh", Gpt3, new() { Words = ["WIDTH=8", "/checkpoints"] });
        Assert.Equal(("megatron", 1024, 2048, 1536, Precision.Bf16), (job.Kind, job.Accelerators, job.Sequence, job.GlobalBatch, job.Precision));
        Assert.Equal(new Parallelism
        {
            Tensor = 8,
            Pipeline = 16,
            Interleave = 1,
            SequenceParallel = false,
            Sharding = Sharding.None,
            Recompute = Recomputation.None,
            GradientBytes = 2,
            OverlapData = false,
            Order = job.Parallelism.Order,
        }, job.Parallelism);
        Assert.Equal([ParallelDimension.Tensor, ParallelDimension.Context, ParallelDimension.Expert, ParallelDimension.Data, ParallelDimension.Pipeline], job.Parallelism.Order!);
        var size = new ModelSize(job.Model);
        Assert.Equal(new ModelSize(PartCatalog.Default.Get<TransformerModel>("gpt3-175b")).Parameters, size.Parameters);
        Assert.Equal((51200, 2048, true, true), (job.Model.Vocabulary, job.Model.LearnedPositions, job.Model.TiedEmbeddings, job.Model.Biases));
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        Assert.Contains(job.Assumptions, a => a.Contains("50,257 entries of GPT2BPETokenizer", StringComparison.Ordinal));
        // Where it was written, not where it was put together.
        Assert.Equal(13, job.Arguments.Single(a => a.Name == "--num-layers").Mark.Line);
        Assert.Equal(27, job.Arguments.Single(a => a.Name == "--pipeline-model-parallel-size").Mark.Line);
    }

    [Fact]
    public void DeepSeek_is_read_with_its_attention_experts_and_uneven_stages()
    {
        var job = LaunchFiles.Read("ds.sh", DeepSeek);
        var published = PartCatalog.Default.Get<TransformerModel>("deepseek-v3");
        Assert.Equal(new ModelSize(published).Parameters, new ModelSize(job.Model).Parameters);
        Assert.Equal(1024, job.Accelerators);
        Assert.Equal(Precision.Fp8, job.Precision);
        Assert.Equal((16, 2, 64, PipelineKind.Interleaved), (job.Parallelism.Pipeline, job.Parallelism.Interleave!.Value, job.Parallelism.Expert, job.Parallelism.Schedule!.Value));
        Assert.Equal([3, .. Enumerable.Repeat(2, 29), 0, 0], job.Parallelism.StageLayers);
        Assert.Equal(Recomputation.Selective, job.Parallelism.Recompute);
        var modules = job.Arguments.Single(a => a.Name == "--recompute-modules");
        Assert.Equal((ArgumentUse.Used, "mla_up_proj mlp"), (modules.Use, modules.Value));
        Assert.Equal([RecomputedModule.LatentProjection, RecomputedModule.FeedForward], job.Memory.RecomputeModules);
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
    }

    [Fact]
    public void A_bare_list_takes_the_vocabulary_of_the_model_that_it_is()
    {
        var job = LaunchFiles.Read("args.txt", Plain, On64);
        Assert.Equal((128256, 4), (job.Model.Vocabulary, job.Parallelism.Interleave!.Value));
        Assert.Contains(job.Assumptions, a => a.Contains("128,256 entries of 'llama-3.1-8b'", StringComparison.Ordinal));
        Assert.Equal(Sharding.Optimizer, job.Parallelism.Sharding);
        Assert.True(job.Parallelism is { SequenceParallel: true, OverlapData: false, OverlapPipeline: true, GradientBytes: 4 });
    }

    [Fact]
    public void Uneven_ends_are_said_one_by_one()
    {
        var job = LaunchFiles.Read("a.txt", Plain.Replace("--num-layers-per-virtual-pipeline-stage 2", "--decoder-first-pipeline-num-layers 6 --decoder-last-pipeline-num-layers 6", StringComparison.Ordinal), On64);
        Assert.Equal([6, 10, 10, 6], job.Parallelism.StageLayers);
        Assert.Equal(PipelineKind.OneForwardOneBackward, job.Parallelism.Schedule);
        // Both ends counted as a layer each: 126 + 2 on 16 stages, which the closed form knows.
        var both = Plain.Replace("--num-layers 32", "--num-layers 30 --account-for-embedding-in-pipeline-split --account-for-loss-in-pipeline-split", StringComparison.Ordinal)
            .Replace("--num-layers-per-virtual-pipeline-stage 2", "--num-layers-per-virtual-pipeline-stage 4 --vocab-size 1000", StringComparison.Ordinal);
        var counted = LaunchFiles.Read("b.txt", both, On64);
        Assert.Equal((2, null), (counted.Parallelism.Interleave!.Value, counted.Parallelism.StageLayers));
        var one = LaunchFiles.Read("c.txt", both.Replace("--num-layers 30 --account-for-embedding-in-pipeline-split", "--num-layers 31", StringComparison.Ordinal), On64);
        Assert.Equal([4, 4, 4, 4, 4, 4, 4, 3], one.Parallelism.StageLayers);
    }

    [Fact]
    public void Replicas_are_neighbours_unless_the_pipeline_is_mapped_inside()
    {
        Assert.Equal(ParallelDimension.Pipeline, LaunchFiles.Read("a.txt", Plain, On64).Parallelism.Order![^1]);
        Assert.Null(LaunchFiles.Read("a.txt", Plain + "\n--use-tp-pp-dp-mapping\n", On64).Parallelism.Order);
        Assert.Null(LaunchFiles.Read("a.txt", Plain, new() { Accelerators = 8 }).Parallelism.Order);
    }

    [Theory]
    [InlineData("", Sharding.None)]
    [InlineData("--use-distributed-optimizer", Sharding.Optimizer)]
    [InlineData("--use-megatron-fsdp --data-parallel-sharding-strategy optim_grads", Sharding.Gradients)]
    [InlineData("--use-megatron-fsdp --data-parallel-sharding-strategy optim_grads_params", Sharding.Weights)]
    [InlineData("--use-torch-fsdp2", Sharding.Weights)]
    [InlineData("--use-torch-fsdp2 --torch-fsdp2-no-reshard-after-forward", Sharding.Weights)]
    [InlineData("--use-megatron-fsdp", Sharding.Weights)]
    [InlineData("--use-megatron-fsdp --data-parallel-sharding-strategy no_shard", Sharding.None)]
    public void Sharding_is_by_the_optimiser_or_one_of_the_FSDPs(string arguments, Sharding expected)
    {
        var text = Plain.Replace("--use-distributed-optimizer", arguments, StringComparison.Ordinal).Replace("--pipeline-model-parallel-size 4", "", StringComparison.Ordinal).Replace("--num-layers-per-virtual-pipeline-stage 2", "", StringComparison.Ordinal);
        var parallelism = LaunchFiles.Read("a.txt", text, On64).Parallelism;
        Assert.Equal((expected, !arguments.Contains("no-reshard", StringComparison.Ordinal)), (parallelism.Sharding, parallelism.Reshard));
    }

    [Theory]
    [InlineData("", Recomputation.None)]
    [InlineData("--recompute-activations", Recomputation.Selective)]
    [InlineData("--recompute-granularity selective", Recomputation.Selective)]
    [InlineData("--recompute-granularity full --recompute-method uniform --recompute-num-layers 1", Recomputation.Full)]
    public void Recomputation_is_none_unless_asked_for(string arguments, Recomputation expected) =>
        Assert.Equal(expected, LaunchFiles.Read("a.txt", $"{Plain}\n{arguments}\n", On64).Parallelism.Recompute);

    [Theory]
    [InlineData("--bf16", 4)]
    [InlineData("--bf16 --grad-reduce-in-bf16", 2)]
    [InlineData("--bf16 --accumulate-allreduce-grads-in-fp32", 4)]
    [InlineData("--fp16", 2)]
    [InlineData("--fp16 --accumulate-allreduce-grads-in-fp32", 4)]
    public void Gradients_are_as_wide_as_Megatron_has_them(string arguments, int bytes) =>
        Assert.Equal(bytes, LaunchFiles.Read("a.txt", Plain.Replace("--bf16", arguments, StringComparison.Ordinal), On64).Parallelism.GradientBytes);

    [Theory]
    [InlineData("--ffn-hidden-size 14336", "", 10880)]
    [InlineData("--ffn-hidden-size 14336\n", "--vocab-size 9\n", 10880)]
    public void The_inner_size_has_Megatrons_default(string old, string replacement, int expected) =>
        Assert.Equal(expected, LaunchFiles.Read("a.txt", Plain.Replace(old, replacement, StringComparison.Ordinal) + "\n--vocab-size 9\n", On64).Model.FeedForward);

    [Theory]
    [InlineData("--moe-layer-freq 2", 0, 2)]
    [InlineData("--moe-layer-freq ([0]*4+[1]*28)", 4, 1)]
    [InlineData("--moe-layer-freq ([0]*1+[1]*1)*16", 0, 2)]
    [InlineData("", 0, 1)]
    public void Mixtures_stand_where_the_list_says(string frequency, int dense, int every)
    {
        var experts = LaunchFiles.Read("a.txt", $"{Plain}\n--num-experts 8\n--vocab-size 32000\n{frequency}\n", On64).Model.Experts!;
        Assert.Equal((dense, every, 2, 14336), (experts.DenseLayers, experts.Every, experts.PerToken, experts.FeedForward));
    }

    /// <summary>What stands in the place of what, and what is said of it.</summary>
    [Theory]
    [InlineData("--tensor-model-parallel-size 2", "--tensor-model-parallel-size 3", "64 accelerators are no multiple of tensor 3 x pipeline 4 x context 1 = 12; the nearest numbers that are: 60 and 72", 16)]
    [InlineData("--pipeline-model-parallel-size 4", "", "virtual stages need a pipeline", 19)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--num-layers-per-virtual-pipeline-stage 3", "3 layers do not divide the 8 of a stage; nearest: 2 and 4", 19)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--num-layers-per-virtual-pipeline-stage 2 --num-virtual-stages-per-pipeline-rank 2", "contradicts --num-layers-per-virtual-pipeline-stage", 19)]
    [InlineData("--num-layers 32", "--num-layers 30 --vocab-size 9", "pipeline 4 does not divide the 30 layers; nearest: 3 and 5", 17)]
    [InlineData("--sequence-parallel", "--expert-model-parallel-size 8", "experts are split, and --num-experts gives none", 18)]
    [InlineData("--sequence-parallel", "--num-experts 12 --vocab-size 8 --expert-model-parallel-size 8", "8 does not divide the 12 experts", 18)]
    [InlineData("--sequence-parallel", "--tp-comm-overlap", "takes it with --sequence-parallel alone", 18)]
    [InlineData("--use-distributed-optimizer", "--overlap-grad-reduce --overlap-param-gather", "takes it with --use-distributed-optimizer alone", 21)]
    [InlineData("--use-distributed-optimizer", "--use-distributed-optimizer --overlap-param-gather", "takes it with --overlap-grad-reduce alone", 21)]
    [InlineData("--bf16", "--bf16 --fp16", "contradicts --bf16", 20)]
    [InlineData("--bf16", "--bf16 --fp8-format e5m2", "expected one of e4m3, hybrid, found 'e5m2'", 20)]
    [InlineData("--num-query-groups 8", "--num-query-groups 5", "5 groups do not divide the 32 heads", 6)]
    [InlineData("--num-attention-heads 32", "--num-attention-heads 33", "33 heads do not divide the hidden size", 4)]
    [InlineData("--seq-length 8192", "--seq-length 8190 --context-parallel-size 8", "8,190 tokens are no multiple of twice the context ranks (16); the nearest numbers that are: 8,176 and 8,192", 7)]
    [InlineData("--max-position-embeddings 8192", "--max-position-embeddings 4096", "4,096 positions are fewer than the 8,192 tokens", 8)]
    [InlineData("--micro-batch-size 1", "--micro-batch-size 0", "expected at least 1, found 0", 14)]
    [InlineData("--micro-batch-size 1", "--micro-batch-size one", "expected a whole number, found 'one'", 14)]
    [InlineData("--micro-batch-size 1", "--micro-batch-size", "needs a value", 14)]
    [InlineData("--micro-batch-size 1", "--micro-batch-size $MBS", "its value '$MBS' isn't known: nothing sets MBS in the script; give it behind the file: -- --micro-batch-size VALUE", 14)]
    [InlineData("--micro-batch-size 1", "--micro-batch-size $(nproc)", "commands are never run", 14)]
    [InlineData("--micro-batch-size 1", "--batch-size 1", "takes it no more; expected --micro-batch-size", 14)]
    [InlineData("--swiglu", "--swiglu yes", "takes no value, found 'yes'", 10)]
    [InlineData("--global-batch-size 128", "--global-batch-size 100", "100 sequences do not split into 8 replicas", 15)]
    [InlineData("--ffn-hidden-size 14336", "--ffn-hidden-size 14337 --vocab-size 9", "tensor 2 does not divide the feed-forward size (14,337)", 16)]
    [InlineData("--swiglu", "--swiglu --num-experts 4 --moe-layer-freq ([0]*3", "expected a number or a list", 10)]
    [InlineData("--swiglu", "--swiglu --num-experts 4 --moe-layer-freq ([0]*3+[1]*3)", "the list has 6 entries, the model 32 layers", 10)]
    [InlineData("--swiglu", "--swiglu --num-experts 4 --moe-layer-freq 5", "one of 5 layers is a mixture", 10)]
    [InlineData("--swiglu", "--swiglu --recompute-granularity full", "needs --recompute-method", 10)]
    [InlineData("--swiglu", "--swiglu --recompute-activations --recompute-granularity full", "contradicts --recompute-granularity full", 10)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--pipeline-model-parallel-layout Et*8|t*8|t*8|t*7L", "31 layers in all, the model 32", 19)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--pipeline-model-parallel-layout Et*8|t*8|t*16L", "3 parts do not divide into 4 pipeline stages", 19)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--pipeline-model-parallel-layout x", "expected stages such as", 19)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--decoder-first-pipeline-num-layers 7", "25 layers remain for 3 stages", 19)]
    [InlineData("--swiglu", "--swiglu --retro-add-retriever", "are not modelled", 10)]
    [InlineData("--hidden-size 4096", "--hidden-size 2147483647", "expected from 1 to 10,000,000, found 2147483647", 2)]
    [InlineData("--num-layers-per-virtual-pipeline-stage 2", "--num-virtual-stages-per-pipeline-rank 9999 --decoder-first-pipeline-num-layers 2", "are more than the model's 32 layers", 19)]
    [InlineData("--bf16", "--bf16 --vocab-size 99999999 --make-vocab-size-divisible-by 3000000", "are more than 100,000,000", 20)]
    public void Arguments_that_are_wrong_or_contradict_each_other_say_where(string old, string replacement, string problem, int line)
    {
        Assert.Contains(old, Plain);
        var message = LaunchFiles.Refused("args.txt", Plain.Replace(old, replacement, StringComparison.Ordinal), On64);
        Assert.Contains(problem, message);
        Assert.Contains($"args.txt:{line}:", message);
    }

    [Theory]
    [InlineData("--bf16", "neither --bf16 nor --fp16")]
    [InlineData("--micro-batch-size 1", "has no --micro-batch-size")]
    [InlineData("--seq-length 8192", "has no --seq-length")]
    [InlineData("--num-layers 32", "has no --num-layers")]
    [InlineData("--hidden-size 4096", "has no --hidden-size")]
    public void What_Megatron_needs_is_named_when_it_is_missing(string argument, string problem) =>
        Assert.Contains(problem, LaunchFiles.Refused("a.txt", Plain.Replace(argument + "\n", "", StringComparison.Ordinal), On64));

    [Fact]
    public void Accelerators_that_nobody_names_are_asked_for()
    {
        Assert.Contains("give --accelerators", LaunchFiles.Refused("a.txt", Plain));
        Assert.Contains("nothing sets N in the script; give --accelerators, or the variable behind the file", LaunchFiles.Refused("a.sh", $"torchrun --nnodes $N --nproc-per-node=8 pretrain_gpt.py {Plain.ReplaceLineEndings(" ")}"));
        Assert.Equal(64, LaunchFiles.Read("a.sh", $"torchrun --nnodes $N --nproc-per-node=8 pretrain_gpt.py {Plain.ReplaceLineEndings(" ")}", new() { Words = ["N=8"] }).Accelerators);
        Assert.Equal(64, LaunchFiles.Read("a.sh", $"mpirun -np 64 python pretrain_gpt.py {Plain.ReplaceLineEndings(" ")}").Accelerators);
        Assert.Equal(64, LaunchFiles.Read("a.sh", $"#SBATCH -N 8\n#SBATCH --gres=gpu:8\nsrun python pretrain_gpt.py {Plain.ReplaceLineEndings(" ")}").Accelerators);
    }

    [Fact]
    public void Arguments_that_nobody_knows_are_told_with_what_they_may_have_been()
    {
        var job = LaunchFiles.Read("a.txt", $"{Plain}\n--moe-router-topkk 3\n--frobnicate 3\n--lr 1\n--attention-backend flash\n", On64);
        Assert.Equal((ArgumentUse.Unknown, "did you mean 'moe-router-topk'?"), (job.Arguments.Single(a => a.Name == "--moe-router-topkk").Use, job.Arguments.Single(a => a.Name == "--moe-router-topkk").Note));
        Assert.Equal(ArgumentUse.Unknown, job.Arguments.Single(a => a.Name == "--frobnicate").Use);
        Assert.Equal(ArgumentUse.NoEffect, job.Arguments.Single(a => a.Name == "--lr").Use);
        Assert.Equal(ArgumentUse.NotModelled, job.Arguments.Single(a => a.Name == "--attention-backend").Use);
    }

    [Fact]
    public void What_stands_behind_the_file_wins_and_is_said()
    {
        var job = LaunchFiles.Read("a.txt", Plain, new() { Accelerators = 64, Words = ["--global-batch-size", "256", "--recompute-activations"] });
        Assert.Equal((256, Recomputation.Selective), (job.GlobalBatch, job.Parallelism.Recompute));
        Assert.Contains(job.Assumptions, a => a.Contains("--global-batch-size stands twice, '128'", StringComparison.Ordinal) && a.Contains("the later one counts", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_trainings_in_one_script_are_one_too_many()
    {
        var run = $"torchrun --nproc_per_node 8 pretrain_gpt.py {Plain.ReplaceLineEndings(" ")}";
        Assert.Contains("starts 2 trainings that differ", LaunchFiles.Refused("a.sh", $"if [ -e /x ]; then {run}; else {run} --lr 2; fi"));
        Assert.Contains("starts no training by Megatron-LM", LaunchFiles.Refused("a.sh", "torchrun train.py --model gpt\n# --num-layers\n", new() { Kind = "megatron" }));
        // The same in both ways is one, and it isn't sure that it runs.
        Assert.Contains(LaunchFiles.Read("a.sh", $"if [ -e /x ]; then {run}; else {run}; fi").Assumptions, a => a.Contains("a condition that can't be decided", StringComparison.Ordinal));
    }

    [Fact]
    public void A_list_of_layers_is_no_bomb()
    {
        foreach (var list in new[] { "([0]*99999999)*99999999", new string('(', 100_000), "[0]*1000000", "((((([0]*9999)*9999)*9999)*9999)*9999)" })
            Assert.Null(LayerPattern.Parse(list, 10_000));
        Assert.Null(LayerPattern.ParseLayout("(t*99999)*99999", 100_000));
        Assert.Equal([0, 0, 1, 1, 1], LayerPattern.Parse("([0]*2+[1]*3)", 10)!);
        Assert.Equal([1, 0, 1, 0], LayerPattern.Parse("[1,0]*2", 10)!);
        Assert.Equal([3, 2, 2, 0], LayerPattern.ParseLayout("Et*3|(tt|)*2,mL", 100));
    }
}
