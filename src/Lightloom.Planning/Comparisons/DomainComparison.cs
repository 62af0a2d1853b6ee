using System.Globalization;
using Lightloom.Catalog;

namespace Lightloom.Planning.Comparisons;

// The same accelerators, cards and hosts in scale-up domains of another size:
//
//   per accelerator the same    cards, host power, price, scale-up switches and their bandwidth
//   a system                    d accelerators; rack units in proportion, a whole rack's where that is less
//   systems                     all accelerators / d, which has to be whole, or the job would be another one
//   products                    systems of the catalogue with accelerators of the same generation (the same kernels, matrix peak within a sixth, memory
//                               within a tenth) in domains of another size, as many as hold the same accelerators, with their own host and price, and their own
//                               cards where these are as fast as the design's, otherwise its
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
    public string Note => "NVL with a number alone: all figures of the system stay as they are for each accelerator (bandwidth, cards, host power, price), and the size alone changes. " +
        "With a product's name: what the catalogue has of it, its price and power too, on cards of the design's rate.";

    /// <inheritdoc/>
    public IReadOnlyList<Variant> Of(DesignDocument document)
    {
        ArgumentNullException.ThrowIfNull(document);
        var own = document.Design.Accelerators.System.Accelerators.Value;
        return [.. Sizes.Append(own).Distinct().Order().Select(size => Of(document, $"NVL{size}", size)), .. Products(document)];
    }

    static IEnumerable<Variant> Products(DesignDocument document)
    {
        var (own, systems) = (document.Design.Accelerators.System, document.Design.Accelerators.Systems);
        var (chip, all) = (own.Accelerator, (long)own.Accelerators.Value * systems);
        bool Alike(Accelerator other) => other.Kernels.Key == chip.Kernels.Key && Apart(other.Bf16Peak.Value.FlopPerSecond, chip.Bf16Peak.Value.FlopPerSecond) <= 7.0 / 6 && Apart(other.Memory.Value.Bytes, chip.Memory.Value.Bytes) <= 1.1;
        // Of those of one size the one with the design's rate of cards, then the cheapest.
        var others = document.Catalog.All<AcceleratorSystem>().Where(s => s.Accelerators.Value != own.Accelerators.Value && Alike(s.Accelerator)).GroupBy(s => s.Accelerators.Value)
            .Select(g => g.OrderByDescending(s => s.Nic.Rate.Value == own.Nic.Rate.Value).ThenBy(s => s.Price.Value.Dollars).ThenBy(s => s.Key, StringComparer.Ordinal).First());
        // The design's fabric takes its own cards.
        string Cards(AcceleratorSystem system) => system.Nic.Rate.Value == own.Nic.Rate.Value ? system.Key : $"{{ basedOn: {system.Key}, nic: {own.Nic.Key} }}";
        foreach (var system in others.OrderBy(s => s.Accelerators.Value))
        {
            var size = system.Accelerators.Value;
            var name = $"NVL{size}, {system.Name}";
            yield return all % size != 0
                ? Variant.Refused(name, Indivisible(all, size))
                : Variant.Of(document, name, [new("accelerators.system", Cards(system)), new("accelerators.systems", Number(all / size)),
                    .. ComparisonSets.Without("site.floor.systemsPerRack", "fabric.systemsPerUnit", "fabric.systemsPerPod")]);
        }
    }

    static double Apart(double a, double b) => Math.Max(a / b, b / a);

    static string Indivisible(long all, int size) =>
        $"{all:N0} accelerators aren't whole domains of {size}; the nearest possible {(all < size ? $"is {size:N0}" : $"are {all / size * size:N0} and {((all / size) + 1) * size:N0}")}";

    static Variant Of(DesignDocument document, string name, int size)
    {
        var design = document.Design;
        var system = design.Accelerators.System;
        var own = system.Accelerators.Value;
        if (size == own) return Variant.Of(document, name);
        if (system.ScaleUpSwitches is not { } chips) return Variant.Refused(name, $"the accelerators of '{system.Key}' are joined without switches, which a domain of another size would need");
        var all = (long)own * design.Accelerators.Systems;
        if (all % size != 0)
            return Variant.Refused(name, Indivisible(all, size));
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
