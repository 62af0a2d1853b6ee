// What NCCL sees of a machine: one node's links and counts.
//
//   B     links of one GPU inside a node, as NCCL takes them, GB/s:
//           NVLink   round(data sheet / data sheet's rate per link) * NCCL's rate per link
//           PCIe     lanes * rate of a lane, less 1/6 through an Intel root complex, at most what joins two processors
//           alone in its node, a GPU has its own PCIe port
//   C     what a network card carries: the lesser of its rate and its host interface
//
// Example: H100, 450 GB/s on the data sheet at 25 GB/s per link: 18 links of 20.6 GB/s, B = 370.8 GB/s.
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>A group of ranks on nodes that are alike, as NCCL's selector sees it. A node is a scale-up domain.</summary>
public sealed partial record NcclMachine
{
    /// <summary>Most nodes that are taken.</summary>
    public const int MostNodes = 1_000_000;

    /// <summary>What it is called.</summary>
    public required string Name { get; init; }

    /// <summary>Generation of its GPUs, as the constants name it ("hopper").</summary>
    public required string Generation { get; init; }

    /// <summary>Nodes; each is one scale-up domain, so a rack of NVL72 is one.</summary>
    public required int Nodes { get; init; }

    /// <summary>Ranks, one GPU each, on every node.</summary>
    public required int RanksPerNode { get; init; }

    /// <summary>What one GPU's links inside the node carry, as NCCL takes them, one direction.</summary>
    public required Bandwidth GpuBandwidth { get; init; }

    /// <summary>Path between GPUs of a node.</summary>
    public NcclPath IntraPath { get; init; } = NcclPath.NvLink;

    /// <summary>Path between GPUs and the network cards that they use; the nearest that LL128 is on with, unless given.</summary>
    public NcclPath InterPath { get; init; } = NcclPath.Pxb;

    /// <summary>Whether GPUs of a node meet in switches.</summary>
    public bool Switched { get; init; }

    /// <summary>Whether those switches reduce and multicast (NVLink SHARP), and it is not turned off.</summary>
    public bool InSwitchReduction { get; init; }

    /// <summary>Network cards of a node.</summary>
    public int Nics { get; init; }

    /// <summary>What one card carries, one direction, its host interface counted.</summary>
    public Bandwidth NicBandwidth { get; init; }

    /// <summary>Latency that the card's plugin states; none for InfiniBand.</summary>
    public Duration NicLatency { get; init; }

    /// <summary>Who makes the hosts' processors.</summary>
    public NcclHost Host { get; init; } = NcclHost.Intel;

    /// <summary>Whether the fabric's switches reduce (SHARP) and NCCL is told to use it.</summary>
    public bool FabricReduction { get; init; }

    /// <summary>Whether that plugin also has all-gather and reduce-scatter.</summary>
    public bool FabricGather { get; init; }

    /// <summary>Ranks of the group.</summary>
    public int Ranks => Nodes * RanksPerNode;

    /// <summary>A group on systems of the catalogue.</summary>
    /// <param name="system">The system.</param>
    /// <param name="nodes">Systems, each one scale-up domain.</param>
    /// <param name="ranksPerNode">GPUs of each that take part; all unless given.</param>
    /// <param name="tuning">Constants; the newest unless given.</param>
    /// <exception cref="InputException">NCCL doesn't run there, or the group is larger than the machine.</exception>
    public static NcclMachine Of(AcceleratorSystem system, int nodes, int? ranksPerNode = null, NcclTuning? tuning = null)
    {
        ArgumentNullException.ThrowIfNull(system);
        var gpu = system.Accelerator;
        tuning ??= NcclTuning.For(gpu);
        var name = gpu.Kernels.Key;
        if (tuning.Rccl is { } rccl) return OfRccl(system, name, nodes, ranksPerNode, rccl);
        if (!tuning.Generations.TryGetValue(name, out var generation))
        {
            throw new InputException($"'{system.Key}': {tuning.Library} {tuning.Version} is described for {string.Join(", ", tuning.Generations.Keys)}, not for {name}");
        }
        var ranks = ranksPerNode ?? system.Accelerators.Value;
        if (ranks < 1 || ranks > system.Accelerators.Value)
            throw new InputException($"expected 1 to {system.Accelerators.Value} GPUs on each '{system.Key}', found {ranks}");
        // An NVLink system's links are whole: 450 GB/s are 18 of 25.
        var links = Math.Max(1, Math.Round(gpu.ScaleUpBandwidth.Value / generation.DataSheetLinkRate));
        var nic = system.Nic.Rate.Value;
        if (system.Nic.Host is { } host && HostInterface().Match(host) is { Success: true } m &&
            tuning.Pci.Lane.TryGetValue("gen" + m.Groups[1].Value, out var lane))
            nic = Bandwidth.FromSi(Math.Min(nic.Si, lane.Si * int.Parse(m.Groups[2].Value, CultureInfo.InvariantCulture)));
        return new NcclMachine
        {
            Name = system.Name,
            Generation = name,
            Nodes = nodes,
            RanksPerNode = ranks,
            GpuBandwidth = generation.LinkRate * links,
            InterPath = generation.Ll128Reach,
            Switched = gpu.ScaleUpTopology == ScaleUpTopology.Switched,
            InSwitchReduction = system.InNetworkReduction,
            Nics = system.Nics.Value,
            NicBandwidth = nic,
            // Grace stands beside the GPUs of these racks; other hosts are x86.
            Host = gpu.Key.StartsWith("gb", StringComparison.Ordinal) || gpu.Key.StartsWith("gh", StringComparison.Ordinal) ? NcclHost.Arm : NcclHost.Intel,
        }.Checked();
    }

