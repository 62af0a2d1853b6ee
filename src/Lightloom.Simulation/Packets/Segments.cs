using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Lightloom.Simulation.Packets;

/// <summary>
/// An array that grows by equal segments: nothing is copied, nothing is outgrown, at most a segment is unused, and references to items stay good. Reading one
/// costs a look at the list of segments, which is always at hand: a few percent of a run (bench/, packets perm128).
/// </summary>
sealed class Segments<T>
    where T : struct
{
    const int Shift = 9, Size = 1 << Shift;

    T[][] parts = [];

    /// <summary>Items that there is room for.</summary>
    public int Length { get; private set; }

    /// <summary>Bytes of all segments.</summary>
    public long Bytes => (long)Length * Unsafe.SizeOf<T>();

    public ref T this[int item]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(parts[item >> Shift]), item & (Size - 1));
    }

    /// <summary>Room for a segment more, cleared.</summary>
    public void Grow()
    {
        var at = Length >> Shift;
        if (at == parts.Length) Array.Resize(ref parts, Math.Max(4, (int)BitOperations.RoundUpToPowerOf2((uint)at + 1)));
        parts[at] = new T[Size];
        Length = checked(Length + Size);
    }
}
