using Lightloom.Catalog;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Validation;

/// <summary>A figure of <see cref="KernelPerformance"/> that published steps can teach.</summary>
/// <param name="Key">Its key in the part.</param>
/// <param name="Unit">Its unit; empty for a share.</param>
/// <param name="Of">Reads it with the range that is believed before; null where the part has none.</param>
/// <param name="With">The part with another value.</param>
/// <param name="Matters">Whether a row's step depends on it at all.</param>
public sealed record KernelParameter(
    string Key, string Unit, Func<KernelPerformance, (double Value, double Low, double High)?> Of, Func<KernelPerformance, double, KernelPerformance> With,
    Func<MeasuredStep, bool> Matters)
{
    /// <summary>The parameters, in the order in which they are fitted.</summary>
    public static IReadOnlyList<KernelParameter> All { get; } =
    [
        Share("matmulSustained", k => k.MatmulSustained, (k, f) => k with { MatmulSustained = f }, static _ => true),
        Share("fp8MatmulSustained", k => k.Fp8MatmulSustained, (k, f) => k with { Fp8MatmulSustained = f }, static m => m.Job.Precision != Workloads.Precision.Bf16),
        Share("groupedMatmul", k => k.GroupedMatmul, (k, f) => k with { GroupedMatmul = f }, static m => m.Job.Model.Model.Experts is not null),
        new("matmulFill", "", k => k.MatmulFill is { } f ? (f.Value, f.Low, f.High) : null, (k, value) => k with { MatmulFill = k.MatmulFill!.Value with { Value = value } }, static _ => true),
        // Both passes of attention are of one kernel family: the backward pass keeps its ratio to the forward one.
        Share("attentionForward", k => k.FusedAttention ? k.AttentionForward : null, (k, f) => k with
        {
            AttentionForward = f,
            AttentionBackward = k.AttentionBackward with
            {
                Value = Math.Clamp(k.AttentionBackward.Value * f.Value / k.AttentionForward.Value, k.AttentionBackward.Low, k.AttentionBackward.High),
            },
        }, static m => m.System.Kernels.FusedAttention),
        Share("memorySustained", k => k.MemorySustained, (k, f) => k with { MemorySustained = f }, static _ => true),
        Time("matmulOverhead", k => k.MatmulOverhead, (k, f) => k with { MatmulOverhead = f }, static _ => true),
        Time("expertOverhead", k => k.ExpertOverhead, (k, f) => k with { ExpertOverhead = f }, static m => m.Job.Model.Model.Experts is not null),
        Time("hostLaunch", k => k.HostLaunch, (k, f) => k with { HostLaunch = f }, static m => m.System.Kernels.HostLaunch is not null),
        Time("hostExperts", k => k.HostExperts, (k, f) => k with { HostExperts = f }, WaitsForCounts),
        Time("hostAttention", k => k.HostAttention, (k, f) => k with { HostAttention = f }, static m => WaitsForCounts(m) && m.Job.Parallelism.Graphs == RecordedGraphs.None),
        Share("overlapTax", k => k.OverlapTax.Value > 0 ? k.OverlapTax : null, (k, f) => k with { OverlapTax = f }, static m => m.Job.Accelerators > 1),
    ];

    static bool WaitsForCounts(MeasuredStep step) => step.Job.WaitsForCounts(step.System.Kernels.RecordsIterations);

    static KernelParameter Share(
        string key, Func<KernelPerformance, Sourced<double>?> of, Func<KernelPerformance, Sourced<double>, KernelPerformance> with, Func<MeasuredStep, bool> matters) => new(
            key, "", k => of(k) is { } f ? (f.Value, f.Low, f.High) : null, (k, value) => with(k, of(k)!.Value with { Value = value }), matters);

    static KernelParameter Time(
        string key, Func<KernelPerformance, Sourced<Duration>?> of, Func<KernelPerformance, Sourced<Duration>, KernelPerformance> with, Func<MeasuredStep, bool> matters) => new(
            key, "us", k => of(k) is { } f ? (f.Value.Microseconds, f.Low.Microseconds, f.High.Microseconds) : null,
            (k, value) => with(k, of(k)!.Value with { Value = Duration.FromMicroseconds(value) }), matters);
}
