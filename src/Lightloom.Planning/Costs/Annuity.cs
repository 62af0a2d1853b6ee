// What a price costs each year.
//
//   annuity of a price C over n years at rate r    a = r / (1 - (1 + r)^-n)                 (1/n at r = 0)
//   with a resale of ρ·C at the end                a·(1 - ρ·(1 + r)^-n)
//   still to be paid after h of n years            a·(1 - (1 + r)^-(n - h)) / r  +  the resale, discounted from the end
//   worth today of 1 a year over h years           (1 - (1 + r)^-h) / r
//
// Worked example: 100 at 10 % over 5 years is 26.38 a year; with a resale of 10 it is 26.38·(1 - 0.1/1.61051) = 24.74.

using Lightloom.Quantities;

namespace Lightloom.Planning.Costs;

/// <summary>Writing off and financing; see the equations at the head of this file.</summary>
public static class Annuity
{
    /// <summary>Share of a price that is paid each year to write it off and finance it.</summary>
    /// <param name="yearlyRate">Cost of capital.</param>
    /// <param name="life">Time over which it is written off.</param>
    public static double Of(double yearlyRate, Duration life) => Of(yearlyRate, life.Years);

    /// <summary>The same for what is sold at the end of its life.</summary>
    /// <param name="yearlyRate">Cost of capital.</param>
    /// <param name="life">Time over which it is written off.</param>
    /// <param name="resale">What it is sold for, as a share of its price.</param>
    public static double Of(double yearlyRate, Duration life, double resale) => Of(yearlyRate, life.Years, resale);

    /// <summary>Share of a price that is not yet written off after some time; its resale value stays.</summary>
    /// <param name="yearlyRate">Cost of capital.</param>
    /// <param name="life">Time over which it is written off.</param>
    /// <param name="resale">What it is sold for, as a share of its price.</param>
    /// <param name="after">Time since it was bought; beyond its life it has been bought again.</param>
    public static double Left(double yearlyRate, Duration life, double resale, Duration after)
    {
        var (n, h) = (life.Years, after.Years);
        if (h >= n) h -= n * Math.Floor(h / n);
        return (Of(yearlyRate, n, resale) * Worth(yearlyRate, n - h)) + (resale * Math.Pow(1 + yearlyRate, -(n - h)));
    }

    /// <summary>Worth today of one a year.</summary>
    /// <param name="yearlyRate">Cost of capital.</param>
    /// <param name="time">How long it is paid.</param>
    public static double Worth(double yearlyRate, Duration time) => Worth(yearlyRate, time.Years);

    internal static double Of(double rate, double years) =>
        // Where the rate is too small for 1 - (1+r)^-n to keep its digits, the first two terms of the series in r.
        rate * years < 1e-8
            ? (1 + (rate * (years + 1) / 2)) / years
            : rate / (1 - Math.Pow(1 + rate, -years));

    internal static double Of(double rate, double years, double resale) => Of(rate, years) * (1 - (resale * Math.Pow(1 + rate, -years)));

    static double Worth(double rate, double years) => years > 0 ? 1 / Of(rate, years) : 0;
}
