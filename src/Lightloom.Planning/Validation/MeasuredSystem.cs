using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Congestion;
using Lightloom.Quantities;
using Lightloom.Workloads;

namespace Lightloom.Planning.Validation;

/// <summary>What a row of a table of training steps ran on.</summary>
static partial class MeasuredSystem
{
    /// <summary>The accelerator that a row names: "A100-SXM-40GB", "H100-96GB-HBM2e(500W cap, 2.4TB/s)", "TPU v5p".</summary>
    /// <exception cref="InputException">The catalogue has none of that name.</exception>
    public static Accelerator Accelerator(CsvRow row, PartCatalog catalog)
    {
        var text = row.Text("gpu_type");
        var name = text.Split('(')[0].Trim().ToLowerInvariant().Replace(' ', '-');
        var keys = catalog.Keys<Accelerator>();
        var words = name.Split('-');
        // As much of the name as a part's begins with: all of it, or its first word, with "v5p" belonging to "tpu".
        var family = words[0] == "tpu" && words.Length > 1 ? $"tpu-{words[1]}" : words[0];
        var key = keys.FirstOrDefault(k => k == name) ?? keys.FirstOrDefault(k => k == family)
            ?? (family.StartsWith("a100", StringComparison.Ordinal) && !name.Contains("40gb", StringComparison.Ordinal) ? "a100-sxm-80gb" : null)
            ?? keys.Where(k => name.StartsWith(k, StringComparison.Ordinal)).MaxBy(k => k.Length)
            ?? keys.Where(k => k.StartsWith(family + "-", StringComparison.Ordinal)).MinBy(k => k, StringComparer.Ordinal)
            ?? throw new InputException($"unknown accelerator '{text}'");
        var part = catalog.Get<Accelerator>(key);
        if (MemoryText().Match(text) is { Success: true } memory && Number(memory) is var gigabytes && gigabytes > 0)
            part = part with { Memory = part.Memory with { Value = DataSize.FromGigabytes(gigabytes), Low = DataSize.FromGigabytes(gigabytes), High = DataSize.FromGibibytes(gigabytes * 0.99) } }; // binary, less what the driver keeps
        if (BandwidthText().Match(text) is { Success: true } bandwidth)
            part = part with { MemoryBandwidth = Sourced<Bandwidth>.Of(Bandwidth.FromBytesPerSecond(Number(bandwidth) * 1e12), "row", Grade.Estimate) };
        if (PowerText().Match(text) is { Success: true } power) part = Capped(part, Power.FromWatts(Number(power)));
        return part;
    }

    /// <summary>
    /// The accelerator at a power cap. Under matrix load the power is nearly all dynamic and voltage follows frequency, so that P grows
    /// with f³ and rates fall with the cube root of the cap.
    /// </summary>
    internal static Accelerator Capped(Accelerator part, Power cap)
    {
        if (part.Power is not { } full || cap >= full.Value) return part;
        var share = Math.Cbrt(cap / full.Value);
        return part with
        {
            Bf16Peak = Scaled(part.Bf16Peak)!.Value,
            Fp8Peak = Scaled(part.Fp8Peak),
            Bf16Ceiling = Scaled(part.Bf16Ceiling),
            Fp8Ceiling = Scaled(part.Fp8Ceiling),
        };

        Sourced<ComputeRate>? Scaled(Sourced<ComputeRate>? rate) => rate is { } r ? r with { Value = r.Value * share, Low = r.Low * share, High = r.High * share } : null;
    }

    /// <summary>The network of a row: its scale-up domains, and one level between them.</summary>
    public static StepNetwork Network(CsvRow row, Accelerator part, PartCatalog catalog, int gpus)
    {
        var fabric = row["fabric"];
        var protocol = catalog.Get<NetworkProtocol>(fabric.Contains("RoCE", StringComparison.OrdinalIgnoreCase) || fabric.Contains("Ethernet", StringComparison.OrdinalIgnoreCase)
            ? "rocev2" : "infiniband");
        var domain = row.Has("scaleup_domain") ? (int)row.Count("scaleup_domain", 1, 100_000) : part.ScaleUpDomain.Value;
        var perNode = row.Has("gpus_per_node") ? (int)row.Count("gpus_per_node", 1, 100_000) : domain;
        var rate = RateText(fabric, perNode) ?? part.ScaleOutBandwidth?.Value ?? Bandwidth.FromGigabitsPerSecond(100);
        var inside = NetworkLevel.ScaleUp("scale-up", part.ScaleUpBandwidth.Value, part.Collectives);
        return new(
            new(inside, NetworkLevel.ScaleOut("scale-out", rate, Ratio.From(BalanceOf(protocol, gpus)), Duration.FromMicroseconds(3), protocol.Collectives)),
            [GroupLayout.PerDomain(gpus, domain, int.MaxValue), Math.Max(2 * domain, gpus)]);
    }

    /// <summary>Rows don't say how leaves are built: sixteen cards and as many uplinks each.</summary>
    internal static double BalanceOf(NetworkProtocol protocol, int accelerators) =>
        new FabricBalance(protocol.LoadBalancing, new LinkStage("leaf-spine", 16, 16, Math.Max(1, accelerators / 16)))
            .With(_ => FabricBalance.OfferedBy(protocol)).Expected;

    /// <summary>Line rate of one accelerator as people write it: "1600 Gb/s RoCE per node", "CX7 400G NDR", "8x HDR200", "8x50GB/s"; null where unsaid.</summary>
    internal static Bandwidth? RateText(string fabric, int perNode)
    {
        if (FabricRate().Match(fabric) is { Success: true } rate && Number(rate) is var figure && figure > 0)
        {
            var gigabits = rate.Groups[2].Value is "GB/s" ? 8 * figure : figure;
            // A card of so much each, unless the figure is a node's: 8x50GB/s and 400 Gb/s per GPU are one accelerator's.
            var clause = fabric[rate.Index..].Split([',', ';', '(', ')'])[0];
            var whole = clause.Contains("per node", StringComparison.OrdinalIgnoreCase) && !Times().IsMatch(fabric);
            return Bandwidth.FromGigabitsPerSecond(whole ? gigabits / perNode : gigabits);
        }
        return fabric.Contains("XDR", StringComparison.Ordinal) ? Bandwidth.FromGigabitsPerSecond(800)
            : fabric.Contains("NDR", StringComparison.Ordinal) ? Bandwidth.FromGigabitsPerSecond(400)
            : fabric.Contains("HDR", StringComparison.Ordinal) ? Bandwidth.FromGigabitsPerSecond(200)
            : null;
    }

    static double Number(Match match) => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("([0-9]{2,3}) ?GB(?!/)", RegexOptions.IgnoreCase)]
    private static partial Regex MemoryText();

    [GeneratedRegex("([0-9]+(?:\\.[0-9]+)?) ?TB/s")]
    private static partial Regex BandwidthText();

    [GeneratedRegex("([0-9]{2,4}) ?W cap")]
    private static partial Regex PowerText();

    [GeneratedRegex("(?<![0-9.])([0-9]+(?:\\.[0-9]+)?) ?(Gb/s|GB/s|Gbps|G\\b)")]
    private static partial Regex FabricRate();

    [GeneratedRegex("[0-9] ?x ?[0-9NHX]")]
    private static partial Regex Times();
}
