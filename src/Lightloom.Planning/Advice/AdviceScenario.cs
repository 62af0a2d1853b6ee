using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Planning.Claims;
using Lightloom.Quantities;

namespace Lightloom.Planning.Advice;

/// <summary>A question about a design: a document of a few lines, such as those in <c>examples/scenarios/</c>.</summary>
public sealed record AdviceScenario
{
    const string Prefix = "scenarios/", ChangeKey = "change";

    /// <summary>Version of the document format: 1.</summary>
    [Limits(Minimum = 1, Maximum = 1)]
    public required int Scenario { get; init; }

    /// <summary>The question.</summary>
    public required string Question { get; init; }

    /// <summary>The claim of <c>lightloom claims</c> that answers it in general; none unless given.</summary>
    public string? Claim { get; init; }

    /// <summary>The design, by its path from the scenario's folder.</summary>
    public required string Design { get; init; }

    /// <summary>Keys of the design that are otherwise here; none unless given.</summary>
    [NotInDocument]
    public MappingNode? Change { get; init; }

    /// <summary>What is counted.</summary>
    public required AdviceMeasure Counts { get; init; }

    /// <summary>Layers that are weighed; all unless given.</summary>
    public IReadOnlyList<Layer>? Layers { get; init; }

    /// <summary>Capital that may be added.</summary>
    public Money? Budget { get; init; }

    /// <summary>Power at the meter that may be added.</summary>
    public Power? Power { get; init; }

    /// <summary>What the scenario is called: its file's name without the ending.</summary>
    [NotInDocument]
    public string Name { get; init; } = "";

    /// <summary>Names of the scenarios that ship.</summary>
    public static IReadOnlyList<string> Shipped { get; } =
    [
        .. typeof(AdviceScenario).Assembly.GetManifestResourceNames().Where(n => n.StartsWith(Prefix, StringComparison.Ordinal))
            .Select(n => Path.GetFileNameWithoutExtension(n[Prefix.Length..])).Order(StringComparer.Ordinal),
    ];

    /// <summary>Reads a scenario.</summary>
    /// <param name="root">The document.</param>
    /// <param name="name">What it is called.</param>
    /// <exception cref="InputException">It says something that a scenario has no place for.</exception>
    public static AdviceScenario Read(MappingNode root, string name)
    {
        ArgumentNullException.ThrowIfNull(root);
        var binder = new DocumentBinder();
        var change = root.Find(ChangeKey);
        if (change is not (null or MappingNode)) throw new InputException($"{ChangeKey}: expected keys of the design, found {change.Kind}", change.Mark);
        var scenario = binder.Bind<AdviceScenario>(root.Without(ChangeKey)) with { Name = name, Change = (MappingNode?)change };
        if (scenario.Claim is { } claim && !Claims.Claim.All.Any(c => string.Equals(c.Id, claim, StringComparison.OrdinalIgnoreCase)))
            throw new InputException($"claim: there is no claim '{claim}'{Nearest.Hint(claim, [.. Claims.Claim.All.Select(c => c.Id)])}", binder.PlaceOf("claim"));
        if (scenario.Layers is { Count: 0 }) throw new InputException("layers: expected at least one; leave it out to weigh all", binder.PlaceOf("layers"));
        if (scenario.Budget is { Dollars: <= 0 }) throw new InputException("budget: expected more than 0", binder.PlaceOf("budget"));
        if (scenario.Power is { Watts: <= 0 }) throw new InputException("power: expected more than 0", binder.PlaceOf("power"));
        return scenario;
    }

    /// <summary>A scenario that ships, by its name or by the claim that it is about.</summary>
    /// <param name="name">Its name, or the claim's id.</param>
    /// <exception cref="InputException">There is none; the message names the nearest.</exception>
    public static AdviceScenario Find(string name)
    {
        ArgumentNullException.ThrowIfNull(name);
        if (Shipped.FirstOrDefault(s => string.Equals(s, name, StringComparison.OrdinalIgnoreCase)) is { } found) return ReadShipped(found);
        return Shipped.Select(ReadShipped).FirstOrDefault(s => string.Equals(s.Claim, name, StringComparison.OrdinalIgnoreCase))
            ?? throw new InputException($"there is no scenario '{name}' and no file of that name{Nearest.Hint(name, Shipped)}");
    }

    /// <summary>The design of a scenario that ships.</summary>
    /// <param name="catalog">Parts and their prices; what ships unless given.</param>
    public DesignDocument ShippedDesign(PartCatalog? catalog = null)
    {
        var file = Path.GetFileName(Design);
        return DesignOf(YamlText.Read(ClaimContext.Shipped(file), $"examples/{file}"), $"examples/{file}", catalog: catalog);
    }

    /// <summary>The scenario's design, from its document.</summary>
    /// <param name="root">The document that <see cref="Design"/> names.</param>
    /// <param name="file">How to call it in messages.</param>
    /// <param name="files">How parts are read from files that the design names; it can't name any unless given.</param>
    /// <param name="catalog">Parts and their prices; what ships unless given.</param>
    /// <exception cref="InputException">It says something that a design has no place for.</exception>
    public DesignDocument DesignOf(MappingNode root, string file, PartFile? files = null, PartCatalog? catalog = null)
    {
        ArgumentNullException.ThrowIfNull(root);
        return DesignDocument.Read(Change is { } change ? root.Overlay(change) : root, file, catalog, files);
    }

    static AdviceScenario ReadShipped(string name) => Read(YamlText.Read(ShippedData.Text($"{Prefix}{name}.yaml"), $"examples/scenarios/{name}.yaml"), name);
}
