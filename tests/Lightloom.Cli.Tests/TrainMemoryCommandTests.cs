using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom train memory</c>.</summary>
public sealed class TrainMemoryCommandTests
{
    const string Given = "{ tensor: 4, pipeline: 2 }";

    static string Changed(Scratch folder, string to)
    {
        var text = File.ReadAllText(Cli.Example("superpod-h100-ndr"));
        Assert.Contains(Given, text);
        return folder.Write(text.Replace(Given, to, StringComparison.Ordinal));
    }

    static JsonElement Json(params string[] arguments) => Cli.Json(arguments);

    static double Number(JsonElement json, string name) => json.GetProperty(name).GetDouble();

    [Fact]
    public void Json_adds_up_and_is_what_evaluate_says()
    {
        var json = Json("train", "memory", Cli.Example("superpod-h100-ndr"));
        foreach (var stage in json.GetProperty("stages").EnumerateArray())
        {
            Assert.Equal(Number(stage, "total_GB"), stage.GetProperty("classes_GB").EnumerateObject().Sum(c => c.Value.GetDouble()), 1e-9);
            Assert.True(Number(stage, "peakAllocated_GB") < Number(stage, "peakReserved_GB") && Number(stage, "peakReserved_GB") < Number(stage, "peakUsed_GB"));
        }
        var block = json.GetProperty("block_B").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetDouble());
        Assert.Equal(block["all"], block.Where(p => p.Key is not ("all" or "kept")).Sum(p => p.Value), 1e-3);
        var step = Json("evaluate", Cli.Example("superpod-h100-ndr")).GetProperty("step");
        var fullest = json.GetProperty("stages")[json.GetProperty("fullestStage").GetInt32()];
        Assert.Equal(Number(step.GetProperty("memory_GB"), "total"), Number(fullest, "total_GB"), 1e-9);
        Assert.Equal(Number(step, "time_s"), Number(json, "time_s"), 1e-12);
        Assert.True(json.GetProperty("fits").GetBoolean());
        Assert.All(json.GetProperty("mends").EnumerateArray(), m => Assert.True(m.GetProperty("fits").GetBoolean() && Number(m, "saves_GB") > 0));
    }

    [Fact]
    public void The_first_mend_applied_is_what_it_says()
    {
        using var folder = new Scratch();
        var design = Changed(folder, "{ tensor: 4, pipeline: 2, recompute: none, sharding: none }");
        var json = Json("train", "memory", design);
        Assert.False(json.GetProperty("fits").GetBoolean());
        Assert.Contains("It does not fit", Cli.Run("train", "memory", design).Out);
        var mend = json.GetProperty("mends")[0];
        Assert.True(mend.GetProperty("fits").GetBoolean());
        var settings = mend.GetProperty("settings").EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString());
        string Of(string section, Dictionary<string, string> start)
        {
            foreach (var (key, value) in settings.Where(s => s.Key.StartsWith(section, StringComparison.Ordinal))) start[key[section.Length..]] = value!;
            return $"{{ {string.Join(", ", start.Select(s => $"{s.Key}: {s.Value}"))} }}";
        }
        var parallelism = Of("parallelism.", new() { ["tensor"] = "4", ["pipeline"] = "2", ["recompute"] = "none", ["sharding"] = "none" });
        var again = Json("train", "memory", Changed(folder, $"{parallelism}\n  memory: {Of("memory.", [])}"));
        Assert.True(again.GetProperty("fits").GetBoolean());
        Assert.Equal(Number(mend, "time_s"), Number(again, "time_s"), 1e-9);
        Assert.Equal(Number(mend, "total_GB"), Number(again.GetProperty("stages")[again.GetProperty("fullestStage").GetInt32()], "total_GB"), 1e-9);
    }

    [Fact]
    public void What_the_host_holds_is_said()
    {
        using var folder = new Scratch();
        var design = Changed(folder, Given + "\n  memory: { offloadBlocks: 4, offloadOptimizer: 50 % }");
        var (code, text, error) = Cli.Run("train", "memory", design);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("The host's memory holds", text);
        var host = Json("train", "memory", design).GetProperty("host");
        Assert.True(Number(host, "held_GB") > 0 && Number(host, "needed_GBps") > 0 && Number(host, "seen_s") > 0);
        Assert.True(Number(Json("evaluate", design).GetProperty("step").GetProperty("parts_s"), "hostTransfer") > 0);
    }

    [Theory]
    [InlineData("svg", "<svg")]
    [InlineData("png", "PNG")]
    public void A_picture_is_a_whole_file(string kind, string begins)
    {
        using var folder = new Scratch();
        var picture = folder.Write("", $"memory.{kind}");
        Assert.Equal(0, Cli.Run("train", "memory", Cli.Example("superpod-h100-ndr"), "--plot", picture).Code);
        Assert.Contains(begins, System.Text.Encoding.Latin1.GetString(File.ReadAllBytes(picture)[..200]));
    }

    [Theory]
    [InlineData("{ tensor: 4, pipeline: 2 }\n  memory: { momentBytes: 3 }", "job.memory.momentBytes: no format has 3 bytes; the nearest are 2 (BF16) and 4 (FP32)")]
    [InlineData("{ tensor: 4, pipeline: 2 }\n  memory: { recomputeBlocks: 3 }", "job.memory.recomputeBlocks: blocks are computed again only with 'parallelism.recompute: full'; expected that, or no 'recomputeBlocks'")]
    [InlineData("{ tensor: 4, pipeline: 2, recompute: full }\n  memory: { recomputeBlocks: 41 }", "job.memory.recomputeBlocks: a stage has at most 40 of the 80 layers on 2 stages, not 41")]
    [InlineData("{ tensor: 4, pipeline: 2 }\n  memory: { offloadOptimizer: 120 % }", "found '120 %'")]
    [InlineData("{ tensor: 4, pipeline: 2 }\n  memory: { stack: megatron-lm }", "expected one of megatron, torch-fsdp; found 'megatron-lm'")]
    [InlineData("{ tensor: 4, pipeline: 2 }\n  memory: { ofloadBlocks: 1 }", "unknown key 'ofloadBlocks'; did you mean 'offloadBlocks'?")]
    public void A_wrong_plan_is_an_error_with_its_place(string given, string problem)
    {
        using var folder = new Scratch();
        var (code, text, error) = Cli.Run("train", "memory", Changed(folder, given));
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(problem, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Wrong_arguments_are_errors()
    {
        using var folder = new Scratch();
        Assert.Equal(2, Cli.Run("train", "memory", Cli.Example("superpod-h100-ndr"), "--plot", "memory.pdf").Code);
        Assert.Equal(2, Cli.Run("train", "memory", folder["absent.yaml"]).Code);
        var text = File.ReadAllText(Cli.Example("superpod-h100-ndr"));
        var (code, _, error) = Cli.Run("train", "memory", folder.Write(text[..text.IndexOf("job:", StringComparison.Ordinal)]));
        Assert.Equal(2, code);
        Assert.Contains("the design has no job", error);
    }
}
