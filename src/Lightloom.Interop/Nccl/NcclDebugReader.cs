// Lines of NCCL_DEBUG=INFO (RCCL writes the same), wherever they stand in a log:
//
//   launcher's words  host:pid:tid [device] NCCL INFO  what it says
//
// What it says is matched whole: a line that begins like a known one and goes on otherwise was cut off or written into, and is counted,
// not guessed at. Two lines of the library in one are counted too. Files are read in one pass and keep counts, not lines.
//
//   cards in use     different devices behind "via NET/...", per host, the fewest; only where every local rank of the host speaks
//   tuner's table    blocks of up to 3 algorithms: a row of algorithms, one of protocols, one of threads, then one per collective
//
// Example: "n1:7:9 [0] NCCL INFO Channel 00/0 : 0[0] -> 8[0] [send] via NET/IB/0/GDRDMA" is a connection across nodes by IB device 0,
// with GPUDirect RDMA.
using System.Globalization;
using System.Text.RegularExpressions;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives;
using Lightloom.Quantities;

namespace Lightloom.Interop.Nccl;

/// <summary>Reads the library's own lines from a log.</summary>
public static partial class NcclDebugReader
{
    const int MostLine = 4096;
    const int MostKept = 100_000;
    const string Info = "NCCL INFO ";

