using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom validate</c>.</summary>
public class ValidateCommandTests
{
    static readonly string Optics = Path.Combine(Cli.Root, "data", "validation", "optics");

    [Fact]
    public void Json_and_report_count_the_same_rows()
    {
        var (code, text, error) = Cli.Run("validate", "optics", "--data", Optics);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("27 predicted", text);
        Assert.Contains("0 of them missed", text.ReplaceLineEndings(" "));
        Assert.All(text.Split('\n'), line => Assert.True(line.Length <= 100, line));
        using var json = JsonDocument.Parse(Cli.Run("validate", "optics", "--data", Optics, "--json").Out);
        Assert.Equal("optics", json.RootElement.GetProperty("kind").GetString());
        Assert.Equal((27, 27, 0), (json.RootElement.GetProperty("rows").GetInt32(), json.RootElement.GetProperty("predicted").GetInt32(),
            json.RootElement.GetProperty("misses").GetInt32()));
        var gsnr = json.RootElement.GetProperty("groups").EnumerateArray().Single(g => g.GetProperty("name").GetString() == "GSNR");
        Assert.Equal(("dB", 13), (gsnr.GetProperty("unit").GetString(), gsnr.GetProperty("rows").GetInt32()));
        Assert.InRange(gsnr.GetProperty("maxAbsError").GetDouble(), 0, 0.0001);
    }

    [Fact]
    public void A_miss_is_shown_and_is_no_failure()
    {
        using var scratch = new Scratch();
        var (code, text, _) = Cli.Run("validate", "optics", "--data", scratch.Write("p_ch_dbm,gsnr_db\n1,21.264\n2,20\n", "s.csv"));
        Assert.Equal(0, code);
        Assert.Contains("Missed, the largest errors first", text);
        Assert.Contains("s.csv    2  2 dBm  GSNR          20 dB  21.1051 dB  +1.105 dB", text);
    }

    [Theory]
    [InlineData("p_ch_dbm,gsnr_db\n1,x\n", "s.csv:2:3: row 1, column 'gsnr_db': expected a number, found 'x'")]
    [InlineData("p_ch_dbm,gsnr_db\n1\n", "s.csv:2:1: this row has 1 cells; expected 2")]
    [InlineData("p_ch_dbm,p_ch_dbm\n", "s.csv:1:10: column 'p_ch_dbm' stands here a second time")]
    [InlineData("L,nsp\n1,2\n", "it lacks the columns 'alpha', 'con', 'nf', 'f0', 'nch', 'spacing', 'baud', 'pdbm'")]
    [InlineData("", "the file is empty")]
    public void A_wrong_table_is_one_clear_message(string table, string message)
    {
        using var scratch = new Scratch();
        Refused(message, "optics", "--data", scratch.Write(table, "s.csv"));
    }

    [Fact]
    public void A_wrong_command_is_one_clear_message()
    {
        Refused("there is no kind of validation 'optic'; did you mean 'optics'?", "optic", "--data", Optics);
        Refused("there is no file 'none.csv'", "optics", "--data", "none.csv");
        using var scratch = new Scratch();
        Refused("holds no .csv file", "optics", "--data", scratch.Folder);
    }

    static void Refused(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["validate", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Single(error.TrimEnd().Split('\n'));
    }
}
