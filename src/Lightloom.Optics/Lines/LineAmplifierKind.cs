using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Optics.Lines;

/// <summary>A kind of amplifier that a line can be built with.</summary>
/// <param name="Name">Key of the part, or how else to call it.</param>
/// <param name="Model">Noise, gain and output.</param>
/// <param name="Price">Price of one, which serves one direction; null where none is known.</param>
public sealed record LineAmplifierKind(string Name, AmplifierModel Model, Money? Price)
{
    /// <summary>A part of the catalogue.</summary>
    /// <exception cref="InputException">The figures of the part don't go together.</exception>
    public static LineAmplifierKind Of(Amplifier part)
    {
        ArgumentNullException.ThrowIfNull(part);
        return new(part.Key, AmplifierModel.Of(part), part.Price?.Value);
    }

    /// <summary>An amplifier of which only the noise figure is known.</summary>
    public static LineAmplifierKind WithNoiseFigure(Decibels noiseFigure) =>
        new($"NF {noiseFigure}", AmplifierModel.WithNoiseFigure(noiseFigure), null);

    /// <summary>Amplifiers of the catalogue that stand by themselves; those of an OpenROADM node count their noise with the node's.</summary>
    public static IReadOnlyList<LineAmplifierKind> InLine(PartCatalog catalog)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        return [.. catalog.All<Amplifier>()
            .Where(a => a.NoiseModel is AmplifierNoiseModel.Fixed or AmplifierNoiseModel.TwoCoils)
            .Select(Of)];
    }

    /// <summary>Noise figure at a gain, padding included where the gain is below the least.</summary>
    public Decibels NoiseFigureAt(Decibels gain) =>
        Decibels.FromDecibels(Model.Noise.WithPadding(gain.Si, Model.GainMinimum.Si, Model.GainFlatMaximum.Si, 0));

    /// <summary>The quietest of several that is flat at a gain; where none is, the one that is flat furthest.</summary>
    /// <exception cref="ArgumentException">There is none to choose from.</exception>
    public static LineAmplifierKind Quietest(IReadOnlyList<LineAmplifierKind> kinds, Decibels gain)
    {
        ArgumentNullException.ThrowIfNull(kinds);
        if (kinds.Count == 0) throw new ArgumentException("at least one kind is needed", nameof(kinds));
        return kinds.Where(k => k.Model.GainFlatMaximum >= gain).MinBy(k => k.NoiseFigureAt(gain).Si)
            ?? kinds.MaxBy(k => k.Model.GainFlatMaximum.Si)!;
    }
}
