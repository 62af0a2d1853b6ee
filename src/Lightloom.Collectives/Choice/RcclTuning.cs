using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>The constants of one release of AMD's RCCL, where its selector differs from NCCL's.</summary>
public sealed record RcclTuning
{
    static readonly Lazy<IReadOnlyList<RcclTuning>> Shipped = new(static () => [Load("rccl/tuning-2.21.5.yaml"), Load("rccl/tuning-develop-2026.yaml")]);

    static RcclTuning Load(string name)
    {
        return Read(ShippedData.Text(name), name);
    }

    /// <summary>The release that ships with Lightloom, read in full; it knows MI300X and MI325X.</summary>
    public static RcclTuning Default => Shipped.Value[0];

    /// <summary>Everything that ships with Lightloom; a generation of accelerators stands in one of them.</summary>
    public static IReadOnlyList<RcclTuning> All => Shipped.Value;

    /// <summary>The constants that know a generation of accelerators; null where none do.</summary>
    internal static RcclTuning? Knowing(string generation) => All.FirstOrDefault(t => t.Generations.ContainsKey(generation));

    /// <summary>The library.</summary>
    public required string Library { get; init; }

    /// <summary>Its release.</summary>
    public required string Version { get; init; }

    /// <summary>Where the constants stand.</summary>
    public required string Source { get; init; }

    /// <summary>When that was published.</summary>
    [Limits(Minimum = 2015, Maximum = 2100)]
    public required int Year { get; init; }

    /// <summary>Latency that a collective costs before its first hop.</summary>
    public required NcclLatencies BaseLatency { get; init; }

    /// <summary>Latency of a hop by class of link; NVLink's is that of xGMI.</summary>
    public required NcclHops HopLatency { get; init; }

    /// <summary>What posting a step to the network costs.</summary>
    public required NcclPostOverhead PostOverhead { get; init; }

    /// <summary>Times that an all-reduce ring is taken to cross nodes beyond the 2 (N - 1) that it does.</summary>
    [Limits(Minimum = 0, Maximum = 2)]
    public required int ExtraCrossings { get; init; }

    /// <summary>Protocols by size that outrank the table's across nodes.</summary>
    public IReadOnlyList<RcclProtocolRanges> Protocols { get; init; } = [];

    /// <summary>Shares of the channels' bandwidth by count of nodes.</summary>
    public required RcclShares Shares { get; init; }

    /// <summary>Shares of that by size.</summary>
    public required RcclCorrections Corrections { get; init; }

    /// <summary>What a ring's LL gains in broadcast and reduce within one node.</summary>
    [Limits(Minimum = 0.1, Maximum = 10)]
    public required double OneNodeBroadcastLl { get; init; }

    /// <summary>Generations of accelerators.</summary>
    public required IReadOnlyDictionary<string, RcclGeneration> Generations { get; init; }

    /// <summary>Programs that run before the table is asked.</summary>
    public required IReadOnlyList<RcclProgram> Programs { get; init; }

    /// <summary>Reads a data file, strictly.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="file">What it is called in messages.</param>
    /// <exception cref="InputException">A key is unknown or missing, a value wrong, a list of the wrong length.</exception>
    public static RcclTuning Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var binder = new DocumentBinder();
        var tuning = binder.Bind<RcclTuning>(YamlText.Read(text, file));
        foreach (var (name, pair) in new[] { ("tree", tuning.Corrections.Tree), ("ring", tuning.Corrections.Ring) })
        {
            foreach (var (protocol, list) in new[] { ("ll", pair.Ll), ("ll128", pair.Ll128), ("simple", pair.Simple) })
            {
                if (list is null) continue;
                var path = $"corrections.{name}.{protocol}";
                if (list.Count != RcclCorrections.Count)
                    throw new InputException($"'{path}': expected a list of {RcclCorrections.Count}, found {list.Count}", binder.PlaceOf(path));
            }
        }
        foreach (var program in tuning.Programs)
        {
            if (!tuning.Generations.ContainsKey(program.Generation))
                throw new InputException($"'programs': there is no generation '{program.Generation}'{Nearest.Hint(program.Generation, [.. tuning.Generations.Keys])}", binder.PlaceOf("programs"));
            if (program.From > program.To) throw new InputException($"'programs': {program.From:N0} B is more than {program.To:N0} B", binder.PlaceOf("programs"));
        }
        foreach (var (name, generation) in tuning.Generations)
        {
            var both = tuning.Corrections.Tree.Ll128 is not null && tuning.Corrections.Ring.Ll128 is not null && tuning.Shares.FewNodes.HasLl128 && tuning.Shares.MoreNodes.HasLl128;
            if (generation.Ll128 && !both) throw new InputException($"'generations.{name}': LL128 is on, and 'shares' or 'corrections' lack it", binder.PlaceOf($"generations.{name}.ll128"));
        }
        return tuning;
    }

    /// <summary>The constants of a generation of accelerators.</summary>
    /// <exception cref="InputException">RCCL's selector, as described here, doesn't know it.</exception>
    public RcclGeneration Generation(string name) => Generations.TryGetValue(name, out var generation) ? generation
        : throw new InputException($"{Library} {Version} is described for {string.Join(", ", Generations.Keys)}; there is no '{name}'{Nearest.Hint(name, [.. Generations.Keys])}");
}

