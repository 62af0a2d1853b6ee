using System.Text.Json;

namespace Lightloom.Cli.Tests;

/// <summary><c>lightloom cost</c>, and price books of <c>evaluate</c>.</summary>
public sealed class CostCommandTests
{
    const string Book = "priceBook: 1\nname: Ours\ncurrency: EUR\nexchange: 1.25\nprices: { qm9700: 10 kEUR }\n";

    static double Value(JsonElement json, string name) => json.GetProperty(name).GetProperty("value").GetDouble();

    [Fact]
    public void Json_is_what_evaluate_says_and_adds_up()
    {
        var json = Cli.Json("cost", Cli.Example("superpod-h100-ndr"), "--power", "3MW");
        var cost = Cli.Json("evaluate", Cli.Example("superpod-h100-ndr")).GetProperty("cost");
        Assert.Equal(Value(cost, "acceleratorHour_USD"), Value(json, "acceleratorHour_USD"), 1e-12);
        Assert.Equal(Value(cost, "trainingRun_USD"), Value(json, "trainingRun_USD"), 1e-3);
        var year = json.GetProperty("year");
        Assert.Equal(Value(year, "total_USD"), Value(year, "capital_USD") + Value(year, "support_USD") + Value(year, "replacements_USD") + Value(year, "energy_USD"), 1e-3);
        var capital = json.GetProperty("capital");
        Assert.Equal(Value(capital, "total_USD"), capital.GetProperty("items").EnumerateArray().Sum(i => Value(i, "price_USD")), 1e-3);
        Assert.All(capital.GetProperty("items").EnumerateArray(), i => Assert.True(i.GetProperty("sources").GetArrayLength() > 0));
        var drivers = json.GetProperty("acceleratorHourDrivers").EnumerateArray().ToList();
        Assert.Equal("dgx-h100", drivers[0].GetProperty("figure").GetString());
        Assert.Equal(drivers.Select(d => d.GetProperty("total_share").GetDouble()).OrderDescending(), drivers.Select(d => d.GetProperty("total_share").GetDouble()));
        var envelope = json.GetProperty("envelope");
        Assert.Equal(8 * envelope.GetProperty("systems").GetInt64(), envelope.GetProperty("accelerators").GetInt64());
        Assert.True(envelope.GetProperty("used_kW").GetDouble() <= envelope.GetProperty("it_kW").GetDouble());
        Assert.True(json.GetProperty("carriedOver").GetArrayLength() > 0);
    }

    [Fact]
    public void Same_seed_same_text_and_another_seed_the_same_values_in_other_ranges()
    {
        string Run(string seed) => Cli.Run("cost", Cli.Example("superpod-h100-ndr"), "--seed", seed, "--samples", "200").Out;
        Assert.Equal(Run("3"), Run("3"));
        Assert.NotEqual(Run("3"), Run("4"));
        JsonElement Hour(string seed) => Cli.Json("cost", Cli.Example("superpod-h100-ndr"), "--seed", seed).GetProperty("acceleratorHour_USD");
        Assert.Equal(Hour("3").GetProperty("value").GetDouble(), Hour("4").GetProperty("value").GetDouble());
        Assert.Equal(Hour("3").GetProperty("low").GetDouble(), Hour("4").GetProperty("low").GetDouble(), 0.03 * Hour("3").GetProperty("low").GetDouble());
    }

    [Fact]
    public void A_book_in_another_currency_names_it_in_every_field()
    {
        using var folder = new Scratch();
        var book = folder.Write(Book, "book.yaml");
        var json = Cli.Json("cost", Cli.Example("superpod-h100-ndr"), "--prices", book);
        Assert.Equal(("EUR", "Ours"), (json.GetProperty("currency").GetString(), json.GetProperty("priceBook").GetString()));
        var leaf = json.GetProperty("capital").GetProperty("items").EnumerateArray().Single(i => i.GetProperty("key").GetString() == "qm9700");
        Assert.Equal(10_000 * (leaf.GetProperty("count").GetDouble() + leaf.GetProperty("spares").GetDouble()), Value(leaf, "price_EUR"), 1e-6);
        Assert.DoesNotContain("_USD\": {", json.GetRawText(), StringComparison.Ordinal);
        Assert.Contains("in EUR at 1.25 USD", Cli.Run("cost", Cli.Example("superpod-h100-ndr"), "--prices", book).Out, StringComparison.Ordinal);
        var evaluated = Cli.Json("evaluate", Cli.Example("superpod-h100-ndr"), "--prices", book).GetProperty("cost");
        Assert.Equal(Value(json, "acceleratorHour_EUR") * 1.25, Value(evaluated, "acceleratorHour_USD"), 1e-9);
    }

