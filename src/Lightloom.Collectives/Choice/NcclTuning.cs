using Lightloom.Catalog;
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>The constants of one release of NCCL's selector, as its data file holds them.</summary>
public sealed record NcclTuning
{
    static readonly Lazy<NcclTuning> Shipped = new(static () =>
    {
        const string name = "nccl/tuning-2.30.7.yaml";
        return Read(ShippedData.Text(name), name);
    });

    /// <summary>The newest release that ships with Lightloom.</summary>
    public static NcclTuning Default => Shipped.Value;

    /// <summary>What AMD's library does otherwise, which is then the one that is asked; null for NCCL.</summary>
    [NotInDocument]
    public RcclTuning? Rccl { get; init; }

    /// <summary>The constants of the library that an accelerator runs: RCCL on AMD's, NCCL on others.</summary>
    public static NcclTuning For(Accelerator accelerator)
    {
        ArgumentNullException.ThrowIfNull(accelerator);
        return accelerator.Vendor == "AMD" ? Of(RcclTuning.Knowing(accelerator.Kernels.Key) ?? RcclTuning.Default) : Default;
    }

    /// <summary>RCCL's constants in place of NCCL's, whose code it builds on.</summary>
    public static NcclTuning Of(RcclTuning rccl)
    {
        ArgumentNullException.ThrowIfNull(rccl);
        return Default with
        {
            Library = rccl.Library,
            Version = rccl.Version,
            Source = rccl.Source,
            Year = rccl.Year,
            BaseLatency = rccl.BaseLatency,
            HopLatency = rccl.HopLatency,
            PostOverhead = rccl.PostOverhead,
            Generations = new Dictionary<string, NcclGeneration>(),
            Rccl = rccl,
        };
    }

    /// <summary>The library.</summary>
    public required string Library { get; init; }

    /// <summary>Its release.</summary>
    public required string Version { get; init; }

    /// <summary>Where the constants stand.</summary>
    public required string Source { get; init; }

    /// <summary>When they were read.</summary>
    [Limits(Minimum = 2015, Maximum = 2100)]
    public required int Year { get; init; }

    /// <summary>Latency that a collective costs before its first hop.</summary>
    public required NcclLatencies BaseLatency { get; init; }

    /// <summary>Latency of a hop by class of link.</summary>
    public required NcclHops HopLatency { get; init; }

    /// <summary>What posting a step to the network costs.</summary>
    public required NcclPostOverhead PostOverhead { get; init; }

    /// <summary>Bound of the LL protocol for two nodes and for more, by maker of the host's processor.</summary>
    public required IReadOnlyDictionary<string, IReadOnlyList<Bandwidth>> HostLlCap { get; init; }

    /// <summary>Generations of GPUs.</summary>
    public required IReadOnlyDictionary<string, NcclGeneration> Generations { get; init; }

    /// <summary>Tree's share of its bandwidth, for sizes from 64 B, doubling.</summary>
    public required NcclTreeCorrection TreeCorrection { get; init; }

    /// <summary>Factors of the bandwidth composition.</summary>
    public required NcclFactors Factors { get; init; }

    /// <summary>Bounds of the search for channels.</summary>
    public required NcclSearchLimits Search { get; init; }

    /// <summary>Speeds of PCIe and between processors.</summary>
    public required NcclPci Pci { get; init; }

