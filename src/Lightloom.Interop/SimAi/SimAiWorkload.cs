// Workloads of SimAI and AICB as text [github.com/aliyun/SimAI, aicb]: a header, the number of layers, and a line for each layer.
//
//   HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: TP ep: EP pp: PP vpp: V ga: GA all_gpus: G ... pp_comm: BYTES
//   layers
//   name  -1  forward ns, kind, bytes   input gradient ns, kind, bytes   weight gradient ns, kind, bytes   update ns
//
//   kinds      NONE ALLREDUCE ALLGATHER REDUCESCATTER ALLTOALL; _EP among experts' ranks, _DP_EP among data ranks of one expert; else forward and
//              input gradient go among the TP ranks of a tensor group, weight gradients among data ranks
//   sizes      of the whole: an all-gather's shard is bytes / ranks
//   order      all layers forward, each computes and then communicates; then back from the last: input gradient and its communication, weight
//              gradient, whose communication runs beside what follows; the update when that is done. Played by every rank alike, as SimAI does
//   stages     of a pipeline all have the file's layers, those of one stage, once for each of GA microbatches between what stands there once
//              (AICB's workload_generator). With pp_comm a stage waits for BYTES of a microbatch from the one before it and passes as much on to the
//              next, and back again; SimAI itself plays none of these
//   ranks      tensor neighbours first, then data, then pipeline stages: rank = (stage x DP + data) x TP + tensor; experts among data ranks
//
// Times are nanoseconds there and microseconds in a trace: they are rounded up.
using System.Globalization;
using Lightloom.Catalog.Documents;
using Lightloom.Collectives.Traces;

namespace Lightloom.Interop.SimAi;

/// <summary>Reads SimAI's workloads.</summary>
public static class SimAiWorkload
{
    const int Columns = 12;
    const int MostRanks = 1 << 20;

    static readonly string[] Kinds = ["NONE", "ALLREDUCE", "ALLGATHER", "REDUCESCATTER", "ALLTOALL"];

    enum Among
    {
        Tensor,
        Data,
        Expert,
        ExpertData,
    }

    readonly record struct Communication(TraceCollective What, Among Among, ulong Bytes);

    sealed record Layer(string Name, ulong[] Nanoseconds, Communication?[] Communications, ulong Update);

    /// <summary>Reads a workload as a trace; groups that it needs stand in its first nodes.</summary>
    /// <param name="text">The text.</param>
    /// <param name="file">Its name, as messages give it.</param>
    /// <exception cref="InputException">It is malformed: file, line and column are named.</exception>
    public static TraceList Read(TextReader text, string file)
    {
        ArgumentNullException.ThrowIfNull(text);
        var line = 0;
        (string[] Words, int[] Columns) Next(string expected)
        {
            while (text.ReadLine() is { } row)
            {
                line++;
                var words = row.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
                if (words.Length == 0) continue;
                var (columns, at) = (new int[words.Length], 0);
                for (var w = 0; w < words.Length; w++)
                {
                    at = row.IndexOf(words[w], at, StringComparison.Ordinal);
                    (columns[w], at) = (at + 1, at + words[w].Length);
                }
                return (words, columns);
            }
            throw new InputException($"the file is cut short: expected {expected}", new(file, Math.Max(1, line), 1));
        }

        var head = Next("a header such as 'HYBRID_TRANSFORMER_FWD_IN_BCKWD model_parallel_NPU_group: 8 ... all_gpus: 64'");
        var layout = Head(head.Words, head.Columns, file, line);
        var counted = Next("the number of layers");
        if (counted.Words.Length != 1 || !int.TryParse(counted.Words[0], NumberStyles.None, CultureInfo.InvariantCulture, out var count) || count < 1)
            throw new InputException($"expected the number of layers, found '{counted.Words[0]}'", new(file, line, counted.Columns[0]));
        var layers = new List<Layer>();
        for (var i = 0; i < count; i++)
        {
            var (words, columns) = Next($"{count:N0} layers, found {i:N0}");
            layers.Add(ReadLayer(words, columns, file, line, layout));
        }
        return Trace(layers, layout);
    }

    sealed record Layout(int Tensor, int Expert, int Pipeline, int Ranks, int MicroBatches, ulong Passed)
    {
        /// <summary>The rank of the same place in another stage; null beyond the first and the last, and where nothing is passed on.</summary>
        public int? Neighbour(int rank, int stages) =>
            Passed > 0 && rank + (stages * Tensor * Data) is var other && other >= 0 && other < Ranks ? other : null;

        public int Data => Ranks / Tensor / Pipeline;

        public int Size(Among among) => among switch
        {
            Among.Tensor => Tensor,
            Among.Data => Data,
            Among.Expert => Expert,
            _ => Data / Expert,
        };

