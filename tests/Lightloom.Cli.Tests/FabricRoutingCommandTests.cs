using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary>What <c>fabric route|analyze|fail</c> say, and what they refuse.</summary>
public class FabricRoutingCommandTests
{
    static readonly string Design = Cli.Example("superpod-h100-ndr");

    static JsonElement Json(params string[] arguments)
    {
        var (code, output, error) = Cli.Run(arguments);
        Assert.Equal((0, ""), (code, error));
        return JsonDocument.Parse(output).RootElement;
    }

    [Fact]
    public void Paths_are_printed_by_name()
    {
        var (_, output, _) = Cli.Run("fabric", "route", Design, "--routing", "d-mod-k", "--from", "node-000", "--to", "node-126-nic-3");
        Assert.Contains("100 % node-000-nic-0 > leaf-00 > spine-14 > leaf-27 > node-126-nic-3", output, StringComparison.Ordinal);
        var paths = Json("fabric", "route", Design, "--from", "0", "--to", "node-126-nic-3", "--json").GetProperty("paths");
        Assert.Equal(16, paths.GetArrayLength());
        Assert.Equal(1, paths.EnumerateArray().Sum(p => p.GetProperty("share").GetDouble()), 9);
    }

    [Theory]
    [InlineData("shift:1")]
    [InlineData("permutation:3")]
    [InlineData("ring")]
    public void One_path_per_flow_meets_itself_where_spreading_does_not(string pattern)
    {
        Assert.Equal(1, Json("fabric", "route", Design, "--pattern", pattern, "--json").GetProperty("maxLoad").GetDouble(), 9);
        Assert.True(Json("fabric", "route", Design, "--pattern", pattern, "--hash", "1", "--json").GetProperty("maxLoad").GetDouble() >= 3);
    }

    [Fact]
    public void A_matrix_gives_the_loads_of_its_flows()
    {
        using var scratch = new Scratch();
        // Two senders to one card; the second in two lines. Bytes count from the slowest sender.
        var file = scratch.Write("# test\nfrom,to,bytes\nnode-000-nic-0,node-001-nic-0,2000000\n9,8,500000\nnode-001-nic-1,8,500000\n", "m.csv");
        var loads = Json("fabric", "route", Design, "--pattern", $"matrix:{file}", "--routing", "equal-cost", "--json");
        Assert.Equal(1.5, loads.GetProperty("maxLoad").GetDouble(), 9);
        Assert.Equal("node-001-nic-0", loads.GetProperty("fullest")[0].GetProperty("to").GetString());
    }

    [Fact]
    public void Failures_as_json_say_what_is_left()
    {
        var spine = Json("fabric", "fail", Design, "--switch", "spine-03", "--json");
        Assert.Equal((64, 0), (spine.GetProperty("links").GetInt32(), spine.GetProperty("cardsCutOff").GetInt32()));
        var leaf = Json("fabric", "fail", Design, "--switch", "leaf-00", "--json");
        Assert.Equal(32, leaf.GetProperty("cardsCutOff").GetInt32());
        Assert.Equal(2, Json("fabric", "fail", Design, "--link", "leaf-00:spine-03", "--json").GetProperty("links").GetInt32());
        Assert.Equal(2, Json("fabric", "fail", Design, "--module", "leaf-00:33", "--json").GetProperty("links").GetInt32());
        Assert.Equal(1, Json("fabric", "fail", Design, "--link", "leaf-00:33", "--json").GetProperty("links").GetInt32());
        Assert.Equal(Json("fabric", "fail", Design, "--random", "20", "--seed", "4", "--json").ToString(), Json("fabric", "fail", Design, "--random", "20", "--seed", "4", "--json").ToString());
    }

    [Fact]
    public void Structure_as_json_is_what_the_plan_says()
    {
        var s = Json("fabric", "analyze", Design, "--json");
        Assert.Equal(2, s.GetProperty("diameter_links").GetInt32());
        Assert.True(s.GetProperty("bisection").GetProperty("exact").GetBoolean());
        Assert.Contains(s.GetProperty("deadlock").EnumerateArray(), d => d.GetProperty("routing").GetString() == "d-mod-k" && d.GetProperty("free").GetBoolean());
        Assert.Contains(s.GetProperty("deadlock").EnumerateArray(), d => d.GetProperty("routing").GetString() == "valiant" && d.GetProperty("lanes").GetInt32() == 2);
    }

