using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Collectives.Fitting;

/// <summary>A network that collectives were measured on, with its mechanisms left open.</summary>
/// <param name="ScaleUp">The mechanism of its scale-up domains.</param>
/// <param name="Fabric">The mechanism between them; null where there is one domain.</param>
/// <param name="System">Whose it was: what is left out together.</param>
/// <param name="OneLauncher">Whether one process launches for all accelerators, so that the host can be the slower.</param>
/// <param name="Group">Where the ranks sit.</param>
/// <param name="Levels">The network with these mechanisms.</param>
public sealed record ObservedNetwork(string ScaleUp, string? Fabric, string System, bool OneLauncher, GroupPlacement Group,
    Func<CollectiveParameters, CollectiveParameters?, NetworkLevels> Levels);

/// <summary>A measured collective.</summary>
/// <param name="Network">What it ran on.</param>
/// <param name="Kind">What was done.</param>
/// <param name="Size">Its size.</param>
/// <param name="Time">How long it took.</param>
/// <param name="Algorithm">The algorithm that it is known to have used; null where the library chose.</param>
/// <param name="ForeignChoice">Whether somebody's plugin chose the algorithm, so that no fit should learn from it what the library's own choice takes.</param>
public sealed record CollectiveObservation(ObservedNetwork Network, CollectiveKind Kind, DataSize Size, Duration Time, CollectiveAlgorithm? Algorithm = null,
    bool ForeignChoice = false);