    static NcclMachine OfRccl(AcceleratorSystem system, string generation, int nodes, int? ranksPerNode, RcclTuning rccl)
    {
        if (!rccl.Generations.TryGetValue(generation, out var known))
            throw new InputException($"'{system.Key}': {rccl.Library} {rccl.Version} is described for {string.Join(", ", rccl.Generations.Keys)}, not for {generation}");
        var ranks = ranksPerNode ?? system.Accelerators.Value;
        if (ranks < 1 || ranks > system.Accelerators.Value)
            throw new InputException($"expected 1 to {system.Accelerators.Value} GPUs on each '{system.Key}', found {ranks}");
        if (ranks != known.RanksPerNode)
            throw new InputException($"'{system.Key}': {rccl.Library}'s rings are preset for all {known.RanksPerNode} GPUs of a node; what it does with {ranks} is not described");
        return new NcclMachine
        {
            Name = system.Name,
            Generation = generation,
            Nodes = nodes,
            RanksPerNode = ranks,
            GpuBandwidth = known.LinkRate * known.Links,
            Nics = system.Nics.Value,
            NicBandwidth = system.Nic.Rate.Value,
        }.Checked();
    }

    /// <summary>GPUs that only PCIe joins.</summary>
    /// <param name="generation">Generation of the GPUs.</param>
    /// <param name="nodes">Nodes.</param>
    /// <param name="ranksPerNode">GPUs of a node.</param>
    /// <param name="pci">Generation of PCIe, such as <c>gen4</c>, 16 lanes each.</param>
    /// <param name="processor">Host processor as the constants name it, such as <c>skylake</c>.</param>
    /// <param name="sockets">Processors that the GPUs hang from; 0 where one PCIe switch joins all.</param>
    /// <param name="tuning">Constants; the newest unless given.</param>
    /// <exception cref="InputException">A name is unknown or a count impossible.</exception>
    public static NcclMachine OfPci(string generation, int nodes, int ranksPerNode, string pci, string processor, int sockets, NcclTuning? tuning = null)
    {
        tuning ??= NcclTuning.Default;
        tuning.Generation(generation);
        if (!tuning.Pci.Lane.TryGetValue(pci, out var lane)) throw Unknown("generation of PCIe", pci, tuning.Pci.Lane.Keys);
        if (!tuning.Pci.Processors.TryGetValue(processor, out var between)) throw Unknown("processor", processor, tuning.Pci.Processors.Keys);
        if (sockets is < 0 or > 2) throw new InputException($"expected 0, 1 or 2 sockets, found {sockets}");
        var host = processor switch { "amd" => NcclHost.Amd, "arm" => NcclHost.Arm, "power9" => NcclHost.Power, _ => NcclHost.Intel };
        var total = lane * 16;
        if (sockets > 0 && host == NcclHost.Intel) total = Bandwidth.FromSi(total.Si / tuning.Pci.IntelRootComplex);
        if (sockets == 2) total = Bandwidth.FromSi(Math.Min(total.Si, between.Si));
        return new NcclMachine
        {
            Name = $"{ranksPerNode} {generation} GPUs on PCIe {pci}",
            Generation = generation,
            Nodes = nodes,
            RanksPerNode = ranksPerNode,
            GpuBandwidth = total,
            IntraPath = sockets switch { 0 => NcclPath.Pix, 1 => NcclPath.Phb, _ => NcclPath.Sys },
            Host = host,
        }.Checked();
    }

    /// <summary>The same, after its counts were checked.</summary>
    /// <exception cref="InputException">A count or rate is impossible.</exception>
    public NcclMachine Checked()
    {
        if (Nodes is < 1 or > MostNodes) throw new InputException($"expected 1 to {MostNodes:N0} nodes, found {Nodes:N0}");
        if (RanksPerNode is < 1 or > 100_000) throw new InputException($"expected 1 to 100,000 GPUs per node, found {RanksPerNode:N0}");
        if ((long)Nodes * RanksPerNode is < 2 or > int.MaxValue) throw new InputException($"a collective has at least 2 ranks, not {(long)Nodes * RanksPerNode:N0}");
        if (!(GpuBandwidth.Si > 0) || double.IsInfinity(GpuBandwidth.Si)) throw new InputException($"expected a bandwidth between GPUs above zero, found {GpuBandwidth}");
        if (Nics < 0 || !(NicBandwidth.Si >= 0) || double.IsInfinity(NicBandwidth.Si)) throw new InputException("network cards can't have a negative count or rate");
        return this;
    }

    static InputException Unknown(string what, string name, IEnumerable<string> valid) => new($"there is no {what} '{name}'{Nearest.Hint(name, [.. valid])}");

    [GeneratedRegex(@"^PCIe Gen(\d) x(\d+)$")]
    private static partial Regex HostInterface();
}
