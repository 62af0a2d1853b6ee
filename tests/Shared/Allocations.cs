namespace Lightloom.Tests;

/// <summary>What code allocates on the thread that runs it.</summary>
static class Allocations
{
    const int Runs = 5;

    /// <summary>Bytes that one run of an action allocates, after a run that warms it up: the median of several runs.</summary>
    /// <remarks>
    /// The runtime reads a thread's counter beside its unused rest of up to 8 KiB in two steps; when another test's thread collects between
    /// them, that rest counts as allocated. One reading is therefore no proof, and so seldom are two of five wrong that the median is.
    /// </remarks>
    public static long Of(Action action)
    {
        action();
        Span<long> bytes = stackalloc long[Runs];
        foreach (ref var b in bytes)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            action();
            b = GC.GetAllocatedBytesForCurrentThread() - before;
        }
        bytes.Sort();
        return bytes[Runs / 2];
    }
}
