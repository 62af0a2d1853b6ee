using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Costs;

namespace Lightloom.Planning.Tests.Costs;

public sealed class CostStudyTests
{
    static CostStudy Study(string design, string book)
    {
        var prices = PriceBook.Parse("priceBook: 1\nname: b\n" + book, "b.yaml");
        return CostStudy.Of(DesignDocument.Parse(design, "d.yaml", prices.Catalog), prices);
    }

    [Fact]
    public void A_book_changes_what_is_bought_and_which_link_is_the_cheapest()
    {
        var usual = CostStudy.Of(DesignDocument.Parse(Designs.Text(Designs.SuperPod), "d.yaml"));
        var study = Study(Designs.Text(Designs.SuperPod), "prices: { qm9700: 1 USD, aoc-800g: 5 kUSD }");
        Assert.Contains(usual.Cost.Capital, c => c.Key == "aoc-800g");
        Assert.DoesNotContain(study.Cost.Capital, c => c.Key == "aoc-800g");
        Assert.Equal(1, study.Cost.Capital.Single(c => c.Key == "qm9700").Price.Value.Dollars / 50, 1e-9);
        Assert.NotEqual(usual.Evaluation.Id, study.Evaluation.Id);
    }

    [Fact]
    public void A_book_in_the_catalogues_prices_changes_nothing_but_the_currency()
    {
        var usual = CostStudy.Of(DesignDocument.Parse(Designs.Text(Designs.SuperPod), "d.yaml"));
        var study = Study(Designs.Text(Designs.SuperPod), "currency: EUR\nexchange: 1.25");
        Assert.Equal(usual.Cost.Yearly, study.Cost.Yearly);
        Assert.Equal(usual.Cost.Yearly.Value.Dollars / 1.25, study.Currency.Of(study.Cost.Yearly.Value), 1e-3);
    }

    [Fact]
    public void A_price_in_the_design_and_another_in_the_book_contradict_each_other()
    {
        var design = Designs.Changed(Designs.SuperPod, ("switch: qm9700", "switch: { basedOn: qm9700, price: 5 kUSD }"));
        var e = Assert.Throws<InputException>(() => Study(design, "prices: { qm9700: 1 USD }"));
        Assert.Equal("b.yaml:3:19: 'qm9700' has a price in the design (d.yaml:12:37) and another here; leave one of them out", e.Message);
        // A design that changes something else takes the book's price.
        var power = Designs.Changed(Designs.SuperPod, ("switch: qm9700", "switch: { basedOn: qm9700, power: 1 kW }"));
        Assert.Equal(50, Study(power, "prices: { qm9700: 1 USD }").Cost.Capital.Single(c => c.Key == "qm9700*").Price.Value.Dollars, 1e-9);
        Assert.Equal("b.yaml:3:16: the design says 'site.electricity' itself, and this book says it differently or again; leave one of them out",
            Assert.Throws<InputException>(() => Study(Designs.Text(Designs.SuperPod), "assumptions: { electricity: 0.1 USD/kWh }")).Message);
    }

    [Fact]
    public void A_part_that_nothing_prices_is_named_with_what_to_write()
    {
        const string unpriced = "tomahawk-ultra";
        var design = Designs.Changed(Designs.Copper, ("switch: sn5600", $"switch: {unpriced}"));
        var e = Assert.Throws<InputException>(() => CostStudy.Of(DesignDocument.Parse(design, "d.yaml")));
        Assert.Contains($"nothing prices '{unpriced}'", e.Message, StringComparison.Ordinal);
        Assert.Contains($"'prices: {{ {unpriced}: 1000 USD }}'", e.Message, StringComparison.Ordinal);
        var item = Study(design, $"prices: {{ {unpriced}: 1 kUSD }}").Cost.Capital.Single(c => c.Key == unpriced);
        Assert.Equal(1000 * (item.Count + item.Spares), item.Price.Value.Dollars, 1e-6);
    }
}
