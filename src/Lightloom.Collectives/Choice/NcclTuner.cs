// Which algorithm and protocol NCCL takes: the least t = lat x plateau + S / (1000 bw x correction) over 7 x 3 cells (NcclCostModel).
//
//   correction   Tree's share by size, all-reduce only (NVLSTree too on x86 hosts of some generations)
//   plateau      1.4 (1.9 before Ampere) for Ring/Simple all-reduce across nodes from 64 B per running channel and rank
//
// Between powers of two and the plateau's start every t is a line over S, so a winner's sizes are one interval there and its end is
// found exactly by bisection.
//
// Example: see NcclCostModel.
using Lightloom.Catalog.Documents;
using Lightloom.Quantities;

namespace Lightloom.Collectives;

/// <summary>An algorithm with a protocol, as NCCL's table has it for one size.</summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Protocol">The protocol.</param>
/// <param name="Channels">Channels that it runs with; 0 where it is off.</param>
/// <param name="Latency">Its latency, corrections by size included.</param>
/// <param name="Bandwidth">Its algorithm bandwidth, corrections by size included; zero where it is off.</param>
/// <param name="Time">What NCCL predicts; infinite where it is off.</param>
/// <param name="Off">Why it is off, or null.</param>
public readonly record struct NcclCandidate(NcclAlgorithm Algorithm, NcclProtocol Protocol, int Channels, Duration Latency, Bandwidth Bandwidth, Duration Time, string? Off)
{
    /// <summary>Names as NCCL prints them: "RING/LL".</summary>
    public string Name => $"{NcclTuner.Name(Algorithm)}/{NcclTuner.Name(Protocol)}";
}

/// <summary>Sizes for which one choice holds, both ends included.</summary>
/// <param name="From">Smallest size, B.</param>
/// <param name="To">Largest size, B.</param>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Protocol">The protocol.</param>
public readonly record struct NcclSizeRange(long From, long To, NcclAlgorithm Algorithm, NcclProtocol Protocol);

/// <summary>NCCL's choice for one machine. Made once, asked for any size.</summary>
public sealed class NcclTuner
{
    /// <summary>Largest size that is taken: 1 TiB.</summary>
    public const long LargestSize = 1L << 40;

    static readonly NcclFunction[] Functions = Enum.GetValues<NcclFunction>();
    static readonly NcclAlgorithm[] Algorithms = Enum.GetValues<NcclAlgorithm>();
    static readonly NcclProtocol[] AllProtocols = Enum.GetValues<NcclProtocol>();

    readonly NcclCell[] cells; // cells[(function * 7 + algorithm) * 3 + protocol]
    readonly NcclGeneration? generation; // null for RCCL
    readonly long plateau; // bytes from which a ring is on its plateau

    /// <summary>Prepares a machine.</summary>
    /// <param name="machine">The machine.</param>
    /// <param name="tuning">Constants; the newest unless given.</param>
    /// <exception cref="InputException">The machine's counts are impossible or its generation unknown.</exception>
    public NcclTuner(NcclMachine machine, NcclTuning? tuning = null)
    {
        ArgumentNullException.ThrowIfNull(machine);
        Machine = machine.Checked();
        Tuning = tuning ?? NcclTuning.ForGeneration(machine.Generation);
        generation = Tuning.Rccl is null ? Tuning.Generation(machine.Generation) : null;
        if (machine.Nodes > 1 && (machine.Nics < 1 || machine.NicBandwidth.Si <= 0))
            throw new InputException($"{machine.Nodes:N0} nodes need network cards, and '{machine.Name}' has none");
        Graphs = new(machine, Tuning);
        Func<NcclFunction, NcclAlgorithm, NcclProtocol, NcclCell> cell = Tuning.Rccl is { } rccl
            ? new RcclCostModel(machine, rccl, Graphs).Cell : new NcclCostModel(machine, Tuning, Graphs).Cell;
        cells =
        [
            .. from function in Functions
               from algorithm in Algorithms
               from protocol in AllProtocols
               select cell(function, algorithm, protocol),
        ];
        plateau = Tuning.Rccl is not null ? long.MaxValue : (long)Math.Ceiling(Tuning.Factors.PlateauBytes * Graphs.Running(NcclAlgorithm.Ring) * machine.Ranks);
    }

    /// <summary>The machine.</summary>
    public NcclMachine Machine { get; }

    /// <summary>The constants.</summary>
    public NcclTuning Tuning { get; }

    /// <summary>The channels that the search found.</summary>
    public NcclGraphs Graphs { get; }

