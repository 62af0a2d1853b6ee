using Lightloom.Catalog;
using Lightloom.Interop.Training;
using Lightloom.Planning;
using Lightloom.Workloads;
using Lightloom.Workloads.Pipelines;

namespace Lightloom.Interop.Tests.Training;

/// <summary>Launches of Megatron-LM whose layers stand in a pattern, written anew after its published examples of Nemotron-H and Nemotron 3.</summary>
public class MegatronPatternTests
{
    const string Sixteen = "M-M*M-M*M-M*M-M*";

    const string Base = """
        --hidden-size 2048
        --num-attention-heads 16
        --group-query-attention
        --num-query-groups 8
        --hybrid-layer-pattern M-M*M-M*M-M*M-M*
        --mamba-num-heads 64
        --squared-relu
        --position-embedding-type none
        --disable-bias-linear
        --normalization RMSNorm
        --untie-embeddings-and-output-weights
        --seq-length 4096
        --max-position-embeddings 4096
        --vocab-size 131072
        --micro-batch-size 1
        --global-batch-size 64
        --bf16
        --use-distributed-optimizer
        """;

    static readonly ImportOptions On16 = new() { Accelerators = 16 };

    static ImportedJob Read(string added = "", string pattern = Sixteen) => LaunchFiles.Read("a.txt", Base.Replace(Sixteen, pattern, StringComparison.Ordinal) + "\n" + added + "\n", On16);

    /// <summary>Nemotron 3 Super's training, in a script.</summary>
    [Fact]
    public void A_script_of_Nemotron_3_Super_is_the_catalogues_model()
    {
        const string Script = """
            OPTIONS="--spec megatron.core.models.mamba.mamba_layer_specs mamba_stack_spec --is-hybrid-model --mamba-num-heads 128 --num-layers 88 --hidden-size 4096 --ffn-hidden-size 2688 \
                --num-attention-heads 32 --group-query-attention --num-query-groups 2 --kv-channels 128 \
                --hybrid-override-pattern MEMEMEM*EMEMEMEM*EMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEMEM*EMEMEMEM*EMEMEMEME --mtp-hybrid-override-pattern *E --mtp-num-layers 2 \
                --mtp-use-repeated-layer --position-embedding-type none --normalization RMSNorm --untie-embeddings-and-output-weights --disable-bias-linear --squared-relu --seq-length 8192 \
                --max-position-embeddings 8192 --num-experts 512 --moe-router-topk 22 --moe-router-enable-expert-bias --moe-latent-size 1024 --moe-shared-expert-intermediate-size 5376 \
                --moe-router-score-function sigmoid --tokenizer-type HuggingFaceTokenizer --micro-batch-size 1 --global-batch-size 512 --bf16 --use-distributed-optimizer"
            torchrun --nnodes 8 --nproc_per_node 8 pretrain_mamba.py ${OPTIONS} --tensor-model-parallel-size 2 --sequence-parallel --expert-model-parallel-size 64 --expert-tensor-parallel-size 1 \
                --recompute-granularity selective --recompute-modules moe_act layernorm
            """;
        var job = LaunchFiles.Read("run.sh", Script);
        var known = PartCatalog.Default.Get<TransformerModel>("nemotron-3-super-120b-a12b");
        Assert.Equal(new ModelSize(known).ByClass, new ModelSize(job.Model).ByClass);
        Assert.Equal((known.Pattern, 1, "*E", 2, 131_072), (job.Model.Pattern, job.Model.PredictionBlocks, job.Model.PredictionPattern, job.Model.PredictionRepeats, job.Model.Vocabulary));
        Assert.Equal((64, 2, 64), (job.Accelerators, job.Parallelism.Tensor, job.Parallelism.Expert));
        Assert.Contains(job.Assumptions, a => a.Contains("131,072 entries of 'nemotron-3-super-120b-a12b'", StringComparison.Ordinal));
        Assert.DoesNotContain(job.Arguments, a => a.Use == ArgumentUse.Unknown);
        // The design that it becomes reads again, named parts and all.
        var design = ImportedDesign.On(job, "dgx-b200");
        Assert.Contains("model: nemotron-3-super-120b-a12b", design.Text, StringComparison.Ordinal);
        Assert.Contains("recomputeModules: [expert-activation, norms]", design.Text, StringComparison.Ordinal);
        var step = new Evaluator().Evaluate(design.Document()).Outcome!.Value.Step;
        Assert.Equal((Recomputation.Selective, 2, 16), (step.Recompute, step.Job.Parallelism.Tensor, step.Job.MicroBatches));
    }

    [Fact]
    public void Sizes_that_are_not_given_are_Megatrons()
    {
        var space = Read().Model.StateSpace!;
        Assert.Equal((64, 64, 8, 128, 4, 128), (space.Heads, space.HeadSize, space.Groups, space.StateSize, space.Convolution, space.Chunk));
        var bare = LaunchFiles.Read("a.txt", Base.Replace("--mamba-num-heads 64", "--mamba-head-dim 128 --mamba-state-dim 64 --mamba-num-groups 4", StringComparison.Ordinal), On16);
        Assert.Equal((32, 128, 4, 64), (bare.Model.StateSpace!.Heads, bare.Model.StateSpace.HeadSize, bare.Model.StateSpace.Groups, bare.Model.StateSpace.StateSize));
        Assert.Contains(bare.Assumptions, a => a.Contains("--mamba-num-heads isn't given: 32 for twice the hidden size", StringComparison.Ordinal));
        Assert.Equal((16, false, 8192), (bare.Model.Layers, bare.Model.Rotary, bare.Model.FeedForward));
    }

