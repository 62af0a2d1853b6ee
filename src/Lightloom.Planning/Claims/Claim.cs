using Lightloom.Catalog.Documents;

namespace Lightloom.Planning.Claims;

/// <summary>Something that is said about the two layers, as it is said.</summary>
/// <param name="Id">C01 to C31.</param>
/// <param name="Layer">What it is about.</param>
/// <param name="Text">The claim.</param>
/// <param name="Published">The figure that goes with it.</param>
/// <param name="Unit">Its unit.</param>
/// <param name="Computes">What is computed instead of believed.</param>
/// <param name="Remark">What is known about it.</param>
/// <param name="Source">Who says so.</param>
public sealed record Claim(string Id, string Layer, string Text, string Published, string Unit, string Computes, string Remark, string Source)
{
    static readonly Lazy<IReadOnlyList<Claim>> Shipped = new(() => Read(CsvTable.Read(ClaimContext.Shipped("claims.csv"), "claims.csv")));

    /// <summary>All claims, as the project ships them in <c>data/claims/claims.csv</c>.</summary>
    public static IReadOnlyList<Claim> All => Shipped.Value;

    /// <summary>A claim by its id, in either case.</summary>
    /// <exception cref="InputException">There is none.</exception>
    public static Claim Find(string id) =>
        All.FirstOrDefault(c => string.Equals(c.Id, id, StringComparison.OrdinalIgnoreCase)) ?? throw new InputException(
            $"there is no claim '{id}'{Nearest.Hint(id, [.. All.Select(c => c.Id)])}; expected {All[0].Id} to {All[^1].Id}");

    static List<Claim> Read(CsvTable table) => [.. table.Rows.Select(r =>
        new Claim(r.Text("id"), r.Text("layer"), r.Text("claim"), r["published_value"], r["unit"], r["what_the_program_computes"], r["remark"], r.Text("source")))];
}

/// <summary>What comes of a claim.</summary>
public enum ClaimVerdict
{
    /// <summary>It is as it says.</summary>
    Holds,

    /// <summary>It is so under a condition that the claim doesn't name.</summary>
    HoldsIf,

    /// <summary>It isn't so.</summary>
    DoesNotHold,

    /// <summary>Nothing here computes it.</summary>
    NotComputed,
}