    /// <summary>Reads a data file, strictly.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">What it is called in messages.</param>
    /// <exception cref="InputException">A key is unknown or missing, a value wrong, a list of the wrong length.</exception>
    public static NcclTuning Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var binder = new DocumentBinder();
        var tuning = binder.Bind<NcclTuning>(YamlText.Read(text, file));
        void Expect(string path, int found, int expected)
        {
            if (found != expected) throw new InputException($"'{path}': expected a list of {expected}, found {found}", binder.PlaceOf(path));
        }
        foreach (var host in DocumentShape.NamesOf(typeof(NcclHost)))
        {
            if (!tuning.HostLlCap.TryGetValue(host.Name, out var caps)) throw new InputException($"'hostLlCap' lacks '{host.Name}'", binder.PlaceOf("hostLlCap"));
            Expect($"hostLlCap.{host.Name}", caps.Count, 2);
        }
        foreach (var (name, generation) in tuning.Generations)
        {
            var path = $"generations.{name}";
            Expect($"{path}.ringLl128PerChannel", generation.RingLl128PerChannel.Count, 3);
            Expect($"{path}.treeLl128PerChannel", generation.TreeLl128PerChannel.Count, 3);
            Expect($"{path}.treePerChannel", generation.TreePerChannel.Count, 3);
            Expect($"{path}.nvlsTreePerChannel", generation.NvlsTreePerChannel.Count, 3);
            Expect($"{path}.nvlsChannels", generation.NvlsChannels.Count, 2);
            Descend($"{path}.intraSpeeds", generation.IntraSpeeds);
            Descend($"{path}.interSpeeds", generation.InterSpeeds);
        }
        foreach (var (name, list) in new[] { ("ll", tuning.TreeCorrection.Ll), ("ll128", tuning.TreeCorrection.Ll128), ("simple", tuning.TreeCorrection.Simple) })
            Expect($"treeCorrection.{name}", list.Count, NcclTreeCorrection.Count);
        return tuning;

        void Descend(string path, IReadOnlyList<Bandwidth> speeds)
        {
            if (speeds.Count == 0) throw new InputException($"'{path}': expected speeds, fastest first; found none", binder.PlaceOf(path));
            for (var i = 1; i < speeds.Count; i++)
                if (speeds[i].Si >= speeds[i - 1].Si) throw new InputException($"'{path}': expected speeds, fastest first; found {speeds[i]} after {speeds[i - 1]}", binder.PlaceOf(path));
        }
    }

    /// <summary>The constants that a machine of this generation is chosen with, where nobody says which.</summary>
    internal static NcclTuning ForGeneration(string generation) => RcclTuning.Knowing(generation) is { } rccl ? Of(rccl) : Default;

    /// <summary>The constants of a generation of GPUs.</summary>
    /// <exception cref="InputException">NCCL's selector, as described here, doesn't know it.</exception>
    public NcclGeneration Generation(string name) => Generations.TryGetValue(name, out var generation) ? generation
        : throw new InputException($"{Library} {Version} is described for {string.Join(", ", Generations.Keys)}; there is no '{name}'{Nearest.Hint(name, [.. Generations.Keys])}");
}

/// <summary>Latencies of one algorithm by protocol; those of protocols that it lacks are left out.</summary>
public sealed record NcclLatency
{
    /// <summary>With LL.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Duration? Ll { get; init; }

    /// <summary>With LL128.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public Duration? Ll128 { get; init; }

    /// <summary>With Simple.</summary>
    [Limits(Minimum = 0, Maximum = 1e-2)]
    public required Duration Simple { get; init; }

    internal double Of(NcclProtocol protocol) =>
        (protocol switch { NcclProtocol.LL => Ll, NcclProtocol.LL128 => Ll128, _ => Simple })?.Microseconds ?? 0;
}

/// <summary>Latencies by algorithm.</summary>
public sealed record NcclLatencies
{
    /// <summary>Of <see cref="NcclAlgorithm.Tree"/>.</summary>
    public required NcclLatency Tree { get; init; }

    /// <summary>Of <see cref="NcclAlgorithm.Ring"/>.</summary>
    public required NcclLatency Ring { get; init; }

    /// <summary>Of <see cref="NcclAlgorithm.CollNetDirect"/>.</summary>
    public required NcclLatency CollNetDirect { get; init; }

    /// <summary>Of <see cref="NcclAlgorithm.CollNetChain"/>.</summary>
    public required NcclLatency CollNetChain { get; init; }

    /// <summary>Of <see cref="NcclAlgorithm.Nvls"/>.</summary>
    public required NcclLatency Nvls { get; init; }

    /// <summary>Of <see cref="NcclAlgorithm.NvlsTree"/>.</summary>
    public required NcclLatency NvlsTree { get; init; }

    /// <summary>Of <see cref="NcclAlgorithm.Pat"/>.</summary>
    public required NcclLatency Pat { get; init; }

    /// <summary>In microseconds, as NCCL counts.</summary>
    internal double Of(NcclAlgorithm algorithm, NcclProtocol protocol) => (algorithm switch
    {
        NcclAlgorithm.Tree => Tree,
        NcclAlgorithm.Ring => Ring,
        NcclAlgorithm.CollNetDirect => CollNetDirect,
        NcclAlgorithm.CollNetChain => CollNetChain,
        NcclAlgorithm.Nvls => Nvls,
        NcclAlgorithm.NvlsTree => NvlsTree,
        _ => Pat,
    }).Of(protocol);
}

