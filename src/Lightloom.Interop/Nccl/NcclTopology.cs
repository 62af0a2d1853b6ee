// A host as NCCL sees it (NCCL_TOPO_DUMP_FILE, NCCL_TOPO_FILE): system > cpu > pci, nested > gpu with its NVLinks, nic > net.
//
//   links of a GPU    count x the generation's rate per link where it has NVLink, else lanes x the rate of a lane
//   path GPU to card  PIX below one PCIe switch, PXB below one root port, PHB through one processor, SYS across processors; PXN where a
//                     GPU beside the card can relay over NVLink
//
// Example: 8 GPUs of sm 90 with 18 links to NVSwitches (tclass 0x068000) and 8 cards of 400,000 Mb/s: an NcclMachine of generation
// hopper with B = 18 x 20.6 = 370.8 GB/s and 8 cards of 50 GB/s.
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>NVLinks of a GPU to one other device.</summary>
/// <param name="Target">PCI address of the other end.</param>
/// <param name="Count">Links.</param>
/// <param name="Switched">Whether the other end is a switch.</param>
public sealed record NcclNvLinks(string Target, int Count, bool Switched);

/// <summary>A GPU.</summary>
/// <param name="Device">Its index.</param>
/// <param name="ComputeCapability">Ten times its compute capability: 90 for Hopper.</param>
/// <param name="Rank">Its rank, where the file says.</param>
/// <param name="GpuDirect">Whether it can exchange data with network cards directly.</param>
/// <param name="NvLinks">Its NVLinks.</param>
/// <param name="ChipToChip">Bandwidth of its link to the host's processor, where it has one.</param>
public sealed record NcclGpu(int Device, int ComputeCapability, int? Rank, bool GpuDirect, IReadOnlyList<NcclNvLinks> NvLinks, Bandwidth? ChipToChip);

/// <summary>A port of a network card.</summary>
/// <param name="Name">Its name, such as <c>mlx5_0</c>; two joined by '+' where cards are merged.</param>
/// <param name="Device">Its index.</param>
/// <param name="Speed">Its rate.</param>
/// <param name="Latency">Its own latency.</param>
/// <param name="Port">Its port.</param>
/// <param name="GpuDirect">Whether it can exchange data with GPUs directly.</param>
/// <param name="Collectives">Whether its fabric reduces.</param>
/// <param name="Rail">Its rail, where the file says.</param>
/// <param name="Plane">Its plane, where the file says.</param>
public sealed record NcclNet(string Name, int Device, Bandwidth Speed, Duration Latency, int Port, bool GpuDirect, bool Collectives, int? Rail, int? Plane);

/// <summary>A device on PCIe, with what hangs below it.</summary>
/// <param name="BusId">Its PCI address.</param>
/// <param name="Class">Its PCI class, as the file has it.</param>
/// <param name="LinkSpeed">Speed of one lane as the file has it; empty where it doesn't say.</param>
/// <param name="LinkWidth">Lanes; 0 where the file doesn't say.</param>
/// <param name="Gpu">The GPU that it is.</param>
/// <param name="Nets">Ports of the network card that it is.</param>
/// <param name="Children">Devices below it.</param>
public sealed record NcclPciDevice(
    string BusId, string Class, string LinkSpeed, int LinkWidth, NcclGpu? Gpu, IReadOnlyList<NcclNet> Nets, IReadOnlyList<NcclPciDevice> Children)
{
    /// <summary>Generation of PCIe by the speed of a lane, as NCCL reads it: the third where it is unknown.</summary>
    public int Generation => LinkSpeed.Split(' ')[0] switch { "64" or "64.0" => 6, "32" or "32.0" => 5, "16" or "16.0" => 4, "8" or "8.0" => 3, "5" or "5.0" => 2, "2.5" => 1, _ => 3 };
}

/// <summary>A processor, or NUMA node, with what hangs below it.</summary>
/// <param name="Numa">Its NUMA node; -1 where unknown.</param>
/// <param name="Host">Hash of its host; null where the file is of one host.</param>
/// <param name="Architecture">Its architecture: x86_64, arm64, ppc64.</param>
/// <param name="Vendor">Its vendor, as the processor names itself.</param>
/// <param name="Devices">Devices on its PCIe roots.</param>
/// <param name="Nets">Network ports that hang from no PCIe device.</param>
public sealed record NcclCpu(int Numa, string? Host, string Architecture, string Vendor, IReadOnlyList<NcclPciDevice> Devices, IReadOnlyList<NcclNet> Nets);

/// <summary>The topology of a host, or of the hosts of one NVLink domain.</summary>
/// <param name="File">Where it was read.</param>
/// <param name="Name">What the file calls the system, or null.</param>
/// <param name="Cpus">Its processors.</param>
public sealed record NcclTopology(string File, string? Name, IReadOnlyList<NcclCpu> Cpus)
{
    const int MostHosts = 100_000;

    /// <summary>Every GPU.</summary>
    public IEnumerable<NcclGpu> Gpus => Places().Select(p => p.Device.Gpu).OfType<NcclGpu>();

