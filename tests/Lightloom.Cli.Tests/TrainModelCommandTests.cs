using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom train model</c>, and models that a design names by a file.</summary>
public sealed class TrainModelCommandTests : IDisposable
{
    const string Config = """
        {
          "model_type": "llama",
          "hidden_size": 4096,
          "intermediate_size": 14336,
          "num_attention_heads": 32,
          "num_hidden_layers": 32,
          "num_key_value_heads": 8,
          "max_position_embeddings": 131072,
          "tie_word_embeddings": false,
          "vocab_size": 128256
        }
        """;

    readonly string folder = Directory.CreateTempSubdirectory("lightloom-model-").FullName;

    string File(string name, string text)
    {
        var path = Path.Combine(folder, name);
        System.IO.File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => Directory.Delete(folder, true);

    static JsonDocument Json(params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["train", "model", .. arguments, "--json"]);
        Assert.Equal((0, ""), (code, error));
        return JsonDocument.Parse(text);
    }

    [Fact]
    public void A_configuration_a_key_and_a_written_part_say_the_same()
    {
        var config = File("config.json", Config);
        var part = Path.Combine(folder, "part.yaml");
        using var first = Json(config, "--sequence", "8192", "--write", part);
        using var second = Json("llama-3.1-8b");
        using var third = Json(part);
        foreach (var json in new[] { first, second, third })
        {
            var root = json.RootElement;
            Assert.Equal(8_030_261_248, root.GetProperty("parameters").GetDouble());
            Assert.Equal(8192, root.GetProperty("sequence_tokens").GetInt32());
            Assert.Equal(131_072, root.GetProperty("keysAndValues").GetProperty("perTokenBf16_B").GetDouble());
            Assert.Equal(root.GetProperty("parameters").GetDouble(), root.GetProperty("classes").EnumerateArray().Sum(c => c.GetProperty("parameters").GetDouble()));
        }
        var operations = first.RootElement.GetProperty("operations").ToString();
        Assert.Equal(operations, second.RootElement.GetProperty("operations").ToString());
        Assert.Equal(operations, third.RootElement.GetProperty("operations").ToString());
        Assert.NotEmpty(first.RootElement.GetProperty("assumptions").EnumerateArray());
    }

    [Fact]
    public void A_report_says_what_the_file_leaves_open()
    {
        var (code, text, _) = Cli.Run("train", "model", File("config.json", Config.Replace("llama", "somebody", StringComparison.Ordinal)));
        Assert.Equal(0, code);
        Assert.Contains("type 'somebody', which is not known", string.Join(' ', text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Contains("What the file does not say", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_padded_vocabulary_is_counted()
    {
        using var json = Json("gpt2", "--pad-vocabulary", "1024");
        Assert.Equal(124_439_808 + (768.0 * (51200 - 50257)), json.RootElement.GetProperty("parameters").GetDouble());
    }

    [Fact]
    public void A_design_may_name_a_configuration_beside_it()
    {
        File("config.json", Config);
        var text = System.IO.File.ReadAllText(Cli.Example("superpod-h100-ndr")).Replace("model: llama-3.1-70b", "model: ./config.json", StringComparison.Ordinal);
        var named = Cli.Run("evaluate", File("design.yaml", text), "--json");
        Assert.Equal((0, ""), (named.Code, named.Error));
        var listed = Cli.Run("evaluate", File("other.yaml", text.Replace("./config.json", "llama-3.1-8b", StringComparison.Ordinal)), "--json");
        static double Tokens(string json)
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty("step").GetProperty("tokensPerSecond").GetDouble();
        }
        Assert.Equal(Tokens(listed.Out), Tokens(named.Out));
        // What stands in the file is part of the design.
        static string Id(string json)
        {
            using var document = JsonDocument.Parse(json);
            return document.RootElement.GetProperty("id").GetString()!;
        }
        File("config.json", Config.Replace("14336", "14848", StringComparison.Ordinal));
        var changed = Cli.Run("evaluate", Path.Combine(folder, "design.yaml"), "--json");
        Assert.Equal(0, changed.Code);
        Assert.NotEqual(Id(named.Out), Id(changed.Out));
    }

    [Theory]
    [InlineData("\"hidden_size\": 4096,", "", "config.json:1:1: config.json: 'hidden_size'")]
    [InlineData("\"hidden_size\": 4096", "\"hidden_size\": 4095", "config.json:5:26: config.json: 32 heads do not divide the hidden size of 4,095")]
    [InlineData("}", "", "config.json:11:1: not valid JSON")]
    public void A_wrong_configuration_ends_with_its_line_also_in_a_design(string old, string with, string message)
    {
        var path = File("config.json", Config.Replace(old, with, StringComparison.Ordinal));
        var design = File("design.yaml", System.IO.File.ReadAllText(Cli.Example("superpod-h100-ndr")).Replace("model: llama-3.1-70b", "model: config.json", StringComparison.Ordinal));
        foreach (var (code, text, error) in new[] { Cli.Run("train", "model", path), Cli.Run("evaluate", design) })
        {
            Assert.Equal((2, ""), (code, text));
            Assert.Contains(message, error, StringComparison.Ordinal);
            Assert.Single(error.TrimEnd().Split('\n'));
        }
    }

    [Fact]
    public void A_missing_file_is_told_where_the_design_names_it()
    {
        var design = File("design.yaml", System.IO.File.ReadAllText(Cli.Example("superpod-h100-ndr")).Replace("model: llama-3.1-70b", "model: none.json", StringComparison.Ordinal));
        var (code, text, error) = Cli.Run("evaluate", design);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains("design.yaml:20:10: there is no file '", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("there is no model 'llama-3.1-9b'; did you mean 'llama-3.1-8b'?", "llama-3.1-9b")]
    [InlineData("there is no file 'none.json'", "none.json")]
    [InlineData("--sequence: expected a whole number from 1 to 1,000,000,000, found '0'", "gpt2", "--sequence", "0")]
    [InlineData("--pad-vocabulary: expected a whole number from 1 to 10,000,000, found 'x'", "gpt2", "--pad-vocabulary", "x")]
    public void A_wrong_argument_is_told(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["train", "model", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_part_file_that_contradicts_itself_is_told()
    {
        var part = File("part.yaml", "name: wrong\nlayers: 2\nhidden: 8\nheads: 4\nkeyValueHeads: 3\nfeedForward: 8\nactivation: gelu\nvocabulary: 9\nsequence: 8\n");
        var (code, _, error) = Cli.Run("train", "model", part);
        Assert.Equal(2, code);
        Assert.Contains("part.yaml:5:16: keyValueHeads: 3 key-value heads do not divide the 4 heads", error, StringComparison.Ordinal);
    }
}