    [Theory]
    [InlineData("--routing: there is no routing 'dmodk'; did you mean 'd-mod-k'?", "route", "--routing", "dmodk")]
    [InlineData("--routing: dimension-order: it needs a grid without empty places (torus, HyperX), and this rail-optimized is none", "route", "--routing", "dimension-order")]
    [InlineData("--pattern: expected all-to-all, shift:K, permutation:SEED, ring, incast:N or matrix:FILE, found 'shif:1'", "route", "--pattern", "shif:1")]
    [InlineData("--pattern: expected a whole number from 1 to 1,015, found '1016'", "route", "--pattern", "shift:1016")]
    [InlineData("--pattern: expected a whole number from 1 to 1,015, found 'NaN'", "route", "--pattern", "incast:NaN")]
    [InlineData("--pattern: expected a whole number of 0 or more, found '-1'", "route", "--pattern", "permutation:-1")]
    [InlineData("--pattern: there is no file '/no/such.csv'", "route", "--pattern", "matrix:/no/such.csv")]
    [InlineData("--hash: expected a whole number of 0 or more, found 'x'", "route", "--hash", "x")]
    [InlineData("--to is missing: --from and --to go together", "route", "--from", "node-000")]
    [InlineData("--pattern and --from exclude each other: give loads or paths", "route", "--from", "0", "--to", "1", "--pattern", "ring")]
    [InlineData("--from: cards are numbered 0 to 1,015, not 1016", "route", "--from", "1016", "--to", "1")]
    [InlineData("--to: there is no card 'node-00-nic-1'; did you mean 'node-000-nic-1'?", "route", "--from", "0", "--to", "node-00-nic-1")]
    [InlineData("--to: 'node-000-nic-0' is the card that --from names", "route", "--from", "0", "--to", "node-000")]
    [InlineData("--switch: there is no switch 'leaf-0'; did you mean 'leaf-00'?", "fail", "--switch", "leaf-0")]
    [InlineData("--switch: 'node-000-nic-0' is no switch; switches are 'leaf-00' to 'spine-15'", "fail", "--switch", "node-000-nic-0")]
    [InlineData("--link: no link joins 'leaf-00' and 'leaf-01'; 'leaf-00' is joined to node-000-nic-0, node-001-nic-0, ... spine-15", "fail", "--link", "leaf-00:leaf-01")]
    [InlineData("--link: expected two devices, such as leaf-00:spine-03, or a device and a port, found 'leaf-00'", "fail", "--link", "leaf-00")]
    [InlineData("--module: no link is at port 99 of 'leaf-00'; its links are at ports 0 to 63", "fail", "--module", "leaf-00:99")]
    [InlineData("--module: expected a port, found 'x'", "fail", "--module", "leaf-00:x")]
    [InlineData("--plane: the fabric has one plane, 0, not '1'", "fail", "--plane", "1")]
    [InlineData("--random: expected a whole number from 1 to 2,044, found '0'", "fail", "--random", "0")]
    [InlineData("--switch and --plane exclude each other", "fail", "--plane", "0", "--switch", "leaf-00")]
    [InlineData("--seed is of use with --random alone", "fail", "--seed", "1")]
    public void A_wrong_question_is_refused(string message, string command, params string[] options) => Refused(message, command, options);

    [Theory]
    [InlineData("", "1:1: the file is empty; expected the columns 'from,to,bytes' or 'from,to,weight'")]
    [InlineData("a,b,c\n", "1:1: expected the columns 'from,to,bytes' or 'from,to,weight', found 'a,b,c'")]
    [InlineData("from,to,weight\n", "1:1: the matrix has no flow")]
    [InlineData("from,to,weight\n0,1\n", "2:1: expected 3 values, found 2 in '0,1'")]
    [InlineData("from,to,weight\n0,1,NaN\n", "2:5: expected a number of weight from 0 up, found 'NaN'")]
    [InlineData("from,to,bytes\n0,1,-5\n", "2:5: expected a number of bytes from 0 up, found '-5'")]
    [InlineData("from,to,weight\n0,1,1e9\n", "2:5: a weight is a share of what a card can inject; '1e9' is more than 1,000,000")]
    [InlineData("from,to,weight\n0,0,1\n", "2:1: '0' sends to itself")]
    [InlineData("from,to,weight\n0,1016,1\n", "2:3: cards are numbered 0 to 1,015, not 1016")]
    [InlineData("from,to,weight\n0,nod-001-nic-1,1\n", "2:3: there is no card 'nod-001-nic-1'; did you mean 'node-001-nic-1'?")]
    public void A_wrong_matrix_is_refused_at_its_place(string text, string message)
    {
        using var scratch = new Scratch();
        var file = scratch.Write(text, "m.csv");
        Refused($"{file}:{message}", "route", ["--pattern", $"matrix:{file}"]);
    }

    static void Refused(string message, string command, string[] options)
    {
        var (code, output, error) = Cli.Run(["fabric", command, Design, .. options]);
        Assert.Equal((2, "", $"error: {message}\n"), (code, output, error.ReplaceLineEndings("\n")));
    }
}