/// <summary>Shares of the channels' bandwidth that algorithms reach.</summary>
public sealed record RcclShares
{
    /// <summary>On one or two nodes.</summary>
    public required RcclAlgorithmShares FewNodes { get; init; }

    /// <summary>On more.</summary>
    public required RcclAlgorithmShares MoreNodes { get; init; }
}

/// <summary>Shares of the two algorithms that RCCL has.</summary>
public sealed record RcclAlgorithmShares
{
    /// <summary>Of trees.</summary>
    public required RcclProtocolShares Tree { get; init; }

    /// <summary>Of rings.</summary>
    public required RcclProtocolShares Ring { get; init; }

    internal bool HasLl128 => Tree.Ll128 is not null && Ring.Ll128 is not null;
}

/// <summary>Shares of the protocols that are on.</summary>
public sealed record RcclProtocolShares
{
    /// <summary>With LL.</summary>
    [Limits(Minimum = 1e-6, Maximum = 10)]
    public required double Ll { get; init; }

    /// <summary>With LL128; absent where it is off.</summary>
    [Limits(Minimum = 1e-6, Maximum = 10)]
    public double? Ll128 { get; init; }

    /// <summary>With Simple.</summary>
    [Limits(Minimum = 1e-6, Maximum = 10)]
    public required double Simple { get; init; }

    internal double Of(NcclProtocol protocol) => protocol switch { NcclProtocol.LL => Ll, NcclProtocol.LL128 => Ll128 ?? 0, _ => Simple };
}

/// <summary>Shares of an algorithm's bandwidth by size.</summary>
public sealed record RcclCorrections
{
    /// <summary>Entries: 64 B to 4 GiB, doubling; smaller sizes take the first, larger the last.</summary>
    public const int Count = 27;

    /// <summary>Of trees.</summary>
    public required RcclProtocolCorrections Tree { get; init; }

    /// <summary>Of rings, across nodes.</summary>
    public required RcclProtocolCorrections Ring { get; init; }
}

/// <summary>Shares by size of the protocols that are on.</summary>
public sealed record RcclProtocolCorrections
{
    /// <summary>With LL.</summary>
    [Limits(Minimum = 0.01, Maximum = 10)]
    public required IReadOnlyList<double> Ll { get; init; }

    /// <summary>With LL128; absent where it is off.</summary>
    [Limits(Minimum = 0.01, Maximum = 10)]
    public IReadOnlyList<double>? Ll128 { get; init; }

    /// <summary>With Simple.</summary>
    [Limits(Minimum = 0.01, Maximum = 10)]
    public required IReadOnlyList<double> Simple { get; init; }

    internal double Of(NcclProtocol protocol, long bytes) =>
        (protocol switch { NcclProtocol.LL => Ll, NcclProtocol.LL128 when Ll128 is not null => Ll128, _ => Simple })[bytes < 64 ? 0 : Math.Min(RcclCorrections.Count - 1, System.Numerics.BitOperations.Log2((ulong)bytes >> 6))];
}

