using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>IT power of a cluster by component.</summary>
/// <param name="Name">The component.</param>
/// <param name="Layer">The layer that it belongs to.</param>
/// <param name="InUse">Power while training.</param>
/// <param name="Provisioned">Power that the building is made for.</param>
public sealed record PowerItem(string Name, Layer Layer, Power InUse, Power Provisioned);

/// <summary>The part of a cluster that something belongs to.</summary>
public enum Layer
{
    /// <summary>Cables, transceivers, fibre.</summary>
    Light,

    /// <summary>Topology, switches, cards, protocol.</summary>
    Loom,

    /// <summary>Accelerators' arithmetic.</summary>
    Compute,

    /// <summary>Accelerators' memory.</summary>
    Memory,
}

/// <summary>IT power of a cluster.</summary>
/// <param name="Items">By component.</param>
/// <param name="InUse">While training.</param>
/// <param name="Provisioned">What the building is made for.</param>
public sealed record PowerUse(IReadOnlyList<PowerItem> Items, Power InUse, Power Provisioned);
