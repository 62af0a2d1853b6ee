// What each resource is worth at the margin: the job is run again with one resource a tenth better, everything else as designed.
//
//   gain   = tokens/s bettered ÷ tokens/s as designed - 1, failures counted
//            (load balancing: a tenth less on the fullest link than it has above the mean, roughly)
//   price  = a tenth of what the resource costs in this design ÷ gained tokens/s, where the catalogue prices it

using Lightloom.Quantities;

namespace Lightloom.Planning;

/// <summary>One resource's entry in the ledger.</summary>
/// <param name="Resource">The resource.</param>
/// <param name="Key">Its name in JSON.</param>
/// <param name="Layer">The layer that it belongs to.</param>
/// <param name="Gain">Relative gain in tokens per second from a tenth more of it.</param>
/// <param name="TokensPerSecond">Gained tokens per second.</param>
/// <param name="Cost">What a tenth more of it would cost, or null where the catalogue can't price it.</param>
/// <param name="CostPerTokenPerSecond">Cost of one gained token per second, or null.</param>
public sealed record LedgerEntry(
    string Resource, string Key, Layer Layer, double Gain, double TokensPerSecond, Money? Cost, Money? CostPerTokenPerSecond);

/// <summary>The bottleneck ledger; see the equations at the head of this file.</summary>
/// <param name="Entries">One entry for each resource, the largest gain first.</param>
/// <param name="Verdict">What it says, in one sentence.</param>
public sealed record BottleneckLedger(IReadOnlyList<LedgerEntry> Entries, string Verdict)
{
    /// <summary>How much better each resource is made.</summary>
    public const double Step = 1.1;

    /// <summary>Prices of what a design has of each resource; null where the catalogue has none.</summary>
    /// <param name="Accelerators">All accelerators.</param>
    /// <param name="Nics">All network cards and their links to the leaves.</param>
    /// <param name="LeafSpine">Links between leaves and spines with the switches above them.</param>
    /// <param name="SpineCore">Links between spines and cores with the switches above them.</param>
    public readonly record struct Prices(Money? Accelerators, Money? Nics, Money? LeafSpine, Money? SpineCore);

    /// <summary>Draws up the ledger of a cluster.</summary>
    /// <param name="operation">The cluster and its job.</param>
    /// <param name="base">The job as designed.</param>
    /// <param name="tiers">Tiers of switches.</param>
    /// <param name="prices">Prices of what there is of each resource.</param>
    public static BottleneckLedger Of(ClusterOperation operation, in Outcome @base, int tiers, in Prices prices)
    {
        ArgumentNullException.ThrowIfNull(operation);
        var entries = new List<LedgerEntry>();
        var tokens = @base.EffectiveTokensPerSecond;
        Add("peak compute", "peakCompute", Layer.Compute, new() { Compute = Step }, prices.Accelerators);
        Add("memory bandwidth", "memoryBandwidth", Layer.Memory, new() { MemoryBandwidth = Step }, null);
        Add("scale-up bandwidth", "scaleUpBandwidth", Layer.Loom, new() { ScaleUp = Step }, null);
        Add("NIC bandwidth", "nicBandwidth", Layer.Loom, new() { Nic = Step }, prices.Nics);
        if (tiers > 1) Add("leaf-spine bandwidth", "leafSpineBandwidth", Layer.Loom, new() { LeafSpine = Step }, prices.LeafSpine);
        if (tiers > 2) Add("spine-core bandwidth", "spineCoreBandwidth", Layer.Loom, new() { SpineCore = Step }, prices.SpineCore);
        if (tiers > 1) Add("load balancing", "loadBalancing", Layer.Loom, new() { LoadBalance = Step }, null);
        Add("switch latency", "switchLatency", Layer.Loom, new() { SwitchLatency = 1 / Step }, null);
        Add("FEC and fibre latency", "linkLatency", Layer.Light, new() { LinkLatency = 1 / Step }, null);
        Add("optics' failure rate", "linkFailureRate", Layer.Light, new() { LinkFailures = 1 / Step }, null);
        Add("bit error rate", "bitErrorRate", Layer.Light, new() { BitErrors = 1 / Step }, null);
        // Ties keep the order above, so that the same design always prints the same ledger.
        var sorted = entries.OrderByDescending(e => Math.Round(e.Gain, 9)).ToList();
        return new(sorted, tokens > 0 ? Say(sorted) : "The job makes no progress, whatever a tenth more of any one resource.");

        void Add(string resource, string key, Layer layer, in Betterment better, Money? price)
        {
            var gained = operation.Run(better).EffectiveTokensPerSecond - tokens;
            var gain = tokens > 0 ? gained / tokens : 0;
            var cost = price is { } p ? p * (Step - 1) : (Money?)null;
            entries.Add(new(resource, key, layer, gain, gained, cost, cost is { } c && gain > 1e-6 ? c / gained : null));
        }
    }

    static string Say(List<LedgerEntry> entries)
    {
        var best = entries[0];
        if (best.Gain < 1e-4) return "Nothing binds: a tenth more of any one resource gains less than 0.01 % of tokens/s.";
        var others = Enum.GetValues<Layer>()
            .Where(l => l != best.Layer)
            .Select(l => entries.First(e => e.Layer == l))
            .OrderByDescending(e => e.Gain)
            .Select(e => $"{Percent(e.Gain)} from {e.Resource} ({Name(e.Layer)})");
        return $"{Capital(Name(best.Layer))} binds: a tenth more {best.Resource} gains {Percent(best.Gain)} of tokens/s, " +
            $"against at best {string.Join(", ", others)}.";
    }

    static string Percent(double gain) => Math.Abs(gain) < 5e-5 ? "nothing" : $"{Quantity.Round(100 * gain, 2)} %";

    static string Name(Layer layer) => layer switch
    {
        Layer.Light => "the light",
        Layer.Loom => "the loom",
        Layer.Compute => "compute",
        _ => "memory",
    };

    static string Capital(string text) => char.ToUpperInvariant(text[0]) + text[1..];
}