        // Groups are numbered kind by kind, each from 1 on.
        public TraceGroup GroupOf(Among among, int rank)
        {
            var (tensor, data, stage) = (rank % Tensor, rank / Tensor % Data, rank / Tensor / Data);
            int At(int t, int d) => (((stage * Data) + d) * Tensor) + t;
            var (first, ranks) = among switch
            {
                Among.Tensor => (At(0, data), Enumerable.Range(0, Tensor).Select(t => At(t, data))),
                Among.Data => (At(tensor, 0), Enumerable.Range(0, Data).Select(d => At(tensor, d))),
                Among.Expert => (At(tensor, data / Expert * Expert), Enumerable.Range(0, Expert).Select(e => At(tensor, (data / Expert * Expert) + e))),
                _ => (At(tensor, data % Expert), Enumerable.Range(0, Data / Expert).Select(d => At(tensor, (d * Expert) + (data % Expert)))),
            };
            return new((((int)among + 1) * MostRanks) + first, [.. ranks]);
        }
    }

    static Layout Head(string[] words, int[] columns, string file, int line)
    {
        int Value(string key, int? usual)
        {
            var at = Array.IndexOf(words, key + ":");
            if (at < 0) return usual ?? throw new InputException($"'{key}:' is missing in the header: this is no SimAI workload", new(file, line, 1));
            return at + 1 < words.Length && int.TryParse(words[at + 1], NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value is >= 1 and <= MostRanks ? value
                : throw new InputException($"expected a number from 1 to {MostRanks:N0} behind '{key}:'", new(file, line, columns[at]));
        }
        var layout = new Layout(Value("model_parallel_NPU_group", null), Value("ep", 1), Value("pp", 1), Value("all_gpus", null), Value("ga", 1), Passed());
        // With and without a colon, whole or as a fraction of nothing: "pp_comm: 8388608.0".
        ulong Passed()
        {
            var at = Array.FindIndex(words, w => w is "pp_comm" or "pp_comm:");
            if (at < 0) return 0;
            return at + 1 < words.Length && double.TryParse(words[at + 1], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var bytes) && bytes < 9.2e18 ? (ulong)Math.Ceiling(bytes)
                : throw new InputException("expected bytes of 0 or more behind 'pp_comm:'", new(file, line, columns[at]));
        }
        if (layout.Ranks % (layout.Tensor * layout.Pipeline) != 0) throw new InputException($"{layout.Ranks:N0} ranks don't fill tensor groups of {layout.Tensor:N0} in {layout.Pipeline:N0} stages", new(file, line, 1));
        if (layout.Data % layout.Expert != 0) throw new InputException($"{layout.Data:N0} data ranks don't fill groups of {layout.Expert:N0} experts' ranks", new(file, line, 1));
        return layout;
    }

    static Layer ReadLayer(string[] words, int[] columns, string file, int line, Layout layout)
    {
        if (words.Length < Columns) throw new InputException($"a layer has {Columns} columns, and this line {words.Length}", new(file, line, 1));
        ulong Number(int word) => long.TryParse(words[word], NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? (ulong)value
            : throw new InputException(words[word].All(char.IsAsciiDigit) ? $"{words[word]} is 2^63 or more" : $"expected a whole number of 0 or more, found '{words[word]}'", new(file, line, columns[word]));
        Communication? Kind(int word, Among usual)
        {
            var name = words[word];
            var among = name.EndsWith("_DP_EP", StringComparison.Ordinal) ? Among.ExpertData : name.EndsWith("_EP", StringComparison.Ordinal) ? Among.Expert : usual;
            var plain = among == Among.ExpertData ? name[..^6] : among == Among.Expert ? name[..^3] : name;
            var kind = Array.IndexOf(Kinds, plain);
            if (kind < 0) throw new InputException($"there is no communication '{name}'{Nearest.Hint(name, Kinds)}", new(file, line, columns[word]));
            var bytes = Number(word + 1);
            if (kind == 0 || bytes == 0 || layout.Size(among) == 1) return null;
            return kind switch
            {
                1 => new(TraceCollective.AllReduce, among, bytes),
                2 => new(TraceCollective.AllGather, among, Math.Max(1, bytes / (ulong)layout.Size(among))),
                3 => new(TraceCollective.ReduceScatter, among, bytes),
                _ => new(TraceCollective.AllToAll, among, bytes),
            };
        }
        return new(words[0], [Number(2), Number(5), Number(8)], [Kind(3, Among.Tensor), Kind(6, Among.Tensor), Kind(9, Among.Data)], Number(11));
    }

    static TraceList Trace(List<Layer> layers, Layout layout)
    {
        var used = layers.SelectMany(l => l.Communications).OfType<Communication>().Select(c => c.Among).Distinct().Order().ToList();
        return new([.. Enumerable.Range(0, layout.Ranks).Select(rank => (IReadOnlyList<TraceNode>)Nodes(layers, layout, used, rank))]);
    }

    static List<TraceNode> Nodes(List<Layer> layers, Layout layout, List<Among> used, int rank)
    {
        var nodes = new List<TraceNode>();
        var groups = used.ToDictionary(a => a, a => layout.GroupOf(a, rank));
        ulong Add(string name, TraceNodeKind kind, ulong? after, ulong nanoseconds = 0, Communication? communication = null, IReadOnlyList<TraceGroup>? defines = null)
        {
            nodes.Add(new()
            {
                Id = (ulong)nodes.Count,
                Name = name,
                Kind = kind,
                Microseconds = (nanoseconds + 999) / 1000,
                Collective = communication?.What ?? default,
                Bytes = communication?.Bytes ?? 0,
                Group = communication is { } c ? groups[c.Among].Id : 0,
                After = after is { } before ? [before] : [],
                Groups = defines ?? [],
            });
            return (ulong)nodes.Count - 1;
        }
        ulong? last = used.Count == 0 ? null : Add("groups", TraceNodeKind.Metadata, null, defines: [.. groups.Values]);
        void Work(string name, ulong nanoseconds)
        {
            if (nanoseconds > 0) last = Add(name, TraceNodeKind.Compute, last, nanoseconds);
        }
        // What a microbatch waits for and passes on; tags tell microbatches and directions apart.
        void Pass(string name, TraceNodeKind kind, int stages, int tag)
        {
            if (layout.Neighbour(rank, stages) is not { } peer) return;
            nodes.Add(new()
            {
                Id = (ulong)nodes.Count,
                Name = name,
                Kind = kind,
                Bytes = layout.Passed,
                Peer = peer,
                Tag = (uint)tag,
                After = last is { } before ? [before] : [],
            });
            // A send goes beside what follows it; what waits for a receive comes after it.
            if (kind == TraceNodeKind.Receive) last = (ulong)nodes.Count - 1;
        }
        var (first, each, batches) = Batches(layers, layout.MicroBatches);
        for (var i = 0; i < layers.Count; i++)
        {
            var (layer, batch) = (layers[i], (i - first) / each);
            if (i >= first && batch < batches && (i - first) % each == 0) Pass($"microbatch {batch} from the stage before", TraceNodeKind.Receive, -1, batch);
            Work($"{layer.Name} forward", layer.Nanoseconds[0]);
            if (layer.Communications[0] is { } forward) last = Add($"{layer.Name} forward communication", TraceNodeKind.Collective, last, communication: forward);
            if (i >= first && batch < batches && (i - first) % each == each - 1) Pass($"microbatch {batch} to the next stage", TraceNodeKind.Send, 1, batch);
        }
        for (var i = layers.Count - 1; i >= 0; i--)
        {
            var (layer, batch) = (layers[i], (i - first) / each);
            var within = i >= first && batch < batches;
            if (within && (i - first) % each == each - 1) Pass($"gradient of microbatch {batch} from the next stage", TraceNodeKind.Receive, 1, batches + batch);
            Work($"{layer.Name} input gradient", layer.Nanoseconds[1]);
            if (layer.Communications[1] is { } input) last = Add($"{layer.Name} input gradient communication", TraceNodeKind.Collective, last, communication: input);
            Work($"{layer.Name} weight gradient", layer.Nanoseconds[2]);
            var done = layer.Communications[2] is { } weight ? Add($"{layer.Name} weight gradient communication", TraceNodeKind.Collective, last, communication: weight) : last;
            if (layer.Update > 0) Add($"{layer.Name} update", TraceNodeKind.Compute, done, layer.Update);
            if (within && (i - first) % each == 0) Pass($"gradient of microbatch {batch} to the stage before", TraceNodeKind.Send, -1, batches + batch);
        }
        return nodes;
    }

    // Where the layers of the first microbatch begin, how many they are, and of how many microbatches: names that come as often as there are microbatches,
    // in the same order each time; all as one where there is no such.
    static (int First, int Each, int Count) Batches(List<Layer> layers, int microBatches)
    {
        var whole = (0, layers.Count, 1);
        if (microBatches == 1) return whole;
        var often = layers.GroupBy(l => l.Name).Where(g => g.Count() % microBatches == 0).Select(g => g.Key).ToHashSet(StringComparer.Ordinal);
        var (first, last) = (layers.FindIndex(l => often.Contains(l.Name)), layers.FindLastIndex(l => often.Contains(l.Name)));
        if (first < 0 || (last - first + 1) % microBatches != 0) return whole;
        var each = (last - first + 1) / microBatches;
        for (var i = first + each; i <= last; i++)
            if (layers[i].Name != layers[i - each].Name) return whole;
        return (first, each, microBatches);
    }
}