/// <summary>Latency of a hop by class of link.</summary>
public sealed record NcclHops
{
    /// <summary>Over NVLink.</summary>
    public required NcclLatencies Nvlink { get; init; }

    /// <summary>Over PCIe.</summary>
    public required NcclLatencies Pci { get; init; }

    /// <summary>Over the network.</summary>
    public required NcclLatencies Network { get; init; }
}

/// <summary>What posting a step to the network costs, by maker of the host's processor.</summary>
public sealed record NcclPostOverhead
{
    /// <summary>Intel.</summary>
    public required Duration Intel { get; init; }

    /// <summary>AMD.</summary>
    public required Duration Amd { get; init; }

    /// <summary>Arm.</summary>
    public required Duration Arm { get; init; }

    /// <summary>POWER.</summary>
    public required Duration Power { get; init; }

    /// <summary>Posts of a step with the Simple protocol.</summary>
    [Limits(Minimum = 1, Maximum = 100)]
    public required double SimpleFactor { get; init; }

    internal double Of(NcclHost host, NcclProtocol protocol) =>
        (host switch { NcclHost.Intel => Intel, NcclHost.Amd => Amd, NcclHost.Arm => Arm, _ => Power }).Microseconds *
        (protocol == NcclProtocol.Simple ? SimpleFactor : 1);
}

/// <summary>Constants of a generation of GPUs. Lists of three are for one node, two nodes and more.</summary>
public sealed record NcclGeneration
{
    /// <summary>CUDA compute capability, times ten.</summary>
    [Limits(Minimum = 10, Maximum = 1000)]
    public required int ComputeCapability { get; init; }

    /// <summary>What NCCL takes one NVLink for, one direction.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required Bandwidth LinkRate { get; init; }

    /// <summary>What data sheets say of it.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required Bandwidth DataSheetLinkRate { get; init; }

    /// <summary>The GPU's own PCIe port, x16.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required Bandwidth PciRate { get; init; }

    /// <summary>Speeds that a channel is tried with inside a node, fastest first.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required IReadOnlyList<Bandwidth> IntraSpeeds { get; init; }

    /// <summary>Speeds that a channel is tried with across nodes, fastest first.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required IReadOnlyList<Bandwidth> InterSpeeds { get; init; }

    /// <summary>Bound of the LL protocol inside a node.</summary>
    public required Bandwidth LlCap { get; init; }

    /// <summary>Bound of a ring's channel with LL128.</summary>
    public required IReadOnlyList<Bandwidth> RingLl128PerChannel { get; init; }

    /// <summary>Bound of a tree's channel with LL128.</summary>
    public required IReadOnlyList<Bandwidth> TreeLl128PerChannel { get; init; }

    /// <summary>Bound of a tree's channel.</summary>
    public required IReadOnlyList<Bandwidth> TreePerChannel { get; init; }

    /// <summary>Bound of a channel of NVLSTree.</summary>
    public required IReadOnlyList<Bandwidth> NvlsTreePerChannel { get; init; }

    /// <summary>Share of the links that NVLS sustains; 0 where there is none.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required double NvlsEfficiency { get; init; }

    /// <summary>Channels that NVLS runs with, on one node and on several.</summary>
    [Limits(Minimum = 0, Maximum = 1024)]
    public required IReadOnlyList<int> NvlsChannels { get; init; }

    /// <summary>Share of its bandwidth that CollNetDirect reaches.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required double CollNetDirectFactor { get; init; }

    /// <summary>What a ring's latency grows by once its messages are long, across nodes.</summary>
    [Limits(Minimum = 1, Maximum = 10)]
    public required double PlateauFactor { get; init; }

    /// <summary>The farthest path to a network card over which LL128 is on.</summary>
    public required NcclPath Ll128Reach { get; init; }

    /// <summary>Whether NVLSTree on x86 takes Tree's correction by size.</summary>
    public required bool CorrectsNvlsTree { get; init; }
}

/// <summary>Tree's share of its bandwidth by size; larger sizes have all of it.</summary>
public sealed record NcclTreeCorrection
{
    /// <summary>Entries: 64 B to 256 MiB, doubling.</summary>
    public const int Count = 23;

