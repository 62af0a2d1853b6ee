// Yearly cost of owning and running a cluster.
//
//   annuity of a price C over n years at rate r:   C·r / (1 - (1+r)^-n)      (C/n at r = 0)
//   yearly cost   Σ classes annuity + maintenance share x equipment + IT power x PUE x 8,766 h x price of energy
//   accelerator-hour = yearly cost / (accelerators x 8,766 h)
//   million tokens   = yearly cost / (tokens/s x effective share x 31,557,600 s) x 10⁶
//
// Worked example: 100 at 10 % over 5 years is 26.38 a year.

using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>What is bought for one purpose and written off together.</summary>
/// <param name="Name">What it is: systems, switches, optics, ...</param>
/// <param name="Price">What it costs.</param>
/// <param name="Life">Years over which it is written off.</param>
/// <param name="Maintained">Whether the yearly maintenance share applies to it.</param>
public sealed record CapitalItem(string Name, CostRange Price, Duration Life, bool Maintained);

/// <summary>Capital and running cost of a cluster; see the equations at the head of this file.</summary>
public sealed record Economics
{
    /// <summary>Hours of a Julian year.</summary>
    public const double HoursPerYear = 8766;

    /// <summary>What is bought.</summary>
    public required IReadOnlyList<CapitalItem> Capital { get; init; }

    /// <summary>All that is bought.</summary>
    public required CostRange TotalCapital { get; init; }

    /// <summary>Capital written off and financed each year.</summary>
    public required CostRange YearlyCapital { get; init; }

    /// <summary>Maintenance and spares of each year.</summary>
    public required CostRange YearlyMaintenance { get; init; }

    /// <summary>Energy of each year.</summary>
    public required CostRange YearlyEnergy { get; init; }

    /// <summary>All of a year's cost.</summary>
    public CostRange Yearly => YearlyCapital + YearlyMaintenance + YearlyEnergy;

    /// <summary>Cost of one accelerator for an hour.</summary>
    public required CostRange PerAcceleratorHour { get; init; }

    /// <summary>Cost of a million trained tokens; zero without a job that makes progress.</summary>
    public required CostRange PerMillionTokens { get; init; }

    /// <summary>Share of a price that is paid each year to write it off and finance it.</summary>
    public static double Annuity(double yearlyRate, Duration life) =>
        // Where the rate is too small for 1 - (1+r)^-n to keep its digits, the first two terms of the series in r.
        yearlyRate * life.Years < 1e-8
            ? (1 + (yearlyRate * (life.Years + 1) / 2)) / life.Years
            : yearlyRate / (1 - Math.Pow(1 + yearlyRate, -life.Years));

    /// <summary>Works out the cost.</summary>
    /// <param name="capital">What is bought, the building excepted.</param>
    /// <param name="site">Prices and lives.</param>
    /// <param name="power">IT power in use.</param>
    /// <param name="provisioned">IT power that the building is made for.</param>
    /// <param name="accelerators">Accelerators.</param>
    /// <param name="tokensPerSecond">Tokens per second with failures counted; 0 without a job.</param>
    public static Economics Of(
        IReadOnlyList<CapitalItem> capital, SiteDefaults site, Power power, Power provisioned, double accelerators, double tokensPerSecond)
    {
        ArgumentNullException.ThrowIfNull(capital);
        ArgumentNullException.ThrowIfNull(site);
        var items = new List<CapitalItem>(capital)
        {
            new("building and cooling", provisioned.Watts * CostRange.Of(site.FacilityPerWatt), site.FacilityLife, false),
        };
        CostRange total = default, yearly = default, maintenance = default;
        foreach (var item in items)
        {
            total += item.Price;
            yearly += Annuity(site.CostOfCapital, item.Life) * item.Price;
            if (item.Maintained) maintenance += site.Maintenance.Value * item.Price;
        }
        var hours = power.Kilowatts * site.PowerUsageEffectiveness * HoursPerYear;
        var energy = hours * CostRange.Of(
            Money.FromDollars(site.Electricity.Value.DollarsPerKilowattHour),
            Money.FromDollars(site.Electricity.Low.DollarsPerKilowattHour),
            Money.FromDollars(site.Electricity.High.DollarsPerKilowattHour),
            site.Electricity.Grade);
        var cost = yearly + maintenance + energy;
        return new()
        {
            Capital = items,
            TotalCapital = total,
            YearlyCapital = yearly,
            YearlyMaintenance = maintenance,
            YearlyEnergy = energy,
            PerAcceleratorHour = 1 / (accelerators * HoursPerYear) * cost,
            PerMillionTokens = tokensPerSecond > 0 ? 1e6 / (tokensPerSecond * HoursPerYear * 3600) * cost : default,
        };
    }
}
