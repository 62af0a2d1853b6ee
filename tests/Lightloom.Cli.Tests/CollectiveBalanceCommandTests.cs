using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom collective balance</c>.</summary>
public class CollectiveBalanceCommandTests
{
    [Fact]
    public void Json_says_what_the_report_says_and_queue_pairs_reach_only_what_tells_flows_apart()
    {
        JsonElement Entry(string policy, params string[] more)
        {
            var (code, text, error) = Cli.Run(["collective", "balance", "--uplinks", "8", "--leaves", "4", "--json", .. more]);
            Assert.Equal((0, ""), (code, error));
            using var json = JsonDocument.Parse(text);
            Assert.Equal(8, json.RootElement.GetProperty("stages")[0].GetProperty("links").GetInt32());
            return json.RootElement.GetProperty("entries").EnumerateArray().Single(e => e.GetProperty("policy").GetString() == policy).Clone();
        }
        double Share(JsonElement entry) => entry.GetProperty("expected_share").GetDouble();
        Assert.True(Share(Entry("ecmp", "--queue-pairs", "8")) > Share(Entry("ecmp")));
        Assert.Equal(Share(Entry("adaptive-routing")), Share(Entry("adaptive-routing", "--queue-pairs", "8")));
        Assert.True(Share(Entry("ecmp", "--connections", "32")) > Share(Entry("ecmp")));
        var damaged = Entry("packet-spraying", "--failed", "2");
        Assert.True(damaged.GetProperty("damagedExpected_share").GetDouble() < Share(damaged));
        Assert.Equal(damaged.GetProperty("damagedExpected_share").GetDouble(), damaged.GetProperty("ofCard_share").GetDouble(), 1e-12);
        Assert.Equal(0.5, Entry("adaptive-routing", "--oversubscription", "2").GetProperty("ofCard_share").GetDouble() / Share(Entry("adaptive-routing")), 1e-9);
    }

    [Fact]
    public void One_policy_is_one_line_and_a_picture_is_drawn()
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run("collective", "balance", "--policy", "flowlets", "--plot", scratch["b.svg"]);
        Assert.Equal((0, ""), (code, error));
        Assert.Contains("flowlets", text);
        Assert.DoesNotContain("packet-spraying", text);
        Assert.Contains("<svg", File.ReadAllText(scratch["b.svg"]));
    }

    [Fact]
    public void A_design_on_one_switch_has_nothing_to_spread()
    {
        var (code, text, _) = Cli.Run("collective", "balance", "--design", Cli.Example("eight-node-roce-copper"));
        Assert.Equal(0, code);
        Assert.Contains("nothing to spread", text);
    }

    [Theory]
    [InlineData("expected a whole number from 1 to 100,000, found '0'", "--uplinks", "0")]
    [InlineData("expected a whole number from 1 to 100,000, found '-3'", "--queue-pairs=-3")]
    [InlineData("don't divide the 16 uplinks", "--bundle", "3")]
    [InlineData("expected a whole number from 0 to 15, found '16'", "--failed", "16")]
    [InlineData("expected a number from 0 to 0.5, found '0.7'", "--failed-share", "0.7")]
    [InlineData("expected a number from 0.01 to 1000, found 'NaN'", "--oversubscription", "NaN")]
    [InlineData("did you mean 'ecmp'", "--policy", "ecnp")]
    [InlineData("--leaves: a design says it itself", "--leaves", "3", "--design", "d.yaml")]
    [InlineData("more cards than can be numbered", "--leaves", "10000000", "--cards", "100000")]
    public void A_wrong_input_is_one_clear_message_and_no_file(string message, params string[] arguments)
    {
        using var scratch = new Scratch();
        var (code, text, error) = Cli.Run(["collective", "balance", .. arguments, "--plot", scratch["b.svg"]]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error);
        Assert.Empty(Directory.GetFiles(scratch.Folder));
    }

    // Before anything is played: the record takes minutes.
    [Theory]
    [InlineData("can't be written: there is no folder", "--record", "nowhere/r.csv")]
    [InlineData("--record plays runs of its own; expected it without --policy", "--record", "r.csv", "--policy", "ecmp")]
    [InlineData("--record plays runs of its own; expected it without --json", "--record", "r.csv", "--json")]
    [InlineData("--size is of use with --packets alone", "--size", "1MB")]
    [InlineData("--packets plays whole links", "--packets", "--failed", "1")]
    [InlineData("--seeds: expected a whole number from 1 to 1,000, found '0'", "--packets", "--seeds", "0")]
    public void What_cannot_be_played_is_told(string message, params string[] arguments)
    {
        var (code, text, error) = Cli.Run(["collective", "balance", .. arguments]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }
}
