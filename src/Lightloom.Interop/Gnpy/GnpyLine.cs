using Lightloom.Optics.Lines;

namespace Lightloom.Interop.Gnpy;

/// <summary>A line of a GNPy network, ready to be propagated.</summary>
/// <param name="Route">The uids along it, the transceivers at both ends included.</param>
/// <param name="Elements">What light passes between the transceivers.</param>
/// <param name="Spectrum">The channels.</param>
/// <param name="Notes">Where GNPy's own design step would have changed something first.</param>
/// <param name="Propagation">The line bound to the channels, run once with their launch powers.</param>
public sealed record GnpyLine(
    IReadOnlyList<string> Route, IReadOnlyList<LineElement> Elements, Spectrum Spectrum, IReadOnlyList<string> Notes, LinePropagation Propagation);
