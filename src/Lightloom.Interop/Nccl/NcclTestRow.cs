using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>One timing of a row, out of place or in place.</summary>
/// <param name="Time">Mean time of one operation.</param>
/// <param name="PrintedAlgorithmBandwidth">algbw as printed, to two decimals of a GB/s (10⁹ bytes).</param>
/// <param name="PrintedBusBandwidth">busbw as printed, to two decimals of a GB/s.</param>
/// <param name="Wrong">Elements found wrong; null where the run did not check, or printed an error instead of a count.</param>
public readonly record struct NcclTestTiming(Duration Time, Bandwidth PrintedAlgorithmBandwidth, Bandwidth PrintedBusBandwidth, long? Wrong);

/// <summary>One row of a log of nccl-tests.</summary>
/// <param name="Line">Its line in the file, from 1.</param>
/// <param name="Size">Bytes of the larger buffer.</param>
/// <param name="Count">Elements, of the shard of one rank for operations that shard.</param>
/// <param name="Type">Type of the elements.</param>
/// <param name="OutOfPlace">The timing between two buffers, or null where it is not there.</param>
/// <param name="InPlace">The timing on one buffer, or null where it is not there.</param>
public sealed record NcclTestRow(int Line, DataSize Size, long Count, string Type, NcclTestTiming? OutOfPlace, NcclTestTiming? InPlace)
{
    /// <summary>The timing that speaks for the row: out of place, or in place where that is all there is.</summary>
    public NcclTestTiming Timing => OutOfPlace ?? InPlace!.Value;

    /// <summary>Size over time, which keeps digits that the printed figure loses below 10 GB/s.</summary>
    public Bandwidth AlgorithmBandwidth => Size / Timing.Time;
}

/// <summary>Lines that look like rows and can't be used, by reason.</summary>
/// <param name="Reason">Why.</param>
/// <param name="Lines">Where they stand, from 1.</param>
public sealed record NcclTestSkip(string Reason, IReadOnlyList<int> Lines);
