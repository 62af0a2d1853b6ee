using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

public sealed class PriceBookTests
{
    const string Head = "priceBook: 1\nname: Quotes\n";

    static readonly PriceBook Euros = PriceBook.Parse($$"""
        {{Head}}currency: EUR
        exchange: 1.08
        year: 2026
        source: our resellers
        grade: vendor
        prices:
          qm9700: 18500 EUR
          800g-2xdr4: { value: 0.9 kEUR, low: 800 EUR, high: 1000 EUR, source: invoice 17, grade: measured }
          os2-1310: 0.2 EUR/m
        assumptions:
          electricity: { value: 110 EUR/MWh, low: 0.09 EUR/kWh, high: 0.2 EUR/kWh }
          costOfCapital: 0.08
        """);

    /// <summary>The example at the head of PriceBook.cs.</summary>
    [Fact]
    public void A_price_in_euros_is_kept_in_dollars_and_printed_in_euros()
    {
        var price = Euros.Catalog.Get<Switch>("qm9700").Price!.Value;
        Assert.Equal(19_980, price.Value.Dollars, 1e-9);
        Assert.Equal((2026, "our resellers", Grade.Vendor), (price.Year, price.Source, price.Grade));
        Assert.Equal("18.5 kEUR", Euros.Currency.Print(price.Value, "G4"));
        Assert.True(Euros.IsOwn("qm9700", price));
    }

    [Fact]
    public void Figures_have_ranges_and_sources_of_their_own()
    {
        var price = Euros.Catalog.Get<Transceiver>("800g-2xdr4").Price!.Value;
        Assert.Equal((900 * 1.08, 800 * 1.08, 1000 * 1.08), (price.Value.Dollars, price.Low.Dollars, price.High.Dollars));
        Assert.Equal((null, "invoice 17", Grade.Measured), (price.Year, price.Source, price.Grade));
        Assert.Equal(0.216, Euros.Catalog.Get<Fibre>("os2-1310").Price!.Value.Value.DollarsPerMeter, 1e-9);
        var site = Euros.Catalog.Get<SiteDefaults>("default");
        Assert.Equal(0.1188, site.Electricity.Value.DollarsPerKilowattHour, 1e-9);
        Assert.Equal((0.08, "our resellers"), (site.CostOfCapital.Value, site.CostOfCapital.Source));
        Assert.Equal(PartCatalog.Default.Get<SiteDefaults>("default").Maintenance, site.Maintenance);
    }

    [Fact]
    public void Everything_else_is_the_catalogues_and_the_version_tells_the_books_apart()
    {
        Assert.Equal(PartCatalog.Default.Get<Switch>("q3400-ra").Price, Euros.Catalog.Get<Switch>("q3400-ra").Price);
        Assert.Equal(PartCatalog.Default.Get<Switch>("qm9700").Power, Euros.Catalog.Get<Switch>("qm9700").Power);
        Assert.NotEqual(PartCatalog.Default.Version, Euros.Catalog.Version);
        Assert.NotEqual(PriceBook.Parse(Head + "prices: { qm9700: 1 USD }").Catalog.Version, PriceBook.Parse(Head + "prices: { qm9700: 2 USD }").Catalog.Version);
        Assert.Equal(PartCatalog.Default.Get<Switch>("qm9700").Price, PriceBook.Parse(Head).Catalog.Get<Switch>("qm9700").Price);
    }

    [Theory]
    [InlineData("prices: { qm9701: 1 USD }", "p.yaml:3:11: there is no part 'qm9701' that has a price; did you mean 'qm9700'?")]
    [InlineData("prices: { qm9700: 1 EUR }", "p.yaml:3:19: the book is in USD and this price in EUR; a book has one currency")]
    [InlineData("prices: { qm9700: -5 USD }", "p.yaml:3:19: a price can't be negative; found '-5 USD'")]
    [InlineData("prices: { qm9700: 18500 }", "p.yaml:3:19: expected a price with its currency, such as '18500 USD'; found '18500'")]
    [InlineData("prices: { qm9700: 1 USD/m }", "expected a price of a piece, such as '18500 USD'")]
    [InlineData("prices: { os2-1310: 1 USD }", "expected a price per m, such as '0.3 USD/m'")]
    [InlineData("prices: { qm9700: { low: 1 USD } }", "has no 'value'")]
    [InlineData("prices: { qm9700: { value: 5 USD, low: 6 USD } }", "must have low <= value <= high")]
    [InlineData("prices: { qm9700: [1] }", "expected a price or a figure with 'value' for 'prices.qm9700', found a list")]
    [InlineData("prices: { qm9700: 99 GUSD }", "expected a price from")]
    [InlineData("prices: { qm9700: 1 USD, qm9700: 2 USD }", "key 'qm9700' stands here a second time")]
    [InlineData("prices: 5", "expected a mapping of parts to prices for 'prices', found '5'")]
    [InlineData("prises: { qm9700: 1 USD }", "unknown key 'prises' in a price book; did you mean 'prices'?")]
    [InlineData("currency: euro", "expected the code of a currency in three capital letters, such as EUR; found 'euro'")]
    [InlineData("currency: EUR", "'exchange' is missing: what one EUR is worth in USD")]
    [InlineData("currency: EUR\nexchange: -1", "expected a number from")]
    [InlineData("exchange: 2", "'exchange' is what one of the book's currency is worth in USD, and this book is in USD")]
    [InlineData("assumptions: { serverLive: 4 yr }", "there is no assumption 'serverLive'; did you mean 'serverLife'?")]
    [InlineData("assumptions: { serverLife: -4 yr }", "p.yaml:3:28: expected a time from")]
    [InlineData("assumptions: { name: x }", "there is no assumption 'name'")]
    [InlineData("assumptions: { electricity: 0.1 EUR/kWh }", "the book is in USD and this price in EUR")]
    [InlineData("assumptions: { maintenance: [] }", "expected a figure, found a list")]
    public void Wrong_books_are_told_where_and_what_was_expected(string rest, string message)
    {
        var e = Assert.Throws<InputException>(() => PriceBook.Parse(Head + rest, "p.yaml"));
        Assert.Contains(message, e.Message, StringComparison.Ordinal);
        Assert.StartsWith("p.yaml:", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Book_over_book_keeps_what_the_second_does_not_say()
    {
        var second = PriceBook.Parse(Head + "prices: { q3400-ra: 1 kUSD }", "b.yaml", Euros.Catalog);
        Assert.Equal(1000, second.Catalog.Get<Switch>("q3400-ra").Price!.Value.Value.Dollars);
        Assert.Equal(19_980, second.Catalog.Get<Switch>("qm9700").Price!.Value.Value.Dollars, 1e-9);
    }
}
