// What kernels reach that serve. They are those of training with two differences, both the favourable ends of the catalogue's ranges:
//
//   memory      weights, keys and values are read once, in order: the high end of what kernels sustain
//   launches    a step's kernels are recorded once and replayed: the low end of what a launch and a multiplication cost, and no host to wait for
//
// Worked example, H100 (3.35 TB/s, 0.92 of it, 4 us a multiplication, 3 us a launch): the 7.5e9 BF16 weights that multiply a token of Llama 3.1 8B take 4.87 ms to read.

using Lightloom.Catalog;

namespace Lightloom.Workloads.Serving;

/// <summary>Rates of kernels that serve; see the head of this file.</summary>
public static class ServingRates
{
    /// <summary>The rates of an accelerator at a precision.</summary>
    /// <exception cref="JobException">The accelerator has no such precision.</exception>
    public static ComputeRates Of(Accelerator accelerator, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        var kernels = accelerator.Kernels;
        return ComputeRates.Of(accelerator, precision) with
        {
            Memory = accelerator.MemoryBandwidth.Value.BytesPerSecond * kernels.MemorySustained.High,
            MatmulOverhead = kernels.MatmulOverhead.Low.Seconds,
            LaunchOverhead = kernels.LaunchOverhead.Low.Seconds,
            HostLaunch = 0,
        };
    }
}
