// What a change costs, with its range: parts that both designs buy cancel, and only the rest carries uncertainty.
//
//   ΔC   = Σ over parts  (price after - price before)
//   range: each part's difference moves by the part's own relative range; different parts add as the root of their squares, each side by itself.
//          More of a part is dearer at the high end of its price; less of it saves more there, so that the sides change places.
//
// Worked example: 10 switches at 30 (20 to 45) kUSD more and 50 modules at 2 (1 to 3) kUSD less: 200 kUSD, down to 200 - √(100² + 50²), up to
// 200 + √(150² + 50²).

using Lightloom.Catalog;
using Lightloom.Planning.Claims;
using Lightloom.Planning.Costs;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>Capital that a change adds; see the equations at the head of this file.</summary>
/// <param name="Dollars">The likely amount, in dollars; negative where the change saves.</param>
/// <param name="Low">Its low end.</param>
/// <param name="High">Its high end.</param>
/// <param name="Weakest">The weakest grade among prices of what differs.</param>
public sealed record CapitalChange(double Dollars, double Low, double High, Grade Weakest)
{
    /// <summary>The amount with its range, in millions.</summary>
    public string Text => new ClaimFigure("", Dollars / 1e6, "MUSD") { Low = Low / 1e6, High = High / 1e6 }.Text;

    /// <summary>What is saved, with its range, in millions.</summary>
    public string Saved => new ClaimFigure("", -Dollars / 1e6, "MUSD") { Low = -High / 1e6, High = -Low / 1e6 }.Text;

    /// <summary>Nothing.</summary>
    public static CapitalChange None { get; } = new(0, 0, 0, Grade.Standard);

    /// <summary>What a design costs over another.</summary>
    /// <param name="before">The design.</param>
    /// <param name="after">The changed one.</param>
    public static CapitalChange Of(Evaluation before, Evaluation after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        return Of(before.Economics.Capital, after.Economics.Capital);
    }

    /// <summary>What a list of parts costs over another.</summary>
    /// <param name="before">The parts as designed.</param>
    /// <param name="after">Those of the changed design.</param>
    public static CapitalChange Of(IReadOnlyList<CapitalItem> before, IReadOnlyList<CapitalItem> after)
    {
        ArgumentNullException.ThrowIfNull(before);
        ArgumentNullException.ThrowIfNull(after);
        var old = before.ToDictionary(i => (i.Asset, i.Key));
        var now = after.ToDictionary(i => (i.Asset, i.Key));
        var (sum, below, above, weakest) = (0.0, 0.0, 0.0, Grade.Standard);
        foreach (var key in old.Keys.Union(now.Keys).OrderBy(k => k.Asset).ThenBy(k => k.Key, StringComparer.Ordinal))
        {
            var price = (now.GetValueOrDefault(key) ?? old[key]).Price;
            var more = (now.GetValueOrDefault(key)?.Price.Value.Dollars ?? 0) - (old.GetValueOrDefault(key)?.Price.Value.Dollars ?? 0);
            if (more == 0 || price.Value.Dollars == 0) continue;
            var (down, up) = (1 - (price.Low / price.Value), (price.High / price.Value) - 1);
            if (more < 0) (down, up) = (up, down);
            sum += more;
            below += more * down * (more * down);
            above += more * up * (more * up);
            if (price.Weakest > weakest) weakest = price.Weakest;
        }
        return new(sum, sum - Math.Sqrt(below), sum + Math.Sqrt(above), weakest);
    }
}
