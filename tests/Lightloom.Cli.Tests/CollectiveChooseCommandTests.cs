using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom collective choose</c>.</summary>
public class CollectiveChooseCommandTests
{
    static readonly string[] H100 = ["collective", "choose", "--system", "dgx-h100", "--collective", "all-reduce"];

    [Fact]
    public void The_configuration_and_the_json_say_the_same()
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run([.. H100, "--sizes", "8..32GiB", "--json", "--tuner-csv", scratch["t.csv"]]);
        Assert.Equal((0, ""), (code, error));
        using var json = JsonDocument.Parse(text);
        Assert.Equal("2.30.7", json.RootElement.GetProperty("version").GetString());
        Assert.Equal(33, json.RootElement.GetProperty("sizes").GetArrayLength());
        var lines = File.ReadAllLines(scratch["t.csv"]).Where(l => l[0] != '#').Select(l => l.Split(',')).ToList();
        Assert.Equal(
            json.RootElement.GetProperty("ranges").EnumerateArray().Select(r => (r.GetProperty("from_B").GetInt64().ToString(), r.GetProperty("algorithm").GetString()!.ToLowerInvariant())),
            lines.Select(l => (l[1], l[3])));
    }

    [Fact]
    public void A_forced_algorithm_is_compared_with_the_free_choice()
    {
        var (code, text, _) = Cli.Run([.. H100, "--sizes", "1GiB", "--algorithm", "ring"]);
        Assert.Equal(0, code);
        Assert.Contains("left alone NCCL would take NVLS/Simple", text.ReplaceLineEndings(" "));
    }

    [Theory]
    [InlineData("expected whole bytes from 1 B to 1 TiB, found '0'", "--sizes", "0")]
    [InlineData("expected whole bytes from 1 B to 1 TiB, found '-8'", "--sizes=-8")]
    [InlineData("expected whole bytes from 1 B to 1 TiB, found '1048576TiB'", "--sizes", "1048576TiB")]
    [InlineData("'8KiB' is more than '1KiB'", "--sizes", "8KiB..1KiB")]
    [InlineData("expected a whole number from 2 to 8, found '9'", "--gpus", "9")]
    [InlineData("expected a whole number from 1 to 1,000,000, found '0'", "--nodes", "0")]
    [InlineData("found 'rin'; did you mean", "--algorithm", "rin")]
    [InlineData("PAT/any protocol is off", "--algorithm", "pat")]
    public void A_wrong_input_is_one_clear_message_and_no_file(string message, params string[] arguments)
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run([.. H100, .. arguments, "--tuner-csv", scratch["t.csv"]]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Empty(Directory.GetFiles(scratch.Folder));
    }

    [Fact]
    public void All_to_all_has_no_algorithm_to_choose() =>
        Assert.Contains("from peer to peer", Cli.Run("collective", "choose", "--system", "dgx-h100", "--collective", "all-to-all").Error);
}
