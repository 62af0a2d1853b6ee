using System.Globalization;
using Lightloom.Catalog;

namespace Lightloom.Planning.Comparisons;

// The same accelerators, cards and hosts in scale-up domains of another size:
//
//   per accelerator the same    cards, host power, price, scale-up switches and their bandwidth
//   a system                    d accelerators; rack units in proportion, a whole rack's where that is less
//   systems                     all accelerators / d, which has to be whole, or the job would be another one
//
// Worked example: 8 racks of 72 as domains of 8: 72 systems of 8 accelerators, 8 cards and a ninth of the price, nine to a rack.

/// <summary>NVL8 against NVL72: the same accelerators in smaller or larger scale-up domains.</summary>
public sealed class DomainComparison : IComparisonSet
{
    const int RackUnits = 48; // of a rack that is one system

    static readonly int[] Sizes = [4, 8, 16, 32, 64, 72];

    /// <inheritdoc/>
    public string Name => "domain";

    /// <inheritdoc/>
    public string Title => "NVL8 against NVL72: the size of the scale-up domain";

    /// <inheritdoc/>
    public string Note => "All figures of the system stay as they are for each accelerator: bandwidth, cards, host power, price. What a domain of another size really costs differs; " +
        "here the size alone changes.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var own = document.Design.Accelerators.System.Accelerators.Value;
        return [.. Sizes.Append(own).Distinct().Order().Select(size => Of(document, $"NVL{size}", size))];
    }

    static Variant Of(DesignDocument document, string name, int size)
    {
        var design = document.Design;
        var system = design.Accelerators.System;
        var own = system.Accelerators.Value;
        if (size == own) return Variant.Of(document, name);
        if (system.ScaleUpSwitches is not { } chips) return Variant.Refused(name, $"the accelerators of '{system.Key}' are joined without switches, which a domain of another size would need");
        var all = (long)own * design.Accelerators.Systems;
        if (all % size != 0)
            return Variant.Refused(name, $"{all:N0} accelerators aren't whole domains of {size}; the nearest possible {(all < size ? $"is {size:N0}" : $"are {all / size * size:N0} and {((all / size) + 1) * size:N0}")}");
        var share = (double)size / own;
        var cards = system.Nics.Value * share;
        if (cards != Math.Floor(cards) || cards < 1) return Variant.Refused(name, $"{system.Nics.Value} cards for {own} accelerators are no whole number for {size}");
        var units = Math.Min(RackUnits, (int)Math.Ceiling(system.RackUnits.Value * share));
        List<DesignChange> changes =
        [
            new("accelerators.system.name", System.Text.Json.JsonSerializer.Serialize($"{system.Name}, as domains of {size}")),
            new("accelerators.system.accelerators", Number(size)),
            new("accelerators.system.nics", Number(cards)),
            new("accelerators.system.scaleUpSwitches", Number(Math.Max(1, Math.Round(chips.Value * share)))),
            new("accelerators.system.hostPower", Figure(system.HostPower, p => p.Watts * share, "W", system.Key, share)),
            new("accelerators.system.price", Figure(system.Price, p => p.Dollars * share, "USD", system.Key, share)),
            new("accelerators.system.rackUnits", Number(units)),
            new("accelerators.systems", Number(all / size)),
        ];
        if (system.Mass is { } mass) changes.Add(new("accelerators.system.mass", Figure(mass, m => m.Kilograms * share, "kg", system.Key, share)));
        if (design.Site.Floor.SystemsPerRack is { } each) changes.Add(new("site.floor.systemsPerRack", Number(Math.Clamp(Math.Floor(each / share), 1, 100))));
        // Units and pods are counted in systems.
        changes.AddRange(ComparisonSets.Without("fabric.systemsPerUnit", "fabric.systemsPerPod"));
        return Variant.Of(document, name, changes);
    }

    static string Figure<T>(Sourced<T> figure, Func<T, double> read, string unit, string key, double share) => string.Create(CultureInfo.InvariantCulture,
        $"{{ value: {read(figure.Value):G9} {unit}, low: {read(figure.Low):G9} {unit}, high: {read(figure.High):G9} {unit}, source: \"{share:G6} of {key}\", grade: {Catalog.Documents.DocumentShape.NameOf(figure.Grade)} }}");

    static string Number(double value) => value.ToString("R", CultureInfo.InvariantCulture);
}
