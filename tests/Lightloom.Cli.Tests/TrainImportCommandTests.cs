using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom train import</c>: what it writes is what <c>train</c> and <c>evaluate</c> take.</summary>
public sealed class TrainImportCommandTests : IDisposable
{
    readonly string folder = Directory.CreateTempSubdirectory("lightloom-import-").FullName;

    static string Launch(string name) => Path.Combine(Cli.Root, "examples", "launch", name);

    string In(string name) => Path.Combine(folder, name);

    public void Dispose() => Directory.Delete(folder, true);

    static string Ok(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((0, ""), (code, error));
        return output;
    }

    static string Refused(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((2, ""), (code, output));
        Assert.Equal(1, error.Count(c => c == '\n'));
        return error;
    }

    [Fact]
    public void What_is_written_trains_as_the_launch_file_itself()
    {
        var design = In("design.yaml");
        using var json = JsonDocument.Parse(Ok("train", "import", Launch("gpt3-175b.sh"), "--system", "dgx-a100", "--output", design, "--json"));
        using var step = JsonDocument.Parse(Ok("train", design, "--json"));
        using var atOnce = JsonDocument.Parse(Ok("train", Launch("gpt3-175b.sh"), "--system", "dgx-a100", "--json"));
        Assert.Equal(step.RootElement.GetProperty("time_s").GetDouble(), atOnce.RootElement.GetProperty("time_s").GetDouble());
        Assert.Equal(1024, step.RootElement.GetProperty("accelerators").GetInt32());
        Assert.Equal(json.RootElement.GetProperty("step_s").GetDouble(), step.RootElement.GetProperty("closedForm_s").GetDouble(), 1e-9);
        Assert.Contains("174.62 billion", Ok("train", "import", Launch("gpt3-175b.sh"), "--system", "dgx-a100"));
        Assert.Equal(json.RootElement.GetProperty("design").GetString(), File.ReadAllText(design));
        Assert.False(File.Exists(In("design.model.yaml")));
        Ok("evaluate", design);
    }

    [Fact]
    public void A_model_like_none_of_the_catalogue_is_written_beside()
    {
        var design = In("d.yaml");
        var output = Ok("train", "import", Launch("gpt3-175b.sh"), "--system", "dgx-a100", "--output", design, "--", "--ffn-hidden-size", "40960");
        Assert.Contains("d.model.yaml", output);
        Assert.Contains("model: \"d.model.yaml\"", File.ReadAllText(design));
        Assert.Contains("feedForward: 40960", File.ReadAllText(In("d.model.yaml")));
        Ok("train", design);
        // Fewer layers alone are said in the design.
        Ok("train", "import", Launch("gpt3-175b.sh"), "--system", "dgx-a100", "--output", design, "--", "--num-layers", "48");
        Assert.Contains("model: { basedOn: gpt3-175b, layers: 48 }", File.ReadAllText(design));
    }

    [Fact]
    public void Every_key_that_an_argument_decides_is_read_back_from_the_design()
    {
        var design = In("d.yaml");
        Ok("train", "import", Launch("mixtral-8x7b.sh"), "--system", "dgx-b200", "--output", design, "--", "--tensor-model-parallel-size", "2", "--expert-tensor-parallel-size", "1",
            "--moe-expert-capacity-factor", "1.5", "--moe-pad-expert-input-to-capacity", "--fp8-format", "e4m3", "--fp8-recipe", "mxfp8", "--fp8-param-gather", "--use-precision-aware-optimizer",
            "--exp-avg-dtype", "bf16", "--exp-avg-sq-dtype", "bf16", "--optimizer-cpu-offload", "--optimizer-offload-fraction", "0.35", "--recompute-granularity", "full",
            "--recompute-method", "block", "--recompute-num-layers", "1", "--cross-entropy-loss-fusion", "--cross-entropy-fusion-impl", "te");
        var text = File.ReadAllText(design);
        foreach (var line in new[] { "precision: mxfp8", "expertTensor: 1", "expertCapacity: 1.5", "order: [tensor, context, expert, data, pipeline]", "momentBytes: 2", "fp8Weights: true", "loss: fused", "recomputeBlocks: 4", "offloadOptimizer: 0.35" })
            Assert.Contains($" {line}\n", text);
        Ok("evaluate", design);
        Ok("train", "memory", design);
        // Lists of two kinds in one design.
        Ok("train", "import", Launch("mixtral-8x7b.sh"), "--system", "dgx-h100", "--output", design, "NODES=8", "--", "--num-layers-per-virtual-pipeline-stage", "2", "--account-for-loss-in-pipeline-split", "--num-layers", "31");
        text = File.ReadAllText(design);
        Assert.Contains("    stageLayers: [2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1]\n", text);
        Assert.Contains("    order: [tensor, context, expert, data, pipeline]\n", text);
        Ok("evaluate", design);
    }

    [Fact]
    public void The_job_is_put_into_a_cluster_of_ones_own()
    {
        var design = In("own.yaml");
        Ok("train", "import", Launch("mixtral-8x7b.sh"), "--design", Cli.Example("superpod-h100-ndr"), "--output", design);
        var text = File.ReadAllText(design);
        Assert.Contains("systems: 127", text);
        Assert.Contains("accelerators: 64", text);
        Assert.DoesNotContain("llama", text);
        Ok("evaluate", design);
    }

    [Fact]
    public void Wrong_input_is_told_in_one_line()
    {
        var gpt = Launch("gpt3-175b.sh");
        Assert.Contains("give --system, one of dgx-a100", Refused("train", "import", gpt));
        Assert.Contains("did you mean 'dgx-a100'", Refused("train", "import", gpt, "--system", "dgx-a10"));
        Assert.Contains("both name a cluster", Refused("train", "import", gpt, "--system", "dgx-a100", "--design", Cli.Example("superpod-h100-ndr")));
        Assert.Contains("1,000 accelerators are no multiple of tensor 8 x pipeline 16 x context 1 = 128; the nearest numbers that are: 896 and 1,024", Refused("train", "import", gpt, "--system", "dgx-a100", "--accelerators", "1000"));
        Assert.Contains("--accelerators", Refused("train", "import", gpt, "--system", "dgx-a100", "--accelerators", "many"));
        Assert.Contains("expected a file that ends in .yaml", Refused("train", "import", gpt, "--system", "dgx-a100", "--output", In("x.txt")));
        Assert.Contains("--fp4-format: the accelerator 'h100-sxm-80gb' has no Nvfp4 matrix rate", Refused("train", "import", gpt, "--system", "dgx-h100", "--", "--fp4-format", "e2m1"));
        Assert.Contains("there is no file", Refused("train", "import", In("none.sh"), "--system", "dgx-a100"));
        Assert.Contains("did you mean 'megatron'", Refused("train", "import", gpt, "--system", "dgx-a100", "--kind", "megatrom"));
        Assert.Contains("a launch file needs --system or --design", Refused("train", Cli.Example("superpod-h100-ndr"), "NGPU=8"));
        Assert.Contains("says nothing of its cluster", Refused("train", gpt, "--accelerators", "64"));
        Assert.Contains("--model", Refused("train", "import", Launch("llama3-405b.toml"), "--system", "dgx-h100", "--accelerators", "512", "--", "--model.name", "x"));
        Assert.Empty(Directory.GetFiles(folder));
    }
}