/// <summary>Constants of a generation of accelerators.</summary>
public sealed record RcclGeneration
{
    /// <summary>What RCCL takes one xGMI link for, one direction.</summary>
    [Limits(Minimum = 1e6, Maximum = 1e15)]
    public required Bandwidth LinkRate { get; init; }

    /// <summary>Links of an accelerator, one to each other of its node.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int Links { get; init; }

    /// <summary>Accelerators of a node, all of which take part: presets hold for whole nodes.</summary>
    [Limits(Minimum = 2, Maximum = 1024)]
    public required int RanksPerNode { get; init; }

    /// <summary>Whether LL128 is on.</summary>
    public bool Ll128 { get; init; }

    /// <summary>The collectives that are described; all unless given.</summary>
    public IReadOnlyList<NcclFunction>? Collectives { get; init; }

    /// <summary>Rings of one node by itself; absent where what it does is not described.</summary>
    public RcclRings? OneNode { get; init; }

    /// <summary>Rings through several nodes.</summary>
    public required RcclRings MoreNodes { get; init; }
}

/// <summary>Rings that a preset lists.</summary>
public sealed record RcclRings
{
    /// <summary>Rings in the list.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int Rings { get; init; }

    /// <summary>Channels that run.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int Running { get; init; }
}

/// <summary>Protocols of a collective by its size, across nodes: Simple outside of both ranges, LL128 where they overlap.</summary>
public sealed record RcclProtocolRanges
{
    /// <summary>The collective; its size is the buffer of one rank.</summary>
    public required NcclFunction Collective { get; init; }

    /// <summary>Sizes of LL.</summary>
    public required RcclSizes Ll { get; init; }

    /// <summary>Sizes of LL128, on two nodes.</summary>
    public required RcclSizes Ll128 { get; init; }

    /// <summary>What the end of LL128 grows by on more than two nodes.</summary>
    [Limits(Minimum = 1, Maximum = 100)]
    public required double MoreNodesFactor { get; init; }

    internal long Ll128End(int nodes) => nodes > 2 ? (long)(Ll128.To * MoreNodesFactor) : Ll128.To;

    internal NcclProtocol Of(long bytes, int nodes) =>
        bytes > Ll128.Above && bytes <= Ll128End(nodes) ? NcclProtocol.LL128 : bytes > Ll.Above && bytes <= Ll.To ? NcclProtocol.LL : NcclProtocol.Simple;
}

/// <summary>A range of sizes.</summary>
public sealed record RcclSizes
{
    /// <summary>The largest size that is too small, B.</summary>
    [Limits(Minimum = 0, Maximum = 1099511627776)]
    public required long Above { get; init; }

    /// <summary>The largest size, B.</summary>
    [Limits(Minimum = 0, Maximum = 1099511627776)]
    public required long To { get; init; }
}

/// <summary>Buffers that a program takes.</summary>
public enum RcclBuffers
{
    /// <summary>Any.</summary>
    Any,

    /// <summary>Results replace what is sent.</summary>
    InPlace,

    /// <summary>Results go elsewhere.</summary>
    OutOfPlace,
}

/// <summary>A fixed program (MSCCL) that runs for a range of sizes before the table is asked.</summary>
public sealed record RcclProgram
{
    /// <summary>Generation of accelerators that has it.</summary>
    public required string Generation { get; init; }

    /// <summary>The collective.</summary>
    public required NcclFunction Collective { get; init; }

    /// <summary>What it does: "all-pairs".</summary>
    public required string Name { get; init; }

    /// <summary>How it moves data.</summary>
    public required NcclProtocol Protocol { get; init; }

    /// <summary>Channels that it takes.</summary>
    [Limits(Minimum = 1, Maximum = 1024)]
    public required int Channels { get; init; }

    /// <summary>Smallest size, B.</summary>
    [Limits(Minimum = 1, Maximum = 1099511627776)]
    public required long From { get; init; }

    /// <summary>Largest size, B.</summary>
    [Limits(Minimum = 1, Maximum = 1099511627776)]
    public required long To { get; init; }

    /// <summary>Buffers that it takes.</summary>
    public required RcclBuffers Buffers { get; init; }
}