    /// <summary>
    /// Programs that RCCL runs for some sizes before it asks this table, on one whole node and for plain operations; none for NCCL. The
    /// choices here are what is taken where they are turned off or don't apply.
    /// </summary>
    public IReadOnlyList<RcclProgram> Programs(NcclFunction function) => Tuning.Rccl is { } rccl && Machine.Nodes == 1
        ? [.. rccl.Programs.Where(p => p.Generation == Machine.Generation && p.Collective == function)] : [];

    /// <summary>An algorithm as NCCL's variable NCCL_ALGO names it.</summary>
    public static string Name(NcclAlgorithm algorithm) => algorithm switch
    {
        NcclAlgorithm.Tree => "Tree",
        NcclAlgorithm.Ring => "Ring",
        NcclAlgorithm.CollNetDirect => "CollNetDirect",
        NcclAlgorithm.CollNetChain => "CollNetChain",
        NcclAlgorithm.Nvls => "NVLS",
        NcclAlgorithm.NvlsTree => "NVLSTree",
        _ => "PAT",
    };

    /// <summary>A protocol as NCCL's variable NCCL_PROTO names it.</summary>
    public static string Name(NcclProtocol protocol) => protocol.ToString();

    /// <summary>What NCCL takes for a size.</summary>
    /// <param name="function">The collective.</param>
    /// <param name="bytes">Its size in nccl-tests' convention, 1 B to 1 TiB.</param>
    /// <param name="algorithm">An algorithm that is forced, as by NCCL_ALGO.</param>
    /// <param name="protocol">A protocol that is forced, as by NCCL_PROTO.</param>
    /// <exception cref="InputException">The size is out of range, or what is forced is off; the message says why.</exception>
    public NcclCandidate Choose(NcclFunction function, long bytes, NcclAlgorithm? algorithm = null, NcclProtocol? protocol = null)
    {
        CheckSize(bytes);
        var best = Best(function, bytes, algorithm, protocol);
        return best >= 0 ? Candidate(function, best, bytes) : throw Nothing(function, algorithm, protocol);
    }

    /// <summary>Every algorithm with every protocol, in NCCL's order.</summary>
    /// <exception cref="InputException">The size is out of range.</exception>
    public IReadOnlyList<NcclCandidate> Candidates(NcclFunction function, long bytes)
    {
        CheckSize(bytes);
        return [.. Enumerable.Range(0, Algorithms.Length * AllProtocols.Length).Select(i => Candidate(function, i, bytes))];
    }

    /// <summary>The choices over a range of sizes, each with the exact sizes that it holds for, neighbours merged.</summary>
    /// <exception cref="InputException">The sizes are out of range or out of order, or what is forced is off.</exception>
    public IReadOnlyList<NcclSizeRange> Ranges(NcclFunction function, long from, long to, NcclAlgorithm? algorithm = null, NcclProtocol? protocol = null)
    {
        CheckSize(from);
        CheckSize(to);
        if (from > to) throw new InputException($"{from:N0} B is more than {to:N0} B");
        if (Best(function, from, algorithm, protocol) < 0) throw Nothing(function, algorithm, protocol);
        var ranges = new List<NcclSizeRange>();
        while (from <= to)
        {
            var winner = Best(function, from, algorithm, protocol);
            var (low, high) = (from, Math.Min(to, LineEnd(function, from)));
            while (low < high)
            {
                var middle = low + (high - low + 1) / 2;
                if (Best(function, middle, algorithm, protocol) == winner) low = middle;
                else high = middle - 1;
            }
            var (a, p) = (Algorithms[winner / 3], AllProtocols[winner % 3]);
            if (ranges.Count > 0 && (ranges[^1].Algorithm, ranges[^1].Protocol) == (a, p)) ranges[^1] = ranges[^1] with { To = low };
            else ranges.Add(new(from, low, a, p));
            from = low + 1;
        }
        return ranges;
    }

    /// <summary>The last size up to which every time is one line, from a size on.</summary>
    long LineEnd(NcclFunction function, long bytes)
    {
        var end = bytes < 128 ? 127 : (1L << (System.Numerics.BitOperations.Log2((ulong)bytes) + 1)) - 1;
        if (Protocols(function) is { } ranges)
        {
            foreach (var limit in (ReadOnlySpan<long>)[ranges.Ll.Above, ranges.Ll.To, ranges.Ll128.Above, ranges.Ll128End(Machine.Nodes)])
                if (bytes <= limit && limit < end) end = limit;
        }
        return bytes < plateau && plateau <= end ? plateau - 1 : end;
    }