    /// <summary>Reads a log; one without such lines gives an answer that says nothing.</summary>
    /// <param name="text">The log.</param>
    /// <param name="file">Its name, for messages.</param>
    /// <exception cref="InputException">It is too long.</exception>
    public static NcclDebugLog Read(string text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > NcclTestReader.MostCharacters) throw new InputException($"{file}: longer than {NcclTestReader.MostCharacters >> 20} Mi characters");
        var state = new State();
        var number = 0;
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            number++;
            var at = line.IndexOf(Info, StringComparison.Ordinal);
            if (at < 0) continue;
            state.Take(line[..at], line[(at + Info.Length)..], number);
        }
        return state.End();
    }

    sealed class State
    {
        readonly SortedDictionary<string, List<int>> skipped = new(StringComparer.Ordinal);
        readonly Dictionary<string, NcclLine> evidence = new(StringComparer.Ordinal);
        readonly Dictionary<(int, int?), NcclCommunicator> communicators = [];
        readonly Dictionary<int, NcclPattern> patterns = [];
        readonly List<NcclSystemLink> system = [];
        readonly HashSet<NcclRingPlace> rings = [];
        readonly List<NcclTreePlace> trees = [];
        readonly Dictionary<(string, long), NcclCall> calls = [];
        readonly Dictionary<(string, NcclAlgorithm, NcclProtocol), NcclTuningCell> cells = [];
        readonly SortedDictionary<string, int> network = new(StringComparer.Ordinal);
        readonly Dictionary<string, Host> hosts = new(StringComparer.Ordinal);
        readonly SortedDictionary<string, string> environment = new(StringComparer.Ordinal);
        string? version, systemOf, chosen;
        int lines, direct, relayed, peer, shared;
        int? localRanks;
        bool? nvls;
        (string Writer, IReadOnlyList<NcclAlgorithm> Algorithms)? block;

        sealed class Host
        {
            public HashSet<string> Speakers { get; } = new(StringComparer.Ordinal);

            public HashSet<string> Cards { get; } = new(StringComparer.Ordinal);

            public NcclLine? Last { get; set; }
        }

        public void Take(ReadOnlySpan<char> prefix, ReadOnlySpan<char> said, int number)
        {
            lines++;
            if (said.Length > MostLine)
            {
                Skip("longer than any line of the library", number);
                return;
            }
            if (said.IndexOf("NCCL INFO", StringComparison.Ordinal) >= 0)
            {
                Skip("two lines of the library in one: written by several processes at once", number);
                return;
            }
            var text = said.Trim().ToString();
            var (host, speaker) = Writer(prefix);
            if (!Channel(text, host, speaker, number) && !Setup(text, number) && !Graph(text, $"{host}{speaker}", number) && !Call(text, number))
                Table(text, $"{host}{speaker}", number);
        }

        public NcclDebugLog End()
        {
            var complete = localRanks is { } local ? hosts.Values.Where(h => h.Cards.Count > 0 && h.Speakers.Count >= local).ToList() : [];
            var fewest = complete.MinBy(h => h.Cards.Count);
            if (fewest?.Last is { } line) evidence["cards"] = line with { Text = $"{fewest.Cards.Count} network devices carry the connections of this host ({string.Join(", ", fewest.Cards.Order(StringComparer.Ordinal))}); last: {line.Text}" };
            return new()
            {
                Lines = lines,
                Version = version,
                Network = chosen,
                Environment = environment,
                Communicators = [.. communicators.Values.OrderBy(c => c.Line)],
                Patterns = [.. patterns.Values.OrderBy(p => p.Line)],
                System = system,
                Rings = [.. rings],
                Trees = trees,
                Calls = [.. calls.Values.OrderBy(c => c.Line)],
                Tuning = [.. cells.Values],
                Connections = new(network, direct, relayed, peer, shared),
                Cards = fewest?.Cards.Count,
                NvlsAvailable = nvls,
                Evidence = evidence,
                Skipped = [.. skipped.Select(s => new NcclTestSkip(s.Key, s.Value))],
            };
        }

        // "0: n1:7:9 [3] " is host n1, device 3.
        static (string Host, string Speaker) Writer(ReadOnlySpan<char> prefix)
        {
            var match = WriterForm().Match(prefix.Length > 512 ? prefix[^512..].ToString() : prefix.ToString());
            return match.Success ? (match.Groups[1].Value, match.Groups[2].Value) : ("", "");
        }

        bool Channel(string text, string host, string speaker, int number)
        {
            if (!text.StartsWith("Channel ", StringComparison.Ordinal)) return false;
            var match = ChannelForm().Match(text);
            if (!match.Success)
            {
                Skip("a channel's line, cut off or written into", number);
                return true;
            }
            var via = match.Groups[1].Value;
            if (!hosts.TryGetValue(host, out var at)) hosts[host] = at = new();
            if (hosts.Count > MostKept) return true;
            at.Speakers.Add(speaker);
            if (via.StartsWith("NET/", StringComparison.Ordinal))
            {
                var parts = via.Split('/');
                var plugin = parts.Length > 1 ? parts[1] : "";
                network[plugin] = network.GetValueOrDefault(plugin) + 1;
                if (plugin == "Socket") Rest("socket", number, text);
                if (via.Contains("GDRDMA", StringComparison.Ordinal)) direct++;
                else Rest("direct", number, text);
                if (parts.Length > 2)
                {
                    var device = parts[2];
                    var bracket = device.IndexOf('(', StringComparison.Ordinal);
                    if (bracket >= 0 || via.Contains("PXN", StringComparison.Ordinal)) relayed++;
                    at.Cards.Add($"{plugin}/{(bracket >= 0 ? device[..bracket] : device)}");
                    at.Last = new(number, text);
                }
            }
            else if (via.StartsWith("SHM", StringComparison.Ordinal) || via == "direct shared memory")
            {
                shared++;
                Rest("shared-memory", number, text);
            }
            else if (via.StartsWith("P2P", StringComparison.Ordinal))
            {
                peer++;
            }
            return true;
        }

        bool Setup(string text, int number)
        {
            if (VersionForm().Match(text) is { Success: true } v)
            {
                version ??= v.Groups[1].Value;
                return true;
            }
            if (SetForm().Match(text) is { Success: true } set)
            {
                if (environment.Count < MostKept && environment.TryAdd(set.Groups[1].Value, set.Groups[2].Value)) Rest(set.Groups[1].Value, number, text);
                Named(set.Groups[1].Value, set.Groups[2].Value, number, text);
                return true;
            }
            if (NetworkForm().Match(text) is { Success: true } used)
            {
                chosen ??= used.Groups[1].Value;
                if (chosen == "Socket") Rest("socket", number, text);
                return true;
            }
            if (NvlsForm().Match(text) is { Success: true } n)
            {
                // One GPU without it keeps all from it.
                var available = !n.Groups[1].Success;
                if (nvls is null || !available)
                {
                    nvls = available;
                    evidence["switch-reduction"] = new(number, text);
                }
                return true;
            }
            if (CountsForm().Match(text) is { Success: true } c && Whole(c.Groups[1].Value, 1, 100_000_000) is { } ranks)
            {
                var nodes = c.Groups[2].Success ? Whole(c.Groups[2].Value, 1, 100_000_000) : null;
                if (communicators.Count < MostKept) communicators.TryAdd((ranks, nodes), new(number, ranks, nodes));
                if (LocalForm().Match(text) is { Success: true } l && Whole(l.Groups[1].Value, 1, 1_000_000) is { } local) localRanks = Math.Max(localRanks ?? 0, local);
                return true;
            }
            if (ChannelCountForm().Match(text) is { Success: true } h && Whole(h.Groups[1].Value, 0, 1_000_000) is { } heads)
            {
                if (heads > 0 && nvls is null)
                {
                    nvls = true;
                    evidence["switch-reduction"] = new(number, text);
                }
                return true;
            }
            return false;
        }

        // Variables that say what the rows will show.
        void Named(string name, string value, int number, string text)
        {
            if ((name, value) is ("NCCL_IB_DISABLE", "1") or ("NCCL_NET", "Socket")) Rest("socket", number, text);
            if ((name, value) is ("NCCL_NVLS_ENABLE", "0")) evidence["switch-reduction"] = new(number, text);
            if ((name, value) is ("NCCL_P2P_DISABLE", "1")) Rest("shared-memory", number, text);
        }

        bool Graph(string text, string writer, int number)
        {
            if (text.StartsWith("Pattern ", StringComparison.Ordinal))
            {
                var match = PatternForm().Match(text);
                if (match.Success && Whole(match.Groups[1].Value, 0, 100) is { } pattern && Whole(match.Groups[2].Value, 0, 1_000_000) is { } channels &&
                    Number(match.Groups[3].Value) is { } intra && Number(match.Groups[4].Value) is { } inter)
                {
                    patterns.TryAdd(pattern, new(number, pattern, channels, Bandwidth.FromGigabytesPerSecond(intra), Bandwidth.FromGigabytesPerSecond(inter), match.Groups[5].Value, match.Groups[6].Value));
                }
                else Skip("a pattern's line, cut off or written into", number);
                return true;
            }
            if (text.StartsWith("=== System", StringComparison.Ordinal))
            {
                // Every rank prints it: the first speaks for all.
                if (system.Count == 0) systemOf = writer;
                return true;
            }
            if (LinkForm().Match(text) is { Success: true } link)
            {
                if (systemOf == writer && system.Count < MostKept && Number(link.Groups[2].Value) is { } carries)
                    system.Add(new(number, link.Groups[1].Value, Bandwidth.FromGigabytesPerSecond(carries), link.Groups[3].Value));
                return true;
            }
            if (RingForm().Match(text) is { Success: true } ring)
            {
                int?[] f = [.. Enumerable.Range(1, 4).Select(i => Whole(ring.Groups[i].Value, 0, 100_000_000))];
                if (f.All(x => x is not null) && rings.Count < MostKept) rings.Add(new(f[0]!.Value, f[1]!.Value, f[2]!.Value, f[3]!.Value));
                return true;
            }
            if (!text.StartsWith("Trees ", StringComparison.Ordinal)) return false;
            foreach (Match tree in TreeForm().Matches(text))
            {
                if (trees.Count >= MostKept || Whole(tree.Groups[1].Value, 0, 1_000_000) is not { } channel || Whole(tree.Groups[3].Value, 0, 100_000_000) is not { } rank) continue;
                var children = tree.Groups[2].Value.Split('/').Select(c => Whole(c, -1, 100_000_000)).Where(c => c is >= 0).Select(c => c!.Value).ToList();
                trees.Add(new(channel, children, rank, Whole(tree.Groups[4].Value, -1, 100_000_000) is { } parent and >= 0 ? parent : null));
            }
            return true;
        }

        bool Call(string text, int number)
        {
            var bytesAt = text.IndexOf(" Bytes -> ", StringComparison.Ordinal);
            if (bytesAt < 0) return false;
            var match = CallForm().Match(text);
            if (!match.Success || !long.TryParse(match.Groups[2].Value, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes))
            {
                Skip("a call's line, cut off or written into", number);
                return true;
            }
            var function = match.Groups[1].Value;
            NcclAlgorithm? algorithm = null;
            NcclProtocol? protocol = null;
            if (match.Groups[3].Success)
            {
                algorithm = AlgorithmOf(match.Groups[3].Value);
                protocol = ProtocolOf(match.Groups[4].Value);
                if (algorithm is null || protocol is null)
                {
                    Skip($"a call by an algorithm or protocol that is not known", number);
                    return true;
                }
            }
            if (calls.Count < MostKept || calls.ContainsKey((function, bytes)))
            {
                calls[(function, bytes)] = new(number, function, bytes, algorithm, protocol,
                    match.Groups[5].Success ? Whole(match.Groups[5].Value, 0, 1_000_000) : null, match.Groups[6].Success ? Whole(match.Groups[6].Value, 0, 1_000_000) : null);
            }
            return true;
        }

        void Table(string text, string writer, int number)
        {
            var bar = text.IndexOf('|', StringComparison.Ordinal);
            if (bar < 0) return;
            var head = text[..bar].Trim();
            var parts = text[(bar + 1)..].Split('|', StringSplitOptions.TrimEntries).ToList();
            if (parts.Count > 0 && parts[^1].Length == 0) parts.RemoveAt(parts.Count - 1);
            if (head == "Algorithm")
            {
                var algorithms = parts.Select(AlgorithmOf).ToList();
                block = algorithms.Count > 0 && algorithms.TrueForAll(a => a is not null) ? (writer, [.. algorithms.Select(a => a!.Value)]) : null;
                if (block is null) Skip("a head of the tuner's table with algorithms that are not known", number);
                return;
            }
            if (block is not { } current || current.Writer != writer || head is "Protocol" or "Max NThreads" || !Functions.Contains(head, StringComparer.Ordinal)) return;
            if (parts.Count != 3 * current.Algorithms.Count)
            {
                Skip("a row of the tuner's table, cut off or written into", number);
                return;
            }
            var row = new List<NcclTuningCell>();
            for (var i = 0; i < parts.Count; i++)
            {
                var cell = parts[i].Split('/');
                if (cell.Length != 2 || Number(cell[0].Trim()) is not { } latency || Number(cell[1].Trim()) is not { } bandwidth)
                {
                    Skip("a row of the tuner's table, cut off or written into", number);
                    return;
                }
                row.Add(new(head, current.Algorithms[i / 3], (NcclProtocol)(i % 3), Duration.FromMicroseconds(latency), Bandwidth.FromGigabytesPerSecond(bandwidth)));
            }
            foreach (var cell in row) cells.TryAdd((cell.Function, cell.Algorithm, cell.Protocol), cell);
        }

        void Rest(string fact, int number, string text) => evidence.TryAdd(fact, new(number, text));

        void Skip(string reason, int number)
        {
            if (!skipped.TryGetValue(reason, out var found)) skipped[reason] = found = [];
            if (found.Count < MostKept) found.Add(number);
        }
    }

    static readonly string[] Functions = ["Broadcast", "Reduce", "AllGather", "ReduceScatter", "AllReduce"];

    // Older versions print numbers, in the order of the names here.
    static NcclAlgorithm? AlgorithmOf(string name) => name.ToUpperInvariant().Replace("_", "", StringComparison.Ordinal) switch
    {
        "TREE" or "0" => NcclAlgorithm.Tree,
        "RING" or "1" => NcclAlgorithm.Ring,
        "COLLNETDIRECT" or "COLLNET" or "2" => NcclAlgorithm.CollNetDirect,
        "COLLNETCHAIN" or "3" => NcclAlgorithm.CollNetChain,
        "NVLS" or "4" => NcclAlgorithm.Nvls,
        "NVLSTREE" or "5" => NcclAlgorithm.NvlsTree,
        "PAT" or "6" => NcclAlgorithm.Pat,
        _ => null,
    };

    static NcclProtocol? ProtocolOf(string name) => name.ToUpperInvariant() switch
    {
        "LL" or "0" => NcclProtocol.LL,
        "LL128" or "1" => NcclProtocol.LL128,
        "SIMPLE" or "2" => NcclProtocol.Simple,
        _ => null,
    };

    static int? Whole(string text, int low, int high) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var value) && value >= low && value <= high ? value : null;

    static double? Number(string text) =>
        double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) && value is >= 0 and < 1e9 ? value : null;

    [GeneratedRegex(@"([^\s:\]]+):\d+:\d+ \[(\d+)\] ?$")]
    private static partial Regex WriterForm();

    [GeneratedRegex(@"^Channel \d+(?:/\d+)? : \d+\[[0-9a-f]+\] -> \d+\[[0-9a-f]+\] (?:\[(?:send|receive)\] )?via (NET/[A-Za-z0-9 _.:+-]+/\d+(?:\(\d+\))?(?:/(?:GDRDMA(?:\([A-Za-z]+\))?|Shared|PXN))*|P2P/[A-Za-z][A-Za-z /]*|SHM(?:/[a-z]+)*|direct shared memory|COLLNET/[A-Za-z0-9 /()]+)$")]
    private static partial Regex ChannelForm();

    [GeneratedRegex(@"^(?:NCCL|RCCL) version ?:? ?([0-9][^\s]*)")]
    private static partial Regex VersionForm();

    [GeneratedRegex(@"^(NCCL_[A-Z0-9_]{1,60}) set by environment to ([^\s]{1,200}?)\.?$")]
    private static partial Regex SetForm();

    [GeneratedRegex(@"^Using network ([A-Za-z0-9 _-]{1,60})$")]
    private static partial Regex NetworkForm();

    [GeneratedRegex(@"^NVLS multicast support is (not )?available\b")]
    private static partial Regex NvlsForm();

    [GeneratedRegex(@"\bn[Rr]anks (\d+)(?: nNodes (\d+))?\b")]
    private static partial Regex CountsForm();

    [GeneratedRegex(@"\blocalRanks (\d+)\b")]
    private static partial Regex LocalForm();

    [GeneratedRegex(@"^\d+ coll channels, (?:\d+ collnet channels, )?(\d+) nvls channels")]
    private static partial Regex ChannelCountForm();

    [GeneratedRegex(@"^Pattern (\d+), crossNic \d+, nChannels (\d+), (?:bw|speed) ([0-9.]+)/([0-9.]+), type ([A-Z0-9]+)/([A-Z0-9]+), sameChannels \d+$")]
    private static partial Regex PatternForm();

    [GeneratedRegex(@"^\+ ([A-Z0-9]+)\[([0-9.]+)\] - (\S+)")]
    private static partial Regex LinkForm();

    [GeneratedRegex(@"^Ring (\d+) : (\d+) -> (\d+) -> (\d+)$")]
    private static partial Regex RingForm();

    [GeneratedRegex(@"\[(\d+)\] ((?:-?\d+)(?:/-?\d+){0,3})->(\d+)->(-?\d+)")]
    private static partial Regex TreeForm();

    [GeneratedRegex(@"^(\w+)(?: \[Copy Engine\])?: (\d+) Bytes -> (?:cudaMemcpy.*|Algo (\w+) proto (\w+)(?: time [0-9.]+)?(?: channel\{Lo\.\.Hi\}=\{(\d+)\.\.(\d+)\})?)$")]
    private static partial Regex CallForm();
}
