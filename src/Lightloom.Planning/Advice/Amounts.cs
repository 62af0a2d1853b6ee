using System.Globalization;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>Amounts with their ranges in sentences.</summary>
static class Amounts
{
    /// <summary>"52 (40 to 70) kUSD".</summary>
    public static string Thousands(CostRange cost) => cost.Value == Money.Zero ? "nothing"
        : new ClaimFigure("", Math.Round(cost.Value.Dollars / 1e3), "kUSD") { Low = Math.Round(cost.Low.Dollars / 1e3), High = Math.Round(cost.High.Dollars / 1e3) }.Text;

    /// <summary>"0.052 (0.040 to 0.070) MUSD".</summary>
    public static string Millions(CostRange cost) => Three(cost, 1e6, "MUSD");

    /// <summary>"0.052 (0.040 to 0.070) USD".</summary>
    public static string Dollars(CostRange cost) => Three(cost, 1, "USD");

    static string Three(CostRange cost, double unit, string name) =>
        string.Create(CultureInfo.InvariantCulture, $"{cost.Value.Dollars / unit:0.000} ({cost.Low.Dollars / unit:0.000} to {cost.High.Dollars / unit:0.000}) {name}");
}