    [Fact]
    public void A_longer_horizon_pays_more_years()
    {
        var (five, ten) = (Cli.Json("cost", Cli.Example("eight-node-roce-copper")), Cli.Json("cost", Cli.Example("eight-node-roce-copper"), "--years", "10"));
        Assert.Equal(2 * Value(five, "ownership_USD"), Value(ten, "ownership_USD"), 1e-3);
        Assert.InRange(Value(ten, "ownershipToday_USD") / Value(five, "ownershipToday_USD"), 1.2, 2);
    }

    [Fact]
    public void A_published_split_is_met_line_by_line()
    {
        var root = Cli.Json("cost", Cli.Example("gb200-nvl72-pluggable"), "--against", Path.Combine(Cli.Root, "data", "validation", "economics", "gb300_rack_network_cost.csv"));
        var against = root.GetProperty("against");
        var steps = against.GetProperty("steps").EnumerateArray().ToList();
        Assert.Equal(100 * (against.GetProperty("published_share").GetDouble() - against.GetProperty("network_share").GetDouble()), steps.Sum(s => s.GetProperty("moves_points").GetDouble()), 1e-9);
        var text = Cli.Run("cost", Cli.Example("gb200-nvl72-pluggable"), "--against", Path.Combine(Cli.Root, "data", "validation", "economics", "gb300_rack_network_cost.csv")).Out;
        Assert.All(steps, s => Assert.Contains(s.GetProperty("line").GetString()!.Split(' ')[0], text, StringComparison.Ordinal));
        using var folder = new Scratch();
        var (code, output, error) = Cli.Run("cost", Cli.Example("gb200-nvl72-pluggable"), "--against", folder.Write("network_layers,networking_usd\n2,5\n", "t.csv"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("missing: server_usd", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("svg")]
    [InlineData("png")]
    public void Pictures_are_written(string kind) => Cli.Draws(kind, "cost", Cli.Example("superpod-h100-ndr"));

    [Theory]
    [InlineData("--power: '20' has no unit", "--power", "20")]
    [InlineData("--power: expected more than 0", "--power", "0 MW")]
    [InlineData("less than one system with its fabric; expected at least", "--power", "1kW")]
    [InlineData("--years: expected a number of years above 0, at most 50; found '-1'", "--years", "-1")]
    [InlineData("--samples: expected a whole number from 100 to 1,000,000, found '5'", "--samples", "5")]
    [InlineData("--seed", "--seed", "x")]
    [InlineData("there is no file 'none.yaml'", "--prices", "none.yaml")]
    [InlineData("--plot writes .svg or .png", "--plot", "c.pdf")]
    [InlineData("there is no file 'none.csv'", "--against", "none.csv")]
    public void Wrong_options_are_named(string message, params string[] options)
    {
        var (code, text, error) = Cli.Run(["cost", Cli.Example("superpod-h100-ndr"), .. options]);
        Assert.Equal((2, ""), (code, text));
        Assert.Contains(message, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prices: { qm970: 10 kEUR }", "book.yaml:5:11: there is no part 'qm970' that has a price; did you mean 'qm9700'?")]
    [InlineData("prices: { qm9700: 10 kUSD }", "book.yaml:5:19: the book is in EUR and this price in USD")]
    [InlineData("assumptions: { opticsLife: -1 yr }", "book.yaml:5:28: expected a time from")]
    public void Wrong_books_are_told_with_their_line(string rest, string message)
    {
        using var folder = new Scratch();
        var book = folder.Write($"priceBook: 1\nname: Ours\ncurrency: EUR\nexchange: 1.25\n{rest}\n", "book.yaml");
        foreach (var command in (string[])["cost", "evaluate"])
        {
            var (code, text, error) = Cli.Run(command, Cli.Example("superpod-h100-ndr"), "--prices", book);
            Assert.Equal((2, ""), (code, text));
            Assert.Contains(message, error, StringComparison.Ordinal);
        }
    }
}
