// The network behind a published row, from the hardware that the row describes and nothing else: no system is known by name.
//
//   n, N     ranks and nodes                      d   ranks of one scale-up domain
//   d = n / N, or n / ceil(n / 72) where the text names a rack-scale domain (NVL72)
//   B_1 = (cards per node) (line rate) / (n / N)  line rate of one accelerator; what its catalogue part is usually given where unsaid
//   in-switch reduction: where the generation can, and d > 4 (below, NCCL 2.30's graphs favour rings)
//   hosts: on one node one process launches for all accelerators (nccl-tests -g n), on several one for each under MPI: that is how the
//   programs' own instructions run them, and what tables leave unsaid
//
// Example: 16 GPUs on 2 nodes with "4x100G EFA": d = 8, B_1 = 4 * 100 / 8 = 50 Gb/s.
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Collectives.Fitting;
using Lightloom.Quantities;

namespace Lightloom.Planning.Validation;

/// <summary>A network that somebody measured collectives on, understood from its description.</summary>
/// <param name="ScaleUp">The mechanism of its scale-up domains.</param>
/// <param name="ScaleUpBandwidth">Raw bandwidth of one accelerator inside its domain, one direction.</param>
/// <param name="Fabric">The mechanism between domains; null where there is one domain.</param>
/// <param name="LineRate">Line rate of the cards of one accelerator; zero where there is one domain.</param>
/// <param name="OneLauncher">Whether one process launched for all accelerators, as far as one can tell.</param>
/// <param name="Group">All ranks.</param>
/// <param name="Levels">Its levels with the mechanisms of the catalogue, the scale-up domain first.</param>
/// <param name="Note">What had to be assumed; empty where nothing.</param>
public sealed partial record MeasuredCluster(string ScaleUp, Bandwidth ScaleUpBandwidth, string? Fabric, Bandwidth LineRate, bool OneLauncher,
    GroupPlacement Group, NetworkLevels Levels, string Note)
{
    const int RackDomain = 72; // accelerators of one NVL72

    /// <summary>Understands a description.</summary>
    /// <param name="catalog">Where accelerators and mechanisms are.</param>
    /// <param name="ranks">GPUs of the run.</param>
    /// <param name="nodes">Hosts of the run.</param>
    /// <param name="accelerator">Accelerator as people write it: "H100", "A100-80GB".</param>
    /// <param name="nic">Cards of one node as people write them: "8x400G IB", "none".</param>
    /// <param name="fabric">Links as people write them: "NVLink5+IB NDR".</param>
    /// <exception cref="InputException">The accelerator isn't in the catalogue, or the counts can't be.</exception>
    public static MeasuredCluster Of(PartCatalog catalog, int ranks, int nodes, string accelerator, string nic, string fabric)
    {
        ArgumentNullException.ThrowIfNull(catalog);
        ArgumentNullException.ThrowIfNull(accelerator);
        if (ranks < 1 || nodes < 1 || ranks % nodes != 0)
            throw new InputException(string.Create(CultureInfo.InvariantCulture, $"{ranks} GPUs do not divide over {nodes} nodes"));
        var part = Find(catalog, accelerator);
        var text = $"{fabric} {nic}".ToUpperInvariant();
        var rack = text.Contains("NVL72", StringComparison.Ordinal) || text.Contains("MNNVL", StringComparison.Ordinal)
            || (part.Collectives.Key == "nvlink5-rack" && nodes > 1 && ranks <= RackDomain && !NamesFabric(text));
        var domain = rack ? ranks / ((ranks + RackDomain - 1) / RackDomain) : ranks / nodes;
        // A board of the generation that also comes in racks works as that generation's boards do.
        var inside = !rack && part.Collectives.Key == "nvlink5-rack" ? catalog.Get<CollectiveParameters>("nvlink5") : part.Collectives;
        var raw = part.ScaleUpBandwidth.Value;
        var oneLauncher = CollectiveNetwork.UsualPerProcess(nodes, ranks) > 1;
        if (domain >= ranks)
        {
            var one = GroupPlacement.Of(ranks);
            return new(inside.Key, raw, null, default, oneLauncher, one, Join(one, oneLauncher, raw, default, inside, null), "");
        }
        var (mechanism, note) = FabricOf(text, inside.Key);
        var perAccelerator = Rate(nic, ranks / nodes);
        if (perAccelerator is null)
        {
            perAccelerator = part.ScaleOutBandwidth?.Value ?? throw new InputException($"the cards '{nic}' name no rate");
            note = Join(note, $"no rate in '{nic}': taken as {perAccelerator} for each GPU");
        }
        var group = GroupPlacement.Of(domain, ranks);
        var outside = catalog.Get<CollectiveParameters>(mechanism);
        return new(inside.Key, raw, mechanism, perAccelerator.Value, oneLauncher, group, Join(group, oneLauncher, raw, perAccelerator.Value, inside, outside), note);
    }

    /// <summary>The mechanism that sets its class: the fabric's, or that of the only domain.</summary>
    public string Mechanism => Fabric ?? ScaleUp;

    /// <summary>The network with its mechanisms left open, for a fit.</summary>
    /// <param name="system">Whose it is.</param>
    public ObservedNetwork Observed(string system) =>
        new(ScaleUp, Fabric, system, OneLauncher, Group, (inside, outside) => Join(Group, OneLauncher, ScaleUpBandwidth, LineRate, inside, outside));

    static NetworkLevels Join(in GroupPlacement group, bool oneLauncher, Bandwidth raw, Bandwidth lineRate, CollectiveParameters inside, CollectiveParameters? outside) =>
        CollectiveNetwork.OnOneLevel(raw, inside, group.Within(0) > CollectiveNetwork.LargestWithoutReduction, lineRate, outside, oneLauncher ? group.Ranks : 1);

    // "H100", "A100-80GB", "NVIDIA H100 80GB HBM3": the first word that begins the name of a part.
    static Accelerator Find(PartCatalog catalog, string name)
    {
        foreach (Match word in Token().Matches(name))
        {
            var token = word.Value.ToLowerInvariant();
            var found = catalog.All<Accelerator>().Where(a => a.Key == token || a.Key.StartsWith(token + "-", StringComparison.Ordinal))
                .MinBy(a => a.Key, StringComparer.Ordinal);
            if (found is not null) return found;
        }
        throw new InputException($"unknown accelerator '{name}'");
    }

    // Trays of a rack without a word of another network between them are joined by its switches.
    static bool NamesFabric(string text) => FabricWord().IsMatch(text) || text.Contains("PARTITION", StringComparison.Ordinal);

    static (string Mechanism, string Note) FabricOf(string text, string scaleUp)
    {
        bool Says(params ReadOnlySpan<string> words)
        {
            foreach (var word in words)
                if (text.Contains(word, StringComparison.Ordinal)) return true;
            return false;
        }
        if (Says("EFA", "SRD")) return (scaleUp == "nvlink3" ? "efa-unordered" : "efa", ""); // the writes of P4 instances arrive in any order
        if (Says("TCPXO", "FASTRAK")) return ("tcpxo", "");
        if (Says("TCPX")) return ("tcpxo", "GPUDirect-TCPX taken as its successor TCPXO");
        if (Says("SLINGSHOT", "CXI")) return ("slingshot", "");
        if (Says("ULTRA ETHERNET", "UEC")) return ("ultra-ethernet", "");
        if (Says("ROCE", "ETHERNET", "SPECTRUM", "POLLARA")) return ("rocev2", "");
        return Says("INFINIBAND", "IB", "NDR", "HDR", "XDR") ? ("infiniband", "") : ("infiniband", "the fabric isn't named: taken as InfiniBand");
    }

    /// <summary>Gb/s of one card, or null where the text names none.</summary>
    static double? CardRate(string nic) =>
        Speed().Match(nic) is { Success: true } speed ? double.Parse(speed.Groups[1].Value, CultureInfo.InvariantCulture)
            : Generation().Match(nic).Value.ToUpperInvariant() switch { "XDR" => 800, "NDR" => 400, "HDR" => 200, "EDR" => 100, _ => null };

    /// <summary>Line rate of one accelerator, or null where the text names none.</summary>
    static Bandwidth? Rate(string nic, int perNode)
    {
        if (CardRate(nic) is not { } gigabits || gigabits <= 0) return null;
        var cards = Cards().Match(nic) is { Success: true } count ? double.Parse(count.Groups[1].Value, CultureInfo.InvariantCulture) : perNode;
        return cards > 0 ? Bandwidth.FromGigabitsPerSecond(gigabits * cards / perNode) : null;
    }

    static string Join(string first, string second) => first.Length == 0 ? second : $"{first}; {second}";

    [GeneratedRegex("[A-Za-z]+[0-9]+[A-Za-z]*")]
    private static partial Regex Token();

    [GeneratedRegex("\\b(IB|INFINIBAND|NDR|HDR|XDR|ROCE|ROCEV2|ETHERNET|EFA|SRD|TCPXO?|SLINGSHOT)")]
    private static partial Regex FabricWord();

    [GeneratedRegex("^\\s*([0-9]{1,3})\\s*x", RegexOptions.IgnoreCase)]
    private static partial Regex Cards();

    [GeneratedRegex("(?<![0-9])(?:[XNHE]DR)?([0-9]{2,4})\\s*(?:G|(?<=DR[0-9]{3}))", RegexOptions.IgnoreCase)]
    private static partial Regex Speed();

    [GeneratedRegex("[XNHE]DR", RegexOptions.IgnoreCase)]
    private static partial Regex Generation();
}
