using Lightloom.Quantities;

namespace Lightloom.Interop.Fabric;

/// <summary>Where a device stands.</summary>
/// <param name="Rack">The rack's name.</param>
/// <param name="Unit">The lowest rack unit that it takes, from 1 at the bottom.</param>
public readonly record struct DeviceLocation(string Rack, int Unit);

/// <summary>Where the devices of a fabric stand and what its cables are, as far as somebody has planned it.</summary>
public interface IDeviceLocations
{
    /// <summary>Where a device stands; that of a card is its system's. Null when nobody said.</summary>
    DeviceLocation? Of(int device);

    /// <summary>The length in which the cable of a link is bought; null when nobody said.</summary>
    Length? LengthOf(int link);

    /// <summary>What is printed on the cable of a link; null when nobody said.</summary>
    string? LabelOf(int link);
}