    int Best(NcclFunction function, long bytes, NcclAlgorithm? algorithm, NcclProtocol? protocol)
    {
        var (best, least) = (-1, double.PositiveInfinity);
        var first = (int)function * Algorithms.Length * AllProtocols.Length;
        for (var i = 0; i < Algorithms.Length * AllProtocols.Length; i++)
        {
            if (cells[first + i].Off is not null || (algorithm is { } a && (int)a != i / 3) || (protocol is { } p && (int)p != i % 3)) continue;
            var (latency, bandwidth) = Terms(function, i, bytes);
            var time = latency + bytes / (1000 * bandwidth);
            if (time < least) (best, least) = (i, time);
        }
        // A protocol that is forced is left alone.
        return best >= 0 && protocol is null && Protocols(function) is { } ranges ? best / 3 * 3 + (int)ranges.Of(bytes, Machine.Nodes) : best;
    }

    /// <summary>Whether the protocol is set by size alone, as RCCL does across nodes on some generations; the algorithm is still that of the least time.</summary>
    public bool SetsProtocol(NcclFunction function) => Protocols(function) is not null;

    RcclProtocolRanges? Protocols(NcclFunction function) => Machine.Nodes < 2 ? null : Tuning.Rccl?.Protocols.FirstOrDefault(p => p.Collective == function);

    (double Latency, double Bandwidth) Terms(NcclFunction function, int i, long bytes)
    {
        var (algorithm, protocol) = ((NcclAlgorithm)(i / 3), (NcclProtocol)(i % 3));
        var cell = cells[(int)function * Algorithms.Length * AllProtocols.Length + i];
        if (Tuning.Rccl is { } rccl)
        {
            var by = algorithm == NcclAlgorithm.Tree ? rccl.Corrections.Tree : Machine.Nodes > 1 ? rccl.Corrections.Ring : null;
            return (cell.Latency, by is null ? cell.Bandwidth : cell.Bandwidth * by.Of(protocol, bytes));
        }
        if (function != NcclFunction.AllReduce) return (cell.Latency, cell.Bandwidth);
        var corrected = algorithm == NcclAlgorithm.Tree ||
            (algorithm == NcclAlgorithm.NvlsTree && generation!.CorrectsNvlsTree && Machine.Host is NcclHost.Intel or NcclHost.Amd && algorithm == NcclAlgorithm.NvlsTree);
        var bandwidth = corrected ? cell.Bandwidth * Tuning.TreeCorrection.Of(protocol, bytes) : cell.Bandwidth;
        var onPlateau = algorithm == NcclAlgorithm.Ring && protocol == NcclProtocol.Simple && Machine.Nodes > 1 && bytes >= plateau;
        return (onPlateau ? cell.Latency * generation!.PlateauFactor : cell.Latency, bandwidth);
    }

    NcclCandidate Candidate(NcclFunction function, int i, long bytes)
    {
        var (algorithm, protocol) = (Algorithms[i / 3], AllProtocols[i % 3]);
        if (cells[(int)function * Algorithms.Length * AllProtocols.Length + i].Off is { } off)
            return new(algorithm, protocol, 0, Duration.Zero, Bandwidth.Zero, Duration.FromSeconds(double.PositiveInfinity), off);
        var (latency, bandwidth) = Terms(function, i, bytes);
        return new(algorithm, protocol, Graphs.Running(algorithm), Duration.FromMicroseconds(latency), Bandwidth.FromGigabytesPerSecond(bandwidth),
            Duration.FromMicroseconds(latency + bytes / (1000 * bandwidth)), null);
    }

    InputException Nothing(NcclFunction function, NcclAlgorithm? algorithm, NcclProtocol? protocol)
    {
        var forced = $"{(algorithm is { } a ? Name(a) : "any algorithm")}/{(protocol is { } p ? Name(p) : "any protocol")}";
        var why = Candidates(function, 1).Where(c => (algorithm ?? c.Algorithm) == c.Algorithm && (protocol ?? c.Protocol) == c.Protocol).Select(c => c.Off).OfType<string>().Distinct();
        return new($"{forced} is off for {function} on {Machine.Nodes:N0} x {Machine.RanksPerNode} GPUs: {string.Join("; ", why)}");
    }

    static void CheckSize(long bytes)
    {
        if (bytes is < 1 or > LargestSize) throw new InputException($"expected a size from 1 B to 1 TiB, found {bytes:N0} B");
    }
}
