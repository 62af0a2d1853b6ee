using Lightloom.Catalog;
using Lightloom.Quantities;

namespace Lightloom.Workloads;

/// <summary>
/// What kernels reach on one accelerator, unwrapped to SI doubles once so that the step model can run in a hot loop:
/// an accelerator's data sheet times the shares of its <see cref="KernelPerformance"/>.
/// </summary>
public readonly record struct ComputeRates
{
    /// <summary>Sustained matrix rate in FLOP/s.</summary>
    public required double Matmul { get; init; }

    /// <summary>Sustained matrix rate of experts' multiplications in one grouped launch, in FLOP/s.</summary>
    public required double GroupedMatmul { get; init; }

    /// <summary>Depth of a multiplication that filling and emptying a tile's pipeline costs, in elements.</summary>
    public double MatmulFill { get; init; }

    /// <summary>Sustained matrix rate in BF16, which the output layer keeps whatever the blocks compute in, in FLOP/s.</summary>
    public required double MatmulBf16 { get; init; }

    /// <summary>Whether attention is one kernel that never stores its scores.</summary>
    public required bool FusedAttention { get; init; }

    /// <summary>FLOP of the BF16 peak in the time of one exponential; 0 where it isn't known.</summary>
    public double FlopPerExponential { get; init; }

    /// <summary>Rate of fused attention, forward, in FLOP/s, exponentials counted as so many.</summary>
    public required double AttentionForward { get; init; }

    /// <summary>Rate of fused attention, backward, likewise.</summary>
    public required double AttentionBackward { get; init; }

    /// <summary>Matrix rate that a kernel of a state space's scan reaches where nothing else bounds it, in FLOP/s.</summary>
    public double ScanMatmul { get; init; }

    /// <summary>Memory bandwidth that a kernel of a state space's scan reaches where nothing else bounds it, in B/s.</summary>
    public double ScanMemory { get; init; }

    /// <summary>Sustained memory bandwidth in B/s.</summary>
    public required double Memory { get; init; }

    /// <summary>Time lost by each matrix multiplication in s.</summary>
    public required double MatmulOverhead { get; init; }

    /// <summary>Time that each further expert of a rank adds to a multiplication of its layer in s; 0 where one kernel does them all.</summary>
    public double ExpertOverhead { get; init; }

    /// <summary>Least time of a kernel in s.</summary>
    public required double LaunchOverhead { get; init; }

    /// <summary>Time of the host to launch a kernel in s; 0 where it replays recorded graphs.</summary>
    public double HostLaunch { get; init; }

    /// <summary>Time of the host for a layer of experts whose tokens it has to count first, forward and backward, in s.</summary>
    public double HostExperts { get; init; }

    /// <summary>Time of the host for the rest of such a block where it isn't recorded, forward and backward, in s.</summary>
    public double HostAttention { get; init; }

    /// <summary>Whether the software records whole iterations unless a job says otherwise.</summary>
    public bool RecordsIterations { get; init; }

    /// <summary>Share of the compute rate that an overlapped collective takes.</summary>
    public required double OverlapTax { get; init; }

    /// <summary>Standard deviation of matrix rates among accelerators of one kind, as a share.</summary>
    public double Spread { get; init; }

    /// <summary>Data-sheet matrix peak of the precision in FLOP/s, for utilisations.</summary>
    public required double Peak { get; init; }

    /// <summary>The rates of an accelerator at a precision.</summary>
    /// <exception cref="JobException">The accelerator has no such precision.</exception>
    public static ComputeRates Of(Accelerator accelerator, Precision precision)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        var kernels = accelerator.Kernels;
        var (peak, measured) = precision switch
        {
            // Scales of small blocks came to matrix units together with FP4.
            Precision.Mxfp8 when accelerator.Fp4Peak is null => (null, null),
            Precision.Fp8 or Precision.Mxfp8 => (accelerator.Fp8Peak, accelerator.Fp8Ceiling),
            Precision.Nvfp4 => (accelerator.Fp4Peak, null),
            _ => (accelerator.Bf16Peak, accelerator.Bf16Ceiling),
        };
        if (peak is not { } rate)
            throw new JobException("precision", $"the accelerator '{accelerator.Key}' has no {precision} matrix rate in the catalogue");
        var flops = rate.Value.FlopPerSecond;
        double Ceiling(ComputeRate? ceiling, ComputeRate peak) => ceiling?.FlopPerSecond ?? peak.FlopPerSecond * kernels.MatmulCeiling;
        double sustained = kernels.MatmulSustained, sustainedFp8 = kernels.Fp8MatmulSustained ?? kernels.MatmulSustained;
        // Attention stays in BF16 whatever the matrices are in, and its share is measured against the BF16 peak.
        var attention = accelerator.Bf16Peak.Value.FlopPerSecond;
        if (kernels is { PowerExponent: { } exponent, SustainedPower: { } power } && accelerator.Power is { } own)
        {
            var clocks = Math.Pow(own.Value / power.Value, exponent);
            (sustained, sustainedFp8, attention) = (clocks * sustained, clocks * sustainedFp8, clocks * attention);
        }
        var scan = kernels.ScanSustained?.Value ?? kernels.MemorySustained;
        var matmul = Ceiling(measured?.Value, rate.Value) * (precision == Precision.Bf16 ? sustained : sustainedFp8);
        return new()
        {
            Matmul = matmul,
            MatmulFill = kernels.MatmulFill?.Value ?? 0,
            GroupedMatmul = matmul * (kernels.GroupedMatmul?.Value ?? 1),
            MatmulBf16 = Ceiling(accelerator.Bf16Ceiling?.Value, accelerator.Bf16Peak.Value) * sustained,
            FusedAttention = kernels.FusedAttention,
            FlopPerExponential = accelerator.ExponentialRate is { } exponentials ? accelerator.Bf16Peak.Value / exponentials.Value : 0,
            AttentionForward = attention * kernels.AttentionForward,
            AttentionBackward = attention * kernels.AttentionBackward,
            ScanMatmul = accelerator.Bf16Peak.Value.FlopPerSecond * scan,
            ScanMemory = accelerator.MemoryBandwidth.Value.BytesPerSecond * scan,
            Memory = accelerator.MemoryBandwidth.Value.BytesPerSecond * kernels.MemorySustained,
            MatmulOverhead = kernels.MatmulOverhead.Value.Seconds,
            ExpertOverhead = kernels.ExpertOverhead?.Value.Seconds ?? 0,
            LaunchOverhead = kernels.LaunchOverhead.Value.Seconds,
            HostLaunch = kernels.HostLaunch?.Value.Seconds ?? 0,
            HostExperts = kernels.HostExperts?.Value.Seconds ?? 0,
            HostAttention = kernels.HostAttention?.Value.Seconds ?? 0,
            RecordsIterations = kernels.RecordsIterations,
            OverlapTax = kernels.OverlapTax,
            Spread = kernels.SpeedSpread?.Value ?? 0,
            Peak = flops,
        };
    }

    /// <summary>
    /// The rates of the slowest of so many accelerators whose speeds are normal, beside the slowest of one node of eight:
    /// 1 - σ (z_n - z_8), z_n the expected largest of n standard normal variables (Blom 1958: Φ⁻¹((n - 3/8) / (n + 1/4))).
    /// </summary>
    /// <param name="accelerators">How many work in step.</param>
    public ComputeRates SlowestOf(int accelerators) =>
        Spread == 0 || accelerators <= NodeOf ? this : WithComputeScaled(1 / (1 + (Spread * (Largest(accelerators) - Largest(NodeOf))))) with { FlopPerExponential = FlopPerExponential };

    const int NodeOf = 8;

    // The normal quantile far from the middle, by the rational function of Abramowitz and Stegun 26.2.23 (error below 4.5e-4).
    static double Largest(int n)
    {
        var t = Math.Sqrt(-2 * Math.Log((0.625) / (n + 0.25)));
        return t - ((2.515517 + (t * (0.802853 + (t * 0.010328)))) / (1 + (t * (1.432788 + (t * (0.189269 + (t * 0.001308)))))));
    }

    /// <summary>Seconds that the matrix units and the memory need for so many equal multiplications of m x k by k x n; the longer of the two is what they take.</summary>
    internal (double Compute, double Memory) Multiply(double rate, double times, double m, double k, double n, double bytes, double resultBytes)
    {
        var read = times * ((m * k) + (k * n)) * bytes;
        return (times * 2 * m * (k + MatmulFill) * n / rate, (read + (times * m * n * resultBytes)) / Memory);
    }

    /// <summary>The same accelerator with all its matrix rates scaled; its other units are as fast as they were.</summary>
    public ComputeRates WithComputeScaled(double factor) => this with
    {
        Matmul = Matmul * factor,
        GroupedMatmul = GroupedMatmul * factor,
        MatmulBf16 = MatmulBf16 * factor,
        FlopPerExponential = FlopPerExponential * factor,
        ScanMatmul = ScanMatmul * factor,
        AttentionForward = AttentionForward * factor,
        AttentionBackward = AttentionBackward * factor,
        Peak = Peak * factor,
    };

    /// <summary>The same accelerator with its memory bandwidth scaled.</summary>
    public ComputeRates WithMemoryScaled(double factor) => this with { Memory = Memory * factor, ScanMemory = ScanMemory * factor };
}