    /// <summary>Every network port.</summary>
    public IEnumerable<NcclNet> Nets => Cpus.SelectMany(c => c.Nets).Concat(Places().SelectMany(p => p.Device.Nets));

    /// <summary>Hosts that it spans.</summary>
    public int Hosts => Math.Max(1, Cpus.Select(c => c.Host).OfType<string>().Distinct(StringComparer.Ordinal).Count());

    /// <summary>Reads a topology file.</summary>
    /// <param name="text">The XML.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="InputException">It isn't such a file.</exception>
    public static NcclTopology Read(string text, string file) => NcclTopologyReader.Read(text, file);

    /// <summary>Several such nodes as NCCL's selector sees them.</summary>
    /// <param name="nodes">Nodes of this kind, each one NVLink domain.</param>
    /// <param name="tuning">Constants; the newest unless given.</param>
    /// <exception cref="InputException">The file lacks GPUs, mixes generations, or can't be a node of so many.</exception>
    public NcclMachine Machine(int nodes, NcclTuning? tuning = null)
    {
        if (nodes is < 1 or > MostHosts) throw new InputException($"expected 1 to {MostHosts:N0} nodes, found {nodes:N0}");
        tuning ??= NcclTuning.Default;
        var gpus = Gpus.ToList();
        if (gpus.Count == 0) throw new InputException($"{File}: no <gpu> in the topology");
        var capabilities = gpus.Select(g => g.ComputeCapability).Distinct().ToList();
        if (capabilities.Count > 1) throw new InputException($"{File}: GPUs of several generations (sm {string.Join(", ", capabilities.Order())}); NCCL's model is described for one");
        var name = GenerationOf(capabilities[0]);
        var generation = tuning.Generation(name);
        var fewest = gpus.Min(g => g.NvLinks.Sum(l => l.Count));
        var linked = fewest > 0;
        var nets = Nets.ToList();
        var host = HostOf(Cpus[0]);
        var perGpu = Places().Where(p => p.Device.Gpu is not null).Min(p => Lanes(p.Device, tuning).Si);
        return new NcclMachine
        {
            Name = Name ?? File,
            Generation = name,
            Nodes = nodes,
            RanksPerNode = gpus.Count,
            GpuBandwidth = linked ? generation.LinkRate * fewest : Bandwidth.FromSi(perGpu),
            IntraPath = linked ? NcclPath.NvLink : Between(),
            InterPath = nets.Count == 0 ? generation.Ll128Reach : ToCards(linked && gpus.Count > 1),
            Switched = linked && gpus.All(g => g.NvLinks.Any(l => l.Switched)),
            InSwitchReduction = linked && generation.NvlsEfficiency > 0 && gpus.All(g => g.NvLinks.Any(l => l.Switched)),
            Nics = nets.Count,
            // A ring goes at the pace of its slowest card.
            NicBandwidth = nets.Count == 0 ? Bandwidth.Zero : nets.Min(n => n.Speed),
            NicLatency = nets.Count == 0 ? Duration.Zero : nets.Max(n => n.Latency),
            Host = host,
            FabricReduction = false,
        }.Checked();
    }

    static string GenerationOf(int capability) => capability switch
    {
        >= 100 => "blackwell",
        >= 90 => "hopper",
        >= 80 => "ampere",
        >= 70 => "volta",
        _ => throw new InputException($"GPUs of compute capability {capability / 10}.{capability % 10} are older than what NCCL's constants are described for"),
    };

    static NcclHost HostOf(NcclCpu cpu) => cpu.Architecture switch
    {
        "arm64" or "aarch64" => NcclHost.Arm,
        "ppc64" or "ppc64le" => NcclHost.Power,
        _ => cpu.Vendor == "AuthenticAMD" ? NcclHost.Amd : NcclHost.Intel,
    };

    static Bandwidth Lanes(NcclPciDevice device, NcclTuning tuning)
    {
        var rate = tuning.Pci.Lane.TryGetValue($"gen{device.Generation}", out var lane) ? lane : tuning.Pci.Lane["gen3"];
        return rate * (device.LinkWidth == 0 ? 16 : device.LinkWidth);
    }

    // A device with the PCIe devices above it, outermost first.
    readonly record struct Place(NcclCpu Cpu, IReadOnlyList<NcclPciDevice> Above, NcclPciDevice Device);

    IEnumerable<Place> Places()
    {
        foreach (var cpu in Cpus)
            foreach (var place in Below(cpu, [], cpu.Devices))
                yield return place;

        static IEnumerable<Place> Below(NcclCpu cpu, List<NcclPciDevice> above, IReadOnlyList<NcclPciDevice> devices)
        {
            foreach (var device in devices)
            {
                yield return new(cpu, above, device);
                if (device.Children.Count == 0) continue;
                List<NcclPciDevice> deeper = [.. above, device];
                foreach (var inner in Below(cpu, deeper, device.Children)) yield return inner;
            }
        }
    }

