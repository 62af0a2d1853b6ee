using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Validation;
using Lightloom.Workloads;

namespace Lightloom.Planning.Tests.Validation;

/// <summary>What a published recipe sets beyond a row's columns.</summary>
public sealed class RecipeTests
{
    const string Header = "id,model,arch,seq,gpus,gpu_type,tp,pp,dp,ep,cp,microbatch,vp_interleave,globalbatch,precision,recompute,metric,value,unit,source,notes\n";

    static MeasuredStep Step(string model, string gpu, int gpus, string degrees, string sizes, string precision, string release, string recompute = "", string notes = "task=pretrain")
    {
        var text = $"{Header}r1,{model},moe,4096,{gpus},{gpu},{degrees},1,{sizes},{precision},{recompute},tokens_per_s_per_gpu,1000,tok/s/GPU,NVIDIA-NeMo/Megatron-Bridge section {release} NeMo Container,{notes}\n";
        return MeasuredStep.Of(CsvTable.Read(text, "made.csv").Rows[0], PartCatalog.Default);
    }

    static MeasuredStep DeepSeek(string release, string gpu = "GB200", string notes = "task=pretrain") => Step("DeepSeek-V3", gpu, 256, "1,4,64,64", "1,4,4096", "MXFP8", release, notes: notes);

    [Theory]
    [InlineData("26.04", "blackwell-2025", false, RecomputedModule.FeedForward)]
    [InlineData("26.02", "blackwell-2025", false, RecomputedModule.LatentProjection)]
    [InlineData("26.06", "blackwell", true, RecomputedModule.LatentProjection)]
    [InlineData("26.06.01", "blackwell", true, RecomputedModule.LatentProjection)]
    [InlineData("26.10", "blackwell", true, RecomputedModule.LatentProjection)] // after the last that is known
    public void A_release_says_what_is_fused_overlapped_and_computed_again(string release, string kernels, bool overlap, RecomputedModule again)
    {
        var step = DeepSeek(release);
        Assert.Equal(kernels, step.System.Kernels.Key);
        Assert.Equal(overlap, step.Job.Parallelism.OverlapExpert);
        Assert.Equal(Recomputation.Selective, step.Job.Parallelism.Recompute);
        Assert.Equal([again], step.Job.Memory.RecomputeModules!);
        Assert.Equal(ExpertDispatch.Fused, step.Job.Parallelism.ExpertDispatch);
    }

    [Theory]
    [InlineData("25.09", 1.0, RecordedGraphs.None, false)] // tokens were dropped, and what is padded needs no counts
    [InlineData("25.11", null, RecordedGraphs.None, true)]
    [InlineData("26.04", null, RecordedGraphs.None, true)]
    public void Tokens_were_dropped_in_releases_of_2025(string release, double? capacity, RecordedGraphs? graphs, bool overlap)
    {
        var p = Step("Qwen3-235B-A22B", "H100", 256, "2,8,16,32", "1,4,2048", "FP8", release).Job.Parallelism;
        Assert.Equal((capacity, graphs, overlap, ExpertDispatch.AllToAll), (p.ExpertCapacity, p.Graphs, p.OverlapExpert, p.ExpertDispatch));
    }

    [Fact]
    public void What_is_recorded_is_the_recipes()
    {
        Assert.Equal(RecordedGraphs.Parts, DeepSeek("26.04").Job.Parallelism.Graphs);
        Assert.Equal(RecordedGraphs.Iteration, DeepSeek("26.06").Job.Parallelism.Graphs);
        Assert.Equal(RecordedGraphs.Parts, DeepSeek("26.06", notes: "task=pretrain; tok=4969[^note]").Job.Parallelism.Graphs);
    }

    [Fact]
    public void What_a_row_or_its_footnote_says_comes_first()
    {
        Assert.Equal(Recomputation.Full, Step("DeepSeek-V3", "GB200", 256, "1,4,64,64", "1,4,4096", "MXFP8", "26.06", recompute: "full").Job.Parallelism.Recompute);
        var qualified = DeepSeek("26.06", notes: "task=pretrain; tok=4969[^note]");
        Assert.Equal("blackwell-2025", qualified.System.Kernels.Key);
        Assert.False(qualified.Job.Parallelism.OverlapExpert);
    }

    [Fact]
    public void A_row_with_other_degrees_or_of_fine_tuning_has_no_recipe()
    {
        var other = Step("DeepSeek-V3", "GB200", 256, "1,2,128,64", "1,4,4096", "MXFP8", "26.06");
        Assert.Equal("blackwell-2025", other.System.Kernels.Key);
        Assert.Null(other.Job.Parallelism.Recompute);
        Assert.Equal("blackwell-2025", DeepSeek("26.06", notes: "task=lora").System.Kernels.Key);
    }

    [Fact]
    public void A_plain_all_to_all_is_told_from_fused_kernels()
    {
        Assert.Equal(ExpertDispatch.AllToAll, Step("Qwen3-235B-A22B", "B200", 64, "1,8,8,8", "1,4,2048", "BF16", "26.06").Job.Parallelism.ExpertDispatch);
        Assert.Equal(ExpertDispatch.Fused, Step("Qwen3-235B-A22B", "GB200", 64, "1,8,8,8", "1,n/a,2048", "BF16", "26.06").Job.Parallelism.ExpertDispatch);
        // Its performance recipes name none; the recipe that they start from does.
        Assert.Equal(ExpertDispatch.AllToAll, Step("GPT-OSS-120B", "GB300", 64, "1,1,64,64", "4,n/a,1280", "BF16", "26.02").Job.Parallelism.ExpertDispatch);
        Assert.Equal(ExpertDispatch.Fused, Step("GPT-OSS-120B", "GB300", 64, "1,1,64,16", "4,n/a,1280", "MXFP8", "26.06").Job.Parallelism.ExpertDispatch);
    }

    [Fact]
    public void A_recipe_may_compute_whole_blocks_again()
    {
        var step = Step("Llama-3-8B", "H100-SXM-80GB", 8, "1,1,8,1", "1,n/a,128", "FP8", "26.06");
        Assert.Equal(Recomputation.Full, step.Job.Parallelism.Recompute);
        Assert.Equal(5, step.Job.RecomputedBlocks);
    }
}
