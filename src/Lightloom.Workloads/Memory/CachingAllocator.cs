// What a caching allocator makes of what a program allocates (PyTorch's, without expandable segments).
//
//   needed     A·(1 + tight)      the device must have it: blocks are rounded up, and holes between long-lived tensors stay
//   reserved   max(needed, min(A·(1 + loose), capacity - runtime))
//              freed blocks are kept for later requests of other sizes, until the device is full; then they are given back
//   used       reserved + runtime
//
// loose is the median of reserved over allocated of torchtitan's published runs on H100 and H200, allocated as this model counts it; tight
// is what the fullest published run leaves of its device.

using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>A way to measure the memory of a training step.</summary>
public enum MemoryMeasure
{
    /// <summary>Tensors at the fullest moment: <c>torch.cuda.max_memory_allocated</c>; neither fragmentation nor context.</summary>
    PeakAllocated,

    /// <summary>What the allocator holds: <c>max_memory_reserved</c>, which torchtitan logs; no context.</summary>
    PeakReserved,

    /// <summary>What the device has given away: the vendor's tool or <c>mem_get_info</c>, which Primus logs; with context and communicators.</summary>
    PeakUsed,
}

/// <summary>What a caching allocator makes of allocated memory; see the equations at the head of this file.</summary>
public static class CachingAllocator
{
    /// <summary>Share beyond the allocated memory that a device must have.</summary>
    public const double Tight = 0.03;

    /// <summary>Share beyond the allocated memory that the allocator holds where there is room.</summary>
    public const double Loose = 0.12;

    /// <summary>A rank's memory as a tool would report it.</summary>
    /// <param name="use">The rank's memory.</param>
    /// <param name="measure">What the tool reports.</param>
    /// <param name="capacity">Memory of the device.</param>
    public static DataSize Measured(in MemoryUse use, MemoryMeasure measure, DataSize capacity)
    {
        var allocated = use.Total - use.Runtime - use.Fragmentation;
        if (measure == MemoryMeasure.PeakAllocated) return allocated;
        var reserved = Quantity.Max(allocated + use.Fragmentation, Quantity.Min(allocated * (1 + Loose), capacity - use.Runtime));
        return measure == MemoryMeasure.PeakReserved ? reserved : reserved + use.Runtime;
    }
}
