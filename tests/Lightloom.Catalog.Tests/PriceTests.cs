using Lightloom.Catalog.Documents;

namespace Lightloom.Catalog.Tests;

/// <summary>Prices of the catalogue.</summary>
public sealed class PriceTests
{
    [Fact]
    public void Every_price_is_a_range_with_a_source()
    {
        var prices = 0;
        foreach (var (kind, type) in PartCatalog.Kinds)
        {
            if (DocumentShape.Of(type).Find("price") is not { } property) continue;
            foreach (var key in PartCatalog.Default.Keys(type))
            {
                if (property.Property.GetValue(PartCatalog.Default.Get(type, key, null)) is not ISourced price) continue;
                prices++;
                Assert.False(Equals(price.Low, price.High), $"{kind} {key} has a price without a range");
                Assert.NotEmpty(price.Source);
            }
        }
        Assert.True(prices > 80, $"{prices} prices");
    }
}