    [Fact]
    public void Prediction_blocks_stand_behind_a_slash_once_for_each_token()
    {
        var apart = Read(pattern: Sixteen + "/*-/*-").Model;
        Assert.Equal((2, "*-", 1), (apart.PredictionBlocks, apart.PredictionPattern, apart.PredictionRepeats));
        var shared = Read("--mtp-use-repeated-layer", Sixteen + "/*-/*-").Model;
        Assert.Equal((1, "*-", 2), (shared.PredictionBlocks, shared.PredictionPattern, shared.PredictionRepeats));
        Assert.Equal(0, Read().Model.PredictionBlocks);
    }

    [Fact]
    public void Bars_cut_the_pipeline()
    {
        var two = Read("--pipeline-model-parallel-size 2", "M-M*M-|M*M-M*M-M*").Parallelism;
        Assert.Equal((2, PipelineKind.OneForwardOneBackward), (two.Pipeline, two.Schedule));
        Assert.Equal([6, 10], two.StageLayers!);
        var interleaved = Read("--pipeline-model-parallel-size 2", "M-M*|M-M*|M-M*|M-M*").Parallelism;
        Assert.Equal((2, PipelineKind.Interleaved, 2), (interleaved.Pipeline, interleaved.Schedule, interleaved.Interleave));
        var even = Read("--pipeline-model-parallel-size 4").Parallelism;
        Assert.Equal((4, null), (even.Pipeline, even.StageLayers));
        Assert.Equal(1, Read(pattern: "M-M*M-|M*M-M*M-M*").Parallelism.Pipeline);
    }

    [Theory]
    [InlineData("--hybrid-override-pattern MM", Sixteen, "contradicts --hybrid-layer-pattern")]
    [InlineData("", "M-MG", "gated delta nets (G) are not modelled")]
    [InlineData("", "M-M?", "expected M, *, - and E, with | between a pipeline's parts and / before a prediction block, found '?'")]
    [InlineData("", "M-M*/*-/-*", "prediction blocks of different layers ('*-' and '-*') are not modelled")]
    [InlineData("--mtp-num-layers 1", "M-M*", "prediction blocks without layers")]
    [InlineData("--mamba-num-groups 5", Sixteen, "5 groups do not divide the 64 heads of a state space layer; nearest: 4 and 8")]
    [InlineData("--pipeline-model-parallel-size 2", "M-|M*|M-", "3 parts do not divide into 2 pipeline stages")]
    [InlineData("--pipeline-model-parallel-size 2 --num-layers-per-virtual-pipeline-stage 4", Sixteen, "takes parts of a pipeline with --hybrid-layer-pattern by its | alone")]
    [InlineData("--pipeline-model-parallel-size 2 --decoder-first-pipeline-num-layers 4", "M-M*|M-M*", "contradicts the parts of --hybrid-layer-pattern")]
    [InlineData("--hybrid-attention-ratio 0.1", Sixteen, "layers by their shares are not modelled")]
    [InlineData("", "M-ME", "mixtures (E) and there are no experts")]
    [InlineData("--num-experts 8", "M-M*", "there are experts and the pattern has no mixture (E)")]
    [InlineData("--tensor-model-parallel-size 16 --sequence-parallel --num-query-groups 16", Sixteen, "tensor 16 does not divide the groups of a state space layer (8); nearest is 8")]
    public void What_contradicts_a_pattern_or_is_not_modelled_is_refused(string added, string pattern, string problem) =>
        Assert.Contains(problem, LaunchFiles.Refused("a.txt", Base.Replace(Sixteen, pattern, StringComparison.Ordinal) + "\n" + added + "\n", On16));

    [Fact]
    public void A_hybrid_without_a_pattern_is_asked_for_it() =>
        Assert.Contains("needs the kinds of its layers (--hybrid-layer-pattern)", LaunchFiles.Refused("a.txt", Base.Replace("--hybrid-layer-pattern " + Sixteen, "--is-hybrid-model --num-layers 16", StringComparison.Ordinal), On16));

    [Fact]
    public void Another_number_of_layers_gives_way_to_the_pattern() =>
        Assert.Contains(Read("--num-layers 12").Assumptions, a => a.Contains("--num-layers 12 contradicts the pattern of 16 layers, which counts", StringComparison.Ordinal));

    /// <summary>The same by Megatron-Bridge's names.</summary>
    [Fact]
    public void Fields_of_Megatron_Bridge_name_the_same()
    {
        const string Fields = """
            model:
              hybrid_layer_pattern: "M-M*M-M*M-M*M-M*/*-"
              is_hybrid_model: true
              hidden_size: 2048
              num_attention_heads: 16
              num_query_groups: 8
              mamba_num_heads: 64
              mamba_state_dim: 128
              normalization: RMSNorm
              add_bias_linear: false
              position_embedding_type: none
              share_embeddings_and_output_weights: false
              seq_length: 4096
              vocab_size: 131072
            train:
              micro_batch_size: 1
              global_batch_size: 64
            """;
        var job = LaunchFiles.Read("a.yaml", Fields, On16);
        Assert.Equal((16, 1, "*-"), (job.Model.Layers, job.Model.PredictionBlocks, job.Model.PredictionPattern));
        Assert.Equal(new ModelSize(Read().Model).Parameters, new ModelSize(job.Model).Parameters - new ModelSize(job.Model).PredictionParameters);
    }
}