    NcclPath Between()
    {
        var places = Places().Where(p => p.Device.Gpu is not null).ToList();
        var worst = NcclPath.Pix;
        for (var i = 0; i < places.Count; i++)
        {
            for (var j = i + 1; j < places.Count; j++)
            {
                var path = PathOf(places[i], places[j]);
                if (path > worst) worst = path;
            }
        }
        return worst;
    }

    // The worst of all GPUs to their best card.
    NcclPath ToCards(bool relays)
    {
        var cards = Places().Where(p => p.Device.Nets.Count > 0).ToList();
        if (cards.Count == 0) return NcclPath.Phb;
        var worst = Places().Where(p => p.Device.Gpu is not null).Max(g => cards.Min(c => PathOf(g, c)));
        var nearest = Places().Where(p => p.Device.Gpu is not null).Min(g => cards.Min(c => PathOf(g, c)));
        return relays && worst > NcclPath.Pxn && nearest <= NcclPath.Pxb ? NcclPath.Pxn : worst;
    }

    static NcclPath PathOf(Place first, Place second)
    {
        if (!ReferenceEquals(first.Cpu, second.Cpu)) return NcclPath.Sys;
        var shared = 0;
        while (shared < first.Above.Count && shared < second.Above.Count && ReferenceEquals(first.Above[shared], second.Above[shared])) shared++;
        if (shared == 0) return NcclPath.Phb;
        // Below the last switch that they share, directly or with further switches between.
        return first.Above.Count == shared && second.Above.Count == shared ? NcclPath.Pix : NcclPath.Pxb;
    }
}

/// <summary>Reads topology files.</summary>
static class NcclTopologyReader
{
    const int MostGpus = 4096;
    const int MostNets = 4096;

    public static NcclTopology Read(string text, string file)
    {
        var root = NcclXml.Read(text, file, "system");
        if (root.RequiredText("version") is var version && version != "1") throw root.Wrong($"expected version 1, found '{NcclXmlNode.Short(version)}'");
        var cpus = root.Children.Where(c => c.Name == "cpu").Select(Cpu).ToList();
        if (cpus.Count == 0) throw root.Wrong("no <cpu> in it");
        var topology = new NcclTopology(file, root.Text("name"), cpus);
        if (topology.Gpus.Count() is var gpus && gpus > MostGpus) throw root.Wrong($"{gpus:N0} GPUs; expected at most {MostGpus:N0}");
        if (topology.Nets.Count() is var nets && nets > MostNets) throw root.Wrong($"{nets:N0} network ports; expected at most {MostNets:N0}");
        return topology;
    }

    static NcclCpu Cpu(NcclXmlNode node) => new(
        node.Whole("numaid", -1, 1 << 20) ?? -1, node.Text("host_hash"), node.Text("arch") ?? "x86_64", node.Text("vendor") ?? "",
        [.. node.Children.Where(c => c.Name == "pci").Select(Pci)], [.. node.Children.Where(c => c.Name == "nic").SelectMany(Ports)]);

    static NcclPciDevice Pci(NcclXmlNode node) => new(
        node.RequiredText("busid"), node.Text("class") ?? "", node.Text("link_speed") ?? "", node.Whole("link_width", 0, 64) ?? 0,
        node.Children.FirstOrDefault(c => c.Name == "gpu") is { } gpu ? Gpu(gpu) : null,
        [.. node.Children.Where(c => c.Name == "nic").SelectMany(Ports)],
        [.. node.Children.Where(c => c.Name == "pci").Select(Pci)]);

    static NcclGpu Gpu(NcclXmlNode node)
    {
        var chip = node.Children.FirstOrDefault(c => c.Name == "c2c");
        return new(node.RequiredWhole("dev", -1, 1 << 20), node.RequiredWhole("sm", 10, 999), node.Whole("rank", -1, int.MaxValue), node.Whole("gdr", 0, 1) == 1,
            [.. node.Children.Where(c => c.Name == "nvlink").Select(l => new NcclNvLinks(l.Text("target") ?? "", l.RequiredWhole("count", 0, 1024),
                l.Text("tclass") is { } kind && kind.StartsWith("0x0680", StringComparison.OrdinalIgnoreCase)))],
            // bw is in MB/s per link here, and each device has so many.
            chip is null ? null : Bandwidth.FromGigabytesPerSecond((chip.Number("bw", 0, 1e7) ?? 0) * (chip.Number("count", 0, 1024) ?? 1) / 1000));
    }

    static IEnumerable<NcclNet> Ports(NcclXmlNode nic) => nic.Children.Where(c => c.Name == "net").Select(net => new NcclNet(
        net.Text("name") ?? "", net.Whole("dev", -1, 1 << 20) ?? -1,
        // An unknown speed counts as 10 Gb/s there.
        Bandwidth.FromGigabitsPerSecond((net.Number("speed", -1, 1e9) is { } speed and > 0 ? speed : 10_000) / 1000),
        Duration.FromMicroseconds(net.Number("latency", 0, 1e6) ?? 0), net.Whole("port", -1, 65_535) ?? 0,
        net.Whole("gdr", 0, 1) == 1, net.Whole("coll", 0, 1) == 1, net.Whole("rail", -1, 1 << 20), net.Whole("plane", -1, 1 << 20)));
}
