using CsCheck;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Tests.Costs;

public sealed class AnnuityTests
{
    static readonly Gen<(double Rate, int Years, double Resale)> Cases = Gen.Select(Gen.Double[0, 0.3], Gen.Int[1, 30], Gen.Double[0, 1]);

    /// <summary>The example at the head of Annuity.cs.</summary>
    [Fact]
    public void A_hundred_at_ten_percent_over_five_years_is_26_38_a_year()
    {
        var five = Duration.FromYears(5);
        Assert.Equal(26.38, 100 * Annuity.Of(0.1, five), 0.005);
        Assert.Equal(24.74, 100 * Annuity.Of(0.1, five, 0.1), 0.005);
    }

    [Fact]
    public void An_annuity_pays_back_its_price_less_what_the_resale_is_worth() => Cases.Sample((rate, years, resale) =>
    {
        var paid = Enumerable.Range(1, years).Sum(y => Annuity.Of(rate, Duration.FromYears(years), resale) / Math.Pow(1 + rate, y));
        Assert.Equal(1 - (resale * Math.Pow(1 + rate, -years)), paid, 1e-6);
    });

    [Fact]
    public void Without_interest_a_price_is_paid_in_equal_parts() => Assert.Equal(0.2, Annuity.Of(0, Duration.FromYears(5)), 1e-12);

    // What is left after each year, by paying interest and the annuity year by year: an independent book-keeping of the loan.
    [Fact]
    public void What_is_left_is_the_balance_of_the_loan() => Cases.Sample((rate, years, resale) =>
    {
        var (life, balance) = (Duration.FromYears(years), 1.0);
        for (var year = 0; year < years; year++)
        {
            Assert.Equal(balance, Annuity.Left(rate, life, resale, Duration.FromYears(year)), 1e-6);
            balance = (balance * (1 + rate)) - Annuity.Of(rate, life, resale);
        }
        Assert.Equal(resale, balance, 1e-5);
    });

    [Fact]
    public void Beyond_its_life_it_has_been_bought_again() =>
        Assert.Equal(Annuity.Left(0.1, Duration.FromYears(5), 0, Duration.FromYears(2)), Annuity.Left(0.1, Duration.FromYears(5), 0, Duration.FromYears(7)), 1e-9);
}