    /// <summary>With LL.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required IReadOnlyList<double> Ll { get; init; }

    /// <summary>With LL128.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required IReadOnlyList<double> Ll128 { get; init; }

    /// <summary>With Simple.</summary>
    [Limits(Minimum = 0.01, Maximum = 1)]
    public required IReadOnlyList<double> Simple { get; init; }

    internal double Of(NcclProtocol protocol, long bytes)
    {
        var index = bytes < 64 ? 0 : System.Numerics.BitOperations.Log2((ulong)bytes >> 6);
        return index >= Count ? 1 : (protocol switch { NcclProtocol.LL => Ll, NcclProtocol.LL128 => Ll128, _ => Simple })[index];
    }
}

/// <summary>Factors of the bandwidth composition, pure numbers unless they say otherwise.</summary>
public sealed record NcclFactors
{
    /// <summary>Payload of a ring's LL.</summary>
    public required double RingLl { get; init; }

    /// <summary>Share of a ring with LL128.</summary>
    public required double RingLl128 { get; init; }

    /// <summary>Share of a tree.</summary>
    public required double Tree { get; init; }

    /// <summary>Of that, with LL.</summary>
    public required double TreeLl { get; init; }

    /// <summary>Of that, with LL128 inside a node.</summary>
    public required double TreeLl128OneNode { get; init; }

    /// <summary>Of that, with LL128 across nodes.</summary>
    public required double TreeLl128 { get; init; }

    /// <summary>Share of a tree that can't be balanced over two GPUs of a node.</summary>
    public required double PlainTree { get; init; }

    /// <summary>Share of PAT.</summary>
    public required double Pat { get; init; }

    /// <summary>Share of a channel across nodes that CollNetDirect's all-gather and reduce-scatter reach.</summary>
    public required double CollNetGather { get; init; }

    /// <summary>What two nodes gain in NVLSTree, where each tree has one edge.</summary>
    public required double NvlsTreeTwoNodes { get; init; }

    /// <summary>What PAT's aggregation divides network latency by.</summary>
    [Limits(Minimum = 0.1, Maximum = 100)]
    public required double PatNetwork { get; init; }

    /// <summary>What each rank costs PAT.</summary>
    public required Duration PatPerRank { get; init; }

    /// <summary>What each further GPU of a node costs CollNetDirect.</summary>
    public required Duration CollNetPerPeer { get; init; }

    /// <summary>Bytes per channel and rank from which a ring is on its plateau.</summary>
    public required double PlateauBytes { get; init; }
}

/// <summary>Bounds of the search for channels.</summary>
public sealed record NcclSearchLimits
{
    /// <summary>Most channels.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int MaximumChannels { get; init; }

    /// <summary>Most heads of CollNetDirect in a node.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int CollNetDirectHeads { get; init; }

    /// <summary>Most heads of NVLS in a node.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int NvlsHeads { get; init; }

    /// <summary>Channels slower than this are not split in two.</summary>
    public required Bandwidth DuplicateAbove { get; init; }

    /// <summary>After compute capability 8.0, nor those slower than this where there are more than <see cref="KeepChannels"/>.</summary>
    public required Bandwidth KeepBelow { get; init; }

    /// <summary>See <see cref="KeepBelow"/>.</summary>
    public required int KeepChannels { get; init; }

    /// <summary>Slower channels than this share of the best ones so far are not tried.</summary>
    [Limits(Minimum = 0, Maximum = 1)]
    public required double Slowest { get; init; }

    /// <summary>Channels that run for each that was found, for rings and trees.</summary>
    [Limits(Minimum = 1, Maximum = 8)]
    public required int ExecutionFactor { get; init; }
}

/// <summary>Speeds of PCIe and between processors, one direction.</summary>
public sealed record NcclPci
{
    /// <summary>One lane, by generation ("gen5").</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required IReadOnlyDictionary<string, Bandwidth> Lane { get; init; }

    /// <summary>What a transfer between GPUs costs more through an Intel root complex.</summary>
    [Limits(Minimum = 1, Maximum = 10)]
    public required double IntelRootComplex { get; init; }

    /// <summary>Between two processors of a host.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required IReadOnlyDictionary<string, Bandwidth> Processors { get; init; }
}
